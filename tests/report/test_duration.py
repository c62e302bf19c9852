import numpy as np
import pytest

from parksim.components._cases import demand, grid, micro
from parksim.report.dispatch import Hours
from parksim.report.duration import curves, duration_figure, duration_title, peaks_table
from parksim.report.view import View


def of(view):
    return {curve.key: curve for curve in curves(view)}


def test_curves_are_load_load_less_what_green_sources_could_give_purchases_and_price(of_year):
    ds, summary = of_year
    view = View(ds, summary)
    found = of(view)
    role = ds["role"].to_numpy()
    load = ds["power"].to_numpy()[role == "demand"].sum(axis=0)
    could = ds["upper"].to_numpy()[np.isin(role, ["renewable", "direct"])].sum(axis=0)
    np.testing.assert_allclose(found["load"].values, load)
    np.testing.assert_allclose(found["residual"].values, load - could, atol=1e-5)
    np.testing.assert_allclose(found["import"].values, ds["power"].to_numpy()[role == "import"].sum(axis=0))
    np.testing.assert_allclose(found["price"].values, ds["price"].to_numpy()[0])


def test_what_the_page_adds_up_is_what_the_curve_is(of_year):
    view = View(*of_year)
    arrays = Hours(view).arrays
    for curve in curves(view):
        total = sum(arrays[key] for key in curve.plus) - sum((arrays[key] for key in curve.minus), np.zeros(1))
        np.testing.assert_allclose(total, curve.values, atol=1e-5)


def test_the_table_tells_peaks_and_how_long_they_last(of_year):
    view = View(*of_year)
    rows = [[cell.text for cell in row.cells] for row in peaks_table(view).rows]
    for curve, row in zip(curves(view), rows, strict=True):
        falling = np.sort(curve.values)[::-1]
        at = view.stamps[int(np.argmax(curve.values))]
        assert row[0].startswith(curve.name)
        shown = [float(text.replace("\u202f", "").replace("−", "-")) for text in (row[1], *row[3:])]
        near, none = (falling >= 0.9 * falling[0]).sum(), (falling <= 1e-6).sum()
        assert shown == pytest.approx([falling[0], falling[9], falling[99], falling[-1], near, none], rel=5.1e-3)
        assert row[2].endswith(at.strftime("%H:%M"))
        assert row[2].startswith(f"{at.day} ")


def test_the_title_tells_the_peak_and_how_long_purchases_stay_near_it(parks):
    power = [2.0] * 20 + [9.5, 10.0, 8.9, 1.0]
    table = micro(grid(price_cny_per_mwh=[100.0] * 96), demand(power_mw=np.repeat(power, 4).tolist()), step_minutes=15)
    view = View(*parks.solved(table))
    title = duration_title(view, curves(view)).replace("\u202f", " ")
    assert title == "Purchases reach 10.0 MW (1 Jan, 21:00) and stay within 10 % of that for 2 h of 24 h"


def test_the_spec_names_arrays_of_the_page_and_tells_its_units(of_year):
    view = View(*of_year)
    hours = Hours(view)
    spec = duration_figure(view, hours).spec
    for trace in spec["data"]:
        assert trace["sorted"]
        assert {*trace["series"], *trace["minus"]} <= set(hours.arrays)
    assert {trace["yaxis"] for trace in spec["data"]} == {"y", "y2"}
    labels = [note["text"] for note in spec["layout"]["annotations"]]
    assert labels[0] == "power (MW)"
    assert labels[1].startswith("price (CNY/MWh")
    assert spec["layout"]["xaxis"]["title"]["text"].endswith("(h)")


def test_a_single_step_has_no_curve(parks):
    run = parks.solved(micro(grid(price_cny_per_mwh=[100.0]), demand(power_mw=[1.0])))
    view = View(*run)
    assert duration_figure(view, Hours(view)) is None
    assert peaks_table(view) is not None
