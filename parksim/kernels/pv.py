"""Photovoltaics: from irradiance on the horizontal and the sun's position to power per unit of rating.

`pv_per_unit` is the whole chain in one pass without temporaries; the other kernels are its links, for whole arrays,
and agree with pvlib's functions of the same purpose. Chain and links call the same scalar functions. These stay in this
file because Numba's cache of a caller does not notice an edit in another file, and have neither early returns nor calls
to the C library, so that the loops compile to vector instructions (four times the speed).

All kernels take float64 contiguous arrays of equal length (unequal ones raise ``ValueError``) and return new ones. A
NaN in any input of a step gives NaN in that step. Ratings: the DC rating is the modules' power at 1000 W m-2 and 25 °C,
the AC rating the inverters' greatest output; ``dc_ac_ratio`` is the one over the other.
"""

import math

import numpy as np
from numpy.typing import NDArray

from parksim.kernels._jit import inlined, kernel, vector_kernel

FloatArray = NDArray[np.float64]

RAD_PER_DEG = math.pi / 180.0

COS_ZENITH_MIN = 0.01745
"""Least cosine of the zenith angle in the circumsolar ratio, a zenith of 89 degrees; as in pvlib."""

GLASS_INDEX = 1.526
"""Refractive index of the glass cover; De Soto et al. 2006 [2 in `iam_physical`]."""

GLASS_DEPTH = 4.0 * 0.002
"""Optical depth of 2 mm of glass with an extinction of 4 m-1; as `GLASS_INDEX`."""

GLASS_NORMAL = (1.0 - ((1.0 - GLASS_INDEX) / (1.0 + GLASS_INDEX)) ** 2) * math.exp(-GLASS_DEPTH)
"""Share of light that passes the cover at normal incidence, follows from the two above."""

INVERTER_EFF_REFERENCE = 0.9637
"""Efficiency at full load of the inverter whose curve PVWatts scales; Dobos 2014 [1 in `ac_per_unit`]."""


@inlined
def _positive(value: float) -> float:
    """Cut off negative values; NaN stays NaN."""
    return 0.0 if value < 0.0 else value


@inlined
def _cos_sin(angle_deg: float) -> tuple[float, float]:
    """Cosine and sine of an angle in degrees, to 2e-16.

    Degrees reduce to an eighth of the circle without rounding; the polynomials there are those of Cephes' ``sin.c``.
    """
    quarter = np.floor(angle_deg / 90.0 + 0.5)
    x = (angle_deg - 90.0 * quarter) * RAD_PER_DEG
    z = x * x
    sine = 1.58962301576546568060e-10 * z - 2.50507477628578072866e-8
    sine = ((sine * z + 2.75573136213857245213e-6) * z - 1.98412698295895385996e-4) * z + 8.33333333332211858878e-3
    sine = x + x * z * (sine * z - 1.66666666666666307295e-1)
    cosine = -1.13585365213876817300e-11 * z + 2.08757008419747316778e-9
    cosine = ((cosine * z - 2.75573141792967388112e-7) * z + 2.48015872888517045348e-5) * z - 1.38888888888730564116e-3
    cosine = 1.0 - 0.5 * z + z * z * (cosine * z + 4.16666666666665929218e-2)
    turned = quarter - 4.0 * np.floor(0.25 * quarter)
    odd = (turned == 1.0) | (turned == 3.0)
    sign = -1.0 if turned >= 2.0 else 1.0
    return sign * (-sine if odd else cosine), sign * (cosine if odd else sine)


@inlined
def _cosines(zenith_deg: float, turn_deg: float, cos_tilt: float, sin_tilt: float) -> tuple[float, float]:
    """Cosines of the sun's zenith and incidence angles, ``turn_deg`` being its azimuth seen from the plane's."""
    cos_zenith, sin_zenith = _cos_sin(zenith_deg)
    cosine = cos_tilt * cos_zenith + sin_tilt * sin_zenith * _cos_sin(turn_deg)[0]
    cosine = 1.0 if cosine > 1.0 else cosine  # by rounding; a NaN passes both tests
    return cos_zenith, -1.0 if cosine < -1.0 else cosine


@inlined
def _plane(
    ghi: float, dhi: float, dni: float, anisotropy: float, cos_zenith: float, cosine: float, cos_tilt: float
) -> tuple[float, float, float]:
    """Light from the sun's direction, the sky and the ground, before the albedo: (2) to (4) of `plane_of_array`."""
    high = COS_ZENITH_MIN if cos_zenith < COS_ZENITH_MIN else cos_zenith
    sun = _positive(dni * cosine) + _positive(dhi * anisotropy * cosine / high)
    sky = _positive(dhi * (1.0 - anisotropy) * 0.5 * (1.0 + cos_tilt))
    return sun, sky, ghi * 0.5 * (1.0 - cos_tilt)


@inlined
def _iam(cosine: float) -> float:
    """Transmission of the glass cover over that at normal incidence, equations (1) to (4) of `iam_physical`."""
    cosine = _positive(cosine)
    inside = math.sqrt(1.0 - (1.0 - cosine * cosine) / (GLASS_INDEX * GLASS_INDEX))
    across = (cosine - GLASS_INDEX * inside) / (cosine + GLASS_INDEX * inside)
    along = (inside - GLASS_INDEX * cosine) / (inside + GLASS_INDEX * cosine)
    x = GLASS_DEPTH / inside  # at most 0.011: the series for exp(-x) is exact to 1e-17
    fade = 1.0 - x * (1.0 - x / 2.0 * (1.0 - x / 3.0 * (1.0 - x / 4.0 * (1.0 - x / 5.0 * (1.0 - x / 6.0)))))
    return (1.0 - 0.5 * (across * across + along * along)) * fade / GLASS_NORMAL


@inlined
def _dc(effective_w_per_m2: float, temp_cell_c: float, temp_coefficient_per_k: float, loss_fraction: float) -> float:
    """DC power per DC rating, equation (1) of `dc_per_unit`."""
    return effective_w_per_m2 * 1e-3 * (1.0 + temp_coefficient_per_k * (temp_cell_c - 25.0)) * (1.0 - loss_fraction)


@inlined
def _ac(dc_mw_per_mw: float, eff_inverter: float) -> float:
    """AC power per AC rating from DC power per AC rating, equations (1) and (2) of `ac_per_unit`."""
    load = dc_mw_per_mw * eff_inverter
    power = (-0.0162 * load * load + 0.9858 * load - 0.0059) / INVERTER_EFF_REFERENCE
    return _positive(1.0 if power > 1.0 else power)


@vector_kernel
def cos_incidence(
    zenith_deg: FloatArray, *, azimuth_deg: FloatArray, surface_tilt_deg: float, surface_azimuth_deg: float
) -> FloatArray:
    """Cosine of the angle between the sun and the normal of a tilted plane.

    Parameters
    ----------
    zenith_deg, azimuth_deg
        The sun's angle from the vertical, and clockwise from north, shape (time,) [deg].
    surface_tilt_deg, surface_azimuth_deg
        The plane's tilt from the horizontal, and the side it faces, clockwise from north [deg].

    Returns
    -------
    ndarray
        Shape (time,), negative while the sun is behind the plane [1].

    Raises
    ------
    ValueError
        If the lengths differ.

    Notes
    -----
    (1) cos(incidence) = cos(tilt) cos(zenith) + sin(tilt) sin(zenith) cos(azimuth - surface azimuth)

    Equal to `pvlib.irradiance.aoi_projection`.
    """
    steps = zenith_deg.size
    if azimuth_deg.size != steps:
        msg = "arrays differ in length"
        raise ValueError(msg)
    cos_tilt, sin_tilt = math.cos(surface_tilt_deg * RAD_PER_DEG), math.sin(surface_tilt_deg * RAD_PER_DEG)
    out = np.empty(steps)
    for i in range(steps):
        out[i] = _cosines(zenith_deg[i], azimuth_deg[i] - surface_azimuth_deg, cos_tilt, sin_tilt)[1]
    return out


@vector_kernel
def plane_of_array(
    ghi_w_per_m2: FloatArray,
    *,
    dhi_w_per_m2: FloatArray,
    dni_w_per_m2: FloatArray,
    dni_extra_w_per_m2: FloatArray,
    zenith_deg: FloatArray,
    azimuth_deg: FloatArray,
    surface_tilt_deg: float,
    surface_azimuth_deg: float,
    albedo_fraction: float,
    hay_davies: bool,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Irradiance on a tilted plane, by where it comes from.

    Parameters
    ----------
    ghi_w_per_m2, dhi_w_per_m2
        Global and diffuse irradiance on the horizontal, shape (time,) [W m-2].
    dni_w_per_m2, dni_extra_w_per_m2
        Irradiance on a plane facing the sun, on the ground and outside the atmosphere, shape (time,) [W m-2].
    zenith_deg, azimuth_deg, surface_tilt_deg, surface_azimuth_deg
        As in `cos_incidence` [deg].
    albedo_fraction
        Share of the global irradiance that the ground reflects; 0.2 to 0.25 for soil and grass [1].
    hay_davies
        Whether the diffuse light is brighter around the sun (Hay and Davies); if not, the sky is uniform.

    Returns
    -------
    sun_w_per_m2, sky_w_per_m2, ground_w_per_m2
        From the sun's direction (beam and circumsolar), the rest of the sky, the ground, shape (time,) [W m-2].

    Raises
    ------
    ValueError
        If the lengths differ.

    Notes
    -----
    (1) A = dni / dni_extra with ``hay_davies``, else 0
    (2) sun = (dni + dhi A / max(cos(zenith), 0.01745)) max(0, cos(incidence))
    (3) sky = dhi (1 - A) (1 + cos(tilt)) / 2
    (4) ground = albedo ghi (1 - cos(tilt)) / 2

    Equal to `pvlib.irradiance.haydavies`, `isotropic`, `get_ground_diffuse` and `poa_components`. Free horizon.

    References
    ----------
    .. [1] P. G. Loutzenhiser et al., "Empirical validation of models to compute solar irradiance on inclined surfaces
       for building energy simulation", Solar Energy 81 (2007) 254-267, doi:10.1016/j.solener.2006.03.009
    """
    steps = ghi_w_per_m2.size
    if not (dhi_w_per_m2.size == dni_w_per_m2.size == dni_extra_w_per_m2.size == steps):
        msg = "arrays differ in length"
        raise ValueError(msg)
    if not (zenith_deg.size == azimuth_deg.size == steps):
        msg = "arrays differ in length"
        raise ValueError(msg)
    cos_tilt, sin_tilt = math.cos(surface_tilt_deg * RAD_PER_DEG), math.sin(surface_tilt_deg * RAD_PER_DEG)
    around_sun = 1.0 if hay_davies else 0.0
    sun, sky, ground = np.empty(steps), np.empty(steps), np.empty(steps)
    for i in range(steps):
        cos_zenith, cosine = _cosines(zenith_deg[i], azimuth_deg[i] - surface_azimuth_deg, cos_tilt, sin_tilt)
        anisotropy = around_sun * dni_w_per_m2[i] / dni_extra_w_per_m2[i]
        sun[i], sky[i], seen = _plane(
            ghi_w_per_m2[i], dhi_w_per_m2[i], dni_w_per_m2[i], anisotropy, cos_zenith, cosine, cos_tilt
        )
        ground[i] = albedo_fraction * seen
    return sun, sky, ground


@vector_kernel
def iam_physical(cos_incidence: FloatArray) -> FloatArray:
    """Incidence-angle modifier of a flat glass cover.

    Parameters
    ----------
    cos_incidence
        Cosine of the angle between light and normal, shape (time,) [1].

    Returns
    -------
    ndarray
        Transmission over that at normal incidence, shape (time,), 0 to 1, 0 behind the plane [1].

    Notes
    -----
    With c the cosine outside, c' inside the glass, n = 1.526 and an optical depth of 0.008

    (1) c' = sqrt(1 - (1 - c^2) / n^2)
    (2) rs = (c - n c') / (c + n c'),  rp = (c' - n c) / (c' + n c)
    (3) t = (1 - (rs^2 + rp^2) / 2) exp(-0.008 / c')
    (4) iam = t(c) / t(1)

    Equal to `pvlib.iam.physical` with its default glass; no antireflective coating.

    References
    ----------
    .. [1] A. P. Dobos, "PVWatts Version 5 Manual", NREL/TP-6A20-62641 (2014), doi:10.2172/1158421
    .. [2] W. De Soto, S. A. Klein, W. A. Beckman, "Improvement and validation of a model for photovoltaic array
       performance", Solar Energy 80 (2006) 78-88
    """
    out = np.empty(cos_incidence.size)
    for i in range(cos_incidence.size):
        out[i] = _iam(cos_incidence[i])
    return out


@kernel
def iam_diffuse(surface_tilt_deg: float) -> tuple[float, float]:
    """Incidence-angle modifiers of uniform light from sky and ground on a tilted plane.

    Parameters
    ----------
    surface_tilt_deg
        The plane's tilt from the horizontal, 0 to 90 [deg].

    Returns
    -------
    iam_sky, iam_ground
        Means of `iam_physical`, weighted with the light on the plane; the ground's is 0 at tilt 0, where no light comes
        from there [1].

    Notes
    -----
    A ring at the angle x from the plane's normal lies in the sky over an azimuth of

    (1) W(x) = 2 acos(-cot(tilt) cot(x)), and 2 pi where cos(tilt) cos(x) >= sin(tilt) sin(x)
    (2) iam_sky = int iam(x) W(x) sin(x) cos(x) dx / int W(x) sin(x) cos(x) dx,  x from 0 to pi / 2
    (3) iam_ground as (2) with 2 pi - W(x)

    by the midpoint rule in 2,000 steps (error below 1e-5). Agrees with `pvlib.iam.marion_diffuse`, which integrates
    over the sphere in degrees, within 0.001. About 0.95 for the sky: of weight where most light is diffuse.

    References
    ----------
    .. [1] B. Marion, "Numerical method for angle-of-incidence correction factors for diffuse radiation incident
       photovoltaic modules", Solar Energy 147 (2017) 344-348, doi:10.1016/j.solener.2017.03.027
    """
    cos_tilt, sin_tilt = math.cos(surface_tilt_deg * RAD_PER_DEG), math.sin(surface_tilt_deg * RAD_PER_DEG)
    sky = sky_light = ground = ground_light = 0.0
    for ring in range(2000):
        angle = (ring + 0.5) / 2000 * 0.5 * math.pi
        up, down = cos_tilt * math.cos(angle), sin_tilt * math.sin(angle)
        width = 2.0 * math.pi if up >= down else 2.0 * math.acos(-up / down)
        light = math.sin(angle) * math.cos(angle)
        passed = _iam(math.cos(angle))
        sky += passed * width * light
        sky_light += width * light
        ground += passed * (2.0 * math.pi - width) * light
        ground_light += (2.0 * math.pi - width) * light
    return sky / sky_light, ground / ground_light if ground_light > 0.0 else 0.0


@kernel
def noct_heat_loss(noct_c: float) -> float:
    """Heat-loss coefficient that stands for a nominal operating cell temperature.

    Parameters
    ----------
    noct_c
        Cell temperature at 800 W m-2, air of 20 °C and wind of 1 m s-1, above 20; 43 to 47 for open racks [degC].

    Returns
    -------
    float
        ``heat_loss_w_per_m2_k`` for `cell_temperature`, with a wind part of 0 [W m-2 K-1].

    Notes
    -----
    (1) temp_cell = temp_air + (noct - 20) / 800 irradiance = temp_air + irradiance / u,  u = 800 / (noct - 20)

    Equal to `pvlib.temperature.ross` with ``noct``; wind other than 1 m s-1 is left out.

    References
    ----------
    .. [1] R. G. Ross, "Design techniques for flat-plate photovoltaic arrays", 15th IEEE Photovoltaic Specialist
       Conference, Orlando (1981)
    """
    return 800.0 / (noct_c - 20.0)


@vector_kernel
def cell_temperature(
    plane_w_per_m2: FloatArray,
    *,
    temp_air_c: FloatArray,
    wind_speed_m_per_s: FloatArray,
    heat_loss_w_per_m2_k: float,
    heat_loss_wind_w_s_per_m3_k: float,
) -> FloatArray:
    """Cell temperature from irradiance, air temperature and wind, after Faiman.

    Parameters
    ----------
    plane_w_per_m2
        Irradiance on the plane of the modules, before reflection, shape (time,) [W m-2].
    temp_air_c, wind_speed_m_per_s
        Of the air at module height, shape (time,) [degC], [m s-1].
    heat_loss_w_per_m2_k, heat_loss_wind_w_s_per_m3_k
        Heat loss in calm air, and what each m s-1 of wind adds: 25.0 and 6.84 for open racks [1], or `noct_heat_loss`
        and 0; the sum must not be 0 [W m-2 K-1], [W s m-3 K-1].

    Returns
    -------
    ndarray
        Shape (time,) [degC].

    Raises
    ------
    ValueError
        If the lengths differ.

    Notes
    -----
    (1) temp_cell = temp_air + irradiance / (u0 + u1 wind)

    Equal to `pvlib.temperature.faiman`. Steady state: for steps of 10 minutes and more.

    References
    ----------
    .. [1] D. Faiman, "Assessing the outdoor operating temperature of photovoltaic modules", Progress in Photovoltaics
       16 (2008) 307-315, doi:10.1002/pip.813
    """
    steps = plane_w_per_m2.size
    if not (temp_air_c.size == wind_speed_m_per_s.size == steps):
        msg = "arrays differ in length"
        raise ValueError(msg)
    out = np.empty(steps)
    for i in range(steps):
        loss = heat_loss_w_per_m2_k + heat_loss_wind_w_s_per_m3_k * wind_speed_m_per_s[i]
        out[i] = temp_air_c[i] + plane_w_per_m2[i] / loss
    return out


@vector_kernel
def dc_per_unit(
    effective_w_per_m2: FloatArray, *, temp_cell_c: FloatArray, temp_coefficient_per_k: float, loss_fraction: float
) -> FloatArray:
    """DC power per unit of DC rating, after PVWatts.

    Parameters
    ----------
    effective_w_per_m2
        Irradiance that reaches the cells, after reflection, shape (time,) [W m-2].
    temp_cell_c
        Cell temperature, shape (time,) [degC].
    temp_coefficient_per_k
        Change of power with cell temperature, -0.0029 to -0.0035 for today's modules [K-1].
    loss_fraction
        Soiling, shading, mismatch, wiring, ageing; 0.14 in PVWatts, which counts 3 % of outages in [1].

    Returns
    -------
    ndarray
        Shape (time,) [MW MW-1].

    Raises
    ------
    ValueError
        If the lengths differ.

    Notes
    -----
    (1) dc = effective / 1000 (1 + temp_coefficient (temp_cell - 25)) (1 - loss)

    Equal to `pvlib.pvsystem.pvwatts_dc`. Efficiency does not fall in weak light.

    References
    ----------
    .. [1] A. P. Dobos, "PVWatts Version 5 Manual", NREL/TP-6A20-62641 (2014), doi:10.2172/1158421
    """
    steps = effective_w_per_m2.size
    if temp_cell_c.size != steps:
        msg = "arrays differ in length"
        raise ValueError(msg)
    out = np.empty(steps)
    for i in range(steps):
        out[i] = _dc(effective_w_per_m2[i], temp_cell_c[i], temp_coefficient_per_k, loss_fraction)
    return out


@vector_kernel
def ac_per_unit(dc_mw_per_mw: FloatArray, *, eff_inverter: float) -> FloatArray:
    """AC power per unit of AC rating, after PVWatts' inverter, cut off at the rating.

    Parameters
    ----------
    dc_mw_per_mw
        DC power over the AC rating (not the DC rating), shape (time,) [MW MW-1].
    eff_inverter
        Efficiency at full load; 0.96 in PVWatts, 0.98 for today's large inverters [1].

    Returns
    -------
    ndarray
        Shape (time,), 0 to 1, never negative: what the inverter draws at night is left out [MW MW-1].

    Notes
    -----
    With the load z = eff dc, the inverter's DC input over that at full output,

    (1) efficiency = eff / 0.9637 (-0.0162 z - 0.0059 / z + 0.9858)
    (2) ac = efficiency dc = (-0.0162 z^2 + 0.9858 z - 0.0059) / 0.9637, kept within 0 and 1; 1 at z = 1

    Equal to `pvlib.inverter.pvwatts` over its rating.

    References
    ----------
    .. [1] A. P. Dobos, "PVWatts Version 5 Manual", NREL/TP-6A20-62641 (2014), doi:10.2172/1158421
    """
    out = np.empty(dc_mw_per_mw.size)
    for i in range(dc_mw_per_mw.size):
        out[i] = _ac(dc_mw_per_mw[i], eff_inverter)
    return out


@vector_kernel
def pv_per_unit(
    ghi_w_per_m2: FloatArray,
    *,
    dhi_w_per_m2: FloatArray,
    dni_w_per_m2: FloatArray,
    dni_extra_w_per_m2: FloatArray,
    zenith_deg: FloatArray,
    azimuth_deg: FloatArray,
    temp_air_c: FloatArray,
    wind_speed_m_per_s: FloatArray,
    surface_tilt_deg: float,
    surface_azimuth_deg: float,
    albedo_fraction: float,
    hay_davies: bool,
    iam_sky: float,
    iam_ground: float,
    heat_loss_w_per_m2_k: float,
    heat_loss_wind_w_s_per_m3_k: float,
    temp_coefficient_per_k: float,
    loss_fraction: float,
    dc_ac_ratio: float,
    eff_inverter: float,
) -> FloatArray:
    """AC power of a fixed array per unit of its AC rating, from weather and the sun's position.

    Parameters
    ----------
    ghi_w_per_m2, dhi_w_per_m2, dni_w_per_m2, dni_extra_w_per_m2
        Global and diffuse irradiance on the horizontal, beam and extraterrestrial irradiance on a plane facing the sun,
        shape (time,) [W m-2].
    zenith_deg, azimuth_deg
        The sun's position at mid-step, shape (time,) [deg].
    temp_air_c, wind_speed_m_per_s
        Of the air at module height, shape (time,) [degC], [m s-1].
    surface_tilt_deg, surface_azimuth_deg, albedo_fraction, hay_davies
        As in `plane_of_array`.
    iam_sky, iam_ground
        Share of sky and ground light that passes the glass, of `iam_diffuse`; 1 and 1 in PVWatts [1].
    heat_loss_w_per_m2_k, heat_loss_wind_w_s_per_m3_k
        As in `cell_temperature`.
    temp_coefficient_per_k, loss_fraction
        As in `dc_per_unit`.
    dc_ac_ratio
        DC rating over AC rating, 1.0 to 1.8 [1].
    eff_inverter
        As in `ac_per_unit`.

    Returns
    -------
    ndarray
        AC power over AC rating, shape (time,), 0 to 1 [MW MW-1]. Times ``power_max_mw`` it is the power available.

    Raises
    ------
    ValueError
        If the lengths differ.

    Notes
    -----
    (1) sun, sky, ground = `plane_of_array`
    (2) effective = `iam_physical` sun + iam_sky sky + iam_ground ground
    (3) temp_cell = `cell_temperature` (sun + sky + ground)
    (4) out = `ac_per_unit` (dc_ac_ratio `dc_per_unit` (effective, temp_cell))

    to the last bit what the links give one after the other.
    """
    steps = ghi_w_per_m2.size
    if not (dhi_w_per_m2.size == dni_w_per_m2.size == dni_extra_w_per_m2.size == zenith_deg.size == steps):
        msg = "arrays differ in length"
        raise ValueError(msg)
    if not (azimuth_deg.size == temp_air_c.size == wind_speed_m_per_s.size == steps):
        msg = "arrays differ in length"
        raise ValueError(msg)
    cos_tilt, sin_tilt = math.cos(surface_tilt_deg * RAD_PER_DEG), math.sin(surface_tilt_deg * RAD_PER_DEG)
    around_sun = 1.0 if hay_davies else 0.0
    out = np.empty(steps)
    for i in range(steps):
        cos_zenith, cosine = _cosines(zenith_deg[i], azimuth_deg[i] - surface_azimuth_deg, cos_tilt, sin_tilt)
        anisotropy = around_sun * dni_w_per_m2[i] / dni_extra_w_per_m2[i]
        sun, sky, seen = _plane(
            ghi_w_per_m2[i], dhi_w_per_m2[i], dni_w_per_m2[i], anisotropy, cos_zenith, cosine, cos_tilt
        )
        ground = albedo_fraction * seen
        loss = heat_loss_w_per_m2_k + heat_loss_wind_w_s_per_m3_k * wind_speed_m_per_s[i]
        temp_cell = temp_air_c[i] + (sun + sky + ground) / loss
        effective = _iam(cosine) * sun + iam_sky * sky + iam_ground * ground
        out[i] = _ac(dc_ac_ratio * _dc(effective, temp_cell, temp_coefficient_per_k, loss_fraction), eff_inverter)
    return out
