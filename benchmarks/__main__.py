"""Run the benchmarks: ``python -m benchmarks``."""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks import growth, kept, kernels, machine, page, sizing, studies, table, whatifs
from benchmarks.drivers import ENGINES
from benchmarks.registry import Case, find, names

EXTRAS = {"pypsa": "pypsa", "oemof": "oemof.solph"}
"""Engines that are optional to the module that must be there."""

MODULES = (growth, whatifs, studies, sizing, kernels)
"""What is measured besides the cases; each has ``NAME``, ``SIZES`` and ``QUICK``."""

PARTS = tuple(module.NAME for module in MODULES)


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="parksim and its peers, side by side.")
    parser.add_argument(
        "--case", action="append", choices=[*names(), *PARTS], help="only this case; may be given again"
    )
    parser.add_argument("--engines", default=",".join(ENGINES), help="names with commas between (default: %(default)s)")
    parser.add_argument("--quick", action="store_true", help="small sizes and few repeats")
    parser.add_argument("--sizes", help="these sizes instead of the case's own, with commas between")
    parser.add_argument("--repeats", type=int, help="most warm builds per engine (default: 5, quick: 2)")
    parser.add_argument("--no-command", action="store_true", help="leave out the whole command")
    parser.add_argument("--keep", action="store_true", help="put the figures into the README and docs")
    parser.add_argument("--out", type=Path, default=Path("benchmark-results"), help="folder (default: %(default)s)")
    found = parser.parse_args(given)
    found.engines = found.engines.split(",")
    unknown = [name for name in found.engines if name not in ENGINES]
    if unknown:
        parser.error(f"unknown engine {unknown[0]!r}; there are: {', '.join(ENGINES)}")
    if found.sizes and len(found.case or ()) != 1:
        parser.error("--sizes needs exactly one --case")
    if found.keep and (found.case or found.quick or found.no_command or set(found.engines) != set(ENGINES)):
        parser.error("--keep needs a full run: no --case, --quick, --no-command or --engines beside it")
    return found


def _worker(case: Case, size: int, engine: str, *, repeats: int) -> dict[str, Any]:
    """Measure one engine in a fresh process."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "found.json")
        command = [sys.executable, "-m", "benchmarks.worker", case.name, str(size), engine, str(out)]
        done = subprocess.run([*command, "--repeats", str(repeats)], capture_output=True, text=True, check=False)
        if done.returncode:
            msg = f"{case.name}, {size}, {engine} failed:\n{done.stderr}"
            raise RuntimeError(msg)
        return dict(json.loads(out.read_text(encoding="utf-8")))


def _present(engines: Sequence[str]) -> list[str]:
    """Leave out engines that are not installed, and say so."""
    missing = [name for name in engines if name in EXTRAS and find_spec(EXTRAS[name].split(".")[0]) is None]
    for name in missing:
        _tell(f"{ENGINES[name]} is not installed and is left out; pip install 'parksim[peers]'")
    return [name for name in engines if name not in missing]


def _run(case: Case, size: int, engines: Sequence[str], *, repeats: int) -> dict[str, Any]:
    """Measure all engines on one case at one size."""
    _worker(case, size, "none", repeats=0)
    found = {}
    for engine in engines:
        _tell(f"{case.name}, {size} {case.axis}: {ENGINES[engine]}")
        found[engine] = _worker(case, size, engine, repeats=repeats)
    return {"case": case.name, "about": case.about, "axis": case.axis, "size": size, "engines": found}


def _command(park: str, *, repeats: int) -> dict[str, Any]:
    """Measure the whole command in a process that loads nothing itself."""
    _tell(f"parksim run {park}")
    command = [sys.executable, "-m", "benchmarks.command", park, str(repeats)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return dict(json.loads(done.stdout))


def _part(module: str, *arguments: object) -> dict[str, Any]:
    """Measure a part that is no case in a process of its own, and read the last line it writes."""
    command = [sys.executable, "-m", f"benchmarks.{module}", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _kernels(years: int, *, repeats: int) -> dict[str, Any]:
    """Measure the kernels over years of weather."""
    _tell(f"kernels, {years} years")
    return _part("kernels", years, "--repeats", repeats)


def _growth(years: int, *, repeats: int) -> dict[str, Any]:
    """Measure build and solves of some years."""
    _tell(f"growth, {years} years")
    return _part("growth", years, "--repeats", repeats)


def _what_ifs(count: int, engine: str) -> dict[str, Any]:
    """Measure what-ifs in one engine, on one life alone and on two at once; a peer gets the first few of each share."""
    _tell(f"what-ifs: {ENGINES[engine]}")
    alone = _part("whatifs", engine, min(count, whatifs.ALONE))
    _tell(f"what-ifs on two cores: {ENGINES[engine]}")
    return {**alone, "together": _part("together", engine, count)}


def _study(count: int, engine: str) -> dict[str, Any]:
    """Measure a study of so many cases on two cores; a peer gets the first few of them."""
    _tell(f"a study of {count} cases: {ENGINES[engine]}")
    return _part("studies", engine, count)


def _sizing(hours: int, *, repeats: int) -> dict[str, Any]:
    """Measure sizing by cuts (the run of median time counts) and as one LP, each in a process of its own."""
    _tell(f"sizing, {hours} hours: {sizing.CUTS}")
    runs = sorted((_part("sizing", sizing.CUTS, hours) for _ in range(min(repeats, 3))), key=lambda run: run["seconds"])
    ways, limit_s = [runs[len(runs) // 2]], sizing.LIMIT_S
    for way in sizing.ONE_LP:
        _tell(f"sizing, {hours} hours: one LP, {way}")
        ways.append(_part("sizing", way, hours, "--limit", limit_s))
        limit_s = min(limit_s, ways[-1]["seconds"])
    return {"hours": hours, "ways": ways, "versions": ways[0]["versions"]}


def _parts(results: dict[str, Any], asked: Sequence[str], given: argparse.Namespace, *, repeats: int) -> None:
    """Measure what is no case: growth, what-ifs, sizing, kernels."""
    sizes = [int(size) for size in given.sizes.split(",")] if given.sizes else None
    engines = [engine for engine in given.engines if engine in whatifs.ENGINES]
    turns: dict[str, list[Callable[[int], dict[str, Any]]]] = {
        growth.NAME: [lambda years: _growth(years, repeats=repeats)],
        whatifs.NAME: [lambda count, engine=engine: _what_ifs(count, engine) for engine in engines],
        studies.NAME: [lambda count, engine=engine: _study(count, engine) for engine in engines],
        sizing.NAME: [lambda hours: _sizing(hours, repeats=repeats)],
        kernels.NAME: [lambda years: _kernels(years, repeats=repeats)],
    }
    for module in MODULES:
        if module.NAME not in asked:
            continue
        for size in sizes or (module.QUICK if given.quick else module.SIZES):
            for turn in turns[module.NAME]:
                results[module.NAME].append(turn(size))
                results["versions"] |= results[module.NAME][-1]["versions"]
                _write(results, given.out)


def _write(results: dict[str, Any], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "benchmarks.json").write_text(json.dumps(results, indent=2), encoding="utf-8")
    (folder / "benchmarks.md").write_text(page.page(results), encoding="utf-8")


def _disagreements(results: Mapping[str, Any]) -> list[str]:
    """Say where two sides of one comparison do not agree."""
    apart = [gap for run in results["runs"] for gap in table.optimum_gap(run["engines"]).values()]
    found = ["The engines do not agree on the optimum."] if any(abs(g) > table.SAME_OPTIMUM for g in apart) else []
    chains = [chain for measured in results["kernels"] for chain in measured["chains"]]
    wrong = [chain["about"] for chain in chains if not chain["gap"] <= kernels.SAME_NUMBERS]
    if any((growth.apart(measured) or 0.0) > growth.SAME_OPTIMUM for measured in results["growth"]):
        found.append("Pieces and cold solves do not agree on the optimum.")
    if any(measured["objective_cny"]["pieces"] is None for measured in results["growth"]):
        found.append("A solve by pieces found no optimum.")
    if any(sizing.apart(measured["ways"]) > table.SAME_OPTIMUM for measured in results["sizing"]):
        found.append("Cuts and the one LP do not agree on the cost of the best capacities.")
    if any(way.get("gap", 0.0) > sizing.GAP for measured in results["sizing"] for way in measured["ways"]):
        found.append("Sizing did not prove its gap.")
    if whatifs.apart(results["what-ifs"]) > table.SAME_OPTIMUM:
        found.append("The engines do not agree on the what-ifs.")
    if studies.apart(results["studies"]) > table.SAME_OPTIMUM:
        found.append("The engines do not agree on the cases of the study.")
    return [*found, *(f"Not the same numbers: {about}." for about in wrong)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; exit code 1 where two engines disagree on the optimum, or kernels on their numbers."""
    given = _arguments(arguments)
    repeats = given.repeats or (2 if given.quick else 5)
    engines = given.engines = _present(given.engines)
    asked = given.case or [*names(), *PARTS]
    sizes = [int(size) for size in given.sizes.split(",")] if given.sizes else None
    results: dict[str, Any] = {
        "date": datetime.now(tz=UTC).date().isoformat(),
        "machine": machine.describe(),
        "versions": {},
        **{name: [] for name in ("runs", "commands", *PARTS)},
    }
    for case in [find(name) for name in asked if name not in PARTS]:
        for size in sizes or (case.quick if given.quick else case.sizes):
            run = _run(case, size, engines, repeats=repeats)
            results["runs"].append(run)
            for found in run["engines"].values():
                results["versions"] |= found["versions"]
            _write(results, given.out)  # after each, so that a failure later loses nothing
        if case.command and "parksim" in engines and not given.no_command:
            results["commands"].append(_command(case.command, repeats=1 if given.quick else 3))
    _parts(results, asked, given, repeats=repeats)
    _write(results, given.out)
    print(page.page(results))
    _tell(f"Written: {given.out / 'benchmarks.json'}, {given.out / 'benchmarks.md'}")
    wrong = _disagreements(results)
    if given.keep and not wrong:
        kept.keep(results)
    for line in wrong:
        _tell(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
