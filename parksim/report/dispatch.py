"""The hour-by-hour chart: its traces, the weeks one may jump to, the arrays the page keeps once."""

import json
from typing import Any

import numpy as np
import pandas as pd

from parksim.report import formats as f
from parksim.report import theme
from parksim.report.figures import Figure, Mark, component_style, four_figures, mark, safe, short, stacked, top_price
from parksim.report.theme import Style
from parksim.report.view import SMALL, Array, View
from parksim.report.weeks import WEEK, dispatch_title, weeks
from parksim.report.words import say, template

STRETCH = 5.0
"""A few hours that would make the axis of prices so many times as long lie above the chart."""

WEEK_H = 168.0
MOST_NUMBERS = 600_000
"""Hourly numbers a page holds; longer runs are shown as means over several steps, which the page says."""


class Hours:
    """The arrays by step that the page keeps, each once, rounded to four significant figures.

    Parameters
    ----------
    view
        The run.
    """

    def __init__(self, view: View) -> None:
        arrays: dict[str, tuple[str, Array]] = {}
        for flow in view.flows:
            if view.moves(flow):
                arrays[flow.key] = ("mean", view.power[flow.row])
            unused = view.unused(flow)
            if unused is not None:
                arrays[f"u{flow.row}"] = ("mean", unused)
        for row, content in enumerate(view.ds["content"].to_numpy()):
            arrays[f"c{row}"] = ("end", content)
        for row, price in enumerate(view.ds["price"].to_numpy()):
            arrays[f"n{row}"] = ("mean", price)
        self.steps_joined = _joined(view.steps, len(arrays))
        self.step_h = view.step_h * self.steps_joined
        self.arrays = {key: _thin(values, sort, self.steps_joined) for key, (sort, values) in arrays.items()}
        self.count = -(-view.steps // self.steps_joined)
        starts = view.ds["content_start"].to_numpy()
        self.starts = {f"c{row}": float(value) for row, value in enumerate(four_figures(starts))}
        self.first = view.stamps[0].strftime("%Y-%m-%dT%H:%M")

    def to_json(self) -> str:
        """Write all arrays as one JSON object."""
        parts = [
            f'"{key}":' + json.dumps(four_figures(values).tolist(), separators=(",", ":"))
            for key, values in self.arrays.items()
        ]
        series = ",".join(parts).replace(".0,", ",").replace(".0]", "]")
        head = {"first": self.first, "step_minutes": self.step_h * 60.0, "count": self.count, "starts": self.starts}
        return json.dumps(head, allow_nan=False)[:-1] + ', "series":{' + series + "}}"


def _joined(steps: int, arrays: int) -> int:
    """Choose how many steps to join into one point, so that all arrays fit the page; whole days stay whole."""
    least = steps * max(arrays, 1) / MOST_NUMBERS
    return next((n for n in (1, 2, 3, 4, 6, 8, 12, 24, 48, 96) if n >= least), int(np.ceil(least)))


def _thin(values: Array, sort: str, joined: int) -> Array:
    if joined == 1:
        return values
    starts = np.arange(0, len(values), joined)
    if sort == "end":
        return np.asarray(values[np.minimum(starts + joined, len(values)) - 1], np.float64)
    return np.asarray(np.add.reduceat(values, starts) / np.diff(starts, append=len(values)), np.float64)


def _area(key: str, name: str, style: Style, *, below: bool, hollow: bool = False) -> dict[str, Any]:
    """Draw a stacked area, as steps: a power is the mean of its step."""
    filling: dict[str, Any] = {"fillcolor": style.colour}
    if style.pattern:
        filling = {"fillcolor": style.colour, "fillpattern": theme.pattern(style, hollow=hollow)}
    return {
        "type": "scatter",
        "mode": "lines",
        "name": safe(name),
        "series": key,
        "at": "mean",
        "sign": -1 if below else 1,
        "stackgroup": "below" if below else "above",
        "line": {"shape": "hv", "width": 0, "color": style.colour},
        "hovertemplate": f.hover("%{fullData.name}", "%{y:,.4~r}", "MW"),
        "csv": f"{name} [MW]",
        **filling,
    }


def _line(key: str, name: str, colour: str, unit: str, *, at: str = "mean", width: float = 1.6) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": safe(name),
        "series": key,
        "at": at,
        "line": {"shape": "hv" if at == "mean" else "linear", "color": colour, "width": width},
        "hovertemplate": f.hover("%{fullData.name}", "%{y:,.4~r}", unit),
        "csv": f"{name} [{f.unit_name(unit)}]",
    }


def _power_traces(view: View) -> tuple[list[dict[str, Any]], list[Mark]]:
    data, legend = [], []
    sources = stacked([flow for flow in view.flows if flow.feeds and view.moves(flow)])
    uses = [flow for flow in view.flows if not flow.feeds and flow.role != "demand" and view.moves(flow)]
    for flow in (*sources, *uses):
        data.append(_area(flow.key, flow.name, flow.style, below=not flow.feeds))
        legend.append(mark(flow.name, flow.style))
    for flow in view.with_role("renewable", "direct"):
        if view.unused(flow) is not None:
            name, style = say("dispatch.unused", name=flow.name), theme.hatched(flow.style)
            data.append(_area(f"u{flow.row}", name, style, below=False, hollow=True))
            legend.append(mark(name, style, hollow=True))
    return data, legend


def _demand_traces(view: View) -> tuple[list[dict[str, Any]], list[Mark]]:
    """Draw demand as one line; several demands are added up by the page's script."""
    demands = [flow for flow in view.with_role("demand") if view.moves(flow)]
    if not demands:
        return [], []
    name = demands[0].name if len(demands) == 1 else say("balance.demand")
    colour = theme.COLOURS["demand"]
    trace = _line(demands[0].key, name, colour, "MW", width=2.0)
    trace["series"] = [flow.key for flow in demands]
    return [trace], [mark(name, Style(colour), line=True)]


_DOMAINS = {1: [[0.0, 1.0]], 2: [[0.32, 1.0], [0.0, 0.22]], 3: [[0.45, 1.0], [0.225, 0.375], [0.0, 0.15]]}
_HEIGHTS = {1: 380, 2: 520, 3: 640}
"""Number of charts above each other to their share of the height, from above, and the height of all [px]."""


def price_name(node: str, nodes: list[str]) -> str:
    """Name the price at a node; where there are several, with the node's name."""
    price = say("dispatch.price")
    return price if len(nodes) == 1 else say("flow.name", name=price, what=node)


def price_axis(view: View, **more: Any) -> tuple[dict[str, Any], str]:
    """Make the axis of prices and its label; where a few hours would stretch it, it ends below them and says so."""
    price = np.asarray(view.ds["price"].to_numpy(), np.float64)
    top = max((top_price(row, stretch=STRETCH) for row in price), default=0.0)
    if not price.size or top >= float(price.max()):
        return theme.value_axis(**more), say("dispatch.axis.price")
    low = min(float(price.min()), 0.0)
    cut = {"range": [low, low + 1.15 * (top - low)]}
    return theme.value_axis(**{**more, **cut}), say("dispatch.axis.price.cut", most=f.sig(float(price.max())))


def _lower_charts(view: View) -> list[tuple[str, dict[str, Any], list[dict[str, Any]]]]:
    """Label, axis and traces of the charts below the powers: price, stored energy; those that the park has."""
    nodes = [str(name) for name in view.ds["node"].to_numpy()]
    prices = []
    for row, node in enumerate(nodes):
        name = price_name(node, nodes)
        prices.append(_line(f"n{row}", name, theme.COLOURS["price"], "CNY/MWh", width=1.3))
    levels = []
    for row, component in enumerate(view.ds["level_component"].to_numpy()):
        name = say("dispatch.level", name=view.name(str(component)))
        levels.append(_line(f"c{row}", name, component_style(view, str(component)).colour, "MWh", at="end"))
    axis, label = price_axis(view, nticks=4)
    found = (
        (label, axis, prices),
        (say("dispatch.axis.level"), theme.value_axis(nticks=4, rangemode="tozero"), levels),
    )
    return [chart for chart in found if chart[2]]


def _time_axis(rows: int) -> dict[str, Any]:
    """Make the time axis that all charts share; the hour pointed at is marked in all of them."""
    return theme.axis(
        type="date",
        showgrid=False,
        anchor=f"y{rows}" if rows > 1 else "y",
        fixedrange=False,
        showspikes=True,
        spikemode="across",
        spikesnap="cursor",
        spikethickness=1,
        spikecolor=theme.MUTED,
        spikedash="solid",
        hoverformat=template("date.chart"),
    )


def dispatch_figure(view: View, hours: Hours) -> Figure:
    """Draw powers, price and stored energy over one time axis, a week at a time."""
    data, legend = _power_traces(view)
    more, marks = _demand_traces(view)
    data, legend = data + more, legend + marks
    lower = _lower_charts(view)
    domains = _DOMAINS[1 + len(lower)]
    notes = [theme.axis_label(say("dispatch.axis.power"))]
    layout = theme.layout(
        hovermode="x unified",
        hoversubplots="axis",
        dragmode="zoom",
        xaxis=_time_axis(1 + len(lower)),
        yaxis=theme.value_axis(domain=domains[0], zeroline=True, zerolinecolor=theme.MUTED, zerolinewidth=1),
        annotations=notes,
    )
    for place, (label, axis, traces) in enumerate(lower, start=2):
        domain = domains[place - 1]
        layout[f"yaxis{place}"] = {**axis, "domain": domain}
        notes.append(theme.axis_label(label, domain[1]))
        data += [{**trace, "yaxis": f"y{place}"} for trace in traces]
    title = dispatch_title(view)
    peak, bought = f.power(float(view.summary["peak_load_mw"])), f.power(float(view.summary["peak_import_mw"]))
    alt = say("dispatch.alt", title=title, peak=peak, bought=bought)
    spec: dict[str, Any] = {"data": data, "layout": layout, "window": _window(view, hours)}
    caption = say("dispatch.thinned", hours=f.sig(hours.step_h, 2)) if hours.steps_joined > 1 else ""
    return Figure("dispatch", title, alt, spec, _HEIGHTS[1 + len(lower)], legend, caption)


def _window(view: View, hours: Hours) -> dict[str, Any]:
    """Say how much is shown at once, where one may jump to, and what the strip below shows."""
    if view.hours <= WEEK_H:
        return {"points": hours.count, "per_day": hours.count, "jumps": []}
    per_day = max(1, round(24.0 / hours.step_h))
    jumps = [
        {"name": name, "text": say(f"dispatch.jump.{name}"), "day": day, "days": _dates(view, day)}
        for name, day in weeks(view).items()
    ]
    return {"points": round(WEEK_H / hours.step_h), "per_day": per_day, "jumps": jumps}


def _dates(view: View, day: int) -> str:
    """Write the dates of the week that begins on a day of the horizon."""
    first = view.stamps[0].normalize() + pd.Timedelta(days=day)
    return say("dispatch.dates", first=f.date(first), last=f.date(first + pd.Timedelta(days=WEEK - 1)))


def _green_colour(view: View) -> str:
    """Colour of the largest green source, which stands for all of them in the strip."""
    green = view.with_role("renewable", "direct")
    return max(green, key=lambda flow: view.power[flow.row].sum()).style.colour if green else theme.COLOURS["direct"]


def overview_spec(view: View) -> dict[str, Any] | None:
    """Draw the horizon by day as a strip, to choose the week from; nothing for horizons of a week or less."""
    if view.hours <= WEEK_H:
        return None
    starts = np.flatnonzero(np.diff(view.day_of_step, prepend=-1))
    days = [stamp.strftime("%Y-%m-%d") for stamp in view.stamps[starts]]
    parts = (
        ("green", view.total("renewable", "direct"), _green_colour(view)),
        ("bought", view.total("import"), theme.COLOURS["import"]),
        ("unserved", view.total("unserved"), theme.COLOURS["unserved"]),
    )
    data = [
        {
            "type": "bar",
            "name": say(f"dispatch.overview.{name}"),
            "x": days,
            "y": short(view.per_day(power)),
            "marker": {"color": colour, "line": {"width": 0}},
            "hovertemplate": f.hover("%{fullData.name}", "%{y:,.4~r}", "MWh"),
        }
        for name, power, colour in parts
        if power.max(initial=0.0) > SMALL
    ]
    layout = theme.layout(
        barmode="stack",
        bargap=0.0,
        margin={"l": 46, "r": 12, "t": 2, "b": 22, "pad": 0},
        xaxis=theme.axis(
            type="date", showgrid=False, automargin=False, tickformat="%b" if view.whole_years == 1 else None
        ),
        yaxis=theme.axis(showticklabels=False, showgrid=False, automargin=False),
        hovermode="x unified",
    )
    return {"data": data, "layout": layout}
