"""How time grows from one year to ten: build, solve by pieces, and HiGHS's own cold solve of the same LP.

    python -m benchmarks --case growth
    python -m benchmarks --case growth --sizes 1,2

The Yibin year is repeated; each number of years runs in a process of its own.
"""

import argparse
import json
import math
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from statistics import median
from typing import Any

import numpy as np

from benchmarks.tiled import YEAR_H, tiled
from parksim.inputs import gather
from parksim.lp import decompose
from parksim.lp.highs import Solver
from parksim.lp.ladder import Ladder
from parksim.lp.program import Program, SparseLP

NAME = "growth"
"""As given to ``--case``."""

SIZES, QUICK = (1, 2, 5, 10), (1,)
"""Years, in a full run and in a quick one."""

SAME_OPTIMUM = 1e-9
"""Largest relative difference between pieces and a cold solve that counts as the same optimum: both are of one LP."""

COLD_LIMIT_S = 180.0
"""A cold solve is ended after this time [s]."""

BUDGET_S = 30.0
"""No further repeat begins after this time [s]."""

COLD = {"cold": False, "cold, presolve": True}
"""HiGHS's own cold solve to whether it presolves."""

PRESOLVE_YEARS = 2
"""Most years for which the cold solve with presolve is tried; it is the slower of the two."""

Found = Mapping[str, Any]


def _built(values: Mapping[str, Any], park: Any) -> tuple[Program, SparseLP]:
    program = Program(park.components, nodes=park.nodes, time=park.time)
    lp = program.fill(values)
    Solver(lp)
    return program, lp


def _cold(lp: SparseLP, *, presolve: bool) -> tuple[float, int]:
    """Solve cold; gives the objective, NaN where the limit came first, and iterations."""
    solver = Solver(lp, presolve=presolve)
    solver.set_option("time_limit", COLD_LIMIT_S)
    found = solver.run()
    return (found.objective_cny if found.optimal else math.nan), found.iterations


def _by_pieces(program: Program, lp: SparseLP) -> tuple[float, int]:
    """Cut, solve the pieces, solve the whole."""
    _, found, told = decompose.solve(Ladder(program, lp), lp)
    return (found.objective_cny if found.optimal else math.nan), told.piece_iterations + told.iterations


def measure(years: int, *, repeats: int, hours: int | None = None) -> dict[str, Any]:
    """Measure one number of years.

    Parameters
    ----------
    repeats
        Most turns; in each, every way has its turn. A cold solve that passed its limit is not tried again.
    hours
        A shorter horizon instead, for tests [h].

    Returns
    -------
    dict
        Samples by way on the wall and of the processor [s], iterations, objectives [CNY], NaN as None.
    """
    park = tiled(years=years, hours=hours)
    values = gather(park).values
    program, lp = _built(values, park)
    ways: dict[str, Callable[[], Any]] = {
        "build": lambda: _built(values, park),
        "pieces": lambda: _by_pieces(program, lp),
        **{name: (lambda presolve=presolve: _cold(lp, presolve=presolve)) for name, presolve in COLD.items()},
    }
    wall: dict[str, list[float]] = {name: [] for name in ways}
    cpu: dict[str, list[float]] = {name: [] for name in ways}
    tried = [name for name in ways if years <= PRESOLVE_YEARS or not COLD.get(name)]
    objective: dict[str, float | None] = {name: None for name in ways if name not in tried}
    iterations: dict[str, int] = {}
    begun = time.perf_counter()
    for _ in range(max(repeats, 1)):
        for name, work in ways.items():
            if name in objective and objective[name] is None:
                continue
            begin, used = time.perf_counter(), time.process_time()
            found = work()
            wall[name].append(time.perf_counter() - begin)
            cpu[name].append(time.process_time() - used)
            if name != "build":
                objective[name] = None if math.isnan(found[0]) else found[0]
                iterations[name] = found[1]
        if time.perf_counter() - begun > BUDGET_S:
            break
    rows, columns = lp.shape
    return {
        "years": years,
        "steps": park.time.steps,
        "rows": rows,
        "columns": columns,
        "seconds": wall,
        "cpu_seconds": cpu,
        "objective_cny": objective,
        "iterations": iterations,
        "versions": {name: version(name) for name in ("parksim", "highspy", "numpy")},
    }


def middle(found: Found, way: str, *, cpu: bool = False) -> float | None:
    """Give the median time of a way; None where it found no optimum in time, or was not tried [s]."""
    if way in found["objective_cny"] and found["objective_cny"][way] is None:
        return None
    samples = found["cpu_seconds" if cpu else "seconds"][way]
    return float(median(samples)) if samples else None


def exponent(measured: Sequence[Found], way: str, *, cpu: bool = False) -> float | None:
    """Fit log time against log years; None with fewer than two sizes [1]."""
    points = [(found["steps"] / YEAR_H, middle(found, way, cpu=cpu)) for found in measured]
    there = [(years, seconds) for years, seconds in points if seconds]
    if len(there) < 2:
        return None
    return float(np.polyfit(*np.log(np.array(there)).T, 1)[0])


def cold_ratio(found: Found, *, cpu: bool = False) -> float | None:
    """Give the time by pieces over the faster of HiGHS's cold solves [1]."""
    ours = middle(found, "pieces", cpu=cpu)
    cold = [seconds for way in COLD if (seconds := middle(found, way, cpu=cpu)) is not None]
    return None if ours is None or not cold else ours / min(cold)


def apart(found: Found) -> float | None:
    """Give the largest relative difference of the objectives; None where pieces or all cold solves found none [1]."""
    values = [value for value in found["objective_cny"].values() if value is not None]
    if found["objective_cny"]["pieces"] is None or len(values) < 2:
        return None
    return float((max(values) - min(values)) / max(1.0, abs(values[0])))


def main() -> None:
    """Measure and print what was found."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth")
    parser.add_argument("years", type=int)
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    sys.stdout.write(json.dumps(measure(given.years, repeats=given.repeats)) + "\n")


if __name__ == "__main__":
    main()
