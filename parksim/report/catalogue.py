"""Catalogues of texts, one per language: gettext files that Babel reads, kept compiled beside Python's modules.

Names of months and days are not in the files: they come from Babel's copy of the Unicode locale data, as texts
``calendar.month.1`` to ``calendar.month.12`` and ``calendar.weekday.0`` (Monday) to ``calendar.weekday.6``, long and
short.
"""

import gettext
import hashlib
import os
import struct
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.util import cache_from_source
from io import BytesIO
from pathlib import Path
from typing import Literal, get_args

from parksim.errors import InputError

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

TOLD = "told"
"""Context (``msgctxt``) of texts that come in English from outside the report, such as notes of reading."""

_FORM = "2"
"""Changed where the compiled form changes."""

_DIGEST = "catalogue.digest"
"""Key of the text that tells what a compiled file was made of."""


@dataclass(frozen=True)
class Catalogue:
    """All texts of a language.

    Parameters
    ----------
    name
        Name of its file.
    texts
        What gettext reads them with.
    """

    name: str
    texts: gettext.NullTranslations

    def get(self, key: str, n: int | None = None) -> str | None:
        """Give a text, in the form that goes with ``n`` things; None where there is none."""
        found = key if n is None else self.texts.ngettext(key, key, n)
        found = self.texts.gettext(key) if found == key else found
        return None if found == key else found

    def told(self, english: str) -> str | None:
        """Give the translation of a text that comes in English from outside the report; None where there is none."""
        found = self.texts.pgettext(TOLD, english)
        return None if found == english else found

    def text(self, key: str, n: int | None = None) -> str:
        """Give a text, in the form that goes with ``n`` things.

        Raises
        ------
        InputError
            If there is none.
        """
        found = self.get(key, n)
        if found is None:
            msg = f'{self.name}: has no text for the key {key!r}. Add an entry with msgid "{key}".'
            raise InputError(msg)
        return found


@cache
def catalogue(language: Language) -> Catalogue:
    """Read the catalogue of a language, once.

    Raises
    ------
    InputError
        If its file is no gettext file.
    """
    name = f"{language}.po"
    source = (files("parksim.report") / "texts" / name).read_bytes()
    return Catalogue(name, _translations(source, language, kept=Path(cache_from_source(__file__)).parent))


def _translations(source: bytes, language: Language, *, kept: Path) -> gettext.NullTranslations:
    """Take what was compiled of a file, or compile it and keep that: reading takes longer than most reports."""
    digest, file = _digest(source), kept / f"texts.{language}.mo"
    with suppress(OSError, ValueError, struct.error), file.open("rb") as stream:
        found = gettext.GNUTranslations(stream)
        if found.gettext(_DIGEST) == digest:
            return found
    compiled = _compiled(source, language)
    if not sys.dont_write_bytecode:
        with suppress(OSError):
            _keep(compiled, file)
    return gettext.GNUTranslations(BytesIO(compiled))


def _digest(source: bytes) -> str:
    return hashlib.sha256(_FORM.encode() + source).hexdigest()


def _keep(compiled: bytes, file: Path) -> None:
    file.parent.mkdir(exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    with os.fdopen(handle, "wb") as stream:
        stream.write(compiled)
    Path(name).chmod(0o644)
    Path(name).replace(file)


def _compiled(source: bytes, language: Language) -> bytes:
    """Compile a file, with the names of months and days.

    Raises
    ------
    InputError
        If it is no gettext file.
    """
    from babel import Locale
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import PoFileError, read_po

    try:
        found = read_po(BytesIO(source), locale=language, abort_invalid=True)
    except (PoFileError, ValueError) as error:
        msg = f'{language}.po: is no gettext catalogue: {error}. Write lines as msgid "KEY" and msgstr "TEXT".'
        raise InputError(msg) from None
    locale = Locale.parse(language)
    # What the locale data call abbreviated in Chinese (7月) is how dates are written; in full it is 七月.
    for width, word in (("abbreviated" if language == "zh" else "wide", "month"), ("abbreviated", "month_short")):
        for number, name in locale.months["format"][width].items():
            found.add(f"calendar.{word}.{number}", name)
    for width, word in (("wide", "weekday_wide"), ("abbreviated", "weekday")):
        for number, name in locale.days["format"][width].items():
            found.add(f"calendar.{word}.{number}", name)
    found.add(_DIGEST, _digest(source))
    stream = BytesIO()
    write_mo(stream, found)
    return stream.getvalue()
