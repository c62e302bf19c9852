"""What binds: the limits that cost most, told from the duals.

A limit's worth is the sum over all steps of abs(price of the limit x limit); one per cent more of the limit saves one
hundredth of it, to first order. Prices are the reduced costs of flows at their upper bound (and of contents, where the
Dataset has them) and the duals of the rows that are limits.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from parksim.report import formats as f
from parksim.report.view import Array, View
from parksim.report.words import say

BINDS = {
    "renewable": "binds.renewable",
    "direct": "binds.direct",
    "import": "binds.import",
    "export": "binds.export",
    "charge": "binds.charge",
    "discharge": "binds.discharge",
}
"""Role to the text that tells its upper limit."""

ROW_LIMITS = {
    "peak_limit": ("binds.peak", "CNY/MW per month", ("peak_ratio",)),
    "import_energy_limit": ("binds.import_energy", "CNY/MWh", ("import_energy_max_mwh",)),
    "take_or_pay": ("binds.take_or_pay", "CNY/MWh", ("power_max_mw", "floor_mwh_per_mw")),
    "ecological": ("binds.ecological", "CNY/MW", ("need_mw",)),
    "co2_max_t": ("binds.co2_limit", "CNY/t", ("co2_max_t",)),
    "import_max_mwh": ("binds.import_limit", "CNY/MWh", ("import_max_mwh",)),
    "import_peak_max_mw": ("binds.import_peak_limit", "CNY/MW", ("import_peak_max_mw",)),
    "green_share_min": ("binds.green_limit", "CNY/MWh", ("bought_max_fraction",)),
}
"""Row that is a limit to its text, the unit of its price, and the numbers whose product it is."""

LIMITS_TOLD = 8
MONTHS_NAMED = 3
"""Up to so many months are named, more are counted."""

LEAST_SHARE = 1e-6
"""Limits worth less than this share of the cost are not told."""

PRICE_TOLERANCE = 1e-7
"""Prices below the solver's own tolerance count as zero [CNY per unit]."""


@dataclass(frozen=True)
class Limit:
    """One limit that binds.

    Parameters
    ----------
    what
        The limit in words.
    hours
        Time at the limit [h]; NaN for limits of a month or a year.
    price_cny
        Mean price of the limit while it binds; for peaks what one MW less saves, mean over the months [``unit``].
    unit
        Unit of the price.
    worth_cny
        Sum of abs(price x limit) [CNY].
    """

    what: str
    hours: float
    price_cny: float
    unit: str
    worth_cny: float


def _tell(what: str, price: Array, limit: Array, step_h: float, *, per_energy: bool) -> Limit | None:
    """Make a limit of prices per MW and step (or per MWh held) and the limit itself; None where it never binds."""
    held = (price > PRICE_TOLERANCE) & np.isfinite(limit) & (limit > PRICE_TOLERANCE)
    if not held.any():
        return None
    worth = float((price[held] * limit[held]).sum())
    per = float(price[held].mean()) / (step_h if per_energy else 1.0)
    return Limit(what, float(held.sum()) * step_h, per, "CNY/MWh", worth)


def flow_limits(view: View) -> list[Limit]:
    """Upper bounds of flows; flows that have no choice (both bounds equal) are no limits."""
    reduced, lower = view.ds["reduced_cost"].to_numpy(), view.ds["lower"].to_numpy()
    component, role = view.ds["component"].to_numpy(), view.ds["role"].to_numpy()
    found = []
    for row in range(len(role)):
        if role[row] == "demand":
            continue
        free = view.upper[row] > lower[row]
        what = say(BINDS.get(str(role[row]), "binds.other"), name=view.name(str(component[row])))
        found.append(_tell(what, np.where(free, -reduced[row], 0.0), view.upper[row], view.step_h, per_energy=True))
    return [limit for limit in found if limit is not None]


def closed(view: View) -> list[str]:
    """Say when a connection carries nothing though a MWh through it would save money, and how much.

    One per cent of nothing is nothing, so such a limit has no worth and no place among the limits.
    """
    reduced, told = view.ds["reduced_cost"].to_numpy(), []
    for flow in view.with_role("import"):
        price = -reduced[flow.row]
        held = (price > PRICE_TOLERANCE) & (view.upper[flow.row] <= PRICE_TOLERANCE)
        if held.any():
            hours = f.united(f.whole(float(held.sum()) * view.step_h), "h")
            saves = f.united(f.sig(float(price[held].mean()) / view.step_h), "CNY/MWh")
            told.append(say("binds.closed", name=view.name(flow.component), hours=hours, saves=saves))
    return told


def level_limits(view: View) -> list[Limit]:
    """Upper bounds of contents, where the Dataset holds their reduced costs."""
    if "content_reduced_cost" not in view.ds:
        return []
    reduced, upper = view.ds["content_reduced_cost"].to_numpy(), view.ds["content_upper"].to_numpy()
    lower = view.ds["content_lower"].to_numpy()
    found = []
    for row, component in enumerate(view.ds["level_component"].to_numpy()):
        what = say("binds.level", name=view.name(str(component)))
        price = np.where(upper[row] > lower[row], -reduced[row], 0.0)
        found.append(_tell(what, price, upper[row], view.step_h, per_energy=False))
    return [limit for limit in found if limit is not None]


def _named(view: View, name: str, at: Array) -> Array | float:
    """Read a number the LP was filled with, spread over the steps at which the row stands."""
    ds = view.ds
    if name in ds.indexes["series"]:
        return np.asarray(ds["series_value"].to_numpy()[ds.indexes["series"].get_loc(name)], np.float64)
    if name in ds.indexes["month_number"]:
        values = ds["month_value"].to_numpy()[ds.indexes["month_number"].get_loc(name)]
        spread = np.full(view.steps, np.nan)
        values, places = values[np.isfinite(values)], np.flatnonzero(np.isfinite(at))
        if len(values) == len(places):
            spread[places] = values
        return spread
    return view.number_of(name)


def _row_bound(view: View, component: str, item: str, at: Array) -> Array:
    """Size of the limit of a row, shape (time,): the product of the numbers that hold it; NaN where unknown."""
    bound: Array | float = 1.0
    for name in ROW_LIMITS[item][2]:
        bound = bound * _named(view, f"{component}.{name}", at)
    if item == "peak_limit":
        bought = [flow.row for flow in view.with_role("import") if flow.component == component]
        bound = bound * view.power[bought].sum(axis=0)
    if item == "green_share_min":  # of the demand served in the year, told at its last step
        year = view.stamps.year.to_numpy()
        bound = bound * (np.bincount(year - year[0], weights=view.served_mw) * view.step_h)[year - year[0]]
    return np.broadcast_to(np.asarray(bound, np.float64), (view.steps,))


def row_limits(view: View) -> list[Limit]:
    """Rows that are limits: the month's peak, caps on a year's energy, energy to be paid, water to be left."""
    found = []
    for row, label in enumerate(view.ds["row"].to_numpy()):
        component, item = str(label).split(".", 1)
        if item not in ROW_LIMITS:
            continue
        duals = view.ds["row_dual"].to_numpy()[row]
        price = np.abs(np.nan_to_num(duals))
        binding = price > PRICE_TOLERANCE
        if not binding.any():
            continue
        key, unit, _ = ROW_LIMITS[item]
        bound = _row_bound(view, component, item, duals)
        worth = float((price[binding] * np.abs(bound[binding])).sum())
        if item == "peak_limit":
            found.append(_peak_limit(view, component, price, worth))
            continue
        by_step = bool(np.isfinite(duals).all())
        hours = float(binding.sum()) * view.step_h if by_step else float("nan")
        found.append(Limit(say(key, name=view.name(component)), hours, float(price[binding].mean()), unit, worth))
    return [limit for limit in found if np.isfinite(limit.worth_cny)]


def _peak_limit(view: View, component: str, price: Array, worth: float) -> Limit:
    """Say which months' peaks set the demand charge; elsewhere its floor does, and a lower peak saves nothing."""
    key, unit, _ = ROW_LIMITS["peak_limit"]
    ds = view.ds
    by_month = np.bincount(ds["month_of_step"].to_numpy(), weights=price, minlength=ds.sizes["month"])
    held = by_month > PRICE_TOLERANCE
    stamps = pd.DatetimeIndex(ds["month"].to_numpy())
    if held.all() and len(held) > 1:
        months = say("binds.peak.every")
    elif held.sum() <= MONTHS_NAMED:
        years = stamps[0].year != stamps[-1].year
        months = f.listed([f.month_short(m, year=True) if years else f.month_name(m) for m in stamps[held]])
    else:
        months = say("binds.peak.some", k=int(held.sum()), n=len(held))
    peaks = ds["peak_value"].to_numpy()[ds.indexes["peak"].get_loc(f"{component}.peak")]
    what = say(key, name=view.name(component), months=months, peak=f.power(float(peaks[held].max())))
    return Limit(what, float("nan"), float(by_month[held].mean()), unit, worth)


def limits(view: View) -> list[Limit]:
    """Limits that bind, the dearest first.

    Returns
    -------
    list of Limit
        At most ``LIMITS_TOLD``; empty where nothing binds.
    """
    cost = abs(float(view.summary["cost_cny"]["total"]))
    found = [*flow_limits(view), *level_limits(view), *row_limits(view)]
    told = [limit for limit in found if limit.worth_cny > LEAST_SHARE * max(cost, 1.0)]
    return sorted(told, key=lambda limit: -limit.worth_cny)[:LIMITS_TOLD]
