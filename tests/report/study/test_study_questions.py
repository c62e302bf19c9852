"""Questions beside the cases: what the page tells of each is what its Dataset says."""

import json
import re
import tomllib

import numpy as np
import pytest
import tomli_w
import xarray as xr

import parksim as ps
from parksim.components import KINDS
from parksim.lp.program import Program
from parksim.report import study as render
from parksim.report.study_figures import title_of
from parksim.report.words import speaking
from parksim.study.names import known

BATTERY, ROOF = "components.battery.energy_max_mwh", "components.roof.power_max_mw"
LANGUAGES = ("en", "zh")


def money(values, dim):
    return (dim, np.array(values), {"units": "CNY"})


def pareto():
    data = {
        "criterion": ("point", [45.0, 44.0, 40.0]), "limit": ("point", [45.0, 44.0, 40.0]),
        "cost": money([120_000.0, 120_500.0, 126_000.0], "point"), "price": ("point", [0.0, 900.0, 1800.0]),
        "co2": ("point", [45.0, 44.0, 40.0]), "green_share": ("point", [0.25, 0.26, 0.31]),
        "peak_import": ("point", [7.0, 7.1, 7.2]),
    }  # fmt: skip
    return xr.Dataset(data, attrs={"against": "co2_t", "unit": "t"})


def morris():
    data = {
        "mu_star": (("indicator", "input"), [[900.0, 64_000.0]]), "sigma": (("indicator", "input"), [[50.0, 2_000.0]]),
        "mu": (("indicator", "input"), [[-900.0, -64_000.0]]),
    }  # fmt: skip
    coords = {"indicator": ["cost_cny"], "input": [BATTERY, ROOF]}
    return xr.Dataset(data, coords, attrs={"method": "morris", "solves": 30})


def sobol():
    data = {
        "s1": (("indicator", "input"), [[0.05, 0.9], [np.nan, np.nan]]),
        "st": (("indicator", "input"), [[0.08, 0.94], [np.nan, np.nan]]),
    }
    coords = {"indicator": ["cost_cny", "green_share"], "input": [BATTERY, ROOF]}
    return xr.Dataset(data, coords, attrs={"method": "sobol", "solves": 80})


def break_even(outcome="pays below", at=2532.0):
    values = np.linspace(0.0, 5000.0, 31)
    data = {
        "break_even": at, "first": np.nan, "outcome": outcome, "way": "searched",
        "saving": money(5000.0 - values, "value"), "own": money(values, "value"),
        "net": money(5000.0 - 2 * values, "value"),
    }  # fmt: skip
    attrs = {"field": "components.battery.wear_cny_per_mwh", "component": "battery", "unit": "CNY MWh-1"}
    return xr.Dataset(data, {"value": values}, attrs)


def regret(worst=(8_000.0, np.inf)):
    data = {
        "figure": (("design", "scenario"), [[100_000.0, 128_000.0], [101_000.0, np.nan]]),
        "regret": (("design", "scenario"), [[0.0, worst[0]], [1_000.0, np.inf]]),
        "worst": ("design", list(worst)), "mean": ("design", [2_400.0, np.inf]),
        "worst_in": ("design", ["dear", "dear"]), "rank": ("design", [1, 2]),
        "best": ("scenario", [100_000.0, 120_000.0]), "best_design": ("scenario", [0, 0]),
        "weight": ("scenario", [0.7, 0.3]),
    }  # fmt: skip
    coords = {"scenario": ["today", "dear"], "design": [0, 1], "storage": ("design", ["as_filed", "none"])}
    coords["roof_tilt"] = ("design", [1, 0])
    return xr.Dataset(data, coords, attrs={"over": "scenario", "left_out": ""})


def alternatives():
    data = {
        "cost": money([100_000.0, 100_990.0, 104_800.0], "design"),
        "co2": ("design", [30.0, 28.0, 37.0], {"units": "t"}),
        "green_share": ("design", [0.5, 0.53, 0.37], {"units": "1"}),
        "capacity": (("design", "size"), [[8.5, 27.7], [20.6, 28.6], [0.7, 18.4]]),
        "unit": ("size", np.array(["MWh", "MW"], object)), "share": ("design", [0.0, 0.01, 0.05]),
        "above_best": ("design", [0.0, 0.0099, 0.048]),
    }  # fmt: skip
    return xr.Dataset(data, {"design": [0, 1, 2], "size": [BATTERY, ROOF]})


def robust():
    data = {
        "capacity": ("size", [25.1, 35.1]), "unit": ("size", np.array(["MWh", "MW"], object)),
        "investment": money([15e6, 98e6], "size"), "annuity": money([8_500.0, 42_000.0], "size"),
        "upkeep": money([100.0, 1_400.0], "size"), "probability": ("scenario", [0.7, 0.3]),
        "counts": ("scenario", [0.49, 0.51]), "operation": money([67_000.0, 79_000.0], "scenario"),
        "cost": money([119_000.0, 131_000.0], "scenario"),
    }  # fmt: skip
    attrs = {
        "capacities_cny": 52_000.0, "expected_operation_cny": 70_600.0, "cvar_operation_cny": 79_000.0,
        "risk_weight": 0.3, "risk_level": 0.8, "perfect_information_cny": 1_063.0, "stochastic_solution_cny": 113.0,
    }  # fmt: skip
    return xr.Dataset(data, {"size": [BATTERY, ROOF], "scenario": ["today", "dear"]}, attrs)


def aggregate():
    data = {"full": ("indicator", [121_863.0, 0.25]), "short": ("indicator", [121_000.0, np.nan])}
    data["error"] = ("indicator", [-0.0071, np.nan])
    attrs = {"periods": 12, "hours_per_period": 24, "objective_error": -0.0071, "speed_up": 7.4}
    return xr.Dataset(data, {"indicator": ["cost_cny", "green_share"]}, attrs)


ASKED = {
    "aggregate": aggregate(), "robust": robust(), "alternatives": alternatives(), "regret": regret(),
    "break_even.wear": break_even(), "sensitivity.few": morris(), "sensitivity.many": sobol(),
    "pareto.front": pareto(),
}  # fmt: skip


@pytest.fixture(scope="module", params=LANGUAGES)
def page(request, of_scenarios):
    tables = tomllib.loads(of_scenarios.attrs["study_toml"])
    tables["pareto"] = {"front": {"against": "co2_t", "title": "Less CO2", "title_zh": "少排放"}}
    ds = of_scenarios.assign_attrs(study_toml=tomli_w.dumps(tables))
    return request.param, render(ds, questions=ASKED, lang=request.param)


def block(page, key):
    return re.search(rf'<figure class="chart" id="figure-{key}">(.*?)</figure>', page, re.DOTALL)[1]


def title(page, key):
    return re.search(r"<h3>(.*?)</h3>", block(page, key))[1].replace("\u202f", " ").replace(",", "")


def rows(page, key):
    data = json.loads(re.search(r'id="page-data">(.*?)</script>', page, re.DOTALL)[1])
    return data["figures"][key]["table"]["rows"]


def test_every_question_has_its_block_in_order(page):
    found = re.findall(r'<figure class="chart" id="figure-([a-z_]+(?:-[a-z]+)?)">', page[1])
    order = ["pareto-front", "sensitivity-few", "sensitivity-many", "break_even-wear", "regret", "alternatives"]
    assert [key for key in found if key in {*order, "robust", "aggregate"}] == [*order, "robust", "aggregate"]
    assert not re.search(r"\bnan\b|\binf\b", page[1][page[1].index('id="study-questions"') :].split("<pre")[0])


TITLES = {
    "pareto-front": ("45.0", "40.0", "+5.00", "1 380"),
    "sensitivity-few": ("64 000",),
    "sensitivity-many": ("94.0",),
    "break_even-wear": ("2 532",),
    "regret": ("8 000", "24 MW", "30"),
    "alternatives": ("5", "0.7", "20.6", "18.4", "28.6"),
    "robust": ("25.1", "35.1"),
    "aggregate": ("12", "24", "0.71", "7.4"),
}


@pytest.mark.parametrize("key", TITLES)
def test_the_title_is_the_finding(page, key):
    told = title(page[1], key)
    for number in TITLES[key]:
        assert number.replace(" ", "" if page[0] == "zh" else " ") in told, told
    first = {"sensitivity-few": ("Roof PV", "屋顶光伏"), "break_even-wear": ("Battery", "储能")}
    if key in first:
        assert first[key][page[0] == "zh"] in told


def test_the_exact_front_is_drawn_among_the_cases(page):
    data = json.loads(re.search(r'id="page-data">(.*?)</script>', page[1], re.DOTALL)[1])
    dashed = [t for t in data["figures"]["front-co2"]["data"] if t.get("line", {}).get("dash")]
    assert [trace["y"] for trace in dashed] == [[45.0, 44.0, 40.0]]
    assert not [t for t in data["figures"]["front-green"]["data"] if t.get("line", {}).get("dash")]
    assert {"en": "Less CO2", "zh": "少排放"}[page[0]] in block(page[1], "pareto-front")


def test_tables_hold_every_row(page):
    _, text = page
    assert len(rows(text, "pareto-front")) == 3
    assert len(rows(text, "break_even-wear")) == 31
    assert block(text, "break_even-wear").count("<tr>") == 1 + 9, "a few of them are shown"
    assert [row[2] for row in rows(text, "sensitivity-few")] == sorted(
        (row[2] for row in rows(text, "sensitivity-few")), key=len, reverse=True
    )
    assert len(rows(text, "sensitivity-many")) == 4
    assert len(rows(text, "alternatives")) == 3


def test_designs_are_held_against_each_other_at_what_cannot_be_chosen(of_study):
    """Of batteries, roofs and connections crossed with prices, over the roof: the low price is no design."""
    cost = of_study["indicator_value"].sel(indicator="cost_cny", drop=True).where(of_study["admitted"])
    asked = ps.regret(cost, over="roof")
    text = render(of_study, questions={"regret": asked})
    told = rows(text, "regret")
    own = ps.regret(cost.sel(energy_price=1.0, drop=True), over="roof")
    assert len(told) == own.sizes["design"] < asked.sizes["design"]
    assert not [row for row in told if "×" in row[0]]
    with_answer = np.isfinite(own["worst"].to_numpy())
    shown = [row[-2] for row in told]
    assert [text != "no answer" for text in shown] == with_answer.tolist()
    for row, regrets in zip(told, own["regret"].to_numpy(), strict=True):
        for cell, value in zip(row[1:], regrets[: len(row) - 3], strict=False):
            if np.isfinite(value):
                assert float(cell.replace("\u202f", "")) == pytest.approx(value, abs=0.51)


def test_the_download_of_typical_periods_holds_what_the_page_leaves_out(of_scenarios):
    ds = aggregate()
    more = ds.isel(indicator=[0]).assign_coords(indicator=["roof.full_load_hours_h"])
    text = render(of_scenarios, questions={"aggregate": xr.concat([ds, more], "indicator", combine_attrs="override")})
    assert len(rows(text, "aggregate")) == 3
    assert block(text, "aggregate").count("<tr>") == 1 + 2


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_figure_of_a_park_has_a_name_of_its_own_in_words(lang):
    """Of all kinds of components, held in the download of typical periods and in the choice of figures."""
    park = ps.load_park("yibin")
    program = Program(park.components, nodes=park.nodes, time=park.time, limits=park.limited)
    names = known(park, program) | {f"grid.{own.name}": None for kind in KINDS.values() for own in kind.indicators}
    with speaking(lang):
        told = {
            name: title_of(name, meaning.title if meaning else "", park.tables()) for name, meaning in names.items()
        }
    raw = re.compile(r"_|\b(mwh?|h|cny|t)$") if lang == "en" else re.compile(r"[a-zA-Z]{3}|_")
    assert {name: title for name, title in told.items() if raw.search(title)} == {}


def test_a_design_without_an_answer_in_a_scenario_is_said(page):
    told = rows(page[1], "regret")
    assert told[1][2] == {"en": "no answer", "zh": "无解"}[page[0]]
    assert "no store" in told[1][0]


@pytest.mark.parametrize(
    ("ds", "name", "words"),
    [
        (regret(worst=(0.0, np.inf)), "regret", "is best in every scenario"),
        (regret(worst=(np.inf, np.inf)), "regret", "without an answer in some scenario"),
        (break_even("never pays", np.nan), "break_even.wear", "pays at neither end"),
        (break_even("always pays", np.nan), "break_even.wear", "pays at both ends"),
        (break_even("pays above"), "break_even.wear", "pays above 2 532"),
        (pareto().isel(point=[0]), "pareto.front", "has the best CO₂ already"),
    ],
)
def test_other_outcomes_have_a_title_of_their_own(of_scenarios, ds, name, words):
    assert words in title(render(of_scenarios, questions={name: ds}), name.replace(".", "-"))
