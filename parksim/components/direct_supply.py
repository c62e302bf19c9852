"""Direct supply: energy of a plant outside the park, by contract (绿电直连, 就近消纳).

Rows
    (C1) 0 <= take[t] <= power_max * available[t] * outage[t] * (1 - loss)   for every step t      [MW]
    (C2) missed[y] + sum of step_h * take[t] / (1 - loss) >= take_or_pay * power_max * hours[y]    [MWh]
         hours[y] = sum of step_h * available[t] * outage[t], for every calendar year y; only with take-or-pay
take is what arrives in the park; the plant feeds take / (1 - loss).
Cost: energy = price[m] / (1 - loss), network, system, funds per energy arriving, times step_h * take[t];
      not_taken = take_or_pay price * missed[y]                                                     [CNY]
An outage that covers part of a step takes that part of it.
Take-or-pay is money on energy not taken, never a duty to take: a duty without export can make a park infeasible.
CO2: none is booked. A plant that exists already only reallocates its energy; accounts show avoided CO2 also as zero.
Not modelled: balancing of the plant's schedule, part-load commitment of the plant.
"""

from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from parksim.component import Block, Case, Component, Context, Indicator, Numbers, Residuals, Slice
from parksim.components._cases import demand, grid, micro
from parksim.components._outages import Outage, outage_problems, outage_share, share_left
from parksim.fields import Monthly, choice, monthly, node, quantity, series
from parksim.profiles import Series


class DirectSupply(Component):
    """Contract with a plant that supplies the park directly."""

    kind: Annotated[Literal["direct_supply"], choice("Component kind.")]
    electricity: Annotated[str, node("Feeds electricity here.")] = "electricity"
    delivery: Annotated[
        Literal["line", "local_network", "grid"], choice("Way of delivery: own line, local network, public grid.")
    ]
    technology: Annotated[Literal["hydro", "wind", "pv", "biomass", "mixed"], choice("What the plant runs on.")]
    plant: Annotated[
        Literal["new", "existing"], choice("Whether the plant is built for the park or existed (reallocated energy).")
    ]
    certificate: Annotated[
        Literal["tradable", "not_tradable", "none"], choice("Title of the green certificate that goes with the energy.")
    ]
    power_max_mw: Annotated[float, quantity("MW", "Contracted power at the plant.", ge=0, sizable=True)]
    available: Annotated[Series, series("1", "Share of the contracted power that the plant can give.", ge=0, le=1)]
    price_cny_per_mwh: Annotated[Monthly, monthly("CNY MWh-1", "Price at the plant, by season.", ge=0)]
    network_cny_per_mwh: Annotated[Monthly, monthly("CNY MWh-1", "Network charge (输配电).", ge=0)] = 0.0
    system_cny_per_mwh: Annotated[Monthly, monthly("CNY MWh-1", "System operation and cross-subsidy.", ge=0)] = 0.0
    funds_cny_per_mwh: Annotated[Monthly, monthly("CNY MWh-1", "Government funds (基金).", ge=0)] = 0.0
    loss_fraction: Annotated[float, quantity("1", "Lost between plant and park.", ge=0, lt=1)] = 0.0
    take_or_pay_fraction: Annotated[
        float | None, quantity("1", "Share of the available energy to be paid, taken or not.", ge=0, le=1)
    ] = None
    take_or_pay_cny_per_mwh: Annotated[
        float, quantity("CNY MWh-1", "Paid for energy below that share and not taken.", ge=0)
    ] = 0.0
    outages: Annotated[list[Outage], choice("Times in which less or nothing is delivered.")] = Field(
        default_factory=list
    )

    def problems(self) -> list[str]:
        """Name what is wrong between fields."""
        found = outage_problems(self.outages)
        if self.take_or_pay_cny_per_mwh and self.take_or_pay_fraction is None:
            found.append("take_or_pay_cny_per_mwh: needs `take_or_pay_fraction`, the share it applies to.")
        return found

    def numbers(self, ctx: Context) -> Numbers:
        """Deliverable share and prices per step; the energy to be paid per year.

        Raises
        ------
        InputError
            If an outage lies outside the horizon.
        """
        time, at = ctx.time, ctx.time.month_of_step
        share = ctx.series("available") * share_left(self.outages, ctx)
        arriving = 1.0 - self.loss_fraction
        contract: Numbers = {}
        if self.take_or_pay_fraction is not None:
            year = time.stamps.year.to_numpy() - time.year
            hours = np.bincount(year, weights=share).astype(np.float64) * ctx.step_h
            contract = {
                "floor_mwh_per_mw": self.take_or_pay_fraction * hours,
                "not_taken_cny_per_mwh": self.take_or_pay_cny_per_mwh,
                "plant_mwh_per_mwh": 1.0 / arriving,
            }
        return {
            "deliverable_fraction": share * arriving,
            "energy_cny_per_mw": (ctx.monthly("price_cny_per_mwh") * ctx.step_h / arriving)[at],
            "network_cny_per_mw": (ctx.monthly("network_cny_per_mwh") * ctx.step_h)[at],
            "system_cny_per_mw": (ctx.monthly("system_cny_per_mwh") * ctx.step_h)[at],
            "funds_cny_per_mw": (ctx.monthly("funds_cny_per_mwh") * ctx.step_h)[at],
            **contract,
        }

    def declare(self, lp: Block) -> None:
        """Add the flow (C1), take-or-pay (C2) and the ledger lines."""
        power = lp.capacity("power_max_mw")
        take = lp.flow(
            "take", node=self.electricity, feeds=True, role="direct", hi=power * lp.series("deliverable_fraction")
        )
        for term in ("energy", "network", "system", "funds"):
            lp.cost(term, lp.series(f"{term}_cny_per_mw"), take)
        if self.take_or_pay_fraction is not None:
            floor, plant = lp.series("floor_mwh_per_mw"), lp.number("plant_mwh_per_mwh")
            taken, missed = lp.total(take, over="year"), lp.amount("missed", over="year")
            lp.row("take_or_pay", lambda y: missed[y] + plant * taken[y] >= power * floor[y], over="year")
            lp.cost("not_taken", lp.number("not_taken_cny_per_mwh"), missed)

    def residuals(self, own: Slice) -> Residuals:
        """Restate (C1) and (C2) from the profile as read, the outages and the loss."""
        share = own.given("available") * outage_share(self.outages, own.stamps, step_h=own.step_h)
        arriving = self.power_max_mw * (1.0 - self.loss_fraction)
        found: Residuals = {"take_slack": arriving * share - own.power("take")}
        if self.take_or_pay_fraction is not None:
            year = own.stamps.year.to_numpy() - own.stamps[0].year
            hours = np.bincount(year, weights=share) * own.step_h
            fed = own.total("take_per_year") / (1.0 - self.loss_fraction)
            floor = self.take_or_pay_fraction * self.power_max_mw * hours
            found["take_or_pay_slack"] = own.total("missed") + fed - floor
        return found

    def costs(self, own: Slice) -> dict[str, float]:
        """Restate energy, charges and take-or-pay."""
        months = len(own.month_cover)
        taken = np.bincount(own.month_of_step, weights=own.power("take"), minlength=months) * own.step_h
        terms = {
            term: float(own.given(f"{field}_cny_per_mwh") @ taken) / (1.0 - lost)
            for term, field, lost in (
                ("energy", "price", self.loss_fraction),
                ("network", "network", 0.0),
                ("system", "system", 0.0),
                ("funds", "funds", 0.0),
            )
        }
        if self.take_or_pay_fraction is not None:
            terms["not_taken"] = self.take_or_pay_cny_per_mwh * float(own.total("missed").sum())
        return terms

    indicators: ClassVar[tuple[Indicator, ...]] = (
        Indicator("taken_mwh", "MWh", lambda own: own.energy_mwh("take"), "Energy that arrived in the park."),
        Indicator(
            "not_taken_mwh",
            "MWh",
            lambda own: float(np.sum(own.upper("take") - own.power("take")) * own.step_h),
            "Energy that could have arrived and was not taken.",
        ),
    )


def _hydro(**fields: object) -> dict[str, object]:
    plain = {
        "name": "hydro",
        "kind": "direct_supply",
        "delivery": "line",
        "technology": "hydro",
        "plant": "existing",
        "certificate": "not_tradable",
        "power_max_mw": 10.0,
        "available": [0.5, 0.8],
        "price_cny_per_mwh": 50.0,
    }
    return {**plain, **fields}


CASES = (
    Case(
        proves="loss raises the plant price and lowers what arrives; charges fall on what arrives",
        park=lambda: micro(
            _hydro(loss_fraction=0.2, network_cny_per_mwh=10.0, funds_cny_per_mwh=5.0),
            grid(price_cny_per_mwh=[100.0, 100.0]),
            demand(power_mw=[6.0, 6.0]),
        ),
        # arriving 10 * 0.5 * 0.8 = 4 and min(6, 6.4) = 6 MWh at 50 / 0.8 + 15 = 77.5; 2 MWh bought at 100
        objective_cny=975.0,
        wrong={"no loss": 850.0, "loss on price only": 935.0, "loss on power only": 850.0, "no charges": 825.0},
    ),
    Case(
        proves="take-or-pay is money on energy not taken, never a duty",
        park=lambda: micro(
            _hydro(price_cny_per_mwh=120.0, take_or_pay_fraction=0.9, take_or_pay_cny_per_mwh=10.0),
            grid(price_cny_per_mwh=[100.0, 100.0]),
            demand(power_mw=[2.0, 2.0]),
        ),
        # the floor is 0.9 * 13 = 11.7 MWh; buying stays cheaper (100 + 10 < 120): 4 * 100 + 11.7 * 10
        objective_cny=517.0,
        wrong={"duty to take": 597.0, "no take-or-pay": 400.0, "on all available": 530.0},
    ),
    Case(
        proves="take-or-pay makes dear energy worth taking",
        park=lambda: micro(
            _hydro(price_cny_per_mwh=120.0, take_or_pay_fraction=0.9, take_or_pay_cny_per_mwh=30.0),
            grid(price_cny_per_mwh=[100.0, 100.0]),
            demand(power_mw=[2.0, 2.0]),
        ),
        # taking saves 100 + 30 for 120: 4 MWh * 120 + (11.7 - 4) * 30
        objective_cny=711.0,
        wrong={"never taken": 751.0, "no take-or-pay": 400.0, "pay on taken too": 831.0},
    ),
    Case(
        proves="an outage stops delivery on the hour",
        park=lambda: micro(
            _hydro(outages=[{"start": "2025-01-01T01:00", "end": "2025-01-01T02:00"}]),
            grid(price_cny_per_mwh=[100.0, 100.0]),
            demand(power_mw=[4.0, 4.0]),
        ),
        objective_cny=600.0,  # 4 MWh * 50, then 4 MWh * 100
        wrong={"no outage": 400.0, "whole day": 800.0},
    ),
)
