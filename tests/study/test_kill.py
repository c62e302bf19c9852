"""Processes that die: the sweep itself, its workers, a case that takes its worker with it, a file that cannot grow."""

import importlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import tomli_w

import parksim as ps
from parksim.study import local, store
from parksim.study.cases import plan
from parksim.study.labels import labels_of
from parksim.study.runner import sweep
from parksim.study.work import Status, job_of

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import resource, sys, time
import parksim as ps
study, out, workers, limit = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
def told(at):
    print(at.stage, at.done, flush=True)
try:
    ps.sweep(study, out=out, workers=workers, reproducible=True, progress=told)
except ps.InputError as error:
    sys.exit(str(error))
"""
"""Stands in a script as it is, without a guard for the main module."""


@pytest.fixture(scope="module")
def folder(small, tmp_path_factory):
    """A folder with the study file, and the uninterrupted store."""
    folder = tmp_path_factory.mktemp("kill")
    (folder / "study.toml").write_text(tomli_w.dumps(small.tables()), encoding="utf-8")
    sweep(folder / "study.toml", out=folder / "whole", workers=1, reproducible=True)
    return folder


def start(folder, out, *, workers=1, limit=0):
    (folder / "program.py").write_text(PROGRAM, encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, folder / "program.py", folder / "study.toml", out, str(workers), str(limit)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def until(process, done):
    """Wait until so many cases are told as done."""
    for line in process.stdout:
        stage, count = line.split()
        if stage == "solve" and int(count) >= done:
            return
    pytest.fail(process.stderr.read())


def children(pid):
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def finished(folder):
    """Places of the cases that have a status."""
    return list(zip(*np.nonzero(ps.open_study(folder)["status"].to_numpy()), strict=True))


def written(folder, places):
    """When the chunks of some cases were written."""
    begins = tuple(".".join(map(str, at)) for at in places)
    chunks = (folder / store.NAME).glob("*/[0-9]*")
    return {path: path.stat().st_mtime_ns for path in chunks if path.name.startswith(begins)}


@pytest.mark.parametrize(("workers", "done"), [(1, 0), (1, 3), (2, 1)])
def test_a_killed_sweep_goes_on_where_it_was_and_ends_byte_for_byte_alike(folder, tmp_path, bytes_of, workers, done):
    process = start(folder, tmp_path, workers=workers)
    until(process, done)
    mine = children(process.pid)
    process.kill()
    process.communicate(timeout=60)
    places = finished(tmp_path)
    before = written(tmp_path, places)
    assert done <= len(places) < 6
    assert len(before) >= 6 * len(places)
    told = []
    sweep(folder / "study.toml", out=tmp_path, workers=1, reproducible=True, progress=told.append)
    assert (told[-1].before, told[-1].done) == (len(places), 6)
    assert written(tmp_path, places) == before, "a finished case was written again"
    assert bytes_of(tmp_path / store.NAME) == bytes_of(folder / "whole" / store.NAME)
    if workers > 1 and Path("/proc").is_dir():
        assert len(mine) == workers
        deadline = time.monotonic() + 30.0
        while any(alive(pid) for pid in mine):
            assert time.monotonic() < deadline, "workers outlive the sweep"
            time.sleep(0.1)


def test_files_that_cannot_grow_end_the_sweep_and_it_goes_on_with_room(folder, tmp_path, bytes_of):
    resource = pytest.importorskip("resource")
    assert resource.RLIMIT_FSIZE
    sizes = [path.stat().st_size for path in (folder / "whole" / store.NAME / "indicator_value").glob("[0-9]*")]
    others = [path.stat().st_size for path in (folder / "whole" / store.NAME).rglob("*") if path.is_file()]
    limit = max(sizes) - 1
    assert sum(size > limit for size in others) > 6
    process = start(folder, tmp_path, limit=limit)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "cannot be written: File too large" in err
    assert "Traceback" not in err
    assert [path.name for path in tmp_path.iterdir() if path.name != ".study.lock"] == []
    sweep(folder / "study.toml", out=tmp_path, workers=1, reproducible=True)
    assert bytes_of(tmp_path / store.NAME) == bytes_of(folder / "whole" / store.NAME)


@pytest.fixture
def pages(tmp_path, monkeypatch):
    """Write a module of pages, which workers find as this process does, and load a function of it."""

    def load(body):
        (tmp_path / "deadly_pages.py").write_text(f"import os\ndef render(ds, label):\n{body}\n", encoding="utf-8")
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, "deadly_pages", raising=False)
        return importlib.import_module("deadly_pages").render

    return load


def crew(study, render):
    """Two workers on all cases of a study."""
    found = plan(study)
    job = job_of(found, labels_of(found), reproducible=False, render=render)
    return local.Crew(job, [found.cases[:3], found.cases[3:]], workers=2)


def test_a_lost_worker_is_replaced_and_its_case_solved(small, pages, tmp_path):
    once = tmp_path / "died"
    body = f"    if 'battery 6, roof 6' in label and not os.path.exists({str(once)!r}):\n"
    body += f"        open({str(once)!r}, 'w').close()\n        os.kill(os.getpid(), 9)\n    return label"
    outcomes = list(crew(small, pages(body)).outcomes(lambda: False))
    assert once.exists()
    assert sorted(outcome.case for outcome in outcomes) == list(range(6))
    assert {outcome.status for outcome in outcomes} == {Status.SOLVED}


def test_a_case_that_takes_its_worker_with_it_twice_fails_and_the_rest_goes_on(small, pages):
    render = pages("    if 'battery 6, roof 6' in label:\n        os.kill(os.getpid(), 9)\n    return label")
    outcomes = {outcome.case: outcome for outcome in crew(small, render).outcomes(lambda: False)}
    assert sorted(outcomes) == list(range(6))
    failed = [case for case, outcome in outcomes.items() if outcome.status == Status.FAILED]
    assert failed == [2]
    assert outcomes[2].reason == "its worker was lost 2 times (signal 9); short of memory?"
    assert all(outcome.status == Status.SOLVED for case, outcome in outcomes.items() if case != 2)


def test_workers_that_cannot_start_are_one_clear_error(small, monkeypatch):
    monkeypatch.setattr(local, "START", "import sys; sys.exit(7)")
    with pytest.raises(ps.InputError, match=r"workers end before they begin \(exit code 7\)"):
        list(crew(small, None).outcomes(lambda: False))


def test_what_prints_in_a_worker_does_not_break_its_answers(small, pages, capfd):
    outcomes = list(crew(small, pages("    print('hello')\n    return label")).outcomes(lambda: False))
    assert {outcome.page for outcome in outcomes} == {case.label for case in plan(small).cases}
    out, err = capfd.readouterr()
    assert (out, err.count("hello")) == ("", 6)


def test_workers_load_what_a_case_needs_and_no_more(small, pages):
    body = "    import sys\n    return ' '.join({n.split('.')[0] for n, m in sys.modules.items() if m is not None})"
    loaded = {name for outcome in crew(small, pages(body)).outcomes(lambda: False) for name in outcome.page.split()}
    assert {"highspy", "numba", "numcodecs", "parksim", "xarray"} <= loaded
    heavy = {"babel", "dask", "distributed", "jinja2", "netCDF4", "openpyxl", "plotly", "pvlib", "pyarrow", "rich"}
    heavy |= {"SALib", "oemof", "pypsa", "tsam", "typer", "zarr"}
    assert not loaded & heavy


def test_workers_that_are_started_beforehand_are_taken_and_the_others_ended(small):
    found = plan(small)
    job = job_of(found, labels_of(found), reproducible=False, render=None)
    starting = local.Starting(3)
    first, second, third = starting.processes
    made = local.Crew(job, [found.cases], workers=2, starting=starting)
    outcomes = made.outcomes(lambda: False)
    next(outcomes)
    assert {worker.process for worker in made.workers} == {first, second}
    assert third.returncode == -signal.SIGKILL
    assert len(list(outcomes)) == 5
    assert {first.returncode, second.returncode} <= {0, -signal.SIGKILL}  # one that is still starting is not waited for


def test_a_worker_whose_sweep_ends_before_it_begins_says_nothing(capfd):
    starting = local.Starting(1)
    process = starting.take()
    process.communicate(timeout=60)
    assert (process.returncode, *capfd.readouterr()) == (0, "", "")
