"""The Block: collects what components declare, over symbolic steps (fast path) or concrete ones (reference path).

Both paths run the same ``declare`` and the same rules. On the symbolic path an index is a Pyomo template and nothing
holds a value; on the concrete path an index is an integer and parameters hold their numbers.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyomo.core import Any as AnyValue
from pyomo.core import ConcreteModel, Param, RangeSet, Var
from pyomo.core.base.param import IndexedParam, ScalarParam
from pyomo.core.base.var import IndexedVar
from pyomo.core.expr.numeric_expr import NPV_ProductExpression

from parksim.component import Component, Handle, Index, Over, Period, Role
from parksim.errors import StructureError
from parksim.lp.layout import (
    Addend,
    Booking,
    ColumnBlock,
    ColumnSort,
    Ledger,
    NumberRef,
    Product,
    RowBlock,
    Sum,
    Values,
)
from parksim.lp.rules import LIMITS, park_rules
from parksim.timeaxis import TimeAxis

_ONLY_STEPS = "{}(t) is known of a step only, and once"


@dataclass(frozen=True)
class Maps:
    """Index maps of the horizon, as arrays and (symbolic path) as Pyomo parameters."""

    before: NDArray[np.int64]
    before_or_start: NDArray[np.int64]
    month: NDArray[np.int64]
    year: NDArray[np.int64]
    params: Mapping[str, Any] = field(default_factory=dict)

    def at(self, name: str, index: Any) -> Any:
        """Look a map up at a concrete or symbolic index."""
        if isinstance(index, int | np.integer):
            return int(getattr(self, name)[index])
        return self.params[name][index]

    def periods(self, over: Over, onto: Over) -> NDArray[np.int64]:
        """Give the period of axis ``onto`` that each position of axis ``over``, as fine or finer, lies in."""
        if onto == "once" or over == onto:
            size = len(np.unique(getattr(self, over))) if over in {"month", "year"} else len(self.before)
            return np.zeros(size, np.int64) if onto == "once" else np.arange(size)
        of_step: NDArray[np.int64] = getattr(self, onto)
        return of_step if over == "step" else of_step[np.unique(getattr(self, over), return_index=True)[1]]


@dataclass(frozen=True)
class Position:
    """An index as rules receive it."""

    over: Over
    at: Any
    maps: Maps
    back: bool = False

    def before(self) -> "Position":
        """Give the step before."""
        if self.over != "step" or self.back:
            raise TypeError(_ONLY_STEPS.format("before"))
        return replace(self, back=True)

    def month(self) -> "Position":
        """Give the month of this step."""
        if self.over != "step" or self.back:
            raise TypeError(_ONLY_STEPS.format("month"))
        return Position("month", self.maps.at("month", self.at), self.maps)


@dataclass(frozen=True)
class ColumnHandle:
    """What a component holds of its columns."""

    block: ColumnBlock

    def __getitem__(self, index: Index) -> Any:
        """Give the column at ``index``."""
        if not isinstance(index, Position) or index.over != self.block.over:
            got = index.over if isinstance(index, Position) else type(index).__name__
            raise StructureError(
                self.block.component, self.block.item, f"is indexed by {self.block.over}, and a rule used {got!r}"
            )
        at = index.at
        if index.back:
            at = index.maps.at("before" if self.block.start is None else "before_or_start", at)
        return self.block.var[at]


class SeriesHandle:
    """An array of numbers, by step or by month as the rule indexes it."""

    def __init__(self, block: "ComponentBlock", ref: NumberRef) -> None:
        self.block, self.ref = block, ref

    def __getitem__(self, index: Index) -> Any:
        """Give the number at ``index``."""
        if not isinstance(index, Position) or index.back:
            raise StructureError(self.ref.component, self.ref.name, "a series has no step before; index it with t")
        return self.block.sheet.array_param(self.ref, index.over)[index.at]

    def __mul__(self, other: object) -> Product:
        """Multiply with a capacity or number, for a bound."""
        return self.block.product(self) * self.block.product(other)

    __rmul__ = __mul__


class Declaration:
    """Everything declared for one park: columns, rows, ledgers, and the Pyomo objects the rules speak of."""

    def __init__(self, time: TimeAxis, values: Values | None = None) -> None:
        self.values = values
        self.model = ConcreteModel()
        stamps = time.stamps
        year = (stamps.year.to_numpy() - stamps[0].year).astype(np.int64)
        self.lengths: dict[str, int] = {"step": time.steps, "month": time.months, "year": int(year[-1]) + 1, "once": 1}
        self.step_h = time.step_h
        self.axes = {name: RangeSet(0, size - 1) for name, size in self.lengths.items()}
        for name, axis in self.axes.items():
            setattr(self.model, f"axis__{name}", axis)
        steps = np.arange(time.steps)
        self.maps = Maps(
            before=np.roll(steps, 1),
            before_or_start=np.concatenate(([time.steps], steps[:-1])),
            month=time.month_of_step,
            year=year,
        )
        if values is None:
            params = {name: self._attach(f"map__{name}", self._sparse("step")) for name in self.index_maps()}
            self.maps = replace(self.maps, params=params)
        self.columns: dict[str, ColumnBlock] = {}
        self.rows: dict[str, RowBlock] = {}
        self.bookings: list[Booking] = []
        self.scalar_params: dict[NumberRef, Any] = {}
        self.array_params: dict[tuple[NumberRef, str], Any] = {}

    @staticmethod
    def index_maps() -> tuple[str, ...]:
        """Names of the index maps."""
        return ("before", "before_or_start", "month", "year")

    def _sparse(self, over: str) -> IndexedParam:
        return Param(self.axes[over], mutable=True, within=AnyValue)

    def _attach(self, name: str, component: Any) -> Any:
        setattr(self.model, name, component)
        return component

    def scalar_param(self, ref: NumberRef) -> ScalarParam:
        """Give the Pyomo parameter of a scalar number."""
        if ref not in self.scalar_params:
            start = None if self.values is None else float(np.asarray(self.values[ref.component][ref.name]))
            param = Param(mutable=True, within=AnyValue, initialize=start)
            self.scalar_params[ref] = self._attach(f"{ref.component}__{ref.name}", param)
        return self.scalar_params[ref]

    def array_param(self, ref: NumberRef, over: str) -> IndexedParam:
        """Give the Pyomo parameter of an array over one axis."""
        key = (ref, over)
        if key not in self.array_params:
            if self.values is None:
                param = self._sparse(over)
            else:
                numbers = np.broadcast_to(self.values[ref.component][ref.name], self.lengths[over])
                param = Param(self.axes[over], within=AnyValue, initialize=dict(enumerate(numbers.tolist())))
            self.array_params[key] = self._attach(f"{ref.component}__{ref.name}__{over}", param)
        return self.array_params[key]

    def add_column(self, block: ColumnBlock) -> ColumnHandle:
        """Register a column block under its label."""
        self.columns[block.label] = block
        return ColumnHandle(block)

    def new_var(self, name: str, over: Over, *, start: bool) -> IndexedVar:
        """Make the Pyomo variable of a column block."""
        axis = self.axes[over]
        if start:
            axis = self._attach(f"{name}__axis", RangeSet(0, self.lengths[over]))
        return self._attach(name, Var(axis, dense=self.values is not None))

    @property
    def width(self) -> int:
        """Number of columns so far."""
        return sum(block.width for block in self.columns.values())

    @property
    def height(self) -> int:
        """Number of rows so far."""
        return sum(block.length for block in self.rows.values())

    def add_row(self, component: str, item: str, over: Over, **how: Any) -> None:
        """Register a run of rows under its label."""
        rule, summed, unit = how.get("rule"), how.get("sum"), how.get("unit", "")
        row = RowBlock(component, item, over, self.lengths[over], self.height, rule, summed, unit)
        if row.label in self.rows:
            raise StructureError(component, item, "is declared twice")
        self.rows[row.label] = row

    def add_limits(self, limits: Collection[str], nodes: Mapping[str, str]) -> None:
        """Add the rows of the limits of the park."""
        for rule in park_rules(limits, self.columns, self.bookings, nodes=nodes, step_h=self.step_h):
            self.add_row(LIMITS, rule.item, rule.over, sum=rule.sum, unit=rule.unit)

    def add_balances(self, nodes: Mapping[str, str]) -> None:
        """Add one balance row per node and step: what feeds equals what draws."""
        for name in nodes:
            joined = [block for block in self.columns.values() if block.node == name]

            def rule(t: Position, joined: list[ColumnBlock] = joined) -> Any:
                return sum((1.0 if b.feeds else -1.0) * ColumnHandle(b)[t] for b in joined) == 0.0

            if joined:
                self.add_row(name, "balance", "step", rule=rule)


class ComponentBlock:
    """The Block one component declares itself with (the words of :class:`parksim.component.Block`)."""

    def __init__(self, sheet: Declaration, component: str) -> None:
        self.sheet, self.component = sheet, component

    def product(self, value: Any, *, item: str = "?") -> Product:
        """Read a bound or coefficient of an item: number, scalar handle, series handle, or a product of them."""
        if isinstance(value, Product):
            return value
        if isinstance(value, SeriesHandle):
            return Product(1.0, (value.ref,))
        if isinstance(value, int | float):
            return Product(float(value))
        for ref, param in self.sheet.scalar_params.items():
            if param is value:
                return Product(1.0, (ref,))
        if isinstance(value, NPV_ProductExpression):
            left, right = value.args
            return self.product(left, item=item) * self.product(right, item=item)
        raise StructureError(
            self.component, item, "a bound or coefficient is a number, a capacity, a series, or capacity * series"
        )

    def number(self, name: str) -> ScalarParam:
        """Name one number of ``numbers()``."""
        return self.sheet.scalar_param(NumberRef(self.component, name))

    def series(self, name: str) -> SeriesHandle:
        """Name one array of ``numbers()``."""
        return SeriesHandle(self, NumberRef(self.component, name))

    def capacity(self, name: str) -> ScalarParam:
        """Name a sizable field."""
        return self.number(name)

    def _columns(self, item: str, sort: ColumnSort, over: Over, lo: Any, hi: Any, **more: Any) -> ColumnHandle:
        start = more.get("start")
        if f"{self.component}.{item}" in self.sheet.columns:
            raise StructureError(self.component, item, "is declared twice")
        var = self.sheet.new_var(f"{self.component}__{item}", over, start=start is not None)
        return self.sheet.add_column(
            ColumnBlock(
                component=self.component,
                item=item,
                sort=sort,
                over=over,
                length=self.sheet.lengths[over],
                first=self.sheet.width,
                lower=self.product(lo, item=item),
                upper=self.product(hi, item=item),
                var=var,
                **more,
            )
        )

    def flow(
        self, name: str, *, node: str | None = None, feeds: bool, role: Role, lo: Any = 0.0, hi: Any = np.inf
    ) -> ColumnHandle:
        """Add a power per step [MW]."""
        return self._columns(name, "flow", "step", lo, hi, node=node, feeds=feeds, role=role)

    def level(self, name: str, *, lo: Any = 0.0, hi: Any = np.inf, start: Any | None = None) -> ColumnHandle:
        """Add a content at the end of each step [MWh]."""
        first = None if start is None else self.product(start, item=name)
        return self._columns(name, "level", "step", lo, hi, start=first)

    def peak(self, name: str, *, over: Period = "month", lo: Any = 0.0, hi: Any = np.inf) -> ColumnHandle:
        """Add a power per month [MW]."""
        return self._columns(name, "peak", over, lo, hi)

    def amount(self, name: str, *, over: Period, lo: Any = 0.0, hi: Any = np.inf) -> ColumnHandle:
        """Add an energy per month or year [MWh]."""
        return self._columns(name, "amount", over, lo, hi)

    def total(self, flow: Handle, *, over: Period) -> ColumnHandle:
        """Add the energy of a flow per month or year [MWh]."""
        if not isinstance(flow, ColumnHandle) or flow.block.sort != "flow":
            raise StructureError(self.component, "total", "sums up a flow; levels and peaks have no energy")
        item = f"{flow.block.item}_per_{over}"
        handle = self._columns(item, "total", over, -np.inf, np.inf)
        parts = Addend(Product(), handle.block.label), Addend(Product(-self.sheet.step_h), flow.block.label)
        self.sheet.add_row(self.component, f"{item}_sum", over, sum=Sum(parts, Product(0.0), equality=True))
        return handle

    def row(self, name: str, rule: Callable[..., Any], *, over: Over = "step") -> None:
        """Add one relation per step, month, year, or once."""
        self.sheet.add_row(self.component, name, over, rule=rule)

    def _book(self, ledger: Ledger, term: str, coefficient: Any, what: Any | None) -> None:
        product, column = self.product(coefficient, item=term), None
        if isinstance(what, ColumnHandle):
            column = what.block.label
        elif what is not None:
            product = product * self.product(what, item=term)
        self.sheet.bookings.append(Booking(ledger, self.component, term, product, column))

    def cost(self, term: str, coefficient: Any, what: Any | None = None) -> None:
        """Book money [CNY]."""
        self._book("cost", term, coefficient, what)

    def co2(self, source: str, coefficient: Any, what: Any | None = None) -> None:
        """Book emissions [t]."""
        self._book("co2", source, coefficient, what)


def declare(
    components: Mapping[str, Component],
    *,
    nodes: Mapping[str, str],
    time: TimeAxis,
    limits: Collection[str] = (),
    values: Values | None = None,
) -> Declaration:
    """Let every component declare itself, then add the limits of the park and the balances of the nodes.

    Parameters
    ----------
    components
        Name to component; the order fixes the order of columns and rows.
    nodes
        Node to carrier.
    time
        The horizon.
    limits
        Fields of ``[limits]`` that are set.
    values
        ``None`` for the symbolic path; the numbers for the concrete one.
    """
    sheet = Declaration(time, values)
    for name, component in components.items():
        component.declare(ComponentBlock(sheet, name))
    sheet.add_limits(limits, nodes)
    sheet.add_balances(nodes)
    return sheet
