"""Plans: every combination in its place, checked the fast way as the slow way would, and told in park words."""

import itertools
import pickle
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

import parksim as ps
from parksim import testing
from parksim.changes import changed_park
from parksim.checks import check_nodes
from parksim.inputs import gather
from parksim.lp.program import Program
from parksim.study import groups
from parksim.study.cases import NO_GROUP, plan
from parksim.study.model import load_study, read_study

BATTERY = "components.battery.energy_max_mwh"
ROOF = "components.roof.power_max_mw"
PRICE = "tariffs.time_of_use.energy_cny_per_mwh"


def study(axes, **more):
    return read_study({"study": {"name": "test", "park": "two-days"}, "axes": axes, **more})


def axis(field, *values, **more):
    return {"field": field, "values": list(values), **more}


def problems(asked):
    with pytest.raises(ps.InputError) as told:
        plan(asked)
    return "\n".join(told.value.problems)


def park_of(found, case):
    return changed_park(found.groups[case.group].park, case.changes)


def told(park):
    """What a park says, its sources and its file apart."""

    def bare(value):
        if isinstance(value, dict):
            return {key: bare(item) for key, item in value.items() if key not in {"sources", "source"}}
        return [bare(item) for item in value] if isinstance(value, list | tuple) else value

    return bare(park.model_dump(exclude={"file", "variant"}))


class TestDimensions:
    def test_axes_are_crossed_in_their_order(self):
        found = plan(study({"battery": axis(BATTERY, 0, 10, 20), "roof": axis(ROOF, 1.0, 2.0)}))
        assert [(d.name, d.size) for d in found.dimensions] == [("battery", 3), ("roof", 2)]
        assert found.shape == (3, 2)
        assert [case.at for case in found.cases] == list(itertools.product(range(3), range(2)))
        assert [case.number for case in found.cases] == list(range(6))
        assert found.cases[3].changes == {BATTERY: 10, ROOF: 2.0}
        assert found.cases[3].label == "battery 10, roof 2"
        assert found.dimensions[0].coords == {"battery": (0.0, 10.0, 20.0)}
        assert found.dimensions[0].units == {"battery": "MWh"}

    def test_ranges_have_both_ends(self):
        found = plan(study({"battery": {"field": BATTERY, "range": {"start": 0.0, "stop": 30.0, "count": 4}}}))
        assert found.dimensions[0].coords["battery"] == (0.0, 10.0, 20.0, 30.0)

    def test_whole_numbers_stay_whole(self):
        axes = {"year": {"field": "time.year", "range": {"start": 2025.0, "stop": 2027.0, "count": 3}}}
        found = plan(ps.Study(park=ps.read_park(testing.random_table(1)), axes=axes))
        assert [case.problem for case in found.cases] == [""] * 3
        assert [found.groups[case.group].park.time.year for case in found.cases] == [2025, 2026, 2027]

    def test_zipped_axes_walk_together(self):
        axes = {"battery": axis(BATTERY, 0, 10), "roof": axis(ROOF, 1, 2), "height": axis("site.altitude_m", 0.0, 1.0)}
        found = plan(study(axes, combine={"zip": [["roof", "battery"]]}))
        assert [d.name for d in found.dimensions] == ["roof_battery", "height"]
        assert found.dimensions[0].coords == {"battery": (0.0, 10.0), "roof": (1.0, 2.0)}
        assert [case.changes[BATTERY] / 10 + 1 == case.changes[ROOF] for case in found.cases] == [True] * 4

    def test_scenarios_are_a_dimension_crossed_with_the_rest(self):
        scenarios = {"mean": {}, "dear": {PRICE: {"factor": 1.2}, "weight": 0.2}}
        found = plan(study({"battery": axis(BATTERY, 0, 10)}, scenarios=scenarios))
        assert [d.name for d in found.dimensions] == ["battery", "scenario"]
        assert found.dimensions[1].coords == {"scenario": ("mean", "dear")}
        before, now = (park_of(found, case).tariffs["time_of_use"].energy_cny_per_mwh for case in found.cases[:2])
        assert now == {season: pytest.approx(1.2 * price) for season, price in before.items()}

    @pytest.mark.parametrize("method", ["latin-hypercube", "sobol"])
    def test_drawn_axes_are_one_dimension_that_the_seed_decides(self, method):
        axes = {
            "battery": {"field": BATTERY, "between": [0.0, 40.0]},
            "dear": {"field": PRICE, "between": {"factor": [0.5, 1.5]}},
            "grid": axis("components.grid.import_max_mw", 30.0, 40.0),
        }
        asked = {"combine": {"sample": {"method": method, "count": 16}}}
        found = plan(study(axes, **asked))
        assert [(d.name, d.size) for d in found.dimensions] == [("sample", 16), ("grid", 2)]
        for name, low, high in (("battery", 0.0, 40.0), ("dear", 0.5, 1.5)):
            drawn = np.array(found.dimensions[0].coords[name])
            counts, _ = np.histogram(drawn, bins=16 if method == "latin-hypercube" else 4, range=(low, high))
            assert len(set(counts)) == 1, "every slice of the axis has as many points"
        assert plan(study(axes, **asked)).dimensions == found.dimensions
        other = plan(read_study({"study": {"name": "t", "park": "two-days", "seed": 2}, "axes": axes, **asked}))
        assert other.dimensions != found.dimensions

    def test_positions_lie_between_0_and_1_and_labels_are_1_apart(self):
        axes = {
            "battery": axis(BATTERY, 10, 30, 20),
            "kind": {"options": {"a": {}, "b": {ROOF: 1.0}, "c": {ROOF: 2.0}}},
        }
        found = plan(study(axes))
        at = {case.label: np.array(case.position) for case in found.cases}
        assert all(((x >= 0) & (x <= 1)).all() for x in at.values())

        def distance(one, other):
            return float(np.linalg.norm(at[one] - at[other]))

        assert distance("battery 10, kind a", "battery 30, kind a") == pytest.approx(1.0)
        assert distance("battery 10, kind a", "battery 20, kind a") == pytest.approx(0.5)
        assert distance("battery 10, kind a", "battery 10, kind b") == pytest.approx(1.0)
        assert distance("battery 10, kind a", "battery 10, kind c") == pytest.approx(1.0)

    def test_a_plan_can_be_sent_about(self):
        found = plan(study({"battery": axis(BATTERY, 0, 10)}))
        sent = pickle.loads(pickle.dumps(found))
        assert (sent.cases, sent.groups, sent.key) == (found.cases, found.groups, found.key)


THREE = {"battery": axis(BATTERY, 0, 10, 20), "roof": axis(ROOF, 1, 2, 20), "load": {"options": {"a": {}, "b": {}}}}


class TestFilters:
    @pytest.mark.parametrize(
        ("where", "passes"),
        [
            ("battery <= 2 * roof", lambda b, r, o: b <= 2 * r),
            ("battery < roof or not (load == 'a')", lambda b, r, o: b < r or o != "a"),
            ("0 < battery <= 20 and load in ['b']", lambda b, r, o: 0 < b <= 20 and o == "b"),
            ("-battery + 3 > roof / 2 - 1", lambda b, r, o: -b + 3 > r / 2 - 1),
        ],
    )
    def test_leave_out_what_fails(self, where, passes):
        found = plan(study(THREE, combine={"where": [where]}))
        wanted = [at for at in itertools.product((0, 10, 20), (1, 2, 20), ("a", "b")) if passes(*at)]
        names = ("battery", "roof", "load")
        coords = [d.coords[name] for d, name in zip(found.dimensions, names, strict=True)]
        assert [tuple(c[i] for c, i in zip(coords, case.at, strict=True)) for case in found.cases] == wanted
        assert [case.number for case in found.cases] == list(range(len(wanted)))

    def test_all_must_hold(self):
        found = plan(study(THREE, combine={"where": ["battery > 0", "roof == 20", "load == 'b'"]}))
        assert [case.label for case in found.cases] == ["battery 10, roof 20, load b", "battery 20, roof 20, load b"]

    @pytest.mark.parametrize(
        ("where", "words"),
        [
            ("batery < 3", "names 'batery', which is no axis. Did you mean 'battery'?"),
            ("battery = 3", "Compare with ==, not =."),
            ("battery", "is no comparison"),
            ("battery < 3 and", "is no expression"),
            ("__import__('os').remove('x') == 0", "which is none of numbers"),
            ("battery.real > 1", "holds 'battery.real'"),
            ("battery[0] > 1", "which is none of"),
            ("battery ** 99 > 1", "holds 'battery ** 99'"),
            ("(lambda: 1)() > 0", "which is none of"),
            ("[x for x in [1]] == [1]", "which is none of"),
            ("battery == 1j", "holds 1j"),
            ("load == 'aa'", "'aa', which is the label of no axis. Did you mean 'a'? Labels: a, b."),
            ("load < 3", "mixes numbers and labels at load = 'a'"),
            ("load * 1000000000 == load", "mixes numbers and labels"),
            ("roof / battery > 1", "divides by zero at battery = 0.0"),
            ("6 / 0 > 1", "'6 / 0 > 1' divides by zero."),
            (f"battery < 1{'0' * 400}", "holds a number beyond 1.8e308, which is none."),
            ("battery < 0", "leaves none of 18 combinations"),
        ],
    )
    def test_what_is_no_filter_is_told(self, where, words):
        message = problems(study(THREE, combine={"where": [where]}))
        assert message.startswith("study: combine.where[0]: ")
        assert words in message

    @pytest.mark.parametrize("last", ["batery < 1", "battery[0] < 1", f'load == "{3000 * "y"}"', "battery <"])
    def test_long_ones_are_cut(self, last):
        message = problems(study(THREE, combine={"where": [" or ".join([*["battery > 1"] * 200, last])]}))
        assert message.startswith("study: combine.where[0]: 'battery > 1 or battery > 1")
        assert len(message) < 400


MENU = {
    "load": [("components.load.power_mw", "factor", [0.9, 1.1])],
    "import": [("components.grid.import_max_mw", "values", [25, 35.5])],
    "negative": [("components.grid.import_max_mw", "values", [25.0, -1.0])],
    "charge": [("tariffs.t.demand_cny_per_mw_month", "values", [0.0, 20_000.0])],
    "cap": [("components.grid.import_energy_max_mwh", "values", [5e4, 6e4])],
    "ratio": [("components.grid.quarter_hour_peak_ratio", "factor", [1.0, 1.5])],
    "cheap": [("components.shortfall.price_cny_per_mwh", "values", [80_000.0, 1.0])],
    "shorter": [("time.hours", "values", [24, 12])],
    "yardstick": [("yardsticks.y.factor_t_per_mwh", "values", [0.1, 0.6])],
    "net": [("yardsticks.y.net_of_export", "values", [True, False])],
    "place": [("site.latitude_deg", "values", [25.0, 28.8])],
    "cost": [("tariffs.t.price_cny_per_mwh", "factor", [0.5, 2.0])],
    "store": [
        (
            "components.store2",
            "options",
            [None, {"kind": "battery", "power_max_mw": 2.0, "energy_max_mwh": 5.0, "eff_in": 0.9, "eff_out": 0.9}],
        ),
    ],
    "gone": [("components.grid", "options", ["remove", None])],
}
SAME = {"negative": "import", "gone": "import cap ratio negative"}


@st.composite
def asked(draw):
    """A random park, and a few axes over it that do not touch the same field."""
    table = testing.random_table(draw(st.integers(0, 40)))
    names = draw(st.lists(st.sampled_from(sorted(MENU)), min_size=1, max_size=3, unique=True))
    clash = {word for name in names for word in SAME.get(name, "").split()}
    return table, [MENU[name][0] for name in names if name not in clash]


def written(way, path, value):
    """An option of an axis, as a study has it."""
    if value is None:
        return {}
    return {"remove": [path]} if value == "remove" else {path: deepcopy(value)}


def made(table, moves):
    """The tables of a park with all changes made by hand, the slow and obvious way."""
    table = deepcopy(table)
    for (path, way, _), value in moves:
        *above, last = path.split(".")
        here = table
        for part in above:
            here = here[part]
        if value == "remove":
            del here[last]
        elif way == "factor":
            here[last] = [x * value for x in here[last]] if isinstance(here[last], list) else here[last] * value
        elif value is not None:
            here[last] = deepcopy(value)
    return table


def read(table):
    """A park and its structure key, or None where it is no valid park."""
    try:
        park = ps.read_park(table)
        program = Program(park.components, nodes=park.nodes, time=park.time)
        check_nodes(park, program)
        gather(park)
    except ps.InputError:
        return None
    return park, program.structure_key


@settings(max_examples=40, deadline=None)
@given(asked())
def test_every_case_is_the_park_that_reading_it_in_full_gives(given):
    table, menu = given
    axes = {
        f"axis{n}": {"options": {f"o{i}": written(way, path, v) for i, v in enumerate(values)}}
        if way == "options"
        else {"field": path, way: values}
        for n, (path, way, values) in enumerate(menu)
    }
    whole = [made(table, zip(menu, values, strict=True)) for values in itertools.product(*(v for _, _, v in menu))]
    slow = [read(each) for each in whole]
    if not any(slow):
        return
    park = ps.read_park(table)
    found = plan(ps.Study(park=park, axes=axes))
    assert [bool(case.problem) for case in found.cases] == [each is None for each in slow]
    for case, each in zip(found.cases, slow, strict=True):
        if each is None:
            assert case.problem.startswith("park: ")
            continue
        fast, (wanted, key) = park_of(found, case), each
        assert told(fast) == told(wanted)
        assert found.groups[case.group].key == key
        mine, theirs = gather(fast).values, gather(wanted).values
        for name in theirs:
            for number in theirs[name]:
                np.testing.assert_array_equal(mine[name][number], theirs[name][number])


def test_cases_solve_to_the_optimum_of_the_park_read_in_full():
    axes = {
        "battery": axis(BATTERY, 0, 10),
        "dear": {"field": PRICE, "factor": [0.8, 1.2]},
        "cap": {"options": {"none": {}, "some": {"components.grid.import_energy_max_mwh": 300.0}}},
    }
    found = plan(study(axes))
    assert len(found.groups) == 2
    lives = [ps.live(group.park) for group in found.groups]
    tables = ps.load_park("two-days").tables()
    for case in found.cases:
        lives[case.group].set(case.changes)
        table, (battery, dear, cap) = deepcopy(tables), case.at
        table["components"]["battery"]["energy_max_mwh"] = (0.0, 10.0)[battery]
        prices = table["tariffs"]["time_of_use"]["energy_cny_per_mwh"]
        table["tariffs"]["time_of_use"]["energy_cny_per_mwh"] = {k: v * (0.8, 1.2)[dear] for k, v in prices.items()}
        if cap:
            table["components"]["grid"]["import_energy_max_mwh"] = 300.0
        wanted = ps.solve(ps.read_park(table, file="parks/two-days.toml")).attrs["objective_cny"]
        assert lives[case.group].solve().attrs["objective_cny"] == pytest.approx(wanted, rel=1e-9)


class TestGroups:
    def test_one_structure_is_one_group_whatever_the_values(self):
        cap = "components.grid.import_energy_max_mwh"
        found = plan(study({"cap": {"options": {"none": {}, "low": {cap: 300.0}, "high": {cap: 400.0}}}}))
        assert [case.group for case in found.cases] == [0, 1, 1]
        assert len({group.key for group in found.groups}) == 2
        assert found.groups[1].park.components["grid"].import_energy_max_mwh == 300.0
        assert (dict(found.cases[1].changes), dict(found.cases[2].changes)) == ({}, {cap: 400.0})

    def test_what_a_live_park_refuses_is_a_group_of_its_own(self):
        found = plan(ps.Study(park=ps.read_park(testing.random_table(1)), axes={"time.year": [2025, 2026]}))
        assert [case.group for case in found.cases] == [0, 1]
        assert found.groups[0].key == found.groups[1].key, "the basis of one fits the other all the same"

    def test_a_table_may_be_removed_and_written_anew(self):
        new = {"kind": "battery", "power_max_mw": 3.0, "energy_max_mwh": 4.0, "eff_in": 0.9, "eff_out": 0.9}
        option = {"remove": ["components.battery"], "components.battery": new}
        found = plan(
            study({"store": {"options": {"old": {}, "new": option, "gone": {"remove": ["components.battery"]}}}})
        )
        old, fresh, gone = (park_of(found, case).components for case in found.cases)
        assert (old["battery"].level_min_fraction, fresh["battery"].level_min_fraction) == (0.1, 0.0)
        assert fresh["battery"].energy_max_mwh == 4.0
        assert "battery" not in gone

    def test_a_table_that_stays_is_joined_as_that_of_a_variant(self):
        found = plan(study({"store": {"options": {"big": {"components.battery": {"energy_max_mwh": 77.0}}}}}))
        battery = park_of(found, found.cases[0]).components["battery"]
        assert battery.energy_max_mwh == 77.0
        assert battery.eff_in == ps.load_park("two-days").components["battery"].eff_in

    def test_sources_say_what_is_a_what_if(self):
        options = {
            "a": {"components.grid.import_energy_max_mwh": 300.0},
            "b": {"components.grid.import_energy_max_mwh": 300.0, "source": "[assumption] a quota of the province"},
        }
        found = plan(study({"cap": {"options": {"a": options["a"]}}}))
        other = plan(study({"cap": {"options": {"b": options["b"]}}}))
        sources = [each.groups[0].park.components["grid"].sources for each in (found, other)]
        told = [each["import_energy_max_mwh"] for each in sources]
        assert told == ["what-if of the study test", "[assumption] a quota of the province"]

    def test_a_group_takes_in_more_where_structure_alone_is_no_park(self, tmp_path):
        """Two days of each year, with a profile for that year alone."""
        table = ps.load_park("two-days").tables()
        for year in (2025, 2026):
            stamps = np.arange(f"{year}-07-14", f"{year}-07-16", dtype="datetime64[h]")
            rows = [f"{stamp}:00,{0.5 + 0.01 * n}" for n, stamp in enumerate(stamps)]
            (tmp_path / f"{year}.csv").write_text("time,share [1]\n" + "\n".join(rows) + "\n", encoding="utf-8")
        del table["weather"], table["components"]["roof"]
        table["components"]["grid"]["import_available"] = {"file": "2025.csv", "clock": "+08:00"}
        (tmp_path / "park.toml").write_text(tomli_w.dumps(table), encoding="utf-8")
        axes = {
            "year": axis("time.year", 2025, 2026),
            "share": axis(
                "components.grid.import_available",
                {"file": "2025.csv", "clock": "+08:00"},
                {"file": "2026.csv", "clock": "+08:00"},
            ),
            "battery": axis(BATTERY, 0, 10),
        }
        tables = {"study": {"name": "t", "park": "park.toml"}, "axes": axes}
        (tmp_path / "s.toml").write_text(tomli_w.dumps(tables), encoding="utf-8")
        found = plan(load_study(tmp_path / "s.toml"))
        assert [bool(case.problem) for case in found.cases] == [False, False, True, True, True, True, False, False]
        assert found.groups[found.cases[6].group].park.time.year == 2026
        assert found.cases[6].group == found.cases[7].group
        assert found.cases[7].changes == {BATTERY: 10}
        tables["axes"] = {"year": axes["year"], "share": {"field": axes["share"]["field"], "factor": [1.0, 0.5]}}
        (tmp_path / "s.toml").write_text(tomli_w.dumps(tables), encoding="utf-8")
        found = plan(load_study(tmp_path / "s.toml"))
        assert [bool(case.problem) for case in found.cases] == [False, False, True, True], "no other year is multiplied"


ODD = [
    ("time.first_day", "07-15"),
    ("nodes.electricity", "electricity"),
    ("seasons.wet", [6, 7, 8, 9, 10]),
    ("site.longitude_deg", 104.0),
    ("site.name", "elsewhere"),
    ("weather.map_year", True),
    ("weather", {"map_year": True}),
    ("sizing.discount_rate", 0.05),
    ("verdict.certificates_mwh", 5.0),
    ("yardsticks.sichuan.title", "other"),
    ("yardsticks.other", {"title": "other", "factor_t_per_mwh": 0.5, "year": 2023}),
    ("other_energy.gas", {"fuel": "natural_gas", "amount_m3": 1.0}),
    ("tariffs.time_of_use.table", "builtin:sichuan-tou-2023.csv"),
    ("tariffs.time_of_use.demand_cny_per_mw_month", [30_000.0] * 12),
    ("tariffs.time_of_use.energy_cny_per_mwh.wet", 222.0),
    ("components.grid.transformer_mva", 20.0),
    ("components.grid.outages", [{"start": "2025-07-14T00:00", "end": "2025-07-14T02:00"}]),
    ("components.grid.import_available", [0.9] * 48),
    ("components.factory.power_mw", 7.0),
    ("components.battery.title", "other"),
]


@pytest.mark.parametrize(("path", "value"), ODD, ids=[path for path, _ in ODD])
def test_any_field_or_table_may_be_an_axis(path, value):
    """As an axis beside another one, and as an option; the case is the park with that field, and can be solved."""
    by_field = plan(study({"odd": axis(path, value), "battery": axis(BATTERY, 5.0)}))
    by_option = plan(study({"odd": {"options": {"here": {path: value}}}, "battery": axis(BATTERY, 5.0)}))
    tables = deepcopy(ps.load_park("two-days").tables())
    *above, last = path.split(".")
    here = tables
    for part in above:
        here = here.setdefault(part, {})
    here[last] = {**here.get(last, {}), **value} if isinstance(value, dict) else value
    tables["components"]["battery"]["energy_max_mwh"] = 5.0
    wanted = ps.read_park(tables, file=ps.load_park("two-days").file)
    for found in (by_field, by_option):
        (case,) = found.cases
        assert case.problem == ""
        assert told(park_of(found, case)) == told(wanted)


def test_capacities_alone_do_not_have_profiles_read_again(monkeypatch):
    read = []
    monkeypatch.setattr(groups, "gather", lambda park, like=None: read.append(park) or gather(park, like=like))
    axes = {
        "battery": axis(BATTERY, *range(10)),
        "roof": axis(ROOF, *range(10)),
        "dear": {"field": PRICE, "factor": [1.0, 2.0]},
    }
    assert len(plan(study(axes)).cases) == 200
    assert len(read) == 2 + 2  # the park, its group, and each price


class TestProblems:
    def test_a_case_that_is_no_park_has_its_problem_and_the_rest_goes_on(self):
        found = plan(study({"eff": axis("components.battery.eff_in", 0.9, 95), "battery": axis(BATTERY, 0, 10)}))
        bad = [case for case in found.cases if case.problem]
        assert [case.at for case in bad] == [(1, 0), (1, 1)]
        assert all(
            case.problem.endswith("components.battery.eff_in: got 95, must lie in (0, 1]. Write a fraction, e.g. 0.95.")
            for case in bad
        )
        assert all(Path(case.problem.split(": ")[0]).name == "two-days.toml" for case in bad)

    def test_what_only_a_combination_breaks_is_that_of_the_combination(self):
        axes = {
            "low": axis("components.battery.level_min_fraction", 0.1, 0.8),
            "high": axis("components.battery.level_max_fraction", 0.5, 0.9),
        }
        found = plan(study(axes))
        assert [bool(case.problem) for case in found.cases] == [False, False, True, False]

    def test_structure_that_is_no_park_belongs_to_no_group(self):
        option = {"remove": ["tariffs.time_of_use"]}
        found = plan(study({"tariffs": {"options": {"all": {}, "none": option}}, "battery": axis(BATTERY, 0, 10)}))
        assert [case.group for case in found.cases] == [0, 0, NO_GROUP, NO_GROUP]
        assert "unknown tariff 'time_of_use'" in found.cases[2].problem

    def test_a_profile_that_is_not_there(self):
        values = [{"file": "builtin:nothing.csv"}, 1.0]
        found = plan(study({"share": axis("components.grid.import_available", *values)}))
        assert [bool(case.problem) for case in found.cases] == [True, False]
        assert "no such shipped profile" in found.cases[0].problem

    def test_none_that_is_a_park_is_refused(self):
        message = problems(study({"eff": axis("components.battery.eff_in", 95, 96)}))
        assert "no case is a valid park" in message
        assert "got 95" in message
        assert "got 96" in message

    @pytest.mark.parametrize(
        ("axes", "words"),
        [
            (
                {"a": axis("components.batery.eff_in", 1.0)},
                "axes.a.field: got 'components.batery.eff_in', and {park} has no such field. Did you mean "
                "'components.battery.eff_in'?",
            ),
            ({"a": axis("components.battery.eff_inn", 1.0)}, "Did you mean 'components.battery.eff_in'?"),
            ({"a": axis("battery.eff_in", 1.0)}, "Did you mean 'components.battery.eff_in'?"),
            ({"a": axis(f"{PRICE}.wett", 1.0)}, "There are: "),
            ({"a": axis("components.battery.sources", {})}, "has no such field"),
            ({"a": axis("components.battery", 1.0)}, "components.battery is a table, got 1.0."),
            (
                {"a": axis(BATTERY, 1.0), "b": axis(BATTERY, 2.0)},
                f"axes.b: moves {BATTERY}, and axes.a moves {BATTERY}",
            ),
            (
                {"a": axis(PRICE, 1.0), "b": {"field": f"{PRICE}.wet", "factor": [1.0]}},
                f"axes.b: moves {PRICE}.wet, and axes.a moves {PRICE}",
            ),
            (
                {"a": axis(BATTERY, 1.0), "b": {"options": {"none": {"remove": ["components.battery"]}}}},
                f"axes.b.options.none: moves components.battery, and axes.a moves {BATTERY}",
            ),
            (
                {"b": {"options": {"x": {"components.battery": {"eff_in": 0.9}, BATTERY: 3.0}}}},
                f"axes.b.options.x: components.battery and {BATTERY} touch the same field",
            ),
            ({"b": {"options": {"x": {"remove": ["components.grid.export_max_mw"]}}}}, "does not give. Drop it."),
            (
                {"b": {"options": {"x": {BATTERY: {"factor": "much"}}}}},
                f"{BATTERY}.factor: got 'much', must be a number.",
            ),
            (
                {"a": {"field": "components.grid.tariff", "factor": [1.0]}},
                "a factor on components.grid.tariff needs a number",
            ),
            ({"a": {"field": "components.grid.import_energy_max_mwh", "factor": [1.0]}}, "has none. Give `values`."),
            ({"a": axis(BATTERY, 1.0, 1)}, "axes.a: 1 stands twice."),
        ],
    )
    def test_what_is_wrong_with_an_axis_is_told_before_anything_is_checked(self, axes, words):
        message = problems(study(axes))
        assert all(line.startswith("study: axes.") for line in message.splitlines())
        assert words.format(park=ps.load_park("two-days").place) in message

    def test_all_problems_are_told_together(self):
        axes = {"a": axis("components.batery.eff_in", 1.0), "b": {"field": "components.grid.kind", "factor": [1.0]}}
        scenarios = {"dry": {"remove": ["components.hydro"]}}
        message = problems(study(axes, scenarios=scenarios))
        assert [line.split(": ")[1] for line in message.splitlines()] == [
            "axes.a.field",
            "axes.b",
            "scenarios.dry.remove",
        ]

    def test_too_many_combinations(self):
        many = {"start": 0.5, "stop": 0.9, "count": 400}
        axes = {"a": {"field": BATTERY, "range": many}, "b": {"field": "components.battery.eff_in", "range": many}}
        assert "400 (a) x 400 (b) are 160,000 combinations, must be at most 100,000" in problems(study(axes))

    @pytest.mark.parametrize(
        ("more", "words"),
        [
            (
                {"constraints": {"g": {"indicator": "green_shar", "min": 0.5}}},
                "constraints.g.indicator: got 'green_shar'",
            ),
            ({"constraints": {"g": {"indicator": "green_shar", "min": 0.5}}}, "Did you mean 'green_share'?"),
            ({"keep": {"indicators": ["cost_cny", "battery.ful_cycles"]}}, "Did you mean 'battery.full_cycles'?"),
            ({"keep": {"hourly": ["power/grid.bu"]}}, "keep.hourly[0]: got 'power/grid.bu'"),
            ({"keep": {"hourly": ["content/grid.buy"]}}, "which is no series of the park"),
        ],
    )
    def test_names_that_no_case_has(self, more, words):
        assert words in problems(study({"battery": axis(BATTERY, 0, 10)}, **more))

    def test_names_that_some_case_has_are_taken(self):
        new = {"kind": "battery", "power_max_mw": 3.0, "energy_max_mwh": 4.0, "eff_in": 0.9, "eff_out": 0.9}
        axes = {"store": {"options": {"none": {}, "two": {"components.second": new}}}}
        keep = {"hourly": ["power/second.charge", "price/electricity"], "indicators": ["second.full_cycles"]}
        assert len(plan(study(axes, keep=keep)).cases) == 2


class TestFiles:
    @pytest.fixture
    def folders(self, tmp_path):
        """A park and a study in two folders, each with a profile of the same name beside it."""
        table = ps.load_park("two-days").tables()
        first = str(ps.load_park("two-days").time.stamps[0].date())
        stamps = np.arange(first, np.datetime64(first) + 2, dtype="datetime64[h]")
        for name, share in (("parks", 0.5), ("studies", 0.25)):
            (tmp_path / name).mkdir()
            rows = "\n".join(f"{stamp}:00,{share}" for stamp in stamps)
            (tmp_path / name / "share.csv").write_text(f"time,share [1]\n{rows}\n", encoding="utf-8")
        table["components"]["grid"]["import_available"] = {"file": "share.csv", "clock": "+08:00"}
        (tmp_path / "parks" / "p.toml").write_text(tomli_w.dumps(table), encoding="utf-8")
        return tmp_path

    def write(self, folders, axes, park="../parks/p.toml", **more):
        tables = {"study": {"name": "t", "park": park}, "axes": axes, **more}
        (folders / "studies" / "s.toml").write_text(tomli_w.dumps(tables), encoding="utf-8")
        return load_study(folders / "studies" / "s.toml")

    def shares(self, found):
        return [float(gather(park_of(found, case)).given["grid"]["import_available"][0]) for case in found.cases]

    def test_of_a_study_count_from_the_study_those_of_the_park_from_the_park(self, folders):
        field = "components.grid.import_available"
        options = {"park": {}, "own": {field: {"file": "share.csv", "clock": "+08:00"}}}
        assert self.shares(plan(self.write(folders, {"share": {"options": options}}))) == [0.5, 0.25]
        assert self.shares(
            plan(self.write(folders, {"share": axis(field, {"file": "share.csv", "clock": "+08:00"}, 1.0)}))
        ) == [0.25, 1.0]
        assert self.shares(plan(self.write(folders, {"share": {"field": field, "factor": [0.5, 1.0]}}))) == [0.25, 0.5]

    def test_of_a_whole_table_too(self, folders):
        grid = {"tariff": "time_of_use", "import_available": {"file": "share.csv", "clock": "+08:00"}}
        assert self.shares(plan(self.write(folders, {"grid": {"options": {"a": {"components.grid": grid}}}}))) == [0.25]

    def test_the_park_may_be_shipped_or_beside_the_study(self, folders):
        assert plan(self.write(folders, {"b": axis(BATTERY, 1.0)}, park="two-days")).park.park.name == "two-days"
        message = problems(self.write(folders, {"b": axis(BATTERY, 1.0)}, park="two-day"))
        assert message.startswith(f"{folders / 'studies' / 's.toml'}: study.park: got 'two-day', no such file")
        assert "Did you mean 'two-days'?" in message

    def test_what_is_wrong_with_the_park_is_told_with_its_file(self, folders):
        text = (folders / "parks" / "p.toml").read_text(encoding="utf-8")
        (folders / "parks" / "p.toml").write_text(text.replace("eff_in", "eff_inn"), encoding="utf-8")
        assert "p.toml: components.battery.eff_inn: unknown key" in problems(
            self.write(folders, {"b": axis(BATTERY, 1.0)})
        )


class TestKey:
    def key(self, change=lambda tables: None, park=lambda table: None):
        tables = {
            "study": {"name": "t", "park": "two-days"},
            "axes": {
                "battery": axis(BATTERY, 0, 10, title="Battery", source="somewhere"),
                "kind": {"options": {"a": {"title": "A"}, "b": {ROOF: 1.0}}},
            },
            "scenarios": {"mean": {"title": "Mean", "weight": 0.5}},
            "constraints": {"g": {"indicator": "green_share", "min": 0.5, "title": "Green"}},
            "keep": {"reports": True},
        }
        change(tables)
        table = ps.load_park("two-days").tables()
        park(table)
        asked = read_study(tables)
        given = ps.read_park(table, file=ps.load_park("two-days").file)
        return plan(asked.model_copy(update={"given": given})).key

    @pytest.mark.parametrize(
        "change",
        [
            lambda t: t["study"].update(title="T", title_zh="T", note="N", name="other"),
            lambda t: t["axes"]["battery"].update(title="B", title_zh="B", source="elsewhere"),
            lambda t: t["axes"]["kind"]["options"]["a"].update(title="AA", note="n"),
            lambda t: t["scenarios"]["mean"].update(title="M"),
            lambda t: t["scenarios"]["mean"].update(weight=0.7),
            lambda t: t["constraints"]["g"].update(title="G", source="s"),
            lambda t: t["constraints"]["g"].update(min=0.6),
            lambda t: t["keep"].update(reports=False),
        ],
    )
    def test_is_the_same_where_no_number_moves(self, change):
        assert self.key(change) == self.key()

    @pytest.mark.parametrize(
        "change",
        [
            lambda t: t["study"].update(seed=2),
            lambda t: t["axes"]["battery"].update(values=[0, 11]),
            lambda t: t["axes"]["battery"].update(labels=["a", "b"]),
            lambda t: t["axes"]["kind"]["options"]["b"].update({ROOF: 2.0}),
            lambda t: t["axes"]["kind"]["options"].update(c={}),
            lambda t: t["scenarios"]["mean"].update({"site.altitude_m": 5.0}),
            lambda t: t["scenarios"].update(dry={}),
            lambda t: t["constraints"].update(h={"indicator": "cost_cny", "max": 1.0}),
            lambda t: t["keep"].update(hourly=["price/electricity"]),
            lambda t: t["keep"].update(indicators=["green_share"]),
            lambda t: t.update(combine={"where": ["battery < 5"]}),
        ],
    )
    def test_is_another_where_the_study_moves_a_number(self, change):
        assert self.key(change) != self.key()

    def test_follows_the_park_but_not_its_titles_and_sources(self):
        assert self.key(park=lambda t: t["park"].update(title="other", note="other")) == self.key()
        assert self.key(park=lambda t: t["components"]["battery"].update(title="other")) == self.key()
        assert self.key(park=lambda t: t["components"]["battery"]["sources"].update(default="other")) == self.key()
        assert self.key(park=lambda t: t["components"]["battery"].update(eff_in=0.5)) != self.key()
        assert self.key(park=lambda t: t["time"].update(first_day="07-15")) != self.key()

    def test_a_name_that_is_such_a_word_is_no_title(self):
        def named(value):
            def change(table):
                table["tariffs"]["source"] = {"energy_cny_per_mwh": value}

            return change

        assert self.key(park=named(300.0)) != self.key(park=named(301.0))

    def test_follows_the_content_of_files(self, tmp_path):
        folders = TestFiles.folders.__wrapped__(TestFiles(), tmp_path)
        options = {"own": {"components.grid.import_available": {"file": "share.csv", "clock": "+08:00"}}}
        asked = TestFiles().write(folders, {"share": {"options": options}})
        keys = [plan(asked).key]
        for name in ("studies", "parks"):
            file = folders / name / "share.csv"
            file.write_text(file.read_text(encoding="utf-8").replace(",0.", ",0.0"), encoding="utf-8")
            keys.append(plan(asked).key)
        assert len(set(keys)) == 3


def test_the_shipped_study_is_planned_in_full():
    found = plan(load_study("yibin-study"))
    assert (len(found.cases), found.shape, len(found.groups)) == (192, (4, 3, 2, 3, 3), 1)
    assert not [case.problem for case in found.cases if case.problem]
