"""Claims held against the simulation; those about CO2 by every yardstick."""

import json
from typing import Any

import xarray as xr

MET = "met"
NOT_MET = "not met"
NOT_JUDGED = "not judged"

OF_A_YEAR = {"green_supply_mwh", "avoided_co2_t", "load_mwh"}
"""Figures that grow with the horizon; a claim on them is one of a year."""

WHOLE_YEAR = 0.999
"""From this share of a year on a claim of a year is judged."""
ROUNDING = 1e-9
"""A claim missed by no more than this share is met: sums of a year's powers are exact to about 1e-12."""


def _entry(claim: dict[str, Any], simulated: float, yardstick: str | None, *, years: float) -> dict[str, Any]:
    of_a_year = claim["figure"] in OF_A_YEAR
    if of_a_year and years >= WHOLE_YEAR:
        simulated /= years
    ratio = simulated / claim["value"]
    verdict = MET if ratio >= 1.0 - ROUNDING else NOT_MET
    return {
        "claim": claim["title"],
        "figure": claim["figure"],
        "yardstick": yardstick,
        "claimed": claim["value"],
        "simulated": simulated,
        "ratio": ratio,
        "verdict": NOT_JUDGED if of_a_year and years < WHOLE_YEAR else verdict,
        "source": claim["source"],
    }


def claims_of(ds: xr.Dataset) -> dict[str, dict[str, Any]]:
    """Give the claims of the park, in order."""
    found: dict[str, dict[str, Any]] = json.loads(ds.attrs["claims"])
    return found


def claim_figures(ds: xr.Dataset, figures: dict[str, Any]) -> list[dict[str, Any]]:
    """Hold each claim against its figure; energy and CO2 per year, not judged by a horizon shorter than a year.

    Parameters
    ----------
    figures
        The summary so far; a claim on avoided CO2 is told once per yardstick.

    Returns
    -------
    list of dict
        ``claim, figure, yardstick, claimed, simulated, ratio, verdict, source``.
    """
    found = []
    years = float(ds.attrs["year_share"])
    for claim in claims_of(ds).values():
        simulated = figures[claim["figure"]]
        if isinstance(simulated, dict):
            found += [_entry(claim, value, name, years=years) for name, value in simulated.items()]
        else:
            found.append(_entry(claim, simulated, None, years=years))
    return found
