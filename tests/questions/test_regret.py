"""Regret: by hand, ranked, with what has no answer and what is weighed."""

import numpy as np
import pytest
import xarray as xr
from pydantic import ValidationError

import parksim as ps
from parksim.errors import InputError
from parksim.questions.regret import regret
from parksim.questions.tables import RegretTable

NAN = float("nan")


def costs(values=((10.0, 30.0, 20.0), (18.0, 20.0, 21.0), (12.0, 40.0, 10.0))):
    return xr.DataArray(
        np.array(values),
        dims=("battery", "scenario"),
        coords={"battery": [0, 40, 80], "scenario": ["mean", "dry", "cheap"]},
        attrs={"units": "CNY"},
    )


def test_three_designs_by_hand():
    """Best: 10, 20, 10. Regrets: none (0, 10, 10), 40 (8, 0, 11), 80 (2, 20, 0)."""
    table = ps.regret(costs())
    assert table["battery"].to_numpy().tolist() == [0, 40, 80]
    assert table["worst"].to_numpy().tolist() == [10.0, 11.0, 20.0]
    assert table["mean"].to_numpy() == pytest.approx([20 / 3, 19 / 3, 22 / 3])
    assert table["rank"].to_numpy().tolist() == [1, 2, 3]
    assert table["worst_in"].to_numpy().tolist() == ["dry", "cheap", "dry"]
    assert table["regret"].sel(design=1).to_numpy().tolist() == [8.0, 0.0, 11.0]
    assert table["best"].to_numpy().tolist() == [10.0, 20.0, 10.0]
    assert table["best_design"].to_numpy().tolist() == [0, 1, 2]
    assert table["regret"].attrs["units"] == "CNY"


def test_weights_move_the_mean_and_leave_out_what_weighs_nothing():
    table = regret(costs(), weights={"mean": 3.0, "cheap": 1.0})
    # worst over mean and cheap alone: none 10, 40 11, 80 2
    assert table["battery"].to_numpy().tolist() == [80, 0, 40]
    assert table["worst"].to_numpy().tolist() == [2.0, 10.0, 11.0]
    assert table["mean"].to_numpy() == pytest.approx([(3 * 2 + 0) / 4, (0 + 10) / 4, (3 * 8 + 11) / 4])
    assert table["weight"].to_numpy() == pytest.approx([0.75, 0.0, 0.25])


def test_where_more_is_better_the_sign_turns():
    table = regret(costs(), less_is_better=False)
    # best: 18, 40, 21; regrets: none (8, 10, 1), 40 (0, 20, 0), 80 (6, 0, 11)
    assert table["battery"].to_numpy().tolist() == [0, 80, 40]
    assert table["worst"].to_numpy().tolist() == [10.0, 11.0, 20.0]
    assert table["best"].to_numpy().tolist() == [18.0, 40.0, 21.0]


def test_a_design_without_an_answer_has_endless_regret_and_is_never_best():
    table = regret(costs(((10.0, NAN, NAN), (18.0, 20.0, NAN), (12.0, 40.0, NAN))))
    assert table["battery"].to_numpy().tolist() == [40, 80, 0]
    assert table["worst"].to_numpy().tolist() == [8.0, 20.0, np.inf]
    assert table["scenario"].to_numpy().tolist() == ["mean", "dry"]
    assert table.attrs["left_out"] == "cheap"


def test_equal_worst_regret_is_ranked_by_the_mean():
    table = regret(costs(((0.0, 4.0, 4.0), (4.0, 0.0, 0.0), (9.0, 9.0, 9.0))))
    assert table["battery"].to_numpy().tolist() == [40, 0, 80]


def test_of_a_store_the_indicator_is_taken_and_what_is_not_admitted_counts_as_nothing():
    values = costs().expand_dims({"roof": [10.0], "indicator": ["cost_cny", "green_share"]}).copy()
    store = xr.Dataset({"indicator_value": values})
    store["admitted"] = xr.ones_like(store["indicator_value"].isel(indicator=0, drop=True), dtype=bool)
    store["admitted"].loc[{"battery": 0, "scenario": "cheap"}] = False
    table = regret(store)
    assert (str(table["battery"].to_numpy()[0]), float(table["roof"][0])) == ("40", 10.0)
    assert table["worst"].to_numpy().tolist() == [11.0, 20.0, np.inf]
    with pytest.raises(InputError, match=r"the store keeps no 'green'\. Did you mean 'green_share'"):
        regret(store, indicator="green")


def test_of_a_dataset_its_variable_is_taken():
    assert regret(xr.Dataset({"cost_cny": costs()}))["worst"].to_numpy().tolist() == [10.0, 11.0, 20.0]


def test_one_design_has_no_regret():
    table = regret(costs().isel(battery=0, drop=True))
    assert table.sizes["design"] == 1
    assert table["worst"].to_numpy().tolist() == [0.0]


def test_parks_under_scenarios_make_one_table():
    """Several parks under several scenarios: any DataArray of their figures does."""
    names = ("components.battery.energy_max_mwh", "components.battery.power_max_mw")
    rows = []
    for size in (0.0, 1.0):
        live = ps.live(ps.load_park("two-days"))
        row = []
        for price in (0.0, 4_000.0):
            live.set({**dict.fromkeys(names, size), "components.battery.wear_cny_per_mwh": price})
            row.append(live.solve().attrs["objective_cny"])
        rows.append(row)
    table = regret(xr.DataArray(rows, dims=("size", "scenario"), coords={"scenario": ["new", "worn"]}))
    assert (table["regret"] >= 0.0).all()
    assert (table["regret"].min("design") == 0.0).all()


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"over": "scenarios"}, "over: there is no dimension 'scenarios'. Did you mean 'scenario'"),
        ({"weights": {"wet": 1.0}}, "weights: there is no scenario 'wet'"),
        ({"weights": {"dry": -1.0}}, "weights: dry: got -1, must be 0 or more"),
        ({"weights": {"dry": 0.0}}, "no scenario of a weight above 0"),
    ],
)
def test_bad_questions_are_told(how, said):
    with pytest.raises(InputError) as error:
        regret(costs(), **how)
    assert said in str(error.value)


def test_figures_that_are_not_there_are_told():
    with pytest.raises(InputError, match=r"there is no variable 'cost_cny'\. Did you mean 'cost'"):
        regret(xr.Dataset({"cost": costs()}))
    with pytest.raises(InputError, match="no design has an answer"):
        regret(costs() * NAN)


def test_the_table_of_a_study():
    assert RegretTable().over == "scenario"
    with pytest.raises(ValidationError):
        RegretTable(indicator=1)
