import math

import numpy as np
import pytest

from parksim.kernels import hydro, monthly

OF_STEP = np.repeat(np.arange(12), np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) * 24)
LOADS = np.array([0.4, 0.6, 1.0])
EFFS = np.array([0.85, 0.90, 0.90])
TARGET = np.array([0.27, 0.23, 0.25, 0.33, 0.50, 0.72, 0.88, 0.86, 0.82, 0.60, 0.40, 0.30])
# Ecological flow, smallest and largest turbined flow of a plant on a river of 2,000 m3/s.
PLANT = (100.0, 150.0, 1500.0, LOADS, EFFS)


def river(seed=1, std=0.3, lag1=0.9):
    monthly_flow = 2000.0 * (1.0 - 0.7 * np.cos(2.0 * math.pi * (np.arange(12) - 0.5) / 12.0))
    normals = np.random.default_rng(seed).standard_normal(365)
    return monthly_flow, hydro.river_flow(normals, lag1, np.full(12, std), monthly_flow, OF_STEP)


def test_power_of_water():
    # P = 9.81 * 0.9 * 100 m3/s * 50 m = 44,145 kW
    assert hydro.hydro_power_kw(100.0, 50.0, 0.9) == pytest.approx(44_145.0)


def test_xiangjiaba_water_use_and_head():
    # 3.635 m3/kWh at efficiency 0.9 is a net head of 112 m (367 / (0.9 * 3.635) = 112.2), and back.
    assert hydro.water_use_m3_per_kwh(112.2, 0.9) == pytest.approx(3.635, abs=0.002)
    head_m = 3600.0 / (9.81 * 0.9 * 3.635)
    assert head_m == pytest.approx(112.2, abs=0.05)
    # Its 6,400 MW take 6,400,000 kW * 3.635 m3/kWh / 3,600 s/h = 6,462 m3/s.
    assert hydro.hydro_power_kw(6462.2, 112.17, 0.9) == pytest.approx(6.4e6, rel=1e-3)


def test_water_use_is_the_flow_of_one_kilowatt():
    assert hydro.hydro_power_kw(hydro.water_use_m3_per_kwh(80.0, 0.87) / 3600.0, 80.0, 0.87) == pytest.approx(1.0)


def test_inflow_as_power():
    # 664 m3/s (Lianghekou) through 250 m at 0.9: 9.81 * 0.9 * 664 * 250 / 1000 = 1,465.6 MW
    power = hydro.inflow_power_mw(np.array([664.0, 0.0, math.nan]), 250.0, 0.9)
    assert power[:2] == pytest.approx([1465.614, 0.0])
    assert math.isnan(power[2])


def test_efficiency_curve():
    at = [hydro.efficiency_at(load, LOADS, EFFS) for load in (0.1, 0.4, 0.5, 0.6, 0.8, 1.0, 1.2)]
    # Flat from 60 to 100 %, five points less at 40 %, level beyond the corners.
    assert at == pytest.approx([0.85, 0.85, 0.875, 0.90, 0.90, 0.90, 0.90])
    assert math.isnan(hydro.efficiency_at(math.nan, LOADS, EFFS))


@pytest.mark.parametrize("points", range(1, 6))
def test_efficiencies_are_those_of_numpy_on_random_curves(points):
    rng = np.random.default_rng(points)
    loads, effs = np.sort(rng.uniform(0.0, 1.0, points)), rng.uniform(0.5, 0.95, points)
    at = np.concatenate((rng.uniform(-0.2, 1.2, 300), loads, [math.inf, -math.inf, math.nan]))
    got = hydro.efficiencies_at(at, loads, effs)
    right = np.where(np.isnan(at), at, np.interp(at, loads, effs))  # NumPy's curve of one corner knows no NaN
    assert got == pytest.approx(right, rel=1e-13, nan_ok=True)
    one_by_one = np.array([hydro.efficiency_at(load, loads, effs) for load in at])
    np.testing.assert_array_equal(got, one_by_one)


def test_a_plant_that_takes_no_water_is_refused():
    flow = np.array([100.0, 200.0])
    with pytest.raises(ValueError, match="largest flow must be above 0"):
        hydro.run_of_river_kw(flow, 0.0, 0.0, 0.0, 10.0, LOADS, EFFS)
    for flow_max, effs in ((0.0, EFFS), (1500.0, np.array([0.8, 0.9, 0.0]))):
        with pytest.raises(ValueError, match="largest flow and the efficiency at it must be above 0"):
            hydro.run_of_river_available(flow, 0.0, 0.0, flow_max, LOADS, effs)


def test_run_of_river_by_hand():
    flow = np.array([80.0, 249.0, 250.0, 700.0, 850.0, 1600.0, 5000.0, math.nan])
    # Usable: -20, 149 (below the smallest, 150), 150, 600, 750, 1500, and spill above; efficiencies 0.85 up to a load
    # of 0.4 (600), 0.875 at 0.5 (750), 0.9 at full. P = 9.81 eff Q H with H = 10 m.
    expected = 98.1 * np.array([0.0, 0.0, 0.85 * 150.0, 0.85 * 600.0, 0.875 * 750.0, 0.9 * 1500.0, 0.9 * 1500.0])
    power = hydro.run_of_river_kw(flow, *PLANT[:3], 10.0, LOADS, EFFS)
    assert power[:-1] == pytest.approx(expected)
    assert math.isnan(power[-1])
    available = hydro.run_of_river_available(flow, *PLANT)
    assert available[:-1] == pytest.approx(expected / expected[-1])
    assert math.isnan(available[-1])


def test_availability_never_passes_one():
    # With an efficiency that peaks at 0.8 of full flow, power at 0.97 would be 0.97 * 0.9 / 0.88 ... of that at full.
    peaked = np.array([0.80, 0.95, 0.88])
    available = hydro.run_of_river_available(
        np.linspace(0.0, 3000.0, 400), 0.0, 0.0, 1500.0, np.array([0.4, 0.95, 1.0]), peaked
    )
    assert available.max() == 1.0


def test_river_keeps_monthly_means_and_varies():
    target, flow = river()
    assert monthly.monthly_mean(flow, OF_STEP) == pytest.approx(target, rel=1e-12)
    assert flow.min() > 0.0
    _, steady = river(std=0.0)
    spreads = [np.log(river(seed=seed, lag1=0.3)[1] / steady)[12::24].std() for seed in range(20)]
    # Restoring monthly means removes what is slower than a month: (1 + 0.3) / (1 - 0.3) / 30 = 0.06 of the variance.
    assert np.mean(spreads) == pytest.approx(0.3 * math.sqrt(0.94), rel=0.03)
    assert np.abs(np.diff(np.log(steady))).max() < 0.002


def test_share_gives_the_wanted_availability_in_every_month():
    _, flow = river()
    share = hydro.usable_share(flow, OF_STEP, TARGET, *PLANT)
    available = hydro.run_of_river_available(share * flow, *PLANT)
    assert monthly.monthly_mean(available, OF_STEP) == pytest.approx(TARGET, abs=2e-9)
    # January to December of the table by hours: 4,512 h.
    assert available.sum() == pytest.approx(4512.0, abs=0.5)
    assert np.abs(np.diff(share)).max() < 0.01


def test_unreachable_availability_is_nan():
    _, flow = river()
    # Nearly always full in one month and nearly empty in the next: a smooth share has no such corner.
    wild = np.tile([0.98, 0.02], 6)
    assert np.isnan(hydro.usable_share(flow, OF_STEP, wild, 100.0, 900.0, 1500.0, LOADS, EFFS)).all()


def test_levelling_reaches_the_wish_and_keeps_the_water():
    _, flow = river()
    before = hydro.run_of_river_available(flow, *PLANT).mean()
    level = hydro.levelled_for(flow, before + 0.05, *PLANT)
    levelled = (1.0 - level) * flow + level * flow.mean()
    assert 0.0 < level < 1.0
    assert hydro.run_of_river_available(levelled, *PLANT).mean() == pytest.approx(before + 0.05, abs=1e-9)
    assert levelled.mean() == pytest.approx(flow.mean())
    assert math.isnan(hydro.levelled_for(flow, before - 0.05, *PLANT))
    assert math.isnan(hydro.levelled_for(flow, 1.01, *PLANT))


def test_constant_flow_is_constant_power():
    # Limit: a river without seasons or noise at 1,600 m3/s leaves 1,500 for the turbines, full power all year.
    flow = hydro.river_flow(np.zeros(365), 0.9, np.zeros(12), np.full(12, 1600.0), OF_STEP)
    assert hydro.run_of_river_available(flow, *PLANT) == pytest.approx(np.ones(8760))


def plain_calls():
    target, flow = river()
    return [
        (hydro.hydro_power_kw, (100.0, 50.0, 0.9)),
        (hydro.water_use_m3_per_kwh, (112.0, 0.9)),
        (hydro.inflow_power_mw, (flow, 50.0, 0.9)),
        (hydro.efficiency_at, (0.47, LOADS, EFFS)),
        (hydro.efficiencies_at, (np.linspace(0.0, 1.2, 25), LOADS, EFFS)),
        (hydro.run_of_river_kw, (flow, *PLANT[:3], 40.0, LOADS, EFFS)),
        (hydro.run_of_river_available, (flow, *PLANT)),
        (hydro.river_flow, (np.random.default_rng(5).standard_normal(365), 0.8, np.full(12, 0.2), target, OF_STEP)),
        (hydro.usable_share, (flow, OF_STEP, TARGET, *PLANT)),
        (hydro.levelled_for, (flow, hydro.run_of_river_available(flow, *PLANT).mean() + 0.05, *PLANT)),
    ]


@pytest.mark.parametrize("place", range(10))
def test_compiled_equals_plain(place):
    kernel, arguments = plain_calls()[place]
    assert kernel(*arguments) == pytest.approx(kernel.py_func(*arguments), rel=1e-11)


def test_vector_equals_scalar():
    flow = np.linspace(0.0, 3000.0, 50)
    one_by_one = [hydro.run_of_river_available(np.array([value]), *PLANT)[0] for value in flow]
    assert hydro.run_of_river_available(flow, *PLANT) == pytest.approx(one_by_one, abs=0.0)
