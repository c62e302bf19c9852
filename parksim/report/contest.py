"""Which solver: the table of a contest, and a page with its chart, from plain tables."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from parksim.report import formats as f
from parksim.report import theme
from parksim.report.svg import Bar, bars

HEADINGS = ("", "solver", "seconds", "processor s", "gap", "memory MB", "iterations", "answer")
PROVED = "optimal vertex"
WORDS = {
    "time_limit": "not within {limit:g} s",
    "infeasible": "no solution",
    "infeasible_or_unbounded": "no solution",
    "unbounded": "no solution",
}

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
        text = PROVED
    elif outcome["termination"] == "optimal":
        text = "to tolerance, no vertex"
    else:
        text = WORDS.get(outcome["termination"], str(outcome["termination"]).replace("_", " ")).format(limit=limit_s)
    return f"{text}; {outcome['note']}" if outcome["note"] else text


def rows(found: Mapping[str, Any]) -> list[list[str]]:
    """Lay a contest out: headings, then a row for each contestant, best first."""
    table = [list(HEADINGS)]
    for place, outcome in enumerate(found["outcomes"], start=1):
        solved = outcome["termination"] == "optimal"
        gap = outcome["gap"]
        table.append(
            [
                str(place) if outcome["proved"] else "",
                outcome["title"],
                _number(outcome["seconds"]),
                _number(outcome["cpu_seconds"]),
                "–" if gap is None or not solved else ("0" if abs(gap) < 1e-12 else f"{gap:.0e}"),
                _number(outcome["memory_mb"]),
                ", ".join(f"{count:,} {kind}" for kind, count in outcome["iterations"].items()) or "–",
                answer_of(outcome, limit_s=found["time_limit_s"]),
            ]
        )
    return table


def _bar(outcome: Mapping[str, Any], what: str, unit: str) -> Bar:
    value = outcome[what]
    solved = outcome["termination"] == "optimal"
    text = f"{f.sig(value)} {unit}" if value is not None and solved else str(outcome["termination"]).replace("_", " ")
    colour = theme.COLOURS["hydro"] if outcome["proved"] else theme.COLOURS["import"]
    return Bar(
        outcome["title"], value if value is not None and solved else float("nan"), text, colour, not outcome["proved"]
    )


def page(found: Mapping[str, Any]) -> str:
    """Write a contest as one self-contained page: the finding, two charts, the table.

    Parameters
    ----------
    found
        ``park``, ``rows``, ``columns``, ``time_limit_s``, ``verdict`` and ``outcomes``, as plain tables.
    """
    outcomes: Sequence[Mapping[str, Any]] = found["outcomes"]
    times = bars("Time to solve [s], built LP to answer", [_bar(o, "seconds", "s") for o in outcomes])
    memory = bars("Memory above the built LP, peak [MB]", [_bar(o, "memory_mb", "MB") for o in outcomes])
    head, *body = rows(found)
    table = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    lines = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>\n" for row in body)
    about = "".join(f"<dt>{escape(o['title'])}</dt><dd>{escape(o['about'])}</dd>\n" for o in outcomes)
    size = f"{found['steps']:,} steps, {found['rows']:,} rows, {found['columns']:,} columns"
    each = f"Each solver in a process of its own, at most {found['time_limit_s']:g} s."
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(found["park"])}: which solver</title>
<style>{STYLE}</style>
</head>
<body>
<h1>{escape(found["verdict"])}</h1>
<p class="muted">{escape(found["park"])}: {size}.
{each} Filled bars end
at an optimal vertex, which has prices; outlined ones stop at a tolerance.</p>
{times}
{memory}
<div class="scroll"><table><thead><tr>{table}</tr></thead>
<tbody>
{lines}</tbody></table></div>
<dl>
{about}</dl>
</body>
</html>
"""
