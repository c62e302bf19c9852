"""Turn recipes of monthly facts into shipped profiles: hourly weather and hydro, tariff tables, day shapes.

Equal recipes give equal bytes; `parksim.draws` says how.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from parksim.draws import calendar_months, draw_normals, round_text, rounded_frame
from parksim.errors import InputError
from parksim.kernels.hydro import levelled_for, river_flow, run_of_river_available, usable_share
from parksim.recipes import HydroFacts, LoadShapeFacts, Recipe, TouFacts, load_recipe
from parksim.synthesis_weather import synthesise_weather
from parksim.timeaxis import TimeAxis

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

LABELS = {
    "ghi_w_per_m2": "ghi [W m-2]",
    "dhi_w_per_m2": "dhi [W m-2]",
    "dni_w_per_m2": "dni [W m-2]",
    "temp_air_c": "temp_air [degC]",
    "wind_speed_m_per_s": "wind_speed [m s-1]",
    "flow_wet_m3_per_s": "flow_wet [m3 s-1]",
    "flow_mean_m3_per_s": "flow_mean [m3 s-1]",
    "flow_dry_m3_per_s": "flow_dry [m3 s-1]",
    "available_wet": "available_wet [1]",
    "available_mean": "available_mean [1]",
    "available_dry": "available_dry [1]",
    "available_regulated": "available_regulated [1]",
    "ratio": "ratio [1]",
}
"""Column of a frame to its heading in a file; other names stand as they are."""


def synthesise_hydro(facts: HydroFacts, *, year: int, clock: str, seed: int, rounded: bool = True) -> pd.DataFrame:
    """Make an hourly year of river flow and hydro availability: wet, mean, dry, and regulated upstream.

    Parameters
    ----------
    facts
        River, plants, monthly availability.
    year
        Calendar year.
    clock
        Offset from UTC, such as ``+08:00``.
    seed
        Seed of all draws.
    rounded
        Whether to round to four significant digits.

    Returns
    -------
    DataFrame
        Columns ``flow_wet_m3_per_s flow_mean_... flow_dry_...`` of the river, and ``available_wet available_mean
        available_dry available_regulated`` [1]; index: begin of each step on the clock, without zone.

    Raises
    ------
    InputError
        If the availabilities or the regulated hours cannot be reached.

    Notes
    -----
    (1) Mean year: monthly runoff shares times daily fluctuations; the plants see a smooth share of the river,
    calibrated so that their availability has the given monthly means.
    (2) Wet and dry year: the same days times one factor, through the same share and plant.
    (3) Regulated: the plants' flow of the mean year, levelled just enough to reach the full-load hours.
    """
    axis = TimeAxis(year=year, clock=clock)
    of_step, of_day = calendar_months(axis)
    steps_of_month = np.bincount(of_step, minlength=12)
    runoff = np.array(facts.runoff_fraction) / sum(facts.runoff_fraction)
    monthly = runoff * facts.flow_mean_m3_per_s * axis.steps / steps_of_month
    normals = draw_normals(seed, stream="flow", count=of_day.size)
    flow = river_flow(normals, facts.flow_day_lag1, np.array(facts.flow_day_std_log), monthly, of_step)
    plant = (
        facts.ecological_fraction * facts.flow_mean_m3_per_s,
        facts.flow_min_fraction * facts.flow_full_m3_per_s,
        facts.flow_full_m3_per_s,
        np.array(facts.load_points),
        np.array(facts.eff_points),
    )
    top = facts.available_max
    seen = flow * usable_share(flow, of_step, np.array(facts.available_mean) / top, *plant)
    level = levelled_for(seen, facts.regulated_h / axis.horizon_h / top, *plant)
    if np.isnan(level):
        what = f"regulated_h: got {facts.regulated_h:g}, which levelling the plants' flow does not reach"
        if np.isnan(seen).any():
            what = "available_mean: no share of the river gives these monthly means"
        raise InputError([f"hydro.{what}. Check flow_full_m3_per_s, flow_min_fraction and available_max."])
    levelled = (1.0 - level) * seen + level * seen.mean()
    ratios = {"wet": facts.flow_wet_ratio, "mean": 1.0, "dry": facts.flow_dry_ratio}
    columns = {f"flow_{name}_m3_per_s": ratio * flow for name, ratio in ratios.items()}
    for name, ratio in ratios.items():
        columns[f"available_{name}"] = top * run_of_river_available(ratio * seen, *plant)
    columns["available_regulated"] = top * run_of_river_available(levelled, *plant)
    frame = pd.DataFrame(columns, index=axis.stamps.rename("time"))
    return rounded_frame(frame) if rounded else frame


def tou_table(facts: TouFacts) -> pd.DataFrame:
    """List the period and ratio of every month and hour.

    Parameters
    ----------
    facts
        Periods by months and hours.

    Returns
    -------
    DataFrame
        Columns ``month`` (1 to 12), ``hour`` (0 to 23), ``period``, ``ratio`` [1]; 288 rows.
    """
    rows = [
        (month + 1, hour, period.name, period.ratio)
        for month in range(12)
        for hour in range(24)
        for period in facts.period
        if period.covers()[month, hour]
    ]
    return pd.DataFrame(rows, columns=["month", "hour", "period", "ratio"])


def load_shape_table(facts: LoadShapeFacts) -> pd.DataFrame:
    """List day shapes by hour.

    Parameters
    ----------
    facts
        Shapes by name.

    Returns
    -------
    DataFrame
        Column ``hour`` (0 to 23), and one per shape, fraction of the day's peak [1]; 24 rows.
    """
    return pd.DataFrame({"hour": range(24)} | {f"{name} [1]": values for name, values in facts.shape.items()})


def _csv(frame: pd.DataFrame, header: Mapping[str, object]) -> str:
    lines = [f"# {key}: {value}" for key, value in header.items()]
    columns: list[list[str]] = []
    if isinstance(frame.index, pd.DatetimeIndex):
        columns.append(frame.index.strftime("%Y-%m-%dT%H:%M").to_list())
    for name in frame.columns:
        if pd.api.types.is_float_dtype(frame[name]):
            columns.append([round_text(value) for value in frame[name]])
        else:
            columns.append([str(value) for value in frame[name]])
    first = ["time"] if isinstance(frame.index, pd.DatetimeIndex) else []
    lines.append(",".join([*first, *(LABELS.get(name, name) for name in frame.columns)]))
    lines.extend(",".join(row) for row in zip(*columns, strict=True))
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class _Output:
    """A file to make."""

    file: str
    title: str
    seed: int | None
    make: Callable[[], pd.DataFrame]
    place: Mapping[str, float] = field(default_factory=dict)


def _outputs(recipe: Recipe) -> list[_Output]:
    """List the files of a recipe in the order of its tables."""
    weather, hydro, shapes = recipe.weather, recipe.hydro, recipe.load_shapes
    made: list[_Output] = []
    if recipe.year is not None and recipe.seed is not None:
        year, clock, seed = recipe.year, recipe.clock, recipe.seed
        if weather and recipe.site:
            make = partial(synthesise_weather, weather, site=recipe.site, year=year, clock=clock, seed=seed)
            place = {"latitude_deg": recipe.site.latitude_deg, "longitude_deg": recipe.site.longitude_deg}
            made.append(_Output(weather.file, weather.title, seed, make, place))
        if hydro:
            make = partial(synthesise_hydro, hydro, year=year, clock=clock, seed=seed)
            made.append(_Output(hydro.file, hydro.title, seed, make))
    made.extend(_Output(tou.file, tou.title, None, partial(tou_table, tou)) for tou in recipe.tou)
    if shapes:
        made.append(_Output(shapes.file, shapes.title, None, partial(load_shape_table, shapes)))
    return made


def build(recipe_path: str | Path, out_dir: str | Path) -> list[Path]:
    """Make every profile of a recipe and write it as a parksim CSV file.

    Parameters
    ----------
    recipe_path
        Recipe (TOML).
    out_dir
        Directory of the files; made where it is missing. Nothing is written unless all profiles could be made, and a
        file of the same name is replaced in one step.

    Returns
    -------
    list of Path
        The files, in the order of the recipe's tables.

    Raises
    ------
    InputError
        If the recipe is wrong, its facts cannot be met, or the directory cannot be written; all problems of a phase are
        told together.

    Notes
    -----
    Equal recipes give equal bytes; the header names the recipe without its directory.
    """
    recipe_path, out_dir = Path(recipe_path), Path(out_dir)
    recipe = load_recipe(recipe_path)
    texts: dict[str, str] = {}
    problems: list[str] = []
    for output in _outputs(recipe):
        header = {
            "title": output.title,
            "source": recipe.source,
            "licence": recipe.licence,
            **output.place,
            "clock": recipe.clock,
            "step_minutes": 60,
            "seed": "none" if output.seed is None else output.seed,
            "command": f"parksim profiles {recipe_path.name} --out .",
        }
        try:
            texts[f"{output.file}.csv"] = _csv(output.make(), header)
        except InputError as error:
            problems.extend(f"{recipe_path}: {problem}" for problem in error.problems)
    if problems:
        raise InputError(problems)
    return _write(texts, out_dir)


def _write(texts: Mapping[str, str], out_dir: Path) -> list[Path]:
    """Write all files under a temporary name, then rename them."""
    parts = {name: out_dir / f".{name}.part" for name in texts}
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            parts[name].write_bytes(text.encode())
        return [part.replace(out_dir / name) for name, part in parts.items()]
    except OSError as error:
        for part in parts.values():
            with suppress(OSError):
                part.unlink()
        msg = f"{error.filename or out_dir}: cannot be written ({error.strerror}). Give another directory."
        raise InputError([msg]) from error
