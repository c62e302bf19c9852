"""Weather of the site: read from a file, from daily irradiation, or field by field, and completed to what PV needs.

Irradiance comes from one place: the three fields of the park file, else the daily record, else the file. What is
missing of global, diffuse and beam follows from the other two, or, where only the global is known, from Erbs'
correlation. Temperature and wind are taken as given or left out.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from parksim.daily import DailyRecord, split_daily
from parksim.errors import InputError, ParksimWarning
from parksim.fields import series
from parksim.kernels.irradiance import close_beam, erbs
from parksim.notes import Note, joined, placed
from parksim.profiles import ProfileReader, ProfileRef, Series, frozen
from parksim.readers import read_series
from parksim.records import Record
from parksim.sun import SunPosition, sun_position
from parksim.timeaxis import TimeAxis, parse_clock

Array = NDArray[np.float64]

COLUMNS = {
    "ghi_w_per_m2": ("ghi", "W m-2"),
    "dhi_w_per_m2": ("dhi", "W m-2"),
    "dni_w_per_m2": ("dni", "W m-2"),
    "temp_air_c": ("temp_air", "degC"),
    "wind_speed_m_per_s": ("wind_speed", "m s-1"),
}
"""Field to its column in a weather file and its unit."""

SUN = ("ghi_w_per_m2", "dhi_w_per_m2", "dni_w_per_m2")

RANGES = {"W m-2": (0.0, 1500.0), "degC": (-60.0, 60.0), "m s-1": (0.0, 75.0)}
"""What the air near the ground can be: unit to lowest and highest value."""

ZENITH_CAP_DEG, ZENITH_MAX_DEG = 80.0, 88.0
"""Where beam by closure is capped and where it ends [deg]; the limits of `pvlib.irradiance.dni`."""

NOON_TOLERANCE_H = 2.0
"""How far the centre of the light may lie from solar noon [h]; shade and weather of a real site stay below one."""


FAR_KM, EARTH_RADIUS_KM = 100.0, 6371.0
"""Distance from which weather is no longer the site's own, and mean radius of the earth (IUGG) [km]."""


class Weather(BaseModel):
    """The table ``[weather]``: a file, a record of daily irradiation, or single fields, which go before the file."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    file: Annotated[
        str | None, Field(min_length=1, description="Path relative to the park file, or `builtin:NAME`.")
    ] = None
    format: Annotated[
        Literal["csv", "epw", "pvgis"],
        Field(
            description="`csv`: columns ghi, dhi, dni, temp_air, wind_speed with [unit]; `epw`; `pvgis`: CSV or JSON."
        ),
    ] = "csv"
    clock: Annotated[
        str | None, Field(description="Offset from UTC of the stamps, such as '+08:00', where the file states none.")
    ] = None
    map_year: Annotated[bool, Field(description="Take another year's record, or a typical year.")] = False
    record_year: Annotated[int | None, Field(description="The one year to take of a record of several.")] = None
    upsample: Annotated[
        Literal["hold", "linear"] | None,
        Field(description="How longer steps become the park's: each value held, or straight lines between middles."),
    ] = None
    downsample: Annotated[
        Literal["mean"] | None, Field(description="How shorter steps become the park's: their mean.")
    ] = None
    daily: Annotated[DailyRecord | None, Field(description="Daily irradiation, split to steps.")] = None
    ghi_w_per_m2: Annotated[Series | None, series("W m-2", "Global irradiance on the horizontal.")] = None
    dhi_w_per_m2: Annotated[Series | None, series("W m-2", "Diffuse irradiance on the horizontal.")] = None
    dni_w_per_m2: Annotated[Series | None, series("W m-2", "Beam irradiance on a plane facing the sun.")] = None
    temp_air_c: Annotated[Series | None, series("degC", "Air temperature.")] = None
    wind_speed_m_per_s: Annotated[Series | None, series("m s-1", "Wind speed at the height of the measurement.")] = None
    sources: Annotated[
        dict[str, str],
        Field(description="Field to its source, or to the word 'assumption' with a reason; `default` for the rest."),
    ] = {}

    @field_validator("clock")
    @classmethod
    def _clock_is_offset(cls, value: str | None) -> str | None:
        if value is not None:
            parse_clock(value)
        return value

    @model_validator(mode="after")
    def _one_place_each(self) -> "Weather":
        given = [name for name in COLUMNS if getattr(self, name) is not None]
        if self.file is None and self.daily is None and not given:
            msg = f"is empty; give file, daily, or one of {', '.join(COLUMNS)}"
            raise ValueError(msg)
        lost = [
            name
            for name in ("clock", "map_year", "record_year", "upsample", "downsample")
            if name in self.model_fields_set and self.file is None and getattr(self, name) not in (None, False)
        ]
        if lost:
            msg = (
                f"{lost[0]}: speaks of the file, and there is none; write it in the table of the field it is meant for"
            )
            raise ValueError(msg)
        twice = [name for name in given if name in SUN]
        if self.daily is not None and twice:
            msg = f"{twice[0]}: irradiance comes from daily already; give one of them"
            raise ValueError(msg)
        return self


@dataclass(frozen=True, eq=False)
class WeatherYear:
    """Weather over the steps of the park; read-only arrays, None where nothing is known.

    Parameters
    ----------
    ghi_w_per_m2, dhi_w_per_m2, dni_w_per_m2
        Global and diffuse irradiance on the horizontal, beam facing the sun, shape (time,) [W m-2].
    temp_air_c
        Air temperature, shape (time,) [degC].
    wind_speed_m_per_s
        Wind speed, shape (time,) [m s-1].
    notes
        Where it comes from and what was done to it.
    """

    ghi_w_per_m2: Array | None = None
    dhi_w_per_m2: Array | None = None
    dni_w_per_m2: Array | None = None
    temp_air_c: Array | None = None
    wind_speed_m_per_s: Array | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Place:
    """Where the weather is for: steps, site, and the name of the table for messages."""

    time: TimeAxis
    latitude_deg: float
    longitude_deg: float
    altitude_m: float
    where: str

    @property
    def offset_h(self) -> float:
        return self.time.zone.utcoffset(None).total_seconds() / 3600.0

    def sun(self) -> SunPosition:
        return sun_position(
            stamps_utc=self.time.mid_step_utc,
            latitude_deg=self.latitude_deg,
            longitude_deg=self.longitude_deg,
            altitude_m=self.altitude_m,
        )


def read_weather(
    weather: Weather,
    *,
    reader: ProfileReader,
    time: TimeAxis,
    latitude_deg: float,
    longitude_deg: float,
    altitude_m: float,
    where: str,
) -> WeatherYear:
    """Read the weather of a park.

    Parameters
    ----------
    weather
        The table ``[weather]``.
    reader
        Reads files of this park.
    time
        The park's clock and steps.
    latitude_deg, longitude_deg
        Site, north and east positive [deg].
    altitude_m
        Above sea level [m].
    where
        Path of the table for messages, such as ``parks/north.toml: weather``.

    Returns
    -------
    WeatherYear
        What is given, and the parts of irradiance that follow from it.

    Raises
    ------
    InputError
        If a file or field does not fit, a value is out of physical range, or light falls far from solar noon; all
        problems are told together.

    Warns
    -----
    ParksimWarning
        If the file states its place (``latitude_deg``, ``longitude_deg`` in its header), far from the site.

    Notes
    -----
    With z the zenith angle at mid-step,

    (1) ghi = dhi + dni cos z            where dhi and dni are given
    (2) dhi = ghi - dni cos z, in [0, ghi]    where ghi and dni are given
    (3) dni = (ghi - dhi) / cos z        where ghi and dhi are given; see `parksim.kernels.irradiance.close_beam`
    (4) dhi by Erbs, then (3)            where only ghi is given
    """
    place = _Place(time, latitude_deg, longitude_deg, altitude_m, where)
    values, notes, problems = _given(weather, reader, place)
    from_file = {name for name in values if getattr(weather, name) is None}
    if weather.daily is not None:
        try:
            light, more = split_daily(
                weather.daily,
                reader=reader,
                time=time,
                latitude_deg=latitude_deg,
                longitude_deg=longitude_deg,
                where=f"{where}.daily",
            )
            values |= light
            notes += more
        except InputError as error:
            problems += error.problems
    for name, array in values.items():
        problems += _range_problems(array, COLUMNS[name][1], f"{where}.{name}", time)
    if "ghi_w_per_m2" in from_file and not problems:
        problems += _noon_problems(values["ghi_w_per_m2"], place)
    if problems:
        raise InputError(problems)
    light, more = _complete({name: values[name] for name in SUN if name in values}, place)
    values |= light
    return WeatherYear(**{name: frozen(array) for name, array in values.items()}, notes=(*notes, *more))


def _given(weather: Weather, reader: ProfileReader, place: _Place) -> tuple[dict[str, Array], list[str], list[str]]:
    """Read fields and file: values by field, notes, problems."""
    where = place.where
    values: dict[str, Array] = {}
    notes: list[str] = []
    problems: list[str] = []
    for name, (_, unit) in COLUMNS.items():
        field = getattr(weather, name)
        if field is not None:
            try:
                resolved = reader.resolve(field, unit=unit, where=f"{where}.{name}")
            except InputError as error:
                problems += error.problems
                continue
            values[name] = resolved.values
            notes += [placed(f"weather.{name}", resolved.note)] if resolved.note else []
    if weather.file is None:
        return values, notes, problems
    taken = {name for name in COLUMNS if getattr(weather, name) is not None}
    if weather.daily is not None or taken & set(SUN):
        taken |= set(SUN)
    try:
        found, more = _from_file(weather, weather.file, reader, place, wanted=[n for n in COLUMNS if n not in taken])
    except InputError as error:
        return values, notes, problems + list(error.problems)
    return values | found, notes + more, problems


def _outside_reader(kind: str) -> Callable[..., Record]:
    """Load the reader of an outside format; only parks that use one pay for loading all of pvlib (a second)."""
    reader: Callable[..., Record] = getattr(import_module("parksim.readers_pvlib"), f"read_{kind}")
    return reader


def _from_file(
    weather: Weather, file: str, reader: ProfileReader, place: _Place, *, wanted: list[str]
) -> tuple[dict[str, Array], list[str]]:
    where = place.where
    kind = "series" if weather.format == "csv" else weather.format
    read = read_series if kind == "series" else _outside_reader(kind)
    record = reader.record(file, read=read, kind=kind, where=where)
    known = [column for column, _ in COLUMNS.values()]
    if not any(column in record.columns for column in known):
        msg = (
            f"{where}.file: {file} has none of the columns {', '.join(known)}; it has {', '.join(record.columns)}. "
            "Rename them, or give the fields one by one as { file, column }."
        )
        raise InputError(msg)
    values: dict[str, Array] = {}
    columns_of: dict[tuple[str, ...], list[str]] = {}
    problems: list[str] = []
    for name in wanted:
        column, unit = COLUMNS[name]
        if column not in record.columns:
            continue
        ref = ProfileRef(
            file=file,
            column=column,
            clock=weather.clock,
            map_year=weather.map_year,
            record_year=weather.record_year,
            upsample=weather.upsample,
            downsample=weather.downsample,
        )
        try:
            resolved = reader.column(record, ref, unit=unit, where=where)
        except InputError as error:
            problems += error.problems
            continue
        values[name] = resolved.values
        columns_of.setdefault(resolved.done, []).append(column)
    if problems:
        raise InputError(list(dict.fromkeys(problems)))
    _warn_of_distance(record, file, place)
    heads = {done: Note("{file}, {columns}", file=file, columns=", ".join(many)) for done, many in columns_of.items()}
    return values, [placed("weather", joined(head, *done)) for done, head in heads.items()]


def _warn_of_distance(record: Record, file: str, place: _Place) -> None:
    """Warn where the site lies far from the place that the file states, if it states one."""
    try:
        latitude, longitude = (float(record.meta[key]) for key in ("latitude_deg", "longitude_deg"))
    except KeyError:
        return
    except ValueError as error:
        msg = f"{place.where}.file: {file}: latitude_deg and longitude_deg of its header must be numbers: {error}."
        raise InputError(msg) from None
    there, here = np.radians([latitude, longitude]), np.radians([place.latitude_deg, place.longitude_deg])
    north, east = np.sin((there - here) / 2.0) ** 2
    distance_km = 2.0 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(north + np.cos(there[0]) * np.cos(here[0]) * east))
    if distance_km > FAR_KM:
        text = Note(
            "{file}: made for latitude {latitude}, longitude {longitude}, {distance} km from the site. "
            "Take weather of the site's own region.",
            file=file,
            latitude=f"{latitude:g}",
            longitude=f"{longitude:g}",
            distance=f"{distance_km:.0f}",
        )
        warnings.warn(text, ParksimWarning, stacklevel=4)


def _complete(given: dict[str, Array], place: _Place) -> tuple[dict[str, Array], list[str]]:
    """Complete irradiance by equations (1) to (4) of `read_weather`."""
    ghi, dhi, dni = (given.get(name) for name in SUN)
    if len(given) == len(SUN) or not given:
        return given, []
    sun = place.sun()
    cosine = np.maximum(np.cos(np.radians(sun.zenith_deg)), 0.0)
    if ghi is None:
        if dhi is None or dni is None:
            return given, []
        return {"ghi_w_per_m2": dhi + dni * cosine}, [placed("weather.ghi_w_per_m2", Note("from diffuse and beam"))]
    if dni is not None:
        from_beam = placed("weather.dhi_w_per_m2", Note("from global and beam"))
        return {"dhi_w_per_m2": np.clip(ghi - dni * cosine, 0.0, ghi)}, [from_beam]
    notes: list[str] = [placed("weather.dni_w_per_m2", Note("from global and diffuse"))]
    if dhi is None:
        _, dhi = erbs(np.ascontiguousarray(ghi), zenith_deg=sun.zenith_deg, dni_extra_w_per_m2=sun.dni_extra_w_per_m2)
        notes.insert(0, placed("weather.dhi_w_per_m2", Note("from global by Erbs' correlation")))
    elif (dhi > ghi).any():
        cut = Note("exceeded global in {n} steps and was cut to it", n=int((dhi > ghi).sum()))
        notes.append(placed("weather.dhi_w_per_m2", cut))
    dni, dhi = close_beam(
        np.ascontiguousarray(ghi),
        dhi_w_per_m2=np.ascontiguousarray(dhi),
        zenith_deg=sun.zenith_deg,
        dni_max_w_per_m2=sun.dni_extra_w_per_m2,
        zenith_cap_deg=ZENITH_CAP_DEG,
        zenith_max_deg=ZENITH_MAX_DEG,
    )
    return {"dhi_w_per_m2": dhi, "dni_w_per_m2": dni}, notes


def _range_problems(values: Array, unit: str, where: str, time: TimeAxis) -> list[str]:
    """Name values outside what the air can be, and slips of unit that stay inside."""
    low, high = RANGES[unit]
    wrong = np.flatnonzero((values < low) | (values > high))
    if wrong.size:
        first = int(wrong[0])
        stamp = time.stamps[first].isoformat(timespec="minutes")
        hint = ""
        if unit == "degC" and values.min() > high:
            hint = " These look like kelvin; state the unit as K."
        elif unit == "W m-2" and values.min() < 0.0 and values.max() <= high:
            hint = " Set the night offset of the sensor to 0."
        elif unit == "W m-2":
            hint = " Check unit: sums in kJ m-2 or J m-2 are no irradiance."
        elif unit == "m s-1" and values.min() >= 0.0:
            hint = " These look like km h-1; state that unit."
        many = f"{wrong.size} of {values.size} values lie outside"
        return [f"{where}: got {values[first]:g} {unit} at {stamp}, must lie in [{low:g}, {high:g}]; {many}.{hint}"]
    peak = float(values.max())
    if unit == "W m-2" and 0.0 < peak <= 2.0 and time.horizon_h >= 24.0:
        return [
            f"{where}: got at most {peak:g} W m-2 in {time.horizon_h:g} hours, must reach more by day. "
            "These look like kW m-2; state that unit."
        ]
    return []


def _noon_problems(ghi: Array, place: _Place) -> list[str]:
    """Name a clock that puts the light far from solar noon."""
    time = place.time
    if time.horizon_h < 24.0 or ghi.max() <= 0.0:
        return []
    minutes = (time.stamps.hour * 60 + time.stamps.minute).to_numpy() + time.step_minutes / 2
    solar_h = minutes / 60.0 - place.offset_h + place.longitude_deg / 15.0
    centre = np.angle(np.sum(ghi * np.exp(1j * np.pi * (solar_h - 12.0) / 12.0))) * 12.0 / np.pi
    if abs(centre) <= NOON_TOLERANCE_H:
        return []
    return [
        f"{place.where}.clock: the light of the file centres {abs(centre):.1f} h {'after' if centre > 0 else 'before'} "
        f"solar noon at longitude {place.longitude_deg:g}. The clock of the file or the longitude of the site is wrong."
    ]
