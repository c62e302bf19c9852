"""Photovoltaics: electricity from sunlight, by the physics of the plant or by a given availability.

Rows: none. For every step t
    (P1) 0 <= make[t] <= power_max * available[t]                                        [MW]
available is given, or follows from weather and the sun at mid-step; all of it in parksim.kernels.pv:
    (P2) plane = beam, circumsolar and uniform sky light (Hay and Davies), ground light  [W m-2]
    (P3) effective = plane less reflection at the glass, for beam by angle, for sky and ground as means over angles
    (P4) temp_cell = temp_air + (noct - 20) / 800 * plane                                [degC]
    (P5) dc = dc_ac * effective / 1000 * (1 + coefficient * (temp_cell - 25)) * (1 - loss)
    (P6) available = dc * inverter efficiency at this load, cut off at 1
Ratings: power_max is the inverters' (AC); the modules' (DC) is dc_ac times that.
Cost: upkeep = om * step_h * make[t]                                                     [CNY]
Defaults: one set, that of PVWatts [1], for a module of its better class; none is fitted to a yield. Good modules of
today (-0.0029 K-1) and inverters (0.98) do better and are to be written down; roofs run hotter (noct 49 in [1]).
Not modelled: trackers, shade of hills and rows beyond the loss, bifacial gain, weak light, snow, wind on the cells.
Two faces of a roof are two components.
Reference: [1] A. P. Dobos, PVWatts Version 5 Manual, NREL/TP-6A20-62641 (2014), doi:10.2172/1158421
"""

from typing import Annotated, ClassVar, Literal

import numpy as np

from parksim.component import Array, Block, Case, Component, Context, Indicator, Numbers, Residuals, Slice
from parksim.components._cases import demand, grid, micro
from parksim.components._shared import FIGURES, declare_make, given, make_numbers, make_residuals, one_way, upkeep
from parksim.fields import choice, node, quantity, series
from parksim.kernels.pv import iam_diffuse, noct_heat_loss, pv_per_unit
from parksim.profiles import Series, frozen
from parksim.sun import sun_position

NEEDS = ("tilt_deg", "azimuth_deg", "dc_ac_ratio")
ALSO = ("loss_fraction", "temp_coefficient_per_k", "noct_c", "albedo_fraction", "eff_inverter")


class PV(Component):
    """Photovoltaic plant (光伏)."""

    kind: Annotated[Literal["pv"], choice("Component kind.")]
    electricity: Annotated[str, node("Feeds electricity here.")] = "electricity"
    power_max_mw: Annotated[float, quantity("MW", "Rated power of the inverters (AC).", ge=0, sizable=True)]
    available: Annotated[
        Series | None, series("1", "Share of the rating available, instead of the plant below.", ge=0, le=1)
    ] = None
    tilt_deg: Annotated[float | None, quantity("deg", "Tilt of the modules from the horizontal.", ge=0, le=90)] = None
    azimuth_deg: Annotated[
        float | None, quantity("deg", "Side the modules face: 90 east, 180 south, 270 west.", ge=0, le=360)
    ] = None
    dc_ac_ratio: Annotated[
        float | None, quantity("1", "Rating of the modules (DC) over that of the inverters.", ge=0.5, le=3)
    ] = None
    loss_fraction: Annotated[
        float, quantity("1", "Lost to dirt, shade, mismatch, wires, ageing, outages.", ge=0, lt=1)
    ] = 0.14
    temp_coefficient_per_k: Annotated[
        float, quantity("K-1", "Change of power with cell temperature, negative.", ge=-0.01, le=0)
    ] = -0.0035
    noct_c: Annotated[
        float, quantity("degC", "Cell temperature at 800 W m-2, air of 20 degC, wind of 1 m s-1.", gt=20, le=80)
    ] = 45.0
    albedo_fraction: Annotated[float, quantity("1", "Share of light the ground reflects.", ge=0, le=1)] = 0.2
    eff_inverter: Annotated[float, quantity("1", "Efficiency of the inverters at full load.", gt=0, le=1)] = 0.96
    om_cny_per_mwh: Annotated[float, quantity("CNY MWh-1", "Upkeep per energy made.", ge=0)] = 0.0

    def problems(self) -> list[str]:
        """Name what is wrong between fields."""
        return one_way(self, profile="available", needs=NEEDS, also=ALSO)

    def numbers(self, ctx: Context) -> Numbers:
        """Availability and upkeep.

        Raises
        ------
        InputError
            If the plant is to be computed and the weather lacks irradiance or temperature.
        """
        available = self._of_weather(ctx) if self.available is None else ctx.series("available")
        return make_numbers(ctx, available=available, om_cny_per_mwh=self.om_cny_per_mwh)

    def _of_weather(self, ctx: Context) -> Array:
        """Compute (P2) to (P6)."""
        tilt_deg = given(self.tilt_deg)
        ghi = ctx.weather_of("ghi_w_per_m2")
        sun = sun_position(
            stamps_utc=ctx.time.mid_step_utc,
            latitude_deg=ctx.site.latitude_deg,
            longitude_deg=ctx.site.longitude_deg,
            altitude_m=ctx.site.altitude_m,
        )
        iam_sky, iam_ground = iam_diffuse(tilt_deg)
        return pv_per_unit(
            ghi,
            dhi_w_per_m2=ctx.weather_of("dhi_w_per_m2"),
            dni_w_per_m2=ctx.weather_of("dni_w_per_m2"),
            dni_extra_w_per_m2=sun.dni_extra_w_per_m2,
            zenith_deg=sun.zenith_deg,
            azimuth_deg=sun.azimuth_deg,
            temp_air_c=ctx.weather_of("temp_air_c"),
            wind_speed_m_per_s=frozen(np.zeros_like(ghi)),
            surface_tilt_deg=tilt_deg,
            surface_azimuth_deg=given(self.azimuth_deg),
            albedo_fraction=self.albedo_fraction,
            hay_davies=True,
            iam_sky=iam_sky,
            iam_ground=iam_ground,
            heat_loss_w_per_m2_k=noct_heat_loss(self.noct_c),
            heat_loss_wind_w_s_per_m3_k=0.0,
            temp_coefficient_per_k=self.temp_coefficient_per_k,
            loss_fraction=self.loss_fraction,
            dc_ac_ratio=given(self.dc_ac_ratio),
            eff_inverter=self.eff_inverter,
        )

    def declare(self, lp: Block) -> None:
        """Add the flow (P1) and its upkeep."""
        declare_make(lp, electricity=self.electricity)

    def residuals(self, own: Slice) -> Residuals:
        """Restate (P1)."""
        return make_residuals(own, power_max_mw=self.power_max_mw)

    def costs(self, own: Slice) -> dict[str, float]:
        """Restate upkeep."""
        return upkeep(own, om_cny_per_mwh=self.om_cny_per_mwh)

    indicators: ClassVar[tuple[Indicator, ...]] = FIGURES


def _pv(**fields: object) -> dict[str, object]:
    return {"name": "pv", "kind": "pv", "power_max_mw": 10.0, **fields}


def _noon(ghi_w_per_m2: float) -> dict[str, object]:
    """Weather of a night and two overcast noon hours: without beam the sun's position does not matter."""
    light = [0.0] * 12 + [ghi_w_per_m2] * 2
    return {"ghi_w_per_m2": light, "dhi_w_per_m2": light, "dni_w_per_m2": 0.0, "temp_air_c": 20.0}


CASES = (
    Case(
        proves="the available share of the rating is used as far as it serves, and upkeep is paid on what is made",
        park=lambda: micro(
            _pv(available=[0.5, 0.8], om_cny_per_mwh=20.0),
            grid(price_cny_per_mwh=[100.0, 100.0]),
            demand(power_mw=[8.0, 6.0]),
        ),
        # 5 and 6 of 8 MWh are used, 3 MWh bought: 3 * 100 + 11 * 20
        objective_cny=520.0,
        wrong={"no upkeep": 300.0, "upkeep on all available": 560.0, "rating without share": 280.0, "no PV": 1_400.0},
        values={"pv.make": 11.0, "pv.curtailed_mwh": 2.0, "pv.available_mwh": 13.0, "pv.full_load_hours_h": 1.1},
    ),
    Case(
        proves="modules of twice the rating are cut off at the inverters, and give nothing in the dark",
        park=lambda: micro(
            _pv(tilt_deg=0.0, azimuth_deg=180.0, dc_ac_ratio=2.0),
            grid(price_cny_per_mwh=100.0),
            demand(power_mw=[1.0] + [0.0] * 11 + [15.0, 15.0]),
            hours=14,
            weather=_noon(1_000.0),
        ),
        # 1,000 W m-2 less a tenth for glass, a tenth for 51 degC cells and 14 % still give 1.4 of the rating: 10 MW
        # of 15 in both noon hours; the night's MWh is bought.
        objective_cny=1_100.0,
        wrong={"not cut off": 260.0, "no PV": 3_100.0, "light all day": 1_000.0, "one rating of modules": 1_680.0},
        values={"pv.make": 20.0, "pv.available_mwh": 20.0},
    ),
    Case(
        proves="a plant without light costs nothing and gives nothing",
        park=lambda: micro(
            _pv(tilt_deg=20.0, azimuth_deg=180.0, dc_ac_ratio=1.2, om_cny_per_mwh=50.0),
            grid(price_cny_per_mwh=100.0),
            demand(power_mw=2.0),
            hours=14,
            weather=_noon(0.0),
        ),
        objective_cny=2_800.0,  # 14 h * 2 MW * 100
        wrong={"upkeep on the rating": 9_800.0, "always available": 1_400.0},
        values={"pv.make": 0.0},
    ),
)
