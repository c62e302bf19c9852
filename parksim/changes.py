"""A park with some of its numbers changed: checked again, and refused where a change touches structure.

What is structure: kinds, nodes, choices, yes or no, a value against none, the time axis, the names of tables. All else
may change between two solves of one declared program.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from pydantic import BaseModel, ValidationError

from parksim.errors import InputError, StructureChanged, Touched
from parksim.fields import FieldDoc, fields_of
from parksim.memory import same
from parksim.messages import known_keys, nearest, problems_of, unknown_key
from parksim.park import NAMED, Park

SECTIONS = ("components", "tariffs", "yardsticks", "limits", "claims", "other_energy", "verdict", "site", "weather")
"""Tables whose numbers may change."""

UNREAD = {"other_energy", "verdict"}
"""Tables that the LP does not read: nothing in them is structure."""

Key = tuple[str, ...]
"""Path of a field, split at its dots."""


def table_at(park: Park, path: str) -> tuple[Key, BaseModel]:
    """Find the table that a path such as ``components.battery.energy_max_mwh`` leads into.

    Returns
    -------
    tuple, BaseModel
        Path of the table, and the table.

    Raises
    ------
    InputError
        If there is no such table.
    """
    parts = tuple(path.split("."))
    section = parts[0]
    place = f"{park.place}: {path}"
    if section in {"time", "nodes", "seasons", "park"}:
        raise StructureChanged(Touched.TIME if section != "nodes" else Touched.NODE, path)
    if section not in SECTIONS:
        msg = f"{place}: {unknown_key(section, SECTIONS)}"
        raise InputError(msg)
    if section in NAMED:
        tables: Mapping[str, BaseModel] = getattr(park, section)
        if len(parts) < 3 or parts[1] not in tables:
            name = parts[1] if len(parts) > 1 else ""
            known = ", ".join(tables) or "none"
            msg = f"{place}: no table {section}.{name}.{nearest(name, [*tables])} There are: {known}."
            raise InputError(msg)
        return parts[:2], tables[parts[1]]
    table = getattr(park, section)
    if table is None or len(parts) < 2:
        msg = f"{place}: the park has no such table or field; write a path such as site.altitude_m."
        raise InputError(msg)
    return parts[:1], table


def field_at(park: Park, path: str) -> tuple[Key, BaseModel, str, Key]:
    """Split a path into its table, field, and keys within the field's value.

    Returns
    -------
    tuple, BaseModel, str, tuple
        Path of the table, the table, the field, and the rest of the path.

    Raises
    ------
    InputError
        If there is no such table or field.
    StructureChanged
        If it is structure as a whole.
    """
    key, table = table_at(park, path)
    field, *inner = path.split(".")[len(key) :]
    if field == "sources" or field not in known_keys(type(table)):
        known = [name for name in known_keys(type(table)) if name != "sources"]
        msg = f"{park.place}: {'.'.join((*key, field))}: {unknown_key(field, known)}"
        raise InputError(msg)
    return key, table, field, tuple(inner)


def _put(old: Any, inner: Key, value: Any, where: str) -> Any:
    """Change one entry of a table inside a field, such as a season's price."""
    if not inner:
        return value
    if len(inner) > 1 or not isinstance(old, Mapping) or inner[0] not in old:
        keys = ", ".join(old) if isinstance(old, Mapping) else "no keys"
        msg = f"{where}: has {keys}; change the whole field, or one of its keys."
        raise InputError(msg)
    return {**old, inner[0]: value}


def _refuse_structure(path: str, doc: FieldDoc, old: Any, new: Any) -> None:
    """Raise where a change is one of structure; a value equal to the old one is no change."""
    if old == new:
        return
    if doc.sort == "node":
        raise StructureChanged(Touched.NODE, path)
    if doc.name == "kind":
        raise StructureChanged(Touched.KIND, path)
    if (old is None) != (new is None):
        raise StructureChanged(Touched.PRESENCE, path)
    if doc.sort == "choice" or isinstance(old, bool) or isinstance(new, bool):
        raise StructureChanged(Touched.CHOICE, path)


def is_structure(park: Park, path: str, value: Any) -> bool:
    """Tell whether a change of one field lies beyond what a declared program takes.

    True where :func:`changed_park` would raise :class:`~parksim.errors.StructureChanged`, or cannot reach the field.
    A value that would be refused is judged as it stands, since it may be right together with other changes.
    """
    try:
        key, table, field, inner = field_at(park, path)
        old = getattr(table, field)
        new = _put(old, inner, value, path)
    except (StructureChanged, InputError):
        return True
    if key[0] in UNREAD:
        return False
    if not (_is_number(old) and _is_number(new)):  # a check may make another form of a profile, never of a number
        with suppress(InputError):
            new = getattr(_again(park, key, table, {field: new}), field)
    try:
        _refuse_structure(path, fields_of(type(table))[field], old, new)
    except StructureChanged:
        return True
    return False


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _told(value: object) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 60 else f"{text[:60]} ..."


def _again(park: Park, key: Key, table: BaseModel, fields: Mapping[str, Any]) -> BaseModel:
    """Check a table again with some of its fields changed."""
    data = {name: getattr(table, name) for name in table.model_fields_set} | dict(fields)
    if "sources" in type(table).model_fields:
        was = {name: f"what-if; the park file has {_told(getattr(table, name))}" for name in fields}
        data["sources"] = {**getattr(table, "sources", {}), **was}
    try:
        return type(table).model_validate(data)
    except ValidationError as error:
        told = problems_of(error, data=data, place="", models={"": type(table)})
        place = f"{park.place}: {'.'.join(key)}"
        raise InputError([f"{place}.{problem.removeprefix(': ')}" for problem in told]) from None


Checked = dict[Key, tuple[dict[str, Any], BaseModel]]
"""Path of a table to the fields changed in it, and the table that was checked with them."""


def _checked(park: Park, key: Key, table: BaseModel, fields: dict[str, Any], before: Checked) -> BaseModel:
    """Check a table again, or take the one that was checked with the same changes before."""
    were, again = before.get(key, ({}, None))
    if again is None or were.keys() != fields.keys() or not all(same(fields[f], were[f]) for f in fields):
        again = _again(park, key, table, fields)
        before[key] = (fields, again)
    return again


def changed_park(park: Park, changes: Mapping[str, Any], *, before: Checked | None = None) -> Park:
    """Give a park with some fields changed, checked again.

    Parameters
    ----------
    changes
        Path of the file to new value: a number, a profile (number, array or ``{file, column}``), a season's price.
    before
        What was checked for earlier changes of the same park, whose values nobody may alter; it is brought up to date.

    Raises
    ------
    InputError
        If a path leads nowhere, or a value is refused; every problem found is told.
    StructureChanged
        If a change touches structure.
    """
    before = {} if before is None else before
    wanted: dict[Key, dict[str, Any]] = {}
    problems: list[str] = []
    for path, value in changes.items():
        try:
            key, table, field, inner = field_at(park, path)
            old = wanted.get(key, {}).get(field, getattr(table, field))
            new = _put(old, inner, value, f"{park.place}: {path}")
        except InputError as error:
            problems += error.problems
            continue
        wanted.setdefault(key, {})[field] = new
    sections: dict[str, Any] = {}
    for key, fields in wanted.items():
        _, table = table_at(park, ".".join((*key, "")))
        try:
            again = _checked(park, key, table, fields, before)
        except InputError as error:
            problems += error.problems
            continue
        for field in () if key[0] in UNREAD else fields:
            doc = fields_of(type(table))[field]
            _refuse_structure(".".join((*key, field)), doc, getattr(table, field), getattr(again, field))
        if len(key) == 1:
            sections[key[0]] = again
        else:
            sections.setdefault(key[0], dict(getattr(park, key[0])))[key[1]] = again
    if problems:
        raise InputError(problems)
    return park.model_copy(update=sections).rechecked()
