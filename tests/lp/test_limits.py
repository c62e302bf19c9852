"""Limits of the whole park: known answers, a price that is a slope, pieces, sizing, and how they are told."""

from copy import deepcopy

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import parksim as ps
from parksim import testing
from parksim.accounts.audit import park_limits, recompute
from parksim.accounts.summary import summarise
from parksim.components._cases import YARDSTICK, demand, grid, micro, shortfall, source
from parksim.errors import InputError, NoSolution, StructureChanged, StructureError
from parksim.inputs import gather
from parksim.lp import decompose
from parksim.lp.highs import Solver
from parksim.lp.ladder import Ladder
from parksim.lp.program import Program
from parksim.park import read_park
from parksim.report.binding import limits
from parksim.report.view import View

SEEDS = st.integers(0, 10_000)
some = settings(max_examples=10, deadline=None)
NAMES = ("co2_max_t", "import_max_mwh", "import_peak_max_mw", "green_share_min")
PRICE = ([100.0, 300.0], 2_000.0)


def park_of(limits, *, price=PRICE[0], battery=True, short=PRICE[1], **more):
    """Two hours of 5 MW, 6 MW of sun in the first; a grid, a battery that loses a fifth, a shortfall."""
    parts = [source(power_mw=[6.0, 0.0]), grid(price_cny_per_mwh=price, **more), demand(power_mw=[5.0, 5.0])]
    if battery:
        store = {"power_max_mw": 5.0, "energy_max_mwh": 9.0, "eff_in": 1.0, "eff_out": 0.8}
        parts.append({"name": "store", "kind": "battery", **store})
    parts += [shortfall(price_cny_per_mwh=short)] if short else []
    return read_park({**micro(*parts), **({"limits": limits} if limits else {})})


def used(ds):
    """What each limit limits, in the plan of a run: over the horizon, which lies in one year."""
    told = summarise(ds)
    bought, served = told["import_mwh"], told["load_mwh"] - told["unserved_mwh"]
    held = ds["content_start"].to_numpy()[~ds["content_cyclic"].to_numpy()]
    stores = np.isin(ds["level_component"].to_numpy()[~ds["content_cyclic"].to_numpy()], ["battery"])
    return {
        "co2_max_t": float(ds["co2"].sum()),
        "import_max_mwh": bought,
        "import_peak_max_mw": told["peak_import_mw"],
        "green_share_min": 1.0 - (bought + held[stores].sum()) / served,
    }


def limited(table, name, share):
    """A random park with one limit tighter than the cheapest plan's own value by a share; None where it has none."""
    found = used(ps.solve(read_park(table)))
    was = found[name]
    if name == "green_share_min":
        value = 1.0 - (1.0 - was) * (1.0 - share)
        fits = value > 1e-3 and found["import_max_mwh"] > 2.0 * share * (1.0 - was) * total_load(table)
    else:
        value = was * (1.0 - share)
        fits = value > 1e-3
    return {**deepcopy(table), "limits": {name: value}} if fits else None


def total_load(table):
    return float(np.sum(table["components"]["load"]["power_mw"]))


# what each of them does, by hand


@pytest.mark.parametrize(
    ("limits", "cost", "dual"),
    [
        # none: the battery takes 1 MWh of surplus sun (0.8 out); the second hour buys 4.2 MWh at 300, or in the first
        # hour 1 MWh more at 100 for 0.8 MWh: 125 < 300, so it fills to its 5 MW of charge: 4 MWh bought at 100
        (None, 4 * 100.0 + 1.0 * 300.0, None),
        # 2 t at 0.5 t/MWh are 4 MWh bought: all of it is cheaper unstored, at 300, but then 0.2 MWh are short of 5
        # (a) 0.8 of surplus, 4 bought at 300 in the second hour, 0.2 short at 2,000: one tonne less is 2 MWh short
        ({"co2_max_t": 2.0}, 4 * 300.0 + 0.2 * 2_000.0, -2 * 1_700.0),
        ({"import_max_mwh": 4.0}, 4 * 300.0 + 0.2 * 2_000.0, -1_700.0),
        # 3 MW bought in the first hour and 1 of surplus make 3.2 MWh in the second, which buys the rest
        ({"import_peak_max_mw": 3.0}, 3 * 100.0 + 1.8 * 300.0, None),
        # bought <= 0.4 (10 - shed), bought + 0.8 + shed = 5: shed 1 / 3
        ({"green_share_min": 0.6}, (4.2 - 1 / 3) * 300.0 + 2_000.0 / 3, -1_700.0 / 0.6),
    ],
)
def test_known_answers(limits, cost, dual):
    ds = ps.solve(park_of(limits))
    assert ds.attrs["objective_cny"] == pytest.approx(cost)
    if dual is not None:
        (name,) = limits
        assert float(ds["row_dual"].sel(row=f"limits.{name}")[-1]) == pytest.approx(dual)


def test_a_looser_limit_than_needed_changes_nothing_and_has_no_price():
    free = ps.solve(park_of(None)).attrs["objective_cny"]
    loose = {"co2_max_t": 9.0, "import_max_mwh": 9.0, "import_peak_max_mw": 9.0, "green_share_min": 0.1}
    ds = ps.solve(park_of(loose))
    assert ds.attrs["objective_cny"] == pytest.approx(free)
    rows = [row for row in ds["row"].to_numpy() if row.startswith("limits.")]
    assert len(rows) == 4
    assert float(np.nansum(np.abs(ds["row_dual"].sel(row=rows).to_numpy()))) == 0.0


def test_energy_sold_counts_where_the_yardstick_nets_it():
    """6 MWh of sun, 1 of them sold: 5 bought less 1 sold are 2 t net, and 2.5 t gross are too many."""
    park = park_of({"co2_max_t": 2.0}, battery=False, export_max_mw=1.0, export_price_cny_per_mwh=50.0)
    data = park.tables()
    data["yardsticks"] = {"case": YARDSTICK["case"] | {"net_of_export": True}}
    gross, net = ps.solve(park), ps.solve(read_park(data))
    assert net.attrs["objective_cny"] == pytest.approx(5 * 300.0 - 50.0)
    assert gross.attrs["objective_cny"] == pytest.approx(4 * 300.0 + 2_000.0 - 50.0)


def test_years_are_limited_each_on_its_own():
    """One hour before and one after the turn of the year, 5 MWh each; 4 MWh may be bought a year, not 8 in one."""
    table = micro(grid(price_cny_per_mwh=[100.0, 300.0]), demand(power_mw=[5.0, 3.0]), shortfall(price_cny_per_mwh=9e3))
    table |= {"time": {"year": 2025, "first_day": "12-31", "hours": 48}, "limits": {"import_max_mwh": 96.0}}
    table["tariffs"]["grid"]["price_cny_per_mwh"] = [100.0] * 24 + [300.0] * 24
    table["components"]["demand"]["power_mw"] = [5.0] * 24 + [3.0] * 24
    ds = ps.solve(read_park(table))
    assert ds.attrs["objective_cny"] == pytest.approx(96 * 100.0 + 24 * 9e3 + 72 * 300.0)
    told = ds["row_dual"].sel(row="limits.import_max_mwh").to_numpy()
    assert told[np.isfinite(told)] == pytest.approx([-8_900.0, 0.0])
    assert np.flatnonzero(np.isfinite(told)).tolist() == [23, 47]


# prices


@some
@given(seed=SEEDS, name=st.sampled_from(NAMES), share=st.floats(0.02, 0.2))
def test_the_price_of_a_limit_is_the_slope_of_the_cost(seed, name, share):
    table = limited(testing.random_table(seed), name, share)
    if table is None:
        return
    ds = ps.solve(read_park(table))
    dual, value = np.nansum(ds["row_dual"].sel(row=f"limits.{name}").to_numpy()), table["limits"][name]
    told = ps.worth(read_park(table)).sel(field=f"limits.{name}")
    if name == "green_share_min":
        told_served = summarise(ds)
        dual *= -(told_served["load_mwh"] - told_served["unserved_mwh"])
    differences = []
    for end, sign in zip(told["valid"].to_numpy(), (-1.0, 1.0), strict=True):
        step = max(1e-7 * value, min(1e-5 * value, abs(float(end) - value) / 2.0))  # short of the next kink
        there = deepcopy(table)
        there["limits"][name] = value + sign * step
        cost = ps.solve(read_park(there)).attrs["objective_cny"]
        differences.append(sign * (cost - ds.attrs["objective_cny"]) / step)
    left, right = differences
    size = max(1.0, abs(left), abs(right))
    slopes = told["cost_slope"].to_numpy()
    assert slopes == pytest.approx([left, right], rel=1e-3, abs=1e-3 * size)
    assert min(left, right) - 1e-3 * size <= dual <= max(left, right) + 1e-3 * size


@some
@given(seed=SEEDS, name=st.sampled_from(NAMES), share=st.floats(0.02, 0.3))
def test_a_looser_limit_never_costs_more_and_each_plan_keeps_its_limit(seed, name, share):
    table = testing.random_table(seed)
    tight, free = limited(table, name, share), ps.solve(read_park(table))
    if tight is None:
        return
    ds = ps.solve(read_park(tight))
    value = tight["limits"][name]
    slack = 1e-6 * max(1.0, abs(value))
    assert ds.attrs["objective_cny"] >= free.attrs["objective_cny"] - 1e-7 * abs(free.attrs["objective_cny"])
    kept = used(ds)[name]
    assert kept >= value - slack if name == "green_share_min" else kept <= value + slack
    if name == "green_share_min":
        assert summarise(ds)["green_share"] >= value - 1e-6


def test_the_audit_sees_a_plan_that_breaks_a_limit():
    ds = ps.solve(park_of({name: 0.5 if name == "green_share_min" else 4.0 for name in NAMES}))
    assert max(park_limits(ds).values()) <= 1e-6
    assert set(park_limits(ds)) == {f"limits.{name}" for name in NAMES}
    assert set(park_limits(ds)) <= set(recompute(ds))
    for name, wrong in (("co2_max_t", 1.0), ("import_max_mwh", 2.0), ("import_peak_max_mw", 1.0)):
        ds.attrs["limits"] = f'{{"{name}": {wrong}}}'
        assert park_limits(ds)[f"limits.{name}"] > 0.1
    ds.attrs["limits"] = '{"green_share_min": 0.99}'
    assert park_limits(ds)["limits.green_share_min"] > 0.1


def test_the_audit_of_older_results_finds_no_limits():
    ds = ps.solve(park_of(None))
    del ds.attrs["limits"]
    assert park_limits(ds) == {}


# pieces of the horizon, sizing, what-ifs


@pytest.mark.parametrize("name", NAMES)
def test_a_year_by_pieces_has_the_optimum_of_a_cold_solve(name):
    table = testing.random_table(3, hours=24 * 40)
    table["components"]["shortfall"]["price_cny_per_mwh"] = 200_000.0
    table = limited(table, name, 0.1)
    _, _, program, lp = testing.expand(table)
    _, found, told = decompose.solve(Ladder(program, lp), lp)
    assert told.pieces
    assert found.objective_cny == pytest.approx(Solver(lp).run().objective_cny, rel=1e-9)


def test_a_limit_moves_live_and_its_presence_is_structure():
    live = ps.live(park_of({"co2_max_t": 2.0}))
    live.solve()
    live.set({"limits.co2_max_t": 1.0})
    assert live.solve().attrs["objective_cny"] == pytest.approx(
        ps.solve(park_of({"co2_max_t": 1.0})).attrs["objective_cny"]
    )
    with pytest.raises(StructureChanged, match=r"limits\.import_max_mwh"):
        live.set({"limits.import_max_mwh": 1.0})
    with pytest.raises(InputError, match=r"limits\.co2_max: unknown key\. Did you mean 'co2_max_t'"):
        live.set({"limits.co2_max": 1.0})


def test_numbers_of_a_limit_that_was_not_declared_are_refused():
    park = park_of({"co2_max_t": 2.0})
    bare = Program(park.components, nodes=park.nodes, time=park.time)
    with pytest.raises(StructureError, match="limits"):
        bare.fill(gather(park).values)


def test_sizing_keeps_the_limits():
    """A battery of 10 CNY a MWh and year would not pay by itself; a limit on the bought energy has it built."""
    data = park_of({"import_max_mwh": 4.3}, price=[100.0, 100.0], short=9_000.0).tables()
    data["sizing"] = {"discount_rate": 0.0}
    data["components"]["store"]["size"] = {
        "energy_max_mwh": {"max": 9.0, "capex_cny": 100.0 * 365 * 12, "life_years": 1.0}
    }
    found = ps.size(read_park(data), within=())
    # 4.3 MWh bought leave 0.7 of the second hour's 5 MWh: 0.7 / 0.8 held, at 100 CNY per MWh and two hours
    assert found.capacities["components.store.energy_max_mwh"] == pytest.approx(0.7 / 0.8, rel=1e-4)
    assert found.ds.attrs["objective_cny"] == pytest.approx(430.0 + 100.0 * 0.7 / 0.8, rel=1e-6)


# told


def test_limits_that_cannot_hold_are_told_in_park_words():
    with pytest.raises(NoSolution) as error:
        ps.solve(park_of({"co2_max_t": 1.0}, short=0.0))
    assert "limits.co2_max_t is exceeded by 1.1 t." in error.value.suspects[0]
    with pytest.raises(NoSolution) as error:
        ps.solve(park_of({"import_max_mwh": 3.0}, short=0.0))
    assert any("limits.import_max_mwh" in line for line in error.value.suspects)
    with pytest.raises(NoSolution) as error:
        ps.solve(park_of({"green_share_min": 1.0}, short=0.0))
    assert any("limits.green_share_min" in line for line in error.value.suspects)


def test_what_binds_and_why_name_the_limit():
    park = park_of({"co2_max_t": 2.0})
    ds = ps.solve(park)
    # the binding tonne is worth 3,400 CNY, and a MWh bought bears half of it
    hour = ps.why(park, at="2025-01-01T01:00", saving=False).hours[0]
    buy = next(flow for flow in hour.flows if flow.label == "grid.buy")
    assert buy.parts_cny_per_mwh == {"co2_limit": pytest.approx(1_700.0)}
    assert buy.own_cny_per_mwh == pytest.approx(300.0)
    told = {limit.what: limit for limit in limits(View(ds, summarise(ds)))}
    assert told["CO₂ of the whole park at its limit"].worth_cny == pytest.approx(2.0 * 3_400.0)


def test_the_worth_of_a_green_share_is_one_per_cent_of_what_may_be_bought():
    ds = ps.solve(park_of({"green_share_min": 0.6}))
    told = {limit.what: limit for limit in limits(View(ds, summarise(ds)))}
    limit = told["Least green share of the whole park, made sure by buying less"]
    assert limit.worth_cny == pytest.approx(1_700.0 / 0.6 * 0.4 * (10.0 - 1 / 3))


def test_green_share_parts_close_on_every_flow():
    hour = ps.why(park_of({"green_share_min": 0.6}), at="2025-01-01T01:00", saving=False).hours[0]
    flows = {flow.label: flow for flow in hour.flows}
    assert flows["grid.buy"].own_cny_per_mwh == pytest.approx(300.0)
    assert flows["shortfall.shed"].own_cny_per_mwh == pytest.approx(2_000.0)
    assert flows["grid.buy"].parts_cny_per_mwh["green_limit"] == pytest.approx(1_700.0 / 0.6)


def test_all_from_the_grid_lifts_the_limits_and_says_so():
    ds = ps.run(park_of({"co2_max_t": 2.0, "green_share_min": 0.5, "import_peak_max_mw": 4.5}))
    grid_run = ds.sel(reference="grid")
    assert bool(grid_run["reference_feasible"])
    assert float(grid_run["reference_cost"]) == pytest.approx(5 * 100.0 + 5 * 300.0)
    lifted = str(grid_run["reference_lifted"].item())
    assert all(f"limits.{name}" in lifted for name in ("co2_max_t", "green_share_min", "import_peak_max_mw"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"limits": {"co2_max": 1.0}}, "limits.co2_max: unknown key. Did you mean 'co2_max_t'?"),
        ({"limits": {"green_share_min": 60.0}}, "Write a fraction, e.g. 0.6."),
        ({"limits": {"import_max_mwh": -1.0}}, "limits.import_max_mwh: got -1.0, must be at least 0 MWh"),
        ({"limits": {"co2_max_t": 1.0}, "yardsticks": {}}, "limits.co2_max_t: CO2 needs a yardstick."),
    ],
)
def test_bad_limits_are_told_by_path(change, said):
    data = park_of(None).tables()
    with pytest.raises(InputError, match="limits") as error:
        read_park({**data, **change})
    assert said in str(error.value)


def test_a_park_without_a_grid_has_nothing_to_limit():
    data = micro(source(power_mw=[6.0, 6.0]), demand(power_mw=[5.0, 5.0]))
    with pytest.raises(InputError, match=r"limits\.import_max_mwh: there is no grid to limit"):
        read_park({**data, "limits": {"import_max_mwh": 1.0}})


def test_a_component_may_not_have_the_name_of_the_table():
    data = micro(grid(price_cny_per_mwh=[1.0, 1.0]), demand(power_mw=[5.0, 5.0], name="limits"))
    with pytest.raises(InputError, match=r"components\.limits: the table \[limits\] has this name"):
        read_park(data)


def test_results_keep_the_limits(tmp_path):
    ds = ps.solve(park_of({"co2_max_t": 2.0}))
    ds.to_netcdf(tmp_path / "result.nc")
    again = xr.load_dataset(tmp_path / "result.nc")
    assert park_limits(again) == park_limits(ds)
    assert str(again["field_value"].sel(field="limits.co2_max_t").item()) == "2"
