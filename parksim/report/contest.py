"""Which solver: the table of a contest, and a page with its chart, from plain tables."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from parksim.report import formats as f
from parksim.report import theme
from parksim.report.catalogue import Language
from parksim.report.svg import Bar, bars
from parksim.report.terminal import Printed
from parksim.report.words import say, speaking, tell

COLUMNS = ("place", "solver", "seconds", "cpu", "gap", "memory", "iterations", "answer")
NO_SOLUTION = {"infeasible", "infeasible_or_unbounded", "unbounded"}

STYLE = f"""
body {{ font: 15px/1.5 {theme.FONT}; color: {theme.INK}; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }}
h1 {{ font-size: 1.4rem; }} .muted, caption {{ color: {theme.MUTED}; }} svg {{ max-width: 100%; height: auto; }}
.scroll {{ overflow-x: auto; }} table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; }}
th, td {{ padding: .3rem .7rem .3rem 0; text-align: right; border-bottom: 1px solid {theme.RULE}; }}
th:nth-child(2), td:nth-child(2), th:last-child, td:last-child {{ text-align: left; }}
td:nth-child(-n+6) {{ white-space: nowrap; }}
dt {{ font-weight: 600; }} dd {{ margin: 0 0 .5rem; }}
"""


def _number(value: float | None) -> str:
    return "–" if value is None else f.sig(value)


def answer_of(outcome: Mapping[str, Any], *, limit_s: float) -> str:
    """Say what came of a contestant."""
    if outcome["proved"]:
        text = say("bench.proved")
    elif outcome["termination"] == "optimal":
        text = say("bench.tolerance")
    elif outcome["termination"] == "time_limit":
        text = say("bench.time_limit", limit=f"{limit_s:g}")
    elif outcome["termination"] in NO_SOLUTION:
        text = say("bench.no_solution")
    else:
        text = _ended(outcome)
    return f.points([text, tell(outcome["note"])]) if outcome["note"] else text


def _ended(outcome: Mapping[str, Any]) -> str:
    return tell(str(outcome["termination"]).replace("_", " "))


def _iterations(counts: Mapping[str, int]) -> str:
    """Count iterations by kind."""
    return say("list.comma").join(f"{count:,} {tell(kind)}" for kind, count in counts.items()) or "–"


def size(found: Mapping[str, Any]) -> str:
    """Say how large the LP is."""
    return say("bench.size", park=found["park"], rows=f"{found['rows']:,}", columns=f"{found['columns']:,}")


def verdict(found: Mapping[str, Any]) -> str:
    """Say which solver to take."""
    return tell(found["verdict"])


def table(found: Mapping[str, Any]) -> Printed:
    """Lay a contest out, a row for each contestant, best first."""
    rows = []
    for place, outcome in enumerate(found["outcomes"], start=1):
        solved = outcome["termination"] == "optimal"
        gap = outcome["gap"]
        rows.append(
            [
                str(place) if outcome["proved"] else "",
                tell(outcome["title"]),
                _number(outcome["seconds"]),
                _number(outcome["cpu_seconds"]),
                "–" if gap is None or not solved else ("0" if abs(gap) < 1e-12 else f"{gap:.0e}"),
                _number(outcome["memory_mb"]),
                _iterations(outcome["iterations"]),
                answer_of(outcome, limit_s=found["time_limit_s"]),
            ]
        )
    return Printed(["", *(say(f"bench.col.{name}") for name in COLUMNS[1:])], rows)


def _bar(outcome: Mapping[str, Any], what: str, unit: str) -> Bar:
    value = outcome[what]
    solved = outcome["termination"] == "optimal"
    text = f"{f.sig(value)} {unit}" if value is not None and solved else _ended(outcome)
    colour = theme.COLOURS["hydro"] if outcome["proved"] else theme.COLOURS["import"]
    return Bar(
        tell(outcome["title"]),
        value if value is not None and solved else float("nan"),
        text,
        colour,
        not outcome["proved"],
    )


def page(found: Mapping[str, Any], *, lang: Language = "en") -> str:
    """Write a contest as one self-contained page: the finding, two charts, the table.

    Parameters
    ----------
    found
        ``park``, ``rows``, ``columns``, ``time_limit_s``, ``verdict`` and ``outcomes``, as plain tables.
    lang
        Language of the page: ``en`` or ``zh``.
    """
    with speaking(lang):
        return _page(found)


def _page(found: Mapping[str, Any]) -> str:
    outcomes: Sequence[Mapping[str, Any]] = found["outcomes"]
    times = bars(say("bench.times"), [_bar(o, "seconds", "s") for o in outcomes])
    memory = bars(say("bench.memory"), [_bar(o, "memory_mb", "MB") for o in outcomes])
    laid = table(found)
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in laid.headings)
    lines = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>\n" for row in laid.rows)
    about = "".join(f"<dt>{escape(tell(o['title']))}</dt><dd>{escape(tell(o['about']))}</dd>\n" for o in outcomes)
    counts = {name: f"{found[name]:,}" for name in ("steps", "rows", "columns")}
    lead = say("bench.lead", park=found["park"], **counts, limit=f"{found['time_limit_s']:g}")
    return f"""<!doctype html>
<html lang="{say("page.locale")}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(say("bench.title", park=found["park"]))}</title>
<style>{STYLE}</style>
</head>
<body>
<h1>{escape(verdict(found))}</h1>
<p class="muted">{escape(lead)}</p>
{times}
{memory}
<div class="scroll"><table><thead><tr>{head}</tr></thead>
<tbody>
{lines}</tbody></table></div>
<dl>
{about}</dl>
</body>
</html>
"""
