"""Tables of the page: headings, cells, and how they line up."""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from parksim.report import formats as f
from parksim.report.binding import Limit
from parksim.report.findings import Co2Claim, co2_claims, is_year, term_name
from parksim.report.view import SMALL, Array, Flow, View, number
from parksim.report.words import say, term

Align = Literal["text", "number"]
SHARES = ("green_share", "self_use_share")


@dataclass(frozen=True)
class Cell:
    """One cell.

    Parameters
    ----------
    text
        What it says.
    span
        Rows it covers; 0 where the cell above covers this row.
    sort
        Class of the cell: ``text``, ``number``, ``unit``, ``code``, ``source``, ``met``, ``not``.
    """

    text: str
    span: int = 1
    sort: str = "text"


@dataclass(frozen=True)
class Row:
    """One row; ``sort`` is ``head`` for a heading inside the table, ``sum`` for a sum."""

    cells: list[Cell]
    sort: str = ""


@dataclass(frozen=True)
class Table:
    """A table with its caption and headings."""

    caption: str
    columns: list[tuple[str, Align]]
    rows: list[Row] = field(default_factory=list)


def _row(*texts: str, numbers_from: int = 1, sort: str = "") -> Row:
    cells = [Cell(text, sort="text" if place < numbers_from else "number") for place, text in enumerate(texts)]
    return Row(cells, sort)


def _columns(*titles: str, numbers_from: int = 1) -> list[tuple[str, Align]]:
    return [(title, "text" if place < numbers_from else "number") for place, title in enumerate(titles)]


def source_spans(texts: list[str]) -> list[Cell]:
    """Make cells of sources; one shared by neighbours is written once."""
    cells = []
    for place, text in enumerate(texts):
        again = place > 0 and texts[place - 1] == text
        span = next((n for n, other in enumerate(texts[place:]) if other != text), len(texts) - place)
        cells.append(Cell(text, span=0 if again else span, sort="source"))
    return cells


# claims and yardsticks


def figure_text(figure: str, value: float) -> str:
    """Write the value of a figure that a claim speaks of."""
    if figure in SHARES:
        return f.percent(value)
    return f.mass(value) if figure.endswith("_t") else f.energy(value)


def claims_table(view: View) -> Table | None:
    """List the claims, one row each; claims on CO2 with their range over the yardsticks."""
    if not view.claims:
        return None
    rows, told = [], []
    for key, claim in view.claims.items():
        title = view.claim_title(key)
        found = [row for row in view.summary["claims"] if row["claim"] == claim["title"]]
        if not found:
            continue
        values = [float(row["simulated"]) for row in found]
        met = sum(row["verdict"] == "met" for row in found)
        figure, claimed = str(claim["figure"]), float(claim["value"])
        rows.append(
            Row(
                [
                    Cell(say("claims.name", title=title, figure=term(f"figure.{figure}", otherwise=figure))),
                    Cell(figure_text(figure, claimed), sort="number"),
                    Cell(_range(values, lambda value, figure=figure: figure_text(figure, value)), sort="number"),
                    Cell(_range([value / claimed for value in values], f.percent), sort="number"),
                    _verdict(met, len(found), yardsticks=found[0]["yardstick"] is not None),
                ]
            )
        )
        told.append(str(claim["source"]) or say("sources.missing"))
    for row, source in zip(rows, source_spans(told), strict=True):
        row.cells.append(source)
    columns = _columns(*(say(f"claims.col.{c}") for c in ("claim", "claimed", "simulated", "ratio")))
    columns += [(say("claims.col.verdict"), "text"), (say("claims.col.source"), "text")]
    return Table(say("claims.table"), columns, rows)


def _range(values: list[float], write: Any) -> str:
    least, most = write(min(values)), write(max(values))
    return str(most) if least == most else say("claims.range", least=least, most=most)


def _verdict(met: int, n: int, *, yardsticks: bool) -> Cell:
    if not yardsticks:
        return Cell(say("claims.met" if met else "claims.not_met"), sort="met" if met else "not")
    if met == n:
        return Cell(say("claims.met_by_all", n=n), sort="met")
    return Cell(
        say("claims.met_by", k=met, n=n) if met else say("claims.not_met_by", n=n), sort="met" if met else "not"
    )


def yardsticks_table(view: View) -> Table | None:
    """List the yardsticks with what they make of this run."""
    if not view.yardsticks:
        return None
    claims: list[Co2Claim] = co2_claims(view) if is_year(view) else []
    rows = []
    spans = source_spans([str(yardstick["source"]) or say("sources.missing") for yardstick in view.yardsticks.values()])
    for (key, yardstick), source in zip(view.yardsticks.items(), spans, strict=True):
        avoided = float(view.summary["avoided_co2_t"][key])
        name = view.yardstick_title(key, both=True)
        name = say("yardsticks.net", name=name) if yardstick["net_of_export"] else name
        cells = [
            Cell(name),
            Cell(f.plain_number(float(yardstick["factor_t_per_mwh"])), sort="number"),
            Cell(str(yardstick["year"]), sort="number"),
            Cell(f.sig(float(view.summary["emissions_t"][key])), sort="number"),
            Cell(f.sig(avoided), sort="number"),
            Cell(f.sig(float(view.summary["avoided_additional_co2_t"][key])), sort="number"),
            *([Cell(f.percent(avoided / claims[0].claimed_t), sort="number")] if claims else []),
            source,
        ]
        rows.append(Row(cells))
    names = ["name", "factor", "year", "emitted", "avoided", "additional", *(["ratio"] if claims else [])]
    columns = _columns(*(say(f"yardsticks.col.{name}") for name in names))
    return Table(say("yardsticks.table"), [*columns, (say("yardsticks.col.source"), "text")], rows)


def needed_factors(view: View) -> list[str]:
    """Say which factor each claim on avoided CO2 would need."""
    if not is_year(view):
        return []
    energy = next((float(c["value"]) for c in view.claims.values() if c["figure"] == "green_supply_mwh"), None)
    found = []
    for claim in co2_claims(view):
        claimed = f.mass(claim.claimed_t)
        if not np.isfinite(claim.needed_t_per_mwh):
            found.append(say("claims.needed.none", claimed=claimed))
            continue
        told = {"claimed": claimed, "green": f.energy(float(view.summary["green_supply_mwh"]))}
        told["needed"] = _per_mwh(claim.needed_t_per_mwh)
        if energy:
            told |= {"energy": f.energy(energy), "published": _per_mwh(claim.claimed_t / energy)}
        found.append(say("claims.needed.published" if energy else "claims.needed", **told))
    return found


def _per_mwh(factor: float) -> str:
    return f.united(f.sig(factor), "t/MWh")


# energy


def unused_name(flow: Flow) -> str:
    """Name what a source could have given and did not."""
    return say("balance.not_taken" if flow.role == "direct" else "balance.curtailed", name=flow.name)


def energy_format(view: View) -> tuple[float, str, int]:
    """Choose how energies of the run are written: size of the unit [MWh], its name, decimals."""
    whole = sum(float(view.power[flow.row].sum()) for flow in view.flows if flow.feeds and view.moves(flow))
    scale, unit = f.energy_scale(whole * view.step_h)
    return scale, unit, f.decimals_for(whole * view.step_h / scale)


def energy_table(view: View) -> Table:
    """List what fed and what drew over the horizon; both sums agree."""
    supply = [flow for flow in view.flows if flow.feeds and view.moves(flow)]
    use = [flow for flow in view.flows if not flow.feeds and view.moves(flow)]
    sums = {flow.label: float(view.power[flow.row].sum()) * view.step_h for flow in view.flows}
    whole = sum(sums[flow.label] for flow in supply)
    scale, unit, decimals = energy_format(view)
    peaks = f.decimals_for(max((float(view.power[flow.row].max()) for flow in (*supply, *use)), default=0.0))

    def line(name: str, power: Array, energy: float) -> Row:
        shown = f.fixed(energy / scale, decimals)
        return _row(name, shown, share_text(energy, whole), f.fixed(float(power.max(initial=0.0)), min(peaks, 2)))

    rows = [heading(say("balance.supply"), 4)]
    rows += [line(flow.name, view.power[flow.row], sums[flow.label]) for flow in supply]
    rows.append(_row(say("balance.sum"), f.fixed(whole / scale, decimals), share_text(whole, whole), "", sort="sum"))
    rows.append(heading(say("balance.use"), 4))
    rows += [line(flow.name, view.power[flow.row], sums[flow.label]) for flow in use]
    used = sum(sums[flow.label] for flow in use)
    rows.append(_row(say("balance.sum"), f.fixed(used / scale, decimals), share_text(used, whole), "", sort="sum"))
    unused = [(flow, view.unused(flow)) for flow in view.with_role("renewable", "direct")]
    lines = [
        line(
            unused_name(flow),
            power,
            float(power.sum()) * view.step_h,
        )
        for flow, power in unused
        if power is not None
    ]
    rows += [heading(say("balance.unused"), 4), *lines] if lines else []
    columns = _columns(*(say(f"balance.col.{c}", unit=unit) for c in ("what", "energy", "share", "peak")))
    return Table(say("balance.table"), columns, rows)


def share_text(part: float, whole: float) -> str:
    """Write a share with one decimal, so that a column of shares lines up."""
    return f.united(f.fixed(100.0 * part / whole, 1), "%") if whole > 0 else "–"


def heading(text: str, columns: int) -> Row:
    """Make a heading inside a table."""
    return Row([Cell(text), *[Cell("") for _ in range(columns - 1)]], "head")


def storage_table(view: View) -> Table | None:
    """List how the stores worked."""
    stores: dict[str, dict[str, float]] = view.summary["storage"]
    if not stores:
        return None
    scale, unit = f.energy_scale(max(store["charge_mwh"] for store in stores.values()))
    decimals = f.decimals_for(max(store["charge_mwh"] for store in stores.values()) / scale)
    labels = [str(name) for name in view.ds["level_component"].to_numpy()]
    rows = []
    for name, store in stores.items():
        row = labels.index(name)
        change = float(view.ds["content"].to_numpy()[row, -1] - view.ds["content_start"].to_numpy()[row])
        rows.append(
            _row(
                view.name(name),
                f.sig(store["energy_usable_mwh"]),
                *(f.fixed(store[k] / scale, decimals) for k in ("charge_mwh", "discharge_mwh", "loss_mwh")),
                f.sig(change) if abs(change) > SMALL else "0",
                f.sig(store["full_cycles"]),
                f.sig(store["rainflow_cycles"]),
                f.percent(store["mean_depth"]),
            )
        )
    names = ("name", "usable", "charged", "discharged", "loss", "change", "full", "rainflow", "depth")
    return Table(say("storage.table"), _columns(*(say(f"storage.col.{n}", unit=unit) for n in names)), rows)


# money and limits


def costs_table(view: View) -> Table:
    """List the cost by term; the sum is the objective."""
    cost = {k: float(v) for k, v in view.summary["cost_cny"].items()}
    total = cost.pop("total")
    scale, unit = f.money_scale(total)
    decimals = f.decimals_for(total / scale)
    served = view.served_mwh

    def line(name: str, value: float, sort: str = "") -> Row:
        per = f.fixed(value / served, 1) if served > 0 else "–"
        return _row(name, f.fixed(value / scale, decimals), per, share_text(value, total), sort=sort)

    rows = [
        line(term_name(view, label), value) for label, value in sorted(cost.items(), key=lambda kv: -kv[1]) if value
    ]
    rows.append(line(say("costs.sum"), total, "sum"))
    return Table(
        say("costs.table"),
        _columns(*(say(f"costs.col.{c}", unit=unit) for c in ("term", "money", "per", "share"))),
        rows,
    )


def limits_table(found: list[Limit]) -> Table | None:
    """List the limits that bind."""
    if not found:
        return None
    scale, unit = f.money_scale(found[0].worth_cny)
    decimals = f.decimals_for(found[0].worth_cny / scale)
    rows = [
        _row(
            limit.what,
            f.whole(limit.hours) if np.isfinite(limit.hours) else "–",
            f.united(f.sig(limit.price_cny), limit.unit),
            f.fixed(limit.worth_cny / scale, decimals),
            f.sig(limit.worth_cny / 100.0),
        )
        for limit in found
    ]
    names = ("what", "hours", "price", "worth", "saves")
    return Table("", _columns(*(say(f"binds.col.{n}", unit=unit) for n in names)), rows)


def ties(view: View) -> list[str]:
    """Say how wide the plans of equal cost lie."""
    told = view.summary["ties"]
    bought, moved = ([number(v) for v in told[key]] for key in ("bought_mwh", "moved_mwh"))
    if not np.isfinite([*bought, *moved]).all():
        return [say("ties.unknown")]
    width = bought[1] - bought[0]
    if width <= SMALL * max(view.load_mwh, 1.0):
        found = [say("ties.unique")]
    else:
        share = f.percent(width / view.load_mwh) if view.load_mwh > 0 else "–"
        found = [
            say("ties.wide", least=f.energy(bought[0]), most=f.energy(bought[1]), width=f.energy(width), share=share)
        ]
    if view.summary["storage"]:
        same = moved[1] - moved[0] <= SMALL * max(view.load_mwh, 1.0)
        text = (
            say("ties.moved_unique") if same else say("ties.moved", least=f.energy(moved[0]), most=f.energy(moved[1]))
        )
        found.append(text)
    return found
