"""Slopes of an optimum: how its cost and its CO2 move when the numbers of the LP move along one direction.

At an optimal basis all that is basic follows from what is not. With A, c, bounds and right sides moving at the rates
dA, dc, ..., the basic columns B, the others N at their active bounds, duals y of rows and reduced costs z,

    (1) B dx_B = db - dA x - N dx_N                          rates of the columns
    (2) d cost = z . d bounds + y . (db - dA x) + dc . x + d offset
    (3) d CO2  = e . dx + de . x + d offset                  e: coefficients of the CO2 ledger
    (4) B' dy = dc_B - dB' y,   dz = dc - dA' y - A' dy      rates of the duals

and the *reach* is the longest way on which x + way dx stays within its bounds and z + way dz keeps its signs: exact
where the LP is linear in the number and no coefficient of its matrix moves, else of first order, from where
:mod:`parksim.lp.validity` finds the true one.

Where the reach is nought, more limits meet in the vertex than a basis holds, or optima of equal cost do, and another
basis of the same vertex holds on that side. It is found by solving a nudge away, and taken only if it is optimal at the
vertex itself; a nudge that goes too far is made smaller. So the slopes left and right are exact, and may differ.

Among plans of equal cost the one that buys least is meant, as in a run: a weight too small to change the cost breaks
ties. Reference: T. Gal, Postoptimal Analyses, Parametric Programming, and Related Topics, 2nd ed. (1995), chapter 4.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from parksim.component import Array
from parksim.errors import NoSolution
from parksim.lp.basis import BASIC, LOWER, UPPER, Basis, hand_in
from parksim.lp.decompose import NO_LIMIT
from parksim.lp.decompose import solve as solve_by_pieces
from parksim.lp.directions import Direction, Filled, moved
from parksim.lp.held import FEASIBLE, TIED, Held, at_bounds, opened
from parksim.lp.highs import Solver
from parksim.lp.ladder import Ladder
from parksim.lp.program import Program, SparseLP, inner
from parksim.lp.rung import OPTIONS
from parksim.lp.ties import GREEN

TELL_GREEN = 1e-5
"""Size of the weight that breaks ties [CNY MWh-1]."""

NUDGE, NUDGE_COST = 1e-4, 1e-1
"""How far a nudge breaks the bound that stops [MW, MWh], or the sign of a reduced cost [CNY per unit]."""

SOLVER_TOLERANCE = 1e-9
"""Feasibility asked of HiGHS, so that it sees nudges and ties."""

NOISE = 1e-10
"""Rates below this part of the largest are rounding."""

ROUNDS = 8
"""Most nudges for one side."""

NO_PLAN = {"infeasible": np.inf, "unbounded": -np.inf}
"""How a solve ends without an optimum, and the cost that is told."""


@dataclass(frozen=True)
class Slope:
    """What holds on one side of the number's value.

    Parameters
    ----------
    cost_cny, co2_t
        Per unit of the number; the cost is infinite where there is no plan on this side.
    co2_jump_t
        What the CO2 changes at once on this side, where the plan passes to another of equal cost.
    reach
        How far the basis holds by the ratio test, in the unit of the number.
    held
        The basis; None where none was found.
    """

    cost_cny: float
    co2_t: float
    co2_jump_t: float
    reach: float
    held: Held | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class _Vertex:
    """A basis and its values at the LP itself."""

    basis: Basis
    order: NDArray[np.int64]
    x: Array
    rows: Array
    y: Array
    z: Array


@dataclass(frozen=True)
class _Rates:
    """Rates of a vertex along a direction."""

    x: Array
    rows: Array
    y: Array
    z: Array
    cost: float
    co2: float


@dataclass(frozen=True)
class _Reach:
    """How far a basis holds; ``stuck`` where not at all, with the nudge that shows HiGHS so."""

    way: float
    stuck: bool
    nudge: float


class Slopes:
    """The optimum of an LP, ready to tell its slopes. Not shared between threads.

    Parameters
    ----------
    program
        The structure.
    base
        The LP and its CO2 ledger.

    Attributes
    ----------
    objective_cny, co2_t
        Cost and CO2 of the optimum [CNY, t].
    nudges
        Times that a basis was looked for beside the optimum's own.

    Raises
    ------
    NoSolution
        If there is no optimum.
    """

    def __init__(self, program: Program, base: Filled) -> None:
        self.base, self.lp = base, base.lp
        self._column = self.lp.column
        found, solution, _ = solve_by_pieces(Ladder(program, self.lp), self.lp)
        if not solution.optimal:
            raise NoSolution(solution.termination, has_primal=solution.has_primal, has_dual=solution.has_dual)
        near = found.basis(solution)
        self._tell_green = TELL_GREEN * program.role_weights(GREEN)
        self._told_apart = self._apart(self.lp)
        self._solver = Solver(self._told_apart)
        self._options()
        hand_in(self._solver.highs, Basis(near.columns[: program.width], near.rows))
        self._home = self._solve(self._told_apart) or self._afresh(solution.termination)
        self._at_home = True
        self._held = self._hold(self._home)
        self.objective_cny = inner(self.lp.cost, self._home.x) + self.lp.offset
        self.co2_t = inner(base.co2, self._home.x) + base.co2_offset_t
        self.nudges = 0

    def _apart(self, lp: SparseLP) -> SparseLP:
        """Break the ties of an LP."""
        return replace(lp, cost=lp.cost + self._tell_green)

    def _options(self) -> None:
        for name, value in OPTIONS.items():
            self._solver.set_option(name, value)
        for name in ("primal_feasibility_tolerance", "dual_feasibility_tolerance"):
            self._solver.set_option(name, SOLVER_TOLERANCE)

    def _afresh(self, termination: str) -> _Vertex:
        """Solve from nothing where the basis found led nowhere."""
        self._solver = Solver(self._told_apart)
        self._options()
        found = self._solve(self._told_apart)
        if found is None:
            raise NoSolution(termination, has_primal=False, has_dual=False)
        return found

    def _hold(self, vertex: _Vertex) -> Held | None:
        held = Held(self.base, vertex.basis, vertex.z)
        return held if held.sound else None

    # algebra

    def _times(self, x: Array, value: Array) -> Array:
        """Multiply a matrix of this pattern with columns."""
        rows = np.bincount(self.lp.index, weights=value * x[self._column], minlength=self.lp.shape[0])
        return np.asarray(rows, np.float64)

    def _transposed(self, y: Array, value: Array) -> Array:
        """Multiply the transpose of a matrix of this pattern with rows."""
        columns = np.bincount(self._column, weights=value * y[self.lp.index], minlength=self.lp.shape[1])
        return np.asarray(columns, np.float64)

    def _columns_from(self, x: Array, right: Array, vertex_basis: Basis, order: NDArray[np.int64]) -> Array:
        """Complete nonbasic columns ``x`` (0 where basic) to all of (1); ``right`` counts at nonbasic rows only."""
        rest = np.where(vertex_basis.rows == BASIC, 0.0, right) - self._times(x, self.lp.value)
        _, solved = self._solver.highs.getBasisSolve(rest)
        whole, real = x.copy(), order >= 0
        whole[order[real]] = solved[real]
        return whole

    def _duals_from(self, cost: Array, order: NDArray[np.int64]) -> Array:
        """Solve B' y = cost of the basic columns."""
        right = np.where(order >= 0, cost[np.maximum(order, 0)], 0.0)
        _, solved = self._solver.highs.getBasisTransposeSolve(right)
        return np.asarray(solved, np.float64)

    def _vertex(self, basis: Basis) -> _Vertex:
        """Values at the LP itself of the basis that HiGHS holds."""
        lp = self.lp
        order = np.asarray(self._solver.highs.getBasicVariables()[1], np.int64)
        x = at_bounds(basis.columns, lp.lower, lp.upper)
        active = at_bounds(basis.rows, lp.row_lower, lp.row_upper)
        x = self._columns_from(x, active, basis, order)
        y = self._duals_from(lp.cost, order)
        rows = np.where(basis.rows == BASIC, self._times(x, lp.value), active)
        z = np.where(basis.columns == BASIC, 0.0, lp.cost - self._transposed(y, lp.value))
        return _Vertex(basis, order, x, rows, np.where(basis.rows == BASIC, 0.0, y), z)

    def _rates(self, at: _Vertex, way: Direction) -> _Rates:
        """Rates of columns, rows, duals and ledgers: (1) to (4)."""
        lp = self.lp
        opening = (lp.lower == lp.upper) & (way.lower != way.upper)
        fixed = at_bounds(opened(at.basis, at.z, opening), way.lower, way.upper)
        active = at_bounds(at.basis.rows, way.row_lower, way.row_upper)
        of_matrix = way.of_matrix
        shift = self._times(at.x, way.value) if of_matrix else np.zeros(lp.shape[0])
        x = self._columns_from(fixed, active - shift, at.basis, at.order)
        rows = np.where(at.basis.rows == BASIC, self._times(x, lp.value) + shift, active)
        y, z = np.zeros(lp.shape[0]), np.zeros(lp.shape[1])
        if of_matrix or way.cost.any():
            cost = way.cost - (self._transposed(at.y, way.value) if of_matrix else 0.0)
            y = self._duals_from(cost, at.order)
            z = np.where(at.basis.columns == BASIC, 0.0, cost - self._transposed(y, lp.value))
            y = np.where(at.basis.rows == BASIC, 0.0, y)
        slope = inner(at.z, fixed) + inner(at.y, active - shift) + inner(way.cost, at.x) + way.offset
        co2 = inner(self.base.co2, x) + inner(way.co2, at.x) + way.co2_offset
        return _Rates(x, rows, y, z, slope, co2)

    # how far a basis holds

    def _reach(self, at: _Vertex, rates: _Rates, way: Direction, sign: float) -> _Reach:
        """Ratio test along the whole direction, over columns, rows and duals."""
        lp = self.lp
        wide, slanted = lp.lower < lp.upper, lp.row_lower < lp.row_upper
        low, high = (at.basis.columns == LOWER) & wide, (at.basis.columns == UPPER) & wide
        row_low, row_high = (at.basis.rows == LOWER) & slanted, (at.basis.rows == UPPER) & slanted
        primal = (
            (at.x - lp.lower, rates.x - way.lower),
            (lp.upper - at.x, way.upper - rates.x),
            (at.rows - lp.row_lower, rates.rows - way.row_lower),
            (lp.row_upper - at.rows, way.row_upper - rates.rows),
        )
        dual = (
            (at.z[low], rates.z[low]),
            (-at.z[high], -rates.z[high]),
            (at.y[row_low], rates.y[row_low]),
            (-at.y[row_high], -rates.y[row_high]),
        )
        first = _ratio(primal, sign, small=FEASIBLE, nudge=NUDGE)
        second = _ratio(dual, sign, small=TIED, nudge=NUDGE_COST)
        nudges = [found.nudge for found in (first, second) if found.stuck]
        return _Reach(min(first.way, second.way), bool(nudges), min(nudges, default=0.0))

    def _optimal(self, at: _Vertex) -> bool:
        """Whether a basis is optimal at the LP itself."""
        lp, slack = self.lp, FEASIBLE * (1.0 + np.abs(at.x).max(initial=0.0) * 1e-6)
        inside = np.all(at.x >= lp.lower - slack) and np.all(at.x <= lp.upper + slack)
        inside = inside and np.all(at.rows >= lp.row_lower - slack) and np.all(at.rows <= lp.row_upper + slack)
        wide, slanted = lp.lower < lp.upper, lp.row_lower < lp.row_upper
        signs = (
            at.z[(at.basis.columns == LOWER) & wide],
            -at.z[(at.basis.columns == UPPER) & wide],
            at.y[(at.basis.rows == LOWER) & slanted],
            -at.y[(at.basis.rows == UPPER) & slanted],
        )
        return bool(inside) and all(np.all(part >= -TIED) for part in signs)

    # another basis of the same vertex

    def _solve(self, lp: SparseLP) -> _Vertex | None:
        """Solve a neighbour of the LP, and give its basis at the LP itself; None where it has no optimum."""
        self._solver.change(lp)
        solution = self._solver.run()
        if not solution.optimal:
            return None
        basis = self._solver.basis(solution)
        if not np.array_equal(lp.value, self.lp.value):
            self._factor(basis)
        return self._vertex(basis)

    def _factor(self, basis: Basis) -> None:
        """Let HiGHS factor a basis with the matrix of the LP itself, without a step."""
        self._solver.change(self._told_apart)
        hand_in(self._solver.highs, basis)
        self._solver.set_option("simplex_iteration_limit", 0)
        self._solver.run()
        self._solver.set_option("simplex_iteration_limit", NO_LIMIT)

    def _go_home(self) -> None:
        if not self._at_home:
            self._factor(self._home.basis)
            self._at_home = True
            self._home = self._vertex(self._home.basis)

    def _beside(self, way: Direction, sign: float, nudge: float) -> Slope:
        """Find the basis that holds on one side."""
        self._at_home = False
        step, found, rates, reach = nudge, None, None, _Reach(0.0, True, nudge)
        for _ in range(ROUNDS):
            self.nudges += 1
            there = self._solve(moved(self._told_apart, way, step=sign * step))
            if there is None:
                return Slope(sign * np.inf, np.nan, 0.0, 0.0)
            if not self._optimal(there):
                step *= 0.05
                continue
            found, rates = there, self._rates(there, way)
            reach = self._reach(there, rates, way, sign)
            if not reach.stuck:
                break
            step = reach.nudge if reach.nudge != step else 10.0 * step
        if found is None or rates is None:
            return Slope(np.nan, np.nan, 0.0, 0.0)
        jump = inner(self.base.co2, found.x - self._home.x)
        return Slope(rates.cost, rates.co2, jump, 0.0 if reach.stuck else reach.way, self._hold(found))

    def elsewhere(self, there: Filled) -> tuple[float, float]:
        """Solve another filling of the LP, from the basis held.

        Returns
        -------
        cost_cny, co2_t
            The cost is infinite where there is no plan; both are NaN where HiGHS does not tell.
        """
        self._at_home = False
        self._solver.change(self._apart(there.lp))
        solution = self._solver.run()
        if not solution.optimal:
            return NO_PLAN.get(solution.termination, np.nan), np.nan
        x = solution.columns
        return inner(there.lp.cost, x) + there.lp.offset, inner(there.co2, x) + there.co2_offset_t

    def along(self, left: Direction | None, right: Direction | None) -> tuple[Slope | None, Slope | None]:
        """Tell the slopes to the left and to the right of a number's value.

        Parameters
        ----------
        left, right
            Rates as the number falls and as it rises, both per unit upwards; None where it cannot. Where they are one
            object, the rates of the optimum are found once.

        Returns
        -------
        Slope or None, Slope or None
            None where no direction was given; NaN where no basis was found on a side.
        """
        self._go_home()
        told: list[Slope | None] = []
        stuck: list[tuple[int, Direction, float, float]] = []
        rates = None
        for place, (way, sign) in enumerate(((left, -1.0), (right, 1.0))):
            if way is None:
                told.append(None)
                continue
            if rates is None or way is not left:
                rates = self._rates(self._home, way)
            reach = self._reach(self._home, rates, way, sign)
            told.append(Slope(rates.cost, rates.co2, 0.0, reach.way, self._held))
            if reach.stuck:
                stuck.append((place, way, sign, reach.nudge))
        for place, way, sign, nudge in stuck:
            told[place] = self._beside(way, sign, nudge)
        return told[0], told[1]


def _ratio(pairs: tuple[tuple[Array, Array], ...], sign: float, *, small: float, nudge: float) -> _Reach:
    """Find how far slacks stay at nought or above, each moving at its rate."""
    largest = max((float(np.abs(rate[np.isfinite(rate)]).max(initial=0.0)) for _, rate in pairs), default=0.0)
    way, steepest = np.inf, 0.0
    for slack, rate in pairs:
        falls = (sign * rate < -NOISE * largest) & np.isfinite(slack)
        if not falls.any():
            continue
        speed, left = -sign * rate[falls], np.maximum(slack[falls], 0.0)
        at_once = left <= small
        steepest = max(steepest, float(speed[at_once].max(initial=0.0)))
        way = min(way, float((left / speed).min()))
    return _Reach(way, steepest > 0.0, nudge / steepest if steepest > 0.0 else 0.0)
