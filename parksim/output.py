"""Writes results: every file whole or not at all."""

import csv as csv_format
import json
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from parksim.errors import InputError


def write_whole(path: Path, write: Callable[[Path], None]) -> Path:
    """Write a file under a temporary name beside it, then rename it.

    Parameters
    ----------
    path
        Where the file will stand.
    write
        Writes the content to the path it is given.

    Raises
    ------
    InputError
        If the folder cannot be written to.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=path.suffix, dir=path.parent)
        os.close(handle)
    except OSError as error:
        msg = f"{path.parent}: cannot be written to: {error.strerror}. Choose another folder with --out."
        raise InputError(msg) from None
    temporary = Path(name)
    try:
        write(temporary)
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        msg = f"{path}: cannot be written: {error.strerror or error}. Free space or choose another folder with --out."
        raise InputError(msg) from None
    finally:
        temporary.unlink(missing_ok=True)
    return path


def write_dataset(ds: xr.Dataset, path: Path) -> Path:
    """Write a Dataset as NetCDF."""
    return write_whole(path, lambda target: ds.to_netcdf(target, engine="netcdf4"))


def read_dataset(path: Path) -> xr.Dataset:
    """Read a Dataset back, whole.

    Raises
    ------
    InputError
        If the file is no results file.
    """
    try:
        with xr.open_dataset(path, engine="netcdf4") as ds:
            return ds.load()
    except (OSError, ValueError) as error:
        msg = f"{path}: is no results file of parksim ({error}). Give the result.nc of a run."
        raise InputError(msg) from None


def as_json(data: Mapping[str, Any]) -> str:
    """Write plain data as JSON; numbers in full, no NaN."""
    return json.dumps(_finite(data), indent=2, ensure_ascii=False)


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return value


def hourly_table(ds: xr.Dataset) -> pd.DataFrame:
    """Join flows, contents and prices to one table, a row per step, units in the headings."""
    columns: dict[str, np.ndarray] = {}
    for variable, dim, unit in (("power", "flow", "MW"), ("content", "level", "MWh"), ("price", "node", "CNY MWh-1")):
        for row, label in enumerate(ds[dim].to_numpy()):
            name = f"{label}.price" if variable == "price" else str(label)
            columns[f"{name} [{unit}]"] = ds[variable].to_numpy()[row]
    return pd.DataFrame(columns, index=pd.DatetimeIndex(ds["time"].to_numpy(), name="time"))


def _write_csv(ds: xr.Dataset, path: Path) -> None:
    hourly_table(ds).to_csv(path, date_format="%Y-%m-%dT%H:%M", quoting=csv_format.QUOTE_MINIMAL)


def check_folder(folder: Path) -> None:
    """Refuse a folder that results cannot be written to, before any work is done.

    Raises
    ------
    InputError
        If it is a file, or nothing can be written there.
    """
    if folder.exists() and not folder.is_dir():
        msg = f"{folder}: is a file, must be a folder. Choose another with --out."
        raise InputError(msg)
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not os.access(there, os.W_OK):
        msg = f"{folder}: cannot be written to. Choose another folder with --out."
        raise InputError(msg)


def write_all(
    ds: xr.Dataset, folder: Path, *, summary: Mapping[str, Any], report: str, csv: bool = False
) -> list[Path]:
    """Write ``result.nc``, ``summary.json``, ``report.html`` and, if asked, ``hourly.csv``.

    Raises
    ------
    InputError
        If the folder cannot be written to; files are whole or not there.
    """
    check_folder(folder)
    written = [
        write_dataset(ds, folder / "result.nc"),
        write_whole(folder / "summary.json", lambda path: _write_text(path, as_json(summary))),
        write_whole(folder / "report.html", lambda path: _write_text(path, report)),
    ]
    if csv:
        written.append(write_whole(folder / "hourly.csv", lambda path: _write_csv(ds, path)))
    return written


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
