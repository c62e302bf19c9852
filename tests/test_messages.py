"""Messages: what a mistake of a table becomes, and that no mistake becomes anything but a message."""

import datetime
import re
import tomllib
from copy import deepcopy
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from parksim import api
from parksim.errors import InputError
from parksim.fields import Monthly, monthly, quantity
from parksim.messages import dotted, known_keys, nearest, percent_advice, problems_of, shown, unknown_key
from parksim.park import Park, read_park
from parksim.parkfile import load_park
from parksim.tariffs import Tariff, season_problems
from parksim.vetting import source_problems


class _Table(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


class Wheel(_Table):
    kind: Literal["wheel"]
    size_m: Annotated[float, quantity("m", "Diameter.", gt=0, le=2)]
    share: Annotated[float, quantity("1", "Share of the load.", ge=0, lt=1)] = 0.5


class Sail(_Table):
    kind: Literal["sail"]
    area_m2: Annotated[float, quantity("m2", "Area.", ge=0)]


class Cart(_Table):
    name: Annotated[str, Field(description="Its name.")]
    parts: Annotated[dict[str, Annotated[Wheel | Sail, Field(discriminator="kind")]], Field(description="Parts.")] = {}
    spare: Annotated[list[Wheel], Field(description="Spare wheels.")] = []
    price_cny_per_mwh: Annotated[Monthly, monthly("CNY MWh-1", "Price.")] = 1.0
    road: Annotated[Literal["paved", "gravel"] | None, Field(description="Road.")] = None

    @model_validator(mode="after")
    def _not_too_many(self):
        if len(self.spare) > 2:
            msg = "spare: got three wheels, must be two at most"
            raise ValueError(msg)
        return self


def told(**tables):
    with pytest.raises(ValidationError) as caught:
        Cart.model_validate(tables)
    return problems_of(caught.value, data=tables, place="cart.toml", models={"": Cart})


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({}, "name: is missing. Its name."),
        ({"name": "a", "parts": {"left": {"kind": "wheel"}}}, "parts.left.size_m: is missing [m]. Diameter."),
        (
            {"name": "a", "parts": {"left": {"kind": "wheel", "size_m": 3.0}}},
            "parts.left.size_m: got 3.0, must lie in (0, 2] m.",
        ),
        (
            {"name": "a", "parts": {"left": {"kind": "wheel", "size_m": 1.0, "share": 40}}},
            "parts.left.share: got 40, must lie in [0, 1). Write a fraction, e.g. 0.4.",
        ),
        (
            {"name": "a", "parts": {"wheel": {"kind": "wheel", "size_m": "1 m"}}},
            "parts.wheel.size_m: got '1 m', must be a number. Write 1, without quotes; its unit is m.",
        ),
        (
            {"name": "a", "parts": {"left": {"kind": "sail", "area_m2": 1.0, "size_m": 1.0}}},
            "parts.left.size_m: unknown key. Known keys: kind, area_m2.",
        ),
        ({"name": "a", "parts": {"left": {}}}, "parts.left.kind: is missing. Say what the component is: wheel, sail."),
        (
            {"name": "a", "parts": {"left": {"kind": "Sails"}}},
            "parts.left.kind: got 'Sails', must be one of wheel, sail. Did you mean 'sail'?",
        ),
        (
            {"name": "a", "spare": [{"kind": "wheel", "size_m": 1.0}, {"kind": "wheel", "size_m": -1.0}]},
            "spare[1].size_m: got -1.0, must lie in (0, 2] m.",
        ),
        (
            {"name": "a", "spare": [{"kind": "wheel", "size_m": 1.0}] * 3},
            "spare: got three wheels, must be two at most.",
        ),
        ({"name": "a", "price_cny_per_mwh": {"wet": True}}, "price_cny_per_mwh.wet: got true, must be a number."),
        (
            {"name": "a", "price_cny_per_mwh": [1.0] * 11 + [None]},
            "price_cny_per_mwh[11]: got None, must be a number.",
        ),
        ({"name": "a", "road": "mud"}, "road: got 'mud', must be one of paved, gravel."),
        ({"name": "a", "road": "gravle"}, "road: got 'gravle', must be one of paved, gravel. Did you mean 'gravel'?"),
    ],
)
def test_one_mistake_is_one_message_with_its_path(tables, message):
    assert told(**tables) == [f"cart.toml: {message}"]


def test_a_form_that_fits_but_for_an_item_is_not_told_as_no_form():
    lines = told(name=3, price_cny_per_mwh={"wet": "x", "dry": "y"})
    assert [line.split(": ")[1] for line in lines] == ["name", "price_cny_per_mwh.wet", "price_cny_per_mwh.dry"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        ("40 MW", "'40 MW'"),
        ("x" * 80, f"'{'x' * 56}..."),
        (95, "95"),
        (0.1, "0.1"),
        ({"a": 1}, "a table"),
        ([1, 2], "[1, 2]"),
        ([True], "a list of 1"),
        ([{}], "a list of 1"),
        ([1.0] * 8760, "a list of 8760"),
        (datetime.date(2025, 1, 2), "the date or time 2025-01-02"),
        (datetime.time(8, 30), "the date or time 08:30:00"),
    ],
)
def test_values_are_shown_as_the_file_has_them(value, text):
    assert shown(value) == text
    assert len(text) <= 60


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        ("tilt", ["title", "tilt_deg"], "tilt_deg"),
        ("eff_inn", ["eff_in", "eff_out"], "eff_in"),
        ("yibn", ["start", "yibin"], "yibin"),
        ("colour", ["eff_in", "kind"], None),
        ("x", [], None),
    ],
)
def test_the_nearest_known_word(word, known, hint):
    assert nearest(word, known) == ("" if hint is None else f" Did you mean {hint!r}?")


def test_all_known_keys_are_told_where_none_is_near():
    assert unknown_key("colour", ["kind", "title"]) == "unknown key. Known keys: kind, title."
    assert unknown_key("titel", ["kind", "title"]) == "unknown key. Did you mean 'title'?"
    assert unknown_key("tidal", ["kind", "title"]) == "unknown key. Did you mean 'title'? Known keys: kind, title."


@pytest.mark.parametrize(
    ("value", "limits", "hint"),
    [
        (95, {"le": 1.0}, " Write a fraction, e.g. 0.95."),
        (95, {"lt": 1.0}, " Write a fraction, e.g. 0.95."),
        (1.5, {"le": 1.0}, ""),
        (101.0, {"le": 1.0}, ""),
        (95, {"le": 2.0}, ""),
        ("95", {"le": 1.0}, ""),
    ],
)
def test_percentages_are_told_as_fractions(value, limits, hint):
    assert percent_advice(value, limits) == hint


def test_paths_count_items_from_zero():
    assert dotted(["components", "hydro", "outages", 1, "end"]) == "components.hydro.outages[1].end"


def test_keys_that_parksim_fills_in_are_no_keys():
    assert "file" not in known_keys(Park)
    assert "components" in known_keys(Park)
    assert known_keys(Tariff) == tuple(Tariff.model_fields)


def test_seasons_that_leave_months_out():
    seasons = {"wet": [6, 7, 8], "dry": [1, 2, 3, 4, 5, 9, 10, 11]}
    assert season_problems({"wet": 1.0, "dry": 2.0}, seasons) == [
        ": has no value for the months 12. Give one for every season (wet, dry).",
    ]
    assert season_problems({"wet": 1.0, "dry": 2.0}, seasons | {"dry": [*seasons["dry"], 12]}) == []


SHIPPED = Path(__file__).resolve().parents[1] / "parks"

EXTRAS = """
[components.contract]
kind = "direct_supply"
delivery = "line"
technology = "hydro"
plant = "existing"
certificate = "none"
power_max_mw = 3.0
available = 0.5
price_cny_per_mwh = { wet = 160.0, flat = 240.0, dry = 320.0 }
take_or_pay_fraction = 0.5
take_or_pay_cny_per_mwh = 30.0
outages = [{ start = "2025-07-14T03:00", end = "2025-07-14T05:00", available = 0.5 }]
sources = { default = "a contract" }
[components.lake]
kind = "reservoir"
power_max_mw = 3.0
energy_max_mwh = 30.0
inflow_mw = 1.0
sources = { default = "a plan" }
[components.office]
kind = "demand"
shapes = { continuous = 0.5, office = 0.5 }
peak_mw = 1.0
sources = { default = "a bill" }
[components.last]
kind = "shortfall"
price_cny_per_mwh = 50000.0
sources = { default = "a guess" }
[tariffs.spot]
price_cny_per_mwh = 300.0
sources = { default = "a market" }
[tariffs.twelve]
energy_cny_per_mwh = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0]
periods = [{ name = "valley", ratio = 0.4, hours = ["22-8"], months = [1, 7] }]
sources = { default = "a bill" }
[claims.c]
title = "much"
figure = "green_supply_mwh"
value = 3.0
source = "a brochure"
"""

JUNK = (
    *(0, 1, -1, 95, 1.5, -3.5, 1e9, 10**30, float("nan"), float("inf"), True, False),
    *("", "x", "40 MW", "builtin:yibin-hydro.csv", "builtin:", "wet", "electricity", "屋顶", "a.b", "-1e400"),
    *([], [1.0], [1.0] * 12, [1.0] * 48, ["a"], [{}], [[1]], {}, {"a": 1.0}, {"wet": 1.0, "flat": 1.0, "dry": 1.0}),
    *({"file": "x.csv"}, {"file": "builtin:yibin-hydro.csv", "column": "available_mean"}),
    *(datetime.date(2025, 1, 1), datetime.datetime(2025, 1, 1, 3), datetime.time(3)),
)

JARGON = re.compile(r"[Ii]nput should|instance of|pydantic|validation|union|<class|\bdict\b|\bNone\b|Value error|\n")


def _places(table, path=()):
    items = table.items() if isinstance(table, dict) else enumerate(table) if isinstance(table, list) else ()
    for key, value in items:
        yield (*path, key)
        if not (isinstance(value, list) and value and isinstance(value[0], float)):
            yield from _places(value, (*path, key))


def _spoiled(table, places, rng):
    """Break one to three places: a field gone, misnamed, or of another kind of value."""
    spoiled = deepcopy(table)
    for _ in range(rng.integers(1, 4)):
        *inner, last = places[rng.integers(len(places))]
        here = spoiled
        for key in inner:
            within = isinstance(here, dict) and key in here
            within = within or (isinstance(here, list) and isinstance(key, int) and key < len(here))
            here = here[key] if within else None
        value, way = deepcopy(JUNK[rng.integers(len(JUNK))]), rng.random()
        if isinstance(here, dict) and way < 0.15:
            here.pop(last, None)
        elif isinstance(here, dict):
            here[f"{last}s" if way < 0.25 else last] = value
        elif isinstance(here, list) and isinstance(last, int) and last < len(here):
            here[last] = value
    return spoiled


def _refusal(table):
    """Read a park all the way to its LP; give the problems it is refused for."""
    try:
        park = read_park(table)
        lost = source_problems(park)
        if not lost:
            api.check(park)
    except InputError as error:
        return error.problems
    return tuple(lost)


@pytest.mark.parametrize("seed", range(12))
def test_no_slip_ends_in_anything_but_messages(seed):
    base = tomllib.loads((SHIPPED / "two-days.toml").read_text(encoding="utf-8") + EXTRAS)
    places, rng = list(_places(base)), np.random.default_rng(seed)
    refusals = [_refusal(_spoiled(base, places, rng)) for _ in range(25)]
    assert sum(map(bool, refusals)) > 15
    for problems in refusals:
        assert len(set(problems)) == len(problems)
        for problem in problems:
            assert problem.startswith("park: ")
            assert len(problem) < 700
            assert not JARGON.search(problem), problem


def test_the_park_the_slips_start_from_is_sound():
    base = tomllib.loads((SHIPPED / "two-days.toml").read_text(encoding="utf-8") + EXTRAS)
    park = read_park(base)
    assert source_problems(park) == []
    assert len(api.check(park)["components"]) == len(base["components"])


@pytest.mark.parametrize("name", ["start", "two-days", "yibin"])
def test_shipped_parks_are_sound(name):
    assert load_park(SHIPPED / f"{name}.toml").components
