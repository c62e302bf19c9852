"""The park's clock: one fixed offset from UTC, equal steps, months and seasons.

A stamp begins its step; a level belongs to the end of its step; the sun stands at mid-step. The calendar is structure.
"""

import re
from datetime import datetime, timedelta, timezone
from functools import cached_property
from typing import Annotated

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

STEPS_MINUTES = (15, 20, 30, 60)
"""Allowed steps; demand is billed by the quarter-hour, so none is shorter [min]."""

_CLOCK = re.compile(r"^(?P<sign>[+-])(?P<hours>\d{2}):(?P<minutes>\d{2})$")


def parse_clock(text: str) -> timezone:
    """Turn ``+08:00`` into a fixed offset.

    Raises
    ------
    ValueError
        If the text is no offset between -14:00 and +14:00.

    Examples
    --------
    >>> parse_clock("+08:00").utcoffset(None)
    datetime.timedelta(seconds=28800)
    """
    match = _CLOCK.match(text.strip())
    if match is None or int(match["hours"]) > 14 or int(match["minutes"]) > 59:
        msg = f"got {text!r}, must be a fixed offset from UTC such as '+08:00' (China Standard Time)"
        raise ValueError(msg)
    offset = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"]))
    return timezone(-offset if match["sign"] == "-" else offset)


class TimeAxis(BaseModel):
    """Equal steps on one clock, from the start of ``start`` for ``days`` or for whole ``years``."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    clock: Annotated[str, Field(description="Fixed offset from UTC, without daylight saving, such as '+08:00'.")] = (
        "+08:00"
    )
    year: Annotated[int, Field(description="First calendar year of the horizon.", ge=1950, le=2100)]
    years: Annotated[int, Field(description="Number of whole calendar years.", ge=1, le=50)] = 1
    step_minutes: Annotated[int, Field(description="Length of a step [min]: 15, 20, 30 or 60.")] = 60
    first_day: Annotated[
        str | None, Field(description="First day as MM-DD for a horizon shorter than a year, with `days`.")
    ] = None
    days: Annotated[int | None, Field(description="Number of days from `first_day`.", ge=1, le=3660)] = None
    hours: Annotated[int | None, Field(description="Number of hours from `first_day`.", ge=1, le=87840)] = None

    @field_validator("clock")
    @classmethod
    def _clock_is_offset(cls, value: str) -> str:
        parse_clock(value)
        return value

    @field_validator("step_minutes")
    @classmethod
    def _step_divides_hour(cls, value: int) -> int:
        if value not in STEPS_MINUTES:
            msg = f"got {value}, must be one of {', '.join(map(str, STEPS_MINUTES))}"
            raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _window_is_complete(self) -> "TimeAxis":
        given = sum(length is not None for length in (self.days, self.hours))
        if given > 1 or (self.first_day is None) == bool(given):
            msg = "a horizon shorter than a year is `first_day` with `days` (or `hours`); give both or neither"
            raise ValueError(msg)
        if given and self.years != 1:
            msg = "`years` counts whole years; leave it out where `days` or `hours` is given"
            raise ValueError(msg)
        _ = self.start
        return self

    def __eq__(self, other: object) -> bool:
        """Compare what was written; pydantic would compare the arrays of two axes that were read out too."""
        return isinstance(other, TimeAxis) and all(
            getattr(self, name) == getattr(other, name) for name in TimeAxis.model_fields
        )

    @property
    def zone(self) -> timezone:
        """The clock as a fixed offset."""
        return parse_clock(self.clock)

    @property
    def step_h(self) -> float:
        """Length of a step [h]."""
        return self.step_minutes / 60.0

    @property
    def start(self) -> datetime:
        """First moment of the horizon, without zone."""
        if self.first_day is None:
            return datetime(self.year, 1, 1)
        try:
            return datetime.strptime(f"{self.year}-{self.first_day}", "%Y-%m-%d")
        except ValueError as error:
            msg = f"first_day: got {self.first_day!r}, must be a day of {self.year} as MM-DD, such as '07-14'"
            raise ValueError(msg) from error

    @cached_property
    def stamps(self) -> pd.DatetimeIndex:
        """Begin of every step on the park's clock, without zone, shape (time,)."""
        if self.first_day is None:
            end = datetime(self.year + self.years, 1, 1)
        else:
            end = self.start + timedelta(days=self.days or 0, hours=self.hours or 0)
        return pd.date_range(self.start, end, freq=f"{self.step_minutes}min", inclusive="left", unit="ns")

    @cached_property
    def mid_step_utc(self) -> pd.DatetimeIndex:
        """Middle of every step in UTC, shape (time,)."""
        middle = self.stamps + pd.Timedelta(minutes=self.step_minutes) / 2
        return middle.tz_localize(self.zone).tz_convert("UTC")

    @property
    def steps(self) -> int:
        """Number of steps."""
        return len(self.stamps)

    @cached_property
    def month_of_step(self) -> NDArray[np.int64]:
        """Position of each step's calendar month within the horizon, shape (time,)."""
        number = self.stamps.year.to_numpy() * 12 + self.stamps.month.to_numpy()
        return np.asarray(number - number[0], np.int64)

    @property
    def months(self) -> int:
        """Number of calendar months the horizon touches."""
        return int(self.month_of_step[-1]) + 1

    @cached_property
    def month_stamps(self) -> pd.PeriodIndex:
        """Calendar months of the horizon, shape (month,)."""
        return pd.period_range(self.stamps[0], self.stamps[-1], freq="M")

    @cached_property
    def calendar_month(self) -> NDArray[np.int64]:
        """Calendar month, 1 to 12, of each month of the horizon, shape (month,)."""
        return self.month_stamps.month.to_numpy().astype(np.int64)

    @cached_property
    def month_cover(self) -> NDArray[np.float64]:
        """Share of each calendar month that lies inside the horizon, shape (month,) [1]."""
        inside = np.bincount(self.month_of_step, minlength=self.months) * self.step_h
        return inside / (self.month_stamps.days_in_month.to_numpy() * 24.0)

    @cached_property
    def hour_of_day(self) -> NDArray[np.int64]:
        """Hour of the day, 0 to 23, of each step, shape (time,)."""
        return self.stamps.hour.to_numpy().astype(np.int64)

    @cached_property
    def day_of_step(self) -> NDArray[np.int64]:
        """Position of each step's day within the horizon, shape (time,)."""
        return np.arange(self.steps, dtype=np.int64) * self.step_minutes // (24 * 60)

    @cached_property
    def days_index(self) -> pd.DatetimeIndex:
        """Days of the horizon, shape (day,)."""
        return pd.date_range(self.stamps[0].normalize(), self.stamps[-1].normalize(), freq="D", unit="ns")

    @property
    def horizon_h(self) -> float:
        """Length of the horizon [h]."""
        return self.steps * self.step_h

    @cached_property
    def year_share(self) -> float:
        """Length of the horizon over that of a mean calendar year of it [1]."""
        first = pd.Timestamp(year=self.year, month=1, day=1)
        whole = pd.Timestamp(year=self.stamps[-1].year + 1, month=1, day=1) - first
        years = self.stamps[-1].year + 1 - self.year
        return self.horizon_h / (whole / pd.Timedelta(hours=1) / years)
