"""Air temperature and wind around given monthly means.

Normals come in as arrays, so a kernel is a pure function; draws belong to the caller. NaN in an input spreads through
the monthly means to the whole year.
"""

import math

import numpy as np
from numpy.typing import NDArray

from parksim.kernels._jit import kernel
from parksim.kernels.monthly import ar1, between_middays, match_by_factor, match_by_shift

Array = NDArray[np.float64]
Whole = NDArray[np.int64]


@kernel
def air_temperature(
    monthly_c: Array,
    month_of_step: Whole,
    normals_day: Array,
    day_lag1: float,
    day_std_k: float,
    clearness_day: Array,
    range_dark_k: float,
    range_bright_k: float,
    bright: float,
    solar_hour: Array,
) -> Array:
    """Compose air temperature from climate, weather of the day and time of the day.

    Parameters
    ----------
    monthly_c : ndarray, shape (12,)
        Mean air temperature of each month, kept exactly [degC].
    month_of_step : ndarray of int, shape (time,)
        Calendar month of each step, 0 to 11.
    normals_day : ndarray, shape (day,)
        Independent standard normals [1].
    day_lag1 : float
        Correlation of neighbouring days' anomalies [1].
    day_std_k : float
        Standard deviation of the anomalies before the monthly means are restored [K].
    clearness_day : ndarray, shape (day,)
        Daily clearness index [1].
    range_dark_k, range_bright_k : float
        Daily range at clearness 0 and at clearness ``bright``, linear between and beyond [K].
    bright : float
        Clearness of a bright day [1].
    solar_hour : ndarray, shape (time,)
        Hour of the solar day at mid-step, 12 when the sun stands highest, any number of whole days apart [h].

    Returns
    -------
    ndarray, shape (time,)
        Air temperature [degC].

    Notes
    -----
    (1) T = anomaly + range * shape(s) + smooth curve, the curve restoring the monthly means; anomaly and range run
    straight from midday to midday.
    (2) shape = 0.4632 cos(s - 3.805) + 0.0984 cos(2s - 0.360) + 0.0168 cos(3s - 0.822) + 0.0138 cos(4s - 3.513),
    s = 2 pi (solar hour - 1) / 24, of range 1 and mean 0, from [1]_.
    Anomalies are independent of clearness; the sun of a month and its warmth are linked only through the range.

    References
    ----------
    .. [1] D. G. Erbs, S. A. Klein, W. A. Beckman, Estimation of degree-days and ambient temperature bin data from
       monthly-average temperatures, ASHRAE Journal 25 (1983) 60-65.
    """
    anomaly_day = day_std_k * ar1(normals_day, day_lag1)
    range_day = range_dark_k + (range_bright_k - range_dark_k) * clearness_day / bright
    anomaly = between_middays(anomaly_day, solar_hour.size)
    span = between_middays(range_day, solar_hour.size)
    raw = np.empty(solar_hour.size)
    for t in range(raw.size):
        s = 2.0 * math.pi * (solar_hour[t] - 1.0) / 24.0
        shape = 0.4632 * math.cos(s - 3.805) + 0.0984 * math.cos(2.0 * s - 0.360)
        shape += 0.0168 * math.cos(3.0 * s - 0.822) + 0.0138 * math.cos(4.0 * s - 3.513)
        raw[t] = anomaly[t] + span[t] * shape
    return match_by_shift(raw, month_of_step, monthly_c)


@kernel
def wind_speed(
    normals: Array, lag1: float, weibull_shape: float, monthly_m_per_s: Array, month_of_step: Whole
) -> Array:
    """Draw wind speeds with a Weibull distribution, hourly persistence and given monthly means.

    Parameters
    ----------
    normals : ndarray, shape (time,)
        Independent standard normals [1].
    lag1 : float
        Correlation of neighbouring steps of the normals behind the speeds [1].
    weibull_shape : float
        Weibull shape parameter, above 0 [1].
    monthly_m_per_s : ndarray, shape (12,)
        Mean wind speed of each month, kept exactly [m s-1].
    month_of_step : ndarray of int, shape (time,)
        Calendar month of each step, 0 to 11.

    Returns
    -------
    ndarray, shape (time,)
        Wind speed [m s-1].

    Notes
    -----
    (1) v = (-ln(1 - F(x)))^(1/k), F the normal distribution of the autoregression x; then times a smooth curve that
    restores the monthly means. No daily cycle.

    References
    ----------
    .. [1] B. G. Brown, R. W. Katz, A. H. Murphy, Time series models to simulate and forecast wind speed and wind
       power, Journal of Climate and Applied Meteorology 23 (1984) 1184-1195 (an autoregression of transformed speeds).
    """
    x = ar1(normals, lag1)
    raw = np.empty(x.size)
    for t in range(x.size):
        if x[t] > 0.0:
            hazard = -math.log(0.5 * math.erfc(x[t] / math.sqrt(2.0)))
        else:
            hazard = -math.log1p(-0.5 * math.erfc(-x[t] / math.sqrt(2.0)))
        raw[t] = hazard ** (1.0 / weibull_shape)
    return match_by_factor(raw, month_of_step, monthly_m_per_s)
