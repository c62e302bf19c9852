"""The folder of a study: locked while a sweep writes to it, and nothing in it is overwritten that is not of the study.

The lock is that of an SQLite file: every system has it, and it dies with the process.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from parksim.errors import InputError
from parksim.output import check_folder, write_files
from parksim.study import store

LOCK = ".study.lock"
CASES, ASSETS = "cases", "cases/assets"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder for this process; others are refused.

    Raises
    ------
    InputError
        If another sweep writes to it, or nothing can be written there.
    """
    check_folder(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / LOCK).touch()
    except OSError as error:
        msg = f"{folder}: cannot be written to: {error.strerror or error}. Choose another folder with --out."
        raise InputError(msg) from None
    with closing(sqlite3.connect(folder / LOCK, timeout=0.0, isolation_level=None)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                msg = f"{folder}: another sweep is at work there. Wait until it ends, or choose another with --out."
            else:
                msg = f"{folder}: cannot be locked ({error}). Choose a folder on another disk with --out."
            raise InputError(msg) from None
        yield


def refuse_foreign(folder: Path, files: Mapping[str, str]) -> None:
    """Refuse a folder without a store where something would be overwritten.

    Parameters
    ----------
    files
        Name to text of what a study writes.

    Raises
    ------
    InputError
        If a file of such a name says something else, or there are pages of cases already.
    """
    foreign = [name for name, text in files.items() if (folder / name).exists() and not _says(folder / name, text)]
    foreign += [CASES] if any((folder / CASES).glob("*.html")) else []
    if foreign:
        raise InputError(
            [
                f"{folder / name}: stands there already and is not of this study. Nothing was overwritten. "
                "Choose another folder with --out."
                for name in foreign
            ]
        )


def put(folder: Path, files: Mapping[str, str]) -> None:
    """Write texts that are not there as they are.

    Raises
    ------
    InputError
        If they cannot be written.
    """
    write_files({folder / name: text for name, text in files.items() if not _says(folder / name, text)})


def _says(path: Path, text: str) -> bool:
    try:
        return path.read_text(encoding="utf-8") == text
    except (OSError, UnicodeDecodeError):
        return False


def page_name(number: int) -> str:
    """Name the page of a case inside the folder.

    Examples
    --------
    >>> page_name(12)
    'cases/000012.html'
    """
    return f"{CASES}/{number:06d}.html"


def tidy(folder: Path) -> None:
    """Take away what a kill left half-written."""
    store.tidy(folder)
    for left in (folder / CASES).glob(".*.html"):
        left.unlink(missing_ok=True)
