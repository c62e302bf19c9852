"""An hour explained and a saving split: small parks whose answer is known by hand."""

from datetime import datetime
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import parksim as ps
from parksim import testing
from parksim.components._cases import demand, grid, micro, shortfall, source
from parksim.errors import InputError
from parksim.park import read_park
from parksim.questions.why import moment
from parksim.questions.why import plain as plainly
from parksim.report.why import why as said
from parksim.timeaxis import TimeAxis

DAY = "2025-01-01"


def battery(name="battery", **fields):
    plain = {"power_max_mw": 10.0, "energy_max_mwh": 10.0, "eff_in": 1.0, "eff_out": 1.0}
    return {"name": name, "kind": "battery", **plain, **fields}


def contract(**fields):
    plain = {"power_max_mw": 2.0, "available": 1.0, "price_cny_per_mwh": 50.0, "network_cny_per_mwh": 0.0}
    return {
        "name": "contract", "kind": "direct_supply", "delivery": "line", "technology": "hydro", "plant": "new",
        "certificate": "none", **plain, **fields,
    }  # fmt: skip


def why(*parts, hour=0, saving=False, **tables):
    """Explain an hour of a small park: what was found, the hour, its flows by label, its only node and store."""
    found = ps.why(read_park(micro(*parts, **tables)), at=f"{DAY}T{hour:02d}:00", saving=saving)
    (told,) = found.hours
    return SimpleNamespace(
        found=found,
        hour=told,
        node=told.nodes[0],
        store=told.stores[0] if told.stores else None,
        **{flow.label.replace(".", "_"): flow for flow in told.flows},
    )


def moves(change):
    return {(move.label, move.first.hour): pytest.approx(move.amount, abs=1e-6) for move in change.moves}


def cost(change):
    return change.cost_cny_per_mwh


def test_merit_order_names_the_marginal_source_the_full_one_and_the_next():
    told = why(source(power_mw=[3.0]), contract(), grid(price_cny_per_mwh=[100.0]), demand(power_mw=[4.0]))
    assert told.node.setters == ("contract.take",)
    assert (cost(told.node.more), cost(told.node.less)) == pytest.approx((50.0, -50.0))
    assert moves(told.node.more) == {("contract.take", 0): 1.0}
    assert moves(told.node.following["contract.take"]) == {("grid.buy", 0): 1.0}
    assert cost(told.node.following["contract.take"]) == pytest.approx(100.0)
    assert (told.source_make.state, told.source_make.gap_cny_per_mwh) == ("full", pytest.approx(-50.0))
    assert (told.contract_take.state, told.contract_take.own_cny_per_mwh) == ("free", pytest.approx(50.0))
    assert (told.grid_buy.state, told.grid_buy.gap_cny_per_mwh) == ("idle", pytest.approx(50.0))
    assert told.grid_buy.own_cny_per_mwh == pytest.approx(100.0)


def test_a_battery_carries_the_cheap_hour_into_the_dear_one():
    told = why(grid(price_cny_per_mwh=[100.0, 300.0]), demand(power_mw=[5.0, 5.0]), battery(), hour=1)
    assert told.battery_discharge.power_mw == pytest.approx(5.0)
    assert cost(told.node.more) == pytest.approx(100.0)
    assert moves(told.node.more) == {("battery.discharge", 1): 1.0, ("battery.charge", 0): 1.0, ("grid.buy", 0): 1.0}
    assert told.store.value_cny_per_mwh == pytest.approx(100.0)
    assert [stamp.hour for stamp in told.store.filled] == [0]
    assert [stamp.hour for stamp in told.store.drawn] == [1]
    assert told.grid_buy.gap_cny_per_mwh == pytest.approx(200.0)
    assert told.battery_discharge.parts_cny_per_mwh == {"stored": pytest.approx(100.0)}


def test_charging_says_for_which_hours():
    told = why(grid(price_cny_per_mwh=[100.0, 300.0]), demand(power_mw=[5.0, 5.0]), battery(wear_cny_per_mwh=20.0))
    assert told.battery_charge.power_mw == pytest.approx(5.0)
    assert [stamp.hour for stamp in told.store.drawn] == [1]
    assert "to be used 01:00 to 02:00" in " ".join(said(told.found).split())


def test_losses_and_wear_stand_in_the_value_of_what_is_stored():
    lossy = battery(power_max_mw=20.0, energy_max_mwh=20.0, eff_in=0.8, eff_out=0.5, wear_cny_per_mwh=10.0)
    told = why(grid(price_cny_per_mwh=[100.0, 900.0]), demand(power_mw=[0.0, 4.0]), lossy, hour=1)
    # 1 MWh out needs 2 held and 2.5 charged at 100, and wears 10
    assert cost(told.node.more) == pytest.approx(260.0)
    assert told.store.value_cny_per_mwh == pytest.approx(125.0)
    assert told.battery_discharge.own_cny_per_mwh == pytest.approx(10.0)
    assert told.battery_discharge.parts_cny_per_mwh["stored"] == pytest.approx(250.0)


def test_what_is_curtailed_is_free():
    told = why(source(power_mw=[10.0]), grid(price_cny_per_mwh=[100.0]), demand(power_mw=[4.0]))
    assert (cost(told.node.more), cost(told.node.less)) == pytest.approx((0.0, 0.0), abs=1e-9)
    assert told.source_make.state == "free"
    assert told.grid_buy.gap_cny_per_mwh == pytest.approx(100.0)
    assert "One MWh more would cost nothing: Source gives 1.00 MWh more." in said(told.found)


def test_just_at_a_limit_more_and_less_have_their_own_price():
    """Demand is just what the source gives: prices of an LP say nothing certain here, second solves do."""
    told = why(source(power_mw=[4.0]), grid(price_cny_per_mwh=[100.0]), demand(power_mw=[4.0]))
    assert cost(told.node.more) == pytest.approx(100.0)
    assert cost(told.node.less) == pytest.approx(0.0, abs=1e-9)
    assert -1e-6 <= told.node.price_cny_per_mwh <= 100.0 + 1e-6
    assert told.source_make.gap_cny_per_mwh == pytest.approx(0.0, abs=1e-9), "more of it would serve nobody"
    held = why(
        grid(price_cny_per_mwh=[100.0], import_max_mw=3.0), shortfall(price_cny_per_mwh=900.0), demand(power_mw=[3.0])
    )
    assert held.grid_buy.gap_cny_per_mwh == pytest.approx(0.0, abs=1e-9)
    assert "One MWh less would save 0 CNY: the park stands just at a limit." in " ".join(said(told.found).split())


@pytest.mark.parametrize("spare", [True, False])
def test_what_cannot_be_served_is_said(spare):
    parts = [grid(price_cny_per_mwh=[100.0], import_max_mw=3.0), demand(power_mw=[3.5 if spare else 3.0])]
    told = why(*parts, *([shortfall(price_cny_per_mwh=5_000.0)] if spare else []))
    if spare:
        assert cost(told.node.more) == pytest.approx(5_000.0)
        assert (told.grid_buy.state, told.grid_buy.gap_cny_per_mwh) == ("full", pytest.approx(-4_900.0))
        assert moves(told.node.more) == {("shortfall.shed", 0): 1.0}
        assert "Unserved" not in said(told.found)
        assert "0.500 MW of demand stay unserved" in said(told.found)
    else:
        assert not told.node.more.possible
        assert "One MWh more cannot be served." in said(told.found)


def test_the_demand_charge_falls_on_the_hour_that_sets_the_peak():
    bought = grid(price_cny_per_mwh=[100.0, 100.0], demand_cny_per_mw_month=7_440.0, quarter_hour_peak_ratio=1.5)
    low, high = (why(bought, demand(power_mw=[2.0, 4.0]), hour=hour) for hour in (0, 1))
    # 7,440 CNY/MW * 2 h / 744 h = 20 CNY/MW, for 1.5 MW billed of each MW
    assert cost(low.node.more) == pytest.approx(100.0)
    assert cost(high.node.more) == pytest.approx(130.0)
    assert high.grid_buy.parts_cny_per_mwh == {"demand_charge": pytest.approx(30.0)}
    assert high.grid_buy.own_cny_per_mwh == pytest.approx(100.0)
    (peak,) = high.found.peaks
    assert (peak.peak_mw, peak.charge_cny_per_mw, peak.floor) == (pytest.approx(6.0), pytest.approx(20.0), False)
    assert peak.setters == {pd.Timestamp(f"{DAY}T01:00"): pytest.approx(1.0)}
    assert "this hour bears 100 % of it, 30.0 CNY/MWh on every MWh bought" in " ".join(said(high.found).split())
    assert "this hour buys 2.00 MW less than the peak" in " ".join(said(low.found).split())
    assert moves(high.node.more) == {("grid.buy", 1): 1.0, ("grid.peak", 0): 1.5}


def test_a_demand_floor_leaves_no_hour_to_set_the_peak():
    floor = {"transformer_mva": 20.0, "demand_floor_fraction": 0.4}
    told = why(
        grid(price_cny_per_mwh=[100.0, 100.0], demand_cny_per_mw_month=7_440.0, **floor), demand(power_mw=[2.0, 4.0])
    )
    (peak,) = told.found.peaks
    assert (peak.setters, peak.floor, peak.peak_mw) == ({}, True, pytest.approx(8.0))
    assert "the least demand billed sets it" in said(told.found)


@pytest.mark.parametrize(("hour", "state", "saves"), [(0, "full", 200.0), (1, "empty", 200.0)])
def test_a_full_or_empty_store_says_what_room_is_worth(hour, state, saves):
    """Further room above or below by one MWh carries one more MWh from 100 to 300 CNY/MWh."""
    small = battery(energy_max_mwh=1.0, level_min_fraction=0.2)
    told = why(grid(price_cny_per_mwh=[100.0, 300.0]), demand(power_mw=[5.0, 5.0]), small, hour=hour)
    assert told.store.state == state
    assert told.store.room_cny_per_mwh == pytest.approx(-saves)
    assert f"{state}, one MWh of room" in said(told.found)


def test_without_a_moment_the_dearest_hour_and_the_highest_peak_are_told():
    parts = (
        grid(price_cny_per_mwh=[500.0, 100.0, 100.0], demand_cny_per_mw_month=744.0),
        demand(power_mw=[1.0, 2.0, 9.0]),
    )
    found = ps.why(read_park(micro(*parts)))
    assert {hour.reason: hour.stamp.hour for hour in found.hours} == {("dearest",): 0, ("peak",): 2}
    assert found.stores == ()
    told = said(found)
    assert "the dearest hour of the run" in told
    assert "What sets each month's demand charge" in told
    assert told.endswith("The park has no storage.")


def test_one_hour_may_be_both():
    parts = grid(price_cny_per_mwh=[100.0, 500.0], demand_cny_per_mw_month=744.0), demand(power_mw=[1.0, 2.0])
    (hour,) = ps.why(read_park(micro(*parts)), saving=False).hours
    assert hour.reason == ("dearest", "peak")


class TestMoment:
    AXIS = TimeAxis(year=2025, first_day="07-14", days=2, step_minutes=30)

    @pytest.mark.parametrize(
        ("at", "step"),
        [
            ("2025-07-14T00:00", 0),
            ("2025-07-14T18:29", 36),
            ("2025-07-14 18:30", 37),
            ("2025-07-15T23:59:59", 95),
            ("2025-07-14T10:00Z", 36),
            ("2025-07-14T18:00+08:00", 36),
            (datetime(2025, 7, 14, 1, 15), 2),
        ],
    )
    def test_belongs_to_the_step_it_lies_in(self, at, step):
        assert moment(self.AXIS, at=at) == step

    @pytest.mark.parametrize(
        ("at", "words"),
        [
            ("noon", "got 'noon', must be a moment on the park's clock (+08:00). Write a day and an hour such as 2025"),
            ("2025-02-30T10:00", "must be a moment"),
            ("2025-07-14", "a day without an hour"),
            ("", "must be a moment"),
            ("2025-07-16T00:00", "lies outside the horizon, 2025-07-14T00:00 up to 2025-07-16T00:00"),
            ("2024-07-14T18:00", "lies outside the horizon"),
        ],
    )
    def test_is_refused_with_what_to_do(self, at, words):
        with pytest.raises(InputError) as error:
            moment(self.AXIS, at=at)
        assert words in str(error.value)
        assert len(error.value.problems) == 1


class TestSaving:
    """Each part is found alone where only its effect exists; lossless stores without wear."""

    @staticmethod
    def of(*parts, **tables):
        return ps.why(read_park(micro(*parts, **tables)), at=f"{DAY}T00:00").saving

    def only(self, saving, part, cny):
        assert saving.total_cny == pytest.approx(cny)
        assert saving.parts == {name: pytest.approx(cny if name == part else 0.0, abs=1e-6) for name in saving.parts}

    def test_arbitrage(self):
        found = self.of(grid(price_cny_per_mwh=[100.0, 300.0]), demand(power_mw=[5.0, 5.0]), battery(power_max_mw=2.0))
        self.only(found, "arbitrage", 400.0)
        assert (found.shifted_mwh, found.used_mwh, found.bought_mwh) == pytest.approx((2.0, 0.0, 0.0))
        assert found.co2_t == {"case": pytest.approx(0.0)}

    def test_demand_charge(self):
        bought = grid(price_cny_per_mwh=[100.0, 100.0], demand_cny_per_mw_month=7_440.0)
        found = self.of(bought, demand(power_mw=[2.0, 4.0]), battery())
        self.only(found, "demand_charge", 20.0)  # one MW less at 7,440 * 2 / 744
        assert found.peak_mw == pytest.approx(1.0)

    def test_self_use(self):
        bought = grid(price_cny_per_mwh=[100.0, 100.0])
        found = self.of(source(power_mw=[4.0, 0.0]), bought, demand(power_mw=[2.0, 2.0]), battery())
        self.only(found, "self_use", 200.0)
        assert (found.used_mwh, found.bought_mwh) == pytest.approx((2.0, -2.0))
        assert found.co2_t == {"case": pytest.approx(1.0)}  # half a tonne a MWh

    def test_self_use_of_a_contract_costs_its_price(self):
        bought, plant = grid(price_cny_per_mwh=[100.0, 100.0]), contract(power_max_mw=4.0, available=[1.0, 0.0])
        self.only(self.of(plant, bought, demand(power_mw=[2.0, 2.0]), battery()), "self_use", 100.0)

    def test_energy_kept_from_being_sold_costs_what_it_would_have_earned(self):
        bought = grid(price_cny_per_mwh=[100.0, 100.0], export_max_mw=9.0, export_price_cny_per_mwh=30.0)
        found = self.of(source(power_mw=[4.0, 0.0]), bought, demand(power_mw=[2.0, 2.0]), battery())
        self.only(found, "self_use", 140.0)

    def test_load_served(self):
        free = grid(price_cny_per_mwh=[0.0, 0.0], import_max_mw=3.0)
        found = self.of(free, demand(power_mw=[1.0, 5.0]), battery(), shortfall(price_cny_per_mwh=5_000.0))
        self.only(found, "served", 10_000.0)

    def test_the_water_of_a_lake_is_held_and_its_river_stays(self):
        lake = {"name": "lake", "kind": "reservoir", "power_max_mw": 10.0, "energy_max_mwh": 3.0, "inflow_mw": 4.0}
        found = self.of(lake, grid(price_cny_per_mwh=[10.0, 100.0]), demand(power_mw=[2.0, 9.0]))
        # without the lake 2 are spilled and 5 bought at 100; with it (the worked case) 1 * 10 + 2 * 100
        assert found.stores == ("lake",)
        assert found.total_cny == pytest.approx(500.0 - 210.0)
        assert sum(found.parts.values()) == pytest.approx(found.total_cny, rel=1e-9)

    def test_a_park_that_needs_its_store_says_so(self):
        parts = grid(price_cny_per_mwh=[1.0, 1.0], import_max_mw=3.0), demand(power_mw=[1.0, 5.0]), battery()
        found = ps.why(read_park(micro(*parts)), at=f"{DAY}T00:00")
        assert (found.stores, found.saving) == (("battery",), None)
        assert "Without Battery the park has no plan at all" in said(found)


@pytest.mark.parametrize("seed", range(6))
def test_what_is_told_of_a_random_park_adds_up(seed):
    table = testing.random_table(seed + 40, hours=24)
    found = ps.why(read_park(table))
    told = said(found)
    assert max(map(len, told.splitlines())) <= 100
    assert told.encode("gbk")
    plain = plainly(found)
    assert set(plain) == {"park", "hours", "peaks", "stores", "saving"}
    if found.saving is not None:
        assert np.isclose(sum(found.saving.parts.values()), found.saving.total_cny, rtol=1e-9, atol=1e-6)
