"""Kinds of days and the festivals, against notices of the State Council and the almanac."""

from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from parksim import calendar_cn
from parksim.calendar_cn import DayKind, day_kinds, festival_factor, lunar_new_year, season_factor

# First days of the lunar years, from the almanac (Hong Kong Observatory, Gregorian-lunar conversion table).
LUNAR_NEW_YEARS = {
    2004: (1, 22), 2005: (2, 9), 2006: (1, 29), 2007: (2, 18), 2008: (2, 7), 2009: (1, 26), 2010: (2, 14),
    2011: (2, 3), 2012: (1, 23), 2013: (2, 10), 2014: (1, 31), 2015: (2, 19), 2016: (2, 8), 2017: (1, 28),
    2018: (2, 16), 2019: (2, 5), 2020: (1, 25), 2021: (2, 12), 2022: (2, 1), 2023: (1, 22), 2024: (2, 10),
    2025: (1, 29), 2026: (2, 17),
}  # fmt: skip

MIXED = {
    "spring_factor": 0.4, "spring_days": 8, "spring_lead_days": 1, "spring_ramp_days": 5,
    "national_factor": 0.85, "national_days": 4,
}  # fmt: skip


def kind(*day):
    kinds, unknown = day_kinds([date(*day)])
    assert unknown == ()
    return DayKind(kinds[0])


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ((2025, 6, 4), DayKind.WORKDAY),
        ((2025, 6, 7), DayKind.SATURDAY),
        ((2025, 6, 8), DayKind.SUNDAY),
        ((2025, 5, 1), DayKind.HOLIDAY),
        ((2025, 5, 2), DayKind.HOLIDAY),  # day off in exchange
        ((2025, 4, 27), DayKind.WORKDAY),  # Sunday worked for it
        ((2025, 1, 26), DayKind.WORKDAY),  # Sunday worked for Spring Festival
        ((2025, 2, 8), DayKind.WORKDAY),  # Saturday worked for Spring Festival
        ((2025, 1, 28), DayKind.SPRING_FESTIVAL),
        ((2025, 2, 1), DayKind.SPRING_FESTIVAL),  # a Saturday within
        ((2025, 2, 4), DayKind.SPRING_FESTIVAL),
        ((2025, 2, 5), DayKind.WORKDAY),
        ((2025, 10, 1), DayKind.NATIONAL_DAY),
        ((2025, 10, 6), DayKind.NATIONAL_DAY),  # Mid-autumn Festival within the run
        ((2025, 10, 11), DayKind.WORKDAY),
        ((2023, 9, 29), DayKind.NATIONAL_DAY),  # the run of 2023 began with Mid-autumn Festival
        ((2026, 9, 25), DayKind.HOLIDAY),  # Mid-autumn Festival with three work days before National Day
        ((2020, 1, 31), DayKind.SPRING_FESTIVAL),  # the notice of 2020 was lengthened in the epidemic
    ],
)
def test_days_of_the_notices(day, expected):
    assert kind(*day) is expected


def test_notice_of_2025():
    # Guobanfamingdian 2024 No. 12: 28 days off besides plain weekends (1 + 8 + 3 + 5 + 3 + 8), 5 weekend days worked.
    days = pd.date_range("2025-01-01", "2025-12-31")
    kinds, unknown = day_kinds(days)
    assert unknown == ()
    assert kinds.dtype == np.int8
    assert (kinds >= DayKind.HOLIDAY).sum() == 28
    assert (kinds == DayKind.SPRING_FESTIVAL).sum() == 8
    assert (kinds == DayKind.NATIONAL_DAY).sum() == 8
    worked = (kinds == DayKind.WORKDAY) & (days.day_of_week >= 5)
    assert [str(day.date()) for day in days[worked]] == [
        "2025-01-26",
        "2025-02-08",
        "2025-04-27",
        "2025-09-28",
        "2025-10-11",
    ]
    # 261 weekdays, of which 18 are off (1 + 6 + 1 + 3 + 1 + 6), and 5 weekend days worked.
    assert (kinds == DayKind.WORKDAY).sum() == 248


def test_unknown_years_have_plain_weekends_and_are_named():
    days = pd.date_range("2090-12-25", "2091-10-10")
    kinds, unknown = day_kinds(days)
    assert unknown == (2090, 2091)
    weekday = days.day_of_week.to_numpy()
    np.testing.assert_array_equal(kinds, np.select([weekday == 5, weekday == 6], [1, 2], 0))
    assert (festival_factor(days, **MIXED) == 1.0).all()
    assert lunar_new_year(2091) is None


def test_a_known_and_an_unknown_year_together():
    kinds, unknown = day_kinds([date(2025, 10, 1), date(2095, 10, 1)])
    assert unknown == (2095,)
    assert list(kinds) == [DayKind.NATIONAL_DAY, DayKind.SATURDAY]
    assert list(festival_factor([date(2025, 10, 1), date(2095, 10, 1)], **MIXED)) == [0.85, 1.0]


def test_forms_of_dates_agree():
    plain = [date(2024, 2, 10), date(2024, 2, 18)]
    stamps = pd.DatetimeIndex(["2024-02-10 23:45", "2024-02-18 00:00"])
    for form in (stamps, stamps.tz_localize("Asia/Shanghai"), [datetime(2024, 2, 10, 5), date(2024, 2, 18)]):
        np.testing.assert_array_equal(day_kinds(form)[0], day_kinds(plain)[0])
        np.testing.assert_array_equal(festival_factor(form, **MIXED), festival_factor(plain, **MIXED))
    assert day_kinds([])[0].shape == (0,)
    for wrong in (["2024-02-10"], [pd.NaT], [20240210]):
        with pytest.raises(TypeError, match="dates"):
            day_kinds(wrong)


@pytest.mark.parametrize("year", sorted(LUNAR_NEW_YEARS))
def test_lunar_new_year(year):
    assert lunar_new_year(year) == date(year, *LUNAR_NEW_YEARS[year])


def test_new_moons_of_the_almanac():
    # New moon 2000-01-06 18:14 UT (next day in China); 1977-02-18 03:37 UT, example 49.a of Meeus.
    assert calendar_cn._new_moon(0) == date(2000, 1, 7)
    assert calendar_cn._new_moon(-283) == date(1977, 2, 18)


def test_spring_festival_core_and_ramps():
    # 2026: new year 17 February, core 16 to 23, ramps 11 to 15 and 24 to 28 of 1/6 steps from 0.4 to 1.
    days = pd.date_range("2026-02-10", "2026-03-01")
    down = [1.0, 0.9, 0.8, 0.7, 0.6, 0.5]
    expected = [*down, *[0.4] * 8, *down[:0:-1], 1.0]
    np.testing.assert_allclose(festival_factor(days, **MIXED), expected, rtol=1e-14)


def test_national_day():
    days = pd.date_range("2026-09-30", "2026-10-06")
    assert list(festival_factor(days, **MIXED)) == [1.0, 0.85, 0.85, 0.85, 0.85, 1.0, 1.0]


def test_no_days_no_reduction_and_no_ramp():
    days = pd.date_range("2025-01-01", "2025-12-31")
    assert (festival_factor(days, **(MIXED | {"spring_days": 0, "national_days": 0})) == 1.0).all()
    without_ramp = festival_factor(days, **(MIXED | {"spring_ramp_days": 0, "national_days": 0}))
    assert (without_ramp == 0.4).sum() == 8
    assert (without_ramp == 1.0).sum() == 357


def test_a_long_core_reaches_into_the_old_year():
    # New year 2023 on 22 January; 40 days before it is 13 December 2022.
    long = MIXED | {"spring_days": 45, "spring_lead_days": 40, "spring_ramp_days": 0}
    days = [date(2022, 12, 12), date(2022, 12, 13), date(2023, 1, 26), date(2023, 1, 27)]
    assert list(festival_factor(days, **long)) == [1.0, 0.4, 0.4, 1.0]


@pytest.mark.parametrize(
    "change", [{"spring_factor": -0.1}, {"national_factor": float("nan")}, {"spring_ramp_days": -1}]
)
def test_bad_parameters_are_refused(change):
    with pytest.raises(ValueError, match="must be 0 or more"):
        festival_factor([date(2025, 1, 1)], **(MIXED | change))


def test_seasons():
    days = [date(2025, 7, 14), date(2025, 7, 15), date(2025, 8, 31), date(2025, 9, 1), date(2025, 1, 3)]
    got = season_factor(days, seasons=[("07-15", "08-31", 0.4), ("12-20", "01-05", 0.7), ("08-30", "08-31", 0.3)])
    assert list(got) == [1.0, 0.4, 0.3, 1.0, 0.7]
    assert list(season_factor(days, seasons=[])) == [1.0] * 5
    with pytest.raises(ValueError, match="does not match"):
        season_factor(days, seasons=[("7月15", "08-31", 0.4)])
    with pytest.raises(ValueError, match="must be 0 or more"):
        season_factor(days, seasons=[("07-15", "08-31", -0.4)])


def test_every_known_year_is_whole():
    for year in LUNAR_NEW_YEARS:
        days = [date(year, 1, 1) + timedelta(days=i) for i in range(365)]
        kinds, _ = day_kinds(days)
        spring = [day for day, k in zip(days, kinds, strict=True) if k == DayKind.SPRING_FESTIVAL]
        assert 7 <= len(spring) <= 10
        assert (spring[-1] - spring[0]).days == len(spring) - 1
        assert lunar_new_year(year) in spring[:3]
        assert 7 <= (kinds == DayKind.NATIONAL_DAY).sum() <= 8
