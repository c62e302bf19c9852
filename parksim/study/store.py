"""The store of a study: Zarr, a chunk of its own for every case, so that what was written is never touched again.

A kill at any moment leaves whole cases and nothing else: the store is made under another name and renamed once all its
labels stand; every chunk is written beside its place and renamed (:mod:`parksim.study.chunks`); the arrays of a case
are on the disk before its ``status``, which is what says that the case is there. (NetCDF is one file that a kill while
writing can break.)

Format 2, because its texts of fixed length are read by every tool without a warning, lazily or with Dask; packed by a
codec of one thread, so that the same study gives the same bytes.
"""

import json
import os
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import numpy as np
import tomli_w
import xarray as xr
import zarr
from zarr.storage import MemoryStore

from parksim.errors import InputError
from parksim.results import park_toml
from parksim.study.chunks import FORMS, LONGEST, PACKED, PARTIAL, chunk, place, put
from parksim.study.labels import HOURLY, Labels
from parksim.study.plan import Dimension, Plan
from parksim.study.work import Outcome, Status

NAME = "study.zarr"
"""What the store is called inside the folder of a study."""

MADE = f".{NAME}."
"""Begin of the name of a store that is being made."""

PARTS = 8
"""Files that the disk is waited for at a time; a case has no more."""

FORMAT: Literal[2] = 2

TOLD = ("highspy", "numpy", "parksim", "pyomo", "xarray", "zarr")
"""Packages whose versions are told."""

SAID = ("study", "title", "title_zh", "note", "note_zh", "study_toml", "park_toml")
"""Attributes that may be said otherwise when a study goes on: titles, notes and questions move no number."""

SERIES = {
    "power": ("MW", "mean power of the step"),
    "price": ("CNY MWh-1", "cost of one more MWh drawn at the node in the step"),
    "content": ("MWh", "content at the end of the step"),
}
"""Hourly variable to its unit and meaning."""

MADE_OF = {
    "study_toml": "the study file",
    "park_toml": "the park file",
    "parksim_version": "the version of parksim",
}
"""Attribute to what it tells, for two stores that differ."""

MINUTES = "minutes since 1970-01-01T00:00:00"


def study_toml(plan: Plan) -> str:
    """Write the study of a plan as TOML, whole."""
    return tomli_w.dumps(plan.study.tables())


def provenance(plan: Plan, *, reproducible: bool) -> dict[str, Any]:
    """Say what a store is made of: files, versions, seed; nothing of when, where and by whom."""
    about = plan.study.study
    return {
        "study": about.name,
        **{name: getattr(about, name) or "" for name in SAID[1:5]},
        "seed": about.seed,
        "key": plan.key,
        "reproducible": reproducible,
        "study_toml": study_toml(plan),
        "park_toml": park_toml(plan.park),
        "parksim_version": version("parksim"),
        "versions": json.dumps({"python": sys.version.split()[0], **{name: version(name) for name in TOLD}}),
    }


class Store:
    """The store of one plan, open for writing; the lock of its folder keeps others out.

    Parameters
    ----------
    path
        Where it stands.
    plan, labels
        What it holds.
    """

    def __init__(self, path: Path, plan: Plan, labels: Labels) -> None:
        self.path, self.plan = path, plan
        self._names = ("reason", "indicator_value", "cost", "co2", *labels.hourly)
        self._pool = ThreadPoolExecutor(PARTS)

    def statuses(self) -> dict[int, Status]:
        """Give what became of every case, by its number."""
        found = np.asarray(zarr.open_array(self.path / "status", mode="r", zarr_format=FORMAT)[...])
        return {case.number: Status(int(found[case.at])) for case in self.plan.cases}

    def write(self, outcome: Outcome) -> None:
        """Write a case: all that is kept of it, and once that is on the disk its status.

        Raises
        ------
        OSError
            If it cannot be written, a full disk for one; the case then has no status.
        """
        at = self.plan.cases[outcome.case].at
        told = {**outcome.chunks, "reason": chunk("reason", _cut(outcome.reason))}
        files = {name: data for name, data in told.items() if data is not None}
        put({place(self.path, name, at): data for name, data in files.items()}, synced=self._pool)
        for name in self._names:
            if name not in files:  # a kill may have left one that the case had then and has no more
                place(self.path, name, at).unlink(missing_ok=True)
        put({place(self.path, "status", at): int(outcome.status).to_bytes()}, synced=self._pool)

    def forget(self, case: int) -> None:
        """Take away what became of a case, which is then planned again; its status first, which says that it is there.

        Raises
        ------
        OSError
            If it cannot be taken away.
        """
        at = self.plan.cases[case].at
        for name in ("status", *self._names):
            place(self.path, name, at).unlink(missing_ok=True)

    def close(self) -> None:
        """End the threads that wait for the disk."""
        self._pool.shutdown()


def _cut(reason: str) -> str:
    """Cut a reason that is too long."""
    return reason if len(reason) <= LONGEST else f"{reason[: LONGEST - 2]} …"


def make(folder: Path, plan: Plan, labels: Labels, *, reproducible: bool) -> Store:
    """Make the store of a plan with all its labels; cases that are left out or refused have their status already.

    Raises
    ------
    OSError
        If it cannot be written; nothing is left behind.
    """
    made = Path(tempfile.mkdtemp(prefix=MADE, dir=folder))
    try:
        files = _Maker(plan, labels).files(provenance(plan, reproducible=reproducible))
        with ThreadPoolExecutor(PARTS) as pool:
            list(pool.map(_write, (made / key for key in files), files.values()))
        made.chmod(0o755)
        made.rename(folder / NAME)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    return Store(folder / NAME, plan, labels)


def _write(path: Path, data: bytes) -> None:
    """Write a file, and see that it is on the disk."""
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


class _Maker:
    """Makes what is known of a study before it is solved; in memory, as Zarr goes on writing where a write failed."""

    def __init__(self, plan: Plan, labels: Labels) -> None:
        self.plan, self.labels = plan, labels
        self.dims = tuple(dimension.name for dimension in plan.dimensions)
        self.beside: list[str] = []
        self.made: dict[str, Any] = {}
        self.group = zarr.open_group(MemoryStore(self.made), mode="w", zarr_format=FORMAT)

    def files(self, told: Mapping[str, Any]) -> dict[str, bytes]:
        """Give the files of coordinates, empty variables, and what is said of cases that are never solved.

        Parameters
        ----------
        told
            Attributes of the store.

        Returns
        -------
        dict
            Path inside the store to content.
        """
        for dimension in self.plan.dimensions:
            self._dimension(dimension)
        self._labels()
        self._variables()
        self.group.attrs.update({**told, "coordinates": " ".join(self.beside)})
        zarr.consolidate_metadata(self.group.store, zarr_format=FORMAT)
        return {key: buffer.to_bytes() for key, buffer in sorted(self.made.items())}

    def _array(self, name: str, values: Any, dims: Sequence[str], attrs: Mapping[str, Any] | None = None) -> None:
        """Write an array that is whole from the start."""
        values = np.asarray(values)
        made = self.group.create_array(
            name,
            shape=values.shape,
            chunks=tuple(max(1, size) for size in values.shape),
            dtype=values.dtype,
            fill_value=None,
            compressors=None,
            attributes={"_ARRAY_DIMENSIONS": list(dims), **(attrs or {})},
        )
        made[...] = values

    def _by_case(self, name: str, over: Mapping[str, int] | None = None, *, attrs: Mapping[str, Any]) -> Any:
        """Make a variable with a chunk for each case; what is not written reads as 0, as no text, or not a number."""
        form, inner = FORMS[name], over or {}
        return self.group.create_array(
            name,
            shape=(*self.plan.shape, *inner.values()),
            chunks=(*(1 for _ in self.dims), *(max(1, size) for size in inner.values())),
            dtype=form.dtype,
            fill_value=np.nan if form.dtype == "float64" else None,
            compressors=PACKED if form.packed else None,
            attributes={"_ARRAY_DIMENSIONS": [*self.dims, *inner], **attrs},
        )

    def _dimension(self, dimension: Dimension) -> None:
        for name, values in dimension.coords.items():
            attrs = {"units": dimension.units.get(name, ""), "long_name": dimension.titles.get(name, "")}
            attrs["long_name_zh"] = dimension.titles_zh.get(name, "")
            self._array(name, list(values), (dimension.name,), {key: text for key, text in attrs.items() if text})
            self.beside += [] if name == dimension.name else [name]

    def _labels(self) -> None:
        labels = self.labels
        for dim, names in (("indicator", labels.indicators), ("term", labels.terms), ("source", labels.sources)):
            self._array(dim, _texts(names), (dim,))
        meanings = labels.indicators.values()
        self._array("indicator_unit", _texts(m.unit for m in meanings), ("indicator",))
        self._array("indicator_title", _texts(m.title for m in meanings), ("indicator",))
        self.beside += ["indicator_unit", "indicator_title"]
        for variable, names in labels.hourly.items():
            self._array(HOURLY[variable], _texts(names), (HOURLY[variable],))
        if labels.hourly:
            minutes = labels.stamps.to_numpy().astype("datetime64[m]").astype(np.int64)
            attrs = {"units": MINUTES, "calendar": "proleptic_gregorian", "long_name": "begin of the step"}
            self._array("time", minutes, ("time",), attrs)

    def _variables(self) -> None:
        labels, plan = self.labels, self.plan
        flags = {"flag_values": [int(s) for s in Status], "flag_meanings": " ".join(s.name.lower() for s in Status)}
        status = self._by_case("status", attrs={"long_name": "what became of the case", **flags})
        why = {"long_name": "why there is no answer"}
        reason = self._by_case("reason", attrs=why)
        numbers = np.full(plan.shape, -1, np.int64)
        standing = np.full(plan.shape, Status.LEFT_OUT, np.int8)
        for case in plan.cases:
            numbers[case.at] = case.number
            standing[case.at] = Status.REFUSED if case.problem else Status.PLANNED
            if case.problem:
                reason[case.at] = _cut(case.problem)
        status[...] = standing
        self._array("case", numbers, self.dims, {"long_name": "number of the case; -1 where it is left out"})
        for name, over, unit, meaning in (
            ("indicator_value", {"indicator": len(labels.indicators)}, "", "in the unit of indicator_unit"),
            ("cost", {"term": len(labels.terms)}, "CNY", "cost over the horizon"),
            ("co2", {"source": len(labels.sources)}, "t", "CO2 over the horizon"),
        ):
            attrs = {"long_name": meaning} | ({"units": unit} if unit else {})
            self._by_case(name, over, attrs=attrs)
        for name, chosen in labels.hourly.items():
            unit, meaning = SERIES[name]
            sizes = {HOURLY[name]: len(chosen), "time": len(labels.stamps)}
            attrs = {"units": unit, "long_name": meaning}
            self._by_case(name, sizes, attrs=attrs)


def _texts(names: Any) -> np.ndarray:
    return np.array(list(names), dtype=str)


def resume(folder: Path, plan: Plan, labels: Labels, *, reproducible: bool) -> Store:
    """Open the store of a plan that stands in a folder, and take away what a kill left half-written.

    Raises
    ------
    InputError
        If it is the store of another study, or no store at all; it stays as it is.
    """
    path = folder / NAME
    theirs = _attributes(path)
    if theirs["key"] != plan.key:
        told = provenance(plan, reproducible=reproducible)
        differ = [meaning for name, meaning in MADE_OF.items() if theirs[name] != told[name]]
        msg = (
            f"{path}: holds the study {theirs['study']!r} ({theirs['key'][:12]}), not {plan.study.study.name!r} "
            f"({plan.key[:12]}): {' and '.join(differ) or 'a profile file'} differs. Nothing was overwritten. "
            "Choose another folder with --out."
        )
        raise InputError(msg)
    if bool(theirs["reproducible"]) != reproducible:
        was = "with" if theirs["reproducible"] else "without"
        msg = f"{path}: was begun {was} --reproducible, and must go on so. Nothing was overwritten."
        raise InputError(msg)
    for left in path.glob(f"*/*{PARTIAL}"):
        left.unlink(missing_ok=True)
    told = provenance(plan, reproducible=reproducible)
    if any(theirs[name] != told[name] for name in SAID):
        zarr.open_group(path, mode="r+", zarr_format=FORMAT).attrs.update({name: told[name] for name in SAID})
        zarr.consolidate_metadata(path, zarr_format=FORMAT)
    return Store(path, plan, labels)


def tidy(folder: Path) -> None:
    """Take away stores that a kill left half-made."""
    for left in folder.glob(f"{MADE}*"):
        shutil.rmtree(left, ignore_errors=True)


def _attributes(path: Path) -> dict[str, Any]:
    """Read what a store says of itself.

    Raises
    ------
    InputError
        If it is no store of a study.
    """
    try:
        attributes = dict(zarr.open_group(path, mode="r", zarr_format=FORMAT).attrs)
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError) as error:
        msg = f"{path}: is no store of a parksim study ({type(error).__name__}). Give a folder that a sweep wrote to."
        raise InputError(msg) from None
    if "key" not in attributes or "study_toml" not in attributes:
        msg = f"{path}: is a Zarr store, but none of a parksim study. Nothing was overwritten. Choose another folder."
        raise InputError(msg)
    return attributes


def open_stored(folder: str | Path, *, chunks: Literal["auto"] | None = None) -> xr.Dataset:
    """Open a study as :func:`open_study` does, without ``meets`` and ``admitted``, for which all cases are read.

    Raises
    ------
    InputError
        If there is no store of a study.
    """
    path = Path(folder)
    path = path if path.suffix == ".zarr" else path / NAME
    _attributes(path)
    ds: xr.Dataset = xr.open_zarr(path, chunks=chunks, zarr_format=FORMAT)
    return ds


def open_study(folder: str | Path, *, chunks: Literal["auto"] | None = None) -> xr.Dataset:
    """Open what a sweep has written so far; nothing is read before it is asked for.

    Parameters
    ----------
    folder
        Folder of the study, or the store in it.
    chunks
        ``"auto"`` gives Dask arrays, a chunk for each case; Dask must be installed then.

    Returns
    -------
    Dataset
        Over the dimensions of the study: ``status``, ``reason``, ``case``; ``indicator_value``, ``cost``, ``co2`` and
        what is kept by the hour; ``meets`` by constraint, and ``admitted``: solved, and meets all of them. See
        docs/studies.md.

    Raises
    ------
    InputError
        If there is no store of a study.
    """
    ds = open_stored(folder, chunks=chunks)
    dims, solved = ds["status"].dims, ds["status"].data == Status.SOLVED
    constraints = tomllib.loads(ds.attrs["study_toml"]).get("constraints", {})
    if not constraints:
        return ds.assign(admitted=(dims, solved))
    meets = _met(ds, constraints)
    admitted = {"meets": ((*dims, "constraint"), meets), "admitted": (dims, solved & meets.all(axis=-1))}
    return ds.assign_coords(constraint=_texts(constraints)).assign(admitted)


def _met(ds: xr.Dataset, constraints: Mapping[str, Mapping[str, Any]]) -> Any:
    """Say which cases meet which constraints, shape (*dims, constraint); what is not known is not met."""
    place, each = ds.get_index("indicator"), []
    for constraint in constraints.values():
        value = ds["indicator_value"].isel(indicator=place.get_loc(constraint["indicator"])).data
        each.append((value >= constraint.get("min", -np.inf)) & (value <= constraint.get("max", np.inf)))
    return np.stack(each, axis=-1)


def plain(ds: xr.Dataset) -> dict[str, Any]:
    """Tell what became of the cases of a study, as plain numbers and texts.

    Parameters
    ----------
    ds
        From :func:`open_study`.
    """
    status, case, reason = (ds[name].to_numpy().ravel() for name in ("status", "case", "reason"))
    return {
        "study": ds.attrs["study"],
        "counts": {each.name.lower(): int((status == each).sum()) for each in Status},
        "admitted": int(ds["admitted"].sum()),
        "without_answer": [
            {"case": int(case[at]), "status": Status(int(status[at])).name.lower(), "reason": str(reason[at])}
            for at in np.flatnonzero(~np.isin(status, (Status.SOLVED, Status.LEFT_OUT)))
        ],
    }
