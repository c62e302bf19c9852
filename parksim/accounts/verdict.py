"""The verdict: clauses, final energy, certificates that close the gap, what claims would need, energy reallocated."""

import math
from collections.abc import Mapping
from typing import Any

import xarray as xr

from parksim.accounts.carbon import carbon_figures
from parksim.accounts.claims import claims_of
from parksim.accounts.energy import additional_share, energy_figures, trace_green
from parksim.accounts.final_energy import FinalEnergy, final_energy
from parksim.accounts.rules import MISSING, NAMED, OUTSIDE, Finding, findings


def verdict(ds: xr.Dataset, *, figures: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Hold a run against the rules for zero-carbon parks and green direct connection.

    Parameters
    ----------
    ds
        Results of a run.
    figures
        Its figures of energy and CO2, as the summary has them; summed up here where left out.

    Returns
    -------
    dict
        Plain numbers, strings, lists and tables; documented in docs/verdict.md. None stands for what is not known.
    """
    if figures is None:
        of_energy = energy_figures(ds, trace_green(ds))
        figures = {**of_energy, **carbon_figures(ds, of_energy)}
    energy = final_energy(ds)
    found = findings(ds, energy=energy)
    core = found[0]
    return {
        "outcome": core.outcome,
        "missing": {key: MISSING[key] for key in dict.fromkeys(key for f in found for key in f.missing)},
        "clauses": [_clause(finding) for finding in found],
        "outside": [
            dict(zip(("key", "notice", "sort", "says", "limit"), (key, *rest), strict=True))
            for key, rest in OUTSIDE.items()
        ],
        "energy": energy_of_year(energy),
        "certificates": {**certificates(energy, core), **_counting(found)},
        "claim_factors": _claim_factors(ds, energy, float(figures["green_supply_mwh"])),
        "plants": _plants(energy),
        "reallocated": _reallocated(ds, energy, figures),
        "terms": energy.terms,
    }


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _clause(finding: Finding) -> dict[str, Any]:
    clause = finding.clause
    return {
        "key": finding.key,
        "notice": clause.notice,
        "sort": clause.sort,
        "says": clause.says,
        "figure": _known(finding.figure),
        "figure_max": _known(finding.figure_max),
        "sense": clause.sense,
        "limit": _known(finding.limit),
        "in_principle": clause.in_principle,
        "unit": clause.unit,
        "outcome": finding.outcome,
        "missing": list(finding.missing),
        "certificates": clause.certificates,
        "certainty": finding.certainty,
        "doubts": list(finding.doubts),
        "source": clause.source,
    }


def energy_of_year(energy: FinalEnergy) -> dict[str, Any]:
    """List the final energy by carrier; sum it up only where the park file says all of it."""
    of_electricity = [line for line in energy.lines if line.key.startswith("electricity.")]
    tce = sum(line.tce for line in of_electricity)
    whole = energy.whole_year and energy.stated
    return {
        "years": energy.years,
        "lines": [vars(line) for line in energy.lines],
        "electricity_mwh": energy.used_mwh,
        "electricity_co2_t_per_tce": sum(line.co2_t for line in of_electricity) / tce if tce > 0.0 else None,
        "total_tce": energy.tce if whole else None,
        "total_co2_t": energy.co2_t if whole else None,
        "process_co2_t": energy.terms["process_co2_t"],
        "components_co2_t": energy.components_co2_t,
    }


def certificates(energy: FinalEnergy, core: Finding) -> dict[str, Any]:
    """Count the certificates that would close the gap to the core limit, and their cost.

    Without process CO2 in the park file they close the gap of what is known.
    """
    held, factor = float(energy.terms["certificates_mwh"]), float(energy.terms["untitled_t_per_mwh"])
    low, high = (float(energy.terms[f"certificate_price_{end}_cny_per_mwh"]) for end in ("min", "max"))
    untitled = energy.electricity_mwh["untitled"]
    gap_t = needed = math.nan
    if math.isfinite(core.figure) and math.isfinite(core.limit):
        gap_t = max(0.0, energy.co2_t - core.limit * energy.tce)
        needed = gap_t / factor
    closes = needed <= untitled * (1.0 + 1e-12) if math.isfinite(needed) else None
    return {
        "held_mwh": held,
        "counted_mwh": energy.electricity_mwh["certified"],
        "electricity_without_title_mwh": untitled,
        "gap_co2_t": _known(gap_t),
        "closes_gap": closes,
        "needed_mwh": needed if closes else None,
        "cost_min_cny": low * needed if closes else None,
        "cost_max_cny": high * needed if closes else None,
        "left_co2_t": max(0.0, gap_t - factor * untitled) if closes is not None else None,
    }


def _counting(found: list[Finding]) -> dict[str, list[str]]:
    """Tell which clauses certificates bought count for, which not, and for which the wording was not seen."""
    names = {"count_for": "yes", "do_not_count_for": "no", "may_count_for": "by_wording"}
    return {name: [f.key for f in found if f.clause.certificates == word] for name, word in names.items()}


def _claim_factors(ds: xr.Dataset, energy: FinalEnergy, green_supply_mwh: float) -> list[dict[str, Any]]:
    """Factors that claims on avoided CO2 would need: over the energy claimed, and over a year's energy simulated."""
    claims = claims_of(ds)
    claimed_mwh = next((float(c["value"]) for c in claims.values() if c["figure"] == "green_supply_mwh"), None)
    simulated_mwh = green_supply_mwh / energy.years if energy.whole_year else None
    return [
        {
            "claim": claim["title"],
            "claimed_t": float(claim["value"]),
            "claimed_mwh": claimed_mwh,
            "claimed_t_per_mwh": float(claim["value"]) / claimed_mwh if claimed_mwh else None,
            "simulated_mwh": simulated_mwh,
            "simulated_t_per_mwh": float(claim["value"]) / simulated_mwh if simulated_mwh else None,
        }
        for claim in claims.values()
        if claim["figure"] == "avoided_co2_t"
    ]


def _plants(energy: FinalEnergy) -> list[dict[str, Any]]:
    """List what each plant supplies, who holds its certificates, and what it counts for."""
    per_year = energy.years if energy.whole_year else 1.0
    return [
        {
            "component": plant.component,
            "technology": plant.technology,
            "delivery": plant.delivery,
            "plant": plant.plant,
            "certificate": plant.certificate,
            "used_mwh": plant.energy.used_mwh / per_year,
            "sold_mwh": plant.energy.sold_mwh / per_year,
            "available_mwh": plant.energy.available_mwh / per_year,
            "free_of_co2": plant.titled,
            "direct": plant.direct,
            "named_for_connection": NAMED.get(plant.technology) if plant.direct else False,
            "reallocated": plant.plant == "existing",
        }
        for plant in energy.plants
    ]


def _reallocated(ds: xr.Dataset, energy: FinalEnergy, figures: Mapping[str, Any]) -> dict[str, Any]:
    """Tell the green supply of plants that existed before, and what it avoids: as claims count it, and nothing."""
    green = float(figures["green_supply_mwh"])
    all_of_it, additional = figures["avoided_co2_t"], figures["avoided_additional_co2_t"]
    return {
        "plants": [plant.component for plant in energy.plants if plant.plant == "existing"],
        "green_supply_mwh": green * (1.0 - additional_share(ds, green)) if green > 0.0 else 0.0,
        "avoided_as_claimed_co2_t": {name: all_of_it[name] - additional[name] for name in all_of_it},
        "avoided_additional_co2_t": dict.fromkeys(all_of_it, 0.0),
    }
