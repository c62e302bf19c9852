"""The sun's position: a published moment, geometry that must hold, and the form of the result."""

import numpy as np
import pandas as pd
import pytest
from pvlib import irradiance as pvlib_irradiance
from pvlib import solarposition

from parksim.sun import sun_position

YIBIN = {"latitude_deg": 28.8, "longitude_deg": 104.6, "altitude_m": 342.0}


def at(*stamps, tz="UTC", **site):
    return sun_position(stamps_utc=pd.DatetimeIndex(stamps, tz=tz), **{**YIBIN, **site})


def test_published_moment():
    # Reda and Andreas (2004), table A5.1: 17 October 2003, 12:30:30 at UTC-7, zenith 50.11162, azimuth 194.34024 deg.
    # They take 820 hPa and 11 degC; the pressure at 1830 m is 811 hPa here, which moves the zenith by 0.0002 deg.
    sun = at("2003-10-17 19:30:30", latitude_deg=39.742476, longitude_deg=-105.1786, altitude_m=1830.14)
    assert sun.zenith_deg[0] == pytest.approx(50.11162, abs=5e-4)
    assert sun.azimuth_deg[0] == pytest.approx(194.34024, abs=5e-4)


def test_solstice_noon():
    # Solar noon of 21 June 2021 at 104.6 E: 12:00 - 104.6 / 15 h + 1.9 min (equation of time) = 05:03:30 UTC; the sun
    # stands at latitude - obliquity = 28.8 - 23.44 = 5.36 deg from the vertical, in the south.
    sun = at("2021-06-21 05:03:30")
    assert sun.zenith_deg[0] == pytest.approx(5.36, abs=0.02)
    assert sun.azimuth_deg[0] == pytest.approx(180.0, abs=2.0)


def test_east_in_the_morning_west_in_the_evening_and_below_at_night():
    sun = at("2021-03-20 00:30", "2021-03-20 10:00", "2021-03-20 17:00")
    assert 80.0 < sun.azimuth_deg[0] < 110.0
    assert 250.0 < sun.azimuth_deg[1] < 280.0
    assert sun.zenith_deg[2] > 120.0


def test_refraction_lifts_the_sun_at_the_horizon():
    # Bennett: half a degree at the horizon, 0.02 degrees and less above 45 degrees.
    stamps = pd.date_range("2021-03-20 22:30", periods=180, freq="min", tz="UTC")
    low = sun_position(stamps_utc=stamps, **YIBIN)
    high = sun_position(stamps_utc=stamps, **{**YIBIN, "altitude_m": 12000.0})  # a fifth of the air
    lift = high.zenith_deg - low.zenith_deg
    assert 0.25 < lift[np.argmin(np.abs(low.zenith_deg - 89.9))] < 0.6
    assert np.all(np.abs(lift[low.zenith_deg < 70.0]) < 0.05)


def test_extraterrestrial_irradiance_follows_the_distance():
    stamps = pd.date_range("2021-01-01 12:00", periods=365, freq="D", tz="UTC")
    extra = sun_position(stamps_utc=stamps, **YIBIN).dni_extra_w_per_m2
    # Perihelion on 2 January at 0.98326 au, aphelion on 5 July at 1.01673 au. Spencer's series is up to 0.07 % off.
    assert extra.max() == pytest.approx(1366.1 / 0.98326**2, rel=1e-3)
    assert extra.min() == pytest.approx(1366.1 / 1.01673**2, rel=1e-3)
    exact = pvlib_irradiance.get_extra_radiation(stamps, method="nrel").to_numpy()
    np.testing.assert_allclose(extra, exact, rtol=1e-3)


def test_clock_of_the_stamps_does_not_matter():
    utc = pd.date_range("2020-12-31 16:30", periods=48, freq="h", tz="UTC")
    one = sun_position(stamps_utc=utc, **YIBIN)
    two = sun_position(stamps_utc=utc.tz_convert("Etc/GMT-8"), **YIBIN)
    for name in ("zenith_deg", "azimuth_deg", "dni_extra_w_per_m2"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


def test_vector_equals_scalar():
    stamps = pd.date_range("2020-06-01 00:30", periods=24, freq="h", tz="UTC")
    whole = sun_position(stamps_utc=stamps, **YIBIN)
    ones = [sun_position(stamps_utc=stamps[i : i + 1], **YIBIN) for i in range(24)]
    for name in ("zenith_deg", "azimuth_deg", "dni_extra_w_per_m2"):
        np.testing.assert_allclose(getattr(whole, name), [getattr(one, name)[0] for one in ones], rtol=1e-12)


def test_arrays_are_ready_for_kernels():
    sun = at("2021-06-21 05:03:30", "2021-06-21 06:03:30")
    for values in (sun.zenith_deg, sun.azimuth_deg, sun.dni_extra_w_per_m2):
        assert values.dtype == np.float64
        assert values.shape == (2,)
        assert values.flags.c_contiguous
        assert not values.flags.writeable


def test_stamps_without_a_zone_are_refused():
    with pytest.raises(ValueError, match="time zone"):
        at("2021-06-21 05:03:30", tz=None)


def test_loaded_alone_it_is_pvlibs_public_function():
    stamps = pd.date_range("2024-12-31", periods=2_000, freq="613min", tz="UTC")
    ours = sun_position(stamps_utc=stamps, **YIBIN)
    theirs = solarposition.get_solarposition(stamps, 28.8, 104.6, altitude=342.0)
    np.testing.assert_allclose(ours.zenith_deg, theirs["apparent_zenith"], rtol=0, atol=1e-9)
    np.testing.assert_allclose(ours.azimuth_deg, theirs["azimuth"], rtol=0, atol=1e-9)
    extra = pvlib_irradiance.get_extra_radiation(stamps.day_of_year.to_numpy())
    np.testing.assert_allclose(ours.dni_extra_w_per_m2, extra, rtol=1e-12)
