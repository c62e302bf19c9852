"""Wind power: from wind speed, temperature and pressure to power per unit of rating.

`wind_per_unit` (a turbine's power curve) and `wind_per_unit_cubic` (a generic turbine) are the whole chains in one pass
without temporaries; the other kernels are their links. Chains and links call the same scalar functions, which stay in
this file because Numba's cache of a caller does not notice an edit in another file.

All kernels take float64 contiguous arrays of equal length (unequal ones raise ``ValueError``) and return new ones. A
NaN in any input of a step gives NaN in that step. Outputs are gross of wakes and outages unless ``loss_fraction`` holds
them.
"""

import math

import numpy as np
from numpy.typing import NDArray

from parksim.kernels._jit import kernel

FloatArray = NDArray[np.float64]

KELVIN = 273.15
"""0 °C [K]."""

AIR_CONSTANT_J_PER_KG_K = 287.058
"""Specific gas constant of dry air [J kg-1 K-1]; as in windpowerlib."""

GRAVITY_M_PER_S2 = 9.80665
"""Standard acceleration of free fall [m s-2]; ISO 2533."""


@kernel
def log_law_ratio(hub_m: float, *, measured_m: float, roughness_m: float) -> float:
    """Wind speed at hub height over that at another height, by the logarithmic law.

    Parameters
    ----------
    hub_m, measured_m
        Height of the hub and of the given speed above ground, above the roughness [m].
    roughness_m
        Roughness length: 0.0002 over water, 0.03 over grass, 0.1 over crops, 0.5 and more over forest and parks [m].

    Returns
    -------
    float
        ``speed_ratio`` for `wind_per_unit` [1].

    Notes
    -----
    (1) ratio = ln(hub / roughness) / ln(measured / roughness)

    Equal to `windpowerlib.wind_speed.logarithmic_profile` without obstacles. Neutral air over even ground, up to about
    150 m; on ridges take speeds of the ridge, at hub height.

    References
    ----------
    .. [1] J. F. Manwell, J. G. McGowan, A. L. Rogers, "Wind Energy Explained", 2nd ed., Wiley 2009, section 2.3
    """
    return math.log(hub_m / roughness_m) / math.log(measured_m / roughness_m)


@kernel
def power_law_ratio(hub_m: float, *, measured_m: float, shear_exponent: float) -> float:
    """Wind speed at hub height over that at another height, by the power law.

    Parameters
    ----------
    hub_m, measured_m
        Height of the hub and of the given speed above ground [m].
    shear_exponent
        1/7 over open ground, 0.2 to 0.3 over forest and towns [1].

    Returns
    -------
    float
        ``speed_ratio`` for `wind_per_unit` [1].

    Notes
    -----
    (1) ratio = (hub / measured)^exponent

    Equal to `windpowerlib.wind_speed.hellman`.

    References
    ----------
    .. [1] J. F. Manwell, J. G. McGowan, A. L. Rogers, "Wind Energy Explained", 2nd ed., Wiley 2009, section 2.3
    """
    return math.pow(hub_m / measured_m, shear_exponent)


@kernel
def standard_pressure_pa(altitude_m: float) -> float:
    """Air pressure of the standard atmosphere.

    Parameters
    ----------
    altitude_m
        Above sea level, up to 11,000; for a turbine the ground's altitude plus hub height [m].

    Returns
    -------
    float
        Pressure [Pa].

    Notes
    -----
    (1) pressure = 100 ((44331.514 - altitude) / 11880.516)^(1 / 0.1902632)

    Equal to `pvlib.atmosphere.alt2pres`.

    References
    ----------
    .. [1] ISO 2533:1975, Standard Atmosphere
    """
    return 100.0 * math.pow((44331.514 - altitude_m) / 11880.516, 1.0 / 0.1902632)


@kernel
def _density(temp_c: float, pressure_pa: float, lift_m: float) -> float:
    """Air density [kg m-3], equation (1) of `air_density`."""
    gas = AIR_CONSTANT_J_PER_KG_K * (temp_c + KELVIN)
    return pressure_pa * math.exp(-GRAVITY_M_PER_S2 * lift_m / gas) / gas


@kernel
def air_density(temp_c: FloatArray, *, pressure_pa: FloatArray, lift_m: float) -> FloatArray:
    """Density of dry air at hub height.

    Parameters
    ----------
    temp_c
        Air temperature at hub height, shape (time,) [degC].
    pressure_pa
        Air pressure at the place it is known for, shape (time,) [Pa].
    lift_m
        The hub's height above that place, 0 for `standard_pressure_pa` at the hub's altitude [m].

    Returns
    -------
    ndarray
        Shape (time,) [kg m-3].

    Raises
    ------
    ValueError
        If the lengths differ.

    Notes
    -----
    (1) density = pressure exp(-g lift / (R T)) / (R T)

    At a lift of 0 equal to `windpowerlib.density.ideal_gas`. That function lowers the pressure by 12.5 Pa per metre
    anywhere, which is right at sea level and 4 °C; at 4,000 m it is 8 Pa. Moist air is up to 1 % lighter when warm.

    References
    ----------
    .. [1] IEC 61400-12-1:2017, Wind energy generation systems, Part 12-1: Power performance measurements
    """
    steps = temp_c.size
    if pressure_pa.size != steps:
        msg = "arrays differ in length"
        raise ValueError(msg)
    out = np.empty(steps)
    for i in range(steps):
        out[i] = _density(temp_c[i], pressure_pa[i], lift_m)
    return out


@kernel
def _curve_exponents(curve_speed_m_per_s: FloatArray) -> FloatArray:
    """Exponent with which each speed of a power curve shifts with density, equation (2) of `power_of_curve`."""
    out = np.empty(curve_speed_m_per_s.size)
    for k in range(out.size):
        out[k] = min(2.0, max(1.0, 1.0 + (curve_speed_m_per_s[k] - 7.5) / 5.0)) / 3.0
    return out


@kernel
def _check_curve(curve_speed_m_per_s: FloatArray, curve_mw_per_mw: FloatArray) -> None:
    """Refuse a power curve that is empty, of two lengths, or not rising in speed."""
    if curve_speed_m_per_s.size == 0 or curve_speed_m_per_s.size != curve_mw_per_mw.size:
        msg = "the power curve needs as many powers as speeds, and one at least"
        raise ValueError(msg)
    for k in range(1, curve_speed_m_per_s.size):
        if not curve_speed_m_per_s[k - 1] < curve_speed_m_per_s[k]:
            msg = "the speeds of the power curve must rise"
            raise ValueError(msg)


@kernel
def _turbine(
    speed: float, density_ratio: float, speeds: FloatArray, exponents: FloatArray, powers: FloatArray, cut_out: float
) -> float:
    """Power over rated power, equations (1) to (4) of `power_of_curve`; ``density_ratio`` is over that of the curve."""
    if math.isnan(speed) or math.isnan(density_ratio):
        return math.nan
    if speed > cut_out:
        return 0.0
    thinness = -math.log(density_ratio)
    low, high = -1, speeds.size  # site speed of ``low`` <= speed < site speed of ``high``, all the way
    below = above = 0.0
    while high - low > 1:
        middle = (low + high) // 2
        site_speed = speeds[middle] * math.exp(exponents[middle] * thinness)
        if site_speed <= speed:
            low, below = middle, site_speed
        else:
            high, above = middle, site_speed
    if low < 0:
        return 0.0
    if high == speeds.size:
        return float(powers[low])
    return float(powers[low] + (powers[high] - powers[low]) * (speed - below) / (above - below))


@kernel
def power_of_curve(
    speed_m_per_s: FloatArray,
    *,
    density_kg_per_m3: FloatArray,
    curve_speed_m_per_s: FloatArray,
    curve_mw_per_mw: FloatArray,
    curve_density_kg_per_m3: float,
    cut_out_m_per_s: float,
) -> FloatArray:
    """Power of a turbine by its power curve, corrected for air density.

    Parameters
    ----------
    speed_m_per_s, density_kg_per_m3
        Wind speed and air density at hub height, shape (time,); densities are positive [m s-1], [kg m-3].
    curve_speed_m_per_s, curve_mw_per_mw
        The power curve, shape (knot,): rising speeds, and power over rated power [m s-1], [MW MW-1].
    curve_density_kg_per_m3
        Air density the curve is given for: 1.225, or less where the maker states it for a high site [kg m-3].
    cut_out_m_per_s
        Above this speed, in air of any density, the turbine stands still [m s-1].

    Returns
    -------
    ndarray
        Power over rated power, shape (time,) [MW MW-1].

    Raises
    ------
    ValueError
        If the lengths differ, the curve is empty or its speeds do not rise.

    Notes
    -----
    (1) site speed = curve speed (curve density / density)^e
    (2) e = 1/3 up to 7.5 m s-1, 2/3 from 12.5 m s-1 on, linear between
    (3) power = linear interpolation over the site speeds; 0 below the first, the last value beyond the last one
    (4) power = 0 where speed > cut_out

    (1) and (2) are the correction of [1]: as e = 1/3 of IEC 61400-12-1 in the lower part of the curve, stronger towards
    rated power. Equal to `windpowerlib.power_output.power_curve` for a curve at 1.225 kg m-3, but for (4): there the
    cut-out moves with density too, to 35 m s-1 at 4,000 m, and dense air ends the curve early. Controllers stop a
    turbine at the wind speed as it is.

    References
    ----------
    .. [1] L. Svenningsen, "Proposal of an improved power curve correction", EMD International (2010)
    """
    steps = speed_m_per_s.size
    if density_kg_per_m3.size != steps:
        msg = "arrays differ in length"
        raise ValueError(msg)
    _check_curve(curve_speed_m_per_s, curve_mw_per_mw)
    exponents = _curve_exponents(curve_speed_m_per_s)
    out = np.empty(steps)
    for i in range(steps):
        ratio = density_kg_per_m3[i] / curve_density_kg_per_m3
        out[i] = _turbine(speed_m_per_s[i], ratio, curve_speed_m_per_s, exponents, curve_mw_per_mw, cut_out_m_per_s)
    return out


@kernel
def _cubic(speed: float, density_ratio: float, cut_in: float, rated: float, cut_out: float) -> float:
    """Power over rated power, equations (1) and (2) of `power_cubic`."""
    if math.isnan(speed) or math.isnan(density_ratio):
        return math.nan
    lowest = cut_in * cut_in * cut_in
    cube = speed * speed * speed * density_ratio
    if speed > cut_out or cube <= lowest:
        return 0.0
    return min(1.0, (cube - lowest) / (rated * rated * rated - lowest))


@kernel
def power_cubic(
    speed_m_per_s: FloatArray,
    *,
    density_kg_per_m3: FloatArray,
    curve_density_kg_per_m3: float,
    cut_in_m_per_s: float,
    rated_m_per_s: float,
    cut_out_m_per_s: float,
) -> FloatArray:
    """Power of a generic turbine: cubic in the wind speed between cut-in and rated speed.

    Parameters
    ----------
    speed_m_per_s, density_kg_per_m3
        Wind speed and air density at hub height, shape (time,) [m s-1], [kg m-3].
    curve_density_kg_per_m3
        Air density the next two speeds hold for, 1.225 as a rule [kg m-3].
    cut_in_m_per_s, rated_m_per_s
        Speeds where power starts and where it reaches the rating: 2.5 to 3 and 9.5 to 11 today; rated > cut-in [m s-1].
    cut_out_m_per_s
        Above this speed, in air of any density, the turbine stands still: 20 to 25 [m s-1].

    Returns
    -------
    ndarray
        Power over rated power, shape (time,), 0 to 1 [MW MW-1].

    Raises
    ------
    ValueError
        If the lengths differ.

    Notes
    -----
    (1) n^3 = speed^3 density / curve density, the speed of equal power in the curve's air (IEC 61400-12-1)
    (2) power = (n^3 - cut_in^3) / (rated^3 - cut_in^3), kept within 0 and 1; 0 where speed > cut_out

    For studies before a turbine is chosen; measured curves are rounder near rated power.

    References
    ----------
    .. [1] C. Carrillo et al., "Review of power curve modelling for wind turbines", Renewable and Sustainable Energy
       Reviews 21 (2013) 572-581, doi:10.1016/j.rser.2013.01.012
    """
    steps = speed_m_per_s.size
    if density_kg_per_m3.size != steps:
        msg = "arrays differ in length"
        raise ValueError(msg)
    out = np.empty(steps)
    for i in range(steps):
        ratio = density_kg_per_m3[i] / curve_density_kg_per_m3
        out[i] = _cubic(speed_m_per_s[i], ratio, cut_in_m_per_s, rated_m_per_s, cut_out_m_per_s)
    return out


@kernel
def wind_per_unit(
    speed_m_per_s: FloatArray,
    *,
    temp_c: FloatArray,
    pressure_pa: FloatArray,
    lift_m: float,
    speed_ratio: float,
    curve_speed_m_per_s: FloatArray,
    curve_mw_per_mw: FloatArray,
    curve_density_kg_per_m3: float,
    cut_out_m_per_s: float,
    loss_fraction: float,
) -> FloatArray:
    """Power of a turbine with a power curve, per unit of its rating, from weather.

    Parameters
    ----------
    speed_m_per_s
        Wind speed at the height it is known for, shape (time,) [m s-1].
    temp_c, pressure_pa, lift_m
        As in `air_density`.
    speed_ratio
        Speed at the hub over the given one, of `log_law_ratio` or `power_law_ratio`, or 1 [1].
    curve_speed_m_per_s, curve_mw_per_mw, curve_density_kg_per_m3, cut_out_m_per_s
        As in `power_of_curve`.
    loss_fraction
        Wakes, outages, cables: 0.1 to 0.2 for a wind farm [1].

    Returns
    -------
    ndarray
        Power over rated power, shape (time,) [MW MW-1]. Times ``power_max_mw`` it is the power available.

    Raises
    ------
    ValueError
        If the lengths differ, the curve is empty or its speeds do not rise.

    Notes
    -----
    (1) out = (1 - loss) `power_of_curve` (speed_ratio speed, `air_density`)

    to the last bit what the links give one after the other.
    """
    steps = speed_m_per_s.size
    if not (temp_c.size == pressure_pa.size == steps):
        msg = "arrays differ in length"
        raise ValueError(msg)
    _check_curve(curve_speed_m_per_s, curve_mw_per_mw)
    exponents = _curve_exponents(curve_speed_m_per_s)
    out = np.empty(steps)
    for i in range(steps):
        ratio = _density(temp_c[i], pressure_pa[i], lift_m) / curve_density_kg_per_m3
        speed = speed_ratio * speed_m_per_s[i]
        power = _turbine(speed, ratio, curve_speed_m_per_s, exponents, curve_mw_per_mw, cut_out_m_per_s)
        out[i] = (1.0 - loss_fraction) * power
    return out


@kernel
def wind_per_unit_cubic(
    speed_m_per_s: FloatArray,
    *,
    temp_c: FloatArray,
    pressure_pa: FloatArray,
    lift_m: float,
    speed_ratio: float,
    curve_density_kg_per_m3: float,
    cut_in_m_per_s: float,
    rated_m_per_s: float,
    cut_out_m_per_s: float,
    loss_fraction: float,
) -> FloatArray:
    """Power of a generic turbine, per unit of its rating, from weather.

    Parameters
    ----------
    speed_m_per_s, temp_c, pressure_pa, lift_m, speed_ratio, loss_fraction
        As in `wind_per_unit`.
    curve_density_kg_per_m3, cut_in_m_per_s, rated_m_per_s, cut_out_m_per_s
        As in `power_cubic`.

    Returns
    -------
    ndarray
        Power over rated power, shape (time,), 0 to 1 [MW MW-1].

    Raises
    ------
    ValueError
        If the lengths differ.

    Notes
    -----
    (1) out = (1 - loss) `power_cubic` (speed_ratio speed, `air_density`)

    to the last bit what the links give one after the other.
    """
    steps = speed_m_per_s.size
    if not (temp_c.size == pressure_pa.size == steps):
        msg = "arrays differ in length"
        raise ValueError(msg)
    out = np.empty(steps)
    for i in range(steps):
        ratio = _density(temp_c[i], pressure_pa[i], lift_m) / curve_density_kg_per_m3
        power = _cubic(speed_ratio * speed_m_per_s[i], ratio, cut_in_m_per_s, rated_m_per_s, cut_out_m_per_s)
        out[i] = (1.0 - loss_fraction) * power
    return out
