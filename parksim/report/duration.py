"""Duration curves: the hours of the run sorted from the highest, and a table of the peaks."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from parksim.report import formats as f
from parksim.report import theme
from parksim.report.dispatch import Hours, price_axis, price_name
from parksim.report.figures import Figure, mark
from parksim.report.tables import Align, Cell, Row, Table
from parksim.report.theme import Style
from parksim.report.view import SMALL, Array, View
from parksim.report.weeks import available
from parksim.report.words import say

NEAR = 0.9
"""Hours above this part of the peak are counted as near it."""

RANKS = (10, 100)
"""Places whose hours the table tells."""


@dataclass(frozen=True)
class Curve:
    """One series to be sorted.

    Parameters
    ----------
    key
        ``load``, ``residual``, ``import`` or ``price``.
    name, unit, colour, dash
        How it is told and drawn.
    plus, minus
        Arrays of the page that it is made of.
    values
        Shape (time,).
    """

    key: str
    name: str
    unit: str
    colour: str
    dash: str
    plus: list[str]
    minus: list[str]
    values: Array


def curves(view: View) -> list[Curve]:
    """Collect load, load less green sources, purchases, and the price at each node; those that the park has."""
    demand = [flow for flow in view.with_role("demand") if view.moves(flow)]
    green = [flow for flow in view.with_role("renewable", "direct") if available(view, flow).max(initial=0.0) > SMALL]
    bought = [flow for flow in view.with_role("import") if view.moves(flow)]
    load, supply = view.total("demand"), np.zeros(view.steps)
    given = []
    for flow in green:
        unused = view.unused(flow)
        supply = supply + view.power[flow.row] + (0.0 if unused is None else unused)
        given += [flow.key] * view.moves(flow) + [f"u{flow.row}"] * (unused is not None)
    found = []
    keys = [flow.key for flow in demand]
    if keys:
        found.append(_power("load", theme.COLOURS["demand"], keys, [], load))
    if keys and given:
        colour = theme.COLOURS["direct"]
        found.append(_power("residual", colour, keys, given, load - supply))
    if bought:
        keys = [flow.key for flow in bought]
        found.append(_power("import", theme.COLOURS["import"], keys, [], view.total("import")))
    nodes = [str(name) for name in view.ds["node"].to_numpy()]
    for row, node in enumerate(nodes):
        name = price_name(node, nodes)
        price = np.asarray(view.ds["price"].to_numpy()[row], np.float64)
        found.append(Curve("price", name, "CNY/MWh", theme.COLOURS["price"], "solid", [f"n{row}"], [], price))
    return found


def _power(key: str, colour: str, plus: list[str], minus: list[str], values: Array) -> Curve:
    return Curve(key, say(f"duration.{key}"), "MW", colour, "4px,3px" if minus else "solid", plus, minus, values)


def near_peak_h(view: View, curve: Curve) -> float:
    """Time above nine tenths of the peak [h]."""
    return float((curve.values >= NEAR * curve.values.max()).sum()) * view.step_h


def _when(view: View, values: Array) -> str:
    at = view.stamps[int(np.argmax(values))]
    return f.date_time(at, year=view.stamps[0].year != view.stamps[-1].year)


def duration_title(view: View, found: list[Curve]) -> str:
    """Say how high the purchases (else the load) reach, and for how long they stay near it."""
    told = {curve.key: curve for curve in found}
    key = "import" if "import" in told else "load"
    curve = told[key]
    near, whole = (f.united(f.whole(hours), "h") for hours in (near_peak_h(view, curve), view.hours))
    peak = f.power(float(curve.values.max()))
    return say(f"duration.title.{key}", peak=peak, when=_when(view, curve.values), hours=near, all=whole)


def _trace(curve: Curve, axis: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": curve.name,
        "series": curve.plus,
        "minus": curve.minus,
        "sorted": True,
        "yaxis": axis,
        "line": {"color": curve.colour, "width": 1.8, "dash": curve.dash},
        "hovertemplate": f.hover("%{fullData.name}", "%{y:,.4~r}", curve.unit).replace("<", "  %{customdata}<", 1),
        "csv": f"{curve.name} [{f.unit_name(curve.unit)}]",
    }


def duration_figure(view: View, hours: Hours) -> Figure | None:
    """Draw load, residual load and purchases over the price, each sorted; nothing for a single step."""
    found = curves(view)
    powers, prices = ([c for c in found if (c.key == "price") == price] for price in (False, True))
    if view.steps < 3 or not {curve.key for curve in powers} & {"load", "import"}:
        return None
    data = [_trace(curve, "y") for curve in powers] + [_trace(curve, "y2") for curve in prices]
    legend = [mark(curve.name, Style(curve.colour), line=True, dashed=curve.dash != "solid") for curve in powers]
    notes = [theme.axis_label(say("dispatch.axis.power"))]
    layout = theme.layout(
        hovermode="x unified",
        hoversubplots="axis",
        annotations=notes,
        xaxis=theme.axis(
            title={"text": say("duration.axis"), "font": {"size": theme.FONT_SIZE - 1, "color": theme.MUTED}},
            range=[0, view.hours],
            tickformat=",",
            showgrid=False,
            ticks="outside",
            tickcolor=theme.RULE,
            anchor="y2" if prices else "y",
            hoverformat=",.4~r",
        ),
        yaxis=theme.value_axis(
            domain=[0.36, 1.0] if prices else [0.0, 1.0],
            rangemode="tozero",
            zeroline=True,
            zerolinecolor=theme.MUTED,
            zerolinewidth=1,
        ),
    )
    if prices:
        layout["yaxis2"], label = price_axis(view, domain=[0.0, 0.26], nticks=4, rangemode="tozero")
        notes.append(theme.axis_label(label, 0.26))
    layout["margin"]["b"] = 46
    title = duration_title(view, found)
    alt = say("duration.alt", title=title, names=f.listed([curve.name for curve in found]))
    caption = say("duration.caption") if any(curve.minus for curve in found) else ""
    if hours.steps_joined > 1:
        thinned = say("dispatch.thinned", hours=f.sig(hours.step_h, 2))
        caption = f.sentences([caption, thinned]) if caption else thinned
    return Figure("duration", title, alt, {"data": data, "layout": layout}, 460 if prices else 340, legend, caption)


def peaks_table(view: View) -> Table | None:
    """List how high each series reaches, when, and how soon it falls."""
    rows = []
    for curve in curves(view):
        falling = -np.sort(-curve.values)
        places = [round(rank / view.step_h) - 1 for rank in RANKS]
        ranked = [f.sig(float(falling[place])) if place < len(falling) else "–" for place in places]
        near = f.whole(near_peak_h(view, curve)) if curve.values.max() > SMALL else "–"
        none = f.whole(float((curve.values <= SMALL).sum()) * view.step_h)
        name = Cell(say("duration.series", name=curve.name, unit=f.unit_name(curve.unit)))
        figures = [*ranked, f.sig(float(falling[-1])), near, none]
        peak = [Cell(f.sig(float(falling[0])), sort="number"), Cell(_when(view, curve.values))]
        rows.append(Row([name, *peak, *(Cell(text, sort="number") for text in figures)]))
    names = ("series", "peak", "when", "tenth", "hundredth", "least", "near", "none")
    columns: list[tuple[str, Align]] = [
        (say(f"duration.col.{name}"), "text" if name in {"series", "when"} else "number") for name in names
    ]
    return Table(say("duration.table"), columns, rows) if rows else None
