"""Lines for a terminal: as many columns as it has, Chinese signs two columns wide."""

import re
from collections.abc import Iterable

from parksim.report.words import language

WIDTH = 96
INDENT = "  "

BROAD_SIGNS = 0x2E7F
"""Signs after this one take two columns."""

# A piece is never parted: a word, or one Chinese sign with the marks that may not begin or end a line. In English
# Chinese terms are words like others.
_BROAD = "\u2e80-\U0010ffff"
_CLOSING, _OPENING = "，。；：、！？）》」”’％)", "（《「“‘("
_WORD = re.compile(r"[^ \t\n]+")
_PIECE = re.compile(rf"[{_OPENING}]*[{_BROAD}][{_CLOSING}]*|[{_OPENING}]*[^ \t\n{_BROAD}]+[{_CLOSING}]*")
_SPACE = re.compile(r"[ \t\n]*")


def width(text: str) -> int:
    """Count the columns a text takes.

    Examples
    --------
    >>> width("40 MW"), width("储能")
    (5, 4)
    """
    return sum(2 if ord(sign) > BROAD_SIGNS else 1 for sign in text)


def wrapped(text: str, first: str = "", rest: str = "", *, columns: int = WIDTH) -> list[str]:
    """Break a text at spaces, in Chinese between signs too; spaces that do not break keep number and unit together.

    Parameters
    ----------
    first, rest
        What stands before the first line, and before the others.
    columns
        Columns of a line; only one long piece may take more.

    Examples
    --------
    >>> wrapped("one two three", "- ", "  ", columns=9)
    ['- one two', '  three']
    >>> from parksim.report.words import speaking
    >>> with speaking("zh"):
    ...     wrapped("园区用电，绿电占比", columns=9)
    ['园区用', '电，绿电', '占比']
    """
    parted = _PIECE if language() == "zh" else _WORD
    lines, line, empty, at = [], first, True, 0
    while at < len(text):
        space = _SPACE.match(text, at)
        at = space.end() if space else at
        piece = parted.match(text, at)
        if piece is None:
            break
        gap = " " if space and space[0] and not empty else ""
        if not empty and width(line) + len(gap) + width(piece[0]) > columns:
            lines.append(line)
            line, gap = rest, ""
        line, empty, at = line + gap + piece[0], False, piece.end()
    return [*lines, line]


def shortened(text: str, columns: int) -> str:
    """Cut a text to so many columns.

    Examples
    --------
    >>> shortened("储能电站", 5)
    '储能…'
    """
    for place in range(len(text)):
        if width(text[: place + 1]) > columns:
            return text[:place] + "…"
    return text


def aligned(rows: list[list[str]]) -> list[str]:
    """Line up columns, the first to the left, the others to the right."""
    wide = [max(width(row[place]) for row in rows) for place in range(len(rows[0]))] if rows else []
    lines = []
    for row in rows:
        cells = [" " * (wide[place] - width(cell)) + cell for place, cell in enumerate(row)]
        cells[0] = row[0] + " " * (wide[0] - width(row[0]))
        lines.append(INDENT + INDENT.join(cells).rstrip())
    return lines


def named(rows: Iterable[tuple[str, str]]) -> list[str]:
    """Line up names, and what is said of them."""
    found = list(rows)
    wide = max((width(name) for name, _ in found), default=0)
    return [f"{INDENT}{name}{' ' * (wide - width(name))}{INDENT}{value}" for name, value in found]


def listed(texts: Iterable[str]) -> list[str]:
    """Make each text a point of a list."""
    return [line for text in texts for line in wrapped(text, f"{INDENT}- ", INDENT * 2)]
