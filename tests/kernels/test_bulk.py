"""Kernels over many years: each year is what the kernel gives alone, to the last bit."""

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parksim.kernels.bulk import over_years
from parksim.kernels.cycles import full_cycles
from parksim.kernels.hydro import inflow_power_mw, run_of_river_available
from parksim.kernels.load import hourly_profile, noise_factor, temperature_factor
from parksim.kernels.pv import pv_per_unit
from parksim.kernels.wind import wind_per_unit, wind_per_unit_cubic

PANELS = {
    "surface_tilt_deg": 25.0,
    "surface_azimuth_deg": 170.0,
    "albedo_fraction": 0.2,
    "hay_davies": True,
    "iam_sky": 0.95,
    "iam_ground": 0.8,
    "heat_loss_w_per_m2_k": 25.0,
    "heat_loss_wind_w_s_per_m3_k": 6.84,
    "temp_coefficient_per_k": -0.0034,
    "loss_fraction": 0.14,
    "dc_ac_ratio": 1.25,
    "eff_inverter": 0.97,
}
SITE = {"lift_m": 60.0, "speed_ratio": 1.2, "loss_fraction": 0.12, "curve_density_kg_per_m3": 1.225}
CURVE = {
    "curve_speed_m_per_s": np.array([3.0, 6.0, 9.0, 12.0, 25.0]),
    "curve_mw_per_mw": np.array([0.0, 0.2, 0.7, 1.0, 1.0]),
    "cut_out_m_per_s": 25.0,
}
GENERIC = {"cut_in_m_per_s": 3.0, "rated_m_per_s": 11.0, "cut_out_m_per_s": 25.0}
PLANT = {
    "ecological_m3_per_s": 2.0,
    "flow_min_m3_per_s": 3.0,
    "flow_max_m3_per_s": 30.0,
    "load_points": np.array([0.1, 0.5, 1.0]),
    "eff_points": np.array([0.6, 0.9, 0.88]),
}


def cases(years, steps, seed, bad):
    """Every kernel of a year's numbers with random years; ``bad`` is the share of values that are NaN."""
    rng = np.random.default_rng(seed)

    def drawn(low, high):
        values = rng.uniform(low, high, (years, steps))
        values[rng.uniform(size=values.shape) < bad] = np.nan
        return values

    sun = {
        "zenith_deg": rng.uniform(0.0, 180.0, steps),
        "azimuth_deg": rng.uniform(0.0, 360.0, steps),
        "dni_extra_w_per_m2": rng.uniform(1320.0, 1415.0, steps),
    }
    sky = {
        "ghi_w_per_m2": drawn(0.0, 1200.0),
        "dhi_w_per_m2": drawn(0.0, 500.0),
        "dni_w_per_m2": drawn(0.0, 1000.0),
        "temp_air_c": drawn(-30.0, 45.0),
        "wind_speed_m_per_s": drawn(0.0, 20.0),
    }
    air = {
        "speed_m_per_s": drawn(0.0, 30.0),
        "temp_c": drawn(-30.0, 40.0),
        "pressure_pa": drawn(6e4, 1e5),
    }
    calendar = {
        "day_shape": rng.uniform(0.2, 1.0, 24),
        "hour_of_day": np.arange(steps) % 24,
        "day_of_hour": np.arange(steps) // 24,
        "day_factor": rng.uniform(0.5, 1.0, steps // 24 + 1),
    }
    response = {"heat_base_c": 15.0, "cool_base_c": 24.0, "heat_per_k": 0.01, "cool_per_k": 0.02}
    return [
        (pv_per_unit, sky, sun | PANELS),
        (wind_per_unit, air, SITE | CURVE),
        (wind_per_unit_cubic, air, SITE | GENERIC),
        (run_of_river_available, {"flow_m3_per_s": drawn(0.0, 60.0)}, PLANT),
        (inflow_power_mw, {"flow_m3_per_s": drawn(0.0, 60.0)}, {"head_m": 80.0, "eff": 0.9}),
        (temperature_factor, {"temp_c": drawn(-20.0, 40.0)}, response),
        (noise_factor, {"normal": drawn(-3.0, 3.0)}, {"noise_sd": 0.05, "keep_per_h": 0.8}),
        (hourly_profile, {"weather_factor": drawn(0.9, 1.4), "noise": drawn(0.9, 1.1)}, calendar),
        (full_cycles, {"level_mwh": drawn(0.0, 40.0)}, {"energy_usable_mwh": 40.0}),
    ]


@settings(deadline=None, max_examples=15)
@given(
    years=st.integers(1, 9),
    steps=st.integers(0, 60),
    seed=st.integers(0, 2**32 - 1),
    bad=st.sampled_from([0.0, 0.1]),
    threads=st.sampled_from([None, 1, 2, 3, 12]),
)
def test_many_years_are_each_year_alone(years, steps, seed, bad, threads):
    for kernel, by_year, every_year in cases(years, steps, seed, bad):
        got = over_years(kernel, by_year=by_year, every_year=every_year, threads=threads)
        alone = [kernel(**{name: values[y] for name, values in by_year.items()}, **every_year) for y in range(years)]
        np.testing.assert_array_equal(got, np.array(alone), err_msg=kernel.__name__)


@pytest.mark.parametrize("number", range(8))
def test_a_nan_stays_in_its_year(number):
    kernel, by_year, every_year = cases(3, 48, 7, 0.0)[number]
    name = next(iter(by_year))
    clean = over_years(kernel, by_year=by_year, every_year=every_year)
    by_year[name][1, 20] = np.nan
    got = over_years(kernel, by_year=by_year, every_year=every_year)
    np.testing.assert_array_equal(got[[0, 2]], clean[[0, 2]])
    assert not np.array_equal(got[1], clean[1])


def test_rows_of_any_layout_are_taken_and_left_as_they_were():
    kernel, by_year, every_year = cases(4, 30, 1, 0.0)[0]
    want = over_years(kernel, by_year=by_year, every_year=every_year)
    turned = {name: np.asfortranarray(values) for name, values in by_year.items()}
    np.testing.assert_array_equal(over_years(kernel, by_year=turned, every_year=every_year), want)
    assert all(values.flags.writeable for values in (*by_year.values(), *turned.values()))
    assert every_year["zenith_deg"].flags.writeable


def test_years_run_on_the_threads_asked_for():
    seen = set()
    meet = threading.Barrier(3, timeout=60)

    def told(values):
        if values[0] > 0.0:  # the first year runs before the threads
            meet.wait()
        seen.add(threading.get_ident())
        return 2.0 * values

    years = np.arange(4.0).repeat(2).reshape(4, 2)
    np.testing.assert_array_equal(over_years(told, by_year={"values": years}, every_year={}, threads=3), 2.0 * years)
    assert len(seen) == 4


FLOW = np.ones((3, 4))
TURBINE = {"head_m": 80.0, "eff": 0.9}


@pytest.mark.parametrize(
    ("by_year", "every_year", "message"),
    [
        ({"flow_m3_per_s": np.ones(4)}, TURBINE, r"shape \(year, time\), got flow_m3_per_s \(4,\)"),
        ({}, {"flow_m3_per_s": np.ones(4), **TURBINE}, "one number of years, 1 or more, in all arrays, got no array"),
        ({"flow_m3_per_s": np.ones((0, 4))}, TURBINE, r"1 or more, in all arrays, got flow_m3_per_s \(0, 4\)"),
        ({"flow_m3_per_s": FLOW, "eff": np.ones((2, 4))}, {}, r"flow_m3_per_s \(3, 4\), eff \(2, 4\)"),
        ({"flow_m3_per_s": FLOW}, {"flow_m3_per_s": FLOW[0], **TURBINE}, "flow_m3_per_s: stands in by_year and in"),
    ],
)
def test_what_does_not_fit_is_refused(by_year, every_year, message):
    with pytest.raises(ValueError, match=message):
        over_years(inflow_power_mw, by_year=by_year, every_year=every_year)


def test_no_threads_are_refused():
    with pytest.raises(ValueError, match="threads: got 0, must be 1 or more"):
        over_years(inflow_power_mw, by_year={"flow_m3_per_s": FLOW}, every_year=TURBINE, threads=0)


def test_an_argument_too_few_or_too_many_is_named():
    with pytest.raises(TypeError, match="missing a required argument: 'eff'"):
        over_years(inflow_power_mw, by_year={"flow_m3_per_s": FLOW}, every_year={"head_m": 80.0})
    with pytest.raises(TypeError, match="unexpected keyword argument 'colour'"):
        over_years(inflow_power_mw, by_year={"flow_m3_per_s": FLOW}, every_year={**TURBINE, "colour": 1.0})


def test_what_a_kernel_refuses_in_any_year_comes_through():
    kernel, by_year, every_year = cases(4, 30, 1, 0.0)[0]
    by_year["dhi_w_per_m2"] = by_year["dhi_w_per_m2"][:, :-1]
    with pytest.raises(ValueError, match="arrays differ in length"):
        over_years(kernel, by_year=by_year, every_year=every_year)

    def late(values):
        if values[0] == 3.0:
            msg = "the fourth year is wrong"
            raise ValueError(msg)
        return values

    with pytest.raises(ValueError, match="fourth year"):
        over_years(late, by_year={"values": np.arange(5.0)[:, None]}, every_year={})
