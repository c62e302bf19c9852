"""Read tables from files: parksim CSV, plain CSV, xlsx, and metered tables with one row per day.

A table becomes a `Record`: stamps that begin their step, and columns as they stand. Nothing is converted, filled or
paired by position here; what a column means is settled by whoever asks for it.

parksim CSV::

    # title: Weather of a site
    # clock: +08:00
    # step_minutes: 60
    time,ghi [W m-2],temp_air [degC]
    2025-01-01T00:00,0.0,7.1
"""

import csv
import io
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as day_time
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parksim.errors import InputError
from parksim.messages import nearest
from parksim.notes import Note
from parksim.records import DAY_MINUTES, Column, Record, arrange, stamp_text
from parksim.units import split_label

DAILY_COLUMNS = (24, 48, 96)
"""Values per day that a table with one row per day may have."""

TIME_NAMES = frozenset(
    {"time", "timestamp", "date", "datetime", "date_time", "time_start", "时间", "日期"}
    | {"time_local", "local_time", "time_cst", "time_utc"}
)
"""Names of the column of stamps; the first column where none is there."""

_STAMP = re.compile(r"^\s*(\d{4}([-/])\d{1,2}\2\d{1,2}|\d{8}(?!\d))")
_OFFSET = re.compile(r"(Z|[+-]\d{2}:?\d{2})$")
_CLOSING = re.compile(r"[T ]24:00(:00)?$")
_TIME_OF_DAY = re.compile(r"^(?P<hour>\d{1,2})[:：](?P<minute>\d{2})([:：]00)?$")
_NUMBERED = re.compile(r"^[A-Za-z]{0,2}\d{1,2}$")


@dataclass(frozen=True)
class _Grid:
    """Cells of a file below its header, before stamps are read."""

    frame: pd.DataFrame
    time_at: int
    names: list[str]
    units: list[str | None]
    meta: dict[str, str]
    first_line: int


def read_series(path: Path, *, sheet: str | None = None, time_column: str | None = None) -> Record:
    """Read a table with one row per step.

    Parameters
    ----------
    path
        A ``.csv`` or ``.xlsx`` file.
    sheet
        Sheet of a workbook; the first where left out.
    time_column
        Name of the column of stamps; found by its name, or the first, where left out.

    Returns
    -------
    Record
        Stamps and columns as they stand.

    Raises
    ------
    InputError
        If the file is no such table, or its stamps are unreadable, duplicate, unordered or irregular.
    """
    grid = _grid(path, sheet, time_column)
    at, names, units = grid.time_at, grid.names, grid.units
    minutes, offset = _minutes(grid.frame[at], first_line=grid.first_line)
    columns = {name: Column(cells=_cells(grid.frame[i]), unit=units[i]) for i, name in enumerate(names) if i != at}
    if not columns:
        msg = "holds a column of stamps and no values"
        raise InputError(msg)
    clock = _agreed_clock(offset, grid.meta.get("clock"))
    return arrange(
        Record(path, minutes, 0, clock, columns, grid.meta, grid.first_line), header_step=grid.meta.get("step_minutes")
    )


def read_daily(path: Path, *, sheet: str | None = None) -> Record:
    """Read a metered table with one row per date and 24, 48 or 96 values in it.

    Parameters
    ----------
    path
        A ``.csv`` or ``.xlsx`` file. Value columns are those headed by a time of day (``0:15``) or a number (``P1``),
        in the order of the day; all but the date where none is headed so.
    sheet
        Sheet of a workbook; the first where left out.

    Returns
    -------
    Record
        One column, ``value``, in the order of time.

    Raises
    ------
    InputError
        If the file is no such table.

    Notes
    -----
    The k-th value belongs to the k-th step of the day, whether the headings name its begin (0:00 ... 23:45) or its end
    (0:15 ... 24:00).
    """
    grid = _grid(path, sheet, None)
    at, names, units = grid.time_at, grid.names, grid.units
    days, _ = _minutes(grid.frame[at], first_line=grid.first_line)
    if (days % DAY_MINUTES).any():
        row = int(np.flatnonzero(days % DAY_MINUTES)[0])
        msg = f"line {grid.first_line + row}: got {stamp_text(int(days[row]))}, must be a date (one row per day)"
        raise InputError(msg)
    picked, note = _value_columns(names, at)
    step = DAY_MINUTES // len(picked)
    cells = np.concatenate([_cells(grid.frame[i])[:, None] for i in picked], axis=1).reshape(-1)
    found = {units[i] for i in picked}
    if len(found) > 1:
        msg = f"value columns differ in unit: {', '.join(sorted(str(u) for u in found))}"
        raise InputError(msg)
    stamps = (days[:, None] + np.arange(0, DAY_MINUTES, step)[None, :]).reshape(-1)
    record = Record(
        path,
        stamps,
        step,
        _agreed_clock(None, grid.meta.get("clock")),
        {"value": Column(cells, found.pop())},
        grid.meta,
        grid.first_line,
        rows_per_line=len(picked),
        notes=(note,),
    )
    return arrange(record, header_step=str(step))


def _agreed_clock(offset: str | None, header: str | None) -> str | None:
    if offset is not None and header is not None and offset != header:
        msg = f"clock: the header states {header}, the stamps {offset}; they must agree"
        raise InputError(msg)
    return offset or header


def _grid(path: Path, sheet: str | None, time_column: str | None) -> _Grid:
    suffix = path.suffix.lower()
    if suffix in {".xlsx", ".xlsm"}:
        return _workbook(path, sheet, time_column)
    if suffix == ".xls":
        msg = "got an old .xls workbook, must be .xlsx or .csv. Save it as .xlsx."
        raise InputError(msg)
    if sheet is not None:
        msg = f"sheet: got {sheet!r} for a text file; leave it out"
        raise InputError(msg)
    return _text(path, time_column)


def _text(path: Path, time_column: str | None) -> _Grid:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        msg = f"is not UTF-8 text (byte {error.start}). Save it as 'CSV UTF-8'."
        raise InputError(msg) from error
    meta: dict[str, str] = {}
    at, line = 0, 1
    while text.startswith(("#", "\n", "\r\n"), at):
        end = text.find("\n", at)
        _note_meta(meta, text[at : end if end >= 0 else len(text)])
        at, line = (end + 1 if end >= 0 else len(text)), line + 1
    head, _, body = text[at:].partition("\n")
    body = body.rstrip()
    if not head.strip() or not body:
        msg = "is empty; must hold a header and rows"
        raise InputError(msg)
    if "," not in head:
        found = next((name for sign, name in ((";", "semicolons"), ("\t", "tabs")) if sign in head), None)
        what = f"columns are separated by {found}" if found else "has one column"
        msg = (
            f"{what}; must have a column of stamps and columns of values, separated by commas, with decimal points: "
            "time,load [MW]. Save it as CSV with commas."
        )
        raise InputError(msg)
    labels = [label.strip() for label in next(csv.reader([head.rstrip("\r")]))]
    _refuse_ragged(body, len(labels), first_line=line + 1)
    time_at, names, units = _headings(labels, time_column)
    frame = pd.read_csv(
        io.StringIO(body),
        header=None,
        names=list(range(len(labels))),
        index_col=False,
        dtype={time_at: str},
        skip_blank_lines=False,
        skipinitialspace=True,
        low_memory=False,
    )
    return _Grid(frame, time_at, names, units, meta, line + 1)


def _note_meta(meta: dict[str, str], line: str) -> None:
    key, colon, value = line.lstrip("# ").partition(":")
    if colon and key.strip():
        meta.setdefault(key.strip().lower(), value.strip())


def _refuse_ragged(body: str, width: int, *, first_line: int) -> None:
    if '"' not in body and body.count(",") == (width - 1) * (body.count("\n") + 1):
        return
    for line, cells in enumerate(csv.reader(io.StringIO(body)), first_line):
        if len(cells) != width:
            what = f"holds {len(cells)} cells, the header {width}" if cells else "is empty"
            hint = " A decimal comma or a thousands comma splits a number; write 1234.5." if len(cells) > width else ""
            msg = f"line {line}: {what}.{hint}"
            raise InputError(msg)


def _workbook(path: Path, sheet: str | None, time_column: str | None) -> _Grid:
    try:
        with warnings.catch_warnings():
            # openpyxl warns of styles and validations that it drops; they hold no values.
            warnings.simplefilter("ignore", UserWarning)
            with pd.ExcelFile(path, engine="openpyxl") as book:
                if sheet is not None and sheet not in book.sheet_names:
                    msg = f"sheet: got {sheet!r}, must be one of {', '.join(map(repr, book.sheet_names))}"
                    raise InputError(msg)
                frame = pd.read_excel(book, sheet_name=sheet or 0, header=None, dtype=object)
    except (BadZipFile, KeyError, OSError, ValueError) as error:
        msg = f"cannot be read as a workbook: {error}"
        raise InputError(msg) from error
    frame = frame.dropna(how="all", axis=1)
    filled = np.flatnonzero(frame.notna().any(axis=1).to_numpy())
    meta: dict[str, str] = {}
    head = 0
    for row in filled:
        first = frame.iloc[row].dropna().iloc[0]
        if not (isinstance(first, str) and first.startswith("#")):
            head = int(row)
            break
        _note_meta(meta, first)
    if filled.size == 0 or head >= filled[-1]:
        msg = "is empty; must hold a header and rows"
        raise InputError(msg)
    labels = [_heading(cell) for cell in frame.iloc[head]]
    body = frame.iloc[head + 1 : int(filled[-1]) + 1].reset_index(drop=True)
    body.columns = pd.RangeIndex(len(labels))
    time_at, names, units = _headings(labels, time_column)
    body[time_at] = pd.Series([_stamp_cell(cell) for cell in body[time_at]], dtype=object)
    return _Grid(body, time_at, names, units, meta, head + 2)


def _heading(cell: object) -> str:
    if isinstance(cell, day_time):
        return f"{cell:%H:%M}"
    if isinstance(cell, timedelta):
        minutes = int(cell.total_seconds()) // 60
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    if isinstance(cell, float):
        return "" if np.isnan(cell) else f"{cell:g}"
    return str(cell).strip()


def _stamp_cell(cell: object) -> str | None:
    if cell is None or cell is pd.NaT or (isinstance(cell, float) and np.isnan(cell)):
        return None
    return cell.isoformat() if isinstance(cell, datetime | date) else str(cell).strip()


def _headings(labels: Sequence[str], time_column: str | None) -> tuple[int, list[str], list[str | None]]:
    """Give the place of the stamps, and the name and unit of every column."""
    split = [split_label(label) for label in labels]
    names = [name for name, _ in split]
    twice = sorted({n for i, n in enumerate(names) if n in names[:i]})
    if twice:
        msg = f"column {twice[0]!r} stands twice in the header; each name must stand once"
        raise InputError(msg)
    if time_column is not None:
        if time_column not in names:
            msg = f"got no column {time_column!r} for the stamps.{nearest(time_column, names)}"
            raise InputError(msg)
        at = names.index(time_column)
    else:
        at = next((i for i, name in enumerate(names) if name.lower() in TIME_NAMES), 0)
    return at, names, [unit for _, unit in split]


def _minutes(cells: "pd.Series[Any]", *, first_line: int) -> tuple[NDArray[np.int64], str | None]:
    """Read stamps: minutes since 1970 on their own clock, and the offset they state."""
    empty = np.flatnonzero(cells.isna().to_numpy())
    if empty.size:
        msg = f"line {first_line + int(empty[0])}: the stamp is empty; {empty.size} are"
        raise InputError(msg)
    if _STAMP.match(str(cells.iloc[0])) is None:
        msg = (
            f"line {first_line}: got {cells.iloc[0]!r}, must be a stamp such as 2025-01-01T00:00. "
            "Rows are paired by stamp, never by position: give a first column `time`."
        )
        raise InputError(msg)
    offset, shift = _stated_offset(cells, first_line)
    try:
        parsed = pd.to_datetime(cells, format="ISO8601", utc=offset is not None)
        naive = parsed.dt.tz_localize(None)
    except (ValueError, AttributeError) as error:
        raise InputError(_unreadable(cells, first_line)) from error
    # Workbooks hold times as fractions of a day, good to about a millisecond.
    seconds = (naive.to_numpy().astype("datetime64[ms]").astype(np.int64) + 500) // 1000
    odd = np.flatnonzero(seconds % 60)
    if odd.size:
        msg = f"line {first_line + int(odd[0])}: got {cells.iloc[int(odd[0])]!r}, must be a whole minute"
        raise InputError(msg)
    return np.ascontiguousarray(seconds // 60 + shift), offset


def _stated_offset(cells: "pd.Series[Any]", first_line: int) -> tuple[str | None, int]:
    """Read the offset from UTC that stamps state: as text and in minutes; UTC where it changes with the season."""
    if _OFFSET.search(str(cells.iloc[0])) is None:
        return None, 0
    found = cells.astype(str).str.extract(_OFFSET, expand=False)
    bare = np.flatnonzero(found.isna().to_numpy())
    if bare.size:
        cell = cells.iloc[int(bare[0])]
        msg = f"line {first_line + int(bare[0])}: got {cell!r} without the offset from UTC that other stamps have"
        raise InputError(msg)
    many = sorted(set(found))
    if len(many) > 1 or many[0] == "Z":
        return "+00:00", 0
    sign, digits = many[0][0], many[0][1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return f"{sign}{digits[:2]}:{digits[2:]}", -minutes if sign == "-" else minutes


def _unreadable(cells: "pd.Series[Any]", first_line: int) -> str:
    """Say which stamp cannot be read."""
    text = cells.astype(str)
    bad = np.flatnonzero(pd.to_datetime(text, format="ISO8601", utc=True, errors="coerce").isna().to_numpy())
    if bad.size == 0:
        odd = next(i for i, cell in enumerate(text) if _OFFSET.search(cell))
        return f"line {first_line + odd}: got {text.iloc[odd]!r} with an offset from UTC that other stamps do not have"
    cell = str(text.iloc[int(bad[0])])
    hint = "write 2025-01-01T00:00"
    if _CLOSING.search(cell):
        hint = "a stamp begins its step, so hour 24 does not occur; write 00:00 of the next day, or the begin"
    return f"line {first_line + int(bad[0])}: got {cell!r}, must be a stamp; {hint}. {bad.size} are unreadable."


def _cells(column: "pd.Series[Any]") -> NDArray[Any]:
    if column.dtype.kind in "iuf":
        return np.ascontiguousarray(column.to_numpy(dtype=np.float64))
    cells = column.to_numpy(dtype=object)
    if any(isinstance(cell, bool | np.bool_) for cell in cells):
        return cells
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    told = column.notna().to_numpy() & np.isnan(numbers)
    return cells if told.any() else np.ascontiguousarray(numbers)


def _value_columns(names: Sequence[str], at: int) -> tuple[list[int], Note]:
    """Pick the value columns of a daily table in the order of the day, and say how it was read."""
    rest = [i for i in range(len(names)) if i != at]
    timed = [i for i in rest if _TIME_OF_DAY.match(names[i])]
    numbered = [i for i in rest if _NUMBERED.match(names[i])]
    picked = timed or numbered or rest
    if len(picked) not in DAILY_COLUMNS:
        msg = f"holds {len(picked)} value columns per day, must be {', '.join(map(str, DAILY_COLUMNS[:-1]))} or 96"
        raise InputError(msg)
    plain = Note("daily table of {n} values", n=len(picked))
    if not timed:
        digits = [int("".join(sign for sign in names[i] if sign.isdigit()) or -1) for i in picked]
        if picked == numbered and (np.diff(digits) != 1).any():
            msg = f"value columns {names[picked[0]]!r} to {names[picked[-1]]!r} must be numbered one by one"
            raise InputError(msg)
        return picked, plain
    step = DAY_MINUTES // len(picked)
    found = [_TIME_OF_DAY.match(names[i]) for i in picked]
    minutes = [int(m["hour"]) * 60 + int(m["minute"]) for m in found if m is not None]
    begins = [k * step for k in range(len(picked))]
    ends = [(k + 1) * step for k in range(len(picked))]
    if minutes == begins:
        return picked, plain
    if minutes in (ends, [*ends[:-1], 0]):
        return picked, Note("daily table of {n} values, headed by the end of each step", n=len(picked))
    wrong = next(k for k, minute in enumerate(minutes) if minute not in (begins[k], ends[k]))
    msg = f"column {names[picked[wrong]]!r}: must follow the day in equal steps of {step} min"
    raise InputError(msg)
