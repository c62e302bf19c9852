"""What the store holds of a case: a file for each array, packed where the case is solved, put in place by who writes.

The files are those that Zarr itself would write (tests/study/test_chunks.py), without its machinery for arrays of any
shape in stores of any kind, which takes longer than all else that is done for a case once it is solved.
"""

import os
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numcodecs import Zstd

from parksim.study.labels import HOURLY

LONGEST = 2000
"""Most signs of a reason."""

PACKED = Zstd(level=1)
"""Takes 2 ms for ten series of a year, and half of their size."""

PARTIAL = ".partial"
"""End of the name of a file that is being written; after a kill it stays behind. Zarr's own have the same."""


@dataclass(frozen=True)
class Form:
    """How an array is stored that has a chunk for every case.

    Parameters
    ----------
    dtype
        Of NumPy.
    inner
        Number of dimensions beside those of the study.
    packed
        Whether by ``PACKED``.
    """

    dtype: str
    inner: int
    packed: bool


FORMS = {
    "status": Form("int8", 0, packed=False),
    "reason": Form(f"<U{LONGEST}", 0, packed=True),
    **dict.fromkeys(("indicator_value", "cost", "co2"), Form("float64", 1, packed=False)),
    **dict.fromkeys(HOURLY, Form("float64", 2, packed=True)),
}
"""Array to its form."""


def chunk(name: str, values: Any) -> bytes | None:
    """Give what the file of a chunk holds.

    Parameters
    ----------
    name
        The array, one of ``FORMS``.
    values
        Of one case.

    Returns
    -------
    bytes or None
        None where nothing but fill values (not a number, 0, no text) is in it: such a chunk has no file.
    """
    form = FORMS[name]
    values = np.ascontiguousarray(values, form.dtype)
    blank = np.isnan(values) if values.dtype.kind == "f" else values == np.zeros((), values.dtype)
    if blank.all():
        return None
    return bytes(PACKED.encode(values)) if form.packed else values.tobytes()


def chunks(arrays: Mapping[str, Any]) -> dict[str, bytes]:
    """Give the chunks of several arrays, those without a file left out."""
    made = {name: chunk(name, values) for name, values in arrays.items()}
    return {name: data for name, data in made.items() if data is not None}


def place(store: Path, name: str, at: Iterable[int]) -> Path:
    """Say where a chunk stands.

    Parameters
    ----------
    store
        Where the store stands.
    name
        The array, one of ``FORMS``.
    at
        Place of the case on every dimension of the study.

    Examples
    --------
    >>> place(Path("study.zarr"), "power", (2, 11)).as_posix()
    'study.zarr/power/2.11.0.0'
    """
    return store / name / (".".join(map(str, (*at, *(0,) * FORMS[name].inner))) or "0")


def put(files: Mapping[Path, bytes], *, synced: Executor | None) -> None:
    """Write files beside their places, and rename them once all are written.

    Parameters
    ----------
    files
        Where each stands, and what it holds; the folders are there.
    synced
        Threads that see to it that all is on the disk before anything is renamed: what waits for the disk waits
        together. None leaves the time to the system.

    Raises
    ------
    OSError
        If one cannot be written; nothing half-written is left behind.
    """
    beside = {path: path.with_name(f"{path.name}{PARTIAL}") for path in files}
    try:
        with ExitStack() as stack:
            opened = [stack.enter_context(made.open("wb")) for made in beside.values()]
            for file, data in zip(opened, files.values(), strict=True):
                file.write(data)
                file.flush()
            if synced is not None:
                list(synced.map(os.fsync, [file.fileno() for file in opened]))
        for path, made in beside.items():
            made.replace(path)
    except BaseException:
        for made in beside.values():
            made.unlink(missing_ok=True)
        raise
