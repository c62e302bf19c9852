"""A swept study for the terminal: the best ten cases in a table, the answer, the counts, where the page lies."""

from pathlib import Path

import xarray as xr

from parksim.report import formats as f
from parksim.report import study_answer
from parksim.report.lines import wrapped
from parksim.report.study_view import FAILED, StudyView
from parksim.report.words import say

TOP = 10
"""Cases of the table."""

MOST_FIGURES = 5
"""Most figures of the table, so that it fits a terminal."""


HEADING = 14
"""Signs of a heading in a line."""


def _best(view: StudyView) -> list[int]:
    return [at for at in view.ranking if view.compared[at]][:TOP]


def rows(ds: xr.Dataset, *, plain: bool = True) -> list[list[str]]:
    """Give the table: the best cases that the answer chooses from, by cost; headings first, in lines of their own.

    What cannot be chosen is the same for all of them, and told in the answer.

    Parameters
    ----------
    ds
        From :func:`parksim.open_study`.
    plain
        Whether to leave out signs that a terminal may lack.

    Returns
    -------
    list of list of str
        Headings alone where no case has a solution.
    """
    view = StudyView(ds)
    figures = view.keys[:MOST_FIGURES]
    axes = [axis for axis in view.axes if axis not in view.given]
    heads = [say("study.col.case"), *(axis.title for axis in axes), *(figure.heading for figure in figures)]
    lines = [["\n".join(wrapped(head, columns=HEADING)) for head in heads]]
    lines += [
        [
            f.whole(float(view.number[at])) + ("*" if at == view.base else ""),
            *(axis.write(axis.values[at]) for axis in axes),
            *(figure.bare(float(figure.values[at])) for figure in figures),
        ]
        for at in _best(view)
    ]
    return [[f.to_plain(cell) for cell in line] for line in lines] if plain else lines


def sentences(ds: xr.Dataset, *, page: Path | None = None, plain: bool = True) -> list[str]:
    """Tell the answer, how many cases there are and what became of them, and where the page lies.

    Parameters
    ----------
    ds, plain
        As for :func:`rows`.
    page
        The page of the study, where it was written.
    """
    view = StudyView(ds, None if page is None else page.parent)
    told = [study_answer.answer(view), study_answer.rest(view)]
    failed = int((view.state == FAILED).sum())
    if failed:
        told[-1] = f.sentences([told[-1], say("study.text.retry", n=failed)])
    if view.base is not None and view.base in _best(view):
        told.append(say("study.text.base", case=view.case(view.base)))
    if view.in_another_language:
        told.append(say("study.language", n=view.in_another_language))
    if page is not None:
        told.append(say("study.text.page", page=page))
    return [f.to_plain(line) for line in told] if plain else told
