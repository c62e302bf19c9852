"""What a park means, in the few words other engines share: flows, stores, peaks, caps, payments.

The plan is read from the park's fields and numbers, never from the LP layer, so that an engine that reaches the same
optimum confirms what the components declare. A component, or a number of one, that the plan does not know is refused;
nothing is approximated.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from parksim.component import Array, Component, Numbers
from parksim.components.battery import Battery
from parksim.components.demand import Demand
from parksim.components.direct_supply import DirectSupply
from parksim.components.grid import Grid
from parksim.components.pv import PV
from parksim.components.reservoir import Reservoir
from parksim.components.run_of_river import RunOfRiver
from parksim.components.shortfall import Shortfall
from parksim.components.wind import Wind
from parksim.errors import InputError
from parksim.park import Park


class CannotExpress(InputError):
    """A peer cannot say what a component does; it is never approximated."""


@dataclass(frozen=True)
class Flow:
    """A power between a node and the outside.

    Parameters
    ----------
    label
        ``component.flow``, as in the results.
    node
        Where it stands.
    feeds
        Whether it feeds its node or draws from it.
    rating_mw
        What ``share`` is a share of; infinite where there is no limit [MW].
    share
        Highest power over the rating, or the power itself where ``fixed``, shape (time,) [1].
    fixed
        Whether the power is given.
    cost_cny_per_mwh
        Paid per energy, negative for sales, shape (time,) [CNY MWh-1].
    """

    label: str
    node: str
    feeds: bool
    rating_mw: float
    share: Array
    fixed: bool
    cost_cny_per_mwh: Array


@dataclass(frozen=True)
class Store:
    """A store at a node: content, power in and out, losses, and water that flows in.

    Parameters
    ----------
    name, node
        Component, and where it stands.
    content, into, outof, spill
        Labels of the level and of the flows; ``into`` or ``spill`` is None where there is none.
    power_max_mw
        Highest power in and out, each at the node [MW].
    lowest_mwh
        Least content at the end of each step, shape (time,) [MWh].
    highest_mwh
        Most content [MWh].
    eff_in, eff_out
        Content per energy taken in, and energy given out per content [1].
    loss_per_h
        Share of the content lost in an hour [h-1].
    start_mwh
        Content before the first step; None where the horizon closes on itself [MWh].
    cost_cny_per_mwh
        Paid per energy out [CNY MWh-1].
    inflow_mw
        Water that comes in, as power, shape (time,) [MW].
    release_mw
        Least of power out and spill together, shape (time,) [MW].
    """

    name: str
    node: str
    content: str
    into: str | None
    outof: str
    power_max_mw: float
    lowest_mwh: Array
    highest_mwh: float
    eff_in: float
    eff_out: float
    loss_per_h: float
    start_mwh: float | None
    cost_cny_per_mwh: float
    spill: str | None = None
    inflow_mw: Array | None = None
    release_mw: Array | None = None


@dataclass(frozen=True)
class PeakCharge:
    """A charge on the highest power of each month: at least ``floor``, ``ratio`` times the flow.

    Parameters
    ----------
    name, flow
        Labels of the peak, and of the flow it is the peak of.
    charge_cny_per_mw
        By month of the horizon, shape (month,) [CNY MW-1].
    floor_mw
        Least peak that is billed [MW].
    ratio
        Billed quarter-hour peak over the mean of a step [1].
    """

    name: str
    flow: str
    charge_cny_per_mw: Array
    floor_mw: float
    ratio: float


@dataclass(frozen=True)
class YearRule:
    """A rule on the energy of a flow in each calendar year: ``missed[y] + weight * energy[y] >= floor[y]``.

    Parameters
    ----------
    name, flow
        Labels of the rule, and of the flow whose energy counts.
    floor_mwh
        By calendar year of the horizon, shape (year,) [MWh].
    weight
        What a MWh of the flow counts [1]; negative for a cap.
    cost_cny_per_mwh
        Paid for what is missed; None where nothing may be missed [CNY MWh-1].
    """

    name: str
    flow: str
    floor_mwh: Array
    weight: float
    cost_cny_per_mwh: float | None


@dataclass(frozen=True)
class ParkLimit:
    """A limit of the whole park: ``sum of weight * energy <= most`` by year, or of ``weight * power`` in every step.

    Parameters
    ----------
    name
        Path of the park file.
    weights
        Label of a flow to what a MWh, or by step a MW, of it counts.
    most
        By calendar year, shape (year,), or for every step the same, shape ().
    by_step
        Whether it holds in every step.
    """

    name: str
    weights: Mapping[str, float]
    most: Array
    by_step: bool


@dataclass(frozen=True)
class Plan:
    """A whole park in shared words."""

    park: Park
    flows: list[Flow] = field(default_factory=list)
    stores: list[Store] = field(default_factory=list)
    peaks: list[PeakCharge] = field(default_factory=list)
    rules: list[YearRule] = field(default_factory=list)
    limits: list[ParkLimit] = field(default_factory=list)

    @property
    def year_of_step(self) -> NDArray[np.int64]:
        """Position of each step's calendar year within the horizon, shape (time,)."""
        years = self.park.time.stamps.year.to_numpy()
        return np.asarray(years - years[0], np.int64)


@dataclass(frozen=True)
class PeerSolution:
    """What a peer found.

    Parameters
    ----------
    objective_cny
        Cheapest cost of the horizon [CNY].
    power_mw
        Flow label to its power, shape (time,) [MW].
    content_mwh
        Level label to the content at the end of each step, shape (time,) [MWh].
    """

    objective_cny: float
    power_mw: Mapping[str, Array]
    content_mwh: Mapping[str, Array]


class _Given:
    """The numbers of one component, which knows what was read of them."""

    def __init__(self, component: Component, numbers: Numbers, park: Park) -> None:
        self.component, self.numbers, self.park = component, numbers, park
        self.unread = set(numbers)

    def number(self, name: str) -> float:
        """Read a scalar."""
        self.unread.discard(name)
        return float(self.numbers[name])

    def series(self, name: str) -> Array:
        """Read an array over the steps, shape (time,)."""
        self.unread.discard(name)
        return np.broadcast_to(np.asarray(self.numbers[name], np.float64), self.park.time.steps)

    def array(self, name: str) -> Array:
        """Read an array as it stands, over months or years."""
        self.unread.discard(name)
        return np.atleast_1d(np.asarray(self.numbers[name], np.float64))

    def skip(self, name: str) -> None:
        """Name a number that moves no cost."""
        self.unread.discard(name)

    def has(self, name: str) -> bool:
        """Tell whether the component gives a number."""
        return name in self.numbers

    def label(self, item: str) -> str:
        """Name a flow or level as the results do."""
        return f"{self.component.name}.{item}"


def _per_mwh(given: _Given, *names: str) -> Array:
    """Sum cost coefficients per step [CNY MW-1] to a price per energy [CNY MWh-1]."""
    total = sum((given.series(name) for name in names), np.zeros(given.park.time.steps))
    return np.asarray(total / given.park.time.step_h, np.float64)


def _priced(
    given: _Given, item: str, *terms: str, node: str, rating_mw: float, share: Array, feeds: bool = True
) -> Flow:
    """Make a flow that is free up to its share of the rating, and costs what its terms say."""
    price = _per_mwh(given, *terms)
    return Flow(given.label(item), node, feeds, rating_mw, share, fixed=False, cost_cny_per_mwh=price)


def _source(plan: Plan, given: _Given, component: PV | Wind | RunOfRiver) -> None:
    rating, share = given.number("power_max_mw"), given.series("available")
    made = _priced(given, "make", "upkeep_cny_per_mw", node=component.electricity, rating_mw=rating, share=share)
    plan.flows.append(made)


def _demand(plan: Plan, given: _Given, component: Demand) -> None:
    power = given.series("power_mw")
    rating = float(power.max()) or 1.0
    plan.flows.append(_fixed(given.label("use"), component.electricity, rating, power / rating))


def _fixed(label: str, node: str, rating_mw: float, share: Array) -> Flow:
    return Flow(label, node, feeds=False, rating_mw=rating_mw, share=share, fixed=True, cost_cny_per_mwh=0.0 * share)


def _shortfall(plan: Plan, given: _Given, component: Shortfall) -> None:
    every = np.ones(plan.park.time.steps)
    shed = _priced(given, "shed", "shortage_cny_per_mw", node=component.electricity, rating_mw=np.inf, share=every)
    plan.flows.append(shed)


def _grid(plan: Plan, given: _Given, component: Grid) -> None:
    for item, side, feeds, price in (
        ("buy", "import", True, "energy_cny_per_mw"),
        ("sell", "export", False, "sale_cny_per_mw"),
    ):
        rating, share = given.number(f"{side}_max_mw"), given.series(f"{side}_available")
        node = component.electricity
        plan.flows.append(_priced(given, item, price, node=node, rating_mw=rating, share=share, feeds=feeds))
    for name in ("purchase_t_per_mw", "sale_t_per_mw"):
        given.skip(name)
    plan.peaks.append(
        PeakCharge(
            name=given.label("peak"),
            flow=given.label("buy"),
            charge_cny_per_mw=np.broadcast_to(given.array("demand_cny_per_mw"), plan.park.time.months),
            floor_mw=given.number("demand_floor_mw"),
            ratio=given.number("peak_ratio"),
        )
    )
    if given.has("import_energy_max_mwh"):
        floor = np.full(plan.year_of_step[-1] + 1, -given.number("import_energy_max_mwh"))
        plan.rules.append(YearRule(given.label("import_energy"), given.label("buy"), floor, -1.0, None))


def _direct_supply(plan: Plan, given: _Given, component: DirectSupply) -> None:
    rating = given.number("power_max_mw")
    terms = ("energy_cny_per_mw", "network_cny_per_mw", "system_cny_per_mw", "funds_cny_per_mw")
    share = given.series("deliverable_fraction")
    plan.flows.append(_priced(given, "take", *terms, node=component.electricity, rating_mw=rating, share=share))
    if given.has("floor_mwh_per_mw"):
        plan.rules.append(
            YearRule(
                name=given.label("missed"),
                flow=given.label("take"),
                floor_mwh=rating * given.array("floor_mwh_per_mw"),
                weight=given.number("plant_mwh_per_mwh"),
                cost_cny_per_mwh=given.number("not_taken_cny_per_mwh"),
            )
        )


def _battery(plan: Plan, given: _Given, component: Battery) -> None:
    power, energy, step_h = given.number("power_max_mw"), given.number("energy_max_mwh"), plan.park.time.step_h
    own_use = np.full(plan.park.time.steps, given.number("auxiliary_fraction"))
    plan.flows.append(_fixed(given.label("auxiliary"), component.electricity, power, own_use))
    plan.stores.append(
        Store(
            name=component.name,
            node=component.electricity,
            content=given.label("held"),
            into=given.label("charge"),
            outof=given.label("discharge"),
            power_max_mw=power,
            lowest_mwh=energy * given.series("level_min_fraction"),
            highest_mwh=energy * given.number("level_max_fraction"),
            eff_in=given.number("gain_mwh_per_mw") / step_h,
            eff_out=step_h / given.number("drain_mwh_per_mw"),
            loss_per_h=1.0 - given.number("keep_fraction") ** (1.0 / step_h),
            start_mwh=energy * given.number("start_fraction") if given.has("start_fraction") else None,
            cost_cny_per_mwh=given.number("wear_cny_per_mw") / step_h,
        )
    )


def _reservoir(plan: Plan, given: _Given, component: Reservoir) -> None:
    energy, step_h = given.number("energy_max_mwh"), plan.park.time.step_h
    store = tuple(given.number(name) for name in ("keep_fraction", "gain_mwh_per_mw", "drain_mwh_per_mw"))
    if store != (1.0, step_h, step_h):
        msg = (
            f"{plan.park.place}: components.{component.name}: a reservoir with losses has no counterpart in the peers."
        )
        raise CannotExpress(msg)
    plan.stores.append(
        Store(
            name=component.name,
            node=component.electricity,
            content=given.label("held"),
            into=None,
            outof=given.label("make"),
            spill=given.label("spill"),
            power_max_mw=given.number("power_max_mw"),
            lowest_mwh=energy * given.series("level_min_fraction"),
            highest_mwh=energy,
            eff_in=1.0,
            eff_out=1.0,
            loss_per_h=0.0,
            start_mwh=energy * given.number("start_fraction") if given.has("start_fraction") else None,
            cost_cny_per_mwh=given.number("upkeep_cny_per_mw") / step_h,
            inflow_mw=given.series("inflow_mw"),
            release_mw=given.series("need_mw") if given.has("need_mw") else None,
        )
    )


_WRITERS: dict[type[Component], Callable[..., None]] = {
    PV: _source,
    Wind: _source,
    RunOfRiver: _source,
    Reservoir: _reservoir,
    Battery: _battery,
    Grid: _grid,
    DirectSupply: _direct_supply,
    Demand: _demand,
    Shortfall: _shortfall,
}


def plan_of(park: Park, values: Mapping[str, Numbers]) -> Plan:
    """Say what a park means in shared words.

    Parameters
    ----------
    park
        The park.
    values
        Component to its numbers, capacities included, as :func:`parksim.inputs.gather` gives them.

    Raises
    ------
    CannotExpress
        If a component's kind, or one of its numbers, is not known here; with all such problems.
    """
    plan, problems = Plan(park), []
    for name, component in park.components.items():
        write = _WRITERS.get(type(component))
        if write is None:
            kind = getattr(component, "kind", type(component).__name__)
            problems.append(f"{park.place}: components.{name}: kind {kind!r} has no counterpart in the peers.")
            continue
        given = _Given(component, values[name], park)
        write(plan, given, component)
        if given.unread:
            unread = ", ".join(sorted(given.unread))
            problems.append(f"{park.place}: components.{name}: {unread} has no counterpart in the peers.")
    if problems:
        raise CannotExpress(problems)
    plan.limits.extend(_park_limits(plan))
    return plan


def _park_limits(plan: Plan) -> Iterator[ParkLimit]:
    """Read the limits of the whole park from the park file: what counts, and how much."""
    park = plan.park
    kinds = {name: component.kind for name, component in park.components.items()}
    years = np.ones(plan.year_of_step[-1] + 1)

    def weighed(kind: str, item: str, weight: float) -> dict[str, float]:
        return {f"{name}.{item}": weight for name, found in kinds.items() if found == kind}

    bought = weighed("grid", "buy", 1.0)
    for name, limit in park.limits.given.items() if park.limits is not None else ():
        weights, most = bought, limit * years
        if name == "co2_max_t":
            first = next(iter(park.yardsticks.values()))
            weights = weighed("grid", "buy", first.factor_t_per_mwh)
            weights |= weighed("grid", "sell", -first.factor_t_per_mwh) if first.net_of_export else {}
        elif name == "green_share_min":
            weights = {**bought, **weighed("demand", "use", limit - 1.0), **weighed("shortfall", "shed", 1.0 - limit)}
            most = 0.0 * years
            most[0] -= sum(store.start_mwh or 0.0 for store in plan.stores if store.into is not None)
        by_step = name == "import_peak_max_mw"
        yield ParkLimit(f"limits.{name}", weights, np.array(limit) if by_step else most, by_step)
