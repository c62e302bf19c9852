"""Which solver: all ways agree, what does not finish or breaks is told, and the page says what the table says."""

import json
import math
from dataclasses import replace

import pytest

from parksim import cli, testing
from parksim.errors import InputError
from parksim.inputs import gather
from parksim.lp import contest
from parksim.lp.contest import CONTESTANTS, Outcome, Task
from parksim.park import read_park
from parksim.parkfile import load_park
from parksim.questions import bench as asked
from parksim.report import contest as told
from parksim.report.svg import Bar, bars


@pytest.fixture(scope="module")
def park():
    """Three weeks and more, so that the horizon is cut; with a store and a cap."""
    return read_park(testing.random_table(3, hours=24 * 25))


@pytest.fixture(scope="module")
def found(park):
    return asked.bench(park)


def task(park, name, time_limit_s=60.0):
    return Task(name, park.components, park.nodes, park.time, gather(park).values, time_limit_s)


def outcome(name, seconds=1.0, *, proved=True, objective_cny=100.0, termination="optimal"):
    return Outcome(name, termination, objective_cny, proved, seconds, seconds, {"simplex": 5}, 0.0, 0.0, 10.0)


def table_of(*outcomes):
    ranked = tuple(sorted(outcomes, key=asked._rank))
    return asked.Bench("park", 24, 10, 20, 30, 60.0, ranked)


def test_all_ways_agree_on_the_optimum(found):
    solved = {o.contestant: o for o in found.outcomes if o.termination == "optimal"}
    assert set(CONTESTANTS) - set(solved) <= {"hipo"}, "all but what this build lacks"
    assert {"crash", "simplex", "simplex_presolve", "ipm"} <= {name for name, o in solved.items() if o.proved}
    for name, o in solved.items():
        assert abs(found.gap(o)) <= (1e-9 if o.proved else 1e-4), name
        assert o.duality_gap <= (1e-9 if o.proved else 1e-3), name
        assert o.primal_gap <= 1e-3, name
        assert o.seconds > 0.0
        assert 0.0 <= o.memory_mb < 500.0 or math.isnan(o.memory_mb)
    assert found.agree


def test_what_stops_at_a_tolerance_is_no_proof(found):
    by_name = {o.contestant: o for o in found.outcomes}
    assert not by_name["ipm_interior"].proved
    assert not by_name["pdlp"].proved
    places = [asked._rank(o)[0] for o in found.outcomes]
    assert places == sorted(places)


def test_iterations_are_told_by_kind(found):
    by_name = {o.contestant: dict(o.iterations) for o in found.outcomes}
    assert set(by_name["crash"]) == {"pieces", "simplex"}
    assert set(by_name["simplex"]) == {"simplex"}
    assert by_name["ipm"]["interior"] > 0
    assert set(by_name["pdlp"]) == {"first-order"}


def test_a_solver_that_is_not_in_this_build_is_told(park, monkeypatch):
    way = replace(CONTESTANTS["hipo"], options={"solver": "no such solver"})
    monkeypatch.setitem(contest.CONTESTANTS, "hipo", way)
    told_of = contest.compete(task(park, "hipo"))
    assert told_of.termination == "not in this build"
    assert told_of.note == "this HiGHS has no solver 'no such solver'"


@pytest.mark.parametrize("name", ["crash", "simplex", "pdlp"])
def test_a_time_limit_is_kept_and_told(name):
    late = asked.contend(task(load_park("yibin"), name, 0.02))
    assert late.termination == "time_limit"
    assert not late.proved
    assert late.seconds < 5.0


def test_a_broken_contestant_is_an_outcome(park):
    broken = asked.contend(replace(task(park, "crash"), values={}))
    assert broken.termination == "failed"
    assert "StructureError" in broken.note
    unheard = asked.contend(replace(task(park, "crash"), contestant="nobody"))
    assert "KeyError" in unheard.note


def test_an_infeasible_park_has_no_winner():
    table = testing.random_table(3)
    table["components"] = {name: table["components"][name] for name in ("load", "grid")}
    table["components"]["grid"]["import_max_mw"] = 0.5
    lost = asked.bench(read_park(table), contestants=["simplex"])
    assert lost.outcomes[0].termination == "infeasible"
    assert lost.verdict == "The park has no solution; parksim run says why."
    assert told.table(asked.plain(lost)).rows[0][-1] == "no solution"


def test_the_verdict_on_solvers_that_all_run_out_of_time():
    slow = table_of(replace(outcome("simplex", 60.0, proved=False), termination="time_limit"))
    assert slow.verdict.startswith("Nobody proved an optimum within ")


def test_the_verdict_names_the_fastest_that_proves():
    fast = table_of(outcome("pdlp", 0.1, proved=False), outcome("crash", 1.0), outcome("ipm", 3.0))
    assert fast.verdict == (
        "Fastest that proves the optimum: temporal crash, 1 s; IPM, crossover takes 3 times as long. "
        "It is what parksim run does."
    )
    slow = table_of(outcome("simplex", 0.5), outcome("crash", 1.0))
    assert slow.verdict.endswith("takes 2 times as long. parksim run takes the temporal crash, 1 s here.")
    apart = table_of(outcome("simplex", 0.5), outcome("crash", 1.0, objective_cny=100.1))
    assert not apart.agree
    assert "Proved objectives differ" in apart.verdict


@pytest.mark.parametrize("limit", [0.0, -1.0, float("nan"), float("inf")])
def test_a_bad_time_limit_is_refused(park, limit):
    with pytest.raises(
        InputError, match=r"time_limit_s: got .*, must be above 0 and finite\. Write seconds, e\.g\. 60"
    ):
        asked.bench(park, time_limit_s=limit)


def test_an_unknown_solver_is_named_with_those_there_are(park):
    with pytest.raises(InputError, match=r"contestants: no solver 'gurobi'\. There are: crash, simplex"):
        asked.bench(park, contestants=["gurobi"])


def test_the_page_is_complete_and_holds_every_contestant(found):
    page = told.page(asked.plain(found))
    assert page.startswith("<!doctype html>")
    assert page.count("<svg") == 2
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "")
    for way in CONTESTANTS.values():
        assert way.title in page
    assert found.verdict in page
    chinese = told.page(asked.plain(found), lang="zh")
    assert "最快证明最优的是" in chinese
    assert "temporal crash" not in chinese


def test_bars_are_as_long_as_their_values():
    drawn = bars("a < b", [Bar("x", 2.0, "2", "#000000"), Bar("y", 1.0, "1", "#000000"), Bar("z", math.nan, "–", "#0")])
    assert 'width="320.0"' in drawn
    assert 'width="160.0"' in drawn
    assert drawn.count("<rect") == 3, "the ground and two bars"
    assert "a &lt; b" in drawn


def call(capsys, *arguments):
    with pytest.raises(SystemExit) as left:
        cli.main([*arguments])
    said = capsys.readouterr()
    return left.value.code or 0, said.out, said.err


def test_the_command_prints_a_table_and_writes_the_page(capsys, tmp_path):
    ways = ("--only", "crash", "--only", "simplex")
    code, out, _ = call(capsys, "bench", "two-days", *ways, "--out", str(tmp_path / "new"))
    assert code == 0
    assert "simplex, no presolve" in out
    assert "Fastest that proves the optimum" in out
    assert (tmp_path / "new" / "bench.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    code, out, _ = call(capsys, "bench", "two-days", *ways, "--json")
    assert {o["contestant"] for o in json.loads(out)["outcomes"]} == {"crash", "simplex"}
    assert call(capsys, "bench", "two-days", *ways, "--quiet") == (0, "", "")


def test_the_command_refuses_a_time_limit_of_nothing(capsys):
    code, out, err = call(capsys, "bench", "two-days", "--time-limit", "0")
    assert (code, out) == (2, "")
    assert err == "time_limit_s: got 0, must be above 0 and finite. Write seconds, e.g. 60.\n"
