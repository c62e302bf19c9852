"""The facts of :mod:`parksim.questions.why` in sentences: an hour and a saving, as text for the terminal."""

from collections.abc import Iterable
from typing import Protocol

import pandas as pd
import xarray as xr

from parksim.accounts.hour import Change, FlowFact, Hour, Move, NodeFact, StoreFact
from parksim.accounts.peaks import PeakFact
from parksim.accounts.saving import Saving
from parksim.report import formats as f
from parksim.report.catalogue import Language
from parksim.report.lines import INDENT, wrapped
from parksim.report.view import View
from parksim.report.why_peaks import months, peak_text
from parksim.report.why_saving import saving_lines
from parksim.report.why_times import EVEN, clock, money, price, when
from parksim.report.words import say, speaking, term

REASONS = {"dearest", "peak"}
"""Why an hour is explained, where that is told."""

MOVING = {
    "renewable", "direct", "import", "export", "charge", "discharge", "unserved", "spill", "demand", "convert",
}  # fmt: skip
"""Roles of flows whose moves have a verb of their own."""

SMALL_MW = 1e-3
"""Powers below this are not told; a store makes up for its own losses with them [MW]."""

MOVES_TOLD = 5
LEAST_SHARE = 0.01
"""Moves below this share of the MWh asked for are left out."""


class Explained(Protocol):
    """What :func:`parksim.why` gives."""

    @property
    def ds(self) -> xr.Dataset:
        """Results of the run."""
        ...

    @property
    def hours(self) -> tuple[Hour, ...]:
        """The hours explained."""
        ...

    @property
    def peaks(self) -> tuple[PeakFact, ...]:
        """Every month's peak."""
        ...

    @property
    def stores(self) -> tuple[str, ...] | None:
        """Components whose stores the saving is of, if it was asked for."""
        ...

    @property
    def saving(self) -> Saving | None:
        """What the stores save, if it was asked for."""
        ...


class _Teller:
    """Says the facts of one run."""

    def __init__(self, found: Explained) -> None:
        self.found = found
        self.view = View(found.ds, {})
        self._next: set[str] = set()

    def hour(self, hour: Hour) -> list[str]:
        """Say one hour."""
        end = hour.stamp + pd.Timedelta(hours=hour.step_h)
        why = [say(f"why.reason.{reason}") for reason in hour.reason if reason in REASONS]
        at = {"day": f.date(hour.stamp), "begin": clock(hour.stamp), "end": clock(end)}
        head = say("why.hour.because", reasons=f.points(why), **at) if why else say("why.hour", **at)
        self._next = {m.label for n in hour.nodes if n.more for m in n.more.moves if m.here and m.amount > LEAST_SHARE}
        lines = [head, ""]
        for node in hour.nodes:
            told = f.sentences(list(self._price(node, hour)))
            several = len(hour.nodes) > 1
            named = say("why.node", node=node.node.replace("_", " "), told=told) if several else told
            lines += wrapped(named, INDENT, INDENT)
        lines += ["", *_table(self._does(hour))]
        for peak in hour.peaks:
            charged = say(
                "why.peak.hour",
                name=self.view.name(peak.component),
                told=peak_text(peak, step_h=hour.step_h, hour=hour),
            )
            lines += ["", *wrapped(charged, INDENT, INDENT)]
        return lines

    # the price

    def _short(self, component: str) -> str:
        """Name a component in a sentence; its other name stands where the component is told."""
        return self.view.name(component, both=False)

    def _price(self, node: NodeFact, hour: Hour) -> Iterable[str]:
        more, less = node.more, node.less
        if more is None or less is None:
            yield say("why.price", price=price(node.price_cny_per_mwh), moves="")
            return
        cost = more.cost_cny_per_mwh
        if more.possible:
            key = "why.price.zero" if abs(cost) < EVEN else "why.price" if cost > 0 else "why.price.earn"
            yield say(key, price=money(abs(cost)), moves=self._moves(more, hour))
        else:
            yield say("why.price.none")
        saved = -less.cost_cny_per_mwh
        if less.possible and not (more.possible and abs(cost - saved) <= EVEN):
            yield say("why.less", price=money(saved))
        here = {move.label for move in more.moves if move.here}
        for label, after in node.following.items():
            if not (label in here and more.possible):
                continue
            if not after.possible:
                yield say("why.next.none", name=self._short(label.split(".")[0]))
            elif money(after.cost_cny_per_mwh) != money(cost):
                yield say("why.next", name=self._short(label.split(".")[0]), price=money(after.cost_cny_per_mwh))

    def _moves(self, change: Change, hour: Hour) -> str:
        """Say how the plan follows one MWh more."""
        worth = [move for move in change.moves if abs(move.amount) >= LEAST_SHARE]
        if not worth:
            return ""
        told = [self._move(move, hour.step_h) for move in worth[:MOVES_TOLD]]
        rest = [say("why.more.further")] if len(worth) > MOVES_TOLD else []
        return say("why.more", moves=say("list.clause").join([*told, *rest]))

    def _move(self, move: Move, step_h: float) -> str:
        size, way = f.sig(abs(move.amount)), "more" if move.amount > 0 else "less"
        if move.role == "peak":
            return say(f"why.move.peak.{way}", month=f.month_name(move.first), amount=f.united(size, "MW"))
        key = f"why.move.{move.role if move.role in MOVING else 'other'}.{way}"
        told = say(key, name=self._short(move.component), amount=f.united(size, "MWh"))
        return told if move.here else say("why.move.when", move=told, when=_when(move, step_h))

    # what each does

    def _does(self, hour: Hour) -> Iterable[tuple[str, str]]:
        for component in dict.fromkeys(flow.component for flow in hour.flows):
            flows = [flow for flow in hour.flows if flow.component == component]
            stores = [store for store in hour.stores if store.component == component]
            told = [*self._flows(flows, stores), *(self._store(store, hour) for store in stores)]
            if told:
                yield self.view.name(component), f.points(told)

    def _flows(self, flows: list[FlowFact], stores: list[StoreFact]) -> list[str]:
        """Say the flows of a component: those that move, or else why none does."""
        shown = [flow for flow in flows if flow.role != "convert"]
        moving = [flow for flow in shown if flow.power_mw > SMALL_MW]
        if moving:
            return [self._flow(flow) for flow in moving]
        pair = {flow.role: flow for flow in shown}
        if {"charge", "discharge"} <= set(pair):
            return [self._rest(pair["charge"], pair["discharge"], stores)]
        able = [flow for flow in shown if flow.upper_mw > SMALL_MW and flow.role != "spill"]
        if able:
            return [self._idle(flow) for flow in able]
        if any(flow.role == "demand" for flow in shown):
            return [say("why.does.demand.none")]
        return [say("why.does.nothing")] if shown else []

    def _flow(self, flow: FlowFact) -> str:
        said = say(f"why.does.{flow.role}", power=f.power(flow.power_mw))
        if flow.role in {"demand", "unserved", "spill"}:
            return said
        if flow.state == "full":
            said += term(f"why.limit.full.{flow.role}", otherwise=say("why.limit.full"))
            gap = flow.gap_cny_per_mwh
            saves = gap is not None and gap < -EVEN
            after = [say("why.full.saves", saving=money(-gap))] if saves and gap is not None else [say("why.full.free")]
        else:
            upper = f.power(flow.upper_mw)
            said += say("why.limit.share", upper=upper, share=f.percent(flow.power_mw / flow.upper_mw))
            after = [say("why.free.sets")] if flow.label in self._next else []
            if not after and flow.parts_cny_per_mwh.get("demand_charge", 0.0) > EVEN:
                after = [say("why.free.peak")]
        return f.points([said, *self._cost(flow), *after])

    def _cost(self, flow: FlowFact) -> list[str]:
        """Say what a flow's energy costs by itself, and what limits and stores add to it."""
        if flow.role == "export":
            return [say("why.cost.sale", price=price(-flow.own_cny_per_mwh))]
        if flow.role == "charge":
            return [say("why.charge.worth", price=price(-flow.parts_cny_per_mwh.get("stored", 0.0)))]
        if not flow.feeds:
            return []
        parts = "".join(
            say(f"why.part.{name}", price=price(abs(value)))
            for name, value in flow.parts_cny_per_mwh.items()
            if abs(value) > EVEN
        )
        if abs(flow.own_cny_per_mwh) < EVEN:
            return [say("why.cost.free", parts=parts)]
        key = "why.cost.wear" if flow.role == "discharge" else "why.cost"
        return [say(key, price=price(flow.own_cny_per_mwh), parts=parts)]

    def _idle(self, flow: FlowFact) -> str:
        gap = flow.gap_cny_per_mwh or 0.0
        if flow.role == "export":
            return f.points(
                [say("why.does.idle"), say("why.idle.sale", price=price(-flow.own_cny_per_mwh), gap=price(gap))]
            )
        told = say("why.idle.dear", gap=price(gap)) if gap > EVEN else say("why.idle.even")
        return f.points([say("why.does.idle"), *self._cost(flow), told])

    def _rest(self, charge: FlowFact, discharge: FlowFact, stores: list[StoreFact]) -> str:
        """Say below and above which price a store would move."""
        if charge.gap_cny_per_mwh is None or discharge.gap_cny_per_mwh is None:
            return say("why.rest.plain")
        buy = price(charge.price_cny_per_mwh - charge.gap_cny_per_mwh)
        sell = price(discharge.price_cny_per_mwh + discharge.gap_cny_per_mwh)
        state = stores[0].state if stores else "between"
        key = f"why.rest.{state}" if state in {"full", "empty"} else "why.rest"
        return say(key, buy=buy, sell=sell)

    def _store(self, store: StoreFact, hour: Hour) -> str:
        parts = [
            say(
                "why.store",
                after=f.energy(store.after_mwh),
                before=f.energy(store.before_mwh),
                value=money(store.value_cny_per_mwh),
            )
        ]
        if store.state in {"full", "empty"}:
            room = -(store.room_cny_per_mwh or 0.0)
            key = f"why.store.{store.state}" if room > EVEN else f"why.store.{store.state}.plain"
            parts.append(say(key, saving=money(room)))
        for key, stamps in (("why.store.filled", store.filled), ("why.store.drawn", store.drawn)):
            near = [stamp for stamp in stamps if abs(stamp - hour.stamp) < pd.Timedelta(days=1)]
            if near:
                parts.append(say(key, when=when(near, hour.step_h, hour.stamp)))
        return f.points(parts)


def _when(move: Move, step_h: float) -> str:
    """Say when another step follows."""
    if move.steps == 1:
        return say("why.move.at", day=f.date_short(move.first), time=clock(move.first))
    hours = f.united(f.sig(move.steps * step_h), "h")
    return say("why.move.over", hours=hours, first=f.date_short(move.first), last=f.date_short(move.last))


def _table(rows: Iterable[tuple[str, str]]) -> list[str]:
    """Put what is said of a name below it, indented: names are long, and in two scripts."""
    lines: list[str] = []
    for name, told in rows:
        lines += wrapped(say("why.row", name=name, told=told), INDENT, INDENT * 2)
    return lines


def why(found: Explained, *, lang: Language = "en") -> str:
    """Explain hours and the saving of stores in plain text.

    Parameters
    ----------
    found
        What :func:`parksim.why` gave.
    lang
        Language: ``en`` or ``zh``.

    Returns
    -------
    str
        Lines of at most 96 columns where words allow it, without signs that an old terminal lacks.
    """
    with speaking(lang):
        return _why(found)


def _why(found: Explained) -> str:
    teller = _Teller(found)
    blocks = [teller.hour(hour) for hour in found.hours]
    if not any("asked" in hour.reason for hour in found.hours):
        blocks.append(months(found.peaks, step_h=float(found.ds.attrs["step_h"])))
    if found.saving is not None:
        blocks.append(saving_lines(found.saving, view=teller.view))
    elif found.stores is not None:
        names = f.listed([teller.view.name(name) for name in found.stores])
        blocks.append([say("why.saving.needed", stores=names) if names else say("why.saving.none")])
    return f.to_plain("\n".join([teller.view.title, *(line for block in blocks if block for line in ["", *block])]))
