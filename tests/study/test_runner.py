"""Sweeping a study: the same answers whoever solves it and in which order, and an end for every case."""

import os
import signal
import threading

import numpy as np
import pytest
import xarray as xr

import parksim as ps
from parksim.report.html import render_case
from parksim.report.pages import script_files
from parksim.study import runner, store, work
from parksim.study.runner import Pages, sweep
from parksim.study.work import Status


def equal(ds, other):
    """The same table: objectives to 1e-9, everything else to 1e-6."""
    costs = [each["indicator_value"].sel(indicator="objective_cny").to_numpy() for each in (ds, other)]
    np.testing.assert_allclose(*costs, rtol=1e-9)
    for name in ("status", "case"):
        np.testing.assert_array_equal(ds[name].to_numpy(), other[name].to_numpy())
    for name in ("indicator_value", "cost", "co2"):
        np.testing.assert_allclose(ds[name].to_numpy(), other[name].to_numpy(), rtol=1e-6, atol=1e-6)


@pytest.fixture(scope="module")
def here(small):
    """The small study solved in this process."""
    return sweep(small, workers=1)


class TestSameAnswers:
    def test_in_any_order(self, small, here, monkeypatch):
        chains = runner.order.chains

        def backwards(*given, **more):
            return tuple(
                runner.order.Chain(chain.group, chain.cases[::-1]) for chain in reversed(chains(*given, **more))
            )

        monkeypatch.setattr(runner.order, "chains", backwards)
        equal(sweep(small, workers=1), here)

    def test_on_workers(self, small, here, tmp_path):
        told = []
        ds = sweep(small, out=tmp_path, workers=2, progress=told.append)
        equal(ds, here)
        assert [at.done for at in told if at.stage == "solve"] == list(range(7))
        assert [at.stage for at in told][:2] == ["plan", "solve"]
        assert (told[-1].stage, told[-1].cases, told[-1].before) == ("done", 6, 0)
        assert told[-1].counts[Status.SOLVED] == 6

    def test_byte_for_byte_where_that_is_asked_for(self, mixed, tmp_path, bytes_of, monkeypatch):
        sweep(mixed, out=tmp_path / "here", workers=1, reproducible=True)
        sweep(mixed, out=tmp_path / "workers", workers=2, reproducible=True)
        chains = runner.order.chains
        monkeypatch.setattr(runner.order, "chains", lambda *given, **more: chains(*given, **more)[::-1])
        sweep(mixed, out=tmp_path / "backwards", workers=1, reproducible=True)
        whole = bytes_of(tmp_path / "here" / store.NAME)
        assert bytes_of(tmp_path / "workers" / store.NAME) == whole
        assert bytes_of(tmp_path / "backwards" / store.NAME) == whole
        told = b"".join(whole.values())
        assert str(tmp_path).encode() not in told
        assert os.uname().nodename.encode() not in told

    def test_in_memory_as_in_a_folder(self, small, here, tmp_path):
        xr.testing.assert_identical(sweep(small, out=tmp_path, workers=1).load(), here)


class TestEnds:
    def test_a_case_that_fails_keeps_its_reason_and_the_rest_goes_on(self, small, here, monkeypatch, tmp_path):
        kept, seen = work.kept, []

        def faulty(ds, labels):
            seen.append(ds)
            if len(seen) == 2:
                msg = "out of ideas"
                raise ArithmeticError(msg)
            return kept(ds, labels)

        with monkeypatch.context() as patch:
            patch.setattr(work, "kept", faulty)
            ds = sweep(small, out=tmp_path, workers=1)
        failed = ds["status"].to_numpy() == Status.FAILED
        assert failed.sum() == 1
        assert ds["reason"].to_numpy()[failed].tolist() == ["ArithmeticError: out of ideas"]
        assert np.isnan(ds["indicator_value"].to_numpy()[failed]).all()
        np.testing.assert_allclose(
            ds["cost"].sum("term").to_numpy()[~failed], here["cost"].sum("term").to_numpy()[~failed], rtol=1e-9
        )

    def test_what_failed_is_solved_again_where_that_is_asked_for(self, mixed, tmp_path, monkeypatch, bytes_of):
        how = {"workers": 1, "reproducible": True, "pages": Pages(render_case, {})}
        sweep(mixed, out=tmp_path / "whole", **how)
        kept, seen = work.kept, []

        def faulty(ds, labels):
            seen.append(ds)
            return kept(None if len(seen) == 2 else ds, labels)

        with monkeypatch.context() as patch:
            patch.setattr(work, "kept", faulty)
            broken = sweep(mixed, out=tmp_path / "mended", **how)
        assert (broken["status"].to_numpy() == Status.FAILED).sum() == 1
        stands, told = bytes_of(tmp_path / "mended"), []
        sweep(mixed, out=tmp_path / "mended", **how, progress=told.append)
        assert bytes_of(tmp_path / "mended") == stands, "only where that is asked for"
        ds = sweep(mixed, out=tmp_path / "mended", **how, retry=True, progress=told.append)
        assert (told[-1].done, told[-1].before) == (told[-1].cases, told[-1].cases - 1)
        assert Status.FAILED not in ds["status"]
        mended, whole = (bytes_of(tmp_path / folder) for folder in ("mended", "whole"))
        assert mended.keys() == whole.keys()
        assert mended.keys() - stands.keys()
        for path in whole:  # pages tell how long it took
            assert mended[path] == (whole[path] if path.startswith(store.NAME) else stands.get(path, mended[path]))

    def test_nothing_of_the_old_outcome_stays_where_it_fails_again(self, small, tmp_path, monkeypatch):
        monkeypatch.setattr(work, "kept", None)
        sweep(small, out=tmp_path, workers=1)
        page = tmp_path / "cases" / "000003.html"
        page.parent.mkdir()
        page.touch()
        chunk = store.place(tmp_path / store.NAME, "cost", (0, 0))
        chunk.write_bytes(bytes(8))
        ds = sweep(small, out=tmp_path, workers=1, retry=True)
        assert (ds["status"].to_numpy() == Status.FAILED).all()
        assert not page.exists()
        assert not chunk.exists()

    def test_what_is_finished_is_not_solved_again(self, small, tmp_path, monkeypatch, bytes_of):
        sweep(small, out=tmp_path, workers=1)
        before = bytes_of(tmp_path)
        monkeypatch.setattr(work, "Bench", None)
        told = []
        sweep(small, out=tmp_path, workers=1, progress=told.append)
        assert bytes_of(tmp_path) == before
        assert (told[-1].done, told[-1].before) == (6, 6)

    @pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
    @pytest.mark.parametrize("workers", [1, 2])
    def test_ctrl_c_keeps_what_came_back_and_the_same_call_goes_on(self, small, here, tmp_path, workers):
        def stop(at):
            if at.stage == "solve" and at.done == 2:
                os.kill(os.getpid(), signal.SIGINT)

        with pytest.raises(KeyboardInterrupt, match=r"\d of 6 cases are done; the same command goes on") as left:
            sweep(small, out=tmp_path, workers=workers, progress=stop)
        done = int(str(left.value).split(": ")[1][0])
        ds = ps.open_study(tmp_path)
        assert (ds["status"].to_numpy() == Status.SOLVED).sum() == done
        assert 2 <= done < 6
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        told = []
        equal(sweep(small, out=tmp_path, workers=workers, progress=told.append), here)
        assert told[-1].before == done

    def test_from_another_thread(self, small, here):
        found = []
        thread = threading.Thread(target=lambda: found.append(sweep(small, workers=1)))
        thread.start()
        thread.join(timeout=120)
        equal(found[0], here)


class TestPages:
    def test_each_solved_case_has_a_page_that_shares_its_scripts(self, mixed, tmp_path):
        sweep(mixed, out=tmp_path, workers=1, pages=Pages(render_case, script_files()))
        assert sorted(path.name for path in (tmp_path / "cases").iterdir()) == [
            *("000002.html", "000005.html", "000006.html", "assets")
        ]
        page = (tmp_path / "cases" / "000005.html").read_text(encoding="utf-8")
        assert '<script src="assets/plotly-basic.min.js"></script>' in page
        assert "script-src &#39;self&#39; file:;" in page
        assert "store some, connection 12" in page
        assert '<a href="../study.html">' in page
        assert len(page) < 500_000
        assert {path.name for path in (tmp_path / "cases" / "assets").iterdir()} == {*script_files()}

    def test_a_study_may_go_without(self, small, tmp_path):
        plain = ps.read_study({**small.tables(), "keep": {"reports": False}})
        sweep(plain, out=tmp_path, workers=1, pages=Pages(render_case, script_files()))
        assert not (tmp_path / "cases").exists()

    def test_numbers_stand_without_a_page_that_fails(self, small, here, tmp_path):
        def broken(ds, label):
            raise ValueError(label)

        ds = sweep(small, out=tmp_path, workers=1, pages=Pages(broken, {}))
        assert (ds["status"].to_numpy() == Status.SOLVED).all()
        assert ds["reason"].to_numpy()[0, 0] == (
            "solved, but its page could not be made: ValueError: battery 0, roof 6"
        )
        np.testing.assert_allclose(ds["cost"].to_numpy(), here["cost"].to_numpy(), rtol=1e-9)


class TestMistakes:
    @pytest.mark.parametrize(
        ("how", "match"),
        [
            ({"workers": 0}, "--workers: got 0, must be 1 or more"),
            ({"workers": 2, "cluster": "tcp://127.0.0.1:1"}, "--workers and --cluster: exclude each other"),
        ],
    )
    def test_are_told(self, small, how, match):
        with pytest.raises(ps.InputError, match=match):
            sweep(small, **how)

    def test_a_cluster_without_dask_says_what_to_install(self, small, monkeypatch):
        def missing(name):
            raise ModuleNotFoundError(name=name.rpartition(".")[2] and "distributed")

        monkeypatch.setattr(runner, "import_module", missing)
        with pytest.raises(ps.InputError, match=r"distributed is not installed.*parksim\[study\]"):
            sweep(small, cluster="tcp://127.0.0.1:1")
