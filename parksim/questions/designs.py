"""Designs of experiments and what they say, by SALib: loaded only when a question asks for it.

Reference: T. Iwanaga, W. Usher, J. Herman, Toward SALib 2.0, Socio-Environmental Systems Modelling 4 (2022) 18155,
doi:10.18174/sesmo.18155
"""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
from SALib.analyze import morris as morris_effects
from SALib.analyze import sobol as sobol_shares
from SALib.sample import morris as morris_sample
from SALib.sample import sobol as sobol_sample

from parksim.component import Array

LEVELS = 4
"""Levels of the grid that Morris' steps walk on."""


def salib_version() -> str:
    """Give the version at work."""
    return version("SALib")


def _problem(names: Sequence[str], low: Array, high: Array) -> dict[str, Any]:
    bounds = np.column_stack((low, high)).tolist()
    return {"num_vars": len(names), "names": list(names), "bounds": bounds}


def sampled(method: str, names: Sequence[str], *, low: Array, high: Array, count: int, seed: int) -> Array:
    """Draw the points of a design, shape (points, inputs).

    Parameters
    ----------
    method
        ``morris``: ``count`` walks of one step per input. ``sobol``: ``count`` base points, each with one input after
        the other taken from another one.
    low, high
        Shape (inputs,).
    """
    problem = _problem(names, low, high)
    if method == "morris":
        found = morris_sample.sample(problem, count, num_levels=LEVELS, seed=seed)
    else:
        found = sobol_sample.sample(problem, count, calc_second_order=False, seed=seed)
    return np.asarray(found, np.float64)


def effects(
    names: Sequence[str], points: Array, values: Array, *, low: Array, high: Array, seed: int
) -> dict[str, Array]:
    """Give Morris' elementary effects of each input on one figure, each over the whole range of the input."""
    problem = _problem(names, low, high)
    found = morris_effects.analyze(problem, points, values, num_levels=LEVELS, seed=seed)
    names_of = {"mu": "mu", "mu_star": "mu_star", "mu_star_confidence": "mu_star_conf", "sigma": "sigma"}
    return {ours: np.asarray(found[theirs], np.float64) for ours, theirs in names_of.items()}


def shares(names: Sequence[str], values: Array, *, low: Array, high: Array, seed: int) -> dict[str, Array]:
    """Give Sobol's shares of each input in the variance of one figure."""
    problem = _problem(names, low, high)
    found = sobol_shares.analyze(problem, values, calc_second_order=False, seed=seed)
    names_of = {"s1": "S1", "s1_confidence": "S1_conf", "st": "ST", "st_confidence": "ST_conf"}
    return {ours: np.asarray(found[theirs], np.float64) for ours, theirs in names_of.items()}
