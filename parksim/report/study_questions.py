"""Questions of a study beside its cases: each is told by a finding, tables and drawings, and a download."""

from collections.abc import Callable, Mapping

import numpy as np
import xarray as xr
from markupsafe import Markup

from parksim.report import formats as f
from parksim.report import theme
from parksim.report.study_blocks import Block, block, measure_of, plain_table
from parksim.report.study_figures import Measure, title_of, written
from parksim.report.study_regret import regret
from parksim.report.study_sizes import alternatives, robust
from parksim.report.study_strips import Mark, Strip, scale_of, strips
from parksim.report.study_view import StudyView
from parksim.report.words import say

AGAINST = {"co2_t": "co2", "green_share": "green", "peak_import_mw": "peak"}
"""Criterion of an exact front to the chart of cases that it is drawn into."""

FIRST, ALL = theme.COLOURS["direct"], theme.tint(theme.COLOURS["direct"], 0.6)
"""Bars of a share of its own, and of one with all that it has a part in."""


def exact(questions: Mapping[str, xr.Dataset]) -> dict[str, xr.Dataset]:
    """Give the exact fronts by the chart of cases that they belong to."""
    found: dict[str, xr.Dataset] = {}
    for name, ds in questions.items():
        chart = AGAINST.get(str(ds.attrs.get("against")))
        if name.partition(".")[0] == "pareto" and chart:
            found.setdefault(chart, ds)
    return found


def blocks(view: StudyView, questions: Mapping[str, xr.Dataset]) -> list[Block]:
    """Tell every question that was asked, in the order of the page."""
    found = []
    for kind, tell in TELLERS.items():
        for name, ds in questions.items():
            if name.partition(".")[0] == kind:
                found.append(tell(view, name, ds))
    return found


def _pareto(view: StudyView, name: str, ds: xr.Dataset) -> Block:
    against = str(ds.attrs["against"])
    figure = title_of(against, "", view.files.park)
    criterion = Measure(against, figure, str(ds.attrs["unit"]), ds["criterion"].to_numpy())
    cost = measure_of(ds, "cost", "cost_cny")
    price = ds["price"].to_numpy() * criterion.scale
    unit = say("study.pareto.price", money=f.unit_name("CNY"), unit=criterion.unit or f.unit_name("1"))
    heads = [criterion.heading, cost.heading, say("study.heading", title=say("study.pareto.slope"), unit=unit)]
    rows = [
        [criterion.bare(value), cost.bare(money), f.sig(slope)]
        for value, money, slope in zip(criterion.values.tolist(), cost.values.tolist(), price.tolist(), strict=True)
    ]
    table = plain_table(say("study.pareto.table"), heads, rows, texts=0)
    first, last = (criterion.told(float(criterion.values[at])) for at in (0, -1))
    if len(rows) < 2:
        title = say("study.pareto.title.one", figure=figure, value=first)
    else:
        more = cost.apart(float(cost.values[-1]), float(cost.values[0]))
        title = say(
            "study.pareto.title",
            figure=figure,
            start=first,
            end=last,
            more=more,
            price=f.sig(_last_step(criterion, cost)),
            unit=unit,
        )
    return block(view, name, title, [table], table, say("study.pareto.caption"))


def _last_step(criterion: Measure, cost: Measure) -> float:
    """Give what a unit costs on average between the last two points; the slope at the very end may be any above it."""
    (before, last), (cheap, dear) = criterion.values[-2:].tolist(), cost.values[-2:].tolist()
    return float((dear - cheap) / abs(last - before) * criterion.scale)


MEASURES = {"morris": ("mu_star", "sigma", "mu"), "sobol": ("st", "s1")}
"""Method of sensitivity to its measures, the one that inputs are ranked by first."""


def _sensitivity(view: StudyView, name: str, ds: xr.Dataset) -> Block:
    method = str(ds.attrs["method"])
    keys = MEASURES[method]
    heads = [say("study.col.figure"), say("study.col.input"), *(say(f"study.sensitivity.{key}") for key in keys)]
    parts, rows, titles = [], [], []
    for at, figure in enumerate(str(each) for each in ds["indicator"].to_numpy()):
        known = view.measures.get(figure)
        title = known.title if known is not None else title_of(figure, "", view.files.park)
        units = known.units if known is not None else "1"
        values = {key: ds[key].to_numpy()[at] for key in keys}
        measure = Measure(figure, title, units, values[keys[0]])
        ranked = _ranked(view, ds, measure, values)
        parts.append(_bars(measure, values, ranked))
        rows += [[f.capital(title), one, *texts] for one, _, texts in ranked]
        _, first, texts = ranked[0]
        value = texts[0] if method == "sobol" else measure.told(float(values["mu_star"][first]))
        titles.append(say(f"study.sensitivity.title.{method}", input=ranked[0][0], figure=title, value=value))
    table = plain_table("", heads, rows, texts=2)
    solves = f.whole(float(ds.attrs["solves"]))
    return block(view, name, titles[0], parts, table, say(f"study.sensitivity.caption.{method}", solves=solves))


Ranked = list[tuple[str, int, list[str]]]
"""Inputs, the strongest first: name, place in the Dataset, measures as texts."""


def _ranked(view: StudyView, ds: xr.Dataset, measure: Measure, values: Mapping[str, np.ndarray]) -> Ranked:
    names = [view.files.name(str(path)) for path in ds["input"].to_numpy()]
    order = np.argsort(-np.nan_to_num(next(iter(values.values()))), kind="stable")
    return [(names[place], int(place), [_sense(measure, values, key, place) for key in values]) for place in order]


def _sense(measure: Measure, values: Mapping[str, np.ndarray], key: str, place: int) -> str:
    value = float(values[key][place])
    if "st" in values:
        return f.united(f.fixed(100.0 * value, 1), "%") if np.isfinite(value) else "–"
    return measure.bare(value)


def _bars(measure: Measure, values: Mapping[str, np.ndarray], ranked: Ranked) -> Markup:
    """Draw the measures of one figure: Morris' mean effect with its spread, or both of Sobol's shares."""
    shares, keys = "st" in values, list(values)
    scale = scale_of([float(value) for key in keys[:2] for value in values[key]], zero=True)
    rows = []
    for name, place, texts in ranked:
        one, other = (float(values[key][place]) for key in keys[:2])
        second = Mark("bar", 0.0, other, FIRST) if shares else Mark("tick", other, other, theme.INK)
        marks = [Mark("bar", 0.0, one, ALL if shares else FIRST), second]
        rows.append(Strip(name, [mark for mark in marks if np.isfinite(mark.end)], texts))
    ticks = [f.plain_number(float(f"{at / (0.01 if shares else measure.scale):.6g}")) for at in scale.ticks]
    head = f.capital(measure.title) if shares else measure.heading
    heads = [say("study.col.input"), head, *(say(f"study.sensitivity.{key}") for key in keys)]
    return strips(rows, scale, heads=heads, ticks=ticks, caption=f.capital(measure.title))


MOST_VALUES = 9
"""Most values of a table of a break-even search."""

BOOKED = ("saving", "own", "net")
"""What a break-even search books at each value."""


def _break_even(view: StudyView, name: str, ds: xr.Dataset) -> Block:
    unit, values = f.unit_text(str(ds.attrs["unit"])), ds["value"].to_numpy()
    told = {"what": view.files.component(str(ds.attrs["component"])), "number": view.files.name(str(ds.attrs["field"]))}
    told |= {"least": written(float(values.min()), unit), "most": written(float(values.max()), unit)}
    at, outcome = float(ds["break_even"]), str(ds["outcome"].item()).replace(" ", "_")
    title = say(f"study.break_even.{outcome}", value=written(at, unit), **told)
    money = Measure("net", "", "CNY", np.concatenate([ds[key].to_numpy() for key in BOOKED]))
    number = f.capital(told["number"])
    heads = [say("study.heading", title=number, unit=unit) if unit else number]
    heads += [say("study.heading", title=say(f"study.break_even.{key}"), unit=money.unit) for key in BOOKED]
    seen = {}
    for place in np.argsort(values, kind="stable"):
        value = f.plain_number(float(f"{values[place]:.4g}"))
        seen[value] = [value, *(money.bare(float(ds[key].to_numpy()[place])) for key in BOOKED)]
    rows = list(seen.values())
    even = np.unique(np.linspace(0, len(rows) - 1, MOST_VALUES).round().astype(int))
    table = plain_table(say("study.break_even.table"), heads, [rows[place] for place in even], texts=0)
    caption = [say("study.break_even.caption")]
    if np.isfinite(float(ds["first"])):
        caption.append(say("study.break_even.first", value=written(float(ds["first"]), unit)))
    return block(view, name, title, [table], plain_table("", heads, rows, texts=0), f.sentences(caption))


AGGREGATE_FIGURES = {"peak_load_mw", "curtailed_mwh", "unserved_mwh", "battery.full_cycles"}
"""Figures that typical periods blur first, told beside the key figures; the download holds all."""


def _aggregate(view: StudyView, name: str, ds: xr.Dataset) -> Block:
    heads = [say(f"study.aggregate.{key}") for key in ("figure", "full", "short", "error")]
    rows, shown, told_first = [], [], {measure.name for measure in view.keys} | AGGREGATE_FIGURES
    for at, figure in enumerate(str(each) for each in ds["indicator"].to_numpy()):
        known = view.measures.get(figure)
        full, short, error = (float(ds[key].to_numpy()[at]) for key in ("full", "short", "error"))
        title = known.title if known is not None else title_of(figure, "", view.files.park)
        one = Measure(figure, title, known.units if known is not None else "1", np.array([full, short]))
        rows.append([one.heading, one.bare(full), one.bare(short), f.percent(error, 2) if np.isfinite(error) else "–"])
        if figure in told_first:
            shown.append(rows[-1])
    whole = plain_table("", heads, rows)
    table = plain_table(say("study.aggregate.table"), heads, shown or rows)
    caption = [say("study.aggregate.caption")] + [say("study.aggregate.more")] * (0 < len(shown) < len(rows))
    told = {"periods": f.whole(float(ds.attrs["periods"])), "hours": f.whole(float(ds.attrs["hours_per_period"]))}
    apart = f.percent(abs(float(ds.attrs["objective_error"])), 2)
    title = say("study.aggregate.title", error=apart, speed=f.sig(float(ds.attrs["speed_up"]), 2), **told)
    return block(view, name, title, [table], whole, f.sentences(caption))


TELLERS: dict[str, Callable[[StudyView, str, xr.Dataset], Block]] = {
    "pareto": _pareto,
    "sensitivity": _sensitivity,
    "break_even": _break_even,
    "regret": regret,
    "alternatives": alternatives,
    "robust": robust,
    "aggregate": _aggregate,
}
"""Kind of a question to what tells it, in the order of the page."""
