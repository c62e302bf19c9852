"""The LP as a function of capacities: every number of it is a constant plus a slope times each capacity.

A capacity enters a park only as a bound, ``cap`` or ``cap * series``, or on the right-hand side of a row; costs and
coefficients of the matrix never depend on it. So two fills give its slope exactly, the least cost V(x) of operation is
convex and piecewise linear in the capacities x, and every dual solution of one LP bounds V everywhere:

    (1) V(x) >= offset(x) + sum_r y_r * row_bound_r(x) + sum_j d_j * bound_j(x)    [CNY]

with y the row duals, d the reduced costs, each with the bound its sign points to; equality where y is optimal. As all
bounds are affine in x, the right side is one cut: a constant and a slope per capacity. The same sum without the costs,
for the duals of a solve that minimises violation, bounds the least violation: what is above zero has no operation.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from parksim.component import Array
from parksim.errors import StructureError
from parksim.lp.highs import Solution, Solver
from parksim.lp.layout import NumberRef, Values
from parksim.lp.program import Program, SparseLP, inner
from parksim.lp.sample import sample_of

COLUMNS, ROWS = ("lower", "upper"), ("row_lower", "row_upper")
MOVING = (*COLUMNS, *ROWS)
"""Arrays of the LP that may depend on a capacity."""

SAME = 1e-9
"""Largest relative difference between an LP filled and one put together from slopes."""


@dataclass(frozen=True)
class CuttingPlane:
    """``constant + slope @ x``: a lower bound of a convex function of the capacities, everywhere.

    Parameters
    ----------
    constant
        In CNY, or in MW and MWh summed over rows where it bounds a violation.
    slope
        The same per MW or MWh, shape (capacities,).
    """

    constant: float
    slope: Array

    def at(self, x: Array) -> float:
        """Evaluate at capacities, shape (capacities,)."""
        return self.constant + float(self.slope @ x)


@dataclass(frozen=True)
class Entries:
    """The entries of an array that are not zero."""

    index: NDArray[np.int64]
    value: Array

    def priced(self, duals: Array, *, low: bool) -> float:
        """Sum up entries times duals that point to this side: lower bounds have duals above 0, upper ones below."""
        mine = duals[self.index]
        return inner(np.maximum(mine, 0.0) if low else np.minimum(mine, 0.0), self.value)


def entries(values: Array) -> Entries:
    """Keep what is finite and not zero."""
    index = np.flatnonzero(np.isfinite(values) & (values != 0.0))
    return Entries(index, values[index])


@dataclass(frozen=True)
class Affine:
    """The LP of a park for any capacities.

    Parameters
    ----------
    base
        The LP where every sized capacity is zero.
    slopes
        For each capacity, change of each array of ``MOVING`` per unit.
    offsets
        For each capacity, change of the objective's constant per unit, shape (capacities,) [CNY].
    """

    base: SparseLP
    slopes: tuple[dict[str, Entries], ...]
    offsets: Array

    def at(self, x: Array) -> SparseLP:
        """Give the LP at capacities, shape (capacities,) [MW or MWh]."""
        moved = {name: getattr(self.base, name).copy() for name in MOVING}
        for slope, value in zip(self.slopes, x.tolist(), strict=True):
            for name, part in slope.items():
                moved[name][part.index] += part.value * value
        return replace(self.base, offset=self.base.offset + float(self.offsets @ x), **moved)

    def cut(self, solution: Solution) -> CuttingPlane:
        """Read the cut (1) from the duals of a solve."""
        cut = self._bounds(solution)
        return CuttingPlane(cut.constant + self.base.offset, cut.slope + self.offsets)

    def violation(self, x: Array) -> tuple[float, CuttingPlane]:
        """Give the least violation of the equations at ``x``, summed over all rows, and its cut.

        Notes
        -----
        Every row may be missed at a price of 1 per unit; bounds of columns hold.
        """
        lp = self.at(x)
        rows, columns = lp.shape
        plus, last = np.arange(1, 2 * rows + 1), int(lp.start[-1])
        elastic = replace(
            lp,
            start=np.concatenate((lp.start, last + plus)).astype(np.int32),
            index=np.concatenate((lp.index, np.tile(np.arange(rows), 2))).astype(np.int32),
            value=np.concatenate((lp.value, np.ones(rows), -np.ones(rows))),
            cost=np.concatenate((np.zeros(columns), np.ones(2 * rows))),
            lower=np.concatenate((lp.lower, np.zeros(2 * rows))),
            upper=np.concatenate((lp.upper, np.full(2 * rows, np.inf))),
            offset=0.0,
        )
        solution = Solver(elastic, presolve=True, width=columns).run()
        return solution.objective_cny, self._bounds(solution)

    def _bounds(self, solution: Solution) -> CuttingPlane:
        constant, slope = 0.0, np.zeros(len(self.slopes))
        for duals, (low, high) in ((solution.reduced_costs, COLUMNS), (solution.row_duals, ROWS)):
            for name in (low, high):
                constant += entries(getattr(self.base, name)).priced(duals, low=name == low)
                slope += [moving[name].priced(duals, low=name == low) for moving in self.slopes]
        return CuttingPlane(constant, slope)


def with_capacities(values: Values, capacities: Sequence[NumberRef], x: Array) -> Values:
    """Replace the capacities among the numbers of a park."""
    changed = {component: dict(numbers) for component, numbers in values.items()}
    for ref, value in zip(capacities, x.tolist(), strict=True):
        changed[ref.component][ref.name] = value
    return changed


def affine(program: Program, values: Values, capacities: Sequence[NumberRef], *, most: Array) -> Affine:
    """Read how an LP depends on capacities.

    Parameters
    ----------
    program, values
        The park; capacities that are not sized keep their numbers.
    capacities
        What is sized.
    most
        Largest capacities, shape (capacities,) [MW or MWh]: where the law is checked.

    Raises
    ------
    StructureError
        If a capacity enters other than as itself.
    """
    nought = np.zeros(len(capacities))
    base = program.fill(with_capacities(values, capacities, nought))
    slopes, offsets = [], nought.copy()
    for number, ref in enumerate(capacities):
        one = nought.copy()
        one[number] = 1.0
        lp = program.fill(with_capacities(values, capacities, one))
        if not (np.array_equal(lp.value, base.value) and np.array_equal(lp.cost, base.cost)):
            raise StructureError(ref.component, ref.name, "a sized capacity may not multiply a flow")
        slopes.append({name: entries(_difference(getattr(lp, name), getattr(base, name))) for name in MOVING})
        offsets[number] = lp.offset - base.offset
    found = Affine(base, tuple(slopes), offsets)
    put, whole = found.at(most), program.fill(with_capacities(values, capacities, most))
    for name in ("value", "cost", *MOVING):
        large = SAME * max(1.0, float(np.max(most, initial=0.0)))
        if not np.allclose(getattr(put, name), getattr(whole, name), rtol=SAME, atol=large):
            names = ", ".join(f"{ref.component}.{ref.name}" for ref in capacities)
            raise StructureError(names, name, "a sized capacity enters the LP only as itself")
    return found


def _difference(there: Array, here: Array) -> Array:
    """Subtract; what is endless on both sides does not move."""
    with np.errstate(invalid="ignore"):
        return np.where(there == here, 0.0, there - here)


def sample(whole: Affine, program: Program, steps: NDArray[np.int64]) -> Affine:
    """Take some steps of the horizon for all of it, see :mod:`~parksim.lp.sample`.

    Parameters
    ----------
    steps
        Steps taken, rising.
    """
    few = sample_of(program, whole.base, steps)
    height, width = whole.base.shape
    chosen = {name: _mask(few.columns, width) if name in COLUMNS else _mask(few.rows, height) for name in MOVING}
    slopes = tuple({name: _chosen(part, chosen[name]) for name, part in slope.items()} for slope in whole.slopes)
    return Affine(few.of(whole.base), slopes, whole.offsets)


def _mask(places: NDArray[np.int64], length: int) -> NDArray[np.bool_]:
    """Mark some of ``length`` places."""
    mask = np.zeros(length, bool)
    mask[places] = True
    return mask


def _chosen(part: Entries, mask: NDArray[np.bool_]) -> Entries:
    """Take the entries of a part of the places, numbered anew."""
    mine = mask[part.index]
    return Entries((np.cumsum(mask) - 1)[part.index[mine]], part.value[mine])
