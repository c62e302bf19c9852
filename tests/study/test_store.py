"""The store of a study: what it holds is what each case has, it is whole or not there, and it is never another's."""

import errno
import importlib
import math
import os
import tomllib
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
import zarr

import parksim as ps
from parksim.accounts.scalars import scalars
from parksim.study import chunks, store
from parksim.study.cases import plan
from parksim.study.folder import locked
from parksim.study.labels import labels_of
from parksim.study.names import known, ledger_terms
from parksim.study.runner import sweep
from parksim.study.work import Bench, Outcome, Status, job_of


def flattened(summary):
    """The single numbers of a summary under the names of a study."""
    found = {name: value for name, value in summary.items() if isinstance(value, float)}
    found |= {f"{name}.{key}": v for name, table in summary.items() if name.endswith("_t") for key, v in table.items()}
    found |= {f"{name}.{key}": v for name, table in summary["storage"].items() for key, v in table.items()}
    found["cost_cny"] = summary["cost_cny"]["total"]
    verdict = summary["verdict"]
    for clause in verdict["clauses"]:
        name = f"verdict.{clause['key']}"
        found |= {name: clause["figure"], f"{name}.max": clause["figure_max"]}
        found[f"{name}.pass"] = {"pass": 1.0, "fail": 0.0}.get(clause["outcome"])
    found |= {f"verdict.energy.{key}": verdict["energy"][key] for key in ("total_tce", "total_co2_t")}
    names = ("gap_co2_t", "needed_mwh", "cost_min_cny", "cost_max_cny")
    found |= {f"verdict.certificates.{key}": verdict["certificates"][key] for key in names}
    found |= {f"ties.{key}": value for key, value in summary["ties"].items() if key.endswith("width_mwh")}
    found |= summary["indicators"]
    return {name: math.nan if value is None else value for name, value in found.items()}


@pytest.mark.parametrize("park", ["two-days", "yibin-august-2022", "yibin-regulated-hydro"])
def test_indicators_are_the_numbers_of_the_summary_under_names_known_beforehand(park):
    live = ps.live(ps.load_park(park))
    names = known(live.park, live.program)
    ds = live.solve()
    found, expected = scalars(ds), flattened(ps.summarise(ds))
    assert list(found) == list(names)
    assert set(found) == set(expected)
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-12, err_msg=name)
    assert set(ds["term"].to_numpy()) == set(ledger_terms(live.program, "cost"))
    assert set(ds["source"].to_numpy()) == set(ledger_terms(live.program, "co2"))


@pytest.fixture(scope="module")
def swept(small, tmp_path_factory):
    """A folder with the small study, solved in this process."""
    folder = tmp_path_factory.mktemp("swept")
    sweep(small, out=folder, workers=1)
    return folder


class TestWhatIsStored:
    def test_each_case_is_its_park_solved_alone(self, small, swept):
        ds = ps.open_study(swept)
        for case in plan(small).cases:
            live = ps.live(ps.load_park("two-days"))
            live.set(case.changes)
            alone, one = live.solve(), ds.isel(dict(zip(ds["case"].dims, case.at, strict=True)))
            assert int(one["case"]) == case.number
            assert int(one["status"]) == Status.SOLVED
            assert float(one["indicator_value"].sel(indicator="objective_cny")) == pytest.approx(
                alone.attrs["objective_cny"], rel=1e-9
            )
            for name, value in scalars(alone).items():
                kept = float(one["indicator_value"].sel(indicator=name))
                assert kept == pytest.approx(value, rel=1e-6, abs=1e-9, nan_ok=True), name
            for variable, dim in (("cost", "term"), ("co2", "source")):
                xr.testing.assert_allclose(
                    one[variable].drop_vars([*small.axes]),
                    alone[variable].sum("time").drop_vars([f"{dim}_component"]),
                    atol=1e-6,
                )
            buy = one["power"].sel(flow="grid.buy").to_numpy()
            np.testing.assert_allclose(buy, alone["power"].sel(flow="grid.buy").to_numpy(), atol=1e-6)

    def test_units_titles_and_provenance_are_told(self, small, swept):
        ds = ps.open_study(swept)
        share = ds["indicator_value"].sel(indicator="green_share")
        assert share["indicator_unit"].item() == "1"
        assert share["indicator_title"].item() == "green supply over demand served"
        assert {name: ds[name].attrs["units"] for name in ("cost", "co2", "power", "content", "price", "battery")} == {
            **{"cost": "CNY", "co2": "t", "power": "MW", "content": "MWh", "price": "CNY MWh-1", "battery": "MWh"}
        }
        assert (ds["battery"].attrs["long_name"], ds["battery"].attrs["long_name_zh"]) == ("Battery", "储能")
        assert ds["status"].attrs["flag_meanings"].split()[ds["status"].attrs["flag_values"].index(1)] == "solved"
        assert str(ds["time"].to_numpy()[0]).startswith("2025-07-14T00:00")
        assert ds.attrs["seed"] == small.study.seed
        assert ds.attrs["key"] == plan(small).key
        again = ps.read_park(tomllib.loads(ds.attrs["park_toml"]))
        assert again.tables() == ps.load_park("two-days").tables()

    def test_any_tool_that_reads_zarr_reads_it(self, swept):
        path = swept / store.NAME
        for ds in (xr.open_zarr(path), xr.open_dataset(path, engine="zarr"), ps.open_study(swept, chunks="auto")):
            assert ds["status"].dtype == np.int8
            assert ds["power"].sizes == {"battery": 3, "roof": 2, "flow": 1, "time": 48}
            assert float(ds["power"].sel(battery=6.0, roof=18.0).max()) > 0.0
        assert zarr.open_group(path, mode="r")["power"].chunks == (1, 1, 1, 48)

    def test_nothing_is_read_before_it_is_asked_for(self, swept, monkeypatch):
        ds = ps.open_study(swept)
        assert not ds["power"].variable._in_memory
        assert not ds["indicator_value"].variable._in_memory

    def test_cases_are_held_against_constraints(self, swept):
        ds = ps.open_study(swept)
        share = ds["indicator_value"].sel(indicator="green_share").to_numpy()
        assert ((share < 0.2).any(), (share >= 0.2).any()) == (True, True)
        np.testing.assert_array_equal(ds["meets"].sel(constraint="green").to_numpy(), share >= 0.2)
        np.testing.assert_array_equal(ds["admitted"].to_numpy(), share >= 0.2)

    def test_structures_share_the_store_and_every_end_has_its_reason(self, mixed, tmp_path):
        ds = sweep(mixed, out=tmp_path, workers=1)
        ends = ds["status"].to_dataframe()["status"].map(lambda value: Status(value).name).to_dict()
        assert ends == {
            **{("none", -1.0): "REFUSED", ("none", 2.0): "NO_SOLUTION", ("none", 12.0): "SOLVED"},
            **{("some", -1.0): "REFUSED", ("some", 2.0): "NO_SOLUTION", ("some", 12.0): "SOLVED"},
            **{("none", 20.0): "LEFT_OUT", ("some", 20.0): "SOLVED"},
        }
        reason = ds["reason"].sel(store="some").to_numpy()
        assert "components.grid.import_max_mw: got -1.0" in reason[0]
        assert "falls short" in reason[1]
        assert list(reason[2:]) == ["", ""]
        assert ds["case"].sel(store="none").to_numpy().tolist() == [0, 1, 2, -1]
        cycles = ds["indicator_value"].sel(indicator="battery.full_cycles", connection=12.0)
        assert np.isnan(cycles.sel(store="none"))
        assert float(cycles.sel(store="some")) > 0.0
        wear = ds["cost"].sel(term="battery.wear", connection=12.0)
        assert np.isnan(wear.sel(store="none"))
        assert np.isnan(ds["content"].sel(store="none").to_numpy()).all()
        assert not ds["admitted"].sel(connection=2.0).any()
        told = store.plain(ds)
        assert told["counts"] == {**dict.fromkeys(told["counts"], 0), "solved": 3, "no_solution": 2, "refused": 2} | {
            "left_out": 1
        }
        assert [each["case"] for each in told["without_answer"]] == [0, 1, 3, 4]

    def test_what_is_not_to_be_kept_is_not_kept_but_constraints_are(self, small):
        keep = {"indicators": ["cost_cny"], "hourly": []}
        few = ps.read_study({**small.tables(), "keep": keep})
        ds = sweep(few, workers=1)
        assert ds["indicator"].to_numpy().tolist() == ["cost_cny", "green_share"]
        assert not {"power", "price", "content", "time"} & set(ds.variables)
        assert ds["admitted"].any()

    def test_hours_of_different_horizons_are_refused(self, small):
        tables = {**small.tables(), "axes": {"days": {"field": "time.first_day", "values": ["07-14", "07-15"]}}}
        with pytest.raises(ps.InputError, match=r"keep\.hourly: the horizons of the cases differ"):
            sweep(ps.read_study(tables), workers=1)


class TestWhole:
    """A store, and a case in it, is whole or not there, whatever fails."""

    def failing(self, monkeypatch, at):
        """Let the disk be full at one file of a store that is made, counted from 0; give how many were asked for."""
        asked = []
        do = Path.open

        def full(path, *given, **more):
            if any(parent.name.startswith(store.MADE) for parent in path.parents):
                asked.append(path)
                if len(asked) == at + 1:
                    raise OSError(errno.ENOSPC, "No space left on device")
            return do(path, *given, **more)

        monkeypatch.setattr(Path, "open", full)
        return asked

    def test_a_store_is_made_whole_or_not_at_all(self, small, tmp_path, monkeypatch):
        found = plan(small)
        labels = labels_of(found)
        with monkeypatch.context() as patch:
            asked = self.failing(patch, 10**9)
            store.make(tmp_path, found, labels, reproducible=False).close()
        assert len(asked) > 30
        (tmp_path / store.NAME).rename(tmp_path / "away")
        for at in range(len(asked)):
            with monkeypatch.context() as patch:
                self.failing(patch, at)
                with pytest.raises(OSError, match="No space left"):
                    store.make(tmp_path, found, labels, reproducible=False)
            assert [path.name for path in tmp_path.iterdir()] == ["away"]

    def failing_case(self, monkeypatch, at):
        """Let the disk be full at one step of writing a case, counted from 0; give the steps that were asked for."""
        asked = []

        def limited(owner, name, counts):
            do = getattr(owner, name)

            def step(first, *given, **more):
                if counts(first):
                    asked.append(name)
                    if len(asked) == at + 1:
                        raise OSError(errno.ENOSPC, "No space left on device")
                return do(first, *given, **more)

            monkeypatch.setattr(owner, name, step)

        limited(Path, "open", lambda path: path.suffix == chunks.PARTIAL)
        limited(os, "fsync", lambda _: True)
        limited(Path, "replace", lambda path: path.suffix == chunks.PARTIAL)
        return asked

    def test_a_full_disk_at_any_step_of_a_case_leaves_it_without_a_status(self, small, tmp_path, monkeypatch):
        found = plan(small)
        labels = labels_of(found)
        outcome = Bench(job_of(found, labels, reproducible=False, render=None)).outcome(found.cases[0])
        assert len(outcome.chunks) == 6
        kept = store.make(tmp_path, found, labels, reproducible=False)
        steps = ["open", "fsync", "replace"] * 7
        for at in range(len(steps)):
            with monkeypatch.context() as patch:
                self.failing_case(patch, at)
                with pytest.raises(OSError, match="No space left"):
                    kept.write(outcome)
            assert set(kept.statuses().values()) == {Status.PLANNED}, "a case without all of its arrays has a status"
            assert not [*tmp_path.rglob(f"*{chunks.PARTIAL}")]
        with monkeypatch.context() as patch:
            asked = self.failing_case(patch, 10**9)
            kept.write(outcome)
        kept.close()
        assert sorted(asked) == sorted(steps)
        assert max(at for at, name in enumerate(asked[:-3]) if name == "fsync") < asked.index("replace")
        assert asked[-3:] == ["open", "fsync", "replace"], "the status does not come last"
        assert kept.statuses()[0] == Status.SOLVED

    @pytest.mark.skipif(os.name != "posix", reason="limits of POSIX")
    def test_a_file_that_cannot_grow_leaves_nothing_behind(self, small, tmp_path):
        resource = importlib.import_module("resource")
        found = plan(small)
        kept = store.make(tmp_path, found, labels_of(found), reproducible=False)
        outcome = Outcome(0, Status.SOLVED, chunks={"cost": b"x" * 100, "power": b"x" * 5000})
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
        try:
            with pytest.raises(OSError, match="File too large"):
                kept.write(outcome)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert not [path for name in ("cost", "power") for path in (kept.path / name).glob("[0-9]*")]
        assert set(kept.statuses().values()) == {Status.PLANNED}
        kept.write(outcome)
        kept.close()
        assert (kept.path / "power" / "0.0.0.0").stat().st_size == 5000

    def test_a_full_disk_ends_the_sweep_and_it_goes_on_with_room(self, small, tmp_path, monkeypatch, bytes_of):
        sweep(small, out=tmp_path / "whole", workers=1, reproducible=True)
        found = plan(small)
        folder = tmp_path / "full"
        folder.mkdir()
        store.make(folder, found, labels_of(found), reproducible=True).close()
        with monkeypatch.context() as patch:
            self.failing_case(patch, 20 + 3)
            with pytest.raises(ps.InputError, match=r"No space left on device.*the same command goes on"):
                sweep(small, out=folder, workers=1, reproducible=True)
        assert (ps.open_study(folder)["status"].to_numpy() == Status.SOLVED).sum() == 1
        sweep(small, out=folder, workers=1, reproducible=True)
        assert bytes_of(folder / store.NAME) == bytes_of(tmp_path / "whole" / store.NAME)

    def test_what_a_case_had_before_a_kill_and_has_no_more_is_taken_away(self, small, tmp_path):
        found = plan(small)
        kept = store.make(tmp_path, found, labels_of(found), reproducible=False)
        left = kept.path / "cost" / "0.0.0"
        left.write_bytes(b"of an answer that never got its status")
        kept.write(Outcome(0, Status.FAILED, "out of ideas"))
        kept.close()
        assert not left.exists()
        assert np.isnan(ps.open_study(tmp_path)["cost"].to_numpy()).all()

    def test_what_a_kill_left_half_written_is_taken_away(self, small, swept, bytes_of):
        before = bytes_of(swept)
        (swept / ".study.zarr.abc").mkdir()
        (swept / store.NAME / "cost" / "0.0.123.partial").write_bytes(b"half")
        (swept / "cases").mkdir(exist_ok=True)
        (swept / "cases" / ".000001.html.x.html").write_text("half")
        sweep(small, out=swept, workers=1)
        assert bytes_of(swept) == before

    def test_a_long_reason_is_cut(self, small, tmp_path):
        found = plan(small)
        kept = store.make(tmp_path, found, labels_of(found), reproducible=False)
        kept.write(Outcome(0, Status.FAILED, "x" * 5000))
        kept.close()
        text = ps.open_study(tmp_path)["reason"].to_numpy()[0, 0]
        assert (len(text), text[-3:]) == (chunks.LONGEST, "x …")


class TestNotOurs:
    """Nothing that stands in a folder is written over unless it is of the same study."""

    def refused(self, study, folder, match, bytes_of, **how):
        before = bytes_of(folder)
        with pytest.raises(ps.InputError, match=match):
            sweep(study, out=folder, workers=1, **how)
        assert {n: b for n, b in bytes_of(folder).items() if n != ".study.lock"} == {
            n: b for n, b in before.items() if n != ".study.lock"
        }

    def test_a_store_of_another_study(self, mixed, swept, bytes_of):
        match = r"holds the study 'two-days-study' \(\w{12}\), not 'two-days-study' \(\w{12}\): the study file differs"
        self.refused(mixed, swept, match, bytes_of)

    def test_a_store_begun_another_way(self, small, swept, bytes_of):
        self.refused(small, swept, "was begun without --reproducible", bytes_of, reproducible=True)

    def test_a_store_of_something_else(self, small, tmp_path, bytes_of):
        zarr.open_group(tmp_path / store.NAME, mode="w", zarr_format=2)
        self.refused(small, tmp_path, "but none of a parksim study", bytes_of)

    def test_a_folder_that_is_no_store(self, small, tmp_path, bytes_of):
        (tmp_path / store.NAME).mkdir()
        (tmp_path / store.NAME / "notes.txt").write_text("mine")
        self.refused(small, tmp_path, "is no store of a parksim study", bytes_of)

    @pytest.mark.parametrize("name", ["study.toml", "park.toml", "cases/000001.html"])
    def test_files_that_would_be_overwritten(self, small, tmp_path, name, bytes_of):
        (tmp_path / "cases").mkdir()
        (tmp_path / name).write_text("mine")
        self.refused(small, tmp_path, "stands there already and is not of this study", bytes_of)

    def test_a_folder_that_another_sweep_writes_to(self, small, swept):
        with locked(swept), pytest.raises(ps.InputError, match="another sweep is at work there"):
            sweep(small, out=swept, workers=1)
        sweep(small, out=swept, workers=1)

    def test_a_file_for_a_folder(self, small, tmp_path):
        (tmp_path / "results").write_text("mine")
        with pytest.raises(ps.InputError, match="is a file, must be a folder"):
            sweep(small, out=tmp_path / "results", workers=1)

    def test_a_folder_that_cannot_be_made(self, small, tmp_path, monkeypatch):
        def refuse(*_, **__):
            raise OSError(errno.EROFS, "Read-only file system")

        monkeypatch.setattr("pathlib.Path.mkdir", refuse)
        with pytest.raises(
            ps.InputError, match=r"results: cannot be written to: Read-only file system. Choose another"
        ):
            sweep(small, out=tmp_path / "results", workers=1)

    def test_opening_what_is_not_there(self, tmp_path):
        with pytest.raises(ps.InputError, match="is no store of a parksim study"):
            ps.open_study(tmp_path)


def test_a_title_that_changes_is_taken_over_and_nothing_is_solved_again(small, tmp_path, monkeypatch):
    sweep(small, out=tmp_path, workers=1)
    tables = small.tables()
    named = ps.read_study({**tables, "study": {**tables["study"], "title": "Storage", "title_zh": "储能"}})
    monkeypatch.setattr("parksim.study.work.outcomes", None)
    ds = sweep(named, out=tmp_path, workers=1)
    assert (ds.attrs["title"], ds.attrs["title_zh"]) == ("Storage", "储能")
    assert xr.open_zarr(tmp_path / store.NAME).attrs["title"] == "Storage"
    assert 'title = "Storage"' in (tmp_path / "study.toml").read_text(encoding="utf-8")
