"""Time-series aggregation: a park solved over typical periods, and how far that is from the truth.

    found = ps.aggregate(park, periods=12, hours_per_period=24)

The periods are those of :mod:`parksim.questions.typical`; the full horizon is solved beside them, so that every figure
stands with its error. Whoever sweeps many parks over typical periods asks this once, and :func:`solve_short` each time.
"""

import json
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
import xarray as xr

from parksim.questions.typical import (  # first: Pyomo before Numba, see parksim/lp/__init__.py
    Typical,
    made_alike,
    solve_short,
    typical_periods,
    varying,
)

# isort: split
from parksim.api import optimum
from parksim.component import Array
from parksim.errors import InputError
from parksim.inputs import Inputs
from parksim.messages import nearest
from parksim.park import Park
from parksim.phases import Progress, silent
from parksim.questions.tables import Grouping, Representation
from parksim.questions.varied import figures
from parksim.results import park_toml

SCHEMA = "aggregate-1"

SOLVING = ("expand", "cut", "fold", "solve")
"""Phases that aggregation shortens; reading, the Dataset and the audit take the same time in both forms."""


def aggregate(
    park: Park,
    *,
    periods: int = 12,
    hours_per_period: int = 24,
    method: Grouping = "hierarchical",
    representation: Representation = "medoid",
    seed: int = 1,
    indicators: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Solve a park over typical periods and over its whole horizon, side by side.

    Parameters
    ----------
    park
        From :func:`parksim.load_park`.
    periods
        Number of typical periods.
    hours_per_period
        Their length [h]; what is left of the horizon behind the last whole one stands for itself.
    method
        How periods are grouped: ``hierarchical``, ``contiguous``, ``kmeans`` or ``kmedoids``.
    representation
        ``medoid``: the period in the middle of its class, scaled to the true mean; ``mean``: the mean of the class.
    seed
        Of ``kmeans``.
    indicators
        Figures to compare, by their flat names; None takes all.
    progress
        Called with the name of each phase as it begins.

    Returns
    -------
    Dataset
        Figures of both forms with their errors, errors of the profiles, the typical periods; docs/questions-robust.md
        describes it.

    Raises
    ------
    InputError
        If an argument is wrong, the park cannot be read, or tsam is not installed.
    NoSolution
        If there is no operation, or none that is alike in all periods of a class.
    AuditError
        If an answer fails its own recomputation.
    """
    tell = progress or silent
    tell("group periods")
    typical = typical_periods(
        park,
        periods=periods,
        hours_per_period=hours_per_period,
        method=method,
        representation=representation,
        seed=seed,
    )
    full = optimum(park, progress=tell)
    short = solve_short(park, typical, inputs=full.solved.inputs, progress=tell)
    told = figures(short)
    truth = {name: value for name, value in figures(full.ds).items() if name in told}  # how far plans tie is in one
    names = _chosen(indicators, truth)
    right, found = (np.array([values[name] for name in names]) for values in (truth, told))
    data: dict[str, Any] = {
        "full": ("indicator", right),
        "short": ("indicator", found),
        "error": ("indicator", _relative(found, right), {"units": "1"}),
        **_of_profiles(full.solved.inputs, made_alike(full.solved.program, full.solved.inputs, typical)),
        **_of_periods(park, typical),
    }
    profiles = [f"{component}.{name}" for component, name in varying(full.solved.inputs, steps=park.time.steps)]
    ds = xr.Dataset(data, coords={"indicator": names, "profile": profiles})
    seconds = [_seconds(one) for one in (full.ds, short)]
    rows, columns = full.solved.lp.shape
    ds.attrs |= {
        "schema": SCHEMA,
        "parksim_version": version("parksim"),
        "park": park.park.name,
        "park_toml": park_toml(park),
        "periods": periods,
        "hours_per_period": hours_per_period,
        "method": method,
        "representation": representation,
        "seed": seed,
        "objective_cny": full.ds.attrs["objective_cny"],
        "objective_short_cny": short.attrs["objective_cny"],
        "objective_error": float(_relative(short.attrs["objective_cny"], full.ds.attrs["objective_cny"])),
        "full_rows": rows,
        "full_columns": columns,
        "short_rows": short.attrs["short_rows"],
        "short_columns": short.attrs["short_columns"],
        "full_seconds": seconds[0],
        "short_seconds": seconds[1],
        "speed_up": seconds[0] / seconds[1],
    }
    return ds


def _chosen(indicators: Sequence[str] | None, known: dict[str, float]) -> list[str]:
    """Check which figures are compared."""
    names = list(known) if indicators is None else list(indicators)
    problems = [f"indicators: there is no {name!r}.{nearest(name, [*known])}" for name in names if name not in known]
    if problems:
        raise InputError([*problems, f"There are: {', '.join(known)}."])
    return names


def _relative(found: Any, right: Any) -> Array:
    """Difference over the size of what is right; where that is zero, none or not a number."""
    away = np.asarray(found, np.float64) - np.asarray(right, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = away / np.abs(right)
    return np.where(away == 0.0, 0.0, np.where(np.isfinite(share), share, np.nan))


def _seconds(ds: xr.Dataset) -> float:
    """Seconds of the phases that aggregation shortens."""
    told = json.loads(ds.attrs["solver_info"])["seconds"]
    return float(sum(told.get(phase, 0.0) for phase in SOLVING))


def _of_profiles(true: Inputs, made: Inputs) -> dict[str, Any]:
    """Give how far each profile is from the true one, over its range: by step, in order of size, and in its mean."""
    pairs = [
        (values, np.asarray(made.values[component][name]))
        for (component, name), values in varying(true, steps=true.park.time.steps).items()
    ]
    spans = np.array([np.ptp(values) for values, _ in pairs])
    by_step = np.array([_rms(alike - values) for values, alike in pairs])
    by_size = np.array([_rms(np.sort(alike) - np.sort(values)) for values, alike in pairs])
    means = np.array([alike.mean() - values.mean() for values, alike in pairs])
    found = {"profile_rmse": by_step, "duration_curve_rmse": by_size, "profile_mean_error": means}
    return {name: ("profile", values / spans, {"units": "1"}) for name, values in found.items()}


def _rms(values: Array) -> float:
    return float(np.sqrt(np.mean(np.square(values))))


def _of_periods(park: Park, typical: Typical) -> dict[str, Any]:
    """Give which period stands for which, by the begin of each."""
    classes = typical.classes
    begin = park.time.stamps.to_numpy()[classes.hour == 0]
    return {
        "typical_begin": ("typical", begin[typical.middle]),
        "typical_count": ("typical", np.bincount(classes.of_period)),
        "typical_of_period": ("period", classes.of_period),
        "period_begin": ("period", begin),
    }
