"""Commands that ask something of one park: an hour, the worth of numbers, sizes, fronts, break-evens, alternatives."""

import sys
from collections.abc import Callable
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from parksim.commands.options import AsJson, Lang, ParkFile, Quiet, Spoken, say_written, spoken
from parksim.console import (
    TABLE_WIDTH,
    closing_in,
    out,
    place_of,
    progress,
    say,
    table_of,
)

group = typer.Typer()

WIDE = 150
"""Signs across which the whole table of slopes fits."""

CAPEX = "components.battery.size.energy_max_mwh.capex_cny"
"""A field whose break-even is often asked for."""


@group.command(epilog="Examples: parksim why yibin --at 2025-07-14T18:00   |   parksim why yibin --json")
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


@group.command(epilog="Examples: parksim worth park.toml   |   parksim worth yibin --top 40 --out results")
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


@group.command(
    epilog="Examples: parksim size parks/yibin-sizing.toml   |   parksim size yibin-sizing --gap 1e-4 --json"
)
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


@group.command(
    epilog="Examples: parksim pareto yibin --against co2   |   parksim pareto park.toml --against peak --json"
)
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


@group.command("break-even", epilog=f"Example: parksim break-even yibin-sizing --between 1e5 2e6 --field {CAPEX}")
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


@group.command(epilog="Examples: parksim alternatives yibin-sizing   |   parksim alternatives park.toml --share 0.02")
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
