import csv
import html
import io
import json
import re
import shutil
import subprocess

import pytest

from parksim.report import html as render

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
SWITCHES = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--enable-logging=stderr",
    "--virtual-time-budget=60000",
    "--dump-dom",
)
NAMES = ("of_year", "of_two_days", "of_bare", "of_short", "of_hostile", "of_year in Chinese")
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
  const right = (e) => e.getBoundingClientRect().right;
  const loose = all("body *").filter((e) => !e.closest(".scroll, svg, pre") && right(e) > root.clientWidth + 0.5);
  const plots = all(".plot").map((e) => ({
    key: e.dataset.figure || "strip", height: e.clientHeight, drawn: e.querySelectorAll(".main-svg").length,
    traces: e.data ? e.data.length : 0 }));
  return Promise.all(files.map((file) => file[1])).then((texts) => ({
    drawn: root.dataset.drawn, wide: root.scrollWidth, width: root.clientWidth, plots, weeks,
    files: Object.fromEntries(files.map((file, i) => [file[0], texts[i]])),
    ticks: all(".xtick text, .xaxislayer-above text").map((e) => e.textContent),
    hacked: w.hacked === undefined ? null : w.hacked, loose: loose.map((e) => e.tagName + "." + e.className) }));
}
const found = [];
const frames = Array.from(document.querySelectorAll("iframe"));
window.onload = () => setTimeout(async () => {
  for (const frame of frames) { found.push(await ask(frame)); frame.remove(); }
  const told = document.createElement("pre");
  told.id = "told";
  told.textContent = JSON.stringify(found);
  document.body.appendChild(told);
}, 2000);
"""


@pytest.fixture(scope="session")
def browser():
    found = next((path for path in map(shutil.which, BROWSERS) if path), None)
    if found is None:
        pytest.skip("no Chromium on this machine; install the package chromium to render pages in tests")
    return found


@pytest.fixture(scope="session")
def rendered(browser, tmp_path_factory, request):
    """Every page at every width in frames of one document: what each says of itself, and what the console said."""
    folder = tmp_path_factory.mktemp("browser")
    cases = [(name, width) for name in NAMES for width in WIDTHS]
    pages = {}
    for name in NAMES:
        run, _, language = name.partition(" in ")
        page = render(*request.getfixturevalue(run), lang="zh" if language else "en")
        pages[name] = html.escape(page)
    frames = "".join(
        f'<iframe style="border:0;width:{width}px;height:900px" srcdoc="{pages[name]}"></iframe>'
        for name, width in cases
    )
    harness = folder / "harness.html"
    harness.write_text(f"<!doctype html><meta charset=utf-8><body>{frames}<script>{ASK}</script>", encoding="utf-8")
    run = subprocess.run(
        [browser, *SWITCHES, f"--user-data-dir={folder / 'profile'}", harness.as_uri()],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    told = re.search(r'<pre id="told">(.*?)</pre>', run.stdout, flags=re.DOTALL)
    assert told, run.stderr[-2000:]
    console = [line for line in run.stderr.splitlines() if "CONSOLE" in line]
    return dict(zip(cases, json.loads(html.unescape(told[1])), strict=True)), console


@pytest.mark.browser
def test_no_page_says_anything_on_the_console(rendered):
    assert rendered[1] == []


@pytest.mark.browser
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", NAMES)
def test_a_page_draws_its_charts_and_fits(rendered, name, width):
    found = rendered[0][name, width]
    assert found["wide"] == found["width"] == width
    assert found["loose"] == []
    assert int(found["drawn"]) == len(found["plots"]) > 0
    for plot in found["plots"]:
        assert plot["drawn"] >= 1, plot
        assert plot["traces"] >= 1, plot
    assert next(plot for plot in found["plots"] if plot["key"] == "dispatch")["height"] >= 320
    assert found["hacked"] is None


@pytest.mark.browser
def test_the_week_moves(rendered):
    first, second, third = rendered[0]["of_year", 1440]["weeks"]
    assert re.fullmatch(r"\w{3} 2025-\d\d-\d\d – \w{3} 2025-\d\d-\d\d", first)
    assert second != first
    assert third == "Fri 2025-04-11 – Thu 2025-04-17"  # day 100 of a year that begins on a Wednesday
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
    months = list(csv.reader(io.StringIO(files["balance"].lstrip("\ufeff"))))
    assert months[0][-1] == "Green share of demand [1]"
    assert [row[0] for row in months[1:]][:2] == ["Jan", "Feb"]
    assert files["case.toml"].strip() == ds.attrs["park_toml"].strip()
