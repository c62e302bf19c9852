"""Near-optimal ranges: how small and how large each capacity can be in a park that costs little more than the best.

The cuts bound every range from outside: no park of that cost has less. The plans dispatched bound it from inside: costs
are convex in the capacities, so every mix of two plans costs at most the mix of their costs, and is a park too. Further
dispatches, half the way from the inner to the outer point, bring the two together.
"""

from dataclasses import dataclass

import numpy as np

from parksim.component import Array
from parksim.lp.cuts import run_small
from parksim.lp.level import Search

HALF = 0.5
"""How far the next dispatch lies from the inner point towards the outer one."""

ROUNDS = 60
"""Most dispatches for one end of one range."""

SLACK = 1e-9
"""How far above the limit the cost of whole modules may lie, over that cost."""


@dataclass(frozen=True)
class End:
    """One end of a range: what is reached by a plan, and what no plan goes beyond [MW or MWh]."""

    reached: float
    beyond: float


def most_cost(best_cny: float, share: float) -> float:
    """Give the cost that lies a share above the best [CNY]."""
    return best_cny + share * abs(best_cny)


def end_of_range(search: Search, which: int, *, sign: float, share: float, width: float) -> End:
    """Find the least (``sign`` 1) or largest (-1) value of a capacity within a share of the best cost.

    Parameters
    ----------
    search
        A finished search; its cuts and points grow.
    share
        Cost above the best, over the best [1].
    width
        Largest distance between inner and outer end [MW or MWh].

    Returns
    -------
    End
        With whole modules the two agree; else they differ by ``width`` at most, unless the rounds run out.
    """
    span = search.master.box.most[which] - search.master.box.least[which]
    weights = np.zeros(len(search.master.scale))
    weights[which] = sign / (span if span > 0.0 else 1.0)
    inner, outer = farthest(search, weights, share=share, width=width * abs(float(weights[which])))
    return End(float(inner[which]), float(min(sign * inner[which], sign * outer[which]) * sign))


def farthest(search: Search, weights: Array, *, share: float, width: float) -> tuple[Array, Array]:
    """Find the capacities of least ``weights @ x`` within a share of the best cost.

    Parameters
    ----------
    search
        A finished search; its cuts and points grow.
    weights
        Per unit of each capacity, shape (capacities,).
    share
        Cost above the best, over the best [1].
    width
        Largest distance between inner and outer point, in ``weights @ x``.

    Returns
    -------
    (ndarray, ndarray)
        Capacities that cost no more (a plan dispatched, or a mix of some), and ones that none within the cost go
        beyond; each of shape (capacities,).
    """
    most = most_cost(search.best_cny, share)
    whole = bool(search.master.whole.any())
    inner = search.best.x if search.best is not None else search.master.box.least
    outer, box = inner, search.master.box
    for number in range(ROUNDS):
        inner = _inner(search, weights, most_cny=most, so_far=inner, whole=whole)
        found = search.master.extreme(weights, most_cny=most, whole=whole)
        outer = inner if found is None else found
        if float(weights @ (inner - outer)) <= width:
            break
        moved = weights != 0.0
        at_end = bool(np.all((outer == box.least)[moved] | (outer == box.most)[moved]))
        far = whole or (number == 0 and at_end)
        x = outer if far else inner + HALF * (outer - inner)
        if x.tobytes() in search.seen:
            break
        search.ask(x, counts=False)
    return inner, outer


def _inner(search: Search, weights: Array, *, most_cny: float, so_far: Array, whole: bool) -> Array:
    """Find the farthest plan within a cost: of those dispatched or, without modules, of their mixes."""
    points = [point for point in search.surface.points if point.feasible]
    places = np.array([point.x for point in points])
    costs = np.array([search.cost(point) for point in points])
    if whole:
        modules = search.master.modules(places)
        near = modules & (costs <= most_cny + SLACK * abs(most_cny))
        candidates = [*places[near], so_far]
        return min(candidates, key=lambda x: float(weights @ x))
    unit = search.master.unit
    matrix = np.vstack([(costs - most_cny) / unit, np.ones(len(points)), -np.ones(len(points))])
    nought = np.zeros(len(points))
    found = run_small(
        places @ weights,
        matrix=matrix,
        right=np.array([0.0, 1.0, -1.0]),
        lower=nought,
        upper=nought + 1.0,
        integral=nought > 0.0,
    )
    if found is None:
        return so_far
    mix = np.maximum(found[0], 0.0)
    return np.asarray(mix / mix.sum() @ places)
