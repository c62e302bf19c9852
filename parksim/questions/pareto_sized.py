"""Pareto fronts of a park whose capacities are chosen anew at every point.

The limit c enters the LP as a right side, as capacities x do, so the least cost of operation V(x, c) is convex in both
together, and every dispatch gives a cut that holds at all points of the front (:mod:`parksim.lp.affine`):

    (1) cost(c) = min over x of invest @ x + V(x, c),   V(x, c) >= constant_k + slope_k @ (x, c)       [CNY]

Each point fixes c and goes on from the cuts of all points before; the slope of (1) in c, the dual of fixing it among
the cuts, is the price of the limit (with whole modules the front is not convex, and has none). The front begins at what
the best design needs without the limit, and ends at the least that is possible with the largest capacities allowed;
what investment or area then forbid has no point.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from parksim.questions.sizing import Posed, best_of, pose, size, with_capacities  # Pyomo before Numba

# isort: split
from parksim.component import Array
from parksim.errors import NoSolution
from parksim.inputs import gather
from parksim.lp.affine import Affine, affine
from parksim.lp.cuts import Box, Master
from parksim.lp.layout import NumberRef
from parksim.lp.level import NEVER, Search, Standing, Surface
from parksim.lp.warm import Warm
from parksim.park import Park

Tell = Callable[[Standing], None]


@dataclass(frozen=True)
class Design:
    """The best design at one value of the limit.

    Parameters
    ----------
    limit
        Its value.
    capacities
        Path of a field to the capacity chosen [MW or MWh].
    owning_cny
        Annuities and upkeep over the horizon [CNY].
    price
        What the last unit less of the limit costs; NaN with whole modules [CNY per unit].
    """

    limit: float
    capacities: dict[str, float]
    owning_cny: float
    price: float


def best_design(park: Park, *, gap: float, tell: Tell) -> Park:
    """Give the park with its best capacities."""
    return size(park, gap=gap, within=(), progress=tell).park


def at_largest(park: Park) -> Park:
    """Give the park with the largest capacities allowed."""
    asked = pose(park)
    return with_capacities(park, dict(zip(_labels(asked), asked.box.most.tolist(), strict=True)))


def _labels(asked: Posed) -> list[str]:
    return [entry.label for entry in asked.listed]


def designs(park: Park, field: str, limits: Sequence[float], *, gap: float, tell: Tell) -> list[Design]:
    """Choose the capacities at every value of a limit.

    Parameters
    ----------
    park
        With the limit among its own, and with ``size`` entries; the capacities written are where the search starts.
    field
        Field of ``[limits]``.
    limits
        Its values, the loosest first.
    gap
        Largest distance of the cost of each design from its proved bound, over the cost [1].

    Returns
    -------
    list of Design
        As many as have any: at a limit that no capacities allowed keep, the front ends.
    """
    asked = pose(park)
    lp = _with_limit(park, asked, field, max(limits))
    warm = Warm(asked.program)
    surface = Surface(lp, lambda one: warm.solve(one).solution)
    written = [park.components[e.ref.component].capacities().get(e.ref.name, 0.0) for e in asked.listed]
    x, before, found = np.array(written, np.float64), None, list[Design]()
    for limit in limits:
        search = Search(surface, _master(asked, limit, before), tell)
        try:
            _run(search, np.append(x, limit), gap)
        except NoSolution as error:
            if error.termination != NEVER or not found:
                raise
            break
        x, before = best_of(search).x[:-1], search.master
        capacities = dict(zip(_labels(asked), x.tolist(), strict=True))
        price = float("nan") if before.whole.any() else -before.slope(len(x)) + 0.0
        found.append(Design(limit, capacities, float(asked.invest @ x), price))
    return found


def _run(search: Search, start: Array, gap: float) -> None:
    """Find the best capacities, in whole modules where there are any."""
    search.run(start, gap=gap)
    if search.master.whole.any():
        search.run_whole(gap=gap)


def _with_limit(park: Park, asked: Posed, field: str, loosest: float) -> Affine:
    """Give the LP for any capacities and any value of the limit."""
    values = gather(park).values
    refs = [*(entry.ref for entry in asked.listed), NumberRef("limits", field)]
    return affine(asked.program, values, refs, most=np.append(asked.box.most, loosest))


def _master(asked: Posed, limit: float, before: Master | None) -> Master:
    """Fix the limit as the last coordinate; cuts and fences of other values hold here too."""
    box = asked.box
    shared = tuple(replace(one, weights=np.append(one.weights, 0.0)) for one in box.limits)
    fixed = Box(np.append(box.least, limit), np.append(box.most, limit), np.append(box.module, 0.0), shared)
    master = Master(fixed, np.append(asked.invest, 0.0))
    if before is not None:
        master.cuts, master.fences = list(before.cuts), list(before.fences)
        master.best = before.best
    return master
