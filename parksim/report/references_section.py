"""The section of the page that holds the run against the same park otherwise: a table and bars of the cost per kWh."""

from typing import Any

from parksim.report import formats as f
from parksim.report import theme
from parksim.report.bars import BAR_HEIGHT, bar_label, bar_layout, bar_value, brief_text, categories
from parksim.report.figures import Figure, safe
from parksim.report.references import (
    Found,
    Scale,
    all_from_the_grid,
    name_of,
    notes,
    own_figures,
    references,
    with_plan,
)
from parksim.report.tables import Align, Cell, Row, Table
from parksim.report.view import View
from parksim.report.words import say

WIDE = 1.5
"""Room behind the longest bar for its value, over its length."""


def parts(view: View) -> dict[str, Any]:
    """Give everything the section shows, its chart apart; nothing where no reference was made."""
    asked = bool(references(view))
    first = next(iter(view.yardsticks), None)
    caption = "" if first is None else say("references.caption", yardstick=view.yardstick_name(first))
    return {
        "references_asked": asked,
        "references_title": title(view) if asked else "",
        "references_table": _table(view) if asked else None,
        "references_caption": caption,
        "references_notes": notes(view),
    }


def title(view: View) -> str:
    """Say what the park saves against all from the grid, and what storage is worth."""
    own, worth = float(view.summary["cost_cny_per_mwh"]), view.summary["storage_worth_cny"]
    grid = all_from_the_grid(view)
    told = {"price": f.per_kwh(own)}
    if grid is None:
        text = say("references.title.alone", **told)
    else:
        price = float(grid["unit_cost_cny_per_mwh"])
        told["grid"] = f.per_kwh(price)
        if price > 0.0:
            key = "less" if own <= price else "more"
            text = say(f"references.title.{key}", share=f.percent(abs(own - price) / price), **told)
        else:
            text = say("references.title.apart", **told)
    if worth is None:
        return text
    key = "worth" if worth >= 0.0 else "costs"
    return say(f"references.title.{key}", title=text, worth=f.money(abs(float(worth))))


def _lines(view: View) -> list[tuple[str, Found]]:
    """Name and figures of the run and of every reference that has a plan."""
    told = [(name_of(view, key, one), one) for key, one in with_plan(view).items()]
    return [(say("references.run"), own_figures(view)), *told]


def _table(view: View) -> Table:
    lines = _lines(view)
    money, energy = (make(one for _, one in lines) for make in (Scale.of_money, Scale.of_energy))
    first = next(iter(view.yardsticks), None)
    rows = []
    for name, one in lines:
        saving = one["saving_cny"]
        texts = [
            money.write(one["cost_cny"]),
            f.sig(float(one["unit_cost_cny_per_mwh"]) / 1e3),
            "" if saving is None else money.write(saving),
            f.percent(float(one["green_share"])),
            energy.write(one["import_mwh"]),
            f.sig(float(one["peak_import_mw"])),
        ]
        texts += [] if first is None else [f.sig(float(one["emissions_t"][first]))]
        rows.append(Row([Cell(f.capital(name)), *(Cell(text, sort="number") for text in texts)]))
    rows[0] = Row(rows[0].cells, "sum")
    units = {"cost": money.unit, "saves": money.unit, "bought": energy.unit}
    names = ["cost", "per_kwh", "saves", "green", "bought", "peak", *([] if first is None else ["co2"])]
    numbers: list[tuple[str, Align]] = [
        (say(f"references.col.{name}", unit=units.get(name, "")), "number") for name in names
    ]
    return Table(say("references.table"), [(say("references.col.plan"), "text"), *numbers], rows)


def figure(view: View) -> Figure | None:
    """Draw the cost per kWh of the run and its references; nothing where no reference has a plan."""
    lines = _lines(view)
    if len(lines) < 2:
        return None
    values = [float(one["unit_cost_cny_per_mwh"]) / 1e3 for _, one in lines]
    names = [f.capital(name) for name, _ in lines]
    told = [f.per_kwh(1e3 * value) for value in values]
    labels = []
    for position, (name, value, text) in enumerate(zip(names, values, told, strict=True)):
        labels += [bar_label(position, name), bar_value(position, value, text)]
    brief = [text for name, value in zip(names, told, strict=True) for text in (brief_text(name), value)]
    colours = [theme.COLOURS["direct"], *[theme.COLOURS["import"]] * (len(lines) - 1)]
    trace = {
        "type": "bar",
        "orientation": "h",
        "x": values,
        "y": list(range(len(lines))),
        "customdata": [safe(name) for name in names],
        "hovertemplate": f.hover("%{customdata}", "%{x:,.4~r}", f.unit_name("CNY/kWh")),
        "marker": {"color": colours},
        "csv": say("references.col.per_kwh"),
    }
    low, high = min(values), max(values)
    layout = bar_layout(
        len(lines), min(low * 1.1, 0.0), max(high, 0.0) * WIDE or 1.0, say("references.axis"), annotations=labels
    )
    spec = {"data": [trace], "layout": layout, **categories(names, say("references.col.plan"), brief)}
    bars = f.points([say("chart.point", name=name, value=value) for name, value in zip(names, told, strict=True)])
    heading = title(view)
    alt = say("references.alt", title=heading, bars=bars)
    return Figure("references", heading, alt, spec, BAR_HEIGHT * len(lines) + 66)
