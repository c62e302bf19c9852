"""Pareto fronts: by hand, convex, never dominated, with ends that separate solves confirm and slopes that are duals."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

import parksim as ps
from parks import HORIZON, two_hours
from parksim import testing
from parksim.errors import InputError, NoSolution
from parksim.lp.highs import Solver
from parksim.park import read_park
from parksim.questions.pareto import FIELDS, pareto
from parksim.questions.tables import ParetoTable

SEEDS = st.integers(0, 10_000)
some = settings(max_examples=8, deadline=None)


def chords(front):
    """Slopes between neighbouring points, per unit by which the criterion tightens."""
    cost, limit = front["cost"].to_numpy(), front["limit"].to_numpy()
    return np.diff(cost) / np.abs(np.diff(limit))


@pytest.mark.parametrize(
    ("against", "ends", "cost", "slope"),
    [
        ("import_mwh", (5.0, 4.2), (700.0, 1_260.0), 700.0),
        ("co2_t", (2.5, 2.1), (700.0, 1_260.0), 1_400.0),
        ("green_share", (0.5, 0.58), (700.0, 1_260.0), 7_000.0),
        # p in the first hour, 5 - 0.8 (1 + p) in the second: even at 4.2 / 1.8
        ("peak_import_mw", (4.0, 4.2 / 1.8), (700.0, 1_260.0 - 140.0 * 4.2 / 1.8), 140.0),
    ],
)
def test_two_hours_by_hand(against, ends, cost, slope):
    front = ps.pareto(read_park(two_hours()), against=against, points=5)
    assert front.sizes["point"] == 5
    assert front["limit"].to_numpy() == pytest.approx(np.linspace(*ends, 5), rel=1e-6)
    assert front["criterion"].to_numpy() == pytest.approx(np.linspace(*ends, 5), rel=1e-6)
    assert front["cost"].to_numpy() == pytest.approx(np.linspace(*cost, 5), rel=1e-6)
    assert front["price"].to_numpy()[1:-1] == pytest.approx(slope, rel=1e-6)
    assert front["unserved"].to_numpy() == pytest.approx(0.0, abs=1e-6)
    assert front.attrs["field"] == f"limits.{FIELDS[against][0]}"


def test_the_green_share_is_at_least_what_was_made_sure():
    front = pareto(read_park(two_hours()), against="green_share", points=5)
    assert (front["green_share"] >= front["limit"] - 1e-9).all()
    # nothing bought goes through the store at the far end: there the two agree
    assert float(front["green_share"][-1]) == pytest.approx(0.58, rel=1e-6)


def test_a_park_that_has_no_choice_has_one_point():
    front = pareto(read_park(two_hours(store=False)), against="co2_t")
    assert front.sizes["point"] == 1
    assert float(front["cost"][0]) == pytest.approx(1_500.0)


def test_of_plans_of_equal_cost_the_first_point_needs_least():
    """At 240 and 300 CNY/MWh a MWh through the store costs as much as one bought later: 5 MWh or 4.2."""
    front = pareto(read_park(two_hours(price=(240.0, 300.0))), against="import_mwh")
    assert front["limit"].to_numpy() == pytest.approx([4.2])
    flat = pareto(read_park(two_hours(price=(240.0, 300.0))), against="peak_import_mw", points=3)
    assert float(flat["limit"][0]) == pytest.approx(4.2 / 1.8)


def test_limits_of_the_park_stay_in_force():
    """At most 3 MW: x up to 3, so the front begins at 4.8 MWh and 840 CNY."""
    park = read_park(two_hours(limits={"import_peak_max_mw": 3.0}))
    front = pareto(park, against="import_mwh", points=3)
    assert front["limit"].to_numpy()[0] == pytest.approx(4.8)
    assert front["cost"].to_numpy()[0] == pytest.approx(840.0)
    # 4.2 - 0.8 x may be 3 at most: x is 1.5 at least
    assert front["limit"].to_numpy()[-1] == pytest.approx(4.2 + 0.2 * 1.5)
    own = pareto(read_park(two_hours(limits={"import_max_mwh": 4.6})), against="import_mwh", points=3)
    assert own["limit"].to_numpy() == pytest.approx([4.6, 4.4, 4.2])


def test_a_year_and_the_next_are_each_held_to_the_limit():
    table = two_hours()
    table["time"] |= {"first_day": "12-31", "hours": 48}
    for name, field in (("source", "available"), ("demand", "power_mw")):
        values = table["components"][name][field]
        table["components"][name][field] = [values[0]] * 24 + [values[1]] * 24
    table["tariffs"]["grid"]["price_cny_per_mwh"] = [100.0] * 24 + [300.0] * 24
    front = pareto(read_park(table), against="import_mwh", points=3)
    ds = ps.solve(read_park(table))
    power = ds["power"].sel(flow="grid.buy").to_numpy()
    assert front["limit"].to_numpy()[0] == pytest.approx(max(power[:24].sum(), power[24:].sum()))


# on random parks


def least_by_its_own_lp(table, against):
    """The least criterion with no more unserved than in the cheapest plan, by another formulation of the same."""
    found = testing.solved(table)
    program, lp, upper = found.program, found.lp, found.lp.upper.copy()
    for block in program.columns.values():
        if block.role == "unserved":
            upper[block.slice] = found.solution.columns[block.slice]
    if against == "peak_import_mw":
        lows, highs = 0.0, float(upper[program.columns["grid.buy"].slice].max())
        for _ in range(60):
            middle = 0.5 * (lows + highs)
            tight = upper.copy()
            tight[program.columns["grid.buy"].slice] = np.minimum(tight[program.columns["grid.buy"].slice], middle)
            if Solver(replace(lp, upper=tight)).run().optimal:
                highs = middle
            else:
                lows = middle
        return highs
    weights = {"import_mwh": 1.0, "co2_t": 0.5}[against]
    aim = replace(lp, upper=upper, cost=program.role_weights({"import": weights}), offset=0.0)
    return Solver(aim).run().objective_cny


@some
@given(seed=SEEDS, against=st.sampled_from([*FIELDS]))
def test_fronts_are_convex_rise_and_have_the_dual_as_slope(seed, against):
    park = read_park(testing.random_table(seed))
    front = pareto(park, against=against, points=6)
    cost, price = front["cost"].to_numpy(), front["price"].to_numpy()
    slack = 1e-6 * max(1.0, abs(cost[0]))
    assert cost[0] == pytest.approx(ps.solve(park).attrs["objective_cny"], rel=1e-7, abs=1e-3)
    if front.sizes["point"] == 1:
        return
    slope, step = chords(front), np.abs(np.diff(front["limit"].to_numpy()))
    assert (np.diff(cost) >= -slack).all(), "a tighter limit never costs less"
    assert (np.diff(slope) * step[1:] >= -2.0 * slack).all(), "convex"
    for at in range(1, len(cost) - 1):
        low, high = slope[at - 1] - slack / step[at - 1], slope[at] + slack / step[at]
        assert low <= price[at] <= high, "the dual is a slope between those beside it"


@some
@given(seed=SEEDS, against=st.sampled_from(["import_mwh", "co2_t", "peak_import_mw"]))
def test_the_far_end_is_the_least_possible(seed, against):
    table = testing.random_table(seed)
    front = pareto(read_park(table), against=against, points=2)
    if float(front["unserved"][0]) > 1e-6:
        return  # plans of equal cost may leave demand unserved in other steps, and allow another least
    right = least_by_its_own_lp(table, against)
    assert float(front["limit"][-1]) == pytest.approx(right, rel=1e-5, abs=1e-4)


@some
@given(seed=SEEDS)
@example(seed=151)  # a store's own use makes it buy more than is served: no share can be made sure, not even of nothing
def test_no_greener_plan_is_possible_beyond_the_far_end(seed):
    table = testing.random_table(seed)
    front = pareto(read_park(table), against="green_share", points=2)
    best = float(front["limit"][-1])
    if best >= 1.0 - 1e-6 or float(front["unserved"][0]) > 0.0:
        return
    table["limits"] = {"green_share_min": min(1.0, best + 1e-3)}
    table["components"].pop("shortfall")
    with pytest.raises(NoSolution):
        ps.solve(read_park(table))


# sized parks


def sizable(**more):
    """The two hours, with 100 CNY a MWh and 1 CNY a MW of battery over the horizon.

    With x MWh bought for the store: bought 4.2 + 0.2 x, and 1,260 - 140 x + 101 (1 + x) = 1,361 - 39 x CNY.
    """
    table = two_hours(sizing={"discount_rate": 0.0}, **more)
    table["components"]["store"]["size"] = {
        "energy_max_mwh": {"max": 9.0, "capex_cny": 100.0 / HORIZON, "life_years": 1.0},
        "power_max_mw": {"max": 5.0, "capex_cny": 1.0 / HORIZON, "life_years": 1.0},
    }
    return table


def test_a_sized_front_by_hand():
    front = pareto(read_park(sizable()), against="import_mwh", points=5, sized=True)
    assert front["limit"].to_numpy() == pytest.approx([5.0, 4.8, 4.6, 4.4, 4.2], rel=1e-4)
    assert front["cost"].to_numpy() == pytest.approx(1_361.0 - 39.0 * np.arange(4.0, -1.0, -1.0), rel=1e-4)
    assert front["price"].to_numpy()[1:] == pytest.approx(195.0, rel=1e-4)
    energy = front["capacity"].sel(size="components.store.energy_max_mwh").to_numpy()
    assert energy == pytest.approx([5.0, 4.0, 3.0, 2.0, 1.0], rel=2e-3)
    assert front["owning"].to_numpy() == pytest.approx(101.0 * energy, rel=5e-3)


@pytest.mark.parametrize("against", ["import_mwh", "co2_t", "peak_import_mw"])
@pytest.mark.parametrize("seed", [5, 11])
def test_every_point_of_a_sized_front_is_the_sized_park_at_its_limit(seed, against):
    table = testing.random_table(seed)
    table["sizing"] = {"discount_rate": 0.06}
    sizes = {"import_max_mw": {"max": 60.0, "capex_cny": 2e6, "life_years": 30.0}}
    table["components"]["grid"]["size"] = sizes
    if "sun" in table["components"]:
        entry = {"power_max_mw": {"max": 60.0, "capex_cny": 2e6, "life_years": 25.0}}
        table["components"]["sun"]["size"] = entry
    front = pareto(read_park(table), against=against, points=4, sized=True, gap=1e-7)
    assert (np.diff(front["cost"]) >= -1e-4 * abs(front["cost"].to_numpy()[0])).all()
    for point in range(front.sizes["point"]):
        limits = {FIELDS[against][0]: float(front["limit"][point])}
        best = ps.size(read_park({**table, "limits": limits}), gap=1e-7, within=()).ds.attrs["objective_cny"]
        assert float(front["cost"][point]) == pytest.approx(best, rel=1e-5, abs=0.1)


def test_whole_modules_have_a_front_without_prices():
    table = sizable()
    table["components"]["store"]["size"]["energy_max_mwh"]["step"] = 2.0
    front = pareto(read_park(table), against="import_mwh", points=3, sized=True)
    modules = front["capacity"].sel(size="components.store.energy_max_mwh").to_numpy() / 2.0
    assert modules == pytest.approx(np.rint(modules))
    assert front["price"].isnull().all()


def test_a_sized_front_against_the_green_share_is_refused_with_a_way_out():
    with pytest.raises(InputError, match="Take import_mwh"):
        pareto(read_park(sizable()), against="green_share", sized=True)
    with pytest.raises(InputError, match="has nothing to size"):
        pareto(read_park(two_hours()), sized=True)


def test_progress_is_told_point_by_point():
    said = []
    pareto(read_park(two_hours()), points=3, progress=said.append)
    assert said[-3:] == ["point 1 of 3", "point 2 of 3", "point 3 of 3"]


# bad input


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"against": "co2"}, "against: got 'co2', must be of co2_t, green_share"),
        ({"points": 1}, "points: got 1, must be a whole number of 2 or more"),
        ({"points": 2.5}, "points: got 2.5"),
    ],
)
def test_bad_questions_are_told(how, said):
    with pytest.raises(InputError) as error:
        pareto(read_park(two_hours()), **how)
    assert said in str(error.value)


def test_a_park_without_a_yardstick_has_no_front_against_co2():
    with pytest.raises(InputError, match=r"limits\.co2_max_t: CO2 needs a yardstick"):
        pareto(read_park(two_hours(yardsticks={})))


def test_a_park_without_a_plan_says_why():
    table = two_hours(short=0.0)
    table["components"]["grid"]["import_max_mw"] = 1.0
    with pytest.raises(NoSolution) as error:
        pareto(read_park(table))
    assert error.value.suspects


def test_the_table_of_a_study():
    assert ParetoTable(against="green_share").points == 11
    with pytest.raises(ValidationError):
        ParetoTable(against="cost")
    with pytest.raises(ValidationError):
        ParetoTable(against="co2_t", points=1)
