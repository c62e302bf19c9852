"""Workers of a Dask cluster: the same chains, sent through its scheduler; needs the extra ``study``.

Each worker keeps a live solver for every thread it works with. The scheduler gives the chains of a lost worker out
again; a chain that loses too many is sent case by case, and a case that does so counts as failed.
"""

import queue
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from uuid import uuid4

from distributed import Client, Future, KilledWorker, WorkerPlugin, get_worker

from parksim.study.work import Bench, Job, Outcome, Status  # first: Pyomo before Numba, see parksim/lp/__init__.py

# isort: split
from parksim.errors import InputError
from parksim.study.plan import Case

SENT = 8
"""Cases that are sent together at most: what a lost worker loses, and what comes back at a time."""

REACH_S = 5.0
"""How long the scheduler may take to answer, and its first worker to come [s]."""

TRIES = 5
"""How often the workers are told their job, where some are lost meanwhile."""

LOOK_S = 0.2
"""How often the wait for an answer looks whether it shall stop [s]."""


class Benches(WorkerPlugin):  # type: ignore[misc]  # distributed is optional, and not read by the type checker
    """What one worker needs to solve cases: the job, and the benches that no thread is at.

    Parameters
    ----------
    job
        Of the study.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self.idle: list[Bench] = []

    def solve(self, cases: Sequence[Case]) -> list[Outcome]:
        """Solve a chain at a bench of its own."""
        try:
            bench = self.idle.pop()
        except IndexError:
            bench = Bench(self.job)
        try:
            return [bench.outcome(case) for case in cases]
        finally:
            self.idle.append(bench)


def solve(name: str, cases: Sequence[Case]) -> list[Outcome]:
    """Solve a chain on the worker that this runs on."""
    benches: Benches = get_worker().plugins[name]
    return benches.solve(cases)


def outcomes(
    job: Job, chains: Sequence[Sequence[Case]], *, address: str, stopped: Callable[[], bool]
) -> Generator[Outcome, None, None]:
    """Solve chains on a cluster, and give what became of each case as its chain comes back.

    Parameters
    ----------
    address
        Of the scheduler.
    stopped
        Whether to stop: what has come back is still given, all else is cancelled.

    Raises
    ------
    InputError
        If the scheduler cannot be reached or is lost, has no workers, or these have another parksim.
    """
    with _reached(address) as client:
        name = f"parksim-{uuid4().hex}"
        _register(client, Benches(job), name, address)
        back: queue.SimpleQueue[Future] = queue.SimpleQueue()
        sent: dict[Future, Sequence[Case]] = {}

        def send(chain: Sequence[Case]) -> None:
            future = client.submit(solve, name, chain, pure=False)
            sent[future] = chain
            future.add_done_callback(back.put)

        try:
            for piece in _pieces(chains, sum(client.nthreads().values())):
                send(piece)
            while sent and not (stopped() and back.empty()):
                try:
                    future = back.get(timeout=LOOK_S)
                except queue.Empty:
                    continue
                chain = sent.pop(future)
                if future.status == "finished":
                    yield from future.result()
                else:
                    yield from _broken(future, chain, address, send)
        finally:
            with suppress(OSError, TimeoutError):  # of a scheduler that is lost
                client.cancel([*sent])
                client.unregister_worker_plugin(name)


def _register(client: Client, plugin: Benches, name: str, address: str) -> None:
    """Give every worker its benches; once more where one is lost meanwhile."""
    for left in reversed(range(TRIES)):
        try:
            client.register_plugin(plugin, name=name)
        except OSError:
            if not left:
                raise InputError(_lost(address)) from None
            continue
        return


def _lost(address: str) -> str:
    return (
        f"--cluster {address}: the connection was lost. What is finished is kept; "
        "see that the scheduler is there, and the same command goes on."
    )


def _pieces(chains: Sequence[Sequence[Case]], threads: int) -> Iterator[Sequence[Case]]:
    """Cut chains so that a lost worker loses little and no thread is without work for long."""
    length = max(1, min(SENT, sum(map(len, chains)) // (2 * threads)))
    for chain in chains:
        yield from (chain[begin : begin + length] for begin in range(0, len(chain), length))


def _broken(
    future: Future, chain: Sequence[Case], address: str, send: Callable[[Sequence[Case]], None]
) -> Iterator[Outcome]:
    """Tell the cases of a chain that did not come back as failed, or send each by itself."""
    if future.status != "error":
        raise InputError(_lost(address))
    error = future.exception()
    if isinstance(error, KilledWorker) and len(chain) > 1:
        for case in chain:
            send([case])
        return
    lost = isinstance(error, KilledWorker)
    reason = "its worker was lost several times; short of memory?" if lost else f"{type(error).__name__}: {error}"
    yield from (Outcome(case.number, Status.FAILED, reason) for case in chain)


@contextmanager
def _reached(address: str) -> Iterator[Client]:
    """Speak to a cluster whose workers have this parksim."""
    refuse = partial("--cluster {}: {}".format, address)
    try:
        client = Client(address, timeout=REACH_S, set_as_default=False)  # else Dask waits for it ever after
    except (OSError, ValueError, TypeError, ImportError) as error:  # the last two of ways that are not set up, as TLS
        told = str(error).splitlines()[0]
        msg = f"no scheduler answers there ({told}). Start one with `dask scheduler`, or leave --cluster out."
        raise InputError(refuse(msg)) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=REACH_S)
        except TimeoutError:
            msg = f"the scheduler has no workers. Start some with `dask worker {address}`."
            raise InputError(refuse(msg)) from None
        ours = version("parksim")
        for where, found in client.run(version, "parksim", on_error="return").items():
            if found == ours or not isinstance(found, str | PackageNotFoundError):  # of a worker that is just lost
                continue
            has = f"parksim {found}" if isinstance(found, str) else "no parksim"
            raise InputError(refuse(f"worker {where} has {has}, must have {ours}. Install it there."))
        yield client
