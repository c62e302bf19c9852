"""The worth of every number, told: names, values, slopes and ranges as texts; rows for the terminal and for files."""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from parksim.report import formats as f
from parksim.report.words import say, tell

NOUGHT = 1e-9
"""Changes below this part of the cost, or of the CO2, count as none."""

KINK = 1e-3
"""Slopes that differ by this part, left and right, stand on a kink."""

JUMP = 1e-3
"""Smaller jumps of the CO2 are not told [t]."""

SENSES = {"at least": "≥", "at most": "≤", "exact": "=", "about": "≈"}
"""What the true change is to that told."""

SECTIONS = {"tariffs": "tariff_titles", "components": "titles"}


@dataclass(frozen=True)
class Line:
    """One number, formatted for a table or a chart.

    Parameters
    ----------
    name, path, value
        The number in words, where it stands, and what it is.
    step
        The little more by which it is compared.
    cost_cny, co2_t
        Changes for a little less and a little more.
    more, more_t, slope, co2, valid
        Changes of cost and CO2, slopes of cost and CO2, ends of their range, as texts.
    """

    name: str
    path: str
    value: str
    step: str
    cost_cny: tuple[float, float]
    co2_t: tuple[float, float]
    more: str
    more_t: str
    slope: str
    co2: str
    valid: str
    source: str

    @property
    def largest_cny(self) -> float:
        """Larger of both changes of the cost, without sign; infinite where there is no plan."""
        return max((abs(value) for value in self.cost_cny if not np.isnan(value)), default=0.0)

    @property
    def largest_t(self) -> float:
        """Larger of both changes of the CO2, without sign."""
        return max((abs(value) for value in self.co2_t if np.isfinite(value)), default=0.0)


class Told:
    """A Dataset of :func:`parksim.questions.worth.worth`, read for people."""

    def __init__(self, ds: xr.Dataset) -> None:
        self.ds = ds
        self.cost, self.co2 = float(ds.attrs["objective_cny"]), float(ds.attrs["co2_t"])
        self._values = {name: ds[name].to_numpy() for name in ds.data_vars}

    @property
    def _least_cny(self) -> float:
        """Smaller changes of the cost count as none [CNY]."""
        return NOUGHT * max(abs(self.cost), 1.0)

    @property
    def _least_t(self) -> float:
        """Smaller changes of the CO2 count as none [t]."""
        return NOUGHT * max(abs(self.co2), 1.0)

    @cached_property
    def lines(self) -> list[Line]:
        """All numbers, in the order of the Dataset."""
        return [self._line(place) for place in range(self.ds.sizes["field"])]

    @property
    def moving(self) -> list[Line]:
        """Numbers that move the cost or the CO2."""
        return [line for line in self.lines if self.moves_cost(line) or self.moves_co2(line)]

    def moves_cost(self, line: Line) -> bool:
        """Whether anything is to be seen of a number in the cost."""
        return line.largest_cny > self._least_cny

    def moves_co2(self, line: Line) -> bool:
        """Whether anything is to be seen of a number in the CO2."""
        return line.largest_t > self._least_t

    @cached_property
    def kinks(self) -> int:
        """Count the numbers whose slopes differ left and right."""
        slopes = self._values["cost_slope"]
        both = np.isfinite(slopes).all(axis=1)
        apart = np.abs(slopes[:, 0] - slopes[:, 1]) > KINK * np.abs(slopes).max(axis=1, initial=0.0)
        return int((both & apart).sum())

    def name(self, path: str) -> str:
        """Name a number: its table's title, what it is, and which season or month."""
        section, key, *rest = path.split(".")
        place = int(np.flatnonzero(self.ds["field"].to_numpy() == path)[0])
        meaning = tell(str(self._values["meaning"][place])).rstrip(".。").replace("`", "")
        words = say("worth.weather") if section == "weather" else key.replace("_", " ")
        title = self._titles(section, "").get(key) or words
        title = f.titled(title[:1].upper() + title[1:], self._titles(section, "_zh").get(key, ""))
        small = meaning[:1].lower() + meaning[1:] if meaning[1:2].islower() or meaning[1:2] == " " else meaning
        ending = ".".join(tell(part) for part in rest[1:]) + "".join(re.findall(r"\[\d+\]", path))
        return say("worth.name.of" if ending else "worth.name", title=title, what=small, which=ending)

    def _titles(self, section: str, language: str) -> dict[str, str]:
        """Titles by key of the tables of a section."""
        if section == "yardsticks":
            told = json.loads(self.ds.attrs["yardsticks"])
            return {key: str(yardstick[f"title{language}"] or "") for key, yardstick in told.items()}
        found: dict[str, str] = json.loads(self.ds.attrs.get(f"{SECTIONS.get(section)}{language}", "{}"))
        return found

    @property
    def title(self) -> str:
        """Name of the park."""
        return f.titled(str(self.ds.attrs["title"]), str(self.ds.attrs.get("title_zh", "")))

    @property
    def note(self) -> str:
        """What the reader should know of the park."""
        return f.titled(str(self.ds.attrs["note"]), str(self.ds.attrs.get("note_zh", "")), both=False)

    @property
    def site(self) -> str:
        """Name of the place."""
        return f.titled(str(self.ds.attrs["site"]), str(self.ds.attrs.get("site_zh", "")), both=False)

    @property
    def yardstick(self) -> str:
        """Yardstick the CO2 is counted by, with year and factor; empty where there is none."""
        first: dict[str, Any] = next(iter(json.loads(self.ds.attrs["yardsticks"]).values()), {})
        if not first:
            return ""
        title = f.titled(str(first["title"]), str(first.get("title_zh") or ""), both=False)
        return say("worth.yardstick", title=title, year=first["year"], factor=f.factor(first["factor_t_per_mwh"]))

    def _line(self, place: int) -> Line:
        at = {name: values[place] for name, values in self._values.items()}
        path, unit = str(self.ds["field"].to_numpy()[place]), f.unit_text(str(at["unit"]))
        little = abs(float(at["little"]))
        sense = SENSES.get(str(at["sense"]), "")
        cost, co2 = (tuple(float(value) for value in at[key]) for key in ("cost_little", "co2_little"))
        return Line(
            name=self.name(path),
            path=path,
            value=_value(float(at["value"]), str(at["sort"]), unit),
            step=_step(float(at["little"]), float(at["value"]), str(at["sort"]), unit),
            cost_cny=(cost[0], cost[1]),
            co2_t=(co2[0], co2[1]),
            more=_more((cost[0], cost[1]), sense, least=self._least_cny),
            more_t=_more((co2[0], co2[1]), "", least=self._least_t),
            slope=_sides(at["cost_slope"], [], least=self._least_cny / little),
            co2=_sides(at["co2_slope"], [float(jump) for jump in at["co2_jump"]], least=self._least_t / little),
            valid=_range([float(end) for end in at["valid"]], float(at["value"])),
            source=str(at["source"]),
        )


def _with_unit(number: str, unit: str) -> str:
    return f.united(number, unit) if unit else number


def _value(value: float, sort: str, unit: str) -> str:
    if sort == "factor":
        return say("worth.profile")
    return say("worth.shift") if sort == "shift" else _with_unit(f.plain_number(value), unit)


def _step(step: float, value: float, sort: str, unit: str) -> str:
    """Write the little more of a number, nothing where it is one per cent."""
    if sort == "factor" or (value != 0.0 and sort == "number"):
        return ""
    return f"+{_with_unit(f.plain_number(step), unit)}"


def _signed(value: float) -> str:
    if np.isinf(value):
        return say("worth.no_plan")
    text = f.sig(value)
    return f"+{text}" if value > 0 and text != "0" else text


def _more(changes: tuple[float, float], sense: str, *, least: float) -> str:
    """Write the change for a little more, or for a little less where the number can only fall."""
    less, more = (0.0 if abs(change) < least else change for change in changes)
    if not np.isnan(more):
        return f"{sense} {_signed(more)}".lstrip() if np.isfinite(more) and more != 0.0 else _signed(more)
    return say("worth.falling", value=_signed(less)) if not np.isnan(less) else "–"


def _sides(slopes: Any, jumps: list[float], *, least: float) -> str:
    """Write a slope: one number where both sides agree, else both; below ``least`` it is nought."""
    left, right = (0.0 if abs(slope) < least else float(slope) for slope in slopes)
    jump = "".join(say("worth.jump", jump=_signed(value)) for value in jumps if abs(value) > JUMP)
    if np.isnan(left) and np.isnan(right):
        return "–"
    if np.isnan(left) or np.isnan(right):
        return (
            say("worth.rising" if np.isnan(left) else "worth.falling", value=_signed(right if np.isnan(left) else left))
            + jump
        )
    size = max(abs(left), abs(right))
    if left == right or (np.isfinite(size) and abs(left - right) <= KINK * size):
        return _signed(right) + jump
    return say("worth.sides", left=_signed(left), right=_signed(right)) + jump


def _range(ends: list[float], value: float) -> str:
    """Write the ends of a range with as many figures as tell them from the value."""
    if not np.isfinite(ends).any():
        return say("worth.endless")
    low, high = (_end(end, value) for end in ends)
    return say("worth.range", low=low, high=high)


def _end(end: float, value: float) -> str:
    if not np.isfinite(end):
        return "−∞" if end < 0 else "∞"
    apart = abs(end - value)
    digits = 3 if apart == 0.0 or end == 0.0 else max(3, int(np.ceil(np.log10(abs(end) / apart))) + 2)
    return f.plain_number(float(f"{end:.{min(digits, 10)}g}"))


def answer(told: Told) -> str:
    """Make the answer in one sentence: what costs most, and what more of saves most."""
    dear = [line for line in told.moving if np.isfinite(line.largest_cny)]
    costly = [line for line in dear if np.isfinite(line.cost_cny[1]) and line.cost_cny[1] > 0.0]
    saving = [line for line in dear if np.isfinite(line.cost_cny[1]) and line.cost_cny[1] < 0.0 and not line.step]
    parts = []
    if costly:
        first = costly[0]
        share = f.percent(first.cost_cny[1] / abs(told.cost)) if told.cost else "–"
        told_words = {
            "dearest": first.name,
            "cost": f.money(first.cost_cny[1]),
            "share": share,
            "total": f.money(told.cost),
        }
        parts.append(
            say("worth.answer", **told_words)
            if not first.step
            else say("worth.answer.one", step=first.step, **told_words)
        )
    else:
        parts.append(say("worth.answer.none"))
    plants = [line for line in saving if line.path.split(".")[-1].startswith(("power_max", "energy_max"))]
    if plants:
        parts.append(say("worth.answer.saves", best=plants[0].name, saved=f.money(-plants[0].cost_cny[1])))
    return say("answer.whole", clauses="".join(parts))


# the terminal and other programs


def table(ds: xr.Dataset) -> pd.DataFrame:
    """Give the slopes as a plain table, a row per number, units in the headings."""
    told = Told(ds)
    left, right = (ds.isel(side=side) for side in (0, 1))
    columns: dict[str, Any] = {"name": [line.name for line in told.lines]}
    columns |= {name: ds[name].to_numpy() for name in ("value", "unit", "sort", "little")}
    sided = (("cost_slope", "CNY per unit"), ("co2_slope", "t per unit"), ("valid", "unit"), ("drift", "1"))
    for name, heading in sided:
        columns |= {
            f"{name}_left [{heading}]": left[name].to_numpy(),
            f"{name}_right [{heading}]": right[name].to_numpy(),
        }
    for name, heading in (("cost_little", "CNY"), ("co2_little", "t"), ("co2_jump", "t")):
        columns |= {
            f"{name}_less [{heading}]": left[name].to_numpy(),
            f"{name}_more [{heading}]": right[name].to_numpy(),
        }
    columns |= {name: ds[name].to_numpy() for name in ("sense", "source")}
    return pd.DataFrame(columns, index=pd.Index(ds["field"].to_numpy(), name="field"))


COLUMNS = ("number", "more", "more_t", "value", "slope", "slope_t", "valid")
"""What is printed of a number."""

NARROW = 3
"""Columns that fit a terminal of 80 signs."""

_MATHS = str.maketrans({"\u2265": ">=", "\u2264": "<=", "\u2248": "~", "\u221e": "inf", "\u201c": '"', "\u201d": '"'})


def _terminal(text: str) -> str:
    return f.to_plain(text.translate(_MATHS))


def answer_plain(told: Told) -> str:
    """Give the answer without signs that an old terminal lacks."""
    return _terminal(answer(told))


def headings() -> list[str]:
    """Name what is printed of a number."""
    return [_terminal(say(f"worth.print.{name}")) for name in COLUMNS]


def printed(told: Told, top: int) -> list[tuple[str, ...]]:
    """Give the dearest numbers as rows for the terminal, each cell without signs that an old one lacks."""
    rows = []
    for line in told.moving[:top]:
        more = f"{line.more} ({line.step})" if line.step else line.more
        rows.append(tuple(map(_terminal, (line.path, more, line.more_t, line.value, line.slope, line.co2, line.valid))))
    return rows


def plain(ds: xr.Dataset) -> dict[str, Any]:
    """Give the slopes as plain data: what they are of, and every number, the dearest first.

    Names carry units; ``value``, ``little`` and ``valid`` are in ``unit``, and slopes per one of it.
    """
    pairs = {
        "cost_slope": "cost_slope_cny_per_unit",
        "co2_slope": "co2_slope_t_per_unit",
        "co2_jump": "co2_jump_t",
        "valid": "valid",
        "drift": "drift",
        "cost_little": "cost_little_cny",
        "co2_little": "co2_little_t",
    }
    alone = ("value", "unit", "sort", "little", "sense", "source")
    numbers = []
    for place, path in enumerate(ds["field"].to_numpy()):
        row: dict[str, Any] = {"field": str(path)}
        for name in alone:
            value = ds[name].to_numpy()[place]
            row[name] = float(value) if isinstance(value, float) else str(value)
        for name, told in pairs.items():
            left, right = (float(value) for value in ds[name].to_numpy()[place])
            row[told] = {"left": left, "right": right}
        numbers.append(row)
    keys = ("park", "title", "objective_cny", "co2_t", "yardstick", "horizon_h", "parksim_version")
    return {**{key: ds.attrs[key] for key in keys}, "numbers": numbers}
