"""Grid connection: buys and sells at a tariff, and pays for the month's peak.

Rows
    (G1) peak[m] >= peak_ratio * buy[t]      for every step t of month m     [MW]
    (G2) peak[m] >= demand_floor                                             [MW]
    (G3) 0 <= buy[t]  <= import_max * import_available[t] * outage[t]        [MW]
    (G4) 0 <= sell[t] <= export_max * export_available[t] * outage[t]        [MW]
    (G5) sum of step_h * buy[t] over a calendar year <= import_energy_max    [MWh], only where given
Cost: energy = price[t] * step_h * buy[t], demand_charge = charge[m] * cover[m] * peak[m], sales negative  [CNY]
CO2: purchase = factor of the park's first yardstick * step_h * buy[t]; sale = the same of sell, negative, where
     that yardstick takes energy sold off energy bought                                                     [t]
peak_ratio is the quarter-hour peak over the mean of a longer step: ``quarter_hour_peak_ratio`` for steps of an hour,
1 for 15 minutes (parksim has no shorter step), linear between. demand_floor = demand_floor_fraction * transformer (at a
power factor of 1).
outage is the share that outages leave of the connection, both ways, 1 outside them.
cover[m] is the share of the month inside the horizon, so that two days pay two days' share of the month's charge.
Not modelled: power factor charges, contract demand with a penalty above it.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from parksim.component import Block, Case, Component, Context, Indicator, Numbers, Residuals, Slice, month
from parksim.components._cases import demand, grid, micro, source
from parksim.components._outages import Outage, outage_problems, outage_share, share_left
from parksim.fields import choice, node, quantity, reference, series
from parksim.profiles import Series


class Grid(Component):
    """Connection to the public grid (电网)."""

    kind: Annotated[Literal["grid"], choice("Component kind.")]
    electricity: Annotated[str, node("Feeds and draws electricity here.")] = "electricity"
    tariff: Annotated[str, reference("Name of a table of [tariffs].")]
    import_max_mw: Annotated[float, quantity("MW", "Highest import.", ge=0, sizable=True)]
    import_available: Annotated[Series, series("1", "Share of the import limit that is available.", ge=0, le=1)] = 1.0
    export_max_mw: Annotated[float, quantity("MW", "Highest export.", ge=0, sizable=True)] = 0.0
    export_available: Annotated[Series, series("1", "Share of the export limit that is available.", ge=0, le=1)] = 1.0
    export_price_cny_per_mwh: Annotated[Series, series("CNY MWh-1", "Paid for energy sold.")] = 0.0
    export_above_import: Annotated[
        bool, choice("Says that an export price above the import price is meant; refused otherwise.")
    ] = False
    quarter_hour_peak_ratio: Annotated[
        float, quantity("1", "Highest quarter-hour of an hour over its mean, for the demand charge.", ge=1, le=3)
    ] = 1.0
    transformer_mva: Annotated[float | None, quantity("MVA", "Transformers in service.", gt=0)] = None
    demand_floor_fraction: Annotated[
        float, quantity("1", "Least demand billed, share of the transformers.", ge=0, le=1)
    ] = 0.0
    import_energy_max_mwh: Annotated[float | None, quantity("MWh", "Most energy bought in a calendar year.", ge=0)] = (
        None
    )
    outages: Annotated[list[Outage], choice("Times in which the connection carries less or nothing.")] = Field(
        default_factory=list
    )

    def problems(self) -> list[str]:
        """Name what is wrong between fields."""
        found = outage_problems(self.outages)
        if self.demand_floor_fraction > 0 and self.transformer_mva is None:
            found.append("demand_floor_fraction: is a share of `transformer_mva`, which is missing; add it.")
        return found

    def peak_ratio(self, step_h: float) -> float:
        """Give the billed quarter-hour peak over the mean of a step of ``step_h`` [h]."""
        return 1.0 + (self.quarter_hour_peak_ratio - 1.0) * max(0.0, (step_h - 0.25) / 0.75)

    def numbers(self, ctx: Context) -> Numbers:
        """Prices, limits and the CO2 factor per step.

        Raises
        ------
        InputError
            If an outage lies outside the horizon.
        """
        left = share_left(self.outages, ctx)
        price = ctx.prices[self.tariff]
        sale = ctx.series("export_price_cny_per_mwh")
        cap = {} if self.import_energy_max_mwh is None else {"import_energy_max_mwh": self.import_energy_max_mwh}
        return {
            "import_available": ctx.series("import_available") * left,
            "export_available": ctx.series("export_available") * left,
            "energy_cny_per_mw": price.energy_cny_per_mwh * ctx.step_h,
            "sale_cny_per_mw": -sale * ctx.step_h,
            "demand_cny_per_mw": price.demand_cny_per_mw_month * ctx.time.month_cover,
            "peak_ratio": self.peak_ratio(ctx.step_h),
            "demand_floor_mw": self.demand_floor_fraction * (self.transformer_mva or 0.0),
            "purchase_t_per_mw": ctx.grid_co2_t_per_mwh * ctx.step_h,
            "sale_t_per_mw": -ctx.grid_co2_t_per_mwh * ctx.step_h * ctx.grid_co2_net,
            **cap,
        }

    def declare(self, lp: Block) -> None:
        """Add flows, peak and ledger lines (G1) to (G5)."""
        bought, sold = lp.capacity("import_max_mw"), lp.capacity("export_max_mw")
        ratio = lp.number("peak_ratio")
        buy = lp.flow(
            "buy", node=self.electricity, feeds=True, role="import", hi=bought * lp.series("import_available")
        )
        sell = lp.flow(
            "sell", node=self.electricity, feeds=False, role="export", hi=sold * lp.series("export_available")
        )
        peak = lp.peak("peak", lo=lp.number("demand_floor_mw"))
        lp.row("peak_limit", lambda t: peak[month(t)] >= ratio * buy[t])
        if self.import_energy_max_mwh is not None:
            cap = lp.number("import_energy_max_mwh")
            bought_per_year = lp.total(buy, over="year")
            lp.row("import_energy_limit", lambda y: bought_per_year[y] <= cap, over="year")
        lp.cost("energy", lp.series("energy_cny_per_mw"), buy)
        lp.cost("sales", lp.series("sale_cny_per_mw"), sell)
        lp.cost("demand_charge", lp.series("demand_cny_per_mw"), peak)
        lp.co2("purchase", lp.number("purchase_t_per_mw"), buy)
        lp.co2("sale", lp.number("sale_t_per_mw"), sell)

    def residuals(self, own: Slice) -> Residuals:
        """Restate (G1) to (G5)."""
        left = outage_share(self.outages, own.stamps, step_h=own.step_h)
        slack = own.peak("peak")[own.month_of_step] - self.peak_ratio(own.step_h) * own.power("buy")
        found: Residuals = {
            "peak_limit_slack": slack,
            "demand_floor_slack": own.peak("peak") - self.demand_floor_fraction * (self.transformer_mva or 0.0),
            "import_slack": self.import_max_mw * own.given("import_available") * left - own.power("buy"),
            "export_slack": self.export_max_mw * own.given("export_available") * left - own.power("sell"),
        }
        if self.import_energy_max_mwh is not None:
            found["import_energy_slack"] = self.import_energy_max_mwh - own.total("buy_per_year")
        return found

    def costs(self, own: Slice) -> dict[str, float]:
        """Restate energy, sales and the demand charge from the tariff as read."""
        price, charge = own.tariff(self.tariff)
        return {
            "energy": float(price @ own.power("buy")) * own.step_h,
            "sales": -float(own.given("export_price_cny_per_mwh") @ own.power("sell")) * own.step_h,
            "demand_charge": float((charge * own.month_cover) @ own.peak("peak")),
        }

    def emissions(self, own: Slice) -> dict[str, float]:
        """Restate purchase and sale."""
        factor = own.grid_co2_t_per_mwh
        return {
            "purchase": factor * own.energy_mwh("buy"),
            "sale": -factor * own.energy_mwh("sell") if own.grid_co2_net else 0.0,
        }

    indicators: ClassVar[tuple[Indicator, ...]] = (
        Indicator("import_mwh", "MWh", lambda own: own.energy_mwh("buy"), "Energy bought."),
        Indicator("export_mwh", "MWh", lambda own: own.energy_mwh("sell"), "Energy sold."),
        Indicator("peak_import_mw", "MW", lambda own: float(own.power("buy").max()), "Highest mean import of a step."),
    )


CASES = (
    Case(
        proves="the month's charge falls on the peak, raised to the quarter-hour, for the covered share of the month",
        park=lambda: micro(
            grid(price_cny_per_mwh=[100.0, 100.0], demand_cny_per_mw_month=7_440.0, quarter_hour_peak_ratio=1.5),
            demand(power_mw=[2.0, 4.0]),
        ),
        # 6 MWh * 100; 4 MW * 1.5 * 7,440 CNY/MW * 2 h / 744 h of January = 6 MW * 20 CNY/MW
        objective_cny=720.0,
        wrong={"no charge": 600.0, "hourly peak": 680.0, "full month": 45_240.0, "per step": 780.0},
    ),
    Case(
        proves="a demand floor is billed where the peak stays below it",
        park=lambda: micro(
            grid(
                price_cny_per_mwh=[100.0, 100.0],
                demand_cny_per_mw_month=7_440.0,
                transformer_mva=20.0,
                demand_floor_fraction=0.4,
            ),
            demand(power_mw=[2.0, 4.0]),
        ),
        objective_cny=760.0,  # 6 MWh * 100; max(4, 0.4 * 20) MW * 20 CNY/MW
        wrong={"no floor": 680.0, "floor on top": 840.0, "floor of all": 1_000.0},
    ),
    Case(
        proves="surplus is sold within the export limit, at the export price",
        park=lambda: micro(
            source(power_mw=[10.0, 0.0]),
            grid(price_cny_per_mwh=[100.0, 100.0], export_max_mw=5.0, export_price_cny_per_mwh=40.0),
            demand(power_mw=[3.0, 3.0]),
        ),
        objective_cny=100.0,  # 3 MWh * 100 - 5 MWh * 40; 2 MWh are curtailed
        wrong={"no limit": 20.0, "no sales": 300.0, "sold at import price": -200.0},
        values={"grid.sell": 5.0},
    ),
    Case(
        proves="a yearly cap on energy bought leaves the dear hour to the shortfall",
        park=lambda: micro(
            grid(price_cny_per_mwh=[100.0, 300.0], import_energy_max_mwh=4.0),
            demand(power_mw=[3.0, 3.0]),
            {"name": "shortfall", "kind": "shortfall", "price_cny_per_mwh": 1_000.0},
        ),
        objective_cny=2_600.0,  # 3 MWh * 100 + 1 MWh * 300 + 2 MWh * 1,000
        wrong={"no cap": 1_200.0, "cap per step": 1_200.0, "dear hour first": 3_000.0},
    ),
    Case(
        proves="an outage stops buying and selling for the time it covers of a step",
        park=lambda: micro(
            source(power_mw=[0.0, 8.0]),
            grid(
                price_cny_per_mwh=[100.0, 100.0],
                import_max_mw=4.0,
                export_max_mw=4.0,
                export_price_cny_per_mwh=40.0,
                outages=[{"start": "2025-01-01T00:30", "end": "2025-01-01T01:45", "available": 0.2}],
            ),
            demand(power_mw=[4.0, 2.0]),
            {"name": "shortfall", "kind": "shortfall", "price_cny_per_mwh": 1_000.0},
        ),
        # 4 * (1 - 0.8 * 0.5) = 2.4 MWh * 100 + 1.6 MWh * 1,000; sold 4 * (1 - 0.8 * 0.75) = 1.6 MWh * 40
        objective_cny=1_776.0,
        wrong={"no outage": 240.0, "whole steps": 3_296.0, "import only": 1_680.0, "nothing left": 1_960.0},
        values={"grid.buy": 2.4, "grid.sell": 1.6},
    ),
)
