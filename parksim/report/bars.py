"""Charts of horizontal bars with their labels above: avoided CO2 by yardstick, cost by term."""

from typing import Any

from parksim.report import formats as f
from parksim.report import theme
from parksim.report.figures import Figure, component_style, mark, safe
from parksim.report.findings import Co2Claim, claims_title, co2_claims, costs_title, is_year, term_name
from parksim.report.lines import shortened
from parksim.report.theme import Style
from parksim.report.view import SMALL, View
from parksim.report.words import say

BAR_HEIGHT = 46
"""Height of one horizontal bar with the label above it [px]."""

NARROW_SIGNS = 54
"""Width of a label on a small screen, in letters."""


def bar_label(position: int, text: str) -> dict[str, Any]:
    """Write a label above a bar, at its foot."""
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


def bar_value(position: int, value: float, text: str) -> dict[str, Any]:
    """Write a value at the end of a bar."""
    return {
        **bar_label(position, text),
        "x": max(value, 0.0),
        "yanchor": "middle",
        "yshift": 0,
        "xshift": 5,
        "font": {"size": theme.FONT_SIZE - 1, "color": theme.MUTED},
    }


def brief_text(text: str) -> str:
    """Cut a label to what a small screen holds."""
    return shortened(text, NARROW_SIGNS)


def categories(names: list[str], title: str, brief: list[str]) -> dict[str, Any]:
    """Give the page's script names for the download, and shorter texts for small screens."""
    return {"categories": names, "category_title": title, "brief": [safe(text) for text in brief]}


def bar_layout(count: int, low: float, high: float, axis_title: str, **more: Any) -> dict[str, Any]:
    """Lay out horizontal bars, the first at the top."""
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
    """Draw avoided CO2 by yardstick, with each claim as a line; nothing where none is avoided."""
    avoided: dict[str, float] = view.summary["avoided_co2_t"]
    if max(avoided.values(), default=0.0) <= 0.0:
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
    scale, unit = f.mass_scale(max(avoided.values()))
    data, legend = [], []
    for text, (values, look, hollow) in parts.items():
        if max(values) <= SMALL * max(max(avoided.values()), 1.0):
            continue
        data.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": say(text),
                "x": [value / scale for value in values],
                "y": list(range(len(keys))),
                "customdata": [safe(name) for name in names],
                "hovertemplate": f.hover("%{customdata}", "%{x:,.6~r}", unit),
                "marker": theme.fill(look, hollow=hollow),
                "csv": f"{say(text)} [{unit}]",
            }
        )
        legend.append(mark(say(text), look, hollow=hollow))
    notes, brief = [], []
    for position, key in enumerate(keys):
        value = f.mass(avoided[key])
        ratio = f.percent(avoided[key] / claims[0].claimed_t) if claims else ""
        text = say("claims.bar.ratio", value=value, ratio=ratio) if claims else value
        notes += [bar_label(position, names[position]), bar_value(position, avoided[key] / scale, text)]
        brief += [brief_text(names[position]), ratio or value]
    most = max(avoided.values()) / scale
    lines, line_notes, high = _claim_lines(claims, most, scale)
    layout = bar_layout(
        len(keys), 0.0, max(high, most * 1.35), say("claims.axis", unit=unit), shapes=lines,
        annotations=notes + line_notes,
    )  # fmt: skip
    layout["margin"]["t"] = 34 if claims else 18
    title = claims_title(view)
    told = [say("chart.point", name=n, value=f.mass(avoided[k])) for n, k in zip(names, keys, strict=True)]
    alt = say("claims.alt", title=title, bars=f.points(told))
    spec = {"data": data, "layout": layout, **categories(names, say("yardsticks.col.name"), brief)}
    caption = say("claims.caption") if claims else ""
    return Figure("claims", title, alt, spec, BAR_HEIGHT * len(keys) + 78, legend, caption)


def _claim_lines(
    claims: list[Co2Claim], most: float, scale: float
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], float]:
    """Vertical lines at what is claimed, their labels, and the least range that shows them."""
    lines, notes, high = [], [], 0.0
    for claim in claims:
        at = claim.claimed_t / scale
        high = max(high, at * 1.08)
        lines.append(
            {
                "type": "line", "xref": "x", "yref": "paper", "x0": at, "x1": at, "y0": 0, "y1": 1,
                "line": {"color": theme.INK, "width": 1.5, "dash": "4px,3px"},
            }
        )  # fmt: skip
        text = say("claims.line", claimed=f.mass(claim.claimed_t))
        notes.append(
            {
                "x": at, "y": 1, "xref": "x", "yref": "paper", "yanchor": "bottom", "showarrow": False,
                "xanchor": "right" if at >= 0.6 * max(most, at) else "left",
                "text": text, "font": {"size": theme.FONT_SIZE, "color": theme.INK},
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
        notes += [bar_label(position, names[position]), bar_value(position, values[position], text)]
        brief += [brief_text(names[position]), f.money(terms[key])]
    trace = {
        "type": "bar",
        "orientation": "h",
        "x": values,
        "y": list(range(len(keys))),
        "customdata": [safe(name) for name in names],
        "hovertemplate": f.hover("%{customdata}", "%{x:,.6~r}", unit),
        "marker": {"color": colours},
        "csv": say("costs.col.money", unit=unit),
    }
    low, high = min(values), max(values)
    layout = bar_layout(
        len(keys), min(low * 1.1, 0.0), max(high, 0.0) * 1.5 or 1.0, say("costs.axis", unit=unit), annotations=notes
    )
    title = costs_title(view)
    spec = {"data": [trace], "layout": layout, **categories(names, say("costs.col.term"), brief)}
    return Figure("costs", title, say("costs.alt", title=title), spec, BAR_HEIGHT * len(keys) + 66)
