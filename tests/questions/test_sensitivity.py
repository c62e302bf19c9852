"""Global sensitivity: exact where the park is linear, the textbook's shares where it is not, the same each time."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import parksim as ps
from parksim import testing
from parksim.errors import InputError, NoSolution, StructureChanged
from parksim.park import read_park
from parksim.questions import designs
from parksim.questions.tables import SensitivityTable
from parksim.questions.varied import figures, varied

HOURS = 24.0


def linear_table():
    """Two loads on a grid at 500 CNY/MWh: a day costs 24 * 500 * (a + b)."""
    return {
        "park": {"name": "linear"},
        "site": {"latitude_deg": 28.8, "longitude_deg": 104.6, "altitude_m": 300.0},
        "time": {"year": 2025, "first_day": "01-01", "hours": 24},
        "nodes": {"electricity": "electricity"},
        "tariffs": {"t": {"price_cny_per_mwh": 500.0}},
        "components": {
            "a": {"kind": "demand", "power_mw": 10.0},
            "b": {"kind": "demand", "power_mw": [5.0] * 24},
            "grid": {"kind": "grid", "tariff": "t", "import_max_mw": 100.0, "transformer_mva": 20.0},
        },
    }


A, B, PRICE = "components.a.power_mw", "components.b.power_mw", "tariffs.t.price_cny_per_mwh"


class TestMorris:
    def test_effects_are_slope_times_range_and_do_not_scatter(self):
        park = read_park(linear_table())
        found = ps.sensitivity(park, inputs={A: (8.0, 12.0), B: {"factor": (0.6, 1.4)}}, count=4)
        right = [HOURS * 500.0 * 4.0, HOURS * 500.0 * 5.0 * 0.8]
        for name in ("mu", "mu_star"):
            np.testing.assert_allclose(found[name].sel(indicator="cost_cny"), right, rtol=1e-9)
        np.testing.assert_allclose(found["sigma"].sel(indicator="cost_cny"), 0.0, atol=1e-6)
        np.testing.assert_allclose(found["mu_star_confidence"].sel(indicator="cost_cny"), 0.0, atol=1e-6)

    def test_what_lowers_a_figure_has_a_mu_below_zero(self):
        table = linear_table()
        table["components"]["sun"] = {"kind": "pv", "power_max_mw": 1.0, "available": 0.5}
        found = ps.sensitivity(read_park(table), inputs={"components.sun.power_max_mw": (0.0, 4.0)}, count=3)
        cost = found.sel(indicator="cost_cny")
        assert float(cost["mu"][0]) == pytest.approx(-HOURS * 500.0 * 0.5 * 4.0)
        assert float(cost["mu_star"][0]) == pytest.approx(HOURS * 500.0 * 0.5 * 4.0)
        assert float(found.sel(indicator="green_share")["mu"][0]) == pytest.approx(4.0 * 0.5 / 15.0)

    def test_a_product_scatters(self):
        found = ps.sensitivity(read_park(linear_table()), inputs={A: (0.0, 20.0), PRICE: (100.0, 900.0)}, count=8)
        assert (found["sigma"].sel(indicator="cost_cny") > 0.0).all()


class TestSobol:
    def test_shares_of_a_sum_are_those_of_the_squares(self):
        """Var of a uniform of width w is w^2 / 12: widths 4 and 2 MW share 4 : 1, and there is nothing else."""
        found = ps.sensitivity(
            read_park(linear_table()), inputs={A: (8.0, 12.0), B: (4.0, 6.0)}, method="sobol", count=32
        ).sel(indicator="cost_cny")
        np.testing.assert_allclose(found["s1"], [0.8, 0.2], atol=0.08)
        np.testing.assert_allclose(found["st"], [0.8, 0.2], atol=0.08)

    def test_shares_of_a_product_have_a_part_in_common(self):
        """y = 24 p (a + 5): V = v_p m_a^2 + v_a m_p^2 + v_p v_a with the means and variances of both."""
        names, low, high = [A, PRICE], np.array([0.0, 100.0]), np.array([20.0, 900.0])
        points = designs.sampled("sobol", names, low=low, high=high, count=1024, seed=1)
        found = designs.shares(names, HOURS * points[:, 1] * (points[:, 0] + 5.0), low=low, high=high, seed=1)
        mean_a, var_a, mean_p, var_p = 15.0, 20.0**2 / 12.0, 500.0, 800.0**2 / 12.0
        own_a, own_p, both = var_a * mean_p**2, var_p * mean_a**2, var_a * var_p
        total = own_a + own_p + both
        np.testing.assert_allclose(found["s1"], [own_a / total, own_p / total], atol=0.02)
        np.testing.assert_allclose(found["st"], [(own_a + both) / total, (own_p + both) / total], atol=0.02)

    def test_shares_of_a_park_are_those_of_its_formula(self):
        ranges = {A: (0.0, 20.0), PRICE: (100.0, 900.0)}
        found = ps.sensitivity(read_park(linear_table()), inputs=ranges, method="sobol", count=8, seed=5)
        points = found["point"].to_numpy()
        right = HOURS * points[:, 1] * (points[:, 0] + 5.0)
        np.testing.assert_allclose(found["result"].sel(indicator="cost_cny"), right, rtol=1e-9)
        low, high = found["low"].to_numpy(), found["high"].to_numpy()
        shares = designs.shares([A, PRICE], right, low=low, high=high, seed=5)
        for name, values in shares.items():
            np.testing.assert_allclose(found[name].sel(indicator="cost_cny"), values, rtol=1e-6, atol=1e-9)

    def test_a_figure_that_never_changes_has_no_shares(self):
        found = ps.sensitivity(read_park(linear_table()), inputs={A: (8.0, 12.0)}, method="sobol", count=4)
        assert found["s1"].sel(indicator="green_share").isnull().all()


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_every_result_is_that_of_the_park_alone_and_comes_again(seed):
    table = testing.random_table(seed)
    how = {
        "inputs": {"components.grid.import_max_mw": (10.0, 40.0), "components.load.power_mw": {"factor": (0.9, 1.1)}},
        "count": 3,
        "seed": seed,
        "indicators": ["objective_cny", "import_mwh"],
    }
    park = read_park(table)
    found = ps.sensitivity(park, **how)
    again = ps.sensitivity(park, **how)
    np.testing.assert_array_equal(found["point"], again["point"])
    np.testing.assert_allclose(found["result"], again["result"], rtol=1e-9, atol=1e-6)
    for point, result in zip(found["point"].to_numpy(), found["result"].to_numpy(), strict=True):
        one = testing.moved(table, "components.grid.import_max_mw", float(point[0]))
        one = testing.moved(one, "components.load.power_mw", float(point[1]), sort="factor")
        assert result[0] == pytest.approx(testing.solved(one).solution.objective_cny, rel=1e-7, abs=0.05)


def test_a_factor_multiplies_what_the_park_has():
    table = linear_table() | {"seasons": {"warm": [4, 5, 6, 7, 8, 9], "cold": [1, 2, 3, 10, 11, 12]}}
    table["tariffs"]["t"] = {"energy_cny_per_mwh": {"warm": 200.0, "cold": 300.0}}
    park = read_park(table)
    path = "tariffs.t.energy_cny_per_mwh"
    inputs = {path: {"factor": (0.5, 2.0)}, f"{path}.cold": {"factor": (0.5, 2.0)}, B: {"factor": (0.5, 2.0)}}
    table, season, profile = varied(park, inputs)
    assert table.change(2.0) == {"warm": 400.0, "cold": 600.0}
    assert season.change(0.5) == 150.0
    np.testing.assert_allclose(profile.change(2.0), [10.0] * 24)
    yibin = ps.live(ps.load_park("yibin"))
    halved = varied(yibin.start, {"components.hydro.available": {"factor": (0.5, 1.0)}})[0].change(0.5)
    np.testing.assert_allclose(halved, 0.5 * np.asarray(yibin.inputs.given["hydro"]["available"]))


def test_figures_have_flat_names():
    found = figures(ps.solve(ps.load_park("two-days")))
    assert {"cost_cny", "green_share", "emissions_t.sichuan", "battery.full_cycles", "grid.import_mwh"} <= set(found)
    assert all(isinstance(value, float) for value in found.values())
    assert not [name for name, value in found.items() if np.isnan(value)]


class TestInput:
    def park(self):
        return read_park(linear_table())

    @pytest.mark.parametrize(
        ("how", "words"),
        [
            ({"inputs": {}}, "inputs: got none"),
            ({"inputs": {"components.c.power_mw": (1.0, 2.0)}}, "no table components.c."),
            (
                {"inputs": {"components.a.power": (1.0, 2.0)}},
                "components.a.power: unknown key. Did you mean 'power_mw'",
            ),
            ({"inputs": {A: (3.0, 2.0)}}, f"{A}: got low 3 and high 2; low must be below high."),
            ({"inputs": {A: (1.0, 2.0, 3.0)}}, r"got \[1.0, 2.0, 3.0\], must be two finite numbers"),
            ({"inputs": {A: {"faktor": (1.0, 2.0)}}}, "got keys faktor, must be"),
            ({"inputs": {A: (-1.0, 2.0)}}, "components.a.power_mw: got -1"),
            ({"inputs": {"components.grid.tariff": {"factor": (1.0, 2.0)}}}, "a factor needs a number, a table by"),
            ({"method": "fast"}, "method: got 'fast'"),
            ({"method": "sobol", "count": 12}, "count: got 12, must be a power of two for method 'sobol', such as 16."),
            ({"count": 10**8}, "count: got 100000000, must be a whole number from 2 to 65536."),
            ({"count": 1}, "count: got 1, must be a whole number from 2 to 65536."),
            ({"indicators": ["cost"]}, "indicators: there is no 'cost'. Did you mean 'cost_cny"),
        ],
    )
    def test_slips_are_told_with_their_place(self, how, words):
        with pytest.raises(InputError, match=words):
            ps.sensitivity(self.park(), **{"inputs": {A: (1.0, 2.0)}, "count": 2, **how})

    def test_structure_is_refused(self):
        with pytest.raises(StructureChanged):
            ps.sensitivity(self.park(), inputs={"time.year": (2024.0, 2025.0)}, count=2)

    def test_a_point_without_operation_is_named(self):
        with pytest.raises(NoSolution) as caught:
            ps.sensitivity(self.park(), inputs={"components.grid.import_max_mw": (1.0, 40.0)}, count=4)
        assert "at components.grid.import_max_mw = 1; the analysis needs every point" in str(caught.value)

    def test_a_point_that_is_no_park_is_named_before_anything_is_solved(self):
        table = linear_table()
        table["components"]["battery"] = {
            "kind": "battery", "power_max_mw": 1.0, "energy_max_mwh": 4.0, "eff_in": 0.9, "eff_out": 0.9,
            "level_min_fraction": 0.1, "level_max_fraction": 0.9,
        }  # fmt: skip
        seen = []
        ends = {f"components.battery.level_{name}_fraction": (0.2, 0.85) for name in ("min", "max")}
        with pytest.raises(InputError, match=r"level_min_fraction = 0.85, components.battery.level_max_fraction = 0.2"):
            ps.sensitivity(read_park(table), inputs=ends, count=8, progress=lambda *told: seen.append(told))
        assert not seen

    def test_a_missing_extra_says_how_to_install_it(self, monkeypatch):
        for name in list(sys.modules):
            if name.split(".")[0] == "SALib" or name == "parksim.questions.designs":
                monkeypatch.delitem(sys.modules, name)
        monkeypatch.setitem(sys.modules, "SALib", None)
        with pytest.raises(InputError, match=r"sensitivity: needs the package SALib.*pip install 'parksim\[study\]'"):
            ps.sensitivity(self.park(), inputs={A: (1.0, 2.0)})

    def test_the_table_of_a_study_has_the_names_of_the_call(self):
        table = SensitivityTable.model_validate(
            {"inputs": {A: [1, 2.5], B: {"factor": [0.5, 1.5]}}, "count": 2, "indicators": ["cost_cny"]}
        )
        found = ps.sensitivity(
            self.park(), inputs=table.ranges(), method=table.method, count=table.count, indicators=table.indicators
        )
        assert found["is_factor"].to_numpy().tolist() == [False, True]
        with pytest.raises(ValueError, match="inputs"):
            SensitivityTable.model_validate({"inputs": {A: [1.0]}})


def test_progress_counts_the_solves():
    seen = []
    found = ps.sensitivity(
        read_park(linear_table()), inputs={A: (8.0, 12.0)}, count=4, progress=lambda *told: seen.append(told)
    )
    assert seen == [(n + 1, found.attrs["solves"]) for n in range(found.attrs["solves"])]
