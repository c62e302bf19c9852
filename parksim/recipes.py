"""Recipes: the monthly facts and choices from which a profile is made, each with its source.

A recipe is a TOML file. Its tables are checked strictly: unknown keys, wrong counts and numbers out of range are told
together, with their place.
"""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from parksim.component import Site
from parksim.errors import InputError
from parksim.messages import problems_of
from parksim.tariffs import Period
from parksim.timeaxis import parse_clock


def _numbers(count: int, *, spread: bool = False) -> Callable[[object], object]:
    def take(value: object) -> object:
        if spread and isinstance(value, int | float) and not isinstance(value, bool):
            return (value,) * count
        if isinstance(value, list | tuple):
            if len(value) != count:
                msg = f"got {len(value)} numbers, must be {count}"
                raise ValueError(msg)
            return tuple(value)
        return value

    return take


def _as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _between(low: float, high: float) -> Callable[[tuple[float, ...]], tuple[float, ...]]:
    def check(values: tuple[float, ...]) -> tuple[float, ...]:
        for i, value in enumerate(values):
            if not low <= value <= high:
                msg = f"got {value:g} as number {i + 1}, must lie in [{low:g}, {high:g}]"
                raise ValueError(msg)
        return values

    return check


def _is_clock(value: str) -> str:
    parse_clock(value)
    return value


FileName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", description="Name of the CSV file, without ending.")]
Title = Annotated[str, Field(min_length=1, description="Title in the header of the CSV file.")]
Sources = Annotated[
    dict[str, str], Field(description="Field to its source with a tag, or to 'assumption'; `default` for the rest.")
]
PerMonth = BeforeValidator(_numbers(12, spread=True))
Irradiation = Annotated[tuple[float, ...], PerMonth, AfterValidator(_between(0.01, 15.0))]
Temperatures = Annotated[tuple[float, ...], PerMonth, AfterValidator(_between(-60.0, 50.0))]
Speeds = Annotated[tuple[float, ...], PerMonth, AfterValidator(_between(0.01, 30.0))]
Fractions = Annotated[tuple[float, ...], PerMonth, AfterValidator(_between(0.001, 0.999))]
Spreads = Annotated[tuple[float, ...], PerMonth, AfterValidator(_between(0.0, 1.5))]
DayShape = Annotated[tuple[float, ...], BeforeValidator(_numbers(24)), AfterValidator(_between(0.0, 1.0))]
Curve = Annotated[tuple[float, ...], BeforeValidator(_as_tuple), AfterValidator(_between(0.01, 1.0))]
Lag1 = Annotated[float, Field(gt=-1, lt=1)]


class _Facts(BaseModel):
    """A table of facts, each of which has a source."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    file: FileName
    title: Title
    sources: Sources

    @model_validator(mode="after")
    def _every_fact_has_a_source(self) -> "_Facts":
        facts = [name for name in type(self).model_fields if name not in ("file", "title", "sources")]
        unknown = [name for name in self.sources if name not in (*facts, "default")]
        if unknown:
            msg = f"sources names {unknown[0]!r}, which is no field; the fields are {', '.join(facts)}"
            raise ValueError(msg)
        bare = [name for name in facts if name not in self.sources and "default" not in self.sources]
        if bare:
            msg = f"sources says nothing of {', '.join(bare)}; add a source each, or `default`"
            raise ValueError(msg)
        return self


class WeatherFacts(_Facts):
    """What the weather of a site is like, month by month; twelve numbers, or one that holds all year."""

    ghi_kwh_per_m2: Annotated[Irradiation, Field(description="Mean daily global irradiation [kWh m-2].")]
    ghi_std_kwh_per_m2: Annotated[
        Irradiation, Field(description="Standard deviation of daily global irradiation within the month [kWh m-2].")
    ]
    dhi_kwh_per_m2: Annotated[Irradiation, Field(description="Mean daily diffuse irradiation [kWh m-2].")]
    clearness_min: Annotated[float, Field(ge=0, lt=0.5, description="Clearness index of the darkest day [1].")]
    clearness_max: Annotated[float, Field(gt=0.1, le=0.8, description="Clearness index of the brightest day [1].")]
    clearness_lag1: Annotated[Lag1, Field(description="Correlation of the clearness of neighbouring days [1].")]
    temp_air_c: Annotated[Temperatures, Field(description="Mean air temperature [degC].")]
    temp_day_std_k: Annotated[
        float, Field(ge=0, le=15, description="Standard deviation of daily mean temperature around its season [K].")
    ]
    temp_day_lag1: Annotated[Lag1, Field(description="Correlation of neighbouring days' temperature anomalies [1].")]
    temp_range_dark_k: Annotated[float, Field(ge=0, le=30, description="Daily range at clearness 0 [K].")]
    temp_range_bright_k: Annotated[
        float, Field(ge=0, le=40, description="Daily range at clearness `clearness_max` [K].")
    ]
    wind_speed_m_per_s: Annotated[Speeds, Field(description="Mean wind speed 10 m above ground [m s-1].")]
    wind_lag1: Annotated[Lag1, Field(description="Correlation of neighbouring hours of wind, as normal scores [1].")]
    wind_weibull_shape: Annotated[float, Field(ge=0.8, le=5, description="Weibull shape parameter of the wind [1].")]

    @model_validator(mode="after")
    def _facts_agree(self) -> "WeatherFacts":
        if self.clearness_min >= self.clearness_max:
            msg = f"clearness_min: got {self.clearness_min:g}, must be below clearness_max ({self.clearness_max:g})"
            raise ValueError(msg)
        for i, (total, diffuse) in enumerate(zip(self.ghi_kwh_per_m2, self.dhi_kwh_per_m2, strict=True)):
            if diffuse >= total:
                msg = f"dhi_kwh_per_m2: got {diffuse:g} in month {i + 1}, must be below the global {total:g}"
                raise ValueError(msg)
        return self


class HydroFacts(_Facts):
    """A river and the run-of-river plants on it; availability is calibrated to given monthly means."""

    flow_mean_m3_per_s: Annotated[float, Field(gt=0, description="Mean annual flow [m3 s-1].")]
    runoff_fraction: Annotated[Fractions, Field(description="Share of each month in the year's runoff [1].")]
    flow_day_std_log: Annotated[
        Spreads, Field(description="Standard deviation of daily log flow before monthly means are restored [1].")
    ]
    flow_day_lag1: Annotated[Lag1, Field(description="Correlation of neighbouring days of log flow [1].")]
    flow_wet_ratio: Annotated[float, Field(ge=1, le=2, description="Flow of a wet year over that of a mean year [1].")]
    flow_dry_ratio: Annotated[float, Field(gt=0.2, le=1, description="Flow of a dry year over a mean year's [1].")]
    ecological_fraction: Annotated[
        float, Field(ge=0, lt=1, description="Ecological flow over mean annual flow, left in the river first [1].")
    ]
    flow_full_m3_per_s: Annotated[float, Field(gt=0, description="Turbined flow at full power [m3 s-1].")]
    flow_min_fraction: Annotated[
        float, Field(ge=0, lt=1, description="Smallest turbined flow over the one at full power [1].")
    ]
    load_points: Annotated[Curve, Field(min_length=2, description="Corners of the efficiency curve, rising loads [1].")]
    eff_points: Annotated[Curve, Field(min_length=2, description="Efficiency at `load_points` [1].")]
    available_max: Annotated[
        float, Field(gt=0, le=1, description="Availability at full flow; the rest is outages and flood head loss [1].")
    ]
    available_mean: Annotated[Fractions, Field(description="Mean availability of each month in a mean year [1].")]
    regulated_h: Annotated[
        float, Field(gt=0, lt=8784, description="Full-load hours of the variant with reservoirs upstream [h].")
    ]

    @model_validator(mode="after")
    def _facts_agree(self) -> "HydroFacts":
        total = sum(self.runoff_fraction)
        if abs(total - 1.0) > 2e-3:
            msg = f"runoff_fraction: the twelve add up to {total:.4g}, must be 1"
            raise ValueError(msg)
        if len(self.load_points) != len(self.eff_points):
            msg = f"eff_points: got {len(self.eff_points)} numbers, must be {len(self.load_points)} as in load_points"
            raise ValueError(msg)
        if any(b <= a for a, b in zip(self.load_points, self.load_points[1:], strict=False)):
            msg = f"load_points: got {list(self.load_points)}, must rise"
            raise ValueError(msg)
        if max(self.available_mean) >= self.available_max:
            msg = f"available_mean: got {max(self.available_mean):g}, must be below available_max"
            raise ValueError(msg)
        return self


class TouFacts(_Facts):
    """Time-of-use periods and their ratios to the flat energy price."""

    period: Annotated[list[Period], Field(min_length=1, description="Periods; together they cover each hour once.")]

    @model_validator(mode="after")
    def _hours_are_covered_once(self) -> "TouFacts":
        covered = np.sum([period.covers() for period in self.period], axis=0)
        for month in range(12):
            for hour in range(24):
                if covered[month, hour] != 1:
                    msg = f"month {month + 1}, hour {hour}: lies in {covered[month, hour]} periods, must be in 1"
                    raise ValueError(msg)
        return self


class LoadShapeFacts(_Facts):
    """Day shapes of loads, each a fraction of the day's peak by hour."""

    shape: Annotated[dict[str, DayShape], Field(min_length=1, description="Name to 24 fractions of the peak [1].")]


class Recipe(BaseModel):
    """One recipe file: general choices, and the profiles to make."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    licence: Annotated[str, Field(min_length=1, description="Licence of the files made.")]
    source: Annotated[str, Field(min_length=1, description="One line on where the numbers come from.")]
    clock: Annotated[str, AfterValidator(_is_clock), Field(description="Offset from UTC, such as '+08:00'.")]
    year: Annotated[int | None, Field(ge=1950, le=2100, description="Calendar year of hourly profiles.")] = None
    seed: Annotated[int | None, Field(ge=0, description="Seed of all draws.")] = None
    site: Annotated[Site | None, Field(description="Where the weather is.")] = None
    weather: Annotated[WeatherFacts | None, Field(description="Hourly weather to make.")] = None
    hydro: Annotated[HydroFacts | None, Field(description="Hourly flow and hydro availability to make.")] = None
    tou: Annotated[tuple[TouFacts, ...], BeforeValidator(_as_tuple), Field(description="Tariff tables to make.")] = ()
    load_shapes: Annotated[LoadShapeFacts | None, Field(description="Day shapes to write.")] = None

    @model_validator(mode="after")
    def _recipe_is_whole(self) -> "Recipe":
        if not (self.weather or self.hydro or self.tou or self.load_shapes):
            msg = "makes nothing; add [weather], [hydro], [[tou]] or [load_shapes]"
            raise ValueError(msg)
        if (self.weather or self.hydro) and (self.year is None or self.seed is None):
            msg = "[weather] and [hydro] need `year` and `seed`"
            raise ValueError(msg)
        if self.weather and self.site is None:
            msg = "[weather] needs a table [site] with latitude_deg, longitude_deg and altitude_m"
            raise ValueError(msg)
        made = [facts.file for facts in (self.weather, self.hydro, *self.tou, self.load_shapes) if facts is not None]
        twice = {name for name in made if made.count(name) > 1}
        if twice:
            msg = f"file: {sorted(twice)[0]!r} is made twice; give every table its own name"
            raise ValueError(msg)
        return self


_MODELS: dict[str, type[BaseModel]] = {
    "": Recipe,
    "site": Site,
    "weather": WeatherFacts,
    "hydro": HydroFacts,
    "load_shapes": LoadShapeFacts,
}


def load_recipe(path: str | Path) -> Recipe:
    """Read and check a recipe.

    Parameters
    ----------
    path
        TOML file.

    Returns
    -------
    Recipe
        The checked recipe.

    Raises
    ------
    InputError
        If the file cannot be read, is no TOML, or breaks a rule; all problems are told together.
    """
    path = Path(path)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        msg = f"{path}: cannot be read ({error.strerror}). Give the path of a recipe, such as profiles/yibin.toml."
        raise InputError([msg]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{path}: is no TOML file in UTF-8: {error}."
        raise InputError([msg]) from error
    try:
        return Recipe.model_validate(table)
    except ValidationError as error:
        raise InputError(problems_of(error, data=table, place=str(path), models=_MODELS)) from error
