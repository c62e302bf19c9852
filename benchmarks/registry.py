"""The cases, found in ``benchmarks/cases``: one file adds one."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Literal

from parksim.park import Park

Axis = Literal["hours", "components", "what-ifs"]


@dataclass(frozen=True)
class Case:
    """One frozen specification: a park that grows along one axis.

    Parameters
    ----------
    name
        As given to ``--case``; the name of its file.
    about
        What it is, in a sentence for the table.
    axis
        What its sizes count.
    sizes, quick
        Sizes of a full run and of a quick one, growing.
    park
        Builds the park of a size; what it takes counts as reading.
    command
        Park file or shipped park whose whole ``parksim run`` is measured too; None where it is not.
    """

    name: str
    about: str
    axis: Axis
    sizes: tuple[int, ...]
    quick: tuple[int, ...]
    park: Callable[[int], Park]
    command: str | None = None


def names() -> list[str]:
    """Name every case, without loading any."""
    return sorted(file.stem for file in (Path(__file__).parent / "cases").glob("*.py") if file.stem != "__init__")


def find(name: str) -> Case:
    """Load one case.

    Raises
    ------
    LookupError
        If there is none of that name, or its file and its name differ.
    """
    if name not in names():
        msg = f"no case {name!r}; there are: {', '.join(names())}"
        raise LookupError(msg)
    case = import_module(f"benchmarks.cases.{name}").CASE
    if not isinstance(case, Case) or case.name != name:
        msg = f"benchmarks/cases/{name}.py must hold CASE, a Case named {name!r}"
        raise LookupError(msg)
    return case
