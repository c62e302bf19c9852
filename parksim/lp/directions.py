"""Directions: how the arrays of an LP and of its CO2 ledger move with one number."""

from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from parksim.component import Array
from parksim.lp.layout import NumberRef, Values
from parksim.lp.program import ARRAYS, Program, SparseLP


@dataclass(frozen=True)
class Filled:
    """An LP and its CO2 ledger: ``co2 @ x + co2_offset_t`` [t]."""

    lp: SparseLP
    co2: Array
    co2_offset_t: float


def filled(program: Program, values: Values) -> Filled:
    """Fill the LP and its CO2 ledger with numbers."""
    return Filled(program.fill(values), *_emissions(program, values))


def refilled(program: Program, base: Filled, values: Values, moved: Collection[NumberRef]) -> Filled:
    """Fill them again where a few numbers have moved; equal to :func:`filled`, and shared with ``base`` elsewhere."""
    lp = program.refill(base.lp, values, moved)
    co2 = any(b.ledger == "co2" and not b.coefficient.reads.isdisjoint(moved) for b in program.bookings)
    return Filled(lp, *_emissions(program, values)) if co2 else replace(base, lp=lp)


def _emissions(program: Program, values: Values) -> tuple[Array, float]:
    """Fill the CO2 ledger: coefficients of the columns, and what is emitted in any case [t]."""
    co2, offset = np.zeros(program.width), 0.0
    for booking in program.bookings:
        if booking.ledger != "co2":
            continue
        worth = booking.coefficient.value(values)
        if booking.column is None:
            offset += float(np.sum(worth))
        else:
            co2[program.columns[booking.column].slice] += worth
    return co2, offset


@dataclass(frozen=True)
class Direction:
    """Rates at which the arrays of an LP and of its CO2 ledger move, each per unit of the number that moves them."""

    value: Array
    cost: Array
    lower: Array
    upper: Array
    row_lower: Array
    row_upper: Array
    co2: Array
    offset: float
    co2_offset: float

    @property
    def of_matrix(self) -> bool:
        """Whether coefficients move."""
        return bool(self.value.any())

    @property
    def of_costs(self) -> bool:
        """Whether costs of columns move."""
        return bool(self.cost.any())

    @property
    def of_bounds(self) -> bool:
        """Whether bounds of columns or rows move."""
        return any(bool(part.any()) for part in (self.lower, self.upper, self.row_lower, self.row_upper))

    def apart(self, other: "Direction") -> float:
        """Largest difference of two directions, over the largest rate of the same array."""
        worst = 0.0
        for item in fields(self):
            mine, theirs = np.asarray(getattr(self, item.name)), np.asarray(getattr(other, item.name))
            largest = max(np.abs(mine).max(initial=0.0), np.abs(theirs).max(initial=0.0))
            if largest > 0.0:
                worst = max(worst, float(np.abs(mine - theirs).max()) / float(largest))
        return worst


def direction(low: Filled, high: Filled, *, step: float) -> Direction:
    """Give the rates between two fillings whose number lies ``step`` apart; bounds that stay infinite do not move."""

    def rate(a: Array, b: Array) -> Array:
        if a is b or np.array_equal(a, b):
            return np.broadcast_to(0.0, a.shape)
        with np.errstate(invalid="ignore"):
            return np.asarray(np.where(a == b, 0.0, (b - a) / step), np.float64)

    a, b = low.lp, high.lp
    return Direction(
        value=rate(a.value, b.value),
        cost=rate(a.cost, b.cost),
        lower=rate(a.lower, b.lower),
        upper=rate(a.upper, b.upper),
        row_lower=rate(a.row_lower, b.row_lower),
        row_upper=rate(a.row_upper, b.row_upper),
        co2=rate(low.co2, high.co2),
        offset=(b.offset - a.offset) / step,
        co2_offset=(high.co2_offset_t - low.co2_offset_t) / step,
    )


def moved(lp: SparseLP, way: Direction, *, step: float) -> SparseLP:
    """Move an LP along a direction."""
    arrays: dict[str, Any] = {name: getattr(lp, name) + step * getattr(way, name) for name in ARRAYS}
    return replace(lp, offset=lp.offset + step * way.offset, **arrays)
