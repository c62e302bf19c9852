"""Variants: a park file that builds on another one and says only what differs.

    base = "yibin.toml"
    remove = ["components.roof_pv"]

    [components.hydro]
    available = { column = "available_regulated" }

    [components.hydro.sources]
    available = "upstream reservoirs lift the dry flow ..."

Tables are joined key by key, and a value takes the place of the base's. Three things are taken whole, because what the
base says of them no longer holds: lists, a component of another ``kind``, and a table that names another ``file``.
Everything here works on the plain tables of TOML; :mod:`parksim.parkfile` reads them and checks the result.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parksim.errors import InputError
from parksim.messages import nearest
from parksim.profiles import BUILTIN

Tables = dict[str, Any]
Key = tuple[str, ...]

NAMED = ("tariffs", "yardsticks", "claims", "components")
"""Sections that hold tables by name."""

SOURCED = ("site", "weather", "sizing", "limits")
"""Sections that are one table with sources."""

FRAME = ("time", "site", "nodes", "seasons")
"""Sections that all others are read by."""

UNTOLD = {"title", "kind", "size", "sources", "source"}
"""Fields whose value is no number of its own; `size` holds tables with sources of their own."""

TOLD = ("title", "note", "name")
"""What is told in two languages: where a variant says it anew, the Chinese of the base no longer goes with it."""

FEW_VALUES, FEW_TABLES = 8, 4
"""Lists up to this length are shown in full."""


@dataclass(frozen=True)
class Difference:
    """One value in which a variant differs from its base.

    Parameters
    ----------
    path
        Such as ``components.hydro.available``.
    before, now
        The value in the base and here, as text; empty where there is none.
    source
        Source of the value here; empty for what needs none.
    sourced
        Whether the variant itself gives that source.
    """

    path: str
    before: str
    now: str
    source: str
    sourced: bool


@dataclass(frozen=True)
class Variant:
    """What a park builds on.

    Parameters
    ----------
    base
        The base as the file names it, without the folders of this machine.
    file
        File of the base, for messages.
    differences
        Everything in which the park differs from its base, the table ``[park]`` aside.
    parent
        What the base builds on.
    """

    base: str
    file: str
    differences: tuple[Difference, ...]
    parent: "Variant | None"

    @property
    def bases(self) -> tuple[str, ...]:
        """The base, its own base, and so on."""
        return (self.base, *(() if self.parent is None else self.parent.bases))

    def told(self) -> list[str]:
        """Say each difference in a line."""
        return [f"{d.path}: {d.before or '(none)'} -> {d.now or '(none)'}" for d in self.differences]

    def touches(self, path: str) -> bool:
        """Whether a difference lies at a path, above or below it, or in what everything is read by."""
        at = f"{path}."
        return any(
            at.startswith(f"{d.path}.") or d.path.startswith(at) or d.path.split(".")[0] in FRAME
            for d in self.differences
        )


def moved(tables: Tables, *, start: Path, to: Path) -> Tables:
    """Write the relative paths of files anew, so that they lead from another folder to the same files.

    Parameters
    ----------
    tables
        Tables of a park file.
    start, to
        Folder that the paths start from, and the one they will start from.
    """
    start, to = start.resolve(), to.resolve()
    if start == to:
        return tables

    def path(value: str) -> str:
        if value.startswith(BUILTIN) or Path(value).is_absolute():
            return value
        return Path(os.path.relpath(start / value, to)).as_posix()

    def walk(value: Any, at: Key) -> Any:
        if isinstance(value, Mapping):
            return {key: walk(item, (*at, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [walk(item, at) for item in value]
        names_file = at[-1] == "file" or (at[0] == "tariffs" and at[2:] == ("table",))
        is_source = at[-2:-1] == ("sources",) and _holds_sources(at[:-2])
        return path(value) if isinstance(value, str) and names_file and not is_source else value

    files = {"weather", "tariffs", "components"}
    return {section: walk(table, (section,)) if section in files else table for section, table in tables.items()}


def join(base: Tables, own: Tables, *, place: str) -> tuple[Tables, tuple[Difference, ...]]:
    """Join a variant to its base.

    Parameters
    ----------
    base
        Tables of the base, its paths already those of the variant's folder.
    own
        Tables of the variant, ``base`` and ``remove`` included.
    place
        The variant's file, for messages.

    Returns
    -------
    dict, tuple of Difference
        Tables of a whole park, and every value in which they differ from the base's.

    Raises
    ------
    InputError
        If ``remove`` takes out what is not there.
    """
    left = _without(base, own.get("remove", []), place=place)
    said = {section: table for section, table in own.items() if section not in {"base", "remove"}}
    joined = _joined(left, said, ())
    return joined, tuple(_differences(base, joined, said))


def differences(base: Tables, tables: Tables) -> tuple[Difference, ...]:
    """List every value in which the tables of one park differ from those of another."""
    return tuple(_differences(base, tables, tables))


def _without(base: Tables, remove: Any, *, place: str) -> Tables:
    """Take tables and fields out."""
    if not isinstance(remove, list) or not all(isinstance(path, str) for path in remove):
        msg = f'{place}: remove: must be a list of paths, such as ["components.roof_pv"].'
        raise InputError(msg)
    problems = []
    for number, path in enumerate(remove):
        *above, last = path.split(".")
        table = _table(base, tuple(above))
        if last in table:
            base = _cut(base, (*above, last))
            continue
        known = [key for key in table if key != "sources"]
        near = nearest(last, known) or (f" There are: {', '.join(known)}." if known else "")
        problems.append(f"{place}: remove[{number}]: got {path!r}, which the base has not.{near} Mend or drop it.")
    if problems:
        raise InputError(problems)
    return base


def _cut(table: Tables, path: Key) -> Tables:
    """Give a table without one entry, and without what stands of it in the sources beside it."""
    first, *rest = path
    if rest:
        return {**table, first: _cut(table[first], tuple(rest))}
    left = {key: value for key, value in table.items() if key != first}
    if isinstance(left.get("sources"), Mapping):
        left["sources"] = {field: text for field, text in left["sources"].items() if field != first}
    return left


def _joined(base: Any, own: Any, at: Key) -> Any:
    """Join a value to the base's."""
    if not isinstance(base, Mapping) or not isinstance(own, Mapping) or _is_other(base, own, at):
        return own
    stale = {f"{name}_zh" for name in TOLD if name in own}
    kept = {key: value for key, value in base.items() if key not in stale}
    joined = {**kept, **{k: _joined(kept[k], v, (*at, k)) if k in kept else v for k, v in own.items()}}
    if _holds_sources(at):
        joined["sources"] = _sources(base, own, joined)
    return joined


def _is_other(base: Mapping[str, Any], own: Mapping[str, Any], at: Key) -> bool:
    """Whether a table is about something else than the base's: another kind of component, another file."""
    other_kind = at[:1] == ("components",) and len(at) == 2 and own.get("kind", base.get("kind")) != base.get("kind")
    names_files = at[:1] == ("weather",) or len(at) > 2
    return other_kind or (names_files and "file" in base and own.get("file", base["file"]) != base["file"])


def _holds_sources(at: Key) -> bool:
    """Whether the table at a path holds sources, or is about to."""
    if len(at) == 1:
        return at[0] in SOURCED
    if len(at) == 2:
        return at[0] in {"tariffs", "components"}
    return len(at) == 4 and at[0] == "components" and at[2] == "size"


def _sources(base: Mapping[str, Any], own: Mapping[str, Any], joined: Mapping[str, Any]) -> Any:
    """Join the sources: the variant's `default` speaks of what the variant changes, the base's of the rest."""
    was, mine = base.get("sources", {}), own.get("sources", {})
    if not isinstance(mine, Mapping):
        return mine
    named = {field: text for field, text in mine.items() if field != "default"}
    changed = [field for field in own if field not in UNTOLD and joined[field] != base.get(field)]
    spread = dict.fromkeys(changed, mine["default"]) if "default" in mine else {}
    return {**was, **spread, **named}


def _fields(tables: Mapping[str, Any]) -> Iterator[tuple[Key, Any]]:
    """List the fields of all tables with their paths, sources apart, and what the file says of itself."""
    for section, table in tables.items():
        if section == "park":
            continue
        if not isinstance(table, Mapping):
            yield (section,), table
        elif section in NAMED:
            for name, entry in table.items():
                yield from _of_table((section, name), entry)
        else:
            yield from _of_table((section,), table)


def _of_table(at: Key, table: Any) -> Iterator[tuple[Key, Any]]:
    if not isinstance(table, Mapping):
        yield at, table
        return
    for field, value in table.items():
        if field == "size" and at[0] == "components" and isinstance(value, Mapping):
            for capacity, size in value.items():
                yield from _of_table((*at, field, capacity), size)
        elif field not in {"sources", "source"} or at[0] in {"nodes", "seasons"}:
            yield (*at, field), value


def _differences(base: Tables, joined: Tables, own: Tables) -> Iterator[Difference]:
    """List every field that differs; a table that is gone as a whole is one difference."""
    before, now = dict(_fields(base)), dict(_fields(joined))
    gone: set[Key] = set()
    for path in dict.fromkeys((*before, *now)):
        if path in before and path in now and before[path] == now[path]:
            continue
        if len(path) > 2 and path[1] not in _table(joined, path[:1]) and path[0] in NAMED:
            if path[:2] not in gone:
                gone.add(path[:2])
                yield Difference(".".join(path[:2]), shown(_table(base, path[:2])), "", "", sourced=False)
            continue
        source, sourced = _source(joined, own, path)
        was, is_now = (shown(table[path]) if path in table else "" for table in (before, now))
        yield Difference(".".join(path), was, is_now, source if sourced else "", sourced=sourced)


def _table(tables: Any, path: Key) -> Mapping[str, Any]:
    """Give the table at a path, an empty one where there is none."""
    for part in path:
        tables = tables.get(part) if isinstance(tables, Mapping) else None
    return tables if isinstance(tables, Mapping) else {}


def _source(joined: Tables, own: Tables, path: Key) -> tuple[str, bool]:
    """Give the source of a value, and whether the variant itself gives it."""
    *above, field = path
    table, mine = _table(joined, tuple(above)), _table(own, tuple(above))
    if path[0] in {"yardsticks", "claims"}:
        return str(table.get("source", "")), "source" in mine
    told, said = _table(table, ("sources",)), _table(mine, ("sources",))
    return str(told.get(field, told.get("default", ""))), field in said or "default" in said


def shown(value: Any) -> str:
    """Write a value of a park file in a few words.

    Examples
    --------
    >>> shown(190.0), shown({"file": "builtin:a.csv", "column": "wet"}), shown({"wet": 160.0}), shown([1.0] * 12)
    ('190', 'builtin:a.csv, wet', 'wet 160', '12 values')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        if "kind" in value:
            return str(value.get("title", value["kind"]))
        named = (text if key in {"file", "column"} else f"{key} {text}" for key, text in _items(value))
        return ", ".join(named)
    if isinstance(value, list):
        tables = any(isinstance(item, Mapping) for item in value)
        if len(value) > (FEW_TABLES if tables else FEW_VALUES):
            return f"{len(value)} {'tables' if tables else 'values'}"
        return ("; " if tables else ", ").join(shown(item) for item in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _items(table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    return ((str(key), shown(item)) for key, item in table.items() if key not in {"source", "sources"})
