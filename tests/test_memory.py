"""What similar parks have worked out is given again only while all that it follows from is the same."""

import re

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parksim import testing
from parksim.changes import changed_park
from parksim.errors import InputError
from parksim.inputs import gather
from parksim.memory import Memory
from parksim.park import read_park
from parksim.questions.live import Live


def test_a_result_is_given_again_while_its_causes_are_the_same():
    memory, made = Memory(), []

    def work():
        made.append(len(made))
        return made[-1]

    air = np.zeros(3)
    assert [memory.recall("a", (1, "x", air), work) for _ in range(2)] == [0, 0]
    assert memory.recall("b", (1, "x", air), work) == 1
    assert memory.recall("a", (1, "x", air.copy()), work) == 2  # another array, whatever it holds
    assert memory.recall("a", (1, "x", air), work) == 3
    assert memory.recall("a", (True, "x", air), work) == 4
    assert memory.recall("a", (True, "x"), work) == 5
    assert memory.recall("b", (1, "x", air), work) == 1
    assert set(memory._held) == {"a", "b"}


FIELDS = {
    "energy": [100_000.0, 115_000.0],
    "peak": [None, 14.0],
    "seed": [1, 2],
    "noise": [None, 0.05],
    "shapes": [{"continuous": 0.4, "three_shift": 0.6}, {"three_shift": 0.6, "continuous": 0.4}, {"two_shift": 1.0}],
    "air": ["cold", None, "hot"],
    "year": [2024, 2025],
    "step": [30, 60],
    "flat": [300.0, 500.0],
    "table": ["a", "b", None],
    "periods": [[], [(1.5, ["8-12"])], [(1.5, ["8-12"]), (0.5, ["10-14"])]],
    "column": ["low", "high"],
    "latitude": [28.8, 40.0],
}
"""What a draw of a park may differ in."""


def table_of(drawn, files):
    steps = 48 * 60 // drawn["step"]
    temperature = {"cold": 2.0, "hot": 31.0}
    table = testing.random_table(3, hours=48)
    table["time"] = {"year": drawn["year"], "first_day": "07-01", "days": 2, "step_minutes": drawn["step"]}
    table["site"] |= {"latitude_deg": drawn["latitude"]}
    load = {"kind": "demand", "shapes": drawn["shapes"], "energy_per_year_mwh": drawn["energy"], "seed": drawn["seed"]}
    load |= {"peak_mw": drawn["peak"]} if drawn["peak"] else {}
    load |= {"noise_fraction": drawn["noise"]} if drawn["noise"] else {}
    water = {"file": str(files / "water.csv"), "column": drawn["column"], "map_year": True, "upsample": "hold"}
    table["components"] = {
        "load": load,
        "sun": {"kind": "pv", "power_max_mw": 5.0, "available": water},
        "grid": {"kind": "grid", "tariff": "t", "import_max_mw": 90.0, "export_max_mw": 0.0},
    }
    tariff = {"energy_cny_per_mwh": drawn["flat"], "fixed_cny_per_mwh": 20.0}
    if drawn["table"]:
        tariff["table"] = str(files / f"{drawn['table']}.csv")
    elif drawn["periods"]:
        tariff["periods"] = [
            {"name": f"p{number}", "ratio": ratio, "hours": hours}
            for number, (ratio, hours) in enumerate(drawn["periods"])
        ]
    table["tariffs"] = {"t": tariff}
    if drawn["air"]:
        table["weather"] = {"temp_air_c": (np.linspace(0.0, 3.0, steps) + temperature[drawn["air"]]).tolist()}
    return table


def write_table(file, ratio):
    rows = [
        f"{month},{hour},{'day' if 8 <= hour < 20 else 'night'},{ratio if 8 <= hour < 20 else 0.7}"
        for month in range(1, 13)
        for hour in range(24)
    ]
    file.write_text("month,hour,period,ratio\n" + "\n".join(rows) + "\n", encoding="utf-8")


def write_water(file, seed):
    stamps = np.datetime_as_string(np.datetime64("2023-01-01T00:00") + np.arange(8760) * np.timedelta64(1, "h"))
    values = np.random.default_rng(seed).uniform(0.0, 1.0, (8760, 2)).round(6).tolist()
    rows = "\n".join(f"{stamp},{low},{high}" for stamp, (low, high) in zip(stamps, values, strict=True))
    file.write_text(f"# clock: +08:00\ntime,low [1],high [1]\n{rows}\n", encoding="utf-8")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    write_table(folder / "a.csv", 1.25)
    write_table(folder / "b.csv", 1.75)
    write_water(folder / "water.csv", 1)
    return folder


def same(found, fresh):
    """Hold what was read like a similar park to what is read from nothing, bit for bit."""
    assert found.values.keys() == fresh.values.keys()
    for name, numbers in fresh.values.items():
        assert found.values[name].keys() == numbers.keys()
        for key, value in numbers.items():
            np.testing.assert_array_equal(found.values[name][key], value, err_msg=f"{name}.{key}")
    for name, price in fresh.prices.items():
        np.testing.assert_array_equal(found.prices[name].energy_cny_per_mwh, price.energy_cny_per_mwh)
        np.testing.assert_array_equal(found.prices[name].demand_cny_per_mw_month, price.demand_cny_per_mw_month)
        np.testing.assert_array_equal(found.prices[name].period_of_step, price.period_of_step)
        assert found.prices[name].periods == price.periods
    assert sorted(found.notes) == sorted(fresh.notes)


DRAWS = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in FIELDS.items()})


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=DRAWS,
    steps=st.lists(
        st.dictionaries(st.sampled_from(sorted(FIELDS)), st.integers(0, 2), min_size=1, max_size=3),
        min_size=1,
        max_size=5,
    ),
)
def test_any_sequence_of_parks_reads_as_each_by_itself(files, first, steps):
    """One or a few things change at a time, so that most of what was worked out could be taken, and some must not."""
    drawn, held = dict(first), None
    for moves in [{}, *steps]:
        drawn |= {name: FIELDS[name][at % len(FIELDS[name])] for name, at in moves.items()}
        park = read_park(table_of(drawn, files))
        try:
            fresh = gather(park)
        except InputError as error:
            with pytest.raises(InputError, match=re.escape(str(error))):
                gather(park, like=held)
            continue
        held = gather(park, like=held)
        same(held, fresh)


BASE = {name: values[0] for name, values in FIELDS.items()}


@pytest.mark.parametrize(
    "name", ["energy", "peak", "seed", "noise", "shapes", "air", "year", "flat", "table", "periods", "column"]
)
def test_each_cause_is_seen(files, name):
    """What changes alone must show in the numbers; and it does when the park before is taken from."""
    before = {**BASE, "table": None} if name == "periods" else BASE
    start = gather(read_park(table_of(before, files)))
    park = read_park(table_of({**before, name: FIELDS[name][-1]}, files))
    found = gather(park, like=start)
    same(found, gather(park))
    moved = {
        f"{c}.{key}"
        for c, numbers in found.values.items()
        for key, value in numbers.items()
        if key not in start.values[c] or not np.array_equal(value, start.values[c][key])
    }
    assert moved


def test_files_written_anew_are_seen_where_they_are_read_again(tmp_path):
    """A live park reads a file again where its field or tariff changes, and what was kept must not hide it."""
    write_table(tmp_path / "a.csv", 1.25)
    write_table(tmp_path / "b.csv", 1.75)
    write_water(tmp_path / "water.csv", 1)
    live = Live(read_park(table_of(BASE, tmp_path)))
    write_table(tmp_path / "a.csv", 1.3125)
    write_water(tmp_path / "water.csv", 2)
    changes = {
        "tariffs.t.energy_cny_per_mwh": 410.0,
        "components.sun.available": {
            "file": str(tmp_path / "water.csv"),
            "column": "high",
            "map_year": True,
            "upsample": "hold",
        },
    }
    live.become(changes)
    same(live.inputs, gather(changed_park(live.start, changes)))
    assert live.inputs.prices["t"].energy_cny_per_mwh.max() == 410.0 * 1.3125 + 20.0
