"""Green energy on a network: what share of every flow and of every store comes from green sources.

One rule: in each step all outflows of a node carry the mix of its inflows. A store hands on the mix it held at the
start of the step, a converter the mix of what it draws.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from parksim.kernels._jit import inlined, kernel

GREEN: Final = 0
"""Kind of a flow: green source, feeds a node."""
OTHER: Final = 1
"""Kind of a flow: source that is not green, feeds a node."""
SINK: Final = 2
"""Kind of a flow: use, leaves a node."""
CHARGE: Final = 3
"""Kind of a flow: leaves a node into a store."""
DISCHARGE: Final = 4
"""Kind of a flow: feeds a node from a store."""
CONVERT_IN: Final = 5
"""Kind of a flow: leaves a node into a converter."""
CONVERT_OUT: Final = 6
"""Kind of a flow: feeds a node from a converter."""

FEEDS: Final = (True, True, False, False, True, False, True)
"""Direction of every kind: True feeds its node."""

PLAIN_PASSES: Final = 4
"""Passes over the horizon before the cyclic stores are solved for at once."""
CLOSED: Final = 1e-12
"""Gap of a cyclic store that counts as closed, in parts of its last level or of 1 MWh if that is more [1]."""


class GreenMix(NamedTuple):
    """Result of `green_mix`.

    Attributes
    ----------
    node_share : ndarray, shape (node, time)
        Green share of what passes the node; 0 where nothing flows in [1].
    flow_share : ndarray, shape (flow, time)
        Green share of every flow: 1 or 0 for a source, 0 for a sink without node [1].
    content_mwh : ndarray, shape (store, time)
        Green content at the end of the step [MWh].
    start_mwh : ndarray, shape (store,)
        Green content before the first step [MWh].
    passes : int
        Passes over the horizon [1].
    gap_mwh : float
        Largest difference of last and first content among the cyclic stores [MWh].
    level_gap_mwh : float
        Largest residual of the given levels in the level equation of `green_mix`. Where it is not small, a store has
        flows that were not given, and its green content means nothing [MWh].
    """

    node_share: np.ndarray
    flow_share: np.ndarray
    content_mwh: np.ndarray
    start_mwh: np.ndarray
    passes: int
    gap_mwh: float
    level_gap_mwh: float


_Tracer = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""Start shares to the shares of pots and the green contents; each pass writes over those of the one before."""


class _Stores(NamedTuple):
    """Arrays of shape (store, time), and the level before the first step (store,)."""

    keep: np.ndarray
    gain: np.ndarray
    drain: np.ndarray
    level: np.ndarray
    level_start: np.ndarray


@inlined
def _eliminate(
    link: np.ndarray, green: np.ndarray, other: np.ndarray, lone: np.ndarray, inflow: np.ndarray, share: np.ndarray
) -> None:
    """Do the work of `shares_of_mix`: fill ``share``; what is in ``link``, ``green`` and ``other`` is used up."""
    size = green.size
    for k in range(size):
        inflow[k] = green[k] + other[k]
        for m in range(k + 1, size):
            inflow[k] += link[k, m]
        for n in range(k + 1, size):
            if link[n, k] == 0.0:
                continue
            if inflow[k] == 0.0:
                green[n] += link[n, k] * lone[k]
                other[n] += link[n, k] * (1.0 - lone[k])
                continue
            handed = link[n, k] / inflow[k]
            green[n] += handed * green[k]
            other[n] += handed * other[k]
            for m in range(k + 1, size):
                link[n, m] += handed * link[k, m]
    for k in range(size - 1, -1, -1):
        if inflow[k] == 0.0:
            share[k] = lone[k]
            continue
        for m in range(k + 1, size):
            green[k] += link[k, m] * share[m]
        share[k] = green[k] / inflow[k]


@kernel
def shares_of_mix(link: np.ndarray, green: np.ndarray, other: np.ndarray, lone: np.ndarray) -> np.ndarray:
    """Solve for the green shares of linked pots.

    Parameters
    ----------
    link : ndarray, shape (pot, pot)
        Inflow of pot n from pot m in row n, column m, not negative [any unit].
    green, other : ndarray, shape (pot,)
        Inflow from outside, green and not green, not negative [the same unit].
    lone : ndarray, shape (pot,)
        Share of a pot that nothing from outside reaches, not even through others [1].

    Returns
    -------
    ndarray, shape (pot,)
        Share of each pot [1]. A NaN reaches every pot downstream of it.

    Notes
    -----
    The shares s satisfy, with N = green + other + sum over the row of link::

        N[n] * s[n] = green[n] + sum over m of link[n, m] * s[m]       (1)

    Pot after pot is eliminated: what comes to others through it is booked as their own inflow, in proportion. Only
    sums, products and quotients of numbers that are not negative occur, so nothing cancels even in loops that circulate
    almost everything, and the shares lie in 0 to 1 (to rounding). What a pot gives to itself is left out.

    References
    ----------
    .. [1] W. K. Grassmann, M. I. Taksar, D. P. Heyman, Regenerative analysis and steady state distributions for Markov
       chains, Operations Research 33(5), 1985, 1107-1116. https://doi.org/10.1287/opre.33.5.1107
    """
    share, inflow = np.zeros(green.size), np.zeros(green.size)
    _eliminate(link.copy(), green.copy(), other.copy(), lone, inflow, share)
    return share


@inlined
def _given_and_taken(link: np.ndarray, giver: int, taker: int) -> tuple[float, float]:
    """Add up what pot ``giver`` gives, and what pot ``taker`` takes; as loops, which load faster than sums."""
    given = taken = 0.0
    for m in range(link.shape[0]):
        given += link[m, giver]
        taken += link[taker, m]
    return given, taken


@inlined
def _store_step(
    stores: _Stores,
    t: int,
    content: np.ndarray,
    link: np.ndarray,
    green: np.ndarray,
    other: np.ndarray,
    moved: np.ndarray,
) -> None:
    """Add the links of the stores in step t: a pot for what is charged and one for what is discharged.

    The discharge carries the share of the start of the step as far as the level then held covers it, and the share of
    the step's charge beyond that. The store pots are the last ones: all charge pots, then all discharge pots. What each
    store discharges and charges is left in ``moved``, shape (2, store) [MW].
    """
    count = content.size
    for s in range(count):
        into, out = green.size - 2 * count + s, green.size - count + s
        level = stores.level_start[s] if t == 0 else stores.level[s, t - 1]
        discharge, charge = _given_and_taken(link, out, into)
        drawn = stores.drain[s, t] * discharge
        part = 1.0
        if drawn > stores.keep[s, t] * max(level, 0.0) and charge > 0.0:
            part = stores.keep[s, t] * max(level, 0.0) / drawn
        share = content[s] / level if level > 0.0 else 0.0
        green[out] = part * share
        other[out] = part * (1.0 - share)
        link[out, into] = 1.0 - part
        moved[0, s], moved[1, s] = discharge, charge


@kernel
def _trace(
    flow_power_mw: np.ndarray,
    giver: np.ndarray,
    taker: np.ndarray,
    start_mwh: np.ndarray,
    stores: _Stores,
    pot_share: np.ndarray,
    contents: np.ndarray,
) -> None:
    """Carry the green shares through the horizon once.

    Pots are: the nodes, the converters, charge and discharge of the stores. Flow f goes from pot giver[f] to pot
    taker[f]. What comes from outside has the giver -2 if it is green and -1 if not; what leaves has the taker -1.
    Fills the shares of all pots and, in rows -2 and -1, of the outside, shape (pot + 2, time), and the green contents,
    shape (store, time) [MWh]. These hold the pass before, or not a number: once all contents are those of the pass
    before, so is the rest of the horizon, and the pass ends there.
    """
    pots, steps, count = pot_share.shape[0] - 2, flow_power_mw.shape[1], start_mwh.size
    content, lone, moved = start_mwh.copy(), np.zeros(pots), np.zeros((2, count))
    link, green, other = np.zeros((pots, pots)), np.zeros(pots), np.zeros(pots)
    inflow, share = np.zeros(pots), np.zeros(pots)
    for t in range(steps):
        for n in range(pots):
            green[n] = other[n] = 0.0
            for m in range(pots):
                link[n, m] = 0.0
        for f in range(giver.size):
            n, m = taker[f], giver[f]
            if n < 0:
                continue
            if m >= 0:
                link[n, m] += flow_power_mw[f, t]
            elif m == -2:
                green[n] += flow_power_mw[f, t]
            else:
                other[n] += flow_power_mw[f, t]
        _store_step(stores, t, content, link, green, other, moved)
        _eliminate(link, green, other, lone, inflow, share)
        for n in range(pots):  # a slice would bring Numba's message on unequal lengths, and strings with it
            pot_share[n, t] = share[n]
        pot_share[pots, t] = 1.0
        same = count > 0
        for s in range(count):
            charged = stores.gain[s, t] * moved[1, s] * share[pots - 2 * count + s]
            drained = stores.drain[s, t] * moved[0, s] * share[pots - count + s]
            held = stores.keep[s, t] * content[s] + charged - drained
            # Levels carry the rounding of the solver: what exceeds them must not pile up over the year.
            content[s] = min(max(held, 0.0), max(stores.level[s, t], 0.0))
            same = same and contents[s, t] == content[s]
            contents[s, t] = content[s]
        if same:
            return


def _share(content_mwh: np.ndarray, level_mwh: np.ndarray) -> np.ndarray:
    """Share of the content in the level; 0 for an empty store."""
    share = np.zeros_like(content_mwh)
    np.divide(content_mwh, level_mwh, out=share, where=level_mwh > 0.0)
    return share


def _pots(
    flow_node: np.ndarray, flow_kind: np.ndarray, flow_group: np.ndarray, n_nodes: int, n_stores: int
) -> tuple[np.ndarray, np.ndarray, int]:
    """Givers and takers of the flows as `_trace` has them, and the number of its pots."""
    convert = (flow_kind == CONVERT_IN) | (flow_kind == CONVERT_OUT)
    converters = int(flow_group[convert].max(initial=-1)) + 1
    node, converter, charge = flow_node, n_nodes + flow_group, n_nodes + converters + flow_group
    none = np.full_like(node, -1)
    giver = np.choose(flow_kind, [none - 1, none, node, node, charge + n_stores, node, converter])
    taker = np.choose(flow_kind, [node, node, none, charge, node, converter, node])
    return giver, taker, n_nodes + converters + 2 * n_stores


def _check(
    power: np.ndarray,
    node: np.ndarray,
    feeds: np.ndarray,
    kind: np.ndarray,
    group: np.ndarray,
    n_nodes: int,
    n_stores: int,
) -> None:
    """Refuse flows that do not fit together."""
    if (
        power.ndim != 2
        or power.shape[1] == 0
        or any(each.shape != power.shape[:1] for each in (node, feeds, kind, group))
    ):
        msg = "flow_power_mw must be (flow, time), and flow_node, flow_feeds, flow_kind, flow_group (flow,)"
        raise ValueError(msg)
    if not np.isfinite(power).all():
        msg = "flow_power_mw: NaN or infinite, give a power for every flow and step"
        raise ValueError(msg)
    if ((kind < GREEN) | (kind > CONVERT_OUT)).any():
        msg = f"flow_kind: got {sorted(set(kind.tolist()))}, must lie in {GREEN} to {CONVERT_OUT}"
        raise ValueError(msg)
    if (np.asarray(FEEDS)[kind] != feeds).any():
        msg = f"flow_feeds: flows {np.flatnonzero(np.asarray(FEEDS)[kind] != feeds).tolist()} contradict their kind"
        raise ValueError(msg)
    if ((node < -1) | (node >= n_nodes) | ((node < 0) & (kind > SINK))).any():
        msg = f"flow_node: must lie in 0 to {n_nodes - 1}; only a source or a sink may have none (-1)"
        raise ValueError(msg)
    stored = (kind == CHARGE) | (kind == DISCHARGE)
    if (group[kind > SINK] < 0).any() or (group[stored] >= n_stores).any():
        msg = f"flow_group: a store flow needs 0 to {n_stores - 1}, a converter flow 0 or more"
        raise ValueError(msg)


def _stores(
    level_mwh: np.ndarray,
    level_start_mwh: np.ndarray | None,
    cyclic: np.ndarray,
    rates: dict[str, np.ndarray | float],
    steps: int,
) -> _Stores:
    """Bring the arrays of the stores to shape (store, time) and check them."""
    if level_mwh.ndim != 2 or level_mwh.shape != (cyclic.size, steps):
        msg = f"level_mwh: got shape {level_mwh.shape}, must be (store, time) = ({cyclic.size}, {steps})"
        raise ValueError(msg)
    if level_start_mwh is None:
        if not cyclic.all():
            msg = "level_start_mwh: a store that is not cyclic needs a start level"
            raise ValueError(msg)
        level_start_mwh = level_mwh[:, -1]
    start = np.where(cyclic, level_mwh[:, -1], level_start_mwh)
    wide = []
    for name, rate in rates.items():
        values = np.asarray(rate, dtype=np.float64)
        values = values[:, None] if values.ndim == 1 else values
        values = np.ascontiguousarray(np.broadcast_to(values, level_mwh.shape))
        if not (values >= 0.0).all() or not np.isfinite(values).all():
            msg = f"{name}: negative, NaN or infinite"
            raise ValueError(msg)
        wide.append(values)
    if not np.isfinite(level_mwh).all() or not np.isfinite(start).all():
        msg = "level_mwh, level_start_mwh: NaN or infinite"
        raise ValueError(msg)
    return _Stores(wide[0], wide[1], wide[2], np.ascontiguousarray(level_mwh), np.ascontiguousarray(start))


def _level_gap(power: np.ndarray, kind: np.ndarray, group: np.ndarray, stores: _Stores) -> float:
    """Largest residual of (2) of `green_mix` [MWh]."""
    net = -stores.level
    net[:, 0] += stores.keep[:, 0] * stores.level_start
    net[:, 1:] += stores.keep[:, 1:] * stores.level[:, :-1]
    for f in np.flatnonzero(kind == CHARGE):
        net[group[f]] += stores.gain[group[f]] * power[f]
    for f in np.flatnonzero(kind == DISCHARGE):
        net[group[f]] -= stores.drain[group[f]] * power[f]
    return float(np.abs(net).max(initial=0.0))


def _start_shares(trace: _Tracer, share: np.ndarray, cyclic: np.ndarray, stores: _Stores) -> np.ndarray:
    """Start shares with which the cyclic stores close, from one pass per cyclic store.

    End shares are linear in start shares, end = base + matrix @ start, with no negative number and row sums up to 1:
    the stores are pots linked through the year.
    """
    where = np.flatnonzero(cyclic)

    def end(start: np.ndarray) -> np.ndarray:
        return _share(trace(start)[1][:, -1], stores.level[:, -1])[where]

    empty = np.where(cyclic, 0.0, share)
    base = end(empty)
    matrix = np.zeros((where.size, where.size))
    for column, s in enumerate(where):
        unit = empty.copy()
        unit[s] = 1.0
        matrix[:, column] = np.maximum(end(unit) - base, 0.0)
    other = np.maximum(1.0 - base - matrix.sum(axis=1), 0.0)
    solved = share.copy()
    solved[where] = np.clip(shares_of_mix(matrix, base, other, share[where]), 0.0, 1.0)
    return solved


def _close(
    trace: _Tracer, share: np.ndarray, cyclic: np.ndarray, stores: _Stores
) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Trace until the cyclic stores close: shares of pots, contents, start shares, passes."""
    level_end = stores.level[:, -1]
    tolerance = CLOSED * np.maximum(level_end, 1.0)
    passes = 0
    for attempt in range(2 * PLAIN_PASSES):
        pot_share, content = trace(share)
        passes += 1
        gap = np.abs(content[:, -1] - share * np.maximum(stores.level_start, 0.0))
        if (gap <= tolerance)[cyclic].all() or attempt == 2 * PLAIN_PASSES - 1:
            break
        if attempt == PLAIN_PASSES - 1:
            share = _start_shares(trace, share, cyclic, stores)
            passes += 1 + int(cyclic.sum())
        else:
            share = np.where(cyclic, np.minimum(_share(content[:, -1], level_end), 1.0), share)
    return pot_share, content, share, passes


def green_mix(
    flow_power_mw: np.ndarray,
    *,
    flow_node: np.ndarray,
    flow_feeds: np.ndarray,
    flow_kind: np.ndarray,
    flow_group: np.ndarray,
    n_nodes: int,
    level_mwh: np.ndarray,
    keep: np.ndarray | float,
    gain_mwh_per_mw: np.ndarray | float,
    drain_mwh_per_mw: np.ndarray | float,
    cyclic: np.ndarray,
    level_start_mwh: np.ndarray | None = None,
    share_start: np.ndarray | None = None,
) -> GreenMix:
    """Trace green energy through nodes, converters and stores.

    Parameters
    ----------
    flow_power_mw : ndarray, shape (flow, time)
        Power of every flow; rounding below 0 counts as 0 [MW].
    flow_node : ndarray of int, shape (flow,)
        Node of the flow; -1 for a source or sink without node, which takes no part [1].
    flow_feeds : ndarray of bool, shape (flow,)
        Whether the flow feeds its node; must agree with its kind.
    flow_kind : ndarray of int, shape (flow,)
        `GREEN`, `OTHER`, `SINK`, `CHARGE`, `DISCHARGE`, `CONVERT_IN` or `CONVERT_OUT`.
    flow_group : ndarray of int, shape (flow,)
        Store or converter the flow belongs to, counted from 0 each; -1 for the rest.
    n_nodes : int
        Number of nodes.
    level_mwh : ndarray, shape (store, time)
        Level at the end of every step; shape (0, time) without stores [MWh].
    keep : float or ndarray, shape (store,) or (store, time)
        Part of the level that survives a step [1].
    gain_mwh_per_mw, drain_mwh_per_mw : float or ndarray, shape (store,) or (store, time)
        Level gained per power charged and lost per power discharged [MWh MW-1].
    cyclic : ndarray of bool, shape (store,)
        Whether the store ends where it starts.
    level_start_mwh : ndarray, shape (store,), optional
        Level before the first step; needed for stores that are not cyclic, not read for the others [MWh].
    share_start : ndarray, shape (store,), optional
        Green share of the level before the first step; 0 unless given. For a cyclic store it matters only where the
        store is never renewed, for example an idle one [1].

    Returns
    -------
    GreenMix
        Shares of nodes and flows, green contents, number of passes, gaps.

    Raises
    ------
    ValueError
        If shapes, kinds, directions, nodes or groups do not fit, or a number is NaN or infinite.

    Notes
    -----
    With green sources p_green and the share s of the pot a flow comes from, for every node n and step t::

        s[n] = (sum of p_green + sum of p * s over other inflows) / sum of all inflows            (1)
        level[t]   = keep * level[t-1]   + gain * charge           - drain * discharge            (2)
        content[t] = keep * content[t-1] + gain * s_node * charge  - drain * s_store * discharge  (3)
        s_store[t] = a * content[t-1] / level[t-1] + (1 - a) * s_charge                           (4)
        a = min(1, keep * level[t-1] / (drain * discharge))                                       (5)

    (5) is 1 unless a store discharges more in a step than it held; what goes beyond comes from that step's charge, so
    an empty store hands through the mix it takes in, and contents stay between 0 and the level. A converter has the
    share of its draws, weighted by power. Nodes linked in a ring are solved at once (`shares_of_mix`). What cannot be
    traced to a green source is not green. Where the balance of a node holds, its green inflow equals its green outflow.

    A cyclic store starts with the share it ends with. (1) to (5) are linear in the start contents, so when a few plain
    passes have not closed the gap, the start shares are solved for directly, one pass per cyclic store.

    References
    ----------
    .. [1] J. Bialek, Tracing the flow of electricity, IEE Proceedings - Generation, Transmission and Distribution
       143(4), 1996, 313-320. https://doi.org/10.1049/ip-gtd:19960461
    """
    power = np.ascontiguousarray(np.maximum(np.asarray(flow_power_mw, dtype=np.float64), 0.0))
    node, kind, group = (np.asarray(each, dtype=np.int64) for each in (flow_node, flow_kind, flow_group))
    level, cyclic = np.asarray(level_mwh, dtype=np.float64), np.asarray(cyclic, dtype=np.bool_)
    _check(power, node, np.asarray(flow_feeds, dtype=np.bool_), kind, group, n_nodes, cyclic.size)
    rates = {"keep": keep, "gain_mwh_per_mw": gain_mwh_per_mw, "drain_mwh_per_mw": drain_mwh_per_mw}
    stores = _stores(level, level_start_mwh, cyclic, rates, power.shape[1])
    share = np.zeros(cyclic.size) if share_start is None else np.array(share_start, dtype=np.float64)
    if share.shape != cyclic.shape or not ((share >= 0.0) & (share <= 1.0)).all():
        msg = "share_start: must be (store,) and lie in 0 to 1"
        raise ValueError(msg)
    giver, taker, pots = _pots(node, kind, group, n_nodes, cyclic.size)
    shares, contents = np.zeros((pots + 2, power.shape[1])), np.full(level.shape, np.nan)

    def trace(start_share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        start = start_share * np.maximum(stores.level_start, 0.0)
        _trace(power, giver, taker, start, stores, shares, contents)
        return shares, contents

    pot_share, content, share, passes = _close(trace, share, cyclic, stores)
    start = share * np.maximum(stores.level_start, 0.0)
    gap = float(np.abs(content[:, -1] - start)[cyclic].max(initial=0.0))
    return GreenMix(
        pot_share[:n_nodes],
        pot_share[giver],
        content,
        start,
        passes,
        gap,
        _level_gap(power, kind, group, stores),
    )
