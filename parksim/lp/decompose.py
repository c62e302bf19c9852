"""Temporal crash: a basis for the whole horizon from the bases of its pieces.

The horizon is cut into pieces (:mod:`~parksim.lp.pieces`) of three days, of months and, where there are several, years.
The days are solved one after the other on a few threads, each from the basis of the one before; their bases together
are where the months start, theirs where the whole starts. HiGHS frees the interpreter while it solves, so threads are
enough. Whatever the pieces say, the answer is HiGHS's own optimum of the whole LP: a poor basis costs time, no truth.

Equal-cost optima are told apart by one small addition to the costs, the same for the pieces and the whole, so that all
of them choose alike; the last run takes it away again. HiGHS's own perturbation is off, since it differs from LP to LP.

Rows that couple the pieces (an annual cap, a month's limit among its days) enter by their price, for which the months
are asked (:mod:`~parksim.lp.search`). In the whole, every such row has a *price column*: fixed at zero, at the cost of
the price found. It is basic at the start and holds the dual of its row where the pieces had it. While it is free, the
row may be missed at its price and reaches nowhere, so that pivots that mend the pieces' ends are cheap; then it is
fixed.
"""

import os
from dataclasses import dataclass, replace

import numpy as np

from parksim.component import Array
from parksim.lp.basis import BASIC, LOWER, Basis, Flags
from parksim.lp.highs import Solution, Solver
from parksim.lp.ladder import Ladder
from parksim.lp.pieces import Ints
from parksim.lp.program import SparseLP
from parksim.lp.rung import CHAINS, OPTIONS, Rung
from parksim.lp.search import find_prices

PATIENCE = 1.0
"""Most iterations of the last run from the pieces' basis, over the number of rows; then it starts afresh."""

PATIENCE_AGAIN = 0.15
"""The same where the pieces started from an old basis; then they start from nothing."""

LOST = 0.5
"""Where more of the pieces than this have no optimum, the whole hardly has one, and presolve tells soonest [1]."""

FAR = 0.03
"""A row that is missed at the last prices by more than this, over its limit, needs new ones from the pieces [1]."""

NO_LIMIT = 2**31 - 1
"""HiGHS's own word for no limit of iterations."""


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

    @property
    def way(self) -> str:
        """How the optimum was found: ``pieces``, ``whole`` (nothing to cut) or ``afresh``."""
        if not self.pieces:
            return "whole"
        return "afresh" if self.afresh else "pieces"

    def then(self, after: "Told") -> "Told":
        """Add up two tries, of which the second gave the answer."""
        return replace(
            after,
            piece_iterations=self.piece_iterations + after.piece_iterations,
            iterations=self.iterations + after.iterations,
            failed=self.failed + after.failed,
            rounds=self.rounds + after.rounds,
        )


def cores() -> int:
    """Give the cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def climb(
    ladder: Ladder, lp: SparseLP, *, begin: Basis | None = None, prices: Array | None = None, threads: int | None = None
) -> tuple[Basis, Array, Told]:
    """Solve the pieces, rung by rung.

    Parameters
    ----------
    ladder
        The cuts of the structure.
    lp
        With price columns, see :meth:`Ladder.priced`.
    begin, prices
        Basis of the whole and prices of the coupling rows to start from, such as those of the last solution; pieces
        shorter than those that are asked for prices are then left out.
    threads
        Most threads; None takes the cores of this process.

    Returns
    -------
    Basis, ndarray, Told
        A basis for the whole, the prices of the coupling rows found, shape (couplings,) [CNY per unit of the row], and
        how it went.
    """
    threads = min(CHAINS, threads or cores())
    prices = np.zeros(len(ladder.rows)) if prices is None else prices.copy()
    first = 0 if begin is None else ladder.searched
    rungs = ladder.rungs[first:]
    iterations = failed = rounds = 0
    for number, rung in enumerate(rungs, start=first):
        mine, coupling = np.searchsorted(ladder.rows, rung.couplings.rows), None
        work = Rung(lp, ladder, rung)
        work.solve(begin, prices=prices[mine], threads=threads)
        if number == ladder.searched and len(mine) > 0 and work.optimal.all():
            found = find_prices(work, prices[mine], threads=threads)
            prices[mine], rounds, coupling = found.prices, found.rounds, found.coupling
        lp = replace(lp, cost=np.concatenate((lp.cost[: ladder.width], prices)))
        begin = work.glue(begin, coupling)
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
    ladder
        The cuts of the structure; without any, the LP is solved as it is.
    lp
        Without price columns.
    begin, prices, threads
        As :func:`climb`.

    Returns
    -------
    Solver, Solution, Told
        The solver holds the LP with its price columns behind the others. The solution may be other than optimal.

    Notes
    -----
    What leads nowhere is left. A basis of the pieces that needs more than ``PATIENCE`` iterations per row, or that ends
    without an optimum, is thrown away, and HiGHS solves the whole from nothing, presolved; pieces that started from an
    old basis are first tried anew without it, after ``PATIENCE_AGAIN`` iterations per row. Where more than ``LOST`` of
    the pieces have no optimum, their basis is not tried.
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
    if told.failed > LOST * sum(told.pieces):
        return _afresh(ladder, whole, told)
    solver = Solver(told_apart(ladder, whole), width=ladder.width, trim=True)
    for name, value in OPTIONS.items():
        solver.set_option(name, value)
    patience = PATIENCE if begin is None else PATIENCE_AGAIN
    limit = int(patience * len(lp.row_lower))
    solver.begin(basis)
    settled = settle_prices(ladder, solver, limit=limit)
    first, walked = settled.solution, settled.iterations
    told = replace(told, iterations=walked)
    if first.termination == "iteration_limit" and begin is not None:
        solver, found, again = solve(ladder, lp, threads=threads)
        return solver, found, told.then(again)
    if not first.optimal:
        return _afresh(ladder, whole, told)
    solver.change(whole)
    second = solver.run()
    told = replace(told, iterations=walked + second.iterations)
    return solver, replace(second, iterations=told.iterations), told


def _afresh(ladder: Ladder, whole: SparseLP, told: Told) -> tuple[Solver, Solution, Told]:
    """Solve the whole from nothing, with presolve."""
    solver = Solver(whole, presolve=True, width=ladder.width, trim=True)
    found = solver.run()
    solver.set_option("presolve", "off")
    told = replace(told, iterations=told.iterations + found.iterations, afresh=True)
    return solver, replace(found, iterations=told.iterations), told


def told_apart(ladder: Ladder, lp: SparseLP) -> SparseLP:
    """Add to the costs what tells plans of equal cost apart."""
    return replace(lp, cost=lp.cost + ladder.tell_apart * (1.0 + np.abs(lp.cost)))


@dataclass(frozen=True)
class Settled:
    """The last solution of a walk, all its iterations, and whether it was given up as too long."""

    solution: Solution
    iterations: int
    given_up: bool


def settle_prices(
    ladder: Ladder, solver: Solver, *, limit: int, narrow: int | None = None, also: Flags | None = None
) -> Settled:
    """Walk to the optimum of the LP that a solver holds, with price columns, from the basis it holds.

    First the rows that couple pieces may be missed at their prices: no row then reaches all over the horizon, and
    pivots are cheap. Then they hold, and the prices follow.

    Parameters
    ----------
    limit
        Most iterations in all.
    narrow
        Most iterations while all rows hold; with it, a row missed by more than ``FAR`` ends the walk before them.
    also
        Rows that may be missed at no price, shape (couplings,).
    """
    fixed, walked = solver.lp, 0
    loose = _loosened(ladder, fixed, also)
    solver.set_option("simplex_iteration_limit", limit)
    if loose is not fixed:
        solver.change(loose)
        found = solver.run()
        walked = found.iterations
        missed = np.abs(solver.own()) if found.optimal else np.zeros(0)
        solver.change(fixed)
        if not found.optimal:
            return Settled(found, walked, found.termination != "infeasible")  # what misses rows may be unbounded
        if narrow is not None:
            if np.any(missed > FAR * np.maximum(1.0, _bounds(fixed, ladder.rows))):
                return Settled(found, walked, True)
            limit = min(limit, walked + narrow)
        solver.set_option("simplex_iteration_limit", max(0, limit - walked))
    found = solver.run()
    solver.set_option("simplex_iteration_limit", NO_LIMIT)
    return Settled(found, walked + found.iterations, found.termination == "iteration_limit")


def _bounds(lp: SparseLP, rows: Ints) -> Array:
    """Give the size of the limit of each row."""
    low, high = lp.row_lower[rows], lp.row_upper[rows]
    return np.maximum(np.where(np.isfinite(low), np.abs(low), 0.0), np.where(np.isfinite(high), np.abs(high), 0.0))


def _loosened(ladder: Ladder, lp: SparseLP, also: Flags | None) -> SparseLP:
    """Set the price columns of inequalities free where they have a price that such a row can have.

    Equalities, such as the sum of a total, always hold.
    """
    prices, low, high = lp.cost[ladder.width :], lp.row_lower[ladder.rows], lp.row_upper[ladder.rows]
    free = np.where(prices > 0.0, np.isfinite(low), (prices < 0.0) & np.isfinite(high))
    if also is not None:
        free |= also & (prices == 0.0)
    free &= low < high
    if not free.any():
        return lp
    lower, upper = lp.lower.copy(), lp.upper.copy()
    lower[ladder.width :][free], upper[ladder.width :][free] = -np.inf, np.inf
    return replace(lp, lower=lower, upper=upper)
