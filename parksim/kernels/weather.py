"""Hours of irradiance with the scatter of real weather: global and diffuse on the horizontal.

Smooth days become hours with autoregressive fluctuations, renormalised to the day; diffuse comes from a daily
correlation bent to the monthly share. Normals come in as arrays, so a kernel is a pure function; draws belong to the
caller. NaN in an input spreads to the day, or through a monthly share to the month.
"""

import math

import numpy as np
from numpy.typing import NDArray

from parksim.kernels._jit import kernel

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

CLEARNESS_HOUR_MAX = 0.9
"""Largest hourly clearness index under a high sun [1]; an engineering limit for dry air at great height."""

HAURWITZ = 0.059
"""Fading of the clear sky towards the horizon [1], as in `pvlib.clearsky.haurwitz`."""

FLOOR_OF_MEAN = 0.1
"""Darkest hour of a day over what the day shape alone would give [1]; an engineering limit."""

_MONTHS = 12


@kernel
def _clip(x: float, low: float, high: float) -> float:
    """Limit ``x``; NaN stays NaN, unlike with min and max."""
    if x < low:
        return low
    return high if x > high else x


@kernel
def share_out(weights: Array, caps: Array, total: float) -> Array:
    """Split ``total`` in proportion to ``weights``, no part above its cap.

    Parameters
    ----------
    weights, caps : ndarray, shape (part,)
        Not negative, same unit.
    total : float
        What to split [same unit].

    Returns
    -------
    ndarray, shape (part,)
        min(c weights, caps) with the one c >= 0 whose sum is ``total``; the caps themselves where ``total`` exceeds
        their sum. NaN in, NaN out.

    Notes
    -----
    Parts at their cap only grow in number while c rises, so the loop ends after at most one pass per part.
    """
    full = np.zeros(weights.size, dtype=np.bool_)
    factor = 0.0
    for _ in range(weights.size + 1):
        rest, free = total, 0.0
        for h in range(weights.size):
            if full[h]:
                rest -= caps[h]
            else:
                free += weights[h]
        if free <= 0.0:
            break
        factor = rest / free
        changed = False
        for h in range(weights.size):
            if not full[h] and factor * weights[h] > caps[h]:
                full[h], changed = True, True
        if not changed:
            break
    out = np.empty(weights.size)
    for h in range(weights.size):
        out[h] = caps[h] if full[h] else factor * weights[h]
    return out


@kernel
def global_hours(
    smooth_w_per_m2: Array,
    clearness_day: Array,
    normals: Array,
    outside_w_per_m2: Array,
    sin_elevation: Array,
    clearness_hour_max: float,
) -> Array:
    """Add fluctuations to smooth hours of global irradiance, and keep every day's irradiation.

    Parameters
    ----------
    smooth_w_per_m2 : ndarray, shape (time,)
        Global irradiance as the average day shape gives it, the same number of steps each day [W m-2].
    clearness_day : ndarray, shape (day,)
        Daily clearness index, well below ``clearness_hour_max`` [1].
    normals : ndarray, shape (time,)
        Independent standard normals [1].
    outside_w_per_m2 : ndarray, shape (time,)
        Extraterrestrial irradiance on the horizontal, mean over the step [W m-2].
    sin_elevation : ndarray, shape (time,)
        Sine of the sun's elevation, mean over the step, at least 0 [1].
    clearness_hour_max : float
        Largest clearness index of an hour under a sun at the zenith, at most `CLEARNESS_HOUR_MAX` [1].

    Returns
    -------
    ndarray, shape (time,)
        Global irradiance on the horizontal [W m-2]; a day too bright for the ceiling of (4) stays below its sum.

    Notes
    -----
    (1) k = k_smooth + sigma y, held between `FLOOR_OF_MEAN` k_smooth and k_max, k being irradiance over the
    extraterrestrial one;
    (2) y an autoregression over daylight hours with lag1 = 0.38 + 0.06 cos(7.4 K - 2.5), K the day's clearness;
    (3) sigma = A exp(B (1 - sin h)), A = 0.14 exp(-20 (K - 0.35)^2), B = 3 (K - 0.45)^2 + 16 K^5, from [1]_, which
    was fitted to hourly data; at other step lengths the spread is too small or too large.
    (4) k_max = clearness_hour_max exp(-0.059 (1 / sin h - 1)), the clear sky of [2]_ scaled to the site;
    (5) the hours are scaled together so that the day keeps its irradiation, none above k_max.

    References
    ----------
    .. [1] R. Aguiar, M. Collares-Pereira, TAG: a time-dependent, autoregressive, Gaussian model for generating
       synthetic hourly radiation, Solar Energy 49 (1992) 167-174, DOI 10.1016/0038-092X(92)90068-L.
    .. [2] B. Haurwitz, Insolation in relation to cloudiness and cloud density, Journal of Meteorology 2 (1945) 154-166.
    """
    per_day = normals.size // clearness_day.size
    out = np.zeros(normals.size)
    y = 0.0
    for d in range(clearness_day.size):
        k_day = clearness_day[d]
        hours = slice(d * per_day, (d + 1) * per_day)
        smooth, outside = smooth_w_per_m2[hours], outside_w_per_m2[hours]
        lag1 = 0.38 + 0.06 * math.cos(7.4 * k_day - 2.5)
        spread = 0.14 * math.exp(-20.0 * (k_day - 0.35) ** 2)
        bend = 3.0 * (k_day - 0.45) ** 2 + 16.0 * k_day**5
        wanted, ceiling = np.zeros(per_day), np.zeros(per_day)
        for h in range(per_day):
            t = d * per_day + h
            if outside[h] > 0.0:
                k_max = clearness_hour_max * math.exp(-HAURWITZ * (1.0 / sin_elevation[t] - 1.0))
                y = lag1 * y + math.sqrt(1.0 - lag1 * lag1) * normals[t]
                k_smooth = smooth[h] / outside[h]
                k = k_smooth + spread * math.exp(bend * (1.0 - sin_elevation[t])) * y
                wanted[h] = _clip(_clip(k, FLOOR_OF_MEAN * k_smooth, math.inf), 0.0, k_max) * outside[h]
                ceiling[h] = k_max * outside[h]
        out[hours] = share_out(wanted, ceiling, np.sum(smooth))
        if math.isnan(y):
            y = 0.0
    return out


@kernel
def diffuse_share_of_day(clearness_day: Array) -> Array:
    """Give the diffuse part of daily irradiation from daily clearness.

    Parameters
    ----------
    clearness_day : ndarray, shape (day,)
        Daily clearness index, 0 to 0.8 [1].

    Returns
    -------
    ndarray, shape (day,)
        Diffuse over global irradiation of the day [1].

    Notes
    -----
    (1) 0.99 for K <= 0.17; 1.188 - 2.272 K + 9.473 K^2 - 21.865 K^3 + 14.648 K^4 up to 0.75; 0.632 - 0.54 K up to
    0.80; 0.2 above.

    References
    ----------
    .. [1] M. Collares-Pereira, A. Rabl, The average distribution of solar radiation, Solar Energy 22 (1979) 155-164,
       DOI 10.1016/0038-092X(79)90100-2.
    """
    out = np.empty(clearness_day.size)
    for d in range(out.size):
        k = clearness_day[d]
        if k <= 0.17:
            out[d] = 0.99
        elif k <= 0.75:
            out[d] = 1.188 + k * (-2.272 + k * (9.473 + k * (-21.865 + k * 14.648)))
        elif k <= 0.80:
            out[d] = 0.632 - 0.54 * k
        else:
            out[d] = math.nan if math.isnan(k) else 0.2
    return out


@kernel
def _share_at(part: Array, weight: Array, month_of_day: Whole, month: int, power: float) -> float:
    """Give the weighted mean of ``part ** power`` over a month; NaN where nothing weighs."""
    above, below = 0.0, 0.0
    for d in range(part.size):
        if month_of_day[d] == month:
            above += part[d] ** power * weight[d]
            below += weight[d]
    return above / below if below > 0.0 else math.nan


@kernel
def bend_to_share(part: Array, weight: Array, month_of_day: Whole, share: Array) -> Array:
    """Raise fractions to a power of each month so that their weighted mean is the wanted share.

    Parameters
    ----------
    part : ndarray, shape (day,)
        Fractions between 0 and 1, bounds excluded [1].
    weight : ndarray, shape (day,)
        Irradiation of each day [any unit].
    month_of_day : ndarray of int, shape (day,)
        Calendar month of each day, 0 to 11.
    share : ndarray, shape (12,)
        Wanted sum(part * weight) / sum(weight) of each month [1].

    Returns
    -------
    ndarray, shape (day,)
        part ** g, still between 0 and 1 and in the same order [1]; NaN for a month without irradiation, or whose
        share no power g from 1/64 to 64 reaches.

    Notes
    -----
    (1) The weighted mean of part ** g falls from 1 to 0 as g rises from 0, so one g solves it; found by bisection
    on log g.
    """
    out = np.full(part.size, math.nan)
    for m in range(_MONTHS):
        low, high = math.log(1.0 / 64.0), math.log(64.0)
        most = _share_at(part, weight, month_of_day, m, math.exp(low))
        least = _share_at(part, weight, month_of_day, m, math.exp(high))
        if not least <= share[m] <= most:
            continue
        for _ in range(60):
            middle = 0.5 * (low + high)
            if _share_at(part, weight, month_of_day, m, math.exp(middle)) > share[m]:
                low = middle
            else:
                high = middle
        for d in range(part.size):
            if month_of_day[d] == m:
                out[d] = part[d] ** math.exp(0.5 * (low + high))
    return out


@kernel
def diffuse_hours(
    diffuse_share_day: Array,
    global_w_per_m2: Array,
    outside_w_per_m2: Array,
    zenith_deg: Array,
    zenith_max_deg: float,
) -> Array:
    """Spread each day's diffuse irradiation over its hours, never above the global one.

    Parameters
    ----------
    diffuse_share_day : ndarray, shape (day,)
        Diffuse over global irradiation of the day, 0 to 1 [1].
    global_w_per_m2, outside_w_per_m2 : ndarray, shape (time,)
        Global and extraterrestrial irradiance on the horizontal [W m-2].
    zenith_deg : ndarray, shape (time,)
        The sun's angle from the vertical at mid-step [deg].
    zenith_max_deg : float
        From here on all irradiance is diffuse [deg].

    Returns
    -------
    ndarray, shape (time,)
        Diffuse irradiance on the horizontal [W m-2].

    Notes
    -----
    (1) D[h] = min(G[h], c H0[h]), c of each day such that its diffuse irradiation is met; D[h] = G[h] under a low
    sun. Proportional to H0 is the hourly diffuse shape of [1]_; the minimum makes dark hours wholly diffuse and
    leaves the beam to bright ones.

    References
    ----------
    .. [1] B. Y. H. Liu, R. C. Jordan, The interrelationship and characteristic distribution of direct, diffuse and
       total solar radiation, Solar Energy 4 (1960) 1-19, DOI 10.1016/0038-092X(60)90062-1.
    """
    per_day = global_w_per_m2.size // diffuse_share_day.size
    out = np.empty(global_w_per_m2.size)
    for d in range(diffuse_share_day.size):
        hours = slice(d * per_day, (d + 1) * per_day)
        weights, caps = outside_w_per_m2[hours].copy(), global_w_per_m2[hours].copy()
        rest, whole = diffuse_share_day[d] * np.sum(caps), np.zeros(per_day)
        for h in range(per_day):
            if zenith_deg[d * per_day + h] >= zenith_max_deg:
                rest -= caps[h]
                whole[h], weights[h], caps[h] = caps[h], 0.0, 0.0
        out[hours] = whole + share_out(weights, caps, _clip(rest, 0.0, math.inf))
    return out
