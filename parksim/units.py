"""Units, conversion constants and the glossary of names.

Inside parksim: power MW, energy MWh, money CNY, time h, temperature °C, mass t, emissions t CO2, shares as fractions.
Names carry their unit as a suffix; ``SUFFIX_OF_UNIT`` is the one table of suffixes.
"""

import re
from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray

KELVIN = 273.15
"""0 °C [K]; BIPM, SI brochure."""

GRAVITY_M_PER_S2 = 9.81
"""Acceleration of free fall as used in hydropower formulas [m s-2]."""

GJ_PER_TCE = 29.307
"""Heat of a tonne of coal equivalent (标准煤) [GJ tce-1]; GB/T 2589: 1 kgce = 29,307 kJ."""

CALORIFIC_TCE_PER_MWH = 0.1229
"""Coal equivalent of electricity by its heat (当量值) [tce MWh-1]; GB/T 2589."""

SUFFIX_OF_UNIT: dict[str, tuple[str, ...]] = {
    "MW": ("_mw",),
    "MVA": ("_mva",),
    "MWh": ("_mwh",),
    "CNY": ("_cny",),
    "CNY year-1": ("_cny_per_year",),
    "CNY MWh-1": ("_cny_per_mwh",),
    "CNY MW-1": ("_cny_per_mw",),
    "CNY MW-1 month-1": ("_cny_per_mw_month",),
    "GJ": ("_gj",),
    "GJ t-1": ("_gj_per_t",),
    "GJ m-3": ("_gj_per_m3",),
    "tce": ("_tce",),
    "tce MWh-1": ("_tce_per_mwh",),
    "t": ("_t",),
    "t GJ-1": ("_t_per_gj",),
    "t tce-1": ("_t_per_tce",),
    "t MWh-1": ("_t_per_mwh",),
    "t MW-1": ("_t_per_mw",),
    "kg": ("_kg",),
    "kWh kg-1": ("_kwh_per_kg",),
    "h": ("_h",),
    "year": ("_years",),
    "degC": ("_c",),
    "K": ("_k",),
    "K-1": ("_per_k",),
    "m": ("_m",),
    "m2": ("_m2",),
    "m3": ("_m3",),
    "m s-1": ("_m_per_s",),
    "m3 s-1": ("_m3_per_s",),
    "deg": ("_deg",),
    "h-1": ("_per_h",),
    "W m-2": ("_w_per_m2",),
    "W m-2 K-1": ("_w_per_m2_k",),
    "MW MW-1": ("_mw_per_mw",),
    "MWh MW-1": ("_mwh_per_mw",),
    "min": ("_minutes",),
    "1": ("_fraction", "_ratio", "_factor", "_exponent", "_share"),
}
"""Unit to the suffixes its names may end in; plain names of unit ``1`` are allowed, such as ``eff_in``."""

_TO_BASE: dict[str, tuple[str, float, float]] = {
    # written unit: (base unit, factor, offset)
    "MW": ("MW", 1.0, 0.0),
    "kW": ("MW", 1e-3, 0.0),
    "W": ("MW", 1e-6, 0.0),
    "GW": ("MW", 1e3, 0.0),
    "MWh": ("MWh", 1.0, 0.0),
    "kWh": ("MWh", 1e-3, 0.0),
    "GWh": ("MWh", 1e3, 0.0),
    "CNY MWh-1": ("CNY MWh-1", 1.0, 0.0),
    "CNY kWh-1": ("CNY MWh-1", 1e3, 0.0),
    "degC": ("degC", 1.0, 0.0),
    "K": ("degC", 1.0, -KELVIN),
    "m": ("m", 1.0, 0.0),
    "m s-1": ("m s-1", 1.0, 0.0),
    "km h-1": ("m s-1", 1.0 / 3.6, 0.0),
    "m3 s-1": ("m3 s-1", 1.0, 0.0),
    "W m-2": ("W m-2", 1.0, 0.0),
    "kW m-2": ("W m-2", 1e3, 0.0),
    "1": ("1", 1.0, 0.0),
    "%": ("1", 1e-2, 0.0),
    "t MWh-1": ("t MWh-1", 1.0, 0.0),
    "kg kWh-1": ("t MWh-1", 1.0, 0.0),
}

_ALIASES = {
    "": "1",
    "-": "1",
    "p.u.": "1",
    "pu": "1",
    "percent": "%",
    "°C": "degC",
    "C": "degC",
    "W/m2": "W m-2",
    "W/m²": "W m-2",
    "kW/m2": "kW m-2",
    "m/s": "m s-1",
    "km/h": "km h-1",
    "m3/s": "m3 s-1",
    "m³/s": "m3 s-1",
    "CNY/MWh": "CNY MWh-1",
    "CNY/kWh": "CNY kWh-1",
    "元/kWh": "CNY kWh-1",
    "元/MWh": "CNY MWh-1",
    "t/MWh": "t MWh-1",
    "kg/kWh": "kg kWh-1",
}


class UnitError(ValueError):
    """A unit that is unknown, or that measures something else."""


def convert(values: NDArray[np.float64], *, unit: str, to: str) -> NDArray[np.float64]:
    """Convert ``values`` written in ``unit`` to the base unit ``to``.

    Parameters
    ----------
    values
        Any shape [``unit``].
    unit
        The unit as written, for example ``kW`` or ``°C``.
    to
        A base unit of parksim, for example ``MW`` or ``degC``.

    Returns
    -------
    ndarray
        Same shape [``to``].

    Raises
    ------
    UnitError
        If the unit is unknown or measures another quantity.

    Examples
    --------
    >>> convert(np.array([1500.0]), unit="kW", to="MW")
    array([1.5])
    """
    written = _ALIASES.get(unit.strip(), unit.strip())
    if written not in _TO_BASE:
        known = {name.lower(): name for name in (*_ALIASES, *_TO_BASE)}
        near = get_close_matches(written.lower(), known, n=1)
        hint = f" Did you mean {known[near[0]]!r}?" if near else ""
        msg = f"unknown unit {unit!r}.{hint}"
        raise UnitError(msg)
    base, factor, offset = _TO_BASE[written]
    if base != to:
        msg = f"unit {unit!r} measures {base!r}, not {to!r}."
        raise UnitError(msg)
    return values * factor + offset


_LABEL = re.compile(r"^\s*(?P<name>.*?)\s*(?:\[(?P<unit>[^\]]*)\])?\s*$")


def split_label(label: str) -> tuple[str, str | None]:
    """Split a column label such as ``ghi [W m-2]`` into name and unit.

    Examples
    --------
    >>> split_label("ghi [W m-2]")
    ('ghi', 'W m-2')
    >>> split_label("ghi")
    ('ghi', None)
    """
    match = _LABEL.match(label)
    if match is None:
        return label.strip(), None
    return match["name"], match["unit"]


def suffix_fits(name: str, unit: str) -> bool:
    """Whether a field's name carries the suffix of its unit (names of unit ``1`` may go without).

    The longest suffix counts: ``price_cny_per_mwh`` is no energy.

    Examples
    --------
    >>> suffix_fits("power_max_mw", "MW"), suffix_fits("power_max", "MW"), suffix_fits("eff_in", "1")
    (True, False, True)
    >>> suffix_fits("price_cny_per_mwh", "MWh")
    False
    """
    written = {suffix: u for u, many in SUFFIX_OF_UNIT.items() for suffix in many if name.endswith(suffix)}
    return written[max(written, key=len)] == unit if written else unit == "1"


GLOSSARY: dict[str, str] = {
    "power_max": "rated power, the most a component can do",
    "energy_max": "usable energy of a store between empty and full",
    "price": "money per energy moved",
    "eff_in, eff_out": "efficiency of charging and of discharging",
    "gain": "output per input of a conversion or of charging a store",
    "drain": "energy a store loses per energy it delivers",
    "keep": "share of a store's content that survives one step",
    "available": "share of the rating that nature or contract allows in a step",
    "start, end": "first and last moment of the horizon",
    "min, max": "limits",
    "share": "a part of a whole, as a fraction",
}
"""Words that names are made of; a word not in it is added or not used."""
