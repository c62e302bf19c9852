"""Chinese calendar: what kind of day a date is, and how far industry rests around the long holidays.

Public holidays and shifted work days follow the yearly notice of the State Council, which the package
`chinese_calendar` carries year by year. A year it does not know has plain weekends and no holidays; such years are
returned, so that callers can warn and the report can say so.
"""

import math
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import IntEnum
from functools import lru_cache

import chinese_calendar
import numpy as np
import pandas as pd

SPRING_NAME = chinese_calendar.Holiday.spring_festival.value

Dates = pd.DatetimeIndex | Sequence[date]


class DayKind(IntEnum):
    """Kind of a day; the values index a table of day factors."""

    WORKDAY = 0
    """Monday to Friday, and a Saturday or Sunday worked in exchange for a holiday."""
    SATURDAY = 1
    SUNDAY = 2
    HOLIDAY = 3
    """A public holiday or a day off in exchange, outside the two long holidays."""
    SPRING_FESTIVAL = 4
    NATIONAL_DAY = 5
    """Any day of the unbroken run of holidays around 1 October, a Mid-autumn Festival in it included."""


def day_kinds(dates: Dates) -> tuple[np.ndarray, tuple[int, ...]]:
    """Find the kind of every day.

    Parameters
    ----------
    dates : pandas.DatetimeIndex or sequence of datetime.date
        Days on the park's clock; hours are ignored.

    Returns
    -------
    kinds : ndarray of int8, shape (day,)
        `DayKind` of every day [1].
    unknown : tuple of int
        Years of which the holidays are not known, rising; their days are work days, Saturdays and Sundays only.

    Raises
    ------
    TypeError
        If an entry is no date.

    Examples
    --------
    >>> from datetime import date
    >>> kinds, unknown = day_kinds([date(2025, 1, 26), date(2025, 1, 29), date(2025, 2, 1)])  # the 26th was worked
    >>> [DayKind(kind).name for kind in kinds], unknown
    (['WORKDAY', 'SPRING_FESTIVAL', 'SPRING_FESTIVAL'], ())
    """
    days = _days(dates)
    unknown = tuple(sorted(year for year in {day.year for day in days} if not _known(year)))
    kinds = np.fromiter((_kind(day) for day in days), dtype=np.int8, count=len(days))
    return kinds, unknown


@lru_cache(maxsize=256)
def lunar_new_year(year: int) -> date | None:
    """First day of the lunar year.

    Parameters
    ----------
    year : int
        Calendar year.

    Returns
    -------
    datetime.date or None
        First day of the first lunar month; None where the holidays of the year are not known.

    Notes
    -----
    The holiday starts one or two days before the lunar year in some years and with it in others. The lunar year starts
    on the day, by China Standard Time, of the only new moon within the days that the package names Spring Festival.

    References
    ----------
    .. [1] J. Meeus, Astronomical Algorithms, 2nd ed., Willmann-Bell, 1998, chapter 49 (largest terms; within a few
       minutes in this century).

    Examples
    --------
    >>> lunar_new_year(2026)
    datetime.date(2026, 2, 17)
    """
    if not _known(year):
        return None
    first = date(year, 1, 1)
    festival = {day for day in (first + timedelta(days=i) for i in range(80)) if _day_off(day) == (True, SPRING_NAME)}
    lunation = round((min(festival) - date(2000, 1, 6)).days / 29.530588861)
    moons = {_new_moon(number) for number in range(lunation - 1, lunation + 2)} & festival
    return min(moons)


def festival_factor(
    dates: Dates,
    *,
    spring_factor: float,
    spring_days: int,
    spring_lead_days: int,
    spring_ramp_days: int,
    national_factor: float,
    national_days: int,
) -> np.ndarray:
    """Share of a normal day that is left around Spring Festival and National Day.

    Parameters
    ----------
    dates : pandas.DatetimeIndex or sequence of datetime.date
        Days on the park's clock; hours are ignored.
    spring_factor : float
        Share left in the core of Spring Festival [1].
    spring_days : int
        Length of that core [d].
    spring_lead_days : int
        How many days before the lunar new year the core begins [d].
    spring_ramp_days : int
        Days of running down before the core and of starting up after it [d].
    national_factor : float
        Share left from 1 October on [1].
    national_days : int
        Number of these days [d].

    Returns
    -------
    ndarray, shape (day,)
        Factor of every day; 1 away from the festivals and in years whose holidays are not known [1].

    Raises
    ------
    ValueError
        If a factor is negative or not finite, or a number of days is negative.
    TypeError
        If an entry of `dates` is no date.

    Notes
    -----
    On day j of a ramp of r days, counted from the core outwards::

        factor = spring_factor + (1 - spring_factor) * j / (r + 1)     (1)

    Where both festivals meet a day the lower factor counts. The factor says nothing of weekends: combine it with those
    by the minimum, not by the product, or a Sunday within the holidays is reduced twice.
    """
    for name, value in (("spring_factor", spring_factor), ("national_factor", national_factor)):
        if not 0.0 <= value < math.inf:
            msg = f"{name}: got {value}, must be 0 or more"
            raise ValueError(msg)
    if min(spring_days, spring_lead_days, spring_ramp_days, national_days) < 0:
        msg = "spring_days, spring_lead_days, spring_ramp_days, national_days: must be 0 or more"
        raise ValueError(msg)
    days = _days(dates)
    table: dict[date, float] = {}

    def lower(day: date, factor: float) -> None:
        table[day] = min(table.get(day, 1.0), factor)

    years = {day.year for day in days}
    for year in sorted({y for x in years for y in (x - 1, x, x + 1)}):
        new_year = lunar_new_year(year)
        if new_year is None:
            continue
        first = new_year - timedelta(days=spring_lead_days)
        for i in range(-spring_ramp_days if spring_days else 0, spring_days + (spring_ramp_days if spring_days else 0)):
            out = max(-i, i - spring_days + 1, 0)
            lower(first + timedelta(days=i), spring_factor + (1.0 - spring_factor) * out / (spring_ramp_days + 1))
        for i in range(national_days):
            lower(date(year, 10, 1) + timedelta(days=i), national_factor)
    return np.fromiter(
        (table.get(day, 1.0) if _known(day.year) else 1.0 for day in days), dtype=np.float64, count=len(days)
    )


def season_factor(dates: Dates, *, seasons: Iterable[tuple[str, str, float]]) -> np.ndarray:
    """Share of a normal day that is left in seasons fixed by date, such as a summer vacation.

    Parameters
    ----------
    dates : pandas.DatetimeIndex or sequence of datetime.date
        Days on the park's clock; hours are ignored.
    seasons : iterable of (str, str, float)
        First day and last day as ``MM-DD``, both included, and the factor [1]; a season may run over the new year.

    Returns
    -------
    ndarray, shape (day,)
        Factor of every day, the lowest where seasons overlap; 1 outside [1].

    Raises
    ------
    ValueError
        If a day is not written as ``MM-DD`` or a factor is negative or not finite.
    TypeError
        If an entry of `dates` is no date.
    """
    days = _days(dates)
    factors = np.ones(len(days))
    marks = [f"{day:%m-%d}" for day in days]
    for first, last, factor in seasons:
        for mark in (first, last):
            datetime.strptime(f"2000-{mark}", "%Y-%m-%d")
        if not 0.0 <= factor < math.inf:
            msg = f"seasons: got the factor {factor}, must be 0 or more"
            raise ValueError(msg)
        for i, mark in enumerate(marks):
            inside = first <= mark <= last if first <= last else (mark >= first or mark <= last)
            if inside:
                factors[i] = min(factors[i], factor)
    return factors


def _days(dates: Dates) -> list[date]:
    """Plain dates without hours."""
    days = []
    for entry in dates:
        if not isinstance(entry, date) or pd.isna(entry):
            msg = f"dates: got {entry!r}, must be dates"
            raise TypeError(msg)
        days.append(entry.date() if isinstance(entry, datetime) else entry)
    return days


@lru_cache(maxsize=256)
def _known(year: int) -> bool:
    """Whether the package has the holidays of a year."""
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def _day_off(day: date) -> tuple[bool, str | None]:
    """Whether a day is off, and its name: the package's ``get_holiday_detail`` without its slow check of the year."""
    if day in chinese_calendar.workdays:
        return False, chinese_calendar.workdays[day]
    if day in chinese_calendar.holidays:
        return True, chinese_calendar.holidays[day]
    return day.weekday() > 4, None


def _kind(day: date) -> DayKind:
    """Kind of one day."""
    off, name = _day_off(day)
    if not off:
        return DayKind.WORKDAY
    if name is None:
        return DayKind.SATURDAY if day.weekday() == 5 else DayKind.SUNDAY
    if name == SPRING_NAME:
        return DayKind.SPRING_FESTIVAL
    return DayKind.NATIONAL_DAY if _in_national_run(day) else DayKind.HOLIDAY


def _in_national_run(day: date) -> bool:
    """Whether all days from this one to 1 October (or back to it) are named holidays."""
    first = date(day.year, 10, 1)
    if abs((day - first).days) > 14:
        return False
    low, high = min(day, first), max(day, first)
    run = (low + timedelta(days=i) for i in range((high - low).days + 1))
    return all(off and name is not None for off, name in map(_day_off, run))


def _new_moon(number: int) -> date:
    """Day of the new moon by China Standard Time; number 0 is that of 6 January 2000 (Meeus, chapter 49)."""
    k, t = float(number), number / 1236.85
    e = 1.0 - 0.002516 * t
    sun = math.radians(2.5534 + 29.10535670 * k)
    moon = math.radians(201.5643 + 385.81693528 * k)
    node = math.radians(160.7108 + 390.67050284 * k)
    julian = 2451550.09766 + 29.530588861 * k + 0.00015437 * t * t
    julian += -0.40720 * math.sin(moon) + 0.17241 * e * math.sin(sun) + 0.01608 * math.sin(2 * moon)
    julian += 0.01039 * math.sin(2 * node) + 0.00739 * e * math.sin(moon - sun) - 0.00514 * e * math.sin(moon + sun)
    julian += 0.00208 * e * e * math.sin(2 * sun)
    # Julian day 2451544.5 is 2000-01-01 00:00 UTC; dynamical time is about a minute ahead of UTC, which is left out.
    return (datetime(2000, 1, 1) + timedelta(days=julian - 2451544.5, hours=8)).date()
