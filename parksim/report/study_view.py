"""A swept study, read for people: its cases in a row, with axes, figures, constraints, and the park file's own."""

import json
import tomllib
from dataclasses import dataclass
from functools import cached_property, reduce
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from parksim.report import formats as f
from parksim.report.study_axes import Axis, Files, axes_of, told_at
from parksim.report.study_figures import COSTS, Measure, key_measures, measures, settled
from parksim.report.words import say

PLANNED, SOLVED, NO_SOLUTION, REFUSED, FAILED, LEFT_OUT = (
    "planned", "solved", "no_solution", "refused", "failed", "left_out",
)  # fmt: skip
"""What became of a case, as the store calls it."""

CASES = "cases"
"""Folder of the pages of cases, beside the page of the study."""

HEAD = 60
"""Signs of a page up to where its language stands."""

MOST_SHOWN = 2_000
"""Most cases that the page lists and draws one by one."""

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Constraint:
    """What a case must keep to count as admitted.

    Parameters
    ----------
    name, title
        Its name in the study file, and in words with its limits.
    meets
        Which cases keep it, shape (case,).
    source
        Where the limit comes from.
    """

    name: str
    title: str
    meets: Bools
    source: str


class StudyView:
    """A Dataset of :func:`parksim.open_study`, read for people.

    Cases stand in a row, in the order of their numbers; combinations that a filter left out are none of them.

    Parameters
    ----------
    ds
        The study.
    folder
        Where the study's page will stand, beside the pages of its cases; None where there are none.
    """

    def __init__(self, ds: xr.Dataset, folder: Path | None = None) -> None:
        self.ds, self.folder = ds, folder
        self.files = Files(tomllib.loads(str(ds.attrs["study_toml"])), tomllib.loads(str(ds.attrs["park_toml"])))
        names = str(ds["status"].attrs["flag_meanings"]).split()
        flags = np.atleast_1d(ds["status"].attrs["flag_values"]).tolist()
        told = dict(zip(flags, names, strict=True))
        states = np.array([told[int(flag)] for flag in ds["status"].to_numpy().ravel()], object)
        self._kept: Bools = states != LEFT_OUT
        self.state = states[self._kept]
        self.number = self._flat("case").astype(np.int64)
        self.reason = [str(text) for text in self._flat("reason")]
        shape = ds["status"].shape
        places = np.unravel_index(np.flatnonzero(self._kept), shape) if shape else ()
        self.axes = axes_of(ds, dict(zip([str(dim) for dim in ds["status"].dims], places, strict=True)), self.files)
        self.measures = measures(ds, self._kept, self.files.park)

    def _flat(self, name: str) -> NDArray[Any]:
        return np.asarray(self.ds[name].transpose(*self.ds["status"].dims).to_numpy().ravel()[self._kept])

    @property
    def count(self) -> int:
        """Number of cases."""
        return len(self.state)

    @cached_property
    def solved(self) -> Bools:
        """Cases with a solution, shape (case,)."""
        return np.asarray((self.state == SOLVED) & self.cost.finite)

    @cached_property
    def admitted(self) -> Bools:
        """Cases with a solution that keep every constraint, shape (case,)."""
        return self.solved & self._flat("admitted").astype(np.bool_) if "admitted" in self.ds else self.solved

    @cached_property
    def constraints(self) -> list[Constraint]:
        """What a case must keep."""
        told = self.files.study.get("constraints", {})
        if "meets" not in self.ds:
            return []
        meets = self.ds["meets"].transpose(*self.ds["status"].dims, "constraint").to_numpy()
        meets = meets.reshape(len(self._kept), -1)[self._kept]
        names = [str(name) for name in self.ds["constraint"].to_numpy()]
        return [
            Constraint(
                name, self._limit(name), meets[:, at].astype(np.bool_), str(told.get(name, {}).get("source", ""))
            )
            for at, name in enumerate(names)
        ]

    def _limit(self, name: str) -> str:
        """Say a constraint: the figure and its limits."""
        told = self.files.study.get("constraints", {}).get(name, {})
        measure = self.measures.get(str(told.get("indicator", "")))
        title = f.titled(str(told.get("title") or ""), str(told.get("title_zh") or ""), both=False)
        if measure is None:
            return title or name
        least, most = told.get("min"), told.get("max")
        limits = [say("study.limit.least", value=measure.told(float(least)))] if least is not None else []
        limits += [say("study.limit.most", value=measure.told(float(most)))] if most is not None else []
        figure = say("study.limit", figure=measure.title, limits=f.listed(limits))
        return say("study.limit.titled", title=title, limit=figure) if title else figure

    @cached_property
    def cost(self) -> Measure:
        """Cost of every case."""
        return next(self.measures[name] for name in COSTS if name in self.measures)

    @cached_property
    def keys(self) -> list[Measure]:
        """The figures that the page shows, the cost first."""
        asked = [str(told.get("indicator")) for told in self.files.study.get("constraints", {}).values()]
        return key_measures(self.measures, asked)

    def key(self, first: str) -> Measure | None:
        """Give a key figure by its name, or the first part of it; None where there is none."""
        return next((measure for measure in self.keys if measure.name.split(".")[0] == first), None)

    @cached_property
    def factors(self) -> list[Axis]:
        """Axes that move by themselves: those that walk together are one."""
        found: dict[str, list[Axis]] = {}
        for axis in self.axes:
            own = axis.name if axis.sampled else axis.dimensions[0]
            found.setdefault(own, []).append(axis)
        return [_together(axes) for axes in found.values()]

    @cached_property
    def base(self) -> int | None:
        """The case with the park file's own values on every axis; None where there is none with a solution."""
        found = np.flatnonzero(self.solved & self.at_base(self.axes))
        return int(found[0]) if len(found) else None

    @cached_property
    def ranking(self) -> list[int]:
        """Cases with a solution: the admitted by cost, then the others by cost."""
        order = np.lexsort((self.number, np.where(self.solved, settled(self.cost.values), np.inf), ~self.admitted))
        return [int(at) for at in order if self.solved[at]]

    @cached_property
    def counted(self) -> Bools:
        """Cases that the best is chosen of, shape (case,): the admitted, all solved where none is."""
        return self.admitted if self.admitted.any() else self.solved

    @cached_property
    def given(self) -> list[Axis]:
        """Axes that a planner cannot choose; none where all are such, or no case has them as the park file does."""
        found = [axis for axis in self.axes if not axis.chosen]
        if len(found) == len(self.axes) or not (self.counted & self.at_base(found)).any():
            return []
        return found

    def at_base(self, axes: list[Axis]) -> Bools:
        """Tell which cases have the park file's own values on some axes, shape (case,)."""
        return reduce(np.logical_and, (axis.at_base() for axis in axes), np.ones(self.count, np.bool_))

    @cached_property
    def compared(self) -> Bools:
        """Cases to choose between, shape (case,): those counted, with what cannot be chosen as in the park file."""
        return self.counted & self.at_base(self.given)

    @cached_property
    def best(self) -> int | None:
        """The cheapest case to choose; None where none has a solution."""
        return next((at for at in self.ranking if self.compared[at]), None)

    @cached_property
    def shown(self) -> list[int]:
        """Cases that are listed and drawn one by one: all, or the best and an even part of the others."""
        rank = self.ranking
        if len(rank) <= MOST_SHOWN:
            return rank
        first, rest = rank[: MOST_SHOWN // 2], rank[MOST_SHOWN // 2 :]
        even = np.linspace(0, len(rest) - 1, MOST_SHOWN - len(first)).round().astype(int)
        return first + [rest[at] for at in even]

    def label(self, at: int, axes: list[Axis] | None = None) -> str:
        """Name a case by its values."""
        return told_at(self.axes if axes is None else axes, at)

    def case(self, at: int) -> str:
        """Name a case by its number."""
        return say("study.case", number=f.whole(float(self.number[at])))

    def link(self, at: int) -> str:
        """Give the address of a case's own report; empty where there is none."""
        page = f"{CASES}/{self.number[at]:06d}.html"
        return page if self.folder is not None and (self.folder / page).is_file() else ""

    @cached_property
    def in_another_language(self) -> int:
        """Number of pages of cases that are not in the language of the moment: each stays as it was written."""
        own = f'<html lang="{say("page.locale")}">'
        pages = [self.folder / link for link in map(self.link, range(self.count)) if self.folder and link]
        return sum(own not in _begin(page) for page in pages)

    @property
    def title(self) -> str:
        """Name of the study."""
        return self.files.title

    @property
    def note(self) -> str:
        """What the reader should know of the study."""
        return self.files.about("note")

    @property
    def park_title(self) -> str:
        """Name of the park."""
        told = self.files.park.get("park", {})
        return f.titled(str(told.get("title") or told.get("name", "")), str(told.get("title_zh") or ""), both=False)

    @property
    def versions(self) -> dict[str, str]:
        """What the study was solved with: package to version."""
        found: dict[str, str] = json.loads(str(self.ds.attrs.get("versions", "{}")))
        return {"parksim": str(self.ds.attrs["parksim_version"]), **found}


def _begin(page: Path) -> str:
    """Read the first lines of a page, where its language stands."""
    with page.open(encoding="utf-8") as file:
        return file.read(HEAD)


def _together(axes: list[Axis]) -> Axis:
    """Make axes that walk together one, with a label for each place."""
    if len(axes) == 1:
        return axes[0]
    values = np.array(
        [f.listed([axis.write(axis.values[at]) for axis in axes]) for at in range(len(axes[0].values))], object
    )
    own = reduce(np.logical_and, (axis.at_base() for axis in axes))
    base = str(values[own][0]) if own.any() else None
    first = np.argsort(axes[0].place, kind="stable") if axes[0].numeric else np.arange(len(values))
    return Axis(
        name="_".join(axis.name for axis in axes),
        title=f.listed([axis.title for axis in axes]),
        unit="",
        dimensions=axes[0].dimensions,
        values=values,
        order=tuple(dict.fromkeys(values[first].tolist())),
        base=base,
        chosen=any(axis.chosen for axis in axes),
    )
