"""What sizing found, as a Dataset, as files, as plain figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w
import xarray as xr

from parksim.component import Array
from parksim.investment import Size, Sizing
from parksim.lp.layout import NumberRef
from parksim.lp.level import Point, Search
from parksim.lp.ranges import End
from parksim.output import as_json, write_files
from parksim.park import Park
from parksim.results import park_toml
from parksim.variants import moved

SCHEMA = "sizing-1"


@dataclass(frozen=True)
class Sized:
    """What sizing found.

    Parameters
    ----------
    park
        The park with its capacities written in; it can be solved, saved, and sized again.
    ds
        Capacities, costs, marginal values, near-optimal ranges, and every cut; docs/sizing.md describes it.
    """

    park: Park
    ds: xr.Dataset

    @property
    def capacities(self) -> dict[str, float]:
        """Map the path of each sized field to the capacity chosen [MW or MWh]."""
        return dict(zip(self.ds["size"].to_numpy().tolist(), self.ds["capacity"].to_numpy().tolist(), strict=True))


@dataclass(frozen=True)
class Entry:
    """One capacity to be chosen."""

    ref: NumberRef
    size: Size
    unit: str

    @property
    def label(self) -> str:
        """Path of the field in the park file."""
        return f"components.{self.ref.component}.{self.ref.name}"


def dataset(
    park: Park,
    listed: Sequence[Entry],
    common: Sizing,
    search: Search,
    ranges: Mapping[float, Sequence[tuple[End, End]]],
) -> xr.Dataset:
    """Make the Dataset of a finished search.

    Parameters
    ----------
    park
        The sized one.
    ranges
        Share above the best cost to the least and the largest end of each capacity.

    Raises
    ------
    ValueError
        If the search found nothing.
    """
    if search.best is None:
        msg = "the search is not finished"
        raise ValueError(msg)
    points = [point for point in search.surface.points if point.feasible]
    ends = np.array([[[e.reached, e.beyond] for pair in found for e in pair] for found in ranges.values()])
    ends = ends.reshape(len(ranges), len(listed), 2, 2)
    chosen = by_size(search, search.best, listed, common, year_share=park.time.year_share)
    data: dict[str, Any] = chosen | {
        "near_min": (("within", "size"), ends[:, :, 0, 0]),
        "near_min_bound": (("within", "size"), ends[:, :, 0, 1]),
        "near_max": (("within", "size"), ends[:, :, 1, 0]),
        "near_max_bound": (("within", "size"), ends[:, :, 1, 1]),
        "tried": (("cut", "size"), _stack([point.x for point in points], len(listed))),
        "tried_operation": ("cut", np.array([point.operation_cny for point in points]), {"units": "CNY"}),
        "cut_constant": ("cut", np.array([point.cut.constant for point in points]), {"units": "CNY"}),
        "cut_slope": (("cut", "size"), _stack([point.cut.slope for point in points], len(listed))),
    }
    coords = {"size": [entry.label for entry in listed], "within": list(ranges), "cut": np.arange(len(points))}
    return xr.Dataset(data, coords=coords, attrs={"schema": SCHEMA, **attributes(park, search, capacities_cny(data))})


def by_size(
    search: Search, best: Point, listed: Sequence[Entry], common: Sizing, *, year_share: float
) -> dict[str, Any]:
    """Give what is known of each capacity chosen, as variables over ``size``."""
    sizes = [entry.size for entry in listed]
    annuity = np.array([s.annuity_cny(common.discount_rate) for s in sizes]) * year_share * best.x
    upkeep = np.array([s.om_cny_per_year for s in sizes]) * year_share * best.x
    return {
        "capacity": ("size", best.x),
        "unit": ("size", np.array([entry.unit for entry in listed], dtype=object)),
        "capacity_min": ("size", search.master.box.least),
        "capacity_max": ("size", search.master.box.most),
        "investment": ("size", np.array([s.capex_cny for s in sizes]) * best.x, {"units": "CNY"}),
        "annuity": ("size", annuity, {"units": "CNY"}),
        "upkeep": ("size", upkeep, {"units": "CNY"}),
        "unit_cost": ("size", search.master.invest, {"units": "CNY per unit over the horizon"}),
        "unit_value": ("size", -best.cut.slope, {"units": "CNY per unit over the horizon"}),
    }


def capacities_cny(chosen: Mapping[str, Any]) -> float:
    """Sum up annuity and upkeep of :func:`by_size` [CNY]."""
    return float(chosen["annuity"][1].sum() + chosen["upkeep"][1].sum())


def _stack(rows: Sequence[Array], width: int) -> Array:
    return np.array(rows, np.float64).reshape(len(rows), width)


def attributes(park: Park, search: Search, capacities_cny: float) -> dict[str, Any]:
    """Tell whose capacities they are, and how exactly they were found."""
    best = search.best
    return {
        "parksim_version": version("parksim"),
        "park": park.park.name,
        "title": park.park.title or park.park.name,
        "park_toml": park_toml(park),
        "year_share": park.time.year_share,
        "objective_cny": search.best_cny,
        "bound_cny": search.bound_cny,
        "gap": search.gap,
        "operation_cny": 0.0 if best is None else best.operation_cny,
        "capacities_cny": capacities_cny,
    }


def plain(found: Sized) -> dict[str, Any]:
    """Give the result as plain figures, for JSON."""
    ds = found.ds
    told = {
        label: {
            "capacity": float(ds["capacity"][at]),
            "unit": str(ds["unit"].to_numpy()[at]),
            "investment_cny": float(ds["investment"][at]),
            "annuity_cny": float(ds["annuity"][at]),
            "upkeep_cny": float(ds["upkeep"][at]),
            "unit_cost_cny": float(ds["unit_cost"][at]),
            "unit_value_cny": float(ds["unit_value"][at]),
            "near_optimal": {
                f"{share:g}": [float(ds["near_min"][row, at]), float(ds["near_max"][row, at])]
                for row, share in enumerate(ds["within"].to_numpy())
            },
        }
        for at, label in enumerate(ds["size"].to_numpy().tolist())
    }
    figures = ("objective_cny", "operation_cny", "capacities_cny", "bound_cny", "gap", "dispatches", "seconds")
    return {
        "park": ds.attrs["park"],
        "year_share": ds.attrs["year_share"],
        **{name: ds.attrs[name] for name in figures},
        "investment_cny": float(ds["investment"].sum()),
        "sizes": told,
    }


def moved_toml(park: Park, folder: Path) -> str:
    """Write a park as TOML for another folder: relative paths of its files lead back to where they were."""
    return tomli_w.dumps(moved(park.tables(), start=park.folder, to=folder))


def write(found: Sized, folder: Path) -> list[Path]:
    """Write ``sized.toml``, ``sizing.json`` and ``sizing.nc``.

    Raises
    ------
    InputError
        If the folder cannot be written to; files that stood there then stay, all of them.
    """
    head = "# The capacities are those `parksim size` chose.\n\n"
    return write_files(
        {
            folder / "sized.toml": head + moved_toml(found.park, folder),
            folder / "sizing.json": as_json(plain(found)),
            folder / "sizing.nc": found.ds,
        }
    )
