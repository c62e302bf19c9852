"""One engine on one case, in a process of its own: ``python -m benchmarks.worker``."""

import argparse
import gc
import json
import logging
import time
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.drivers import hide
from benchmarks.phases import BUILD, Clock, memory_peak_mb
from benchmarks.registry import Case, find
from parksim.errors import InputError
from parksim.inputs import gather


def warm_caches(case: Case, size: int) -> dict[str, Any]:
    """Read a park once, so that compiled kernels are on disk before anything is measured."""
    gather(case.park(size))
    return {}


def measure(case: Case, size: int, engine: str, *, repeats: int, budget_s: float) -> dict[str, Any]:
    """Run an engine through all phases once, then repeat reading and building in the warm process.

    Parameters
    ----------
    repeats
        Most repeats; at least one is made.
    budget_s
        No further repeat begins after this time [s].

    Returns
    -------
    dict
        Seconds of the first run by phase, samples of the warm builds by phase and by call, memory, objective, size.
    """
    hide(engine)
    driver = import_module(f"benchmarks.drivers.{engine}")
    versions = {name: version(name) for name in driver.PACKAGES}
    gc.collect()
    bare_mb = memory_peak_mb()
    clock = Clock()
    clock.start("read")
    park = case.park(size)
    try:
        answer = driver.whole(park, clock)
    except InputError as refused:
        return {"refused": str(refused), "versions": versions}
    peak_mb = memory_peak_mb()
    warm = _repeat(driver, case, size, repeats=repeats, budget_s=budget_s)
    return {
        "versions": versions,
        "steps": park.time.steps,
        "rows": answer.rows,
        "columns": answer.columns,
        "objective_cny": answer.objective_cny,
        "first_s": clock.seconds,
        "first_cpu_s": clock.cpu_seconds,
        "first_calls_s": clock.calls,
        "warm_s": warm,
        "bare_imports_mb": bare_mb,
        "peak_mb": peak_mb,
    }


def _repeat(driver: Any, case: Case, size: int, *, repeats: int, budget_s: float) -> dict[str, list[float]]:
    """Read and build again and again; gives the samples of every phase and call."""
    samples: dict[str, list[float]] = {}
    begin = time.perf_counter()
    for _ in range(repeats):
        gc.collect()
        clock = Clock()
        clock.start("read")
        park = case.park(size)
        inputs = gather(park)
        built = driver.build(park, inputs, clock)
        found = clock.seconds | {f"{phase} cpu": seconds for phase, seconds in clock.cpu_seconds.items()} | clock.calls
        found["build"] = sum(clock.seconds.get(phase, 0.0) for phase in BUILD)
        found["build cpu"] = sum(clock.cpu_seconds.get(phase, 0.0) for phase in BUILD)
        for name, seconds in found.items():
            samples.setdefault(name, []).append(seconds)
        del built
        if time.perf_counter() - begin > budget_s:
            break
    return samples


def main() -> None:
    """Read arguments, measure, write JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case")
    parser.add_argument("size", type=int)
    parser.add_argument("engine")
    parser.add_argument("out", type=Path)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--budget", type=float, default=30.0, help="no further repeat after this time [s]")
    given = parser.parse_args()
    logging.disable(logging.WARNING)  # the peers tell each step, which costs them time
    case = find(given.case)
    if given.engine == "none":
        found = warm_caches(case, given.size)
    else:
        found = measure(case, given.size, given.engine, repeats=given.repeats, budget_s=given.budget)
    given.out.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
