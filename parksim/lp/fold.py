"""Fold a horizon: periods that are alike are operated alike, and one of them stands for all.

The LP is that of the whole horizon with one more condition: in every step the flows are those of the same step of all
periods of its class. So x = T z, and A T z has many rows that say the same; each is kept once. Nothing else is left
out: rows over months and years, peaks and totals see every step, each class as often as it occurs.

A content is not the same in all periods of a class, only how it changes within them. With f[h] what is left after h
steps of what a period p of class c begins with (``keep`` of the store's balance, to the power h),
    (1) level[t] = inside[c, h] + f[h + 1] over[p],   over[p] >= 0                                       [MWh]
    (2) lo <= inside[c, h],   over[p] <= top[c],   inside[c, h] + f[h + 1] top[c] <= hi
where ``inside`` is the course of the lowest period of the class and ``over`` how far the others lie above it. (2) holds
exactly where the limits hold in all periods of the class; steps with tighter ones get rows of their own. So energy
moves between periods, over weeks and seasons, and the plan found is one of the whole horizon.

Reference: L. Kotzur, P. Markewitz, M. Robinius, D. Stolten, Time series aggregation for energy system design: modeling
seasonal storage, Applied Energy 213 (2018) 123-135, doi:10.1016/j.apenergy.2018.01.023
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from parksim.component import Array
from parksim.lp.highs import Solution, Solver
from parksim.lp.layout import ColumnBlock
from parksim.lp.program import Program, SparseLP, by_columns

Ints = NDArray[np.int64]
Bits = NDArray[np.uint64]


@dataclass(frozen=True)
class Classes:
    """Which steps are operated alike.

    Parameters
    ----------
    period, hour
        Period of every step and its place within, rising without gaps, shape (time,).
    of_period
        Class of every period, shape (periods,); periods of a class are of one length.
    """

    period: Ints
    hour: Ints
    of_period: Ints

    @property
    def of_step(self) -> Ints:
        """Class of every step: 0, 1, ... for the steps of all classes, shape (time,)."""
        _, found = np.unique(self.of_period[self.period] * (self.hour.max() + 1) + self.hour, return_inverse=True)
        return found.reshape(-1).astype(np.int64)


@dataclass(frozen=True)
class _Parts:
    """Entries of T: full column, folded column, value; bounds of folded columns; rows of limits of contents."""

    full: Ints
    folded: Ints
    value: Array
    lower: Array
    upper: Array


@dataclass(frozen=True)
class _Limits:
    """Rows ``entries @ z`` between ``low`` and ``high``; ``row`` counts from the first of them."""

    row: Ints
    column: Ints
    value: Array
    low: Array
    high: Array


@dataclass(frozen=True)
class Folded:
    """The folded LP, and the way back.

    Parameters
    ----------
    lp
        The LP over z.
    full
        The LP it was folded from.
    entries
        Of T: full column, folded column, value.
    row_of, many
        Row of ``lp`` that stands for each full one, and for how many it does, shape (full rows,).
    """

    lp: SparseLP
    full: SparseLP
    entries: tuple[Ints, Ints, Array]
    row_of: Ints
    many: Ints

    def solve(self) -> Solution:
        """Find the optimum, told over the columns and rows of the full LP; a dual is shared by all rows it is of."""
        found = Solver(self.lp).run()
        at, folded, value = self.entries
        columns = _summed(at, value * found.columns[folded], self.full.shape[1])
        duals = found.row_duals[self.row_of] / self.many
        slot = self.full.column
        rows = _summed(self.full.index, self.full.value * columns[slot], self.full.shape[0])
        priced = _summed(slot, self.full.value * duals[self.full.index], len(columns))
        return replace(found, columns=columns, rows=rows, row_duals=duals, reduced_costs=self.full.cost - priced)


def _summed(at: NDArray[np.integer], values: Array, length: int) -> Array:
    """Add up values by place."""
    return np.bincount(at, weights=values, minlength=length).astype(np.float64)


def fold(program: Program, lp: SparseLP, classes: Classes) -> Folded:
    """Fold an LP.

    Parameters
    ----------
    program, lp
        The structure, and its LP for numbers that are alike in all periods of a class; where they are not, the tighter
        bound holds, and rows that differ stay apart.
    classes
        Which steps are operated alike.
    """
    parts, limits, first = list[_Parts](), list[_Limits](), 0
    for block in program.columns.values():
        for one in _content(block, lp, classes, first) if block.sort == "level" else _plain(block, lp, classes, first):
            if isinstance(one, _Limits):
                limits.append(one)
            else:
                parts.append(one)
        first = sum(len(one.lower) for one in parts)
    full, folded = (np.concatenate([getattr(one, name) for one in parts]) for name in ("full", "folded"))
    value = np.concatenate([one.value for one in parts])
    return _put_together(lp, parts, limits, (full, folded, value), width=first)


def _put_together(
    lp: SparseLP, parts: list[_Parts], limits: list[_Limits], entries: tuple[Ints, Ints, Array], *, width: int
) -> Folded:
    """Multiply the matrix with T, keep each row once, and add the limits of contents."""
    full, folded, value = entries
    row, column, amount = _product(lp, full, folded, value, width=width)
    kept, row_of, many = _once(lp, row, column, amount)
    place = np.full(lp.shape[0], -1)
    place[kept] = np.arange(len(kept))
    mine = place[row] >= 0
    rows, columns, values = [place[row[mine]]], [column[mine]], [amount[mine]]
    low, high = [lp.row_lower[kept]], [lp.row_upper[kept]]
    for limit in limits:
        rows.append(limit.row + sum(map(len, low)))
        columns.append(limit.column)
        values.append(limit.value)
        low.append(limit.low)
        high.append(limit.high)
    height = sum(map(len, low))
    small = by_columns(np.concatenate(rows), np.concatenate(columns), np.concatenate(values), shape=(height, width))
    short = SparseLP(
        *small,
        cost=_summed(folded, lp.cost[full] * value, width),
        lower=np.concatenate([one.lower for one in parts]),
        upper=np.concatenate([one.upper for one in parts]),
        row_lower=np.concatenate(low),
        row_upper=np.concatenate(high),
        offset=lp.offset,
    )
    return Folded(short, lp, entries, row_of, many)


def _plain(block: ColumnBlock, lp: SparseLP, classes: Classes, first: int) -> Iterator[_Parts]:
    """Fold the flows of steps; columns of months, years and the horizon stay as they are."""
    own = np.arange(block.first, block.first + block.width)
    at = classes.of_step if block.over == "step" else np.arange(block.length)
    at = np.append(at, at.max() + 1 + np.arange(block.width - block.length))
    lower, upper = _tightest(lp.lower[own], lp.upper[own], at)
    yield _Parts(own, first + at, np.ones(len(own)), lower, upper)


def _tightest(low: Array, high: Array, at: Ints) -> tuple[Array, Array]:
    lower, upper = np.full(int(at.max()) + 1, -np.inf), np.full(int(at.max()) + 1, np.inf)
    np.maximum.at(lower, at, low)
    np.minimum.at(upper, at, high)
    return lower, upper


def _content(block: ColumnBlock, lp: SparseLP, classes: Classes, first: int) -> Iterator[_Parts | _Limits]:
    """Fold a content by (1), with the rows of (2); a given start stays as it is."""
    own = np.arange(block.first, block.first + block.length)
    step, period, hour = classes.of_step, classes.period, classes.hour
    steps, periods, tops = int(step.max()) + 1, len(classes.of_period), int(classes.of_period.max()) + 1
    left = np.cumprod(np.full(int(hour.max()) + 1, _keep(block, lp)))
    over, top, start = first + steps, first + steps + periods, first + steps + periods + tops
    low, high = lp.lower[own], lp.upper[own]
    widest_low, widest_high = np.full(steps, np.inf), np.full(steps, -np.inf)
    np.minimum.at(widest_low, step, low)
    np.maximum.at(widest_high, step, high)
    given = np.arange(block.first + block.length, block.first + block.width)
    alone = np.bincount(classes.of_period) == 1  # nothing lies above the lowest period of such a class
    _, one = np.unique(step, return_index=True)  # any step of each class
    of_step = classes.of_period[period[one]]
    yield _Parts(own, first + step, np.ones(len(own)), widest_low, np.where(alone[of_step], widest_high, np.inf))
    most = np.where(alone[classes.of_period], 0.0, np.inf)
    yield _Parts(own, over + period, left[hour], np.zeros(periods), most)
    nobody = np.zeros(0, np.int64)
    yield _Parts(nobody, nobody, np.zeros(0), np.zeros(tops), np.where(alone, 0.0, np.inf))
    yield _Parts(given, start + np.arange(len(given)), np.ones(len(given)), lp.lower[given], lp.upper[given])
    many, at = np.flatnonzero(~alone[classes.of_period]), np.flatnonzero(~alone[of_step])
    yield _two(over + many, top + classes.of_period[many], 1.0, -1.0, high=np.zeros(len(many)))
    yield _two(first + at, top + of_step[at], 1.0, left[hour[one[at]]], high=widest_high[at])
    for tight, name in ((low > widest_low[step], "low"), (high < widest_high[step], "high")):
        t = np.flatnonzero(tight)
        limit = {name: (low if name == "low" else high)[t]}
        yield _two(first + step[t], over + period[t], 1.0, left[hour[t]], **limit)


def _two(
    one: Ints, other: Ints, weight: float, also: float | Array, *, low: Array | None = None, high: Array | None = None
) -> _Limits:
    """Make rows of two entries each."""
    count = len(one)
    rows = np.arange(count)
    value = np.concatenate((np.full(count, weight), np.broadcast_to(also, count)))
    least = np.full(count, -np.inf) if low is None else low
    most = np.full(count, np.inf) if high is None else high
    return _Limits(np.concatenate((rows, rows)), np.concatenate((one, other)), value, least, most)


def _keep(block: ColumnBlock, lp: SparseLP) -> float:
    """Read what a step leaves of a content off the first row that holds two steps of it; 1 where none does."""
    if block.length < 2:
        return 1.0
    slots = [slice(int(lp.start[c]), int(lp.start[c + 1])) for c in (block.first, block.first + 1)]
    shared, here, there = np.intersect1d(lp.index[slots[0]], lp.index[slots[1]], return_indices=True)
    if not len(shared):
        return 1.0
    before, after = lp.value[slots[0]][here[0]], lp.value[slots[1]][there[0]]
    ratio = -before / after if after else 1.0
    return float(ratio) if ratio > 0.0 else 1.0


def _product(lp: SparseLP, full: Ints, folded: Ints, value: Array, *, width: int) -> tuple[Ints, Ints, Array]:
    """Multiply the matrix with T: row, column and value of its entries, by row; what cancels is left out."""
    order = np.argsort(full, kind="stable")
    begin = np.searchsorted(full[order], np.arange(lp.shape[1] + 1))
    slot = lp.column
    many = (begin[1:] - begin[:-1])[slot]
    entry = np.repeat(np.arange(len(slot)), many)
    within = np.arange(len(entry)) - np.repeat(np.cumsum(many) - many, many)
    which = order[begin[slot[entry]] + within]
    key = lp.index[entry].astype(np.int64) * width + folded[which]
    found, place = np.unique(key, return_inverse=True)
    amount = _summed(place.reshape(-1), lp.value[entry] * value[which], len(found))
    there = amount != 0.0
    return found[there] // width, found[there] % width, amount[there]


def _once(lp: SparseLP, row: Ints, column: Ints, amount: Array) -> tuple[Ints, Ints, Ints]:
    """Find rows that say the same: those kept, the kept one of each row, and how many it stands for.

    Rows are told apart by 64 bits of their entries and bounds; of 100,000 rows two that differ agree in them once in
    billions of horizons.
    """
    marks = _mixed(column.astype(np.uint64), amount)
    sums = np.zeros(lp.shape[0], np.uint64)
    there, begin = np.unique(row, return_index=True)
    if len(there):
        sums[there] = np.add.reduceat(marks, begin)
    sums += _mixed(np.full(len(sums), 2**40, np.uint64), lp.row_lower)
    sums += _mixed(np.full(len(sums), 2**41, np.uint64), lp.row_upper)
    _, kept, row_of, many = np.unique(sums, return_index=True, return_inverse=True, return_counts=True)
    rank = np.argsort(np.argsort(kept))
    of = rank[row_of.reshape(-1)]
    return np.sort(kept), of, many[row_of.reshape(-1)]


def _mixed(tag: Bits, value: Array) -> Bits:
    """Mix tags and numbers to 64 bits that look drawn at random (splitmix64)."""
    with np.errstate(over="ignore"):
        bits = (value + 0.0).view(np.uint64) + tag * np.uint64(0x9E3779B97F4A7C15)
        bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.asarray(bits ^ (bits >> np.uint64(31)), np.uint64)
