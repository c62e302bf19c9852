"""The workbook of a run (``result.xlsx``): the tables of the report, every step, every source.

Numbers are written in full, in one unit a column, with their format; texts are those of the report's language.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from parksim.accounts.summary import summarise
from parksim.report import workbook_rules
from parksim.report.catalogue import Language
from parksim.report.findings import answer, period_name, span, term_name
from parksim.report.formats import unit_name
from parksim.report.sheets import Book, Column, Sort
from parksim.report.sources import fields, source_text
from parksim.report.view import View, number
from parksim.report.words import say, speaking, term

FONTS: dict[Language, str] = {"en": "Calibri", "zh": "Microsoft YaHei"}
"""Fonts by language; a program that lacks one takes its own."""

FIGURES: tuple[tuple[str, str, Sort], ...] = (
    ("load_mwh", "MWh", "whole"),
    ("served_mwh", "MWh", "whole"),
    ("unserved_mwh", "MWh", "whole"),
    ("green_supply_mwh", "MWh", "whole"),
    ("green_share", "", "percent"),
    ("self_use_share", "", "percent"),
    ("renewable_mwh", "MWh", "whole"),
    ("curtailed_mwh", "MWh", "whole"),
    ("direct_mwh", "MWh", "whole"),
    ("direct_not_taken_mwh", "MWh", "whole"),
    ("import_mwh", "MWh", "whole"),
    ("export_mwh", "MWh", "whole"),
    ("peak_load_mw", "MW", "one"),
    ("peak_import_mw", "MW", "one"),
    ("objective_cny", "CNY", "whole"),
    ("cost_cny_per_mwh", "CNY/MWh", "one"),
)
"""Figures of the summary, in order: key, unit, format."""

STORE: tuple[tuple[str, str, Sort], ...] = (
    ("energy_usable_mwh", "MWh", "one"),
    ("charge_mwh", "MWh", "one"),
    ("discharge_mwh", "MWh", "one"),
    ("loss_mwh", "MWh", "one"),
    ("full_cycles", "", "one"),
    ("rainflow_cycles", "", "one"),
    ("mean_depth", "", "percent"),
)


def write_workbook(
    ds: xr.Dataset, path: Path, *, summary: Mapping[str, Any] | None = None, lang: Language = "en"
) -> None:
    """Write a run as a workbook.

    Parameters
    ----------
    ds
        Results of a run.
    path
        The file to write, ``.xlsx``.
    summary
        What :func:`parksim.accounts.summary.summarise` gave for it; summed up here where left out.
    lang
        Language of its texts.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    with speaking(lang):
        view = View(ds, summarise(ds) if summary is None else summary)
        book = Book(path, title=view.title, author=f"parksim {ds.attrs['parksim_version']}", font=FONTS[lang])
        book.sheet(say("workbook.summary"), _figures(view), lead=[view.title, span(view), answer(view)])
        book.sheet(say("workbook.periods"), list(_balance(view)), total=say("workbook.sum"))
        if view.summary["tariff_periods"]:
            book.sheet(say("workbook.tariff"), _tariff(view), total=say("workbook.sum"))
        if view.summary["storage"]:
            book.sheet(say("workbook.storage"), _storage(view))
        book.sheet(say("workbook.costs"), _costs(view), total=say("workbook.sum"))
        if view.claims:
            book.sheet(say("workbook.claims"), _claims(view))
        if view.yardsticks:
            book.sheet(say("workbook.yardsticks"), _yardsticks(view))
        book.sheet(say("workbook.verdict"), workbook_rules.clauses(view))
        if view.summary["references"]:
            book.sheet(say("workbook.references"), workbook_rules.runs(view))
        bases = json.loads(ds.attrs["bases"])
        if bases and ds.sizes["difference"]:
            book.sheet(say("workbook.differences"), workbook_rules.changed(view, bases[0]))
        book.sheet(say("workbook.hours"), list(_hours(view)))
        book.sheet(say("workbook.sources"), _sources(view))
        book.close()


def _figures(view: View) -> list[Column]:
    rows = [(say(f"workbook.figure.{key}"), view.summary[key], unit) for key, unit, _ in FIGURES]
    return [
        Column(say("workbook.col.figure"), "", "text", [row[0] for row in rows]),
        Column(
            say("workbook.col.value"), "", "any", [number(row[1]) for row in rows], sorts=[s for _, _, s in FIGURES]
        ),
        Column(say("workbook.col.unit"), "", "word", [unit_name(row[2]) for row in rows]),
    ]


def _balance(view: View) -> Iterator[Column]:
    """Give the energy of every flow by month, or by day where the horizon is short."""
    names = [period_name(view, place) for place in range(len(view.periods))]
    yield Column(say("workbook.col.day" if view.by_day else "workbook.col.month"), "", "text", names)
    for flow in view.flows:
        if view.moves(flow):
            title = say("workbook.col.feeds" if flow.feeds else "workbook.col.draws", name=flow.name)
            yield Column(title, "MWh", "one", view.per_period(view.power[flow.row]), summed=True)
    for flow in view.with_role("renewable", "direct"):
        unused = view.unused(flow)
        if unused is not None:
            title = say("balance.not_taken" if flow.role == "direct" else "balance.curtailed", name=flow.name)
            yield Column(title, "MWh", "one", view.per_period(unused), summed=True)
    served, green = view.per_period(view.served_mw), view.per_period(view.green_mw)
    yield Column(say("workbook.col.served"), "MWh", "one", served, summed=True)
    yield Column(say("workbook.col.green"), "MWh", "one", green, summed=True)
    share = np.divide(green, served, out=np.full_like(green, np.nan), where=served > 0)
    yield Column(say("workbook.col.green_share"), "", "percent", share)


def _tariff(view: View) -> list[Column]:
    rows = view.summary["tariff_periods"]

    def each(key: str) -> list[Any]:
        return [row[key] for row in rows]

    names = [term(f"tariff_period.{name}", otherwise=name) for name in each("period")]
    return [
        Column(say("workbook.col.connection"), "", "text", [view.name(name) for name in each("component")]),
        Column(say("workbook.col.period"), "", "word", names),
        Column(say("workbook.col.hours"), "h", "whole", each("hours"), summed=True),
        Column(say("workbook.col.price"), "CNY/MWh", "one", each("price_mean_cny_per_mwh")),
        Column(say("workbook.col.bought"), "MWh", "one", each("bought_mwh"), summed=True),
        Column(say("workbook.col.paid"), "CNY", "whole", each("energy_cny"), summed=True),
    ]


def _storage(view: View) -> list[Column]:
    stores = view.summary["storage"]
    columns = [Column(say("workbook.col.store"), "", "text", [view.name(name) for name in stores])]
    for key, unit, sort in STORE:
        columns.append(Column(say(f"workbook.store.{key}"), unit, sort, [store[key] for store in stores.values()]))
    return columns


def _costs(view: View) -> list[Column]:
    terms = {key: float(value) for key, value in view.summary["cost_cny"].items() if key != "total"}
    total, served = float(view.summary["cost_cny"]["total"]), view.served_mwh
    paid = list(terms.values())
    nan = float("nan")
    return [
        Column(say("workbook.col.term"), "", "text", [term_name(view, key) for key in terms]),
        Column(say("workbook.col.paid"), "CNY", "whole", paid, summed=True),
        Column(say("workbook.col.per"), "CNY/MWh", "two", [v / served if served else nan for v in paid], summed=True),
        Column(say("workbook.col.share"), "", "percent", [v / total if total else nan for v in paid], summed=True),
    ]


def _claims(view: View) -> list[Column]:
    rows = view.summary["claims"]
    titles = {claim["title"]: view.claim_title(key) for key, claim in view.claims.items()}
    keys = {"met": "claims.met", "not met": "claims.not_met"}
    sorts: list[Sort] = ["percent" if row["figure"].endswith("_share") else "whole" for row in rows]
    return [
        Column(say("workbook.col.claim"), "", "text", [titles.get(row["claim"], row["claim"]) for row in rows]),
        Column(say("workbook.col.yardstick"), "", "text", [_yardstick(view, row["yardstick"]) for row in rows]),
        Column(say("workbook.col.claimed"), "", "any", [row["claimed"] for row in rows], sorts=sorts),
        Column(say("workbook.col.simulated"), "", "any", [number(row["simulated"]) for row in rows], sorts=sorts),
        Column(say("workbook.col.unit"), "", "word", [unit_name(_unit(row["figure"])) for row in rows]),
        Column(say("workbook.col.ratio"), "", "percent", [number(row["ratio"]) for row in rows]),
        Column(
            say("workbook.col.verdict"),
            "",
            "word",
            [say(keys[row["verdict"]]) if row["verdict"] in keys else row["verdict"] for row in rows],
        ),
        Column(say("workbook.col.source"), "", "long", [row["source"] for row in rows]),
    ]


def _yardstick(view: View, key: str | None) -> str:
    return "" if key is None else view.yardstick_name(key)


def _unit(figure: str) -> str:
    return "" if figure.endswith("_share") else ("t" if figure.endswith("_t") else "MWh")


def _yardsticks(view: View) -> list[Column]:
    keys = [*view.yardsticks]
    tons = (("emissions_t", "emitted"), ("avoided_co2_t", "avoided"), ("avoided_additional_co2_t", "additional"))
    return [
        Column(say("workbook.col.yardstick"), "", "text", [view.yardstick_name(key) for key in keys]),
        Column(
            say("workbook.col.factor"), "t/MWh", "four", [float(view.yardsticks[k]["factor_t_per_mwh"]) for k in keys]
        ),
        *(
            Column(say(f"workbook.col.{word}"), "t", "whole", [number(view.summary[name][k]) for k in keys])
            for name, word in tons
        ),
        Column(say("workbook.col.source"), "", "long", [str(view.yardsticks[k]["source"]) for k in keys]),
    ]


def _hours(view: View) -> Iterator[Column]:
    """Give every step: powers, contents, prices, time-of-use periods."""
    ds = view.ds
    yield Column(say("workbook.col.time"), ds.attrs["clock"], "time", view.stamps)
    for flow in view.flows:
        title = say("workbook.col.feeds" if flow.feeds else "workbook.col.draws", name=flow.name)
        yield Column(title, "MW", "two", view.power[flow.row])
    for row, component in enumerate(ds["level_component"].to_numpy()):
        title = say("workbook.col.content", name=view.name(str(component)))
        yield Column(title, "MWh", "two", ds["content"].to_numpy()[row])
    for row, node in enumerate(ds["node"].to_numpy()):
        yield Column(say("workbook.col.price_at", name=str(node)), "CNY/MWh", "two", ds["price"].to_numpy()[row])
    names = [term(f"tariff_period.{name}", otherwise=str(name)) for name in ds["period"].to_numpy()]
    used = {row["tariff"] for row in view.summary["tariff_periods"]}
    for row, tariff in enumerate(ds["tariff"].to_numpy()):
        if tariff in used:
            at = ds["period_of_step"].to_numpy()[row]
            yield Column(say("workbook.col.period_of", name=str(tariff)), "", "word", [names[place] for place in at])


def _sources(view: View) -> list[Column]:
    found = fields(view)
    return [
        Column(say("sources.col.field"), "", "text", [f"{entry.table}.{entry.name}" for entry in found]),
        Column(say("sources.col.value"), "", "any", [_value(entry.value) for entry in found]),
        Column(say("sources.col.unit"), "", "word", [entry.unit for entry in found]),
        Column(say("sources.col.source"), "", "long", [source_text(entry) for entry in found]),
    ]


def _value(text: str) -> float | str:
    try:
        return float(text.replace("\u202f", "").replace("\u2212", "-"))
    except ValueError:
        return text
