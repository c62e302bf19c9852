"""The summary: every figure of a run that a planner asks for, as plain numbers."""

import json
from typing import Any

import xarray as xr

from parksim.accounts.audit import recompute
from parksim.accounts.carbon import carbon_figures
from parksim.accounts.claims import claim_figures
from parksim.accounts.energy import GreenTrace, energy_figures, store_figures, trace_green
from parksim.accounts.money import cost_figures, unit_cost_cny_per_mwh
from parksim.accounts.periods import period_figures
from parksim.accounts.references import reference_figures, storage_worth_cny
from parksim.accounts.verdict import verdict

RESIDUALS_TOLD = 5


def summarise(ds: xr.Dataset, *, trace: GreenTrace | None = None) -> dict[str, Any]:
    """Sum up a run.

    Parameters
    ----------
    ds
        Results of a run.
    trace
        Its green trace, if it is at hand.

    Returns
    -------
    dict
        Plain numbers, strings, lists and tables; documented in docs/results.md.
    """
    energy = energy_figures(ds, trace or trace_green(ds))
    figures: dict[str, Any] = {"park": ds.attrs["park"], **energy}
    figures["storage"] = store_figures(ds)
    figures["cost_cny"] = cost_figures(ds)
    figures["tariff_periods"] = period_figures(ds)
    figures["cost_cny_per_mwh"] = unit_cost_cny_per_mwh(ds, energy["served_mwh"])
    figures["objective_cny"] = float(ds.attrs["objective_cny"])
    figures |= carbon_figures(ds, energy)
    figures["claims"] = claim_figures(ds, figures)
    figures["references"] = reference_figures(ds)
    figures["storage_worth_cny"] = storage_worth_cny(ds)
    figures["verdict"] = verdict(ds, figures=figures)
    figures["indicators"] = {
        str(label): float(value)
        for label, value in zip(
            ds.variables["indicator"].to_numpy(), ds.variables["indicator_value"].to_numpy(), strict=True
        )
    }
    figures["ties"] = json.loads(ds.attrs["ties"])
    figures["solver"] = json.loads(ds.attrs["solver_info"])
    gaps = recompute(ds)
    figures["audit"] = {"largest": dict(list(gaps.items())[:RESIDUALS_TOLD]), "checks": len(gaps)}
    figures["notes"] = [line for line in str(ds.attrs["notes"]).splitlines() if line]
    figures["provenance"] = {
        "parksim": ds.attrs["parksim_version"],
        "solver": f"{ds.attrs['solver']} {ds.attrs['solver_version']}",
        "structure_key": ds.attrs["structure_key"],
        "clock": ds.attrs["clock"],
    }
    return figures
