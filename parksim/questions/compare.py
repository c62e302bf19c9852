"""Parks side by side: each solved, from the optimum of the one before wherever the structure is the same.

found = ps.compare(["yibin", "yibin-dry-year", "yibin-wet-year"])
found.ds["green_share"]
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from parksim.api import answered  # first: Pyomo before Numba, see parksim/lp/__init__.py

# isort: split
from parksim.accounts.comparison import Told, compared, first_solved
from parksim.accounts.summary import summarise
from parksim.checks import declared
from parksim.errors import InputError, NoSolution
from parksim.inputs import Inputs, gather
from parksim.lp.warm import Warm
from parksim.park import Park
from parksim.parkfile import load_park
from parksim.phases import Clock, Progress, silent
from parksim.results import meaning_of
from parksim.variants import NAMED, differences, moved

LEAST = 2
"""Fewer parks are no comparison."""


@dataclass(frozen=True)
class Member:
    """One park of a comparison.

    Parameters
    ----------
    name
        Short name, unlike any other's: that of its file, or of the park.
    park
        What was solved.
    ds, summary
        Its results; None where it has no solution.
    problem
        Why it has none.
    """

    name: str
    park: Park
    ds: xr.Dataset | None = None
    summary: Mapping[str, Any] | None = None
    problem: str = ""


@dataclass(frozen=True)
class Comparison:
    """Parks side by side.

    Parameters
    ----------
    members
        The parks, in the order they were asked for.
    ds
        Their figures over ``member``, with units, as :func:`parksim.accounts.comparison.compared` describes them.
    """

    members: tuple[Member, ...]
    ds: xr.Dataset


def compare(parks: Sequence[str | Path | Park], *, progress: Progress | None = None) -> Comparison:
    """Solve parks and put them side by side.

    Parameters
    ----------
    parks
        Two at least: park files, names of shipped parks, or parks. One that stands there twice is solved once.
    progress
        Called with the name of each phase as it begins.

    Returns
    -------
    Comparison
        One without a solution is told as such beside the others.

    Raises
    ------
    InputError
        If there are fewer than two, or one cannot be read; what is wrong with all of them is told together.
    NoSolution
        If none has a solution.
    AuditError
        If an answer fails its own recomputation.

    Examples
    --------
    >>> import parksim as ps
    >>> found = ps.compare(["two-days", "two-days"])
    >>> [str(name) for name in found.ds["member"].to_numpy()]
    ['two-days', 'two-days (2)']
    """
    told = progress or silent
    if isinstance(parks, str | Path | Park) or len(parks) < LEAST:
        msg = "compare: got one park, must be two or more. Name another park file beside it."
        raise InputError(msg)
    told("load")
    read, inputs = _read(parks)
    kept: dict[str, Warm] = {}
    members: list[Member] = []
    failed: list[NoSolution] = []
    for name, park in zip(_names(parks, read), read, strict=True):
        twin = next((member for member in members if _same(member.park, park)), None)
        if twin is not None:
            members.append(Member(name, park, twin.ds, twin.summary, twin.problem))
            continue
        try:
            ds = _solved(park, inputs[len(members)], kept, told)
        except NoSolution as error:
            error.add_note(park.place)
            failed.append(error)
            members.append(Member(name, park, problem="\n".join((error.termination, *error.suspects))))
            continue
        members.append(Member(name, park, ds, summarise(ds)))
    if all(member.ds is None for member in members):
        raise failed[0]
    return Comparison(tuple(members), _side_by_side(members))


def _read(parks: Sequence[str | Path | Park]) -> tuple[list[Park], list[Inputs]]:
    """Read all parks and what they name, before any of them is solved."""
    read: list[Park] = []
    inputs: list[Inputs] = []
    problems: list[str] = []
    for given in parks:
        try:
            park = given if isinstance(given, Park) else load_park(given)
            inputs.append(gather(park))
            read.append(park)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(list(dict.fromkeys(problems)))
    return read, inputs


def _same(park: Park, other: Park) -> bool:
    """Whether two parks are one and the same, read from the same folder."""
    return park.folder == other.folder and park.tables() == other.tables()


def _solved(park: Park, inputs: Inputs, kept: dict[str, Warm], told: Progress) -> xr.Dataset:
    """Solve a park, from the last optimum of one of the same structure if there was any."""
    clock = Clock(told)
    clock.start("declare")
    program = declared(park)
    warm = kept.setdefault(program.structure_key, Warm(program))
    return answered(program, inputs, warm=warm, clock=clock).ds


def _names(parks: Sequence[str | Path | Park], read: Sequence[Park]) -> list[str]:
    """Name each park by its file or its own name; where two share one, by the path given, and then by number."""
    short = [
        park.park.name if isinstance(given, Park) else Path(given).stem for given, park in zip(parks, read, strict=True)
    ]
    given_as = [name if isinstance(given, Park) else str(given) for name, given in zip(short, parks, strict=True)]
    wide = [
        long if len({g for s, g in zip(short, given_as, strict=True) if s == name}) > 1 else name
        for name, long in zip(short, given_as, strict=True)
    ]
    names: list[str] = []
    for at, name in enumerate(wide):
        before = wide[:at].count(name)
        names.append(f"{name} ({before + 1})" if before else name)
    return names


def _side_by_side(members: Sequence[Member]) -> xr.Dataset:
    yardsticks: dict[str, str] = {}
    for member in members:
        for name, yardstick in member.park.yardsticks.items():
            yardsticks.setdefault(name, yardstick.title)
    told = [Told(m.name, m.park.park.title or m.park.park.name, m.summary, m.problem) for m in members]
    ds = compared(told, yardsticks=yardsticks)
    ds = ds.assign_coords(_in_chinese(ds, members))
    ds.attrs["bases"] = json.dumps(
        {m.name: list(m.park.variant.bases) for m in members if m.park.variant is not None}, ensure_ascii=False
    )
    first = members[first_solved(ds)]
    ds.attrs["differences"] = json.dumps(
        {m.name: _differences(first.park, m.park) for m in members if m is not first}, ensure_ascii=False
    )
    ds.attrs["parksim_version"] = version("parksim")
    ds.attrs["solver"] = "HiGHS"
    ds.attrs["solver_version"] = version("highspy")
    return ds


def _in_chinese(ds: xr.Dataset, members: Sequence[Member]) -> dict[str, Any]:
    """Give the Chinese titles of parks, yardsticks and claims; empty where the files have none."""
    yardsticks = {name: y.title_zh or "" for m in reversed(members) for name, y in m.park.yardsticks.items()}
    claims = {claim.title: claim.title_zh or "" for m in reversed(members) for claim in m.park.claims.values()}
    found = {
        "title_zh": ("member", [m.park.park.title_zh or "" for m in members]),
        "yardstick_title_zh": ("yardstick", [yardsticks[str(name)] for name in ds["yardstick"].to_numpy()]),
        "claim_title_zh": ("claim", [claims[str(title)] for title in ds["claim_title"].to_numpy()]),
    }
    return {name: (dim, np.array(texts, dtype=str)) for name, (dim, texts) in found.items()}


def _differences(first: Park, park: Park) -> list[dict[str, str]]:
    """List what the file of a park says otherwise than that of the first, with the names of the tables."""
    found = differences(moved(first.tables(), start=first.folder, to=park.folder), park.tables())
    return [
        {
            "path": each.path,
            "meaning": meaning_of(park, each.path) or meaning_of(first, each.path),
            "first": each.before,
            "here": each.now,
            "source": each.source,
            "title": _title(each.path, park, first, "title"),
            "title_zh": _title(each.path, park, first, "title_zh"),
        }
        for each in found
    ]


def _title(path: str, park: Park, first: Park, field: str) -> str:
    """Give the title of the table at a path; empty where it has none."""
    section, _, rest = path.partition(".")
    named = {**getattr(first, section), **getattr(park, section)} if section in NAMED else {}
    return getattr(named.get(rest.split(".")[0]), field, None) or ""
