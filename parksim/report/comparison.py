"""Parks side by side, for the terminal: a table, and the answer as a range."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from parksim.accounts.claims import MET, NOT_JUDGED
from parksim.accounts.comparison import FIGURES, differences, first_solved
from parksim.report import formats as f
from parksim.report.beside_words import tell
from parksim.report.references import SMALL_MWH

ALWAYS = ("green_share", "unit_cost", "green_supply", "cost", "import", "peak_import")
WHERE_ANY = ("direct", "direct_not_taken", "export", "unserved", "full_cycles")
"""Figures that have a row, and those that have one where a park has any of it."""

PER_KWH_DECIMALS, SHARE_DECIMALS = 3, 1


def rows(ds: xr.Dataset) -> list[list[str]]:
    """Give the table: a column per park, key figures with their difference from the first, claims; headings first.

    Cells may have two lines.
    """
    lines = [["", *(str(name) for name in ds["member"].to_numpy())]]
    any_of_it = [name for name in WHERE_ANY if np.nanmax(np.abs(ds[name].to_numpy())) > SMALL_MWH]
    lines += [_row(ds, name) for name in (*ALWAYS, *any_of_it)]
    lines += [_co2_row(ds, at) for at in range(min(1, ds.sizes["yardstick"]))]
    lines += _claim_rows(ds)
    return [[f.to_plain(cell) for cell in line] for line in lines]


def _row(ds: xr.Dataset, name: str) -> list[str]:
    size, unit, decimals = _scale(ds, name)
    head = tell(f"row.{name}", unit=unit)
    return [head, *_cells(ds, ds[name].to_numpy(), differences(ds)[name].to_numpy(), size=size, decimals=decimals)]


def _scale(ds: xr.Dataset, name: str) -> tuple[float, str, int]:
    """Choose size and name of the unit of a row, and its decimals."""
    if name == "unit_cost":
        return 1e3, "", PER_KWH_DECIMALS
    if name in {"green_share", "full_cycles"}:
        return (0.01, "", SHARE_DECIMALS) if name == "green_share" else (1.0, "", 0)
    largest = float(np.nanmax(np.abs(ds[name].to_numpy())))
    size, unit = 1.0, FIGURES[name].unit
    if unit in {"MWh", "CNY"}:
        size, unit = f.energy_scale(largest) if unit == "MWh" else f.money_scale(largest)
    return size, unit, f.decimals_for(largest / size)


def _cells(ds: xr.Dataset, values: np.ndarray, apart: np.ndarray, *, size: float, decimals: int) -> Iterator[str]:
    """Write a row: the value, and in brackets how it differs from the first."""
    first = first_solved(ds)
    for at, (value, change) in enumerate(zip(values / size, apart / size, strict=True)):
        shown, moved = f.fixed(float(value), decimals), f.fixed(float(change), decimals)
        rounded = float(f"{change:.{decimals}f}")
        sign = "+" if rounded > 0 else ""
        plain = at == first or not np.isfinite(value) or rounded == 0.0
        yield shown if plain else tell("cell.apart", value=shown, apart=f"{sign}{moved}")


def _co2_row(ds: xr.Dataset, at: int) -> list[str]:
    values, apart = ds["co2"].to_numpy()[:, at], differences(ds)["co2"].to_numpy()[:, at]
    size, decimals = 1e3, f.decimals_for(float(np.nanmax(np.abs(values))) / 1e3)
    title = str(ds["yardstick_title"].to_numpy()[at])
    return [tell("row.co2", title=title), *_cells(ds, values, apart, size=size, decimals=decimals)]


def _claim_rows(ds: xr.Dataset) -> list[list[str]]:
    """Tell each claim in a row; one on CO2 by how many yardsticks it is met."""
    titles = ds["claim_title"].to_numpy()
    lines = []
    for title in dict.fromkeys(titles.tolist()):
        of_claim = ds.isel(claim=np.flatnonzero(titles == title))
        cells = (_judged(of_claim.isel(member=at)) for at in range(ds.sizes["member"]))
        lines.append([tell("row.claim", title=title), *cells])
    return lines


def _judged(claim: xr.Dataset) -> str:
    verdicts = [str(verdict) for verdict in claim["claim_verdict"].to_numpy() if verdict]
    if not verdicts:
        return f.fixed(float("nan"), 0)
    if NOT_JUDGED in verdicts or len(verdicts) == 1:
        return tell(f"claim.{verdicts[0]}", ratio=f.percent(float(claim["claim_ratio"].to_numpy()[0])))
    return tell("claim.of", met=verdicts.count(MET), n=len(verdicts))


def sentences(ds: xr.Dataset) -> list[str]:
    """Tell the answer as a range over the parks that serve all their demand; then those that stand outside it."""
    names = [str(name) for name in ds["member"].to_numpy()]
    unserved, solved = ds["unserved"].to_numpy(), ds["solved"].to_numpy()
    whole = solved & ~(unserved > SMALL_MWH)
    found = [_range(ds.isel(member=np.flatnonzero(whole)))]
    for at, name in enumerate(names):
        if not solved[at]:
            problem = "; ".join(str(ds["problem"].to_numpy()[at]).splitlines()[:2])
            found.append(tell("range.failed", name=name, problem=problem))
        elif not whole[at]:
            found.append(tell("range.unserved", name=name, energy=f.energy(float(unserved[at]))))
    return [f.to_plain(line) for line in found]


def _range(ds: xr.Dataset) -> str:
    if not ds.sizes["member"]:
        return tell("range.none")
    green = _span(ds, ds["green_share"].to_numpy() * 100.0, decimals=0, unit=f"{f.THIN}%")
    cost = _span(ds, ds["unit_cost"].to_numpy() / 1e3, decimals=2)
    if ds.sizes["member"] == 1:
        return tell("range.one", name=ds["member"].to_numpy()[0], green=green, cost=cost)
    return tell("range", n=ds.sizes["member"], green=green, cost=cost)


def _span(ds: xr.Dataset, values: np.ndarray, *, decimals: int, unit: str = "") -> str:
    """Write the least and the most of some values, each with its park; one value where they read alike."""
    names = ds["member"].to_numpy()
    least, most = (f.fixed(float(value), decimals) + unit for value in (values.min(), values.max()))
    if least == most:
        return least
    first, last = names[values.argmin()], names[values.argmax()]
    return tell("range.to", least=least, most=most, first=first, last=last)
