"""The tables of a study file, one model each."""

import sys
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from parksim.messages import known_keys, shown, unknown_key
from parksim.park import Park

SECTIONS = tuple(name for name in known_keys(Park) if name not in {"base", "remove", "park"})
"""Tables of a park file that a study may change."""

MOST = 100_000
"""Most values of an axis, draws, and combinations of one study."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


class About(_Table):
    """The table ``[study]``: name, park, seed."""

    name: Annotated[str, Field(description="Short name, used for folders and titles.", min_length=1)]
    title: Annotated[str | None, Field(description="Full name shown in reports.")] = None
    title_zh: Annotated[str | None, Field(description="The same in Chinese.")] = None
    note: Annotated[str | None, Field(description="What the reader should know about this study.")] = None
    note_zh: Annotated[str | None, Field(description="The same in Chinese.")] = None
    park: Annotated[
        str, Field(description="The park: a file relative to the study file, or a shipped one.", min_length=1)
    ]
    seed: Annotated[int, Field(description="Every draw of the study comes from it.", ge=0)] = 1

    @property
    def shown(self) -> str:
        """Full name, or the short one, with the Chinese beside it."""
        title = self.title or self.name
        return f"{title} ({self.title_zh})" if self.title_zh else title


def plain(value: Any) -> Any:
    """Give arrays and numbers of NumPy, wherever they stand, as Python has them."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


def _given(value: Any) -> Any:
    """Refuse what no park file can hold, wherever it stands in a value: nothing, or a number that is not finite."""
    if isinstance(value, Mapping | list | tuple):
        for item in value.values() if isinstance(value, Mapping) else value:
            _given(item)
    elif value is None:
        msg = "got nothing (None), must be a value; `remove` of an option leaves a field out"
        raise ValueError(msg)
    elif isinstance(value, int | float) and not abs(value) <= sys.float_info.max:
        msg = f"got {shown(value)}, must be a finite number"
        raise ValueError(msg)
    return value


class Range(_Table):
    """Evenly spaced numbers, both ends among them."""

    start: Annotated[float, Field(description="First number.")]
    stop: Annotated[float, Field(description="Last number.")]
    count: Annotated[int, Field(description="How many numbers.", ge=2, le=MOST)]

    def numbers(self) -> list[float]:
        """Give the numbers."""
        return [float(number) for number in np.linspace(self.start, self.stop, self.count)]


class Factors(_Table):
    """Limits of a factor that is drawn."""

    factor: Annotated[list[float], Field(description="Least and largest factor.", min_length=2, max_length=2)]


class Bundle(_Table):
    """Changes that belong together: paths of the park file to values, whole tables, and what is left out."""

    title: Annotated[str | None, Field(description="Name shown in reports; the key where left out.")] = None
    title_zh: Annotated[str | None, Field(description="The same in Chinese.")] = None
    note: Annotated[str | None, Field(description="What the reader should know.")] = None
    note_zh: Annotated[str | None, Field(description="The same in Chinese.")] = None
    source: Annotated[str, Field(description="Where the values come from, or 'assumption: ' and the reason.")] = ""
    remove: Annotated[
        list[str], Field(description="Tables and fields to leave out, such as 'components.battery'.")
    ] = []
    changes: Annotated[
        dict[str, Any],
        Field(description="Path of the park file to its value; in a file the paths stand beside `remove` themselves."),
    ] = {}

    @model_validator(mode="before")
    @classmethod
    def _paths_apart(cls, data: Any) -> Any:
        """Take every key that is none of the table's own as a path."""
        if not isinstance(data, Mapping):
            return data
        keys = [key for key in known_keys(cls) if key != "changes"]
        own = {key: plain(value) for key, value in data.items() if key in keys}
        paths = {key: plain(value) for key, value in data.items() if key not in keys}
        for key in paths:
            if "." not in key and key not in SECTIONS:
                msg = f"{key}: {unknown_key(key, [*keys, *SECTIONS])}"
                raise ValueError(msg)
        changes = _flat(paths)
        for path, value in changes.items():
            try:
                _given(value)
            except ValueError as error:
                msg = f"{path}: {error}"
                raise ValueError(msg) from None
        return {**own, "changes": changes}


def _flat(paths: Mapping[str, Any]) -> dict[str, Any]:
    """Give nested tables as paths of tables or, in sections without names, of fields."""
    found: dict[str, Any] = {}
    for key, value in paths.items():
        if "." in key or not isinstance(value, Mapping):
            found[key] = value
        else:
            found |= {f"{key}.{name}": table for name, table in value.items()}
    return found


class Scenario(Bundle):
    """A named bundle of changes with a weight."""

    weight: Annotated[
        float | None, Field(description="Share of the scenario in means over them; all alike where none has one.", ge=0)
    ] = None


class Axis(_Table):
    """What is varied, and over which values; one of values, range, factor, between and options."""

    field: Annotated[
        str | None, Field(description="Path of the park file, such as 'components.battery.energy_max_mwh'.")
    ] = None
    values: Annotated[
        list[Annotated[Any, AfterValidator(_given)]] | None, Field(description="Values the field takes.", min_length=1)
    ] = None
    range: Annotated[Range | None, Field(description="Evenly spaced values: { start, stop, count }.")] = None
    factor: Annotated[
        list[float] | Range | None,
        Field(description="Multiples of what the park file says: a list, or { start, stop, count }."),
    ] = None
    between: Annotated[
        list[float] | Factors | None,
        Field(description="Limits to draw between: [low, high], or { factor = [low, high] }; see [combine.sample]."),
    ] = None
    options: Annotated[
        dict[str, Bundle] | None, Field(description="Alternatives: named bundles of changes.", min_length=1)
    ] = None
    labels: Annotated[list[str] | None, Field(description="Names of the values, as many as there are.")] = None
    title: Annotated[str | None, Field(description="Name shown in reports; the key where left out.")] = None
    title_zh: Annotated[str | None, Field(description="The same in Chinese.")] = None
    source: Annotated[str, Field(description="Where the values come from, or 'assumption: ' and the reason.")] = ""

    WAYS: ClassVar[tuple[str, ...]] = ("values", "range", "factor", "between", "options")

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, data: Any) -> Any:
        return plain(data)

    @model_validator(mode="after")
    def _one_way(self) -> "Axis":
        given = [way for way in self.WAYS if getattr(self, way) is not None]
        if len(given) != 1:
            msg = f"has {' and '.join(given) or 'no values'}, must have one of {', '.join(self.WAYS)}"
            raise ValueError(msg)
        if self.options is None and self.field is None:
            msg = "field: is missing. Name the path of the park file that the axis moves"
            raise ValueError(msg)
        if self.options is not None and self.field is not None:
            msg = "field: stands beside `options`, which name their own fields; leave it out"
            raise ValueError(msg)
        self._check_numbers()
        if self.labels is not None:
            self._check_labels(self.labels)
        return self

    def _check_numbers(self) -> None:
        if isinstance(self.factor, list) and not self.factor:
            msg = "factor: is empty; list factors such as [0.8, 1.0, 1.2]"
            raise ValueError(msg)
        pair = self.between.factor if isinstance(self.between, Factors) else self.between
        if pair is not None and (len(pair) != 2 or pair[0] >= pair[1]):
            msg = f"between: got {shown(pair)}, must be [low, high] with low below high"
            raise ValueError(msg)
        if self.range is not None and self.range.start == self.range.stop:
            msg = f"range: starts and stops at {self.range.start:g}, must be two numbers"
            raise ValueError(msg)

    def _check_labels(self, labels: list[str]) -> None:
        if self.between is not None or self.options is not None:
            msg = "labels: belong to values; what is drawn has none, and options have their names"
            raise ValueError(msg)
        if len(labels) != len(self.listed()):
            msg = f"labels: got {len(labels)} for {len(self.listed())} values, must be as many"
            raise ValueError(msg)
        if len(set(labels)) != len(labels):
            msg = "labels: one stands twice; give each value its own"
            raise ValueError(msg)

    @property
    def drawn(self) -> bool:
        """Whether its values are drawn."""
        return self.between is not None

    @property
    def limits(self) -> tuple[float, float]:
        """Limits of the values, or of the factors, that are drawn."""
        low, high = self.between.factor if isinstance(self.between, Factors) else self.between or (0.0, 1.0)
        return low, high

    def listed(self) -> list[Any]:
        """Give the values, or factors, that are not drawn; of options their names."""
        given = next(x for x in (self.range, self.factor, self.values, self.options) if x is not None)
        return given.numbers() if isinstance(given, Range) else list(given)


class Sample(_Table):
    """How the axes with ``between`` are drawn, all together."""

    method: Annotated[
        Literal["latin-hypercube", "sobol"], Field(description="`latin-hypercube` or `sobol` (scrambled).")
    ] = "latin-hypercube"
    count: Annotated[int, Field(description="How many draws; a power of two for `sobol`.", ge=1, le=MOST)]

    @model_validator(mode="after")
    def _balanced(self) -> "Sample":
        if self.method == "sobol" and self.count & (self.count - 1):
            low = 1 << (self.count.bit_length() - 1)
            msg = f"count: got {self.count}, Sobol points are balanced in powers of two. Write {low} or {2 * low}"
            raise ValueError(msg)
        return self


class Combine(_Table):
    """How axes come together: crossed where nothing else is said."""

    zip: Annotated[list[list[str]], Field(description="Lists of axes that walk together, of the same length.")] = []
    where: Annotated[
        list[str],
        Field(description='Filters over axis names, such as "battery <= 2 * roof"; what fails one is left out.'),
    ] = []
    sample: Annotated[Sample | None, Field(description="How axes with `between` are drawn.")] = None


class Constraint(_Table):
    """Which cases count as admitted; none is dropped."""

    indicator: Annotated[str, Field(description="Name of an indicator, such as 'green_share'.", min_length=1)]
    min: Annotated[float | None, Field(description="Least value, in the unit of the indicator.")] = None
    max: Annotated[float | None, Field(description="Largest value, in the unit of the indicator.")] = None
    title: Annotated[str | None, Field(description="Name shown in reports; the key where left out.")] = None
    title_zh: Annotated[str | None, Field(description="The same in Chinese.")] = None
    source: Annotated[str, Field(description="Where the limit comes from, or 'assumption: ' and the reason.")] = ""

    @model_validator(mode="after")
    def _has_a_limit(self) -> "Constraint":
        if self.min is None and self.max is None:
            msg = "min: is missing. Give min, max, or both"
            raise ValueError(msg)
        if self.min is not None and self.max is not None and self.min > self.max:
            msg = f"min: got {self.min:g}, must be at most max ({self.max:g})"
            raise ValueError(msg)
        return self


class Keep(_Table):
    """What is kept of every case."""

    indicators: Annotated[
        Literal["all"] | list[str], Field(description='"all", or the names of the indicators to keep.')
    ] = "all"
    hourly: Annotated[
        list[str],
        Field(description="Series to keep: power/COMPONENT.FLOW, price/NODE, content/COMPONENT.LEVEL."),
    ] = []
    reports: Annotated[bool, Field(description="Whether each case gets a page of its own.")] = True

    @field_validator("indicators", mode="before")
    @classmethod
    def _all_or_names(cls, value: Any) -> Any:
        if isinstance(value, str) and value != "all":
            msg = f'got {shown(value)}, must be "all" or a list of names such as ["green_share"]'
            raise ValueError(msg)
        return value
