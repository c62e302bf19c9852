"""The JSON Schema of park files, for editors that complete and check.

A variant (:mod:`parksim.variants`) holds only what differs from its base, so nothing is missing in it. The schema says
so with a second, partial form of every table: the properties at the top are partial ones, from which editors complete
any park file, and where no ``base`` is given, a park has to be whole.
"""

from collections.abc import Mapping
from typing import Any

from parksim.park import NAME, NAMED, Park

_KEYWORDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
PART = "Part"
"""Ends the name of the partial form of a table."""

_DEFS = "#/$defs/"


def json_schema() -> dict[str, Any]:
    """Give the JSON Schema of park files.

    Notes
    -----
    Pydantic knows nothing of what parksim's own checks refuse in profiles, monthly values and names; limits, the count
    of months and the pattern of names are added here.
    """
    whole = Park.model_json_schema()
    tables = whole.pop("$defs")
    for table in tables.values():
        for field in table["properties"].values():
            _limit_forms(field)
    for section in NAMED:
        whole["properties"][section]["propertyNames"] = {"pattern": NAME.pattern}
    parts = {f"{name}{PART}": _part(table) for name, table in tables.items()}
    top = _part(whole)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **top,
        "if": {"required": ["base"]},
        "else": {key: whole[key] for key in ("properties", "required")} | {"not": {"required": ["remove"]}},
        "$defs": tables | parts,
    }


def _limit_forms(field: dict[str, Any]) -> None:
    """Put the limits of a field on each form of its value: a number, a list of them, one per season."""
    limits = {word: field.pop(key) for key, word in _KEYWORDS.items() if key in field}
    for form in field.get("anyOf", []):
        number = form if form.get("type") == "number" else form.get("items") or form.get("additionalProperties")
        if isinstance(number, dict) and number.get("type") == "number":
            number |= limits
        if form.get("type") == "array" and field.get("sort") == "monthly":
            form |= {"minItems": 12, "maxItems": 12}


def _part(schema: Any) -> Any:
    """Give the partial form of a schema: nothing is required, tables inside are partial too; lists are whole."""
    if isinstance(schema, list):
        return [_part(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    if "discriminator" in schema:  # a component may leave its kind to the base
        return {"anyOf": [_part(form) for form in schema["oneOf"]]}
    part = {key: value if key == "items" else _part(value) for key, value in schema.items()}
    if isinstance(schema.get("required"), list):
        del part["required"]
    if isinstance(schema.get("minProperties"), int):
        del part["minProperties"]
    if str(schema.get("$ref", "")).startswith(_DEFS):
        part["$ref"] = f"{schema['$ref']}{PART}"
    return part
