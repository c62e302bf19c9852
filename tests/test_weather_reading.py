"""Weather of the site: from files of three formats, from daily sums, field by field; completed and held to physics."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

import parksim.weather as module
from parksim.components._cases import demand, grid, micro
from parksim.errors import InputError, ParksimWarning
from parksim.inputs import gather
from parksim.kernels.irradiance import erbs
from parksim.park import read_park
from parksim.profiles import ProfileReader
from parksim.sun import sun_position
from parksim.timeaxis import TimeAxis
from parksim.weather import Weather, read_weather

YIBIN = {"latitude_deg": 28.8, "longitude_deg": 104.6, "altitude_m": 342.0}
WHERE = "parks/north.toml: weather"
MARCH = TimeAxis(year=2025, first_day="03-01", days=3)
HEADER = "time,ghi [W m-2],dhi [W m-2],dni [W m-2],temp_air [degC],wind_speed [m s-1]"


def read(base, time=MARCH, site=YIBIN, **table):
    weather = Weather.model_validate(table)
    return read_weather(weather, reader=ProfileReader(base=base, time=time), time=time, where=WHERE, **site)


def told(base, time=MARCH, site=YIBIN, **table):
    with pytest.raises(InputError) as caught:
        read(base, time, site, **table)
    assert all(problem.startswith(WHERE) for problem in caught.value.problems)
    return str(caught.value)


def sun_of(time=MARCH):
    return sun_position(stamps_utc=time.mid_step_utc, **YIBIN)


def day_light(time=MARCH, peak=600.0):
    """A bell of light around noon of China Standard Time at Yibin, an hour after 12."""
    hour = (time.stamps.hour + time.stamps.minute / 60 + time.step_h / 2).to_numpy()
    return np.maximum(0.0, peak * np.cos((hour - 13.0) / 12.0 * np.pi)).round(3)


def write(base, columns, header=HEADER, time=MARCH, meta="# clock: +08:00\n# source: station 7\n"):
    stamps = time.stamps.strftime("%Y-%m-%dT%H:%M")
    lines = [",".join([stamp, *(str(c[k]) for c in columns)]) for k, stamp in enumerate(stamps)]
    (base / "w.csv").write_text(meta + "\n".join([header, *lines]) + "\n")
    return base


def whole(time=MARCH):
    ghi = day_light(time)
    return [ghi, ghi * 0.5, ghi * 0.6, np.full(ghi.size, 12.5), np.full(ghi.size, 1.5)]


# --- one place for each


def test_csv_with_all_columns(tmp_path):
    found = read(write(tmp_path, whole()), file="w.csv")
    for got, given in zip(
        (found.ghi_w_per_m2, found.dhi_w_per_m2, found.dni_w_per_m2, found.temp_air_c, found.wind_speed_m_per_s),
        whole(),
        strict=True,
    ):
        np.testing.assert_allclose(got, given, rtol=1e-15)  # pandas before 3.1 may miss the last digit
        assert got.flags.c_contiguous
        assert not got.flags.writeable
    assert found.notes == ("weather: w.csv, ghi, dhi, dni, temp_air, wind_speed",)


def test_what_is_not_given_is_none(tmp_path):
    found = read(tmp_path, temp_air_c=20)
    np.testing.assert_array_equal(found.temp_air_c, np.full(72, 20.0))
    assert found.ghi_w_per_m2 is None
    assert found.wind_speed_m_per_s is None
    assert found.notes == ()


def test_fields_go_before_the_file(tmp_path):
    write(tmp_path, whole())
    found = read(tmp_path, file="w.csv", temp_air_c=3, wind_speed_m_per_s={"file": "w.csv", "column": "wind_speed"})
    np.testing.assert_array_equal(found.temp_air_c, np.full(72, 3.0))
    np.testing.assert_array_equal(found.ghi_w_per_m2, day_light())
    assert "weather.wind_speed_m_per_s: w.csv, column wind_speed" in found.notes


def test_irradiance_is_never_mixed_from_two_places(tmp_path):
    # the file's dhi of 300 at noon would exceed the field's ghi of 100
    found = read(write(tmp_path, whole()), file="w.csv", ghi_w_per_m2=[100.0] * 72)
    assert (found.dhi_w_per_m2 <= 100.0).all()
    assert any("Erbs" in note for note in found.notes)
    np.testing.assert_array_equal(found.temp_air_c, np.full(72, 12.5))


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({}, "is empty; give file, daily, or one of"),
        ({"temp_air_c": 1, "map_year": True}, "map_year: speaks of the file"),
        ({"temp_air_c": 1, "clock": "+08:00"}, "clock: speaks of the file"),
        ({"file": "w.csv", "clock": "CST"}, "'CST'"),
        ({"file": "w.csv", "format": "tmy3"}, "'csv', 'epw' or 'pvgis'"),
        ({"file": "w.csv", "temp": 1}, "Extra inputs"),
        (
            {"daily": {"file": "d.csv", "ghi_column": "g", "unit": "MJ m-2"}, "dni_w_per_m2": 1},
            "dni_w_per_m2: irradiance comes from daily already",
        ),
        ({"daily": {"file": "d.csv", "ghi_column": "g", "unit": "MJ"}}, "'MJ m-2', 'kWh m-2' or 'Wh m-2'"),
    ],
)
def test_tables_that_make_no_sense(table, words):
    with pytest.raises(ValidationError) as caught:
        Weather.model_validate(table)
    assert words in str(caught.value)


# --- completion


def test_only_global_gives_diffuse_by_erbs_and_beam_by_closure(tmp_path):
    found = read(tmp_path, ghi_w_per_m2=list(day_light()))
    sun = sun_of()
    cosine = np.cos(np.radians(sun.zenith_deg))
    _, diffuse = erbs(day_light(), zenith_deg=sun.zenith_deg, dni_extra_w_per_m2=sun.dni_extra_w_per_m2)
    high = sun.zenith_deg < 80.0
    assert high.sum() > 20
    np.testing.assert_allclose(found.dhi_w_per_m2[high], diffuse[high], rtol=1e-12)
    np.testing.assert_allclose(found.dni_w_per_m2[high], ((day_light() - diffuse) / cosine)[high], rtol=1e-12)
    # global closes everywhere, and no beam comes from below or from close to the horizon
    np.testing.assert_allclose(
        found.dhi_w_per_m2 + found.dni_w_per_m2 * np.maximum(cosine, 0.0), found.ghi_w_per_m2, atol=1e-9
    )
    assert (found.dni_w_per_m2[sun.zenith_deg >= 88.0] == 0.0).all()
    assert (found.dni_w_per_m2 <= sun.dni_extra_w_per_m2).all()


def test_the_third_part_follows_from_two(tmp_path):
    cosine = np.maximum(np.cos(np.radians(sun_of().zenith_deg)), 0.0)
    dni, dhi = np.full(72, 400.0), np.full(72, 50.0)
    ghi = dhi + dni * cosine
    sums = read(tmp_path, dhi_w_per_m2=list(dhi), dni_w_per_m2=list(dni))
    np.testing.assert_allclose(sums.ghi_w_per_m2, ghi, rtol=1e-12)
    rest = read(tmp_path, ghi_w_per_m2=list(ghi), dni_w_per_m2=list(dni))
    np.testing.assert_allclose(rest.dhi_w_per_m2, dhi, rtol=1e-9)
    beam = read(tmp_path, ghi_w_per_m2=list(ghi), dhi_w_per_m2=list(dhi))
    high = sun_of().zenith_deg < 80.0
    np.testing.assert_allclose(beam.dni_w_per_m2[high], 400.0, rtol=1e-9)


def test_diffuse_above_global_is_cut_and_told(tmp_path):
    ghi = day_light()
    found = read(tmp_path, ghi_w_per_m2=list(ghi), dhi_w_per_m2=list(ghi * np.where(np.arange(72) == 12, 1.5, 0.5)))
    assert found.dhi_w_per_m2[12] == ghi[12]
    assert found.dni_w_per_m2[12] == 0.0
    assert "weather.dhi_w_per_m2: exceeded global in 1 steps and was cut to it" in found.notes


def test_one_of_diffuse_or_beam_alone_is_left_as_it_is(tmp_path):
    found = read(tmp_path, dhi_w_per_m2=10)
    np.testing.assert_array_equal(found.dhi_w_per_m2, np.full(72, 10.0))
    assert found.ghi_w_per_m2 is None
    assert found.dni_w_per_m2 is None


# --- limits of physics


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("ghi_w_per_m2", 1600.0, ["got 1600 W m-2 at 2025-03-01T00:00", "[0, 1500]", "72 of 72"]),
        ("ghi_w_per_m2", -3.0, ["got -3 W m-2", "night offset"]),
        ("ghi_w_per_m2", 0.9, ["got at most 0.9 W m-2", "kW m-2"]),
        ("temp_air_c", 285.0, ["got 285 degC", "[-60, 60]", "kelvin"]),
        ("temp_air_c", -80.0, ["got -80 degC"]),
        ("wind_speed_m_per_s", 90.0, ["got 90 m s-1", "km h-1"]),
        ("wind_speed_m_per_s", -1.0, ["got -1 m s-1"]),
    ],
)
def test_values_the_air_cannot_have(tmp_path, field, value, words):
    message = told(tmp_path, **{field: value})
    assert message.startswith(f"{WHERE}.{field}: ")
    for word in words:
        assert word in message


def test_units_of_the_header_are_heeded(tmp_path):
    ghi = day_light()
    columns = [ghi / 1000.0, np.full(72, 285.65), np.full(72, 5.4)]
    header = "time,ghi [kW/m2],temp_air [K],wind_speed [km/h]"
    found = read(write(tmp_path, columns, header), file="w.csv")
    np.testing.assert_allclose(found.ghi_w_per_m2, ghi, rtol=1e-12)
    np.testing.assert_allclose(found.temp_air_c, 12.5, rtol=1e-12)
    np.testing.assert_allclose(found.wind_speed_m_per_s, 1.5, rtol=1e-12)


def test_a_dark_or_short_horizon_may_stay_below_two_watts(tmp_path):
    assert read(tmp_path, ghi_w_per_m2=0).ghi_w_per_m2.max() == 0.0


def test_problems_of_all_fields_are_told_together(tmp_path):
    message = told(tmp_path, ghi_w_per_m2=[1.0], temp_air_c=300, wind_speed_m_per_s={"file": "no.csv"})
    for field in ("ghi_w_per_m2: got 1 numbers", "temp_air_c: got 300", "wind_speed_m_per_s.file: got 'no.csv'"):
        assert f"{WHERE}.{field}" in message


def test_a_file_without_known_columns(tmp_path):
    message = told(write(tmp_path, [day_light()], "time,GHI [W m-2]"), file="w.csv")
    assert "none of the columns ghi, dhi, dni, temp_air, wind_speed" in message
    assert "GHI" in message


def test_a_header_without_unit(tmp_path):
    message = told(write(tmp_path, [day_light(), day_light() / 100], "time,ghi,temp_air"), file="w.csv")
    assert "column 'ghi': states no unit" in message
    assert "column 'temp_air': states no unit" in message


@pytest.mark.parametrize(("clock", "hours", "side"), [("+00:00", 8, "after"), ("+14:00", 6, "before")])
def test_light_far_from_noon_names_the_clock(tmp_path, clock, hours, side):
    year = TimeAxis(year=2025)
    write(tmp_path, [day_light(year)], "time,ghi [W m-2]", time=year, meta="")
    with pytest.warns(ParksimWarning, match="wrapped"), pytest.raises(InputError) as caught:
        read(tmp_path, year, file="w.csv", clock=clock, map_year=True)
    message = str(caught.value)
    assert message.startswith(f"{WHERE}.clock:")
    assert f"{hours}.0 h {side} solar noon" in message or f"{hours - 0.1:.1f} h {side}" in message


# --- daily sums


def daily_file(base, sums, start="2025-03-01", header="date,global,diffuse", name="d.csv"):
    dates = pd.date_range(start, periods=len(sums), freq="D").strftime("%Y-%m-%d")
    lines = [f"{d},{','.join(map(str, row))}" for d, row in zip(dates, sums, strict=True)]
    (base / name).write_text("\n".join([header, *lines]) + "\n")
    return base


DAILY = {"file": "d.csv", "ghi_column": "global", "dhi_column": "diffuse", "unit": "MJ m-2"}


@pytest.mark.parametrize("step", [15, 60])
def test_daily_sums_are_kept(tmp_path, step):
    time = TimeAxis(year=2025, first_day="03-01", days=3, step_minutes=step)
    daily_file(tmp_path, [(12.6, 5.4), (3.6, 3.6), (1.8, 2.7)])
    found = read(tmp_path, time, daily=DAILY)
    # 3.6 MJ are a kWh
    sums = found.ghi_w_per_m2.reshape(3, -1).sum(axis=1) * time.step_h
    np.testing.assert_allclose(sums, [3500.0, 1000.0, 500.0], rtol=1e-12)
    diffuse = found.dhi_w_per_m2.reshape(3, -1).sum(axis=1) * time.step_h
    # closure moves the beam of a sun within 2 degrees of the horizon to the diffuse side: a few Wh of 2,000
    np.testing.assert_allclose(diffuse, [1500.0, 1000.0, 500.0], rtol=5e-3)
    assert (found.dni_w_per_m2.reshape(3, -1)[1:] == 0.0).all()
    assert "weather.daily: diffuse exceeded global on 1 days and was cut to it" in found.notes
    # solar noon of Yibin is at 13:13 of China Standard Time in early March
    noon = found.ghi_w_per_m2.reshape(3, -1)[0].argmax() * step / 60.0
    assert noon == 13.0


def test_daily_sums_without_diffuse_take_erbs(tmp_path):
    # a clear, a grey and a dark day; outside the atmosphere Yibin gets about 8,100 Wh m-2 on 1 March
    daily_file(tmp_path, [(21.6,), (3.6,), (1.8,)], header="date,global")
    found = read(tmp_path, daily={**DAILY, "dhi_column": None}, temp_air_c=10)
    sums = np.array([6000.0, 1000.0, 500.0])
    np.testing.assert_allclose(found.ghi_w_per_m2.reshape(3, 24).sum(axis=1), sums, rtol=1e-12)
    share = found.dhi_w_per_m2.reshape(3, 24).sum(axis=1) / sums
    assert share[0] < 0.35
    assert (share[1:] > 0.95).all()
    assert any("Erbs" in note for note in found.notes)


def test_daily_sums_beside_a_file(tmp_path):
    daily_file(write(tmp_path, whole()), [(12.6, 5.4)] * 3)
    found = read(tmp_path, file="w.csv", daily=DAILY)
    np.testing.assert_allclose(found.ghi_w_per_m2.sum(), 3 * 3500.0, rtol=1e-12)
    np.testing.assert_array_equal(found.temp_air_c, np.full(72, 12.5))
    assert "weather: w.csv, temp_air, wind_speed" in found.notes


@pytest.mark.parametrize(
    ("sums", "header", "table", "words"),
    [
        ([(20.0, 5.0)] * 3, "date,global,diffuse", {"unit": "kWh m-2"}, ["got 20 kWh m-2 on 2025-03-01", "[0, 13.5]"]),
        ([(-1.0, 0.0)] * 3, "date,global,diffuse", {}, ["got -1 MJ m-2", "3 days"]),
        ([(1.0, 1.0)] * 2, "date,global,diffuse", {}, ["wrong length", "2025-03-03"]),
        ([(1.0, ""), (1.0, 1.0), (1.0, 1.0)], "date,global,diffuse", {}, ["'diffuse': line 2", "is empty"]),
        ([(1.0, 1.0)] * 3, "date,global,diffuse", {"ghi_column": "globl"}, ["Did you mean 'global'"]),
        ([(1.0, 1.0)] * 3, "date,global [kWh m-2],diffuse", {}, ["got 'MJ m-2'", "states 'kWh m-2'"]),
        ([(1.0, 1.0)] * 3, "date,global,diffuse", {"date_column": "day"}, ["no column 'day'"]),
        ([(1.0, 1.0)] * 3, "date,global,diffuse", {"file": "e.csv"}, ["weather.daily.file: got 'e.csv'", "'d.csv'"]),
    ],
)
def test_bad_daily_records_are_told(tmp_path, sums, header, table, words):
    message = told(daily_file(tmp_path, sums, header=header), daily={**DAILY, **table})
    for word in words:
        assert word in message


def test_daily_sums_of_another_year(tmp_path):
    sums = [(k / 100.0, k / 200.0) for k in range(365 * 2)]
    daily_file(tmp_path, sums, start="2014-01-01")
    assert "map_year = true" in told(tmp_path, daily=DAILY)
    assert "record_year = 2015" in told(tmp_path, daily={**DAILY, "map_year": True})
    with pytest.warns(ParksimWarning, match="year 2015 mapped to 2025"):
        found = read(tmp_path, daily={**DAILY, "map_year": True, "record_year": 2015})
    # 1 March is day 59 from 0 of the second year
    expected = (365 + 59 + np.arange(3)) / 100.0 / 3.6 * 1000.0
    np.testing.assert_allclose(found.ghi_w_per_m2.reshape(3, 24).sum(axis=1), expected, rtol=1e-12)


def test_light_in_the_polar_night_is_refused(tmp_path):
    daily_file(tmp_path, [(1.0, 1.0)] * 3, start="2025-12-20")
    arctic = {"latitude_deg": 75.0, "longitude_deg": 104.6, "altitude_m": 0.0}
    message = told(tmp_path, TimeAxis(year=2025, first_day="12-20", days=3), arctic, daily=DAILY)
    assert "without sunrise" in message
    assert "Check unit and site" in message


# --- measured records

RECORDS = Path(__file__).parents[2] / "shared" / "data"


@pytest.mark.records
@pytest.mark.skipif(not RECORDS.is_dir(), reason="no measured records beside the checkout")
def test_a_recorded_year_of_yibin():
    daily = {
        "file": "weather/cdsrd_daily_irradiation_1998_2017.csv",
        "ghi_column": "Yibin_ghi_MJ_m2",
        "dhi_column": "Yibin_dhi_MJ_m2",
        "unit": "MJ m-2",
        "map_year": True,
    }
    table = pd.read_csv(RECORDS / daily["file"], parse_dates=["date"]).set_index("date")
    columns = [daily["ghi_column"], daily["dhi_column"]]
    complete = table[columns].notna().groupby(table.index.year).all().all(axis=1)
    year = int(complete[complete].index[-1])
    time = TimeAxis(year=year)
    found = read(RECORDS, time, daily=daily)
    own = table.loc[str(year)]
    np.testing.assert_allclose(
        found.ghi_w_per_m2.reshape(-1, 24).sum(axis=1), own[columns[0]].to_numpy() / 3.6e-3, rtol=1e-9
    )
    # facts of the site: 817 to 1,079 kWh m-2 a year, diffuse share about 0.67
    total = found.ghi_w_per_m2.sum() / 1000.0
    assert 817.0 <= total <= 1079.0
    assert found.dhi_w_per_m2.sum() / found.ghi_w_per_m2.sum() == pytest.approx(0.67, abs=0.05)
    assert found.ghi_w_per_m2.max() < 1100.0
    assert found.dni_w_per_m2.max() < 1100.0
    above = int((own[columns[1]] > own[columns[0]]).sum())
    assert above > 50
    assert f"weather.daily: diffuse exceeded global on {above} days and was cut to it" in found.notes
    # the same year carried to the clock year of the load record
    with pytest.warns(ParksimWarning, match=f"year {year} mapped to 2018"):
        moved = read(RECORDS, TimeAxis(year=2018), daily={**daily, "record_year": year})
    assert moved.ghi_w_per_m2.sum() / 1000.0 == pytest.approx(total, rel=0.02)


def test_module_has_no_unit_without_range():
    assert {unit for _, unit in module.COLUMNS.values()} == set(module.RANGES)


# --- place of the record

PLACED = "# clock: +08:00\n# latitude_deg: {north}\n# longitude_deg: {east}\n"


@pytest.mark.parametrize(("north", "east", "km"), [(29.8, 104.6, 111), (28.8, 106.6, 195), (-28.8, 104.6, 6405)])
def test_weather_of_a_far_place_is_warned_of(tmp_path, north, east, km):
    """A degree of latitude is 111 km, one of longitude at 28.8 degrees 111 km * cos(28.8 deg) = 97 km."""
    write(tmp_path, whole(), meta=PLACED.format(north=north, east=east))
    with pytest.warns(ParksimWarning, match=f"w.csv: made for .*, {km} km from the site"):
        read(tmp_path, file="w.csv")


@pytest.mark.parametrize("meta", [PLACED.format(north=29.6, east=104.6), "# clock: +08:00\n# latitude_deg: 5\n"])
def test_weather_of_a_near_or_unknown_place_is_taken_in_silence(tmp_path, meta):
    write(tmp_path, whole(), meta=meta)
    read(tmp_path, file="w.csv")


def test_a_place_that_is_no_number_is_told(tmp_path):
    write(tmp_path, whole(), meta=PLACED.format(north="28N", east=104.6))
    assert "latitude_deg and longitude_deg of its header must be numbers" in told(tmp_path, file="w.csv")


def test_the_shipped_weather_states_its_place_and_a_far_park_is_told_in_its_notes():
    table = micro(grid(price_cny_per_mwh=100.0), demand(power_mw=[1.0, 1.0]))
    table["weather"] = {"file": "builtin:yibin-weather.csv"}
    table["site"] = {"latitude_deg": 31.2, "longitude_deg": 104.6, "altitude_m": 300.0}
    notes = " ".join(gather(read_park(table)).notes)
    assert "builtin:yibin-weather.csv: made for latitude 28.8, longitude 104.6, 267 km from the site" in notes
