"""Small parks for the worked cases, as tables of the park file."""

from typing import Any

from parksim.component import Component

Table = dict[str, Any]
YARDSTICK = {"case": {"factor_t_per_mwh": 0.5, "year": 2023, "title": "half a tonne"}}


def grid(*, price_cny_per_mwh: float | list[float], demand_cny_per_mw_month: float = 0.0, **fields: Any) -> Table:
    """Make a grid connection of 1,000 MW with its own tariff."""
    tariff = {"price_cny_per_mwh": price_cny_per_mwh, "demand_cny_per_mw_month": demand_cny_per_mw_month}
    return {"name": "grid", "kind": "grid", "tariff": "grid", "import_max_mw": 1000.0, "_tariff": tariff, **fields}


def demand(*, power_mw: float | list[float], name: str = "demand", **fields: Any) -> Table:
    """Make a demand of fixed power."""
    return {"name": name, "kind": "demand", "power_mw": power_mw, **fields}


def shortfall(*, price_cny_per_mwh: float, **fields: Any) -> Table:
    """Make a shortfall at a price."""
    return {"name": "shortfall", "kind": "shortfall", "price_cny_per_mwh": price_cny_per_mwh, **fields}


def source(*, power_mw: float | list[float], name: str = "source") -> Table:
    """Make a free source of given available power, as a run-of-river plant rated at the highest of it."""
    powers = power_mw if isinstance(power_mw, list) else [power_mw]
    rating = float(max(powers)) or 1.0
    share = [power / rating for power in powers] if isinstance(power_mw, list) else power_mw / rating
    return {"name": name, "kind": "run_of_river", "power_max_mw": rating, "available": share}


def _table(part: Component | Table) -> Table:
    if isinstance(part, Component):
        return {"name": part.name, **part.model_dump(exclude_unset=True, exclude={"name"})}
    return dict(part)


def micro(*parts: Component | Table, hours: int | None = None, step_minutes: int = 60, **tables: Any) -> Table:
    """Join parts to a park of a few hours of 1 January 2025.

    Parameters
    ----------
    parts
        Components, or tables with ``name`` and ``kind``; lists in them fix the number of steps.
    hours
        Length of the horizon where no part has a list [h].
    step_minutes
        Length of a step [min].
    tables
        Further tables of the park file.
    """
    found = [_table(part) for part in parts]
    tariffs = {table["name"]: table.pop("_tariff") for table in found if "_tariff" in table}
    lists = [
        v
        for t in (*found, *tariffs.values())
        for v in t.values()
        if isinstance(v, list | tuple) and v and v[0] is not None
    ]
    numeric = [v for v in lists if isinstance(v[0], int | float)]
    if hours is None:
        hours = len(numeric[0]) * step_minutes // 60
    return {
        "park": {"name": "case"},
        "site": {"latitude_deg": 28.8, "longitude_deg": 104.6, "altitude_m": 300.0},
        "time": {"year": 2025, "first_day": "01-01", "hours": hours, "step_minutes": step_minutes},
        "nodes": {"electricity": "electricity"},
        "tariffs": tariffs,
        "yardsticks": YARDSTICK,
        "components": {table.pop("name"): table for table in found},
        **tables,
    }
