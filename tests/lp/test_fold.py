"""Folding: the LP of the whole horizon under one more condition, and nothing else."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parksim import testing
from parksim.inputs import gather
from parksim.lp.fold import Classes, fold
from parksim.lp.highs import Solver, duality_gap
from parksim.lp.program import Program, by_columns
from parksim.park import read_park
from parksim.questions.typical import Typical, made_alike

SEEDS = st.integers(0, 10_000)
DAY = 8
"""Hours of a period; small, so that many fit into a small park."""


def folded(seed, *, hours=48, groups=3, alike=True):
    """A random park, its LP with profiles alike in all periods of a class, and the fold of it."""
    rng = np.random.default_rng(seed)
    park = read_park(testing.random_table(seed, hours=hours))
    inputs = gather(park)
    program = Program(park.components, nodes=park.nodes, time=park.time)
    whole = hours // DAY
    group = rng.permutation(np.arange(whole) % groups)
    middle = np.array([np.flatnonzero(group == one)[0] for one in range(groups)])
    at = np.arange(hours)
    if hours % DAY:
        group, middle = np.append(group, groups), np.append(middle, whole)
    classes = Classes(at // DAY, at % DAY, group)
    if alike:
        inputs = made_alike(program, inputs, Typical(classes, middle, "mean"))
    lp = program.fill(inputs.values)
    return program, lp, classes, fold(program, lp, classes)


def tied(program, lp, classes):
    """The reference: the whole LP, and a row for every flow of every step that ties it to the first of its kind."""
    step = classes.of_step
    _, first = np.unique(step, return_index=True)
    others = np.setdiff1d(np.arange(len(step)), first)
    blocks = [b for b in program.columns.values() if b.over == "step" and b.sort != "level"]
    one = np.concatenate([b.first + others for b in blocks])
    other = np.concatenate([b.first + first[step[others]] for b in blocks])
    rows = lp.shape[0] + np.arange(len(one))
    matrix = by_columns(
        np.concatenate((lp.index.astype(np.int64), rows, rows)),
        np.concatenate((lp.column, one, other)),
        np.concatenate((lp.value, np.ones(len(one)), -np.ones(len(one)))),
        shape=(lp.shape[0] + len(one), lp.shape[1]),
    )
    nought = np.zeros(len(one))
    start, index, value = matrix
    bounds = {name: np.append(getattr(lp, name), nought) for name in ("row_lower", "row_upper")}
    return replace(lp, start=start, index=index, value=value, **bounds)


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, groups=st.integers(1, 6), hours=st.sampled_from([48, 52]))
def test_it_is_the_whole_lp_with_flows_tied(seed, groups, hours):
    program, lp, classes, found = folded(seed, hours=hours, groups=groups)
    right = Solver(tied(program, lp, classes), presolve=True).run()
    short = found.solve()
    assert short.termination == right.termination
    if right.optimal:
        assert short.objective_cny == pytest.approx(right.objective_cny, rel=1e-7, abs=0.05)


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS)
def test_the_plan_is_one_of_the_whole_horizon(seed):
    program, lp, classes, found = folded(seed, groups=2)
    plan = found.solve()
    assert plan.optimal
    for values, low, high in ((plan.columns, lp.lower, lp.upper), (plan.rows, lp.row_lower, lp.row_upper)):
        size = 1e-6 * np.maximum(1.0, np.abs(values))
        assert (values >= low - size).all()
        assert (values <= high + size).all()
    assert lp.cost @ plan.columns + lp.offset == pytest.approx(plan.objective_cny, rel=1e-9, abs=1e-3)
    for block in program.columns.values():
        if block.sort == "flow":
            flow = plan.columns[block.slice]
            first = np.unique(classes.of_step, return_index=True)[1]
            np.testing.assert_array_equal(flow, flow[first][classes.of_step])
    assert found.lp.shape[0] < lp.shape[0]


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_a_class_of_its_own_for_each_period_changes_nothing(seed):
    _, lp, _, found = folded(seed, groups=6, alike=False)
    assert found.solve().objective_cny == pytest.approx(Solver(lp).run().objective_cny, rel=1e-8, abs=0.05)


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_shared_duals_prove_the_plan(seed):
    """Without stores and peaks each step stands alone: the plan is the optimum of the whole LP, by its duals."""
    park = read_park(testing.random_table(seed, hours=48, stores=False, peaks=False))
    inputs = gather(park)
    program = Program(park.components, nodes=park.nodes, time=park.time)
    at = np.arange(48)
    classes = Classes(at // DAY, at % DAY, np.array([0, 1, 0, 1, 0, 1]))
    inputs = made_alike(program, inputs, Typical(classes, np.array([0, 1]), "mean"))
    prices = Typical(classes, np.array([0, 1]), "mean").alike(np.asarray(inputs.values["grid"]["energy_cny_per_mw"]))
    sales = Typical(classes, np.array([0, 1]), "mean").alike(np.asarray(inputs.values["grid"]["sale_cny_per_mw"]))
    inputs = inputs.with_numbers({"grid": {"energy_cny_per_mw": prices, "sale_cny_per_mw": sales}})
    lp = program.fill(inputs.values)
    plan = fold(program, lp, classes).solve()
    assert plan.objective_cny == pytest.approx(Solver(lp).run().objective_cny, rel=1e-8, abs=0.05)
    assert duality_gap(lp, plan) <= 1e-7
