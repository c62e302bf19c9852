"""Reference runs: each is the changed park solved on its own; what has no plan is told; the Dataset holds them all."""

import json
from importlib import import_module

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import parksim as ps
from parksim import api, testing
from parksim.accounts.references import FIGURES, figures_of
from parksim.changes import changed_park
from parksim.output import read_dataset, write_dataset
from parksim.park import read_park
from parksim.questions import references as asked
from parksim.report.formats import to_plain
from parksim.report.view import View

SEEDS = st.integers(0, 10_000)
told = import_module("parksim.report.references")


def seen(ds):
    """A run as the report reads it."""
    return View(ds, ps.summarise(ds))


def random_park(seed, **kwargs):
    """A random park with a second tariff that no connection uses."""
    table = testing.random_table(seed, **kwargs)
    rng = np.random.default_rng(seed)
    prices = rng.uniform(100, 900, len(table["tariffs"]["t"]["price_cny_per_mwh"])).round(2).tolist()
    table["tariffs"]["u"] = {"price_cny_per_mwh": prices, "demand_cny_per_mw_month": 20_000.0}
    return table


def park_of(*parts, tariffs=None, **tables):
    """A park of a few hours."""
    cases = import_module("parksim.components._cases")
    table = cases.micro(*parts, **tables)
    table["tariffs"] |= tariffs or {}
    return read_park(table)


cases = import_module("parksim.components._cases")
demand, grid, shortfall, source = cases.demand, cases.grid, cases.shortfall, cases.source
BATTERY = {
    "name": "battery",
    "kind": "battery",
    "power_max_mw": 4.0,
    "energy_max_mwh": 10.0,
    "eff_in": 1.0,
    "eff_out": 0.5,
}


@settings(max_examples=12, deadline=None)
@given(seed=SEEDS, hours=st.sampled_from([24, 24 * 24]))
def test_each_is_the_changed_park_solved_on_its_own(seed, hours):
    park = read_park(random_park(seed, hours=hours))
    ds = ps.run(park)
    assert ds["reference"].to_numpy().tolist()[0] == "grid"
    assert ds["reference"].to_numpy().tolist()[-1] == "tariff.u"
    for at, name in enumerate(ds["reference"].to_numpy().tolist()):
        one = ds.isel(reference=at)
        changes = json.loads(one["reference_changes"].item())
        try:
            fresh = ps.solve(changed_park(park, changes))
        except (ps.InputError, ps.NoSolution):
            assert not one["reference_feasible"], name
            assert np.isnan(one["reference_cost"]), name
            continue
        assert one["reference_feasible"], name
        figures, co2_t = figures_of(fresh)
        for figure in ("objective", "cost"):
            assert one[f"reference_{figure}"].item() == pytest.approx(figures[figure], rel=1e-9, abs=1e-6), figure
        ties = json.loads(fresh.attrs["ties"])
        tied = not max(ties["bought_width_mwh"], ties["storage_throughput_width_mwh"]) < 1e-6
        if not tied:
            assert one["reference_import"].item() == pytest.approx(figures["import"], rel=1e-6, abs=1e-3)
            # Which hours a store fills in, and what of a shortage is its own use, stays open where totals do not.
            for figure in ("unit_cost", "green_supply"):
                assert one[f"reference_{figure}"].item() == pytest.approx(figures[figure], rel=1e-3, abs=1e-3), figure
        if not tied:
            assert one["reference_co2"].to_numpy() == pytest.approx(list(co2_t.values()), rel=1e-6, abs=1e-3)
        saving = fresh.attrs["objective_cny"] - ds.attrs["objective_cny"]
        assert one["reference_saving"].item() == pytest.approx(saving, rel=1e-6, abs=1e-3)


@settings(max_examples=12, deadline=None)
@given(seed=SEEDS)
def test_a_store_without_own_use_never_costs_more_than_none(seed):
    table = testing.random_table(seed)
    if "battery" in table["components"]:
        table["components"]["battery"] |= {"auxiliary_fraction": 0.0, "level_min_fraction": 0.0}  # both cost when idle
    ds = ps.run(read_park(table))
    names = ds["reference"].to_numpy().tolist()
    assert ("no_storage" in names) == bool({"battery", "lake"} & set(table["components"]))
    if "no_storage" in names:
        assert ds["reference_saving"].sel(reference="no_storage").item() >= -1e-9 * abs(ds.attrs["objective_cny"])
        assert ps.summarise(ds)["storage_worth_cny"] == ds["reference_saving"].sel(reference="no_storage").item()


@settings(max_examples=6, deadline=None)
@given(seed=SEEDS)
def test_all_from_the_grid_is_load_times_price(seed):
    """Nothing green is left, and where the grid is open all load is bought, whatever the limit was."""
    table = random_park(seed, peaks=False)
    table["tariffs"]["t"]["demand_cny_per_mw_month"] = 0.0
    ds = ps.run(read_park(table)).sel(reference="grid")
    load, price = (
        np.array(values)
        for values in (table["components"]["load"]["power_mw"], table["tariffs"]["t"]["price_cny_per_mwh"])
    )
    assert ds["reference_green_supply"].item() == 0.0
    assert ds["reference_unserved"].item() == pytest.approx(0.0, abs=1e-6)
    assert ds["reference_cost"].item() == pytest.approx(float(load @ price), rel=1e-9)
    assert ds["reference_peak_import"].item() == pytest.approx(load.max(), rel=1e-9)


def test_the_run_itself_is_what_solve_gives():
    park = ps.load_park("two-days")
    run, alone = ps.run(park), ps.solve(park)
    assert set(run.variables) == set(alone.variables)
    for name in alone.variables:
        if not name.startswith("reference") and name != "yardstick":
            np.testing.assert_array_equal(run[name], alone[name], err_msg=str(name))
    assert alone.sizes["reference"] == 0
    assert run.sizes["reference"] == 2
    assert ps.run(park, references=False).sizes["reference"] == 0


def test_nothing_is_held_against_where_nothing_was_asked():
    ds = ps.solve(ps.load_park("two-days"))
    summary = ps.summarise(ds)
    assert (summary["references"], summary["storage_worth_cny"]) == ({}, None)
    assert told.text_rows(seen(ds)) == told.notes(seen(ds)) == []


class TestTheConnection:
    def test_a_limit_in_the_way_is_lifted_and_told(self):
        park = park_of(
            source(power_mw=[4.0, 4.0]),
            grid(price_cny_per_mwh=[100.0, 200.0], import_max_mw=3.0, import_available=[1.0, 0.5]),
            demand(power_mw=[5.0, 5.0]),
        )
        ds = ps.run(park).sel(reference="grid")
        # 5 MW at half the limit need 10 MW; 5 MWh * 100 + 5 MWh * 200
        assert json.loads(ds["reference_lifted"].item()) == {"components.grid.import_max_mw": [3.0, 10.0]}
        assert ds["reference_cost"].item() == pytest.approx(1500.0)
        (line,) = told.notes(seen(ps.run(park)))
        assert line.startswith("All from the grid: components.grid.import_max_mw is lifted from 3 to 10,")

    def test_a_cap_on_the_year_is_lifted_too(self):
        park = park_of(
            source(power_mw=[4.0, 4.0]),
            grid(price_cny_per_mwh=[100.0, 200.0], import_energy_max_mwh=2.0),
            demand(power_mw=[5.0, 5.0]),
        )
        ds = ps.run(park).sel(reference="grid")
        assert json.loads(ds["reference_lifted"].item()) == {"components.grid.import_energy_max_mwh": [2.0, 10.0]}
        assert ds["reference_cost"].item() == pytest.approx(1500.0)

    def test_what_is_large_enough_stays(self):
        park = park_of(source(power_mw=4.0), grid(price_cny_per_mwh=[100.0, 200.0]), demand(power_mw=[5.0, 5.0]))
        assert ps.run(park)["reference_lifted"].to_numpy().tolist() == ["{}"]

    def test_hours_without_a_grid_stay_without(self):
        park = park_of(
            source(power_mw=[6.0, 6.0]),
            grid(price_cny_per_mwh=[100.0, 200.0], import_available=[1.0, 0.0]),
            demand(power_mw=[5.0, 5.0]),
            shortfall(price_cny_per_mwh=10_000.0),
        )
        run = ps.run(park)
        ds = run.sel(reference="grid")
        assert json.loads(ds["reference_lifted"].item()) == {}
        assert ds["reference_unserved"].item() == pytest.approx(5.0)
        assert ds["reference_cost"].item() == pytest.approx(5 * 100.0 + 5 * 10_000.0)
        (line,) = map(to_plain, told.notes(seen(run)))
        assert line == "All from the grid: 5.00 MWh stay unserved; their damage is in the cost."

    def test_two_connections_help_each_other(self):
        park = park_of(
            source(power_mw=[6.0, 6.0]),
            grid(price_cny_per_mwh=[100.0, 200.0], import_max_mw=2.0),
            {"name": "second", "kind": "grid", "tariff": "grid", "import_max_mw": 1.0},
            demand(power_mw=[5.0, 4.0]),
        )
        ds = ps.run(park).sel(reference="grid")
        assert json.loads(ds["reference_lifted"].item()) == {"components.grid.import_max_mw": [2.0, 4.0]}
        assert ds["reference_cost"].item() == pytest.approx(5 * 100.0 + 4 * 200.0)


class TestWithoutAPlan:
    def test_no_grid(self):
        run = ps.run(park_of(source(power_mw=[6.0, 6.0]), demand(power_mw=[5.0, 5.0]), BATTERY))
        assert run["reference_termination"].to_numpy().tolist() == ["no_grid", "optimal"]
        (line,) = told.notes(seen(run))
        assert line == "All from the grid: there is no such plan; the park has no connection to the grid."
        assert len(told.text_rows(seen(run))) == 3
        one = ps.summarise(run)["references"]["grid"]
        assert (one["feasible"], one["cost_cny"], one["saving_cny"], one["emissions_t"]) == (False, None, None, None)

    def test_without_storage_the_load_cannot_be_met(self):
        park = park_of(
            source(power_mw=[9.0, 0.0]),
            grid(price_cny_per_mwh=[100.0, 100.0], import_max_mw=4.0),
            demand(power_mw=[5.0, 5.0]),
            BATTERY,
            tariffs={"other": {"energy_cny_per_mwh": 50.0}},
        )
        run = ps.run(park)
        assert run["reference"].to_numpy().tolist() == ["grid", "no_storage", "tariff.other"]
        assert run["reference_termination"].to_numpy().tolist() == ["optimal", "infeasible", "optimal"]
        (_, line) = told.notes(seen(run))
        assert line.startswith("Without storage: there is no such plan; its limits contradict each other. ")
        assert "falls short by 1 MWh" in line
        assert ps.summarise(run)["storage_worth_cny"] is None

    def test_another_tariff_that_would_be_refused(self, tmp_path):
        """At the other tariff's demand charge shedding load would pay; no folder of this machine is told."""
        park = park_of(
            grid(price_cny_per_mwh=[100.0, 200.0]),
            demand(power_mw=[5.0, 5.0]),
            shortfall(price_cny_per_mwh=1_000.0),
            tariffs={"dear": {"energy_cny_per_mwh": 50.0, "demand_cny_per_mw_month": 1e6, "title": "A dear one"}},
        ).model_copy(update={"file": str(tmp_path / "park.toml")})
        run = ps.run(park)
        one = run.sel(reference="tariff.dear")
        assert one["reference_termination"].item() == "refused"
        assert one["reference_note"].item().startswith("components.shortfall.price_cny_per_mwh: got 1000")
        (line,) = told.notes(seen(run))
        assert line.startswith("At the tariff A dear one: there is no such plan; the park would be refused. comp")
        assert str(tmp_path) not in line


def test_every_unused_tariff_is_a_reference_for_every_connection():
    park = park_of(
        grid(price_cny_per_mwh=[100.0, 200.0]),
        {"name": "second", "kind": "grid", "tariff": "used", "import_max_mw": 1.0},
        demand(power_mw=[5.0, 5.0]),
        tariffs={name: {"energy_cny_per_mwh": price} for name, price in (("used", 90.0), ("a", 10.0), ("b", 20.0))},
    )
    found = {r.name: r.changes for r in asked.references_of(api.optimum(park))}
    assert list(found) == ["grid", "tariff.a", "tariff.b"]
    assert found["tariff.a"] == {"components.grid.tariff": "a", "components.second.tariff": "a"}
    ds = ps.run(park)
    assert ds["reference_cost"].to_numpy() == pytest.approx([100.0 * 4 + 90.0 + 200.0 * 4 + 90.0, 100.0, 200.0])


def test_the_stores_are_those_that_why_speaks_of():
    lake = {"name": "lake", "kind": "reservoir", "power_max_mw": 6.0, "energy_max_mwh": 20.0, "inflow_mw": 4.0}
    park = park_of(grid(price_cny_per_mwh=[100.0, 200.0]), demand(power_mw=[5.0, 5.0]), lake, BATTERY)
    found = api.optimum(park)
    assert asked.store_capacities(found.solved.program, park) == {
        "lake": {"energy_max_mwh": 20.0},
        "battery": {"power_max_mw": 4.0, "energy_max_mwh": 10.0},
    }
    worth = ps.summarise(ps.run(park))["storage_worth_cny"]
    assert worth == pytest.approx(ps.why(park).saving.total_cny, rel=1e-9)


def test_units_and_meaning_stand_in_the_dataset_and_survive_a_file(tmp_path):
    ds = ps.run(ps.load_park("two-days"))
    again = read_dataset(write_dataset(ds, tmp_path / "result.nc"))
    for found in (ds, again):
        for figure, (unit, meaning) in FIGURES.items():
            assert found[f"reference_{figure}"].attrs == {"units": unit, "long_name": meaning}
        assert found["reference_co2"].attrs["units"] == "t"
        assert found["reference_co2"].dims == ("reference", "yardstick")
        assert found["yardstick"].to_numpy().tolist() == list(json.loads(ds.attrs["yardsticks"]))
    assert ps.summarise(again)["references"] == ps.summarise(ds)["references"]


def test_the_summary_tells_what_was_changed():
    summary = ps.summarise(ps.run(ps.load_park("two-days")))["references"]
    assert list(summary) == ["grid", "no_storage"]
    assert set(summary["no_storage"]["changes"].values()) == {0.0}
    assert summary["grid"]["saving_cny"] > summary["no_storage"]["saving_cny"] > 0.0
    assert set(summary["grid"]["emissions_t"]) == set(ps.load_park("two-days").yardsticks)
