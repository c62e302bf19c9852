"""Tables of a study: cases ranked by cost, and those without a result with their reasons."""

from html import escape

import numpy as np
from markupsafe import Markup

from parksim.report import formats as f
from parksim.report.lines import width
from parksim.report.study_answer import gist, small
from parksim.report.study_axes import Axis
from parksim.report.study_figures import Measure
from parksim.report.study_view import PLANNED, SOLVED, StudyView
from parksim.report.words import say

MOST_FAILED = 500
"""Most cases without a result that are listed."""

MOST_PRINTED = 30
"""Most of them on paper; the style sheet hides the others."""


def ranked_title(view: StudyView) -> str:
    """Say what the cheapest cases have in common."""
    first = [at for at in view.ranking if view.compared[at]][:TOP]
    if len(first) < 2:
        return say("study.ranked.title.few", n=len(view.ranking))
    shared = [
        say("study.value", axis=axis.title, value=axis.groups[0][axis.groups[1][first[0]]])
        for axis in view.factors
        if axis not in view.given and len(axis.groups[0]) > 1 and len({int(axis.groups[1][at]) for at in first}) == 1
    ]
    spread = view.cost.apart(float(view.cost.values[first[-1]]), float(view.cost.values[first[0]]))
    told = {"n": len(first), "spread": spread.lstrip("+")}
    found = (
        say("study.ranked.title", shared=f.listed(shared), **told)
        if shared
        else say("study.ranked.title.apart", **told)
    )
    given = f.listed([axis.title for axis in view.given])
    return say("study.answer.given", given=given, answer=small(found)) if given else found


TOP = 10
"""The cheapest cases that the title speaks of."""


MOST_COLUMNS = 10
"""Axes and figures that fit a page beside each other; of the figures the first ones, the download holds all."""

WHOLE = 16
"""Longest label that is not broken; a Chinese sign counts twice."""

LEAST_FIGURES = 3
"""Figures that are shown however many axes there are."""


def _figures(view: StudyView) -> list[Measure]:
    """Choose the figures of the table: the cost, those for which a case is not admitted, then the most telling."""
    told = view.files.study.get("constraints", {})
    failed = {str(told[one.name]["indicator"]) for one in view.constraints if (view.solved & ~one.meets).any()}
    room = max(MOST_COLUMNS - len(view.axes), LEAST_FIGURES)
    chosen = sorted(view.keys[1:], key=lambda measure: measure.name not in failed)[: room - 1]
    return [view.keys[0], *(measure for measure in view.keys[1:] if measure in chosen)]


def ranked(view: StudyView) -> Markup:
    """Write the cases with a solution, the admitted first, each by its cost."""
    if not view.ranking:
        return Markup('<p class="lead">{}</p>').format(say("study.nothing"))
    heads = [("rank", "number", say("study.col.rank")), ("case", "number", say("study.col.case"))]
    heads += [(axis.name, "number" if axis.numeric else "text", axis.title) for axis in view.axes]
    sorts, figures = [_sort(axis) for axis in view.axes], _figures(view)
    heads += [(measure.name, "number figure", measure.heading) for measure in figures]
    heads.append(("admitted", "text", say("study.col.admitted")))
    columns = "".join(_head(*head) for head in heads)
    place = {at: rank + 1 for rank, at in enumerate(view.ranking)}
    rows = "".join(_row(view, sorts, figures, position, at, place[at]) for position, at in enumerate(view.shown))
    return Markup(
        f'<table class="ranked"><caption>{escape(say("study.ranked.table"))}</caption><thead><tr>{columns}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _head(name: str, align: str, title: str) -> str:
    button = f'<button type="button">{escape(title)}</button>'
    return f'<th scope="col" class="{align}" data-sort="{escape(name)}">{button}</th>'


def _sort(axis: Axis) -> str:
    """Say how the values of an axis stand in a cell: long labels are broken, all else is not."""
    if axis.numeric:
        return "number"
    return "text whole" if all(width(axis.write(level)) <= WHOLE for level in axis.levels) else "text"


def _row(view: StudyView, sorts: list[str], figures: list[Measure], position: int, at: int, rank: int) -> str:
    link = view.link(at)
    number = f.whole(float(view.number[at]))
    shown = f'<a href="{link}">{number}</a>' if link else number
    cells = [f'<td class="number">{f.whole(float(rank))}</td><td class="number">{shown}</td>']
    cells += [
        f'<td class="{sort}">{escape(axis.write(axis.values[at]))}</td>'
        for sort, axis in zip(sorts, view.axes, strict=True)
    ]
    cells += [f'<td class="number">{escape(m.bare(float(m.values[at])))}</td>' for m in figures]
    cells.append(f'<td class="verdict">{escape(_verdict(view, at))}</td>')
    marked = ' class="best"' if at == view.best else ' class="base"' if at == view.base else ""
    return f'<tr data-i="{position}"{marked}>{"".join(cells)}</tr>'


def _verdict(view: StudyView, at: int) -> str:
    """Tell whether a case is admitted, and if not what it fails."""
    if view.admitted[at]:
        told = say("study.admitted.yes")
    else:
        failed = [one.title for one in view.constraints if not one.meets[at]]
        told = say("study.admitted.no", constraints=f.points(failed)) if failed else say("study.admitted.plain")
    return say("study.admitted.base", told=told) if at == view.base else told


def lacking(view: StudyView) -> list[int]:
    """Give the cases without a result."""
    return [int(at) for at in np.flatnonzero(~view.solved)]


def lacking_title(view: StudyView, found: list[int]) -> str:
    """Say of which values most cases have no result."""
    return say("study.lacking.title", n=len(found), all=f.whole(float(view.count))) + _where(view)


def _where(view: StudyView) -> str:
    """Name the values of axes with which no case has a result; nothing where there are none."""
    found = []
    for axis in view.factors:
        names, place = axis.groups
        lost = [names[at] for at in range(len(names)) if (place == at).any() and not view.solved[place == at].any()]
        if 0 < len(lost) < len(names):
            found.append(say("study.value", axis=axis.title, value=f.listed(lost)))
    return say("study.lacking.where", values=f.points(found)) if found else ""


def lacking_table(view: StudyView, found: list[int]) -> Markup:
    """Write the cases without a result with their reasons."""
    heads = [
        say("study.col.case"),
        *(axis.title for axis in view.axes),
        say("study.col.state"),
        say("study.col.reason"),
    ]
    columns = "".join(f'<th scope="col">{escape(title)}</th>' for title in heads)
    rows = []
    for at in found[:MOST_FAILED]:
        cells = [f"<td>{f.whole(float(view.number[at]))}</td>"]
        cells += [f"<td>{escape(axis.write(axis.values[at]))}</td>" for axis in view.axes]
        state = str(view.state[at]) if view.state[at] != SOLVED else PLANNED
        cells.append(f"<td>{escape(say(f'study.state.{state}'))}</td><td>{_reason(view.reason[at])}</td>")
        rows.append(f"<tr>{''.join(cells)}</tr>")
    caption = escape(say("study.lacking.table"))
    return Markup(
        f'<table class="lacking"><caption>{caption}</caption><thead><tr>{columns}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _reason(reason: str) -> str:
    """Write what tells most of a reason, the whole of it folded below."""
    told = gist(reason)
    if len(told) >= len(reason.strip().rstrip(".")):
        return escape(reason.strip() or "–")
    whole = "<br>".join(escape(line) for line in reason.splitlines() if line.strip())
    return f'<details class="file"><summary>{escape(told)}</summary>{whole}</details>'
