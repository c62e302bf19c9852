"""Recipes and shipped profiles: bytes, statistics, messages, and closeness to the measured record."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pvlib import irradiance

from parksim.component import Site
from parksim.draws import draw_normals, round_text
from parksim.errors import InputError
from parksim.kernels.clearness import daily_clearness, probabilities_by_rank
from parksim.kernels.monthly import ar1
from parksim.profiles import ProfileReader
from parksim.readers import read_series
from parksim.recipes import load_recipe
from parksim.sun import sun_position
from parksim.synthesis import build, synthesise_hydro, synthesise_weather
from parksim.timeaxis import TimeAxis
from parksim.weather import Weather, read_weather

ROOT = Path(__file__).resolve().parents[1]
PROFILES = ROOT / "profiles"
SHARED = ROOT.parent / "shared"
SITES = ("yibin", "panzhihua", "guiyang")


def recipe(name):
    return load_recipe(PROFILES / f"{name}.toml")


def weather_of(name, **changes):
    made = recipe(name)
    choices = {"site": made.site, "year": made.year, "clock": made.clock, "seed": made.seed} | changes
    return made.weather, synthesise_weather(made.weather, **choices)


def hydro_of(**changes):
    made = recipe("yibin")
    choices = {"year": made.year, "clock": made.clock, "seed": made.seed} | changes
    return made.hydro, synthesise_hydro(made.hydro, **choices)


@pytest.fixture(scope="module")
def years():
    return {name: weather_of(name) for name in SITES}


def in_months(series):
    return series.groupby(series.index.month)


def edited(tmp_path, name, *swaps):
    text = (PROFILES / f"{name}.toml").read_text(encoding="utf-8")
    for old, new in swaps:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def problems_of(path, tmp_path):
    with pytest.raises(InputError) as caught:
        build(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    return caught.value.problems


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("yibin", ["yibin-weather.csv", "yibin-hydro.csv"]),
        ("sichuan-tou", ["sichuan-tou-2025.csv", "sichuan-tou-2023.csv"]),
        ("load-shapes", ["load-shapes.csv"]),
    ],
)
def test_shipped_files_come_out_of_their_recipes_bit_for_bit(name, files, tmp_path):
    made = build(PROFILES / f"{name}.toml", tmp_path)
    assert [path.name for path in made] == files
    for path in made:
        assert path.read_bytes() == (PROFILES / path.name).read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(files)


def test_every_shipped_file_has_a_recipe():
    made = set()
    for path in PROFILES.glob("*.toml"):
        facts = load_recipe(path)
        made |= {f"{table.file}.csv" for table in (facts.weather, facts.hydro, facts.load_shapes, *facts.tou) if table}
    assert {path.name for path in PROFILES.glob("*.csv")} <= made


@pytest.mark.parametrize(
    "name", ["yibin-weather", "yibin-hydro", "sichuan-tou-2025", "sichuan-tou-2023", "load-shapes"]
)
def test_header_says_what_a_file_is(name):
    lines = (PROFILES / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    header = dict(line.removeprefix("# ").split(": ", 1) for line in lines if line.startswith("# "))
    place = ["latitude_deg", "longitude_deg"] if name == "yibin-weather" else []
    assert list(header) == ["title", "source", "licence", *place, "clock", "step_minutes", "seed", "command"]
    assert header["clock"] == "+08:00"


def test_hourly_files_are_read_with_their_units():
    record = read_series(PROFILES / "yibin-weather.csv")
    units = {name: column.unit for name, column in record.columns.items()}
    assert units == {"ghi": "W m-2", "dhi": "W m-2", "dni": "W m-2", "temp_air": "degC", "wind_speed": "m s-1"}
    assert (record.step_minutes, record.clock, record.stamps.size) == (60, "+08:00", 8760)
    record = read_series(PROFILES / "yibin-hydro.csv")
    units = {name: column.unit for name, column in record.columns.items()}
    assert units == {f"flow_{year}": "m3 s-1" for year in ("wet", "mean", "dry")} | {
        f"available_{year}": "1" for year in ("wet", "mean", "dry", "regulated")
    }


def boundary_distance(values):
    """Relative distance of the nearest value to where its rounding would flip."""
    size = np.abs(np.asarray(values, dtype=float))
    size = size[size > 1e-9]
    digits = np.where(size < 1.0, 4.0, 3.0 - np.floor(np.log10(size)))
    scaled = size * 10.0**digits
    return float(np.min(np.abs(scaled - np.floor(scaled) - 0.5) / scaled))


def test_no_shipped_value_lies_on_a_rounding_boundary():
    # Last bits of sin, exp and lgamma differ between machines, some 1e-13 of a value here.
    for _, frame in (weather_of("yibin", rounded=False), hydro_of(rounded=False)):
        for name in frame:
            assert boundary_distance(frame[name]) > 1e-10, name


def test_last_bits_of_the_facts_do_not_show():
    made = recipe("yibin")
    where = {"year": 2025, "clock": "+08:00", "seed": made.seed}
    nudge = 1.0 + 2e-15
    facts = made.weather.model_copy(update={"ghi_kwh_per_m2": tuple(nudge * x for x in made.weather.ghi_kwh_per_m2)})
    plain = synthesise_weather(made.weather, site=made.site, **where)
    pd.testing.assert_frame_equal(plain, synthesise_weather(facts, site=made.site, **where), check_exact=True)
    facts = made.hydro.model_copy(update={"available_mean": tuple(nudge * x for x in made.hydro.available_mean)})
    plain = synthesise_hydro(made.hydro, **where)
    pd.testing.assert_frame_equal(plain, synthesise_hydro(facts, **where), check_exact=True)


ROUNDED = {
    0.0: "0",
    -1e-5: "0",
    0.12345: "0.1235",
    0.99999: "1",
    9.9996: "10",
    -3.14159: "-3.142",
    1234.56: "1235",
    98765.4: "98770",
    123456.0: "123500",
    2.5: "2.5",
    0.00012: "0.0001",
}


@pytest.mark.parametrize(("value", "text"), list(ROUNDED.items()))
def test_rounding_by_hand(value, text):
    assert round_text(value) == text
    assert round_text(float(text)) == text


# --- weather ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SITES)
def test_weather_has_the_monthly_facts(years, name):
    facts, year = years[name]
    daily = year.resample("D").sum() / 1e3
    ghi = in_months(daily["ghi_w_per_m2"])
    # Everything is met exactly before rounding to four digits, which moves a month by some 1e-5 of it.
    assert ghi.mean().to_numpy() == pytest.approx(facts.ghi_kwh_per_m2, rel=1e-4)
    assert ghi.std().to_numpy() == pytest.approx(facts.ghi_std_kwh_per_m2, rel=1e-3)
    share = in_months(daily["dhi_w_per_m2"]).sum() / ghi.sum()
    wanted = np.array(facts.dhi_kwh_per_m2) / np.array(facts.ghi_kwh_per_m2)
    assert share.to_numpy() == pytest.approx(wanted, abs=1e-3)
    assert in_months(year["temp_air_c"]).mean().to_numpy() == pytest.approx(facts.temp_air_c, abs=2e-3)
    assert in_months(year["wind_speed_m_per_s"]).mean().to_numpy() == pytest.approx(facts.wind_speed_m_per_s, rel=1e-3)


@pytest.mark.parametrize("name", SITES)
def test_weather_obeys_physics(years, name):
    made = recipe(name)
    _, year = years[name]
    axis = TimeAxis(year=made.year, clock=made.clock)
    sun = sun_position(
        stamps_utc=axis.mid_step_utc,
        latitude_deg=made.site.latitude_deg,
        longitude_deg=made.site.longitude_deg,
        altitude_m=made.site.altitude_m,
    )
    assert not year.isna().to_numpy().any()
    cosine = np.maximum(np.cos(np.radians(sun.zenith_deg)), 0.0)
    ghi, dhi, dni = (year[f"{part}_w_per_m2"].to_numpy() for part in ("ghi", "dhi", "dni"))
    # Each is rounded to four digits: half a unit is 0.5 W/m2 from 1,000 on and 0.05 below.
    assert np.abs(ghi - dhi - dni * cosine).max() < 0.6
    assert np.abs(ghi - dhi - dni * cosine)[ghi < 999.0].max() < 0.16
    assert (dhi <= ghi).all()
    assert (dni[sun.zenith_deg >= 88.0] == 0.0).all()
    assert (ghi[sun.zenith_deg > 99.0] == 0.0).all()
    high = sun.zenith_deg < 80.0
    assert (ghi[high] < 0.85 * (sun.dni_extra_w_per_m2 * cosine)[high]).all()
    assert (ghi[high] > 0.0).all()
    assert dni.max() < 1000.0
    # Afternoons are warmer than early mornings, on average by most of the daily range.
    by_hour = year["temp_air_c"].groupby(year.index.hour).mean()
    assert 15 <= by_hour.idxmax() <= 17
    assert by_hour.max() - by_hour.min() > 4.0


@pytest.mark.parametrize(
    ("name", "tilt_deg", "expected"), [("yibin", 15, 940), ("panzhihua", 25, 1880), ("guiyang", 15, 1020)]
)
def test_irradiation_on_the_best_tilt(years, name, tilt_deg, expected):
    # Park facts 6.2: yearly kWh/m2 on the best tilt to the south from the same monthly means, by a smooth split of days
    # and an isotropic sky with albedo 0.2; fluctuating hours and mid-step sun may differ by a per cent.
    made = recipe(name)
    _, year = years[name]
    sun = sun_position(
        stamps_utc=TimeAxis(year=made.year, clock=made.clock).mid_step_utc,
        latitude_deg=made.site.latitude_deg,
        longitude_deg=made.site.longitude_deg,
        altitude_m=made.site.altitude_m,
    )
    ghi, dhi, dni = (year[f"{part}_w_per_m2"].to_numpy() for part in ("ghi", "dhi", "dni"))
    onto = irradiance.aoi_projection(tilt_deg, 180.0, sun.zenith_deg, sun.azimuth_deg)
    tilt = np.radians(tilt_deg)
    plane = dni * np.maximum(onto, 0.0) + dhi * (1.0 + np.cos(tilt)) / 2.0 + 0.2 * ghi * (1.0 - np.cos(tilt)) / 2.0
    assert plane.sum() / 1e3 == pytest.approx(expected, rel=0.01)


def test_a_park_can_read_the_shipped_weather():
    made = recipe("yibin")
    axis = TimeAxis(year=2025, clock="+08:00")
    read = read_weather(
        Weather(file="yibin-weather.csv"),
        reader=ProfileReader(base=PROFILES, time=axis),
        time=axis,
        latitude_deg=made.site.latitude_deg,
        longitude_deg=made.site.longitude_deg,
        altitude_m=made.site.altitude_m,
        where="park.toml: weather",
    )
    _, year = weather_of("yibin")
    for name in year:
        assert np.array_equal(getattr(read, name), year[name].to_numpy()), name


def test_bright_days_have_the_larger_temperature_range(years):
    _, year = years["yibin"]
    days = year.resample("D").agg({"ghi_w_per_m2": "sum", "temp_air_c": np.ptp})
    july = days[days.index.month == 7].sort_values("ghi_w_per_m2")
    assert july["temp_air_c"].tail(8).mean() > july["temp_air_c"].head(8).mean() + 3.0


def test_seeds_give_other_years_with_the_same_months():
    facts, one = weather_of("yibin", seed=1)
    _, again = weather_of("yibin", seed=1)
    _, other = weather_of("yibin", seed=2)
    pd.testing.assert_frame_equal(one, again, check_exact=True)
    assert np.abs(one["ghi_w_per_m2"] - other["ghi_w_per_m2"]).mean() > 20.0
    for year in (one, other):
        mean = in_months(year["ghi_w_per_m2"].resample("D").sum() / 1e3).mean()
        assert mean.to_numpy() == pytest.approx(facts.ghi_kwh_per_m2, rel=1e-4)


def test_leap_year_southern_site_and_other_clock():
    made = recipe("guiyang")
    site = Site(latitude_deg=-33.9, longitude_deg=18.4, altitude_m=10.0)
    facts = made.weather.model_copy(
        update={
            "ghi_kwh_per_m2": (7.5, 6.8, 5.6, 4.1, 2.9, 2.5, 2.7, 3.5, 4.7, 6.0, 7.1, 7.6),
            "ghi_std_kwh_per_m2": (1.0,) * 12,
            "dhi_kwh_per_m2": (2.2, 2.0, 1.7, 1.4, 1.1, 1.0, 1.1, 1.3, 1.7, 2.0, 2.2, 2.3),
            "clearness_min": 0.1,
            "clearness_max": 0.76,
        }
    )
    year = synthesise_weather(facts, site=site, year=2024, clock="+02:00", seed=9)
    assert len(year) == 8784
    mean = in_months(year["ghi_w_per_m2"].resample("D").sum() / 1e3).mean()
    assert mean.to_numpy() == pytest.approx(facts.ghi_kwh_per_m2, rel=1e-4)
    # True noon lies near 12:46 on that clock.
    assert 12 <= year["ghi_w_per_m2"].groupby(year.index.hour).mean().idxmax() <= 13


def test_days_brighter_than_a_clear_sky_are_told():
    # At 62 deg north the December sun stays below 5 deg, where a clear sky lets a third through, not two thirds.
    made = recipe("yibin")
    site = Site(latitude_deg=62.0, longitude_deg=10.0)
    days = pd.date_range("2025-01-01", "2025-12-31")
    outside = in_months(1.0 / clearness_of(pd.Series(1.0, days), 62.0)).mean().to_numpy()
    facts = made.weather.model_copy(
        update={
            "ghi_kwh_per_m2": tuple(0.5 * outside),
            "ghi_std_kwh_per_m2": tuple(0.25 * outside),
            "dhi_kwh_per_m2": tuple(0.25 * outside),
            "clearness_max": 0.8,
        }
    )
    with pytest.raises(InputError, match=r"month .*12 are brighter than a clear sky"):
        synthesise_weather(facts, site=site, year=2025, clock="+01:00", seed=1)


# --- hydro -----------------------------------------------------------------------------------------------------------


def test_mean_year_has_the_monthly_availability():
    facts, year = hydro_of()
    monthly = in_months(year["available_mean"]).mean()
    assert monthly.to_numpy() == pytest.approx(facts.available_mean, abs=2e-5)
    # The table's own year: sum over months of availability * hours = 4,512 h.
    assert year["available_mean"].sum() == pytest.approx(4512.0, abs=0.2)
    assert year["available_regulated"].sum() == pytest.approx(4804.0, abs=0.2)


def test_flow_has_the_monthly_runoff():
    facts, year = hydro_of()
    share = in_months(year["flow_mean_m3_per_s"]).sum() / year["flow_mean_m3_per_s"].sum()
    assert share.to_numpy() == pytest.approx(facts.runoff_fraction, rel=1e-3)
    assert year["flow_mean_m3_per_s"].mean() == pytest.approx(facts.flow_mean_m3_per_s, rel=1e-4)
    ratio = year["flow_wet_m3_per_s"] / year["flow_mean_m3_per_s"]
    assert ratio.to_numpy() == pytest.approx(np.full(8760, facts.flow_wet_ratio), rel=2e-3)


def test_wet_and_dry_years_frame_the_mean_year():
    facts, year = hydro_of()
    assert (year["available_dry"] <= year["available_mean"]).all()
    assert (year["available_mean"] <= year["available_wet"]).all()
    assert year["available_wet"].max() <= facts.available_max
    # A dry year loses nearly as much power as water, at part load a little more; a wet one spills some of its surplus.
    assert 0.80 < year["available_dry"].sum() / 4512.0 < 0.88
    assert 1.08 < year["available_wet"].sum() / 4512.0 < 1.18


def test_regulation_moves_power_to_the_dry_season():
    _, year = hydro_of()
    dry = year.index.month.isin([12, 1, 2, 3, 4])
    gain = year["available_regulated"] - year["available_mean"]
    assert gain[dry].mean() > 0.05
    assert year.loc[dry, "available_regulated"].mean() < year.loc[~dry, "available_regulated"].mean()


def test_daily_variation_is_there():
    _, year = hydro_of()
    july = year.loc[year.index.month == 7, "available_mean"].resample("D").mean()
    assert july.std() > 0.01
    assert year["available_mean"].min() > 0.1
    # The river is continuous: no step of an hour moves availability by more than a few per cent.
    assert year["available_mean"].diff().abs().max() < 0.06


# --- tariff and shapes -----------------------------------------------------------------------------------------------


def test_tariff_durations_are_those_of_the_rule():
    table = pd.read_csv(PROFILES / "sichuan-tou-2025.csv", comment="#")
    assert list(table.columns) == ["month", "hour", "period", "ratio [1]"]
    high = table["ratio [1]"] > 1.0
    hours = pd.DataFrame(
        {
            "peak": high.groupby(table["month"]).sum(),
            "flat": (table["ratio [1]"] == 1.0).groupby(table["month"]).sum(),
            "valley": (table["ratio [1]"] < 1.0).groupby(table["month"]).sum(),
        }
    )
    # Spring and autumn 7/7/10, summer 10/8/6, winter 8/8/8 hours a day.
    spring, summer, winter = (3, 4, 5, 6, 10, 11), (7, 8, 9), (12, 1, 2)
    expected = dict.fromkeys(spring, (7, 7, 10)) | dict.fromkeys(summer, (10, 8, 6)) | dict.fromkeys(winter, (8, 8, 8))
    assert {month: tuple(row) for month, row in hours.iterrows()} == expected


def test_load_shapes_peak_at_one_except_the_continuous_one():
    table = pd.read_csv(PROFILES / "load-shapes.csv", comment="#").set_index("hour")
    assert list(table.index) == list(range(24))
    peaks = table.max()
    assert peaks.pop("continuous [1]") == 0.97
    assert (peaks == 1.0).all()


@pytest.mark.records
@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("sichuan-tou-2025", "sichuan_tou_from_2025_05_by_month_hour.csv"),
        ("sichuan-tou-2023", "sichuan_tou_2023_06_to_2025_04_by_month_hour.csv"),
    ],
)
def test_tariff_equals_the_published_table(name, record):
    path = SHARED / "data" / "prices" / record
    if not path.exists():
        pytest.skip(f"{path} is not there")
    published = pd.read_csv(path)
    ours = pd.read_csv(PROFILES / f"{name}.csv", comment="#")
    assert ours["month"].tolist() == published["month"].tolist()
    assert ours["hour"].tolist() == published["hour_start"].tolist()
    assert ours["period"].tolist() == published["period"].tolist()
    assert ours["ratio [1]"].tolist() == published["ratio_to_flat_energy_price"].tolist()


# --- messages --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("yibin", "clearness_max = 0.62", "clearness_max = 0.95", ("weather.clearness_max", "0.95")),
        ("yibin", "wind_lag1 = 0.8", "wind_lag = 0.8", ("weather.wind_lag", "wind_lag1")),
        ("yibin", "[8.2, 10.4,", "[10.4,", ("weather.temp_air_c", "got 11 numbers, must be 12")),
        ("yibin", "[0.841, 1.270,", "[1.841, 1.270,", ("dhi_kwh_per_m2", "month 1")),
        ("yibin", "runoff_fraction = [0.027,", "runoff_fraction = [0.127,", ("runoff_fraction", "1.1")),
        ("yibin", 'temp_air_c = "station', 'temp_air = "station', ("sources", "temp_air")),
        ("yibin", "year = 2025", "", ("year", "seed")),
        ("yibin", "seed = 20250101", 'seed = "x"', ("seed", "'x'")),
        ("yibin", 'clock = "+08:00"', 'clock = "CST"', ("clock", "CST")),
        ("yibin", 'file = "yibin-hydro"', 'file = "../hydro"', ("hydro.file",)),
        ("sichuan-tou", '"8-10", "12-16", "22-24"', '"8-10", "12-16", "22-23"', ("month 1, hour 23", "0 periods")),
        ("load-shapes", "0.97, 0.97,", "0.97,", ("continuous", "must be 24")),
    ],
)
def test_wrong_recipes_are_told_with_their_place(name, old, new, words, tmp_path):
    text = "\n".join(problems_of(edited(tmp_path, name, (old, new)), tmp_path))
    for word in (f"{name}.toml", *words):
        assert word in text, text


def test_problems_are_told_together(tmp_path):
    path = edited(tmp_path, "yibin", ("wind_weibull_shape = 1.6", "wind_weibull_shape = 99"), ("eff_points", "eff"))
    text = "\n".join(problems_of(path, tmp_path))
    assert "wind_weibull_shape" in text
    assert "eff_points" in text


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("0.820]", "2.820]", ("month 12", "clearness_max")),
        ("0.792]", "0.9939]", ("dhi_kwh_per_m2", "month 12")),
        ("latitude_deg = 28.80", "latitude_deg = 70.0", ("latitude_deg", "70")),
        ("regulated_h = 4804.0", "regulated_h = 8000.0", ("hydro.regulated_h", "8000")),
    ],
)
def test_facts_that_cannot_be_met_are_told(old, new, words, tmp_path):
    text = "\n".join(problems_of(edited(tmp_path, "yibin", (old, new)), tmp_path))
    for word in words:
        assert word in text, text


def test_unreadable_and_unwritable_places(tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.toml: cannot be read"):
        build(tmp_path / "nowhere.toml", tmp_path)
    broken = tmp_path / "broken.toml"
    broken.write_text("seed = ", encoding="utf-8")
    with pytest.raises(InputError, match="no TOML"):
        build(broken, tmp_path)
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be written"):
        build(PROFILES / "load-shapes.toml", tmp_path / "file")


def test_a_failed_build_leaves_old_files_alone(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    shutil.copy(PROFILES / "yibin-hydro.csv", out)
    path = edited(tmp_path, "yibin", ("0.820]", "2.820]"))
    with pytest.raises(InputError):
        build(path, out)
    assert [file.name for file in out.iterdir()] == ["yibin-hydro.csv"]
    assert (out / "yibin-hydro.csv").read_bytes() == (PROFILES / "yibin-hydro.csv").read_bytes()


# --- closeness to the record -----------------------------------------------------------------------------------------


def record_of(name):
    path = SHARED / "data" / "weather" / "cdsrd_daily_irradiation_1998_2017.csv"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    table = pd.read_csv(path, parse_dates=["date"]).set_index("date")
    ghi = table[f"{name.capitalize()}_ghi_MJ_m2"].dropna() / 3.6
    dhi = np.minimum(table[f"{name.capitalize()}_dhi_MJ_m2"] / 3.6, ghi)
    return ghi, dhi.reindex(ghi.index)


def clearness_of(ghi, latitude_deg):
    """Daily clearness of irradiation in kWh/m2, with the textbook declination."""
    n = ghi.index.day_of_year.to_numpy()
    dec = np.radians(23.45 * np.sin(np.radians(360.0 * (284 + n) / 365.0)))
    lat = np.radians(latitude_deg)
    sunset = np.arccos(-np.tan(lat) * np.tan(dec))
    outside = 24.0 / np.pi * 1.361 * (1.0 + 0.033 * np.cos(2.0 * np.pi * n / 365.0))
    outside = outside * (np.cos(lat) * np.cos(dec) * np.sin(sunset) + sunset * np.sin(lat) * np.sin(dec))
    return ghi / outside


def lag1(clearness):
    """Correlation of neighbouring days, each month taken from its own mean and spread."""
    groups = in_months(clearness)
    score = ((clearness - groups.transform("mean")) / groups.transform("std")).to_numpy()
    return np.corrcoef(score[1:], score[:-1])[0, 1]


@pytest.mark.records
@pytest.mark.parametrize("name", SITES)
def test_generated_year_is_close_to_the_daily_record(years, name):
    latitude = recipe(name).site.latitude_deg
    ghi, dhi = record_of(name)
    _, year = years[name]
    daily = year.resample("D").sum() / 1e3
    ours, theirs = in_months(daily["ghi_w_per_m2"]), in_months(ghi)
    # The facts are the record's own means, typed in with three decimals.
    assert ours.mean().to_numpy() == pytest.approx(theirs.mean().to_numpy(), rel=1e-3)
    assert ours.std().to_numpy() == pytest.approx(theirs.std().to_numpy(), rel=2e-3)
    share = in_months(daily["dhi_w_per_m2"]).sum() / ours.sum()
    assert share.to_numpy() == pytest.approx((in_months(dhi).sum() / theirs.sum()).to_numpy(), abs=2e-3)

    made, measured = clearness_of(daily["ghi_w_per_m2"], latitude), clearness_of(ghi, latitude)
    # The record has two heaps, cloudy and clear, which no beta distribution has; a clearness of 0.1 between deciles is
    # about a sixth of the whole range.
    deciles = np.arange(0.1, 0.95, 0.1)
    gaps = [
        np.abs(made[made.index.month == m].quantile(deciles) - measured[measured.index.month == m].quantile(deciles))
        for m in range(1, 13)
    ]
    assert np.max(gaps) < 0.10
    assert np.mean(gaps) < 0.02
    # One year's correlation scatters by 0.06 around that of its process.
    assert lag1(made) == pytest.approx(lag1(measured), abs=0.12)


@pytest.mark.records
@pytest.mark.parametrize("name", SITES)
def test_many_years_have_the_records_day_to_day_correlation(name):
    made = recipe(name)
    facts, latitude = made.weather, made.site.latitude_deg
    measured = lag1(clearness_of(record_of(name)[0], latitude))
    days = pd.date_range("2025-01-01", "2025-12-31")
    of_day = (days.month - 1).to_numpy().astype(np.int64)
    outside = 1.0 / clearness_of(pd.Series(1.0, days), latitude).to_numpy()
    found = []
    for seed in range(60):
        scores = ar1(draw_normals(seed, stream="clearness", count=365), facts.clearness_lag1)
        moments = (np.array(facts.ghi_kwh_per_m2), np.array(facts.ghi_std_kwh_per_m2))
        bounds = (facts.clearness_min, facts.clearness_max)
        k = daily_clearness(probabilities_by_rank(scores, of_day), of_day, outside, *moments, *bounds)
        found.append(lag1(pd.Series(k, days)))
    # One year scatters by 0.06, sixty by 0.008.
    assert np.mean(found) == pytest.approx(measured, abs=0.03)
