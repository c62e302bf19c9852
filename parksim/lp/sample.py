"""Some steps of the horizon for all of it: a small LP whose plan looks like that of the whole, and no bound of it.

The steps taken follow one another as if nothing lay between, and each stands for as many as are left out: its costs and
what it puts into the rows of months and years count so much more. Columns and rows of periods stay as they are.
"""

from dataclasses import dataclass

import numpy as np

from parksim.component import Array
from parksim.lp.pieces import Ints
from parksim.lp.program import Pattern, Program, SparseLP, pattern_of


@dataclass(frozen=True)
class Sample:
    """A sample of the LPs of one structure, as index arrays into the LP of the whole.

    Parameters
    ----------
    columns, rows
        Columns and rows of the whole that are taken, shapes (columns,) and (rows,).
    cost_weight
        What the cost of each column is multiplied by [1].
    entry, entry_weight
        Slots in the matrix of the whole, and what the numbers there are multiplied by [1].
    pattern
        Where these entries stand; those of one place are added up.
    """

    columns: Ints
    rows: Ints
    cost_weight: Array
    entry: Ints
    entry_weight: Array
    pattern: Pattern

    def of(self, lp: SparseLP) -> SparseLP:
        """Take the sample of an LP; its constant stays."""
        return SparseLP(
            self.pattern.start,
            self.pattern.index,
            self.pattern.summed(lp.value[self.entry] * self.entry_weight),
            cost=lp.cost[self.columns] * self.cost_weight,
            lower=lp.lower[self.columns],
            upper=lp.upper[self.columns],
            row_lower=lp.row_lower[self.rows],
            row_upper=lp.row_upper[self.rows],
            offset=lp.offset,
        )


def sample_of(program: Program, lp: SparseLP, steps: Ints) -> Sample:
    """Choose some steps of the horizon.

    Parameters
    ----------
    program
        The structure.
    lp
        Any of its LPs; only the pattern is read.
    steps
        Steps taken, rising.
    """
    long = program.lengths["step"]
    weight = long / len(steps)
    height, width = lp.shape
    small_column, small_row = np.full(width, -1), np.full(height, -1)
    taken, kept = np.zeros(width, bool), np.zeros(height, bool)
    of_step, row_of_step = np.zeros(width, bool), np.zeros(height, bool)
    stands = np.searchsorted(steps, np.arange(long), side="right") - 1  # the step taken last, cyclic at the start
    for block in program.columns.values():
        of_step[block.slice] = block.over == "step"
        own = np.append(block.first + steps, np.arange(block.first + long, block.first + block.width))
        taken[own if block.over == "step" else block.slice] = True
    for row in program.rows.values():
        row_of_step[row.slice] = row.over == "step"
        kept[row.first + steps if row.over == "step" else row.slice] = True
    small_column[taken], small_row[kept] = np.arange(taken.sum()), np.arange(kept.sum())
    for block in program.columns.values():
        if block.over == "step":
            small_column[block.slice] = small_column[block.first + steps][stands]
    at = lp.column
    entry = np.flatnonzero((small_row[lp.index] >= 0) & (row_of_step[lp.index] | taken[at]))
    of_row, column = lp.index[entry], at[entry]
    return Sample(
        columns=np.flatnonzero(taken),
        rows=np.flatnonzero(kept),
        cost_weight=np.where(of_step[taken], weight, 1.0),
        entry=entry,
        entry_weight=np.where(of_step[column] & ~row_of_step[of_row], weight, 1.0),
        pattern=pattern_of(small_row[of_row], small_column[column], int(kept.sum()), int(taken.sum())),
    )
