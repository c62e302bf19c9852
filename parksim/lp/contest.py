"""One way to solve an LP, measured in a process of its own: HiGHS's solvers and the temporal crash.

The process is given components and numbers, builds the LP, and only then starts the clock and reads the memory. A
solve that passes its time limit is ended: HiGHS looks at the limit itself, and a watch ends what does not look.
"""

import json
import os
import pickle
import sys
import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import highspy
import numpy as np

from parksim.component import Component
from parksim.lp import decompose
from parksim.lp.highs import Solver, duality_gap
from parksim.lp.ladder import Ladder
from parksim.lp.layout import Values
from parksim.lp.program import Program, SparseLP
from parksim.timeaxis import TimeAxis

GRACE = 1.25
"""A solve is ended after its time limit times this: HiGHS looks at the clock between steps only."""

MEGABYTE = 1e6
PEAK, NOW = "VmHWM:", "VmRSS:"
"""Words of Linux for the highest resident memory so far, and for that of now."""


@dataclass(frozen=True)
class Contestant:
    """One way to solve an LP.

    Parameters
    ----------
    title
        Name in tables.
    about
        What it does, and whether it ends at a vertex.
    options
        HiGHS options; None for the temporal crash.
    """

    title: str
    about: str
    options: Mapping[str, str] | None


CONTESTANTS: dict[str, Contestant] = {
    "crash": Contestant("temporal crash", "dual simplex from the bases of short pieces; parksim's own", None),
    "simplex": Contestant(
        "simplex, no presolve", "HiGHS's dual simplex on the LP as it is", {"solver": "simplex", "presolve": "off"}
    ),
    "simplex_presolve": Contestant(
        "simplex, presolve", "HiGHS's own default: presolve, then dual simplex", {"solver": "simplex", "presolve": "on"}
    ),
    "ipm": Contestant(
        "IPM, crossover",
        "interior point (IPX), then crossover to a vertex, as HiGHS does by default",
        {"solver": "ipx", "run_crossover": "on"},
    ),
    "ipm_interior": Contestant(
        "IPM, no crossover",
        "interior point (IPX) to its tolerance; no vertex",
        {"solver": "ipx", "run_crossover": "off"},
    ),
    "hipo": Contestant(
        "HiPO, crossover",
        "the newer interior point, then crossover, as HiGHS does by default",
        {"solver": "hipo", "run_crossover": "on"},
    ),
    "pdlp": Contestant(
        "PDLP", "first-order method to its tolerance; HiGHS makes no crossover of it, so no vertex", {"solver": "pdlp"}
    ),
}
"""Name on the command line to the way; the first is what parksim does."""


@dataclass(frozen=True)
class Task:
    """What a process of its own is given.

    Parameters
    ----------
    contestant
        A name of ``CONTESTANTS``.
    components, nodes, time, values, limits
        As for :class:`~parksim.lp.program.Program` and its ``fill``.
    time_limit_s
        After which the solve is ended [s].
    """

    contestant: str
    components: Mapping[str, Component]
    nodes: Mapping[str, str]
    time: TimeAxis
    values: Values
    time_limit_s: float
    limits: Collection[str] = ()


@dataclass(frozen=True)
class Outcome:
    """How one contestant fared.

    Parameters
    ----------
    termination
        ``optimal``, ``time_limit``, ``not in this build``, ``failed``, ...
    objective_cny
        NaN where there is none.
    proved
        Whether the answer is an optimal vertex with duals.
    seconds, cpu_seconds
        Of the solve, on the wall and of the processor, without imports and building; NaN where there was none [s].
    iterations
        By kind.
    duality_gap, primal_gap
        Gap between primal and dual objective, relative; largest violation of a row or bound [1, unit of the row].
    memory_mb
        Peak above what stood before the solve [MB].
    note
        What else is to be said.
    """

    contestant: str
    termination: str
    objective_cny: float = float("nan")
    proved: bool = False
    seconds: float = float("nan")
    cpu_seconds: float = float("nan")
    iterations: Mapping[str, int] = field(default_factory=dict)
    duality_gap: float = float("nan")
    primal_gap: float = float("nan")
    memory_mb: float = float("nan")
    note: str = ""


def _resident_mb(word: str) -> float:
    """Read the resident memory of this process; NaN where the system is not Linux [MB]."""
    status = Path(f"{os.sep}proc", "self", "status")
    if not status.exists():
        return float("nan")
    lines = status.read_text(encoding="ascii", errors="replace").splitlines()
    return next((float(line.split()[1]) * 1024.0 / MEGABYTE for line in lines if line.startswith(word)), float("nan"))


class _Memory:
    """Peak of the resident memory above that of now [MB]."""

    def __init__(self) -> None:
        forget = Path(f"{os.sep}proc", "self", "clear_refs")
        if forget.exists() and os.access(forget, os.W_OK):
            forget.write_text("5", encoding="ascii")  # the peak of the build is not that of the solve
        self._before = _resident_mb(NOW)

    def above(self) -> float:
        return max(_resident_mb(PEAK) - self._before, 0.0)


def _crash(task: Task, program: Program, lp: SparseLP) -> Outcome:
    """Solve by pieces; cutting the horizon is part of it."""
    begin, cpu = time.perf_counter(), time.process_time()
    ladder = Ladder(program, lp)
    _, found, told = decompose.solve(ladder, lp)
    seconds, cpu_seconds = time.perf_counter() - begin, time.process_time() - cpu
    return Outcome(
        contestant=task.contestant,
        termination=found.termination,
        objective_cny=found.objective_cny,
        proved=found.optimal and found.has_dual,
        seconds=seconds,
        cpu_seconds=cpu_seconds,
        iterations=({"pieces": told.piece_iterations} if told.pieces else {}) | {"simplex": told.iterations},
        duality_gap=duality_gap(lp, found),
        primal_gap=_violation(lp, found.columns, found.rows),
        note="" if told.pieces else "the horizon is too short for pieces: solved as a whole",
    )


def _violation(lp: SparseLP, columns: np.ndarray, rows: np.ndarray) -> float:
    """Give the largest violation of a bound."""
    gaps = [lp.lower - columns, columns - lp.upper, lp.row_lower - rows, rows - lp.row_upper]
    return max((float(gap.max(initial=0.0)) for gap in gaps if len(gap)), default=0.0)


def _highs(task: Task, lp: SparseLP, options: Mapping[str, str]) -> Outcome:
    """Solve with one of HiGHS's solvers, all else as it does by default."""
    solver = Solver(lp)
    highs = solver.highs
    for name, value in {"presolve": "choose", "threads": 0, "time_limit": task.time_limit_s, **options}.items():
        if highs.setOptionValue(name, value) != highspy.HighsStatus.kOk:
            return Outcome(task.contestant, "not in this build", note=f"this HiGHS has no {name} {value!r}")
    begin, cpu = time.perf_counter(), time.process_time()
    found = solver.run()
    seconds, cpu_seconds = time.perf_counter() - begin, time.process_time() - cpu
    info = highs.getInfo()
    kinds = {
        "interior": info.ipm_iteration_count,
        "crossover": info.crossover_iteration_count,
        "first-order": info.pdlp_iteration_count,
        "simplex": info.simplex_iteration_count,
    }
    told = found.has_primal and found.optimal
    return Outcome(
        contestant=task.contestant,
        termination=found.termination,
        objective_cny=found.objective_cny if told else float("nan"),
        proved=found.optimal and found.has_dual and bool(highs.getBasis().valid),
        seconds=seconds,
        cpu_seconds=cpu_seconds,
        iterations={kind: int(count) for kind, count in kinds.items() if count > 0},
        duality_gap=duality_gap(lp, found) if told else float("nan"),
        primal_gap=_violation(lp, found.columns, found.rows) if told else float("nan"),
    )


def compete(task: Task, *, given_up: Path | None = None) -> Outcome:
    """Build the LP of a task and solve it one way, in this process.

    Parameters
    ----------
    given_up
        File for the outcome of a solve that passes its time limit; this process then ends. None lets it run.

    Returns
    -------
    Outcome
        Its memory counts from the built LP on.
    """
    way = CONTESTANTS[task.contestant]
    program = Program(task.components, nodes=task.nodes, time=task.time, limits=task.limits)
    lp = program.fill(task.values)
    memory = _Memory()

    def give_up() -> None:
        if given_up is not None:
            late = Outcome(task.contestant, "time_limit", seconds=task.time_limit_s, memory_mb=memory.above())
            given_up.write_text(json.dumps(asdict(late)), encoding="utf-8")
            os._exit(0)

    limit_s = task.time_limit_s * (1.0 if way.options is None else GRACE)
    watch = threading.Timer(min(limit_s, threading.TIMEOUT_MAX), give_up)
    watch.daemon = True
    watch.start()
    try:
        found = _crash(task, program, lp) if way.options is None else _highs(task, lp, way.options)
    finally:
        watch.cancel()
    return replace(found, memory_mb=memory.above()) if np.isfinite(found.seconds) else found


def main() -> None:
    """Take a task from standard input, write its outcome to the file named by the last argument."""
    task: Task = pickle.load(sys.stdin.buffer)
    place = Path(sys.argv[-1])
    place.write_text(json.dumps(asdict(compete(task, given_up=place))), encoding="utf-8")
