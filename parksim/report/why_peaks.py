"""Months' peaks told: their hours, and how the demand charge is shared among them."""

from collections.abc import Sequence

import pandas as pd

from parksim.accounts.hour import Hour
from parksim.accounts.peaks import PeakFact
from parksim.report import formats as f
from parksim.report.lines import INDENT, wrapped
from parksim.report.why_times import daily, price, when
from parksim.report.words import count, say

DAYS_TOLD = 3
LARGE_SHARE = 0.1
"""Days that bear at least this share of a month's charge are named, all days where there are few."""


def peak_text(peak: PeakFact, *, step_h: float, hour: Hour | None = None) -> str:
    """Say a month's peak, the hours that set it, and what an hour has to do with it."""
    parts = [
        say(
            "why.peak.plain",
            month=f.month_name(peak.month),
            peak=f.power(peak.peak_mw),
            charge=f.money(peak.charge_cny_per_mw),
        )
    ]
    share = sum(peak.setters.values())
    if peak.setters:
        parts.append(say("why.peak.set", hours=_setters(peak, step_h)))
    if peak.floor:
        parts.append(say("why.peak.floor.part", share=f.percent(1.0 - share)) if share else say("why.peak.floor"))
    if hour is not None:
        parts += _this(peak, hour)
    return f.points(parts)


def _this(peak: PeakFact, hour: Hour) -> list[str]:
    flow = next(x for x in hour.flows if x.component == peak.component and x.role == "import")
    if hour.stamp in peak.setters:
        extra = price(flow.parts_cny_per_mwh.get("demand_charge", 0.0))
        return [say("why.peak.this", share=f.percent(peak.setters[hour.stamp]), price=extra)]
    if hour.stamp in peak.touching:
        return [say("why.peak.touch")]
    return [say("why.peak.below", power=f.power(peak.peak_mw / peak.ratio - flow.power_mw))]


def _setters(peak: PeakFact, step_h: float) -> str:
    """Say the days that bear most of a peak's charge, with their hours, and the times of day of the others."""
    days: dict[pd.Timestamp, list[pd.Timestamp]] = {}
    for stamp in peak.setters:
        days.setdefault(stamp.normalize(), []).append(stamp)
    shares = {day: sum(peak.setters[stamp] for stamp in stamps) for day, stamps in days.items()}
    few = len(days) <= DAYS_TOLD
    named = sorted(sorted(shares, key=lambda day: -shares[day])[:DAYS_TOLD])
    named = [day for day in named if few or shares[day] >= LARGE_SHARE]
    told = [
        say(
            "why.peak.day",
            span=when(days[day], step_h, day - pd.Timedelta(days=1)),
            share=f.percent(shares[day]),
        )
        for day in named
    ]
    left = [stamp for day, stamps in days.items() if day not in named for stamp in stamps]
    if left:
        told.append(_rest_of(peak, left, step_h, others=bool(named)))
    return f.listed([item.strip() for item in told])


def _rest_of(peak: PeakFact, stamps: list[pd.Timestamp], step_h: float, *, others: bool) -> str:
    """Say the hours of the days that are not named."""
    n = len({stamp.normalize() for stamp in stamps})
    hours, days = f.united(f.sig(len(stamps) * step_h), "h"), say("why.day.other", n=n) if others else count(n, "day")
    span = daily(stamps, n, step_h)
    share = f.percent(sum(peak.setters[stamp] for stamp in stamps))
    if not span:
        return say("why.peak.more", hours=hours, days=days, share=share)
    return say("why.peak.rest" if others else "why.peak.all", hours=hours, days=days, span=span, share=share)


def months(peaks: Sequence[PeakFact], *, step_h: float) -> list[str]:
    """Say every month's peak."""
    if not peaks:
        return []
    lines = [say("why.peaks"), "", *wrapped(say("why.peaks.why"), INDENT, INDENT)]
    for peak in peaks:
        lines += wrapped(peak_text(peak, step_h=step_h), INDENT, INDENT * 2)
    return lines
