"""What accounts read of results, be they a Dataset or still in the making."""

from collections.abc import Mapping
from typing import Any, Protocol

from numpy.typing import NDArray


class Variable(Protocol):
    """A variable of results, or labels."""

    def to_numpy(self) -> NDArray[Any]:
        """Give its array."""
        ...


class Results(Protocol):
    """Variables and attributes of results."""

    @property
    def variables(self) -> Mapping[Any, Variable]:
        """Name to variable, labels included."""
        ...

    @property
    def attrs(self) -> Mapping[Any, Any]:
        """Attributes."""
        ...
