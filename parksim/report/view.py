"""What the report reads of a Dataset: names, flows with their style, sums by period, the green trace."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from parksim.accounts.energy import GREEN_ROLES, additional_share, curtailed, trace_green
from parksim.notes import from_parts
from parksim.report import formats as f
from parksim.report.theme import Style, styles
from parksim.report.words import say, tell, term

Array = NDArray[np.float64]

CARRIER = "electricity"
SMALL = 1e-6
"""Powers below this are not drawn [MW]; the Dataset keeps them."""

DAYS_BY_DAY = 62
"""Horizons up to this many days are summed by day, longer ones by month."""


def number(value: float | None) -> float:
    """Read a figure of the summary; what a JSON file holds as nothing is not a number."""
    return float("nan") if value is None else float(value)


@dataclass(frozen=True)
class Flow:
    """One flow as the page tells it."""

    row: int
    label: str
    component: str
    name: str
    role: str
    kind: str
    feeds: bool
    node: str
    carrier: str
    style: Style

    @property
    def key(self) -> str:
        """Name of its array in the page."""
        return f"p{self.row}"


class View:
    """A Dataset and its summary, read for the page.

    Parameters
    ----------
    ds
        Results of a run.
    summary
        What :func:`parksim.accounts.summary.summarise` gave for it.
    """

    def __init__(self, ds: xr.Dataset, summary: Mapping[str, Any]) -> None:
        self.ds, self.summary = ds, summary
        self.stamps = pd.DatetimeIndex(ds["time"].to_numpy())
        self.step_h = float(ds.attrs["step_h"])
        self.power: Array = ds["power"].to_numpy()
        self.upper: Array = ds["upper"].to_numpy()
        self.title = f.titled(str(ds.attrs["title"]), str(ds.attrs.get("title_zh", "")))
        self.note = f.titled(str(ds.attrs["note"]), str(ds.attrs.get("note_zh", "")), both=False)
        self.titles: dict[str, str] = json.loads(ds.attrs["titles"])
        self.titles_zh: dict[str, str] = json.loads(ds.attrs.get("titles_zh", "{}"))
        self.yardsticks: dict[str, dict[str, Any]] = json.loads(ds.attrs["yardsticks"])
        self.claims: dict[str, dict[str, Any]] = json.loads(ds.attrs["claims"])

    # names

    def name(self, component: str, *, both: bool = True) -> str:
        """Name of a component: its title, or its key in words; in English the Chinese stands beside it."""
        words = component.replace("_", " ")
        title = self.titles.get(component) or words[:1].upper() + words[1:]
        return f.titled(title, self.titles_zh.get(component, ""), both=both)

    def flow_name(self, component: str, item: str, role: str) -> str:
        """Name of a flow: the component's, and what the flow does where that is not plain."""
        own = term(f"item.{item}", otherwise=item.replace("_", " ")) if role == "convert" else ""
        word = term(f"role.{role}", otherwise=own)
        return say("flow.name", name=self.name(component), what=word) if word else self.name(component)

    @cached_property
    def joined(self) -> list[Flow]:
        """Flows joined to a node, of any carrier, in the order of the park file."""
        ds = self.ds
        nodes = ds["flow_node"].to_numpy()
        rows = [row for row, node in enumerate(nodes) if node]
        labels, components, roles, kinds, joins, carriers = (
            [str(value) for value in ds[name].to_numpy()[rows]]
            for name in ("flow", "component", "role", "kind", "flow_node", "carrier")
        )
        looks = styles(zip(roles, kinds, carriers, strict=True))
        names = [self.flow_name(c, x.split(".", 1)[1], r) for c, x, r in zip(components, labels, roles, strict=True)]
        feeds = ds["feeds"].to_numpy()[rows].tolist()
        parts = zip(rows, labels, components, names, roles, kinds, feeds, joins, carriers, looks, strict=True)
        return [Flow(*part) for part in parts]

    @cached_property
    def flows(self) -> list[Flow]:
        """Flows of electricity joined to a node, in the order of the park file."""
        return [flow for flow in self.joined if flow.carrier == CARRIER]

    def with_role(self, *roles: str) -> list[Flow]:
        """Flows of some roles."""
        return [flow for flow in self.flows if flow.role in roles]

    def moves(self, flow: Flow) -> bool:
        """Whether anything is to be seen of a flow."""
        return bool(np.abs(self.power[flow.row]).max(initial=0.0) > SMALL)

    def number_of(self, label: str) -> float:
        """Read a number that the LP was filled with; NaN where there is none."""
        index = self.ds.indexes["number"]
        return float(self.ds["number_value"].to_numpy()[index.get_loc(label)]) if label in index else float("nan")

    def field_of(self, component: str, name: str) -> str:
        """Read a value of the park file; empty where the component has no such field."""
        at = np.flatnonzero(self.ds["field"].to_numpy() == f"components.{component}.{name}")
        return str(self.ds["field_value"].to_numpy()[at[0]]) if len(at) else ""

    # time

    @property
    def steps(self) -> int:
        """Number of steps."""
        return len(self.stamps)

    @property
    def hours(self) -> float:
        """Length of the horizon [h]."""
        return self.steps * self.step_h

    @property
    def end(self) -> pd.Timestamp:
        """First moment after the horizon."""
        return self.stamps[-1] + pd.Timedelta(hours=self.step_h)

    @cached_property
    def whole_years(self) -> int:
        """Number of calendar years the horizon is made of, 0 where it is not."""
        start, end = self.stamps[0], self.end
        begins = (start.month, start.day, start.hour, end.month, end.day, end.hour) == (1, 1, 0, 1, 1, 0)
        return int(end.year - start.year) if begins else 0

    @property
    def year_share(self) -> float:
        """Length of the horizon over a year [1]."""
        return float(self.ds.attrs["year_share"])

    @cached_property
    def day_of_step(self) -> NDArray[np.int64]:
        """Position of each step's day, shape (time,)."""
        return ((self.stamps.normalize() - self.stamps[0].normalize()) // pd.Timedelta(days=1)).to_numpy(np.int64)

    @property
    def days(self) -> int:
        """Number of days the horizon touches."""
        return int(self.day_of_step[-1]) + 1

    @property
    def by_day(self) -> bool:
        """Whether periods are days, else months."""
        return self.days <= DAYS_BY_DAY

    @cached_property
    def period_of_step(self) -> NDArray[np.int64]:
        """Position of each step's period (day or month), shape (time,)."""
        return self.day_of_step if self.by_day else self.ds["month_of_step"].to_numpy().astype(np.int64)

    @cached_property
    def periods(self) -> pd.DatetimeIndex:
        """First day of each period."""
        first = np.flatnonzero(np.diff(self.period_of_step, prepend=-1))
        starts = self.stamps[first].normalize()
        return starts if self.by_day else pd.DatetimeIndex([stamp.replace(day=1) for stamp in starts])

    # sums

    def per_period(self, power_mw: Array) -> Array:
        """Energy by period, shape (period,) [MWh]."""
        sums = np.bincount(self.period_of_step, weights=power_mw, minlength=len(self.periods))
        return np.asarray(sums * self.step_h, np.float64)

    def per_day(self, power_mw: Array) -> Array:
        """Energy by day, shape (day,) [MWh]."""
        return np.asarray(
            np.bincount(self.day_of_step, weights=power_mw, minlength=self.days) * self.step_h, np.float64
        )

    def total(self, *roles: str) -> Array:
        """Power of all flows of some roles together, shape (time,) [MW]."""
        rows = [flow.row for flow in self.with_role(*roles)]
        return np.asarray(self.power[rows].sum(axis=0), np.float64)

    @cached_property
    def green_mw(self) -> Array:
        """Green part of the demand served, shape (time,) [MW]."""
        rows = [flow.row for flow in self.with_role("demand")]
        share = trace_green(self.ds).share
        return np.asarray((self.power[rows] * share[rows]).sum(axis=0), np.float64)

    @cached_property
    def served_mw(self) -> Array:
        """Demand served, shape (time,) [MW]."""
        return self.total("demand") - self.total("unserved")

    @cached_property
    def curtailed_mw(self) -> dict[int, Array]:
        """Row of a renewable flow to its power not used, shape (time,) [MW]."""
        rows = np.flatnonzero(self.ds["role"].to_numpy() == "renewable")
        lost = curtailed(self.ds)
        return {int(row): np.maximum(lost[place], 0.0) for place, row in enumerate(rows)}

    @cached_property
    def not_taken_mw(self) -> dict[int, Array]:
        """Row of a direct supply to its power that could have arrived and was not taken, shape (time,) [MW]."""
        rows = [flow.row for flow in self.with_role("direct")]
        return {row: np.maximum(self.upper[row] - self.power[row], 0.0) for row in rows}

    def unused(self, flow: Flow) -> Array | None:
        """Power of a source that was there and not used, shape (time,) [MW]."""
        found = self.curtailed_mw.get(flow.row, self.not_taken_mw.get(flow.row))
        return found if found is not None and found.max(initial=0.0) > SMALL else None

    # figures of the summary

    @property
    def load_mwh(self) -> float:
        """Demand [MWh]."""
        return float(self.summary["load_mwh"])

    @property
    def served_mwh(self) -> float:
        """Demand served [MWh]."""
        return float(self.summary["served_mwh"])

    def supply_prices(self) -> dict[str, float]:
        """Name of a supplier to what a MWh bought from it costs with all its charges, sales apart [CNY MWh-1]."""
        bought: dict[str, float] = {}
        for flow in self.with_role("direct", "import"):
            energy = float(self.power[flow.row].sum()) * self.step_h
            bought[flow.component] = bought.get(flow.component, 0.0) + energy
        paid = dict.fromkeys(bought, 0.0)
        for label, cost in self.summary["cost_cny"].items():
            component, _, item = label.partition(".")
            if component in paid and item != "sales":
                paid[component] += float(cost)
        return {self.name(name): paid[name] / energy for name, energy in bought.items() if energy > SMALL}

    @property
    def has_green(self) -> bool:
        """Whether the park has green sources at all."""
        return bool(self.with_role(*GREEN_ROLES))

    @cached_property
    def additional_share(self) -> float:
        """Share of the green energy that is not of plants that existed before [1]."""
        return additional_share(self.ds, float(self.summary["green_supply_mwh"]))

    def yardstick_title(self, key: str, *, both: bool = False) -> str:
        """Title of a yardstick, or its key where it is none of the park file."""
        yardstick = self.yardsticks.get(key, {"title": key})
        return f.titled(str(yardstick["title"]), str(yardstick.get("title_zh") or ""), both=both)

    def yardstick_name(self, key: str) -> str:
        """Title of a yardstick with its year."""
        title, year = self.yardstick_title(key), str(self.yardsticks[key]["year"])
        return title if year in title else say("yardstick.name", title=title, year=year)

    def claim_title(self, key: str) -> str:
        """Title of a claim, or its key where it is none of the park file."""
        claim = self.claims.get(key, {"title": key})
        title = f.titled(str(claim["title"]), str(claim.get("title_zh") or ""), both=False)
        return title.replace("CO2", "CO₂")

    def tariff_title(self, key: str) -> str:
        """Title of a tariff, or its key where it has none."""
        english, chinese = (
            json.loads(self.ds.attrs.get(f"tariff_titles{language}", "{}")).get(key, "") for language in ("", "_zh")
        )
        return f.titled(english or key.replace("_", " "), chinese)

    @property
    def site(self) -> str:
        """Name of the place."""
        site = json.loads(self.ds.attrs["site"])
        return f.titled(str(site["name"]), str(site.get("name_zh") or ""), both=False)

    @property
    def notes(self) -> list[str]:
        """Notes of reading."""
        told = self.ds.attrs.get("notes_told")
        return [tell(from_parts(note)) for note in json.loads(told)] if told else list(self.summary["notes"])

    @property
    def solver_info(self) -> dict[str, Any]:
        """What the solver said of itself."""
        return dict(self.summary["solver"])
