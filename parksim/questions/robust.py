"""Robust sizing: capacities chosen once, for weather and prices that are not known.

    found = ps.robust(park, scenarios={"mean": {}, "dry": {"components.hydro.available": {...}}}, risk_weight=0.3)

What is least is the cost of the capacities plus what counts of the cost of operation in the scenarios
(:mod:`parksim.lp.risk`): its mean, blended with the mean of its worst part (CVaR). Each scenario dispatches every trial
of capacities and gives a cut of its own; the search and its proof are those of sizing (:mod:`parksim.lp.seek`).

References: R. M. Van Slyke, R. Wets, L-shaped linear programs, SIAM Journal on Applied Mathematics 17 (1969) 638-663,
doi:10.1137/0117061; J. R. Birge, F. V. Louveaux, A multicut algorithm for two-stage stochastic linear programs,
European Journal of Operational Research 34 (1988) 384-392, doi:10.1016/0377-2217(88)90159-2
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import xarray as xr

from parksim.lp.program import ARRAYS, Program, SparseLP  # first: Pyomo before Numba, see parksim/lp/__init__.py

# isort: split
from parksim.changes import changed_park
from parksim.component import Array, Numbers
from parksim.errors import InputError, NoSolution, StructureChanged
from parksim.inputs import Inputs, gather
from parksim.lp.affine import MOVING, Affine, affine
from parksim.lp.highs import Solver
from parksim.lp.level import NEVER, Point, Search, Standing
from parksim.lp.risk import Risk
from parksim.lp.seek import seek
from parksim.park import Park
from parksim.questions.sized import attributes, by_size, capacities_cny
from parksim.questions.sizing import (
    Posed,
    best_of,
    pose,
    refuse_gap,
    silent,
    start_of,
    suspects_of,
    with_capacities,
)

SCHEMA = "robust-1"

Progress = Callable[[Standing], None]
"""Called after each trial of capacities."""

Scenario = Mapping[str, Any] | Park
"""Changes of a park, path to value, or a park of the same structure."""


@dataclass(frozen=True)
class _Uncertain:
    """What is to be sized, the LP of each scenario and, where asked for, that of the mean of all numbers."""

    park: Park
    names: tuple[str, ...]
    risk: Risk
    posed: Posed
    lps: tuple[Affine, ...]
    mean: tuple[Affine, ...]


def robust(
    park: Park,
    *,
    scenarios: Mapping[str, Scenario],
    weights: Mapping[str, float] | None = None,
    risk_weight: float = 0.0,
    risk_level: float = 0.9,
    gap: float = 1e-6,
    value_of_information: bool = False,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Choose the capacities that have a ``size`` entry once, for all scenarios.

    Parameters
    ----------
    park
        With tables ``[components.NAME.size]`` and ``[sizing]``, as for :func:`parksim.size`.
    scenarios
        Name to changes of the park, path to value as :meth:`parksim.Live.set` takes them; or to a park of the same
        structure and the same ``size`` entries.
    weights
        Name to how much a scenario counts, above 0; probabilities are weights over their sum. None weighs all alike.
    risk_weight
        Share of CVaR in what counts of the cost of operation, the rest is its mean, in [0, 1].
    risk_level
        CVaR is the mean of the dearest ``1 - risk_level`` of the probability; 1 takes the dearest scenario alone.
    gap
        Largest distance between the cost found and the proved bound, over the cost, below 1 [1].
    value_of_information
        Also size for each scenario alone and for the mean of all numbers, and tell what not knowing, and ignoring that
        one does not know, cost.
    progress
        Called after each trial with how far the search is.

    Returns
    -------
    Dataset
        Capacities, costs by scenario, and how they were found; docs/questions-robust.md describes it.

    Raises
    ------
    InputError
        If nothing is to be sized, an argument is out of its limits, or a scenario is no valid park.
    StructureChanged
        If a scenario changes structure.
    NoSolution
        If no capacities allowed have an operation in every scenario.
    """
    begin = time.perf_counter()
    tell = progress or silent
    risk = _risk(scenarios, weights, risk_weight, risk_level)
    refuse_gap(gap)
    asked = _pose(park, scenarios, risk, mean=value_of_information)
    posed = asked.posed
    search = _searched(asked, asked.lps, risk, start=start_of(park, posed.listed, posed.box), gap=gap, tell=tell)
    best = best_of(search)
    sized = with_capacities(park, {e.label: x for e, x in zip(posed.listed, best.x.tolist(), strict=True)})
    ds = _dataset(sized, asked, search, best)
    ds.attrs |= {"trials": len(search.surface.points), "seconds": time.perf_counter() - begin}
    return _informed(ds, asked, search, best, gap=gap, tell=tell) if value_of_information else ds


def _risk(scenarios: Mapping[str, Any], weights: Mapping[str, float] | None, weight: float, level: float) -> Risk:
    """Check how scenarios count."""
    problems = [] if scenarios else ['scenarios: got none, must be one at least, such as {"mean": {}}.']
    for name, value in (("risk_weight", weight), ("risk_level", level)):
        if not 0.0 <= value <= 1.0:
            problems.append(f"{name}: got {value:g}, must lie in [0, 1]. Write a fraction, e.g. 0.9.")
    weights = dict.fromkeys(scenarios, 1.0) if weights is None else weights
    for name in dict.fromkeys([*scenarios, *weights]):
        if name not in scenarios:
            problems.append(f"weights.{name}: there is no such scenario. There are: {', '.join(scenarios)}.")
        elif name not in weights:
            problems.append(f"weights: has none for scenario {name!r}. Give one to each, or to none.")
        elif not 0.0 < weights[name] < np.inf:
            told = "must be above 0 and finite. Leave out a scenario that does not count."
            problems.append(f"weights.{name}: got {weights[name]:g}, {told}")
    if problems:
        raise InputError(problems)
    each = np.array([weights[name] for name in scenarios])
    return Risk(each / each.sum(), weight, level)


def _pose(park: Park, scenarios: Mapping[str, Scenario], risk: Risk, *, mean: bool) -> _Uncertain:
    """Read every scenario at its largest capacities; only the LPs are kept of them."""
    posed = pose(park)
    refs, most = [entry.ref for entry in posed.listed], posed.box.most
    parks, problems = dict[str, Park](), list[str]()
    for name, told in scenarios.items():
        try:
            parks[name] = _park_of(park, name, told, posed)
        except InputError as error:
            problems += [f"scenarios.{name}: {problem}" for problem in error.problems]
    if problems:
        raise InputError(problems)
    lps, sums = list[Affine](), dict[str, Numbers]()
    for (name, one), probability in zip(parks.items(), risk.probability.tolist(), strict=True):
        values = _values(one, name, posed.inputs)
        lps.append(_shared(affine(posed.program, values, refs, most=most), posed.lp))
        if mean:
            _add(sums, values, probability)
    middle = (affine(posed.program, sums, refs, most=most),) if mean else ()
    return _Uncertain(park, tuple(scenarios), risk, posed, tuple(lps), middle)


def _park_of(park: Park, name: str, told: Scenario, posed: Posed) -> Park:
    """Give the park of a scenario; the capacities to be chosen are the largest, and those of all others."""
    labels = [entry.label for entry in posed.listed]
    if isinstance(told, Park):
        key = Program(told.components, nodes=told.nodes, time=told.time, limits=told.limited).structure_key
        if key != posed.program.structure_key:
            msg = f"{told.place}: has another structure than {park.place}: other kinds, nodes, choices or steps."
            raise InputError(msg)
        if _to_be_chosen(told) != _to_be_chosen(park):
            msg = f"{told.place}: its size entries are not those of {park.place}; capacities are chosen once for all."
            raise InputError(msg)
        return with_capacities(told, dict(zip(labels, posed.box.most.tolist(), strict=True)))
    problems = [
        f"{path}: is chosen once for all scenarios, so none of them can change it."
        for path in told
        if path in labels or path.split(".")[2:3] == ["size"]
    ]
    if problems:
        raise InputError(problems)
    try:
        return changed_park(posed.inputs.park, told)
    except StructureChanged as error:
        raise StructureChanged(error.reason, f"scenarios.{name}: {error.field}") from None


def _to_be_chosen(park: Park) -> list[tuple[str, str, Any]]:
    """Give limits and costs of the capacities to be chosen."""
    return [
        (name, field, size.model_dump(exclude={"sources"}))
        for name, component in park.components.items()
        for field, size in component.size.items()
    ]


def _values(park: Park, name: str, base: Inputs) -> Mapping[str, Numbers]:
    """Give the numbers of a scenario."""
    try:
        return gather(park, like=base).values
    except InputError as error:
        raise InputError([f"scenarios.{name}: {problem}" for problem in error.problems]) from None


def _add(sums: dict[str, Numbers], values: Mapping[str, Numbers], probability: float) -> None:
    """Add the numbers of a scenario to the mean of all."""
    for component, numbers in values.items():
        own = sums.setdefault(component, {})
        for name, value in numbers.items():
            own[name] = own.get(name, 0.0) + probability * value


def _shared(lp: Affine, like: Affine) -> Affine:
    """Hold arrays that are those of another LP once: what a scenario does not change takes no memory."""

    def once(now: SparseLP, was: SparseLP) -> SparseLP:
        same = {name: getattr(was, name) for name in ARRAYS if np.array_equal(getattr(now, name), getattr(was, name))}
        return replace(now, **same)

    slopes = tuple(
        {
            name: old[name]
            if np.array_equal(new[name].index, old[name].index) and np.array_equal(new[name].value, old[name].value)
            else new[name]
            for name in MOVING
        }
        for new, old in zip(lp.slopes, like.slopes, strict=True)
    )
    return Affine(once(lp.base, like.base), slopes, lp.offsets)


def _searched(
    asked: _Uncertain, lps: Sequence[Affine], risk: Risk | None, *, start: Array, gap: float, tell: Progress
) -> Search:
    """Find the best capacities for some of the LPs."""
    posed = asked.posed
    try:
        return seek(posed.program, lps, posed.box, posed.invest, start=start, gap=gap, tell=tell, risk=risk)
    except NoSolution as error:
        if error.termination != NEVER:
            raise
        raise NoSolution(NEVER, suspects=_suspects(asked)) from error


def _suspects(asked: _Uncertain) -> tuple[str, ...]:
    """Say which scenario has no operation at the largest capacities and what fights there, or which limits do."""
    posed, park = asked.posed, asked.park
    for name, lp in zip(asked.names, asked.lps, strict=True):
        if not Solver(lp.at(posed.box.most)).run().optimal:
            return (f"In scenario {name!r}:", *suspects_of(posed.program, lp, posed.box, park))
    return suspects_of(posed.program, asked.lps[0], posed.box, park)


def _dataset(park: Park, asked: _Uncertain, search: Search, best: Point) -> xr.Dataset:
    """Make the Dataset of a finished search."""
    risk, posed = asked.risk, asked.posed
    operation = np.array(best.each_cny)
    chosen = by_size(search, best, posed.listed, posed.common, year_share=park.time.year_share)
    built = capacities_cny(chosen)
    data = chosen | {
        "probability": ("scenario", risk.probability, {"units": "1"}),
        "counts": ("scenario", risk.weights(operation), {"units": "1"}),
        "operation": ("scenario", operation, {"units": "CNY"}),
        "cost": ("scenario", operation + built, {"units": "CNY"}),
    }
    coords = {"size": [entry.label for entry in posed.listed], "scenario": list(asked.names)}
    figures = {
        "expected_operation_cny": risk.expected(operation),
        "cvar_operation_cny": risk.cvar(operation),
        "risk_weight": risk.weight,
        "risk_level": risk.level,
    }
    return xr.Dataset(data, coords=coords, attrs={"schema": SCHEMA, **attributes(park, search, built), **figures})


def _informed(
    ds: xr.Dataset, asked: _Uncertain, search: Search, best: Point, *, gap: float, tell: Progress
) -> xr.Dataset:
    """Add the best sizes of each scenario alone, and what knowing and what ignoring would change.

    Notes
    -----
    (1) value of perfect information = value(c) - value(own), own_s the least cost of scenario s alone      [CNY]
    (2) value of the stochastic solution = value(c at the best sizes for the mean of all numbers) - value(c) [CNY]

    Reference: J. R. Birge, F. V. Louveaux, Introduction to Stochastic Programming, 2nd ed., Springer (2011),
    doi:10.1007/978-1-4614-0237-4, chapter 4
    """

    def alone(lp: Affine) -> tuple[Array, float]:
        one = _searched(asked, [lp], None, start=best.x, gap=gap, tell=tell)
        return best_of(one).x, one.best_cny  # the solver goes: each takes 50 MB for a year

    (middle, _), *each = (alone(lp) for lp in (*asked.mean, *asked.lps))
    own = np.array([cost for _, cost in each])
    found = ds.assign(
        own_capacity=(("scenario", "size"), np.array([x for x, _ in each])),
        own_cost=("scenario", own, {"units": "CNY"}),
        mean_capacity=("size", middle),
    )
    found.attrs |= {
        "perfect_information_cny": search.best_cny - asked.risk.value(own),
        "stochastic_solution_cny": search.cost(search.surface(middle)) - search.best_cny,
    }
    return found
