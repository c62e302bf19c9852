"""The verdict in words: clauses with figure, limit and outcome, and three points for the terminal."""

from collections.abc import Iterable, Mapping
from typing import Any

from parksim.report import formats as f
from parksim.report.words import language, say, tell

Clause = Mapping[str, Any]
Verdict = Mapping[str, Any]

PER_TCE = "t tce-1"
"""Unit of the core indicator in the results."""

HYDRO = "_with_hydro"
"""End of the keys of clauses that count hydro too."""

NOTHING = "–"
LARGE = 9_995.0
"""From so many certificates on they are counted by ten thousand in Chinese."""

DIGITS = (3, 4, 5, 6)
"""Figures are written with as many digits as tell them from their limit."""


def name_of(key: str) -> str:
    """Name a clause."""
    name = say(f"verdict.clause.{key.removesuffix(HYDRO)}")
    return say("verdict.clause.with_hydro", clause=name) if key.endswith(HYDRO) else name


def outcome_of(clause: Clause) -> str:
    """Say how a clause stands."""
    return say(f"verdict.outcome.{clause['outcome']}")


def certainty_of(clause: Clause) -> str:
    """Say whether the wording of a clause was seen."""
    return say(f"verdict.certainty.{clause['certainty']}")


def limit_of(clause: Clause) -> str:
    """Write the limit of a clause."""
    if clause["limit"] is None:
        return NOTHING
    told = say(f"verdict.limit.{clause['sense']}", limit=limit_value(clause))
    return say("verdict.limit.in_principle", limit=told) if clause["in_principle"] else told


def limit_value(clause: Clause) -> str:
    """Write the value of the limit of a clause that has one."""
    limit = float(clause["limit"])
    if clause["unit"] == PER_TCE:
        return f.united(f.plain_number(limit), f.unit_name("tCO₂/tce"))
    return f.united(f.plain_number(100.0 * limit), "%")


def figure_of(clause: Clause) -> str:
    """Write the figure of a clause, or its range."""
    low, high = clause["figure"], clause["figure_max"]
    if low is None:
        return NOTHING
    least = _written(low, clause)
    if high is None:
        return say("verdict.figure.open", low=least)
    most = _written(high, clause)
    return least if least == most else say("verdict.figure.range", low=least, high=most)


def _written(figure: float, clause: Clause) -> str:
    """Write a figure so that it does not read like a limit it misses."""
    limit = clause["limit"]
    per_tce = clause["unit"] == PER_TCE
    size = 1.0 if per_tce else 100.0
    for digits in DIGITS:
        text = f.sig(size * figure, digits)
        if limit is None or text != f.sig(size * limit, digits) or abs(figure - limit) < 1e-9:
            break
    return f.united(text, f.unit_name("tCO₂/tce") if per_tce else "%")


def told_of(text: str) -> str:
    """Tell a text of the rules in the language of the moment."""
    return tell(text).replace("CO2", "CO₂")


def missing_of(verdict: Verdict, keys: Iterable[str]) -> str:
    """Say what is missing, in one phrase."""
    return f.points([told_of(verdict["missing"][key]) for key in keys])


def doubts_of(clause: Clause) -> str:
    """Say what is open in the wording of a clause, in one phrase."""
    return f.points([told_of(doubt) for doubt in clause["doubts"]])


def per_tce(value: float) -> str:
    """Write CO2 per energy."""
    return f.united(f.sig(value), f.unit_name("tCO₂/tce"))


def certificates(mwh: float) -> str:
    """Write a number of green certificates, one a MWh; in Chinese they are counted by the piece.

    Examples
    --------
    >>> certificates(685_000.0).replace(f.THIN, " ")
    '685 000 MWh'
    """
    if language() != "zh":
        return f.united(f.sig(mwh), "MWh")
    size, unit = (1e4, "万个") if mwh >= LARGE else (1.0, "个")
    return f.united(f.sig(mwh / size), unit)


def core_of(verdict: Verdict) -> Clause:
    """Give the clause of the core indicator."""
    return clause_of(verdict, "co2_per_energy")


def clause_of(verdict: Verdict, key: str) -> Clause:
    """Give a clause by its key."""
    return next(clause for clause in verdict["clauses"] if clause["key"] == key)


def core_in_answer(verdict: Verdict) -> str:
    """Say whether the core indicator is met and what would close its gap, as a sentence of the answer."""
    clause = core_of(verdict)
    if clause["outcome"] not in ("pass", "fail"):
        return say("answer.core_open")
    told = {"figure": figure_of(clause), "limit": limit_of(clause)}
    if clause["outcome"] == "pass":
        return say("answer.core_pass", **told)
    gap = _gap_in_answer(verdict["certificates"], least=clause["figure_max"] is None)
    return say("answer.core_fail", gap=gap, **told)


def _gap_in_answer(found: Mapping[str, Any], *, least: bool) -> str:
    if not found["gap_co2_t"]:
        return ""
    if not found["closes_gap"]:
        return say("answer.core_left")
    low, high = (f.money(found[f"cost_{end}_cny"]) for end in ("min", "max"))
    key = "answer.core_closed_least" if least else "answer.core_closed"
    return say(key, number=certificates(found["needed_mwh"]), low=low, high=high)


# the terminal


def points(verdict: Verdict) -> list[str]:
    """Tell the verdict in three sentences: the core indicator, direct supply, direct connection.

    Parameters
    ----------
    verdict
        What :func:`parksim.accounts.verdict.verdict` gave.
    """
    found = {clause["key"]: clause for clause in verdict["clauses"]}
    told = (_core(verdict, found["co2_per_energy"]), _direct(found["direct_supply"]), _connections(found))
    return [say("verdict.point", told=text) for text in told]


def _core(verdict: Verdict, clause: Clause) -> str:
    text = say("verdict.core", notice=clause["notice"], outcome=outcome_of(clause))
    if clause["figure"] is not None and clause["limit"] is not None:
        text += say("verdict.core.figure", figure=figure_of(clause), limit=limit_of(clause))
        text += say("verdict.core.uncertain") if clause["certainty"] == "uncertain" else ""
    elif verdict["energy"]["electricity_co2_t_per_tce"] is not None:
        text += say("verdict.core.electricity", figure=per_tce(verdict["energy"]["electricity_co2_t_per_tce"]))
    text += _gap(verdict["certificates"], least=clause["figure_max"] is None)
    if clause["missing"]:
        text += say("verdict.core.missing", missing=missing_of(verdict, clause["missing"]))
    return text


def _gap(found: Mapping[str, Any], *, least: bool) -> str:
    if not found["gap_co2_t"]:
        return ""
    if not found["closes_gap"]:
        return say("verdict.core.open", mass=f.mass(found["left_co2_t"]))
    low, high = (f.money(found[f"cost_{end}_cny"]) for end in ("min", "max"))
    key = "verdict.core.closed_least" if least else "verdict.core.closed"
    return say(key, number=certificates(found["needed_mwh"]), low=low, high=high)


def _direct(clause: Clause) -> str:
    told = {"outcome": outcome_of(clause), "certainty": certainty_of(clause)}
    return say("verdict.direct", figure=figure_of(clause), limit=limit_of(clause), **told)


def _connections(found: Mapping[str, Clause]) -> str:
    text = say("verdict.connection", notice=found["connection_share"]["notice"], **_three(found, ""))
    hydro = f"connection_share{HYDRO}" in found
    return text + (say("verdict.hydro", **_three(found, HYDRO)) if hydro else "")


def _three(found: Mapping[str, Clause], suffix: str) -> dict[str, str]:
    clauses = {name: found[f"connection_{name}{suffix}"] for name in ("self_use", "share", "export")}
    return {
        name: say("verdict.judged", figure=figure_of(clause), outcome=outcome_of(clause))
        for name, clause in clauses.items()
    }
