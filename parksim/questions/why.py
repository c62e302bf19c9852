"""Why a plan does what it does: one hour of it explained, and what its stores save in the whole horizon.

The plan and its prices are those of a run. What another choice would cost is not read off them but
found by solving again from the last optimum, with one number a little changed: prices of an LP say only what holds on
one side where a limit is just reached, a second solve says it for the side that is asked.
"""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Literal

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from parksim.questions.live import Live  # first: Pyomo before Numba, see parksim/lp/__init__.py

# isort: split
from parksim.accounts.hour import (
    Change,
    FlowFact,
    Hour,
    Move,
    NodeFact,
    StoreFact,
    flow_facts,
    node_facts,
    store_facts,
)
from parksim.accounts.peaks import PeakFact, peak_facts
from parksim.accounts.saving import Saving, split
from parksim.errors import InputError
from parksim.inputs import Inputs
from parksim.lp.highs import Solution
from parksim.lp.layout import ColumnBlock
from parksim.lp.program import SparseLP
from parksim.lp.ties import greenest
from parksim.park import Park
from parksim.phases import Progress, silent
from parksim.questions.references import store_capacities
from parksim.results import build
from parksim.timeaxis import TimeAxis

__all__ = ["Why", "moment", "plain", "why"]

NUDGE_MW = 1e-3
"""Change by which other choices are asked; small beside any power, large beside the solver's tolerance [MW or MWh]."""

LEAST_MOVE = 5e-3
"""Moves smaller than this per MWh are the solver's tolerance, not part of a change [1]."""

EXAMPLE = "Write a day and an hour such as {example}."


@dataclass(frozen=True)
class Why:
    """A run explained.

    Parameters
    ----------
    ds
        Its results.
    hours
        The hours explained: the one asked for, or the dearest and the one that sets the highest month's peak.
    peaks
        Every month's peak and the hours that set it.
    stores
        Components whose stores the saving is of; None where it was not asked for.
    saving
        What the stores save over the horizon; None where there are none, where the park has no plan without them, or
        where it was not asked for.
    """

    ds: xr.Dataset
    hours: tuple[Hour, ...]
    peaks: tuple[PeakFact, ...]
    stores: tuple[str, ...] | None
    saving: Saving | None


def moment(time: TimeAxis, *, at: str | datetime) -> int:
    """Find the step in which a moment lies.

    Parameters
    ----------
    time
        The horizon.
    at
        Moment on the park's clock, such as ``2025-07-14T18:00``; with an offset from UTC it is put on that clock.

    Returns
    -------
    int
        Position of the step.

    Raises
    ------
    InputError
        If it is no moment, has no hour, or lies outside the horizon.
    """
    first, last = time.stamps[0], time.stamps[-1]
    end = last + pd.Timedelta(hours=time.step_h)
    advice = EXAMPLE.format(example=_text(time.stamps[min(18 * 60 // time.step_minutes, time.steps - 1)]))
    try:
        found = datetime.fromisoformat(at.strip()) if isinstance(at, str) else at
    except ValueError:
        msg = f"at: got {at!r}, must be a moment on the park's clock ({time.clock}). {advice}"
        raise InputError(msg) from None
    if isinstance(at, str) and ":" not in at and "T" not in at.upper():
        msg = f"at: got {at!r}, a day without an hour. {advice}"
        raise InputError(msg)
    stamp = pd.Timestamp(found)
    if stamp.tzinfo is not None:
        stamp = stamp.tz_convert(time.zone).tz_localize(None)
    if not first <= stamp < end:
        msg = f"at: got {at}, lies outside the horizon, {_text(first)} up to {_text(end)}. Choose a moment inside it."
        raise InputError(msg)
    return int(time.stamps.searchsorted(stamp, side="right")) - 1


def _text(stamp: pd.Timestamp) -> str:
    return str(stamp.isoformat(timespec="minutes"))


class _Asker:
    """Asks the LP of a park for the plan after a small change; every solve starts from the last optimum."""

    def __init__(self, live: Live, months: pd.DatetimeIndex) -> None:
        self.program, self.warm, self.stamps, self.months = live.program, live.warm, live.park.time.stamps, months
        self.lp = live.program.fill(live.inputs.values)

    def solution(self, lp: SparseLP) -> Solution | None:
        """Solve; None where no plan can follow."""
        found = self.warm.solve(lp).solution
        return found if found.optimal else None

    def drawn(self, node: str, step: int, sign: float, lp: SparseLP | None = None) -> Change:
        """Let a little more (or less) be drawn at a node in a step."""
        lp = self.lp if lp is None else lp
        row = self.program.rows[f"{node}.balance"].first + step
        low, high = lp.row_lower.copy(), lp.row_upper.copy()
        low[row] += sign * NUDGE_MW
        high[row] += sign * NUDGE_MW
        found = self.solution(replace(lp, row_lower=low, row_upper=high))
        if found is None:
            return Change(float("nan"))
        return Change(sign * float(found.row_duals[row]) / self.program.step_h, self._moves(found, lp, step))

    def without(self, flow: FlowFact, step: int) -> Change:
        """Say what the next MWh drawn at its node costs if a flow gave no more (or went on drawing as much)."""
        at = self.program.columns[flow.label].first + step
        lower, upper = self.lp.lower.copy(), self.lp.upper.copy()
        (upper if flow.feeds else lower)[at] = flow.power_mw
        return self.drawn(flow.node, step, 1.0, replace(self.lp, lower=lower, upper=upper))

    def beyond(self, label: str, step: int, side: Literal["more", "less"]) -> float | None:
        """Say what one unit above the least, or beyond the most, of a column changes in the cost [CNY per unit]."""
        at = self.program.columns[label].first + step
        lower, upper = self.lp.lower.copy(), self.lp.upper.copy()
        if side == "more":
            lower[at] += NUDGE_MW
            upper[at] = max(upper[at], lower[at])
        else:
            upper[at] += NUDGE_MW
        found = self.solution(replace(self.lp, lower=lower, upper=upper))
        return None if found is None else float(found.reduced_costs[at])

    def deeper(self, label: str, step: int) -> float | None:
        """Say what one MWh less of the least content changes in the cost [CNY MWh-1]."""
        at = self.program.columns[label].first + step
        lower = self.lp.lower.copy()
        lower[at] -= NUDGE_MW
        found = self.solution(replace(self.lp, lower=lower))
        return None if found is None else -float(found.reduced_costs[at])

    def _moves(self, found: Solution, lp: SparseLP, step: int) -> tuple[Move, ...]:
        """Say how the plan follows a nudge: what changes on the way back, from the same basis.

        Held against the plan of the park, plans of equal cost would stand in the difference.
        """
        back = self.solution(lp)
        if back is None:
            return ()
        moved = (found.columns - back.columns) / NUDGE_MW
        moves = []
        for block in self.program.columns.values():
            if block.sort not in {"flow", "peak"}:
                continue
            change = moved[block.slice]
            told = np.abs(change) > LEAST_MOVE
            at = np.flatnonzero(told if block.sort == "flow" else told & (lp.cost[block.slice] > 0.0))
            own = (at == step) & (block.over == "step")
            for here, chosen in (
                (True, at[own]),
                (False, at[~own & (change[at] > 0)]),
                (False, at[~own & (change[at] < 0)]),
            ):
                if len(chosen):
                    moves.append(self._move(block, chosen, float(change[chosen].sum()), here=here))
        return tuple(sorted(moves, key=lambda move: (not move.here, move.role != "peak", -abs(move.amount))))

    def _move(self, block: ColumnBlock, places: NDArray[np.int64], amount: float, *, here: bool) -> Move:
        stamps = self.stamps if block.over == "step" else self.months
        first, last = stamps[places[0]], stamps[places[-1]]
        return Move(block.label, block.component, block.role or block.sort, here, amount, len(places), first, last)


def _asked_flow(asker: _Asker, flow: FlowFact, step: int) -> FlowFact:
    """Add what another choice of a flow would cost."""
    gap: float | None = None
    if flow.state == "free":
        gap = 0.0
    elif flow.state in {"idle", "full"} and flow.role != "spill":
        gap = asker.beyond(flow.label, step, "more" if flow.state == "idle" else "less")
        gap = None if gap is None else gap / asker.program.step_h
    return replace(flow, gap_cny_per_mwh=gap)


def _asked_store(asker: _Asker, store: StoreFact, step: int) -> StoreFact:
    """Add what room beyond the limit of a store is worth."""
    if store.state == "full":
        return replace(store, room_cny_per_mwh=asker.beyond(store.label, step, "less"))
    return replace(store, room_cny_per_mwh=asker.deeper(store.label, step)) if store.state == "empty" else store


def _asked_node(asker: _Asker, node: NodeFact, flows: tuple[FlowFact, ...], step: int) -> NodeFact:
    """Add what one MWh more and less would cost, and what would come next."""
    return replace(
        node,
        more=asker.drawn(node.node, step, 1.0),
        less=asker.drawn(node.node, step, -1.0),
        following={flow.label: asker.without(flow, step) for flow in flows if flow.label in node.setters},
    )


def _explain(ds: xr.Dataset, asker: _Asker, step: int, reason: tuple[str, ...], peaks: tuple[PeakFact, ...]) -> Hour:
    """Explain one step."""
    flows = flow_facts(ds, step)
    month = int(ds["month_of_step"][step])
    return Hour(
        stamp=asker.stamps[step],
        step_h=asker.program.step_h,
        reason=reason,
        nodes=tuple(_asked_node(asker, node, flows, step) for node in node_facts(ds, step, flows)),
        flows=tuple(_asked_flow(asker, flow, step) for flow in flows),
        stores=tuple(_asked_store(asker, store, step) for store in store_facts(ds, step)),
        peaks=tuple(peak for peak in peaks if peak.month == asker.months[month]),
    )


def _chosen(ds: xr.Dataset, stamps: pd.DatetimeIndex, peaks: tuple[PeakFact, ...]) -> dict[int, tuple[str, ...]]:
    """Choose the dearest step and the one that sets the highest month's peak: step to why it is told."""
    dearest = int(np.argmax(ds["price"].to_numpy().max(axis=0))) if ds.sizes["node"] else 0
    chosen: dict[int, tuple[str, ...]] = {dearest: ("dearest",)}
    paid = [peak for peak in peaks if peak.setters]
    if paid:
        highest = max(paid, key=lambda peak: peak.peak_mw)
        hardest = max(highest.setters, key=lambda stamp: highest.setters[stamp])
        step = int(stamps.searchsorted(hardest))
        chosen[step] = (*chosen.get(step, ()), "peak")
    return chosen


def _saving(park: Park, ds: xr.Dataset, asker: _Asker, inputs: Inputs) -> tuple[tuple[str, ...], Saving | None]:
    """Hold the plan against the cheapest one without stores, found from the last optimum."""
    program = asker.program
    sizes = store_capacities(program, park)
    stores = tuple(sizes)
    if not stores:
        return stores, None
    bare = inputs.with_numbers({name: dict.fromkeys(fields, 0.0) for name, fields in sizes.items()})
    lp = program.fill(bare.values)
    first = asker.warm.solve(lp).solution
    if not first.optimal:
        return stores, None
    settled = greenest(program, lp, asker.warm.solver, first)
    return stores, split(ds, without=build(park, program, bare, lp, settled, first), stores=stores)


def why(park: Park, *, at: str | datetime | None = None, saving: bool = True, progress: Progress | None = None) -> Why:
    """Explain why a park does what it does in an hour, and what its stores save.

    Parameters
    ----------
    park
        From :func:`parksim.load_park`.
    at
        Moment on the park's clock, such as ``2025-07-14T18:00``: the step in which it lies is explained. Left out, the
        dearest step and the one that sets the highest month's peak are.
    saving
        Whether the plan is held against the cheapest one without stores.
    progress
        Called with the name of each phase as it begins.

    Returns
    -------
    Why
        Facts; ``parksim.report.why`` says them.

    Raises
    ------
    InputError
        As :func:`parksim.solve`, or if the moment is badly written or outside the horizon.
    NoSolution
        If the park has none.

    Examples
    --------
    >>> import parksim as ps
    >>> found = ps.why(ps.load_park("two-days"), at="2025-07-15T12:30", saving=False)
    >>> round(found.hours[0].nodes[0].more.cost_cny_per_mwh)
    470
    """
    told = progress or silent
    asked = None if at is None else moment(park.time, at=at)
    live = Live(park)
    ds = live.solve(progress=told)
    told("other choices")
    asker = _Asker(live, pd.DatetimeIndex(ds["month"].to_numpy()))
    peaks = peak_facts(ds)
    steps = _chosen(ds, park.time.stamps, peaks) if asked is None else {asked: ("asked",)}
    hours = tuple(_explain(ds, asker, step, reason, peaks) for step, reason in steps.items())
    if not saving:
        return Why(ds, hours, peaks, None, None)
    told("without stores")
    return Why(ds, hours, peaks, *_saving(park, ds, asker, live.inputs))


def plain(found: Why) -> dict[str, Any]:
    """Give what was found as plain numbers, strings, lists and tables, stamps as text.

    Returns
    -------
    dict
        ``park``, ``hours``, ``peaks``, ``stores`` and ``saving``, with the names of their fields.
    """
    told = {"hours": found.hours, "peaks": found.peaks, "stores": found.stores, "saving": found.saving}
    return {"park": found.ds.attrs["park"], **{name: _plain(value) for name, value in told.items()}}


def _plain(value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        return _text(value)
    if isinstance(value, dict):
        return {str(_plain(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Saving):
        return {**_plain(asdict(value)), "parts_cny": value.parts}
    return _plain(asdict(value)) if hasattr(value, "__dataclass_fields__") else value
