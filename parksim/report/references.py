"""Reference runs of a Dataset in a few lines: what the same park would cost another way."""

from typing import Any

import xarray as xr

from parksim.accounts.references import reference_figures
from parksim.report import formats as f
from parksim.report.beside_words import WORDS, tell

SMALL_MWH = 0.5
"""Less unserved energy than this is not told [MWh]."""


def rows(ds: xr.Dataset) -> list[list[str]]:
    """Give a table of the references that have a plan, headings first; empty where there are none."""
    found = {name: one for name, one in reference_figures(ds).items() if one["feasible"]}
    head = ["", *(tell(f"col.{name}") for name in ("cost", "per_kwh", "green", "bought", "peak", "saves"))]
    told = [
        [
            name_of(one),
            f.money(one["cost_cny"]),
            f.per_kwh(one["unit_cost_cny_per_mwh"]),
            f.percent(one["green_share"]),
            f.energy(one["import_mwh"]),
            f.power(one["peak_import_mw"]),
            f.money(one["saving_cny"]),
        ]
        for one in found.values()
    ]
    return [[f.to_plain(cell) for cell in row] for row in (head, *told)] if told else []


def notes(ds: xr.Dataset) -> list[str]:
    """Say which limits were lifted, what stays unserved, and which references have no plan."""
    lines = []
    for one in reference_figures(ds).values():
        name = name_of(one)
        lines += [
            tell("lifted", name=name, path=path, was=f.plain_number(was), now=f.plain_number(now))
            for path, (was, now) in one["lifted"].items()
        ]
        if not one["feasible"]:
            key = f"none.{one['termination']}"
            lines.append(tell(key if key in WORDS else "none", **{**one, "name": name}))
        elif one["unserved_mwh"] > SMALL_MWH:
            lines.append(tell("unserved", name=name, energy=f.energy(one["unserved_mwh"])))
    return [f.to_plain(line) for line in lines]


def name_of(one: dict[str, Any]) -> str:
    """Name a reference."""
    return tell(f"reference.{one['sort']}", subject=one["subject"])
