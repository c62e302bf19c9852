"""Finds, reads and checks park files, bases of variants included."""

import re
import tomllib
from pathlib import Path
from typing import Any

from parksim.errors import InputError
from parksim.messages import nearest, shown
from parksim.park import Park, read_park
from parksim.profiles import shipped, shipped_names
from parksim.variants import Tables, Variant, join, moved
from parksim.vetting import vet


def find_park(path: str | Path) -> Path:
    """Find a park file: a path, or the name of a shipped park such as ``yibin``.

    Raises
    ------
    InputError
        If there is no such file, naming the nearest shipped park.
    """
    given = Path(path)
    if given.is_file():
        return given
    if given.is_dir():
        msg = f"{given}: is a folder, must be a park file (TOML)."
        raise InputError(msg)
    name = given.name.removesuffix(".toml")
    found = shipped("parks", f"{name}.toml")
    if found is not None and given.parent in {Path(), Path("parks")}:
        return found
    names = [other.removesuffix(".toml") for other in shipped_names("parks") if other.endswith(".toml")]
    hint = nearest(name, names) if found is None else f" A shipped park has this name: write {name!r}."
    if shipped("studies", f"{name}.toml") is not None:
        hint = f" It is a shipped study: `parksim sweep {name}`."
    new = given if given.suffix == ".toml" else given.with_name(f"{given.name}.toml")
    msg = f"{given}: no such file.{hint} `parksim new {new}` writes one to start from. Shipped: {', '.join(names)}."
    raise InputError(msg)


_AT_LINE = re.compile(r"^(?P<what>.*) \(at line (?P<line>\d+), column \d+\)$", re.DOTALL)


def _not_toml(file: Path, text: str, error: tomllib.TOMLDecodeError) -> str:
    """Say where a file is no TOML, with the line itself and what mostly helps."""
    match = _AT_LINE.match(str(error))
    if match is None:
        return f"{file}: is not valid TOML: {error}. Close the bracket or quotes that stay open."
    what, number = match["what"], int(match["line"])
    twice = re.match(r"Cannot declare \((.*?),?\) twice", what)
    advice = "Write lines as key = value, text in quotes, and tables as [name]."
    if twice is not None:
        what = f"the table [{'.'.join(part.strip(chr(39)) for part in twice[1].split(', '))}] stands twice"
        advice = "Join the two, or rename one."
    elif what in {"Cannot overwrite a value", "Duplicate inline table key"}:
        what, advice = "a key stands twice in one table", "Remove one of the two."
    elif "\\" in what:
        advice = 'Write paths with /, such as "data/meter.csv".'
    lines = text.splitlines()
    if 0 < number <= len(lines) and lines[number - 1].isprintable():
        what = f"{what}, in {lines[number - 1].strip()[:60]!r}"
    return f"{file}: line {number}: is not valid TOML: {what}. {advice}"


def read_tables(file: Path) -> Tables:
    """Read the tables of a park file as they stand there.

    Raises
    ------
    InputError
        If it is no TOML in UTF-8, or empty.
    """
    try:
        text = file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        msg = f"{file}: is not UTF-8 text (byte {error.start + 1}). Save it as UTF-8."
        raise InputError(msg) from None
    except OSError as error:
        msg = f"{file}: cannot be read: {error.strerror}."
        raise InputError(msg) from None
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(_not_toml(file, text, error)) from None
    if not data:
        msg = f"{file}: is empty; a park has [park], [site], [time] and [components.NAME]. `parksim new` writes one."
        raise InputError(msg)
    return data


def load_park(path: str | Path) -> Park:
    """Read and check a park file; a variant together with what it builds on.

    Parameters
    ----------
    path
        A TOML file, or the name of a shipped park.

    Raises
    ------
    InputError
        With every problem found: syntax, unknown keys, wrong values, numbers without a source. What is wrong in the
        base of a variant is told first, with the file of the base.
    """
    return _load(find_park(path), trail=())[0]


def _load(file: Path, *, trail: tuple[Path, ...]) -> tuple[Park, Tables]:
    """Read a park and its tables, joined to those of its base; ``trail`` leads from the file asked for to here."""
    tables, variant = read_tables(file), None
    if "study" in tables and "components" not in tables:
        msg = f"{file}: is a study file, must be a park file. `parksim sweep {file}` runs a study."
        raise InputError(msg)
    if "base" in tables:
        base = _find_base(tables["base"], file, trail=(*trail, file))
        park, below = _load(base, trail=(*trail, file))
        below = moved(below, start=base.parent, to=file.parent)
        told = tables["base"] if not Path(tables["base"]).is_absolute() else base.name
        tables, differences = join(below, tables, place=str(file))
        variant = Variant(told, str(base), differences, park.variant)
    park = read_park(tables, file=str(file), variant=variant)
    problems = vet(park)
    if problems:
        raise InputError(problems)
    return park, tables


def _find_base(base: Any, file: Path, *, trail: tuple[Path, ...]) -> Path:
    """Find the file a variant builds on: beside it, or shipped.

    Raises
    ------
    InputError
        If there is none, or it builds on this file in turn.
    """
    place = f"{file}: base"
    if not isinstance(base, str) or not base.strip():
        msg = f'{place}: got {shown(base)}, must be a park file or the name of a shipped park, such as base = "yibin".'
        raise InputError(msg)
    name = base.removesuffix(".toml")
    beside_it = file.parent / base
    found = beside_it if beside_it.is_file() else shipped("parks", f"{name}.toml")
    if found is None:
        parks = [other.removesuffix(".toml") for other in shipped_names("parks") if other.endswith(".toml")]
        beside = sorted(other.name for other in file.parent.glob("*.toml") if other != file)
        msg = (
            f"{place}: got {base!r}, no such file beside this one, and no shipped park of that name."
            f"{nearest(base, beside) or nearest(name, parks)} Mend the path. Shipped: {', '.join(parks)}."
        )
        raise InputError(msg)
    if found.resolve() in {other.resolve() for other in trail}:
        way = " -> ".join(path.name for path in (*trail, found))
        msg = f"{place}: leads in a circle: {way}. Let one of these files stand by itself, without `base`."
        raise InputError(msg)
    return found
