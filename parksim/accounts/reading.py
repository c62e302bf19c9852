"""What accounts read of results, be they a Dataset or still in the making."""

from collections.abc import Mapping
from typing import Any, Protocol

import xarray as xr


class Results(Protocol):
    """Variables and attributes of results."""

    @property
    def variables(self) -> Mapping[Any, xr.Variable]:
        """Name to variable, labels included."""
        ...

    @property
    def attrs(self) -> Mapping[Any, Any]:
        """Attributes."""
        ...
