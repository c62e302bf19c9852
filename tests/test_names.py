"""Names carry their unit: every field of the park file, every number of the LP, every figure reported."""

import inspect
import re
from importlib import import_module
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from pydantic import BaseModel

from parksim import api, testing
from parksim.component import Component
from parksim.components import KINDS
from parksim.fields import fields_of
from parksim.park import Park, read_park
from parksim.units import SUFFIX_OF_UNIT, suffix_fits

WORDS = {"MW": "mw", "MVA": "mva", "MWh": "mwh", "CNY": "cny", "t": "t", "kg": "kg", "kWh": "kwh", "h": "h"}
WORDS |= {
    "month": "month",
    "year": "year",
    "degC": "c",
    "K": "k",
    "m": "m",
    "m2": "m2",
    "m3": "m3",
    "s": "s",
    "deg": "deg",
    "W": "w",
    "GJ": "gj",
    "tce": "tce",
}
ODD = {"year": "_years", "min": "_minutes"}


def spelt(unit):
    """Spell a unit as a suffix: ``CNY MW-1 month-1`` is ``_cny_per_mw_month``."""
    if unit in ODD:
        return ODD[unit]
    above, below = [], []
    for part in unit.split():
        base, power = re.fullmatch(r"([A-Za-z]+?)(-?\d*)", part).groups()
        size = power.lstrip("-") if power.lstrip("-") != "1" else ""
        (below if power.startswith("-") else above).append(WORDS[base] + size)
    return "_" + "_".join([*above, *(["per"] if below else []), *below])


def written_unit(name):
    """The unit of the longest suffix a name ends in, None where it ends in none."""
    fits = [(s, unit) for unit, many in SUFFIX_OF_UNIT.items() for s in many if name.endswith(s)]
    return max(fits, key=lambda pair: len(pair[0]))[1] if fits else None


def models_of(model, found=None):
    """Every table that a park file may hold, reached from its root."""
    found = {} if found is None else found
    if not (inspect.isclass(model) and issubclass(model, BaseModel)) or model in found:
        return found
    found[model] = model.__name__
    for info in model.model_fields.values():
        for part in parts_of(info.annotation):
            models_of(part, found)
    return found


def parts_of(annotation):
    yield annotation
    for part in get_args(annotation):
        yield from parts_of(part)


TABLES = {name: model for model, name in models_of(Park).items()}
QUANTITIES = [
    pytest.param(field, doc, id=f"{table}.{field}")
    for table, model in TABLES.items()
    for field, doc in fields_of(model).items()
    if doc.unit is not None
]


def test_suffixes_are_spelt_as_their_units_and_belong_to_one():
    for unit, suffixes in SUFFIX_OF_UNIT.items():
        if unit != "1":
            assert suffixes == (spelt(unit),), unit
    every = [suffix for many in SUFFIX_OF_UNIT.values() for suffix in many]
    assert len(every) == len(set(every))


@pytest.mark.parametrize(
    ("name", "unit", "fits"),
    [
        ("power_max_mw", "MW", True),
        ("power_max", "MW", False),
        ("price_cny_per_mwh", "CNY MWh-1", True),
        ("price_cny_per_mwh", "MWh", False),
        ("loss_per_h", "h", False),
        ("eff_in", "1", True),
        ("share_mw", "1", False),
        ("demand_cny_per_mw_month", "CNY MW-1", False),
    ],
)
def test_longest_suffix_decides(name, unit, fits):
    assert suffix_fits(name, unit) is fits


def test_every_table_of_the_park_file_is_reached():
    assert set(KINDS.values()) <= set(TABLES.values())
    assert {"TimeAxis", "Tariff", "Period", "Weather", "Yardstick", "Claim", "Outage", "Site"} <= set(TABLES)


@pytest.mark.parametrize(("field", "doc"), QUANTITIES)
def test_field_carries_the_suffix_of_its_unit(field, doc):
    assert doc.unit in SUFFIX_OF_UNIT
    expected = None if doc.unit == "1" else doc.unit
    assert written_unit(field) in {expected, doc.unit}


@pytest.mark.parametrize("table", TABLES)
def test_numbers_of_the_park_file_have_a_unit(table):
    """A float is a quantity, a profile or a monthly value, and says its unit."""
    # in the unit of the figure, or of the capacity, that they speak of
    bare = {("Claim", "value"), ("Size", "min"), ("Size", "max"), ("Size", "step")}
    for field, doc in fields_of(TABLES[table]).items():
        annotation = set(parts_of(TABLES[table].model_fields[field].annotation))
        if (
            float in annotation
            and (table, field) not in bare
            and dict not in {getattr(a, "__origin__", a) for a in annotation}
        ):
            assert doc.unit is not None, field
        if doc.sort in {"quantity", "series", "monthly"}:
            assert doc.unit is not None, field
        if doc.unit is None and (table, field) not in bare:
            assert written_unit(field) in {None, "min", "year"}, f"{field} is named as a quantity and is none"


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_of_the_lp_and_indicators_carry_their_unit(kind):
    for case in testing.CASES[kind]:
        _, inputs, _, _ = testing.expand(case.park())
        for component, numbers in inputs.values.items():
            for name, value in numbers.items():
                assert written_unit(name) is not None or name.endswith("available"), f"{component}.{name}"
                if written_unit(name) == "1" and not name.endswith(("ratio", "factor")):
                    assert np.all((np.asarray(value) >= 0) & (np.asarray(value) <= 1)), f"{component}.{name}"
    for indicator in KINDS[kind].indicators:
        assert suffix_fits(indicator.name, indicator.unit), indicator.name
        assert indicator.meaning.endswith("."), indicator.name


def test_names_are_plain_words():
    """Lower case words of letters and digits; no field repeats its kind; a limit is max or min, not upper or lower."""
    for table, model in TABLES.items():
        for field in model.model_fields:
            assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", field), f"{table}.{field}"
            assert not re.search(r"(^|_)(upper|lower|maximum|minimum|capacity|nominal)(_|$)", field), f"{table}.{field}"
            if issubclass(model, Component):
                kind = next(name for name, known in KINDS.items() if known is model)
                assert not field.startswith(f"{kind}_"), f"{table}.{field}"


def test_numbers_of_the_results_have_units():
    """A float of the Dataset has its unit in `attrs`, or beside it in a coordinate, or stands in this list."""
    ds = api.solve(read_park(testing.random_table(3)))
    beside = {"number_value", "series_value", "month_value", "indicator_value", "input_value", "month_input_value"}
    beside |= {"clause_figure", "clause_figure_max", "clause_limit"}
    mixed = {
        "row_dual",  # CNY per unit of the row's right side
        "residual_value",  # a share
        "restated_value",  # CNY or t, as the term or source of that name
    }
    for name, variable in ds.data_vars.items():
        if variable.dtype.kind != "f" or name in mixed:
            continue
        if name in beside:
            stem = "indicator_unit" if name == "indicator_value" else f"{variable.dims[0]}_unit"
            assert ds[stem].size == ds.sizes[variable.dims[0]]
            assert set(ds[stem].to_numpy()) <= set(SUFFIX_OF_UNIT), name
            continue
        assert variable.attrs.get("units") in SUFFIX_OF_UNIT, name


KERNELS = sorted(p.stem for p in (Path(inspect.getfile(api)).parent / "kernels").glob("[a-z]*.py"))
PLAIN = {"solar_hour", "series", "keep_per_h"}
"""Parameters whose last word is no unit, or that take any unit."""


def documented(function):
    """Parameter to the unit in brackets that ends its description."""
    doc = inspect.cleandoc(function.__doc__ or "")
    text = doc.partition("Parameters\n----------\n")[2].partition("\nReturns\n-------")[0]
    for names, meaning in re.findall(r"^(\w+(?:, \w+)*)(?: : [^\n]*)?\n((?:    [^\n]*\n?|\n)+)", text, re.MULTILINE):
        units = re.findall(r"\[([^\]]+)\]", meaning)
        listed = names.split(", ")
        if len(units) != len(listed):
            units = [units[-1] if units else None] * len(listed)
        yield from zip(listed, units, strict=True)


def is_array_or_number(parameter):
    return any(word in str(parameter.annotation) for word in ("ndarray", "FloatArray", "float"))


@pytest.mark.parametrize("name", KERNELS)
def test_parameters_of_kernels_carry_their_unit(name):
    module = import_module(f"parksim.kernels.{name}")
    for function in vars(module).values():
        plain = getattr(function, "py_func", function)
        if not inspect.isfunction(plain) or plain.__module__ != module.__name__ or plain.__name__.startswith("_"):
            continue
        units = dict(documented(plain))
        for parameter in inspect.signature(plain).parameters.values():
            unit = units.get(parameter.name)
            if parameter.name not in PLAIN and is_array_or_number(parameter) and unit in SUFFIX_OF_UNIT:
                assert suffix_fits(parameter.name, unit), f"{plain.__name__}({parameter.name}) in {unit}"
