"""Near-optimal alternatives: designs that cost little more than the best, and differ from it as much as they can.

    found = ps.alternatives(ps.load_park("yibin-sizing"), share=(0.01, 0.05))
    found["capacity"].sel(design=1)

Costs are convex in the capacities, so the designs within a share of the best cost are a convex body: the cuts of sizing
bound it from outside, the plans dispatched, and their mixes, from inside (:mod:`parksim.lp.ranges`). Modelling to
generate alternatives [1] asks for its corners. In each of many directions (every capacity less, more or left alone) the
farthest design is found; of these, one after the other, the one that lies farthest from all taken before is taken,
starting from the best (max-min distance), each capacity measured over the span between its least and its largest.
Every design told is solved and audited as a park of its own.

[1] J. F. DeCarolis, Using modeling to generate alternatives (MGA) to expand our thinking on energy futures, Energy
    Economics 33(2), 2011, 145-152, doi:10.1016/j.eneco.2010.05.002
"""

from collections.abc import Iterator, Sequence
from importlib.metadata import version
from itertools import combinations, product
from typing import Any

import numpy as np
import xarray as xr

from parksim.questions.sizing import Posed, Progress, best_of, pose, searched, with_capacities  # Pyomo before Numba

# isort: split
from parksim.accounts.energy import energy_figures, trace_green
from parksim.component import Array
from parksim.errors import InputError
from parksim.lp.level import Search, Standing
from parksim.lp.ranges import farthest
from parksim.park import Park
from parksim.questions.live import Live
from parksim.questions.tables import COUNT, SHARES
from parksim.results import headings, park_toml

ALL_WAYS = 4
"""Up to so many capacities, every mix of less, more and left alone is a direction; beyond, one or two move."""

WIDTH = 0.02
"""How exactly a corner is found, over the span of all that moves."""

APART = 0.01
"""Designs nearer than this to one taken, over the spans, are no alternative to it."""

FIGURES = {
    "green_share": ("green_share", "1"),
    "import_energy": ("import_mwh", "MWh"),
    "peak_import": ("peak_import_mw", "MW"),
    "curtailed": ("curtailed_mwh", "MWh"),
    "unserved": ("unserved_mwh", "MWh"),
}
"""Variable to the figure of the run it shows, and its unit."""


def alternatives(
    park: Park,
    *,
    share: Sequence[float] = SHARES,
    count: int = COUNT,
    gap: float = 1e-6,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Find designs that cost at most so much more than the best, and differ as much as possible.

    Parameters
    ----------
    park
        From :func:`parksim.load_park`, with tables ``[components.NAME.size]`` and ``[sizing]``.
    share
        Costs above the best that are allowed, over the best [1].
    count
        Most alternatives for each share; fewer are told where no others differ.
    gap
        Largest distance of the best cost from its proved bound, over the cost [1].
    progress
        Called after each dispatch with how far the search is.

    Returns
    -------
    Dataset
        Over ``design`` (0 is the best) and ``size`` (path of a capacity): ``capacity``. Over ``design``: ``share``, the
        one it was found for (0 for the best); ``cost``, with annuities and upkeep [CNY]; ``above_best`` [1];
        ``distance`` to the nearest design taken before it for the same share, over the spans [1]; ``co2`` [t],
        ``green_share`` [1], ``import_energy``, ``curtailed``, ``unserved`` [MWh], ``peak_import`` [MW].

    Raises
    ------
    InputError
        If nothing is to be sized, a share or the count is not above 0, or the park cannot be read.
    NoSolution
        If no capacities allowed have an operation.
    """
    if not share or not all(0.0 < one < np.inf for one in share):
        msg = f"share: got {list(share)}, must be above 0 and finite. Write fractions of the cost, e.g. {SHARES}."
        raise InputError(msg)
    if count < 1:
        msg = f"count: got {count}, must be 1 or more."
        raise InputError(msg)
    tell = progress or (lambda _: None)
    asked = pose(park)
    search = searched(park, asked, gap=gap, tell=tell)
    best = best_of(search).x
    designs, classes, distances = [best], [0.0], [np.nan]
    for one in sorted(set(share)):
        for x, distance in _spread(search, best, one, count, tell):
            designs.append(x)
            classes.append(one)
            distances.append(distance)
    return _dataset(park, asked, designs, classes, distances)


def _spread(search: Search, best: Array, share: float, count: int, tell: Progress) -> Iterator[tuple[Array, float]]:
    """Give the corners that lie farthest from the best design and from each other, the farthest first."""
    span = _span(search)
    corners = []
    for way in _ways(len(span)):
        weights = way / span
        corners.append(farthest(search, weights, share=share, width=WIDTH * float(np.abs(way).sum()))[0])
        tell(Standing("alternatives", len(search.surface.points), search.best_cny, search.bound_cny))
    places = np.array(corners) / span
    nearest = np.linalg.norm(places - best / span, axis=1)
    for _ in range(count):
        taken = int(np.argmax(nearest))
        if nearest[taken] <= APART:
            return
        yield corners[taken], float(nearest[taken])
        nearest = np.minimum(nearest, np.linalg.norm(places - places[taken], axis=1))


def _span(search: Search) -> Array:
    box = search.master.box
    width = box.most - box.least
    return np.where(width > 0.0, width, 1.0)


def _ways(sizes: int) -> Iterator[Array]:
    """Give directions: signs of the capacities."""
    if sizes <= ALL_WAYS:
        yield from (np.array(signs, np.float64) for signs in product((-1.0, 0.0, 1.0), repeat=sizes) if any(signs))
        return
    for moved in (*combinations(range(sizes), 1), *combinations(range(sizes), 2)):
        for signs in product((-1.0, 1.0), repeat=len(moved)):
            way = np.zeros(sizes)
            way[list(moved)] = signs
            yield way


def _dataset(
    park: Park, asked: Posed, designs: Sequence[Array], classes: Sequence[float], distances: Sequence[float]
) -> xr.Dataset:
    """Solve and audit every design, and tell its figures."""
    labels = [entry.label for entry in asked.listed]
    live = Live(with_capacities(park, dict(zip(labels, designs[0].tolist(), strict=True))))
    rows = []
    for x in designs:
        live.set(dict(zip(labels, x.tolist(), strict=True)))
        draft = live.answer().draft
        figures = energy_figures(draft, trace_green(draft))
        cost, co2 = draft.attrs["objective_cny"] + float(asked.invest @ x), draft.variables["co2"].to_numpy().sum()
        rows.append({"cost": cost, "co2": float(co2), **{n: figures[f] for n, (f, _) in FIGURES.items()}})
    units = {"cost": "CNY", "co2": "t", **{name: unit for name, (_, unit) in FIGURES.items()}}
    data: dict[str, Any] = {
        name: ("design", np.array([row[name] for row in rows], np.float64), {"units": unit})
        for name, unit in units.items()
    }
    cost = data["cost"][1]
    data |= {
        "capacity": (("design", "size"), np.array(designs)),
        "unit": ("size", np.array([entry.unit for entry in asked.listed], dtype=object)),
        "share": ("design", np.array(classes)),
        "above_best": ("design", (cost - cost[0]) / max(1.0, abs(float(cost[0]))), {"units": "1"}),
        "distance": ("design", np.array(distances), {"units": "1"}),
    }
    found = xr.Dataset(data, coords={"design": np.arange(len(designs)), "size": labels})
    found.attrs |= {
        "parksim_version": version("parksim"),
        "park": park.park.name,
        **headings(park),
        "year_share": park.time.year_share,
        "park_toml": park_toml(park),
    }
    return found
