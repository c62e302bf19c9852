"""Factors: what they multiply, bit for bit as each number by itself, and what no factor has a meaning on."""

import numpy as np
import pytest

import parksim as ps
from parksim.factors import multipliable, resolved, times
from parksim.fields import fields_of
from parksim.questions.varied import varied


@pytest.mark.parametrize(
    ("value", "product"),
    [
        (0.7, 0.7 * 1.1),
        (4, 4.4),
        ({"wet": 160.0, "dry": 3.0}, {"wet": 160.0 * 1.1, "dry": 3.0 * 1.1}),
        (tuple(range(12)), [number * 1.1 for number in range(12)]),
    ],
)
def test_every_number_is_multiplied(value, product):
    assert times(value, 1.1) == product


def test_a_whole_number_stays_one_where_it_can():
    assert [type(times(4, factor)) for factor in (0.5, 2.0, 1.1)] == [int, int, float]


@pytest.mark.parametrize("form", [tuple, list, np.array])
def test_a_profile_becomes_a_read_only_array(form):
    values = np.random.default_rng(5).uniform(0.0, 1.0, 48).tolist()
    product = times(form(values), 1.1)
    assert product.tolist() == [value * 1.1 for value in values]
    assert not product.flags.writeable


def test_a_profile_of_a_file_is_read_out():
    park = ps.load_park("yibin")
    path, hydro = "components.hydro.available", park.components["hydro"]
    values = resolved(park, hydro.available, unit="1", path=path)
    assert values.shape == (park.time.steps,)
    assert resolved(park, hydro.price_cny_per_mwh, unit="CNY MWh-1", path=path) is hydro.price_cny_per_mwh


def test_shares_and_switches_take_no_factor():
    park = ps.load_park("yibin")
    load, grid = park.components["park_load"], park.components["grid"]
    assert not multipliable(load.shapes, fields_of(type(load))["shapes"])
    assert not multipliable(grid.export_above_import, fields_of(type(grid))["export_above_import"])
    assert not multipliable(None, None)
    with pytest.raises(ps.InputError, match=r"components\.park_load\.shapes: a factor needs a number"):
        varied(park, {"components.park_load.shapes": {"factor": (0.9, 1.1)}})
