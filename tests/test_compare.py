"""Parks side by side: each as solved alone, differences from the first, what has no solution told beside the others."""

import io
import json
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

import parksim as ps
from parksim import cli, testing
from parksim.accounts.comparison import FIGURES, differences, frame, plain
from parksim.output import read_dataset
from parksim.park import read_park

asked = import_module("parksim.questions.compare")
shown = import_module("parksim.report.comparison")
SEEDS = st.integers(0, 10_000)


@pytest.fixture
def write(tmp_path):
    """Write a variant of the two days to a folder, and give its path."""

    def put(name, **own):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(tomli_w.dumps({"base": "two-days", **own}), encoding="utf-8")
        return file

    return put


def grid(**fields):
    return {"components": {"grid": {**fields, "sources": {"default": "assumption: made for a test"}}}}


@pytest.fixture
def dear(write):
    """A variant with dearer energy."""
    prices = {"fixed_cny_per_mwh": 400.0, "sources": {"default": "assumption: made for a test"}}
    return write("dear.toml", tariffs={"time_of_use": prices})


@pytest.fixture
def broken(write):
    """A variant without a solution."""
    return write("broken.toml", **grid(import_max_mw=1.0), remove=["components.battery"])


@settings(max_examples=6, deadline=None)
@given(seed=SEEDS, factor=st.floats(0.5, 1.5))
def test_each_is_what_it_is_alone(seed, factor):
    """The second and third start from the optimum of the first wherever the structure is the same."""
    tables = [testing.random_table(seed), testing.random_table(seed), testing.random_table(seed + 1)]
    tables[1]["components"]["load"]["power_mw"] = [v * factor for v in tables[1]["components"]["load"]["power_mw"]]
    found = ps.compare([read_park(table) for table in tables])
    assert [member.name for member in found.members] == [
        f"random-{seed}",
        f"random-{seed} (2)",
        f"random-{seed + 1}",
    ]
    assert json.loads(found.members[1].ds.attrs["solver_info"])["way"] in {"walk", "pieces again", "afresh"}
    for member, table in zip(found.members, tables, strict=True):
        alone = ps.solve(read_park(table))
        assert member.ds.attrs["objective_cny"] == pytest.approx(alone.attrs["objective_cny"], rel=1e-9, abs=1e-6)
        assert member.ds.attrs["park_toml"] == alone.attrs["park_toml"]
        assert found.ds["cost"].sel(member=member.name).item() == pytest.approx(
            alone.attrs["objective_cny"], rel=1e-9, abs=1e-6
        )


def test_figures_are_those_of_the_summaries(dear):
    found = ps.compare(["two-days", dear])
    for member in found.members:
        one, summary = found.ds.sel(member=member.name), ps.summarise(ps.solve(ps.load_park(member.park.file)))
        assert one["unit_cost"].item() == pytest.approx(summary["cost_cny_per_mwh"], rel=1e-9)
        assert one["green_share"].item() == pytest.approx(summary["green_share"], rel=1e-6)
        assert one["import"].item() == pytest.approx(summary["import_mwh"], rel=1e-6)
        co2 = dict(zip(one["yardstick"].to_numpy().tolist(), one["co2"].to_numpy().tolist(), strict=True))
        assert co2 == pytest.approx(summary["emissions_t"], rel=1e-6)
        (battery,) = summary["storage"].values()
        assert one["full_cycles"].item() == pytest.approx(battery["full_cycles"], rel=1e-6)
    for name, figure in FIGURES.items():
        assert found.ds[name].attrs == {"units": figure.unit, "long_name": figure.meaning}
    assert json.loads(found.ds.attrs["bases"]) == {"dear": ["two-days"]}


def test_differences_are_from_the_first(dear):
    ds = ps.compare(["two-days", dear]).ds
    apart, table, told = differences(ds), frame(ds), plain(ds)
    for name in FIGURES:
        change = ds[name].to_numpy()[1] - ds[name].to_numpy()[0]
        assert apart[name].to_numpy().tolist() == [0.0, change]
        assert apart[name].attrs == ds[name].attrs
        assert table.loc[name, "dear less two-days"] == change
        assert table.loc[name, "dear"] == ds[name].to_numpy()[1]
        assert table.loc[name, "unit"] == ds[name].attrs["units"]
        assert told["members"]["dear"]["differences"][name] == change
    assert told["first"] == "two-days"
    assert told["members"]["two-days"]["differences"] is None
    assert apart["cost"].to_numpy()[1] > 0.0


def test_claims_are_told_met_or_not():
    claim = {"title": "a tenth is green", "figure": "green_share", "source": "a test"}
    table = testing.random_table(3)
    table["components"]["sun"] = {"kind": "pv", "power_max_mw": 20.0, "available": 0.5}
    low = {**table, "claims": {"green": {**claim, "value": 0.01}}}
    high = {**table, "claims": {"green": {**claim, "value": 1.0}}}
    ds = ps.compare([read_park(low), read_park(high), read_park(table)]).ds
    assert ds["claim_verdict"].to_numpy().ravel().tolist() == ["met", "not met", ""]
    row = next(row for row in shown.rows(ds) if row[0] == "claim met: a tenth is green")
    assert row[1] == "yes"
    assert row[2].startswith("no\n(")
    assert row[3] == "-"


class TestWithoutASolution:
    def test_is_told_beside_the_others(self, broken, dear):
        found = ps.compare(["two-days", broken, dear])
        assert found.ds["solved"].to_numpy().tolist() == [True, False, True]
        assert np.isnan(found.ds["cost"].to_numpy()[1])
        assert found.members[1].problem.startswith("infeasible\n")
        for row in shown.rows(found.ds)[1:]:
            assert row[2] == "-", row[0]
        assert plain(found.ds)["members"]["broken"]["figures"] is None
        (_, line) = shown.sentences(found.ds)
        assert line.startswith("broken has no solution: infeasible; ")

    def test_the_others_are_held_against_the_first_that_has_one(self, broken, dear):
        ds = ps.compare([broken, "two-days", dear]).ds
        assert plain(ds)["first"] == "two-days"
        assert differences(ds)["cost"].to_numpy()[1] == 0.0
        assert differences(ds)["cost"].to_numpy()[2] > 0.0
        assert "dear less two-days" in frame(ds).columns

    def test_none_has_one(self, broken):
        with pytest.raises(ps.NoSolution):
            ps.compare([broken, broken])


class TestNames:
    def test_the_same_file_twice_is_solved_once(self, monkeypatch):
        solved = []
        monkeypatch.setattr(asked, "_solved", lambda park, *rest: solved.append(park) or ps.solve(park))
        ds = ps.compare(["two-days", "two-days", "two-days"]).ds
        assert len(solved) == 1
        assert ds["member"].to_numpy().tolist() == ["two-days", "two-days (2)", "two-days (3)"]
        assert not differences(ds)["cost"].to_numpy().any()

    def test_files_of_one_name_are_told_apart_by_their_folders(self, write, monkeypatch, tmp_path):
        for folder in ("a", "b"):
            write(f"{folder}/park.toml")
        monkeypatch.chdir(tmp_path)
        ds = ps.compare(["a/park.toml", "b/park.toml"]).ds
        assert ds["member"].to_numpy().tolist() == ["a/park.toml", "b/park.toml"]


class TestBadInput:
    @pytest.mark.parametrize("parks", [["two-days"], [], "two-days", Path("two-days")])
    def test_one_park_is_no_comparison(self, parks):
        with pytest.raises(ps.InputError, match="compare: got one park, must be two or more"):
            ps.compare(parks)

    def test_all_that_is_wrong_is_told_before_anything_is_solved(self, write, monkeypatch):
        monkeypatch.setattr(asked, "_solved", lambda *_: pytest.fail("solved before all was read"))
        bad = write("bad.toml", **grid(import_max_mw=-1.0))
        with pytest.raises(ps.InputError) as told:
            ps.compare(["two-days", "none.toml", bad])
        assert len(told.value.problems) == 2
        assert told.value.problems[0].startswith("none.toml: no such file.")
        assert told.value.problems[1].startswith(f"{bad}: components.grid.import_max_mw: got -1")


class TestRange:
    def test_reads_from_least_to_most(self, dear):
        ds = ps.compare(["two-days", dear]).ds
        green = sorted(100.0 * ds["green_share"].to_numpy())
        cost = ds["unit_cost"].to_numpy() / 1e3
        (line,) = shown.sentences(ds)
        assert line.startswith("Over 2 parks ")
        assert f"{green[0]:.0f} %" in line
        assert f"{green[1]:.0f} %" in line
        assert f"at {cost[0]:.2f} (two-days) to {cost[1]:.2f} (dear) CNY/kWh." in line

    def test_one_that_leaves_load_unserved_stands_outside(self, write):
        short = {"kind": "shortfall", "price_cny_per_mwh": 90_000.0, "sources": {"default": "assumption: for a test"}}
        own = grid(import_max_mw=4.0)
        own["components"]["shortfall"] = short
        ds = ps.compare(["two-days", write("tight.toml", **own)]).ds
        first, second = shown.sentences(ds)
        assert first.startswith("two-days: ")
        assert second.startswith("tight leaves ")
        assert second.endswith("MWh unserved and stands outside this range.")

    def test_values_that_read_alike_are_told_once(self):
        (line,) = shown.sentences(ps.compare(["two-days", "two-days"]).ds)
        assert line.count("%") == 1
        assert " to " not in line


class TestCommand:
    @pytest.fixture
    def call(self, capsys):
        def run(*arguments):
            with pytest.raises(SystemExit) as left:
                cli.main(["compare", *(str(argument) for argument in arguments)])
            said = capsys.readouterr()
            assert "Traceback" not in said.out + said.err
            return left.value.code or 0, said.out, said.err

        return run

    def test_prints_a_table_and_the_answer(self, call, dear):
        code, out, err = call("two-days", dear)
        assert (code, err) == (0, "")
        assert "green share [%]" in out
        assert out.splitlines()[-1].startswith("Over 2 parks ")
        assert "Written" not in out

    def test_json_csv_and_files_say_the_same(self, call, dear, tmp_path):
        code, out, _ = call("two-days", dear, "--json", "--out", tmp_path / "side")
        assert code == 0
        told = json.loads(out)
        assert told == json.loads((tmp_path / "side" / "comparison.json").read_text(encoding="utf-8"))
        assert told["answer"][0].startswith("Over 2 parks ")
        code, out, _ = call("two-days", dear, "--csv")
        table = pd.read_csv(io.StringIO(out), index_col="figure")
        cost = told["members"]["dear"]["figures"]["cost"]
        assert table.loc["cost", "dear"] == pytest.approx(cost, rel=1e-15)  # pandas before 3.1 may miss the last digit
        assert out == (tmp_path / "side" / "comparison.csv").read_text(encoding="utf-8")
        ds = read_dataset(tmp_path / "side" / "comparison.nc")
        assert ds["cost"].sel(member="dear").item() == told["members"]["dear"]["figures"]["cost"]
        assert ds["cost"].attrs["units"] == "CNY"

    def test_page_and_workbook_in_chinese(self, call, dear, tmp_path):
        code, out, _ = call("two-days", dear, "--out", tmp_path / "side", "--xlsx", "--lang", "zh")
        assert code == 0
        assert "2个方案中，绿电占用电量的" in out
        page = (tmp_path / "side" / "comparison.html").read_text(encoding="utf-8")
        assert '<html lang="zh-CN">' in page
        assert (tmp_path / "side" / "comparison.xlsx").stat().st_size > 4_000
        assert out.splitlines()[-1].count("comparison.") == 5

    def test_files_of_one_without_a_solution(self, call, broken, tmp_path):
        code, out, _ = call("two-days", broken, "--out", tmp_path / "side")
        assert code == 0
        assert "broken has no solution: infeasible" in out
        assert read_dataset(tmp_path / "side" / "comparison.nc")["solved"].to_numpy().tolist() == [True, False]

    @pytest.mark.parametrize(
        ("arguments", "code", "words"),
        [
            (["two-days"], 2, "compare: got one park, must be two or more."),
            (["two-days", "yibn"], 2, "yibn: no such file. Did you mean 'yibin'?"),
            (["two-days", "start", "--xlsx"], 2, "--xlsx: needs a folder. Give --out DIR."),
            (["two-days", "start", "--csv", "--json"], 2, "--csv and --json: both print on standard output."),
        ],
    )
    def test_slips_are_told(self, arguments, code, words, call):
        found, out, err = call(*arguments)
        assert (found, out) == (code, "")
        assert words in err

    def test_none_with_a_solution_ends_with_3(self, call, broken):
        code, out, err = call(broken, broken)
        assert (code, out) == (3, "")
        assert err.startswith(f"{broken}: has no solution")

    def test_a_file_in_the_way_is_told_before_any_work(self, call, tmp_path, monkeypatch):
        monkeypatch.setattr(asked, "compare", lambda *_, **__: pytest.fail("solved before the folder was looked at"))
        (tmp_path / "side").write_text("mine", encoding="utf-8")
        code, _, err = call("two-days", "start", "--out", tmp_path / "side")
        assert code == 2
        assert "is a file, must be a folder" in err
