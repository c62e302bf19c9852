"""From a park to the numbers of its LP: profiles read, tariffs read out, weather prepared, everything checked."""

import re
import tomllib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel

from parksim.component import Array, Component, Context, Numbers, Price
from parksim.components.grid import Grid
from parksim.components.shortfall import Shortfall
from parksim.errors import InputError, ParksimWarning
from parksim.fields import FieldDoc, fields_of, limits_text
from parksim.lp.program import Program
from parksim.messages import nearest, percent_advice
from parksim.park import Park, read_park
from parksim.profiles import ProfileReader, shipped, shipped_names
from parksim.tariffs import by_calendar_month, read_tariff
from parksim.weather import WeatherYear, read_weather


@dataclass(frozen=True)
class Inputs:
    """What a park gives the LP.

    Parameters
    ----------
    values
        Component to its numbers, capacities included; arrays are read-only.
    prices
        Tariff to its prices over the horizon.
    notes
        What the reader of the results should know of how profiles were read.
    """

    values: Mapping[str, Numbers]
    prices: Mapping[str, Price]
    weather: WeatherYear | None
    notes: tuple[str, ...]


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


def load_park(path: str | Path) -> Park:
    """Read and check a park file.

    Parameters
    ----------
    path
        A TOML file, or the name of a shipped park.

    Raises
    ------
    InputError
        With every problem found: syntax, unknown keys, wrong values, numbers without a source.
    """
    file = find_park(path)
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
    park = read_park(data, file=str(file))
    problems = source_problems(park)
    if problems:
        raise InputError(problems)
    return park


REASON_LETTERS = 8
"""Fewer letters than these are no reason."""

FIRST_HAN, LETTERS_OF_A_HAN = 0x2E80, 3
"""Where Chinese characters begin in Unicode, and how many letters one of them says."""


def _source_text_problem(text: str) -> str | None:
    bare = text.strip().strip("[]").strip()
    if not bare:
        return 'is empty; name a source, or write "assumption: " and the reason'
    rest = bare.lower().replace("assumption", "").strip(" []:;,.-")
    letters = sum(1 if ord(letter) < FIRST_HAN else LETTERS_OF_A_HAN for letter in rest)
    if "assumption" in bare.lower() and letters < REASON_LETTERS:
        return 'says "assumption" without a reason; add it, such as "assumption: a mixed park of this size"'
    return None


def _holds_numbers(value: object) -> bool:
    """Whether a value is numbers, or names a file of them."""
    items = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else [value]
    return any(isinstance(item, float | BaseModel) for item in items)


def _numbers_given(table: BaseModel) -> list[str]:
    """List the fields of a table that hold numbers, or name a file of them."""
    docs = fields_of(type(table))
    given = [name for name in table.model_fields_set if name in docs and getattr(table, name) is not None]
    sorts = {"quantity", "series", "monthly"}
    return [
        name
        for name in given
        if docs[name].sort in sorts
        or docs[name].unit is not None
        or name in {"file", "table"}
        or _holds_numbers(getattr(table, name))
    ]


def source_problems(park: Park) -> list[str]:
    """Name every number of a park that has neither a source nor an assumption with its reason."""
    found: list[str] = []
    tables: dict[str, Any] = {"site": park.site}
    tables |= {} if park.weather is None else {"weather": park.weather}
    tables |= {f"tariffs.{name}": tariff for name, tariff in park.tariffs.items()}
    tables |= {f"components.{name}": component for name, component in park.components.items()}
    for path, table in tables.items():
        for field in table.sources:
            if field != "default" and field not in type(table).model_fields:
                numbers = _numbers_given(table)
                hint = nearest(field, numbers) or f" Numbers given: {', '.join(numbers) or 'none'}."
                found.append(f"{park.place}: {path}.sources.{field}: [{path}] has no field of that name.{hint}")
        for field, text in table.sources.items():
            wrong = _source_text_problem(text)
            if wrong:
                found.append(f"{park.place}: {path}.sources.{field}: {wrong}.")
        lost = [n for n in _numbers_given(table) if n not in table.sources and "default" not in table.sources]
        if lost:
            found.append(
                f"{park.place}: {path}: no source for {', '.join(sorted(lost))}. Add to a table [{path}.sources] "
                'each of them, or default = "..." for all: a source, or "assumption: " and its reason.'
            )
    for section, entries in (("yardsticks", park.yardsticks), ("claims", park.claims)):
        for name, entry in entries.items():
            wrong = _source_text_problem(entry.source)
            if wrong:
                found.append(f"{park.place}: {section}.{name}.source: {wrong}.")
    return found


def _resolve(
    park: Park, name: str, component: Component, reader: ProfileReader
) -> tuple[dict[str, Array], list[str], list[str]]:
    """Read every series and monthly field of a component: values by field, notes, problems."""
    arrays: dict[str, Array] = {}
    notes: list[str] = []
    problems: list[str] = []
    for field, doc in fields_of(type(component)).items():
        value, where = getattr(component, field), f"{park.place}: components.{name}.{field}"
        if value is None:
            continue
        if doc.sort == "monthly":
            arrays[field] = by_calendar_month(value, park.seasons)[park.time.calendar_month - 1]
        elif doc.sort == "series":
            try:
                resolved = reader.resolve(value, unit=doc.unit or "1", where=where)
            except InputError as error:
                problems += error.problems
                continue
            arrays[field] = resolved.values
            problems += _range_problems(resolved.values, doc, where, park, whole=isinstance(value, float))
            notes += [] if resolved.note is None else [f"components.{name}.{field}: {resolved.note}"]
    return arrays, notes, problems


def _range_problems(values: Array, doc: FieldDoc, where: str, park: Park, *, whole: bool) -> list[str]:
    """Name values of a series outside the limits of its field; ``whole`` where one number stands for all steps."""
    low, high = doc.limits.get("ge", -np.inf), doc.limits.get("le", np.inf)
    wrong = np.flatnonzero((values < low) | (values > high))
    if wrong.size == 0:
        return []
    first, worst = int(wrong[0]), float(np.max(values))
    when = f" at {park.time.stamps[first].isoformat(timespec='minutes')}"
    many = f"; {wrong.size} of {values.size} values lie outside" if wrong.size > 1 else ""
    unit = f" {doc.unit}" if doc.unit not in {None, "1"} else ""
    place, rest = ("", "") if whole else (when, many)
    hint = percent_advice(worst, doc.limits) and percent_advice(float(values[first]), doc.limits)
    return [f"{where}: got {values[first]:g}{place}, {limits_text(doc.limits)}{unit}{rest}.{hint}"]


def gather(park: Park) -> Inputs:
    """Read everything a park names and compute the numbers of its LP.

    Raises
    ------
    InputError
        With the problems of all tariffs, the weather and all profiles together, or else of all components' numbers.
    """
    reader = ProfileReader(base=park.base, time=park.time)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ParksimWarning)
        prices, problems = _prices(park, reader)
        weather, found = _weather(park, reader)
        problems += found
        arrays: dict[str, dict[str, Array]] = {}
        notes: list[str] = []
        for name, component in park.components.items():
            arrays[name], read, found = _resolve(park, name, component, reader)
            problems += found
            notes += read
        if problems:
            raise InputError(list(dict.fromkeys(problems)))
        values = _component_numbers(park, arrays, prices, weather)
    notes += list(weather.notes) if weather is not None else []
    notes += [str(item.message) for item in caught if issubclass(item.category, ParksimWarning)]
    _check_shortfall(park, values)
    return Inputs(values, prices, weather, tuple(dict.fromkeys(notes)))


def _prices(park: Park, reader: ProfileReader) -> tuple[dict[str, Price], list[str]]:
    """Read out every tariff: prices by name, problems."""
    prices: dict[str, Price] = {}
    problems: list[str] = []
    for name, tariff in park.tariffs.items():
        where = f"{park.place}: tariffs.{name}"
        try:
            prices[name] = read_tariff(
                tariff, time=park.time, seasons=park.seasons, reader=reader, base=park.base, where=where
            )
        except InputError as error:
            problems += error.problems
    return prices, problems


def _weather(park: Park, reader: ProfileReader) -> tuple[WeatherYear | None, list[str]]:
    """Read the weather, if the park has any, and its problems."""
    if park.weather is None:
        return None, []
    try:
        weather = read_weather(
            park.weather,
            reader=reader,
            time=park.time,
            latitude_deg=park.site.latitude_deg,
            longitude_deg=park.site.longitude_deg,
            altitude_m=park.site.altitude_m,
            where=f"{park.place}: weather",
        )
    except InputError as error:
        return None, list(error.problems)
    return weather, []


def _component_numbers(
    park: Park,
    arrays: Mapping[str, Mapping[str, Array]],
    prices: Mapping[str, Price],
    weather: WeatherYear | None,
) -> dict[str, Numbers]:
    """Compute the numbers of every component from what it has read."""
    first = next(iter(park.yardsticks.values()), None)
    values: dict[str, Numbers] = {}
    problems: list[str] = []
    for name, component in park.components.items():
        ctx = Context(
            where=f"{park.place}: components.{name}",
            time=park.time,
            site=park.site,
            weather=weather,
            prices=prices,
            grid_co2_t_per_mwh=0.0 if first is None else first.factor_t_per_mwh,
            resolved=arrays[name],
        )
        try:
            values[name] = {k: _frozen(v) for k, v in {**component.numbers(ctx), **component.capacities()}.items()}
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return values


def _frozen(value: float | Array) -> float | Array:
    if np.ndim(value) == 0:
        return float(value)
    array = np.ascontiguousarray(value, np.float64)
    if array.flags.writeable:
        array = array.copy() if array is value else array
        array.setflags(write=False)
    return array


def _check_shortfall(park: Park, values: Mapping[str, Numbers]) -> None:
    """Refuse a shortfall so cheap that shedding an hour would pay for trimming a month's peak.

    Raises
    ------
    InputError
        Naming every such shortfall.
    """
    problems = []
    for name, component in park.components.items():
        if not isinstance(component, Shortfall):
            continue
        for grid in (other for other, c in park.components.items() if isinstance(c, Grid)):
            numbers = values[grid]
            least = float(np.max(numbers["demand_cny_per_mw"])) * float(numbers["peak_ratio"]) / park.time.step_h
            if component.price_cny_per_mwh <= least:
                problems.append(
                    f"{park.place}: components.{name}.price_cny_per_mwh: got {component.price_cny_per_mwh:g}, must be "
                    f"above {least:.6g} CNY MWh-1, the month's demand charge of {grid} spread over one step of "
                    f"{park.time.step_minutes} min. Below it the cheapest plan sheds load to trim the month's peak. "
                    "Raise it."
                )
    if problems:
        raise InputError(problems)


def check_nodes(park: Park, program: Program) -> None:
    """Refuse nodes that nobody feeds, or that nobody draws from.

    Raises
    ------
    InputError
        Naming every such node.
    """
    problems = []
    for node, carrier in park.nodes.items():
        joined = [block for block in program.columns.values() if block.node == node]
        feeders, drawers = ([b.component for b in joined if b.feeds is side] for side in (True, False))
        who = ", ".join(dict.fromkeys(feeders + drawers))
        if not feeders and not drawers:
            problems.append(f"{park.place}: nodes.{node}: nothing is joined to this {carrier} node. Remove it.")
        elif not feeders:
            problems.append(
                f"{park.place}: nodes.{node}: nobody feeds this {carrier} node, and {who} would draw from it. "
                "Join a source or a grid to it."
            )
        elif not drawers:
            problems.append(
                f"{park.place}: nodes.{node}: nobody draws from this {carrier} node, and {who} would feed it. "
                "Join a demand or a grid to it."
            )
    if problems:
        raise InputError(problems)
