"""HiGHS behind arrays: hand over, run, read back.

Duals are those of HiGHS for a minimisation: the dual of a row is d(objective) / d(its active bound), and the reduced
cost of a column likewise; a binding upper limit has a value <= 0, a binding lower limit >= 0.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import highspy
import numpy as np
from numpy.typing import NDArray

from parksim.component import Array
from parksim.errors import NoSolution
from parksim.lp.basis import BASIC, Basis, Flags, basic, hand_in, stands
from parksim.lp.pieces import Ints
from parksim.lp.program import SparseLP, inner
from parksim.lp.trim import Trim, trim_of

TERMINATIONS = {
    highspy.HighsModelStatus.kOptimal: "optimal",
    highspy.HighsModelStatus.kInfeasible: "infeasible",
    highspy.HighsModelStatus.kUnbounded: "unbounded",
    highspy.HighsModelStatus.kUnboundedOrInfeasible: "infeasible_or_unbounded",
    highspy.HighsModelStatus.kTimeLimit: "time_limit",
    highspy.HighsModelStatus.kIterationLimit: "iteration_limit",
    highspy.HighsModelStatus.kModelEmpty: "optimal",
}


FEW = 2000
"""Most coefficients that are changed one by one; beyond it the LP is handed over anew."""

MOST = 50_000
"""Most costs and bounds that are changed; beyond it, too, handing over is faster, though factors are made anew."""


@dataclass(frozen=True)
class Solution:
    """How a solve ended, and its numbers.

    Parameters
    ----------
    termination
        ``optimal``, ``infeasible``, ``unbounded``, ...
    columns, reduced_costs
        Shape (columns,).
    rows, row_duals
        Shape (rows,).
    objective_cny
        Objective, offset included.
    """

    termination: str
    has_primal: bool
    has_dual: bool
    columns: Array
    reduced_costs: Array
    rows: Array
    row_duals: Array
    objective_cny: float
    iterations: int
    seconds: float

    @property
    def optimal(self) -> bool:
        """Whether an optimum was proved."""
        return self.termination == "optimal"


def duality_gap(lp: SparseLP, solution: Solution) -> float:
    """Primal minus dual objective over the larger of 1 and the primal one [1].

    The dual objective is rebuilt from the duals alone: each takes the bound its sign points to.
    """
    total = lp.offset
    for dual, low, high in (
        (solution.row_duals, lp.row_lower, lp.row_upper),
        (solution.reduced_costs, lp.lower, lp.upper),
    ):
        bound = np.where(dual > 0, low, high)
        active = (dual != 0.0) & np.isfinite(bound)
        total += inner(dual[active], bound[active])
    return abs(solution.objective_cny - total) / max(1.0, abs(solution.objective_cny))


class Silent(highspy.Highs):  # type: ignore[misc]  # highspy is read without its stubs, see pyproject.toml
    """A HiGHS that never says a word, and runs whatever else has run HiGHS on this thread before."""

    def enableCallbacks(self) -> None:
        """Fall silent before the first call, at which HiGHS greets since 1.16; the constructor makes it."""
        self.silent()
        super().enableCallbacks()

    def run(self) -> Any:
        """Solve; take the scheduler of this thread as it is where its threads are other than asked for."""
        status = super().run()
        if status == highspy.HighsStatus.kError and self.getModelStatus() == highspy.HighsModelStatus.kNotset:
            self.setOptionValue("threads", 0)
            status = super().run()
        return status


class Solver:
    """A HiGHS that holds one LP and keeps its last basis.

    Parameters
    ----------
    lp
        The LP to hand over.
    presolve
        Whether HiGHS presolves; off is faster on these LPs and keeps the basis.
    width
        Columns that solutions tell; those behind are the solver's own. None tells all.
    trim
        Whether HiGHS is spared the columns that stand fixed; what the solver takes and gives is whole all the same,
        but not what ``highs`` says itself.
    """

    def __init__(self, lp: SparseLP, *, presolve: bool = False, width: int | None = None, trim: bool = False) -> None:
        self.width = lp.shape[1] if width is None else width
        self.highs = Silent()
        self.highs.setOptionValue("presolve", "on" if presolve else "off")
        self.highs.setOptionValue("solver", "simplex")
        self.highs.setOptionValue("threads", 1)
        self._trims, self._trim = trim, cast("Trim | None", None)
        self._basic: tuple[Flags, Flags] | None = None  # as the last run left it
        self._hold(lp)

    def _hold(self, lp: SparseLP, basis: Basis | None = None) -> None:
        """Hand an LP over; with a basis, those columns stay that are basic in it."""
        self.lp, self._cost = lp, lp.cost
        if self._trims:
            self._trim = trim_of(lp, width=self.width, basis=basis, last=self._trim)
        self._held = lp if self._trim is None else self._trim.of(lp)
        self._taken = hand_over(self.highs, self._held)

    def run(self) -> Solution:
        """Solve from the basis held, or cold."""
        if not self._taken:
            return _refused(self.lp, self.width)
        begin = time.perf_counter()
        self._run()
        seconds = time.perf_counter() - begin
        info, solution = self.highs.getInfo(), self.highs.getSolution()
        # A number in a list of HiGHS costs 40 ns; rows and reduced costs follow from the others in a tenth of that.
        columns, row_duals = (np.asarray(told, np.float64) for told in (solution.col_value, solution.row_dual))
        if not len(columns):  # presolve has found out all there is
            columns, row_duals = np.zeros(self._held.shape[1]), np.zeros(self._held.shape[0])
        if self._trim is not None:
            columns = self._trim.columns(self.lp, columns)
        rows, reduced_costs = self._follow(columns, row_duals)
        return Solution(
            termination=self._termination(),
            has_primal=bool(solution.value_valid),
            has_dual=bool(solution.dual_valid),
            columns=columns[: self.width],
            reduced_costs=reduced_costs[: self.width],
            rows=rows,
            row_duals=row_duals,
            objective_cny=float(info.objective_function_value),
            iterations=int(info.simplex_iteration_count),
            seconds=seconds,
        )

    def proves(self) -> bool:
        """Solve from the basis held, or cold, and tell only whether an optimum was proved."""
        if self._taken:
            self._run()
        return self._taken and self._termination() == "optimal"

    def _run(self) -> None:
        self._basic = None
        self.highs.run()

    def _termination(self) -> str:
        status = self.highs.getModelStatus()
        return TERMINATIONS.get(status, str(status).rsplit(".", maxsplit=1)[-1])

    def _follow(self, columns: Array, row_duals: Array) -> tuple[Array, Array]:
        """Give the rows that follow from the columns, and the reduced costs that follow from the duals of the rows."""
        lp, at, width = self.lp, self.lp.column, self.width
        rows = np.bincount(lp.index, weights=lp.value * columns[at], minlength=lp.shape[0]).astype(np.float64)
        charged = np.bincount(at, weights=lp.value * row_duals[lp.index], minlength=lp.shape[1])
        return rows, np.where(self.basic()[0], 0.0, self._cost[:width] - charged[:width])

    def own(self) -> Array:
        """Give the values of the solver's own columns after a run."""
        extra = self.lp.shape[1] - self.width
        return np.asarray(self.highs.getSolution().col_value[-extra:] if extra else [], np.float64)

    def set_option(self, name: str, value: bool | int | float | str) -> None:
        """Set a HiGHS option by its name."""
        self.highs.setOptionValue(name, value)

    def set_costs(self, cost: Array, *, offset: float) -> None:
        """Replace the objective; of the solver's own columns only where it has them."""
        self._cost = cost
        if self._trim is not None:
            kept = self._trim.kept[: len(cost)]
            cost, offset = cost[kept], offset + self._trim.constant(self.lp, cost)
        self.highs.changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), cost)
        self.highs.changeObjectiveOffset(offset)

    def set_bounds(self, lower: Array, upper: Array) -> None:
        """Replace the bounds of all columns but the solver's own; those that are fixed in the LP stay as they are."""
        if self._trim is not None:
            kept = self._trim.kept[: len(lower)]
            lower, upper = lower[kept], upper[kept]
        self.highs.changeColsBounds(len(lower), np.arange(len(lower), dtype=np.int32), lower, upper)

    def set_row_bounds(self, lower: Array, upper: Array) -> None:
        """Replace the bounds of all rows."""
        if self._trim is not None:
            puts = self._trim.puts(self.lp)
            lower, upper = lower - puts, upper - puts
        self.highs.changeRowsBounds(len(lower), np.arange(len(lower), dtype=np.int32), lower, upper)

    def change(self, lp: SparseLP) -> bool:
        """Replace all numbers by those of an LP of the same pattern; the basis stays.

        Returns
        -------
        bool
            Whether coefficients of the matrix were among them: then the factors of the basis are made anew.
        """
        moved = not np.array_equal(self.lp.value, lp.value)
        if not self._taken:  # HiGHS holds nothing that could be changed
            self._hold(lp)
            return moved
        if self._trim is not None and not self._trim.covers(lp):
            self.replace(lp, self._told())
            return moved
        old, new = self._held, lp if self._trim is None else self._trim.of(lp)
        entries = np.flatnonzero(old.value != new.value)
        costs = 0 if np.array_equal(old.cost, new.cost) else len(new.cost)
        bounds = np.flatnonzero((old.lower != new.lower) | (old.upper != new.upper)).astype(np.int32)
        sides = np.flatnonzero((old.row_lower != new.row_lower) | (old.row_upper != new.row_upper)).astype(np.int32)
        self.lp, self._held, self._cost = lp, new, lp.cost
        few = len(entries) <= FEW and costs + len(bounds) + len(sides) <= MOST
        if not few or not self._changed(new, entries, bounds, sides, offset=old.offset, costs=costs > 0):
            basis = self.highs.getBasis()
            self._taken = hand_over(self.highs, new)
            if basis.valid:
                self.highs.setBasis(basis)
        return moved

    def _changed(
        self,
        new: SparseLP,
        entries: Ints,
        bounds: NDArray[np.int32],
        sides: NDArray[np.int32],
        *,
        offset: float,
        costs: bool,
    ) -> bool:
        """Change some numbers of what HiGHS holds; False where it refuses one, and all that were told with it."""
        taken = self._change_entries(new, entries)
        if costs:
            taken &= _taken(
                self.highs.changeColsCost(len(new.cost), np.arange(len(new.cost), dtype=np.int32), new.cost)
            )
        if offset != new.offset:
            taken &= _taken(self.highs.changeObjectiveOffset(new.offset))
        if len(bounds):
            taken &= _taken(self.highs.changeColsBounds(len(bounds), bounds, new.lower[bounds], new.upper[bounds]))
        if len(sides):
            taken &= _taken(self.highs.changeRowsBounds(len(sides), sides, new.row_lower[sides], new.row_upper[sides]))
        return taken

    def replace(self, lp: SparseLP, basis: Basis) -> None:
        """Hand another LP of the same pattern over, with a basis to start from."""
        self._hold(lp, basis)
        self._hand_in(basis)

    def begin(self, basis: Basis) -> None:
        """Start the next run from a basis; one that is not true is mended by HiGHS."""
        if self._trim is not None and np.any(basis.columns[self._trim.fixed] == BASIC):
            self._hold(self.lp, basis)
        self._hand_in(basis)

    def _hand_in(self, basis: Basis) -> None:
        self._basic = None
        hand_in(self.highs, basis if self._trim is None else Basis(basis.columns[self._trim.kept], basis.rows))

    def _told(self) -> Basis:
        """Give the basis as HiGHS tells it, which takes a microsecond for every status."""
        held = self.highs.getBasis()
        columns, rows = (np.array([int(s) for s in told], np.int8) for told in (held.col_status, held.row_status))
        return Basis(columns if self._trim is None else self._trim.statuses(columns), rows)

    def _change_entries(self, lp: SparseLP, which: Ints) -> bool:
        """Change a few coefficients one by one; False where HiGHS refuses one."""
        column = np.searchsorted(lp.start, which, side="right") - 1
        numbers = zip(lp.index[which].tolist(), column.tolist(), lp.value[which].tolist(), strict=True)
        return all(_taken(self.highs.changeCoeff(row, at, value)) for row, at, value in numbers)

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Lend the solver for other objectives and bounds; afterwards its LP and basis are as they were."""
        basis = self.highs.getBasis()
        yield
        self.set_costs(self.lp.cost, offset=self.lp.offset)
        self.set_bounds(self.lp.lower, self.lp.upper)
        self.set_row_bounds(self.lp.row_lower, self.lp.row_upper)
        self.set_option("simplex_strategy", 1)
        self.highs.setBasis(basis)
        self._basic = None

    def basis(self, solution: Solution) -> Basis:
        """Read the basis of the last run, which gave ``solution``; price columns count as at zero."""
        columns, rows = self._flags()
        lp, values = self.lp, np.concatenate((solution.columns, np.zeros(self.lp.shape[1] - self.width)))
        return stands(
            columns,
            rows,
            values,
            lower=lp.lower,
            upper=lp.upper,
            row_lower=lp.row_lower,
            row_upper=lp.row_upper,
        )

    def basic(self) -> tuple[Flags, Flags]:
        """Tell which columns and which rows are basic, shapes (columns,) and (rows,)."""
        columns, rows = self._flags()
        return columns[: self.width], rows

    def _flags(self) -> tuple[Flags, Flags]:
        """Tell the same, the solver's own columns included."""
        if self._basic is None:
            rows, columns = self._held.shape
            found, at_rows = basic(self.highs, columns=columns, rows=rows)
            self._basic = found if self._trim is None else self._trim.statuses(found.astype(np.int8)) == BASIC, at_rows
        return self._basic


def _taken(status: highspy.HighsStatus) -> bool:
    """Whether HiGHS did what it was told."""
    return bool(status != highspy.HighsStatus.kError)


def _refused(lp: SparseLP, width: int) -> Solution:
    """Give what is known of an LP that HiGHS did not take: nothing."""
    rows, nought = np.zeros(lp.shape[0]), np.zeros(width)
    return Solution("refused", False, False, nought, nought, rows, rows, np.nan, 0, 0.0)


def hand_over(highs: highspy.Highs, lp: SparseLP) -> bool:
    """Hand the arrays over as they are; filling a ``HighsLp`` field by field costs nine times as much.

    Returns
    -------
    bool
        Whether HiGHS took them; it refuses a lower bound that it counts as infinite (1e20 and more).
    """
    rows, columns = lp.shape
    status = highs.passModel(
        columns,
        rows,
        len(lp.value),
        int(highspy.MatrixFormat.kColwise),
        int(highspy.ObjSense.kMinimize),
        lp.offset,
        lp.cost,
        lp.lower,
        lp.upper,
        lp.row_lower,
        lp.row_upper,
        lp.start,
        lp.index,
        lp.value,
        np.zeros(columns, np.int32),  # all columns continuous
    )
    return _taken(status)


def solve(lp: SparseLP) -> tuple[Solution, Solver]:
    """Solve an LP cold.

    Raises
    ------
    NoSolution
        If no optimum was found; ``suspects`` is empty, :mod:`parksim.lp.explain` fills it.
    """
    solver = Solver(lp)
    solution = solver.run()
    if not solution.optimal:
        raise NoSolution(solution.termination, has_primal=solution.has_primal, has_dual=solution.has_dual)
    return solution, solver
