"""Parallel coordinates: every case a line through its values; the page's own script draws and brushes them."""

from typing import Any

import numpy as np

from parksim.report import formats as f
from parksim.report import theme
from parksim.report.study_axes import Axis
from parksim.report.study_figures import Measure, finite
from parksim.report.study_view import StudyView
from parksim.report.words import say, template

MOST_AXES = 8
"""Most axes of a study that are drawn side by side."""


def cases_data(view: StudyView) -> dict[str, Any]:
    """Give the cases that the page shows, for its script: columns of the download, names, links, how to draw them."""
    shown = view.shown
    columns = [{"key": "case", "head": say("study.col.case"), "values": view.number[shown].tolist()}]
    columns += [_axis_column(axis, shown) for axis in view.axes]
    first = [measure.name for measure in view.keys]
    rest = [name for name in view.measures if name not in first]
    columns += [_measure_column(view.measures[name], shown) for name in (*first, *rest)]
    columns.append(
        {"key": "admitted", "head": say("study.col.admitted"), "values": view.admitted[shown].astype(int).tolist()}
    )
    columns += [
        {"key": f"meets.{one.name}", "head": one.title, "values": one.meets[shown].astype(int).tolist()}
        for one in view.constraints
    ]
    return {
        "columns": columns,
        "labels": [say("study.point", case=view.case(at), label=view.label(at)) for at in shown],
        "counted": view.counted[shown].astype(int).tolist(),
        "links": [view.link(at) for at in shown],
        "axes": [_axis_line(axis) for axis in view.axes[:MOST_AXES]],
        "figures": [_measure_line(view, measure) for measure in view.keys],
        "colours": list(theme.CIVIDIS),
        "texts": {
            "picked": template("study.picked"), "page": template("study.page"),
        },
    }  # fmt: skip


def _axis_column(axis: Axis, shown: list[int]) -> dict[str, Any]:
    head = say("study.heading", title=axis.title, unit=axis.unit) if axis.unit else axis.title
    if axis.numeric:
        return {"key": axis.name, "head": head, "values": [finite(float(axis.values[at])) for at in shown]}
    texts = [axis.write(axis.values[at]) for at in shown]
    return {"key": axis.name, "head": head, "values": texts, "places": axis.place[shown].tolist()}


def _measure_column(measure: Measure, shown: list[int]) -> dict[str, Any]:
    unit = f.unit_text(measure.units)
    head = say("study.heading", title=measure.title, unit=unit) if unit else measure.title
    return {"key": measure.name, "head": f.capital(head), "values": [finite(float(measure.values[at])) for at in shown]}


def _axis_line(axis: Axis) -> dict[str, Any]:
    """Say how an axis of the study is drawn: its ends, and marks with texts."""
    if not axis.numeric:
        marks = [[float(at), axis.write(level)] for at, level in enumerate(axis.levels)]
        return {"key": axis.name, "title": axis.title, "low": -0.5, "high": len(marks) - 0.5, "marks": marks}
    levels = axis.levels or [0.0, 1.0]
    low, high = float(levels[0]), float(levels[-1])
    few = levels if len(levels) <= MOST_MARKS else [low, 0.5 * (low + high), high]
    marks = [[float(level), axis.write(float(f"{level:.3g}"))] for level in few]
    return {"key": axis.name, "title": axis.title, "low": low, "high": high, "marks": marks}


MOST_MARKS = 8
"""An axis with more values than this is marked at its ends and its middle."""


def _measure_line(view: StudyView, measure: Measure) -> dict[str, Any]:
    use = measure.values[view.solved & measure.finite]
    low, high = (float(use.min()), float(use.max())) if len(use) else (0.0, 1.0)
    marks = [[value, measure.bare(value)] for value in (low, 0.5 * (low + high), high)]
    if low == high:
        marks = marks[:1]
    counted = measure.values[view.counted & measure.finite]
    ends = [float(counted.min()), float(counted.max())] if len(counted) else [low, high]
    line = {"key": measure.name, "title": measure.heading, "low": low, "high": high, "marks": marks, "figure": True}
    return {**line, "colour": ends, "ends": [measure.write(end) for end in ends]}


def title(view: StudyView) -> str:
    """Say how far the figures of the admitted cases reach."""
    spans = [_span(measure, view.counted) for measure in view.keys[:3]]
    told = f.listed([span for span in spans if span])
    if not told:
        return say("study.nothing")
    key = "study.parallel.title.admitted" if view.admitted.any() and view.constraints else "study.parallel.title"
    return say(key, n=int(view.counted.sum()), spans=told)


def _span(measure: Measure, among: np.ndarray) -> str:
    values = measure.values[among & measure.finite]
    if not len(values):
        return ""
    least, most = measure.told(float(values.min())), measure.told(float(values.max()))
    if least == most:
        return say("study.span.same", figure=measure.title, value=least)
    return say("study.span", figure=measure.title, least=least, most=most)


def caption(view: StudyView) -> str:
    """Say what colours mean, and where a line leads."""
    grey = [say("study.parallel.grey")] if view.constraints and view.admitted.any() else []
    return f.sentences([say("study.parallel.caption"), *grey])


def alt(view: StudyView) -> str:
    """Tell the chart to those who do not see it."""
    names = [axis.title for axis in view.axes[:MOST_AXES]] + [measure.title for measure in view.keys]
    return say("study.parallel.alt", n=len(view.shown), names=f.listed(names), title=title(view))
