"""Study files: both forms are read, what is wrong is told with its place, and what was read can be written again."""

import tomllib
from copy import deepcopy

import numpy as np
import pytest
import tomli_w
from jsonschema import Draft202012Validator

import parksim as ps
from parksim.profiles import shipped, shipped_names
from parksim.study.model import load_study, read_study
from parksim.study.schema import json_schema

WHOLE = {
    "study": {
        "name": "s",
        "title": "S",
        "title_zh": "研究",
        "note": "n",
        "note_zh": "注",
        "park": "two-days",
        "seed": 3,
    },
    "axes": {
        "battery": {"field": "components.battery.energy_max_mwh", "values": [0, 10.0], "labels": ["none", "ten"]},
        "roof": {"field": "components.roof.power_max_mw", "range": {"start": 1.0, "stop": 2.0, "count": 2}},
        "dear": {"field": "tariffs.time_of_use.energy_cny_per_mwh", "factor": [0.8, 1.2], "source": "assumption: so"},
        "eff": {"field": "components.battery.eff_in", "between": [0.8, 0.9]},
        "load": {"field": "components.factory.power_mw", "between": {"factor": [0.8, 0.9]}, "title": "Load"},
        "store": {
            "options": {
                "none": {"remove": ["components.battery.wear_cny_per_mwh"]},
                "more": {"title": "More", "components.second": {"kind": "battery", "power_max_mw": 1.0}},
            }
        },
    },
    "combine": {
        "zip": [["battery", "roof"]],
        "where": ["roof < 3"],
        "sample": {"method": "sobol", "count": 4},
    },
    "scenarios": {"dry": {"weight": 0.2, "site.altitude_m": 5.0, "components.grid.import_max_mw": {"factor": 0.5}}},
    "constraints": {"green": {"indicator": "green_share", "min": 0.5, "max": 1.0}},
    "keep": {"indicators": ["green_share"], "hourly": ["price/electricity"], "reports": False},
}


def changed(path, value):
    tables = deepcopy(WHOLE)
    *above, last = path.split("/")
    here = tables
    for part in above:
        here = here[part]
    if value is None:
        del here[last]
    else:
        here[last] = value
    return tables


def problems(tables):
    with pytest.raises(ps.InputError) as told:
        read_study(tables, file="my/study.toml")
    return told.value.problems


@pytest.fixture(scope="module")
def taken():
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    return lambda tables: validator.is_valid(tables)


class TestForms:
    def test_what_was_read_is_written_again(self):
        study = read_study(WHOLE)
        assert study.tables() == WHOLE
        assert read_study(tomllib.loads(tomli_w.dumps(study.tables()))) == study

    def test_an_option_has_its_paths_beside_its_own_keys(self):
        option = read_study(WHOLE).axes["store"].options["more"]
        assert (option.title, list(option.changes)) == ("More", ["components.second"])

    def test_tables_without_quotes_are_paths_too(self):
        text = """
            [study]
            name = "s"
            park = "two-days"
            [axes.store.options.more]
            title = "More"
            site.altitude_m = 5.0
            [axes.store.options.more.components.second]
            kind = "battery"
            [axes.store.options.more.weather]
            map_year = true
        """
        option = read_study(tomllib.loads(text)).axes["store"].options["more"]
        assert option.changes == {
            "site.altitude_m": 5.0,
            "components.second": {"kind": "battery"},
            "weather.map_year": True,
        }

    def test_the_short_form_names_axes_by_the_last_parts_that_differ(self):
        paths = {
            "components.battery.energy_max_mwh": [0, 1],
            "components.grid.import_max_mw": np.array([1.0, 2.0]),
            "tariffs.time_of_use.energy_cny_per_mwh.wet": {"factor": [0.9, 1.1]},
            "site.altitude_m": (1.0, 2.0),
        }
        study = ps.Study(park="two-days", axes=paths, seed=4)
        names = ["battery_energy_max_mwh", "grid_import_max_mw", "energy_cny_per_mwh_wet", "site_altitude_m"]
        assert list(study.axes) == names
        assert [axis.field for axis in study.axes.values()] == list(paths)
        assert study.axes["grid_import_max_mw"].values == [1.0, 2.0]
        assert study.axes["energy_cny_per_mwh_wet"].factor == [0.9, 1.1]
        assert (study.study.name, study.study.park, study.study.seed) == ("two-days-study", "two-days", 4)
        assert ps.read_study(study.tables()) == study

    def test_names_in_the_short_form_grow_until_they_differ(self):
        study = ps.Study(park="p", axes={"tariffs.a.fixed.wet": [1.0], "tariffs.b.fixed.wet": [1.0]})
        assert list(study.axes) == ["a_fixed_wet", "b_fixed_wet"]

    def test_the_park_may_be_at_hand(self):
        park = ps.load_park("two-days")
        study = ps.Study(park=park, name="mine", axes={"components.battery.energy_max_mwh": [0, 1]})
        assert (study.given, study.study.park, study.study.name) == (park, "two-days", "mine")
        assert "given" not in study.tables()

    def test_a_study_is_frozen(self):
        with pytest.raises(ValueError, match="frozen"):
            read_study(WHOLE).axes["roof"].title = "other"


class TestFiles:
    def test_a_file_is_read_and_named_in_messages(self, tmp_path):
        file = tmp_path / "s.toml"
        file.write_text(tomli_w.dumps(WHOLE), encoding="utf-8")
        study = load_study(file)
        assert (study.file, study.place, study.folder) == (str(file), str(file), tmp_path.resolve())
        file.write_text(tomli_w.dumps(changed("axes/roof/field", 5)), encoding="utf-8")
        with pytest.raises(ps.InputError, match=r"s\.toml: axes\.roof\.field: got 5, must be text in quotes"):
            load_study(file)

    def test_every_shipped_study_is_read_by_its_name(self):
        assert shipped_names("studies") == ["yibin-study.toml"]
        for name in shipped_names("studies"):
            assert load_study(name.removesuffix(".toml")).study.name == name.removesuffix(".toml")

    def test_a_shipped_study_says_where_its_numbers_come_from(self):
        study = load_study("yibin-study")
        options = [option for axis in study.axes.values() for option in (axis.options or {}).values()]
        axes = [axis for axis in study.axes.values() if axis.options is None]
        for told in (*axes, *options, *study.scenarios.values(), *study.constraints.values()):
            assert told.source.startswith("[assumption] ") or "[verified" in told.source

    def test_studies_are_no_parks(self):
        assert shipped("parks", "yibin-study.toml") is None
        assert not any("study" in name for name in shipped_names("parks"))

    def test_one_is_not_taken_for_the_other(self, tmp_path):
        (tmp_path / "park.toml").write_text(tomli_w.dumps(ps.load_park("two-days").tables()), encoding="utf-8")
        (tmp_path / "study.toml").write_text(tomli_w.dumps(WHOLE), encoding="utf-8")
        with pytest.raises(ps.InputError, match=r"park\.toml: is a park file, must be a study file"):
            load_study(tmp_path / "park.toml")
        with pytest.raises(ps.InputError, match=r"study\.toml: is a study file, must be a park file. `parksim sweep"):
            ps.load_park(tmp_path / "study.toml")
        with pytest.raises(ps.InputError, match="It is a shipped park: `parksim run yibin`"):
            load_study("yibin")
        with pytest.raises(ps.InputError, match="It is a shipped study: `parksim sweep yibin-study`"):
            ps.load_park("yibin-study")

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("yibin-stud", "Did you mean 'yibin-study'?"),
            ("nothing.toml", "Shipped studies: yibin-study"),
            (".", "folder"),
        ],
    )
    def test_none_there(self, name, words):
        with pytest.raises(ps.InputError, match=r"no such file|is a folder") as told:
            load_study(name)
        assert words in str(told.value)


WRONG = [
    ("study/name", "", "study.name: is empty."),
    ("study/sed", 1, "study.sed: unknown key. Did you mean 'seed'?"),
    ("study/seed", -1, "study.seed: got -1, must be at least 0."),
    ("study", None, "study: is missing. Name, park and seed. Add a table [study]."),
    ("axis", {}, "axis: unknown key. Did you mean 'axes'?"),
    ("file", "x", "file: unknown key."),
    ("axes/Roof", {"field": "a.b", "values": [1]}, "axes: got the name 'Roof', must have small letters"),
    ("axes/time", {"field": "a.b", "values": [1]}, "axes: got the name 'time', which the store has for itself."),
    ("axes/not", {"field": "a.b", "values": [1]}, "axes: got the name 'not', a word of filters."),
    ("axes/roof/range", None, "axes.roof: has no values, must have one of values, range, factor, between, options."),
    ("axes/roof/values", [1], "axes.roof: has values and range, must have one of"),
    ("axes/roof/field", None, "axes.roof.field: is missing. Name the path of the park file that the axis moves."),
    ("axes/store/field", "site.altitude_m", "axes.store.field: stands beside `options`"),
    ("axes/roof/range/count", 1, "axes.roof.range.count: got 1, must lie in [2, 100000]."),
    ("axes/roof/range/count", 10**9, "axes.roof.range.count: got 1000000000, must lie in [2, 100000]."),
    ("axes/roof/range/stop", 1.0, "axes.roof.range: starts and stops at 1, must be two numbers."),
    ("axes/battery/values", [], "axes.battery.values: is empty."),
    ("axes/battery/values", [0.0, float("nan")], "axes.battery.values[1]: got nan, must be a finite number."),
    ("axes/battery/values", [[float("inf")], [1.0]], "axes.battery.values[0]: got inf, must be a finite number."),
    ("axes/battery/values", [10**400, 1.0], "axes.battery.values[0]: got 1000"),
    ("axes/battery/values", [None, 1.0], "axes.battery.values[0]: got nothing (None), must be a value"),
    ("axes/battery/values", "a", "axes.battery.values: got 'a', must be a list in square brackets."),
    ("axes/battery/labels", ["a"], "axes.battery.labels: got 1 for 2 values, must be as many."),
    ("axes/battery/labels", ["a", "a"], "axes.battery.labels: one stands twice"),
    ("axes/eff/labels", ["a"], "axes.eff.labels: belong to values"),
    ("axes/eff/between", [0.9, 0.8], "axes.eff.between: got [0.9, 0.8], must be [low, high] with low below high."),
    ("axes/eff/between", [0.9], "axes.eff.between: got [0.9], must be [low, high]"),
    ("axes/dear/factor", [], "axes.dear.factor: is empty"),
    ("axes/dear/factor", ["a"], "axes.dear.factor[0]: got 'a', must be a number."),
    ("axes/store/options/more/remov", [], "axes.store.options.more: remov: unknown key. Did you mean 'remove'?"),
    (
        "axes/store/options/more/site.altitude_m",
        float("nan"),
        "axes.store.options.more: site.altitude_m: got nan, must be a finite number.",
    ),
    ("axes/store/options/more/changes", {}, "axes.store.options.more.changes: unknown key."),
    ("axes/store/options/More", {}, "axes.store.options: got the name 'More', must have small letters"),
    ("axes/store/options", {}, "axes.store.options: is empty."),
    ("axes", {}, "combine.zip[0]: got 'battery', which is no axis."),
    (
        "combine/zip",
        [["battery", "dear", "roof", "rof"]],
        "combine.zip[0]: got 'rof', which is no axis. Did you mean 'roof'?",
    ),
    ("combine/zip", [["battery"]], "combine.zip[0]: got ['battery'], must be two axes or more."),
    ("combine/zip", [["battery", "roof"], ["dear", "roof"]], "combine.zip[1]: roof stands in two places"),
    ("combine/zip", [["battery", "eff"]], "combine.zip[0]: eff is drawn (`between`)"),
    (
        "axes/roof/range/count",
        3,
        "combine.zip[0]: zipped axes must have as many values each; battery has 2, roof has 3. Give them",
    ),
    (
        "axes/battery_roof",
        {"field": "a.b", "values": [1]},
        "combine.zip[0]: its dimension would be called 'battery_roof'",
    ),
    ("combine/sample", None, "axes.eff.between: is drawn, and [combine.sample] is missing."),
    ("combine/sample/count", 2**30, "combine.sample.count: got 1073741824, must lie in [1, 100000]."),
    (
        "combine/sample/count",
        5,
        "combine.sample.count: got 5, Sobol points are balanced in powers of two. Write 4 or 8.",
    ),
    ("combine/sample/method", "soboll", "combine.sample.method: got 'soboll', must be one of latin-hypercube, sobol."),
    ("scenarios/dry/weight", -1.0, "scenarios.dry.weight: got -1.0, must be at least 0."),
    ("scenarios", [], "scenarios: got [], must be a table."),
    ("constraints/green", {"indicator": "green_share"}, "constraints.green.min: is missing. Give min, max, or both."),
    ("constraints/green/min", 2.0, "constraints.green.min: got 2, must be at most max (1)."),
    ("keep/indicators", "some", "keep.indicators: got 'some', must be \"all\" or a list of names"),
    ("keep/hourly", [1], "keep.hourly[0]: got 1, must be text in quotes."),
]


@pytest.mark.parametrize(("path", "value", "words"), WRONG, ids=lambda item: str(item)[:40])
def test_what_is_wrong_is_told_with_its_place(path, value, words):
    found = problems(changed(path, value))
    assert all(problem.startswith("my/study.toml: ") for problem in found)
    assert any(problem.removeprefix("my/study.toml: ").startswith(words) for problem in found), found


def test_problems_are_told_together():
    tables = changed("axes/time", {"field": "a.b", "values": [1]})
    tables["combine"]["zip"] = [["battery", "rof"]]
    assert len(problems(tables)) == 2


def test_a_study_without_axes_and_scenarios_is_refused():
    with pytest.raises(ps.InputError, match=r"axes: is empty. Add tables \[axes.NAME\] or \[scenarios.NAME\]"):
        read_study({"study": {"name": "s", "park": "two-days"}})


class TestSchema:
    def test_takes_what_parksim_takes(self, taken):
        assert taken(WHOLE)
        for name in shipped_names("studies"):
            assert taken(tomllib.loads(shipped("studies", name).read_text(encoding="utf-8")))

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            ("study/sed", 1),
            ("study", None),
            ("axis", {}),
            ("given", {}),
            ("axes/Roof", {"field": "a.b", "values": [1]}),
            ("axes/roof/range", None),
            ("axes/roof/values", [1]),
            ("axes/roof/field", None),
            ("axes/store/field", "site.altitude_m"),
            ("axes/roof/range/count", 1),
            ("axes/battery/values", []),
            ("axes/dear/factor", ["a"]),
            ("axes/store/options/more/remov", []),
            ("axes/store/options/more/changes", {}),
            ("axes/store/options/More", {}),
            ("combine/sample/method", "soboll"),
            ("scenarios/dry/weight", -1.0),
            ("keep/indicators", "some"),
        ],
    )
    def test_refuses_what_parksim_refuses(self, path, value, taken):
        assert not taken(changed(path, value))
