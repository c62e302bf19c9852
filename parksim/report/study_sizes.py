"""Questions of a study that choose capacities: near-optimal designs, and sizes for all scenarios."""

import xarray as xr

from parksim.report import formats as f
from parksim.report.study_blocks import Block, block, measure_of, plain_table
from parksim.report.study_figures import written
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


def _money(ds: xr.Dataset, *keys: str) -> tuple[list[str], list[list[str]]]:
    """Give headings and cells of sums of money, a list of cells for each of them."""
    told = [measure_of(ds, key, key, say(f"study.robust.{key}")) for key in keys]
    return [one.heading for one in told], [[one.bare(value) for value in one.values.tolist()] for one in told]


def robust(view: StudyView, name: str, ds: xr.Dataset) -> Block:
    """Tell sizes that are chosen once for all scenarios, what each scenario costs, and what knowing would be worth."""
    sizes = [view.files.name(str(path)) for path in ds["size"].to_numpy()]
    capacity = [_capacity(ds, at, float(value)) for at, value in enumerate(ds["capacity"].to_numpy())]
    heads, cells = _money(ds, *BUILT)
    heads = [say("study.col.size"), say("study.robust.capacity"), *heads]
    rows = [list(row) for row in zip([f.capital(size) for size in sizes], capacity, *cells, strict=True)]
    chosen = plain_table(say("study.robust.sizes"), heads, rows)
    heads, cells = _money(ds, "operation", "cost")
    heads = [say("study.scenario"), say("study.robust.probability"), say("study.robust.counts"), *heads]
    names = [_scenario(view, str(scenario)) for scenario in ds["scenario"].to_numpy()]
    shares = [[f.percent(float(value)) for value in ds[key].to_numpy()] for key in ("probability", "counts")]
    each = plain_table(
        say("study.robust.scenarios"), heads, [list(row) for row in zip(names, *shares, *cells, strict=True)]
    )
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
    return block(view, name, say("study.robust.title", **told), [chosen, each], chosen, f.sentences(caption))


def _scenario(view: StudyView, name: str) -> str:
    bundle = view.files.bundles("scenario").get(name, {})
    return f.titled(str(bundle.get("title") or name), str(bundle.get("title_zh") or ""), both=False)
