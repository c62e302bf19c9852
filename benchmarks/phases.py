"""Phases of a run, the clock that times them, and the memory of this process."""

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

PHASES = ("read", "declare", "expand", "hand over", "cut", "solve", "settle ties", "dataset", "audit", "report")
"""What a whole run consists of; an engine leaves out what it does not do, and may add phases of its own."""

BUILD = ("declare", "expand", "hand over")
"""From numbers in memory to a solver that holds the LP."""

MEGABYTE = 1e6


@dataclass
class Clock:
    """Seconds by phase, and of single calls within phases.

    Parameters
    ----------
    seconds, cpu_seconds
        By phase, on the wall and of the processor; a phase that begins again adds up.
    calls
        By name of a call of the engine's own, such as ``create_model``; processor time as ``create_model cpu``.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    cpu_seconds: dict[str, float] = field(default_factory=dict)
    calls: dict[str, float] = field(default_factory=dict)
    _phase: str = ""
    _begin: tuple[float, float] = (0.0, 0.0)

    def start(self, phase: str) -> None:
        """Begin a phase and end the one before."""
        self.stop()
        self._phase, self._begin = phase, (time.perf_counter(), time.process_time())

    def stop(self) -> None:
        """End the phase at work."""
        if self._phase:
            wall, cpu = time.perf_counter() - self._begin[0], time.process_time() - self._begin[1]
            self.seconds[self._phase] = self.seconds.get(self._phase, 0.0) + wall
            self.cpu_seconds[self._phase] = self.cpu_seconds.get(self._phase, 0.0) + cpu
            self._phase = ""

    @contextmanager
    def call(self, name: str) -> Iterator[None]:
        """Time a call of the engine's own within a phase."""
        begin, cpu = time.perf_counter(), time.process_time()
        yield
        self.calls |= {name: time.perf_counter() - begin, f"{name} cpu": time.process_time() - cpu}


def memory_peak_mb() -> float:
    """Highest resident memory of this process so far [MB].

    Linux starts this record with the peak of the starting process; what starts a measured process must have loaded no
    more than that process loads itself.
    """
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / MEGABYTE
