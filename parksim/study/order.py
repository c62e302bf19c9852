"""Which case is solved after which: within a structure, a short tour through the cases, cut into chains.

A case solved from the optimum of a near one takes a fraction of the time. The tour begins at the group's first case,
goes to the nearest one left, and is then shortened by reversing stretches of it (2-opt) as long as that helps.
Reference: G. A. Croes, A method for solving traveling-salesman problems, Operations Research 6 (1958) 791-812,
doi:10.1287/opre.6.6.791 (2-opt)
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parksim.component import Array
from parksim.study.plan import Plan

LONGEST = 50
"""Cases of a chain at most: what a lost worker loses, and the grain of sharing work out."""

AT_ONCE = 2000
"""Cases of one tour at most; their distances fill 32 MB. More are taken in stretches of the plan's order."""

ROUNDS = 30
"""Most rounds of 2-opt; a round that shortens nothing is the last one."""

SHORTER = 1e-12
"""A tour that is shorter by less is not shorter."""

Places = NDArray[np.int64]


@dataclass(frozen=True)
class Chain:
    """Cases of one group, each near the one before.

    Parameters
    ----------
    group
        Number of the group.
    cases
        Numbers of the cases, in the order to solve them.
    """

    group: int
    cases: tuple[int, ...]


def chains(plan: Plan, *, skip: Collection[int] = (), parts: int) -> tuple[Chain, ...]:
    """Share the cases of a plan out.

    Parameters
    ----------
    skip
        Numbers of cases that are finished; those with a problem are left out anyway.
    parts
        How many chains there should be at least, where there are as many cases.

    Returns
    -------
    tuple of Chain
        Every case that is left in one chain, none longer than :data:`LONGEST`; the same for the same arguments.
    """
    done = set(skip)
    left = [case for case in plan.cases if not case.problem and case.number not in done]
    if not left:
        return ()
    wanted = max(parts, -(-len(left) // LONGEST))
    found: list[Chain] = []
    for group in plan.groups:
        own = [case for case in left if case.group == group.number]
        for start in range(0, len(own), AT_ONCE):
            cases = own[start : start + AT_ONCE]
            order = [cases[place].number for place in tour(np.array([case.position for case in cases]))]
            count = min(len(order), -(-len(order) * wanted // len(left)))
            found += [Chain(group.number, piece) for piece in _pieces(order, count)]
    return tuple(found)


def _pieces(order: Sequence[int], count: int) -> Iterator[tuple[int, ...]]:
    """Cut a tour into pieces of nearly the same length."""
    for piece in np.array_split(np.array(order), count):
        yield tuple(int(number) for number in piece)


def tour(points: Array) -> Places:
    """Order points so that each is near the one before.

    Parameters
    ----------
    points
        Positions, shape (point, coordinate).

    Returns
    -------
    ndarray, shape (point,)
        Order of the points; never longer than the order given.
    """
    near = _distances(points)
    given = np.arange(len(points))
    walks = (_shortened(near, walk) for walk in (given, _nearest_next(near)))
    return min(walks, key=lambda walk: _length(near, walk))


def _distances(points: Array) -> Array:
    """Give the distances of all pairs, shape (point, point)."""
    squares = np.zeros((len(points), len(points)))
    for column in points.T:
        squares += (column[:, None] - column[None, :]) ** 2
    return np.sqrt(squares)


def _length(near: Array, walk: Places) -> float:
    """Add up the distances along a walk."""
    return float(near[walk[:-1], walk[1:]].sum())


def _nearest_next(near: Array) -> Places:
    """Go from the first point to the nearest one left, again and again; of several the first."""
    walk = np.zeros(len(near), np.int64)
    free = np.ones(len(near), bool)
    free[:1] = False
    for step in range(1, len(near)):
        walk[step] = int(np.argmin(np.where(free, near[walk[step - 1]], np.inf)))
        free[walk[step]] = False
    return walk


def _shortened(near: Array, walk: Places) -> Places:
    """Reverse stretches of an open walk while that shortens it; the first point stays."""
    walk = walk.copy()
    last = len(walk) - 1
    for _ in range(ROUNDS):
        better = False
        for first in range(1, last):
            ends = np.arange(first + 1, last + 1)
            before, at = walk[first - 1], walk[first]
            saved = near[before, at] - near[before, walk[ends]]
            after = walk[ends[:-1] + 1]
            saved[:-1] += near[walk[ends[:-1]], after] - near[at, after]
            best = int(np.argmax(saved))
            if saved[best] > SHORTER:
                walk[first : ends[best] + 1] = walk[first : ends[best] + 1][::-1].copy()
                better = True
        if not better:
            break
    return walk
