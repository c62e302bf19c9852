"""Numbers, units and dates as the report writes them, in the language of the moment: three significant figures.

In English: thin spaces between thousands and before units, MWh then GWh then TWh, CNY then million CNY.

In Chinese, as planners and notices write: no space before a unit; energy in MWh up to 999, then 万kWh and 亿kWh (10 MWh
and 100 GWh); power in MW, as the park file has it; money in 元, 万元, 亿元; CO2 in 吨 and 万吨; emission factors in
kgCO₂/kWh, as they are published, which is the same number as t/MWh; dates as 2025年7月14日.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import pandas as pd

from parksim.report.catalogue import Language
from parksim.report.words import GROUPS, language, say, term

THIN = "\u202f"
"""Narrow space that does not break: between thousands, and between a value and its unit."""

MINUS = "\u2212"

NOISE = 1e-10
"""Numbers nearer to nothing than this are rounding, in whatever unit a page has."""

Steps = tuple[tuple[float, float, str], ...]
"""From which size on, the size of the unit, and the unit; the largest first."""


@dataclass(frozen=True)
class Writing:
    """How a language writes numbers.

    Parameters
    ----------
    gap
        What stands between a number and its unit.
    energy, money, mass
        Units by the size of one number, in MWh, CNY and t.
    energy_scale, money_scale, mass_scale
        Units by the largest number of a table or an axis.
    """

    gap: str
    energy: Steps
    money: Steps
    mass: Steps
    energy_scale: Steps
    money_scale: Steps
    mass_scale: Steps


# From 9,995 on three figures would write 10 000 of the unit below.
WRITING: dict[Language, Writing] = {
    "en": Writing(
        gap=THIN,
        energy=((999_500.0, 1e6, "TWh"), (9_995.0, 1e3, "GWh"), (0.0, 1.0, "MWh")),
        money=((999_500.0, 1e6, "million CNY"), (0.0, 1.0, "CNY")),
        mass=((0.0, 1.0, "t"),),
        energy_scale=((1e7, 1e6, "TWh"), (1e4, 1e3, "GWh"), (0.0, 1.0, "MWh")),
        money_scale=((1e6, 1e6, "million CNY"), (0.0, 1.0, "CNY")),
        mass_scale=((0.0, 1.0, "t"),),
    ),
    "zh": Writing(
        gap="",
        energy=((99_950.0, 1e5, "亿kWh"), (999.5, 10.0, "万kWh"), (0.0, 1.0, "MWh")),
        money=((99_950_000.0, 1e8, "亿元"), (9_995.0, 1e4, "万元"), (0.0, 1.0, "元")),
        mass=((9_995.0, 1e4, "万吨"), (0.0, 1.0, "吨")),
        energy_scale=((1e7, 1e5, "亿kWh"), (1e3, 10.0, "万kWh"), (0.0, 1.0, "MWh")),
        money_scale=((1e6, 1e4, "万元"), (0.0, 1.0, "元")),
        mass_scale=((1e5, 1e4, "万吨"), (0.0, 1.0, "吨")),
    ),
}
"""Language to how it writes numbers."""

_PLAIN = str.maketrans({THIN: " ", "\u00a0": " ", MINUS: "-", "\u2013": "-", "\u2082": "2", "\u00d7": "x"})


def writing() -> Writing:
    """Give how the language of the moment writes numbers."""
    return WRITING[language()]


def _step(size: float, steps: Steps) -> tuple[float, str]:
    """Choose size and name of the unit for a number; what is no number has the smallest."""
    return next(((unit, name) for least, unit, name in steps if size >= least), steps[-1][1:])


def _grouped(text: str) -> str:
    """Put the sign of the language between the thousands of a plain decimal number."""
    whole, point, rest = text.partition(".")
    return f"{int(whole):,}".replace(",", GROUPS[language()]) + point + rest


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
    >>> sig(123456).replace(THIN, " "), sig(0.39514), sig(99.96), sig(0.0), sig(-4.5), sig(-2e-14)
    ('123 000', '0.395', '100', '0', '−4.50', '0')
    """
    if abs(value) < NOISE or not math.isfinite(value):
        return "0" if abs(value) < NOISE else "\u2013"
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
    """Join a number and its unit.

    Examples
    --------
    >>> united("40", "MW").replace(THIN, " "), united("0.4", "CNY/kWh").replace(THIN, " ")
    ('40 MW', '0.4 CNY/kWh')
    """
    return f"{number}{writing().gap}{unit_name(unit)}"


def unit_name(unit: str) -> str:
    """Name a unit in the language of the moment; one that the catalogue does not know is the same in all."""
    return term(f"unit.{unit}", otherwise=unit)


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
    size, unit = _step(abs(mwh), writing().energy)
    return sig(mwh / size), unit


def energy_scale(largest_mwh: float) -> tuple[float, str]:
    """Choose one unit for a table or an axis: its size [MWh] and its name."""
    return _step(abs(largest_mwh), writing().energy_scale)


def power(mw: float) -> str:
    """Write a power: MW up to 9,999, then GW."""
    number, unit = power_parts(mw)
    return united(number, unit)


def power_parts(mw: float) -> tuple[str, str]:
    """Give number and unit of a power apart."""
    return (sig(mw / 1e3), "GW") if abs(mw) >= 9_995.0 else (sig(mw), "MW")


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
    size, unit = _step(abs(cny), writing().money)
    return sig(cny / size), unit


def money_scale(largest_cny: float) -> tuple[float, str]:
    """Choose one unit for a table or an axis: its size [CNY] and its name."""
    return _step(abs(largest_cny), writing().money_scale)


def per_kwh(cny_per_mwh: float) -> str:
    """Write a price per kWh, from one per MWh."""
    return united(sig(cny_per_mwh / 1e3), "CNY/kWh")


def mass(tonnes: float) -> str:
    """Write a mass of CO2."""
    number, unit = mass_parts(tonnes)
    return united(number, unit)


def mass_parts(tonnes: float) -> tuple[str, str]:
    """Give number and unit of a mass of CO2 apart."""
    size, unit = _step(abs(tonnes), writing().mass)
    return sig(tonnes / size), unit


def mass_scale(largest_t: float) -> tuple[float, str]:
    """Choose one unit for a table or an axis: its size [t] and its name."""
    return _step(abs(largest_t), writing().mass_scale)


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
        return unit_name(_UNITS[unit])
    head, _, tail = unit.partition(" ")
    return unit_name(f"{head}/{tail[:-2]}" if tail.endswith("-1") and " " not in tail else unit)


def month_name(stamp: pd.Timestamp) -> str:
    """Name the month."""
    return say(f"calendar.month.{stamp.month}")


def month_short(stamp: pd.Timestamp, *, year: bool) -> str:
    """Name the month shortly, with its year where the horizon has several."""
    short = say(f"calendar.month_short.{stamp.month}")
    return say("date.month", month=short, year=stamp.year) if year else short


def names_of_days(width: str) -> list[str]:
    """Name the days of the week, Sunday first; ``width`` is ``weekday`` or ``weekday_wide``."""
    return [say(f"calendar.{width}.{day}") for day in (6, 0, 1, 2, 3, 4, 5)]


def names_of_months(width: str) -> list[str]:
    """Name the months; ``width`` is ``month`` or ``month_short``."""
    return [say(f"calendar.{width}.{month}") for month in range(1, 13)]


def date(stamp: pd.Timestamp) -> str:
    """Write a date."""
    return say("date.long", day=stamp.day, month=month_name(stamp), year=stamp.year)


def date_short(stamp: pd.Timestamp) -> str:
    """Write a date without its year."""
    return say("date.short", day=stamp.day, month=say(f"calendar.month_short.{stamp.month}"))


def date_time(stamp: pd.Timestamp, *, year: bool = True) -> str:
    """Write a date with the time of day."""
    return say("date.time", date=date(stamp) if year else date_short(stamp), time=stamp.strftime("%H:%M"))


def titled(title: str, title_zh: str, *, both: bool = True) -> str:
    """Write a name that the planner gave, in the language of the moment; in English the Chinese may stand beside it.

    Examples
    --------
    >>> titled("Battery", "储能"), titled("Battery", "储能", both=False), titled("Battery", "")
    ('Battery (储能)', 'Battery', 'Battery')
    """
    if language() == "zh":
        return title_zh or title
    return f"{title} ({title_zh})" if both and title_zh else title


def listed(items: Sequence[str]) -> str:
    """Join words to a list.

    Examples
    --------
    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    if len(items) < 2:
        return "".join(items)
    return say("list.comma").join(items[:-1]) + say("list.and") + items[-1]


def points(items: Sequence[str]) -> str:
    """Join phrases that have commas of their own.

    Examples
    --------
    >>> points(["a, b", "c"])
    'a, b; c'
    """
    return say("list.semicolon").join(items)


def sentences(items: Sequence[str]) -> str:
    """Put sentences one after the other.

    Examples
    --------
    >>> sentences(["One.", "Two."])
    'One. Two.'
    """
    return reduce(lambda first, second: say("list.sentences", first=first, second=second), items) if items else ""


def capital(text: str) -> str:
    """Begin with a capital letter."""
    return text[:1].upper() + text[1:]


def hover(name: str, number: str, unit: str) -> str:
    """Write what plotly shows at a point: a name and a number, each text or what plotly fills in.

    Examples
    --------
    >>> hover("Grid", "%{y:,.4~r}", "MW").replace(THIN, " ")
    'Grid: %{y:,.4~r} MW<extra></extra>'
    """
    return say("chart.point", name=name, value=united(number, unit)) + "<extra></extra>"


def to_plain(text: str) -> str:
    """Replace what a terminal may not be able to show: thin spaces, the minus sign, dashes, the small two of CO2."""
    return text.translate(_PLAIN)
