"""PyPSA with linopy, on its fastest way to HiGHS: arrays (``io_api = "direct"``), without names."""

from dataclasses import dataclass

import linopy

from benchmarks.drivers import Answer
from benchmarks.phases import Clock
from parksim.inputs import Inputs, gather
from parksim.park import Park
from parksim.peers import pypsa as peer

PACKAGES = ("pypsa", "linopy", "highspy")


@dataclass(frozen=True)
class Built:
    """The network, and the solver that holds its LP."""

    written: peer.Written
    solver: linopy.solvers.Highs


def build(park: Park, inputs: Inputs, clock: Clock) -> Built:
    """Add components, create the model, complete it, hand it over."""
    clock.start("declare")
    written = peer.write(park, inputs.values)
    clock.start("expand")
    with clock.call("create_model"):
        model = peer.create(written)
    peer.complete(written)
    clock.start("hand over")
    solver = linopy.solvers.Highs.from_model(model, io_api="direct", set_names=False, options={"output_flag": False})
    clock.stop()
    return Built(written, solver)


def whole(park: Park, clock: Clock) -> Answer:
    """Build, solve, and assign values and duals to the network.

    Raises
    ------
    RuntimeError
        If there is no optimum.
    """
    clock.start("read")
    built = build(park, gather(park), clock)
    network, highs = built.written.network, built.solver.solver_model
    clock.start("solve")
    result = built.solver.solve()
    clock.start("dataset")
    network.model.assign_result(result, solver=built.solver)
    if network.model.termination_condition != "optimal":
        msg = f"PyPSA found no optimum: {network.model.termination_condition}"
        raise RuntimeError(msg)
    network.optimize.assign_solution()
    network.optimize.assign_duals()
    network.optimize.post_processing()
    found = peer.read(built.written, objective_cny=float(network.objective))
    clock.stop()
    return Answer(found.objective_cny, highs.getNumRow(), highs.getNumCol())
