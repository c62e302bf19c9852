"""Commands on park files: solve one, set several side by side, check, begin, and what they are made of."""

import sys
from functools import partial
from importlib import import_module
from pathlib import Path
from textwrap import wrap
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from parksim.commands.options import AsJson, Lang, ParkFile, Quiet, Spoken, say_written, spoken
from parksim.console import (
    out,
    place_of,
    progress,
    say,
    show_rows,
)
from parksim.errors import InputError

group = typer.Typer()

NAME_WIDTH = 16
"""Signs of a park's name in a line above its column."""


@group.command(epilog="Examples: parksim run parks/yibin.toml   |   parksim run yibin --out results --csv")
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


@group.command(epilog="Examples: parksim compare yibin yibin-dry-year   |   parksim compare a.toml b.toml --csv")
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


@group.command(epilog="Examples: parksim check park.toml   |   parksim check yibin --json")
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


@group.command(epilog="Examples: parksim new park.toml   |   parksim new copy.toml --like yibin")
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


@group.command(epilog="Examples: parksim schema > park.schema.json   |   parksim schema --study > study.schema.json")
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


@group.command(epilog="Examples: parksim profiles my-site.toml   |   parksim profiles yibin.toml --out my-profiles")
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
