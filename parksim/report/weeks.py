"""When: the weeks worth a look, and the months and hours in which the park buys."""

import numpy as np
import pandas as pd

from parksim.report import formats as f
from parksim.report.view import SMALL, Array, Flow, View
from parksim.report.words import count, say

WEEK = 7
"""Days of a week."""

WATER = ("run_of_river", "reservoir")
"""Kinds of plants that run on water; so do contracts whose technology is hydro."""


WHOLE_SHARE = 0.999
"""Above this share a part is called all of it."""

MOST_IMPORT = 0.6
"""The shortest run of months that holds this share of the import is named."""


def weeks(view: View) -> dict[str, int]:
    """Find the weeks worth a look: name to the position of their first day.

    ``wet`` and ``dry`` hold most and least water for the park's plants and contracts; where it has none, ``green`` and
    ``least`` hold most and least of what green sources could give. ``critical`` is the week of most unserved load, else
    the one around the highest import, else around the highest load less green sources.
    """
    water = sum((available(view, flow) for flow in view.flows if _runs_on_water(view, flow)), np.zeros(view.steps))
    green = sum((available(view, flow) for flow in view.with_role("renewable", "direct")), np.zeros(view.steps))
    by_day, names = view.per_day(water), ("wet", "dry")
    if np.ptp(by_day) <= SMALL:
        by_day, names = view.per_day(green), ("green", "least")
    found = {}
    if np.ptp(by_day) > SMALL:
        found = {names[0]: fullest(by_day), names[1]: fullest(-by_day)}
    bought, unserved = view.total("import"), view.total("unserved")
    if unserved.max(initial=0.0) > SMALL:
        found["critical"] = fullest(view.per_day(unserved))
    else:
        tight = bought if bought.max(initial=0.0) > SMALL else view.total("demand") - green
        found["critical"] = around(view, int(view.day_of_step[int(np.argmax(tight))]))
    if bought.max(initial=0.0) > SMALL:
        found["import"] = fullest(view.per_day(bought))
    lost = [view.per_day(power) for power in map(view.unused, view.flows) if power is not None]
    if lost:
        found["unused"] = fullest(np.sum(lost, axis=0))
    if view.ds.sizes["node"]:
        found["price"] = fullest(view.per_day(view.ds["price"].to_numpy().max(axis=0)))
    return found


def available(view: View, flow: Flow) -> Array:
    """Power that a source gave or could have given, shape (time,) [MW]; of a reservoir, what flows in."""
    inflow = np.flatnonzero(view.ds["flow"].to_numpy() == f"{flow.component}.inflow")
    if flow.kind == "reservoir" and len(inflow):
        return np.asarray(view.power[inflow[0]], np.float64)
    unused = view.unused(flow)
    return np.asarray(view.power[flow.row] + (0.0 if unused is None else unused), np.float64)


def _runs_on_water(view: View, flow: Flow) -> bool:
    if flow.role == "direct":
        return view.field_of(flow.component, "technology") == "hydro"
    return flow.role == "renewable" and flow.kind in WATER


def around(view: View, day: int) -> int:
    """First day of the week that has a day in its middle, as far as the horizon allows."""
    return max(0, min(day - WEEK // 2, view.days - WEEK))


def fullest(by_day: Array) -> int:
    """First day of the seven with the largest sum."""
    return int(np.argmax(np.convolve(by_day, np.ones(min(WEEK, len(by_day))), "valid")))


def _month_run(by_month: Array) -> tuple[int, int]:
    """First month and length of the shortest run of calendar months, over New Year too, that holds most of a sum."""
    whole = by_month.sum()
    for length in range(1, 13):
        sums = [by_month[np.arange(start, start + length) % 12].sum() for start in range(12)]
        best = int(np.argmax(sums))
        if sums[best] >= MOST_IMPORT * whole:
            return best, length
    return 0, 12


def _months_said(start: int, length: int) -> str:
    first = pd.Timestamp(year=2001, month=start + 1, day=1)
    last = pd.Timestamp(year=2001, month=(start + length - 1) % 12 + 1, day=1)
    if length == 1:
        return say("dispatch.in", month=f.month_name(first))
    key = "dispatch.between" if first < last else "dispatch.between_years"
    return say(key, first=f.month_name(first), last=f.month_name(last))


def dispatch_title(view: View) -> str:
    """Say when the park buys."""
    bought = view.total("import")
    if bought.max(initial=0.0) <= SMALL:
        share = 1.0 - float(view.summary["unserved_mwh"]) / view.load_mwh if view.load_mwh > 0 else 1.0
        return say("dispatch.title.never", share=f.percent(share))
    if view.by_day:
        peak = int(np.argmax(bought))
        hours = float((bought > SMALL).sum()) * view.step_h
        return say(
            "dispatch.title.hours",
            hours=count(round(hours), "hour"),
            all=f.whole(view.hours),
            peak=f.power(float(bought.max())),
            when=f.date_time(view.stamps[peak], year=False),
        )
    days = int((view.per_day(bought) > SMALL).sum())
    by_month = np.asarray(np.bincount(view.stamps.month - 1, weights=bought, minlength=12), np.float64)
    start, length = _month_run(by_month)
    share = by_month[np.arange(start, start + length) % 12].sum() / by_month.sum()
    months = _months_said(start, length)
    if days == view.days:
        return say("dispatch.title.every_day", share=f.percent(share), months=months)
    if share > WHOLE_SHARE:
        return say("dispatch.title.days_all", days=count(days, "day"), months=months)
    shown = f.percent(share)
    return say("dispatch.title.days", days=count(days, "day"), all=f.whole(view.days), share=shown, months=months)
