"""Load profiles of a park from archetypes: calendar, shapes, weather response and noise joined and scaled.

A year is always built whole and scaled whole; a shorter horizon is cut from it. The response to weather knows only the
temperature of the horizon: hours of the year outside it take the horizon's mean.
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parksim.calendar_cn import day_kinds, festival_factor, season_factor
from parksim.component import Array
from parksim.errors import ParksimWarning
from parksim.kernels import load
from parksim.notes import Note
from parksim.profiles import frozen
from parksim.shapes import ARCHETYPES
from parksim.timeaxis import TimeAxis

WHOLE_YEAR = 0.999
"""From this share of a year on the temperature of the whole year is known."""


@lru_cache(maxsize=64)
def _days_of(year: int) -> tuple[pd.DatetimeIndex, np.ndarray, tuple[int, ...]]:
    """Days of a calendar year, their kinds, and the year itself where its holidays are unknown."""
    days = pd.date_range(f"{year}-01-01", f"{year}-12-31", freq="D")
    kinds, unknown = day_kinds(days)
    return days, kinds, unknown


@lru_cache(maxsize=256)
def _day_factor(name: str, year: int) -> Array:
    """Factor of every day of a calendar year for an archetype [1]."""
    kind, (days, kinds, _) = ARCHETYPES[name], _days_of(year)
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
    return frozen(load.day_factors(kinds, np.array(kind.kind_factors), rest))


@lru_cache(maxsize=64)
def _noise(seed: int, year: int, position: int, sd: float, keep_per_h: float) -> Array:
    """Factor of every hour of a calendar year for the noise of one archetype [1]."""
    hours = 24 * len(_days_of(year)[0])
    normal = np.random.default_rng((seed, year, position)).standard_normal(hours)
    return frozen(load.noise_factor(normal, sd, keep_per_h))


def _year_profile(
    year: int, *, shares: Mapping[str, float], temp_air_c: Array | None, noise_fraction: float | None, seed: int
) -> tuple[Array, tuple[int, ...]]:
    """Hourly profile of one calendar year with mean 1, and the years whose holidays are unknown."""
    days, _, unknown = _days_of(year)
    hours = np.arange(24 * len(days), dtype=np.int64)
    profiles = []
    for position, name in enumerate(shares):
        kind = ARCHETYPES[name]
        weather = np.ones(len(hours))
        if temp_air_c is not None:
            weather = load.temperature_factor(
                temp_air_c, kind.heat_base_c, kind.cool_base_c, kind.heat_per_k, kind.cool_per_k
            )
        sd = kind.noise_sd if noise_fraction is None else noise_fraction
        profiles.append(
            load.hourly_profile(
                np.array(kind.day_shape),
                hours % 24,
                hours // 24,
                _day_factor(name, year),
                weather,
                _noise(seed, year, position, sd, kind.noise_keep_per_h),
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


@dataclass(frozen=True)
class Shape:
    """The load of a park before it is scaled.

    Parameters
    ----------
    years
        Hourly profile of each calendar year of the horizon, mean 1, shape (hour,) [1].
    hour_of_step
        Hour of those years that each step lies in, shape (time,).
    unknown
        Years whose holidays are unknown.
    """

    years: tuple[Array, ...]
    hour_of_step: NDArray[np.int64]
    unknown: tuple[int, ...]


def shape_of(
    *,
    time: TimeAxis,
    shares: Mapping[str, float],
    temp_air_c: Array | None,
    noise_fraction: float | None,
    seed: int,
) -> Shape:
    """Build the load of a park before it is scaled.

    Parameters
    ----------
    time
        The horizon.
    shares
        Archetype (a key of :data:`parksim.shapes.ARCHETYPES`) to its share of the year's energy; they sum to 1 [1].
    temp_air_c
        Outdoor temperature, shape (time,), or ``None`` for no response to weather [degC].
    noise_fraction
        Standard deviation of the hourly noise of every archetype, or ``None`` for the archetypes' own [1].
    seed
        Seed of the noise.

    Raises
    ------
    ValueError
        If the shares do not sum to 1.
    """
    years, unknown = [], set[int]()
    first, last = time.stamps[0].year, time.stamps[-1].year
    for year in range(first, last + 1):
        temperature = _hourly_temperature(time, year, temp_air_c)
        profile, lost = _year_profile(
            year, shares=shares, temp_air_c=temperature, noise_fraction=noise_fraction, seed=seed
        )
        unknown |= set(lost)
        years.append(frozen(profile))
    since = time.stamps.to_numpy() - np.datetime64(f"{first}-01-01")
    hour_of_step = (since // np.timedelta64(1, "h")).astype(np.int64)
    hour_of_step.setflags(write=False)
    return Shape(tuple(years), hour_of_step, tuple(sorted(unknown)))


def demand_profile(
    shape: Shape,
    *,
    time: TimeAxis,
    energy_per_year_mwh: float | None,
    peak_mw: float | None,
    with_weather: bool,
) -> Array:
    """Scale the load of a park, and give it over the horizon.

    Parameters
    ----------
    shape
        The load before it is scaled, of the same horizon.
    time
        The horizon.
    energy_per_year_mwh, peak_mw
        Energy of each whole calendar year [MWh] and its highest hourly mean [MW]; one or both.
    with_weather
        Whether the shape responds to weather.

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
    years = [load.scale(year, step_h=1.0, energy_mwh=energy_per_year_mwh, peak_mw=peak_mw) for year in shape.years]
    if shape.unknown:
        warnings.warn(
            Note(
                "the public holidays of {years} are not known to the calendar: plain weekends are used",
                years=", ".join(map(str, shape.unknown)),
            ),
            ParksimWarning,
            stacklevel=2,
        )
    if with_weather and time.year_share < WHOLE_YEAR:
        warnings.warn(
            Note(
                "the load of a horizon shorter than a year is scaled with the temperature of the horizon alone; "
                "it may differ by a few percent from the same days of a whole year"
            ),
            ParksimWarning,
            stacklevel=2,
        )
    return np.concatenate(years)[shape.hour_of_step]
