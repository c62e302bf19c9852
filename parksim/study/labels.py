"""What is kept of every case, by its labels; known from the parks of a plan before any is solved.

Parks of different structure share one store: its labels are the union over the groups of the plan, in the order in
which they first occur. What a structure lacks stays not a number.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from parksim.lp.program import Program  # first: Pyomo before Numba, see parksim/lp/__init__.py

# isort: split
from parksim.accounts.scalars import Meaning
from parksim.errors import InputError
from parksim.study.names import known, ledger_terms
from parksim.study.plan import Plan

HOURLY = {"power": "flow", "price": "node", "content": "level"}
"""Variables that may be kept by the hour, to the dimension of their labels."""


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


def labels_of(plan: Plan) -> Labels:
    """Collect what is kept of every case of a plan.

    Raises
    ------
    InputError
        If something is to be kept by the hour, and the cases have different hours.
    """
    study, parks = plan.study, [group.park for group in plan.groups]
    programs = [Program(park.components, nodes=park.nodes, time=park.time, limits=park.limited) for park in parks]
    indicators: dict[str, Meaning] = {}
    for park, program in zip(parks, programs, strict=True):
        indicators |= known(park, program)
    if study.keep.indicators != "all":
        asked = {*study.keep.indicators, *(constraint.indicator for constraint in study.constraints.values())}
        indicators = {name: meaning for name, meaning in indicators.items() if name in asked}
    series = [name.split("/", 1) for name in dict.fromkeys(study.keep.hourly)]
    hourly = {each: tuple(label for variable, label in series if variable == each) for each in HOURLY}
    return Labels(
        indicators=indicators,
        terms=_union(ledger_terms(program, "cost") for program in programs),
        sources=_union(ledger_terms(program, "co2") for program in programs),
        hourly={variable: labels for variable, labels in hourly.items() if labels},
        stamps=_stamps(plan) if series else pd.DatetimeIndex([]),
    )


def _union(lists: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(label for labels in lists for label in labels))


def _stamps(plan: Plan) -> pd.DatetimeIndex:
    """Give the steps that all cases have."""
    first, *others = (group.park.time.stamps for group in plan.groups)
    if all(np.array_equal(first.to_numpy(), other.to_numpy()) for other in others):
        return first
    msg = (
        f"{plan.study.place}: keep.hourly: the horizons of the cases differ ([time] is varied), so their hours share "
        "no axis. Leave keep.hourly out, or make a study of each horizon."
    )
    raise InputError(msg)
