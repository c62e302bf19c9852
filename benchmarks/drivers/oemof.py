"""oemof-solph, through the HiGHS interface that its own ``solve("highs")`` takes."""

from dataclasses import dataclass
from typing import Any

from benchmarks.drivers import Answer, _pyomo_highs
from benchmarks.phases import Clock
from parksim.inputs import Inputs, gather
from parksim.park import Park
from parksim.peers import oemof as peer

PACKAGES = ("oemof-solph", "pyomo", "highspy")


@dataclass(frozen=True)
class Built:
    """The energy system, its model, and the solver that holds its LP."""

    written: peer.Written
    model: Any
    solver: Any


def build(park: Park, inputs: Inputs, clock: Clock) -> Built:
    """Add nodes, create the model, complete it, hand it over."""
    clock.start("declare")
    written = peer.write(park, inputs.values)
    clock.start("expand")
    with clock.call("Model"):
        model = peer.create(written)
    peer.complete(model, written)
    return Built(written, model, _pyomo_highs.hand_over(model, clock))


def whole(park: Park, clock: Clock) -> Answer:
    """Build, solve, and read flows and contents back."""
    clock.start("read")
    built = build(park, gather(park), clock)
    answer = _pyomo_highs.run(built.model, built.solver, clock)
    peer.read(built.model, built.written, objective_cny=answer.objective_cny)
    clock.stop()
    return answer
