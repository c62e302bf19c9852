"""Equal-cost optima: the tie is as wide as constructed, and the greenest of them is taken at the same cost."""

import json
from copy import deepcopy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parksim import api, testing
from parksim.accounts.summary import summarise
from parksim.components._cases import demand, grid, micro
from parksim.lp.highs import Solver
from parksim.lp.ties import settle
from parksim.park import read_park
from parksim.slices import DatasetSlice

TERMS = {"delivery": "line", "technology": "hydro", "plant": "new", "certificate": "none"}


def contract(**fields):
    return {"name": "hydro", "kind": "direct_supply", "power_max_mw": 6.0, "available": [1.0, 0.5], **TERMS, **fields}


def store(**fields):
    plain = {"power_max_mw": 1.0, "energy_max_mwh": 10.0, "eff_in": 1.0, "eff_out": 1.0}
    return {"name": "battery", "kind": "battery", **plain, **fields}


def told(ds):
    return json.loads(ds.attrs["ties"])


def test_of_two_equal_prices_the_green_one_is_taken_and_the_width_is_exact():
    """4 MW for two hours at 100 from either side; the contract can give 4 and 3: bought is 1 to 8 MWh."""
    table = micro(
        grid(price_cny_per_mwh=[100.0, 100.0]), contract(price_cny_per_mwh=100.0), demand(power_mw=[4.0, 4.0])
    )
    ds = api.solve(read_park(table))
    tie = told(ds)
    assert tie["bought_mwh"] == pytest.approx([1.0, 8.0], abs=1e-9)
    assert tie["green_supply_width_mwh"] == pytest.approx(7.0, abs=1e-9)
    assert tie["storage_throughput_width_mwh"] == 0.0
    np.testing.assert_allclose(DatasetSlice(ds, "hydro").power("take"), [4.0, 3.0], atol=1e-9)
    np.testing.assert_allclose(DatasetSlice(ds, "grid").power("buy"), [0.0, 1.0], atol=1e-9)
    figures = summarise(ds)
    assert figures["green_supply_mwh"] == pytest.approx(7.0, abs=1e-9)
    assert figures["cost_cny"]["total"] == pytest.approx(800.0, rel=1e-9)
    assert ds.attrs["objective_cny"] == pytest.approx(800.0, rel=1e-9)
    assert max(figures["audit"]["largest"].values()) < 1e-9


@pytest.mark.parametrize(("price", "bought"), [(99.0, 1.0), (101.0, 8.0)])
def test_where_one_side_is_cheaper_there_is_no_tie(price, bought):
    table = micro(
        grid(price_cny_per_mwh=[100.0, 100.0]), contract(price_cny_per_mwh=price), demand(power_mw=[4.0, 4.0])
    )
    ds = api.solve(read_park(table))
    assert told(ds)["bought_mwh"] == pytest.approx([bought, bought], abs=1e-9)
    assert told(ds)["green_supply_width_mwh"] == pytest.approx(0.0, abs=1e-9)


def test_a_store_that_costs_nothing_may_circle_and_is_left_still():
    """Lossless, flat price: each hour 0 to 1 MW may go round, 0 to 2 MWh of throughput; the least is taken."""
    table = micro(grid(price_cny_per_mwh=[100.0, 100.0]), store(), demand(power_mw=[4.0, 4.0]))
    ds = api.solve(read_park(table))
    assert told(ds)["moved_mwh"] == pytest.approx([0.0, 2.0], abs=1e-9)
    assert told(ds)["storage_throughput_width_mwh"] == pytest.approx(2.0, abs=1e-9)
    assert DatasetSlice(ds, "battery").energy_mwh("discharge") == pytest.approx(0.0, abs=1e-9)


def test_wear_ends_the_circling():
    table = micro(grid(price_cny_per_mwh=[100.0, 100.0]), store(wear_cny_per_mwh=1.0), demand(power_mw=[4.0, 4.0]))
    assert told(api.solve(read_park(table)))["storage_throughput_width_mwh"] == pytest.approx(0.0, abs=1e-9)


def test_the_tie_ends_where_a_peak_or_a_cap_would_be_paid_for():
    """The first hour must buy 2 MW, so the second may buy up to 2 at the same price; a third would raise the peak."""
    table = micro(
        grid(price_cny_per_mwh=[100.0, 100.0], demand_cny_per_mw_month=7_440.0),
        contract(price_cny_per_mwh=100.0, power_max_mw=4.0, available=[0.5, 1.0]),
        demand(power_mw=[4.0, 4.0]),
    )
    ds = api.solve(read_park(table))
    assert told(ds)["bought_mwh"] == pytest.approx([2.0, 4.0], abs=1e-9)
    assert DatasetSlice(ds, "grid").energy_mwh("buy") == pytest.approx(2.0, abs=1e-9)
    assert float(ds["cost"].sum()) == pytest.approx(840.0, rel=1e-9)  # 8 MWh * 100 + 2 MW * 7,440 * 2 / 744


def equal_priced(seed):
    """A random park whose contract and whose grid cost the same in every hour."""
    table = testing.random_table(seed)
    components = table["components"]
    components["contract"] = {
        "kind": "direct_supply",
        "power_max_mw": 12.0,
        "available": [0.1 * (hour % 9) for hour in range(24)],
        "price_cny_per_mwh": 300.0,
        **TERMS,
    }
    table["tariffs"]["t"]["price_cny_per_mwh"] = [300.0] * 24
    return table


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_settled_plan_costs_the_same_and_none_of_equal_cost_buys_less(seed):
    """The walk over the optimal face agrees with a second LP that holds the cost by a row of its own."""
    found = testing.solved(equal_priced(seed))
    solver = Solver(found.lp)
    first = solver.run()
    ties = settle(found.program, found.lp, solver, first)
    bought = found.program.role_weights({"import": 1.0, "unserved": 1.0})
    assert ties.solution.objective_cny == pytest.approx(first.objective_cny, rel=1e-9)
    assert found.lp.cost @ ties.solution.columns + found.lp.offset == pytest.approx(first.objective_cny, rel=1e-9)
    assert bought @ ties.solution.columns == pytest.approx(ties.bought_mwh[0], abs=1e-6)
    assert ties.bought_mwh[0] <= bought @ first.columns + 1e-6
    assert bought @ first.columns <= ties.bought_mwh[1] + 1e-6
    for sign, expected in zip((1.0, -1.0), ties.bought_mwh, strict=True):
        assert sign * least(found.lp, sign * bought, first.objective_cny) == pytest.approx(expected, abs=1e-4)
    np.testing.assert_array_equal(ties.solution.row_duals, first.row_duals)


def least(lp, weights, cost):
    """Least ``weights @ x`` over the plans that cost no more than ``cost`` [per unit]."""
    rows, columns = lp.shape
    counts = np.diff(lp.start)
    start = np.concatenate(([0], np.cumsum(counts + 1))).astype(np.int32)
    index, value = np.empty(len(lp.index) + columns, np.int32), np.empty(len(lp.index) + columns)
    last = start[1:] - 1
    inner = np.ones(len(index), bool)
    inner[last] = False
    index[inner], value[inner] = lp.index, lp.value
    index[last], value[last] = rows, lp.cost
    held = type(lp)(
        start=start,
        index=index,
        value=value,
        cost=weights,
        lower=lp.lower,
        upper=lp.upper,
        row_lower=np.append(lp.row_lower, -np.inf),
        row_upper=np.append(lp.row_upper, cost - lp.offset + 1e-6),
        offset=0.0,
    )
    found = Solver(held, presolve=True).run()
    assert found.optimal
    return found.objective_cny


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_green_supply_never_falls_by_settling(seed):
    """Against the same park with the contract a hair dearer, where the grid is preferred at a cost within 1e-6."""
    table = equal_priced(seed)
    dearer = deepcopy(table)
    dearer["components"]["contract"]["price_cny_per_mwh"] = 300.0 + 1e-5
    green, grey = (summarise(api.solve(read_park(t)))["green_supply_mwh"] for t in (table, dearer))
    assert green >= grey - 1e-6


def test_one_of_the_greenest_plans_is_taken_whatever_basis_the_walk_starts_from():
    """A store full of surplus serves either of three like hours: no role tells their plans apart, small weights do."""
    table = micro(
        grid(price_cny_per_mwh=[100.0] * 6),
        contract(price_cny_per_mwh=0.0, available=[1.0, 1.0, 0.0, 0.0, 0.0, 0.0]),
        store(eff_in=0.9, eff_out=0.9, power_max_mw=4.0, wear_cny_per_mwh=1.0),
        demand(power_mw=[2.0, 2.0, 5.0, 5.0, 5.0, 5.0]),
    )
    park, inputs, program, lp = testing.expand(table)
    del park, inputs
    found = []
    for seed in range(6):
        solver = Solver(lp)
        apart = np.random.default_rng(seed).uniform(-1e-3, 1e-3, len(lp.cost))
        solver.set_costs(lp.cost + apart, offset=0.0)
        solver.run()
        solver.set_costs(lp.cost, offset=lp.offset)
        first = solver.run()
        found.append((first.columns, settle(program, lp, solver, first).solution.columns))
    assert np.ptp([first for first, _ in found], axis=0).max() > 0.1, "all walks start from the same plan"
    assert np.ptp([settled for _, settled in found], axis=0).max() < 1e-9
