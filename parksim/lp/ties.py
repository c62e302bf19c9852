"""Equal-cost optima: take the greenest, and say how wide the tie is.

The optimal face of an LP is where every column with a reduced cost stays at its bound and every row with a dual stays
active (complementary slackness with one optimal dual). Fixing those and changing the objective walks the face exactly,
with no row that holds the cost: the basis of the first solve is primal feasible for the second.
"""

from dataclasses import dataclass, replace

import numpy as np

from parksim.component import Array
from parksim.lp.highs import Solution, Solver
from parksim.lp.program import Program, SparseLP, inner

GREEN = {"import": 1.0, "unserved": 1.0, "export": 1e-3, "discharge": 1e-4}
"""Weights of the second objective [per MWh]: least bought and unserved, then least sold, then least through stores."""

ORDERED = 1e3
"""What these weights are multiplied by beside those that tell plans apart, so that all stand above the tolerance."""

APART = {"flow": 1e-2, "level": 1e-5}
"""Size of the weights that tell apart plans which are as green as each other [per MW and per MWh]."""

BOUGHT = {"import": 1.0, "unserved": 1.0}
MOVED = {"discharge": 1.0}

DUAL_TOLERANCE = 1e-7
"""Reduced costs and duals below this count as zero (the solver's own tolerance) [CNY per unit]."""


Face = tuple[Array, Array, Array, Array]
"""Bounds of columns, then of rows, on the optimal face: lower, upper, lower, upper."""

COST_TOLERANCE = 1e-8
"""A settled plan may cost this much more, relative; beyond it the first plan is kept and the tie is told as unknown."""


@dataclass(frozen=True)
class Ties:
    """How far equal-cost optima differ.

    Parameters
    ----------
    solution
        The greenest optimum.
    bought_mwh, moved_mwh
        Least and most energy bought (or unserved), and moved through stores, over all optima.
    extremes
        Columns of the plans that buy least and most, where there is more than one plan.
    iterations, seconds
        Of all warm solves together.
    """

    solution: Solution
    bought_mwh: tuple[float, float]
    moved_mwh: tuple[float, float]
    extremes: tuple[Array, ...]
    iterations: int
    seconds: float

    @property
    def bought_width_mwh(self) -> float:
        """Width of the tie for energy bought or unserved [MWh]."""
        return self.bought_mwh[1] - self.bought_mwh[0]

    @property
    def moved_width_mwh(self) -> float:
        """Width of the tie for storage throughput [MWh]."""
        return self.moved_mwh[1] - self.moved_mwh[0]


def optimal_face(lp: SparseLP, first: Solution) -> Face:
    """Bounds of columns and rows on the optimal face."""
    lower, upper = lp.lower.copy(), lp.upper.copy()
    scale = DUAL_TOLERANCE * max(1.0, float(np.abs(lp.cost).max(initial=1.0)) * 1e-6)
    at_low, at_high = first.reduced_costs > scale, first.reduced_costs < -scale
    upper[at_low], lower[at_high] = lower[at_low], upper[at_high]
    row_lower, row_upper = lp.row_lower.copy(), lp.row_upper.copy()
    row_low, row_high = first.row_duals > scale, first.row_duals < -scale
    row_upper[row_low] = np.where(np.isfinite(row_lower[row_low]), row_lower[row_low], row_upper[row_low])
    row_lower[row_high] = np.where(np.isfinite(row_upper[row_high]), row_upper[row_high], row_lower[row_high])
    return lower, upper, row_lower, row_upper


def _single(solver: Solver, lower: Array, upper: Array, row_lower: Array, row_upper: Array) -> bool:
    """Whether the face is one point: everything outside the basis is fixed on it."""
    columns, rows = solver.basic()
    return not bool(np.any(~columns & (lower < upper)) or np.any(~rows & (row_lower < row_upper)))


def _telling(program: Program) -> Array:
    """Weigh columns so that one plan is the greenest, whatever basis the walk starts from, shape (columns,).

    Each flow has a weight of its own, far below those of the roles, and each content one far below those of the flows.
    """
    weights = np.zeros(program.width)
    own = np.random.default_rng(0).uniform(0.5, 1.0, program.width)
    for block in program.columns.values():
        weights[block.slice] = APART.get(block.sort, 0.0) * own[block.slice]
    return ORDERED * program.role_weights(GREEN) + program.step_h * weights


def _walk(solver: Solver, direction: Array) -> Solution:
    solver.set_costs(direction, offset=0.0)
    return solver.run()


def greenest(program: Program, lp: SparseLP, solver: Solver, first: Solution) -> Solution:
    """Give the greenest of all equal-cost optima, without measuring the tie.

    Parameters
    ----------
    solver
        Holds ``lp`` and the basis of ``first``, and holds them again afterwards.
    """
    face = optimal_face(lp, first)
    if _single(solver, *face):
        return first
    with solver.lent():
        found = _to_greenest(program, lp, solver, first, face=face)
    return first if found.chosen is None else found.chosen


def settle(program: Program, lp: SparseLP, solver: Solver, first: Solution) -> Ties:
    """Settle equal-cost optima by warm solves on the optimal face, and measure the tie.

    Parameters
    ----------
    solver
        Holds ``lp`` and the basis of ``first``, and holds them again afterwards.

    Returns
    -------
    Ties
        Its solution carries the objective of ``first`` [CNY] recomputed from its own columns.
    """
    face = optimal_face(lp, first)
    bought, moved = program.role_weights(BOUGHT), program.role_weights(MOVED)
    if _single(solver, *face):
        point = inner(bought, first.columns), inner(moved, first.columns)
        return Ties(first, (point[0], point[0]), (point[1], point[1]), (), 0, 0.0)
    with solver.lent():
        return _walk_face(program, lp, solver, first, face=face)


@dataclass(frozen=True)
class _Greenest:
    """The run to the greenest optimum, and that optimum where the run stayed on the face."""

    run: Solution
    chosen: Solution | None


def _to_greenest(program: Program, lp: SparseLP, solver: Solver, first: Solution, *, face: Face) -> _Greenest:
    """Walk the optimal face to its greenest point; the solver is left on the face."""
    lower, upper, row_lower, row_upper = face
    solver.set_bounds(lower, upper)
    solver.set_row_bounds(row_lower, row_upper)
    solver.set_option("simplex_strategy", 4)  # primal: the basis is feasible for every objective on the face
    run = _walk(solver, _telling(program))
    cost = inner(lp.cost, run.columns) + lp.offset if run.optimal else np.inf
    if not cost <= first.objective_cny + COST_TOLERANCE * max(1.0, abs(first.objective_cny)):
        return _Greenest(run, None)
    chosen = replace(first, columns=run.columns, rows=run.rows, objective_cny=cost, has_primal=True, has_dual=True)
    return _Greenest(run, chosen)


def _walk_face(program: Program, lp: SparseLP, solver: Solver, first: Solution, *, face: Face) -> Ties:
    """Walk the optimal face: to its greenest point, and to the ends of the tie."""
    bought, moved = program.role_weights(BOUGHT), program.role_weights(MOVED)
    found = _to_greenest(program, lp, solver, first, face=face)
    if found.chosen is None:
        return Ties(first, (np.nan, np.nan), (np.nan, np.nan), (), found.run.iterations, found.run.seconds)
    runs = [found.run]
    bounds: list[float] = []
    for weights in (bought, moved):
        for sign in (1.0, -1.0):
            run = _walk(solver, sign * weights)
            runs.append(run)
            bounds.append(inner(weights, run.columns) if run.optimal else np.nan)
    return Ties(
        solution=found.chosen,
        bought_mwh=(bounds[0], bounds[1]),
        moved_mwh=(bounds[2], bounds[3]),
        extremes=tuple(run.columns for run in runs[1:3] if run.optimal),
        iterations=sum(run.iterations for run in runs),
        seconds=sum(run.seconds for run in runs),
    )
