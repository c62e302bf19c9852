"""The worth of every number of a park file: what a little more of it does to the cost and to the CO2, from one solve.

    found = ps.worth(ps.load_park("yibin"))
    found.cost_slope.sel(field="components.roof_pv.power_max_mw")

The park is solved once. Then each number is moved a little, the LP filled again, and the slopes follow from the optimal
basis (:mod:`parksim.lp.slopes`). Nothing is solved again, except where a number stands on a kink, or where nothing is
known of a longer way: there a little less and a little more are solved from the optimum.
"""

from collections.abc import Iterable
from importlib.metadata import version

import numpy as np
import xarray as xr

from parksim.lp.program import Program  # first: Pyomo before Numba, see parksim/lp/__init__.py

# isort: split
from parksim.api import solve
from parksim.checks import check_nodes
from parksim.errors import NoSolution
from parksim.inputs import gather
from parksim.levers import Levers
from parksim.lp.slopes import Slope
from parksim.park import Park
from parksim.phases import Progress
from parksim.questions.margins import Bench, Worth, little, toward
from parksim.results import headings, yardsticks

SIDES = ("left", "right")


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
        bench = Bench(program, inputs.values)
    except NoSolution:
        solve(park)  # tells which limits fight
        raise
    found = []
    for lever in Levers(park, inputs):
        told(f"moving {lever.path}")
        one = bench.worth(lever)
        if one is not None:
            found.append(one)
    told("solving a little more and less")
    found = [bench.solved(one) if one.sense == "about" else one for one in found]
    return _dataset(park, bench, found)


def _change(slope: Slope | None, step: float, value: float) -> float:
    return np.nan if slope is None else float(value * step) + 0.0  # no negative nought


def _changes(one: Worth, name: str) -> list[float]:
    """Give the changes for a little less and a little more of a number: as solved, else by the slope of that side."""
    step, place = little(one.lever), 0 if name == "cost_cny" else 1
    found = []
    for slope, solved, sign in zip(toward(one), one.solved, (-1.0, 1.0), strict=True):
        by_slope = _change(slope, sign * step, getattr(slope, name) if slope else np.nan)
        found.append(by_slope if solved is None else solved[place])
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


def _dataset(park: Park, bench: Bench, found: list[Worth]) -> xr.Dataset:
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
            "drift": both([_drift(one) for one in ranked], "1", "what the change to the end misses of the slope"),
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
