"""Key figures as tiles: value, unit, one line of context."""

from dataclasses import dataclass

import numpy as np

from parksim.report import formats as f
from parksim.report.findings import GREEN, damage_cny, is_year, unserved_days
from parksim.report.verdict import certainty_of, clause_of, core_of, figure_of, limit_of, outcome_of
from parksim.report.view import SMALL, View
from parksim.report.words import beside, say

MOST_TILES = 8


@dataclass(frozen=True)
class Tile:
    """One key figure.

    Parameters
    ----------
    label, beside
        What it is; the same in Chinese on an English page.
    value, unit
        The figure, formatted.
    context
        One line: share, against the claim, against what.
    alarm
        Whether the figure is bad news that must not be overlooked.
    """

    label: str
    beside: str
    value: str
    unit: str
    context: str
    alarm: bool = False


def tile(key: str, number: str, unit: str, context: str, *, alarm: bool = False) -> Tile:
    """Make a tile of the text of its label."""
    return Tile(say(key), beside(key), number, unit, context, alarm)


def tiles(view: View) -> list[Tile]:
    """Choose six to eight key figures."""
    first = [_unserved(view), _green(view), _cost(view), _core(view), _avoided(view), _bought(view), _demand(view)]
    more = [_emitted(view), _storage(view), _unused(view), _own_use(view), _peak(view), _paid(view)]
    return [tile for tile in (*first, *more) if tile is not None][:MOST_TILES]


def _green(view: View) -> Tile:
    number, unit = f.energy_parts(float(view.summary["green_supply_mwh"]))
    share = f.percent(float(view.summary["green_share"]))
    claim = next((c for c in view.claims.values() if c["figure"] == GREEN), None)
    if not view.has_green:
        context = say("tile.green.none")
    elif claim is None or not is_year(view):
        context = say("tile.green.of", share=share)
    else:
        ratio = float(view.summary["green_supply_mwh"]) / float(claim["value"])
        claimed = f.energy(float(claim["value"]))
        context = say("tile.green.claim", share=share, ratio=f.percent(ratio), claimed=claimed)
    return tile("tile.green", number, unit, _with_sources(view, context))


def _with_sources(view: View, context: str) -> str:
    """Add to what is said of the green supply by which title it comes."""
    energies = {"direct": float(view.summary["direct_mwh"]), "own": float(view.summary["renewable_mwh"])}
    told = [say(f"tile.green.{title}", energy=f.energy(mwh)) for title, mwh in energies.items() if mwh > SMALL]
    return say("tile.green.sources", context=context, sources=f.listed(told)) if told else context


def _core(view: View) -> Tile | None:
    """Tell whether the park passes, where the horizon is a year and the core indicator has a figure."""
    clause = core_of(view.summary["verdict"])
    if not is_year(view) or clause["figure"] is None or clause["outcome"] not in ("pass", "fail"):
        return None
    direct = clause_of(view.summary["verdict"], "direct_supply")
    context = say(
        "tile.core.of",
        core=outcome_of(clause),
        limit=limit_of(clause),
        figure=figure_of(direct),
        least=limit_of(direct),
        direct=outcome_of(direct),
        certainty=certainty_of(direct),
    )
    least = "≥" if clause["figure_max"] is None else ""
    return tile("tile.core", least + f.sig(float(clause["figure"])), f.unit_name("tCO₂/tce"), context)


def _cost(view: View) -> Tile:
    cost, bought = view.summary["cost_cny"], float(view.summary["import_mwh"])
    total = f.money(float(cost["total"]))
    grids = {flow.component for flow in view.with_role("import")}
    paid = [float(cost[f"{name}.energy"]) for name in grids if f"{name}.energy" in cost]
    damage = damage_cny(view)
    if damage > SMALL:
        context = say("tile.cost.damage", money=total, damage=f.money(damage))
    elif bought > SMALL and paid:
        context = say("tile.cost.of", money=total, price=f.per_kwh(sum(paid) / bought))
    else:
        context = say("tile.cost.plain", money=total)
    number = f.sig(float(view.summary["cost_cny_per_mwh"]) / 1e3)
    return tile("tile.cost", number, f.unit_name("CNY/kWh"), context)


def _bought(view: View) -> Tile:
    bought, sold = float(view.summary["import_mwh"]), float(view.summary["export_mwh"])
    number, unit = f.energy_parts(bought)
    peak = f.power(float(view.summary["peak_import_mw"]))
    if bought <= SMALL:
        context = say("tile.bought.none")
    elif sold > SMALL:
        context = say("tile.sold.of", peak=peak, sold=f.energy(sold))
    else:
        share = f.percent(bought / view.load_mwh) if view.load_mwh > 0 else "–"
        context = say("tile.bought.of", peak=peak, share=share)
    return tile("tile.bought", number, unit, context)


def _demand(view: View) -> Tile:
    number, unit = f.energy_parts(view.load_mwh)
    peak = float(view.summary["peak_load_mw"])
    factor = f.sig(view.load_mwh / view.hours / peak, 2) if peak > 0 else "–"
    return tile("tile.demand", number, unit, say("tile.demand.of", peak=f.power(peak), factor=factor))


def _avoided(view: View) -> Tile | None:
    if not view.yardsticks or not view.has_green:
        return None
    key = next(iter(view.yardsticks))
    avoided = float(view.summary["avoided_co2_t"][key])
    additional = float(view.summary["avoided_additional_co2_t"][key])
    against = {"yardstick": view.yardstick_name(key), "factor": f.factor(view.yardsticks[key]["factor_t_per_mwh"])}
    if abs(avoided - additional) <= SMALL * max(avoided, 1.0):
        context = say("tile.avoided.same", **against)
    else:
        context = say("tile.avoided.of", additional=f.mass(additional), **against)
    return tile("tile.avoided", *f.mass_parts(avoided), context)


def _emitted(view: View) -> Tile | None:
    if not view.yardsticks:
        return None
    key = next(iter(view.yardsticks))
    factor = f.factor(view.yardsticks[key]["factor_t_per_mwh"])
    context = say("tile.emitted.of", yardstick=view.yardstick_name(key), factor=factor)
    return tile("tile.emitted", *f.mass_parts(float(view.summary["emissions_t"][key])), context)


def _storage(view: View) -> Tile | None:
    stores = view.summary["storage"]
    if not stores:
        return None
    name, figures = max(stores.items(), key=lambda item: item[1]["full_cycles"])
    moved, shown = f.energy(figures["discharge_mwh"]), view.name(name)
    if len(stores) > 1:
        context = say("tile.storage.more", n=len(stores), name=shown, moved=moved)
    else:
        context = say("tile.storage.of", name=shown, moved=moved, depth=f.percent(figures["mean_depth"]))
    return tile("tile.storage", f.sig(figures["full_cycles"]), say("tile.storage.unit"), context)


def _unused(view: View) -> Tile | None:
    figures = view.summary
    curtailed, missed = float(figures["curtailed_mwh"]), float(figures["direct_not_taken_mwh"])
    if curtailed + missed <= SMALL:
        return None
    number, unit = f.energy_parts(curtailed + missed)
    if curtailed <= SMALL:
        share = missed / (missed + float(figures["direct_mwh"]))
        context = say("tile.unused.direct", share=f.percent(share))
    elif missed <= SMALL:
        share = curtailed / (curtailed + float(figures["renewable_mwh"]))
        context = say("tile.unused.curtailed", share=f.percent(share))
    else:
        context = say("tile.unused.of", curtailed=f.energy(curtailed), not_taken=f.energy(missed))
    return tile("tile.unused", number, unit, context)


def _own_use(view: View) -> Tile | None:
    if not view.has_green:
        return None
    share = f.sig(100.0 * float(view.summary["self_use_share"]))
    return tile("tile.own", share, "%", say("tile.own.of"))


def _peak(view: View) -> Tile | None:
    bought = view.total("import")
    if bought.max(initial=0.0) <= SMALL:
        return None
    at = view.stamps[int(np.argmax(bought))]
    number, unit = f.power_parts(float(view.summary["peak_import_mw"]))
    return tile("tile.peak", number, unit, f.date_time(at))


def _paid(view: View) -> Tile:
    total = float(view.summary["cost_cny"]["total"])
    number, unit = f.money_parts(total)
    context = say("tile.paid.of", price=f.united(f.sig(float(view.summary["cost_cny_per_mwh"])), "CNY/MWh"))
    return tile("tile.paid", number, unit, context)


def _unserved(view: View) -> Tile | None:
    lost = float(view.summary["unserved_mwh"])
    if lost <= SMALL * max(view.load_mwh, 1.0):
        return None
    number, unit = f.energy_parts(lost)
    context = say("tile.unserved.of", share=f.percent(lost / view.load_mwh), days=unserved_days(view))
    return tile("tile.unserved", number, unit, context, alarm=True)
