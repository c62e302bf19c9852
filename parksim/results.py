"""Results: one xarray Dataset that everyone reads afterwards.

Sign conventions. ``price`` of a node is the dual of its balance over the step length: what one more MWh drawn there in
that step would cost. ``reduced_cost`` and ``row_dual`` are d(objective)/d(active bound); a binding upper limit has a
value <= 0. Values stay as solved: nothing is rounded or clipped.
"""

import json
from collections import UserDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache, partial
from importlib.metadata import version
from typing import Any

import numpy as np
import tomli_w
import xarray as xr
from numpy.typing import NDArray
from pydantic import BaseModel
from pydantic_core import to_json
from xarray.indexes import PandasIndex

from parksim.accounts.references import variables
from parksim.component import Array
from parksim.fields import fields_of
from parksim.inputs import Inputs
from parksim.lp.highs import Solution
from parksim.lp.layout import ColumnBlock, RowBlock
from parksim.lp.program import Program, SparseLP
from parksim.notes import parts
from parksim.other_energy import Verdict
from parksim.park import Park
from parksim.units import SUFFIX_OF_UNIT

SCHEMA = "1"

FILES = {"file", "table", "daily"}
"""Fields that name a file with numbers; they are told with their source like numbers."""


_version = cache(version)  # read from a file each time otherwise


@lru_cache(maxsize=1024)
def _unit_of(name: str) -> str:
    best = ("", "1")
    for unit, suffixes in SUFFIX_OF_UNIT.items():
        for suffix in suffixes:
            if name.endswith(suffix) and len(suffix) > len(best[0]):
                best = (suffix, unit)
    return best[1]


def _stack(blocks: list[ColumnBlock], vector: Array, length: int) -> Array:
    return np.stack([vector[block.slice] for block in blocks]) if blocks else np.zeros((0, length))


def _row_duals(blocks: list[RowBlock], duals: Array, place: Mapping[str, Any], length: int) -> Array:
    """Put the duals of each row where it stands in time, and not a number elsewhere."""
    values = np.full((len(blocks), length), np.nan)
    for position, row in enumerate(blocks):
        values[position, place[row.over]] = duals[row.slice]
    return values


def _ends(over: NDArray[np.int64]) -> NDArray[np.int64]:
    """Last step of each month (or last month of each year)."""
    return np.flatnonzero(np.append(over[1:] != over[:-1], True))


class _Builder:
    """Collects the variables of one Dataset."""

    def __init__(self, park: Park, program: Program, inputs: Inputs, lp: SparseLP) -> None:
        self.park, self.program, self.inputs, self.lp = park, program, inputs, lp
        self.time = park.time
        self.month_end = _ends(program.maps.month)
        self.year_end = _ends(program.maps.year)
        months = self.time.stamps.to_numpy()[self.month_end].astype("datetime64[M]")
        self.data: dict[str, Any] = {}
        self.coords: dict[str, Any] = {
            "time": ("time", self.time.stamps, {"long_name": f"begin of step, clock {self.time.clock}"}),
            "month": ("month", months.astype("datetime64[us]")),
        }

    def blocks(self, *sorts: str) -> list[ColumnBlock]:
        return [block for block in self.program.columns.values() if block.sort in sorts]

    def flows(self, solution: Solution, dual: Solution) -> None:
        blocks, size = self.blocks("flow"), self.time.steps
        self.coords["flow"] = ("flow", [block.label for block in blocks])
        self.coords["carrier"] = ("flow", [self.park.nodes.get(block.node or "", "") for block in blocks])
        for name in ("component", "node", "role"):
            coord = "flow_node" if name == "node" else name  # `node` is the dimension of prices
            self.coords[coord] = ("flow", [str(getattr(block, name) or "") for block in blocks])
        kinds = [self.park.components[block.component].kind for block in blocks]
        self.coords["kind"] = ("flow", kinds)
        self.coords["feeds"] = ("flow", [block.feeds for block in blocks])
        mean = {"units": "MW", "cell_methods": "time: mean"}
        for name, vector, attrs in (
            ("power", solution.columns, mean),
            ("lower", self.lp.lower, mean),
            ("upper", self.lp.upper, mean),
            ("reduced_cost", dual.reduced_costs, {"units": "CNY MW-1", "long_name": "d(objective)/d(active bound)"}),
        ):
            self.data[name] = (("flow", "time"), partial(_stack, blocks, vector, size), attrs)

    def levels(self, solution: Solution, dual: Solution) -> None:
        blocks, size = self.blocks("level"), self.time.steps
        point = {"units": "MWh", "cell_methods": "time: point", "long_name": "content at the end of the step"}
        self.coords["level"] = ("level", [block.label for block in blocks])
        self.coords["level_component"] = ("level", [block.component for block in blocks])
        for name, vector, attrs in (
            ("content", solution.columns, point),
            ("content_lower", self.lp.lower, {"units": "MWh"}),
            ("content_upper", self.lp.upper, {"units": "MWh"}),
            (
                "content_reduced_cost",
                dual.reduced_costs,
                {"units": "CNY MWh-1", "long_name": "d(objective)/d(active bound)"},
            ),
        ):
            self.data[name] = (("level", "time"), partial(_stack, blocks, vector, size), attrs)
        starts = [solution.columns[b.first + (b.length if b.start is not None else b.length - 1)] for b in blocks]
        self.data["content_start"] = ("level", np.array(starts, np.float64), {"units": "MWh"})
        self.data["content_cyclic"] = ("level", np.array([b.start is None for b in blocks], bool))

    def periods(self, solution: Solution) -> None:
        months = self.time.months
        year_of_month = self.program.maps.year[self.month_end]
        for dim, sorts, units in (("peak", ("peak",), "MW"), ("total", ("total", "amount"), "MWh")):
            blocks = self.blocks(*sorts)
            values = np.full((len(blocks), months), np.nan)
            for row, block in enumerate(blocks):
                where = np.arange(months) if block.over == "month" else _ends(year_of_month)
                values[row, where] = solution.columns[block.slice]
            self.coords[dim] = (dim, [block.label for block in blocks])
            self.data[f"{dim}_value"] = ((dim, "month"), values, {"units": units})

    def rows(self, dual: Solution) -> None:
        nodes = [name for name in self.park.nodes if f"{name}.balance" in self.program.rows]
        self.coords["node"] = ("node", nodes)
        prices = [dual.row_duals[self.program.rows[f"{name}.balance"].slice] / self.program.step_h for name in nodes]
        attrs = {"units": "CNY MWh-1", "long_name": "cost of one more MWh drawn at the node in the step"}
        self.data["price"] = (("node", "time"), np.stack(prices) if prices else np.zeros((0, self.time.steps)), attrs)
        blocks = [row for row in self.program.rows.values() if row.item != "balance"]
        self.coords["row"] = ("row", [row.label for row in blocks])
        note = "d(objective)/d(right side), inequalities read as ... <= ...; by month or year at its last step"
        place: dict[str, Any] = {"step": slice(None), "month": self.month_end, "year": self.year_end, "once": [-1]}
        made = partial(_row_duals, blocks, dual.row_duals, place, self.time.steps)
        self.data["row_dual"] = (("row", "time"), made, {"long_name": note})

    def ledger(self, solution: Solution, ledger: str, dim: str, units: str) -> None:
        entries = [entry for entry in self.program.bookings if entry.ledger == ledger]
        labels = list(dict.fromkeys(f"{entry.component}.{entry.term}" for entry in entries))
        values = np.zeros((len(labels), self.time.steps))
        place: dict[str, Any] = {"step": slice(None), "month": self.month_end, "year": self.year_end}
        for entry in entries:
            line = values[labels.index(f"{entry.component}.{entry.term}")]
            worth = entry.coefficient.value(self.inputs.values)
            if entry.column is None:
                line[-1] += float(np.sum(worth))
            else:
                block = self.program.columns[entry.column]
                line[place[block.over]] += worth * solution.columns[block.slice]
        self.coords[dim] = (dim, labels)
        self.coords[f"{dim}_component"] = (dim, [label.split(".")[0] for label in labels])
        self.data[ledger] = ((dim, "time"), values, {"units": units})

    def numbers(self) -> None:
        scalar, by_step, by_month = {}, {}, {}
        month_of_year_end = _ends(self.program.maps.year[self.month_end])
        for component, numbers in self.inputs.values.items():
            for name, value in numbers.items():
                label = f"{component}.{name}"
                if np.ndim(value) == 0:
                    scalar[label] = float(value)
                elif len(np.atleast_1d(value)) == self.time.steps:
                    by_step[label] = value
                else:
                    line = np.full(self.time.months, np.nan)
                    line[slice(None) if len(np.atleast_1d(value)) == self.time.months else month_of_year_end] = value
                    by_month[label] = line
        for dim, name, found, over in (
            ("number", "number_value", scalar, ()),
            ("series", "series_value", by_step, ("time",)),
            ("month_number", "month_value", by_month, ("month",)),
        ):
            shape = (0, *(getattr(self.time, {"time": "steps", "month": "months"}[axis]) for axis in over))
            values = np.array(list(found.values()), np.float64) if found else np.zeros(shape)
            self.coords[dim] = (dim, list(found))
            self.coords[f"{dim}_unit"] = (dim, [_unit_of(label) for label in found])
            self.data[name] = ((dim, *over), values)

    def given(self) -> None:
        """Profiles, monthly fields and tariffs as read: what the audit restates from."""
        read = {f"components.{c}.{n}": v for c, many in self.inputs.given.items() for n, v in many.items()}
        for name, price in self.inputs.prices.items():
            read[f"tariffs.{name}.energy_cny_per_mwh"] = price.energy_cny_per_mwh
            read[f"tariffs.{name}.demand_cny_per_mw_month"] = price.demand_cny_per_mw_month
        monthly = {k for k in read if self._is_monthly(k)}
        for dim, axis, size, chosen in (
            ("input", "time", self.time.steps, [k for k in read if k not in monthly]),
            ("month_input", "month", self.time.months, [k for k in read if k in monthly]),
        ):
            values = np.array([read[k] for k in chosen], np.float64).reshape(-1, size)
            self.coords[dim] = (dim, np.array(chosen, dtype=str))
            self.coords[f"{dim}_unit"] = (dim, np.array([_unit_of(k) for k in chosen], dtype=str))
            self.data[f"{dim}_value"] = ((dim, axis), values)

    def periods_of_tariffs(self) -> None:
        """Time-of-use periods of every tariff, as positions in one list of names."""
        prices = {name: price for name, price in self.inputs.prices.items() if price.period_of_step is not None}
        names = sorted({name for price in prices.values() for name in price.periods})
        place = {name: at for at, name in enumerate(names)}
        rows = [np.array([place[name] for name in price.periods])[price.period_of_step] for price in prices.values()]
        of_step = np.stack(rows) if rows else np.zeros((0, self.time.steps))
        self.coords["period"] = ("period", np.array(names, dtype=str))
        self.coords["tariff"] = ("tariff", np.array([*prices], dtype=str))
        note = {"long_name": "time-of-use period of the tariff, as a position on `period`"}
        self.data["period_of_step"] = (("tariff", "time"), of_step.astype(np.int8), note)

    def _is_monthly(self, label: str) -> bool:
        section, name, field = label.split(".")
        if section == "tariffs":
            return field.startswith("demand")
        return fields_of(self.park.components[name].__class__)[field].sort == "monthly"

    def fields(self) -> None:
        rows = [
            (f"{path}.{name}", _plain(getattr(table, name)), doc.unit or "", source_of(table, name))
            for path, table in tables_of(self.park).items()
            for name, doc in fields_of(table.__class__).items()
            if (doc.unit is not None or doc.sort == "choice" or name in FILES) and getattr(table, name) is not None
        ]
        self.coords["field"] = ("field", [row[0] for row in rows])
        for position, name in enumerate(("field_value", "field_unit", "field_source"), start=1):
            self.data[name] = ("field", np.array([row[position] for row in rows], dtype=object))

    def differences(self) -> None:
        """Say in what the park differs from the one it builds on."""
        found = () if self.park.variant is None else self.park.variant.differences
        self.coords["difference"] = ("difference", np.array([d.path for d in found], dtype=str))
        for name, texts in (
            ("difference_base", [d.before for d in found]),
            ("difference_value", [d.now for d in found]),
            ("difference_source", [d.source for d in found]),
            ("difference_meaning", [meaning_of(self.park, d.path) for d in found]),
        ):
            self.data[name] = ("difference", np.array(texts, dtype=str))

    def references(self) -> None:
        """Leave room for reference runs; only :func:`parksim.run` makes any."""
        data, coords = variables([], yardsticks=list(self.park.yardsticks))
        self.data |= data
        self.coords |= coords

    def draft(self, attrs: "Attributes") -> "Draft":
        self.data["month_of_step"] = ("time", self.program.maps.month.copy())
        variables = {name: Values(*told) for name, told in (self.data | self.coords).items()}
        return Draft(variables, set(self.coords), attrs)


@dataclass(frozen=True)
class Values:
    """A variable in the making.

    Parameters
    ----------
    given
        An array, a list, or a function that makes the array when it is first read.
    """

    dims: str | tuple[str, ...]
    given: Any
    attrs: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def _array(self) -> NDArray[Any]:
        return np.asarray(self.given() if callable(self.given) else self.given)

    def to_numpy(self) -> NDArray[Any]:
        """Give the array, the same one each time."""
        return self._array

    def variable(self) -> xr.Variable:
        """Give the variable of a Dataset, around that array."""
        return xr.Variable(self.dims, self._array, self.attrs)


class Attributes(UserDict[str, Any]):
    """Attributes in the making: one given as a function is made when it is read."""

    def __getitem__(self, name: str) -> Any:
        """Give an attribute."""
        value = self.data[name]
        return value() if callable(value) else value


@dataclass(frozen=True)
class Draft:
    """Results in the making, as accounts read them; most of what only a Dataset tells is made when it is put together.

    Parameters
    ----------
    variables
        By name, labels included.
    coords
        Names of those that are labels, or stand beside labels.
    """

    variables: dict[str, Values]
    coords: set[str]
    attrs: Attributes

    def add(self, more: Mapping[str, tuple[Any, ...]]) -> None:
        """Add variables as xarray takes them; one that has the name of its dimension gives the labels of that."""
        self.variables.update({name: Values(*told) for name, told in more.items()})
        self.coords.update(name for name, told in more.items() if told[0] == name)

    def dataset(self) -> xr.Dataset:
        """Put them together."""
        data = {name: values.variable() for name, values in self.variables.items()}
        coords = {name: data.pop(name) for name in self.variables if name in self.coords}
        indexes = {name: _index(labels) for name, labels in coords.items() if labels.dims == (name,)}
        for name, index in indexes.items():
            coords |= index.create_variables({name: coords[name]})
        return xr.Dataset(data, coords=xr.Coordinates(coords, indexes=indexes), attrs=dict(self.attrs))


def _index(labels: xr.Variable) -> PandasIndex:
    """Give the index of labels, one that no other Dataset has."""
    values = labels.to_numpy()
    return _index_of(str(labels.dims[0]), values.dtype.str, values.tobytes()).copy(deep=True)


@lru_cache(maxsize=256)
def _index_of(dim: str, dtype: str, labels: bytes) -> PandasIndex:
    """Make the index of labels: a live park has the same ones in every Dataset, and to make them takes far longer."""
    values = np.ndarray((len(labels) // np.dtype(dtype).itemsize,), dtype, labels)
    return PandasIndex.from_variables({dim: xr.Variable(dim, values)}, options={})


def tables_of(park: Park) -> dict[str, BaseModel]:
    """Map the dotted path of every table with sources to the table."""
    tables: dict[str, BaseModel] = {"site": park.site}
    tables |= {} if park.weather is None else {"weather": park.weather}
    tables |= {f"tariffs.{name}": table for name, table in park.tariffs.items()}
    tables |= {f"components.{name}": table for name, table in park.components.items()}
    tables |= {f"other_energy.{name}": table for name, table in park.other_energy.items()}
    tables |= {} if park.verdict is None else {"verdict": park.verdict}
    tables |= {} if park.limits is None else {"limits": park.limits}
    return tables


def meaning_of(park: Park, path: str) -> str:
    """Give what the field at a path of the park file says of itself; empty for a whole table."""
    tables = {**tables_of(park), "time": park.time}
    tables |= {f"yardsticks.{name}": table for name, table in park.yardsticks.items()}
    tables |= {f"claims.{name}": table for name, table in park.claims.items()}
    above, _, field = path.rpartition(".")
    doc = fields_of(tables[above].__class__).get(field) if above in tables else None
    return "" if doc is None else doc.meaning


def source_of(table: Any, field: str) -> str:
    """Give the source of a field: its own, the table's default, or that the value is parksim's default."""
    if field not in table.model_fields_set:
        return "default of parksim"
    return str(table.sources.get(field, table.sources.get("default", "")))


def _plain(value: object) -> str:
    if isinstance(value, tuple) and len(value) > 12:
        return f"{len(value)} values"
    if hasattr(value, "file"):
        column = getattr(value, "column", None)
        return f"{value.file}" + (f", {column}" if column else "")
    if isinstance(value, dict):
        return ", ".join(f"{key} {item:g}" for key, item in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)


def park_toml(park: Park) -> str:
    """Write a park back as TOML, whole; what was left out stays out."""
    profiles: list[list[float]] = []
    text = tomli_w.dumps(_set_apart(park.tables(), profiles))
    for number, values in enumerate(profiles):
        text = text.replace(f'"{PROFILE}{number}"', f"[\n    {_lines(values)},\n]", 1)
    return text


PROFILE = "profile set apart, number "
"""Stands for a long list of numbers until all else is written: ``tomli_w`` looks at every number for itself."""

LONG = 100
"""Lists of so many floats are set apart."""


def _lines(values: list[float]) -> str:
    """Write floats line by line, each as :func:`repr` writes it."""
    text = to_json(values).decode()[1:-1]  # ten times faster than repr
    if "e" in text or "0.0000" in text:  # where one needs an exponent, the two are not of one mind
        text = ",".join(map(repr, values))
    return text.replace(",", ",\n    ")


def _set_apart(value: Any, profiles: list[list[float]]) -> Any:
    if isinstance(value, dict):
        return {key: _set_apart(inner, profiles) for key, inner in value.items()}
    if isinstance(value, list) and len(value) >= LONG and set(map(type, value)) == {float}:
        profiles.append(value)
        return f"{PROFILE}{len(profiles) - 1}"
    return value


def headings(park: Park) -> dict[str, str]:
    """Give what the user calls the park, its components and tariffs, in both languages, as attributes of a Dataset."""
    about, components, tariffs = park.park, park.components, park.tariffs
    return {
        "title": about.title or about.name,
        "title_zh": about.title_zh or "",
        "note": about.note or "",
        "note_zh": about.note_zh or "",
        "titles": _titles({name: component.title for name, component in components.items()}),
        "titles_zh": _titles({name: component.title_zh for name, component in components.items()}),
        "tariff_titles": _titles({name: tariff.title for name, tariff in tariffs.items()}),
        "tariff_titles_zh": _titles({name: tariff.title_zh for name, tariff in tariffs.items()}),
    }


def yardsticks(park: Park) -> str:
    """Write the yardsticks by key as JSON."""
    return json.dumps({key: yardstick.model_dump() for key, yardstick in park.yardsticks.items()}, ensure_ascii=False)


def _titles(named: Mapping[str, str | None]) -> str:
    """Write titles by key as JSON; what has none is left out."""
    return json.dumps({name: title for name, title in named.items() if title}, ensure_ascii=False)


def drafted(park: Park, program: Program, inputs: Inputs, lp: SparseLP, solution: Solution, dual: Solution) -> Draft:
    """Collect the results of a solved park.

    Parameters
    ----------
    park, program, inputs, lp
        What was solved.
    solution
        The values, ties settled.
    dual
        The first solve, whose duals hold.

    Returns
    -------
    Draft
        Of a Dataset as described in docs/results.md, all but what components and rules say of it.
    """
    builder = _Builder(park, program, inputs, lp)
    builder.flows(solution, dual)
    builder.levels(solution, dual)
    builder.periods(solution)
    builder.rows(dual)
    builder.ledger(solution, "cost", "term", "CNY")
    builder.ledger(solution, "co2", "source", "t")
    builder.numbers()
    builder.given()
    builder.periods_of_tariffs()
    builder.fields()
    builder.differences()
    builder.references()
    attrs: dict[str, Any] = {
        "parksim_version": _version("parksim"),
        "schema": SCHEMA,
        "park": park.park.name,
        "park_toml": partial(park_toml, park),
        "bases": json.dumps([] if park.variant is None else park.variant.bases, ensure_ascii=False),
        "structure_key": program.structure_key,
        "step_h": program.step_h,
        "clock": park.time.clock,
        "solver": "HiGHS",
        "solver_version": _version("highspy"),
        "termination": solution.termination,
        "objective_cny": dual.objective_cny,
        "notes": "\n".join(inputs.notes),
        "notes_told": json.dumps([parts(note) for note in inputs.notes], ensure_ascii=False),
        **headings(park),
        "site": json.dumps(park.site.model_dump(exclude={"sources"})),
        "year_share": park.time.year_share,
        "yardsticks": yardsticks(park),
        "claims": json.dumps({k: c.model_dump() for k, c in park.claims.items()}, ensure_ascii=False),
        "other_energy": json.dumps({k: e.counted() for k, e in park.other_energy.items()}, ensure_ascii=False),
        "limits": json.dumps(park.limits.given if park.limits is not None else {}),
        "verdict_terms": json.dumps((park.verdict or Verdict()).terms(), ensure_ascii=False),
    }
    return builder.draft(Attributes(attrs))


def build(park: Park, program: Program, inputs: Inputs, lp: SparseLP, solution: Solution, dual: Solution) -> xr.Dataset:
    """Make the Dataset of a solved park as :func:`drafted` collects it."""
    return drafted(park, program, inputs, lp, solution, dual).dataset()


def with_columns(draft: Draft, program: Program, columns: Array) -> Draft:
    """Give results with another plan's powers and contents, for figures that need no more.

    Parameters
    ----------
    columns
        Values of all columns of the LP, shape (columns,).
    """
    flows = [block for block in program.columns.values() if block.sort == "flow"]
    levels = [block for block in program.columns.values() if block.sort == "level"]
    size = len(draft.variables["time"].to_numpy())
    starts = [columns[b.first + (b.length if b.start is not None else b.length - 1)] for b in levels]
    plan = {
        "power": Values(("flow", "time"), _stack(flows, columns, size)),
        "content": Values(("level", "time"), _stack(levels, columns, size)),
        "content_start": Values("level", np.array(starts, np.float64)),
    }
    return Draft(draft.variables | plan, draft.coords, draft.attrs)
