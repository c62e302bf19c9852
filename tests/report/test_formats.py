import pandas as pd
import pytest
from babel import Locale
from babel.dates import format_date
from babel.numbers import get_decimal_symbol, get_group_symbol

from parksim.report import formats as f
from parksim.report.words import GROUPS, speaking


def plain(text):
    return text.replace(f.THIN, " ")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0"),
        (999.4, "999"),
        (999.6, "1 000"),
        (1234.0, "1 230"),
        (0.04567, "0.0457"),
        (-45.678, "−45.7"),
        (1e6, "1 000 000"),
    ],
)
def test_three_significant_figures(value, shown):
    assert plain(f.sig(value)) == shown


def test_a_number_that_is_none_is_a_dash():
    assert f.sig(float("nan")) == f.fixed(float("inf"), 1) == "–"


@pytest.mark.parametrize(
    ("mwh", "shown"),
    [
        (9_990.0, "9 990 MWh"),
        (9_999.0, "10.0 GWh"),
        (683_343.0, "683 GWh"),
        (999_700.0, "1.00 TWh"),
        (0.42, "0.420 MWh"),
    ],
)
def test_energy_changes_its_unit_where_three_figures_would_cross(mwh, shown):
    assert plain(f.energy(mwh)) == shown


def test_money_power_and_mass():
    assert plain(f.money(999_400.0)) == "999 000 CNY"
    assert plain(f.money(1_000_000.0)) == "1.00 million CNY"
    assert plain(f.power(12_345.0)) == "12.3 GW"
    assert plain(f.mass(900_000.0)) == "900 000 t"
    assert plain(f.per_kwh(395.1)) == "0.395 CNY/kWh"


def test_a_small_negative_number_does_not_show_a_minus_before_zero():
    assert f.fixed(-0.04, 1) == "0.0"


def test_values_of_the_park_file_are_written_in_full():
    assert f.plain_number(0.9229) == "0.9229"
    assert plain(f.plain_number(1_400_000.0)) == "1 400 000"
    assert f.plain_number(-0.0035) == "−0.0035"


def test_units_and_dates():
    assert [f.unit_text(u) for u in ("CNY MWh-1", "h-1", "1", "degC", "MWh")] == ["CNY/MWh", "1/h", "", "°C", "MWh"]
    assert f.date(pd.Timestamp("2025-02-03")) == "3 February 2025"
    assert f.month_short(pd.Timestamp("2025-02-03"), year=True) == "Feb 2025"


def test_plain_text_keeps_what_an_old_terminal_can_show():
    told = f.to_plain(f"{f.energy(12_345.0)} −1 CO₂ a–b 储能")
    assert told == "12.3 GWh -1 CO2 a-b 储能"
    assert told.encode("gbk")


@pytest.fixture
def chinese():
    with speaking("zh"):
        yield


@pytest.mark.parametrize(
    ("mwh", "shown"),
    [
        (0.42, "0.420MWh"),
        (999.4, "999MWh"),
        (999.5, "100万kWh"),
        (12_440.0, "1,240万kWh"),
        (99_940.0, "9,990万kWh"),
        (99_960.0, "1.00亿kWh"),
        (1_400_000.0, "14.0亿kWh"),
        (-15_000.0, "−1,500万kWh"),
    ],
)
def test_chinese_energy_goes_by_ten_thousands(mwh, shown, chinese):
    assert f.energy(mwh) == shown


def test_chinese_money_mass_prices_and_shares(chinese):
    assert [f.money(cny) for cny in (1_700.0, 9_996.0, 75_000_000.0, 553_192_878.0)] == [
        "1,700元",
        "1.00万元",
        "7,500万元",
        "5.53亿元",
    ]
    assert [f.mass(t) for t in (4_810.0, 900_000.0)] == ["4,810吨", "90.0万吨"]
    assert f.per_kwh(395.1) == "0.395元/kWh"
    assert f.factor(0.5306) == "0.5306kgCO₂/kWh"
    assert (f.power(195.0), f.percent(0.479)) == ("195MW", "47.9%")
    assert [f.unit_text(unit) for unit in ("CNY MWh-1", "CNY MW-1 month-1", "year")] == ["元/MWh", "元/(MW·月)", "年"]
    assert f.energy_scale(1.4e6) == (10.0, "万kWh")
    assert f.money_scale(5.5e8) == (1e4, "万元")
    assert f.listed(["a", "b", "c"]) == "a、b和c"


@pytest.mark.parametrize(
    ("steps", "unit"), [("energy", "Wh"), ("money", ""), ("mass", ""), ("energy_scale", "Wh"), ("money_scale", "")]
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_units_are_as_large_as_they_say(language, steps, unit):
    """Sizes hold against what the names of the units mean."""
    means = {
        "": 1,
        "k": 1e3,
        "M": 1e6,
        "G": 1e9,
        "T": 1e12,
        "万": 1e4,
        "亿": 1e8,
        "万k": 1e7,
        "亿k": 1e11,
        "million ": 1e6,
    }
    base = 1e6 if unit == "Wh" else 1.0  # sizes are in MWh, CNY and t
    found = getattr(f.WRITING[language], steps)
    assert [size * base for _, size, _ in found] == [
        means[name.removesuffix(unit).removesuffix("CNY").removesuffix("元").removesuffix("吨").removesuffix("t")]
        for _, _, name in found
    ]
    assert [least for least, _, _ in found] == sorted((least for least, _, _ in found), reverse=True)
    assert found[-1][0] == 0.0


def test_chinese_dates_and_numbers_are_those_of_the_locale_data(chinese):
    day = pd.Timestamp("2025-07-14 18:00")
    assert f.date(day) == format_date(day, "long", locale="zh") == "2025年7月14日"
    assert f.date_short(day) == "7月14日"
    assert f.date_time(day) == "2025年7月14日18:00"
    assert f.month_short(day, year=True) == "2025年7月"
    assert f.names_of_days("weekday") == ["周日", "周一", "周二", "周三", "周四", "周五", "周六"]
    assert f.names_of_months("month") == list(Locale("zh").months["format"]["abbreviated"].values())
    assert GROUPS["zh"] == get_group_symbol("zh")
    assert get_decimal_symbol("zh") == "."


def test_english_months_and_days_are_those_of_the_locale_data():
    locale = Locale("en")
    assert f.names_of_months("month") == list(locale.months["format"]["wide"].values())
    assert f.names_of_months("month_short")[:3] == ["Jan", "Feb", "Mar"]
    assert f.names_of_days("weekday") == ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]


def test_names_the_planner_gave_stand_in_their_language():
    assert f.titled("Battery", "储能") == "Battery (储能)"
    assert f.titled("Battery", "储能", both=False) == "Battery"
    assert f.titled("Battery", "") == "Battery"
    with speaking("zh"):
        assert f.titled("Battery", "储能") == "储能"
        assert f.titled("Battery", "") == "Battery"
