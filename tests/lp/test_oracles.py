"""The answer held against other ways to it: another solver's algorithm, the conditions of an optimum, small changes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import csc_array

from parksim import results, testing
from parksim.lp.highs import Solver, duality_gap

SEEDS = st.integers(0, 10_000)
few = settings(max_examples=12, deadline=None)


def matrix_of(lp):
    return csc_array((lp.value, lp.index, lp.start), shape=lp.shape)


def by_linprog(lp, method):
    """Solve the same arrays with SciPy."""
    matrix = matrix_of(lp).tocsr()
    equal = lp.row_lower == lp.row_upper
    above, below = ~equal & np.isfinite(lp.row_upper), ~equal & np.isfinite(lp.row_lower)
    found = linprog(
        lp.cost,
        A_ub=np.vstack([matrix[above].toarray(), -matrix[below].toarray()]),
        b_ub=np.concatenate([lp.row_upper[above], -lp.row_lower[below]]),
        A_eq=matrix[equal].toarray(),
        b_eq=lp.row_upper[equal],
        bounds=np.column_stack([lp.lower, lp.upper]),
        method=method,
    )
    assert found.status == 0, found.message
    return found.fun + lp.offset


@few
@given(seed=SEEDS, method=st.sampled_from(["highs-ipm", "highs-ds"]))
def test_scipy_finds_the_same_optimum(seed, method):
    lp = testing.expand(testing.random_table(seed))[3]
    assert Solver(lp).run().objective_cny == pytest.approx(by_linprog(lp, method), rel=1e-7, abs=1e-6)


@few
@given(seed=SEEDS)
def test_the_answer_meets_the_conditions_of_an_optimum(seed):
    """Feasible in columns and rows, stationary, and each multiplier on the bound its sign points to."""
    found = testing.solved(testing.random_table(seed, hours=30))  # two months: 31 January and 1 February
    lp, solution = found.lp, found.solution
    matrix = matrix_of(lp)
    rows = matrix @ solution.columns
    np.testing.assert_allclose(rows, solution.rows, atol=1e-6)
    for value, low, high in ((solution.columns, lp.lower, lp.upper), (rows, lp.row_lower, lp.row_upper)):
        assert (value >= low - 1e-6).all()
        assert (value <= high + 1e-6).all()
    scale = np.abs(lp.cost).max()
    stationary = lp.cost - matrix.T @ solution.row_duals - solution.reduced_costs
    np.testing.assert_allclose(stationary, 0.0, atol=1e-9 * scale)
    for dual, value, low, high in (
        (solution.reduced_costs, solution.columns, lp.lower, lp.upper),
        (solution.row_duals, rows, lp.row_lower, lp.row_upper),
    ):
        np.testing.assert_allclose(value[dual > 1e-6], low[dual > 1e-6], atol=1e-6)
        np.testing.assert_allclose(value[dual < -1e-6], high[dual < -1e-6], atol=1e-6)
    worth = lp.cost @ solution.columns + lp.offset
    assert worth == pytest.approx(solution.objective_cny, rel=1e-12)


@few
@given(seed=SEEDS)
def test_the_duality_gap_is_zero(seed):
    found = testing.solved(testing.random_table(seed))
    assert duality_gap(found.lp, found.solution) < 1e-9


def test_the_duality_gap_sees_wrong_duals_and_wrong_values():
    found = testing.solved(testing.random_table(2))
    solution, duals = found.solution, found.solution.row_duals.copy()
    duals[int(np.argmax(np.abs(duals * found.lp.row_upper)))] = 0.0
    reduced = solution.reduced_costs + matrix_of(found.lp).T @ (solution.row_duals - duals)
    tampered = type(solution)(**{**vars(solution), "row_duals": duals, "reduced_costs": 0.99 * reduced})
    assert duality_gap(found.lp, tampered) > 1e-3
    dearer = type(solution)(**{**vars(solution), "objective_cny": 1.01 * solution.objective_cny})
    assert duality_gap(found.lp, dearer) == pytest.approx(0.01 / 1.01)


def objective_with(found, component, name, change):
    """The optimum after one number is changed by ``change(array)``."""
    values = {c: dict(numbers) for c, numbers in found.inputs.values.items()}
    number = np.array(values[component][name], float)
    values[component][name] = change(number)
    changed = Solver(found.program.fill(values)).run()
    return changed.objective_cny if changed.optimal else np.inf


def shifted(step, by):
    def change(number):
        number[step] += by
        return number

    return change


@few
@given(seed=SEEDS, step=st.integers(0, 23), minutes=st.sampled_from([15, 60]))
def test_the_price_of_a_node_is_what_one_more_mwh_drawn_costs(seed, step, minutes):
    """price = d(objective) / d(energy drawn): at least the slope to the left, at most the slope to the right."""
    found = testing.solved(testing.random_table(seed, hours=24, step_minutes=minutes))
    at, by = step * 60 // minutes, 1e-3  # 1 kW: the optimum is piecewise linear, and its corners lie further apart
    base = found.solution.objective_cny
    energy = by * found.program.step_h
    balance = found.program.rows["electricity.balance"].slice
    price = found.solution.row_duals[balance][at] / found.program.step_h
    left = (base - objective_with(found, "load", "power_mw", shifted(at, -by))) / energy
    right = (objective_with(found, "load", "power_mw", shifted(at, by)) - base) / energy
    slack = 1e-6 * max(1.0, abs(price)) + 1e-9 * abs(base) / energy
    assert left - slack <= price <= right + slack


@few
@given(seed=SEEDS, step=st.integers(0, 23))
def test_a_reduced_cost_is_what_one_more_mw_of_limit_saves(seed, step):
    """d(objective) / d(upper bound) <= 0 between the slopes to the left and to the right."""
    found = testing.solved(testing.random_table(seed))
    rating = found.park.components["grid"].import_max_mw
    base, by = found.solution.objective_cny, 1e-4
    value = found.solution.reduced_costs[found.program.columns["grid.buy"].slice][step]
    at_limit = min(value, 0.0)  # a positive one belongs to the lower bound
    left = (base - objective_with(found, "grid", "import_available", shifted(step, -by))) / (by * rating)
    right = (objective_with(found, "grid", "import_available", shifted(step, by)) - base) / (by * rating)
    slack = 1e-6 * max(1.0, abs(value)) + 1e-9 * abs(base) / (by * rating)
    assert left - slack <= at_limit <= right + slack
    assert right <= slack, "a looser limit never costs more"


@few
@given(seed=SEEDS, minutes=st.sampled_from([15, 60]))
def test_the_dataset_tells_prices_per_mwh_and_duals_as_the_solver_gave_them(seed, minutes):
    """A load of 1 MW more in every step, over all of them: the mean of the prices told, between both slopes."""
    found = testing.solved(testing.random_table(seed, hours=12, step_minutes=minutes))
    ds = results.build(found.park, found.program, found.inputs, found.lp, found.solution, found.solution)
    base, by = found.solution.objective_cny, 1e-3
    less, more = (objective_with(found, "load", "power_mw", lambda mw, d=d: mw + d) for d in (-by, by))
    energy = by * 12.0
    price = float(ds["price"].sel(node="electricity").mean())
    slack = 1e-6 * max(1.0, abs(price)) + 1e-9 * abs(base) / energy
    assert (base - less) / energy - slack <= price <= (more - base) / energy + slack
    np.testing.assert_array_equal(
        ds["reduced_cost"].sel(flow="grid.buy"), found.solution.reduced_costs[found.program.columns["grid.buy"].slice]
    )
    np.testing.assert_array_equal(
        ds["row_dual"].sel(row="grid.peak_limit"), found.solution.row_duals[found.program.rows["grid.peak_limit"].slice]
    )


def test_the_dual_of_an_annual_cap_is_what_one_more_mwh_saves():
    """Of 6 MWh wanted, 4 may be bought: one more saves the shortfall's 1,000 less the dear hour's 300."""
    case = testing.CASES["grid"][3]
    found = testing.solved(case.park())
    row = found.program.rows["grid.import_energy_limit"].first
    assert found.solution.row_duals[row] == pytest.approx(-700.0)
    more = objective_with(found, "grid", "import_energy_max_mwh", lambda cap: cap + 0.5)
    assert more - found.solution.objective_cny == pytest.approx(-350.0)


def test_a_warm_start_gives_the_optimum_of_the_new_numbers():
    """Another year's prices handed to a solver that still holds the last basis: same optimum as solved cold."""
    found = testing.solved(testing.random_table(5))
    solver = Solver(found.lp)
    solver.run()
    values = {c: dict(n) for c, n in found.inputs.values.items()}
    values["grid"]["energy_cny_per_mw"] = found.inputs.values["grid"]["energy_cny_per_mw"][::-1].copy()
    other = found.program.fill(values)
    solver.set_costs(other.cost, offset=other.offset)
    warm, cold = solver.run(), Solver(other).run()
    assert warm.objective_cny == pytest.approx(cold.objective_cny, rel=1e-9)
    assert warm.objective_cny != pytest.approx(found.solution.objective_cny, rel=1e-3)


@few
@given(seed=SEEDS)
def test_inequalities_are_kept_as_at_most_so_that_their_duals_are_never_positive(seed):
    found = testing.solved(testing.random_table(seed))
    unequal = found.lp.row_lower != found.lp.row_upper
    assert np.isinf(found.lp.row_lower[unequal]).all()
    assert (found.solution.row_duals[unequal] <= 1e-7).all()


@few
@given(seed=SEEDS)
def test_two_ways_to_one_optimum_agree_in_cost_and_one_way_agrees_bit_for_bit(seed):
    """Optima tie, so plans from different bases may differ; from the same basis, on one thread, nothing does."""
    lp = testing.expand(testing.random_table(seed))[3]
    cold, again, presolved = Solver(lp).run(), Solver(lp).run(), Solver(lp, presolve=True).run()
    assert presolved.objective_cny == pytest.approx(cold.objective_cny, rel=1e-9)
    assert again.columns.tobytes() == cold.columns.tobytes()
    assert again.row_duals.tobytes() == cold.row_duals.tobytes()
