"""The parts of the search: the LP as a function of capacities, a sample of its steps, nearest points."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import nnls

from parksim import testing
from parksim.errors import StructureError
from parksim.lp.affine import MOVING, affine, sample, with_capacities
from parksim.lp.cuts import Box, Master
from parksim.lp.highs import Solver
from parksim.lp.layout import NumberRef
from parksim.lp.level import Search, Surface
from parksim.lp.project import least_squares, nearest

SEEDS = st.integers(0, 10_000)
some = settings(max_examples=15, deadline=None)


def capacities(park):
    return [
        NumberRef(name, field)
        for name, component in park.components.items()
        for field in component.capacities()
        if component.kind != "reservoir"
    ]


def made(seed, *, hours=24):
    park, inputs, program, _ = testing.expand(testing.random_table(seed, hours=hours))
    refs = capacities(park)
    x = np.array([inputs.values[ref.component][ref.name] for ref in refs])
    return program, inputs.values, refs, x, affine(program, inputs.values, refs, most=2.0 * x + 1.0)


@some
@given(seed=SEEDS)
def test_the_lp_put_together_is_the_lp_filled(seed):
    program, values, refs, x, lp = made(seed)
    ours, theirs = lp.at(0.7 * x), program.fill(with_capacities(values, refs, 0.7 * x))
    for name in ("start", "index", "value", "cost", *MOVING):
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-14, atol=1e-12)


@some
@given(seed=SEEDS, other=SEEDS)
def test_a_cut_touches_where_it_was_made_and_lies_below_elsewhere(seed, other):
    _, _, _, x, lp = made(seed)
    here = Solver(lp.at(x)).run()
    cut = lp.cut(here)
    assert cut.at(x) == pytest.approx(here.objective_cny, rel=1e-9, abs=1e-6)
    there = x * np.random.default_rng(other).uniform(0.3, 2.0, len(x))
    solution = Solver(lp.at(there)).run()
    if solution.optimal:
        assert cut.at(there) <= solution.objective_cny + 1e-7 * abs(solution.objective_cny) + 1e-6


@some
@given(seed=SEEDS)
def test_a_sample_of_every_step_is_the_whole(seed):
    program, _, _, x, lp = made(seed)
    whole, every = lp.at(x), sample(lp, program, np.arange(24)).at(x)
    assert Solver(every).run().objective_cny == pytest.approx(Solver(whole).run().objective_cny, rel=1e-9)
    assert every.shape == whole.shape


def test_a_sample_of_a_day_repeated_is_that_day():
    """Days alike: every other one, counted twice, costs what all of them cost."""
    table = testing.random_table(11, hours=24, peaks=False)
    for section in ("components", "tariffs"):
        for entry in table[section].values():
            for name, value in entry.items():
                if isinstance(value, list):
                    entry[name] = value * 4
    for entry in table["components"].values():
        entry.pop("energy_start_fraction", None)
        entry.pop("energy_end_fraction", None)
    table["time"]["hours"] = 96
    table["time"]["first_day"] = "01-02"
    park, inputs, program, _ = testing.expand(table)
    refs = capacities(park)
    x = np.array([inputs.values[ref.component][ref.name] for ref in refs])
    lp = affine(program, inputs.values, refs, most=x + 1.0)
    steps = np.flatnonzero(np.arange(96) // 24 % 2 == 1)
    half = Solver(sample(lp, program, steps).at(x)).run()
    assert half.objective_cny == pytest.approx(Solver(lp.at(x)).run().objective_cny, rel=1e-6)


@settings(max_examples=8, deadline=None)
@given(seed=SEEDS)
def test_a_guide_changes_the_way_and_not_the_end(seed):
    program, _, _, x, lp = made(seed, hours=72)
    box = Box(np.zeros(len(x)), 2.0 * x + 1.0, np.zeros(len(x)))
    invest = np.random.default_rng(seed).uniform(0.0, 3_000.0, len(x))

    def search(surface):
        return Search(surface, Master(box, invest), lambda _: None)

    small = sample(lp, program, np.arange(36))
    guide = search(Surface(small, lambda one: Solver(one).run()))
    guide.run(x, gap=1e-3)
    ended = []
    for helper in (guide, None):
        found = search(Surface(lp, lambda one: Solver(one).run(), screen=helper.surface if helper else None))
        found.run(x, gap=1e-7, guide=helper)
        ended.append(found.best_cny)
        assert found.gap <= 1.01e-7
    assert ended[0] == pytest.approx(ended[1], rel=1e-6)


def test_a_capacity_that_multiplies_a_flow_is_refused():
    _, inputs, program, _ = testing.expand(testing.random_table(0))
    ratio = NumberRef("grid", "peak_ratio")
    with pytest.raises(StructureError, match="may not multiply a flow"):
        affine(program, inputs.values, [ratio], most=np.ones(1))


@some
@given(seed=SEEDS)
def test_least_squares_agree_with_scipy(seed):
    rng = np.random.default_rng(seed)
    matrix, right = rng.normal(size=(4, 9)), rng.normal(size=4)
    found = least_squares(matrix, right)
    assert found is not None
    assert found.min() >= 0.0
    assert np.linalg.norm(matrix @ found - right) == pytest.approx(nnls(matrix, right)[1], abs=1e-9)


@some
@given(seed=SEEDS)
def test_nearest_points_are_allowed_and_nothing_allowed_is_nearer(seed):
    rng = np.random.default_rng(seed)
    inside, z = rng.uniform(size=3), rng.normal(size=3) * 3.0
    matrix = rng.normal(size=(12, 3)) * 10.0 ** rng.uniform(-3, 5, size=(12, 1))
    right = matrix @ inside + rng.uniform(0.0, 0.1, 12) * np.linalg.norm(matrix, axis=1)
    y = nearest(z, matrix=matrix, right=right)
    assert y is not None
    norm = np.linalg.norm(matrix, axis=1)
    assert ((matrix @ y - right) / norm).max() <= 1e-8
    # towards any allowed point the distance grows at once
    assert (y - z) @ (inside - y) >= -1e-7
    assert nearest(z, matrix=np.array([[1.0, 0, 0], [-1.0, 0, 0]]), right=np.array([0.0, -1.0])) is None
