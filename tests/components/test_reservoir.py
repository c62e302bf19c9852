"""Reservoir: dispatch against an independent LP, ecological water, start and end, and what is refused."""

import numpy as np
import pytest
from scipy.optimize import linprog

from parksim import api
from parksim.components._cases import demand, grid, micro
from parksim.errors import InputError
from parksim.inputs import gather
from parksim.park import read_park


def table(**fields):
    return {"name": "lake", "kind": "reservoir", "power_max_mw": 10.0, "energy_max_mwh": 12.0, **fields}


def solved(*, price, load, step_minutes=60, **fields):
    lake = table(**fields)
    return api.solve(
        read_park(micro(lake, grid(price_cny_per_mwh=price), demand(power_mw=load), step_minutes=step_minutes))
    )


def flow(ds, name):
    return ds["power"].sel(flow=f"lake.{name}").to_numpy()


def by_linprog(*, price, load, inflow, power, energy, need, start=None, end=0.0, lowest=0.0):
    """The same dispatch in columns make, spill, buy, held, written down anew."""
    n = len(price)
    eye = np.eye(n)
    shift = np.roll(eye, -1, axis=1) if start is None else np.eye(n, k=-1)
    store = np.hstack([eye, eye, np.zeros((n, n)), eye - shift])
    right = np.array(inflow, float)
    if start is not None:
        right[0] += start
    balance = np.hstack([eye, np.zeros((n, n)), eye, np.zeros((n, n))])
    release = -np.hstack([eye, eye, np.zeros((n, 2 * n))])
    low = np.full(n, lowest)
    low[-1] = max(lowest, end)
    bounds = [(0, power)] * n + [(0, None)] * n + [(0, None)] * n + [(v, energy) for v in low]
    cost = np.concatenate([np.zeros(2 * n), price, np.zeros(n)])
    found = linprog(
        cost,
        A_ub=release,
        b_ub=-np.minimum(need, inflow),
        A_eq=np.vstack([store, balance]),
        b_eq=np.concatenate([right, load]),
        bounds=bounds,
    )
    assert found.status == 0
    return found.fun


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("start", [None, 0.5])
def test_agrees_with_an_independent_program(seed, start):
    rng = np.random.default_rng(seed)
    price, load = rng.uniform(10, 100, 24).round(1), rng.uniform(5, 25, 24).round(1)
    inflow = (rng.gamma(1.0, 4.0, 24)).round(1)
    fields = {} if start is None else {"energy_start_fraction": 0.5, "energy_end_fraction": 0.25}
    ds = solved(
        price=price.tolist(),
        load=load.tolist(),
        inflow_mw=inflow.tolist(),
        ecological_mw=2.0,
        level_min_fraction=0.1,
        **fields,
    )
    want = by_linprog(
        price=price,
        load=load,
        inflow=inflow,
        power=10.0,
        energy=12.0,
        need=2.0,
        start=None if start is None else 6.0,
        end=0.0 if start is None else 3.0,
        lowest=1.2,
    )
    assert float(ds.attrs["objective_cny"]) == pytest.approx(want, rel=1e-9)
    assert (flow(ds, "make") + flow(ds, "spill") >= np.minimum(2.0, inflow) - 1e-9).all()
    assert inflow.min() < 2.0 < inflow.max()


def test_a_dry_river_and_an_empty_reservoir_stay_feasible():
    ds = solved(
        price=[10.0, 20.0, 30.0],
        load=5.0,
        inflow_mw=[0.0, 1.0, 0.0],
        ecological_mw=4.0,
        energy_start_fraction=0.2,
        level_min_fraction=0.2,
    )
    np.testing.assert_allclose(flow(ds, "make") + flow(ds, "spill"), [0.0, 1.0, 0.0], atol=1e-9)
    assert float(ds.attrs["objective_cny"]) == pytest.approx(50.0 + 80.0 + 150.0)


def test_the_need_goes_by_month_and_never_above_the_inflow():
    need = [0.0] * 12
    need[3], need[4] = 3.0, 8.0
    park = micro(
        table(inflow_mw=5.0, ecological_mw=need),
        hours=48,
        time={"year": 2025, "first_day": "04-30", "days": 2},
    )
    numbers = gather(read_park(park)).values["lake"]
    assert numbers["need_mw"].tolist() == [3.0] * 24 + [5.0] * 24


def test_flow_head_and_efficiency_give_inflow_and_need():
    fields = {"flow_m3_per_s": [40.0, 5.0], "head_m": 120.0, "eff": 0.88, "ecological_m3_per_s": 10.0}
    numbers = gather(read_park(micro(table(**fields)))).values["lake"]
    worth = 9.81e-3 * 0.88 * 120.0
    np.testing.assert_allclose(numbers["inflow_mw"], [40.0 * worth, 5.0 * worth])
    np.testing.assert_allclose(numbers["need_mw"], [10.0 * worth, 5.0 * worth])


def test_a_store_is_named_as_every_store():
    numbers = gather(read_park(micro(table(inflow_mw=1.0), hours=2, step_minutes=15))).values["lake"]
    assert (numbers["keep_fraction"], numbers["gain_mwh_per_mw"], numbers["drain_mwh_per_mw"]) == (1.0, 0.25, 0.25)
    assert "need_mw" not in numbers


def test_quarter_hours_give_the_same_as_hours():
    price, load, inflow = [10.0, 90.0, 40.0], [2.0, 20.0, 9.0], [9.0, 3.0, 1.0]
    hours = solved(price=price, load=load, inflow_mw=inflow, ecological_mw=1.0, om_cny_per_mwh=3.0)
    quarters = solved(
        price=np.repeat(price, 4).tolist(),
        load=np.repeat(load, 4).tolist(),
        inflow_mw=np.repeat(inflow, 4).tolist(),
        ecological_mw=1.0,
        om_cny_per_mwh=3.0,
        step_minutes=15,
    )
    assert float(quarters.attrs["objective_cny"]) == pytest.approx(float(hours.attrs["objective_cny"]), rel=1e-9)


def test_water_is_neither_made_nor_lost():
    ds = solved(price=[10.0, 90.0, 40.0], load=[2.0, 20.0, 9.0], inflow_mw=[30.0, 3.0, 1.0])
    released = flow(ds, "make") + flow(ds, "spill")
    assert released.sum() == pytest.approx(34.0)
    assert flow(ds, "spill").sum() > 5.0
    np.testing.assert_allclose(flow(ds, "inflow"), [30.0, 3.0, 1.0])


def test_residuals_and_costs_tell_what_was_tampered_with():
    ds = solved(price=[10.0, 90.0], load=[2.0, 9.0], inflow_mw=4.0, ecological_mw=1.0, om_cny_per_mwh=5.0)
    assert float(ds["restated_value"].sel(restated="lake.upkeep")) == pytest.approx(
        float(ds["cost"].sel(term="lake.upkeep").sum())
    )
    park = read_park(
        micro(
            table(inflow_mw=4.0, ecological_mw=1.0, om_cny_per_mwh=5.0),
            grid(price_cny_per_mwh=[10.0, 90.0]),
            demand(power_mw=[2.0, 9.0]),
        )
    )
    lake = park.components["lake"]

    class Tampered:
        step_h = 1.0

        def __init__(self, make):
            self.make = make

        def power(self, name):
            return {"make": self.make, "spill": np.zeros(2), "inflow": np.full(2, 4.0)}[name]

        def level(self, _):
            return np.array([2.0, 0.0])

        def level_before(self, _):
            return np.array([0.0, 2.0])

        def series(self, name):
            return {"inflow_mw": np.full(2, 4.0), "need_mw": np.ones(2)}[name]

        given = series

    right = lake.residuals(Tampered(np.array([2.0, 6.0])))
    assert max(np.abs(right["content"]).max(), np.abs(right["inflow"]).max()) == 0.0
    assert right["ecological_slack"].tolist() == [1.0, 5.0]
    wrong = lake.residuals(Tampered(np.array([0.5, 6.0])))
    assert wrong["content"].tolist() == [-1.5, 0.0]
    assert wrong["ecological_slack"].tolist() == [-0.5, 5.0]


WATER = {"flow_m3_per_s": 9.0, "head_m": 50.0, "eff": 0.9}


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "inflow_mw: is missing; give it, or the plant: flow_m3_per_s, head_m, eff."),
        ({"inflow_mw": 1.0, "head_m": 50.0}, "inflow_mw: stands beside head_m"),
        ({"flow_m3_per_s": 9.0, "head_m": 50.0}, "eff: is missing [1]."),
        (
            {**WATER, "ecological_mw": 1.0, "ecological_m3_per_s": 1.0},
            "ecological_m3_per_s: stands beside ecological_mw",
        ),
        ({"inflow_mw": 1.0, "ecological_m3_per_s": 1.0}, "ecological_m3_per_s: needs `flow_m3_per_s`"),
        ({**WATER, "energy_end_fraction": 0.5}, "energy_end_fraction: needs `energy_start_fraction`"),
        (
            {**WATER, "level_min_fraction": 0.3, "energy_start_fraction": 0.2},
            "energy_start_fraction: got 0.2, must be at least level_min_fraction (0.3).",
        ),
        ({**WATER, "eff": 90.0}, "eff: got 90.0, must lie in (0, 1]. Write a fraction, e.g. 0.9."),
    ],
)
def test_refuses(fields, told):
    with pytest.raises(InputError) as raised:
        read_park(micro(table(**fields), hours=2))
    assert f"components.lake.{told}" in str(raised.value)
