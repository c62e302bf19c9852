"""The command line, command by command, in one process."""

import gettext
import io
import json
import re
import tomllib
from importlib import import_module
from pathlib import Path

import pytest
import tomli_w
import typer
from rich.console import Console
from rich.text import Text

from parksim import api, cli, console, schema
from parksim.commands import options, questions, studies
from parksim.errors import AuditError
from parksim.questions import references
from parksim.report import words as spoken
from parksim.report.catalogue import LANGUAGES, Catalogue, catalogue
from parksim.study import runner
from parksim.study.schema import json_schema as study_schema

PARKS = Path(__file__).resolve().parents[2] / "parks"
COMMANDS = (
    "run",
    "compare",
    "why",
    "check",
    "new",
    "crosscheck",
    "worth",
    "size",
    "bench",
    "sweep",
    "schema",
    "profiles",
    "pareto",
    "break-even",
    "alternatives",
)
FILES = ["report.html", "result.nc", "summary.json"]


@pytest.fixture
def call(capsys):
    """Run a command; give its exit code and what it wrote to standard output and standard error."""

    def run(*arguments):
        with pytest.raises(SystemExit) as left:
            cli.main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return left.value.code or 0, said.out, said.err

    return run


@pytest.fixture
def two_days():
    return tomllib.loads((PARKS / "two-days.toml").read_text(encoding="utf-8"))


def write(folder, table):
    (folder / "park.toml").write_text(tomli_w.dumps(table), encoding="utf-8")
    return folder / "park.toml"


def everything(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


class TestHelp:
    def test_lists_every_command_and_the_exit_codes(self, call):
        code, out, err = call("--help")
        assert (code, err) == (0, "")
        for word in (*COMMANDS, "--version", "2 input", "3 no solution", "4 audit", "5 a question"):
            assert word in out

    @pytest.mark.parametrize("command", COMMANDS)
    def test_of_each_command_has_an_example(self, command, call):
        code, out, err = call(command, "--help")
        assert (code, err) == (0, "")
        assert "Example" in out
        assert f"parksim {command}" in out.split("Example")[1]

    @pytest.mark.parametrize("command", COMMANDS)
    def test_loses_no_word_to_markup(self, command):
        """What stands in brackets, a unit or a value, would be read as a style and left out."""
        told = typer.main.get_command(cli.application()).commands[command]
        for text in (told.help, *(getattr(option, "help", None) for option in told.params)):
            assert text is None or Text.from_markup(text).plain == text

    @pytest.mark.parametrize(
        "command",
        ["run", "compare", "why", "check", "new", "crosscheck", "worth", "size", "bench", "sweep", "profiles"],
    )
    def test_of_what_talks_offers_to_be_quiet(self, command, call):
        assert "--quiet" in call(command, "--help")[1]

    def test_is_what_nothing_asked_gives(self, call):
        code, out, err = call()
        assert code == 2
        assert "Usage: parksim" in out + err

    def test_version(self, call):
        assert call("--version") == (0, "parksim 0.1.0\n", "")

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["chek", "two-days"], "No such command 'chek'. Did you mean 'check'"),
            (["run"], "Missing argument 'file'"),
            (["run", "two-days", "--ouf", "x"], "No such option: --ouf"),
            (["check", "a", "b"], "unexpected extra argument"),
        ],
    )
    def test_slips_of_the_hand_end_with_2(self, arguments, words, call):
        code, out, err = call(*arguments)
        assert (code, out) == (2, "")
        assert words in err
        assert "Usage: parksim" in err


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


class TestRun:
    def test_a_shipped_park_by_name_from_any_folder(self, folder, call, monkeypatch):
        monkeypatch.chdir(folder)
        code, out, err = call("run", "two-days")
        assert (code, err) == (0, "")
        assert sorted(everything(folder / "two-days-results")) == FILES
        assert "Two days in July" in out
        assert "Rules for zero-carbon parks" in out
        assert "Written: two-days-results/result.nc, two-days-results/summary.json, two-days-results/report.html" in out
        assert max(map(len, out.splitlines())) > 80, "what is wide already must not be wrapped again"

    def test_in_chinese_where_asked(self, folder, call):
        code, out, err = call("run", "two-days", "--lang", "zh", "--out", folder / "zh")
        assert (code, err) == (0, "")
        assert out.startswith("两日示例（2025年7月14日起2天）")
        assert "已写入：" in out
        assert "Read with care" not in out
        page = (folder / "zh" / "report.html").read_text(encoding="utf-8")
        assert '<html lang="zh-CN">' in page
        summary = json.loads((folder / "zh" / "summary.json").read_text(encoding="utf-8"))
        assert summary["notes"][0].startswith("weather: ")

    def test_a_text_missing_in_a_catalogue_is_told_and_nothing_is_written(self, tmp_path, call, monkeypatch):
        lacking = Catalogue("zh.po", gettext.NullTranslations())
        monkeypatch.setattr(spoken, "catalogue", {"en": catalogue("en"), "zh": lacking}.__getitem__)
        code, out, err = call("run", "two-days", "--lang", "zh", "--out", tmp_path / "new")
        assert (code, out) == (2, "")
        assert err.startswith("zh.po: has no text for the key '")
        assert not (tmp_path / "new").exists()

    def test_the_languages_offered_are_those_of_the_catalogues(self):
        assert tuple(lang.value for lang in options.Lang) == LANGUAGES

    @pytest.mark.parametrize("command", ["run", "why", "worth", "size", "crosscheck", "bench"])
    def test_an_unknown_language_is_refused_with_those_there_are(self, command, call):
        code, out, err = call(command, "two-days", "--lang", "fr")
        assert (code, out) == (2, "")
        assert "'fr' is not one of 'en', 'zh'" in err

    def test_quiet_prints_nothing(self, folder, call):
        assert call("run", "two-days", "--quiet", "--out", folder / "quiet") == (0, "", "")
        assert sorted(everything(folder / "quiet")) == FILES

    def test_json_is_the_summary_and_nothing_else(self, folder, call):
        code, out, err = call("run", "two-days", "--json", "-q", "--csv", "--xlsx", "-o", folder / "json")
        assert (code, err) == (0, "")
        summary = json.loads(out)
        assert summary == json.loads((folder / "json" / "summary.json").read_text(encoding="utf-8"))
        asked = "park load_mwh unserved_mwh green_supply_mwh green_share self_use_share import_mwh export_mwh"
        asked += " curtailed_mwh peak_import_mw storage cost_cny objective_cny emissions_t avoided_co2_t claims solver"
        assert set(asked.split()) <= set(summary)
        assert sorted(everything(folder / "json")) == sorted([*FILES, "hourly.csv", "result.xlsx"])

    def test_the_same_park_gives_the_same_summary(self, folder, call):
        """All but the seconds it took, and the hour's table asked for or not."""
        first, second = (
            json.loads(call("run", "two-days", "--json", "-o", folder / name)[1]) for name in ("one", "two")
        )
        for summary in (first, second):
            summary["solver"].pop("seconds")
        assert first == second

    def test_a_file_in_the_way_is_told_before_any_work(self, tmp_path, call, monkeypatch):
        monkeypatch.setattr(references, "run", lambda *_, **__: pytest.fail("solved before the folder was looked at"))
        (tmp_path / "taken").write_text("mine", encoding="utf-8")
        code, out, err = call("run", "two-days", "--out", tmp_path / "taken")
        assert (code, out) == (2, "")
        assert err == f"{tmp_path / 'taken'}: is a file, must be a folder. Choose another with --out.\n"
        assert (tmp_path / "taken").read_text(encoding="utf-8") == "mine"

    @pytest.mark.parametrize("wrong", ["infeasible", "input", "audit", "stopped", "report"])
    def test_a_run_that_fails_keeps_the_results_that_stand(self, wrong, tmp_path, call, two_days, monkeypatch):
        results = tmp_path / "results"
        results.mkdir()
        for name in FILES:
            (results / name).write_text(f"the {name} of yesterday", encoding="utf-8")
        (results / "notes.txt").write_text("mine", encoding="utf-8")
        before = everything(results)

        def fail(error):
            def failing(*_, **__):
                raise error

            return failing

        if wrong == "infeasible":
            two_days["components"]["grid"]["import_max_mw"] = 1.0
        elif wrong == "input":
            two_days["components"]["grid"]["import_max_mw"] = -1.0
        elif wrong == "audit":
            monkeypatch.setattr(references, "run", fail(AuditError({"grid.balance": 0.3})))
        elif wrong == "stopped":
            monkeypatch.setattr(references, "run", fail(KeyboardInterrupt()))
        else:
            monkeypatch.setattr(import_module("parksim.report.html"), "render", fail(ZeroDivisionError("a bug")))
        if wrong == "report":  # a fault of parksim, not of the user: it is not hidden
            with pytest.raises(ZeroDivisionError, match="a bug"):
                cli.main(["run", str(write(tmp_path, two_days)), "-o", str(results)])
        else:
            code, out, err = call("run", write(tmp_path, two_days), "-o", results)
            assert code == {"infeasible": 3, "input": 2, "audit": 4, "stopped": 130}[wrong]
            assert out == ""
            assert err
        assert everything(results) == before

    def test_a_stop_is_told(self, call, monkeypatch):
        def stopped(*_):
            raise KeyboardInterrupt

        monkeypatch.setattr(api, "load_park", stopped)
        assert call("run", "two-days") == (130, "", "Stopped.\n")

    def test_a_failed_audit_ends_with_4(self, tmp_path, call, monkeypatch):
        def failing(*_, **__):
            raise AuditError({"electricity.balance": 0.3})

        monkeypatch.setattr(references, "run", failing)
        code, out, err = call("run", "two-days", "--out", tmp_path / "x")
        assert (code, out) == (4, "")
        assert "electricity.balance 3.0e-01" in err
        assert not (tmp_path / "x").exists()

    def test_errors_of_a_quiet_json_run_leave_standard_output_empty(self, tmp_path, call, two_days):
        two_days["components"]["grid"]["import_max_mw"] = 1.0
        code, out, err = call("run", write(tmp_path, two_days), "--quiet", "--json")
        assert (code, out) == (3, "")
        assert err.startswith(f"{tmp_path / 'park.toml'}: has no solution: its limits contradict each other")


class TestQuarterHours:
    def test_the_remedy_is_named_and_works(self, tmp_path, call, two_days):
        two_days["time"]["step_minutes"] = 15
        factory = two_days["components"]["factory"]
        code, _, err = call("run", write(tmp_path, two_days), "-o", tmp_path / "out")
        assert code == 2
        weather, load = err.splitlines()
        assert 'Write upsample = "hold"' in weather
        assert "components.factory.power_mw: got 48 numbers, must be 192 (one per step of 15 min" in load
        two_days["weather"]["upsample"] = "hold"
        factory["power_mw"] = [value for value in factory["power_mw"] for _ in range(4)]
        code, out, err = call("run", write(tmp_path, two_days), "--json", "-o", tmp_path / "out")
        assert (code, err) == (0, "")
        hourly = json.loads(call("run", "two-days", "--json", "-o", tmp_path / "hourly")[1])
        fine = json.loads(out)
        assert fine["load_mwh"] == pytest.approx(hourly["load_mwh"], rel=1e-12)
        # the sun within the hour moves, the weather is held: cost and green supply agree to a percent, not to a digit
        assert fine["objective_cny"] == pytest.approx(hourly["objective_cny"], rel=0.01)
        assert fine["green_supply_mwh"] == pytest.approx(hourly["green_supply_mwh"], rel=0.01)


class TestWhy:
    AT = "2025-07-14T20:00"

    def test_explains_an_hour_and_what_the_battery_saves(self, call):
        code, out, err = call("why", "two-days", "--at", self.AT)
        assert (code, err) == (0, "")
        for words in (
            "14 July 2025, 20:00 to 21:00",
            "One MWh more would cost",
            "What Battery (储能) saves",
            "arbitrage",
        ):
            assert words in out

    def test_in_chinese_where_asked(self, call):
        code, out, err = call("why", "two-days", "--at", self.AT, "--lang", "zh")
        assert (code, err) == (0, "")
        assert out.startswith("两日示例")
        assert "储能节省的费用" in out

    def test_without_a_moment_says_which_hours_it_tells(self, call):
        code, out, err = call("why", "two-days", "--no-saving")
        assert (code, err) == (0, "")
        assert "the dearest hour of the run" in out
        assert "sets the highest month's peak" in out
        assert "saves" not in out

    def test_json_is_the_facts_and_nothing_else(self, call):
        code, out, err = call("why", "two-days", "--at", self.AT, "--json", "-q")
        assert (code, err) == (0, "")
        told = json.loads(out)
        assert [hour["stamp"] for hour in told["hours"]] == [self.AT]
        assert told["hours"][0]["reason"] == ["asked"]
        assert told["stores"] == ["battery"]
        assert sum(told["saving"]["parts_cny"].values()) == pytest.approx(told["saving"]["total_cny"])

    def test_quiet_prints_nothing(self, call):
        assert call("why", "two-days", "--at", self.AT, "--quiet") == (0, "", "")

    @pytest.mark.parametrize(
        ("at", "words"),
        [
            ("tomorrow", "at: got 'tomorrow', must be a moment on the park's clock (+08:00)"),
            ("2025-07-14", "a day without an hour. Write a day and an hour such as 2025-07-14T18:00."),
            ("2026-07-14T18:00", "lies outside the horizon, 2025-07-14T00:00 up to 2025-07-16T00:00"),
        ],
    )
    def test_a_bad_moment_is_one_line_and_2(self, at, words, call):
        code, out, err = call("why", "two-days", "--at", at)
        assert (code, out) == (2, "")
        assert words in err
        assert len(err.splitlines()) == 1

    def test_a_park_without_a_plan_ends_with_3(self, two_days, tmp_path, call):
        two_days["components"]["grid"]["import_max_mw"] = 1.0
        code, out, err = call("why", write(tmp_path, two_days), "--at", self.AT)
        assert (code, out) == (3, "")
        assert "has no solution" in err


class TestCheck:
    def test_says_what_it_read(self, call):
        code, out, err = call("check", "two-days")
        assert (code, err) == (0, "")
        for word in ("factory (demand)", "48 h, steps of 60 min", "rows", "two-days.toml: is a valid park."):
            assert word in out

    def test_quiet_prints_nothing(self, call):
        assert call("check", "two-days", "-q") == (0, "", "")

    def test_json(self, call):
        code, out, err = call("check", "two-days", "--json")
        assert (code, err) == (0, "")
        assert json.loads(out)["components"][0] == "factory (demand)"

    def test_brackets_in_a_title_are_text(self, tmp_path, call, two_days):
        two_days["park"]["title"] = "Park [red] of 10 [MW][/dim]"
        assert "Park [red] of 10 [MW][/dim]" in call("check", write(tmp_path, two_days))[1]

    @pytest.mark.parametrize("name", ["two-days", "two-days.toml", "parks/two-days.toml", "parks/two-days"])
    def test_shipped_parks_are_found_by_name_anywhere(self, name, tmp_path, call, monkeypatch):
        monkeypatch.chdir(tmp_path)
        assert call("check", name, "-q") == (0, "", "")

    def test_a_file_of_the_users_goes_before_a_shipped_one(self, tmp_path, call, monkeypatch):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "two-days.toml").write_text("[park]\n", encoding="utf-8")
        code, _, err = call("check", "two-days.toml")
        assert code == 2
        assert err.startswith("two-days.toml: park.name: is missing.")

    @pytest.mark.parametrize(
        ("name", "message"),
        [
            ("nowhere.toml", "no such file. `parksim new nowhere.toml` writes one to start from."),
            ("yibn", "no such file. Did you mean 'yibin'? `parksim new yibn.toml` writes one to start from."),
            ("mine/yibin.toml", "no such file. A shipped park has this name: write 'yibin'."),
            (".", "is a folder, must be a park file (TOML)."),
        ],
    )
    def test_what_is_not_there_is_told(self, name, message, tmp_path, call, monkeypatch):
        monkeypatch.chdir(tmp_path)
        code, out, err = call("check", name)
        assert (code, out) == (2, "")
        assert err.startswith(f"{name}: {message}")
        assert len(err.splitlines()) == 1

    def test_a_file_that_may_not_be_read(self, call, monkeypatch):
        def denied(_):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "read_bytes", denied)
        code, _, err = call("check", "two-days")
        assert code == 2
        assert err.endswith("two-days.toml: cannot be read: Permission denied.\n")


class TestNew:
    def test_what_it_writes_passes_check(self, tmp_path, call):
        file = tmp_path / "mine" / "park.toml"
        code, out, err = call("new", file)
        assert (code, err) == (0, "")
        assert out == f"Written: {file}. Change it, then: parksim check {file}\n"
        assert file.read_text(encoding="utf-8") == (PARKS / "start.toml").read_text(encoding="utf-8")
        code, out, err = call("check", file)
        assert (code, err) == (0, "")
        assert f"{file}: is a valid park." in out

    def test_like_another_park(self, tmp_path, call):
        assert call("new", tmp_path / "copy.toml", "--like", "yibin", "--quiet") == (0, "", "")
        assert (tmp_path / "copy.toml").read_bytes() == (PARKS / "yibin.toml").read_bytes()

    def test_nothing_is_overwritten(self, tmp_path, call):
        (tmp_path / "park.toml").write_text("mine", encoding="utf-8")
        code, out, err = call("new", tmp_path / "park.toml")
        assert (code, out) == (2, "")
        assert err == f"{tmp_path / 'park.toml'}: exists already; nothing was written. Choose another name.\n"
        assert everything(tmp_path) == {"park.toml": b"mine"}

    def test_a_park_that_is_not_shipped(self, tmp_path, call):
        code, _, err = call("new", tmp_path / "park.toml", "--like", "yibn")
        assert code == 2
        assert "yibn" in err
        assert "yibin" in err
        assert everything(tmp_path) == {}


class TestSweep:
    """A study planned and checked; solving it is tested with the runner."""

    @pytest.fixture
    def study(self, tmp_path):
        """Six combinations, of which a filter leaves four; two of them are no valid parks."""
        tables = {
            "study": {"name": "eff", "park": "two-days"},
            "axes": {
                "eff": {"field": "components.battery.eff_in", "values": [0.9, 95]},
                "battery": {"field": "components.battery.energy_max_mwh", "values": [0.0, 5.0, 10.0]},
            },
            "combine": {"where": ["battery > 0"]},
        }
        (tmp_path / "eff.toml").write_text(tomli_w.dumps(tables), encoding="utf-8")
        return tmp_path / "eff.toml"

    def test_check_tells_the_plan(self, study, call):
        code, out, err = call("sweep", study, "--check")
        assert (code, err) == (0, "")
        assert "battery" in out
        assert "0, 5, 10 MWh" in out
        assert "Cases: 4. Structures: 1. Left out by filters: 2. No valid parks: 2." in out
        assert "case 2 (eff 95, battery 5): " in out
        assert "components.battery.eff_in: got 95, must lie in (0, 1]" in out
        assert everything(study.parent).keys() == {"eff.toml"}

    def test_check_as_json(self, study, call):
        code, out, err = call("sweep", study, "--check", "--json")
        told = json.loads(out)
        assert (code, err) == (0, "")
        assert (told["cases"], told["left_out"], told["structures"]) == (4, 2, 1)
        assert told["dimensions"]["battery"]["coordinates"] == {"battery": [0.0, 5.0, 10.0]}
        assert [each["case"] for each in told["problems"]] == [2, 3]

    def test_check_tells_questions_that_cannot_be_asked(self, study, call):
        study.write_text(study.read_text(encoding="utf-8") + "\n[alternatives]\n", encoding="utf-8")
        code, out, err = call("sweep", study, "--check")
        assert (code, out) == (2, "")
        assert "alternatives: " in err
        assert "has nothing to size" in err

    def test_check_names_many_problems_by_json_only(self, study, call, monkeypatch):
        monkeypatch.setattr(studies, "CASES_TOLD", 1)
        out = call("sweep", study, "--check")[1]
        assert "case 3" not in out
        assert "... and 1 more; --json lists them all." in out

    def test_quiet_prints_nothing(self, study, call):
        assert call("sweep", study, "--check", "--quiet") == (0, "", "")

    def test_writes_the_store_and_pages(self, study, call):
        out = study.parent / "out"
        code, said, err = call("sweep", study, "--out", out, "--workers", 1)
        assert code == 0
        assert "Of 4 cases, 2 are solved" in said
        assert said.splitlines()[-1] == f"Page: {out / 'study.html'}"
        assert "solving cases: 2 of 2" in err.splitlines()
        assert {path.name for path in out.iterdir()} == {
            *("study.zarr", "study.toml", "study.html", "park.toml", "cases", ".study.lock")
        }
        assert {path.name for path in (out / "cases").iterdir()} == {"000000.html", "000001.html", "assets"}
        assert "cases/000001.html" in (out / "study.html").read_text(encoding="utf-8")
        assert "stay in Chinese" not in said
        again = call("sweep", study, "--out", out, "--lang", "zh")[1]
        assert "4个算例" in again
        assert "2个算例的报告保持写入时的英文" in again
        assert "2个算例的报告保持写入时的英文" in (out / "study.html").read_text(encoding="utf-8")
        (out / "cases" / "000000.html").write_text('<!doctype html>\n<html lang="zh-CN">\n', encoding="utf-8")
        assert "1 page of a case stays in Chinese" in call("sweep", study, "--out", out)[1]
        call("sweep", study, "--out", out, "--lang", "zh", "-q")
        assert '<html lang="zh-CN">' in (out / "study.html").read_text(encoding="utf-8")
        told = json.loads(call("sweep", study, "--out", out, "--json")[1])
        assert told["counts"]["solved"] == 2
        assert [each["case"] for each in told["without_answer"]] == [2, 3]
        assert call("sweep", study, "--out", out, "--quiet") == (0, "", "")

    @pytest.mark.parametrize(
        ("lang", "title", "line"),
        [
            ("en", "Case 1: Efficiency 0.9 and Battery 10\u202fMWh", "Slips &amp; sizes"),
            ("zh", "算例1：效率0.9和储能10MWh", "疏漏"),
        ],
    )
    def test_pages_of_cases_have_titles_of_their_own(self, study, call, lang, title, line):
        table = tomllib.loads(study.read_text(encoding="utf-8"))
        table["study"] |= {"title": "Slips & sizes", "title_zh": "疏漏"}
        table["axes"]["eff"] |= {"title": "Efficiency", "title_zh": "效率"}
        table["axes"]["battery"] |= {"title_zh": "储能"}
        study.write_text(tomli_w.dumps(table), encoding="utf-8")
        assert call("sweep", study, "--out", study.parent / "out", "--workers", 2, "--lang", lang, "-q")[0] == 0
        pages = [(study.parent / "out" / "cases" / f"00000{n}.html").read_text(encoding="utf-8") for n in (0, 1)]
        titles = [re.search("<title>(.*)</title>", page)[1] for page in pages]
        assert titles[1] == f"{title} – {line} – parksim"
        assert titles[0] != titles[1]
        assert f"</a> · {title}</p>" in pages[1]

    def test_questions_are_answered_and_told(self, study, call):
        with study.open("a", encoding="utf-8") as file:
            file.write('\n[pareto.front]\nagainst = "peak_import_mw"\npoints = 3\n[regret]\nover = "battery"\n')
        out = study.parent / "out"
        code, said, _ = call("sweep", study, "--out", out, "--workers", 1, "--json")
        assert code == 0
        assert json.loads(said)["questions"] == {"answered": ["pareto.front", "regret"], "problems": {}}
        assert {path.name for path in (out / "answers").iterdir()} == {"pareto.front.nc"}
        assert "pareto.front" in (out / "study.html").read_text(encoding="utf-8")

    def test_a_question_without_an_answer_is_told_beside_the_rest(self, study, call):
        with study.open("a", encoding="utf-8") as file:
            file.write('\n[pareto.front]\nagainst = "peak_import_mw"\npoints = 3\n')
            file.write('[regret]\nover = "eff"\nindicator = "no_figure"\n')
        out = study.parent / "out"
        code, said, err = call("sweep", study, "--out", out, "--workers", 1)
        assert (code, said.splitlines()[-1]) == (5, f"Page: {out / 'study.html'}")
        assert err.splitlines()[-1].startswith("regret: has no answer. ")
        assert "no_figure" in err
        assert (out / "answers" / "pareto.front.nc").exists()
        assert "pareto.front" in (out / "study.html").read_text(encoding="utf-8")
        code, said, err = call("sweep", study, "--out", out, "--json")
        assert (code, len(err.splitlines())) == (5, 1)
        assert [*json.loads(said)["questions"]["problems"]] == ["regret"]

    def test_ctrl_c_ends_with_130_and_one_line(self, study, call, monkeypatch):
        def stopped(*_, **__):
            msg = "out: 1 of 2 cases are done; the same command goes on with the rest."
            raise KeyboardInterrupt(msg)

        monkeypatch.setattr("parksim.study.runner.sweep", stopped)
        assert call("sweep", study, "--out", study.parent / "out", "-q") == (
            130,
            "",
            "out: 1 of 2 cases are done; the same command goes on with the rest.\n",
        )

    def test_a_bar_with_rate_and_time_left_on_a_terminal(self, monkeypatch):
        screen = io.StringIO()
        monkeypatch.setattr(console, "err", Console(file=screen, force_terminal=True, width=100))
        monkeypatch.setattr(console, "RATED_S", 0.0)
        with console.sweeping(show=True) as told:
            told(runner.Tally())
            for done in range(2, 6):
                told(runner.Tally("solve", 12, 2, done))
        shown = Text.from_ansi(screen.getvalue()).plain
        assert "5/12" in shown
        assert "cases/s" in shown

    def test_a_study_that_is_none(self, study, call):
        study.write_text(study.read_text(encoding="utf-8").replace("eff_in", "eff_inn"), encoding="utf-8")
        code, out, err = call("sweep", study, "--check")
        assert (code, out) == (2, "")
        assert err.startswith(f"{study}: axes.eff.field: got 'components.battery.eff_inn'")
        assert "Did you mean 'components.battery.eff_in'?" in err


class TestOthers:
    def test_schema(self, call):
        code, out, err = call("schema")
        assert (code, err) == (0, "")
        assert json.loads(out) == json.loads(json.dumps(schema.json_schema()))

    def test_schema_of_studies(self, call):
        code, out, err = call("schema", "--study")
        assert (code, err) == (0, "")
        assert json.loads(out) == json.loads(json.dumps(study_schema()))

    def test_profiles_of_a_shipped_recipe_by_name(self, tmp_path, call, monkeypatch):
        monkeypatch.chdir(tmp_path)
        code, out, err = call("profiles", "sichuan-tou.toml", "--out", "mine")
        assert (code, err) == (0, "")
        assert out == "Written: mine/sichuan-tou-2025.csv, mine/sichuan-tou-2023.csv\n"
        shipped = PARKS.parent / "profiles" / "sichuan-tou-2025.csv"
        assert (tmp_path / "mine" / "sichuan-tou-2025.csv").read_bytes() == shipped.read_bytes()
        assert call("profiles", "sichuan-tou.toml", "--out", "mine", "-q") == (0, "", "")

    def test_profiles_of_no_recipe(self, tmp_path, call, monkeypatch):
        monkeypatch.chdir(tmp_path)
        code, out, err = call("profiles", "nowhere.toml")
        assert (code, out) == (2, "")
        assert err.startswith("nowhere.toml: cannot be read")


class TestProgress:
    @pytest.fixture
    def terminal(self, monkeypatch):
        written = io.StringIO()
        monkeypatch.setattr(console, "err", Console(file=written, force_terminal=True, width=80))
        return written

    def test_phases_show_on_a_terminal(self, terminal):
        with console.progress(show=True) as told:
            told("solve")
        assert "finding the cheapest operation" in terminal.getvalue()

    def test_a_run_tells_it_on_standard_error_alone(self, terminal, tmp_path, call):
        code, out, _ = call("run", "two-days", "--out", tmp_path)
        assert code == 0
        assert any(word in terminal.getvalue() for word in console.PHASE_WORDS.values())
        assert not any(word in out for word in console.PHASE_WORDS.values())

    def test_nothing_shows_where_nothing_is_asked_or_nobody_looks(self, terminal, monkeypatch):
        with console.progress(show=False) as told:
            told("solve")
        assert terminal.getvalue() == ""
        written = io.StringIO()
        monkeypatch.setattr(console, "err", Console(file=written))
        with console.progress(show=True) as told:
            told("solve")
        assert written.getvalue() == ""

    def test_every_phase_has_its_words(self):
        assert set(api.PHASES) <= set(console.PHASE_WORDS)


class TestQuestions:
    WEAR = ("break-even", "two-days", "--field", "components.battery.wear_cny_per_mwh", "--between", "0")

    def test_a_front_is_a_table_and_what_its_price_means(self, call):
        code, out, err = call("pareto", "two-days", "--against", "peak", "--points", 3)
        assert (code, err) == (0, "")
        lines = out.splitlines()
        assert lines[0].split("  ")[0] == "peak bought"
        assert [line.split()[0] for line in lines[1:4]] == ["6.90", "6.81", "6.71"]
        assert lines[4].startswith("The price is what the last MW less costs")

    @pytest.mark.parametrize(("word", "against"), questions.CRITERIA.items())
    def test_each_criterion_has_a_word(self, word, against, call):
        code, out, err = call("pareto", "two-days", "--against", word, "--points", 2, "--json")
        assert (code, err) == (0, "")
        told = json.loads(out)
        assert (told["against"], len(told["cost"])) == (against, 2)
        assert "park_toml" not in told

    def test_a_front_in_chinese(self, call):
        code, out, err = call("pareto", "two-days", "--against", "green-share", "--points", 2, "--lang", "zh")
        assert (code, err) == (0, "")
        assert out.startswith("有保证的绿电占比")

    def test_a_break_even_is_said_in_a_sentence(self, call):
        code, out, err = call(*self.WEAR, "5000")
        assert (code, err) == (0, "")
        assert "battery pays below components.battery.wear_cny_per_mwh = 2,532.28 CNY/MWh, and not above." in out

    def test_what_always_pays_is_an_answer(self, call):
        code, out, err = call(*self.WEAR, "900")
        assert (code, err) == (0, "")
        assert "battery pays at 0 and at 900 CNY/MWh, the ends of what was looked at" in out
        assert json.loads(call(*self.WEAR, "900", "--json")[1])["break_even"] is None

    def test_alternatives_are_told_design_by_design(self, call, tmp_path, two_days):
        source = {"default": "assumption: for a test"}
        two_days["sizing"] = {"discount_rate": 0.07, "sources": source}
        size = {"max": 30.0, "capex_cny": 3e6, "life_years": 25.0, "sources": source}
        two_days["components"]["roof"]["size"] = {"power_max_mw": size}
        code, out, err = call("alternatives", write(tmp_path, two_days), "--share", 0.02, "--count", 1)
        assert (code, err) == (0, "")
        head, best, other = out.splitlines()[:3]
        assert "roof.power_max_mw" in head
        assert best.startswith("best ")
        assert other.startswith("1, within 2.0%")

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["pareto", "no-such-park"], "no-such-park"),
            (["break-even", "two-days", "--field", "x", "--between", "0", "1"], "x belongs to no component"),
            (["alternatives", "two-days"], "has nothing to size"),
            (["alternatives", "yibin-sizing", "--share", "-1"], "share: got [-1.0], must be above 0"),
        ],
    )
    def test_mistakes_end_with_2(self, arguments, said, call):
        code, out, err = call(*arguments)
        assert (code, out) == (2, "")
        assert said in err

    def test_quiet_says_nothing(self, call):
        assert call("pareto", "two-days", "--points", 2, "--quiet") == (0, "", "")


class TestSize:
    @pytest.fixture
    def file(self, tmp_path, two_days):
        two_days["sizing"] = {"discount_rate": 0.07, "sources": {"default": "assumption: a usual interest"}}
        two_days["components"]["battery"]["size"] = {
            "energy_max_mwh": {
                "max": 60.0,
                "capex_cny": 300_000.0,
                "life_years": 15.0,
                "sources": {"default": "assumption: a system of tomorrow"},
            }
        }
        return write(tmp_path, two_days)

    def test_writes_a_park_that_runs(self, file, call, tmp_path):
        code, out, err = call("size", file, "--out", tmp_path / "sized")
        assert (code, err) == (0, "")
        assert "battery.energy_max_mwh" in out
        assert "No choice is cheaper by more than" in out
        assert sorted(everything(tmp_path / "sized")) == ["sized.toml", "sizing.json", "sizing.nc"]
        assert call("run", tmp_path / "sized" / "sized.toml", "--quiet", "-o", tmp_path / "run") == (0, "", "")

    def test_in_chinese_where_asked(self, file, call, tmp_path):
        code, out, err = call("size", file, "--no-ranges", "--lang", "zh", "--out", tmp_path / "zh")
        assert (code, err) == (0, "")
        assert out.split()[:2] == ["容量", "优化结果"]
        assert "百万元：运行" in out

    def test_json_is_what_is_written(self, file, call, tmp_path):
        code, out, err = call("size", file, "--json", "--no-ranges", "--gap", "1e-4", "-o", tmp_path / "sized")
        assert (code, err) == (0, "")
        told = json.loads(out)
        assert told == json.loads((tmp_path / "sized" / "sizing.json").read_text(encoding="utf-8"))
        assert told["gap"] <= 1e-4
        assert told["sizes"]["components.battery.energy_max_mwh"]["near_optimal"] == {}

    def test_all_is_written_or_nothing(self, file, call, tmp_path):
        (tmp_path / "sized" / "sizing.nc").mkdir(parents=True)
        code, out, err = call("size", file, "--no-ranges", "-o", tmp_path / "sized")
        assert (code, out) == (2, "")
        assert "sizing.nc: cannot be written" in err
        assert [path.name for path in (tmp_path / "sized").iterdir()] == ["sizing.nc"]

    @pytest.mark.parametrize("gap", ["0", "-1", "nan", "inf", "1"])
    def test_a_gap_that_is_no_fraction_is_refused(self, gap, file, call, tmp_path):
        code, out, err = call("size", file, "--gap", gap, "-o", tmp_path / "sized")
        assert (code, out) == (2, "")
        assert "must lie in (0, 1)" in err

    def test_quiet_prints_nothing(self, file, call, tmp_path):
        assert call("size", file, "-q", "--no-ranges", "-o", tmp_path / "sized") == (0, "", "")

    def test_a_park_without_sizes_is_told_what_to_write(self, call, tmp_path):
        code, out, err = call("size", "two-days", "-o", tmp_path / "sized")
        assert (code, out) == (2, "")
        assert "has nothing to size. Add tables [sizing] and [components.NAME.size]" in err
        assert not (tmp_path / "sized").exists()
