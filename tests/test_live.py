"""What-ifs on a live park: every answer is that of the changed park solved on its own; bad changes change nothing."""

import itertools
import json
import sys
import threading
import tomllib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

import parksim as ps
from parksim import testing
from parksim.changes import changed_park, is_structure
from parksim.errors import Touched
from parksim.fields import fields_of
from parksim.inputs import gather
from parksim.park import read_park
from parksim.results import park_toml

SEEDS = st.integers(0, 10_000)


def numeric_paths(park):
    """Every number that may change: quantities, profiles, monthly values."""
    for name, component in park.components.items():
        for field, doc in fields_of(type(component)).items():
            if doc.sort in {"quantity", "series", "monthly"} and getattr(component, field) is not None:
                yield f"components.{name}.{field}", getattr(component, field), doc
    for name, tariff in park.tariffs.items():
        for field, doc in fields_of(type(tariff)).items():
            if doc.sort in {"series", "monthly"} and field in tariff.model_fields_set:
                yield f"tariffs.{name}.{field}", getattr(tariff, field), doc


def random_changes(park, rng):
    """Draw a few changes; prices move little, so that selling never pays more than buying."""
    paths = list(numeric_paths(park))
    changes = {}
    for at in rng.choice(len(paths), size=3, replace=False):
        path, value, doc = paths[at]
        if "export_price" in path or "shortfall" in path or "quarter" in path:
            continue
        factor = rng.uniform(0.8, 1.2)
        if isinstance(value, tuple):
            new = np.array(value) * rng.uniform(0.9, 1.1, len(value))
            changes[path] = np.minimum(new, doc.limits.get("le", np.inf))
        else:
            high = min(doc.limits.get("le", np.inf), doc.limits.get("lt", np.inf) * (1 - 1e-9))
            changes[path] = float(min(value * factor, high))
    return changes


@settings(max_examples=8, deadline=None)
@given(seed=SEEDS, hours=st.sampled_from([24, 24 * 24]))
def test_any_sequence_of_changes_gives_the_answer_of_a_fresh_solve(seed, hours):
    """Numbers, profiles and prices move, some are taken back; each time objective and audit are those of a new park."""
    rng = np.random.default_rng(seed)
    park = read_park(testing.random_table(seed, hours=hours))
    live = ps.live(park)
    for turn in range(4):
        changes = random_changes(park, rng)
        try:
            live.set(changes)
        except ps.InputError:
            continue  # a level limit above another, or the like: refused, and nothing changed
        if turn == 2 and live.changes:
            live.reset(next(iter(live.changes)))
        fresh, warm = ps.solve(changed_park(park, live.changes)), live.solve()
        assert warm.attrs["objective_cny"] == pytest.approx(fresh.attrs["objective_cny"], rel=1e-9, abs=1e-6)
        assert warm.attrs["park_toml"] == fresh.attrs["park_toml"]
        np.testing.assert_array_equal(warm["number"], fresh["number"])
        np.testing.assert_allclose(warm["number_value"], fresh["number_value"], rtol=1e-15)
        np.testing.assert_allclose(warm["series_value"], fresh["series_value"], rtol=1e-15)
        assert sorted(warm.attrs["notes"].splitlines()) == sorted(fresh.attrs["notes"].splitlines())


def scribble(ds):
    """Alter all that a caller can lay hands on."""
    for variable in ds.variables.values():
        values = variable.values
        if values.flags.writeable:
            values[...] = "77" if values.dtype == object else values.dtype.type(77)
        variable.attrs["units"] = "altered"
    for index in ds.indexes.values():
        if len(index) > 1:
            index.array[0] = index.array[1]
        index.name = "altered"
    ds.attrs.clear()


def test_whoever_alters_results_alters_no_others():
    """Indexes of labels are made once for a live park; each Dataset has its own all the same, and its own arrays."""
    live = ps.live(ps.load_park("two-days"))
    first, second = live.solve(), live.solve()
    kept = second.copy(deep=True)
    scribble(first)
    xr.testing.assert_identical(second, kept)
    assert second.indexes["flow"].equals(kept.indexes["flow"])
    third = live.solve()
    for ds in (third, kept):
        del ds.attrs["solver_info"]
    xr.testing.assert_identical(third, kept)
    assert all(index.equals(kept.indexes[dim]) and index.name == dim for dim, index in third.indexes.items())


def test_the_shipped_park_answers_changes_from_where_it_was():
    live = ps.live(ps.load_park("two-days"))
    first = live.solve()
    assert json.loads(first.attrs["solver_info"])["way"] == "whole"
    battery = next(name for name, c in live.park.components.items() if c.kind == "battery")
    live.set({f"components.{battery}.energy_max_mwh": 1.0})
    smaller = live.solve()
    assert json.loads(smaller.attrs["solver_info"])["way"] == "walk"
    assert smaller.attrs["objective_cny"] > first.attrs["objective_cny"]
    live.reset()
    assert live.changes == {}
    assert live.solve().attrs["objective_cny"] == pytest.approx(first.attrs["objective_cny"], rel=1e-12)


def test_the_answer_tells_what_was_changed():
    live = ps.live(ps.load_park("two-days"))
    battery = next(name for name, c in live.park.components.items() if c.kind == "battery")
    path = f"components.{battery}.energy_max_mwh"
    live.set({path: 7})
    live.set({path: 8})
    assert dict(live.changes) == {path: 8}
    ds = live.solve()
    assert ds["field_source"].sel(field=path).item().startswith("what-if; the park file has ")
    assert ds["field_value"].sel(field=path).item() == "8"


def test_a_profile_is_kept_as_it_was_when_it_was_set():
    """The array is written to afterwards, as in a loop that fills it anew; later changes must not read it again."""
    live = ps.live(ps.load_park("two-days"))
    load, load_path = np.full(48, 5.0), "components.factory.power_mw"
    live.set({load_path: load})
    first = live.solve().attrs["objective_cny"]
    load[:] = 9.0
    live.set({"components.battery.energy_max_mwh": 6.0})
    assert live.solve().attrs["objective_cny"] == pytest.approx(first, rel=1e-12)
    np.testing.assert_array_equal(live.changes[load_path], 5.0)
    with pytest.raises(ValueError, match="read-only"):
        live.changes[load_path][0] = 1.0


def test_taking_back_what_is_not_changed_is_told():
    live = ps.live(ps.load_park("two-days"))
    live.set({"components.battery.energy_max_mwh": 7.0})
    with pytest.raises(
        ps.InputError, match=r"energy_max_mw: is not changed.* Changed: components\.battery\.energy_max_mwh"
    ):
        live.reset("components.battery.energy_max_mw")
    assert dict(live.changes) == {"components.battery.energy_max_mwh": 7.0}


BAD = {
    "components.battery.eff_in": (95, r"components\.battery\.eff_in: got 95, must lie in \(0, 1\]\. Write a fraction"),
    "components.battery.eff_inn": (0.9, r"eff_inn: unknown key\. Did you mean 'eff_in'\?"),
    "components.batery.eff_in": (0.9, r"no table components\.batery\. Did you mean 'battery'\?"),
    "component.battery.eff_in": (0.9, r"unknown key\. Did you mean 'components'\?"),
    "components.battery": (1.0, r"components\.battery"),
    "components.battery.energy_max_mwh": ("much", r"energy_max_mwh: got 'much'"),
    "components.battery.power_max_mw.peak": (1.0, r"change the whole field"),
    "tariffs.none.energy_cny_per_mwh": (1.0, r"no table tariffs\.none"),
    "components.load.power_mw": ([1.0, 2.0], r"got 2 numbers, must be 24"),
}


@pytest.mark.parametrize("path", BAD)
def test_a_bad_change_says_where_and_changes_nothing(path):
    value, message = BAD[path]
    table = testing.random_table(12)
    table["components"]["battery"] = testing._battery(np.random.default_rng(0))
    live = ps.live(read_park(table))
    before = live.solve().attrs["objective_cny"]
    with pytest.raises(ps.InputError, match=message):
        live.set({path: value})
    assert live.changes == {}
    assert live.solve().attrs["objective_cny"] == before


STRUCTURE = {
    "components.battery.electricity": ("other", Touched.NODE),
    "components.battery.energy_start_fraction": (0.5, Touched.PRESENCE),
    "components.contract.technology": ("wind", Touched.CHOICE),
    "time.year": (2024, Touched.TIME),
    "nodes.heat": ("heat", Touched.NODE),
}


@pytest.mark.parametrize("path", STRUCTURE)
def test_structure_is_refused_with_a_reason(path):
    value, reason = STRUCTURE[path]
    table = testing.random_table(12)
    rng = np.random.default_rng(0)
    table["components"]["battery"] = {
        k: v for k, v in testing._battery(rng).items() if not k.startswith(("energy_start", "energy_end"))
    }
    table["components"]["contract"] = testing._contract(rng, [0.5] * 24, peaks=False)
    with pytest.raises(ps.StructureChanged) as caught:
        ps.live(read_park(table)).set({path: value})
    assert (caught.value.reason, caught.value.field) == (reason, path)


def test_a_change_to_no_solution_is_told_and_can_be_taken_back():
    table = testing.random_table(12)
    del table["components"]["shortfall"]
    table["components"]["grid"] |= {"import_max_mw": 60.0, "import_available": 1.0}
    live = ps.live(read_park(table))
    before = live.solve().attrs["objective_cny"]
    live.set({"components.grid.import_max_mw": 0.1})
    with pytest.raises(ps.NoSolution) as caught:
        live.solve()
    assert caught.value.suspects
    live.reset()
    assert live.solve().attrs["objective_cny"] == pytest.approx(before, rel=1e-12)


def test_several_lives_run_at_once():
    found, expected = {}, {}
    for seed in (1, 2, 3):
        park = changed_park(read_park(testing.random_table(seed)), {"components.load.power_mw": 9.0})
        expected[seed] = ps.solve(park).attrs["objective_cny"]

    def work(seed):
        live = ps.live(read_park(testing.random_table(seed)), threads=1)
        live.solve()
        live.set({"components.load.power_mw": 9.0})
        found[seed] = live.solve().attrs["objective_cny"]

    threads = [threading.Thread(target=work, args=(seed,)) for seed in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == pytest.approx(expected, rel=1e-9)


def test_an_array_may_be_altered_and_given_again():
    """What was given is held as it was; given again after it was altered, the new numbers count."""
    live = ps.live(ps.load_park("two-days"))
    path = "components.factory.power_mw"
    load = live.inputs.given["factory"]["power_mw"].copy()
    live.set({path: load})
    first = live.solve().attrs["objective_cny"]
    load *= 0.5
    assert live.changes[path][0] == 2.0 * load[0]
    assert live.solve().attrs["objective_cny"] == pytest.approx(first, rel=1e-12)
    live.set({path: load})
    fresh = ps.solve(changed_park(live.start, {path: load.copy()}))
    assert live.solve().attrs["objective_cny"] == pytest.approx(fresh.attrs["objective_cny"], rel=1e-9)


def test_the_told_park_holds_long_profiles_to_the_last_digit():
    """Long lists are written apart from the rest of the TOML, and read back as they were."""
    rng = np.random.default_rng(3)
    profiles = {f"components.{name}.power_mw": rng.uniform(50.0, 90.0, 24 * 24) for name in ("load", "load_two")}
    table = testing.random_table(1, hours=24 * 24)
    table["components"]["load_two"] = {**table["components"]["load"]}
    park = changed_park(read_park(table), profiles)
    told = tomllib.loads(park_toml(park))
    for path, values in profiles.items():
        assert told["components"][path.split(".")[1]]["power_mw"] == values.tolist()
    assert read_park(told) == park


@pytest.mark.parametrize(("least", "most"), [(-4, 1), (-5, 1), (-12, -6), (-12, 18)])
def test_the_told_park_writes_numbers_of_long_profiles_as_python_does(least, most):
    """Powers of ten that need no exponent, that need one in Python alone, that need one everywhere, and all of them."""
    rng = np.random.default_rng(4)
    values = rng.uniform(1.0, 10.0, 576) * 10.0 ** rng.integers(least, most, 576)
    values[0] = 0.0
    park = changed_park(read_park(testing.random_table(1, hours=576)), {"components.load.power_mw": values})
    lines = ",\n    ".join(map(repr, values.tolist()))
    assert f"power_mw = [\n    {lines},\n]" in park_toml(park)


def test_parks_read_at_once_keep_their_own_notes(tmp_path):
    """Python keeps caught warnings for all threads together; each park must get its own all the same."""
    parks = []
    for year in (2018, 2019, 2021, 2022):
        stamps = np.datetime_as_string(np.datetime64(f"{year}-01-01T00:00") + np.arange(8760) * np.timedelta64(1, "h"))
        rows = "\n".join(f"{stamp},5.0" for stamp in stamps)
        (tmp_path / f"{year}.csv").write_text(f"# clock: +08:00\ntime,load [MW]\n{rows}\n", encoding="utf-8")
        table = testing.random_table(1)
        table["components"]["load"]["power_mw"] = {"file": str(tmp_path / f"{year}.csv"), "map_year": True}
        parks.append(read_park(table))
    alone = [gather(park).notes for park in parks]
    assert len(set(alone)) == len(parks)
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(len(parks)) as pool:
            together = list(pool.map(lambda park: gather(park).notes, parks * 3))
    finally:
        sys.setswitchinterval(before)
    assert together == alone * 3


def test_the_order_of_shapes_counts_as_in_a_fresh_solve():
    """The noise of each shape is drawn by its place, so the same shares in another order are another load."""
    table = testing.random_table(1, hours=48)
    table["components"]["load"] = {"kind": "demand", "shapes": {"continuous": 0.4, "three_shift": 0.6}, "peak_mw": 9.0}
    live = ps.live(read_park(table))
    turned = {"three_shift": 0.6, "continuous": 0.4}
    found = []
    for shapes in (turned, dict(reversed(turned.items())), turned):
        live.set({"components.load.shapes": shapes})
        fresh = gather(changed_park(live.start, {"components.load.shapes": shapes}))
        np.testing.assert_array_equal(live.inputs.values["load"]["power_mw"], fresh.values["load"]["power_mw"])
        found.append(live.inputs.values["load"]["power_mw"])
    assert not np.array_equal(found[0], found[1])


def test_a_number_is_judged_as_its_checked_table_would_be():
    """Whether a number is structure is told without a check of its table, for the kinds and fields that there are."""
    numbers = (0.0, 1, -1.0, 0.37, 1e6)
    for seed in range(12):
        park = read_park(testing.random_table(seed))
        fields = [(f"components.{name}", c, doc) for name, c in park.components.items() for doc in _docs(c)]
        fields += [(f"tariffs.{name}", t, doc) for name, t in park.tariffs.items() for doc in _docs(t)]
        for (where, table, doc), value in itertools.product(fields, numbers):
            path, old, new = f"{where}.{doc.name}", getattr(table, doc.name), value
            data = {name: getattr(table, name) for name in table.model_fields_set} | {doc.name: value}
            with suppress(ValidationError):
                new = getattr(type(table).model_validate(data), doc.name)
            told = old != new and (
                doc.sort in {"node", "choice"}
                or doc.name == "kind"
                or (old is None) != (new is None)
                or isinstance(old, bool)
                or isinstance(new, bool)
            )
            assert is_structure(park, path, value) == told, (path, value)


def _docs(table):
    return [doc for name, doc in fields_of(type(table)).items() if name not in {"name", "sources"}]
