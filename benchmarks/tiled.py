"""The shipped Yibin year with its computed series written out, repeated over many years."""

from copy import deepcopy
from typing import Any

import numpy as np

from parksim.inputs import gather, load_park
from parksim.park import Park, read_park

YEAR_H = 8760


def _tables() -> dict[str, Any]:
    """Write the park as tables, its profiles as lists: nothing is read from files or computed from weather again."""
    park = load_park("yibin")
    inputs = gather(park)
    data = deepcopy(park.model_dump(exclude_unset=True, exclude={"file"}))
    components = data["components"]
    for component in components.values():
        component.pop("name", None)
        component.pop("sources", None)
    load, sun = inputs.values["park_load"]["power_mw"], inputs.values["roof_pv"]["available"]
    components["park_load"] = {"kind": "demand", "power_mw": load.tolist()}
    components["roof_pv"] = {"kind": "pv", "power_max_mw": 42.6, "available": sun.tolist()}
    components["hydro"]["available"] = inputs.given["hydro"]["available"].tolist()
    price = inputs.values["grid"]["energy_cny_per_mw"] / park.time.step_h
    data["tariffs"] = {"time_of_use": {"price_cny_per_mwh": price.tolist(), "demand_cny_per_mw_month": 33_000.0}}
    data.pop("weather", None)
    data.pop("claims", None)
    return data


PROFILES = (
    ("components", "park_load", "power_mw"),
    ("components", "roof_pv", "available"),
    ("components", "hydro", "available"),
    ("tariffs", "time_of_use", "price_cny_per_mwh"),
)
"""Where the lists stand."""


def tiled(*, years: int = 1, hours: int | None = None) -> Park:
    """Build the park.

    Parameters
    ----------
    years
        How often the year of 8,760 hours is repeated.
    hours
        Only so many hours from its begin; None for all [h].
    """
    data = _tables()
    hours = YEAR_H * years if hours is None else hours
    for section, name, field in PROFILES:
        table = data[section][name]
        table[field] = np.resize(np.asarray(table[field]), hours).tolist()
    data["time"] = {"clock": "+08:00", "year": 2025, "first_day": "01-01", "hours": hours}
    return read_park(data)
