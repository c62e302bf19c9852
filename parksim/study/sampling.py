"""Draws of many axes together: Latin hypercube and Sobol points of SciPy."""

from typing import Literal

import numpy as np
from scipy.stats import qmc

from parksim.component import Array


def drawn(method: Literal["latin-hypercube", "sobol"], *, count: int, width: int, seed: int) -> Array:
    """Draw points of the unit cube.

    Parameters
    ----------
    method
        ``latin-hypercube``, or ``sobol`` (scrambled by the seed).
    count, width
        Points and coordinates; a power of two of points for ``sobol``.
    seed
        Equal seeds give equal points.

    Returns
    -------
    ndarray, shape (count, width)
        Between 0 and 1 [1].

    Examples
    --------
    >>> points = drawn("latin-hypercube", count=4, width=2, seed=1)
    >>> [sorted(int(4 * x) for x in column) for column in points.T]  # one in every quarter
    [[0, 1, 2, 3], [0, 1, 2, 3]]
    """
    rng = np.random.default_rng(seed)
    if method == "sobol":
        return np.asarray(qmc.Sobol(width, scramble=True, seed=rng).random(count), np.float64)
    return np.asarray(qmc.LatinHypercube(width, seed=rng).random(count), np.float64)
