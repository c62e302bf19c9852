"""What a study answers: the best case in a sentence, how many cases there are, tiles, what to read with care."""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from parksim.report import formats as f
from parksim.report.study_figures import Measure, settled
from parksim.report.study_view import FAILED, NO_SOLUTION, PLANNED, REFUSED, SOLVED, StudyView
from parksim.report.tiles import Tile, tile
from parksim.report.words import say, tell

NUMBER = re.compile(r"\d[\d.,]*")
FILE = re.compile(r"^\S+\.toml: ")
"""Begin of a line that names the park file, which is the same for all cases."""

BARE = ("no solution", "infeasible", "unbounded")
"""Begins of lines of a reason that say no more than that there is none."""

TOLD_FIGURES = ("green_share", "emissions_t")
"""Figures of the best case that the answer tells beside its cost."""


def answer(view: StudyView) -> str:
    """Answer in one sentence: the cheapest case that counts, against the park file's own."""
    best = view.best
    if best is None:
        return say("study.answer.none", n=view.count)
    chosen = [axis for axis in view.axes if axis not in view.given]
    told = {"case": view.case(best), "label": view.label(best, chosen), "cost": _told(view.cost, best)}
    told["figures"] = _figures(view, best)
    given = f.listed([axis.title for axis in view.given])
    found = _chosen(view, best, told)
    return say("study.answer.given", given=given, answer=small(found)) if given else found


def _chosen(view: StudyView, best: int, told: dict[str, str]) -> str:
    """Tell the best case, and of how many it was chosen."""
    if not view.admitted.any():
        return say("study.answer.not_admitted", n=int(view.solved.sum()), **told)
    if view.count == 1:
        return say("study.answer.one", **told)
    told["cases"] = say("study.cases.admitted" if view.constraints else "study.cases", n=int(view.compared.sum()))
    if view.base == best:
        return say("study.answer.base", **told)
    against = _against(view)
    if against is None:
        return say("study.answer.alone", **told)
    apart = view.cost.apart(float(view.cost.values[best]), against[0])
    return say("study.answer", apart=apart, against=against[1], **told)


def _told(measure: Measure, at: int) -> str:
    return measure.told(float(measure.values[at]))


def _against(view: StudyView) -> tuple[float, str] | None:
    """Choose what the best case is held against: the park file's own case, else the median; None for a single case."""
    if view.base is not None:
        return float(view.cost.values[view.base]), say("study.against.base")
    if view.compared.sum() < 2:
        return None
    return float(np.median(view.cost.values[view.compared])), say("study.against.median")


def _figures(view: StudyView, at: int) -> str:
    """Tell green share and CO2 of a case, with those of the park file's own beside them."""
    parts = []
    for name in TOLD_FIGURES:
        measure = view.key(name)
        if measure is None or not measure.finite[at]:
            continue
        value = {"figure": measure.title, "value": _told(measure, at)}
        other = view.base
        if other is not None and other != at and measure.finite[other]:
            parts.append(say("study.answer.figure.base", own=_told(measure, other), **value))
        else:
            parts.append(say("study.answer.figure", **value))
    return say("study.answer.with", figures=say("list.clause").join(parts)) if parts else ""


def counts(view: StudyView) -> str:
    """Tell how many cases there are, and what became of them."""
    states = Counter(view.state.tolist())
    parts = [
        say(f"study.count.{state}", n=states[state])
        for state in (SOLVED, NO_SOLUTION, REFUSED, FAILED, PLANNED)
        if states[state]
    ]
    told = [say("study.count", n=view.count, parts=say("list.clause").join(parts))]
    if view.constraints and view.solved.any():
        told.append(say("study.count.admitted", n=int(view.admitted.sum())))
    return f.sentences(told)


def rest(view: StudyView) -> str:
    """Tell what stands behind the answer: the cases, the commonest reasons of failure, the cheapest of all."""
    told = [counts(view)]
    reasons = common_reasons(view)
    if reasons:
        parts = [say("study.reason.of", reason=reason, n=n) for reason, n in reasons[:2]]
        told.append(say("study.reason", n=len(parts), reasons=f.points(parts)))
    if view.given and view.admitted.any() and view.ranking[0] != view.best:
        first = view.ranking[0]
        values = view.label(first, view.given)
        told.append(say("study.answer.other", case=view.case(first), values=values, cost=_told(view.cost, first)))
    return f.sentences(told)


def small(sentence: str) -> str:
    """Begin a sentence with a small letter, to go on with it; names stay as they are."""
    return sentence[:1].lower() + sentence[1:] if sentence[1:2].islower() else sentence


def gist(reason: str) -> str:
    """Give the line of a reason that tells most, up to its numbers."""
    lines = [line for line in reason.splitlines() if line.strip()]
    line = next((line for line in lines if not line.startswith(BARE)), lines[0] if lines else "")
    return tell(FILE.sub("", line)).partition(" by ")[0].rstrip(".")


def common_reasons(view: StudyView) -> list[tuple[str, int]]:
    """Count the reasons why cases have no result; those alike but for their numbers are one."""
    found: dict[str, tuple[str, int]] = {}
    for state, reason in zip(view.state.tolist(), view.reason, strict=True):
        if state not in {SOLVED, PLANNED}:
            told = gist(reason)
            key = NUMBER.sub("#", told)
            found[key] = (found.get(key, (told, 0))[0], found.get(key, (told, 0))[1] + 1)
    return sorted((entry for entry in found.values() if entry[0]), key=lambda entry: -entry[1])


def tiles(view: StudyView) -> list[Tile]:
    """Choose the key figures: of the best case against the park file's own, of the greenest, and the counts."""
    found = []
    best = view.best
    if best is not None:
        found += [_best_tile(view, measure, best) for measure in _told_measures(view)]
        found += _extremes(view)
    if view.constraints:
        context = say("study.tile.admitted.of", n=int(view.solved.sum()))
        found.append(tile("study.tile.admitted", f.whole(float(view.admitted.sum())), "", context))
    lacking = view.count - int(view.solved.sum())
    context = say("study.tile.solved.of", n=view.count) if not lacking else say("study.tile.solved.lack", n=lacking)
    found.append(tile("study.tile.solved", f.whole(float(view.solved.sum())), "", context, alarm=not view.solved.any()))
    return found


def _told_measures(view: StudyView) -> list[Measure]:
    names = ("green_share", "emissions_t", "peak_import_mw")
    return [view.cost, *(measure for name in names if (measure := view.key(name)) is not None)]


def _best_tile(view: StudyView, measure: Measure, best: int) -> Tile:
    keys = {"green_share": "green", "emissions_t": "co2", "peak_import_mw": "peak"}
    key = keys.get(measure.name.split(".")[0], "cost")
    own = view.base
    if own is not None and own != best:
        value = float(measure.values[best])
        apart = measure.apart(value, float(measure.values[own]))
        context = say("study.tile.base", own=_told(measure, own), apart=apart)
    else:
        context = _span(view, measure)
    if measure.name.startswith("emissions_t"):
        context = say("study.tile.by", context=context, figure=measure.title)
    number = f.sig(float(measure.values[best]) / measure.scale)
    return tile(f"study.tile.{key}", number, measure.unit, context)


def _span(view: StudyView, measure: Measure) -> str:
    """Tell how far a figure reaches among the cases to choose between."""
    values = measure.values[view.compared & measure.finite]
    ends = [measure.told(float(end)) for end in (values.min(), values.max())] if len(values) else ["–", "–"]
    if ends[0] == ends[1]:
        return say("study.tile.same" if view.count > 1 else "study.tile.only")
    return say("study.tile.span", least=ends[0], most=ends[1])


def _extremes(view: StudyView) -> list[Tile]:
    """Tell the greenest and the least emitting of the cases to choose between, where they are not the cheapest."""
    found = []
    for key, name in (("greenest", "green_share"), ("cleanest", "emissions_t")):
        measure = view.key(name)
        if measure is None or not measure.varies:
            continue
        values = np.where(view.compared & measure.finite, measure.values, np.nan)
        if not np.isfinite(values).any():
            continue
        values = settled(values)
        end = float(np.nanmax(values) if measure.more_is_better else np.nanmin(values))
        at = next(at for at in view.ranking if values[at] == end)
        if view.best is None or measure.told(end) != _told(measure, view.best):
            context = say("study.tile.extreme", case=view.case(at), cost=_told(view.cost, at))
            found.append(tile(f"study.tile.{key}", f.sig(end / measure.scale), measure.unit, context))
    return found


def care(view: StudyView) -> list[str]:
    """Tell what to read with care."""
    found = [say("study.care.cost")]
    if view.given:
        found.append(say("study.care.given", axes=f.listed([axis.title for axis in view.given])))
    elif any(not axis.chosen for axis in view.axes):
        titles = [axis.title for axis in view.axes if not axis.chosen]
        found.append(say("study.care.given.all", axes=f.listed(titles)))
    if view.base is None and view.axes and view.solved.any():
        found.append(say("study.care.no_base", axes=_missing_base(view)))
    if any(axis.sampled for axis in view.axes):
        found.append(say("study.care.sampled"))
    states = Counter(view.state.tolist())
    if states[PLANNED]:
        found.append(say("study.care.planned", n=states[PLANNED]))
    if states[FAILED]:
        found.append(say("study.care.failed", n=states[FAILED]))
    if view.solved.any() and not view.admitted.any():
        found.append(say("study.care.none_admitted", lacking=_nearest(view)))
    if len(view.shown) < len(view.ranking):
        found.append(say("study.care.thinned", n=len(view.shown), all=f.whole(float(len(view.ranking)))))
    return found


def _missing_base(view: StudyView) -> str:
    lacking = [axis.title for axis in view.axes if not axis.at_base().any()]
    return f.listed(lacking) if lacking else say("study.care.no_base.solved")


def _nearest(view: StudyView) -> str:
    """Tell how many solved cases keep each constraint."""
    parts = [
        say("study.care.constraint", constraint=one.title, n=int((one.meets & view.solved).sum()))
        for one in view.constraints
    ]
    return f.points(parts)


def binds(view: StudyView) -> Sequence[tuple[str, str, str, str]]:
    """List constraints: what, how many solved cases fail it, how many fail it alone, its source."""
    found = []
    for one in view.constraints:
        others = np.ones(view.count, np.bool_)
        for other in view.constraints:
            others &= other.meets if other is not one else True
        fails = view.solved & ~one.meets
        found.append(
            (f.capital(one.title), f.whole(float(fails.sum())), f.whole(float((fails & others).sum())), one.source)
        )
    return found
