"""The report as plain text for the terminal: the answer, key figures, claims, costs, what to read with care."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from parksim.accounts.summary import summarise
from parksim.report import formats as f
from parksim.report import sources, tables
from parksim.report.catalogue import Language
from parksim.report.findings import answer, care, span
from parksim.report.lines import aligned, listed, named, wrapped
from parksim.report.view import SMALL, View
from parksim.report.words import say, speaking


def text(ds: xr.Dataset, summary: Mapping[str, Any] | None = None, *, lang: Language = "en") -> str:
    """Tell a run in some forty lines of plain text.

    Parameters
    ----------
    ds
        Results of a run.
    summary
        What :func:`parksim.accounts.summary.summarise` gave for it; summed up here where left out.
    lang
        Language: ``en`` or ``zh``.

    Returns
    -------
    str
        Lines of at most 96 columns where words allow it, without signs that an old terminal lacks.
    """
    with speaking(lang):
        return _text(View(ds, summarise(ds) if summary is None else summary))


def _text(view: View) -> str:
    found = sources.fields(view)
    assumed = sum(entry.sort == "assumed" for entry in found)
    parts = [
        say("text.title", title=view.title, span=span(view)),
        "",
        *wrapped(answer(view)),
        *_section("text.figures", _figures(view)),
        *_section("text.claims", _claims(view)),
        *_section("text.co2", _co2(view)),
        *_section("text.storage", _storage(view)),
        *_section("text.costs", _costs(view)),
        *_section("text.care", listed(care(view, assumed=assumed, fields=len(found)))),
        "",
        *wrapped(_audit(view)),
    ]
    return f.to_plain("\n".join(parts))


def _section(title: str, lines: list[str]) -> list[str]:
    return ["", say(title), *lines] if lines else []


def _figures(view: View) -> list[str]:
    figures, load = view.summary, view.load_mwh
    value = {key: float(figures[key]) for key in figures if key.endswith("_mwh")}
    peak, bought = f.power(float(figures["peak_load_mw"])), f.power(float(figures["peak_import_mw"]))
    green = f.percent(float(figures["green_share"]))

    def part(key: str, mwh: float, **more: str) -> str:
        """Say an energy, with its share of demand where there is any."""
        share = f.percent(mwh / load) if load > 0 else "–"
        return say(key, energy=f.energy(mwh), share=share, **more)

    rows = [
        (say("text.demand"), say("text.demand.of", energy=f.energy(load), peak=peak)),
        (say("text.green"), say("text.green.of", energy=f.energy(value["green_supply_mwh"]), share=green)),
        (say("text.bought"), part("text.bought.of", value["import_mwh"], peak=bought)),
    ]
    optional = (
        ("text.sold", "export_mwh"),
        ("text.curtailed", "curtailed_mwh"),
        ("text.not_taken", "direct_not_taken_mwh"),
        ("text.unserved", "unserved_mwh"),
    )
    rows += [(say(word), part("text.part", value[key])) for word, key in optional if value[key] > SMALL]
    if view.has_green:
        rows.append((say("text.self_use"), f.percent(float(figures["self_use_share"]))))
    return named(rows)


def _claims(view: View) -> list[str]:
    table = tables.claims_table(view)
    names = ("claim", "claimed", "simulated", "ratio", "verdict")
    rows = (
        []
        if table is None
        else [dict(zip(names, (cell.text for cell in row.cells), strict=False)) for row in table.rows]
    )
    return listed(say("text.claim", **row) for row in rows)


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
    return aligned([head, *rows])


def _storage(view: View) -> list[str]:
    return named(
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
    return aligned([head, *[[cell.text for cell in row.cells] for row in table.rows]])


def _audit(view: View) -> str:
    gap = next(iter(view.summary["audit"]["largest"].values()), 0.0)
    ties = f.sentences(tables.ties(view)) if np.isfinite(gap) else ""
    return say("text.audit", n=view.summary["audit"]["checks"], gap=f"{gap:.1e}", ties=ties)
