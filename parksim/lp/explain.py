"""Why a park has no solution: an elastic solve with a slack per named limit, told by component and month."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parksim.component import Array
from parksim.lp.highs import Solution, Solver
from parksim.lp.layout import ColumnBlock, RowBlock
from parksim.lp.program import Program, SparseLP

LIMITS_TOLD = 8
SMALL = 1e-6
ENDLESS = 1e20
"""From here on HiGHS takes a bound as none."""

NEED_PENALTY, LIMIT_PENALTY = 1.0005, 1.001
"""Price of leaving another need unmet, and of exceeding a limit, over that of leaving demand unmet: of equal ways the
demand is told."""

PRICED = 1e-4
"""From which price per MWh on a limit of the elastic solve counts as one that fights."""

Side = Literal["low", "high", "row"]


@dataclass(frozen=True)
class _Slack:
    """A run of slack columns of the elastic LP, each for one bound of a block or one of its rows."""

    block: ColumnBlock | RowBlock
    side: Side
    places: NDArray[np.int64]
    weight: float


def unbounded_suspects(program: Program, lp: SparseLP) -> tuple[str, ...]:
    """Name what earns money without an upper limit.

    Every missing limit is set far out; what then lies out there grew without end.
    """
    finite = lp.upper[np.isfinite(lp.upper) & (lp.upper < ENDLESS)]
    far = 1e3 * max(1e3, float(finite.max(initial=0.0)))
    solution = Solver(replace(lp, upper=np.minimum(lp.upper, far))).run()
    grown = [
        block.label
        for block in program.columns.values()
        if solution.has_primal and (solution.columns[block.slice] > 0.5 * far).any()
    ]
    what = ", ".join(grown) or "a loop of flows"
    return (
        f"Without end, earning money on the way: {what}.",
        f"Give one of them a limit below {ENDLESS:g}, or mend the price that pays for it.",
    )


def infeasible_suspects(program: Program, lp: SparseLP, months: pd.PeriodIndex) -> tuple[str, ...]:
    """Say which limits fight, by component and month.

    Parameters
    ----------
    program, lp
        What has no solution.
    months
        Calendar months of the horizon, shape (month,).

    Returns
    -------
    tuple of str
        What gives way, what stands against it, and what to do.

    Notes
    -----
    Every bound of a column and every inequality may give way at a price of 1 per MWh; the least sum of what gives way
    is told as what cannot hold. Limits with a price in that solve are what it fights with.
    """
    slacks = list(_slacks(program, lp))
    solution = Solver(_elastic(lp, slacks), presolve=True).run()
    if not solution.has_primal:
        return ("No single limit explains it: the equations of the park contradict each other.",)
    gives_way = _giving_way(program, slacks, solution.columns[lp.shape[1] :], months)
    if not gives_way:
        return ("The limits hold together but for the solver's tolerance. Loosen the tightest one a little.",)
    against = _against(program, lp, slacks, solution)
    served = any(block.role == "unserved" for block in program.columns.values())
    hint = "" if served else ", or add a component of kind 'shortfall' to see hour by hour what is missing"
    return (*gives_way, *against, f"Loosen one of these limits{hint}.")


def _slacks(program: Program, lp: SparseLP) -> Iterator[_Slack]:
    """Give a slack to every need above zero, every finite limit, and every inequality."""
    for block in program.columns.values():
        if block.sort == "total":
            continue
        weight = program.step_h if block.sort == "flow" else 1.0
        low, high = lp.lower[block.slice], lp.upper[block.slice]
        needed = block.first + np.flatnonzero(np.isfinite(low) & (low > 0))
        yield _Slack(block, "low", needed, weight * (1.0 if block.role == "demand" else NEED_PENALTY))
        limited = block.first + np.flatnonzero(np.isfinite(high) & (high < ENDLESS))
        yield _Slack(block, "high", limited, weight * LIMIT_PENALTY)
    open_side = np.isinf(lp.row_lower) != np.isinf(lp.row_upper)
    for row in program.rows.values():
        yield _Slack(row, "row", row.first + np.flatnonzero(open_side[row.slice]), LIMIT_PENALTY)


def _elastic(lp: SparseLP, slacks: Sequence[_Slack]) -> SparseLP:
    """Add the slacks as columns: a copy of a limited column, its negative for a need, a unit for an inequality."""
    starts, indices, values = [lp.start[1:].astype(np.int64)], [lp.index.astype(np.int64)], [lp.value]
    cost, upper = [np.zeros(len(lp.cost))], [lp.upper]
    filled = len(lp.value)
    for slack in slacks:
        places = slack.places
        if slack.side == "row":
            length, index = np.ones(len(places), np.int64), places
            value = np.where(np.isfinite(lp.row_upper[places]), -1.0, 1.0)
            most = np.full(len(places), np.inf)
        else:
            length = (lp.start[places + 1] - lp.start[places]).astype(np.int64)
            first = np.cumsum(length) - length
            taken = np.arange(int(length.sum())) + np.repeat(lp.start[places] - first, length)
            index, value = lp.index[taken].astype(np.int64), lp.value[taken] * (1.0 if slack.side == "high" else -1.0)
            most = np.full(len(places), np.inf) if slack.side == "high" else lp.lower[places]
        starts.append(filled + np.cumsum(length))
        filled += int(length.sum())
        indices.append(index)
        values.append(value)
        cost.append(np.full(len(places), slack.weight))
        upper.append(most)
    extra = sum(len(slack.places) for slack in slacks)
    return replace(
        lp,
        start=np.concatenate(([0], *starts)).astype(np.int32),
        index=np.concatenate(indices).astype(np.int32),
        value=np.concatenate(values),
        cost=np.concatenate(cost),
        lower=np.concatenate((lp.lower, np.zeros(extra))),
        upper=np.concatenate(upper),
        offset=0.0,
    )


def _giving_way(program: Program, slacks: Sequence[_Slack], gaps: Array, months: pd.PeriodIndex) -> list[str]:
    """Tell what gives way, the most first."""
    told: list[tuple[float, str]] = []
    first = 0
    for slack in slacks:
        gap = gaps[first : first + len(slack.places)]
        first += len(slack.places)
        if gap.sum() <= SMALL:
            continue
        flow = isinstance(slack.block, ColumnBlock) and slack.block.sort == "flow"
        amount = gap * (program.step_h if flow else 1.0)
        unit = _unit(slack)
        when = _by_month(program, slack, amount, months, unit)
        most = _figure(amount.sum()) if flow or unit != "MWh" else f"at most {_figure(amount.max())}"
        told.append((float(amount.sum()), f"{slack.block.label} {_words(slack)} {most} {unit}{when}."))
    return [text for _, text in sorted(told, key=lambda entry: -entry[0])[:LIMITS_TOLD]]


def _words(slack: _Slack) -> str:
    """Say how a limit gives way."""
    if isinstance(slack.block, RowBlock):
        return "is missed by" if slack.block.item.endswith("_min") else "is exceeded by"
    named = f" ({_fields(slack)})" if _fields(slack) else ""
    if slack.side == "high":
        return f"would have to exceed its limit{named} by"
    return "falls short by" if slack.block.sort == "flow" else f"stays below the least asked{named} by"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 1e3 else f"{value:.4g}"


def _unit(slack: _Slack) -> str:
    if isinstance(slack.block, RowBlock):
        if slack.block.unit:
            return slack.block.unit
        return "MWh" if slack.block.over in {"month", "year"} else "MW"
    return "MW" if slack.block.sort == "peak" else "MWh"


def _by_month(program: Program, slack: _Slack, amount: Array, months: pd.PeriodIndex, unit: str) -> str:
    """Say how much of it falls in which month; nothing for what spans a year or the horizon."""
    position = slack.places - slack.block.first
    if slack.block.over not in {"step", "month"}:
        return ""
    month = program.maps.month[position] if slack.block.over == "step" else position
    sums = np.bincount(month, weights=amount, minlength=len(months))
    steps = np.bincount(month[amount > SMALL], minlength=len(months))
    parts = [
        f"{months[m]}: {_figure(sums[m])} {unit} in {steps[m]} step{'' if steps[m] == 1 else 's'}"
        if slack.block.over == "step"
        else str(months[m])
        for m in np.flatnonzero(sums > SMALL).tolist()
    ]
    return f" ({'; '.join(parts)})"


def _fields(slack: _Slack) -> str:
    """Name the numbers a limit is made of."""
    if isinstance(slack.block, RowBlock):
        return ""
    product = slack.block.lower if slack.side == "low" else slack.block.upper
    return ", ".join(dict.fromkeys(ref.name for ref in product.factors))


def _is_need(slack: _Slack) -> bool:
    """Whether a bound asks for a flow, or fixes it."""
    block = slack.block
    if isinstance(block, RowBlock) or block.sort != "flow":
        return False
    return slack.side == "low" or block.lower == block.upper


def _against(program: Program, lp: SparseLP, slacks: Iterable[_Slack], solution: Solution) -> list[str]:
    """Tell the limits that have a price in the elastic solve: what the need fights with."""
    told: list[tuple[int, str]] = []
    first = lp.shape[1]
    for slack in slacks:
        given = solution.columns[first : first + len(slack.places)].sum() > SMALL
        first += len(slack.places)
        if given or _is_need(slack):
            continue
        if slack.side == "row":
            held = np.abs(solution.row_duals[slack.places]) > PRICED
        else:
            sign = 1.0 if slack.side == "low" else -1.0
            held = sign * solution.reduced_costs[slack.places] > PRICED * program.step_h
        steps = int(held.sum())
        if steps:
            named = _fields(slack)
            least = " at its least" if slack.side == "low" else ""
            many = f" in {steps} of {slack.block.length} steps" if slack.block.over == "step" else ""
            told.append((steps, f"{slack.block.label}{least}{f' ({named})' if named else ''}{many}"))
    ranked = [text for _, text in sorted(told, key=lambda entry: -entry[0])[:LIMITS_TOLD]]
    return [f"At their limit: {'; '.join(ranked)}."] if ranked else []
