"""The sun's position and its irradiance outside the atmosphere: a thin layer over pvlib.

Positions follow the Solar Position Algorithm (SPA) of NREL, in pvlib's NumPy form. Only its file ``pvlib/spa.py`` is
loaded: ``import pvlib`` loads all of pvlib and much of SciPy, which would cost every run a second for one function.
``tests/test_sun.py`` holds the result to pvlib's public functions.
"""

from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

SOLAR_CONSTANT_W_PER_M2 = 1366.1
"""Mean irradiance outside the atmosphere, as pvlib takes it [W m-2]."""

TEMPERATURE_C, DELTA_T_S, REFRACTION_DEG = 12.0, 67.0, 0.5667
"""What pvlib takes for the air temperature, for terrestrial less universal time, and for refraction at the horizon."""


def _load_spa() -> ModuleType:
    """Load pvlib's SPA without the rest of pvlib."""
    package = find_spec("pvlib")
    if package is None or package.origin is None:
        msg = "pvlib is not installed"
        raise ImportError(msg)
    spec = spec_from_file_location("parksim._pvlib_spa", Path(package.origin).with_name("spa.py"))
    if spec is None or spec.loader is None:
        msg = "pvlib has no spa.py; install a version that parksim knows"
        raise ImportError(msg)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_SPA = _load_spa()


@dataclass(frozen=True, eq=False)
class SunPosition:
    """Where the sun stands, per step; read-only float64 arrays, shape (time,).

    Parameters
    ----------
    zenith_deg
        Angle from the vertical, raised by refraction near the horizon; above 90 at night [deg].
    azimuth_deg
        Direction, clockwise from north [deg].
    dni_extra_w_per_m2
        Irradiance outside the atmosphere on a plane facing the sun, by day and by night [W m-2].
    """

    zenith_deg: NDArray[np.float64]
    azimuth_deg: NDArray[np.float64]
    dni_extra_w_per_m2: NDArray[np.float64]


def _readonly(values: ArrayLike) -> NDArray[np.float64]:
    array = np.array(values, dtype=np.float64, order="C")
    array.setflags(write=False)
    return array


def sun_position(
    *, stamps_utc: pd.DatetimeIndex, latitude_deg: float, longitude_deg: float, altitude_m: float
) -> SunPosition:
    """Where the sun stands at each stamp.

    Parameters
    ----------
    stamps_utc
        Moments with a time zone, shape (time,): for means over steps the middle of each step, not its begin.
    latitude_deg, longitude_deg
        Site, north and east positive [deg].
    altitude_m
        Above sea level; sets the air pressure that bends the light [m].

    Returns
    -------
    SunPosition
        Arrays of shape (time,).

    Raises
    ------
    ValueError
        If the stamps have no time zone.

    Notes
    -----
    Zenith and azimuth follow [1], within 0.0003 degrees, for the standard pressure at the altitude and 12 °C. The
    extraterrestrial irradiance is 1366.1 W m-2 times Spencer's series of the day of the year in UTC [2].

    References
    ----------
    .. [1] I. Reda, A. Andreas, "Solar position algorithm for solar radiation applications", Solar Energy 76 (2004)
       577-589, doi:10.1016/j.solener.2003.12.003
    .. [2] J. W. Spencer, "Fourier series representation of the position of the sun", Search 2 (1971) 172

    Examples
    --------
    >>> noon = pd.DatetimeIndex(["2020-03-20 05:09"], tz="UTC")
    >>> sun = sun_position(stamps_utc=noon, latitude_deg=28.8, longitude_deg=104.6, altitude_m=342.0)
    >>> sun.zenith_deg.round(1), sun.azimuth_deg.round(0), sun.dni_extra_w_per_m2.round(0)
    (array([28.8]), array([180.]), array([1377.]))
    """
    if stamps_utc.tz is None:
        msg = "stamps_utc: got stamps without a time zone; localise them to UTC or to the park's clock."
        raise ValueError(msg)
    moments_ns = np.ascontiguousarray(stamps_utc.tz_convert("UTC").as_unit("ns").asi8, np.int64)
    return _position(moments_ns.tobytes(), latitude_deg, longitude_deg, altitude_m)


@lru_cache(maxsize=4)
def _position(moments_ns: bytes, latitude_deg: float, longitude_deg: float, altitude_m: float) -> SunPosition:
    """Compute the position once for weather, all roofs, and every what-if; the bytes are those of int64 moments."""
    stamps = pd.DatetimeIndex(np.frombuffer(moments_ns, np.int64), tz="UTC")
    seconds = stamps.asi8 / 1e9
    pressure_hpa = ((44331.514 - altitude_m) / 11880.516) ** (1 / 0.1902632)
    zenith, _, _, _, azimuth, _ = _SPA.solar_position(
        seconds, latitude_deg, longitude_deg, altitude_m, pressure_hpa, TEMPERATURE_C, DELTA_T_S, REFRACTION_DEG
    )
    day_angle = 2.0 * np.pi / 365.0 * (stamps.day_of_year.to_numpy() - 1.0)
    distance = (
        1.00011
        + 0.034221 * np.cos(day_angle)
        + 0.00128 * np.sin(day_angle)
        + 0.000719 * np.cos(2.0 * day_angle)
        + 7.7e-05 * np.sin(2.0 * day_angle)
    )
    return SunPosition(
        zenith_deg=_readonly(zenith),
        azimuth_deg=_readonly(azimuth),
        dni_extra_w_per_m2=_readonly(SOLAR_CONSTANT_W_PER_M2 * distance),
    )
