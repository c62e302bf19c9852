"""Tariffs: what energy from the grid costs, by month, season, day and hour.

A price is a floated part, multiplied by the ratio of its time-of-use period, plus a part that is not floated (network,
system operation, government funds), or it is given outright as a profile.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from parksim.component import Array, Price
from parksim.errors import InputError
from parksim.fields import Monthly, monthly, quantity, series
from parksim.memory import Memory
from parksim.messages import nearest
from parksim.profiles import ProfileReader, Series, locate
from parksim.timeaxis import TimeAxis

_HOURS = re.compile(r"^(\d{1,2})-(\d{1,2})$")


class Period(BaseModel):
    """One time-of-use period: which hours of which months, and its ratio to the flat price."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    name: Annotated[str, Field(description="Name, such as peak (峰) or valley (谷).")]
    ratio: Annotated[float, quantity("1", "Price of the period over the flat price.", ge=0)]
    hours: Annotated[list[str], Field(description="Hours as 'from-to', such as '22-8' over midnight.")]
    months: Annotated[list[int], Field(description="Calendar months 1 to 12; all where left out.")] = list(range(1, 13))

    @field_validator("hours")
    @classmethod
    def _hours_are_ranges(cls, value: list[str]) -> list[str]:
        if not value:
            msg = "is empty; list hours such as '10-12', or remove the period"
            raise ValueError(msg)
        for text in value:
            match = _HOURS.match(text)
            if match is None or not (0 <= int(match[1]) <= 23 and 1 <= int(match[2]) <= 24):
                msg = f"got {text!r}, must be whole hours as 'from-to' between 0 and 24, such as '10-12' or '22-8'"
                raise ValueError(msg)
            if int(match[1]) == int(match[2]):
                msg = f"got {text!r}, which is no hour or all of them; write '0-24' for the whole day"
                raise ValueError(msg)
        return value

    @field_validator("months")
    @classmethod
    def _months_exist(cls, value: list[int]) -> list[int]:
        wrong = [month for month in value if not 1 <= month <= 12]
        if not value:
            msg = "is empty; list months 1 to 12, or leave it out for the whole year"
            raise ValueError(msg)
        if wrong:
            msg = f"got month {wrong[0]}, must lie in [1, 12]"
            raise ValueError(msg)
        return value

    def covers(self) -> np.ndarray:
        """Tell which month and hour the period covers, shape (12, 24)."""
        inside = np.zeros(24, bool)
        for text in self.hours:
            first, last = (int(part) for part in text.split("-"))
            hours = np.arange(24)
            inside |= (hours >= first) & (hours < last) if first < last else (hours >= first) | (hours < last)
        table = np.zeros((12, 24), bool)
        table[np.array(self.months) - 1] = inside
        return table


class Tariff(BaseModel):
    """A table of ``[tariffs]``."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    title: Annotated[str | None, Field(description="Name shown in reports; the key where left out.")] = None
    title_zh: Annotated[str | None, Field(description="The same in Chinese.")] = None
    energy_cny_per_mwh: Annotated[
        Monthly, monthly("CNY MWh-1", "Floated part of the energy price (电能量), in a flat hour.", ge=0)
    ] = 0.0
    fixed_cny_per_mwh: Annotated[
        Monthly, monthly("CNY MWh-1", "Part that is not floated: network, system operation, funds.", ge=0)
    ] = 0.0
    periods: Annotated[
        list[Period],
        Field(description="Time-of-use periods; later ones win; ratio 1 elsewhere. Left out: flat in the day."),
    ] = []
    table: Annotated[
        str | None,
        Field(description="Time-of-use table as CSV with columns month, hour, period, ratio; instead of `periods`."),
    ] = None
    price_cny_per_mwh: Annotated[
        Series | None, series("CNY MWh-1", "The whole energy price as a profile; instead of all parts above.")
    ] = None
    demand_cny_per_mw_month: Annotated[
        Monthly, monthly("CNY MW-1 month-1", "Two-part demand charge (需量电价) on the month's peak.", ge=0)
    ] = 0.0
    sources: Annotated[dict[str, str], Field(description="Field to source, or `default` for the rest.")] = {}

    @model_validator(mode="after")
    def _one_way_to_say_it(self) -> "Tariff":
        if self.table is not None and self.periods:
            msg = "periods: stands beside `table`; give the hours one way, not both"
            raise ValueError(msg)
        parts = [name for name in ("energy_cny_per_mwh", "fixed_cny_per_mwh", "table", "periods") if self._says(name)]
        if self.price_cny_per_mwh is not None and parts:
            msg = f"price_cny_per_mwh: is the whole price; leave it out, or {', '.join(parts)}"
            raise ValueError(msg)
        if self.price_cny_per_mwh is None and "energy_cny_per_mwh" not in self.model_fields_set:
            msg = "energy_cny_per_mwh: is missing [CNY MWh-1]. Give it, or the whole price as `price_cny_per_mwh`"
            raise ValueError(msg)
        return self

    def _says(self, field: str) -> bool:
        """Whether a field says something other than its default."""
        return bool(getattr(self, field) != type(self).model_fields[field].default)


FLAT, HOURLY = "flat", "hourly"
"""Name of the period outside of all that a tariff names, and of the only one where its price is a profile."""


TimeOfUse = tuple[Array, NDArray[np.object_]]
"""Price over the flat price [1] and name of the period, by calendar month and hour, shapes (12, 24)."""


def read_table(file: str, *, base: Path, where: str) -> TimeOfUse:
    """Read a time-of-use table.

    Returns
    -------
    ndarray, ndarray, shapes (12, 24)
        Price over the flat price by calendar month and hour [1], and the name of the period.

    Raises
    ------
    InputError
        If columns are missing, or a month and hour is missing or twice there.
    """
    try:
        path = locate(file, base=base)
        written = path.stat()
        return _table(path, (written.st_mtime_ns, written.st_size))
    except InputError as error:
        raise InputError([f"{where}: {problem}" for problem in error.problems]) from None
    except (OSError, ValueError) as error:
        msg = f"{where}: {file} cannot be read as CSV in UTF-8 ({str(error).splitlines()[0]})."
        raise InputError(msg) from None


@lru_cache(maxsize=16)
def _table(path: Path, written: tuple[int, int]) -> TimeOfUse:
    """Read a time-of-use table, again only where the file was written anew: what-ifs ask for it each time."""
    frame = pd.read_csv(path, comment="#", encoding="utf-8-sig")
    frame.columns = [str(column).split("[")[0].strip() for column in frame.columns]
    problem = _table_problem(frame)
    if problem is not None:
        msg = f"{path.name} {problem}"
        raise InputError(msg)
    frame = frame.astype({"month": int, "hour": int, "ratio": float}).sort_values(["month", "hour"])
    ratio = frame["ratio"].to_numpy(np.float64).reshape(12, 24)
    names = frame["period"].astype(str).to_numpy(object).reshape(12, 24)
    for array in (ratio, names):
        array.setflags(write=False)
    return ratio, names


def _table_problem(frame: pd.DataFrame) -> str | None:
    """Say what is wrong with a time-of-use table."""
    missing = [name for name in ("month", "hour", "period", "ratio") if name not in frame]
    if missing:
        return f"has no column {missing[0]!r}; a table has the columns month, hour, period, ratio."
    number = frame[["month", "hour", "ratio"]].apply(pd.to_numeric, errors="coerce")
    stands = list(zip(number["month"].tolist(), number["hour"].tolist(), strict=True))
    wanted = [(month, hour) for month in range(1, 13) for hour in range(24)]
    if sorted(stands) != wanted:
        odd = next(((month, hour) for month, hour in wanted if stands.count((month, hour)) != 1), None)
        which = "" if odd is None else f" Month {odd[0]}, hour {odd[1]} stands {stands.count(odd)} times."
        return f"must hold each month 1-12 and hour 0-23 exactly once, 288 rows; it has {len(frame)}.{which}"
    ratio = number["ratio"].to_numpy(np.float64)
    wrong = np.flatnonzero(~(np.isfinite(ratio) & (ratio >= 0)) | frame["period"].isna().to_numpy())
    if not wrong.size:
        return None
    row = frame.iloc[int(wrong[0])]
    return (
        f"has period {row['period']} and ratio {row['ratio']} for month {row['month']}, hour {row['hour']}; "
        "each needs a name and a ratio of 0 or more."
    )


def outside(number: float, limits: Mapping[str, float]) -> bool:
    """Whether a number breaks the limits of its field.

    Examples
    --------
    >>> outside(-1.0, {"ge": 0.0}), outside(0.0, {"ge": 0.0})
    (True, False)
    """
    low, high = limits.get("ge", -np.inf), limits.get("le", np.inf)
    return not low <= number <= high


def season_problems(value: Mapping[str, float], seasons: Mapping[str, list[int]]) -> list[str]:
    """Name what keeps values by season from covering the year, each beginning where the field's path ends.

    Parameters
    ----------
    value
        Season to number.
    seasons
        Season to its calendar months, as ``[seasons]`` has them.
    """
    known = ", ".join(seasons) or "none; add them to [seasons]"
    unknown = [season for season in value if season not in seasons]
    if unknown:
        return [f".{name}: unknown season.{nearest(name, [*seasons])} Seasons: {known}." for name in unknown]
    covered = {month for season in value for month in seasons[season]}
    lost = ", ".join(str(month) for month in range(1, 13) if month not in covered)
    return [f": has no value for the months {lost}. Give one for every season ({known})."] if lost else []


def by_calendar_month(value: float | tuple[float, ...] | dict[str, float], seasons: Mapping[str, list[int]]) -> Array:
    """Spread a monthly field over January to December, shape (12,).

    Parameters
    ----------
    value
        As the park file has it; a park refuses seasons that do not cover the year.
    """
    if isinstance(value, tuple):
        return np.array(value, np.float64)
    if isinstance(value, int | float):
        return np.full(12, float(value))
    result = np.full(12, np.nan)
    for season, number in value.items():
        result[np.array(seasons[season]) - 1] = number
    return result


@cache
def _even(name: str) -> TimeOfUse:
    """Give a table with one period of a name; of the two names that there are, one object each."""
    ratio, names = np.ones((12, 24)), np.full((12, 24), name, object)
    for array in (ratio, names):
        array.setflags(write=False)
    return ratio, names


@dataclass(frozen=True)
class _Calendar:
    """Months and time-of-use periods of a tariff over the horizon; its prices apart.

    Parameters
    ----------
    month, ratio
        Position of the calendar month of each step, and its price over the flat price [1], shapes (time,).
    periods, period_of_step
        As :class:`parksim.component.Price` has them.
    """

    month: NDArray[np.int64]
    ratio: Array
    periods: tuple[str, ...]
    period_of_step: NDArray[np.int64]


def _calendar(time: TimeAxis, ratio: Array, names: NDArray[np.object_], periods: Sequence[Period]) -> _Calendar:
    """Spread a time-of-use table, shapes (12, 24), and the periods that win over it, over the horizon."""
    month = time.stamps.month.to_numpy().astype(np.int64) - 1
    for entry in periods:
        ratio, names = np.where(entry.covers(), entry.ratio, ratio), np.where(entry.covers(), entry.name, names)
    known, code = np.unique(names.astype(str), return_inverse=True)
    used, period_of_step = np.unique(code.reshape(12, 24)[month, time.hour_of_day], return_inverse=True)
    found = _Calendar(
        month, ratio[month, time.hour_of_day], tuple(known[used].tolist()), period_of_step.astype(np.int64)
    )
    for array in (found.month, found.ratio, found.period_of_step):
        array.setflags(write=False)
    return found


def read_tariff(
    tariff: Tariff,
    *,
    time: TimeAxis,
    seasons: dict[str, list[int]],
    reader: ProfileReader,
    base: Path,
    where: str,
    table: TimeOfUse | None = None,
    memory: Memory | None = None,
) -> Price:
    """Read a tariff out over the horizon.

    Parameters
    ----------
    table
        Its time-of-use table where :func:`read_table` has read it already.
    memory
        What similar parks have worked out.

    Raises
    ------
    InputError
        If its table or profile cannot be read.
    """
    name = FLAT if tariff.price_cny_per_mwh is None else HOURLY
    ratio, names = _even(name)
    if table is not None:
        ratio, names = table
    elif tariff.table is not None:
        ratio, names = read_table(tariff.table, base=base, where=f"{where}.table")
    periods = tuple(tariff.periods)
    calendar = (memory or Memory()).recall(
        f"{where}: calendar", (time, ratio, names, periods), lambda: _calendar(time, ratio, names, periods)
    )
    fixed = by_calendar_month(tariff.fixed_cny_per_mwh, seasons)[calendar.month]
    if tariff.price_cny_per_mwh is None:
        energy = by_calendar_month(tariff.energy_cny_per_mwh, seasons)[calendar.month] * calendar.ratio
    else:
        where = f"{where}.price_cny_per_mwh"
        energy = reader.resolve(tariff.price_cny_per_mwh, unit="CNY MWh-1", where=where).values
    demand = by_calendar_month(tariff.demand_cny_per_mw_month, seasons)[time.calendar_month - 1]
    return Price(energy + fixed, demand, calendar.periods, calendar.period_of_step)
