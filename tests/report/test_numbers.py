"""Every figure of the page against the Dataset, summed up here a second time from its arrays.

What a reader sees as a number in sentences, tiles, titles, tables and labels must be some recomputed figure, rounded as
shown, in the unit that stands behind it or in the heading of its column.
"""

import json
import re

import numpy as np
import pytest

from parksim.accounts.energy import trace, trace_green
from parksim.kernels import cycles
from parksim.report.heat import BUSY_H, CALM_H

RUNS = ["of_year", "of_two_days", "of_short", "of_bare"]
THIN = "\u202f"
SIZES = {"TWh": 1e6, "GWh": 1e3, "GW": 1e3, "CNY/kWh": 1e3, "million": 1e6, "%": 0.01}
SHOWN = re.compile(rf"(?<![\w.,:])(−?\d{{1,3}}(?:{THIN}\d{{3}})+(?:\.\d+)?|−?\d+(?:\.\d+)?)(?:{THIN}([A-Za-z%/]+))?")
NO_FIGURE = re.compile(
    r"\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*(?: \d{4})?|\d\d:\d\d|\b20\d\d\b|10 %|10⁻⁶"
)
SECTIONS = {"claims", "balance", "dispatch", "year", "duration", "storage", "costs"}
"""Sections whose figures are looked at; limits, sources and the audit have tests of their own."""


class Recount:
    """Figures of a run from its arrays, with little else."""

    def __init__(self, ds):
        self.ds, self.h = ds, float(ds.attrs["step_h"])
        self.power, self.upper = ds["power"].to_numpy(), ds["upper"].to_numpy()
        self.role, self.kind, self.feeds = (ds[name].to_numpy() for name in ("role", "kind", "feeds"))
        self.joined = ds["flow_node"].to_numpy() != ""
        self.yardsticks = json.loads(ds.attrs["yardsticks"])
        self.claims = json.loads(ds.attrs["claims"])
        self.found = set()

    def of(self, *roles):
        return self.power[np.isin(self.role, roles) & self.joined].sum(axis=0)

    def mwh(self, power):
        return float(np.sum(power)) * self.h

    def add(self, *values):
        self.found |= {float(value) for value in values}

    def all(self):
        for part in (self.flows, self.green, self.money, self.stores, self.carbon, self.time, self.peaks, self.hours):
            part()
        return np.array(sorted(abs(value) for value in self.found if np.isfinite(value)))

    def flows(self):
        moving = self.joined & (self.power.max(axis=1) > 1e-6)
        self.supply = self.mwh(self.power[moving & self.feeds])
        for row in np.flatnonzero(moving):
            self.add(self.mwh(self.power[row]), self.mwh(self.power[row]) / self.supply, self.power[row].max())
        self.add(self.supply, 1.0, self.mwh(self.power[moving & ~self.feeds]))
        self.spare = np.where(np.isin(self.role, ["renewable", "direct"])[:, None], self.upper - self.power, 0.0)
        for row in np.flatnonzero(self.spare.max(axis=1) > 1e-6):
            self.add(self.mwh(self.spare[row]), self.mwh(self.spare[row]) / self.supply, self.spare[row].max())
        self.load, self.bought = self.of("demand"), self.of("import")
        self.unserved = self.of("unserved")
        load, taken = self.mwh(self.load), self.mwh(self.of("direct", "renewable"))
        spare = self.mwh(self.spare)
        self.add(load, self.load.max(), load / (self.h * len(self.load)) / (self.load.max() or 1), spare)
        self.add(self.bought.max(), self.mwh(self.bought), self.mwh(self.bought) / load, self.mwh(self.unserved))
        self.add(self.mwh(self.unserved) / load, self.mwh(self.of("export")), 1 - self.mwh(self.unserved) / load)
        for role in ("direct", "renewable"):
            part = self.mwh(self.spare[self.role == role])
            self.add(self.mwh(self.of(role)), part, part / (part + self.mwh(self.of(role)) or 1))
        if taken + spare:
            sold = self.mwh((self.power * trace_green(self.ds).share)[self.role == "export"])
            self.add((taken - sold) / (taken + spare))

    def green(self):
        chosen = (self.role == "demand") & self.joined
        share = trace_green(self.ds).share
        by_step = (self.power * share)[chosen].sum(axis=0)
        shed = trace(self.ds, self.role == "unserved").share if self.unserved.any() else np.zeros_like(share)
        served = self.load - (self.power * shed)[chosen].sum(axis=0)
        self.served, self.green_mwh = self.mwh(served), self.mwh(by_step)
        self.add(self.served, self.green_mwh, self.green_mwh / self.served)
        stamps = self.ds["time"].to_index()
        period = stamps.month.to_numpy() if len(stamps) > 62 * 24 / self.h else stamps.day_of_year.to_numpy()
        simple = self.load - self.unserved
        for one in np.unique(period):
            self.add(by_step[period == one].sum() / simple[period == one].sum())
        existing = {
            path.split(".")[1]
            for path, value in zip(self.ds["field"].to_numpy(), self.ds["field_value"].to_numpy(), strict=True)
            if path.endswith(".plant") and value == "existing"
        }
        old = np.isin(self.ds["component"].to_numpy(), sorted(existing))
        made = np.isin(self.role, ["renewable", "direct"])
        new = self.mwh((self.power * trace(self.ds, made & ~old).share)[chosen])
        self.new_share = new / self.green_mwh if self.green_mwh else 0.0
        self.add(1 - self.new_share)

    def money(self):
        terms = self.ds["cost"].sum("time").to_numpy()
        total = float(terms.sum())
        self.add(total, total / self.served, *terms, *(terms / self.served), *(terms / total if total else []))
        energy = [str(label).endswith(".energy") and "hydro" not in str(label) for label in self.ds["term"].to_numpy()]
        if self.mwh(self.bought):
            self.add(terms[np.array(energy)].sum() / self.mwh(self.bought))

    def stores(self):
        lost = 0.0
        for row, component in enumerate(self.ds["level_component"].to_numpy()):
            own = self.ds["component"].to_numpy() == component
            charge, discharge = (self.mwh(self.power[own & (self.role == r)]) for r in ("charge", "discharge"))
            level = np.append(float(self.ds["content_start"][row]), self.ds["content"].to_numpy()[row])
            lower, upper = (self.ds[f"content_{end}"].to_numpy()[row] for end in ("lower", "upper"))
            usable = float((upper - lower).max())
            change = level[-1] - level[0]
            lost += charge - discharge - change
            counted = cycles.rainflow(np.round(level, 6))  # a solver's last digits are no cycles
            self.add(charge, discharge, charge - discharge - change, change, usable, lower.min(), upper.max())
            self.add(charge / self.supply, (charge - discharge - change) / self.supply)
            self.add(cycles.full_cycles(level, usable), counted.counts.sum())
            self.add(cycles.mean_depth(counted.spans, counted.counts, usable))
            near = 1e-3 * usable
            self.add((level[1:] >= upper - near).sum() * self.h, (level[1:] <= lower + near).sum() * self.h)
        self.add(lost)

    def carbon(self):
        for yardstick in self.yardsticks.values():
            factor = float(yardstick["factor_t_per_mwh"])
            self.add(factor, factor * self.mwh(self.bought), factor * self.green_mwh)
            self.add(factor * self.green_mwh * self.new_share, len(self.yardsticks))
        claimed = {claim["figure"]: float(claim["value"]) for claim in self.claims.values()}
        self.add(*claimed.values(), len(self.claims))
        if "avoided_co2_t" in claimed and self.green_mwh:
            self.add(claimed["avoided_co2_t"] / self.green_mwh)
            avoided = [float(y["factor_t_per_mwh"]) * self.green_mwh for y in self.yardsticks.values()]
            self.add(*(value / claimed["avoided_co2_t"] for value in avoided))
        if "green_supply_mwh" in claimed:
            self.add(self.green_mwh / claimed["green_supply_mwh"])
            self.add(claimed.get("avoided_co2_t", 0) / claimed["green_supply_mwh"])

    def time(self):
        steps = len(self.load)
        days = np.bincount(np.arange(steps) * round(self.h * 60) // 1440, weights=self.bought)
        self.add(steps * self.h, (days > 1e-6).sum(), len(days), (self.bought > 1e-6).sum() * self.h)
        month = self.ds["time"].to_index().month.to_numpy()
        by_month = np.bincount(month - 1, weights=self.bought, minlength=12)
        for length in range(1, 13):
            runs = [by_month[np.arange(first, first + length) % 12].sum() for first in range(12)]
            self.add(max(runs) / (by_month.sum() or 1))
        self.add((np.bincount(np.arange(steps) * round(self.h * 60) // 1440, weights=self.unserved) > 1e-6).sum())

    def peaks(self):
        could = self.upper[np.isin(self.role, ["renewable", "direct"])].sum(axis=0)
        for values in (self.load, self.load - could, self.bought, *self.ds["price"].to_numpy()):
            falling = np.sort(values)[::-1]
            ranked = [falling[n] for n in (round(10 / self.h) - 1, round(100 / self.h) - 1) if n < len(falling)]
            self.add(falling[0], falling[-1], *ranked)
            self.add((falling >= 0.9 * falling[0]).sum() * self.h, (falling <= 1e-6).sum() * self.h)

    def hours(self):
        rows = round(24 / self.h)
        limits = self.upper[self.role == "import"].sum(axis=0)
        self.add(limits.max(), ((limits > 1e-6) & (self.bought >= limits - 1e-6)).sum() * self.h)
        place = np.arange(len(self.bought)) % rows
        parts = [self.bought[(place - first) % rows < BUSY_H / self.h].sum() for first in range(rows)]
        self.add(max(parts) / (self.bought.sum() or 1))
        for price in self.ds["price"].to_numpy():
            if len(price) >= rows:
                mean = np.array([price[place == row].mean() for row in range(rows)])
                parts = [mean[(np.arange(rows) - first) % rows < CALM_H / self.h].mean() for first in range(rows)]
                self.add(max(parts), min(parts))
        for price in self.ds["price"].to_numpy():
            self.add(price.mean(), price[price > 1e-6].min(initial=1e9), np.quantile(price, 0.99))


def read(text):
    """Number, size of its unit, and tolerance of its rounding, of every figure in a text."""
    for number, unit in SHOWN.findall(NO_FIGURE.sub(" ", text)):
        plain = number.replace(THIN, "").replace("−", "-")
        value, decimals = abs(float(plain)), len(plain.partition(".")[2])
        zeros = len(plain) - len(plain.rstrip("0")) if not decimals else 0
        rounded = 0.5 * 10.0 ** (zeros if len(plain.strip("-")) > 3 else 0 if not decimals else -decimals)
        yield number, value, SIZES.get(unit, 1.0), rounded


def is_one_of(pool, value, size, rounded):
    """Whether a figure is one of the pool, rounded."""
    low, high = (value - 1.001 * rounded) * size, (value + 1.001 * rounded) * size
    return np.searchsorted(pool, low) < np.searchsorted(pool, high, side="right")


def size_of(heading):
    """Size of the unit that the heading of a column names."""
    unit = re.search(r"\((million CNY|TWh|GWh)\)", heading)
    return SIZES[unit[1].split(" ")[0]] if unit else 1.0


def shown(page):
    """Texts that hold figures, with the size of the unit that the heading of their column names."""
    section, sizes, at = "answer", [], 0
    for tag, attrs, text in page.elements:
        section = attrs["id"] if tag == "h2" else section
        if section not in {"answer", *SECTIONS}:
            continue
        sort = attrs.get("class", "")
        if tag == "table":
            sizes = []
        elif tag == "th" and attrs.get("scope") == "col":
            sizes.append(size_of(text))
        elif tag == "tr":
            at = -1
        elif tag == "td":
            at += 1
            if sort == "number":
                yield text, sizes[at]
        elif (tag == "p" and sort == "answer") or tag in {"h3", "figcaption", "tspan"} or sort in {"mark", "context"}:
            yield text, 1.0
        elif tag == "dd" and sort == "value":
            value, unit = text.split(" ", 1)
            yield value + THIN + unit.strip().split(" ")[0], 1.0


@pytest.mark.parametrize("name", RUNS)
def test_every_figure_shown_is_one_of_the_dataset(pages, name):
    _, page, ds, _ = pages(name)
    pool = Recount(ds).all()
    strange, seen = [], 0
    for text, column in shown(page):
        for number, value, size, rounded in read(text):
            seen += 1
            if value and not is_one_of(pool, value, size * column, rounded):
                strange.append((number, text))
    assert strange == []
    assert seen > 30


def test_the_check_notices_figures_that_are_not(pages):
    _, page, ds, _ = pages("of_year")
    pool = Recount(ds).all()
    figures = [(figure, column) for text, column in shown(page) for figure in read(text) if len(figure[0]) > 3]
    wrong = [is_one_of(pool, 1.0173 * value, size * column, rounded) for (_, value, size, rounded), column in figures]
    assert len(figures) > 100
    assert np.mean(wrong) < 0.4


@pytest.mark.parametrize("name", RUNS)
def test_the_energy_flow_of_the_page_adds_up_to_the_energy_table(pages, name):
    text, _, ds, _ = pages(name)
    recount = Recount(ds)
    recount.flows()
    drawn = re.search(r'<svg[^>]*class="sankey wide".*?</svg>', text, flags=re.DOTALL)[0]
    links = re.findall(r'data-from="([^"]+)" data-to="([^"]+)" data-mwh="([^"]+)"', drawn)
    energy = {(first, second): float(mwh) for first, second, mwh in links}
    into = sum(mwh for (_, second), mwh in energy.items() if second == "electricity")
    out = sum(mwh for (first, _), mwh in energy.items() if first == "electricity")
    assert into == pytest.approx(recount.supply, rel=1e-9)
    assert out == pytest.approx(recount.supply, rel=1e-6)
    unused = sum(mwh for (_, second), mwh in energy.items() if second.endswith("unused"))
    assert unused == pytest.approx(recount.mwh(recount.spare), abs=1e-4)
    narrow = re.search(r'<svg[^>]*class="sankey narrow".*?</svg>', text, flags=re.DOTALL)[0]
    assert re.findall(r'data-mwh="[^"]+"', narrow) == re.findall(r'data-mwh="[^"]+"', drawn)


@pytest.mark.parametrize("name", RUNS)
def test_labels_of_the_energy_flow_are_those_of_the_energy_table(pages, name):
    _, page, _, _ = pages(name)
    start = next(at for at, e in enumerate(page.elements) if e[0] == "caption" and e[2].startswith("Energy over"))
    rows = []
    for tag, attrs, text in page.elements[start:]:
        if tag == "caption" and rows:
            break
        if tag == "tr":
            rows.append([])
        elif tag == "td" and attrs.get("class") in {"number", "text"} and rows:
            rows[-1].append(text)
    energies = [row[1] for row in rows if len(row) >= 3 and row[0] != "Sum"]
    labels = [e[2].partition(THIN + "MWh")[0].partition(THIN + "GWh")[0] for e in page.elements if e[0] == "tspan"]
    assert energies
    assert set(energies) <= set(labels)
