"""The wind chain and its links: against windpowerlib, numbers worked by hand and published ones."""

import numpy as np
import pytest
from pvlib import atmosphere
from windpowerlib import density as windpowerlib_density
from windpowerlib import power_output, wind_speed

from parksim.kernels.wind import (
    air_density,
    log_law_ratio,
    power_cubic,
    power_law_ratio,
    power_of_curve,
    standard_pressure_pa,
    wind_per_unit,
    wind_per_unit_cubic,
)

# The shape of a modern turbine's curve; the knots are uneven on purpose.
SPEEDS = np.array([2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 7.5, 8.0, 9.0, 10.0, 11.0, 12.0, 12.5, 13.0, 20.0, 25.0])
POWERS = np.array([0.0, 0.01, 0.04, 0.1, 0.19, 0.31, 0.39, 0.47, 0.66, 0.84, 0.95, 0.99, 0.998, 1.0, 1.0, 0.9])

CURVE = {
    "curve_speed_m_per_s": SPEEDS,
    "curve_mw_per_mw": POWERS,
    "curve_density_kg_per_m3": 1.225,
    "cut_out_m_per_s": 25.0,
}
GENERIC = {
    "curve_density_kg_per_m3": 1.225,
    "cut_in_m_per_s": 3.0,
    "rated_m_per_s": 11.0,
    "cut_out_m_per_s": 25.0,
}
SITE = {"lift_m": 60.0, "speed_ratio": 1.2, "loss_fraction": 0.12}


def weather(n=2000, seed=5):
    rng = np.random.default_rng(seed)
    speed = rng.weibull(2.0, n) * 9.0
    speed[:4] = [0.0, 2.5, 25.0, 40.0]
    return {
        "speed_m_per_s": speed,
        "temp_c": rng.uniform(-30.0, 40.0, n),
        "pressure_pa": rng.uniform(58_000.0, 103_000.0, n),
    }


def by_curve(speed, density, **curve):
    speed = np.atleast_1d(np.asarray(speed, float))
    density = np.broadcast_to(np.asarray(density, float), speed.shape).copy()
    return power_of_curve(speed, density_kg_per_m3=density, **{**CURVE, **curve})


def by_cube(speed, density, **generic):
    speed = np.atleast_1d(np.asarray(speed, float))
    density = np.broadcast_to(np.asarray(density, float), speed.shape).copy()
    return power_cubic(speed, density_kg_per_m3=density, **{**GENERIC, **generic})


@pytest.mark.parametrize(
    ("hub", "measured", "roughness"), [(100.0, 10.0, 0.1), (140.0, 10.0, 0.5), (80.0, 100.0, 0.03)]
)
def test_shear_equals_windpowerlib(hub, measured, roughness):
    speed = weather()["speed_m_per_s"]
    ratio = log_law_ratio(hub, measured_m=measured, roughness_m=roughness)
    np.testing.assert_allclose(
        ratio * speed, wind_speed.logarithmic_profile(speed, measured, hub, roughness), rtol=1e-12
    )
    ratio = power_law_ratio(hub, measured_m=measured, shear_exponent=0.21)
    np.testing.assert_allclose(
        ratio * speed, wind_speed.hellman(speed, measured, hub, hellman_exponent=0.21), rtol=1e-12
    )


def test_shear_by_hand():
    assert log_law_ratio(100.0, measured_m=10.0, roughness_m=0.1) == pytest.approx(1.5)  # ln 1000 / ln 100 = 3 / 2
    assert power_law_ratio(128.0, measured_m=1.0, shear_exponent=1.0 / 7.0) == pytest.approx(2.0)  # 2^7 = 128
    assert log_law_ratio(10.0, measured_m=10.0, roughness_m=0.1) == 1.0
    assert power_law_ratio(10.0, measured_m=10.0, shear_exponent=0.2) == 1.0


@pytest.mark.parametrize(("altitude", "pressure"), [(0.0, 101_325.0), (1000.0, 89_874.6), (3000.0, 70_108.5)])
def test_standard_pressure(altitude, pressure):
    # Tables of the standard atmosphere, ISO 2533 (geopotential altitude).
    assert standard_pressure_pa(altitude) == pytest.approx(pressure, rel=2e-4)
    assert standard_pressure_pa(altitude) == pytest.approx(atmosphere.alt2pres(altitude), rel=1e-12)


def test_density_equals_windpowerlib():
    w = weather()
    got = air_density(w["temp_c"], pressure_pa=w["pressure_pa"], lift_m=0.0)
    kelvin = w["temp_c"] + 273.15
    np.testing.assert_allclose(got, windpowerlib_density.ideal_gas(w["pressure_pa"], 0.0, 0.0, kelvin), rtol=1e-12)
    # The barometric form writes the gas constant as 101330 / (1.225 * 288.15) = 287.064 instead of 287.058.
    barometric = windpowerlib_density.barometric(w["pressure_pa"], 0.0, 0.0, kelvin)
    np.testing.assert_allclose(got, barometric, rtol=5e-5)


def test_density_falls_with_height_as_hydrostatics_says():
    # dp/dz = -density g. Over 100 m from sea level at 4 degC the mean density is 1.2667: 1242 Pa, windpowerlib's 12.5
    # Pa per metre give 1250. At 4,000 m (61,640 Pa, -11 degC: 0.8192) it is 799 Pa, where that rule is half too large.
    for temp, pressure, fall in ((4.0, 101_325.0, 1242.0), (-11.0, 61_640.0, 799.0)):
        low, high = (air_density(np.array([temp]), pressure_pa=np.array([pressure]), lift_m=z)[0] for z in (0.0, 100.0))
        assert pressure * (1.0 - high / low) == pytest.approx(fall, rel=0.003)
    got = air_density(np.array([4.0]), pressure_pa=np.array([101_325.0]), lift_m=100.0)[0]
    rule = windpowerlib_density.ideal_gas(101_325.0, 0.0, 100.0, 277.15)
    assert got == pytest.approx(rule, rel=2e-4)


def test_density_of_known_places():
    def at(temp, altitude):
        pressure = np.array([standard_pressure_pa(altitude)])
        return air_density(np.array([temp]), pressure_pa=pressure, lift_m=0.0)[0]

    assert at(15.0, 0.0) == pytest.approx(1.225, rel=1e-4)  # ISO 2533, sea level
    assert at(-4.5, 3000.0) == pytest.approx(0.9091, rel=5e-4)  # ISO 2533, 3,000 m
    assert at(1.3, 4200.0) == pytest.approx(0.75, rel=0.03)  # Kela's ridge: 1.225 exp(-z / 8500), "about 0.75"


def test_curve_equals_windpowerlib():
    w = weather()
    speed = w["speed_m_per_s"]
    density = air_density(w["temp_c"], pressure_pa=w["pressure_pa"], lift_m=0.0)
    assert density.min() < 0.75
    assert density.max() > 1.4
    want = power_output.power_curve(speed, SPEEDS, POWERS, density, density_correction=True)
    got = by_curve(speed, density)
    # Alike except where ours stops at the wind speed as it is, and windpowerlib at the stretched end of the curve.
    inside = (speed <= 25.0) & (speed <= 25.0 * (1.225 / density) ** (2.0 / 3.0))
    assert inside.mean() > 0.95
    np.testing.assert_allclose(got[inside], want[inside], rtol=1e-10, atol=1e-12)
    np.testing.assert_array_equal(got[speed > 25.0], 0.0)
    plain = power_output.power_curve(speed, SPEEDS, POWERS)
    np.testing.assert_allclose(by_curve(speed, 1.225), plain, rtol=1e-12, atol=1e-14)


def test_curve_at_its_knots_and_ends():
    np.testing.assert_array_equal(by_curve(SPEEDS, 1.225), POWERS)
    np.testing.assert_array_equal(by_curve([0.0, 2.4999, 25.0001, 60.0], 1.225), 0.0)
    # Between 9 and 10 m/s: 0.66 + 0.3 * (0.84 - 0.66) = 0.714.
    assert by_curve(9.3, 1.225)[0] == pytest.approx(0.714)
    # Dense air ends the curve at 25 * (1.225 / 1.45)^(2/3) = 22.3 m/s; up to the cut-out its last power holds.
    np.testing.assert_array_equal(by_curve([24.0, 25.0], 1.45), 0.9)
    # Thin air would stretch the curve to 34 m/s; the turbine stops at 25 all the same.
    assert by_curve(24.9, 0.75)[0] == 1.0
    assert by_curve(25.1, 0.75)[0] == 0.0
    assert by_curve(3.0, 1.225, cut_out_m_per_s=2.9)[0] == 0.0


def test_one_knot_is_a_step():
    one = {"curve_speed_m_per_s": np.array([5.0]), "curve_mw_per_mw": np.array([0.7])}
    np.testing.assert_array_equal(by_curve([4.9, 5.0, 9.0, 26.0], 1.225, **one), [0.0, 0.7, 0.7, 0.0])


def test_density_shifts_the_curve_as_published():
    # Air eight times thinner: speeds up to 7.5 m/s move by 8^(1/3) = 2, from 12.5 m/s on by 8^(2/3) = 4, at 10 m/s
    # by 8^(1/2).
    thin = 1.225 / 8.0
    assert by_curve(2.0 * 6.0, thin)[0] == pytest.approx(0.19)
    assert by_curve(4.0 * 13.0, thin, cut_out_m_per_s=99.0)[0] == pytest.approx(1.0)
    assert by_curve(np.sqrt(8.0) * 10.0, thin, cut_out_m_per_s=99.0)[0] == pytest.approx(0.84)


def test_curve_of_another_density():
    speed = np.linspace(0.0, 24.0, 200)
    given = by_curve(speed, 0.9, curve_density_kg_per_m3=0.9)
    np.testing.assert_allclose(given, by_curve(speed, 1.225), atol=1e-14)
    assert by_cube(8.0, 0.9, curve_density_kg_per_m3=0.9)[0] == by_cube(8.0, 1.225)[0]


def test_bad_curves_are_refused():
    for speeds, powers, say in (
        (SPEEDS[:-1], POWERS, "as many powers"),
        (SPEEDS[:0], POWERS[:0], "as many powers"),
        (np.array([3.0, 3.0]), np.array([0.0, 1.0]), "must rise"),
        (np.array([3.0, np.nan, 5.0]), np.array([0.0, 0.5, 1.0]), "must rise"),
    ):
        bad = {"curve_speed_m_per_s": speeds, "curve_mw_per_mw": powers}
        with pytest.raises(ValueError, match=say):
            by_curve(8.0, 1.225, **bad)
        with pytest.raises(ValueError, match=say):
            wind_per_unit(**weather(5), **{**CURVE, **SITE, **bad})


def test_generic_turbine_by_hand():
    # (8^3 - 3^3) / (11^3 - 3^3) = 485 / 1304.
    np.testing.assert_allclose(by_cube([8.0], 1.225), 485.0 / 1304.0)
    np.testing.assert_array_equal(by_cube([0.0, 3.0, 11.0, 25.0, 25.01], 1.225), [0.0, 0.0, 1.0, 1.0, 0.0])
    # Air of 8/27 of the density: 12 m/s carry what 8 m/s do, 4.4 m/s less than the cut-in's, 16.6 m/s all.
    np.testing.assert_allclose(by_cube([12.0, 4.4, 16.6, 25.1], 1.225 * 8 / 27), [485.0 / 1304.0, 0.0, 1.0, 0.0])


def test_generic_turbine_is_the_curve_through_its_own_points():
    knots = np.linspace(3.0, 11.0, 801)
    curve = {"curve_speed_m_per_s": knots, "curve_mw_per_mw": by_cube(knots, 1.225)}
    speed = np.linspace(0.0, 30.0, 1777)
    # Linear between knots 0.01 m/s apart: h^2 / 8 times the second derivative 6 v / 1304, 6e-7.
    np.testing.assert_allclose(by_curve(speed, 1.225, **curve), by_cube(speed, 1.225), atol=7e-7)


def test_chain_in_one_pass_equals_its_links():
    w = weather()
    density = air_density(w["temp_c"], pressure_pa=w["pressure_pa"], lift_m=60.0)
    got = wind_per_unit(**w, **CURVE, **SITE)
    np.testing.assert_allclose(got, 0.88 * by_curve(1.2 * w["speed_m_per_s"], density), rtol=1e-13)
    assert 0.0 == got.min() < got.mean() < got.max() <= 0.88
    got = wind_per_unit_cubic(**w, **GENERIC, **SITE)
    np.testing.assert_allclose(got, 0.88 * by_cube(1.2 * w["speed_m_per_s"], density), rtol=1e-13)
    assert 0.0 == got.min() < got.mean() < got.max() == 0.88


def test_chain_equals_windpowerlib():
    w = weather()
    w["speed_m_per_s"] = np.minimum(w["speed_m_per_s"], 15.0)  # below the ends of the curve, where the two differ
    hub = wind_speed.logarithmic_profile(w["speed_m_per_s"], 10.0, 100.0, 0.1)
    density = windpowerlib_density.ideal_gas(w["pressure_pa"], 100.0, 100.0, w["temp_c"] + 273.15)
    keep = hub < 25.0 * np.minimum(1.0, (1.225 / density) ** (2.0 / 3.0))
    want = power_output.power_curve(hub, SPEEDS, POWERS, density, density_correction=True)
    ratio = log_law_ratio(100.0, measured_m=10.0, roughness_m=0.1)
    got = wind_per_unit(**w, **CURVE, lift_m=0.0, speed_ratio=ratio, loss_fraction=0.0)
    np.testing.assert_allclose(got[keep], want[keep], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", list(weather(5)))
def test_a_nan_gives_a_nan(name):
    for speed in (1.0, 8.0, 40.0):
        w = {"speed_m_per_s": np.full(3, speed), "temp_c": np.full(3, 10.0), "pressure_pa": np.full(3, 9e4)}
        w[name][1] = np.nan
        for out in (wind_per_unit(**w, **CURVE, **SITE), wind_per_unit_cubic(**w, **GENERIC, **SITE)):
            np.testing.assert_array_equal(np.isnan(out), [False, True, False])


def test_arrays_of_other_length_are_refused():
    for name in ("temp_c", "pressure_pa"):
        w = weather(6)
        w[name] = w[name][:-1]
        with pytest.raises(ValueError, match="length"):
            wind_per_unit(**w, **CURVE, **SITE)
        with pytest.raises(ValueError, match="length"):
            wind_per_unit_cubic(**w, **GENERIC, **SITE)
    two, one = np.ones(2), np.ones(1)
    with pytest.raises(ValueError, match="length"):
        air_density(two, pressure_pa=one, lift_m=0.0)
    with pytest.raises(ValueError, match="length"):
        power_of_curve(two, density_kg_per_m3=one, **CURVE)
    with pytest.raises(ValueError, match="length"):
        power_cubic(two, density_kg_per_m3=one, **GENERIC)


def test_compiled_equals_python_and_vector_equals_scalar():
    w = weather(60)
    for chain, turbine in ((wind_per_unit, CURVE), (wind_per_unit_cubic, GENERIC)):
        whole = chain(**w, **turbine, **SITE)
        np.testing.assert_allclose(whole, chain.py_func(**w, **turbine, **SITE), rtol=1e-12)
        ones = [chain(**{key: values[i : i + 1] for key, values in w.items()}, **turbine, **SITE) for i in range(60)]
        np.testing.assert_array_equal(whole, np.concatenate(ones))
    air = {"pressure_pa": w["pressure_pa"], "lift_m": 60.0}
    density = air_density(w["temp_c"], **air)
    np.testing.assert_allclose(density, air_density.py_func(w["temp_c"], **air), rtol=1e-13)
    for link, turbine in ((power_of_curve, CURVE), (power_cubic, GENERIC)):
        got = link(w["speed_m_per_s"], density_kg_per_m3=density, **turbine)
        want = link.py_func(w["speed_m_per_s"], density_kg_per_m3=density, **turbine)
        np.testing.assert_allclose(got, want, rtol=1e-12)
    assert standard_pressure_pa(1500.0) == pytest.approx(standard_pressure_pa.py_func(1500.0), rel=1e-14)
    for ratio, last in ((log_law_ratio, {"roughness_m": 0.1}), (power_law_ratio, {"shear_exponent": 0.2})):
        assert ratio(90.0, measured_m=10.0, **last) == pytest.approx(ratio.py_func(90.0, measured_m=10.0, **last))
