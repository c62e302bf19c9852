"""Load profiles of a park from archetypes: calendar, shapes, weather response and noise joined and scaled.

A year is always built whole and scaled whole; a shorter horizon is cut from it. The response to weather knows only the
temperature of the horizon: hours of the year outside it take the horizon's mean.
"""

import warnings
from collections.abc import Mapping

import numpy as np
import pandas as pd

from parksim.calendar_cn import day_kinds, festival_factor, season_factor
from parksim.component import Array
from parksim.errors import ParksimWarning
from parksim.kernels import load
from parksim.notes import Note
from parksim.shapes import ARCHETYPES, Archetype
from parksim.timeaxis import TimeAxis

WHOLE_YEAR = 0.999
"""From this share of a year on the temperature of the whole year is known."""


def _day_factor(kind: Archetype, days: pd.DatetimeIndex, kinds: np.ndarray) -> Array:
    rest = festival_factor(
        days,
        spring_factor=kind.spring_factor,
        spring_days=kind.spring_days,
        spring_lead_days=kind.spring_lead_days,
        spring_ramp_days=kind.spring_ramp_days,
        national_factor=kind.national_factor,
        national_days=kind.national_days,
    )
    if kind.seasons:
        rest = np.minimum(rest, season_factor(days, seasons=kind.seasons))
    return load.day_factors(kinds, np.array(kind.kind_factors), rest)


def _year_profile(
    year: int, *, shares: Mapping[str, float], temp_air_c: Array | None, noise_fraction: float | None, seed: int
) -> tuple[Array, tuple[int, ...]]:
    """Hourly profile of one calendar year with mean 1, and the years whose holidays are unknown."""
    hours = pd.date_range(f"{year}-01-01", f"{year + 1}-01-01", freq="h", inclusive="left")
    days = pd.DatetimeIndex(hours.normalize().unique())
    kinds, unknown = day_kinds(days)
    hour_of_day = hours.hour.to_numpy().astype(np.int64)
    day_of_hour = np.arange(len(hours), dtype=np.int64) // 24
    profiles = []
    for position, name in enumerate(shares):
        kind = ARCHETYPES[name]
        normal = np.random.default_rng((seed, year, position)).standard_normal(len(hours))
        weather = np.ones(len(hours))
        if temp_air_c is not None:
            weather = load.temperature_factor(
                temp_air_c, kind.heat_base_c, kind.cool_base_c, kind.heat_per_k, kind.cool_per_k
            )
        sd = kind.noise_sd if noise_fraction is None else noise_fraction
        profiles.append(
            load.hourly_profile(
                np.array(kind.day_shape),
                hour_of_day,
                day_of_hour,
                _day_factor(kind, days, kinds),
                weather,
                load.noise_factor(normal, sd, kind.noise_keep_per_h),
            )
        )
    return load.mix(np.array(profiles), energy_shares=np.array(list(shares.values()))), unknown


def _hourly_temperature(time: TimeAxis, year: int, temp_air_c: Array | None) -> Array | None:
    """Hourly means of one calendar year; NaN-free: hours outside the horizon take the mean of the horizon."""
    if temp_air_c is None:
        return None
    hourly = pd.Series(temp_air_c, index=time.stamps).resample("h").mean()
    wanted = pd.date_range(f"{year}-01-01", f"{year + 1}-01-01", freq="h", inclusive="left")
    return hourly.reindex(wanted).fillna(float(hourly.mean())).to_numpy().astype(np.float64)


def demand_profile(
    *,
    time: TimeAxis,
    shares: Mapping[str, float],
    energy_per_year_mwh: float | None,
    peak_mw: float | None,
    temp_air_c: Array | None,
    noise_fraction: float | None,
    seed: int,
) -> Array:
    """Build the load of a park over the horizon.

    Parameters
    ----------
    time
        The horizon.
    shares
        Archetype (a key of :data:`parksim.shapes.ARCHETYPES`) to its share of the year's energy; they sum to 1 [1].
    energy_per_year_mwh, peak_mw
        Energy of each whole calendar year [MWh] and its highest hourly mean [MW]; one or both.
    temp_air_c
        Outdoor temperature, shape (time,), or ``None`` for no response to weather [degC].
    noise_fraction
        Standard deviation of the hourly noise of every archetype, or ``None`` for the archetypes' own [1].
    seed
        Seed of the noise.

    Returns
    -------
    ndarray, shape (time,)
        Power [MW].

    Raises
    ------
    ValueError
        If energy and peak do not fit together.

    Warns
    -----
    ParksimWarning
        If the holidays of a year are not known: it has plain weekends.
    """
    parts, unknown = [], set()
    first, last = time.stamps[0].year, time.stamps[-1].year
    for year in range(first, last + 1):
        temperature = _hourly_temperature(time, year, temp_air_c)
        profile, lost = _year_profile(
            year, shares=shares, temp_air_c=temperature, noise_fraction=noise_fraction, seed=seed
        )
        unknown |= set(lost)
        parts.append(load.scale(profile, step_h=1.0, energy_mwh=energy_per_year_mwh, peak_mw=peak_mw))
    if unknown:
        years = ", ".join(map(str, sorted(unknown)))
        warnings.warn(
            Note("the public holidays of {years} are not known to the calendar: plain weekends are used", years=years),
            ParksimWarning,
            stacklevel=2,
        )
    if temp_air_c is not None and time.year_share < WHOLE_YEAR:
        warnings.warn(
            Note(
                "the load of a horizon shorter than a year is scaled with the temperature of the horizon alone; "
                "it may differ by a few percent from the same days of a whole year"
            ),
            ParksimWarning,
            stacklevel=2,
        )
    hourly = pd.Series(
        np.concatenate(parts), index=pd.date_range(f"{first}-01-01", f"{last + 1}-01-01", freq="h", inclusive="left")
    )
    return hourly.reindex(time.stamps.floor("h")).to_numpy(np.float64)
