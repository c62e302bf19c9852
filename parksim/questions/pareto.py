"""Pareto fronts: what less CO2, a greener park, less energy bought or a lower peak costs.

    front = ps.pareto(ps.load_park("yibin"), against="co2_t")
    front["cost"], front["price"]

The cheapest cost is asked again and again while one limit of the whole park tightens (epsilon-constraint [1]): from
what the cheapest plan needs, the least among plans of that cost, to the least that any plan needs. The cost is convex
in the limit, and the price of the limit, its dual, is the slope of the front. No point is dominated: each is the
cheapest of its limit, and where plans of equal cost differ, the first point takes the one that needs least.

"The least that any plan needs" leaves nobody in the dark: in every step, no more demand stays unserved than in the
cheapest plan found. Between the ends a shortfall may be used at its price, as in any run; ``unserved`` says how much.

[1] Y. Y. Haimes, L. S. Lasdon, D. A. Wismer, On a bicriterion formulation of the problems of integrated system
    identification and system optimization, IEEE Transactions on Systems, Man, and Cybernetics SMC-1(3), 1971, 296-297,
    doi:10.1109/TSMC.1971.4308298
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.metadata import version
from typing import Any, get_args

import numpy as np
import xarray as xr

from parksim.questions.live import Live  # first: Pyomo before Numba, see parksim/lp/__init__.py

# isort: split
from parksim.accounts.energy import energy_figures, trace_green
from parksim.api import answered, no_solution, optimum
from parksim.component import Array
from parksim.errors import InputError
from parksim.limits import Limits
from parksim.lp.basis import Basis
from parksim.lp.highs import Solution
from parksim.lp.least import Least, least
from parksim.lp.level import Standing
from parksim.lp.program import SparseLP
from parksim.lp.ties import optimal_face
from parksim.messages import nearest
from parksim.park import Park
from parksim.phases import Clock, Progress, silent
from parksim.questions.pareto_sized import at_largest, best_design, designs
from parksim.questions.tables import POINTS, Criterion
from parksim.results import headings, park_toml

FIELDS: dict[str, tuple[str, str]] = {
    "co2_t": ("co2_max_t", "t"),
    "green_share": ("green_share_min", "1"),
    "import_mwh": ("import_max_mwh", "MWh"),
    "peak_import_mw": ("import_peak_max_mw", "MW"),
}
"""Criterion to the limit that holds it, and its unit."""

GAP = 1e-5

ENDLESS = 1e9
"""Right side of a limit that limits nothing [t, MWh or MW]."""

NARROW = 1e-7
"""Ends of a front that lie nearer than this, over their size, are one point; limits are this much wider than plans."""

ROUNDS = 30
"""Most times that a green share is raised towards the highest; each more than halves what is left."""

FIGURES = {
    "green_share": ("green_share", "1"),
    "import_energy": ("import_mwh", "MWh"),
    "peak_import": ("peak_import_mw", "MW"),
    "export_energy": ("export_mwh", "MWh"),
    "curtailed": ("curtailed_mwh", "MWh"),
    "unserved": ("unserved_mwh", "MWh"),
}
"""Variable to the figure of the run it shows, and its unit."""


def pareto(
    park: Park,
    *,
    against: Criterion = "co2_t",
    points: int = POINTS,
    sized: bool = False,
    gap: float = GAP,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Find the front of cost against another criterion.

    Parameters
    ----------
    park
        From :func:`parksim.load_park`; limits it has stay in force.
    against
        ``co2_t`` (CO2 of a calendar year), ``import_mwh`` (energy bought in a year), ``peak_import_mw`` (highest power
        bought), or ``green_share``, made sure by buying less: see ``[limits]``.
    points
        Points of the front, both ends included, evenly spaced in the criterion; two at least.
    sized
        Whether the capacities that have a ``size`` entry are chosen anew at every point
        (:mod:`parksim.questions.pareto_sized`); not against ``green_share``.
    gap
        Of a sized front, largest distance of each cost from its proved bound, over the cost [1].
    progress
        Called with what is done next.

    Returns
    -------
    Dataset
        Over ``point``, from the cheapest plan on: ``limit`` and what the plan needs of it, ``criterion``; ``cost``
        [CNY]; ``price``, the slope of the front: CNY per unit less of the criterion (more of a green share), at an end
        or a kink any slope between those beside it; ``co2`` [t], ``green_share`` [1], ``import_energy`` [MWh],
        ``peak_import`` [MW], ``export_energy``, ``curtailed``, ``unserved`` [MWh]. One point where the cheapest plan
        has the least already. Where the horizon has several calendar years, the criterion is that of the year with
        most of it. Of a sized front, ``cost`` is that of operation and of owning; over ``point`` and ``size``:
        ``capacity``; and ``owning``, annuities and upkeep over the horizon [CNY].

    Raises
    ------
    InputError
        If ``against`` or ``points`` is not as above, the park cannot be read, or has no grid or yardstick to limit,
        or nothing to size.
    NoSolution
        If the park has no plan.

    Examples
    --------
    >>> import parksim as ps
    >>> front = ps.pareto(ps.load_park("two-days"), against="peak_import_mw", points=3)
    >>> bool((front["cost"].diff("point") >= 0).all())
    True
    """
    if against not in FIELDS:
        msg = (
            f"against: got {against!r}, must be of {', '.join(get_args(Criterion))}.{nearest(str(against), [*FIELDS])}"
        )
        raise InputError(msg)
    if not isinstance(points, int) or points < 2:
        msg = f"points: got {points}, must be a whole number of 2 or more."
        raise InputError(msg)
    told = progress or silent
    if sized:
        return _sized(park, against, points, gap=gap, told=told)
    told("solve")
    front = _Front(park, FIELDS[against][0])
    told("the cheapest plan that needs least")
    cheapest = front.cheapest()
    told("the least that any plan needs")
    limits = _spaced(cheapest, front.lowest(), points)
    found = []
    for number, limit in enumerate(limits.tolist(), start=1):
        told(f"point {number} of {len(limits)}")
        found.append(front.point(limit))
    return _dataset(park, against, limits, found)


def _spaced(cheapest: float, lowest: float, points: int) -> Array:
    """Space limits evenly; one where both ends are the same."""
    wide = abs(cheapest - lowest) > NARROW * max(1.0, abs(cheapest))
    return np.linspace(cheapest, lowest, points) if wide else np.array([cheapest])


def _sized(park: Park, against: str, points: int, *, gap: float, told: Progress) -> xr.Dataset:
    """Find the front of a park whose capacities are chosen anew at every point."""
    field = FIELDS[against][0]
    if field == "green_share_min":
        msg = (
            "against: got 'green_share', which moves what demand counts for, and a sized front needs a limit that is a "
            "right side. Take import_mwh: where all demand is served, the plans are the same."
        )
        raise InputError(msg)

    def tell(at: Standing) -> None:
        told(f"{at.stage}: {at.dispatches} dispatches, gap {at.gap:.1e}")

    front = _Front(best_design(park, gap=gap, tell=tell), field)
    told("the least that any plan needs")
    limits = _spaced(front.cheapest(), _Front(at_largest(park), field).lowest(), points)
    chosen = designs(front.live.park, field, limits.tolist(), gap=gap, tell=tell)
    found = []
    for number, one in enumerate(chosen, start=1):
        told(f"point {number} of {len(chosen)}")
        figures = front.point(one.limit, one.capacities)
        found.append({**figures, "cost": figures["cost"] + one.owning_cny, "price": one.price})
    ds = _dataset(park, against, limits[: len(found)], found)
    capacity = np.array([[*one.capacities.values()] for one in chosen])
    owning = np.array([one.owning_cny for one in chosen])
    return ds.assign(capacity=(("point", "size"), capacity), owning=("point", owning, {"units": "CNY"})).assign_coords(
        size=[*chosen[0].capacities]
    )


class _Front:
    """One live park whose limit moves."""

    def __init__(self, park: Park, field: str) -> None:
        self.field = field
        own = getattr(park.limits, field) if park.limits is not None else None
        self.own = self._loose if own is None else float(own)
        given = park.limits.model_dump(exclude_unset=True) if park.limits is not None else {}
        limited = park.model_copy(update={"limits": Limits.model_validate({**given, field: self.own})}).rechecked()
        self.has_own = own is not None
        self.park, self.live = park, Live(limited)
        self.rows = np.arange(self.live.program.height)[self.live.program.rows[f"limits.{field}"].slice]
        self._begin()

    @property
    def _loose(self) -> float:
        return 0.0 if self.field == "green_share_min" else ENDLESS

    def _begin(self) -> None:
        """Find the cheapest plan without the limit, or with the park's own."""
        lp = self._filled(self.own)
        if not self.has_own:
            lp = replace(lp, row_upper=self._right(lp, ENDLESS))
        first = self.live.warm.solve(lp).solution
        if not first.optimal:
            raise no_solution(self.live.program, lp, first, park=self.live.park)
        basis = self.live.warm.solver.basis(first)
        self.lp, self.first = lp, first
        self.basis = Basis(basis.columns[: self.live.program.width], basis.rows)

    def _filled(self, value: float) -> SparseLP:
        """Fill the LP with the limit at a value."""
        numbers = Limits.model_validate({self.field: value}).numbers()
        values = self.live.inputs.values
        return self.live.program.fill({**values, "limits": {**values["limits"], **numbers}})

    def _over(self, columns: Array, value: float) -> Array:
        """Say how far a plan is above the limit's rows where it has a value, shape (rows,)."""
        lp = self._filled(value)
        at = np.repeat(columns, np.diff(lp.start))
        used = np.bincount(lp.index, weights=lp.value * at, minlength=lp.shape[0])
        return np.asarray((used - lp.row_upper)[self.rows], np.float64)

    def _served(self, columns: Array) -> Array:
        """Give the demand that the rows of a green share count as served, shape (rows,) [MWh]."""
        return self._over(columns, 1.0) - self._over(columns, 0.0)

    def needed(self, columns: Array) -> float:
        """Say what limit a plan just keeps."""
        if self.field != "green_share_min":
            return float(self._over(columns, 0.0).max())
        served = self._served(columns)
        return 1.0 - float((self._over(columns, 1.0) / np.where(served > 0.0, served, np.inf)).max())

    def cheapest(self) -> float:
        """Give the least limit that plans of the cheapest cost need."""
        lower, upper, row_lower, row_upper = optimal_face(self.lp, self.first)
        if np.isfinite(row_lower[self.rows]).any():  # the park's own limit has a price: all of them need just it
            return self.own
        face = {"lower": lower, "upper": upper, "row_lower": row_lower, "row_upper": row_upper}
        return self._within(self._least(lambda lp: self._on(lp, face)))

    def lowest(self) -> float:
        """Give the least limit that any plan needs, with no more unserved than in the cheapest one."""
        lit = self._lit(self.lp.upper, self.first)
        return self._within(self._least(lambda lp: replace(lp, upper=lit)))

    def _on(self, lp: SparseLP, bounds: dict[str, Array]) -> SparseLP:
        """Take bounds over, those of the limit's own rows apart."""
        rows = bounds["row_upper"].copy()
        rows[self.rows] = lp.row_upper[self.rows]
        low = bounds["row_lower"].copy()
        low[self.rows] = lp.row_lower[self.rows]
        return replace(lp, lower=bounds["lower"], upper=bounds["upper"], row_lower=low, row_upper=rows)

    def _within(self, value: float) -> float:
        """Keep a value within the limits of its field and, as far as the solver's tolerance goes, beside the plan."""
        slack = NARROW * max(1.0, abs(value)) * 1e-2
        if self.field == "green_share_min":
            return min(max(value - slack, 0.0), 1.0)
        return value + slack if self.field == "co2_max_t" else max(value + slack, 0.0)

    def _right(self, lp: SparseLP, value: float) -> Array:
        right = lp.row_upper.copy()
        right[self.rows] = value
        return right

    def _lit(self, upper: Array, first: Solution) -> Array:
        """Let no more demand stay unserved than in a plan."""
        most = upper.copy()
        for block in self.live.program.columns.values():
            if block.role == "unserved":
                most[block.slice] = first.columns[block.slice]
        return most

    def _least(self, bound: Callable[[SparseLP], SparseLP]) -> float:
        """Say the least limit that any plan within bounds keeps; the cheapest plan is one of them.

        A green share enters as a factor of the demand served, so it is raised until no plan has room below it
        (Dinkelbach's method); every other limit is a right side, and one search is enough.
        """
        value, begin = self.needed(self.first.columns), self.basis
        for _ in range(ROUNDS):
            green = self.field == "green_share_min"
            if green and not 0.0 <= value < 1.0:
                return value
            lp = self._filled(value if green else 0.0)
            lp = lp if green else replace(lp, row_upper=self._right(lp, value))
            found = least(bound(lp), self.rows, begin=begin)
            if found is None:
                return value
            value, begin = self._better(value, found), found.basis
            if not green or found.room <= NARROW * max(1.0, float(np.abs(found.columns).max())):
                break
        return value

    def _better(self, value: float, found: Least) -> float:
        better = self.needed(found.columns)
        return max(value, better) if self.field == "green_share_min" else min(value, better)

    def point(self, limit: float, capacities: Mapping[str, float] | None = None) -> dict[str, float]:
        """Solve at a limit, and at capacities by path, and give the figures of the plan."""
        live = self.live
        free = self._says_nothing(limit)
        if free:
            found = optimum(self.park).answer
        else:
            live.set({f"limits.{self.field}": limit, **(capacities or {})})
            found = answered(live.program, live.inputs, warm=live.warm, clock=Clock(silent))
        figures = energy_figures(found.draft, trace_green(found.draft))
        columns = found.solved.ties.solution.columns
        moves = self._served(columns) if self.field == "green_share_min" else np.ones(len(self.rows))
        return {
            "cost": float(found.draft.attrs["objective_cny"]),
            "co2": float(found.draft.variables["co2"].to_numpy().sum()),
            "price": 0.0 if free else self._price(found.solved.first, moves),
            "criterion": self.needed(columns),
            **{name: figures[figure] for name, (figure, _) in FIGURES.items()},
        }

    def _says_nothing(self, limit: float) -> bool:
        """Whether a limit is a green share of nothing, which every plan has.

        Its row would say that no more is bought than is served, and a store's own use and losses may need more.
        """
        return self.field == "green_share_min" and limit == 0.0 and not self.has_own

    def _price(self, first: Solution, moves: Array) -> float:
        """Say what a unit less of the limit costs."""
        return -float((first.row_duals[self.rows] * moves).sum()) + 0.0


def _dataset(park: Park, against: str, limits: Array, found: list[dict[str, float]]) -> xr.Dataset:
    field, unit = FIELDS[against]
    units = {"cost": "CNY", "co2": "t", "price": f"CNY per {'share' if unit == '1' else unit}", "criterion": unit}
    units |= {name: unit for name, (_, unit) in FIGURES.items()}
    data: dict[str, Any] = {
        name: ("point", np.array([one[name] for one in found], np.float64), {"units": units[name]}) for name in units
    }
    data["limit"] = ("point", limits, {"units": unit})
    ds = xr.Dataset(data, coords={"point": np.arange(len(found))})
    first = next(iter(park.yardsticks.values()), None)
    ds.attrs |= {
        "parksim_version": version("parksim"),
        "park": park.park.name,
        **headings(park),
        "against": against,
        "field": f"limits.{field}",
        "unit": unit,
        "yardstick": "" if first is None else f"{first.title} ({first.year}), {first.factor_t_per_mwh:g} t/MWh",
        "year_share": park.time.year_share,
        "park_toml": park_toml(park),
    }
    return ds
