import re
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from parksim import api
from parksim.accounts.summary import summarise
from parksim.park import read_park
from parksim.report.energy_flow import energy_flow
from parksim.report.sankey import NARROW, WIDE, _Layout, _told, flow_figure
from parksim.report.theme import Style
from parksim.report.view import Flow, View
from parksim.testing import random_table

RUNS = ["of_year", "of_two_days", "of_bare", "of_short", "of_hostile"]


def balanced(graph):
    for key, stop in graph.stops.items():
        sides = [sum(link.mwh for link in side) for side in (graph.incoming(key), graph.outgoing(key))]
        if stop.sort in {"bus", "store", "converter"}:
            assert sides[0] == pytest.approx(sides[1], rel=1e-6), key
        assert stop.mwh == pytest.approx(max(sides), rel=1e-12)


def energy(ds, *, role, feeds=None):
    chosen = ds["role"].to_numpy() == role
    if feeds is not None:
        chosen &= ds["feeds"].to_numpy() == feeds
    return float(ds["power"].to_numpy()[chosen].sum()) * float(ds.attrs["step_h"])


@pytest.mark.parametrize("name", RUNS)
def test_what_comes_in_goes_out_at_every_node(name, request):
    balanced(energy_flow(View(*request.getfixturevalue(name))))


@pytest.mark.parametrize("seed", range(12))
def test_the_flow_of_random_parks_adds_up_and_equals_the_dataset(seed):
    ds = api.solve(read_park(random_table(seed, hours=24, step_minutes=60 if seed % 2 else 15)))
    view = View(ds, summarise(ds))
    graph = energy_flow(view)
    balanced(graph)
    supply = sum(link.mwh for link in graph.incoming("electricity"))
    assert supply == pytest.approx(
        sum(energy(ds, role=role) for role in ("renewable", "direct", "import", "unserved", "discharge")), abs=1e-4
    )
    unused = float(view.summary["curtailed_mwh"]) + float(view.summary["direct_not_taken_mwh"])
    assert graph.mwh("unused") == pytest.approx(unused, abs=1e-4)
    lost = sum(max(store["loss_mwh"], 0.0) for store in view.summary["storage"].values())
    assert graph.mwh("lost") == pytest.approx(lost, abs=1e-4)
    given = sum(stop.mwh for key, stop in graph.stops.items() if key.endswith("store returned"))
    assert given == pytest.approx(energy(ds, role="discharge"), abs=1e-4)
    assert flow_figure(view).markup.count("<svg") == 2


def flow(row, component, item, role, *, feeds, node, carrier):
    label = f"{component}.{item}"
    return Flow(row, label, component, label, role, component, feeds, node, carrier, Style("#123456"))


def made(*flows):
    """A view of flows of constant power in one step of an hour, each with its energy."""
    power = np.array([[mwh] for _, mwh in flows])
    joined = [one for one, _ in flows]
    return SimpleNamespace(
        joined=joined, flows=[one for one in joined if one.carrier == "electricity"], power=power, step_h=1.0,
        summary={"storage": {}}, moves=lambda one: power[one.row, 0] > 0,
        unused=lambda one: None, name=str.capitalize,
    )  # fmt: skip


def power_to_heat(*more):
    """A grid of 20 MWh, a heat pump that turns 5 into 15, and what else there is."""
    return made(
        (flow(0, "grid", "buy", "import", feeds=True, node="electricity", carrier="electricity"), 20.0),
        (flow(1, "load", "use", "demand", feeds=False, node="electricity", carrier="electricity"), 12.0),
        (flow(2, "pump", "draw", "convert", feeds=False, node="electricity", carrier="electricity"), 5.0),
        (flow(3, "pump", "make", "convert", feeds=True, node="heat", carrier="heat"), 15.0),
        (flow(4, "baths", "use", "demand", feeds=False, node="heat", carrier="heat"), 15.0),
        (flow(5, "ely", "draw", "convert", feeds=False, node="electricity", carrier="electricity"), 3.0),
        (flow(6, "ely", "make", "convert", feeds=True, node="hydrogen", carrier="hydrogen"), 2.0),
        *more,
    )


def test_converters_join_the_nodes_of_several_carriers():
    view = power_to_heat(
        (flow(7, "trucks", "use", "demand", feeds=False, node="hydrogen", carrier="hydrogen"), 2.0),
    )
    graph = energy_flow(view)
    balanced(graph)
    layers = {key: stop.layer for key, stop in graph.stops.items()}
    assert layers["electricity"] < layers["pump"] < layers["heat"] < layers["baths.use"]
    assert graph.stops["ely lost"].mwh == pytest.approx(1.0)
    assert graph.stops["pump around"].mwh == pytest.approx(10.0)
    assert graph.stops["pump around"].sort == "source"
    assert {stop.name for stop in graph.stops.values()} >= {"Electricity", "Heat", "Hydrogen"}


def test_a_converter_that_would_close_a_circle_is_drawn_as_use_and_source():
    view = power_to_heat(
        (flow(7, "cell", "draw", "convert", feeds=False, node="hydrogen", carrier="hydrogen"), 2.0),
        (flow(8, "cell", "make", "convert", feeds=True, node="electricity", carrier="electricity"), 1.0),
    )
    graph = energy_flow(view)
    assert "cell" not in graph.stops
    assert graph.stops["cell.draw"].sort == "use"
    assert graph.stops["cell.make"].layer == 0
    assert all(graph.stops[link.source].layer < graph.stops[link.target].layer for link in graph.links)


def overlaps(places, gap):
    return [b.y - a.y - a.slot < gap - 1e-6 for a, b in pairwise(places)]


@pytest.mark.parametrize("paper", [WIDE, NARROW])
@pytest.mark.parametrize("name", ["of_year", "of_two_days", "of_short"])
def test_nothing_overlaps_and_all_stays_on_the_paper(paper, name, request):
    view = View(*request.getfixturevalue(name))
    graph = energy_flow(view)
    layout = _Layout(graph, paper, _told(view, graph, paper))
    for layer in layout.layers:
        assert not any(overlaps(layer, paper.gap))
        assert all(place.y >= -1e-6 and place.y + place.slot <= layout.high + 1e-6 for place in layer)
    for _, path in layout.ribbons():
        xs, ys = np.array(re.findall(r"(-?[\d.]+) (-?[\d.]+)", path), float).T
        assert 0 <= xs.min() <= xs.max() <= paper.width
        assert -1 <= ys.min() <= ys.max() <= layout.high + 3


def test_ribbons_are_as_wide_as_their_energy(of_year):
    view = View(*of_year)
    graph = energy_flow(view)
    layout = _Layout(graph, WIDE, _told(view, graph, WIDE))
    for link, path in layout.ribbons():
        first = re.match(r"M[\d.]+ ([\d.]+)", path)[1]
        thick = float(re.findall(r" ([\d.]+)Z$", path)[0]) - float(first)
        assert thick == pytest.approx(max(link.mwh * layout.px, 1.5), abs=0.11)


def test_the_title_says_what_is_served_lost_and_unused(of_year, of_bare):
    ds, summary = of_year
    title = flow_figure(View(ds, summary)).title.replace("\u202f", " ")
    assert title.startswith(f"{summary['served_mwh'] / 1e3:.0f} GWh reach demand; ")
    assert f"{(summary['curtailed_mwh'] + summary['direct_not_taken_mwh']) / 1e3:.1f} GWh of green" in title
    assert flow_figure(View(*of_bare)).title.endswith("nothing is lost or left unused")
