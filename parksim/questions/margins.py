"""What one number of a park is worth: slopes left and right, how far they hold, what a little less and more brings."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from parksim.levers import Lever
from parksim.lp.directions import Direction, Filled, direction, filled, refilled
from parksim.lp.layout import Values, moved_numbers
from parksim.lp.program import Program
from parksim.lp.slopes import Slope, Slopes
from parksim.lp.validity import LEAST, Reach, reach

STEP = 1e-4
"""How far a number is moved to see what it moves, over its size."""

LITTLE = 0.01
"""One per cent: the little more by which numbers of all units are compared."""

LINEAR, SMOOTH = 1e-6, 1e-3
"""Difference of the rates left and right, over the largest, up to which the LP is linear or smooth in a number."""

FAR = 1000.0
"""How many per cent of a number are looked at where its slopes seem to hold without end."""

SHORT = 1e-9
"""How far short of a limit that its field excludes a number is looked at, over the way there."""

NOWHERE = Reach(0.0, 0.0)

Ways = tuple[Direction | None, Direction | None]
Sides = tuple[Slope | None, Slope | None]
"""Rates and slopes as a number falls and as it rises; None where it cannot."""

Change = tuple[float, float]
"""Change of the cost and of the CO2 [CNY, t]."""


@dataclass(frozen=True)
class Worth:
    """What was found of one number.

    Parameters
    ----------
    sides
        Slopes as it falls and as it rises; None where it cannot.
    reaches
        How far they hold on each side.
    sense
        What the slopes say of a longer way: the true change of the cost is ``at least`` or ``at most`` that, or
        ``about``; ``exact`` where it is solved.
    solved
        Changes of cost and CO2 for a little less and a little more, where no bound is known and they were solved.
    """

    lever: Lever
    sides: Sides
    reaches: tuple[Reach, Reach]
    sense: str
    solved: tuple[Change | None, Change | None] = (None, None)


SMALL = {"1": 0.01, "h-1": 0.001, "K-1": 0.001}
"""Unit to what is little of a number that is 0; one unit of all others."""


def _unit_size(lever: Lever) -> float:
    """Size by which a number is moved and compared where it is 0 itself."""
    return SMALL.get(lever.unit, 1.0)


def little(lever: Lever) -> float:
    """Give the little more of a number: one per cent of it; one unit where it is 0, one kelvin for a shift."""
    if lever.sort == "shift" or lever.value == 0.0:
        return _unit_size(lever)
    return LITTLE * lever.value


def toward(one: Worth) -> Sides:
    """Give the slopes for a little less and a little more of a number; of one below 0, more of it lies to the left."""
    left, right = one.sides
    return (left, right) if little(one.lever) > 0.0 else (right, left)


class Bench:
    """A solved park, ready to move one number after the other."""

    def __init__(self, program: Program, values: Values) -> None:
        self.program, self.values, self.base = program, values, filled(program, values)
        self.slopes = Slopes(program, self.base)

    def _at(self, lever: Lever, value: float) -> Filled | None:
        """Fill the LP with a number at another value; None where the park refuses it."""
        values = lever.at(value)
        if values is None:
            return None
        return refilled(self.program, self.base, values, moved_numbers(self.values, values))

    def _side(self, lever: Lever, sign: float) -> tuple[Filled, float] | None:
        """Fill the LP with a number a little off, and say how far; None where the park refuses it."""
        step = STEP * (abs(lever.value) or _unit_size(lever))
        room = lever.high - lever.value if sign > 0.0 else lever.value - lever.low
        if room <= 0.0:
            return None
        step = min(step, 0.5 * room)
        there = self._at(lever, lever.value + sign * step)
        return None if there is None else (there, step)

    def worth(self, lever: Lever) -> Worth | None:
        """Find the slopes of one number; None where it can be moved neither way."""
        down, up = self._side(lever, -1.0), self._side(lever, 1.0)
        left = None if down is None else direction(down[0], self.base, step=down[1])
        right = None if up is None else direction(self.base, up[0], step=up[1])
        if left is None and right is None:
            return None
        apart = 0.0 if left is None or right is None else left.apart(right)
        if down is not None and up is not None and apart <= SMOOTH:
            left = right = direction(down[0], up[0], step=down[1] + up[1])
        sides = self.slopes.along(left, right)
        linear = apart <= LINEAR and any(self._linear(lever, right or left, by) for by in (1.0, -1.0))
        exact = right or left if linear and not _bends((left, right)) else None
        reaches = [self._reach(lever, side, sign, exact) for side, sign in zip(sides, (-1.0, 1.0), strict=True)]
        sense = self._sense(lever, sides, (left, right), linear=linear)
        return Worth(lever, sides, (reaches[0], reaches[1]), sense)

    def _linear(self, lever: Lever, near: Direction | None, littles: float) -> bool:
        """Whether the LP moves alike over a way of some per cent of a number."""
        step = littles * little(lever)
        there = None if near is None else self._at(lever, lever.value + step)
        if there is None or near is None:
            return False
        return direction(self.base, there, step=step).apart(near) <= LINEAR

    def _reach(self, lever: Lever, side: Slope | None, sign: float, exact: Direction | None) -> Reach:
        """Find how far the slopes of one side hold: by the ratio test where ``exact`` is the direction all that way."""
        room = lever.high - lever.value if sign > 0.0 else lever.value - lever.low
        if side is None or side.held is None or not side.reach > 0.0 or room <= 0.0:
            return NOWHERE

        def at(way: float) -> Filled | None:
            there = self._at(lever, min(max(lever.value + sign * way, lever.low), lever.high))
            if there is None and way == room:  # a limit that the field excludes
                return self._at(lever, lever.value + sign * room * (1.0 - SHORT))
            return there

        most = min(room, max(FAR * abs(little(lever)), side.reach if np.isfinite(side.reach) else 0.0))
        first = min(side.reach, most)
        if exact is not None and self._linear(lever, exact, sign * first / little(lever)):
            return Reach(side.reach, 0.0)
        slopes = {"cost": sign * side.cost_cny, "co2": sign * side.co2_t}
        return reach(side.held, at, **slopes, first=first, most=most)

    def _sense(self, lever: Lever, sides: Sides, ways: Ways, *, linear: bool) -> str:
        """Say what the slopes are to the whole: the optimum is convex in bounds and concave in costs.

        Where the number moves these in a curve, the cost of the basis along it is the bound, and has to lie on the far
        side of what the slopes say of a little less and a little more.
        """
        if _bends(ways):
            return "about"
        costs = any(way is not None and way.of_costs for way in ways)
        least = -LEAST * max(abs(self.slopes.objective_cny), 1.0)
        toward_bound = -1.0 if costs else 1.0
        if not linear and any(toward_bound * miss < least for miss in self._misses(lever, sides)):
            return "about"
        return "at most" if costs else "at least"

    def _misses(self, lever: Lever, sides: Sides) -> Iterator[float]:
        """Give what the basis of each side costs above its slope a little off, where the park takes that [CNY]."""
        for side, sign in zip(sides, (-1.0, 1.0), strict=True):
            if side is None or side.held is None:
                continue
            step = sign * abs(little(lever))
            there = self._at(lever, lever.value + step)
            kept = None if there is None else side.held.at(there)
            if kept is not None:
                yield kept.cost_cny - side.held.here.cost_cny - step * side.cost_cny

    def solved(self, one: Worth) -> Worth:
        """Solve a little less and a little more of a number of which no bound is known."""
        lever, step = one.lever, little(one.lever)
        found: list[Change | None] = []
        for side, sign in zip(toward(one), (-1.0, 1.0), strict=True):
            there = None if side is None else self._at(lever, lever.value + sign * step)
            if there is None:
                found.append(None)
                continue
            cost, co2 = self.slopes.elsewhere(there)
            found.append(None if np.isnan(cost) else (cost - self.slopes.objective_cny, co2 - self.slopes.co2_t))
        known = all(side is None or change is not None for side, change in zip(toward(one), found, strict=True))
        return replace(one, solved=(found[0], found[1]), sense="exact" if known else one.sense)


def _bends(ways: Ways) -> bool:
    """Whether cost or CO2 of a basis bends: where the matrix moves, or limits and what is booked on columns both."""
    known = [way for way in ways if way is not None]
    booked, bounds = any(way.of_costs or way.co2.any() for way in known), any(way.of_bounds for way in known)
    return (booked and bounds) or any(way.of_matrix for way in known)
