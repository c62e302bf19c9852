"""The report as one self-contained HTML page: texts, tables, chart specs and hourly data, nothing from elsewhere."""

import base64
import hashlib
import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib.resources import files
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

import jinja2
import xarray as xr
from jinja2.bccache import Bucket, FileSystemBytecodeCache
from markupsafe import Markup

from parksim.accounts.summary import summarise
from parksim.report.catalogue import Language
from parksim.report.dispatch import Hours, overview_spec
from parksim.report.figures import Figure
from parksim.report.formats import names_of_days, names_of_months
from parksim.report.sections import context
from parksim.report.theme import FONT
from parksim.report.view import View
from parksim.report.words import GROUPS, beside, language, say, speaking, template


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


def _page_data(view: View, made: Mapping[str, Figure], hours: Hours) -> Markup:
    rest = {
        "park": view.ds.attrs["park"],
        "figures": {key: figure.spec for key, figure in made.items()},
        "overview": overview_spec(view),
        "words": page_words(),
    }
    return Markup(json_for_page(rest)[:-1] + ',"hours":' + hours.to_json() + "}")


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


def written(name: str, context: Mapping[str, Any]) -> str:
    """Fill a template, with styles and the two scripts that may run in the page.

    Parameters
    ----------
    name
        Name of its file.
    context
        What it asks for.
    """
    plotly, plotly_hash = _script("plotly-basic.min.js")
    script, script_hash = _script("page.js")
    page = (
        _templates()
        .get_template(name)
        .render(
            **context,
            style=Markup(_asset("page.css").replace("FONT_STACK", FONT)),
            plotly=plotly,
            script=script,
            hashes=f"{plotly_hash} {script_hash}",
        )
    )
    return page.lstrip()


def render(ds: xr.Dataset, summary: Mapping[str, Any] | None = None, *, lang: Language = "en") -> str:
    """Write the report of a run as one HTML page.

    Parameters
    ----------
    ds
        Results of a run.
    summary
        What :func:`parksim.accounts.summary.summarise` gave for it; summed up here where left out.
    lang
        Language of the page: ``en`` or ``zh``.

    Returns
    -------
    str
        The page; it needs no network, and only its own two scripts may run in it.
    """
    with speaking(lang):
        return _render(View(ds, summarise(ds) if summary is None else summary))


def _render(view: View) -> str:
    hours = Hours(view)
    parts = context(view, hours)
    return written("page.html.j2", {**parts, "data": _page_data(view, parts["figures"], hours)})
