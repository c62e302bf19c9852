"""Notes on how something was read: English texts that keep their parts, so that a report may tell them otherwise.

>>> note = Note("{file}: held over {n} steps", file="a.csv", n=4)
>>> note
'a.csv: held over 4 steps'
>>> from_parts(parts(note)) == note
True
"""

from collections.abc import Mapping
from typing import Any


class Note(str):
    """An English text, and the template and values it was made of.

    Parameters
    ----------
    template
        Text with gaps such as ``{file}``; the catalogues of the report translate it as a whole.
    values
        What fills the gaps: texts, whole numbers, other notes.
    """

    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, /, **values: object) -> "Note":
        """Fill the template."""
        note = super().__new__(cls, template.format(**values))
        note.template, note.values = template, values
        return note

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, object]]:
        """Tell pickle and copy what it was made of."""
        return (self.template,), dict(self.values)


def parts(value: object) -> Any:
    """Give a note as plain data, for JSON: template and values; what is no note stays as it is."""
    if not isinstance(value, Note):
        return value
    return {"text": value.template, "values": {name: parts(part) for name, part in value.values.items()}}


def from_parts(told: Any) -> Any:
    """Make a note of what :func:`parts` gave."""
    if not isinstance(told, Mapping):
        return told
    return Note(told["text"], **{name: from_parts(part) for name, part in told["values"].items()})


def joined(first: str, *others: str) -> str:
    """Join notes to one, with semicolons.

    Examples
    --------
    >>> joined(Note("a"), Note("b"), Note("c"))
    'a; b; c'
    """
    return Note("{first}; {rest}", first=first, rest=joined(*others)) if others else first


def placed(place: str, told: str) -> Note:
    """Say what a note is of: a path of the park file, or the name of a file."""
    return Note("{place}: {told}", place=place, told=told)
