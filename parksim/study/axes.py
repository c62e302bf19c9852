"""From the axes of a study to moves: what each place of each dimension changes in the park file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from parksim.changes import is_structure
from parksim.component import Array
from parksim.errors import InputError
from parksim.factors import multipliable
from parksim.messages import shown as told
from parksim.park import NAMED, Park
from parksim.study.model import Study
from parksim.study.paths import Spot, find, has, meant
from parksim.study.sampling import drawn
from parksim.study.tables import Axis, Bundle, Factors
from parksim.variants import moved, shown

STRUCTURE, FRAME, NUMBER = LEVELS = (0, 1, 2)
"""How deep a change goes: structure; what profiles are read by, or a profile itself; a number."""

FRAMES = {"weather", "site"}
"""Tables that profiles are read by and a declared program takes."""


@dataclass(frozen=True)
class Change:
    """One field or table that changes.

    Parameters
    ----------
    path
        Path of the park file.
    value
        Its value, or the factor on what the park has; None with ``removed``.
    level
        One of :data:`LEVELS`.
    factor
        Whether ``value`` multiplies what the park has.
    whole
        Whether it is a whole table.
    removed
        Whether the field or table is left out.
    """

    path: str
    value: Any = None
    level: int = NUMBER
    factor: bool = False
    whole: bool = False
    removed: bool = False


@dataclass(frozen=True, eq=False)
class Move:
    """What one place on an axis changes, and where its values come from."""

    changes: tuple[Change, ...]
    source: str = ""


@dataclass(frozen=True)
class Line:
    """One axis, read.

    Parameters
    ----------
    name
        Of the axis.
    coords
        Numbers, or labels.
    moves
        What each place changes.
    unit
        Of the numbers; empty for labels.
    factor
        Whether the numbers multiply what the park has.
    title, title_zh
        For reports; the Chinese is empty where there is none.
    """

    name: str
    coords: tuple[float | str, ...]
    moves: tuple[Move, ...]
    unit: str = ""
    factor: bool = False
    title: str = ""
    title_zh: str = ""

    def label(self, place: int) -> str:
        """Say the axis and its coordinate."""
        coord = self.coords[place]
        return f"{self.name} {'×' if self.factor else ''}{coord if isinstance(coord, str) else f'{coord:.6g}'}"

    def positions(self) -> Array:
        """Give the coordinates between 0 and 1, shape (place, 1 or labels); two labels are 1 apart."""
        if isinstance(self.coords[0], str):
            return np.asarray(np.eye(len(self.coords)) / np.sqrt(2.0), np.float64)
        numbers = np.array(self.coords, np.float64)[:, None]
        wide = float(np.ptp(numbers))
        return np.asarray((numbers - numbers.min()) / (wide or 1.0), np.float64)


class AxisReader:
    """Reads the axes and scenarios of a study against its park, and collects what is wrong with them."""

    def __init__(self, study: Study, park: Park) -> None:
        self.study, self.park = study, park
        self.tables = park.tables()
        self.problems: list[str] = []
        self._of_factors: dict[str, int] = {}  # path to level

    def dimensions(self) -> dict[str, tuple[Line, ...]]:
        """Give the lines of every dimension by its name; axes that walk or are drawn together stand on one.

        Raises
        ------
        InputError
            With every problem of all axes and scenarios.
        """
        study = self.study
        lines = {name: self._line(name, axis) for name, axis in study.axes.items() if not axis.drawn}
        lines |= self._drawn_lines()
        moves = tuple(self._bundle(f"scenarios.{name}", scenario) for name, scenario in study.scenarios.items())
        self.problems += _overlaps(study, self.park)
        if self.problems:
            raise InputError([f"{study.place}: {problem}" for problem in dict.fromkeys(self.problems)])
        dims: dict[str, tuple[Line, ...]] = {}
        for name, axis in study.axes.items():
            together = next((names for names in study.combine.zip if name in names), [name])
            dim = "sample" if axis.drawn else "_".join(together)
            dims[dim] = (*dims.get(dim, ()), lines[name])
        if moves:
            dims["scenario"] = (Line("scenario", tuple(study.scenarios), moves, title="Scenario", title_zh="情景"),)
        return dims

    def _line(self, name: str, axis: Axis) -> Line:
        where = f"axes.{name}"
        if axis.options is not None:
            moves = [self._bundle(f"{where}.options.{key}", option) for key, option in axis.options.items()]
            return self._titled(axis, name, tuple(axis.options), moves)
        spot = self._spot(axis.field, f"{where}.field")
        if spot is None:
            return Line(name, (0.0,), (Move(()),))
        factor = axis.factor is not None
        values = axis.listed() if factor else [_whole(spot, value) for value in axis.listed()]
        coords = self._coords(values, where) if axis.labels is None else tuple(axis.labels)
        unit = "" if isinstance(coords[0], str) else "1" if factor else spot.unit
        moves = self._moves(spot, values, axis, where)
        return self._titled(axis, name, coords, moves, unit=unit, factor=factor and axis.labels is None)

    def _drawn_lines(self) -> dict[str, Line]:
        """Draw the axes that have `between`, all together."""
        axes = {name: axis for name, axis in self.study.axes.items() if axis.drawn}
        sample = self.study.combine.sample
        if sample is None:
            return {}
        points = drawn(sample.method, count=sample.count, width=len(axes), seed=self.study.study.seed)
        lines = {}
        for (name, axis), column in zip(axes.items(), points.T, strict=True):
            spot = self._spot(axis.field, f"axes.{name}.field")
            if spot is None:
                continue
            low, high = axis.limits
            factor = isinstance(axis.between, Factors)
            numbers = (low + (high - low) * column).tolist()
            if spot.whole and not factor:
                numbers = [float(round(number)) for number in numbers]
            moves = self._moves(spot, [_whole(spot, number) for number in numbers], axis, f"axes.{name}")
            unit = "1" if factor else spot.unit
            lines[name] = self._titled(axis, name, tuple(numbers), moves, unit=unit, factor=factor)
        return lines

    @staticmethod
    def _titled(
        axis: Axis,
        name: str,
        coords: tuple[float | str, ...],
        moves: Sequence[Move],
        *,
        unit: str = "",
        factor: bool = False,
    ) -> Line:
        return Line(name, coords, tuple(moves), unit, factor, axis.title or name, axis.title_zh or "")

    def _spot(self, path: str | None, where: str) -> Spot | None:
        """Find the field of a path, or note that there is none."""
        spot = None if path is None else find(self.park, path)
        if spot is None:
            near = meant(self.park, path or "")
            self.problems.append(f"{where}: got {path!r}, and {self.park.place} has no such field.{near}")
        return spot

    def _coords(self, values: Sequence[Any], where: str) -> tuple[float | str, ...]:
        """Give numbers as they are, all else as labels; no two alike."""
        numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
        coords: list[float | str] = [float(value) if numbers else shown(value) for value in values]
        twice = next((coord for place, coord in enumerate(coords) if coord in coords[:place]), None)
        if twice is not None:
            self.problems.append(f"{where}: {shown(twice)} stands twice. Drop one, or tell them apart by `labels`.")
        return tuple(coords)

    def _moves(self, spot: Spot, values: Sequence[Any], axis: Axis, where: str) -> list[Move]:
        factor = axis.factor is not None or isinstance(axis.between, Factors)
        return [Move(tuple(self._change(spot, value, where, factor=factor)), axis.source) for value in values]

    def _bundle(self, where: str, bundle: Bundle) -> Move:
        changes = [self._removal(path, f"{where}.remove") for path in bundle.remove]
        for path, value in bundle.changes.items():
            spot = self._spot(path, where)
            if spot is None:
                continue
            factor = isinstance(value, Mapping) and set(value) == {"factor"}
            if factor and (isinstance(value["factor"], bool) or not isinstance(value["factor"], int | float)):
                self.problems.append(f"{where}: {path}.factor: got {told(value['factor'])}, must be a number.")
                continue
            changes += self._change(spot, value["factor"] if factor else value, where, factor=factor)
        return Move(tuple(changes), bundle.source)

    def _removal(self, path: str, where: str) -> Change:
        spot = self._spot(path, where)
        if spot is not None and not has(self.tables, path):
            self.problems.append(f"{where}: got {path!r}, which {self.park.place} does not give. Drop it.")
        return Change(path, level=STRUCTURE, removed=True, whole=spot is not None and spot.is_table)

    def _change(self, spot: Spot, value: Any, where: str, *, factor: bool) -> Iterator[Change]:
        """Give the change of a field or table, its files found from the park's folder."""
        path = spot.path
        if factor:
            if not multipliable(spot.value, spot.doc):
                self.problems.append(
                    f"{where}: a factor on {path} needs a number, a table by month or season, or a profile there; "
                    f"{self.park.place} has {'none' if spot.value is None else told(spot.value)}. Give `values`."
                )
                return
            if path not in self._of_factors:  # the same whatever the factor
                self._of_factors[path] = STRUCTURE if is_structure(self.park, path, spot.value) else NUMBER
            yield Change(path, value, self._of_factors[path], factor=True)
            return
        if spot.is_table and not isinstance(value, Mapping):
            self.problems.append(f"{where}: {path} is a table, got {told(value)}. Name a field of it, or give a table.")
            return
        value = self._from_park(path, value)
        structure = spot.is_table or is_structure(self.park, path, value)
        level = STRUCTURE if structure else FRAME if _frames(path, value) else NUMBER
        yield Change(path, value, level, whole=spot.is_table)

    def _from_park(self, path: str, value: Any) -> Any:
        """Write the files that a value names as they are found from the park's folder."""
        if isinstance(value, int | float):
            return value
        table = value
        for part in reversed(path.split(".")):
            table = {part: table}
        table = moved(table, start=self.study.folder, to=self.park.folder)
        for part in path.split("."):
            table = table[part]
        return table


def _overlaps(study: Study, park: Park) -> Iterator[str]:
    """Tell which fields two axes touch, or one bundle twice."""
    touched: dict[str, dict[str, str]] = {}
    for owner, where, named in _touched(study):
        paths = [path for path in named if find(park, path) is not None]
        for number, path in enumerate(paths):
            twice = next((other for other in paths[:number] if _overlap(path, other)), None)
            if twice is not None:
                yield f"{where}: {twice} and {path} touch the same field. Remove one."
            for other, others in touched.items():
                rival = next((own for own in others if _overlap(path, own)), None)
                if other != owner and rival is not None:
                    yield (
                        f"{where}: moves {path}, and {others[rival]} moves {rival}: one of the two would be lost. "
                        "Join them in one axis with `options`, or drop one."
                    )
        touched.setdefault(owner, {}).update(dict.fromkeys(paths, where))


def _touched(study: Study) -> Iterator[tuple[str, str, list[str]]]:
    """List who moves what: the axis, the place in the file, and the paths; a table removed and written anew is one."""
    for name, axis in study.axes.items():
        if axis.field is not None:
            yield f"axes.{name}", f"axes.{name}", [axis.field]
        for key, option in (axis.options or {}).items():
            yield f"axes.{name}", f"axes.{name}.options.{key}", _paths(option)
    for name, scenario in study.scenarios.items():
        yield "scenarios", f"scenarios.{name}", _paths(scenario)


def _paths(bundle: Bundle) -> list[str]:
    return [*(path for path in bundle.remove if path not in bundle.changes), *bundle.changes]


def _overlap(one: str, other: str) -> bool:
    """Whether one path leads to, or into, what the other leads to."""
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def _whole(spot: Spot, value: Any) -> Any:
    """Give a whole number where the field takes no other."""
    return int(value) if spot.whole and isinstance(value, float) and value.is_integer() else value


def _frames(path: str, value: Any) -> bool:
    """Whether profiles are read by the field, or the value is one itself."""
    section = path.split(".")[0]
    return section in FRAMES or (section in NAMED and isinstance(value, Mapping | list | tuple))
