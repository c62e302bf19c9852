"""Short tours through points, so that each optimum is looked for from a near one.

A tour begins at the first point, goes to the nearest one left, and is then shortened by reversing stretches of it
(2-opt) as long as that helps.
Reference: G. A. Croes, A method for solving traveling-salesman problems, Operations Research 6 (1958) 791-812,
doi:10.1287/opre.6.6.791 (2-opt)
"""

import numpy as np
from numpy.typing import NDArray

from parksim.component import Array

AT_ONCE = 2000
"""Points of one tour at most; their distances fill 32 MB. More are taken in stretches of the order given."""

ROUNDS = 5
"""Most rounds of 2-opt; later ones shorten a tour by little, and a round that shortens nothing is the last one."""

SHORTER = 1e-12
"""A tour that is shorter by less is not shorter."""

Places = NDArray[np.int64]


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


def tours(points: Array) -> Places:
    """Order any number of points: a tour through each stretch of :data:`AT_ONCE` of them.

    Parameters
    ----------
    points
        Positions, shape (point, coordinate).

    Returns
    -------
    ndarray, shape (point,)
        Order of the points.
    """
    starts = range(0, len(points), AT_ONCE)
    return np.concatenate([start + tour(points[start : start + AT_ONCE]) for start in starts])


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
