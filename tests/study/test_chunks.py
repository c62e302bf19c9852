"""Chunks that are written without Zarr are those that Zarr itself would write."""

import numpy as np
import pytest
import zarr

from parksim.study import chunks, store
from parksim.study.cases import plan
from parksim.study.labels import labels_of
from parksim.study.runner import sweep

FLOATS = [name for name, form in chunks.FORMS.items() if form.dtype == "float64"]


@pytest.fixture
def array(tmp_path):
    """Make an array of Zarr as the store of a study over two axes does; gives it by its name and inner shape."""

    def made(name, inner):
        form = chunks.FORMS[name]
        return zarr.create_array(
            tmp_path / name,
            shape=(3, 2, *inner),
            chunks=(1, 1, *inner),
            dtype=form.dtype,
            fill_value=np.nan if form.dtype == "float64" else None,
            compressors=chunks.PACKED if form.packed else None,
            zarr_format=store.FORMAT,
        )

    return made


def values_of(name, rng):
    """Values of every sort for one chunk of an array."""
    if name == "status":
        return [np.int8(0), np.int8(1), np.int8(127)]
    if name == "reason":
        return ["", "x", "没有解：容量不足", "x" * chunks.LONGEST]
    shape = (7,) if chunks.FORMS[name].inner == 1 else (4, 48)
    holed = rng.normal(size=shape)
    holed[1:3] = np.nan
    wide = 10.0 ** rng.uniform(-300, 300, shape)
    return [
        *(np.full(shape, value) for value in (np.nan, 0.0, -0.0, np.inf, 5e-324)),
        *(holed, wide, rng.integers(0, 3, shape), np.asfortranarray(holed)),
    ]


@pytest.mark.parametrize("name", chunks.FORMS)
def test_a_chunk_is_the_file_that_zarr_writes(name, array, tmp_path):
    every = values_of(name, np.random.default_rng(5))
    made = array(name, np.shape(every[-1]))
    path = chunks.place(tmp_path, name, (2, 1))
    for values in every:
        made[2, 1] = values
        theirs = path.read_bytes() if path.exists() else None
        assert chunks.chunk(name, values) == theirs
    assert {chunks.chunk(name, each) is None for each in every} == {True, False}


@pytest.mark.parametrize("name", chunks.FORMS)
def test_zarr_reads_back_what_is_put_in_place(name, array, tmp_path):
    for values in values_of(name, np.random.default_rng(6)):
        made = array(name, np.shape(values)) if not (tmp_path / name).exists() else zarr.open_array(tmp_path / name)
        data = chunks.chunk(name, values)
        path = chunks.place(tmp_path, name, (0, 1))
        path.unlink(missing_ok=True)
        if data is not None:
            chunks.put({path: data}, synced=None)
        np.testing.assert_array_equal(made[0, 1], np.asarray(values, chunks.FORMS[name].dtype))


def test_a_study_of_one_case_has_its_chunks_where_zarr_looks(tmp_path):
    made = zarr.create_array(tmp_path / "status", shape=(), dtype="int8", compressors=None, zarr_format=store.FORMAT)
    made[...] = 3
    assert chunks.place(tmp_path, "status", ()).read_bytes() == chunks.chunk("status", 3)


def test_nothing_kept_has_no_files():
    assert chunks.chunks({name: np.empty((0, 4)[: chunks.FORMS[name].inner]) for name in FLOATS}) == {}


def test_the_store_of_a_sweep_is_the_one_that_zarr_writes(mixed, tmp_path, bytes_of):
    """Every end of a case: solved, without a solution, refused, left out."""
    ds = sweep(mixed, out=tmp_path / "ours", workers=1)
    found = plan(mixed)
    (tmp_path / "theirs").mkdir()
    store.make(tmp_path / "theirs", found, labels_of(found), reproducible=False).close()
    group = zarr.open_group(tmp_path / "theirs" / store.NAME, mode="r+")
    for name in chunks.FORMS:
        if name in group:
            for at in np.ndindex(*ds["status"].shape):
                group[name][at] = ds[name].to_numpy()[at]
    assert bytes_of(tmp_path / "ours" / store.NAME) == bytes_of(tmp_path / "theirs" / store.NAME)
