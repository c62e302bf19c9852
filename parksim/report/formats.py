"""Numbers, units and dates as the report writes them: three significant figures, thin spaces, MWh then GWh then TWh."""

import math
from collections.abc import Sequence

import pandas as pd

from parksim.report.words import say

THIN = "\u202f"
"""Narrow space that does not break: between thousands, and between a value and its unit."""

MINUS = "\u2212"

_BROAD = 0x2E7F
"""Signs after this one are as wide as two letters."""

_ENERGY = ((1e6, "TWh"), (1e3, "GWh"), (1.0, "MWh"))
_PLAIN = str.maketrans({THIN: " ", "\u00a0": " ", MINUS: "-", "\u2013": "-", "\u2082": "2", "\u00d7": "x"})


def _grouped(text: str) -> str:
    """Put thin spaces between the thousands of a plain decimal number."""
    whole, point, rest = text.partition(".")
    return f"{int(whole):,}".replace(",", THIN) + point + rest


def fixed(value: float, decimals: int) -> str:
    """Write a number with fixed decimals.

    Examples
    --------
    >>> fixed(-1234.56, 1).replace(THIN, " ")
    '−1 234.6'
    """
    if not math.isfinite(value):
        return "\u2013"
    text = f"{abs(value):.{decimals}f}"
    sign = MINUS if value < 0 and float(text) != 0 else ""
    return sign + _grouped(text)


def sig(value: float, digits: int = 3) -> str:
    """Write a number with significant figures.

    Examples
    --------
    >>> sig(123456).replace(THIN, " "), sig(0.39514), sig(99.96), sig(0.0), sig(-4.5)
    ('123 000', '0.395', '100', '0', '−4.50')
    """
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else "\u2013"
    size = math.floor(math.log10(abs(value)))
    rounded = round(value, digits - 1 - size)
    size = math.floor(math.log10(abs(rounded)))
    return fixed(rounded, max(0, digits - 1 - size))


def plain_number(value: float) -> str:
    """Write a number as given, in full.

    Examples
    --------
    >>> plain_number(0.5306), plain_number(1400000.0).replace(THIN, " "), plain_number(2e-05)
    ('0.5306', '1 400 000', '0.00002')
    """
    text = f"{value:.10g}"
    if "e" in text and 1e-9 <= abs(value) < 1e15:
        text = f"{value:.15f}".rstrip("0").rstrip(".")
    return text if "e" in text else (MINUS if value < 0 else "") + _grouped(text.lstrip("-"))


def whole(value: float) -> str:
    """Write a count.

    Examples
    --------
    >>> whole(8760).replace(THIN, " ")
    '8 760'
    """
    return fixed(round(value), 0)


def united(number: str, unit: str) -> str:
    """Join a number and its unit."""
    return f"{number}{THIN}{unit}"


def percent(fraction: float, digits: int = 3) -> str:
    """Write a fraction in per cent.

    Examples
    --------
    >>> percent(0.48810).replace(THIN, " ")
    '48.8 %'
    """
    return united(sig(100.0 * fraction, digits), "%")


def energy(mwh: float) -> str:
    """Write an energy: MWh up to 9,999, then GWh, then TWh.

    Examples
    --------
    >>> [energy(e).replace(THIN, " ") for e in (9999.0, 12345.0, 1.4e6)]
    ['10.0 GWh', '12.3 GWh', '1.40 TWh']
    """
    number, unit = energy_parts(mwh)
    return united(number, unit)


def energy_parts(mwh: float) -> tuple[str, str]:
    """Give number and unit of an energy apart."""
    size = abs(mwh)
    if size >= 9_995.0:  # three figures would write 10 000 MWh
        factor, unit = _ENERGY[0] if size >= 999_500.0 else _ENERGY[1]
        return sig(mwh / factor), unit
    return sig(mwh), "MWh"


def energy_scale(largest_mwh: float) -> tuple[float, str]:
    """Choose one unit for a table or an axis: its size [MWh] and its name."""
    size = abs(largest_mwh)
    if size < 1e4:
        return _ENERGY[2]
    return _ENERGY[1] if size < 1e7 else _ENERGY[0]


def power(mw: float) -> str:
    """Write a power: MW up to 9,999, then GW."""
    return united(sig(mw / 1e3), "GW") if abs(mw) >= 9_995.0 else united(sig(mw), "MW")


def money(cny: float) -> str:
    """Write money: CNY below a million, then million CNY.

    Examples
    --------
    >>> money(553192878.2).replace(THIN, " "), money(1700.0).replace(THIN, " ")
    ('553 million CNY', '1 700 CNY')
    """
    number, unit = money_parts(cny)
    return united(number, unit)


def money_parts(cny: float) -> tuple[str, str]:
    """Give number and unit of a sum of money apart."""
    return (sig(cny / 1e6), say("unit.million_cny")) if abs(cny) >= 999_500.0 else (sig(cny), "CNY")


def money_scale(largest_cny: float) -> tuple[float, str]:
    """Choose one unit for a table or an axis: its size [CNY] and its name."""
    return (1e6, say("unit.million_cny")) if abs(largest_cny) >= 1e6 else (1.0, "CNY")


def per_kwh(cny_per_mwh: float) -> str:
    """Write a price per kWh, from one per MWh."""
    return united(sig(cny_per_mwh / 1e3), "CNY/kWh")


def mass(tonnes: float) -> str:
    """Write a mass of CO2."""
    return united(sig(tonnes), "t")


def factor(t_per_mwh: float) -> str:
    """Write an emission factor as published, in full."""
    return united(plain_number(t_per_mwh), "t/MWh")


def decimals_for(largest: float) -> int:
    """Decimals that show the largest of a column in four figures, so that the column lines up and adds up."""
    if largest == 0 or not math.isfinite(largest):
        return 0
    return min(3, max(0, 3 - math.floor(math.log10(abs(largest))))) if abs(largest) < 1e3 else 1


_UNITS = {
    "1": "",
    "degC": "°C",
    "deg": "°",
    "year": "years",
    "K-1": "1/K",
    "h-1": "1/h",
    "m s-1": "m/s",
    "m3 s-1": "m³/s",
    "m2": "m²",
    "W m-2": "W/m²",
    "kWh kg-1": "kWh/kg",
    "t MWh-1": "t/MWh",
    "CNY MW-1 month-1": "CNY/(MW month)",
}


def unit_text(unit: str) -> str:
    """Write a unit of the park file as a reader expects it.

    Examples
    --------
    >>> unit_text("CNY MWh-1"), unit_text("MW"), unit_text("1")
    ('CNY/MWh', 'MW', '')
    """
    if unit in _UNITS:
        return _UNITS[unit]
    head, _, tail = unit.partition(" ")
    return f"{head}/{tail[:-2]}" if tail.endswith("-1") and " " not in tail else unit


def month_name(stamp: pd.Timestamp) -> str:
    """Name the month."""
    return say(f"calendar.month.{stamp.month}")


def month_short(stamp: pd.Timestamp, *, year: bool) -> str:
    """Name the month shortly, with its year where the horizon has several."""
    short = say(f"calendar.month_short.{stamp.month}")
    return f"{short} {stamp.year}" if year else short


def weekdays() -> list[str]:
    """Name the days of the week shortly, Sunday first."""
    return [say(f"calendar.weekday.{day}") for day in (6, 0, 1, 2, 3, 4, 5)]


def date(stamp: pd.Timestamp) -> str:
    """Write a date."""
    return say("date.long", day=stamp.day, month=month_name(stamp), year=stamp.year)


def date_short(stamp: pd.Timestamp) -> str:
    """Write a date without its year."""
    return say("date.short", day=stamp.day, month=say(f"calendar.month_short.{stamp.month}"))


def listed(items: Sequence[str]) -> str:
    """Join words to a list.

    Examples
    --------
    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    if len(items) < 2:
        return "".join(items)
    return ", ".join(items[:-1]) + say("list.and") + items[-1]


def columns(text: str) -> int:
    """Count the columns a text takes; a Chinese sign takes two.

    Examples
    --------
    >>> columns("PV 光伏")
    7
    """
    return sum(2 if ord(sign) > _BROAD else 1 for sign in text)


def shortened(text: str, width: int) -> str:
    """Cut a text to so many columns."""
    wide = 0
    for place, sign in enumerate(text):
        wide += columns(sign)
        if wide > width:
            return text[:place] + "…"
    return text


def wrapped(text: str, width: int, *, lines: int) -> list[str]:
    """Break a text at spaces into lines of so many columns; the last is cut.

    Examples
    --------
    >>> wrapped("Contracted hydro, not taken", 16, lines=2)
    ['Contracted', 'hydro, not taken']
    """
    found: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if line and columns(longer) > width and len(found) < lines - 1:
            found.append(line)
            longer = word
        line = longer
    return [*found, shortened(line, width)]


def to_plain(text: str) -> str:
    """Replace what a terminal may not be able to show: thin spaces, the minus sign, dashes, the small two of CO2."""
    return text.translate(_PLAIN)
