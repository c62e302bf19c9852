"""Figures of a study's cases, read for people: titles, one unit for all cases, which way is better."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from parksim.report import formats as f
from parksim.report.words import say, tell, term

COSTS = ("cost_cny", "objective_cny")
"""Names that the cost of a case may have, the first found is taken."""

BY_YARDSTICK = ("emissions_t", "avoided_co2_t", "avoided_additional_co2_t")
"""Figures that there is one of for every yardstick."""

ENDS = ("max", "pass")
"""Last parts of names that say of the figure before them: the upper end of its range, whether it passes."""

KEY = (
    "cost_cny_per_mwh", "green_share", "emissions_t", "peak_import_mw", "import_mwh", "export_mwh", "self_use_share",
    "curtailed_mwh", "unserved_mwh",
)  # fmt: skip
"""Figures that the page shows besides the cost, the most telling first."""

MORE_IS_BETTER = ("green_share", "green_supply_mwh", "self_use_share", "avoided_co2_t", "avoided_additional_co2_t")

SAME = 1e-9
"""Figures that differ by less than this part are the same."""

FIGURES = 4
"""Figures that a column of cases is written with."""


@dataclass(frozen=True, eq=False)
class Measure:
    """One figure of every case.

    Parameters
    ----------
    name, title
        Its name in the store, and in words.
    units
        As the store has it.
    values
        Of every case, NaN without one, shape (case,).
    """

    name: str
    title: str
    units: str
    values: NDArray[np.float64]

    @cached_property
    def finite(self) -> NDArray[np.bool_]:
        """Cases that have it, shape (case,)."""
        return np.isfinite(self.values)

    @property
    def varies(self) -> bool:
        """Whether it is not the same in all cases."""
        found = self.values[self.finite]
        return len(found) > 1 and float(np.ptp(found)) > SAME * max(float(np.abs(found).max()), 1e-12)

    @property
    def largest(self) -> float:
        """Largest size of all cases; 0 without any."""
        return float(np.abs(self.values[self.finite]).max(initial=0.0))

    @cached_property
    def _scale(self) -> tuple[float, str]:
        """Size of the unit it is written in, and its name."""
        if self.units == "1" and self.name.removesuffix(".max").endswith(("share", "fraction")):
            return 0.01, "%"
        choose = {"CNY": f.money_scale, "MWh": f.energy_scale, "t": f.mass_scale}.get(self.units)
        if choose:
            size, unit = choose(self.largest)
            return size, f.unit_name(unit)
        return (1e3, f.unit_name("CNY/kWh")) if self.units == "CNY MWh-1" else (1.0, f.unit_text(self.units))

    @property
    def scale(self) -> float:
        """Size of the unit it is written in, in its units of the store."""
        return self._scale[0]

    @property
    def unit(self) -> str:
        """The unit it is written in."""
        return self._scale[1]

    @property
    def heading(self) -> str:
        """Title with the unit, for a column or an axis."""
        return f.capital(say("study.heading", title=self.title, unit=self.unit) if self.unit else self.title)

    @cached_property
    def _decimals(self) -> int:
        size = self.largest / self.scale
        if size == 0:
            return 0
        return min(6, max(0, FIGURES - 1 - int(np.floor(np.log10(size) + SAME))))

    def bare(self, value: float) -> str:
        """Write a value without its unit, as many decimals as the others; a dash for none."""
        return f.fixed(value / self.scale, self._decimals)

    def write(self, value: float) -> str:
        """Write a value with its unit, as many decimals as the others; a dash for none."""
        return self._united(self.bare(value), value)

    def told(self, value: float) -> str:
        """Write a value for a sentence: three figures."""
        return self._united(f.sig(value / self.scale), value)

    def _united(self, number: str, value: float) -> str:
        return f.united(number, self.unit) if np.isfinite(value) and self.unit else number

    def apart(self, value: float, other: float) -> str:
        """Tell how far a value is from another: in per cent, in points for shares."""
        if self.unit == "%":
            moved = f.fixed(100.0 * (value - other), 1)
            return say("study.points", points=_signed(moved))
        if other == 0 or not np.isfinite(other):
            return _signed(self.told(value - other))
        return _signed(f.percent((value - other) / abs(other)))

    @property
    def more_is_better(self) -> bool:
        """Whether a planner wants much of it."""
        return self.name.split(".")[0] in MORE_IS_BETTER


def _signed(number: str) -> str:
    """Put a plus before a number that has no sign and is not zero."""
    plain = number.startswith(f.MINUS) or not any(sign in "123456789" for sign in number)
    return number if plain else f"+{number}"


def measures(ds: xr.Dataset, kept: NDArray[np.bool_], park: Mapping[str, Any]) -> dict[str, Measure]:
    """Read all figures of the cases, with the cost first.

    Parameters
    ----------
    kept
        Which cells of the study are cases, flat.
    park
        The park file as a table.
    """
    dims = ds["status"].dims
    table = ds["indicator_value"].transpose(*dims, "indicator").to_numpy().reshape(len(kept), -1)[kept]
    units = [str(unit) for unit in ds["indicator_unit"].to_numpy()]
    told = ds["indicator_title"].to_numpy() if "indicator_title" in ds.coords or "indicator_title" in ds else units
    found = {}
    for column, name in enumerate(str(name) for name in ds["indicator"].to_numpy()):
        english = "" if told is units else str(told[column])
        found[name] = Measure(name, title_of(name, english, park), units[column], table[:, column])
    if not any(name in found for name in COSTS):
        terms = ds["cost"].transpose(*dims, "term").to_numpy().reshape(len(kept), -1)[kept]
        total = np.where(np.isfinite(terms).any(axis=1), np.nansum(terms, axis=1), np.nan)
        found = {COSTS[0]: Measure(COSTS[0], title_of(COSTS[0], "", park), "CNY", total), **found}
    return found


def title_of(name: str, english: str, park: Mapping[str, Any]) -> str:
    """Name a figure in the language of the moment."""
    first, _, rest = name.partition(".")
    whole, _, end = name.rpartition(".")
    if end in ENDS:
        return say(f"study.figure.{end}", figure=title_of(whole, english.rpartition(": ")[0], park))
    if first in BY_YARDSTICK and rest:
        yardstick = park.get("yardsticks", {}).get(rest, {})
        which = f.titled(str(yardstick.get("title", rest)), str(yardstick.get("title_zh") or ""), both=False)
        return say("study.figure.by", figure=term(f"study.figure.{first}", otherwise=first), which=which)
    if rest and first in park.get("components", {}):
        component = park["components"][first]
        title = f.titled(str(component.get("title", first)), str(component.get("title_zh") or ""), both=False)
        words = term(f"study.figure.{rest}", otherwise=rest.replace("_", " "))
        return say("study.figure.part", title=title, figure=words)
    plain = english if english and english != name else name.replace("_", " ")
    return term(f"study.figure.{name}", otherwise=tell(plain))


def key_measures(found: Mapping[str, Measure], asked: list[str]) -> list[Measure]:
    """Choose what the page shows: the cost, what planners ask for, what constraints speak of.

    Parameters
    ----------
    asked
        Names of figures that are shown in any case.
    """
    cost = next(found[name] for name in COSTS if name in found)
    names = [name for name in _present(found) if found[name].varies or name in asked]
    names += [name for name in asked if name in found and name not in names]
    chosen = [cost, *(found[name] for name in names if not _follows(found[name], cost))]
    if len(chosen) < MOST_ALIKE:
        chosen = [cost, *(found[name] for name in _present(found)[:MOST_ALIKE])]
    return list({measure.name: measure for measure in chosen}.values())


MOST_ALIKE = 3
"""So many figures are shown where none of them varies."""


def _present(found: Mapping[str, Measure]) -> list[str]:
    """Name the key figures that there are; those by yardstick with the first yardstick."""
    names = []
    for key in KEY:
        own = next((name for name in found if name == key or name.startswith(f"{key}.")), None)
        if own is not None and found[own].finite.any():
            names.append(own)
    return names


def _follows(measure: Measure, cost: Measure) -> bool:
    """Whether a figure is the cost over something that is the same in all cases."""
    both = measure.finite & cost.finite & (cost.values != 0)
    if measure.name != "cost_cny_per_mwh" or not both.any():
        return False
    ratio = measure.values[both] / cost.values[both]
    return float(np.ptp(ratio)) <= SAME * float(np.abs(ratio).max())


def settled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round to seven figures, so that what equals but for the solver's last digits is equal.

    Examples
    --------
    >>> settled(np.array([69703.6990000001, 0.0])).tolist()
    [69703.7, 0.0]
    """
    sizes = np.floor(np.log10(np.maximum(np.abs(np.where(np.isfinite(values), values, 0.0)), 1e-300)))
    unit = 10.0 ** (sizes - 6)
    return np.where(np.isfinite(values) & (values != 0), np.round(values / unit) * unit, values)


def written(value: float, unit: str) -> str:
    """Write a number as given, with its unit where it has one; a dash for none."""
    if not np.isfinite(value):
        return "–"
    number = f.plain_number(float(f"{value:.4g}"))
    return f.united(number, unit) if unit else number


def finite(value: float) -> float | None:
    """Give a number for the page's data: twelve figures, nothing where it is not finite."""
    return float(f"{value:.{DIGITS}g}") if np.isfinite(value) else None


DIGITS = 12
"""Figures of the numbers in the page's data; more than a solver gives."""
