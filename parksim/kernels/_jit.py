"""The one decorator of all kernels: compiled once, cached on disk, never parallel, never fast-math."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile ``function`` with Numba in nopython mode and keep the result on disk.

    The plain Python function stays reachable as ``function.py_func``.
    """
    return cast("Callable[P, R]", numba.njit(cache=True)(function))
