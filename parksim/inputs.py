"""From a park to the numbers of its LP: profiles read, tariffs read out, weather prepared, everything checked."""

import re
import tomllib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

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
from parksim.vetting import vet
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
    given
        Component to its profiles ``(time,)`` and monthly fields ``(month,)`` as read; the audit restates from them.
    weather
        Weather of the site, if the park has any.
    """

    values: Mapping[str, Numbers]
    prices: Mapping[str, Price]
    notes: tuple[str, ...]
    given: Mapping[str, Mapping[str, Array]]
    weather: WeatherYear | None = None


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
    problems = vet(park)
    if problems:
        raise InputError(problems)
    return park


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
    _check_pumps(park, arrays, prices)
    _check_shortfall(park, prices)
    return Inputs(values, prices, tuple(dict.fromkeys(notes)), arrays, weather)


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
            grid_co2_net=first is not None and first.net_of_export,
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


def _grids(park: Park, node: str) -> dict[str, Grid]:
    """Find the connections to the grid on one node."""
    return {n: c for n, c in park.components.items() if isinstance(c, Grid) and c.electricity == node}


def _check_pumps(park: Park, arrays: Mapping[str, Mapping[str, Array]], prices: Mapping[str, Price]) -> None:
    """Refuse selling above what any connection on the same node buys at, unless the file says that it is meant.

    Raises
    ------
    InputError
        Naming every such connection and the hours.
    """
    problems = []
    for name, grid in park.components.items():
        if not isinstance(grid, Grid) or grid.export_above_import or grid.export_max_mw <= 0.0:
            continue
        others = _grids(park, grid.electricity).values()
        cheapest = np.min([prices[other.tariff].energy_cny_per_mwh for other in others], axis=0)
        pays = arrays[name]["export_price_cny_per_mwh"] > cheapest + 1e-9
        pays &= arrays[name]["export_available"] > 0.0
        if not pays.any():
            continue
        stamps = park.time.stamps[np.flatnonzero(pays)]
        hours = ", ".join(stamp.isoformat(timespec="minutes") for stamp in stamps[:4])
        problems.append(
            f"{park.place}: components.{name}.export_price_cny_per_mwh: is above the import price in {len(stamps)} "
            f"steps ({hours}{', ...' if len(stamps) > 4 else ''}), which turns the meter into a money pump. "
            "Lower it, or write `export_above_import = true` if it is meant."
        )
    if problems:
        raise InputError(problems)


def _check_shortfall(park: Park, prices: Mapping[str, Price]) -> None:
    """Refuse a shortfall so cheap that shedding pays: it saves the energy, and at a month's peak its demand charge too.

    Raises
    ------
    InputError
        Naming every such shortfall.
    """
    problems = []
    time = park.time
    for name, component in park.components.items():
        if not isinstance(component, Shortfall):
            continue
        for other, grid in _grids(park, component.electricity).items():
            price = prices[grid.tariff]
            charge = price.demand_cny_per_mw_month * time.month_cover * grid.peak_ratio(time.step_h) / time.step_h
            least = float(np.max(price.energy_cny_per_mwh + charge[time.month_of_step]))
            if component.price_cny_per_mwh <= least:
                problems.append(
                    f"{park.place}: components.{name}.price_cny_per_mwh: got {component.price_cny_per_mwh:g}, must be "
                    f"above {least:.6g} CNY MWh-1, the energy price of {other} and its month's demand charge spread "
                    f"over one step of {time.step_minutes} min. Below it the cheapest plan sheds load. Raise it."
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
