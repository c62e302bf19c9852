"""A record: values by stamp as a file holds them, its stamps checked, its cells read as numbers.

Times are minutes since 1970-01-01T00:00 on the record's own clock; a stamp begins its step.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parksim.errors import InputError
from parksim.messages import shown

DAY_MINUTES = 24 * 60


@dataclass(frozen=True)
class Column:
    """One column as it stands in the file.

    Parameters
    ----------
    cells
        Shape (row,); float64 where every cell is a number or empty, object otherwise.
    unit
        Unit as written in the header's brackets, or None.
    """

    cells: NDArray[Any]
    unit: str | None


@dataclass(frozen=True)
class Record:
    """A table of values by stamp.

    Parameters
    ----------
    path
        The file.
    stamps
        Begin of each step on the record's own clock, shape (row,) [min since 1970-01-01T00:00].
    step_minutes
        Length of a step [min].
    clock
        Offset from UTC that the file states, or None.
    columns
        Name to column.
    meta
        What the file says of itself: title, source, licence, clock, ...
    first_line
        Line of the first row in the file.
    rows_per_line
        Values in one line of the file: 1, or 24, 48 or 96 in a daily table.
    row_word
        What a line is called in messages.
    notes
        How the file was read, where that is worth telling.
    """

    path: Path
    stamps: NDArray[np.int64]
    step_minutes: int
    clock: str | None
    columns: Mapping[str, Column]
    meta: Mapping[str, str] = field(default_factory=dict)
    first_line: int = 2
    rows_per_line: int = 1
    row_word: str = "line"
    notes: tuple[str, ...] = ()

    def place(self, row: int) -> str:
        """Say where a row stands in the file, such as ``line 12 (2025-01-01T10:00)``."""
        return f"{self.row_word} {self.first_line + row // self.rows_per_line} ({stamp_text(int(self.stamps[row]))})"


def stamp_text(minute: int) -> str:
    """Write a stamp given in minutes since 1970.

    Examples
    --------
    >>> stamp_text(60)
    '1970-01-01T01:00'
    """
    return str(np.datetime64(minute, "m"))


def year_of(stamps: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the calendar year of stamps in minutes since 1970, same shape."""
    return stamps.astype("datetime64[m]").astype("datetime64[Y]").astype(np.int64) + 1970


def place_in_year(stamps: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the place of stamps within a leap year, so that month, day and hour agree between years.

    Parameters
    ----------
    stamps
        Any shape [min since 1970].

    Returns
    -------
    ndarray
        Same shape [min since the start of a leap year], 0 to 527,039.

    Examples
    --------
    >>> noon = np.array(["2023-03-01T12:00", "2024-03-01T12:00"], "datetime64[m]").astype(np.int64)
    >>> place_in_year(noon).tolist()
    [87120, 87120]
    """
    year = year_of(stamps)
    start = (year - 1970).astype("datetime64[Y]").astype("datetime64[m]").astype(np.int64)
    place = stamps - start
    leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    after_february = place >= (31 + 28) * DAY_MINUTES
    return np.asarray(place + np.where(~leap & after_february, DAY_MINUTES, 0), dtype=np.int64)


def arrange(record: Record, *, header_step: str | None) -> Record:
    """Check the stamps of a record and settle its step.

    Parameters
    ----------
    record
        Its ``step_minutes`` is not read.
    header_step
        Step as the file states it, or None.

    Returns
    -------
    Record
        The same with its step.

    Raises
    ------
    InputError
        If a stamp is duplicate, goes back, or stands off the grid of the step.

    Notes
    -----
    Stamps may go back between months where month, day and hour still rise, as in a typical year made of several years.
    """
    stamps = record.stamps
    _refuse_duplicates(record)
    rise = np.diff(stamps)
    back = np.flatnonzero(rise < 0)
    if back.size and (np.diff(place_in_year(stamps)) <= 0).any():
        msg = f"{record.place(int(back[0]) + 1)}: goes back in time; must follow the row above. Sort the rows by stamp."
        raise InputError(msg)
    step = _step(record, rise, header_step)
    if DAY_MINUTES % step:
        msg = f"got a step of {step} min, must divide the day"
        raise InputError(msg)
    off = np.flatnonzero(stamps % step)
    if off.size == stamps.size:
        msg = (
            f"{record.place(0)}: stands {int(stamps[0] % step)} min inside a step of {step} min. "
            "A stamp begins its step; write the begin of each step."
        )
        raise InputError(msg)
    if off.size:
        msg = f"{record.place(int(off[0]))}: is off the step of {step} min; {off.size} stamps are. Steps must be equal."
        raise InputError(msg)
    return replace(record, step_minutes=step)


def _refuse_duplicates(record: Record) -> None:
    _, first, counts = np.unique(record.stamps, return_index=True, return_counts=True)
    if counts.max(initial=1) == 1:
        return
    at = int(first[counts > 1].min())
    twin = int(np.flatnonzero(record.stamps == record.stamps[at])[1])
    line = record.first_line + twin // record.rows_per_line
    many = int((counts - 1).sum())
    msg = (
        f"duplicate stamp: {record.place(at)} stands again in {record.row_word} {line}; {many} in all. "
        "Each stamp must stand once. Daylight saving repeats an hour in autumn; write standard time."
    )
    raise InputError(msg)


def _step(record: Record, rise: NDArray[np.int64], header_step: str | None) -> int:
    stated: int | None = None
    if header_step is not None:
        if not header_step.isdigit() or int(header_step) < 1:
            msg = f"step_minutes: got {header_step!r}, must be a number of minutes"
            raise InputError(msg)
        stated = int(header_step)
    ahead = rise[rise > 0]
    if ahead.size == 0:
        if stated is None:
            msg = "holds a single row, so its step is not known; state it in a first line `# step_minutes: 60`"
            raise InputError(msg)
        return stated
    seen = int(np.median(ahead))
    if stated is not None and stated != seen:
        msg = f"step_minutes: got {stated}, but {record.place(0)} and the next row stand {seen} min apart"
        raise InputError(msg)
    return seen


def numbers(record: Record, name: str, *, rows: NDArray[np.int64]) -> tuple[NDArray[np.float64], list[str]]:
    """Read cells of one column as numbers.

    Parameters
    ----------
    record
        The table.
    name
        One of its columns.
    rows
        Rows wanted, in any order, shape (need,).

    Returns
    -------
    values
        Shape (need,), in the unit of the column; NaN where a cell is no finite number.
    problems
        What is wrong with the cells: the first one of each sort with its place, and how many there are.
    """
    cells = record.columns[name].cells[rows]
    if cells.dtype == np.float64 and np.isfinite(cells).all():
        return cells, []
    values = np.array([_number(cell) for cell in cells])
    bad = np.unique(rows[~np.isfinite(values)])
    worded = [int(row) for row in bad if isinstance(record.columns[name].cells[row], str | bool | np.bool_)]
    empty = [int(row) for row in bad if int(row) not in set(worded)]
    problems = []
    if empty:
        problems.append(
            f"{record.place(empty[0])}: is empty or no finite number{_of_all(empty, 'cells that are')}. "
            f"Fill {'it' if len(empty) == 1 else 'them'} in the file; nothing is filled in silence."
        )
    if worded:
        cell = record.columns[name].cells[worded[0]]
        hint = " Write 1234.5: a decimal point, and no sign between thousands." if "," in str(cell) else ""
        rest = _of_all(worded, "cells that are no number")
        problems.append(f"{record.place(worded[0])}: got {shown(cell)}, must be a number{rest}.{hint}")
    return values, problems


def _of_all(rows: list[int], what: str) -> str:
    """Say of how many the one told is the first; nothing where it is the only one."""
    return f"; the first of {len(rows)} {what}" if len(rows) > 1 else ""


def _number(cell: object) -> float:
    """Give a finite number, or NaN."""
    if isinstance(cell, bool | np.bool_) or not isinstance(cell, str | int | float | np.number):
        return np.nan
    try:
        number = float(cell)
    except ValueError:
        return np.nan
    return number if isfinite(number) else np.nan
