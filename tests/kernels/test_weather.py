"""Kernels of synthetic weather: monthly.py, clearness.py, weather.py, air.py."""

import math

import numpy as np
import pytest
from scipy import stats

from parksim.kernels import air, clearness, monthly, weather

MONTH_DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
OF_DAY = np.repeat(np.arange(12), MONTH_DAYS)
OF_STEP = np.repeat(OF_DAY, 24)
HOUR = np.tile(np.arange(24) + 0.5, 365)


def normals(count, seed=1):
    return np.random.default_rng(seed).standard_normal(count)


def bell(days=365):
    """A day's sun: 12 h, 1200 W/m2 at noon, and its mean sine of elevation."""
    up = np.maximum(np.sin(math.pi * (HOUR[: days * 24] - 6.0) / 12.0), 0.0)
    return 1200.0 * up, up


# --- monthly ---------------------------------------------------------------------------------------------------------


def test_autoregression_has_unit_variance_and_geometric_correlation():
    x = monthly.ar1(normals(400_000), 0.6)
    assert x.std() == pytest.approx(1.0, abs=0.01)
    # corr(x[t], x[t+k]) = lag1^k; the standard error is about 2e-3 at this length.
    for lag, expected in ((1, 0.6), (2, 0.36), (3, 0.216)):
        assert np.corrcoef(x[lag:], x[:-lag])[0, 1] == pytest.approx(expected, abs=0.01)


def test_autoregression_by_hand():
    # x0 = 1; x1 = 0.6 * 1 + 0.8 * 2 = 2.2; x2 = 0.6 * 2.2 + 0.8 * (-1) = 0.52
    assert monthly.ar1(np.array([1.0, 2.0, -1.0]), 0.6) == pytest.approx([1.0, 2.2, 0.52])


def test_lines_from_midday_to_midday_by_hand():
    # Two days of four steps: middles at 1/8, 3/8, ... of a day; level until the first midday, then rising to the next.
    assert monthly.between_middays(np.array([0.0, 8.0]), 8) == pytest.approx([0, 0, 1, 3, 5, 7, 8, 8])
    assert monthly.between_middays(np.array([5.0]), 4) == pytest.approx([5, 5, 5, 5])


def test_monthly_mean_and_missing_month():
    mean = monthly.monthly_mean(np.array([1.0, 3.0, 5.0]), np.array([0, 0, 2]))
    assert mean[0] == 2.0
    assert mean[2] == 5.0
    assert np.isnan(mean[1])


def test_curve_goes_through_the_middles_of_the_months_and_closes_the_year():
    nodes = np.arange(12.0)
    curve = monthly.curve_through(nodes, OF_STEP)
    middle_of_april = (31 + 28 + 31 + 15) * 24
    # The middle lies between two steps; the slopes there are 1 per 732 h and 1 per 732 h.
    assert curve[middle_of_april - 1 : middle_of_april + 1].mean() == pytest.approx(3.0, abs=1e-9)
    # From December (11) to January (0), both of 744 h, the turn of the year lies half way.
    assert curve[[0, -1]].mean() == pytest.approx(5.5, abs=1e-9)
    assert np.abs(np.diff(curve)).max() < 11.0 / 700


def test_shift_and_factor_restore_monthly_means_without_jumps():
    target = 10.0 + 5.0 * np.sin(np.arange(12.0))
    raw = 2.0 + np.cos(2.0 * math.pi * np.arange(8760) / 8760)
    for match in (monthly.match_by_shift, monthly.match_by_factor):
        out = match(raw, OF_STEP, target)
        assert monthly.monthly_mean(out, OF_STEP) == pytest.approx(target, rel=1e-12)
        # The curve moves by some 10 units over at least a month of 672 h.
        assert np.abs(np.diff(out)).max() < 0.15
    assert monthly.match_by_factor(raw, OF_STEP, target).min() > 0.0


def test_factor_of_a_month_without_means_is_nan():
    assert np.isnan(monthly.match_by_factor(np.zeros(8760), OF_STEP, np.ones(12))).all()


# --- clearness -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("a", "b"), [(0.3, 0.9), (2.0, 3.0), (50.0, 0.6), (1.0, 1.0), (0.05, 0.07), (400.0, 300.0)])
def test_beta_agrees_with_scipy(a, b):
    for x in (1e-6, 0.1, 0.5, 0.77, 0.999):
        assert clearness.beta_share(x, a, b) == pytest.approx(stats.beta.cdf(x, a, b), rel=1e-11, abs=1e-14)
    for share in (0.016, 0.3, 0.5, 0.9, 0.99):
        assert clearness.beta_quantile(share, a, b) == pytest.approx(stats.beta.ppf(share, a, b), abs=1e-12)


def test_beta_outside_and_nan():
    assert clearness.beta_share(-0.1, 2.0, 3.0) == 0.0
    assert clearness.beta_share(1.1, 2.0, 3.0) == 1.0
    assert math.isnan(clearness.beta_quantile(math.nan, 2.0, 3.0))


def test_ranks_by_hand():
    # Month 0 has three days: ranks 2, 0, 1 -> (rank + 1/2) / 3; month 1 has two.
    given = clearness.probabilities_by_rank(np.array([0.9, -2.0, 0.1, 5.0, 6.0]), np.array([0, 0, 0, 1, 1]))
    assert given == pytest.approx([5 / 6, 1 / 6, 3 / 6, 1 / 4, 3 / 4])


@pytest.mark.parametrize(("mean", "std"), [(1.052, 0.874), (3.749, 1.890), (4.9, 0.3)])
def test_month_has_the_wanted_moments_within_the_bounds(mean, std):
    outside = np.linspace(8.0, 9.0, 31)
    share = clearness.probabilities_by_rank(normals(31), np.zeros(31, np.int64))
    k = clearness.clearness_of_month(share, outside, mean, std, 0.06, 0.64)
    assert np.mean(k * outside) == pytest.approx(mean, rel=1e-9)
    assert np.std(k * outside, ddof=1) == pytest.approx(std, rel=1e-9)
    assert 0.06 <= k.min() <= k.max() <= 0.64
    assert (np.argsort(k) == np.argsort(share)).all()


def test_impossible_moments_give_nan_for_that_month_only():
    # Between bounds 0 and H the largest variance at mean m is m (H - m): all days at one bound or the other.
    outside = np.full(365, 8.0)
    share = clearness.probabilities_by_rank(normals(365), OF_DAY)
    std = np.full(12, 1.0)
    std[4] = 1.02 * math.sqrt(3.0 * (8.0 * 0.6 - 3.0))
    k = clearness.daily_clearness(share, OF_DAY, outside, np.full(12, 3.0), std, 0.0, 0.6)
    assert np.isnan(k[OF_DAY == 4]).all()
    assert not np.isnan(k[OF_DAY != 4]).any()
    too_bright = clearness.clearness_of_month(share[:31], outside[:31], 5.0, 0.5, 0.0, 0.6)
    assert np.isnan(too_bright).all()


# --- hours of irradiance ---------------------------------------------------------------------------------------------


def test_share_out_by_hand():
    # c = 1 passes the third cap (2 > 1.5); then c = 2.5 / 2 = 1.25 passes the first; then c = 1.5 serves the second.
    out = weather.share_out(np.array([1.0, 1.0, 2.0]), np.array([1.0, 3.0, 1.5]), 4.0)
    assert out == pytest.approx([1.0, 1.5, 1.5])
    assert weather.share_out(np.ones(2), np.ones(2), 5.0) == pytest.approx([1.0, 1.0])
    assert weather.share_out(np.zeros(2), np.ones(2), 0.0) == pytest.approx([0.0, 0.0])
    assert np.isnan(weather.share_out(np.ones(2), np.ones(2), math.nan)).all()


def fluctuating(k_day, days=365, seed=3):
    outside, up = bell(days)
    k = np.full(days, k_day)
    return weather.global_hours(k_day * outside, k, normals(outside.size, seed), outside, up, 0.88), outside


@pytest.mark.parametrize("k_day", [0.1, 0.35, 0.6, 0.75])
def test_fluctuations_keep_the_day_and_the_ceiling(k_day):
    ghi, outside = fluctuating(k_day)
    by_day = ghi.reshape(365, 24).sum(axis=1)
    assert by_day == pytest.approx(k_day * outside.reshape(365, 24).sum(axis=1), rel=1e-12)
    assert (ghi >= 0.0).all()
    _, up = bell()
    ceiling = 0.88 * np.exp(-0.059 * (1.0 / np.maximum(up, 1e-3) - 1.0))
    assert (ghi <= ceiling * outside * (1.0 + 1e-12)).all()
    assert (ghi[outside == 0.0] == 0.0).all()


def test_fluctuations_are_strongest_on_days_of_middling_clearness():
    spread = {}
    for k_day in (0.1, 0.35, 0.7):
        ghi, outside = fluctuating(k_day)
        noon = HOUR == 12.5
        spread[k_day] = (ghi[noon] / outside[noon]).std()
    # sigma at noon is 0.14 exp(-20 (K - 0.35)^2) = 0.040, 0.140, 0.012; keeping the day's sum takes a part of it.
    assert spread[0.35] == pytest.approx(0.14, rel=0.15)
    assert spread[0.1] == pytest.approx(0.040, rel=0.35)
    assert spread[0.7] == pytest.approx(0.012, rel=0.5)


def test_days_brighter_than_the_ceiling_fill_it():
    outside, up = bell(1)
    ghi = weather.global_hours(0.9 * outside, np.array([0.9]), normals(24), outside, up, 0.8)
    lit = up > 0.0
    assert ghi[lit] == pytest.approx(0.8 * np.exp(-0.059 * (1.0 / up[lit] - 1.0)) * outside[lit])


def test_nan_clearness_spoils_its_day_only():
    outside, up = bell(3)
    k = np.array([0.3, math.nan, 0.3])
    ghi = weather.global_hours(np.repeat(k, 24) * outside, k, normals(72), outside, up, 0.8).reshape(3, 24)
    assert np.isnan(ghi[1]).any()
    assert not np.isnan(ghi[[0, 2]]).any()


def test_diffuse_share_of_day_at_known_points_and_seams():
    k = np.array([0.0, 0.17, 0.5, 0.75, 0.78, 0.8, 0.9])
    # At 0.5: 1.188 - 1.136 + 2.36825 - 2.733125 + 0.9155 = 0.602625; at 0.78: 0.632 - 0.4212 = 0.2108.
    at = weather.diffuse_share_of_day(k)
    assert at[[0, 1, 2, 4, 6]] == pytest.approx([0.99, 0.99, 0.602625, 0.2108, 0.2], abs=1e-9)
    # The published branches meet within a hundredth.
    over = weather.diffuse_share_of_day(k + 1e-9)
    assert np.abs(over - at).max() < 0.0101
    assert np.isnan(weather.diffuse_share_of_day(np.array([math.nan]))).all()


def test_shares_are_bent_to_the_month():
    part = np.linspace(0.2, 0.95, 365)
    weight = np.linspace(1.0, 3.0, 365)
    share = np.linspace(0.3, 0.8, 12)
    out = weather.bend_to_share(part, weight, OF_DAY, share)
    for m in range(12):
        mine = np.equal(OF_DAY, m)
        assert np.sum(out[mine] * weight[mine]) / np.sum(weight[mine]) == pytest.approx(share[m], abs=1e-12)
    assert ((out > 0.0) & (out < 1.0)).all()
    # A share of one half from parts of one quarter needs the square root.
    one = weather.bend_to_share(np.full(31, 0.25), np.ones(31), np.zeros(31, np.int64), np.full(12, 0.5))
    assert one == pytest.approx(np.full(31, 0.5))


def test_share_out_of_reach_is_nan():
    out = weather.bend_to_share(np.full(31, 0.5), np.ones(31), np.zeros(31, np.int64), np.full(12, 0.9999))
    assert np.isnan(out).all()


def test_diffuse_hours_by_hand():
    # Four hours under H0 = 100 each. The first has a low sun and 10 W/m2, wholly diffuse. Half of the sum of 200 is
    # 100, so 90 are left for 30, 60 and 100: c = 0.3 fills the second hour exactly, and each takes 30.
    ghi = np.array([10.0, 30.0, 60.0, 100.0])
    zenith = np.array([89.0, 60.0, 40.0, 60.0])
    dhi = weather.diffuse_hours(np.array([0.5]), ghi, np.full(4, 100.0), zenith, 88.0)
    assert dhi == pytest.approx([10.0, 30.0, 30.0, 30.0])
    # 0.8 of it leaves 150: the second (30) and third (60) are full, the fourth takes 60.
    dhi = weather.diffuse_hours(np.array([0.8]), ghi, np.full(4, 100.0), zenith, 88.0)
    assert dhi == pytest.approx([10.0, 30.0, 60.0, 60.0])


# --- air -------------------------------------------------------------------------------------------------------------


def air_of(days_normals, day_std, clearness_day, dark=4.0, bright=12.0):
    target = np.linspace(5.0, 25.0, 12)
    return target, air.air_temperature(
        target, OF_STEP, days_normals, 0.7, day_std, clearness_day, dark, bright, 0.7, HOUR
    )


def test_temperature_keeps_monthly_means():
    target, temp = air_of(normals(365), 3.0, np.random.default_rng(2).uniform(0.1, 0.7, 365))
    assert monthly.monthly_mean(temp, OF_STEP) == pytest.approx(target, abs=1e-10)


def test_temperature_without_noise_has_the_range_of_its_clearness():
    flat = np.full(12, 15.0)
    for k, expected in ((0.0, 4.0), (0.7, 12.0), (0.35, 8.0)):
        temp = air.air_temperature(flat, OF_STEP, np.zeros(365), 0.7, 3.0, np.full(365, k), 4.0, 12.0, 0.7, HOUR)
        day = temp[48:72]
        # The four harmonics span 1.00 in continuous time; sampled at half hours they miss a little of it.
        assert np.ptp(day) == pytest.approx(expected, rel=0.03)
        assert 14 <= day.argmax() <= 16
        assert 4 <= day.argmin() <= 6
        assert day.mean() == pytest.approx(15.0, abs=1e-9)


def test_temperature_anomalies_have_the_wanted_spread():
    _, calm = air_of(np.zeros(365), 3.0, np.full(365, 0.4))
    spreads = []
    for seed in range(20):
        _, temp = air_of(normals(365, seed), 3.0, np.full(365, 0.4))
        spreads.append((temp - calm)[12::24].std())
    # Restoring monthly means removes what is slower than a month: var * (1 + rho) / (1 - rho) / 30 = 0.19 of it.
    assert np.mean(spreads) == pytest.approx(3.0 * math.sqrt(1.0 - 0.19), rel=0.05)


def test_wind_keeps_monthly_means_and_has_a_weibull_spread():
    target = np.linspace(1.0, 3.0, 12)
    wind = air.wind_speed(normals(8760), 0.8, 2.0, target, OF_STEP)
    assert monthly.monthly_mean(wind, OF_STEP) == pytest.approx(target, rel=1e-12)
    assert wind.min() >= 0.0
    # Shape 2 (Rayleigh): std / mean = sqrt(4 / pi - 1) = 0.5227, median / mean = sqrt(ln 2) / (sqrt(pi) / 2) = 0.9394.
    relative = wind / monthly.curve_through(target, OF_STEP)
    assert relative.std() / relative.mean() == pytest.approx(0.5227, rel=0.06)
    assert np.median(relative) / relative.mean() == pytest.approx(0.9394, rel=0.04)
    assert np.corrcoef(wind[1:], wind[:-1])[0, 1] == pytest.approx(0.8, abs=0.05)


def test_wind_is_the_inverse_of_the_weibull_distribution():
    # Five days a month-long year: every month sees the same five scores, so one factor serves all of it.
    x = np.tile(np.array([-3.0, -0.5, 0.0, 0.5, 3.0]), 12)
    expected = stats.weibull_min.ppf(stats.norm.cdf(x), 1.6)
    got = air.wind_speed(x, 0.0, 1.6, np.full(12, expected.mean()), np.repeat(np.arange(12), 5))
    assert got == pytest.approx(expected, rel=1e-12)


# --- compiled and plain ----------------------------------------------------------------------------------------------


def plain_calls():
    outside, up = bell(12)
    days = np.arange(12)
    steps = np.repeat(days, 24)
    k = np.linspace(0.1, 0.7, 12)
    smooth = np.repeat(k, 24) * outside
    ghi = weather.global_hours(smooth, k, normals(288), outside, up, 0.8)
    zenith = np.where(outside > 0.0, 50.0, 120.0)
    month = np.zeros(12, np.int64)
    share = clearness.probabilities_by_rank(normals(12), month)
    twelve = np.linspace(1.0, 2.0, 12)
    return [
        (monthly.ar1, (normals(50), 0.4)),
        (monthly.between_middays, (k, 288)),
        (monthly.monthly_mean, (normals(288), steps)),
        (monthly.curve_through, (twelve, steps)),
        (monthly.match_by_shift, (normals(288), steps, twelve)),
        (monthly.match_by_factor, (normals(288) ** 2, steps, twelve)),
        (clearness.beta_share, (0.3, 0.7, 2.0)),
        (clearness.beta_quantile, (0.3, 0.7, 2.0)),
        (clearness.probabilities_by_rank, (normals(12), month)),
        (clearness.clearness_of_month, (share, np.full(12, 8.0), 3.0, 1.0, 0.05, 0.7)),
        (clearness.daily_clearness, (share, month, np.full(12, 8.0), 3.0 * twelve, twelve, 0.05, 0.7)),
        (weather.share_out, (k, k[::-1].copy(), 2.0)),
        (weather.global_hours, (smooth, k, normals(288), outside, up, 0.8)),
        (weather.diffuse_share_of_day, (k,)),
        (weather.bend_to_share, (k, k + 1.0, month, np.full(12, 0.5))),
        (weather.diffuse_hours, (1.0 - k, ghi, outside, zenith, 88.0)),
        (air.air_temperature, (twelve, steps, normals(12), 0.7, 2.0, k, 3.0, 9.0, 0.7, HOUR[:288])),
        (air.wind_speed, (normals(288), 0.5, 1.7, twelve, steps)),
    ]


@pytest.mark.parametrize("place", range(18))
def test_compiled_equals_plain(place):
    kernel, arguments = plain_calls()[place]
    assert kernel(*arguments) == pytest.approx(kernel.py_func(*arguments), rel=1e-11, abs=1e-12, nan_ok=True)


def test_vector_equals_scalar():
    k = np.linspace(0.05, 0.85, 9)
    one_by_one = [weather.diffuse_share_of_day(np.array([value]))[0] for value in k]
    assert weather.diffuse_share_of_day(k) == pytest.approx(one_by_one, abs=0.0)
