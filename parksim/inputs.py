"""From a park to the numbers of its LP: profiles read, tariffs read out, weather prepared, everything checked."""

import tomllib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel

from parksim.component import Array, Component, Context, Numbers, Price
from parksim.components.grid import Grid
from parksim.components.shortfall import Shortfall
from parksim.errors import InputError, ParksimWarning
from parksim.fields import fields_of, limits_text
from parksim.lp.program import Program
from parksim.park import Park, read_park
from parksim.profiles import ProfileReader, shipped
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
    name = given.name if given.suffix == ".toml" else f"{given.name}.toml"
    found = shipped("parks", name)
    if found is not None and len(given.parts) <= 2:
        return found
    if given.is_dir():
        msg = f"{given}: is a folder, must be a park file (TOML)."
        raise InputError(msg)
    locate_hint = "" if found is None else f" A shipped park has this name: write {name.removesuffix('.toml')!r}."
    msg = (
        f"{given}: no such file.{locate_hint} `parksim new {given.with_suffix('.toml').name}` writes one to start from."
    )
    raise InputError(msg)


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
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        msg = f"{file}: is not valid TOML: {error}. Mend the line it names."
        raise InputError(msg) from None
    except UnicodeDecodeError:
        msg = f"{file}: is not UTF-8 text. Save it as UTF-8."
        raise InputError(msg) from None
    except OSError as error:
        msg = f"{file}: cannot be read: {error.strerror}."
        raise InputError(msg) from None
    park = read_park(data, file=str(path) if Path(path).is_file() else str(file))
    problems = source_problems(park)
    if problems:
        raise InputError(problems)
    return park


_REASON_LETTERS = 8


def _source_text_problem(text: str) -> str | None:
    bare = text.strip().strip("[]").strip()
    if not bare:
        return "is empty; name a source, or write 'assumption: ' and the reason"
    rest = bare.lower().replace("assumption", "").strip(" []:;,.-")
    if "assumption" in bare.lower() and len(rest) < _REASON_LETTERS:
        return "says 'assumption' without a reason; add it, such as 'assumption: a mixed park of this size'"
    return None


def _numbers_given(table: BaseModel) -> list[str]:
    docs = fields_of(type(table))
    given = [name for name in table.model_fields_set if name in docs]
    counted = [n for n in given if docs[n].sort in {"quantity", "series", "monthly"} or docs[n].unit is not None]
    return [name for name in counted if getattr(table, name) is not None]


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
                near = get_close_matches(field, list(type(table).model_fields), n=1)
                hint = f" Did you mean {near[0]!r}?" if near else ""
                found.append(f"{park.place}: {path}.sources.{field}: no field of that name.{hint}")
        for field, text in table.sources.items():
            wrong = _source_text_problem(text)
            if wrong:
                found.append(f"{park.place}: {path}.sources.{field}: {wrong}.")
        lost = [n for n in _numbers_given(table) if n not in table.sources and "default" not in table.sources]
        if lost:
            found.append(
                f"{park.place}: {path}: no source for {', '.join(sorted(lost))}. Add a table [{path}.sources] with "
                "the field or `default` = a source, or 'assumption: ' and the reason."
            )
    for section, entries in (("yardsticks", park.yardsticks), ("claims", park.claims)):
        for name, entry in entries.items():
            wrong = _source_text_problem(entry.source)
            if wrong:
                found.append(f"{park.place}: {section}.{name}.source: {wrong}.")
    return found


def _resolve(park: Park, name: str, component: Component, reader: ProfileReader) -> tuple[dict[str, Array], list[str]]:
    """Read every series and monthly field of a component."""
    arrays, notes = {}, []
    for field, doc in fields_of(type(component)).items():
        value, where = getattr(component, field), f"{park.place}: components.{name}.{field}"
        if value is None:
            continue
        if doc.sort == "series":
            resolved = reader.resolve(value, unit=doc.unit or "1", where=where)
            _check_range(resolved.values, doc.limits, where, park)
            arrays[field] = resolved.values
            notes += [] if resolved.note is None else [f"components.{name}.{field}: {resolved.note}"]
        elif doc.sort == "monthly":
            try:
                arrays[field] = by_calendar_month(value, park.seasons)[park.time.calendar_month - 1]
            except ValueError as error:
                msg = f"{where}: {error}"
                raise InputError(msg) from None
            _check_range(arrays[field], doc.limits, where, park)
    return arrays, notes


def _check_range(values: Array, limits: Mapping[str, float], where: str, park: Park) -> None:
    low, high = limits.get("ge", -np.inf), limits.get("le", np.inf)
    outside = np.flatnonzero((values < low) | (values > high))
    if len(outside) == 0:
        return
    first = int(outside[0])
    when = (
        park.time.stamps[first].isoformat(timespec="minutes")
        if len(values) == park.time.steps
        else f"month {first + 1}"
    )
    value = float(values[first])
    hint = f" Write a fraction, e.g. {value / 100:g}." if high == 1.0 and 1.0 < value <= 100.0 else ""
    msg = f"{where}: got {value:g} at {when} ({len(outside)} values outside), {limits_text(dict(limits))}.{hint}"
    raise InputError(msg)


def gather(park: Park) -> Inputs:
    """Read everything a park names and compute the numbers of its LP.

    Raises
    ------
    InputError
        With the problems of all components together.
    """
    reader = ProfileReader(base=park.base, time=park.time)
    problems: list[str] = []
    prices: dict[str, Price] = {}
    weather: WeatherYear | None = None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ParksimWarning)
        for name, tariff in park.tariffs.items():
            where = f"{park.place}: tariffs.{name}"
            try:
                prices[name] = read_tariff(
                    tariff, time=park.time, seasons=park.seasons, reader=reader, base=park.base, where=where
                )
            except InputError as error:
                problems += error.problems
        if park.weather is not None:
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
                problems += error.problems
        if problems:
            raise InputError(problems)
        values, notes = _component_numbers(park, reader, prices, weather)
    notes += list(weather.notes) if weather is not None else []
    notes += [str(item.message) for item in caught if issubclass(item.category, ParksimWarning)]
    _check_shortfall(park, prices)
    return Inputs(values, prices, weather, tuple(dict.fromkeys(notes)))


def _component_numbers(
    park: Park, reader: ProfileReader, prices: Mapping[str, Price], weather: WeatherYear | None
) -> tuple[dict[str, Numbers], list[str]]:
    first = next(iter(park.yardsticks.values()), None)
    values: dict[str, Numbers] = {}
    notes: list[str] = []
    problems: list[str] = []
    for name, component in park.components.items():
        try:
            arrays, read = _resolve(park, name, component, reader)
            ctx = Context(
                where=f"{park.place}: components.{name}",
                time=park.time,
                site=park.site,
                weather=weather,
                prices=prices,
                grid_co2_t_per_mwh=0.0 if first is None else first.factor_t_per_mwh,
                resolved=arrays,
            )
            values[name] = {k: _frozen(v) for k, v in {**component.numbers(ctx), **component.capacities()}.items()}
            notes += read
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return values, notes


def _frozen(value: float | Array) -> float | Array:
    if np.ndim(value) == 0:
        return float(value)
    array = np.ascontiguousarray(value, np.float64)
    if array.flags.writeable:
        array = array.copy() if array is value else array
        array.setflags(write=False)
    return array


def _check_shortfall(park: Park, prices: Mapping[str, Price]) -> None:
    """Refuse a shortfall so cheap that shedding an hour would pay for trimming a month's peak."""
    charges = {
        name: float(np.max(prices[c.tariff].demand_cny_per_mw_month * park.time.month_cover))
        * c.quarter_hour_peak_ratio
        for name, c in park.components.items()
        if isinstance(c, Grid)
    }
    for name, component in park.components.items():
        if not isinstance(component, Shortfall):
            continue
        for grid, charge in charges.items():
            least = charge / park.time.step_h
            if component.price_cny_per_mwh <= least:
                msg = (
                    f"{park.place}: components.{name}.price_cny_per_mwh: got {component.price_cny_per_mwh:g}, must be "
                    f"above {least:g} CNY MWh-1, the demand charge of {grid} for one step's peak; below it the cheapest "
                    "plan sheds load to trim a month's peak. Raise it."
                )
                raise InputError(msg)


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
        if not feeders:
            who = f"; {', '.join(dict.fromkeys(drawers))} would draw from it" if drawers else ""
            problems.append(
                f"{park.place}: nodes.{node}: nobody feeds this {carrier} node{who}. Join a source to it or remove it."
            )
    if problems:
        raise InputError(problems)
