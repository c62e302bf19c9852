"""Paths of a park file: what stands there, and what was probably meant by one that leads nowhere."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel

from parksim.fields import FieldDoc, fields_of
from parksim.messages import known_keys, nearest
from parksim.park import NAMED, Park
from parksim.study.tables import SECTIONS

UNVARIED = {"sources"}
"""Fields that no study changes: sources follow from the changes."""


@dataclass(frozen=True)
class Spot:
    """What stands at a path.

    Parameters
    ----------
    path
        The path itself.
    table
        Path of the table around the field; of the table itself where the path leads to one.
    value
        What the park has there; None where it has nothing.
    doc
        What the field says of itself; None for a table and for entries of it without declaration.
    is_table
        Whether the path leads to a whole table.
    """

    path: str
    table: str
    value: Any
    doc: FieldDoc | None
    is_table: bool

    @property
    def unit(self) -> str:
        """Unit of the field; empty where it has none."""
        return "" if self.doc is None else self.doc.unit or ""

    @property
    def whole(self) -> bool:
        """Whether the field takes whole numbers only."""
        return isinstance(self.value, int) and not isinstance(self.value, bool)


def find(park: Park, path: str) -> Spot | None:
    """Find what stands at a path; None where the park file has no such field."""
    section, *rest = path.split(".")
    if section not in SECTIONS or "" in rest:
        return None
    here: Any = getattr(park, section)
    if section not in NAMED:
        model = _model(section) if here is None else type(here)
        return _inside(path, section, here, model, rest)
    if not rest:
        return None
    name, *rest = rest
    table = here.get(name)
    if not isinstance(table, BaseModel):  # a node, or a table that is new
        new = table is None and section != "nodes"
        return None if rest or (table is None and not new) else Spot(path, path, table, None, is_table=new)
    return _inside(path, f"{section}.{name}", table, type(table), rest)


def _model(section: str) -> type[BaseModel]:
    """Give the model of a section that the park has not."""
    kinds = get_args(Park.model_fields[section].annotation)
    return next(kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel))


def _inside(path: str, table: str, here: Any, model: type | None, rest: list[str]) -> Spot | None:
    """Walk from a table to the field a path names."""
    if not rest:
        return Spot(path, table, here, None, is_table=True)
    doc: FieldDoc | None = None
    above = table
    while rest:
        part, *rest = rest
        if isinstance(model, type) and issubclass(model, BaseModel):
            if part not in known_keys(model) or part in UNVARIED:
                return None
            doc, here = fields_of(model)[part], None if here is None else getattr(here, part)
        elif isinstance(here, Mapping) and part in here:
            here = here[part]
        else:
            return None
        model = type(here)
        if isinstance(here, BaseModel) and rest:
            above, doc = path.removesuffix("." + ".".join(rest)), None
    return Spot(path, above, here, doc, is_table=False)


def has(tables: Mapping[str, Any], path: str) -> bool:
    """Tell whether tables give anything at a path."""
    here: Any = tables
    for part in path.split("."):
        if not isinstance(here, Mapping) or part not in here:
            return False
        here = here[part]
    return True


def paths_of(park: Park) -> Iterator[str]:
    """List the paths of all fields of a park's tables."""
    for section in SECTIONS:
        here = getattr(park, section)
        if section not in NAMED:
            for field in _fields(_model(section) if here is None else type(here)):
                yield f"{section}.{field}"
            continue
        for name, table in here.items():
            yield f"{section}.{name}"
            for field in _fields(type(table)) if isinstance(table, BaseModel) else ():
                yield f"{section}.{name}.{field}"


def _fields(model: type) -> list[str]:
    return [key for key in known_keys(model) if key not in UNVARIED] if issubclass(model, BaseModel) else []


def meant(park: Park, path: str) -> str:
    """Say which path was probably meant, or what stands in the table that the path leads into.

    Examples
    --------
    >>> from parksim.parkfile import load_park
    >>> meant(load_park("two-days"), "battery.energy_max_mwh")
    " Did you mean 'components.battery.energy_max_mwh'?"
    """
    known = list(paths_of(park))
    ends = [other for other in known if other.endswith(f".{path}")]
    if ends:
        return nearest(ends[0], ends)
    table = path.rpartition(".")[0]
    beside = [other for other in known if other.rpartition(".")[0] == table]
    spot = find(park, path.rpartition(".")[0])
    if spot is not None and isinstance(spot.value, Mapping):
        return f" There are: {', '.join(spot.value)}."
    last = nearest(path.rpartition(".")[2], [other.rpartition(".")[2] for other in beside])
    if last:
        return last.replace("'", f"'{table}.", 1)
    hint = nearest(path, known)
    return hint or (f" There are: {', '.join(other.rpartition('.')[2] for other in beside)}." if beside else "")
