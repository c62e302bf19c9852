"""Reference runs: the same park all from the grid, without storage, and at the other tariffs of its file.

    ds = ps.run(ps.load_park("yibin"))
    ds["reference_saving"]

Each reference is the park with some numbers changed, solved from the optimum before it: capacities become zero, and
zero is a value, so the structure stays and the basis fits. What is kept of it stands in the Dataset of the run.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import xarray as xr

from parksim.api import Optimum, no_solution, optimum  # first: Pyomo before Numba, see parksim/lp/__init__.py

# isort: split
from parksim.accounts.references import Run, Sort, figures_of, with_references
from parksim.changes import changed_park
from parksim.components.grid import Grid
from parksim.errors import InputError
from parksim.inputs import gather
from parksim.lp.program import Program
from parksim.lp.ties import greenest
from parksim.park import Park
from parksim.phases import Progress, silent
from parksim.results import build

OWN = {"renewable", "direct", "charge", "discharge"}
"""Roles of flows whose components are gone where all comes from the grid."""

NEAR_MW = 1e-9
"""A connection that lacks less than this is large enough [MW]."""


@dataclass(frozen=True)
class Reference:
    """A park to hold a run against.

    Parameters
    ----------
    name, sort, subject
        As in :class:`parksim.accounts.references.Run`.
    changes
        Path of the park file to value.
    lifted
        Limits among them that were in the way: path to the value they had and the one they have.
    """

    name: str
    sort: Sort
    subject: str
    changes: Mapping[str, Any]
    lifted: Mapping[str, tuple[float, float]] = field(default_factory=dict)


def run(park: Park, *, references: bool = True, progress: Progress | None = None) -> xr.Dataset:
    """Find the cheapest operation of a park, audit it, and hold it against reference runs.

    Parameters
    ----------
    park
        From :func:`parksim.load_park`, or built in Python.
    references
        Whether to solve the references: all from the grid; without storage; each tariff that no component uses.
    progress
        Called with the name of each phase as it begins.

    Returns
    -------
    Dataset
        As :func:`parksim.solve`, with what the references cost, emit and supply under the dimension ``reference``.

    Raises
    ------
    InputError, NoSolution, AuditError
        As :func:`parksim.solve`, for the park itself; a reference without a plan is told as such.

    Examples
    --------
    >>> import parksim as ps
    >>> ds = ps.run(ps.load_park("two-days"))
    >>> [str(name) for name in ds["reference"].to_numpy()]
    ['grid', 'no_storage']
    >>> bool((ds["reference_saving"] >= 0).all())
    True
    """
    told = progress or silent
    found = optimum(park, progress=told)
    if not references:
        return found.ds
    told("references")
    asked = references_of(found)
    # All from the grid lies farthest from the others, so it is solved last; it is told first.
    solved = {reference.name: _solved(found, reference) for reference in reversed(asked)}
    return with_references(found.ds, [solved[reference.name] for reference in asked])


def references_of(found: Optimum) -> tuple[Reference, ...]:
    """List the references of a run, in the order they are told."""
    park, program = found.solved.park, found.solved.program
    stores = store_capacities(program, park)
    emptied = {f"components.{name}.{size}": 0.0 for name, sizes in stores.items() for size in sizes}
    listed = [_all_from_the_grid(found)]
    if emptied:
        listed.append(Reference("no_storage", "no_storage", "", emptied))
    return (*listed, *_other_tariffs(park))


def store_capacities(program: Program, park: Park) -> dict[str, dict[str, float]]:
    """Give the capacities without which there are no stores: component to field to its value [MW or MWh].

    What charges from a node loses all of them, a lake its content; its river stays.
    """
    blocks = program.columns.values()
    charging = {block.component for block in blocks if block.role == "charge"}
    found = {}
    for name in dict.fromkeys(block.component for block in blocks if block.sort == "level"):
        sizes = {f: v for f, v in park.components[name].capacities().items() if name in charging or f.endswith("_mwh")}
        if any(value > 0.0 for value in sizes.values()):
            found[name] = sizes
    return found


def _other_tariffs(park: Park) -> list[Reference]:
    """List the tariffs that no component uses, each for all connections."""
    grids = {name: component for name, component in park.components.items() if isinstance(component, Grid)}
    used = {grid.tariff for grid in grids.values()}
    return [
        Reference(
            f"tariff.{name}", "tariff", tariff.title or name, {f"components.{grid}.tariff": name for grid in grids}
        )
        for name, tariff in park.tariffs.items()
        if grids and name not in used
    ]


def _all_from_the_grid(found: Optimum) -> Reference:
    """Take away what makes, delivers or stores, and lift limits of the connection that the demand would break."""
    park, blocks = found.solved.park, found.solved.program.columns.values()
    own = [block.component for block in blocks if block.role in OWN or block.sort == "level"]
    changes: dict[str, Any] = {
        f"components.{name}.{size}": 0.0 for name in dict.fromkeys(own) for size in park.components[name].capacities()
    }
    lifted = {path: limit for node in park.nodes for path, limit in _lifted(found, node).items()}
    lifted |= _lifted_limits(found)
    return Reference("grid", "grid", "", changes | {path: now for path, (_, now) in lifted.items()}, lifted)


def _lifted(found: Optimum, node: str) -> dict[str, tuple[float, float]]:
    """Say which limits of the connections at a node the demand there breaks: path to value and one that is enough.

    Hours in which a connection carries nothing stay as they are: no limit of it would help there.
    """
    park, ds, values = found.solved.park, found.ds, found.solved.inputs.values
    grids = {n: c for n, c in park.components.items() if isinstance(c, Grid) and c.electricity == node}
    drawn = (ds["role"].to_numpy() == "demand") & (ds["flow_node"].to_numpy() == node)
    load = np.asarray(ds["power"].to_numpy()[drawn].sum(axis=0), np.float64)
    if not grids or not load.any():
        return {}
    shares = {name: np.asarray(values[name]["import_available"], np.float64) for name in grids}
    largest = max(grids, key=lambda name: grids[name].import_max_mw)
    lacking = np.maximum(load - np.sum([grids[n].import_max_mw * share for n, share in shares.items()], axis=0), 0.0)
    lifted = {}
    open_at = shares[largest] > 0.0
    needed = float(np.max(lacking[open_at] / shares[largest][open_at], initial=0.0))
    if needed > NEAR_MW:
        was = grids[largest].import_max_mw
        lifted[f"components.{largest}.import_max_mw"] = (was, was + needed)
    per_year = np.bincount(park.time.stamps.year - park.time.year, weights=load) * park.time.step_h
    for name, grid in grids.items():
        cap = grid.import_energy_max_mwh
        if cap is not None and cap < float(per_year.max()):
            lifted[f"components.{name}.import_energy_max_mwh"] = (cap, float(per_year.max()))
    return lifted


def _lifted_limits(found: Optimum) -> dict[str, tuple[float, float]]:
    """Say which limits of the whole park are broken where all demand is bought: path to value and one that is enough.

    Stores are empty then, and nothing is sold.
    """
    park, ds = found.solved.park, found.ds
    if park.limits is None:
        return {}
    load = ds["power"].to_numpy()[ds["role"].to_numpy() == "demand"].sum(axis=0)
    most_mwh = float(np.bincount(park.time.stamps.year - park.time.year, weights=load).max()) * park.time.step_h
    factor = next(iter(park.yardsticks.values())).factor_t_per_mwh if park.yardsticks else 0.0
    enough = {
        "co2_max_t": factor * most_mwh,
        "import_max_mwh": most_mwh,
        "import_peak_max_mw": float(load.max()),
    }
    lifted = {f"limits.{n}": (was, enough[n]) for n, was in park.limits.given.items() if was < enough.get(n, -np.inf)}
    share = park.limits.green_share_min
    return lifted | ({"limits.green_share_min": (share, 0.0)} if share else {})


def _solved(found: Optimum, reference: Reference) -> Run:
    """Solve a reference from the optimum held; one without a plan is told as such."""
    solved, program, warm = found.solved, found.solved.program, found.warm
    kept = Run(reference.name, reference.sort, reference.subject, reference.changes, "no_grid", lifted=reference.lifted)
    if reference.sort == "grid" and not any(isinstance(c, Grid) for c in solved.park.components.values()):
        return kept
    try:
        park = changed_park(solved.park, reference.changes)
        inputs = gather(park, like=solved.inputs)
    except InputError as error:
        return replace(kept, termination="refused", note=_bare(error, solved.park))
    lp = program.fill(inputs.values)
    first = warm.solve(lp).solution
    if not first.optimal:
        why = no_solution(program, lp, first, park=park)
        return replace(kept, termination=why.termination, note="".join(why.suspects[:1]))
    plan = greenest(program, lp, warm.solver, first)
    figures, co2_t = figures_of(build(park, program, inputs, lp, plan, first))
    return replace(kept, termination=first.termination, figures=figures, co2_t=co2_t)


def _bare(error: InputError, park: Park) -> str:
    """Give the first problem without the name of the file, which may lead through folders of this machine."""
    return error.problems[0].removeprefix(f"{park.place}: ")
