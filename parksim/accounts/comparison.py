"""Parks side by side: the key figures of several runs, their differences from the first, their claims.

A comparison is a Dataset of its own with the dimension ``member``. A park without a solution has NaN in every figure.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

Summary = Mapping[str, Any]


@dataclass(frozen=True)
class Figure:
    """A figure of the summary that is compared: unit, meaning, and where it stands."""

    unit: str
    meaning: str
    read: Callable[[Summary], float]

    @property
    def attrs(self) -> dict[str, str]:
        """What a variable says of it."""
        return {"units": self.unit, "long_name": self.meaning}


def _of(key: str) -> Callable[[Summary], float]:
    return lambda summary: float(summary[key])


def _stores(summary: Summary) -> list[Mapping[str, float]]:
    return list(summary["storage"].values())


def _full_cycles(summary: Summary) -> float:
    sizes = sum(store["energy_usable_mwh"] for store in _stores(summary))
    return sum(s["full_cycles"] * s["energy_usable_mwh"] for s in _stores(summary)) / sizes if sizes > 0 else 0.0


FIGURES: dict[str, Figure] = {
    "green_share": Figure("1", "green supply over demand served", _of("green_share")),
    "green_supply": Figure("MWh", "green part of the demand served", _of("green_supply_mwh")),
    "unit_cost": Figure("CNY MWh-1", "cost over the demand served", _of("cost_cny_per_mwh")),
    "cost": Figure("CNY", "all terms of the ledger", lambda summary: float(summary["cost_cny"]["total"])),
    "load": Figure("MWh", "demand", _of("load_mwh")),
    "unserved": Figure("MWh", "what the shortfall stood in for", _of("unserved_mwh")),
    "import": Figure("MWh", "energy bought", _of("import_mwh")),
    "peak_import": Figure("MW", "highest mean import of a step", _of("peak_import_mw")),
    "export": Figure("MWh", "energy sold", _of("export_mwh")),
    "direct": Figure("MWh", "direct supply taken", _of("direct_mwh")),
    "direct_not_taken": Figure("MWh", "direct supply left", _of("direct_not_taken_mwh")),
    "renewable": Figure("MWh", "energy of the park's own plants", _of("renewable_mwh")),
    "curtailed": Figure("MWh", "own energy that was lost", _of("curtailed_mwh")),
    "self_use_share": Figure("1", "renewable and direct energy used over what was available", _of("self_use_share")),
    "discharge": Figure(
        "MWh", "energy out of stores", lambda summary: sum(store["discharge_mwh"] for store in _stores(summary))
    ),
    "full_cycles": Figure("1", "full cycles of the stores, weighed by their usable energy", _full_cycles),
}
"""Figure to what it is; each is a variable of the comparison."""


@dataclass(frozen=True)
class Told:
    """One park of a comparison.

    Parameters
    ----------
    name, title
        Short name, unlike any other's; full name.
    summary
        Summary of its run; None where it has no solution.
    problem
        Why it has none.
    """

    name: str
    title: str
    summary: Summary | None
    problem: str = ""


def compared(told: Sequence[Told], *, yardsticks: Mapping[str, str]) -> xr.Dataset:
    """Put parks side by side.

    Parameters
    ----------
    yardsticks
        Name to title of every yardstick of the parks.

    Returns
    -------
    Dataset
        The figures of FIGURES over ``member``; ``co2(member, yardstick)`` emitted [t]; ``claim_claimed``,
        ``claim_simulated`` (in the unit of the claim's figure), ``claim_ratio`` and ``claim_verdict`` over
        ``member, claim``, a claim on CO2 once per yardstick; ``solved`` and ``problem``.
    """
    summaries = [entry.summary for entry in told]
    data: dict[str, Any] = {
        name: ("member", np.array([_read(figure, s) for s in summaries], np.float64), figure.attrs)
        for name, figure in FIGURES.items()
    }
    co2 = [[np.nan if s is None else s["emissions_t"].get(name, np.nan) for name in yardsticks] for s in summaries]
    data["co2"] = (("member", "yardstick"), _table(co2, len(yardsticks)), {"units": "t", "long_name": "CO2 emitted"})
    claims, coords = _claims(summaries)
    data |= claims
    data["solved"] = ("member", np.array([summary is not None for summary in summaries], bool))
    data["problem"] = ("member", np.array([entry.problem for entry in told], dtype=str))
    coords |= {
        "member": ("member", np.array([entry.name for entry in told], dtype=str)),
        "title": ("member", np.array([entry.title for entry in told], dtype=str)),
        "yardstick": ("yardstick", np.array(list(yardsticks), dtype=str)),
        "yardstick_title": ("yardstick", np.array(list(yardsticks.values()), dtype=str)),
    }
    return xr.Dataset(data, coords=coords)


def _read(figure: Figure, summary: Summary | None) -> float:
    return np.nan if summary is None else figure.read(summary)


def _table(values: list[list[float]], width: int) -> np.ndarray:
    return np.array(values, np.float64).reshape(len(values), width)


def _claims(summaries: Sequence[Summary | None]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the variables of all claims, and what stands on their dimension."""
    judged = [
        {(claim["claim"], claim["yardstick"] or ""): claim for claim in ([] if summary is None else summary["claims"])}
        for summary in summaries
    ]
    keys = {key: claim["figure"] for one in judged for key, claim in one.items()}
    data: dict[str, Any] = {}
    for name in ("claimed", "simulated", "ratio"):
        values = [[float(one[key][name]) if key in one else np.nan for key in keys] for one in judged]
        data[f"claim_{name}"] = (("member", "claim"), _table(values, len(keys)))
    verdicts = [[str(one[key]["verdict"]) if key in one else "" for key in keys] for one in judged]
    data["claim_verdict"] = (("member", "claim"), np.array(verdicts, dtype=str).reshape(len(judged), len(keys)))
    labels = [f"{title} ({yardstick})" if yardstick else title for title, yardstick in keys]
    coords = {"claim": ("claim", np.array(labels, dtype=str))}
    for name, texts in (
        ("title", [title for title, _ in keys]),
        ("yardstick", [yardstick for _, yardstick in keys]),
        ("figure", list(keys.values())),
    ):
        coords[f"claim_{name}"] = ("claim", np.array(texts, dtype=str))
    return data, coords


def first_solved(ds: xr.Dataset) -> int:
    """Give the position of the member that the others are held against: the first with a solution."""
    return int(np.flatnonzero(ds["solved"].to_numpy())[0])


def differences(ds: xr.Dataset) -> xr.Dataset:
    """Give every figure, and CO2, less that of the first member with a solution; units as in the comparison."""
    first = first_solved(ds)
    told = {name: ds[name] for name in (*FIGURES, "co2")}
    return xr.Dataset({name: (v - v.isel(member=first, drop=True)).assign_attrs(v.attrs) for name, v in told.items()})


def frame(ds: xr.Dataset) -> pd.DataFrame:
    """Give a comparison as a table: a row per figure, yardstick and claim; a column per member and its difference.

    Returns
    -------
    DataFrame
        Index ``figure``; columns ``unit``, the members, and ``NAME less FIRST`` for every other one.
    """
    members = [str(name) for name in ds["member"].to_numpy()]
    first, apart = members[first_solved(ds)], differences(ds)
    rows = {name: (figure.unit, ds[name].to_numpy(), apart[name].to_numpy()) for name, figure in FIGURES.items()}
    for at, name in enumerate(ds["yardstick"].to_numpy()):
        rows[f"co2.{name}"] = ("t", ds["co2"].to_numpy()[:, at], apart["co2"].to_numpy()[:, at])
    for at, name in enumerate(ds["claim"].to_numpy()):
        ratios = ds["claim_ratio"].to_numpy()[:, at]
        rows[f"claim, simulated over claimed: {name}"] = ("1", ratios, ratios - ratios[first_solved(ds)])
    columns = ["unit", *members, *(f"{name} less {first}" for name in members if name != first)]
    others = [at for at, name in enumerate(members) if name != first]
    table = [[unit, *values, *change[others]] for unit, values, change in rows.values()]
    return pd.DataFrame(table, index=pd.Index(list(rows), name="figure"), columns=columns)


def plain(ds: xr.Dataset) -> dict[str, Any]:
    """Give a comparison as plain numbers, strings and tables."""
    apart, first = differences(ds), first_solved(ds)
    found: dict[str, Any] = {"first": str(ds["member"].to_numpy()[first]), "members": {}}
    for at, name in enumerate(ds["member"].to_numpy()):
        one, change, solved = ds.isel(member=at), apart.isel(member=at), bool(ds["solved"][at])
        found["members"][str(name)] = {
            "title": str(one["title"].item()),
            "solved": solved,
            "problem": str(one["problem"].item()),
            "figures": _figures(one) if solved else None,
            "differences": _figures(change) if solved and at != first else None,
            "claims": _judged(one) if solved else None,
        }
    found["units"] = {name: figure.unit for name, figure in FIGURES.items()} | {"co2": "t"}
    return found


def _figures(one: xr.Dataset) -> dict[str, Any]:
    co2 = zip(one["yardstick"].to_numpy(), one["co2"].to_numpy(), strict=True)
    return {name: float(one[name]) for name in FIGURES} | {"co2": {str(name): float(value) for name, value in co2}}


def _judged(one: xr.Dataset) -> list[dict[str, Any]]:
    told = ("title", "yardstick", "figure", "claimed", "simulated", "ratio", "verdict")
    claims = (one.isel(claim=at) for at in range(one.sizes["claim"]))
    return [{name: claim[f"claim_{name}"].item() for name in told} for claim in claims if claim["claim_verdict"].item()]
