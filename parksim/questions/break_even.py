"""Break-even: at which value of a price something pays.

    found = ps.break_even(
        ps.load_park("yibin-sizing"), field="components.battery.size.energy_max_mwh.capex_cny", between=(1e5, 2e6)
    )
    found["break_even"]

What a component nets at a value v of the field is what it saves in operation, less what it costs to own:

    (1) net(v) = C_without(v) - C_with(v) - own(v)                                        [CNY over the horizon]

C are the cheapest costs of operation, with its capacities at nought and as written; own is the annuity and the fixed
upkeep of its capacities that have a ``size`` entry, for the part of a year that the horizon covers. It pays where net
is above nought; the break-even is where net is nought.

Investment and upkeep enter own in proportion, so for ``capex_cny`` and ``om_cny_per_year`` the break-even is exact:
(2) v = what is left for it / (its factor in own), from two solves. For a lifetime or the interest only own moves, and
its root is found without further solves. For any other field both costs are solved again, each from its last optimum,
and the root is found by Brent's method [1] between the two ends.

Of a capital cost, ``first`` says at which value the very first unit pays, capacities growing in the proportions
written. The cost of operation is convex in the capacities, so the first unit saves most: below ``first`` the best size
is above nought, above it nothing is best. It is exact where the dual of a small size says so [2]:

    (3) the cut at a size e > 0 passes through the cost at size 0: between them the cost is a straight line

References
----------
[1] R. P. Brent, Algorithms for Minimization without Derivatives, Prentice-Hall, 1973, chapter 4
[2] the cuts of :mod:`parksim.lp.affine`
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, TypeVar

import numpy as np
import xarray as xr
from pydantic import ValidationError

from parksim.questions.live import Live  # first: Pyomo before Numba, see parksim/lp/__init__.py

# isort: split
from scipy.optimize import brentq

from parksim.changes import field_at, table_at
from parksim.component import Component
from parksim.errors import InputError, NoSolution
from parksim.fields import fields_of
from parksim.investment import Size, Sizing
from parksim.lp.affine import affine
from parksim.lp.layout import NumberRef
from parksim.messages import known_keys, nearest, unknown_key
from parksim.park import Park
from parksim.phases import Progress, silent
from parksim.results import headings, park_toml

Table = TypeVar("Table", Size, Sizing)

LINEAR = ("capex_cny", "om_cny_per_year")
"""Fields of a ``size`` entry that its yearly cost is proportional to."""

SMALL = 1e-3
"""First size at which the first unit is looked at, over the size written; halved until the cost is a straight line."""

HALVINGS = 20

STRAIGHT = 1e-6
"""How far the cut at a small size may pass beside the cost at none, over the saving there: so exact is the slope."""

CLOSE = 1e-7
"""How exactly a root is found, over the width of the range looked at."""

EVEN = 1e-9
"""What nets no more than this, over the cost, nets nothing: a component that is not used costs nothing either."""


@dataclass(frozen=True)
class _Asked:
    """A question that has been checked."""

    park: Park
    field: str
    low: float
    high: float
    name: str

    @property
    def component(self) -> Component:
        """What pays or does not."""
        return self.park.components[self.name]

    @property
    def entry(self) -> tuple[str, str] | None:
        """Capacity and key, where the field is one of a ``size`` entry of the component."""
        parts = self.field.split(".")
        return (parts[3], parts[4]) if len(parts) == 5 and parts[:3] == ["components", self.name, "size"] else None

    @property
    def of_ownership(self) -> bool:
        """Whether the field moves what the component costs to own, and no operation."""
        return self.entry is not None or self.field.startswith("sizing.")


def break_even(
    park: Park,
    *,
    field: str,
    between: tuple[float, float],
    component: str | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Find the value of a field at which a component pays.

    Parameters
    ----------
    park
        From :func:`parksim.load_park`.
    field
        Path of a number of the park file: a price such as ``tariffs.flat.energy_cny_per_mwh`` or
        ``components.battery.wear_cny_per_mwh``, a number of a ``size`` entry such as
        ``components.battery.size.energy_max_mwh.capex_cny``, or ``sizing.discount_rate``.
    between
        Least and largest value looked at, in the unit of the field.
    component
        What pays or does not: the park is held against the same with its capacities at nought. Left out, the component
        that the field belongs to.
    progress
        Called with what is done next.

    Returns
    -------
    Dataset
        ``break_even``, in the unit of the field, NaN where there is none between the ends; ``outcome``: ``pays below``,
        ``pays above``, ``always pays`` or ``never pays`` (at both ends; between them it is not looked); ``way``:
        ``exact`` or ``searched``. For a ``capex_cny``, ``first``: the value at which the first unit pays, infinite
        where the park has no plan without it; NaN otherwise. Over ``value``, all that was looked at: ``saving`` of
        operation, ``own`` cost and ``net`` (1) [CNY over the horizon].

    Raises
    ------
    InputError
        If the field is no number that can move, the component has no capacity, or the park cannot be read.
    StructureChanged
        If the field is one of structure.
    NoSolution
        If the park has no plan with the component; where it has none without it, the component always pays.

    Examples
    --------
    >>> import parksim as ps
    >>> park = ps.load_park("two-days")
    >>> found = ps.break_even(park, field="components.battery.wear_cny_per_mwh", between=(0.0, 5000.0))
    >>> str(found["outcome"].item()), round(float(found["break_even"]), -1)
    ('pays below', 2530.0)
    """
    asked = check(park, field=field, between=between, component=component)
    told = progress or silent
    if asked.of_ownership:
        return _by_own_cost(asked, told)
    return _by_operation(asked, told)


def check(park: Park, *, field: str, between: Sequence[float], component: str | None = None) -> _Asked:
    """Check a question before anything is solved.

    Raises
    ------
    InputError
        If the ends are no two rising numbers, or there is no such field, component or capacity.
    """
    found = []
    ends = [float(end) if isinstance(end, int | float) else np.nan for end in between]
    if len(ends) != 2 or not (np.isfinite(ends).all() and ends[0] < ends[1]):
        found.append(f"between: got {list(between)}, must be two numbers, the smaller first.")
    parts = field.split(".")
    name = component if component is not None else parts[1] if len(parts) > 2 and parts[0] == "components" else ""
    if not name:
        found.append(f"component: {field} belongs to no component. Name the one that is to pay.")
    elif name not in park.components:
        near = nearest(name, [*park.components])
        found.append(f"component: no component {name!r}.{near} There are: {', '.join(park.components)}.")
    elif not any(park.components[name].capacities().values()):
        found.append(f"component: {name} has no capacity above 0, so there is nothing that could pay.")
    if found:
        raise InputError([f"{park.place}: {problem}" for problem in found])
    asked = _Asked(park, field, ends[0], ends[1], name)
    if asked.of_ownership:
        _check_entry(asked)
    else:
        field_at(park, field)
    return asked


def _own_cny(asked: _Asked, value: float | None = None) -> float:
    """Cost to own the component over the horizon, with the field at a value [CNY]."""
    park, given = asked.park, asked.component.capacities()
    if value is not None and asked.field in _emptied(asked):
        given = {**given, asked.field.rpartition(".")[2]: value}
    if asked.component.size and park.sizing is None:
        raise InputError([f"{park.place}: needs an interest rate. Add a table [sizing] with discount_rate."])
    rate = park.sizing.discount_rate if park.sizing is not None else 0.0
    if value is not None and asked.field.startswith("sizing."):
        key = asked.field.removeprefix("sizing.")
        if key != "discount_rate" or park.sizing is None:
            raise InputError([f"{park.place}: {asked.field}: of [sizing] only discount_rate can break even."])
        rate = _with(asked, park.sizing, key, value).discount_rate
    total = 0.0
    for capacity, size in asked.component.size.items():
        entry = size
        if value is not None and asked.entry is not None and asked.entry[0] == capacity:
            entry = _with(asked, size, asked.entry[1], value)
        total += (entry.annuity_cny(rate) + entry.om_cny_per_year) * given.get(capacity, 0.0)
    return total * park.time.year_share


def _with(asked: _Asked, table: Table, key: str, value: float) -> Table:
    """Change one number of a table, checked again."""
    try:
        return type(table).model_validate(
            {**{name: getattr(table, name) for name in table.model_fields_set}, key: value}
        )
    except ValidationError as error:
        told = error.errors()[0]["msg"]
        raise InputError([f"{asked.park.place}: {asked.field}: got {value:g}: {told}."]) from None


def _check_entry(asked: _Asked) -> None:
    """Refuse a field of a ``size`` entry that is none, or that costs nothing."""
    if asked.entry is None:
        if not asked.component.size:
            msg = (
                f"{asked.park.place}: {asked.field}: {asked.name} has no `size` entry, so interest moves nothing of it."
            )
            raise InputError(msg)
        return
    capacity, key = asked.entry
    known = ", ".join(asked.component.size) or "none"
    if capacity not in asked.component.size:
        msg = f"{asked.park.place}: {asked.field}: {asked.name} has no such `size` entry. There are: {known}."
        raise InputError(msg)
    keys = [*LINEAR, "life_years"]
    if key not in keys:
        why = unknown_key(key, keys) if key not in known_keys(Size) else f"costs nothing; of {', '.join(keys)} only."
        msg = f"{asked.park.place}: {asked.field}: {why}"
        raise InputError(msg)
    if not asked.component.capacities().get(capacity, 0.0) > 0.0:
        msg = f"{asked.park.place}: components.{asked.name}.{capacity}: is 0, so there is nothing to pay for."
        raise InputError(msg)


class _Pair:
    """The park with the component and without it, each held by a solver."""

    def __init__(self, asked: _Asked, told: Progress) -> None:
        self.asked, self.told = asked, told
        self.present = Live(asked.park)
        self.absent = Live(asked.park)
        self.emptied = _emptied(asked)
        self.absent.set(self.emptied)

    def saving(self, value: float | None = None) -> float:
        """Give what the component saves in operation, with the field at a value [CNY]."""
        if value is not None:
            self.told(f"{self.asked.field} = {value:g}")
            self.present.set({self.asked.field: value})
            if self.asked.field not in self.emptied:
                self.absent.set({self.asked.field: value})
        return self._cost_without() - _cost(self.present)

    def _cost_without(self) -> float:
        """Give the cost without the component, infinite where the park has no plan then [CNY]."""
        try:
            return _cost(self.absent)
        except NoSolution as error:
            if error.termination != "infeasible":
                raise
            return float("inf")


def _emptied(asked: _Asked) -> dict[str, float]:
    """Path of every capacity of the component, at nought."""
    return {f"components.{asked.name}.{capacity}": 0.0 for capacity in asked.component.capacities()}


def _cost(live: Live) -> float:
    return float(live.answer().draft.attrs["objective_cny"])


def _by_own_cost(asked: _Asked, told: Progress) -> xr.Dataset:
    """Find where what a component saves pays for what it costs to own: operation does not move."""
    told("solve")
    saving = _Pair(asked, told).saving()
    linear = asked.entry is not None and asked.entry[1] in LINEAR

    def net(value: float) -> float:
        return saving - _own_cny(asked, value)

    if linear:
        at = _paid_by(asked, saving)
        at = at if asked.low <= at <= asked.high else float("nan")
    else:
        at = _root(net, asked, scale=abs(saving) + abs(_own_cny(asked)))
    first = _first_unit(asked, told) if asked.entry is not None and asked.entry[1] == "capex_cny" else np.nan
    values = sorted({asked.low, asked.high, *([] if np.isnan(at) else [at])})
    return _dataset(asked, at, "exact", {value: (saving, _own_cny(asked, value)) for value in values}, first)


def _paid_by(asked: _Asked, saving: float) -> float:
    """Give the value of a linear field that a saving at the size written just pays for (2)."""
    nought, one = _own_cny(asked, 0.0), _own_cny(asked, 1.0)
    return (saving - nought) / (one - nought)


def _by_operation(asked: _Asked, told: Progress) -> xr.Dataset:
    """Find where a component pays by solving with it and without it."""
    _check_number(asked)
    pair = _Pair(asked, told)
    seen: dict[float, tuple[float, float]] = {}

    def net(value: float) -> float:
        if value not in seen:
            seen[value] = (pair.saving(value), _own_cny(asked, value))
        saving, own = seen[value]
        return saving - own

    at = _root(net, asked, scale=abs(_own_cny(asked)) + abs(_cost(pair.present)))
    if not np.isnan(at):
        net(at)
    return _dataset(asked, at, "searched", dict(sorted(seen.items())), np.nan)


def _check_number(asked: _Asked) -> None:
    """Refuse fields whose values are no numbers of the LP, by moving them to both ends."""
    live = Live(asked.park)
    for value in (asked.low, asked.high):
        live.set({asked.field: value})


def _root(net: Callable[[float], float], asked: _Asked, *, scale: float) -> float:
    """Find where a component begins or ceases to net more than nothing; NaN where both ends are on one side."""
    small = EVEN * max(1.0, scale)
    if (net(asked.low) > small) == (net(asked.high) > small):
        return float("nan")
    width = asked.high - asked.low
    return float(brentq(lambda value: net(value) - small, asked.low, asked.high, xtol=CLOSE * width))


def _first_unit(asked: _Asked, told: Progress) -> float:
    """Find the capital cost at which the first unit pays: (3), less what else it costs to own."""
    told("the first unit")
    given = {name: value for name, value in asked.component.capacities().items() if value > 0.0}
    live = Live(asked.park)
    refs = [NumberRef(asked.name, capacity) for capacity in given]
    whole = np.array([*given.values()])
    lp = affine(live.program, live.inputs.values, refs, most=whole)
    none = live.warm.solve(lp.at(0.0 * whole)).solution
    if not none.optimal:
        return float("inf")
    share = SMALL
    for _ in range(HALVINGS):
        there = live.warm.solve(lp.at(share * whole)).solution
        if not there.optimal:
            return float("nan")
        cut = lp.cut(there)
        saving = -float(cut.slope @ whole)
        if abs(cut.constant - none.objective_cny) <= STRAIGHT * abs(share * saving):
            return _paid_by(asked, saving)
        share /= 2.0
    return float("nan")


def _dataset(asked: _Asked, at: float, way: str, seen: Mapping[float, tuple[float, float]], first: float) -> xr.Dataset:
    values = np.array([*seen], np.float64)
    saving, own = (np.array([pair[place] for pair in seen.values()], np.float64) for place in (0, 1))
    net = saving - own
    low, high = (float(net[values == end][0]) for end in (asked.low, asked.high))
    if np.isnan(at):
        scale = np.abs(saving[np.isfinite(saving)]).max(initial=0.0) + np.abs(own).max()
        outcome = "always pays" if min(low, high) > EVEN * scale else "never pays"
    else:
        outcome = "pays below" if low > high else "pays above"
    unit = _unit(asked)
    money = {"units": "CNY"}
    data: dict[str, Any] = {
        "break_even": ((), at, {"units": unit}),
        "first": ((), first, {"units": unit}),
        "outcome": ((), outcome),
        "way": ((), way),
        "saving": ("value", saving, money),
        "own": ("value", own, money),
        "net": ("value", net, money),
    }
    ds = xr.Dataset(data, coords={"value": ("value", values, {"units": unit})})
    ds.attrs |= {
        "parksim_version": version("parksim"),
        "park": asked.park.park.name,
        **headings(asked.park),
        "field": asked.field,
        "component": asked.name,
        "unit": unit,
        "year_share": asked.park.time.year_share,
        "park_toml": park_toml(asked.park),
    }
    return ds


def _unit(asked: _Asked) -> str:
    """Say the unit of the field; of a number of a ``size`` entry, per unit of its capacity."""
    if asked.entry is not None:
        capacity, key = asked.entry
        unit = fields_of(Size)[key].unit or ""
        return f"{unit} {fields_of(type(asked.component))[capacity].unit}-1" if key in LINEAR else unit
    if asked.field.startswith("sizing."):
        return "1"
    path, table = table_at(asked.park, asked.field)
    return fields_of(type(table))[asked.field.split(".")[len(path)]].unit or ""
