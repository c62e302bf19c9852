"""Series that keep given monthly means: autoregressive noise, and smooth curves that repair the mean of each month.

All series cover whole days of one calendar year in equal steps; ``month_of_step`` runs from 0 to 11. NaN in an input
spreads to the months that depend on it, through the smooth curve to all of them.
"""

import math

import numpy as np
from numpy.typing import NDArray

from parksim.kernels._jit import kernel

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

_MONTHS = 12
_PASSES = 200
_CLOSE = 1e-13


@kernel
def ar1(normals: Array, lag1: float) -> Array:
    """Turn independent normals into a stationary first-order autoregression.

    Parameters
    ----------
    normals : ndarray, shape (time,)
        Independent standard normals [1].
    lag1 : float
        Correlation of neighbours, -1 < lag1 < 1 [1].

    Returns
    -------
    ndarray, shape (time,)
        Standard normals with correlation ``lag1 ** k`` at lag ``k`` [1].

    Notes
    -----
    (1) x[0] = z[0];  x[t] = lag1 x[t-1] + sqrt(1 - lag1^2) z[t], so the variance stays 1.
    """
    out = np.empty_like(normals)
    spread = math.sqrt(1.0 - lag1 * lag1)
    state = 0.0
    for t in range(normals.size):
        state = normals[t] if t == 0 else lag1 * state + spread * normals[t]
        out[t] = state
    return out


@kernel
def between_middays(daily: Array, steps: int) -> Array:
    """Draw straight lines from midday to midday, level before the first and after the last.

    Parameters
    ----------
    daily : ndarray, shape (day,)
        Value at the middle of each day [any unit].
    steps : int
        Number of steps, a multiple of the days.

    Returns
    -------
    ndarray, shape (time,)
        Value at the middle of each step [unit of ``daily``].
    """
    per_day = steps // daily.size
    out = np.empty(steps)
    for t in range(steps):
        place = min(max((t + 0.5) / per_day - 0.5, 0.0), daily.size - 1.0)
        d = int(place)
        after = daily[min(d + 1, daily.size - 1)]
        out[t] = daily[d] + (after - daily[d]) * (place - d)
    return out


@kernel
def monthly_mean(values: Array, month_of_step: Whole) -> Array:
    """Average a series over each calendar month.

    Parameters
    ----------
    values : ndarray, shape (time,)
        Any series [any unit].
    month_of_step : ndarray of int, shape (time,)
        Calendar month of each step, 0 to 11.

    Returns
    -------
    ndarray, shape (12,)
        Mean of each month [unit of ``values``]; NaN for a month without steps.
    """
    total, count = np.zeros(_MONTHS), np.zeros(_MONTHS)
    for t in range(values.size):
        total[month_of_step[t]] += values[t]
        count[month_of_step[t]] += 1.0
    for m in range(_MONTHS):
        total[m] = total[m] / count[m] if count[m] > 0.0 else math.nan
    return total


@kernel
def curve_through(nodes: Array, month_of_step: Whole) -> Array:
    """Draw straight lines between the middles of the months, December joined to January.

    Parameters
    ----------
    nodes : ndarray, shape (12,)
        Value at the middle of each month [any unit].
    month_of_step : ndarray of int, shape (time,)
        Calendar month of each step, 0 to 11, rising through one whole year; no month may be missing.

    Returns
    -------
    ndarray, shape (time,)
        Value at the middle of each step [unit of ``nodes``].
    """
    steps = month_of_step.size
    first, after = np.full(_MONTHS, steps), np.zeros(_MONTHS, dtype=np.int64)
    for t in range(steps):
        m = month_of_step[t]
        first[m] = min(first[m], t)
        after[m] = max(after[m], t + 1)
    out = np.empty(steps)
    for t in range(steps):
        m = month_of_step[t]
        past_middle = t + 0.5 - 0.5 * (first[m] + after[m])
        n = (m + 1) % _MONTHS if past_middle >= 0.0 else (m - 1) % _MONTHS
        # Middles lie half of this month and half of the neighbour apart.
        apart = 0.5 * (after[m] - first[m]) + 0.5 * (after[n] - first[n])
        out[t] = nodes[m] + (nodes[n] - nodes[m]) * abs(past_middle) / apart
    return out


@kernel
def match_by_shift(values: Array, month_of_step: Whole, target: Array) -> Array:
    """Add a smooth curve so that every month has the mean that is asked for.

    Parameters
    ----------
    values : ndarray, shape (time,)
        Series over one whole year [any unit].
    month_of_step : ndarray of int, shape (time,)
        Calendar month of each step, 0 to 11.
    target : ndarray, shape (12,)
        Wanted monthly means [unit of ``values``].

    Returns
    -------
    ndarray, shape (time,)
        The series plus a continuous curve, without steps at the turn of a month [unit of ``values``].

    Notes
    -----
    (1) out[t] = values[t] + curve(nodes)[t], repeated with nodes += target - mean(out). A month's mean takes about
    3/4 from its own node and 1/8 from each neighbour, so the error at least halves in each pass.
    """
    nodes = np.zeros(_MONTHS)
    out = values.copy()
    for _ in range(_PASSES):
        gap = target - monthly_mean(out, month_of_step)
        nodes += gap
        out = values + curve_through(nodes, month_of_step)
        if np.max(np.abs(gap)) <= _CLOSE * (1.0 + np.max(np.abs(target))):
            break
    return out


@kernel
def match_by_factor(values: Array, month_of_step: Whole, target: Array) -> Array:
    """Multiply by a smooth positive curve so that every month has the mean that is asked for.

    Parameters
    ----------
    values : ndarray, shape (time,)
        Series over one whole year, nowhere negative, with a mean above 0 in every month [any unit].
    month_of_step : ndarray of int, shape (time,)
        Calendar month of each step, 0 to 11.
    target : ndarray, shape (12,)
        Wanted monthly means, above 0 [unit of ``values``].

    Returns
    -------
    ndarray, shape (time,)
        The series times a continuous curve [unit of ``values``]; NaN where a mean or target is not above 0.

    Notes
    -----
    (1) out[t] = values[t] exp(curve(nodes)[t]), repeated with nodes += log(target / mean(out)).
    """
    nodes = np.zeros(_MONTHS)
    out = values.copy()
    for _ in range(_PASSES):
        gap = np.empty(_MONTHS)
        mean = monthly_mean(out, month_of_step)
        for m in range(_MONTHS):
            gap[m] = math.log(target[m] / mean[m]) if mean[m] > 0.0 and target[m] > 0.0 else math.nan
        nodes += gap
        out = values * np.exp(curve_through(nodes, month_of_step))
        if np.max(np.abs(gap)) <= _CLOSE:
            break
    return out
