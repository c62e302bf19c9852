"""Typical periods: a park solved over a few periods that stand for all, told over its whole horizon.

    days = typical_periods(park, periods=12)      # once
    ds = solve_short(park, days)                  # as often as wanted, also for changed parks of the same clock

Periods are grouped by every array over time that the LP reads. Those of rows and bounds are made alike in all periods
of a class, those of prices stay, and the LP is folded (:mod:`parksim.lp.fold`). The plan is one of the whole horizon
under these profiles and passes the same audit; how far the profiles are from the true ones, no audit tells:
:func:`parksim.aggregate` does.
"""

from dataclasses import dataclass, replace
from typing import get_args

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from parksim.lp.program import Program  # first: Pyomo before Numba, see parksim/lp/__init__.py

# isort: split
from parksim.api import Solved, collect, no_solution
from parksim.checks import check_nodes
from parksim.component import Array
from parksim.errors import InputError, NoSolution
from parksim.fields import fields_of
from parksim.inputs import Inputs, gather
from parksim.lp.decompose import Told
from parksim.lp.fold import Classes, fold
from parksim.lp.layout import NumberRef
from parksim.lp.ties import Ties
from parksim.park import Park
from parksim.phases import Clock, Progress, silent
from parksim.questions.extra import load
from parksim.questions.tables import Grouping, Representation

METHODS: tuple[Grouping, ...] = get_args(Grouping)

REPRESENTATIONS: tuple[Representation, ...] = get_args(Representation)

SCALINGS = 20
"""Most times that a representative is scaled to the true mean; its limits cut it again each time."""

UNKNOWN = (np.nan, np.nan)
"""Least and most energy of plans of equal cost, which nobody looked for."""

CLOSE = 1e-9
"""Difference of means over the range that is none."""


@dataclass(frozen=True)
class Typical:
    """Which periods are alike, and how one is made of those of a class.

    Parameters
    ----------
    classes
        Which steps are operated alike.
    middle
        Period in the middle of every class, shape (classes,).
    representation
        ``medoid``: its profiles, scaled to the true mean within the true range; ``mean``: the mean of the class.
    """

    classes: Classes
    middle: NDArray[np.int64]
    representation: Representation

    def alike(self, values: Array) -> Array:
        """Make an array alike in all periods of a class, shape (time,); its mean stays."""
        step = self.classes.of_step
        if self.representation == "mean":
            return np.asarray((np.bincount(step, weights=values) / np.bincount(step))[step], np.float64)
        first = np.searchsorted(self.classes.period, np.arange(len(self.classes.of_period)))
        chosen = first[self.middle[self.classes.of_period[self.classes.period]]] + self.classes.hour
        taken, low, span = np.asarray(values[chosen], np.float64), float(values.min()), float(np.ptp(values))
        if abs(float(taken.mean() - values.mean())) <= CLOSE * span:
            return taken
        made, right = (taken - low) / span, float(values.mean() - low) / span
        for _ in range(SCALINGS):
            mean = float(made.mean())
            if mean == 0.0 or abs(mean - right) <= CLOSE:
                break
            made = np.minimum(made * (right / mean), 1.0)
        return np.asarray(low + span * made, np.float64)


def typical_periods(
    park: Park,
    *,
    periods: int = 12,
    hours_per_period: int = 24,
    method: Grouping = "hierarchical",
    representation: Representation = "medoid",
    seed: int = 1,
    inputs: Inputs | None = None,
) -> Typical:
    """Group the periods of a horizon by all profiles that the LP reads.

    Parameters
    ----------
    periods
        Number of typical periods. What is left of the horizon behind the last whole period stands for itself.
    hours_per_period
        Their length [h].
    method
        How periods are grouped, by the names of tsam.
    representation
        See :class:`Typical`.
    seed
        Of ``kmeans``.
    inputs
        What the park gave, if it is at hand.

    Raises
    ------
    InputError
        If an argument is wrong, the park cannot be read, or tsam is not installed.
    """
    length = _length(park, periods, hours_per_period, method, representation)
    inputs = gather(park) if inputs is None else inputs
    steps = park.time.steps
    whole = steps // length
    profiles = {
        f"{component}.{name}": values[: whole * length]
        for (component, name), values in varying(inputs, steps=steps).items()
        if np.ptp(values[: whole * length]) > 0.0
    }
    if periods == whole:
        group, middle = np.arange(whole), np.arange(whole)
    elif profiles:
        clusters = load("parksim.questions.clusters", question="aggregate")
        group, middle = clusters.grouped(profiles, groups=periods, length=length, method=method, seed=seed)
    else:
        group, middle = np.zeros(whole, np.int64), np.zeros(1, np.int64)
    at = np.arange(steps)
    if whole * length < steps:
        group, middle = np.append(group, len(middle)), np.append(middle, whole)
    return Typical(Classes(at // length, at % length, group), middle, representation)


def _length(park: Park, periods: int, hours: int, method: str, representation: str) -> int:
    """Check the arguments, and give the steps of a period."""
    problems = []
    for name, value in (("periods", periods), ("hours_per_period", hours)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            problems.append(f"{name}: got {value!r}, must be a whole number of 1 or more.")
    if method not in METHODS:
        problems.append(f"method: got {method!r}, must be one of {', '.join(METHODS)}.")
    if representation not in REPRESENTATIONS:
        problems.append(f"representation: got {representation!r}, must be one of {', '.join(REPRESENTATIONS)}.")
    if problems:
        raise InputError(problems)
    length = round(hours / park.time.step_h)
    whole = park.time.steps // length
    if periods > whole:
        horizon = f"the horizon of {park.time.horizon_h:g} h"
        raise InputError(
            [f"periods: got {periods}, and {horizon} has {whole} of {hours} h. Take fewer or shorter ones."]
        )
    return length


def varying(inputs: Inputs, *, steps: int) -> dict[tuple[str, str], Array]:
    """Give the numbers over time that are not the same in all steps: component and name to values, shape (time,)."""
    return {
        (component, name): np.asarray(value, np.float64)
        for component, numbers in inputs.values.items()
        for name, value in numbers.items()
        if np.shape(value) == (steps,) and np.ptp(value) > 0.0
    }


def made_alike(program: Program, inputs: Inputs, typical: Typical) -> Inputs:
    """Make profiles alike in the periods of a class: what rows and bounds of flows read.

    Prices stay true, since what a class pays is their sum, and so do limits of contents, which differ by period anyway.
    """
    steps = program.lengths["step"]
    done: dict[bytes, Array] = {}

    def alike(value: Array) -> Array:
        array = np.ascontiguousarray(value, np.float64)
        key = array.tobytes()
        if key not in done:
            done[key] = typical.alike(array)
            done[key].setflags(write=False)
        return done[key]

    parts = {}
    for name, part in inputs.parts.items():
        moved = {
            number: alike(np.asarray(value, np.float64))
            for number, value in part.numbers.items()
            if np.shape(value) == (steps,) and NumberRef(name, number) in program.physical
        }
        docs = fields_of(type(inputs.park.components[name]))
        given = {
            field: alike(value)
            for field, value in part.given.items()
            if value.shape == (steps,) and not (docs[field].unit or "").startswith("CNY")
        }
        parts[name] = replace(part, given={**part.given, **given}, numbers={**part.numbers, **moved})
    return replace(inputs, parts=parts)


def solve_short(
    park: Park, typical: Typical, *, inputs: Inputs | None = None, progress: Progress | None = None
) -> xr.Dataset:
    """Find the cheapest operation of a park whose periods of a class are alike, and audit it under these profiles.

    Parameters
    ----------
    park
        Of the clock that ``typical`` was made for.
    inputs
        What the park gave, if it is at hand.
    progress
        Called with the name of each phase as it begins.

    Returns
    -------
    Dataset
        As :func:`parksim.solve`, over the whole horizon; ties are not settled, and a price is the mean of those of all
        steps operated alike.

    Raises
    ------
    InputError
        If the park cannot be read, or has another number of steps.
    NoSolution
        If no operation is alike in all periods of a class.
    AuditError
        If the answer fails its own recomputation.
    """
    if park.time.steps != len(typical.classes.period):
        msg = f"{park.place}: has {park.time.steps} steps, and the periods are those of {len(typical.classes.period)}."
        raise InputError(msg)
    clock = Clock(progress or silent)
    clock.start("read")
    inputs = gather(park) if inputs is None else inputs
    clock.start("declare")
    program = Program(park.components, nodes=park.nodes, time=park.time, limits=park.limited)
    check_nodes(park, program)
    clock.start("expand")
    inputs = made_alike(program, inputs, typical)
    lp = program.fill(inputs.values)
    clock.start("fold")
    folded = fold(program, lp, typical.classes)
    clock.start("solve")
    found = folded.solve()
    if not found.optimal:
        error = no_solution(program, lp, found, park=park)
        why = "Operation is the same in all periods of a class. Take more typical periods, or add a shortfall."
        raise NoSolution(error.termination, suspects=(*error.suspects, why))
    ties = Ties(found, UNKNOWN, UNKNOWN, (), 0, 0.0)
    ds = collect(Solved(park, inputs, program, lp, found, ties, Told(), "typical periods"), clock=clock).ds
    rows, columns = folded.lp.shape
    ds.attrs |= {"short_rows": rows, "short_columns": columns}
    return ds
