"""Workers on this machine: processes on one thread each, given cases as they are free, and replaced when they are lost.

A worker reads pickled messages on its standard input and answers on its standard output; it ends with the process that
started it. It is a fresh interpreter that does not run the caller's script again, so a sweep may stand in a script as
it is, without ``if __name__ == "__main__"``.
"""

import json
import os
import pickle
import queue
import subprocess
import sys
import threading
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from parksim.study.work import Bench, Job, Outcome, Status  # first: Pyomo before Numba, see parksim/lp/__init__.py

# isort: split
from parksim.errors import InputError
from parksim.lp.recall import Remembered
from parksim.questions.live import REMEMBERED
from parksim.study.plan import Case

AHEAD = 2
"""Cases that a worker holds: the one at work, and the next, so that it never waits."""

LIVES = 2
"""Workers that a case may lose; then it counts as failed."""

STILLBORN = 3
"""Workers that may end before they begin, one after the other."""

UNWANTED = ("dask", "pyarrow")
"""What xarray and pandas would load wherever it is installed: 26 and 34 MB, half a second, that serve nothing here."""

START = """
import gc, json, sys
gc.disable()
path, unwanted = json.loads(sys.argv[1])
sys.path[:] = path
sys.modules.update(dict.fromkeys(unwanted))
from parksim.study.local import serve
gc.enable()
gc.freeze()
serve()
"""
"""What a worker runs; what it loads stays until it ends, so the garbage collector need not look at it, now or later."""

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
"""What numerical libraries are told their number of threads by."""

TRIMMED = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(1 << 25),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 26),
}
"""What the GNU C library is told, so that a worker gives large arrays back, but not those of every case: with 256 kB it
asks for the same pages again and again, 25 to 40 ms a case for 25 MB."""

LOOK_S = 0.2
"""How often the wait for an answer looks whether it shall stop [s]."""

POLITE_S = 5.0
"""How long a worker may take to end when asked to [s]."""

READY = "ready"

HEARERS = 3
"""Workers that are told what another one has learnt; 30 kB a case of a year of hours for each."""

News = tuple[int, Remembered]
"""Group of a case that was solved by another worker, and what is remembered of it."""


def serve() -> None:
    """Work in a process of its own: a job first, then cases, until the input ends."""
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever prints must not stand between the answers
    try:
        bench = Bench(pickle.load(requests), shares=True)
    except (EOFError, pickle.UnpicklingError):  # not needed after all, or cut off by the end of who sends it
        return
    _send(answers, READY)
    asked: queue.SimpleQueue[tuple[Case, list[News]]] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(requests, asked), daemon=True).start()
    while True:
        case, news = asked.get()
        bench.hear(news)
        _send(answers, bench.outcome(case))


def _read(requests: BinaryIO, asked: "queue.SimpleQueue[tuple[Case, list[News]]]") -> None:
    """Read cases at once, so that who sends them never waits; end this process when the input ends."""
    try:
        while True:
            asked.put(pickle.load(requests))
    finally:
        os._exit(0)


def _send(stream: BinaryIO, message: Any) -> None:
    pickle.dump(message, stream, pickle.HIGHEST_PROTOCOL)
    stream.flush()


class Starting:
    """Workers that load what they need while their cases are still shared out; those that nobody takes are ended.

    Parameters
    ----------
    count
        How many processes.
    """

    def __init__(self, count: int) -> None:
        self.processes = deque(_process() for _ in range(count))

    def grow(self, count: int) -> None:
        """See that so many are starting."""
        self.processes.extend(_process() for _ in range(count - len(self.processes)))

    def take(self) -> "subprocess.Popen[bytes]":
        """Give one that is starting, or start one."""
        return self.processes.popleft() if self.processes else _process()

    def close(self) -> None:
        """End those that were not taken."""
        while self.processes:
            with self.processes.popleft() as process:
                process.kill()


def _process() -> "subprocess.Popen[bytes]":
    """Start a worker."""
    return subprocess.Popen(
        [sys.executable, "-c", START, json.dumps([sys.path, UNWANTED])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, **dict.fromkeys(THREADS, "1"), **TRIMMED},
        start_new_session=True,  # Ctrl-C is for the process that started it
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )


@dataclass(eq=False)
class _Worker:
    """A process, the cases it holds, and the rest of its chain."""

    process: "subprocess.Popen[bytes]"
    reader: threading.Thread = field(default_factory=threading.Thread)
    ready: bool = False
    held: deque[Case] = field(default_factory=deque)
    chain: deque[Case] = field(default_factory=deque)
    news: deque[News] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    def send(self, case: Case) -> None:
        """Give it a case, and what others have learnt; of one that is lost the reader hears soon."""
        self.held.append(case)
        with suppress(OSError):
            _send(self._pipe("stdin"), (case, list(self.news)))
        self.news.clear()

    def attend(self, job: bytes, events: "queue.SimpleQueue[tuple[_Worker, Any]]") -> None:
        """Give it its job, and pass on what it answers; None once it has ended."""
        with suppress(EOFError, OSError, pickle.UnpicklingError):
            self._pipe("stdin").write(job)
            self._pipe("stdin").flush()
            while True:
                events.put((self, pickle.load(self._pipe("stdout"))))
        self.process.wait()
        self._pipe("stdout").close()
        events.put((self, None))

    def _pipe(self, name: str) -> BinaryIO:
        pipe: BinaryIO = getattr(self.process, name)
        return pipe

    def end(self) -> None:
        """End it: one at work leaves when its input ends, one that is still starting is not waited for."""
        if not self.ready:
            self.process.kill()
        with suppress(OSError):
            self._pipe("stdin").close()
        try:
            self.process.wait(POLITE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.reader.join()


class Crew:
    """Workers and what is left to be done.

    Parameters
    ----------
    job
        What each worker is told once.
    chains
        Cases to be solved one after the other by one worker, as far as that keeps all of them busy.
    workers
        How many processes.
    starting
        Those that were started beforehand; what is not taken of them is ended.
    """

    def __init__(
        self, job: Job, chains: Sequence[Sequence[Case]], *, workers: int, starting: Starting | None = None
    ) -> None:
        self.job = pickle.dumps(job, pickle.HIGHEST_PROTOCOL)
        self.waiting = deque(deque(chain) for chain in chains if chain)
        self.workers: list[_Worker] = []
        self.size, self.starting = workers, starting or Starting(0)
        self.events: queue.SimpleQueue[tuple[_Worker, Any]] = queue.SimpleQueue()
        self.losses: Counter[int] = Counter()
        self.stillborn = 0

    def outcomes(self, stopped: Callable[[], bool]) -> Generator[Outcome, None, None]:
        """Give what became of every case, as it becomes known.

        Parameters
        ----------
        stopped
            Whether to stop: what has come back is still given, what is at work is let go.

        Raises
        ------
        InputError
            If workers end before they begin.
        """
        try:
            for _ in range(min(self.size, sum(map(len, self.waiting)))):
                self._start()
            self.starting.close()
            while self.workers:
                try:
                    worker, answer = self.events.get(timeout=LOOK_S)
                except queue.Empty:
                    if stopped():
                        return
                    continue
                if isinstance(answer, Outcome):
                    case = worker.held.popleft()
                    if answer.learnt is not None:
                        self._spread(worker, (case.group, answer.learnt))
                    yield answer
                elif answer is None:
                    yield from self._lost(worker) if worker in self.workers else ()
                else:
                    worker.ready, self.stillborn = True, 0
                if stopped():
                    yield from self._come_back()
                    return
                self._feed()
        finally:
            for worker in self.workers:
                worker.end()

    def _spread(self, worker: _Worker, news: News) -> None:
        """Let the next few workers know."""
        at = self.workers.index(worker)
        for other in [*self.workers[at + 1 :], *self.workers[:at]][:HEARERS]:
            other.news.append(news)

    def _come_back(self) -> Iterator[Outcome]:
        """Give the answers that have arrived."""
        with suppress(queue.Empty):
            while True:
                _, answer = self.events.get_nowait()
                if isinstance(answer, Outcome):
                    yield answer

    def _start(self) -> None:
        worker = _Worker(self.starting.take())
        self.workers.append(worker)
        worker.reader = threading.Thread(target=worker.attend, args=(self.job, self.events), daemon=True)
        worker.reader.start()

    def _feed(self) -> None:
        """Give cases to every worker that has room, and let go of workers that nothing is left for."""
        for worker in [w for w in self.workers if w.ready]:
            while len(worker.held) < AHEAD and (worker.chain or self._take(worker)):
                worker.send(worker.chain.popleft())
        busy = any(w.held or w.chain for w in self.workers)
        for worker in [w for w in self.workers if not (self.waiting or w.held or w.chain)]:
            if worker.ready or not busy:
                self.workers.remove(worker)
                worker.end()

    def _take(self, worker: _Worker) -> bool:
        """Find a chain for a worker: one that waits, or the later half of the longest at work."""
        if self.waiting:
            worker.chain = self.waiting.popleft()
            return True
        longest = max(self.workers, key=lambda w: len(w.chain))
        kept = len(longest.chain) // 2
        while len(longest.chain) > kept:
            worker.chain.appendleft(longest.chain.pop())
        return bool(worker.chain)

    def _lost(self, worker: _Worker) -> Iterator[Outcome]:
        """Replace a worker that has ended, and give its cases out again; the one at work only so often."""
        self.workers.remove(worker)
        worker.end()
        code = worker.process.returncode
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        if not worker.ready:
            self.stillborn += 1
            if self.stillborn >= STILLBORN:
                msg = f"workers end before they begin ({how}); what they say stands above. Try --workers 1."
                raise InputError(msg)
        left = deque([*worker.held, *worker.chain])
        if left:
            first = left[0]
            self.losses[first.number] += 1
            if self.losses[first.number] >= LIVES:
                left.popleft()
                reason = f"its worker was lost {LIVES} times ({how}); short of memory?"
                yield Outcome(first.number, Status.FAILED, reason)
        if left:
            self.waiting.appendleft(left)
        if self.waiting or any(w.chain for w in self.workers):
            self._start()
