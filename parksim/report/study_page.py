"""A swept study as one page: the best case in a sentence, charts of all cases, a ranked table, what failed, files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xarray as xr
from markupsafe import Markup

from parksim.report import formats as f
from parksim.report import study_answer, study_effects, study_heat, study_parallel, study_questions, study_table, theme
from parksim.report.catalogue import Language
from parksim.report.figures import Figure
from parksim.report.pages import page_data, written
from parksim.report.study_axes import Axis, paths_of
from parksim.report.study_blocks import Block
from parksim.report.study_figures import Measure
from parksim.report.study_fronts import fronts
from parksim.report.study_view import StudyView
from parksim.report.tables import Align, Cell, Row, Table
from parksim.report.words import say, speaking


@dataclass(frozen=True)
class Variant:
    """A chart as it is for one figure of the cases."""

    name: str
    title: str
    markup: Markup
    caption: str = ""


@dataclass(frozen=True)
class Variants:
    """A chart for one figure of the cases or another, which the reader chooses.

    Parameters
    ----------
    key
        Short name, also of the CSV.
    spec
        What the page's script needs: the download, over all figures.
    variants
        One per figure, the first is shown first.
    """

    key: str
    spec: dict[str, Any]
    variants: list[Variant] = field(default_factory=list)


def render(
    ds: xr.Dataset,
    *,
    folder: Path | None = None,
    questions: Mapping[str, xr.Dataset] | None = None,
    lang: Language = "en",
) -> str:
    """Write the report of a study as one HTML page.

    Parameters
    ----------
    ds
        From :func:`parksim.open_study` or :func:`parksim.sweep`.
    folder
        Where the page will stand; cases that have a page in its folder ``cases`` are linked.
    questions
        Name of a question's table in the study file, such as ``pareto.front`` or ``regret``, to its answer.
    lang
        Language of the page: ``en`` or ``zh``.

    Returns
    -------
    str
        The page; it needs no network, only its own scripts may run in it, and it links to the pages of cases beside it.
    """
    with speaking(lang):
        told = context(StudyView(ds, folder), questions or {})
        return written("study.html.j2", told, scripts=["study.js"], styles=["study.css"])


def context(view: StudyView, questions: Mapping[str, xr.Dataset]) -> dict[str, Any]:
    """Give everything that the template asks for, besides scripts and styles."""
    charts = [_heats(view), _tornado(view), _boxes(view)] if _spread(view) else []
    drawn = fronts(view, study_questions.exact(questions))
    asked = study_questions.blocks(view, questions)
    specs = {figure.key: figure for figure in (*_downloads(view, charts, asked), *drawn)}
    lacking = study_table.lacking(view)
    return {
        "kind": say("study.kind"),
        "title": view.title,
        "note": view.note,
        "meta": _meta(view),
        "answer": study_answer.answer(view),
        "answer_rest": study_answer.rest(view),
        "tiles": study_answer.tiles(view),
        "care": study_answer.care(view),
        "figures": {figure.key: figure for figure in drawn},
        "fronts": [figure.key for figure in drawn],
        "charts": {chart.key: chart for chart in charts},
        "questions": asked,
        "measures": view.keys,
        "capital": f.capital,
        "ramp": ", ".join(theme.CIVIDIS),
        "constrained": bool(view.constraints) and bool(view.admitted.any()),
        "parallel_title": f.capital(study_parallel.title(view)),
        "parallel_caption": study_parallel.caption(view),
        "parallel_alt": study_parallel.alt(view),
        "ranked_title": study_table.ranked_title(view),
        "ranked": study_table.ranked(view),
        "elsewhere": view.in_another_language,
        "lacking_title": study_table.lacking_title(view, lacking) if lacking else "",
        "lacking": study_table.lacking_table(view, lacking),
        "lacking_long": len(lacking) > study_table.MOST_PRINTED,
        "lacking_more": max(len(lacking) - study_table.MOST_FAILED, 0),
        "constraints": _constraints(view),
        "assumed": _assumed(view),
        "provenance": _provenance(view),
        "study_name": str(view.files.study["study"]["name"]),
        "study_toml": str(view.ds.attrs["study_toml"]),
        "park_name": str(view.files.park["park"]["name"]),
        "park_toml": str(view.ds.attrs["park_toml"]),
        "sections": _sections(view, charts, drawn, asked, lacking),
        "version": str(view.ds.attrs["parksim_version"]),
        "data": page_data(
            str(view.files.study["study"]["name"]), specs, cases=study_parallel.cases_data(view)
        ),
    }  # fmt: skip


def _spread(view: StudyView) -> bool:
    """Whether there are solved cases that differ."""
    return bool(view.solved.any()) and any(len(axis.groups[0]) > 1 for axis in view.factors)


def _meta(view: StudyView) -> str:
    axes = [say("study.meta.axis", axis=axis.title, n=len(axis.levels)) for axis in view.axes]
    told = say("study.meta", park=view.park_title, n=view.count)
    return say("study.meta.axes", told=told, axes=f.listed(axes)) if axes else told


def _each(view: StudyView, make: Callable[[Measure], Variant]) -> list[Variant]:
    return [make(measure) for measure in view.keys]


def _heats(view: StudyView) -> Variants:
    rows: list[list[Any]] = []

    def make(measure: Measure) -> Variant:
        found = study_heat.grids(view, measure)
        rows.extend(study_heat.rows(measure, found))
        title = study_heat.title(view, measure, found)
        return Variant(
            measure.name, f.capital(title), study_heat.markup(measure, found), study_heat.caption(view, measure, found)
        )

    variants = _each(view, make) if len(view.factors) > 1 else []
    return Variants("heat", {"table": {"head": study_heat.heads(), "rows": rows}}, variants)


def _tornado(view: StudyView) -> Variants:
    rows: list[list[Any]] = []

    def make(measure: Measure) -> Variant:
        found, origin = study_effects.effects(view, measure), study_effects.start(view, measure)
        rows.extend(study_effects.tornado_rows(measure, found, origin))
        title = study_effects.tornado_title(measure, found, origin)
        caption = study_effects.tornado_caption(view, measure, found, origin)
        return Variant(measure.name, f.capital(title), study_effects.tornado(view, measure, found, origin), caption)

    return Variants("tornado", {"table": {"head": study_effects.tornado_heads(), "rows": rows}}, _each(view, make))


def _boxes(view: StudyView) -> Variants:
    rows: list[list[Any]] = []

    def make(measure: Measure) -> Variant:
        rows.extend(study_effects.box_rows(view, measure))
        title = study_effects.boxes_title(view, measure)
        return Variant(measure.name, f.capital(title), study_effects.boxes(view, measure), say("study.boxes.caption"))

    return Variants("boxes", {"table": {"head": study_effects.box_heads(), "rows": rows}}, _each(view, make))


def _downloads(view: StudyView, charts: list[Variants], asked: list[Block]) -> list[Figure]:
    """Give the charts that are no plots, and the answers to questions, a place among the downloads."""
    found = [Figure(chart.key, "", "", chart.spec) for chart in charts]
    found += [Figure(one.key, "", "", {"table": {"head": one.rows[0], "rows": one.rows[1:]}}) for one in asked]
    return [*found, Figure("cases", "", "", {"pick": []}), Figure("parallel", "", "", {"pick": _drawn(view)})]


def _drawn(view: StudyView) -> list[str]:
    return ["case", *(axis.name for axis in view.axes), *(measure.name for measure in view.keys), "admitted"]


def _constraints(view: StudyView) -> Table | None:
    found = study_answer.binds(view)
    if not found:
        return None
    rows = [
        Row([Cell(what), Cell(fails, sort="number"), Cell(alone, sort="number"), Cell(source or "–", sort="source")])
        for what, fails, alone, source in found
    ]
    heads = [say(f"study.col.{name}") for name in ("constraint", "fails", "alone", "source")]
    aligns: tuple[Align, ...] = ("text", "number", "number", "text")
    return Table(say("study.constraints.table"), list(zip(heads, aligns, strict=True)), rows)


def _assumed(view: StudyView) -> Table | None:
    """List the axes: values, what the park file says there, their source, and where they stand in the park file."""
    rows = []
    for axis in view.axes:
        base = axis.write(axis.base) if axis.base is not None else "–"
        paths = [path for path in paths_of(axis.name, view.files) if path]
        cells = [Cell(axis.title), Cell(_values(axis.levels, axis.write)), Cell(base)]
        cells += [Cell(_source(view, axis) or "–", sort="source"), Cell(f.points(paths) or "–", sort="code")]
        rows.append(Row(cells))
    heads = [say(f"study.col.{name}") for name in ("axis", "values", "base", "source", "path")]
    return Table(say("study.axes.table"), [(head, "text") for head in heads], rows) if rows else None


def _source(view: StudyView, axis: Axis) -> str:
    """Tell where the values of an axis come from; of bundles, each of them."""
    bundles = view.files.bundles(axis.name)
    told = [(axis.write(label), str(bundle.get("source") or "")) for label, bundle in bundles.items()]
    own = [say("chart.point", name=name, value=source) for name, source in told if source]
    return f.points(own) or str(view.files.axis(axis.name).get("source") or "")


MOST_VALUES = 10
"""Axes with more values are told by their ends."""


def _values(levels: list[Any], write: Callable[[Any], str]) -> str:
    if len(levels) > MOST_VALUES and isinstance(levels[0], float):
        return say("study.values.span", n=len(levels), least=write(levels[0]), most=write(levels[-1]))
    return f.points([write(level) for level in levels])


def _provenance(view: StudyView) -> list[tuple[str, str]]:
    attrs: Mapping[Any, Any] = view.ds.attrs
    versions = f.points([f"{name} {version}" for name, version in view.versions.items()])
    reproducible = say("study.reproducible.yes" if int(attrs.get("reproducible", 0)) else "study.reproducible.no")
    return [
        (say("study.provenance.versions"), versions),
        (say("study.provenance.seed"), str(attrs.get("seed", "–"))),
        (say("study.provenance.key"), str(attrs.get("key", "–"))),
        (say("study.provenance.way"), reproducible),
    ]


def _sections(
    view: StudyView, charts: list[Variants], drawn: list[Figure], asked: list[Block], lacking: list[int]
) -> list[str]:
    has = {
        "parallel": bool(view.solved.any()),
        "heat": any(chart.key == "heat" and chart.variants for chart in charts),
        "fronts": bool(drawn),
        "effects": bool(charts),
        "questions": bool(asked),
        "ranked": bool(view.solved.any()),
        "lacking": bool(lacking),
        "assumed": True,
        "provenance": True,
    }
    return [name for name, present in has.items() if present]
