"""Green tracing against a slow, obvious reference on random networks, by hand, and by its invariants."""

import numpy as np
import pytest

from parksim.kernels import mix
from parksim.kernels.mix import CHARGE, CONVERT_IN, CONVERT_OUT, DISCHARGE, FEEDS, GREEN, OTHER, SINK, green_mix


def trace(flows, levels, *, n_nodes, keep=1.0, gain=1.0, drain=1.0, cyclic=None, start=None, share_start=None):
    """Call `green_mix` with flows given as (kind, node, group, power)."""
    levels = np.atleast_2d(np.asarray(levels, float)) if len(levels) else np.empty((0, len(flows[0][3])))
    kind = np.array([f[0] for f in flows])
    return green_mix(
        np.array([f[3] for f in flows], float),
        flow_node=np.array([f[1] for f in flows]),
        flow_feeds=np.array(FEEDS)[kind],
        flow_kind=kind,
        flow_group=np.array([f[2] for f in flows]),
        n_nodes=n_nodes,
        level_mwh=levels,
        keep=keep,
        gain_mwh_per_mw=gain,
        drain_mwh_per_mw=drain,
        cyclic=np.ones(len(levels), bool) if cyclic is None else np.array(cyclic),
        level_start_mwh=start,
        share_start=share_start,
    )


def reference(flows, levels, *, n_nodes, keep, gain, drain, cyclic, start, share_start):
    """Sweep node by node until nothing moves, year by year until the cyclic stores close."""
    steps, stores = len(flows[0][3]), len(levels)
    of = lambda kind, group: [f for f in flows if f[0] == kind and f[2] == group]  # noqa: E731
    begin = [levels[s][-1] if cyclic[s] else start[s] for s in range(stores)]
    content0 = [share_start[s] * begin[s] for s in range(stores)]
    for _ in range(3000):
        content = list(content0)
        shares, contents = np.zeros((n_nodes, steps)), np.zeros((stores, steps))
        for t in range(steps):
            before = [begin[s] if t == 0 else levels[s][t - 1] for s in range(stores)]
            share = np.zeros(n_nodes)
            for _ in range(50_000):
                old = share.copy()
                through = lambda kind, g: mean([(f[3][t], share[f[1]]) for f in of(kind, g)])  # noqa: E731, B023

                def leaving(s):
                    held = content[s] / before[s] if before[s] > 0 else 0.0  # noqa: B023
                    drawn = drain[s] * sum(f[3][t] for f in of(DISCHARGE, s))  # noqa: B023
                    if drawn <= keep[s] * before[s]:  # noqa: B023
                        return held
                    from_store = keep[s] * before[s]  # noqa: B023
                    return (from_store * held + (drawn - from_store) * through(CHARGE, s)) / drawn  # noqa: B023

                for n in range(n_nodes):
                    parts = []
                    for kind, node, group, power in flows:
                        if node != n or not FEEDS[kind]:
                            continue
                        value = {GREEN: lambda _: 1.0, OTHER: lambda _: 0.0, DISCHARGE: leaving}.get(kind)
                        parts.append((power[t], value(group) if value else through(CONVERT_IN, group)))
                    share[n] = mean(parts)
                if np.abs(share - old).max() < 1e-16:
                    break
            shares[:, t] = share
            out = [leaving(s) for s in range(stores)]
            for s in range(stores):
                green_in = gain[s] * sum(f[3][t] * share[f[1]] for f in of(CHARGE, s))
                content[s] = (
                    keep[s] * content[s] + green_in - drain[s] * out[s] * sum(f[3][t] for f in of(DISCHARGE, s))
                )
                contents[s, t] = content[s]
        gap = max((abs(content[s] - content0[s]) for s in range(stores) if cyclic[s]), default=0.0)
        if gap < 1e-14:
            break
        content0 = [content[s] if cyclic[s] else content0[s] for s in range(stores)]
    return shares, contents


def mean(parts):
    total = sum(power for power, _ in parts)
    return sum(power * share for power, share in parts) / total if total > 0 else 0.0


def random_network(seed, steps=12):
    """Random powers with many zeros; levels follow from a start level, and discharge is cut to what there is."""
    rng = np.random.default_rng(seed)
    n_nodes, stores, converters = rng.integers(1, 5), rng.integers(0, 4), rng.integers(0, 5)
    power = lambda: rng.uniform(0.5, 10, steps) * (rng.random(steps) < 0.7)  # noqa: E731
    at = lambda: int(rng.integers(n_nodes))  # noqa: E731
    flows = [
        (GREEN, at(), -1, power()),
        (OTHER, at(), -1, power()),
        (OTHER, at(), -1, power()),
        (SINK, at(), -1, power()),
    ]
    for c in range(converters):
        flows += [(CONVERT_IN, at(), c, power()) for _ in range(rng.integers(1, 3))]
        flows += [(CONVERT_OUT, at(), c, power()) for _ in range(rng.integers(1, 3))]
    keep, gain, drain = rng.uniform(0.9, 1, stores), rng.uniform(0.8, 1, stores), rng.uniform(1, 1.2, stores)
    cyclic, start = rng.random(stores) < 0.5, np.zeros(stores)
    levels = np.zeros((stores, steps))
    for s in range(stores):
        charge, discharge = power(), power()
        # A cyclic store starts empty and is emptied in the last step.
        start[s] = 0.0 if cyclic[s] else rng.choice([0.0, 8.0])
        level = start[s]
        for t in range(steps):
            most = (keep[s] * level + gain[s] * charge[t]) / drain[s]
            discharge[t] = most if cyclic[s] and t == steps - 1 else min(discharge[t], most)
            level = keep[s] * level + gain[s] * charge[t] - drain[s] * discharge[t]
            level = level if level > 1e-12 else 0.0
            levels[s, t] = level
        flows += [(CHARGE, at(), s, charge), (DISCHARGE, at(), s, discharge)]
    share_start = rng.random(stores)
    return flows, levels, {
        "n_nodes": int(n_nodes), "keep": keep, "gain": gain, "drain": drain, "cyclic": cyclic, "start": start,
        "share_start": share_start,
    }  # fmt: skip


def lasting_store(seed, steps=12):
    """A cyclic store that is never emptied (exactly periodic flows), linked with a second one."""
    rng = np.random.default_rng(seed)
    charge, discharge = np.zeros((2, steps)), np.zeros((2, steps))
    charge[:, ::2], discharge[:, 1::2] = 3.0, 3.0
    levels = np.full((2, 1), 20.0) + np.cumsum(charge - discharge, axis=1)
    flows = [
        (GREEN, 0, -1, rng.uniform(0, 5, steps)),
        (OTHER, 0, -1, rng.uniform(0, 5, steps)),
        (OTHER, 1, -1, rng.uniform(0, 5, steps)),
        *((CHARGE, s, s, charge[s]) for s in (0, 1)),
        *((DISCHARGE, 1 - s, s, discharge[s]) for s in (0, 1)),
    ]
    ones = np.ones(2)
    return flows, levels, {
        "n_nodes": 2, "keep": ones, "gain": ones, "drain": ones, "cyclic": [True, True], "start": None,
        "share_start": np.zeros(2),
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(60))
def test_random_networks_agree_with_the_reference(seed):
    flows, levels, rest = random_network(seed)
    got = trace(flows, levels, **rest)
    shares, contents = reference(flows, levels, **rest)
    np.testing.assert_allclose(got.node_share, shares, rtol=0, atol=1e-11)
    np.testing.assert_allclose(got.content_mwh, contents, rtol=0, atol=1e-10)
    assert got.level_gap_mwh < 1e-12
    assert got.gap_mwh < 1e-11


@pytest.mark.parametrize("seed", range(4))
def test_lasting_cyclic_stores_agree_with_the_reference(seed):
    flows, levels, rest = lasting_store(seed)
    got = trace(flows, levels, **rest)
    shares, contents = reference(flows, levels, **rest)
    np.testing.assert_allclose(got.node_share, shares, rtol=0, atol=1e-11)
    np.testing.assert_allclose(got.content_mwh, contents, rtol=0, atol=1e-10)
    assert got.gap_mwh < 1e-10
    assert got.passes < 12


def test_compiled_equals_python():
    rng = np.random.default_rng(0)
    link, green, other = rng.random((6, 6)), rng.random(6), rng.random(6)
    compiled = mix.shares_of_mix(link, green, other, np.zeros(6))
    np.testing.assert_allclose(compiled, mix.shares_of_mix.py_func(link, green, other, np.zeros(6)), rtol=1e-15)
    # Oracle: the plain linear system (1) of the docstring.
    system = np.diag(green + other + link.sum(axis=1)) - link
    np.testing.assert_allclose(compiled, np.linalg.solve(system, green), rtol=1e-13)


def test_pot_without_inflow_hands_its_own_share_on():
    # Pot 0 has no inflow and the share 0.3; pot 1 takes 1 from it and 1 green, pot 2 takes 1 from each of them.
    link = np.array([[0.0, 0, 0], [1, 0, 0], [1, 1, 0]])
    for order in ([0, 1, 2], [2, 1, 0], [1, 0, 2]):
        turned = np.ascontiguousarray(link[np.ix_(order, order)])
        green, lone = np.array([0.0, 1, 0])[order], np.array([0.3, 0, 0])[order]
        got = mix.shares_of_mix(turned, green, np.zeros(3), lone)
        np.testing.assert_allclose(got, np.array([0.3, 0.65, 0.475])[order], rtol=1e-15)


def test_compiled_trace_equals_python(monkeypatch):
    flows, levels, rest = random_network(11)
    compiled = trace(flows, levels, **rest)
    for name in ("_trace", "_store_step", "_eliminate", "_given_and_taken"):
        monkeypatch.setattr(mix, name, getattr(mix, name).py_func)
    plain = trace(flows, levels, **rest)
    np.testing.assert_allclose(plain.node_share, compiled.node_share, rtol=0, atol=1e-14)
    np.testing.assert_allclose(plain.flow_share, compiled.flow_share, rtol=0, atol=1e-14)


def test_a_pass_that_ends_early_gives_what_a_whole_one_does(monkeypatch):
    real, passes = mix._trace, []

    def anew(*arguments):
        arguments[-1].fill(np.nan)
        real(*arguments)

    for seed in range(120):
        flows, levels, rest = random_network(seed, steps=48)
        if not rest["cyclic"].all():
            continue
        flows = [(*kind, np.roll(power, 20)) for *kind, power in flows]  # so that stores hold something at the end
        rest, levels = rest | {"start": None}, np.roll(levels, 20, axis=1)
        short = trace(flows, levels, **rest)
        with monkeypatch.context() as patch:
            patch.setattr(mix, "_trace", anew)
            whole = trace(flows, levels, **rest)
        passes.append(whole.passes)
        for name in short._fields:
            np.testing.assert_array_equal(getattr(short, name), getattr(whole, name), err_msg=f"{seed} {name}")
    assert np.sum(np.array(passes) > 1) > 10


def test_a_second_pass_ends_where_the_store_is_empty(monkeypatch):
    # 2 MWh are held over the end of the horizon and are gone after step 0, so steps 1 and 2 are right from the first.
    flows = [
        (GREEN, 0, -1, [0.0, 0.0, 2.0]),
        (SINK, 0, -1, [2.0, 0.0, 0.0]),
        (CHARGE, 0, 0, [0.0, 0.0, 2.0]),
        (DISCHARGE, 0, 0, [2.0, 0.0, 0.0]),
    ]
    real, written = mix._trace, []

    def spied(*arguments):
        shares = arguments[-2]
        shares.fill(np.nan)
        real(*arguments)
        written.append(np.isfinite(shares[0]).tolist())

    monkeypatch.setattr(mix, "_trace", spied)
    trace(flows, [[0.0, 0.0, 2.0]], n_nodes=1)
    assert written == [[True, True, True], [True, False, False]]


def test_one_node_by_hand():
    # 3 MW green and 1 MW other meet at one node: every outflow is 3/4 green.
    got = trace([(GREEN, 0, -1, [3.0]), (OTHER, 0, -1, [1.0]), (SINK, 0, -1, [4.0])], [], n_nodes=1)
    assert got.node_share[0, 0] == 0.75
    assert list(got.flow_share[:, 0]) == [1.0, 0.0, 0.75]
    assert got.passes == 1


def test_store_by_hand():
    # Hour 1: 6 green + 2 other, 8 into an empty store with gain 0.5: level 4, content 3.
    # Hour 2: 4 other charge it: level 6, content 3. Hour 3: discharge 3 with drain 2 at 3/6: content 3 - 2*3*0.5 = 0.
    flows = [
        (GREEN, 0, -1, [6, 0, 0]),
        (OTHER, 0, -1, [2, 4, 0]),
        (CHARGE, 0, 0, [8, 4, 0]),
        (DISCHARGE, 0, 0, [0, 0, 3]),
        (SINK, 0, -1, [0, 0, 3]),
    ]
    got = trace(flows, [[4, 6, 0]], n_nodes=1, gain=0.5, drain=2.0)
    assert list(got.content_mwh[0]) == [3.0, 3.0, 0.0]
    assert list(got.node_share[0]) == [0.75, 0.0, 0.5]
    assert got.level_gap_mwh == 0.0


def test_empty_store_hands_on_the_charge_of_the_step():
    # Charge and discharge in one step from empty: the charge is 3/4 green at node 0, so is node 1.
    flows = [
        (GREEN, 0, -1, [3.0]),
        (OTHER, 0, -1, [1.0]),
        (CHARGE, 0, 0, [4.0]),
        (DISCHARGE, 1, 0, [2.0]),
        (SINK, 1, -1, [2.0]),
    ]
    got = trace(flows, [[2.0]], n_nodes=2, cyclic=[False], start=np.zeros(1))
    assert got.node_share[1, 0] == 0.75
    assert got.content_mwh[0, 0] == 1.5


def test_discharge_beyond_the_start_level_takes_the_charge():
    # Start 1 MWh all green, charge 9 not green, discharge 10: 1/10 green; naive (1) would give 10 green out of 1.
    flows = [(OTHER, 0, -1, [9.0]), (CHARGE, 0, 0, [9.0]), (DISCHARGE, 1, 0, [10.0])]
    got = trace(flows, [[0.0]], n_nodes=2, cyclic=[False], start=np.ones(1), share_start=np.ones(1))
    assert got.node_share[1, 0] == pytest.approx(0.1, rel=1e-15)
    assert got.content_mwh[0, 0] == 0.0


def test_rounding_in_an_empty_store_does_not_matter():
    # The level 1e-9 of an "empty" store must not decide the share of 2 MW.
    flows = [(GREEN, 0, -1, [4.0]), (CHARGE, 0, 0, [4.0]), (DISCHARGE, 1, 0, [2.0]), (SINK, 1, -1, [2.0])]
    got = trace(flows, [[2.0 + 1e-9]], n_nodes=2, cyclic=[False], start=np.array([1e-9]))
    assert got.node_share[1, 0] == pytest.approx(1.0, abs=1e-8)


def test_converter_passes_the_mix_on_whatever_its_gain():
    # A heat pump with COP 3 on a half green node makes half green heat; two draws are weighted by power.
    flows = [
        (GREEN, 0, -1, [1.0]),
        (OTHER, 0, -1, [1.0]),
        (CONVERT_IN, 0, 0, [2.0]),
        (CONVERT_IN, 2, 0, [6.0]),
        (CONVERT_OUT, 1, 0, [6.0]),
        (GREEN, 2, -1, [6.0]),
    ]
    assert trace(flows, [], n_nodes=3).node_share[1, 0] == (2 * 0.5 + 6 * 1.0) / 8


def test_ring_of_converters():
    # Electricity to hydrogen and back: e = (5 green + 5 other + 4 h) / 14 with h = e, so both are 1/2.
    flows = [
        (GREEN, 0, -1, [5.0]),
        (OTHER, 0, -1, [5.0]),
        (CONVERT_IN, 0, 0, [12.0]),
        (CONVERT_OUT, 1, 0, [8.0]),
        (CONVERT_IN, 1, 1, [8.0]),
        (CONVERT_OUT, 0, 1, [4.0]),
    ]
    np.testing.assert_allclose(trace(flows, [], n_nodes=2).node_share[:, 0], 0.5, rtol=1e-15)


def test_nearly_closed_ring_is_exact():
    # 1e-9 MW from outside against 1 MW in the ring: iterating would need 1e9 sweeps. All inflow is 1/4 green.
    flows = [
        (GREEN, 0, -1, [0.25e-9]),
        (OTHER, 0, -1, [0.75e-9]),
        (CONVERT_IN, 0, 0, [1.0]),
        (CONVERT_OUT, 1, 0, [1.0]),
        (CONVERT_IN, 1, 1, [1.0]),
        (CONVERT_OUT, 0, 1, [1.0]),
    ]
    np.testing.assert_allclose(trace(flows, [], n_nodes=2).node_share[:, 0], 0.25, rtol=1e-12)


def test_ring_without_source_is_not_green():
    ring = [
        (CONVERT_IN, 0, 0, [1.0]),
        (CONVERT_OUT, 1, 0, [1.0]),
        (CONVERT_IN, 1, 1, [1.0]),
        (CONVERT_OUT, 0, 1, [1.0]),
        (CONVERT_IN, 1, 2, [1.0]),
        (CONVERT_OUT, 2, 2, [1.0]),
        (GREEN, 2, -1, [1.0]),
    ]
    assert list(trace(ring, [], n_nodes=3).node_share[:, 0]) == [0.0, 0.0, 0.5]


def test_node_without_inflow_and_flows_without_node():
    flows = [(GREEN, -1, -1, [5.0]), (OTHER, 0, -1, [1.0]), (SINK, -1, -1, [5.0]), (SINK, 1, -1, [0.0])]
    got = trace(flows, [], n_nodes=2)
    assert list(got.node_share[:, 0]) == [0.0, 0.0]
    assert list(got.flow_share[:, 0]) == [1.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize(("kind", "share"), [(GREEN, 1.0), (OTHER, 0.0)])
def test_pure_sources_make_pure_parks(kind, share):
    for seed in range(8):
        flows, levels, rest = random_network(seed)
        flows = [(kind if f[0] in (GREEN, OTHER) else f[0], *f[1:]) for f in flows]
        # A source at every node, so that no node runs on converters without draw (traced as not green).
        flows += [(kind, n, -1, np.full(levels.shape[1], 0.1)) for n in range(rest["n_nodes"])]
        flows = [f for f in flows if f[0] not in (CONVERT_IN, CONVERT_OUT)]
        rest["share_start"] = np.full(len(levels), share)
        got = trace(flows, levels, **rest)
        np.testing.assert_allclose(got.node_share, share, rtol=0, atol=1e-12)
        np.testing.assert_allclose(got.content_mwh, share * levels, rtol=0, atol=1e-11)


def test_green_energy_is_conserved():
    # A balanced park with a lossless cyclic battery: green made = green used, over the horizon.
    flows, levels, rest = lasting_store(1, steps=24)
    power = np.array([f[3] for f in flows])
    signs = np.array([1 if FEEDS[f[0]] else -1 for f in flows])
    nodes = np.array([f[1] for f in flows])
    for n in (0, 1):
        surplus = signs[nodes == n] @ power[nodes == n]
        flows += [(SINK, n, -1, np.maximum(surplus, 0)), (OTHER, n, -1, np.maximum(-surplus, 0))]
    got = trace(flows, levels, **rest)
    kinds = np.array([f[0] for f in flows])
    green = (np.array([f[3] for f in flows]) * got.flow_share).sum(axis=1)
    assert green[kinds == GREEN].sum() > 10
    assert green[kinds == SINK].sum() == pytest.approx(green[kinds == GREEN].sum(), rel=1e-12)
    assert green[kinds == CHARGE].sum() == pytest.approx(green[kinds == DISCHARGE].sum(), rel=1e-11)


def test_idle_cyclic_store_keeps_its_start_share():
    flows = [(GREEN, 0, -1, [1.0, 1.0]), (SINK, 0, -1, [1.0, 1.0]), (CHARGE, 0, 0, [0, 0]), (DISCHARGE, 0, 0, [0, 0])]
    for share in (0.0, 0.3):
        got = trace(flows, [[5.0, 5.0]], n_nodes=1, share_start=np.array([share]))
        assert list(got.content_mwh[0]) == [5 * share, 5 * share]
        assert got.start_mwh[0] == 5 * share


def test_idle_store_beside_a_lasting_one():
    flows, levels, rest = lasting_store(2)
    zeros = np.zeros(levels.shape[1])
    alone = trace(flows, levels, **rest)
    flows += [(CHARGE, 0, 2, zeros), (DISCHARGE, 0, 2, zeros)]
    levels = np.vstack([levels, zeros + 7.0])
    got = trace(flows, levels, n_nodes=2, share_start=np.array([0.0, 0.0, 0.5]))
    np.testing.assert_allclose(got.content_mwh[2], 3.5, rtol=1e-15)
    np.testing.assert_allclose(got.content_mwh[:2], alone.content_mwh, rtol=1e-12)


def test_slow_seasonal_store_closes():
    # 0.1 % of the level turns over in the horizon: plain passes would need ten thousand.
    charge, discharge = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    flows = [
        (GREEN, 0, -1, [0.6, 1.0]),
        (OTHER, 0, -1, [0.4, 1.0]),
        (CHARGE, 0, 0, charge),
        (DISCHARGE, 0, 0, discharge),
    ]
    got = trace(flows, [[1001.0, 1000.0]], n_nodes=1)
    # Only the charge of hour 1 ever enters, 0.6 green: that is what the store holds.
    np.testing.assert_allclose(got.content_mwh[0], [600.6, 600.0], rtol=1e-9)
    assert got.gap_mwh < 1e-8


def test_missing_store_flows_show_in_the_level_gap():
    flows = [(OTHER, 0, -1, [1.0, 0]), (CHARGE, 0, 0, [1.0, 0]), (DISCHARGE, 0, 0, [0, 1.0])]
    assert trace(flows, [[1.0, 0.0]], n_nodes=1).level_gap_mwh == 0.0
    assert trace(flows, [[1.0, 0.5]], n_nodes=1, cyclic=[False], start=np.zeros(1)).level_gap_mwh == 0.5


def test_rounding_of_levels_does_not_pile_up():
    # Levels off by up to 1e-6 MWh, as a solver leaves them: shares and contents stay in their bounds, park all green.
    rng = np.random.default_rng(8)
    charge, discharge = np.tile([3.0, 0, 3, 0], 500), np.tile([0, 1.0, 0, 5], 500)
    flows = [(GREEN, 0, -1, charge + 1), (CHARGE, 0, 0, charge), (DISCHARGE, 0, 0, discharge)]
    levels = np.maximum(np.cumsum(charge - discharge) + rng.uniform(-1e-6, 1e-6, 2000), 0)[None]
    got = trace(flows, levels, n_nodes=1)
    assert (got.content_mwh <= levels).all()
    assert (got.content_mwh >= 0).all()
    assert (got.node_share <= 1 + 1e-15).all()
    np.testing.assert_allclose(got.node_share, 1.0, rtol=0, atol=1e-5)
    assert got.level_gap_mwh < 3e-6


def test_rates_per_step_and_per_store_agree():
    flows, levels, rest = random_network(5)
    assert len(levels) > 0
    wide = {k: np.repeat(rest[k][:, None], levels.shape[1], axis=1) for k in ("keep", "gain", "drain")}
    np.testing.assert_array_equal(
        trace(flows, levels, **rest).node_share, trace(flows, levels, **(rest | wide)).node_share
    )


def test_rounding_below_zero_counts_as_zero():
    flows = [(GREEN, 0, -1, [1.0]), (OTHER, 0, -1, [-1e-9])]
    assert trace(flows, [], n_nodes=1).node_share[0, 0] == 1.0


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"flow_power_mw": np.array([[np.nan], [1.0]])}, "NaN"),
        ({"flow_power_mw": np.ones(2)}, r"\(flow, time\)"),
        ({"flow_kind": np.array([0, 7])}, "flow_kind"),
        ({"flow_feeds": np.array([True, True])}, r"flow_feeds: flows \[1\]"),
        ({"flow_node": np.array([0, 1])}, "flow_node"),
        ({"flow_group": np.array([-1, 1])}, "flow_group"),
        ({"flow_node": np.array([0, -1])}, "flow_node"),
        ({"level_mwh": np.ones((1, 2))}, "level_mwh"),
        ({"level_mwh": np.array([[np.inf]])}, "level_mwh"),
        ({"keep": -1.0}, "keep"),
        ({"gain_mwh_per_mw": np.nan}, "gain"),
        ({"share_start": np.array([1.5])}, "share_start"),
        ({"cyclic": np.array([False])}, "level_start_mwh"),
    ],
)
def test_bad_input_is_refused(change, match):
    good = {
        "flow_power_mw": np.ones((2, 1)), "flow_node": np.array([0, 0]), "flow_feeds": np.array([True, False]),
        "flow_kind": np.array([GREEN, CHARGE]), "flow_group": np.array([-1, 0]), "n_nodes": 1,
        "level_mwh": np.ones((1, 1)), "keep": 1.0, "gain_mwh_per_mw": 1.0, "drain_mwh_per_mw": 1.0,
        "cyclic": np.array([True]),
    }  # fmt: skip
    bad = good | change
    green_mix(good.pop("flow_power_mw"), **good)
    with pytest.raises(ValueError, match=match):
        green_mix(bad.pop("flow_power_mw"), **bad)


def test_a_year_closes():
    steps = 8760
    rng = np.random.default_rng(3)
    power = lambda: rng.uniform(0, 10, steps)  # noqa: E731
    day, night = np.tile(np.repeat([2.0, 0.0], 12), 365), np.tile(np.repeat([0.0, 2.0], 12), 365)
    flows = [(GREEN, 0, -1, power()), (GREEN, 0, -1, power()), (OTHER, 0, -1, power()), (SINK, 0, -1, power())]
    flows += [(SINK, n, -1, power()) for n in (1, 2, 2)]
    for c, (a, b) in enumerate([(0, 1), (1, 0)]):
        flows += [(CONVERT_IN, a, c, power()), (CONVERT_OUT, b, c, power())]
    for s in (0, 1):
        flows += [(CHARGE, s, s, day), (DISCHARGE, s, s, night)]
    levels = np.cumsum(np.array([day - night, day - night]), axis=1) + np.array([[0.0], [500.0]])
    assert len(flows) == 15
    got = trace(flows, levels, n_nodes=3)
    assert got.gap_mwh < 1e-9
