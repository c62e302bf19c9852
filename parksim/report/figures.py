"""Figure specs: plain dicts for plotly.js, each with its title, its text alternative and its legend.

A trace whose values are hourly names its array by ``series`` instead of holding it; the page keeps each array once.
``at`` is ``mean`` for powers and prices of a step and ``end`` for contents at the end of a step; ``sign`` -1 draws
below zero. ``csv`` is the heading of a trace's column in the download.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from parksim.report import formats as f
from parksim.report import theme
from parksim.report.findings import balance_title, green_by_period, period_name, storage_title
from parksim.report.theme import Style
from parksim.report.view import SMALL, Array, Flow, View
from parksim.report.words import say

BAND_TINT = 0.65
"""Strength of white in the band between the least and the most of a day."""


@dataclass(frozen=True)
class Mark:
    """One entry of a legend."""

    name: str
    colour: str
    sort: str


@dataclass(frozen=True)
class Figure:
    """One chart.

    Parameters
    ----------
    key
        Short name, also of the CSV.
    title
        The finding.
    alt
        Text alternative.
    spec
        ``data``, ``layout``, and what the page's script needs besides; JSON without NaN.
    height
        Height on the page; 0 where the chart says it itself [px].
    legend
        Marks in the order of drawing.
    caption
        One line below the chart, or nothing.
    markup
        The chart itself where it is not drawn by plotly.
    """

    key: str
    title: str
    alt: str
    spec: dict[str, Any]
    height: int = 0
    legend: list[Mark] = field(default_factory=list)
    caption: str = ""
    markup: str = ""


def numbers(values: Array, scale: float = 1.0) -> list[float | None]:
    """Make a list for JSON: scaled, with nothing where a value is not finite."""
    scaled = np.asarray(values, np.float64) / scale
    return [value if np.isfinite(value) else None for value in scaled.tolist()]


def safe(text: str) -> str:
    """Escape a text that plotly would read as markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def mark(name: str, style: Style, *, line: bool = False, hollow: bool = False, dashed: bool = False) -> Mark:
    """Make a legend entry in a style."""
    look = theme.swatch(style, line=line, hollow=hollow)
    return Mark(name, look["colour"], look["sort"] + " dashed" * dashed)


EDGE = 0.01
"""Share of steps that may lie beyond the end of an axis of prices which they alone would stretch."""


def top_price(values: Array, *, stretch: float) -> float:
    """Choose the end of a scale of prices [CNY/MWh].

    Parameters
    ----------
    values
        Prices, shape (time,) [CNY/MWh].
    stretch
        A few hours are left beyond the end where they would make the scale so many times as long [1].
    """
    most, low = float(values.max()), float(values.min())
    high = float(np.quantile(values, 1.0 - EDGE))
    return high if most - low > stretch * (high - low) > 0.0 else most


# energy by month or day


def balance_figure(view: View) -> Figure | None:
    """Draw energy by month (by day for short horizons); nothing for a single period."""
    count = len(view.periods)
    if count < 2:
        return None
    bars = _balance_bars(view)
    largest = max((float(np.abs(values).max(initial=0.0)) for _, values, _, _ in bars), default=0.0)
    demand = view.per_period(view.total("demand"))
    scale, unit = f.energy_scale(max(largest, float(demand.max(initial=0.0))))
    names = [period_name(view, position) for position in range(count)]
    hover = f.hover("%{fullData.name}", "%{y:,.6~r}", unit)
    data: list[dict[str, Any]] = []
    legend = []
    for name, values, style, hollow in bars:
        data.append(
            {
                "type": "bar", "name": safe(name), "x": names, "y": numbers(values, scale), "hovertemplate": hover,
                "marker": theme.fill(style, hollow=hollow), "csv": f"{name} [{unit}]",
            }
        )  # fmt: skip
        legend.append(mark(name, style, hollow=hollow))
    black = Style(theme.COLOURS["demand"])
    data.append(
        {
            "type": "scatter", "mode": "lines+markers", "name": say("balance.demand"), "x": names,
            "y": numbers(demand, scale), "hovertemplate": hover, "line": {"color": black.colour, "width": 1.5},
            "marker": {"size": 5, "color": black.colour}, "csv": f"{say('balance.demand')} [{unit}]",
        }
    )  # fmt: skip
    legend.append(mark(say("balance.demand"), black, line=True))
    if view.has_green:
        data.append(
            {"visible": False, "x": names, "y": numbers(green_by_period(view)), "csv": f"{say('balance.green')} [1]"}
        )
    layout = theme.layout(
        barmode="relative",
        bargap=max(0.28, 1.0 - 0.12 * count),
        xaxis=theme.axis(type="category", showgrid=False, tickangle=0, nticks=12 if count > 12 else 0),
        yaxis=theme.value_axis(zeroline=True, zerolinecolor=theme.MUTED, zerolinewidth=1),
        annotations=[theme.axis_label(say("balance.axis", unit=unit))],
        hovermode="x unified",
    )
    title = balance_title(view)
    alt = say("balance.alt.days" if view.by_day else "balance.alt.months", title=title)
    return Figure("balance", title, alt, {"data": data, "layout": layout}, 380, legend)


def _balance_bars(view: View) -> list[tuple[str, Array, Style, bool]]:
    """Name, energy by period, style, and whether the hatches are hollow; sources first, then uses below zero."""
    bars: list[tuple[str, Array, Style, bool]] = []
    sources = [flow for flow in view.flows if flow.feeds and view.moves(flow)]
    bars += [(flow.name, view.per_period(view.power[flow.row]), flow.style, False) for flow in stacked(sources)]
    for flow in view.with_role("renewable", "direct"):
        unused = view.unused(flow)
        if unused is not None:
            name = say("dispatch.unused", name=flow.name)
            bars.append((name, view.per_period(unused), theme.hatched(flow.style), True))
    uses = [flow for flow in view.flows if not flow.feeds and flow.role != "demand" and view.moves(flow)]
    bars += [(flow.name, -view.per_period(view.power[flow.row]), flow.style, False) for flow in uses]
    return bars


_ORDER = ("direct", "renewable", "convert", "discharge", "import", "unserved")


def stacked(flows: list[Flow]) -> list[Flow]:
    """Sort sources as they are stacked: steady green below, bought and unserved on top."""
    return sorted(flows, key=lambda flow: _ORDER.index(flow.role) if flow.role in _ORDER else len(_ORDER))


# stored energy


def component_style(view: View, component: str) -> Style:
    """Style of a component: that of the flow it is known for."""
    own = [flow for flow in view.flows if flow.component == component]
    return min(own, key=lambda flow: _known_for(flow.role)).style if own else Style(theme.COLOURS["convert"])


def _known_for(role: str) -> int:
    return _ORDER.index(role) if role in _ORDER and role != "convert" else len(_ORDER)


def levels_figure(view: View) -> Figure | None:
    """Draw what the stores hold: by step for short horizons, else range and mean of each day."""
    count = view.ds.sizes["level"]
    if count == 0:
        return None
    content = view.ds["content"].to_numpy()
    components = [str(name) for name in view.ds["level_component"].to_numpy()]
    data, legend = [], []
    layout = theme.layout(hovermode="x unified", annotations=[])
    gap = 0.16
    height = (1.0 - gap * (count - 1)) / count
    for row, component in enumerate(components):
        place, style = "" if row == 0 else str(row + 1), component_style(view, component)
        name = say("dispatch.level", name=view.name(component))
        if view.by_day:
            data += _level_by_step(row, name, style, place)
            legend.append(mark(name, style, line=True))
        else:
            data += _level_by_day(view, content[row], name, style, place)
            legend.append(mark(say("storage.mean", name=name), style, line=True))
            legend.append(mark(say("storage.band", name=name), Style(theme.tint(style.colour, BAND_TINT))))
        top = 1.0 - row * (height + gap)
        layout[f"yaxis{place}"] = theme.value_axis(domain=[max(0.0, top - height), top], rangemode="tozero")
        layout["annotations"].append(theme.axis_label(say("storage.axis"), top))
    layout["xaxis"] = theme.axis(type="date", showgrid=False, anchor=f"y{count}" if count > 1 else "y")
    title = storage_title(view)
    alt = say("storage.alt", names=f.listed([view.name(name) for name in components]), title=title)
    return Figure("storage", title, alt, {"data": data, "layout": layout}, 120 + 200 * count, legend)


def _level_by_step(row: int, name: str, style: Style, place: str) -> list[dict[str, Any]]:
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "name": safe(name),
            "series": f"c{row}",
            "at": "end",
            "yaxis": f"y{place}",
            "line": {"color": style.colour, "width": 1.8},
            "hovertemplate": f.hover("%{fullData.name}", "%{y:,.4~r}", "MWh"),
            "csv": f"{name} [MWh]",
        }
    ]


def _level_by_day(view: View, content: Array, name: str, style: Style, place: str) -> list[dict[str, Any]]:
    starts = np.flatnonzero(np.diff(view.day_of_step, prepend=-1))
    days = [stamp.strftime("%Y-%m-%d") for stamp in view.stamps[starts]]
    least, most = np.minimum.reduceat(content, starts), np.maximum.reduceat(content, starts)
    mean = np.add.reduceat(content, starts) / np.diff(starts, append=len(content))

    def trace(word: str, values: Array, width: float, **more: Any) -> dict[str, Any]:
        said = say(f"storage.day.{word}")
        return {
            "type": "scatter",
            "mode": "lines",
            "x": days,
            "y": short(values),
            "yaxis": f"y{place}",
            "line": {"color": style.colour, "width": width},
            "hovertemplate": f.hover(said, "%{y:,.4~r}", "MWh"),
            "csv": f"{say('flow.name', name=name, what=said)} [MWh]",
            **more,
        }

    band = {"fill": "tonexty", "fillcolor": theme.tint(style.colour, BAND_TINT)}
    return [trace("min", least, 0.0), trace("max", most, 0.0, **band), trace("mean", mean, 1.5)]


def short(values: Array) -> list[float]:
    """Round to four significant figures, for what is drawn in thousands of points; powers below 1e-6 become 0."""
    found: list[float] = four_figures(values).tolist()
    return found


def four_figures(values: Array) -> Array:
    """Round to four significant figures, shape kept; what is smaller than 1e-6, or not finite, becomes 0."""
    clean = np.where(np.isfinite(values) & (np.abs(values) >= SMALL), values, 0.0)
    size = np.floor(np.log10(np.abs(np.where(clean == 0.0, 1.0, clean)))).astype(np.int64)
    up = np.power(10.0, np.maximum(3 - size, 0))
    down = np.power(10.0, np.maximum(size - 3, 0))
    rounded: Array = np.round(clean / down * up) * down / up
    return rounded
