"""Demand: electricity used in the park, as metered or as a shape scaled to a year's energy or peak.

Rows: none. For every step t
    (D1) power[t] <= use[t] <= power[t]                     [MW]
Cost: none.
Not modelled: shifting and shedding; what cannot be served is the shortfall's.
Shapes: parksim.shapes, from archetype day shapes, the Chinese calendar, temperature and seeded noise.
"""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from parksim.component import Array, Block, Case, Component, Context, Indicator, Numbers, Residuals, Slice
from parksim.components._cases import demand, grid, micro
from parksim.errors import InputError
from parksim.fields import choice, node, quantity, series
from parksim.loads import Shape, demand_profile, shape_of
from parksim.profiles import Series
from parksim.shapes import ARCHETYPES


class Demand(Component):
    """Electricity used in the park (负荷)."""

    kind: Annotated[Literal["demand"], choice("Component kind.")]
    electricity: Annotated[str, node("Draws electricity here.")] = "electricity"
    power_mw: Annotated[Series | None, series("MW", "Power drawn, metered or planned.", ge=0)] = None
    shapes: Annotated[
        dict[str, float], choice("Archetype to its share of the energy, instead of `power_mw`; shares sum to 1.")
    ] = Field(default_factory=dict)
    energy_per_year_mwh: Annotated[float | None, quantity("MWh", "Energy of a whole year, scales `shapes`.", gt=0)] = (
        None
    )
    peak_mw: Annotated[float | None, quantity("MW", "Highest hourly mean of the year, scales `shapes`.", gt=0)] = None
    noise_fraction: Annotated[
        float | None,
        quantity("1", "Standard deviation of hourly noise; the archetypes' own where left out.", ge=0, le=0.5),
    ] = None
    seed: Annotated[int, choice("Seed of the noise.")] = 1

    def problems(self) -> list[str]:
        """Name what is wrong between fields."""
        found = []
        if (self.power_mw is None) == (not self.shapes):
            found.append("power_mw: give either `power_mw` or `shapes`; exactly one of the two says what is drawn.")
        if self.shapes and self.energy_per_year_mwh is None and self.peak_mw is None:
            found.append("shapes: need `energy_per_year_mwh` or `peak_mw` to be scaled to.")
        if self.shapes and abs(sum(self.shapes.values()) - 1.0) > 1e-9:
            found.append(f"shapes: the shares sum to {sum(self.shapes.values()):g}, must sum to 1.")
        known = ", ".join(ARCHETYPES)
        found += [
            f"shapes: unknown archetype {name!r}; known are {known}." for name in self.shapes if name not in ARCHETYPES
        ]
        return found

    def numbers(self, ctx: Context) -> Numbers:
        """Power of every step."""
        if self.power_mw is not None:
            return {"power_mw": ctx.series("power_mw")}
        try:
            shape = self._shape(ctx)
            profile = demand_profile(
                shape,
                time=ctx.time,
                energy_per_year_mwh=self.energy_per_year_mwh,
                peak_mw=self.peak_mw,
                with_weather=_temperature(ctx) is not None,
            )
        except ValueError as error:
            msg = f"{ctx.where}.shapes: {error}"
            raise InputError(msg) from error
        return {"power_mw": profile}

    def _shape(self, ctx: Context) -> Shape:
        """Build the load before it is scaled, or recall it."""
        temperature = _temperature(ctx)
        return ctx.recall(
            "shape",
            (ctx.time, tuple(self.shapes.items()), temperature, self.noise_fraction, self.seed),
            lambda: shape_of(
                time=ctx.time,
                shares=self.shapes,
                temp_air_c=temperature,
                noise_fraction=self.noise_fraction,
                seed=self.seed,
            ),
        )

    def declare(self, lp: Block) -> None:
        """Add the fixed flow (D1)."""
        power = lp.series("power_mw")
        lp.flow("use", node=self.electricity, feeds=False, role="demand", lo=power, hi=power)

    def residuals(self, own: Slice) -> Residuals:
        """Restate (D1): a profile as it was read; a shape by the energy of each whole calendar year."""
        if self.power_mw is not None:
            return {"power": own.power("use") - own.given("power_mw")}
        found = {"power": own.power("use") - own.series("power_mw")}
        if self.energy_per_year_mwh is not None and np.all(own.month_cover == 1.0) and len(own.month_cover) % 12 == 0:
            years = len(own.month_cover) // 12
            found["energy"] = np.array([own.energy_mwh("use") / (years * self.energy_per_year_mwh) - 1.0])
        return found

    indicators = (
        Indicator("peak_mw", "MW", lambda own: float(own.power("use").max()), "Highest mean power of a step."),
        Indicator("energy_mwh", "MWh", lambda own: own.energy_mwh("use"), "Energy used."),
    )


def _temperature(ctx: Context) -> Array | None:
    return None if ctx.weather is None else ctx.weather.temp_air_c


CASES = (
    Case(
        proves="demand is bought hour by hour at the hour's price",
        park=lambda: micro(grid(price_cny_per_mwh=[100.0, 300.0]), demand(power_mw=[2.0, 5.0])),
        objective_cny=1700.0,  # 2 MW * 1 h * 100 + 5 MW * 1 h * 300
        wrong={"hours swapped": 1100.0, "mean price": 1400.0},
        values={"demand.use": 7.0},
    ),
)
