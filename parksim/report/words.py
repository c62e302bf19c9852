"""Every text of the report, by key, in the language of the moment.

``say(key, name=value)`` fills a text. Values arrive formatted; nothing here computes. The texts stand in
``texts/en.po`` and ``texts/zh.po``; docs/texts.md says how to add one. The language is that of the innermost
``with speaking(...)``, English outside of any, and each thread has its own.

>>> with speaking("en"):
...     say("date.long", day=1, month="May", year=2025)
'1 May 2025'
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from parksim.errors import InputError
from parksim.notes import Note
from parksim.report.catalogue import LANGUAGES, Catalogue, Language, catalogue

GROUPS: dict[Language, str] = {"en": "\u202f", "zh": ","}
"""What stands between the thousands of a number."""

_SPOKEN: ContextVar[Language] = ContextVar("spoken", default="en")


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Tell everything inside in one language.

    Parameters
    ----------
    language
        ``en`` or ``zh``.

    Raises
    ------
    InputError
        If there is no such language, or its catalogue cannot be read.
    """
    if language not in LANGUAGES:
        msg = f"language: got {language!r}, must be {' or '.join(LANGUAGES)}."
        raise InputError(msg)
    catalogue(language)
    token = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def language() -> Language:
    """Give the language of the moment."""
    return _SPOKEN.get()


def _own() -> Catalogue:
    return catalogue(_SPOKEN.get())


def say(key: str, /, **values: object) -> str:
    """Fill a text, in the language of the moment.

    Parameters
    ----------
    key
        Which text.
    values
        What its gaps are filled with, formatted. ``n`` alone may be a whole number: it is written with its thousands
        apart, and chooses between singular and plural where the text has both.

    Raises
    ------
    InputError
        If the catalogue has no such text, or the text asks for what is not given.
    """
    own, n = _own(), values.get("n")
    if isinstance(n, int):
        text = own.text(key, n)
        values["n"] = f"{n:,}".replace(",", GROUPS[language()])
    else:
        text = own.text(key)
    try:
        return text.format(**values)
    except (LookupError, ValueError) as error:
        given = ", ".join(f"{{{name}}}" for name in values) or "none"
        msg = f"{own.name}: the text of {key!r} cannot be filled in: {error}. It may use these gaps: {given}."
        raise InputError(msg) from None


def term(key: str, /, *, otherwise: str) -> str:
    """Give the word for a name that comes from the results, or ``otherwise`` where the catalogue has none for it."""
    return _own().get(key) or otherwise


def beside(key: str, /) -> str:
    """Give the Chinese of a heading, to stand beside it on an English page; nothing on a Chinese one."""
    return "" if language() == "zh" else catalogue("zh").text(key)


def template(key: str, /) -> str:
    """Give a text with its gaps open, for the page's own script to fill."""
    return _own().text(key)


def tell(told: str, /) -> str:
    """Say a text that came in English from the results, in the language of the moment.

    Parameters
    ----------
    told
        A note with its parts, or a plain text; one that the catalogue does not know stays as it is.
    """
    if language() == "en":
        return told
    if not isinstance(told, Note):
        return _own().told(told) or told
    values = {name: tell(value) if isinstance(value, Note) else value for name, value in told.values.items()}
    return (_own().told(told.template) or told.template).format(**values)


def count(n: int, what: str) -> str:
    """Count days or hours in words.

    Examples
    --------
    >>> count(1, "day"), count(2, "hour")
    ('1 day', '2 hours')
    """
    return say(f"count.{what}", n=n)
