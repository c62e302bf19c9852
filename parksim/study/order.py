"""Which case is solved after which: within a structure, a short tour through the cases, cut into chains.

A case solved from the optimum of a near one takes a fraction of the time.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from parksim.study.plan import Plan
from parksim.tours import AT_ONCE, tour

LONGEST = 50
"""Cases of a chain at most: what a lost worker loses, and the grain of sharing work out."""


@dataclass(frozen=True)
class Chain:
    """Cases of one group, each near the one before.

    Parameters
    ----------
    group
        Number of the group.
    cases
        Numbers of the cases, in the order to solve them.
    """

    group: int
    cases: tuple[int, ...]


def chains(plan: Plan, *, skip: Collection[int] = (), parts: int) -> tuple[Chain, ...]:
    """Share the cases of a plan out.

    Parameters
    ----------
    skip
        Numbers of cases that are finished; those with a problem are left out anyway.
    parts
        How many chains there should be at least, where there are as many cases.

    Returns
    -------
    tuple of Chain
        Every case that is left in one chain, none longer than :data:`LONGEST`; the same for the same arguments.
    """
    done = set(skip)
    left = [case for case in plan.cases if not case.problem and case.number not in done]
    if not left:
        return ()
    wanted = max(parts, -(-len(left) // LONGEST))
    found: list[Chain] = []
    for group in plan.groups:
        own = [case for case in left if case.group == group.number]
        for start in range(0, len(own), AT_ONCE):
            cases = own[start : start + AT_ONCE]
            order = [cases[place].number for place in tour(np.array([case.position for case in cases]))]
            count = min(len(order), -(-len(order) * wanted // len(left)))
            found += [Chain(group.number, piece) for piece in _pieces(order, count)]
    return tuple(found)


def _pieces(order: Sequence[int], count: int) -> Iterator[tuple[int, ...]]:
    """Cut a tour into pieces of nearly the same length."""
    for piece in np.array_split(np.array(order), count):
        yield tuple(int(number) for number in piece)
