"""Typical periods: exact where days are alike, honest about their error where they are not."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import parksim as ps
from parksim import testing
from parksim.errors import InputError, NoSolution
from parksim.park import read_park
from parksim.questions.tables import AggregateTable
from parksim.questions.typical import solve_short, typical_periods

SEEDS = st.integers(0, 10_000)
some = settings(max_examples=10, deadline=None)


def repeated(seed, pattern, **how):
    """A random park whose days are those of another, in the order of a pattern such as ``ABAB``."""
    kinds = sorted(set(pattern))
    table = testing.random_table(seed, hours=24 * len(kinds), **how)
    places = [kinds.index(kind) for kind in pattern]
    for section in ("components", "tariffs"):
        for entry in table[section].values():
            for name, value in entry.items():
                if isinstance(value, list):
                    days = np.array(value).reshape(len(kinds), 24)
                    entry[name] = days[places].ravel().tolist()
            entry.pop("energy_start_fraction", None)
            entry.pop("energy_end_fraction", None)
    table["time"]["hours"] = 24 * len(pattern)
    table["time"]["first_day"] = "01-02"  # of one month: a kind of day is operated alike in all its months
    return table


@some
@given(seed=SEEDS)
def test_as_many_typical_days_as_days_are_the_whole(seed):
    found = ps.aggregate(read_park(testing.random_table(seed, hours=96)), periods=4)
    assert found.attrs["objective_short_cny"] == pytest.approx(found.attrs["objective_cny"], rel=1e-8, abs=0.05)
    assert np.abs(found["profile_rmse"]).max() == 0.0
    assert found["typical_count"].to_numpy().tolist() == [1, 1, 1, 1]


@some
@given(seed=SEEDS, representation=st.sampled_from(["medoid", "mean"]))
def test_two_kinds_of_days_are_two_typical_days(seed, representation):
    """Nothing is lost without stores, within a month: prices, peaks, annual limits and take-or-pay included."""
    table = repeated(seed, "ABABAB", stores=False)
    found = ps.aggregate(read_park(table), periods=2, representation=representation)
    assert found.attrs["objective_short_cny"] == pytest.approx(found.attrs["objective_cny"], rel=1e-7, abs=0.05)
    assert float(found["error"].sel(indicator="cost_cny")) == pytest.approx(0.0, abs=1e-6)
    np.testing.assert_allclose(found["duration_curve_rmse"], 0.0, atol=1e-9)
    assert sorted(found["typical_count"].to_numpy().tolist()) == [3, 3]


@some
@given(seed=SEEDS)
def test_one_day_over_and_over_is_one_typical_day(seed):
    found = ps.aggregate(read_park(repeated(seed, "AAAA", peaks=False)), periods=1)
    assert found.attrs["objective_short_cny"] == pytest.approx(found.attrs["objective_cny"], rel=1e-6, abs=0.05)


@some
@given(
    seed=SEEDS,
    method=st.sampled_from(["hierarchical", "contiguous", "kmeans", "kmedoids"]),
    representation=st.sampled_from(["medoid", "mean"]),
    hours=st.sampled_from([96, 100]),
)
def test_any_short_form_passes_the_audit_and_keeps_means(seed, method, representation, hours):
    table = testing.random_table(seed, hours=hours)
    park = read_park(table)
    typical = typical_periods(park, periods=2, method=method, representation=representation)
    ds = solve_short(park, typical)  # audited within
    assert ds.sizes["time"] == hours
    made = typical.alike(np.array(table["components"]["load"]["power_mw"]))
    right = np.array(table["components"]["load"]["power_mw"])
    assert made.mean() == pytest.approx(right.mean(), rel=1e-6) or made.max() == right.max()
    assert right.min() - 1e-9 <= made.min() <= made.max() <= right.max() + 1e-9
    step = typical.classes.of_step
    first = np.unique(step, return_index=True)[1]
    np.testing.assert_array_equal(made, made[first][step])


def two_kinds(pattern, *, energy_max_mwh, load=4.0, sun=6.0):
    """Days of free sun (A) and days of load (B); what is missing costs 100 CNY/MWh; a battery without loss."""
    return {
        "park": {"name": "two-kinds"},
        "site": {"latitude_deg": 28.8, "longitude_deg": 104.6, "altitude_m": 300.0},
        "time": {"year": 2025, "first_day": "01-01", "hours": 24 * len(pattern)},
        "nodes": {"electricity": "electricity"},
        "components": {
            "load": {"kind": "demand", "power_mw": np.repeat([load * (k == "B") for k in pattern], 24).tolist()},
            "sun": {
                "kind": "pv", "power_max_mw": sun,
                "available": np.repeat([1.0 * (k == "A") for k in pattern], 24).tolist(),
            },
            "shortfall": {"kind": "shortfall", "price_cny_per_mwh": 100.0},
            "battery": {
                "kind": "battery", "power_max_mw": 50.0, "energy_max_mwh": energy_max_mwh, "eff_in": 1.0,
                "eff_out": 1.0,
            },
        },
    }  # fmt: skip


class TestStores:
    """Energy moves between typical days, within the limits of the content on every day of the horizon."""

    @pytest.mark.parametrize("pattern", ["ABAB", "AABB", "BBBAAA", "ABBAAB"])
    def test_a_large_store_carries_all_that_is_needed(self, pattern):
        ds = solve_short(*self.asked(pattern, energy_max_mwh=1_000.0))
        assert ds.attrs["objective_cny"] == pytest.approx(0.0, abs=1e-3)

    @pytest.mark.parametrize(("pattern", "carried"), [("ABAB", 80.0), ("AABB", 40.0)])
    def test_a_small_one_carries_what_it_holds(self, pattern, carried):
        """Of 2 x 96 MWh 40 MWh are carried each time the store is filled: twice in ABAB, once in AABB."""
        park, typical = self.asked(pattern, energy_max_mwh=40.0)
        ds = solve_short(park, typical)
        assert ds.attrs["objective_cny"] == pytest.approx(100.0 * (192.0 - carried), rel=1e-9)
        assert float(ds["content"].max()) == pytest.approx(40.0)
        assert ds.attrs["objective_cny"] == pytest.approx(ps.solve(park).attrs["objective_cny"], rel=1e-9)

    def test_a_start_and_an_end_are_kept(self):
        table = two_kinds("ABAB", energy_max_mwh=100.0)
        table["components"]["battery"] |= {"energy_start_fraction": 0.9, "energy_end_fraction": 0.2}
        park = read_park(table)
        ds = solve_short(park, typical_periods(park, periods=2))
        assert float(ds["content_start"][0]) == pytest.approx(90.0)
        assert float(ds["content"][0, -1]) >= 20.0 - 1e-6

    def asked(self, pattern, **how):
        park = read_park(two_kinds(pattern, **how))
        return park, typical_periods(park, periods=2)


def test_errors_of_profiles_by_hand():
    """Loads of 10 and 20 MW on alternate days are 15 MW as one: half the range away, by step and by size."""
    table = two_kinds("ABAB", energy_max_mwh=0.0, sun=0.0)
    table["components"]["load"]["power_mw"] = np.repeat([10.0, 20.0, 10.0, 20.0], 24).tolist()
    found = ps.aggregate(read_park(table), periods=1, representation="mean").sel(profile="load.power_mw")
    assert float(found["profile_rmse"]) == pytest.approx(0.5)
    assert float(found["duration_curve_rmse"]) == pytest.approx(0.5)
    assert float(found["profile_mean_error"]) == pytest.approx(0.0, abs=1e-12)
    peak = found["error"].sel(indicator="peak_load_mw")
    assert float(peak) == pytest.approx(-0.25)


def test_a_changed_park_is_solved_over_the_same_days():
    park = read_park(repeated(3, "ABAB", stores=False))
    typical = typical_periods(park, periods=2)
    live = ps.live(park)
    live.set({"components.grid.import_max_mw": 10.0})
    ds = solve_short(live.park, typical)
    assert ds.attrs["objective_cny"] == pytest.approx(live.solve().attrs["objective_cny"], rel=1e-7, abs=0.05)
    with pytest.raises(InputError, match="has 48 steps, and the periods are those of 96"):
        solve_short(read_park(testing.random_table(3, hours=48)), typical)


def test_a_short_form_without_operation_says_what_fights():
    table = two_kinds("ABAB", energy_max_mwh=10.0)
    del table["components"]["shortfall"]
    park = read_park(table)
    with pytest.raises(NoSolution, match="Take more typical periods") as caught:
        solve_short(park, typical_periods(park, periods=2))
    assert "load.use" in str(caught.value)


def test_the_whole_answer_is_told():
    park = ps.load_park("yibin")
    found = ps.aggregate(park, periods=6, indicators=["cost_cny", "green_share"])
    assert found["indicator"].to_numpy().tolist() == ["cost_cny", "green_share"]
    assert abs(found.attrs["objective_error"]) < 0.01
    assert found.attrs["short_rows"] < found.attrs["full_rows"] / 5
    assert int(found["typical_count"].sum()) == 365
    assert found["typical_begin"].dtype.kind == "M"
    true = np.array([found.attrs["objective_cny"], found.attrs["objective_short_cny"]])
    np.testing.assert_allclose([float(found[n].sel(indicator="cost_cny")) for n in ("full", "short")], true, rtol=1e-9)


class TestInput:
    @pytest.mark.parametrize(
        ("how", "words"),
        [
            ({"periods": 0}, "periods: got 0, must be a whole number of 1 or more"),
            ({"periods": 3}, "periods: got 3, and the horizon of 48 h has 2 of 24 h. Take fewer or shorter ones."),
            ({"hours_per_period": 2.5}, "hours_per_period: got 2.5, must be a whole number"),
            ({"method": "ward"}, "method: got 'ward', must be one of hierarchical, contiguous, kmeans, kmedoids"),
            ({"representation": "median"}, "representation: got 'median', must be one of medoid, mean"),
            ({"indicators": ["costs"]}, "indicators: there is no 'costs'. Did you mean"),
        ],
    )
    def test_slips_are_told_with_their_place(self, how, words):
        with pytest.raises(InputError, match=words):
            ps.aggregate(ps.load_park("two-days"), **{"periods": 1, **how})

    def test_a_missing_extra_says_how_to_install_it(self, monkeypatch):
        for name in list(sys.modules):
            if name.split(".")[0] == "tsam" or name == "parksim.questions.clusters":
                monkeypatch.delitem(sys.modules, name)
        monkeypatch.setitem(sys.modules, "tsam", None)
        with pytest.raises(InputError, match=r"aggregate: needs the package tsam.*pip install 'parksim\[study\]'"):
            ps.aggregate(ps.load_park("two-days"), periods=1)

    def test_the_table_of_a_study_has_the_names_of_the_call(self):
        table = AggregateTable(periods=2, representation="mean")
        found = ps.aggregate(read_park(repeated(1, "ABAB")), **table.model_dump())
        assert found.attrs["periods"] == 2
        with pytest.raises(ValueError, match="method"):
            AggregateTable(method="ward")
