"""Several scenarios of one structure: the cost of operation that counts of them, as a function of capacities.

Each scenario has an LP of its own, and every trial of capacities is dispatched in all of them. They take turns on a few
solvers: each goes on from its own last optimum, of which a megabyte is kept, so that memory hardly grows with their
number. The solvers run on threads.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Protocol

import highspy
import numpy as np

from parksim.component import Array
from parksim.lp.affine import Affine
from parksim.lp.cuts import mixed
from parksim.lp.decompose import Told, cores
from parksim.lp.highs import Solution, Solver
from parksim.lp.level import Point, Surface
from parksim.lp.program import SparseLP
from parksim.lp.risk import Risk
from parksim.lp.rung import OPTIONS
from parksim.lp.warm import Answer

LIVE = 4
"""Most solvers alive at once; each takes about 50 MB for a year of hours, and a tenth of it for a sample."""


class Keeper(Protocol):
    """A solver of one LP at a time, each from the last optimum or from one put by."""

    def solve(self, lp: SparseLP) -> Answer:
        """Find the optimum of an LP."""
        ...

    def put_by(self) -> Any | None:
        """Give what to go on from later on, if the last LP had an optimum."""
        ...

    def take_up(self, left: Any) -> None:
        """Go on from there."""
        ...


class Held:
    """Solves small LPs of one pattern one after the other, each from the last basis."""

    def __init__(self) -> None:
        self._solver: Solver | None = None

    def solve(self, lp: SparseLP) -> Answer:
        """Find the optimum of an LP."""
        if self._solver is None:
            self._solver = Solver(lp)
            for name, value in OPTIONS.items():
                self._solver.set_option(name, value)
        else:
            self._solver.change(lp)
        return Answer(self._solver.run(), "walk", Told())

    def put_by(self) -> highspy.HighsBasis | None:
        """Give the basis."""
        return None if self._solver is None else self._solver.highs.getBasis()

    def take_up(self, left: highspy.HighsBasis) -> None:
        """Go on from a basis."""
        if self._solver is not None:
            self._solver.highs.setBasis(left)


class Turns:
    """A few live solvers for the LPs of many scenarios.

    Parameters
    ----------
    make
        Makes a solver.
    scenarios
        Number of scenarios.
    """

    def __init__(self, make: Callable[[], Keeper], scenarios: int) -> None:
        self._keepers = [make() for _ in range(min(scenarios, LIVE))]
        self._at = [-1] * len(self._keepers)
        self._left: list[Any | None] = [None] * scenarios

    @property
    def chains(self) -> list[list[int]]:
        """Scenarios of each solver."""
        count = len(self._keepers)
        return [list(range(first, len(self._left), count)) for first in range(count)]

    def solve(self, scenario: int, lp: SparseLP) -> Solution:
        """Find the optimum of a scenario's LP, from its own last one."""
        place = scenario % len(self._keepers)
        keeper, left = self._keepers[place], self._left[scenario]
        if self._at[place] != scenario and left is not None:
            keeper.take_up(left)
        solution = keeper.solve(lp).solution
        self._at[place], self._left[scenario] = scenario, keeper.put_by() or left
        return solution


class Scenarios:
    """What counts of the costs of operation in all scenarios, as a function of capacities.

    Parameters
    ----------
    surfaces
        Of each scenario.
    risk
        How they count.
    chains
        Which of them may be asked at the same time: one of each chain.
    """

    def __init__(self, surfaces: Sequence[Surface], risk: Risk, chains: Sequence[list[int]]) -> None:
        self.surfaces, self.risk = surfaces, risk
        self.points: list[Point] = []
        self._chains = chains

    def __call__(self, x: Array) -> Point:
        """Dispatch all scenarios at capacities; where one of them has no operation, capacities have none.

        Raises
        ------
        NoSolution
            If the solver gives up, or operation earns money without end.
        """
        found: dict[int, Point] = {}
        if len(self._chains) == 1:
            found |= self._walk(x, self._chains[0])
        else:
            with ThreadPoolExecutor(cores()) as pool:
                for part in pool.map(partial(self._walk, x), self._chains):
                    found |= part
        barred = next((point for point in found.values() if not point.feasible), None)
        if barred is not None:
            self.points.append(barred)
            return barred
        each = tuple(found[scenario].operation_cny for scenario in range(len(found)))
        parts = tuple(found[scenario].cut for scenario in range(len(found)))
        costs = np.array(each)
        point = Point(x, self.risk.value(costs), mixed(parts, self.risk.weights(costs)), each, parts)
        self.points.append(point)
        return point

    def _walk(self, x: Array, chain: list[int]) -> dict[int, Point]:
        """Dispatch one scenario after the other, up to one without operation."""
        found: dict[int, Point] = {}
        for scenario in list(chain):
            found[scenario] = self.surfaces[scenario](x)
            if not found[scenario].feasible:
                chain.remove(scenario)
                chain.insert(0, scenario)  # the next point is likely to fail where this one did
                break
        return found


def scenarios(
    lps: Sequence[Affine], risk: Risk, make: Callable[[], Keeper], *, screen: Scenarios | None = None
) -> Scenarios:
    """Dispatch scenarios of one structure on a few live solvers.

    Parameters
    ----------
    lps
        The LP of each scenario for any capacities.
    make
        Makes a solver.
    screen
        The same of a sample of the steps, asked first: see :class:`~parksim.lp.level.Surface`.
    """
    turns = Turns(make, len(lps))
    small = [None] * len(lps) if screen is None else screen.surfaces
    each = [
        Surface(lp, partial(turns.solve, number), screen=own)
        for number, (lp, own) in enumerate(zip(lps, small, strict=True))
    ]
    return Scenarios(each, risk, turns.chains)
