"""The calls everything else is a thin skin over: load, solve, write."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xarray as xr

from parksim.lp.program import Program, SparseLP  # first: Pyomo before Numba, see parksim/lp/__init__.py

# isort: split
from parksim.accounts.audit import audit
from parksim.accounts.energy import energy_figures, trace_green
from parksim.errors import InputError, NoSolution
from parksim.inputs import check_nodes, gather, load_park
from parksim.lp.explain import infeasible_suspects, unbounded_suspects
from parksim.lp.highs import Solution, Solver, duality_gap
from parksim.lp.ties import Ties, settle
from parksim.output import write_whole
from parksim.park import Park
from parksim.profiles import shipped, shipped_names
from parksim.results import build, restate, with_columns

Progress = Callable[[str], None]
"""Called with the name of each phase as it begins."""

PHASES = ("read", "declare", "expand", "hand over", "solve", "settle ties", "dataset", "audit")

__all__ = ["PHASES", "check", "load_park", "new_park", "solve"]


def _silent(_: str) -> None:
    pass


@dataclass
class _Clock:
    """Seconds by phase."""

    progress: Progress
    seconds: dict[str, float] = field(default_factory=dict)
    _phase: str = ""
    _begin: float = 0.0

    def start(self, phase: str) -> None:
        self.stop()
        self.progress(phase)
        self._phase, self._begin = phase, time.perf_counter()

    def stop(self) -> None:
        if self._phase:
            self.seconds[self._phase] = time.perf_counter() - self._begin
            self._phase = ""


def solve(park: Park, *, progress: Progress | None = None) -> xr.Dataset:
    """Find the cheapest operation of a park and audit it.

    Parameters
    ----------
    park
        From :func:`load_park`, or built in Python.
    progress
        Called with the name of each phase as it begins.

    Returns
    -------
    Dataset
        Flows, contents, prices, ledgers, fields and provenance.

    Raises
    ------
    InputError
        If a profile or tariff cannot be read, or a node is fed by nobody.
    NoSolution
        If the park is infeasible or unbounded; ``suspects`` says which limits fight.
    AuditError
        If the answer fails its own recomputation.
    """
    clock = _Clock(progress or _silent)
    clock.start("read")
    inputs = gather(park)
    clock.start("declare")
    program = Program(park.components, nodes=park.nodes, time=park.time)
    check_nodes(park, program)
    clock.start("expand")
    lp = program.fill(inputs.values)
    clock.start("hand over")
    solver = Solver(lp)
    clock.start("solve")
    first = solver.run()
    if not first.optimal:
        raise _no_solution(park, program, lp, first)
    clock.start("settle ties")
    ties = settle(program, lp, solver, first)
    clock.start("dataset")
    ds = build(park, program, inputs, lp, ties.solution, first)
    ds = restate(ds, park.components)
    clock.start("audit")
    rows, columns = lp.shape
    ds.attrs["ties"] = json.dumps(
        {
            "green_supply_width_mwh": _green_width(ds, program, ties),
            "bought_width_mwh": ties.bought_width_mwh,
            "storage_throughput_width_mwh": ties.moved_width_mwh,
            "bought_mwh": ties.bought_mwh,
            "moved_mwh": ties.moved_mwh,
        }
    )
    gaps = audit(ds)
    clock.stop()
    ds.attrs["solver_info"] = json.dumps(
        {
            "name": "HiGHS dual simplex",
            "rows": rows,
            "columns": columns,
            "nonzeros": len(lp.value),
            "iterations": first.iterations,
            "tie_iterations": ties.iterations,
            "seconds": clock.seconds,
            "duality_gap": duality_gap(lp, first),
            "largest_residual": next(iter(gaps.values()), 0.0),
        }
    )
    return ds


def check(park: Park) -> dict[str, Any]:
    """Read everything a park names, without solving.

    Returns
    -------
    dict
        What was read: components, steps, size of the LP, notes.

    Raises
    ------
    InputError
        As :func:`solve`.
    """
    inputs = gather(park)
    program = Program(park.components, nodes=park.nodes, time=park.time)
    check_nodes(park, program)
    rows, columns = program.fill(inputs.values).shape
    return {
        "park": park.park.title or park.park.name,
        "horizon": f"{park.time.stamps[0]} for {park.time.horizon_h:g} h, steps of {park.time.step_minutes} min",
        "components": [f"{name} ({component.kind})" for name, component in park.components.items()],
        "lp": f"{rows} rows, {columns} columns",
        "notes": list(inputs.notes),
    }


def new_park(file: Path, *, like: str = "start") -> Path:
    """Write a commented park file to start from.

    Raises
    ------
    InputError
        If the file exists already, or there is no shipped park of that name.
    """
    if file.exists():
        msg = f"{file}: exists already; nothing was written. Choose another name."
        raise InputError(msg)
    source = shipped("parks", f"{like}.toml")
    if source is None:
        msg = f"--like: no shipped park {like!r}. There are: {', '.join(shipped_names('parks'))}."
        raise InputError(msg)
    text = source.read_text(encoding="utf-8")
    return write_whole(file, lambda path: _write_text(path, text))


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _green_width(ds: xr.Dataset, program: Program, ties: Ties) -> float:
    """Give how far green supply differs among the plan shown and equal-cost ones that buy least and most [MWh]."""
    if not ties.extremes:
        return 0.0 if ties.bought_width_mwh == 0.0 else float("nan")
    supplies = [
        energy_figures(plan, trace_green(plan))["green_supply_mwh"]
        for plan in (ds, *(with_columns(ds, program, columns) for columns in ties.extremes))
    ]
    return max(supplies) - min(supplies)


def _no_solution(park: Park, program: Program, lp: SparseLP, first: Solution) -> NoSolution:
    """Tell why there is no optimum, in park words."""
    termination = first.termination
    if termination == "infeasible_or_unbounded":
        settled = Solver(lp, presolve=False).run()
        termination = settled.termination if settled.termination != termination else "infeasible"
    suspects: tuple[str, ...] = ()
    if termination == "infeasible":
        suspects = infeasible_suspects(program, lp, park.time.month_stamps)
    elif termination == "unbounded":
        suspects = unbounded_suspects(program, lp)
    return NoSolution(termination, has_primal=first.has_primal, has_dual=first.has_dual, suspects=suspects)
