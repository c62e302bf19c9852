"""The JSON Schema of study files, for editors that complete and check.

Which fields the park has is not known to it: those are looked up when the study is planned.
"""

from typing import Any

from parksim.park import NAME
from parksim.study.model import Study
from parksim.study.tables import SECTIONS, Axis

PATHS = rf"^({'|'.join(SECTIONS)})(\.[a-z0-9_.]+)?$"
"""Keys of a bundle that are paths of the park file, or a table of them."""


def json_schema() -> dict[str, Any]:
    """Give the JSON Schema of study files.

    Notes
    -----
    What pydantic does not know of is added: that a bundle has paths among its keys, that an axis has one way to give
    its values, and the pattern of names.
    """
    schema = Study.model_json_schema()
    tables = schema["$defs"]
    for name in ("Bundle", "Scenario"):
        del tables[name]["properties"]["changes"]
        tables[name]["patternProperties"] = {
            PATHS: {"description": "A field or table of the park file, and its value."}
        }
    axis = tables["Axis"]
    plain = [{"required": ["field", way]} for way in Axis.WAYS if way != "options"]
    axis["oneOf"] = [*plain, {"required": ["options"], "not": {"required": ["field"]}}]
    named = {"pattern": NAME.pattern}
    for section in ("axes", "scenarios", "constraints"):
        schema["properties"][section]["propertyNames"] = named
    for form in axis["properties"]["options"]["anyOf"]:
        if form.get("type") == "object":
            form["propertyNames"] = named
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
