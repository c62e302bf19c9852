"""The study of random what-ifs of the Yibin year: twelve numbers drawn together, ten hourly series kept."""

from typing import Any

from parksim.study.model import Study

WIDE = 0.3
"""Largest change of every number, relative [1]."""

CAPACITIES = {
    "components.hydro.power_max_mw": 190.0,
    "components.roof_pv.power_max_mw": 42.6,
    "components.battery.power_max_mw": 40.0,
    "components.battery.energy_max_mwh": 80.0,
    "components.battery.wear_cny_per_mwh": 200.0,
    "components.hydro.network_cny_per_mwh": 70.0,
    "tariffs.time_of_use.demand_cny_per_mw_month": 33_000.0,
    "tariffs.time_of_use.fixed_cny_per_mwh": 120.0,
}
"""Numbers drawn around their value in the park file."""

FACTORS = (
    "components.hydro.price_cny_per_mwh",
    "components.hydro.available",
    "components.park_load.energy_per_year_mwh",
    "tariffs.time_of_use.energy_cny_per_mwh",
)
"""Tables, profiles and totals that a factor moves."""

NARROW = {"components.hydro.available": (0.7, 1.0), "components.park_load.energy_per_year_mwh": (0.9, 1.1)}
"""Limits of factors that would make no valid park further out."""

HOURLY = [
    *(f"power/{flow}" for flow in ("park_load.use", "hydro.take", "roof_pv.make", "grid.buy", "grid.sell")),
    *(f"power/battery.{flow}" for flow in ("charge", "discharge", "auxiliary")),
    "content/battery.held",
    "price/electricity",
]


def study(count: int) -> Study:
    """Build the study of so many cases."""
    axes: dict[str, Any] = {}
    for path, value in CAPACITIES.items():
        axes[path.replace(".", "_")] = {"field": path, "between": [value * (1.0 - WIDE), value * (1.0 + WIDE)]}
    for path in FACTORS:
        limits = NARROW.get(path, (1.0 - WIDE, 1.0 + WIDE))
        axes[path.replace(".", "_")] = {"field": path, "between": {"factor": [*limits]}}
    about = {"name": "benchmark", "park": "yibin", "seed": 20251124}
    tables = {"study": about, "axes": axes, "combine": {"sample": {"count": count}}}
    return Study(**tables, keep={"hourly": HOURLY, "reports": False})
