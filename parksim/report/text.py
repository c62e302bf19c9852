"""The report as plain text for the terminal: the answer, key figures, claims, costs, what to read with care."""

import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import xarray as xr

from parksim.accounts.summary import summarise
from parksim.report import formats as f
from parksim.report import sources, tables
from parksim.report.findings import answer, care, span
from parksim.report.view import SMALL, View
from parksim.report.words import say

WIDTH = 96
INDENT = "  "


def text(ds: xr.Dataset, summary: Mapping[str, Any] | None = None) -> str:
    """Tell a run in some forty lines of plain text.

    Parameters
    ----------
    ds
        Results of a run.
    summary
        What :func:`parksim.accounts.summary.summarise` gave for it; summed up here where left out.

    Returns
    -------
    str
        Lines of at most 96 signs where words allow it, without signs that an old terminal lacks.
    """
    view = View(ds, summarise(ds) if summary is None else summary)
    found = sources.fields(view)
    assumed = sum(entry.sort == "assumed" for entry in found)
    parts = [
        f"{view.title} ({span(view)})",
        "",
        *_wrapped(answer(view)),
        *_section("text.figures", _figures(view)),
        *_section("text.claims", _claims(view)),
        *_section("text.co2", _co2(view)),
        *_section("text.storage", _storage(view)),
        *_section("text.costs", _costs(view)),
        *_section("text.care", _items(care(view, assumed=assumed, fields=len(found)))),
        "",
        *_wrapped(_audit(view)),
    ]
    return f.to_plain("\n".join(parts))


def _wrapped(line: str, first: str = "", rest: str = "") -> list[str]:
    """Break a line; thin spaces keep a number and its unit together."""
    return textwrap.wrap(line, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False) or [""]


def _section(title: str, lines: list[str]) -> list[str]:
    return ["", say(title), *lines] if lines else []


def _items(texts: Iterable[str]) -> list[str]:
    return [line for text in texts for line in _wrapped(text, f"{INDENT}- ", INDENT * 2)]


def _aligned(rows: list[list[str]]) -> list[str]:
    """Line up columns, the first to the left, the others to the right."""
    wide = [max(f.columns(row[place]) for row in rows) for place in range(len(rows[0]))] if rows else []
    lines = []
    for row in rows:
        cells = [" " * (wide[place] - f.columns(cell)) + cell for place, cell in enumerate(row)]
        cells[0] = row[0] + " " * (wide[0] - f.columns(row[0]))
        lines.append(INDENT + INDENT.join(cells).rstrip())
    return lines


def _named(rows: Iterable[tuple[str, str]]) -> list[str]:
    """Line up names, and what is said of them."""
    found = list(rows)
    wide = max((f.columns(name) for name, _ in found), default=0)
    return [f"{INDENT}{name}{' ' * (wide - f.columns(name))}{INDENT}{value}" for name, value in found]


def _figures(view: View) -> list[str]:
    figures, load = view.summary, view.load_mwh
    value = {key: float(figures[key]) for key in figures if key.endswith("_mwh")}

    def share(mwh: float) -> str:
        return f", {say('text.of_demand', share=f.percent(mwh / load))}" if load > 0 else ""

    rows = [
        (say("text.demand"), f"{f.energy(load)}, {say('text.peak', peak=f.power(figures['peak_load_mw']))}"),
        (
            say("text.green"),
            f"{f.energy(value['green_supply_mwh'])}, {say('text.of_served', share=f.percent(figures['green_share']))}",
        ),
        (
            say("text.bought"),
            f"{f.energy(value['import_mwh'])}{share(value['import_mwh'])}, "
            f"{say('text.peak', peak=f.power(figures['peak_import_mw']))}",
        ),
    ]
    optional = (
        ("text.sold", "export_mwh"),
        ("text.curtailed", "curtailed_mwh"),
        ("text.not_taken", "direct_not_taken_mwh"),
        ("text.unserved", "unserved_mwh"),
    )
    rows += [(say(word), f.energy(value[key]) + share(value[key])) for word, key in optional if value[key] > SMALL]
    if view.has_green:
        rows.append((say("text.self_use"), f.percent(float(figures["self_use_share"]))))
    return _named(rows)


def _claims(view: View) -> list[str]:
    table = tables.claims_table(view)
    names = ("claim", "claimed", "simulated", "ratio", "verdict")
    rows = (
        []
        if table is None
        else [dict(zip(names, (cell.text for cell in row.cells), strict=False)) for row in table.rows]
    )
    return _items(say("text.claim", **row) for row in rows)


def _co2(view: View) -> list[str]:
    if not view.yardsticks:
        return []
    head = ["", *(say(f"text.{name}") for name in ("factor", "emitted", "avoided", "additional"))]
    keys = ("emissions_t", "avoided_co2_t", "avoided_additional_co2_t")
    rows = [
        [
            view.yardstick_name(name),
            f.plain_number(float(yardstick["factor_t_per_mwh"])),
            *(f.sig(float(view.summary[key][name])) for key in keys),
        ]
        for name, yardstick in view.yardsticks.items()
    ]
    return _aligned([head, *rows])


def _storage(view: View) -> list[str]:
    return _named(
        (
            view.name(name),
            say(
                "text.cycles",
                cycles=f.sig(store["full_cycles"]),
                depth=f.percent(store["mean_depth"]),
                moved=f.energy(store["discharge_mwh"]),
            ),
        )
        for name, store in view.summary["storage"].items()
    )


def _costs(view: View) -> list[str]:
    table = tables.costs_table(view)
    unit = f.money_scale(float(view.summary["cost_cny"]["total"]))[1]
    head = ["", unit, say("costs.col.per"), say("costs.col.share")]
    return _aligned([head, *[[cell.text for cell in row.cells] for row in table.rows]])


def _audit(view: View) -> str:
    gap = next(iter(view.summary["audit"]["largest"].values()), 0.0)
    ties = " ".join(tables.ties(view)) if np.isfinite(gap) else ""
    return say("text.audit", n=view.summary["audit"]["checks"], gap=f"{gap:.1e}", ties=ties)
