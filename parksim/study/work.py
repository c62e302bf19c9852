"""Cases at work in one process: a live solver, each answer reduced to what is kept, and the page of the case.

A bench holds one structure at a time, so its memory does not grow with the number of cases or of structures. One bench
is not to be shared between threads.
"""

import ctypes
import itertools
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
import xarray as xr

from parksim.questions.live import REMEMBERED, Live  # first: Pyomo before Numba, see parksim/lp/__init__.py

# isort: split
from parksim.accounts.reading import Results
from parksim.accounts.scalars import scalars
from parksim.api import Answer
from parksim.component import Array
from parksim.errors import InputError, NoSolution, ParksimError, StructureChanged
from parksim.lp.recall import Remembered
from parksim.lp.warm import Start
from parksim.study.chunks import chunks
from parksim.study.labels import HOURLY, Labels
from parksim.study.plan import Case, Group, Plan

Render = Callable[[xr.Dataset, str], str]
"""Gives the page of a case from its results and its label; a function of a module, so that workers can be sent it."""

SAID = {"refused": "the solver refuses it: a number is too large for it (1e20 and more). Look for impossible sizes."}
"""Terminations that say too little by themselves."""

FIRST = 5
"""Cases of a group that are tried for the basis that all start from when a study is to be reproducible."""


BETWEEN = 16
"""Cases between two times that memory is given back; it takes a few milliseconds, and the pages are asked for again."""


class Status(IntEnum):
    """What became of a case."""

    PLANNED = 0
    SOLVED = 1
    NO_SOLUTION = 2
    REFUSED = 3
    FAILED = 4
    LEFT_OUT = 5


@dataclass(frozen=True)
class Outcome:
    """What became of a case, and what is kept of it where it was solved.

    Parameters
    ----------
    case
        Its number.
    status, reason
        What became of it, and why there is no answer.
    chunks
        Array of the store to what its file of the case holds; none where the case was not solved.
    page
        Of the case, where it has one.
    learnt
        What other workers may start from.
    """

    case: int
    status: Status
    reason: str = ""
    chunks: Mapping[str, bytes] = field(default_factory=dict)
    page: str | None = None
    learnt: Remembered | None = None


@dataclass(frozen=True)
class Job:
    """All that a worker is told once.

    Parameters
    ----------
    first
        Where the study is to be reproducible: group to the cases, of which the first with an optimum is where all cases
        of the group start from. None lets each start from those it is most like.
    render
        Gives the page of a case; None makes none.
    """

    key: str
    groups: Sequence[Group]
    labels: Labels
    first: Mapping[int, Sequence[Case]] | None = None
    render: Render | None = None


def job_of(plan: Plan, labels: Labels, *, reproducible: bool, render: Render | None) -> Job:
    """Say what workers are to do."""
    first: dict[int, list[Case]] = {group.number: [] for group in plan.groups}
    for case in plan.cases:
        if not case.problem and len(first[case.group]) < FIRST:
            first[case.group].append(case)
    return Job(plan.key, plan.groups, labels, first if reproducible else None, render)


def kept(ds: Results, labels: Labels) -> dict[str, Array]:
    """Reduce the results of a case to what is kept.

    Returns
    -------
    dict
        Array of the store to values; not a number where the park has no such label. ``indicator_value``, shape
        (indicator,), in the units of the labels; ``cost`` and ``co2``, sums over the horizon, shapes (term,) [CNY] and
        (source,) [t]; what is kept by the hour, shape (label, time) [MW, CNY MWh-1, MWh].
    """
    found = scalars(ds)
    return {
        "indicator_value": np.array([found.get(name, np.nan) for name in labels.indicators], np.float64),
        "cost": _placed(ds, "cost", "term", labels.terms).sum(axis=1),
        "co2": _placed(ds, "co2", "source", labels.sources).sum(axis=1),
        **{name: _placed(ds, name, HOURLY[name], chosen) for name, chosen in labels.hourly.items()},
    }


def _placed(ds: Results, variable: str, dim: str, labels: Sequence[str]) -> Array:
    """Give the rows of some labels; what the run lacks is not a number."""
    values = ds.variables[variable].to_numpy()
    rows = {label: row for row, label in enumerate(ds.variables[dim].to_numpy().tolist())}
    found = np.full((len(labels), values.shape[1]), np.nan)
    for place, label in enumerate(labels):
        if label in rows:
            found[place] = values[rows[label]]
    return found


@dataclass
class Bench:
    """Solves cases, each from those it is most like or from a fixed one.

    Parameters
    ----------
    shares
        Whether outcomes tell what other workers may start from.
    """

    job: Job
    shares: bool = False
    _group: int | None = None
    _live: Live | None = None
    _start: Start | None = None
    _solves: int = 0
    _heard: deque[tuple[int, Remembered]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    def outcome(self, case: Case) -> Outcome:
        """Solve a case and reduce it to what is kept; whatever goes wrong is told as what became of it."""
        self._solves += 1
        if self._solves % BETWEEN == 0:
            _give_back()
        try:
            answer = self._solved(case)
            found = chunks(kept(answer.draft, self.job.labels))
        except NoSolution as error:
            told = SAID.get(error.termination, error.termination)
            return Outcome(case.number, Status.NO_SOLUTION, "\n".join((told, *error.suspects)))
        except (InputError, StructureChanged) as error:
            return Outcome(case.number, Status.REFUSED, str(error))
        except Exception as error:  # one case must not end the others, whatever is wrong with it
            self.clear()
            return Outcome(case.number, Status.FAILED, _words(error))
        page, reason = None, ""
        if self.job.render is not None:
            try:
                page = self.job.render(answer.ds, case.label)
            except Exception as error:  # the numbers of the case are right without its page
                reason = f"solved, but its page could not be made: {_words(error)}"
        return Outcome(case.number, Status.SOLVED, reason, found, page, self._learnt())

    def hear(self, told: Iterable[tuple[int, Remembered]]) -> None:
        """Take what other workers have learnt: the group of each case, and what is remembered of it."""
        self._heard.extend(told)

    def clear(self) -> None:
        """Let go of the solver; the next case starts from nothing."""
        self._group = self._live = self._start = None

    def _solved(self, case: Case) -> Answer:
        live = self._of(case.group)
        start = live.warm.start if self.job.first is None else self._start
        live.become(case.changes)
        if self.job.first is not None:
            live.warm.begin(start)
        if live.warm.recall is not None:
            while self._heard:
                group, one = self._heard.popleft()
                if group == case.group:
                    live.warm.recall.learn(one)
        try:
            return live.answer()
        except NoSolution:
            live.warm.begin(start)  # of the last case that had an optimum
            raise

    def _learnt(self) -> Remembered | None:
        return self._live.warm.learnt if self.shares and self._live is not None else None

    def _of(self, group: int) -> Live:
        """Give the live park of a group; that of any other is let go."""
        if self._live is None or self._group != group:
            self.clear()
            first = self.job.first
            live = Live(self.job.groups[group].park, threads=1, remember=REMEMBERED if first is None else 0)
            if first is not None:
                self._start = _first_optimum(live, first[group])
            self._group, self._live = group, live
        return self._live


def _first_optimum(live: Live, cases: Sequence[Case]) -> Start | None:
    """Solve cases from nothing until one has an optimum; None where none has."""
    for case in cases:
        try:
            live.become(case.changes)
            live.warm.begin(None)
            live.answer()
        except ParksimError:
            continue
        return live.warm.start
    return None


def _give_back() -> None:
    """Have the C library give memory back that is free: HiGHS takes and leaves much, and glibc keeps it otherwise."""
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)) is not None:
        trim(0)


def _words(error: Exception) -> str:
    """Tell an error in a line or two; what parksim raises on purpose tells itself."""
    return str(error) if isinstance(error, ParksimError) else f"{type(error).__name__}: {error}"


def outcomes(
    job: Job, chains: Sequence[Sequence[Case]], *, stopped: Callable[[], bool]
) -> Generator[Outcome, None, None]:
    """Solve chains in this process, one case after the other, until asked to stop."""
    bench = Bench(job)
    for case in itertools.chain.from_iterable(chains):
        if stopped():
            return
        yield bench.outcome(case)
