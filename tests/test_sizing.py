"""Sizing: equal to the one-LP form and to brute force, within its limits, honest about its gap."""

import itertools
import tomllib
from copy import deepcopy

import numpy as np
import pytest
import xarray as xr
from hypothesis import example, given, settings
from hypothesis import strategies as st

import parksim as ps
from parksim import testing
from parksim.components import KINDS
from parksim.errors import InputError, NoSolution
from parksim.fields import fields_of
from parksim.investment import Size
from parksim.lp.highs import Solver
from parksim.lp.joint import joint
from parksim.park import read_park
from parksim.parkfile import load_park
from parksim.questions import sized
from parksim.questions.sizing import _entries, pose, with_capacities

SEEDS = st.integers(0, 10_000)
some = settings(max_examples=12, deadline=None)
TIGHT = 1e-8
SMALL_CNY = 0.05
"""HiGHS holds rows to 1e-7 MW, and a MWh missing costs 90,000 CNY: over 24 steps two right answers differ by cents."""


def sizable_table(seed, *, most=3.0, only=None):
    """A random park in which random capacities are to be chosen, at random costs."""
    table = testing.random_table(seed)
    rng = np.random.default_rng(seed)
    table["sizing"] = {"discount_rate": 0.06}
    for entry in table["components"].values():
        if entry["kind"] == "reservoir" or (only and entry["kind"] not in only):
            continue
        for field, doc in fields_of(KINDS[entry["kind"]]).items():
            if doc.sizable and field in entry and rng.random() < 0.7:
                size = {
                    "max": round(most * (entry[field] or 1.0), 2),
                    "capex_cny": round(rng.uniform(1e3, 4e6) * (0.2 if field == "energy_max_mwh" else 1.0)),
                    "om_cny_per_year": round(rng.uniform(0.0, 1e4)),
                    "life_years": 20.0,
                    "area_m2": round(rng.uniform(0.0, 1e4)),
                }
                entry.setdefault("size", {})[field] = {k: float(v) for k, v in size.items()}
    grid = table["components"]["grid"]
    grid.setdefault("size", {}).setdefault("import_max_mw", {"max": 60.0, "capex_cny": 2e6, "life_years": 30.0})
    return table


def one_lp(park, **how):
    """The reference: capacities as columns beside the operation."""
    asked = pose(park)
    both = joint(asked.lp, asked.box, invest=asked.invest, **how)
    solution = Solver(both.lp).run()
    return solution, solution.columns[both.capacities] if solution.optimal else None


@pytest.mark.parametrize("seed", [20, 29])
def test_what_pays_without_end_is_built_to_its_limit_however_far(seed):
    """The first cuts fall a million times farther than the first cost: no bound may be claimed from where one looks."""
    table = sizable_table(seed)
    for entry in table["components"].values():
        for size in entry.get("size", {}).values():
            size["max"] = 1e6
    park = read_park(table)
    found, right = ps.size(park, within=()), one_lp(park)[0].objective_cny
    assert found.ds.attrs["objective_cny"] == pytest.approx(right, rel=2e-6)
    assert found.ds.attrs["bound_cny"] <= right + 1e-6 * abs(right)
    assert all(x == 0.0 or x > 1e-9 for x in found.capacities.values())


def investment(found):
    return float(found.ds["investment"].sum())


@some
@given(seed=SEEDS)
def test_cuts_and_one_lp_agree_and_the_gap_holds(seed):
    park = read_park(sizable_table(seed))
    found = ps.size(park, gap=TIGHT, within=())
    right = one_lp(park)[0].objective_cny
    told = found.ds.attrs
    assert told["objective_cny"] == pytest.approx(right, rel=1e-6, abs=SMALL_CNY)
    assert told["gap"] <= TIGHT * 1.01
    assert told["bound_cny"] <= right + 1e-7 * abs(right) + SMALL_CNY
    assert right <= told["objective_cny"] + 1e-7 * abs(right) + SMALL_CNY


@some
@given(seed=SEEDS)
def test_the_sized_park_costs_what_was_told(seed):
    found = ps.size(read_park(sizable_table(seed)), within=())
    ds = ps.solve(found.park)
    told = found.ds.attrs
    assert ds.attrs["objective_cny"] == pytest.approx(told["operation_cny"], rel=1e-8, abs=SMALL_CNY)
    assert told["objective_cny"] == pytest.approx(told["operation_cny"] + told["capacities_cny"], rel=1e-12)


@some
@given(seed=SEEDS, share=st.floats(0.1, 0.9))
def test_limits_are_kept_and_cost_what_the_one_lp_says(seed, share):
    table = sizable_table(seed)
    free = ps.size(read_park(table), within=())
    park = read_park(table)
    area = sum(
        park.components[label.split(".")[1]].size[label.split(".")[2]].area_m2 * x
        for label, x in free.capacities.items()
    )
    table["sizing"] |= {"investment_max_cny": share * investment(free), "area_max_m2": share * area}
    tight = read_park(table)
    found = ps.size(tight, gap=TIGHT, within=())
    assert investment(found) <= share * investment(free) * (1 + 1e-6) + 1e-3
    assert found.ds.attrs["objective_cny"] == pytest.approx(one_lp(tight)[0].objective_cny, rel=1e-6, abs=SMALL_CNY)
    assert found.ds.attrs["objective_cny"] >= free.ds.attrs["bound_cny"] - SMALL_CNY


@settings(max_examples=6, deadline=None)
@given(seed=SEEDS)
@example(seed=5437)  # a battery of no modules has an operation, one of energy alone has none
def test_modules_agree_with_trying_them_all(seed):
    table = sizable_table(seed, only=("grid", "battery"))
    for entry in table["components"].values():
        for field, size in entry.get("size", {}).items():
            step = size["max"] / 3.0
            entry["size"][field] = {**size, "step": step, "max": size["max"] * 1.2}
    park = read_park(table)
    found = ps.size(park, gap=TIGHT, within=(0.03,))
    listed = _entries(park)
    costs = {}
    for counts in itertools.product(range(4), repeat=len(listed)):
        x = {e.label: n * e.size.step for e, n in zip(listed, counts, strict=True)}
        solved = testing.solved(_dumped(with_capacities(park, x))).solution
        if solved.optimal:
            yearly = sum((e.size.annuity_cny(0.06) + e.size.om_cny_per_year) * x[e.label] for e in listed)
            costs[counts] = solved.objective_cny + yearly * park.time.year_share
    best = min(costs.values())
    assert found.ds.attrs["objective_cny"] == pytest.approx(best, rel=1e-7, abs=SMALL_CNY)
    near = [counts for counts, cost in costs.items() if cost <= best + 0.03 * abs(best)]
    for at, entry in enumerate(listed):
        assert found.ds["near_min"][0, at] == pytest.approx(min(n[at] for n in near) * entry.size.step, abs=1e-6)
        assert found.ds["near_max"][0, at] == pytest.approx(max(n[at] for n in near) * entry.size.step, abs=1e-6)


def _dumped(park):
    return park.model_dump(mode="json", exclude_unset=True, exclude={"file"})


@settings(max_examples=6, deadline=None)
@given(seed=SEEDS)
def test_near_optimal_ranges_agree_with_the_one_lp_under_a_cost_row(seed):
    park = read_park(sizable_table(seed))
    found = ps.size(park, gap=TIGHT, within=(0.01, 0.05))
    best, ds = found.ds.attrs["objective_cny"], found.ds
    for row, share in enumerate(ds["within"].to_numpy()):
        for at in range(ds.sizes["size"]):
            span = 0.0101 * float(ds["capacity_max"][at] - ds["capacity_min"][at]) + 1e-4
            for sign, name in ((1.0, "near_min"), (-1.0, "near_max")):
                weights = np.zeros(ds.sizes["size"])
                weights[at] = sign
                right = one_lp(park, most_cny=best + share * abs(best), objective=weights)[1][at]
                assert sign * float(ds[f"{name}_bound"][row, at]) <= sign * right + span / 50
                assert sign * right <= sign * float(ds[name][row, at]) + span / 50
                assert abs(float(ds[name][row, at]) - float(ds[f"{name}_bound"][row, at])) <= span


class TestFeasibility:
    """Capacities without any operation are left out by cuts, not by chance."""

    def park(self, **size):
        table = testing.random_table(3, stores=False, peaks=False)
        kept = {"load", "grid"}
        table["components"] = {n: c for n, c in table["components"].items() if n in kept}
        grid = table["components"]["grid"]
        del grid["import_available"]
        grid |= {"import_max_mw": 0.0, "export_max_mw": 0.0}
        grid["size"] = {"import_max_mw": {"max": 50.0, "capex_cny": 1e6, "life_years": 20.0, **size}}
        table["sizing"] = {"discount_rate": 0.06}
        return table

    def test_the_connection_is_as_large_as_the_peak(self):
        table = self.park()
        found = ps.size(read_park(table))
        assert found.capacities["components.grid.import_max_mw"] == pytest.approx(
            max(table["components"]["load"]["power_mw"]), abs=1e-4
        )

    def test_a_limit_that_just_suffices_is_taken(self):
        peak = max(self.park()["components"]["load"]["power_mw"])
        found = ps.size(read_park(self.park(max=peak)))
        assert found.capacities["components.grid.import_max_mw"] == pytest.approx(peak, abs=1e-6)

    @pytest.mark.parametrize("step", [None, 5.0])
    def test_nothing_of_a_store_is_allowed_where_it_alone_has_an_operation(self, step):
        """Without power a store cannot make up for the losses of its least content: it is left out, not given up."""
        table = self.park(min=50.0)
        size = {"max": 20.0, "capex_cny": 1e5, "life_years": 15.0} | ({"step": step} if step else {})
        table["components"]["battery"] = {
            "kind": "battery", "power_max_mw": 0.0, "energy_max_mwh": 10.0, "eff_in": 0.9, "eff_out": 0.9,
            "loss_per_h": 0.01, "level_min_fraction": 0.2, "size": {"energy_max_mwh": size},
        }  # fmt: skip
        assert ps.size(read_park(table)).capacities["components.battery.energy_max_mwh"] == pytest.approx(0.0, abs=1e-6)

    def test_in_whole_modules_it_is_rounded_up(self):
        table = self.park(step=4.0)
        peak = max(table["components"]["load"]["power_mw"])
        assert ps.size(read_park(table)).capacities["components.grid.import_max_mw"] == 4.0 * np.ceil(peak / 4.0)

    def test_too_small_a_limit_has_no_solution(self):
        with pytest.raises(NoSolution) as caught:
            ps.size(read_park(self.park(max=1.0)))
        assert "grid.buy" in " ".join(caught.value.suspects)

    def test_too_little_money_has_no_solution(self):
        table = self.park()
        table["sizing"]["investment_max_cny"] = 1e6
        with pytest.raises(NoSolution) as caught:
            ps.size(read_park(table))
        assert "sizing.investment_max_cny" in caught.value.suspects[0]

    def test_a_battery_with_energy_needs_some_power_for_its_losses(self):
        """Energy above zero with a least content loses a little, which power zero cannot make up for."""
        table = sizable_table(4)
        table["components"]["battery"] = {
            "kind": "battery",
            "power_max_mw": 0.0,
            "energy_max_mwh": 10.0,
            "eff_in": 0.9,
            "eff_out": 0.9,
            "loss_per_h": 0.01,
            "level_min_fraction": 0.2,
            "size": {"power_max_mw": {"max": 5.0, "capex_cny": 1e5, "life_years": 15.0}},
        }
        park = read_park(table)
        found = ps.size(park, gap=TIGHT, within=())
        assert found.capacities["components.battery.power_max_mw"] > 0.0
        assert found.ds.attrs["objective_cny"] == pytest.approx(one_lp(park)[0].objective_cny, rel=1e-6)


def test_what_costs_too_much_is_not_built_and_what_is_free_is():
    table = sizable_table(0)
    for entry in table["components"].values():
        for size in entry.get("size", {}).values():
            size |= {"capex_cny": 1e12, "min": 0.0}
    table["components"]["grid"]["size"] = {"import_max_mw": {"max": 60.0, "capex_cny": 0.0, "life_years": 1.0}}
    found = ps.size(read_park(table), within=())
    for label, value in found.capacities.items():
        if not label.startswith("components.grid"):
            assert value == pytest.approx(0.0, abs=1e-5)
    load = table["components"]["load"]["power_mw"]
    share = table["components"]["grid"]["import_available"]
    assert found.capacities["components.grid.import_max_mw"] >= min(
        60.0, min(p / a for p, a in zip(load, share, strict=True))
    )


def test_a_capacity_with_equal_limits_is_that():
    table = sizable_table(1)
    for entry in table["components"].values():
        for size in entry.get("size", {}).values():
            size["min"] = size["max"]
    park = read_park(table)
    found = ps.size(park)
    assert found.ds.attrs["dispatches"] == 1
    assert all(found.ds["capacity"].to_numpy() == found.ds["capacity_max"].to_numpy())


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_of_a_component_do_not_depend_on_its_capacities(kind):
    """Law 3: a capacity enters only as itself; else its slope would be wrong."""
    for case in testing.CASES[kind]:
        table = case.park()
        before = testing.expand(table)[1].values
        changed = deepcopy(table)
        for entry in changed["components"].values():
            for field, doc in fields_of(KINDS[entry["kind"]]).items():
                if doc.sizable and entry.get(field) is not None and entry["kind"] == kind:
                    entry[field] = entry[field] * 1.5 + 1.0
        try:
            after = testing.expand(changed)[1].values
        except InputError:
            continue  # a component may refuse a rating; what it takes, it takes as itself
        sizes = {name for name, doc in fields_of(KINDS[kind]).items() if doc.sizable}
        for component, numbers in before.items():
            for name, value in numbers.items():
                if name not in sizes:
                    np.testing.assert_array_equal(value, after[component][name], err_msg=f"{component}.{name}")


class TestInput:
    def table(self):
        return tomllib.loads((shipped_folder() / "two-days.toml").read_text(encoding="utf-8"))

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"eff_in": {}}, "components.battery.size.eff_in: is no capacity that can be sized. Capacities: power_max"),
            ({"energy_max": {}}, "components.battery.size.energy_max: is no capacity that can be sized. Did you mean"),
            ({"power_max_mw": {"min": 5.0, "max": 3.0}}, "power_max_mw.min: got 5, must be at most max (3)."),
            ({"power_max_mw": {"min": 5.0, "max": 7.0, "step": 4.0}}, "power_max_mw.step: got 4, and no whole number"),
            ({"power_max_mw": {"life_years": 0.0}}, "size.power_max_mw.life_years: got 0.0, must lie in (0, 200] year"),
            ({"power_max_mw": {"lifetime": 9.0}}, "components.battery.size.power_max_mw.lifetime: unknown key."),
            ({"power_max_mw": {"max": -1.0}}, "components.battery.size.power_max_mw.max: got -1.0"),
            ({"power_max_mw": {"capex_cny": "650"}}, "size.power_max_mw.capex_cny: got '650', must be a number."),
        ],
    )
    def test_slips_are_told_with_their_place(self, change, words):
        table = self.table()
        plain = {"max": 9.0, "capex_cny": 1.0, "life_years": 9.0}
        table["sizing"] = {"discount_rate": 0.07}
        table["components"]["battery"]["size"] = {field: {**plain, **entry} for field, entry in change.items()}
        with pytest.raises(InputError) as caught:
            read_park(table)
        assert words in str(caught.value)

    def test_sizes_need_an_interest_rate_and_a_source(self, tmp_path):
        table = self.table()
        size = {"max": 9.0, "capex_cny": 1.0, "life_years": 9.0}
        table["components"]["battery"]["size"] = {"power_max_mw": size}
        with pytest.raises(InputError, match=r"components\.battery\.size: needs an interest rate\. Add a table"):
            read_park(table)
        table["sizing"] = {"discount_rate": 7.0}
        with pytest.raises(InputError, match=r"sizing\.discount_rate: got 7\.0, must lie in \[0, 0\.5\]"):
            read_park(table)
        table["sizing"] = {"discount_rate": 0.07}
        file = tmp_path / "park.toml"
        file.write_text(sized.moved_toml(read_park(table), tmp_path), encoding="utf-8")
        with pytest.raises(InputError) as caught:
            load_park(file)
        assert "components.battery.size.power_max_mw: no source for capex_cny, life_years, max." in str(caught.value)
        assert "sizing: no source for discount_rate." in str(caught.value)

    def test_nothing_to_size_and_a_gap_of_nothing_are_refused(self):
        with pytest.raises(InputError, match="has nothing to size"):
            ps.size(ps.load_park("two-days"))
        with pytest.raises(InputError, match=r"must lie in \(0, 1\)"):
            ps.size(read_park(sizable_table(0)), gap=0.0)

    def test_a_run_takes_capacities_as_written(self):
        table = sizable_table(7)
        plain = deepcopy(table)
        for entry in plain["components"].values():
            entry.pop("size", None)
        assert testing.solved(table).solution.objective_cny == testing.solved(plain).solution.objective_cny


def shipped_folder():
    return load_park("two-days").folder


def test_annuity_of_a_loan():
    """A thousand over ten years at 6 %: 135.868 a year, as in any table of capital recovery factors."""
    size = Size(max=1.0, capex_cny=1000.0, life_years=10.0)
    assert size.annuity_cny(0.06) == pytest.approx(135.868, abs=5e-4)
    assert size.annuity_cny(0.0) == pytest.approx(100.0)
    assert size.annuity_cny(1e-12) == pytest.approx(100.0)
    assert sum(size.annuity_cny(0.06) / 1.06**year for year in range(1, 11)) == pytest.approx(1000.0)


def test_files_of_a_sized_park_are_found_from_where_it_is_written(tmp_path):
    table = sizable_table(2)
    (tmp_path / "here").mkdir()
    load = table["components"]["load"]["power_mw"]
    (tmp_path / "here" / "load.csv").write_text(
        "time,load [MW]\n"
        + "".join(f"2025-{'01-31' if h < 24 else '02-01'}T{h % 24:02d}:00,{p}\n" for h, p in enumerate(load))
    )
    table["components"]["load"]["power_mw"] = {"file": "load.csv", "column": "load", "clock": "+08:00"}
    park = read_park(table, file=str(tmp_path / "here" / "park.toml"))
    found = ps.size(park, within=())
    target = tmp_path / "there"
    sized.write(found, target)
    data = tomllib.loads((target / "sized.toml").read_text(encoding="utf-8"))
    assert data["components"]["load"]["power_mw"]["file"] == "../here/load.csv"
    again = read_park(data, file=str(target / "sized.toml"))
    assert ps.solve(again).attrs["objective_cny"] == pytest.approx(found.ds.attrs["operation_cny"], rel=1e-8)


def test_the_shipped_example_sizes_three_capacities():
    park = ps.load_park("yibin-sizing")
    assert [entry.label for entry in _entries(park)] == [
        "components.roof_pv.power_max_mw",
        "components.battery.power_max_mw",
        "components.battery.energy_max_mwh",
    ]


def test_files_of_sizing_are_written_together_or_not_at_all(tmp_path, monkeypatch):
    found = ps.size(read_park(sizable_table(2)), within=())
    written = sized.write(found, tmp_path / "new")
    assert [path.name for path in written] == ["sized.toml", "sizing.json", "sizing.nc"]

    def full(*_, **__):
        raise RuntimeError("NetCDF: HDF error")

    monkeypatch.setattr(xr.Dataset, "to_netcdf", full)
    with pytest.raises(InputError, match=r"sizing\.nc: cannot be written"):
        sized.write(found, tmp_path / "other")
    assert not (tmp_path / "other").exists()
