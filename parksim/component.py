"""The contract of a component, and the words of the Block it is declared with.

A component says in one file what the user may write, which numbers follow from it, which rows and columns it adds, what
it costs and emits, what to report, and a few worked cases. Everything else in parksim knows components only through
this contract.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from parksim.errors import InputError
from parksim.fields import fields_of
from parksim.investment import Size
from parksim.memory import Memory, Result
from parksim.timeaxis import TimeAxis
from parksim.weather import WeatherYear

Role = Literal[
    "renewable", "direct", "import", "export", "demand", "unserved", "charge", "discharge", "convert", "spill"
]
"""What accounts know of a flow."""

Over = Literal["step", "month", "year", "once"]
Period = Literal["month", "year"]

Array = NDArray[np.float64]
Numbers = dict[str, float | Array]
"""Every number the LP reads of one component: float, ``(time,)`` or ``(month,)``, each named with its unit."""

Residuals = dict[str, Array]
"""Left minus right side of each equation of a docstring: to be zero, or >= 0 where named ``*_slack``."""

Term = Any
"""A linear expression of Pyomo inside a rule."""


class Index(Protocol):
    """A symbolic or concrete position on an axis, as rules receive it."""

    def before(self) -> "Index":
        """Give the step before, as each variable understands it."""
        ...

    def month(self) -> "Index":
        """Give the month of this step."""
        ...


def before(t: Index) -> Index:
    """Give the step before ``t``: cyclic over the horizon, or the start level where one is given."""
    return t.before()


def month(t: Index) -> Index:
    """Give the month of step ``t``."""
    return t.month()


class Handle(Protocol):
    """A flow, level, peak, total or series that rules index with ``t``, ``before(t)`` or ``month(t)``."""

    def __getitem__(self, index: Index) -> Term:
        """Give the item at ``index``."""
        ...


Scalar = Any
"""A handle of one number, used as it stands inside rules."""

Bound = Any
"""A number, a scalar handle, a series handle, or ``capacity * series``."""


class Block(Protocol):
    """What ``declare`` may say; nothing else reaches the LP."""

    def number(self, name: str) -> Scalar:
        """Name one number of ``numbers()``."""
        ...

    def series(self, name: str) -> Handle:
        """Name one array of ``numbers()``, by step or by month."""
        ...

    def capacity(self, name: str) -> Scalar:
        """Name a sizable field: a number in dispatch, a column in the sizing form."""
        ...

    def flow(
        self, name: str, *, node: str | None = None, feeds: bool, role: Role, lo: Bound = 0.0, hi: Bound = np.inf
    ) -> Handle:
        """Add a power per step [MW], joined to ``node`` (or to none: inflow and spill)."""
        ...

    def level(self, name: str, *, lo: Bound = 0.0, hi: Bound = np.inf, start: Scalar | None = None) -> Handle:
        """Add a content at the end of each step [MWh]; cyclic unless ``start`` is given."""
        ...

    def peak(self, name: str, *, over: Period = "month", lo: Bound = 0.0, hi: Bound = np.inf) -> Handle:
        """Add a power per calendar month of the horizon [MW]."""
        ...

    def total(self, flow: Handle, *, over: Period) -> Handle:
        """Add the energy of a flow per month or year [MWh] with its defining row."""
        ...

    def amount(self, name: str, *, over: Period, lo: Bound = 0.0, hi: Bound = np.inf) -> Handle:
        """Add an energy per month or year that no flow carries [MWh], such as energy paid for and not taken."""
        ...

    def row(self, name: str, rule: Callable[..., Any], *, over: Over = "step") -> None:
        """Add one relation per step, month, year, or once."""
        ...

    def cost(self, term: str, coefficient: Bound, what: Handle | Scalar | None = None) -> None:
        """Book money [CNY] on the cost ledger: a coefficient times a flow, level, peak, total, capacity, or alone."""
        ...

    def co2(self, source: str, coefficient: Bound, what: Handle | Scalar | None = None) -> None:
        """Book emissions [t] on the CO2 ledger."""
        ...


class Slice(Protocol):
    """A component's own part of the results, for indicators and residuals."""

    step_h: float
    month_of_step: NDArray[np.int64]

    def power(self, flow: str) -> Array:
        """Power of a flow, shape (time,) [MW]."""
        ...

    def upper(self, flow: str) -> Array:
        """Upper bound of a flow, shape (time,) [MW]."""
        ...

    def energy_mwh(self, flow: str) -> float:
        """Energy of a flow over the horizon [MWh]."""
        ...

    def level(self, name: str) -> Array:
        """Content at the end of each step, shape (time,) [MWh]."""
        ...

    def level_before(self, name: str) -> Array:
        """Content at the begin of each step, shape (time,) [MWh]."""
        ...

    def peak(self, name: str) -> Array:
        """Peak per month, shape (month,) [MW]."""
        ...

    def total(self, name: str) -> Array:
        """Total or amount per month or year, shape (month,) or (year,) [MWh]."""
        ...

    def number(self, name: str) -> float:
        """One number the LP was filled with."""
        ...

    def series(self, name: str) -> Array:
        """One array the LP was filled with, shape (time,) or (month,)."""
        ...

    # What the audit restates from: read from the park file and its profiles, before any number of the LP was made.

    stamps: pd.DatetimeIndex
    """Begin of every step on the park's clock, shape (time,)."""
    grid_co2_t_per_mwh: float
    """Factor of the park's first yardstick [t MWh-1]."""
    grid_co2_net: bool
    """Whether that yardstick takes energy sold off energy bought."""

    @property
    def month_cover(self) -> Array:
        """Share of each calendar month inside the horizon, counted from the stamps, shape (month,) [1]."""
        ...

    def given(self, field: str) -> Array:
        """Give a profile or monthly field of the component as read, shape (time,) or (month,)."""
        ...

    def tariff(self, name: str) -> tuple[Array, Array]:
        """Energy price, shape (time,) [CNY MWh-1], and demand charge, shape (month,) [CNY MW-1 month-1], as read."""
        ...


@dataclass(frozen=True)
class Indicator:
    """A figure a component reports about itself: name with unit suffix, unit, and a pure function of its slice."""

    name: str
    unit: str
    value: Callable[[Slice], float]
    meaning: str = ""


@dataclass(frozen=True)
class Case:
    """A worked case: a park small enough to solve by hand, its optimum, and what plausible bugs would give.

    Parameters
    ----------
    proves
        What the case shows, in a sentence.
    park
        Builds the park as a table of the park file.
    objective_cny
        Cheapest cost of the horizon, with its arithmetic in a comment [CNY].
    wrong
        Plausible bug to the cost it would give [CNY]; each must differ clearly from the right one.
    values
        Label of a flow (``battery.charge``) or indicator to its energy or value, where the optimum is unique.
    """

    proves: str
    park: Callable[[], dict[str, Any]]
    objective_cny: float
    wrong: Mapping[str, float] = field(default_factory=dict)
    values: Mapping[str, float] = field(default_factory=dict)


class Site(BaseModel):
    """Where the park stands."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    name: Annotated[str, Field(description="Name of the place.")] = "park"
    name_zh: Annotated[str | None, Field(description="The same in Chinese.")] = None
    latitude_deg: Annotated[
        float, Field(ge=-90, le=90, description="Latitude, north positive.", json_schema_extra={"unit": "deg"})
    ]
    longitude_deg: Annotated[
        float, Field(ge=-180, le=180, description="Longitude, east positive.", json_schema_extra={"unit": "deg"})
    ]
    altitude_m: Annotated[
        float, Field(ge=-430, le=6000, description="Height above sea level.", json_schema_extra={"unit": "m"})
    ] = 0.0
    sources: Annotated[dict[str, str], Field(description="Field to source, or `default` for the rest.")] = {}


@dataclass(frozen=True)
class Price:
    """A tariff read out over the horizon.

    Parameters
    ----------
    energy_cny_per_mwh
        All that is paid per energy bought, shape (time,) [CNY MWh-1].
    demand_cny_per_mw_month
        Two-part demand charge by calendar month of the horizon, shape (month,) [CNY MW-1 month-1].
    periods, period_of_step
        Names of the time-of-use periods, and the position among them of each step, shape (time,).
    """

    energy_cny_per_mwh: Array
    demand_cny_per_mw_month: Array
    periods: tuple[str, ...] = ()
    period_of_step: NDArray[np.int64] | None = None


@dataclass(frozen=True)
class Context:
    """What ``numbers()`` may read besides the component's own fields.

    Parameters
    ----------
    where
        Path of the component for messages, such as ``parks/north.toml: components.pv``.
    resolved
        Field to array of every series ``(time,)`` and monthly ``(month,)`` field of the component.
    memory
        What similar parks have worked out.
    """

    where: str
    time: TimeAxis
    site: Site
    weather: WeatherYear | None
    prices: Mapping[str, Price]
    grid_co2_t_per_mwh: float
    resolved: Mapping[str, Array]
    grid_co2_net: bool = False
    memory: Memory = field(default_factory=Memory)

    @property
    def step_h(self) -> float:
        """Length of a step [h]."""
        return self.time.step_h

    def series(self, name: str) -> Array:
        """Give a series field over the steps, shape (time,)."""
        return self.resolved[name]

    def monthly(self, name: str) -> Array:
        """Give a monthly field over the months of the horizon, shape (month,)."""
        return self.resolved[name]

    def weather_of(self, name: str) -> Array:
        """Give one weather series, shape (time,).

        Raises
        ------
        InputError
            If the park file gives no such weather.
        """
        values = None if self.weather is None else getattr(self.weather, name)
        if values is None:
            msg = (
                f"{self.where}: needs {name} of the weather, and the park file gives none. "
                f"Add `{name}` to [weather], or give the component an `available` profile."
            )
            raise InputError(msg)
        return np.asarray(values)

    def recall(self, name: str, causes: tuple[Any, ...], work: Callable[[], Result]) -> Result:
        """Give a part of the numbers that a similar park has worked out already, as :meth:`Memory.recall`.

        Parameters
        ----------
        name
            Of the part, within the component.
        causes, work
            All that it follows from, and what works it out.
        """
        return self.memory.recall(f"{self.where}.{name}", causes, work)


class Component(BaseModel):
    """Base of all components: a frozen table of the park file."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    name: Annotated[SkipJsonSchema[str], Field(description="Key of the table.")] = ""
    title: Annotated[str | None, Field(description="Name shown in reports; the key where left out.")] = None
    title_zh: Annotated[str | None, Field(description="The same in Chinese.")] = None
    sources: Annotated[
        dict[str, str],
        Field(description="Field to its source, or to the word 'assumption' with a reason; `default` for the rest."),
    ] = {}
    size: Annotated[
        dict[str, Size], Field(description="Capacity to its limits and costs, for `parksim size`; a run ignores it.")
    ] = {}

    indicators: ClassVar[tuple[Indicator, ...]] = ()
    """Figures reported besides flows, levels and ledgers."""

    def numbers(self, ctx: Context) -> Numbers:
        """Give every number the LP reads, capacities apart."""
        raise NotImplementedError

    def declare(self, lp: Block) -> None:
        """Add rows and columns; depends on structural fields only."""
        raise NotImplementedError

    def residuals(self, own: Slice) -> Residuals:
        """Restate the docstring's equations in plain NumPy, for the audit."""
        del own
        return {}

    def costs(self, own: Slice) -> dict[str, float]:
        """Restate each term of the cost ledger from the results, for the audit [CNY]."""
        del own
        return {}

    def emissions(self, own: Slice) -> dict[str, float]:
        """Restate each source of the CO2 ledger from the results, for the audit [t]."""
        del own
        return {}

    def problems(self) -> list[str]:
        """Name what is wrong between fields, each as ``field: got ..., must ...``."""
        return []

    def nodes(self) -> dict[str, str]:
        """Map each node field to the node it names."""
        return {name: getattr(self, name) for name, doc in fields_of(type(self)).items() if doc.sort == "node"}

    def capacities(self) -> dict[str, float]:
        """Map each sizable field to its value."""
        given = {name: getattr(self, name) for name, doc in fields_of(type(self)).items() if doc.sizable}
        return {name: float(value) for name, value in given.items() if value is not None}
