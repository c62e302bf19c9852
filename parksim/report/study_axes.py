"""Axes of a study, read for people: titles, units, values in order, and which of them is the park file's own."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from parksim.report import formats as f
from parksim.report.catalogue import Language
from parksim.report.words import say, speaking, term

SAMPLE, SCENARIO = "sample", "scenario"
"""Dimensions of cases that are drawn together, and of named bundles of changes."""

MOST_LEVELS = 12
"""Axes of numbers with more values than this are told in ranges."""

RANGES = 5
"""Ranges of equal width that such an axis is told in."""

NEAR = 1e-9
"""Numbers that differ by this part are the same."""


@dataclass(frozen=True, eq=False)
class Axis:
    """One axis: a value for every case.

    Parameters
    ----------
    name, title, unit
        Its name, and how it is written.
    dimensions
        Dimensions of the study along which it varies.
    values
        Value of every case: numbers, or labels, shape (case,).
    order
        Labels in the order of the study; numbers are sorted.
    base
        The park file's own value; None where that is no value of the axis.
    chosen
        Whether a planner can choose it; prices, weather, demand and scenarios are as they are.
    factor
        Whether its numbers multiply what the park file says.
    titles
        Label to its name in reports, where it has one.
    """

    name: str
    title: str
    unit: str
    dimensions: tuple[str, ...]
    values: NDArray[Any]
    order: tuple[str, ...] = ()
    base: Any = None
    chosen: bool = True
    factor: bool = False
    titles: Mapping[str, str] = field(default_factory=dict)

    @property
    def numeric(self) -> bool:
        """Whether its values are numbers."""
        return not self.order

    @cached_property
    def levels(self) -> list[Any]:
        """Distinct values in order."""
        if self.order:
            present = set(self.values.tolist())
            return [label for label in self.order if label in present]
        return [float(value) for value in np.unique(self.values[np.isfinite(self.values)])]

    @cached_property
    def place(self) -> NDArray[np.int64]:
        """Position of every case among the levels, shape (case,); -1 without a value."""
        at = {level: position for position, level in enumerate(self.levels)}
        return np.array([at.get(value, -1) for value in self.values.tolist()], np.int64)

    def write(self, value: Any) -> str:
        """Write a value with its unit."""
        if not isinstance(value, float):
            return self.titles.get(str(value), str(value))
        if not np.isfinite(value):
            return "–"
        number = self._number(value)
        return number if self.factor or not self.unit else f.united(number, self.unit)

    def _number(self, value: float) -> str:
        number = f.plain_number(float(f"{value:.4g}"))
        return say("study.times", factor=number) if self.factor else number

    @cached_property
    def groups(self) -> tuple[list[str], NDArray[np.int64]]:
        """Names of its levels, or of ranges where there are many, and the position of every case among them."""
        if not self.numeric or len(self.levels) <= MOST_LEVELS:
            return [self.write(level) for level in self.levels], self.place
        edges = np.linspace(self.levels[0], self.levels[-1], RANGES + 1)
        place = np.clip(np.searchsorted(edges, self.values, side="right") - 1, 0, RANGES - 1)
        place = np.where(np.isfinite(self.values), place, -1)
        names = [
            say("study.range", least=self._number(float(f"{low:.3g}")), most=self.write(float(f"{high:.3g}")))
            for low, high in pairwise(edges)
        ]
        return names, place

    @property
    def sampled(self) -> bool:
        """Whether its values are drawn together with those of other axes."""
        return SAMPLE in self.dimensions

    def at_base(self) -> NDArray[np.bool_]:
        """Tell which cases have the park file's own value, shape (case,)."""
        if self.base is None:
            return np.zeros(len(self.values), np.bool_)
        if isinstance(self.base, float) and self.numeric:
            return np.isclose(self.values.astype(np.float64), self.base, rtol=NEAR, atol=0.0)
        return np.asarray(self.values == self.base)


@dataclass(frozen=True)
class Files:
    """Study file and park file, as tables."""

    study: Mapping[str, Any]
    park: Mapping[str, Any]

    @property
    def title(self) -> str:
        """Name of the study."""
        return self.about("title") or str(self.study["study"]["name"])

    def about(self, name: str) -> str:
        """Give a text of the study in the language of the moment; empty where it has none."""
        told = self.study["study"]
        return f.titled(str(told.get(name) or ""), str(told.get(f"{name}_zh") or ""), both=False)

    def park_value(self, path: str) -> Any:
        """Look up a value of the park file; None where it has none."""
        found: Any = self.park
        for part in path.split("."):
            if not isinstance(found, Mapping) or part not in found:
                return None
            found = found[part]
        return found

    def component(self, name: str) -> str:
        """Name a component by its title."""
        return self._title("components", name)

    def _title(self, section: str, name: str) -> str:
        told = self.park_value(f"{section}.{name}")
        told = told if isinstance(told, Mapping) else {}
        english = str(told.get("title") or name.replace("_", " "))
        return f.titled(english, str(told.get("title_zh") or ""), both=False)

    def name(self, path: str) -> str:
        """Name a field of the park file: the title of its table, and what it is."""
        section, _, rest = path.partition(".")
        if section not in NAMED:
            return path.replace(".", " ").replace("_", " ")
        table, _, leaf = rest.partition(".")
        words = term(f"study.field.{leaf.rpartition('.')[2]}", otherwise=leaf.replace(".", " ").replace("_", " "))
        return say("study.field", table=self._title(section, table), field=words)

    def axis(self, name: str) -> Mapping[str, Any]:
        """Give what the study file says of an axis."""
        found: Mapping[str, Any] = self.study.get("axes", {}).get(name, {})
        return found

    def bundles(self, name: str) -> Mapping[str, Mapping[str, Any]]:
        """Give the named bundles of changes that an axis chooses between."""
        if name == SCENARIO and name not in self.study.get("axes", {}):
            found: Mapping[str, Mapping[str, Any]] = self.study.get("scenarios", {})
            return found
        found = self.axis(name).get("options", {})
        return found

    def multiplies(self, name: str) -> bool:
        """Whether the values of an axis multiply what the park file says."""
        told = self.axis(name)
        return "factor" in told or isinstance(told.get("between"), Mapping)


NAMED = {"components", "tariffs", "yardsticks"}
"""Sections of the park file whose tables have names and titles."""

NOT_CHANGES = {"title", "title_zh", "weight", "note", "note_zh", "source"}
"""Entries of a bundle that change nothing."""


def _same(value: Any, other: Any) -> bool:
    if isinstance(value, Mapping) and set(value) == {"factor"}:
        return bool(value["factor"] == 1.0)
    numbers = isinstance(value, int | float) and isinstance(other, int | float)
    return bool(np.isclose(value, other, rtol=NEAR, atol=0.0)) if numbers else value == other


def _changes_nothing(bundle: Mapping[str, Any], files: Files) -> bool:
    changes = {path: value for path, value in bundle.items() if path not in NOT_CHANGES}
    removed = changes.pop("remove", [])
    absent = all(files.park_value(path) is None for path in removed)
    return absent and all(_same(value, files.park_value(path)) for path, value in changes.items())


def base_of(name: str, labels: Sequence[str], files: Files) -> Any:
    """Find the park file's own value of an axis: a number, a label, or None."""
    told = files.axis(name)
    if files.multiplies(name):
        return 1.0
    bundles = files.bundles(name)
    if bundles:
        return next((label for label, bundle in bundles.items() if _changes_nothing(bundle, files)), None)
    own = files.park_value(str(told.get("field", "")))
    if not labels:
        return float(own) if isinstance(own, int | float) and not isinstance(own, bool) else None
    values = told.get("values", labels)
    return next((label for label, value in zip(labels, values, strict=False) if _same(value, own)), None)


def paths_of(name: str, files: Files) -> list[str]:
    """Give the fields of the park file that an axis moves."""
    bundles = files.bundles(name)
    if not bundles:
        return [str(files.axis(name).get("field", ""))]
    paths = [path for bundle in bundles.values() for path in (*bundle, *bundle.get("remove", []))]
    return [path for path in dict.fromkeys(paths) if path not in {*NOT_CHANGES, "remove"}]


def chosen_of(name: str, files: Files) -> bool:
    """Whether a planner can choose the value of an axis: what is built, not prices, weather or demand."""
    paths = paths_of(name, files)
    return name != SCENARIO and not any(_given(path, files) for path in paths) and not all(map(_is_money, paths))


def _given(path: str, files: Files) -> bool:
    """Whether a field is of weather, tariffs, demand: of what is not built."""
    root, _, rest = path.partition(".")
    kind = files.park_value(f"components.{rest.partition('.')[0]}.kind")
    return root != "components" or kind in {"demand", "shortfall"}


def _is_money(path: str) -> bool:
    return "cny" in path.rpartition(".")[2]


def told_at(axes: Sequence[Axis], at: int) -> str:
    """Name a case by its values."""
    told = [say("study.value", axis=axis.title, value=axis.write(axis.values[at])) for axis in axes]
    return f.listed(told) if told else say("study.as_filed")


def case_words(ds: xr.Dataset, *, lang: Language = "en") -> dict[int, str]:
    """Say each case in words, as its own page does: its number, and its axes by their titles with units.

    Parameters
    ----------
    ds
        From :func:`parksim.open_study`; nothing has to be solved yet.
    lang
        Language of the words: ``en`` or ``zh``.

    Returns
    -------
    dict
        Number of a case to its words.
    """
    files = Files(tomllib.loads(str(ds.attrs["study_toml"])), tomllib.loads(str(ds.attrs["park_toml"])))
    numbers = ds["case"].to_numpy()
    kept = np.flatnonzero(numbers >= 0)
    places = np.unravel_index(kept, numbers.shape) if numbers.shape else ()
    with speaking(lang):
        axes = axes_of(ds, dict(zip(map(str, ds["case"].dims), places, strict=True)), files)
        return {
            int(number): say("study.case.told", number=f.whole(float(number)), values=told_at(axes, at))
            for at, number in enumerate(numbers.ravel()[kept])
        }


def axes_of(ds: xr.Dataset, indices: Mapping[str, NDArray[np.int64]], files: Files) -> list[Axis]:
    """Read the axes of a study in the order of its dimensions.

    Parameters
    ----------
    indices
        Dimension to the place of every case on it, shape (case,).
    """
    found = []
    for dimension, at in indices.items():
        along = [str(name) for name, coord in ds.coords.items() if coord.dims == (dimension,)]
        own = [name for name in (*files.study.get("axes", {}), SCENARIO) if name in along]
        names = own or [name for name in along if name == dimension]
        found += [_axis(ds[name], name, dimension, at, files) for name in names]
    return found


def _axis(coord: xr.DataArray, name: str, dimension: str, at: NDArray[np.int64], files: Files) -> Axis:
    values, told = coord.to_numpy(), files.axis(name)
    numeric = np.issubdtype(values.dtype, np.number)
    labels = () if numeric else tuple(str(value) for value in values)
    english = str(told.get("title") or coord.attrs.get("long_name") or name)
    if english == name:
        english = say("study.scenario") if name == SCENARIO else name.replace("_", " ").capitalize()
    titles = {
        label: f.titled(str(bundle.get("title") or label), str(bundle.get("title_zh") or ""), both=False)
        for label, bundle in files.bundles(name).items()
    }
    if str(told.get("field", "")).endswith(".tariff"):
        titles |= _tariffs(labels, told.get("values", labels), files)
    return Axis(
        name=name,
        title=f.titled(english, str(told.get("title_zh") or coord.attrs.get("long_name_zh") or ""), both=False),
        unit=f.unit_text(str(coord.attrs.get("units") or "1")),
        dimensions=(dimension,),
        values=values.astype(np.float64)[at] if numeric else np.array(labels, object)[at],
        order=tuple(dict.fromkeys(labels)),
        base=base_of(name, labels, files),
        chosen=chosen_of(name, files),
        factor=files.multiplies(name),
        titles=titles,
    )


def _tariffs(labels: Sequence[str], values: Sequence[Any], files: Files) -> dict[str, str]:
    """Name tariffs by the labels of the study, in Chinese as the park file does."""
    found = {}
    for label, value in zip(labels, values, strict=False):
        tariff = files.park_value(f"tariffs.{value}")
        chinese = str(tariff.get("title_zh") or "") if isinstance(tariff, Mapping) else ""
        found[label] = f.titled(label, chinese, both=False)
    return found
