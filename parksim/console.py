"""What the command line prints, and how: texts, tables, progress, errors; results on standard output, the rest beside.

Nothing here knows a command; :mod:`parksim.cli` says what is printed.
"""

import io
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from parksim.errors import NoSolution, ParksimError

out = Console()
err = Console(stderr=True)

TABLE_WIDTH = 132
"""Width of the widest table [characters]; a terminal that is narrower scrolls or breaks lines by itself."""

STDOUT = 1
"""What a process calls its standard output."""

PHASE_WORDS = {
    "load": "reading the park file",
    "read": "reading profiles, computing numbers",
    "declare": "declaring rows for one hour",
    "expand": "expanding them over the horizon",
    "cut": "cutting the horizon into pieces",
    "solve": "finding the cheapest operation",
    "settle ties": "settling equal-cost optima",
    "dataset": "collecting results",
    "audit": "auditing the answer",
    "summary": "summing up",
    "report": "drawing the report",
    "write": "writing files",
    "other choices": "asking what other choices would cost",
    "without stores": "solving the park without stores",
    "references": "solving it all from the grid, without storage, at other tariffs",
    "pypsa": "solving in PyPSA",
    "oemof": "solving in oemof-solph",
}

SIZING_WORDS = {
    "guide": "sample of the steps",
    "year": "whole horizon",
    "modules": "whole modules",
    "ranges": "near-optimal ranges",
    "alternatives": "near-optimal alternatives",
}

SWEEP_WORDS = {"plan": "planning cases", "solve": "solving cases", "done": "solving cases"}

RATED_S = 2.0
"""After how long a rate is told [s]."""

SPEED_S = 60.0
"""From how much of the past the time left is told [s]."""

NO_SOLUTION_WORDS = {
    "infeasible": "its limits contradict each other (infeasible)",
    "unbounded": "its cost has no bottom (unbounded)",
}


def say(text: str) -> None:
    """Print a text as it is: no markup read into it, no colours, no lines broken."""
    out.print(text, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def progress(*, show: bool) -> Iterator[Callable[[str], None]]:
    """Show the phase at work and the time it takes, on standard error where that is a terminal."""
    if not (show and err.is_terminal):
        yield lambda _: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("starting", total=None)
        yield lambda phase: bar.update(task, description=PHASE_WORDS.get(phase, phase))


@contextmanager
def sweeping(*, show: bool) -> Iterator[Callable[[Any], None]]:
    """Show how far a study is, on standard error: a bar on a terminal, a line now and then elsewhere."""
    if not show:
        yield lambda _: None
        return
    if not err.is_terminal:
        yield _Lines()
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(compact=True),
    )
    with Progress(*columns, console=err, transient=True, speed_estimate_period=SPEED_S) as bar:
        task, rate = bar.add_task(SWEEP_WORDS["plan"], total=None, rate=""), _Rate()
        yield lambda at: bar.update(
            task,
            description=SWEEP_WORDS[at.stage],
            total=at.cases or None,
            completed=at.done,
            rate=rate.told(at),
        )


class _Rate:
    """Measures how many cases a second are done, from the first that is."""

    def __init__(self) -> None:
        self.begin, self.first = 0.0, 0

    def told(self, at: Any) -> str:
        """Say the rate, once there is one."""
        if at.done <= at.before + 1:  # the first takes the start of the workers
            self.begin, self.first = time.monotonic(), at.done
        seconds = time.monotonic() - self.begin
        return f"{(at.done - self.first) / seconds:.1f} cases/s" if seconds > RATED_S else ""


class _Lines:
    """Prints how far a study is, ten times at most."""

    def __init__(self) -> None:
        self.rate, self.tenth = _Rate(), -1

    def __call__(self, at: Any) -> None:
        """Print a line where another tenth is done."""
        rate, tenth = self.rate.told(at), at.done * 10 // at.cases if at.cases else 0
        if at.stage == "solve" and tenth > self.tenth:
            self.tenth = tenth
            err.print(f"{SWEEP_WORDS['solve']}: {at.done} of {at.cases}{rate and f', {rate}'}", markup=False)


@contextmanager
def closing_in(*, show: bool) -> Iterator[Callable[[Any], None]]:
    """Show how far sizing is: stage, dispatches, best cost and gap, on standard error where that is a terminal."""
    with progress(show=show) as told:
        yield lambda at: told(
            f"{SIZING_WORDS.get(at.stage, at.stage)}: {at.dispatches} dispatches, "
            + (f"best {at.best_cny:,.0f} CNY, gap {at.gap:.1e}" if at.best_cny < inf else "none feasible yet")
        )


def table_of(printed: Any, *, left: tuple[int, ...] = (0,), whole: tuple[int, ...] = ()) -> Table:
    """Make a table of headings and rows: which columns stand to the left, and which are never broken."""
    table = Table(box=None, pad_edge=False)
    for place, heading in enumerate(printed.headings):
        table.add_column(Text(heading), justify="left" if place in left else "right", no_wrap=place in whole)
    for row in printed.rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def show_rows(rows: list[list[str]], *, broken: bool = False) -> None:
    """Print a table of which the first row holds the headings; ``broken`` where the first column may be broken."""
    table = Table(box=None, pad_edge=False)
    for place, heading in enumerate(rows[0]):
        table.add_column(
            Text(heading), justify="right" if place else "left", no_wrap=place > 0 or not broken, vertical="top"
        )
    for row in rows[1:]:
        table.add_row(*(Text(cell) for cell in row))
    Console(file=out.file, width=max(out.width, TABLE_WIDTH)).print(table)


@contextmanager
def no_chatter() -> Iterator[None]:
    """Keep other engines from logging and from writing to standard output between the lines of a command.

    Some set up the log when they are loaded; a HiGHS that they make greets from its C++, past ``sys.stdout``.
    """
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    sys.stdout.flush()
    kept = os.dup(STDOUT)
    with Path(os.devnull).open("wb") as nothing:
        os.dup2(nothing.fileno(), STDOUT)
    try:
        yield
    finally:
        os.dup2(kept, STDOUT)
        os.close(kept)
        logging.disable(before)


@contextmanager
def place_of(place: str) -> Iterator[None]:
    """Add the park file to the message of a park without a solution."""
    try:
        yield
    except NoSolution as error:
        error.add_note(place)
        raise


def lines_of(error: ParksimError) -> list[str]:
    """Say an error line by line."""
    if not isinstance(error, NoSolution):
        return str(error).splitlines()
    place = getattr(error, "__notes__", ["park"])[0]
    why = NO_SOLUTION_WORDS.get(
        error.termination, f"the solver gave up ({error.termination}); look for numbers of impossible size"
    )
    return [f"{place}: has no solution: {why}.", *(f"  {suspect}" for suspect in error.suspects)]


def tell(error: ParksimError) -> None:
    """Print an error on standard error, line by line."""
    for line in lines_of(error):
        err.print(line, markup=False, highlight=False, soft_wrap=True)


def write_utf8() -> None:
    """Write Chinese names and units to files and pipes of any locale; a terminal shows what it can."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            chosen = stream.isatty() or os.environ.get("PYTHONIOENCODING")
            stream.reconfigure(encoding=None if chosen else "utf-8", errors="backslashreplace")
