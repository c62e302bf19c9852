"""Shortfall: demand that cannot be served, at a price (缺供电).

Rows: none. For every step t
    (S1) 0 <= shed[t] <= power_max                          [MW]
Cost: shortage = price * step_h * shed[t]                   [CNY]
Missing supply is always a component with a price, never a hidden slack. The price must exceed the energy price of the
grid and its monthly demand charge spread over one step (checked on reading), or the cheapest plan sheds load to save
them: 33,000 CNY/MW are 33 CNY/kWh over an hour and 132 CNY/kWh over 15 minutes.
"""

from typing import Annotated, Literal

import numpy as np

from parksim.component import Block, Case, Component, Context, Numbers, Slice
from parksim.components._cases import demand, grid, micro, shortfall
from parksim.fields import choice, node, quantity


class Shortfall(Component):
    """Demand left unserved, at a price."""

    kind: Annotated[Literal["shortfall"], choice("Component kind.")]
    electricity: Annotated[str, node("Stands in for supply here.")] = "electricity"
    price_cny_per_mwh: Annotated[float, quantity("CNY MWh-1", "Damage per energy not served.", gt=0)]

    def numbers(self, ctx: Context) -> Numbers:
        """Price per step."""
        return {"shortage_cny_per_mw": self.price_cny_per_mwh * ctx.step_h}

    def declare(self, lp: Block) -> None:
        """Add the flow (S1) and its price."""
        shed = lp.flow("shed", node=self.electricity, feeds=True, role="unserved", hi=np.inf)
        lp.cost("shortage", lp.number("shortage_cny_per_mw"), shed)

    def costs(self, own: Slice) -> dict[str, float]:
        """Restate the shortage."""
        return {"shortage": self.price_cny_per_mwh * own.energy_mwh("shed")}


CASES = (
    Case(
        proves="what the grid limit leaves is shed at its price",
        park=lambda: micro(
            grid(price_cny_per_mwh=[100.0, 100.0], import_max_mw=3.0),
            demand(power_mw=[2.0, 5.0]),
            shortfall(price_cny_per_mwh=10_000.0),
        ),
        objective_cny=20_500.0,  # (2 + 3) MWh * 100 + 2 MWh * 10,000
        wrong={"limit ignored": 700.0, "all shed": 70_000.0},
        values={"shortfall.shed": 2.0},
    ),
)
