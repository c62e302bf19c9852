"""The report as one self-contained HTML page: texts, tables, chart specs and hourly data, nothing from elsewhere."""

from collections.abc import Mapping
from typing import Any

import xarray as xr
from markupsafe import Markup

from parksim.accounts.summary import summarise
from parksim.report.catalogue import Language
from parksim.report.dispatch import Hours, overview_spec
from parksim.report.figures import Figure
from parksim.report.pages import page_data, written
from parksim.report.sections import context
from parksim.report.view import View
from parksim.report.words import speaking


def _data(view: View, made: Mapping[str, Figure], hours: Hours) -> Markup:
    rest = str(page_data(view.ds.attrs["park"], made, overview=overview_spec(view)))
    return Markup(rest[:-1] + ',"hours":' + hours.to_json() + "}")


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


def render_case(ds: xr.Dataset, label: str, *, study: str = "", lang: Language = "en") -> str:
    """Write the report of one case of a study, which shares its scripts with the pages of the others.

    Parameters
    ----------
    ds
        Results of the case.
    label
        The case in words, such as :func:`parksim.report.study_axes.case_words` gives.
    study
        Name of the study, for the title; that of the park where left out.
    lang
        Language of the page: ``en`` or ``zh``.

    Returns
    -------
    str
        The page; what :func:`parksim.report.pages.script_files` gives stands in ``assets/`` beside it.
    """
    with speaking(lang):
        view = View(ds, summarise(ds))
        return _render(view, case=label, study=study or view.title, linked="assets")


def _render(view: View, *, case: str = "", study: str = "", linked: str = "") -> str:
    hours = Hours(view)
    parts = context(view, hours)
    data = _data(view, parts["figures"], hours)
    return written("page.html.j2", {**parts, "data": data, "case": case, "study": study}, linked=linked)
