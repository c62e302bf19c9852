"""The point of a polyhedron nearest to another one, for a handful of coordinates.

HiGHS's own QP solver may cycle on such degenerate problems, so it is found by nonnegative least squares, which
ends after finitely many steps [1]: least ``|u|`` with ``G @ u >= h`` follows from the residual r of
``min |[G.T; h.T] @ w - (0, ..., 0, 1)|, w >= 0`` as ``u = -r[:-1] / r[-1]``; r = 0 where no u exists.

Reference: [1] C. L. Lawson, R. J. Hanson, Solving Least Squares Problems, SIAM (1995), doi:10.1137/1.9781611971217,
chapter 23, algorithms NNLS and LDP
"""

import numpy as np

from parksim.component import Array

SMALL = 1e-12
"""What counts as zero in a problem scaled to 1."""


def least_squares(matrix: Array, right: Array) -> Array | None:
    """Minimise ``|matrix @ w - right|`` over ``w >= 0`` (NNLS); None where rounding keeps it from ending."""
    columns = matrix.shape[1]
    w, free = np.zeros(columns), np.zeros(columns, bool)
    for _ in range(10 * (columns + 1)):
        slope = matrix.T @ (right - matrix @ w)
        slope[free] = -np.inf
        enter = int(np.argmax(slope))
        if free.all() or slope[enter] <= SMALL:
            return w
        free[enter] = True
        for _ in range(columns + 1):
            new = np.zeros(columns)
            new[free] = np.linalg.lstsq(matrix[:, free], right, rcond=None)[0]
            if (new[free] > 0.0).all():
                break
            leaving = free & (new <= 0.0)
            step = float(np.min(w[leaving] / (w[leaving] - new[leaving] + 1e-300)))
            w = w + step * (new - w)
            free &= w > SMALL
            w[~free] = 0.0
            if not free.any():
                break
        else:
            return None
        if not free.any():
            return None
        w = new
    return None


def nearest(z: Array, *, matrix: Array, right: Array) -> Array | None:
    """Find the point with ``matrix @ y <= right`` nearest to ``z``; None where none is found.

    Parameters
    ----------
    z
        Shape (coordinates,).
    matrix, right
        Shapes (rows, coordinates) and (rows,).
    """
    norm = np.linalg.norm(matrix, axis=1)
    used = (norm > 0.0) & np.isfinite(right)
    rows, most = matrix[used] / norm[used, None], right[used] / norm[used]
    short = rows @ z - most  # how far each row is missed at z
    far = float(short.max(initial=0.0))
    if far <= 0.0:
        return z
    w = least_squares(np.vstack((-rows.T, short[None, :] / far)), np.append(np.zeros(len(z)), 1.0))
    if w is None:
        return None
    residual = np.append(-rows.T @ w, short @ w / far - 1.0)
    if -residual[-1] <= SMALL:
        return None
    y = z - far * residual[:-1] / residual[-1]
    return y if (rows @ y - most).max() <= 1e-6 * max(1.0, far) else None
