"""Claims held against the simulation; those about CO2 by every yardstick."""

import json
from typing import Any

import xarray as xr

MET = "met"
NOT_MET = "not met"
ROUNDING = 1e-9
"""A claim missed by no more than this share is met: sums of a year's powers are exact to about 1e-12."""


def _entry(claim: dict[str, Any], simulated: float, yardstick: str | None) -> dict[str, Any]:
    ratio = simulated / claim["value"]
    return {
        "claim": claim["title"],
        "figure": claim["figure"],
        "yardstick": yardstick,
        "claimed": claim["value"],
        "simulated": simulated,
        "ratio": ratio,
        "verdict": MET if ratio >= 1.0 - ROUNDING else NOT_MET,
        "source": claim["source"],
    }


def claim_figures(ds: xr.Dataset, figures: dict[str, Any]) -> list[dict[str, Any]]:
    """Hold each claim against its figure.

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
    for claim in json.loads(ds.attrs["claims"]).values():
        simulated = figures[claim["figure"]]
        if isinstance(simulated, dict):
            found += [_entry(claim, value, name) for name, value in simulated.items()]
        else:
            found.append(_entry(claim, simulated, None))
    return found
