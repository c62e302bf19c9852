"""The study: what the user asks of a park, checked and frozen."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    InstanceOf,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)
from pydantic.json_schema import SkipJsonSchema

from parksim.errors import InputError
from parksim.messages import known_keys, nearest, problems_of, shown, unknown_key
from parksim.park import NAME, Park
from parksim.parkfile import find_park, read_tables
from parksim.study.filters import usable

TAKEN = {
    *(
        "status",
        "reason",
        "case",
        "indicator",
        "indicator_value",
        "indicator_unit",
        "indicator_title",
        "term",
        "source",
    ),
    *("cost", "co2", "flow", "node", "level", "time", "power", "price", "content", "constraint", "meets", "admitted"),
    *("scenario", "sample", "component", "kind", "carrier", "role", "feeds", "category"),
}
"""Names of the store's own dimensions and variables, which no axis may have."""

SECTIONS = tuple(name for name in known_keys(Park) if name not in {"base", "remove", "park"})
"""Tables of a park file that a study may change."""


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


class Range(_Table):
    """Evenly spaced numbers, both ends among them."""

    start: Annotated[float, Field(description="First number.")]
    stop: Annotated[float, Field(description="Last number.")]
    count: Annotated[int, Field(description="How many numbers.", ge=2)]

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
        if not isinstance(data, Mapping) or "changes" in data:
            return data
        own = {key: value for key, value in data.items() if key in cls.model_fields}
        paths = {key: value for key, value in data.items() if key not in own}
        for key in paths:
            if "." not in key and key not in SECTIONS:
                msg = f"{key}: {unknown_key(key, [*known_keys(cls), *SECTIONS])}"
                raise ValueError(msg)
        return {**own, "changes": _flat(paths)}


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
    values: Annotated[list[Any] | None, Field(description="Values the field takes.", min_length=1)] = None
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

    @model_validator(mode="after")
    def _one_way(self) -> "Axis":
        given = [way for way in self.WAYS if getattr(self, way) is not None]
        if len(given) != 1:
            msg = f"got {' and '.join(given) or 'no values'}, must be one of {', '.join(self.WAYS)}"
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
        for pair in (self.between.factor if isinstance(self.between, Factors) else self.between,):
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
        if len(labels) != self.count:
            msg = f"labels: got {len(labels)} for {self.count} values, must be as many"
            raise ValueError(msg)
        if len(set(labels)) != len(labels):
            msg = "labels: one stands twice; give each value its own"
            raise ValueError(msg)

    @property
    def drawn(self) -> bool:
        """Whether its values are drawn."""
        return self.between is not None

    @property
    def count(self) -> int:
        """Number of its values; 0 where they are drawn."""
        numbers: Sequence[Any] | Mapping[str, Any] = self.values or self.options or []
        for given in (self.range, self.factor):
            numbers = given.numbers() if isinstance(given, Range) else given or numbers
        return len(numbers)


class Sample(_Table):
    """How the axes with ``between`` are drawn, all together."""

    method: Annotated[
        Literal["latin-hypercube", "sobol"], Field(description="`latin-hypercube` or `sobol` (scrambled).")
    ] = "latin-hypercube"
    count: Annotated[int, Field(description="How many draws; a power of two for `sobol`.", ge=1)]

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


class Study(_Table):
    """A study file: a park, axes over its fields, scenarios, constraints, what to keep.

    In Python also in a short form: ``Study(park=..., axes={"components.battery.energy_max_mwh": [0, 40, 80]})``, where
    the park may be a :class:`~parksim.park.Park`, and an axis is named by the last parts of its path that make it
    unique, here ``battery_energy_max_mwh``.
    """

    study: Annotated[About, Field(description="Name, park and seed.")]
    axes: Annotated[dict[str, Axis], Field(description="Axes by name; the name is that of the dimension.")] = {}
    combine: Annotated[Combine, Field(description="How the axes come together.")] = Combine()
    scenarios: Annotated[dict[str, Scenario], Field(description="Scenarios by name, crossed with all axes.")] = {}
    constraints: Annotated[dict[str, Constraint], Field(description="Constraints by name.")] = {}
    keep: Annotated[Keep, Field(description="What is kept of every case.")] = Keep()
    # Tables of the questions ([pareto.NAME], [regret], ...) join here, each an optional field whose model stands beside
    # its question; their names go into QUESTIONS too, which the key of a plan leaves out.
    file: Annotated[SkipJsonSchema[str | None], Field(description="The file it was read from.")] = None
    given: Annotated[SkipJsonSchema[InstanceOf[Park] | None], Field(description="The park, where none is named.")] = (
        None
    )

    @property
    def place(self) -> str:
        """File name for messages."""
        return self.file or "study"

    @property
    def folder(self) -> Path:
        """Folder that relative paths start from."""
        return Path(self.file).resolve().parent if self.file else Path.cwd()

    def tables(self) -> dict[str, Any]:
        """Give the tables of a file that holds this study; what was left out stays out."""
        data = self.model_dump(mode="json", exclude_unset=True, exclude_none=True, exclude={"file", "given"})
        for bundle in [
            *(option for axis in data.get("axes", {}).values() for option in axis.get("options", {}).values()),
            *data.get("scenarios", {}).values(),
        ]:
            bundle |= bundle.pop("changes", {})
        return data

    @model_validator(mode="wrap")
    @classmethod
    def _told(cls, data: Any, handler: ModelWrapValidatorHandler["Study"]) -> "Study":
        """Read either form, and tell what is wrong as parksim does."""
        tables = _whole(data) if isinstance(data, Mapping) else data
        place = (tables.get("file") if isinstance(tables, Mapping) else None) or "study"
        try:
            study = handler(tables)
        except ValidationError as error:
            raise InputError(problems_of(error, data=tables, place=place, models={"": cls})) from None
        problems = study._problems()
        if problems:
            raise InputError([f"{place}: {problem}" for problem in problems])
        return study

    def _problems(self) -> list[str]:
        """Name what is wrong between tables, the park aside."""
        found = []
        if not self.axes and not self.scenarios and not any(getattr(self, name) for name in QUESTIONS):
            found.append("axes: is empty. Add tables [axes.NAME] or [scenarios.NAME].")
        for section in ("axes", "scenarios", "constraints"):
            for name in getattr(self, section):
                found += _name_problems(section, name)
        for name, axis in self.axes.items():
            for option in axis.options or {}:
                found += _name_problems(f"axes.{name}.options", option)
        return found + self._zip_problems() + self._sample_problems()

    def _zip_problems(self) -> list[str]:
        found, zipped = [], dict[str, int]()
        for number, names in enumerate(self.combine.zip):
            where = f"combine.zip[{number}]"
            unknown = [name for name in names if name not in self.axes]
            found += [
                f"{where}: got {name!r}, which is no axis.{nearest(name, [*self.axes])} Axes: {', '.join(self.axes)}."
                for name in unknown
            ]
            twice = [name for place, name in enumerate(names) if name in names[:place] or name in zipped]
            found += [f"{where}: {name} stands in two places; an axis walks once. Remove one." for name in twice]
            zipped |= dict.fromkeys(names, number)
            axes = {name: self.axes[name] for name in names if name in self.axes}
            drawn = [name for name, axis in axes.items() if axis.drawn]
            found += [f"{where}: {name} is drawn (`between`); drawn axes walk together already." for name in drawn]
            if len(names) < 2:
                found.append(f"{where}: got {shown(names)}, must be two axes or more.")
            if unknown or twice or drawn:
                continue
            lengths = {name: axis.count for name, axis in axes.items()}
            if len(set(lengths.values())) > 1:
                told = ", ".join(f"{name} has {count}" for name, count in lengths.items())
                found.append(f"{where}: zipped axes must have as many values each; {told}. Give them the same number.")
        return found

    def _sample_problems(self) -> list[str]:
        drawn = [name for name, axis in self.axes.items() if axis.drawn]
        if drawn and self.combine.sample is None:
            return [f"axes.{drawn[0]}.between: is drawn, and [combine.sample] is missing. Add it with count = 64."]
        if not drawn and self.combine.sample is not None:
            return ["combine.sample: no axis has `between`. Give one its limits, or drop the table."]
        return []


QUESTIONS: tuple[str, ...] = ()
"""Fields of a study that are questions of their own and move no number of the store."""


def _name_problems(section: str, name: str) -> list[str]:
    """Name what a table of a study cannot be called."""
    where = f"{section}: got the name {name!r}"
    if not NAME.match(name):
        return [f"{where}, must have small letters, digits and underscores and start with a letter."]
    if section == "axes" and name in TAKEN:
        return [f"{where}, which the store has for itself. Take another, such as {f'{name}_axis'!r}."]
    if section == "axes" and not usable(name):
        return [f"{where}, a word of filters. Take another, such as {f'{name}_axis'!r}."]
    return []


def _whole(data: Mapping[str, Any]) -> dict[str, Any]:
    """Give the tables of a study that was written in the short form; others as they are."""
    tables = dict(data)
    park = None if "study" in tables else tables.pop("park", None)
    if park is not None:
        if isinstance(park, Park):
            tables["given"] = park
        name = park.park.name if isinstance(park, Park) else str(park)
        about = {key: tables.pop(key) for key in About.model_fields if key in tables}
        tables["study"] = {"name": f"{Path(name).stem}-study", "park": name} | about
    axes = tables.get("axes")
    if isinstance(axes, Mapping):
        names = _short_names([key for key in axes if "." in key])
        tables["axes"] = {names.get(key, key): _axis(key, axis) if "." in key else axis for key, axis in axes.items()}
    return tables


def _axis(path: str, axis: Any) -> Any:
    """Give the table of an axis that was written as path to values."""
    if isinstance(axis, Mapping):
        return {"field": path, **axis}
    if isinstance(axis, np.ndarray):
        axis = axis.tolist()
    return {"field": path, "values": list(axis) if isinstance(axis, Sequence) and not isinstance(axis, str) else axis}


def _short_names(paths: Sequence[str]) -> dict[str, str]:
    """Name paths by their last two parts, or more where these are shared.

    Examples
    --------
    >>> _short_names(["components.battery.energy_max_mwh"])
    {'components.battery.energy_max_mwh': 'battery_energy_max_mwh'}
    """
    names = {}
    for path in paths:
        parts = path.split(".")
        for length in range(2, len(parts) + 1):
            name = "_".join(parts[-length:])
            if not any(other != path and "_".join(other.split(".")[-length:]) == name for other in paths):
                break
        names[path] = name
    return names


def read_study(data: Mapping[str, Any], *, file: str | None = None) -> Study:
    """Check the tables of a study file.

    Parameters
    ----------
    data
        Tables as TOML gives them.
    file
        Where they came from, for messages and relative paths.

    Raises
    ------
    InputError
        With every problem found; fields of the park are looked up when the study is planned.
    """
    place = file or "study"
    hidden = [key for key in ("file", "given") if key in data]
    if hidden:
        raise InputError([f"{place}: {key}: {unknown_key(key, known_keys(Study))}" for key in hidden])
    return Study.model_validate({**data, "file": file})


def load_study(path: str | Path) -> Study:
    """Read and check a study file.

    Parameters
    ----------
    path
        A TOML file, or the name of a shipped study such as ``yibin-study``.

    Raises
    ------
    InputError
        With every problem found.
    """
    file = find_park(path)
    return read_study(read_tables(file), file=str(file))
