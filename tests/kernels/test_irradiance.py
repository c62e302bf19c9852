"""Days split into steps, beam closure and Erbs: against pvlib, published numbers and the laws they must keep."""

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pvlib import irradiance as pvlib_irradiance
from pvlib import solarposition

from parksim.kernels import irradiance
from parksim.kernels.irradiance import close_beam, erbs, split_days

RECORDS = Path(__file__).parents[3] / "shared" / "data" / "weather" / "cdsrd_daily_irradiation_1998_2017.csv"

YIBIN = {"latitude_deg": 28.8, "longitude_deg": 104.6, "clock_offset_h": 8.0}


def daily(days=40, seed=1):
    rng = np.random.default_rng(seed)
    ghi = rng.uniform(0.0, 8000.0, days)
    return ghi, ghi * rng.uniform(0.0, 1.3, days), rng.integers(1, 366, days).astype(float)


def split(ghi, dhi, day, steps_per_day=24, **site):
    return split_days(
        np.asarray(ghi, float),
        dhi_wh_per_m2=np.asarray(dhi, float),
        day_of_year=np.asarray(day, float),
        steps_per_day=steps_per_day,
        **{**YIBIN, **site},
    )


@pytest.mark.parametrize("steps_per_day", [24, 48, 96, 144])
@pytest.mark.parametrize(
    "site",
    [
        {},
        {"latitude_deg": -38.0, "longitude_deg": 145.0, "clock_offset_h": 10.0},
        {"longitude_deg": 175.0, "clock_offset_h": 0.0},  # the sun is up over the record's midnight
        {"latitude_deg": 0.0, "longitude_deg": -75.0, "clock_offset_h": -5.0},
    ],
)
def test_each_day_keeps_its_energy(steps_per_day, site):
    ghi_day, dhi_day, day = daily()
    ghi, dhi = split(ghi_day, dhi_day, day, steps_per_day, **site)
    step_h = 24.0 / steps_per_day
    np.testing.assert_allclose(ghi.reshape(-1, steps_per_day).sum(axis=1) * step_h, ghi_day, rtol=1e-12)
    np.testing.assert_allclose(
        dhi.reshape(-1, steps_per_day).sum(axis=1) * step_h, np.minimum(ghi_day, dhi_day), rtol=1e-11
    )
    assert np.all(dhi >= 0.0)
    assert np.all(dhi <= ghi)


@pytest.mark.parametrize("minutes", [60, 15, 5])
def test_steps_are_the_integrals_of_the_published_shapes(minutes):
    # Oracle: r_t and r_d as published, point by point, on a grid 100 times finer, each normalised to its day.
    day, lat = 100, np.radians(28.8)
    ws = np.arccos(-np.tan(lat) * np.tan(solarposition.declination_spencer71(day)))
    noon_h = 12.0 + 8.0 - 104.6 / 15.0 - solarposition.equation_of_time_spencer71(day) / 60.0
    steps_per_day, fine = 1440 // minutes, 100
    clock_h = (np.arange(steps_per_day * fine) + 0.5) * 24.0 / (steps_per_day * fine)
    w = np.radians(15.0 * (clock_h - noon_h))
    a = 0.409 + 0.5016 * np.sin(ws - np.radians(60.0))
    b = 0.6609 - 0.4767 * np.sin(ws - np.radians(60.0))
    r_d = np.where(np.abs(w) < ws, np.cos(w) - np.cos(ws), 0.0)
    r_t = (a + b * np.cos(w)) * r_d
    want_ghi, want_dhi = (r.reshape(-1, fine).sum(axis=1) / r.sum() * 60.0 / minutes for r in (r_t, r_d))
    ghi, dhi = split([5000.0], [1500.0], [day], steps_per_day)
    np.testing.assert_allclose(ghi, 5000.0 * want_ghi, atol=0.05)
    # 1500 of 5000: the global shape stays above the diffuse one, so the limit dhi <= ghi is not met.
    np.testing.assert_allclose(dhi, 1500.0 * want_dhi, atol=0.05)


def test_shares_of_the_worked_example():
    # Worked example after A. Rabl, "Active Solar Collectors and Their Applications" (1985), eqs. 3.6.2 to 3.6.10:
    # February (day 45) at 31 deg north, daily diffuse share 0.399. Hours centred 7.5, 22.5 and 37.5 deg from solar noon
    # have r_h = 0.153, 0.135, 0.106 and r_d = 0.142, 0.130, 0.1085. Tolerance 2 %: the example takes mid-hour values,
    # and a shape that sums to 0.991 over its day.
    noon_shift_h = solarposition.equation_of_time_spencer71(45) / 60.0
    ghi, dhi = split([1.0], [0.399], [45], latitude_deg=31.0, longitude_deg=0.0, clock_offset_h=noon_shift_h)
    np.testing.assert_allclose(ghi[12:15], [0.153, 0.135, 0.106], rtol=0.02)
    np.testing.assert_allclose(dhi[12:15] / 0.399, [0.142, 0.130, 0.1085], rtol=0.02)
    np.testing.assert_allclose(ghi[12:], ghi[11::-1], atol=1e-12)  # noon on a step's edge: the day is symmetric


def test_hours_are_sums_of_quarters():
    ghi_day, dhi_day, day = daily()
    quarters, quarters_dhi = split(ghi_day, dhi_day, day, 96)
    hours, hours_dhi = split(ghi_day, dhi_day, day, 24)
    np.testing.assert_allclose(quarters.reshape(-1, 4).mean(axis=1), hours, atol=1e-9)
    # The limit dhi <= ghi bites at other moments in quarters than in hours: only nearly equal.
    np.testing.assert_allclose(quarters_dhi.reshape(-1, 4).mean(axis=1), hours_dhi, atol=8.0)


@pytest.mark.parametrize(("longitude", "offset"), [(104.6, 8.0), (104.6, 6.5), (0.0, 0.0), (-75.0, -5.0)])
@pytest.mark.parametrize("day", [1, 44, 80, 172, 307])
def test_light_is_centred_on_solar_noon(longitude, offset, day):
    ghi, _ = split([5000.0], [2000.0], [day], 144, longitude_deg=longitude, clock_offset_h=offset)
    centre_h = np.average((np.arange(144) + 0.5) / 6.0, weights=ghi)
    noon_h = 12.0 + offset - longitude / 15.0 - solarposition.equation_of_time_spencer71(day) / 60.0
    assert centre_h == pytest.approx(noon_h, abs=0.003)  # 10 s: sunrise and sunset cut their steps


def test_light_and_sun_above_the_horizon_go_together():
    days = np.arange(1.0, 366.0)
    ghi, _ = split(np.full(365, 4000.0), np.full(365, 2000.0), days, 288)
    middles = pd.date_range("2021-01-01 00:02:30", periods=365 * 288, freq="5min", tz="Etc/GMT-8").tz_convert("UTC")
    every = slice(0, None, 11)
    zenith = solarposition.get_solarposition(middles[every], 28.8, 104.6)["zenith"].to_numpy()
    # A degree is 4 minutes: room for one step and for the declination, which `split_days` holds over the day.
    assert np.all(ghi[every][zenith < 89.0] > 0.0)
    assert np.all(ghi[every][zenith > 91.0] == 0.0)


def test_spencer_series_equal_pvlib():
    days = np.arange(1, 367)
    angles = 2.0 * np.pi * (days - 1) / 365.0
    declination = [irradiance._declination_rad(angle) for angle in angles]
    equation = [irradiance._equation_of_time_h(angle) * 60.0 for angle in angles]
    np.testing.assert_allclose(declination, solarposition.declination_spencer71(days), atol=1e-14)
    np.testing.assert_allclose(equation, solarposition.equation_of_time_spencer71(days), atol=1e-12)


def test_limits_of_the_split():
    ghi, dhi = split([3000.0, 3000.0, 3000.0, 0.0], [0.0, 3000.0, 5000.0, 0.0], [50.0, 50.0, 50.0, 50.0])
    ghi, dhi = ghi.reshape(4, 24), dhi.reshape(4, 24)
    np.testing.assert_allclose(dhi[0], 0.0, atol=1e-10)  # no diffuse light: all beam
    np.testing.assert_array_equal(dhi[1], ghi[1])  # diffuse alone: no beam, whatever the two shapes
    np.testing.assert_array_equal(dhi[2], ghi[2])  # more diffuse than global counts as diffuse alone
    np.testing.assert_array_equal(ghi[3], 0.0)
    np.testing.assert_array_equal(ghi[0, :6], 0.0)


def test_polar_night_and_day():
    night = split([0.0], [0.0], [355], latitude_deg=80.0)
    np.testing.assert_array_equal(np.concatenate(night), 0.0)
    with pytest.raises(ValueError, match="without sunrise"):
        split([10.0], [10.0], [355], latitude_deg=80.0)
    ghi, dhi = split([6000.0], [2000.0], [172], latitude_deg=80.0)
    assert ghi.min() > 0.0
    assert ghi.sum() == pytest.approx(6000.0, rel=1e-12)
    assert dhi.sum() == pytest.approx(2000.0, rel=1e-12)
    # ws = 180 deg: the diffuse shape is 1 + cos w, whose mean over the hour around noon is 1 + sin(h) / h with h half
    # an hour, pi / 24; the mean over the day is 1. So that hour has (1 + sin(h) / h) / 24 of the day.
    shift_h = solarposition.equation_of_time_spencer71(172) / 60.0 + 0.5
    _, dhi = split([6000.0], [600.0], [172], latitude_deg=89.0, longitude_deg=0.0, clock_offset_h=shift_h)
    share = (1.0 + np.sin(np.pi / 24.0) / (np.pi / 24.0)) / 24.0
    assert dhi.max() == pytest.approx(600.0 * share, rel=1e-9)


def test_nan_spoils_its_day_only():
    ghi, dhi = split([3000.0, np.nan, 3000.0, 3000.0], [1000.0, 1000.0, np.nan, 1000.0], [9.0] * 4)
    bad = np.repeat([False, True, True, False], 24)
    np.testing.assert_array_equal(np.isnan(ghi), bad)
    np.testing.assert_array_equal(np.isnan(dhi), bad)


def test_bad_input_is_refused():
    for ghi, dhi in ((-1.0, 0.0), (1.0, -1.0)):
        with pytest.raises(ValueError, match="negative"):
            split([ghi], [dhi], [9])
    with pytest.raises(ValueError, match="length"):
        split([1.0, 2.0], [1.0], [9, 10])
    with pytest.raises(ValueError, match="length"):
        split([1.0, 2.0], [1.0, 2.0], [9])
    two, one = np.ones(2), np.ones(1)
    with pytest.raises(ValueError, match="length"):
        erbs(two, zenith_deg=one, dni_extra_w_per_m2=two)
    for short in ("dhi_w_per_m2", "zenith_deg", "dni_max_w_per_m2"):
        arrays = {"dhi_w_per_m2": two, "zenith_deg": two, "dni_max_w_per_m2": two, short: one}
        with pytest.raises(ValueError, match="length"):
            close_beam(two, zenith_cap_deg=80.0, zenith_max_deg=88.0, **arrays)


def hourly(n=4000, seed=2):
    rng = np.random.default_rng(seed)
    zenith = np.concatenate([rng.uniform(0.0, 180.0, n // 2), rng.uniform(75.0, 92.0, n // 2)])
    ghi = rng.uniform(0.0, 1200.0, n) * (rng.uniform(size=n) > 0.1)
    dhi = ghi * rng.uniform(0.0, 1.2, n)
    return ghi, dhi, zenith, rng.uniform(1320.0, 1415.0, n), rng


def test_beam_equals_pvlib():
    ghi, dhi, zenith, _, rng = hourly()
    clear = rng.uniform(50.0, 900.0, ghi.size)
    got, _ = close_beam(
        ghi,
        dhi_w_per_m2=dhi,
        zenith_deg=zenith,
        dni_max_w_per_m2=1.1 * clear,
        zenith_cap_deg=80.0,
        zenith_max_deg=88.0,
    )
    series = (pd.Series(values) for values in (ghi, dhi, zenith, clear))
    want = pvlib_irradiance.dni(*series)
    assert want.isna().sum() > 500
    assert ((zenith > 80.0) & (got == 1.1 * clear)).sum() > 100
    np.testing.assert_allclose(got, want.fillna(0.0), rtol=1e-12)


def test_beam_and_diffuse_close_the_global():
    ghi, dhi, zenith, extra, _ = hourly()
    dni, closed = close_beam(
        ghi, dhi_w_per_m2=dhi, zenith_deg=zenith, dni_max_w_per_m2=extra, zenith_cap_deg=80.0, zenith_max_deg=88.0
    )
    np.testing.assert_allclose(closed + dni * np.cos(np.radians(zenith)), ghi, atol=1e-9)
    assert np.all(dni >= 0.0)
    assert np.all((closed >= -1e-9) & (closed <= ghi))
    kept = (dhi < ghi) & (zenith < 80.0)
    np.testing.assert_array_equal(closed[kept], dhi[kept])


def test_erbs_equals_pvlib():
    ghi, _, zenith, _, _ = hourly()
    ghi[:5] = [0.0, -3.0, 1e-9, 5000.0, 0.0]
    day = np.random.default_rng(3).integers(1, 366, ghi.size)
    extra = pvlib_irradiance.get_extra_radiation(day)
    want = pvlib_irradiance.erbs(ghi, zenith, day)
    assert all(
        ((want["kt"] > low) & (want["kt"] <= high)).sum() > 100 for low, high in ((0, 0.22), (0.22, 0.8), (0.8, 1))
    )
    dni, dhi = erbs(ghi, zenith_deg=zenith, dni_extra_w_per_m2=extra)
    np.testing.assert_allclose(dni, want["dni"], rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(dhi, want["dhi"], rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_nan_gives_a_nan(which):
    arrays = [np.full(3, 300.0), np.full(3, 40.0), np.full(3, 1366.0)]
    arrays[which][1] = np.nan
    ghi, zenith, extra = arrays
    beam = close_beam(
        ghi,
        dhi_w_per_m2=np.full(3, 100.0),
        zenith_deg=zenith,
        dni_max_w_per_m2=extra,
        zenith_cap_deg=80.0,
        zenith_max_deg=88.0,
    )
    for out in (*erbs(ghi, zenith_deg=zenith, dni_extra_w_per_m2=extra), *beam):
        np.testing.assert_array_equal(np.isnan(out), [False, True, False])


def test_compiled_equals_python_and_vector_equals_scalar():
    ghi_day, dhi_day, day = daily(6)
    kwargs = {"dhi_wh_per_m2": dhi_day, "day_of_year": day, "steps_per_day": 24, **YIBIN}
    whole = split_days(ghi_day, **kwargs)
    np.testing.assert_allclose(whole, split_days.py_func(ghi_day, **kwargs), rtol=1e-13)
    ones = [split(ghi_day[k : k + 1], dhi_day[k : k + 1], day[k : k + 1]) for k in range(6)]
    np.testing.assert_array_equal(whole, np.concatenate(ones, axis=1))

    ghi, dhi, zenith, extra, _ = hourly(60)
    kwargs = {"zenith_deg": zenith, "dni_extra_w_per_m2": extra}
    whole = erbs(ghi, **kwargs)
    np.testing.assert_allclose(whole, erbs.py_func(ghi, **kwargs), rtol=1e-13)
    ones = [erbs(ghi[i : i + 1], **{name: a[i : i + 1] for name, a in kwargs.items()}) for i in range(60)]
    np.testing.assert_array_equal(whole, np.concatenate(ones, axis=1))

    arrays = {"dhi_w_per_m2": dhi, "zenith_deg": zenith, "dni_max_w_per_m2": extra}
    limits = {"zenith_cap_deg": 80.0, "zenith_max_deg": 88.0}
    whole = close_beam(ghi, **arrays, **limits)
    np.testing.assert_allclose(whole, close_beam.py_func(ghi, **arrays, **limits), rtol=1e-13)
    ones = [
        close_beam(ghi[i : i + 1], **{name: a[i : i + 1] for name, a in arrays.items()}, **limits) for i in range(60)
    ]
    np.testing.assert_array_equal(whole, np.concatenate(ones, axis=1))


@pytest.mark.records
def test_measured_days_keep_their_energy():
    if not RECORDS.exists():
        pytest.skip("the measured records are not beside the checkout")
    with RECORDS.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["date"] >= "2016"]
    day = np.array([date.fromisoformat(row["date"]).timetuple().tm_yday for row in rows], float)
    ghi_day, dhi_day = (
        np.array([float(row[f"Yibin_{name}_MJ_m2"] or "nan") / 0.0036 for row in rows]) for name in ("ghi", "dhi")
    )
    assert np.nanmin(ghi_day) < 0.0  # the record's model falls below 0 on a few dark days; the kernel refuses that
    ghi_day = np.maximum(ghi_day, 0.0)
    assert np.mean(dhi_day > ghi_day) > 0.2  # the record's flaw that the limit mends
    ghi, dhi = split(ghi_day, dhi_day, day)
    np.testing.assert_allclose(ghi.reshape(-1, 24).sum(axis=1), ghi_day, rtol=1e-12)
    np.testing.assert_allclose(dhi.reshape(-1, 24).sum(axis=1), np.minimum(ghi_day, dhi_day), rtol=1e-11)
