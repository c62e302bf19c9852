"""A study solved: its cases are shared out, each is written as it comes back, and a sweep goes on where one stopped."""

import signal
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from types import FrameType, ModuleType

import xarray as xr

from parksim.lp.decompose import cores  # first: Pyomo before Numba, see parksim/lp/__init__.py

# isort: split
from parksim.errors import InputError
from parksim.output import write_files
from parksim.results import park_toml
from parksim.study import folder as place
from parksim.study import local, order, store, work
from parksim.study.cases import plan as plan_of
from parksim.study.labels import labels_of
from parksim.study.model import Study, load_study
from parksim.study.plan import Case, Plan
from parksim.study.store import Store, open_study
from parksim.study.work import Job, Outcome, Render, Status, job_of

INSTALL = "pip install 'parksim[study]'"

EARLY = 4
"""Workers that load what they need while a new study is still planned; most studies have as many cases."""


@dataclass(frozen=True)
class Pages:
    """How each case gets a page of its own.

    Parameters
    ----------
    render
        Gives the page of a case; runs where the case is solved, so it must be a function of a module. Workers on this
        machine have neither Dask nor PyArrow.
    assets
        Name to text of the files that all pages load from ``assets/``.
    words
        From the study, as its store holds it before it is solved, to the number of a case and how its page says it; the
        labels of the plan where left out.
    """

    render: Render
    assets: Mapping[str, str]
    words: Callable[[xr.Dataset], Mapping[int, str]] | None = None


@dataclass(frozen=True)
class Tally:
    """How far a sweep is.

    Parameters
    ----------
    stage
        ``plan``, ``solve`` or ``done``.
    cases
        Cases of the study that are to be solved.
    before
        Those that an earlier sweep has finished.
    done
        Those finished so far, earlier ones included.
    counts
        What became of the cases of the study.
    """

    stage: str = "plan"
    cases: int = 0
    before: int = 0
    done: int = 0
    counts: Mapping[Status, int] = field(default_factory=dict)


Progress = Callable[[Tally], None]
"""Called at every stage, and after every case."""


def sweep(
    study: Study | str | Path,
    *,
    out: str | Path | None = None,
    workers: int | None = None,
    cluster: str | None = None,
    reproducible: bool = False,
    retry: bool = False,
    pages: Pages | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Solve every case of a study; what an earlier sweep into the same folder has finished is not solved again.

    Parameters
    ----------
    study
        From :func:`parksim.load_study`, built in Python, or a study file.
    out
        Folder of the study: ``study.zarr``, ``study.toml``, ``park.toml`` and the pages of the cases. None keeps the
        results in memory.
    workers
        Processes on this machine; None takes one for each core, 1 solves in this process.
    cluster
        Address of a Dask scheduler, such as ``tcp://10.0.0.5:8786``, whose workers solve the cases instead.
    reproducible
        Whether the store shall be the same byte for byte, whatever the order, the workers and the kills: every case
        then starts from the basis of the first case of its structure.
    retry
        Whether to solve again the cases that failed in an earlier sweep, such as those that lost their worker; what is
        solved, has no solution or is no valid park stays as it is.
    pages
        How each case gets a page of its own; none where left out, or where the study keeps none.
    progress
        Called with a :class:`Tally`.

    Returns
    -------
    Dataset
        As :func:`open_study` gives it.

    Raises
    ------
    InputError
        If the study or its folder is wrong, another sweep is at work there, the disk is full, or the cluster cannot be
        reached. What was finished by then is kept.
    KeyboardInterrupt
        After Ctrl-C, once what had come back is written; the message says how many cases are done.

    Examples
    --------
    >>> import parksim as ps
    >>> study = ps.Study(park="two-days", axes={"components.battery.energy_max_mwh": [0.0, 4.0]})
    >>> [round(float(cost)) for cost in ps.sweep(study, workers=1)["cost"].sum("term")]
    [125263, 122469]
    """
    told = progress or (lambda _: None)
    if workers is not None and workers < 1:
        msg = f"--workers: got {workers}, must be 1 or more."
        raise InputError(msg)
    if workers is not None and cluster is not None:
        msg = "--workers and --cluster: exclude each other; the workers of a cluster are its own. Leave one out."
        raise InputError(msg)
    asked = study if isinstance(study, Study) else load_study(study)
    told(Tally())
    new = out is None or not (Path(out) / store.NAME).exists()
    many = workers or cores()
    with closing(local.Starting(min(many, EARLY) if new and cluster is None and many > 1 else 0)) as starting:
        sweeper = _Sweeper(
            plan_of(asked),
            workers=many,
            cluster=cluster,
            reproducible=reproducible,
            retry=retry,
            pages=pages,
            told=told,
            starting=starting,
        )
        if out is not None:
            sweeper.into(Path(out))
            return open_study(out)
        with tempfile.TemporaryDirectory(prefix="parksim-") as folder:
            sweeper.into(Path(folder))
            return open_study(folder).load()


class _Sweeper:
    """One sweep."""

    def __init__(
        self,
        plan: Plan,
        *,
        workers: int,
        cluster: str | None,
        reproducible: bool,
        retry: bool,
        pages: Pages | None,
        told: Progress,
        starting: local.Starting,
    ) -> None:
        self.plan, self.told, self.cluster, self.reproducible = plan, told, cluster, reproducible
        self.workers, self.starting, self.retry = workers, starting, retry
        self.pages = pages if plan.study.keep.reports else None
        self.labels = labels_of(plan)
        self.words: Mapping[int, str] = {}

    def into(self, folder: Path) -> None:
        """Solve what a folder lacks."""
        with place.locked(folder):
            try:
                self._write(folder)
            except OSError as error:
                msg = (
                    f"{folder}: cannot be written: {error.strerror or error}. "
                    "What is finished is kept; free space, and the same command goes on."
                )
                raise InputError(msg) from None

    def _write(self, folder: Path) -> None:
        place.tidy(folder)
        files = {"study.toml": store.study_toml(self.plan), "park.toml": park_toml(self.plan.park)}
        new = not (folder / store.NAME).exists()
        if new:
            place.refuse_foreign(folder, files)
        begin = store.make if new else store.resume
        self.starting.grow(self._workers_needed() if new else 0)
        with closing(begin(folder, self.plan, self.labels, reproducible=self.reproducible)) as kept:
            place.put(folder, files)
            if self.pages is not None:
                place.put(folder, {f"{place.ASSETS}/{name}": text for name, text in self.pages.assets.items()})
            if self.retry:
                _forget_failed(folder, kept)
            self._solve(folder, kept)

    def _solve(self, folder: Path, kept: Store) -> None:
        statuses = kept.statuses()
        finished = {number for number, status in statuses.items() if status != Status.PLANNED}
        refused = sum(bool(case.problem) for case in self.plan.cases)
        counts = Counter(statuses.values())
        before = len(finished) - refused
        at = Tally("solve", len(statuses) - refused, before, before, dict(counts))
        self.told(at)
        if at.done == at.cases:
            return
        job = job_of(
            self.plan,
            self.labels,
            reproducible=self.reproducible,
            render=None if self.pages is None else self.pages.render,
        )
        if self.pages is not None and self.pages.words is not None:
            self.words = self.pages.words(store.open_stored(folder))
        with _interrupts() as stopped, closing(self._outcomes(job, finished, stopped)) as outcomes:
            for outcome in outcomes:
                if outcome.page is not None:
                    write_files({folder / place.page_name(outcome.case): outcome.page})
                kept.write(outcome)
                counts[outcome.status] += 1
                counts[Status.PLANNED] -= 1
                at = replace(at, done=at.done + 1, counts=dict(counts))
                self.told(at)
        if at.done < at.cases:
            msg = f"{folder}: {at.done} of {at.cases} cases are done; the same command goes on with the rest."
            raise KeyboardInterrupt(msg)
        self.told(replace(at, stage="done"))

    def _outcomes(self, job: Job, finished: set[int], stopped: Callable[[], bool]) -> Generator[Outcome, None, None]:
        """Have the cases solved that are not finished."""
        left = sum(not case.problem for case in self.plan.cases if case.number not in finished)
        if self.cluster is not None:
            chains = self._chains(finished, parts=1)
            outcomes: Generator[Outcome, None, None] = _clusters().outcomes(
                job, chains, address=self.cluster, stopped=stopped
            )
            return outcomes
        workers = min(self.workers, left)
        chains = self._chains(finished, parts=workers)
        if workers == 1:
            self.starting.close()
            return work.outcomes(job, chains, stopped=stopped)
        return local.Crew(job, chains, workers=workers, starting=self.starting).outcomes(stopped)

    def _workers_needed(self) -> int:
        """Say how many processes a new study takes; 0 where this one solves all cases, or a cluster does."""
        count = min(self.workers, sum(not case.problem for case in self.plan.cases))
        return count if count > 1 and self.cluster is None else 0

    def _chains(self, finished: set[int], *, parts: int) -> Sequence[Sequence[Case]]:
        chains = order.chains(self.plan, skip=finished, parts=parts)
        return [[self._said(self.plan.cases[number]) for number in chain.cases] for chain in chains]

    def _said(self, case: Case) -> Case:
        """Say a case as its page does."""
        return replace(case, label=self.words.get(case.number, case.label))


def _forget_failed(folder: Path, kept: Store) -> None:
    """Have the cases that failed planned again, and take away pages that were made of them."""
    for number, status in kept.statuses().items():
        if status == Status.FAILED:
            kept.forget(number)
            (folder / place.page_name(number)).unlink(missing_ok=True)


def _clusters() -> ModuleType:
    """Load what speaks to Dask.

    Raises
    ------
    InputError
        If it is not installed.
    """
    try:
        return import_module("parksim.study.cluster")
    except ModuleNotFoundError as error:
        if str(error.name).startswith("parksim"):
            raise
        msg = f"--cluster: {error.name} is not installed. Install with: {INSTALL}."
        raise InputError(msg) from None


@contextmanager
def _interrupts() -> Iterator[Callable[[], bool]]:
    """Take the first Ctrl-C as a wish to stop, which is told by what is given; the second one stops at once."""
    wish = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield wish.is_set
        return

    def asked(_number: int, _frame: FrameType | None) -> None:
        if wish.is_set():
            raise KeyboardInterrupt
        wish.set()

    before = signal.signal(signal.SIGINT, asked)
    try:
        yield wish.is_set
    finally:
        signal.signal(signal.SIGINT, before)
