"""The shipped Yibin year, its computed series written out: as lists over many years, or as a file beside the park."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from parksim.inputs import gather
from parksim.park import Park, read_park
from parksim.parkfile import load_park

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


PROFILES = {
    ("components", "park_load", "power_mw"): "MW",
    ("components", "roof_pv", "available"): "1",
    ("components", "hydro", "available"): "1",
    ("tariffs", "time_of_use", "price_cny_per_mwh"): "CNY MWh-1",
}
"""Where the series stand, and their units."""


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
    data["time"] = _time(hours)
    return read_park(data)


def _time(hours: int) -> dict[str, Any]:
    return {"clock": "+08:00", "year": 2025, "first_day": "01-01", "hours": hours}


def on_file(folder: Path, *, hours: int | None = None) -> Park:
    """Build the year with its profiles in a CSV file, as a user's park has them.

    Parameters
    ----------
    folder
        Where the file is written.
    hours
        Only so many hours from its begin; None for all [h].
    """
    data, hours = _tables(), YEAR_H if hours is None else hours
    data["time"] = _time(hours)
    columns = {}
    for (section, name, field), unit in PROFILES.items():
        columns[f"{name} [{unit}]"] = data[section][name][field][:hours]
        data[section][name][field] = {"file": "year.csv", "column": name}
    stamps = pd.date_range("2025-01-01", periods=hours, freq="h", name="time")
    frame = pd.DataFrame(columns, index=stamps)
    head = "# title: the Yibin year\n# source: parksim\n# licence: MIT\n# clock: +08:00\n# step_minutes: 60\n"
    (folder / "year.csv").write_text(head + frame.to_csv(date_format="%Y-%m-%dT%H:%M"), encoding="utf-8")
    return read_park(data, file=str(folder / "park.toml"))
