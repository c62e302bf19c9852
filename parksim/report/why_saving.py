"""What stores save, told part by part."""

from collections.abc import Iterable

from parksim.accounts.saving import Saving
from parksim.report import formats as f
from parksim.report.lines import INDENT, width, wrapped
from parksim.report.view import View
from parksim.report.why_times import EVEN
from parksim.report.words import say

DECIMALS = 3


def saving_lines(saving: Saving, *, view: View) -> list[str]:
    """Say what the stores save, part by part."""
    names = [view.name(name) for name in saving.stores]
    without = f.money(saving.cost_without_cny)
    size, gains = abs(saving.total_cny), saving.total_cny >= 0
    share = f.percent(size / abs(saving.cost_without_cny)) if saving.cost_without_cny else ""
    head = say("why.saving.many" if len(names) > 1 else "why.saving.one", stores=f.listed(names))
    key = "why.saving.total" if gains else "why.saving.costs"
    lines = [head, "", *wrapped(say(key, total=f.money(size), without=without, share=share), INDENT, INDENT)]
    rows = [(name, value) for name, value in saving.parts.items() if abs(value) > EVEN]
    size_of, unit = f.money_scale(max((abs(value) for _, value in rows), default=0.0))
    shown = [(say(f"why.saving.{n}"), f.fixed(v / size_of, DECIMALS if size_of > 1 else 0)) for n, v in rows]
    wide = [max((width(row[place]) for row in shown), default=0) for place in (0, 1)]
    for (name, _), (word, value) in zip(rows, shown, strict=True):
        room = " " * (wide[0] - width(word))
        lines.append(f"{INDENT * 2}{word}{room}{INDENT}{value:>{wide[1]}} {unit}{INDENT}{_note(name, saving)}")
    if saving.wear_cny > EVEN:
        lines += wrapped(say("why.saving.wear", wear=f.money(saving.wear_cny)), INDENT, INDENT)
    return lines + [line for told in _co2(saving, view) for line in wrapped(told, INDENT, INDENT)]


def _note(name: str, saving: Saving) -> str:
    if name == "demand_charge":
        key = "why.saving.note.demand_charge" + ("" if saving.peak_mw >= 0 else ".more")
        return say(key, power=f.power(abs(saving.peak_mw)))
    energy = saving.used_mwh if name == "self_use" else saving.shifted_mwh
    return say(f"why.saving.note.{name}", energy=f.energy(energy))


def _co2(saving: Saving, view: View) -> Iterable[str]:
    if not saving.co2_t:
        return
    name, first = next(iter(saving.co2_t.items()))
    sign = 1.0 if first >= 0 else -1.0
    spread = ""
    if len(saving.co2_t) > 1:
        tonnes = [sign * value for value in saving.co2_t.values()]
        spread = say("why.saving.co2.range", least=f.mass(min(tonnes)), most=f.mass(max(tonnes)), n=len(tonnes))
    key = "why.saving.co2" if first >= 0 else "why.saving.co2.more"
    yield say(key, first=f.mass(abs(first)), name=view.yardstick_name(name), range=spread)
