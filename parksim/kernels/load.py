"""Load profiles: day shape, kind of day, weather and noise to an hourly profile, scaled to energy and peak.

Everything is defined on whole hours of the park's clock; `hold` carries hourly means to shorter steps unchanged. So a
load has the same energy and the same peak at 15, 30 and 60 minutes. Kernels draw no random numbers: noise comes in as
standard normals, one per hour, from a generator seeded by the caller.
"""

import numpy as np

from parksim.kernels._jit import kernel


@kernel
def day_factors(kind: np.ndarray, kind_factor: np.ndarray, rest_factor: np.ndarray) -> np.ndarray:
    """Combine the kind of day with festivals and seasons.

    Parameters
    ----------
    kind : ndarray of int8, shape (day,)
        Kind of every day, an index into `kind_factor` [1].
    kind_factor : ndarray, shape (kind,)
        Day's energy of each kind relative to a work day [1].
    rest_factor : ndarray, shape (day,)
        What festivals and seasons leave of the day, 1 away from them; the minimum where there are several [1].

    Returns
    -------
    ndarray, shape (day,)
        Factor of every day [1]; NaN where `rest_factor` is NaN.

    Raises
    ------
    ValueError
        If a kind has no factor or the lengths differ.

    Notes
    -----
    The lower of the two counts, not the product: a Sunday within the holidays is not reduced twice::

        factor[d] = min(kind_factor[kind[d]], rest_factor[d])          (1)
    """
    if kind.size != rest_factor.size:
        raise ValueError("kind, rest_factor: the lengths differ")  # noqa: EM101 (Numba wants a constant)
    factor = rest_factor.copy()
    for d in range(kind.size):
        if kind[d] < 0 or kind[d] >= kind_factor.size:
            raise ValueError("kind: a day has a kind without factor")  # noqa: EM101
        if kind_factor[kind[d]] < factor[d]:
            factor[d] = kind_factor[kind[d]]
    return factor


@kernel
def temperature_factor(
    temp_c: np.ndarray, heat_base_c: float, cool_base_c: float, heat_per_k: float, cool_per_k: float
) -> np.ndarray:
    """Response of the load to the outdoor temperature, by heating and cooling degree hours.

    Parameters
    ----------
    temp_c : ndarray, shape (hour,)
        Hourly mean outdoor temperature [°C].
    heat_base_c, cool_base_c : float
        Temperatures below and above which the load rises [°C].
    heat_per_k, cool_per_k : float
        Rise per kelvin beyond them, as a share of the load [K-1].

    Returns
    -------
    ndarray, shape (hour,)
        Factor, 1 between the base temperatures [1]; NaN where the temperature is NaN.

    Notes
    -----
    ::

        factor = 1 + heat_per_k * max(heat_base - T, 0) + cool_per_k * max(T - cool_base, 0)      (1)
    """
    factor = np.empty(temp_c.size)
    for h in range(temp_c.size):
        below, above = heat_base_c - temp_c[h], temp_c[h] - cool_base_c
        if np.isnan(temp_c[h]):
            factor[h] = np.nan
        else:
            factor[h] = 1.0 + heat_per_k * max(below, 0.0) + cool_per_k * max(above, 0.0)
    return factor


@kernel
def noise_factor(normal: np.ndarray, noise_sd: float, keep_per_h: float) -> np.ndarray:
    """Correlated noise with mean 1 from standard normals.

    Parameters
    ----------
    normal : ndarray, shape (hour,)
        Independent standard normals, one per hour whatever the step of the park [1].
    noise_sd : float
        Standard deviation of the logarithm [1].
    keep_per_h : float
        Correlation from one hour to the next, 0 to below 1 [1].

    Returns
    -------
    ndarray, shape (hour,)
        Factor [1]; NaN from a NaN on.

    Raises
    ------
    ValueError
        If `noise_sd` is negative or NaN, or `keep_per_h` lies outside 0 to below 1.

    Notes
    -----
    A stationary first-order autoregression in the logarithm, with x the normals::

        z[0] = sd * x[0],   z[h] = keep * z[h-1] + sd * sqrt(1 - keep^2) * x[h]                   (1)
        factor[h] = exp(z[h] - sd^2 / 2)                                                          (2)

    (2) has the expectation 1, since z is normal with variance sd^2 in every hour.
    """
    if not noise_sd >= 0.0:
        raise ValueError("noise_sd: must be 0 or more")  # noqa: EM101 (Numba wants a constant)
    if not 0.0 <= keep_per_h < 1.0:
        raise ValueError("keep_per_h: must lie in 0 to below 1")  # noqa: EM101
    factor = np.empty(normal.size)
    fresh = noise_sd * np.sqrt(1.0 - keep_per_h * keep_per_h)
    z = 0.0
    for h in range(normal.size):
        z = noise_sd * normal[h] if h == 0 else keep_per_h * z + fresh * normal[h]
        factor[h] = np.exp(z - 0.5 * noise_sd * noise_sd)
    return factor


@kernel
def hourly_profile(
    day_shape: np.ndarray,
    hour_of_day: np.ndarray,
    day_of_hour: np.ndarray,
    day_factor: np.ndarray,
    weather_factor: np.ndarray,
    noise: np.ndarray,
) -> np.ndarray:
    """Hourly load relative to the peak of a normal work day.

    Parameters
    ----------
    day_shape : ndarray, shape (24,)
        Hourly means of a normal work day, fraction of its peak [1].
    hour_of_day : ndarray of int64, shape (hour,)
        Hour of the park's clock, 0 to 23 [1].
    day_of_hour : ndarray of int64, shape (hour,)
        Position of the hour's day in `day_factor` [1].
    day_factor : ndarray, shape (day,)
        Factors of `day_factors` [1].
    weather_factor, noise : ndarray, shape (hour,)
        Factors of `temperature_factor` and `noise_factor`, or ones [1].

    Returns
    -------
    ndarray, shape (hour,)
        Profile [1]; NaN where a factor is NaN.

    Raises
    ------
    ValueError
        If lengths differ, an hour lies outside 0 to 23, or a day has no factor.

    Notes
    -----
    ::

        profile[h] = shape[hour of day] * day_factor[day] * weather_factor[h] * noise[h]          (1)
    """
    hours = hour_of_day.size
    if day_shape.size != 24:
        raise ValueError("day_shape: must have 24 values")  # noqa: EM101 (Numba wants a constant)
    if day_of_hour.size != hours or weather_factor.size != hours or noise.size != hours:
        raise ValueError("hour_of_day, day_of_hour, weather_factor, noise: the lengths differ")  # noqa: EM101
    profile = np.empty(hours)
    for h in range(hours):
        hour, day = hour_of_day[h], day_of_hour[h]
        if hour < 0 or hour > 23:
            raise ValueError("hour_of_day: must lie in 0 to 23")  # noqa: EM101
        if day < 0 or day >= day_factor.size:
            raise ValueError("day_of_hour: a day has no factor")  # noqa: EM101
        profile[h] = day_shape[hour] * day_factor[day] * weather_factor[h] * noise[h]
    return profile


@kernel
def hold(hourly: np.ndarray, steps_per_hour: int) -> np.ndarray:
    """Carry hourly means to shorter steps by holding them.

    Parameters
    ----------
    hourly : ndarray, shape (hour,)
        Hourly means [any unit].
    steps_per_hour : int
        1, 2 or 4 for steps of 60, 30 or 15 minutes [1].

    Returns
    -------
    ndarray, shape (hour * steps_per_hour,)
        Step means [the same unit]. NaN stays NaN.

    Raises
    ------
    ValueError
        If `steps_per_hour` is below 1.

    Notes
    -----
    The mean of an hour's steps is the hourly value exactly, and the peak is the same at every step length. A straight
    line between hours would look smoother but cannot keep hourly means without leaving the range of the data.
    """
    if steps_per_hour < 1:
        raise ValueError("steps_per_hour: must be 1 or more")  # noqa: EM101 (Numba wants a constant)
    return np.repeat(hourly, steps_per_hour)


@kernel
def stretch(profile: np.ndarray, mean: float, peak: float) -> np.ndarray:
    """Map a profile by a straight line so that both its mean and its peak are as given.

    Parameters
    ----------
    profile : ndarray, shape (time,)
        Profile that is not flat [any unit].
    mean, peak : float
        Wanted mean and highest value [any other unit].

    Returns
    -------
    ndarray, shape (time,)
        Profile [unit of `mean` and `peak`]; NaN if a value is NaN or the profile is flat.

    Notes
    -----
    ::

        q = peak - (peak - mean) * (max(p) - p) / (max(p) - mean(p))   (1)

    The highest value of q is `peak` exactly. The lowest may be negative: `scale` refuses that.
    """
    top, total = -np.inf, 0.0  # as loops: np.max and np.mean make a compiled kernel load all of Numba's and SciPy's
    for value in profile:
        top = value if value > top else top
        total += value
    span = top - total / profile.size
    stretched = np.empty(profile.size)
    for t in range(profile.size):
        stretched[t] = peak - (peak - mean) * ((top - profile[t]) / span) if span > 0.0 else np.nan
    return stretched


def mix(profiles: np.ndarray, *, energy_shares: np.ndarray) -> np.ndarray:
    """Mix the profiles of several types by their shares of the energy.

    Parameters
    ----------
    profiles : ndarray, shape (type, time)
        Profiles on any scale, not negative [1].
    energy_shares : ndarray, shape (type,)
        Share of each type in the energy of the whole horizon; the sum is 1 [1].

    Returns
    -------
    ndarray, shape (time,)
        Profile with mean 1 [1].

    Raises
    ------
    ValueError
        If shapes differ, a value is negative or not finite, a profile has no energy, or the shares do not sum to 1.

    Notes
    -----
    ::

        q[t] = sum over types of share * p[t] / mean(p)                (1)
    """
    profiles, shares = np.asarray(profiles, dtype=np.float64), np.asarray(energy_shares, dtype=np.float64)
    if profiles.ndim != 2 or shares.shape != profiles.shape[:1]:
        msg = (
            f"profiles, energy_shares: got shapes {profiles.shape} and {shares.shape}, must be (type, time) and (type,)"
        )
        raise ValueError(msg)
    if not (shares >= 0.0).all() or abs(shares.sum() - 1.0) > 1e-9:
        msg = f"energy_shares: got {shares.tolist()}, must be 0 or more and sum to 1"
        raise ValueError(msg)
    _check_profile(profiles)
    means = profiles.mean(axis=1)
    if not (means > 0.0).all():
        msg = "profiles: one of them is zero throughout, so it cannot carry a share of the energy"
        raise ValueError(msg)
    return np.asarray((shares / means) @ profiles)


def scale(
    profile: np.ndarray, *, step_h: float, energy_mwh: float | None = None, peak_mw: float | None = None
) -> np.ndarray:
    """Scale a profile to an energy, to a peak, or to both.

    Parameters
    ----------
    profile : ndarray, shape (time,)
        Profile on any scale, not negative [1].
    step_h : float
        Length of a step [h].
    energy_mwh : float, optional
        Energy over the whole profile: for an annual energy, scale the whole year and cut afterwards [MWh].
    peak_mw : float, optional
        Highest step mean [MW].

    Returns
    -------
    ndarray, shape (time,)
        Power [MW].

    Raises
    ------
    ValueError
        If neither energy nor peak is given, a number is negative or not finite, the profile is zero throughout, or no
        stretched profile without negative power has this energy and this peak.

    Notes
    -----
    With one of the two the profile is multiplied. With both it is stretched by a straight line (`stretch`), which keeps
    the order of all values. Its lowest value is not negative if and only if, with m = mean(p) and the wanted mean M::

        peak * (m - min(p)) / (max(p) - min(p)) <= M <= peak           (1)
    """
    profile = np.ascontiguousarray(profile, dtype=np.float64)
    _check_profile(profile)
    if energy_mwh is None and peak_mw is None:
        msg = "energy_mwh, peak_mw: give one or both"
        raise ValueError(msg)
    for name, value in (("step_h", step_h), ("energy_mwh", energy_mwh), ("peak_mw", peak_mw)):
        if value is not None and not 0.0 <= value < np.inf:
            msg = f"{name}: got {value}, must be 0 or more"
            raise ValueError(msg)
    if not profile.max(initial=0.0) > 0.0 or step_h == 0.0:
        msg = "profile: zero throughout or empty, or step_h is 0; nothing to scale"
        raise ValueError(msg)
    if energy_mwh is None or peak_mw is None:
        times = peak_mw / profile.max() if peak_mw is not None else (energy_mwh or 0.0) / (profile.sum() * step_h)
        return np.asarray(profile * times)
    return _scale_both(profile, energy_mwh / (profile.size * step_h), peak_mw)


def _scale_both(profile: np.ndarray, mean_mw: float, peak_mw: float) -> np.ndarray:
    """Stretch to mean and peak, or say which means the peak allows."""
    low, top = float(profile.min()), float(profile.max())
    least = peak_mw * (float(profile.mean()) - low) / (top - low) if top > low else peak_mw
    slack = 1e-9 * peak_mw
    if not least - slack <= mean_mw <= peak_mw + slack:
        msg = (
            f"energy_mwh, peak_mw: a mean of {mean_mw:g} MW with a peak of {peak_mw:g} MW does not fit this profile; "
            f"at that peak its mean may lie in {least:g} to {peak_mw:g} MW. Change one of the two, or the mix of types."
        )
        raise ValueError(msg)
    if top == low:
        return np.full(profile.size, mean_mw)
    return np.asarray(np.maximum(stretch(profile, min(mean_mw, peak_mw), peak_mw), 0.0))


def _check_profile(profile: np.ndarray) -> None:
    """Refuse NaN and negative values."""
    if not (profile >= 0.0).all() or not np.isfinite(profile).all():
        msg = "profile: negative, NaN or infinite values"
        raise ValueError(msg)
