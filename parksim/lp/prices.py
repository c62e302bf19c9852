"""The price of what couples the pieces of a horizon: a master LP over their proposals (Dantzig and Wolfe [1]).

Every piece answers prices of the coupling rows with a plan: what it costs, and what it puts into each coupling row. The
master mixes the plans so that the coupling rows hold at least cost; the duals of its rows are the next prices.

References
----------
[1] G. B. Dantzig, P. Wolfe, Decomposition principle for linear programs, Operations Research 8(1), 1960, 101-111,
    doi:10.1287/opre.8.1.101.
"""

import numpy as np
from numpy.typing import NDArray

from parksim.component import Array
from parksim.lp.basis import BASIC, LOWER, Statuses
from parksim.lp.highs import Solver
from parksim.lp.pieces import Cut
from parksim.lp.program import SparseLP

NEAR = 0.02
"""First half-width of the box around prices to start from, over the largest of them [1]."""

LEAST = 1e-2
"""Least half-width of the box, over the dearest column of the LP [1]."""

WIDER = 30.0
"""The box grows by this where a price stands at its edge."""

CLOSE = 1e-5
"""The search ends where new plans improve the master by less, relative."""


class PriceSearch:
    """Finds the prices of the coupling rows of a cut.

    Parameters
    ----------
    lp, cut
        The LP of the whole, and its pieces.
    begin
        Prices to start from, shape (couplings,).
    near
        Whether they come from a similar LP: then a box keeps the first prices close to them.
    """

    def __init__(self, lp: SparseLP, cut: Cut, *, begin: Array, near: bool) -> None:
        self.lp, self.cut, self.begin = lp, cut, begin
        joint = cut.couplings
        self.size = len(joint.rows)
        self._weight = lp.value[joint.entry] * cut.share[joint.held]
        self._piece = np.searchsorted(cut.column_first, joint.held, side="right") - 1
        self._cost = lp.cost[cut.columns] * cut.share
        self._dearest = max(1.0, float(np.abs(lp.cost).max(initial=0.0)))
        self._half = self._dearest
        if near:
            self._half = max(LEAST * self._dearest, NEAR * float(np.abs(begin).max(initial=0.0)))
        self._costs: list[Array] = []
        self._puts: list[Array] = []
        self.prices = np.zeros(self.size)
        self.convexity = np.zeros(cut.pieces)
        self.objective = np.inf
        self.found = False
        self.row_basic = np.ones(self.size, bool)
        self.loose = np.full(len(joint.loose), LOWER, np.int8)

    def charges(self, prices: Array) -> Array:
        """Give what the prices take off the cost of every held column [CNY per unit], for the whole column."""
        joint = self.cut.couplings
        return np.bincount(
            joint.held, weights=self.lp.value[joint.entry] * prices[joint.row], minlength=len(self.cut.columns)
        ).astype(np.float64)

    def propose(self, values: Array, prices: Array) -> bool:
        """Add the plan of every piece and solve the master.

        Parameters
        ----------
        values
            Values of all held columns.
        prices
            Prices that the pieces answered.

        Returns
        -------
        bool
            Whether the prices have changed enough to ask again.
        """
        joint, pieces = self.cut.couplings, self.cut.pieces
        first = self.cut.column_first
        costs = np.add.reduceat(np.append(self._cost * values, 0.0), first[:-1])
        place = self._piece * self.size + joint.row
        puts = np.bincount(place, weights=self._weight * values[joint.held], minlength=pieces * self.size)
        put: Array = puts.reshape(pieces, self.size).astype(np.float64)
        if self._costs:
            better = float(np.sum(self.convexity - (costs - put @ prices)))
            if better <= CLOSE * max(1.0, abs(self.objective)) and not self._at_edge():
                return False
        self._costs.append(costs)
        self._puts.append(put)
        self._solve()
        if not self._moved(prices) and self._widened():
            self._solve()
        return self._moved(prices)

    def _moved(self, prices: Array) -> bool:
        moved = float(np.abs(self.prices - prices).max(initial=0.0))
        return moved > CLOSE * max(1.0, float(np.abs(prices).max(initial=0.0)))

    def _widened(self) -> bool:
        """Widen the box where a price stands at its edge; tell whether it is wider."""
        if not self._at_edge():
            return False
        self._half = min(self._half * WIDER, self._dearest)
        return True

    def _at_edge(self) -> bool:
        off = np.abs(self.prices - self.begin).max(initial=0.0)
        return bool(off >= self._half * (1.0 - CLOSE)) and self._half < self._dearest

    def _solve(self) -> None:
        master, width = self._master()
        solver = Solver(master)
        found = solver.run()
        self.prices, self.convexity = found.row_duals[: self.size], found.row_duals[self.size :]
        self.objective, self.found = found.objective_cny, found.optimal
        columns, rows = solver.basic()
        self.row_basic = rows[: self.size]
        at_upper = np.isfinite(master.upper[:width]) & (found.columns[:width] >= master.upper[:width])
        self.loose = np.where(columns[:width], BASIC, np.where(at_upper, 2, LOWER)).astype(np.int8)

    def _master(self) -> tuple[SparseLP, int]:
        """Columns: loose ones, two a row that keep its price in the box, and one a plan."""
        joint, pieces, lp = self.cut.couplings, self.cut.pieces, self.lp
        width, rows = len(joint.loose), np.arange(self.size)
        rounds = len(self._costs)
        puts = np.concatenate(self._puts)
        piece, row = np.nonzero(np.ones_like(puts))
        plans = np.arange(rounds * pieces)
        begin = width + 2 * self.size
        column = [joint.loose_at, width + rows, width + self.size + rows, begin + piece, begin + plans]
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
            cost=np.concatenate((lp.cost[joint.loose], self._half + self.begin, self._half - self.begin, *self._costs)),
            lower=np.concatenate((lp.lower[joint.loose], np.zeros(2 * self.size + len(plans)))),
            upper=np.concatenate((lp.upper[joint.loose], np.full(2 * self.size + len(plans), np.inf))),
            row_lower=np.concatenate((lp.row_lower[joint.rows], one)),
            row_upper=np.concatenate((lp.row_upper[joint.rows], one)),
            offset=0.0,
        )
        assert sparse.shape == (height, columns)
        return sparse, width

    def statuses(self, price_columns: NDArray[np.int64]) -> tuple[Statuses, Statuses, Statuses]:
        """Statuses of coupling rows, loose columns and price columns that make the whole's basis square.

        A mixed plan in the master is a basic column beyond those of the pieces; the price column of a binding row
        stands for it, so that the row keeps the price found here.
        """
        row = np.where(self.row_basic, BASIC, self._row_side()).astype(np.int8)
        price = np.full(len(price_columns), LOWER, np.int8)
        missing = self.size - int(self.row_basic.sum()) - int((self.loose == BASIC).sum())
        candidates = np.flatnonzero(~self.row_basic)
        dear = candidates[np.argsort(-np.abs(self.prices[candidates]), kind="stable")]
        price[dear[: max(missing, 0)]] = BASIC
        return row, self.loose, price

    def _row_side(self) -> Statuses:
        low = self.lp.row_lower[self.cut.couplings.rows]
        return np.where(np.isfinite(low), LOWER, 2).astype(np.int8)
