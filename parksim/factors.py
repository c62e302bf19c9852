"""Factors: a number, a table by month or season, or a profile of a park, multiplied as a whole."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from parksim.fields import FieldDoc
from parksim.park import Park
from parksim.profiles import ProfileReader, ProfileRef

MONTHS = 12
"""Longer lists are profiles, which are multiplied as arrays."""


def multipliable(value: Any, doc: FieldDoc | None) -> bool:
    """Tell whether a factor on a value has a meaning.

    Parameters
    ----------
    value
        What the park has; None where it has nothing.
    doc
        What the field around it says of itself; None for one without declaration.
    """
    if doc is not None and doc.sort in {"monthly", "series"}:
        return value is not None
    return isinstance(value, int | float) and not isinstance(value, bool)


def resolved(park: Park, value: Any, *, unit: str, path: str) -> Any:
    """Give what a factor multiplies: the values of a profile in a file, shape (time,), and all else as it is.

    Parameters
    ----------
    value
        What the park has.
    unit
        Of its field.
    path
        Of the park file, for messages.

    Raises
    ------
    InputError
        If the profile cannot be read.
    """
    if not isinstance(value, ProfileRef):
        return value
    reader = ProfileReader(base=park.folder, time=park.time)
    return reader.resolve(value, unit=unit or "1", where=f"{park.place}: {path}").values


def times(value: Any, factor: float) -> Any:
    """Multiply a number, or each of a table, list or array of them; a whole number stays one where it can.

    Returns
    -------
    int, float, dict, list or ndarray
        Of a profile, a read-only array of shape (time,); in the unit of ``value``.

    Examples
    --------
    >>> times({"wet": 160.0, "dry": 320.0}, 0.5)
    {'wet': 80.0, 'dry': 160.0}
    """
    if isinstance(value, Mapping):
        return {key: times(number, factor) for key, number in value.items()}
    if isinstance(value, np.ndarray) or (isinstance(value, list | tuple) and len(value) > MONTHS):
        product = np.asarray(value, np.float64) * factor
        product.setflags(write=False)
        return product
    if isinstance(value, list | tuple):
        return [times(number, factor) for number in value]
    number = value * factor
    return int(number) if isinstance(value, int) and float(number).is_integer() else number
