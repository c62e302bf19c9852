"""Peaks: which hours set each month's demand charge, and how it is shared among them.

A peak is as high as pays: one MW more would save in the hours that set it just what it costs. The share of an hour is
the dual of its row over the charge; where a least demand is billed, the shares sum to less than one.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from parksim.component import Array

AT_LIMIT = 1e-6
"""Closer than this to a limit counts as at it, relative to the limit and at least in MW (or MWh)."""

PRICED = 1e-6
"""Duals below this count as zero [CNY per unit]."""


@dataclass(frozen=True)
class PeakFact:
    """A month's peak and the hours that set it.

    Parameters
    ----------
    charge_cny_per_mw
        Demand charge of the month, for the share of it inside the horizon [CNY MW-1].
    ratio
        Billed quarter-hour peak over the mean of a step [1].
    floor
        Whether the least demand billed sets it, in part or whole.
    setters
        Begin of each step that sets the peak, to its share of the charge [1].
    touching
        Steps at the peak too, whose share is zero.
    """

    component: str
    month: pd.Timestamp
    peak_mw: float
    charge_cny_per_mw: float
    ratio: float
    floor: bool
    setters: dict[pd.Timestamp, float]
    touching: tuple[pd.Timestamp, ...]


def number_at(ds: xr.Dataset, label: str, step: int) -> float:
    """Read a number the LP was filled with, as it holds in a step; NaN where there is none."""
    for dim, variable, place in (
        ("number", "number_value", None),
        ("series", "series_value", step),
        ("month_number", "month_value", int(ds["month_of_step"][step])),
    ):
        if label in ds.indexes[dim]:
            values = ds.variables[variable].to_numpy()[ds.indexes[dim].get_loc(label)]
            return float(values if place is None else values[place])
    return float("nan")


def row_dual(ds: xr.Dataset, label: str) -> Array | None:
    """Read the dual of a row, shape (time,); None where there is no such row."""
    if label not in ds.indexes["row"]:
        return None
    return np.asarray(ds.variables["row_dual"].to_numpy()[ds.indexes["row"].get_loc(label)], np.float64)


def peak_facts(ds: xr.Dataset) -> tuple[PeakFact, ...]:
    """Say of every month with a demand charge which hours set its peak."""
    stamps, months = (
        pd.DatetimeIndex(ds.variables["time"].to_numpy()),
        pd.DatetimeIndex(ds.variables["month"].to_numpy()),
    )
    month, component = ds.variables["month_of_step"].to_numpy(), ds.variables["component"].to_numpy()
    facts = []
    for label in ds.variables["row"].to_numpy():
        name, _, item = str(label).partition(".")
        dual = row_dual(ds, str(label))
        if item != "peak_limit" or dual is None:
            continue
        bought = (
            ds.variables["power"]
            .to_numpy()[(component == name) & (ds.variables["role"].to_numpy() == "import")]
            .sum(axis=0)
        )
        peaks = ds.variables["peak_value"].to_numpy()[ds.indexes["peak"].get_loc(f"{name}.peak")]
        for position, stamp in enumerate(months):
            steps = np.flatnonzero(month == position)
            charge = number_at(ds, f"{name}.demand_cny_per_mw", int(steps[-1]))
            if not charge > PRICED:
                continue
            share = np.abs(dual[steps]) / charge
            ratio = number_at(ds, f"{name}.peak_ratio", int(steps[0]))
            billed = bought[steps] * ratio
            at_peak = billed >= peaks[position] - AT_LIMIT * max(1.0, peaks[position])
            facts.append(
                PeakFact(
                    component=name,
                    month=stamp,
                    peak_mw=float(peaks[position]),
                    charge_cny_per_mw=charge,
                    ratio=ratio,
                    floor=bool(share.sum() < 1.0 - AT_LIMIT),
                    setters={stamps[s]: v for s, v in zip(steps.tolist(), share.tolist(), strict=True) if v > AT_LIMIT},
                    touching=tuple(stamps[steps[at_peak & (share <= AT_LIMIT)]]),
                )
            )
    return tuple(facts)
