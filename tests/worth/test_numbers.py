"""Which numbers are looked at, and what hand cases say of them."""

import re

import numpy as np
import pytest

from parksim import testing
from parksim.component import Component
from parksim.components import KINDS
from parksim.components._cases import demand, grid, micro, shortfall, source
from parksim.errors import NoSolution
from parksim.fields import fields_of
from parksim.inputs import gather
from parksim.levers import Levers
from parksim.park import read_park
from parksim.questions.worth import worth


def paths(table):
    park = read_park(table)
    return [lever.path for lever in Levers(park, gather(park))]


def at(ds, path, name="cost_slope"):
    return ds[name].sel(field=path).to_numpy().tolist()


@pytest.fixture(scope="module")
def dear_hour():
    """Two hours at 100 and 300; 3 of 5 MW come from a source in the second."""
    return micro(
        source(power_mw=[0.0, 3.0]), grid(price_cny_per_mwh=[100.0, 300.0]), demand(power_mw=[2.0, 5.0]),
    )  # fmt: skip


def test_slopes_of_a_park_solved_by_hand(dear_hour):
    ds = worth(read_park(dear_hour))
    assert ds.attrs["objective_cny"] == pytest.approx(800.0)  # 2 * 100 + (5 - 3) * 300
    assert ds.attrs["co2_t"] == pytest.approx(2.0)  # 4 MWh at 0.5
    assert at(ds, "components.source.power_max_mw") == pytest.approx([-300.0, -300.0])
    assert at(ds, "components.source.power_max_mw", "co2_slope") == pytest.approx([-0.5, -0.5])
    assert at(ds, "components.source.power_max_mw", "valid") == pytest.approx([0.0, 5.0], abs=1e-9)
    assert at(ds, "components.demand.power_mw") == pytest.approx([1700.0, 1700.0])  # 2 * 100 + 5 * 300
    assert at(ds, "components.demand.power_mw", "valid")[0] == pytest.approx(0.6)
    assert at(ds, "tariffs.grid.price_cny_per_mwh") == pytest.approx([800.0, 800.0])
    assert at(ds, "tariffs.grid.price_cny_per_mwh", "co2_slope") == pytest.approx([0.0, 0.0], abs=1e-9)
    assert at(ds, "yardsticks.case.factor_t_per_mwh", "co2_slope") == pytest.approx([4.0, 4.0])
    assert at(ds, "components.grid.import_max_mw") == pytest.approx([0.0, 0.0], abs=1e-9)
    assert at(ds, "components.grid.import_max_mw", "valid") == [pytest.approx(2.0), np.inf]


def test_little_more_is_one_per_cent_and_the_dearest_comes_first(dear_hour):
    ds = worth(read_park(dear_hour))
    assert str(ds["field"].to_numpy()[0]) == "components.demand.power_mw"
    assert at(ds, "components.demand.power_mw", "cost_little") == pytest.approx([-17.0, 17.0])
    assert at(ds, "components.source.power_max_mw", "cost_little") == pytest.approx([9.0, -9.0])
    sizes = np.nan_to_num(np.abs(ds["cost_little"].to_numpy())).max(axis=1)
    assert np.all(np.diff(sizes) <= 1e-9)


def test_a_kink_has_a_left_and_a_right_slope():
    """A source of just the demand: less is bought dear, more is of no use."""
    ds = worth(read_park(micro(source(power_mw=5.0), grid(price_cny_per_mwh=[100.0, 300.0]), demand(power_mw=5.0))))
    assert at(ds, "components.source.power_max_mw") == pytest.approx([-400.0, 0.0], abs=1e-6)
    assert at(ds, "components.source.power_max_mw", "co2_slope") == pytest.approx([-1.0, 0.0], abs=1e-9)
    assert at(ds, "components.source.power_max_mw", "valid") == [pytest.approx(0.0), np.inf]
    assert at(ds, "components.demand.power_mw") == pytest.approx([0.0, 400.0], abs=1e-6)


def test_a_tie_is_a_kink_in_the_price_and_a_jump_of_the_co2():
    """Source and grid cost the same: the plan takes the source, and leaves it when its price rises."""
    plant = {"name": "plant", "kind": "pv", "power_max_mw": 4.0, "available": 1.0, "om_cny_per_mwh": 100.0}
    ds = worth(read_park(micro(plant, grid(price_cny_per_mwh=[100.0, 100.0]), demand(power_mw=4.0))))
    path = "components.plant.om_cny_per_mwh"
    assert at(ds, path) == pytest.approx([8.0, 0.0], abs=1e-6)
    assert at(ds, path, "co2_jump") == pytest.approx([0.0, 4.0], abs=1e-6)  # 8 MWh at 0.5
    assert ds.attrs["co2_t"] == pytest.approx(0.0, abs=1e-9)


def test_where_there_is_no_plan_the_slope_is_infinite():
    ds = worth(read_park(micro(grid(price_cny_per_mwh=[100.0, 100.0], import_max_mw=5.0), demand(power_mw=5.0))))
    assert at(ds, "components.demand.power_mw") == [pytest.approx(200.0), np.inf]
    assert at(ds, "components.grid.import_max_mw")[0] == -np.inf


def test_a_number_at_a_limit_of_its_field_moves_one_way_only():
    ds = worth(read_park(micro(grid(price_cny_per_mwh=[100.0, 100.0]), demand(power_mw=5.0))))
    left, right = at(ds, "components.grid.export_max_mw")
    assert np.isnan(left)
    assert right == pytest.approx(0.0, abs=1e-9)


def test_a_park_without_a_plan_is_told_as_such():
    park = read_park(micro(grid(price_cny_per_mwh=[100.0, 100.0], import_max_mw=3.0), demand(power_mw=5.0)))
    with pytest.raises(NoSolution) as caught:
        worth(park)
    assert caught.value.suspects


def test_progress_names_each_number(dear_hour):
    told = []
    worth(read_park(dear_hour), progress=told.append)
    assert told[:3] == ["read", "declare", "solve"]
    assert "moving components.source.power_max_mw" in told


def every_case():
    return [case.park() for cases in testing.CASES.values() for case in cases]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_number_of_every_kind_appears_where_it_is_given(kind):
    """Over all worked cases, each quantity, profile and monthly field with a value is a lever."""
    seen = 0
    for table in every_case():
        park = read_park(table)
        found = {
            re.sub(r"[.\[].*", "", path.split(".", 2)[2]) for path in paths(table) if path.startswith("components")
        }
        for name, component in park.components.items():
            if component.kind != kind:
                continue
            mine = {path.split(".", 2)[2] for path in paths(table) if path.startswith(f"components.{name}.")}
            mine = {re.sub(r"[.\[].*", "", field) for field in mine}
            given = {
                field
                for field, doc in fields_of(type(component)).items()
                if doc.sort in {"quantity", "series", "monthly"} and getattr(component, field) is not None
            }
            assert mine >= given
            assert found >= mine
            seen += 1
    assert seen


def test_structure_is_no_lever():
    structural = {
        field
        for model in KINDS.values()
        for field, doc in fields_of(model).items()
        if doc.sort in {"node", "choice", "reference"}
    } | set(Component.model_fields)
    structural -= {"outages"}  # a list of tables with a share in each
    for table in every_case():
        for path in paths(table):
            assert path.split(".")[2].partition("[")[0] not in structural if path.startswith("components") else True
            assert not path.startswith(("time", "site", "nodes", "seasons", "claims"))


def test_seasons_months_outages_and_periods_have_a_lever_each():
    table = micro(
        {
            "name": "hydro", "kind": "direct_supply", "delivery": "line", "technology": "hydro", "plant": "new",
            "certificate": "none", "power_max_mw": 4.0, "available": [0.5, 0.8],
            "price_cny_per_mwh": {"winter": 50.0, "summer": 40.0},
            "network_cny_per_mwh": [float(month) for month in range(1, 13)],
            "outages": [{"start": "2025-01-01T01:00", "end": "2025-01-01T02:00", "available": 0.5}],
        },
        {"name": "grid", "kind": "grid", "tariff": "t", "import_max_mw": 9.0},
        demand(power_mw=[4.0, 4.0]),
        shortfall(price_cny_per_mwh=90_000.0),
        seasons={"winter": [1, 2, 3, 10, 11, 12], "summer": [4, 5, 6, 7, 8, 9]},
    )  # fmt: skip
    periods = [{"name": "peak", "ratio": 2.0, "hours": ["0-1"]}]
    table["tariffs"] = {
        "t": {"energy_cny_per_mwh": 100.0, "fixed_cny_per_mwh": 20.0, "periods": periods},
        "unused": {"energy_cny_per_mwh": 100.0},
    }
    found = paths(table)
    assert "components.hydro.price_cny_per_mwh.winter" in found
    assert "components.hydro.price_cny_per_mwh.summer" not in found  # not within the horizon
    assert [path for path in found if "network" in path] == ["components.hydro.network_cny_per_mwh[0]"]
    assert "components.hydro.outages[0].available" in found
    assert "tariffs.t.periods[0].ratio" in found
    assert "tariffs.t.fixed_cny_per_mwh" in found
    assert not any("unused" in path for path in found)
    ds = worth(read_park(table))
    # hour 0 at 2 * 100 + 20: 2 MWh bought; hour 1: 4 * 0.8 * 0.5 = 1.6 MWh of hydro, 2.4 MWh bought
    assert at(ds, "tariffs.t.periods[0].ratio") == pytest.approx([200.0, 200.0])
    assert at(ds, "tariffs.t.fixed_cny_per_mwh") == pytest.approx([4.4, 4.4])
    assert at(ds, "components.hydro.outages[0].available") == pytest.approx([-3.2 * 69.0] * 2)  # 120 - 51 saved
    assert at(ds, "components.hydro.network_cny_per_mwh[0]") == pytest.approx([3.6, 3.6])


def test_a_year_of_weather_moves_what_is_built_on_it():
    table = next(case.park() for case in testing.CASES["pv"] if "weather" in case.park())
    ds = worth(read_park(table))
    sun = at(ds, "weather.ghi_w_per_m2")
    assert all(np.isfinite(sun))
    assert str(ds["sort"].sel(field="weather.temp_air_c").values) == "shift"


def test_an_efficiency_moves_the_matrix():
    """The first battery case: 8 / eff_in MWh are charged at 10 CNY, and the power limit of 10 MW just allows it."""
    ds = worth(read_park(testing.CASES["battery"][0].park()))
    # more: 10 * -8 / 0.8^2; less: 5 * eff_in reach the second hour, each MWh saves 100 and is worn at 5
    assert at(ds, "components.battery.eff_in") == pytest.approx([-475.0, -125.0], rel=1e-6)
    # buys in the first hour only, or in the second: 0.5 t/MWh
    assert at(ds, "components.battery.eff_in", "co2_slope") == pytest.approx([-2.5, -6.25], rel=1e-6)
    assert str(ds["sense"].sel(field="components.battery.eff_in").values) == "exact"
