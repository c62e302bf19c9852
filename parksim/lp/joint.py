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
    height, width = base.shape
    at = np.repeat(np.arange(width), np.diff(base.start))
    lower, upper = base.lower.copy(), base.upper.copy()
    rows: list[Ints] = [base.index.astype(np.int64)]
    columns: list[Ints] = [at]
    values: list[Array] = [base.value]
    lows, highs = [base.row_lower], [base.row_upper]

    moving = _both(_side(affine, ROWS[0]), _side(affine, ROWS[1]), count)
    rows, columns, values = [*rows, moving.place], [*columns, width + moving.capacity], [*values, -moving.value]
    for name in COLUMNS:
        side = _side(affine, name)
        places, row = np.unique(side.place, return_inverse=True)
        row = row.reshape(-1) + height
        rows += [height + np.arange(len(places)), row]
        columns += [places, width + side.capacity]
        values += [np.ones(len(places)), -side.value]
        lows.append(base.lower[places] if name == "lower" else np.full(len(places), -np.inf))
        highs.append(base.upper[places] if name == "upper" else np.full(len(places), np.inf))
        (lower if name == "lower" else upper)[places] = -np.inf if name == "lower" else np.inf
        height += len(places)
    for weights, most in [(limit.weights, limit.most) for limit in box.limits]:
        rows, columns = [*rows, np.full(count, height)], [*columns, width + np.arange(count)]
        values, lows, highs = [*values, weights], [*lows, np.array([-np.inf])], [*highs, np.array([most])]
        height += 1
    cost = np.append(base.cost, invest + affine.offsets)
    if most_cny is not None:
        rows, columns = [*rows, np.full(width + count, height)], [*columns, np.arange(width + count)]
        values, lows, highs = (
            [*values, cost],
            [*lows, np.array([-np.inf])],
            [*highs, np.array([most_cny - base.offset])],
        )
        height += 1
    matrix = by_columns(
        np.concatenate(rows), np.concatenate(columns), np.concatenate(values), shape=(height, width + count)
    )
    lp = SparseLP(
        *matrix,
        cost=cost if objective is None else np.append(np.zeros(width), objective),
        lower=np.append(lower, box.least),
        upper=np.append(upper, box.most),
        row_lower=np.concatenate(lows),
        row_upper=np.concatenate(highs),
        offset=base.offset if objective is None else 0.0,
    )
    return Joint(lp, slice(width, width + count))


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
