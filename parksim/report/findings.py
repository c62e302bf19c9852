"""What the figures say, in sentences: the answer, the titles of charts, what to read with care."""

from dataclasses import dataclass

import numpy as np

from parksim.report import formats as f
from parksim.report.references import against, storage_worth
from parksim.report.verdict import core_in_answer
from parksim.report.view import SMALL, Array, View, number
from parksim.report.words import count, say, term

AVOIDED, GREEN = "avoided_co2_t", "green_supply_mwh"
WIDE_TIE = 1e-4
"""Ties wider than this share of demand are told at the top."""

INVESTMENT_TERMS = ("investment", "capital", "annuity", "capex")
"""Cost terms that pay for building; where none is booked the page says that building is not in the cost."""

YEAR_TOLERANCE = 0.02


@dataclass(frozen=True)
class Co2Claim:
    """A claim on avoided CO2 held against all yardsticks.

    Parameters
    ----------
    claimed_t
        What is claimed [t].
    avoided_t
        Yardstick to what the run avoids [t].
    met
        Yardsticks by which the claim is met.
    needed_t_per_mwh
        Factor at which the green supply would avoid what is claimed; infinite without green supply.
    """

    title: str
    claimed_t: float
    avoided_t: dict[str, float]
    met: list[str]
    needed_t_per_mwh: float


def co2_claims(view: View) -> list[Co2Claim]:
    """Claims on avoided CO2, in the order of the park file."""
    found = []
    green = float(view.summary["green_supply_mwh"])
    for claim in view.claims.values():
        if claim["figure"] != AVOIDED:
            continue
        rows = [row for row in view.summary["claims"] if row["claim"] == claim["title"] and row["yardstick"]]
        avoided = {row["yardstick"]: float(row["simulated"]) for row in rows}
        met = [row["yardstick"] for row in rows if row["verdict"] == "met"]
        needed = float(claim["value"]) / green if green > 0 else float("inf")
        found.append(Co2Claim(str(claim["title"]), float(claim["value"]), avoided, met, needed))
    return found


def is_year(view: View) -> bool:
    """Whether the horizon is as long as a year, so that claims on a year can be held against it."""
    return abs(view.year_share - 1.0) <= YEAR_TOLERANCE


def period(view: View) -> str:
    """Say when, to begin a sentence."""
    return _time(view, "period")


def span(view: View) -> str:
    """Say when, in a heading."""
    return _time(view, "span")


def _time(view: View, form: str) -> str:
    first, years = view.stamps[0], view.whole_years
    if years == 1:
        return say(f"{form}.year", year=first.year)
    if years > 1:
        return say(f"{form}.years", first=first.year, last=first.year + years - 1)
    if view.hours % 24 == 0 and view.hours > 24:
        return say(f"{form}.days", n=f.whole(view.hours / 24), date=f.date(first))
    whole = view.hours % 1 == 0
    hours = count(round(view.hours), "hour") if whole else say("count.hours.part", n=f.sig(view.hours))
    return say(f"{form}.hours", hours=hours, date=f.date(first))


def answer(view: View) -> str:
    """Make the answer from the figures: one sentence, and what stands behind it."""
    return f.sentences([text for text in answer_halves(view) if text])


def answer_halves(view: View) -> tuple[str, str]:
    """Give the answer apart: one sentence on supply and cost; then rules, storage and the claim, or nothing."""
    figures = view.summary
    unit_cost = float(figures["cost_cny_per_mwh"])
    if view.load_mwh <= 0:
        return say("answer.none", period=period(view), cost=f.money(float(figures["cost_cny"]["total"]))), ""
    parts = [_supply(view)]
    lost = float(figures["unserved_mwh"])
    short = lost > SMALL * view.load_mwh
    key = "answer.earns" if unit_cost < 0 else ("answer.cost_damage" if short else "answer.cost")
    parts.append(say(key, price=f.per_kwh(abs(unit_cost))) + against(view) if view.served_mwh > 0 else "")
    if short:
        parts.append(say("answer.unserved", unserved=f.energy(lost), share=f.percent(lost / view.load_mwh)))
    first = say("answer.whole", clauses="".join(parts))
    rest = [storage_worth(view, year=is_year(view))]
    if is_year(view):
        rest = [core_in_answer(figures["verdict"]), *rest, *(_verdict(view, claim) for claim in co2_claims(view)[:1])]
    return first, f.sentences([text for text in rest if text])


def _supply(view: View) -> str:
    green, load = float(view.summary["green_supply_mwh"]), f.energy(view.load_mwh)
    if not view.has_green:
        bought = (view.load_mwh - float(view.summary["unserved_mwh"])) / view.load_mwh
        key = "answer.bought" if bought > 1.0 - SMALL else "answer.bought_part"
        return say(key, period=period(view), load=load, share=f.percent(bought))
    if green <= SMALL * view.load_mwh:
        return say("answer.no_green", period=period(view), load=load)
    told = {"period": period(view), "share": f.percent(float(view.summary["green_share"])), "load": load}
    told["green"] = f.energy(green)
    claim = next((c for c in view.claims.values() if c["figure"] == GREEN), None)
    if claim is None or not is_year(view):
        return say("answer.green", **told)
    claimed = float(claim["value"])
    return say("answer.green_of_claim", ratio=f.percent(green / claimed), claimed=f.energy(claimed), **told)


def _verdict(view: View, claim: Co2Claim) -> str:
    claimed, n = f.mass(claim.claimed_t), len(claim.avoided_t)
    if not n:
        return ""
    if claim.met:
        if len(claim.met) == n:
            return say("answer.claim_all", claimed=claimed)
        names = f.listed([view.yardstick_name(key) for key in claim.met])
        return say("answer.claim_some", claimed=claimed, k=len(claim.met), n=n, names=names)
    if not np.isfinite(claim.needed_t_per_mwh):
        return say("answer.claim_zero", claimed=claimed)
    factors = {key: float(view.yardsticks[key]["factor_t_per_mwh"]) for key in claim.avoided_t}
    top = max(factors, key=lambda key: factors[key])
    needed = f.united(f.sig(claim.needed_t_per_mwh), "t/MWh")
    if n == 1:
        name = view.yardstick_name(top)
        return say("answer.claim_above_one", claimed=claimed, needed=needed, highest=f.factor(factors[top]), name=name)
    key = "answer.claim_above_both" if n == 2 else "answer.claim_above_all"
    return say(key, claimed=claimed, needed=needed, highest=f.factor(factors[top]), n=n)


# what to read with care


def care(view: View, *, assumed: int, fields: int) -> list[str]:
    """List what a reader must know before using the figures.

    Parameters
    ----------
    assumed, fields
        Number of values that are assumptions, and of all values of the park file.
    """
    terms = {str(label).split(".", 1)[-1] for label in view.ds["term"].to_numpy()}
    found = [
        _unserved_care(view),
        "" if is_year(view) else say("care.part_of_year", share=f.percent(view.year_share), span=span(view)),
        _unmet_care(view),
        "" if terms & set(INVESTMENT_TERMS) else say("care.no_investment"),
        say("care.assumptions", n=f.whole(assumed), all=f.whole(fields)) if assumed else "",
        _existing_care(view),
        _not_taken_care(view),
        _refusable_care(view),
        _no_floor_care(view),
        _foresight_care(view),
        _tie_care(view),
        "" if view.yardsticks else say("care.no_yardsticks"),
    ]
    return [text for text in found if text]


def damage_cny(view: View) -> float:
    """Sum up the damage of unserved load that the cost holds [CNY]."""
    return float(sum(v for k, v in view.summary["cost_cny"].items() if k.endswith(".shortage")))


def unserved_days(view: View) -> str:
    """Count the days with unserved load."""
    return count(int((view.per_day(view.total("unserved")) > SMALL).sum()), "day")


def _unserved_care(view: View) -> str:
    lost = float(view.summary["unserved_mwh"])
    if lost <= SMALL * max(view.load_mwh, 1.0):
        return ""
    return say("care.unserved", unserved=f.energy(lost), days=unserved_days(view), price=f.money(damage_cny(view)))


def _unmet_care(view: View) -> str:
    met = {row["claim"] for row in view.summary["claims"] if row["verdict"] == "met"}
    unmet = [view.claim_title(key) for key, claim in view.claims.items() if claim["title"] not in met]
    if not unmet or not is_year(view):
        return ""
    return say("care.claims", n=len(unmet), all=len(view.claims), names=f.points(unmet))


def _existing_care(view: View) -> str:
    share = 1.0 - view.additional_share
    if not view.has_green or share < SMALL or view.summary["green_supply_mwh"] <= 0:
        return ""
    if share > 1.0 - SMALL:
        return say("care.existing_all")
    first = next(iter(view.yardsticks), None)
    if first is None:
        return say("care.existing_plain", share=f.percent(share))
    return say(
        "care.existing",
        share=f.percent(share),
        avoided=f.mass(view.summary["avoided_additional_co2_t"][first]),
        all=f.mass(view.summary["avoided_co2_t"][first]),
        yardstick=view.yardstick_name(first),
    )


def _not_taken_care(view: View) -> str:
    missed, taken = float(view.summary["direct_not_taken_mwh"]), float(view.summary["direct_mwh"])
    if missed < 0.01 * (missed + taken) or missed + taken <= 0:
        return ""
    return say("care.not_taken", energy=f.energy(missed), share=f.percent(missed / (missed + taken)))


def _refusable_care(view: View) -> str:
    supplies = dict.fromkeys(flow.component for flow in view.with_role("direct"))
    free = [view.name(name) for name in supplies if not view.number_of(f"{name}.not_taken_cny_per_mwh") > 0]
    return say("care.refusable", names=f.listed(free)) if free else ""


def _charged(view: View) -> list[str]:
    """List the grids whose demand charge is paid."""
    cost = view.summary["cost_cny"]
    grids = dict.fromkeys(flow.component for flow in view.with_role("import"))
    return [name for name in grids if cost.get(f"{name}.demand_charge", 0.0) > 0]


def _no_floor_care(view: View) -> str:
    names = [view.name(name) for name in _charged(view) if view.number_of(f"{name}.demand_floor_mw") == 0]
    return say("care.no_floor", names=f.listed(names)) if names else ""


OVER_A_YEAR = {"import_energy_limit", "take_or_pay", "co2_max_t", "import_max_mwh", "green_share_min"}
"""Rows that join the steps of a year."""


def _foresight_care(view: View) -> str:
    """Say that the plan knows the future, where something joins one step to another."""
    rows = {str(label).split(".", 1)[1] for label in view.ds["row"].to_numpy()}
    joined = view.ds.sizes["level"] or _charged(view) or rows & OVER_A_YEAR
    key = "care.foresight.year" if is_year(view) else "care.foresight.horizon"
    return say(key) if joined and view.steps > 1 else ""


def _tie_care(view: View) -> str:
    width = number(view.summary["ties"]["green_supply_width_mwh"])
    if not np.isfinite(width) or width <= WIDE_TIE * view.load_mwh:
        return ""
    return say("care.ties", width=f.energy(width), share=f.percent(width / view.load_mwh))


# titles of charts


def claims_title(view: View) -> str:
    """Say how the claim fares, or how far the yardsticks spread."""
    avoided = view.summary["avoided_co2_t"]
    if max(avoided.values(), default=0.0) <= 0:
        return say("claims.title.zero")
    claims = co2_claims(view) if is_year(view) else []
    if not claims:
        least, most = (f.mass(pick(avoided.values())) for pick in (min, max))
        if len(avoided) == 1:
            return say("claims.title.one", value=most, name=view.yardstick_name(next(iter(avoided))))
        return say("claims.title.range", least=least, most=most)
    claim, n = claims[0], len(avoided)
    claimed = f.mass(claim.claimed_t)
    if not claim.met:
        top = max(avoided, key=lambda key: avoided[key])
        ratio = f.percent(avoided[top] / claim.claimed_t)
        name = view.yardstick_name(top)
        return say("claims.title.none_met", claimed=claimed, name=name, value=f.mass(avoided[top]), ratio=ratio)
    if len(claim.met) == n:
        low = min(avoided, key=lambda key: avoided[key])
        return say("claims.title.all_met", claimed=claimed, name=view.yardstick_name(low), value=f.mass(avoided[low]))
    names = f.listed([view.yardstick_name(key) for key in claim.met])
    return say("claims.title.some_met", k=len(claim.met), n=n, claimed=claimed, names=names)


def green_by_period(view: View) -> Array:
    """Green share of the demand served by period, shape (period,); NaN where nothing is served."""
    served = view.per_period(view.served_mw)
    nothing = np.full(len(served), np.nan)
    return np.asarray(np.divide(view.per_period(view.green_mw), served, out=nothing, where=served > SMALL), np.float64)


def balance_title(view: View) -> str:
    """Say in which period green power covers least and most of demand."""
    shares = green_by_period(view)
    if not np.isfinite(shares).any() or np.nanmax(shares) <= SMALL:
        key = "balance.title.no_green" if view.has_green else "balance.title.none"
        return say(key, load=f.energy(view.load_mwh))
    if len(shares) == 1:
        return say("balance.title.whole", share=f.percent(float(shares[0])))
    worst, best = int(np.nanargmin(shares)), int(np.nanargmax(shares))
    if shares[best] - shares[worst] < 1e-3:
        key = "balance.title.even_days" if view.by_day else "balance.title.even_months"
        return say(key, share=f.percent(float(shares[best])))
    return say(
        "balance.title.spread.day" if view.by_day else "balance.title.spread",
        least=f.percent(float(shares[worst])),
        worst=period_name(view, worst, long=True),
        most=f.percent(float(shares[best])),
        best=period_name(view, best, long=True),
    )


def period_name(view: View, position: int, *, long: bool = False) -> str:
    """Name a day or month of the horizon."""
    stamp = view.periods[position]
    if view.by_day:
        return f.date_short(stamp)
    years = view.periods[0].year != view.periods[-1].year
    return f.month_name(stamp) if long and not years else f.month_short(stamp, year=years)


def term_name(view: View, label: str) -> str:
    """Name a cost term."""
    component, item = label.split(".", 1)
    return say("costs.term", name=view.name(component), term=term(f"term.{item}", otherwise=item.replace("_", " ")))


def costs_title(view: View) -> str:
    """Name the term that costs most."""
    cost = view.summary["cost_cny"]
    terms = {label: float(value) for label, value in cost.items() if label != "total"}
    total, price = float(cost["total"]), f.per_kwh(float(view.summary["cost_cny_per_mwh"]))
    if total < 0:
        return say("costs.title.earns", money=f.money(-total))
    if total == 0 or not terms:
        return say("costs.title.zero")
    top = max(terms, key=lambda label: terms[label])
    share = f.percent(terms[top] / total)
    if top.endswith(".shortage"):
        return say("costs.title.unserved", share=share, price=price)
    return say("costs.title", term=term_name(view, top), share=share, price=price)


def storage_title(view: View) -> str:
    """Say how the most cycled store worked; for parks with reservoirs only, the range of the largest."""
    stores = view.summary["storage"]
    if stores:
        name, figures = max(stores.items(), key=lambda item: item[1]["full_cycles"])
        if figures["discharge_mwh"] <= SMALL:
            return say("storage.title.idle", name=view.name(name))
        row = [str(label) for label in view.ds["level_component"].to_numpy()].index(name)
        cyclic = bool(view.ds["content_cyclic"].to_numpy()[row])
        return say(
            "storage.title" if cyclic else "storage.title.open",
            name=view.name(name),
            cycles=f.sig(figures["full_cycles"]),
            depth=f.percent(figures["mean_depth"]),
            loss=f.energy(figures["loss_mwh"]),
        )
    content = view.ds["content"].to_numpy()
    row = int(np.argmax(content.max(axis=1)))
    name = view.name(str(view.ds["level_component"].to_numpy()[row]))
    least, most = f.energy(float(content[row].min())), f.energy(float(content[row].max()))
    return say("storage.title.reservoir", name=name, least=least, most=most)
