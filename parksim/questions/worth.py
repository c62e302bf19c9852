"""The worth of every number of a park file: what a little more of it does to the cost and to the CO2, from one solve.

    found = ps.worth(ps.load_park("yibin"))
    found.cost_slope.sel(field="components.roof_pv.power_max_mw")

The park is solved once. Then each number is moved a little, the LP filled again, and the slopes follow from the optimal
basis (:mod:`parksim.lp.slopes`). Nothing is solved again, except where a number stands on a kink.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
import xarray as xr

from parksim.lp.program import Program  # first: Pyomo before Numba, see parksim/lp/__init__.py

# isort: split
from parksim.api import solve
from parksim.checks import check_nodes
from parksim.errors import NoSolution
from parksim.inputs import gather
from parksim.levers import Lever, Levers
from parksim.lp.directions import Direction, Filled, direction, filled, refilled
from parksim.lp.layout import Values, moved_numbers
from parksim.lp.slopes import Slope, Slopes
from parksim.lp.validity import Reach, reach
from parksim.park import Park
from parksim.phases import Progress
from parksim.results import headings, yardsticks

STEP = 1e-4
"""How far a number is moved to see what it moves, over its size."""

LITTLE = 0.01
"""One per cent: the little more by which numbers of all units are compared."""

LINEAR, SMOOTH = 1e-6, 1e-2
"""Difference of the rates left and right, over the largest, up to which the LP is linear or smooth in a number."""

FAR = 1000.0
"""How many per cent of a number are looked at where its slopes seem to hold without end."""

NOWHERE = Reach(0.0, 0.0)

SIDES = ("left", "right")
Sides = tuple[Slope | None, Slope | None]


@dataclass(frozen=True)
class Worth:
    """What was found of one number.

    Parameters
    ----------
    sides
        Slopes as it falls and as it rises; None where it cannot.
    reaches
        How far they hold on each side.
    sense
        What the first order says of a longer way: the true change of the cost is ``at least`` or ``at most`` that, or
        ``about``.
    """

    lever: Lever
    sides: Sides
    reaches: tuple[Reach, Reach]
    sense: str


SMALL = {"1": 0.01, "h-1": 0.001, "K-1": 0.001}
"""Unit to what is little of a number that is 0; one unit of all others."""


def _unit_size(lever: Lever) -> float:
    """Size by which a number is moved and compared where it is 0 itself."""
    return SMALL.get(lever.unit, 1.0)


def little(lever: Lever) -> float:
    """Give the little more of a number: one per cent of it; one unit where it is 0, one kelvin for a shift."""
    if lever.sort == "shift" or lever.value == 0.0:
        return _unit_size(lever)
    return LITTLE * lever.value


class _Bench:
    """A solved park, ready to move one number after the other."""

    def __init__(self, program: Program, values: Values) -> None:
        self.program, self.values, self.base = program, values, filled(program, values)
        self.slopes = Slopes(program, self.base)

    def _at(self, lever: Lever, value: float) -> Filled | None:
        """Fill the LP with a number at another value; None where the park refuses it."""
        values = lever.at(value)
        if values is None:
            return None
        return refilled(self.program, self.base, values, moved_numbers(self.values, values))

    def _side(self, lever: Lever, sign: float) -> tuple[Filled, float] | None:
        """Fill the LP with a number a little off, and say how far; None where the park refuses it."""
        step = STEP * (abs(lever.value) or _unit_size(lever))
        room = lever.high - lever.value if sign > 0.0 else lever.value - lever.low
        if room <= 0.0:
            return None
        step = min(step, 0.5 * room)
        there = self._at(lever, lever.value + sign * step)
        return None if there is None else (there, step)

    def worth(self, lever: Lever) -> Worth | None:
        """Find the slopes of one number; None where it can be moved neither way."""
        down, up = self._side(lever, -1.0), self._side(lever, 1.0)
        left = None if down is None else direction(down[0], self.base, step=down[1])
        right = None if up is None else direction(self.base, up[0], step=up[1])
        if left is None and right is None:
            return None
        apart = 0.0 if left is None or right is None else left.apart(right)
        if down is not None and up is not None and apart <= SMOOTH:
            left = right = direction(down[0], up[0], step=down[1] + up[1])
        sides = self.slopes.along(left, right)
        linear = apart <= LINEAR and any(self._linear(lever, right or left, by) for by in (1.0, -1.0))
        exact = right or left if linear and not _bends(left, right) else None
        reaches = [self._reach(lever, side, sign, exact) for side, sign in zip(sides, (-1.0, 1.0), strict=True)]
        return Worth(lever, sides, (reaches[0], reaches[1]), _sense(left, right, linear=linear))

    def _linear(self, lever: Lever, near: Direction | None, littles: float) -> bool:
        """Whether the LP moves alike over a way of some per cent of a number."""
        step = littles * little(lever)
        there = None if near is None else self._at(lever, lever.value + step)
        if there is None or near is None:
            return False
        return direction(self.base, there, step=step).apart(near) <= LINEAR

    def _reach(self, lever: Lever, side: Slope | None, sign: float, exact: Direction | None) -> Reach:
        """Find how far the slopes of one side hold: by the ratio test where ``exact`` is the direction all that way."""
        room = lever.high - lever.value if sign > 0.0 else lever.value - lever.low
        if side is None or side.held is None or not side.reach > 0.0 or room <= 0.0:
            return NOWHERE
        step = abs(little(lever))
        first = min(side.reach, room)
        far = first if np.isfinite(first) else FAR * step
        if exact is not None and self._linear(lever, exact, sign * far / little(lever)):
            return Reach(side.reach, 0.0)

        def at(way: float) -> Filled | None:
            return self._at(lever, min(max(lever.value + sign * way, lever.low), lever.high))

        slopes = {"cost": sign * side.cost_cny, "co2": sign * side.co2_t}
        return reach(side.held, at, **slopes, first=first, most=min(room, FAR * step))


def _bends(left: Direction | None, right: Direction | None) -> bool:
    """Whether the cost of a basis bends: where the matrix moves, or prices and limits both."""
    ways = [way for way in (left, right) if way is not None]
    return any(way.of_matrix or (way.of_costs and way.of_bounds) for way in ways)


def _sense(left: Direction | None, right: Direction | None, *, linear: bool) -> str:
    """Say what the first order is to the whole: the optimum is convex in bounds and concave in costs."""
    ways = [way for way in (left, right) if way is not None]
    if not linear or any(way.of_matrix for way in ways):
        return "about"
    costs = any(way.of_costs for way in ways)
    if costs and any(way.of_bounds for way in ways):
        return "about"
    return "at most" if costs else "at least"


def worth(park: Park, *, progress: Progress | None = None) -> xr.Dataset:
    """Find what every number of a park is worth: the slopes of its cost and of its CO2.

    Parameters
    ----------
    park
        From :func:`parksim.api.load_park`, or built in Python.
    progress
        Called with the name of each phase as it begins.

    Returns
    -------
    Dataset
        One ``field`` for each number, profile and curve, the dearest first; ``side`` is ``left`` (the number falls) or
        ``right`` (it rises), and slopes are per unit upwards on both. ``cost_slope`` [CNY per unit] and ``co2_slope``
        [t per unit, by the first yardstick] hold between ``valid`` left and right; ``cost_little`` and ``co2_little``
        are the changes that a little less and a little more bring at these slopes [CNY, t].

    Raises
    ------
    InputError
        If a profile or tariff cannot be read.
    NoSolution
        If the park is infeasible or unbounded.
    """
    told = progress or (lambda _: None)
    told("read")
    inputs = gather(park)
    told("declare")
    program = Program(park.components, nodes=park.nodes, time=park.time)
    check_nodes(park, program)
    told("solve")
    try:
        bench = _Bench(program, inputs.values)
    except NoSolution:
        solve(park)  # tells which limits fight
        raise
    found = []
    for lever in Levers(park, inputs):
        told(f"moving {lever.path}")
        one = bench.worth(lever)
        if one is not None:
            found.append(one)
    return _dataset(park, bench, found)


def _change(slope: Slope | None, step: float, value: float) -> float:
    return np.nan if slope is None else float(value * step) + 0.0  # no negative nought


def _changes(one: Worth, name: str) -> list[float]:
    """Give the changes for a little less and a little more of a number, at the slopes of each side."""
    step = little(one.lever)
    found = []
    for slope, sign in zip(one.sides, (-1.0, 1.0), strict=True):
        toward = slope if step > 0.0 else one.sides[0 if sign > 0.0 else 1]
        found.append(_change(toward, sign * step, getattr(toward, name) if toward else np.nan))
    return found


def _valid(one: Worth) -> list[float]:
    """Give the ends of the range in which the slopes hold, within the limits of the field."""
    lever = one.lever
    left, right = one.reaches
    return [max(lever.value - left.way, lever.low), min(lever.value + right.way, lever.high)]


def _drift(one: Worth) -> list[float]:
    return [side.drift for side in one.reaches]


def _per_side(found: Iterable[Worth], name: str) -> list[list[float]]:
    return [[np.nan if side is None else float(getattr(side, name)) for side in one.sides] for one in found]


def _dataset(park: Park, bench: _Bench, found: list[Worth]) -> xr.Dataset:
    changes = np.array([_changes(one, "cost_cny") for one in found], np.float64).reshape(-1, 2)
    size = np.nan_to_num(np.abs(changes), nan=0.0, posinf=np.inf).max(axis=1, initial=0.0)
    order = np.argsort(-size, kind="stable")
    ranked = [found[place] for place in order]

    def both(values: list[list[float]], units: str, name: str) -> tuple[tuple[str, str], np.ndarray, dict[str, str]]:
        array = np.array(values, np.float64).reshape(-1, 2)
        return ("field", "side"), array, {"units": units, "long_name": name}

    def text(values: list[str]) -> tuple[str, np.ndarray]:
        return "field", np.array(values, dtype=object)

    levers = [one.lever for one in ranked]
    ds = xr.Dataset(
        {
            "value": ("field", np.array([lever.value for lever in levers], np.float64)),
            "cost_slope": both(_per_side(ranked, "cost_cny"), "CNY per unit", "slope of the cost"),
            "co2_slope": both(_per_side(ranked, "co2_t"), "t per unit", "slope of the CO2"),
            "co2_jump": both(_per_side(ranked, "co2_jump_t"), "t", "CO2 that changes at once, between equal costs"),
            "valid": both([_valid(one) for one in ranked], "unit", "ends of the range in which the slopes hold"),
            "drift": both([_drift(one) for one in ranked], "1", "what the cost at the end misses of the slope"),
            "little": ("field", np.array([little(lever) for lever in levers], np.float64)),
            "cost_little": both([_changes(one, "cost_cny") for one in ranked], "CNY", "a little less, a little more"),
            "co2_little": both([_changes(one, "co2_t") for one in ranked], "t", "a little less, a little more"),
            "sense": text([one.sense for one in ranked]),
            "unit": text([lever.unit for lever in levers]),
            "sort": text([lever.sort for lever in levers]),
            "meaning": text([lever.meaning for lever in levers]),
            "source": text([lever.source for lever in levers]),
        },
        coords={"field": [lever.path for lever in levers], "side": list(SIDES)},
    )
    first = next(iter(park.yardsticks.values()), None)
    ds.attrs |= {
        "parksim_version": version("parksim"),
        "park": park.park.name,
        **headings(park),
        "site": park.site.name,
        "site_zh": park.site.name_zh or "",
        "start": str(park.time.stamps[0]),
        "horizon_h": park.time.horizon_h,
        "year_share": park.time.year_share,
        "clock": park.time.clock,
        "objective_cny": bench.slopes.objective_cny,
        "co2_t": bench.slopes.co2_t,
        "yardstick": "" if first is None else f"{first.title} ({first.year}), {first.factor_t_per_mwh:g} t/MWh",
        "yardsticks": yardsticks(park),
        "nudges": bench.slopes.nudges,
        "structure_key": bench.program.structure_key,
    }
    return ds
