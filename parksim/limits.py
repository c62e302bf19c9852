"""Limits of the whole park: the table ``[limits]`` of a park file.

Each is a row over what all components declare (:mod:`parksim.lp.rules`), and has a price like any other row. Limits on
energy and CO2 hold in each calendar year; of a year that lies in the horizon in part, only that part counts, and the
limit is not scaled down (as with ``import_energy_max_mwh`` of a grid).
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from parksim.fields import fields_of, quantity


class Limits(BaseModel):
    """What the park as a whole may emit and buy."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    co2_max_t: Annotated[
        float | None, quantity("t", "Most CO2 in a calendar year, as the first yardstick counts it.")
    ] = None
    import_max_mwh: Annotated[
        float | None, quantity("MWh", "Most energy that all grids together buy in a calendar year.", ge=0)
    ] = None
    import_peak_max_mw: Annotated[
        float | None, quantity("MW", "Most power that all grids together buy in any step.", ge=0)
    ] = None
    green_share_min: Annotated[
        float | None,
        quantity(
            "1",
            "Green share of a calendar year that is made sure: energy bought is at most (1 - this) of demand served. "
            "The green share may come out higher, where energy bought is sold again or lost in stores.",
            ge=0,
            le=1,
        ),
    ] = None
    sources: Annotated[dict[str, str], Field(description="Field to source, or `default` for the rest.")] = {}

    @property
    def given(self) -> dict[str, float]:
        """The limits that are set: field to value, in the unit of the field."""
        named = [name for name, doc in fields_of(Limits).items() if doc.sort == "quantity"]
        return {name: getattr(self, name) for name in named if getattr(self, name) is not None}

    def numbers(self) -> dict[str, float]:
        """Numbers of the LP: limits as they stand, and the share that may be bought [1]."""
        found = {name: value for name, value in self.given.items() if name != "green_share_min"}
        if self.green_share_min is not None:
            found["bought_max_fraction"] = 1.0 - self.green_share_min
        return found
