"""Run-of-river hydropower: what the river gives, by flow and turbines or by a given availability (径流式水电).

Rows: none. For every step t
    (R1) 0 <= make[t] <= power_max * available[t]                                        [MW]
available is given, or follows from the river's flow (parksim.kernels.hydro):
    (R2) through[t] = min(flow[t] - ecological[m], design), and 0 where that is below flow_min * design   [m3 s-1]
    (R3) available[t] = eff(through / design) through / (eff(1) design) * (1 - loss), at most 1 - loss
power_max is the power at the design flow: 9.81e-3 eff(1) head design [MW]. With a constant head it cancels in (R3), so
head and power_max may disagree; by more than a tenth, the notes of the run say so.
Cost: upkeep = om * step_h * make[t]                                                     [CNY]
Efficiency by default: level from 0.6 of the design flow on, five points less at 0.4, held below, where fewer units run;
the usual course of Francis and Kaplan units, an assumption where no curve is given.
Not modelled: head falling with floods, ramps, hours of storage behind the weir (take kind "reservoir").
Reference: power of water 9.81 eff Q H; ecological flow of 10 % of the mean annual flow is usual practice in China.
"""

import warnings
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import BeforeValidator

from parksim.component import Array, Block, Case, Component, Context, Indicator, Numbers, Residuals, Slice
from parksim.components._cases import demand, grid, micro
from parksim.components._shared import (
    FIGURES,
    as_tuple,
    curve_problems,
    declare_make,
    given,
    make_numbers,
    make_residuals,
    one_way,
    upkeep,
)
from parksim.errors import ParksimWarning
from parksim.fields import Monthly, choice, monthly, node, quantity, series
from parksim.kernels.hydro import efficiency_at, hydro_power_kw, run_of_river_available
from parksim.notes import Note
from parksim.profiles import Series, frozen

NEEDS = ("flow_m3_per_s", "flow_design_m3_per_s", "flow_min_fraction", "head_m")
ALSO = ("ecological_m3_per_s", "load_points", "eff_points", "loss_fraction")

RATING_TOLERANCE = 0.1
"""How far power_max may lie from the power at design flow before it is told [1]."""


class RunOfRiver(Component):
    """Hydropower without storage."""

    kind: Annotated[Literal["run_of_river"], choice("Component kind.")]
    electricity: Annotated[str, node("Feeds electricity here.")] = "electricity"
    power_max_mw: Annotated[float, quantity("MW", "Rated power, that at the design flow.", ge=0, sizable=True)]
    available: Annotated[
        Series | None, series("1", "Share of the rating available, instead of the plant below.", ge=0, le=1)
    ] = None
    flow_m3_per_s: Annotated[Series | None, series("m3 s-1", "Flow of the river at the intake.", ge=0)] = None
    flow_design_m3_per_s: Annotated[
        float | None, quantity("m3 s-1", "Largest flow the turbines take; more is spilled.", gt=0)
    ] = None
    flow_min_fraction: Annotated[
        float | None, quantity("1", "Smallest flow the turbines run on, over the design flow.", ge=0, lt=1)
    ] = None
    head_m: Annotated[float | None, quantity("m", "Net head, taken as constant.", gt=0, le=2000)] = None
    ecological_m3_per_s: Annotated[
        Monthly, monthly("m3 s-1", "Flow that passes the plant unused before anything is turbined.", ge=0)
    ] = 0.0
    load_points: Annotated[
        tuple[float, ...],
        BeforeValidator(as_tuple),
        quantity("1", "Corners of the efficiency curve: flow over design flow, rising."),
    ] = (0.4, 0.6, 1.0)
    eff_points: Annotated[
        tuple[float, ...],
        BeforeValidator(as_tuple),
        quantity("1", "Efficiency from water to terminals at these corners, level beyond the outer ones."),
    ] = (0.85, 0.9, 0.9)
    loss_fraction: Annotated[float, quantity("1", "Lost to outages and upkeep, on average.", ge=0, lt=1)] = 0.0
    om_cny_per_mwh: Annotated[float, quantity("CNY MWh-1", "Upkeep per energy made.", ge=0)] = 0.0

    def problems(self) -> list[str]:
        """Name what is wrong between fields."""
        found = one_way(self, profile="available", needs=NEEDS, also=ALSO)
        found += curve_problems(self, x="load_points", y="eff_points")
        if self.eff_points and min(self.eff_points) == 0.0:
            found.append("eff_points: got 0, must be above 0.")
        return found

    def numbers(self, ctx: Context) -> Numbers:
        """Availability and upkeep.

        Warns
        -----
        ParksimWarning
            If the rating is far from the power at design flow.
        """
        available = self._of_flow(ctx) if self.available is None else ctx.series("available")
        return make_numbers(ctx, available=available, om_cny_per_mwh=self.om_cny_per_mwh)

    def _of_flow(self, ctx: Context) -> Array:
        """Compute (R2) and (R3)."""
        design = given(self.flow_design_m3_per_s)
        loads, effs = frozen(np.array(self.load_points, np.float64)), frozen(np.array(self.eff_points, np.float64))
        self._compare_rating(ctx, hydro_power_kw(design, given(self.head_m), efficiency_at(1.0, loads, effs)) * 1e-3)
        left = ctx.series("flow_m3_per_s") - ctx.monthly("ecological_m3_per_s")[ctx.time.month_of_step]
        available = run_of_river_available(left, 0.0, given(self.flow_min_fraction) * design, design, loads, effs)
        return available * (1.0 - self.loss_fraction)

    def _compare_rating(self, ctx: Context, design_mw: float) -> None:
        if abs(self.power_max_mw - design_mw) <= RATING_TOLERANCE * design_mw or self.power_max_mw == 0.0:
            return
        msg = Note(
            "{place}: is {power} MW, while the design flow over this head gives {design} MW; the flow sets the "
            "available share, power_max_mw what it is a share of.",
            place=f"{ctx.where}.power_max_mw",
            power=f"{self.power_max_mw:g}",
            design=f"{design_mw:.4g}",
        )
        warnings.warn(msg, ParksimWarning, stacklevel=2)

    def declare(self, lp: Block) -> None:
        """Add the flow (R1) and its upkeep."""
        declare_make(lp, electricity=self.electricity)

    def residuals(self, own: Slice) -> Residuals:
        """Restate (R1)."""
        return make_residuals(own, power_max_mw=self.power_max_mw)

    def costs(self, own: Slice) -> dict[str, float]:
        """Restate upkeep."""
        return upkeep(own, om_cny_per_mwh=self.om_cny_per_mwh)

    indicators: ClassVar[tuple[Indicator, ...]] = FIGURES


def _river(**fields: object) -> dict[str, object]:
    return {"name": "river", "kind": "run_of_river", "power_max_mw": 10.0, **fields}


CASES = (
    Case(
        proves="the available share of the rating is used as far as it serves, and upkeep is paid on what is made",
        park=lambda: micro(
            _river(available=[0.9, 0.2], om_cny_per_mwh=30.0),
            grid(price_cny_per_mwh=[100.0, 100.0]),
            demand(power_mw=[6.0, 6.0]),
        ),
        # 6 of 9 and 2 of 2 MWh are used, 4 bought: 4 * 100 + 8 * 30
        objective_cny=640.0,
        wrong={
            "no upkeep": 400.0,
            "upkeep on all available": 730.0,
            "rating without share": 360.0,
            "carried over": 430.0,
        },
        values={"river.make": 8.0, "river.curtailed_mwh": 3.0, "river.full_load_hours_h": 0.8},
    ),
    Case(
        proves="ecological flow comes first, turbines stand below their least flow and take no more than their design",
        park=lambda: micro(
            _river(
                flow_m3_per_s=[200.0, 70.0, 45.0, 10.0],
                flow_design_m3_per_s=100.0,
                flow_min_fraction=0.3,
                head_m=11.33,
                ecological_m3_per_s=20.0,
                load_points=[1.0],
                eff_points=[0.9],
            ),
            grid(price_cny_per_mwh=100.0),
            demand(power_mw=[20.0, 10.0, 10.0, 10.0]),
        ),
        # usable 180, 50, 25 and nothing: full, half, too little, nothing; 15 of 50 MWh are made
        objective_cny=3_500.0,
        wrong={
            "no ecological flow": 2_850.0,
            "no least flow": 3_250.0,
            "no largest flow": 2_700.0,
            "no river": 5_000.0,
        },
        values={"river.make": 15.0},
    ),
    Case(
        proves="part load costs efficiency, and losses come off all the time",
        park=lambda: micro(
            _river(
                flow_m3_per_s=[100.0, 50.0],
                flow_design_m3_per_s=100.0,
                flow_min_fraction=0.1,
                head_m=11.33,
                load_points=[0.5, 1.0],
                eff_points=[0.72, 0.9],
                loss_fraction=0.1,
            ),
            grid(price_cny_per_mwh=[100.0, 200.0]),
            demand(power_mw=10.0),
        ),
        # 9 MW, then 10 * 0.5 * 0.72 / 0.9 * 0.9 = 3.6 MW: 1 * 100 + 6.4 * 200
        objective_cny=1_380.0,
        wrong={
            "no loss": 1_200.0,
            "efficiency of full load": 1_200.0,
            "efficiency not over that of full load": 1_542.0,
        },
        values={"river.make": 12.6},
    ),
)
