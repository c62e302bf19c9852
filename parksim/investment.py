"""What sizing reads of a park file: the tables ``size`` of components and ``[sizing]`` of the park.

A year of a capacity costs its annuity and its fixed upkeep:
    (1) annuity = capex * rate / (1 - (1 + rate)^-life), and capex / life at a rate of zero   [CNY per year]
Reference: W. Short, D. J. Packey, T. Holt, A Manual for the Economic Evaluation of Energy Efficiency and Renewable
Energy Technologies, NREL/TP-462-5173 (1995), doi:10.2172/35391 (capital recovery factor)
"""

import math
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from parksim.fields import quantity

WHOLE = 1e-9
"""How far a limit may lie beside a whole number of modules and still be one."""


LARGEST = 1e6
"""Largest limit of a capacity [MW or MWh]; far beyond it what a park needs drowns in the solver's tolerance."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    sources: Annotated[dict[str, str], Field(description="Field to source, or `default` for the rest.")] = {}


class Size(_Table):
    """A capacity to be chosen: its limits, and what a unit (MW or MWh) of it costs."""

    min: Annotated[float, Field(description="Smallest capacity, in the unit of the field.", ge=0)] = 0.0
    max: Annotated[float, Field(description="Largest capacity, in the unit of the field.", ge=0, le=LARGEST)]
    capex_cny: Annotated[
        float, quantity("CNY", "Investment per unit (MW or MWh) of the whole capacity.", ge=0, le=1e12)
    ]
    om_cny_per_year: Annotated[float, quantity("CNY year-1", "Fixed upkeep per unit and year.", ge=0, le=1e12)] = 0.0
    life_years: Annotated[float, quantity("year", "Years the investment is spread over.", gt=0, le=200)]
    step: Annotated[
        float | None,
        Field(description="Size of a module: the capacity is a whole number of them; any where left out.", gt=0),
    ] = None
    area_m2: Annotated[float, quantity("m2", "Land or roof per unit of the capacity.", ge=0)] = 0.0

    @model_validator(mode="after")
    def _consistent(self) -> "Size":
        if self.min > self.max:
            msg = f"min: got {self.min:g}, must be at most max ({self.max:g})"
            raise ValueError(msg)
        least, most = self.limits()
        if least > most:
            msg = f"step: got {self.step:g}, and no whole number of it lies between {self.min:g} and {self.max:g}"
            raise ValueError(msg)
        return self

    def limits(self) -> tuple[float, float]:
        """Give the least and the largest capacity, in whole modules where there are any."""
        if self.step is None:
            return self.min, self.max
        low, high = math.ceil(self.min / self.step - WHOLE), math.floor(self.max / self.step + WHOLE)
        return low * self.step, high * self.step

    def annuity_cny(self, rate: float) -> float:
        """Annuity (1) of a unit [CNY per year]."""
        if rate == 0.0:
            return self.capex_cny / self.life_years
        return self.capex_cny * rate / -math.expm1(-self.life_years * math.log1p(rate))


class Sizing(_Table):
    """What holds for all capacities that are chosen together."""

    discount_rate: Annotated[float, quantity("1", "Real interest a year, e.g. 0.07.", ge=0, le=0.5)]
    investment_max_cny: Annotated[
        float | None, quantity("CNY", "Most that all sized capacities together may cost to build.", ge=0)
    ] = None
    area_max_m2: Annotated[
        float | None, quantity("m2", "Most land or roof that all sized capacities together may take.", ge=0)
    ] = None
