"""The reference path: the same declarations as an ordinary Pyomo model, slow and obvious.

Any Pyomo solver takes it, and users may extend it before solving. Columns are named ``component__item``.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyomo.core import ConcreteModel, Constraint, Objective, minimize

from parksim.component import Component
from parksim.lp.declare import Declaration, Position, declare
from parksim.lp.layout import ColumnBlock, RowBlock, Sum, Values
from parksim.timeaxis import TimeAxis


@dataclass(frozen=True)
class ReferenceModel:
    """An ordinary Pyomo model and the labels of its parts.

    Parameters
    ----------
    model
        The model: variables with bounds, one ``Constraint`` per rule, the objective ``cost``.
    columns
        Name of the Pyomo variable to its column block.
    rows
        Name of the Pyomo constraint to its row block.
    """

    model: ConcreteModel
    columns: dict[str, ColumnBlock]
    rows: dict[str, RowBlock]


def _bounds(sheet: Declaration, block: ColumnBlock, values: Values) -> None:
    for position, low, high in zip(
        range(block.length),
        np.broadcast_to(block.lower.value(values), block.length).tolist(),
        np.broadcast_to(block.upper.value(values), block.length).tolist(),
        strict=True,
    ):
        block.var[position].setlb(low)
        block.var[position].setub(high)
    if block.start is not None:
        fixed = float(block.start.value(values))
        block.var[block.length].setlb(fixed)
        block.var[block.length].setub(fixed)


def _summed(sheet: Declaration, block: RowBlock, asked: Sum, values: Values) -> Constraint:
    """Write a sum over periods out, item by item."""
    left: list[Any] = [0.0] * block.length
    for addend in asked.addends:
        if addend.column is None:
            left[0] += float(np.sum(addend.weight.value(values)))
            continue
        column = sheet.columns[addend.column]
        weights = np.broadcast_to(addend.weight.value(values), column.length).tolist()
        for position, period in enumerate(sheet.maps.periods(column.over, block.over).tolist()):
            left[period] += weights[position] * column.var[position]
    right = np.broadcast_to(asked.right.value(values), block.length).tolist()

    def rule(_: Any, period: int) -> Any:
        return left[period] == right[period] if asked.equality else left[period] <= right[period]

    return Constraint(sheet.axes[block.over], rule=rule)


def _constraint(sheet: Declaration, block: RowBlock, values: Values) -> Constraint:
    axis = sheet.axes[block.over]
    if block.sum is not None:
        return _summed(sheet, block, block.sum, values)
    rule = block.rule
    if block.over == "once":
        return Constraint(axis, rule=lambda _, __: rule())  # type: ignore[misc]
    return Constraint(axis, rule=lambda _, at: rule(Position(block.over, at, sheet.maps)))  # type: ignore[misc]


def _objective(sheet: Declaration, values: Values) -> Any:
    total: Any = 0.0
    for entry in sheet.bookings:
        if entry.ledger != "cost":
            continue
        worth = entry.coefficient.value(values)
        if entry.column is None:
            total += float(np.sum(worth))
            continue
        block = sheet.columns[entry.column]
        numbers = np.broadcast_to(worth, block.length).tolist()
        total += sum(numbers[position] * block.var[position] for position in range(block.length))
    return total


def build(
    components: Mapping[str, Component],
    *,
    nodes: Mapping[str, str],
    time: TimeAxis,
    values: Values,
    limits: Collection[str] = (),
) -> ReferenceModel:
    """Build the ordinary Pyomo model of a park.

    Parameters
    ----------
    components, nodes, time, limits
        As for :class:`parksim.lp.program.Program`.
    values
        Component to its numbers, capacities included.
    """
    sheet = declare(components, nodes=nodes, time=time, limits=limits, values=values)
    for block in sheet.columns.values():
        _bounds(sheet, block, values)
    rows = {}
    for row in sheet.rows.values():
        name = f"{row.component}__{row.item}__row"
        setattr(sheet.model, name, _constraint(sheet, row, values))
        rows[name] = row
    sheet.model.cost = Objective(expr=_objective(sheet, values), sense=minimize)
    return ReferenceModel(sheet.model, {block.var.local_name: block for block in sheet.columns.values()}, rows)
