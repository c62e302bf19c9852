"""Rules of the park as a whole: a cap or a share is a row over what all components declared, by role and by ledger.

Rows, for every calendar year y (step t), each only where ``[limits]`` has it
    (L1) sum of the CO2 ledger over the steps of y                      <= co2_max                      [t]
    (L2) sum of step_h * import[t] over the steps of y                  <= import_max                   [MWh]
    (L3) sum of import[t] over all connections                          <= import_peak_max              [MW]
    (L4) bought(y) - bought_max * sum of step_h * (demand[t] - unserved[t]) <= 0, bought as in (L2)     [MWh]
In (L4) the first year's ``bought`` includes what stores hold before the first step, where a start is given: nobody
knows its mix, and green energy is counted as if it were not green. bought_max = 1 - green_share_min.

(L4) makes the green share sure. All outflows of a node carry the mix of its inflows, so what reaches demand of energy
bought, held at the start or unserved is at most all there is of each, and with S the demand served
    (1) green share = 1 - (bought and held that reached demand) / S >= 1 - bought / (demand - unserved)
Equal where nothing bought is sold, lost in stores or used by them, or left in them at the end; else the left is larger.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from parksim.component import Over
from parksim.errors import StructureError
from parksim.lp.layout import Addend, Booking, ColumnBlock, NumberRef, Product, Sum

LIMITS = "limits"
"""First part of the labels of these rows, and of their numbers."""

ELECTRICITY = "electricity"


@dataclass(frozen=True)
class ParkRule:
    """One rule: its name, axis, rows and the unit of their right sides."""

    item: str
    over: Over
    sum: Sum
    unit: str


def park_rules(
    limits: Collection[str],
    columns: Mapping[str, ColumnBlock],
    bookings: Iterable[Booking],
    *,
    nodes: Mapping[str, str],
    step_h: float,
) -> list[ParkRule]:
    """Write the limits of a park as rows over what its components declared.

    Parameters
    ----------
    limits
        Fields of ``[limits]`` that are set.
    columns, bookings
        What was declared.
    nodes
        Node to carrier.
    step_h
        Length of a step [h].

    Raises
    ------
    StructureError
        If a limit is not known, or a booking of the CO2 ledger has no column, so that its year is not known.
    """
    flows = list(columns.values())
    every = [block for block in flows if block.role == "import"]
    energy, power = _each(every, Product(step_h)), _each(every, Product())
    found = []
    for name in limits:
        right = Product(1.0, (NumberRef(LIMITS, name),))
        if name == "co2_max_t":
            found.append(ParkRule(name, "year", Sum(_emitted(bookings), right), "t"))
        elif name == "import_max_mwh":
            found.append(ParkRule(name, "year", Sum(energy, right), "MWh"))
        elif name == "import_peak_max_mw":
            found.append(ParkRule(name, "step", Sum(power, right), "MW"))
        elif name == "green_share_min":
            share = Sum((*energy, *_held(flows), *_served(flows, nodes, step_h)), Product(0.0))
            found.append(ParkRule(name, "year", share, "MWh"))
        else:
            raise StructureError(LIMITS, name, "is no limit that there are rows for")
    return found


def _each(blocks: Iterable[ColumnBlock], weight: Product) -> tuple[Addend, ...]:
    return tuple(Addend(weight, block.label) for block in blocks)


def _emitted(bookings: Iterable[Booking]) -> tuple[Addend, ...]:
    """Give the CO2 ledger, column by column."""
    booked = [booking for booking in bookings if booking.ledger == "co2"]
    for booking in booked:
        if booking.column is None:
            raise StructureError(booking.component, booking.term, "is CO2 of no column: its year is not known")
    return tuple(Addend(booking.coefficient, booking.column) for booking in booked)


def _held(blocks: Collection[ColumnBlock]) -> tuple[Addend, ...]:
    """Give what stores hold before the first step [MWh], where a start is given."""
    moving = {block.component for block in blocks if block.role == "discharge"}
    return tuple(Addend(b.start, None) for b in blocks if b.start is not None and b.component in moving)


def _served(blocks: Iterable[ColumnBlock], nodes: Mapping[str, str], step_h: float) -> tuple[Addend, ...]:
    """Give electricity that is drawn by demand, and not covered by shortfalls, times what may be bought, negative."""
    share = (NumberRef(LIMITS, "bought_max_fraction"),)
    sign = {"demand": -1.0, "unserved": 1.0}
    return tuple(
        Addend(Product(sign[block.role] * step_h, share), block.label)
        for block in blocks
        if block.role in sign and nodes.get(block.node or "") == ELECTRICITY
    )
