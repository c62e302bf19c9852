"""One theme for every chart: colours by carrier, role and technology, fonts, axes.

A colour means the same on every page. Components that share a colour are told apart by tints and patterns.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from parksim.report.words import GROUPS, language

FONT = (
    'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Noto Sans", "Noto Sans SC", '
    '"Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", sans-serif'
)
FONT_SIZE = 13

INK = "#222222"
MUTED = "#63666A"
RULE = "#E3E4E6"
PAPER = "#FFFFFF"

COLOURS: dict[str, str] = {
    "pv": "#E3B505",
    "wind": "#5FA8D3",
    "hydro": "#1F6FB2",
    "direct": "#0B4F8A",
    "storage": "#4C9F70",
    "import": "#7A7A7A",
    "export": "#B8B8B8",
    "demand": INK,
    "unserved": "#C8102E",
    "heat": "#D1603D",
    "hydrogen": "#7B5EA7",
    "cold": "#69B7B2",
    "biomass": "#8A9A5B",
    "convert": "#B5A58C",
    "co2": "#4A5A68",
    "price": INK,
}
"""Carrier, role or technology to its colour."""

CIVIDIS = (
    "#00224E", "#123570", "#3B496C", "#575D6D", "#707173", "#8A8678", "#A59C74", "#C3B369", "#E1CC55", "#FEE838",
)  # fmt: skip
"""Scale of heat maps, from low to high: even to the eye, and for the colour blind. J. R. Nuñez et al., Optimizing
colormaps with consideration for color vision deficiency, PLoS ONE 13(7), 2018, doi:10.1371/journal.pone.0199239."""

ZERO, LIMIT = "#E9EAEC", "#E4572E"
"""What stands at zero, and what stands at its limit, beside that scale."""

CHARGE_STRENGTH = 0.45
"""Charging has the colour of discharging at this strength."""

_BY_KIND = {"pv": "pv", "wind": "wind", "run_of_river": "hydro", "reservoir": "hydro"}
_BY_ROLE = {
    "direct": "direct",
    "import": "import",
    "export": "export",
    "demand": "demand",
    "unserved": "unserved",
    "charge": "storage",
    "discharge": "storage",
}
_TINTS = (0.0, 0.35, 0.6)
_PATTERNS = ("", "/", "x", ".", "-", "|")


@dataclass(frozen=True)
class Style:
    """How one flow is drawn.

    Parameters
    ----------
    colour
        Fill, as ``#RRGGBB``.
    pattern
        Plotly's pattern shape; empty for a plain fill.
    """

    colour: str
    pattern: str = ""


def tint(colour: str, towards_white: float) -> str:
    """Mix a colour with white.

    Examples
    --------
    >>> tint("#000000", 0.5)
    '#808080'
    """
    parts = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(part + (255 - part) * towards_white):02X}" for part in parts)


def base_colour(*, role: str, kind: str, carrier: str = "electricity") -> str:
    """Find the colour of a flow: by its role where roles have one, else by its kind, else by its carrier."""
    if role in _BY_ROLE:
        return COLOURS[_BY_ROLE[role]]
    return COLOURS[_BY_KIND.get(kind, carrier if carrier in COLOURS else "convert")]


def styles(flows: Iterable[tuple[str, str, str]]) -> list[Style]:
    """Style flows in order; those that would look alike get tints, then patterns.

    Parameters
    ----------
    flows
        Role, kind and carrier of each flow.

    Examples
    --------
    >>> styles([("renewable", "pv", ""), ("renewable", "pv", "")])
    [Style(colour='#E3B505', pattern=''), Style(colour='#EDCF5C', pattern='')]
    """
    seen: dict[tuple[str, str], int] = {}
    found = []
    for role, kind, carrier in flows:
        colour = base_colour(role=role, kind=kind, carrier=carrier)
        place = seen[role, colour] = seen.get((role, colour), -1) + 1
        pattern = _PATTERNS[(place // len(_TINTS)) % len(_PATTERNS)]
        if role == "charge":
            colour = tint(colour, 1.0 - CHARGE_STRENGTH)
        found.append(Style(tint(colour, _TINTS[place % len(_TINTS)]), pattern))
    return found


def hatched(style: Style) -> Style:
    """Give the style of energy that was there and not used: its colour, hatched."""
    return replace(style, pattern="/")


def fill(style: Style, *, hollow: bool = False) -> dict[str, Any]:
    """Give plotly's words for a bar in a style; ``hollow`` leaves white between the hatches."""
    marker: dict[str, Any] = {"color": style.colour, "line": {"width": 0}}
    if style.pattern:
        marker["pattern"] = pattern(style, hollow=hollow)
        marker["color"] = PAPER if hollow else style.colour
    return marker


def pattern(style: Style, *, hollow: bool = False) -> dict[str, Any]:
    """Give plotly's words for a pattern, for bars and areas alike."""
    back, front = (PAPER, style.colour) if hollow else (style.colour, tint(style.colour, 0.6))
    return {"shape": style.pattern, "size": 6, "solidity": 0.35, "bgcolor": back, "fgcolor": front}


def axis(*, fixedrange: bool = True, **more: Any) -> dict[str, Any]:
    """Make an axis: thin grid, no frame; what it shows is said by :func:`axis_label`."""
    return {
        "gridcolor": RULE,
        "zeroline": False,
        "linecolor": RULE,
        "tickfont": {"size": FONT_SIZE - 1, "color": MUTED},
        "fixedrange": fixedrange,
        "automargin": True,
        **more,
    }


def value_axis(**more: Any) -> dict[str, Any]:
    """Make an axis of numbers, thousands apart."""
    return axis(tickformat=",", **more)


def axis_label(text: str, top: float = 1.0) -> dict[str, Any]:
    """Say what a vertical axis shows, level above its upper end (``top``, in parts of the chart's height)."""
    return {
        "x": 0,
        "y": top,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "bottom",
        "xshift": -44,
        "yshift": 5,
        "showarrow": False,
        "text": text,
        "font": {"size": FONT_SIZE - 1, "color": MUTED},
    }


def layout(*, dragmode: str | bool = False, **more: Any) -> dict[str, Any]:
    """Make the layout every chart starts from."""
    return {
        "font": {"family": FONT, "size": FONT_SIZE, "color": INK},
        "paper_bgcolor": PAPER,
        "plot_bgcolor": PAPER,
        "margin": {"l": 46, "r": 12, "t": 26, "b": 34, "pad": 0},
        "showlegend": False,
        "separators": f".{GROUPS[language()]}",
        "hoverlabel": {"bgcolor": PAPER, "bordercolor": RULE, "font": {"family": FONT, "size": 12, "color": INK}},
        "dragmode": dragmode,
        **more,
    }


def swatch(style: Style, *, line: bool = False, hollow: bool = False) -> dict[str, str]:
    """Describe a legend mark for the page: colour, and whether it is an area, a hatched area or a line."""
    sort = "line" if line else ("hatch" if style.pattern else "area")
    return {"colour": style.colour, "sort": f"{sort} hollow" if hollow and sort == "hatch" else sort}


def distinct(found: Sequence[Style]) -> bool:
    """Whether no two styles look alike.

    Examples
    --------
    >>> distinct([Style("#000000"), Style("#000000", "/")])
    True
    """
    return len(set(found)) == len(found)
