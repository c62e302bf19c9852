"""Load profiles: every factor by hand, scaling at its limits, archetypes against known load factors."""

import csv
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from parksim.calendar_cn import DayKind, day_kinds, festival_factor, season_factor
from parksim.kernels.load import (
    day_factors,
    hold,
    hourly_profile,
    mix,
    noise_factor,
    scale,
    stretch,
    temperature_factor,
)
from parksim.shapes import ARCHETYPES, Archetype

STEEL = Path(__file__).resolve().parents[3] / "shared" / "data" / "load" / "uci_steel_industry_hourly_2018.csv"

# Yibin, monthly mean temperatures [background, medium].
YIBIN_C = [8.2, 10.4, 14.5, 19.6, 23.1, 25.2, 27.5, 27.1, 23.3, 18.6, 14.4, 9.5]


def yibin_temperature(stamps):
    """Monthly means on a line through mid-months, a daily swing of 4 K, and slow weather of 3.5 K."""
    middle = np.array([15, 45, 74, 105, 135, 166, 196, 227, 258, 288, 319, 349])
    day = stamps.day_of_year.to_numpy() + stamps.hour.to_numpy() / 24
    base = np.interp(day, np.r_[-16, middle, 380], np.r_[YIBIN_C[-1], YIBIN_C, YIBIN_C[0]])
    weather = np.convolve(np.random.default_rng(0).normal(0, 3.5, len(stamps) // 24 + 4), np.ones(5) / 5**0.5, "valid")
    return base + 4 * np.cos(2 * np.pi * (stamps.hour.to_numpy() - 15) / 24) + np.repeat(weather, 24)


def year_profile(kind: Archetype, seed, year=2025):
    """A year of one type at Yibin, as a load component puts it together."""
    stamps = pd.date_range(f"{year}-01-01", f"{year + 1}-01-01", freq="h", inclusive="left")
    days = stamps[::24]
    festival = festival_factor(
        days,
        spring_factor=kind.spring_factor,
        spring_days=kind.spring_days,
        spring_lead_days=kind.spring_lead_days,
        spring_ramp_days=kind.spring_ramp_days,
        national_factor=kind.national_factor,
        national_days=kind.national_days,
    )
    rest = np.minimum(festival, season_factor(days, seasons=kind.seasons))
    factor = day_factors(day_kinds(days)[0], np.array(kind.kind_factors), rest)
    weather = temperature_factor(
        yibin_temperature(stamps), kind.heat_base_c, kind.cool_base_c, kind.heat_per_k, kind.cool_per_k
    )
    normal = np.random.default_rng(seed).normal(size=len(stamps))
    noise = noise_factor(normal, kind.noise_sd, kind.noise_keep_per_h)
    hour = stamps.hour.to_numpy().astype(np.int64)
    shape = np.array(kind.day_shape)
    return hourly_profile(shape, hour, np.repeat(np.arange(len(days)), 24), factor, weather, noise)


@pytest.mark.parametrize("function", [day_factors, day_factors.py_func])
def test_day_factors_take_the_lower(function):
    kinds = np.array([DayKind.WORKDAY, DayKind.SUNDAY, DayKind.WORKDAY, DayKind.SUNDAY], np.int8)
    table = np.array([1.0, 0.85, 0.5, 0.8, 1.0, 1.0])
    # A Sunday of 0.5 within a holiday of 0.4 is 0.4, not 0.2; on a ramp day of 0.7 it stays 0.5.
    assert list(function(kinds, table, np.array([1.0, 0.4, 0.4, 0.7]))) == [1.0, 0.4, 0.4, 0.5]
    assert np.isnan(function(kinds[:1], table, np.array([np.nan]))[0])
    with pytest.raises(ValueError, match="without factor"):
        function(kinds, table[:2], np.ones(4))
    with pytest.raises(ValueError, match="lengths"):
        function(kinds, table, np.ones(3))


@pytest.mark.parametrize("function", [temperature_factor, temperature_factor.py_func])
def test_temperature_response(function):
    # 12 K below 12 °C at 0.015 adds 18 %, 10 K above 24 °C at 0.03 adds 30 %.
    got = function(np.array([0.0, 12.0, 18.0, 24.0, 34.0, np.nan]), 12.0, 24.0, 0.015, 0.03)
    np.testing.assert_allclose(got, [1.18, 1, 1, 1, 1.3, np.nan], rtol=1e-15)


@pytest.mark.parametrize("function", [noise_factor, noise_factor.py_func])
def test_noise_by_hand(function):
    # z = 0.1, then 0.6 * 0.1 + 0.1 * 0.8 * 2 = 0.22; both less 0.005.
    np.testing.assert_allclose(function(np.array([1.0, 2.0]), 0.1, 0.6), np.exp([0.095, 0.215]), rtol=1e-14)
    assert list(function(np.array([1.0, -3.0]), 0.0, 0.6)) == [1.0, 1.0]
    assert list(np.isnan(function(np.array([1.0, np.nan, 1.0]), 0.1, 0.6))) == [False, True, True]
    for sd, keep in ((-0.1, 0.5), (np.nan, 0.5), (0.1, 1.0), (0.1, -0.1)):
        with pytest.raises(ValueError, match="must"):
            function(np.zeros(2), sd, keep)


def test_noise_statistics():
    # 200 years: mean 1, deviation of the logarithm sd, correlation keep; the error of each is of order sqrt(k/n).
    normal = np.random.default_rng(5).normal(size=200 * 8760)
    noise = noise_factor(normal, 0.2, 0.7)
    log = np.log(noise)
    assert noise.mean() == pytest.approx(1.0, abs=2e-3)
    assert log.std() == pytest.approx(0.2, rel=5e-3)
    assert np.corrcoef(log[:-1], log[1:])[0, 1] == pytest.approx(0.7, abs=3e-3)


@pytest.mark.parametrize("function", [hourly_profile, hourly_profile.py_func])
def test_profile_by_hand(function):
    shape = np.linspace(0.1, 2.4, 24)
    hour, day = np.array([23, 0, 1]), np.array([0, 1, 1])
    got = function(shape, hour, day, np.array([1.0, 0.5]), np.array([1.0, 1.1, 1.0]), np.array([1.0, 1.0, 2.0]))
    np.testing.assert_allclose(got, [2.4, 0.1 * 0.5 * 1.1, 0.2 * 0.5 * 2], rtol=1e-14)
    ones = np.ones(1)
    for bad, match in (
        ((shape[:23], hour[:1], day[:1], ones, ones, ones), "24 values"),
        ((shape, np.array([24]), day[:1], ones, ones, ones), "0 to 23"),
        ((shape, hour[:1], np.array([1]), ones, ones, ones), "no factor"),
        ((shape, hour[:1], day[:1], ones, np.ones(2), ones), "lengths"),
    ):
        with pytest.raises(ValueError, match=match):
            function(*bad)


@pytest.mark.parametrize("function", [hold, hold.py_func])
def test_hold_keeps_hourly_means_and_the_peak(function):
    hourly = np.random.default_rng(1).random(48)
    for steps in (1, 2, 4):
        got = function(hourly, steps)
        assert got.shape == (48 * steps,)
        np.testing.assert_array_equal(got.reshape(48, steps), np.repeat(hourly[:, None], steps, axis=1))
        assert got.max() == hourly.max()
    with pytest.raises(ValueError, match="1 or more"):
        function(hourly, 0)


def test_every_step_length_has_the_same_load():
    hourly = year_profile(ARCHETYPES["two_shift"], seed=3)
    loads = {n: scale(hold(hourly, n), step_h=1 / n, energy_mwh=60e3, peak_mw=12.0) for n in (1, 2, 4)}
    for n, load in loads.items():
        assert load.sum() / n == pytest.approx(60e3, rel=1e-12)
        np.testing.assert_allclose(load.reshape(-1, n).mean(axis=1), loads[1], rtol=1e-12)


def test_mix_keeps_energy_shares():
    rng = np.random.default_rng(2)
    profiles = rng.random((3, 100)) * np.array([[1.0], [50.0], [0.01]])
    shares = np.array([0.45, 0.4, 0.15])
    got = mix(profiles, energy_shares=shares)
    assert got.mean() == pytest.approx(1.0, rel=1e-14)
    # Without the third type's part, 85 % of the energy is left, whatever the scales of the profiles.
    third = 0.15 * profiles[2] / profiles[2].mean()
    assert (got - third).mean() == pytest.approx(0.85, rel=1e-14)
    np.testing.assert_allclose(mix(profiles[:1], energy_shares=np.ones(1)), profiles[0] / profiles[0].mean())


@pytest.mark.parametrize(
    ("profiles", "shares", "match"),
    [
        (np.ones((2, 3)), [0.5, 0.6], "sum to 1"),
        (np.ones((2, 3)), [1.5, -0.5], "sum to 1"),
        (np.ones((2, 3)), [1.0], "shapes"),
        (np.ones(3), [1.0], "shapes"),
        (np.zeros((1, 3)), [1.0], "zero throughout"),
        (np.array([[1.0, np.nan]]), [1.0], "NaN"),
        (np.array([[1.0, -1.0]]), [1.0], "negative"),
    ],
)
def test_mix_refuses(profiles, shares, match):
    with pytest.raises(ValueError, match=match):
        mix(profiles, energy_shares=np.array(shares))


def test_scale_to_one_number():
    profile = np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(scale(profile, step_h=0.5, energy_mwh=30.0), [10.0, 20.0, 30.0])
    np.testing.assert_allclose(scale(profile, step_h=0.5, peak_mw=6.0), [2.0, 4.0, 6.0])
    assert list(scale(profile, step_h=1.0, energy_mwh=0.0)) == [0.0] * 3
    assert list(scale(profile, step_h=1.0, peak_mw=0.0)) == [0.0] * 3


def test_scale_to_energy_and_peak():
    # Mean 2 and top 3 to mean 4 and peak 5: q = 5 - (5 - 4) * (3 - p) / (3 - 2), so 3, 4, 5.
    profile = np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(scale(profile, step_h=1.0, energy_mwh=12.0, peak_mw=5.0), [3.0, 4.0, 5.0])
    rng = np.random.default_rng(4)
    for _ in range(20):
        profile = rng.random(500)
        share = (profile.mean() - profile.min()) / (profile.max() - profile.min())
        mean = 10 * rng.uniform(share, 1.0)
        got = scale(profile, step_h=0.25, energy_mwh=mean * 125, peak_mw=10.0)
        assert got.max() == 10.0
        assert got.sum() * 0.25 == pytest.approx(mean * 125, rel=1e-12)
        assert got.min() >= 0
        assert (np.argsort(got, kind="stable") == np.argsort(profile, kind="stable")).all()


def test_scale_at_the_limits_of_what_fits():
    # u = (p - min) / (max - min) has the mean 1/2 here. Every stretched profile is a + (peak - a) u with a >= 0, so its
    # mean lies between peak / 2 (a = 0: the lowest value is 0) and peak (a = peak: flat).
    profile = np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(scale(profile, step_h=1.0, energy_mwh=15.0, peak_mw=10.0), [0.0, 5.0, 10.0], atol=1e-12)
    np.testing.assert_allclose(scale(profile, step_h=1.0, energy_mwh=30.0, peak_mw=10.0), [10.0] * 3)
    for energy in (14.99, 30.01):
        with pytest.raises(ValueError, match=r"mean may lie in 5 to 10 MW"):
            scale(profile, step_h=1.0, energy_mwh=energy, peak_mw=10.0)
    # A flat profile has one mean at a given peak.
    assert list(scale(np.ones(2), step_h=1.0, energy_mwh=8.0, peak_mw=4.0)) == [4.0, 4.0]
    with pytest.raises(ValueError, match="4 to 4 MW"):
        scale(np.ones(2), step_h=1.0, energy_mwh=6.0, peak_mw=4.0)


@pytest.mark.parametrize(
    ("profile", "numbers", "match"),
    [
        ([1.0, 2.0], {}, "give one or both"),
        ([0.0, 0.0], {"peak_mw": 1.0}, "nothing to scale"),
        ([], {"peak_mw": 1.0}, "nothing to scale"),
        ([1.0, np.nan], {"peak_mw": 1.0}, "NaN"),
        ([1.0, -2.0], {"peak_mw": 1.0}, "negative"),
        ([1.0, 2.0], {"peak_mw": -1.0}, "peak_mw"),
        ([1.0, 2.0], {"energy_mwh": np.nan}, "energy_mwh"),
    ],
)
def test_scale_refuses(profile, numbers, match):
    with pytest.raises(ValueError, match=match):
        scale(np.array(profile), step_h=1.0, **numbers)


@pytest.mark.parametrize("function", [stretch, stretch.py_func])
def test_stretch(function):
    np.testing.assert_allclose(function(np.array([1.0, 2.0, 3.0]), 4.0, 5.0), [3.0, 4.0, 5.0])
    assert np.isnan(function(np.ones(2), 4.0, 5.0)).all()
    assert np.isnan(function(np.array([1.0, np.nan]), 4.0, 5.0)).all()


@pytest.mark.parametrize("name", ARCHETYPES)
def test_archetypes_are_whole(name):
    kind = ARCHETYPES[name]
    assert kind.name == name
    assert len(kind.day_shape) == 24
    assert 0 < min(kind.day_shape) <= max(kind.day_shape) <= 1
    assert len(kind.kind_factors) == len(DayKind)
    assert kind.kind_factors[DayKind.WORKDAY] == 1.0
    assert kind.kind_factors[DayKind.SATURDAY] == kind.saturday_factor
    assert kind.kind_factors[DayKind.SUNDAY] == kind.sunday_factor
    assert kind.kind_factors[DayKind.HOLIDAY] == kind.holiday_factor
    assert kind.kind_factors[DayKind.NATIONAL_DAY] == kind.long_holiday_factor
    tags = ("[assumption]", "[background", "[derived", "[verified")
    assert kind.source.startswith("[assumption]")
    assert all(any(tag in text for tag in tags) for text in kind.sources.values())
    told = {field.strip() for fields in kind.sources for field in fields.split(",")}
    assert told <= set(Archetype.__dataclass_fields__)
    assert {"saturday_factor", "sunday_factor", "spring_factor", "noise_sd", "load_factor_range"} <= told


@pytest.mark.parametrize("name", ARCHETYPES)
def test_archetypes_have_the_load_factor_they_are_known_for(name):
    # Day shapes, calendar and weather are set apart from each other; together they must give the known load factor.
    profile = year_profile(ARCHETYPES[name], seed=list(ARCHETYPES).index(name))
    low, high = ARCHETYPES[name].load_factor_range
    assert low <= profile.mean() / profile.max() <= high


def test_industry_rests_as_known():
    # Spring Festival: mixed manufacturing 30-50 % for 7-10 days, continuous 85-100 %; National Day -10 to -20 %.
    for name in ("three_shift", "two_shift", "eaf"):
        kind = ARCHETYPES[name]
        assert 0.3 <= kind.spring_factor <= 0.5
        assert 7 <= kind.spring_days <= 10
        assert kind.spring_ramp_days == 5
        assert 0.8 <= kind.national_factor <= 0.9
        assert 3 <= kind.national_days <= 5
    assert 0.85 <= ARCHETYPES["continuous"].spring_factor <= 1.0


def test_the_mix_of_yibin_has_about_its_load_factor():
    # 45 % continuous, 40 % three-shift, 15 % two-shift: 1.40 TWh a year with a peak of about 195 MW, load factor 0.82.
    profiles = np.array(
        [year_profile(ARCHETYPES[n], seed=i) for i, n in enumerate(["continuous", "three_shift", "two_shift"])]
    )
    mixed = mix(profiles, energy_shares=np.array([0.45, 0.40, 0.15]))
    assert mixed.mean() / mixed.max() == pytest.approx(0.82, abs=0.02)
    load = scale(mixed, step_h=1.0, energy_mwh=1.4e6, peak_mw=195.0)
    assert load.sum() == pytest.approx(1.4e6, rel=1e-12)
    assert load.max() == 195.0
    assert load.min() > 60


@pytest.mark.records
def test_two_shift_weekend_lies_above_the_measured_one_shift_plant():
    if not STEEL.exists():
        pytest.skip("the measured records are not beside this checkout")
    with STEEL.open() as file:
        rows = [
            (datetime.fromisoformat(r["time_local"]).weekday(), float(r["active_kwh"])) for r in csv.DictReader(file)
        ]
    weekday = np.array([row[0] for row in rows])
    power = np.array([row[1] for row in rows])
    normal = power[weekday < 5].mean()
    saturday, sunday = power[weekday == 5].mean() / normal, power[weekday == 6].mean() / normal
    assert (saturday, sunday) == (pytest.approx(0.47, abs=0.01), pytest.approx(0.22, abs=0.01))
    assert ARCHETYPES["two_shift"].saturday_factor > saturday
    assert ARCHETYPES["two_shift"].sunday_factor > sunday
