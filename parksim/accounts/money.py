"""Money: the cost ledger summed by its named terms."""

import numpy as np

from parksim.accounts.reading import Results


def cost_figures(ds: Results) -> dict[str, float]:
    """Sum each term of the ledger over the horizon, and all of them [CNY]."""
    sums = ds.variables["cost"].to_numpy().sum(axis=1)
    terms = {str(label): float(value) for label, value in zip(ds.variables["term"].to_numpy(), sums, strict=True)}
    return {**terms, "total": float(np.sum(sums))}


def unit_cost_cny_per_mwh(ds: Results, served_mwh: float) -> float:
    """All cost over the demand served [CNY MWh-1]."""
    return cost_figures(ds)["total"] / served_mwh if served_mwh > 0 else 0.0
