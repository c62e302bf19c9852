"""The engines, one file each.

A driver module has ``PACKAGES``, whose versions are told, and two functions:

    build(park, inputs, clock)   declare, expand, hand over; returns what holds the LP, for repeats
    whole(park, clock)           all phases, from reading to the end of what the engine does; returns an ``Answer``

Importing a driver imports its engine, and nothing of the others.
"""

import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """What a whole run found, and the size of the LP it handed over."""

    objective_cny: float
    rows: int
    columns: int


ENGINES = {"parksim": "parksim", "pypsa": "PyPSA", "oemof": "oemof-solph", "pyomo": "plain Pyomo"}
"""Name of the driver to the name in tables, in the order of the tables."""

HIDDEN = {"parksim": ("dask",)}
"""Packages that come with a peer and not with parksim, and that xarray loads wherever it finds them. parksim runs
without them, as it is plainly installed."""


def hide(engine: str) -> None:
    """Keep this process from loading what is hidden from an engine; to be called before anything is loaded."""
    for name in HIDDEN.get(engine, ()):
        sys.modules[name] = None  # type: ignore[assignment]  # Python's own word for "is not there"
