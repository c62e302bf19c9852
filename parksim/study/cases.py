"""From a study to a plan: every combination of its axes that passes the filters, checked before anything is solved."""

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from parksim.study.groups import Base, Groups  # first: Pyomo before SciPy, see parksim/lp/__init__.py

# isort: split
from parksim.errors import InputError
from parksim.messages import nearest, shown
from parksim.park import Park
from parksim.parkfile import load_park
from parksim.phases import Progress, silent
from parksim.profiles import shipped, shipped_names
from parksim.study.axes import AxisReader, Line
from parksim.study.filters import FilterError, Value, parse
from parksim.study.keys import key_of
from parksim.study.model import Study
from parksim.study.names import hourly_labels, known
from parksim.study.plan import NO_GROUP, Case, Dimension, Group, Plan
from parksim.study.tables import MOST

__all__ = ["NO_GROUP", "Case", "Dimension", "Group", "Plan", "park_of", "plan"]

PROBLEMS_TOLD = 10
"""Most problems told where no case is a valid park."""


def plan(study: Study, *, progress: Progress | None = None) -> Plan:
    """Plan a study.

    Parameters
    ----------
    progress
        Called with the name of each phase as it begins.

    Returns
    -------
    Plan
        A case that is no valid park has its ``problem``; the others are ready to be solved.

    Raises
    ------
    InputError
        If the park cannot be read, a field, an axis, an indicator or a series to keep does not exist, two axes touch
        the same field, there are too many combinations, a filter leaves none, or none is a valid park.
    """
    told = progress or silent
    told("load")
    park = park_of(study)
    told("plan")
    lines = AxisReader(study, park).dimensions()
    dimensions = tuple(_dimension(name, of_dimension) for name, of_dimension in lines.items())
    _check_count(study, dimensions)
    places = _filtered(study, dimensions)
    told("check")
    groups = Groups(study, park)
    cases = tuple(_cases(groups, tuple(lines.values()), places))
    if all(case.problem for case in cases):
        problems = dict.fromkeys(problem for case in cases for problem in case.problem.splitlines())
        raise InputError([f"{study.place}: no case is a valid park.", *list(problems)[:PROBLEMS_TOLD]])
    _check_names(study, groups.bases, cases)
    return Plan(study, park, dimensions, tuple(base.group for base in groups.bases), cases, key_of(study, park))


def park_of(study: Study) -> Park:
    """Read the park of a study: a file beside it, or a shipped park.

    Raises
    ------
    InputError
        If there is no such park, or it cannot be read.
    """
    if study.given is not None:
        return study.given
    asked, place = study.study.park, f"{study.place}: study.park"
    file: Path | str | None = asked
    if study.file is not None:
        beside = Path(study.file).parent / asked
        file = beside if beside.is_file() else shipped("parks", f"{asked.removesuffix('.toml')}.toml")
    if file is None:
        names = [name.removesuffix(".toml") for name in shipped_names("parks")]
        here = sorted(path.name for path in Path(study.file or "").parent.glob("*.toml") if str(path) != study.file)
        near = nearest(asked, here) or nearest(asked, names)
        msg = f"{place}: got {asked!r}, no such file beside this one, and no shipped park.{near} Mend the path."
        raise InputError(msg)
    try:
        return load_park(file)
    except InputError as error:
        raise InputError([f"{place}: {problem}" for problem in error.problems]) from None


def _dimension(name: str, lines: Sequence[Line]) -> Dimension:
    return Dimension(
        name,
        coords={line.name: line.coords for line in lines},
        units={line.name: line.unit for line in lines},
        titles={line.name: line.title for line in lines},
        titles_zh={line.name: line.title_zh for line in lines},
    )


def _check_count(study: Study, dimensions: Sequence[Dimension]) -> None:
    count = math.prod(dimension.size for dimension in dimensions)
    if count > MOST:
        how = " x ".join(f"{dimension.size} ({dimension.name})" for dimension in dimensions)
        msg = (
            f"{study.place}: axes: {how} are {count:,} combinations, must be at most {MOST:,}. Give axes fewer values, "
            "let some walk together (combine.zip), or draw them (combine.sample)."
        )
        raise InputError(msg)


def _filtered(study: Study, dimensions: Sequence[Dimension]) -> list[tuple[int, ...]]:
    """Give the places of all combinations that pass the filters, in the order of the dimensions."""
    coords = {name: values for dimension in dimensions for name, values in dimension.coords.items()}
    labels = {name: [v for v in values if isinstance(v, str)] for name, values in coords.items()}
    filters: dict[str, Callable[[Mapping[str, Value]], bool]] = {}
    problems = []
    for number, text in enumerate(study.combine.where):
        where = f"{study.place}: combine.where[{number}]: {shown(text)}"
        try:
            filters[where] = parse(text, labels)
        except FilterError as error:
            problems.append(f"{where} {error}")
    if problems:
        raise InputError(problems)
    places = list(itertools.product(*(range(dimension.size) for dimension in dimensions)))
    for where, passes in filters.items():
        before = len(places)
        try:
            places = [at for at in places if passes(_coords(dimensions, at))]
        except FilterError as error:
            msg = f"{where} {error}"
            raise InputError(msg) from None
        if not places:
            msg = f"{where} leaves none of {before:,} combinations. Loosen it, or widen an axis."
            raise InputError(msg)
    return places


def _coords(dimensions: Sequence[Dimension], at: Sequence[int]) -> dict[str, Value]:
    return {
        name: values[place]
        for dimension, place in zip(dimensions, at, strict=True)
        for name, values in dimension.coords.items()
    }


def _cases(groups: Groups, dims: Sequence[Sequence[Line]], places: Sequence[tuple[int, ...]]) -> Iterator[Case]:
    """Check every combination."""
    positions = [np.hstack([line.positions() for line in lines]).tolist() for lines in dims]
    for number, at in enumerate(places):
        here = [(line, place) for lines, place in zip(dims, at, strict=True) for line in lines]
        group, changes, problem = groups.place([line.moves[place] for line, place in here])
        label = ", ".join(line.label(place) for line, place in here)
        position = tuple(x for of, place in zip(positions, at, strict=True) for x in of[place])
        yield Case(number, at, label, group, changes, position, problem)


def _check_names(study: Study, bases: Sequence[Base], cases: Sequence[Case]) -> None:
    """Refuse indicators and series that no case can have.

    Raises
    ------
    InputError
        Naming each, with the nearest that there is.
    """
    indicators = list(dict.fromkeys(name for base in bases for name in known(base.group.park, base.program)))
    asked = {f"constraints.{name}.indicator": each.indicator for name, each in study.constraints.items()}
    if study.keep.indicators != "all":
        asked |= {f"keep.indicators[{number}]": name for number, name in enumerate(study.keep.indicators)}
    found = []
    for where, name in asked.items():
        if name not in indicators:
            listed = ", ".join(indicators[:PROBLEMS_TOLD])
            found.append(
                f"{where}: got {name!r}, which is no indicator of the park.{nearest(name, indicators)} "
                f"There are: {listed}, ... (docs/studies.md)."
            )
    labels = list(dict.fromkeys(label for base in bases for label in hourly_labels(base.group.park, base.program)))
    for number, label in enumerate(study.keep.hourly):
        if label not in labels:
            near = nearest(label, labels) or f" There are: {', '.join(labels[:PROBLEMS_TOLD])}, ..."
            found.append(f"keep.hourly[{number}]: got {label!r}, which is no series of the park.{near}")
    if not found:
        return
    lost = next((case for case in cases if case.group == NO_GROUP), None)
    if lost is not None:  # what it would have had is not known
        found.append(f"case {lost.number} ({lost.label}) is no valid park: {lost.problem}")
    raise InputError([f"{study.place}: {problem}" for problem in found])
