"""What the page's sections show: one function per section, each gives what its block of the template asks for."""

from typing import Any

from parksim.report import formats as f
from parksim.report import references_section, sources, tables, variant, verdict_section
from parksim.report.bars import claims_figure, costs_figure
from parksim.report.binding import closed, limits
from parksim.report.dispatch import Hours, dispatch_figure
from parksim.report.duration import duration_figure, peaks_table
from parksim.report.figures import Figure, balance_figure, levels_figure
from parksim.report.findings import answer_halves, care, claims_title, span
from parksim.report.heat import absence, heat_figures
from parksim.report.sankey import flow_figure
from parksim.report.tiles import tiles
from parksim.report.view import View
from parksim.report.words import say

PLOTLY_VERSION = "4.1.1"
"""Version of ``assets/plotly-basic.min.js`` (npm package plotly.js-basic-dist-min, MIT licence beside it)."""

ORDER = (
    *("variant", "claims", "verdict", "references", "balance", "dispatch", "year", "duration", "storage", "costs"),
    *("binds", "sources", "provenance"),
)
"""Sections in the order of the page."""


def figures(view: View, hours: Hours) -> dict[str, Figure]:
    """Make every chart that this park has, by name."""
    made = (
        claims_figure(view),
        references_section.figure(view),
        flow_figure(view),
        balance_figure(view),
        dispatch_figure(view, hours),
        *heat_figures(view, hours),
        duration_figure(view, hours),
        levels_figure(view),
        costs_figure(view),
    )
    return {figure.key: figure for figure in made if figure is not None}


def head(view: View) -> dict[str, Any]:
    """Tell what the page is about."""
    return {
        "kind": say("head.kind"),
        "title": view.title,
        "note": view.note,
        "version": str(view.ds.attrs["parksim_version"]),
        "meta": say(
            "head.meta",
            site=view.site,
            span=span(view),
            minutes=f.whole(view.step_h * 60.0),
            clock=view.ds.attrs["clock"],
        ),
    }


def answered(view: View) -> dict[str, Any]:
    """Answer in a sentence and what stands behind it, in key figures, and with what to read with care."""
    found = sources.fields(view)
    assumed = sum(entry.sort == "assumed" for entry in found)
    first, rest = answer_halves(view)
    told = {"answer": first, "answer_rest": rest}
    return {**told, "tiles": tiles(view), "care": care(view, assumed=assumed, fields=len(found))}


def claims(view: View) -> dict[str, Any]:
    """Hold claims and yardsticks against the run."""
    return {
        "claims_table": tables.claims_table(view),
        "yardsticks_table": tables.yardsticks_table(view),
        "claims_title": claims_title(view) if view.yardsticks else say("claims.no_yardsticks"),
    }


def balance(view: View) -> dict[str, Any]:
    """Tell where the energy came from and where it went."""
    own = say("balance.own_use", share=f.percent(float(view.summary["self_use_share"]))) if view.has_green else ""
    return {"energy_table": tables.energy_table(view), "own_use": own}


def dispatch(view: View, made: dict[str, Figure]) -> dict[str, Any]:
    """Tell which weeks the chart of the hours offers."""
    return {"window": made["dispatch"].spec["window"], "days": view.days}


def year(view: View, hours: Hours, made: dict[str, Figure]) -> dict[str, Any]:
    """Name the heat maps, or say why there are none."""
    return {"heats": [key for key in made if key.startswith("heat-")], "heat_absence": absence(view, hours)}


def duration(view: View) -> dict[str, Any]:
    """List the peaks."""
    return {"peaks_table": peaks_table(view)}


def storage(view: View) -> dict[str, Any]:
    """List how the stores worked."""
    return {"storage_table": tables.storage_table(view)}


def costs(view: View) -> dict[str, Any]:
    """List what the run costs."""
    prices = [say("costs.supply", name=name, price=f.per_kwh(price)) for name, price in view.supply_prices().items()]
    supplies = say("costs.supplies", supplies=f.listed(prices)) if prices else ""
    return {
        "costs_lead": say("costs.lead", served=f.energy(view.served_mwh)),
        "costs_supplies": supplies,
        "costs_table": tables.costs_table(view),
    }


def binds(view: View) -> dict[str, Any]:
    """List the limits that bind, and how far plans of equal cost differ."""
    found = limits(view)
    title = (
        say("binds.title", what=found[0].what, saves=f.money(found[0].worth_cny / 100.0))
        if found
        else say("binds.none")
    )
    return {
        "limits_title": title,
        "limits_table": tables.limits_table(found),
        "limits_closed": closed(view),
        "ties": tables.ties(view),
    }


def assumptions(view: View) -> dict[str, Any]:
    """List every value of the park file with its source."""
    found = sources.fields(view)
    assumed = sum(entry.sort == "assumed" for entry in found)
    key = "sources.title" if assumed else "sources.title.none"
    return {
        "sources_title": say(key, n=f.whole(assumed), all=f.whole(len(found))),
        "source_tables": {sort: sources.sources_table(view, found, sort) for sort in ("assumed", "sourced", "default")},
    }


def provenance(view: View) -> dict[str, Any]:
    """Tell how the answer was made and checked."""
    largest = next(iter(view.summary["audit"]["largest"].values()), 0.0)
    return {
        "audit_title": say("provenance.title", n=f.whole(view.summary["audit"]["checks"]), gap=f"{largest:.1e}"),
        "audit_table": sources.audit_table(view),
        "provenance": sources.provenance(view, PLOTLY_VERSION),
        "notes": view.notes,
        "park_name": str(view.ds.attrs["park"]),
        "park_toml": str(view.ds.attrs["park_toml"]),
    }


def shown(made: dict[str, Figure], parts: dict[str, Any]) -> list[str]:
    """Name the sections that this park has, in the order of the page."""
    has = {
        "variant": bool(parts["variant_title"]),
        "references": parts["references_asked"],
        "year": bool(parts["heats"]),
        "duration": "duration" in made,
        "storage": "storage" in made or parts["storage_table"] is not None,
    }
    return [name for name in ORDER if has.get(name, True)]


def context(view: View, hours: Hours) -> dict[str, Any]:
    """Give everything that the template asks for, besides scripts, styles and data."""
    made = figures(view, hours)
    parts: dict[str, Any] = {"figures": made, **head(view), **answered(view), **claims(view), **balance(view)}
    parts |= {**variant.parts(view), **verdict_section.parts(view), **references_section.parts(view)}
    parts |= {**dispatch(view, made), **year(view, hours, made), **duration(view), **storage(view), **costs(view)}
    parts |= {**binds(view), **assumptions(view), **provenance(view)}
    return {**parts, "sections": shown(made, parts)}
