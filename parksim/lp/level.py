"""Level-bundle search: the capacities of least cost, by dispatches and their cuts.

Every dispatch gives the cost of its capacities, an upper bound of the best cost, and a cut
(:mod:`~parksim.lp.affine`); the cuts together give a lower one (:mod:`~parksim.lp.cuts`). The next capacities are those
nearest to the best ones where all cuts lie below a level between the two bounds [1], but not all the way: how far is
read from a small *guide*, the same park over a sample of its steps, shifted so that value and slope agree at the best
point. Its minimum on the way is where the year's cost turns, and there a cut is worth most. The guide proposes only;
both bounds come from the whole horizon.

Reference: [1] C. Lemarechal, A. Nemirovskii, Y. Nesterov, New variants of bundle methods, Mathematical Programming 69
(1995) 111-147, doi:10.1007/BF01585555
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from parksim.component import Array
from parksim.errors import NoSolution
from parksim.lp.affine import Affine, CuttingPlane
from parksim.lp.cuts import Master
from parksim.lp.highs import Solution
from parksim.lp.program import SparseLP

LEVEL = 0.3
"""Where the level lies between lower and upper bound."""

HALVINGS = 4
"""Times that the guide halves the way to the next point."""

ROUNDS = 300
"""Most dispatches of one search."""

HELD = 1e-7
"""Largest sum of violations that counts as none [MW or MWh, summed over rows]."""

NEVER, ENDLESS = "infeasible", "iteration_limit"
"""Terminations of a search: nothing allowed has an operation; it did not end."""


@dataclass(frozen=True)
class Point:
    """One dispatch.

    Parameters
    ----------
    x
        Capacities, shape (capacities,) [MW or MWh].
    operation_cny
        Cost of operation, infinite where there is none [CNY].
    cut
        Bounds the cost of operation everywhere; where there is none, the least violation.
    each_cny, parts
        Cost of operation in each of several scenarios, shape (scenarios,) [CNY], and their cuts: what counts of them
        are ``operation_cny`` and ``cut``.
    """

    x: Array
    operation_cny: float
    cut: CuttingPlane
    each_cny: tuple[float, ...] = ()
    parts: tuple[CuttingPlane, ...] = ()

    @property
    def feasible(self) -> bool:
        """Whether there is any operation."""
        return bool(np.isfinite(self.operation_cny))


class Costs(Protocol):
    """The cost of operation as a function of capacities: of one park, or what counts of several scenarios."""

    points: list[Point]

    def __call__(self, x: Array) -> Point:
        """Dispatch at capacities."""
        ...


class Surface:
    """The cost of operation of one park as a function of capacities.

    Parameters
    ----------
    affine
        The LP for any capacities.
    solve
        Solves one of its LPs.
    screen
        A small surface asked first: where it has no operation, the large one is asked whether its equations can hold
        before it is solved.
    """

    def __init__(self, affine: Affine, solve: Callable[[SparseLP], Solution], *, screen: Costs | None = None) -> None:
        self.affine, self.solve, self.screen = affine, solve, screen
        self.points: list[Point] = []

    def __call__(self, x: Array) -> Point:
        """Dispatch at capacities.

        Raises
        ------
        NoSolution
            If the solver gives up, or operation earns money without end.
        """
        doubtful = self.screen is not None and not self.screen(x).feasible
        point = self._barred(x) if doubtful else None
        if point is None:
            solution = self.solve(self.affine.at(x))
            if solution.optimal:
                point = Point(x, solution.objective_cny, self.affine.cut(solution))
            elif NEVER in solution.termination:
                point = self._barred(x)
            if point is None:
                raise NoSolution(solution.termination, has_primal=solution.has_primal, has_dual=solution.has_dual)
        self.points.append(point)
        return point

    def _barred(self, x: Array) -> Point | None:
        missed, cut = self.affine.violation(x)
        return Point(x, np.inf, cut) if missed > HELD else None


@dataclass(frozen=True)
class Standing:
    """How a search stands.

    Parameters
    ----------
    stage
        ``guide``, ``year``, ``modules`` or ``ranges``.
    dispatches
        Dispatches of this search so far.
    best_cny, bound_cny
        Cost of the best capacities seen, and what no capacities fall below [CNY].
    """

    stage: str
    dispatches: int
    best_cny: float
    bound_cny: float

    @property
    def gap(self) -> float:
        """Distance of the bounds over the best cost [1]."""
        return relative(self.best_cny, self.bound_cny)


def relative(best_cny: float, bound_cny: float) -> float:
    """Distance of two bounds over the upper one (at least 1 CNY) [1]."""
    return (best_cny - bound_cny) / max(1.0, abs(best_cny)) if np.isfinite(best_cny) else np.inf


@dataclass
class Search:
    """Cuts gathered over one surface.

    Parameters
    ----------
    surface
        What is asked.
    master
        What its answers say.
    tell
        Called after each dispatch.
    stage
        What it is called where it tells how it stands.

    Attributes
    ----------
    best, best_cny, bound_cny
        The best point that counts, its cost, and what no capacities fall below [CNY].
    seen
        Capacities asked, as bytes, to their cost; infinite where they have no operation [CNY].
    """

    surface: Costs
    master: Master
    tell: Callable[[Standing], None]
    stage: str = "year"
    best: Point | None = None
    best_cny: float = np.inf
    bound_cny: float = -np.inf
    seen: dict[bytes, float] = field(default_factory=dict)

    def ask(self, x: Array, *, counts: bool = True) -> Point:
        """Dispatch, and take what it says; ``counts`` where it may be the answer."""
        point = self.surface(x)
        if not point.feasible:
            self.master.fence(point.cut)
            self.seen[x.tobytes()] = np.inf
            return point
        cost = self.cost(point)
        self.seen[x.tobytes()] = cost
        self.master.add(point.cut, cost, point.parts)
        if counts and cost < self.best_cny:
            self.best, self.best_cny = point, cost
        return point

    def cost(self, point: Point) -> float:
        """Cost of capacities and operation [CNY]."""
        return point.operation_cny + float(self.master.invest @ point.x)

    @property
    def gap(self) -> float:
        """Distance of the bounds over the best cost [1]."""
        return relative(self.best_cny, self.bound_cny)

    def _lowest(self, *, whole: bool = False) -> Array:
        found = self.master.lowest(whole=whole)
        if found is None:
            raise NoSolution(NEVER if self.best is None else ENDLESS)
        if np.isfinite(found[1]):
            self.bound_cny = max(self.bound_cny, found[1])
        self.tell(Standing(self.stage, len(self.surface.points), self.best_cny, self.bound_cny))
        return found[0]

    def run(self, start: Array, *, gap: float, guide: "Search | None" = None) -> None:
        """Find the best capacities, modules aside.

        Parameters
        ----------
        start
            Where to begin, shape (capacities,) [MW or MWh].
        gap
            Distance of the bounds over the best cost to reach [1]; :attr:`gap` may stay above it where the cuts repeat
            themselves, within the solver's tolerance.
        guide
            Says how far to go on the way to the next point; None goes all the way.

        Raises
        ------
        NoSolution
            If nothing allowed has an operation, or the search does not end.
        """
        allowed = self.master.nearest(start, level_cny=np.inf)
        if allowed is None:
            raise NoSolution(NEVER)
        x = allowed
        for _ in range(ROUNDS):
            self.ask(x)
            lowest = self._lowest()
            if self.gap <= gap:
                return
            x = self._next(x, lowest, guide)
            if x.tobytes() in self.seen:
                break  # the cuts are exact here: no more to learn within the solver's tolerance
        if self.best is not None and x.tobytes() in self.seen:
            return
        raise NoSolution(ENDLESS)

    def _next(self, x: Array, lowest: Array, guide: "Search | None") -> Array:
        """Choose the next point: towards the level, as far as the guide goes."""
        if self.best is None:
            near = self.master.nearest(x, level_cny=np.inf)
            return lowest if near is None else near
        aim = None
        if np.isfinite(self.bound_cny):
            level = self.bound_cny + LEVEL * (self.best_cny - self.bound_cny)
            aim = self.master.nearest(self.best.x if guide is not None else x, level_cny=level)
        aim = lowest if aim is None else aim
        chosen = aim if guide is None else self._on_the_way(self.best, aim, guide)
        return next((y for y in (chosen, aim, lowest) if y.tobytes() not in self.seen), lowest)

    def _on_the_way(self, best: Point, aim: Array, guide: "Search") -> Array:
        """Go from the best point towards another until the guide, shifted to agree at the best point, turns."""
        here = guide.ask(best.x)
        way = aim - best.x
        if not here.feasible:
            return aim
        shift = float((best.cut.slope - here.cut.slope + self.master.invest) @ way)
        low, high = 0.0, 1.0
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            there = guide.ask(best.x + middle * way)
            if not there.feasible or float(there.cut.slope @ way) + shift > 0.0:
                high = middle
            else:
                low = middle
        return np.asarray(np.clip(best.x + high * way, self.master.box.least, self.master.box.most))

    def run_whole(self, *, gap: float) -> None:
        """Go on with whole modules, from the cuts of :meth:`run`.

        Parameters
        ----------
        gap
            As for :meth:`run`.

        Raises
        ------
        NoSolution
            If no whole number of modules has an operation, or the search does not end.
        """
        self.best, self.best_cny, self.stage = None, np.inf, "modules"
        for _ in range(ROUNDS):
            x = self._lowest(whole=True)
            if self.gap <= gap:
                return
            if self.best is not None and np.array_equal(x, self.best.x):
                return  # its own cut holds it at its cost: nothing else is lower, to the master's tolerance
            self.ask(x)
        raise NoSolution(ENDLESS)
