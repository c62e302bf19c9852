"""Columns that stand fixed are spared to HiGHS; whoever asks the solver sees the whole LP."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parksim import testing
from parksim.lp import highs
from parksim.lp.basis import BASIC
from parksim.lp.highs import Solver, duality_gap
from parksim.lp.program import SparseLP

SEEDS = st.integers(0, 10_000)
few = settings(max_examples=15, deadline=None)


def reduced_costs(lp, row_duals):
    """Recount them from the duals of the rows, column by column."""
    return lp.cost - np.bincount(lp.column, weights=lp.value * row_duals[lp.index], minlength=len(lp.cost))


def rows(lp, columns):
    return np.bincount(lp.index, weights=lp.value * columns[lp.column], minlength=lp.shape[0])


def assert_whole(lp, found):
    """Bounds hold, rows and reduced costs are those of all columns, and the duals prove the optimum."""
    assert found.optimal
    scale = max(1.0, float(np.abs(found.columns).max()))
    assert (found.columns >= lp.lower - 1e-6 * scale).all()
    assert (found.columns <= lp.upper + 1e-6 * scale).all()
    assert found.rows == pytest.approx(rows(lp, found.columns), abs=1e-6 * scale)
    assert found.reduced_costs == pytest.approx(reduced_costs(lp, found.row_duals), abs=1e-6 * np.abs(lp.cost).max())
    assert duality_gap(lp, found) < 1e-9
    assert float(lp.cost @ found.columns) + lp.offset == pytest.approx(found.objective_cny, rel=1e-9, abs=1e-6)


def held_columns(solver):
    return solver.highs.getNumCol()


@few
@given(seed=SEEDS, hours=st.sampled_from([24, 72]))
def test_what_the_solver_tells_is_the_whole_lp(seed, hours):
    lp = testing.expand(testing.random_table(seed, hours=hours))[3]
    solver, whole = Solver(lp, trim=True), Solver(lp)
    found = solver.run()
    assert held_columns(solver) == (lp.lower != lp.upper).sum() < lp.shape[1]
    assert_whole(lp, found)
    assert found.objective_cny == pytest.approx(whole.run().objective_cny, rel=1e-9, abs=1e-6)


@few
@given(seed=SEEDS)
def test_its_basis_is_one_of_the_whole(seed):
    """A solver of all columns that starts from it has nothing left to do, and says the same of what is basic."""
    lp = testing.expand(testing.random_table(seed))[3]
    solver, whole = Solver(lp, trim=True), Solver(lp)
    found = solver.run()
    basis = solver.basis(found)
    assert basis.excess == 0
    whole.begin(basis)
    assert whole.run().iterations == 0
    for mine, theirs in zip(solver.basic(), whole.basic(), strict=True):
        assert np.array_equal(mine, theirs)


@few
@given(seed=SEEDS, most=st.sampled_from([0, 10**9]))
def test_changes_reach_it_in_every_way(seed, most):
    """Of numbers that stay fixed, of columns that begin to move, and of those that stop; at once or one by one."""
    _, inputs, program, lp = testing.expand(testing.random_table(seed))
    rng = np.random.default_rng(seed)
    solver = Solver(lp, trim=True)
    solver.run()
    loads = program.columns["load.use"].slice
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(highs, "MOST", most)
        for loose in (False, True, False):
            values = {name: dict(numbers) for name, numbers in inputs.values.items()}
            values["load"]["power_mw"] = values["load"]["power_mw"] * rng.uniform(0.5, 1.0)
            values["grid"]["energy_cny_per_mw"] = values["grid"]["energy_cny_per_mw"] * rng.uniform(0.5, 1.5)
            other = program.fill(values)
            if loose:
                lower = other.lower.copy()
                lower[loads] = 0.0
                other = replace(other, lower=lower)
            solver.change(other)
            found = solver.run()
            assert_whole(other, found)
            assert found.objective_cny == pytest.approx(Solver(other).run().objective_cny, rel=1e-9, abs=1e-6)


def test_a_fixed_column_that_is_basic_where_it_starts_stays():
    """The basis of a park whose load may be left out, at a price, for the park that must serve it."""
    _, _, program, lp = testing.expand(testing.random_table(3))
    loads = program.columns["load.use"].slice
    lower, cost = lp.lower.copy(), lp.cost.copy()
    lower[loads], cost[loads] = 0.0, -300.0
    loose = replace(lp, lower=lower, cost=cost)
    first = Solver(loose)
    basis = first.basis(first.run())
    assert (basis.columns[loads] == BASIC).any()
    assert (lp.lower == lp.upper)[loads].all()
    for start in (lambda solver: solver.begin(basis), lambda solver: solver.replace(lp, basis)):
        solver = Solver(lp, trim=True)
        start(solver)
        found = solver.run()
        assert_whole(lp, found)
        assert found.objective_cny == pytest.approx(Solver(lp).run().objective_cny, rel=1e-9)


def test_it_can_be_lent_for_other_objectives():
    lp = testing.expand(testing.random_table(3))[3]
    solver, whole = Solver(lp, trim=True), Solver(lp)
    first = solver.run()
    direction = np.random.default_rng(0).uniform(0.5, 1.0, lp.shape[1])
    with solver.lent():
        solver.set_costs(direction, offset=5.0)
        solver.set_row_bounds(lp.row_lower, lp.row_upper)
        found = solver.run()
    whole.set_costs(direction, offset=5.0)
    assert found.objective_cny == pytest.approx(whole.run().objective_cny, rel=1e-9)
    assert found.reduced_costs == pytest.approx(reduced_costs(replace(lp, cost=direction), found.row_duals), abs=1e-6)
    assert solver.run().objective_cny == pytest.approx(first.objective_cny, rel=1e-12)


def test_where_nothing_is_fixed_all_columns_are_handed_over():
    lp = testing.expand(testing.random_table(3))[3]
    loose = replace(lp, lower=np.where(lp.lower == lp.upper, lp.lower - 1.0, lp.lower))
    assert held_columns(Solver(loose, trim=True)) == loose.shape[1]


def two(upper=(3.0, 4.0), lower=(0.0, 0.0)):
    """Two columns to be had at least 1 and 2 of, as cheaply as their bounds allow."""
    return SparseLP(
        start=np.array([0, 1, 2], np.int32),
        index=np.array([0, 1], np.int32),
        value=np.ones(2),
        cost=np.array([-1.0, -1.0]),
        lower=np.array(lower),
        upper=np.array(upper),
        row_lower=np.array([1.0, 2.0]),
        row_upper=np.full(2, np.inf),
        offset=0.0,
    )


@pytest.mark.parametrize("trim", [False, True])
def test_what_highs_refuses_does_not_leave_other_numbers_as_they_were(trim):
    """It drops all bounds of a set of which one is too large; the next answer must know those that were right."""
    solver = Solver(two(), trim=trim)
    assert solver.run().columns == pytest.approx([3.0, 4.0])
    solver.change(two(upper=(5.0, 1e30), lower=(0.0, 1e30)))
    assert solver.run().termination in {"refused", "infeasible"}
    solver.change(two(upper=(5.0, 4.0)))
    assert solver.run().columns == pytest.approx([5.0, 4.0])


@pytest.mark.parametrize("trim", [False, True])
def test_a_solver_recovers_from_a_first_lp_that_is_refused(trim):
    solver = Solver(two(lower=(1e30, 0.0), upper=(1e30, 4.0)), trim=trim)
    assert not solver.proves()
    assert solver.run().termination == "refused"
    solver.change(two())
    assert solver.proves()
    assert solver.run().columns == pytest.approx([3.0, 4.0])


def test_without_a_basis_reduced_costs_still_follow_from_the_duals():
    """Of an interior point without crossover: no column counts as basic, and the duals prove the optimum."""
    lp = testing.expand(testing.random_table(3))[3]
    solver = Solver(lp)
    for name, value in {"solver": "ipm", "run_crossover": "off"}.items():
        solver.set_option(name, value)
    found = solver.run()
    assert not solver.highs.getBasis().valid
    assert not solver.basic()[0].any()
    assert found.reduced_costs == pytest.approx(reduced_costs(lp, found.row_duals), rel=1e-12, abs=1e-9)
    assert duality_gap(lp, found) < 1e-4
