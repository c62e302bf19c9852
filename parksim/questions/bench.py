"""Which solver for this park? HiGHS's solvers and the temporal crash, each in a process of its own.

    found = ps.bench(ps.load_park("yibin"))
    print(found.verdict)

What proves an optimum stands first, the faster before the slower.
"""

import json
import math
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from parksim.checks import declared
from parksim.errors import InputError
from parksim.inputs import gather
from parksim.lp.contest import CONTESTANTS, Outcome, Task
from parksim.notes import Note
from parksim.park import Park
from parksim.phases import Progress, silent

TIME_LIMIT_S = 60.0
"""Time limit of each contestant where none is given [s]."""

SAME_OPTIMUM = 1e-6
"""Largest relative difference of objectives that counts as the same optimum."""

DEFAULT = next(iter(CONTESTANTS))
"""What parksim does when it is not asked."""

BUILD_S = 600.0
"""Most time for a process to load and build the LP; it is then given up [s]."""

NO_OPTIMUM = ("infeasible", "unbounded", "infeasible_or_unbounded")
"""Terminations that say that no solver can find an optimum."""

_CHILD = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from parksim.lp.contest import main; main()"


@dataclass(frozen=True)
class Bench:
    """How all contestants fared on one park, the fastest that proves optimality first.

    Parameters
    ----------
    park
        Name of the park.
    steps
        Steps of its horizon.
    rows, columns, nonzeros
        Size of the LP.
    time_limit_s
        Of each contestant [s].
    outcomes
        Ranked: proved, then solved without proof, then the rest.
    """

    park: str
    steps: int
    rows: int
    columns: int
    nonzeros: int
    time_limit_s: float
    outcomes: tuple[Outcome, ...]

    @property
    def best_cny(self) -> float:
        """Lowest proved objective; NaN where none is proved [CNY]."""
        return min((o.objective_cny for o in self.outcomes if o.proved), default=math.nan)

    def gap(self, outcome: Outcome) -> float:
        """Give how far an objective is from the best proved one, relative [1]."""
        return (outcome.objective_cny - self.best_cny) / max(1.0, abs(self.best_cny))

    @property
    def agree(self) -> bool:
        """Whether all that proved an optimum found the same objective."""
        return all(abs(self.gap(o)) <= SAME_OPTIMUM for o in self.outcomes if o.proved)

    @property
    def verdict(self) -> str:
        """Say in a sentence which solver to take."""
        return _verdict(self)


def _rank(outcome: Outcome) -> tuple[int, float]:
    kind = 0 if outcome.proved else (1 if outcome.termination == "optimal" else 2)
    return kind, outcome.seconds if math.isfinite(outcome.seconds) else math.inf


def _title(contestant: str) -> Note:
    """Name a contestant inside a note."""
    return Note(CONTESTANTS[contestant].title)


def _verdict(found: Bench) -> str:
    proved = [o for o in found.outcomes if o.proved]
    if not proved:
        if any(o.termination in NO_OPTIMUM for o in found.outcomes):
            return Note("The park has no solution; parksim run says why.")
        return Note(
            "Nobody proved an optimum within {limit} s each; try a longer --time-limit, "
            "or parksim run, which says why a park has no solution.",
            limit=f"{found.time_limit_s:g}",
        )
    first, title = proved[0], _title(proved[0].contestant)
    line = Note("Fastest that proves the optimum: {solver}, {seconds} s", solver=title, seconds=f"{first.seconds:.2g}")
    if len(proved) > 1:
        after = proved[1]
        times = after.seconds / first.seconds if first.seconds > 0.0 else math.inf
        other = _title(after.contestant)
        line = Note("{told}; {solver} takes {times} times as long", told=line, solver=other, times=f"{times:.2g}")
    own = next((o for o in found.outcomes if o.contestant == DEFAULT), None)
    if first.contestant == DEFAULT:
        line = Note("{told}. It is what parksim run does", told=line)
    elif own is not None and own.proved:
        title, seconds = _title(DEFAULT), f"{own.seconds:.2g}"
        line = Note(
            "{told}. parksim run takes the {solver}, {seconds} s here", told=line, solver=title, seconds=seconds
        )
    if not found.agree:
        line = Note("{told}. Proved objectives differ: look at the gaps, and report it", told=line)
    return Note("{told}.", told=line)


def contend(task: Task) -> Outcome:
    """Run one contestant in a fresh process; whatever happens there is an outcome."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "outcome.json")
        try:
            done = subprocess.run(
                [sys.executable, "-c", _CHILD, json.dumps(sys.path), str(place)],
                input=pickle.dumps(task),
                capture_output=True,
                check=False,
                timeout=BUILD_S + 2.0 * task.time_limit_s,
            )
        except subprocess.TimeoutExpired:
            return Outcome(task.contestant, "failed", note="did not end")
        if done.returncode or not place.exists():
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            ended = f"ended by signal {-done.returncode}" if done.returncode < 0 else f"exit code {done.returncode}"
            return Outcome(task.contestant, "failed", note=said[-1] if said else ended)
        return Outcome(**json.loads(place.read_text(encoding="utf-8")))


def bench(
    park: Park,
    *,
    time_limit_s: float = TIME_LIMIT_S,
    contestants: Sequence[str] = tuple(CONTESTANTS),
    progress: Progress | None = None,
) -> Bench:
    """Solve a park in every way, one after the other.

    Parameters
    ----------
    park
        From :func:`parksim.load_park`, or built in Python.
    time_limit_s
        After which each is ended [s].
    contestants
        Names of :data:`~parksim.lp.contest.CONTESTANTS`.
    progress
        Called with the title of each as it begins.

    Returns
    -------
    Bench
        Time, iterations, gap and memory of each, the fastest that proves optimality first.

    Raises
    ------
    InputError
        If the time limit is not above 0, a name is unknown, or the park's profiles cannot be read.
    """
    if not (math.isfinite(time_limit_s) and time_limit_s > 0.0):
        msg = f"time_limit_s: got {time_limit_s:g}, must be above 0 and finite. Write seconds, e.g. {TIME_LIMIT_S:g}."
        raise InputError(msg)
    unknown = [name for name in contestants if name not in CONTESTANTS]
    if unknown or not contestants:
        msg = f"contestants: no solver {', '.join(map(repr, unknown)) or 'named'}. There are: {', '.join(CONTESTANTS)}."
        raise InputError(msg)
    told = progress or silent
    inputs = gather(park)
    program = declared(park)
    lp = program.fill(inputs.values)
    outcomes = []
    for name in dict.fromkeys(contestants):
        told(CONTESTANTS[name].title)
        task = Task(name, park.components, park.nodes, park.time, inputs.values, time_limit_s, park.limited)
        outcomes.append(contend(task))
    rows, columns = lp.shape
    return Bench(
        park=park.park.shown,
        steps=park.time.steps,
        rows=rows,
        columns=columns,
        nonzeros=len(lp.value),
        time_limit_s=time_limit_s,
        outcomes=tuple(sorted(outcomes, key=_rank)),
    )


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def plain(found: Bench) -> dict[str, Any]:
    """Make plain tables of it, for JSON and the chart; what there is not is None."""
    outcomes = [
        {name: _plain(value) for name, value in asdict(o).items()}
        | {
            "title": CONTESTANTS[o.contestant].title,
            "about": CONTESTANTS[o.contestant].about,
            "gap": _plain(found.gap(o)),
        }
        for o in found.outcomes
    ]
    head = {name: getattr(found, name) for name in ("park", "steps", "rows", "columns", "nonzeros", "time_limit_s")}
    return {**head, "best_cny": _plain(found.best_cny), "verdict": found.verdict, "outcomes": outcomes}
