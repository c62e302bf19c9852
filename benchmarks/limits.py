"""Limits on what is bought in a calendar year: time with one that binds and without, cold and live, and HiGHS alone.

    python -m benchmarks.limits                        every case; HiGHS alone takes minutes
    python -m benchmarks.limits --cases year,quarters
    python -m benchmarks.limits --no-alone             without HiGHS alone, whose optimum is what proves the others'

The optimum by pieces and the live one are held to that of HiGHS alone, relative 1e-9; more ends with exit code 1.
"""

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.growth import SAME_OPTIMUM
from benchmarks.table import gap, grid, ratio, seconds
from benchmarks.tiled import tiled
from parksim.inputs import gather
from parksim.lp.highs import Solver
from parksim.lp.program import Program, SparseLP
from parksim.lp.warm import Warm
from parksim.park import Park, read_park
from parksim.parkfile import load_park

SLACK_MWH = 1e9
"""A limit that never binds [MWh]."""

Found = Mapping[str, Any]


def _years(years: int) -> Callable[[int | None], Park]:
    return lambda hours: tiled(years=years, hours=hours)


def _quarters(hours: int | None) -> Park:
    """Give the Yibin year in steps of a quarter of an hour, records held over theirs."""
    park = load_park("yibin")
    data = park.model_dump(exclude_unset=True, exclude={"file"})
    for component in data["components"].values():
        component.pop("name", None)
    data["weather"]["upsample"] = data["components"]["hydro"]["available"]["upsample"] = "hold"
    # A quarter of an hour of lost load must cost more than a month's charge for it.
    data["components"]["shortfall"]["price_cny_per_mwh"] = 200_000.0
    data["time"] |= {"step_minutes": 15} | ({"first_day": "01-01", "hours": hours} if hours else {})
    return read_park(data, file=park.file)


@dataclass(frozen=True)
class Case:
    """A park, and its limit over what each year would buy without [1]."""

    about: str
    share: float
    park: Callable[[int | None], Park]


CASES = {
    "year": Case("the Yibin year", 0.9, _years(1)),
    "shed": Case("the Yibin year, with load shed", 0.6, _years(1)),
    "years": Case("five Yibin years", 0.9, _years(5)),
    "quarters": Case("the Yibin year by quarters of an hour", 0.9, _quarters),
}


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    begin = time.process_time()
    return work(), time.process_time() - begin


def _filled(program: Program, values: Mapping[str, Any], limit_mwh: float) -> SparseLP:
    limited = {name: dict(numbers) for name, numbers in values.items()}
    limited["grid"]["import_energy_max_mwh"] = limit_mwh
    return program.fill(limited)


def measure(name: str, *, hours: int | None = None, alone: bool = True) -> dict[str, Any]:
    """Measure one case.

    Parameters
    ----------
    hours
        A shorter horizon instead, for tests [h].
    alone
        Whether HiGHS solves the limited LP alone too.

    Returns
    -------
    dict
        Seconds of the processor by way, iterations of the whole and of pieces, prices [CNY/MWh], objectives [CNY].
    """
    case = CASES[name]
    park = case.park(hours)
    grids = park.components["grid"].model_copy(update={"import_energy_max_mwh": SLACK_MWH})
    park = park.model_copy(update={"components": {**park.components, "grid": grids}})
    program = Program(park.components, nodes=park.nodes, time=park.time)
    values = gather(park).values
    live = Warm(program)
    free = _filled(program, values, SLACK_MWH)
    live.ladder(free)
    first, free_s = _timed(lambda: live.solve(free))
    bought = first.solution.columns[program.columns["grid.buy"].slice].sum() * program.step_h
    limited = _filled(program, values, case.share * bought / program.lengths["year"])
    again, live_s = _timed(lambda: live.solve(limited))
    other = Warm(program)
    other.ladder(limited)
    cold, cold_s = _timed(lambda: other.solve(limited))
    found = {
        "case": name,
        "about": case.about,
        "share": case.share,
        "rows": limited.shape[0],
        "cpu_seconds": {"free": free_s, "limited": cold_s, "live": live_s},
        "iterations": {"pieces": cold.told.piece_iterations, "whole": cold.told.iterations},
        "prices_cny_per_mwh": (-cold.solution.row_duals[program.rows["grid.import_energy_limit"].slice]).tolist(),
        "objective_cny": {"limited": cold.solution.objective_cny, "live": again.solution.objective_cny},
    }
    if alone:
        proved, alone_s = _timed(Solver(limited).run)
        found["cpu_seconds"]["alone"] = alone_s
        found["objective_cny"]["alone"] = proved.objective_cny
    return found


def apart(found: Found) -> float:
    """Give the largest relative difference of the objectives [1]."""
    values = [*found["objective_cny"].values()]
    return float((max(values) - min(values)) / max(1.0, abs(values[0])))


def table(measured: Sequence[Found]) -> str:
    """Write what was measured as a Markdown table."""
    head = ["limit over purchases", "free, s", "limited, s", "ratio", "turned on live, s", "HiGHS alone, s"]
    head += ["iterations: pieces", "whole", "prices, CNY/MWh", "objectives apart"]
    body = [
        [
            f"{found['about']}: {found['share']:g}",
            *(seconds(found["cpu_seconds"][way]) for way in ("free", "limited")),
            ratio(found["cpu_seconds"]["limited"], found["cpu_seconds"]["free"]),
            *(seconds(found["cpu_seconds"].get(way)) for way in ("live", "alone")),
            *(f"{found['iterations'][what]:,}" for what in ("pieces", "whole")),
            ", ".join(f"{price:.6g}" for price in sorted(set(found["prices_cny_per_mwh"]))),
            gap(apart(found)),
        ]
        for found in measured
    ]
    return "\n".join(grid(head, body))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.limits")
    parser.add_argument("--cases", default=",".join(CASES), help=f"of {', '.join(CASES)}")
    parser.add_argument("--no-alone", action="store_true", help="leave out HiGHS alone")
    parser.add_argument("--hours", type=int, help="a shorter horizon")
    given = parser.parse_args(arguments)
    names = given.cases.split(",")
    if unknown := [name for name in names if name not in CASES]:
        parser.error(f"no such case: {', '.join(unknown)}; there are {', '.join(CASES)}")
    measured = [measure(name, hours=given.hours, alone=not given.no_alone) for name in names]
    sys.stdout.write("Seconds of the processor, all threads together.\n\n" + table(measured) + "\n")
    return int(any(apart(found) > SAME_OPTIMUM for found in measured))


if __name__ == "__main__":
    raise SystemExit(main())
