"""The key of a plan: a hash of everything that moves a number of its store."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from parksim.errors import InputError
from parksim.park import NAMED, Park
from parksim.profiles import locate
from parksim.study.model import QUESTIONS, Study

TOLD = {"title", "title_zh", "note", "note_zh", "name_zh", "source", "sources", "weight"}
"""What is said about numbers and moves none."""

NAMED_IN_STUDY = ("axes", "scenarios")
"""Tables of a study that hold tables by name."""


def key_of(study: Study, park: Park) -> str:
    """Hash a study, its park, the contents of the files they name, and the version of parksim up to its minor number.

    Titles, notes, sources and weights are left out, and so are the questions, the limits of constraints (which are held
    against what is kept) and whether cases have reports.

    Returns
    -------
    str
        Hexadecimal SHA-256.
    """
    asked = {name: table for name, table in study.tables().items() if name not in {*QUESTIONS, "study"}}
    asked["keep"] = {name: value for name, value in asked.get("keep", {}).items() if name != "reports"}
    asked["constraints"] = sorted({constraint.indicator for constraint in study.constraints.values()})
    asked["seed"] = study.study.seed
    asked = _bare(asked, NAMED_IN_STUDY)
    for axis in asked.get("axes", {}).values():
        if "options" in axis:
            axis["options"] = _bare({"options": axis["options"]}, ("options",))["options"]
    given = _bare({name: table for name, table in park.tables().items() if name != "park"}, NAMED)
    digest = hashlib.sha256(json.dumps([asked, given], sort_keys=True, ensure_ascii=False).encode())
    for file, folder in sorted({*_files(asked, study.folder), *_files(given, park.folder)}):
        digest.update(file.encode())
        digest.update(_content(file, folder))
    digest.update(".".join(version("parksim").split(".")[:2]).encode())
    return digest.hexdigest()


def _bare(tables: Mapping[str, Any], named: tuple[str, ...]) -> dict[str, Any]:
    """Leave out what is only said about numbers; ``named`` sections hold tables by name, which may be such words."""
    found = {}
    for section, table in tables.items():
        if section in named and isinstance(table, Mapping):
            found[section] = {name: _without(entry) for name, entry in table.items()}
        else:
            found[section] = _without(table)
    return found


def _without(table: Any) -> Any:
    if not isinstance(table, Mapping):
        return table
    left = {key: value for key, value in table.items() if key not in TOLD}
    if isinstance(left.get("size"), Mapping):
        left["size"] = {capacity: _without(size) for capacity, size in left["size"].items()}
    return left


def _files(value: Any, folder: Path) -> Iterator[tuple[str, str]]:
    """List the files that tables name, with the folder they start from."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if str(key).rpartition(".")[2] in {"file", "table"} and isinstance(item, str):
                yield item, str(folder)
            else:
                yield from _files(item, folder)
    elif isinstance(value, list):
        for item in value:
            yield from _files(item, folder)


def _content(file: str, folder: str) -> bytes:
    """Hash the content of a file; one that cannot be read is told where the case that names it is checked."""
    try:
        return hashlib.sha256(locate(file, base=Path(folder)).read_bytes()).digest()
    except (InputError, OSError):
        return b""
