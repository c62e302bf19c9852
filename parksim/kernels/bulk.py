"""Kernels over many years of weather at once, on all cores.

`over_years` runs a kernel year by year on threads. It is the kernel itself that runs, not a second version of it for
many years: no rule is written twice, nothing is compiled anew, and each year's result is to the last bit what the
kernel gives for that year alone.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from inspect import signature
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def over_years(
    kernel: Callable[..., Any],
    *,
    by_year: Mapping[str, Array],
    every_year: Mapping[str, Any],
    threads: int | None = None,
) -> Array:
    """Run a kernel once for each of many years.

    Parameters
    ----------
    kernel
        A kernel of this package that returns one array or one number, such as `parksim.kernels.pv.pv_per_unit`.
    by_year
        Argument of the kernel to its values, shape (year, time); whole numbers stay whole [units of the kernel].
    every_year
        The kernel's other arguments, the same for each year: numbers, or arrays as for one year such as the sun's
        position [units of the kernel].
    threads
        Number of threads, 1 or more; as many as Numba counts cores where left out.

    Returns
    -------
    ndarray
        What the kernel gives for each year, shape (year, time), or (year,) where it gives a number [unit of the
        kernel]. A NaN goes as far within its own year as in the kernel, and into no other.

    Raises
    ------
    ValueError
        If an array is not of shape (year, time), the years differ in number or are none, an argument is given both by
        year and for every year, or there are no threads; and whatever the kernel raises for one of the years.
    TypeError
        If the kernel has no such argument, or one is missing.

    Notes
    -----
    (1) out[year] = kernel(by_year[year], every_year) for each year

    Kernels let go of Python's lock while they run, so threads keep all cores busy; the time goes with years over cores.
    The first year runs alone, and compiles or loads the kernel.

    Examples
    --------
    >>> from parksim.kernels.hydro import inflow_power_mw
    >>> flow_m3_per_s = np.array([[10.0, 20.0], [30.0, np.nan]])
    >>> plant = {"head_m": 100.0, "eff": 0.9}
    >>> over_years(inflow_power_mw, by_year={"flow_m3_per_s": flow_m3_per_s}, every_year=plant).round(2)
    array([[ 8.83, 17.66],
           [26.49,   nan]])
    """
    rows = {name: _ready(values) for name, values in by_year.items()}
    years = _years(rows, every_year)
    signature(kernel).bind(**rows, **every_year)
    # Numba sets its settings by name when it loads, so type checkers do not see them.
    workers = numba.config.NUMBA_NUM_THREADS if threads is None else threads  # type: ignore[attr-defined]
    if workers < 1:
        msg = f"threads: got {workers}, must be 1 or more"
        raise ValueError(msg)
    same = {name: _ready(value) if isinstance(value, np.ndarray) else value for name, value in every_year.items()}

    def of_year(year: int) -> Any:
        return kernel(**{name: values[year] for name, values in rows.items()}, **same)

    first = np.asarray(of_year(0))
    out = np.empty((years, *first.shape), first.dtype)
    out[0] = first

    def fill(begin: int) -> None:
        for year in range(begin, years, workers):
            out[year] = of_year(year)

    with ThreadPoolExecutor(workers) as pool:
        for done in [pool.submit(fill, begin) for begin in range(1, workers + 1)]:
            done.result()
    return out


def _ready(values: Array) -> Array:
    """Bring an array to the one form kernels are compiled for: contiguous, float64 unless whole, read-only."""
    whole = values.dtype.kind in "biu"
    ready = np.ascontiguousarray(values, dtype=None if whole else np.float64).view()
    ready.setflags(write=False)
    return ready


def _years(rows: Mapping[str, Array], every_year: Mapping[str, Any]) -> int:
    """Give the number of years, or say which arguments do not fit."""
    shapes = ", ".join(f"{name} {values.shape}" for name, values in rows.items())
    if any(values.ndim != 2 for values in rows.values()):
        msg = f"by_year: arrays must be of shape (year, time), got {shapes}"
        raise ValueError(msg)
    counts = {len(values) for values in rows.values()}
    if len(counts) != 1 or counts == {0}:
        msg = f"by_year: needs one number of years, 1 or more, in all arrays, got {shapes or 'no array'}"
        raise ValueError(msg)
    twice = sorted(rows.keys() & every_year.keys())
    if twice:
        msg = f"{', '.join(twice)}: stands in by_year and in every_year; give it once"
        raise ValueError(msg)
    return counts.pop()
