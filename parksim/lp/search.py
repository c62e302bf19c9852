"""Search for the prices of what couples the pieces of a horizon: which pieces are asked, at which prices, how often.

A price may have to travel far, and every step costs iterations in every piece. So one piece of three travels first,
each standing for its neighbours, and all follow to the price found. What they all put into the coupling rows there,
beyond what the sample says that they do, corrects the sample for one more step. From then on the master over all pieces
finds the last digits.
"""

from dataclasses import dataclass

import numpy as np

from parksim.component import Array
from parksim.lp.pieces import Ints
from parksim.lp.prices import Master
from parksim.lp.rung import Coupling, Rung

ROUNDS = 16
"""Most times that pieces are asked for the prices of coupling rows, a sample or all of them."""

FEW = 100
"""The search ends where the pieces need no more iterations than this to answer new prices, all together."""

EACH = 3
"""One piece of so many is in the sample."""

ROUGH = 1e-3
"""The sample need not find a price closer than this, relative."""


@dataclass(frozen=True)
class Found:
    """What a search found.

    Parameters
    ----------
    prices
        Prices of the coupling rows, shape (couplings,) [CNY per unit of the row].
    rounds
        How often pieces were asked.
    coupling
        How coupling rows, loose columns and price columns stand; None where the search ended without an optimum.
    """

    prices: Array
    rounds: int
    coupling: Coupling | None


def find_prices(work: Rung, prices: Array, *, threads: int) -> Found:
    """Find the prices of the coupling rows of a cut; its pieces are then solved at prices next to them.

    Parameters
    ----------
    work
        Every piece solved at ``prices``.
    prices
        Shape (couplings,) [CNY per unit of the row].
    threads
        Most threads.
    """
    master, rounds, few = Master(work.lp, work.cut, begin=prices), 1, False
    moved = master.propose(*work.plans(), prices=prices)
    if moved and work.cut.pieces >= 2 * EACH:
        rounds += _send_ahead(work, master, threads=threads)
    while moved and rounds < ROUNDS:
        prices, rounds = master.prices.copy(), rounds + 1
        few = work.solve(None, prices=prices, threads=threads) <= FEW and not master.at_edge
        moved = bool(work.optimal.all()) and master.propose(*work.plans(), prices=prices) and not few
    return Found(master.prices, rounds, master.statuses()) if master.found else Found(prices, rounds, None)


def _send_ahead(work: Rung, master: Master, *, threads: int) -> int:
    """Let a sample travel and all pieces follow; the master then has prices near by. Gives how often it asked."""
    sample, weight = _sample(work.plans()[1])
    ahead, prices = Master(work.lp, work.cut, begin=master.begin), master.begin

    def proposed() -> bool:
        costs, puts = work.plans()
        return ahead.propose(weight * costs[sample], weight[:, None] * puts[sample], prices=prices)

    asked, few = 0, False
    while proposed() and not few and asked < ROUNDS:
        near = np.abs(ahead.prices - prices).max() <= ROUGH * np.abs(prices).max()
        prices = ahead.prices.copy()
        if near:
            break
        asked += 1
        few = work.solve(None, prices=prices, threads=threads, pieces=sample) <= FEW and not ahead.at_edge
        if not work.optimal.all():
            return asked
    asked += 1
    work.solve(None, prices=prices, threads=threads)
    if not work.optimal.all():
        return asked
    costs, puts = work.plans()
    master.know(costs, puts, prices=prices)
    ahead.besides = puts.sum(axis=0) - weight @ puts[sample]
    for each in (master, ahead):
        each.stay_near(prices)
    proposed()
    master.prices = ahead.prices
    return asked


def _sample(puts: Array) -> tuple[Ints, Array]:
    """Choose pieces, and say for how many each stands by what its neighbours put into the coupling rows.

    Parameters
    ----------
    puts
        Shape (pieces, couplings) [unit of the row].

    Returns
    -------
    ndarray, ndarray
        Pieces and their weights, shapes (sample,).
    """
    groups = np.array_split(np.arange(len(puts)), len(puts) // EACH)
    sample = np.array([group[len(group) // 2] for group in groups])
    size = (np.abs(puts) / np.maximum(np.abs(puts).sum(axis=0), np.finfo(float).tiny)).sum(axis=1)
    alone, together = size[sample], np.array([size[group].sum() for group in groups])
    return sample, np.divide(together, alone, out=np.array([float(len(group)) for group in groups]), where=alone > 0.0)
