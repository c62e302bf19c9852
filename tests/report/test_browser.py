import csv
import io
import re

import numpy as np
import pytest

from parksim.report import html as render
from parksim.report.comparison_page import render as render_comparison
from parksim.report.view import View
from parksim.report.weeks import weeks

NAMES = ("of_year", "of_two_days", "of_bare", "of_short", "of_hostile", "of_held", "of_year in Chinese")
BESIDE = ("of_comparison", "of_comparison in Chinese", "of_held in Chinese")
"""Pages of which only that they draw, fit and are silent is looked at."""

WIDTHS = (1440, 390)
ASK = """
function ask(frame) {
  const w = frame.contentWindow, d = frame.contentDocument, root = d.documentElement;
  const all = (selector) => Array.from(d.querySelectorAll(selector));
  w.HTMLAnchorElement.prototype.click = () => {};
  let last = null;
  w.URL.createObjectURL = (blob) => { last = blob; return "data:,"; };
  const files = [];
  for (const button of all("button[data-csv], button[data-file]")) {
    button.click();
    files.push([button.dataset.csv || button.dataset.file, last.text()]);
  }
  const range = () => (d.querySelector("[data-range]") || {}).textContent || "";
  const weeks = [range()];
  const next = d.querySelector('[data-step="1"]');
  if (next) { next.click(); weeks.push(range()); }
  const slider = d.querySelector("[data-slider]");
  if (slider) { slider.value = "100"; slider.dispatchEvent(new w.Event("input")); weeks.push(range()); }
  for (const days of ["1", "28"]) {
    const button = d.querySelector('[data-span="' + days + '"]');
    if (button) { button.click(); weeks.push(range()); }
  }
  const jumps = all("[data-day]").map((b) => {
    b.click();
    return [b.textContent, Number(b.dataset.day), range(), b.getAttribute("aria-pressed")];
  });
  const div = d.querySelector('[data-figure="dispatch"]');
  const layout = div ? div._fullLayout : null;
  let marked = null, zoom = null;
  if (div) {
    const [x0, x1] = layout.xaxis.range.map((t) => Date.parse(t + "Z"));
    w.Plotly.Fx.hover(div, { xval: (x0 + x1) / 2, yval: 1 }, "xy");
    const spikes = Array.from(div.querySelectorAll(".spikeline")).map((e) => e.y1.baseVal.value - e.y2.baseVal.value);
    const hovered = (div._hoverdata || []).map((h) => h.fullData.yaxis);
    marked = { spike: Math.max(0, ...spikes.map(Math.abs)), plots: layout._size.h, hovered };
    zoom = [layout.dragmode, layout.xaxis.fixedrange, layout.yaxis.fixedrange];
  }
  const tips = all("[data-heat]").map((face) => {
    const box = face.getBoundingClientRect();
    face.dispatchEvent(new w.PointerEvent("pointermove", { clientX: box.left + 0.2, clientY: box.top + 1 }));
    return [face.dataset.heat, face.querySelector(".tip").textContent, box.width, box.height];
  });
  const flows = all(".sankey").map((e) => e.getBoundingClientRect().width).filter((wide) => wide > 0);
  const right = (e) => e.getBoundingClientRect().right;
  const loose = all("body *").filter((e) => !e.closest(".scroll, svg, pre") && right(e) > root.clientWidth + 0.5);
  const plots = all(".plot").map((e) => ({
    key: e.dataset.figure || "strip", height: e.clientHeight, drawn: e.querySelectorAll(".main-svg").length,
    traces: e.data ? e.data.length : 0 }));
  return Promise.all(files.map((file) => file[1])).then((texts) => ({
    tips, flows, jumps, marked, zoom,
    drawn: root.dataset.drawn, wide: root.scrollWidth, width: root.clientWidth, plots, weeks,
    files: Object.fromEntries(files.map((file, i) => [file[0], texts[i]])),
    ticks: all(".xtick text, .xaxislayer-above text").map((e) => e.textContent),
    hacked: w.hacked === undefined ? null : w.hacked, loose: loose.map((e) => e.tagName + "." + e.className) }));
}
"""


@pytest.fixture(scope="session")
def rendered(framed, request):
    """Every page at every width in frames of one document: what each says of itself, and what the console said."""
    cases = [(name, width) for name in (*NAMES, *BESIDE) for width in WIDTHS]
    pages = {}
    for name in (*NAMES, *BESIDE):
        run, _, language = name.partition(" in ")
        found, lang = request.getfixturevalue(run), "zh" if language else "en"
        page = render_comparison(found, lang=lang) if run == "of_comparison" else render(*found, lang=lang)
        pages[name] = page
    found, console = framed([(pages[name], width) for name, width in cases], ASK)
    return dict(zip(cases, found, strict=True)), console


@pytest.mark.browser
def test_no_page_says_anything_on_the_console(rendered):
    assert rendered[1] == []


@pytest.mark.browser
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", NAMES + BESIDE)
def test_a_page_draws_its_charts_and_fits(rendered, name, width):
    found = rendered[0][name, width]
    assert found["wide"] == found["width"] == width
    assert found["loose"] == []
    assert int(found["drawn"]) == len(found["plots"]) > 0
    for plot in found["plots"]:
        assert plot["drawn"] >= 1, plot
        assert plot["traces"] >= 1, plot
    main = "cost" if name.startswith("of_comparison") else "dispatch"
    assert next(plot for plot in found["plots"] if plot["key"] == main)["height"] >= 320
    assert found["hacked"] is None


@pytest.mark.browser
def test_the_week_moves(rendered):
    first, second, third, day, month = rendered[0]["of_year", 1440]["weeks"]
    assert re.fullmatch(r"\w{3} 2025-\d\d-\d\d – \w{3} 2025-\d\d-\d\d", first)
    assert second != first
    assert third == "Fri 2025-04-11 – Thu 2025-04-17"  # day 100 of a year that begins on a Wednesday
    assert day == "Mon 2025-04-14"  # in the middle of that week
    assert month == "Tue 2025-04-01 – Mon 2025-04-28"
    assert rendered[0]["of_two_days", 1440]["weeks"] == [""]


@pytest.mark.browser
def test_a_chinese_page_writes_its_weeks_and_axes_in_chinese(rendered):
    found = rendered[0]["of_year in Chinese", 1440]
    assert found["weeks"][2] == "2025-04-11（周五）至2025-04-17（周四）"
    english = rendered[0]["of_year", 1440]
    assert "4月" in found["ticks"]
    assert {"4月", "2025年"} <= set(re.findall(r"4月|2025年", "".join(found["ticks"])))
    assert not re.search("[A-Z][a-z]{2}", "".join(found["ticks"]))
    assert re.search("Apr", "".join(english["ticks"]))
    table = list(csv.reader(io.StringIO(found["files"]["dispatch"].lstrip("\ufeff"))))
    assert table[0][0] == "时段起点"


@pytest.mark.browser
def test_buttons_lead_to_a_wet_a_dry_and_a_critical_week(rendered, of_year):
    found = weeks(View(*of_year))
    jumps = {name: (day, dates, pressed) for name, day, dates, pressed in rendered[0]["of_year", 1440]["jumps"]}
    for name in ("wet", "dry", "critical"):
        first = np.datetime64("2025-01-01") + found[name]
        day, dates, pressed = jumps[f"{name} week"]
        assert (day, pressed) == (found[name], "true")
        assert re.findall(r"[\d-]{10}", dates) == [str(first), str(first + 6)]


@pytest.mark.browser
def test_dragging_looks_closer_and_an_hour_is_marked_in_all_charts(rendered):
    for width in WIDTHS:
        found = rendered[0]["of_year", width]
        assert found["zoom"] == ["zoom", False, True]
        assert set(found["marked"]["hovered"]) == {"y", "y2", "y3"}
        assert found["marked"]["spike"] >= 0.95 * found["marked"]["plots"]


@pytest.mark.browser
@pytest.mark.parametrize("width", WIDTHS)
def test_one_energy_flow_and_every_heat_map_are_seen(rendered, width, of_year):
    for name in NAMES:
        (flow,) = rendered[0][name, width]["flows"]
        assert 300 <= flow <= width
    ds, _ = of_year
    tips = rendered[0]["of_year", width]["tips"]
    assert [key for key, *_ in tips] == ["heat-import", "heat-level-0", "heat-level-1", "heat-price-0"]
    assert all(wide > 250 and high > 150 for *_, wide, high in tips)
    bought = float(ds["power"].to_numpy()[list(ds["flow"].to_numpy()).index("grid.buy"), 0])
    said = re.fullmatch(r"Wed 2025-01-01 00:00  ([\d.]+)\u202fMW", tips[0][1])
    assert float(said[1]) == pytest.approx(bought, rel=5.1e-4, abs=1e-6)
    assert rendered[0]["of_two_days", width]["tips"] == []


@pytest.mark.browser
def test_downloads_hold_the_data(rendered, of_year):
    ds, summary = of_year
    files = rendered[0]["of_year", 390]["files"]
    table = list(csv.reader(io.StringIO(files["dispatch"].lstrip("\ufeff"))))
    assert len(table) == 8761
    assert {len(row) for row in table} == {len(table[0])}
    assert table[0][0] == "begin of step"
    assert table[1][0] == "2025-01-01T00:00"
    bought = [float(row[table[0].index("Grid, bought [MW]")]) for row in table[1:]]
    row = list(ds["flow"].to_numpy()).index("grid.buy")
    assert bought == pytest.approx(ds["power"].to_numpy()[row].tolist(), rel=5.1e-4, abs=1e-6)
    costs = list(csv.reader(io.StringIO(files["costs"].lstrip("\ufeff"))))
    assert sum(float(row[1]) for row in costs[1:]) * 1e6 == pytest.approx(summary["cost_cny"]["total"])
    flow = list(csv.reader(io.StringIO(files["flow"].lstrip("\ufeff"))))
    assert flow[0] == ["from", "to", "energy [MWh]"]
    assert sum(float(row[2]) for row in flow[1:] if row[0].startswith("Grid")) == pytest.approx(summary["import_mwh"])
    falling = list(csv.reader(io.StringIO(files["duration"].lstrip("\ufeff"))))
    assert len(falling) == 8761
    column = falling[0].index("Bought [MW]")
    curve = [float(row[column]) for row in falling[1:]]
    assert curve == pytest.approx(sorted(bought, reverse=True))
    assert falling[1][column + 1] == table[1 + bought.index(max(bought))][0]
    assert [float(row[0]) for row in falling[1:]] == list(range(1, 8761))
    heat = list(csv.reader(io.StringIO(files["heat-import"].lstrip("\ufeff"))))
    assert [float(row[1]) for row in heat[1:]] == bought
    months = list(csv.reader(io.StringIO(files["balance"].lstrip("\ufeff"))))
    assert months[0][-1] == "Green share of demand [1]"
    assert [row[0] for row in months[1:]][:2] == ["Jan", "Feb"]
    assert files["case.toml"].strip() == ds.attrs["park_toml"].strip()


@pytest.fixture(scope="session")
def printed(on_paper, of_year):
    """The page of the year on paper."""
    return on_paper(render(*of_year))


@pytest.mark.browser
def test_the_page_prints_to_a4(printed):
    assert printed.startswith(b"%PDF-")
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert 10 <= len(boxes) <= 24
    for wide, high in boxes:
        assert float(wide) == pytest.approx(595.28, abs=1)
        assert float(high) == pytest.approx(841.89, abs=1)
