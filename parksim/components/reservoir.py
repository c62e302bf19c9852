"""Reservoir hydropower: a river's water held back for dear hours (水库水电).

Rows, for every step t
    (H1) held[t] = held[t-1] + step_h * (inflow[t] - make[t] - spill[t])                 [MWh]
         in the words of stores: keep = 1, gain = drain = step_h
    (H2) inflow[t] as given, or 9.81e-3 eff head flow[t]                                 [MW]
    (H3) 0 <= make[t] <= power_max,  0 <= spill[t]                                       [MW]
    (H4) level_min * energy_max <= held[t] <= energy_max                                 [MWh]
    (H5) make[t] + spill[t] >= need[t] = min(ecological[m], inflow[t])                   [MW], only where given
Water is counted as the electricity it is worth at mean head and efficiency, so no efficiency follows behind the store:
energy_max = 9.81 eff head volume / 3.6e6 [MWh], volume in m3 between the lowest and the highest level.
(H5): what is turbined counts as released. A river gives no more than flows in: where the inflow is below the ecological
need, all of it is let through and none has to come out of store; so an empty reservoir stays feasible.
Cyclic over the horizon, unless ``energy_start_fraction`` is given: then held before the first step is
energy_start_fraction * energy_max and the end is free, or at least ``energy_end_fraction``.
Cost: upkeep = om * step_h * make[t]                                                     [CNY]
Not modelled: head and efficiency by level and flow, flood-limit levels, travel time between plants; evaporation and
seepage are to be taken off the inflow.
Reference: power of water 9.81 eff Q H; the store equation is the common one of linear dispatch models.
"""

from typing import Annotated, ClassVar, Literal

import numpy as np

from parksim.component import Array, Block, Case, Component, Context, Indicator, Numbers, Residuals, Slice, before
from parksim.components._cases import demand, grid, micro
from parksim.components._shared import FULL_LOAD, given, one_way, upkeep
from parksim.fields import Monthly, choice, monthly, node, quantity, series
from parksim.kernels.hydro import inflow_power_mw
from parksim.profiles import Series

NEEDS = ("flow_m3_per_s", "head_m", "eff")


class Reservoir(Component):
    """Hydropower with storage."""

    kind: Annotated[Literal["reservoir"], choice("Component kind.")]
    electricity: Annotated[str, node("Feeds electricity here.")] = "electricity"
    power_max_mw: Annotated[float, quantity("MW", "Rated power of the turbines.", ge=0, sizable=True)]
    energy_max_mwh: Annotated[
        float, quantity("MWh", "Electricity the water between empty and full is worth.", ge=0, sizable=True)
    ]
    inflow_mw: Annotated[
        Series | None, series("MW", "Inflow as the electricity it is worth, instead of flow, head and eff.", ge=0)
    ] = None
    flow_m3_per_s: Annotated[Series | None, series("m3 s-1", "Inflow of water.", ge=0)] = None
    head_m: Annotated[float | None, quantity("m", "Mean net head.", gt=0, le=2000)] = None
    eff: Annotated[float | None, quantity("1", "Mean efficiency from water to terminals.", gt=0, le=1)] = None
    ecological_mw: Annotated[
        Monthly | None, monthly("MW", "Least release as the electricity it is worth; never above the inflow.", ge=0)
    ] = None
    ecological_m3_per_s: Annotated[
        Monthly | None, monthly("m3 s-1", "Least release, beside `flow_m3_per_s`; never above the inflow.", ge=0)
    ] = None
    level_min_fraction: Annotated[float, quantity("1", "Lowest content allowed.", ge=0, le=1)] = 0.0
    energy_start_fraction: Annotated[
        float | None, quantity("1", "Content at the start; cyclic where left out.", ge=0, le=1)
    ] = None
    energy_end_fraction: Annotated[
        float, quantity("1", "Least content at the end, where a start is given.", ge=0, le=1)
    ] = 0.0
    om_cny_per_mwh: Annotated[float, quantity("CNY MWh-1", "Upkeep per energy made.", ge=0)] = 0.0

    def problems(self) -> list[str]:
        """Name what is wrong between fields."""
        found = one_way(self, profile="inflow_mw", needs=NEEDS)
        if self.ecological_mw is not None and self.ecological_m3_per_s is not None:
            found.append("ecological_m3_per_s: stands beside ecological_mw; give one of them.")
        elif self.ecological_m3_per_s is not None and self.flow_m3_per_s is None:
            found.append("ecological_m3_per_s: needs `flow_m3_per_s`, `head_m` and `eff`; or give `ecological_mw`.")
        start = self.energy_start_fraction
        if start is not None and start < self.level_min_fraction:
            found.append(
                f"energy_start_fraction: got {start:g}, must be at least level_min_fraction "
                f"({self.level_min_fraction:g})."
            )
        if start is None and self.energy_end_fraction:
            found.append("energy_end_fraction: needs `energy_start_fraction`; without it the store is cyclic.")
        return found

    @property
    def _has_need(self) -> bool:
        return self.ecological_mw is not None or self.ecological_m3_per_s is not None

    def numbers(self, ctx: Context) -> Numbers:
        """Store equation, inflow, limits and upkeep."""
        lowest = np.full(ctx.time.steps, self.level_min_fraction)
        lowest[-1] = max(self.level_min_fraction, self.energy_end_fraction)
        inflow = ctx.series("inflow_mw") if self.inflow_mw is not None else self._worth(ctx.series("flow_m3_per_s"))
        start = {} if self.energy_start_fraction is None else {"start_fraction": self.energy_start_fraction}
        need = {"need_mw": np.minimum(self._ecological(ctx), inflow)} if self._has_need else {}
        return {
            "keep_fraction": 1.0,
            "gain_mwh_per_mw": ctx.step_h,
            "drain_mwh_per_mw": ctx.step_h,
            "inflow_mw": inflow,
            "level_min_fraction": lowest,
            "upkeep_cny_per_mw": self.om_cny_per_mwh * ctx.step_h,
            **need,
            **start,
        }

    def _worth(self, flow_m3_per_s: Array) -> Array:
        """Compute (H2)."""
        return inflow_power_mw(flow_m3_per_s, given(self.head_m), given(self.eff))

    def _ecological(self, ctx: Context) -> Array:
        if self.ecological_mw is not None:
            by_month = ctx.monthly("ecological_mw")
        else:
            by_month = self._worth(ctx.monthly("ecological_m3_per_s"))
        return by_month[ctx.time.month_of_step]

    def declare(self, lp: Block) -> None:
        """Add the store (H1) to (H5) and upkeep."""
        power, energy = lp.capacity("power_max_mw"), lp.capacity("energy_max_mwh")
        keep, gain, drain = lp.number("keep_fraction"), lp.number("gain_mwh_per_mw"), lp.number("drain_mwh_per_mw")
        river = lp.series("inflow_mw")
        inflow = lp.flow("inflow", feeds=True, role="convert", lo=river, hi=river)
        make = lp.flow("make", node=self.electricity, feeds=True, role="renewable", hi=power)
        spill = lp.flow("spill", feeds=False, role="spill")
        start = None if self.energy_start_fraction is None else energy * lp.number("start_fraction")
        held = lp.level("held", lo=energy * lp.series("level_min_fraction"), hi=energy, start=start)
        lp.row("content", lambda t: held[t] == keep * held[before(t)] + gain * inflow[t] - drain * (make[t] + spill[t]))
        if self._has_need:
            need = lp.series("need_mw")
            lp.row("ecological", lambda t: make[t] + spill[t] >= need[t])
        lp.cost("upkeep", lp.number("upkeep_cny_per_mw"), make)

    def residuals(self, own: Slice) -> Residuals:
        """Restate (H1) to (H5)."""
        released = own.power("make") + own.power("spill")
        found: Residuals = {
            "content": own.level("held") - own.level_before("held") - own.step_h * (own.power("inflow") - released),
            "inflow": own.power("inflow") - (own.series if self.inflow_mw is None else own.given)("inflow_mw"),
            "make_slack": self.power_max_mw - own.power("make"),
            "level_min_slack": own.level("held") - self.level_min_fraction * self.energy_max_mwh,
            "level_max_slack": self.energy_max_mwh - own.level("held"),
            "end_slack": own.level("held")[-1:] - self.energy_end_fraction * self.energy_max_mwh,
        }
        if self.energy_start_fraction is not None:
            found["start"] = own.level_before("held")[:1] - self.energy_start_fraction * self.energy_max_mwh
        if self._has_need:
            found["ecological_slack"] = released - own.series("need_mw")
        return found

    def costs(self, own: Slice) -> dict[str, float]:
        """Restate upkeep."""
        return upkeep(own, om_cny_per_mwh=self.om_cny_per_mwh)

    indicators: ClassVar[tuple[Indicator, ...]] = (
        FULL_LOAD,
        Indicator("inflow_mwh", "MWh", lambda own: own.energy_mwh("inflow"), "Electricity the inflow is worth."),
        Indicator("spilled_mwh", "MWh", lambda own: own.energy_mwh("spill"), "Water that passed the turbines unused."),
    )


def _lake(**fields: object) -> dict[str, object]:
    plain = {"power_max_mw": 10.0, "energy_max_mwh": 3.0}
    return {"name": "lake", "kind": "reservoir", **plain, **fields}


CASES = (
    Case(
        proves="water is held for the dear hour as far as the reservoir goes, and upkeep is paid on what is made",
        park=lambda: micro(
            _lake(inflow_mw=4.0, om_cny_per_mwh=5.0),
            grid(price_cny_per_mwh=[10.0, 100.0]),
            demand(power_mw=[2.0, 9.0]),
        ),
        # 3 of 4 MWh are held; the first hour makes 1 and buys 1 at 10, the second makes 4 + 3 and buys 2 at 100;
        # upkeep 8 * 5
        objective_cny=250.0,
        wrong={"nothing held": 530.0, "no limit of content": 160.0, "no upkeep": 210.0, "free water": 55.0},
        values={"lake.make": 8.0, "lake.spill": 0.0, "lake.inflow": 8.0, "lake.full_load_hours_h": 0.8},
    ),
    Case(
        proves="what neither turbines nor reservoir take is spilled",
        park=lambda: micro(
            _lake(power_max_mw=4.0, energy_max_mwh=2.0, inflow_mw=[9.0, 1.0]),
            grid(price_cny_per_mwh=[100.0, 100.0]),
            demand(power_mw=[10.0, 10.0]),
        ),
        # 4 made and 2 held of 9, 3 spilled; then 1 + 2 made: 7 of 20 MWh
        objective_cny=1_300.0,
        wrong={"no limit of power": 1_000.0, "nothing held": 1_500.0, "no reservoir limit": 1_200.0},
        values={"lake.make": 7.0, "lake.spill": 3.0, "lake.spilled_mwh": 3.0},
    ),
    Case(
        proves="ecological water is let go in cheap hours too, through the turbines, and never beyond the inflow",
        park=lambda: micro(
            _lake(energy_max_mwh=10.0, energy_start_fraction=0.0, inflow_mw=[1.0, 6.0, 4.0], ecological_mw=2.0),
            grid(price_cny_per_mwh=[10.0, 10.0, 100.0]),
            demand(power_mw=[10.0, 10.0, 10.0]),
        ),
        # 1 (all that flows), 2, and the 4 held beside 4 flowing: 9 and 8 are bought at 10, 2 at 100
        objective_cny=370.0,
        wrong={"no need": 190.0, "need met by spill only": 600.0, "nothing held": 730.0},
        values={"lake.make": 11.0, "lake.spill": 0.0},
    ),
    Case(
        proves="flow and head give the inflow, and start, reserve and end bound what may be drawn",
        park=lambda: micro(
            _lake(
                power_max_mw=20.0,
                energy_max_mwh=40.0,
                flow_m3_per_s=[100.0, 0.0],
                head_m=10.0,
                eff=0.8,
                level_min_fraction=0.1,
                energy_start_fraction=0.3,
                energy_end_fraction=0.2,
            ),
            grid(price_cny_per_mwh=[100.0, 100.0]),
            demand(power_mw=[10.0, 10.0]),
        ),
        # 12 at the start, 9.81e-3 * 0.8 * 10 * 100 = 7.848 flow in, 8 stay: 11.848 of 20 MWh are made
        objective_cny=815.2,
        wrong={"no end": 415.2, "no efficiency": 619.0, "cyclic": 1_215.2, "no reserve, no end": 15.2},
        values={"lake.make": 11.848, "lake.inflow_mwh": 7.848},
    ),
)
