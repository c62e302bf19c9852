"""The one-LP form of sizing: capacities as columns beside the year's operation. The reference that cuts are held to.

min cost @ v + (invest + offsets) @ x + offset    over flows v and capacities x
bounds that depend on x become rows:  v_j - slope_j @ x <= upper_j,  v_j - slope_j @ x >= lower_j
rows take their capacities to the left:  row - slope_r @ x within its bounds
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parksim.component import Array
from parksim.lp.affine import COLUMNS, ROWS, Affine
from parksim.lp.cuts import Box
from parksim.lp.program import SparseLP, by_columns

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Joint:
    """The LP, and where its capacities stand."""

    lp: SparseLP
    capacities: slice


@dataclass(frozen=True)
class _Side:
    """Entries on one side of columns or rows: place, capacity, slope."""

    place: Ints
    capacity: Ints
    value: Array


def joint(
    affine: Affine,
    box: Box,
    *,
    invest: Array,
    most_cny: float | None = None,
    objective: Array | None = None,
) -> Joint:
    """Put capacities and operation into one LP.

    Parameters
    ----------
    affine, box, invest
        What is sized: as for the cuts.
    most_cny
        Adds a row: the cost of capacities and operation may not exceed this [CNY].
    objective
        Weights of the capacities to minimise instead of the cost, shape (capacities,).

    Raises
    ------
    ValueError
        If the two sides of a row depend on capacities in different ways.
    """
    base, count = affine.base, len(invest)
    width = base.shape[1]
    capacities = width + np.arange(count)
    lower, upper = base.lower.copy(), base.upper.copy()
    cost = np.append(base.cost, invest + affine.offsets)
    rows = _Rows()
    rows.add(base.index, base.column, base.value, low=base.row_lower, high=base.row_upper)
    moving = _both(_side(affine, ROWS[0]), _side(affine, ROWS[1]), count)
    rows.put(moving.place, width + moving.capacity, -moving.value)
    for name, bound, endless in zip(COLUMNS, (lower, upper), (-np.inf, np.inf), strict=True):
        side = _side(affine, name)
        places, row = np.unique(side.place, return_inverse=True)
        kept, free = bound[places], np.full(len(places), -endless)
        rows.add(
            np.concatenate((np.arange(len(places)), row.reshape(-1))),
            np.concatenate((places, width + side.capacity)),
            np.concatenate((np.ones(len(places)), -side.value)),
            low=kept if name == "lower" else free,
            high=kept if name == "upper" else free,
        )
        bound[places] = endless
    for limit in box.limits:
        rows.at_most(capacities, limit.weights, limit.most)
    if most_cny is not None:
        rows.at_most(np.arange(width + count), cost, most_cny - base.offset)
    lp = SparseLP(
        *rows.matrix(width + count),
        cost=cost if objective is None else np.append(np.zeros(width), objective),
        lower=np.append(lower, box.least),
        upper=np.append(upper, box.most),
        row_lower=np.concatenate(rows.low),
        row_upper=np.concatenate(rows.high),
        offset=base.offset if objective is None else 0.0,
    )
    return Joint(lp, slice(width, width + count))


class _Rows:
    """Rows of an LP, gathered entry by entry."""

    def __init__(self) -> None:
        self.height = 0
        self.low: list[Array] = []
        self.high: list[Array] = []
        self._row: list[Ints] = []
        self._column: list[Ints] = []
        self._value: list[Array] = []

    def put(self, row: Ints, column: Ints, value: Array) -> None:
        """Put entries into rows that are there."""
        self._row.append(row)
        self._column.append(column)
        self._value.append(value)

    def add(self, row: NDArray[np.integer], column: Ints, value: Array, *, low: Array, high: Array) -> None:
        """Add rows behind the others; ``row`` counts from the first of them."""
        self.put(self.height + row.astype(np.int64), column, value)
        self.low.append(low)
        self.high.append(high)
        self.height += len(low)

    def at_most(self, column: Ints, weights: Array, most: float) -> None:
        """Add the row ``weights @ x <= most``."""
        row = np.zeros(len(column), np.int64)
        self.add(row, column, weights, low=np.array([-np.inf]), high=np.array([most]))

    def matrix(self, width: int) -> tuple[NDArray[np.int32], NDArray[np.int32], Array]:
        """Give the matrix by columns: starts, rows and values."""
        row, column, value = np.concatenate(self._row), np.concatenate(self._column), np.concatenate(self._value)
        return by_columns(row, column, value, shape=(self.height, width))


def _side(affine: Affine, name: str) -> _Side:
    parts = [slope[name] for slope in affine.slopes]
    capacity = np.repeat(np.arange(len(parts)), [len(part.index) for part in parts])
    return _Side(
        np.concatenate([part.index for part in parts]), capacity, np.concatenate([part.value for part in parts])
    )


def _both(low: _Side, high: _Side, count: int) -> _Side:
    """Join what the lower and the upper side of rows say of capacities; equalities say it twice."""
    key = np.concatenate((low.place * count + low.capacity, high.place * count + high.capacity))
    value = np.concatenate((low.value, high.value))
    keys, first, again = np.unique(key, return_index=True, return_inverse=True)
    if not np.array_equal(value[first][again.reshape(-1)], value):
        msg = "both sides of a row depend on a capacity, each in its own way"
        raise ValueError(msg)
    return _Side(keys // count, keys % count, value[first])
