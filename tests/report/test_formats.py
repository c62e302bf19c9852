import pandas as pd
import pytest

from parksim.report import formats as f


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
