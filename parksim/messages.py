"""Turns what pydantic found into messages of parksim: where, what, and what to do."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from difflib import SequenceMatcher, get_close_matches
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import numpy as np
from pydantic import BaseModel, ValidationError
from pydantic.json_schema import SkipJsonSchema

from parksim.fields import FieldDoc, fields_of, limits_text
from parksim.units import UnitError, convert

LIKE, SURE = 0.6, 0.8
"""Likeness of two words from which on one may be meant for the other, and from which on no others need be told."""

WANTED = {
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "string_type": "text in quotes",
    "list_type": "a list in square brackets",
    "tuple_type": "a list in square brackets",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "finite_number": "a finite number",
}
"""Pydantic's name of a mistake to what should stand there."""

A_THOUSANDTH = {
    "t MWh-1": "kg MWh-1 (g kWh-1)",
    "tce MWh-1": "kgce MWh-1 (gce kWh-1)",
    "t GJ-1": "kg GJ-1 (g MJ-1)",
    "GJ t-1": "MJ t-1 (kJ kg-1)",
    "GJ m-3": "MJ m-3",
}
"""Unit to the one a thousandth of it, in which such numbers are often given."""

MONTHLY = "a number, twelve numbers (January to December), or one per season such as { wet = 1.0, dry = 2.0 }"

_HIDDEN: Any = SkipJsonSchema
"""Marks a field that parksim fills in itself; a type checker reads the name as an annotation, not as a class."""

_NUMBER_WITH_UNIT = re.compile(r"^\s*([-+]?\d[\d_]*\.?\d*(?:[eE][-+]?\d+)?)\s*(\D.*)?$")


def nearest(word: str, known: Sequence[str]) -> str:
    """Say which known word was probably meant, or nothing.

    Examples
    --------
    >>> nearest("eficiency", ["efficiency", "price"])
    " Did you mean 'efficiency'?"
    >>> nearest("tilt", ["title", "tilt_deg"])
    " Did you mean 'tilt_deg'?"
    """
    begun = [other for other in known if len(word) >= 3 and other.startswith(f"{word}_")]
    near = begun or get_close_matches(word, list(known), n=1, cutoff=LIKE)
    return f" Did you mean {near[0]!r}?" if near else ""


def unknown_key(key: str, known: Sequence[str]) -> str:
    """Say that a key is unknown: the nearest known one, and all of them where none is near enough.

    Examples
    --------
    >>> unknown_key("eff_inn", ["eff_in", "price"])
    "unknown key. Did you mean 'eff_in'?"
    >>> unknown_key("colour", ["eff_in", "price"])
    'unknown key. Known keys: eff_in, price.'
    """
    hint = nearest(key, known)
    sure = any(SequenceMatcher(None, key, other).ratio() >= SURE or other.startswith(f"{key}_") for other in known)
    return f"unknown key.{hint}" + ("" if sure or not known else f" Known keys: {', '.join(known)}.")


def shown(value: object) -> str:
    """Show a value as the file has it, shortly.

    Examples
    --------
    >>> shown(True), shown("40 MW"), shown([1.0] * 12), shown({"a": 1})
    ('true', "'40 MW'", 'a list of 12', 'a table')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date | time):
        return f"the date or time {value.isoformat()}"
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list | tuple):
        plain = all(isinstance(item, str | int | float) and not isinstance(item, bool) for item in value)
        text = f"[{', '.join(map(repr, value))}]"
        return text if plain and len(text) <= 40 else f"a list of {len(value)}"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def percent_advice(value: object, limits: Mapping[str, float]) -> str:
    """Say how a percentage is written as a fraction, where a share was probably given as one.

    Examples
    --------
    >>> percent_advice(95, {"ge": 0.0, "le": 1.0})
    ' Write a fraction, e.g. 0.95.'
    >>> percent_advice(1.2, {"ge": 0.0, "le": 1.0})
    ''
    """
    share = 1.0 in {limits.get("le"), limits.get("lt")} and isinstance(value, int | float)
    return f" Write a fraction, e.g. {value / 100:g}." if share and 2.0 <= value <= 100.0 else ""  # type: ignore[operator]


@cache
def known_keys(model: type[BaseModel]) -> tuple[str, ...]:
    """List the keys a table may have; what parksim fills in itself is left out."""
    hidden = {name for name, info in model.model_fields.items() if any(isinstance(m, _HIDDEN) for m in info.metadata)}
    return tuple(name for name in model.model_fields if name not in hidden)


def dotted(path: Sequence[str | int]) -> str:
    """Write a path as the file has it.

    Examples
    --------
    >>> dotted(["components", "hydro", "outages", 0, "start"])
    'components.hydro.outages[0].start'
    """
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def _types(annotation: Any) -> Iterator[Any]:
    """Give the alternatives of an annotation, without ``Annotated`` and ``None``."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _types(get_args(annotation)[0])
    elif origin in {Union, UnionType}:
        for part in get_args(annotation):
            yield from _types(part)
    elif annotation is not type(None):
        yield annotation


def _models_at(annotation: Any, value: object) -> list[type[BaseModel]]:
    """List the models that may read a table; where kinds differ, the one of the table's ``kind``."""
    models = [kind for kind in _types(annotation) if isinstance(kind, type) and issubclass(kind, BaseModel)]
    if len(models) < 2:
        return models
    kind = value.get("kind") if isinstance(value, Mapping) else None
    return [m for m in models if "kind" in m.model_fields and kind in get_args(m.model_fields["kind"].annotation)]


def _inside(annotation: Any, value: object, part: str | int) -> Any:
    """Give the annotation of one part of a value."""
    for kind in _types(annotation):
        if get_origin(kind) is dict and isinstance(part, str):
            return get_args(kind)[1]
        if get_origin(kind) in {list, tuple} and isinstance(part, int):
            return get_args(kind)[0]
    for model in _models_at(annotation, value):
        if isinstance(part, str) and part in model.model_fields:
            return model.model_fields[part].annotation
    return None


class _Spot:
    """A place in the data: its path, its value, the model around it, what the field says of itself."""

    def __init__(self, data: Any, root: type[BaseModel], loc: Sequence[str | int], *, missing: bool) -> None:
        self.path: list[str | int] = []
        self.value: Any = data
        self.model: type[BaseModel] | None = None
        self.doc: FieldDoc | None = None
        self.annotation: Any = root
        for position, part in enumerate(loc):
            here: Any = self.value
            listed = isinstance(here, list | tuple) and isinstance(part, int) and part < len(here)
            if listed or (isinstance(here, Mapping) and part in here):
                self._enter(part, here[part])
            elif missing and position == len(loc) - 1:
                self._enter(part, None)

    def _enter(self, part: str | int, value: Any) -> None:
        models = _models_at(self.annotation, self.value)
        self.model = models[0] if models else None
        self.doc = fields_of(self.model).get(str(part)) if self.model is not None else None
        self.annotation = _inside(self.annotation, self.value, part)
        self.path.append(part)
        self.value = value

    @property
    def unit(self) -> str | None:
        """Unit of the field, None for a pure number."""
        return self.doc.unit if self.doc is not None and self.doc.unit != "1" else None

    def is_table(self) -> bool:
        """Whether a table, or tables by name, should stand here."""
        return bool(_models_at(self.annotation, self.value)) or any(
            get_origin(k) is dict for k in _types(self.annotation)
        )


def _bare_number(spot: _Spot) -> str:
    """Say how a number in quotes is written."""
    match = _NUMBER_WITH_UNIT.match(str(spot.value))
    in_name = f"; its unit is {spot.unit}" if spot.unit else ""
    if match is None:
        return f" Write a bare number{in_name}."
    number, unit = float(match[1].replace("_", "")), (match[2] or "").strip()
    try:
        wanted = (spot.doc.unit if spot.doc else None) or "1"
        number = float(convert(np.array([number]), unit=unit, to=wanted)[0]) if unit and unit != wanted else number
    except UnitError:
        return f" Write a bare number{in_name}."
    return f" Write {number:g}, without quotes{in_name}."


def _wrong_type(kind: str, spot: _Spot) -> str:
    monthly = spot.doc is not None and spot.doc.sort == "monthly" and kind != "finite_number"
    want = MONTHLY if monthly else WANTED[kind]
    value = spot.value
    if want == "a table" and isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
        name = (
            dotted(spot.path)
            if _models_at(spot.annotation, value) or len(spot.path) > 1
            else f"{dotted(spot.path)}.NAME"
        )
        return f"got {shown(value)}, must be a table. Write [{name}], in single brackets."
    text = f"got {shown(value)}, must be {want}."
    if kind in {"float_type", "int_type"}:
        return text + (_bare_number(spot) if isinstance(value, str) else "")
    meaning = "" if spot.doc is None or kind == "finite_number" else f" {spot.doc.meaning}"
    return text + meaning.rstrip()


def _missing(spot: _Spot) -> str:
    meaning = f" {spot.doc.meaning}" if spot.doc is not None else ""
    unit = f" [{spot.doc.unit}]" if spot.doc is not None and spot.doc.unit else ""
    add = ""
    if spot.is_table() and len(spot.path) == 1:
        add = " Add tables [components.NAME]." if spot.path == ["components"] else f" Add a table [{spot.path[0]}]."
    return f"is missing{unit}.{meaning}{add}"


def _limit(item: Mapping[str, Any], spot: _Spot) -> str:
    limits = spot.doc.limits if spot.doc is not None else {}
    want = limits_text(limits) if limits else item["msg"].removeprefix("Input ").replace("should", "must")
    advice = percent_advice(spot.value, limits)
    high = limits.get("le")
    if spot.unit in A_THOUSANDTH and high is not None and high < spot.value <= 1e3 * high:
        advice = f" This looks like {A_THOUSANDTH[spot.unit]}: write {spot.value / 1e3:g}."
    return f"got {shown(spot.value)}, {want}{f' {spot.unit}' if spot.unit else ''}.{advice}"


def _kind(spot: _Spot) -> str:
    """Say that a component has no kind, or an unknown one."""
    kinds = [
        str(kind)
        for model in _types(spot.annotation)
        if isinstance(model, type) and issubclass(model, BaseModel) and "kind" in model.model_fields
        for kind in get_args(model.model_fields["kind"].annotation)
    ]
    if "kind" not in spot.value:
        return f"is missing. Say what the component is: {', '.join(kinds)}."
    given = spot.value["kind"]
    near = nearest(given.lower(), kinds) if isinstance(given, str) else ""
    return f"got {shown(given)}, must be one of {', '.join(kinds)}.{near}"


def _literal(spot: _Spot) -> str:
    known = [str(k) for kind in _types(spot.annotation) if get_origin(kind) is Literal for k in get_args(kind)]
    near = nearest(spot.value, known) if isinstance(spot.value, str) else ""
    return f"got {shown(spot.value)}, must be one of {', '.join(known)}.{near}"


def _told(item: Mapping[str, Any], spot: _Spot) -> tuple[list[str | int], str]:
    """Say one problem: its path, and what is wrong."""
    kind = item["type"]
    if kind == "extra_forbidden":
        return spot.path, unknown_key(str(spot.path[-1]), known_keys(spot.model) if spot.model is not None else [])
    if kind == "missing":
        return spot.path, _missing(spot)
    if kind in {"greater_than", "greater_than_equal", "less_than", "less_than_equal"}:
        return spot.path, _limit(item, spot)
    if kind in {"union_tag_not_found", "union_tag_invalid"}:
        return [*spot.path, "kind"], _kind(spot)
    if kind == "literal_error":
        return spot.path, _literal(spot)
    if kind in {"too_short", "string_too_short"}:
        add = " Add tables [components.NAME], each with a `kind`." if spot.path == ["components"] else ""
        meaning = f" {spot.doc.meaning}" if spot.doc is not None and not add else ""
        return spot.path, f"is empty.{meaning}{add}"
    if kind == "value_error":
        text = item["msg"].removeprefix("Value error, ").rstrip(".")
        return _located(text if text.endswith("?") else f"{text}.", spot)
    if kind in WANTED:
        return spot.path, _wrong_type(kind, spot)
    return spot.path, f"got {shown(spot.value)}, must be {item['msg'].removeprefix('Input should be ')}."


def _located(text: str, spot: _Spot) -> tuple[list[str | int], str]:
    """Take the field that a message of a whole table begins with into the path."""
    field, colon, rest = text.partition(": ")
    for model in _models_at(spot.annotation, spot.value):
        if colon and field in model.model_fields:
            return [*spot.path, field], rest
    return spot.path, text


def problems_of(error: ValidationError, *, data: Any, place: str, models: Mapping[str, type[BaseModel]]) -> list[str]:
    """List the problems of a validation, one per field, as ``place: path: got ..., must ...``.

    Parameters
    ----------
    error
        What pydantic raised.
    data
        The tables that were read.
    place
        File name, or where else the data came from.
    models
        The model of the whole under the empty path; models inside it are found by its annotations.
    """
    found: dict[tuple[str | int, ...], tuple[str, str]] = {}
    for item in error.errors(include_url=False):
        spot = _Spot(data, models[""], item["loc"], missing=item["type"] == "missing")
        where, text = _told(item, spot)
        found.setdefault(tuple(where), (item["type"], text))
    told = []
    for path, (kind, text) in found.items():
        # Where one of several forms fits but for an item of it, that item is what is wrong.
        if kind.endswith("_type") and any(len(other) > len(path) and other[: len(path)] == path for other in found):
            continue
        told.append(f"{place}: {dotted(path)}: {text}" if path else f"{place}: {text}")
    return told
