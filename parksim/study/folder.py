"""The folder of a study: locked while a sweep writes to it, and never written over what is not its own.

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
CASES, ASSETS = "cases", "assets"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder for this process; others are refused.

    Raises
    ------
    InputError
        If another sweep writes to it, or nothing can be written there.
    """
    check_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with closing(sqlite3.connect(folder / LOCK, timeout=0.0, isolation_level=None)) as lock:
            lock.execute("BEGIN EXCLUSIVE")
            yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            msg = f"{folder}: another sweep is at work there. Wait until it ends, or choose another folder with --out."
        else:
            msg = f"{folder}: cannot be locked ({error}). Choose a folder on a disk of this machine with --out."
        raise InputError(msg) from None


def claim(folder: Path, files: Mapping[str, str]) -> None:
    """Put the files of a study into its folder; those that stand there already are left as they are.

    Parameters
    ----------
    files
        Name to text.

    Raises
    ------
    InputError
        If a file of that name says something else; nothing is written then.
    """
    foreign = [name for name, text in files.items() if (folder / name).exists() and not _says(folder / name, text)]
    if not (folder / store.NAME).exists() and any((folder / CASES).glob("*.html")):
        foreign.append(CASES)
    if foreign:
        msg = [
            f"{folder / name}: stands there already and is not of this study. Nothing was overwritten. "
            "Choose another folder with --out."
            for name in foreign
        ]
        raise InputError(msg)
    write_files({folder / name: text for name, text in files.items() if not (folder / name).exists()})


def _says(path: Path, text: str) -> bool:
    try:
        return path.read_text(encoding="utf-8") == text
    except (OSError, UnicodeDecodeError):
        return False


def page_of(number: int) -> str:
    """Give the name of a case's page inside the folder."""
    return f"{CASES}/{number:06d}.html"


def tidy(folder: Path) -> None:
    """Take away what a kill left half-written."""
    store.tidy(folder)
    for left in (folder / CASES).glob(".*.html"):
        left.unlink(missing_ok=True)
