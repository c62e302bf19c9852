"""Results in the making: accounts read them as they read the Dataset, and where there is no page they are enough."""

import gc
import json
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import parksim as ps
from parksim import testing
from parksim.accounts.audit import recompute
from parksim.accounts.scalars import scalars
from parksim.api import optimum
from parksim.park import read_park
from parksim.phases import Clock
from parksim.results import Attributes, Draft, Values
from parksim.study.cases import plan
from parksim.study.labels import labels_of
from parksim.study.work import Bench, Status, job_of


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000))
def test_accounts_read_a_draft_as_they_read_its_dataset(seed):
    answer = optimum(read_park(testing.random_table(seed, hours=24))).answer
    found, gaps = scalars(answer.draft), recompute(answer.draft)
    np.testing.assert_equal(scalars(answer.ds), found)
    assert recompute(answer.ds) == gaps
    assert answer.gap == next(iter(gaps.values()))


def test_a_dataset_holds_the_arrays_that_were_audited():
    answer = optimum(ps.load_park("two-days")).answer
    audited = answer.draft.variables["power"].to_numpy()
    assert np.shares_memory(answer.ds["power"].to_numpy(), audited)
    assert answer.ds is answer.ds
    assert {*answer.ds.variables} == {*answer.draft.variables}


def page(ds, label):
    """Give a page of two words."""
    return f"{label} {len(ds['time'])}"


@pytest.mark.parametrize("render", [None, page])
def test_only_the_page_of_a_case_needs_a_dataset(render, small, monkeypatch):
    real, made = Draft.dataset, []
    monkeypatch.setattr(Draft, "dataset", lambda draft: made.append(draft) or real(draft))
    found = plan(small)
    outcome = Bench(job_of(found, labels_of(found), reproducible=False, render=render)).outcome(found.cases[0])
    assert outcome.status is Status.SOLVED
    assert (len(made), outcome.page) == ((0, None) if render is None else (1, f"{found.cases[0].label} 48"))


def test_an_array_is_made_when_it_is_first_read_and_only_once():
    asked = []
    values = Values("time", lambda: asked.append(1) or np.arange(3.0), {"units": "MW"})
    draft = Draft({"power": values}, set(), Attributes())
    assert not asked
    assert draft.variables["power"].to_numpy() is draft.dataset().variables["power"].to_numpy()
    assert len(asked) == 1


def test_an_attribute_given_as_a_function_is_made_when_it_is_read():
    asked = []
    attrs = Attributes(park="north", park_toml=lambda: asked.append(1) or "text")
    assert attrs["park"] == "north"
    assert not asked
    assert dict(attrs) == {"park": "north", "park_toml": "text"}
    assert asked == [1]


def test_a_phase_gone_back_to_goes_on_and_is_told_once(monkeypatch):
    told, now = [], iter([0.0, 1.0, 1.0, 3.0, 3.0, 7.0])
    monkeypatch.setattr("parksim.phases.time.perf_counter", lambda: next(now))
    clock = Clock(told.append)
    for phase in ("dataset", "audit", "dataset"):
        clock.start(phase)
    clock.stop()
    assert told == ["dataset", "audit"]
    assert clock.seconds == {"dataset": 5.0, "audit": 2.0}


def test_putting_the_dataset_together_is_among_the_seconds():
    answer = optimum(ps.load_park("two-days")).answer
    before = answer.clock.seconds["dataset"]
    assert json.loads(answer.ds.attrs["solver_info"])["seconds"]["dataset"] > before


def test_what_a_case_leaves_goes_with_its_last_reader():
    """No circle holds its arrays until Python looks for circles, 100 MB later in a worker."""
    live = ps.live(ps.load_park("two-days"))
    gc.collect()
    gc.disable()
    try:
        answer = live.answer()
        left = [weakref.ref(held) for held in (answer.draft, answer.solved.first, answer.solved.ties)]
        del answer
        assert [held() for held in left] == [None, None, None]
    finally:
        gc.enable()
