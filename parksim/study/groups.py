"""Groups: cases of one structure, each checked as a park on what its group holds.

A change that a declared program takes (:mod:`parksim.changes`) is checked by itself, a table each. All else goes into
the park of the case's group, which is read in full, once for all cases that share such changes. Where that park is none
by itself, because a profile needs another year or a limit its counterpart, the group takes in more of the case.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from pydantic import BaseModel

from parksim.lp.program import Program  # first: Pyomo before SciPy, see parksim/lp/__init__.py

# isort: split
from parksim.changes import SECTIONS, Checked, changed_park
from parksim.checks import declared
from parksim.components.grid import Grid
from parksim.errors import InputError, StructureChanged
from parksim.factors import resolved, times
from parksim.fields import fields_of
from parksim.inputs import Inputs, gather
from parksim.park import NAMED, Park, read_park
from parksim.study.axes import LEVELS, Change, Move
from parksim.study.model import Study
from parksim.study.paths import UNVARIED, find
from parksim.study.plan import NO_GROUP, Group
from parksim.variants import Tables, join

UNSOURCED = {"time", "nodes", "seasons"}
"""Tables that have no sources."""

NOTED = {"yardsticks", "claims"}
"""Tables with one source for all of theirs."""


@dataclass
class Base:
    """A group at work: its park read and checked, and what was checked of its cases.

    Parameters
    ----------
    group, program
        The group, and its park declared.
    read
        Inputs of the last case that was read; the next one differs little.
    checked
        Tables checked for the last case.
    seen
        Changes, capacities apart, to the problems of reading a park with them; empty where there is none.
    factored, products
        Path to what a factor multiplies; path and factor to their product, one object for all cases.
    """

    group: Group
    program: Program
    read: Inputs
    checked: Checked = field(default_factory=dict)
    seen: dict[tuple[Any, ...], tuple[str, ...]] = field(default_factory=dict)
    factored: dict[str, Any] = field(default_factory=dict)
    products: dict[tuple[str, float], Any] = field(default_factory=dict)

    def check(self, changes: Mapping[str, Any]) -> None:
        """Check a case; its profiles and numbers too, where none but capacities tell it from one that was read.

        Raises
        ------
        InputError
            With every problem of the case.
        StructureChanged
            If a change touches structure.
        """
        park = changed_park(self.group.park, changes, before=self.checked)
        key = tuple((path, _alike(value)) for path, value in sorted(changes.items()) if not _is_capacity(park, path))
        if key not in self.seen:
            try:
                self.read, self.seen[key] = gather(park, like=self.read), ()
            except InputError as error:
                self.seen[key] = error.problems
        if self.seen[key]:
            raise InputError(self.seen[key])

    def product(self, change: Change) -> Any:
        """Multiply what the group's park has by a factor."""
        key = (change.path, change.value)
        if key not in self.products:
            if change.path not in self.factored:
                self.factored[change.path] = _factored(self.group.park, change.path)
            self.products[key] = times(self.factored[change.path], change.value)
        return self.products[key]


@dataclass(frozen=True)
class _Start:
    """Where cases start: from a group, and how the park they share differs from the group's; or why there is none."""

    base: Base | None
    changes: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""


class Groups:
    """Puts cases into groups, and checks them.

    Parameters
    ----------
    park
        The park before any change; one that is valid.
    """

    def __init__(self, study: Study, park: Park) -> None:
        self.study, self.park = study, park
        self.tables = park.tables()
        self.inputs = gather(park)
        self.bases: list[Base] = []
        self._starts: dict[tuple[int, tuple[Move, ...]], _Start] = {}

    def place(self, moves: Sequence[Move]) -> tuple[int, dict[str, Any], str]:
        """Check a case.

        Parameters
        ----------
        moves
            What it changes, by axis; equal moves of two cases are one object.

        Returns
        -------
        int, dict, str
            Number of its group, its changes on the group's park, and why it is no valid park.
        """
        problem = ""
        for level in LEVELS:
            start = self._start(moves, level)
            if start.base is None:
                problem = start.problem
                continue
            base, number = start.base, start.base.group.number
            try:
                changes = {**start.changes, **_numbers(base, moves, level)}
                base.check(changes)
            except StructureChanged as error:
                problem = str(error)
                continue
            except InputError as error:
                return number, {}, "\n".join(error.problems)
            return number, changes, ""
        return NO_GROUP, {}, problem

    def _start(self, moves: Sequence[Move], level: int) -> _Start:
        key = (level, tuple(move for move in moves if any(change.level <= level for change in move.changes)))
        if key not in self._starts:
            self._starts[key] = self._begin(moves, level)
        return self._starts[key]

    def _begin(self, moves: Sequence[Move], level: int) -> _Start:
        """Read the park that cases of the same moves up to a level share, and find its group."""
        try:
            park = self._changed(moves, level)
            program = declared(park)
            inputs = gather(park, like=self.inputs)
        except InputError as error:
            return _Start(None, problem="\n".join(error.problems))
        for base in self.bases:
            if base.group.key == program.structure_key:
                changes = differences(base.group.park, park)
                if changes is not None:
                    return _Start(base, changes)
        self.bases.append(Base(Group(len(self.bases), park, program.structure_key), program, inputs))
        return _Start(self.bases[-1])

    def _changed(self, moves: Sequence[Move], level: int) -> Park:
        """Read the park with all changes up to a level made; factors come last, on profiles read by the new clock."""
        park, tables = self.park, self.tables
        for factor in (False, True):
            made = tables
            for move in moves:
                changes = [change for change in move.changes if change.level <= level and change.factor == factor]
                if changes:
                    source = move.source or f"what-if of the study {self.study.study.name}"
                    made = self._with(made, changes, source, park=park)
            if made is not tables:
                tables = made
                park = read_park(tables, file=self.park.file, variant=self.park.variant)
        return park

    def _with(self, tables: Tables, changes: Sequence[Change], source: str, *, park: Park) -> Tables:
        """Make changes in tables: fields are put in place, whole tables joined as those of a variant.

        Factors multiply what ``park`` has.
        """
        whole: Tables = {}
        for change in changes:
            if change.whole and not change.removed:
                _put(whole, change.path.split("."), _sourced(change.path, change.value, source))
        removed = [change.path for change in changes if change.removed]
        joined, _ = join(tables, {**whole, "remove": removed}, place=self.study.place)
        made: Tables = _copied(joined)
        for change in changes:
            if change.whole or change.removed:
                continue
            value = change.value
            if change.factor:
                product = times(_factored(park, change.path), value)
                value = product.tolist() if isinstance(product, np.ndarray) else product
            _put(made, change.path.split("."), value)
            self._tell(made, change.path, source)
        return made

    def _tell(self, tables: Tables, path: str, source: str) -> None:
        """Say beside a value where it comes from."""
        spot = find(self.park, path)
        if spot is None:
            return
        table, (section, *_) = tables, spot.table.split(".")
        for part in spot.table.split("."):
            table = table[part]
        if section in NOTED:
            table["source"] = source
        elif section not in UNSOURCED:
            field = path.removeprefix(f"{spot.table}.").split(".")[0]
            table["sources"] = {**table.get("sources", {}), field: source}


def _numbers(base: Base, moves: Sequence[Move], level: int) -> dict[str, Any]:
    """Give the changes of a case beyond a level."""
    left = [change for move in moves for change in move.changes if change.level > level]
    return {change.path: base.product(change) if change.factor else change.value for change in left}


def _factored(park: Park, path: str) -> Any:
    """Find what a factor on a path multiplies."""
    spot = find(park, path)
    return None if spot is None else resolved(park, spot.value, unit=spot.unit, path=path)


def _alike(value: Any) -> Any:
    """Give something to tell values apart by; two long lists are the same where they are one object."""
    if isinstance(value, int | float | str):
        return value
    return json.dumps(value, default=str, sort_keys=True) if isinstance(value, dict) else id(value)


def _is_capacity(park: Park, path: str) -> bool:
    """Whether a change is one of a capacity, from which no other number follows; connections are held to each other."""
    section, name, *rest = path.split(".")
    component = park.components.get(name) if section == "components" else None
    if component is None or isinstance(component, Grid) or len(rest) != 1:
        return False
    return fields_of(type(component))[rest[0]].sizable


def _put(tables: Tables, path: Sequence[str], value: Any) -> None:
    *above, last = path
    for part in above:
        tables = tables.setdefault(part, {})
    tables[last] = value


def _copied(tables: Mapping[str, Any]) -> Tables:
    """Copy tables, but not the lists in them."""
    return {key: _copied(value) if isinstance(value, Mapping) else value for key, value in tables.items()}


def _sourced(path: str, table: Mapping[str, Any], source: str) -> Tables:
    """Say where the numbers of a whole table come from, where it does not say so itself."""
    section = path.split(".")[0]
    if section in NOTED:
        return {"source": source, **table}
    return dict(table) if section in UNSOURCED or "sources" in table else {**table, "sources": {"default": source}}


def differences(park: Park, other: Park) -> dict[str, Any] | None:
    """Give the changes that make one park the other.

    Parameters
    ----------
    park, other
        Parks whose programs have the same structure.

    Returns
    -------
    dict or None
        Path to value, as ``changed_park`` takes them; None where it would not.
    """
    for section in Park.model_fields:
        if section in {"file", "variant", *SECTIONS}:
            continue
        if getattr(park, section) != getattr(other, section):
            return None
    tables, changes = other.tables(), dict[str, Any]()
    for path, was, now in _pairs(park, other):
        if type(was) is not type(now):
            return None
        if was is None or now is None:
            continue
        written: Any = tables
        for part in path.split("."):
            written = written[part]
        for name in type(now).model_fields:
            if name not in UNVARIED | {"source"} and getattr(now, name) != getattr(was, name):
                changes[f"{path}.{name}"] = written.get(name, getattr(now, name))
    try:
        changed_park(park, changes)
    except (InputError, StructureChanged):
        return None
    return changes


def _pairs(park: Park, other: Park) -> Iterator[tuple[str, BaseModel | None, BaseModel | None]]:
    """List the tables of two parks by their paths."""
    for section in SECTIONS:
        was, now = getattr(park, section), getattr(other, section)
        if section not in NAMED:
            yield section, was, now
            continue
        for name in dict.fromkeys((*was, *now)):
            yield f"{section}.{name}", was.get(name), now.get(name)
