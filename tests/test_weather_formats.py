"""EPW and PVGIS: labels by the begin of the hour, codes for missing, typical years mapped to the park's."""

import numpy as np
import pandas as pd
import pytest

from parksim.errors import InputError, ParksimWarning
from parksim.profiles import ProfileReader
from parksim.readers_pvlib import read_epw, read_pvgis
from parksim.records import stamp_text
from parksim.timeaxis import TimeAxis
from parksim.weather import Weather, read_weather

YIBIN = {"latitude_deg": 28.8, "longitude_deg": 104.6, "altitude_m": 342.0}


def told(path, reader):
    with pytest.raises(InputError) as caught:
        reader(path)
    return str(caught.value)


def read(base, time, site=YIBIN, **table):
    weather = Weather.model_validate(table)
    return read_weather(weather, reader=ProfileReader(base=base, time=time), time=time, where="park: weather", **site)


def refused(base, time, **table):
    with pytest.raises(InputError) as caught:
        read(base, time, **table)
    return str(caught.value)


def epw_text(years, tz="8.0", per_hour="1", ghi=lambda m, d, h: 100 + h, days=2):
    head = [
        f"LOCATION,Yíbin,Sichuan,CHN,TEST,564920,28.80,104.60,{tz},342.0",
        "DESIGN CONDITIONS,0",
        "TYPICAL/EXTREME PERIODS,0",
        "GROUND TEMPERATURES,0",
        "HOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0",
        "COMMENTS 1,synthetic",
        "COMMENTS 2,",
        f"DATA PERIODS,1,{per_hour},Data,Sunday,1/1,12/31",
    ]
    rows = []
    for month, year in enumerate(years, 1):
        for day in range(1, days + 1):
            for hour in range(1, 25):
                cells = [year, month, day, hour, 60, "?9", 10.5, 5.0, 80, 98000, 0, 0, 300]
                cells += [ghi(month, day, hour), 20, 30, 0, 0, 0, 0, 180, 1.5]
                cells += [5, 5, 20, 2000, 9, 999999999, 20, 0.1, 0, 88, 0.2, 0, 0]
                rows.append(",".join(map(str, cells)))
    return "\n".join([*head, *rows]) + "\n"


def test_epw_labels_hours_by_their_begin(tmp_path):
    (tmp_path / "a.epw").write_bytes(epw_text([2005, 2011]).encode("latin-1"))
    record = read_epw(tmp_path / "a.epw")
    assert record.clock == "+08:00"
    assert record.step_minutes == 60
    assert stamp_text(int(record.stamps[0])) == "2005-01-01T00:00"
    assert stamp_text(int(record.stamps[48])) == "2011-02-01T00:00"
    # the row of hour 13 (12:00 to 13:00) is the one that begins at 12:00
    assert record.columns["ghi"].cells[12] == 113.0
    assert {name: c.unit for name, c in record.columns.items()} == {
        "ghi": "W m-2", "dhi": "W m-2", "dni": "W m-2", "temp_air": "degC", "wind_speed": "m s-1",
    }  # fmt: skip
    assert record.columns["temp_air"].cells[0] == 10.5
    assert record.columns["wind_speed"].cells[0] == 1.5
    assert record.place(0) == "line 9 (2005-01-01T00:00)"


def test_epw_codes_for_missing_are_missing(tmp_path):
    text = epw_text([2005], ghi=lambda m, d, h: 9999 if h == 3 else 1)
    (tmp_path / "a.epw").write_text(text)
    assert np.flatnonzero(np.isnan(read_epw(tmp_path / "a.epw").columns["ghi"].cells)).tolist() == [2, 26]


def test_epw_on_a_half_hour_clock(tmp_path):
    (tmp_path / "a.epw").write_text(epw_text([2005], tz="-3.5"))
    assert read_epw(tmp_path / "a.epw").clock == "-03:30"


def test_epw_that_is_none(tmp_path):
    (tmp_path / "a.epw").write_text("time,ghi\n")
    assert "LOCATION" in told(tmp_path / "a.epw", read_epw)
    (tmp_path / "b.epw").write_text(epw_text([2005], per_hour="4"))
    assert "got 4 records per hour" in told(tmp_path / "b.epw", read_epw)
    (tmp_path / "c.epw").write_text("\n".join(epw_text([2005]).splitlines()[:8]) + "\n1,2\n")
    assert "cannot be read as EPW" in told(tmp_path / "c.epw", read_epw)


def pvgis_tmy_csv(minute="00", years=None):
    years = years or [2005 + k for k in range(12)]
    head = ["Latitude (decimal degrees): 28.800", "Longitude (decimal degrees): 104.600", "Elevation (m): 342.0"]
    head += ["month,year", *(f"{k + 1},{year}" for k, year in enumerate(years))]
    head += ["time(UTC),T2m,RH,G(h),Gb(n),Gd(h),IR(h),WS10m,WD10m,SP"]
    stamps = pd.date_range("2005-01-01", "2006-01-01", freq="h", inclusive="left")
    rows = [
        f"{years[s.month - 1]}{s:%m%d:%H}{minute},12.5,80,{max(0, 60 - 10 * abs(s.hour - 9))},{s.day},{s.month},"
        "300,1.1,180,98000"
        for s in stamps
    ]
    return "\n".join([*head, *rows, "", "T2m: 2-m air temperature", "PVGIS"]) + "\n"


def test_pvgis_typical_year_csv(tmp_path):
    (tmp_path / "tmy.csv").write_text(pvgis_tmy_csv())
    record = read_pvgis(tmp_path / "tmy.csv")
    assert record.clock == "+00:00"
    assert record.stamps.size == 8760
    assert record.columns["ghi"].cells[8:11].tolist() == [50.0, 60.0, 50.0]
    assert record.columns["dhi"].cells[-1] == 12.0
    assert record.columns["dni"].cells[-1] == 31.0
    assert record.columns["temp_air"].cells[0] == 12.5
    assert record.columns["wind_speed"].cells[0] == 1.1
    assert record.notes == ()


HOURLY = {
    "inputs": {
        "location": {"latitude": 28.8, "longitude": 104.6, "elevation": 342.0},
        "mounting_system": {"fixed": {"slope": {"value": 0, "optimal": False}, "azimuth": {"value": 0}}},
    },
    "outputs": {
        "hourly": [
            {"time": f"20200101:{h:02d}10", "Gb(i)": 10.0 * h, "Gd(i)": 5.0, "Gr(i)": 0.0, "H_sun": 1.0, "T2m": 8.0,
             "WS10m": 1.2, "Int": 0.0}
            for h in range(24)
        ]
    },
    "meta": {"inputs": {}, "outputs": {}},
}  # fmt: skip


def as_json(path, slope=0, typical=False):
    table = pd.io.json.ujson_loads(pd.io.json.ujson_dumps(HOURLY))
    table["inputs"]["mounting_system"]["fixed"]["slope"]["value"] = slope
    if typical:
        rows = [
            {"time(UTC)": f"2007{s:%m%d:%H%M}", "T2m": 1.0, "G(h)": 2.0, "Gb(n)": 3.0, "Gd(h)": 4.0, "WS10m": 5.0}
            for s in pd.date_range("2007-01-01", periods=48, freq="h")
        ]
        table["outputs"] = {"tmy_hourly": rows, "months_selected": [{"month": 1, "year": 2007}]}
    path.write_text(pd.io.json.ujson_dumps(table))
    return path


def test_pvgis_hourly_series_on_the_horizontal(tmp_path):
    record = read_pvgis(as_json(tmp_path / "h.json"))
    assert stamp_text(int(record.stamps[0])) == "2020-01-01T00:00"
    assert record.columns["ghi"].cells[12] == 125.0
    assert record.columns["dhi"].cells[12] == 5.0
    assert "dni" not in record.columns
    assert record.notes == ("values of minute 10 stand for their hour",)


def test_pvgis_on_a_tilted_plane_is_refused(tmp_path):
    message = told(as_json(tmp_path / "h.json", slope=20), read_pvgis)
    assert "slope 20" in message
    assert "slope 0" in message


def test_pvgis_typical_year_json(tmp_path):
    record = read_pvgis(as_json(tmp_path / "t.json", typical=True))
    assert [record.columns[c].cells[0] for c in ("temp_air", "ghi", "dni", "dhi", "wind_speed")] == [1, 2, 3, 4, 5]


def test_pvgis_hourly_csv(tmp_path):
    head = ["Latitude (decimal degrees):\t28.8", "Longitude (decimal degrees):\t104.6", "Elevation (m):\t342"]
    head += [
        "Radiation database:\tPVGIS-ERA5",
        "",
        "Slope: 0 deg.",
        "Azimuth: 0 deg.",
        "",
        "time,G(i),H_sun,T2m,WS10m,Int",
    ]
    rows = [f"20200101:{h:02d}30,{10.0 * h},1.0,8.0,1.2,0.0" for h in range(24)]
    (tmp_path / "h.csv").write_text("\n".join([*head, *rows, "", "G(i): Global irradiance"]) + "\n")
    record = read_pvgis(tmp_path / "h.csv")
    assert record.columns["ghi"].cells[12] == 120.0
    assert "dhi" not in record.columns
    tilted = (tmp_path / "h.csv").read_text().replace("Slope: 0 deg.", "Slope: 25 deg. (optimum)")
    (tmp_path / "g.csv").write_text(tilted)
    assert "slope 25 deg." in told(tmp_path / "g.csv", read_pvgis)


def test_pvgis_that_is_none(tmp_path):
    (tmp_path / "a.csv").write_text("time,ghi\n2020-01-01,1\n")
    assert "cannot be read as PVGIS" in told(tmp_path / "a.csv", read_pvgis)
    (tmp_path / "a.json").write_text("{}")
    assert "cannot be read as PVGIS" in told(tmp_path / "a.json", read_pvgis)
    (tmp_path / "a.txt").write_text("")
    assert ".json" in told(tmp_path / "a.txt", read_pvgis)


# --- read over a park's year


def full_epw():
    """A typical year: each month of another year, light around noon at Yibin."""
    days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    light = lambda month, day, hour: max(0.0, round(500 * np.cos((hour - 13.5) / 12 * np.pi) + month, 1))  # noqa: E731
    head, rows = epw_text([2000 + m for m in range(12)], ghi=light, days=31).split("12/31\n")
    kept = [row for row in rows.splitlines() if int(row.split(",")[2]) <= days[int(row.split(",")[1]) - 1]]
    return head + "12/31\n" + "\n".join(kept) + "\n"


def test_epw_typical_year_is_mapped(tmp_path):
    (tmp_path / "w.epw").write_text(full_epw())
    year = TimeAxis(year=2025)
    assert "map_year = true" in refused(tmp_path, year, file="w.epw", format="epw")
    with pytest.warns(ParksimWarning, match="years 2000 to 2011 mapped to 2025"):
        found = read(tmp_path, year, file="w.epw", format="epw", map_year=True)
    assert found.ghi_w_per_m2.shape == (8760,)
    # the row of hour 13 of 15 August, labelled by its end, is the hour from 12:00
    at = year.stamps.get_loc("2025-08-15 12:00")
    assert found.ghi_w_per_m2[at] == round(500 * np.cos((13 - 13.5) / 12 * np.pi) + 8, 1)
    assert (found.dhi_w_per_m2 == 30.0).all()
    assert (found.temp_air_c == 10.5).all()
    # in leap years the 28th of February stands twice
    with pytest.warns(ParksimWarning, match="28 February repeated"):
        leap = read(tmp_path, TimeAxis(year=2024), file="w.epw", format="epw", map_year=True)
    np.testing.assert_array_equal(leap.ghi_w_per_m2[59 * 24 : 60 * 24], leap.ghi_w_per_m2[58 * 24 : 59 * 24])


def test_epw_with_a_code_for_missing(tmp_path):
    text = full_epw().splitlines()
    cells = text[20].split(",")
    cells[6] = "99.9"
    text[20] = ",".join(cells)
    (tmp_path / "w.epw").write_text("\n".join(text) + "\n")
    with pytest.warns(ParksimWarning, match="mapped"):
        message = refused(tmp_path, TimeAxis(year=2025), file="w.epw", format="epw", map_year=True)
    assert "column 'temp_air': line 21 (2000-01-01T12:00): is empty" in message


def test_pvgis_typical_year_is_mapped_and_shifted(tmp_path):
    (tmp_path / "w.csv").write_text(pvgis_tmy_csv())
    greenwich = {"latitude_deg": 28.8, "longitude_deg": 30.0, "altitude_m": 342.0}
    with pytest.warns(ParksimWarning, match="mapped to 2025"):
        found = read(
            tmp_path, TimeAxis(year=2025, clock="+02:00"), greenwich, file="w.csv", format="pvgis", map_year=True
        )
    # beam is the day of the month, diffuse the month: 22:00 of 31 December in UTC begins the year
    assert found.dni_w_per_m2[:3].tolist() == [31.0, 31.0, 1.0]
    assert found.dhi_w_per_m2[:3].tolist() == [12.0, 12.0, 1.0]
    assert (found.wind_speed_m_per_s == 1.1).all()
