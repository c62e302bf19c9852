"""The Program: declared once per structure, filled with numbers as often as wanted."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from parksim.component import Array, Component
from parksim.errors import StructureError
from parksim.lp.declare import Declaration, declare
from parksim.lp.expand import Coefficient, Rows, expand_rule, expand_sum
from parksim.lp.layout import Booking, ColumnBlock, NumberRef, Product, RowBlock, Values
from parksim.lp.rules import LIMITS
from parksim.timeaxis import TimeAxis

_NOT_FINITE = "a number of the LP is not finite"

ARRAYS = ("value", "cost", "lower", "upper", "row_lower", "row_upper")
"""Arrays of an LP that its numbers fill."""


@dataclass(frozen=True)
class SparseLP:
    """``min cost @ x + offset`` with ``row_lower <= A @ x <= row_upper`` and ``lower <= x <= upper``.

    Parameters
    ----------
    start, index, value
        ``A`` by columns (CSC): shapes (columns + 1,), (entries,), (entries,). Zero entries keep their slot.
    cost, lower, upper
        Shape (columns,).
    row_lower, row_upper
        Shape (rows,).
    offset
        Constant part of the objective [CNY].
    """

    start: NDArray[np.int32]
    index: NDArray[np.int32]
    value: Array
    cost: Array
    lower: Array
    upper: Array
    row_lower: Array
    row_upper: Array
    offset: float

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.row_lower), len(self.cost)

    @property
    def column(self) -> NDArray[np.int64]:
        """Column of every entry, as ``index`` is its row, shape (entries,)."""
        return np.repeat(np.arange(len(self.cost)), np.diff(self.start))


@dataclass(frozen=True)
class Pattern:
    """Where entries of a matrix by columns (CSC) stand, and the slot of each; entries of one place share a slot."""

    start: NDArray[np.int32]
    index: NDArray[np.int32]
    slot: NDArray[np.int64]
    entries: int

    @property
    def shared(self) -> bool:
        """Whether some entries stand in one place."""
        return self.entries != len(self.slot)

    def summed(self, data: Array) -> Array:
        """Put the entries in their slots, and add up those of one place."""
        if self.shared:
            return np.bincount(self.slot, weights=data, minlength=self.entries).astype(np.float64)
        value = np.empty(self.entries)
        value[self.slot] = data
        return value


def pattern_of(rows: NDArray[np.int64], columns: NDArray[np.int64], height: int, width: int) -> Pattern:
    """Order entries by column and row once; entries of one place share a slot."""
    key = columns * height + rows
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    fresh = np.concatenate(([True], ordered[1:] != ordered[:-1])) if len(key) else np.zeros(0, bool)
    slot = np.empty(len(key), np.int64)
    slot[order] = np.cumsum(fresh) - 1
    places = ordered[fresh]
    start = np.concatenate(([0], np.cumsum(np.bincount(places // height, minlength=width)))) if height else [0]
    return Pattern(np.asarray(start, np.int32), (places % max(height, 1)).astype(np.int32), slot, len(places))


def by_columns(
    rows: NDArray[np.int64], columns: NDArray[np.int64], value: Array, *, shape: tuple[int, int]
) -> tuple[NDArray[np.int32], NDArray[np.int32], Array]:
    """Order entries by column (CSC): starts, rows and values; entries of one place are added up."""
    pattern = pattern_of(rows, columns, *shape)
    return pattern.start, pattern.index, pattern.summed(value)


def inner(a: Array, b: Array) -> float:
    """Sum up the products of two long arrays in pairs.

    BLAS would share the work of ``a @ b`` among threads, and wait for a core that is busy far longer than it takes.
    """
    return float(np.sum(a * b))


class Program:
    """Templates expanded to terms, the layout of columns and rows, labels, and the structure key.

    Parameters
    ----------
    components
        Name to component, in the order of the park file.
    nodes
        Node to carrier.
    time
        The horizon.
    limits
        Fields of ``[limits]`` that are set.
    """

    def __init__(
        self,
        components: Mapping[str, Component],
        *,
        nodes: Mapping[str, str],
        time: TimeAxis,
        limits: Collection[str] = (),
    ) -> None:
        sheet = declare(components, nodes=nodes, time=time, limits=limits)
        self._names = {*components, *([LIMITS] if limits else [])}
        self.columns: dict[str, ColumnBlock] = sheet.columns
        self.rows: dict[str, RowBlock] = sheet.rows
        self.bookings: tuple[Booking, ...] = tuple(sheet.bookings)
        self.step_h = sheet.step_h
        self.maps = sheet.maps
        self.lengths = sheet.lengths
        self.width, self.height = sheet.width, sheet.height
        self._sheet: Declaration = sheet

    @cached_property
    def _expanded(self) -> tuple[tuple[Rows, ...], Pattern]:
        rows = tuple(
            expand_sum(self._sheet, block) if block.sum else expand_rule(self._sheet, block)
            for block in self.rows.values()
        )
        terms = [term for run in rows for term in run.terms]
        empty = np.zeros(0, np.int64)
        row = np.concatenate([term.rows for term in terms]) if terms else empty
        column = np.concatenate([term.columns for term in terms]) if terms else empty
        return rows, pattern_of(row, column, self.height, self.width)

    @cached_property
    def physical(self) -> frozenset[NumberRef]:
        """Numbers that rows or bounds of flows and periods read; all others are prices, or limits of contents."""
        rows, _ = self._expanded
        of_rows = [one.reads for run in rows for one in (*(term.coefficient for term in run.terms), run.rhs)]
        bounds = [one.reads for block in self.columns.values() if block.sort != "level" for one in block.products]
        return frozenset().union(*of_rows, *bounds)

    @cached_property
    def structure_key(self) -> str:
        """Hash of labels, layout and pattern: equal keys mean that a basis fits."""
        _, pattern = self._expanded
        digest = hashlib.sha256()
        blocks: list[ColumnBlock | RowBlock] = [*self.columns.values(), *self.rows.values()]
        for block in blocks:
            digest.update(f"{block.label}:{block.over}:{block.length};".encode())
        digest.update(pattern.start.tobytes())
        digest.update(pattern.index.tobytes())
        return digest.hexdigest()[:16]

    def fill(self, values: Values) -> SparseLP:
        """Fill the LP with numbers; a pass over arrays, Pyomo is not asked again.

        Parameters
        ----------
        values
            Component to its numbers, capacities included: floats or arrays of shape (time,) or (month,).

        Raises
        ------
        StructureError
            If a number is missing, not finite, or has a wrong shape, or numbers are given of what was not declared.
        """
        strange = [name for name in values if name not in self._names]
        if strange:
            raise StructureError(strange[0], "fill", "was not declared, and numbers are given of it")
        rows, pattern = self._expanded
        entries, row_lower, row_upper = [], np.full(self.height, -np.inf), np.empty(self.height)
        for run in rows:
            entries += [self._evaluated(run, term.coefficient, len(term.rows), values) for term in run.terms]
            self._right_side(run, values, row_lower, row_upper)
        data = np.concatenate(entries) if entries else np.zeros(0)
        value = pattern.summed(data)
        lower, upper = np.empty(self.width), np.empty(self.width)
        for block in self.columns.values():
            self._bounds(block, values, lower, upper)
        cost, offset = self._objective(values)
        lp = SparseLP(pattern.start, pattern.index, value, cost, lower, upper, row_lower, row_upper, offset)
        self._refuse_not_finite(lp, values)
        return lp

    def refill(self, lp: SparseLP, values: Values, moved: Collection[NumberRef]) -> SparseLP:
        """Fill the LP again where a few numbers have moved; equal to :meth:`fill` in every digit.

        Parameters
        ----------
        lp
            Filled with numbers that differ in no more than ``moved``; the arrays that none of these reach are shared
            with it.
        values
            All numbers, as for :meth:`fill`.

        Raises
        ------
        StructureError
            As :meth:`fill`.
        """
        rows, pattern = self._expanded
        new: dict[str, Any] = {}

        def own(name: str) -> Array:
            if name not in new:
                new[name] = getattr(lp, name).copy()
            return cast("Array", new[name])

        first = 0
        for run in rows:
            for term in run.terms:
                end = first + len(term.rows)
                if not term.coefficient.reads.isdisjoint(moved):
                    if pattern.shared:  # a slot is a sum of entries: all of them anew
                        return self.fill(values)
                    own("value")[pattern.slot[first:end]] = self._evaluated(run, term.coefficient, end - first, values)
                first = end
            if not run.rhs.reads.isdisjoint(moved):
                self._right_side(run, values, own("row_lower"), own("row_upper"))
        for block in self.columns.values():
            if not all(product.reads.isdisjoint(moved) for product in block.products):
                self._bounds(block, values, own("lower"), own("upper"))
        if not all(b.ledger != "cost" or b.coefficient.reads.isdisjoint(moved) for b in self.bookings):
            new["cost"], new["offset"] = self._objective(values)
        again = replace(lp, **new)
        self._refuse_not_finite(again, values, new)
        return again

    @staticmethod
    def _refuse_not_finite(lp: SparseLP, values: Values, among: Collection[str] = ARRAYS) -> None:
        """Raise where an array has what no LP may have."""
        all_finite = [getattr(lp, name) for name in ("value", "cost", "row_upper") if name in among]
        no_nan = [getattr(lp, name) for name in ("lower", "upper") if name in among]
        if not all(np.isfinite(a).all() for a in all_finite) or any(np.isnan(a).any() for a in no_nan):
            wrong = [(c, n) for c, numbers in values.items() for n, v in numbers.items() if not np.isfinite(v).all()]
            component, number = wrong[0] if wrong else ("park", "fill")
            raise StructureError(component, number, _NOT_FINITE)

    @staticmethod
    def _spread(value: Any, length: int) -> Array:
        return np.broadcast_to(np.asarray(value, np.float64), (length,))

    def _evaluated(self, run: Rows, coefficient: Coefficient, length: int, values: Values) -> Array:
        """Evaluate a coefficient or the right-hand side of a run of rows."""
        try:
            return self._spread(coefficient.evaluate(values), length)
        except (KeyError, ValueError) as error:
            raise StructureError(
                run.block.component, run.block.item, f"number {error} is missing or misshapen"
            ) from error

    def _right_side(self, run: Rows, values: Values, row_lower: Array, row_upper: Array) -> None:
        row_upper[run.block.slice] = right = self._evaluated(run, run.rhs, run.block.length, values)
        if run.equality:
            row_lower[run.block.slice] = right

    def _bounds(self, block: ColumnBlock, values: Values, lower: Array, upper: Array) -> None:
        lower[block.slice] = self._value(block, block.lower, values)
        upper[block.slice] = self._value(block, block.upper, values)
        if block.start is not None:
            lower[block.first + block.length] = upper[block.first + block.length] = block.start.value(values)

    def _value(self, block: ColumnBlock, product: Product, values: Values) -> Array:
        try:
            return self._spread(product.value(values), block.length)
        except (KeyError, ValueError) as error:
            raise StructureError(block.component, block.item, f"number {error} is missing or misshapen") from error

    def _objective(self, values: Values) -> tuple[Array, float]:
        cost, offset = np.zeros(self.width), 0.0
        for booking in self.bookings:
            if booking.ledger != "cost":
                continue
            if booking.column is None:
                offset += float(np.sum(booking.coefficient.value(values)))
            else:
                block = self.columns[booking.column]
                cost[block.slice] += self._value(block, booking.coefficient, values)
        return cost, offset

    def role_weights(self, weights: Mapping[str, float]) -> Array:
        """Give a cost vector that weighs the energy of flows by their role [per MWh], shape (columns,)."""
        vector = np.zeros(self.width)
        for block in self.columns.values():
            if block.role is not None and block.role in weights:
                vector[block.slice] = weights[block.role] * self.step_h
        return vector
