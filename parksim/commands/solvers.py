"""Commands that set engines and solvers side by side."""

import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from parksim.commands.options import AsJson, Lang, ParkFile, Quiet, Spoken, say_written, spoken
from parksim.console import (
    no_chatter,
    out,
    place_of,
    progress,
    say,
    table_of,
)

group = typer.Typer()


@group.command(epilog="Examples: parksim crosscheck park.toml   |   parksim crosscheck yibin --peer pypsa --json")
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


@group.command(epilog="Examples: parksim bench yibin   |   parksim bench park.toml --time-limit 300 --out solvers")
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
