"""Pyomo's own interface to HiGHS, for the two engines that build Pyomo models."""

from typing import Any

from pyomo.contrib.appsi.base import TerminationCondition
from pyomo.contrib.appsi.solvers import Highs

from benchmarks.drivers import Answer
from benchmarks.phases import Clock


def hand_over(model: Any, clock: Clock) -> Highs:
    """Pass a Pyomo model to HiGHS."""
    clock.start("hand over")
    solver = Highs()
    # The model is not touched between handing over and solving, so nothing has to be looked for.
    for name in solver.update_config:
        setattr(solver.update_config, name, False)
    solver.config.load_solution = False
    solver.set_instance(model)
    clock.stop()
    return solver


def run(model: Any, solver: Highs, clock: Clock) -> Answer:
    """Solve and load the values into the model.

    Raises
    ------
    RuntimeError
        If there is no optimum.
    """
    clock.start("solve")
    result = solver.solve(model)
    if result.termination_condition != TerminationCondition.optimal:
        msg = f"Pyomo found no optimum: {result.termination_condition}"
        raise RuntimeError(msg)
    clock.start("dataset")
    result.solution_loader.load_vars()
    highs = solver._solver_model
    return Answer(float(result.best_feasible_objective), highs.getNumRow(), highs.getNumCol())
