"""A component's own part of the results, and what components say of themselves with nothing but that in hand."""

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from parksim.accounts.reading import Results
from parksim.component import Array, Component


class Whole:
    """What the slices of all components read of the same results: arrays, and where labels stand in them."""

    def __init__(self, ds: Results) -> None:
        self.ds = ds
        self.step_h = float(ds.attrs["step_h"])
        self.stamps = pd.DatetimeIndex(ds.variables["time"].to_numpy())
        self._arrays: dict[str, Array] = {}
        self._places: dict[str, dict[str, int]] = {}

    def values(self, variable: str) -> Any:
        """Values of a variable."""
        if variable not in self._arrays:
            self._arrays[variable] = self.ds.variables[variable].to_numpy()
        return self._arrays[variable]

    def places(self, dim: str) -> Mapping[str, int]:
        """Label of a dimension to its position."""
        if dim not in self._places:
            self._places[dim] = {label: at for at, label in enumerate(self.values(dim).tolist())}
        return self._places[dim]

    @cached_property
    def month_cover(self) -> Array:
        """Share of each calendar month inside the horizon, counted from the stamps, shape (month,) [1]."""
        of_step = self.stamps.to_numpy().astype("datetime64[M]")
        first = np.flatnonzero(np.append(True, of_step[1:] != of_step[:-1]))
        month, steps = of_step[first], np.diff(np.append(first, len(of_step)))
        begin, end = (each.astype("datetime64[h]").astype(np.int64) for each in (month, month + 1))
        return steps * self.step_h / (end - begin)

    @cached_property
    def first_yardstick(self) -> dict[str, Any]:
        """The park's first yardstick of CO2; empty where it has none."""
        return next(iter(json.loads(self.ds.attrs["yardsticks"]).values()), {})

    @cached_property
    def largest(self) -> dict[str, float]:
        """Component to its largest power or content [MW or MWh]."""
        found: dict[str, float] = {}
        for owners, variable in (("component", "power"), ("level_component", "content")):
            tops = np.abs(self.values(variable)).max(axis=1, initial=0.0)
            for name, top in zip(self.values(owners).tolist(), tops.tolist(), strict=True):
                found[name] = max(found.get(name, 0.0), top)
        return found


class DatasetSlice:
    """One component's part of the results (the words of :class:`parksim.component.Slice`).

    Parameters
    ----------
    whole
        What the slices of other components read too; made here where left out.
    """

    def __init__(self, ds: Results, component: str, *, whole: Whole | None = None) -> None:
        self.whole, self.component = whole or Whole(ds), component
        self.step_h, self.stamps = self.whole.step_h, self.whole.stamps
        self.month_of_step = self.whole.values("month_of_step")
        self.grid_co2_t_per_mwh = float(self.whole.first_yardstick.get("factor_t_per_mwh", 0.0))
        self.grid_co2_net = bool(self.whole.first_yardstick.get("net_of_export", False))

    @property
    def month_cover(self) -> Array:
        """Share of each calendar month inside the horizon, shape (month,) [1]."""
        return self.whole.month_cover

    def _input(self, label: str) -> Array:
        for dim in ("input", "month_input"):
            at = self.whole.places(dim).get(label)
            if at is not None:
                return np.asarray(self.whole.values(f"{dim}_value")[at], np.float64)
        raise KeyError(label)

    def given(self, field: str) -> Array:
        """Profile or monthly field of the component as read, shape (time,) or (month,)."""
        return self._input(f"components.{self.component}.{field}")

    def tariff(self, name: str) -> tuple[Array, Array]:
        """Energy price, shape (time,), and demand charge, shape (month,), as read."""
        return self._input(f"tariffs.{name}.energy_cny_per_mwh"), self._input(f"tariffs.{name}.demand_cny_per_mw_month")

    def _row(self, variable: str, dim: str, item: str) -> Array:
        at = self.whole.places(dim).get(f"{self.component}.{item}")
        if at is None:
            raise KeyError(item)
        return np.asarray(self.whole.values(variable)[at], np.float64)

    def power(self, flow: str) -> Array:
        """Power of a flow, shape (time,) [MW]."""
        return self._row("power", "flow", flow)

    def upper(self, flow: str) -> Array:
        """Upper bound of a flow, shape (time,) [MW]."""
        return self._row("upper", "flow", flow)

    def energy_mwh(self, flow: str) -> float:
        """Energy of a flow over the horizon [MWh]."""
        return float(self.power(flow).sum()) * self.step_h

    def level(self, name: str) -> Array:
        """Content at the end of each step, shape (time,) [MWh]."""
        return self._row("content", "level", name)

    def level_before(self, name: str) -> Array:
        """Content at the begin of each step, shape (time,) [MWh]."""
        end, start = self.level(name), float(self._row("content_start", "level", name))
        return np.concatenate(([start], end[:-1]))

    def peak(self, name: str) -> Array:
        """Peak per month, shape (month,) [MW]."""
        return self._row("peak_value", "peak", name)

    def total(self, name: str) -> Array:
        """Total or amount per month or year, in order [MWh]."""
        values = self._row("total_value", "total", name)
        return values[np.isfinite(values)]

    def number(self, name: str) -> float:
        """One number the LP was filled with."""
        return float(self._row("number_value", "number", name))

    def series(self, name: str) -> Array:
        """One array the LP was filled with, shape (time,), (month,) or (year,)."""
        label = f"{self.component}.{name}"
        if label in self.whole.places("series"):
            return self._row("series_value", "series", name)
        if label in self.whole.places("month_number"):
            values = self._row("month_value", "month_number", name)
            return values[np.isfinite(values)]
        return np.full(len(self.stamps), self.number(name))


def restated(ds: Results, components: Mapping[str, Component]) -> dict[str, Any]:
    """Give as variables what components say of themselves: indicators, residuals of equations, ledgers restated.

    A residual is the largest gap of an equation over the largest power or content of the component (at least 1).
    """
    indicators: dict[str, tuple[float, str]] = {}
    residuals: dict[str, float] = {}
    ledgers: dict[str, float] = {}
    whole = Whole(ds)
    for name, component in components.items():
        own = DatasetSlice(ds, name, whole=whole)
        for indicator in component.indicators:
            indicators[f"{name}.{indicator.name}"] = (indicator.value(own), indicator.unit)
        scale = max(1.0, whole.largest.get(name, 0.0))
        for row, gap in component.residuals(own).items():
            worst = np.maximum(-gap, 0.0) if row.endswith("_slack") else np.abs(gap)
            residuals[f"{name}.{row}"] = float(worst.max(initial=0.0)) / scale
        ledgers |= {f"{name}.{term}": value for term, value in component.costs(own).items()}
        ledgers |= {f"{name}.{source}": value for source, value in component.emissions(own).items()}
    return {
        "indicator": ("indicator", list(indicators)),
        "residual": ("residual", list(residuals)),
        "restated": ("restated", list(ledgers)),
        "indicator_value": ("indicator", np.array([value for value, _ in indicators.values()], np.float64)),
        "indicator_unit": ("indicator", np.array([unit for _, unit in indicators.values()], dtype=object)),
        "residual_value": ("residual", np.array(list(residuals.values()), np.float64)),
        "restated_value": ("restated", np.array(list(ledgers.values()), np.float64)),
    }
