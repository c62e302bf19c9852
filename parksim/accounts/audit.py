"""Audit: recompute the answer from the results, with no code shared with the LP.

Every check gives gap / max(1, largest term); anything above 1e-6 is an error, told by name.
"""

import json

import numpy as np
from numpy.typing import NDArray

from parksim.accounts.reading import Results
from parksim.component import Array
from parksim.errors import AuditError

TOLERANCE = 1e-6


def _relative(gap: Array, scale: Array | float) -> float:
    """Largest gap over max(1, its scale); a NaN counts as infinite."""
    if np.size(gap) == 0:
        return 0.0
    worst = float(np.max(np.abs(gap) / np.maximum(1.0, np.abs(scale))))  # a NaN anywhere is the largest
    return np.inf if np.isnan(worst) else worst


def balances(ds: Results) -> dict[str, float]:
    """Check that what feeds each node equals what draws, in every step."""
    power, feeds = ds.variables["power"].to_numpy(), ds.variables["feeds"].to_numpy()
    at = ds.variables["flow_node"].to_numpy()
    signed = np.where(feeds, 1.0, -1.0)[:, None] * power
    found = {}
    for node in ds.variables["node"].to_numpy():
        joined = signed[at == node]
        found[f"{node}.balance"] = _relative(joined.sum(axis=0), np.abs(joined).max(axis=0, initial=0.0))
    return found


def bounds(ds: Results) -> dict[str, float]:
    """Powers and contents lie within their limits; powers are not negative."""
    found = {}
    for name, low, high, labels in (
        ("power", "lower", "upper", "flow"),
        ("content", "content_lower", "content_upper", "level"),
    ):
        value, least, most = (ds.variables[v].to_numpy() for v in (name, low, high))
        for row, label in enumerate(ds.variables[labels].to_numpy()):
            outside = np.maximum(np.maximum(least[row] - value[row], value[row] - most[row]), 0.0)
            outside = np.maximum(outside, -value[row] if name == "power" else 0.0)
            finite = np.where(np.isfinite(most[row]), most[row], value[row])
            found[f"{label}.bounds"] = _relative(outside, np.maximum(np.abs(finite), np.abs(value[row])))
    return found


def totals(ds: Results) -> dict[str, float]:
    """Energy per month or year equals the sum of its flow."""
    power, step_h = ds.variables["power"].to_numpy(), float(ds.attrs["step_h"])
    flows = {str(label): power[row] for row, label in enumerate(ds.variables["flow"].to_numpy())}
    month, year = ds.variables["month_of_step"].to_numpy(), _years(ds)
    found = {}
    for row, label in enumerate(ds.variables["total"].to_numpy()):
        flow, _, over = str(label).rpartition("_per_")
        if flow not in flows:
            continue
        groups = month if over == "month" else year
        sums = np.bincount(groups, weights=flows[flow]).astype(np.float64) * step_h
        stated = ds.variables["total_value"].to_numpy()[row]
        stated = stated[np.isfinite(stated)]
        found[f"{label}.sum"] = _relative(stated - sums, sums) if len(stated) == len(sums) else np.inf
    return found


def _years(ds: Results) -> NDArray[np.int64]:
    """Position of each step's calendar year within the horizon, counted from the stamps, shape (time,)."""
    year = ds.variables["time"].to_numpy().astype("datetime64[Y]").astype(np.int64)
    return np.asarray(year - year[0], np.int64)


def ledgers(ds: Results) -> dict[str, float]:
    """Each term restated by its component; all cost terms together are the objective; every term is restated."""
    restated = dict(zip(ds.variables["restated"].to_numpy(), ds.variables["restated_value"].to_numpy(), strict=True))
    found = {}
    cost = ds.variables["cost"].to_numpy().sum(axis=1)
    for dim, sums in (("term", cost), ("source", ds.variables["co2"].to_numpy().sum(axis=1))):
        for label, value in zip(ds.variables[dim].to_numpy(), sums, strict=True):
            found[f"{label}.ledger"] = _relative(np.array(value - restated.get(label, np.nan)), float(value))
    objective = float(ds.attrs["objective_cny"])
    found["objective"] = _relative(np.array(cost.sum() - objective), objective)
    return found


def park_limits(ds: Results) -> dict[str, float]:
    """Limits of the whole park hold, year by year and step by step, restated from powers and the CO2 ledger."""
    limits: dict[str, float] = json.loads(ds.attrs.get("limits", "{}"))
    if not limits:
        return {}
    year = _years(ds)
    power, role = ds.variables["power"].to_numpy() * float(ds.attrs["step_h"]), ds.variables["role"].to_numpy()
    electric = ds.variables["carrier"].to_numpy() == "electricity"

    def per_year(values: Array) -> Array:
        return np.asarray(np.bincount(year, weights=values), np.float64)

    bought = power[role == "import"].sum(axis=0)
    found = {}
    for name, limit in limits.items():
        if name == "co2_max_t":
            used, most = per_year(ds.variables["co2"].to_numpy().sum(axis=0)), np.array(limit)
        elif name == "import_peak_max_mw":
            used, most = bought / float(ds.attrs["step_h"]), np.array(limit)
        else:
            used, most = per_year(bought), np.array(limit)
        if name == "green_share_min":
            drawn, missing = (power[(role == which) & electric].sum(axis=0) for which in ("demand", "unserved"))
            most = (1.0 - limit) * per_year(drawn - missing)
            used = used + np.where(np.arange(len(used)) == 0, _held_before(ds), 0.0)
        found[f"limits.{name}"] = _relative(np.maximum(used - most, 0.0), np.maximum(np.abs(used), np.abs(most)))
    return found


def _held_before(ds: Results) -> float:
    """Sum up what charged stores hold before the first step, where a start is given [MWh]."""
    stores = ds.variables["component"].to_numpy()[ds.variables["role"].to_numpy() == "discharge"]
    given = np.isin(ds.variables["level_component"].to_numpy(), stores) & ~ds.variables["content_cyclic"].to_numpy()
    return float(ds.variables["content_start"].to_numpy()[given].sum())


def recompute(ds: Results) -> dict[str, float]:
    """Run every check.

    Returns
    -------
    dict
        Check to relative gap, the largest first.
    """
    own = dict(
        zip(
            map(str, ds.variables["residual"].to_numpy()),
            ds.variables["residual_value"].to_numpy().tolist(),
            strict=True,
        )
    )
    found = {**balances(ds), **bounds(ds), **totals(ds), **ledgers(ds), **park_limits(ds), **own}
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def audit(ds: Results) -> dict[str, float]:
    """Recompute everything and refuse an answer that does not hold.

    Returns
    -------
    dict
        Check to relative gap, the largest first.

    Raises
    ------
    AuditError
        If a gap is above 1e-6 or not a number.
    """
    found = recompute(ds)
    failed = {name: gap for name, gap in found.items() if not gap <= TOLERANCE}
    if failed:
        raise AuditError(failed)
    return found
