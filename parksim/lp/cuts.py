"""The master problem of sizing: what cuts know of the cost of all capacities.

    cost(x) = invest @ x + V(x) >= (invest + slope_k) @ x + constant_k    for every cut k           [CNY]
    within limits (least <= x <= most, rows of investment and area), in whole modules where there are any

Capacities are scaled to their range (or to modules), money to ``UNIT`` of the best cost seen, so that HiGHS's
tolerances are a small part of the gap asked for. A master has one column more than there are capacities: a solve takes
about a millisecond.

Of several scenarios each has cuts and a cost of its own, and what counts is their value (:mod:`~parksim.lp.risk`):

    cost >= (1 - weight) sum_s p_s c_s + weight (eta + sum_s p_s e_s / (1 - level))
    e_s >= c_s - eta,  e_s >= 0,  c_s >= (invest + slope_sk) @ x + constant_sk                       [CNY]

A *blend*, one cut of each scenario weighed as the value weighs their costs somewhere, bounds the value everywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from parksim.component import Array
from parksim.lp.affine import CuttingPlane
from parksim.lp.highs import Silent
from parksim.lp.project import nearest
from parksim.lp.risk import Risk, certain

UNIT = 1e-3
"""Money unit of the master, over the size of the cost: steep cuts stay below 1e6, where HiGHS branches rightly."""

MARGIN = 1e-6
"""How far inside a fence the next point to ask is taken, where there is room [MW or MWh, summed over rows]."""

FAR = 1e6
"""Widest the cost may lie below the best one [units]; keeps the master bounded before the first cuts. There it is no
bound of the cost, since the cuts may go on falling."""

ABOVE = 0.05
"""How far the blends may leave the nearest point above the level, over the distance of the level from the best cost."""

BLENDS = 50
"""Most blends made for one nearest point."""

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
    risk
        How scenarios count; None where there is one.

    Attributes
    ----------
    cuts
        Of the cost that counts.
    parts
        Of the cost of each scenario, where there are several.
    """

    def __init__(self, box: Box, invest: Array, risk: Risk | None = None) -> None:
        self.box, self.invest = box, invest
        self.risk = certain() if risk is None else risk
        self.parts: list[list[CuttingPlane]] = [[] for _ in range(self.risk.scenarios)]
        whole = box.module > 0.0
        span = box.most - box.least
        self.scale = np.where(whole, np.where(whole, box.module, 1.0), np.where(span > 0.0, span, 1.0))
        self.size = np.where(whole, np.rint(span / self.scale), span / self.scale)
        self.whole = whole & (self.size > 0.0)
        self.cuts: list[CuttingPlane] = []
        self.fences: list[CuttingPlane] = []
        self.best = np.inf

    def add(self, operation: CuttingPlane, cost_cny: float, parts: Sequence[CuttingPlane] = ()) -> None:
        """Take a cut of the cost of operation, the cost of a plan [CNY], and the cuts of each of several scenarios."""
        self.cuts.append(self._whole(operation))
        self.best = min(self.best, cost_cny)
        if self.risk.scenarios > 1:
            for own, cut in zip(self.parts, parts, strict=True):
                own.append(self._whole(cut))

    def _whole(self, operation: CuttingPlane) -> CuttingPlane:
        """Add what capacities cost."""
        return CuttingPlane(operation.constant, operation.slope + self.invest)

    def fence(self, violation: CuttingPlane) -> None:
        """Leave out where equations cannot hold."""
        self.fences.append(violation)

    @property
    def unit(self) -> float:
        """Money unit [CNY]."""
        return UNIT * max(1.0, abs(self.best))

    def _rows(self, cuts: Sequence[CuttingPlane]) -> tuple[Array, Array]:
        """Cuts ``g @ z - t <= -c`` in units above the best cost: coefficients and right sides."""
        slopes = np.array([cut.slope for cut in cuts]).reshape(len(cuts), len(self.scale))
        constants = np.array([cut.at(self.box.least) - self.best for cut in cuts])
        return slopes * self.scale / self.unit, -constants / self.unit

    def blend(self, x: Array) -> CuttingPlane:
        """Mix the cuts that are highest at a point as the value weighs them there."""
        highest = [max(own, key=lambda cut: cut.at(x)) for own in self.parts]
        weights = self.risk.weights(np.array([cut.at(x) for cut in highest]))
        return mixed(highest, weights)

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
        """Find the point nearest to ``x`` where all cuts are at or below a level; None where none is found.

        Blends of the cuts of several scenarios are made until they are within ``ABOVE`` of it.
        """
        found = self._within(x, level_cny=level_cny)
        if self.risk.scenarios == 1 or not self.cuts or not np.isfinite(level_cny):
            return found
        for _ in range(BLENDS):
            if found is None:
                break
            blend = self.blend(found)
            if blend.at(found) - level_cny <= ABOVE * (self.best - level_cny):
                break
            self.cuts.append(blend)
            found = self._within(x, level_cny=level_cny)
        return found

    def _within(self, x: Array, *, level_cny: float) -> Array | None:
        inside = self._nearest(x, level_cny=level_cny, margin=MARGIN)
        return inside if inside is not None or not self.fences else self._nearest(x, level_cny=level_cny, margin=0.0)

    def _nearest(self, x: Array, *, level_cny: float, margin: float) -> Array | None:
        slopes, right = self._rows(self.cuts)
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
        (matrix, right), (walls, most) = self._sloped(), self._walls()
        columns = len(self.scale)
        bars = np.hstack((walls, np.zeros((len(most), matrix.shape[1] - columns))))
        more = matrix.shape[1] - columns - 1
        upper = np.concatenate((self.size, [FAR if ceiling is None else ceiling], np.full(more, np.inf)))
        lower = np.concatenate((np.zeros(columns), [-FAR], np.full(more, -np.inf)))
        lower[len(lower) - self._excesses :] = 0.0
        if ceiling is not None:  # the column of the cost is fixed: rows may be scaled to 1
            lower[columns] = ceiling
            large = np.maximum(np.abs(matrix[:, :columns]).max(axis=1, initial=0.0), 1.0)
            matrix, right = matrix / large[:, None], right / large
        found = run_small(
            np.append(cost, np.zeros(more)),
            matrix=np.vstack((matrix, bars)),
            right=np.append(right, most),
            lower=lower,
            upper=upper,
            integral=np.concatenate((self.whole & whole, np.zeros(more + 1, bool))),
        )
        return None if found is None else (found[0][:columns], found[1], found[2][:columns])

    @property
    def _excesses(self) -> int:
        """Number of scenarios whose cost above the threshold counts: none where the worst alone does, or the mean."""
        risk = self.risk
        return risk.scenarios if risk.scenarios > 1 and risk.weight > 0.0 and risk.level < 1.0 else 0

    def _sloped(self) -> tuple[Array, Array]:
        """Rows that hold the cost up, over capacities, the cost and, of several scenarios, costs, eta and excesses."""
        risk, columns = self.risk, len(self.scale)
        if risk.scenarios == 1:
            slopes, right = self._rows(self.cuts)
            return np.hstack((slopes, -np.ones((len(right), 1)))), right
        slopes, right = self._rows([cut for own in self.parts for cut in own])
        scenario = np.repeat(np.arange(risk.scenarios), [len(own) for own in self.parts])
        each, excess = np.eye(risk.scenarios), np.eye(risk.scenarios, self._excesses)
        rest = np.zeros((len(right), 1 + self._excesses))
        held = np.hstack((slopes, np.zeros((len(right), 1)), -each[scenario], rest))
        tail = risk.weight * risk.probability[: self._excesses] / (1.0 - risk.level)
        value = np.concatenate((np.zeros(columns), [-1.0], (1.0 - risk.weight) * risk.probability, [risk.weight], tail))
        above = np.hstack((np.zeros((risk.scenarios, columns + 1)), each, -np.ones((risk.scenarios, 1)), -excess))
        more = np.vstack((value, above))[: None if risk.weight > 0.0 else 1]
        return np.vstack((held, more)), np.append(right, np.zeros(len(more)))


def mixed(cuts: Sequence[CuttingPlane], weights: Array) -> CuttingPlane:
    """Weigh cuts, shape (cuts,)."""
    constant = float(weights @ np.array([cut.constant for cut in cuts]))
    return CuttingPlane(constant, np.asarray(weights @ np.array([cut.slope for cut in cuts]), np.float64))


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
    row, column = np.nonzero(matrix)
    highs = Silent()
    for name in ("primal_feasibility_tolerance", "dual_feasibility_tolerance", "mip_feasibility_tolerance"):
        highs.setOptionValue(name, TOLERANCE)
    for name, value in (("threads", 1), ("mip_rel_gap", 0.0), ("mip_abs_gap", 1e-8), ("random_seed", 0)):
        highs.setOptionValue(name, value)
    mixed = bool(integral.any())
    highs.passModel(
        columns,
        rows,
        len(row),
        int(highspy.MatrixFormat.kRowwise),
        int(highspy.ObjSense.kMinimize),
        0.0,
        cost,
        lower,
        upper,
        np.full(rows, -np.inf),
        right,
        np.searchsorted(row, np.arange(rows + 1)).astype(np.int32),
        column.astype(np.int32),
        matrix[row, column],
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
