"""Run-of-river: flow to availability restated by hand, the note on the rating, and what is refused."""

import numpy as np
import pytest

from parksim.components._cases import demand, grid, micro, source
from parksim.errors import InputError
from parksim.inputs import gather
from parksim.park import read_park

PLANT = {"flow_design_m3_per_s": 100.0, "flow_min_fraction": 0.25, "head_m": 12.0}
RATING_MW = 9.81e-3 * 0.9 * 12.0 * 100.0  # the default efficiency at full flow is 0.9


def table(**fields):
    return {"name": "river", "kind": "run_of_river", "power_max_mw": RATING_MW, **fields}


def inputs(*, hours=24, time=None, **fields):
    tables = {} if time is None else {"time": time}
    return gather(read_park(micro(table(**fields), hours=hours, **tables)))


def available(**fields):
    return inputs(**fields).values["river"]["available"]


def by_hand(flow, ecological, *, loads=(0.4, 0.6, 1.0), effs=(0.85, 0.9, 0.9), loss=0.0):
    left = np.minimum(flow - ecological, 100.0)
    left = np.where((left < 25.0) | (left <= 0.0), 0.0, left)
    eff = np.interp(left / 100.0, loads, effs)
    return np.minimum(eff * left / (np.interp(1.0, loads, effs) * 100.0), 1.0) * (1.0 - loss)


def test_flow_to_availability():
    flow = np.linspace(0.0, 230.0, 24)
    ours = available(flow_m3_per_s=flow.tolist(), ecological_m3_per_s=20.0, loss_fraction=0.06, **PLANT)
    np.testing.assert_allclose(ours, by_hand(flow, 20.0, loss=0.06), rtol=1e-12)
    assert ours.max() == pytest.approx(0.94)
    assert (ours == 0.0).sum() == 5  # 0, 10, 20, 30, 40 leave less than 25


def test_own_efficiency_curve():
    flow = np.linspace(0.0, 230.0, 24)
    curve = {"load_points": [0.2, 0.5, 0.8, 1.0], "eff_points": [0.6, 0.8, 0.9, 0.85]}
    ours = available(flow_m3_per_s=flow.tolist(), **PLANT, **curve)
    hand = by_hand(flow, 0.0, loads=curve["load_points"], effs=curve["eff_points"])
    np.testing.assert_allclose(ours, hand, rtol=1e-12)


def test_ecological_flow_goes_by_month():
    by_month = [5.0] * 12
    by_month[3], by_month[4] = 10.0, 40.0
    time = {"year": 2025, "first_day": "04-30", "days": 2}
    ours = available(flow_m3_per_s=90.0, ecological_m3_per_s=by_month, time=time, **PLANT)
    april, may = by_hand(np.array([90.0]), 10.0)[0], by_hand(np.array([90.0]), 40.0)[0]
    np.testing.assert_allclose(ours, [april] * 24 + [may] * 24, rtol=1e-12)
    assert april > may > 0.0


def test_ecological_flow_goes_by_season():
    time = {"year": 2025, "first_day": "05-31", "days": 2}
    park = micro(
        table(flow_m3_per_s=90.0, ecological_m3_per_s={"wet": 40.0, "dry": 10.0}, **PLANT),
        time=time,
        hours=48,
        seasons={"wet": [6, 7, 8, 9, 10], "dry": [1, 2, 3, 4, 5, 11, 12]},
    )
    ours = gather(read_park(park)).values["river"]["available"]
    assert ours[0] == pytest.approx(by_hand(np.array([90.0]), 10.0)[0])
    assert ours[-1] == pytest.approx(by_hand(np.array([90.0]), 40.0)[0])


def test_a_given_profile_is_taken_as_it_is():
    assert available(hours=2, available=[0.0, 1.0]).tolist() == [0.0, 1.0]


def test_the_shipped_river_gives_the_shipped_availability():
    time = {"year": 2025}
    park = micro(table(available={"file": "builtin:yibin-hydro.csv", "column": "available_mean"}), hours=1, time=time)
    hours = gather(read_park(park)).values["river"]["available"].sum()
    assert hours == pytest.approx(4_512.0, rel=0.005)


@pytest.mark.parametrize(("power_max_mw", "told"), [(RATING_MW, 0), (RATING_MW * 1.09, 0), (RATING_MW * 1.2, 1)])
def test_a_rating_far_from_head_and_flow_is_told(power_max_mw, told):
    notes = inputs(flow_m3_per_s=90.0, **PLANT, power_max_mw=power_max_mw).notes
    assert len([note for note in notes if "components.river.power_max_mw" in note and "10.59 MW" in note]) == told


def test_availability_does_not_depend_on_the_rating():
    one = available(flow_m3_per_s=90.0, **PLANT)
    none = available(flow_m3_per_s=90.0, **PLANT, power_max_mw=0.0)
    np.testing.assert_array_equal(one, none)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "available: is missing; give it, or the plant: flow_m3_per_s, flow_design_m3_per_s, flow_min_fraction"),
        ({"available": 0.5, "flow_m3_per_s": 9.0}, "available: stands beside flow_m3_per_s"),
        ({"available": 0.5, "ecological_m3_per_s": 9.0}, "available: stands beside ecological_m3_per_s"),
        (
            {"flow_m3_per_s": 9.0, "head_m": 12.0, "flow_min_fraction": 0.2},
            "flow_design_m3_per_s: is missing [m3 s-1].",
        ),
        ({"flow_m3_per_s": 9.0, **PLANT, "eff_points": [0.9]}, "eff_points: got 1 values for 3 of `load_points`"),
        (
            {"flow_m3_per_s": 9.0, **PLANT, "load_points": [1.0], "eff_points": [90.0]},
            "eff_points: got 90, must lie in [0, 1]. Write a fraction, e.g. 0.9.",
        ),
        (
            {"flow_m3_per_s": 9.0, **PLANT, "load_points": [1.0], "eff_points": [0.0]},
            "eff_points: got 0, must be above",
        ),
        ({"flow_m3_per_s": 9.0, **PLANT, "load_points": [0.6, 0.4, 1.0]}, "load_points: must rise"),
    ],
)
def test_refuses(fields, told):
    with pytest.raises(InputError) as raised:
        read_park(micro(table(**fields), hours=2))
    assert f"components.river.{told}" in str(raised.value)


def test_refuses_flow_that_runs_back():
    with pytest.raises(InputError, match=r"flow_m3_per_s: got -1 .*must be at least 0"):
        inputs(hours=2, flow_m3_per_s=[5.0, -1.0], **PLANT)


@pytest.mark.parametrize("power_mw", [[3.0, 7.0, 0.0], [0.0, 0.0, 0.0], 4.0])
def test_the_free_source_of_the_cases_gives_its_power(power_mw):
    park = read_park(micro(source(power_mw=power_mw), grid(price_cny_per_mwh=[1.0] * 3), demand(power_mw=1.0)))
    values = gather(park).values["source"]
    np.testing.assert_allclose(values["power_max_mw"] * values["available"], np.broadcast_to(power_mw, 3), rtol=1e-15)
