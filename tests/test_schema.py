"""The JSON Schema of park files: takes what parksim takes, refuses what it refuses, says what each field means."""

import tomllib
from copy import deepcopy
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from parksim.components import KINDS
from parksim.errors import InputError
from parksim.fields import fields_of
from parksim.park import Park, read_park
from parksim.profiles import shipped_names
from parksim.schema import PART, json_schema
from parksim.units import SUFFIX_OF_UNIT

PARKS = Path(__file__).resolve().parents[1] / "parks"


@pytest.fixture(scope="module")
def schema():
    found = json_schema()
    Draft202012Validator.check_schema(found)
    return found


@pytest.fixture(scope="module")
def taken(schema):
    validator = Draft202012Validator(schema)
    return lambda table: validator.is_valid(table)


@pytest.fixture(scope="module")
def two_days():
    return tomllib.loads((PARKS / "two-days.toml").read_text(encoding="utf-8"))


def fields(schema):
    """Every table and its fields; references to tables resolved for their description."""
    tables = schema["$defs"] | {"": schema}
    for name, table in tables.items():
        for field, entry in table["properties"].items():
            ref = entry.get("$ref", "").removeprefix("#/$defs/")
            yield f"{name}.{field}", {**schema["$defs"].get(ref, {}), **entry}


@pytest.mark.parametrize("file", [PARKS / name for name in shipped_names("parks")], ids=lambda file: file.stem)
def test_shipped_parks_are_valid(file, taken):
    assert taken(tomllib.loads(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "table",
    [
        {"base": "yibin"},
        {"base": "yibin.toml", "remove": ["components.roof_pv"], "park": {"title": "without roofs"}},
        {"base": "yibin", "components": {"battery": {"energy_max_mwh": 160.0}}},
        {"base": "yibin", "components": {"hydro": {"available": {"column": "available_wet"}}}},
        {"base": "yibin", "tariffs": {"time_of_use": {"energy_cny_per_mwh": {"dry": 420.0}}}},
        {"base": "yibin", "yardsticks": {"national": {"factor_t_per_mwh": 0.5, "source": "new"}}},
    ],
)
def test_a_variant_is_not_incomplete(table, taken):
    assert taken(table)
    assert not taken({key: entry for key, entry in table.items() if key != "base"})


@pytest.mark.parametrize(
    "table",
    [
        {"base": 5},
        {"base": "yibin", "remove": "components.roof_pv"},
        {"base": "yibin", "componets": {}},
        {"base": "yibin", "components": {"battery": {"eficiency": 0.9}}},
        {"base": "yibin", "components": {"battery": {"kind": "pv", "energy_max_mwh": 160.0}}},
        {"base": "yibin", "components": {"battery": {"eff_in": 95}}},
        {"base": "yibin", "components": {"hydro": {"outages": [{"start": "2025-08-15T00:00"}]}}},
        {"base": "yibin", "components": {"hydro": {"available": {"colum": "available_wet"}}}},
        {"base": "yibin", "tariffs": {"time_of_use": {"energy_cny_per_mwh": {"dry": -1.0}}}},
        {"base": "yibin", "tariffs": {"Flat": {"energy_cny_per_mwh": 300.0}}},
        {"base": "yibin", "time": {"year": "2026"}},
    ],
)
def test_what_a_variant_does_say_is_checked(table, taken):
    assert not taken(table)


def test_editors_are_told_which_dialect_it_is(schema):
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("componets", {}),
        ("file", "park.toml"),
        ("components/battery/eficiency", 0.9),
        ("components/battery/name", "lithium"),
        ("components/battery/kind", "accumulator"),
        ("components/battery/eff_in", 95),
        ("components/battery/eff_in", "0.95"),
        ("components/battery/power_max_mw", -1.0),
        ("components/grid/import_available", 95),
        ("components/grid/import_available", [0.5, 95]),
        ("components/grid/import_available", {"column": "share"}),
        ("components/grid/export_above_import", "yes"),
        ("components/Roof.East", {"kind": "shortfall", "price_cny_per_mwh": 5e4}),
        ("components", {}),
        ("tariffs/time_of_use/energy_cny_per_mwh", [300.0] * 11),
        ("tariffs/time_of_use/energy_cny_per_mwh", {"wet": -1.0}),
        ("tariffs/time_of_use/price", 300.0),
        ("time/year", 1066),
        ("time/year", "2025"),
        ("site/latitude_deg", 104.6),
        ("nodes", {"electricity": "power"}),
        ("yardsticks/sichuan/factor_t_per_mwh", 156.4),
        ("other_energy", {"gas": {"fuel": "town_gas", "amount_m3": 1.0}}),
        ("other_energy", {"gas": {"fuel": "natural_gas", "amount_m3": -1.0}}),
        ("other_energy", {"gas": {"fuel": "natural_gas", "amount_kg": 1.0}}),
        ("other_energy", {"gas": {"fuel": "natural_gas", "amount_m3": 1.0, "co2_t_per_gj": 55.5}}),
        ("other_energy", {"Gas": {"fuel": "natural_gas", "amount_m3": 1.0}}),
        ("other_energy", [{"fuel": "natural_gas", "amount_m3": 1.0}]),
        ("verdict", {"electricity_value": "physical"}),
        ("verdict", {"equal_value_tce_per_mwh": 300.0}),
        ("verdict", {"process_co2_t": -1.0}),
        ("verdict", {"connection_year": 1066}),
        ("verdict", {"all_electric": "yes"}),
        ("claims", {"green": {"title": "much", "figure": "green", "value": 1.0}}),
    ],
)
def test_what_parksim_refuses_the_schema_refuses(path, value, taken, two_days):
    table = deepcopy(two_days)
    *inner, last = path.split("/")
    here = table
    for name in inner:
        here = here[name]
    here[last] = value
    assert not taken(table)
    if path == "components/grid/import_available" and isinstance(value, list | int):
        return  # limits of profiles are checked with the horizon at hand
    with pytest.raises(InputError):
        read_park(table)


def test_every_form_of_a_profile_and_of_a_price_is_taken(taken, two_days):
    table = deepcopy(two_days)
    grid, tariff = table["components"]["grid"], table["tariffs"]["time_of_use"]
    for form in (0.5, [0.5] * 48, {"file": "builtin:yibin-hydro.csv", "column": "available_mean", "upsample": "hold"}):
        grid["import_available"] = form
        assert taken(table)
        read_park(table)
    for form in (300.0, [300.0] * 12, {"wet": 200.0, "flat": 300.0, "dry": 400.0}):
        tariff["energy_cny_per_mwh"] = form
        assert taken(table)
        read_park(table)


def test_other_energy_and_terms_are_taken(taken, two_days):
    table = deepcopy(two_days)
    table["other_energy"] = {
        "gas": {"fuel": "natural_gas", "amount_m3": 1.0, "sources": {"default": "a bill"}},
        "steam": {"fuel": "steam", "amount_t": 1.0, "heat_gj_per_t": 2.8},
    }
    table["verdict"] = {"connection_year": 2030, "continuous_spot": True, "electricity_value": "calorific"}
    assert taken(table)
    read_park(table)


def test_hidden_fields_stay_hidden(schema):
    assert "file" not in schema["properties"]
    for kind in KINDS.values():
        assert "name" not in schema["$defs"][kind.__name__]["properties"]
        assert schema["$defs"][kind.__name__]["additionalProperties"] is False
        assert "kind" in schema["$defs"][kind.__name__]["required"]


def test_every_field_says_what_it_means(schema):
    silent = [path for path, entry in fields(schema) if not entry.get("description", "").strip()]
    assert silent == []


def test_every_number_says_its_unit(schema):
    """A claim's value has the unit of its figure, a size that of its field; shapes and rows of files have none."""
    bare = {"Claim.value", "Size.min", "Size.max", "Size.step"}
    for path, entry in fields(schema):
        forms = [entry, *entry.get("anyOf", [])]
        if path.replace(f"{PART}.", ".") not in bare and any(form.get("type") == "number" for form in forms):
            assert entry.get("unit") in {*SUFFIX_OF_UNIT, "deg"}, path


def test_every_field_of_every_kind_is_there_with_its_limits(schema):
    words = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
    for kind in KINDS.values():
        entries = schema["$defs"][kind.__name__]["properties"]
        for name, doc in fields_of(kind).items():
            if name == "name":
                continue
            forms = [entries[name], *entries[name].get("anyOf", [])]
            number = next((form for form in forms if form.get("type") == "number"), {})
            assert {words[key]: limit for key, limit in doc.limits.items()}.items() <= number.items(), name


def test_components_are_listed_by_kind(schema):
    listed = schema["else"]["properties"]["components"]["additionalProperties"]
    assert listed["discriminator"]["propertyName"] == "kind"
    assert set(listed["discriminator"]["mapping"]) == set(KINDS)
    assert len(listed["oneOf"]) == len(KINDS)


def test_required_tables_are_required(schema):
    assert set(schema["else"]["required"]) == {name for name, info in Park.model_fields.items() if info.is_required()}
