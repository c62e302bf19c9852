"""Writes results: every file whole or not at all."""

import csv as csv_format
import errno
import json
import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from parksim.errors import InputError

Content = str | xr.Dataset | Callable[[Path], None]
"""What a file holds: a text, a Dataset (NetCDF), or what writes it to the path it is given."""


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
    return write_together({path: write})[0]


def write_together(files: Mapping[Path, Callable[[Path], None]]) -> list[Path]:
    """Write files under temporary names beside them; rename them once all are written.

    Parameters
    ----------
    files
        Where each file will stand, and what writes its content to the path it is given.

    Raises
    ------
    InputError
        If one cannot be written; files that stood there stay as they were, and nothing else is left behind.
    """
    missing = [folder for path in files for folder in (path.parent, *path.parent.parents) if not folder.exists()]
    staged: list[tuple[Path, Path]] = []
    done = False
    try:
        for path, write in files.items():
            blocked = next((folder for folder in path.parents if folder.is_file()), None)
            if blocked is not None:
                raise NotADirectoryError(errno.ENOTDIR, f"{blocked} is a file")
            if path.is_dir():  # renaming would fail only after the files before it stand
                raise IsADirectoryError(errno.EISDIR, "a folder of that name stands there")
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=path.suffix, dir=path.parent)
            os.close(handle)
            staged.append((Path(name), path))
            write(Path(name))
            Path(name).chmod(0o644)
        for temporary, path in staged:
            temporary.replace(path)
        done = True
    except OSError as error:
        advice = "Free space, or choose" if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG} else "Choose"
        msg = f"{path}: cannot be written: {error.strerror or error}. {advice} another folder."
        raise InputError(msg) from None
    finally:
        for temporary, _ in staged:
            temporary.unlink(missing_ok=True)
        for folder in [] if done else sorted(set(missing), reverse=True):
            with suppress(OSError):
                folder.rmdir()
    return [path for _, path in staged]


def _write_netcdf(ds: xr.Dataset, path: Path) -> None:
    """Write a Dataset as NetCDF to the path as it is, for :func:`write_together`.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    try:
        ds.to_netcdf(path, engine="netcdf4")
    except RuntimeError as error:
        # All that the NetCDF library says of a full disk is "HDF error".
        raise OSError(errno.ENOSPC, f"no space left, or not writable ({error})") from error


def write_files(contents: Mapping[Path, Content]) -> list[Path]:
    """Write texts, Datasets and what writes itself: all of them, or none.

    Raises
    ------
    InputError
        As :func:`write_together`.
    """
    return write_together({path: _writer(content) for path, content in contents.items()})


def _writer(content: Content) -> Callable[[Path], None]:
    if isinstance(content, str):
        return lambda path: _write_text(content, path)
    if isinstance(content, xr.Dataset):
        return lambda path: _write_netcdf(content, path)
    return content


def _write_text(text: str, path: Path) -> None:
    path.write_text(text, encoding="utf-8")


def write_dataset(ds: xr.Dataset, path: Path) -> Path:
    """Write a Dataset as NetCDF."""
    return write_files({path: ds})[0]


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


def plain_dataset(ds: xr.Dataset) -> dict[str, Any]:
    """Give a small Dataset as plain data for JSON: attributes, then coordinates and variables as lists.

    The park file stays out: it is long, and has a place of its own.
    """
    told = {str(name): value for name, value in ds.attrs.items() if name != "park_toml"}
    return told | {str(name): array.to_numpy().tolist() for name, array in (*ds.coords.items(), *ds.data_vars.items())}


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
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not there.is_dir():
        msg = f"{there}: is a file, must be a folder. Choose another with --out."
        raise InputError(msg)
    if not os.access(there, os.W_OK | os.X_OK):
        msg = f"{folder}: cannot be written to. Choose another folder with --out."
        raise InputError(msg)


def write_all(
    ds: xr.Dataset,
    folder: Path,
    *,
    summary: Mapping[str, Any],
    report: str,
    csv: bool = False,
    workbook: Callable[[Path], None] | None = None,
) -> list[Path]:
    """Write ``result.nc``, ``summary.json``, ``report.html`` and, if asked, ``hourly.csv`` and ``result.xlsx``.

    Parameters
    ----------
    workbook
        Writes the workbook to the path it is given.

    Raises
    ------
    InputError
        If the folder cannot be written to; results that stood there then stay, all of them.
    """
    check_folder(folder)
    files: dict[Path, Content] = {
        folder / "result.nc": ds,
        folder / "summary.json": lambda path: _write_text(as_json(summary), path),
        folder / "report.html": report,
    }
    if csv:
        files[folder / "hourly.csv"] = lambda path: _write_csv(ds, path)
    if workbook is not None:
        files[folder / "result.xlsx"] = workbook
    return write_files(files)


def write_worth(ds: xr.Dataset, folder: Path, *, table: pd.DataFrame, page: str) -> list[Path]:
    """Write ``worth.nc``, ``worth.csv`` and ``worth.html``.

    Raises
    ------
    InputError
        If the folder cannot be written to; results that stood there then stay, all of them.
    """
    check_folder(folder)
    return write_files({folder / "worth.nc": ds, folder / "worth.csv": table.to_csv, folder / "worth.html": page})


def write_comparison(
    ds: xr.Dataset,
    folder: Path,
    *,
    table: pd.DataFrame,
    plain: Mapping[str, Any],
    page: str,
    workbook: Callable[[Path], None] | None = None,
) -> list[Path]:
    """Write ``comparison.html``, ``.nc``, ``.csv``, ``.json`` and, if asked, ``.xlsx``.

    Parameters
    ----------
    workbook
        Writes the workbook to the path it is given.

    Raises
    ------
    InputError
        If the folder cannot be written to; results that stood there then stay, all of them.
    """
    check_folder(folder)
    files: dict[Path, Content] = {
        folder / "comparison.nc": ds,
        folder / "comparison.csv": table.to_csv,
        folder / "comparison.json": as_json(plain),
        folder / "comparison.html": page,
    }
    if workbook is not None:
        files[folder / "comparison.xlsx"] = workbook
    return write_files(files)
