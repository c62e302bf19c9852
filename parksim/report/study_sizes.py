"""Questions of a study that choose capacities: near-optimal designs, and sizes for all scenarios."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from parksim.report import formats as f
from parksim.report.study_blocks import Block, block, measure_of, plain_table
from parksim.report.study_figures import Measure, written
from parksim.report.study_view import StudyView
from parksim.report.words import say


def _capacity(ds: xr.Dataset, at: int, value: float) -> str:
    return written(float(f"{value:.4g}"), f.unit_text(str(ds["unit"].to_numpy()[at])))


def alternatives(view: StudyView, name: str, ds: xr.Dataset) -> Block:
    """Tell designs that cost little more than the best: how far each capacity may differ."""
    sizes = [view.files.name(str(path)) for path in ds["size"].to_numpy()]
    capacity, share = ds["capacity"].to_numpy(), ds["share"].to_numpy()
    co2, green = measure_of(ds, "co2", "emissions_t"), measure_of(ds, "green_share", "green_share")
    above = ds["above_best"].to_numpy()
    rows = []
    for at in range(ds.sizes["design"]):
        within = say("study.alternatives.within", share=written(100.0 * float(share[at]), "%"))
        sized = [_capacity(ds, place, float(capacity[at, place])) for place in range(len(sizes))]
        figures = [green.bare(float(green.values[at])), co2.bare(float(co2.values[at]))]
        first = within if at else say("study.alternatives.best")
        rows.append([first, *sized, f.percent(float(above[at])), *figures])
    heads = [say("study.col.design"), *(f.capital(size) for size in sizes), say("study.alternatives.above")]
    heads += [green.heading, co2.heading]
    table = plain_table(say("study.alternatives.table"), heads, rows)
    widest = float(share.max())
    spans = []
    for at, size in enumerate(sizes):
        least, most = (_capacity(ds, at, float(end)) for end in (capacity[:, at].min(), capacity[:, at].max()))
        spans.append(say("study.alternatives.span", size=size, least=least, most=most))
    title = say("study.alternatives.title", share=written(100.0 * widest, "%"), spans=f.points(spans))
    return block(view, name, title, [table], table, say("study.alternatives.caption"))


BUILT = ("investment", "annuity", "upkeep")
"""What is told of the money for what is built."""


def _in_money(keys: Sequence[str], money: Measure) -> list[str]:
    return [say("study.heading", title=say(f"study.robust.{key}"), unit=money.unit) for key in keys]


def robust(view: StudyView, name: str, ds: xr.Dataset) -> Block:
    """Tell sizes that are chosen once for all scenarios, what each scenario costs, and what knowing would be worth."""
    sizes = [view.files.name(str(path)) for path in ds["size"].to_numpy()]
    capacity = [_capacity(ds, at, float(value)) for at, value in enumerate(ds["capacity"].to_numpy())]
    money = Measure("cost_cny", "", "CNY", np.concatenate([ds["cost"].to_numpy(), ds["investment"].to_numpy()]))
    heads = [say("study.col.size"), say("study.robust.capacity")]
    heads += _in_money(BUILT, money)
    rows = [
        [f.capital(size), capacity[at], *(money.bare(float(ds[key].to_numpy()[at])) for key in BUILT)]
        for at, size in enumerate(sizes)
    ]
    chosen = plain_table(say("study.robust.sizes"), heads, rows)
    heads = [say("study.scenario"), say("study.robust.probability"), say("study.robust.counts")]
    heads += _in_money(("operation", "cost"), money)
    rows = []
    for at, scenario in enumerate(ds["scenario"].to_numpy()):
        shares = [f.percent(float(ds[key].to_numpy()[at])) for key in ("probability", "counts")]
        costs = [money.bare(float(ds[key].to_numpy()[at])) for key in ("operation", "cost")]
        rows.append([_scenario(view, str(scenario)), *shares, *costs])
    each = plain_table(say("study.robust.scenarios"), heads, rows)
    attrs = ds.attrs
    built = float(attrs["capacities_cny"])
    told = {
        "sizes": f.listed(
            [say("study.value", axis=size, value=value) for size, value in zip(sizes, capacity, strict=True)]
        )
    }
    told |= {
        "mean": f.money(float(attrs["expected_operation_cny"]) + built),
        "cvar": f.money(float(attrs["cvar_operation_cny"]) + built),
    }
    told["share"] = f.percent(1.0 - float(attrs["risk_level"]))
    caption = [say("study.robust.caption", weight=f.percent(float(attrs["risk_weight"])))]
    caption += [
        say(f"study.robust.{key}", money=f.money(float(attrs[f"{key}_cny"])))
        for key in ("perfect_information", "stochastic_solution")
        if f"{key}_cny" in attrs
    ]
    return block(view, name, say("study.robust.title", **told), [chosen, each], each, f.sentences(caption))


def _scenario(view: StudyView, name: str) -> str:
    bundle = view.files.bundles("scenario").get(name, {})
    return f.titled(str(bundle.get("title") or name), str(bundle.get("title_zh") or ""), both=False)
