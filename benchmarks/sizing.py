"""Sizing four capacities: by cuts, as ``parksim size`` does it, and as one LP, in HiGHS's own ways.

    python -m benchmarks --case sizing
    python -m benchmarks --case sizing --sizes 2190

The park is ``yibin-sizing`` (roof PV, battery power, battery energy) with the grid connection as a fourth capacity.
Each run has a process of its own and is timed from the park in memory to the capacities: inputs, model, solve. Cuts end
at a proved gap of 1e-6. The one LP (capacities as columns beside the year) is solved once by HiGHS's default, simplex
with presolve, and once by its interior point with crossover, which is ended when it has taken as long: only the faster
of the two counts.
"""

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from parksim.lp.contest import CONTESTANTS
from parksim.lp.highs import Solver
from parksim.lp.joint import joint
from parksim.park import Park, read_park
from parksim.parkfile import load_park
from parksim.questions.sizing import pose, size

NAME = "sizing"
"""As given to ``--case``."""

SIZES, QUICK = (8760,), (2190,)
"""Hours, in a full run and in a quick one."""

YEAR_H = 8760
GAP = 1e-6

CONNECTION = {"max": 240.0, "capex_cny": 1_000_000.0, "life_years": 30.0}
"""The fourth capacity, per MW: lines and transformers of a 220 kV connection; an assumption of this benchmark."""

CUTS = "cuts"
ONE_LP = ("simplex_presolve", "ipm")
"""HiGHS's ways for the one LP, as ``parksim bench`` names them."""

TITLES = {CUTS: "cuts, as `parksim size`", **{way: f"one LP, {CONTESTANTS[way].title}" for way in ONE_LP}}
"""Way to its name in tables."""

ABOUT = (
    "The park is yibin-sizing with the grid connection as a fourth capacity; each run is a process of its own, timed "
    "from the park in memory to the capacities. Cuts: the run of median time of three. The one LP: once by HiGHS's "
    "default and once by its interior point, which is ended when it has taken as long; the faster of the two counts."
)
"""What the table shows."""

LIMIT_S = 300.0
"""A solve of the one LP is ended after this time at the latest [s]."""

Found = Mapping[str, Any]


def sized_park(hours: int = YEAR_H, *, first_day: str = "05-01") -> Park:
    """Build the park.

    Parameters
    ----------
    hours
        A shorter horizon instead of the year [h].
    first_day
        Where a shorter horizon begins.
    """
    park = load_park("yibin-sizing")
    data = park.model_dump(exclude_unset=True, exclude={"file"})
    for component in data["components"].values():
        component.pop("name", None)
    data["components"]["grid"]["size"] = {"import_max_mw": CONNECTION}
    if hours != YEAR_H:
        data["time"] |= {"first_day": first_day, "hours": hours}
    return read_park(data, file=park.file)


def _by_cuts(park: Park) -> dict[str, Any]:
    found = size(park, gap=GAP, within=())
    told = found.ds.attrs
    return {
        "termination": "optimal",
        "objective_cny": told["objective_cny"],
        "capacities": found.capacities,
        "dispatches": told["dispatches"],
        "gap": told["gap"],
    }


def _one_lp(park: Park, way: str, *, limit_s: float) -> dict[str, Any]:
    asked = pose(park)
    both = joint(asked.lp, asked.box, invest=asked.invest)
    solver = Solver(both.lp)
    for name, value in {"presolve": "choose", "threads": 0, **(CONTESTANTS[way].options or {})}.items():
        solver.set_option(name, value)
    solver.set_option("time_limit", limit_s)
    found = solver.run()
    chosen = found.columns[both.capacities].tolist()
    return {
        "termination": found.termination,
        "objective_cny": found.objective_cny if found.optimal else None,
        "capacities": {e.label: x for e, x in zip(asked.listed, chosen, strict=True)} if found.optimal else None,
        "rows": both.lp.shape[0],
        "columns": both.lp.shape[1],
        "solve_s": found.seconds,
    }


def measure(way: str, hours: int, *, limit_s: float = LIMIT_S) -> dict[str, Any]:
    """Measure one way.

    Parameters
    ----------
    way
        ``cuts``, or one of ``ONE_LP``.
    limit_s
        After which a solve of the one LP is ended [s].

    Returns
    -------
    dict
        Seconds on the wall and of the processor [s], objective [CNY], capacities [MW or MWh], both None where the
        limit came first.
    """
    park = sized_park(hours)
    begin, cpu = time.perf_counter(), time.process_time()
    found = _by_cuts(park) if way == CUTS else _one_lp(park, way, limit_s=limit_s)
    seconds, cpu_seconds = time.perf_counter() - begin, time.process_time() - cpu
    packages = {name: version(name) for name in ("parksim", "highspy", "numpy")}
    return {"way": way, "hours": hours, "seconds": seconds, "cpu_seconds": cpu_seconds, **found, "versions": packages}


def sides(measured: Sequence[Found]) -> tuple[Found | None, Found | None]:
    """Give what cuts took, and the faster of the ways that solved the one LP; None where there is none."""
    ours = next((found for found in measured if found["way"] == CUTS), None)
    solved = [found for found in measured if found["way"] != CUTS and found["objective_cny"] is not None]
    return ours, min(solved, key=lambda found: found["seconds"], default=None)


def over_one_lp(measured: Sequence[Found], *, cpu: bool = False) -> float | None:
    """Give the time by cuts over that of the faster way to solve the one LP; None where either is missing [1]."""
    ours, faster = sides(measured)
    key = "cpu_seconds" if cpu else "seconds"
    return None if ours is None or faster is None else float(ours[key] / faster[key])


def apart(measured: Sequence[Found]) -> float:
    """Give the largest relative difference between the cost by cuts and that of the one LP [1]."""
    costs = [found["objective_cny"] for found in measured if found["objective_cny"] is not None]
    return (max(costs) - min(costs)) / max(1.0, abs(costs[0])) if costs else 0.0


def main() -> None:
    """Measure and print what was found."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sizing")
    parser.add_argument("way", choices=(CUTS, *ONE_LP))
    parser.add_argument("hours", type=int)
    parser.add_argument("--limit", type=float, default=LIMIT_S, help="ends a solve of the one LP [s]")
    given = parser.parse_args()
    sys.stdout.write(json.dumps(measure(given.way, given.hours, limit_s=given.limit)) + "\n")


if __name__ == "__main__":
    main()
