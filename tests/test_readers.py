"""Files as they come: stamps, cells, headers, and every slip that must be told."""

from datetime import datetime, time, timedelta

import numpy as np
import pandas as pd
import pytest
from openpyxl import Workbook

from parksim.errors import InputError
from parksim.readers import read_daily, read_series
from parksim.records import place_in_year, stamp_text


def hours(start, count, step=60):
    return pd.date_range(start, periods=count, freq=f"{step}min").strftime("%Y-%m-%dT%H:%M").tolist()


def write(path, rows, header="time,load [kW]", meta=""):
    path.write_text(meta + "\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def told(path, read=read_series, **options):
    with pytest.raises(InputError) as caught:
        read(path, **options)
    return str(caught.value)


def test_parksim_csv(tmp_path):
    meta = "# title: Load: north hall\n# source: meter 7\n# clock: +08:00\n# step_minutes: 60\n"
    rows = [f"{s},{k}.5,{k}" for k, s in enumerate(hours("2025-01-01", 3))]
    path = write(tmp_path / "a.csv", rows, "time,load [kW],temp_air [°C]", meta)
    record = read_series(path)
    assert record.clock == "+08:00"
    assert record.step_minutes == 60
    assert record.meta["title"] == "Load: north hall"
    assert record.columns["load"].unit == "kW"
    assert record.columns["temp_air"].unit == "°C"
    np.testing.assert_array_equal(record.columns["load"].cells, [0.5, 1.5, 2.5])
    assert [stamp_text(int(s)) for s in record.stamps] == hours("2025-01-01", 3)
    # four lines of meta, the header, then the rows
    assert record.place(2) == "line 8 (2025-01-01T02:00)"


@pytest.mark.parametrize(
    "text", ["2018-01-01 00:00", "2018-01-01T00:00:00", "2018/1/1 0:00", "2018/01/01 00:00", "20180101T0000"]
)
def test_stamps_are_understood(tmp_path, text):
    later = text.replace("00:00", "01:00", 1) if "00:00" in text else text.replace("0:00", "1:00").replace("T00", "T01")
    record = read_series(write(tmp_path / "a.csv", [f"{text},1", f"{later},2"]))
    assert [stamp_text(int(s)) for s in record.stamps] == ["2018-01-01T00:00", "2018-01-01T01:00"]


def test_carriage_returns_and_byte_order_mark(tmp_path):
    path = tmp_path / "a.csv"
    text = "# clock: +08:00\r\ntime,负荷 [kW]\r\n2025-01-01T00:00,1\r\n2025-01-01T01:00,2\r\n\r\n"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    record = read_series(path)
    assert list(record.columns) == ["负荷"]
    assert record.clock == "+08:00"
    assert record.place(0).startswith("line 3 ")


def test_stamps_with_an_offset_give_the_clock(tmp_path):
    rows = [f"{s}+09:00,{k}" for k, s in enumerate(hours("2025-01-01", 3))]
    record = read_series(write(tmp_path / "a.csv", rows))
    assert record.clock == "+09:00"
    assert stamp_text(int(record.stamps[0])) == "2025-01-01T00:00"
    rows = [f"{s}-03:30,{k}" for k, s in enumerate(hours("2025-01-01", 3))]
    assert read_series(write(tmp_path / "b.csv", rows)).clock == "-03:30"
    message = told(write(tmp_path / "c.csv", rows, meta="# clock: +08:00\n"))
    assert "+08:00" in message
    assert "-03:30" in message


def test_offsets_of_daylight_saving_become_utc(tmp_path):
    # Central Europe on 2025-10-26: 02:00 summer time is followed by 02:00 standard time, one hour later.
    rows = ["2025-10-26T01:00+02:00,1", "2025-10-26T02:00+02:00,2", "2025-10-26T02:00+01:00,3"]
    record = read_series(write(tmp_path / "a.csv", rows))
    assert record.clock == "+00:00"
    assert [stamp_text(int(s)) for s in record.stamps] == hours("2025-10-25T23:00", 3)


def test_a_stamp_without_the_offset_of_the_others(tmp_path):
    message = told(write(tmp_path / "a.csv", ["2025-01-01T00:00+08:00,1", "2025-01-01T01:00,2"]))
    assert "line 3: got '2025-01-01T01:00' without the offset" in message
    message = told(write(tmp_path / "b.csv", ["2025-01-01T00:00,1", "2025-01-01T01:00+0800,2"]))
    assert "line 3: got '2025-01-01T01:00+0800' with an offset" in message


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            ["2025-01-01T00:00,1", "2025-01-01T01:00,2", "2025-01-01T01:00,3"],
            ["duplicate", "line 3", "line 4", "01:00"],
        ),
        (["2025-01-01T00:00,1", "2025-01-01T02:00,2", "2025-01-01T01:00,3"], ["line 4", "goes back"]),
        (["2025-01-01T00:30,1", "2025-01-01T01:30,2"], ["30 min inside", "begins its step"]),
        (["2025-01-01T00:00,1", "2025-01-01T01:00,2", "2025-01-01T02:07,3", "2025-01-01T03:00,4"], ["line 4", "off"]),
        (["2025-01-01T00:00,1", "2025-01-01T01:00,2", "2025-01-01 24:00,3"], ["line 4", "24:00", "next day"]),
        (["01/02/2025 00:00,1", "01/02/2025 01:00,2"], ["line 2", "01/02/2025", "must be a stamp"]),
        (["1,1", "2,2"], ["line 2", "never by position"]),
        (["2025-01-01T00:00,1", ",2"], ["line 3", "stamp is empty"]),
        (["2025-01-01T00:00,1", "", "2025-01-01T01:00,2"], ["line 3", "is empty"]),
        (["2025-01-01T00:00,1", "2025-01-01T01:00,1,234"], ["line 3", "3 cells", "1234.5"]),
        (["2025-01-01T00:00,1", "2025-01-01T01:00"], ["line 3", "1 cells"]),
        (["2025-01-01T00:00:20,1", "2025-01-01T01:00,1"], ["line 2", "whole minute"]),
        (["2025-01-01T00:00,1"], ["single row", "step_minutes"]),
    ],
)
def test_bad_rows_are_told(tmp_path, rows, words):
    message = told(write(tmp_path / "a.csv", rows))
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("time;load [kW]\n2025-01-01T00:00;1,5\n", ["semicolons", "commas"]),
        ("time\tload\n2025-01-01T00:00\t1\n", ["tabs"]),
        ("", ["empty"]),
        ("# clock: +08:00\n", ["empty"]),
        ("time,load\n", ["empty"]),
        ("time,load,load\n2025-01-01T00:00,1,2\n", ["'load' stands twice"]),
        ("time\n2025-01-01T00:00\n2025-01-01T01:00\n", ["one column"]),
    ],
)
def test_bad_files_are_told(tmp_path, text, words):
    (tmp_path / "a.csv").write_text(text)
    message = told(tmp_path / "a.csv")
    for word in words:
        assert word in message


def test_another_encoding_is_told(tmp_path):
    (tmp_path / "a.csv").write_bytes("time,负荷\n2025-01-01T00:00,1\n".encode("gb18030"))
    assert "UTF-8" in told(tmp_path / "a.csv")


def test_stated_step_must_hold(tmp_path):
    rows = [f"{s},1" for s in hours("2025-01-01", 3)]
    message = told(write(tmp_path / "a.csv", rows, meta="# step_minutes: 15\n"))
    assert "15" in message
    assert "60 min apart" in message
    assert "step_minutes: got '1 h'" in told(write(tmp_path / "b.csv", rows, meta="# step_minutes: 1 h\n"))


def test_time_column_by_name(tmp_path):
    rows = [f"7,{s}" for s in hours("2025-01-01", 2)]
    assert list(read_series(write(tmp_path / "a.csv", rows, "load,Timestamp")).columns) == ["load"]
    path = write(tmp_path / "b.csv", rows, "load,when")
    assert list(read_series(path, time_column="when").columns) == ["load"]
    assert "Did you mean 'when'" in told(path, time_column="whem")


def test_quoted_cells_may_hold_commas(tmp_path):
    rows = ['2025-01-01T00:00,"1,234"', "2025-01-01T01:00,5"]
    record = read_series(write(tmp_path / "a.csv", rows))
    assert record.columns["load"].cells.tolist() == ["1,234", "5"]


def test_a_typical_year_may_go_back_between_months(tmp_path):
    rows = [f"{s},1" for s in hours("2012-01-31T22:00", 2) + hours("2007-02-01T00:00", 2)]
    assert read_series(write(tmp_path / "a.csv", rows)).step_minutes == 60


def test_place_in_year_of_leap_and_common_years():
    stamps = np.array(["2024-02-29T01:00", "2023-12-31T23:00", "2024-12-31T23:00", "1900-03-01"], "datetime64[m]")
    places = place_in_year(stamps.astype(np.int64))
    # 29 February is day 59 from 0; a leap year has 8,784 hours; 1900 was no leap year, and 1 March is day 60.
    assert places.tolist() == [(59 * 24 + 1) * 60, 8783 * 60, 8783 * 60, 60 * 24 * 60]


def workbook(path, rows, sheet="Sheet1", more=None):
    book = Workbook()
    book.remove(book.active)
    for title, lines in (("other", more), (sheet, rows)):
        if lines is not None:
            page = book.create_sheet(title)
            for line in lines:
                page.append(line)
    book.save(path)
    return path


def test_workbook(tmp_path):
    start = datetime(2025, 1, 1)
    rows = [["时间", "load [kW]", "remark"], *[[start + timedelta(hours=k), k + 0.5, "ok"] for k in range(30)]]
    path = workbook(tmp_path / "a.xlsx", rows, sheet="meter", more=[["x", "y"], [1, 2]])
    record = read_series(path, sheet="meter")
    assert record.step_minutes == 60
    assert record.columns["load"].unit == "kW"
    np.testing.assert_array_equal(record.columns["load"].cells, np.arange(30) + 0.5)
    assert record.place(0) == "line 2 (2025-01-01T00:00)"
    assert "'other', 'meter'" in told(path, sheet="Meter")
    assert "must be a stamp" in told(path)


def test_workbook_with_text_stamps_and_comments(tmp_path):
    rows = [["# clock: +08:00", None], [None, None], ["time", "load"], ["2025/1/1 0:00", 1], ["2025/1/1 1:00", None]]
    record = read_series(workbook(tmp_path / "a.xlsx", rows))
    assert record.clock == "+08:00"
    np.testing.assert_array_equal(record.columns["load"].cells, [1.0, np.nan])
    assert record.place(1) == "line 5 (2025-01-01T01:00)"


def test_workbooks_that_are_none(tmp_path):
    (tmp_path / "a.xlsx").write_text("time,load\n")
    assert "cannot be read as a workbook" in told(tmp_path / "a.xlsx")
    (tmp_path / "a.xls").write_text("")
    assert ".xlsx" in told(tmp_path / "a.xls")
    rows = [f"{s},1" for s in hours("2025-01-01", 2)]
    assert "sheet" in told(write(tmp_path / "a.csv", rows), sheet="one")


def day_rows(count, days=3, start="2025-03-01"):
    dates = pd.date_range(start, periods=days, freq="D").strftime("%Y-%m-%d")
    return [",".join([d, *(str(100 * i + k) for k in range(count))]) for i, d in enumerate(dates)]


@pytest.mark.parametrize("count", [24, 48, 96])
@pytest.mark.parametrize("ends", [False, True])
def test_daily_table(tmp_path, count, ends):
    step = 1440 // count
    minutes = [(k + ends) * step for k in range(count)]
    header = ",".join(["date", *(f"{m // 60}:{m % 60:02d}" for m in minutes)])
    record = read_daily(write(tmp_path / "a.csv", day_rows(count), header))
    assert record.step_minutes == step
    assert [stamp_text(int(s)) for s in record.stamps[:count]] == hours("2025-03-01", count, step)
    np.testing.assert_array_equal(record.columns["value"].cells[count : 2 * count], 100 + np.arange(count))
    assert record.place(count + 1).startswith("line 3 ")
    assert ("headed by the end" in record.notes[0]) is ends


def test_daily_table_with_other_columns_and_units(tmp_path):
    header = ",".join(["meter", "日期", *(f"P{k + 1} [kW]" for k in range(24)), "total"])
    rows = [f"7,{row},0" for row in day_rows(24)]
    record = read_daily(write(tmp_path / "a.csv", rows, header))
    assert record.columns["value"].unit == "kW"
    np.testing.assert_array_equal(record.columns["value"].cells[:24], np.arange(24))


def test_daily_workbook_with_times_as_headings(tmp_path):
    head = ["date", *(time(k // 4, 15 * (k % 4)) for k in range(1, 96)), timedelta(days=1)]
    rows = [head, *[[datetime(2025, 3, 1 + d), *(float(k) for k in range(96))] for d in range(2)]]
    record = read_daily(workbook(tmp_path / "a.xlsx", rows))
    assert record.step_minutes == 15
    assert record.stamps.size == 192


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (["date", *(f"{k}:00" for k in range(23))], ["23 value columns", "24, 48 or 96"]),
        (["date", *(f"{k if k != 5 else 6}:0{k == 5:d}" for k in range(24))], ["'6:01'", "equal steps of 60 min"]),
        (["date", *(f"P{k + (k > 3)}" for k in range(24))], ["numbered one by one"]),
        (["date", *(f"P{k} [{'kW' if k else 'MW'}]" for k in range(24))], ["differ in unit", "MW"]),
    ],
)
def test_daily_headings_that_do_not_fit(tmp_path, header, words):
    message = told(write(tmp_path / "a.csv", day_rows(len(header) - 1), ",".join(header)), read_daily)
    for word in words:
        assert word in message


def test_daily_tables_with_hours_or_twins(tmp_path):
    header = ",".join(["date", *(f"{k}:00" for k in range(24))])
    rows = day_rows(24)
    hour = [rows[0], rows[1].replace("2025-03-02", "2025-03-02 01:00")]
    assert "must be a date" in told(write(tmp_path / "a.csv", hour, header), read_daily)
    twin = [rows[0], rows[1], rows[1]]
    message = told(write(tmp_path / "b.csv", twin, header), read_daily)
    assert "duplicate" in message
    assert "line 3 (2025-03-02T00:00) stands again in line 4" in message
