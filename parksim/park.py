"""The park: what the user wrote, checked and frozen."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    InstanceOf,
    ValidationError,
    model_validator,
)
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
from parksim.limits import Limits
from parksim.messages import known_keys, nearest, percent_advice, problems_of, unknown_key
from parksim.other_energy import OtherEnergy, Verdict
from parksim.tariffs import Tariff, outside, season_problems
from parksim.timeaxis import TimeAxis
from parksim.variants import Variant
from parksim.weather import Weather

NAME = re.compile(r"^[a-z][a-z0-9_]*$")
NAMED = ("nodes", "tariffs", "yardsticks", "claims", "other_energy", "components")
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

    base: Annotated[
        str | None,
        Field(description="File this one builds on, relative to it, or a shipped park; the rest is what differs."),
    ] = None
    remove: Annotated[
        list[str], Field(description="Tables and fields of the base to leave out, such as 'components.roof_pv'.")
    ] = []
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
    other_energy: Annotated[
        dict[str, OtherEnergy],
        Field(description="Fuels and purchased heat of a year, by name; the verdict counts them."),
    ] = {}
    verdict: Annotated[
        Verdict | None, Field(description="How the park is judged by the rules of zero-carbon parks.")
    ] = None
    sizing: Annotated[
        Sizing | None, Field(description="Interest and common limits of the capacities that `parksim size` chooses.")
    ] = None
    limits: Annotated[Limits | None, Field(description="What the park as a whole may emit and buy.")] = None
    components: Annotated[
        dict[str, AnyComponent], Field(description="Components by name.", min_length=1), BeforeValidator(_named)
    ]
    file: Annotated[SkipJsonSchema[str | None], Field(description="The file it was read from.")] = None
    variant: Annotated[
        SkipJsonSchema[InstanceOf[Variant] | None], Field(description="What it builds on, and what differs.")
    ] = None

    @property
    def place(self) -> str:
        """File name for messages."""
        return self.file or "park"

    def place_of(self, path: str) -> str:
        """File name for messages on a field: that of the base where the field, and all it is read by, is the base's."""
        file, variant = self.place, self.variant
        while variant is not None and not variant.touches(path):
            file, variant = variant.file, variant.parent
        return file

    @property
    def folder(self) -> Path:
        """Folder that relative paths start from."""
        return Path(self.file).resolve().parent if self.file else Path.cwd()

    @property
    def limited(self) -> tuple[str, ...]:
        """Fields of ``[limits]`` that are set: a part of the structure."""
        return tuple(self.limits.given) if self.limits is not None else ()

    def tables(self) -> dict[str, Any]:
        """Give the tables of a file that holds this park, a variant as a whole; what was left out stays out."""
        drop: Any = {"file": True, "variant": True, "components": {name: {"name"} for name in self.components}}
        return self.model_dump(mode="json", exclude_unset=True, exclude_none=True, exclude=drop)

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
        found = [*self._base_problems(), *name_problems(tables), *seasons]
        found += [*self._reference_problems(), *self._claim_problems(), *self._limit_problems()]
        if self.other_energy and self.verdict is not None and self.verdict.all_electric:
            names = ", ".join(self.other_energy)
            found.append(f"verdict.all_electric: got true, and [other_energy] has {names}. Remove one of the two.")
        for name, tariff in self.tariffs.items():
            found += self._monthly_problems(f"tariffs.{name}", tariff) if not seasons else []
        for name, component in self.components.items():
            found += self._monthly_problems(f"components.{name}", component) if not seasons else []
            found += [f"components.{name}.{problem}" for problem in component.problems()]
            found += self._size_problems(f"components.{name}.size", component)
        if found:
            raise InputError([f"{self.place}: {problem}" for problem in found])
        return self

    def _base_problems(self) -> list[str]:
        """Name what is left of a variant after its base was read: nothing."""
        if self.base is not None:
            return ["base: is read from a file. Write the variant to one, and load that."]
        return ["remove: stands without `base`. Add the file it takes from, or drop it."] if self.remove else []

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

    def _limit_problems(self) -> list[str]:
        """Name limits of what the park has none of, and a component with the name of that table."""
        found = []
        if "limits" in self.components:
            found.append("components.limits: the table [limits] has this name; labels would mix them up. Rename it.")
        limits = self.limits.given if self.limits is not None else {}
        grids = any(isinstance(component, Grid) for component in self.components.values())
        none = "there is no grid to limit. Add a component of kind 'grid'."
        found += [f"limits.{name}: {none}" for name in limits if not grids]
        if "co2_max_t" in limits and not self.yardsticks:
            found.append("limits.co2_max_t: CO2 needs a yardstick. Add a table [yardsticks.NAME].")
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


def read_park(data: Mapping[str, Any], *, file: str | None = None, variant: Variant | None = None) -> Park:
    """Check the tables of a park file.

    Parameters
    ----------
    data
        Tables as TOML gives them.
    file
        Where they came from, for messages and relative paths.
    variant
        What the tables were joined from, if they were.

    Raises
    ------
    InputError
        With every problem found.
    """
    place = file or "park"
    found = [f"{place}: {problem}" for problem in name_problems(data)]
    hidden = {"file": file, "variant": variant}
    found += [f"{place}: {key}: {unknown_key(key, known_keys(Park))}" for key in hidden if data.get(key) is not None]
    try:
        park = Park.model_validate({**data, **hidden})
    except ValidationError as error:
        found += problems_of(error, data=data, place=place, models={"": Park})
    except InputError as error:
        found += error.problems
    if found:
        raise InputError(list(dict.fromkeys(found)))
    return park
