"""Temporal crash: a basis for the whole horizon from the bases of its pieces.

The horizon is cut into pieces (:mod:`~parksim.lp.pieces`) of three days, of months and, where there are several, years.
The days are solved one after the other on a few threads, each from the basis of the one before; their bases together
are where the months start, theirs where the whole starts. HiGHS frees the interpreter while it solves, so threads are
enough. Whatever the pieces say, the answer is HiGHS's own optimum of the whole LP: a poor basis costs time, no truth.

Equal-cost optima are told apart by one small addition to the costs, the same for the pieces and the whole, so that all
of them choose alike; the last run takes it away again. HiGHS's own perturbation is off, since it differs from LP to LP.

Rows that couple the pieces (an annual cap, a month's limit among its days) enter by their price
(:mod:`~parksim.lp.prices`). In the whole, every such row has a *price column*: fixed at zero, at the cost of the price
found. It is basic at the start, holds the dual of its row where the pieces had it, and leaves in the first pivots.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise

import highspy
import numpy as np

from parksim.component import Array
from parksim.lp.basis import BASIC, LOWER, Basis, hand_in, read_out
from parksim.lp.highs import Solution, Solver
from parksim.lp.pieces import Cut, Ints, coupling_rows, cut, places, priced
from parksim.lp.prices import PriceSearch
from parksim.lp.program import Program, SparseLP

DAYS_H = 72.0
"""Length of the shortest pieces [h]."""

LEAST_H = 24.0 * 21
"""Horizons shorter than this are solved as they are [h]."""

CHAINS = 4
"""Chains of pieces; fixed, so that the basis found does not depend on the machine."""

TELL_APART = 1e-6
"""Size of the addition to the costs, relative to 1 plus each cost."""

ROUNDS = 12
"""Most times that the pieces are asked for the prices of coupling rows."""

PATIENCE = 1.0
"""Most iterations of the last run from the pieces' basis, over the number of rows; then it starts afresh."""

PATIENCE_AGAIN = 0.15
"""The same where the pieces started from an old basis; then they start from nothing."""

NO_LIMIT = 2**31 - 1
"""HiGHS's own word for no limit of iterations."""

OPTIONS: dict[str, bool | int | float | str] = {
    "presolve": "off",
    "solver": "simplex",
    "threads": 1,
    "simplex_dual_edge_weight_strategy": 1,  # Devex: its weights cost nothing to start
    "dual_simplex_cost_perturbation_multiplier": 0.0,
    "simplex_initial_condition_check": False,  # a tenth of a short run
}


@dataclass(frozen=True)
class Told:
    """How a solve by pieces went.

    Parameters
    ----------
    pieces
        Number of pieces by rung, shortest first; empty where the LP was solved as it is.
    piece_iterations, iterations
        Simplex iterations of all pieces together, and of the whole.
    failed
        Pieces without an optimum; their share of the basis is a guess.
    rounds
        Times that the pieces were asked for prices.
    afresh
        Whether the basis was thrown away and the whole solved from nothing.
    """

    pieces: tuple[int, ...] = ()
    piece_iterations: int = 0
    iterations: int = 0
    failed: int = 0
    rounds: int = 0
    afresh: bool = False

    def then(self, after: "Told") -> "Told":
        """Add up two tries, of which the second gave the answer."""
        return replace(
            after,
            piece_iterations=self.piece_iterations + after.piece_iterations,
            iterations=self.iterations + after.iterations,
            failed=self.failed + after.failed,
            rounds=self.rounds + after.rounds,
        )


def _edges(program: Program) -> list[Ints]:
    """First steps of the pieces of every rung, shortest first; a rung has two pieces at least."""
    steps = program.lengths["step"]
    month = np.append(np.searchsorted(program.maps.month, np.arange(program.lengths["month"])), steps)
    year = np.append(np.searchsorted(program.maps.year, np.arange(program.lengths["year"])), steps)
    day = max(1, round(24.0 / program.step_h))
    days = [
        begin + (end - begin) * np.arange(parts) // parts // day * day
        for begin, end in pairwise(month.tolist())
        for parts in [max(1, round((end - begin) * program.step_h / DAYS_H))]
    ]
    rungs = [np.append(np.concatenate(days), steps), month, year]
    return [edges for edges in rungs if len(edges) > 2 and np.diff(edges).min() > 1]


class Ladder:
    """The cuts of one structure, made once.

    Parameters
    ----------
    program
        The structure.
    lp
        Any of its LPs; only the pattern is read.
    """

    def __init__(self, program: Program, lp: SparseLP) -> None:
        where = places(program)
        long = program.lengths["step"] * program.step_h >= LEAST_H
        edges = _edges(program) if long else []
        self.rows = coupling_rows(where, edges[0]) if edges else np.zeros(0, np.int64)
        self.width = lp.shape[1]
        where = priced(where, self.rows)
        whole = self.priced(lp, np.zeros(len(self.rows)))
        self.rungs = [cut(whole, where, each) for each in edges]
        self.where = where
        self.tell_apart = np.random.default_rng(0).uniform(0.5, 1.0, whole.shape[1]) * TELL_APART

    def priced(self, lp: SparseLP, prices: Array) -> SparseLP:
        """Append a price column for every row that couples pieces."""
        extra = len(self.rows)
        if not extra:
            return lp
        last = int(lp.start[-1])
        nought = np.zeros(extra)
        return SparseLP(
            start=np.concatenate((lp.start, last + np.arange(1, extra + 1))).astype(np.int32),
            index=np.concatenate((lp.index, self.rows)).astype(np.int32),
            value=np.concatenate((lp.value, np.ones(extra))),
            cost=np.concatenate((lp.cost, prices)),
            lower=np.concatenate((lp.lower, nought)),
            upper=np.concatenate((lp.upper, nought)),
            row_lower=lp.row_lower,
            row_upper=lp.row_upper,
            offset=lp.offset,
        )


class _Rung:
    """One cut at work: arrays of all pieces, their bases and values."""

    def __init__(self, lp: SparseLP, ladder: Ladder, rung: Cut, *, prices: Array, near: bool) -> None:
        self.lp, self.ladder, self.cut = lp, ladder, rung
        self.search = PriceSearch(lp, rung, begin=prices, near=near)
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

    def hand_over(self, highs: highspy.Highs, piece: int, cost: Array) -> None:
        """Give a piece to HiGHS."""
        columns, rows, entries = (
            self.cut.part_columns(piece),
            self.cut.part_rows(piece),
            self.cut.part_entries(piece),
        )
        width = columns.stop - columns.start
        highs.passModel(
            width,
            rows.stop - rows.start,
            entries.stop - entries.start,
            int(highspy.MatrixFormat.kColwise),
            int(highspy.ObjSense.kMinimize),
            0.0,
            cost[columns],
            self.lower[columns],
            self.upper[columns],
            self.row_lower[rows],
            self.row_upper[rows],
            self.cut.part_start(piece),
            self.cut.index[entries],
            self.entries[entries],
            np.zeros(width, np.int32),
        )

    def run(self, highs: highspy.Highs, piece: int) -> int:
        """Solve the piece that HiGHS holds, and keep its values and basis."""
        highs.run()
        columns, rows = self.cut.part_columns(piece), self.cut.part_rows(piece)
        self.optimal[piece] = highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
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
        return int(highs.getInfo().simplex_iteration_count)

    def twin(self, piece: int, other: int) -> Basis:
        """Carry the basis of another piece over: each step takes that of the same place in the other's."""
        where, rung = self.ladder.where, self.cut
        begin, length = int(rung.edges[other]), int(rung.edges[other + 1] - rung.edges[other])
        columns, rows = rung.columns[rung.part_columns(piece)], rung.rows[rung.part_rows(piece)]
        mine, theirs = rung.columns[rung.part_columns(other)], rung.rows[rung.part_rows(other)]
        shift = begin + (where.column_at[columns] - rung.edges[piece]) % length - where.column_at[columns]
        same = np.searchsorted(mine, columns + np.where(where.column_axis[columns] == 0, shift, 0))
        same = np.where(
            np.take(mine, same, mode="clip") == columns + np.where(where.column_axis[columns] == 0, shift, 0), same, -1
        )
        status = np.where(same >= 0, self.columns[rung.part_columns(other)][same], BASIC)
        shift = begin + (where.row_at[rows] - rung.edges[piece]) % length - where.row_at[rows]
        wanted = rows + np.where(where.row_axis[rows] == 0, shift, 0)
        same = np.searchsorted(theirs, wanted)
        same = np.where(np.take(theirs, same, mode="clip") == wanted, same, -1)
        row_status = np.where(same >= 0, self.rows[rung.part_rows(other)][same], BASIC)
        return Basis(status.astype(np.int8), row_status.astype(np.int8))

    def alike(self, piece: int, other: int) -> bool:
        """Whether two pieces have the same pattern of columns."""
        return np.array_equal(self.cut.part_start(piece), self.cut.part_start(other))

    def solve(self, begin: Basis | None, prices: Array, threads: int) -> None:
        """Solve all pieces at the prices of the coupling rows.

        Parameters
        ----------
        begin
            Basis of the whole to start from; None starts each piece from the one before.
        """
        cost = (self.cost - self.search.charges(prices)) * self.cut.share
        chains = np.array_split(np.arange(self.cut.pieces), min(CHAINS, self.cut.pieces))

        def work(chain: Ints) -> int:
            highs, last, iterations = _quiet(), None, 0
            for piece in chain.tolist():
                held = self.bases[piece]
                if held is None and begin is None and last is not None and self.alike(piece, last):
                    held = self.bases[last]
                self.hand_over(highs, piece, cost)
                if held is not None:
                    highs.setBasis(held)
                elif begin is not None:
                    columns, rows = (
                        self.cut.columns[self.cut.part_columns(piece)],
                        self.cut.rows[self.cut.part_rows(piece)],
                    )
                    hand_in(highs, Basis(begin.columns[columns], begin.rows[rows]))
                elif last is not None:
                    hand_in(highs, self.twin(piece, last))
                iterations += self.run(highs, piece)
                last = piece
            return iterations

        with ThreadPoolExecutor(threads) as pool:
            self.iterations += sum(pool.map(work, chains))

    def glue(self, begin: Basis | None, *, searched: bool) -> Basis:
        """Put the bases of all pieces together; a shared column is basic where any copy is.

        What no piece holds stands as the search for prices found it, or else as in ``begin``.
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
        if len(joint.rows) and searched:
            mine = self.ladder.width + np.searchsorted(self.ladder.rows, joint.rows)
            rows[joint.rows], columns[joint.loose], columns[mine] = self.search.statuses(mine)
        return Basis(columns, rows)


def _quiet() -> highspy.Highs:
    highs = highspy.Highs()
    highs.silent()
    for name, value in OPTIONS.items():
        highs.setOptionValue(name, value)
    return highs


def cores() -> int:
    """Give the cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def climb(
    ladder: Ladder, lp: SparseLP, *, begin: Basis | None = None, prices: Array | None = None, threads: int | None = None
) -> tuple[Basis, Array, Told]:
    """Solve the pieces, rung by rung.

    Parameters
    ----------
    lp
        With price columns, see :meth:`Ladder.priced`.
    begin, prices
        Basis of the whole and prices of the coupling rows to start from, such as those of the last solution; the
        shortest pieces are then left out.
    threads
        Most threads; None takes the cores of this process.

    Returns
    -------
    Basis, ndarray, Told
        A basis for the whole, the prices of the coupling rows found, shape (couplings,) [CNY per unit of the row].
    """
    threads = min(CHAINS, threads or cores())
    prices = np.zeros(len(ladder.rows)) if prices is None else prices.copy()
    rungs = ladder.rungs[1:] if begin is not None and len(ladder.rungs) > 1 else ladder.rungs
    iterations = failed = rounds = 0
    near = bool(np.any(prices))
    for number, rung in enumerate(rungs):
        mine = np.searchsorted(ladder.rows, rung.couplings.rows)
        work = _Rung(lp, ladder, rung, prices=prices[mine], near=near)
        work.solve(begin, prices[mine], threads)
        search = number == 0 and len(mine) > 0
        for _ in range(ROUNDS if search else 0):
            rounds += 1
            if not (work.optimal.all() and work.search.propose(work.values, prices[mine])):
                break
            prices[mine] = work.search.prices
            work.solve(None, prices[mine], threads)
        lp = replace(lp, cost=np.concatenate((lp.cost[: ladder.width], prices)))
        begin = work.glue(begin, searched=search and rounds > 0 and work.search.found)
        iterations += work.iterations
        failed += int((~work.optimal).sum())
    if begin is None:
        begin = Basis(np.full(lp.shape[1], LOWER, np.int8), np.full(lp.shape[0], BASIC, np.int8))
    return begin, prices, Told(tuple(rung.pieces for rung in rungs), iterations, failed=failed, rounds=rounds)


def solve(
    ladder: Ladder, lp: SparseLP, *, begin: Basis | None = None, prices: Array | None = None, threads: int | None = None
) -> tuple[Solver, Solution, Told]:
    """Solve an LP by its pieces; the optimum is that of the whole LP, as HiGHS proves it.

    Parameters
    ----------
    lp
        Without price columns.
    begin, prices, threads
        As :func:`climb`.

    Returns
    -------
    Solver, Solution, Told
        The solver holds the LP with its price columns behind the others.
    """
    if not ladder.rungs:
        solver = Solver(lp)
        found = solver.run()
        return solver, found, Told(iterations=found.iterations)
    basis, found_prices, told = climb(
        ladder,
        ladder.priced(lp, np.zeros(len(ladder.rows)) if prices is None else prices),
        begin=begin,
        prices=prices,
        threads=threads,
    )
    whole = ladder.priced(lp, found_prices)
    apart = whole.cost + ladder.tell_apart * (1.0 + np.abs(whole.cost))
    solver = Solver(replace(whole, cost=apart), width=ladder.width)
    for name, value in OPTIONS.items():
        solver.set_option(name, value)
    patience = PATIENCE if begin is None else PATIENCE_AGAIN
    solver.set_option("simplex_iteration_limit", int(patience * len(lp.row_lower)))
    hand_in(solver.highs, basis)
    first = solver.run()
    told = replace(told, iterations=first.iterations)
    if first.termination == "iteration_limit" and begin is not None:
        solver, found, again = solve(ladder, lp, threads=threads)
        return solver, found, told.then(again)
    solver.set_option("simplex_iteration_limit", NO_LIMIT)
    if afresh := not first.optimal:
        solver = Solver(whole, width=ladder.width)
    else:
        solver.change(whole)
    second = solver.run()
    told = replace(told, iterations=first.iterations + second.iterations, afresh=afresh)
    return solver, replace(second, iterations=told.iterations), told
