"""The master problem of sizing: what cuts know of the cost of all capacities.

    cost(x) = invest @ x + V(x) >= (invest + slope_k) @ x + constant_k    for every cut k           [CNY]
    within limits (least <= x <= most, rows of investment and area), in whole modules where there are any

Capacities are scaled to their range (or to modules), money to ``UNIT`` of the best cost seen, so that HiGHS's
tolerances are a small part of the gap asked for. A master has one column more than there are capacities: a solve takes
about a millisecond.
"""

from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from parksim.component import Array
from parksim.lp.affine import CuttingPlane
from parksim.lp.highs import Silent
from parksim.lp.project import nearest

UNIT = 1e-3
"""Money unit of the master, over the size of the cost: steep cuts stay below 1e6, where HiGHS branches rightly."""

MARGIN = 1e-6
"""How far inside a fence the next point to ask is taken, where there is room [MW or MWh, summed over rows]."""

FAR = 1e6
"""Widest the cost may lie below the best one [units]; keeps the master bounded before the first cuts. There it is no
bound of the cost, since the cuts may go on falling."""

AT_END = 1e-12
"""How near a scaled capacity lies to a limit that it is at."""

TOLERANCE = 1e-9
"""Feasibility asked of HiGHS in the scaled master."""


@dataclass(frozen=True)
class Limit:
    """``weights @ x <= most``: a limit that capacities share, such as money [CNY] or area [m2].

    Parameters
    ----------
    name
        Field of the park file that sets it.
    weights
        What a unit of each capacity takes of it, shape (capacities,).
    most
        All there is.
    """

    name: str
    weights: Array
    most: float


@dataclass(frozen=True)
class Box:
    """Where capacities may lie.

    Parameters
    ----------
    least, most
        Limits of each, shape (capacities,) [MW or MWh].
    module
        Size of a module of each, 0 where there are none, shape (capacities,) [MW or MWh].
    limits
        What they share.
    """

    least: Array
    most: Array
    module: Array
    limits: tuple[Limit, ...] = ()


class Master:
    """Cuts, limits, and the questions asked of them.

    Parameters
    ----------
    box
        Where the capacities may lie.
    invest
        What a unit of each costs over the horizon, shape (capacities,) [CNY].
    """

    def __init__(self, box: Box, invest: Array) -> None:
        self.box, self.invest = box, invest
        whole = box.module > 0.0
        span = box.most - box.least
        self.scale = np.where(whole, np.where(whole, box.module, 1.0), np.where(span > 0.0, span, 1.0))
        self.size = np.where(whole, np.rint(span / self.scale), span / self.scale)
        self.whole = whole & (self.size > 0.0)
        self.cuts: list[CuttingPlane] = []
        self.fences: list[CuttingPlane] = []
        self.best = np.inf

    def add(self, operation: CuttingPlane, cost_cny: float) -> None:
        """Take a cut of the cost of operation, and the cost of a plan [CNY]."""
        self.cuts.append(CuttingPlane(operation.constant, operation.slope + self.invest))
        self.best = min(self.best, cost_cny)

    def fence(self, violation: CuttingPlane) -> None:
        """Leave out where equations cannot hold."""
        self.fences.append(violation)

    @property
    def unit(self) -> float:
        """Money unit [CNY]."""
        return UNIT * max(1.0, abs(self.best))

    def _rows(self) -> tuple[Array, Array]:
        """Cuts ``g @ z - t <= -c`` in units above the best cost: coefficients and right sides."""
        slopes = np.array([cut.slope for cut in self.cuts]).reshape(len(self.cuts), len(self.scale))
        constants = np.array([cut.at(self.box.least) - self.best for cut in self.cuts])
        return slopes * self.scale / self.unit, -constants / self.unit

    def _walls(self, *, margin: float = 0.0) -> tuple[Array, Array]:
        """Fences and shared limits: coefficients and right sides, each scaled to 1.

        Bounds are taken without a margin: what just suffices, such as none of a store, has an operation.
        """
        rows = [(f.slope, -f.constant - margin) for f in self.fences]
        rows += [(limit.weights, limit.most) for limit in self.box.limits]
        matrix = np.array([row for row, _ in rows]).reshape(len(rows), len(self.scale))
        right = np.array([most for _, most in rows]) - matrix @ self.box.least
        matrix = matrix * self.scale
        large = np.maximum(np.abs(matrix).max(axis=1, initial=0.0), 1e-300)
        return matrix / large[:, None], right / large

    def lowest(self, *, whole: bool = False) -> tuple[Array, float] | None:
        """Find where the cuts are lowest, and how low: a bound of the best cost [CNY]; None where none is allowed.

        The bound is endless where the cuts fall farther than the master looks.
        """
        cost = np.append(np.zeros(len(self.scale)), 1.0)
        found = self._solve(cost, ceiling=None, whole=whole)
        if found is None:
            return None
        bound = self.best + found[1] * self.unit if found[1] > -0.999 * FAR else -np.inf
        return self.capacities(found[0]), bound

    def nearest(self, x: Array, *, level_cny: float) -> Array | None:
        """Find the point nearest to ``x`` where all cuts are at or below a level; None where none is found."""
        inside = self._nearest(x, level_cny=level_cny, margin=MARGIN)
        return inside if inside is not None or not self.fences else self._nearest(x, level_cny=level_cny, margin=0.0)

    def _nearest(self, x: Array, *, level_cny: float, margin: float) -> Array | None:
        slopes, right = self._rows()
        walls, most = self._walls(margin=margin)
        ceiling = (level_cny - self.best) / self.unit if self.cuts else 0.0
        wide = np.maximum(self.size, 1.0)
        matrix = np.vstack((slopes, walls)) * wide
        each = np.eye(len(wide))
        found = nearest(
            (x - self.box.least) / self.scale / wide,
            matrix=np.vstack((matrix, each, -each)),
            right=np.concatenate((right + ceiling, most, self.size / wide, 0.0 * wide)),
        )
        return None if found is None else self.capacities(found * wide)

    def extreme(self, weights: Array, *, most_cny: float, whole: bool) -> Array | None:
        """Find the capacities of least ``weights @ x`` where no cut is above a cost; weights are per unit."""
        cost = np.append(weights * self.scale, 0.0)
        found = self._solve(cost, ceiling=(most_cny - self.best) / self.unit, whole=whole)
        return None if found is None else self.capacities(found[0])

    def capacities(self, z: Array) -> Array:
        """Give capacities of scaled values, within their limits [MW or MWh]."""
        z = np.where(self.whole, np.rint(z), z) if self._integral(z) else z
        z = np.where(np.abs(z) <= AT_END, 0.0, z)
        return np.clip(self.box.least + self.scale * z, self.box.least, self.box.most)

    def modules(self, places: Array) -> NDArray[np.bool_]:
        """Tell which points, shape (points, capacities), have whole modules, shape (points,)."""
        z = (places - self.box.least) / self.scale
        return np.asarray(np.all(~self.whole | np.isclose(z, np.rint(z), rtol=0.0, atol=1e-6), axis=1))

    def _integral(self, z: Array) -> bool:
        return bool(np.allclose(z[self.whole], np.rint(z[self.whole]), atol=1e-5))

    def slope(self, which: int) -> float:
        """Give the slope of the least cost, modules aside, in a capacity whose limits are one value [CNY per unit].

        Between the slopes on both sides where the cuts have a kink there; NaN where nothing is allowed.
        """
        found = self._solve(np.append(np.zeros(len(self.scale)), 1.0), ceiling=None)
        return float("nan") if found is None else float(found[2][which] / self.scale[which]) * self.unit

    def _solve(self, cost: Array, *, ceiling: float | None, whole: bool = False) -> tuple[Array, float, Array] | None:
        """Solve over scaled capacities and one column for the cost in units above the best."""
        slopes, right = self._rows()
        walls, most = self._walls()
        columns = len(self.scale)
        matrix = np.vstack(
            [np.hstack([slopes, -np.ones((len(right), 1))]), np.hstack([walls, np.zeros((len(most), 1))])]
        )
        upper = np.append(self.size, FAR if ceiling is None else ceiling)
        lower = np.append(np.zeros(columns), -FAR)
        if ceiling is not None:  # the column of the cost is fixed: rows may be scaled to 1
            lower[-1] = upper[-1]
            large = np.maximum(np.abs(slopes).max(axis=1, initial=0.0), 1.0)
            matrix[: len(large)] /= large[:, None]
            right = right / large
        integral = np.append(self.whole & whole, False)
        found = run_small(
            cost,
            matrix=matrix,
            right=np.append(right, most),
            lower=lower,
            upper=upper,
            integral=integral,
        )
        return None if found is None else (found[0][:columns], found[1], found[2][:columns])


def run_small(
    cost: Array,
    *,
    matrix: Array,
    right: Array,
    lower: Array,
    upper: Array,
    integral: NDArray[np.bool_],
) -> tuple[Array, float, Array] | None:
    """Minimise ``cost @ z`` with ``matrix @ z <= right`` and ``lower <= z <= upper``, by HiGHS.

    Parameters
    ----------
    cost, lower, upper
        Shape (columns,).
    matrix, right
        Shapes (rows, columns), dense, and (rows,).
    integral
        Which columns are whole numbers, shape (columns,).

    Returns
    -------
    (ndarray, float, ndarray) or None
        The point, shape (columns,), a proved lower bound of the objective, and reduced costs, which mean nothing with
        whole numbers; None without an optimum.
    """
    rows, columns = matrix.shape
    highs = Silent()
    for name in ("primal_feasibility_tolerance", "dual_feasibility_tolerance", "mip_feasibility_tolerance"):
        highs.setOptionValue(name, TOLERANCE)
    for name, value in (("threads", 1), ("mip_rel_gap", 0.0), ("mip_abs_gap", 1e-8), ("random_seed", 0)):
        highs.setOptionValue(name, value)
    mixed = bool(integral.any())
    highs.passModel(
        columns,
        rows,
        matrix.size,
        int(highspy.MatrixFormat.kRowwise),
        int(highspy.ObjSense.kMinimize),
        0.0,
        cost,
        lower,
        upper,
        np.full(rows, -np.inf),
        right,
        np.arange(0, matrix.size + 1, columns, dtype=np.int32),
        np.tile(np.arange(columns, dtype=np.int32), rows),
        np.ascontiguousarray(matrix).ravel(),
        integral.astype(np.int32),
    )
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    info = highs.getInfo()
    bound = info.mip_dual_bound if mixed else info.objective_function_value
    solution = highs.getSolution()
    reduced = np.zeros(columns) if mixed else np.asarray(solution.col_dual, np.float64)
    return np.asarray(solution.col_value, np.float64), float(bound), reduced
