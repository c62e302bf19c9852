"""Battery: moves electricity through time.

Rows, for every step t
    (B1) held[t] = keep * held[t-1] + gain * charge[t] - drain * discharge[t]    [MWh]
         keep = (1 - loss_per_h)^step_h,  gain = eff_in * step_h,  drain = step_h / eff_out
    (B2) 0 <= charge[t], discharge[t] <= power_max                               [MW]
    (B3) level_min * energy_max <= held[t] <= level_max * energy_max             [MWh]
    (B4) auxiliary[t] = auxiliary_fraction * power_max (cooling, controls)       [MW]
Cyclic over the horizon, unless ``energy_start_fraction`` is given: then held before the first step is
energy_start_fraction * energy_max and the end is free, or at least ``energy_end_fraction``.
Cost: wear = wear_cny_per_mwh * step_h * discharge[t]                            [CNY]
Not modelled: charging and discharging excluding each other (with a loss or a wear cost it never pays, unless a price
is negative), efficiency by power, fade within the horizon.
Reference: park-facts compiled for LFP systems (round trip 0.86 to 0.90 AC); the store equation is the common one of
linear dispatch models.
"""

from typing import Annotated, Literal

import numpy as np

from parksim.component import Block, Case, Component, Context, Indicator, Numbers, Residuals, Slice, before
from parksim.components._cases import demand, grid, micro, source
from parksim.fields import choice, node, quantity


class Battery(Component):
    """Electricity storage (储能)."""

    kind: Annotated[Literal["battery"], choice("Component kind.")]
    electricity: Annotated[str, node("Draws and feeds electricity here.")] = "electricity"
    power_max_mw: Annotated[float, quantity("MW", "Rated power, in and out.", ge=0, sizable=True)]
    energy_max_mwh: Annotated[float, quantity("MWh", "Energy between empty and full.", ge=0, sizable=True)]
    eff_in: Annotated[float, quantity("1", "Efficiency of charging.", gt=0, le=1)]
    eff_out: Annotated[float, quantity("1", "Efficiency of discharging.", gt=0, le=1)]
    loss_per_h: Annotated[float, quantity("h-1", "Self-discharge, share of the content per hour.", ge=0, lt=1)] = 0.0
    level_min_fraction: Annotated[float, quantity("1", "Lowest content allowed.", ge=0, le=1)] = 0.0
    level_max_fraction: Annotated[float, quantity("1", "Highest content allowed.", ge=0, le=1)] = 1.0
    auxiliary_fraction: Annotated[
        float, quantity("1", "Constant own use (cooling, controls) per rated power.", ge=0, le=0.2)
    ] = 0.0
    wear_cny_per_mwh: Annotated[float, quantity("CNY MWh-1", "Wear per energy discharged.", ge=0)] = 0.0
    energy_start_fraction: Annotated[
        float | None, quantity("1", "Content at the start; cyclic where left out.", ge=0, le=1)
    ] = None
    energy_end_fraction: Annotated[
        float, quantity("1", "Least content at the end, where a start is given.", ge=0, le=1)
    ] = 0.0

    def problems(self) -> list[str]:
        """Name what is wrong between fields."""
        found = []
        if self.level_min_fraction > self.level_max_fraction:
            found.append(
                f"level_min_fraction: got {self.level_min_fraction:g}, must be at most level_max_fraction "
                f"({self.level_max_fraction:g})."
            )
        if self.energy_start_fraction is not None and not (
            self.level_min_fraction <= self.energy_start_fraction <= self.level_max_fraction
        ):
            found.append(
                f"energy_start_fraction: got {self.energy_start_fraction:g}, must lie in "
                f"[{self.level_min_fraction:g}, {self.level_max_fraction:g}], the level limits."
            )
        if self.energy_end_fraction > self.level_max_fraction:
            found.append(
                f"energy_end_fraction: got {self.energy_end_fraction:g}, must be at most level_max_fraction "
                f"({self.level_max_fraction:g})."
            )
        if self.energy_start_fraction is None and self.energy_end_fraction:
            found.append("energy_end_fraction: needs `energy_start_fraction`; without it the store is cyclic.")
        return found

    def numbers(self, ctx: Context) -> Numbers:
        """Store equation and limits."""
        lowest = np.full(ctx.time.steps, self.level_min_fraction)
        lowest[-1] = max(self.level_min_fraction, self.energy_end_fraction)
        start = {} if self.energy_start_fraction is None else {"start_fraction": self.energy_start_fraction}
        return {
            "keep_fraction": (1.0 - self.loss_per_h) ** ctx.step_h,
            "gain_mwh_per_mw": self.eff_in * ctx.step_h,
            "drain_mwh_per_mw": ctx.step_h / self.eff_out,
            "level_min_fraction": lowest,
            "level_max_fraction": self.level_max_fraction,
            "auxiliary_fraction": self.auxiliary_fraction,
            "wear_cny_per_mw": self.wear_cny_per_mwh * ctx.step_h,
            **start,
        }

    def declare(self, lp: Block) -> None:
        """Add the store (B1) to (B4)."""
        power, energy = lp.capacity("power_max_mw"), lp.capacity("energy_max_mwh")
        keep, gain, drain = lp.number("keep_fraction"), lp.number("gain_mwh_per_mw"), lp.number("drain_mwh_per_mw")
        charge = lp.flow("charge", node=self.electricity, feeds=False, role="charge", hi=power)
        discharge = lp.flow("discharge", node=self.electricity, feeds=True, role="discharge", hi=power)
        own_use = power * lp.number("auxiliary_fraction")
        lp.flow("auxiliary", node=self.electricity, feeds=False, role="convert", lo=own_use, hi=own_use)
        start = None if self.energy_start_fraction is None else energy * lp.number("start_fraction")
        held = lp.level(
            "held",
            lo=energy * lp.series("level_min_fraction"),
            hi=energy * lp.number("level_max_fraction"),
            start=start,
        )
        lp.row("content", lambda t: held[t] == keep * held[before(t)] + gain * charge[t] - drain * discharge[t])
        lp.cost("wear", lp.number("wear_cny_per_mw"), discharge)

    def residuals(self, own: Slice) -> Residuals:
        """Restate (B1) to (B4)."""
        keep = (1.0 - self.loss_per_h) ** own.step_h
        moved = self.eff_in * own.power("charge") - own.power("discharge") / self.eff_out
        found: Residuals = {
            "content": own.level("held") - keep * own.level_before("held") - own.step_h * moved,
            "auxiliary": own.power("auxiliary") - self.auxiliary_fraction * self.power_max_mw,
            "charge_slack": self.power_max_mw - own.power("charge"),
            "discharge_slack": self.power_max_mw - own.power("discharge"),
            "level_min_slack": own.level("held") - self.level_min_fraction * self.energy_max_mwh,
            "level_max_slack": self.level_max_fraction * self.energy_max_mwh - own.level("held"),
            "end_slack": own.level("held")[-1:] - self.energy_end_fraction * self.energy_max_mwh,
        }
        if self.energy_start_fraction is not None:
            found["start"] = own.level_before("held")[:1] - self.energy_start_fraction * self.energy_max_mwh
        return found

    def costs(self, own: Slice) -> dict[str, float]:
        """Restate wear."""
        return {"wear": self.wear_cny_per_mwh * own.energy_mwh("discharge")}

    indicators = (
        Indicator("charge_mwh", "MWh", lambda own: own.energy_mwh("charge"), "Energy charged."),
        Indicator("discharge_mwh", "MWh", lambda own: own.energy_mwh("discharge"), "Energy discharged."),
        Indicator("auxiliary_mwh", "MWh", lambda own: own.energy_mwh("auxiliary"), "Own use of cooling and controls."),
    )


def _battery(**fields: object) -> dict[str, object]:
    plain = {"power_max_mw": 10.0, "energy_max_mwh": 10.0, "eff_in": 0.8, "eff_out": 0.5}
    return {"name": "battery", "kind": "battery", **plain, **fields}


CASES = (
    Case(
        proves="energy is bought cheap, stored with both losses and worn, and used dear",
        park=lambda: micro(
            grid(price_cny_per_mwh=[10.0, 100.0]), demand(power_mw=[0.0, 4.0]), _battery(wear_cny_per_mwh=5.0)
        ),
        # 4 MWh out need 8 MWh held (/ 0.5) and 10 MWh in (/ 0.8): the power limit of 10 MW just allows it.
        objective_cny=120.0,  # 10 MWh * 10 + 4 MWh * 5
        wrong={
            "no loss out": 70.0,
            "no loss in": 100.0,
            "no wear": 100.0,
            "wear on charge": 150.0,
            "no battery": 400.0,
        },
        values={"battery.charge": 10.0, "battery.discharge": 4.0},
    ),
    Case(
        proves="a given start is spent and self-discharge is by the hour",
        park=lambda: micro(
            grid(price_cny_per_mwh=[100.0, 100.0]),
            demand(power_mw=[0.0, 3.0]),
            _battery(eff_out=1.0, energy_start_fraction=0.4, loss_per_h=0.5),
        ),
        # 4 MWh at the start, 2 after the first hour; the second hour halves them to 1 before serving: 3 - 1 are bought.
        objective_cny=200.0,
        wrong={"loss once": 100.0, "no loss": 0.0, "cyclic": 300.0},
    ),
    Case(
        proves="level limits keep a reserve and own use is drawn all the time",
        park=lambda: micro(
            grid(price_cny_per_mwh=[10.0, 100.0]),
            demand(power_mw=[0.0, 10.0]),
            _battery(eff_in=1.0, eff_out=1.0, level_min_fraction=0.2, level_max_fraction=0.9, auxiliary_fraction=0.1),
        ),
        # 7 MWh move between 20 and 90 %; own use 1 MW in both hours: (7 + 1) * 10 + (10 - 7 + 1) * 100.
        objective_cny=480.0,
        wrong={"no reserve": 300.0, "no own use": 370.0, "full depth": 210.0},
    ),
    Case(
        proves="surplus that would be curtailed is stored",
        park=lambda: micro(
            source(power_mw=[8.0, 0.0]),
            grid(price_cny_per_mwh=[100.0, 100.0]),
            demand(power_mw=[3.0, 3.0]),
            _battery(eff_in=1.0, eff_out=0.5),
        ),
        # 5 MWh surplus give 2.5 MWh in the second hour; half a MWh is bought.
        objective_cny=50.0,
        wrong={"no battery": 300.0, "no loss": 0.0},
    ),
)
