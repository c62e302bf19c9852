"""A basis held while the numbers of its LP move: what it gives, and whether it stays optimal, at the LP truly filled.

With B the basic columns in the active rows, N the columns at their bounds, b the active sides of the rows,

    (1) B x_B = b - N x_N            columns
    (2) B' y = c_B,   z = c - A' y   duals of the rows, reduced costs

where all of A, b, c and the bounds are those of the LP there. The basis is optimal where x and A x lie within their
bounds, and y and z have the signs that their bounds ask for. These distances are its *slacks*.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from parksim.component import Array
from parksim.lp.basis import BASIC, LOWER, UPPER, Basis, Statuses, hand_in
from parksim.lp.directions import Filled
from parksim.lp.highs import Silent, hand_over
from parksim.lp.program import SparseLP, inner

FEASIBLE, TIED = 1e-7, 1e-4
"""A column this near its bound is at it [MW, MWh]; a reduced cost this near nought is nought [CNY per unit]."""

FACTOR_ONLY = {"presolve": "off", "solver": "simplex", "threads": 1, "simplex_iteration_limit": 0}
"""HiGHS factors a basis as it is given, and takes no step."""


def at_bounds(statuses: Statuses, lower: Array, upper: Array) -> Array:
    """Give what stands at its lower or upper bound its value there, and all else 0."""
    return np.where(statuses == LOWER, lower, np.where(statuses == UPPER, upper, 0.0))


def opened(basis: Basis, z: Array, opening: NDArray[np.bool_]) -> Statuses:
    """Give the statuses of columns of which some, fixed until now, open: they go where their reduced cost points."""
    free = (basis.columns != BASIC) & opening
    return np.where(free, np.where(z < 0.0, UPPER, LOWER), basis.columns).astype(np.int8)


@dataclass(frozen=True)
class Kept:
    """What a basis gives at one filling of its LP.

    Parameters
    ----------
    slacks
        Distances from the bounds and signs to be kept, over what counts as nought, and one more: below 0 where the
        basis is not optimal, infinite where there is nothing to keep. Of basic columns and rows from below and above,
        of the bounds of other columns from each other, of reduced costs, of duals.
    cost_cny, co2_t
        Cost and CO2 of its plan.
    """

    slacks: Array
    cost_cny: float
    co2_t: float


class Held:
    """A basis that is optimal for one filling of an LP, to be followed to others. Not shared between threads.

    Parameters
    ----------
    base
        The LP and its CO2 ledger.
    basis, z
        The basis, and its reduced costs there, shape (columns,).
    """

    def __init__(self, base: Filled, basis: Basis, z: Array) -> None:
        self._base, self._basis, self._z = base, basis, z
        self._column, self._index = base.lp.column, base.lp.index.astype(np.int64)
        columns, rows = basis.columns == BASIC, basis.rows != BASIC
        self._columns, self._rows = np.flatnonzero(columns), np.flatnonzero(rows)
        self._others, self._slack_rows = np.flatnonzero(~columns), np.flatnonzero(~rows)
        self._entries = np.flatnonzero(columns[self._column] & rows[self._index])
        self._in_column = (np.cumsum(columns) - 1)[self._column[self._entries]]
        self._in_row = (np.cumsum(rows) - 1)[self._index[self._entries]]
        self._highs = Silent()
        for name, value in FACTOR_ONLY.items():
            self._highs.setOptionValue(name, value)
        self._value: Array | None = None
        self._order: NDArray[np.int64] | None = None
        self._cost: Array | None = None
        self._signs = np.zeros(0)

    @property
    def sound(self) -> bool:
        """Whether its columns are independent where it was found; nothing else can be asked of one that is not."""
        return self._factor(self._base.lp.value)

    @cached_property
    def here(self) -> Kept:
        """What the basis gives where it was found."""
        slacks, cost_cny, co2_t = self._evaluated(self._base)
        return Kept(slacks + self._allowed, cost_cny, co2_t)

    @cached_property
    def _allowed(self) -> Array:
        """How far slacks may fall below nought: by what counts as nought where they are nought here, else not."""
        slacks = self._evaluated(self._base)[0]
        return np.where(np.isfinite(slacks), np.maximum(1.0 - slacks, 0.0), 1.0)

    def at(self, there: Filled) -> Kept | None:
        """Give what the basis gives at another filling; None where its columns depend on each other there."""
        allowed = self._allowed
        if not self._factor(there.lp.value):
            return None
        slacks, cost_cny, co2_t = self._evaluated(there)
        return Kept(slacks + allowed, cost_cny, co2_t)

    def basis(self, lp: SparseLP) -> Basis:
        """Give the basis as it stands at another filling, where columns may have opened."""
        base = self._base.lp
        opening = (base.lower == base.upper) & (lp.lower != lp.upper)
        if not opening.any():
            return self._basis
        return Basis(opened(self._basis, self._z, opening), self._basis.rows)

    # algebra

    def _factor(self, value: Array) -> bool:
        """Factor the basis with coefficients of the matrix, unless it is."""
        if value is self._value:
            return self._order is not None
        self._value, self._order, self._cost = value, None, None
        entries = value[self._entries]
        real, many = entries != 0.0, len(self._columns)
        nought, endless = np.zeros(many), np.full(many, np.inf)
        start = np.concatenate(([0], np.cumsum(np.bincount(self._in_column[real], minlength=many)))).astype(np.int32)
        square = SparseLP(
            start, self._in_row[real].astype(np.int32), entries[real], nought, -endless, endless, nought, nought, 0.0
        )
        hand_over(self._highs, square)
        hand_in(self._highs, Basis(np.full(many, BASIC, np.int8), np.full(many, LOWER, np.int8)))
        self._highs.run()
        order = np.asarray(self._highs.getBasicVariables()[1], np.int64)
        if len(order) == many and np.all(order >= 0):
            self._order = order
        return self._order is not None

    def _times(self, value: Array, x: Array) -> Array:
        """Multiply a matrix of this pattern with columns."""
        rows = np.bincount(self._index, weights=value * x[self._column], minlength=len(self._basis.rows))
        return np.asarray(rows, np.float64)

    def _primal(self, lp: SparseLP, basis: Basis) -> tuple[Array, Array]:
        """Columns and rows: (1)."""
        x = at_bounds(basis.columns, lp.lower, lp.upper)
        right = at_bounds(basis.rows, lp.row_lower, lp.row_upper) - self._times(lp.value, x)
        if len(self._columns):
            x[self._columns[self._order]] = self._highs.getBasisSolve(right[self._rows])[1]
        return x, self._times(lp.value, x)

    def _dual(self, lp: SparseLP) -> Array:
        """Signs of reduced costs and duals: (2); those of the last call where neither costs nor matrix moved.

        Columns that open go where their reduced cost points, so bounds alone change no sign.
        """
        if lp.cost is not self._cost:
            y = np.zeros(len(self._basis.rows))
            if len(self._columns):
                y[self._rows] = self._highs.getBasisTransposeSolve(lp.cost[self._columns[self._order]])[1]
            priced = np.bincount(self._column, weights=lp.value * y[self._index], minlength=len(lp.cost))
            z = (lp.cost - priced)[self._others]
            basis, wide, slanted = self.basis(lp), lp.lower < lp.upper, lp.row_lower < lp.row_upper
            of_columns = _signed(basis.columns[self._others], z, wide[self._others])
            of_rows = _signed(basis.rows[self._rows], y[self._rows], slanted[self._rows])
            self._cost, self._signs = lp.cost, np.concatenate((of_columns, of_rows))
        return self._signs

    def _evaluated(self, there: Filled) -> tuple[Array, float, float]:
        """Slacks over what counts as nought, cost and CO2."""
        lp = there.lp
        self._factor(lp.value)
        (x, rows), signs = self._primal(lp, self.basis(lp)), self._dual(lp)
        basic, active, other = self._columns, self._slack_rows, self._others
        primal = (
            x[basic] - lp.lower[basic],
            lp.upper[basic] - x[basic],
            rows[active] - lp.row_lower[active],
            lp.row_upper[active] - rows[active],
            lp.upper[other] - lp.lower[other],
        )
        slacks = np.concatenate((*primal, signs))
        slacks[: -len(signs)] /= FEASIBLE
        slacks[-len(signs) :] /= TIED
        return slacks, inner(lp.cost, x) + lp.offset, inner(there.co2, x) + there.co2_offset_t


def _signed(statuses: Statuses, dual: Array, wide: NDArray[np.bool_]) -> Array:
    """Give duals as distances from the wrong sign; infinite where any sign will do."""
    low, high = (statuses == LOWER) & wide, (statuses == UPPER) & wide
    return np.where(low, dual, np.where(high, -dual, np.inf))
