"""The phases of a run: told as they begin, and timed."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

Progress = Callable[[str], None]
"""Called with the name of each phase as it begins."""


def silent(_: str) -> None:
    """Tell nobody of a phase."""


@dataclass
class Clock:
    """Seconds by phase."""

    progress: Progress
    seconds: dict[str, float] = field(default_factory=dict)
    _phase: str = ""
    _begin: float = 0.0

    def start(self, phase: str) -> None:
        """End the phase at work and begin another; one that is gone back to goes on, and is not told again."""
        self.stop()
        if phase not in self.seconds:
            self.progress(phase)
        self._phase, self._begin = phase, time.perf_counter()

    def stop(self) -> None:
        """End the phase at work."""
        if self._phase:
            spent = time.perf_counter() - self._begin
            self.seconds[self._phase] = self.seconds.get(self._phase, 0.0) + spent
            self._phase = ""
