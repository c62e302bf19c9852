"""The section of the page that holds the run against the rules: clauses, certificates, existing plants, energy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from parksim.accounts.rules import BANDS, CONNECTION_NOTICE, PARK_NOTICE, band_of
from parksim.report import formats as f
from parksim.report.findings import is_year
from parksim.report.tables import Align, Cell, Row, Table, needed_factors, source_spans
from parksim.report.verdict import (
    HYDRO,
    NOTHING,
    certainty_of,
    doubts_of,
    figure_of,
    limit_of,
    limit_value,
    missing_of,
    name_of,
    outcome_of,
    per_tce,
    told_of,
)
from parksim.report.verdict import certificates as number_of
from parksim.report.view import View
from parksim.report.words import say, tell

NOTICES = {PARK_NOTICE: "verdict.notice.park", CONNECTION_NOTICE: "verdict.notice.connection"}
"""Notice to the text that names its rules."""

LOOKS = {"pass": "met", "fail": "not", "not judged": "open"}
"""Outcome to the class of its cell."""

SEEN = 1e-6
"""Less energy than this share of all is not told."""


@dataclass(frozen=True)
class Line:
    """One clause as the page shows it: texts, the class of its outcome, and the rows that its source covers."""

    name: str
    says: str
    figure: str
    limit: str
    outcome: str
    look: str
    certainty: str
    sure: bool
    remarks: list[str]
    source: str
    span: int


def parts(view: View) -> dict[str, Any]:
    """Give everything the section shows."""
    verdict = view.summary["verdict"]
    outside = verdict["outside"]
    return {
        "verdict_title": _title(verdict),
        "verdict_groups": _groups(verdict),
        "verdict_outside": [
            _outside(entry, span)
            for entry, span in zip(outside, _spans([entry["notice"] for entry in outside]), strict=True)
        ],
        "certificates_title": _certificates_title(verdict),
        "certificates_told": _certificates(verdict),
        "needed": needed_factors(view),
        "existing": _existing(view),
        "plants_table": _plants_table(view),
        "final_energy_lead": _energy_lead(verdict["terms"]),
        "final_energy_table": _energy_table(verdict),
    }


# clauses


def _core(verdict: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(c for c in verdict["clauses"] if c["key"] == "co2_per_energy")
    return found


def _title(verdict: Mapping[str, Any]) -> str:
    core = _core(verdict)
    electricity = verdict["energy"]["electricity_co2_t_per_tce"]
    if core["outcome"] in {"pass", "fail"}:
        return say(f"verdict.title.{core['outcome']}", figure=figure_of(core), limit=limit_value(core))
    if electricity is None:
        return say("verdict.title.unknown")
    return say("verdict.title.open", figure=per_tce(electricity))


def _groups(verdict: Mapping[str, Any]) -> list[tuple[str, list[Line]]]:
    """Group the clauses by the notice they stand in."""
    groups = []
    for notice in dict.fromkeys(clause["notice"] for clause in verdict["clauses"]):
        own = [clause for clause in verdict["clauses"] if clause["notice"] == notice]
        spans = _spans([clause["source"] for clause in own])
        lines = [_line(verdict, clause, span) for clause, span in zip(own, spans, strict=True)]
        groups.append((say(NOTICES[notice], notice=notice), lines))
    return groups


def _spans(sources: list[str]) -> list[int]:
    """Give the rows each source covers; 0 where it is that of the row above."""
    return [cell.span for cell in source_spans(sources)]


def _line(verdict: Mapping[str, Any], clause: Mapping[str, Any], span: int) -> Line:
    remarks = [band(verdict["energy"]["total_tce"])] if clause["sort"] == "core" and clause["limit"] is not None else []
    if clause["missing"]:
        remarks.append(say("verdict.missing", missing=missing_of(verdict, clause["missing"])))
    if clause["doubts"]:
        remarks.append(say("verdict.doubt", doubts=doubts_of(clause)))
    return Line(
        name=name_of(clause["key"]),
        says=_says(clause["sort"], "" if clause["key"].endswith(HYDRO) else told_of(clause["says"])),
        figure=figure_of(clause),
        limit=limit_of(clause),
        outcome=outcome_of(clause),
        look=LOOKS[clause["outcome"]],
        certainty=certainty_of(clause),
        sure=clause["certainty"] == "verified",
        remarks=remarks,
        source=told_of(clause["source"]),
        span=span,
    )


def band(tce: float) -> str:
    """Say which parks the limit of the core indicator holds for."""
    low = band_of(tce).from_tce
    high = min((band.from_tce for band in BANDS if band.from_tce > low), default=None)
    told = {"tce": f.mass(tce), "low": _bound(low)}
    return say("verdict.band.last", **told) if high is None else say("verdict.band", high=_bound(high), **told)


def _bound(tce: float) -> str:
    """Write where a band begins or ends, without zeros behind the point."""
    number, unit = f.mass_parts(tce)
    return f.united(number.rstrip("0").rstrip(".") if "." in number else number, unit)


def _says(sort: str, says: str) -> str:
    """Say of which sort a clause is, and what it asks for."""
    told = say(f"verdict.sort.{sort}")
    return say("verdict.says", sort=told, says=says) if says else told


def _outside(entry: Mapping[str, Any], span: int) -> Line:
    limit = NOTHING
    if entry["limit"] is not None:
        limit = say("verdict.limit.at least", limit=f.united(f.plain_number(100.0 * float(entry["limit"])), "%"))
    says = told_of(entry["says"])
    return Line(
        name=f.capital(says),
        says=_says(entry["sort"], ""),
        figure=NOTHING,
        limit=limit,
        outcome=say("verdict.outcome.outside"),
        look="open",
        certainty="",
        sure=True,
        remarks=[],
        source=entry["notice"],
        span=span,
    )


# certificates


def _costs(certificates: Mapping[str, Any]) -> dict[str, str]:
    return {end: f.money(float(certificates[f"cost_{name}_cny"])) for end, name in (("low", "min"), ("high", "max"))}


def _certificates_title(verdict: Mapping[str, Any]) -> str:
    found = verdict["certificates"]
    gap = found["gap_co2_t"]
    if gap is None:
        return say("verdict.certificates.unknown")
    if gap == 0.0:
        return say("verdict.certificates.none")
    if not found["closes_gap"]:
        return say("verdict.certificates.open", left=f.mass(float(found["left_co2_t"])))
    number = number_of(float(found["needed_mwh"]))
    least = _core(verdict)["figure_max"] is None
    key = "verdict.certificates.closed_least" if least else "verdict.certificates.closed"
    return say(key, number=number, **_costs(found))


def _certificates(verdict: Mapping[str, Any]) -> list[str]:
    """Say how large the gap is, what a certificate costs, and what it counts for."""
    found, terms = verdict["certificates"], verdict["terms"]
    first = []
    if found["gap_co2_t"]:
        factor = f.factor(float(terms["untitled_t_per_mwh"]))
        first.append(say("verdict.certificates.gap", gap=f.mass(float(found["gap_co2_t"])), factor=factor))
        if _core(verdict)["figure_max"] is None:
            first.append(say("verdict.certificates.least"))
    if found["held_mwh"]:
        held, counted = (number_of(float(found[f"{name}_mwh"])) for name in ("held", "counted"))
        first.append(say("verdict.certificates.held", held=held, counted=counted))
    if found["needed_mwh"]:
        first.append(_price(terms))
    counts = [
        say(f"verdict.certificates.{key}", clauses=_names(found[name]))
        for key, name in (("count", "count_for"), ("perhaps", "may_count_for"), ("not", "do_not_count_for"))
        if found[name]
    ]
    return [f.sentences(group) for group in (first, [*counts, say("verdict.certificates.nothing")]) if group]


def _names(keys: Sequence[str]) -> str:
    """Name clauses; what holds for one holds for the one that counts hydro too."""
    return f.points([name_of(key) for key in keys if not key.endswith(HYDRO)])


def _price(terms: Mapping[str, Any]) -> str:
    names = [f"certificate_price_{end}_cny_per_mwh" for end in ("min", "max")]
    low, high = (f.united(f.plain_number(float(terms[name])), f.unit_name("CNY/MWh")) for name in names)
    sources = dict.fromkeys(tell(str(terms["sources"][name])) or say("sources.missing") for name in names)
    return say("verdict.certificates.price", low=low, high=high, source=f.points(list(sources)))


# plants


def _existing(view: View) -> dict[str, Any] | None:
    """Tell the energy of plants that existed before, and what it avoids; None where there is none."""
    found = view.summary["verdict"]["reallocated"]
    energy = float(found["green_supply_mwh"])
    if energy <= SEEN * max(view.load_mwh, 1.0):
        return None
    key = "verdict.existing.title" if is_year(view) else "verdict.existing.title_time"
    claimed = {name: float(value) for name, value in found["avoided_as_claimed_co2_t"].items()}
    title = say(key, energy=f.energy(energy), gap=f.writing().gap)
    if not claimed:
        return {"title": title, "lead": "", "table": None}
    ends = [f.mass(pick(claimed.values())) for pick in (min, max)]
    told = ends[0] if ends[0] == ends[1] else say("verdict.figure.range", low=ends[0], high=ends[1])
    names = f.listed([view.name(name) for name in found["plants"]])
    rows = [
        Row(
            [
                Cell(view.yardstick_name(name)),
                Cell(f.sig(value), sort="number"),
                Cell(f.sig(float(found["avoided_additional_co2_t"][name])), sort="number"),
            ]
        )
        for name, value in claimed.items()
    ]
    columns: list[tuple[str, Align]] = [
        (say("yardsticks.col.name"), "text"),
        (say("verdict.existing.col.claimed"), "number"),
        (say("verdict.existing.col.additional"), "number"),
    ]
    table = Table(say("verdict.existing.table"), columns, rows)
    return {"title": title, "lead": say("verdict.existing.lead", names=names, range=told), "table": table}


def _plants_table(view: View) -> Table | None:
    plants: Sequence[Mapping[str, Any]] = view.summary["verdict"]["plants"]
    if not plants:
        return None
    kinds = ("used", "sold", "available")
    scale, unit = f.energy_scale(max(float(plant["available_mwh"]) for plant in plants))
    decimals = f.decimals_for(max(float(plant["available_mwh"]) for plant in plants) / scale)
    rows = []
    for plant in plants:
        cells = [Cell(view.name(plant["component"]))]
        cells += [Cell(f.fixed(float(plant[f"{kind}_mwh"]) / scale, decimals), sort="number") for kind in kinds]
        cells += [Cell(_yes(plant[key])) for key in ("direct", "free_of_co2", "named_for_connection")]
        cells.append(Cell(say(f"verdict.certificate.{plant['certificate']}")))
        rows.append(Row([*cells, Cell(_yes(plant["reallocated"]))]))
    texts: list[tuple[str, Align]] = [
        (say(f"verdict.plants.col.{name}"), "text") for name in ("direct", "free", "named", "certificate", "existing")
    ]
    numbers: list[tuple[str, Align]] = [
        (say(f"verdict.plants.col.{name}", unit=unit), "number") for name in ("used", "sold", "could")
    ]
    first: list[tuple[str, Align]] = [(say("verdict.plants.col.plant"), "text")]
    return Table(say("verdict.plants.table"), [*first, *numbers, *texts], rows)


def _yes(told: bool | None) -> str:
    return say("verdict.perhaps" if told is None else ("verdict.yes" if told else "verdict.no"))


# final energy


def _energy_lead(terms: Mapping[str, Any]) -> str:
    per_mwh = f.united(f.plain_number(float(terms["electricity_tce_per_mwh"])), f.unit_name("tce/MWh"))
    equal = terms["electricity_value"] == "equal"
    source = say("verdict.energy.equal", source=tell(str(terms["sources"]["equal_value_tce_per_mwh"])))
    told = source if equal else say("verdict.energy.calorific")
    return say("verdict.energy.lead", tce=per_mwh, source=told, factor=f.factor(float(terms["untitled_t_per_mwh"])))


def _energy_table(verdict: Mapping[str, Any]) -> Table:
    """List the final energy by carrier; a sum only where the park file states all of it."""
    energy = verdict["energy"]
    rows = [
        Row(
            [
                Cell(_carrier(line)),
                *_amount(line),
                Cell(f.sig(float(line["tce"])), sort="number"),
                Cell(f.sig(float(line["co2_t"])), sort="number"),
                Cell(say(f"verdict.clean.{line['clean']}")),
                Cell(_sources(line), sort="source"),
            ]
        )
        for line in energy["lines"]
        if line["amount"]
    ]
    for key in ("process", "components"):
        if energy[f"{key}_co2_t"]:
            name = say(f"verdict.energy.{'processes' if key == 'process' else 'components'}")
            rows.append(_totals(name, None, float(energy[f"{key}_co2_t"])))
    if energy["total_tce"] is not None:
        total = _totals(say("verdict.energy.sum"), float(energy["total_tce"]), float(energy["total_co2_t"]))
        rows.append(Row(total.cells, "sum"))
    aligns: tuple[tuple[str, Align], ...] = (
        ("carrier", "text"), ("amount", "number"), ("unit", "text"), ("tce", "number"), ("co2", "number"),
        ("clean", "text"), ("source", "text"),
    )  # fmt: skip
    return Table(
        say("verdict.energy.table"), [(say(f"verdict.energy.col.{name}"), align) for name, align in aligns], rows
    )


def _totals(name: str, tce: float | None, co2_t: float) -> Row:
    shown = "" if tce is None else f.sig(tce)
    numbers = [
        Cell("", sort="number"),
        Cell("", sort="unit"),
        Cell(shown, sort="number"),
        Cell(f.sig(co2_t), sort="number"),
    ]
    return Row([Cell(name), *numbers, Cell(""), Cell("", sort="source")])


def _amount(line: Mapping[str, Any]) -> list[Cell]:
    """Write an amount and its unit; electricity in that of the other tables."""
    amount, unit = float(line["amount"]), f.unit_text(line["unit"])
    if line["unit"] == "MWh":
        size, unit = f.energy_scale(amount)
        amount /= size
    return [Cell(f.sig(amount), sort="number"), Cell(unit, sort="unit")]


def _carrier(line: Mapping[str, Any]) -> str:
    section, _, part = str(line["key"]).partition(".")
    if section == "electricity":
        return say(f"verdict.carrier.{part}")
    title = tell(str(line["title"]))
    return f.capital(title)


def _sources(line: Mapping[str, Any]) -> str:
    texts = dict.fromkeys(tell(str(line[f"{name}_source"])) for name in ("amount", "co2") if line[f"{name}_source"])
    return f.points(list(texts))
