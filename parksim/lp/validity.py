"""How far slopes hold along the true way of an LP: where its arrays are not linear in the number, or its matrix moves.

On a way w from the number the LP is filled as it is there, and the basis of the slopes put into it
(:mod:`parksim.lp.held`). The slopes hold as far as

    (1) the basis stays optimal: no slack of its columns, rows, reduced costs or duals falls below nought, and
    (2) |change - slope w| <= DRIFT |slope| w + least, for the cost and the CO2 that the basis gives;

(2) since along one basis they are ratios of polynomials in the number, and so bend. Both are slacks to be followed: the
next way to look at is where the line through two looks takes the first of them to nought, or half-way where that is
slow. At the end (2) bounds the miss anywhere before it, by ``DRIFT`` of the change all that way.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from parksim.component import Array
from parksim.lp.directions import Filled
from parksim.lp.held import Held

DRIFT = 0.01
"""Most that the change of cost or CO2 may miss what the slope says of it, over that."""

LEAST = 1e-9
"""Misses below this part of the cost, or of the CO2, count as none."""

ACCURACY = 1e-4
"""Ends lie inside the true ones, by this part of the way at most."""

PATIENCE = 2
"""After so many looks that do not halve the way in question, the next is half-way."""

LOOKS, AGAIN = 30, 6
"""Most looks for an end, and most times that it is looked for anew because the slopes do not hold half-way."""


@dataclass(frozen=True)
class Reach:
    """How far slopes hold.

    Parameters
    ----------
    way
        In the unit of the number.
    drift
        What the change of cost or CO2 all that way misses of what its slope says, over that; ``DRIFT`` at most.
    """

    way: float
    drift: float


@dataclass(frozen=True)
class _Look:
    """A way looked at: slacks of (1) and (2) there, and the drift."""

    way: float
    slacks: Array
    drift: float

    @property
    def holds(self) -> bool:
        return bool(self.slacks.min() >= 0.0)


class _Search:
    """Looks along one way.

    Parameters
    ----------
    held, at
        The basis, and the LP at a way; None where the park refuses it.
    cost, co2
        Slopes per unit of the way.
    """

    def __init__(self, held: Held, at: Callable[[float], Filled | None], *, cost: float, co2: float) -> None:
        self._held, self._at, self._slopes = held, at, (cost, co2)

    def look(self, way: float) -> _Look | None:
        """Look at a way; None where there is no such park, or no such basis."""
        here, there = self._held.here, self._at(way)
        kept = None if there is None else self._held.at(there)
        if kept is None:
            return None
        slacks, drift = [], []
        pairs = ((here.cost_cny, kept.cost_cny), (here.co2_t, kept.co2_t))
        for slope, (was, now) in zip(self._slopes, pairs, strict=True):
            change, least = abs(slope) * way, LEAST * max(abs(was), 1.0)
            miss = abs(now - was - slope * way)
            slacks.append(1.0 - miss / (DRIFT * change + least))
            drift.append(miss / (change + least / DRIFT))
        return _Look(way, np.append(kept.slacks, slacks), max(drift))

    def end(self, first: float, most: float) -> Reach:
        """Find how far the slopes hold.

        Parameters
        ----------
        first, most
            The way of the first order, and the longest that is asked for.
        """
        here, wrong = _Look(0.0, np.append(self._held.here.slacks, (1.0, 1.0)), 0.0), np.inf
        for _ in range(AGAIN):
            found = self._bracketed(here, min(first, most), most, wrong)
            half = self.look(0.5 * found.way)
            if found.way == 0.0 or (half is not None and half.holds):
                return Reach(found.way, found.drift)
            first, wrong = 0.25 * found.way, 0.5 * found.way
        return Reach(0.0, 0.0)

    def _bracketed(self, here: _Look, first: float, most: float, wrong: float) -> _Look:
        """Look between a way that holds and one that does not until they are near each other, or ``most`` holds."""
        good, way, slow = here, first, 0
        for _ in range(LOOKS):
            width = wrong - good.way
            look = self.look(way)
            if look is not None and look.holds:
                end, good = _crossing(good, look), look
            else:
                end, wrong = np.nan if look is None else _crossing(good, look), way
            if good.way >= min(most, (1.0 - ACCURACY) * wrong):
                break
            slow = slow + 1 if wrong - good.way > 0.5 * width else 0
            near = self._next(good.way, wrong, end * (1.0 - 0.4 * ACCURACY), most)
            way = near if slow < PATIENCE else 0.5 * (good.way + wrong)
        return good

    @staticmethod
    def _next(good: float, wrong: float, end: float, most: float) -> float:
        """Choose the next way to look at: near the end foreseen, if it lies between those known; else half-way."""
        further = max(end, good * (1.0 + 0.8 * ACCURACY))
        if not np.isfinite(wrong):
            return min(further, most)
        return further if further < wrong else 0.5 * (good + wrong)


def _crossing(good: _Look, other: _Look) -> float:
    """Find where the lines through two looks take the first slack to nought; infinite where none falls."""
    was, now = good.slacks, other.slacks
    falls = (now < was) & np.isfinite(was)
    parts = was[falls] / (was[falls] - now[falls])
    return good.way + (other.way - good.way) * float(parts.min(initial=np.inf))


def reach(
    held: Held, at: Callable[[float], Filled | None], *, cost: float, co2: float, first: float, most: float
) -> Reach:
    """Find how far slopes hold on one side of a number.

    Parameters
    ----------
    held
        The basis that gives them.
    at
        Fills the LP with the number a way off; None where the park refuses it.
    cost, co2
        The slopes, per unit of the way [CNY per unit, t per unit].
    first
        The way of the ratio test.
    most
        The longest way that is asked for.
    """
    return _Search(held, at, cost=cost, co2=co2).end(first * (1.0 - 0.5 * ACCURACY), most)
