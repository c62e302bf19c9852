"""How prices, hours and lines are written where an hour is explained."""

from collections.abc import Sequence

import pandas as pd

from parksim.report import formats as f
from parksim.report.words import say

EVEN = 5e-3
"""Prices closer than this are told as one [CNY/MWh]."""

OFTEN = 0.25
"""A time of day is told where it stands on at least this share of the days."""

RANGES_TOLD = 3


def price(cny_per_mwh: float) -> str:
    """Write a price per MWh; what is below a tenth of a cent is noise."""
    return f.united(f.sig(0.0 if abs(cny_per_mwh) < EVEN else cny_per_mwh), "CNY/MWh")


def money(cny: float) -> str:
    """Write what one MWh costs."""
    return f.money(0.0 if abs(cny) < EVEN else cny)


def clock(stamp: pd.Timestamp) -> str:
    """Write the time of day."""
    return str(stamp.strftime("%H:%M"))


def _ranges(stamps: Sequence[pd.Timestamp], step_h: float) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """Join steps that follow each other: begin and end."""
    step = pd.Timedelta(hours=step_h)
    found: list[tuple[pd.Timestamp, pd.Timestamp]] = []
    for stamp in stamps:
        if found and found[-1][1] == stamp:
            found[-1] = (found[-1][0], stamp + step)
        else:
            found.append((stamp, stamp + step))
    return found


def when(stamps: Sequence[pd.Timestamp], step_h: float, today: pd.Timestamp) -> str:
    """Say hours as ranges; the day is named where it is another one."""
    told, day = [], today.date()
    for begin, end in _ranges(stamps, step_h):
        first, last = clock(begin), clock(end)
        if begin.date() != day:
            first, day = say("why.span.day", day=f.date_short(begin), span=first), begin.date()
        if last == "00:00":
            last, end = "24:00", end - pd.Timedelta(minutes=1)
        if end.date() != day:
            last, day = say("why.span.day", day=f.date_short(end), span=last), end.date()
        told.append(say("why.span", first=first, last=last))
    return f.listed(told)


def daily(stamps: Sequence[pd.Timestamp], days: int, step_h: float) -> str:
    """Say the times of day of hours on several days, without those of one day in ten; across midnight as one range."""
    counts: dict[int, int] = {}
    for stamp in stamps:
        minute = stamp.hour * 60 + stamp.minute
        counts[minute] = counts.get(minute, 0) + 1
    day = pd.Timestamp(2025, 1, 1)
    often = sorted(minute for minute, count in counts.items() if count >= OFTEN * days)
    ranges = _ranges([day + pd.Timedelta(minutes=minute) for minute in often], step_h)
    if len(ranges) > 1 and ranges[0][0] == day and ranges[-1][1] == day + pd.Timedelta(days=1):
        ranges = [(ranges[-1][0], ranges[0][1]), *ranges[1:-1]]
    if not 0 < len(ranges) <= RANGES_TOLD:
        return ""
    ends = ("24:00" if clock(end) == "00:00" else clock(end) for _, end in ranges)
    return f.listed([say("why.span", first=clock(r[0]), last=end) for r, end in zip(ranges, ends, strict=True)])
