"""What one worker has learnt serves the others."""

import pickle
from types import SimpleNamespace

import numpy as np
import pytest

from parksim import testing
from parksim.park import read_park
from parksim.questions.live import REMEMBERED
from parksim.study import local
from parksim.study.cases import plan
from parksim.study.labels import labels_of
from parksim.study.model import Study
from parksim.study.work import Bench, Status, job_of


def test_what_a_worker_has_learnt_goes_to_the_next_few_with_their_next_case(small):
    found = plan(small)
    crew = local.Crew(job_of(found, labels_of(found), reproducible=False, render=None), [], workers=6)
    sent = []

    class Kept(local._Worker):
        def _pipe(self, _name):
            return SimpleNamespace(write=sent.append, flush=lambda: None)

    crew.workers = [Kept(None) for _ in range(6)]
    crew._spread(crew.workers[4], (0, "learnt"))
    told = [worker for worker in crew.workers if worker.news]
    assert told == [crew.workers[at] for at in (0, 1, 5)]
    told[0].send(found.cases[0])
    told[0].send(found.cases[1])
    messages = pickle.loads(b"".join(sent[:1])), pickle.loads(b"".join(sent[1:]))
    assert [news for _, news in messages] == [[(0, "learnt")], []]


def test_a_bench_hands_on_what_it_hears_to_the_solver_of_the_group():
    """Of two benches the second hears of a case that only the first has solved; that of another group is let go."""
    table = testing.random_table(3, hours=24 * 59, peaks=False)
    found = plan(Study(park=read_park(table), axes={"components.grid.import_max_mw": [20.0, 30.0, 40.0]}))
    job = job_of(found, labels_of(found), reproducible=False, render=None)
    one, other = Bench(job, shares=True), Bench(job)
    learnt = [one.outcome(case).learnt for case in found.cases[:2]]
    assert None not in learnt
    assert other.outcome(found.cases[0]).learnt is None
    other.hear([(0, learnt[1]), (1, learnt[1])])
    assert other.outcome(found.cases[2]).status == Status.SOLVED
    assert len(other._live.warm.recall) == 3


def test_a_worker_remembers_only_so_much_of_what_is_told_while_it_is_busy():
    worker = local._Worker(None)
    worker.news.extend((0, number) for number in range(2 * REMEMBERED))
    assert len(worker.news) == REMEMBERED
    assert worker.news[-1] == (0, 2 * REMEMBERED - 1)


def test_a_message_that_is_cut_off_ends_the_worker():
    """The sweep was killed in the middle of one: the worker ends, without a word, instead of waiting for ever."""
    found = plan(Study(park="two-days", axes={"components.battery.energy_max_mwh": [0.0, 4.0]}))
    job = pickle.dumps(job_of(found, labels_of(found), reproducible=False, render=None))
    process = local._process()
    process.stdin.write(job)
    process.stdin.flush()
    assert pickle.load(process.stdout) == local.READY
    process.stdin.write(pickle.dumps((found.cases[0], []))[:-20])
    process.stdin.close()
    assert process.wait(60) == 0
    process.stdout.close()
    other = local._process()
    other.stdin.write(job[:-20])
    other.stdin.close()
    assert other.wait(60) == 0
    other.stdout.close()


def test_what_a_case_starts_from_moves_no_figure():
    """In order, and backwards with all that the other has learnt: as a sweep that was killed and went on elsewhere."""
    table = testing.random_table(3, hours=24 * 59, peaks=False)
    axes = {"components.grid.import_max_mw": [20.0, 30.0, 40.0], "components.battery.wear_cny_per_mwh": [10.0, 90.0]}
    found = plan(Study(park=read_park(table), axes=axes))
    labels = labels_of(found)
    job = job_of(found, labels, reproducible=False, render=None)
    one, other = Bench(job, shares=True), Bench(job)
    first = [one.outcome(case) for case in found.cases]
    other.outcome(found.cases[-1])
    other.hear((0, outcome.learnt) for outcome in first)
    cost = [*labels.indicators].index("objective_cny")
    for outcome in first[::-1]:
        again = other.outcome(found.cases[outcome.case])
        figures, same = (np.frombuffer(each.chunks["indicator_value"]) for each in (outcome, again))
        assert same[cost] == pytest.approx(figures[cost], rel=1e-9)
        assert same == pytest.approx(figures, rel=1e-6, abs=1e-6, nan_ok=True)
