"""Questions of a study: answered as the calls themselves do, kept, read back, and asked anew where they must be."""

import re
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import parksim as ps
from parksim.questions.robust import robust
from parksim.study import asked
from parksim.study.model import QUESTIONS, read_study

WEAR = "components.battery.wear_cny_per_mwh"
ENERGY = "components.battery.energy_max_mwh"


def tables(**more):
    return {
        "study": {"name": "asked", "park": "two-days", "seed": 3},
        "axes": {"battery": {"field": ENERGY, "values": [0.0, 8.0]}},
        "scenarios": {"usual": {"weight": 3.0}, "dear": {"weight": 1.0, WEAR: 900.0}},
        **more,
    }


FRONT = {"front": {"against": "peak_import_mw", "points": 3}}
PAYS = {"wear": {"field": WEAR, "between": [0.0, 5000.0]}}
SIZE = {"min": 0.0, "max": 20.0, "capex_cny": 900_000.0, "life_years": 12.0}


@pytest.fixture(scope="module")
def swept():
    return ps.sweep(read_study(tables()), workers=1)


@pytest.fixture
def sized():
    """A park of two days whose battery is to be chosen."""
    table = ps.load_park("two-days").tables()
    table["sizing"] = {"discount_rate": 0.07}
    table["components"]["battery"]["size"] = {"energy_max_mwh": SIZE}
    return ps.read_park(table)


def counted(monkeypatch, kind):
    """Count how often a question is computed."""
    calls = []
    was = asked.ASKERS[kind]
    monkeypatch.setitem(asked.ASKERS, kind, lambda *given: calls.append(given) or was(*given))
    return calls


class TestAnswers:
    def test_every_kind_has_somebody_who_asks_it(self):
        assert set(asked.ASKERS) == set(QUESTIONS)

    def test_are_those_of_the_calls_themselves(self, swept):
        study = read_study(tables(pareto=FRONT, break_even=PAYS, regret={}))
        found = ps.answers(study, swept=swept).found
        assert [*found] == ["pareto.front", "break_even.wear", "regret"]
        park = ps.load_park("two-days")
        front = ps.pareto(park, against="peak_import_mw", points=3)
        np.testing.assert_allclose(found["pareto.front"]["cost"], front["cost"], rtol=1e-9)
        alone = ps.break_even(park, field=WEAR, between=(0.0, 5000.0))
        assert float(found["break_even.wear"]["break_even"]) == pytest.approx(float(alone["break_even"]), rel=1e-6)
        weighed = ps.regret(swept, weights={"usual": 3.0, "dear": 1.0})
        xr.testing.assert_allclose(found["regret"]["mean"], weighed["mean"])
        assert not np.allclose(weighed["mean"], ps.regret(swept)["mean"])

    def test_of_robust_are_sized_for_the_scenarios_of_the_study(self, sized, swept):
        study = read_study(tables(robust={"risk_weight": 0.5}))
        study = study.model_copy(update={"given": sized})
        found = ps.answers(study, swept=swept).found["robust"]
        alone = robust(
            sized, scenarios={"usual": {}, "dear": {WEAR: 900.0}}, weights={"usual": 3, "dear": 1}, risk_weight=0.5
        )
        assert found.attrs["objective_cny"] == pytest.approx(alone.attrs["objective_cny"], rel=1e-6)

    def test_one_without_an_answer_leaves_the_others(self, swept):
        study = read_study(tables(regret={"indicator": "no_such_figure"}, pareto=FRONT))
        answers = ps.answers(study, swept=swept)
        assert [*answers.found] == ["pareto.front"]
        assert "no_such_figure" in answers.problems["regret"]

    def test_one_that_breaks_leaves_the_others(self, swept, monkeypatch):
        def broken(asking, question):
            raise ArithmeticError(question.name)

        monkeypatch.setitem(asked.ASKERS, "pareto", broken)
        answers = ps.answers(read_study(tables(pareto=FRONT, regret={})), swept=swept)
        assert [*answers.found] == ["regret"]
        told = r"a fault of parksim, please report it: ArithmeticError: pareto\.front \(test_asked\.py, line \d+\)"
        assert re.fullmatch(told, answers.problems["pareto.front"])


class TestKept:
    def test_an_answer_is_computed_once(self, swept, tmp_path, monkeypatch):
        calls = counted(monkeypatch, "pareto")
        study = read_study(tables(pareto=FRONT))
        first = ps.answers(study, swept=swept, out=tmp_path).found["pareto.front"]
        again = ps.answers(study, swept=swept, out=tmp_path).found["pareto.front"]
        assert len(calls) == 1
        xr.testing.assert_equal(first, again)

    @pytest.mark.parametrize(
        "change",
        [
            {"pareto": {"front": {"against": "peak_import_mw", "points": 4}}},
            {"pareto": {"front": {"against": "import_mwh", "points": 3}}},
            {"study": {"name": "asked", "park": "two-days", "seed": 4}},
        ],
    )
    def test_another_question_is_asked_anew(self, swept, tmp_path, monkeypatch, change):
        calls = counted(monkeypatch, "pareto")
        ps.answers(read_study(tables(pareto=FRONT)), swept=swept, out=tmp_path)
        ps.answers(read_study({**tables(pareto=FRONT), **change}), swept=swept, out=tmp_path)
        assert len(calls) == 2

    def test_titles_axes_and_scenarios_that_it_does_not_read_move_nothing(self, swept, tmp_path, monkeypatch):
        calls = counted(monkeypatch, "pareto")
        ps.answers(read_study(tables(pareto=FRONT)), swept=swept, out=tmp_path)
        titled = {"front": {**FRONT["front"], "title": "Peak"}}
        other = tables(pareto=titled, axes={"battery": {"field": ENERGY, "values": [1.0]}})
        ps.answers(read_study({**other, "scenarios": {}}), swept=swept, out=tmp_path)
        assert len(calls) == 1

    def test_a_broken_file_is_written_anew(self, swept, tmp_path):
        study = read_study(tables(pareto=FRONT))
        ps.answers(study, swept=swept, out=tmp_path)
        file = tmp_path / "answers" / "pareto.front.nc"
        file.write_bytes(file.read_bytes()[:100])
        assert "pareto.front" in ps.answers(study, swept=swept, out=tmp_path).found
        assert not [path for path in Path(file.parent).iterdir() if path != file]


class TestRefused:
    @pytest.mark.parametrize("kind", ["alternatives", "robust"])
    def test_what_needs_sizes_is_told_before_anything_is_solved(self, kind):
        study = read_study(tables(**{kind: {}}))
        with pytest.raises(ps.InputError, match=rf"study: {kind}: .*two-days.* has nothing to size"):
            asked.vet(study, ps.load_park("two-days"))

    @pytest.mark.parametrize(
        ("more", "told"),
        [
            (
                {"break_even": {"x": {"field": "components.battery.nope", "between": [0.0, 1.0]}}},
                "battery.nope: unknown",
            ),
            ({"break_even": {"x": {"field": WEAR, "between": [2.0, 1.0]}}}, r"between: got \[2.0, 1.0\]"),
            ({"break_even": {"x": {"field": WEAR, "between": [0.0, 1.0], "component": "sun"}}}, "no component 'sun'"),
            ({"sensitivity": {"x": {"inputs": {"components.battery.nope": [0.0, 1.0]}}}}, "battery.nope: unknown key"),
            ({"sensitivity": {"x": {"inputs": {ENERGY: [-1.0, 1.0]}}}}, "got -1.0, must be at least 0"),
            ({"sensitivity": {"x": {"inputs": {"components.grid": [0.0, 1.0]}}}}, "components.grid"),
        ],
    )
    def test_what_cannot_be_asked_is_told_before_anything_is_solved(self, more, told):
        study = read_study(tables(**more))
        with pytest.raises(ps.InputError, match=rf"study: (break_even|sensitivity)\.x: .*{told}"):
            asked.vet(study, ps.load_park("two-days"))

    @pytest.mark.parametrize(
        ("more", "told"),
        [
            ({"robust": {}, "scenarios": {}}, "robust: needs scenarios"),
            ({"robust": {"scenarios": ["usaul"]}}, "robust.scenarios: got 'usaul'.*Did you mean 'usual'"),
            ({"regret": {"over": "scenarios"}}, "regret.over: got 'scenarios'.*Did you mean 'scenario'"),
            ({"pareto": {"front": {"against": "cost"}}}, "pareto.front.against: got 'cost'"),
            ({"pareto": {"Front": {"against": "co2_t"}}}, "pareto: got the name 'Front'"),
            ({"break_even": {"x": {"field": WEAR, "between": [1.0]}}}, "break_even.x.between"),
            ({"sensitivity": {"m": {"inputs": {}}}}, "sensitivity.m.inputs"),
            ({"aggregate": {"periods": 0}}, "aggregate.periods: got 0"),
        ],
    )
    def test_what_is_wrong_in_a_table_is_told_with_its_name(self, more, told):
        with pytest.raises(ps.InputError, match=told):
            read_study(tables(**more))
