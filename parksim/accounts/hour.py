"""One hour of a run: what every component does in it, at which price, against which limit.

Facts of the plan alone. What another choice would cost is found by solving again (:mod:`parksim.questions.why`), which
fills the fields that stand here as ``None``.

What a flow costs by itself follows from its reduced cost d, the price p of its node and the duals y_r of the other rows
it stands in with coefficients a_r, since d = c - sum a y over all its rows:

    (1) c / step_h = d / step_h + p - sum of parts     a flow that feeds its node; -p for one that draws
    (2) part r     = -a_r y_r / step_h                 what row r puts on top of c, negative where it takes off
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
import xarray as xr

from parksim.accounts.peaks import AT_LIMIT, PRICED, PeakFact, number_at, row_dual

State = Literal["given", "nothing", "idle", "free", "full"]
"""A flow: without a choice, nothing to give, at its least, between its limits, at its most."""

MOVING_MW = 1e-3
"""A store that moves less than this only makes up for its own losses [MW]."""

EMPTY = 1e-3
"""A store that holds less than this share of its room counts as empty: it may stand ready for its own losses [1]."""


@dataclass(frozen=True)
class Move:
    """What a flow (or a month's peak) does otherwise where one MWh changes: more or less, here or in other hours.

    Parameters
    ----------
    here
        Whether it does so in the step of the change.
    amount
        Sum over its steps; positive for more [MWh MWh-1], for a peak [MW MWh-1].
    steps
        Number of steps.
    first, last
        Begin of the first and last of them; of the month for a peak.
    """

    label: str
    component: str
    role: str
    here: bool
    amount: float
    steps: int
    first: pd.Timestamp
    last: pd.Timestamp


@dataclass(frozen=True)
class Change:
    """What one MWh more (or less) costs in the whole plan, and how the cheapest plan then differs.

    Parameters
    ----------
    cost_cny_per_mwh
        Cost of the change; NaN where no plan can follow [CNY MWh-1].
    moves
        Here first, then peaks, then elsewhere; the larger before the smaller.
    """

    cost_cny_per_mwh: float
    moves: tuple[Move, ...] = ()

    @property
    def possible(self) -> bool:
        """Whether any plan can follow."""
        return bool(np.isfinite(self.cost_cny_per_mwh))


@dataclass(frozen=True)
class FlowFact:
    """What a flow does in the step.

    Parameters
    ----------
    price_cny_per_mwh
        Price of its node; 0 for a flow without one [CNY MWh-1].
    own_cny_per_mwh
        What its energy costs by itself: tariff, contract, upkeep, wear; of energy sold what it earns, negative
        [CNY MWh-1].
    parts_cny_per_mwh
        What stands beside that: its share of the month's demand charge (``demand_charge``), what limits of the year
        (``import_energy_limit``, ``take_or_pay``), of the park (``co2_limit``, ``import_limit``, ``import_peak_limit``,
        ``green_limit``) or of the river (``ecological``) put on top or take off, and what
        stored energy is worth that it uses up (``stored``, negative where it fills the store) [CNY MWh-1].
    gap_cny_per_mwh
        At its least: by how much one MWh of it is too dear. At its most: what one MWh more would change in the cost, a
        saving being negative. Between its limits 0; None where it has no choice or was not asked [CNY MWh-1].
    """

    label: str
    component: str
    kind: str
    role: str
    node: str
    feeds: bool
    power_mw: float
    lower_mw: float
    upper_mw: float
    state: State
    price_cny_per_mwh: float
    own_cny_per_mwh: float
    parts_cny_per_mwh: dict[str, float] = field(default_factory=dict)
    gap_cny_per_mwh: float | None = None


@dataclass(frozen=True)
class StoreFact:
    """What a store holds in the step.

    Parameters
    ----------
    value_cny_per_mwh
        What one more MWh held would save, from the dual of its equation [CNY MWh-1].
    room_cny_per_mwh
        Where it ends the step full or empty: what one MWh of further room would change in the cost [CNY MWh-1].
    filled, drawn
        Steps before in which it was filled, and after in which it is drawn from, between the last and the next time
        at which it is empty; this step is in both where it belongs there.
    """

    label: str
    component: str
    before_mwh: float
    after_mwh: float
    lower_mwh: float
    upper_mwh: float
    state: Literal["empty", "between", "full", "none"]
    value_cny_per_mwh: float
    filled: tuple[pd.Timestamp, ...]
    drawn: tuple[pd.Timestamp, ...]
    room_cny_per_mwh: float | None = None


@dataclass(frozen=True)
class NodeFact:
    """The price of a node in the step, and who makes it.

    Parameters
    ----------
    price_cny_per_mwh
        Dual of the balance; lies between what one MWh less saves and one more costs [CNY MWh-1].
    setters
        Flows between their limits: they give the next MWh.
    more, less
        One MWh more drawn here, and one less (its cost is then negative).
    following
        Setter to what the next MWh would cost if it gave no more.
    """

    node: str
    carrier: str
    price_cny_per_mwh: float
    setters: tuple[str, ...]
    more: Change | None = None
    less: Change | None = None
    following: dict[str, Change] = field(default_factory=dict)


@dataclass(frozen=True)
class Hour:
    """One step explained.

    Parameters
    ----------
    reason
        Why this step: ``asked``, ``dearest`` of the horizon, ``peak`` (sets the highest month's peak), or both.
    """

    stamp: pd.Timestamp
    step_h: float
    reason: tuple[str, ...]
    nodes: tuple[NodeFact, ...]
    flows: tuple[FlowFact, ...]
    stores: tuple[StoreFact, ...]
    peaks: tuple[PeakFact, ...]


def near(value: float, limit: float) -> bool:
    """Whether a value is at a limit."""
    return bool(np.isfinite(limit)) and abs(value - limit) <= AT_LIMIT * max(1.0, abs(limit))


def state_of(power: float, lower: float, upper: float) -> State:
    """Say where a flow stands between its limits."""
    if near(upper, lower):
        return "given" if upper > AT_LIMIT else "nothing"
    if near(power, upper):
        return "full"
    return "idle" if near(power, lower) else "free"


def _year_dual(ds: xr.Dataset, label: str, step: int) -> float:
    """Price of a limit that stands once a year, at its last step, as it holds in a step; 0 where there is none."""
    dual = row_dual(ds, label)
    later = np.zeros(0) if dual is None else dual[step:][np.isfinite(dual[step:])]
    return abs(float(later[0])) if len(later) else 0.0


def _parts(ds: xr.Dataset, component: str, role: str, node: str, step: int) -> dict[str, float]:
    """Give the parts (2) of a flow, by the rows that grids, contracts, rivers and stores have [CNY MWh-1]."""
    step_h = float(ds.attrs["step_h"])
    parts: dict[str, float] = {}

    def dual(item: str) -> float:
        found = row_dual(ds, f"{component}.{item}")
        return 0.0 if found is None else float(found[step])

    def number(item: str) -> float:
        return number_at(ds, f"{component}.{item}", step)

    if role == "import":
        parts["demand_charge"] = abs(dual("peak_limit")) * number("peak_ratio") / step_h
        parts["import_energy_limit"] = _year_dual(ds, f"{component}.import_energy_limit", step)
    parts |= _park_parts(ds, component, role, step)
    if role == "direct":
        parts["take_or_pay"] = -_year_dual(ds, f"{component}.take_or_pay", step) * number("plant_mwh_per_mwh")
    if role in {"renewable", "spill"}:
        parts["ecological"] = -abs(dual("ecological")) / step_h
    if role in {"discharge", "renewable", "spill"}:
        parts["stored"] = -dual("content") * number("drain_mwh_per_mw") / step_h
    if role == "charge" or (role == "convert" and not node):  # an inflow fills its store from nowhere
        parts["stored"] = dual("content") * number("gain_mwh_per_mw") / step_h
    return {name: value for name, value in parts.items() if abs(value) > PRICED}


def _park_parts(ds: xr.Dataset, component: str, role: str, step: int) -> dict[str, float]:
    """Give the parts (2) of a flow by the limits of the whole park [CNY MWh-1]."""
    step_h = float(ds.attrs["step_h"])
    parts: dict[str, float] = {}
    emits = {"import": "purchase_t_per_mw", "export": "sale_t_per_mw"}
    if role in emits:
        factor = number_at(ds, f"{component}.{emits[role]}", step) / step_h
        parts["co2_limit"] = _year_dual(ds, "limits.co2_max_t", step) * factor
    green = _year_dual(ds, "limits.green_share_min", step)
    if role == "import":
        highest = row_dual(ds, "limits.import_peak_max_mw")
        parts["import_limit"] = _year_dual(ds, "limits.import_max_mwh", step)
        parts["import_peak_limit"] = 0.0 if highest is None else abs(float(highest[step])) / step_h
        parts["green_limit"] = green
    if role in {"demand", "unserved"} and green > 0.0:
        sign = -1.0 if role == "demand" else 1.0
        parts["green_limit"] = sign * green * number_at(ds, "limits.bought_max_fraction", step)
    return parts


def flow_facts(ds: xr.Dataset, step: int) -> tuple[FlowFact, ...]:
    """Say what every flow does in a step, in the order of the park file."""
    nodes = {str(name): float(ds["price"][row, step]) for row, name in enumerate(ds.variables["node"].to_numpy())}
    power, lower, upper, reduced = (
        ds.variables[name].to_numpy()[:, step] for name in ("power", "lower", "upper", "reduced_cost")
    )
    facts = []
    for row, label in enumerate(ds.variables["flow"].to_numpy()):
        component, role, node = (str(ds.variables[name].to_numpy()[row]) for name in ("component", "role", "flow_node"))
        feeds, price = bool(ds.variables["feeds"].to_numpy()[row]), nodes.get(node, 0.0)
        parts = _parts(ds, component, role, node, step)
        all_told = float(reduced[row]) / float(ds.attrs["step_h"]) + (price if feeds else -price)
        facts.append(
            FlowFact(
                label=str(label),
                component=component,
                kind=str(ds.variables["kind"].to_numpy()[row]),
                role=role,
                node=node,
                feeds=feeds,
                power_mw=float(power[row]),
                lower_mw=float(lower[row]),
                upper_mw=float(upper[row]),
                state=state_of(float(power[row]), float(lower[row]), float(upper[row])),
                price_cny_per_mwh=price,
                own_cny_per_mwh=all_told - sum(parts.values()),
                parts_cny_per_mwh=parts,
            )
        )
    return tuple(facts)


def node_facts(ds: xr.Dataset, step: int, flows: tuple[FlowFact, ...]) -> tuple[NodeFact, ...]:
    """Say the price of every node in a step, and which flows make it."""
    carriers = dict(
        zip(ds.variables["flow_node"].to_numpy().tolist(), ds.variables["carrier"].to_numpy().tolist(), strict=True)
    )
    return tuple(
        NodeFact(
            node=str(name),
            carrier=str(carriers.get(name, "")),
            price_cny_per_mwh=float(ds["price"][row, step]),
            setters=tuple(flow.label for flow in flows if flow.node == name and flow.state == "free"),
        )
        for row, name in enumerate(ds.variables["node"].to_numpy())
    )


def _cycle(ds: xr.Dataset, row: int, step: int) -> tuple[list[int], list[int]]:
    """List the steps since a store was last empty, to this one, and from this one until it next is."""
    content = ds.variables["content"].to_numpy()[row]
    lower, upper = ds.variables["content_lower"].to_numpy()[row], ds.variables["content_upper"].to_numpy()[row]
    size, cyclic = len(content), bool(ds["content_cyclic"][row])
    empty = content - lower <= EMPTY * (upper - lower)
    order = np.arange(step, step + size) % size if cyclic else np.arange(step, size)
    ends = np.flatnonzero(empty[order])
    ahead = order[: ends[0] + 1] if len(ends) else order
    order = np.arange(step - 1, step - size, -1) % size if cyclic else np.arange(step - 1, -1, -1)
    begins = np.flatnonzero(empty[order])
    behind = order[: begins[0]] if len(begins) else order
    return [*behind[::-1].tolist(), step], ahead.tolist()


def store_facts(ds: xr.Dataset, step: int) -> tuple[StoreFact, ...]:
    """Say what every store holds in a step, what that is worth, and which hours it joins."""
    stamps = pd.DatetimeIndex(ds.variables["time"].to_numpy())
    role, component, power = (
        ds.variables["role"].to_numpy(),
        ds.variables["component"].to_numpy(),
        ds.variables["power"].to_numpy(),
    )
    facts = []
    for row, label in enumerate(ds.variables["level"].to_numpy()):
        name = str(ds.variables["level_component"].to_numpy()[row])
        content = ds.variables["content"].to_numpy()[row]
        lower, upper = float(ds["content_lower"][row, step]), float(ds["content_upper"][row, step])
        after = float(content[step])
        before = float(content[step - 1] if step else ds["content_start"][row])
        state: Literal["empty", "between", "full", "none"] = "between"
        if near(upper, lower):
            state = "none"
        elif near(after, upper) or near(after, lower):
            state = "full" if near(after, upper) else "empty"
        dual = row_dual(ds, f"{name}.content")
        behind, ahead = _cycle(ds, row, step)
        takes = power[(component == name) & (role == "charge")].sum(axis=0)
        gives = power[(component == name) & np.isin(role, ("discharge", "renewable"))].sum(axis=0)
        facts.append(
            StoreFact(
                label=str(label),
                component=name,
                before_mwh=before,
                after_mwh=after,
                lower_mwh=lower,
                upper_mwh=upper,
                state=state,
                value_cny_per_mwh=float("nan") if dual is None else -float(dual[step]),
                filled=tuple(stamps[s] for s in behind if takes[s] > MOVING_MW),
                drawn=tuple(stamps[s] for s in ahead if gives[s] > MOVING_MW),
            )
        )
    return tuple(facts)
