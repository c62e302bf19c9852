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
from parksim.report import references_section, sources, tables, variant, verdict_section
from parksim.report.bars import claims_figure, costs_figure
from parksim.report.binding import Limit, limits
from parksim.report.catalogue import Language
from parksim.report.dispatch import Hours, dispatch_figure, overview_spec
from parksim.report.figures import Figure, balance_figure, levels_figure
from parksim.report.findings import answer, care, claims_title, span
from parksim.report.formats import energy, money, names_of_days, names_of_months, percent, whole
from parksim.report.theme import FONT
from parksim.report.tiles import tiles
from parksim.report.view import View
from parksim.report.words import beside, say, speaking, template

PLOTLY_VERSION = "4.1.1"
"""Version of ``assets/plotly-basic.min.js`` (npm package plotly.js-basic-dist-min, MIT licence beside it)."""


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
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_source),
        bytecode_cache=_Compiled(str(Path(cache_from_source(__file__)).parent), "%s.jinja"),
        undefined=jinja2.StrictUndefined,
        **OPTIONS,
    )
    environment.globals.update(say=say, beside=beside)
    return environment.get_template("page.html.j2")


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


def figures(view: View, hours: Hours) -> dict[str, Figure]:
    """Make every chart that this park has, by name."""
    made = (
        claims_figure(view),
        references_section.figure(view),
        dispatch_figure(view, hours),
        balance_figure(view),
        levels_figure(view),
        costs_figure(view),
    )
    return {figure.key: figure for figure in made if figure is not None}


def _page_data(view: View, made: Mapping[str, Figure], hours: Hours) -> Markup:
    specs: dict[str, Any] = {key: figure.spec for key, figure in made.items()}
    overview = overview_spec(view)
    rest = {
        "park": view.ds.attrs["park"],
        "figures": specs,
        "overview": overview,
        "words": page_words(),
    }
    return Markup(json_for_page(rest)[:-1] + ',"hours":' + hours.to_json() + "}")


def page_words() -> dict[str, Any]:
    """Give the words and names that the page's own script writes with."""
    return {
        "locale": say("page.locale"),
        "time": say("page.time"),
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


def _binds_title(found: list[Limit]) -> str:
    if not found:
        return say("binds.none")
    return say("binds.title", what=found[0].what, saves=money(found[0].worth_cny / 100.0))


def _source_parts(view: View) -> dict[str, Any]:
    found = sources.fields(view)
    assumed = sum(entry.sort == "assumed" for entry in found)
    key = "sources.title" if assumed else "sources.title.none"
    return {
        "sources_title": say(key, n=whole(assumed), all=whole(len(found))),
        "source_tables": {sort: sources.sources_table(view, found, sort) for sort in ("assumed", "sourced", "default")},
        "care": care(view, assumed=assumed, fields=len(found)),
    }


def _context(view: View) -> dict[str, Any]:
    """Everything the template asks for, besides scripts and styles."""
    hours = Hours(view)
    made, found = figures(view, hours), limits(view)
    largest = next(iter(view.summary["audit"]["largest"].values()), 0.0)
    return {
        "view": view,
        "title": view.title,
        "note": view.note,
        "meta": say(
            "head.meta",
            site=view.site,
            span=span(view),
            minutes=whole(view.step_h * 60.0),
            clock=view.ds.attrs["clock"],
        ),
        "answer": answer(view),
        "tiles": tiles(view),
        "figures": made,
        "window": made["dispatch"].spec["window"],
        "days": view.days,
        "claims_table": tables.claims_table(view),
        "yardsticks_table": tables.yardsticks_table(view),
        "claims_title": claims_title(view) if view.yardsticks else say("claims.no_yardsticks"),
        "energy_table": tables.energy_table(view),
        "own_use": say("balance.own_use", share=percent(float(view.summary["self_use_share"])))
        if view.has_green
        else "",
        "storage_table": tables.storage_table(view),
        "costs_lead": say("costs.lead", served=energy(view.served_mwh)),
        "costs_table": tables.costs_table(view),
        "limits_title": _binds_title(found),
        "limits_table": tables.limits_table(found),
        "ties": tables.ties(view),
        "audit_title": say("provenance.title", n=whole(view.summary["audit"]["checks"]), gap=f"{largest:.1e}"),
        "audit_table": sources.audit_table(view),
        "provenance": sources.provenance(view, PLOTLY_VERSION),
        "notes": view.notes,
        "park_name": str(view.ds.attrs["park"]),
        "park_toml": str(view.ds.attrs["park_toml"]),
        "version": str(view.ds.attrs["parksim_version"]),
        "data": _page_data(view, made, hours),
        **verdict_section.parts(view),
        **references_section.parts(view),
        **variant.parts(view),
        **_source_parts(view),
    }


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
    plotly, plotly_hash = _script("plotly-basic.min.js")
    script, script_hash = _script("page.js")
    page = _template().render(
        **_context(view),
        style=Markup(_asset("page.css").replace("FONT_STACK", FONT)),
        plotly=plotly,
        script=script,
        hashes=f"{plotly_hash} {script_hash}",
    )
    return page.lstrip()
