"""What a plan is made of: dimensions, groups of one structure each, and cases; plain, frozen, fit to be sent about."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from parksim.park import Park
from parksim.study.model import Study

NO_GROUP = -1
"""Group of a case whose structure is that of no valid park."""


MANY = 12
"""Longer axes are shown by their ends."""


@dataclass(frozen=True)
class Dimension:
    """One dimension of the study's store.

    Parameters
    ----------
    name
        Name of the axis; of zipped axes all names joined by ``_``; ``sample`` or ``scenario``.
    coords
        Axis to its coordinates, all of the dimension's length: numbers, or labels.
    units
        Axis to the unit of its numbers; empty for labels, ``1`` for factors.
    titles, titles_zh
        Axis to its name in reports; the Chinese is empty where there is none.
    """

    name: str
    coords: Mapping[str, Sequence[float | str]]
    units: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    titles_zh: Mapping[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Number of places on it."""
        return len(next(iter(self.coords.values())))


@dataclass(frozen=True)
class Group:
    """Cases of one structure.

    Parameters
    ----------
    number
        Place in ``Plan.groups``.
    park
        The park with the structural changes made; the cases' changes start from it.
    key
        Structure key of its program.
    """

    number: int
    park: Park
    key: str


@dataclass(frozen=True)
class Case:
    """One park of a study.

    Parameters
    ----------
    number
        Place in ``Plan.cases``; the same whenever the study is planned again.
    at
        Place on every dimension.
    label
        The case in words, such as ``battery 40, tariff time_of_use``.
    group
        Number of its group; ``NO_GROUP`` where its structure is that of no valid park.
    changes
        Path of the park file to value, as ``live.set`` takes them on the group's park.
    position
        Coordinates between 0 and 1; near cases have near positions.
    problem
        Why it is no valid park; such a case is never solved.
    """

    number: int
    at: tuple[int, ...]
    label: str
    group: int
    changes: Mapping[str, Any]
    position: tuple[float, ...]
    problem: str = ""


@dataclass(frozen=True)
class Plan:
    """All cases of a study, checked.

    Parameters
    ----------
    study, park
        What was asked for; the park before any change.
    dimensions
        In the order of the store's dimensions.
    groups, cases
        By their numbers; combinations that a filter leaves out are no cases.
    key
        Hash of everything that moves a number of the store: what makes it the same study.
    """

    study: Study
    park: Park
    dimensions: tuple[Dimension, ...]
    groups: tuple[Group, ...]
    cases: tuple[Case, ...]
    key: str

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of every dimension."""
        return tuple(dimension.size for dimension in self.dimensions)


def plain(plan: Plan) -> dict[str, Any]:
    """Sum a plan up in plain numbers and texts, as ``parksim sweep --check`` tells it.

    Returns
    -------
    dict
        Dimensions with their coordinates, counts of cases and structures, how many combinations filters left out, and
        the cases that are no valid parks.
    """
    dims = {
        dimension.name: {
            "size": dimension.size,
            "coordinates": {name: list(values) for name, values in dimension.coords.items()},
            "units": dict(dimension.units),
            "shown": "; ".join(_shown(name, dimension) for name in dimension.coords),
        }
        for dimension in plan.dimensions
    }
    return {
        "study": plan.study.study.name,
        "park": plan.park.place,
        "dimensions": dims,
        "cases": len(plan.cases),
        "structures": len({group.key for group in plan.groups}),
        "left_out": math.prod(plan.shape) - len(plan.cases),
        "problems": [
            {"case": case.number, "label": case.label, "problem": case.problem} for case in plan.cases if case.problem
        ],
        "key": plan.key,
    }


def _shown(name: str, dimension: Dimension) -> str:
    """Write the coordinates of an axis in a line: all of a few, the ends of many."""
    values = [value if isinstance(value, str) else f"{value:.6g}" for value in dimension.coords[name]]
    text = ", ".join(values) if len(values) <= MANY else f"{', '.join(values[:2])}, ..., {values[-1]}"
    unit = dimension.units.get(name, "")
    return (f"{name}: " if len(dimension.coords) > 1 else "") + text + (f" {unit}" if unit not in {"", "1"} else "")
