"""What-ifs on two cores: two lives at once, each a process of its own with one thread and its share of the what-ifs.

Peers get the same two processes. What counts is the rate. Of parksim it is all what-ifs over the time from the first
change to the last audited Dataset, whichever life gives it. Of a peer it is what each process does per second of making
models, solving them and reading them back, added up; nothing else of it counts. The first, cold solve counts on neither
side.
"""

import argparse
import json
import logging
import sys
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import Any

from benchmarks import whatifs
from benchmarks.drivers import hide

LIVES = 2
"""Processes at once, one for each of two cores."""

WAIT_S = 900.0
"""No life waits longer for the first solve of the others [s]."""

Found = Mapping[str, Any]


def _prepare(engine: str) -> None:
    logging.disable(logging.WARNING)  # the peers tell each step, which costs them time
    hide(engine)


def _life(engine: str, count: int, life: int, hours: int | None, barrier: Any) -> dict[str, Any]:
    """Solve one life's share, once all lives have made their first solve."""
    try:
        ready = partial(barrier.wait, WAIT_S)
        return whatifs.measure(engine, count, lives=LIVES, life=life, hours=hours, ready=ready)
    except BaseException:
        barrier.abort()  # so that the others do not wait for this one
        raise


def measure(engine: str, count: int, *, hours: int | None = None) -> dict[str, Any]:
    """Measure an engine on all lives at once.

    Parameters
    ----------
    count
        Number of what-ifs of all lives; a peer solves the first few of each life's share.
    hours
        A shorter horizon instead of the year, for tests [h].

    Returns
    -------
    dict
        What-ifs of each life, as :func:`benchmarks.whatifs.measure` tells them, and the time from the first change to
        the last answer [s].
    """
    context = get_context("spawn")  # nothing of this process is loaded there before `hide`
    with (
        context.Manager() as manager,
        ProcessPoolExecutor(LIVES, mp_context=context, initializer=_prepare, initargs=(engine,)) as pool,
    ):
        barrier: Any = manager.Barrier(LIVES)
        lives = [pool.submit(_life, engine, count, life, hours, barrier) for life in range(LIVES)]
        found = [life.result() for life in lives]
    return {"lives": [life["what-ifs"] for life in found], "wall_s": max(life["span_s"] for life in found)}


def lives(found: Found) -> list[list[Found]]:
    """Give the what-ifs of each life of an engine; none where they were not measured."""
    return list(found.get("together", {}).get("lives", ()))


def rate(found: Found, *, cpu: bool = False) -> float:
    """Give what-ifs per second, or per second of processor time [s-1].

    Parameters
    ----------
    found
        An engine with ``together``, what :func:`measure` gave.
    """
    told = [what_if for life in lives(found) for what_if in life]
    if cpu:
        return len(told) / sum(what_if["cpu_seconds"] for what_if in told)
    if found["engine"] == "parksim":
        return len(told) / float(found["together"]["wall_s"])
    return float(sum(len(life) / sum(what_if["seconds"] for what_if in life) for life in lives(found)))


def main() -> None:
    """Measure and print what was found."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.together")
    parser.add_argument("engine")
    parser.add_argument("count", type=int)
    given = parser.parse_args()
    found = measure(given.engine, given.count)
    sys.stdout.write("\n" + json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
