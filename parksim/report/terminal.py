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


# studies


def swept(told: Mapping[str, Any]) -> str:
    """Say what became of the cases of a study.

    Parameters
    ----------
    told
        What :func:`parksim.study.store.plain` gave.
    """
    counts = {name: count for name, count in told["counts"].items() if count and name not in {"left_out"}}
    parts = [say(f"sweep.status.{name}", count=f.whole(count)) for name, count in counts.items()]
    return say("sweep.counts", cases=f.whole(sum(counts.values())), parts=f.listed(parts))


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
