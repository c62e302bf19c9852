"""Rainflow counting against the standard's own example, the package `rainflow`, and its identities."""

import numpy as np
import pytest
import rainflow as package

from parksim.kernels.cycles import depth_histogram, full_cycles, mean_depth, rainflow, reversals


def random_series(seed, size, kind):
    rng = np.random.default_rng(seed)
    if kind == "walk":
        return np.cumsum(rng.normal(size=size))
    if kind == "levels":  # many ties and plateaus
        return rng.integers(0, 5, size).astype(float)
    if kind == "constant":
        return np.full(size, 3.0)
    return rng.random(size)


@pytest.mark.parametrize("kind", ["walk", "levels", "random", "constant"])
@pytest.mark.parametrize("size", [3, 4, 7, 50, 1000])
def test_agrees_exactly_with_the_package(kind, size):
    for seed in range(20):
        series = random_series(seed, size, kind)
        ours = rainflow(series)
        theirs = list(package.extract_cycles(series))
        assert [tuple(row) for row in zip(*ours, strict=True)] == theirs


def test_the_standards_example():
    # ASTM E1049-85 fig. 6: -2 1 -3 5 -1 3 -4 4 -2. Its table: half cycles of range 3, 4, 8, 9, 8, 6 (A-B, B-C, C-D,
    # D-G, G-H, H-I) and one full cycle of range 4 (E-F).
    got = rainflow(np.array([-2.0, 1, -3, 5, -1, 3, -4, 4, -2]))
    assert list(zip(got.spans, got.counts, strict=True)) == [
        (3, 0.5),
        (4, 0.5),
        (4, 1.0),
        (8, 0.5),
        (9, 0.5),
        (8, 0.5),
        (6, 0.5),
    ]
    assert list(got.means) == [-0.5, -1.0, 1.0, 1.0, 0.5, 0.0, 1.0]


@pytest.mark.parametrize("function", [rainflow, rainflow.py_func])
def test_short_series(function):
    assert function(np.array([])).spans.size == 0
    assert function(np.array([1.0])).spans.size == 0
    # Two values are one half cycle by the standard; the package, which needs three, returns nothing.
    two = function(np.array([1.0, 4.0]))
    assert (two.spans[0], two.means[0], two.counts[0], two.starts[0], two.ends[0]) == (3.0, 2.5, 0.5, 0, 1)


def test_reversals_take_the_end_of_a_plateau():
    assert list(reversals(np.array([0.0, 1, 1, 0, 0, 0, 2]))) == [0, 2, 5, 6]
    assert list(reversals(np.array([0.0, 0, 1, 1]))) == [0, 3]


def test_compiled_equals_python():
    series = random_series(4, 300, "walk")
    for compiled, plain in zip(rainflow(series), rainflow.py_func(series), strict=True):
        np.testing.assert_array_equal(compiled, plain)
    got = rainflow(series)
    edges = np.linspace(0, 1, 6)
    assert full_cycles(series, 2.0) == full_cycles.py_func(series, 2.0)
    assert mean_depth(got.spans, got.counts, 2.0, 0.1) == mean_depth.py_func(got.spans, got.counts, 2.0, 0.1)
    np.testing.assert_array_equal(
        depth_histogram(got.spans, got.counts, 9.0, edges), depth_histogram.py_func(got.spans, got.counts, 9.0, edges)
    )


def test_counted_ranges_keep_the_travel():
    # Dropping a pair of reversals removes Y twice from the path (once up, once down), a half cycle removes it once.
    for seed in range(10):
        series = random_series(seed, 400, "walk")
        got = rainflow(series)
        assert 2 * np.sum(got.counts * got.spans) == pytest.approx(np.sum(np.abs(np.diff(series))), rel=1e-12)
        assert full_cycles(series, 7.0) == pytest.approx(np.sum(got.counts * got.spans) / 7.0, rel=1e-12)


def test_daily_full_cycle():
    # 10 days empty - full - empty: 10 full cycles of depth 1.
    level = np.tile([0.0, 40.0, 80.0, 80.0, 20.0], 10)
    level = np.append(level, 0.0)
    got = rainflow(level)
    assert full_cycles(level, 80.0) == 10.0
    assert got.counts.sum() == 10.0
    assert mean_depth(got.spans, got.counts, 80.0) == 1.0
    histogram = depth_histogram(got.spans, got.counts, 80.0, np.array([0.0, 0.5, 1.0]))
    assert list(histogram) == [0.0, 10.0]


def test_two_depths():
    # Half the days 80 MWh deep, half 20 MWh deep on an 80 MWh store: mean depth (1 + 0.25) / 2, full cycles 4 + 4 / 4.
    level = np.append(np.tile([0.0, 80.0, 0.0, 20.0], 4), 0.0)
    got = rainflow(level)
    assert mean_depth(got.spans, got.counts, 80.0) == pytest.approx(0.625)
    assert full_cycles(level, 80.0) == 5.0
    assert list(depth_histogram(got.spans, got.counts, 80.0, np.array([0.0, 0.25, 0.5, 1.0]))) == [0.0, 4.0, 4.0]


def test_rounding_of_the_solver_is_no_cycle():
    rng = np.random.default_rng(1)
    level = np.append(np.tile([0.0, 80.0], 20).repeat(50), 0.0) + rng.normal(0, 1e-9, 2001)
    got = rainflow(level)
    assert got.counts.sum() > 500
    assert mean_depth(got.spans, got.counts, 80.0) == pytest.approx(1.0)
    assert mean_depth(got.spans, got.counts, 80.0, 0.0) < 0.1
    assert depth_histogram(got.spans, got.counts, 80.0, np.array([1e-6, 1.0])).sum() == pytest.approx(20.0)


@pytest.mark.parametrize("function", [mean_depth, mean_depth.py_func])
def test_no_capacity_and_no_cycles(function):
    none = np.empty(0)
    assert function(none, none, 80.0) == 0.0
    assert function(np.ones(1), np.ones(1), 0.0) == 0.0
    assert full_cycles(np.array([0.0, 1.0]), 0.0) == 0.0
    assert list(depth_histogram(np.ones(1), np.ones(1), 0.0, np.array([0.0, 1.0]))) == [0.0]


@pytest.mark.parametrize("function", [rainflow, rainflow.py_func])
def test_nan_is_refused(function):
    with pytest.raises(ValueError, match="NaN"):
        function(np.array([0.0, np.nan, 1.0]))
    assert np.isnan(full_cycles(np.array([0.0, np.nan, 1.0]), 1.0))


def test_edges_are_checked():
    with pytest.raises(ValueError, match="rise"):
        depth_histogram(np.ones(1), np.ones(1), 1.0, np.array([0.0, 0.5, 0.5]))
    with pytest.raises(ValueError, match="two edges"):
        depth_histogram(np.ones(1), np.ones(1), 1.0, np.array([0.0]))
