"""Read weather years of two outside formats through pvlib: EPW (EnergyPlus) and PVGIS.

Both become a `Record` with the columns ``ghi dhi dni temp_air wind_speed`` as far as the file holds them.
"""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pvlib.iotools import read_epw as pvlib_read_epw
from pvlib.iotools import read_pvgis_hourly, read_pvgis_tmy

from parksim.errors import InputError
from parksim.notes import Note
from parksim.records import Column, Record, arrange

UNITS = {"ghi": "W m-2", "dhi": "W m-2", "dni": "W m-2", "temp_air": "degC", "wind_speed": "m s-1"}
"""Columns of a weather year and the unit both formats state them in."""

EPW_MISSING = {"ghi": 9999.0, "dhi": 9999.0, "dni": 9999.0, "temp_air": 99.9, "wind_speed": 999.0}
"""From this value on a cell is the code for missing; EnergyPlus, Auxiliary Programs, EPW data dictionary."""

EPW_HEADER_LINES = 8


def read_epw(path: Path, *, sheet: str | None = None) -> Record:
    """Read an EPW file.

    Parameters
    ----------
    path
        The file.
    sheet
        Not used; EPW has no sheets.

    Returns
    -------
    Record
        Hours by their begin on the file's own standard time; missing codes are NaN.

    Raises
    ------
    InputError
        If the file is no EPW of hours.

    Notes
    -----
    EPW labels an hour by its end, 1 to 24; here it is labelled by its begin, 0 to 23. Irradiance is the mean of that
    hour. Temperature and wind are those at its end, taken for the hour as they stand. Most EPW files are typical years
    whose months come from several years, so they are read with ``map_year``.
    """
    del sheet
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")  # names of places only; all values are ASCII
    if not text.startswith("LOCATION,"):
        msg = "is no EPW file; its first line must begin with LOCATION"
        raise InputError(msg)
    _refuse_short_steps(text)
    try:
        data, meta = pvlib_read_epw(io.StringIO(text))
    except (ValueError, KeyError, IndexError, TypeError) as error:
        msg = f"cannot be read as EPW: {error}"
        raise InputError(msg) from error
    for name, code in EPW_MISSING.items():
        data[name] = data[name].astype(float).where(data[name].astype(float) < code)
    shift = round(meta["TZ"] * 60)
    clock = f"{'-' if shift < 0 else '+'}{abs(shift) // 60:02d}:{abs(shift) % 60:02d}"
    source = " ".join(str(meta[key]).strip() for key in ("city", "country", "data_type", "WMO_code"))
    return _record(path, data, clock=clock, source=f"EPW {source}", first_line=EPW_HEADER_LINES + 1, row_word="line")


def _refuse_short_steps(text: str) -> None:
    periods = next((line for line in text.splitlines()[:EPW_HEADER_LINES] if line.startswith("DATA PERIODS")), None)
    cells = [] if periods is None else periods.split(",")
    per_hour = cells[2].strip() if len(cells) > 2 else ""
    if per_hour != "1":
        msg = f"DATA PERIODS: got {per_hour or 'nothing'} records per hour, must be 1. Give other steps as CSV."
        raise InputError(msg)


def read_pvgis(path: Path, *, sheet: str | None = None) -> Record:
    """Read a PVGIS file: a typical year, or hourly series on the horizontal.

    Parameters
    ----------
    path
        A ``.csv`` or ``.json`` file as PVGIS gives it.
    sheet
        Not used; PVGIS has no sheets.

    Returns
    -------
    Record
        Hours by their begin in UTC.

    Raises
    ------
    InputError
        If the file is no PVGIS file, or its series are on a tilted plane.

    Notes
    -----
    PVGIS gives irradiance at one moment of each hour, often some minutes past it; the value stands for the hour that
    holds the stamp. In hourly series on the horizontal (slope 0) with components, beam on the plane is ghi minus dhi,
    and ghi is their sum; without components it is the global irradiance alone.
    """
    del sheet
    kind = path.suffix.lower().removeprefix(".")
    if kind not in {"csv", "json"}:
        msg = "must be a .csv or .json file of PVGIS"
        raise InputError(msg)
    try:
        typical = _is_typical_year(path, kind)
        data, meta = (read_pvgis_tmy if typical else read_pvgis_hourly)(path, pvgis_format=kind)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        msg = f"cannot be read as PVGIS: {error!r}"
        raise InputError(msg) from error
    if not typical:
        data = _on_the_horizontal(data, meta)
    minute = int(data.index[0].minute)
    if (data.index.minute != minute).any():
        msg = "stamps stand at different minutes of the hour, must be hourly"
        raise InputError(msg)
    data.index = data.index.floor("h")
    note = (Note("values of minute {minute} stand for their hour", minute=minute),) if minute else ()
    source = "PVGIS typical year" if typical else "PVGIS hourly series"
    return _record(path, data, clock="+00:00", source=source, first_line=1, row_word="hourly row", notes=note)


def _is_typical_year(path: Path, kind: str) -> bool:
    if kind == "json":
        return "tmy_hourly" in json.loads(path.read_text("utf-8"))["outputs"]
    return "time(UTC)," in path.read_text("utf-8", errors="replace")


def _on_the_horizontal(data: pd.DataFrame, meta: dict[str, Any]) -> pd.DataFrame:
    inputs = meta["inputs"]
    if "mounting_system" in inputs:
        fixed = inputs["mounting_system"].get("fixed", {})
        slope = str(fixed.get("slope", {}).get("value", "none"))
    else:
        slope = str(inputs.get("Slope", "none"))
    number = slope.split()[0].removesuffix("deg.")
    if not number.replace(".", "", 1).isdigit() or float(number) != 0.0:
        msg = f"got a plane of slope {slope}, must be 0. Fetch the series with slope 0, or the typical year."
        raise InputError(msg)
    if "poa_direct" in data:
        ghi = data["poa_direct"] + data["poa_sky_diffuse"] + data["poa_ground_diffuse"]
        return data.assign(ghi=ghi, dhi=data["poa_sky_diffuse"] + data["poa_ground_diffuse"])
    return data.rename(columns={"poa_global": "ghi"})


def _record(
    path: Path,
    data: pd.DataFrame,
    *,
    clock: str,
    source: str,
    first_line: int,
    row_word: str,
    notes: tuple[str, ...] = (),
) -> Record:
    stamps = data.index.tz_localize(None) if isinstance(data.index, pd.DatetimeIndex) else data.index
    columns = {
        name: Column(np.ascontiguousarray(data[name].to_numpy(dtype=np.float64)), unit)
        for name, unit in UNITS.items()
        if name in data
    }
    return arrange(
        Record(
            path=path,
            stamps=stamps.to_numpy().astype("datetime64[m]").astype(np.int64),
            step_minutes=0,
            clock=clock,
            columns=columns,
            meta={"source": source},
            first_line=first_line,
            row_word=row_word,
            notes=notes,
        ),
        header_step="60",
    )
