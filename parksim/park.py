"""The park: what the user wrote, checked and frozen."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, ValidationError, model_validator
from pydantic.json_schema import SkipJsonSchema

from parksim.component import Site
from parksim.components import KINDS
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
from parksim.fields import fields_of, quantity
from parksim.messages import nearest, problems_of
from parksim.tariffs import Tariff
from parksim.timeaxis import TimeAxis
from parksim.weather import Weather

NAME = re.compile(r"^[a-z][a-z0-9_]*$")

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
    note: Annotated[str | None, Field(description="What the reader should know about this park.")] = None


class Yardstick(_Table):
    """A factor to count the CO2 of grid electricity by."""

    title: Annotated[str, Field(description="Name shown in reports.")]
    factor_t_per_mwh: Annotated[float, quantity("t MWh-1", "CO2 of a MWh from the grid.", ge=0, le=2)]
    year: Annotated[int, Field(description="Data year of the factor.", ge=1990, le=2100)]
    net_of_export: Annotated[
        bool, Field(description="Whether energy sold is taken off energy bought before it is counted.")
    ] = False
    source: Annotated[str, Field(description="Where the factor stands, with its tag.")] = ""


class Claim(_Table):
    """A figure somebody claims, to be held against the simulation."""

    title: Annotated[str, Field(description="The claim in words.")]
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
    named = {}
    for name, table in tables.items():
        if not NAME.match(str(name)):
            msg = f"components.{name}: a name has small letters, digits and underscores, and starts with a letter"
            raise ValueError(msg)
        if isinstance(table, Mapping) and table.get("name", name) != name:
            msg = f"components.{name}.name: unknown key; the table's own name is the component's name"
            raise ValueError(msg)
        named[name] = {**table, "name": name} if isinstance(table, Mapping) else table
    return named


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
    components: Annotated[
        dict[str, AnyComponent], BeforeValidator(_named), Field(description="Components by name.", min_length=1)
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
        found = [*self._season_problems(), *self._reference_problems()]
        for name, component in self.components.items():
            found += [f"components.{name}.{problem}" for problem in component.problems()]
        if found:
            raise InputError([f"{self.place}: {problem}" for problem in found])
        return self

    def _season_problems(self) -> list[str]:
        months = [month for many in self.seasons.values() for month in many]
        wrong = [month for month in months if not 1 <= month <= 12]
        twice = sorted({month for month in months if months.count(month) > 1})
        found = [f"seasons: got month {month}, must lie in [1, 12]." for month in wrong]
        return found + [f"seasons: month {month} stands in two seasons; each belongs to one." for month in twice]

    def _reference_problems(self) -> list[str]:
        found = [f"nodes.{n}: a node may not have a component's name." for n in self.nodes if n in self.components]
        for name, component in self.components.items():
            for field, node in component.nodes().items():
                if node not in self.nodes:
                    found.append(f"components.{name}.{field}: unknown node {node!r}.{nearest(node, [*self.nodes])}")
            for field, doc in fields_of(type(component)).items():
                target = getattr(component, field)
                if doc.sort == "reference" and target not in self.tariffs:
                    known = ", ".join(self.tariffs) or "none; add a table [tariffs.NAME]"
                    near = nearest(str(target), [*self.tariffs])
                    found.append(f"components.{name}.{field}: unknown tariff {target!r}.{near} Tariffs: {known}.")
        return found


def table_models(data: Any) -> dict[str, type[BaseModel]]:
    """Map the dotted path of every table in ``data`` to the model that reads it."""
    models: dict[str, type[BaseModel]] = {"": Park}
    models |= {"park": About, "site": Site, "time": TimeAxis, "weather": Weather}
    if not isinstance(data, Mapping):
        return models
    many: dict[str, type[BaseModel]] = {"tariffs": Tariff, "yardsticks": Yardstick, "claims": Claim}
    for section, model in many.items():
        models |= {f"{section}.{name}": model for name in _keys(data.get(section))}
    for name in _keys(data.get("components")):
        table = data["components"][name]
        kind = table.get("kind") if isinstance(table, Mapping) else None
        if kind in KINDS:
            models[f"components.{name}"] = KINDS[kind]
    return models


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
    try:
        return Park.model_validate({**data, "file": file})
    except ValidationError as error:
        place = file or "park"
        raise InputError(problems_of(error, data=data, place=place, models=table_models(data))) from None
