"""Heat maps of a study: the mean of a figure for every pair of values of two axes, as tables with coloured cells."""

from dataclasses import dataclass
from html import escape
from itertools import combinations
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from parksim.report import formats as f
from parksim.report import theme
from parksim.report.heat import palette
from parksim.report.study_axes import Axis
from parksim.report.study_figures import Measure, finite
from parksim.report.study_view import StudyView
from parksim.report.words import say

MOST_TELLING = 4
"""Axes that are paired."""

FIRST = 3
"""Where the scale of the palette begins: places before are for zero, limits and nothing."""

DARK = 0.55
"""Cells above this part of the scale are bright, and are written on in black."""


@dataclass(frozen=True)
class Grid:
    """One figure over two axes.

    Parameters
    ----------
    across, down
        The axes.
    mean
        Mean over the solved cases of each cell, NaN without one, shape (down, across).
    solved, cases
        Cases of each cell, with a solution and in all.
    """

    across: Axis
    down: Axis
    mean: NDArray[np.float64]
    solved: NDArray[np.int64]
    cases: NDArray[np.int64]

    @property
    def partial(self) -> NDArray[np.bool_]:
        """Cells of which some cases have no solution."""
        return (self.solved < self.cases) & (self.solved > 0)


def explained(view: StudyView, axis: Axis, measure: Measure) -> float:
    """Give the share of the variance of a figure between cases that the values of an axis alone explain [1]."""
    _, place = axis.groups
    use = view.solved & view.at_base(held(view)) & measure.finite & (place >= 0)
    values, place = measure.values[use], place[use]
    if len(values) < 2 or float(np.ptp(values)) == 0.0:
        return 0.0
    sums, count = np.bincount(place, values), np.bincount(place)
    means = sums[count > 0] / count[count > 0]
    between = float((count[count > 0] * (means - values.mean()) ** 2).sum())
    return between / float(((values - values.mean()) ** 2).sum())


def _moving(view: StudyView) -> list[Axis]:
    """Give the axes with more than one value."""
    return [axis for axis in view.factors if len(axis.groups[0]) > 1]


def held(view: StudyView) -> list[Axis]:
    """Give the axes that maps leave as the park file has them: what cannot be chosen, where two others can be."""
    names = {axis.name for axis in view.given}
    return view.given if sum(axis.name not in names for axis in _moving(view)) > 1 else []


def telling(view: StudyView, measure: Measure) -> list[tuple[Axis, float]]:
    """Sort the axes that are not held by how much of a figure they explain."""
    names = {axis.name for axis in held(view)}
    found = [(axis, explained(view, axis, measure)) for axis in _moving(view) if axis.name not in names]
    return sorted(found, key=lambda pair: -pair[1])


def grids(view: StudyView, measure: Measure) -> list[Grid]:
    """Average a figure over every pair of the most telling axes."""
    chosen = [axis for axis, _ in telling(view, measure)[:MOST_TELLING]]
    return [_grid(view, measure, across, down) for across, down in combinations(chosen, 2)]


def _grid(view: StudyView, measure: Measure, one: Axis, other: Axis) -> Grid:
    across, down = (one, other) if len(one.groups[0]) <= len(other.groups[0]) else (other, one)
    (wide, x), (high, y) = across.groups, down.groups
    shape, inside = (len(high), len(wide)), (x >= 0) & (y >= 0)
    use = inside & view.solved & view.at_base(held(view)) & measure.finite
    cell = y * len(wide) + x
    size = len(high) * len(wide)
    solved = np.bincount(cell[use], minlength=size)
    sums = np.bincount(cell[use], measure.values[use], minlength=size)
    cases = np.bincount(cell[inside & view.at_base(held(view))], minlength=size)
    mean = np.where(solved > 0, sums / np.maximum(solved, 1), np.nan)
    return Grid(across, down, mean.reshape(shape), solved.reshape(shape), cases.reshape(shape))


def title(view: StudyView, measure: Measure, found: list[Grid]) -> str:
    """Say where a figure is best on average: the pair of values that the means agree on."""
    if not found or not measure.varies or not np.isfinite(found[0].mean).any():
        return say("study.heat.title.same", figure=measure.title)
    grid = found[0]
    at = int(np.nanargmax(grid.mean) if measure.more_is_better else np.nanargmin(grid.mean))
    row, column = np.unravel_index(at, grid.mean.shape)
    end = say("study.heat.highest" if measure.more_is_better else "study.heat.lowest")
    where = [
        say("study.value", axis=grid.across.title, value=grid.across.groups[0][column]),
        say("study.value", axis=grid.down.title, value=grid.down.groups[0][row]),
    ]
    return say(
        "study.heat.title",
        figure=measure.title,
        end=end,
        where=f.listed(where),
        value=measure.told(grid.mean[row, column]),
    )


def caption(view: StudyView, measure: Measure, found: list[Grid]) -> str:
    """Say what a cell holds, why these axes, and where cases are missing."""
    shares = [
        say("study.heat.share", axis=axis.title, share=f.percent(share, 2))
        for axis, share in telling(view, measure)[:MOST_TELLING]
    ]
    told = [say("study.heat.caption"), say("study.heat.shares", shares=f.listed(shares))]
    if held(view):
        told.append(say("study.front.given", axes=f.listed([axis.title for axis in held(view)])))
    if any(grid.partial.any() for grid in found):
        told.append(say("study.heat.partial"))
    return f.sentences(told)


def heads() -> list[str]:
    """Name the columns of the download."""
    return [
        say(f"study.csv.{name}")
        for name in ("figure", "unit", "axis", "value", "axis", "value", "mean", "solved", "cases")
    ]


def rows(measure: Measure, found: list[Grid]) -> list[list[Any]]:
    """List every cell of a figure's heat maps, for the download; in the units of the store."""
    return [
        [
            measure.title, f.unit_text(measure.units), grid.down.title, down, grid.across.title, across,
            finite(float(grid.mean[row, column])), int(grid.solved[row, column]), int(grid.cases[row, column]),
        ]
        for grid in found
        for row, down in enumerate(grid.down.groups[0])
        for column, across in enumerate(grid.across.groups[0])
    ]  # fmt: skip


def markup(measure: Measure, found: list[Grid]) -> Markup:
    """Write the heat maps of a figure, all on one scale."""
    means = np.concatenate([grid.mean.ravel() for grid in found]) if found else np.array([])
    means = means[np.isfinite(means)]
    if not len(means):
        return Markup('<p class="lead">{}</p>').format(say("study.nothing"))
    low, high = float(means.min()), float(means.max())
    ends = [escape(measure.write(end)) for end in (low, high)]
    ramp = f'<span class="ramp" style="background:linear-gradient(90deg,{",".join(theme.CIVIDIS)})"></span>'
    scale = f'<p class="heat-scale"><span class="mark">{ends[0]}{ramp}{ends[1]}</span></p>'
    colours = palette(theme.LIMIT)[FIRST:]
    tables = "".join(_table(grid, measure, low, high, colours) for grid in found)
    return Markup(f'{scale}<div class="grids">{tables}</div>')


def _table(grid: Grid, measure: Measure, low: float, high: float, colours: list[str]) -> str:
    names, rows = grid.across.groups[0], grid.down.groups[0]
    caption = say("study.heat.pair", figure=measure.heading, down=grid.down.title, across=grid.across.title)
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    body = []
    for row, name in enumerate(rows):
        cells = "".join(_cell(grid, measure, row, column, low, high, colours) for column in range(len(names)))
        body.append(f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>')
    corner = say("study.heat.corner", down=grid.down.title, across=grid.across.title)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}"><table class="cells">'
        f'<caption>{escape(caption)}</caption><thead><tr><th scope="col">{escape(corner)}</th>{head}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table></div>"
    )


def _cell(grid: Grid, measure: Measure, row: int, column: int, low: float, high: float, colours: list[str]) -> str:
    mean = float(grid.mean[row, column])
    told = {
        "across": grid.across.groups[0][column], "down": grid.down.groups[0][row],
        "solved": f.whole(float(grid.solved[row, column])), "cases": f.whole(float(grid.cases[row, column])),
    }  # fmt: skip
    hover = escape(say("study.heat.cell", value=measure.write(mean), **told))
    if not np.isfinite(mean):
        return f'<td class="none" title="{hover}">–</td>'
    part = (mean - low) / (high - low) if high > low else 0.5
    colour = colours[round(part * (len(colours) - 1))]
    ink = theme.INK if part > DARK else theme.PAPER
    mark = "°" if grid.partial[row, column] else ""
    return f'<td style="background:{colour};color:{ink}" title="{hover}">{escape(measure.bare(mean))}{mark}</td>'
