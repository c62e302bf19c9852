"""Wind: speed, height, density and curve restated by hand, limits, and what is refused."""

import math

import numpy as np
import pytest
from windpowerlib import power_output

from parksim.components._cases import micro
from parksim.errors import InputError
from parksim.inputs import gather
from parksim.park import read_park

SPEEDS = {"cut_in_m_per_s": 3.0, "rated_m_per_s": 11.0, "cut_out_m_per_s": 25.0}
FARM = {"hub_m": 100.0, "loss_fraction": 0.15, "roughness_m": 0.1, **SPEEDS}
CURVE = {"power_curve_m_per_s": [3.0, 5.0, 8.0, 11.0, 25.0], "power_curve_fraction": [0.0, 0.1, 0.45, 1.0, 1.0]}
WIND = np.linspace(0.0, 30.0, 121)


def table(**fields):
    return {"name": "wind", "kind": "wind", "power_max_mw": 10.0, **fields}


def available(speed=WIND, *, temp=15.0, altitude=300.0, **fields):
    park = read_park(
        micro(
            table(**fields),
            hours=len(speed),
            site={"latitude_deg": 28.8, "longitude_deg": 104.6, "altitude_m": altitude},
            weather={"wind_speed_m_per_s": list(speed), "temp_air_c": temp},
        )
    )
    return gather(park).values["wind"]["available"]


def density(altitude_m, temp_c):
    """Barometric formula of ISO 2533 in the troposphere and the ideal gas."""
    pressure = 101_325.0 * (1.0 - 0.0065 * altitude_m / 288.15) ** 5.25588
    return pressure / (287.058 * (temp_c + 273.15))


def test_cubic_law_at_the_hub_in_thin_air():
    ours = available(speed=np.linspace(0.0, 30.0, 121), temp=5.0, altitude=2_500.0, **FARM)
    at_hub = WIND * math.log(100.0 / 0.1) / math.log(10.0 / 0.1)
    cube = at_hub**3 * density(2_600.0, 5.0) / 1.225
    share = np.clip((cube - 27.0) / (11.0**3 - 27.0), 0.0, 1.0)
    share[at_hub > 25.0] = 0.0
    assert ours.max() == pytest.approx(0.85)
    np.testing.assert_allclose(ours, 0.85 * share, atol=2e-4)


def test_power_law_of_height():
    lifted = available(speed=[5.0], hub_m=90.0, measured_m=30.0, shear_exponent=0.2, loss_fraction=0.0, **SPEEDS)
    direct = available(speed=[5.0 * 3.0**0.2], hub_m=90.0, measured_m=90.0, loss_fraction=0.0, **SPEEDS)
    assert lifted[0] == pytest.approx(direct[0], rel=1e-12)
    assert 0.0 < direct[0] < 1.0


def test_thin_air_gives_less_below_rated_speed():
    low = available(speed=[8.0], altitude=0.0, measured_m=100.0, hub_m=100.0, loss_fraction=0.0, **SPEEDS)
    high = available(speed=[8.0], altitude=4_000.0, measured_m=100.0, hub_m=100.0, loss_fraction=0.0, **SPEEDS)
    assert high[0] < 0.75 * low[0]


def test_power_curve_agrees_with_windpowerlib():
    plant = {"hub_m": 100.0, "measured_m": 100.0, "loss_fraction": 0.0}
    speeds = WIND[WIND < 24.0]  # windpowerlib moves the end of the curve with density
    ours = available(speed=speeds, temp=10.0, altitude=1_500.0, **plant, **CURVE)
    theirs = power_output.power_curve(
        speeds,
        np.array(CURVE["power_curve_m_per_s"]),
        np.array(CURVE["power_curve_fraction"]),
        density=np.full(speeds.size, density(1_600.0, 10.0)),
        density_correction=True,
    )
    np.testing.assert_allclose(ours, theirs, atol=1e-3)
    assert 0.3 < ours.mean() < 0.8


def test_the_curve_ends_at_its_last_speed_or_at_cut_out():
    plant = {"hub_m": 100.0, "measured_m": 100.0, "loss_fraction": 0.0, **CURVE}
    assert available(speed=[22.0, 24.0, 26.0], **plant).tolist() == [1.0, 1.0, 0.0]
    assert available(speed=[22.0, 24.0, 26.0], cut_out_m_per_s=23.0, **plant).tolist() == [1.0, 0.0, 0.0]


def test_weak_basin_wind_is_not_worth_a_turbine():
    # Mean 1.1 m s-1 at 10 m: the project's facts say so of the Yibin basin.
    park = read_park(
        {
            "park": {"name": "yibin"},
            "site": {"latitude_deg": 28.8, "longitude_deg": 104.6, "altitude_m": 342.0},
            "time": {"year": 2025},
            "weather": {"file": "builtin:yibin-weather.csv"},
            "components": {"wind": {k: v for k, v in table(**FARM).items() if k != "name"}},
        }
    )
    assert 0.0 < gather(park).values["wind"]["available"].sum() < 300.0


def test_a_given_profile_goes_before_the_weather():
    park = read_park(micro(table(available=[0.25, 0.5])))
    assert gather(park).values["wind"]["available"].tolist() == [0.25, 0.5]


def without(*names, **more):
    return {name: value for name, value in FARM.items() if name not in names} | more


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "available: is missing; give it, or the plant: hub_m, loss_fraction."),
        ({"available": 0.5, "hub_m": 100.0}, "available: stands beside hub_m"),
        ({"available": 0.5, **CURVE}, "available: stands beside power_curve_m_per_s, power_curve_fraction"),
        (without("loss_fraction"), "loss_fraction: is missing [1]."),
        (without("roughness_m"), "roughness_m: is missing [m]; give it or `shear_exponent`"),
        (without(shear_exponent=0.2), "shear_exponent: stands beside roughness_m"),
        (without(measured_m=2.0, roughness_m=2.0), "roughness_m: got 2, must be below hub_m and measured_m (2)."),
        (without("rated_m_per_s"), "rated_m_per_s: is missing [m s-1]; give rated_m_per_s, or a power curve"),
        (without(rated_m_per_s=2.0), "rated_m_per_s: got 2, must lie between cut-in (3) and cut-out (25)."),
        (without(rated_m_per_s=25.0), "rated_m_per_s: got 25, must lie between"),
        (without(**CURVE), "power_curve_m_per_s: stands beside cut_in_m_per_s, rated_m_per_s"),
        (
            without("cut_in_m_per_s", "rated_m_per_s", power_curve_m_per_s=[3.0, 9.0]),
            "power_curve_fraction: is missing",
        ),
        (
            without(*SPEEDS, power_curve_m_per_s=[3.0, 9.0], power_curve_fraction=[0.0, 1.0, 1.0]),
            "power_curve_fraction: got 3 values for 2 of `power_curve_m_per_s`",
        ),
        (
            without(*SPEEDS, power_curve_m_per_s=[3.0, 9.0, 9.0], power_curve_fraction=[0.0, 1.0, 1.0]),
            "power_curve_m_per_s: must rise from value to value",
        ),
        (
            without(*SPEEDS, power_curve_m_per_s=[3.0, 9.0], power_curve_fraction=[0.0, 95.0]),
            "power_curve_fraction: got 95, must lie in [0, 1]. Write a fraction, e.g. 0.95.",
        ),
    ],
)
def test_refuses(fields, told):
    with pytest.raises(InputError) as raised:
        read_park(micro(table(**fields), hours=2))
    assert f"components.wind.{told}" in str(raised.value)


def test_says_what_the_weather_lacks():
    park = read_park(micro(table(**FARM), hours=2, weather={"temp_air_c": 15.0}))
    with pytest.raises(InputError, match=r"components\.wind: needs wind_speed_m_per_s of the weather"):
        gather(park)


def test_a_curve_survives_writing_and_reading():
    park = read_park(micro(table(hub_m=10.0, loss_fraction=0.1, **CURVE), hours=2))
    assert park.components["wind"].power_curve_m_per_s == tuple(CURVE["power_curve_m_per_s"])
    again = read_park(park.model_dump(mode="json", exclude_unset=True, exclude={"components": {"wind": {"name"}}}))
    assert again.components == park.components
