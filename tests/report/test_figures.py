import json

import numpy as np
import pytest

from parksim.components._cases import demand, grid, micro
from parksim.report import theme
from parksim.report.bars import claims_figure, costs_figure
from parksim.report.dispatch import Hours, dispatch_figure, overview_spec
from parksim.report.figures import balance_figure, four_figures, levels_figure
from parksim.report.view import View

RUNS = ["of_year", "of_two_days", "of_bare", "of_short", "of_hostile"]


@pytest.fixture
def view(of_year):
    return View(*of_year)


def traces(figure):
    return {trace["name"]: trace for trace in figure.spec["data"] if "name" in trace}


def all_figures(view):
    hours = Hours(view)
    made = [
        claims_figure(view),
        dispatch_figure(view, hours),
        balance_figure(view),
        levels_figure(view),
        costs_figure(view),
    ]
    return [figure for figure in made if figure is not None], hours


@pytest.mark.parametrize("name", RUNS)
def test_every_spec_is_json_without_nan_and_says_what_it_shows(name, request):
    view = View(*request.getfixturevalue(name))
    figures, hours = all_figures(view)
    for figure in figures:
        json.dumps(figure.spec, allow_nan=False)
        assert figure.title
        assert figure.alt
        assert figure.height >= 100
        assert any("csv" in trace for trace in figure.spec["data"])
        for trace in figure.spec["data"]:
            assert set(np.atleast_1d(trace.get("series", []))) <= set(hours.arrays)
    json.dumps(overview_spec(view), allow_nan=False)
    json.loads(hours.to_json(), parse_constant=pytest.fail)


def test_bars_of_avoided_co2_equal_the_summary_and_the_claim_is_a_line(view):
    figure = claims_figure(view)
    found = traces(figure)
    additional = found["by additional plants"]["x"]
    existing = found["by plants that existed before (reallocated)"]["x"]
    avoided = view.summary["avoided_co2_t"]
    assert [a + b for a, b in zip(additional, existing, strict=True)] == pytest.approx(
        [avoided["low"], avoided["high"]]
    )
    assert additional == [view.summary["avoided_additional_co2_t"][key] for key in ("low", "high")]
    (line,) = figure.spec["layout"]["shapes"]
    assert line["x0"] == line["x1"] == 500_000.0
    assert figure.spec["layout"]["xaxis"]["range"][1] > 500_000.0
    assert found["by plants that existed before (reallocated)"]["marker"]["pattern"]["shape"]


def test_a_claim_on_a_year_is_no_line_for_two_days(of_two_days):
    figure = claims_figure(View(*of_two_days))
    assert figure.spec["layout"]["shapes"] == []
    assert "depending on the yardstick" in figure.title


def test_months_add_up_to_the_year_and_to_demand(view):
    figure = balance_figure(view)
    found = traces(figure)
    bars = [trace for trace in found.values() if trace["type"] == "bar"]
    unused = [trace for trace in bars if trace["name"].endswith("not used")]
    above = sum(np.array(t["y"]) for t in bars if t not in unused and max(t["y"]) > 0)
    below = sum(np.array(t["y"]) for t in bars if min(t["y"]) < 0)
    assert above + below == pytest.approx(np.array(found["Demand"]["y"]))
    assert sum(found["Grid, bought"]["y"]) == pytest.approx(view.summary["import_mwh"] / 1e3)
    assert sum(map(sum, (t["y"] for t in unused))) == pytest.approx(view.summary["direct_not_taken_mwh"] / 1e3)
    assert found["Demand"]["x"][0] == "Jan"
    assert len(found["Demand"]["x"]) == 12
    assert all(trace["marker"]["pattern"]["shape"] for trace in unused)


def test_the_green_share_by_month_averages_to_that_of_the_year(view):
    shares = next(t for t in balance_figure(view).spec["data"] if t.get("csv", "").startswith("Green share"))["y"]
    months = np.array(traces(balance_figure(view))["Demand"]["y"])
    assert shares @ months / months.sum() == pytest.approx(view.summary["green_share"], rel=1e-9)
    worst, best = min(shares), max(shares)
    title = balance_figure(view).title.replace("\u202f", " ")
    assert f"{100 * worst:.1f} %" in title
    assert f"{100 * best:.3g} %" in title


def test_costs_are_sorted_and_sum_to_the_total(view):
    (trace,) = costs_figure(view).spec["data"]
    assert trace["x"] == sorted(trace["x"], reverse=True)
    assert sum(trace["x"]) * 1e6 == pytest.approx(view.summary["cost_cny"]["total"])
    assert trace["marker"]["color"][0] == theme.COLOURS["import"]


def test_areas_above_and_below_zero_meet_the_demand_line_in_every_hour(view):
    spec = dispatch_figure(view, Hours(view)).spec
    series = {flow.key: view.power[flow.row] for flow in view.flows}
    areas = [t for t in spec["data"] if t.get("stackgroup") and t["series"] in series]
    above = sum(series[t["series"]] for t in areas if t["stackgroup"] == "above")
    below = sum(series[t["series"]] for t in areas if t["stackgroup"] == "below")
    (line,) = [t for t in spec["data"] if isinstance(t.get("series"), list)]
    np.testing.assert_allclose(above - below, sum(series[key] for key in line["series"]), atol=1e-6)
    assert {t["sign"] for t in areas if t["stackgroup"] == "below"} == {-1}
    assert line["line"]["color"] == theme.COLOURS["demand"]


def test_all_charts_of_the_hours_share_one_time_axis(view):
    spec = dispatch_figure(view, Hours(view)).spec
    assert [key for key in spec["layout"] if key.startswith("xaxis")] == ["xaxis"]
    assert {t.get("yaxis", "y") for t in spec["data"]} == {"y", "y2", "y3"}
    assert spec["layout"]["xaxis"]["anchor"] == "y3"
    assert spec["layout"]["hovermode"] == "x unified"


def test_the_week_with_most_bought_is_the_one_jumped_to(view):
    window = dispatch_figure(view, Hours(view)).spec["window"]
    assert (window["points"], window["per_day"]) == (168, 24)
    days = view.total("import").reshape(365, 24).sum(axis=1)
    best = max(range(359), key=lambda day: days[day : day + 7].sum())
    jumps = {jump["text"]: jump["day"] for jump in window["jumps"]}
    assert jumps["most bought"] == best
    assert {"wet week", "dry week", "critical week", "most unused", "highest price"} <= set(jumps)


def test_short_horizons_are_shown_whole(of_two_days):
    view = View(*of_two_days)
    window = dispatch_figure(view, Hours(view)).spec["window"]
    assert window == {"points": 48, "per_day": 48, "jumps": []}
    assert overview_spec(view) is None
    assert balance_figure(view).spec["data"][0]["x"] == ["1 Jan", "2 Jan"]


def test_daily_band_of_a_store_holds_its_level(view):
    least, most, mean = levels_figure(view).spec["data"][:3]
    content = view.ds["content"].to_numpy()[0].reshape(365, 24)
    np.testing.assert_allclose(least["y"], content.min(axis=1), rtol=5.1e-4, atol=1e-6)
    np.testing.assert_allclose(most["y"], content.max(axis=1), rtol=5.1e-4, atol=1e-6)
    np.testing.assert_allclose(mean["y"], content.mean(axis=1), rtol=5.1e-4, atol=1e-6)


def test_parks_without_green_or_stores_leave_charts_out(of_bare, of_short):
    for run in (of_bare, of_short):
        view = View(*run)
        assert claims_figure(view) is None
        assert levels_figure(view) is None
        assert balance_figure(view) is None  # one day only: the table tells it


def test_a_park_that_costs_nothing_has_no_bars(parks):
    run = parks.solved(micro(grid(price_cny_per_mwh=[0.0, 0.0]), demand(power_mw=[1.0, 1.0])))
    assert costs_figure(View(*run)) is None


def test_flows_of_one_look_are_told_apart(view):
    moving = [flow for flow in view.flows if flow.role != "demand" and view.moves(flow)]
    assert theme.distinct([flow.style for flow in moving])


def test_four_figures():
    values = np.array([12345.678, 0.0123456, -98.7654, 0.0, 1e-9, np.inf, 9999.6])
    assert four_figures(values).tolist() == [12350.0, 0.01235, -98.77, 0.0, 0.0, 0.0, 10000.0]
