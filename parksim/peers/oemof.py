"""A park in oemof-solph.

=====================  ==========================================================================================
plan                   oemof-solph
=====================  ==========================================================================================
flow                   ``Source`` or ``Sink`` with ``nominal_capacity x maximum`` and ``variable_costs``
fixed flow             the same with ``fix``
store                  ``GenericStorage``; its content has one point more than there are steps
inflow, spill          a bus of water: a ``Source`` with ``fix``, the store's input, and a ``Sink``
least release          a row per step on the store's output and the spill (Pyomo)
peak charge            a variable by month, a row per step, a term of the objective (Pyomo)
yearly cap, contract   a row by calendar year, and a variable for what was not taken (Pyomo)
limit of the park      a row by calendar year, or by step (Pyomo)
=====================  ==========================================================================================

Spill comes before the store, so it is at most the inflow of the step; the note in :mod:`parksim.peers.pypsa` says why
the cheapest cost is the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from oemof import solph
from pyomo import environ as po

from parksim.component import Array, Numbers
from parksim.inputs import Inputs
from parksim.park import Park
from parksim.peers.plan import Flow, ParkLimit, PeakCharge, PeerSolution, Plan, Store, YearRule, plan_of

Ends = dict[str, tuple[Any, Any]]
"""Label of a flow to the nodes it runs between, which index ``model.flow``."""


@dataclass(frozen=True)
class Written:
    """An energy system, the plan it was written from, and where each flow runs."""

    system: solph.EnergySystem
    plan: Plan
    ends: Ends


def write(park: Park, values: Mapping[str, Numbers]) -> Written:
    """Write a park as an energy system, without the rows oemof-solph has no component for.

    Parameters
    ----------
    park
        The park.
    values
        Component to its numbers, capacities included.

    Raises
    ------
    CannotExpress
        If oemof-solph cannot say what a component does.
    """
    plan = plan_of(park, values)
    stamps = park.time.stamps
    end = stamps[-1:] + pd.Timedelta(minutes=park.time.step_minutes)
    system = solph.EnergySystem(timeindex=stamps.append(end))
    buses = {node: solph.Bus(label=node) for node in park.nodes}
    system.add(*buses.values())
    ends: Ends = {}
    for flow in plan.flows:
        _add_flow(system, ends, flow, buses[flow.node])
    for store in plan.stores:
        _add_store(system, ends, store, buses[store.node])
    return Written(system, plan, ends)


def _add_flow(system: solph.EnergySystem, ends: Ends, flow: Flow, bus: solph.Bus) -> None:
    limits: dict[str, Any] = {"variable_costs": flow.cost_cny_per_mwh}
    if np.isfinite(flow.rating_mw):
        limits |= {"nominal_capacity": flow.rating_mw, "fix" if flow.fixed else "maximum": flow.share}
    edge = solph.Flow(**limits)
    if flow.feeds:
        node = solph.components.Source(label=flow.label, outputs={bus: edge})
        ends[flow.label] = (node, bus)
    else:
        node = solph.components.Sink(label=flow.label, inputs={bus: edge})
        ends[flow.label] = (bus, node)
    system.add(node)


def _add_store(system: solph.EnergySystem, ends: Ends, store: Store, bus: solph.Bus) -> None:
    origin, into = bus, solph.Flow(nominal_capacity=store.power_max_mw)
    if store.inflow_mw is not None:
        origin, into = solph.Bus(label=f"{store.name}.water"), solph.Flow()
        river = solph.components.Source(
            label=f"{store.name}.inflow", outputs={origin: solph.Flow(nominal_capacity=1.0, fix=store.inflow_mw)}
        )
        weir = solph.components.Sink(label=store.spill, inputs={origin: solph.Flow()})
        system.add(origin, river, weir)
        ends[str(store.spill)] = (origin, weir)
    energy = store.highest_mwh or 1.0
    lowest = store.lowest_mwh / energy
    node = solph.components.GenericStorage(
        label=store.name,
        inputs={origin: into},
        outputs={bus: solph.Flow(nominal_capacity=store.power_max_mw, variable_costs=store.cost_cny_per_mwh)},
        nominal_capacity=energy,
        # The point before the first step is the last one where the horizon closes on itself; a given start is fixed.
        min_storage_level=np.append(lowest[-1:] if store.start_mwh is None else [0.0], lowest),
        max_storage_level=store.highest_mwh / energy,
        initial_storage_level=None if store.start_mwh is None else store.start_mwh / energy,
        balanced=store.start_mwh is None,
        loss_rate=store.loss_per_h,
        inflow_conversion_factor=store.eff_in,
        outflow_conversion_factor=store.eff_out,
    )
    system.add(node)
    ends[store.outof] = (node, bus)
    if store.into is not None:
        ends[store.into] = (origin, node)
    ends[store.content] = (node, None)


def create(written: Written) -> solph.Model:
    """Make the Pyomo model with oemof-solph's own call."""
    return solph.Model(written.system)


def complete(model: solph.Model, written: Written) -> None:
    """Add to the model what oemof-solph has no component for."""
    plan, ends = written.plan, written.ends
    model.parksim = po.Block()
    for store in plan.stores:
        if store.release_mw is not None:
            _release(model, ends, store)
    costs = [_charge_peak(model, ends, peak, plan) for peak in plan.peaks]
    costs += [_hold_years(model, ends, rule, plan) for rule in plan.rules]
    for limit in plan.limits:
        _hold_park(model, ends, limit, plan)
    model.objective.expr += sum(costs)


def _attach(model: solph.Model, name: str, part: po.Constraint | po.Var) -> None:
    model.parksim.add_component(name.replace(".", "__"), part)


def _release(model: solph.Model, ends: Ends, store: Store) -> None:
    least = np.asarray(store.release_mw).tolist()
    make, spill = ends[store.outof], ends[str(store.spill)]
    rule = lambda _, t: model.flow[(*make, t)] + model.flow[(*spill, t)] >= least[t]  # noqa: E731
    _attach(model, f"{store.name}.release", po.Constraint(model.TIMESTEPS, rule=rule))


def _charge_peak(model: solph.Model, ends: Ends, peak: PeakCharge, plan: Plan) -> po.Expression:
    source, target = ends[peak.flow]
    month = plan.park.time.month_of_step.tolist()
    highest = po.Var(range(plan.park.time.months), bounds=(peak.floor_mw, None))
    _attach(model, peak.name, highest)
    rule = lambda _, t: highest[month[t]] >= peak.ratio * model.flow[source, target, t]  # noqa: E731
    _attach(model, f"{peak.name}.limit", po.Constraint(model.TIMESTEPS, rule=rule))
    return sum(charge * highest[at] for at, charge in enumerate(peak.charge_cny_per_mw.tolist()))


def _hold_years(model: solph.Model, ends: Ends, rule: YearRule, plan: Plan) -> po.Expression:
    source, target = ends[rule.flow]
    years = range(len(rule.floor_mwh))
    missed = po.Var(years, bounds=(0.0, None if rule.cost_cny_per_mwh is not None else 0.0))
    _attach(model, rule.name, missed)
    for year, floor in enumerate(rule.floor_mwh.tolist()):
        steps = np.flatnonzero(plan.year_of_step == year).tolist()
        energy = po.quicksum(plan.park.time.step_h * model.flow[source, target, t] for t in steps)
        _attach(model, f"{rule.name}.{year}", po.Constraint(expr=missed[year] + rule.weight * energy >= floor))
    return sum((rule.cost_cny_per_mwh or 0.0) * missed[year] for year in years)


def _hold_park(model: solph.Model, ends: Ends, limit: ParkLimit, plan: Plan) -> None:
    def counted(step: int) -> po.Expression:
        return sum(weight * model.flow[(*ends[label], step)] for label, weight in limit.weights.items())

    if limit.by_step:
        _attach(model, limit.name, po.Constraint(model.TIMESTEPS, rule=lambda _, t: counted(t) <= float(limit.most)))
        return
    for year, most in enumerate(limit.most.tolist()):
        steps = np.flatnonzero(plan.year_of_step == year).tolist()
        energy = po.quicksum(plan.park.time.step_h * counted(t) for t in steps)
        _attach(model, f"{limit.name}.{year}", po.Constraint(expr=energy <= most))


def read(model: solph.Model, written: Written, *, objective_cny: float) -> PeerSolution:
    """Read flows and contents back under the labels of parksim's results."""
    steps = range(written.plan.park.time.steps)
    power: dict[str, Array] = {}
    content: dict[str, Array] = {}
    for label, (source, target) in written.ends.items():
        if target is None:
            held = model.GenericStorageBlock.storage_content
            content[label] = np.array([held[source, t + 1].value for t in steps], np.float64)
        else:
            power[label] = np.array([model.flow[source, target, t].value for t in steps], np.float64)
    return PeerSolution(objective_cny, power, content)


def solve(park: Park, inputs: Inputs) -> PeerSolution:
    """Solve a park in oemof-solph with HiGHS.

    Parameters
    ----------
    park
        The park.
    inputs
        What :func:`parksim.inputs.gather` read for it.

    Raises
    ------
    CannotExpress
        If oemof-solph cannot say what a component does.
    RuntimeError
        If oemof-solph reports no optimum.
    """
    written = write(park, inputs.values)
    model = create(written)
    complete(model, written)
    model.solve(solver="highs")
    return read(model, written, objective_cny=float(po.value(model.objective)))
