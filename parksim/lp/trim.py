"""An LP without the columns that stand fixed: loads as given, what may not run, plants at night.

They are a third of the columns of a park with a battery, and all that a solver does on every run is done for them too.
What they put into the rows moves to the right sides.
"""

from dataclasses import replace

import numpy as np

from parksim.component import Array
from parksim.lp.basis import BASIC, LOWER, Basis, Flags, Statuses
from parksim.lp.program import SparseLP, inner

LEAST = 0.05
"""Where a smaller part of the columns is fixed, all stay."""

ENDLESS = 1e20
"""What HiGHS counts as infinite, and refuses where nothing may be; such a column stays, so that it is told."""

BLOATED = 1.1
"""A trim is made anew where it keeps so many times the columns it must."""


class Trim:
    """Which columns of the LPs of one pattern are kept.

    Parameters
    ----------
    lp
        Any of these LPs; only the pattern is read.
    kept
        The columns kept, shape (columns,).
    """

    def __init__(self, lp: SparseLP, kept: Flags) -> None:
        self.kept = kept
        self.fixed = np.flatnonzero(~kept)
        length = np.diff(lp.start)
        mine = np.repeat(kept, length)
        self._entry, self._left_out = np.flatnonzero(mine), np.flatnonzero(~mine)
        self._start = np.concatenate(([0], np.cumsum(length[kept]))).astype(np.int32)
        self._index = lp.index[self._entry]
        self._row = lp.index[self._left_out]
        self._of = np.repeat(np.arange(len(self.fixed)), length[self.fixed])

    def covers(self, lp: SparseLP) -> bool:
        """Whether all columns left out are fixed in this LP too."""
        return bool(np.all(_fixed(lp)[self.fixed]))

    def puts(self, lp: SparseLP) -> Array:
        """Give what the columns left out put into the rows, shape (rows,)."""
        weights = lp.value[self._left_out] * lp.lower[self.fixed][self._of]
        return np.bincount(self._row, weights=weights, minlength=lp.shape[0]).astype(np.float64)

    def constant(self, lp: SparseLP, cost: Array) -> float:
        """Give what the columns left out cost [CNY]."""
        return inner(cost[self.fixed], lp.lower[self.fixed])

    def of(self, lp: SparseLP) -> SparseLP:
        """Leave the fixed columns out."""
        puts = self.puts(lp)
        return replace(
            lp,
            start=self._start,
            index=self._index,
            value=lp.value[self._entry],
            cost=lp.cost[self.kept],
            lower=lp.lower[self.kept],
            upper=lp.upper[self.kept],
            row_lower=lp.row_lower - puts,
            row_upper=lp.row_upper - puts,
            offset=lp.offset + self.constant(lp, lp.cost),
        )

    def columns(self, lp: SparseLP, values: Array) -> Array:
        """Give the values of all columns from those of the kept ones."""
        found = lp.lower.copy()
        found[self.kept] = values
        return found

    def statuses(self, kept: Statuses) -> Statuses:
        """Give the statuses of all columns from those of the kept ones."""
        found = np.full(len(self.kept), LOWER, np.int8)
        found[self.kept] = kept
        return found


def _fixed(lp: SparseLP) -> Flags:
    """Tell which columns stand fixed, shape (columns,)."""
    found: Flags = (lp.lower == lp.upper) & (np.abs(lp.lower) < ENDLESS)
    return found


def trim_of(lp: SparseLP, *, width: int, basis: Basis | None, last: Trim | None) -> Trim | None:
    """Choose what to leave out of an LP.

    Parameters
    ----------
    width
        Columns behind are kept.
    basis
        Where the solver starts: a fixed column that is basic there is kept.
    last
        Taken again where it will do.

    Returns
    -------
    Trim or None
        None where hardly anything is fixed.
    """
    kept = ~_fixed(lp)
    kept[width:] = True
    if basis is not None:
        kept |= basis.columns == BASIC
    many = int(kept.sum())
    if last is not None and not np.any(kept & ~last.kept) and int(last.kept.sum()) <= BLOATED * many:
        return last
    return Trim(lp, kept) if 0 < many <= (1.0 - LEAST) * len(kept) else None
