"""Levers: every number of a park file that may move without touching its structure, and the LP's numbers when it does.

A number stands where the file has it: ``components.battery.energy_max_mwh``, ``tariffs.t.energy_cny_per_mwh.wet``,
``components.hydro.outages[0].available``. A profile (a list or a column of a file) and a curve move as a whole, by one
factor; the weather's sun and wind likewise, its temperature by a shift. Not levers: kinds, nodes, names, choices, yes
or no, what is left out and has no default, the clock, the place, tariffs and yardsticks that the LP does not read.
"""

import dataclasses
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ValidationError

from parksim.component import Array, Component, Context, Numbers, Price
from parksim.errors import InputError, ParksimWarning
from parksim.fields import FieldDoc, fields_of
from parksim.inputs import Inputs
from parksim.limits import Limits
from parksim.park import Park
from parksim.profiles import ProfileReader
from parksim.results import source_of
from parksim.tariffs import Period, Tariff, TimeOfUse, by_calendar_month, outside, read_table, read_tariff
from parksim.weather import SUN, WeatherYear

Sort = Literal["number", "factor", "shift"]
Values = Mapping[str, Numbers]


@dataclass(frozen=True)
class Lever:
    """One number of the park file.

    Parameters
    ----------
    path
        Where it stands.
    value
        What it is now, in ``unit``; 1 for a factor, 0 for a shift.
    unit
        Unit of the field; ``1`` for a factor.
    sort
        ``number``, ``factor`` on a profile or curve, or ``shift`` of the temperature.
    meaning, source
        As the field says of itself, and as the park file does.
    low, high
        Limits of the field.
    move
        Gives the numbers of the LP at another value.
    """

    path: str
    value: float
    unit: str
    sort: Sort
    meaning: str
    source: str
    low: float
    high: float
    move: Callable[[float], Values]

    def at(self, value: float) -> Values | None:
        """Give the LP's numbers at another value, or None where the park refuses it."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ParksimWarning)
                return self.move(value)
        except (InputError, ValidationError):
            return None


@dataclass(frozen=True)
class _Entry:
    """One number inside a field: the field's value, the key of the number in it, and the number."""

    whole: float | tuple[float, ...] | dict[str, float]
    key: str | int | None
    value: float

    @property
    def ending(self) -> str:
        """How its path ends."""
        return "" if self.key is None else f".{self.key}" if isinstance(self.key, str) else f"[{self.key}]"

    def put(self, new: float) -> Any:
        """Give the field's value with another number in this one's place."""
        if isinstance(self.whole, dict):
            return {**self.whole, self.key: new}
        if isinstance(self.whole, tuple):
            return tuple(new if place == self.key else number for place, number in enumerate(self.whole))
        return new


@dataclass(frozen=True)
class _WeatherRead(WeatherYear):
    """A weather that notes what is read of it."""

    seen: set[str] = dataclasses.field(default_factory=set)

    def __getattribute__(self, name: str) -> Any:
        """Give an attribute, and note its name."""
        object.__getattribute__(self, "seen").add(name)
        return object.__getattribute__(self, name)


@dataclass(frozen=True)
class _ContextRead(Context):
    """A context that notes what is read of it."""

    seen: set[str] = dataclasses.field(default_factory=set)

    def __getattribute__(self, name: str) -> Any:
        """Give an attribute, and note its name."""
        object.__getattribute__(self, "seen").add(name)
        return object.__getattribute__(self, name)


class Levers:
    """All levers of a park.

    Parameters
    ----------
    park
        The park as read.
    inputs
        What it gives the LP.
    """

    def __init__(self, park: Park, inputs: Inputs) -> None:
        self.park, self.inputs = park, inputs
        self._reader = ProfileReader(base=park.folder, time=park.time)
        self._months = {int(month) for month in park.time.calendar_month}
        first = next(iter(park.yardsticks.values()), None)
        self._factor = 0.0 if first is None else first.factor_t_per_mwh
        self._net = first is not None and first.net_of_export
        self._seen: dict[str, frozenset[str]] = {}
        self._tables: dict[str, TimeOfUse] = {}

    def __iter__(self) -> Iterator[Lever]:
        """Go through them in the order of the park file."""
        yield from self._of_weather()
        for name in dict.fromkeys(self._tariff_names()):
            yield from self._of_tariff(name)
        yield from self._of_yardstick()
        yield from self._of_limits()
        for name in self.park.components:
            yield from self._of_component(name)

    def _tariff_names(self) -> Iterator[str]:
        for component in self.park.components.values():
            yield from _references(component)

    # components

    def _context(self, name: str) -> dict[str, Any]:
        """Give what the numbers of a component may read besides its own table."""
        return {
            "where": f"{self.park.place}: components.{name}",
            "time": self.park.time,
            "site": self.park.site,
            "weather": self.inputs.weather,
            "prices": self.inputs.prices,
            "grid_co2_t_per_mwh": self._factor,
            "resolved": self.inputs.given[name],
            "grid_co2_net": self._net,
        }

    def _numbers(self, name: str, component: Component | None = None, **changed: Any) -> Numbers:
        """Numbers of one component, with its table or something of its context changed."""
        component = component or self.park.components[name]
        told = Context(**{**self._context(name), **changed})
        return {**component.numbers(told), **component.capacities()}

    def _reads(self, name: str) -> frozenset[str]:
        """Find what the numbers of a component read of their context and of the weather, by computing them once."""
        if name not in self._seen:
            seen: set[str] = set()
            told, weather = self._context(name), self.inputs.weather
            if weather is not None:
                told["weather"] = _WeatherRead(**_plain(weather), seen=seen)
            self.park.components[name].numbers(_ContextRead(**told, seen=seen))
            self._seen[name] = frozenset(seen)
        return self._seen[name]

    def _changed(self, name: str, field: str, value: Any, resolved: Array | None = None) -> Values:
        """Numbers of the LP with a field of a component changed, checked again."""
        component = self.park.components[name]
        again = component
        if value is not None:
            again = type(component).model_validate({**_given(component), "name": name, field: value})
            problems = again.problems()
            if problems:
                raise InputError(problems)
            if field in component.capacities():  # they enter the LP as themselves, and no number follows from them
                return {**self.inputs.values, name: {**self.inputs.values[name], **again.capacities()}}
        arrays = self.inputs.given[name]
        arrays = arrays if resolved is None else {**arrays, field: _read_only(resolved)}
        return {**self.inputs.values, name: self._numbers(name, again, resolved=arrays)}

    def _of_component(self, name: str) -> Iterator[Lever]:
        component = self.park.components[name]
        for field, doc in fields_of(type(component)).items():
            value = getattr(component, field)
            told = (f"components.{name}.{field}", component, field, doc)
            if value is None:
                continue
            if doc.sort == "quantity" and isinstance(value, float):
                yield _lever(*told, value, partial(self._changed, name, field))
            elif doc.sort == "quantity" and isinstance(value, tuple):
                curve = np.array(value, np.float64)
                limits = _factor_limits(curve, {"ge": 0.0, "le": 1.0} if doc.unit == "1" else {"ge": 0.0})
                yield _lever(*told, 1.0, partial(self._curve, name, field, curve), "factor", limits=limits)
            elif doc.sort == "monthly":
                for entry in self._by_month(value):
                    move = partial(self._month, name, field, entry)
                    yield _lever(*told, entry.value, move, ending=entry.ending)
            elif doc.sort == "series":
                yield self._of_series(name, field, doc, value)
            elif isinstance(value, list):
                yield from self._nested(f"components.{name}.{field}", component, field)

    def _curve(self, name: str, field: str, curve: Array, by: float) -> Values:
        return self._changed(name, field, tuple((by * curve).tolist()))

    def _by_month(self, value: float | tuple[float, ...] | dict[str, float]) -> Iterator[_Entry]:
        """Find the numbers of a monthly field that the horizon reads: one, or one per season or calendar month."""
        if isinstance(value, dict):
            for season, number in value.items():
                if self._months & set(self.park.seasons[season]):
                    yield _Entry(value, season, number)
        elif isinstance(value, tuple):
            for place, number in enumerate(value):
                if place + 1 in self._months:
                    yield _Entry(value, place, number)
        else:
            yield _Entry(value, None, value)

    def _month(self, name: str, field: str, entry: _Entry, new: float) -> Values:
        value = entry.put(new)
        by_month = by_calendar_month(value, self.park.seasons)[self.park.time.calendar_month - 1]
        return self._changed(name, field, value, by_month)

    def _of_series(self, name: str, field: str, doc: FieldDoc, value: object) -> Lever:
        told = (f"components.{name}.{field}", self.park.components[name], field, doc)
        given = self.inputs.given[name][field]
        if isinstance(value, float):
            return _lever(*told, value, partial(self._level, name, field))
        return _lever(
            *told, 1.0, partial(self._scaled, name, field), "factor", limits=_factor_limits(given, doc.limits)
        )

    def _level(self, name: str, field: str, new: float) -> Values:
        return self._changed(name, field, new, np.full_like(self.inputs.given[name][field], new))

    def _scaled(self, name: str, field: str, by: float) -> Values:
        return self._changed(name, field, None, np.asarray(by * self.inputs.given[name][field], np.float64))

    def _nested(self, path: str, component: Component, field: str) -> Iterator[Lever]:
        """Numbers in a list of tables, such as the outages of a contract."""
        name = path.split(".")[1]
        for place, table in enumerate(getattr(component, field)):
            docs = fields_of(type(table)) if isinstance(table, BaseModel) else {}
            for inner, doc in docs.items():
                if doc.sort == "quantity":
                    move = partial(self._inner, name, field, place, inner)
                    yield _lever(f"{path}[{place}].{inner}", component, field, doc, getattr(table, inner), move)

    def _inner(self, name: str, field: str, place: int, inner: str, new: float) -> Values:
        tables = getattr(self.park.components[name], field)
        return self._changed(name, field, _with(tables, place, inner, new))

    # what several components read

    def _readers(self, names: Collection[str], **changed: Any) -> Values:
        """Numbers of the LP with something of the context changed: those of all that read one of ``names``, anew."""
        readers = [name for name in self.park.components if not self._reads(name).isdisjoint(names)]
        return {**self.inputs.values, **{name: self._numbers(name, **changed) for name in readers}}

    def _of_yardstick(self) -> Iterator[Lever]:
        for name, yardstick in list(self.park.yardsticks.items())[:1]:
            doc = fields_of(type(yardstick))["factor_t_per_mwh"]
            path, value = f"yardsticks.{name}.{doc.name}", yardstick.factor_t_per_mwh

            lever = _lever(path, None, doc.name, doc, value, self._counted)
            yield replace(lever, source=yardstick.source)

    def _counted(self, factor_t_per_mwh: float) -> Values:
        return self._readers({"grid_co2_t_per_mwh"}, grid_co2_t_per_mwh=factor_t_per_mwh)

    def _of_limits(self) -> Iterator[Lever]:
        limits = self.park.limits
        for name, value in limits.given.items() if limits is not None else ():
            move = partial(self._limited, name)
            yield _lever(f"limits.{name}", limits, name, fields_of(Limits)[name], value, move)

    def _limited(self, name: str, new: float) -> Values:
        limits = self.park.limits
        given = {} if limits is None else _given(limits)
        return {**self.inputs.values, "limits": dict(Limits.model_validate({**given, name: new}).numbers())}

    def _of_weather(self) -> Iterator[Lever]:
        weather, table = self.inputs.weather, self.park.weather
        if weather is None or table is None:
            return
        docs = fields_of(type(table))
        scales: tuple[tuple[str, tuple[str, ...], Sort], ...] = (
            ("ghi_w_per_m2", SUN, "factor"),
            ("wind_speed_m_per_s", ("wind_speed_m_per_s",), "factor"),
            ("temp_air_c", ("temp_air_c",), "shift"),
        )
        for field, names, sort in scales:
            known = [name for name in names if getattr(weather, name) is not None]
            if not known:
                continue
            move = partial(self._under, known, sort)
            own = field in table.model_fields_set
            source = source_of(table, field if own else "file" if table.file is not None else "daily")
            lever = _lever(f"weather.{field}", None, field, docs[field], 0.0 if sort == "shift" else 1.0, move, sort)
            yield replace(lever, source=source, unit="K" if sort == "shift" else "1")

    def _under(self, names: list[str], sort: Sort, by: float) -> Values:
        """Numbers of the LP under another sky."""
        weather = self.inputs.weather
        was = {name: np.asarray(getattr(weather, name), np.float64) for name in names}
        moved: dict[str, Any] = {
            name: _read_only(by * values if sort == "factor" else by + values) for name, values in was.items()
        }
        return self._readers(names, weather=None if weather is None else replace(weather, **moved))

    def _of_tariff(self, name: str) -> Iterator[Lever]:
        tariff = self.park.tariffs[name]
        whole = tariff.price_cny_per_mwh is not None
        for field, doc in fields_of(Tariff).items():
            value, path = getattr(tariff, field), f"tariffs.{name}.{field}"
            told = (path, tariff, field, doc)
            if value is None or (whole and field in {"energy_cny_per_mwh", "fixed_cny_per_mwh"}):
                continue
            if doc.sort == "monthly":
                for entry in self._by_month(value):
                    move = partial(self._tariff_entry, name, field, entry)
                    yield _lever(*told, entry.value, move, ending=entry.ending)
            elif doc.sort == "series" and isinstance(value, float):
                yield _lever(*told, value, partial(self._tariff, name, field))
            elif doc.sort == "series":
                yield _lever(*told, 1.0, partial(self._tariff_scaled, name), "factor")
            elif field == "periods":
                for place, period in enumerate(value):
                    ratio = fields_of(Period)["ratio"]
                    move = partial(self._period, name, place)
                    yield _lever(f"{path}[{place}].ratio", tariff, field, ratio, period.ratio, move)

    def _tariff_entry(self, name: str, field: str, entry: _Entry, new: float) -> Values:
        return self._tariff(name, field, entry.put(new))

    def _tariff_scaled(self, name: str, by: float) -> Values:
        price = self.inputs.prices[name]
        return self._priced(name, Price(by * price.energy_cny_per_mwh, price.demand_cny_per_mw_month))

    def _period(self, name: str, place: int, ratio: float) -> Values:
        return self._tariff(name, "periods", _with(self.park.tariffs[name].periods, place, "ratio", ratio))

    def _tariff(self, name: str, field: str, value: Any) -> Values:
        """Numbers of the LP with a field of a tariff changed, checked again."""
        park = self.park
        again = Tariff.model_validate({**_given(park.tariffs[name]), field: value})
        where = f"{park.place}: tariffs.{name}"
        if again.table is not None and name not in self._tables:
            self._tables[name] = read_table(again.table, base=park.folder, where=f"{where}.table")
        price = read_tariff(
            again,
            time=park.time,
            seasons=park.seasons,
            reader=self._reader,
            base=park.folder,
            where=where,
            table=self._tables.get(name),
        )
        return self._priced(name, price)

    def _priced(self, name: str, price: Price) -> Values:
        prices = {**self.inputs.prices, name: price}
        changed = dict(self.inputs.values)
        for component, table in self.park.components.items():
            if name in _references(table):
                changed[component] = self._numbers(component, prices=prices)
        return changed


def _references(component: Component) -> list[str]:
    """Tariffs that a component names."""
    return [getattr(component, field) for field, doc in fields_of(type(component)).items() if doc.sort == "reference"]


def _read_only(values: Array) -> Array:
    array = np.ascontiguousarray(values, np.float64)
    array.setflags(write=False)
    return array


def _plain(weather: WeatherYear) -> dict[str, Any]:
    return {item.name: getattr(weather, item.name) for item in dataclasses.fields(weather)}


def _given(table: BaseModel) -> dict[str, Any]:
    """Give what a table says, defaults apart."""
    return {name: getattr(table, name) for name in table.model_fields_set}


def _with(tables: Sequence[BaseModel], place: int, field: str, value: float) -> list[BaseModel]:
    """Give a list of tables with a field of one of them changed, checked again."""
    changed = type(tables[place]).model_validate({**_given(tables[place]), field: value})
    return [*tables[:place], changed, *tables[place + 1 :]]


def _factor_limits(values: Array, limits: Mapping[str, float]) -> dict[str, float]:
    """Give the factors that keep a profile within the limits of its field."""
    least, most = float(values.min(initial=0.0)), float(values.max(initial=0.0))
    ends = [np.inf]
    if most > 0.0 and "le" in limits:
        ends.append(limits["le"] / most)
    if least < 0.0 and "ge" in limits:
        ends.append(limits["ge"] / least)
    return {"ge": 0.0, "le": min(ends)}


def _lever(
    path: str,
    table: BaseModel | None,
    field: str,
    doc: FieldDoc,
    value: float,
    move: Callable[[float], Values],
    sort: Sort = "number",
    *,
    ending: str = "",
    limits: Mapping[str, float] | None = None,
) -> Lever:
    if limits is None:
        limits = doc.limits if sort == "number" else {"ge": 0.0} if sort == "factor" else {}
    low = limits.get("ge", limits.get("gt", -np.inf))
    high = limits.get("le", limits.get("lt", np.inf))
    source = "" if table is None else source_of(table, field)
    unit = "1" if sort == "factor" else doc.unit or "1"

    def checked(new: float) -> Values:
        if outside(new, limits):
            msg = f"{path}: leaves its limits"
            raise InputError(msg)
        return move(new)

    return Lever(f"{path}{ending}", float(value), unit, sort, doc.meaning, source, low, high, checked)
