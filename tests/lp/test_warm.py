"""The solver that stays alive: the objective of a fresh solve after every change, whichever way it takes."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parksim import testing
from parksim.lp import warm
from parksim.lp.highs import Solver
from parksim.lp.warm import Warm

SEEDS = st.integers(0, 10_000)


def moved(inputs, rng):
    """Move random numbers of random components, coefficients of the matrix among them."""
    values = {name: dict(numbers) for name, numbers in inputs.values.items()}
    for name in rng.choice([*values], size=2):
        for number in rng.choice([*values[name]], size=2):
            if number.endswith(("fraction", "cover")) or number in {"peak_ratio"}:
                continue
            values[name][number] = values[name][number] * rng.uniform(0.8, 1.1)
    return values


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, hours=st.sampled_from([24, 24 * 33]))
def test_every_answer_is_that_of_a_fresh_solve(seed, hours):
    _, inputs, program, lp = testing.expand(testing.random_table(seed, hours=hours))
    held, rng = Warm(program), np.random.default_rng(seed)
    held.solve(lp)
    for _ in range(3):
        other = program.fill(moved(inputs, rng))
        answer, fresh = held.solve(other), Solver(other).run()
        assert answer.solution.termination == fresh.termination
        if fresh.optimal:
            assert answer.solution.objective_cny == pytest.approx(fresh.objective_cny, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("walk", [0.0, 1.0])
def test_both_ways_lead_to_the_optimum(monkeypatch, walk):
    monkeypatch.setattr(warm, "WALK", walk)
    monkeypatch.setattr(warm, "LEAST", 1 if walk == 0.0 else 100_000)
    table = testing.random_table(3, hours=24 * 33)
    _, inputs, program, lp = testing.expand(table)
    held = Warm(program)
    assert held.solve(lp).way == "pieces"
    values = {name: dict(numbers) for name, numbers in inputs.values.items()}
    values["load"]["power_mw"] = 0.7 * values["load"]["power_mw"]
    other = program.fill(values)
    answer = held.solve(other)
    assert answer.way == ("walk" if walk else "pieces again")
    assert answer.solution.objective_cny == pytest.approx(Solver(other).run().objective_cny, rel=1e-9)


def test_where_highs_gives_up_on_the_old_basis_it_starts_from_nothing(monkeypatch):
    """Efficiencies near nought leave a basis that HiGHS cannot go on from (kUnknown); the LP has an optimum."""
    _, inputs, program, lp = testing.expand(testing.random_table(3, hours=24))
    held = Warm(program)
    held.solve(lp)
    monkeypatch.setattr(held.solver, "run", lambda: replace(Solver(lp).run(), termination="kUnknown"))
    values = {name: dict(numbers) for name, numbers in inputs.values.items()}
    values["load"]["power_mw"] = 0.7 * values["load"]["power_mw"]
    other = program.fill(values)
    answer = held.solve(other)
    assert answer.way == "whole"
    assert answer.solution.objective_cny == pytest.approx(Solver(other).run().objective_cny, rel=1e-9)


def bought_at_most(inputs, program, most_mwh):
    values = {name: dict(numbers) for name, numbers in inputs.values.items()}
    values["grid"]["import_energy_max_mwh"] = most_mwh
    return program.fill(values)


@pytest.mark.parametrize("narrow", [0, 1_000_000])
def test_a_limit_of_the_year_may_bind_and_be_slack_again(monkeypatch, narrow):
    """By walking while it may be missed at its price, and by the pieces where that leads too far."""
    monkeypatch.setattr(warm, "NARROW", narrow)
    monkeypatch.setattr(warm, "LEAST", 1 if narrow == 0 else 100_000)
    table = testing.random_table(3, hours=24 * 33)
    table["components"]["grid"] |= {"import_energy_max_mwh": 1e6}
    _, inputs, program, lp = testing.expand(table)
    held, ways = Warm(program), []
    bought = program.columns["grid.buy"].slice
    free = float(held.solve(lp).solution.columns[bought].sum())
    for share in (1.2, 0.7, 0.69, 0.4, 0.41, 1.2):
        other = bought_at_most(inputs, program, share * free)
        answer, fresh = held.solve(other), Solver(other).run()
        assert answer.solution.objective_cny == pytest.approx(fresh.objective_cny, rel=1e-9)
        assert answer.solution.columns[bought].sum() == pytest.approx(min(share, 1.0) * free, rel=1e-6)
        ways.append(answer.way)
    assert ways[0] == "walk"
    assert ways[1] == ways[3] == "pieces again"  # missed by far
    assert ways[2] == ways[4] == ("walk" if narrow else "pieces again")


def test_after_no_solution_the_next_solve_starts_afresh():
    _, _, program, lp = testing.expand(testing.random_table(8, hours=24))
    held = Warm(program)
    held.solve(lp)
    block = next(block for block in program.columns.values() if block.component == "shortfall")
    upper = lp.upper.copy()
    upper[block.slice] = 0.0
    demand = next(block for block in program.columns.values() if block.component == "load")
    lower = lp.lower.copy()
    lower[demand.slice] = upper[demand.slice] = 1e6
    assert held.solve(replace(lp, lower=lower, upper=upper)).solution.termination == "infeasible"
    with pytest.raises(LookupError, match="solve first"):
        _ = held.solver
    again = held.solve(lp)
    assert again.solution.objective_cny == pytest.approx(Solver(lp).run().objective_cny, rel=1e-9)


def test_several_may_run_at_once():
    made = [testing.expand(testing.random_table(seed, hours=24 * 33)) for seed in (1, 2, 3)]
    found: dict[int, float] = {}

    def work(number):
        _, _, program, lp = made[number]
        held = Warm(program, threads=1)
        held.solve(lp)
        found[number] = held.solve(replace(lp, cost=1.5 * lp.cost, offset=1.5 * lp.offset)).solution.objective_cny

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, (_, _, _, lp) in enumerate(made):
        assert found[number] == pytest.approx(1.5 * Solver(lp).run().objective_cny, rel=1e-9)


@pytest.mark.parametrize("hours", [24, 24 * 33])
def test_what_begins_at_the_same_optimum_ends_bit_for_bit_alike(hours):
    """Whatever was solved since, by this solver or not at all."""
    _, inputs, program, lp = testing.expand(testing.random_table(8, hours=hours))
    rng = np.random.default_rng(1)
    others = [program.fill(moved(inputs, rng)) for _ in range(3)]
    held = Warm(program, threads=1)
    assert held.start is None
    held.solve(lp)
    start = held.start
    held.begin(start)
    first = held.solve(others[0]).solution
    for other in others:
        held.solve(other)
    for answer in (held, Warm(program, threads=1)):
        answer.ladder(lp)
        answer.begin(start)
        again = answer.solve(others[0]).solution
        assert again.objective_cny == first.objective_cny
        for name in ("columns", "reduced_costs", "rows", "row_duals"):
            np.testing.assert_array_equal(getattr(again, name), getattr(first, name))
    held.begin(None)
    assert held.start is None
