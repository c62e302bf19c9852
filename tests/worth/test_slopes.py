"""Slopes of random parks against fresh solves of parks whose tables say another number."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parksim import testing
from parksim.errors import InputError
from parksim.lp.directions import filled
from parksim.lp.slopes import Slopes
from parksim.lp.validity import DRIFT
from parksim.park import read_park
from parksim.questions.worth import worth

SEEDS = st.integers(0, 10_000)
some = settings(max_examples=6, deadline=None)
pytestmark = pytest.mark.filterwarnings("ignore::parksim.errors.ParksimWarning")


def optimum(table):
    """Cost and CO2 of a fresh solve; an infinite cost where there is none."""
    found = testing.solved(table)
    if not found.solution.optimal:
        return np.inf, np.nan
    base = filled(found.program, found.inputs.values)
    return found.solution.objective_cny, float(base.co2 @ found.solution.columns) + base.co2_offset_t


def fresh(table):
    """The optimum of a park read anew, its ties broken."""
    _, inputs, program, _ = testing.expand(table)
    return Slopes(program, filled(program, inputs.values))


def sides(ds):
    """Each number's side: dataset of the number, its slopes, its sign and its reach."""
    for place in range(ds.sizes["field"]):
        one = ds.isel(field=place)
        for side, sign in (("left", -1.0), ("right", 1.0)):
            at = one.sel(side=side)
            if not np.isnan(float(at.cost_slope)):
                yield str(one.field.values), one, at, sign, abs(float(at.valid) - float(one.value))


@some
@given(seed=SEEDS)
def test_cost_moves_along_its_slope_as_far_as_it_is_valid(seed):
    table = testing.random_table(seed)
    ds = worth(read_park(table))
    cost = optimum(table)[0]
    for path, one, at, sign, reach in sides(ds):
        size = abs(float(one.value)) or 1.0
        way = min(0.9 * reach, 10.0 * size)
        if way < 1e-6 * size:
            continue
        try:
            there = optimum(testing.moved(table, path, float(one.value) + sign * way, sort=str(one.sort.values)))[0]
        except InputError:  # a park so changed is refused as a whole, such as a money pump
            continue
        told = cost + sign * way * float(at.cost_slope)
        drift = DRIFT / 0.9 if float(at.drift) > 0.0 else 1e-7
        wide = 2e-8 * abs(cost) + drift * abs(told - cost)
        assert abs(there - told) <= wide + 1e-5, (path, sign, reach, float(at.cost_slope), (there - cost) / way * sign)


@some
@given(seed=SEEDS, make=st.sampled_from([testing.random_table, testing.at_limits, testing.tight]))
def test_slopes_left_and_right_are_those_of_fresh_solves(seed, make):
    """At the limits of fields too, and infinite where a fresh solve finds no plan."""
    table = make(seed)
    ds = worth(read_park(table))
    cost = optimum(table)[0]
    for path, one, at, sign, reach in sides(ds):
        size = abs(float(one.value)) or 1.0
        way = min(1e-5 * size, 0.9 * reach if reach > 0.0 else np.inf)
        there = optimum(testing.moved(table, path, float(one.value) + sign * way, sort=str(one.sort.values)))[0]
        slope = float(at.cost_slope)
        found = sign * (there - cost) / way
        noise = 1e-9 * abs(cost) / way
        if np.isfinite(slope) and np.isfinite(found):
            assert found == pytest.approx(slope, rel=1e-3, abs=1e-3 + noise), (path, sign, reach)
        else:
            assert found == slope, (path, sign, found, slope)


@some
@given(seed=SEEDS)
def test_co2_moves_along_its_slope_as_far_as_it_is_valid(seed):
    table = testing.random_table(seed)
    ds = worth(read_park(table))
    co2 = optimum(table)[1]
    for path, one, at, sign, reach in sides(ds):
        size = abs(float(one.value)) or 1.0
        way = min(0.5 * reach, 1e-4 * size)
        if way < 1e-6 * size or not np.isfinite(float(at.cost_slope)):
            continue
        there = optimum(testing.moved(table, path, float(one.value) + sign * way, sort=str(one.sort.values)))[1]
        told = co2 + sign * way * float(at.co2_slope) + float(at.co2_jump)
        assert there == pytest.approx(told, abs=1e-6 * max(abs(co2), 1.0) + 1e-2 * abs(told - co2)), (path, sign, reach)


@some
@given(seed=SEEDS)
def test_a_longer_way_costs_at_least_or_at_most_what_the_slope_says(seed):
    table = testing.random_table(seed)
    ds = worth(read_park(table))
    cost = optimum(table)[0]
    for path, one, at, sign, _ in sides(ds):
        sense = str(one.sense.values)
        assert sense in {"at least", "at most", "exact", "about"}
        if sense in {"exact", "about"} or not np.isfinite(float(at.cost_slope)):
            continue
        way = 0.01 * (abs(float(one.value)) or 1.0)
        try:
            there = optimum(testing.moved(table, path, float(one.value) + sign * way, sort=str(one.sort.values)))[0]
        except InputError:
            continue
        beyond = there - cost - sign * way * float(at.cost_slope)
        small = 1e-7 * abs(cost)
        assert beyond >= -small if sense == "at least" else beyond <= small, (path, sign, sense, beyond)


@some
@given(seed=SEEDS, make=st.sampled_from([testing.random_table, testing.under_weather]))
def test_what_a_little_changes_is_solved_where_no_bound_is_known(seed, make):
    table = make(seed)
    ds = worth(read_park(table))
    here, seen = fresh(table), 0
    for place in range(ds.sizes["field"]):
        one = ds.isel(field=place)
        if str(one.sense.values) != "exact":
            continue
        for side, sign in (("left", -1.0), ("right", 1.0)):
            told, told_t = (float(one[name].sel(side=side)) for name in ("cost_little", "co2_little"))
            if np.isnan(told):
                continue
            new = float(one.value) + sign * float(one.little)
            there = fresh(testing.moved(table, str(one.field.values), new, sort=str(one.sort.values)))
            change = there.objective_cny - here.objective_cny
            assert told == pytest.approx(change, abs=2e-8 * abs(here.objective_cny)), (str(one.field.values), side)
            assert told_t == pytest.approx(there.co2_t - here.co2_t, abs=1e-6), (str(one.field.values), side)
            seen += 1
    assert seen
