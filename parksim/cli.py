"""The command line: a thin skin over the calls of :mod:`parksim.api`.

Exit codes: 0 done, 2 wrong input, 3 no solution, 4 the answer failed its audit, 130 stopped by Ctrl-C.
Submodules are loaded inside the commands, so that help answers at once.
"""

import gc
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from enum import StrEnum
from functools import partial
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from textwrap import wrap
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from parksim.console import (
    TABLE_WIDTH,
    closing_in,
    err,
    no_chatter,
    out,
    place_of,
    progress,
    say,
    show_rows,
    sweeping,
    table_of,
    tell,
    write_utf8,
)
from parksim.errors import InputError, ParksimError, Stopped

app = typer.Typer(
    help="Plan zero-carbon industrial parks: the cheapest operation for every hour, and what it means.",
    epilog="Start: parksim new park.toml, then parksim run park.toml. Exit codes: 2 input, 3 no solution, 4 audit.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
ParkFile = Annotated[str, typer.Argument(help="Park file (TOML), or the name of a shipped park such as 'yibin'.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON on standard output.")]


class Lang(StrEnum):
    """Languages of what is printed and written; errors are English."""

    EN = "en"
    ZH = "zh"


Spoken = Annotated[Lang, typer.Option("--lang", help="Language of the texts: English or Chinese.")]

WIDE = 150
"""Signs across which the whole table of slopes fits."""

NAME_WIDTH = 16
"""Signs of a park's name in a line above its column."""

CASES_TOLD = 20
"""Most cases that are no valid parks to be told by name."""

CAPEX = "components.battery.size.energy_max_mwh.capex_cny"
"""A field whose break-even is often asked for."""

STOPPED = 130
"""Exit code after Ctrl-C."""

OBJECTS_BETWEEN_COLLECTIONS = 500_000
"""Loading modules makes objects that stay: searching them for garbage as often as Python does is a tenth of a run."""


def spoken(lang: Lang) -> AbstractContextManager[None]:
    """Tell everything inside in a language."""
    context: AbstractContextManager[None] = import_module("parksim.report.words").speaking(lang.value)
    return context


def say_written(paths: list[Path]) -> None:
    """Print which files were written."""
    say(import_module("parksim.report.terminal").written(paths))


@app.command(epilog="Examples: parksim run parks/yibin.toml   |   parksim run yibin --out results --csv")
def run(
    file: ParkFile,
    folder: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for the results; NAME-results where left out.")
    ] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Write the hourly table as CSV too.")] = False,
    xlsx: Annotated[bool, typer.Option("--xlsx", help="Write a workbook of all tables too.")] = False,
    references: Annotated[
        bool,
        typer.Option(
            "--references/--no-references",
            help="Hold it against the park all from the grid, without storage, and at the file's other tariffs.",
        ),
    ] = True,
    lang: Spoken = Lang.EN,
    quiet: Quiet = False,
    json: AsJson = False,
) -> None:
    """Solve a park and write result.nc, summary.json and report.html."""
    with progress(show=not quiet and not json) as told:
        told("load")
        api, output = import_module("parksim.api"), import_module("parksim.output")
        park = api.load_park(file)
        target = folder or Path(f"{Path(file).stem}-results")
        output.check_folder(target)
        with place_of(park.place):
            ds = import_module("parksim.questions.references").run(park, references=references, progress=told)
        told("summary")
        summary = import_module("parksim.accounts.summary").summarise(ds)
        told("report")
        page = import_module("parksim.report.html").render(ds, summary, lang=lang.value)
        told("write")
        book = None
        if xlsx:
            write_workbook = import_module("parksim.report.workbook").write_workbook
            book = partial(write_workbook, ds, summary=summary, lang=lang.value)
        written = output.write_all(ds, target, summary=summary, report=page, csv=csv, workbook=book)
    if json:
        sys.stdout.write(output.as_json(summary) + "\n")
    elif not quiet:
        with spoken(lang):
            say(import_module("parksim.report.text").text(ds, summary, lang=lang.value) + "\n")
            say_written(written)


@app.command(epilog="Examples: parksim compare yibin yibin-dry-year   |   parksim compare a.toml b.toml --csv")
def compare(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE FILE ...", help="Park files, or names of shipped parks; two at least.")
    ],
    folder: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder for comparison.html, .nc, .csv and .json; none where left out."),
    ] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Print the table as CSV on standard output.")] = False,
    xlsx: Annotated[bool, typer.Option("--xlsx", help="Write a workbook too; needs --out DIR.")] = False,
    lang: Spoken = Lang.EN,
    quiet: Quiet = False,
    json: AsJson = False,
) -> None:
    """Solve parks and put them side by side: key figures, differences from the first, claims, the answer as a range."""
    with progress(show=not quiet and not json and not csv) as told:
        output, side = import_module("parksim.output"), import_module("parksim.accounts.comparison")
        if csv and json:
            msg = "--csv and --json: both print on standard output. Leave one out, or give --out DIR."
            raise InputError(msg)
        if xlsx and folder is None:
            msg = "--xlsx: needs a folder. Give --out DIR."
            raise InputError(msg)
        if folder is not None:
            output.check_folder(folder)
        found = import_module("parksim.questions.compare").compare(files, progress=told).ds
        shown = import_module("parksim.report.comparison")
        table, plain = side.frame(found), {**side.plain(found), "answer": shown.sentences(found)}
        written = []
        if folder is not None:
            told("report")
            page = import_module("parksim.report.comparison_page").render(found, lang=lang.value)
            told("write")
            write_workbook = import_module("parksim.report.comparison_workbook").write_workbook
            book = partial(write_workbook, found, lang=lang.value) if xlsx else None
            written = output.write_comparison(found, folder, table=table, plain=plain, page=page, workbook=book)
    if json:
        sys.stdout.write(output.as_json(plain) + "\n")
    elif csv:
        sys.stdout.write(table.to_csv(lineterminator="\n"))
    elif not quiet:
        with spoken(lang):
            head, *rows = shown.rows(found)
            show_rows([["\n".join(wrap(name, NAME_WIDTH)) for name in head], *rows], broken=True)
            say("")
            for line in shown.sentences(found):
                say(line)
            if written:
                say("")
                say_written(written)


@app.command(epilog="Examples: parksim why yibin --at 2025-07-14T18:00   |   parksim why yibin --json")
def why(
    file: ParkFile,
    at: Annotated[
        str | None,
        typer.Option("--at", help="Moment on the park's clock; the dearest hour and that of the highest peak without."),
    ] = None,
    saving: Annotated[bool, typer.Option("--saving/--no-saving", help="Tell what the stores save.")] = True,
    lang: Spoken = Lang.EN,
    quiet: Quiet = False,
    json: AsJson = False,
) -> None:
    """Explain an hour: prices, limits, the next-best choice, what sets the peak; and what storage saves."""
    with progress(show=not quiet and not json) as told:
        told("load")
        api, question = import_module("parksim.api"), import_module("parksim.questions.why")
        park = api.load_park(file)
        with place_of(park.place):
            found = question.why(park, at=at, saving=saving, progress=told)
    if json:
        sys.stdout.write(import_module("parksim.output").as_json(question.plain(found)) + "\n")
    elif not quiet:
        say(import_module("parksim.report.why").why(found, lang=lang.value))


@app.command(epilog="Examples: parksim worth park.toml   |   parksim worth yibin --top 40 --out results")
def worth(
    file: ParkFile,
    folder: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for the results; NAME-results where left out.")
    ] = None,
    top: Annotated[int, typer.Option("--top", min=1, help="How many numbers to print; the files hold all.")] = 20,
    lang: Spoken = Lang.EN,
    quiet: Quiet = False,
    json: AsJson = False,
) -> None:
    """Find what every number of the park file is worth, and write worth.nc, worth.csv and worth.html."""
    with progress(show=not quiet and not json) as told:
        told("load")
        api, output = import_module("parksim.api"), import_module("parksim.output")
        park = api.load_park(file)
        target = folder or Path(f"{Path(file).stem}-results")
        output.check_folder(target)
        with place_of(park.place):
            found = import_module("parksim.questions.worth").worth(park, progress=told)
        told("report")
        shown = import_module("parksim.report.worth")
        page, rows = import_module("parksim.report.worth_page").render(found, lang=lang.value), shown.table(found)
        told("write")
        written = output.write_worth(found, target, table=rows, page=page)
    if json:
        sys.stdout.write(output.as_json(shown.plain(found)) + "\n")
    elif not quiet:
        with spoken(lang):
            _show_worth(shown.Told(found), shown, top)
            say_written(written)


def _show_worth(told: Any, shown: Any, top: int) -> None:
    """Print the dearest numbers: value, what a little more costs, slopes, and how far they hold."""
    table = Table(box=None, pad_edge=False)
    headings = shown.headings()
    columns = len(headings) if out.width >= WIDE else shown.NARROW
    for place, heading in enumerate(headings[:columns]):
        table.add_column(Text(heading), justify="right" if place else "left", overflow="fold")
    for cells in shown.printed(told, top):
        table.add_row(*(Text(cell) for cell in cells[:columns]))
    out.print(shown.answer_plain(told), "", markup=False, highlight=False, soft_wrap=True, sep="\n")
    out.print(table, "")


@app.command(epilog="Examples: parksim size parks/yibin-sizing.toml   |   parksim size yibin-sizing --gap 1e-4 --json")
def size(
    file: ParkFile,
    gap: Annotated[
        float, typer.Option("--gap", help="Proved distance from the best cost, over the cost; above 0, below 1.")
    ] = 1e-6,
    folder: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for the results; NAME-sizing where left out.")
    ] = None,
    ranges: Annotated[
        bool, typer.Option("--ranges/--no-ranges", help="Find how far each capacity may move at little cost.")
    ] = True,
    lang: Spoken = Lang.EN,
    quiet: Quiet = False,
    json: AsJson = False,
) -> None:
    """Choose the capacities that have a `size` entry, and write sized.toml, sizing.json and sizing.nc."""
    with closing_in(show=not quiet and not json) as told:
        api, sizing, sized = (import_module(f"parksim.{n}") for n in ("api", "questions.sizing", "questions.sized"))
        park = api.load_park(file)
        target = folder or Path(f"{Path(file).stem}-sizing")
        import_module("parksim.output").check_folder(target)
        with place_of(park.place):
            found = sizing.size(park, gap=gap, within=sizing.WITHIN if ranges else (), progress=told)
        written = sized.write(found, target)
    if json:
        sys.stdout.write(import_module("parksim.output").as_json(sized.plain(found)) + "\n")
    elif not quiet:
        with spoken(lang):
            _show_sizes(sized.plain(found))
            say_written(written)


def _show_sizes(told: dict[str, Any]) -> None:
    """Print what was chosen: capacities with their costs and ranges, then what the park costs."""
    shown = import_module("parksim.report.terminal")
    printed = shown.sizes(told)
    every = tuple(range(len(printed.headings)))
    Console(width=max(out.width, TABLE_WIDTH)).print(table_of(printed, whole=every))
    say(shown.sizing_cost(told))


class Against(StrEnum):
    """What a front holds the cost against."""

    CO2 = "co2"
    GREEN_SHARE = "green-share"
    IMPORT = "import"
    PEAK = "peak"


CRITERIA = {"co2": "co2_t", "green-share": "green_share", "import": "import_mwh", "peak": "peak_import_mw"}
"""Word of the command line to the criterion."""


@app.command(epilog="Examples: parksim pareto yibin --against co2   |   parksim pareto park.toml --against peak --json")
def pareto(
    file: ParkFile,
    against: Annotated[Against, typer.Option("--against", help="What the cost is held against.")] = Against.CO2,
    points: Annotated[int, typer.Option("--points", min=2, help="Points of the front, both ends included.")] = 11,
    sized: Annotated[
        bool, typer.Option("--sized", help="Choose the capacities that have a `size` entry anew at every point.")
    ] = False,
    lang: Spoken = Lang.EN,
    quiet: Quiet = False,
    json: AsJson = False,
) -> None:
    """Find what less CO2, a greener park, less energy bought or a lower peak costs, to the least possible."""
    with progress(show=not quiet and not json) as told:
        told("load")
        park = import_module("parksim.api").load_park(file)
        with place_of(park.place):
            question = import_module("parksim.questions.pareto")
            criterion = CRITERIA[against.value]
            found = question.pareto(park, against=criterion, points=points, sized=sized, progress=told)
    shown = import_module("parksim.report.terminal")
    _tell(found, lang, lambda plain: ([shown.front(plain)], [shown.price_meaning(plain)]), quiet=quiet, json=json)


@app.command("break-even", epilog=f"Example: parksim break-even yibin-sizing --between 1e5 2e6 --field {CAPEX}")
def break_even(
    file: ParkFile,
    field: Annotated[str, typer.Option("--field", help="Path of a number of the park file, such as a price.")],
    between: Annotated[tuple[float, float], typer.Option("--between", help="Least and largest value looked at.")],
    component: Annotated[
        str | None, typer.Option("--component", help="What pays or not; that of the field where left out.")
    ] = None,
    lang: Spoken = Lang.EN,
    quiet: Quiet = False,
    json: AsJson = False,
) -> None:
    """Find the value of a price at which a component pays: a battery's capital cost, a tariff, a wear cost."""
    with progress(show=not quiet and not json) as told:
        told("load")
        park = import_module("parksim.api").load_park(file)
        with place_of(park.place):
            question = import_module("parksim.questions.break_even")
            found = question.break_even(park, field=field, between=between, component=component, progress=told)
    shown = import_module("parksim.report.terminal")
    _tell(found, lang, lambda plain: ([shown.nets(plain)], shown.broken_even(plain)), quiet=quiet, json=json)


@app.command(epilog="Examples: parksim alternatives yibin-sizing   |   parksim alternatives park.toml --share 0.02")
def alternatives(
    file: ParkFile,
    share: Annotated[
        list[float] | None, typer.Option("--share", help="Cost above the best, e.g. 0.01; may be given again.")
    ] = None,
    count: Annotated[int, typer.Option("--count", min=1, help="Most alternatives for each share.")] = 4,
    lang: Spoken = Lang.EN,
    quiet: Quiet = False,
    json: AsJson = False,
) -> None:
    """Find designs that cost little more than the best one, and differ from it and each other as much as they can."""
    with closing_in(show=not quiet and not json) as told:
        question = import_module("parksim.questions.alternatives")
        park = import_module("parksim.api").load_park(file)
        with place_of(park.place):
            found = question.alternatives(park, share=share or question.SHARES, count=count, progress=told)
    shown = import_module("parksim.report.terminal")
    _tell(found, lang, lambda plain: ([shown.designs(plain)], []), quiet=quiet, json=json)


def _tell(found: Any, lang: Lang, lay_out: Callable[[Any], Any], *, quiet: bool, json: bool) -> None:
    """Print an answer: as JSON, or as its tables and what is to be said of them."""
    output = import_module("parksim.output")
    plain = output.plain_dataset(found)
    if json:
        sys.stdout.write(output.as_json(plain) + "\n")
    elif not quiet:
        with spoken(lang):
            tables, lines = lay_out(plain)
            for printed in tables:
                every = tuple(range(len(printed.headings)))
                Console(file=out.file, width=max(out.width, TABLE_WIDTH)).print(table_of(printed, whole=every))
            for line in lines:
                say(line)


@app.command(epilog="Examples: parksim check park.toml   |   parksim check yibin --json")
def check(file: ParkFile, quiet: Quiet = False, json: AsJson = False) -> None:
    """Read a park file, its profiles and its numbers, without solving."""
    with progress(show=not quiet and not json) as told:
        told("load")
        api = import_module("parksim.api")
        park = api.load_park(file)
        told("read")
        found = api.check(park)
    if json:
        sys.stdout.write(import_module("parksim.output").as_json(found) + "\n")
    elif not quiet:
        table = Table(box=None, show_header=False, pad_edge=False)
        for name, value in found.items():
            shown = "\n".join(map(str, value)) if isinstance(value, list) else str(value)
            table.add_row(Text(name, style="dim"), Text(shown or "none"))
        out.print(table)
        say(f"{park.place}: is a valid park.")


@app.command(epilog="Examples: parksim new park.toml   |   parksim new copy.toml --like yibin")
def new(
    file: Annotated[Path, typer.Argument(help="File to write.")],
    like: Annotated[str, typer.Option("--like", help="Shipped park to start from.")] = "start",
    quiet: Quiet = False,
) -> None:
    """Write a commented park file to start from."""
    import_module("parksim.api").new_park(file, like=like)
    if not quiet:
        told = f"Written: {file}. Change it, then: parksim check {file}"
        say(told)


@app.command(
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
        bool, typer.Option("--reproducible", help="Give the same bytes however the work is shared out; slower.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Plan the study and check every case, but solve none.")
    ] = False,
    lang: Spoken = Lang.EN,
    quiet: Quiet = False,
    json: AsJson = False,
) -> None:
    """Solve all cases of a study, each from the nearest one solved; what is finished is never computed again."""
    study = import_module("parksim.study.model").load_study(file)
    if check:
        with progress(show=not quiet and not json) as told:
            planned = import_module("parksim.study.cases").plan(study, progress=told)
        _show_plan(import_module("parksim.study.plan").plain(planned), quiet=quiet, json=json)
        return
    target = folder or Path(f"{Path(file).stem}-results")
    how = {"workers": workers, "cluster": cluster, "reproducible": reproducible}
    asked = import_module("parksim.study.asked")
    with sweeping(show=not quiet and not json) as at:
        runner, report = import_module("parksim.study.runner"), import_module("parksim.report.html")
        asked.vet(study, import_module("parksim.study.cases").park_of(study))
        scripts = import_module("parksim.report.pages").script_files()
        pages = runner.Pages(partial(report.render_case, lang=lang.value), scripts)
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
    for name, problem in answers.problems.items():
        err.print(f"{name}: has no answer. {problem}", markup=False, highlight=False, soft_wrap=True)


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


@app.command(epilog="Examples: parksim schema > park.schema.json   |   parksim schema --study > study.schema.json")
def schema(
    study: Annotated[bool, typer.Option("--study", help="That of study files instead.")] = False,
) -> None:
    """Print the JSON Schema of park files, for editors that complete and check."""
    found = import_module("parksim.study.schema" if study else "parksim.schema").json_schema()
    sys.stdout.write(import_module("parksim.output").as_json(found) + "\n")


def find_shipped(kind: str, name: str) -> Path | None:
    """Find a shipped file by its name."""
    found: Path | None = import_module("parksim.profiles").shipped(kind, name)
    return found


@app.command(epilog="Examples: parksim profiles my-site.toml   |   parksim profiles yibin.toml --out my-profiles")
def profiles(
    recipe: Annotated[Path, typer.Argument(help="Recipe (TOML) of a site, or the name of a shipped one: yibin.toml.")],
    folder: Annotated[Path, typer.Option("--out", "-o", help="Folder for the profiles.")] = Path(),
    quiet: Quiet = False,
) -> None:
    """Generate hourly profiles from a recipe; the same recipe gives the same files bit for bit."""
    with progress(show=not quiet) as told:
        told("generating profiles")
        by_name = None if recipe.exists() or recipe.parent != Path() else find_shipped("profiles", recipe.name)
        written = import_module("parksim.synthesis").build(by_name or recipe, folder)
    if not quiet:
        say("Written: " + ", ".join(str(path) for path in written))


@app.command(epilog="Examples: parksim crosscheck park.toml   |   parksim crosscheck yibin --peer pypsa --json")
def crosscheck(
    file: ParkFile,
    peer: Annotated[
        list[str] | None, typer.Option("--peer", help="Engine to ask: pypsa or oemof; both by default.")
    ] = None,
    lang: Spoken = Lang.EN,
    quiet: Quiet = False,
    json: AsJson = False,
) -> None:
    """Solve a park in PyPSA and oemof-solph too, and compare cost and energy; a difference ends with 4."""
    with progress(show=not quiet and not json) as told, no_chatter():
        told("load")
        api, compared = import_module("parksim.api"), import_module("parksim.peers.crosscheck")
        park = api.load_park(file)
        with place_of(park.place):
            found = compared.crosscheck(park, peers=peer or tuple(compared.PEERS), progress=told)
    if json:
        sys.stdout.write(import_module("parksim.output").as_json(compared.plain(found)) + "\n")
    elif not quiet:
        with spoken(lang):
            _show(found, compared)
    compared.refuse(found)


def _show(found: Any, compared: Any) -> None:
    """Print the answers of all engines: objectives, energies, and what is to be said of them."""
    told, shown = compared.plain(found), import_module("parksim.report.terminal")
    titles = {name: compared.title_of(name) for name in told["engines"]}
    cost, energy = (table_of(make(told, titles)) for make in (shown.engines, shown.energies))
    out.print(cost, "", energy, "", sep="\n")
    for line in shown.remarks(told, titles, compared.verdict(found)):
        say(line)


@app.command(epilog="Examples: parksim bench yibin   |   parksim bench park.toml --time-limit 300 --out solvers")
def bench(
    file: ParkFile,
    time_limit: Annotated[float, typer.Option("--time-limit", help="Time limit of each solver, in seconds.")] = 60.0,
    only: Annotated[list[str] | None, typer.Option("--only", help="Only this solver; may be given again.")] = None,
    folder: Annotated[Path | None, typer.Option("--out", "-o", help="Folder for the chart, bench.html.")] = None,
    lang: Spoken = Lang.EN,
    quiet: Quiet = False,
    json: AsJson = False,
) -> None:
    """Solve a park with each of HiGHS's solvers and with parksim's own way: time, iterations, gap, memory."""
    with progress(show=not quiet and not json) as told:
        told("load")
        asked, output = import_module("parksim.questions.bench"), import_module("parksim.output")
        park = import_module("parksim.api").load_park(file)
        if folder is not None:
            output.check_folder(folder)
        ways = {} if only is None else {"contestants": only}
        found = asked.bench(park, time_limit_s=time_limit, progress=told, **ways)
    plain, written = asked.plain(found), None
    if folder is not None:
        page = import_module("parksim.report.contest").page(plain, lang=lang.value)
        written = output.write_files({folder / "bench.html": page})[0]
    if json:
        sys.stdout.write(output.as_json(plain) + "\n")
    elif not quiet:
        with spoken(lang):
            shown = import_module("parksim.report.contest")
            say(shown.size(plain))
            out.print(table_of(shown.table(plain), left=(1, len(shown.COLUMNS) - 1), whole=(1,)))
            say(shown.verdict(plain))
            if written is not None:
                say_written([written])


def _version(value: bool) -> None:
    if value:
        sys.stdout.write(f"parksim {version('parksim')}\n")
        raise typer.Exit


@app.callback()
def _main(
    _show: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Hold the options that belong to no command."""


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line; user mistakes end in one clear message and an exit code, never in a traceback."""
    write_utf8()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    try:
        app(args=arguments, prog_name="parksim")
    except ParksimError as error:
        tell(error)
        sys.exit(error.exit_code)
    except SystemExit as left:
        if left.code == STOPPED:
            err.print("Stopped.", markup=False)
        raise


if __name__ == "__main__":
    main()
