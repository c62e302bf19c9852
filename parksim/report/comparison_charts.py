"""Charts of parks side by side: green share against cost, and CO2 by yardstick; a park is marked with its number."""

from typing import Any

import numpy as np
import xarray as xr

from parksim.accounts.comparison import first_solved
from parksim.report import formats as f
from parksim.report import theme
from parksim.report.bars import BAR_HEIGHT, bar_label, bar_layout, bar_value, brief_text, categories
from parksim.report.comparison import known_yardsticks, yardstick
from parksim.report.figures import Figure, numbers, safe
from parksim.report.references import SMALL_MWH
from parksim.report.words import say

MARK, ROOM = 22, 0.12
"""Size of a mark with its number [px], and room around the marks, over their spread."""

LEAST_ROOM = 0.02
"""Room around the marks where they lie close together, over their size."""

CLEAR = 14
"""Room between the last mark of a bar and its value [px]."""

TALL = 380
"""Height of the chart of costs [px]."""


def _axis(values: np.ndarray, title: str = "", **more: Any) -> dict[str, Any]:
    spread = max(float(np.ptp(values)) * ROOM, float(np.abs(values).max()) * LEAST_ROOM, 1e-9)
    told = {"text": title, "font": {"size": theme.FONT_SIZE - 1, "color": theme.MUTED}, "standoff": 8}
    return theme.axis(title=told, range=[float(values.min()) - spread, float(values.max()) + spread], nticks=6, **more)


def cost_figure(ds: xr.Dataset) -> Figure | None:
    """Draw the cost per kWh against the green share, a mark for each park; nothing for a single one."""
    places = np.flatnonzero(ds["solved"].to_numpy())
    if len(places) < 2:
        return None
    names = [str(name) for name in ds["member"].to_numpy()[places]]
    green = 100.0 * ds["green_share"].to_numpy()[places]
    cost = ds["unit_cost"].to_numpy()[places] / 1e3
    short = ds["unserved"].to_numpy()[places] > SMALL_MWH
    shares, prices = [f.united(f.sig(value), "%") for value in green], [f.per_kwh(1e3 * value) for value in cost]
    points = [
        say("compare.cost.point", name=name, share=share, price=price)
        for name, share, price in zip(names, shares, prices, strict=True)
    ]
    colour = theme.COLOURS["direct"]
    trace = {
        "type": "scatter", "mode": "markers+text", "x": cost.tolist(), "y": green.tolist(),
        "text": [str(place + 1) for place in places], "textposition": "middle center",
        "textfont": {"size": 12, "color": [colour if lacks else theme.PAPER for lacks in short]},
        "marker": {
            "size": MARK, "color": [theme.PAPER if lacks else colour for lacks in short],
            "line": {"width": 2, "color": colour},
        },
        "customdata": [safe(text) for text in points], "hovertemplate": "%{customdata}<extra></extra>",
        "csv": say("compare.cost.csv.cost"),
    }  # fmt: skip
    second = {
        "type": "scatter", "visible": False, "x": green.tolist(), "y": green.tolist(),
        "csv": say("compare.cost.csv.green"),
    }  # fmt: skip
    layout = theme.layout(
        margin={"l": 46, "r": 12, "t": 30, "b": 52, "pad": 0},
        xaxis=_axis(cost, say("compare.cost.axis.cost"), ticks="outside", tickcolor=theme.RULE),
        yaxis=_axis(green),
        annotations=[theme.axis_label(say("compare.cost.axis.green"))],
        hovermode="closest",
    )
    title = _cost_title(names, shares, prices, green, cost)
    alt = say("compare.cost.alt", n=len(names), points=f.points(points))
    spec = {"data": [trace, second], "layout": layout, **categories(names, say("references.col.plan"), [])}
    return Figure("cost", title, alt, spec, TALL, [], say("compare.cost.hollow") if short.any() else "")


def _cost_title(names: list[str], shares: list[str], prices: list[str], green: np.ndarray, cost: np.ndarray) -> str:
    greenest, cheapest = int(green.argmax()), int(cost.argmin())
    told = {"green": names[greenest], "share": shares[greenest], "price": prices[cheapest]}
    if len(set(shares)) == len(set(prices)) == 1:
        return say("compare.cost.title.same", share=shares[0], price=prices[0])
    if greenest == cheapest:
        return say("compare.cost.title.both", **told)
    return say("compare.cost.title", cheap=names[cheapest], **told)


def co2_figure(ds: xr.Dataset) -> Figure | None:
    """Draw the CO2 of every park by yardstick: a bar over all of them, a mark for each; nothing without yardsticks."""
    places = np.flatnonzero(ds["solved"].to_numpy())
    known = known_yardsticks(ds)
    if not known or len(places) < 2:
        return None
    co2 = ds["co2"].to_numpy()[places]
    order = np.array(sorted(known, key=lambda at: np.nanmax(co2[:, at])))
    scale, unit = f.mass_scale(float(np.nanmax(co2)))
    titles = [yardstick(ds, int(at)) for at in order]
    least, most = np.nanmin(co2[:, order], axis=0), np.nanmax(co2[:, order], axis=0)
    rows = list(range(len(order)))
    names = [str(name) for name in ds["member"].to_numpy()[places]]
    told = [
        f.mass(high) if f.mass(low) == f.mass(high) else say("compare.co2.range", least=f.mass(low), most=f.mass(high))
        for low, high in zip(least, most, strict=True)
    ]
    bar = {
        "type": "bar", "orientation": "h", "base": (least / scale).tolist(), "x": ((most - least) / scale).tolist(),
        "y": rows, "hoverinfo": "skip", "marker": {"color": theme.tint(theme.COLOURS["co2"], 0.7)},
    }  # fmt: skip
    first = str(ds["member"].to_numpy()[first_solved(ds)])
    marks = [
        {
            "type": "scatter", "mode": "markers", "x": numbers(co2[place][order], scale), "y": rows,
            "marker": {
                "size": 11, "color": theme.COLOURS["co2"] if name == first else theme.PAPER,
                "line": {"width": 1.5, "color": theme.COLOURS["co2"]},
            },
            "hovertemplate": f.hover(safe(name), "%{x:,.4~r}", unit), "csv": f"{name} [{unit}]",
        }
        for place, name in reversed(list(enumerate(names)))
    ]  # fmt: skip
    notes = []
    for at in rows:
        notes += [bar_label(at, titles[at]), {**bar_value(at, float(most[at]) / scale, told[at]), "xshift": CLEAR}]
    brief = [text for title, value in zip(titles, told, strict=True) for text in (brief_text(title), value)]
    layout = bar_layout(
        len(rows), 0.0, float(most.max()) / scale * 1.4 or 1.0, say("compare.co2.axis", unit=unit), annotations=notes
    )
    title = _co2_title(yardstick(ds, known[0]), co2[:, known[0]], names)
    spec = {"data": [bar, *marks], "layout": layout, **categories(titles, say("yardsticks.col.name"), brief)}
    alt = say("compare.co2.alt", title=title)
    return Figure("co2", title, alt, spec, BAR_HEIGHT * len(rows) + 66, [], say("compare.co2.caption", first=first))


def _co2_title(name: str, co2: np.ndarray, names: list[str]) -> str:
    least, most = f.mass(float(np.nanmin(co2))), f.mass(float(np.nanmax(co2)))
    if least == most:
        return say("compare.co2.title.same", yardstick=name, most=most)
    first, last = names[int(np.nanargmin(co2))], names[int(np.nanargmax(co2))]
    return say("compare.co2.title", yardstick=name, least=least, first=first, most=most, last=last)
