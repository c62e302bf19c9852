"""The verdict as a few plain lines for the terminal."""

import textwrap
from collections.abc import Mapping
from typing import Any

from parksim.report import formats as f

WIDTH = 96

WORDS = {
    "title": "Rules for zero-carbon parks",
    "core": "{notice}: {outcome}",
    "core.figure": ", {figure} tCO2/tce, at most {limit}",
    "core.uncertain": " (limit uncertain)",
    "core.electricity": ", {figure} tCO2/tce of electricity alone",
    "core.closed": "; {energy} of green certificates a year ({low} to {high}) would close the gap",
    "core.open": "; no certificates close the gap, {mass} of CO2 would be left above the limit",
    "missing": "; missing: {missing}",
    "direct": "Supplied directly {figure} of electricity, at least {limit}: {outcome} ({certainty})",
    "connection": "{notice}: used in the park {self_use}, of electricity {share}, sold {export}",
    "hydro": "; with hydro (uncertain) {self_use}, {share}, {export}",
    "judged": "{figure} ({outcome})",
}
"""Text by key."""


def say(key: str, **values: object) -> str:
    """Give a text with its values."""
    return WORDS[key].format(**values)


def lines(verdict: Mapping[str, Any]) -> str:
    """Tell the verdict in three items: the core indicator, direct supply, direct connection.

    Parameters
    ----------
    verdict
        What :func:`parksim.accounts.verdict.verdict` gave.
    """
    found = {clause["key"]: clause for clause in verdict["clauses"]}
    items = [_core(verdict, found["co2_per_energy"]), _direct(found["direct_supply"]), _connections(found)]
    told = [
        line
        for item in items
        for line in textwrap.wrap(f"{item}.", WIDTH, initial_indent="  - ", subsequent_indent="    ")
    ]
    return f.to_plain("\n".join([say("title"), *told]))


def _core(verdict: Mapping[str, Any], clause: Mapping[str, Any]) -> str:
    text = say("core", notice=clause["notice"], outcome=clause["outcome"])
    if clause["figure"] is not None and clause["limit"] is not None:
        text += say("core.figure", figure=f.sig(clause["figure"]), limit=f.plain_number(clause["limit"]))
        text += say("core.uncertain") if clause["certainty"] == "uncertain" else ""
    elif verdict["energy"]["electricity_co2_t_per_tce"] is not None:
        text += say("core.electricity", figure=f.sig(verdict["energy"]["electricity_co2_t_per_tce"]))
    missing = say("missing", missing="; ".join(verdict["missing"][key] for key in clause["missing"]))
    return text + _gap(verdict["certificates"]) + (missing if clause["missing"] else "")


def _gap(certificates: Mapping[str, Any]) -> str:
    if not certificates["gap_co2_t"]:
        return ""
    if not certificates["closes_gap"]:
        return say("core.open", mass=f.mass(certificates["left_co2_t"]))
    low, high = (f.money(certificates[f"cost_{end}_cny"]) for end in ("min", "max"))
    return say("core.closed", energy=f.energy(certificates["needed_mwh"]), low=low, high=high)


def _figure(clause: Mapping[str, Any]) -> str:
    low, high = clause["figure"], clause["figure_max"]
    if low is None:
        return "–"
    return f.percent(low) if low == high else f"{f.percent(low)} – {f.percent(high)}"


def _direct(clause: Mapping[str, Any]) -> str:
    told = {key: clause[key] for key in ("outcome", "certainty")}
    return say("direct", figure=_figure(clause), limit=f.percent(clause["limit"], 2), **told)


def _connections(found: Mapping[str, Mapping[str, Any]]) -> str:
    text = say("connection", notice=found["connection_share"]["notice"], **_three(found, ""))
    hydro = "connection_share_with_hydro" in found
    return text + (say("hydro", **_three(found, "_with_hydro")) if hydro else "")


def _three(found: Mapping[str, Mapping[str, Any]], suffix: str) -> dict[str, str]:
    clauses = {name: found[f"connection_{name}{suffix}"] for name in ("self_use", "share", "export")}
    return {name: say("judged", figure=_figure(c), outcome=c["outcome"]) for name, c in clauses.items()}
