"""Published results that parksim must reproduce: citation, tolerance, and why that tolerance."""

import numpy as np
import pandas as pd
import pytest

from parksim import api, testing
from parksim.accounts.summary import summarise
from parksim.components._cases import demand, grid, micro
from parksim.park import read_park

# --- Electrical Cup 2024, problem A: three parks on a typical day, without storage
#
# Problem A of the 2024 contest in mathematical modelling of the China Electrical Cup (电工杯). Loads and source
# profiles as copied in github.com/Gloridust/shumo.neepu.2024 (exam-A, commit dd7dc76); bought and curtailed energy are
# the results stored there. Energy of the grid costs 1.0, of PV 0.4, of wind 0.5 CNY/kWh. Powers below in MW.
# Tolerance: figures are printed in kWh and CNY with two digits, so half of the last one.

CUP = {
    # park: (PV MW, wind MW), load, generation, bought, curtailed [kWh], cost [CNY]
    "a": ((0.75, 0.0), 7901.0, 3978.08, 4874.12, 951.20, 6084.87),
    "b": ((0.0, 1.0), 7710.0, 6175.20, 2432.30, 897.50, 5071.15),
    "c": ((0.6, 0.5), 7776.0, 6204.63, 2699.39, 1128.02, None),  # the cost depends on which source is curtailed
}
HALF_DIGIT = 0.005 + 1e-6  # one figure lies exactly between two


def cup_park(day, letter, pv_mw, wind_mw):
    parts = [
        grid(price_cny_per_mwh=1000.0, import_max_mw=1.0),
        demand(power_mw=(day[f"park_{letter}_load_kw"] / 1e3).tolist()),
    ]
    for kind, rating, price in (("pv", pv_mw, 400.0), ("wind", wind_mw, 500.0)):
        if rating:
            profile = day[f"park_{letter}_{kind}_pu"].tolist()
            parts.append(
                {"name": kind, "kind": kind, "power_max_mw": rating, "available": profile, "om_cny_per_mwh": price}
            )
    return micro(*parts)


@pytest.mark.records
@pytest.mark.parametrize("letter", CUP)
def test_electrical_cup_parks_without_storage(letter, records):
    day = pd.read_csv(records / "load" / "electrical_cup_2024_a_park_typical_day.csv")
    (pv_mw, wind_mw), load, generation, bought, curtailed, cost = CUP[letter]
    ds = api.solve(read_park(cup_park(day, letter, pv_mw, wind_mw)))
    figures = summarise(ds)
    assert 1e3 * figures["load_mwh"] == pytest.approx(load, abs=1e-6)
    assert 1e3 * (figures["renewable_mwh"] + figures["curtailed_mwh"]) == pytest.approx(generation, abs=HALF_DIGIT)
    assert 1e3 * figures["import_mwh"] == pytest.approx(bought, abs=HALF_DIGIT)
    assert 1e3 * figures["curtailed_mwh"] == pytest.approx(curtailed, abs=HALF_DIGIT)
    if cost is not None:
        assert figures["cost_cny"]["total"] == pytest.approx(cost, abs=HALF_DIGIT)
        return
    # The cheapest way curtails the dearer wind first: 2,699.39 bought, all PV, the rest of the used energy is wind.
    pv = 1e3 * float(ds["power"].sel(flow="pv.make").sum())
    used = generation - curtailed
    assert figures["cost_cny"]["total"] == pytest.approx(bought + 0.4 * pv + 0.5 * (used - pv), abs=2 * HALF_DIGIT)
    assert figures["indicators"]["pv.curtailed_mwh"] <= figures["indicators"]["wind.curtailed_mwh"]


# --- Economic dispatch with linear marginal costs
#
# Each unit is cut into blocks that cost the marginal cost at their middle. For a marginal cost a + b P the cost of
# whole blocks is exact; a unit ends within one block of its optimum, and the price within half a block's rise of
# marginal cost. These are the tolerances.


def blocks(unit, *, first, slope, power_mw, block_mw):
    """Contracts of ``block_mw`` each, at the marginal cost ``first + slope * P`` in the middle of the block."""
    count = round(power_mw / block_mw)
    return [
        {
            "name": f"{unit}_{position}",
            "kind": "direct_supply",
            "delivery": "grid",
            "technology": "mixed",
            "plant": "existing",
            "certificate": "none",
            "power_max_mw": float(block_mw),
            "available": 1.0,
            "price_cny_per_mwh": first + slope * block_mw * (position + 0.5),
        }
        for position in range(count)
    ]


def dispatch(load_mw, *units):
    """Price, power by unit, and cost of one hour."""
    found = testing.solved(micro(demand(power_mw=[float(load_mw)]), *(block for unit in units for block in unit)))
    assert found.solution.optimal
    power = {}
    for label, block in found.program.columns.items():
        unit = label.rpartition("_")[0]
        power[unit] = power.get(unit, 0.0) + float(found.solution.columns[block.slice].sum())
    price = float(found.solution.row_duals[found.program.rows["electricity.balance"].first])
    return price, power, found.solution.objective_cny


BORDURIA = {"first": 10.0, "slope": 0.01}
SYLDAVIA = {"first": 13.0, "slope": 0.02}


@pytest.mark.parametrize(
    ("load_mw", "units", "price", "powers"),
    [
        (500.0, {"borduria": BORDURIA}, 15.00, {"borduria": 500.0}),
        (1500.0, {"syldavia": SYLDAVIA}, 43.00, {"syldavia": 1500.0}),
        (2000.0, {"borduria": BORDURIA, "syldavia": SYLDAVIA}, 24.30, {"borduria": 1433.0, "syldavia": 567.0}),
    ],
    ids=["borduria alone", "syldavia alone", "one market"],
)
def test_borduria_and_syldavia(load_mw, units, price, powers):
    """D. Kirschen, G. Strbac, Fundamentals of Power System Economics, Wiley 2004, section 6.3.1."""
    block_mw = 20.0
    marginal = [blocks(name, power_mw=2000.0, block_mw=block_mw, **unit) for name, unit in units.items()]
    found, power, _ = dispatch(load_mw, *marginal)
    half_block = max(unit["slope"] for unit in units.values()) * block_mw / 2 + 1e-9  # alone, a unit ends on an edge
    assert found == pytest.approx(price, abs=half_block)
    for unit, expected in powers.items():
        assert power[unit] == pytest.approx(expected, abs=block_mw)


UNITS = {
    # unit: MBtu/h = fixed + linear P + square P^2, most MW, fuel cost per MBtu
    "coal": (510.0, 7.20, 0.00142, 600.0, 1.1),
    "oil_a": (310.0, 7.85, 0.00194, 400.0, 1.0),
    "oil_b": (78.0, 7.97, 0.00482, 200.0, 1.0),
}


def test_three_units_of_wood_and_wollenberg():
    """A. J. Wood, B. F. Wollenberg, Power Generation, Operation, and Control, 2nd ed., Wiley 1996, example 3A.

    850 MW: 393.2, 334.6 and 122.2 MW at 9.148 per MWh.
    """
    block_mw, published = 10.0, {"coal": 393.2, "oil_a": 334.6, "oil_b": 122.2}
    curves = {
        unit: {"first": fuel * linear, "slope": 2.0 * fuel * square, "power_mw": most}
        for unit, (_, linear, square, most, fuel) in UNITS.items()
    }
    price, power, cost = dispatch(850.0, *(blocks(unit, block_mw=block_mw, **c) for unit, c in curves.items()))
    assert price == pytest.approx(9.148, abs=max(c["slope"] for c in curves.values()) * block_mw / 2)
    for unit, expected in published.items():
        assert power[unit] == pytest.approx(expected, abs=block_mw)
    by_curve = sum(c["first"] * published[u] + c["slope"] / 2 * published[u] ** 2 for u, c in curves.items())
    assert cost == pytest.approx(by_curve, rel=1e-4)  # within a block of the optimum the cost is flat to second order


# --- When storage pays
#
# R. Sioshansi, P. Denholm, T. Jenkin, J. Weiss, Estimating the value of electricity storage in PJM: Arbitrage and some
# welfare effects, Energy Economics 31 (2009), 269-277, https://doi.org/10.1016/j.eneco.2008.10.005: a store that takes
# prices as given moves energy where the dear price times the round trip exceeds the cheap one, with perfect foresight.
# Exact, so the tolerance is that of the solver.

ROUND_TRIP = 0.8
CHEAP, DEAR = 40.0, 100.0


def arbitrage(cheap, dear, **fields):
    """A 1 MW store of 8 hours beside a flat load, 12 cheap hours before 12 dear ones."""
    store = {
        "name": "store",
        "kind": "battery",
        "power_max_mw": 1.0,
        "energy_max_mwh": 8.0 * np.sqrt(ROUND_TRIP),
        "eff_in": float(np.sqrt(ROUND_TRIP)),
        "eff_out": float(np.sqrt(ROUND_TRIP)),
    }
    parts = (grid(price_cny_per_mwh=[cheap] * 12 + [dear] * 12), demand(power_mw=[5.0] * 24))
    without = testing.solved(micro(*parts)).solution.objective_cny
    found = testing.solved(micro(*parts, {**store, **fields}))
    bought = found.solution.columns[found.program.columns["store.charge"].slice].sum()
    return without - found.solution.objective_cny, float(bought)


def test_a_store_earns_the_spread_less_its_losses():
    """8 MWh bought at 40 come back as 6.4 MWh at 100: 640 - 320."""
    earned, bought = arbitrage(CHEAP, DEAR)
    assert bought == pytest.approx(8.0, rel=1e-9)
    assert earned == pytest.approx(ROUND_TRIP * 8.0 * DEAR - 8.0 * CHEAP, rel=1e-9)


@pytest.mark.parametrize(("cheap", "moves"), [(79.9, True), (80.1, False), (100.0, False)])
def test_a_store_moves_energy_only_above_break_even(cheap, moves):
    """Break-even at a ratio of prices of 0.8, the round trip."""
    earned, bought = arbitrage(cheap, DEAR)
    assert (bought > 1e-6) is moves
    assert earned == pytest.approx(8.0 * max(0.0, ROUND_TRIP * DEAR - cheap), abs=1e-9)


def test_wear_raises_the_break_even():
    """Wear of 25 per MWh delivered: 100 - 25 are left of the dear hour, so the break-even is 60."""
    assert arbitrage(59.9, DEAR, wear_cny_per_mwh=25.0)[1] == pytest.approx(8.0, rel=1e-9)
    assert arbitrage(60.1, DEAR, wear_cny_per_mwh=25.0)[1] == pytest.approx(0.0, abs=1e-9)
