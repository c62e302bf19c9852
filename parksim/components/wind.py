"""Wind: electricity from wind, by the physics of the turbines or by a given availability.

Rows: none. For every step t
    (W1) 0 <= make[t] <= power_max * available[t]                                        [MW]
available is given, or follows from the weather's wind speed; all of it in parksim.kernels.wind:
    (W2) speed at the hub = speed * ln(hub / roughness) / ln(measured / roughness), or speed * (hub / measured)^shear
    (W3) density = pressure of the standard atmosphere at the hub over R (temp_air + 273.15)   [kg m-3]
    (W4) share = cubic between cut_in and rated speed, or the turbine's power curve, each for air of 1.225 kg m-3 and
         moved to the density of the site; 0 above cut_out
    (W5) available = share * (1 - loss)
Cost: upkeep = om * step_h * make[t]                                                     [CNY]
There are no defaults for the turbine and its site: cut-in 2.5 to 3, rated 9.5 to 11 and cut-out 20 to 25 m s-1 are
usual today, losses of a farm 0.1 to 0.2.
Not modelled: wakes by direction, turbulence, icing, hysteresis after cut-out, gusts within a step.
Reference: the kernels name theirs; wind on ridges is best given at hub height, with measured_m = hub_m.
"""

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
from parksim.fields import choice, node, quantity, series
from parksim.kernels.wind import (
    log_law_ratio,
    power_law_ratio,
    standard_pressure_pa,
    wind_per_unit,
    wind_per_unit_cubic,
)
from parksim.profiles import Series, frozen

NEEDS = ("hub_m", "loss_fraction")
SPEEDS = ("cut_in_m_per_s", "rated_m_per_s", "cut_out_m_per_s")
CURVE = ("power_curve_m_per_s", "power_curve_fraction")
ALSO = ("measured_m", "roughness_m", "shear_exponent", *SPEEDS, *CURVE)

CURVE_DENSITY_KG_PER_M3 = 1.225
"""Air density power curves and rated speeds are given for; IEC 61400-12-1."""


class Wind(Component):
    """Wind farm (风电)."""

    kind: Annotated[Literal["wind"], choice("Component kind.")]
    electricity: Annotated[str, node("Feeds electricity here.")] = "electricity"
    power_max_mw: Annotated[float, quantity("MW", "Rated power.", ge=0, sizable=True)]
    available: Annotated[
        Series | None, series("1", "Share of the rating available, instead of the turbines below.", ge=0, le=1)
    ] = None
    hub_m: Annotated[float | None, quantity("m", "Height of the hub above ground.", gt=0, le=300)] = None
    loss_fraction: Annotated[float | None, quantity("1", "Lost to wakes, outages and cables.", ge=0, lt=1)] = None
    measured_m: Annotated[float, quantity("m", "Height above ground of the weather's wind speed.", gt=0, le=300)] = 10.0
    roughness_m: Annotated[
        float | None, quantity("m", "Roughness length of the ground: 0.03 grass, 0.1 crops, 0.5 forest.", gt=0, le=5)
    ] = None
    shear_exponent: Annotated[
        float | None, quantity("1", "Exponent of the power law of height, instead of the roughness.", ge=0, le=1)
    ] = None
    cut_in_m_per_s: Annotated[float | None, quantity("m s-1", "Speed where power starts.", ge=0, le=10)] = None
    rated_m_per_s: Annotated[float | None, quantity("m s-1", "Speed of rated power.", gt=0, le=30)] = None
    cut_out_m_per_s: Annotated[
        float | None,
        quantity("m s-1", "Speed above which turbines stand; the end of the power curve where left out.", gt=0, le=60),
    ] = None
    power_curve_m_per_s: Annotated[
        tuple[float, ...] | None,
        BeforeValidator(as_tuple),
        quantity("m s-1", "Speeds of the power curve, rising, instead of cut-in and rated speed."),
    ] = None
    power_curve_fraction: Annotated[
        tuple[float, ...] | None,
        BeforeValidator(as_tuple),
        quantity("1", "Power over rated power at these speeds."),
    ] = None
    om_cny_per_mwh: Annotated[float, quantity("CNY MWh-1", "Upkeep per energy made.", ge=0)] = 0.0

    def problems(self) -> list[str]:
        """Name what is wrong between fields."""
        found = one_way(self, profile="available", needs=NEEDS, also=ALSO)
        if self.available is not None or found:
            return found
        return [*self._shear_problems(), *self._turbine_problems()]

    def _shear_problems(self) -> list[str]:
        if self.roughness_m is not None and self.shear_exponent is not None:
            return ["shear_exponent: stands beside roughness_m; give one of them."]
        if self.hub_m is None or self.hub_m == self.measured_m:
            return []
        if self.roughness_m is None:
            if self.shear_exponent is None:
                return ["roughness_m: is missing [m]; give it or `shear_exponent`, as hub_m is not measured_m."]
            return []
        lower = min(self.hub_m, self.measured_m)
        if self.roughness_m >= lower:
            return [f"roughness_m: got {self.roughness_m:g}, must be below hub_m and measured_m ({lower:g})."]
        return []

    def _turbine_problems(self) -> list[str]:
        speeds, powers = self.power_curve_m_per_s, self.power_curve_fraction
        if speeds is None and powers is None:
            lost = [name for name in SPEEDS if getattr(self, name) is None]
            if lost:
                return [f"{lost[0]}: is missing [m s-1]; give {', '.join(lost)}, or a power curve: {', '.join(CURVE)}."]
            low, rated, high = self.cut_in_m_per_s or 0.0, self.rated_m_per_s or 0.0, self.cut_out_m_per_s or 0.0
            if not low < rated < high:
                return [f"rated_m_per_s: got {rated:g}, must lie between cut-in ({low:g}) and cut-out ({high:g})."]
            return []
        if speeds is None or powers is None:
            lost_list = CURVE[0] if speeds is None else CURVE[1]
            return [f"{lost_list}: is missing; a power curve is two lists, {' and '.join(CURVE)}."]
        beside = [name for name in SPEEDS[:2] if getattr(self, name) is not None]
        if beside:
            return [f"{CURVE[0]}: stands beside {', '.join(beside)}; give the curve or these speeds, not both."]
        return curve_problems(self, x=CURVE[0], y=CURVE[1])

    def numbers(self, ctx: Context) -> Numbers:
        """Availability and upkeep.

        Raises
        ------
        InputError
            If the turbines are to be computed and the weather lacks wind speed or temperature.
        """
        available = self._of_weather(ctx) if self.available is None else ctx.series("available")
        return make_numbers(ctx, available=available, om_cny_per_mwh=self.om_cny_per_mwh)

    def _speed_ratio(self, hub_m: float) -> float:
        """Compute (W2)."""
        if self.roughness_m is not None:
            return log_law_ratio(hub_m, measured_m=self.measured_m, roughness_m=self.roughness_m)
        return power_law_ratio(hub_m, measured_m=self.measured_m, shear_exponent=self.shear_exponent or 0.0)

    def _of_weather(self, ctx: Context) -> Array:
        """Compute (W2) to (W5)."""
        hub_m, loss_fraction = given(self.hub_m), given(self.loss_fraction)
        speed = ctx.weather_of("wind_speed_m_per_s")
        pressure = np.full(speed.size, standard_pressure_pa(ctx.site.altitude_m + hub_m))
        site = {"temp_c": ctx.weather_of("temp_air_c"), "pressure_pa": frozen(pressure)}
        if self.power_curve_m_per_s is None or self.power_curve_fraction is None:
            return wind_per_unit_cubic(
                speed,
                **site,
                lift_m=0.0,
                speed_ratio=self._speed_ratio(hub_m),
                curve_density_kg_per_m3=CURVE_DENSITY_KG_PER_M3,
                cut_in_m_per_s=given(self.cut_in_m_per_s),
                rated_m_per_s=given(self.rated_m_per_s),
                cut_out_m_per_s=given(self.cut_out_m_per_s),
                loss_fraction=loss_fraction,
            )
        end = self.power_curve_m_per_s[-1]
        return wind_per_unit(
            speed,
            **site,
            lift_m=0.0,
            speed_ratio=self._speed_ratio(hub_m),
            curve_speed_m_per_s=frozen(np.array(self.power_curve_m_per_s, np.float64)),
            curve_mw_per_mw=frozen(np.array(self.power_curve_fraction, np.float64)),
            curve_density_kg_per_m3=CURVE_DENSITY_KG_PER_M3,
            cut_out_m_per_s=end if self.cut_out_m_per_s is None else self.cut_out_m_per_s,
            loss_fraction=loss_fraction,
        )

    def declare(self, lp: Block) -> None:
        """Add the flow (W1) and its upkeep."""
        declare_make(lp, electricity=self.electricity)

    def residuals(self, own: Slice) -> Residuals:
        """Restate (W1)."""
        return make_residuals(own, power_max_mw=self.power_max_mw)

    def costs(self, own: Slice) -> dict[str, float]:
        """Restate upkeep."""
        return upkeep(own, om_cny_per_mwh=self.om_cny_per_mwh)

    indicators: ClassVar[tuple[Indicator, ...]] = FIGURES


def _wind(**fields: object) -> dict[str, object]:
    plain = {"hub_m": 100.0, "loss_fraction": 0.0}
    return {"name": "wind", "kind": "wind", "power_max_mw": 10.0, **plain, **fields}


_SPEEDS = {"cut_in_m_per_s": 3.0, "rated_m_per_s": 11.0, "cut_out_m_per_s": 25.0}


CASES = (
    Case(
        proves="turbines stand below cut-in and above cut-out, and give their rating between rated speed and cut-out",
        park=lambda: micro(
            _wind(measured_m=100.0, **_SPEEDS),
            grid(price_cny_per_mwh=[100.0, 100.0, 100.0, 100.0]),
            demand(power_mw=10.0),
            weather={"wind_speed_m_per_s": [2.0, 15.0, 24.0, 26.0], "temp_air_c": 15.0},
        ),
        objective_cny=2_000.0,  # 2 of 4 h of 10 MW are bought at 100
        wrong={"no cut-out": 1_000.0, "cut-out at 20 m/s": 3_000.0, "no wind": 4_000.0},
        values={"wind.make": 20.0},
    ),
    Case(
        proves="wind measured at 10 m is lifted to the hub, and losses come off at full power",
        park=lambda: micro(
            _wind(shear_exponent=0.30103, loss_fraction=0.1, om_cny_per_mwh=10.0, **_SPEEDS),
            grid(price_cny_per_mwh=[100.0, 100.0]),
            demand(power_mw=10.0),
            weather={"wind_speed_m_per_s": 7.0, "temp_air_c": 15.0},
        ),
        # 10^0.30103 = 2: 14 m/s at the hub, above rated in any air; 9 MW made, 1 MW bought: 2 * (100 + 90)
        objective_cny=380.0,
        # without lifting, 7 m/s give (7^3 * 0.96 - 27) / (11^3 - 27) = 0.23 of the rating
        wrong={"not lifted": 1_630.0, "no loss": 200.0, "no upkeep": 200.0},
        values={"wind.make": 18.0, "wind.full_load_hours_h": 1.8},
    ),
    Case(
        proves="a power curve is read between its corners and ends at its last speed",
        park=lambda: micro(
            _wind(measured_m=100.0, power_curve_m_per_s=[3.0, 6.0, 20.0], power_curve_fraction=[0.0, 0.5, 0.5]),
            grid(price_cny_per_mwh=100.0),
            demand(power_mw=10.0),
            hours=2,
            weather={"wind_speed_m_per_s": [12.0, 20.5], "temp_air_c": 15.0},
        ),
        objective_cny=1_500.0,  # a turbine held at half power serves 5 MW in the first hour, and stands in the second
        wrong={"no end": 1_000.0, "full power": 1_000.0, "no wind": 2_000.0},
        values={"wind.make": 5.0},
    ),
)
