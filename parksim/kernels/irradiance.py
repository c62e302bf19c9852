"""Irradiance on the horizontal: days split into steps, global split into beam and diffuse.

All kernels take float64 contiguous arrays of equal length and return new ones; unequal lengths raise ``ValueError``.
The tilted plane is in ``parksim.kernels.pv``, the sun's position in ``parksim.sun``.
"""

import math

import numpy as np
from numpy.typing import NDArray

from parksim.kernels._jit import kernel

FloatArray = NDArray[np.float64]

RAD_PER_DEG = math.pi / 180.0

ERBS_COS_ZENITH_MIN = 0.065
"""Least cosine of the zenith angle in the clearness index, a zenith of 86.3 degrees [1]; as in pvlib."""

ERBS_ZENITH_MAX_DEG = 87.0
"""Beyond this zenith angle all irradiance counts as diffuse [deg]; as in pvlib."""


@kernel
def _declination_rad(day_angle_rad: float) -> float:
    """Declination of the sun [rad]; Spencer (1971), largest error 0.0006 rad."""
    return (
        0.006918
        - 0.399912 * math.cos(day_angle_rad)
        + 0.070257 * math.sin(day_angle_rad)
        - 0.006758 * math.cos(2.0 * day_angle_rad)
        + 0.000907 * math.sin(2.0 * day_angle_rad)
        - 0.002697 * math.cos(3.0 * day_angle_rad)
        + 0.00148 * math.sin(3.0 * day_angle_rad)
    )


@kernel
def _equation_of_time_h(day_angle_rad: float) -> float:
    """Solar minus mean solar time [h]; Spencer (1971), largest error 35 s."""
    return (12.0 / math.pi) * (
        0.0000075
        + 0.001868 * math.cos(day_angle_rad)
        - 0.032077 * math.sin(day_angle_rad)
        - 0.014615 * math.cos(2.0 * day_angle_rad)
        - 0.040849 * math.sin(2.0 * day_angle_rad)
    )


@kernel
def _sunset_rad(latitude_rad: float, declination_rad: float) -> float:
    """Hour angle of sunset [rad]: 0 in the polar night, pi in the polar day."""
    cos_sunset = -math.tan(latitude_rad) * math.tan(declination_rad)
    return math.acos(min(1.0, max(-1.0, cos_sunset)))


@kernel
def _cumulated(hour_angle_rad: float, sunset_rad: float, cos_sunset: float, a: float, b: float) -> tuple[float, float]:
    """Integrals of the global and of the diffuse day shape from solar noon to ``hour_angle_rad``, within the day.

    Beyond sunrise and sunset they stay what they are there: equations (1) and (2) of `split_days` without K.
    """
    angle = min(sunset_rad, max(-sunset_rad, hour_angle_rad))
    sine = math.sin(angle)
    diffuse = sine - angle * cos_sunset
    return a * diffuse + b * (0.5 * angle + 0.5 * sine * math.cos(angle) - sine * cos_sunset), diffuse


@kernel
def _spread_day(
    ghi: FloatArray, dhi: FloatArray, ghi_day: float, dhi_day: float, start_rad: float, sunset_rad: float
) -> None:
    """Fill one day's steps ``ghi`` and ``dhi`` [W m-2] from its sums [Wh m-2], as `split_days` says.

    ``start_rad`` is the hour angle at which the first step begins, ``dhi_day`` at most ``ghi_day``. Angles run on over
    solar midnight: every full turn adds a whole day to the integrals, so a step's share is one difference.
    """
    step_h = 24.0 / ghi.size
    cos_sunset = math.cos(sunset_rad)
    a = 0.409 + 0.5016 * math.sin(sunset_rad - math.pi / 3.0)
    b = 0.6609 - 0.4767 * math.sin(sunset_rad - math.pi / 3.0)
    half_ghi, half_dhi = _cumulated(sunset_rad, sunset_rad, cos_sunset, a, b)
    if half_dhi <= 0.0 and ghi_day > 0.0:
        msg = "a day without sunrise has irradiation"
        raise ValueError(msg)
    scale_ghi = ghi_day / (2.0 * half_ghi * step_h) if ghi_day > 0.0 else 0.0
    scale_dhi = dhi_day / (2.0 * half_dhi * step_h) if ghi_day > 0.0 else 0.0
    before_ghi = before_dhi = beam_sum = 0.0
    for edge in range(ghi.size + 1):
        angle = start_rad + 2.0 * math.pi * edge / ghi.size
        turns = math.floor((angle + math.pi) / (2.0 * math.pi))
        part_ghi, part_dhi = _cumulated(angle - 2.0 * math.pi * turns, sunset_rad, cos_sunset, a, b)
        after_ghi, after_dhi = part_ghi + 2.0 * turns * half_ghi, part_dhi + 2.0 * turns * half_dhi
        if edge > 0:
            ghi[edge - 1] = scale_ghi * (after_ghi - before_ghi)
            beam = max(0.0, ghi[edge - 1] - scale_dhi * (after_dhi - before_dhi))
            dhi[edge - 1] = beam  # waits here until the day's sum of beam is known
            beam_sum += beam
        before_ghi, before_dhi = after_ghi, after_dhi
    keep = (ghi_day - dhi_day) / (beam_sum * step_h) if beam_sum > 0.0 else 0.0
    for step in range(ghi.size):
        dhi[step] = max(0.0, ghi[step] - keep * dhi[step])


@kernel
def split_days(
    ghi_wh_per_m2: FloatArray,
    *,
    dhi_wh_per_m2: FloatArray,
    day_of_year: FloatArray,
    latitude_deg: float,
    longitude_deg: float,
    clock_offset_h: float,
    steps_per_day: int,
) -> tuple[FloatArray, FloatArray]:
    """Split daily global and diffuse irradiation into equal steps.

    Parameters
    ----------
    ghi_wh_per_m2
        Global irradiation of each day on the horizontal, shape (day,) [Wh m-2].
    dhi_wh_per_m2
        Diffuse irradiation of each day, shape (day,); what exceeds the global one is cut off [Wh m-2].
    day_of_year
        1 on 1 January, shape (day,) [1].
    latitude_deg, longitude_deg
        Site, north and east positive [deg].
    clock_offset_h
        The record's and the steps' clock ahead of UTC, 8 for China Standard Time [h].
    steps_per_day
        24, 48, 96, ...: steps from midnight to midnight of that clock [1].

    Returns
    -------
    ghi_w_per_m2, dhi_w_per_m2
        Means over each step, shape (day * steps_per_day,), with 0 <= dhi <= ghi [W m-2].

    Raises
    ------
    ValueError
        If the lengths differ, an irradiation is negative, or a day of polar night has irradiation.

    Notes
    -----
    With hour angle w, sunset angle ws, a = 0.409 + 0.5016 sin(ws - 60 deg) and b = 0.6609 - 0.4767 sin(ws - 60 deg), a
    step from w0 to w1 takes of the day's global and diffuse irradiation H and Hd

    (1) Rt = K int (a + b cos w)(cos w - cos ws) dw      [1]
    (2) Rd = K' int (cos w - cos ws) dw                  [2]
    (3) cos ws = -tan(latitude) tan(declination)
    (4) w = 15 deg (clock - clock_offset + longitude / 15 + equation of time - 12 h)
    (5) beam = k max(0, Rt H - Rd Hd), ghi = Rt H, dhi = ghi - beam

    The integrals are taken in closed form between the step's ends, so hours are the sums of their quarters (dhi up to
    the limit in (5)). K, K' and k make each day's sums exact: the shape of [1] alone misses them by up to 4 %, and
    where nearly all light is diffuse (2) exceeds (1) near sunset, which (5) mends without moving energy between days.
    Declination and equation of time are Spencer's [3], constant over the day. A NaN in either record gives a day of NaN
    in both results.

    References
    ----------
    .. [1] M. Collares-Pereira, A. Rabl, "The average distribution of solar radiation: correlations between diffuse and
       hemispherical and between daily and hourly insolation values", Solar Energy 22 (1979) 155-164,
       doi:10.1016/0038-092X(79)90100-2
    .. [2] B. Y. H. Liu, R. C. Jordan, "The interrelationship and characteristic distribution of direct, diffuse and
       total solar radiation", Solar Energy 4 (1960) 1-19, doi:10.1016/0038-092X(60)90062-1
    .. [3] J. W. Spencer, "Fourier series representation of the position of the sun", Search 2 (1971) 172
    """
    days = ghi_wh_per_m2.size
    if dhi_wh_per_m2.size != days or day_of_year.size != days:
        msg = "arrays differ in length"
        raise ValueError(msg)
    ghi = np.empty(days * steps_per_day)
    dhi = np.empty(days * steps_per_day)
    for day in range(days):
        here = slice(day * steps_per_day, (day + 1) * steps_per_day)
        ghi_day, dhi_day = ghi_wh_per_m2[day], dhi_wh_per_m2[day]
        if math.isnan(ghi_day) or math.isnan(dhi_day):
            ghi[here] = math.nan
            dhi[here] = math.nan
            continue
        if ghi_day < 0.0 or dhi_day < 0.0:
            msg = "irradiation is negative"
            raise ValueError(msg)
        day_angle = 2.0 * math.pi * (day_of_year[day] - 1.0) / 365.0
        noon_h = 12.0 + clock_offset_h - longitude_deg / 15.0 - _equation_of_time_h(day_angle)
        sunset = _sunset_rad(latitude_deg * RAD_PER_DEG, _declination_rad(day_angle))
        _spread_day(ghi[here], dhi[here], ghi_day, min(ghi_day, dhi_day), -noon_h * math.pi / 12.0, sunset)
    return ghi, dhi


@kernel
def close_beam(
    ghi_w_per_m2: FloatArray,
    *,
    dhi_w_per_m2: FloatArray,
    zenith_deg: FloatArray,
    dni_max_w_per_m2: FloatArray,
    zenith_cap_deg: float,
    zenith_max_deg: float,
) -> tuple[FloatArray, FloatArray]:
    """Beam irradiance that closes global and diffuse, kept within reason while the sun is low.

    Parameters
    ----------
    ghi_w_per_m2, dhi_w_per_m2
        Global and diffuse irradiance on the horizontal, shape (time,) [W m-2].
    zenith_deg
        The sun's angle from the vertical, shape (time,) [deg].
    dni_max_w_per_m2
        Most beam irradiance from ``zenith_cap_deg`` on, shape (time,): 1.1 times the clear sky's in pvlib; the
        extraterrestrial one, or infinity, where no clear sky is known [W m-2].
    zenith_cap_deg
        From here on ``dni_max_w_per_m2`` holds; 80 in pvlib [deg].
    zenith_max_deg
        From here on there is no beam; 88 in pvlib, at most 90 [deg].

    Returns
    -------
    dni_w_per_m2, dhi_w_per_m2
        Beam on a plane facing the sun, and the diffuse irradiance that goes with it, shape (time,) [W m-2].

    Raises
    ------
    ValueError
        If the lengths differ.

    Notes
    -----
    (1) dni = max(0, ghi - dhi) / cos(zenith); 0 from ``zenith_max_deg``, at most ``dni_max`` from ``zenith_cap_deg``
    (2) dhi = ghi - dni cos(zenith) wherever (1) had to cut, the given dhi elsewhere

    so ghi = dhi + dni cos(zenith) always holds and dhi never exceeds ghi. `pvlib.irradiance.dni` has the same limits
    but gives NaN where (1) gives 0, and leaves dhi as it is. A NaN in any input gives NaN in both results of that step.
    """
    steps = ghi_w_per_m2.size
    if not (dhi_w_per_m2.size == zenith_deg.size == dni_max_w_per_m2.size == steps):
        msg = "arrays differ in length"
        raise ValueError(msg)
    dni = np.empty(steps)
    dhi = np.empty(steps)
    for i in range(steps):
        beam = ghi_w_per_m2[i] - dhi_w_per_m2[i]
        zenith, most = zenith_deg[i], dni_max_w_per_m2[i]
        if math.isnan(beam) or math.isnan(zenith) or math.isnan(most):
            dni[i] = dhi[i] = math.nan
        elif beam <= 0.0 or zenith >= zenith_max_deg:
            dni[i], dhi[i] = 0.0, ghi_w_per_m2[i]
        else:
            cos_zenith = math.cos(zenith * RAD_PER_DEG)
            dni[i], dhi[i] = beam / cos_zenith, dhi_w_per_m2[i]
            if zenith >= zenith_cap_deg and dni[i] > most:
                dni[i], dhi[i] = most, ghi_w_per_m2[i] - most * cos_zenith
    return dni, dhi


@kernel
def _erbs_fraction(clearness: float) -> float:
    """Diffuse share of global irradiance at a clearness index, equation (2) of `erbs`."""
    if clearness <= 0.22:
        return 1.0 - 0.09 * clearness
    if clearness <= 0.8:
        # Horner would be quicker, but the powers keep the rounding of the published form.
        return 0.9511 - 0.1604 * clearness + 4.388 * clearness**2 - 16.638 * clearness**3 + 12.336 * clearness**4
    return 0.165


@kernel
def erbs(
    ghi_w_per_m2: FloatArray, *, zenith_deg: FloatArray, dni_extra_w_per_m2: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Beam and diffuse irradiance where only the global is known, after Erbs.

    Parameters
    ----------
    ghi_w_per_m2
        Global irradiance on the horizontal, shape (time,) [W m-2].
    zenith_deg
        The sun's angle from the vertical, shape (time,) [deg].
    dni_extra_w_per_m2
        Extraterrestrial irradiance on a plane facing the sun, shape (time,) [W m-2].

    Returns
    -------
    dni_w_per_m2, dhi_w_per_m2
        Beam on a plane facing the sun, and diffuse on the horizontal, shape (time,) [W m-2].

    Raises
    ------
    ValueError
        If the lengths differ.

    Notes
    -----
    (1) kt = ghi / (dni_extra max(cos(zenith), 0.065)), kept within 0 and 1
    (2) dhi / ghi = 1 - 0.09 kt                                                        kt <= 0.22
                  = 0.9511 - 0.1604 kt + 4.388 kt^2 - 16.638 kt^3 + 12.336 kt^4        0.22 < kt <= 0.8
                  = 0.165                                                              kt > 0.8
    (3) dni = (ghi - dhi) / cos(zenith); 0, with dhi = ghi, where the zenith exceeds 87 degrees

    Fitted to hourly records of four stations in the United States; equal to `pvlib.irradiance.erbs`. At steps shorter
    than an hour it gives too little scatter. A NaN in any input gives NaN in both results of that step.

    References
    ----------
    .. [1] D. G. Erbs, S. A. Klein, J. A. Duffie, "Estimation of the diffuse radiation fraction for hourly, daily and
       monthly-average global radiation", Solar Energy 28 (1982) 293-302, eq. 1, doi:10.1016/0038-092X(82)90302-4
    """
    steps = ghi_w_per_m2.size
    if not (zenith_deg.size == dni_extra_w_per_m2.size == steps):
        msg = "arrays differ in length"
        raise ValueError(msg)
    dni = np.empty(steps)
    dhi = np.empty(steps)
    for i in range(steps):
        ghi, zenith, extra = ghi_w_per_m2[i], zenith_deg[i], dni_extra_w_per_m2[i]
        if math.isnan(ghi) or math.isnan(zenith) or math.isnan(extra):
            dni[i] = dhi[i] = math.nan
        elif ghi <= 0.0 or zenith > ERBS_ZENITH_MAX_DEG:
            dni[i], dhi[i] = 0.0, ghi
        else:
            cos_zenith = math.cos(zenith * RAD_PER_DEG)
            clearness = min(1.0, ghi / (extra * max(cos_zenith, ERBS_COS_ZENITH_MIN)))
            dhi[i] = _erbs_fraction(clearness) * ghi
            dni[i] = (ghi - dhi[i]) / cos_zenith
    return dni, dhi
