"""Cut the horizon into pieces, each an LP of its own, as index arrays into the LP of the whole.

What belongs to one piece: the columns and rows of its steps, and of every month or year that lies in it whole. What
several pieces share is told apart:

* a *coupling row* is a row of a month, a year or the horizon that more than one piece touches; no piece holds it, and
  its price enters the costs of the pieces instead;
* a *shared column* (the peak of a month) stands in rows of steps; every piece holds a copy that pays its share;
* a *loose column* (a year's total) stands in coupling rows only; no piece holds it.

The content before the first step of a piece is taken as that at its end: each store closes on itself. Only the first
piece of a store with a given start begins there.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parksim.component import Array
from parksim.lp.program import Program, SparseLP

Ints = NDArray[np.int64]

NOBODY = -1
"""Position of what no piece holds."""


@dataclass(frozen=True)
class Places:
    """Where in time every column and row stands.

    Parameters
    ----------
    column_axis, row_axis
        0 for a step, else the number of the period axis (1 month, 2 year, 3 the horizon).
    column_at, row_at
        Step, or position on the period axis.
    column_first
        First column of the block that a column belongs to.
    periods
        Period of every step, by period axis.
    prices
        Price columns at the end, see :func:`priced`; they follow their row, and no master holds them.
    """

    column_axis: NDArray[np.int8]
    column_at: Ints
    column_first: Ints
    row_axis: NDArray[np.int8]
    row_at: Ints
    periods: tuple[Ints, ...]
    prices: int = 0

    @property
    def steps(self) -> int:
        """Number of steps."""
        return len(self.periods[0])


_AXES = {"step": 0, "month": 1, "year": 2, "once": 3}
"""What a block stands over, to the number of its axis."""


def places(program: Program) -> Places:
    """Read the places of all columns and rows off the layout of a program."""
    column_axis, column_at = np.zeros(program.width, np.int8), np.zeros(program.width, np.int64)
    column_first = np.arange(program.width)
    for block in program.columns.values():
        column_axis[block.slice], column_at[block.slice] = _AXES[block.over], np.arange(block.length)
        column_first[block.slice] = block.first  # the fixed start of a level stays at step 0, in a block of its own
    row_axis, row_at = np.zeros(program.height, np.int8), np.zeros(program.height, np.int64)
    for row in program.rows.values():
        row_axis[row.slice], row_at[row.slice] = _AXES[row.over], np.arange(row.length)
    steps = np.zeros(program.lengths["step"], np.int64)
    periods = (np.arange(len(steps)), program.maps.month, program.maps.year, steps)
    return Places(column_axis, column_at, column_first, row_axis, row_at, periods)


def priced(where: Places, rows: Ints) -> Places:
    """Append the place of one column for each of ``rows``: at the time of its row, in a block of its own."""
    width = len(where.column_at)
    return Places(
        np.concatenate((where.column_axis, where.row_axis[rows])),
        np.concatenate((where.column_at, where.row_at[rows])),
        np.concatenate((where.column_first, np.arange(width, width + len(rows)))),
        where.row_axis,
        where.row_at,
        where.periods,
        len(rows),
    )


@dataclass(frozen=True)
class Couplings:
    """Entries of the coupling rows: those of columns that pieces hold, and those of loose columns.

    Parameters
    ----------
    rows
        Coupling rows of the whole, shape (couplings,).
    loose
        Loose columns of the whole, shape (loose,).
    entry, row, held
        Slot in the matrix, position among ``rows``, and position among the held columns of all pieces.
    loose_entry, loose_row, loose_at
        The same for loose columns; the last is the position among ``loose``.
    """

    rows: Ints
    loose: Ints
    entry: Ints
    row: Ints
    held: Ints
    loose_entry: Ints
    loose_row: Ints
    loose_at: Ints


@dataclass(frozen=True)
class Cut:
    """The horizon in pieces; arrays of all pieces stand one behind the other, piece ``p`` in ``first[p]:first[p+1]``.

    Parameters
    ----------
    edges
        First step of every piece, and the end, shape (pieces + 1,).
    columns, column_first
        Columns of the whole that the pieces hold, and where those of each piece begin.
    share
        Part of its cost that each held column pays [1]: 1, or less for the copy of a shared one.
    rows, row_first
        Rows of the whole that the pieces hold, and where those of each piece begin.
    start
        Where the entries of each held column begin, among those of its piece, shape (held columns + pieces,).
    entry, index, entry_first
        Slot in the matrix of the whole and row within the piece of every entry; where those of each piece begin.
    couplings
        The coupling rows.
    """

    edges: Ints
    columns: Ints
    column_first: Ints
    share: Array
    rows: Ints
    row_first: Ints
    start: NDArray[np.int32]
    entry: Ints
    index: NDArray[np.int32]
    entry_first: Ints
    couplings: Couplings

    @property
    def pieces(self) -> int:
        """Number of pieces."""
        return len(self.edges) - 1

    def part_columns(self, piece: int) -> slice:
        """Held columns of a piece."""
        return slice(int(self.column_first[piece]), int(self.column_first[piece + 1]))

    def part_rows(self, piece: int) -> slice:
        """Held rows of a piece."""
        return slice(int(self.row_first[piece]), int(self.row_first[piece + 1]))

    def part_entries(self, piece: int) -> slice:
        """Entries of a piece."""
        return slice(int(self.entry_first[piece]), int(self.entry_first[piece + 1]))

    def part_start(self, piece: int) -> NDArray[np.int32]:
        """Column starts of a piece."""
        return self.start[int(self.column_first[piece]) + piece : int(self.column_first[piece + 1]) + piece + 1]


def _spans(where: Places, piece_of_step: Ints) -> Mapping[int, tuple[Ints, Ints]]:
    """First and last piece that each period touches, by axis."""
    spans = {0: (piece_of_step, piece_of_step)}
    for axis in (1, 2, 3):
        of_step = where.periods[axis]
        length = int(of_step[-1]) + 1
        first, last = np.searchsorted(of_step, np.arange(length)), np.searchsorted(of_step, np.arange(1, length + 1))
        spans[axis] = piece_of_step[first], piece_of_step[last - 1]
    return spans


def _reach(axis: NDArray[np.int8], at: Ints, spans: Mapping[int, tuple[Ints, Ints]]) -> tuple[Ints, Ints]:
    """First and last piece that each column or row touches."""
    first, last = np.empty(len(at), np.int64), np.empty(len(at), np.int64)
    for number, (low, high) in spans.items():
        mine = axis == number
        first[mine], last[mine] = low[at[mine]], high[at[mine]]
    return first, last


def _counted(many: Ints) -> Ints:
    """Count from 0 up to each of ``many``, one run behind the other."""
    return np.arange(int(many.sum())) - np.repeat(np.cumsum(many) - many, many)


def ranks(groups: Ints) -> Ints:
    """Count off the members of every group, in the order given."""
    place = np.empty(len(groups), np.int64)
    place[np.argsort(groups, kind="stable")] = _counted(np.bincount(groups))
    return place


def _held(low: Ints, high: Ints, *, own: Ints, copied: Ints) -> tuple[Ints, Ints]:
    """Give the piece and the column of every held column, in this order; shared ones stand in each of their pieces."""
    many = high[copied] - low[copied] + 1
    piece = np.concatenate((low[own], np.repeat(low[copied], many) + _counted(many)))
    column = np.concatenate((own, np.repeat(copied, many)))
    order = np.lexsort((column, piece))
    return piece[order], column[order]


def _shares(where: Places, columns: Ints, piece: Ints, piece_of_step: Ints) -> Array:
    """Part of its period that each copy of a shared column covers."""
    share = np.ones(len(columns))
    for axis in (1, 2, 3):
        mine = where.column_axis[columns] == axis
        if not mine.any():
            continue
        of_step = where.periods[axis]
        pieces = int(piece_of_step[-1]) + 1
        both = np.bincount(of_step * pieces + piece_of_step, minlength=(int(of_step[-1]) + 1) * pieces)
        at = where.column_at[columns[mine]]
        share[mine] = both[at * pieces + piece[mine]] / np.bincount(of_step)[at]
    return share


def piece_of(where: Places, edges: Ints) -> tuple[Ints, Ints]:
    """Tell the piece of every column and every row; ``NOBODY`` for those that more than one piece touches."""
    spans = _spans(where, np.repeat(np.arange(len(edges) - 1), np.diff(edges)))
    (low, high), (row_low, row_high) = (
        _reach(axis, at, spans) for axis, at in ((where.column_axis, where.column_at), (where.row_axis, where.row_at))
    )
    return np.where(low == high, low, NOBODY), np.where(row_low == row_high, row_low, NOBODY)


def coupling_rows(where: Places, edges: Ints) -> Ints:
    """Rows that more than one piece touches."""
    return np.flatnonzero(piece_of(where, edges)[1] == NOBODY)


def cut(lp: SparseLP, where: Places, edges: Ints) -> Cut:
    """Cut an LP at the steps ``edges``.

    Parameters
    ----------
    lp
        Any LP of the structure; only its pattern is read.
    where
        Places of its columns and rows.
    edges
        First step of every piece, and the number of steps; every piece has two steps at least.
    """
    height, width = lp.shape
    pieces = len(edges) - 1
    piece_of_step = np.repeat(np.arange(pieces), np.diff(edges))
    spans = _spans(where, piece_of_step)
    row_low, row_high = _reach(where.row_axis, where.row_at, spans)
    low, high = _reach(where.column_axis, where.column_at, spans)
    coupling, shared = row_low < row_high, low < high

    row, slot = lp.index.astype(np.int64), np.arange(len(lp.index))
    column = lp.column
    bound = ~coupling[row]
    loose = shared & (np.bincount(column[bound], minlength=width) == 0)
    copied = np.flatnonzero(shared & ~loose)
    loose[width - where.prices :] = False

    held_piece, held_column = _held(low, high, own=np.flatnonzero(~shared), copied=copied)
    column_first = np.searchsorted(held_piece, np.arange(pieces + 1))
    key = held_piece * width + held_column

    held_rows = np.flatnonzero(~coupling)
    held_rows = held_rows[np.argsort(row_low[held_rows], kind="stable")]
    row_first = np.searchsorted(row_low[held_rows], np.arange(pieces + 1))
    local_row = np.full(height, NOBODY)
    local_row[held_rows] = np.arange(len(held_rows)) - row_first[row_low[held_rows]]

    entry, entry_row, entry_column = slot[bound], row[bound], column[bound]
    piece = row_low[entry_row]
    before = (piece < low[entry_column]) | (piece > high[entry_column])  # the content before the first step
    at_end = where.column_first[entry_column] + edges[1:][piece] - 1
    entry_column = np.where(before, at_end, entry_column)
    held = np.searchsorted(key, piece * width + entry_column)
    order = np.argsort(held, kind="stable")
    entry, held, entry_row = entry[order], held[order], entry_row[order]
    entry_first = np.searchsorted(held, column_first)
    begins = np.searchsorted(held, np.arange(len(held_column) + 1))
    starts = [begins[column_first[p] : column_first[p + 1] + 1] - entry_first[p] for p in range(pieces)]
    return Cut(
        edges=edges,
        columns=held_column,
        column_first=column_first,
        share=_shares(where, held_column, held_piece, piece_of_step),
        rows=held_rows,
        row_first=row_first,
        start=np.concatenate(starts).astype(np.int32),
        entry=entry,
        index=local_row[entry_row].astype(np.int32),
        entry_first=entry_first,
        couplings=_couplings(coupling, loose, row=row, column=column, slot=slot, held=held_column, prices=where.prices),
    )


def _couplings(
    coupling: NDArray[np.bool_],
    loose: NDArray[np.bool_],
    *,
    row: Ints,
    column: Ints,
    slot: Ints,
    held: Ints,
    prices: int,
) -> Couplings:
    rows, columns = np.flatnonzero(coupling), np.flatnonzero(loose)
    at_row = np.full(len(coupling), NOBODY)
    at_row[rows] = np.arange(len(rows))
    mine = coupling[row] & (column < len(loose) - prices)
    row, column, slot = at_row[row[mine]], column[mine], slot[mine]
    free = loose[column]
    at_loose = np.cumsum(loose) - 1
    # Every copy of a shared column counts for its share, so its entry stands once for each copy.
    order = np.argsort(held, kind="stable")
    first, last = (np.searchsorted(held[order], column[~free], side=side) for side in ("left", "right"))
    many = last - first
    return Couplings(
        rows=rows,
        loose=columns,
        entry=np.repeat(slot[~free], many),
        row=np.repeat(row[~free], many),
        held=order[np.repeat(first, many) + _counted(many)],
        loose_entry=slot[free],
        loose_row=row[free],
        loose_at=at_loose[column[free]],
    )
