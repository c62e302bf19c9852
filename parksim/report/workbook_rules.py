"""Sheets of the workbook for what a run is held against: rules, reference runs, the base of a variant."""

import math
from typing import Any

from parksim.report import formats as f
from parksim.report.references import name_of, own_figures, references
from parksim.report.sheets import Column, Sort
from parksim.report.variant import differences
from parksim.report.verdict import PER_TCE, certainty_of, doubts_of, missing_of, outcome_of, told_of
from parksim.report.verdict import name_of as clause_name
from parksim.report.view import View, number
from parksim.report.words import say

REFERENCE: tuple[tuple[str, str, str, Sort], ...] = (
    ("cost_cny", "cost", "CNY", "whole"),
    ("unit_cost_cny_per_mwh", "per", "CNY/MWh", "one"),
    ("saving_cny", "saving", "CNY", "whole"),
    ("green_share", "green_share", "", "percent"),
    ("import_mwh", "bought", "MWh", "whole"),
    ("export_mwh", "sold", "MWh", "whole"),
    ("unserved_mwh", "unserved", "MWh", "whole"),
    ("peak_import_mw", "peak", "MW", "one"),
)
"""Figures of a reference: key, heading, unit, format."""


def clauses(view: View) -> list[Column]:
    """List every clause; figures in full, an open end stays empty."""
    verdict = view.summary["verdict"]
    found: list[dict[str, Any]] = verdict["clauses"]
    sorts: list[Sort] = ["four" if clause["unit"] == PER_TCE else "percent" for clause in found]
    units = ["tCO₂/tce" if clause["unit"] == PER_TCE else "" for clause in found]
    numbers = {
        name: [number(clause[key]) for clause in found]
        for name, key in (("from", "figure"), ("to", "figure_max"), ("limit", "limit"))
    }
    missing = [missing_of(verdict, clause["missing"]) for clause in found]
    senses = [say(f"verdict.sense.{clause['sense']}") for clause in found]
    texts: dict[str, tuple[Sort, list[str]]] = {
        "clause": ("text", [clause_name(clause["key"]) for clause in found]),
        "notice": ("word", [clause["notice"] for clause in found]),
        "sort": ("word", [say(f"verdict.sort.{clause['sort']}") for clause in found]),
    }
    after: dict[str, tuple[Sort, list[str]]] = {
        "outcome": ("word", [outcome_of(clause) for clause in found]),
        "certainty": ("word", [certainty_of(clause) for clause in found]),
        "missing": ("note", missing),
        "open": ("note", [doubts_of(clause) for clause in found]),
        "source": ("long", [told_of(clause["source"]) for clause in found]),
    }
    return [
        *(_texts(name, sort, values) for name, (sort, values) in texts.items()),
        *(_numbers(name, numbers[name], sorts) for name in ("from", "to")),
        _texts("sense", "word", senses),
        _numbers("limit", numbers["limit"], sorts),
        _texts("unit", "word", [f.unit_name(unit) for unit in units]),
        *(_texts(name, sort, values) for name, (sort, values) in after.items()),
    ]


def _texts(name: str, sort: Sort, values: list[str]) -> Column:
    return Column(say(f"workbook.col.{name}"), "", sort, values)


def _numbers(name: str, values: list[float], sorts: list[Sort]) -> Column:
    return Column(say(f"workbook.col.{name}"), "", "any", values, sorts=sorts)


def runs(view: View) -> list[Column]:
    """List the run and every reference; one without a plan has no figures, and says why."""
    found = references(view)
    lines: list[dict[str, Any]] = [own_figures(view), *(dict(one) for one in found.values())]
    names = [say("references.run"), *(name_of(view, key, one) for key, one in found.items())]
    columns = [_texts("run", "text", [f.capital(name) for name in names])]
    for key, heading, unit, sort in REFERENCE:
        columns.append(Column(say(f"workbook.col.{heading}"), unit, sort, [number(line[key]) for line in lines]))
    for key in view.yardsticks:
        tons = [math.nan if line["emissions_t"] is None else number(line["emissions_t"][key]) for line in lines]
        columns.append(Column(say("workbook.col.co2", name=view.yardstick_name(key)), "t", "whole", tons))
    remarks = [say("references.remark", **_why(line)) if line.get("feasible") is False else "" for line in lines]
    return [*columns, _texts("remark", "long", remarks)]


def _why(line: dict[str, Any]) -> dict[str, str]:
    return {name: str(line[name]) for name in ("termination", "note")}


def changed(view: View, base: str) -> list[Column]:
    """List every value in which a variant differs from its base."""
    found = differences(view)
    columns: tuple[tuple[str, str, Sort], ...] = (
        ("meaning", say("workbook.col.meaning"), "note"),
        ("base", say("workbook.col.base", base=base), "note"),
        ("here", say("workbook.col.here"), "note"),
        ("source", say("workbook.col.source"), "long"),
        ("path", say("workbook.col.path"), "text"),
    )
    return [Column(title, "", sort, [one[key] for one in found]) for key, title, sort in columns]
