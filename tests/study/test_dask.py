"""A Dask cluster solves a study as this machine does, loses workers, and says what is wrong with it."""

import os
import signal

import numpy as np
import pytest

import parksim as ps
from parksim.study import store
from parksim.study.runner import sweep
from parksim.study.work import Status

distributed = pytest.importorskip("distributed")
cluster = pytest.importorskip("parksim.study.cluster")


@pytest.fixture(scope="module")
def local():
    """Two workers in processes of their own."""
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as found:
        yield found


def test_the_cluster_gives_the_same_table_byte_for_byte_where_asked(local, mixed, tmp_path, bytes_of):
    here = sweep(mixed, out=tmp_path / "here", workers=1, reproducible=True)
    there = sweep(mixed, out=tmp_path / "there", cluster=local.scheduler_address, reproducible=True)
    for name in ("indicator_value", "cost", "co2", "power"):
        np.testing.assert_allclose(there[name].to_numpy(), here[name].to_numpy(), rtol=1e-9)
    assert bytes_of(tmp_path / "there" / store.NAME) == bytes_of(tmp_path / "here" / store.NAME)


@pytest.mark.parametrize("done", [0, 1])
def test_what_a_lost_worker_had_is_solved_by_another(local, small, tmp_path, done):
    """One is lost before it is spoken to, and one while it works."""
    lost = []

    def kill(at):
        if at.stage == "solve" and at.done == done and not lost:
            lost.append(next(iter(local.workers.values())).pid)
            os.kill(lost[0], signal.SIGKILL)

    ds = sweep(small, out=tmp_path, cluster=local.scheduler_address, progress=kill)
    assert lost
    assert (ds["status"].to_numpy() == Status.SOLVED).all()
    alone = sweep(small, workers=1)
    np.testing.assert_allclose(ds["cost"].to_numpy(), alone["cost"].to_numpy(), rtol=1e-6)


def test_workers_with_another_parksim_are_refused(local, small, monkeypatch):
    here = os.getpid()
    monkeypatch.setattr(cluster, "version", lambda _: "99" if os.getpid() == here else "98")
    with pytest.raises(ps.InputError, match=r"--cluster tcp://.*: worker tcp://.* has parksim 98, must have 99"):
        sweep(small, cluster=local.scheduler_address)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nowhere", "foo://127.0.0.1:9", "tls://127.0.0.1:9"])
def test_a_cluster_that_cannot_be_reached_is_one_clear_error(small, tmp_path, monkeypatch, address):
    monkeypatch.setattr(cluster, "REACH_S", 1.0)
    with pytest.raises(ps.InputError, match=rf"--cluster {address}: no scheduler answers there .*dask scheduler"):
        sweep(small, out=tmp_path, cluster=address)
    with pytest.raises(ValueError, match="No global client found"):  # what Dask computes next, it computes itself
        distributed.get_client(timeout=0)


def test_a_cluster_without_workers_is_one_clear_error(small, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "REACH_S", 1.0)
    with distributed.LocalCluster(n_workers=0, dashboard_address=":0", processes=False) as empty:
        match = r"the scheduler has no workers. Start some with `dask worker "
        with pytest.raises(ps.InputError, match=match):
            sweep(small, out=tmp_path, cluster=empty.scheduler_address)
