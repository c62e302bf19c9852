"""Daily irradiation of a weather record, split to the steps of the park."""

from functools import partial
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from parksim.errors import InputError
from parksim.kernels.irradiance import split_days
from parksim.notes import Note, placed
from parksim.profiles import ProfileReader, ProfileRef
from parksim.readers import read_series
from parksim.records import DAY_MINUTES, Record
from parksim.timeaxis import TimeAxis

Array = NDArray[np.float64]

DAY_MAX_WH_PER_M2 = 13_500.0
"""Most a horizontal square metre can get in a day [Wh m-2]: a little above midsummer at a pole, without atmosphere."""

WH_PER_M2 = {
    "MJ m-2": 1e6 / 3600.0,
    "MJ/m2": 1e6 / 3600.0,
    "kWh m-2": 1e3,
    "kWh/m2": 1e3,
    "Wh m-2": 1.0,
    "Wh/m2": 1.0,
}
"""Daily irradiation as written, to Wh m-2."""


class DailyRecord(BaseModel):
    """A record of daily irradiation, split to the steps of the park."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    file: Annotated[
        str, Field(min_length=1, description="Path relative to the park file: CSV or xlsx, one row per day.")
    ]
    ghi_column: Annotated[str, Field(description="Column of global irradiation on the horizontal.")]
    dhi_column: Annotated[
        str | None, Field(description="Column of diffuse irradiation; by Erbs' correlation where left out.")
    ] = None
    date_column: Annotated[
        str | None, Field(description="Column of dates; `date` or the first column where left out.")
    ] = None
    unit: Annotated[Literal["MJ m-2", "kWh m-2", "Wh m-2"], Field(description="Unit of both columns, per day.")]
    map_year: Annotated[bool, Field(description="Take another year's record, month and day kept.")] = False
    record_year: Annotated[int | None, Field(description="The one year to take of a record of several.")] = None
    sheet: Annotated[str | None, Field(description="Sheet of a workbook; the first where left out.")] = None


def split_daily(
    daily: DailyRecord,
    *,
    reader: ProfileReader,
    time: TimeAxis,
    latitude_deg: float,
    longitude_deg: float,
    where: str,
) -> tuple[dict[str, Array], list[str]]:
    """Read a record of daily irradiation and split it to the steps of the park.

    Parameters
    ----------
    daily
        Which record, and how to read it.
    reader
        Reads files of this park.
    time
        The park's clock and steps.
    latitude_deg, longitude_deg
        Site, north and east positive [deg].
    where
        Path of the table for messages, such as ``parks/north.toml: weather.daily``.

    Returns
    -------
    light
        ``ghi_w_per_m2`` and, where recorded, ``dhi_w_per_m2``: global and diffuse irradiance, shape (time,) [W m-2].
    notes
        Where they come from and what was done to them.

    Raises
    ------
    InputError
        If file, column, unit or dates do not fit, a sum is out of range, or there is light in the polar night.

    Notes
    -----
    Days are those of the park's calendar. Each day's global irradiation is split by Collares-Pereira and Rabl, the
    diffuse by Liu and Jordan, and both keep their sums; see `parksim.kernels.irradiance.split_days`.
    """
    record = reader.record(
        daily.file,
        read=partial(read_series, time_column=daily.date_column),
        kind=f"dates {daily.date_column}",
        sheet=daily.sheet,
        where=where,
    )
    ghi, note = _daily_column(daily, daily.ghi_column, record, reader, where)
    dhi, notes = np.zeros_like(ghi), [note]
    if daily.dhi_column is not None:
        dhi, note = _daily_column(daily, daily.dhi_column, record, reader, where)
        notes.append(note)
        above = dhi > ghi
        if above.any():
            cut = Note("diffuse exceeded global on {n} days and was cut to it", n=int(above.sum()))
            notes.append(placed("weather.daily", cut))
    try:
        ghi_w, dhi_w = split_days(
            ghi,
            dhi_wh_per_m2=dhi,
            day_of_year=time.days_index.day_of_year.to_numpy().astype(np.float64),
            latitude_deg=latitude_deg,
            longitude_deg=longitude_deg,
            clock_offset_h=time.zone.utcoffset(None).total_seconds() / 3600.0,
            steps_per_day=DAY_MINUTES // time.step_minutes,
        )
    except ValueError as error:
        msg = f"{where}: {error}. Check unit and site."
        raise InputError(msg) from error
    split = Note("days split to steps by Collares-Pereira and Rabl, and Liu and Jordan")
    notes.append(placed("weather.daily", split))
    light = {"ghi_w_per_m2": ghi_w[: time.steps]}
    return (light if daily.dhi_column is None else light | {"dhi_w_per_m2": dhi_w[: time.steps]}), notes


def _daily_column(
    daily: DailyRecord, column: str, record: Record, reader: ProfileReader, where: str
) -> tuple[Array, str]:
    """Read daily sums, shape (day,) [Wh m-2], and their note."""
    header = record.columns[column].unit if column in record.columns else None
    if header is not None and WH_PER_M2.get(header) != WH_PER_M2[daily.unit]:
        msg = f"{where}.unit: got {daily.unit!r}, but {daily.file}, column {column!r}, states {header!r}."
        raise InputError(msg)
    unit = header if header is not None else daily.unit
    ref = ProfileRef(file=daily.file, column=column, unit=unit, map_year=daily.map_year, record_year=daily.record_year)
    resolved = reader.column(record, ref, unit=unit, where=where, per="days")
    sums = resolved.values * WH_PER_M2[daily.unit]
    wrong = np.flatnonzero((sums < 0.0) | (sums > DAY_MAX_WH_PER_M2))
    if wrong.size:
        first = int(wrong[0])
        day = reader.time.days_index[first].date()
        msg = (
            f"{where}: {daily.file}, column {column!r}: got {resolved.values[first]:g} {daily.unit} on {day}, must lie "
            f"in [0, {DAY_MAX_WH_PER_M2 / WH_PER_M2[daily.unit]:g}]; {wrong.size} days do not. Check unit."
        )
        raise InputError(msg)
    return sums, placed("weather.daily", resolved.note or "")
