"""The study: what the user asks of a park, checked and frozen."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

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
from parksim.parkfile import read_tables
from parksim.profiles import shipped, shipped_names
from parksim.questions.tables import (
    AggregateTable,
    AlternativesTable,
    BreakEvenTable,
    ParetoTable,
    RegretTable,
    RobustTable,
    SensitivityTable,
)
from parksim.study.filters import usable
from parksim.study.tables import About, Axis, Combine, Constraint, Keep, Scenario, plain

TAKEN = {
    *("status", "reason", "case", "indicator", "indicator_value", "indicator_unit", "indicator_title", "term"),
    *("source", "cost", "co2", "flow", "node", "level", "time", "power", "price", "content", "constraint", "meets"),
    *("admitted", "scenario", "sample"),
}
"""Names of the store's own dimensions and variables, which no axis may have."""


class Study(BaseModel):
    """A study file: a park, axes over its fields, scenarios, constraints, what to keep.

    In Python also in a short form: ``Study(park=..., axes={"components.battery.energy_max_mwh": [0, 40, 80]})``, where
    the park may be a :class:`~parksim.park.Park`, and an axis is named by the last parts of its path that make it
    unique, here ``battery_energy_max_mwh``.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    study: Annotated[About, Field(description="Name, park and seed.")]
    axes: Annotated[dict[str, Axis], Field(description="Axes by name; the name is that of the dimension.")] = {}
    combine: Annotated[Combine, Field(description="How the axes come together.")] = Combine()
    scenarios: Annotated[dict[str, Scenario], Field(description="Scenarios by name, crossed with all axes.")] = {}
    constraints: Annotated[dict[str, Constraint], Field(description="Constraints by name.")] = {}
    keep: Annotated[Keep, Field(description="What is kept of every case.")] = Keep()
    pareto: Annotated[dict[str, ParetoTable], Field(description="Fronts of cost against another figure, by name.")] = {}
    break_even: Annotated[
        dict[str, BreakEvenTable], Field(description="At which value of a field a component pays, by name.")
    ] = {}
    sensitivity: Annotated[
        dict[str, SensitivityTable], Field(description="Which numbers matter over all that they may be, by name.")
    ] = {}
    regret: Annotated[RegretTable | None, Field(description="Designs held against each other over scenarios.")] = None
    alternatives: Annotated[AlternativesTable | None, Field(description="Designs that cost hardly more.")] = None
    robust: Annotated[RobustTable | None, Field(description="Capacities chosen once for all scenarios.")] = None
    aggregate: Annotated[AggregateTable | None, Field(description="The park over typical periods, with errors.")] = None
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
        for section in ("axes", "scenarios", "constraints", "pareto", "break_even", "sensitivity"):
            for name in getattr(self, section):
                found += _name_problems(section, name)
        for name, axis in self.axes.items():
            for option in axis.options or {}:
                found += _name_problems(f"axes.{name}.options", option)
        return found + self._zip_problems() + self._sample_problems() + self._scenario_problems()

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
            joined = "_".join(names)
            if joined in self.axes or joined in TAKEN:
                found.append(f"{where}: its dimension would be called {joined!r}, which is taken. Rename an axis.")
            lengths = {name: len(axis.listed()) for name, axis in axes.items()}
            if len(set(lengths.values())) > 1:
                told = ", ".join(f"{name} has {count}" for name, count in lengths.items())
                found.append(f"{where}: zipped axes must have as many values each; {told}. Give them the same number.")
        return found

    def _scenario_problems(self) -> list[str]:
        """Name questions over scenarios or dimensions that the study has not."""
        found, robust, regret = [], self.robust, self.regret
        if robust is not None and not self.scenarios:
            found.append("robust: needs scenarios. Add tables [scenarios.NAME], or remove it.")
        elif robust is not None:
            found += [
                f"robust.scenarios: got {name!r}, which is no scenario.{nearest(name, [*self.scenarios])} "
                f"Scenarios: {', '.join(self.scenarios)}."
                for name in robust.scenarios or []
                if name not in self.scenarios
            ]
        if regret is not None and regret.over not in (known := self._dimensions()):
            found.append(
                f"regret.over: got {regret.over!r}, which is no dimension of the study.{nearest(regret.over, known)} "
                f"There are: {', '.join(known) or 'none'}."
            )
        return found

    def _dimensions(self) -> list[str]:
        """Name the dimensions of the study."""
        zipped = {name for names in self.combine.zip for name in names}
        alone = [name for name, axis in self.axes.items() if name not in zipped and not axis.drawn]
        drawn = ["sample"] if any(axis.drawn for axis in self.axes.values()) else []
        return [
            *alone,
            *("_".join(names) for names in self.combine.zip),
            *drawn,
            *(["scenario"] * bool(self.scenarios)),
        ]

    def only(self, *, scenarios: Mapping[str, Scenario]) -> "Study":
        """Give the study without its axes and questions, with some of its scenarios."""
        plain: dict[str, Any] = {name: type(self).model_fields[name].get_default() for name in (*QUESTIONS, "axes")}
        plain |= {name: type(self).model_fields[name].get_default() for name in ("combine", "constraints", "keep")}
        return self.model_copy(update={**plain, "scenarios": dict(scenarios)})

    def _sample_problems(self) -> list[str]:
        drawn = [name for name, axis in self.axes.items() if axis.drawn]
        if drawn and self.combine.sample is None:
            return [f"axes.{drawn[0]}.between: is drawn, and [combine.sample] is missing. Add it with count = 64."]
        if not drawn and self.combine.sample is not None:
            return ["combine.sample: no axis has `between`. Give one its limits, or drop the table."]
        return []


QUESTIONS = ("pareto", "break_even", "regret", "sensitivity", "alternatives", "robust", "aggregate")
"""Fields of a study that are questions of their own: a study may have them alone, and they move no case."""


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
    return {"field": path, "values": plain(axis)}


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
    file = find_study(path)
    tables = read_tables(file)
    if "study" not in tables and "components" in tables:
        msg = f"{file}: is a park file, must be a study file, which has a table [study] with name and park."
        raise InputError(msg)
    return read_study(tables, file=str(file))


def find_study(path: str | Path) -> Path:
    """Find a study file: a path, or the name of a shipped study such as ``yibin-study``.

    Raises
    ------
    InputError
        If there is no such file.
    """
    given = Path(path)
    if given.is_file():
        return given
    if given.is_dir():
        msg = f"{given}: is a folder, must be a study file (TOML)."
        raise InputError(msg)
    name = given.name.removesuffix(".toml")
    found = shipped("studies", f"{name}.toml")
    if found is not None and given.parent in {Path(), Path("parks")}:
        return found
    names = [other.removesuffix(".toml") for other in shipped_names("studies")]
    is_park = shipped("parks", f"{name}.toml") is not None
    hint = f" It is a shipped park: `parksim run {name}`." if is_park else nearest(name, names)
    msg = f"{given}: no such file.{hint} Shipped studies: {', '.join(names) or 'none'}."
    raise InputError(msg)
