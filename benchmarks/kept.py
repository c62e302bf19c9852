"""The figures that the README shows, all from one run: its block, the chart, and the figures themselves.

python -m benchmarks --keep                                  measure, then keep
python -m benchmarks.kept benchmark-results/benchmarks.json  keep what was measured before
"""

import argparse
import json
import re
import textwrap
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import growth, kernels, reach, sizing, together, whatifs
from benchmarks.drivers import ENGINES
from benchmarks.table import OWN_CALL, all_phases, gap, grid, optimum_gap, ratio, seconds, warm
from parksim.report import theme
from parksim.report.svg import Bar, bars

ROOT = Path(__file__).resolve().parents[1]
FIGURES, CHART, README = ROOT / "docs" / "benchmarks.json", ROOT / "docs" / "benchmarks.svg", ROOT / "README.md"

BLOCK = re.compile(r"(?<=<!-- peers -->\n).*?(?=<!-- /peers -->)", re.DOTALL)
"""Where the README shows them."""

ONLY_HERE = (
    "equal-cost plans settled, width of the tie told",
    "every answer recomputed from its results",
    "a source or an assumption beside every number",
)
"""What parksim does and its peers do not."""

COLOURS = {"parksim": theme.COLOURS["hydro"]}
WIDTH = 120

Found = Mapping[str, Any]


def chart(results: Found) -> str:
    """Draw seconds by engine: model built and handed over, the whole year, one what-if."""
    engines = reach.year_of(results)
    asked = {found["engine"]: found for found in results["what-ifs"]}
    groups = {
        "Model of a year built and handed over, warm": {n: warm(found, "build") for n, found in engines.items()},
        "One cold year, all phases": {name: all_phases(found) for name, found in engines.items()},
        "One what-if on the year, median": {name: whatifs.quantile(found, 0.5) for name, found in asked.items()},
    }
    drawn = []
    for group, values in groups.items():
        base = values.get("parksim")
        for name, value in values.items():
            if value is None:
                continue
            times = "" if name == "parksim" or not base else f" ({value / base:.3g} x)"
            text = f"{seconds(value)} s{times}"
            drawn.append(Bar(ENGINES[name], value, text, COLOURS.get(name, theme.COLOURS["import"]), group=group))
    return bars(
        "Seconds on one machine, in one run; logarithmic: equal lengths are equal ratios", drawn, logarithmic=True
    )


def _what_ifs(results: Found) -> str:
    """Say how the what-ifs were measured."""
    alone = {found["engine"]: len(found["what-ifs"]) for found in results["what-ifs"]}
    both = {found["engine"]: sum(map(len, together.lives(found))) for found in results["what-ifs"]}
    ours, pair = alone.pop("parksim", 0), both.pop("parksim", 0)
    few, few_pair = (" to ".join(map(str, sorted(set(counts.values())))) or "none" for counts in (alone, both))
    return (
        f"What-ifs are random. One after the other for the median: {ours} in parksim, from the change to the audited "
        f"Dataset, the first {few} of them in the peers, of which only the model made anew, its solve and its reading "
        f"back count. In two processes on two cores for the rate: {pair} in parksim, {few_pair} in the peers."
    )


def _notes(results: Found) -> str:
    """Say what stands behind the rows of targets."""
    said = []
    grown = {found["years"]: apart for found in results["growth"] if (apart := growth.apart(found)) is not None}
    if grown:
        said.append(
            f"By pieces and by HiGHS cold, {max(grown)} years cost the same (apart by {gap(grown[max(grown)])})."
        )
    for found in results["sizing"]:
        ours, faster = sizing.sides(found["ways"])
        if ours is not None and faster is not None:
            said.append(
                f"Sizing took {ours['dispatches']} dispatches and {seconds(ours['seconds'])} s to a proved gap of "
                f"{gap(ours['gap'])}, the {sizing.TITLES[faster['way']]}, {seconds(faster['seconds'])} s; costs are "
                f"apart by {gap(sizing.apart(found['ways']))}. {sizing.ABOUT}"
            )
    if results["kernels"]:
        said.append(f"Kernels: {kernels.ABOUT}")
    said.append(f"With {', '.join(f'{name} {number}' for name, number in sorted(results['versions'].items()))}.")
    return textwrap.fill(" ".join(said), WIDTH)


def _peers(results: Found) -> list[str]:
    """Lay the year out side by side."""
    engines, asked = reach.year_of(results), {found["engine"]: found for found in results["what-ifs"]}
    versions, ours = results["versions"], engines["parksim"]
    package = {"parksim": "parksim", "pypsa": "pypsa", "oemof": "oemof-solph", "pyomo": "pyomo"}

    def beside(value: Any, base: float | None, name: str) -> str:
        if value is None:
            return "–"
        return seconds(value) if name == "parksim" else f"{seconds(value)} ({ratio(value, base)})"

    def own(name: str) -> float | None:
        if name != "parksim":
            return warm(engines[name], OWN_CALL[name])
        return (warm(ours, "expand") or 0.0) + (warm(ours, "hand over") or 0.0)

    def what_if(name: str) -> float | None:
        return median(told["seconds"] for told in asked[name]["what-ifs"]) if name in asked else None

    def rate(name: str) -> float | None:
        return 60.0 * together.rate(asked[name]) if name in asked and together.lives(asked[name]) else None

    def above(name: str) -> str:
        return f"{engines[name]['peak_mb'] - engines[name]['bare_imports_mb']:.0f}"

    def row(title: str, value: Any) -> list[str]:
        return [title, *(beside(value(name), value("parksim"), name) for name in engines)]

    rows = [
        row("model built and handed over, warm [s]", lambda name: warm(engines[name], "build")),
        row("of it the model alone, against expansion and hand-over [s]", own),
        row("solve, cold [s]", lambda name: engines[name]["first_s"].get("solve")),
        row("all in, in one process; parksim's with ties, audit, report [s]", lambda name: all_phases(engines[name])),
        row("a what-if on the year, all in, median [s]", what_if),
        row("random what-ifs on two cores, a minute", rate),
        ["memory above the bare imports [MB]", *(above(name) for name in engines)],
        *([title, *("yes" if name == "parksim" else "no" for name in engines)] for title in ONLY_HERE),
    ]
    return grid(["", *(f"{ENGINES[name]} {versions.get(package[name], '')}".strip() for name in engines)], rows)


def block(results: Found) -> str:
    """Write what the README says of a run."""
    machine, engines = results["machine"], reach.year_of(results)
    apart = gap(max(map(abs, optimum_gap(engines).values())))
    place = f"{machine['cores']} cores of {machine['cpu']}, Python {machine['python']}"
    lead = (
        "The Yibin year (8,760 hours) written in each tool and solved by the same HiGHS "
        f"{results['versions']['highspy']}, {results['date']}, {place}; all reach the same optimum (relative "
        f"{apart}, what-ifs {gap(whatifs.apart(results['what-ifs']))}). All figures are from one run; seconds move "
        "from machine to machine and with what else it does, the ratios are what counts. "
        f"{_what_ifs(results)} `pip install '.[test]' && python -m benchmarks --keep` measures it anew and writes this."
    )
    target = "What it is meant to reach, in the same run (processor time tells how far the machine was shared):"
    parts = [textwrap.fill(lead, WIDTH), *_peers(results)]
    image = f"![Seconds by engine: building a year, a cold year, a what-if]({CHART.relative_to(ROOT).as_posix()})"
    targets = [target, "", *reach.table(results), _notes(results)]
    return "\n".join([parts[0], "", *parts[1:], "", image, "", *targets]).rstrip() + "\n"


def _brief(results: Found) -> dict[str, Any]:
    """Leave out what neither the block nor the chart reads."""
    runs = [run for run in results["runs"] if run["case"] == reach.CASE and run["size"] == reach.YEAR_H]
    return {**results, "runs": runs}


def keep(results: Found) -> None:
    """Write the README's block, the chart, and the figures they are made from."""
    brief = _brief(results)
    FIGURES.write_text(json.dumps(brief, indent=1) + "\n", encoding="utf-8")
    CHART.write_text(chart(brief), encoding="utf-8")
    text = README.read_text(encoding="utf-8")
    README.write_text(BLOCK.sub(lambda _: block(brief), text), encoding="utf-8")


def main() -> None:
    """Keep what an earlier run found."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kept")
    parser.add_argument("file", type=Path)
    keep(json.loads(parser.parse_args().file.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()
