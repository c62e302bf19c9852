"""The one decorator of all kernels: compiled once, cached on disk, never parallel, never fast-math.

Kernels let go of Python's lock while they run, so that threads may run them side by side (`parksim.kernels.bulk`).
"""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

import numba
from numba.core.caching import FunctionCache
from numba.core.runtime.nrt import rtsys

P = ParamSpec("P")
R = TypeVar("R")


class _Cache(FunctionCache):
    """Numba's cache on disk, which loads a compiled kernel without all that only compiling needs.

    Numba's own registers every function it could compile, and loads SciPy's linear algebra for it, before it looks
    whether there is anything to compile: a second, a fifth of a whole run. What is found compiled needs Numba's memory
    management alone. What is not found is compiled, and Numba registers everything then.
    """

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Load the kernel compiled for ``sig``, or None."""
        rtsys.initialize(target_context)  # Numba has no types: hence what type checkers are told to pass over here
        with self._guard_against_spurious_io_errors():
            return self._load_overload(sig, target_context)  # type: ignore[no-untyped-call]


def compiled(function: Callable[P, R], **options: Any) -> Callable[P, R]:
    """Compile ``function`` with Numba in nopython mode and keep the result on disk.

    Parameters
    ----------
    function
        A kernel or a part of one.
    options
        Of ``numba.njit``, for the few kernels that need any.

    Returns
    -------
    Callable
        Compiled when it is first called; the plain Python function stays reachable as its ``py_func``.
    """
    dispatcher = numba.njit(nogil=True, **options)(function)
    dispatcher._cache = _Cache(function)  # type: ignore[no-untyped-call]  # as `cache=True` does with Numba's class
    return cast("Callable[P, R]", dispatcher)


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile ``function`` as `compiled` does, without options."""
    return compiled(function)


def vector_kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile as `kernel` does, but divide by 0 as NumPy does: a check in a loop keeps it from vector instructions."""
    return compiled(function, error_model="numpy")


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """Compile ``function`` into its callers: a call inside a loop keeps it from becoming vector instructions."""
    return cast("Callable[P, R]", numba.njit(inline="always", error_model="numpy")(function))
