"""Heat maps of days across and hours down: what is bought, what is stored, what it costs.

Each is a small image with a colour per step, stretched by the page; the page's script tells the value of the step that
is pointed at. Zero and the limit have colours of their own beside the scale.
"""

import base64
import struct
import zlib
from dataclasses import dataclass
from html import escape

import numpy as np
import pandas as pd
from markupsafe import Markup
from numpy.typing import NDArray

from parksim.report import formats as f
from parksim.report import theme
from parksim.report.dispatch import Hours, price_name
from parksim.report.figures import Figure, top_price
from parksim.report.view import SMALL, Array, View
from parksim.report.words import say

LEAST_DAYS, LEAST_ROWS = 7, 4
"""Fewer days, or fewer steps a day, make no picture."""

NOTHING, ZERO, LIMIT, FIRST = 0, 1, 2, 3
"""Places in the palette: no step, at zero, at the limit, and where the scale begins."""

COLOURS = 256 - FIRST
BUSY_H, CALM_H = 6.0, 4.0
"""Length of the part of a day that a title names for purchases, and for prices [h]."""

DENSE = 150
"""More days than this are blended on small screens, where each would be less than two points wide."""

STRETCH = 1.5
"""A few hours that would make a scale of prices so many times as long lie beyond its end."""

NEAR = 0.5
"""A scale reaches up to the limit where the highest purchase is this part of it or more."""

FULL = 1e-3
"""Within this share of its span a store is full or empty."""


@dataclass(frozen=True)
class Heat:
    """What one heat map shows.

    Parameters
    ----------
    key, title, unit, name
        Of the figure, and of its column in the download.
    series
        Arrays of the page whose sum is shown.
    values
        That sum, shape (time,).
    zero, limit
        Steps drawn as zero and as at the limit, shape (time,).
    low, high
        Ends of the scale.
    marks
        Texts for zero and limit; empty where there is none.
    caption
        What else is to be said.
    limit_colour
        How what stands at the limit is drawn.
    """

    key: str
    title: str
    unit: str
    name: str
    series: list[str]
    values: Array
    zero: NDArray[np.bool_]
    limit: NDArray[np.bool_]
    low: float
    high: float
    marks: tuple[str, str]
    caption: str = ""
    limit_colour: str = theme.LIMIT


def png(places: NDArray[np.uint8], palette: list[str]) -> bytes:
    """Write an image of palette colours, the first of them transparent.

    Parameters
    ----------
    places
        Place in the palette of each point, shape (row, column).
    palette
        Colours as ``#RRGGBB``.
    """

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    high, wide = places.shape
    lines = b"".join(b"\0" + row.tobytes() for row in np.ascontiguousarray(places))
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", wide, high, 8, 3, 0, 0, 0)),
            chunk(b"PLTE", b"".join(bytes.fromhex(colour[1:]) for colour in palette)),
            chunk(b"tRNS", b"\0"),
            chunk(b"IDAT", zlib.compress(lines, 9)),
            chunk(b"IEND", b""),
        )
    )


def palette(limit_colour: str) -> list[str]:
    """Give the colours of all places."""
    stops = np.array([[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in theme.CIVIDIS], np.float64)
    along = np.linspace(0.0, len(stops) - 1.0, COLOURS)
    scale = np.stack([np.interp(along, np.arange(len(stops)), stops[:, part]) for part in range(3)], axis=1)
    made = ["#" + "".join(f"{round(part):02X}" for part in colour) for colour in scale]
    return [theme.PAPER, theme.ZERO, limit_colour, *made]


def places(heat: Heat, rows: int) -> NDArray[np.uint8]:
    """Place of each step in the palette, shape (rows of a day, day)."""
    span = heat.high - heat.low
    part = np.clip((heat.values - heat.low) / span, 0.0, 1.0) if span > 0 else np.zeros(len(heat.values))
    found = (FIRST + np.round(part * (COLOURS - 1))).astype(np.uint8)
    found[heat.zero] = ZERO
    found[heat.limit] = LIMIT
    days = -(-len(found) // rows)
    whole = np.full(days * rows, NOTHING, np.uint8)
    whole[: len(found)] = found
    return whole.reshape(days, rows).T


def absence(view: View, hours: Hours) -> str:
    """Say why this run has no heat maps; nothing where it has."""
    if view.days < LEAST_DAYS:
        return say("heat.short", days=f.whole(LEAST_DAYS))
    if hours.step_h * LEAST_ROWS > 24.0:
        return say("heat.coarse", hours=f.sig(hours.step_h, 2))
    return ""


def heat_figures(view: View, hours: Hours) -> list[Figure]:
    """Draw what is bought, what each store holds, and the price at each node; nothing for short horizons."""
    if absence(view, hours):
        return []
    made = [_bought(view, hours), *_levels(view, hours), *_prices(view, hours)]
    return [_figure(view, hours, heat) for heat in made if heat is not None]


def _count(view: View, steps: NDArray[np.bool_]) -> str:
    return f.united(f.whole(float(steps.sum()) * view.step_h), "h")


def _bought(view: View, hours: Hours) -> Heat | None:
    flows = [flow for flow in view.with_role("import") if view.moves(flow)]
    if not flows:
        return None
    power = view.total("import")
    upper = np.asarray(view.upper[[flow.row for flow in view.with_role("import")]].sum(axis=0), np.float64)
    at_limit, none = (upper > SMALL) & (power >= upper - SMALL), power <= SMALL
    limit, most = float(upper.max()), float(power.max())
    share, first, last = _busiest(view, power)
    parts = [say("heat.import.title", share=f.percent(share), first=first, last=last)]
    parts += [say("heat.import.none", hours=_count(view, none))] if none.any() else []
    parts += [say("heat.import.limit", hours=_count(view, at_limit))] if at_limit.any() else []
    values = np.asarray(sum(hours.arrays[flow.key] for flow in flows), np.float64)
    key = "heat.limit" if np.ptp(upper) <= SMALL else "heat.limit.moves"
    never = np.isfinite(limit) and not at_limit.any()
    return Heat(
        key="heat-import",
        title=f.points(parts),
        unit="MW",
        name=say("heat.import"),
        series=[flow.key for flow in flows],
        values=values,
        zero=values <= SMALL,
        limit=at_limit if hours.steps_joined == 1 else values >= limit - SMALL,
        low=0.0,
        high=limit if np.isfinite(limit) and most >= NEAR * limit else most,
        marks=(
            say("heat.import.zero") if none.any() else "",
            say(key, limit=f.power(limit)) if at_limit.any() else "",
        ),
        caption=say("heat.limit.never", limit=f.power(limit)) if never else "",
    )


def _levels(view: View, hours: Hours) -> list[Heat]:
    found = []
    lower, upper, content = (view.ds[f"content{end}"].to_numpy() for end in ("_lower", "_upper", ""))
    for row, component in enumerate(view.ds["level_component"].to_numpy()):
        name = view.name(str(component))
        span = float((upper[row] - lower[row]).max())
        full = content[row] >= upper[row] - FULL * span
        empty = content[row] <= lower[row] + FULL * span
        values = hours.arrays[f"c{row}"]
        whole = hours.steps_joined == 1
        low, high = float(lower[row].min()), float(upper[row].max())
        told = {"full": _count(view, full), "empty": _count(view, empty), "all": f.united(f.whole(view.hours), "h")}
        found.append(
            Heat(
                key=f"heat-level-{row}",
                title=say("heat.level.title", name=name, **told),
                unit="MWh",
                name=say("dispatch.level", name=name),
                series=[f"c{row}"],
                values=values,
                zero=empty if whole else values <= low + FULL * span,
                limit=full if whole else values >= high - FULL * span,
                low=low,
                high=high,
                marks=(say("heat.empty", level=f.energy(low)), say("heat.full", level=f.energy(high))),
                limit_colour=theme.CIVIDIS[-1],
                caption=say("heat.level.near", share=f.percent(FULL, 1)),
            )
        )
    return found


def _prices(view: View, hours: Hours) -> list[Heat]:
    nodes = [str(name) for name in view.ds["node"].to_numpy()]
    found = []
    for row, node in enumerate(nodes):
        price = np.asarray(view.ds["price"].to_numpy()[row], np.float64)
        name = price_name(node, nodes)
        values = hours.arrays[f"n{row}"]
        low, high = _ends(values)
        free = price <= SMALL
        most = f.sig(float(price.max()))
        found.append(
            Heat(
                key=f"heat-price-{row}",
                title=_price_title(view, price),
                unit="CNY/MWh",
                name=name,
                series=[f"n{row}"],
                values=values,
                zero=values <= SMALL,
                limit=np.zeros(len(values), bool),
                low=low,
                high=high,
                marks=(say("heat.price.zero", hours=_count(view, free)) if free.any() else "", ""),
                caption=say("heat.price.cut", most=most) if price.max() > high else "",
            )
        )
    return found


def _ends(values: Array) -> tuple[float, float]:
    """Choose the ends of a scale of prices above zero: all of them, unless a few hours would stretch it."""
    paid = values[values > SMALL]
    return (float(paid.min()), top_price(values, stretch=STRETCH)) if len(paid) else (0.0, 1.0)


def _by_hour(view: View, values: Array) -> tuple[Array, int]:
    """Mean of each step of the day, and how many there are."""
    rows = round(24.0 / view.step_h)
    place = np.arange(len(values)) % rows
    return np.bincount(place, weights=values, minlength=rows) / np.bincount(place, minlength=rows), rows


def _part_of_day(mean: Array, span_h: float, sign: float) -> tuple[int, int]:
    """Find the part of the day with the highest (or lowest) mean: first step, steps; midnight may lie in it."""
    rows = len(mean)
    steps = max(1, round(span_h * rows / 24.0))
    sums = np.array([mean[np.arange(first, first + steps) % rows].sum() for first in range(rows)])
    return int(np.argmax(np.round(sign * sums, 9))), steps


def _clock(row: int, rows: int) -> str:
    minutes = round(row * 1440 / rows) % 1440
    return f"{minutes // 60:02d}:{minutes % 60:02d}" if minutes or row == 0 else "24:00"


def _busiest(view: View, power: Array) -> tuple[float, str, str]:
    mean, rows = _by_hour(view, power)
    first, steps = _part_of_day(mean, BUSY_H, 1.0)
    inside = (np.arange(len(power)) - first) % rows < steps
    return float(power[inside].sum() / power.sum()), _clock(first, rows), _clock(first + steps, rows)


def _price_title(view: View, price: Array) -> str:
    mean, rows = _by_hour(view, price)
    dear, steps = _part_of_day(mean, CALM_H, 1.0)
    cheap, _ = _part_of_day(mean, CALM_H, -1.0)
    means = [float(mean[np.arange(first, first + steps) % rows].mean()) for first in (dear, cheap)]
    if means[0] - means[1] <= 0.01 * abs(float(price.mean())):
        return say("heat.price.even", mean=f.united(f.sig(float(price.mean())), "CNY/MWh"))
    high, low = (f.united(f.sig(mean), "CNY/MWh") for mean in means)
    times = {"first": dear, "last": dear + steps, "begin": cheap, "end": cheap + steps}
    return say("heat.price.title", high=high, low=low, **{word: _clock(row, rows) for word, row in times.items()})


# drawing


def _ticks(view: View) -> list[tuple[float, str]]:
    """Where days are named below the image [1], and how: months, or days of short horizons."""
    days = pd.date_range(view.stamps[0].normalize(), periods=view.days, freq="D")
    if view.by_day:
        step = max(1, view.days // 6)
        return [(at / view.days, f.date_short(days[at])) for at in range(0, view.days - step // 2, step)]
    months = [at for at, day in enumerate(days) if day.day == 1]
    every = max(1, -(-len(months) // 12))
    years = days[0].year != days[-1].year
    return [(at / view.days, f.month_short(days[at], year=years)) for at in months[::every]]


def _markup(view: View, heat: Heat, rows: int) -> Markup:
    found = places(heat, rows)
    image = base64.b64encode(png(found, palette(heat.limit_colour))).decode()
    wide = found.shape[1]
    hours = "".join(f'<span style="top:{100 * at / 24:.2f}%">{at:02d}:00</span>' for at in (0, 6, 12, 18, 24))
    days = "".join(f'<span style="left:{100 * at:.2f}%">{escape(name)}</span>' for at, name in _ticks(view))
    gradient = ", ".join(theme.CIVIDIS)
    marks = "".join(
        f'<span class="mark"><span class="swatch" style="--colour:{colour}"></span>{escape(text)}</span>'
        for colour, text in zip((theme.ZERO, heat.limit_colour), heat.marks, strict=True)
        if text
    )
    low, high = f.sig(heat.low), f.united(f.sig(heat.high), heat.unit)
    return Markup(
        f'<div class="heat-scale"><span class="mark">{low}<span class="ramp" '
        f'style="background:linear-gradient(90deg, {gradient})"> </span>{high}</span>{marks}</div>'
        f'<div class="heat{" dense" * (wide > DENSE)}"><div class="heat-hours">{hours}</div>'
        f'<div class="heat-face" data-heat="{heat.key}">'
        f'<svg viewBox="0 0 {wide} {rows}" preserveAspectRatio="none" aria-hidden="true"><image width="{wide}" '
        f'height="{rows}" preserveAspectRatio="none" href="data:image/png;base64,{image}"/></svg></div>'
        f'<div class="heat-days">{days}</div></div>'
    )


def _figure(view: View, hours: Hours, heat: Heat) -> Figure:
    rows = round(24.0 / hours.step_h)
    spec = {
        "data": [{"series": heat.series, "csv": f"{heat.name} [{f.unit_name(heat.unit)}]"}],
        "heat": {"rows": rows, "point": f"{{when}}  {f.united('{number}', heat.unit)}"},
    }
    alt = say("heat.alt", what=heat.name, unit=f.unit_name(heat.unit), title=heat.title)
    return Figure(heat.key, heat.title, alt, spec, caption=heat.caption, markup=_markup(view, heat, rows))
