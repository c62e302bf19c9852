"""The cuts of one structure, shortest pieces first, and the price columns of what couples them."""

from itertools import pairwise

import numpy as np

from parksim.component import Array
from parksim.lp.pieces import Ints, coupling_rows, cut, places, priced
from parksim.lp.program import Program, SparseLP

DAYS_H = 72.0
"""Length of the shortest pieces [h]."""

LEAST_H = 24.0 * 21
"""Horizons shorter than this are solved as they are [h]."""

MONTHS = 6
"""With fewer months, the shortest pieces are asked for prices."""

TELL_APART = 1e-6
"""Size of the addition to the costs, relative to 1 plus each cost."""


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
    rungs = [np.append(np.concatenate(days), steps), month]
    if len(year) < len(month):  # over the turn of a year, two months are two years: one cut is enough
        rungs.append(year)
    return [edges for edges in rungs if len(edges) > 2 and np.diff(edges).min() > 1]


class Ladder:
    """The cuts of one structure, made once.

    Parameters
    ----------
    program
        The structure.
    lp
        Any of its LPs; only the pattern is read.

    Attributes
    ----------
    rungs
        The cuts, shortest pieces first; none where the horizon is too short to be cut.
    searched
        Number of the cut that is asked for the prices of coupling rows, and begins where there is an old basis. Months
        hold the peaks of their charges as the whole does, and know the prices better than the shortest pieces; but a
        few of them say too little.
    rows
        Rows that couple pieces of the shortest rung, shape (couplings,); each has a price column.
    width
        Columns of the LP without price columns.
    where
        Places of columns and rows, price columns included.
    tell_apart
        Additions that tell equal-cost optima apart, relative to 1 plus each cost, shape (columns,) [1].
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
        enough = len(self.rungs) > 1 and (self.rungs[1].pieces >= MONTHS or not len(self.rows))
        self.searched = 1 if enough else 0
        self.where = where
        self.tell_apart = np.random.default_rng(0).uniform(0.5, 1.0, whole.shape[1]) * TELL_APART
        self.tell_apart[self.width :] = 0.0  # prices are prices

    def priced(self, lp: SparseLP, prices: Array) -> SparseLP:
        """Append a price column for every row that couples pieces: fixed at zero, 1 in its row, at the row's price.

        Parameters
        ----------
        lp
            Without price columns.
        prices
            Shape (couplings,) [CNY per unit of the row].
        """
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
