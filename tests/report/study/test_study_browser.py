"""The page of a study in a browser: it draws, fits, is silent, and its tools do what they say."""

import csv
import io

import pytest

from parksim.report import study as render

WIDTHS = (1440, 390)
PAGES = ("of_study", "of_study in Chinese", "of_one_case", "of_failures", "of_sample", "of_scenarios", "of_thousand")

ASK = """
function ask(frame) {
  const w = frame.contentWindow, d = frame.contentDocument, root = d.documentElement;
  const all = (selector) => Array.from(d.querySelectorAll(selector));
  const one = (selector) => d.querySelector(selector);
  w.HTMLAnchorElement.prototype.click = () => {};
  let last = null;
  w.URL.createObjectURL = (blob) => { last = blob; return "data:,"; };
  const files = [];
  for (const button of all("button[data-csv], button[data-file]")) {
    button.click();
    files.push([button.dataset.csv || button.dataset.file, last.text()]);
  }
  const text = (selector) => { const e = one(selector); return e ? e.textContent : ""; };
  const rows = () => all("table.ranked tbody tr").map((row) => row.cells[1].textContent);
  const lines = all(".parallel path");
  const hits = all(".parallel .hit");
  const sides = (b) => [b.left, b.right, b.top, b.bottom];
  const titles = all(".axis-title").map((e) => sides(e.getBoundingClientRect()));
  const before = { picked: text("[data-picked]"), rows: rows(), lines: lines.length, titles };
  const select = one("[data-choose]");
  let variants = null;
  if (select) {
    const wanted = select.options[select.options.length - 1].value;
    select.value = wanted;
    select.dispatchEvent(new w.Event("change"));
    const seen = all("[data-variant]").filter((e) => !e.hidden).map((e) => e.dataset.variant);
    variants = { wanted, seen, selects: all("[data-choose]").map((e) => e.value) };
  }
  let sorted = null;
  const head = one('th[data-sort="green_share"] button');
  if (head) { head.click(); sorted = rows(); head.click(); }
  let brushed = null;
  if (hits.length) {
    const hit = all(".parallel .hit")[0];
    const box = hit.getBoundingClientRect();
    hit.setPointerCapture = () => {};
    const at = (part) => (box.height > box.width
      ? { clientX: box.left + box.width / 2, clientY: box.bottom - part * box.height }
      : { clientX: box.left + part * box.width, clientY: box.top + box.height / 2 });
    const send = (name, part) => hit.dispatchEvent(new w.PointerEvent(name, { ...at(part), pointerId: 1 }));
    send("pointerdown", 0.02); send("pointermove", 0.2); send("pointerup", 0.2);
    brushed = { picked: text("[data-picked]"), off: all(".parallel path.off").length, found: text("[data-found]") };
    one("[data-clear]").click();
    brushed.cleared = text("[data-picked]");
  }
  const search = one("[data-search]");
  let searched = null;
  if (search) {
    search.value = "no such case"; search.dispatchEvent(new w.Event("input")); searched = rows().length;
    search.value = ""; search.dispatchEvent(new w.Event("input"));
  }
  const right = (e) => e.getBoundingClientRect().right;
  const inside = (e) => e.closest(".scroll, svg, pre, .ticks, caption");
  const loose = all("body *").filter((e) => !inside(e) && right(e) > root.clientWidth + 0.5);
  const list = one("table.ranked");
  const over = list ? list.scrollWidth - list.closest(".scroll").clientWidth : 0;
  const plots = all(".plot").map((e) => ({ traces: e.data ? e.data.length : 0, height: e.clientHeight }));
  const told = { before, over, variants, sorted, brushed, searched, plots,
    wide: root.scrollWidth, width: root.clientWidth,
    parallel: one(".parallel") ? one(".parallel").clientHeight : null,
    hacked: w.hacked === undefined ? null : w.hacked,
    loose: loose.map((e) => e.tagName + "." + e.className + " " + e.textContent.slice(0, 40)) };
  return Promise.all(files.map((file) => file[1])).then((texts) => ({
    ...told, files: Object.fromEntries(files.map((file, i) => [file[0], texts[i]])) }));
}
"""


@pytest.fixture(scope="module")
def rendered(framed, request):
    asked = [(name, width) for name in PAGES for width in WIDTHS]
    made = {}
    for name in PAGES:
        fixture, _, language = name.partition(" in ")
        made[name] = render(request.getfixturevalue(fixture), lang="zh" if language else "en")
    found, console = framed([(made[name], width) for name, width in asked], ASK)
    return dict(zip(asked, found, strict=True)), console


@pytest.mark.browser
def test_no_page_says_anything_on_the_console(rendered):
    assert rendered[1] == []


@pytest.mark.browser
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_draws_and_fits(rendered, name, width):
    found = rendered[0][name, width]
    assert found["wide"] == found["width"] == width
    assert found["loose"] == []
    assert found["hacked"] is None
    for plot in found["plots"]:
        assert plot["traces"] > 0
        assert plot["height"] >= 320
    if name != "of_failures":
        assert found["parallel"] >= 320
    assert found["over"] <= 0 or width < 1000
    boxes = found["before"]["titles"]
    for number, (left, right, top, bottom) in enumerate(boxes):
        for a, b, c, d in boxes[:number]:
            assert right <= a + 0.5 or left >= b - 0.5 or bottom <= c + 0.5 or top >= d - 0.5, "titles overlap"


@pytest.mark.browser
@pytest.mark.parametrize("width", WIDTHS)
def test_a_brush_keeps_the_cases_that_pass_there(rendered, of_study, width):
    found = rendered[0]["of_study", width]
    solved = of_study["status"].to_numpy() == 1
    low = int(solved[0].sum())
    assert found["before"]["lines"] == int(solved.sum())
    assert found["before"]["picked"] == f"{solved.sum()} of {solved.sum()} cases chosen"
    assert found["brushed"]["picked"] == f"{low} of {solved.sum()} cases chosen"
    assert found["brushed"]["off"] == int(solved.sum()) - low
    assert found["brushed"]["found"].endswith(f"of {low}")
    assert found["brushed"]["cleared"] == found["before"]["picked"]


@pytest.mark.browser
def test_one_choice_changes_every_chart(rendered):
    told = rendered[0]["of_study", 1440]["variants"]
    assert told["seen"] == [told["wanted"]] * 3
    assert set(told["selects"]) == {told["wanted"]}
    assert len(told["selects"]) == 4


@pytest.mark.browser
def test_a_heading_sorts_and_a_search_filters(rendered, of_study):
    found = rendered[0]["of_study", 1440]
    green = of_study["indicator_value"].sel(indicator="green_share").to_numpy().ravel()
    shares = [green[int(number)] for number in found["sorted"]]
    assert shares == sorted(shares)
    assert len(shares) == min(25, int((of_study["status"] == 1).sum()))
    assert found["searched"] == 0


@pytest.mark.browser
def test_downloads_hold_the_cases(rendered, of_study):
    files = rendered[0]["of_study", 390]["files"]
    table = list(csv.reader(io.StringIO(files["cases"].lstrip("\ufeff"))))
    solved = of_study["status"].to_numpy().ravel() == 1
    assert len(table) == 1 + solved.sum()
    cost = of_study["indicator_value"].sel(indicator="cost_cny").to_numpy().ravel()
    at = table[0].index("Cost (CNY)")
    assert [float(row[at]) for row in table[1:]] == pytest.approx([cost[int(row[0])] for row in table[1:]])
    front = list(csv.reader(io.StringIO(files["front-co2"].lstrip("\ufeff"))))
    assert len(front[0]) == 4
    assert files["odd.toml"].strip() == of_study.attrs["study_toml"].strip()
    assert files["two-days.toml"].strip() == of_study.attrs["park_toml"].strip()
    for name in ("heat", "tornado", "boxes", "parallel"):
        assert len(files[name].splitlines()) > 2


@pytest.mark.browser
def test_the_page_prints_to_few_sheets(on_paper, of_study):
    paper = on_paper(render(of_study))
    assert paper.startswith(b"%PDF-")
    assert 4 <= paper.count(b"/MediaBox") <= 12
