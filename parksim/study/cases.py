"""From a study to a plan: every combination of its axes that passes the filters, checked as a park before any is solved.

A case is a park with some fields changed. Changes that a declared program takes (:mod:`parksim.changes`) are checked by
themselves, a table each; all else goes into the park of the case's group, which is read in full once per combination of
such changes. Groups whose programs have the same structure are one, where their parks differ only in what a program
takes.
"""

import hashlib
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel

from parksim.lp.program import Program  # first: Pyomo before SciPy, see parksim/lp/__init__.py

# isort: split
from parksim.changes import SECTIONS, Checked, changed_park
from parksim.checks import check_nodes
from parksim.components.grid import Grid
from parksim.errors import InputError, StructureChanged
from parksim.fields import fields_of
from parksim.inputs import Inputs, gather
from parksim.park import NAMED, Park, read_park
from parksim.parkfile import load_park
from parksim.phases import Progress, silent
from parksim.profiles import ProfileReader, ProfileRef, locate
from parksim.study.axes import Change, Line, Move, Reader, times
from parksim.study.filters import FilterError, parse
from parksim.study.model import QUESTIONS, Study
from parksim.study.paths import find
from parksim.study.plan import NO_GROUP, Case, Dimension, Group, Plan
from parksim.variants import Tables, join

__all__ = ["NO_GROUP", "Case", "Dimension", "Group", "Plan", "plan"]

MOST = 100_000
"""Most combinations of one study."""

LEVELS = (0, 1, 2)
"""What goes into the park of a group: structure; what profiles are read by too; everything."""

UNTOLD = {"title", "title_zh", "note", "note_zh", "name_zh", "source", "sources"}
"""What is said about numbers and moves none."""


def plan(study: Study, *, progress: Progress | None = None) -> Plan:
    """Plan a study.

    Parameters
    ----------
    progress
        Called with the name of each phase as it begins.

    Returns
    -------
    Plan
        A case that is no valid park has its ``problem``; the others are ready to be solved.

    Raises
    ------
    InputError
        If the park cannot be read, a field, an axis or an indicator does not exist, two axes touch the same field, the
        filters leave nothing, or there are too many combinations; what is wrong is told together.
    """
    told = progress or silent
    told("load")
    park = _park(study)
    told("plan")
    lines = Reader(study, park).dimensions()
    dimensions = tuple(_dimension(name, group) for name, group in lines.items())
    _check_count(study, dimensions)
    places = _filtered(study, dimensions)
    planner = _Planner(study, park)
    told("check")
    cases = tuple(_cases(planner, list(lines.values()), places))
    if all(case.problem for case in cases):
        problems = dict.fromkeys(line for case in cases for line in case.problem.splitlines())
        raise InputError([f"{study.place}: no case is a valid park.", *list(problems)[:10]])
    groups = tuple(base.group for base in planner.groups)
    return Plan(study, park, dimensions, groups, cases, _key(study, park))


def _park(study: Study) -> Park:
    """Read the park of a study: beside its file, or shipped."""
    if study.given is not None:
        return study.given
    beside = study.folder / study.study.park
    try:
        return load_park(beside if study.file is not None and beside.is_file() else study.study.park)
    except InputError as error:
        raise InputError([f"{study.place}: study.park: {problem}" for problem in error.problems]) from None


def _dimension(name: str, lines: Sequence[Line]) -> Dimension:
    return Dimension(
        name,
        {line.name: line.coords for line in lines},
        {line.name: line.unit for line in lines},
        {line.name: line.title for line in lines},
        {line.name: line.title_zh for line in lines},
    )


def _check_count(study: Study, dimensions: Sequence[Dimension]) -> None:
    count = int(np.prod([dimension.size for dimension in dimensions], dtype=float))
    if count > MOST:
        how = " x ".join(f"{dimension.size} ({dimension.name})" for dimension in dimensions)
        msg = f"{study.place}: axes: {how} = {count:,} cases, at most {MOST:,}. Draw them ([combine.sample]), or cut axes."
        raise InputError(msg)


def _filtered(study: Study, dimensions: Sequence[Dimension]) -> list[tuple[int, ...]]:
    """Give the places of all combinations that pass the filters, in the order of the dimensions."""
    coords = {name: values for dimension in dimensions for name, values in dimension.coords.items()}
    labels = {name: [v for v in values if isinstance(v, str)] for name, values in coords.items()}
    filters, problems = [], []
    for number, text in enumerate(study.combine.where):
        try:
            filters.append((number, text, parse(text, labels)))
        except FilterError as error:
            problems.append(f"{study.place}: combine.where[{number}]: {text!r} {error}")
    if problems:
        raise InputError(problems)
    places = list(itertools.product(*(range(dimension.size) for dimension in dimensions)))
    for number, text, passes in filters:
        try:
            kept = [at for at in places if passes(_values(dimensions, at))]
        except FilterError as error:
            msg = f"{study.place}: combine.where[{number}]: {text!r} {error}"
            raise InputError(msg) from None
        if not kept:
            msg = f"{study.place}: combine.where[{number}]: {text!r} leaves nothing of {len(places)} cases. Loosen it."
            raise InputError(msg)
        places = kept
    return places


def _values(dimensions: Sequence[Dimension], at: Sequence[int]) -> dict[str, float | str]:
    return {
        name: values[place]
        for dimension, place in zip(dimensions, at, strict=True)
        for name, values in dimension.coords.items()
    }


def _cases(planner: "_Planner", dims: Sequence[Sequence[Line]], places: Sequence[tuple[int, ...]]) -> Iterator[Case]:
    """Check every combination."""
    positions = [np.hstack([line.positions() for line in lines]) for lines in dims]
    for number, at in enumerate(places):
        moves = [line.moves[place] for lines, place in zip(dims, at, strict=True) for line in lines]
        label = ", ".join(
            f"{line.name} {_shown(line.coords[place])}" for lines, place in zip(dims, at, strict=True) for line in lines
        )
        position = tuple(float(x) for of, place in zip(positions, at, strict=True) for x in of[place])
        group, changes, problem = planner.checked(moves)
        yield Case(number, at, label, group, changes, position, problem)


def _shown(coordinate: float | str) -> str:
    return coordinate if isinstance(coordinate, str) else f"{coordinate:.6g}"


@dataclass
class _Base:
    """A group at work: its park read and checked, and what was checked of its cases."""

    group: Group
    inputs: Inputs
    last: Inputs
    checked: Checked = field(default_factory=dict)
    gathered: set[Any] = field(default_factory=set)
    products: dict[tuple[str, float], Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Start:
    """Where the cases of one combination of moves start: a group, and how its park differs from theirs."""

    base: _Base | None
    changes: Mapping[str, Any]
    problem: str = ""


class _Planner:
    """Puts combinations of moves into groups."""

    def __init__(self, study: Study, park: Park) -> None:
        self.study, self.park = study, park
        self.tables = park.tables()
        self.groups: list[_Base] = []
        self._starts: dict[tuple[int, tuple[int, ...]], _Start] = {}

    def checked(self, moves: Sequence[Move]) -> tuple[int, dict[str, Any], str]:
        """Check one combination: its group, its changes there, and what is wrong with it."""
        start = _Start(None, {})
        for level in LEVELS:
            start = self._start(moves, level)
            if start.base is None:
                continue
            changes = [change for move in moves for change in move.changes if change.level > level]
            try:
                return start.base.group.number, self._check(start, changes), ""
            except StructureChanged:
                continue
            except InputError as error:
                return start.base.group.number, {}, "\n".join(error.problems)
        return NO_GROUP, {}, start.problem

    def _start(self, moves: Sequence[Move], level: int) -> _Start:
        """Give the start of a combination, read once for all cases that share the moves of this level."""
        key = (level, tuple(id(move) for move in moves if any(change.level <= level for change in move.changes)))
        if key not in self._starts:
            self._starts[key] = self._started(moves, level)
        return self._starts[key]

    def _started(self, moves: Sequence[Move], level: int) -> _Start:
        try:
            park = self._built(moves, level)
            program = Program(park.components, nodes=park.nodes, time=park.time)
            check_nodes(park, program)
            inputs = gather(park, like=self.groups[0].inputs if self.groups else None)
        except InputError as error:
            return _Start(None, {}, "\n".join(error.problems))
        for base in self.groups:
            if base.group.key == program.structure_key:
                changes = differences(base.group.park, park)
                if changes is not None:
                    return _Start(base, changes)
        base = _Base(Group(len(self.groups), park, program.structure_key), inputs, inputs)
        self.groups.append(base)
        return _Start(base, {})

    def _built(self, moves: Sequence[Move], level: int) -> Park:
        """Read the park with the moves up to a level made."""
        tables: Tables = self.tables
        found = False
        for move in moves:
            changes = [change for change in move.changes if change.level <= level]
            if changes:
                tables, found = self._moved(tables, changes, move.source), True
        if not found:
            return self.park
        return read_park(tables, file=self.park.file, variant=self.park.variant)

    def _moved(self, tables: Tables, changes: Sequence[Change], source: str) -> Tables:
        """Give the tables of a park with some changes made."""
        told = source or f"what-if of the study {self.study.study.name}"
        whole, fields = {}, []
        for change in changes:
            spot = find(self.park, change.path)
            if change.removed:
                continue
            if spot is not None and spot.is_table:
                _put(whole, change.path.split("."), _sourced(change.path, change.value, told))
            else:
                fields.append(change)
        removed = [change.path for change in changes if change.removed]
        tables, _ = join(tables, {**whole, "remove": removed}, place=self.study.place)
        tables = _copied(tables)
        for change in fields:
            value = change.value
            if change.factor:
                value = _plain(self._product(self.park, change))
            _put(tables, change.path.split("."), value)
            self._tell(tables, change.path, told)
        return tables

    def _tell(self, tables: Tables, path: str, told: str) -> None:
        """Say beside a value where it comes from."""
        spot = find(self.park, path)
        if spot is None:
            return
        table, entry = tables, spot.table.split(".")
        for part in entry:
            table = table[part]
        field = path.removeprefix(f"{spot.table}.").split(".")[0]
        if entry[0] in {"yardsticks", "claims"}:
            table["source"] = told
        elif entry[0] not in {"time", "nodes", "seasons"}:
            table["sources"] = {**table.get("sources", {}), field: told}

    def _check(self, start: _Start, changes: Sequence[Change]) -> dict[str, Any]:
        """Check a case on its group's park, and give its changes."""
        base = start.base
        assert base is not None
        values = dict(start.changes)
        for change in changes:
            values[change.path] = self._multiplied(base, change) if change.factor else change.value
        park = changed_park(base.group.park, values, before=base.checked)
        read = tuple((path, _same(value)) for path, value in sorted(values.items()) if not _is_capacity(park, path))
        if read not in base.gathered:
            base.last = gather(park, like=base.last)
            base.gathered.add(read)
        return values

    def _multiplied(self, base: _Base, change: Change) -> Any:
        """Give the product of a factor and what the group's park has, the same object for the same factor."""
        key = (change.path, change.value)
        if key not in base.products:
            base.products[key] = self._product(base.group.park, change)
        return base.products[key]

    @staticmethod
    def _product(park: Park, change: Change) -> Any:
        spot = find(park, change.path)
        value = None if spot is None else spot.value
        if isinstance(value, ProfileRef):
            reader = ProfileReader(base=park.folder, time=park.time)
            unit = spot.unit if spot is not None else ""
            read = reader.resolve(value, unit=unit or "1", where=f"{park.place}: {change.path}").values * change.value
            read.setflags(write=False)
            return read
        return times(value, change.value)


def _same(value: Any) -> Any:
    """Give a value by which two changes are surely the same."""
    return (
        value if isinstance(value, int | float | str) else json.dumps(value) if isinstance(value, dict) else id(value)
    )


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray) else value


def _is_capacity(park: Park, path: str) -> bool:
    """Whether a change is one of a capacity, which no other number follows from; connections are held to each other."""
    section, name, *rest = path.split(".")
    component = park.components.get(name) if section == "components" else None
    if component is None or isinstance(component, Grid) or len(rest) != 1:
        return False
    return fields_of(type(component))[rest[0]].sizable


def _put(tables: Tables, path: Sequence[str], value: Any) -> None:
    """Put a value at a path of tables, which are the caller's own."""
    *above, last = path
    for part in above:
        tables = tables.setdefault(part, {})
    tables[last] = value


def _copied(tables: Tables) -> Tables:
    """Copy tables, but not the lists in them."""
    return {key: _copied(value) if isinstance(value, Mapping) else value for key, value in tables.items()}


def _sourced(path: str, table: Mapping[str, Any], told: str) -> dict[str, Any]:
    """Say where the numbers of a whole table come from, where it does not say it itself."""
    section = path.split(".")[0]
    if section in {"yardsticks", "claims"}:
        return {"source": told, **table}
    if section in {"time", "nodes", "seasons"} or "sources" in table:
        return dict(table)
    return {**table, "sources": {"default": told}}


def differences(park: Park, other: Park) -> dict[str, Any] | None:
    """Give the changes that make one park the other, or None where no declared program takes them.

    Parameters
    ----------
    park, other
        Parks whose programs have the same structure.

    Returns
    -------
    dict or None
        Path to value, as ``changed_park`` takes them.
    """
    for section in Park.model_fields:
        if section in {"file", "variant", "base", "remove", *SECTIONS}:
            continue
        if getattr(park, section) != getattr(other, section):
            return None
    raw = other.tables()
    changes: dict[str, Any] = {}
    for path, table, was in _tables_of(park, other):
        if table is None or was is None or type(table) is not type(was):
            if table is None and was is None:
                continue
            return None
        here: Any = raw
        for part in path.split("."):
            here = here[part]
        for name in type(table).model_fields:
            if name not in UNTOLD | {"name"} and getattr(table, name) != getattr(was, name):
                changes[f"{path}.{name}"] = here.get(name, getattr(table, name))
    try:
        changed_park(park, changes)
    except (InputError, StructureChanged):
        return None
    return changes


def _tables_of(park: Park, other: Park) -> Iterator[tuple[str, BaseModel | None, BaseModel | None]]:
    """List the tables of two parks by path: the other's, and the park's."""
    for section in SECTIONS:
        was, now = getattr(park, section), getattr(other, section)
        if section not in NAMED:
            yield section, now, was
            continue
        for name in dict.fromkeys((*was, *now)):
            yield f"{section}.{name}", now.get(name), was.get(name)


def _key(study: Study, park: Park) -> str:
    """Hash everything that moves a number of the store: the study, its park, the files they name, parksim's version."""
    asked = {name: table for name, table in study.tables().items() if name not in QUESTIONS}
    asked["study"] = {"seed": study.study.seed}
    keep = {name: value for name, value in asked.get("keep", {}).items() if name != "reports"}
    asked = _untold({**asked, "keep": keep})
    tables = {name: _untold(table) for name, table in park.tables().items() if name != "park"}
    digest = hashlib.sha256(json.dumps([asked, tables], sort_keys=True, ensure_ascii=False).encode())
    for file, base in sorted({*_files(asked, study.folder), *_files(tables, park.folder)}):
        try:
            content = locate(file, base=Path(base)).read_bytes()
        except (InputError, OSError):
            continue  # a case that names it has its problem
        digest.update(file.encode())
        digest.update(hashlib.sha256(content).digest())
    digest.update(".".join(version("parksim").split(".")[:2]).encode())
    return digest.hexdigest()


def _untold(table: Any) -> Any:
    """Leave out what is only said about numbers."""
    if not isinstance(table, Mapping):
        return table
    return {key: _untold(value) for key, value in table.items() if key not in UNTOLD}


def _files(value: Any, folder: Path) -> Iterator[tuple[str, str]]:
    """List the files that tables name, with the folder they start from."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key in {"file", "table"} and isinstance(item, str):
                yield item, str(folder)
            else:
                yield from _files(item, folder)
    elif isinstance(value, list):
        for item in value:
            yield from _files(item, folder)
