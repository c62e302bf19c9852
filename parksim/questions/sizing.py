"""Sizing: the capacities of least cost, chosen together with the operation of every step.

The cost of a park over its horizon is that of its operation and the annuity and fixed upkeep of what is sized (for the
part of a year that the horizon covers). It is convex in the capacities, so dispatches of trial capacities and their
slopes close in on the optimum from above and below (:mod:`parksim.lp.level`); the gap between the two is the proof.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from parksim.lp.program import Program  # first: Pyomo before Numba, see parksim/lp/__init__.py

# isort: split
from parksim.checks import declared
from parksim.component import Array
from parksim.errors import InputError, NoSolution
from parksim.fields import fields_of
from parksim.inputs import Inputs, gather
from parksim.investment import Sizing
from parksim.lp.affine import Affine, affine
from parksim.lp.cuts import Box, Limit
from parksim.lp.explain import infeasible_suspects
from parksim.lp.highs import Solver
from parksim.lp.layout import NumberRef
from parksim.lp.level import NEVER, Point, Search, Standing
from parksim.lp.ranges import End, end_of_range
from parksim.lp.seek import seek
from parksim.park import Park, read_park
from parksim.questions.sized import Entry, Sized, dataset

WITHIN = (0.01, 0.03, 0.05)
"""Costs above the best for which ranges are given, over the best."""

WIDTH = 0.01
"""How exactly the ends of ranges are found, over the span between the least and the largest capacity allowed."""

Progress = Callable[[Standing], None]
"""Called after each dispatch."""


@dataclass(frozen=True)
class Posed:
    """What is to be sized, as numbers.

    Parameters
    ----------
    listed, common
        Capacities that have a ``size`` entry, and what the park file says of all of them.
    box
        Their limits.
    program, lp
        The structure, and its LP for any capacities.
    invest
        Annuity and fixed upkeep over the horizon, shape (capacities,) [CNY per unit].
    inputs
        The park at its largest capacities.
    """

    listed: list[Entry]
    common: Sizing
    box: Box
    program: Program
    lp: Affine
    invest: Array
    inputs: Inputs


def pose(park: Park) -> Posed:
    """Read what is to be sized; :func:`parksim.lp.joint.joint` makes one LP of it.

    Raises
    ------
    InputError
        If nothing is to be sized, or the park cannot be read.
    """
    listed, common = _entries(park), park.sizing
    if not listed or common is None:
        msg = (
            f"{park.place}: has nothing to size. Add tables [sizing] and [components.NAME.size], such as "
            "energy_max_mwh = { max = 400.0, capex_cny = 650_000.0, life_years = 15.0 }."
        )
        raise InputError(msg)
    box = _box(listed, common)
    largest = with_capacities(park, dict(zip((e.label for e in listed), box.most.tolist(), strict=True)))
    inputs = gather(largest)
    program = declared(park)
    lp = affine(program, inputs.values, [entry.ref for entry in listed], most=box.most)
    yearly = np.array([e.size.annuity_cny(common.discount_rate) + e.size.om_cny_per_year for e in listed])
    return Posed(listed, common, box, program, lp, yearly * park.time.year_share, inputs)


def size(
    park: Park,
    *,
    gap: float = 1e-6,
    within: Sequence[float] = WITHIN,
    progress: Progress | None = None,
) -> Sized:
    """Choose the capacities that have a ``size`` entry, together with the operation.

    Parameters
    ----------
    park
        From :func:`parksim.load_park`, with tables ``[components.NAME.size]`` and ``[sizing]``.
    gap
        Largest distance between the cost found and the proved bound, over the cost, below 1 [1].
    within
        Costs above the best for which the range of each capacity is found, over the best; none finds no ranges.
    progress
        Called after each dispatch with how far the search is.

    Returns
    -------
    Sized
        The sized park and a Dataset of the result.

    Raises
    ------
    InputError
        If nothing is to be sized, ``gap`` or ``within`` is no fraction, or the park cannot be read.
    NoSolution
        If no capacities allowed have an operation.
    """
    begin = time.perf_counter()
    tell = progress or silent
    refuse_gap(gap)
    if not all(0.0 < share < np.inf for share in within):
        msg = f"within: got {list(within)}, must be above 0 and finite. Write fractions of the cost, e.g. {WITHIN}."
        raise InputError(msg)
    asked = pose(park)
    search = searched(park, asked, gap=gap, tell=tell)
    found = time.perf_counter() - begin
    dispatches = len(search.surface.points)
    ranges = _ranges(search, within, tell)
    chosen = zip(asked.listed, best_of(search).x.tolist(), strict=True)
    sized = with_capacities(park, {entry.label: x for entry, x in chosen})
    ds = dataset(sized, asked.listed, asked.common, search, ranges)
    ds.attrs |= {"dispatches": dispatches, "seconds": found}
    ds.attrs |= {
        "dispatches_ranges": len(search.surface.points) - dispatches,
        "seconds_ranges": time.perf_counter() - begin - found,
    }
    return Sized(sized, ds)


def searched(park: Park, asked: Posed, *, gap: float, tell: Progress) -> Search:
    """Find the best capacities of what was posed; the cuts and points of the search stay with it.

    Raises
    ------
    NoSolution
        If no capacities allowed have an operation.
    """
    program, lp, box = asked.program, asked.lp, asked.box
    try:
        return seek(program, [lp], box, asked.invest, start=start_of(park, asked.listed, box), gap=gap, tell=tell)
    except NoSolution as error:
        if error.termination != NEVER:
            raise
        raise NoSolution(NEVER, suspects=suspects_of(program, lp, box, park)) from error


def silent(_: Standing) -> None:
    """Tell nobody how a search stands."""


def refuse_gap(gap: float) -> None:
    """Raise where a gap is no fraction.

    Raises
    ------
    InputError
        As said.
    """
    if not 0.0 < gap < 1.0:
        msg = f"gap: got {gap:g}, must lie in (0, 1). Write a fraction of the cost, e.g. 1e-6."
        raise InputError(msg)


def _entries(park: Park) -> list[Entry]:
    return [
        Entry(NumberRef(name, field), entry, fields_of(type(component))[field].unit or "1")
        for name, component in park.components.items()
        for field, entry in component.size.items()
    ]


def _box(listed: Sequence[Entry], common: Sizing) -> Box:
    limits = []
    for name, most, key in (
        ("investment_max_cny", common.investment_max_cny, "capex_cny"),
        ("area_max_m2", common.area_max_m2, "area_m2"),
    ):
        if most is not None:
            limits.append(Limit(name, np.array([getattr(e.size, key) for e in listed]), most))
    least, most_each = (np.array(column, np.float64) for column in zip(*(e.size.limits() for e in listed), strict=True))
    return Box(least, most_each, np.array([e.size.step or 0.0 for e in listed]), tuple(limits))


def start_of(park: Park, listed: Sequence[Entry], box: Box) -> Array:
    """Start from the capacities as written, within their limits."""
    written = [park.components[e.ref.component].capacities().get(e.ref.name, 0.0) for e in listed]
    return np.asarray(np.clip(np.array(written), box.least, box.most), np.float64)


def suspects_of(program: Program, lp: Affine, box: Box, park: Park) -> tuple[str, ...]:
    """Say why no capacities allowed have an operation: what fights at the largest ones, or the common limits."""
    whole = lp.at(box.most)
    if Solver(whole).run().optimal:
        names = ", ".join(f"sizing.{limit.name}" for limit in box.limits) or "the steps of modules"
        return (f"At the largest capacities there is an operation; too tight: {names}, or a `max` beside a `min`.",)
    return infeasible_suspects(program, whole, park.time.month_stamps)


def best_of(search: Search) -> Point:
    """Give the best point of a finished search.

    Raises
    ------
    NoSolution
        If it has none.
    """
    if search.best is None:
        raise NoSolution(NEVER)
    return search.best


def _ranges(search: Search, within: Sequence[float], tell: Progress) -> dict[float, list[tuple[End, End]]]:
    """Find the least and the largest value of each capacity, for each share above the best cost."""
    box, found = search.master.box, dict[float, list[tuple[End, End]]]()
    for share in sorted(within):
        found[share] = []
        for which, span in enumerate((box.most - box.least).tolist()):
            ends = [end_of_range(search, which, sign=sign, share=share, width=WIDTH * span) for sign in (1.0, -1.0)]
            found[share].append((ends[0], ends[1]))
            tell(Standing("ranges", len(search.surface.points), search.best_cny, search.bound_cny))
    return found


def with_capacities(park: Park, capacities: Mapping[str, float]) -> Park:
    """Write capacities into a park, which is checked anew.

    Parameters
    ----------
    capacities
        Path of a field, such as ``components.battery.energy_max_mwh``, to its value [MW or MWh].

    Raises
    ------
    InputError
        If the park then has problems.
    """
    data = park.tables()
    for path, value in capacities.items():
        _, component, field = path.split(".")
        data["components"][component][field] = value
    return read_park(data, file=park.file, variant=park.variant)
