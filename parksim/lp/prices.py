"""The price of what couples the pieces of a horizon: a master LP over their proposals (Dantzig and Wolfe [1]).

Every piece answers prices of the coupling rows with a plan: what it costs, and what it puts into each coupling row. The
master mixes the plans so that the coupling rows hold at least cost; the duals of its rows are the next prices.

Where the plans asked on either side of a price of the master are known, what the pieces put in between is close to a
curve through both, and the price at which it meets the master's mix is nearer than the master's own: without that, the
last digits come one bit a round.

References
----------
[1] G. B. Dantzig, P. Wolfe, Decomposition principle for linear programs, Operations Research 8(1), 1960, 101-111,
    doi:10.1287/opre.8.1.101.
"""

import numpy as np
from numpy.typing import NDArray

from parksim.component import Array
from parksim.lp.basis import BASIC, LOWER, UPPER, Statuses
from parksim.lp.highs import Solver
from parksim.lp.pieces import Cut, Ints
from parksim.lp.program import SparseLP

NEAR = 0.02
"""Half-width of a small box around a price, over that price [1]."""

WIDER = 10.0
"""A small box grows by this where its price stands at the edge, up to the usual price, of which it is part at first."""

TAIL = 1e-3
"""Prices asked on either side of one are close if they are less apart than this, relative."""

STEP = 0.2
"""Where a price of the master is nearer than this to one of them, over their distance, there is a step, no curve."""

EDGE = 1e-6
"""How close to the edge of its box a price stands at it, relative to the half-width."""

SAME = 1e-9
"""Prices that differ by less, relative, are the same."""

Flags = NDArray[np.bool_]


def sizes(lp: SparseLP, cut: Cut) -> tuple[Array, Array]:
    """Give the usual and the dearest cost of a unit of each coupling row, shapes (couplings,) [CNY per unit].

    Half of the columns that cost and stand in a row cost less per unit than the usual. No price beyond the dearest is
    needed while the dearest column of the LP may stand in for what the row limits.
    """
    joint = cut.couplings
    entry, cost = np.abs(lp.value[joint.entry]), np.abs(lp.cost[cut.columns[joint.held]])
    most = max(1.0, float(np.abs(lp.cost).max(initial=0.0)))
    usual, dearest = (np.full(len(joint.rows), most) for _ in range(2))
    for row in np.unique(joint.row):
        mine = (joint.row == row) & (entry > 0.0)
        if mine.any():
            usual[row] = dearest[row] = most / entry[mine].min()
        if (priced := mine & (cost > 0.0)).any():
            usual[row] = np.median(cost[priced] / entry[priced])
    return np.minimum(usual, dearest), dearest


class Master:
    """Mixes the plans of pieces and prices the coupling rows.

    Prices far from those that were asked are kept in boxes, since plans tell little of what is there.

    Parameters
    ----------
    lp
        The LP of the whole; its loose columns and the limits of its coupling rows are read.
    cut
        The pieces; their coupling rows are priced.
    begin
        Middle of the boxes, shape (couplings,) [CNY per unit of the row].

    Attributes
    ----------
    besides
        What is put into the coupling rows besides the plans known, shape (couplings,) [unit of the row].
    prices
        The next prices to ask, shape (couplings,) [CNY per unit of the row].
    found
        Whether the last master had an optimum.
    at_edge
        Whether one of the next prices stands at the edge of its box.
    """

    def __init__(self, lp: SparseLP, cut: Cut, *, begin: Array) -> None:
        self.lp, self.joint, self.begin = lp, cut.couplings, begin
        self.size = len(self.joint.rows)
        self._usual, self._dearest = sizes(lp, cut)
        self._half = self._usual
        self._asked: list[Array] = []
        self._costs: list[Array] = []
        self._puts: list[Array] = []
        self._mix = np.zeros(self.size)
        self.besides = np.zeros(self.size)
        self.prices = begin
        self.found = self.at_edge = False
        self._row_basic = np.ones(self.size, bool)
        self._loose = np.full(len(self.joint.loose), LOWER, np.int8)

    def propose(self, costs: Array, puts: Array, *, prices: Array) -> bool:
        """Add the plan of every piece, and find the next prices.

        Parameters
        ----------
        costs
            Shape (pieces,) [CNY].
        puts
            Shape (pieces, couplings) [unit of the row].
        prices
            Prices that the pieces answered, shape (couplings,).

        Returns
        -------
        bool
            Whether the next prices are others.
        """
        self.know(costs, puts, prices=prices)
        groups = self._groups()
        asked, last = np.array(self._asked), self._off(prices) >= self._half * (1.0 - EDGE)
        self._solve(self._dearest)
        between = [_around(asked[:, rows], self.prices[rows]) for rows in groups]
        boxed = np.zeros(self.size, bool)
        for rows, ends in zip(groups, between, strict=True):
            boxed[rows] = ends is None or np.any(np.abs(asked[ends[0]] - asked[ends[1]])[rows] > self._usual[rows])
        beyond = boxed & (self._off(self.prices) > self._half)
        self.at_edge = bool(beyond.any())
        if self.at_edge:
            self._widen(beyond & last)
            self._solve(np.where(boxed, self._half, self._dearest))
        for rows, ends in zip(groups, between, strict=True):
            if ends is not None and self.found:
                self._draw_near(rows, ends)
        moved = np.abs(self.prices - prices) > SAME * np.maximum(1.0, np.abs(prices))
        return self.found and bool(moved.any())

    def know(self, costs: Array, puts: Array, *, prices: Array) -> None:
        """Add the plan of every piece, see :meth:`propose`."""
        self._asked.append(prices.copy())
        self._costs.append(costs)
        self._puts.append(puts)

    def stay_near(self, prices: Array) -> None:
        """Put small boxes around prices that come from pieces alike."""
        self.begin = prices
        self._half = np.where(prices == 0.0, self._usual, np.minimum(NEAR * np.abs(prices), self._usual / WIDER))

    def _off(self, prices: Array) -> Array:
        return np.abs(prices - self.begin)

    def _widen(self, which: Flags) -> None:
        near, less = np.minimum(WIDER * self._half, self._usual), self._dearest - self._usual
        wider = np.where(self._half < self._usual, near, np.where(self._half < less, less, self._dearest))
        self._half = np.where(which, wider, self._half)

    def _solve(self, half: Array) -> None:
        master, width = self._master(half)
        solver = Solver(master)
        found = solver.run()
        self.prices, self.found = found.row_duals[: self.size].copy(), found.optimal
        plans = found.columns[width + 2 * self.size :]
        self._mix = plans @ np.concatenate(self._puts)
        columns, rows = solver.basic()
        self._row_basic = rows[: self.size]
        at_upper = np.isfinite(master.upper[:width]) & (found.columns[:width] >= master.upper[:width])
        self._loose = np.where(columns[:width], BASIC, np.where(at_upper, UPPER, LOWER)).astype(np.int8)

    def _master(self, half: Array) -> tuple[SparseLP, int]:
        """Columns: loose ones, two a row that keep its price in the box, and one a plan."""
        joint, lp, pieces = self.joint, self.lp, len(self._costs[0])
        width, rows = len(joint.loose), np.arange(self.size)
        puts = np.concatenate(self._puts)
        plan, row = np.nonzero(np.ones_like(puts))
        plans = np.arange(len(self._costs) * pieces)
        begin = width + 2 * self.size
        column = [joint.loose_at, width + rows, width + self.size + rows, begin + plan, begin + plans]
        where = [joint.loose_row, rows, rows, row, self.size + plans % pieces]
        ones = np.ones(self.size)
        value = [lp.value[joint.loose_entry], ones, -ones, puts.ravel(), np.ones(len(plans))]
        columns, height = begin + len(plans), self.size + pieces
        order = np.lexsort((np.concatenate(where), np.concatenate(column)))
        counts = np.bincount(np.concatenate(column), minlength=columns)
        one = np.ones(pieces)
        sparse = SparseLP(
            start=np.concatenate(([0], np.cumsum(counts))).astype(np.int32),
            index=np.concatenate(where)[order].astype(np.int32),
            value=np.concatenate(value)[order],
            cost=np.concatenate((lp.cost[joint.loose], half + self.begin, half - self.begin, *self._costs)),
            lower=np.concatenate((lp.lower[joint.loose], np.zeros(2 * self.size + len(plans)))),
            upper=np.concatenate((lp.upper[joint.loose], np.full(2 * self.size + len(plans), np.inf))),
            row_lower=np.concatenate((lp.row_lower[joint.rows] - self.besides, one)),
            row_upper=np.concatenate((lp.row_upper[joint.rows] - self.besides, one)),
            offset=0.0,
        )
        assert sparse.shape == (height, columns)
        return sparse, width

    def _draw_near(self, rows: Ints, ends: tuple[int, int]) -> None:
        """Move prices to where a curve through the plans asked on either side meets the mix; if they are close."""
        begin, end = (self._asked[number][rows] for number in ends)
        part = float((self.prices[rows] - begin) @ (end - begin) / ((end - begin) @ (end - begin)))
        if np.abs(end - begin).max() > TAIL * np.abs(self.prices[rows]).max() or not STEP < part < 1.0 - STEP:
            return
        old = [max(0, len(self._asked) - 2 - number) for number in ends]  # an end that stays counts less and less
        missed = [
            0.5**age * float((self._puts[number].sum(axis=0) - self._mix)[rows] @ (end - begin))
            for number, age in zip(ends, old, strict=True)
        ]
        self.prices[rows] = begin + _met(part, missed) * (end - begin)

    def _groups(self) -> list[Ints]:
        """Rows that pieces or loose columns tie to each other: a year's, where no piece reaches into another year."""
        group = np.arange(self.size)
        ties = [np.flatnonzero(put) for puts in self._puts for put in puts]
        ties += [self.joint.loose_row[self.joint.loose_at == column] for column in range(len(self.joint.loose))]
        for tie in ties:
            group[np.isin(group, group[tie])] = group[tie].min(initial=self.size)
        return [np.flatnonzero(group == number) for number in np.unique(group)]

    def statuses(self) -> tuple[Statuses, Statuses, Statuses]:
        """Statuses of coupling rows, loose columns and price columns that make the whole's basis square.

        A mixed plan in the master is a basic column beyond those of the pieces; the price column of a binding row
        stands for it, so that the row keeps the price found here.
        """
        low = self.lp.row_lower[self.joint.rows]
        row = np.where(self._row_basic, BASIC, np.where(np.isfinite(low), LOWER, UPPER)).astype(np.int8)
        price = np.full(self.size, LOWER, np.int8)
        missing = self.size - int(self._row_basic.sum()) - int((self._loose == BASIC).sum())
        candidates = np.flatnonzero(~self._row_basic)
        dear = candidates[np.argsort(-np.abs(self.prices[candidates]), kind="stable")]
        price[dear[: max(missing, 0)]] = BASIC
        return row, self._loose, price


def _around(asked: Array, there: Array) -> tuple[int, int] | None:
    """Give the nearest two of the prices asked, shape (rounds, rows), between which a price lies on one line."""
    off = asked - there
    length = np.linalg.norm(off, axis=1)
    along = off @ off.T
    opposite = along <= -(1.0 - SAME) * np.outer(length, length)
    spread = np.where(opposite & (length > 0.0) & (length[:, None] > 0.0), length + length[:, None], np.inf)
    first, second = np.unravel_index(np.argmin(spread), spread.shape)
    return (int(first), int(second)) if np.isfinite(spread[first, second]) else None


def _met(part: float, missed: list[float]) -> float:
    """Give where on the way from 0 to 1 a power of it leads from one missed amount through zero to the other.

    The tangents of the cost at both ends meet at ``part``, which says the power: the mean over the way of what is
    missed is what the cost rises by, and a power p has the mean 1 / (p + 1).
    """
    if missed[0] * missed[1] >= 0.0:
        return part
    near = abs(missed[0]) / (abs(missed[0]) + abs(missed[1]))
    return float(near ** ((1.0 - part) / part))
