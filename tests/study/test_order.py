"""Chains: every case in one of them, near cases next to each other, and nothing left to chance."""

from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import parksim as ps
from parksim import tours
from parksim.study import order
from parksim.study.plan import NO_GROUP, Case, Group, Plan

PARK = ps.load_park("two-days")
STUDY = ps.Study(park=PARK, axes={"components.battery.energy_max_mwh": [0, 10]})


def planned(points, groups, problems):
    """A plan of cases at some positions."""
    cases = [
        Case(n, (n,), f"case {n}", g if not bad else NO_GROUP, {}, tuple(point), "wrong" if bad else "")
        for n, (point, g, bad) in enumerate(zip(points, groups, problems, strict=True))
    ]
    own = tuple(Group(g, PARK, f"key {g}") for g in range(max(groups, default=0) + 1))
    return Plan(STUDY, PARK, (), own, tuple(cases), "key")


@st.composite
def plans(draw):
    count = draw(st.integers(1, 150))
    points = draw(arrays(float, (count, 3), elements=st.sampled_from([0.0, 0.25, 0.5, 1.0])))
    groups = draw(st.lists(st.integers(0, 2), min_size=count, max_size=count))
    problems = draw(st.lists(st.booleans(), min_size=count, max_size=count))
    return planned(points.tolist(), groups, problems)


def walked(points, walk):
    points = np.array(points)[np.array(walk, int)]
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())


@settings(max_examples=60, deadline=None)
@given(plan=plans(), parts=st.integers(1, 40), skipped=st.sets(st.integers(0, 149)))
def test_every_case_that_is_left_stands_in_one_chain(plan, parts, skipped):
    found = order.chains(plan, skip=skipped, parts=parts)
    told = [number for chain in found for number in chain.cases]
    left = [case for case in plan.cases if not case.problem and case.number not in skipped]
    assert sorted(told) == [case.number for case in left]
    assert all(plan.cases[number].group == chain.group for chain in found for number in chain.cases)
    assert all(0 < len(chain.cases) <= order.LONGEST for chain in found)
    assert len(found) >= min(parts, len(left))
    assert found == order.chains(plan, skip=skipped, parts=parts)


def test_tours_go_through_every_stretch_of_many_points(monkeypatch):
    monkeypatch.setattr(tours, "AT_ONCE", 7)
    points = np.random.default_rng(4).uniform(size=(17, 2))
    walk = tours.tours(points)
    for start in (0, 7, 14):
        assert walk[start : start + 7].tolist() == (start + tours.tour(points[start : start + 7])).tolist()


@settings(max_examples=100, deadline=None)
@given(points=arrays(float, st.tuples(st.integers(1, 60), st.integers(1, 4)), elements=st.floats(0, 1, width=16)))
def test_a_tour_is_never_longer_than_the_order_of_the_plan(points):
    walk = tours.tour(points)
    assert sorted(walk.tolist()) == list(range(len(points)))
    assert walked(points, walk) <= walked(points, range(len(points))) + 1e-9


@pytest.mark.parametrize("seed", range(8))
def test_a_short_tour_is_near_the_shortest(seed):
    points = np.random.default_rng(seed).random((8, 2))
    best = min(walked(points, (0, *rest)) for rest in permutations(range(1, 8)))
    assert walked(points, tours.tour(points)) <= 1.05 * best + 1e-9


def test_a_grid_is_walked_step_by_step():
    """No step of a tour over a crossed study is longer than that of its finest axis."""
    points = np.array(list(product(np.linspace(0, 1, 5), np.linspace(0, 1, 3), np.linspace(0, 1, 5))))
    np.random.default_rng(1).shuffle(points)
    walk = tours.tour(points)
    finest = 0.25 * (len(points) - 1)
    assert finest <= walked(points, walk) <= 1.1 * finest


def test_parts_have_nearly_the_same_length():
    plan = planned(np.random.default_rng(2).random((101, 2)).tolist(), [0] * 101, [False] * 101)
    lengths = [len(chain.cases) for chain in order.chains(plan, parts=4)]
    assert sum(lengths) == 101
    assert max(lengths) - min(lengths) <= 1
    assert len(order.chains(plan, parts=1)) == 3  # none longer than LONGEST


def test_long_tours_are_taken_in_stretches(monkeypatch):
    monkeypatch.setattr(order, "AT_ONCE", 20)
    plan = planned(np.random.default_rng(3).random((50, 2)).tolist(), [0] * 50, [False] * 50)
    told = [number for chain in order.chains(plan, parts=1) for number in chain.cases]
    assert sorted(told) == list(range(50))
    assert set(told[:20]) == set(range(20))


def test_nothing_left_is_no_chain():
    plan = planned([[0.0]], [0], [False])
    assert order.chains(plan, skip={0}, parts=3) == ()
