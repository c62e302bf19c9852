"""Random parks against answers found without an LP: merit order, dynamic programming, the mix of green energy."""

import json

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from parksim import api, testing
from parksim.accounts.summary import summarise
from parksim.components._cases import demand, grid, micro
from parksim.park import read_park

SEEDS = st.integers(0, 10_000)
some = settings(max_examples=15, deadline=None)


def offers_of(table):
    """What each component offers in each hour: price and power, shapes (component, hour)."""
    prices, powers = [], []
    hours = table["time"]["hours"]
    for entry in table["components"].values():
        if entry["kind"] == "grid":
            price = table["tariffs"]["t"]["price_cny_per_mwh"]
            power = entry["import_max_mw"] * np.array(entry["import_available"])
        elif entry["kind"] == "shortfall":
            price, power = entry["price_cny_per_mwh"], np.inf
        elif entry["kind"] == "direct_supply":
            arriving = 1.0 - entry["loss_fraction"]
            price = entry["price_cny_per_mwh"] / arriving + entry["network_cny_per_mwh"]
            power = entry["power_max_mw"] * np.array(entry["available"]) * arriving
        elif entry["kind"] != "demand":
            price = entry.get("om_cny_per_mwh", 0.0)
            power = entry["power_max_mw"] * np.array(entry["available"])
        else:
            continue
        prices.append(np.broadcast_to(price, hours))
        powers.append(np.broadcast_to(power, hours))
    return np.array(prices, float), np.array(powers, float)


def merit_order(table):
    """Serve the load from the cheapest offer up, then sell what is left where it costs less than the sale pays.

    Returns
    -------
    cost : float
        Of all hours [CNY].
    dearest : ndarray, shape (hour,)
        Price of the dearest offer used for the load [CNY MWh-1].
    """
    prices, powers = offers_of(table)
    link = table["components"]["grid"]
    load = np.array(table["components"]["load"]["power_mw"])
    total, dearest = 0.0, np.zeros(len(load))
    for hour, wanted in enumerate(load):
        room, need = link["export_max_mw"], wanted
        for at in np.argsort(prices[:, hour], kind="stable"):
            price, left = prices[at, hour], powers[at, hour]
            served = min(need, left)
            need, left, total = need - served, left - served, total + price * served
            if served > 0:
                dearest[hour] = price
            gain = link["export_price_cny_per_mwh"][hour] - price
            if gain > 0:
                sold = min(room, left)
                room, total = room - sold, total - gain * sold
    return total, dearest


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS)
def test_without_stores_and_peaks_the_merit_order_is_the_answer(seed):
    table = testing.random_table(seed, stores=False, peaks=False)
    total, dearest = merit_order(table)
    found = testing.solved(table)
    assert found.solution.objective_cny == pytest.approx(total, rel=1e-9, abs=1e-6)
    price = found.solution.row_duals[found.program.rows["electricity.balance"].slice]
    worth_of_sale = np.array(table["components"]["grid"]["export_price_cny_per_mwh"])
    if table["components"]["grid"]["export_max_mw"] == 0.0:
        np.testing.assert_allclose(price, dearest, rtol=1e-9, atol=1e-6)
    else:
        assert (price >= dearest - 1e-6).all()
        assert (price <= np.maximum(dearest, worth_of_sale) + 1e-6).all()


def best_of_a_store(prices, *, power, energy):
    """Least cost of a lossless cyclic store of whole MWh by dynamic programming over its contents [CNY]."""
    best = np.inf
    for start in range(energy + 1):
        cost = np.full(energy + 1, np.inf)
        cost[start] = 0.0
        for price in prices:
            after = np.full(energy + 1, np.inf)
            for content in range(energy + 1):
                low, high = max(0, content - power), min(energy, content + power)
                before = np.arange(low, high + 1)
                after[content] = np.min(cost[before] + price * (content - before))
            cost = after
        best = min(best, cost[start])
    return best


@some
@given(
    prices=st.lists(st.integers(1, 900), min_size=6, max_size=24),
    power=st.integers(1, 4),
    energy=st.integers(1, 9),
)
def test_a_store_alone_earns_what_dynamic_programming_says(prices, power, energy):
    """Lossless, whole MW and MWh: corners of the LP are whole numbers, so a walk over whole contents is exact."""
    flat = 10.0  # a load above the store's power: what it gives is never sold
    table = micro(
        grid(price_cny_per_mwh=[float(price) for price in prices]),
        demand(power_mw=[flat] * len(prices)),
        {
            "name": "battery",
            "kind": "battery",
            "power_max_mw": float(power),
            "energy_max_mwh": float(energy),
            "eff_in": 1.0,
            "eff_out": 1.0,
        },
    )
    expected = flat * sum(prices) + best_of_a_store(prices, power=power, energy=energy)
    assert testing.solved(table).solution.objective_cny == pytest.approx(expected, rel=1e-9)


def answer(table):
    ds = api.solve(read_park(table))
    return ds, summarise(ds)


def cyclic(table):
    for entry in table["components"].values():
        entry.pop("energy_start_fraction", None)
        entry.pop("energy_end_fraction", None)
    return table


@some
@given(seed=SEEDS, hours=st.sampled_from([24, 36]))
def test_energy_is_kept_and_green_supply_stays_within_what_was_made(seed, hours):
    ds, figures = answer(cyclic(testing.random_table(seed, hours=hours)))
    made = figures["renewable_mwh"] + figures["direct_mwh"]
    assert -1e-9 <= figures["green_supply_mwh"] <= made + 1e-6
    assert figures["green_supply_mwh"] <= figures["served_mwh"] + 1e-6
    for share in ("green_share", "self_use_share"):
        assert -1e-9 <= figures[share] <= 1.0 + 1e-9
    lost = sum(store["loss_mwh"] for store in figures["storage"].values())
    own_use = sum(
        float(row.sum())
        for row, role, feeds, node in zip(
            ds["power"].to_numpy(),
            ds["role"].to_numpy(),
            ds["feeds"].to_numpy(),
            ds["flow_node"].to_numpy(),
            strict=True,
        )
        if role == "convert" and node and not feeds
    )
    supplied = made + figures["import_mwh"] + figures["unserved_mwh"]
    used = figures["load_mwh"] + figures["export_mwh"] + lost + own_use
    assert supplied == pytest.approx(used, rel=1e-9, abs=1e-6)


@some
@given(seed=SEEDS)
def test_without_imports_all_that_is_served_is_green(seed):
    """Green power every other hour, a store between, and no grid: what is served is green, at once or out of store."""
    table = cyclic(testing.random_table(seed))
    table["components"]["grid"]["import_max_mw"] = 0.0
    table["components"]["plenty"] = {"kind": "pv", "power_max_mw": 100.0, "available": [1.0, 0.0] * 12}
    store = {"power_max_mw": 8.0, "energy_max_mwh": 20.0, "eff_in": 0.9, "eff_out": 0.95}
    table["components"]["between"] = {"kind": "battery", **store}
    _, figures = answer(table)
    assert figures["import_mwh"] == pytest.approx(0.0, abs=1e-9)
    assert figures["storage"]["between"]["discharge_mwh"] > 1.0
    served = figures["served_mwh"]
    assert figures["green_supply_mwh"] == pytest.approx(served, rel=1e-9)
    assert figures["green_share"] == pytest.approx(1.0, rel=1e-9)


@some
@given(seed=SEEDS)
def test_without_green_sources_nothing_is_green(seed):
    table = cyclic(testing.random_table(seed))
    green = {"pv", "wind", "run_of_river", "reservoir", "direct_supply"}
    table["components"] = {n: c for n, c in table["components"].items() if c["kind"] not in green}
    _, figures = answer(table)
    assert figures["green_supply_mwh"] == 0.0
    assert figures["green_share"] == 0.0
    assert all(tonnes == 0.0 for tonnes in figures["avoided_co2_t"].values())


@some
@given(seed=SEEDS)
def test_green_supply_in_steps_without_stores_is_the_mix_of_the_hour(seed):
    """Without stores the mix is plain: green over all that feeds, times the load, hour by hour."""
    ds, figures = answer(testing.random_table(seed, stores=False))
    role, power = ds["role"].to_numpy(), ds["power"].to_numpy()
    green = power[np.isin(role, ["renewable", "direct"])].sum(axis=0)
    every = green + power[np.isin(role, ["import", "unserved"])].sum(axis=0)
    load = power[role == "demand"].sum(axis=0)
    assert figures["green_supply_mwh"] == pytest.approx(float((load * green / every).sum()), rel=1e-9)


@some
@given(seed=SEEDS)
def test_load_is_shed_only_where_everything_else_is_at_its_limit(seed):
    table = testing.random_table(seed, peaks=False, stores=False)
    ds, _ = answer(table)
    role, power, upper = (ds[name].to_numpy() for name in ("role", "power", "upper"))
    short = power[role == "unserved"].sum(axis=0) > 1e-6
    assume(short.any())
    supply = np.isin(role, ["import", "renewable", "direct"])
    np.testing.assert_allclose(power[supply][:, short], upper[supply][:, short], atol=1e-6)
    assert power[role == "export"][:, short].max(initial=0.0) <= 1e-6


FLAT_CNY_PER_MWH = 300.0


@some
@given(seed=SEEDS)
def test_of_plans_that_cost_the_same_the_one_told_buys_least(seed):
    """A contract at the grid's own price in every hour: what is bought is what it and the park's own plants leave."""
    table = testing.random_table(seed, stores=False, peaks=False)
    table["tariffs"]["t"]["price_cny_per_mwh"] = FLAT_CNY_PER_MWH
    table["components"]["contract"] = {
        "kind": "direct_supply",
        "delivery": "line",
        "technology": "hydro",
        "plant": "new",
        "certificate": "none",
        "power_max_mw": 12.0,
        "available": [0.1 * (hour % 9) for hour in range(24)],
        "price_cny_per_mwh": FLAT_CNY_PER_MWH,
        "loss_fraction": 0.0,
        "network_cny_per_mwh": 0.0,
    }
    made = sum(
        entry["power_max_mw"] * np.array(entry["available"])
        for entry in table["components"].values()
        if entry["kind"] in {"pv", "wind", "run_of_river", "direct_supply"}
    )
    least = np.maximum(0.0, np.array(table["components"]["load"]["power_mw"]) - made)
    ds, figures = answer(table)
    role, power = ds["role"].to_numpy(), ds["power"].to_numpy()
    np.testing.assert_allclose(power[np.isin(role, ["import", "unserved"])].sum(axis=0), least, atol=1e-6)
    told = json.loads(ds.attrs["ties"])
    assert told["bought_mwh"][0] == pytest.approx(figures["import_mwh"] + figures["unserved_mwh"], abs=1e-5)
    assert told["bought_mwh"][0] == pytest.approx(least.sum(), abs=1e-5)
