"""parksim: the calls of ``parksim run``, and the templated LP alone for the repeats."""

import json
import tempfile
from pathlib import Path

from benchmarks.drivers import Answer
from benchmarks.phases import Clock
from parksim.accounts.summary import summarise
from parksim.api import solve
from parksim.checks import check_nodes
from parksim.inputs import Inputs
from parksim.lp.highs import Solver
from parksim.lp.program import Program
from parksim.output import write_all
from parksim.park import Park
from parksim.report.html import render

PACKAGES = ("parksim", "highspy", "pyomo")


def build(park: Park, inputs: Inputs, clock: Clock) -> Solver:
    """Declare for one hour, expand over all, hand over as arrays."""
    clock.start("declare")
    program = Program(park.components, nodes=park.nodes, time=park.time)
    check_nodes(park, program)
    clock.start("expand")
    lp = program.fill(inputs.values)
    clock.start("hand over")
    solver = Solver(lp)
    clock.stop()
    return solver


def whole(park: Park, clock: Clock) -> Answer:
    """Solve, settle ties, collect, audit, and write all files."""
    ds = solve(park, progress=clock.start)
    clock.start("report")
    with tempfile.TemporaryDirectory() as folder:
        summary = summarise(ds)
        write_all(ds, Path(folder), summary=summary, report=render(ds, summary))
        clock.stop()
    info = json.loads(ds.attrs["solver_info"])
    return Answer(float(ds.attrs["objective_cny"]), info["rows"], info["columns"])
