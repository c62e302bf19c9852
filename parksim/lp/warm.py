"""A solver that stays alive: the numbers of the LP move, the last basis stays.

Most changes leave the optimum near, and HiGHS walks there from the basis it holds. Where that takes longer than solving
the pieces of the horizon anew from the same basis (:mod:`~parksim.lp.decompose`), the pieces take over; and if they
lead nowhere either, the LP is solved from nothing. The optimum is HiGHS's own in all three ways.
"""

from dataclasses import dataclass, replace

import numpy as np

from parksim.component import Array
from parksim.lp import decompose
from parksim.lp.basis import Basis
from parksim.lp.decompose import NO_LIMIT, Told
from parksim.lp.highs import Solution, Solver
from parksim.lp.ladder import Ladder
from parksim.lp.program import Program, SparseLP
from parksim.lp.rung import OPTIONS

WALK = 0.2
"""Most iterations from the last basis, over the number of rows, before the pieces take over."""


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
        ``walk`` (from the last basis), ``pieces again`` (from it too), or cold: see :attr:`Told.way`.
    """

    solution: Solution
    way: str
    told: Told


@dataclass(frozen=True)
class _Kept:
    """What is left of the last optimum."""

    solver: Solver
    basis: Basis
    prices: Array


class Warm:
    """One LP at a time of one structure; each solve starts from the last optimum. Not shared between threads.

    Parameters
    ----------
    program
        The structure.
    threads
        Most threads for pieces; None takes the cores of this process.
    """

    def __init__(self, program: Program, *, threads: int | None = None) -> None:
        self.program, self.threads = program, threads
        self._ladder: Ladder | None = None
        self._kept: _Kept | None = None

    def ladder(self, lp: SparseLP) -> Ladder:
        """Give the cuts of the structure, made with the first LP."""
        if self._ladder is None:
            self._ladder = Ladder(self.program, lp)
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
        solver, answer = self._cold(ladder, lp) if kept is None else self._hot(ladder, lp, kept)
        if answer.solution.optimal:
            prices = answer.solution.row_duals[ladder.rows]
            self._kept = _Kept(solver, solver.basis(answer.solution), prices)
        return answer

    def _cold(self, ladder: Ladder, lp: SparseLP) -> tuple[Solver, Answer]:
        solver, solution, told = decompose.solve(ladder, lp, threads=self.threads)
        return solver, Answer(solution, told.way, told)

    def _hot(self, ladder: Ladder, lp: SparseLP, kept: _Kept) -> tuple[Solver, Answer]:
        solver = kept.solver
        solver.change(ladder.priced(lp, np.zeros(len(ladder.rows))))
        for name, value in OPTIONS.items():
            solver.set_option(name, value)
        limit = max(LEAST, int(WALK * len(lp.row_lower))) if ladder.rungs else NO_LIMIT
        solver.set_option("simplex_iteration_limit", limit)
        solution = solver.run()
        solver.set_option("simplex_iteration_limit", NO_LIMIT)
        if solution.termination in ENDED:
            return solver, Answer(solution, "walk", Told(iterations=solution.iterations))
        if solution.termination != "iteration_limit":  # HiGHS gave up on the old basis: numerics, no property of the LP
            return self._cold(ladder, lp)
        walked = solution.iterations
        solver, solution, told = decompose.solve(ladder, lp, begin=kept.basis, prices=kept.prices, threads=self.threads)
        told = replace(told, iterations=told.iterations + walked)
        return solver, Answer(solution, "afresh" if told.afresh else "pieces again", told)
