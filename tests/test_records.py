"""A park on measured input, end to end: a metered load and a recorded year of irradiation, read where they lie."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from parksim import api
from parksim.accounts.audit import audit
from parksim.accounts.summary import summarise
from parksim.output import read_dataset, write_all
from parksim.slices import DatasetSlice

HERE = Path(__file__).resolve().parent
PARK = HERE / "records" / "steel.toml"


@pytest.fixture(scope="module")
def solved():
    return api.solve(api.load_park(PARK))


@pytest.fixture(scope="module")
def figures(solved):
    return summarise(solved)


@pytest.fixture(scope="module")
def metered(records):
    """Metered energy of each hour [kWh]."""
    file = records / "load" / "uci_steel_industry_hourly_2018.csv"
    return pd.read_csv(file, index_col="time_local", parse_dates=True)["active_kwh"]


@pytest.mark.records
def test_the_load_is_the_metered_one_hour_by_hour(solved, figures, metered):
    used = DatasetSlice(solved, "plant").power("use")
    assert len(used) == 8760
    assert (solved.indexes["time"] == metered.index).all()
    np.testing.assert_allclose(1e3 * used, metered.to_numpy(), rtol=1e-12)
    assert 1e3 * figures["load_mwh"] == pytest.approx(metered.sum(), rel=1e-12)
    assert figures["unserved_mwh"] == 0.0


@pytest.fixture(scope="module")
def irradiation(records):
    """Recorded global irradiation of each day of 2014 [kWh m-2]."""
    file = records / "weather" / "cdsrd_daily_irradiation_1998_2017.csv"
    days = pd.read_csv(file, index_col="date", parse_dates=True)["Yibin_ghi_MJ_m2"]
    return days[days.index.year == 2014] / 3.6


@pytest.mark.records
def test_the_roof_makes_what_the_recorded_year_allows(solved, figures, irradiation):
    """Sunny days of the record are sunny days of the run, on the same date; at night nothing is made.

    A plane at 15 degrees takes little more than the horizontal; with 1.1 DC/AC and about 0.85 of losses the energy per
    rating [h] lies near the irradiation [kWh m-2].
    """
    available = DatasetSlice(solved, "roof").upper("make").reshape(365, 24) / 0.15
    by_day = available.sum(axis=1)
    assert 0.85 * irradiation.sum() <= by_day.sum() <= 1.1 * irradiation.sum()
    alike = [np.corrcoef(by_day, np.roll(irradiation, shift))[0, 1] for shift in (-1, 0, 1)]
    assert alike[1] > 0.97
    assert max(alike[0], alike[2]) < 0.8
    assert available[:, :5].max() == 0.0
    assert available[:, 21:].max() == 0.0
    assert figures["indicators"]["roof.full_load_hours_h"] <= by_day.sum() + 1e-9


@pytest.mark.records
def test_the_answer_passes_its_audit_and_adds_up(solved, figures):
    gaps = audit(solved)
    assert max(gaps.values()) <= 1e-6
    assert figures["solver"]["duality_gap"] < 1e-8
    terms = {name: value for name, value in figures["cost_cny"].items() if name != "total"}
    assert sum(terms.values()) == pytest.approx(figures["objective_cny"], rel=1e-9)
    made = figures["renewable_mwh"] + figures["import_mwh"]
    lost = figures["storage"]["battery"]["loss_mwh"]
    assert made == pytest.approx(figures["load_mwh"] + lost, rel=1e-9)
    assert 0.0 < figures["green_share"] < 1.0
    assert figures["storage"]["battery"]["full_cycles"] > 50.0
    assert figures["emissions_t"]["national"] == pytest.approx(0.5306 * figures["import_mwh"], rel=1e-9)


@pytest.mark.records
def test_how_the_records_were_read_is_told(figures):
    told = " ".join(figures["notes"])
    assert "2014" in told
    assert "weather" in told


@pytest.mark.records
def test_the_files_are_written_and_read_back(solved, figures, tmp_path):
    written = write_all(solved, tmp_path, summary=figures, report="<html></html>")
    assert {path.name for path in written} == {"result.nc", "summary.json", "report.html"}
    again = read_dataset(tmp_path / "result.nc")
    np.testing.assert_array_equal(again["power"], solved["power"])
    assert json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))["load_mwh"] == figures["load_mwh"]


SKIPPING = """
import pytest

@pytest.mark.records
def test_of_records():
    pytest.skip("one file is absent")

@pytest.mark.browser
@pytest.mark.skipif(True, reason="no browser")
def test_of_a_page():
    raise AssertionError

def test_unmarked():
    pytest.skip("for another reason")
"""


@pytest.mark.parametrize(
    ("ci", "beside", "told"),
    [("", False, "3 skipped"), ("true", False, "1 skipped, 2 errors"), ("true", True, "1 failed, 1 skipped, 1 error")],
    ids=["at a desk", "in CI, no records", "in CI, one file absent"],
)
def test_in_ci_a_marked_test_may_not_skip(ci, beside, told, tmp_path):
    folder = tmp_path / "checkout" / "tests"
    folder.mkdir(parents=True)
    if beside:
        (tmp_path / "shared" / "data").mkdir(parents=True)
    shutil.copy(HERE / "conftest.py", folder)
    (folder / "test_skipping.py").write_text(SKIPPING, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n  records\n  browser\n", encoding="utf-8")
    plain = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:hypothesispytest"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *plain, str(folder)],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "CI": ci},
        check=False,
    )
    assert told in done.stdout, done.stdout
