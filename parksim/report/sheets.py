"""Sheets of a workbook: columns with heading, unit and format, written one below the other."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import xlsxwriter
from numpy.typing import NDArray
from xlsxwriter.utility import xl_col_to_name

from parksim.report.formats import unit_name
from parksim.report.theme import MUTED

Sort = Literal["text", "word", "note", "long", "whole", "one", "two", "four", "percent", "time", "any"]

FORMATS: dict[Sort, str] = {
    "text": "@",
    "word": "@",
    "note": "@",
    "long": "@",
    "whole": "#,##0",
    "one": "#,##0.0",
    "two": "#,##0.00",
    "four": "0.0000",
    "percent": "0.0%",
    "time": "yyyy-mm-dd hh:mm",
    "any": "General",
}
"""Sort of a column to its number format."""

WORDS: tuple[Sort, ...] = ("word", "note", "long")
WRAPPED: tuple[Sort, ...] = ("note", "long")
"""Sorts that stand a little to the right, clear of a number before them; those that are broken into lines."""

WIDTHS: dict[Sort, float] = {"text": 46, "note": 46, "long": 90, "time": 17}
"""Width of a column in signs; others are as wide as their heading asks."""

NARROW, WIDE = 12, 24

LINE = 13.5
"""Height of a line [pt]."""

LEADS: tuple[dict[str, Any], ...] = ({"font_size": 14, "bold": True}, {"font_color": MUTED}, {"font_size": 11})
"""Looks of the lines above a table; the last holds for the rest."""

LAST_NARROW = "\u2e7f"
"""Signs after this one take two columns."""

OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
"""Rows go to disk at once; a source that begins with = or with an address stays a text."""


Values = Sequence[Any] | NDArray[Any] | pd.DatetimeIndex


@dataclass(frozen=True)
class Column:
    """One column of a sheet.

    Parameters
    ----------
    title, unit
        Written in two rows above the values, the unit in the language of the moment.
    sort
        How the values are written.
    values
        Numbers, texts or stamps; NaN and None stay empty.
    summed
        Whether a sum stands below, as a formula with its value.
    sorts
        How each value is written, where they differ.
    """

    title: str
    unit: str
    sort: Sort
    values: Values
    summed: bool = False
    sorts: Sequence[Sort] = ()


class Book:
    """A workbook being written, sheet by sheet.

    Parameters
    ----------
    path
        Where it is written.
    title, author
        Properties of the document.
    font
        Its font.
    """

    def __init__(self, path: Path, *, title: str, author: str, font: str) -> None:
        self._book = xlsxwriter.Workbook(str(path), OPTIONS)
        self._book.set_properties({"title": title, "author": author})
        own = {"font_name": font, "font_size": 10, "valign": "top"}
        self._plain = {
            sort: self._book.add_format(
                {**own, "num_format": form, "text_wrap": sort in WRAPPED, "indent": int(sort in WORDS)}
            )
            for sort, form in FORMATS.items()
        }
        self._sum = {
            sort: self._book.add_format({**own, "num_format": form, "bold": True, "top": 1})
            for sort, form in FORMATS.items()
        }
        head = {**own, "bold": True, "text_wrap": True, "valign": "bottom"}
        unit = {**own, "font_color": MUTED, "bottom": 1}
        self._head = {sort: self._book.add_format({**head, **_placed(sort)}) for sort in FORMATS}
        self._unit = {sort: self._book.add_format({**unit, **_placed(sort)}) for sort in FORMATS}
        self._lead = [self._book.add_format({**own, "text_wrap": True, **look}) for look in LEADS]

    def sheet(self, name: str, columns: Sequence[Column], *, lead: Sequence[str] = (), total: str = "") -> None:
        """Write a sheet.

        Parameters
        ----------
        lead
            Lines above the table.
        total
            Name of the row of sums; empty for none.
        """
        sheet = self._book.add_worksheet(name[:31])
        for place, column in enumerate(columns):
            sheet.set_column(place, place, _width(column), self._plain[column.sort])
        self._leads(sheet, lead, columns)
        top = len(lead) + (1 if lead else 0)
        sheet.set_row(top, LINE * max(_lines(column.title, _width(column)) for column in columns))
        for place, column in enumerate(columns):
            sheet.write_string(top, place, column.title, self._head[column.sort])
        for place, column in enumerate(columns):
            sheet.write_string(top + 1, place, unit_name(column.unit), self._unit[column.sort])
        height = max((len(column.values) for column in columns), default=0)
        written = [_cells(column) for column in columns]
        forms = [[self._plain[s] for s in column.sorts or [column.sort] * height] for column in columns]
        for row in range(height):
            for place, values in enumerate(written):
                if values[row] is not None:
                    sheet.write(top + 2 + row, place, values[row], forms[place][row])
        if total:
            self._sums(sheet, columns, first=top + 2, height=height, total=total)
        sheet.hide_gridlines(2)
        sheet.freeze_panes(top + 2, 1)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(top, top + 1)

    def _leads(self, sheet: Any, lead: Sequence[str], columns: Sequence[Column]) -> None:
        """Write lines above a table across its columns, as high as they need: a merged cell does not grow by itself."""
        across = sum(_width(column) for column in columns)
        for row, line in enumerate(lead):
            look = self._lead[min(row, len(LEADS) - 1)]
            sheet.set_row(row, LINE * 1.1 * _lines(line, across))
            sheet.merge_range(row, 0, row, len(columns) - 1, line, look)

    def _sums(self, sheet: Any, columns: Sequence[Column], *, first: int, height: int, total: str) -> None:
        row = first + height
        sheet.write_string(row, 0, total, self._sum["text"])
        for place, column in enumerate(columns[1:], start=1):
            if not column.summed:
                sheet.write_blank(row, place, None, self._sum[column.sort])
                continue
            name = xl_col_to_name(place)
            value = float(np.nansum(np.asarray(column.values, np.float64)))
            formula = f"=SUM({name}{first + 1}:{name}{row})"
            sheet.write_formula(row, place, formula, self._sum[column.sort], value)

    def close(self) -> None:
        """Finish the file."""
        self._book.close()


def _broad(text: str) -> int:
    """Count signs; those of Chinese take two columns."""
    return sum(2 if sign > LAST_NARROW else 1 for sign in text)


def _lines(text: str, width: float) -> int:
    return max(1, math.ceil(_broad(text) * 1.15 / width))


def _placed(sort: Sort) -> dict[str, Any]:
    """Place headings as the values below them stand."""
    return {"align": "left" if sort in {*WORDS, "text", "time"} else "right", "indent": int(sort in WORDS)}


def _width(column: Column) -> float:
    longest = max(_broad(column.title) * 0.6 + 4, len(column.unit) + 2)
    return WIDTHS.get(column.sort, min(max(longest, NARROW), WIDE))


def _cells(column: Column) -> list[Any]:
    """Plain Python values; what is not finite is left out."""
    if column.sort == "time":
        return [stamp.to_pydatetime() for stamp in column.values]
    if column.sort in {"text", *WORDS}:
        return [str(value) for value in column.values]
    own: list[Any] = column.values.tolist() if isinstance(column.values, np.ndarray) else list(column.values)
    return [value if isinstance(value, str) or (value is not None and np.isfinite(value)) else None for value in own]
