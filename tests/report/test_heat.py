import base64
import re
import struct
import zlib

import numpy as np
import pytest

from parksim import api
from parksim.accounts.summary import summarise
from parksim.components._cases import demand, grid, micro
from parksim.park import read_park
from parksim.report import theme
from parksim.report.dispatch import Hours
from parksim.report.heat import FIRST, LIMIT, NOTHING, ZERO, absence, heat_figures, palette
from parksim.report.view import View
from parksim.testing import random_table


def view_of(table):
    ds = api.solve(read_park(table))
    return View(ds, summarise(ds))


def figures(view):
    return {figure.key: figure for figure in heat_figures(view, Hours(view))}


def image(figure):
    """Places in the palette, and the palette, read back from the picture of a figure."""
    raw = base64.b64decode(re.search(r'href="data:image/png;base64,([^"]+)"', figure.markup)[1])
    assert raw.startswith(b"\x89PNG\r\n\x1a\n")
    chunks, at = {}, 8
    while at < len(raw):
        (length,), name = struct.unpack(">I", raw[at : at + 4]), raw[at + 4 : at + 8]
        body = raw[at + 8 : at + 8 + length]
        assert struct.unpack(">I", raw[at + 8 + length : at + 12 + length])[0] == zlib.crc32(name + body)
        chunks[name], at = body, at + 12 + length
    wide, high, bits, sort = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert (bits, sort) == (8, 3)
    points = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(high, wide + 1)
    colours = [f"#{chunks[b'PLTE'][n : n + 3].hex().upper()}" for n in range(0, len(chunks[b"PLTE"]), 3)]
    assert chunks[b"tRNS"] == b"\0"
    return points[:, 1:], colours


def told(figure):
    return figure.title.replace("\u202f", " ")


def test_every_step_has_its_colour(of_year):
    view = View(*of_year)
    places, colours = image(figures(view)["heat-import"])
    assert places.shape == (24, 365)
    assert colours == palette(theme.LIMIT)
    bought = view.total("import")
    by_step = places.T.ravel()
    assert ((by_step == ZERO) == (bought <= 1e-6)).all()
    shown = by_step >= FIRST
    scaled = (by_step[shown] - FIRST) / 252
    top = bought.max()  # the limit of 1,000 MW is far above
    np.testing.assert_allclose(scaled, bought[shown] / top, atol=0.5 / 252 + 1e-9)


def test_the_scale_is_even_from_dark_to_bright():
    colours = palette(theme.LIMIT)
    assert len(colours) == 256
    bright = [sum(w * int(c[n : n + 2], 16) for n, w in ((1, 0.2126), (3, 0.7152), (5, 0.0722))) for c in colours]
    steps = np.diff(bright[FIRST:])
    assert 0 <= steps.min() < steps.max() < 2.0
    assert (colours[FIRST], colours[-1]) == (theme.CIVIDIS[0], theme.CIVIDIS[-1])
    assert bright[ZERO] > bright[FIRST] + 100  # what is zero stands apart from what is little


def test_titles_count_what_is_at_zero_and_at_the_limit(of_year):
    view = View(*of_year)
    made = figures(view)
    none = int((view.total("import") <= 1e-6).sum())
    assert f"in{none}hnothingisbought" in told(made["heat-import"]).replace(" ", "")
    assert made["heat-import"].caption.replace("\u202f", " ") == "The import limit of 1 000 MW is never reached."
    content, upper, lower = (view.ds[f"content{end}"].to_numpy()[0] for end in ("", "_upper", "_lower"))
    span = (upper - lower).max()
    full, empty = (content >= upper - 1e-3 * span).sum(), (content <= lower + 1e-3 * span).sum()
    title = told(made["heat-level-0"]).replace(" ", "")
    assert f"isfullfor{full}handemptyfor{empty}hof8760h" in title
    assert made["heat-level-0"].caption.replace("\u202f", " ").startswith("Full and empty: within 0.1 % of the span")
    places, _ = image(made["heat-level-0"])
    assert ((places == LIMIT).sum(), (places == ZERO).sum()) == (full, empty)


def test_the_busiest_hours_are_named():
    hours = np.arange(24 * 8) % 24
    load = np.where((hours >= 22) | (hours < 4), 10.0, 1.0)
    price = np.where(hours == 3, 100.0, 300.0)
    made = figures(view_of(micro(grid(price_cny_per_mwh=price.tolist()), demand(power_mw=load.tolist()))))
    assert told(made["heat-import"]).startswith(
        f"{100 * 60 / 78:.1f} % of the energy bought falls between 22:00 and 04"
    )
    assert "between 00:00 and 04:00" in told(made["heat-price-0"])
    assert "and 250 CNY/MWh between" in told(made["heat-price-0"])


def test_an_import_limit_that_binds_is_marked_and_counted():
    power = ([4.0] * 12 + [6.0] * 12) * 7
    table = micro(
        grid(price_cny_per_mwh=[100.0] * 168, import_max_mw=5.0), demand(power_mw=power),
        {"name": "shortfall", "kind": "shortfall", "price_cny_per_mwh": 9_000.0},
    )  # fmt: skip
    figure = figures(view_of(table))["heat-import"]
    assert "in 84 h the import limit is reached" in told(figure)
    places, _ = image(figure)
    assert (places[12:] == LIMIT).all()
    assert not (places[:12] == LIMIT).any()
    assert "at the limit (5.00\u202fMW)" in figure.markup


@pytest.mark.parametrize("minutes", [15, 30])
def test_shorter_steps_make_more_rows(minutes):
    view = view_of(random_table(11, hours=24 * 7, step_minutes=minutes))
    for figure in figures(view).values():
        assert image(figure)[0].shape == (24 * 60 // minutes, 7)
        assert figure.spec["heat"]["rows"] == 24 * 60 // minutes


def test_a_last_day_cut_short_stays_empty():
    view = view_of(micro(grid(price_cny_per_mwh=[100.0] * 180), demand(power_mw=[1.0] * 180)))
    places, _ = image(figures(view)["heat-import"])
    assert places.shape == (24, 8)
    assert (places[12:, 7] == NOTHING).all()
    assert (places[:12] != NOTHING).all()


def test_short_and_coarse_runs_say_why_there_is_no_picture(of_two_days, monkeypatch):
    view = View(*of_two_days)
    assert figures(view) == {}
    assert "needs 7 days or more" in absence(view, Hours(view))
    view = view_of(micro(grid(price_cny_per_mwh=[100.0] * 240), demand(power_mw=[1.0] * 240)))
    assert absence(view, Hours(view)) == ""
    monkeypatch.setattr("parksim.report.dispatch.MOST_NUMBERS", 60)
    assert "too coarse" in absence(view, Hours(view))
    assert figures(view) == {}


def test_a_long_run_is_drawn_in_the_means_that_the_page_holds(monkeypatch, of_year):
    monkeypatch.setattr("parksim.report.dispatch.MOST_NUMBERS", 30_000)
    view = View(*of_year)
    hours = Hours(view)
    rows = round(24 / hours.step_h)
    assert 4 <= rows < 24
    for figure in heat_figures(view, hours):
        assert image(figure)[0].shape == (rows, 365)


def test_a_few_dear_hours_do_not_flatten_the_scale_of_prices(of_short):
    price = [100.0, 200.0] * 84
    price[100] = 90_000.0
    view = view_of(micro(grid(price_cny_per_mwh=price), demand(power_mw=[1.0] * 168)))
    figure = figures(view)["heat-price-0"]
    assert "200\u202fCNY/MWh</span>" in figure.markup
    assert "90\u202f000" in figure.caption
    places, _ = image(figure)
    assert places[100 % 24, 100 // 24] == 255
