"""What one worker has learnt serves the others."""

import pickle
from types import SimpleNamespace

from parksim import testing
from parksim.park import read_park
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
