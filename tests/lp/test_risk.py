"""What counts of the costs of scenarios: the definition, its limits, and that blends of cuts never lie above it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from parksim.lp.affine import CuttingPlane
from parksim.lp.cuts import Box, Master
from parksim.lp.risk import Risk

SEEDS = st.integers(0, 10_000)
LEVELS = st.sampled_from([0.0, 0.3, 0.5, 0.9, 1.0])


def drawn(seed, level, weight=0.6):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 7))
    weights = rng.uniform(0.1, 1.0, count)
    return rng, Risk(weights / weights.sum(), weight, level)


@given(seed=SEEDS, level=LEVELS)
def test_the_tail_is_the_least_of_its_definition(seed, level):
    rng, risk = drawn(seed, level)
    costs = np.round(rng.normal(size=risk.scenarios), 1) * 1e6  # ties too
    if level == 1.0:
        assert risk.cvar(costs) == costs.max()
        return
    tried = [eta + risk.probability @ np.maximum(costs - eta, 0.0) / (1.0 - level) for eta in costs]
    assert risk.cvar(costs) == pytest.approx(min(tried), rel=1e-9, abs=1e-3)
    assert risk.expected(costs) <= risk.cvar(costs) + 1e-3 <= costs.max() + 2e-3


@given(seed=SEEDS)
def test_level_0_is_the_mean(seed):
    rng, risk = drawn(seed, 0.0)
    costs = rng.normal(size=risk.scenarios)
    assert risk.value(costs) == pytest.approx(risk.probability @ costs)


def test_three_scenarios_by_hand():
    """The dearest 40 % are all of the 300 (30 %) and a third of the 200: (0.3 * 300 + 0.1 * 200) / 0.4 = 275."""
    risk = Risk(np.array([0.4, 0.3, 0.3]), 0.5, 0.6)
    costs = np.array([100.0, 300.0, 200.0])
    assert risk.cvar(costs) == pytest.approx(275.0)
    assert risk.expected(costs) == pytest.approx(190.0)
    assert risk.value(costs) == pytest.approx(232.5)
    np.testing.assert_allclose(risk.weights(costs), [0.2, 0.525, 0.275])


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, level=LEVELS, weight=st.sampled_from([0.0, 0.4, 1.0]))
def test_the_master_is_the_least_of_what_counts(seed, level, weight):
    """Over random cuts of each scenario, its lowest point is that of brute force, and blends bound it everywhere."""
    rng, risk = drawn(seed, level, weight)
    box = Box(np.zeros(2), np.ones(2), np.zeros(2))
    invest = rng.uniform(0.0, 1.0, 2)
    master = Master(box, invest, risk)
    cuts = [[CuttingPlane(float(rng.normal()), rng.normal(size=2)) for _ in range(4)] for _ in range(risk.scenarios)]

    def value(x):
        return invest @ x + risk.value(np.array([max(cut.at(x) for cut in own) for own in cuts]))

    grid = [np.array([a, b]) for a in np.linspace(0, 1, 21) for b in np.linspace(0, 1, 21)]
    best = min(map(value, grid))
    for number in range(4):
        parts = [own[number] for own in cuts]
        at = np.array([part.constant for part in parts])
        mixed = risk.weights(at)
        blend = CuttingPlane(float(mixed @ at), mixed @ np.array([part.slope for part in parts]))
        master.add(blend, best, parts)
    found = master.lowest()
    assert found is not None
    x, bound = found
    assert bound == pytest.approx(value(x), rel=1e-6, abs=1e-6)
    assert bound <= best + 1e-6
    level_cny = bound + 0.3 * (best - bound) + 1e-3
    near = master.nearest(np.ones(2), level_cny=level_cny)
    assert near is not None
    assert value(near) <= level_cny + 0.05 * abs(best - level_cny) + 1e-6
    for cut in master.cuts:
        assert all(cut.at(y) <= value(y) + 1e-9 for y in grid[::7])


def test_the_master_of_the_tail_is_an_lp_of_the_textbook():
    """min x + cvar(max(0, d - 3 x)) over d = 1, 2, 4 at level 2/3: the worst alone, so x = 4/3."""
    risk = Risk(np.full(3, 1.0 / 3.0), 1.0, 2.0 / 3.0)
    master = Master(Box(np.zeros(1), np.full(1, 4.0), np.zeros(1)), np.ones(1), risk)
    zero = CuttingPlane(0.0, np.zeros(1))
    falling = [CuttingPlane(d, np.array([-3.0])) for d in (1.0, 2.0, 4.0)]
    master.add(CuttingPlane(4.0, np.array([-3.0])), 4.0, falling)
    master.add(zero, 4.0, [zero] * 3)
    found = master.lowest()
    assert found is not None
    assert found[0][0] == pytest.approx(4.0 / 3.0)
    right = linprog([1.0, 1.0], A_ub=[[-3.0, -1.0]], b_ub=[-4.0], bounds=[(0, 4), (0, None)]).fun
    assert found[1] == pytest.approx(right)
