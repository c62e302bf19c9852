"""What a park must meet before it is solved, beyond what each table says of itself: no money pump, no node alone."""

from collections.abc import Mapping

import numpy as np

from parksim.component import Array, Price
from parksim.components.grid import Grid
from parksim.components.shortfall import Shortfall
from parksim.errors import InputError
from parksim.lp.program import Program
from parksim.park import Park


def _grids(park: Park, node: str) -> dict[str, Grid]:
    """Find the connections to the grid on one node."""
    return {n: c for n, c in park.components.items() if isinstance(c, Grid) and c.electricity == node}


def check_pumps(park: Park, arrays: Mapping[str, Mapping[str, Array]], prices: Mapping[str, Price]) -> None:
    """Refuse selling above what any connection on the same node buys at, unless the file says that it is meant.

    Raises
    ------
    InputError
        Naming every such connection and the hours.
    """
    problems = []
    for name, grid in park.components.items():
        if not isinstance(grid, Grid) or grid.export_above_import or grid.export_max_mw <= 0.0:
            continue
        others = _grids(park, grid.electricity).values()
        cheapest = np.min([prices[other.tariff].energy_cny_per_mwh for other in others], axis=0)
        pays = arrays[name]["export_price_cny_per_mwh"] > cheapest + 1e-9
        pays &= arrays[name]["export_available"] > 0.0
        if not pays.any():
            continue
        stamps = park.time.stamps[np.flatnonzero(pays)]
        hours = ", ".join(stamp.isoformat(timespec="minutes") for stamp in stamps[:4])
        problems.append(
            f"{park.place}: components.{name}.export_price_cny_per_mwh: is above the import price in {len(stamps)} "
            f"steps ({hours}{', ...' if len(stamps) > 4 else ''}), which turns the meter into a money pump. "
            "Lower it, or write `export_above_import = true` if it is meant."
        )
    if problems:
        raise InputError(problems)


def check_shortfall(park: Park, prices: Mapping[str, Price]) -> None:
    """Refuse a shortfall so cheap that shedding pays: it saves the energy, and at a month's peak its demand charge too.

    Raises
    ------
    InputError
        Naming every such shortfall.
    """
    problems = []
    time = park.time
    for name, component in park.components.items():
        if not isinstance(component, Shortfall):
            continue
        for other, grid in _grids(park, component.electricity).items():
            price = prices[grid.tariff]
            charge = price.demand_cny_per_mw_month * time.month_cover * grid.peak_ratio(time.step_h) / time.step_h
            least = float(np.max(price.energy_cny_per_mwh + charge[time.month_of_step]))
            if component.price_cny_per_mwh <= least:
                problems.append(
                    f"{park.place}: components.{name}.price_cny_per_mwh: got {component.price_cny_per_mwh:g}, must be "
                    f"above {least:.6g} CNY MWh-1, the energy price of {other} and its month's demand charge spread "
                    f"over one step of {time.step_minutes} min. Below it the cheapest plan sheds load. Raise it."
                )
    if problems:
        raise InputError(problems)


def declared(park: Park) -> Program:
    """Declare the structure of a park: its components, its limits and its nodes, every one fed and drawn from.

    Raises
    ------
    InputError
        As :func:`check_nodes`.
    """
    program = Program(park.components, nodes=park.nodes, time=park.time, limits=park.limited)
    check_nodes(park, program)
    return program


def check_nodes(park: Park, program: Program) -> None:
    """Refuse nodes that nobody feeds, or that nobody draws from.

    Raises
    ------
    InputError
        Naming every such node.
    """
    problems = []
    for node, carrier in park.nodes.items():
        joined = [block for block in program.columns.values() if block.node == node]
        feeders, drawers = ([b.component for b in joined if b.feeds is side] for side in (True, False))
        who = ", ".join(dict.fromkeys(feeders + drawers))
        if not feeders and not drawers:
            problems.append(f"{park.place}: nodes.{node}: nothing is joined to this {carrier} node. Remove it.")
        elif not feeders:
            problems.append(
                f"{park.place}: nodes.{node}: nobody feeds this {carrier} node, and {who} would draw from it. "
                "Join a source or a grid to it."
            )
        elif not drawers:
            problems.append(
                f"{park.place}: nodes.{node}: nobody draws from this {carrier} node, and {who} would feed it. "
                "Join a demand or a grid to it."
            )
    if problems:
        raise InputError(problems)
