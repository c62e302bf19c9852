"""Builders and strategies for tests: parks small enough to check, random enough to find what nobody thought of.

Imported by tests only.
"""

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np

from parksim.component import Case
from parksim.components import battery, demand, direct_supply, grid, pv, reservoir, run_of_river, shortfall, wind
from parksim.inputs import Inputs, gather
from parksim.lp.highs import Solution, Solver
from parksim.lp.program import Program, SparseLP
from parksim.park import Park, read_park
from parksim.weather import SUN

Table = dict[str, Any]

CASES: dict[str, tuple[Case, ...]] = {
    "pv": pv.CASES,
    "wind": wind.CASES,
    "run_of_river": run_of_river.CASES,
    "reservoir": reservoir.CASES,
    "battery": battery.CASES,
    "grid": grid.CASES,
    "direct_supply": direct_supply.CASES,
    "demand": demand.CASES,
    "shortfall": shortfall.CASES,
}
"""Kind to its worked cases."""


@dataclass(frozen=True)
class Solved:
    """A park with everything between its tables and its optimum."""

    park: Park
    inputs: Inputs
    program: Program
    lp: SparseLP
    solution: Solution


def expand(table: Mapping[str, Any]) -> tuple[Park, Inputs, Program, SparseLP]:
    """Take a park from its tables to its LP."""
    park = read_park(table)
    inputs = gather(park)
    program = Program(park.components, nodes=park.nodes, time=park.time)
    return park, inputs, program, program.fill(inputs.values)


def solved(table: Mapping[str, Any]) -> Solved:
    """Take a park from its tables to its optimum, ties not settled."""
    park, inputs, program, lp = expand(table)
    return Solved(park, inputs, program, lp, Solver(lp).run())


def random_table(
    seed: int, *, hours: int = 24, step_minutes: int = 60, stores: bool = True, peaks: bool = True
) -> Table:
    """Make a random park of a few hours in which every kind may appear.

    Parameters
    ----------
    seed
        Equal seeds give equal parks.
    hours, step_minutes
        Horizon; profiles are drawn by hour and held over shorter steps.
    stores
        Whether stores may appear.
    peaks
        Whether monthly charges and annual limits may appear.

    Returns
    -------
    dict
        Tables of a feasible and bounded park.
    """
    rng = np.random.default_rng(seed)
    repeat = 60 // step_minutes

    def by_hour(low: float, high: float) -> list[float]:
        return np.repeat(np.round(rng.uniform(low, high, hours), 3), repeat).tolist()

    def chance(probability: float) -> bool:
        return bool(rng.random() < probability)

    components: Table = {
        "load": {"kind": "demand", "power_mw": by_hour(5, 30)},
        "shortfall": {"kind": "shortfall", "price_cny_per_mwh": 90_000.0},
        "grid": {
            "kind": "grid",
            "tariff": "t",
            "import_max_mw": float(np.round(rng.uniform(5, 40), 2)),
            "import_available": by_hour(0.3, 1.0),
            "export_max_mw": float(np.round(rng.uniform(0, 10), 2)) if chance(0.5) else 0.0,
            "export_price_cny_per_mwh": by_hour(0, 80),
            "quarter_hour_peak_ratio": 1.2 if peaks and chance(0.3) else 1.0,
            "transformer_mva": 20.0,
            "demand_floor_fraction": 0.4 if peaks and chance(0.3) else 0.0,
        },
    }
    if peaks and chance(0.3):
        components["grid"]["import_energy_max_mwh"] = float(np.round(rng.uniform(100, 400), 1))
    if chance(0.7):
        components["sun"] = {
            "kind": "pv",
            "power_max_mw": float(np.round(rng.uniform(1, 30), 2)),
            "available": by_hour(0, 1),
            "om_cny_per_mwh": 3.0 if chance(0.5) else 0.0,
        }
    if chance(0.5):
        components["breeze"] = {
            "kind": "wind",
            "power_max_mw": float(np.round(rng.uniform(1, 20), 2)),
            "available": by_hour(0, 1),
            "om_cny_per_mwh": 2.0,
        }
    if chance(0.4):
        components["river"] = {
            "kind": "run_of_river",
            "power_max_mw": float(np.round(rng.uniform(1, 20), 2)),
            "available": by_hour(0.1, 0.9),
        }
    if chance(0.6):
        components["contract"] = _contract(rng, by_hour(0.1, 0.9), peaks=peaks)
    if stores and chance(0.8):
        components["battery"] = _battery(rng)
    if stores and chance(0.4):
        components["lake"] = {
            "kind": "reservoir",
            "power_max_mw": float(np.round(rng.uniform(2, 15), 2)),
            "energy_max_mwh": float(np.round(rng.uniform(10, 100), 1)),
            "inflow_mw": by_hour(0, 8),
        }
    price = by_hour(100, 900)
    return {
        "park": {"name": f"random-{seed}"},
        "site": {"latitude_deg": 28.8, "longitude_deg": 104.6, "altitude_m": 300.0},
        "time": {"year": 2025, "first_day": "01-31", "hours": hours, "step_minutes": step_minutes},
        "nodes": {"electricity": "electricity"},
        "tariffs": {
            "t": {"price_cny_per_mwh": price, "demand_cny_per_mw_month": 33_000.0 if peaks and chance(0.7) else 0.0}
        },
        "yardsticks": {"y": {"title": "half a tonne", "factor_t_per_mwh": 0.5, "year": 2023}},
        "components": components,
    }


def _contract(rng: np.random.Generator, available: list[float], *, peaks: bool) -> Table:
    fields: Table = {
        "kind": "direct_supply",
        "delivery": "line",
        "technology": "hydro",
        "plant": "existing" if rng.random() < 0.5 else "new",
        "certificate": "none",
        "power_max_mw": float(np.round(rng.uniform(5, 30), 2)),
        "available": available,
        "price_cny_per_mwh": float(np.round(rng.uniform(100, 400), 1)),
        "network_cny_per_mwh": 70.0,
        "loss_fraction": 0.03,
    }
    if peaks and rng.random() < 0.4:
        fields |= {"take_or_pay_fraction": 0.8, "take_or_pay_cny_per_mwh": 60.0}
    return fields


def _battery(rng: np.random.Generator) -> Table:
    fields: Table = {
        "kind": "battery",
        "power_max_mw": float(np.round(rng.uniform(1, 10), 2)),
        "energy_max_mwh": float(np.round(rng.uniform(2, 30), 2)),
        "eff_in": float(np.round(rng.uniform(0.8, 1.0), 3)),
        "eff_out": float(np.round(rng.uniform(0.8, 1.0), 3)),
        "loss_per_h": 0.001,
        "level_min_fraction": 0.1,
        "level_max_fraction": 0.9,
        "auxiliary_fraction": 0.01,
        "wear_cny_per_mwh": float(np.round(rng.uniform(0, 100), 1)),
    }
    if rng.random() < 0.4:
        fields |= {"energy_start_fraction": 0.5, "energy_end_fraction": 0.3}
    return fields


def under_weather(seed: int) -> Table:
    """Make a random park whose sun, wind and load are computed from a random weather."""
    table, rng = random_table(seed), np.random.default_rng(seed)
    components = table["components"]
    components["sun"] = {
        "kind": "pv", "power_max_mw": 20.0, "tilt_deg": 15.0, "azimuth_deg": 170.0, "dc_ac_ratio": 1.1,
        "loss_fraction": 0.1, "temp_coefficient_per_k": -0.003,
    }  # fmt: skip
    components["breeze"] = {
        "kind": "wind", "power_max_mw": 15.0, "hub_m": 100.0, "shear_exponent": 0.2, "loss_fraction": 0.1,
        "cut_in_m_per_s": 3.0, "rated_m_per_s": 11.0, "cut_out_m_per_s": 25.0,
    }  # fmt: skip
    components["works"] = {
        "kind": "demand", "shapes": {"two_shift": 0.4, "continuous": 0.6}, "energy_per_year_mwh": 60_000.0,
        "peak_mw": 12.0,
    }  # fmt: skip
    light = rng.uniform(0.0, 400.0, 24)
    table["weather"] = {
        "ghi_w_per_m2": light.tolist(), "dhi_w_per_m2": (0.4 * light).tolist(),
        "dni_w_per_m2": (0.9 * light).tolist(),
        "wind_speed_m_per_s": rng.uniform(2.0, 14.0, 24).tolist(), "temp_air_c": rng.uniform(5.0, 30.0, 24).tolist(),
    }  # fmt: skip
    return table


def at_limits(seed: int) -> Table:
    """Make a random park with numbers at the limits of their fields: no losses, plants and stores of no size."""
    table, rng = random_table(seed), np.random.default_rng(seed)
    least = {"loss_fraction": 0.0, "loss_per_h": 0.0, "om_cny_per_mwh": 0.0, "export_max_mw": 0.0}
    most = {"eff_in": 1.0, "eff_out": 1.0, "quarter_hour_peak_ratio": 1.0, "level_max_fraction": 1.0}
    table["components"]["battery"] = {**_battery(rng), "level_min_fraction": 0.0, "auxiliary_fraction": 0.0}
    for component in table["components"].values():
        limits = least | most | {size: 0.0 for size in ("power_max_mw", "energy_max_mwh") if rng.random() < 0.4}
        component |= {field: value for field, value in limits.items() if field in component}
    return table


def tight(seed: int) -> Table:
    """Make a random park that just serves its demand, with nothing to spare in its dearest hour and no shortfall."""
    table = random_table(seed, stores=False, peaks=False)
    components = table["components"]
    del components["shortfall"]
    needed = np.array(components["load"]["power_mw"])
    for fields in [components[name] for name in ("sun", "breeze", "river", "contract") if name in components]:
        needed -= fields["power_max_mw"] * np.array(fields["available"]) * (1.0 - fields.get("loss_fraction", 0.0))
    most = max(float(needed.max()), 0.0)
    components["grid"] |= {"import_max_mw": most, "import_available": 1.0, "transformer_mva": most + 10.0}
    return table


def scaled(table: Table, factor: float) -> Table:
    """Multiply every price of a park by a factor."""
    changed = deepcopy(table)
    for section in ("components", "tariffs"):
        for entry in changed[section].values():
            for name, value in entry.items():
                if "_cny_" in name:
                    entry[name] = [v * factor for v in value] if isinstance(value, list) else value * factor
    return changed


def finer(table: Table, times: int) -> Table:
    """Cut every step of a park into ``times`` equal ones, profiles held."""
    changed = deepcopy(table)
    changed["time"]["step_minutes"] = changed["time"].get("step_minutes", 60) // times
    for section in ("components", "tariffs"):
        for entry in changed[section].values():
            for name, value in entry.items():
                if isinstance(value, list) and value and isinstance(value[0], int | float):
                    entry[name] = np.repeat(value, times).tolist()
    return changed


def moved(table: Table, path: str, value: float, *, sort: str = "number") -> Table:
    """Write another value of a lever into the tables of a park.

    Parameters
    ----------
    path, sort
        As :class:`parksim.levers.Lever` has them: a number where it stands, a ``factor`` on a profile, a ``shift``.
    """
    changed = deepcopy(table)
    *way, last = [name or int(place) for name, place in re.findall(r"([a-z0-9_]+)|\[(\d+)\]", path)]
    here: Any = changed
    for key in way:
        here = here[key]
    if sort == "number":
        here[last] = value
        return changed
    for name in [name for name in SUN if name in here] if last in SUN else [last]:
        values = here[name] if isinstance(here[name], list) else [here[name]]
        new = [item * value if sort == "factor" else item + value for item in values]
        here[name] = new if isinstance(here[name], list) else new[0]
    return changed
