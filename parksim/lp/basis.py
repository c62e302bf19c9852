"""A basis as two arrays of statuses, and its way in and out of HiGHS.

HiGHS tells statuses as lists of enumeration members, which costs a microsecond each. What is basic comes as an array,
and where a nonbasic column stands follows from its value.
"""

from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from parksim.component import Array

LOWER, BASIC, UPPER, ZERO = 0, 1, 2, 3
Statuses = NDArray[np.int8]
Flags = NDArray[np.bool_]

_MEMBERS = np.array([highspy.HighsBasisStatus(code) for code in range(4)], dtype=object)


@dataclass(frozen=True)
class Basis:
    """Statuses of columns and rows: 0 at the lower bound, 1 basic, 2 at the upper bound, 3 free and at zero."""

    columns: Statuses
    rows: Statuses

    @property
    def excess(self) -> int:
        """Basic columns and rows beyond the number of rows; 0 in a true basis."""
        return int((self.columns == BASIC).sum() + (self.rows == BASIC).sum()) - len(self.rows)


def hand_in(highs: highspy.Highs, basis: Basis) -> bool:
    """Give HiGHS a basis to start from; one that is not true is mended by HiGHS.

    Returns
    -------
    bool
        Whether HiGHS took it.
    """
    given = highspy.HighsBasis()
    given.valid = True
    given.alien = basis.excess != 0
    given.col_status = _MEMBERS[basis.columns].tolist()
    given.row_status = _MEMBERS[basis.rows].tolist()
    return bool(highs.setBasis(given) == highspy.HighsStatus.kOk)


def basic(highs: highspy.Highs, *, columns: int, rows: int) -> tuple[Flags, Flags]:
    """Tell which columns and which rows are basic, shapes (columns,) and (rows,); none where there is no basis."""
    found = np.zeros(columns + rows, bool)
    status, which = highs.getBasicVariables()
    if status != highspy.HighsStatus.kOk:
        return found[:columns], found[columns:]
    found[np.where(which >= 0, which, columns - 1 - which)] = True  # row r is told as -(r + 1)
    return found[:columns], found[columns:]


def _nonbasic(value: Array, lower: Array, upper: Array) -> Statuses:
    """Statuses of nonbasic columns or rows by where they stand."""
    with np.errstate(invalid="ignore"):
        at_upper = np.isfinite(upper) & ~(np.abs(value - lower) <= np.abs(upper - value))
    return np.where(at_upper, UPPER, np.where(np.isfinite(lower), LOWER, ZERO)).astype(np.int8)


def read_out(
    highs: highspy.Highs,
    values: Array,
    *,
    lower: Array,
    upper: Array,
    row_lower: Array,
    row_upper: Array,
) -> Basis:
    """Read the last basis of HiGHS; rows have one finite side, or two that are equal."""
    columns, rows = basic(highs, columns=len(lower), rows=len(row_lower))
    return stands(columns, rows, values, lower=lower, upper=upper, row_lower=row_lower, row_upper=row_upper)


def stands(
    columns: Flags,
    rows: Flags,
    values: Array,
    *,
    lower: Array,
    upper: Array,
    row_lower: Array,
    row_upper: Array,
) -> Basis:
    """Give the basis from what is basic and where the other columns stand; rows as in :func:`read_out`."""
    at_column = np.where(columns, np.int8(BASIC), _nonbasic(values, lower, upper))
    one_sided = np.where(np.isfinite(row_lower), LOWER, np.where(np.isfinite(row_upper), UPPER, ZERO))
    return Basis(at_column.astype(np.int8), np.where(rows, BASIC, one_sided).astype(np.int8))
