"""Every single number that a run is summed up by, under flat names that are known before anything is solved.

The names are those of the summary, joined by dots: ``green_share``, ``emissions_t.national``; what belongs to one
component begins with its name: ``battery.full_cycles``. Left to the summary are tables (tariff periods, claims, clauses
in words) and what takes further solves (references, the worth of storage).
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from parksim.accounts.carbon import carbon_figures
from parksim.accounts.energy import additional_share, energy_figures, store_figures, trace_green
from parksim.accounts.final_energy import final_energy
from parksim.accounts.money import cost_figures, unit_cost_cny_per_mwh
from parksim.accounts.reading import Results
from parksim.accounts.rules import CLAUSES, FAIL, PASS, findings
from parksim.accounts.verdict import certificates, energy_of_year


@dataclass(frozen=True)
class Meaning:
    """What a number is: its unit, and what it says."""

    unit: str
    title: str


PARK: dict[str, Meaning] = {
    "objective_cny": Meaning("CNY", "cost that was minimised"),
    "cost_cny": Meaning("CNY", "cost, all terms of the ledger"),
    "cost_cny_per_mwh": Meaning("CNY MWh-1", "cost over demand served"),
    "load_mwh": Meaning("MWh", "demand"),
    "served_mwh": Meaning("MWh", "demand served"),
    "unserved_mwh": Meaning("MWh", "what the shortfall stood in for"),
    "green_supply_mwh": Meaning("MWh", "green part of the demand served"),
    "green_share": Meaning("1", "green supply over demand served"),
    "self_use_share": Meaning("1", "renewable and direct energy used over what was available"),
    "renewable_mwh": Meaning("MWh", "energy of the park's own plants"),
    "direct_mwh": Meaning("MWh", "direct supply taken"),
    "import_mwh": Meaning("MWh", "energy bought"),
    "export_mwh": Meaning("MWh", "energy sold"),
    "curtailed_mwh": Meaning("MWh", "own energy that was lost"),
    "direct_not_taken_mwh": Meaning("MWh", "direct supply left"),
    "peak_import_mw": Meaning("MW", "highest mean import of a step"),
    "peak_load_mw": Meaning("MW", "highest demand of a step"),
}
"""Numbers of every park."""

CO2: dict[str, Meaning] = {
    "emissions_t": Meaning("t", "CO2 emitted"),
    "avoided_co2_t": Meaning("t", "CO2 avoided by green supply"),
    "avoided_additional_co2_t": Meaning("t", "CO2 avoided by plants built for the park"),
}
"""Numbers by yardstick."""

YEAR: dict[str, Meaning] = {
    "verdict.energy.total_tce": Meaning("tce", "final energy of a year"),
    "verdict.energy.total_co2_t": Meaning("t", "CO2 of a year by the method for parks"),
    "verdict.certificates.gap_co2_t": Meaning("t", "CO2 above the core limit of zero-carbon parks"),
    "verdict.certificates.needed_mwh": Meaning("MWh", "certificates that close the gap to the core limit"),
    "verdict.certificates.cost_min_cny": Meaning("CNY", "least cost of these certificates"),
    "verdict.certificates.cost_max_cny": Meaning("CNY", "largest cost of these certificates"),
}
"""Numbers of the verdict besides its clauses; not a number where the park file leaves them open."""

TIES: dict[str, Meaning] = {
    "ties.green_supply_width_mwh": Meaning("MWh", "how far green supply differs among plans of equal cost"),
    "ties.bought_width_mwh": Meaning("MWh", "how far energy bought differs among plans of equal cost"),
    "ties.storage_throughput_width_mwh": Meaning("MWh", "how far storage throughput differs among plans of equal cost"),
}
"""How far equal-cost plans differ."""

STORE: dict[str, Meaning] = {
    "charge_mwh": Meaning("MWh", "energy into the store"),
    "discharge_mwh": Meaning("MWh", "energy out of the store"),
    "full_cycles": Meaning("1", "full cycles"),
    "rainflow_cycles": Meaning("1", "rainflow cycles"),
    "mean_depth": Meaning("1", "mean depth of a cycle"),
    "energy_usable_mwh": Meaning("MWh", "usable energy"),
    "loss_mwh": Meaning("MWh", "energy lost in the store"),
}
"""Numbers of every store; where the component tells a figure of the same name itself, that one is taken."""

WITH_HYDRO = "_with_hydro"
"""End of the clauses that are judged only where a directly connected plant runs on water."""

OUTCOMES = {PASS: 1.0, FAIL: 0.0}


def named(
    *, stores: Iterable[str], yardsticks: Iterable[str], own: Mapping[str, Meaning], hydro: bool
) -> dict[str, Meaning]:
    """Give every number that :func:`scalars` tells of a park, before it is solved.

    Parameters
    ----------
    stores
        Components that charge and discharge.
    yardsticks
        Of CO2.
    own
        What components tell of themselves, ``component.name``.
    hydro
        Whether a plant of the park may run on water.

    Returns
    -------
    dict
        Name to unit and title, in the order of :func:`scalars`.
    """
    found = dict(PARK)
    for name, meaning in CO2.items():
        found |= {f"{name}.{each}": Meaning(meaning.unit, f"{meaning.title}, {each}") for each in yardsticks}
    for key, clause in CLAUSES.items():
        if hydro or not key.endswith(WITH_HYDRO):
            found[f"verdict.{key}"] = Meaning(clause.unit, clause.says)
            found[f"verdict.{key}.max"] = Meaning(clause.unit, f"{clause.says}: upper end of the range")
            found[f"verdict.{key}.pass"] = Meaning("1", f"{clause.says}: 1 passed, 0 failed")
    found |= {**YEAR, **TIES}
    for store in stores:
        found |= {f"{store}.{name}": Meaning(m.unit, f"{m.title}, {store}") for name, m in STORE.items()}
    return {**found, **own}


def scalars(ds: Results) -> dict[str, float]:
    """Sum up a run by single numbers; what is not known is not a number.

    Parameters
    ----------
    ds
        Results of a run.

    Returns
    -------
    dict
        Name to number, each in the unit that :func:`named` gives.
    """
    energy = energy_figures(ds, trace_green(ds))
    costs = cost_figures(ds)
    of_all = {
        "objective_cny": float(ds.attrs["objective_cny"]),
        "cost_cny": costs["total"],
        "cost_cny_per_mwh": unit_cost_cny_per_mwh(ds, energy["served_mwh"]),
        **energy,
    }
    found = {name: of_all[name] for name in PARK}
    carbon = carbon_figures(ds, energy, additional=additional_share(ds, energy["green_supply_mwh"]))
    found |= {f"{name}.{each}": value for name in CO2 for each, value in carbon[name].items()}
    found |= _of_rules(ds)
    ties = json.loads(ds.attrs["ties"])
    found |= {name: float(ties[name.removeprefix("ties.")]) for name in TIES}
    stores = store_figures(ds)
    found |= {f"{store}.{name}": figures[name] for store, figures in stores.items() for name in STORE}
    labels, values = (ds.variables[name].to_numpy().tolist() for name in ("indicator", "indicator_value"))
    found |= {str(label): float(value) for label, value in zip(labels, values, strict=True)}
    return found


def _of_rules(ds: Results) -> dict[str, float]:
    """Give the figures of the verdict: clauses, final energy, certificates."""
    energy = final_energy(ds)
    judged = findings(ds, energy=energy)
    found: dict[str, float] = {}
    for each in judged:
        found[f"verdict.{each.key}"] = _known(each.figure)
        found[f"verdict.{each.key}.max"] = _known(each.figure_max)
        found[f"verdict.{each.key}.pass"] = OUTCOMES.get(each.outcome, np.nan)
    tables = {"energy": energy_of_year(energy), "certificates": certificates(energy, judged[0])}
    for name in YEAR:
        _, table, field = name.split(".")
        found[name] = _known(tables[table][field])
    return found


def _known(value: float | None) -> float:
    return float(value) if value is not None and math.isfinite(value) else np.nan
