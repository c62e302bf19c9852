"""The command on study files."""

import sys
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from parksim.commands.options import AsJson, Lang, Quiet, Spoken, spoken
from parksim.console import (
    out,
    progress,
    say,
    show_rows,
    sweeping,
)
from parksim.errors import Stopped, Unanswered

group = typer.Typer()

CASES_TOLD = 20
"""Most cases that are no valid parks to be told by name."""


@group.command(
    epilog="Examples: parksim sweep yibin-study --check   |   parksim sweep study.toml --out results --workers 4"
)
def sweep(
    file: Annotated[
        str, typer.Argument(help="Study file (TOML), or the name of a shipped study such as 'yibin-study'.")
    ],
    folder: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder for the store and the pages; NAME-results where left out."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="Processes at work; one per core where left out.")
    ] = None,
    cluster: Annotated[
        str | None, typer.Option("--cluster", help="Dask cluster to work on instead, such as tcp://10.0.0.5:8786.")
    ] = None,
    reproducible: Annotated[
        bool,
        typer.Option(
            "--reproducible", help="Give the same store byte for byte however the work is shared out; slower."
        ),
    ] = False,
    retry: Annotated[bool, typer.Option("--retry", help="Solve again what failed; the rest stays as it is.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Plan the study and check every case, but solve none.")
    ] = False,
    lang: Spoken = Lang.EN,
    quiet: Quiet = False,
    json: AsJson = False,
) -> None:
    """Solve all cases of a study, each from those it is most like; what is finished is never computed again."""
    study = import_module("parksim.study.model").load_study(file)
    if check:
        with progress(show=not quiet and not json) as told:
            planned = import_module("parksim.study.cases").plan(study, progress=told)
            import_module("parksim.study.asked").vet(study, planned.park)
        _show_plan(import_module("parksim.study.plan").plain(planned), quiet=quiet, json=json)
        return
    target = folder or Path(f"{Path(file).stem}-results")
    how = {"workers": workers, "cluster": cluster, "reproducible": reproducible, "retry": retry}
    asked = import_module("parksim.study.asked")
    with sweeping(show=not quiet and not json) as at:
        runner, report = import_module("parksim.study.runner"), import_module("parksim.report.html")
        asked.vet(study, import_module("parksim.study.cases").park_of(study))
        scripts = import_module("parksim.report.pages").script_files()
        axes = import_module("parksim.report.study_axes")
        with spoken(lang):
            render = partial(report.render_case, study=axes.Files(study.tables(), {}).title, lang=lang.value)
        pages = runner.Pages(render, scripts, partial(axes.case_words, lang=lang.value))
        try:
            ds = runner.sweep(study, out=target, pages=pages, progress=at, **how)
        except KeyboardInterrupt as stopped:
            raise Stopped(str(stopped) or "Stopped.") from None
    with progress(show=not quiet and not json) as told:
        answers = asked.answers(study, swept=ds, out=target, progress=told)
        told("report")
        page = import_module("parksim.report.study_page").render(
            ds, folder=target, questions=answers.found, lang=lang.value
        )
        import_module("parksim.output").write_files({target / "study.html": page})
    if json:
        swept = import_module("parksim.study.store").plain(ds)
        told_json = {**swept, "questions": {"answered": [*answers.found], "problems": dict(answers.problems)}}
        sys.stdout.write(import_module("parksim.output").as_json(told_json) + "\n")
    elif not quiet:
        _show_swept(ds, target / "study.html", lang)
    if answers.problems:
        raise Unanswered(answers.problems)


def _show_swept(ds: Any, page: Path, lang: Lang) -> None:
    """Print the best cases of a study, the answer, what became of the others, and where its page lies."""
    told = import_module("parksim.report.study_text")
    with spoken(lang):
        show_rows(told.rows(ds), broken=True)
        for sentence in told.sentences(ds, page=page):
            say(sentence)


def _show_plan(found: dict[str, Any], *, quiet: bool, json: bool) -> None:
    """Print what a study would solve: its dimensions, its cases, and those that are no valid parks."""
    if json:
        sys.stdout.write(import_module("parksim.output").as_json(found) + "\n")
    elif not quiet:
        rows = [["dimension", "places", "coordinates"]]
        rows += [[name, str(each["size"]), each["shown"]] for name, each in found["dimensions"].items()]
        table = Table(box=None, pad_edge=False)
        for place, heading in enumerate(rows[0]):
            table.add_column(Text(heading), justify="right" if place == 1 else "left", overflow="fold")
        for row in rows[1:]:
            table.add_row(*(Text(cell) for cell in row))
        out.print(table)
        say(
            f"Cases: {found['cases']}. Structures: {found['structures']}. Left out by filters: {found['left_out']}. "
            f"No valid parks: {len(found['problems'])}."
        )
        for each in found["problems"][:CASES_TOLD]:
            say(f"case {each['case']} ({each['label']}): {each['problem']}")
        if len(found["problems"]) > CASES_TOLD:
            say(f"... and {len(found['problems']) - CASES_TOLD} more; --json lists them all.")
