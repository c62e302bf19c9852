"""What each axis does to a figure: how far it moves it (a tornado), and how it is spread at each value (box plots)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from parksim.report import formats as f
from parksim.report import theme
from parksim.report.study_axes import Axis
from parksim.report.study_figures import SAME, Measure, finite
from parksim.report.study_strips import Mark, Strip, no_rows, scale_of, strips
from parksim.report.study_view import StudyView
from parksim.report.words import say

QUARTILES = (0.0, 0.25, 0.5, 0.75, 1.0)

LOW, HIGH = theme.tint(theme.COLOURS["direct"], 0.55), theme.COLOURS["direct"]
"""Bars towards less and towards more."""


@dataclass(frozen=True)
class Effect:
    """How far one axis moves a figure.

    Parameters
    ----------
    axis
        The axis.
    least, most
        Least and largest figure along it.
    at_least, at_most
        Its values there.
    lost
        Its values without a solution.
    """

    axis: Axis
    least: float
    most: float
    at_least: str
    at_most: str
    lost: tuple[str, ...] = ()


def one_at_a_time(view: StudyView) -> bool:
    """Whether axes are moved one at a time from the park file's own case; else means over all other axes are told."""
    return view.base is not None and not any(axis.sampled for axis in view.axes)


def start(view: StudyView, measure: Measure) -> float:
    """Give the figure that effects are counted from: of the park file's own case, or the mean of all solved."""
    if one_at_a_time(view) and view.base is not None:
        return float(measure.values[view.base])
    use = view.solved & measure.finite
    return float(measure.values[use].mean()) if use.any() else float("nan")


def effects(view: StudyView, measure: Measure) -> list[Effect]:
    """Tell how far each axis moves a figure, the farthest first."""
    found = []
    for axis in view.factors:
        names, place = axis.groups
        values = _along(view, measure, place, len(names))
        if np.isfinite(values).sum() < 2:
            continue
        low, high = int(np.nanargmin(values)), int(np.nanargmax(values))
        lost = tuple(name for name, value in zip(names, values, strict=True) if not np.isfinite(value))
        found.append(Effect(axis, float(values[low]), float(values[high]), names[low], names[high], lost))
    return sorted(found, key=lambda effect: effect.least - effect.most)


def _along(view: StudyView, measure: Measure, place: NDArray[np.int64], size: int) -> NDArray[np.float64]:
    """Give the figure at each value of an axis: from the base, or its mean over all other axes."""
    use = view.solved & measure.finite & (place >= 0)
    if one_at_a_time(view):
        use &= _beside(view, place)
    sums = np.bincount(place[use], measure.values[use], minlength=size)
    count = np.bincount(place[use], minlength=size)
    return np.where(count > 0, sums / np.maximum(count, 1), np.nan)


def _beside(view: StudyView, place: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Cases that differ from the park file's own on this axis at most, shape (case,)."""
    same = np.ones(view.count, np.bool_)
    for axis in view.factors:
        own = axis.groups[1]
        if own is not place:
            same &= own == own[view.base]
    return same


def tornado_title(measure: Measure, found: list[Effect], origin: float) -> str:
    """Say which axis moves a figure most, and how far."""
    if not found or found[0].most == found[0].least:
        return say("study.tornado.title.none", figure=measure.title)
    first = found[0]
    low, high = measure.apart(first.least, origin), measure.apart(first.most, origin)
    return say("study.tornado.title", axis=first.axis.title, figure=measure.title, low=low, high=high)


def tornado(view: StudyView, measure: Measure, found: list[Effect], origin: float) -> Markup:
    """Draw how far each axis moves a figure."""
    if not found:
        return Markup('<p class="lead">{}</p>').format(say("study.tornado.none"))
    scale = scale_of([value for effect in found for value in (effect.least, effect.most)] + [origin])
    rows = []
    for effect in found:
        marks = [Mark("bar", effect.least, origin, LOW), Mark("bar", origin, effect.most, HIGH)]
        marks = [mark for mark in marks if mark.start < mark.end]
        lost = say("study.tornado.lost", values=f.listed(effect.lost)) if effect.lost else ""
        ends = ((effect.least, effect.at_least), (effect.most, effect.at_most))
        moved = effect.most - effect.least > SAME * abs(origin)
        texts = [
            say("study.tornado.end", figure=measure.bare(value), value=name) if moved else measure.bare(value)
            for value, name in ends
        ]
        rows.append(Strip(effect.axis.title, [*marks, Mark("tick", origin, origin, theme.INK)], texts, lost))
    heads = (say("study.col.axis"), measure.heading, say("study.col.least"), say("study.col.most"))
    ticks = [f.plain_number(float(f"{at / measure.scale:.6g}")) for at in scale.ticks]
    return strips(rows, scale, heads=heads, ticks=ticks, caption=say("study.tornado.table", figure=measure.title))


def tornado_caption(view: StudyView, measure: Measure, found: list[Effect], origin: float) -> str:
    """Say what effects are counted from, and which values have no solution."""
    key = "study.tornado.caption.base" if one_at_a_time(view) else "study.tornado.caption.mean"
    told = [say(key, origin=measure.write(origin))]
    lost = [say("study.value", axis=e.axis.title, value=f.listed(e.lost)) for e in found if e.lost]
    if lost:
        told.append(say("study.tornado.caption.lost", values=f.points(lost)))
    return f.sentences(told)


def tornado_heads() -> list[str]:
    """Name the columns of the tornado's download."""
    names = ("figure", "unit", "axis", "origin", "least", "value", "most", "value")
    return [say(f"study.csv.{name}") for name in names]


def tornado_rows(measure: Measure, found: list[Effect], origin: float) -> list[list[Any]]:
    """List the effects on a figure, for the download; in the units of the store."""
    first = [measure.title, f.unit_text(measure.units)]
    return [
        [*first, e.axis.title, finite(origin), finite(e.least), e.at_least, finite(e.most), e.at_most] for e in found
    ]


def box_heads() -> list[str]:
    """Name the columns of the box plots' download."""
    names = ("figure", "unit", "axis", "value", "least", "low", "middle", "high", "most", "solved")
    return [say(f"study.csv.{name}") for name in names]


def box_rows(view: StudyView, measure: Measure) -> list[list[Any]]:
    """List the spread of a figure at each value of each axis, for the download; in the units of the store."""
    first = [measure.title, f.unit_text(measure.units)]
    return [
        [*first, axis.title, name, *(finite(float(value)) for value in spread), n]
        for axis in view.factors
        for name, spread, n in quartiles(view, measure, axis)
    ]


def quartiles(view: StudyView, measure: Measure, axis: Axis) -> list[tuple[str, NDArray[np.float64], int]]:
    """Give the spread of a figure at each value of an axis: name, quartiles shape (5,), number of solved cases."""
    names, place = axis.groups
    found = []
    for at, name in enumerate(names):
        values = measure.values[view.solved & measure.finite & (place == at)]
        spread = np.quantile(values, QUARTILES) if len(values) else np.full(len(QUARTILES), np.nan)
        found.append((name, spread, len(values)))
    return found


def boxes_title(view: StudyView, measure: Measure) -> str:
    """Say how the middle of a figure moves along the axis that moves it most."""
    moves = []
    for axis in view.factors:
        middles = [(spread[2], name) for name, spread, n in quartiles(view, measure, axis) if n]
        if len(middles) > 1:
            moves.append((max(middles)[0] - min(middles)[0], axis.title, min(middles), max(middles)))
    if not moves or max(moves)[0] == 0.0:
        return say("study.boxes.title.none", figure=measure.title)
    _, axis_title, low, high = max(moves, key=lambda move: move[0])
    return say(
        "study.boxes.title", figure=measure.title, axis=axis_title, low=measure.told(float(low[0])), at_low=low[1],
        high=measure.told(float(high[0])), at_high=high[1],
    )  # fmt: skip


def boxes(view: StudyView, measure: Measure) -> Markup:
    """Draw the spread of a figure at each value of each axis."""
    use = measure.values[view.solved & measure.finite]
    if not len(use) or not view.factors:
        return no_rows()
    scale = scale_of([float(use.min()), float(use.max())])
    rows = []
    for axis in view.factors:
        rows.append(Strip(axis.title, head=True))
        rows += [_box(measure, name, spread, n) for name, spread, n in quartiles(view, measure, axis)]
    heads = (say("study.col.value"), measure.heading, say("study.col.median"), say("study.col.cases"))
    ticks = [f.plain_number(float(f"{at / measure.scale:.6g}")) for at in scale.ticks]
    return strips(
        rows, scale, heads=heads, ticks=ticks, caption=say("study.boxes.table", figure=measure.title), sort="boxes"
    )


def _box(measure: Measure, name: str, spread: NDArray[np.float64], n: int) -> Strip:
    if not n:
        return Strip(name, [], ["–", f.whole(0.0)])
    least, low, middle, high, most = (float(value) for value in spread)
    marks = [
        Mark("line", least, most, theme.MUTED),
        Mark("bar", low, high, theme.tint(theme.COLOURS["direct"], 0.6)),
        Mark("tick", middle, middle, theme.COLOURS["direct"]),
    ]
    hover = say("study.boxes.hover", **{
        key: measure.write(value)
        for key, value in (("least", least), ("low", low), ("middle", middle), ("high", high), ("most", most))
    })  # fmt: skip
    return Strip(name, marks, [measure.bare(middle), f.whole(float(n))], hover)
