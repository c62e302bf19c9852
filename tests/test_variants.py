"""Variants: what a park file takes from its base, what it replaces, and what is told where the two do not fit."""

import json
import tomllib
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
import tomli_w

import parksim as ps
from parksim import api
from parksim.park import Park
from parksim.parkfile import load_park, read_tables
from parksim.profiles import shipped_names
from parksim.variants import join, moved

PARKS = Path(__file__).resolve().parents[1] / "parks"
SHIPPED = [PARKS / name for name in shipped_names("parks")]
VARIANTS = [path.stem for path in SHIPPED if "base" in read_tables(path)]


@pytest.fixture
def two_days():
    return tomllib.loads((PARKS / "two-days.toml").read_text(encoding="utf-8"))


@pytest.fixture
def write(tmp_path):
    """Write tables to a file of a folder, and give its path."""

    def put(name, tables):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(tomli_w.dumps(tables), encoding="utf-8")
        return file

    return put


def problems(file):
    with pytest.raises(ps.InputError) as told:
        load_park(file)
    return told.value.problems


def differences(park):
    return {d.path: (d.before, d.now) for d in park.variant.differences}


class TestJoining:
    def test_tables_join_and_values_replace(self, write):
        sources = {"default": "assumption: a larger battery"}
        file = write("v.toml", {"base": "two-days", "components": {"battery": {"eff_in": 0.9, "sources": sources}}})
        park, base = load_park(file), load_park("two-days")
        assert park.components["battery"].eff_in == 0.9
        assert park.components["battery"].eff_out == base.components["battery"].eff_out
        assert {n: c for n, c in park.components.items() if n != "battery"} == {
            n: c for n, c in base.components.items() if n != "battery"
        }
        assert differences(park) == {"components.battery.eff_in": (f"{base.components['battery'].eff_in:g}", "0.9")}
        assert park.variant.bases == ("two-days",)

    def test_a_variant_without_differences_is_its_base(self, write):
        park, base = load_park(write("v.toml", {"base": "yibin"})), load_park("yibin")
        assert park.tables() == base.tables()
        assert park.variant.differences == ()

    def test_the_order_of_the_base_is_kept(self, write):
        """The first yardstick books the park's own purchases."""
        park = load_park(write("v.toml", {"base": "yibin", "yardsticks": {"national": {"title": "the national mean"}}}))
        assert list(park.yardsticks) == list(load_park("yibin").yardsticks)

    def test_a_default_source_speaks_of_what_the_variant_changes_only(self, write):
        sources = {"default": "survey of the roofs, 2026"}
        own = {"base": "yibin", "components": {"roof_pv": {"power_max_mw": 60.0, "sources": sources}}}
        park, base = load_park(write("v.toml", own)), load_park("yibin")
        told, was = park.components["roof_pv"].sources, base.components["roof_pv"].sources
        assert told == {**was, "power_max_mw": sources["default"]}
        assert park.variant.differences[0].source == sources["default"]

    def test_seasons_of_a_price_join(self, write):
        sources = {"energy_cny_per_mwh": "assumption: dearer in the dry season"}
        tariff = {"energy_cny_per_mwh": {"dry": 420.0}, "sources": sources}
        park = load_park(write("v.toml", {"base": "yibin", "tariffs": {"time_of_use": tariff}}))
        assert park.tariffs["time_of_use"].energy_cny_per_mwh == {"wet": 200.0, "flat": 300.0, "dry": 420.0}

    def test_remove_takes_out_tables_and_fields(self, write):
        own = {"base": "yibin", "remove": ["components.roof_pv", "components.grid.transformer_mva", "claims.avoided"]}
        park = load_park(write("v.toml", own))
        assert "roof_pv" not in park.components
        assert park.components["grid"].transformer_mva is None
        assert "transformer_mva" not in park.components["grid"].sources
        assert list(park.claims) == ["green_supply"]
        assert differences(park)["components.roof_pv"] == ("Roof PV", "")
        assert differences(park)["components.grid.transformer_mva"] == ("480", "")

    def test_what_is_removed_and_said_anew_is_replaced(self, write):
        own = {
            "base": "yibin",
            "remove": ["tariffs.time_of_use.energy_cny_per_mwh"],
            "tariffs": {"time_of_use": {"energy_cny_per_mwh": 300.0, "sources": {"default": "assumption: one price"}}},
        }
        assert load_park(write("v.toml", own)).tariffs["time_of_use"].energy_cny_per_mwh == 300.0

    def test_a_component_of_another_kind_is_taken_whole(self, write):
        lake = {
            "kind": "reservoir",
            "power_max_mw": 40.0,
            "energy_max_mwh": 400.0,
            "inflow_mw": 10.0,
            "sources": {"default": "assumption: a lake instead"},
        }
        park = load_park(write("v.toml", {"base": "yibin", "components": {"battery": lake}}))
        assert park.components["battery"].kind == "reservoir"
        assert park.components["battery"].sources == lake["sources"]
        told = differences(park)
        assert told["components.battery.kind"] == ("battery", "reservoir")
        assert told["components.battery.eff_in"] == ("0.94", "")

    def test_another_file_is_another_profile(self, write, two_days):
        """What the base says of its file, such as a unit or a clock, does not hold for another one."""
        base = {"hydro": {"available": {"file": "a.csv", "column": "x", "unit": "%", "map_year": True}}}
        own = {"hydro": {"available": {"file": "b.csv", "column": "y"}}}
        joined, _ = join({"components": base}, {"components": own}, place="v.toml")
        assert joined["components"]["hydro"]["available"] == own["hydro"]["available"]
        same = {"hydro": {"available": {"column": "y"}}}
        joined, _ = join({"components": base}, {"components": same}, place="v.toml")
        assert joined["components"]["hydro"]["available"] == {**base["hydro"]["available"], "column": "y"}

    def test_bases_chain(self, write):
        write("one.toml", {"base": "yibin", "park": {"name": "one"}, "remove": ["components.roof_pv"]})
        two = write("two.toml", {"base": "one.toml", "remove": ["components.battery"], "park": {"name": "two"}})
        park = load_park(two)
        assert {"roof_pv", "battery"} & set(park.components) == set()
        assert park.variant.bases == ("one.toml", "yibin")
        assert list(differences(park)) == ["components.battery"], "what the base differs in is the base's"

    def test_the_base_is_left_as_it_was(self, two_days):
        before = deepcopy(two_days)
        own = {"base": "b", "remove": ["components.battery"], "site": {"altitude_m": 1.0, "sources": {"default": "x"}}}
        join(two_days, own, place="v.toml")
        assert two_days == before


class TestFiles:
    PROFILE = "# clock: +08:00\ntime,share [1]\n" + "".join(
        f"2025-07-{day}T{hour:02}:00,0.9\n" for day in (14, 15) for hour in range(24)
    )

    def base(self, write, two_days):
        two_days["components"]["grid"]["import_max_mw"] *= 2.0
        two_days["components"]["grid"]["import_available"] = {"file": "data/share.csv", "column": "share"}
        two_days["components"]["grid"].setdefault("sources", {})["import_available"] = "assumption: most of the time"
        file = write("base/park.toml", two_days)
        (file.parent / "data").mkdir()
        (file.parent / "data" / "share.csv").write_text(self.PROFILE, encoding="utf-8")
        return file

    def test_paths_of_the_base_stay_relative_to_the_base(self, write, two_days):
        self.base(write, two_days)
        park = load_park(write("variants/deep/v.toml", {"base": "../../base/park.toml"}))
        ref = park.components["grid"].import_available
        assert ref.file == "../../base/data/share.csv"
        np.testing.assert_array_equal(api.gather(park).given["grid"]["import_available"], 0.9)
        assert differences(park) == {}

    def test_no_folder_of_this_machine_ends_in_the_results(self, write, two_days, tmp_path):
        base = self.base(write, two_days)
        ds = ps.solve(load_park(write("v.toml", {"base": str(base)})))
        assert json.loads(ds.attrs["bases"]) == ["park.toml"]
        texts = [str(value) for value in ds.attrs.values()]
        texts += [str(t) for v in ds.variables.values() if v.dtype.kind in "OU" for t in v.to_numpy().ravel()]
        assert not [text for text in texts if str(tmp_path) in text]

    @pytest.mark.parametrize("name", [path.stem for path in SHIPPED])
    def test_shipped_parks_name_shipped_files_only(self, name):
        """Relative to another folder their paths would lead through this machine's folders."""
        tables = load_park(name).tables()
        assert moved(tables, start=PARKS, to=PARKS.parent) == tables

    def test_every_field_that_names_a_file_is_moved(self):
        tables = {
            "weather": {"file": "w.csv", "daily": {"file": "d.csv"}, "sources": {"file": "a.txt"}},
            "tariffs": {"t": {"table": "t.csv", "price_cny_per_mwh": {"file": "p.csv"}, "sources": {"table": "x"}}},
            "components": {
                "sources": {"kind": "pv", "available": {"file": "pv.csv"}},
                "file": {"kind": "demand", "power_mw": {"file": "builtin:x.csv"}, "sources": {"file": "y"}},
            },
            "nodes": {"file": "electricity"},
        }
        found = moved(tables, start=Path("base"), to=Path("base/v"))
        assert found["weather"] == {"file": "../w.csv", "daily": {"file": "../d.csv"}, "sources": {"file": "a.txt"}}
        assert found["tariffs"]["t"]["table"] == "../t.csv"
        assert found["tariffs"]["t"]["price_cny_per_mwh"] == {"file": "../p.csv"}
        assert found["tariffs"]["t"]["sources"] == {"table": "x"}
        assert found["components"]["sources"]["available"] == {"file": "../pv.csv"}
        assert found["components"]["file"] == tables["components"]["file"]
        assert found["nodes"] == tables["nodes"]


class TestProblems:
    def test_a_base_that_is_not_there(self, write):
        file = write("v.toml", {"base": "yibn.toml"})
        assert problems(file) == (
            f"{file}: base: got 'yibn.toml', no such file beside this one, and no shipped park of that name. Did you "
            f"mean 'yibin'? Mend the path. Shipped: {', '.join(p.stem for p in SHIPPED)}.",
        )

    @pytest.mark.parametrize("base", [5, "", ["yibin"], True])
    def test_a_base_that_is_no_name(self, base, write):
        (told,) = problems(write("v.toml", {"base": base}))
        assert ": base: got " in told
        assert "must be a park file or the name of a shipped park" in told

    def test_a_circle(self, write):
        write("a.toml", {"base": "b.toml"})
        write("b.toml", {"base": "c.toml"})
        file = write("c.toml", {"base": "a.toml"})
        (told,) = problems(file)
        assert "b.toml: base: leads in a circle: c.toml -> a.toml -> b.toml -> c.toml. Let one of these" in told
        (told,) = problems(write("own.toml", {"base": "own.toml"}))
        assert "leads in a circle: own.toml -> own.toml." in told

    @pytest.mark.parametrize(
        ("path", "advice"),
        [
            ("components.roof", "Did you mean 'roof_pv'?"),
            ("components.battery.eficiency", "There are: "),
            ("tariff.time_of_use", ""),
            ("components.battery.eff_in.more", ""),
            ("", "There are: "),
        ],
    )
    def test_a_remove_that_hits_nothing(self, path, advice, write):
        file = write("v.toml", {"base": "yibin", "remove": ["components.hydro", path]})
        (told,) = problems(file)
        assert told.startswith(f"{file}: remove[1]: got {path!r}, which the base has not.")
        assert advice in told

    def test_a_remove_that_is_no_list_or_stands_alone(self, write, two_days):
        (told,) = problems(write("v.toml", {"base": "yibin", "remove": "components.hydro"}))
        assert "remove: must be a list of paths" in told
        (told,) = problems(write("v.toml", {**two_days, "remove": ["components.pv"]}))
        assert "remove: stands without `base`." in told

    def test_a_number_changed_without_a_source_of_its_own(self, write):
        """The base's own source and its default speak of another number."""
        own = {
            "base": "yibin",
            "components": {
                "battery": {"power_max_mw": 60.0, "eff_in": 0.94, "om_cny_per_year": 1.0},
                "roof_pv": {"azimuth_deg": 170.0},
            },
            "yardsticks": {"national": {"factor_t_per_mwh": 0.5}},
            "claims": {"avoided": {"value": 8e5, "source": "said anew"}},
        }
        del own["components"]["battery"]["om_cny_per_year"]
        file = write("v.toml", own)
        told = problems(file)
        assert [problem.split(": ")[1] for problem in told] == [
            "components.roof_pv.azimuth_deg",
            "components.battery.power_max_mw",
            "yardsticks.national.factor_t_per_mwh",
        ]
        assert told[0] == (
            f"{file}: components.roof_pv.azimuth_deg: differs from yibin (180 there, 170 here) without a source of its "
            'own. Add it, or `default`, in [components.roof_pv.sources]: a source, or "assumption: " and its reason.'
        )
        assert "Add `source` in [yardsticks.national]" in told[2]

    def test_a_number_added_without_a_source_of_its_own(self, write):
        (told,) = problems(write("v.toml", {"base": "yibin", "components": {"hydro": {"loss_fraction": 0.03}}}))
        assert "components.hydro.loss_fraction: differs from yibin (none there, 0.03 here)" in told

    def test_an_added_component_without_source_is_told_once(self, write):
        more = {"kind": "run_of_river", "power_max_mw": 5.0, "available": 0.5}
        (told,) = problems(write("v.toml", {"base": "yibin", "components": {"river": more}}))
        assert "components.river: no source for available, power_max_mw." in told

    def test_what_is_wrong_in_the_base_is_told_of_the_base(self, write, two_days):
        two_days["components"]["battery"]["eff_in"] = 95.0
        base = write("base.toml", two_days)
        (told,) = problems(write("v.toml", {"base": "base.toml", "componets": {}}))
        assert told.startswith(f"{base}: components.battery.eff_in: got 95")

    def test_what_is_wrong_in_the_merge_is_told_of_the_variant(self, write):
        file = write("v.toml", {"base": "yibin", "remove": ["tariffs.time_of_use"]})
        (told,) = problems(file)
        assert told.startswith(f"{file}: components.grid.tariff: unknown tariff 'time_of_use'.")
        file = write("v.toml", {"base": "yibin", "components": {"battery": {"eficiency": 0.9}}})
        assert problems(file)[0].startswith(f"{file}: components.battery.eficiency: unknown key.")

    def test_a_profile_of_the_base_that_cannot_be_read_is_told_of_the_base(self, write, two_days):
        two_days["components"]["grid"]["import_available"] = {"file": "none.csv", "column": "x"}
        two_days["components"]["grid"].setdefault("sources", {})["import_available"] = "assumption: most of the time"
        base = write("base.toml", two_days)
        sources = {"default": "assumption: made for a test"}
        other = {"battery": {"eff_in": 0.85, "sources": sources}}
        file = write("v.toml", {"base": "base.toml", "components": other})
        with pytest.raises(ps.InputError) as told:
            api.check(load_park(file))
        assert str(told.value).startswith(f"{base}: components.grid.import_available")
        changed = {"grid": {"import_available": {"column": "y"}, "sources": sources}}
        file = write("v.toml", {"base": "base.toml", "components": changed})
        with pytest.raises(ps.InputError) as told:
            api.check(load_park(file))
        assert str(told.value).startswith(f"{file}: components.grid.import_available")

    def test_a_base_outside_a_file(self, two_days):
        with pytest.raises(ps.InputError, match="base: is read from a file"):
            ps.read_park({**two_days, "base": "yibin"})

    @pytest.mark.parametrize(
        "own",
        [
            {"components": 5},
            {"components": {"battery": 5}},
            {"components": {"battery": {"sources": "x"}}},
            {"tariffs": {"time_of_use": []}},
            {"weather": "sunny"},
            {"site": {"sources": ["x"]}},
            {"yardsticks": {"national": "x"}},
            {"park": "yibin"},
            {"components": {"hydro": {"available": {"file": 5}}}},
        ],
    )
    def test_a_value_of_another_form_is_told_without_a_traceback(self, own, write):
        file = write("v.toml", {"base": "yibin", **own})
        assert all(problem.startswith(f"{file}: ") for problem in problems(file))


class TestShipped:
    def test_there_are_variants_of_yibin(self):
        named = ("august-2022", "dry-year", "flat-tariff", "regulated-hydro", "wet-year")
        assert [f"yibin-{name}" for name in named] == VARIANTS

    @pytest.mark.parametrize("name", VARIANTS)
    def test_each_says_who_it_is_and_differs_in_little(self, name):
        park, base = load_park(name), load_park("yibin")
        assert park.park.name == name
        assert park.park.title != base.park.title
        assert park.park.note != base.park.note
        assert 1 <= len(park.variant.differences) <= 3
        for difference in park.variant.differences:
            assert difference.sourced or difference.path == "components.grid.tariff"

    @pytest.mark.parametrize("name", VARIANTS)
    def test_the_merged_park_stands_by_itself(self, name):
        park = load_park(name)
        again = ps.read_park(tomllib.loads(tomli_w.dumps(park.tables())))
        drop = {"file", "variant", "base", "remove"}
        assert {f: getattr(again, f) for f in Park.model_fields if f not in drop} == {
            f: getattr(park, f) for f in Park.model_fields if f not in drop
        }


def test_the_dataset_tells_what_differs(write):
    sources = {"eff_in": "assumption: an older battery"}
    file = write("v.toml", {"base": "two-days", "components": {"battery": {"eff_in": 0.8, "sources": sources}}})
    ds = ps.solve(load_park(file))
    assert json.loads(ds.attrs["bases"]) == ["two-days"]
    told = ds.sel(difference="components.battery.eff_in")
    was = f"{load_park('two-days').components['battery'].eff_in:g}"
    assert [told[f"difference_{v}"].item() for v in ("base", "value", "source")] == [was, "0.8", sources["eff_in"]]
    assert "base" not in tomllib.loads(ds.attrs["park_toml"])
    again = ps.solve(ps.read_park(tomllib.loads(ds.attrs["park_toml"])))
    assert again.attrs["objective_cny"] == ds.attrs["objective_cny"]
    assert json.loads(again.attrs["bases"]) == []
    assert again.sizes["difference"] == 0


def test_check_lists_what_differs(write):
    file = write("v.toml", {"base": "two-days", "remove": ["components.battery"]})
    found = api.check(load_park(file))
    assert found["builds on"] == ["two-days"]
    (line,) = found["differs in"]
    assert line.startswith("components.battery: ")
    assert line.endswith(" -> (none)")
    assert "differs in" not in api.check(load_park("two-days"))
