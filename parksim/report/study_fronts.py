"""Fronts: every case as a point in cost against CO2, green share and grid peak, the non-dominated ones joined."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from parksim.report import formats as f
from parksim.report import theme
from parksim.report.figures import Figure, mark, numbers, safe
from parksim.report.study_figures import Measure, settled
from parksim.report.study_view import StudyView
from parksim.report.theme import Style
from parksim.report.words import say

AGAINST = {"co2": "emissions_t", "green": "green_share", "peak": "peak_import_mw"}
"""Charts, and the figure that the cost is drawn against."""

TALL = 420
POINT, BEST = 7, 13
"""Height of a chart, size of a point and of the marked ones [px]."""

EXACT_FIGURE = {"co2": "co2", "green": "green_share", "peak": "peak_import"}
"""Chart to the variable of an exact front that is drawn into it."""

OTHER = "#8C9096"
EXACT = theme.COLOURS["heat"]
"""Colours of cases that do not count, and of the exact front."""


def front(cost: NDArray[np.float64], other: NDArray[np.float64], *, more_is_better: bool) -> list[int]:
    """Find the points that no other point beats in both figures, from the cheapest on.

    Parameters
    ----------
    cost, other
        Figures of the points, shape (point,); a point without one of them is none.
    more_is_better
        Whether much of ``other`` is wanted.

    Returns
    -------
    list of int
        Places of the points; of points alike in both figures the first alone.

    Examples
    --------
    >>> front(np.array([3.0, 1.0, 2.0, 4.0]), np.array([1.0, 5.0, 5.0, 1.0]), more_is_better=False)
    [1, 0]
    """
    cost, wanted = settled(cost), settled(-other if more_is_better else other)
    order = np.lexsort((wanted, cost))
    found, least = [], np.inf
    for at in order:
        if np.isfinite(cost[at]) and wanted[at] < least:
            found.append(int(at))
            least = float(wanted[at])
    return found


def fronts(view: StudyView, exact: Mapping[str, xr.Dataset]) -> list[Figure]:
    """Draw the fronts that there are figures for.

    Parameters
    ----------
    exact
        Chart to the Dataset of the exact front, where one was asked for.
    """
    found = []
    for key, name in AGAINST.items():
        measure = view.key(name)
        if measure is not None and (view.compared & measure.finite).sum() > 1 and measure.varies:
            found.append(_figure(view, key, measure, exact.get(key)))
    return found


def front_of(view: StudyView, measure: Measure) -> list[int]:
    """Give the cases on the front of cost and a figure, from the cheapest on."""
    among = np.flatnonzero(view.compared & measure.finite)
    return [
        int(among[at])
        for at in front(view.cost.values[among], measure.values[among], more_is_better=measure.more_is_better)
    ]


def _figure(view: StudyView, key: str, measure: Measure, exact: xr.Dataset | None) -> Figure:
    cost, best = view.cost, front_of(view, measure)
    counted = [at for at in view.shown if view.compared[at] and at not in set(best)]
    others = [at for at in view.shown if not view.compared[at]]
    blue = theme.COLOURS["direct"]
    hollow = {"size": POINT, "color": theme.PAPER, "line": {"width": 1, "color": OTHER}}
    traces = [
        _points(view, measure, others, say("study.front.other"), hollow),
        _points(view, measure, counted, say("study.front.case"), {"size": POINT, "color": theme.tint(blue, 0.45)}),
        _points(view, measure, best, say("study.front.best"), {"size": POINT + 2, "color": blue}, line=blue),
    ]
    legend = [
        mark(say("study.front.best"), Style(blue)),
        mark(say("study.front.case"), Style(theme.tint(blue, 0.45))),
        mark(say("study.front.other"), Style(OTHER)),
    ]
    legend = [entry for entry, trace in zip((legend[2], legend[1], legend[0]), traces, strict=True) if trace["x"]]
    if exact is not None:
        traces.append(_exact(exact, key, measure, cost))
        legend.append(mark(say("study.front.exact"), Style(EXACT), line=True))
    if view.base is not None and measure.finite[view.base]:
        base = _points(
            view, measure, [view.base], say("study.front.base"),
            {"size": BEST, "symbol": "diamond-open", "color": theme.INK, "line": {"width": 2, "color": theme.INK}},
        )  # fmt: skip
        traces.append(base)
        legend.append(mark(say("study.front.base"), Style(theme.INK)))
    traces = [trace for trace in traces if trace["x"]]
    layout = theme.layout(
        margin={"l": 56, "r": 16, "t": 30, "b": 52, "pad": 0},
        xaxis=_axis(cost.heading),
        yaxis=theme.value_axis(nticks=6),
        annotations=[theme.axis_label(measure.heading)],
        hovermode="closest",
    )
    alt = say("study.front.alt", figure=measure.title, points=f.points([_point(view, measure, at) for at in best[:8]]))
    spec = {"data": traces, "layout": layout, "pick": ["case", cost.name, measure.name, "admitted"]}
    return Figure(f"front-{key}", f.capital(title(view, measure, best)), alt, spec, TALL, legend, caption(view, best))


def _axis(text: str) -> dict[str, Any]:
    told = {"text": text, "font": {"size": theme.FONT_SIZE - 1, "color": theme.MUTED}, "standoff": 8}
    return theme.value_axis(title=told, nticks=6, ticks="outside", tickcolor=theme.RULE)


def _point(view: StudyView, measure: Measure, at: int) -> str:
    told = {"cost": view.cost.write(float(view.cost.values[at])), "value": measure.write(float(measure.values[at]))}
    return say("study.front.point", case=view.case(at), **told)


def _points(
    view: StudyView, measure: Measure, cases: list[int], name: str, marker: dict[str, Any], line: str = ""
) -> dict[str, Any]:
    """Draw cases as points; the page's script adds what each of them is."""
    place = {at: position for position, at in enumerate(view.shown)}
    cost = view.cost
    told = say("list.clause").join([_hover("x", cost), _hover("y", measure)])
    return {
        "type": "scatter", "mode": "lines+markers" if line else "markers", "name": safe(name),
        "x": numbers(cost.values[cases], cost.scale), "y": numbers(measure.values[cases], measure.scale),
        "cases": [place.get(at, -1) for at in cases], "marker": marker, "cliponaxis": False,
        **({"line": {"color": line, "width": 1.5, "shape": "linear"}} if line else {}),
        "hovertemplate": f"%{{customdata}}<br>{told}<extra></extra>",
    }  # fmt: skip


def _hover(letter: str, measure: Measure) -> str:
    return f.united(f"%{{{letter}:,.6~r}}", measure.unit)


def _exact(ds: xr.Dataset, key: str, measure: Measure, cost: Measure) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "lines+markers", "name": say("study.front.exact"),
        "x": numbers(ds["cost"].to_numpy(), cost.scale), "y": numbers(ds[EXACT_FIGURE[key]].to_numpy(), measure.scale),
        "line": {"color": EXACT, "width": 1.5, "dash": "4px,3px"}, "marker": {"size": 5, "color": EXACT},
        "cliponaxis": False, "hovertemplate": f.hover(say("study.front.exact"), _hover("y", measure), ""),
    }  # fmt: skip


def title(view: StudyView, measure: Measure, best: list[int]) -> str:
    """Say what the best figure costs more than the cheapest case."""
    first, last = best[0], best[-1]
    value, other = float(measure.values[last]), float(measure.values[first])
    if measure.told(value) == measure.told(other) and first != last:
        return say("study.front.title.same", figure=measure.title, value=measure.told(other))
    if first == last:
        return say("study.front.title.one", case=view.case(first), figure=measure.title, value=measure.told(other))
    more = view.cost.apart(float(view.cost.values[last]), float(view.cost.values[first]))
    return say("study.front.title", figure=measure.title, start=measure.told(other), end=measure.told(value), more=more)


def caption(view: StudyView, best: list[int]) -> str:
    """Say of how many cases none is better in both figures, and which cases count."""
    told = [say("study.front.caption", n=len(best), all=f.whole(float(view.compared.sum())))]
    if view.given:
        told.append(say("study.front.given", axes=f.listed([axis.title for axis in view.given])))
    return f.sentences(told)
