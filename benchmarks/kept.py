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

from benchmarks import reach, whatifs
from benchmarks.drivers import ENGINES
from benchmarks.table import OWN_CALL, all_phases, grid, optimum_gap, ratio, seconds, warm
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


def _counts(results: Found) -> str:
    """Say how many what-ifs the peers solved."""
    counts = {len(found["what-ifs"]) for found in results["what-ifs"] if found["engine"] != "parksim"}
    return " to ".join(map(str, sorted(counts))) or "few"


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
        ["memory above the bare imports [MB]", *(above(name) for name in engines)],
        *([title, *("yes" if name == "parksim" else "no" for name in engines)] for title in ONLY_HERE),
    ]
    return grid(["", *(f"{ENGINES[name]} {versions.get(package[name], '')}".strip() for name in engines)], rows)


def block(results: Found) -> str:
    """Write what the README says of a run."""
    machine, engines = results["machine"], reach.year_of(results)
    gap = max(map(abs, optimum_gap(engines).values()))
    count = max((len(found["what-ifs"]) for found in results["what-ifs"]), default=0)
    place = f"{machine['cores']} cores of {machine['cpu']}, Python {machine['python']}"
    lead = (
        "The Yibin year (8,760 hours) written in each tool and solved by the same HiGHS "
        f"{results['versions']['highspy']}, {results['date']}, {place}; all reach the same optimum (relative "
        f"{gap:.0e}, what-ifs {whatifs.apart(results['what-ifs']):.0e}). All figures are from one run; seconds move "
        "from machine to machine and with what else it does, the ratios are what counts. "
        f"What-ifs: {count} random ones in parksim, from the change to the audited Dataset, and the first "
        f"{_counts(results)} of them in the peers, of which only the model made anew, its solve and its reading back "
        "count. `pip install '.[peers]' && python -m benchmarks` measures it anew."
    )
    target = "What it is meant to reach, in the same run (processor time tells how far the machine was shared):"
    parts = [textwrap.fill(lead, WIDTH), *_peers(results)]
    image = f"![Seconds by engine: building a year, a cold year, a what-if]({CHART.relative_to(ROOT).as_posix()})"
    return "\n".join([parts[0], "", *parts[1:], "", image, "", target, "", *reach.table(results)]).rstrip() + "\n"


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
