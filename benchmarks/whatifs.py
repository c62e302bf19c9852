"""What-ifs on a year that stays solved: any numbers changed at random, parksim's ``live`` beside its peers.

    python -m benchmarks --case what-ifs
    python -m benchmarks --case what-ifs --sizes 1000

First one life alone, of which median and 95th percentile are told; then two at once (``together.py``). Every change
stays in force until the next of its sort, so each answer has to be found from a different place. PyPSA and oemof-solph
solve the first few of the same changes. Of their time, only what they must do again counts: the model made anew from
inputs that are already changed (``create_model``, ``Model``), handed over, solved, and read back. Of parksim's all
counts: the change checked, profiles read again, the LP, the solve, ties, the Dataset and its audit.
"""

import argparse
import json
import logging
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.drivers import hide
from benchmarks.phases import Clock
from benchmarks.tiled import on_file
from parksim.changes import changed_park
from parksim.component import Array
from parksim.inputs import gather
from parksim.park import Park

NAME = "what-ifs"
"""As given to ``--case``."""

SIZES, QUICK = (200,), (2,)
"""Number of what-ifs on all lives together, in a full run and in a quick one."""

ALONE = 60
"""Most what-ifs on one life, of which median and 95th percentile are told."""

PEER_SIZE = 5
"""Most what-ifs that one life of a peer solves: one of each sort."""

BUDGET_S = 60.0
"""No further what-if of a peer begins after this time [s]."""

ENGINES = ("parksim", "pypsa", "oemof")
"""Who is asked."""

SEED = 20251122

SORTS = ("one number", "all capacities", "all prices", "every hour's price", "every hour's load")

CAPACITIES = {
    "components.hydro.power_max_mw": 190.0,
    "components.roof_pv.power_max_mw": 42.6,
    "components.battery.power_max_mw": 40.0,
    "components.battery.energy_max_mwh": 80.0,
    "components.grid.import_max_mw": 200.0,
}
PRICES = {
    "components.battery.wear_cny_per_mwh": 200.0,
    "components.hydro.price_cny_per_mwh.wet": 160.0,
    "components.hydro.price_cny_per_mwh.flat": 240.0,
    "components.hydro.price_cny_per_mwh.dry": 320.0,
    "components.hydro.network_cny_per_mwh": 70.0,
    "tariffs.time_of_use.demand_cny_per_mw_month": 33_000.0,
}
HOURLY = {
    "every hour's price": "tariffs.time_of_use.price_cny_per_mwh",
    "every hour's load": "components.park_load.power_mw",
}
WIDE, NARROW = 0.3, 0.2
"""Largest change of one number and of each hour, relative [1]."""

Found = Mapping[str, Any]
Asked = tuple[int, str, dict[str, Any]]
Solve = Callable[[Sequence[Asked]], list[dict[str, Any]]]


def _hourly(park: Park) -> dict[str, Array]:
    """Give the series that change hour by hour, by their paths."""
    values = gather(park).values
    price = values["grid"]["energy_cny_per_mw"] / park.time.step_h
    return dict(zip(HOURLY.values(), (price, values["park_load"]["power_mw"]), strict=True))


def changes(park: Park, count: int) -> list[Asked]:
    """Draw what-ifs, the same for every engine: number, sort, and all changes in force after it."""
    rng = np.random.default_rng(SEED)
    numbers = CAPACITIES | PRICES
    hourly = _hourly(park)
    state: dict[str, Any] = {}
    drawn = []
    for number in range(count):
        sort = SORTS[number % len(SORTS)]
        if sort in HOURLY:
            base = hourly[HOURLY[sort]]
            new: dict[str, Any] = {HOURLY[sort]: base * rng.uniform(1.0 - NARROW, 1.0 + NARROW, len(base))}
        else:
            among = {
                "one number": [str(rng.choice([*numbers]))],
                "all capacities": [*CAPACITIES],
                "all prices": [*PRICES],
            }
            new = {path: float(numbers[path] * rng.uniform(1.0 - WIDE, 1.0 + WIDE)) for path in among[sort]}
        state = {**state, **new}
        drawn.append((number, sort, state))
    return drawn


def _ours(park: Park, *, threads: int | None) -> Solve:
    """Hold a park live; the first, cold solve is not among the what-ifs."""
    alive = import_module("parksim.questions.live").live(park, threads=threads)  # late: xarray looks for what is hidden
    alive.solve()

    def one(asked: Asked) -> dict[str, Any]:
        number, sort, state = asked
        begin, cpu = time.perf_counter(), time.process_time()
        alive.set(state)
        ds = alive.solve()
        wall, used = time.perf_counter() - begin, time.process_time() - cpu
        info = json.loads(ds.attrs["solver_info"])
        return {
            "number": number,
            "sort": sort,
            "seconds": wall,
            "cpu_seconds": used,
            "phases": {"change": wall - sum(info["seconds"].values()), **info["seconds"]},
            "way": info["way"],
            "iterations": info["iterations"] + info["piece_iterations"],
            "objective_cny": float(ds.attrs["objective_cny"]),
        }

    return lambda asked: [one(what_if) for what_if in asked]


def _theirs(park: Park, engine: str) -> Solve:
    """Start a peer; its first model, with all that happens only once, is not among the what-ifs."""
    driver = import_module(f"benchmarks.drivers.{engine}")
    driver.whole(park, Clock())

    def one(asked: Asked) -> dict[str, Any]:
        number, sort, state = asked
        clock = Clock()
        answer = driver.whole(changed_park(park, state), clock)
        again = [phase for phase in clock.seconds if phase not in ("read", "declare")]
        return {
            "number": number,
            "sort": sort,
            "seconds": sum(clock.seconds[phase] for phase in again),
            "cpu_seconds": sum(clock.cpu_seconds[phase] for phase in again),
            "phases": {phase: clock.seconds[phase] for phase in again},
            "objective_cny": answer.objective_cny,
        }

    def few(asked: Sequence[Asked]) -> list[dict[str, Any]]:
        told: list[dict[str, Any]] = []
        begin = time.perf_counter()
        for what_if in asked[:PEER_SIZE]:
            if told and time.perf_counter() - begin > BUDGET_S:
                break
            told.append(one(what_if))
        return told

    return few


def measure(
    engine: str,
    count: int,
    *,
    lives: int = 1,
    life: int = 0,
    hours: int | None = None,
    ready: Callable[[], object] = lambda: None,
) -> dict[str, Any]:
    """Measure an engine on one life.

    Parameters
    ----------
    count
        Number of what-ifs of all lives; a peer solves the first few of each life's share.
    lives, life
        Number of lives, and which of them this is: it takes its share, in one run.
    hours
        A shorter horizon instead of the year, for tests [h].
    ready
        Called between the first, cold solve and the first change.

    Returns
    -------
    dict
        For each what-if its number, sort, seconds on the wall and of the processor, by phase [s], objective [CNY];
        the time from the first change to the last answer [s].
    """
    with tempfile.TemporaryDirectory() as folder:
        park = on_file(Path(folder), hours=hours)
        asked = changes(park, count)[count * life // lives : count * (life + 1) // lives]
        solve = _ours(park, threads=None if lives == 1 else 1) if engine == "parksim" else _theirs(park, engine)
        ready()
        begun = time.perf_counter()
        told = solve(asked)
        ended = time.perf_counter()
    packages = import_module(f"benchmarks.drivers.{engine}").PACKAGES
    return {
        "engine": engine,
        "what-ifs": told,
        "span_s": ended - begun,
        "versions": {name: version(name) for name in packages},
    }


def quantile(
    found: Found, share: float, *, phase: str | None = None, sort: str | None = None, cpu: bool = False
) -> float:
    """Give a quantile of the time of what-ifs [s]."""
    of = [told for told in found["what-ifs"] if sort is None or told["sort"] == sort]
    whole = "cpu_seconds" if cpu else "seconds"
    return float(np.quantile([told[whole] if phase is None else told["phases"][phase] for told in of], share))


def apart(measured: Sequence[Found]) -> float:
    """Give the largest relative difference of objectives between parksim and a peer, what-if by what-if [1]."""
    ours = {told["number"]: told["objective_cny"] for told in _all(measured, "parksim")}
    gaps = [
        abs(ours[told["number"]] - told["objective_cny"]) / max(1.0, abs(ours[told["number"]]))
        for told in _all(measured, *ENGINES)
        if told["number"] in ours
    ]
    return max(gaps, default=0.0)


def _all(measured: Sequence[Found], *engines: str) -> list[Found]:
    """Give the what-ifs of engines, on one life and on several."""
    lives = [found["what-ifs"] for found in measured if found["engine"] in engines]
    lives += [
        life for found in measured if found["engine"] in engines for life in found.get("together", {}).get("lives", ())
    ]
    return [told for life in lives for told in life]


def main() -> None:
    """Measure one life and print what was found."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.whatifs")
    parser.add_argument("engine")
    parser.add_argument("count", type=int)
    given = parser.parse_args()
    logging.disable(logging.WARNING)  # the peers tell each step, which costs them time
    hide(given.engine)
    out = sys.stdout
    sys.stdout = sys.stderr  # HiGHS greets on the peers' way
    found = measure(given.engine, given.count)
    out.write("\n" + json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
