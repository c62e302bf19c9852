"""The park: what the user wrote, checked and frozen."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, ValidationError, model_validator
from pydantic.json_schema import SkipJsonSchema

from parksim.component import Component, Site
from parksim.components.battery import Battery
from parksim.components.demand import Demand
from parksim.components.direct_supply import DirectSupply
from parksim.components.grid import Grid
from parksim.components.pv import PV
from parksim.components.reservoir import Reservoir
from parksim.components.run_of_river import RunOfRiver
from parksim.components.shortfall import Shortfall
from parksim.components.wind import Wind
from parksim.errors import InputError
from parksim.fields import fields_of, limits_text, quantity
from parksim.investment import Sizing
from parksim.messages import known_keys, nearest, percent_advice, problems_of, unknown_key
from parksim.tariffs import Tariff, outside, season_problems
from parksim.timeaxis import TimeAxis
from parksim.weather import Weather

NAME = re.compile(r"^[a-z][a-z0-9_]*$")
NAMED = ("nodes", "tariffs", "yardsticks", "claims", "components")
"""Tables of tables, whose names stand in paths such as ``components.roof.tilt_deg``."""

AnyComponent = Annotated[
    PV | Wind | RunOfRiver | Reservoir | Battery | Grid | DirectSupply | Demand | Shortfall, Discriminator("kind")
]

Carrier = Literal["electricity", "heat", "hydrogen", "cold"]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


class About(_Table):
    """The table ``[park]``: name and purpose."""

    name: Annotated[str, Field(description="Short name, used for folders and titles.", min_length=1)]
    title: Annotated[str | None, Field(description="Full name shown in reports.")] = None
    title_zh: Annotated[str | None, Field(description="The same in Chinese.")] = None
    note: Annotated[str | None, Field(description="What the reader should know about this park.")] = None
    note_zh: Annotated[str | None, Field(description="The same in Chinese.")] = None

    @property
    def shown(self) -> str:
        """Full name, or the short one, with the Chinese beside it."""
        title = self.title or self.name
        return f"{title} ({self.title_zh})" if self.title_zh else title


class Yardstick(_Table):
    """A factor to count the CO2 of grid electricity by."""

    title: Annotated[str, Field(description="Name shown in reports.")]
    title_zh: Annotated[str | None, Field(description="The same in Chinese.")] = None
    factor_t_per_mwh: Annotated[float, quantity("t MWh-1", "CO2 of a MWh from the grid.", ge=0, le=2)]
    year: Annotated[int, Field(description="Data year of the factor.", ge=1990, le=2100)]
    net_of_export: Annotated[
        bool, Field(description="Whether energy sold is taken off energy bought before it is counted.")
    ] = False
    source: Annotated[str, Field(description="Where the factor stands, with its tag.")] = ""


class Claim(_Table):
    """A figure somebody claims, to be held against the simulation."""

    title: Annotated[str, Field(description="The claim in words.")]
    title_zh: Annotated[str | None, Field(description="The same in Chinese.")] = None
    figure: Annotated[
        Literal["green_supply_mwh", "avoided_co2_t", "green_share", "self_use_share", "load_mwh"],
        Field(description="Figure of the summary the claim speaks of."),
    ]
    value: Annotated[float, Field(description="Claimed value, in the unit of the figure.", gt=0)]
    source: Annotated[str, Field(description="Who claims it, and where.")] = ""


def _named(tables: object) -> object:
    """Give each component the name of its table."""
    if not isinstance(tables, Mapping):
        return tables
    return {name: {**table, "name": name} if isinstance(table, Mapping) else table for name, table in tables.items()}


def name_problems(data: Mapping[str, Any]) -> list[str]:
    """Name tables whose name cannot stand in a path such as ``components.roof.tilt_deg``."""
    found = []
    for section in NAMED:
        title = "" if section == "nodes" else " Its `title` may have any letters."
        for name in _keys(data.get(section)):
            if NAME.match(name):
                continue
            plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_").lstrip("0123456789_")
            found.append(
                f"{section}: got the name {name!r}, must have small letters, digits and underscores and start with a "
                f"letter{f', such as {plain!r}' if plain else ''}.{title}"
            )
    components = data.get("components")
    for name in _keys(components):
        table = components[name] if isinstance(components, Mapping) else None
        if isinstance(table, Mapping) and table.get("name", name) != name:
            found.append(
                f"components.{name}.name: unknown key. A component's name is that of its table, here {name!r}."
            )
    return found


class Park(_Table):
    """A park file: nodes joined by components, a clock, tariffs, yardsticks, claims."""

    park: Annotated[About, Field(description="Name and purpose.")]
    site: Annotated[Site, Field(description="Where the park stands.")]
    time: Annotated[TimeAxis, Field(description="Clock, year and step.")]
    nodes: Annotated[dict[str, Carrier], Field(description="Node to carrier.")] = {"electricity": "electricity"}
    seasons: Annotated[
        dict[str, list[int]], Field(description="Season to its calendar months, such as wet = [6, 7, 8, 9, 10].")
    ] = {}
    weather: Annotated[Weather | None, Field(description="Weather of the site.")] = None
    tariffs: Annotated[dict[str, Tariff], Field(description="Tariffs by name.")] = {}
    yardsticks: Annotated[
        dict[str, Yardstick], Field(description="CO2 yardsticks by name; the first one books the park's own CO2.")
    ] = {}
    claims: Annotated[dict[str, Claim], Field(description="Claims to check, by name.")] = {}
    sizing: Annotated[
        Sizing | None, Field(description="Interest and common limits of the capacities that `parksim size` chooses.")
    ] = None
    components: Annotated[
        dict[str, AnyComponent], Field(description="Components by name.", min_length=1), BeforeValidator(_named)
    ]
    file: Annotated[SkipJsonSchema[str | None], Field(description="The file it was read from.")] = None

    @property
    def place(self) -> str:
        """File name for messages."""
        return self.file or "park"

    @property
    def base(self) -> Path:
        """Folder that relative paths start from."""
        return Path(self.file).resolve().parent if self.file else Path.cwd()

    @model_validator(mode="after")
    def _consistent(self) -> "Park":
        return self.rechecked()

    def rechecked(self) -> "Park":
        """Check what holds between tables; asked again after one of them was exchanged.

        Raises
        ------
        InputError
            With every problem found.
        """
        tables = {section: getattr(self, section) for section in Park.model_fields}
        seasons = self._season_problems()
        found = [*name_problems(tables), *seasons, *self._reference_problems(), *self._claim_problems()]
        for name, tariff in self.tariffs.items():
            found += self._monthly_problems(f"tariffs.{name}", tariff) if not seasons else []
        for name, component in self.components.items():
            found += self._monthly_problems(f"components.{name}", component) if not seasons else []
            found += [f"components.{name}.{problem}" for problem in component.problems()]
            found += self._size_problems(f"components.{name}.size", component)
        if found:
            raise InputError([f"{self.place}: {problem}" for problem in found])
        return self

    def _season_problems(self) -> list[str]:
        found, season_of = [], dict[int, str]()
        for season, months in self.seasons.items():
            if not months:
                found.append(f"seasons.{season}: is empty. List its months, such as [6, 7, 8], or remove it.")
            for month in months:
                if not 1 <= month <= 12:
                    found.append(f"seasons.{season}: got month {month}, must lie in [1, 12].")
                elif month in season_of:
                    found.append(f"seasons.{season}: month {month} stands in {season_of[month]} already; remove one.")
                season_of.setdefault(month, season)
        return found

    def _monthly_problems(self, path: str, table: BaseModel) -> list[str]:
        """Name monthly fields with an unknown season, a month without a value, or a value outside its limits."""
        found = []
        for field, doc in fields_of(type(table)).items():
            value = getattr(table, field)
            if doc.sort != "monthly" or value is None:
                continue
            named = [("", "", value)]
            if isinstance(value, tuple):
                named = [("", f" for month {month}", number) for month, number in enumerate(value, 1)]
            elif isinstance(value, dict):
                named = [(f".{season}", "", number) for season, number in value.items()]
                found += [f"{path}.{field}{problem}" for problem in season_problems(value, self.seasons)]
            unit = f" {doc.unit}" if doc.unit not in {None, "1"} else ""
            wrong = [entry for entry in named if outside(entry[2], doc.limits)]
            for key, month, number in wrong[:1] if isinstance(value, tuple) else wrong:
                want = f"{limits_text(doc.limits)}{unit}.{percent_advice(number, doc.limits)}"
                found.append(f"{path}.{field}{key}: got {number:g}{month}, {want}")
        return found

    def _size_problems(self, path: str, component: Component) -> list[str]:
        """Name sizes of what is no capacity, outside the limits of their field, or without an interest rate."""
        docs = fields_of(type(component))
        sizable = [field for field, doc in docs.items() if doc.sizable]
        found = []
        for field, size in component.size.items():
            if field not in sizable:
                known = f"Capacities: {', '.join(sizable)}." if sizable else "This kind has none."
                found.append(f"{path}.{field}: is no capacity that can be sized.{nearest(field, sizable)} {known}")
                continue
            for key in ("min", "max"):
                if outside(getattr(size, key), docs[field].limits):
                    got, want = getattr(size, key), limits_text(docs[field].limits)
                    found.append(f"{path}.{field}.{key}: got {got:g}, {want} {docs[field].unit}.")
        if component.size and self.sizing is None:
            found.append(f"{path}: needs an interest rate. Add a table [sizing] with discount_rate, such as 0.07.")
        return found

    def _claim_problems(self) -> list[str]:
        found = []
        for name, claim in self.claims.items():
            if claim.figure == "avoided_co2_t" and not self.yardsticks:
                found.append(f"claims.{name}.figure: CO2 avoided needs a yardstick. Add a table [yardsticks.NAME].")
            if claim.figure.endswith("_share") and claim.value > 1.0:
                hint = percent_advice(claim.value, {"le": 1.0})
                found.append(f"claims.{name}.value: got {claim.value:g}, a share must lie in (0, 1].{hint}")
        return found

    def _reference_problems(self) -> list[str]:
        found = [
            f"nodes.{n}: a component has this name too; labels would mix them up. Rename one of them."
            for n in self.nodes
            if n in self.components
        ]
        for name, component in self.components.items():
            for field, node in component.nodes().items():
                if node not in self.nodes:
                    known = ", ".join(self.nodes) or "none; add them to [nodes]"
                    near = nearest(node, [*self.nodes])
                    found.append(f"components.{name}.{field}: unknown node {node!r}.{near} Nodes: {known}.")
            for field, doc in fields_of(type(component)).items():
                target = getattr(component, field)
                if doc.sort == "reference" and target not in self.tariffs:
                    known = ", ".join(self.tariffs) or "none; add a table [tariffs.NAME]"
                    near = nearest(str(target), [*self.tariffs])
                    found.append(f"components.{name}.{field}: unknown tariff {target!r}.{near} Tariffs: {known}.")
        return found


def _keys(table: object) -> list[str]:
    return [str(key) for key in table] if isinstance(table, Mapping) else []


def read_park(data: Mapping[str, Any], *, file: str | None = None) -> Park:
    """Check the tables of a park file.

    Parameters
    ----------
    data
        Tables as TOML gives them.
    file
        Where they came from, for messages and relative paths.

    Raises
    ------
    InputError
        With every problem found.
    """
    place = file or "park"
    found = [f"{place}: {problem}" for problem in name_problems(data)]
    if data.get("file") is not None:
        found.append(f"{place}: file: {unknown_key('file', known_keys(Park))}")
    try:
        park = Park.model_validate({**data, "file": file})
    except ValidationError as error:
        found += problems_of(error, data=data, place=place, models={"": Park})
    except InputError as error:
        found += error.problems
    if found:
        raise InputError(list(dict.fromkeys(found)))
    return park


_KEYWORDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}


def json_schema() -> dict[str, Any]:
    """Give the JSON Schema of park files, for editors that complete and check.

    Notes
    -----
    Pydantic knows nothing of what parksim's own checks refuse in profiles, monthly values and names; limits, the count
    of months and the pattern of names are added here.
    """
    schema = Park.model_json_schema()
    for table in schema["$defs"].values():
        for field in table["properties"].values():
            _limit_forms(field)
    for section in NAMED:
        schema["properties"][section]["propertyNames"] = {"pattern": NAME.pattern}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _limit_forms(field: dict[str, Any]) -> None:
    """Put the limits of a field on each form of its value: a number, a list of them, one per season."""
    limits = {word: field.pop(key) for key, word in _KEYWORDS.items() if key in field}
    for form in field.get("anyOf", []):
        number = form if form.get("type") == "number" else form.get("items") or form.get("additionalProperties")
        if isinstance(number, dict) and number.get("type") == "number":
            number |= limits
        if form.get("type") == "array" and field.get("sort") == "monthly":
            form |= {"minItems": 12, "maxItems": 12}
