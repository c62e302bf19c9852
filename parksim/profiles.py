"""Profiles: a number, a list, or a column of a file, read out over the park's steps.

Labels must match exactly; nothing is filled, resampled or paired by position in silence.
"""

import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from parksim.errors import InputError, ParksimWarning
from parksim.matching import Match, Options, days_of, match, steps_of
from parksim.messages import nearest
from parksim.notes import Note, joined, placed
from parksim.readers import read_daily, read_series
from parksim.records import Record, numbers
from parksim.timeaxis import TimeAxis, parse_clock
from parksim.units import UnitError, convert

Floats = NDArray[np.float64]

BUILTIN = "builtin:"

Shipped = Literal["parks", "profiles", "studies"]
STUDY = "-study.toml"
"""End of the names of shipped studies."""

_HERE = Path(__file__).parent


class ProfileRef(BaseModel):
    """A column of a file."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    file: Annotated[
        str, Field(min_length=1, description="Path relative to the park file, or `builtin:NAME` for a shipped profile.")
    ]
    column: Annotated[
        str | None, Field(description="Name of the column, without its unit; may be left out where there is only one.")
    ] = None
    unit: Annotated[
        str | None, Field(description="Unit of the column, such as 'kW', where its header does not state it as [unit].")
    ] = None
    clock: Annotated[
        str | None, Field(description="Offset from UTC of the stamps, such as '+08:00', where the file states none.")
    ] = None
    upsample: Annotated[
        Literal["hold", "linear"] | None,
        Field(description="How longer steps become the park's: each value held, or straight lines between middles."),
    ] = None
    downsample: Annotated[
        Literal["mean"] | None, Field(description="How shorter steps become the park's: their mean.")
    ] = None
    map_year: Annotated[
        bool,
        Field(
            description="Take another year's record: month, day and hour are kept, weekdays are not; 29 February is "
            "dropped or repeats 28 February, a shift of the clock wraps."
        ),
    ] = False
    record_year: Annotated[int | None, Field(description="The one year to take of a record of several.")] = None
    layout: Annotated[
        Literal["series", "daily"],
        Field(description="`series`: one row per step; `daily`: one row per date with 24, 48 or 96 value columns."),
    ] = "series"
    sheet: Annotated[str | None, Field(description="Sheet of a workbook; the first where left out.")] = None

    @field_validator("clock")
    @classmethod
    def _clock_is_offset(cls, value: str | None) -> str | None:
        if value is not None:
            parse_clock(value)
        return value


def _one(value: object) -> float | None:
    """Turn a finite number into a float; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return None
    return float(value)


def _series(value: object) -> object:
    if isinstance(value, np.ndarray | np.generic):
        plain = isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype == np.float64
        if plain and np.isfinite(value).all():
            return tuple(value.tolist())
        value = value.tolist()
    if isinstance(value, ProfileRef):
        return value
    if isinstance(value, dict):
        unknown = [str(key) for key in value if key not in ProfileRef.model_fields]
        if unknown:
            known = [*ProfileRef.model_fields]
            msg = f"unknown key {unknown[0]!r}.{nearest(unknown[0], known)} Known keys: {', '.join(known)}"
            raise ValueError(msg)
        return ProfileRef.model_validate(value)
    if isinstance(value, list | tuple):
        items = [_one(item) for item in value]
        if None in items:
            at = items.index(None)
            msg = f"got {value[at]!r} as number {at + 1} of the list, must be a finite number"
            raise ValueError(msg)
        return tuple(items)
    number = _one(value)
    if number is None:
        hint = '. A file is written { file = "...", column = "..." }' if isinstance(value, str) else ""
        msg = f"got {value!r}, must be a finite number, a list of them, or a table with file and column{hint}"
        raise ValueError(msg)
    return number


Series = Annotated[float | tuple[float, ...] | ProfileRef, BeforeValidator(_series)]
"""A profile over the steps: one number, a list of one number per step, or a table ``{file, column, ...}``."""


@dataclass(frozen=True)
class Resolved:
    """A profile read out over the steps.

    Parameters
    ----------
    values
        Read-only, contiguous, shape (time,), in the unit asked for.
    note
        Where the values come from and what was done to them; None for a number or a list.
    done
        What was done to them, one by one.
    source
        What the file says of its source, if anything.
    """

    values: Floats
    note: str | None = None
    done: tuple[str, ...] = ()
    source: str | None = None


def _shelf(kind: Shipped) -> Path:
    """Give the folder of shipped files: inside an installed package, or beside the package in a clone."""
    installed, folder = _HERE / "_shipped", "parks" if kind == "studies" else kind
    return installed / folder if installed.is_dir() else _HERE.parent / folder


def shipped_names(kind: Shipped) -> list[str]:
    """List the names of shipped files; studies stand among the parks, and their names say what they are."""
    return _names(_shelf(kind), kind)


def _names(shelf: Path, kind: Shipped) -> list[str]:
    if not shelf.is_dir():
        return []
    with os.scandir(shelf) as entries:  # a call for the folder, not one for each file: what-ifs look often
        names = sorted(entry.name for entry in entries if entry.is_file() and not entry.name.startswith("."))
    return [name for name in names if name.endswith(STUDY) == (kind == "studies")]


def shipped(kind: Shipped, name: str) -> Path | None:
    """Find a shipped file by its name, or give None."""
    shelf = _shelf(kind)
    return shelf / name if name in _names(shelf, kind) else None


def locate(file: str, *, base: Path) -> Path:
    """Find a file that a park file names.

    Parameters
    ----------
    file
        Path relative to ``base``, or ``builtin:NAME``.
    base
        Folder of the park file.

    Returns
    -------
    Path
        An existing file.

    Raises
    ------
    InputError
        If there is none; the nearest existing name is told.
    """
    if file.startswith(BUILTIN):
        name = file.removeprefix(BUILTIN)
        found = shipped("profiles", name)
        if found is None:
            names = shipped_names("profiles")
            msg = (
                f"got {file!r}, no such shipped profile.{nearest(name, names)} There are: {', '.join(names) or 'none'}."
            )
            raise InputError(msg)
        return found
    path = base / file
    if not path.is_file():
        beside = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
        sought = path.resolve()
        hint = nearest(path.name, beside) if beside else f" The folder {sought.parent} does not exist or is empty."
        msg = f"got {file!r}, no such file beside the park file: looked for {sought}.{hint}"
        raise InputError(msg)
    return path


class ProfileReader:
    """Reads the profiles of one park; a file with many columns is read once.

    Parameters
    ----------
    base
        Folder of the park file.
    time
        The park's clock and steps.
    """

    def __init__(self, *, base: Path, time: TimeAxis) -> None:
        self.base, self.time = base, time
        self._records: dict[tuple[Path, str, str | None], Record | InputError] = {}
        self._matches: dict[tuple[int, str, Options], Match | InputError] = {}
        self._warned: set[str] = set()

    def resolve(self, value: Series, *, unit: str, where: str) -> Resolved:
        """Read a profile out over the steps.

        Parameters
        ----------
        value
            A number, a list, or a reference to a file.
        unit
            Base unit of the field, in which the values come back.
        where
            Path of the field for messages, such as ``parks/north.toml: components.pv.available``.

        Returns
        -------
        Resolved
            Values, shape (time,) [``unit``], and where they come from.

        Raises
        ------
        InputError
            If the list has another length, or the file or its column does not fit; every problem found is told.

        Warns
        -----
        ParksimWarning
            If another year's record is taken, or a shift of the clock wraps.
        """
        if isinstance(value, ProfileRef):
            read = read_daily if value.layout == "daily" else read_series
            if value.layout == "daily" and value.column is not None:
                msg = f"{where}.column: got {value.column!r}; a daily table has no named column, leave it out"
                raise InputError(msg)
            record = self.record(value.file, read=read, kind=value.layout, sheet=value.sheet, where=where)
            return self.column(record, value, unit=unit, where=where)
        if isinstance(value, tuple):
            if len(value) != self.time.steps:
                start = self.time.stamps[0].isoformat(timespec="minutes")
                msg = (
                    f"{where}: got {len(value)} numbers, must be {self.time.steps} "
                    f"(one per step of {self.time.step_minutes} min from {start}), or a single number."
                )
                raise InputError(msg)
            return Resolved(frozen(np.array(value, dtype=np.float64)))
        return Resolved(frozen(np.full(self.time.steps, float(value))))

    def record(
        self, file: str, *, read: Callable[..., Record], kind: str, sheet: str | None = None, where: str
    ) -> Record:
        """Read a file, once per park.

        Parameters
        ----------
        file
            As written in the park file.
        read
            Reads it: path and sheet in, record out.
        kind
            Tells readers of one file apart.
        sheet
            Sheet of a workbook.
        where
            Path of the field for messages.

        Returns
        -------
        Record
            The file's stamps and columns.

        Raises
        ------
        InputError
            If there is no such file, or it cannot be read.
        """
        try:
            path = locate(file, base=self.base)
        except InputError as error:
            raise InputError([f"{where}.file: {problem}" for problem in error.problems]) from error
        key = (path, kind, sheet)
        if key not in self._records:
            try:
                self._records[key] = read(path, sheet=sheet)
            except InputError as error:
                self._records[key] = error
        found = self._records[key]
        if isinstance(found, InputError):
            raise InputError([f"{where}: {file}: {problem}" for problem in found.problems]) from found
        return found

    def column(
        self, record: Record, ref: ProfileRef, *, unit: str, where: str, per: Literal["steps", "days"] = "steps"
    ) -> Resolved:
        """Read one column of a record out over the steps, or over the days, of the horizon.

        Parameters
        ----------
        record
            The file as read.
        ref
            Which column, and how to read it.
        unit
            Base unit of the values to come back; where it is none of parksim's, as written in the file.
        where
            Path of the field for messages.
        per
            What the values are wanted for.

        Returns
        -------
        Resolved
            Values, shape (time,) or (day,).

        Raises
        ------
        InputError
            If the column, its unit, its clock, its stamps or its cells do not fit; all of them are told.
        """
        name = _column_name(record, ref, where=where)
        spot = f"{where}: {ref.file}, column {name!r}"
        problems: list[str] = []
        try:
            found: Match | None = self._match(record, ref, per)
        except InputError as error:
            problems += [f"{where}: {ref.file}: {problem}" for problem in error.problems]
            found = None
        rows = found.rows if found is not None else np.arange(record.stamps.size)
        values, bad = numbers(record, name, rows=rows)
        problems += [f"{spot}: {problem}" for problem in bad]
        energy = None
        try:
            values, energy = _to_unit(values, record, ref, name, unit)
        except UnitError as error:
            problems.append(f"{spot}: {error}")
        if problems or found is None:
            raise InputError(problems)
        done = (*record.notes, *found.notes, *([energy] if energy else []))
        self._warn(found, ref.file)
        note = joined(Note("{file}, column {column}", file=ref.file, column=name), *done)
        return Resolved(frozen(found.apply(values)), note, done, record.meta.get("source"))

    def _match(self, record: Record, ref: ProfileRef, per: Literal["steps", "days"]) -> Match:
        options = Options(
            clock=ref.clock,
            map_year=ref.map_year,
            record_year=ref.record_year,
            upsample=ref.upsample,
            downsample=ref.downsample,
        )
        key = (id(record), per, options)
        if key not in self._matches:
            steps = steps_of(self.time) if per == "steps" else days_of(self.time)
            try:
                self._matches[key] = match(record, steps, options)
            except InputError as error:
                self._matches[key] = error
        found = self._matches[key]
        if isinstance(found, InputError):
            raise found
        return found

    def _warn(self, found: Match, file: str) -> None:
        if not found.mapped:
            return
        text = placed(file, joined(*found.notes))
        if text not in self._warned:
            self._warned.add(text)
            warnings.warn(text, ParksimWarning, stacklevel=4)


def frozen(values: Floats) -> Floats:
    """Give values as a read-only contiguous float64 array."""
    values = np.ascontiguousarray(values, dtype=np.float64)
    values.flags.writeable = False
    return values


def _column_name(record: Record, ref: ProfileRef, *, where: str) -> str:
    names = list(record.columns)
    if ref.column is None:
        if len(names) == 1:
            return names[0]
        msg = f"{where}.column: is left out, and {ref.file} holds several. Write one of: {', '.join(names)}."
        raise InputError(msg)
    if ref.column not in record.columns:
        msg = (
            f"{where}.column: got {ref.column!r}, no such column in {ref.file}.{nearest(ref.column, names)} "
            f"There are: {', '.join(names)}."
        )
        raise InputError(msg)
    return ref.column


def _to_unit(values: Floats, record: Record, ref: ProfileRef, name: str, unit: str) -> tuple[Floats, str | None]:
    """Convert to the unit asked for; energy per step becomes its mean power, which is told."""
    header = record.columns[name].unit
    written = header if header is not None else ref.unit
    if written is None:
        msg = f'states no unit. Write it in the header, as {name} [{unit}], or as unit = "..." beside the file\'s name.'
        raise UnitError(msg)
    step_h = record.step_minutes / 60.0
    result, energy = _in_unit(values, written, unit, step_h)
    if ref.unit is not None and header is not None:
        probe = np.array([0.0, 1.0])
        if not np.array_equal(_in_unit(probe, header, unit, step_h)[0], _in_unit(probe, ref.unit, unit, step_h)[0]):
            msg = f"unit: the park file says {ref.unit!r}, the header {header!r}. Leave the wrong one out."
            raise UnitError(msg)
    told = Note("{unit} per step of {minutes} min taken as mean power", unit=written, minutes=record.step_minutes)
    return result, told if energy else None


def _in_unit(values: Floats, written: str, unit: str, step_h: float) -> tuple[Floats, bool]:
    if written == unit:
        return values, False
    try:
        return convert(values, unit=written, to=unit), False
    except UnitError:
        if unit != "MW":
            raise
        try:
            return convert(values, unit=written, to="MWh") / step_h, True
        except UnitError:
            pass
        raise
