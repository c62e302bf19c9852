"""Rows that are table and chart in one: a label, a drawing on a shared scale, and what it says in numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

import numpy as np
from markupsafe import Markup

from parksim.report import theme
from parksim.report.words import say

WIDE, HIGH = 1000, 22
"""Inner size of the drawing of a row; the page stretches it."""

MOST_TICKS = 5

THICK = 12
"""Height of a bar."""


@dataclass(frozen=True)
class Mark:
    """One shape of a row.

    Parameters
    ----------
    sort
        ``bar``, ``line`` (thin, along the row) or ``tick`` (thin, across the row).
    start, end
        Ends on the scale; alike for a tick.
    colour
        As ``#RRGGBB``.
    """

    sort: str
    start: float
    end: float
    colour: str


@dataclass(frozen=True)
class Strip:
    """One row.

    Parameters
    ----------
    label
        On the left.
    marks
        What is drawn; nothing for a heading.
    texts
        On the right, one per column.
    hover
        Shown where the row is pointed at.
    head
        Whether it is a heading over the rows that follow.
    """

    label: str
    marks: Sequence[Mark] = ()
    texts: Sequence[str] = ()
    hover: str = ""
    head: bool = False


@dataclass(frozen=True)
class Scale:
    """From numbers to places, with ticks."""

    low: float
    high: float
    ticks: list[float] = field(default_factory=list)

    def at(self, value: float) -> float:
        """Give the place of a number, in parts of the width."""
        return (value - self.low) / (self.high - self.low)


def scale_of(values: Sequence[float], *, zero: bool = False) -> Scale:
    """Choose a scale that holds all values, with room, and round ticks.

    Parameters
    ----------
    zero
        Whether it must hold zero.

    Examples
    --------
    >>> scale_of([0.0, 9.0], zero=True).ticks
    [0.0, 2.0, 4.0, 6.0, 8.0]
    """
    found = [value for value in values if np.isfinite(value)] + ([0.0] if zero else [])
    low, high = (min(found), max(found)) if found else (0.0, 1.0)
    room = 0.03 * (high - low) or max(abs(high), 1.0) * 0.05
    low, high = low - room, high + room
    step = 10.0 ** np.floor(np.log10((high - low) / MOST_TICKS))
    step *= next(factor for factor in (1.0, 2.0, 5.0, 10.0) if (high - low) / (step * factor) <= MOST_TICKS)
    first, last = int(np.ceil(low / step)), int(np.floor(high / step))
    return Scale(low, high, [float(at * step) for at in range(first, last + 1)])


def strips(
    rows: Sequence[Strip],
    scale: Scale,
    *,
    heads: Sequence[str],
    ticks: Sequence[str],
    caption: str,
    sort: str = "",
) -> Markup:
    """Write rows as a table.

    Parameters
    ----------
    heads
        Over the labels, the drawing, and each column of texts.
    ticks
        Texts of the scale's ticks.
    caption
        Of the table, for those who do not see it.
    sort
        Class of the table besides its own.
    """
    body = "".join(_row(row, scale, len(heads) - 2) for row in rows)
    marks = "".join(
        f'<span style="left:{100 * scale.at(at):.2f}%">{escape(text)}</span>'
        for at, text in zip(scale.ticks, ticks, strict=True)
    )
    titles = [escape(head) for head in heads]
    head = f'<th scope="col">{titles[0]}</th><th scope="col">{titles[1]}</th>'
    head += "".join(f'<th scope="col" class="number">{title}</th>' for title in titles[2:])
    foot = f'<td></td><td class="ticks">{marks}</td>' + "<td></td>" * (len(heads) - 2)
    return Markup(
        f'<table class="{f"strips {sort}".strip()}"><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>'
        f'<tbody>{body}</tbody><tfoot aria-hidden="true"><tr>{foot}</tr></tfoot></table>'
    )


def _row(row: Strip, scale: Scale, columns: int) -> str:
    if row.head:
        return f'<tr class="head"><th scope="colgroup" colspan="{2 + columns}">{escape(row.label)}</th></tr>'
    shapes = "".join(_grid(scale)) + "".join(_shape(mark, scale) for mark in row.marks)
    drawn = f'<svg viewBox="0 0 {WIDE} {HIGH}" preserveAspectRatio="none" aria-hidden="true">{shapes}</svg>'
    texts = "".join(f'<td class="number">{escape(text)}</td>' for text in row.texts)
    hover = f' title="{escape(row.hover)}"' if row.hover else ""
    return f'<tr{hover}><th scope="row">{escape(row.label)}</th><td class="drawn">{drawn}</td>{texts}</tr>'


def _grid(scale: Scale) -> list[str]:
    return [_line(scale.at(at), 0, scale.at(at), HIGH, theme.RULE) for at in scale.ticks]


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 1.0) -> str:
    return (
        f'<line x1="{x1 * WIDE:.1f}" y1="{y1:g}" x2="{x2 * WIDE:.1f}" y2="{y2:g}" stroke="{colour}" '
        f'stroke-width="{width:g}" vector-effect="non-scaling-stroke"/>'
    )


def _shape(mark: Mark, scale: Scale) -> str:
    start, end = sorted((scale.at(mark.start), scale.at(mark.end)))
    if mark.sort == "tick":
        return _line(start, 3, start, HIGH - 3, mark.colour, 2.5)
    if mark.sort == "line":
        return _line(start, HIGH / 2, end, HIGH / 2, mark.colour, 1.5)
    place = f'x="{start * WIDE:.1f}" y="{(HIGH - THICK) / 2:g}" width="{max((end - start) * WIDE, 1.0):.1f}"'
    return f'<rect {place} height="{THICK}" fill="{mark.colour}"/>'


def no_rows() -> Markup:
    """Say that there is nothing to draw."""
    return Markup('<p class="lead">{}</p>').format(say("study.nothing"))
