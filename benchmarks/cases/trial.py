"""Every kind of component and every coupling over the year, self-made, by the length of the horizon.

PV, wind, run-of-river, a reservoir, two batteries, a grid with time-of-use prices, export, twelve monthly demand
charges and an annual import cap that does not bind over the year (``capped`` has one that does), shortfall.
"""

from typing import Any

import numpy as np

from benchmarks.registry import Case
from parksim.park import Park, read_park

YEAR_H = 8760
SEED = 20250701


def _floats(values: np.ndarray) -> list[float]:
    return [float(value) for value in values]


def _profiles(hours: int) -> dict[str, list[float]]:
    """Draw a year of weather, river, demand and prices, and take its first hours; the same for every length."""
    rng = np.random.default_rng(SEED)
    hour, day = np.arange(YEAR_H) % 24, np.arange(YEAR_H) // 24
    cloud = np.repeat(rng.uniform(0.2, 1.0, YEAR_H // 24), 24)
    season = np.sin(2.0 * np.pi * (day - 100.0) / 365.0)
    sun = np.clip(np.sin(np.pi * (hour - 6.0) / 12.0), 0.0, None) * cloud * (0.8 + 0.2 * season)
    gusts = np.convolve(rng.uniform(0.0, 1.0, YEAR_H + 23), np.full(24, 1.0 / 24.0), mode="valid")
    wind = np.clip((gusts - 0.35) * 2.5 + rng.normal(0.0, 0.05, YEAR_H), 0.0, 1.0)
    river = np.clip(0.55 + 0.35 * season + np.repeat(rng.normal(0.0, 0.08, YEAR_H // 24), 24), 0.1, 1.0)
    load = 150.0 + 25.0 * np.isin(hour, range(8, 22)) + 10.0 * season + rng.normal(0.0, 5.0, YEAR_H)
    price = 320.0 + 150.0 * np.isin(hour, (10, 11, 17, 18, 19)) - 140.0 * np.isin(hour, range(7))
    profiles = {"sun": sun, "wind": wind, "river": river, "load": load, "price": price + rng.normal(0.0, 8.0, YEAR_H)}
    return {name: _floats(values[:hours]) for name, values in profiles.items()}


def _battery(power_mw: float, hours: float) -> dict[str, object]:
    return {
        "kind": "battery",
        "power_max_mw": power_mw,
        "energy_max_mwh": power_mw * hours,
        "eff_in": 0.94,
        "eff_out": 0.94,
        "loss_per_h": 0.0001,
        "wear_cny_per_mwh": 60.0,
    }


def table(hours: int) -> dict[str, Any]:
    """Write the park as tables of a park file."""
    drawn = _profiles(hours)
    inflow = [15.0 * share for share in drawn["river"]]
    horizon = {} if hours == YEAR_H else {"first_day": "01-01", "hours": hours}
    return {
        "park": {"name": "trial"},
        "site": {"latitude_deg": 28.8, "longitude_deg": 104.6},
        "time": {"year": 2025, **horizon},
        "tariffs": {"grid": {"price_cny_per_mwh": drawn["price"], "demand_cny_per_mw_month": 33_000.0}},
        "components": {
            "pv": {"kind": "pv", "power_max_mw": 80.0, "available": drawn["sun"], "om_cny_per_mwh": 4.0},
            "wind": {"kind": "wind", "power_max_mw": 60.0, "available": drawn["wind"], "om_cny_per_mwh": 9.0},
            "river": {"kind": "run_of_river", "power_max_mw": 60.0, "available": drawn["river"]},
            "lake": {"kind": "reservoir", "power_max_mw": 40.0, "energy_max_mwh": 300.0, "inflow_mw": inflow},
            "battery": _battery(40.0, 2.0),
            "battery_4h": _battery(15.0, 4.0),
            "grid": {
                "kind": "grid",
                "tariff": "grid",
                "import_max_mw": 220.0,
                "export_max_mw": 30.0,
                "export_price_cny_per_mwh": 90.0,
                "import_energy_max_mwh": 95.0 * hours,
            },
            "load": {"kind": "demand", "power_mw": drawn["load"]},
            "shortfall": {"kind": "shortfall", "price_cny_per_mwh": 50_000.0},
        },
    }


def _park(hours: int) -> Park:
    return read_park(table(hours))


CASE = Case(
    name="trial",
    about="All kinds of plant, two batteries, export, twelve demand charges and an annual import cap, self-made",
    axis="hours",
    sizes=(2190, YEAR_H),
    quick=(168,),
    park=_park,
)
