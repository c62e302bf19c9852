"""Files are written whole or not at all, all of a run together or none, and read back as they were."""

import errno
import json
import os
import stat

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from parksim import api, output
from parksim.accounts.summary import summarise
from parksim.components._cases import demand, grid, micro, source
from parksim.errors import InputError
from parksim.park import read_park

NAMES = ["report.html", "result.nc", "summary.json"]


@pytest.fixture(scope="module")
def solved():
    table = micro(
        source(power_mw=[3.0, 0.0, 1.0]),
        grid(price_cny_per_mwh=[100.0, 200.0, 300.0], demand_cny_per_mw_month=7_440.0),
        {
            "name": "battery",
            "kind": "battery",
            "power_max_mw": 1.0,
            "energy_max_mwh": 2.0,
            "eff_in": 0.9,
            "eff_out": 0.9,
            "title": "储能",
        },
        demand(power_mw=[2.0, 4.0, 3.0]),
    )
    ds = api.solve(read_park(table))
    return ds, summarise(ds)


def everything(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_run_leaves_its_files_and_nothing_else(tmp_path, solved):
    ds, summary = solved
    written = output.write_all(ds, tmp_path / "a" / "b", summary=summary, report="<p>储能</p>", csv=True)
    assert sorted(path.name for path in written) == sorted([*NAMES, "hourly.csv"])
    assert sorted(everything(tmp_path / "a" / "b")) == sorted([*NAMES, "hourly.csv"])
    assert (tmp_path / "a" / "b" / "report.html").read_text(encoding="utf-8") == "<p>储能</p>"
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o644 for path in written)


def test_results_are_read_back_as_they_were(tmp_path, solved):
    ds, summary = solved
    output.write_all(ds, tmp_path, summary=summary, report="")
    xr.testing.assert_equal(output.read_dataset(tmp_path / "result.nc"), ds)
    assert output.read_dataset(tmp_path / "result.nc").attrs["objective_cny"] == ds.attrs["objective_cny"]
    read = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert read["load_mwh"] == summary["load_mwh"]
    assert read["objective_cny"] == summary["objective_cny"]


def test_the_hourly_table_names_units_and_loses_no_digit(tmp_path, solved):
    ds, summary = solved
    output.write_all(ds, tmp_path, summary=summary, report="", csv=True)
    table = pd.read_csv(tmp_path / "hourly.csv", index_col="time", parse_dates=True)
    assert {"grid.buy [MW]", "battery.held [MWh]", "electricity.price [CNY MWh-1]"} <= set(table.columns)
    np.testing.assert_array_equal(table["grid.buy [MW]"], ds["power"].sel(flow="grid.buy"))
    np.testing.assert_array_equal(table.index, ds["time"])


@pytest.mark.parametrize("broken", ["_write_netcdf", "as_json", "_write_csv"])
@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device. Free space, or choose another"),
        (OSError(errno.EACCES, "Permission denied"), "Permission denied. Choose another folder."),
    ],
    ids=["full", "denied"],
)
def test_a_run_that_cannot_be_written_keeps_the_last_one(broken, error, words, tmp_path, solved, monkeypatch):
    ds, summary = solved
    output.write_all(ds, tmp_path, summary=summary, report="first", csv=True)
    before = everything(tmp_path)

    def fails(*_):
        raise error

    monkeypatch.setattr(output, broken, fails)
    with pytest.raises(InputError, match=words):
        output.write_all(ds, tmp_path, summary=summary, report="second", csv=True)
    assert everything(tmp_path) == before


def test_a_run_that_cannot_be_written_leaves_no_folder(tmp_path, solved, monkeypatch):
    ds, summary = solved
    monkeypatch.setattr(output, "as_json", lambda _: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
    with pytest.raises(InputError):
        output.write_all(ds, tmp_path / "a" / "b", summary=summary, report="")
    assert list(tmp_path.iterdir()) == []


def test_what_the_netcdf_library_says_of_a_full_disk(tmp_path, solved, monkeypatch):
    ds, _ = solved

    def full(*_, **__):
        raise RuntimeError("NetCDF: HDF error")

    monkeypatch.setattr(xr.Dataset, "to_netcdf", full)
    with pytest.raises(InputError, match=r"result\.nc: cannot be written: .*HDF error.* Free space"):
        output.write_dataset(ds, tmp_path / "result.nc")
    assert list(tmp_path.iterdir()) == []


def test_a_stop_in_mid_write_leaves_nothing_half(tmp_path):
    def stopped(path):
        path.write_text("half of it", encoding="utf-8")
        raise KeyboardInterrupt

    (tmp_path / "summary.json").write_text("whole", encoding="utf-8")
    with pytest.raises(KeyboardInterrupt):
        output.write_whole(tmp_path / "summary.json", stopped)
    assert everything(tmp_path) == {"summary.json": b"whole"}


def test_a_file_is_never_seen_half_written(tmp_path):
    (tmp_path / "summary.json").write_text("old", encoding="utf-8")

    def slowly(path):
        path.write_text("new", encoding="utf-8")
        assert path.parent == tmp_path
        assert (tmp_path / "summary.json").read_text(encoding="utf-8") == "old"

    output.write_whole(tmp_path / "summary.json", slowly)
    assert everything(tmp_path) == {"summary.json": b"new"}


def test_a_folder_in_the_way_of_one_file_keeps_the_others_from_changing(tmp_path, solved):
    ds, summary = solved
    output.write_all(ds, tmp_path, summary=summary, report="old")
    (tmp_path / "report.html").unlink()
    (tmp_path / "report.html").mkdir()
    before = (tmp_path / "summary.json").read_bytes()
    with pytest.raises(InputError, match=r"report\.html: cannot be written: a folder of that name stands there\."):
        output.write_all(ds, tmp_path, summary={"new": 1}, report="new")
    assert (tmp_path / "summary.json").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == NAMES


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "taken").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match=r"taken: is a file, must be a folder\. Choose another with --out\."):
        output.check_folder(tmp_path / "taken")
    with pytest.raises(InputError, match=r"taken: is a file, must be a folder\."):
        output.check_folder(tmp_path / "taken" / "below")
    with pytest.raises(InputError, match=r"new\.toml: cannot be written: .*taken is a file\. Choose another folder\."):
        output.write_whole(tmp_path / "taken" / "new.toml", lambda _: None)


def test_a_folder_that_cannot_be_written_to_is_refused_before_any_work(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(os, "access", lambda path, mode: asked.append((path, mode)))
    with pytest.raises(InputError, match=r"new: cannot be written to\. Choose another folder with --out\."):
        output.check_folder(tmp_path / "new")
    assert asked == [(tmp_path, os.W_OK | os.X_OK)]


def test_a_folder_that_is_not_there_yet_is_fine(tmp_path):
    output.check_folder(tmp_path / "a" / "b")
    output.check_folder(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_json_has_full_numbers_and_no_nan():
    text = output.as_json({"a": 0.1 + 0.2, "b": np.float64("nan"), "c": [np.inf, 1], "d": {"储能": None}})
    assert json.loads(text) == {"a": 0.1 + 0.2, "b": None, "c": [None, 1], "d": {"储能": None}}
    assert "储能" in text


def test_a_file_that_is_no_result_is_told(tmp_path):
    (tmp_path / "result.nc").write_text("no", encoding="utf-8")
    with pytest.raises(InputError, match=r"result\.nc: is no results file of parksim .*Give the result\.nc of a run\."):
        output.read_dataset(tmp_path / "result.nc")
    with pytest.raises(InputError, match="is no results file of parksim"):
        output.read_dataset(tmp_path / "nowhere.nc")
