"""What the verdict reads of a park file: energy besides modelled electricity, by the year, and the table ``[verdict]``.

Of an amount, by mass, volume or heat:
    (1) heat = amount * heat content              [GJ], heat content 1 where the amount is heat
    (2) coal equivalent = heat / 29.307           [tce]
    (3) CO2 = heat * CO2 per heat                 [t]
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from parksim.fields import choice, fields_of, quantity
from parksim.fuels import FUELS, Clean, Fuel, FuelName
from parksim.units import CALORIFIC_TCE_PER_MWH

AMOUNTS = {"amount_t": "t", "amount_m3": "m3", "amount_gj": "GJ"}
"""Field of an amount to its unit."""

HEAT_OF = {"amount_t": "heat_gj_per_t", "amount_m3": "heat_gj_per_m3"}
"""Field of an amount to the field of the heat content it is multiplied by."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    sources: Annotated[dict[str, str], Field(description="Field to source, or `default` for the rest.")] = {}


def _source_of(table: _Table, field: str) -> str:
    """Source of a field that the file gives."""
    return table.sources.get(field, table.sources.get("default", ""))


class OtherEnergy(_Table):
    """A table of ``[other_energy]``: a fuel or purchased heat that the park uses in a year."""

    title: Annotated[str | None, Field(description="Name shown in reports; that of the fuel where left out.")] = None
    fuel: Annotated[FuelName, choice("What it is; `other` needs both factors.")]
    amount_t: Annotated[float | None, quantity("t", "Used in a year, by mass; feedstock left out.", ge=0)] = None
    amount_m3: Annotated[
        float | None, quantity("m3", "Used in a year, by volume at standard conditions; feedstock left out.", ge=0)
    ] = None
    amount_gj: Annotated[float | None, quantity("GJ", "Used in a year, by heat; feedstock left out.", ge=0)] = None
    heat_gj_per_t: Annotated[
        float | None,
        quantity("GJ t-1", "Measured heat content by mass, in place of the fuel's usual one.", gt=0, le=150),
    ] = None
    heat_gj_per_m3: Annotated[
        float | None,
        quantity("GJ m-3", "Measured heat content by volume, in place of the fuel's usual one.", gt=0, le=0.2),
    ] = None
    co2_t_per_gj: Annotated[
        float | None,
        quantity("t GJ-1", "Measured CO2 per heat, in place of the fuel's usual one.", ge=0, le=0.5),
    ] = None

    @model_validator(mode="after")
    def _counted_one_way(self) -> "OtherEnergy":
        given = [name for name in AMOUNTS if getattr(self, name) is not None]
        if len(given) != 1:
            found = f"has {' and '.join(given)}" if given else "has no amount"
            msg = f"{found}; give one of {', '.join(AMOUNTS)}"
            raise ValueError(msg)
        own = HEAT_OF.get(given[0])
        unused = [name for name in HEAT_OF.values() if name != own and getattr(self, name) is not None]
        if unused:
            msg = f"{unused[0]}: is not read, for the year is given as {given[0]}; remove it"
            raise ValueError(msg)
        if own is not None and self.heat_gj_per_unit is None:
            known = [other for other, field in HEAT_OF.items() if getattr(self._fuel, field) is not None]
            instead = " or ".join([*known, "amount_gj"])
            msg = f"{given[0]}: {self.fuel} has no usual heat content for it; add {own}, or give {instead}"
            raise ValueError(msg)
        if self.co2_t_per_gj is None and self._fuel.co2_t_per_gj is None:
            msg = f"co2_t_per_gj: is missing [t GJ-1]; {self.fuel} has no usual one"
            raise ValueError(msg)
        return self

    @property
    def _fuel(self) -> Fuel:
        return FUELS[self.fuel]

    @property
    def amount_field(self) -> str:
        """Field in which the year's amount is given."""
        return next(name for name in AMOUNTS if getattr(self, name) is not None)

    @property
    def heat_gj_per_unit(self) -> float | None:
        """Heat content per unit of the amount [GJ per t, m3 or GJ]; None where it is not known."""
        if self.amount_field == "amount_gj":
            return 1.0
        field = HEAT_OF[self.amount_field]
        own: float | None = getattr(self, field)
        usual: float | None = getattr(self._fuel, field)
        return usual if own is None else own

    def counted(self) -> dict[str, Any]:
        """Give the amount with the factors it is counted by, and where each comes from."""
        amount, heat = self.amount_field, HEAT_OF.get(self.amount_field, "")
        own_heat, own_co2 = getattr(self, heat, None) is not None, self.co2_t_per_gj is not None
        return {
            "title": self.title or self._fuel.title,
            "fuel": self.fuel,
            "amount": getattr(self, amount),
            "unit": AMOUNTS[amount],
            "heat_gj_per_unit": self.heat_gj_per_unit,
            "co2_t_per_gj": self.co2_t_per_gj if own_co2 else self._fuel.co2_t_per_gj,
            "clean": self._clean,
            "amount_source": _source_of(self, amount),
            "heat_source": _source_of(self, heat) if own_heat else self._fuel.heat_source if heat else "",
            "co2_source": _source_of(self, "co2_t_per_gj") if own_co2 else self._fuel.co2_source,
        }

    @property
    def _clean(self) -> Clean:
        """Whether it counts as clean energy; heat without CO2, such as waste heat, by one reading."""
        usual = self._fuel.clean
        return "by_wording" if self.co2_t_per_gj == 0.0 and usual == "no" else usual


class Verdict(_Table):
    """The table ``[verdict]``: how the park is judged by the rules of zero-carbon parks."""

    all_electric: Annotated[
        bool, choice("Says that the park uses no energy besides what is modelled, so that [other_energy] is empty.")
    ] = False
    electricity_value: Annotated[
        Literal["equal", "calorific"],
        choice("Coal equivalent of electricity: `equal` (等价值) as the national method, or `calorific` (当量值)."),
    ] = "equal"
    equal_value_tce_per_mwh: Annotated[
        float, quantity("tce MWh-1", "Coal equivalent of electricity by the coal a power plant burns.", ge=0.2, le=0.5)
    ] = 0.30
    untitled_t_per_mwh: Annotated[
        float, quantity("t MWh-1", "CO2 of electricity without green title in the park method.", gt=0, le=2)
    ] = 0.8325
    process_co2_t: Annotated[
        float | None, quantity("t", "CO2 of industrial processes in a year, such as from carbonates.", ge=0)
    ] = None
    certificates_mwh: Annotated[
        float, quantity("MWh", "Green certificates (绿证) bought and retired for the park's use in a year.", ge=0)
    ] = 0.0
    certificate_price_min_cny_per_mwh: Annotated[
        float, quantity("CNY MWh-1", "Lowest price of a green certificate (1 MWh).", ge=0)
    ] = 4.61
    certificate_price_max_cny_per_mwh: Annotated[
        float, quantity("CNY MWh-1", "Highest price of a green certificate (1 MWh).", ge=0)
    ] = 5.66
    connection_year: Annotated[
        int | None,
        Field(description="Year the direct connection started; the first simulated one if left out.", ge=2000, le=2100),
    ] = None
    continuous_spot: Annotated[
        bool | None, choice("Whether the province's spot market runs continuously, so that a direct line may export.")
    ] = None

    @model_validator(mode="after")
    def _consistent(self) -> "Verdict":
        low, high = self.certificate_price_min_cny_per_mwh, self.certificate_price_max_cny_per_mwh
        if low > high:
            msg = f"certificate_price_min_cny_per_mwh: got {low:g}, must be at most the highest price ({high:g})"
            raise ValueError(msg)
        return self

    @property
    def tce_per_mwh(self) -> float:
        """Coal equivalent of electricity [tce MWh-1]."""
        return self.equal_value_tce_per_mwh if self.electricity_value == "equal" else CALORIFIC_TCE_PER_MWH

    def terms(self) -> dict[str, Any]:
        """Give every value the verdict is made with, and the source of each number."""
        numbers = [name for name, doc in fields_of(Verdict).items() if doc.unit and name in self.model_fields_set]
        sources = {**USUAL, **{name: _source_of(self, name) for name in numbers}}
        return {**self.model_dump(exclude={"sources"}), "electricity_tce_per_mwh": self.tce_per_mwh, "sources": sources}


_MARKET = "NEA, monthly mean price of green certificates, {} of July to December 2025 ({}) [verified]"

USUAL: dict[str, str] = {
    "equal_value_tce_per_mwh": "0.30 to 0.305, the coal use of power supply, by year [background, high]",
    "untitled_t_per_mwh": (
        "发改环资〔2025〕910号, trial method: fossil-power factor of data year 2022, fixed "
        "[verified in a compilation that names the annex]"
    ),
    "certificate_price_min_cny_per_mwh": _MARKET.format("lowest", "July"),
    "certificate_price_max_cny_per_mwh": _MARKET.format("highest", "August"),
}
"""Number of ``[verdict]`` to the source of its default."""
