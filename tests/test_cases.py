"""Every worked case: solved, saved and solved, solved and saved; wrong answers are far from the right one."""

import tomllib

import pytest

from parksim import api, testing
from parksim.components import KINDS
from parksim.output import read_dataset, write_dataset
from parksim.park import read_park
from parksim.results import park_toml
from parksim.slices import DatasetSlice

ALL = [pytest.param(case, id=f"{kind}-{n}") for kind, cases in testing.CASES.items() for n, case in enumerate(cases)]


def objective(table):
    return api.solve(read_park(table)).attrs["objective_cny"]


def test_every_kind_has_cases():
    assert set(testing.CASES) == set(KINDS)
    assert all(2 <= len(cases) <= 8 or kind in {"demand", "shortfall"} for kind, cases in testing.CASES.items())


@pytest.mark.parametrize("case", ALL)
def test_objective_is_the_one_worked_out_by_hand(case):
    ds = api.solve(read_park(case.park()))
    assert ds.attrs["objective_cny"] == pytest.approx(case.objective_cny, rel=1e-9, abs=1e-9)
    for label, expected in case.values.items():
        component, item = label.split(".")
        if label in ds.indexes["flow"]:
            got = DatasetSlice(ds, component).energy_mwh(item)
        else:
            got = float(ds["indicator_value"].sel(indicator=label))
        assert got == pytest.approx(expected, rel=1e-9, abs=1e-9), label


@pytest.mark.parametrize("case", ALL)
def test_plausible_bugs_would_show(case):
    assert case.wrong, "a case lists what plausible bugs would give"
    for bug, value in case.wrong.items():
        assert abs(value - case.objective_cny) > 0.02 * max(1.0, abs(case.objective_cny)), bug


@pytest.mark.parametrize("case", ALL)
def test_saved_and_read_back_before_solving(case):
    park = read_park(case.park())
    again = read_park(tomllib.loads(park_toml(park)))
    assert again.components == park.components
    assert again.tariffs == park.tariffs
    assert api.solve(again).attrs["objective_cny"] == pytest.approx(case.objective_cny, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("case", ALL)
def test_saved_and_read_back_after_solving(case, tmp_path):
    ds = api.solve(read_park(case.park()))
    again = read_dataset(write_dataset(ds, tmp_path / "result.nc"))
    assert again.attrs["objective_cny"] == ds.attrs["objective_cny"]
    assert again.equals(ds)
    assert objective(tomllib.loads(again.attrs["park_toml"])) == pytest.approx(case.objective_cny, rel=1e-9, abs=1e-9)
