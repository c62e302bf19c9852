"""What parksim is meant to reach, row by row, from the figures of one run: target, measured, reached or not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks import growth, sizing, studies, together, whatifs
from benchmarks.table import gap, grid, ratio, seconds, warm

Found = Mapping[str, Any]

YEAR_H = 8760
CASE = "yibin"
"""The case whose year the rows speak of."""


@dataclass(frozen=True)
class Row:
    """One target.

    Parameters
    ----------
    work
        What is measured.
    target
        The least or most that is meant to be reached.
    at_most
        Whether ``target`` is the most; else the least.
    value
        What was measured; None where it was not.
    cpu
        The same by processor time, where that makes sense.
    unit
        Behind the numbers.
    """

    work: str
    target: float
    at_most: bool
    value: float | None
    cpu: float | None = None
    unit: str = "s"

    @property
    def reached(self) -> bool | None:
        """Whether the target is reached; None where nothing was measured."""
        if self.value is None:
            return None
        return self.value <= self.target if self.at_most else self.value >= self.target


def year_of(results: Found) -> Found:
    """Give the engines' figures of the year."""
    runs = [run for run in results["runs"] if run["case"] == CASE and run["size"] == YEAR_H]
    return {} if not runs else dict(runs[0]["engines"])


def _ready(found: Found, *, cpu: bool = False) -> float | None:
    """Time from the park file to a solver that holds the LP, warm [s]."""
    suffix = " cpu" if cpu else ""
    parts = [warm(found, f"read{suffix}"), warm(found, f"build{suffix}")]
    return None if None in parts else sum(part for part in parts if part is not None)


def _over(value: float | None, base: float | None) -> float | None:
    return None if value is None or not base else value / base


def _build(results: Found) -> list[Row]:
    engines = year_of(results)
    ours = engines.get("parksim", {})
    rows = [Row("read, build, hand over one year, warm", 0.15, True, _ready(ours), _ready(ours, cpu=True))]
    for engine, title, target in (("pypsa", "PyPSA", 5.0), ("oemof", "oemof-solph", 20.0)):
        theirs = engines.get(engine, {})
        wall = _over(_ready(theirs), _ready(ours))
        cpu = _over(_ready(theirs, cpu=True), _ready(ours, cpu=True))
        rows.append(Row(f"the same, faster than {title}", target, False, wall, cpu, "x"))
    return rows


def _command(results: Found) -> list[Row]:
    found: Found = next((c for c in results["commands"] if c["park"] == CASE), {})
    all_in = Row(
        "one cold year, `parksim run` to files written", 3.0, True, found.get("median_s"), found.get("median_cpu_s")
    )
    return [all_in, Row("memory of it above the bare imports", 300.0, True, found.get("above_imports_mb"), unit="MB")]


def _growth(results: Found) -> list[Row]:
    measured = results.get("growth", [])
    year: Found | None = next((found for found in measured if found["years"] == 1), None)
    ratios = (None, None) if year is None else (growth.cold_ratio(year), growth.cold_ratio(year, cpu=True))
    rows = [Row("its solve over HiGHS's own cold solve (the faster, presolve on or off)", 0.5, True, *ratios, "x")]
    most = max((found["years"] for found in measured), default=10)
    for way, title in (("build", "build and hand over"), ("pieces", "solve")):
        powers = (growth.exponent(measured, way), growth.exponent(measured, way, cpu=True))
        rows.append(Row(f"growth of {title} from 1 to {most} years, exponent", 1.05, True, *powers, ""))
    return rows


def _engine(results: Found, name: str) -> Found | None:
    return next((found for found in results.get("what-ifs", []) if found["engine"] == name), None)


def _whatifs(results: Found) -> list[Row]:
    ours = _engine(results, "parksim")
    rows = []
    for share, name, target in ((0.5, "median", 0.25), (0.95, "95th percentile", 0.6)):
        values = (None, None)
        if ours is not None:
            values = whatifs.quantile(ours, share), whatifs.quantile(ours, share, cpu=True)
        rows.append(Row(f"a what-if on a live year, {name}", target, True, *values))
    for engine, title, target in (("pypsa", "PyPSA", 15.0), ("oemof", "oemof-solph", 50.0)):
        theirs = _engine(results, engine)
        rates: tuple[float | None, float | None] = (None, None)
        if ours is not None and theirs is not None and together.lives(ours) and together.lives(theirs):
            rates = (
                _over(together.rate(ours), together.rate(theirs)),
                _over(together.rate(ours, cpu=True), together.rate(theirs, cpu=True)),
            )
        rows.append(Row(f"random what-ifs on two cores, rate over {title}'s", target, False, *rates, "x"))
    return rows


def _studies(results: Found) -> list[Row]:
    measured = results.get("studies", [])
    ours = next((found for found in measured if found["engine"] == "parksim"), None)
    if ours is None:
        return []
    work = f"a study of {ours['cases']:,} random what-ifs on two cores, stored, rate over"
    rows = [
        Row(f"{work} {title}'s", target, False, studies.rate_over(measured, engine), unit="x")
        for engine, title, target in (("pypsa", "PyPSA", 15.0), ("oemof", "oemof-solph", 50.0))
    ]
    return [*rows, Row("memory of its largest worker", 400.0, True, ours["worker_mb"]["most"], unit="MB")]


def _sizing(results: Found) -> list[Row]:
    ways = next((found["ways"] for found in results["sizing"] if found["hours"] == YEAR_H), ())
    ratios = sizing.over_one_lp(ways), sizing.over_one_lp(ways, cpu=True)
    return [Row("sizing four capacities to a gap of 1e-6, over the one-LP time", 0.25, True, *ratios, "x")]


def _kernels(results: Found) -> list[Row]:
    rows = []
    for found in results["kernels"]:
        for chain in found["chains"]:
            wall, cpu = chain["median_s"], chain["median_cpu_s"]
            work = f"kernels, {found['years']} years: {chain['about']}, faster than {chain['peer']}"
            value = _over(wall["theirs"], wall["all_threads"])
            rows.append(Row(work, 10.0, False, value, _over(cpu["theirs"], cpu["all_threads"]), "x"))
    return rows


def rows(results: Found) -> list[Row]:
    """Give every target with what was measured."""
    parts = (_build, _command, _growth, _whatifs, _studies, _sizing, _kernels)
    return [row for part in parts for row in part(results)]


def _told(value: float | None, unit: str) -> str:
    return "–" if value is None else f"{seconds(value)} {unit}".strip()


def table(results: Found) -> list[str]:
    """Lay the targets out."""
    words = {True: "yes", False: "**no**", None: "not measured"}
    body = [
        [
            row.work,
            f"at {'most' if row.at_most else 'least'} {row.target:g} {row.unit}".strip(),
            _told(row.value, row.unit),
            _told(row.cpu, row.unit),
            words[row.reached],
        ]
        for row in rows(results)
    ]
    return [*grid(["", "to reach", "measured", "by processor time", "reached"], body), ""]


def growth_table(measured: Sequence[Found]) -> list[str]:
    """Lay out growth: a row per number of years, and the exponents."""
    if not measured:
        return []
    ways = ("build", "pieces", *growth.COLD)
    body = [
        [
            str(found["years"]),
            f"{found['rows']:,} x {found['columns']:,}",
            *(seconds(growth.middle(found, way)) for way in ways),
            ratio(growth.cold_ratio(found), 1.0),
            gap(growth.apart(found)),
        ]
        for found in measured
    ]
    for cpu in (False, True):
        powers = [growth.exponent(measured, way, cpu=cpu) for way in ways]
        name = "exponent, processor" if cpu else "exponent"
        body.append([name, "", *("–" if p is None else f"{p:.2f}" for p in powers), "", ""])
    head = ["years", "rows x columns", "build [s]", "solve by pieces [s]", "HiGHS cold [s]", "HiGHS cold, presolve [s]"]
    tried = f"with presolve it is tried up to {growth.PRESOLVE_YEARS} years"
    about = f"A cold solve is ended after {growth.COLD_LIMIT_S:g} s (–); {tried}."
    return ["## Growth", "", *grid([*head, "over the faster cold one", "objectives apart"], body), "", about, ""]


def sizing_table(measured: Sequence[Found]) -> list[str]:
    """Lay out sizing: a row per way."""
    if not measured:
        return []
    lines = ["## Sizing four capacities", ""]
    for found in measured:
        body = []
        for way in found["ways"]:
            capacities = (way["capacities"] or {}).items()
            chosen = ", ".join(f"{path.removeprefix('components.')} {value:.4g}" for path, value in capacities)
            cost = "–" if way["objective_cny"] is None else f"{way['objective_cny']:.10g}"
            shape = f"{way['rows']:,} x {way['columns']:,}" if "rows" in way else f"{way['dispatches']} dispatches"
            times = [seconds(way["seconds"]), seconds(way["cpu_seconds"])]
            body.append(
                [sizing.TITLES[way["way"]], *times, shape, gap(way.get("gap")), cost, chosen or way["termination"]]
            )
        head = [
            f"{found['hours']:,} hours",
            "[s]",
            "processor [s]",
            "work",
            "gap [1]",
            "cost [CNY]",
            "capacities [MW, MWh]",
        ]
        lines += [*grid(head, body), "", f"Costs apart by {gap(sizing.apart(found['ways']))}. {sizing.ABOUT}", ""]
    return lines


def whatif_table(measured: Sequence[Found]) -> list[str]:
    """Lay out what-ifs: by engine, by phase, by sort of change."""
    if not measured:
        return []
    body = []
    for found in measured:
        told = found["what-ifs"]
        lines: list[tuple[str, dict[str, Any]]] = [("whole", {})]
        lines += [(f"of it {phase}", {"phase": phase}) for phase in told[0]["phases"]]
        lines += [(f"whole, {sort}", {"sort": sort}) for sort in dict.fromkeys(t["sort"] for t in told)]
        for name, which in lines if found["engine"] == "parksim" else lines[: 1 + len(told[0]["phases"])]:
            count = sum(t["sort"] == which.get("sort", t["sort"]) for t in told)
            shares = [seconds(whatifs.quantile(found, share, **which)) for share in (0.5, 0.95)]
            body.append([f"{found['engine']}: {name}", str(count), *shares])
    head = ["What-ifs on one year", "number", "median [s]", "95th percentile [s]"]
    lines = ["## What-ifs", "", *grid(head, body), ""]
    both = [found for found in measured if together.lives(found)]
    if both:
        counts = [[len(life) for life in together.lives(found)] for found in both]
        body = [
            [
                found["engine"],
                " + ".join(map(str, count)),
                seconds(together.rate(found)),
                seconds(together.rate(found, cpu=True)),
            ]
            for found, count in zip(both, counts, strict=True)
        ]
        head = ["Two lives on two cores", "number", "rate [s-1]", "by processor time [s-1]"]
        lines += [*grid(head, body), ""]
    return [*lines, f"Objectives apart by at most {gap(whatifs.apart(measured))}.", ""]


def study_table(measured: Sequence[Found]) -> list[str]:
    """Lay out a study: rate by engine; memory of workers, size of the store and reading it in parksim."""
    if not measured:
        return []
    body = [
        [
            found["engine"],
            f"{found['cases'] if found['engine'] == 'parksim' else len(found['objective_cny']):,}",
            seconds(60.0 * found["rate"]),
            "" if found["engine"] == "parksim" else ratio(studies.rate_over(measured, found["engine"]), 1.0),
        ]
        for found in measured
    ]
    lines = ["## A study", "", *grid(["", "cases", "a minute on two cores", "parksim's over it"], body), ""]
    for found in measured:
        if found["engine"] != "parksim":
            continue
        memory = ", ".join(f"{name} {size:.0f} MB" for name, size in found["worker_mb"].items())
        reading = ", ".join(f"{name} {seconds(value)} s" for name, value in found["reading_s"].items())
        lines += [
            f"{found['solved']:,} of {found['cases']:,} cases solved in {seconds(found['seconds'])} s, workers' start "
            f"and store included. Resident memory of the largest worker: {memory}. The store with ten hourly "
            f"series of each case: {found['store_mb']:.0f} MB. Reading it lazily: {reading}.",
            "",
        ]
    return [*lines, f"Objectives apart by at most {gap(studies.apart(measured))}.", ""]
