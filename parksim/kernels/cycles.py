"""Storage cycles: rainflow counting, equivalent full cycles, depth of cycles.

The level of a store is given at the ends of its steps. For a whole year with a cyclic store put the level before the
first step (the last level) in front, so that the first step is counted too.
"""

from typing import NamedTuple

import numpy as np

from parksim.kernels._jit import kernel


class Cycles(NamedTuple):
    """Cycles in the order in which they close.

    Attributes
    ----------
    spans : ndarray, shape (cycle,)
        Range of the cycle, highest minus lowest value [unit of the series].
    means : ndarray, shape (cycle,)
        Mean of highest and lowest value [unit of the series].
    counts : ndarray, shape (cycle,)
        1.0 for a full and 0.5 for a half cycle [1].
    starts, ends : ndarray of int64, shape (cycle,)
        Positions of the two reversals in the series [1].
    """

    spans: np.ndarray
    means: np.ndarray
    counts: np.ndarray
    starts: np.ndarray
    ends: np.ndarray


@kernel
def reversals(series: np.ndarray) -> np.ndarray:
    """Find the turning points of a series.

    Parameters
    ----------
    series : ndarray, shape (time,)
        Any quantity, for example a level [MWh].

    Returns
    -------
    ndarray of int64, shape (reversal,)
        Positions of the first value, of every value where the slope changes its sign (the last one of a plateau), and
        of the last value [1].

    Raises
    ------
    ValueError
        If a value is NaN.

    Notes
    -----
    A series of fewer than two values has no reversals.
    """
    size = series.size
    found = np.empty(size, np.int64)
    for i in range(size):
        if np.isnan(series[i]):
            raise ValueError("series: NaN, give a value for every step")  # noqa: EM101 (Numba wants a constant)
    if size < 2:
        return found[:0]
    found[0] = 0
    n = 1
    slope = np.sign(series[1] - series[0])
    for i in range(2, size):
        step = np.sign(series[i] - series[i - 1])
        if step == 0.0:
            continue
        if slope * step < 0.0:
            found[n] = i - 1
            n += 1
        slope = step
    found[n] = size - 1
    return found[: n + 1]


@kernel
def rainflow(series: np.ndarray) -> Cycles:
    """Count cycles by the rainflow method of ASTM E1049-85, section 5.4.4.

    Parameters
    ----------
    series : ndarray, shape (time,)
        Any quantity, for example a level [MWh].

    Returns
    -------
    Cycles
        Range, mean, count and the two positions of every cycle, in the order in which they close.

    Raises
    ------
    ValueError
        If a value is NaN.

    Notes
    -----
    With the last three reversals x1, x2, x3 that are still open::

        X = |x3 - x2|,  Y = |x2 - x1|                                  (1)

    * X < Y: read the next reversal;
    * otherwise, if Y holds the first open reversal: count Y as half a cycle and drop that reversal;
    * otherwise: count Y as one cycle and drop both its reversals.

    What stays open at the end counts as half cycles. The counted ranges keep the travel of the series::

        sum over cycles of 2 * count * span = sum over t of |x[t] - x[t-1]|   (2)

    A constant series gives one half cycle of range 0. A series of two values gives one half cycle.

    References
    ----------
    .. [1] ASTM E1049-85, Standard practices for cycle counting in fatigue analysis, section 5.4.4.
    .. [2] S. D. Downing, D. F. Socie, Simple rainflow counting algorithms, International Journal of Fatigue 4(1), 1982,
       31-40. https://doi.org/10.1016/0142-1123(82)90018-4
    """
    turns = reversals(series)
    size = turns.size
    spans, means, counts = np.empty(size), np.empty(size), np.empty(size)
    starts, ends = np.empty(size, np.int64), np.empty(size, np.int64)
    points = np.empty(size, np.int64)
    n = 0
    first = 0  # the open reversals are points[first:after]
    after = 0
    for k in range(size):
        points[after] = turns[k]
        after += 1
        while after - first >= 3:
            x1, x2, x3 = series[points[after - 3]], series[points[after - 2]], series[points[after - 1]]
            if abs(x3 - x2) < abs(x2 - x1):
                break
            spans[n], means[n] = abs(x1 - x2), 0.5 * (x1 + x2)
            starts[n], ends[n] = points[after - 3], points[after - 2]
            if after - first == 3:
                counts[n] = 0.5
                first += 1
            else:
                counts[n] = 1.0
                points[after - 3] = points[after - 1]
                after -= 2
            n += 1
    for k in range(first, after - 1):
        x1, x2 = series[points[k]], series[points[k + 1]]
        spans[n], means[n], counts[n] = abs(x1 - x2), 0.5 * (x1 + x2), 0.5
        starts[n], ends[n] = points[k], points[k + 1]
        n += 1
    return Cycles(spans[:n], means[:n], counts[:n], starts[:n], ends[:n])


@kernel
def full_cycles(level_mwh: np.ndarray, energy_usable_mwh: float) -> float:
    """Equivalent full cycles of a store.

    Parameters
    ----------
    level_mwh : ndarray, shape (time,)
        Level, with the level before the first step in front [MWh].
    energy_usable_mwh : float
        Usable capacity, highest minus lowest allowed level [MWh].

    Returns
    -------
    float
        Full cycles [1]; 0 without capacity; NaN if a level is NaN.

    Notes
    -----
    A full cycle travels the usable capacity twice, up and down::

        n = sum over t of |level[t] - level[t-1]| / (2 * usable)       (1)

    By (2) of `rainflow` this equals the sum of count times depth over all counted cycles.
    """
    if energy_usable_mwh <= 0.0:
        return 0.0
    travel = 0.0
    for i in range(1, level_mwh.size):
        travel += abs(level_mwh[i] - level_mwh[i - 1])
    return travel / (2.0 * energy_usable_mwh)


@kernel
def mean_depth(
    spans_mwh: np.ndarray, counts: np.ndarray, energy_usable_mwh: float, depth_min_fraction: float = 1e-6
) -> float:
    """Mean depth of the counted cycles.

    Parameters
    ----------
    spans_mwh, counts : ndarray, shape (cycle,)
        Ranges [MWh] and counts [1] of `rainflow`.
    energy_usable_mwh : float
        Usable capacity [MWh].
    depth_min_fraction : float
        Shallower cycles are left out: a solved level carries rounding of the solver, which would count as thousands of
        cycles of no depth [1].

    Returns
    -------
    float
        Depth as a share of the usable capacity [1]; 0 if nothing was counted or without capacity.

    Notes
    -----
    Over the cycles with depth = span / usable >= depth_min::

        mean depth = sum(count * depth) / sum(count)                   (1)
    """
    if energy_usable_mwh <= 0.0:
        return 0.0
    depth_sum = 0.0
    count_sum = 0.0
    for i in range(spans_mwh.size):
        depth = spans_mwh[i] / energy_usable_mwh
        if depth < depth_min_fraction:
            continue
        depth_sum += counts[i] * depth
        count_sum += counts[i]
    if count_sum == 0.0:
        return 0.0
    return depth_sum / count_sum


@kernel
def depth_histogram(
    spans_mwh: np.ndarray, counts: np.ndarray, energy_usable_mwh: float, edges_fraction: np.ndarray
) -> np.ndarray:
    """Count cycles by their depth.

    Parameters
    ----------
    spans_mwh, counts : ndarray, shape (cycle,)
        Ranges [MWh] and counts [1] of `rainflow`.
    energy_usable_mwh : float
        Usable capacity [MWh].
    edges_fraction : ndarray, shape (bin + 1,)
        Edges of the bins, rising, as shares of the usable capacity [1].

    Returns
    -------
    ndarray, shape (bin,)
        Cycles with ``edge[i] <= depth < edge[i + 1]`` [1]. Cycles below the first edge are left out; those at or above
        the last edge (a depth of 1, or a hair more by rounding) are put into the last bin. Zeros without capacity.

    Raises
    ------
    ValueError
        If there are fewer than two edges or they do not rise.

    Notes
    -----
    A first edge slightly above 0 keeps the rounding of a solver out, as in `mean_depth`.
    """
    bins = edges_fraction.size - 1
    if bins < 1:
        raise ValueError("edges_fraction: give at least two edges")  # noqa: EM101 (Numba wants a constant)
    for b in range(bins):
        if not edges_fraction[b] < edges_fraction[b + 1]:
            raise ValueError("edges_fraction: the edges must rise")  # noqa: EM101
    found = np.zeros(bins)
    if energy_usable_mwh <= 0.0:
        return found
    for i in range(spans_mwh.size):
        at = np.searchsorted(edges_fraction, spans_mwh[i] / energy_usable_mwh, side="right") - 1
        if at >= 0:
            found[min(at, bins - 1)] += counts[i]
    return found
