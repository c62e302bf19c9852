"""Figure specs: plain dicts for plotly.js, each with its title, its text alternative and its legend.

A trace whose values are hourly names its array by ``series`` instead of holding it; the page keeps each array once. ``at``
is ``mean`` for powers and prices of a step and ``end`` for contents at the end of a step; ``sign`` -1 draws below zero.
``csv`` is the heading of a trace's column in the download.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from parksim.report import formats as f
from parksim.report import theme
from parksim.report.findings import (
    balance_title,
    claims_title,
    co2_claims,
    costs_title,
    green_by_period,
    is_year,
    period_name,
    storage_title,
    term_name,
)
from parksim.report.theme import Style
from parksim.report.view import SMALL, Array, Flow, View
from parksim.report.words import say

BAR_HEIGHT = 46
"""Height of one horizontal bar with the label above it [px]."""

NARROW_SIGNS = 54
BROAD_SIGNS = 0x2E7F
"""Width of a label on a small screen, in letters, and the sign after which signs are broad."""

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
        Height on the page [px].
    legend
        Marks in the order of drawing.
    caption
        One line below the chart, or nothing.
    """

    key: str
    title: str
    alt: str
    spec: dict[str, Any]
    height: int
    legend: list[Mark] = field(default_factory=list)
    caption: str = ""


def numbers(values: Array, scale: float = 1.0) -> list[float | None]:
    """Make a list for JSON: scaled, with nothing where a value is not finite."""
    scaled = np.asarray(values, np.float64) / scale
    return [value if np.isfinite(value) else None for value in scaled.tolist()]


def safe(text: str) -> str:
    """Escape a text that plotly would read as markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def mark(name: str, style: Style, *, line: bool = False, hollow: bool = False) -> Mark:
    """Make a legend entry in a style."""
    look = theme.swatch(style, line=line, hollow=hollow)
    return Mark(name, look["colour"], look["sort"])


# horizontal bars with their labels above


def _bar_label(position: int, text: str) -> dict[str, Any]:
    return {
        "x": 0,
        "y": position,
        "xref": "x",
        "yref": "y",
        "text": safe(text),
        "showarrow": False,
        "xanchor": "left",
        "yanchor": "bottom",
        "yshift": 9,
        "xshift": -3,
        "bgcolor": "rgba(255,255,255,0.8)",
        "borderpad": 0,
        "font": {"size": theme.FONT_SIZE, "color": theme.INK},
    }


def _bar_value(position: int, value: float, text: str) -> dict[str, Any]:
    return {
        **_bar_label(position, text),
        "x": max(value, 0.0),
        "yanchor": "middle",
        "yshift": 0,
        "xshift": 5,
        "font": {"size": theme.FONT_SIZE - 1, "color": theme.MUTED},
    }


def _brief(text: str) -> str:
    """Cut a label to what a small screen holds; a Chinese sign is as wide as two letters."""
    width = 0
    for place, sign in enumerate(text):
        width += 2 if ord(sign) > BROAD_SIGNS else 1
        if width > NARROW_SIGNS:
            return text[:place] + "…"
    return text


def _categories(names: list[str], title: str, brief: list[str]) -> dict[str, Any]:
    """What the page's script needs of horizontal bars: names for the download, shorter texts for small screens."""
    return {"categories": names, "category_title": title, "brief": [safe(text) for text in brief]}


def _bar_layout(count: int, low: float, high: float, axis_title: str, **more: Any) -> dict[str, Any]:
    return theme.layout(
        barmode="relative",
        bargap=0.62,
        margin={"l": 8, "r": 8, "t": 18, "b": 44, "pad": 0},
        xaxis=theme.axis(
            title={"text": axis_title, "font": {"size": theme.FONT_SIZE - 1, "color": theme.MUTED}, "standoff": 6},
            range=[low, high],
            nticks=5,
            tickformat=",",
            showgrid=False,
            ticks="outside",
            tickcolor=theme.RULE,
            zeroline=low < 0,
            zerolinecolor=theme.MUTED,
            zerolinewidth=1,
        ),
        yaxis=theme.axis(range=[count - 0.5, -0.75], showticklabels=False, showgrid=False, automargin=False),
        hovermode="closest",
        **more,
    )


def claims_figure(view: View) -> Figure | None:
    """Draw avoided CO2 by yardstick, with each claim as a line; nothing for a park without yardsticks."""
    avoided: dict[str, float] = view.summary["avoided_co2_t"]
    if not avoided:
        return None
    additional: dict[str, float] = view.summary["avoided_additional_co2_t"]
    keys = sorted(avoided, key=lambda key: avoided[key])
    claims = co2_claims(view) if is_year(view) else []
    style = Style(theme.COLOURS["co2"])
    parts = {
        "claims.additional": ([additional[key] for key in keys], style, False),
        "claims.existing": ([avoided[key] - additional[key] for key in keys], theme.hatched(style), True),
    }
    names = [view.yardstick_name(key) for key in keys]
    data, legend = [], []
    for text, (values, look, hollow) in parts.items():
        if max(values) <= SMALL * max(max(avoided.values()), 1.0):
            continue
        data.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": say(text),
                "x": values,
                "y": list(range(len(keys))),
                "customdata": [safe(name) for name in names],
                "hovertemplate": "%{customdata}: %{x:,.0f} t<extra></extra>",
                "marker": theme.fill(look, hollow=hollow),
                "csv": f"{say(text)} [t]",
            }
        )
        legend.append(mark(say(text), look, hollow=hollow))
    notes, brief = [], []
    for position, key in enumerate(keys):
        value = f.mass(avoided[key])
        ratio = f.percent(avoided[key] / claims[0].claimed_t) if claims else ""
        text = say("claims.bar.ratio", value=value, ratio=ratio) if claims else value
        notes += [_bar_label(position, names[position]), _bar_value(position, avoided[key], text)]
        brief += [_brief(names[position]), ratio or value]
    lines, line_notes, high = _claim_lines(claims, max(avoided.values()))
    layout = _bar_layout(
        len(keys), 0.0, max(high, max(avoided.values()) * 1.35) or 1.0, say("claims.axis"), shapes=lines,
        annotations=notes + line_notes,
    )  # fmt: skip
    layout["margin"]["t"] = 34 if claims else 18
    title = claims_title(view)
    alt = f"{title}. " + "; ".join(f"{n}: {f.mass(avoided[k])}" for n, k in zip(names, keys, strict=True)) + "."
    spec = {"data": data, "layout": layout, **_categories(names, say("yardsticks.col.name"), brief)}
    caption = say("claims.caption") if claims else ""
    return Figure("claims", title, alt, spec, BAR_HEIGHT * len(keys) + 78, legend, caption)


def _claim_lines(claims: list[Any], most: float) -> tuple[list[dict[str, Any]], list[dict[str, Any]], float]:
    """Vertical lines at what is claimed, their labels, and the least range that shows them."""
    lines, notes, high = [], [], 0.0
    for claim in claims:
        at = claim.claimed_t
        high = max(high, at * 1.08)
        lines.append(
            {
                "type": "line", "xref": "x", "yref": "paper", "x0": at, "x1": at, "y0": 0, "y1": 1,
                "line": {"color": theme.INK, "width": 1.5, "dash": "4px,3px"},
            }
        )  # fmt: skip
        notes.append(
            {
                "x": at, "y": 1, "xref": "x", "yref": "paper", "yanchor": "bottom", "showarrow": False,
                "xanchor": "right" if at >= 0.6 * max(most, at) else "left",
                "text": say("claims.line", claimed=f.mass(at)), "font": {"size": theme.FONT_SIZE, "color": theme.INK},
            }
        )  # fmt: skip
    return lines, notes, high


def costs_figure(view: View) -> Figure | None:
    """Draw the cost by named term; nothing where every term is zero."""
    terms = {k: float(v) for k, v in view.summary["cost_cny"].items() if k != "total" and float(v) != 0.0}
    if not terms:
        return None
    keys = sorted(terms, key=lambda key: -terms[key])
    scale, unit = f.money_scale(max(abs(value) for value in terms.values()))
    values = [terms[key] / scale for key in keys]
    names = [term_name(view, key) for key in keys]
    colours = [component_style(view, key.split(".")[0]).colour for key in keys]
    notes, brief = [], []
    for position, key in enumerate(keys):
        per = f.sig(terms[key] / view.served_mwh) if view.served_mwh > 0 else "–"
        text = say("costs.bar", money=f.money(terms[key]), per=per)
        notes += [_bar_label(position, names[position]), _bar_value(position, values[position], text)]
        brief += [_brief(names[position]), f.money(terms[key])]
    trace = {
        "type": "bar",
        "orientation": "h",
        "x": values,
        "y": list(range(len(keys))),
        "customdata": [safe(name) for name in names],
        "hovertemplate": "%{customdata}: %{x:,.6~r} " + unit + "<extra></extra>",
        "marker": {"color": colours},
        "csv": f"{say('costs.col.money', unit=unit)}",
    }
    low, high = min(values), max(values)
    layout = _bar_layout(
        len(keys), min(low * 1.1, 0.0), max(high, 0.0) * 1.5 or 1.0, say("costs.axis", unit=unit), annotations=notes
    )
    title = costs_title(view)
    spec = {"data": [trace], "layout": layout, **_categories(names, say("costs.col.term"), brief)}
    return Figure("costs", title, say("costs.alt", title=title), spec, BAR_HEIGHT * len(keys) + 66)


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
    hover = "%{fullData.name}: %{y:,.4~r} " + unit + "<extra></extra>"
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
        data.append({"visible": False, "x": names, "y": numbers(green_by_period(view)), "csv": f"{say('balance.green')} [1]"})
    layout = theme.layout(
        barmode="relative",
        bargap=0.28,
        xaxis=theme.axis(type="category", showgrid=False, tickangle=0 if count <= 12 else "auto"),
        yaxis=theme.axis(zeroline=True, zerolinecolor=theme.MUTED, zerolinewidth=1),
        annotations=[theme.axis_label(say("balance.axis", unit=unit))],
        hovermode="x unified",
    )
    title = balance_title(view)
    alt = say("balance.alt", title=title, period=say("balance.period.day" if view.by_day else "balance.period.month"))
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
    """Sources in the order they are stacked: steady green below, bought and unserved on top."""
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
        layout[f"yaxis{place}"] = theme.axis(domain=[max(0.0, top - height), top], rangemode="tozero")
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
            "hovertemplate": "%{fullData.name}: %{y:,.4~r} MWh<extra></extra>",
            "csv": f"{name} [MWh]",
        }
    ]


def _level_by_day(view: View, content: Array, name: str, style: Style, place: str) -> list[dict[str, Any]]:
    starts = np.flatnonzero(np.diff(view.day_of_step, prepend=-1))
    days = [stamp.strftime("%Y-%m-%d") for stamp in view.stamps[starts]]
    least, most = np.minimum.reduceat(content, starts), np.maximum.reduceat(content, starts)
    mean = np.add.reduceat(content, starts) / np.diff(starts, append=len(content))

    def trace(word: str, values: Array, width: float, **more: Any) -> dict[str, Any]:
        return {
            "type": "scatter",
            "mode": "lines",
            "x": days,
            "y": short(values),
            "yaxis": f"y{place}",
            "line": {"color": style.colour, "width": width},
            "hovertemplate": f"{word} %{{y:,.4~r}} MWh<extra></extra>",
            "csv": f"{name}, {word} [MWh]",
            **more,
        }

    band = {"fill": "tonexty", "fillcolor": theme.tint(style.colour, BAND_TINT)}
    return [trace("min", least, 0.0), trace("max", most, 0.0, **band), trace("mean", mean, 1.5)]


def short(values: Array) -> list[float]:
    """Round to four significant figures, for what is drawn in thousands of points; powers below 1e-6 become 0."""
    return four_figures(values).tolist()


def four_figures(values: Array) -> Array:
    """Round to four significant figures, shape kept; what is smaller than 1e-6, or not finite, becomes 0."""
    clean = np.where(np.isfinite(values) & (np.abs(values) >= SMALL), values, 0.0)
    size = np.floor(np.log10(np.abs(np.where(clean == 0.0, 1.0, clean)))).astype(np.int64)
    up = np.power(10.0, np.maximum(3 - size, 0))
    down = np.power(10.0, np.maximum(size - 3, 0))
    rounded: Array = np.round(clean / down * up) * down / up
    return rounded
