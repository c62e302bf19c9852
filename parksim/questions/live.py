"""What-ifs on a park that stays solved: move a number, solve again from where an earlier optimum was.

    live = ps.live(ps.load_park("yibin"))
    live.set({"components.battery.energy_max_mwh": 120.0})
    ds = live.solve()

Each :class:`Live` has a solver of its own, so several may run on threads at once; one of them is not to be shared.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import xarray as xr

from parksim.api import Answer, answered
from parksim.changes import Checked, changed_park
from parksim.checks import declared
from parksim.errors import InputError
from parksim.inputs import gather
from parksim.lp.warm import Warm
from parksim.park import Park
from parksim.phases import Clock, Progress, silent

REMEMBERED = 500
"""Solved cases that a live park remembers: 15 MB for a year of hours."""


def _held(value: Any) -> Any:
    """Give a value that the caller cannot alter later on."""
    if isinstance(value, np.ndarray):
        value = value.copy()
        value.setflags(write=False)
        return value
    if isinstance(value, Mapping):
        return {key: _held(inner) for key, inner in value.items()}
    return list(value) if isinstance(value, list) else value


class Live:
    """A park, the changes in force, and a solver that remembers earlier optima.

    Other questions read ``park`` (changes in force), ``inputs``, ``program`` and ``warm``, the solver itself.

    Parameters
    ----------
    park
        Where the changes start from.
    threads
        Most threads for a solve; None takes the cores of this process.
    remember
        How many solved cases a new one may start from; 0 leaves the last one only.

    Raises
    ------
    InputError
        If the park's profiles or tariffs cannot be read.
    """

    def __init__(self, park: Park, *, threads: int | None = None, remember: int = REMEMBERED) -> None:
        self.start = park
        self.park = park
        self._changes: dict[str, Any] = {}
        self._checked: Checked = {}
        self.inputs = gather(park)
        self.program = declared(park)
        self.warm = Warm(self.program, threads=threads, remember=remember)

    @property
    def changes(self) -> Mapping[str, Any]:
        """The changes in force: path of the park file to value."""
        return MappingProxyType(self._changes)

    def set(self, changes: Mapping[str, Any]) -> None:
        """Change fields; each call adds to the changes in force, or replaces those of the same path.

        Parameters
        ----------
        changes
            Path of the file to new value, such as ``{"components.battery.energy_max_mwh": 80}``; profiles are a
            number, an array of shape (time,), or ``{"file": ..., "column": ...}``.

        Raises
        ------
        InputError
            If a path leads nowhere or a value is refused; nothing has changed then.
        StructureChanged
            If a change touches structure; nothing has changed then.
        """
        self._take({**self._changes, **{path: _held(value) for path, value in changes.items()}})

    def become(self, changes: Mapping[str, Any]) -> None:
        """Put changes in force instead of all that were before.

        Parameters
        ----------
        changes
            As :meth:`set` takes them.

        Raises
        ------
        InputError, StructureChanged
            As :meth:`set`; nothing has changed then.
        """
        self._take({path: _held(value) for path, value in changes.items()})

    def reset(self, *paths: str) -> None:
        """Take changes back: those of ``paths``, or all.

        Raises
        ------
        InputError
            If a path is not among the changes in force, or what is left cannot stand alone; nothing has changed then.
        """
        unknown = [path for path in paths if path not in self._changes]
        if unknown:
            known = ", ".join(self._changes) or "none"
            msg = [
                f"{self.start.place}: {path}: is not changed, so it cannot be taken back. Changed: {known}."
                for path in unknown
            ]
            raise InputError(msg)
        kept = {path: value for path, value in self._changes.items() if paths and path not in paths}
        self._take(kept)

    def _take(self, changes: dict[str, Any]) -> None:
        park = changed_park(self.start, changes, before=self._checked)
        self.inputs = gather(park, like=self.inputs)
        self.park, self._changes = park, changes

    def solve(self, *, progress: Progress | None = None) -> xr.Dataset:
        """Find the cheapest operation under the changes in force, and audit it.

        Returns
        -------
        Dataset
            As :func:`parksim.api.solve`; ``solver_info`` tells the way, see docs/solving.md.

        Raises
        ------
        NoSolution
            If the park is infeasible or unbounded; the next solve starts afresh.
        AuditError
            If the answer fails its own recomputation.
        """
        return self.answer(progress=progress).ds

    def answer(self, *, progress: Progress | None = None) -> Answer:
        """Do as :meth:`solve`, and leave the Dataset for when it is asked for: accounts can do without.

        Raises
        ------
        NoSolution, AuditError
            As :meth:`solve`.
        """
        return answered(self.program, self.inputs, warm=self.warm, clock=Clock(progress or silent))


def live(park: Park, *, threads: int | None = None) -> Live:
    """Hold a park for what-ifs.

    Parameters
    ----------
    threads
        Most threads for a solve; None takes the cores of this process.

    Returns
    -------
    Live
        With ``set``, ``reset``, ``changes`` and ``solve``.

    Raises
    ------
    InputError
        If the park's profiles or tariffs cannot be read.
    """
    return Live(park, threads=threads)
