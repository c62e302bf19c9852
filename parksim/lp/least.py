"""The least that a limit can be: some rows as tight as any plan allows.

To rows ``a_r @ x <= b_r`` that a plan keeps, one column z <= 0 is added: ``a_r @ x - z <= b_r``. The least z says how
much lower all right sides could lie together. The basis of the plan, z at nought, is where the search starts: it is
feasible, so HiGHS's primal simplex walks from there.
"""

from dataclasses import dataclass, replace

import numpy as np

from parksim.component import Array
from parksim.lp.basis import UPPER, Basis, hand_in
from parksim.lp.highs import Solver
from parksim.lp.pieces import Ints
from parksim.lp.program import SparseLP
from parksim.lp.rung import OPTIONS

PRIMAL = 4
"""HiGHS's number of its primal simplex."""


@dataclass(frozen=True)
class Least:
    """The tightest plan.

    Parameters
    ----------
    columns
        Its values, shape (columns,).
    room
        How much lower the right sides of the rows may lie together, in their unit.
    basis
        Of the LP itself, to start from again.
    """

    columns: Array
    room: float
    basis: Basis


def least(lp: SparseLP, rows: Ints, *, begin: Basis) -> Least | None:
    """Find the plan that leaves most room below the right sides of some rows.

    Parameters
    ----------
    lp
        Its rows ``rows`` are kept by the plan that ``begin`` is the basis of.
    rows
        Which right sides are to fall together.
    begin
        Statuses of the columns and rows of ``lp``.

    Returns
    -------
    Least or None
        None where HiGHS finds no optimum.
    """
    width = lp.shape[1]
    count, last = len(rows), int(lp.start[-1])
    wider = replace(
        lp,
        start=np.append(lp.start, last + count).astype(np.int32),
        index=np.concatenate((lp.index, rows)).astype(np.int32),
        value=np.concatenate((lp.value, -np.ones(count))),
        cost=np.append(np.zeros(width), 1.0),
        lower=np.append(lp.lower, -np.inf),
        upper=np.append(lp.upper, 0.0),
        offset=0.0,
    )
    solver = Solver(wider)
    for name, value in OPTIONS.items():
        solver.set_option(name, value)
    solver.set_option("simplex_strategy", PRIMAL)
    hand_in(solver.highs, Basis(np.append(begin.columns, np.int8(UPPER)), begin.rows))
    found = solver.run()
    if not found.optimal:
        return None
    basis = solver.basis(found)
    return Least(found.columns[:width], -float(found.columns[width]), Basis(basis.columns[:width], basis.rows))
