"""The worth of every number as people see it: command, files, page, texts."""

import csv
import json
import re

import numpy as np
import pytest
import xarray as xr

from parksim import cli
from parksim.components._cases import demand, grid, micro, source
from parksim.park import read_park
from parksim.questions.worth import worth
from parksim.report.worth import Told, answer, plain, printed, table
from parksim.report.worth_page import render


@pytest.fixture(scope="module")
def kinked():
    """A source of just the demand; the grid's export is 0 and can only grow."""
    park = micro(source(power_mw=5.0), grid(price_cny_per_mwh=[100.0, 300.0]), demand(power_mw=5.0))
    park["components"]["extra"] = {"kind": "demand", "power_mw": 2.0, "title": "Halle <b>7</b> (七号)"}
    return worth(read_park(park))


def line(ds, path):
    return next(line for line in Told(ds).lines if line.path == path)


def test_the_answer_names_what_costs_most_and_what_saves_most(kinked):
    said = answer(Told(kinked))
    assert said.startswith("One per cent more of “Demand, power drawn, metered or planned” costs 20.0")
    assert "“Source, rated power, that at the design flow” saves most, 20.0" in said


def test_texts_of_a_number(kinked):
    load = line(kinked, "components.demand.power_mw")
    assert load.value == "5\u202fMW"
    assert (load.more, load.slope, load.co2) == ("≥ +20.0", "+400", "+1.00")
    assert load.step == ""
    export = line(kinked, "components.grid.export_max_mw")
    assert export.step == "+1\u202fMW"
    assert export.slope == "0 rising"


def test_a_number_without_plan_beyond_says_so():
    ds = worth(read_park(micro(grid(price_cny_per_mwh=[100.0, 100.0], import_max_mw=5.0), demand(power_mw=5.0))))
    load = line(ds, "components.demand.power_mw")
    assert load.more == "no plan"
    assert load.slope == "+200 falling, no plan rising"
    assert "no plan" in render(ds)


def test_the_page_holds_itself_together(kinked):
    page = render(kinked)
    assert page.startswith("<!doctype html>")
    assert "<b>7</b>" not in page.replace("\\u003cb\\u003e", "")
    assert "Halle &lt;b&gt;7&lt;/b&gt;" in page
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page.partition('id="page-data"')[0])
    data = json.loads(re.search(r'id="page-data">(.*?)</script>', page, re.DOTALL)[1])
    assert set(data["figures"]) == {"cost", "co2"}
    for figure in data["figures"].values():
        assert len(figure["categories"]) == len(figure["data"][0]["x"]) == len(figure["brief"])
    assert "half a tonne (2023), 0.5\u202ft/MWh" in page


def test_a_park_without_yardstick_has_no_chart_of_co2():
    table = micro(grid(price_cny_per_mwh=[100.0, 300.0]), demand(power_mw=5.0))
    page = render(worth(read_park({**table, "yardsticks": {}})))
    assert 'data-figure="cost"' in page
    assert 'data-figure="co2"' not in page
    assert "names no yardstick" in page


def test_a_park_that_costs_nothing_has_a_page_all_the_same():
    ds = worth(read_park(micro(grid(price_cny_per_mwh=[0.0, 0.0]), demand(power_mw=0.0))))
    page = render(ds)
    assert page.startswith("<!doctype html>")


def test_plain_data_and_tables_hold_every_number(kinked):
    found = plain(kinked)
    assert len(found["numbers"]) == kinked.sizes["field"]
    assert found["numbers"][0]["cost_slope"].keys() == {"left", "right"}
    assert table(kinked)["cost_slope_right [CNY per unit]"]["components.demand.power_mw"] == pytest.approx(400.0)


def test_rows_for_the_terminal_are_plain(kinked):
    for row in printed(Told(kinked), 50):
        assert all(sign.isascii() for cell in row[:3] for sign in cell)


class TestCommand:
    @pytest.fixture
    def call(self, capsys):
        def run(*arguments):
            with pytest.raises(SystemExit) as left:
                cli.main([str(argument) for argument in arguments])
            said = capsys.readouterr()
            assert "Traceback" not in said.out + said.err
            return left.value.code or 0, said.out, said.err

        return run

    def test_writes_files_and_prints_the_dearest(self, call, tmp_path):
        code, out, err = call("worth", "two-days", "--out", tmp_path / "new", "--top", 3)
        assert (code, err) == (0, "")
        assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["worth.csv", "worth.html", "worth.nc"]
        assert len(re.findall(r"^(components|tariffs|weather)\.", out, re.MULTILINE)) == 3
        with xr.open_dataset(tmp_path / "new" / "worth.nc", engine="netcdf4") as ds:
            assert ds.sizes["side"] == 2
            fields = ds.sizes["field"]
            assert np.isfinite(ds.attrs["objective_cny"])
        with (tmp_path / "new" / "worth.csv").open(encoding="utf-8") as file:
            assert len(list(csv.reader(file))) == fields + 1

    def test_json_is_json_and_nothing_else(self, call, tmp_path):
        code, out, err = call("worth", "two-days", "--out", tmp_path, "--json")
        assert (code, err) == (0, "")
        found = json.loads(out)
        assert found["numbers"][0]["cost_little"]["right"] != 0.0

    def test_quiet_prints_nothing(self, call, tmp_path):
        assert call("worth", "two-days", "--out", tmp_path, "--quiet") == (0, "", "")

    def test_bad_input_is_one_clear_message(self, call, tmp_path):
        code, _, err = call("worth", "two-dayz")
        assert code == 2
        assert "two-days" in err
        (tmp_path / "file").write_text("", encoding="utf-8")
        code, _, err = call("worth", "two-days", "--out", tmp_path / "file")
        assert code == 2
        assert "must be a folder" in err
