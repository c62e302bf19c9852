"""Hydropower: river flow of a year, what a run-of-river plant makes of it, and inflow as power.

NaN in an input spreads to the steps that depend on it, through a monthly mean to the whole year.
"""

import math

import numpy as np
from numpy.typing import NDArray

from parksim.kernels._jit import inlined, kernel, vector_kernel
from parksim.kernels.monthly import ar1, between_middays, curve_through, match_by_factor, monthly_mean

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

KW_PER_M3_PER_S_M = 9.81
"""Power of water at 1000 kg m-3 falling at 9.81 m s-2 [kW per m3 s-1 and m]."""

_MONTHS = 12


@inlined
def _power_kw(flow_m3_per_s: float, head_m: float, eff: float) -> float:
    """Power of a flow, equation (1) of `hydro_power_kw` [kW]."""
    return KW_PER_M3_PER_S_M * eff * flow_m3_per_s * head_m


@inlined
def _taken(usable: float, flow_max: float) -> float:
    """Cut a flow at the largest the turbines take; NaN stays NaN."""
    return flow_max if usable > flow_max else usable


@inlined
def _turbined_kw(usable: float, flow_min: float, flow_max: float, head_m: float, eff: float) -> float:
    """Power of a plant without storage, equations (1) and (2) of `run_of_river_kw` [kW]."""
    power = _power_kw(_taken(usable, flow_max), head_m, eff)
    return 0.0 if (usable < flow_min) | (usable <= 0.0) else power


@vector_kernel
def _loads(flow_m3_per_s: Array, ecological_m3_per_s: float, flow_max_m3_per_s: float) -> Array:
    """Turbined flow over the largest one, the smallest aside [1]."""
    out = np.empty(flow_m3_per_s.size)
    for t in range(out.size):
        out[t] = _taken(flow_m3_per_s[t] - ecological_m3_per_s, flow_max_m3_per_s) / flow_max_m3_per_s
    return out


@kernel
def hydro_power_kw(flow_m3_per_s: float, head_m: float, eff: float) -> float:
    """Give the electric power of a flow.

    Parameters
    ----------
    flow_m3_per_s : float
        Flow through the turbines [m3 s-1].
    head_m : float
        Net head [m].
    eff : float
        Efficiency from water to terminals [1].

    Returns
    -------
    float
        Power [kW].

    Notes
    -----
    (1) P = 9.81 eff Q H.
    """
    return _power_kw(flow_m3_per_s, head_m, eff)


@kernel
def water_use_m3_per_kwh(head_m: float, eff: float) -> float:
    """Give the water behind one kilowatt-hour.

    Parameters
    ----------
    head_m : float
        Net head, above 0 [m].
    eff : float
        Efficiency from water to terminals, above 0 [1].

    Returns
    -------
    float
        Water use [m3 kWh-1].

    Notes
    -----
    (1) q = 3600 / (9.81 eff H) = 367 / (eff H).
    """
    return 3600.0 / (KW_PER_M3_PER_S_M * eff * head_m)


@kernel
def inflow_power_mw(flow_m3_per_s: Array, head_m: float, eff: float) -> Array:
    """Express the inflow of a reservoir as electric power at the plant's mean efficiency and head.

    Parameters
    ----------
    flow_m3_per_s : ndarray, shape (time,)
        Inflow [m3 s-1].
    head_m : float
        Mean net head [m].
    eff : float
        Mean efficiency from water to terminals [1].

    Returns
    -------
    ndarray, shape (time,)
        Power the inflow is worth [MW]; a store of it holds MWh, and its outlet needs no further efficiency.
    """
    return KW_PER_M3_PER_S_M * 1e-3 * eff * head_m * flow_m3_per_s


@vector_kernel
def efficiencies_at(load: Array, load_points: Array, eff_points: Array) -> Array:
    """Read an efficiency curve at many loads.

    Parameters
    ----------
    load : ndarray, shape (time,)
        Turbined flow over the largest turbined flow [1].
    load_points, eff_points : ndarray, shape (point,)
        Corners of the curve, loads rising [1].

    Returns
    -------
    ndarray, shape (time,)
        Efficiency, straight between corners and level beyond the outer ones; NaN where the load is [1].

    Notes
    -----
    One pass over all loads for each piece of the curve, without a branch: flows that change from step to step make a
    search for the right piece guess wrong all the time (eight times slower).
    """
    last = load_points.size - 1
    out = np.empty(load.size)
    for t in range(load.size):
        out[t] = load[t] if math.isnan(load[t]) else eff_points[0]
    for i in range(last):
        low, base = load_points[i], eff_points[i]
        slope = (eff_points[i + 1] - base) / (load_points[i + 1] - low)
        for t in range(load.size):
            eff = base + (load[t] - low) * slope
            out[t] = eff if load[t] > low else out[t]
    end, level = load_points[last], eff_points[last]
    for t in range(load.size):
        out[t] = level if load[t] >= end else out[t]
    return out


@kernel
def efficiency_at(load: float, load_points: Array, eff_points: Array) -> float:
    """Read an efficiency curve.

    Parameters
    ----------
    load : float
        Turbined flow over the largest turbined flow [1].
    load_points, eff_points : ndarray, shape (point,)
        Corners of the curve, loads rising [1].

    Returns
    -------
    float
        Efficiency, as `efficiencies_at` [1].
    """
    return float(efficiencies_at(np.full(1, load), load_points, eff_points)[0])


@vector_kernel
def run_of_river_kw(
    flow_m3_per_s: Array,
    ecological_m3_per_s: float,
    flow_min_m3_per_s: float,
    flow_max_m3_per_s: float,
    head_m: float,
    load_points: Array,
    eff_points: Array,
) -> Array:
    """Give the power of a plant without storage.

    Parameters
    ----------
    flow_m3_per_s : ndarray, shape (time,)
        River flow at the intake [m3 s-1].
    ecological_m3_per_s : float
        Flow that passes the plant unused before anything is turbined [m3 s-1].
    flow_min_m3_per_s, flow_max_m3_per_s : float
        Smallest and largest flow the turbines take, the latter above 0; below the smallest they stand, above the
        largest water is spilled [m3 s-1].
    head_m : float
        Net head, taken as constant [m].
    load_points, eff_points : ndarray, shape (point,)
        Efficiency over load, load being turbined flow over ``flow_max_m3_per_s`` [1].

    Returns
    -------
    ndarray, shape (time,)
        Power [kW].

    Raises
    ------
    ValueError
        If the largest flow is not above 0.

    Notes
    -----
    (1) Q = min(flow - ecological, flow_max), and 0 where that is below flow_min;
    (2) P = 9.81 eff(Q / flow_max) Q H.
    Not modelled: head falling with flood levels, outages, ramps.
    """
    if not flow_max_m3_per_s > 0.0:
        msg = "the largest flow must be above 0"
        raise ValueError(msg)
    out = efficiencies_at(_loads(flow_m3_per_s, ecological_m3_per_s, flow_max_m3_per_s), load_points, eff_points)
    for t in range(out.size):
        usable = flow_m3_per_s[t] - ecological_m3_per_s
        out[t] = _turbined_kw(usable, flow_min_m3_per_s, flow_max_m3_per_s, head_m, out[t])
    return out


@vector_kernel
def run_of_river_available(
    flow_m3_per_s: Array,
    ecological_m3_per_s: float,
    flow_min_m3_per_s: float,
    flow_max_m3_per_s: float,
    load_points: Array,
    eff_points: Array,
) -> Array:
    """Give the power of a plant without storage per unit of its power at full flow.

    Parameters
    ----------
    flow_m3_per_s, ecological_m3_per_s, flow_min_m3_per_s, flow_max_m3_per_s, load_points, eff_points
        As for `run_of_river_kw`; the constant head cancels.

    Returns
    -------
    ndarray, shape (time,)
        Availability from 0 to 1 [1].

    Raises
    ------
    ValueError
        If the largest flow, or the efficiency at it, is not above 0.
    """
    full = _power_kw(flow_max_m3_per_s, 1.0, efficiency_at(1.0, load_points, eff_points))
    if not full > 0.0:
        msg = "the largest flow and the efficiency at it must be above 0"
        raise ValueError(msg)
    out = efficiencies_at(_loads(flow_m3_per_s, ecological_m3_per_s, flow_max_m3_per_s), load_points, eff_points)
    for t in range(out.size):
        usable = flow_m3_per_s[t] - ecological_m3_per_s
        power = _turbined_kw(usable, flow_min_m3_per_s, flow_max_m3_per_s, 1.0, out[t])
        # An efficiency that peaks below full load may lift a nearly full plant above its rating.
        out[t] = 1.0 if power > full else power / full
    return out


@kernel
def river_flow(normals_day: Array, lag1: float, std_log: Array, monthly_m3_per_s: Array, month_of_step: Whole) -> Array:
    """Draw the flow of a river with given monthly means.

    Parameters
    ----------
    normals_day : ndarray, shape (day,)
        Independent standard normals [1].
    lag1 : float
        Correlation of neighbouring days of log flow around its season [1].
    std_log : ndarray, shape (12,)
        Standard deviation of daily log flow at the middle of each month, before the monthly means are restored; what
        is slower than a month is lost, a share of about (1 + lag1) / (1 - lag1) / 30 of the variance [1].
    monthly_m3_per_s : ndarray, shape (12,)
        Mean flow of each month, above 0, kept exactly [m3 s-1].
    month_of_step : ndarray of int, shape (time,)
        Calendar month of each step, 0 to 11.

    Returns
    -------
    ndarray, shape (time,)
        Flow, always above 0 [m3 s-1].

    Notes
    -----
    (1) Q = exp(std_log x) * smooth seasonal curve, x an autoregression of days, drawn straight from midday to midday,
    std_log likewise from the middle of a month to the next.
    """
    x = between_middays(ar1(normals_day, lag1), month_of_step.size)
    return match_by_factor(np.exp(curve_through(std_log, month_of_step) * x), month_of_step, monthly_m3_per_s)


@kernel
def usable_share(
    flow_m3_per_s: Array,
    month_of_step: Whole,
    target_available: Array,
    ecological_m3_per_s: float,
    flow_min_m3_per_s: float,
    flow_max_m3_per_s: float,
    load_points: Array,
    eff_points: Array,
) -> Array:
    """Find which share of a river's flow a plant must see to have given monthly availabilities.

    Parameters
    ----------
    flow_m3_per_s : ndarray, shape (time,)
        River flow of a mean year [m3 s-1].
    month_of_step : ndarray of int, shape (time,)
        Calendar month of each step, 0 to 11.
    target_available : ndarray, shape (12,)
        Wanted mean availability of each month, above 0 and below 1 [1].
    ecological_m3_per_s, flow_min_m3_per_s, flow_max_m3_per_s, load_points, eff_points
        As for `run_of_river_kw`.

    Returns
    -------
    ndarray, shape (time,)
        Flow at the intake over river flow [1], a smooth curve over the months; above 1 where reservoirs upstream
        release, below 1 where they fill or water passes unused. NaN where no such curve is found.

    Notes
    -----
    (1) mean over the month of available(share * flow) = target, solved for log share at the middles of the months by
    damped steps log(target / mean), to 1e-9. Steps that cross ``flow_min_m3_per_s`` make the mean jump, and then
    there may be no solution.
    """
    nodes = np.zeros(_MONTHS)
    for _ in range(2000):
        share: Array = np.exp(curve_through(nodes, month_of_step))
        available = run_of_river_available(
            share * flow_m3_per_s, ecological_m3_per_s, flow_min_m3_per_s, flow_max_m3_per_s, load_points, eff_points
        )
        mean = monthly_mean(available, month_of_step)
        if np.max(np.abs(mean - target_available)) < 1e-9:
            return share
        for m in range(_MONTHS):
            # A dry start gives a mean of 0; open the intake until water arrives.
            nodes[m] += 0.8 * math.log(target_available[m] / mean[m]) if mean[m] > 0.0 else 0.5
    return np.full(flow_m3_per_s.size, math.nan)


@kernel
def levelled_for(
    flow_m3_per_s: Array,
    wanted_available: float,
    ecological_m3_per_s: float,
    flow_min_m3_per_s: float,
    flow_max_m3_per_s: float,
    load_points: Array,
    eff_points: Array,
) -> float:
    """Find how far reservoirs must level a flow for a plant to reach a yearly availability.

    Parameters
    ----------
    flow_m3_per_s : ndarray, shape (time,)
        Flow at the intake, not regulated [m3 s-1].
    wanted_available : float
        Wanted mean availability of the year [1].
    ecological_m3_per_s, flow_min_m3_per_s, flow_max_m3_per_s, load_points, eff_points
        As for `run_of_river_kw`.

    Returns
    -------
    float
        Share of levelling s from 0 to 1 [1]; NaN where the wish lies outside what s = 0 and s = 1 give.

    Notes
    -----
    (1) Q' = (1 - s) Q + s mean(Q), found by bisection. The year's water stays; only its timing moves, so more is
    turbined because less is spilled.
    """
    mean = np.mean(flow_m3_per_s)
    low, high = 0.0, 1.0
    for i in range(62):
        # The first two passes look at both ends.
        s = low if i == 0 else high if i == 1 else 0.5 * (low + high)
        got = np.mean(
            run_of_river_available(
                (1.0 - s) * flow_m3_per_s + s * mean,
                ecological_m3_per_s,
                flow_min_m3_per_s,
                flow_max_m3_per_s,
                load_points,
                eff_points,
            )
        )
        if i == 0:
            if not got <= wanted_available:
                return math.nan
        elif i == 1:
            if not got >= wanted_available:
                return math.nan
        elif got < wanted_available:
            low = s
        else:
            high = s
    return 0.5 * (low + high)
