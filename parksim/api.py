"""The calls everything else is a thin skin over: load, solve, write."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import xarray as xr

from parksim.lp.program import Program, SparseLP  # first: Pyomo before Numba, see parksim/lp/__init__.py

# isort: split
from parksim.accounts.audit import audit
from parksim.accounts.energy import energy_figures, trace_green
from parksim.accounts.rules import clause_variables
from parksim.checks import declared
from parksim.errors import InputError, NoSolution
from parksim.inputs import Inputs, gather
from parksim.lp.decompose import Told
from parksim.lp.explain import infeasible_suspects, unbounded_suspects
from parksim.lp.highs import Solution, Solver, duality_gap
from parksim.lp.ties import Ties, settle
from parksim.lp.warm import Warm
from parksim.output import write_files
from parksim.park import Park
from parksim.parkfile import load_park
from parksim.phases import Clock, Progress, silent
from parksim.profiles import shipped, shipped_names
from parksim.results import Draft, drafted, with_columns
from parksim.slices import restated

PHASES = ("read", "declare", "expand", "cut", "solve", "settle ties", "dataset", "audit")

__all__ = ["PHASES", "check", "load_park", "new_park", "solve"]


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
    return optimum(park, progress=progress).ds


@dataclass(frozen=True)
class Solved:
    """A park with its optimum.

    Parameters
    ----------
    first, ties
        The solution that has the duals, and the plan told.
    told, way
        How the optimum was found, and what ``solver_info`` calls it.
    """

    park: Park
    inputs: Inputs
    program: Program
    lp: SparseLP
    first: Solution
    ties: Ties
    told: Told
    way: str


@dataclass(frozen=True)
class Answer:
    """The audited results of a park.

    Parameters
    ----------
    draft
        All that accounts read.
    solved
        What they are the results of.
    gap
        The largest that the audit found.
    clock
        Seconds by phase.
    """

    draft: Draft
    solved: Solved
    gap: float
    clock: Clock

    @cached_property
    def ds(self) -> xr.Dataset:
        """The Dataset, put together when it is first asked for."""
        self.clock.start("dataset")
        self.draft.add(clause_variables(self.draft))
        ds = self.draft.dataset()
        self.clock.stop()
        ds.attrs["solver_info"] = json.dumps(self._solver_info())
        return ds

    def _solver_info(self) -> dict[str, Any]:
        lp, first, told = self.solved.lp, self.solved.first, self.solved.told
        rows, columns = lp.shape
        return {
            "name": "HiGHS dual simplex",
            "way": self.solved.way,
            "pieces": told.pieces,
            "piece_iterations": told.piece_iterations,
            "pieces_failed": told.failed,
            "price_rounds": told.rounds,
            "rows": rows,
            "columns": columns,
            "nonzeros": len(lp.value),
            "iterations": first.iterations,
            "tie_iterations": self.solved.ties.iterations,
            "seconds": self.clock.seconds,
            "duality_gap": duality_gap(lp, first),
            "largest_residual": self.gap,
        }


@dataclass(frozen=True)
class Optimum:
    """The results of a park, and the solver that holds its optimum."""

    answer: Answer
    warm: Warm

    @property
    def ds(self) -> xr.Dataset:
        """The Dataset of the results."""
        return self.answer.ds

    @property
    def solved(self) -> Solved:
        """What they are the results of."""
        return self.answer.solved


def optimum(park: Park, *, progress: Progress | None = None) -> Optimum:
    """Solve a park as :func:`solve` does, and keep the solver for questions that start from its optimum.

    Raises
    ------
    InputError, NoSolution, AuditError
        As :func:`solve`.
    """
    clock = Clock(progress or silent)
    clock.start("read")
    inputs = gather(park)
    clock.start("declare")
    program = declared(park)
    warm = Warm(program)
    return Optimum(answered(program, inputs, warm=warm, clock=clock), warm)


def answered(program: Program, inputs: Inputs, *, warm: Warm, clock: Clock) -> Answer:
    """Find the optimum of what a park gave, settle its ties, collect its results and audit them.

    Parameters
    ----------
    program, inputs
        Of the park to be solved.
    warm
        A solver of its structure, fresh or holding the last optimum, be it of another park.

    Raises
    ------
    NoSolution
        If the park is infeasible or unbounded; the solver then starts afresh the next time.
    AuditError
        If the answer fails its own recomputation.
    """
    clock.start("expand")
    lp = program.fill(inputs.values)
    clock.start("cut")
    warm.ladder(lp)
    clock.start("solve")
    answer = warm.solve(lp)
    first = answer.solution
    if not first.optimal:
        raise no_solution(program, lp, first, park=inputs.park)
    clock.start("settle ties")
    ties = settle(program, lp, warm.solver, first)
    return collect(Solved(inputs.park, inputs, program, lp, first, ties, answer.told, answer.way), clock=clock)


def collect(solved: Solved, *, clock: Clock) -> Answer:
    """Collect the results of an optimum, and audit them.

    Raises
    ------
    AuditError
        If the answer fails its own recomputation.
    """
    ties = solved.ties
    clock.start("dataset")
    draft = drafted(solved.park, solved.program, solved.inputs, solved.lp, ties.solution, solved.first)
    draft.add(restated(draft, solved.park.components))
    clock.start("audit")
    draft.attrs["ties"] = json.dumps(
        {
            "green_supply_width_mwh": _green_width(draft, solved.program, ties),
            "bought_width_mwh": ties.bought_width_mwh,
            "storage_throughput_width_mwh": ties.moved_width_mwh,
            "bought_mwh": ties.bought_mwh,
            "moved_mwh": ties.moved_mwh,
        }
    )
    gaps = audit(draft)
    clock.stop()
    return Answer(draft, solved, next(iter(gaps.values()), 0.0), clock)


def check(park: Park) -> dict[str, Any]:
    """Read everything a park names, without solving.

    Returns
    -------
    dict
        What was read: components, steps, size of the LP, notes; of a variant its bases, and what differs.

    Raises
    ------
    InputError
        As :func:`solve`.
    """
    inputs = gather(park)
    program = declared(park)
    rows, columns = program.fill(inputs.values).shape
    variant = park.variant
    built = {} if variant is None else {"builds on": list(variant.bases), "differs in": variant.told()}
    return {
        "park": park.park.shown,
        **built,
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
    return write_files({file: text})[0]


def _green_width(draft: Draft, program: Program, ties: Ties) -> float:
    """Give how far green supply differs among the plan shown and equal-cost ones that buy least and most [MWh]."""
    if not ties.extremes:
        return 0.0 if ties.bought_width_mwh == 0.0 else float("nan")
    supplies = [
        energy_figures(plan, trace_green(plan))["green_supply_mwh"]
        for plan in (draft, *(with_columns(draft, program, columns) for columns in ties.extremes))
    ]
    return max(supplies) - min(supplies)


def no_solution(program: Program, lp: SparseLP, first: Solution, *, park: Park) -> NoSolution:
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
