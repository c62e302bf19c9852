"""A solver that stays alive: the numbers of the LP move, what was learnt stays.

Most changes leave the optimum near, and HiGHS walks there from the basis it holds, or from those of the earlier cases
that the new one is most like (:mod:`~parksim.lp.recall`). Where that takes longer than solving
the pieces of the horizon anew from the same basis (:mod:`~parksim.lp.decompose`), the pieces take over; and if they
lead nowhere either, the LP is solved from nothing. The optimum is HiGHS's own in all three ways.
"""

from dataclasses import dataclass, replace

import numpy as np

from parksim.component import Array
from parksim.lp import decompose
from parksim.lp.basis import Basis, Flags
from parksim.lp.decompose import NO_LIMIT, Told, settle_prices
from parksim.lp.highs import Solution, Solver
from parksim.lp.ladder import Ladder
from parksim.lp.pieces import Ints
from parksim.lp.program import Program, SparseLP
from parksim.lp.recall import Near, Recall, Remembered
from parksim.lp.rung import OPTIONS

WALK = 0.35
"""Most iterations of a walk, over the number of rows, before the pieces take over."""

NARROW = 0.02
"""The same while rows that couple pieces hold at prices that are new: these pivots are slow."""

BROKEN = 1e-6
"""How far a plan must miss a row to break it, relative."""

ENDED = ("optimal", "infeasible", "unbounded", "infeasible_or_unbounded")
"""Terminations that say something of the LP."""

LEAST = 500
"""Iterations that are never too many."""


@dataclass(frozen=True)
class Answer:
    """One optimum, and how it was found.

    Parameters
    ----------
    way
        ``walk`` (from the last basis, or those remembered), ``pieces again`` (from it too), or cold, see
        :attr:`Told.way`.
    """

    solution: Solution
    way: str
    told: Told


@dataclass(frozen=True)
class _Kept:
    """What is left of the last optimum."""

    solver: Solver
    basis: Basis
    columns: Array
    prices: Array


@dataclass(frozen=True)
class Left:
    """What is left of an optimum without its solver: a megabyte to go on from.

    Parameters
    ----------
    basis, columns, prices
        The basis, the plan, and the duals of the rows that couple pieces.
    """

    basis: Basis
    columns: Array
    prices: Array


@dataclass(frozen=True)
class Start:
    """An optimum to begin from in a new HiGHS.

    Parameters
    ----------
    lp
        With price columns.
    """

    lp: SparseLP
    basis: Basis
    columns: Array
    prices: Array


class Warm:
    """One LP at a time of one structure; each solve starts from an earlier optimum. Not shared between threads.

    Parameters
    ----------
    program
        The structure.
    threads
        Most threads for pieces; None takes the cores of this process.
    remember
        How many solved cases a new one may start from, see :mod:`~parksim.lp.recall`; 0 leaves the last one only.

    Attributes
    ----------
    recall
        The cases remembered; None before the first solve, and where none are.
    learnt
        What was remembered of the last LP; None where it had no optimum.
    """

    def __init__(self, program: Program, *, threads: int | None = None, remember: int = 0) -> None:
        self.program, self.threads, self.remember = program, threads, remember
        self._ladder: Ladder | None = None
        self.recall: Recall | None = None
        self.learnt: Remembered | None = None
        self._kept: _Kept | None = None

    def ladder(self, lp: SparseLP) -> Ladder:
        """Give the cuts of the structure, made with the first LP."""
        if self._ladder is None:
            self._ladder = Ladder(self.program, lp)
            if self.remember and self._ladder.rungs:
                self.recall = Recall(self.program, self._ladder, lp, size=self.remember)
        return self._ladder

    @property
    def solver(self) -> Solver:
        """The HiGHS that holds the last optimum.

        Raises
        ------
        LookupError
            If there is none: nothing was solved, or the last LP had no optimum.
        """
        if self._kept is None:
            msg = "no optimum is held; solve first"
            raise LookupError(msg)
        return self._kept.solver

    @property
    def start(self) -> Start | None:
        """The last optimum, for :meth:`begin`; None where none is held."""
        kept = self._kept
        return None if kept is None else Start(kept.solver.lp, kept.basis, kept.columns, kept.prices)

    def begin(self, start: Start | None) -> None:
        """Let the next solve begin in a new HiGHS, with nothing left of what was solved since the optimum of ``start``.

        Parameters
        ----------
        start
            From :attr:`start`; None begins from nothing.
        """
        self._kept = None
        if self.recall is not None:
            self.recall.forget_own()
        if start is not None:
            solver = Solver(start.lp, width=start.lp.shape[1] - len(start.prices), trim=True)
            solver.begin(start.basis)
            self._kept = _Kept(solver, start.basis, start.columns, start.prices)

    def solve(self, lp: SparseLP) -> Answer:
        """Find the optimum of an LP of this structure.

        Parameters
        ----------
        lp
            From ``program.fill``.

        Returns
        -------
        Answer
            Its solution may be other than optimal; the next solve then starts from nothing.
        """
        ladder, kept, self._kept = self.ladder(lp), self._kept, None
        near, self.learnt = None if self.recall is None else self.recall.near(lp), None
        solver, answer = self._cold(ladder, lp) if kept is None else self._hot(ladder, lp, kept, near)
        if answer.solution.optimal:
            prices = answer.solution.row_duals[ladder.rows]
            self._kept = _Kept(solver, solver.basis(answer.solution), answer.solution.columns, prices)
            if self.recall is not None:
                self.learnt = self.recall.keep(self._kept.basis, prices, answer.solution.rows[ladder.rows])
        return answer

    def put_by(self) -> Left | None:
        """Give what :meth:`take_up` goes on from later on; None where the last LP had no optimum."""
        kept = self._kept
        return None if kept is None else Left(kept.basis, kept.columns, kept.prices)

    def take_up(self, left: Left) -> None:
        """Go on from an earlier optimum of this structure; where no solver holds any, the next solve is cold."""
        if self._kept is not None:
            self._kept.solver.begin(left.basis)
            if self.recall is not None:
                self.recall.forget_own()
            self._kept = _Kept(self._kept.solver, left.basis, left.columns, left.prices)

    def _cold(self, ladder: Ladder, lp: SparseLP) -> tuple[Solver, Answer]:
        solver, solution, told = decompose.solve(ladder, lp, threads=self.threads)
        return solver, Answer(solution, told.way, told)

    def _hot(self, ladder: Ladder, lp: SparseLP, kept: _Kept, near: Near | None) -> tuple[Solver, Answer]:
        solver, rows = kept.solver, len(lp.row_lower)
        if near is None:
            begin, prices = kept.basis, kept.prices
            solver.change(ladder.priced(lp, prices))
            broken = _broken(lp, _put(lp, kept.columns, ladder.rows), ladder.rows)
        else:
            begin, prices = near.basis, near.prices
            solver.replace(ladder.priced(lp, prices), begin)
            broken = _broken(lp, near.puts, ladder.rows)
        for name, value in OPTIONS.items():
            solver.set_option(name, value)
        limit = max(LEAST, int(WALK * rows)) if ladder.rungs else NO_LIMIT
        settled = settle_prices(ladder, solver, limit=limit, narrow=max(LEAST, int(NARROW * rows)), also=broken)
        solver.set_option("simplex_iteration_limit", NO_LIMIT)
        if not settled.given_up and settled.solution.termination in ENDED:
            solution = replace(settled.solution, iterations=settled.iterations)
            return solver, Answer(solution, "walk", Told(iterations=settled.iterations))
        if not settled.given_up:  # HiGHS gave up on the old basis: numerics, no property of the LP
            return self._cold(ladder, lp)
        # An optimum that misses a limit by far at its old price is nearer than the old one.
        begin = solver.basis(settled.solution) if settled.solution.optimal else begin
        solver, solution, told = decompose.solve(ladder, lp, begin=begin, prices=prices, threads=self.threads)
        told = replace(told, iterations=told.iterations + settled.iterations)
        return solver, Answer(solution, "afresh" if told.afresh else "pieces again", told)


def _put(lp: SparseLP, columns: Array, rows: Ints) -> Array:
    """Give what a plan puts into some rows, shape (rows,)."""
    if not len(rows):
        return np.zeros(0)
    at = np.repeat(columns, np.diff(lp.start))
    return np.bincount(lp.index, weights=lp.value * at, minlength=lp.shape[0])[rows].astype(np.float64)


def _broken(lp: SparseLP, puts: Array, rows: Ints) -> Flags:
    """Tell which of some rows are broken by what is put into them, shape (rows,)."""
    size = BROKEN * np.maximum(1.0, np.abs(puts))
    return (puts < lp.row_lower[rows] - size) | (puts > lp.row_upper[rows] + size)
