"""Prices of what couples pieces: found where a slow search finds them, with as many limits and years as there are."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from parksim import testing
from parksim.lp import decompose, search
from parksim.lp.highs import Solver
from parksim.lp.ladder import Ladder
from parksim.lp.prices import Master, _around, _met, sizes
from parksim.lp.rung import Rung
from parksim.lp.search import EACH, _sample, find_prices

HOURS = 24 * 33
VALUE_OF_LOST_LOAD = 200_000.0  # dear enough for monthly charges of a quarter of an hour


def bought(program, columns, name="grid"):
    return float(columns[program.columns[f"{name}.buy"].slice].sum()) * program.step_h


def unlimited(seed, *, hours=HOURS, first_day="01-31", contract=False):
    """Make a park that can buy what it needs, without limits over the year."""
    table = testing.random_table(seed, hours=hours)
    table["time"]["first_day"] = first_day
    table["components"]["grid"] |= {"import_max_mw": 60.0, "import_available": 1.0}
    table["components"]["grid"].pop("import_energy_max_mwh", None)
    table["components"]["shortfall"]["price_cny_per_mwh"] = VALUE_OF_LOST_LOAD
    if not contract:
        table["components"].pop("contract", None)
    return table


def capped(table, share, *, names=("grid",)):
    """Limit what each grid sells in a year to a share of what it would."""
    free = testing.solved(table)
    years = free.program.lengths["year"]
    for name in names:
        cap = share * bought(free.program, free.solution.columns, name) / years
        table["components"][name]["import_energy_max_mwh"] = max(1.0, cap)
    return testing.expand(table)


def by_pieces(program, lp):
    """Solve by pieces, and hold the optimum to a cold one; gives the duals of the limits and how it went."""
    ladder = Ladder(program, lp)
    _, found, told = decompose.solve(ladder, lp)
    cold = Solver(lp).run()
    assert found.optimal
    assert found.objective_cny == pytest.approx(cold.objective_cny, rel=1e-9)
    assert (told.failed, told.afresh) == (0, False)
    limits = [row.slice for name, row in program.rows.items() if name.endswith("import_energy_limit")]
    return np.concatenate([found.row_duals[limit] for limit in limits]), told, cold


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10_000), share=st.sampled_from([0.97, 0.9, 0.6]))
@example(seed=4379, share=0.97)
def test_a_price_found_is_where_a_slow_search_meets_the_limit(seed, share):
    """A little below it all pieces together buy more than the limit, a little above no more."""
    _, _, program, lp = capped(unlimited(seed), share)
    ladder = Ladder(program, lp)
    priced = ladder.priced(lp, np.zeros(len(ladder.rows)))
    work = Rung(priced, ladder, ladder.rungs[0])
    work.solve(None, prices=np.zeros(2), threads=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "ROUNDS", 40)
        patch.setattr(search, "FEW", 0)  # to the last digit
        found = find_prices(work, np.zeros(2), threads=1)
    prices = found.prices
    assert 1 <= found.rounds < 40
    limit = lp.row_upper[program.rows["grid.import_energy_limit"].slice][0]

    def put(factor):
        work.solve(None, prices=factor * prices, threads=1)
        return -work.plans()[1][:, 0].sum()  # what is bought stands with a minus in the row of the year's total

    assert prices[0] > 0.0
    assert prices[1] == pytest.approx(-prices[0])
    assert put(1.0 - 1e-2) >= limit * (1.0 - 1e-9)  # the search ends where it gains little, short of the last digit
    assert put(1.0 + 1e-2) <= limit * (1.0 + 1e-9)


@pytest.mark.parametrize("seed", [2, 5, 8])
def test_two_grids_may_each_have_a_limit(seed):
    table = unlimited(seed)
    rng = np.random.default_rng(seed)
    table["tariffs"]["other"] = {"price_cny_per_mwh": rng.uniform(150.0, 950.0, HOURS).round(2).tolist()}
    table["components"]["other_grid"] = {"kind": "grid", "tariff": "other", "import_max_mw": 15.0}
    _, _, program, lp = capped(table, 0.8, names=("grid", "other_grid"))
    duals, told, cold = by_pieces(program, lp)
    assert len(duals) == 2
    assert (duals < -1.0).all()
    assert told.rounds > 1
    assert told.iterations < 0.2 * cold.iterations


def test_a_limit_beside_a_contract_that_is_paid_whether_or_not_it_is_taken():
    table = unlimited(3, contract=True)
    table["components"]["contract"] |= {"take_or_pay_fraction": 0.8, "take_or_pay_cny_per_mwh": 60.0}
    _, _, program, lp = capped(table, 0.7)
    duals, told, cold = by_pieces(program, lp)
    assert (duals < -1.0).all()
    assert told.iterations < 0.2 * cold.iterations


def test_every_calendar_year_has_a_limit_and_a_price_of_its_own():
    """October to March: months are asked, a sample of them first."""
    table = unlimited(4, hours=24 * 181, first_day="10-01")
    _, _, program, lp = capped(table, 0.85)
    ladder = Ladder(program, lp)
    assert ladder.searched == 1
    work = Rung(ladder.priced(lp, np.zeros(4)), ladder, ladder.rungs[1])
    work.solve(None, prices=np.zeros(4), threads=1)
    master = Master(work.lp, work.cut, begin=np.zeros(4))
    master.know(*work.plans(), prices=np.zeros(4))
    totals, limits = (program.rows[f"grid.{name}"].slice for name in ("buy_per_year_sum", "import_energy_limit"))
    where = np.searchsorted(ladder.rows, [[totals.start, limits.start], [totals.start + 1, limits.start + 1]])
    assert [sorted(group.tolist()) for group in master._groups()] == where.tolist()
    duals, told, cold = by_pieces(program, lp)
    assert len(duals) == 2
    assert (duals < -1.0).all()
    assert abs(duals[0] - duals[1]) > 10.0
    assert told.iterations < 0.05 * cold.iterations


def test_a_limit_so_low_that_load_is_shed():
    """The price is what a lost MWh costs, less what it would have cost to buy."""
    _, _, program, lp = capped(unlimited(6), 0.3)
    duals, told, _ = by_pieces(program, lp)
    assert 0.9 * VALUE_OF_LOST_LOAD < -duals[0] < VALUE_OF_LOST_LOAD
    assert told.rounds < 16


def test_a_limit_that_does_not_bind_costs_one_question():
    _, _, program, lp = capped(unlimited(6), 1.5)
    duals, told, _ = by_pieces(program, lp)
    assert duals == pytest.approx(0.0)
    assert told.rounds == 1


def test_quarters_of_an_hour_may_have_a_limit_too():
    """22 days; the year is measured in benchmarks/growth.py."""
    table = testing.finer(unlimited(3, hours=24 * 22), 4)
    _, _, program, lp = capped(table, 0.8)
    duals, told, cold = by_pieces(program, lp)
    assert (duals < -1.0).all()
    assert told.rounds > 1
    assert told.iterations < 0.2 * cold.iterations


@pytest.mark.parametrize("times", [1, 4])
def test_the_dearest_price_is_that_of_lost_load_whatever_the_step(times):
    """Costs and coefficients of a step are both by its length."""
    table = testing.finer(unlimited(3, hours=24 * 22), times)
    table["components"]["grid"]["import_energy_max_mwh"] = 1.0
    _, _, program, lp = testing.expand(table)
    ladder = Ladder(program, lp)
    usual, dearest = sizes(ladder.priced(lp, np.zeros(2)), ladder.rungs[0])
    assert dearest[0] == pytest.approx(VALUE_OF_LOST_LOAD)
    price = np.array(table["tariffs"]["t"]["price_cny_per_mwh"])
    assert usual[0] == pytest.approx(np.median(price), rel=1e-6)


def test_a_master_keeps_to_its_box_until_a_price_stands_at_the_edge_twice():
    """Plans at one price say nothing of how dear the limit is; plans on both sides say it exactly."""
    _, _, program, lp = capped(unlimited(3), 0.9)
    ladder = Ladder(program, lp)
    cut = ladder.rungs[0]
    work = Rung(ladder.priced(lp, np.zeros(2)), ladder, cut)
    usual, dearest = sizes(work.lp, cut)
    master, prices = Master(work.lp, cut, begin=np.zeros(2)), np.zeros(2)
    work.solve(None, prices=prices, threads=1)
    costs, puts = work.plans()
    assert master.propose(costs, puts, prices=prices)
    assert master.at_edge
    assert master.prices[0] == pytest.approx(usual[0])
    assert master.propose(costs, puts, prices=master.prices)  # plans that do not move
    assert master.prices[0] == pytest.approx(dearest[0] - usual[0])
    none = np.zeros_like(puts)
    assert master.propose(costs + 300.0 * np.abs(puts[:, 0]), none, prices=master.prices)
    assert not master.at_edge
    assert master.prices[0] == pytest.approx(300.0)


@pytest.mark.parametrize(
    ("part", "missed", "where"),
    [
        (0.5, (-1.0, 1.0), 0.5),  # a line: the secant
        (0.5, (-1.0, 3.0), 0.25),
        (0.3, (-1.0, 0.0), 0.3),  # one end is met: the master's own
        (1.0 / 3.0, (-1.0, 2.0), 1.0 / 9.0),  # a root: 1/3 = x ** 0.5
        (2.0 / 3.0, (2.0, -1.0), (2.0 / 3.0) ** 0.5),  # a parabola: 2/3 = x ** 2
    ],
)
def test_a_curve_meets_zero_where_its_power_says(part, missed, where):
    assert _met(part, [*missed]) == pytest.approx(where)


def test_prices_around_lie_on_one_line_and_are_the_nearest():
    asked = np.array([[0.0, 0.0], [10.0, -10.0], [4.0, -4.0], [6.0, -6.0], [5.0, -1.0]])
    assert set(_around(asked, np.array([5.0, -5.0]))) == {2, 3}
    assert _around(asked, np.array([11.0, -11.0])) is None
    assert _around(asked, np.array([5.0, -3.0])) is None


@pytest.mark.parametrize("pieces", [6, 12, 31])
def test_a_sample_stands_for_all(pieces):
    rng = np.random.default_rng(pieces)
    puts = np.column_stack((rng.uniform(1.0, 2.0, pieces), np.zeros(pieces)))
    sample, weight = _sample(puts)
    assert len(sample) == pieces // EACH
    assert weight @ puts[sample, 0] == pytest.approx(puts[:, 0].sum())
    puts[sample] = 0.0  # nothing to scale by: each stands for its group
    assert _sample(puts)[1].sum() == pytest.approx(pieces)
