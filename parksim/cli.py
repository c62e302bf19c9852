"""The command line: a thin skin over the calls of :mod:`parksim.api`.

Exit codes: 0 done, 2 wrong input, 3 no solution, 4 the answer failed its audit, 5 a question has no answer,
130 stopped by Ctrl-C.
Submodules are loaded inside the commands, so that help answers at once.
"""

import gc
import sys
from importlib.metadata import version
from typing import Annotated, Any

import typer

from parksim.commands import parks, questions, solvers, studies
from parksim.console import err, tell, write_utf8
from parksim.errors import ParksimError

STOPPED = 130
"""Exit code after Ctrl-C."""

OBJECTS_BETWEEN_COLLECTIONS = 500_000
"""Loading modules makes objects that stay: searching them for garbage as often as Python does is a tenth of a run."""


def _version(value: bool) -> None:
    if value:
        sys.stdout.write(f"parksim {version('parksim')}\n")
        raise typer.Exit


def _options(
    _show: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Hold the options that belong to no command."""


def application() -> typer.Typer:
    """Put the commands together."""
    app = typer.Typer(
        help="Plan zero-carbon industrial parks: the cheapest operation for every hour, and what it means.",
        epilog="Start: parksim new park.toml, then parksim run park.toml. "
        "Exit codes: 2 input, 3 no solution, 4 audit, 5 a question without an answer.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        callback=_options,
    )
    for part in (parks, questions, studies, solvers):
        app.add_typer(part.group)
    return app


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line; user mistakes end in one clear message and an exit code, never in a traceback."""
    write_utf8()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    try:
        application()(args=arguments, prog_name="parksim")
    except ParksimError as error:
        tell(error)
        sys.exit(error.exit_code)
    except SystemExit as left:
        if left.code == STOPPED:
            err.print("Stopped.", markup=False)
        raise


if __name__ == "__main__":
    main()
