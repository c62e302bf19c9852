"""What every synthetic profile shares: seeded normals, the calendar, and rounding.

Every number drawn comes from a seeded generator, one stream per quantity, so that a change to one leaves the others.
Results are rounded to four significant digits and to no finer than 0.0001. The last bits of transcendental functions
differ between machines, by about 1e-13 of a value here; a rounded value differs only where the unrounded one lies that
close to a rounding boundary. The tests hold the shipped recipes to a distance of 1e-10, and a recipe that fails this
takes another seed. NumPy promises no fixed stream of normals between its releases; the tests would show a change.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parksim.timeaxis import TimeAxis

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

STREAMS = ("clearness", "hours", "temperature", "wind", "flow")
"""Quantities drawn; the position of each seeds its stream, so new ones go to the end."""


def round_text(value: float) -> str:
    """Write a number with four significant digits, no finer than 0.0001.

    Parameters
    ----------
    value
        A finite number [any unit].

    Returns
    -------
    str
        Shortest text of the rounded number; Python rounds the exact binary value, so equal numbers give equal text.

    Examples
    --------
    >>> round_text(1234.56), round_text(0.123456), round_text(98765.4), round_text(-0.00001)
    ('1235', '0.1235', '98770', '0')
    """
    text = f"{value:.4f}" if abs(value) < 1.0 else f"{float(f'{value:.4g}'):.4f}"
    text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def rounded_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Round every number of a frame as `round_text` writes it."""
    out = frame.copy()
    for name in frame.columns:
        out[name] = [float(round_text(value)) for value in frame[name]]
    return out


def draw_normals(seed: int, *, stream: str, count: int) -> Array:
    """Draw standard normals of one quantity, shape (count,) [1]; equal seeds give equal draws."""
    return np.random.default_rng([seed, STREAMS.index(stream)]).standard_normal(count)


def calendar_months(axis: TimeAxis) -> tuple[Whole, Whole]:
    """Give the calendar month, 0 to 11, of each step and of each day."""
    of_step = axis.month_of_step
    return of_step, of_step[:: of_step.size // len(axis.days_index)].copy()
