"""A new case starts from the solved ones that it is most like; the optimum is that of a fresh solve."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parksim import testing
from parksim.lp import recall, warm
from parksim.lp.highs import Solver
from parksim.lp.ladder import Ladder
from parksim.lp.recall import Recall
from parksim.lp.sample import sample_of
from parksim.lp.warm import Warm

HOURS, TURN = 24 * 59, 24 * 29
"""Length of the park, and where its last month begins [h]."""


@pytest.fixture
def walking(monkeypatch):
    """Let every new case walk to its optimum, however long, so that iterations tell how near it began."""
    monkeypatch.setattr(warm, "WALK", 10.0)


def park(seed=3, *, peaks=True, **grid):
    table = testing.random_table(seed, hours=HOURS, peaks=peaks)
    table["components"]["grid"] |= grid
    return testing.expand(table)


def changed(inputs, program, *, load=1.0, price=1.0, steps=slice(None)):
    """Move load and price of some steps."""
    values = {name: dict(numbers) for name, numbers in inputs.values.items()}
    for component, number, factor in (("load", "power_mw", load), ("grid", "energy_cny_per_mw", price)):
        moved = values[component][number].copy()
        moved[steps] *= factor
        values[component][number] = moved
    return program.fill(values)


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10_000), cap=st.booleans())
def test_every_answer_is_that_of_a_fresh_solve(seed, cap):
    """Whatever it starts from; with rows that couple all months, and a case without an optimum between."""
    _, inputs, program, _ = park(seed, **({"import_energy_max_mwh": 4_000.0} if cap else {}))
    rng, used = np.random.default_rng(seed), []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recall, "WORTH", 0)
        near = Recall.near
        patch.setattr(Recall, "near", lambda self, given: used.append(near(self, given)) or used[-1])
        held = Warm(program, remember=3)
        for turn in range(7):
            other = changed(inputs, program, load=rng.uniform(0.4, 1.0), price=rng.choice([-1.0, 0.3, 1.0, 2.0]))
            if turn == 4:
                lower = other.lower.copy()
                lower[program.columns["load.use"].slice] = other.upper[program.columns["load.use"].slice] + 1.0
                other = replace(other, lower=lower)
            answer, fresh = held.solve(other), Solver(other).run()
            assert answer.solution.optimal == fresh.optimal == (turn != 4)
            if fresh.optimal:
                assert answer.solution.objective_cny == pytest.approx(fresh.objective_cny, rel=1e-9, abs=1e-6)
    assert any(found is not None for found in used)


@pytest.mark.usefixtures("walking")
def test_a_case_solved_before_is_found_again():
    """Two cases far apart by turns: from the third on, each starts from its own basis and has nothing left to do."""
    _, inputs, program, _ = park(peaks=False)
    cases = [changed(inputs, program), changed(inputs, program, load=0.5, price=3.0)] * 2
    held, forgetful = Warm(program, remember=5), Warm(program)
    found = [held.solve(case).solution.iterations for case in cases]
    alone = [forgetful.solve(case).solution.iterations for case in cases]
    assert found[1] == alone[1] > 500
    assert max(found[2:]) <= 5
    assert min(alone[2:]) > 500


@pytest.mark.usefixtures("walking")
def test_months_come_from_the_cases_that_agree_best_there():
    """One case changed until the last month, another in it: a third, with both, takes each where it belongs."""
    _, inputs, program, plain = park(peaks=False)
    change = {"load": 0.5, "price": 3.0}
    parts = [changed(inputs, program, **change, steps=steps) for steps in (slice(0, TURN), slice(TURN, None))]
    both = changed(inputs, program, **change)
    held, forgetful = Warm(program, remember=5), Warm(program)
    for lp in (plain, *parts):
        held.solve(lp)
        forgetful.solve(lp)
    assert held.solve(both).solution.iterations < 0.2 * forgetful.solve(both).solution.iterations


@pytest.mark.usefixtures("walking")
def test_the_oldest_is_forgotten():
    _, inputs, program, _ = park(peaks=False)
    numbers = ((1.0, 1.0), (0.5, 3.0), (0.8, 0.2))
    cases = [changed(inputs, program, load=load, price=price) for load, price in numbers]
    held = Warm(program, remember=2)
    for case in cases:
        held.solve(case)
    assert held.solve(cases[1]).solution.iterations <= 5
    assert held.solve(cases[0]).solution.iterations > 100


@pytest.mark.usefixtures("walking")
def test_what_another_solver_kept_serves_as_well():
    _, inputs, program, _ = park(peaks=False)
    plain, far = changed(inputs, program), changed(inputs, program, load=0.5, price=3.0)
    one, other = Warm(program, remember=5), Warm(program, remember=5)
    one.solve(plain)
    one.solve(far)
    other.solve(plain)
    other.recall.learn(one.learnt)
    assert other.solve(far).solution.iterations <= 5
    assert other.solve(far).solution.iterations == 0


@pytest.mark.usefixtures("walking")
def test_a_solver_whose_own_case_is_forgotten_starts_from_another():
    """What it learns from others may push its own out; its own basis is then no longer trusted to be near."""
    _, inputs, program, _ = park(peaks=False)
    plain, far = changed(inputs, program), changed(inputs, program, load=0.5, price=3.0)
    one, other = Warm(program, remember=5), Warm(program, remember=1)
    one.solve(far)
    other.solve(plain)
    other.recall.learn(one.learnt)
    assert other.solve(far).solution.iterations <= 5
    assert other.solve(plain).solution.objective_cny == pytest.approx(Solver(plain).run().objective_cny, rel=1e-9)


def test_the_basis_remembered_is_the_one_kept():
    """In two bits a status, and back."""
    _, _, program, lp = park()
    ladder = Ladder(program, lp)
    memory, solver = Recall(program, ladder, lp, size=3), Solver(ladder.priced(lp, np.zeros(len(ladder.rows))))
    basis = solver.basis(solver.run())
    assert memory.near(lp) is None
    memory.keep(basis, np.zeros(0), np.zeros(0))
    found = memory._joined(0, np.zeros(len(memory._members), int))
    assert np.array_equal(found.columns, basis.columns)
    assert np.array_equal(found.rows, basis.rows)


def test_a_sample_of_all_steps_is_the_whole():
    _, _, program, lp = testing.expand(testing.random_table(5, hours=48))
    whole = sample_of(program, lp, np.arange(48)).of(lp)
    for name in ("start", "index", "value", "cost", "lower", "upper", "row_lower", "row_upper"):
        assert np.array_equal(getattr(whole, name), getattr(lp, name)), name


@pytest.mark.parametrize(("hours", "days"), [(24 * 30, 1 + 2 + 1), (24 * 59, 1 + 2 + 2), (24 * 31 + 5, 1 + 2 + 2)])
def test_the_sample_is_a_few_days(hours, days):
    """Of the last day of a month, a whole one, and what follows."""
    _, _, program, lp = testing.expand(testing.random_table(3, hours=hours))
    memory = Recall(program, Ladder(program, lp), lp, size=3)
    assert memory.scale == pytest.approx(hours / (24 * days))


def test_a_short_horizon_remembers_nothing():
    _, _, program, lp = testing.expand(testing.random_table(5, hours=48))
    held = Warm(program, remember=5)
    held.solve(lp)
    assert held.solve(lp).solution.optimal
