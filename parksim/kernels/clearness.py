"""Daily clearness of a year: a bounded (beta) distribution behind ranks, fitted to monthly mean and spread.

NaN in an input spreads to the month that depends on it.
"""

import math

import numpy as np
from numpy.typing import NDArray

from parksim.kernels._jit import kernel

Array = NDArray[np.float64]
Whole = NDArray[np.int64]


@kernel
def beta_share(x: float, a: float, b: float) -> float:
    """Give the share of a beta distribution below ``x``, the regularised incomplete beta function.

    Parameters
    ----------
    x : float
        Place on the interval from 0 to 1 [1].
    a, b : float
        Shape parameters, above 0 [1].

    Returns
    -------
    float
        I_x(a, b) [1]; 0 below the interval, 1 above it.

    Notes
    -----
    (1) I_x(a, b) = x^a (1-x)^b / (a B(a, b)) / (1 + d1/(1 + d2/(1 + ...))), evaluated by the modified Lentz method;
    (2) I_x(a, b) = 1 - I_{1-x}(b, a) where x > (a+1)/(a+b+2), for fast convergence.

    References
    ----------
    .. [1] NIST Digital Library of Mathematical Functions, section 8.17(v), equations 8.17.22 and 8.17.23.
    """
    if x <= 0.0:
        return 0.0
    if x >= 1.0:
        return 1.0
    swap = x > (a + 1.0) / (a + b + 2.0)
    if swap:
        x, a, b = 1.0 - x, b, a
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x) - math.log(a)
    )
    tiny = 1e-300
    value, c, d = 1.0, 1.0, 0.0
    for i in range(400):
        m = i // 2
        if i == 0:
            step = 1.0
        elif i % 2 == 0:
            step = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        else:
            step = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        d = 1.0 + step * d
        d = 1.0 / (d if abs(d) > tiny else tiny)
        c = 1.0 + step / c
        c = c if abs(c) > tiny else tiny
        value *= c * d
        if abs(c * d - 1.0) < 1e-15:
            break
    # The first factor above belongs to the leading 1 of the fraction.
    share = front * (value - 1.0)
    return 1.0 - share if swap else share


@kernel
def beta_quantile(share: float, a: float, b: float) -> float:
    """Give the place below which ``share`` of a beta distribution lies.

    Parameters
    ----------
    share : float
        Probability from 0 to 1 [1].
    a, b : float
        Shape parameters, above 0 [1].

    Returns
    -------
    float
        Quantile on the interval from 0 to 1 [1], by bisection to 2^-60.
    """
    if math.isnan(share) or math.isnan(a) or math.isnan(b):
        return math.nan
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        if beta_share(middle, a, b) < share:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


@kernel
def probabilities_by_rank(scores: Array, month_of_day: Whole) -> Array:
    """Give each day the probability of its rank within its month.

    Parameters
    ----------
    scores : ndarray, shape (day,)
        Autoregressive normals [1].
    month_of_day : ndarray of int, shape (day,)
        Calendar month of each day, 0 to 11, rising.

    Returns
    -------
    ndarray, shape (day,)
        (rank - 1/2) / days of the month, in (0, 1) [1]; NaN scores rank first.

    Notes
    -----
    Ranks make every month hold its whole distribution once, as in [1]_: one year then stands for the long run, and
    the values cannot differ between machines while the order of the days does not.

    References
    ----------
    .. [1] K. M. Knight, S. A. Klein, J. A. Duffie, A methodology for the synthesis of hourly weather data, Solar
       Energy 46 (1991) 109-120.
    """
    out = np.empty(scores.size)
    for i in range(scores.size):
        below, days = 0, 0
        for j in range(scores.size):
            if month_of_day[j] == month_of_day[i]:
                days += 1
                below += scores[j] < scores[i] or (scores[j] == scores[i] and j < i)
        out[i] = (below + 0.5) / days
    return out


@kernel
def clearness_of_month(
    probability: Array,
    outside_kwh_per_m2: Array,
    mean_kwh_per_m2: float,
    std_kwh_per_m2: float,
    low: float,
    high: float,
) -> Array:
    """Map probabilities to daily clearness so that a month has the wanted mean and standard deviation of irradiation.

    Parameters
    ----------
    probability : ndarray, shape (day,)
        Probability of each day of one month, two days at least, in (0, 1) [1].
    outside_kwh_per_m2 : ndarray, shape (day,)
        Extraterrestrial irradiation on the horizontal [kWh m-2 per day].
    mean_kwh_per_m2, std_kwh_per_m2 : float
        Wanted mean and sample standard deviation (divisor n - 1) of global irradiation [kWh m-2 per day].
    low, high : float
        Bounds of daily clearness [1].

    Returns
    -------
    ndarray, shape (day,)
        Daily clearness index [1]; all NaN where no beta distribution within the bounds has these moments.

    Notes
    -----
    (1) K = low + (high - low) B^-1(p; a, b);  a = m n, b = (1 - m) n, n = m (1 - m) / s^2 - 1,
    with m, s the mean and standard deviation of K scaled to the bounds. The family of bounded distributions with a
    Gaussian autoregression behind it is that of [1]_; the beta distribution for clearness that of [2]_.
    (2) m and s are moved until mean and standard deviation of K H0 over the days meet the wanted ones (1e-11).

    References
    ----------
    .. [1] V. A. Graham, K. G. T. Hollands, T. E. Unny, A time series model for Kt with application to global synthetic
       weather generation, Solar Energy 40 (1988) 83-92.
    .. [2] V. A. Graham, K. G. T. Hollands, A method to generate synthetic hourly solar radiation globally, Solar
       Energy 44 (1990) 333-341.
    """
    days = probability.size
    typical = float(np.mean(outside_kwh_per_m2))
    mean = (mean_kwh_per_m2 / typical - low) / (high - low)
    std = std_kwh_per_m2 / typical / (high - low)
    clearness = np.full(days, math.nan)
    for _ in range(400):
        if not (0.0 < mean < 1.0 and std > 0.0 and std * std < 0.995 * mean * (1.0 - mean)):
            break
        n = mean * (1.0 - mean) / (std * std) - 1.0
        for d in range(days):
            clearness[d] = low + (high - low) * beta_quantile(probability[d], mean * n, (1.0 - mean) * n)
        daily = clearness * outside_kwh_per_m2
        mean_now = float(np.mean(daily))
        std_now = math.sqrt(np.sum((daily - mean_now) ** 2) / (days - 1))
        close = 1e-11 * mean_kwh_per_m2
        if abs(mean_now - mean_kwh_per_m2) < close and abs(std_now - std_kwh_per_m2) < close:
            return clearness
        if not std_now > 0.0:
            break
        mean += (mean_kwh_per_m2 - mean_now) / typical / (high - low)
        std *= std_kwh_per_m2 / std_now
    return np.full(days, math.nan)


@kernel
def daily_clearness(
    probability: Array,
    month_of_day: Whole,
    outside_kwh_per_m2: Array,
    mean_kwh_per_m2: Array,
    std_kwh_per_m2: Array,
    low: float,
    high: float,
) -> Array:
    """Apply `clearness_of_month` to the twelve months of a year.

    Parameters
    ----------
    probability, outside_kwh_per_m2 : ndarray, shape (day,)
        Probability [1] and extraterrestrial irradiation [kWh m-2 per day].
    month_of_day : ndarray of int, shape (day,)
        Calendar month of each day, 0 to 11, the days of a month together.
    mean_kwh_per_m2, std_kwh_per_m2 : ndarray, shape (12,)
        Wanted moments of daily global irradiation [kWh m-2 per day].
    low, high : float
        Bounds of daily clearness [1].

    Returns
    -------
    ndarray, shape (day,)
        Daily clearness index [1]; NaN through a month whose moments do not fit the bounds.
    """
    out = np.empty(probability.size)
    first = 0
    while first < out.size:
        m, after = month_of_day[first], first
        while after < out.size and month_of_day[after] == m:
            after += 1
        out[first:after] = clearness_of_month(
            probability[first:after],
            outside_kwh_per_m2[first:after],
            mean_kwh_per_m2[m],
            std_kwh_per_m2[m],
            low,
            high,
        )
        first = after
    return out
