"""Bars as a plain SVG image, for places without scripts: one label, one bar, one text a line."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from parksim.report import theme

WIDTH, LABEL_WIDTH, TEXT_WIDTH = 760, 250, 190
"""Of the image, of the labels on the left, of the texts behind the bars [px]."""

LINE, THICK, GROUP, HEAD = 26, 14, 14, 26
"""Height of a line, of a bar, of the space before a group and of the title [px]."""


@dataclass(frozen=True)
class Bar:
    """One line of the image.

    Parameters
    ----------
    label
        On the left.
    value
        Length of the bar; NaN draws none.
    text
        Behind the bar.
    colour
        As ``#RRGGBB``.
    hollow
        Whether only its outline is drawn.
    group
        Heading above the first bar that has it; empty for none.
    """

    label: str
    value: float
    text: str
    colour: str
    hollow: bool = False
    group: str = ""


def length(value: float, *, most: float, least: float | None) -> float:
    """Give the length of a bar [px].

    Parameters
    ----------
    most
        The value of the longest bar.
    least
        Where a logarithmic scale begins; None for a scale from zero.

    Examples
    --------
    >>> length(1.0, most=2.0, least=None) == length(10.0, most=100.0, least=1.0) == (760 - 250 - 190) / 2
    True
    """
    room = WIDTH - LABEL_WIDTH - TEXT_WIDTH
    if not math.isfinite(value) or value <= 0.0 or most <= 0.0:
        return 0.0
    if least is None:
        return room * value / most
    return room * max(math.log(value / least) / math.log(most / least), 0.0) if most > least else float(room)


def bars(title: str, drawn: Sequence[Bar], *, logarithmic: bool = False) -> str:
    """Draw bars below a title.

    Parameters
    ----------
    logarithmic
        Whether equal lengths are equal ratios; the title should say so.

    Returns
    -------
    str
        An ``svg`` element, complete as a file.
    """
    values = [bar.value for bar in drawn if math.isfinite(bar.value) and bar.value > 0.0]
    least = 10.0 ** math.floor(math.log10(min(values) * 0.999)) if logarithmic and values else None
    most = max(values, default=1.0)
    parts, y, group = [], HEAD + 6, ""
    for bar in drawn:
        if bar.group != group:
            group, y = bar.group, y + GROUP
            parts.append(_text(0, y + 13, bar.group, weight="600"))
            y += LINE - 2
        wide = length(bar.value, most=most, least=least)
        top = y + (LINE - THICK) / 2
        look = f'fill="{theme.PAPER}" stroke="{bar.colour}"' if bar.hollow else f'fill="{bar.colour}"'
        parts.append(_text(LABEL_WIDTH - 10, y + 17, bar.label, anchor="end"))
        if wide:
            parts.append(f'<rect x="{LABEL_WIDTH}" y="{top:.1f}" width="{wide:.1f}" height="{THICK}" rx="1" {look}/>')
        parts.append(_text(LABEL_WIDTH + wide + 7, y + 17, bar.text, colour=theme.MUTED))
        y += LINE
    high = y + 8
    body = "\n".join((_text(0, 18, title, weight="600"), *parts))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {high}" width="{WIDTH}" height="{high}" '
        f'role="img" aria-label="{escape(title)}" font-family="{escape(theme.FONT)}" font-size="{theme.FONT_SIZE}">\n'
        f'<rect width="{WIDTH}" height="{high}" fill="{theme.PAPER}"/>\n{body}\n</svg>\n'
    )


def _text(x: float, y: float, text: str, *, anchor: str = "start", weight: str = "400", colour: str = theme.INK) -> str:
    look = f'text-anchor="{anchor}" font-weight="{weight}" fill="{colour}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {look}>{escape(text)}</text>'


def text_lines(
    x: float, y: float, lines: Sequence[str], *, size: float, anchor: str = "start", upwards: bool = False
) -> str:
    """Write lines around a height, or up from it; the last line is muted, all stand out from what they lie on."""
    step = size * 1.3
    first = y - step * (len(lines) - 1) if upwards else y - step * (len(lines) - 1) / 2 + size * 0.36
    spans = "".join(
        f'<tspan x="{x:.1f}" y="{first + at * step:.1f}"{_last(at, lines)}>{escape(line)}</tspan>'
        for at, line in enumerate(lines)
    )
    halo = f'paint-order="stroke" stroke="{theme.PAPER}" stroke-width="3" stroke-linejoin="round"'
    return f'<text text-anchor="{anchor}" fill="{theme.INK}" {halo}>{spans}</text>'


def _last(at: int, lines: Sequence[str]) -> str:
    return f' fill="{theme.MUTED}"' if 0 < at == len(lines) - 1 else ""


def hatch(name: str, colour: str) -> str:
    """Define hatches of a colour on white, to be named by a fill."""
    return (
        f'<pattern id="{name}" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<rect width="5" height="5" fill="{theme.PAPER}"/><rect width="1.6" height="5" fill="{colour}"/></pattern>'
    )
