"""What was declared, as plain data: numbers by name, blocks of columns and rows, lines of the ledgers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from pyomo.core.base.var import IndexedVar

from parksim.component import Numbers, Over, Role

ColumnSort = Literal["flow", "level", "peak", "total", "amount"]
Ledger = Literal["cost", "co2"]
Values = Mapping[str, Numbers]
"""Component name to its numbers, capacities included."""


@dataclass(frozen=True)
class NumberRef:
    """One number of one component."""

    component: str
    name: str


def moved_numbers(was: Values, now: Values) -> frozenset[NumberRef]:
    """Find the numbers that are not as they were; both are of one structure."""
    return frozenset(
        NumberRef(component, name)
        for component, numbers in now.items()
        if numbers is not was[component]
        for name, value in numbers.items()
        if value is not was[component][name] and not np.array_equal(value, was[component][name])
    )


@dataclass(frozen=True)
class Product:
    """A bound or coefficient: a constant times numbers, each scalar or by step, month or year."""

    constant: float = 1.0
    factors: tuple[NumberRef, ...] = ()

    @property
    def reads(self) -> frozenset[NumberRef]:
        """The numbers it depends on."""
        return frozenset(self.factors)

    def __mul__(self, other: "Product") -> "Product":
        """Multiply two products."""
        return Product(self.constant * other.constant, (*self.factors, *other.factors))

    def value(self, values: Values) -> Any:
        """Evaluate to a float or an array."""
        result: Any = self.constant
        for ref in self.factors:
            result = result * values[ref.component][ref.name]
        return result


@dataclass(frozen=True)
class ColumnBlock:
    """A run of columns of one item: one per step, month or year (plus the fixed start of a level)."""

    component: str
    item: str
    sort: ColumnSort
    over: Over
    length: int
    first: int
    lower: Product
    upper: Product
    var: IndexedVar
    node: str | None = None
    feeds: bool = True
    role: Role | None = None
    start: Product | None = None

    @property
    def label(self) -> str:
        """``component.item``."""
        return f"{self.component}.{self.item}"

    @property
    def slice(self) -> slice:
        """Columns of the axis, without the start column of a level."""
        return slice(self.first, self.first + self.length)

    @property
    def products(self) -> tuple[Product, ...]:
        """What its bounds follow from."""
        return (self.lower, self.upper) if self.start is None else (self.lower, self.upper, self.start)

    @property
    def width(self) -> int:
        """Number of columns, the start column included."""
        return self.length + (self.start is not None)


@dataclass(frozen=True)
class Addend:
    """A weight times every item of a column block, or a constant, which counts in the first period of a sum."""

    weight: Product
    column: str | None


@dataclass(frozen=True)
class Sum:
    """``sum of addends over each period <= right``, or ``==`` where ``equality``."""

    addends: tuple[Addend, ...]
    right: Product
    equality: bool = False

    @property
    def products(self) -> tuple[Product, ...]:
        """What its numbers follow from."""
        return (self.right, *(addend.weight for addend in self.addends))


@dataclass(frozen=True)
class RowBlock:
    """A run of rows of one rule, or of one sum over periods.

    Parameters
    ----------
    unit
        Unit of its right side; empty where it follows from the axis.
    """

    component: str
    item: str
    over: Over
    length: int
    first: int
    rule: Callable[..., Any] | None
    sum: Sum | None = None
    unit: str = ""

    @property
    def label(self) -> str:
        """``component.item``."""
        return f"{self.component}.{self.item}"

    @property
    def slice(self) -> slice:
        """Rows of this rule."""
        return slice(self.first, self.first + self.length)


@dataclass(frozen=True)
class Booking:
    """One line of a ledger: ``coefficient`` times a column block (or alone)."""

    ledger: Ledger
    component: str
    term: str
    coefficient: Product
    column: str | None
