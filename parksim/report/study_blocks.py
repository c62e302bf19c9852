"""What the answer to a question of a study is made of: a finding, tables, drawings, and a download."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import xarray as xr
from markupsafe import Markup

from parksim.report import formats as f
from parksim.report.study_figures import Measure
from parksim.report.study_view import StudyView
from parksim.report.tables import Align, Cell, Row, Table
from parksim.report.words import say, term


@dataclass(frozen=True)
class Block:
    """The answer to one question.

    Parameters
    ----------
    key
        Short name, also of the CSV.
    kind
        What was asked, in words.
    title
        The finding.
    parts
        Tables and drawings below it.
    caption
        What is to be said of them.
    rows
        The download, headings first.
    """

    key: str
    kind: str
    title: str
    parts: list[Table | Markup] = field(default_factory=list)
    caption: str = ""
    rows: list[list[Any]] = field(default_factory=list)


def kind_of(view: StudyView, name: str) -> str:
    """Name what was asked, with the title that the study file gives it."""
    kind, _, own = name.partition(".")
    told = view.files.study.get(kind, {})
    told = told.get(own, {}) if own else told
    title = f.titled(str(told.get("title") or ""), str(told.get("title_zh") or ""), both=False)
    words = say(f"study.kind.{kind}")
    return say("study.kind.titled", kind=words, title=title) if title else words


def block(
    view: StudyView, name: str, title: str, parts: Sequence[Table | Markup], table: Table, caption: str = ""
) -> Block:
    """Make the answer to a question, with a table as its download."""
    rows = [[head for head, _ in table.columns], *([cell.text for cell in row.cells] for row in table.rows)]
    return Block(name.replace(".", "-"), kind_of(view, name), f.capital(title), list(parts), caption, rows)


def plain_table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]], texts: int = 1) -> Table:
    """Make a table whose first columns are texts, the others numbers."""
    aligns: list[Align] = ["text" if at < texts else "number" for at in range(len(heads))]
    lines = [Row([Cell(text, sort=align) for text, align in zip(row, aligns, strict=True)]) for row in rows]
    return Table(caption, list(zip(heads, aligns, strict=True)), lines)


def measure_of(ds: xr.Dataset, variable: str, name: str, title: str = "") -> Measure:
    """Read a variable as a figure of the page, all on one unit."""
    units = str(ds[variable].attrs.get("units", "1"))
    return Measure(name, title or term(f"study.figure.{name}", otherwise=name), units, ds[variable].to_numpy().ravel())
