"""From a park to the numbers of its LP: profiles read, tariffs read out, weather prepared, everything checked."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from threading import RLock

import numpy as np

from parksim.checks import check_pumps, check_shortfall
from parksim.component import Array, Context, Numbers, Price
from parksim.errors import InputError, ParksimWarning
from parksim.fields import FieldDoc, fields_of, limits_text
from parksim.memory import Memory
from parksim.messages import percent_advice
from parksim.notes import placed
from parksim.park import Park
from parksim.profiles import ProfileReader
from parksim.tariffs import by_calendar_month, read_tariff
from parksim.weather import WeatherYear, read_weather


@dataclass(frozen=True)
class Part:
    """What one component gives the LP.

    Parameters
    ----------
    given
        Its profiles ``(time,)`` and monthly fields ``(month,)`` as read; the audit restates from them.
    numbers
        Its numbers, capacities included; arrays are read-only.
    notes
        What the reader of the results should know of how they were read.
    """

    given: Mapping[str, Array]
    numbers: Numbers
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Inputs:
    """What a park gives the LP.

    Parameters
    ----------
    park
        The park that was read.
    parts
        Component to what it gives.
    prices
        Tariff to its prices over the horizon.
    weather
        Weather of the site, if the park has any.
    general
        Notes that belong to no component.
    memory
        What reading similar parks has worked out; shared by all that are read like this one.
    """

    park: Park
    parts: Mapping[str, Part]
    prices: Mapping[str, Price]
    weather: WeatherYear | None
    general: tuple[str, ...]
    memory: Memory

    @cached_property
    def values(self) -> Mapping[str, Numbers]:
        """Component to its numbers, capacities included; the limits of the park beside them, where it has any."""
        found: dict[str, Numbers] = {name: part.numbers for name, part in self.parts.items()}
        if self.park.limits is not None and self.park.limited:
            found["limits"] = dict(self.park.limits.numbers())
        return found

    @cached_property
    def given(self) -> Mapping[str, Mapping[str, Array]]:
        """Component to its profiles and monthly fields as read."""
        return {name: part.given for name, part in self.parts.items()}

    def with_numbers(self, changed: Mapping[str, Numbers]) -> "Inputs":
        """Give the same inputs with some numbers of some components replaced."""
        parts = {n: replace(part, numbers={**part.numbers, **changed.get(n, {})}) for n, part in self.parts.items()}
        return replace(self, parts=parts)

    @property
    def notes(self) -> tuple[str, ...]:
        """All notes, each once."""
        of_parts = [note for part in self.parts.values() for note in part.notes]
        return tuple(dict.fromkeys([*of_parts, *self.general]))


def _resolve(
    park: Park, name: str, reader: ProfileReader, like: Inputs | None
) -> tuple[dict[str, Array], list[str], list[str]]:
    """Read every series and monthly field of a component: values by field, notes, problems.

    Fields that are as they were in ``like`` are taken from there.
    """
    component = park.components[name]
    was = None if like is None else like.park.components[name]
    arrays: dict[str, Array] = {}
    notes: list[str] = []
    problems: list[str] = []
    for field, doc in fields_of(type(component)).items():
        value, path = getattr(component, field), f"components.{name}.{field}"
        if value is None or doc.sort not in {"series", "monthly"}:
            continue
        where = f"{park.place_of(path)}: {path}"
        if like is not None and value == getattr(was, field):
            arrays[field] = like.parts[name].given[field]
            notes += [note for note in like.parts[name].notes if note.startswith(f"components.{name}.{field}: ")]
        elif doc.sort == "monthly":
            arrays[field] = by_calendar_month(value, park.seasons)[park.time.calendar_month - 1]
        else:
            try:
                resolved = reader.resolve(value, unit=doc.unit or "1", where=where)
            except InputError as error:
                problems += error.problems
                continue
            arrays[field] = resolved.values
            problems += _range_problems(resolved.values, doc, where, park, whole=isinstance(value, float))
            notes += [] if resolved.note is None else [placed(f"components.{name}.{field}", resolved.note)]
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


def gather(park: Park, *, like: Inputs | None = None) -> Inputs:
    """Read everything a park names and compute the numbers of its LP.

    Parameters
    ----------
    like
        What a similar park gave; what has not changed is taken from it.

    Raises
    ------
    InputError
        With the problems of all tariffs, the weather and all profiles together, or else of all components' numbers.
    """
    if like is not None and not _same_frame(park, like.park):
        like = None
    memory = Memory() if like is None else like.memory
    reader = ProfileReader(base=park.folder, time=park.time)
    with _caught() as caught:
        prices, problems = _prices(park, reader, like, memory)
        weather, found = (like.weather, []) if like is not None else _weather(park, reader)
        problems += found
        given: dict[str, dict[str, Array]] = {}
        notes: dict[str, list[str]] = {}
        for name in park.components:
            given[name], notes[name], found = _resolve(park, name, reader, like)
            problems += found
    if problems:
        raise InputError(list(dict.fromkeys(problems)))
    parts = _parts(park, given, notes, prices=prices, weather=weather, like=like, memory=memory)
    general = [*(weather.notes if weather is not None else ()), *_told(caught), *(like.general if like else ())]
    check_pumps(park, given, prices)
    check_shortfall(park, prices)
    return Inputs(park, parts, prices, weather, tuple(dict.fromkeys(general)), memory)


def _same_frame(park: Park, was: Park) -> bool:
    """Whether clock, site, seasons, weather and the names of the components are the same."""
    frame = ("time", "site", "seasons", "weather", "file")
    same = all(getattr(park, section) == getattr(was, section) for section in frame)
    return same and list(park.components) == list(was.components)


_ALONE = RLock()
"""Held while warnings are caught: Python keeps what is done with them for all threads together."""


@contextmanager
def _caught() -> Iterator[list[warnings.WarningMessage]]:
    """Collect the warnings of reading, one thread at a time."""
    with _ALONE, warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always", ParksimWarning)
        yield found


def _told(caught: Sequence[warnings.WarningMessage]) -> list[str]:
    """Give the texts of our own warnings as they were raised: notes with their parts."""
    return [item.message.args[0] for item in caught if isinstance(item.message, ParksimWarning)]


def _prices(
    park: Park, reader: ProfileReader, like: Inputs | None, memory: Memory
) -> tuple[dict[str, Price], list[str]]:
    """Read out every tariff: prices by name, problems."""
    prices: dict[str, Price] = {}
    problems: list[str] = []
    for name, tariff in park.tariffs.items():
        if like is not None and like.park.tariffs.get(name) == tariff:
            prices[name] = like.prices[name]
            continue
        where = f"{park.place_of(f'tariffs.{name}')}: tariffs.{name}"
        try:
            prices[name] = read_tariff(
                tariff,
                time=park.time,
                seasons=park.seasons,
                reader=reader,
                base=reader.base,
                where=where,
                memory=memory,
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
            where=f"{park.place_of('weather')}: weather",
        )
    except InputError as error:
        return None, list(error.problems)
    return weather, []


def _parts(
    park: Park,
    given: Mapping[str, Mapping[str, Array]],
    notes: Mapping[str, Sequence[str]],
    *,
    prices: Mapping[str, Price],
    weather: WeatherYear | None,
    like: Inputs | None,
    memory: Memory,
) -> dict[str, Part]:
    """Compute the numbers of every component from what it has read; those of one that is as it was are kept."""
    first = next(iter(park.yardsticks.values()), None)
    parts: dict[str, Part] = {}
    problems: list[str] = []
    for name, component in park.components.items():
        if like is not None and _as_it_was(park, name, prices, like):
            numbers = {**like.parts[name].numbers, **component.capacities()}
            parts[name] = Part(given[name], numbers, like.parts[name].notes)
            continue
        ctx = Context(
            where=f"{park.place_of(f'components.{name}')}: components.{name}",
            time=park.time,
            site=park.site,
            weather=weather,
            prices=prices,
            grid_co2_t_per_mwh=0.0 if first is None else first.factor_t_per_mwh,
            resolved=given[name],
            grid_co2_net=first is not None and first.net_of_export,
            memory=memory,
        )
        with _caught() as caught:
            try:
                found = {**component.numbers(ctx), **component.capacities()}
            except InputError as error:
                problems += error.problems
                continue
        numbers = {k: _frozen(v) for k, v in found.items()}
        parts[name] = Part(given[name], numbers, (*notes[name], *_told(caught)))
    if problems:
        raise InputError(problems)
    return parts


def _as_it_was(park: Park, name: str, prices: Mapping[str, Price], like: Inputs) -> bool:
    """Whether nothing that the numbers of a component follow from has changed; its capacities are no such thing."""
    now, was = park.components[name], like.park.components[name]
    if type(now) is not type(was) or _first_yardstick(park) != _first_yardstick(like.park):
        return False
    for field, doc in fields_of(type(now)).items():
        if not doc.sizable and not _equal(getattr(now, field), getattr(was, field)):
            return False
        if doc.sort == "reference" and prices[getattr(now, field)] is not like.prices[getattr(now, field)]:
            return False
    return True


def _equal(one: object, other: object) -> bool:
    """Whether two values are equal, tables in the same order too: the noise of a load goes by its shapes' order."""
    return one == other and (not isinstance(one, dict) or not isinstance(other, dict) or [*one] == [*other])


def _first_yardstick(park: Park) -> object:
    return next(iter(park.yardsticks.values()), None)


def _frozen(value: float | Array) -> float | Array:
    if np.ndim(value) == 0:
        return float(value)
    array = np.ascontiguousarray(value, np.float64)
    if array.flags.writeable:
        array = array.copy() if array is value else array
        array.setflags(write=False)
    return array
