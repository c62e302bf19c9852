"""Energy: where it came from, where it went, what of it was green, how stores cycled.

Green energy is counted one way: in each step all outflows of a node carry the mix of its inflows, and a store's green
content follows its level equation, cyclic over the horizon. Green supply is the green part of the demand served.
"""

from dataclasses import dataclass

import numpy as np

from parksim.accounts.reading import Results
from parksim.component import Array
from parksim.kernels import cycles, mix

GREEN_ROLES = ("renewable", "direct")
OTHER_ROLES = ("import", "unserved")
CARRIER = "electricity"

LEVEL_DIGITS = 6
"""Digits of contents in which cycles are counted [MWh]: what the solver leaves behind them is no cycle."""


@dataclass(frozen=True)
class GreenTrace:
    """The green share of every flow.

    Parameters
    ----------
    share
        Shape (flow, time); flows without a node have 0 [1].
    node_share
        Shape (node, time) [1].
    gap_mwh
        Largest gap with which a store's green content closes over the horizon [MWh].
    """

    share: Array
    node_share: Array
    gap_mwh: float


def role_power(ds: Results, *roles: str, variable: str = "power") -> Array:
    """Sum of the flows of some roles, shape (time,) [MW]."""
    chosen = np.isin(ds.variables["role"].to_numpy(), roles)
    return np.asarray(ds.variables[variable].to_numpy()[chosen].sum(axis=0), np.float64)


def _stores(ds: Results) -> list[str]:
    """Components that charge and discharge, in the order of the levels."""
    role, component = ds.variables["role"].to_numpy(), ds.variables["component"].to_numpy()
    moving = set(component[role == "charge"]) & set(component[role == "discharge"])
    return [str(name) for name in ds.variables["level_component"].to_numpy() if name in moving]


def _numbers(ds: Results, stores: list[str], name: str) -> Array:
    """One number of each store, shape (store,)."""
    labels = ds.variables["number"].to_numpy().tolist()
    rows = np.array([labels.index(f"{store}.{name}") for store in stores], np.int64)
    return np.asarray(ds.variables["number_value"].to_numpy()[rows], np.float64)


def _kinds(ds: Results, traced: np.ndarray) -> np.ndarray:
    """Kind of each flow for the trace; ``traced`` tells which sources are followed."""
    role, feeds = ds.variables["role"].to_numpy(), ds.variables["feeds"].to_numpy()
    component = ds.variables["component"].to_numpy()
    kinds = np.full(len(role), mix.SINK)
    kinds[np.isin(role, (*GREEN_ROLES, *OTHER_ROLES))] = mix.OTHER
    kinds[traced] = mix.GREEN
    kinds[role == "charge"] = mix.CHARGE
    kinds[role == "discharge"] = mix.DISCHARGE
    makers = set(component[(role == "convert") & feeds])
    converts = (role == "convert") & np.isin(component, list(makers))
    kinds[converts & feeds] = mix.CONVERT_OUT
    kinds[converts & ~feeds] = mix.CONVERT_IN
    return kinds


def trace_green(ds: Results) -> GreenTrace:
    """Trace green energy through nodes and stores.

    Parameters
    ----------
    ds
        Results of a run.
    """
    return trace(ds, np.isin(ds.variables["role"].to_numpy(), GREEN_ROLES))


def trace(ds: Results, sources: np.ndarray) -> GreenTrace:
    """Trace the energy of some sources through nodes and stores.

    Parameters
    ----------
    sources
        Which flows are followed, shape (flow,); all other sources count as not followed.
    """
    place = {str(name): at for at, name in enumerate(ds.variables["node"].to_numpy())}
    node = np.array([place.get(str(name), -1) for name in ds.variables["flow_node"].to_numpy()], np.int64)
    stores = _stores(ds)
    kinds = np.where(node < 0, mix.SINK, _kinds(ds, sources))
    component = ds.variables["component"].to_numpy()
    converters = sorted(set(component[np.isin(kinds, (mix.CONVERT_IN, mix.CONVERT_OUT))]))
    group = np.full(len(kinds), -1)
    for position, (kind, name) in enumerate(zip(kinds, component, strict=True)):
        if kind in {mix.CHARGE, mix.DISCHARGE}:
            group[position] = stores.index(str(name))
        elif kind in {mix.CONVERT_IN, mix.CONVERT_OUT}:
            group[position] = converters.index(name)
    held = np.isin(ds.variables["level_component"].to_numpy(), stores)
    traced = mix.green_mix(
        ds.variables["power"].to_numpy(),
        flow_node=node,
        flow_feeds=ds.variables["feeds"].to_numpy() & (node >= 0),
        flow_kind=kinds.astype(np.int64),
        flow_group=group.astype(np.int64),
        n_nodes=len(place),
        level_mwh=np.maximum(ds.variables["content"].to_numpy()[held], 0.0),
        keep=_numbers(ds, stores, "keep_fraction"),
        gain_mwh_per_mw=_numbers(ds, stores, "gain_mwh_per_mw"),
        drain_mwh_per_mw=_numbers(ds, stores, "drain_mwh_per_mw"),
        cyclic=ds.variables["content_cyclic"].to_numpy()[held],
        level_start_mwh=ds.variables["content_start"].to_numpy()[held],
    )
    return GreenTrace(traced.flow_share, traced.node_share, traced.gap_mwh)


def curtailed(ds: Results, sources: np.ndarray | None = None) -> Array:
    """Renewable power of the park that was not used, by flow of role ``renewable``, shape (flow, time) [MW].

    A plant with a spill flow loses what it spills; any other loses what it could have made and did not.

    Parameters
    ----------
    sources
        The flows that are looked at, shape (flow,); all where left out.
    """
    role, component = ds.variables["role"].to_numpy(), ds.variables["component"].to_numpy()
    power, upper = ds.variables["power"].to_numpy(), ds.variables["upper"].to_numpy()
    lost = []
    for position in np.flatnonzero((role == "renewable") & (True if sources is None else sources)):
        spills = (role == "spill") & (component == component[position])
        lost.append(power[spills].sum(axis=0) if spills.any() else upper[position] - power[position])
    return np.array(lost).reshape(-1, power.shape[1])


@dataclass(frozen=True)
class Generation:
    """What some green sources did over the horizon.

    Parameters
    ----------
    made_mwh
        Taken into the park's nodes [MWh].
    sold_mwh
        What of it was sold, by the mix of its node [MWh].
    available_mwh
        What they could have made: curtailed and refused energy included [MWh].
    """

    made_mwh: float
    sold_mwh: float
    available_mwh: float

    @property
    def used_mwh(self) -> float:
        """Used in the park, losses of stores included [MWh]."""
        return self.made_mwh - self.sold_mwh


def generation(ds: Results, sources: np.ndarray, *, followed: GreenTrace | None = None) -> Generation:
    """Sum up what some green sources did.

    Parameters
    ----------
    sources
        Which flows, of the roles ``renewable`` and ``direct``, shape (flow,).
    followed
        The trace of just these sources; traced here, where anything is sold at all, if left out.
    """
    step_h, role, power = float(ds.attrs["step_h"]), ds.variables["role"].to_numpy(), ds.variables["power"].to_numpy()
    made = float(power[sources].sum()) * step_h
    lost = float(curtailed(ds, sources).sum()) * step_h
    direct = sources & (role == "direct")
    untaken = float((ds.variables["upper"].to_numpy()[direct] - power[direct]).sum()) * step_h
    sales, sold = role == "export", 0.0
    if power[sales].any() and made > 0.0:
        share = (followed or trace(ds, sources)).share
        sold = float((power[sales] * share[sales]).sum()) * step_h
    return Generation(made, sold, made + lost + untaken)


def store_figures(ds: Results) -> dict[str, dict[str, float]]:
    """Count how each store cycles: energy moved, full cycles, rainflow cycles, mean depth of a cycle."""
    role, component = ds.variables["role"].to_numpy(), ds.variables["component"].to_numpy()
    step_h, power = float(ds.attrs["step_h"]), ds.variables["power"].to_numpy()
    labels = [str(name) for name in ds.variables["level_component"].to_numpy()]
    names = ("content", "content_start", "content_lower", "content_upper")
    content, starts, lower, upper = (ds.variables[name].to_numpy() for name in names)
    found = {}
    for store in _stores(ds):
        row = labels.index(store)
        level = np.concatenate((starts[row : row + 1], content[row]))
        usable = float((upper[row] - lower[row]).max())
        counted = cycles.rainflow(np.round(level, LEVEL_DIGITS))
        moved = {r: float(power[(role == r) & (component == store)].sum()) * step_h for r in ("charge", "discharge")}
        found[store] = {
            "charge_mwh": moved["charge"],
            "discharge_mwh": moved["discharge"],
            "full_cycles": cycles.full_cycles(level, usable) if usable > 0 else 0.0,
            "rainflow_cycles": float(counted.counts.sum()),
            "mean_depth": cycles.mean_depth(counted.spans, counted.counts, usable) if usable > 0 else 0.0,
            "energy_usable_mwh": usable,
            "loss_mwh": moved["charge"] - moved["discharge"] - float(level[-1] - level[0]),
        }
    return found


def energy_figures(ds: Results, trace: GreenTrace) -> dict[str, float]:
    """Sum up the energy of a run [MWh, MW and shares]."""
    step_h = float(ds.attrs["step_h"])
    role, power = ds.variables["role"].to_numpy(), ds.variables["power"].to_numpy()
    electric = ds.variables["carrier"].to_numpy() == CARRIER
    demand = (role == "demand") & electric
    load = float(power[demand].sum()) * step_h
    unserved = float(power[(role == "unserved") & electric].sum()) * step_h
    served = load - _unserved_demand(ds, demand)
    green = float((power[demand] * trace.share[demand]).sum()) * step_h
    direct = role == "direct"
    made = generation(ds, np.isin(role, GREEN_ROLES), followed=trace)
    return {
        "load_mwh": load,
        "served_mwh": served,
        "unserved_mwh": unserved,
        "green_supply_mwh": green,
        "green_share": green / served if served > 0 else 0.0,
        "self_use_share": made.used_mwh / made.available_mwh if made.available_mwh > 0 else 0.0,
        "renewable_mwh": float(power[role == "renewable"].sum()) * step_h,
        "direct_mwh": float(power[direct].sum()) * step_h,
        "import_mwh": float(power[role == "import"].sum()) * step_h,
        "export_mwh": float(power[role == "export"].sum()) * step_h,
        "curtailed_mwh": float(curtailed(ds).sum()) * step_h,
        "direct_not_taken_mwh": float((ds.variables["upper"].to_numpy()[direct] - power[direct]).sum()) * step_h,
        "peak_import_mw": float(role_power(ds, "import").max(initial=0.0)),
        "peak_load_mw": float(role_power(ds, "demand").max(initial=0.0)),
    }


def _unserved_demand(ds: Results, demand: np.ndarray) -> float:
    """Demand that was not served [MWh]: what the shortfall stood in for, own use of stores apart."""
    shed = ds.variables["role"].to_numpy() == "unserved"
    if not ds.variables["power"].to_numpy()[shed].any():
        return 0.0
    share = trace(ds, shed).share
    return float((ds.variables["power"].to_numpy()[demand] * share[demand]).sum()) * float(ds.attrs["step_h"])


def additional_share(ds: Results, green_supply_mwh: float) -> float:
    """Share of green supply that comes from the park's own or new plants, not from existing ones by contract [1]."""
    if green_supply_mwh <= 0:
        return 0.0
    role, component = ds.variables["role"].to_numpy(), ds.variables["component"].to_numpy()
    fields = dict(zip(ds.variables["field"].to_numpy(), ds.variables["field_value"].to_numpy(), strict=True))
    existing = np.array([fields.get(f"components.{name}.plant") == "existing" for name in component])
    if not existing.any():
        return 1.0
    followed = trace(ds, np.isin(role, GREEN_ROLES) & ~existing).share
    used = (role == "demand") & (ds.variables["carrier"].to_numpy() == CARRIER)
    supply = float((ds.variables["power"].to_numpy()[used] * followed[used]).sum()) * float(ds.attrs["step_h"])
    return supply / green_supply_mwh
