"""The park held against the rules for zero-carbon parks and green direct connection, clause by clause.

A figure is a range where the park file or the wording of a clause leaves it open: a clause is passed where the whole
range passes, failed where none of it does, and cannot be judged otherwise. What is missing is named, never guessed.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from parksim.accounts.claims import NOT_JUDGED, ROUNDING
from parksim.accounts.final_energy import FinalEnergy, Plant, final_energy
from parksim.accounts.reading import Results

PASS, FAIL = "pass", "fail"

Sense = Literal["at most", "at least"]


@dataclass(frozen=True)
class Clause:
    """What a rule asks for.

    Parameters
    ----------
    notice
        The notice it stands in.
    sort
        ``core`` (failing it bars acceptance), ``condition``, or ``guiding`` (may be waived with reasons).
    unit
        Unit of figure and limit.
    limits
        Values that the limit may take, the strictest first; the rest of this file says which holds.
    certificates
        Whether green certificates bought count for it.
    certainty
        ``verified``, or ``uncertain`` where its wording was not seen; ``doubts`` say what is open.
    says
        The clause in words.
    source
        Where it was seen, with tag.
    in_principle
        Whether the notice asks for it in principle (原则上) only.
    """

    notice: str
    sort: Literal["core", "condition", "guiding"]
    unit: str
    sense: Sense
    limits: tuple[float, ...]
    certificates: Literal["yes", "no", "by_wording"]
    certainty: Literal["verified", "uncertain"]
    says: str
    doubts: tuple[str, ...]
    source: str
    in_principle: bool = False


PARK_NOTICE = "发改环资〔2025〕910号"
CONNECTION_NOTICE = "发改能源〔2025〕650号"

_COMPILED = "rule table that names the annexes of the notice [verified in a compilation]"
_CONNECTION = "text and readings of the notice; notice of 2026-05-20 for several users [verified]"
_HYDRO = "the notice names wind, PV and biomass; hydro by direct line is a provincial pilot arrangement"


def _on_connection(
    sense: Sense, limits: tuple[float, ...], says: str, *, doubts: tuple[str, ...] = (), hydro: bool = False
) -> Clause:
    return Clause(
        notice=CONNECTION_NOTICE,
        sort="condition",
        unit="1",
        sense=sense,
        limits=limits,
        certificates="no",
        certainty="uncertain" if hydro else "verified",
        says=says + (", hydro counted too" if hydro else ""),
        doubts=(_HYDRO, *doubts) if hydro else doubts,
        source=_CONNECTION,
    )


_SELF_USE = "used in the park, of what directly connected plants could make in a year"
_SHARE = "from directly connected plants, of the electricity used in a year"
_SHARE_DOUBTS = (
    "35 % holds for new projects from 2030 in one source, by 2030 in another",
    "counted of all electricity of the park; where several users share a connection it may serve part of the load",
)
_EXPORT = "sold, of what directly connected plants could make in a year; none without a continuous spot market"
_EXPORT_DOUBT = "20 % holds as a rule; exceptions were not seen"

CLAUSES: dict[str, Clause] = {
    "co2_per_energy": Clause(
        notice=PARK_NOTICE,
        sort="core",
        unit="t tce-1",
        sense="at most",
        limits=(0.2, 0.3),
        certificates="yes",
        certainty="verified",
        says="CO2 of energy and processes per final energy of a calendar year",
        doubts=("the way of counting was seen in a compilation that names the annex, not in the annex",),
        source=f"limits [verified]; method: {_COMPILED}",
    ),
    "direct_supply": Clause(
        notice=PARK_NOTICE,
        sort="condition",
        unit="1",
        sense="at least",
        limits=(0.5,),
        certificates="no",
        certainty="uncertain",
        says="supplied directly and free of CO2, of the electricity used in a year",
        doubts=("asked for in principle; exceptions and the treatment of exports were not seen",),
        source=f"annex 3, {_COMPILED}",
        in_principle=True,
    ),
    "clean_energy": Clause(
        notice=PARK_NOTICE,
        sort="guiding",
        unit="1",
        sense="at least",
        limits=(0.9,),
        certificates="by_wording",
        certainty="uncertain",
        says="clean energy, of the final energy of a year",
        doubts=(
            "whether natural gas, hydrogen brought in, and certificates count was not seen; both readings are told",
        ),
        source="value [verified], definition not seen",
    ),
    "connection_self_use": _on_connection("at least", (0.6,), _SELF_USE),
    "connection_share": _on_connection("at least", (0.35, 0.30), _SHARE, doubts=_SHARE_DOUBTS),
    "connection_export": _on_connection("at most", (0.0, 0.2), _EXPORT, doubts=(_EXPORT_DOUBT,)),
    "connection_self_use_with_hydro": _on_connection("at least", (0.6,), _SELF_USE, hydro=True),
    "connection_share_with_hydro": _on_connection("at least", (0.35, 0.30), _SHARE, doubts=_SHARE_DOUBTS, hydro=True),
    "connection_export_with_hydro": _on_connection("at most", (0.0, 0.2), _EXPORT, doubts=(_EXPORT_DOUBT,), hydro=True),
}
"""Every clause that is judged; those of ``with_hydro`` only where a directly connected plant runs on water."""


@dataclass(frozen=True)
class Band:
    """Limit of CO2 per energy for parks that use at least ``from_tce`` a year [tce], [t tce-1]."""

    from_tce: float
    limit_t_per_tce: float | None
    doubts: tuple[str, ...] = ()


BANDS = (
    Band(0.0, None, ("no limit was seen for parks that use less than 20,000 tce a year",)),
    Band(2e4, 0.2, ("the class begins at 200,000 tce in one reading and at 20,000 tce in a provincial copy",)),
    Band(2e5, 0.2),
    Band(1e6, 0.3),
)
"""Limits of the core indicator by energy of a year."""

CALORIFIC = "electricity is counted at its calorific value; the national method takes the equal value"
"""What is open where a park file asks for it."""

LATER = 2030
"""Year from which on a direct connection has to meet the stricter share."""

SUMMED = ("used_mwh", "sold_mwh", "available_mwh")
"""What is summed over the plants of a reading."""

NAMED = {"pv": True, "wind": True, "biomass": True, "hydro": False}
"""Technology to whether the notice on direct connection names it; ``mixed`` may or may not be."""

MISSING = {
    "whole_year": "the rules speak of a calendar year, and the horizon is shorter",
    "other_energy": "energy besides electricity: add [other_energy.NAME], or all_electric = true to [verdict]",
    "process_co2_t": "CO2 of industrial processes: add process_co2_t to [verdict], 0 if there is none",
    "other_nodes": "coal equivalent of what is bought at nodes that are not electric",
    "energy": "any use of energy",
    "band": "a limit for parks that use so little energy",
    "direct_plant": "a directly connected plant",
    "technology": "what the plants of a mixed supply run on",
    "wording": "the wording of what counts as clean",
    "continuous_spot": "whether the spot market runs continuously: add continuous_spot to [verdict]",
}
"""What keeps a figure or a judgement open, in words."""

OUTSIDE = {
    "product_energy": (PARK_NOTICE, "guiding", "products at level 2 of the national energy limits or better", None),
    "solid_waste": (PARK_NOTICE, "guiding", "industrial solid waste put to use", 0.8),
    "waste_heat": (PARK_NOTICE, "guiding", "waste heat, cold and pressure put to use", 0.5),
    "water_reuse": (PARK_NOTICE, "guiding", "industrial water used again", 0.8),
    "sized_by_load": (CONNECTION_NOTICE, "condition", "plants sized by the load (以荷定源)", None),
    "one_responsible_unit": (CONNECTION_NOTICE, "condition", "several users: one responsible legal unit", None),
}
"""Clauses that parksim has no data for: notice, sort, what they say, limit."""


@dataclass(frozen=True)
class Finding:
    """A clause judged.

    Parameters
    ----------
    figure, figure_max
        The figure, or the ends of its range; NaN where it cannot be told, infinite where the end is open.
    limit
        The limit; NaN where none is known.
    missing
        Keys of :data:`MISSING`: what keeps the figure or the judgement open.
    doubts
        What is open in the clause's wording, and in what the park file asks for.
    """

    key: str
    figure: float
    figure_max: float
    limit: float
    outcome: str
    missing: tuple[str, ...]
    certainty: str
    doubts: tuple[str, ...]

    @property
    def clause(self) -> Clause:
        """What the rule asks for."""
        return CLAUSES[self.key]


def _passes(figure: float, limit: float, sense: Sense) -> bool:
    return figure <= limit + ROUNDING if sense == "at most" else figure >= limit - ROUNDING


def _judge(
    key: str,
    figures: Iterable[float],
    limits: Iterable[float] | None = None,
    *,
    hinders: Iterable[str] = (),
    missing: Iterable[str] = (),
    doubts: tuple[str, ...] = (),
) -> Finding:
    """Judge a clause by every figure and every limit that may hold; the last limit is the one told.

    Parameters
    ----------
    limits
        Those of the clause where left out.
    hinders
        What is missing and keeps the clause from being judged at all.
    missing
        What is missing and leaves the figure a range, or the limit open.
    """
    clause, found, hindered = CLAUSES[key], list(figures), list(hinders)
    held = list(clause.limits if limits is None else limits)
    outcomes = {_passes(figure, limit, clause.sense) for figure in found for limit in held}
    judged = len(outcomes) == 1 and not hindered
    return Finding(
        key=key,
        figure=min(found, default=math.nan),
        figure_max=max(found, default=math.nan),
        limit=held[-1] if held else math.nan,
        outcome=(PASS if outcomes.pop() else FAIL) if judged else NOT_JUDGED,
        missing=tuple(dict.fromkeys([*hindered, *missing])),
        certainty="uncertain" if doubts else clause.certainty,
        doubts=(*clause.doubts, *doubts),
    )


def band_of(tce: float) -> Band:
    """Find the band that a year's energy lies in.

    Examples
    --------
    >>> band_of(1e6).limit_t_per_tce, band_of(999_999.0).limit_t_per_tce
    (0.3, 0.2)
    """
    return next(band for band in reversed(BANDS) if tce >= band.from_tce * (1.0 - ROUNDING))


def _year(energy: FinalEnergy) -> list[str]:
    return [] if energy.whole_year else ["whole_year"]


def _all_energy(energy: FinalEnergy) -> list[str]:
    """Name what keeps the final energy of the park from being known."""
    found = [*_year(energy), *([] if energy.stated else ["other_energy"])]
    found += ["other_nodes"] if energy.other_nodes else []
    return found or ([] if energy.tce > 0.0 else ["energy"])


def _co2_per_energy(energy: FinalEnergy) -> Finding:
    process = [] if energy.terms["process_co2_t"] is not None else ["process_co2_t"]
    hinders = _all_energy(energy)
    if hinders:
        return _judge("co2_per_energy", [], [], hinders=hinders, missing=process)
    band, least = band_of(energy.tce), energy.co2_t / energy.tce
    figures = [least, math.inf] if process else [least]
    doubts = (*band.doubts, *([CALORIFIC] if energy.terms["electricity_value"] == "calorific" else []))
    if band.limit_t_per_tce is None:
        return _judge("co2_per_energy", figures, [], hinders=["band"], missing=process, doubts=doubts)
    return _judge("co2_per_energy", figures, [band.limit_t_per_tce], missing=process, doubts=doubts)


def _direct_supply(energy: FinalEnergy) -> Finding:
    used = energy.used_mwh
    share = [energy.electricity_mwh["direct"] / used] if used > 0.0 else []
    hinders = [*_year(energy), *([] if share else ["energy"])]
    return _judge("direct_supply", share, hinders=hinders)


def _clean_energy(energy: FinalEnergy) -> Finding:
    hinders = _all_energy(energy)
    if hinders:
        return _judge("clean_energy", [], hinders=hinders)
    sure, by_wording = (
        sum(line.tce for line in energy.lines if line.clean in counted) / energy.tce
        for counted in ({"yes"}, {"yes", "by_wording"})
    )
    missing = ["wording"] if by_wording > sure + ROUNDING else []
    return _judge("clean_energy", [sure, by_wording], missing=missing)


def _connections(energy: FinalEnergy, first_year: int) -> Iterator[Finding]:
    """Judge the clauses on direct connection for the plants the notice names, and with hydro where there is any."""
    near = [plant for plant in energy.plants if plant.direct and plant.energy.available_mwh > 0.0]
    named = [plant for plant in near if NAMED.get(plant.technology, False)]
    perhaps = [plant for plant in near if NAMED.get(plant.technology, True)]
    yield from _connection(energy, [named, perhaps], first_year, "")
    if len(perhaps) < len(near):
        yield from _connection(energy, [near], first_year, "_with_hydro")


def _connection(energy: FinalEnergy, readings: list[list[Plant]], first_year: int, suffix: str) -> Iterator[Finding]:
    """Judge the three clauses by each reading of which plants count; the first counts the fewest."""
    whole_mwh = energy.used_mwh * (energy.years if energy.whole_year else 1.0)
    sums = [[sum(getattr(p.energy, name) for p in chosen) for name in SUMMED] for chosen in readings if chosen]
    missing = ["technology"] if len(readings[0]) < len(readings[-1]) else []
    hinders = [*_year(energy), *([] if sums else ["direct_plant"])]
    unsure = missing if not readings[0] else []
    shares = [used / whole_mwh for used, _, _ in sums] if whole_mwh > 0.0 else []
    shares += [0.0] if unsure and shares else []
    later, sooner = CLAUSES["connection_share"].limits
    year = int(energy.terms["connection_year"] or first_year)
    yield _judge(
        f"connection_self_use{suffix}",
        [used / could for used, _, could in sums],
        hinders=[*hinders, *unsure],
        missing=missing,
    )
    yield _judge(
        f"connection_share{suffix}",
        shares,
        [later if year >= LATER else sooner],
        hinders=[*hinders, *([] if shares or not sums else ["energy"])],
        missing=missing,
    )
    export, spot = [sold / could for _, sold, could in sums], energy.terms["continuous_spot"]
    none_or_some = CLAUSES["connection_export"].limits
    asks = spot is None and max(export, default=0.0) > ROUNDING
    yield _judge(
        f"connection_export{suffix}",
        export,
        none_or_some[1:] if spot else none_or_some if spot is None else none_or_some[:1],
        hinders=[*hinders, *unsure],
        missing=[*missing, *(["continuous_spot"] if asks else [])],
    )


def findings(ds: Results, *, energy: FinalEnergy | None = None) -> list[Finding]:
    """Judge every clause.

    Parameters
    ----------
    ds
        Results of a run.
    energy
        Its final energy, if it is at hand.
    """
    energy = energy or final_energy(ds)
    first_year = pd.Timestamp(ds.variables["time"].to_numpy()[0]).year
    alone = (_co2_per_energy(energy), _direct_supply(energy), _clean_energy(energy))
    return [*alone, *_connections(energy, first_year)]


def clause_variables(ds: Results) -> dict[str, Any]:
    """Give the clauses as variables for the results of a run: figure, limit and outcome of each."""
    found = findings(ds)
    numbers = {name: [getattr(f, name) for f in found] for name in ("figure", "figure_max", "limit")}
    words = {
        "unit": [f.clause.unit for f in found],
        "outcome": [f.outcome for f in found],
        "missing": [" ".join(f.missing) for f in found],
    }
    return (
        {"clause": ("clause", [f.key for f in found])}
        | {f"clause_{name}": ("clause", np.array(values, np.float64)) for name, values in numbers.items()}
        | {f"clause_{name}": ("clause", np.array(texts, dtype=object)) for name, texts in words.items()}
    )
