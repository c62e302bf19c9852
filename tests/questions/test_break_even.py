"""Break-even: by hand, exact where it is linear, and honest where something never or always pays."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

import parksim as ps
from parks import HORIZON, two_hours
from parksim import testing
from parksim.errors import InputError, StructureChanged
from parksim.park import read_park
from parksim.questions.break_even import break_even
from parksim.questions.tables import BreakEvenTable

SEEDS = st.integers(0, 10_000)
CAPEX = "components.store.size.energy_max_mwh.capex_cny"
WEAR = "components.store.wear_cny_per_mwh"


def sizable(capex, *, rate=0.0, life=1.0, om=0.0, power_capex=0.0, **more):
    """The two hours with a battery that has size entries; it saves 1,500 - 700 = 800 CNY over the horizon."""
    table = two_hours(sizing={"discount_rate": rate}, **more)
    size = {"energy_max_mwh": {"max": 20.0, "capex_cny": capex, "life_years": life, "om_cny_per_year": om}}
    if power_capex:
        size["power_max_mw"] = {"max": 20.0, "capex_cny": power_capex, "life_years": life}
    table["components"]["store"]["size"] = size
    return read_park(table)


def test_the_capital_cost_at_which_a_battery_pays():
    found = ps.break_even(sizable(1.0), field=CAPEX, between=(0.0, 1e6))
    assert float(found["break_even"]) == pytest.approx(800.0 / (9.0 * HORIZON))
    assert (str(found["outcome"].item()), str(found["way"].item())) == ("pays below", "exact")
    assert found["break_even"].attrs["units"] == "CNY MWh-1"
    # the first unit: 5 MW and 9 MWh times e, 5 e MWh of surplus kept, 0.8 of it given back at 300
    assert float(found["first"]) == pytest.approx(5.0 * 0.8 * 300.0 / (9.0 * HORIZON))
    assert found["value"].to_numpy() == pytest.approx([0.0, 800.0 / (9.0 * HORIZON), 1e6])
    assert found["net"].to_numpy() == pytest.approx([800.0, 0.0, 800.0 - 1e6 * 9.0 * HORIZON], abs=1e-6)


def test_interest_upkeep_and_the_other_entry_are_paid_first():
    rate, life, om, power = 0.07, 15.0, 2_000.0, 1_000.0
    found = break_even(sizable(1.0, rate=rate, life=life, om=om, power_capex=power), field=CAPEX, between=(0.0, 1e7))
    factor = rate / (1.0 - (1.0 + rate) ** -life)
    left = 800.0 - HORIZON * (9.0 * om + 5.0 * power * factor)
    assert float(found["break_even"]) == pytest.approx(left / (9.0 * factor * HORIZON))


@pytest.mark.parametrize("share", [0.999, 1.001])
def test_below_the_break_even_the_battery_pays_and_above_it_does_not(share):
    """Held against a plan of its own: the sized cost of this battery against none."""
    at = float(break_even(sizable(1.0), field=CAPEX, between=(0.0, 1e6))["break_even"])
    with_it = 700.0 + share * at * 9.0 * HORIZON
    assert (with_it < 1_500.0) == (share < 1.0)


@pytest.mark.parametrize(("share", "built"), [(0.999, True), (1.001, False)])
def test_the_best_size_is_above_zero_just_below_the_first_unit(share, built):
    found = break_even(sizable(1.0), field=CAPEX, between=(0.0, 1e6))
    table = sizable(share * float(found["first"])).tables()
    # power at no cost would be free to grow: held to the proportion written, by a cost of its own as high as needed
    table["components"]["store"]["power_max_mw"] = 5.0
    size = ps.size(read_park(table), within=()).capacities["components.store.energy_max_mwh"]
    value = 240.0 / HORIZON  # 0.8 * 300 CNY for each MWh of surplus kept, with the power at hand
    assert (share * float(found["first"]) < value) == (size > 1e-6)
    assert float(found["first"]) < value
    assert built == (share < 1.0)


@pytest.mark.parametrize(("between", "outcome"), [((5e5, 1e6), "never pays"), ((1.0, 3e5), "always pays")])
def test_outside_the_range_it_never_or_always_pays(between, outcome):
    found = break_even(sizable(1.0), field=CAPEX, between=between)
    assert math.isnan(float(found["break_even"]))
    assert str(found["outcome"].item()) == outcome
    assert found["value"].to_numpy().tolist() == [*between]


def test_lifetime_and_interest_have_roots_of_the_annuity():
    # 800 CNY pay 9 MWh of 2 million CNY over L years: 9 * 2e6 / L * HORIZON = 800
    found = break_even(sizable(2e6), field="components.store.size.energy_max_mwh.life_years", between=(1.0, 50.0))
    assert float(found["break_even"]) == pytest.approx(9.0 * 2e6 * HORIZON / 800.0, rel=1e-6)
    assert (str(found["outcome"].item()), found.attrs["unit"]) == ("pays above", "year")
    found = break_even(sizable(2e6, life=20.0), field="sizing.discount_rate", between=(0.0, 0.5), component="store")
    rate = float(found["break_even"])
    assert 9.0 * 2e6 * rate / (1.0 - (1.0 + rate) ** -20.0) * HORIZON == pytest.approx(800.0, rel=1e-5)
    assert str(found["outcome"].item()) == "pays below"


def test_the_wear_at_which_a_battery_without_cost_is_no_longer_used():
    """Surplus kept earns 300 less wear, and nothing once that is nought."""
    found = break_even(read_park(two_hours()), field=WEAR, between=(0.0, 1_000.0))
    assert float(found["break_even"]) == pytest.approx(300.0, rel=1e-5)
    assert (str(found["outcome"].item()), str(found["way"].item())) == ("pays below", "searched")
    assert np.all(np.diff(found["saving"].to_numpy()) <= 1e-6)


def test_the_wear_at_which_a_battery_no_longer_pays_for_itself():
    """800 - 4 w CNY saved where all 4 MWh given back pay, 200 CNY to own: w = 150."""
    found = break_even(sizable(200.0 / (9.0 * HORIZON)), field=WEAR, between=(0.0, 1_000.0))
    assert float(found["break_even"]) == pytest.approx(150.0, rel=1e-6)


def test_a_capacity_has_a_size_from_which_on_it_no_longer_pays():
    """Power at 50 CNY a MW: it saves no more than with enough of it, and pays until that is spent on it."""
    table = two_hours(sizing={"discount_rate": 0.0})
    entry = {"max": 99.0, "capex_cny": 50.0 / HORIZON, "life_years": 1.0}
    table["components"]["store"]["size"] = {"power_max_mw": entry}
    table["components"]["grid"]["import_max_mw"] = 9.0
    found = break_even(read_park(table), field="components.store.power_max_mw", between=(1.0, 99.0))
    # with enough power 0.8 (1 + x) is all of the second hour's 5 MWh: x = 5.25, at 525 CNY, and 975 are saved
    assert float(found["break_even"]) == pytest.approx(975.0 / 50.0, rel=1e-5)


def test_a_plant_pays_above_a_tariff():
    """5 MWh of sun used save 5 p; 6 MW cost 500 CNY to own."""
    table = two_hours(store=False, sizing={"discount_rate": 0.0})
    entry = {"max": 9.0, "capex_cny": 500.0 / (6.0 * HORIZON), "life_years": 1.0}
    table["components"]["source"]["size"] = {"power_max_mw": entry}
    field = "tariffs.grid.price_cny_per_mwh"
    found = break_even(read_park(table), field=field, between=(10.0, 900.0), component="source")
    assert float(found["break_even"]) == pytest.approx(100.0, rel=1e-6)
    assert (str(found["outcome"].item()), found.attrs["unit"]) == ("pays above", "CNY MWh-1")


def test_what_a_park_cannot_do_without_always_pays():
    table = two_hours(short=0.0, sizing={"discount_rate": 0.0})
    table["components"]["grid"] |= {"import_max_mw": 2.5}
    table["components"]["store"]["size"] = {"energy_max_mwh": {"max": 20.0, "capex_cny": 1.0, "life_years": 1.0}}
    found = break_even(read_park(table), field=CAPEX, between=(0.0, 1e9))
    assert str(found["outcome"].item()) == "always pays"
    assert float(found["first"]) == math.inf


@settings(max_examples=8, deadline=None)
@given(seed=SEEDS)
def test_on_random_parks_the_net_at_the_break_even_is_nought_and_the_first_unit_saves_most(seed):
    table = testing.random_table(seed)
    if "battery" not in table["components"]:
        return
    battery = table["components"]["battery"]
    battery["auxiliary_fraction"] = 0.0
    battery.pop("energy_start_fraction", None)
    battery.pop("energy_end_fraction", None)
    table["sizing"] = {"discount_rate": 0.06}
    battery["size"] = {"energy_max_mwh": {"max": 99.0, "capex_cny": 1e5, "life_years": 12.0}}
    field = "components.battery.size.energy_max_mwh.capex_cny"
    found = break_even(read_park(table), field=field, between=(-1e9 * 0.0, 1e9))
    at, first = float(found["break_even"]), float(found["first"])
    saving = float(found["saving"][0])
    without = {**table, "components": {n: c for n, c in table["components"].items() if n != "battery"}}
    apart = testing.solved(without).solution.objective_cny - testing.solved(table).solution.objective_cny
    assert saving == pytest.approx(apart, rel=1e-6, abs=0.05)
    if np.isnan(at):  # it saves so much load that it pays at any price looked at
        assert str(found["outcome"].item()) in {"always pays", "never pays"}
    elif saving > 1.0:
        battery["size"]["energy_max_mwh"]["capex_cny"] = at
        size = read_park(table).components["battery"].size["energy_max_mwh"]
        year = 24.0 / 8760.0
        assert size.annuity_cny(0.06) * battery["energy_max_mwh"] * year == pytest.approx(saving, rel=1e-6)
        assert first >= at * (1.0 - 1e-6)


# bad input


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"field": WEAR, "between": (5.0, 1.0)}, "between: got [5.0, 1.0], must be two numbers, the smaller first"),
        ({"field": "tariffs.grid.price_cny_per_mwh"}, "belongs to no component. Name the one that is to pay"),
        ({"field": WEAR, "component": "stoer"}, "no component 'stoer'. Did you mean 'store'"),
        ({"field": "components.demand.power_mw"}, "demand has no capacity above 0"),
        ({"field": "components.store.wear"}, "Did you mean 'wear_cny_per_mwh'"),
        ({"field": CAPEX}, "store has no such `size` entry. There are: none"),
        ({"field": "sizing.discount_rate", "component": "store"}, "store has no `size` entry"),
        ({"field": "components.store.eff_in", "between": (0.5, 1.5)}, "got 1.5, must lie in (0, 1]"),
    ],
)
def test_bad_questions_are_told_before_anything_is_solved(how, said, monkeypatch):
    monkeypatch.setattr("parksim.questions.break_even._cost", None)
    with pytest.raises(InputError) as error:
        break_even(read_park(two_hours()), **{"between": (0.0, 1.0), **how})
    assert said in str(error.value)


def test_numbers_of_a_size_entry_that_cost_nothing_are_refused():
    for key, said in (("max", "costs nothing"), ("capex", "Did you mean 'capex_cny'")):
        with pytest.raises(InputError) as error:
            break_even(sizable(1.0), field=f"components.store.size.energy_max_mwh.{key}", between=(0.0, 1.0))
        assert said in str(error.value)


def test_structure_cannot_break_even():
    with pytest.raises(StructureChanged):
        break_even(read_park(two_hours()), field="time.year", between=(2024, 2026), component="store")


def test_the_table_of_a_study():
    assert BreakEvenTable(field=WEAR, between=[0.0, 1.0]).component is None
    with pytest.raises(ValidationError):
        BreakEvenTable(field=WEAR, between=[0.0])
