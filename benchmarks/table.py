"""One Markdown page of all figures."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from benchmarks import kernels
from benchmarks.drivers import ENGINES
from benchmarks.phases import BUILD, PHASES

SAME_OPTIMUM = 1e-6
"""Largest relative difference of objectives that counts as the same optimum."""

OWN_CALL = {"pypsa": "create_model", "oemof": "Model", "pyomo": "ConcreteModel"}
"""The engine's own call that stands for its model creation."""

Found = Mapping[str, Any]


def optimum_gap(engines: Mapping[str, Found]) -> dict[str, float]:
    """Compare objectives with parksim's, or with the first engine's where parksim did not run.

    Returns
    -------
    dict
        Engine to the relative difference of its objective [1].
    """
    solved = {name: found for name, found in engines.items() if "objective_cny" in found}
    if not solved:
        return {}
    reference = float(solved["parksim" if "parksim" in solved else next(iter(solved))]["objective_cny"])
    scale = max(1.0, abs(reference))
    return {name: (float(found["objective_cny"]) - reference) / scale for name, found in solved.items()}


def warm(found: Found, name: str) -> float | None:
    """Median of a phase or call over the warm builds [s]."""
    samples = found.get("warm_s", {}).get(name)
    return median(samples) if samples else None


def all_phases(found: Found) -> float:
    """All phases of the first run together [s]."""
    return float(sum(found.get("first_s", {}).values()))


def seconds(value: float | None) -> str:
    """Write seconds with three figures."""
    if value is None:
        return "–"
    if value < 1.0:
        return f"{value:.2g}" if value < 0.0995 else f"{value:.3f}"
    return f"{value:.3g}"


def gap(value: float | None) -> str:
    """Write a relative difference with one figure."""
    return "–" if value is None else f"{value:.0e}" if value else "0"


def ratio(value: float | None, base: float | None) -> str:
    """Write how many times ``base`` a value is."""
    return "–" if value is None or not base else f"{value / base:.3g} x"


def grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Write a Markdown table, its first column to the left, the others to the right."""
    lines = ["| " + " | ".join(head) + " |", "| --- |" + " ---: |" * (len(head) - 1)]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]


def _optimum(gap: float | None) -> str:
    if gap is None:
        return "–"
    return f"yes ({abs(gap):.0e})" if abs(gap) <= SAME_OPTIMUM else f"**NO** ({gap:.1e})"


def case_table(run: Found) -> list[str]:
    """Lay out one case at one size: a row per phase, a column per engine."""
    engines: Mapping[str, Found] = run["engines"]
    shown = {name: found for name, found in engines.items() if "refused" not in found}
    first, columns = next(iter(shown.values()), {}), list(shown)
    title = f"### {run['case']}, {run['size']} {run['axis']}"
    lines = [title, "", f"{run['about']}. {first.get('steps', 0):,} steps.", ""]
    base = shown.get("parksim", first)
    rows = [[f"{phase} (warm)", *(seconds(warm(shown[n], phase)) for n in columns)] for phase in ("read", *BUILD)]
    rows.append(
        ["**build: declare to hand over (warm)**", *(f"**{seconds(warm(shown[n], 'build'))}**" for n in columns)]
    )
    rows.append(["build, processor time (warm)", *(seconds(warm(shown[n], "build cpu")) for n in columns)])
    rows.append(["build against parksim", *(ratio(warm(shown[n], "build"), warm(base, "build")) for n in columns)])
    begun = dict.fromkeys(phase for found in shown.values() for phase in found["first_s"])
    later = [phase for phase in dict.fromkeys((*PHASES, *begun)) if phase not in ("read", *BUILD)]
    rows += [[f"{phase} (first run)", *(seconds(shown[n]["first_s"].get(phase)) for n in columns)] for phase in later]
    rows.append(["all phases, first run", *(seconds(all_phases(shown[n])) for n in columns)])
    rows.append(["peak memory [MB]", *(f"{shown[n]['peak_mb']:.0f}" for n in columns)])
    above = [f"{shown[n]['peak_mb'] - shown[n]['bare_imports_mb']:.0f}" for n in columns]
    rows.append(["above bare imports [MB]", *above])
    rows.append(["rows x columns handed over", *(f"{shown[n]['rows']:,} x {shown[n]['columns']:,}" for n in columns)])
    gaps = optimum_gap(shown)
    rows.append(["same optimum", *(_optimum(gaps.get(n)) for n in columns)])
    lines += grid(["seconds", *(ENGINES[n] for n in columns)], rows)
    for name, found in engines.items():
        if "refused" in found:
            lines += ["", f"{ENGINES[name]} cannot express this park: {found['refused']}"]
    return [*lines, ""]


def key_figures(runs: Sequence[Found]) -> list[str]:
    """Set parksim's expansion and hand-over beside the others' model creation, for the largest size of each case."""
    rows = []
    for case in dict.fromkeys(run["case"] for run in runs):
        run = max((r for r in runs if r["case"] == case), key=lambda r: r["size"])
        ours = run["engines"].get("parksim", {})
        for kind, suffix in (("", ""), (", processor", " cpu")):
            steps = [warm(ours, f"{phase}{suffix}") for phase in ("expand", "hand over")]
            base = None if None in steps else sum(step for step in steps if step is not None)
            row = [f"{case}, {run['size']} {run['axis']}{kind}", seconds(base)]
            for name, call in OWN_CALL.items():
                value = warm(run["engines"].get(name, {}), f"{call}{suffix}")
                row.append("–" if value is None else f"{seconds(value)} ({ratio(value, base)})")
            rows.append(row)
    head = ["warm, median [s]", "parksim expand + hand over"]
    head += [f"{ENGINES[name]} `{call}` alone" for name, call in OWN_CALL.items()]
    return ["## Key figure", "", *grid(head, rows), ""]


def command_table(commands: Sequence[Found]) -> list[str]:
    """Lay out the measured commands."""
    if not commands:
        return []
    rows = [
        [
            f"`parksim run {found['park']}`",
            seconds(found["median_s"]),
            seconds(found["median_cpu_s"]),
            str(len(found["seconds"])),
            f"{found['peak_mb']:.0f}",
            f"{found['bare_imports_mb']:.0f}",
            f"{found['above_imports_mb']:.0f}",
            seconds(found["imports_s"]),
        ]
        for found in commands
    ]
    head = ["whole command", "median [s]", "processor [s]", "runs", "peak [MB]", "imports alone [MB]", "above [MB]"]
    lines = ["## From start to files written", "", *grid([*head, "imports alone [s]"], rows), ""]
    for found in commands:
        phases = ", ".join(f"{name} {seconds(value)}" for name, value in found["phases_s"].items())
        lines += [f"Phases of `parksim run {found['park']}` [s]: {phases}.", ""]
    return lines


def kernel_tables(measured: Sequence[Found]) -> list[str]:
    """Lay out the kernels over many years: a row per chain."""
    lines: list[str] = []
    for found in measured:
        rows = []
        for chain in found["chains"]:
            wall, cpu = chain["median_s"], chain["median_cpu_s"]
            row = [chain["about"], chain["peer"], *(seconds(wall[n]) for n in ("theirs", "one_thread", "all_threads"))]
            row += [ratio(wall["theirs"], wall[name]) for name in ("one_thread", "all_threads")]
            rows.append([*row, ratio(cpu["theirs"], cpu["all_threads"]), f"{chain['gap']:.0e}"])
        head = ["median [s]", "other side", "its loop", "one thread", "all threads"]
        head += ["faster: one thread", "all threads", "by processor time", "largest gap [1]"]
        lines += [f"### {found['years']} years of 8,760 hours", "", *grid(head, rows), ""]
        lines += [f"{name} is not installed and is left out." for name in found["missing"]]
    return ["## Kernels over many years", "", kernels.ABOUT, "", *lines] if lines else []
