"""Plain Pyomo: parksim's reference path, an ordinary ConcreteModel, through Pyomo's own HiGHS interface."""

from dataclasses import dataclass
from typing import Any

from benchmarks.drivers import Answer, _pyomo_highs
from benchmarks.phases import Clock
from parksim.inputs import Inputs, gather
from parksim.lp.reference import ReferenceModel
from parksim.lp.reference import build as build_reference
from parksim.park import Park

PACKAGES = ("pyomo", "highspy")


@dataclass(frozen=True)
class Built:
    """The model, and the solver that holds its LP."""

    reference: ReferenceModel
    solver: Any


def build(park: Park, inputs: Inputs, clock: Clock) -> Built:
    """Build the model hour by hour and hand it over."""
    clock.start("expand")
    with clock.call("ConcreteModel"):
        reference = build_reference(park.components, nodes=park.nodes, time=park.time, values=inputs.values)
    return Built(reference, _pyomo_highs.hand_over(reference.model, clock))


def whole(park: Park, clock: Clock) -> Answer:
    """Build, solve, and read every column back."""
    clock.start("read")
    built = build(park, gather(park), clock)
    answer = _pyomo_highs.run(built.reference.model, built.solver, clock)
    for block in built.reference.columns.values():
        block.var.extract_values()
    clock.stop()
    return answer
