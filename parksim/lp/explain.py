"""Why a park has no solution: an elastic solve with a slack per named limit, told by component and month."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from parksim.component import Array
from parksim.lp.highs import Solver
from parksim.lp.layout import ColumnBlock
from parksim.lp.program import Program, SparseLP

LIMITS_TOLD = 8
SMALL = 1e-6


def unbounded_suspects(program: Program, lp: SparseLP) -> tuple[str, ...]:
    """Name what earns money without an upper limit.

    HiGHS says only that there is no bound; the columns that pay and have no limit of their own are listed.
    """
    found = []
    for block in program.columns.values():
        pays = (lp.cost[block.slice] < 0) & ~np.isfinite(lp.upper[block.slice])
        if pays.any():
            found.append(f"{block.label} earns money and has no upper limit; give it one.")
    return tuple(found) or ("a loop of flows earns money without a limit; look at negative prices and sales.",)


def infeasible_suspects(program: Program, lp: SparseLP, months: pd.PeriodIndex) -> tuple[str, ...]:
    """Say which limits fight, by component and month.

    Every bound of a column and every row but the definitions may give way at a price of 1 per MW or MWh; the least
    sum of what gives way names the limits that cannot hold together.
    """
    relaxed, owner = _elastic(program, lp)
    solution = Solver(relaxed, presolve=True).run()
    if not solution.has_primal:
        return ("no single limit explains it; the park's definitions contradict each other.",)
    gaps = solution.columns[lp.shape[1] :]
    told = _by_limit_and_month(program, owner, gaps, months)
    return tuple(told) or ("the limits hold together up to the solver's tolerance; loosen the tightest one slightly.",)


def _elastic(program: Program, lp: SparseLP) -> tuple[SparseLP, list[tuple[str, int, str]]]:
    """Move finite bounds of columns and inequality rows into rows with a slack each."""
    rows, columns = lp.shape
    bounded = [block for block in program.columns.values() if block.sort in {"flow", "level", "peak", "amount"}]
    low = np.concatenate([_finite(lp.lower, block, positive=True) for block in bounded])
    high = np.concatenate([_finite(lp.upper, block) for block in bounded])
    inequality = np.flatnonzero(np.isinf(lp.row_lower) != np.isinf(lp.row_upper))
    slack_count = len(low) + len(high) + len(inequality)
    extra_rows = len(low) + len(high)
    owner = [(_label(bounded, c), int(c), "low") for c in low]
    owner += [(_label(bounded, c), int(c), "high") for c in high]
    owner += [(_row_label(program, int(r)), int(r), "row") for r in inequality]
    row_of = np.concatenate((rows + np.arange(extra_rows), inequality))
    sign = np.concatenate((np.ones(len(low)), -np.ones(len(high)), _relief(lp, inequality)))
    start = np.arange(slack_count + 1, dtype=np.int64)
    free_low, free_high = lp.lower.copy(), lp.upper.copy()
    free_low[low], free_high[high] = -np.inf, np.inf
    free_low[np.concatenate([np.arange(b.first, b.first + b.length) for b in bounded if b.sort == "flow"])] = 0.0
    own_start, own_index, own_value = _with_bound_rows(lp, low, high)
    matrix = (
        np.concatenate((own_start, own_start[-1] + start[1:])).astype(np.int32),
        np.concatenate((own_index, row_of)).astype(np.int32),
        np.concatenate((own_value, sign)),
    )
    return replace(
        lp,
        start=matrix[0],
        index=matrix[1],
        value=matrix[2],
        cost=np.concatenate((np.zeros(columns), np.ones(slack_count))),
        lower=np.concatenate((free_low, np.zeros(slack_count))),
        upper=np.concatenate((free_high, np.full(slack_count, np.inf))),
        row_lower=np.concatenate((lp.row_lower, lp.lower[low], np.full(len(high), -np.inf))),
        row_upper=np.concatenate((lp.row_upper, np.full(len(low), np.inf), lp.upper[high])),
        offset=0.0,
    ), owner


def _finite(bound: Array, block: ColumnBlock, *, positive: bool = False) -> np.ndarray:
    """Columns of a block whose bound is finite (and above zero, for lower bounds of flows)."""
    values = bound[block.slice]
    chosen = np.isfinite(values) & ((values > 0) if positive else True)
    return block.first + np.flatnonzero(chosen)


def _relief(lp: SparseLP, rows: np.ndarray) -> Array:
    return np.where(np.isfinite(lp.row_upper[rows]), -1.0, 1.0)


def _with_bound_rows(lp: SparseLP, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray, Array]:
    """Add a row ``x >= low`` or ``x <= high`` for each moved bound to the columns of the matrix."""
    rows, columns = lp.shape
    where = np.concatenate((low, high)).astype(np.int64)
    column = np.concatenate((np.repeat(np.arange(columns), np.diff(lp.start)), where))
    index = np.concatenate((lp.index.astype(np.int64), rows + np.arange(len(where))))
    value = np.concatenate((lp.value, np.ones(len(where))))
    order = np.lexsort((index, column))
    start = np.concatenate(([0], np.cumsum(np.bincount(column, minlength=columns))))
    return start, index[order], value[order]


def _label(blocks: Iterable[ColumnBlock], column: int) -> str:
    return next(b.label for b in blocks if b.first <= column < b.first + b.length)


def _row_label(program: Program, row: int) -> str:
    return next(b.label for b in program.rows.values() if b.first <= row < b.first + b.length)


def _by_limit_and_month(
    program: Program, owner: Sequence[tuple[str, int, str]], gaps: Array, months: pd.PeriodIndex
) -> list[str]:
    sums: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    units: dict[str, str] = {}
    for (label, position, side), gap in zip(owner, gaps.tolist(), strict=True):
        if gap <= SMALL:
            continue
        block = program.rows[label] if side == "row" else program.columns[label]
        step = position - block.first
        month = str(months[program.maps.month[step]]) if block.over == "step" else str(months[-1])
        weight = program.step_h if block.over == "step" and getattr(block, "sort", "flow") == "flow" else 1.0
        units[label] = "MWh" if weight == program.step_h or getattr(block, "sort", "") == "level" else "MW or MWh"
        sums[(label, side)][month] += gap * weight
    words = {"high": "would have to be exceeded by", "low": "cannot be met, short by", "row": "is broken by"}
    ranked = sorted(sums.items(), key=lambda kv: -sum(kv[1].values()))
    return [
        f"{label} {words[side]} {sum(by_month.values()):.4g} {units[label]} ("
        + ", ".join(f"{month}: {value:.4g}" for month, value in sorted(by_month.items())[:12])
        + ")"
        for (label, side), by_month in ranked[:LIMITS_TOLD]
    ]
