"""Turns what pydantic found into messages of parksim: where, what, and what to do."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from parksim.fields import fields_of, limits_text


def nearest(word: str, known: Sequence[str]) -> str:
    """Say which known word was probably meant, or nothing.

    Examples
    --------
    >>> nearest("eficiency", ["efficiency", "price"])
    " Did you mean 'efficiency'?"
    """
    near = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f" Did you mean {near[0]!r}?" if near else ""


def shown(value: object) -> str:
    """Show a value of the file shortly."""
    text = repr(value) if not isinstance(value, dict) else "a table"
    return text if len(text) <= 60 else f"{text[:57]}..."


def _walk(root: Any, path: Sequence[int | str]) -> tuple[list[str], Any]:
    """Follow ``path`` through the data as far as it goes; pydantic's own tags are left out."""
    names, here = [], root
    for part in path:
        if isinstance(here, Mapping) and part in here:
            here = here[part]
        elif isinstance(here, list | tuple) and isinstance(part, int) and part < len(here):
            here = here[part]
        elif isinstance(here, Mapping) and isinstance(part, str) and part not in here and not names:
            pass
        else:
            continue
        names.append(str(part))
    return names, here


def _advice(kind: str, limits: dict[str, float], value: object) -> str:
    if limits.get("le") == 1.0 and isinstance(value, int | float) and 1.0 < value <= 100.0:
        return f" Write a fraction, e.g. {value / 100:g}."
    if kind in {"float_type", "int_type"} and isinstance(value, str):
        return " Write a bare number; the unit is in the name of the field."
    return ""


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
        Dotted path of a table to the model that reads it, for nearest keys and limits.
    """
    found: dict[str, str] = {}
    for item in error.errors(include_url=False):
        names, value = _walk(data, item["loc"])
        last = str(item["loc"][-1]) if item["loc"] else ""
        kind = item["type"]
        if kind == "missing":
            names = [*names, last]
        path = ".".join(names)
        model = models.get(".".join(names[:-1]))
        doc = fields_of(model).get(names[-1]) if model is not None and names else None
        if kind == "extra_forbidden":
            known = [key for key in fields_of(model) if key != "name"] if model else []
            text = f"unknown key.{nearest(last, known)}" + (f" Known keys: {', '.join(known)}." if known else "")
        elif kind == "missing":
            unit = f" [{doc.unit}]" if doc and doc.unit else ""
            text = f"is missing{unit}. {doc.meaning if doc else ''}".rstrip()
        elif kind in {"greater_than", "greater_than_equal", "less_than", "less_than_equal"}:
            limits = doc.limits if doc else {}
            want = limits_text(limits) if limits else item["msg"].removeprefix("Input ").replace("should", "must")
            unit = f" {doc.unit}" if doc and doc.unit not in {None, "1"} else ""
            text = f"got {shown(value)}, {want}{unit}.{_advice(kind, limits, value)}"
        elif kind == "value_error":
            text = item["msg"].removeprefix("Value error, ").rstrip(".") + "."
        elif kind in {"union_tag_not_found", "union_tag_invalid"}:
            path, text = f"{path}.kind", _kind_text(item, value)
        elif kind == "literal_error":
            text = f"got {shown(value)}, must be one of {item['ctx']['expected']}."
        elif kind == "finite_number":
            text = f"got {shown(value)}, must be a finite number."
        else:
            want = item["msg"].removeprefix("Input should be ")
            text = f"got {shown(value)}, must be {want}.{_advice(kind, {}, value)}"
        found.setdefault(path, f"{place}: {path}: {text}" if path else f"{place}: {text}")
    return list(found.values())


def _kind_text(item: Mapping[str, Any], value: object) -> str:
    expected = str(item.get("ctx", {}).get("expected_tags", "")).replace("'", "")
    given = value.get("kind") if isinstance(value, Mapping) else None
    if given is None:
        return f"is missing. Say what the component is, one of {expected}." if expected else "is missing."
    return f"got {given!r}, must be one of {expected}.{nearest(str(given), expected.split(', '))}"
