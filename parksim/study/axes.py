"""From the axes of a study to moves: what each place of each dimension changes in the park file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from parksim.changes import is_structure
from parksim.errors import InputError
from parksim.messages import shown as shown_type
from parksim.park import NAMED, Park
from parksim.study.model import Axis, Bundle, Factors, Range, Study
from parksim.study.paths import Spot, find, meant
from parksim.study.sampling import drawn
from parksim.variants import moved, shown

FRAMES = ("weather", "site")
"""Tables that profiles are read by."""


@dataclass(frozen=True)
class Change:
    """One field that moves.

    Parameters
    ----------
    path
        Path of the park file.
    value
        Its value, or the factor on what the park has; None with ``removed``.
    factor
        Whether ``value`` multiplies what the park has.
    removed
        Whether the field or table is left out.
    level
        0 for structure, 1 for what profiles are read by or read from, 2 for all else.
    """

    path: str
    value: Any = None
    factor: bool = False
    removed: bool = False
    level: int = 2


@dataclass(frozen=True)
class Move:
    """What one place on an axis changes, and where its values come from."""

    changes: tuple[Change, ...]
    source: str = ""


@dataclass(frozen=True)
class Line:
    """One axis, its values read.

    Parameters
    ----------
    name
        The axis.
    coords
        Numbers, or labels.
    moves
        What each place changes.
    unit, title, title_zh
        Of the axis; empty where there is none.
    """

    name: str
    coords: tuple[float | str, ...]
    moves: tuple[Move, ...]
    unit: str = ""
    title: str = ""
    title_zh: str = ""

    @property
    def labelled(self) -> bool:
        """Whether its coordinates are labels."""
        return isinstance(self.coords[0], str)

    def positions(self) -> np.ndarray:
        """Give the coordinates between 0 and 1, shape (place, 1 or labels); two labels are 1 apart."""
        if self.labelled:
            return np.eye(len(self.coords)) / np.sqrt(2.0)
        numbers = np.array(self.coords, float)[:, None]
        wide = float(np.ptp(numbers))
        return (numbers - numbers.min()) / (wide or 1.0)


@dataclass
class Reader:
    """Reads the axes of a study against its park, and collects what is wrong."""

    study: Study
    park: Park
    problems: list[str] = field(default_factory=list)

    def dimensions(self) -> dict[str, tuple[Line, ...]]:
        """Give the lines of every dimension: axes that walk together stand in one.

        Raises
        ------
        InputError
            With every problem of all axes and scenarios.
        """
        lines = {name: self._line(name, axis) for name, axis in self.study.axes.items() if not axis.drawn}
        lines |= self._drawn()
        scenarios = self.study.scenarios
        scenario = [self._bundle(f"scenarios.{name}", bundle) for name, bundle in scenarios.items()]
        self._check_overlaps()
        if self.problems:
            raise InputError([f"{self.study.place}: {problem}" for problem in self.problems])
        dims: dict[str, tuple[Line, ...]] = {}
        for name, axis in self.study.axes.items():
            together = next((names for names in self.study.combine.zip if name in names), [name])
            if axis.drawn:
                dims["sample"] = (*dims.get("sample", ()), lines[name])
            elif name == together[0]:
                dims["_".join(together)] = tuple(lines[other] for other in together)
        if scenarios:
            dims["scenario"] = (Line("scenario", tuple(scenarios), tuple(scenario), "", "Scenario", "情景"),)
        return dims

    def _spot(self, path: Any, where: str) -> Spot | None:
        """Find the field of a path, or note that there is none."""
        if not isinstance(path, str):
            self.problems.append(f"{where}: got {shown_type(path)}, must be a path of the park file in quotes.")
            return None
        spot = find(self.park, path)
        if spot is None:
            self.problems.append(
                f"{where}: got {path!r}, which {self.park.place} has not.{meant(self.park, path)} "
                "Write a path of the park file, such as components.battery.energy_max_mwh."
            )
        return spot

    def _line(self, name: str, axis: Axis) -> Line:
        where = f"axes.{name}"
        if axis.options is not None:
            moves = [self._bundle(f"{where}.options.{key}", option) for key, option in axis.options.items()]
            return Line(name, tuple(axis.options), tuple(moves), "", axis.title or name, axis.title_zh or "")
        spot = self._spot(axis.field, f"{where}.field")
        values, factor = _values_of(axis)
        if spot is None:
            return Line(name, ("",), (Move(()),))
        values = [_whole(spot, value) for value in values] if not factor else values
        moves = [Move(tuple(self._changes(spot, value, where, factor=factor)), axis.source) for value in values]
        coords = self._coords(values, where) if axis.labels is None else tuple(axis.labels)
        unit = "" if coords and isinstance(coords[0], str) else "1" if factor else spot.unit
        return Line(name, coords, tuple(moves), unit, axis.title or name, axis.title_zh or "")

    def _coords(self, values: Sequence[Any], where: str) -> tuple[float | str, ...]:
        """Give numbers as they are, all else as labels; no two alike."""
        coords: tuple[float | str, ...] = tuple(
            float(v) if isinstance(v, int | float) and not isinstance(v, bool) else shown(v) for v in values
        )
        if any(isinstance(coord, str) for coord in coords):
            coords = tuple(coord if isinstance(coord, str) else f"{coord:g}" for coord in coords)
        twice = [coord for place, coord in enumerate(coords) if coord in coords[:place]]
        if twice:
            told = f"{twice[0]:g}" if isinstance(twice[0], float) else repr(twice[0])
            self.problems.append(f"{where}: {told} stands twice. Drop one, or tell them apart by `labels`.")
        return coords

    def _drawn(self) -> dict[str, Line]:
        """Draw the axes that have `between`, all together."""
        axes = {name: axis for name, axis in self.study.axes.items() if axis.drawn}
        sample = self.study.combine.sample
        if not axes or sample is None:
            return {}
        points = drawn(sample.method, count=sample.count, width=len(axes), seed=self.study.study.seed)
        lines = {}
        for (name, axis), column in zip(axes.items(), points.T, strict=True):
            where, between = f"axes.{name}", axis.between
            factor = isinstance(between, Factors)
            low, high = between.factor if isinstance(between, Factors) else between or (0.0, 1.0)
            numbers = [float(number) for number in low + (high - low) * column]
            spot = self._spot(axis.field, f"{where}.field")
            if spot is None:
                continue
            if spot.whole and not factor:
                numbers = [float(round(number)) for number in numbers]
            values = numbers if factor else [_whole(spot, number) for number in numbers]
            moves = tuple(Move(tuple(self._changes(spot, v, where, factor=factor)), axis.source) for v in values)
            unit = "1" if factor else spot.unit
            lines[name] = Line(name, tuple(numbers), moves, unit, axis.title or name, axis.title_zh or "")
        return lines

    def _bundle(self, where: str, bundle: Bundle) -> Move:
        """Read a bundle of changes."""
        changes: list[Change] = []
        for path in bundle.remove:
            spot = self._spot(path, f"{where}.remove")
            if spot is not None and spot.value is None:
                self.problems.append(f"{where}.remove: got {path!r}, which {self.park.place} has not. Drop it.")
            changes.append(Change(path, removed=True, level=0))
        for path, value in bundle.changes.items():
            spot = self._spot(path, where)
            if spot is None:
                continue
            factor = isinstance(value, Mapping) and set(value) == {"factor"}
            value = value["factor"] if factor else value
            if factor and (isinstance(value, bool) or not isinstance(value, int | float)):
                self.problems.append(f"{where}.{path}.factor: got {shown_type(value)}, must be a number.")
                continue
            changes += self._changes(spot, value, where, factor=factor)
        return Move(tuple(changes), bundle.source)

    def _changes(self, spot: Spot, value: Any, where: str, *, factor: bool) -> Iterator[Change]:
        """Give the change of a field or table, its files found from the park's folder."""
        path = spot.path
        if factor:
            if not _multipliable(spot):
                told = shown(spot.value) if isinstance(spot.value, str | list | dict) else shown_type(spot.value)
                problem = (
                    f"{where}: {path} is {'not given' if spot.value is None else told} in {self.park.place}; a factor "
                    "needs a number, a table by month or season, or a profile. Give `values`."
                )
                if problem not in self.problems:
                    self.problems.append(problem)
                return
            level = 0 if is_structure(self.park, path, spot.value) else 2
            value = _times(spot.value, value) if level == 0 else value
            yield Change(path, value, factor=level != 0, level=level)
            return
        if spot.is_table and not isinstance(value, Mapping):
            problem = f"{where}: {path} is a table, got {shown_type(value)}. Name a field of it, or give a table."
            if problem not in self.problems:
                self.problems.append(problem)
            return
        value = self._from_here(path, value)
        level = 0 if spot.is_table or is_structure(self.park, path, value) else 1 if _is_read(path, value) else 2
        yield Change(path, value, level=level)

    def _from_here(self, path: str, value: Any) -> Any:
        """Write the files that a value names so that they are found from the park's folder."""
        table = value
        for part in reversed(path.split(".")):
            table = {part: table}
        table = moved(table, start=self.study.folder, to=self.park.folder)
        for part in path.split("."):
            table = table[part]
        return table

    def _check_overlaps(self) -> None:
        """Note fields that two axes touch, or one bundle twice."""
        touched: dict[str, dict[str, str]] = {}
        for where, bundle in self._bundles():
            paths = list(bundle)
            twice = [(a, b) for n, a in enumerate(paths) for b in paths[:n] if _overlap(a, b)]
            self.problems += [f"{where}: {a} and {b} are the same field. Remove one." for a, b in twice]
            owner = where.split(".options.")[0] if where.startswith("axes.") else "scenarios"
            for path in paths:
                touched.setdefault(owner, {}).setdefault(path, where)
        owners = list(touched)
        for number, one in enumerate(owners):
            for other in owners[:number]:
                self.problems += [
                    f"{touched[one][a]}: moves {a}, and {touched[other][b]} moves {b}: one of the two would be lost. "
                    "Join them in one axis by `options`, or drop one."
                    for a in touched[one]
                    for b in touched[other]
                    if _overlap(a, b)
                ]

    def _bundles(self) -> Iterator[tuple[str, list[str]]]:
        """List what every axis, option and scenario touches; removing a table to write it anew is one touch."""
        for name, axis in self.study.axes.items():
            if axis.field is not None:
                yield f"axes.{name}", [axis.field]
            for key, option in (axis.options or {}).items():
                yield f"axes.{name}.options.{key}", _touched(option)
        for name, scenario in self.study.scenarios.items():
            yield f"scenarios.{name}", _touched(scenario)


def _touched(bundle: Bundle) -> list[str]:
    return [*(path for path in bundle.remove if path not in bundle.changes), *bundle.changes]


def _overlap(one: str, other: str) -> bool:
    """Whether one path leads to, or into, what the other leads to."""
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def _values_of(axis: Axis) -> tuple[list[Any], bool]:
    """Give the values of an axis that is not drawn, and whether they are factors."""
    if axis.factor is not None:
        numbers = axis.factor.numbers() if isinstance(axis.factor, Range) else axis.factor
        return [float(number) for number in numbers], True
    return (axis.range.numbers() if axis.range is not None else list(axis.values or [])), False


def _whole(spot: Spot, value: Any) -> Any:
    """Give a whole number where the field takes no other."""
    return int(value) if spot.whole and isinstance(value, float) and value.is_integer() else value


def _multipliable(spot: Spot) -> bool:
    """Whether a factor on the value has a meaning."""
    if spot.doc is not None and spot.doc.sort in {"monthly", "series"}:
        return spot.value is not None
    return isinstance(spot.value, int | float) and not isinstance(spot.value, bool)


def _times(value: Any, factor: float) -> Any:
    """Multiply a number, or each of a table or list of them."""
    if isinstance(value, Mapping):
        return {key: _times(number, factor) for key, number in value.items()}
    if isinstance(value, list | tuple):
        return [_times(number, factor) for number in value]
    product = value * factor
    return int(product) if isinstance(value, int) and float(product).is_integer() else product


times = _times


def _is_read(path: str, value: Any) -> bool:
    """Whether profiles are read by the field, or the value is one itself."""
    section = path.split(".")[0]
    return section in FRAMES or (section in NAMED and isinstance(value, Mapping | list | tuple | np.ndarray))
