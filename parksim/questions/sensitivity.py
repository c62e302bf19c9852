"""Global sensitivity: which of a park's numbers matter, over all that they may be.

    ps.sensitivity(park, inputs={"components.battery.energy_max_mwh": (0.0, 160.0),
                                 "tariffs.time_of_use.energy_cny_per_mwh": {"factor": (0.8, 1.2)}}, count=16)

Morris [1] walks through the inputs one step at a time. Of the effects d of an input's steps, over its whole range,
    (1) mu = mean(d),  mu_star = mean(|d|),  sigma = std(d)                                 [unit of the figure]
and a sigma beside mu_star says that the effect depends on where the others stand, or is no straight line. Sobol [2]
splits the variance of a figure, inputs being drawn evenly and independently between their limits,
    (2) s1_i = Var(E[y | x_i]) / Var(y),  st_i = 1 - Var(E[y | all but x_i]) / Var(y)       [1]
the input's own share, and the share of all in which it has a part. Every point is a whole solve of the live park.

References: [1] M. D. Morris, Factorial sampling plans for preliminary computational experiments, Technometrics 33
(1991) 161-174, doi:10.1080/00401706.1991.10484804; F. Campolongo, J. Cariboni, A. Saltelli, Environmental Modelling &
Software 22 (2007) 1509-1518, doi:10.1016/j.envsoft.2006.10.004 (mu_star); [2] A. Saltelli, P. Annoni, I. Azzini, F.
Campolongo, M. Ratto, S. Tarantola, Variance based sensitivity analysis of model output, Computer Physics Communications
181 (2010) 259-270, doi:10.1016/j.cpc.2009.09.018
"""

import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
import xarray as xr

from parksim.questions.live import Live  # first: Pyomo before Numba, see parksim/lp/__init__.py

# isort: split
from parksim.component import Array
from parksim.errors import InputError
from parksim.park import Park
from parksim.questions.extra import load
from parksim.questions.tables import INDICATORS, MOST, Range, Sampling
from parksim.questions.varied import Solved, Varied, solve_all, varied
from parksim.results import park_toml

SCHEMA = "sensitivity-1"


def sensitivity(
    park: Park,
    *,
    inputs: Mapping[str, Range],
    method: Sampling = "morris",
    count: int | None = None,
    seed: int = 1,
    indicators: Sequence[str] = INDICATORS,
    progress: Solved | None = None,
) -> xr.Dataset:
    """Tell how much each input matters for some figures of a park, over all values that the inputs may take.

    Parameters
    ----------
    park
        From :func:`parksim.load_park`.
    inputs
        Path of the park file to ``(low, high)``, or to ``{"factor": (low, high)}`` on what the park has there: a
        number, a table by month or season, or a profile.
    method
        ``morris`` takes ``count * (inputs + 1)`` solves, ``sobol`` ``count * (inputs + 2)``.
    count
        Walks of Morris, base points of Sobol (a power of two); None takes 16 and 128.
    seed
        Of all draws; equal calls give equal results.
    indicators
        Figures to analyse, by their flat names.
    progress
        Called after each solve with how many are done, and of how many.

    Returns
    -------
    Dataset
        Dims ``indicator input sample``; docs/questions-robust.md describes it.

    Raises
    ------
    InputError
        If an argument is wrong, a point is no valid park, or SALib is not installed.
    StructureChanged
        If an input is structure.
    NoSolution
        If a point has no operation.
    """
    begin = time.perf_counter()
    if method not in ("morris", "sobol"):
        msg = f"method: got {method!r}, must be 'morris' or 'sobol'."
        raise InputError(msg)
    count = {"morris": 16, "sobol": 128}[method] if count is None else count
    if isinstance(count, bool) or not isinstance(count, int) or not 2 <= count <= MOST:
        msg = f"count: got {count!r}, must be a whole number from 2 to {MOST}."
        raise InputError(msg)
    if method == "sobol" and count & (count - 1):
        msg = f"count: got {count}, must be a power of two for method 'sobol', such as {2 ** count.bit_length()}."
        raise InputError(msg)
    live = Live(park)
    asked = varied(park, inputs, like=live.inputs)
    designs = load("parksim.questions.designs", question="sensitivity")
    names = [one.path for one in asked]
    low, high = np.array([one.low for one in asked]), np.array([one.high for one in asked])
    points: Array = designs.sampled(method, names, low=low, high=high, count=count, seed=seed)
    results = solve_all(live, asked, points, indicators=indicators, progress=progress or _silent)
    found = [_analysed(designs, method, names, points, column, low=low, high=high, seed=seed) for column in results.T]
    told = {"method": method, "count": count, "seed": seed, "levels": designs.LEVELS if method == "morris" else 0}
    told |= {"solves": len(np.unique(points, axis=0)), "seconds": time.perf_counter() - begin}
    ds = _dataset(asked, indicators, points, results, found)
    ds.attrs |= {
        "schema": SCHEMA,
        "parksim_version": version("parksim"),
        "salib_version": designs.salib_version(),
        "park": park.park.name,
        "park_toml": park_toml(park),
        **told,
    }
    return ds


def _silent(_done: int, _of: int) -> None:
    pass


def _analysed(
    designs: Any,
    method: Sampling,
    names: Sequence[str],
    points: Array,
    values: Array,
    *,
    low: Array,
    high: Array,
    seed: int,
) -> dict[str, Array]:
    """Analyse one figure; one that never changes has no variance to share out."""
    if method == "morris":
        found: dict[str, Array] = designs.effects(names, points, values, low=low, high=high, seed=seed)
        return found
    if np.ptp(values) <= 1e-12 * max(1.0, float(np.abs(values).max())):
        nothing = np.full(len(names), np.nan)
        return dict.fromkeys(("s1", "s1_confidence", "st", "st_confidence"), nothing)
    found = designs.shares(names, values, low=low, high=high, seed=seed)
    return found


def _dataset(
    asked: Sequence[Varied],
    indicators: Sequence[str],
    points: Array,
    results: Array,
    found: Sequence[Mapping[str, Array]],
) -> xr.Dataset:
    """Make the Dataset: measures by indicator and input, and the points with their results."""
    data = {name: (("indicator", "input"), np.array([one[name] for one in found])) for name in found[0]}
    more = {
        "low": ("input", np.array([one.low for one in asked])),
        "high": ("input", np.array([one.high for one in asked])),
        "is_factor": ("input", np.array([one.base is not None for one in asked])),
        "point": (("sample", "input"), points),
        "result": (("sample", "indicator"), results),
    }
    return xr.Dataset(data | more, coords={"indicator": list(indicators), "input": [one.path for one in asked]})
