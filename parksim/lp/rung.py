"""One cut at work: its pieces solved in chains on a few threads, and their bases glued together."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import highspy
import numpy as np
from numpy.typing import NDArray

from parksim.component import Array
from parksim.lp.basis import BASIC, LOWER, Basis, Statuses, hand_in, read_out
from parksim.lp.highs import Silent, hand_over
from parksim.lp.ladder import Ladder
from parksim.lp.pieces import Cut, Ints
from parksim.lp.program import SparseLP

Kinds = NDArray[np.int8]
Coupling = tuple[Statuses, Statuses, Statuses]

CHAINS = 4
"""Chains of pieces; fixed, so that the basis found does not depend on the machine."""

OPTIONS: dict[str, bool | int | float | str] = {
    "presolve": "off",
    "solver": "simplex",
    "threads": 1,
    "simplex_dual_edge_weight_strategy": 1,  # Devex: its weights cost nothing to start
    "dual_simplex_cost_perturbation_multiplier": 0.0,
    "simplex_initial_condition_check": False,  # a tenth of a short run
}


class Rung:
    """One cut at work: arrays of all pieces, their bases and values.

    Parameters
    ----------
    lp
        The LP of the whole, with its price columns.
    ladder, rung
        The cuts of its structure, and the one at work.

    Attributes
    ----------
    values
        Values of all held columns.
    columns, rows
        Statuses of all held columns and rows.
    optimal
        Which pieces have an optimum, shape (pieces,).
    iterations
        Simplex iterations so far, all pieces together.
    """

    def __init__(self, lp: SparseLP, ladder: Ladder, rung: Cut) -> None:
        self.lp, self.ladder, self.cut = lp, ladder, rung
        self.lower, self.upper = lp.lower[rung.columns], lp.upper[rung.columns]
        self.row_lower, self.row_upper = lp.row_lower[rung.rows], lp.row_upper[rung.rows]
        self.entries = lp.value[rung.entry]
        apart = ladder.tell_apart[rung.columns] * (1.0 + np.abs(lp.cost[rung.columns]))
        self.cost = lp.cost[rung.columns] + apart
        self.values = np.zeros(len(rung.columns))
        self.bases: list[highspy.HighsBasis | None] = [None] * rung.pieces
        self.columns = np.full(len(rung.columns), LOWER, np.int8)
        self.rows = np.full(len(rung.rows), BASIC, np.int8)
        self.optimal = np.zeros(rung.pieces, bool)
        self.iterations = 0

    def part(self, piece: int, cost: Array) -> SparseLP:
        """Give a piece as an LP, at the costs of all held columns."""
        columns, rows = self.cut.part_columns(piece), self.cut.part_rows(piece)
        entries = self.cut.part_entries(piece)
        return SparseLP(
            start=self.cut.part_start(piece),
            index=self.cut.index[entries],
            value=self.entries[entries],
            cost=cost[columns],
            lower=self.lower[columns],
            upper=self.upper[columns],
            row_lower=self.row_lower[rows],
            row_upper=self.row_upper[rows],
            offset=0.0,
        )

    def run(self, highs: highspy.Highs, piece: int) -> int:
        """Solve the piece that HiGHS holds, and keep its values and basis; gives its iterations."""
        highs.run()
        columns, rows = self.cut.part_columns(piece), self.cut.part_rows(piece)
        self.optimal[piece] = highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
        iterations = int(highs.getInfo().simplex_iteration_count)
        if not iterations and self.bases[piece] is not None:
            return 0  # the plan of last time
        self.bases[piece] = highs.getBasis()
        self.values[columns] = highs.getSolution().col_value
        found = read_out(
            highs,
            self.values[columns],
            lower=self.lower[columns],
            upper=self.upper[columns],
            row_lower=self.row_lower[rows],
            row_upper=self.row_upper[rows],
        )
        self.columns[columns], self.rows[rows] = found.columns, found.rows
        return iterations

    def twin(self, piece: int, other: int) -> Basis:
        """Carry the basis of another piece over: each step takes that of the same place in the other's."""
        where, rung = self.ladder.where, self.cut
        begin, length = int(rung.edges[other]), int(rung.edges[other + 1] - rung.edges[other])

        def carried(held: Ints, theirs: Ints, axis: Kinds, at: Ints, status: Statuses) -> Statuses:
            shift = np.where(axis[held] == 0, begin + (at[held] - rung.edges[piece]) % length - at[held], 0)
            place = np.searchsorted(theirs, held + shift)
            found = np.take(theirs, place, mode="clip") == held + shift
            return np.where(found, np.take(status, place, mode="clip"), BASIC).astype(np.int8)

        mine, theirs = rung.part_columns(piece), rung.part_columns(other)
        columns = carried(
            rung.columns[mine], rung.columns[theirs], where.column_axis, where.column_at, self.columns[theirs]
        )
        mine, theirs = rung.part_rows(piece), rung.part_rows(other)
        rows = carried(rung.rows[mine], rung.rows[theirs], where.row_axis, where.row_at, self.rows[theirs])
        return Basis(columns, rows)

    def alike(self, piece: int, other: int) -> bool:
        """Whether two pieces have the same pattern of columns."""
        return np.array_equal(self.cut.part_start(piece), self.cut.part_start(other))

    def charges(self, prices: Array) -> Array:
        """Give what prices of the coupling rows take off the cost of every held column, for the whole column."""
        joint = self.cut.couplings
        weights = self.lp.value[joint.entry] * prices[joint.row]
        return np.bincount(joint.held, weights=weights, minlength=len(self.cut.columns)).astype(np.float64)

    def plans(self) -> tuple[Array, Array]:
        """Give what the plan of every piece costs, and what it puts into the coupling rows.

        What tells plans of equal cost apart is in their costs, as it is when the pieces are solved.

        Returns
        -------
        ndarray, ndarray
            Shapes (pieces,) [CNY] and (pieces, couplings) [unit of the row].
        """
        joint, pieces, first = self.cut.couplings, self.cut.pieces, self.cut.column_first
        costs = np.add.reduceat(np.append(self.cost * self.cut.share * self.values, 0.0), first[:-1])
        place = (np.searchsorted(first, joint.held, side="right") - 1) * len(joint.rows) + joint.row
        put = self.lp.value[joint.entry] * self.cut.share[joint.held] * self.values[joint.held]
        puts = np.bincount(place, weights=put, minlength=pieces * len(joint.rows)).astype(np.float64)
        return costs, puts.reshape(pieces, len(joint.rows))

    def solve(self, begin: Basis | None, *, prices: Array, threads: int, pieces: Ints | None = None) -> int:
        """Solve pieces at the prices of the coupling rows; gives their iterations.

        Parameters
        ----------
        begin
            Basis of the whole to start from; None starts each piece from the one before. A piece solved before
            starts from its own.
        prices
            Shape (couplings,) [CNY per unit of the row].
        threads
            Most threads.
        pieces
            Those to solve; None takes all.
        """
        cost = (self.cost - self.charges(prices)) * self.cut.share
        pieces = np.arange(self.cut.pieces) if pieces is None else pieces
        chains = np.array_split(pieces, min(CHAINS, len(pieces)))
        with ThreadPoolExecutor(threads) as pool:
            iterations = sum(pool.map(lambda chain: self._walk(chain.tolist(), cost, begin), chains))
        self.iterations += iterations
        return iterations

    def _walk(self, chain: Sequence[int], cost: Array, begin: Basis | None) -> int:
        """Solve pieces one after the other; gives their iterations."""
        highs, last, iterations = quiet(), None, 0
        for piece in chain:
            hand_over(highs, self.part(piece, cost))
            self._start(highs, piece, begin, last)
            iterations += self.run(highs, piece)
            last = piece
        return iterations

    def _start(self, highs: highspy.Highs, piece: int, begin: Basis | None, last: int | None) -> None:
        """Hand a piece a basis: its own of last time, that of the whole, or that of the piece before."""
        columns, rows = self.cut.part_columns(piece), self.cut.part_rows(piece)
        if self.bases[piece] is not None:
            highs.setBasis(self.bases[piece])
        elif begin is not None:
            hand_in(highs, Basis(begin.columns[self.cut.columns[columns]], begin.rows[self.cut.rows[rows]]))
        elif last is not None and self.alike(piece, last):
            highs.setBasis(self.bases[last])
        elif last is not None:
            hand_in(highs, self.twin(piece, last))

    def glue(self, begin: Basis | None, coupling: Coupling | None = None) -> Basis:
        """Put the bases of all pieces together; a shared column is basic where any copy is.

        Parameters
        ----------
        begin
            How what no piece holds stands, where ``coupling`` does not say; None takes rows as basic.
        coupling
            Statuses of the coupling rows, the loose columns and the price columns, as a search for prices left them.

        Returns
        -------
        Basis
            Of the whole. Where copies of a column disagree it has a few basics too many or too few, which HiGHS mends.
        """
        height, width = self.lp.shape
        if begin is None:
            columns, rows = np.full(width, LOWER, np.int8), np.full(height, BASIC, np.int8)
        else:
            columns, rows = begin.columns.copy(), begin.rows.copy()
        columns[self.cut.columns] = self.columns
        columns[self.cut.columns[self.columns == BASIC]] = BASIC
        rows[self.cut.rows] = self.rows
        joint = self.cut.couplings
        if coupling is not None:
            mine = self.ladder.width + np.searchsorted(self.ladder.rows, joint.rows)
            rows[joint.rows], columns[joint.loose], columns[mine] = coupling
        return Basis(columns, rows)


def quiet() -> highspy.Highs:
    """Make a HiGHS that says nothing, with the options of pieces."""
    highs = Silent()
    for name, value in OPTIONS.items():
        highs.setOptionValue(name, value)
    return highs
