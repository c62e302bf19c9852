"""Numbers of a park that vary between limits, and a live park solved at many points of them, near ones in turn."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from parksim.questions.live import Live  # first: Pyomo before Numba, see parksim/lp/__init__.py

# isort: split
from parksim.accounts.reading import Results
from parksim.accounts.scalars import scalars
from parksim.changes import Checked, changed_park, field_at
from parksim.component import Array
from parksim.errors import InputError, NoSolution
from parksim.factors import multipliable, resolved, times
from parksim.fields import fields_of
from parksim.inputs import Inputs, gather
from parksim.messages import nearest
from parksim.park import Park
from parksim.questions.tables import Range
from parksim.tours import tours

Solved = Callable[[int, int], None]
"""Called after each solve with how many are done, and of how many."""

TOLD = 8
"""Most points told that are no valid park."""


@dataclass(frozen=True)
class Varied:
    """One field that varies.

    Parameters
    ----------
    path
        Of the park file.
    low, high
        Limits of its value, or of the factor on ``base``.
    base
        What a factor multiplies: a number, a table or a profile; None where the field takes the value itself.
    """

    path: str
    low: float
    high: float
    base: Any = None

    def change(self, at: float) -> Any:
        """Give what the field is changed to."""
        return at if self.base is None else times(self.base, at)

    def told(self, at: float) -> str:
        """Say where the field stands."""
        return f"{self.path} = {at:g}" if self.base is None else f"{self.path} x {at:g}"


def varied(park: Park, inputs: Mapping[str, Range], *, like: Inputs | None = None) -> tuple[Varied, ...]:
    """Read which fields of a park vary, and check both ends of each.

    Parameters
    ----------
    like
        What the park has read; the profiles of both ends are read then too.

    Raises
    ------
    InputError
        If there is none, a path leads nowhere, or limits are no two rising numbers, or the park refuses one of them.
    StructureChanged
        If a field is structure.
    """
    if not inputs:
        msg = 'inputs: got none, must be one at least, such as {"components.battery.energy_max_mwh": (40.0, 120.0)}.'
        raise InputError(msg)
    found, problems = list[Varied](), list[str]()
    for path, given in inputs.items():
        try:
            one = _read(park, path, given)
            for end in (one.low, one.high):
                changed = changed_park(park, {path: one.change(end)})
                if like is not None:
                    gather(changed, like=like)
        except InputError as error:
            problems += [f"inputs: {problem}" for problem in error.problems]
        else:
            found.append(one)
    if problems:
        raise InputError(list(dict.fromkeys(problems)))
    return tuple(found)


def _read(park: Park, path: str, given: Range) -> Varied:
    factor = isinstance(given, Mapping)
    if isinstance(given, Mapping) and list(given) != ["factor"]:
        msg = f"{path}: got keys {', '.join(given)}, must be (low, high) or {{'factor': (low, high)}}."
        raise InputError(msg)
    limits = given["factor"] if isinstance(given, Mapping) else given
    numbers = [v for v in limits if isinstance(v, int | float) and not isinstance(v, bool) and np.isfinite(v)]
    if len(limits) != 2 or len(numbers) != 2:
        msg = f"{path}: got {list(limits)}, must be two finite numbers: low and high."
        raise InputError(msg)
    low, high = map(float, numbers)
    if not low < high:
        msg = f"{path}: got low {low:g} and high {high:g}; low must be below high."
        raise InputError(msg)
    if not factor:
        field_at(park, path)
        return Varied(path, low, high)
    return Varied(path, low, high, _base(park, path))


def _base(park: Park, path: str) -> Any:
    """Find what a factor multiplies; a profile of a file becomes its values."""
    _, table, field, inner = field_at(park, path)
    value, doc = getattr(table, field), fields_of(type(table))[field]
    for key in inner:
        value = value.get(key) if isinstance(value, Mapping) else None
    if not multipliable(value, doc):
        msg = f"{park.place}: {path}: a factor needs a number, a table by month or season, or a profile there."
        raise InputError(msg)
    return resolved(park, value, unit=doc.unit or "", path=path)


def figures(ds: Results) -> dict[str, float]:
    """Sum a run up by the single numbers that are known, such as ``green_share`` or ``battery.full_cycles``."""
    return {name: value for name, value in scalars(ds).items() if np.isfinite(value)}


def solve_all(
    live: Live, inputs: Sequence[Varied], points: Array, *, indicators: Sequence[str], progress: Solved
) -> Array:
    """Solve a park at every point of a design.

    Parameters
    ----------
    live
        The park; the changes are in force afterwards.
    points
        Shape (points, inputs); one that is there twice is solved once.
    indicators
        Names of :func:`figures`.

    Returns
    -------
    ndarray, shape (points, indicators)

    Raises
    ------
    InputError
        If some points are no valid parks, which is told before anything is solved, or there is no such indicator.
    NoSolution
        If a point has no operation: a design is worth nothing without all of its points.
    """
    once, back = np.unique(points, axis=0, return_inverse=True)
    problems, checked = list[str](), Checked()
    for point in once:
        try:
            changed_park(live.start, _changes(inputs, point), before=checked)
        except InputError as error:
            problems += [f"{_place(inputs, point)}: {problem}" for problem in error.problems]
    if problems:
        more = [f"... and {len(problems) - TOLD} more."] if len(problems) > TOLD else []
        raise InputError(problems[:TOLD] + more)
    low, span = np.array([one.low for one in inputs]), np.array([one.high - one.low for one in inputs])
    order = tours((once - low) / span)
    values = np.zeros((len(once), len(indicators)))
    for done, number in enumerate(order.tolist()):
        values[number] = _solved(live, inputs, once[number], indicators)
        progress(done + 1, len(once))
    return values[back.reshape(-1)]


def _changes(inputs: Sequence[Varied], point: Array) -> dict[str, Any]:
    return {one.path: one.change(at) for one, at in zip(inputs, point.tolist(), strict=True)}


def _place(inputs: Sequence[Varied], point: Array) -> str:
    return ", ".join(one.told(at) for one, at in zip(inputs, point.tolist(), strict=True))


def _solved(live: Live, inputs: Sequence[Varied], point: Array, indicators: Sequence[str]) -> list[float]:
    """Solve one point, and read its indicators."""
    try:
        live.set(_changes(inputs, point))
        found = figures(live.answer().draft)
    except InputError as error:
        raise InputError([f"{_place(inputs, point)}: {problem}" for problem in error.problems]) from None
    except NoSolution as error:
        where = f"at {_place(inputs, point)}; the analysis needs every point. Narrow the limits, or add a shortfall."
        raise NoSolution(error.termination, suspects=(where, *error.suspects)) from error
    unknown = [name for name in indicators if name not in found]
    if unknown:
        known = ", ".join(found)
        raise InputError(
            [f"indicators: there is no {name!r}.{nearest(name, [*found])} There are: {known}." for name in unknown]
        )
    return [found[name] for name in indicators]
