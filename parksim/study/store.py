"""The store of a study: Zarr, a chunk of its own for every case, so that what was written is never touched again.

A kill at any moment leaves whole cases and nothing else: the store is made under another name and renamed once all its
labels stand; every chunk is written beside its place and renamed; the arrays of a case are on the disk before its
``status``, which is what says that the case is there. (NetCDF is one file that a kill while writing can break.)

Format 2, because its texts of fixed length are read by every tool without a warning, lazily or with Dask; packed by a
codec of one thread, so that the same study gives the same bytes.
"""

import json
import os
import shutil
import sys
import tempfile
import time
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
from numcodecs import Zstd

from parksim.errors import InputError
from parksim.results import park_toml
from parksim.study.labels import HOURLY, Labels
from parksim.study.plan import Dimension, Plan
from parksim.study.work import Outcome, Status

NAME = "study.zarr"
"""What the store is called inside the folder of a study."""

MADE = f".{NAME}."
"""Begin of the name of a store that is being made."""

PARTIAL = "*/*.partial"
"""Chunks that Zarr is writing; after a kill they stay behind."""

PACKED = Zstd(level=1)
"""Takes 2 ms for ten series of a year, and half of their size."""

PARTS = 8
"""Chunks that are written at a time; a case has no more."""

REMOVALS, REMOVE_S = 20, 0.05
"""How often, and how far apart, the removal of a folder is tried [s]."""

LONGEST = 2000
"""Most signs of a reason."""

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
        self._pool = ThreadPoolExecutor(PARTS)  # what waits for the disk waits together
        group = zarr.open_group(path, mode="r+", zarr_format=FORMAT)
        self._arrays: dict[str, Any] = {
            name: group[name] for name in ("status", "reason", "indicator_value", "cost", "co2", *labels.hourly)
        }

    def statuses(self) -> dict[int, Status]:
        """Give what became of every case, by its number."""
        found = np.asarray(self._arrays["status"][...])
        return {case.number: Status(int(found[case.at])) for case in self.plan.cases}

    def write(self, outcome: Outcome) -> None:
        """Write a case: all that is kept of it, and once that is on the disk its status.

        Raises
        ------
        OSError
            If it cannot be written, a full disk for one; the case then has no status.
        """
        at = self.plan.cases[outcome.case].at
        parts: dict[str, Any] = {"reason": _cut(outcome.reason)} if outcome.reason else {}
        if outcome.kept is not None:
            kept = outcome.kept
            parts |= {"indicator_value": kept.indicators, "cost": kept.cost, "co2": kept.co2, **kept.hourly}
        list(self._pool.map(lambda name: self._put(name, at, parts[name]), parts))
        self._arrays["status"][at] = int(outcome.status)

    def _put(self, name: str, at: tuple[int, ...], values: Any) -> None:
        """Write one chunk, and see that it is on the disk."""
        self._arrays[name][at] = values
        _to_disk(self.path / name / (".".join(map(str, (*at, *(0 for _ in np.shape(values))))) or "0"))

    def close(self) -> None:
        """End the threads that write."""
        self._pool.shutdown()


def _cut(reason: str) -> str:
    """Cut a reason that is too long."""
    return reason if len(reason) <= LONGEST else f"{reason[: LONGEST - 2]} …"


def _to_disk(path: Path) -> None:
    """Have a file written out; one that holds nothing but fill values is not there."""
    if path.exists():
        with path.open("rb+") as file:
            os.fsync(file.fileno())


def make(folder: Path, plan: Plan, labels: Labels, *, reproducible: bool) -> Store:
    """Make the store of a plan with all its labels; cases that are left out or refused have their status already.

    Raises
    ------
    OSError
        If it cannot be written; nothing is left behind.
    """
    made = Path(tempfile.mkdtemp(prefix=MADE, dir=folder))
    try:
        told = provenance(plan, reproducible=reproducible)
        group = zarr.open_group(made, mode="w", zarr_format=FORMAT, attributes=told)
        _Maker(group, plan, labels).make()
        zarr.consolidate_metadata(made, zarr_format=FORMAT)
        for file in sorted(made.rglob("*")):
            if file.is_file():
                _to_disk(file)
        made.chmod(0o755)
        made.rename(folder / NAME)
    except BaseException:
        _remove(made)
        raise
    return Store(folder / NAME, plan, labels)


def _remove(folder: Path) -> None:
    """Remove a folder of which a thread of Zarr may still be writing a file."""
    for _ in range(REMOVALS):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(REMOVE_S)


def _take_away(made: Path) -> None:
    """Take a folder away into which Zarr may still be writing what it began at the same time as what failed."""
    for wait_s in (0.0, 0.05, 0.2, 0.5, 1.0):
        time.sleep(wait_s)
        shutil.rmtree(made, ignore_errors=True)
        if not made.exists():
            return


class _Maker:
    """Writes what is known of a study before it is solved."""

    def __init__(self, group: zarr.Group, plan: Plan, labels: Labels) -> None:
        self.group, self.plan, self.labels = group, plan, labels
        self.dims = tuple(dimension.name for dimension in plan.dimensions)
        self.beside: list[str] = []

    def make(self) -> None:
        """Write coordinates, empty variables, and what is said of cases that are never solved."""
        for dimension in self.plan.dimensions:
            self._dimension(dimension)
        self._labels()
        self._variables()
        self.group.attrs["coordinates"] = " ".join(self.beside)

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

    def _by_case(
        self,
        name: str,
        dtype: str,
        *,
        over: Mapping[str, int] | None = None,
        packed: bool = False,
        attrs: Mapping[str, Any],
    ) -> Any:
        """Make a variable with a chunk for each case; what is not written reads as 0, as no text, or not a number."""
        inner = over or {}
        return self.group.create_array(
            name,
            shape=(*self.plan.shape, *inner.values()),
            chunks=(*(1 for _ in self.dims), *(max(1, size) for size in inner.values())),
            dtype=dtype,
            fill_value=np.nan if dtype == "float64" else None,
            compressors=PACKED if packed else None,
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
        status = self._by_case("status", "int8", attrs={"long_name": "what became of the case", **flags})
        why = {"long_name": "why there is no answer"}
        reason = self._by_case("reason", f"<U{LONGEST}", packed=True, attrs=why)
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
            self._by_case(name, "float64", over=over, attrs=attrs)
        for name, chosen in labels.hourly.items():
            unit, meaning = SERIES[name]
            sizes = {HOURLY[name]: len(chosen), "time": len(labels.stamps)}
            attrs = {"units": unit, "long_name": meaning}
            self._by_case(name, "float64", over=sizes, packed=True, attrs=attrs)


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
    for left in path.glob(PARTIAL):
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
    path = Path(folder)
    path = path if path.suffix == ".zarr" else path / NAME
    attributes = _attributes(path)
    ds: xr.Dataset = xr.open_zarr(path, chunks=chunks, zarr_format=FORMAT)
    dims, solved = ds["status"].dims, ds["status"].data == Status.SOLVED
    constraints = tomllib.loads(attributes["study_toml"]).get("constraints", {})
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
