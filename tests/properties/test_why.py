"""What is told of an hour holds in any park: a fresh solve with the number changed costs what was said."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import parksim as ps
from parksim import testing
from parksim.lp.highs import Solver
from parksim.park import read_park
from parksim.questions.why import NUDGE_MW

SEEDS = st.integers(0, 10_000)
some = settings(max_examples=5, deadline=None)
STEP_MW = NUDGE_MW


class Fresh:
    """The LP of a park, solved anew with some numbers changed."""

    def __init__(self, table):
        _, _, self.program, self.lp = testing.expand(table)
        self.cost = self.of(self.lp)

    def of(self, lp):
        found = Solver(lp).run()
        return float(lp.cost @ found.columns) + lp.offset if found.optimal else np.nan

    def bounds(self, label, step, *, lower=0.0, upper=0.0):
        at = self.program.columns[label].first + step

        def moved(times):
            low, high = self.lp.lower.copy(), self.lp.upper.copy()
            low[at] += times * lower
            high[at] = max(high[at] + times * upper, low[at])
            return replace(self.lp, lower=low, upper=high)

        return self.slopes(moved)

    def drawn(self, node, step, power_mw):
        at = self.program.rows[f"{node}.balance"].first + step

        def moved(times):
            low, high = self.lp.row_lower.copy(), self.lp.row_upper.copy()
            low[at] += times * power_mw
            high[at] += times * power_mw
            return replace(self.lp, row_lower=low, row_upper=high)

        return self.slopes(moved)

    def slopes(self, moved):
        """Mean slopes of the cost over the nudge, and over as much again."""
        once, twice = self.of(moved(1.0)), self.of(moved(2.0))
        return (once - self.cost) / STEP_MW, (twice - once) / STEP_MW


def explained(seed, step, **fields):
    table = testing.random_table(seed, hours=12, **fields)
    park = read_park(table)
    step %= park.time.steps
    found = ps.why(park, at=park.time.stamps[step].to_pydatetime(), saving=False)
    return table, found, found.hours[0], step


def close(told, fresh):
    """The cost is convex: its slope after the nudge lies between the mean slopes before and behind."""
    before, behind = fresh
    slack = 0.05 + 1e-4 * max(abs(before), abs(behind))
    return before - slack <= told <= behind + slack


@some
@given(seed=SEEDS, step=st.integers(0, 1000))
def test_other_choices_cost_what_is_told(seed, step):
    table, _, hour, step = explained(seed, step)
    fresh = Fresh(table)
    for flow in hour.flows:
        gap = flow.gap_cny_per_mwh
        if flow.state == "idle" and gap is not None:
            assert close(gap * hour.step_h, fresh.bounds(flow.label, step, lower=STEP_MW)), flow
        elif flow.state == "full" and gap is not None:
            assert close(gap * hour.step_h, fresh.bounds(flow.label, step, upper=STEP_MW)), flow
    for store in hour.stores:
        if store.state == "full":
            assert close(store.room_cny_per_mwh, fresh.bounds(store.label, step, upper=STEP_MW)), store
        elif store.state == "empty":
            assert close(store.room_cny_per_mwh, fresh.bounds(store.label, step, lower=-STEP_MW)), store
    for node in hour.nodes:
        assert close(node.more.cost_cny_per_mwh * hour.step_h, fresh.drawn(node.node, step, STEP_MW))
        assert close(node.less.cost_cny_per_mwh * hour.step_h, fresh.drawn(node.node, step, -STEP_MW))


@some
@given(seed=SEEDS, step=st.integers(0, 1000), minutes=st.sampled_from([30, 60]))
def test_states_prices_and_gaps_agree(seed, step, minutes):
    """Complementary slackness in words, and moves that cost what they are said to cost."""
    _, found, hour, step = explained(seed, step, step_minutes=minutes)
    for node in hour.nodes:
        low, high = -node.less.cost_cny_per_mwh, node.more.cost_cny_per_mwh
        assert low - 1e-4 <= node.price_cny_per_mwh <= high + 1e-4
        for after in node.following.values():
            assert not after.possible or after.cost_cny_per_mwh >= high - 1e-4
        feeds = {flow.label: 1.0 if flow.feeds else -1.0 for flow in hour.flows if flow.node == node.node}
        here = sum(feeds.get(move.label, 0.0) * move.amount for move in node.more.moves if move.here)
        assert here == pytest.approx(1.0, abs=0.05)
    for flow in hour.flows:
        if flow.gap_cny_per_mwh is not None:
            assert flow.gap_cny_per_mwh >= -1e-6 if flow.state == "idle" else flow.gap_cny_per_mwh <= 1e-6
        if flow.state == "free" and flow.node:
            all_told = flow.own_cny_per_mwh + sum(flow.parts_cny_per_mwh.values())
            assert all_told == pytest.approx(flow.price_cny_per_mwh * (1.0 if flow.feeds else -1.0), abs=1e-4)
    assert sum(1 for flow in hour.flows) == found.ds.sizes["flow"]


@some
@given(seed=SEEDS, step=st.integers(0, 1000))
def test_own_costs_are_those_of_the_ledger(seed, step):
    _, found, hour, step = explained(seed, step)
    ds = found.ds
    for component in {flow.component for flow in hour.flows}:
        own = sum(
            flow.own_cny_per_mwh * flow.power_mw * hour.step_h for flow in hour.flows if flow.component == component
        )
        booked = sum(
            float(ds["cost"][row, step])
            for row, label in enumerate(ds["term"].to_numpy())
            if str(label).split(".")[0] == component and str(label).split(".")[1] not in {"demand_charge", "not_taken"}
        )
        assert own == pytest.approx(booked, abs=1e-3, rel=1e-6), component


@some
@given(seed=SEEDS)
def test_shares_of_a_peak_add_up_to_its_charge(seed):
    for peak in explained(seed, 0)[1].peaks:
        total = sum(peak.setters.values())
        assert total == pytest.approx(1.0, abs=1e-5) if not peak.floor else total < 1.0


@some
@given(seed=SEEDS)
def test_parts_of_the_saving_add_up_to_what_a_fresh_solve_without_stores_costs_more(seed):
    table = testing.random_table(seed)
    saving = ps.why(read_park(table)).saving
    if saving is None:
        assert not {"battery", "lake"} & set(table["components"])
        return
    for name in saving.stores:
        entry = table["components"][name]
        entry |= {"energy_max_mwh": 0.0} | ({"power_max_mw": 0.0} if entry["kind"] == "battery" else {})
    without = Fresh(table).cost
    assert saving.cost_without_cny == pytest.approx(without, rel=1e-9, abs=1e-6)
    assert sum(saving.parts.values()) == pytest.approx(without - saving.cost_with_cny, rel=1e-9, abs=1e-5)
