"""The kernels over many years of weather, against pvlib's and windpowerlib's own functions in a loop over the years.

    python -m benchmarks --case kernels
    python -m benchmarks --case kernels --sizes 1,10,100

For water and load, which have no such peer, the other side is the same equations in plain NumPy, with a plain loop
where a step needs the one before (``ABOUT``). Both must give the same numbers.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from itertools import count
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parksim.kernels.bulk import over_years
from parksim.kernels.hydro import run_of_river_available
from parksim.kernels.load import hourly_profile, noise_factor, temperature_factor
from parksim.kernels.pv import iam_diffuse, pv_per_unit
from parksim.kernels.wind import wind_per_unit
from parksim.sun import sun_position

Array = NDArray[np.float64]
Years = Mapping[str, Array]

NAME = "kernels"
"""As given to ``--case``."""

SIZES, QUICK = (100,), (2,)
"""Years of weather, in a full run and in a quick one."""

ABOUT = (
    "A year at a time on the other side, all years in one call on ours; sun positions are given to both. pvlib and "
    "windpowerlib have no water and no load. Packages for run of river (HydroGenerate, hydropowerlib) take no curve of "
    "efficiency, so they cannot give the same numbers; what planners write instead is the equations in NumPy, array by "
    "array, and that is what run of river is compared with. The load's other side is NumPy too, with a plain loop for "
    "the noise, where each hour needs the one before."
)
"""What the table shows."""

SAME_NUMBERS = 1e-9
"""Largest difference per unit of the rating that counts as the same numbers."""

BUDGET_S = 60.0
"""No further repeat of the other side begins after this time; windpowerlib takes half a minute for 100 years [s]."""

LEAST_S = 2.0
"""Turns go on until this time has passed: what takes milliseconds is measured often [s]."""

STEPS = 8760

TILT, FACING, ALBEDO, GAMMA, LOSS, DC_AC, EFF = 25.0, 170.0, 0.2, -0.0034, 0.14, 1.25, 0.97
SPEEDS = np.array([2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 20.0, 25.0])
POWERS = np.array([0.0, 0.01, 0.04, 0.1, 0.19, 0.31, 0.47, 0.66, 0.84, 0.95, 0.99, 1.0, 1.0, 0.9])
ECOLOGICAL, FLOW_MIN, FLOW_MAX = 2.0, 3.0, 30.0
LOADS, EFFS = np.array([0.1, 0.3, 0.6, 1.0]), np.array([0.6, 0.85, 0.92, 0.9])
HEAT, COOL, NOISE, KEEP = (15.0, 0.01), (24.0, 0.02), 0.05, 0.8


@dataclass(frozen=True)
class Chain:
    """One kernel, or a few that belong together, and what it is compared with.

    Parameters
    ----------
    about
        What it gives, for the table.
    peer
        Name of the other side, for the table.
    package
        The package it needs; None where it is plain NumPy.
    ours
        From weather of shape (year, time), what is the same each year, and a number of threads, all cores where None:
        power per unit of the rating, of the same shape.
    theirs
        The same for one year, from weather of shape (time,).
    """

    about: str
    peer: str
    package: str | None
    ours: Callable[[Years, Years, int | None], Array]
    theirs: Callable[[Years, Years], Array]


def weather(years: int, *, seed: int = 8760) -> tuple[Years, Years]:
    """Draw years of weather: by name, shape (year, time), and what is the same each year, shape (time,) or (day,)."""
    rng = np.random.default_rng(seed)
    stamps = pd.date_range("2023-01-01 00:30", periods=STEPS, freq="h", tz="Asia/Shanghai")
    sun = sun_position(stamps_utc=stamps, latitude_deg=28.8, longitude_deg=104.6, altitude_m=342.0)
    shape = (years, STEPS)
    clear = rng.beta(1.5, 2.0, shape)
    height = np.maximum(np.cos(np.radians(sun.zenith_deg)), 0.0)
    dni = 900.0 * clear * (height > 0.0)
    dhi = 250.0 * (1.0 - 0.5 * clear) * height
    by_year = {
        "ghi_w_per_m2": dhi + dni * height,
        "dhi_w_per_m2": dhi,
        "dni_w_per_m2": dni,
        "temp_c": 18.0 - 10.0 * np.cos(2.0 * np.pi * np.arange(STEPS) / STEPS) + rng.normal(0.0, 4.0, shape),
        # Below the end of the power curve, where windpowerlib stops turbines at a speed that moves with density.
        "wind_m_per_s": np.minimum(7.0 * rng.weibull(2.0, shape), 20.0),
        "pressure_pa": rng.normal(97_000.0, 700.0, shape),
        "flow_m3_per_s": rng.lognormal(2.7, 0.8, shape),
        "normal": rng.normal(size=shape),
    }
    hours = np.arange(STEPS)
    every_year = {
        "zenith_deg": sun.zenith_deg,
        "azimuth_deg": sun.azimuth_deg,
        "dni_extra_w_per_m2": sun.dni_extra_w_per_m2,
        "hour": hours % 24,
        "day": hours // 24,
        "day_shape": 0.7 + 0.3 * np.sin(np.pi * np.arange(24) / 23.0),
        "day_factor": np.where(np.arange(365) % 7 < 5, 1.0, 0.6),
    }
    return by_year, every_year


SUN = ("zenith_deg", "azimuth_deg", "dni_extra_w_per_m2")
SKY = ("ghi_w_per_m2", "dhi_w_per_m2", "dni_w_per_m2")


def _pv(years: Years, same: Years, threads: int | None) -> Array:
    sky, ground = iam_diffuse(TILT)
    plant = {
        "surface_tilt_deg": TILT,
        "surface_azimuth_deg": FACING,
        "albedo_fraction": ALBEDO,
        "hay_davies": True,
        "iam_sky": sky,
        "iam_ground": ground,
        "heat_loss_w_per_m2_k": 25.0,
        "heat_loss_wind_w_s_per_m3_k": 6.84,
        "temp_coefficient_per_k": GAMMA,
        "loss_fraction": LOSS,
        "dc_ac_ratio": DC_AC,
        "eff_inverter": EFF,
    }
    air = {"temp_air_c": years["temp_c"], "wind_speed_m_per_s": years["wind_m_per_s"]}
    by_year = {name: years[name] for name in SKY} | air
    return over_years(
        pv_per_unit, by_year=by_year, every_year=plant | {name: same[name] for name in SUN}, threads=threads
    )


def _pvlib(year: Years, same: Years) -> Array:
    pv = import_module("pvlib")
    sky, ground_share = iam_diffuse(TILT)
    zenith, azimuth, extra = (same[name] for name in SUN)
    ghi, dhi, dni = (year[name] for name in SKY)
    angle = pv.irradiance.aoi(TILT, FACING, zenith, azimuth)
    diffuse = pv.irradiance.haydavies(TILT, FACING, dhi, dni, extra, zenith, azimuth, return_components=True)
    ground = pv.irradiance.get_ground_diffuse(TILT, ghi, albedo=ALBEDO)
    plane = pv.irradiance.poa_components(angle, dni, diffuse["poa_sky_diffuse"], ground)
    beam = pv.iam.physical(angle) * (plane["poa_direct"] + diffuse["poa_circumsolar"])
    effective = beam + sky * diffuse["poa_isotropic"] + ground_share * ground
    cell = pv.temperature.faiman(plane["poa_global"], year["temp_c"], year["wind_m_per_s"])
    dc = pv.pvsystem.pvwatts_dc(effective, cell, DC_AC, GAMMA) * (1.0 - LOSS)
    return np.asarray(pv.inverter.pvwatts(dc, 1.0 / EFF, eta_inv_nom=EFF))


def _wind(years: Years, _: Years, threads: int | None) -> Array:
    turbine = {
        "lift_m": 0.0,
        "speed_ratio": 1.2,
        "curve_speed_m_per_s": SPEEDS,
        "curve_mw_per_mw": POWERS,
        "curve_density_kg_per_m3": 1.225,
        "cut_out_m_per_s": 25.0,
        "loss_fraction": LOSS,
    }
    by_year = {"speed_m_per_s": years["wind_m_per_s"]} | {name: years[name] for name in ("temp_c", "pressure_pa")}
    return over_years(wind_per_unit, by_year=by_year, every_year=turbine, threads=threads)


def _windpowerlib(year: Years, _: Years) -> Array:
    wind = import_module("windpowerlib")
    air = wind.density.ideal_gas(year["pressure_pa"], 0.0, 0.0, year["temp_c"] + 273.15)
    power = wind.power_output.power_curve(1.2 * year["wind_m_per_s"], SPEEDS, POWERS, air, density_correction=True)
    return np.asarray((1.0 - LOSS) * power)


def _hydro(years: Years, _: Years, threads: int | None) -> Array:
    plant = {
        "ecological_m3_per_s": ECOLOGICAL,
        "flow_min_m3_per_s": FLOW_MIN,
        "flow_max_m3_per_s": FLOW_MAX,
        "load_points": LOADS,
        "eff_points": EFFS,
    }
    by_year = {"flow_m3_per_s": years["flow_m3_per_s"]}
    return over_years(run_of_river_available, by_year=by_year, every_year=plant, threads=threads)


def _hydro_in_numpy(year: Years, _: Years) -> Array:
    usable = year["flow_m3_per_s"] - ECOLOGICAL
    load = np.where(usable < FLOW_MIN, 0.0, np.minimum(usable, FLOW_MAX)) / FLOW_MAX
    return np.minimum(load * np.interp(load, LOADS, EFFS) / EFFS[-1], 1.0)


def _load(years: Years, same: Years, threads: int | None) -> Array:
    response = dict(zip(("heat_base_c", "heat_per_k", "cool_base_c", "cool_per_k"), HEAT + COOL, strict=True))
    warmth = over_years(temperature_factor, by_year={"temp_c": years["temp_c"]}, every_year=response, threads=threads)
    memory = {"noise_sd": NOISE, "keep_per_h": KEEP}
    noise = over_years(noise_factor, by_year={"normal": years["normal"]}, every_year=memory, threads=threads)
    calendar = {"day_shape": same["day_shape"], "hour_of_day": same["hour"]}
    calendar |= {"day_of_hour": same["day"], "day_factor": same["day_factor"]}
    by_year = {"weather_factor": warmth, "noise": noise}
    return over_years(hourly_profile, by_year=by_year, every_year=calendar, threads=threads)


def _load_in_numpy(year: Years, same: Years) -> Array:
    below, above = np.maximum(HEAT[0] - year["temp_c"], 0.0), np.maximum(year["temp_c"] - COOL[0], 0.0)
    fresh = NOISE * np.sqrt(1.0 - KEEP * KEEP) * year["normal"]
    z = np.empty(len(fresh))
    last = z[0] = NOISE * float(year["normal"][0])
    for hour, new in enumerate(fresh[1:].tolist(), start=1):
        last = z[hour] = KEEP * last + new
    noise = np.exp(z - 0.5 * NOISE * NOISE)
    warmth = 1.0 + HEAT[1] * below + COOL[1] * above
    return same["day_shape"][same["hour"]] * same["day_factor"][same["day"]] * warmth * noise


CHAINS = (
    Chain("PV chain, sun position given", "pvlib", "pvlib", _pv, _pvlib),
    Chain("wind by power curve and density", "windpowerlib", "windpowerlib", _wind, _windpowerlib),
    Chain("run of river", "NumPy", None, _hydro, _hydro_in_numpy),
    Chain("load: temperature, noise, calendar", "NumPy and a loop", None, _load, _load_in_numpy),
)


def _timed(work: Callable[[], Array]) -> tuple[Array, float, float]:
    """Give what ``work`` gives, and its time on the wall and of the processor [s]."""
    begin, cpu = time.perf_counter(), time.process_time()
    found = work()
    return found, time.perf_counter() - begin, time.process_time() - cpu


def _compare(chain: Chain, by_year: Years, same: Years, *, repeats: int) -> dict[str, Any]:
    """Measure one chain and its other side in turns."""
    years = [{name: values[y] for name, values in by_year.items()} for y in range(len(by_year["temp_c"]))]
    chain.ours(by_year, same, None)  # loads the kernel
    chain.theirs(years[0], same)
    sides: dict[str, Callable[[], Array]] = {
        "theirs": lambda: np.array([chain.theirs(year, same) for year in years]),
        "one_thread": lambda: chain.ours(by_year, same, 1),
        "all_threads": lambda: chain.ours(by_year, same, None),
    }
    wall: dict[str, list[float]] = {name: [] for name in sides}
    cpu: dict[str, list[float]] = {name: [] for name in sides}
    found: dict[str, Array] = {}
    begin = time.perf_counter()
    for turn in count(1):
        for name, work in sides.items():
            found[name], seconds, cpu_seconds = _timed(work)
            wall[name].append(seconds)
            cpu[name].append(cpu_seconds)
        spent = time.perf_counter() - begin
        if spent > BUDGET_S or (turn >= repeats and spent > LEAST_S):
            break
    gap = max(float(np.max(np.abs(found[name] - found["theirs"]))) for name in ("one_thread", "all_threads"))
    return {
        "about": chain.about,
        "peer": chain.peer,
        "median_s": {name: median(samples) for name, samples in wall.items()},
        "median_cpu_s": {name: median(samples) for name, samples in cpu.items()},
        "repeats": len(wall["theirs"]),
        "gap": gap,
    }


def measure(years: int, *, repeats: int) -> dict[str, Any]:
    """Measure every chain over years of weather.

    Parameters
    ----------
    years
        Number of years of 8,760 hours.
    repeats
        Least number of turns, as far as the time allows; at least one is made.

    Returns
    -------
    dict
        For each chain medians [s] of the other side and of ours on one thread and on all, on the wall and of the
        processor, and the largest gap between their numbers [1]; chains whose peer is missing; versions.
    """
    by_year, same = weather(years)
    there = [chain for chain in CHAINS if chain.package is None or find_spec(chain.package) is not None]
    packages = ("numba", "numpy", *(chain.package for chain in there if chain.package))
    return {
        "years": years,
        "chains": [_compare(chain, by_year, same, repeats=max(repeats, 1)) for chain in there],
        "missing": [chain.peer for chain in CHAINS if chain not in there],
        "versions": {name: version(name) for name in packages},
    }


def main() -> None:
    """Measure and print what was found."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kernels")
    parser.add_argument("years", type=int)
    parser.add_argument("--repeats", type=int, default=7)
    given = parser.parse_args()
    sys.stdout.write(json.dumps(measure(given.years, repeats=given.repeats)) + "\n")


if __name__ == "__main__":
    main()
