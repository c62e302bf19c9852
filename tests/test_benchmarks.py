"""The harness: cases are found, phases are timed, engines agree, tables tell the truth. No test asserts seconds."""

import json
import platform
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest

from parksim.inputs import gather

ROOT = Path(__file__).resolve().parents[1]
LINES = {"parksim", "PyPSA", "oemof-solph", "plain Pyomo"}


@pytest.fixture
def harness(monkeypatch):
    """Give the modules of the harness, which is not part of the installed package."""
    monkeypatch.syspath_prepend(str(ROOT))
    names = ("registry", "phases", "table", "machine", "worker", "command", "__main__", "drivers", "kernels")
    names += ("growth", "whatifs", "together", "sizing", "tiled", "reach", "kept", "page", "limits", "studies")
    return SimpleNamespace(**{name.strip("_"): import_module(f"benchmarks.{name}") for name in names})


def _found(objective_cny=100.0, **more):
    warm = {"read": [0.1], "declare": [0.2, 0.4, 0.3], "expand": [1.0], "hand over": [0.5], "build": [1.8]}
    cpu = {"expand cpu": [0.5], "hand over cpu": [0.25], "build cpu": [1.7]}
    return {
        "versions": {"highspy": "1.15.1"},
        "steps": 24,
        "rows": 10,
        "columns": 20,
        "objective_cny": objective_cny,
        "first_s": {"read": 0.2, "solve": 2.0, "crash": 0.3},
        "warm_s": warm | cpu,
        "bare_imports_mb": 100.0,
        "peak_mb": 150.0,
        **more,
    }


def test_every_case_is_one_file_with_a_frozen_spec(harness):
    assert {"yibin", "trial", "capped", "batteries"} <= set(harness.registry.names())
    for name in harness.registry.names():
        case = harness.registry.find(name)
        assert case.name == name
        assert list(case.sizes) == sorted(case.sizes)
        assert case.quick
        assert max(case.quick) <= max(case.sizes)
        with pytest.raises(AttributeError):
            case.name = "other"


def test_the_full_cases_hold_a_year(harness):
    assert max(harness.registry.find("yibin").sizes) == 8760
    assert harness.registry.find("yibin").park(8760).time.steps == 8760
    assert harness.registry.find("trial").park(8760).time.months == 12


def test_a_longer_trial_begins_with_the_shorter_one(harness):
    case = harness.registry.find("trial")
    short, long = (gather(case.park(hours)).values["load"]["power_mw"] for hours in (24, 48))
    assert (long[:24] == short).all()


def test_an_unknown_case_is_named_with_those_there_are(harness):
    with pytest.raises(LookupError, match="no case 'yibim'; there are: batteries, capped, trial, yibin"):
        harness.registry.find("yibim")


def test_the_clock_adds_up_phases_and_ends_each_with_the_next(harness, monkeypatch):
    ticks = iter((0.0, 1.0, 1.0, 4.0, 4.0, 10.0, 10.0, 11.5))
    monkeypatch.setattr(harness.phases.time, "perf_counter", lambda: next(ticks))
    monkeypatch.setattr(harness.phases.time, "process_time", lambda: 0.0)
    clock = harness.phases.Clock()
    clock.start("read")
    clock.start("solve")
    clock.start("read")
    clock.stop()
    clock.stop()
    assert clock.seconds == {"read": 1.0 + 6.0, "solve": 3.0}
    with clock.call("Model"):
        pass
    assert clock.calls == {"Model": 1.5, "Model cpu": 0.0}
    assert set(clock.cpu_seconds) == {"read", "solve"}


def test_the_memory_peak_is_in_megabytes_and_never_falls(harness):
    block = bytearray(b"x" * 100_000_000)
    held_mb = harness.phases.memory_peak_mb()
    del block
    assert 100.0 <= held_mb < 64_000.0
    assert harness.phases.memory_peak_mb() >= held_mb


def test_the_machine_is_told_without_its_name(harness):
    told = harness.machine.describe()
    assert set(told) == {"cpu", "cores", "system", "python"}
    assert platform.node() not in json.dumps(told)
    assert told["cores"] >= 1
    assert told["cpu"]
    assert ":" not in told["cpu"]


def test_objectives_are_compared_with_ours(harness):
    engines = {"pypsa": _found(100.0 + 2e-5), "parksim": _found(100.0), "oemof": {"refused": "no", "versions": {}}}
    gaps = harness.table.optimum_gap(engines)
    assert gaps == {"pypsa": pytest.approx(2e-7), "parksim": 0.0}
    assert harness.table.optimum_gap({}) == {}


def _run(**engines):
    return {"case": "yibin", "about": "About", "axis": "hours", "size": 24, "engines": engines}


def test_the_table_shows_medians_ratios_memory_and_agreement(harness):
    warm = _found()["warm_s"] | {"build": [18.0], "create_model": [6.0], "create_model cpu": [3.0]}
    run = _run(parksim=_found(), pypsa=_found(100.0 + 1e-6, warm_s=warm), pyomo=_found(101.0))
    rows = {line.split("|")[1].strip(): line for line in harness.table.case_table(run) if line.startswith("|")}
    assert "| 0.300 |" in rows["declare (warm)"]
    assert "1 x | 10 x | 1 x |" in rows["build against parksim"]
    assert rows["above bare imports [MB]"].count(" 50 ") == 3
    assert "crash (first run)" in rows, "a phase only one engine has is shown all the same"
    assert "yes (1e-08)" in rows["same optimum"]
    assert "**NO** (1.0e-02)" in rows["same optimum"]
    key = "\n".join(harness.table.key_figures([run]))
    assert "| yibin, 24 hours | 1.5 | 6 (4 x) | – | – |" in key
    assert "| yibin, 24 hours, processor | 0.750 | 3 (4 x) | – | – |" in key


def test_an_engine_that_cannot_express_a_park_is_told_and_left_out(harness):
    run = _run(parksim=_found(), oemof={"refused": "components.x: no counterpart", "versions": {}})
    lines = harness.table.case_table(run)
    assert "oemof-solph cannot express this park: components.x: no counterpart" in lines
    assert not any("oemof-solph |" in line for line in lines)


@pytest.mark.parametrize(("objective_cny", "code"), [(100.0, 0), (100.01, 1)])
def test_disagreement_on_the_optimum_is_a_failure(harness, monkeypatch, tmp_path, capsys, objective_cny, code):
    answers = {"parksim": 100.0, "pyomo": objective_cny, "none": 0.0}
    monkeypatch.setattr(harness.main, "_worker", lambda _c, _s, engine, **_: _found(answers[engine]))
    arguments = ["--case", "trial", "--quick", "--engines", "parksim,pyomo", "--out", str(tmp_path)]
    assert harness.main.main(arguments) == code
    told = capsys.readouterr()
    assert ("do not agree" in told.err) == bool(code)
    assert ("**NO**" in told.out) == bool(code)


def test_what_was_measured_before_a_failure_is_kept(harness, monkeypatch, tmp_path):
    def worker(_case, size, engine, **_):
        if size == 48:
            raise RuntimeError(engine)
        return _found()

    monkeypatch.setattr(harness.main, "_worker", worker)
    with pytest.raises(RuntimeError):
        harness.main.main(["--case", "trial", "--sizes", "24,48", "--engines", "parksim", "--out", str(tmp_path)])
    kept = json.loads((tmp_path / "benchmarks.json").read_text(encoding="utf-8"))
    assert [run["size"] for run in kept["runs"]] == [24]


def test_unknown_engines_lonely_sizes_and_keeping_a_part_are_refused(harness, capsys):
    parts = (["--quick"], ["--case", "trial"], ["--engines", "parksim"], ["--no-command"])
    for arguments in (["--engines", "parksim,pipsa"], ["--sizes", "24"], *(["--keep", *part] for part in parts)):
        with pytest.raises(SystemExit) as ended:
            harness.main.main(arguments)
        assert ended.value.code == 2
    told = capsys.readouterr().err
    assert "unknown engine 'pipsa'" in told
    assert "--sizes needs exactly one --case" in told
    assert told.count("--keep needs a full run") == len(parts)


def test_a_failing_engine_says_why(harness):
    case = harness.registry.find("trial")
    with pytest.raises(RuntimeError, match=r"trial, 3, nobody failed:[\s\S]*ModuleNotFoundError"):
        harness.main._worker(case, 3, "nobody", repeats=1)


def test_one_command_runs_all_engines_to_the_same_optimum(harness, tmp_path):
    command = ["-m", "benchmarks", "--case", "trial", "--sizes", "24", "--repeats", "1", "--out", str(tmp_path)]
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    results = json.loads((tmp_path / "benchmarks.json").read_text(encoding="utf-8"))
    engines = results["runs"][0]["engines"]
    assert list(engines) == list(harness.drivers.ENGINES)
    gaps = harness.table.optimum_gap(engines)
    assert len(gaps) == len(engines)
    assert max(map(abs, gaps.values())) <= harness.table.SAME_OPTIMUM
    for name, found in engines.items():
        build = {"expand", "hand over"} if name == "pyomo" else set(harness.phases.BUILD)
        assert build | {"read", "build", "build cpu"} <= set(found["warm_s"]), name
        handed = {"cut"} if name == "parksim" else {"hand over"}
        assert {"read", "expand", "solve", "dataset"} | handed <= set(found["first_s"]), name
        assert found["peak_mb"] >= found["bare_imports_mb"] > 0.0, name
        assert found["rows"] > 0
    for name, call in harness.table.OWN_CALL.items():
        assert engines[name]["warm_s"][call], name
    assert {"settle ties", "audit", "report"} <= set(engines["parksim"]["first_s"])
    page = (tmp_path / "benchmarks.md").read_text(encoding="utf-8")
    assert page == done.stdout.removesuffix("\n")
    assert all(line in page for line in LINES)
    assert {"pypsa", "linopy", "oemof-solph", "pyomo", "highspy"} <= set(results["versions"])


def _kernels(gap=1e-15, missing=()):
    seconds = {"theirs": 3.0, "one_thread": 0.2, "all_threads": 0.1}
    chain = {"about": "PV chain", "peer": "pvlib", "median_s": seconds, "median_cpu_s": seconds, "gap": gap}
    return {"years": 2, "chains": [chain], "missing": list(missing), "versions": {"pvlib": "0.16"}}


def test_kernels_are_laid_out_with_their_ratios(harness):
    lines = harness.table.kernel_tables([_kernels(missing=["windpowerlib"])])
    assert "| PV chain | pvlib | 3 | 0.200 | 0.100 | 15 x | 30 x | 30 x | 1e-15 |" in lines
    assert "windpowerlib is not installed and is left out." in lines
    assert harness.table.kernel_tables([]) == []


@pytest.mark.parametrize(("gap", "code"), [(1e-12, 0), (1e-6, 1), (float("nan"), 1)])
def test_kernels_with_other_numbers_are_a_failure(harness, monkeypatch, tmp_path, capsys, gap, code):
    monkeypatch.setattr(harness.main, "_kernels", lambda _years, **_: _kernels(gap))
    assert harness.main.main(["--case", "kernels", "--out", str(tmp_path)]) == code
    assert ("Not the same numbers: PV chain." in capsys.readouterr().err) == bool(code)


def test_a_run_of_all_measures_cases_and_kernels(harness, monkeypatch, tmp_path):
    monkeypatch.setattr(harness.main, "names", lambda: ["trial"])
    monkeypatch.setattr(harness.main, "_worker", lambda *_, **__: _found())
    monkeypatch.setattr(harness.main, "_kernels", lambda years, **_: _kernels() | {"years": years})
    monkeypatch.setattr(harness.main, "_growth", lambda years, **_: _growth(years, 1.0))
    monkeypatch.setattr(harness.main, "_what_ifs", lambda _count, engine: _whatifs(engine, 0.1))
    monkeypatch.setattr(harness.main, "_study", lambda count, engine: _study(engine, 2.0, cases=count))
    monkeypatch.setattr(harness.main, "_sizing", lambda hours, **_: _sizing(hours=hours))
    for arguments, sizes in (([], harness.kernels.SIZES), (["--quick"], harness.kernels.QUICK)):
        assert harness.main.main([*arguments, "--engines", "parksim", "--out", str(tmp_path)]) == 0
        found = json.loads((tmp_path / "benchmarks.json").read_text(encoding="utf-8"))
        assert [measured["years"] for measured in found["kernels"]] == list(sizes)
        assert {run["case"] for run in found["runs"]} == {"trial"}
        assert [measured["engine"] for measured in found["what-ifs"]] == ["parksim"]
        assert [measured["cases"] for measured in found["studies"]]
        assert found["growth"]
        assert [measured["hours"] for measured in found["sizing"]]
        assert found["versions"]["pvlib"] == "0.16"


@pytest.mark.parametrize("name", ["year", "quarters"])
def test_limits_are_measured_with_the_optimum_of_highs_alone(harness, name):
    found = harness.limits.measure(name, hours=24 * 22)
    assert harness.limits.apart(found) <= harness.growth.SAME_OPTIMUM
    assert min(found["prices_cny_per_mwh"]) > 1.0, "the limit binds"
    assert found["about"] in harness.limits.table([found])
    found["objective_cny"]["live"] *= 1.0 + 1e-8
    assert harness.limits.apart(found) > harness.growth.SAME_OPTIMUM


def test_a_limit_that_is_no_case_is_named(harness, capsys):
    with pytest.raises(SystemExit):
        harness.limits.main(["--cases", "month"])
    assert "no such case: month; there are year, shed, years, quarters" in capsys.readouterr().err


def test_kernels_are_measured_against_their_peers_with_the_same_numbers(harness, tmp_path):
    command = ["-m", "benchmarks", "--case", "kernels", "--sizes", "1", "--repeats", "1", "--out", str(tmp_path)]
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "benchmarks.json").read_text(encoding="utf-8"))["kernels"][0]
    assert [chain["peer"] for chain in found["chains"]] == ["pvlib", "windpowerlib", "NumPy", "NumPy and a loop"]
    assert all(0.0 <= chain["gap"] <= harness.kernels.SAME_NUMBERS for chain in found["chains"])
    assert "## Kernels over many years" in done.stdout


def test_the_weather_of_the_kernels_is_plausible_and_repeats(harness):
    by_year, same = harness.kernels.weather(2)
    again, _ = harness.kernels.weather(2)
    for name, values in by_year.items():
        assert values.shape == (2, 8760)
        assert (values == again[name]).all()
        assert not (values[0] == values[1]).all()
    night = same["zenith_deg"] > 95.0
    assert 0.4 < night.mean() < 0.5
    assert (by_year["ghi_w_per_m2"][:, night] == 0.0).all()
    pv = harness.kernels.CHAINS[0].ours(by_year, same, None)
    assert 0.08 < pv.mean() < 0.3
    assert 0.0 == pv.min() < pv.max() <= 1.0


def test_the_whole_command_is_measured_with_its_files_and_memory(harness, tmp_path):
    park = tmp_path / "small.toml"
    text = (ROOT / "parks" / "yibin.toml").read_text(encoding="utf-8")
    park.write_text(text.replace("step_minutes = 60", 'step_minutes = 60\nfirst_day = "03-01"\nhours = 48'), "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.command", str(park), "1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert set(found["files_bytes"]) == {"report.html", "result.nc", "summary.json"}
    assert found["peak_mb"] > found["bare_imports_mb"] > 50.0
    assert found["above_imports_mb"] == pytest.approx(found["peak_mb"] - found["bare_imports_mb"])
    assert len(found["seconds"]) == len(found["cpu_seconds"]) == 1
    assert "solve" in found["phases_s"]
    assert "modules" not in found
    with pytest.raises(RuntimeError, match="a process of the benchmark failed"):
        harness.command.measure(str(tmp_path / "nothing.toml"), repeats=1)


def _growth(years, seconds, *, cold=4.0):
    wall = {"build": [0.03 * years], "pieces": [seconds], "cold": [cold], "cold, presolve": [5.0]}
    objective = {"pieces": 100.0, "cold": 100.0 if cold else None, "cold, presolve": None}
    return {
        "years": years,
        "steps": 8760 * years,
        "rows": 10,
        "columns": 20,
        "seconds": wall,
        "cpu_seconds": wall,
        "objective_cny": objective,
        "iterations": {},
        "versions": {"highspy": "1.15.1"},
    }


def _whatifs(engine, seconds, objective_cny=100.0, *, wall_s=None):
    """What-ifs of 1, 2, 3 times ``seconds``; on two lives the first two on one, the third on the other."""
    told = {"sort": "one number", "cpu_seconds": seconds, "phases": {"solve": seconds}, "objective_cny": objective_cny}
    each = [{**told, "number": n, "seconds": seconds * (n + 1)} for n in range(3)]
    found = {"engine": engine, "what-ifs": each, "versions": {}}
    return found if wall_s is None else found | {"together": {"lives": [each[:2], each[2:]], "wall_s": wall_s}}


def _study(engine, rate, objective_cny=100.0, *, cases=1000):
    found = {"engine": engine, "cases": cases, "rate": rate, "objective_cny": {"0": objective_cny}, "versions": {}}
    memory = {"worker_mb": {"first tenth": 310.0, "last tenth": 320.0, "most": 380.0}, "store_mb": 200.0}
    ours = {"seconds": cases / rate, "solved": cases, "reading_s": {"open": 0.1}, **memory}
    return found | (ours if engine == "parksim" else {"seconds_each": 1.0 / rate})


def _sizing(*, seconds=2.0, one_lp=(10.0, 12.0), cost=100.0, gap=1e-7, hours=8760):
    ours = {
        "way": "cuts",
        "dispatches": 21,
        "gap": gap,
        "objective_cny": 100.0,
        "capacities": {"components.pv.mw": 3.0},
    }
    ways = [ours | {"seconds": seconds, "cpu_seconds": seconds, "termination": "optimal"}]
    for way, took in zip(("simplex_presolve", "ipm"), one_lp, strict=True):
        found = {"way": way, "seconds": took or 9.0, "cpu_seconds": 8.0, "rows": 1000, "columns": 20}
        solved = {"objective_cny": cost, "capacities": {"components.pv.mw": 3.0}, "termination": "optimal"}
        late = {"objective_cny": None, "capacities": None, "termination": "time_limit"}
        ways.append(found | (solved if took else late))
    return {"hours": hours, "ways": ways, "versions": {}}


def _results(harness, **more):
    engines = {name: _found() for name in harness.drivers.ENGINES}
    for name, call in harness.table.OWN_CALL.items():
        engines[name] = _found(warm_s=_found()["warm_s"] | {"build": [18.0], call: [6.0]})
    machine = {"cpu": "some processor", "cores": 2, "python": "3.13"}
    found = {"date": "2026-01-01", "machine": machine, "versions": {"highspy": "1.15.1"}, "commands": [], "kernels": []}
    run = _run(**engines) | {"size": 8760}
    return found | {"runs": [run], "growth": [], "what-ifs": [], "studies": [], "sizing": []} | more


def test_growth_is_fitted_and_set_beside_the_faster_cold_solve(harness):
    measured = [_growth(1, 1.0), _growth(2, 2.0), _growth(4, 4.0)]
    assert harness.growth.exponent(measured, "pieces") == pytest.approx(1.0)
    assert harness.growth.exponent(measured[:1], "pieces") is None
    assert harness.growth.cold_ratio(measured[0]) == 0.25, "the one with presolve found nothing in time"
    assert harness.growth.apart(measured[0]) == 0.0
    assert harness.growth.apart(_growth(1, 1.0, cold=None)) is None, "nothing to compare with"
    assert harness.growth.middle(measured[0], "cold, presolve") is None


def test_a_year_repeated_is_the_year(harness):
    park = harness.tiled.tiled(years=2, hours=48)
    assert park.time.steps == 48
    park = harness.tiled.tiled(years=2)
    load = gather(park).values["park_load"]["power_mw"]
    assert (load[:8760] == load[8760:]).all()


def test_growth_measures_every_way_to_the_same_optimum(harness):
    found = harness.growth.measure(1, repeats=1, hours=24 * 25)
    assert set(found["seconds"]) == {"build", "pieces", *harness.growth.COLD}
    assert harness.growth.apart(found) <= 1e-9
    assert found["steps"] == 600


def test_whatifs_are_the_same_for_every_engine_and_reach_the_same_optimum(harness):
    measured = [harness.whatifs.measure(engine, 5, hours=48) for engine in harness.whatifs.ENGINES]
    assert [told["sort"] for told in measured[0]["what-ifs"]] == list(harness.whatifs.SORTS)
    assert harness.whatifs.apart(measured) <= harness.table.SAME_OPTIMUM
    objectives = {round(told["objective_cny"]) for told in measured[0]["what-ifs"]}
    assert len(objectives) == 5, "every what-if moves the optimum"
    assert {"change", "solve", "dataset", "audit"} <= set(measured[0]["what-ifs"][0]["phases"])
    assert set(measured[1]["what-ifs"][0]["phases"]) == {"expand", "hand over", "solve", "dataset"}


def test_a_study_is_held_to_its_peers_and_to_the_memory_of_a_worker(harness):
    measured = [_study("parksim", 9.0), _study("pypsa", 0.5), _study("oemof", 0.3, 100.1)]
    rows = [row for row in harness.reach.rows(_results(harness, studies=measured)) if "study" in row.work]
    assert [(row.value, row.reached) for row in rows] == [(18.0, True), (pytest.approx(30.0), False)]
    largest = next(row for row in harness.reach.rows(_results(harness, studies=measured)) if "worker" in row.work)
    assert (largest.value, largest.reached, largest.unit) == (380.0, True, "MB")
    assert harness.studies.apart(measured) == pytest.approx(1e-3)
    page = "\n".join(harness.reach.study_table(measured))
    assert "1,000 of 1,000 cases solved in 111 s" in page
    assert "last tenth 320 MB" in page


def test_the_cases_of_a_study_are_drawn_alike_for_every_engine_and_are_valid_parks(harness):
    found = harness.studies.plan(harness.studies.study(16))
    assert len(found.cases) == 16
    assert len(found.groups) == 1
    assert not [case.problem for case in found.cases if case.problem]
    assert found.key == harness.studies.plan(harness.studies.study(16)).key


def test_whatifs_are_compared_by_rate_and_objective(harness):
    ours, theirs = _whatifs("parksim", 1.0, wall_s=4.0), _whatifs("pypsa", 20.0, 100.1, wall_s=70.0)
    assert harness.whatifs.quantile(ours, 0.5) == 2.0
    assert harness.together.rate(ours) == 3 / 4.0, "all of ours over the wall"
    assert harness.together.rate(theirs) == pytest.approx(2 / 60.0 + 1 / 60.0), "what each process of a peer does"
    assert harness.together.rate(ours, cpu=True) == 1.0
    assert harness.whatifs.apart([ours, theirs]) == pytest.approx(1e-3)
    theirs["what-ifs"] = []
    assert harness.whatifs.apart([ours, theirs]) == pytest.approx(1e-3), "those of two lives are compared too"
    theirs["together"]["lives"] = [[], [theirs["together"]["lives"][0][0] | {"number": 7}]]
    assert harness.whatifs.apart([ours, theirs]) == 0.0, "ours did not solve the eighth"


@pytest.mark.parametrize("engine", ["parksim", "pypsa"])
def test_two_lives_share_the_whatifs_and_find_what_one_finds(harness, engine):
    both = harness.together.measure(engine, 4, hours=48)
    assert [[told["number"] for told in life] for life in both["lives"]] == [[0, 1], [2, 3]]
    alone = harness.whatifs.measure("parksim", 4, hours=48)
    measured = [alone, {"engine": engine, "what-ifs": [], "together": both}]
    assert harness.whatifs.apart(measured) <= harness.table.SAME_OPTIMUM
    assert both["wall_s"] >= max(sum(told["seconds"] for told in life) for life in both["lives"])


def test_a_life_that_fails_ends_the_other(harness):
    with pytest.raises(ModuleNotFoundError):
        harness.together.measure("nobody", 2, hours=24)


def test_sizing_by_cuts_and_as_one_lp_cost_the_same(harness):
    ways = [harness.sizing.measure(way, 200) for way in (harness.sizing.CUTS, *harness.sizing.ONE_LP)]
    assert harness.sizing.apart(ways) <= harness.table.SAME_OPTIMUM
    assert ways[0]["gap"] <= harness.sizing.GAP
    assert ways[0]["dispatches"] > 1
    assert len(ways[0]["capacities"]) == 4
    assert ways[1]["capacities"].keys() == ways[0]["capacities"].keys()
    late = harness.sizing.measure(harness.sizing.ONE_LP[0], 2190, limit_s=0.01)
    assert late["termination"] == "time_limit"
    assert late["objective_cny"] is None


def test_sizing_is_held_to_the_faster_one_lp_that_ends(harness):
    assert harness.sizing.over_one_lp(_sizing()["ways"]) == 0.2
    assert harness.sizing.over_one_lp(_sizing(one_lp=(10.0, None))["ways"]) == 0.2, "one that is ended does not count"
    assert harness.sizing.over_one_lp(_sizing(one_lp=(None, None))["ways"]) is None
    assert harness.sizing.apart(_sizing(cost=100.1)["ways"]) == pytest.approx(1e-3)
    page = "\n".join(harness.reach.sizing_table([_sizing(one_lp=(10.0, None))]))
    assert "| cuts, as `parksim size` | 2 | 2 | 21 dispatches | 1e-07 | 100 | pv.mw 3 |" in page
    assert "| one LP, IPM, crossover | 9 | 8 | 1,000 x 20 | – | – | time_limit |" in page


def test_the_second_one_lp_runs_no_longer_than_the_first(harness, monkeypatch):
    asked = []

    def part(_, way, hours, *limit):
        asked.append((way, *limit))
        return {"way": way, "seconds": 7.0, "versions": {}}

    monkeypatch.setattr(harness.main, "_part", part)
    found = harness.main._sizing(24, repeats=5)
    assert [way["way"] for way in found["ways"]] == ["cuts", "simplex_presolve", "ipm"]
    assert asked[:3] == [("cuts",)] * 3
    assert asked[3:] == [("simplex_presolve", "--limit", 300.0), ("ipm", "--limit", 7.0)]


@pytest.mark.parametrize(
    ("part", "wrong", "told"),
    [
        ("growth", _growth(10, 1.0) | {"objective_cny": {"pieces": 1.0, "cold": 1.0 + 1e-8}}, "Pieces and cold"),
        ("growth", _growth(10, 1.0) | {"objective_cny": {"pieces": None, "cold": 1.0}}, "by pieces found no optimum"),
        ("sizing", _sizing(cost=100.001), "Cuts and the one LP"),
        ("sizing", _sizing(gap=2e-6), "Sizing did not prove its gap"),
    ],
)
def test_parts_that_disagree_are_a_failure(harness, part, wrong, told):
    assert harness.main._disagreements(_results(harness)) == []
    right = {"growth": _growth(10, 1.0), "sizing": _sizing(cost=100.00001)}
    assert harness.main._disagreements(_results(harness, **{part: [right[part]]})) == []
    found = harness.main._disagreements(_results(harness, **{part: [wrong]}))
    assert len(found) == 1
    assert told in found[0]


def test_targets_are_reached_missed_or_not_measured(harness):
    growth = [_growth(1, 1.0), _growth(10, 20.0)]
    whatifs = [_whatifs("parksim", 0.1, wall_s=0.3), _whatifs("pypsa", 1.0, wall_s=4.0)]
    sizing = [_sizing(hours=2190, seconds=20.0), _sizing()]
    results = _results(harness, growth=growth, **{"what-ifs": whatifs}, sizing=sizing, kernels=[_kernels()])
    rows = {row.work: row for row in harness.reach.rows(results)}
    assert rows["its solve over HiGHS's own cold solve (the faster, presolve on or off)"].reached
    assert not rows["growth of solve from 1 to 10 years, exponent"].reached
    assert rows["growth of build and hand over from 1 to 10 years, exponent"].reached
    assert rows["a what-if on a live year, median"].reached
    rate = rows["random what-ifs on two cores, rate over PyPSA's"]
    assert rate.value == pytest.approx((3 / 0.3) / (2 / 3.0 + 1 / 3.0))
    assert rate.reached is False
    assert rows["random what-ifs on two cores, rate over oemof-solph's"].reached is None
    four = rows["sizing four capacities to a gap of 1e-6, over the one-LP time"]
    assert four.value == pytest.approx(0.2), "that of the year"
    assert four.reached
    assert rows["kernels, 2 years: PV chain, faster than pvlib"].reached
    assert rows["the same, faster than PyPSA"].value == pytest.approx((0.1 + 18.0) / (0.1 + 1.8))
    page = harness.page.page(results | {"versions": {}})
    assert "| growth of solve from 1 to 10 years, exponent | at most 1.05 | 1.3 | 1.3 | **no** |" in page
    assert "not measured" in page


def test_the_readme_shows_one_run_and_its_chart(harness):
    kept = harness.kept
    figures = json.loads(kept.FIGURES.read_text(encoding="utf-8"))
    assert kept.block(figures) in kept.README.read_text(encoding="utf-8"), "run python -m benchmarks --keep"
    assert kept.chart(figures) == kept.CHART.read_text(encoding="utf-8")
    assert platform.node() not in json.dumps(figures)


def test_what_is_kept_is_all_that_is_shown(harness, monkeypatch, tmp_path):
    whatifs = [_whatifs("parksim", 0.1, wall_s=0.3), _whatifs("pypsa", 1.0, wall_s=4.0)]
    results = _results(harness, growth=[_growth(10, 1.0)], sizing=[_sizing()], **{"what-ifs": whatifs})
    for name in ("FIGURES", "CHART", "README"):
        monkeypatch.setattr(harness.kept, name, tmp_path / "docs" / name)
    monkeypatch.setattr(harness.kept, "ROOT", tmp_path)
    (tmp_path / "docs").mkdir()
    harness.kept.README.write_text("before\n<!-- peers -->\nold\n<!-- /peers -->\nafter\n", encoding="utf-8")
    harness.kept.keep(results)
    text = harness.kept.README.read_text(encoding="utf-8")
    assert text.startswith("before\n<!-- peers -->\nThe Yibin year")
    assert text.endswith("<!-- /peers -->\nafter\n")
    assert "18 (10 x)" in text
    assert "| random what-ifs on two cores, a minute | 600 | 60 (0.1 x) | – | – |" in text
    said = " ".join(text.split())
    assert "2026-01-01, 2 cores of some processor, Python 3.13" in said
    assert "10 years cost the same (apart by 0)" in said
    assert "21 dispatches and 2 s to a proved gap of 1e-07, the one LP, simplex, presolve, 10 s" in said
    assert "With highspy 1.15.1." in said
    assert "sizing four capacities to a gap of 1e-6, over the one-LP time | at most 0.25 x | 0.200 x |" in text
    assert "2 s (10 x)" in harness.kept.CHART.read_text(encoding="utf-8")
    assert json.loads(harness.kept.FIGURES.read_text(encoding="utf-8"))["date"] == "2026-01-01"
