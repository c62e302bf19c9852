"""Tables that commands print besides the report: headings and rows as texts, in the language of the moment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import Any

from parksim.report import formats as f
from parksim.report.words import say, tell

MILLION = 1e6


@dataclass(frozen=True)
class Printed:
    """A table: headings, and rows of as many cells."""

    headings: list[str]
    rows: list[list[str]]


def written(paths: Iterable[Path]) -> str:
    """Say which files were written."""
    return say("print.written", files=", ".join(str(path) for path in paths))


# sizing


def sizes(told: Mapping[str, Any]) -> Printed:
    """Lay out the capacities chosen, with their costs and ranges.

    Parameters
    ----------
    told
        What :func:`parksim.questions.sized.plain` gave.
    """
    chosen: Mapping[str, Any] = told["sizes"]
    shares = list(next(iter(chosen.values()))["near_optimal"])
    headings = [say(f"size.col.{name}") for name in ("capacity", "chosen", "build", "year")]
    headings += [say("size.col.within", share=f"{float(share):.0%}") for share in shares]
    rows = []
    for label, entry in chosen.items():
        yearly = (entry["annuity_cny"] + entry["upkeep_cny"]) / told["year_share"]
        money = (f"{entry['investment_cny'] / MILLION:,.1f}", f"{yearly / MILLION:,.2f}")
        ends = (
            say("size.range", low=f"{low:,.1f}", high=f"{high:,.1f}") for low, high in entry["near_optimal"].values()
        )
        capacity = f"{entry['capacity']:,.2f} {f.unit_name(entry['unit'])}"
        rows.append([label.removeprefix("components."), capacity, *money, *ends])
    return Printed(headings, rows)


def sizing_cost(told: Mapping[str, Any]) -> str:
    """Say what the sized park costs, and how sure that is."""
    parts = {name: f"{told[f'{name}_cny'] / MILLION:,.3f}" for name in ("objective", "operation", "capacities")}
    gap, seconds = f"{max(told['gap'], 0.0):.1e}", f"{told['seconds']:.1f}"
    return say("size.cost", **parts, gap=gap, dispatches=told["dispatches"], seconds=seconds)


# other engines


def engines(told: Mapping[str, Any], titles: Mapping[str, str]) -> Printed:
    """Lay out the objectives of all engines.

    Parameters
    ----------
    told
        What :func:`parksim.peers.crosscheck.plain` gave.
    titles
        Engine to what it calls itself.
    """
    rows = []
    for name, answer in told["engines"].items():
        shown = ["–", "–"] if answer["problem"] else [f"{answer['objective_cny']:,.2f}", f"{answer['gap']:.1e}"]
        rows.append([f"{titles[name]} {answer['version']}", *shown, f"{answer['seconds']:.1f}"])
    return Printed(["", *(say(f"crosscheck.col.{name}") for name in ("objective", "gap", "seconds"))], rows)


def energies(told: Mapping[str, Any], titles: Mapping[str, str]) -> Printed:
    """Lay out the energy of every flow in all engines; as for :func:`engines`."""
    rows = [
        [flow, *("–" if isnan(value) else f"{value:,.3f}" for value in by_engine.values())]
        for flow, by_engine in told["energy_mwh"].items()
    ]
    return Printed([say("crosscheck.col.energy"), *(titles[name] for name in told["engines"])], rows)


def remarks(told: Mapping[str, Any], titles: Mapping[str, str], verdict: str) -> list[str]:
    """Say which engines gave no answer, and what is to be said of the others."""
    problems = [
        say("crosscheck.problem", engine=titles[name], problem=answer["problem"])
        for name, answer in told["engines"].items()
        if answer["problem"]
    ]
    return [*problems, *(tell(line) for line in (told["note"], verdict) if line)]


# fronts, break-evens, alternatives


def front(told: Mapping[str, Any]) -> Printed:
    """Lay out a Pareto front, point by point.

    Parameters
    ----------
    told
        What :func:`parksim.questions.pareto.pareto` gave, as plain data.
    """
    unit = str(told["unit"])
    share = unit == "1"
    names = ("cost", "price", "co2", "green", "bought", "peak", "unserved")
    criterion = say(f"pareto.against.{told['against']}")
    headings = [criterion, *(say(f"pareto.col.{name}") for name in names)]
    columns = ("criterion", "cost", "price", "co2", "green_share", "import_energy", "peak_import", "unserved")
    rows = []
    for need, cost, price, co2, green, bought, peak, unserved in zip(*(told[name] for name in columns), strict=True):
        first = f"{need:.2%}" if share else f"{need:,.2f} {f.unit_name(unit)}"
        slope = price / 100.0 if share else price
        figures = (f"{cost:,.0f}", f"{slope:,.2f}", f"{co2:,.1f}", f"{green:.1%}")
        rows.append([first, *figures, f"{bought:,.1f}", f"{peak:,.2f}", f"{unserved:,.2f}"])
    return Printed(headings, rows)


def price_meaning(told: Mapping[str, Any]) -> str:
    """Say what the price of a front is per."""
    if told["unit"] == "1":
        return say("pareto.price.share")
    return say("pareto.price", unit=f.unit_name(str(told["unit"])))


def nets(told: Mapping[str, Any]) -> Printed:
    """Lay out what a component nets at the values looked at; as for :func:`broken_even`."""
    headings = [say("break_even.col.value", unit=f.unit_text(str(told["unit"])))]
    headings += [say(f"break_even.col.{name}") for name in ("saving", "own", "net")]
    rows = [
        [f"{value:,.6g}", *(f"{amount:,.0f}" for amount in amounts)]
        for value, *amounts in zip(told["value"], told["saving"], told["own"], told["net"], strict=True)
    ]
    return Printed(headings, rows)


def broken_even(told: Mapping[str, Any]) -> list[str]:
    """Say where a component breaks even.

    Parameters
    ----------
    told
        What :func:`parksim.questions.break_even.break_even` gave, as plain data.
    """
    values = {"field": told["field"], "component": told["component"], "unit": f.unit_text(str(told["unit"]))}
    low, high = (f"{end:,.6g}" for end in (min(told["value"]), max(told["value"])))
    key = f"break_even.{str(told['outcome']).replace(' ', '_')}"
    said = [say(key, **values, value=f"{told['break_even']:,.6g}", low=low, high=high)]
    if not isnan(told["first"]):
        said.append(say("break_even.first", **values, value=f"{told['first']:,.6g}"))
    return said


def designs(told: Mapping[str, Any]) -> Printed:
    """Lay out near-optimal designs: capacities, cost above the best, figures.

    Parameters
    ----------
    told
        What :func:`parksim.questions.alternatives.alternatives` gave, as plain data.
    """
    sizes = [str(label).removeprefix("components.") for label in told["size"]]
    names = ("cost", "above", "green", "co2", "peak")
    headings = [say("alternatives.col.design"), *sizes, *(say(f"alternatives.col.{name}") for name in names)]
    columns = ("design", "share", "capacity", "cost", "above_best", "green_share", "co2", "peak_import")
    rows = []
    for design, share, capacities, cost, above, green, co2, peak in zip(*(told[name] for name in columns), strict=True):
        name = say("alternatives.best") if design == 0 else say("alternatives.within", n=design, share=f"{share:.1%}")
        figures = (f"{cost:,.0f}", f"{above:.2%}", f"{green:.1%}", f"{co2:,.0f}", f"{peak:,.1f}")
        rows.append([name, *(f"{capacity:,.2f}" for capacity in capacities), *figures])
    return Printed(headings, rows)
