"""Parks side by side, for the terminal: a table, and the answer as a range."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from parksim.accounts.claims import MET, NOT_JUDGED, NOT_MET
from parksim.accounts.comparison import FIGURES, differences, first_solved
from parksim.report import formats as f
from parksim.report.references import SMALL_MWH
from parksim.report.words import say, tell

ALWAYS = ("green_share", "unit_cost", "green_supply", "cost", "import", "peak_import")
WHERE_ANY = ("direct", "direct_not_taken", "export", "unserved", "full_cycles")
"""Figures that have a row, and those that have one where a park has any of it."""

VERDICTS = {MET: "met", NOT_MET: "not_met", NOT_JUDGED: "not_judged"}
"""How a claim fares to the end of its text's key."""

WHOLE_FROM = 1e3
"""From here on tonnes are written without decimals."""

PER_KWH_DECIMALS, SHARE_DECIMALS = 3, 1


def rows(ds: xr.Dataset, *, plain: bool = True) -> list[list[str]]:
    """Give the table: a column per park, key figures with their difference from the first, claims; headings first.

    Cells may have two lines.

    Parameters
    ----------
    plain
        Whether to leave out signs that a terminal may lack.
    """
    lines = [["", *(str(name) for name in ds["member"].to_numpy())]]
    any_of_it = [name for name in WHERE_ANY if np.nanmax(np.abs(ds[name].to_numpy())) > SMALL_MWH]
    lines += [_row(ds, name) for name in (*ALWAYS, *any_of_it)]
    lines += [_co2_row(ds, at) for at in known_yardsticks(ds)[:1]]
    lines += _claim_rows(ds)
    return [[f.to_plain(cell) for cell in line] for line in lines] if plain else lines


def known_yardsticks(ds: xr.Dataset) -> list[int]:
    """Give the positions of the yardsticks that a park with a solution has."""
    return [int(at) for at in np.flatnonzero(np.isfinite(ds["co2"].to_numpy()).any(axis=0))]


def yardstick(ds: xr.Dataset, at: int) -> str:
    """Name a yardstick in the language of the moment."""
    english, chinese = (str(ds[name].to_numpy()[at]) for name in ("yardstick_title", "yardstick_title_zh"))
    return f.titled(english, chinese, both=False)


def _row(ds: xr.Dataset, name: str) -> list[str]:
    size, unit, decimals = _scale(ds, name)
    head = say(f"compare.row.{name}", unit=f.unit_name(unit))
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
        yield shown if plain else say("compare.cell.apart", value=shown, apart=f"{sign}{moved}")


def _co2_row(ds: xr.Dataset, at: int) -> list[str]:
    values, apart = ds["co2"].to_numpy()[:, at], differences(ds)["co2"].to_numpy()[:, at]
    largest = float(np.nanmax(np.abs(values)))
    size, unit = f.mass_scale(largest)
    decimals = f.decimals_for(largest / size) if largest / size < WHOLE_FROM else 0
    head = say("compare.row.co2", title=yardstick(ds, at), unit=unit)
    return [head, *_cells(ds, values, apart, size=size, decimals=decimals)]


def _claim_rows(ds: xr.Dataset) -> list[list[str]]:
    """Tell each claim in a row; one on CO2 by how many yardsticks it is met."""
    titles = ds["claim_title"].to_numpy()
    lines = []
    for title in dict.fromkeys(titles.tolist()):
        of_claim = ds.isel(claim=np.flatnonzero(titles == title))
        cells = (_judged(of_claim.isel(member=at)) for at in range(ds.sizes["member"]))
        shown = f.titled(title, str(of_claim["claim_title_zh"].to_numpy()[0]), both=False)
        lines.append([say("compare.row.claim", title=shown), *cells])
    return lines


def _judged(claim: xr.Dataset) -> str:
    verdicts = [str(verdict) for verdict in claim["claim_verdict"].to_numpy() if verdict]
    if not verdicts:
        return f.fixed(float("nan"), 0)
    if NOT_JUDGED in verdicts or len(verdicts) == 1:
        return say(f"compare.claim.{VERDICTS[verdicts[0]]}", ratio=f.percent(float(claim["claim_ratio"].to_numpy()[0])))
    return say("compare.claim.of", met=verdicts.count(MET), n=len(verdicts))


def sentences(ds: xr.Dataset, *, plain: bool = True) -> list[str]:
    """Tell the answer as a range over the parks that serve all their demand; then those that stand outside it.

    Parameters
    ----------
    plain
        As for :func:`rows`.
    """
    names = [str(name) for name in ds["member"].to_numpy()]
    unserved, solved, whole = ds["unserved"].to_numpy(), ds["solved"].to_numpy(), serving_all(ds)
    found = [_range(ds.isel(member=np.flatnonzero(whole)))]
    for at, name in enumerate(names):
        if not solved[at]:
            problem = f.points([tell(line) for line in str(ds["problem"].to_numpy()[at]).splitlines()[:2]])
            found.append(say("compare.range.failed", name=name, problem=problem))
        elif not whole[at]:
            found.append(say("compare.range.unserved", name=name, energy=f.energy(float(unserved[at]))))
    return [f.to_plain(line) for line in found] if plain else found


def serving_all(ds: xr.Dataset) -> np.ndarray:
    """Tell which parks have a solution that serves all their demand, shape (member,)."""
    found: np.ndarray = ds["solved"].to_numpy() & ~(ds["unserved"].to_numpy() > SMALL_MWH)
    return found


def _range(ds: xr.Dataset) -> str:
    if not ds.sizes["member"]:
        return say("compare.range.none")
    green = _span(ds, ds["green_share"].to_numpy() * 100.0, decimals=0, unit=f.united("", "%"))
    cost = _span(ds, ds["unit_cost"].to_numpy() / 1e3, decimals=2)
    if ds.sizes["member"] == 1:
        return say("compare.range.one", name=ds["member"].to_numpy()[0], green=green, cost=cost)
    return say("compare.range", n=ds.sizes["member"], green=green, cost=cost)


def _span(ds: xr.Dataset, values: np.ndarray, *, decimals: int, unit: str = "") -> str:
    """Write the least and the most of some values, each with its park; one value where they read alike."""
    names = ds["member"].to_numpy()
    least, most = (f.fixed(float(value), decimals) + unit for value in (values.min(), values.max()))
    if least == most:
        return least
    first, last = names[values.argmin()], names[values.argmax()]
    return say("compare.range.to", least=least, most=most, first=first, last=last)
