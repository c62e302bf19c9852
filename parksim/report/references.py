"""Reference runs in words: what the same park would cost another way, and what storage is worth."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from parksim.report import formats as f
from parksim.report.view import View
from parksim.report.words import say

SMALL_MWH = 0.5
"""Less unserved energy than this is not told [MWh]."""

REASONS = ("no_grid", "infeasible", "refused")
"""Ways in which a reference has no plan that have a text of their own."""

Found = Mapping[str, Any]


@dataclass(frozen=True)
class Scale:
    """One unit for a column: its size, its name, and the decimals that line the column up."""

    size: float
    unit: str
    decimals: int

    @classmethod
    def of_money(cls, found: Iterable[Found]) -> "Scale":
        """Choose the unit of costs; savings, which are smaller, stand in it too."""
        largest = max(abs(float(one["cost_cny"])) for one in found)
        size, unit = f.money_scale(largest)
        return cls(size, unit, max(f.decimals_for(largest / size), 2 if size > 1.0 else 0))

    @classmethod
    def of_energy(cls, found: Iterable[Found]) -> "Scale":
        """Choose the unit of energies bought."""
        largest = max(float(one["import_mwh"]) for one in found)
        size, unit = f.energy_scale(largest)
        return cls(size, unit, f.decimals_for(largest / size))

    def write(self, value: float) -> str:
        """Write a value of the column."""
        return f.fixed(float(value) / self.size, self.decimals)


def references(view: View) -> dict[str, Found]:
    """Give the reference runs by name; empty where none was made."""
    found: dict[str, Found] = view.summary["references"]
    return found


def with_plan(view: View) -> dict[str, Found]:
    """Give the reference runs that have a plan."""
    return {name: one for name, one in references(view).items() if one["feasible"]}


def all_from_the_grid(view: View) -> Found | None:
    """Give the reference that buys everything, if it has a plan."""
    return next((one for one in with_plan(view).values() if one["sort"] == "grid"), None)


def name_of(view: View, name: str, one: Found) -> str:
    """Name a reference; a tariff by its title in the language of the moment."""
    subject = view.tariff_title(name.removeprefix("tariff.")) if one["sort"] == "tariff" else ""
    return say(f"references.{one['sort']}", subject=subject)


def notes(view: View) -> list[str]:
    """Say which limits were lifted, what stays unserved, and which references have no plan."""
    lines = []
    for key, one in references(view).items():
        name = f.capital(name_of(view, key, one))
        lines += [
            say("references.lifted", name=name, path=path, was=f.plain_number(was), now=f.plain_number(now))
            for path, (was, now) in one["lifted"].items()
        ]
        if not one["feasible"]:
            reason = one["termination"] if one["termination"] in REASONS else "other"
            told = {"termination": one["termination"], "note": one["note"]}
            lines.append(say(f"references.none.{reason}", name=name, **told).rstrip())
        elif one["unserved_mwh"] > SMALL_MWH:
            lines.append(say("references.unserved", name=name, energy=f.energy(one["unserved_mwh"])))
    return lines


def text_rows(view: View) -> list[list[str]]:
    """Give the run and the references that have a plan as a table for the terminal, headings first; empty without."""
    found = with_plan(view)
    if not found:
        return []
    own = own_figures(view)
    money, energy = Scale.of_money([own, *found.values()]), Scale.of_energy([own, *found.values()])

    def row(name: str, one: Found) -> list[str]:
        saving = one["saving_cny"]
        return [
            name,
            money.write(one["cost_cny"]),
            f.sig(float(one["unit_cost_cny_per_mwh"]) / 1e3),
            "" if saving is None else money.write(saving),
            f.percent(float(one["green_share"])),
            energy.write(one["import_mwh"]),
            f.sig(float(one["peak_import_mw"])),
        ]

    units = say("references.text.units", money=money.unit, energy=energy.unit)
    names = ("cost", "per_kwh", "saves", "green", "bought", "peak")
    head = [units, *(say(f"references.text.{name}") for name in names)]
    return [head, row(say("references.run"), own), *(row(name_of(view, key, one), one) for key, one in found.items())]


def own_figures(view: View) -> dict[str, Any]:
    """Give the figures of the run itself by the names that references have; it saves nothing against itself."""
    summary = view.summary
    return {
        "cost_cny": summary["cost_cny"]["total"],
        "unit_cost_cny_per_mwh": summary["cost_cny_per_mwh"],
        "saving_cny": None,
        **{name: summary[name] for name in ("green_share", "import_mwh", "export_mwh", "peak_import_mw")},
        **{name: summary[name] for name in ("unserved_mwh", "emissions_t")},
    }


# the answer


def against(view: View) -> str:
    """Say what a kWh would cost all from the grid, as a part of the answer; nothing where that is unknown."""
    grid = all_from_the_grid(view)
    if grid is None:
        return ""
    price, lost = f.per_kwh(float(grid["unit_cost_cny_per_mwh"])), float(grid["unserved_mwh"])
    if lost > SMALL_MWH:
        return say("answer.against_damage", price=price, unserved=f.energy(lost))
    return say("answer.against", price=price)


def storage_worth(view: View, *, year: bool) -> str:
    """Say what storage saves, as a sentence of the answer; nothing where that is unknown or there is none.

    Parameters
    ----------
    year
        Whether the horizon is a year.
    """
    worth = view.summary["storage_worth_cny"]
    if worth is None:
        return ""
    key = f"answer.storage_{'year' if year else 'time'}"
    return say(key if worth >= 0.0 else f"{key}.costs", worth=f.money(abs(float(worth))))
