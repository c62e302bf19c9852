"""Profiles read out over the park's steps: by label, in the right unit, on the right clock, or a clear message."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import pytest
from openpyxl import Workbook
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

import parksim.profiles as profiles
from parksim.errors import InputError, ParksimWarning
from parksim.profiles import ProfileReader, ProfileRef, Series, locate, shipped, shipped_names
from parksim.readers import read_series
from parksim.timeaxis import TimeAxis

WHERE = "parks/north.toml: components.hall.power_mw"
TWO_DAYS = TimeAxis(year=2025, first_day="03-01", days=2)


class Table(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    value: Annotated[Series, Field(description="A profile.")]
    other: Annotated[Series | None, Field(description="Another.")] = None


def stamps(start, count, step=60):
    return pd.date_range(start, periods=count, freq=f"{step}min").strftime("%Y-%m-%dT%H:%M").tolist()


def rows(start, count, step=60, first=0.0):
    return [f"{s},{first + k}" for k, s in enumerate(stamps(start, count, step))]


def write(base, lines, header="time,load [MW]", meta="# clock: +08:00\n", name="a.csv"):
    (base / name).write_text(meta + "\n".join([header, *lines]) + "\n", encoding="utf-8")
    return base


def resolve(base, time=TWO_DAYS, to="MW", **ref):
    ref = ProfileRef(**{"file": "a.csv", **ref})
    return ProfileReader(base=base, time=time).resolve(ref, unit=to, where=WHERE)


def told(base, time=TWO_DAYS, to="MW", **ref):
    with pytest.raises(InputError) as caught:
        resolve(base, time, to, **ref)
    assert str(caught.value).startswith(WHERE)
    return str(caught.value)


# --- what may stand in the park file


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (3, 3.0),
        (0.5, 0.5),
        ([1, 2.5], (1.0, 2.5)),
        (np.array([1, 2]), (1.0, 2.0)),
        ({"file": "a.csv", "column": "x"}, ProfileRef(file="a.csv", column="x")),
    ],
)
def test_a_series_is_number_list_or_table(written, read):
    table = Table.model_validate({"value": written})
    assert table.value == read
    assert type(table.value) is type(read)
    assert Table.model_validate(table.model_dump()) == table
    assert Table.model_validate(table.model_dump(mode="json")) == table


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (True, ["got True", "finite number"]),
        (float("nan"), ["nan", "finite number"]),
        (float("inf"), ["inf", "finite number"]),
        ([1.0, float("nan")], ["got nan as number 2"]),
        ([1.0, False], ["got False as number 2"]),
        (["1"], ["got '1' as number 1"]),
        ("a.csv", ["'a.csv'", "{ file ="]),
        (None, ["got None"]),
        ({"file": "a.csv", "colum": "x"}, ["unknown key 'colum'", "Did you mean 'column'"]),
        ({"file": "a.csv", "clock": "CST"}, ["'CST'", "+08:00"]),
    ],
)
def test_bad_series_are_told(written, words):
    with pytest.raises(ValidationError) as caught:
        Table.model_validate({"value": written})
    (problem,) = caught.value.errors()
    assert problem["loc"][0] == "value"
    for word in words:
        assert word in problem["msg"]


def test_problems_inside_the_table_keep_their_place():
    with pytest.raises(ValidationError) as caught:
        Table.model_validate({"value": {"file": 3, "map_year": "yes"}})
    assert {problem["loc"] for problem in caught.value.errors()} == {("value", "file"), ("value", "map_year")}


def test_schema_offers_the_three_forms():
    schema = TypeAdapter(Series).json_schema()
    assert {branch.get("type", "table") for branch in schema["anyOf"]} == {"number", "array", "table"}
    fields = schema["$defs"]["ProfileRef"]["properties"]
    assert all("description" in field for field in fields.values())


# --- numbers and lists


def test_number_and_list(tmp_path):
    reader = ProfileReader(base=tmp_path, time=TWO_DAYS)
    constant = reader.resolve(2.0, unit="MW", where=WHERE)
    np.testing.assert_array_equal(constant.values, np.full(48, 2.0))
    assert constant.note is None
    listed = reader.resolve(tuple(float(k) for k in range(48)), unit="MW", where=WHERE)
    np.testing.assert_array_equal(listed.values, np.arange(48.0))
    for found in (constant, listed):
        assert found.values.flags.c_contiguous
        assert not found.values.flags.writeable


@pytest.mark.parametrize("length", [0, 1, 24, 47, 49])
def test_a_list_of_another_length_is_told(tmp_path, length):
    with pytest.raises(InputError, match=f"got {length} numbers, must be 48 .*60 min from 2025-03-01T00:00"):
        ProfileReader(base=tmp_path, time=TWO_DAYS).resolve((1.0,) * length, unit="MW", where=WHERE)


# --- columns of files


def test_column_is_paired_by_stamp_and_cut(tmp_path):
    # the record starts a day early and ends a day late
    found = resolve(write(tmp_path, rows("2025-02-28", 96), meta="# clock: +08:00\n# source: meter 7\n"))
    np.testing.assert_array_equal(found.values, np.arange(24.0, 72.0))
    assert found.note == "a.csv, column load"
    assert found.source == "meter 7"
    assert found.values.flags.c_contiguous
    assert not found.values.flags.writeable


@pytest.mark.parametrize(
    ("header", "ref", "unit", "factor"),
    [
        ("load [kW]", {}, "MW", 1e-3),
        ("load", {"unit": "kW"}, "MW", 1e-3),
        ("load [kW]", {"unit": "kW"}, "MW", 1e-3),
        ("load [%]", {}, "1", 1e-2),
        ("load [元/kWh]", {}, "CNY MWh-1", 1e3),
        ("load [°C]", {"unit": "degC"}, "degC", 1.0),
        # a kWh in an hour is a mean kW
        ("load [kWh]", {}, "MW", 1e-3),
    ],
)
def test_units(tmp_path, header, ref, unit, factor):
    found = resolve(write(tmp_path, rows("2025-03-01", 48), header=f"time,{header}"), to=unit, **ref)
    np.testing.assert_allclose(found.values, np.arange(48.0) * factor, rtol=1e-15)


def test_energy_of_a_quarter_hour_is_four_times_its_power(tmp_path):
    time = TimeAxis(year=2025, first_day="03-01", days=1, step_minutes=15)
    found = resolve(write(tmp_path, rows("2025-03-01", 96, 15), header="time,load [kWh]"), time)
    np.testing.assert_allclose(found.values, np.arange(96.0) * 4e-3, rtol=1e-15)
    assert "kWh per step of 15 min taken as mean power" in found.note


@pytest.mark.parametrize(
    ("header", "ref", "unit", "words"),
    [
        ("load", {}, "MW", ["states no unit", "load [MW]"]),
        ("load [degC]", {}, "MW", ["'degC'", "'MW'"]),
        ("load [MWh]", {}, "degC", ["'MWh'", "'degC'"]),
        ("load [kWW]", {}, "MW", ["unknown unit 'kWW'", "Did you mean 'kW'"]),
        ("load [kW]", {"unit": "MW"}, "MW", ["park file says 'MW'", "header 'kW'"]),
    ],
)
def test_wrong_units_are_told(tmp_path, header, ref, unit, words):
    message = told(write(tmp_path, rows("2025-03-01", 48), header=f"time,{header}"), to=unit, **ref)
    for word in words:
        assert word in message


@pytest.mark.parametrize(("unit", "meant"), [("mw", "MW"), ("KWH", "kWh"), ("Gw", "GW"), ("mwh", "MWh"), ("mW", "MW")])
def test_a_unit_in_other_case_names_the_unit_meant(tmp_path, unit, meant):
    write(tmp_path, rows("2025-03-01", 48), header=f"time,load [{unit}]")
    assert f"unknown unit {unit!r}. Did you mean {meant!r}?" in told(tmp_path, file="a.csv")


def test_missing_file_names_the_nearest(tmp_path):
    write(tmp_path, rows("2025-03-01", 48), name="load_north.csv")
    message = told(tmp_path, file="load_nort.csv")
    assert message.startswith(f"{WHERE}.file: got 'load_nort.csv'")
    assert "Did you mean 'load_north.csv'" in message
    assert "no such file" in told(tmp_path, file="nowhere/a.csv")
    message = told(tmp_path, file="../nowhere/a.csv")
    nowhere = tmp_path.resolve().parent / "nowhere"
    assert f"looked for {nowhere / 'a.csv'}. The folder {nowhere} does not exist or is empty." in message


def test_missing_column_names_the_nearest_and_lists_all(tmp_path):
    write(tmp_path, [f"{s},1,2" for s in stamps("2025-03-01", 48)], header="time,load_a [MW],load_b [MW]")
    message = told(tmp_path, column="lod_a")
    assert "Did you mean 'load_a'" in message
    assert "load_a, load_b" in message
    assert "Write one of: load_a, load_b" in told(tmp_path)


def test_gap_is_told_with_its_first_stamp(tmp_path):
    lines = rows("2025-03-01", 48)
    message = told(write(tmp_path, lines[:10] + lines[13:]))
    assert "gap: 3 stamps" in message
    assert "2025-03-01T10:00" in message


def test_a_gap_outside_the_horizon_does_not_matter(tmp_path):
    lines = rows("2025-02-27", 96)
    np.testing.assert_array_equal(resolve(write(tmp_path, lines[:10] + lines[13:])).values, np.arange(48.0, 96.0))


@pytest.mark.parametrize("cell", ["", "NaN", "inf"])
def test_empty_cells_are_told(tmp_path, cell):
    lines = rows("2025-03-01", 48)
    lines[10] = f"2025-03-01T10:00,{cell}"
    lines[20] = f"2025-03-01T20:00,{cell}"
    message = told(write(tmp_path, lines))
    # a line of meta, the header, ten rows before it
    assert "line 13 (2025-03-01T10:00)" in message
    assert "2 cells" in message


@pytest.mark.parametrize("cell", ['"1,234"', '"13,72"', "12 kW", "TRUE"])
def test_text_cells_are_told(tmp_path, cell):
    lines = rows("2025-03-01", 48)
    lines[5] = f"2025-03-01T05:00,{cell}"
    message = told(write(tmp_path, lines))
    assert "line 8 (2025-03-01T05:00)" in message
    assert cell.strip('"') in message
    assert ("Write 1234.5" in message) is ("," in cell)


def test_yes_and_no_of_a_workbook_are_no_numbers(tmp_path):
    book = Workbook()
    for line in (["time", "load [MW]"], *([datetime(2025, 3, 1 + k // 24, k % 24), True] for k in range(48))):
        book.active.append(line)
    book.save(tmp_path / "a.xlsx")
    message = told(tmp_path, file="a.xlsx", clock="+08:00")
    assert "line 2 (2025-03-01T00:00): got true, must be a number; the first of 48 cells that are no number" in message


def test_all_problems_of_a_column_are_told_together(tmp_path):
    lines = rows("2025-03-01", 48)
    lines[5] = "2025-03-01T05:00,"
    lines[6] = "2025-03-01T06:00,x"
    with pytest.raises(InputError) as caught:
        resolve(write(tmp_path, lines[:40], header="time,load"))
    assert len(caught.value.problems) == 4
    for problem, word in zip(caught.value.problems, ["wrong length", "is empty", "'x'", "no unit"], strict=True):
        assert problem.startswith(WHERE)
        assert word in problem


def test_duplicate_hour_is_told(tmp_path):
    lines = rows("2025-03-01", 48)
    message = told(write(tmp_path, [*lines[:10], lines[9], *lines[10:]]))
    assert "a.csv: duplicate" in message
    assert "2025-03-01T09:00" in message


def test_wrong_length_is_told(tmp_path):
    message = told(write(tmp_path, rows("2025-03-01", 47)))
    assert "wrong length: holds 47 rows from 2025-03-01T00:00 to 2025-03-02T22:00" in message
    assert "1 of 48 stamps are missing, the first 2025-03-02T23:00" in message


def test_stamps_that_end_their_step_are_recognised(tmp_path):
    message = told(write(tmp_path, rows("2025-03-01T01:00", 48)))
    assert "end their step" in message
    assert "60 min earlier" in message


def test_another_year_is_told(tmp_path):
    message = told(write(tmp_path, rows("2018-01-01", 8760)))
    assert "another year" in message
    assert "map_year = true" in message


# --- clocks


def test_a_horizon_beyond_the_years_end_is_offered_the_records_other_days(tmp_path):
    """A year of 2025 serves two days over New Year only where days of another year may be taken."""
    time = TimeAxis(year=2025, first_day="12-31", days=2)
    write(tmp_path, rows("2025-01-01", 8760))
    message = told(tmp_path, time, file="a.csv")
    assert "another year: holds 8760 rows" in message
    assert "the first 2026-01-01T00:00" in message
    assert "map_year = true" in message
    with pytest.warns(ParksimWarning, match="mapped"):
        found = resolve(tmp_path, time, file="a.csv", map_year=True)
    assert found.values[[0, 24]].tolist() == [8736.0, 0.0]


def test_a_record_of_other_days_of_the_year_is_no_other_year(tmp_path):
    write(tmp_path, rows("2025-07-01", 48))
    message = told(tmp_path, file="a.csv")
    assert "wrong length" in message
    assert "map_year" not in message


def test_missing_clock_is_told(tmp_path):
    write(tmp_path, rows("2025-03-01", 48), meta="")
    assert 'clock = "+08:00"' in told(tmp_path)
    np.testing.assert_array_equal(resolve(tmp_path, clock="+08:00").values, np.arange(48.0))


def test_clocks_that_disagree_are_told(tmp_path):
    message = told(write(tmp_path, rows("2025-03-01", 48)), clock="+09:00")
    assert "+09:00" in message
    assert "+08:00" in message
    assert "'CST'" in told(write(tmp_path, rows("2025-03-01", 48), meta="# clock: CST\n"))


def test_another_clock_is_shifted_by_whole_steps(tmp_path):
    # midnight at +08:00 is 16:00 UTC of the day before, the record's 17th hour
    found = resolve(write(tmp_path, rows("2025-02-28", 72), meta="# clock: +00:00\n"))
    np.testing.assert_array_equal(found.values, np.arange(16.0, 64.0))
    assert "shifted from clock +00:00 to +08:00" in found.note
    # midnight at +08:00 is 01:00 at +09:00
    found = resolve(write(tmp_path, rows("2025-03-01", 72), meta="# clock: +09:00\n"))
    np.testing.assert_array_equal(found.values, np.arange(1.0, 49.0))


def test_offsets_in_the_stamps_count_as_clock(tmp_path):
    lines = [f"{s}Z,{k}" for k, s in enumerate(stamps("2025-02-28", 72))]
    np.testing.assert_array_equal(resolve(write(tmp_path, lines, meta="")).values, np.arange(16.0, 64.0))
    assert "file itself +00:00" in told(tmp_path, clock="+08:00")


def test_a_shift_needs_whole_steps(tmp_path):
    # India stands 2.5 h behind China
    write(tmp_path, rows("2025-02-28", 96), meta="# clock: +05:30\n")
    message = told(tmp_path)
    assert "150 min" in message
    assert "no whole number of steps of 60 min" in message
    quarter = TimeAxis(year=2025, first_day="03-01", days=1, step_minutes=15)
    found = resolve(tmp_path, quarter, upsample="hold")
    # 00:00 at +08:00 is 21:30 at +05:30, in the middle of the 22nd hour
    np.testing.assert_array_equal(found.values[:4], [21.0, 21.0, 22.0, 22.0])


def test_a_shift_beyond_the_record_is_told(tmp_path):
    message = told(write(tmp_path, rows("2025-01-01", 8760), meta="# clock: +00:00\n"), TimeAxis(year=2025))
    assert "clock:" in message
    assert "2024-12-31T16:00" in message
    assert "let the shift wrap" in message


def test_a_shift_wraps_with_map_year(tmp_path):
    write(tmp_path, rows("2025-01-01", 8760), meta="# clock: +00:00\n")
    with pytest.warns(ParksimWarning, match="wrapped at the year's end"):
        found = resolve(tmp_path, TimeAxis(year=2025), map_year=True)
    np.testing.assert_array_equal(found.values, np.roll(np.arange(8760.0), 8))


# --- other years


def test_another_year_is_mapped_by_month_day_and_hour(tmp_path):
    write(tmp_path, rows("2018-01-01", 8760))
    with pytest.warns(ParksimWarning, match="year 2018 mapped to 2025"):
        found = resolve(tmp_path, TimeAxis(year=2025), map_year=True)
    np.testing.assert_array_equal(found.values, np.arange(8760.0))
    assert found.note == "a.csv, column load; year 2018 mapped to 2025"


def test_the_29th_of_february_is_repeated_or_dropped(tmp_path):
    write(tmp_path, rows("2018-01-01", 8760))
    with pytest.warns(ParksimWarning, match="28 February repeated for 29 February"):
        found = resolve(tmp_path, TimeAxis(year=2024), map_year=True)
    year = np.arange(8760.0)
    leap = 59 * 24
    np.testing.assert_array_equal(found.values, np.r_[year[:leap], year[leap - 24 : leap], year[leap:]])
    write(tmp_path, rows("2024-01-01", 8784))
    with pytest.warns(ParksimWarning, match="year 2024 mapped to 2025"):
        found = resolve(tmp_path, TimeAxis(year=2025), map_year=True)
    np.testing.assert_array_equal(found.values, np.delete(np.arange(8784.0), np.arange(leap, leap + 24)))


def test_mapping_with_a_shift_wraps(tmp_path):
    write(tmp_path, rows("2018-01-01", 8760), meta="# clock: +00:00\n")
    with pytest.warns(ParksimWarning, match="mapped to 2025.*shifted"):
        found = resolve(tmp_path, TimeAxis(year=2025), map_year=True)
    np.testing.assert_array_equal(found.values, np.roll(np.arange(8760.0), 8))


def test_several_years_on_one(tmp_path):
    write(tmp_path, rows("2018-01-01", 8760))
    time = TimeAxis(year=2025, years=2)
    with pytest.warns(ParksimWarning, match="mapped to years 2025 to 2026|mapped to 2025 to 2026"):
        found = resolve(tmp_path, time, map_year=True)
    np.testing.assert_array_equal(found.values, np.tile(np.arange(8760.0), 2))


def test_a_record_of_several_years_needs_to_know_which(tmp_path):
    write(tmp_path, rows("2018-01-01", 8760 * 2))
    message = told(tmp_path, TimeAxis(year=2025), map_year=True)
    assert "years 2018 to 2019" in message
    assert "record_year = 2019" in message
    with pytest.warns(ParksimWarning, match="year 2019 mapped to 2025"):
        found = resolve(tmp_path, TimeAxis(year=2025), map_year=True, record_year=2019)
    np.testing.assert_array_equal(found.values, np.arange(8760.0, 17520.0))
    assert "must lie in the record's years 2018 to 2019" in told(tmp_path, record_year=2017)


def test_the_own_year_of_a_long_record_needs_no_mapping(tmp_path):
    write(tmp_path, rows("2024-01-01", 8784 + 8760))
    found = resolve(tmp_path, TimeAxis(year=2025), map_year=True)
    np.testing.assert_array_equal(found.values, np.arange(8784.0, 17544.0))
    assert "mapped" not in found.note


def test_a_gap_is_told_when_mapping(tmp_path):
    lines = rows("2018-01-01", 8760)
    message = told(write(tmp_path, lines[:100] + lines[102:]), TimeAxis(year=2025), map_year=True)
    assert "gap: 2 of the 8760" in message
    assert "01-05T04:00" in message


def test_the_mapping_is_warned_of_once_per_file(tmp_path):
    write(tmp_path, [f"{s},1,2" for s in stamps("2018-01-01", 8760)], header="time,a [MW],b [MW]")
    reader = ProfileReader(base=tmp_path, time=TimeAxis(year=2025))
    with pytest.warns(ParksimWarning, match="2018"):
        reader.resolve(ProfileRef(file="a.csv", column="a", map_year=True), unit="MW", where=WHERE)
    # a second warning would be an error
    reader.resolve(ProfileRef(file="a.csv", column="b", map_year=True), unit="MW", where=WHERE)


# --- other steps


def test_longer_steps_need_a_word(tmp_path):
    write(tmp_path, rows("2025-03-01", 48))
    quarter = TimeAxis(year=2025, first_day="03-01", days=2, step_minutes=15)
    message = told(tmp_path, quarter)
    for word in ("60 min, the park 15 min", 'upsample = "hold"', 'upsample = "linear"'):
        assert word in message
    held = resolve(tmp_path, quarter, upsample="hold")
    np.testing.assert_array_equal(held.values, np.repeat(np.arange(48.0), 4))
    assert "60 min to 15 min, held" in held.note


def test_linear_joins_the_middles_and_holds_the_ends(tmp_path):
    write(tmp_path, rows("2025-03-01", 48))
    quarter = TimeAxis(year=2025, first_day="03-01", days=2, step_minutes=15)
    found = resolve(tmp_path, quarter, upsample="linear").values
    # the hour from 01:00 has value 1 at 01:30; its quarters stand 22.5 and 7.5 min beside the middle
    np.testing.assert_allclose(found[4:8], [1 - 0.375, 1 - 0.125, 1 + 0.125, 1 + 0.375], rtol=1e-14)
    np.testing.assert_allclose(found[:2], 0.0)
    np.testing.assert_allclose(found[-2:], 47.0)
    # on a straight line each hour keeps its mean, ends apart
    np.testing.assert_allclose(found.reshape(48, 4).mean(axis=1)[1:-1], np.arange(1.0, 47.0), rtol=1e-14)


def test_shorter_steps_need_a_word(tmp_path):
    write(tmp_path, rows("2025-03-01", 192, 15))
    message = told(tmp_path)
    assert "15 min, the park 60 min" in message
    assert 'downsample = "mean"' in message
    found = resolve(tmp_path, downsample="mean")
    np.testing.assert_array_equal(found.values, np.arange(48.0) * 4 + 1.5)
    assert "averaged" in found.note


def test_steps_that_do_not_nest_are_told(tmp_path):
    write(tmp_path, rows("2025-03-01", 144, 20))
    quarter = TimeAxis(year=2025, first_day="03-01", days=2, step_minutes=15)
    assert "neither is a multiple" in told(tmp_path, quarter, upsample="hold")


# --- daily tables


def test_daily_table_of_quarters(tmp_path):
    header = ",".join(["date", *(f"{k // 4}:{15 * (k % 4):02d}" for k in range(96))])
    lines = [",".join([f"2025-03-0{d + 1}", *(str(96 * d + k) for k in range(96))]) for d in range(2)]
    write(tmp_path, lines, header=header, meta="")
    quarter = TimeAxis(year=2025, first_day="03-01", days=2, step_minutes=15)
    found = resolve(tmp_path, quarter, layout="daily", unit="MW", clock="+08:00")
    np.testing.assert_array_equal(found.values, np.arange(192.0))
    assert "daily table of 96 values" in found.note
    hourly = ProfileRef(file="a.csv", layout="daily", unit="kW", clock="+08:00", downsample="mean")
    means = ProfileReader(base=tmp_path, time=TWO_DAYS).resolve(hourly, unit="MW", where=WHERE).values
    np.testing.assert_allclose(means, (np.arange(48.0) * 4 + 1.5) * 1e-3, rtol=1e-15)
    with pytest.raises(InputError, match="leave it out"):
        resolve(tmp_path, quarter, layout="daily", column="0:15")


def test_daily_table_with_a_missing_day_or_cell(tmp_path):
    header = ",".join(["date", *(f"{k}:00" for k in range(24))])
    lines = [",".join([f"2025-03-0{d}", *("7" if (d, k) != (3, 5) else "" for k in range(24))]) for d in (1, 3)]
    write(tmp_path, lines, header=header)
    ref = ProfileRef(file="a.csv", layout="daily", unit="kW")
    three = TimeAxis(year=2025, first_day="03-01", days=3)
    with pytest.raises(InputError) as caught:
        ProfileReader(base=tmp_path, time=three).resolve(ref, unit="MW", where=WHERE)
    assert "gap: 24 stamps are missing inside the record, the first 2025-03-02T00:00" in str(caught.value)
    assert "line 4 (2025-03-03T05:00): is empty" in str(caught.value)


# --- one read per file, shipped files


def test_a_file_is_read_once(tmp_path, monkeypatch):
    write(tmp_path, [f"{s},1,2" for s in stamps("2025-03-01", 48)], header="time,a [MW],b [MW]")
    calls = []
    monkeypatch.setattr(profiles, "read_series", lambda path, **o: calls.append(path) or read_series(path, **o))
    reader = ProfileReader(base=tmp_path, time=TWO_DAYS)
    for column, value in (("a", 1.0), ("b", 2.0)):
        found = reader.resolve(ProfileRef(file="a.csv", column=column), unit="MW", where=WHERE)
        np.testing.assert_array_equal(found.values, value)
    assert len(calls) == 1


def test_the_same_file_read_two_ways(tmp_path):
    write(tmp_path, rows("2025-02-28", 96), meta="")
    reader = ProfileReader(base=tmp_path, time=TWO_DAYS)
    first = reader.resolve(ProfileRef(file="a.csv", clock="+08:00"), unit="MW", where=WHERE)
    second = reader.resolve(ProfileRef(file="a.csv", clock="+00:00"), unit="MW", where=WHERE)
    assert first.values[0] == 24.0
    assert second.values[0] == 16.0


@pytest.mark.parametrize("installed", [True, False])
def test_shipped_files_are_found_in_a_wheel_and_in_a_clone(tmp_path, monkeypatch, installed):
    package = tmp_path / "parksim"
    shelf = (package / "_shipped" if installed else tmp_path) / "profiles"
    shelf.mkdir(parents=True)
    package.mkdir(exist_ok=True)
    (shelf / "site-weather.csv").write_text("x")
    (shelf / ".hidden").write_text("x")
    monkeypatch.setattr(profiles, "_HERE", package)
    assert shipped_names("profiles") == ["site-weather.csv"]
    assert shipped_names("parks") == []
    assert shipped("profiles", "site-weather.csv") == shelf / "site-weather.csv"
    assert shipped("profiles", "../site-weather.csv") is None
    assert locate("builtin:site-weather.csv", base=Path("/nowhere")) == shelf / "site-weather.csv"
    with pytest.raises(InputError, match="Did you mean 'site-weather"):
        locate("builtin:site-wether.csv", base=tmp_path)


def test_a_neighbour_of_an_installed_package_is_not_taken(tmp_path, monkeypatch):
    (tmp_path / "parksim" / "_shipped" / "parks").mkdir(parents=True)
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "other.csv").write_text("x")
    monkeypatch.setattr(profiles, "_HERE", tmp_path / "parksim")
    assert shipped_names("profiles") == []


# --- measured records

RECORDS = Path(__file__).parents[2] / "shared" / "data"


@pytest.mark.records
@pytest.mark.skipif(not RECORDS.is_dir(), reason="no measured records beside the checkout")
def test_metered_year_of_a_steel_plant():
    ref = ProfileRef(
        file="load/uci_steel_industry_hourly_2018.csv", column="active_kwh", unit="kW", clock="+09:00", map_year=True
    )
    korean = ProfileReader(base=RECORDS, time=TimeAxis(year=2018, clock="+09:00"))
    found = korean.resolve(ref, unit="MW", where=WHERE)
    table = pd.read_csv(RECORDS / ref.file)
    np.testing.assert_allclose(found.values, table["active_kwh"] / 1000.0, rtol=1e-12)
    assert found.note == f"{ref.file}, column active_kwh"
    # load factor of the plant by the project's table of facts: 0.19
    assert found.values.mean() / found.values.max() == pytest.approx(0.19, abs=0.05)
    with pytest.warns(ParksimWarning, match="wrapped"):
        chinese = ProfileReader(base=RECORDS, time=TimeAxis(year=2018)).resolve(ref, unit="MW", where=WHERE)
    np.testing.assert_array_equal(chinese.values, np.roll(found.values, -1))
