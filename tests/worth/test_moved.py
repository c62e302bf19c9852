"""The quick way from a number to what it moves in the LP, held to reading the whole park again with another number."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parksim import testing
from parksim.components._cases import demand, grid, micro
from parksim.errors import InputError
from parksim.inputs import gather
from parksim.levers import Levers
from parksim.lp.directions import filled, refilled
from parksim.lp.layout import NumberRef, moved_numbers
from parksim.lp.program import ARRAYS, Program
from parksim.park import read_park

SEEDS = st.integers(0, 10_000)
some = settings(max_examples=8, deadline=None)
few = settings(max_examples=3, deadline=None)


def steps(lever):
    """A little less, and far more."""
    size = abs(lever.value) or 0.01
    return [lever.value - 1e-4 * size, lever.value + 0.3 * size]


def equal(mine, theirs):
    """Fields of two LPs and ledgers that differ in any digit."""
    pairs = [(name, getattr(mine.lp, name), getattr(theirs.lp, name)) for name in (*ARRAYS, "offset")]
    pairs += [(name, getattr(mine, name), getattr(theirs, name)) for name in ("co2", "co2_offset_t")]
    return [name for name, a, b in pairs if not np.array_equal(a, b)]


def check_levers(table):
    """Hold every lever of a park to the park read again; returns how many were."""
    park = read_park(table)
    inputs = gather(park)
    program = Program(park.components, nodes=park.nodes, time=park.time)
    base, seen = filled(program, inputs.values), 0
    for lever in Levers(park, inputs):
        for value in steps(lever):
            values = lever.at(value)
            if values is None:
                continue
            try:
                again = gather(read_park(testing.moved(table, lever.path, value, sort=lever.sort)))
            except InputError:  # a park so changed is refused as a whole, such as a money pump
                continue
            moved = moved_numbers(inputs.values, values)
            fast, slow = refilled(program, base, values, moved), filled(program, again.values)
            assert not equal(fast, slow), (lever.path, value)
            seen += 1
    return seen


@pytest.mark.filterwarnings("ignore::parksim.errors.ParksimWarning")
@few
@given(seed=SEEDS)
def test_each_number_moves_what_reading_the_park_again_moves(seed):
    assert check_levers(testing.random_table(seed)) > 20


@pytest.mark.filterwarnings("ignore::parksim.errors.ParksimWarning")
@few
@given(seed=SEEDS)
def test_so_does_the_weather(seed):
    assert check_levers(testing.under_weather(seed)) > 40


def test_only_what_reads_a_part_of_the_weather_is_computed_again():
    park = read_park(testing.under_weather(3))
    inputs = gather(park)
    moved = {
        lever.path: {name for name in park.components if lever.at(lever.value + 0.01)[name] is not inputs.values[name]}
        for lever in Levers(park, inputs)
        if lever.path.startswith(("weather", "yardsticks"))
    }
    assert moved == {
        "weather.ghi_w_per_m2": {"sun"},
        "weather.wind_speed_m_per_s": {"breeze"},
        "weather.temp_air_c": {"sun", "breeze", "works"},
        "yardsticks.y.factor_t_per_mwh": {"grid"},
    }


@some
@given(seed=SEEDS, data=st.data())
def test_an_lp_filled_again_in_parts_is_that_filled_whole(seed, data):
    """Any numbers, moved at random; coefficients of the matrix too."""
    found = testing.solved(testing.random_table(seed))
    values = found.inputs.values
    known = [NumberRef(component, name) for component, numbers in values.items() for name in numbers]
    chosen = data.draw(st.sets(st.sampled_from(known), max_size=4))
    changed = {component: dict(numbers) for component, numbers in values.items()}
    for ref in chosen:
        changed[ref.component][ref.name] = np.asarray(values[ref.component][ref.name]) * 0.97 + 0.01
    moved = moved_numbers(values, changed)
    assert moved == chosen
    base = filled(found.program, values)
    fast, slow = refilled(found.program, base, changed, moved), filled(found.program, changed)
    assert not equal(fast, slow)
    untouched = filled(found.program, values)
    assert not equal(base, untouched)  # what is shared is not written to
    if not chosen:
        assert all(getattr(fast.lp, item.name) is getattr(base.lp, item.name) for item in dataclasses.fields(fast.lp))


def test_entries_that_share_a_place_are_added_up_again():
    """In a horizon of one step the content before it is the content itself: two entries, one place."""
    table = micro(
        {"name": "store", "kind": "battery", "power_max_mw": 1.0, "energy_max_mwh": 2.0, "eff_in": 0.9, "eff_out": 0.9},
        grid(price_cny_per_mwh=[100.0]), demand(power_mw=[2.0]),
    )  # fmt: skip
    assert check_levers(table) > 10
