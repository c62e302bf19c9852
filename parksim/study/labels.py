"""What is kept of every case, by its labels; known from the parks of a plan before any is solved.

Parks of different structure share one store: its labels are the union over the groups of the plan, in the order in
which they first occur. What a structure lacks stays not a number.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from parksim.lp.program import Program  # first: Pyomo before Numba, see parksim/lp/__init__.py

# isort: split
from parksim.accounts.final_energy import TECHNOLOGY_OF_KIND
from parksim.accounts.scalars import Meaning, named
from parksim.errors import InputError
from parksim.messages import nearest
from parksim.park import Park
from parksim.study.model import Study
from parksim.study.plan import Group, Plan

HOURLY = {"power": "flow", "price": "node", "content": "level"}
"""Variables that may be kept by the hour, to the dimension of their labels."""

LEDGERS = ("cost", "co2")

WATER = {"hydro", "mixed"}
"""What a plant that may be run by water is said to run on."""


@dataclass(frozen=True)
class Labels:
    """What is kept of every case.

    Parameters
    ----------
    indicators
        Name of an indicator to its unit and title.
    terms, sources
        Of the ledgers of cost and CO2.
    hourly
        Variable to the labels that are kept by the hour.
    stamps
        Begin of every step, shape (time,); empty where nothing is kept by the hour.
    """

    indicators: dict[str, Meaning]
    terms: tuple[str, ...]
    sources: tuple[str, ...]
    hourly: dict[str, tuple[str, ...]]
    stamps: pd.DatetimeIndex


@dataclass(frozen=True)
class _Told:
    """What one structure tells."""

    indicators: dict[str, Meaning]
    terms: list[str]
    sources: list[str]
    hourly: dict[str, list[str]]


def labels_of(plan: Plan) -> Labels:
    """Collect what is kept of every case of a plan.

    Raises
    ------
    InputError
        If ``[keep]`` or a constraint names what no case has, or is by the hour and the horizons differ.
    """
    study, told = plan.study, [_told(group.park) for group in plan.groups]
    indicators: dict[str, Meaning] = {}
    hourly: dict[str, list[str]] = {variable: [] for variable in HOURLY}
    for each in told:
        indicators |= {name: meaning for name, meaning in each.indicators.items() if name not in indicators}
        hourly = {variable: _union(hourly[variable], each.hourly[variable]) for variable in HOURLY}
    problems = [*_unknown_indicators(study, indicators), *_unknown_series(study, hourly)]
    if study.keep.hourly:
        problems += _other_horizons(study, plan.groups)
    if problems:
        raise InputError(problems)
    if study.keep.indicators != "all":
        asked = {*study.keep.indicators, *(constraint.indicator for constraint in study.constraints.values())}
        indicators = {name: meaning for name, meaning in indicators.items() if name in asked}
    chosen = [series.split("/", 1) for series in dict.fromkeys(study.keep.hourly)]
    kept = {name: tuple(label for variable, label in chosen if variable == name) for name in HOURLY}
    return Labels(
        indicators=indicators,
        terms=tuple(_union(*(each.terms for each in told))),
        sources=tuple(_union(*(each.sources for each in told))),
        hourly={name: labels for name, labels in kept.items() if labels},
        stamps=plan.groups[0].park.time.stamps if chosen and plan.groups else pd.DatetimeIndex([]),
    )


def _union(*lists: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(label for labels in lists for label in labels))


def _told(park: Park) -> _Told:
    """Read the labels of a park's results from its structure."""
    program = Program(park.components, nodes=park.nodes, time=park.time)
    flows = [block for block in program.columns.values() if block.sort == "flow"]
    levels = [block for block in program.columns.values() if block.sort == "level"]
    charged, discharged = ({f.component for f in flows if f.role == role} for role in ("charge", "discharge"))
    ledgers = {
        name: _union(f"{b.component}.{b.term}" for b in program.bookings if b.ledger == name) for name in LEDGERS
    }
    own = {
        f"{name}.{indicator.name}": Meaning(indicator.unit, f"{indicator.meaning or indicator.name}, {name}")
        for name, component in park.components.items()
        for indicator in component.indicators
    }
    indicators = named(
        stores=_union(level.component for level in levels if level.component in charged & discharged),
        yardsticks=park.yardsticks,
        own=own,
        hydro=any(_water(component) for component in park.components.values()),
    )
    hourly = {
        "power": [flow.label for flow in flows],
        "price": [name for name in park.nodes if f"{name}.balance" in program.rows],
        "content": [level.label for level in levels],
    }
    return _Told(indicators, ledgers["cost"], ledgers["co2"], hourly)


def _water(component: object) -> bool:
    """Whether a component may be a plant that runs on water."""
    kind, technology = getattr(component, "kind", ""), getattr(component, "technology", "")
    return TECHNOLOGY_OF_KIND.get(kind) in WATER or technology in WATER


def _unknown_indicators(study: Study, known: dict[str, Meaning]) -> list[str]:
    """Say which names are no indicator."""
    named_at = [("keep.indicators", name) for name in ([] if study.keep.indicators == "all" else study.keep.indicators)]
    named_at += [
        (f"constraints.{key}.indicator", constraint.indicator) for key, constraint in study.constraints.items()
    ]
    return [
        f"{study.place}: {where}: got {name!r}, which no case of the study has."
        f"{nearest(name, [*known])} docs/studies.md lists the names."
        for where, name in named_at
        if name not in known
    ]


def _unknown_series(study: Study, known: dict[str, list[str]]) -> list[str]:
    """Say which names are no hourly series."""
    series = [f"{variable}/{label}" for variable, labels in known.items() for label in labels]
    return [
        f"{study.place}: keep.hourly: got {name!r}, which no case of the study has."
        f"{nearest(name, series)} There are: {', '.join(series)}."
        for name in study.keep.hourly
        if name not in series
    ]


def _other_horizons(study: Study, groups: Sequence[Group]) -> list[str]:
    """Say that hourly series need one horizon."""
    stamps = [group.park.time.stamps.to_numpy() for group in groups]
    if all(np.array_equal(stamps[0], other) for other in stamps[1:]):
        return []
    return [
        f"{study.place}: keep.hourly: the cases' horizons differ ([time] is varied), so their hours share no axis. "
        f"Leave keep.hourly out, or make a study of each horizon."
    ]
