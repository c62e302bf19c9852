"""A park in PyPSA.

=====================  ==========================================================================================
plan                   PyPSA
=====================  ==========================================================================================
flow                   ``Generator`` of ``p_nom x p_max_pu`` with ``marginal_cost``; ``sign = -1`` where it draws
fixed flow             ``Load`` with ``p_set``
store                  ``StorageUnit``; least contents above zero as further rows on its ``state_of_charge``
inflow, spill          ``inflow`` of the ``StorageUnit`` and its own ``spill``
least release          further rows on ``p_dispatch`` and ``spill``
peak charge            a variable by month, a row per step, a term of the objective (linopy)
yearly cap, contract   a row by calendar year, and a variable for what was not taken (linopy)
limit of the park      a row by calendar year, or by step (linopy)
=====================  ==========================================================================================

PyPSA lets a store spill at most its inflow of the step, parksim any amount. The cheapest cost is the same: contents
have a constant upper limit only, so a plan that spills as late and as little as that limit and the release demand never
spills more than comes in, with the same power in every step.
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import linopy
import numpy as np
import pandas as pd
import pypsa
import xarray as xr
from numpy.typing import NDArray

from parksim.component import Array, Numbers
from parksim.inputs import Inputs
from parksim.park import Park
from parksim.peers.plan import CannotExpress, Flow, ParkLimit, PeakCharge, PeerSolution, Plan, Store, YearRule, plan_of


@dataclass(frozen=True)
class Written:
    """A network, and the plan it was written from."""

    network: pypsa.Network
    plan: Plan


def write(park: Park, values: Mapping[str, Numbers]) -> Written:
    """Write a park as a network, without the rows PyPSA has no component for.

    Parameters
    ----------
    park
        The park.
    values
        Component to its numbers, capacities included.

    Raises
    ------
    CannotExpress
        If PyPSA cannot say what a component does.
    """
    plan = plan_of(park, values)
    if not any(flow.cost_cny_per_mwh.any() for flow in plan.flows) and not any(s.cost_cny_per_mwh for s in plan.stores):
        msg = f"{park.place}: no energy has a price, and PyPSA builds no objective without one."
        raise CannotExpress(msg)
    with warnings.catch_warnings():
        # PyPSA announces how it will hold text columns in its next major release; nothing here depends on it.
        warnings.filterwarnings("ignore", category=FutureWarning, module="pypsa")
        network = pypsa.Network()
        network.set_snapshots(list(park.time.stamps))
        weights = network.snapshot_weightings
        network.snapshot_weightings = pd.DataFrame(park.time.step_h, index=weights.index, columns=weights.columns)
        network.add("Carrier", list(dict.fromkeys(park.nodes.values())))
        for node, carrier in park.nodes.items():
            network.add("Bus", node, carrier=carrier)
        _add_flows(network, [flow for flow in plan.flows if not flow.fixed])
        if any(flow.fixed for flow in plan.flows):
            _add_fixed(network, [flow for flow in plan.flows if flow.fixed])
        for store in plan.stores:
            _add_store(network, store, step_h=park.time.step_h)
    return Written(network, plan)


def _frame(network: pypsa.Network, columns: dict[str, Array]) -> pd.DataFrame:
    return pd.DataFrame(columns, index=network.snapshots)


def _add_flows(network: pypsa.Network, flows: list[Flow]) -> None:
    network.add(
        "Generator",
        [flow.label for flow in flows],
        bus=[flow.node for flow in flows],
        sign=[1.0 if flow.feeds else -1.0 for flow in flows],
        p_nom=[flow.rating_mw for flow in flows],
        p_max_pu=_frame(network, {flow.label: flow.share for flow in flows}),
        marginal_cost=_frame(network, {flow.label: flow.cost_cny_per_mwh for flow in flows}),
    )


def _add_fixed(network: pypsa.Network, flows: list[Flow]) -> None:
    network.add(
        "Load",
        [flow.label for flow in flows],
        bus=[flow.node for flow in flows],
        sign=[1.0 if flow.feeds else -1.0 for flow in flows],
        p_set=_frame(network, {flow.label: flow.rating_mw * flow.share for flow in flows}),
    )


def _add_store(network: pypsa.Network, store: Store, *, step_h: float) -> None:
    rating = store.power_max_mw or 1.0
    share = store.power_max_mw / rating
    # PyPSA takes the standing loss of the first step off nothing: what it starts from is what that step has left.
    left = (1.0 - store.loss_per_h) ** step_h
    network.add(
        "StorageUnit",
        store.name,
        bus=store.node,
        p_nom=rating,
        p_min_pu=0.0 if store.into is None else -share,
        p_max_pu=share,
        max_hours=store.highest_mwh / rating,
        efficiency_store=store.eff_in,
        efficiency_dispatch=store.eff_out,
        standing_loss=store.loss_per_h,
        cyclic_state_of_charge=store.start_mwh is None,
        state_of_charge_initial=0.0 if store.start_mwh is None else left * store.start_mwh,
        marginal_cost=store.cost_cny_per_mwh,
        inflow=0.0 if store.inflow_mw is None else pd.Series(store.inflow_mw, index=network.snapshots),
    )


def create(written: Written) -> linopy.Model:
    """Make the linopy model with PyPSA's own call; kept as ``network.model``."""
    return written.network.optimize.create_model(include_objective_constant=False)


def complete(written: Written) -> None:
    """Add to the model what PyPSA has no component for."""
    network, plan = written.network, written.plan
    model = network.model
    for store in plan.stores:
        _limit_store(model, network, store)
    for peak in plan.peaks:
        _charge_peak(model, network, peak, plan)
    for rule in plan.rules:
        _hold_years(model, network, rule, plan)
    for limit in plan.limits:
        _hold_park(model, network, limit, plan)


def _over_steps(network: pypsa.Network, values: Array | NDArray[np.int64]) -> xr.DataArray:
    return xr.DataArray(values, coords={"snapshot": network.snapshots}, dims="snapshot")


def _limit_store(model: linopy.Model, network: pypsa.Network, store: Store) -> None:
    if store.lowest_mwh.any():
        content = model["StorageUnit-state_of_charge"].sel(name=store.name)
        lowest = _over_steps(network, store.lowest_mwh)
        model.add_constraints(content, ">=", lowest, name=f"{store.content}-lowest")
    if store.release_mw is not None and store.release_mw.any():
        released = 1.0 * model["StorageUnit-p_dispatch"].sel(name=store.name)
        if "StorageUnit-spill" in model.variables:
            released = released + model["StorageUnit-spill"].sel(name=store.name).fillna(0.0)
        model.add_constraints(released, ">=", _over_steps(network, store.release_mw), name=f"{store.name}-release")


def _charge_peak(model: linopy.Model, network: pypsa.Network, peak: PeakCharge, plan: Plan) -> None:
    months = pd.RangeIndex(plan.park.time.months, name="month")
    highest = model.add_variables(lower=peak.floor_mw, coords=[months], name=peak.name)
    power = model["Generator-p"].sel(name=peak.flow)
    own_month = (1.0 * highest).sel(month=_over_steps(network, plan.park.time.month_of_step)).drop_vars("month")
    model.add_constraints(own_month - peak.ratio * power, ">=", 0.0, name=f"{peak.name}-limit")
    charge = xr.DataArray(peak.charge_cny_per_mw, coords={"month": months}, dims="month")
    model.objective = model.objective + (charge * highest).sum()


def _hold_years(model: linopy.Model, network: pypsa.Network, rule: YearRule, plan: Plan) -> None:
    power = model["Generator-p"].sel(name=rule.flow)
    for year, floor in enumerate(rule.floor_mwh.tolist()):
        energy = (plan.park.time.step_h * power.sel(snapshot=network.snapshots[plan.year_of_step == year])).sum()
        counted = rule.weight * energy
        if rule.cost_cny_per_mwh is not None:
            missed = model.add_variables(lower=0.0, name=f"{rule.name}-{year}")
            counted = counted + missed
            model.objective = model.objective + rule.cost_cny_per_mwh * missed
        model.add_constraints(counted, ">=", floor, name=f"{rule.name}-{year}-floor")


def _hold_park(model: linopy.Model, network: pypsa.Network, limit: ParkLimit, plan: Plan) -> None:
    fixed = {flow.label: flow.rating_mw * flow.share for flow in plan.flows if flow.fixed}
    free = [label for label in limit.weights if label not in fixed]
    weights = xr.DataArray([limit.weights[label] for label in free], coords={"name": free}, dims="name")
    counted = (weights * model["Generator-p"].sel(name=free)).sum("name")
    given = sum((limit.weights[label] * power for label, power in fixed.items() if label in limit.weights), 0.0)
    given = np.broadcast_to(given, plan.park.time.steps)
    if limit.by_step:
        model.add_constraints(counted, "<=", _over_steps(network, limit.most - given), name=limit.name)
        return
    for year, most in enumerate(limit.most.tolist()):
        mine, step_h = plan.year_of_step == year, plan.park.time.step_h
        energy = (step_h * counted.sel(snapshot=network.snapshots[mine])).sum()
        model.add_constraints(energy, "<=", most - step_h * float(given[mine].sum()), name=f"{limit.name}-{year}")


def read(written: Written, *, objective_cny: float) -> PeerSolution:
    """Read flows and contents back under the labels of parksim's results."""
    network, plan = written.network, written.plan
    power = {f.label: network.generators_t.p[f.label].to_numpy() for f in plan.flows if not f.fixed}
    power |= {f.label: network.loads_t.p[f.label].to_numpy() for f in plan.flows if f.fixed}
    content = {}
    units = network.storage_units_t
    for store in plan.stores:
        power[store.outof] = units.p_dispatch[store.name].to_numpy()
        if store.into is not None:
            power[store.into] = units.p_store[store.name].to_numpy()
        if store.spill is not None:
            spilled = units.spill.get(store.name)
            power[store.spill] = np.zeros(plan.park.time.steps) if spilled is None else spilled.to_numpy()
        content[store.content] = units.state_of_charge[store.name].to_numpy()
    return PeerSolution(objective_cny, power, content)


def solve(park: Park, inputs: Inputs) -> PeerSolution:
    """Solve a park in PyPSA with HiGHS.

    Parameters
    ----------
    park
        The park.
    inputs
        What :func:`parksim.inputs.gather` read for it.

    Raises
    ------
    CannotExpress
        If PyPSA cannot say what a component does.
    RuntimeError
        If PyPSA reports no optimum.
    """
    written = write(park, inputs.values)
    create(written)
    complete(written)
    # Through a file, because on the direct way HiGHS greets on standard output before it can be told not to.
    status, condition = written.network.optimize.solve_model(
        solver_name="highs", io_api="lp", progress=False, output_flag=False
    )
    if status != "ok":
        msg = f"PyPSA found no optimum: {condition}"
        raise RuntimeError(msg)
    return read(written, objective_cny=float(written.network.objective or 0.0))
