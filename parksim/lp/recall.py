"""Solved cases remembered: a new case starts from the bases of those that it is most like, month by month.

What a change of many numbers at once does to a basis cannot be told from the numbers. So a sample of the horizon, a few
days of every month, is solved at the new numbers first. Where its basis agrees with that of an earlier case on the days
of a month, so will the whole on that month. The basis to start from takes each month from the case that agrees best
there. A poor choice costs time, no truth.
"""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from parksim.component import Array
from parksim.lp.basis import Basis, Statuses
from parksim.lp.highs import Solver
from parksim.lp.ladder import Ladder
from parksim.lp.pieces import NOBODY, Ints, piece_of, ranks
from parksim.lp.program import Program, SparseLP
from parksim.lp.rung import OPTIONS
from parksim.lp.sample import sample_of

Bits = NDArray[np.uint8]

DAYS = 2
"""Days of every month in the sample; of a horizon within one month, days in all."""

ALSO = 0.02
"""How much a disagreement on any day counts beside one on the days of the month [1]."""

WORTH = 500
"""Disagreements with its own basis over the whole horizon from which on a solver starts from another one."""


@dataclass(frozen=True)
class Near:
    """Where to start.

    Parameters
    ----------
    basis
        Of the whole; where months of several cases meet it may have a few basics too many or too few.
    prices, puts
        Duals of the rows that couple pieces, and what the plan puts into them, of the case that agrees best, shapes
        (couplings,).
    """

    basis: Basis
    prices: Array
    puts: Array


@dataclass(frozen=True)
class Remembered:
    """A solved case; another solver of the same structure may :meth:`~Recall.learn` it.

    Parameters
    ----------
    sample
        Bits of what is basic in its sample, shape (months, bytes).
    whole
        Statuses of columns and rows of the whole in two layers of bits, shape (2, bytes).
    prices, puts
        As :class:`Near` has them.
    """

    sample: Bits
    whole: Bits
    prices: Array
    puts: Array


class Recall:
    """Cases of one structure. Not shared between threads.

    Parameters
    ----------
    program, ladder
        The structure and its cuts, of which there must be one.
    lp
        Any of its LPs; only the pattern is read.
    size
        Most cases remembered; the oldest is forgotten first. One of a year of hours takes about 30 kB.
    """

    def __init__(self, program: Program, ladder: Ladder, lp: SparseLP, *, size: int) -> None:
        edges = ladder.rungs[1].edges if len(ladder.rungs) > 1 else ladder.rungs[0].edges[[0, -1]]
        steps = _days(edges, max(1, round(24.0 / program.step_h)))
        self.size = size
        self.scale = int(edges[-1]) / len(steps)
        self._sample = sample_of(program, lp, steps)
        self._apart = ladder.tell_apart[self._sample.columns]
        columns, rows = piece_of(ladder.where, edges)
        whole = np.concatenate((columns, rows))
        self._width, self._length = len(columns), len(whole)
        self._members = [np.flatnonzero(whole == month) for month in range(len(edges) - 1)]
        month = np.concatenate((columns[self._sample.columns], rows[self._sample.rows]))
        self._mine = np.flatnonzero(month != NOBODY)
        self._line, self._place = month[self._mine], ranks(month[self._mine])
        self._solver: Solver | None = None
        self._looked: Bits | None = None
        self._known = self._packed(np.zeros(len(month), bool))[None][:0]
        self._cases: list[Remembered] = []
        self._own = NOBODY  # position of the case whose basis the solver of the whole holds

    def __len__(self) -> int:
        return len(self._cases)

    def near(self, lp: SparseLP) -> Near | None:
        """Look at an LP, and give where to start.

        None where the solver's own basis, of the last case kept, will do, where no case is remembered, and where the
        sample has no optimum.

        Parameters
        ----------
        lp
            Without price columns.
        """
        self._looked = self._look(lp)
        if self._looked is None or not self._cases:
            return None
        apart = np.bitwise_count(self._known ^ self._looked).sum(axis=2, dtype=np.int64)
        whole = apart.sum(axis=1)
        best, chosen = int(whole.argmin()), (apart + ALSO * whole[:, None]).argmin(axis=0)
        left = apart[chosen, np.arange(len(chosen))].sum()
        if self._own != NOBODY and self.scale * (whole[self._own] - left) < WORTH:
            return None
        case = self._cases[best]
        return Near(self._joined(best, chosen), case.prices, case.puts)

    def keep(self, basis: Basis, prices: Array, puts: Array) -> Remembered | None:
        """Remember the optimum of the LP looked at last, whose basis the solver of the whole holds.

        Parameters
        ----------
        basis
            Of the whole, price columns included.
        prices, puts
            As :class:`Near` has them.

        Returns
        -------
        Remembered or None
            For others; None where the sample had no optimum.
        """
        if self._looked is None:
            self._own = NOBODY
            return None
        status = np.concatenate((basis.columns, basis.rows)).astype(np.uint8)
        case = Remembered(self._looked, np.packbits([status & 1, status >> 1], axis=1), prices, puts)
        self._looked = None
        self.learn(case)
        self._own = len(self._cases) - 1
        return case

    def learn(self, case: Remembered) -> None:
        """Remember what another solver of the same structure kept."""
        self._cases.append(case)
        self._known = np.concatenate((self._known, case.sample[None]))[-self.size :]
        forgotten = len(self._cases) - len(self._known)
        del self._cases[:forgotten]
        self._own = max(self._own - forgotten, NOBODY)

    def forget_own(self) -> None:
        """Know that the solver of the whole has been given another basis than that of the case kept last."""
        self._own = NOBODY

    def _look(self, lp: SparseLP) -> Bits | None:
        """Solve the sample, and give what is basic by month; None where it has no optimum."""
        small = self._sample.of(lp)
        small = replace(small, cost=small.cost + self._apart * (1.0 + np.abs(small.cost)))
        if self._solver is None:
            self._solver = Solver(small, trim=True)
            for name, value in OPTIONS.items():
                self._solver.set_option(name, value)
        else:
            self._solver.change(small)
        return self._packed(np.concatenate(self._solver.basic())) if self._solver.proves() else None

    def _packed(self, marks: NDArray[np.bool_]) -> Bits:
        """Put marks of the sample's columns and rows into one line of bits for each month."""
        table = np.zeros((int(self._line.max()) + 1, int(self._place.max()) + 1), bool)
        table[self._line, self._place] = marks[self._mine]
        return np.packbits(table, axis=1)

    def _joined(self, best: int, chosen: Ints) -> Basis:
        """Take each month from the case chosen for it, and what lies in no month alone from the best."""
        joined = self._statuses(best)
        for case in np.unique(chosen[chosen != best]).tolist():
            own = self._statuses(case)
            for month in np.flatnonzero(chosen == case).tolist():
                members = self._members[month]
                joined[members] = own[members]
        return Basis(joined[: self._width], joined[self._width :])

    def _statuses(self, case: int) -> Statuses:
        """Give the statuses of the columns of a case, and behind them those of its rows."""
        low, high = np.unpackbits(self._cases[case].whole, axis=1, count=self._length)
        status: Statuses = (low | high << 1).astype(np.int8)
        return status


def _days(edges: Ints, day: int) -> Ints:
    """Choose the steps of a few days of every month, evenly; of a shorter one all steps."""
    chosen = []
    for begin, end in pairwise(edges.tolist()):
        whole = max(DAYS, (end - begin) // day)
        first = begin + (2 * np.arange(DAYS) + 1) * whole // (2 * DAYS) * day
        steps = (first[:, None] + np.arange(day)).ravel()
        chosen.append(steps[steps < end])
    return np.concatenate(chosen)
