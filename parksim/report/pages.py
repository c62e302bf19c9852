"""What every page is made of: templates, styles, scripts that may run, and the data they draw from."""

import base64
import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib.resources import files
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

import jinja2
from jinja2.bccache import Bucket, FileSystemBytecodeCache
from markupsafe import Markup

from parksim.report.figures import Figure
from parksim.report.formats import names_of_days, names_of_months
from parksim.report.theme import FONT
from parksim.report.words import GROUPS, beside, language, say, template

SCRIPTS = ("plotly-basic.min.js", "page.js")
"""Scripts of every page, in the order in which they run."""

FROM_BESIDE = "'self' file:"
"""What may run in a page that links its scripts: a browser checks no hash of a script that is read from a disk."""


def _source(name: str) -> str:
    return (files("parksim.report") / name).read_text(encoding="utf-8")


def _asset(name: str) -> str:
    return _source(f"assets/{name}")


@cache
def _script(name: str) -> tuple[Markup, str]:
    """Give a script of the page and the hash by which the page allows it to run."""
    text = _asset(name)
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Markup(text), f"'sha256-{digest}'"


OPTIONS: dict[str, Any] = {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True}
"""How the template of the page is compiled."""


class _Compiled(FileSystemBytecodeCache):
    """Keeps the compiled template beside Python's compiled modules: compiling it takes longer than filling it in."""

    def get_source_checksum(self, source: str) -> str:
        """Tell apart what compiles differently."""
        return super().get_source_checksum(f"{jinja2.__version__} {OPTIONS} {source}")

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Write what was compiled, where that is wanted and possible."""
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                super().dump_bytecode(bucket)


@cache
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_source),
        bytecode_cache=_Compiled(str(Path(cache_from_source(__file__)).parent), "%s.jinja"),
        undefined=jinja2.StrictUndefined,
        **OPTIONS,
    )
    environment.globals.update(say=say, beside=beside)
    return environment


def json_for_page(data: object) -> str:
    """Write JSON that may stand inside a script element.

    Raises
    ------
    ValueError
        If a number is not finite.
    """
    return _guarded(json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")))


def _guarded(text: str) -> str:
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def page_data(name: str, made: Mapping[str, Figure], **more: Any) -> Markup:
    """Give what the scripts of a page draw and write from, as JSON.

    Parameters
    ----------
    name
        What its downloads begin with.
    made
        Its charts.
    more
        What else its scripts read.

    Raises
    ------
    ValueError
        If a number is not finite.
    """
    figures = {key: figure.spec for key, figure in made.items()}
    return Markup(json_for_page({"park": name, "figures": figures, **more, "words": page_words()}))


def page_words() -> dict[str, Any]:
    """Give the words and names that the page's own script writes with."""
    return {
        "locale": say("page.locale"),
        "time": say("page.time"),
        "rank": say("page.rank"),
        "group": GROUPS[language()],
        "day": template("page.day"),
        "days": template("page.days"),
        "weekdays": names_of_days("weekday"),
        "plotly": {
            "days": names_of_days("weekday_wide"),
            "shortDays": names_of_days("weekday"),
            "months": names_of_months("month"),
            "shortMonths": names_of_months("month_short"),
            "date": "%Y-%m-%d",
            **{name: template(f"date.axis.{name}") for name in ("year", "month", "dayMonth", "dayMonthYear")},
        },
    }


def script_files() -> dict[str, str]:
    """Give the scripts of every page by their file names, for pages that link them."""
    return {name: _asset(name) for name in SCRIPTS}


def written(
    name: str,
    context: Mapping[str, Any],
    *,
    scripts: Sequence[str] = (),
    styles: Sequence[str] = (),
    linked: str = "",
) -> str:
    """Fill a template, with styles and the scripts that may run in the page.

    Parameters
    ----------
    name
        Name of its file.
    context
        What it asks for.
    scripts, styles
        Files of the assets that this page has besides those of every page.
    linked
        Folder, as seen from the page, that holds its scripts; none puts them into the page itself.
    """
    names = (*SCRIPTS, *scripts)
    run = [] if linked else [_script(script) for script in names]
    style = "".join(_asset(sheet) for sheet in ("page.css", *styles))
    page = (
        _templates()
        .get_template(name)
        .render(
            **{"note": "", "answer_rest": "", "case": "", **context},
            style=Markup(style.replace("FONT_STACK", FONT)),
            scripts=[text for text, _ in run],
            links=[f"{linked}/{script}" for script in names] if linked else [],
            allowed=" ".join(digest for _, digest in run) or FROM_BESIDE,
        )
    )
    return page.lstrip()
