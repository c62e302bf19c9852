"""The regret of a study for people: designs to choose between, held against each other in every scenario."""

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from parksim.report import formats as f
from parksim.report.study_axes import Axis
from parksim.report.study_blocks import Block, block, plain_table
from parksim.report.study_figures import Measure
from parksim.report.study_view import StudyView
from parksim.report.words import say

MOST_DESIGNS = 12
"""Most designs of a table of regrets."""


def regret(view: StudyView, name: str, ds: xr.Dataset) -> Block:
    """Tell a regret: the design that loses least, and a table of the first.

    What a planner cannot choose is no part of a design: such axes are held at the park file's own values, as in the
    answer of the page, and designs are held against each other there.
    """
    over = str(ds.attrs["over"])
    held = _held(view, ds)
    ds = _to_choose(view, ds, held)
    asked = str(view.files.study.get("regret", {}).get("indicator", "cost_cny"))
    known = view.measures.get(asked, view.cost)
    money = Measure(known.name, known.title, known.units, ds["figure"].to_numpy().ravel())
    axis = next((axis for axis in view.axes if axis.name == over), None)
    scenarios = [axis.write(_level(value)) if axis is not None else str(value) for value in ds[over].to_numpy()]
    by = dict(zip([str(value) for value in ds[over].to_numpy()], scenarios, strict=True))
    heads = [say("study.col.design"), *(say("study.regret.in", scenario=one) for one in scenarios)]
    heads += [say("study.regret.worst"), say("study.regret.mean")]
    designs = [_design(view, ds, at, held) for at in range(ds.sizes["design"])]
    rows = [
        [
            designs[at], *(_regretted(money, value) for value in ds["regret"].to_numpy()[at].tolist()),
            *(_regretted(money, float(ds[key].to_numpy()[at])) for key in ("worst", "mean")),
        ]
        for at in range(ds.sizes["design"])
    ]  # fmt: skip
    table = plain_table(say("study.regret.table", unit=money.unit), heads, rows[:MOST_DESIGNS])
    worst = float(ds["worst"].to_numpy()[0])
    told = {"design": designs[0], "worst": _regretted(money, worst, unit=True)}
    told["scenario"] = by[str(ds["worst_in"].to_numpy()[0])]
    if worst == 0.0:
        title = say("study.regret.title.best", design=told["design"])
    else:
        title = say("study.regret.title" if np.isfinite(worst) else "study.regret.title.none", **told)
    caption = [say("study.regret.caption", figure=money.title)]
    if held:
        caption.append(say("study.front.given", axes=f.listed([one.title for one in held])))
    if len(rows) > MOST_DESIGNS:
        caption.append(say("study.regret.more", n=MOST_DESIGNS, all=f.whole(float(len(rows)))))
    return block(view, name, title, [table], plain_table("", heads, rows), f.sentences(caption))


def _along(view: StudyView, ds: xr.Dataset, axis: Axis) -> NDArray[Any] | None:
    """Give the value of every design on an axis; None where designs have none."""
    for dimension in (axis.name, *axis.dimensions):
        if dimension in ds.coords and ds[dimension].dims == ("design",):
            own = ds[dimension].to_numpy()
            return own if dimension == axis.name else view.ds[axis.name].to_numpy()[own.astype(np.int64)]
    return None


def _held(view: StudyView, ds: xr.Dataset) -> list[Axis]:
    """Give the axes of designs that a planner cannot choose, where a design has the park file's own values on all."""
    found = [axis for axis in view.given if axis.base is not None and _along(view, ds, axis) is not None]
    own = _at_base(view, ds, found)
    return found if bool(np.isfinite(ds["figure"].to_numpy()[own]).any()) else []


def _at_base(view: StudyView, ds: xr.Dataset, axes: list[Axis]) -> NDArray[np.bool_]:
    own = np.ones(ds.sizes["design"], np.bool_)
    for axis in axes:
        values = _along(view, ds, axis)
        if values is not None:
            own &= np.isclose(values.astype(np.float64), axis.base) if axis.numeric else values.astype(str) == axis.base
    return own


def _to_choose(view: StudyView, ds: xr.Dataset, held: list[Axis]) -> xr.Dataset:
    """Rank the designs with the park file's own values on some axes among themselves."""
    if not held:
        return ds
    over = str(ds.attrs["over"])
    ds = ds.isel(design=np.flatnonzero(_at_base(view, ds, held)))
    ds = ds.isel({over: np.flatnonzero(np.isfinite(ds["figure"].to_numpy()).any(axis=0))})
    less = bool(view.files.study.get("regret", {}).get("less_is_better", True))
    figure, weight = ds["figure"].to_numpy(), ds["weight"].to_numpy()
    losses = np.where(np.isfinite(figure), figure if less else -figure, np.inf)
    regrets = losses - losses.min(axis=0)
    counted = weight > 0.0 if (weight > 0.0).any() else np.ones(len(weight), np.bool_)
    share = np.where(counted, weight, 0.0) if weight[counted].sum() > 0.0 else counted.astype(np.float64)
    worst = regrets[:, counted].max(axis=1)
    mean = (regrets[:, counted] * share[counted]).sum(axis=1) / share.sum()
    at_worst = np.where(counted, regrets, -np.inf).argmax(axis=1)
    told = ds.assign(
        regret=(("design", over), regrets),
        worst=("design", worst),
        mean=("design", mean),
        worst_in=("design", ds[over].to_numpy()[at_worst]),
    )
    return told.isel(design=np.lexsort((np.arange(len(worst)), mean, worst)))


def _design(view: StudyView, ds: xr.Dataset, at: int, held: list[Axis]) -> str:
    """Name a design by its values on the axes of the study that it is chosen on."""
    told = []
    for axis in view.axes:
        values = None if axis in held else _along(view, ds, axis)
        if values is not None:
            own = float(values[at]) if axis.numeric else str(values[at])
            told.append(say("study.value", axis=axis.title, value=axis.write(own)))
    return f.listed(told) or f.whole(float(at + 1))


def _level(value: Any) -> Any:
    return float(value) if isinstance(value, int | float | np.number) else str(value)


def _regretted(money: Measure, value: float, *, unit: bool = False) -> str:
    if np.isinf(value):
        return say("study.regret.no_answer")
    return money.told(value) if unit else money.bare(value)
