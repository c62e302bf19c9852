"""An hour and a saving told to people, as text for the terminal: the facts of :mod:`parksim.why` in sentences."""

import textwrap
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import pandas as pd
import xarray as xr

from parksim.accounts.hour import Change, FlowFact, Hour, Move, NodeFact, PeakFact, StoreFact
from parksim.accounts.saving import Saving
from parksim.report import formats as f
from parksim.report.view import View
from parksim.report.why_words import TEXTS, VERBS, tell

WIDTH = 96
INDENT = "  "
EVEN = 5e-3
"""Prices closer than this are told as one [CNY/MWh]."""

SMALL_MW = 1e-6
MOVES_TOLD = 4
DAYS_TOLD = 3
LEAST_SHARE = 0.01
"""Moves below this share of the MWh asked for are left out."""


class Explained(Protocol):
    """What :func:`parksim.why.why` gives."""

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
    def saving(self) -> Saving | None:
        """What the stores save, if it was asked for."""
        ...


def price(cny_per_mwh: float) -> str:
    """Write a price per MWh; what is below a tenth of a cent is noise."""
    return f.united(f.sig(0.0 if abs(cny_per_mwh) < EVEN else cny_per_mwh), "CNY/MWh")


def _clock(stamp: pd.Timestamp) -> str:
    return str(stamp.strftime("%H:%M"))


def _ranges(stamps: Sequence[pd.Timestamp], step_h: float) -> list[tuple[pd.Timestamp, pd.Timestamp, int]]:
    """Join steps that follow each other within a day: begin, end, number of steps."""
    step = pd.Timedelta(hours=step_h)
    found: list[tuple[pd.Timestamp, pd.Timestamp, int]] = []
    for stamp in stamps:
        if found and found[-1][1] == stamp and found[-1][0].date() == stamp.date():
            found[-1] = (found[-1][0], stamp + step, found[-1][2] + 1)
        else:
            found.append((stamp, stamp + step, 1))
    return found


def _when(stamps: Sequence[pd.Timestamp], step_h: float, today: pd.Timestamp) -> str:
    """Say hours as ranges; the day is named where it is another one."""
    told, day = [], today.date()
    for begin, end, _ in _ranges(stamps, step_h):
        span = tell("span", first=_clock(begin), last=_clock(end))
        if begin.date() != day:
            span, day = tell("span.day", day=f.date_short(begin), span=span), begin.date()
        told.append(span)
    return f.listed(told)


class _Teller:
    """Says the facts of one run."""

    def __init__(self, found: Explained) -> None:
        self.found = found
        self.view = View(found.ds, {})

    def hour(self, hour: Hour) -> list[str]:
        """Say one hour."""
        end = hour.stamp + pd.Timedelta(hours=hour.step_h)
        why = [tell(f"reason.{reason}") for reason in hour.reason if f"reason.{reason}" in TEXTS]
        joined = tell("reason.open") + tell("reason.and").join(why) + tell("reason.close") if why else ""
        head = tell("hour", day=f.date(hour.stamp), begin=_clock(hour.stamp), end=_clock(end), reason=joined)
        lines = [head, ""]
        for node in hour.nodes:
            for sentence in self._price(node, hour):
                lines += _wrapped(sentence, INDENT, INDENT)
        lines += ["", *_table(self._does(hour))]
        for peak in hour.peaks:
            told = tell("peak.hour", name=self.view.name(peak.component), told=self._peak(peak, hour))
            lines += ["", *_wrapped(told, INDENT, INDENT)]
        return lines

    # the price

    def _price(self, node: NodeFact, hour: Hour) -> Iterable[str]:
        more, less, name = node.more, node.less, node.node.replace("_", " ")
        at = node.price_cny_per_mwh
        if more is None or less is None:
            yield tell("price", node=name, price=price(at))
            return
        if not more.possible:
            yield tell("price.only_less", node=name, less=price(-less.cost_cny_per_mwh))
            return
        if less.possible and more.cost_cny_per_mwh + less.cost_cny_per_mwh > EVEN:
            saved = price(-less.cost_cny_per_mwh)
            yield tell("price.between", node=name, more=price(more.cost_cny_per_mwh), less=saved)
        else:
            yield tell("price.zero" if abs(at) < EVEN else "price", node=name, price=price(more.cost_cny_per_mwh))
        names = [self.view.name(label.split(".")[0]) for label in node.setters]
        yield tell("price.setters", names=f.listed(list(dict.fromkeys(names)))) if names else tell("price.no_setter")
        yield from self._moves(more, hour)
        for label, after in node.following.items():
            who = self.view.name(label.split(".")[0])
            if after.possible and abs(after.cost_cny_per_mwh - more.cost_cny_per_mwh) > EVEN:
                yield tell("next", name=who, price=price(after.cost_cny_per_mwh))
            elif not after.possible:
                yield tell("next.none", name=who)

    def _moves(self, change: Change, hour: Hour) -> Iterable[str]:
        """Say how the plan follows one MWh more."""
        worth = [move for move in change.moves if abs(move.amount) >= LEAST_SHARE]
        if not worth:
            return
        told = [self._move(move, hour.step_h) for move in worth[:MOVES_TOLD]]
        rest = [tell("more.further")] if len(worth) > MOVES_TOLD else []
        yield tell("more", moves=tell("more.and").join([*told, *rest]))

    def _move(self, move: Move, step_h: float) -> str:
        size = f.sig(abs(move.amount))
        if move.role == "peak":
            updown = tell("more.rises" if move.amount > 0 else "more.falls")
            name = self.view.name(move.component)
            return tell(
                "more.peak", name=name, month=f.month_name(move.first), updown=updown, amount=f.united(size, "MW")
            )
        amount = tell("more.more" if move.amount > 0 else "more.less", amount=f.united(size, "MWh"))
        what = f"{self.view.name(move.component)} {VERBS.get(move.role, '')}".rstrip()
        if move.here:
            return tell("more.here", what=what, amount=amount)
        if move.steps == 1:
            when = tell("more.at", day=f.date_short(move.first), time=_clock(move.first))
        else:
            hours = f.sig(move.steps * step_h)
            when = tell("more.over", n=hours, first=f.date_short(move.first), last=f.date_short(move.last))
        return tell("more.elsewhere", what=what, amount=amount, when=when)

    # what each does

    def _does(self, hour: Hour) -> Iterable[tuple[str, str]]:
        for component in dict.fromkeys(flow.component for flow in hour.flows):
            flows = [flow for flow in hour.flows if flow.component == component]
            stores = [store for store in hour.stores if store.component == component]
            told = [*self._flows(flows, stores), *(self._store(store, hour) for store in stores)]
            if told:
                yield self.view.name(component), "; ".join(told)

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
            return [tell("does.demand.none")]
        return [tell("does.nothing")] if shown else []

    def _flow(self, flow: FlowFact) -> str:
        said = tell(f"does.{flow.role}", power=f.power(flow.power_mw))
        if flow.role in {"demand", "unserved", "spill"}:
            return said
        if flow.state == "full":
            key = f"limit.full.{flow.role}"
            said += tell(key if key in TEXTS else "limit.full")
            gap = flow.gap_cny_per_mwh
            saves = gap is not None and gap < -EVEN
            after = [tell("full.saves", saving=price(-gap))] if saves and gap is not None else [tell("full.free")]
        else:
            upper = f.power(flow.upper_mw)
            said += tell("limit.share", upper=upper, share=f.percent(flow.power_mw / flow.upper_mw))
            after = [tell("free.sets")] if flow.state == "free" and flow.feeds else []
        return "; ".join([said, *self._cost(flow), *after])

    def _cost(self, flow: FlowFact) -> list[str]:
        """Say what a flow's energy costs by itself, and what limits and stores add to it."""
        if flow.role == "export":
            return [tell("cost.sale", price=price(-flow.own_cny_per_mwh))]
        if not flow.feeds:
            return []
        parts = "".join(
            tell(f"part.{name}", price=price(abs(value)))
            for name, value in flow.parts_cny_per_mwh.items()
            if abs(value) > EVEN
        )
        if abs(flow.own_cny_per_mwh) < EVEN:
            return [tell("cost.free", parts=parts)]
        key = "cost.wear" if flow.role == "discharge" else "cost"
        return [tell(key, price=price(flow.own_cny_per_mwh), parts=parts)]

    def _idle(self, flow: FlowFact) -> str:
        gap = flow.gap_cny_per_mwh or 0.0
        if flow.role == "export":
            return "; ".join(
                [tell("does.idle"), tell("idle.sale", price=price(-flow.own_cny_per_mwh), gap=price(gap))]
            )
        told = tell("idle.dear", gap=price(gap)) if gap > EVEN else tell("idle.even")
        return "; ".join([tell("does.idle"), *self._cost(flow), told])

    def _rest(self, charge: FlowFact, discharge: FlowFact, stores: list[StoreFact]) -> str:
        """Say below and above which price a store would move."""
        if charge.gap_cny_per_mwh is None or discharge.gap_cny_per_mwh is None:
            return tell("rest.plain")
        buy = price(charge.price_cny_per_mwh - charge.gap_cny_per_mwh)
        sell = price(discharge.price_cny_per_mwh + discharge.gap_cny_per_mwh)
        state = stores[0].state if stores else "between"
        key = f"rest.{state}" if state in {"full", "empty"} else "rest"
        return tell(key, buy=buy, sell=sell)

    def _store(self, store: StoreFact, hour: Hour) -> str:
        parts = [
            tell(
                "store",
                after=f.energy(store.after_mwh),
                before=f.energy(store.before_mwh),
                value=price(store.value_cny_per_mwh).replace("/MWh", ""),
            )
        ]
        if store.state in {"full", "empty"}:
            room = -(store.room_cny_per_mwh or 0.0)
            key = f"store.{store.state}" if room > EVEN else f"store.{store.state}.plain"
            parts.append(tell(key, saving=price(room).replace("/MWh", "")))
        for key, stamps in (("store.filled", store.filled), ("store.drawn", store.drawn)):
            near = [stamp for stamp in stamps if abs(stamp - hour.stamp) < pd.Timedelta(days=1)]
            if near:
                parts.append(tell(key, when=_when(near, hour.step_h, hour.stamp)))
        return tell("store.and").join(parts)

    # peaks

    def _peak(self, peak: PeakFact, hour: Hour | None = None) -> str:
        parts = [
            tell(
                "peak.plain",
                month=f.month_name(peak.month),
                peak=f.power(peak.peak_mw),
                charge=f.money(peak.charge_cny_per_mw),
            )
        ]
        share = sum(peak.setters.values())
        if peak.setters:
            parts.append(tell("peak.set", hours=self._setters(peak)))
        if peak.floor:
            parts.append(tell("peak.floor.part", share=f.percent(1.0 - share)) if share else tell("peak.floor"))
        if hour is not None:
            parts += self._this(peak, hour)
        return "; ".join(parts)

    def _this(self, peak: PeakFact, hour: Hour) -> list[str]:
        flow = next(x for x in hour.flows if x.component == peak.component and x.role == "import")
        if hour.stamp in peak.setters:
            extra = price(flow.parts_cny_per_mwh.get("demand_charge", 0.0))
            return [tell("peak.this", share=f.percent(peak.setters[hour.stamp]), price=extra)]
        if hour.stamp in peak.touching:
            return [tell("peak.touch")]
        return [tell("peak.below", power=f.power(peak.peak_mw - flow.power_mw))]

    def _setters(self, peak: PeakFact) -> str:
        """Say the days that bear most of a peak's charge, with their hours, and how many hours share the rest."""
        step_h = float(self.found.ds.attrs["step_h"])
        days: dict[pd.Timestamp, list[pd.Timestamp]] = {}
        for stamp in peak.setters:
            days.setdefault(stamp.normalize(), []).append(stamp)
        shares = {day: sum(peak.setters[stamp] for stamp in stamps) for day, stamps in days.items()}
        chosen = sorted(shares, key=lambda day: -shares[day])[:DAYS_TOLD]
        told = [
            tell("peak.day", day=f.date_short(day), span=_when(days[day], step_h, day), share=f.percent(shares[day]))
            for day in sorted(chosen)
        ]
        left = [stamp for day, stamps in days.items() if day not in chosen for stamp in stamps]
        if left:
            share = sum(peak.setters[stamp] for stamp in left)
            hours = f.united(f.sig(len(left) * step_h), "h")
            told.append(tell("peak.rest", n=hours, share=f.percent(share)))
        return f.listed(told)

    def months(self) -> list[str]:
        """Say every month's peak."""
        if not self.found.peaks:
            return []
        lines = [tell("peaks"), ""]
        for peak in self.found.peaks:
            lines += _wrapped(self._peak(peak), INDENT, INDENT * 2)
        return lines

    # saving

    def saving(self, saving: Saving) -> list[str]:
        """Say what the stores save, part by part."""
        names = [self.view.name(name) for name in saving.stores]
        without = f.money(saving.cost_without_cny)
        size, gains = abs(saving.total_cny), saving.total_cny >= 0
        share = f.percent(size / abs(saving.cost_without_cny)) if saving.cost_without_cny else ""
        head = tell("saving.many" if len(names) > 1 else "saving", stores=f.listed(names))
        key = "saving.total" if gains else "saving.costs"
        lines = [head, "", *_wrapped(tell(key, total=f.money(size), without=without, share=share), INDENT, INDENT)]
        lines += _table(
            (tell(f"saving.{name}"), f"{f.money(value)}: {self._note(name, saving)}")
            for name, value in saving.parts.items()
            if abs(value) > EVEN
        )
        if saving.wear_cny > EVEN:
            lines += _wrapped(tell("saving.wear", wear=f.money(saving.wear_cny)), INDENT, INDENT)
        return lines + [line for told in self._co2(saving) for line in _wrapped(told, INDENT, INDENT)]

    def _note(self, name: str, saving: Saving) -> str:
        if name == "demand_charge":
            key = "saving.note.demand_charge" + ("" if saving.peak_mw >= 0 else ".more")
            return tell(key, power=f.power(abs(saving.peak_mw)))
        energy = saving.used_mwh if name == "self_use" else saving.shifted_mwh
        return tell(f"saving.note.{name}", energy=f.energy(energy))

    def _co2(self, saving: Saving) -> Iterable[str]:
        if not saving.co2_t:
            return
        name, first = next(iter(saving.co2_t.items()))
        spread = ""
        if len(saving.co2_t) > 1:
            low, high = min(saving.co2_t.values()), max(saving.co2_t.values())
            spread = tell("saving.co2.range", least=f.mass(low), most=f.mass(high), n=len(saving.co2_t))
        key = "saving.co2" if first >= 0 else "saving.co2.more"
        yield tell(key, first=f.mass(abs(first)), name=self.view.yardstick_name(name), range=spread)


def _wrapped(line: str, first: str = "", rest: str = "") -> list[str]:
    return textwrap.wrap(line, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False) or [""]


def _table(rows: Iterable[tuple[str, str]]) -> list[str]:
    """Put what is said of a name below it, indented: names are long, and in two scripts."""
    lines: list[str] = []
    for name, told in rows:
        lines += _wrapped(f"{name}: {told}", INDENT, INDENT * 2)
    return lines


def why(found: Explained, *, progress: Callable[[str], None] | None = None) -> str:
    """Explain hours and the saving of stores in plain text.

    Parameters
    ----------
    found
        What :func:`parksim.why` gave.
    progress
        Called with the name of the phase.

    Returns
    -------
    str
        Lines of at most 96 signs where words allow it, without signs that an old terminal lacks.
    """
    if progress is not None:
        progress("report")
    teller = _Teller(found)
    blocks = [teller.hour(hour) for hour in found.hours]
    if not any("asked" in hour.reason for hour in found.hours):
        blocks.append(teller.months())
    if found.saving is not None:
        blocks.append(teller.saving(found.saving))
    title = str(found.ds.attrs["title"])
    return f.to_plain("\n".join([title, *(line for block in blocks if block for line in ["", *block])]))
