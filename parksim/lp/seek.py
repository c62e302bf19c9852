"""The search for capacities from end to end: a sample of the steps first, then the whole horizon, then whole modules.

One park is one scenario; of several, each trial is dispatched in all (:mod:`~parksim.lp.scenarios`).
"""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from parksim.component import Array
from parksim.errors import NoSolution
from parksim.lp.affine import Affine, sample
from parksim.lp.cuts import Box, Master
from parksim.lp.level import Search, Standing
from parksim.lp.program import Program
from parksim.lp.risk import Risk, certain
from parksim.lp.scenarios import Held, scenarios
from parksim.lp.warm import Warm

GUIDE_GAP = 1e-5
"""Gap at which the guide, a sample of the steps, is good enough to start from."""

SAMPLE_H, SAMPLE_EACH, SAMPLE_FROM_H = 72.0, 6, 24.0 * 180
"""The guide takes three days of every eighteen, where the horizon is half a year at least [h]."""

LOOSE = 1e-4
"""Gap at which whole modules are looked for."""


def seek(
    program: Program,
    lps: Sequence[Affine],
    box: Box,
    invest: Array,
    *,
    start: Array,
    gap: float,
    tell: Callable[[Standing], None],
    risk: Risk | None = None,
) -> Search:
    """Find the best capacities.

    Parameters
    ----------
    program
        The structure.
    lps
        The LP of each scenario for any capacities.
    box, invest
        Where capacities may lie, and what a unit of each costs over the horizon, shape (capacities,) [CNY].
    start
        Where to begin, shape (capacities,) [MW or MWh].
    gap
        Distance of the bounds over the best cost to reach [1].
    tell
        Called after each trial.
    risk
        How scenarios count; None where there is one.

    Raises
    ------
    NoSolution
        If nothing allowed has an operation, or the search does not end.
    """
    risk = certain() if risk is None else risk
    guide, steps = None, program.lengths["step"]
    if steps * program.step_h >= SAMPLE_FROM_H:
        block = np.arange(steps) // max(1, round(SAMPLE_H / program.step_h))
        kept = np.flatnonzero(block % SAMPLE_EACH == SAMPLE_EACH // 2)
        small = scenarios([sample(lp, program, kept) for lp in lps], risk, Held)
        guide = Search(small, Master(box, invest, risk), tell, stage="guide")
        try:
            guide.run(start, gap=GUIDE_GAP)
        except NoSolution:
            guide = None  # what a sample cannot tell, the whole must
        else:
            start = start if guide.best is None else guide.best.x
    whole = scenarios(lps, risk, partial(Warm, program), screen=None if guide is None else small)
    search = Search(whole, Master(box, invest, risk), tell)
    modules = bool(search.master.whole.any())
    search.run(start, gap=max(gap, LOOSE) if modules else gap, guide=guide)
    if modules:
        search.run_whole(gap=gap)
    return search
