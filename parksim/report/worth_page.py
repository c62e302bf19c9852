"""The worth of every number as one page: what moves the cost, what moves the CO2, and every number in a table."""

import numpy as np
import pandas as pd
import xarray as xr

from parksim.report import formats as f
from parksim.report import theme
from parksim.report.bars import BAR_HEIGHT, bar_label, bar_layout, brief_text, categories
from parksim.report.catalogue import Language
from parksim.report.figures import Figure, mark, safe
from parksim.report.pages import page_data, written
from parksim.report.tables import Align, Cell, Row, Table
from parksim.report.theme import Style
from parksim.report.tiles import Tile, tile
from parksim.report.words import say, speaking
from parksim.report.worth import KINK, Line, Told, answer

DRAWN = 16
"""Most numbers in a chart."""

MOST = 0.9
"""Part of the whole that the dearest numbers are told to make up."""

WEIGHS = 1e-3
"""A number weighs from this part of the cost on."""


def _tornado(told: Told, lines: list[Line], key: str, *, title: str, axis: str, scale: float, unit: str) -> Figure:
    """Draw the changes for a little more and a little less, the dearest at the top."""
    pairs = [line.cost_cny if key == "cost" else line.co2_t for line in lines]
    parts = (
        ("worth.more", 1, Style(theme.COLOURS["direct"])),
        ("worth.less", 0, Style(theme.tint(theme.COLOURS["direct"], 0.6))),
    )
    names = [say("worth.step", name=line.name, step=line.step) if line.step else line.name for line in lines]
    data, legend = [], []
    pointed = f.hover(say("flow.name", name="%{customdata}", what="%{fullData.name}"), "%{x:,.6~r}", unit)
    for word, side, style in parts:
        values = [float(pair[side]) / scale if np.isfinite(pair[side]) else None for pair in pairs]
        data.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": say(word),
                "x": values,
                "y": list(range(len(lines))),
                "customdata": [safe(name) for name in names],
                "hovertemplate": pointed,
                "marker": theme.fill(style),
                "csv": f"{say(word)} [{unit}]",
            }
        )
        legend.append(mark(say(word), style))
    write = f.money if key == "cost" else f.mass
    notes, brief = [], []
    for place, (line, pair) in enumerate(zip(lines, pairs, strict=True)):
        change = pair[1] if np.isfinite(pair[1]) else -pair[0]
        text = f"{names[place]}  {'+' if change > 0 else ''}{write(change)}"
        notes.append({**bar_label(place, text), "x": 0, "xref": "paper", "xshift": 0})
        brief.append(brief_text(line.name))
    sizes = [abs(value) / scale for pair in pairs for value in pair if np.isfinite(value)]
    spread = 1.05 * max(sizes, default=1.0)
    layout = bar_layout(len(lines), -spread, spread, axis, annotations=notes)
    layout["xaxis"] |= {"zeroline": True}
    alt = say(
        "worth.alt",
        title=title,
        lines=f.points(
            [say("chart.point", name=name, value=write(pair[1])) for name, pair in zip(names, pairs, strict=True)]
        ),
    )
    spec = {"data": data, "layout": layout, **categories([line.path for line in lines], say("worth.col.number"), brief)}
    return Figure(key, title, alt, spec, BAR_HEIGHT * len(lines) + 66, legend, say("worth.caption"))


def _figures(told: Told) -> dict[str, Figure]:
    found = {}
    dear = [line for line in told.lines if told.moves_cost(line) and np.isfinite(line.largest_cny)]
    if dear:
        sizes = np.array([line.largest_cny for line in dear])
        most = int(np.searchsorted(np.cumsum(sizes), MOST * sizes.sum()) + 1)
        scale, unit = f.money_scale(float(sizes.max()))
        title = say("worth.cost.title", n=f.whole(most), all=f.whole(len(told.lines)))
        axis = say("worth.cost.axis", unit=unit)
        found["cost"] = _tornado(told, dear[:DRAWN], "cost", title=title, axis=axis, scale=scale, unit=unit)
    dirty = sorted((line for line in told.lines if told.moves_co2(line)), key=lambda line: -line.largest_t)
    if dirty:
        first = dirty[0]
        change = first.co2_t[1] if np.isfinite(first.co2_t[1]) else -first.co2_t[0]
        title = say("worth.co2.title", name=first.name, change=("+" if change > 0 else "") + f.mass(change))
        scale, unit = f.mass_scale(first.largest_t)
        axis = say("worth.co2.axis", unit=unit)
        found["co2"] = _tornado(told, dirty[:DRAWN], "co2", title=title, axis=axis, scale=scale, unit=unit)
    return found


def _tiles(told: Told) -> list[Tile]:
    cost, unit = f.money_parts(told.cost)
    strong = sum(line.largest_cny >= WEIGHS * abs(told.cost) for line in told.lines)
    moving = sum(told.moves_cost(line) for line in told.lines)
    hours = f.whole(float(told.ds.attrs["horizon_h"]))
    found = [tile("worth.tile.cost", cost, unit, say("worth.tile.cost.context", hours=hours))]
    if told.yardstick:
        found.append(tile("worth.tile.co2", *f.mass_parts(told.co2), told.yardstick))
    context = say("worth.tile.numbers.context", moving=f.whole(moving))
    found.append(tile("worth.tile.numbers", f.whole(len(told.lines)), "", context))
    context = say("worth.tile.strong.context", share=f.percent(WEIGHS, 2))
    return [*found, tile("worth.tile.strong", f.whole(strong), "", context)]


def _care(told: Told) -> list[str]:
    attrs = told.ds.attrs
    yardstick = told.yardstick
    found = [say("worth.care.first")]
    found.append(say("worth.care.co2", yardstick=yardstick) if yardstick else say("worth.care.no_co2"))
    found += [say("worth.care.prices"), say("worth.care.one_way")]
    if told.kinks:
        found.append(say("worth.care.kinks", n=f.whole(told.kinks)))
    if abs(float(attrs["year_share"]) - 1.0) > KINK:
        found.append(say("worth.care.span", hours=f.whole(float(attrs["horizon_h"]))))
    return found


def _table(lines: list[Line], caption: str) -> Table:
    names: tuple[tuple[str, Align], ...] = (
        ("number", "text"), ("value", "number"), ("more", "number"), ("slope", "number"), ("co2", "number"),
        ("valid", "number"), ("source", "text"),
    )  # fmt: skip
    rows = []
    for line in lines:
        cells = [
            Cell(line.name),
            Cell(line.value, sort="number"),
            Cell(line.more + (f" ({line.step})" if line.step else ""), sort="number"),
        ]
        cells += [Cell(text, sort="number") for text in (line.slope, line.co2, line.valid)]
        rows.append(Row([*cells, Cell(f"{line.path}: {line.source}" if line.source else line.path, sort="source")]))
    return Table(caption, [(say(f"worth.col.{name}"), align) for name, align in names], rows)


def _tables(told: Told) -> list[Table]:
    moving = told.moving
    still = [line for line in told.lines if line not in moving]
    parts = ((moving, "worth.numbers.moving"), (still, "worth.numbers.still"))
    return [_table(lines, say(caption, n=f.whole(len(lines)))) for lines, caption in parts if lines]


def render(ds: xr.Dataset, *, lang: Language = "en") -> str:
    """Write the worth of every number as one HTML page.

    Parameters
    ----------
    ds
        From :func:`parksim.questions.worth.worth`.
    lang
        Language of the page: ``en`` or ``zh``.

    Returns
    -------
    str
        The page; it needs no network, and only its own two scripts may run in it.
    """
    with speaking(lang):
        return _render(ds)


def _render(ds: xr.Dataset) -> str:
    told, attrs = Told(ds), ds.attrs
    made = _figures(told)
    start = pd.Timestamp(str(attrs["start"]))
    hours = f.whole(float(attrs["horizon_h"]))
    made_with = {"parksim": f"parksim {attrs['parksim_version']}", "solver": "HiGHS", "key": attrs["structure_key"]}
    parts = {
        "kind": say("worth.kind"),
        "title": told.title,
        "note": told.note,
        "meta": say("worth.meta", site=told.site, hours=hours, start=f.date(start), clock=attrs["clock"]),
        "answer": answer(told),
        "tiles": _tiles(told),
        "care": _care(told),
        "figures": made,
        "tables": _tables(told),
        "provenance": say("worth.from", n=f.whole(float(attrs["nudges"])), **made_with),
        "version": str(attrs["parksim_version"]),
        "data": page_data(f"{attrs['park']}-worth", made),
    }
    return written("worth.html.j2", parts)
