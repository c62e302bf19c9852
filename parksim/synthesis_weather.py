"""Synthetic weather: an hourly year with the monthly statistics of a site."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parksim.component import Site
from parksim.draws import calendar_months, draw_normals, rounded_frame
from parksim.errors import InputError
from parksim.kernels.air import air_temperature, wind_speed
from parksim.kernels.clearness import daily_clearness, probabilities_by_rank
from parksim.kernels.irradiance import close_beam, split_days
from parksim.kernels.monthly import ar1
from parksim.kernels.weather import (
    CLEARNESS_HOUR_MAX,
    bend_to_share,
    diffuse_hours,
    diffuse_share_of_day,
    global_hours,
)
from parksim.recipes import WeatherFacts
from parksim.sun import sun_position
from parksim.timeaxis import TimeAxis
from parksim.weather import ZENITH_CAP_DEG, ZENITH_MAX_DEG

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

_LEAST_DAY_KWH_PER_M2 = 0.2
_HOUR_OVER_DAY = 1.2  # Clearness of the best hour over that of the brightest day; the day shape alone gives 1.1.


def _month_list(wrong: NDArray[np.bool_], months: Whole) -> str:
    return ", ".join(str(m + 1) for m in np.unique(months[wrong]))


def synthesise_weather(
    facts: WeatherFacts, *, site: Site, year: int, clock: str, seed: int, rounded: bool = True
) -> pd.DataFrame:
    """Make an hourly year of weather with the monthly statistics of a site.

    Parameters
    ----------
    facts
        Monthly facts and choices.
    site
        Where the sun is looked at.
    year
        Calendar year.
    clock
        Offset from UTC, such as ``+08:00``.
    seed
        Seed of all draws; equal seeds give equal years.
    rounded
        Whether to round to four significant digits, which makes the year the same on every machine.

    Returns
    -------
    DataFrame
        Columns ``ghi_w_per_m2 dhi_w_per_m2 dni_w_per_m2`` (sun at mid-step), ``temp_air_c``, ``wind_speed_m_per_s``
        (10 m above ground); index: begin of each step on the clock, without zone.

    Raises
    ------
    InputError
        If the sun hardly rises on some day, a month's mean and spread do not fit the bounds of clearness, its diffuse
        share cannot be reached, or a day is brighter than a clear sky.

    Notes
    -----
    Days: clearness drawn with the monthly mean and sample standard deviation of irradiation, as
    `parksim.kernels.clearness` says; diffuse by Collares-Pereira and Rabl's daily correlation, bent to the monthly
    share. Hours: the smooth split of `parksim.kernels.irradiance.split_days` with the scatter of
    `parksim.kernels.weather`, beam by `parksim.kernels.irradiance.close_beam`. Air: `parksim.kernels.air`, in mean
    solar time. Monthly means and the spread of days are met to rounding, the diffuse share within 0.001 because
    beam under a very low sun is counted as diffuse.
    Not modelled: a link between warmth and brightness of a day beyond its temperature range; a daily cycle of wind.
    """
    axis = TimeAxis(year=year, clock=clock)
    of_step, of_day = calendar_months(axis)
    sky = _sky(axis, site)
    clearness = _clearness(facts, seed=seed, of_day=of_day, outside_day=sky.outside_day_kwh_per_m2)
    ghi, dhi, dni = _irradiance(
        facts, sky, clearness, of_day, normals=draw_normals(seed, stream="hours", count=axis.steps)
    )
    temperature = air_temperature(
        np.array(facts.temp_air_c),
        of_step,
        draw_normals(seed, stream="temperature", count=of_day.size),
        facts.temp_day_lag1,
        facts.temp_day_std_k,
        clearness,
        facts.temp_range_dark_k,
        facts.temp_range_bright_k,
        facts.clearness_max,
        axis.hour_of_day.astype(np.float64) + (0.5 - sky.offset_h + site.longitude_deg / 15.0),
    )
    wind = wind_speed(
        draw_normals(seed, stream="wind", count=axis.steps),
        facts.wind_lag1,
        facts.wind_weibull_shape,
        np.array(facts.wind_speed_m_per_s),
        of_step,
    )
    columns = {
        "ghi_w_per_m2": ghi,
        "dhi_w_per_m2": dhi,
        "dni_w_per_m2": dni,
        "temp_air_c": temperature,
        "wind_speed_m_per_s": wind,
    }
    frame = pd.DataFrame(columns, index=axis.stamps.rename("time"))
    return rounded_frame(frame) if rounded else frame


@dataclass(frozen=True)
class _Sky:
    """The sun over a year of hours: at mid-step, and what it sends outside the atmosphere as means over the steps."""

    site: Site
    offset_h: float
    day_of_year: Array
    zenith_deg: Array
    dni_extra_w_per_m2: Array
    sin_elevation: Array

    @property
    def outside_w_per_m2(self) -> Array:
        return self.dni_extra_w_per_m2 * self.sin_elevation

    @property
    def outside_day_kwh_per_m2(self) -> Array:
        by_day: Array = self.outside_w_per_m2.reshape(self.day_of_year.size, -1).sum(axis=1) / 1e3
        return by_day


def _sky(axis: TimeAxis, site: Site) -> _Sky:
    look = partial(
        sun_position,
        latitude_deg=site.latitude_deg,
        longitude_deg=site.longitude_deg,
        altitude_m=site.altitude_m,
    )
    sun = look(stamps_utc=axis.mid_step_utc)
    # Quarters give the hours of sunrise and sunset the part of them in which the sun is up.
    quarters = look(stamps_utc=TimeAxis(year=axis.year, clock=axis.clock, step_minutes=15).mid_step_utc)
    up = np.maximum(np.cos(np.radians(quarters.zenith_deg)), 0.0)
    sky = _Sky(
        site=site,
        offset_h=axis.zone.utcoffset(None) / timedelta(hours=1),
        day_of_year=axis.days_index.day_of_year.to_numpy().astype(np.float64),
        zenith_deg=sun.zenith_deg,
        dni_extra_w_per_m2=sun.dni_extra_w_per_m2,
        sin_elevation=up.reshape(axis.steps, -1).mean(axis=1),
    )
    if sky.outside_day_kwh_per_m2.min() < _LEAST_DAY_KWH_PER_M2:
        msg = f"site.latitude_deg: got {site.latitude_deg:g}, where the sun hardly rises on some days; no weather there"
        raise InputError([msg])
    return sky


def _irradiance(
    facts: WeatherFacts, sky: _Sky, clearness: Array, of_day: Whole, *, normals: Array
) -> tuple[Array, Array, Array]:
    """Give global, diffuse and beam irradiance from daily clearness, shape (time,) [W m-2]."""
    ghi_day = clearness * sky.outside_day_kwh_per_m2
    share = _diffuse_share(facts, clearness, ghi_day, of_day)
    smooth, _ = split_days(
        1e3 * ghi_day,
        dhi_wh_per_m2=np.zeros_like(ghi_day),
        day_of_year=sky.day_of_year,
        latitude_deg=sky.site.latitude_deg,
        longitude_deg=sky.site.longitude_deg,
        clock_offset_h=sky.offset_h,
        steps_per_day=normals.size // of_day.size,
    )
    top = min(CLEARNESS_HOUR_MAX, _HOUR_OVER_DAY * facts.clearness_max)
    outside = sky.outside_w_per_m2
    ghi = global_hours(smooth, clearness, normals, outside, sky.sin_elevation, top)
    lost = ghi.reshape(of_day.size, -1).sum(axis=1) < (1.0 - 1e-9) * 1e3 * ghi_day
    if lost.any():
        msg = f"weather: days of month {_month_list(lost, of_day)} are brighter than a clear sky under so low a sun."
        raise InputError([msg])
    dhi = diffuse_hours(share, ghi, outside, sky.zenith_deg, ZENITH_MAX_DEG)
    dni, dhi = close_beam(
        ghi,
        dhi_w_per_m2=dhi,
        zenith_deg=sky.zenith_deg,
        dni_max_w_per_m2=top * sky.dni_extra_w_per_m2,
        zenith_cap_deg=ZENITH_CAP_DEG,
        zenith_max_deg=ZENITH_MAX_DEG,
    )
    return ghi, dhi, dni


def _clearness(facts: WeatherFacts, *, seed: int, of_day: Whole, outside_day: Array) -> Array:
    """Give the daily clearness index, or say which months do not fit."""
    scores = ar1(draw_normals(seed, stream="clearness", count=of_day.size), facts.clearness_lag1)
    clearness = daily_clearness(
        probabilities_by_rank(scores, of_day),
        of_day,
        outside_day,
        np.array(facts.ghi_kwh_per_m2),
        np.array(facts.ghi_std_kwh_per_m2),
        facts.clearness_min,
        facts.clearness_max,
    )
    wrong = np.isnan(clearness)
    if wrong.any():
        msg = (
            f"weather: mean and standard deviation of global irradiation do not fit between clearness_min "
            f"{facts.clearness_min:g} and clearness_max {facts.clearness_max:g} in month {_month_list(wrong, of_day)}. "
            f"Widen the bounds, or check ghi_kwh_per_m2 and ghi_std_kwh_per_m2."
        )
        raise InputError([msg])
    return clearness


def _diffuse_share(facts: WeatherFacts, clearness: Array, ghi_day: Array, of_day: Whole) -> Array:
    """Give the diffuse share of each day, or say which months do not fit."""
    wanted = np.array(facts.dhi_kwh_per_m2) / np.array(facts.ghi_kwh_per_m2)
    share = bend_to_share(diffuse_share_of_day(clearness), ghi_day, of_day, wanted)
    wrong = np.isnan(share)
    if wrong.any():
        msg = f"weather.dhi_kwh_per_m2: the diffuse share of month {_month_list(wrong, of_day)} is out of reach."
        raise InputError([msg])
    return share
