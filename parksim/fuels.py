"""Energy besides modelled electricity: heat content and CO2 of fuels and of purchased heat, each with its source.

All of it is counted by its heat (lower heating value of a fuel, enthalpy of steam), so that coal equivalent follows
from one constant, :data:`parksim.units.GJ_PER_TCE`. CO2 is that of burning the fuel in the park, or of making the heat.
"""

from dataclasses import dataclass
from typing import Literal

from parksim.units import GJ_PER_TCE

FuelName = Literal[
    "natural_gas", "raw_coal", "diesel", "gasoline", "biomass", "hydrogen", "steam", "district_heat", "other"
]

Clean = Literal["yes", "by_wording", "no"]
"""Whether a fuel counts as clean energy: the notice's wording was not seen, so some count by one reading only."""


@dataclass(frozen=True)
class Fuel:
    """What is known of a fuel; None where the park file must say it.

    Parameters
    ----------
    title
        Name in English and Chinese.
    heat_gj_per_t, heat_gj_per_m3
        Heat content by mass and by volume at standard conditions [GJ t-1], [GJ m-3].
    co2_t_per_gj
        CO2 per heat [t GJ-1].
    heat_source, co2_source
        Where the factors stand, with their tag.
    """

    title: str
    heat_gj_per_t: float | None = None
    heat_gj_per_m3: float | None = None
    co2_t_per_gj: float | None = None
    clean: Clean = "no"
    heat_source: str = ""
    co2_source: str = ""


_COAL_EQUIVALENT = "GB/T 2589-2020, {} kgce/kg [background, high]"
_IPCC = "IPCC 2006, {} kg/GJ [background, high]"
_HEAT = "GB/T 32150-2025, default of purchased heat, 0.11 t/GJ [verified]"

FUELS: dict[FuelName, Fuel] = {
    "natural_gas": Fuel(
        "natural gas (天然气)",
        heat_gj_per_m3=389.31e-4,
        co2_t_per_gj=0.0153 * 0.99 * 44.0 / 12.0,
        clean="by_wording",
        heat_source="GB/T 32151.34-2024, 389.31 GJ per 10,000 m3 [verified]",
        co2_source="GB/T 32151.34-2024, 0.0153 tC/GJ, oxidation 0.99, times 44/12 [derived]",
    ),
    "raw_coal": Fuel(
        "raw coal (原煤)",
        heat_gj_per_t=0.7143 * GJ_PER_TCE,
        co2_t_per_gj=94.6e-3,
        heat_source=_COAL_EQUIVALENT.format(0.7143),
        co2_source=_IPCC.format(94.6),
    ),
    "diesel": Fuel(
        "diesel (柴油)",
        heat_gj_per_t=1.4571 * GJ_PER_TCE,
        co2_t_per_gj=74.1e-3,
        heat_source=_COAL_EQUIVALENT.format(1.4571),
        co2_source=_IPCC.format(74.1),
    ),
    "gasoline": Fuel(
        "gasoline (汽油)",
        heat_gj_per_t=1.4714 * GJ_PER_TCE,
        co2_t_per_gj=69.3e-3,
        heat_source=_COAL_EQUIVALENT.format(1.4714),
        co2_source=_IPCC.format(69.3),
    ),
    "biomass": Fuel(
        "biomass and biogas (生物质)",
        co2_t_per_gj=0.0,
        clean="yes",
        co2_source="biogenic CO2 is not counted as CO2 of energy use, IPCC 2006 [background, high]",
    ),
    "hydrogen": Fuel(
        "hydrogen brought in (外购氢)",
        heat_gj_per_t=120.0,
        clean="by_wording",
        heat_source="lower heating value, 120 MJ/kg [background, high]",
    ),
    "steam": Fuel("purchased steam (外购蒸汽)", co2_t_per_gj=0.11, co2_source=_HEAT),
    "district_heat": Fuel("purchased heat (外购热力)", co2_t_per_gj=0.11, co2_source=_HEAT),
    "other": Fuel("other (其他)"),
}
"""Fuel to its factors. Hydrogen burns without CO2, but whether its making counts was not seen: the park file says."""
