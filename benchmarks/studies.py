"""A study of a thousand random what-ifs of the Yibin year on two cores, parksim's ``sweep`` beside its peers.

    python -m benchmarks --case studies
    python -m benchmarks --case studies --sizes 100

The numbers of every case are drawn together (Latin hypercube): capacities, prices, load, water. Of parksim all counts:
the plan, the start of both workers and their first, cold solve, every case from its change to its audited results, and
the store with ten hourly series of each, written for good. PyPSA and oemof-solph solve the first few cases in two
processes; of their time only the model made anew, its solve and its reading back counts, nothing is written.
"""

import argparse
import json
import logging
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from importlib import import_module
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import psutil

from benchmarks.drawn import study
from benchmarks.drivers import hide
from benchmarks.phases import Clock
from parksim.changes import changed_park
from parksim.study.cases import plan

NAME = "studies"
"""As given to ``--case``."""

SIZES, QUICK = (1000,), (4,)
"""Number of cases, in a full run and in a quick one."""

WORKERS = 2
"""Processes at once, one for each of two cores."""

PEER_SIZE = 4
"""Cases that each process of a peer solves, after one that does not count."""

Found = Mapping[str, Any]


@contextmanager
def _memory(told: list[tuple[int, float]], done: list[int]) -> Iterator[None]:
    """Note, twice a second, how many cases are done and the resident memory of the largest worker [MB]."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.5):
            told.append((done[0], max(map(_resident_mb, psutil.Process().children()), default=0.0)))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    yield
    over.set()
    watcher.join()


def _resident_mb(process: psutil.Process) -> float:
    with suppress(psutil.Error):  # it has just ended
        return float(process.memory_info().rss) / 1e6
    return 0.0


def _read(folder: Path) -> dict[str, float]:
    """Read the store lazily: open it, one indicator of all cases, one week of one flow of all, one case's year [s]."""
    open_study = import_module("parksim.study.store").open_study
    seconds = {}
    begin = time.perf_counter()
    ds = open_study(folder)
    seconds["open"] = time.perf_counter() - begin
    begin = time.perf_counter()
    costs = ds["indicator_value"].sel(indicator="objective_cny").to_numpy()
    seconds["one indicator of all cases"] = time.perf_counter() - begin
    begin = time.perf_counter()
    ds["power"].sel(flow="grid.buy").isel(sample=0).to_numpy()
    seconds["one series of one case"] = time.perf_counter() - begin
    begin = time.perf_counter()
    ds["power"].sel(flow="grid.buy").isel(time=slice(0, 168)).mean("time").to_numpy()
    seconds["a week of one flow of all cases"] = time.perf_counter() - begin
    return {**seconds, "solved": float(np.isfinite(costs).sum())}


def _ours(count: int, few: int) -> dict[str, Any]:
    """Sweep the study; gives its rate, memory, the store's size and reading times, and the first objectives."""
    runner = import_module("parksim.study.runner")
    done, memory = [0], list[tuple[int, float]]()

    def told(tally: Any) -> None:
        done[0] = tally.done

    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        with _memory(memory, done):
            ds = runner.sweep(study(count), out=folder, workers=WORKERS, progress=told)
        seconds = time.perf_counter() - begin
        size = sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file())
        first = ds["indicator_value"].sel(indicator="objective_cny").isel(sample=slice(0, few)).to_numpy()
        reading = _read(Path(folder))
    tenth = [size for at, size in memory if 0 < at <= max(1, count // 10)]
    last = [size for at, size in memory if at >= count - max(1, count // 10)]
    return {
        "seconds": seconds,
        "rate": count / seconds,
        "solved": int(reading.pop("solved")),
        "worker_mb": {
            "first tenth": max(tenth, default=0.0),
            "last tenth": max(last, default=0.0),
            "most": max((size for _, size in memory), default=0.0),
        },
        "store_mb": size / 1e6,
        "reading_s": reading,
        "objective_cny": dict(enumerate(first.tolist())),
    }


def _life(engine: str, count: int, life: int, barrier: Any) -> tuple[list[float], dict[int, float]]:
    """Solve a few cases in a peer, once the other process is ready too; gives seconds and objectives of each."""
    driver = import_module(f"benchmarks.drivers.{engine}")
    planned = plan(study(count))
    park = planned.groups[0].park
    driver.whole(park, Clock())
    barrier.wait(900.0)
    seconds, objectives = list[float](), dict[int, float]()
    for case in planned.cases[life * PEER_SIZE : (life + 1) * PEER_SIZE]:
        clock = Clock()
        answer = driver.whole(changed_park(park, case.changes), clock)
        seconds.append(sum(value for phase, value in clock.seconds.items() if phase not in ("read", "declare")))
        objectives[case.number] = answer.objective_cny
    return seconds, objectives


def _prepare(engine: str) -> None:
    logging.disable(logging.WARNING)  # the peers tell each step, which costs them time
    hide(engine)


def _theirs(engine: str, count: int) -> dict[str, Any]:
    context = get_context("spawn")  # nothing of this process is loaded there before `hide`
    with (
        context.Manager() as manager,
        ProcessPoolExecutor(WORKERS, mp_context=context, initializer=_prepare, initargs=(engine,)) as pool,
    ):
        barrier = manager.Barrier(WORKERS)
        lives = [pool.submit(_life, engine, count, life, barrier) for life in range(WORKERS)]
        found = [life.result() for life in lives]
    objectives = {number: value for _, told in found for number, value in told.items()}
    rate = sum(len(seconds) / sum(seconds) for seconds, _ in found if seconds)
    each = median(value for seconds, _ in found for value in seconds)
    return {"rate": rate, "seconds_each": each, "objective_cny": objectives}


def measure(engine: str, count: int) -> dict[str, Any]:
    """Measure an engine on a study of ``count`` cases; a peer solves the first few of them.

    Returns
    -------
    dict
        Cases per second on two cores, objectives of the first cases by number [CNY]; of parksim also memory of a worker
        [MB], size of the store [MB] and times of reading [s].
    """
    found = _ours(count, WORKERS * PEER_SIZE) if engine == "parksim" else _theirs(engine, count)
    packages = import_module(f"benchmarks.drivers.{engine}").PACKAGES
    return {"engine": engine, "cases": count, **found, "versions": {name: version(name) for name in packages}}


def rate_over(measured: Sequence[Found], engine: str) -> float | None:
    """Give parksim's rate over that of a peer; None where one of them was not measured [1]."""
    rates = {found["engine"]: found["rate"] for found in measured}
    return rates["parksim"] / rates[engine] if {"parksim", engine} <= rates.keys() else None


def apart(measured: Sequence[Found]) -> float:
    """Give the largest relative difference of objectives between parksim and a peer, case by case [1]."""
    ours = next((found["objective_cny"] for found in measured if found["engine"] == "parksim"), {})
    base = {int(number): value for number, value in ours.items()}
    gaps = [
        abs(base[int(number)] - value) / max(1.0, abs(base[int(number)]))
        for found in measured
        for number, value in found["objective_cny"].items()
        if int(number) in base
    ]
    return max(gaps, default=0.0)


def main() -> None:
    """Measure and print what was found."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.studies")
    parser.add_argument("engine")
    parser.add_argument("count", type=int)
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    out = sys.stdout
    sys.stdout = sys.stderr  # HiGHS greets on the peers' way
    found = measure(given.engine, given.count)
    out.write("\n" + json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
