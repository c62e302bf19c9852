"""Reference runs: what the same park would cost and emit another way, held against the run.

A reference is a park of its own, found by another solve; what is kept of it are the figures below. They stand in the
Dataset of the run under the dimension ``reference``, which is empty where none was asked for.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import xarray as xr

from parksim.accounts.carbon import emissions_t, yardsticks
from parksim.accounts.energy import energy_figures, trace_green
from parksim.accounts.money import cost_figures, unit_cost_cny_per_mwh

Sort = Literal["grid", "no_storage", "tariff"]
"""All from the grid; without storage; at another tariff of the file."""

FIGURES: dict[str, tuple[str, str]] = {
    "objective": ("CNY", "least cost as the solver tells it"),
    "cost": ("CNY", "all terms of the ledger"),
    "unit_cost": ("CNY MWh-1", "cost over the demand served"),
    "served": ("MWh", "demand served"),
    "unserved": ("MWh", "what the shortfall stood in for"),
    "green_supply": ("MWh", "green part of the demand served"),
    "green_share": ("1", "green supply over demand served"),
    "import": ("MWh", "energy bought"),
    "export": ("MWh", "energy sold"),
    "peak_import": ("MW", "highest mean import of a step"),
}
"""Figure to its unit and meaning; in the Dataset each is ``reference_FIGURE``."""

SAVING = ("CNY", "cost of the reference less cost of the run")
CO2 = ("t", "CO2 emitted, by yardstick")


@dataclass(frozen=True)
class Run:
    """One reference run.

    Parameters
    ----------
    name
        ``grid``, ``no_storage``, or ``tariff.NAME``.
    sort, subject
        What it is about; the title of the tariff, empty for the others.
    changes
        Path of the park file to value in which it differs from the run.
    termination
        ``optimal``; ``infeasible`` or another way in which the solver ended; ``refused`` where the changed park is no
        valid one; ``no_grid`` where nothing can be bought.
    lifted
        Limits among the changes that were in the way: path to the value they had and the one they have.
    note
        Why there is no plan.
    figures, co2_t
        Empty where there is no plan.
    """

    name: str
    sort: Sort
    subject: str
    changes: Mapping[str, Any]
    termination: str
    lifted: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    note: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)
    co2_t: Mapping[str, float] = field(default_factory=dict)


def figures_of(ds: xr.Dataset) -> tuple[dict[str, float], dict[str, float]]:
    """Give the figures of FIGURES, and CO2 by yardstick [t], of the results of a park."""
    energy = energy_figures(ds, trace_green(ds))
    figures = {
        "objective": float(ds.attrs["objective_cny"]),
        "cost": cost_figures(ds)["total"],
        "unit_cost": unit_cost_cny_per_mwh(ds, energy["served_mwh"]),
        "green_share": energy["green_share"],
        "peak_import": energy["peak_import_mw"],
        **{name: energy[f"{name}_mwh"] for name in ("served", "unserved", "green_supply", "import", "export")},
    }
    return {name: figures[name] for name in FIGURES}, emissions_t(ds)


def with_references(ds: xr.Dataset, runs: Sequence[Run]) -> xr.Dataset:
    """Put reference runs into the Dataset of a run, which has none."""
    data, coords = variables(runs, yardsticks=list(yardsticks(ds)), cost_cny=cost_figures(ds)["total"])
    return ds.drop_dims("reference").assign_coords(coords).assign(data)


def variables(
    runs: Sequence[Run], *, yardsticks: Sequence[str], cost_cny: float = 0.0
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the variables and coordinates that tell reference runs in a Dataset.

    Parameters
    ----------
    yardsticks
        Names of the park's yardsticks.
    cost_cny
        Cost of the run they are held against [CNY].

    Returns
    -------
    dict, dict
        ``reference_FIGURE``, ``reference_saving``, ``reference_co2``, ``reference_feasible``, and in words
        ``reference_termination``, ``reference_note``, ``reference_changes`` and ``reference_lifted`` (JSON); and what
        stands on their dimensions.
    """
    data: dict[str, Any] = {
        f"reference_{name}": ("reference", _column(runs, name), {"units": unit, "long_name": meaning})
        for name, (unit, meaning) in FIGURES.items()
    }
    saving = data["reference_cost"][1] - cost_cny
    data["reference_saving"] = ("reference", saving, {"units": SAVING[0], "long_name": SAVING[1]})
    co2 = np.array([[run.co2_t.get(name, np.nan) for name in yardsticks] for run in runs], np.float64)
    attrs = {"units": CO2[0], "long_name": CO2[1]}
    data["reference_co2"] = (("reference", "yardstick"), co2.reshape(len(runs), len(yardsticks)), attrs)
    data["reference_feasible"] = ("reference", np.array([bool(run.figures) for run in runs], bool))
    for name, texts in (
        ("termination", [run.termination for run in runs]),
        ("note", [run.note for run in runs]),
        ("changes", [json.dumps(dict(run.changes), ensure_ascii=False) for run in runs]),
        ("lifted", [json.dumps(dict(run.lifted), ensure_ascii=False) for run in runs]),
    ):
        data[f"reference_{name}"] = ("reference", np.array(texts, dtype=str))
    coords = {
        "reference": ("reference", np.array([run.name for run in runs], dtype=str)),
        "reference_sort": ("reference", np.array([run.sort for run in runs], dtype=str)),
        "reference_subject": ("reference", np.array([run.subject for run in runs], dtype=str)),
        "yardstick": ("yardstick", np.array(yardsticks, dtype=str)),
    }
    return data, coords


def _column(runs: Sequence[Run], name: str) -> np.ndarray:
    return np.array([run.figures.get(name, np.nan) for run in runs], np.float64)


UNIT_SUFFIX = {"CNY": "_cny", "CNY MWh-1": "_cny_per_mwh", "MWh": "_mwh", "MW": "_mw", "1": "", "t": "_t"}
"""Unit to the suffix of a figure's name in the summary."""


def reference_figures(ds: xr.Dataset) -> dict[str, dict[str, Any]]:
    """Give every reference run of a Dataset as plain numbers: name to figures; those of one without a plan are None."""
    found = {}
    for at, name in enumerate(ds["reference"].to_numpy().tolist()):
        one = ds.isel(reference=at)
        feasible = bool(one["reference_feasible"])
        units = {**{figure: unit for figure, (unit, _) in FIGURES.items()}, "saving": SAVING[0]}
        co2 = dict(zip(ds["yardstick"].to_numpy().tolist(), one["reference_co2"].to_numpy().tolist(), strict=True))
        found[str(name)] = {
            "sort": str(one["reference_sort"].item()),
            "subject": str(one["reference_subject"].item()),
            "feasible": feasible,
            "termination": str(one["reference_termination"].item()),
            "note": str(one["reference_note"].item()),
            "changes": json.loads(str(one["reference_changes"].item())),
            "lifted": json.loads(str(one["reference_lifted"].item())),
            **{
                f"{figure}{UNIT_SUFFIX[unit]}": float(one[f"reference_{figure}"]) if feasible else None
                for figure, unit in units.items()
            },
            "emissions_t": co2 if feasible else None,
        }
    return found


def storage_worth_cny(ds: xr.Dataset) -> float | None:
    """Give what the stores of a run save: the cost without them less its own; None where that is not known [CNY]."""
    sorts = ds["reference_sort"].to_numpy()
    found = ds["reference_saving"].to_numpy()[(sorts == "no_storage") & ds["reference_feasible"].to_numpy()]
    return float(found[0]) if found.size else None
