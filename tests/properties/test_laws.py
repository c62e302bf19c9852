"""Laws that every park obeys, whatever its numbers: held on random small parks."""

from copy import deepcopy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parksim import testing
from parksim.components import KINDS
from parksim.fields import fields_of

SEEDS = st.integers(0, 10_000)
some = settings(max_examples=15, deadline=None)
EXTENSIVE = {"MW", "MWh", "MVA"}
"""Units of fields that say how much there is of a component."""


def cost(table):
    found = testing.solved(table).solution
    assert found.optimal
    return found.objective_cny


def same(left, right):
    return left == pytest.approx(right, rel=1e-9, abs=1e-6)


def times(value, factor):
    return [factor * item for item in value] if isinstance(value, list) else factor * value


def without_starts(table):
    for entry in table["components"].values():
        entry.pop("energy_start_fraction", None)
        entry.pop("energy_end_fraction", None)
    return table


def each_series(table):
    """Every profile of a park: the table it stands in, its field, its values."""
    for section in ("components", "tariffs"):
        for entry in table[section].values():
            for name, value in entry.items():
                if isinstance(value, list) and len(value) > 1:
                    yield entry, name, value


@some
@given(seed=SEEDS, factor=st.floats(0.01, 100.0))
def test_all_prices_times_k_cost_k_times_as_much(seed, factor):
    table = testing.random_table(seed)
    assert same(cost(testing.scaled(table, factor)), factor * cost(table))


@some
@given(seed=SEEDS, factor=st.floats(0.1, 10.0))
def test_a_park_k_times_as_large_costs_k_times_as_much(seed, factor):
    """Every MW and MWh times k; shares, efficiencies and prices stay."""
    table = testing.random_table(seed)
    larger = deepcopy(table)
    for entry in larger["components"].values():
        for field, doc in fields_of(KINDS[entry["kind"]]).items():
            if doc.unit in EXTENSIVE and entry.get(field) is not None:
                entry[field] = times(entry[field], factor)
    assert same(cost(larger), factor * cost(table))


@some
@given(seed=SEEDS, share=st.floats(0.05, 0.95))
def test_a_component_in_two_parts_changes_nothing(seed, share):
    """Each component in turn becomes two, of ``share`` and the rest of its MW and MWh."""
    table = testing.random_table(seed)
    whole = cost(table)
    for name, entry in table["components"].items():
        parted = deepcopy(table)
        first, second = parted["components"][name], deepcopy(entry)
        for field, doc in fields_of(KINDS[entry["kind"]]).items():
            if doc.unit in EXTENSIVE and entry.get(field) is not None:
                first[field], second[field] = times(entry[field], share), times(entry[field], 1.0 - share)
        parted["components"]["second"] = second
        assert same(cost(parted), whole), name


@some
@given(seed=SEEDS, shift=st.integers(1, 23))
def test_a_cyclic_horizon_turned_in_time_changes_nothing(seed, shift):
    table = without_starts(testing.random_table(seed, peaks=False))
    turned = deepcopy(table)
    for entry, name, value in list(each_series(turned)):
        entry[name] = value[shift:] + value[:shift]
    assert same(cost(turned), cost(table))


@some
@given(seed=SEEDS)
def test_the_horizon_read_backwards_costs_the_same_without_stores(seed):
    table = testing.random_table(seed, stores=False)
    back = deepcopy(table)
    for entry, name, value in list(each_series(back)):
        entry[name] = value[::-1]
    assert same(cost(back), cost(table))


@some
@given(seed=SEEDS)
def test_two_equal_horizons_cost_twice_as_much(seed):
    """Also with stores: of a plan over both, the mean of its halves is a plan over one."""
    table = without_starts(testing.random_table(seed, peaks=False))
    twice = deepcopy(table)
    twice["time"]["hours"] = 48
    for entry, name, value in list(each_series(twice)):
        entry[name] = value * 2
    assert same(cost(twice), 2.0 * cost(table))


def test_two_equal_years_cost_twice_as_much_with_monthly_and_yearly_terms():
    """Demand charges by month, a cap on energy bought and take-or-pay by year, over 2025 and 2026 (no leap year)."""
    hour = np.arange(8760)
    profile = (10.0 + 4.0 * np.sin(2 * np.pi * hour / 24) + 3.0 * np.cos(2 * np.pi * hour / 8760)).round(3).tolist()
    table = {
        "park": {"name": "years"},
        "site": {"latitude_deg": 28.8, "longitude_deg": 104.6},
        "time": {"year": 2025},
        "seasons": {"wet": [6, 7, 8, 9, 10], "dry": [11, 12, 1, 2, 3, 4, 5]},
        "tariffs": {
            "t": {
                "energy_cny_per_mwh": {"wet": 200.0, "dry": 400.0},
                "demand_cny_per_mw_month": {"wet": 2e4, "dry": 3e4},
            }
        },
        "components": {
            "load": {"kind": "demand", "power_mw": profile},
            "grid": {"kind": "grid", "tariff": "t", "import_max_mw": 12.0, "import_energy_max_mwh": 60_000.0},
            "shortfall": {"kind": "shortfall", "price_cny_per_mwh": 40_000.0},
            "hydro": {
                "kind": "direct_supply",
                "delivery": "line",
                "technology": "hydro",
                "plant": "new",
                "certificate": "none",
                "power_max_mw": 8.0,
                "available": 0.6,
                "price_cny_per_mwh": {"wet": 150.0, "dry": 450.0},
                "take_or_pay_fraction": 0.95,
                "take_or_pay_cny_per_mwh": 30.0,
            },
        },
    }
    one = testing.solved(table)
    table["time"]["years"] = 2
    table["components"]["load"]["power_mw"] = profile * 2
    two = testing.solved(table)
    assert two.program.lengths["year"] == 2
    assert two.program.lengths["month"] == 24
    duals = one.solution.row_duals
    assert duals[one.program.rows["grid.import_energy_limit"].slice] < -1.0, "the yearly cap is tight"
    assert duals[one.program.rows["hydro.take_or_pay"].slice] < -1.0, "take-or-pay is felt"
    assert same(two.solution.objective_cny, 2.0 * one.solution.objective_cny)


def harmless(entry):
    """Whether a component can be left idle at no cost: no own use, nothing to be paid untaken, no level to reach."""
    return not any(entry.get(field) for field in ("auxiliary_fraction", "take_or_pay_fraction", "energy_end_fraction"))


@some
@given(seed=SEEDS)
def test_an_added_option_never_hurts(seed):
    table = testing.random_table(seed)
    for entry in table["components"].values():
        entry.pop("auxiliary_fraction", None)
        entry.pop("loss_per_h", None)  # the least content would have to be kept up
    whole = cost(table)
    for name, entry in table["components"].items():
        if entry["kind"] in {"demand", "shortfall", "grid"} or not harmless(entry):
            continue
        fewer = deepcopy(table)
        del fewer["components"][name]
        assert cost(fewer) >= whole - 1e-9 * abs(whole) - 1e-6, name


@some
@given(seed=SEEDS, order=st.randoms(use_true_random=False))
def test_the_order_of_components_is_irrelevant(seed, order):
    table = testing.random_table(seed)
    names = list(table["components"])
    order.shuffle(names)
    mixed = {**table, "components": {name: table["components"][name] for name in names}}
    assert same(cost(mixed), cost(table))


@some
@given(seed=SEEDS, extra=st.floats(0.1, 5.0))
def test_cost_is_convex_in_the_load(seed, extra):
    """The second MW added in all hours costs at least as much as the first: cost is convex in what is served."""
    table = testing.random_table(seed)
    costs = []
    for added in (0.0, extra, 2.0 * extra):
        more = deepcopy(table)
        more["components"]["load"]["power_mw"] = [mw + added for mw in table["components"]["load"]["power_mw"]]
        costs.append(cost(more))
    assert costs[1] - costs[0] <= costs[2] - costs[1] + 1e-9 * abs(costs[2]) + 1e-6


@some
@given(seed=SEEDS)
def test_finer_steps_never_cost_more_with_lossless_stores(seed):
    """Held profiles: the hourly plan is one of the quarter-hourly ones."""
    table = testing.random_table(seed)
    for entry in table["components"].values():
        entry.pop("loss_per_h", None)
    table["components"]["grid"]["quarter_hour_peak_ratio"] = 1.0
    hourly = cost(table)
    assert cost(testing.finer(table, 4)) <= hourly + 1e-9 * abs(hourly) + 1e-6
