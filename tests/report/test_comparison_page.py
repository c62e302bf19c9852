"""Parks side by side on a page and in a workbook: figures of the Dataset, what the files say apart, what failed."""

import json
import re

import openpyxl
import pytest

import parksim as ps
from parksim.accounts.comparison import FIGURES, differences
from parksim.report import formats as f
from parksim.report.comparison import rows, sentences
from parksim.report.comparison_page import render
from parksim.report.comparison_workbook import write_workbook
from parksim.report.words import speaking

LANGUAGES = ("en", "zh")


@pytest.fixture(scope="module", params=LANGUAGES)
def page(request, of_comparison):
    return request.param, render(of_comparison, lang=request.param)


@pytest.fixture(scope="module")
def shipped():
    return ps.compare(["two-days", "start"]).ds


def data_of(page):
    return json.loads(re.search(r'id="page-data">(.*?)</script>', page, re.DOTALL)[1])["figures"]


def plain(html):
    return re.sub(r"[ \n]+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_answer_and_the_table_are_those_of_the_terminal(page, of_comparison):
    lang, text = page
    with speaking(lang):
        answer, *others = sentences(of_comparison, plain=False)
        lines = rows(of_comparison, plain=False)
    (shown,) = re.findall(r'<p class="answer">(.*?)</p>', text)
    assert shown == answer
    table = plain(text[text.index('<table class="side">') : text.index("</table>")])
    cells = [part for line in lines[1:] for cell in line[1:] for part in cell.splitlines()]
    assert len(cells) > 20
    assert all(cell in table for cell in cells)
    assert len(others) == 1


def test_marks_stand_at_the_figures_of_the_dataset(page, of_comparison):
    ds, drawn = of_comparison, data_of(page[1])
    solved = ds["solved"].to_numpy()
    marks, shares = drawn["cost"]["data"]
    assert [1e3 * value for value in marks["x"]] == pytest.approx(ds["unit_cost"].to_numpy()[solved].tolist())
    assert marks["y"] == pytest.approx((100.0 * ds["green_share"].to_numpy()[solved]).tolist())
    assert shares["x"] == marks["y"], "the download has both"
    assert marks["text"] == ["1", "2"]
    scale = 1.0 if page[0] == "en" else f.WRITING["zh"].mass_scale[-1][1]
    co2 = {trace["csv"].split(" ")[0]: trace["x"] for trace in drawn["co2"]["data"] if "csv" in trace}
    order = sorted(range(ds.sizes["yardstick"]), key=lambda at: ds["co2"].to_numpy()[solved][:, at].max())
    for name in ds["member"].to_numpy()[solved]:
        told = ds["co2"].sel(member=name).to_numpy()[order]
        assert [value * scale for value in co2[name]] == pytest.approx(told.tolist())


def test_a_park_without_a_solution_is_told_with_its_problem(page):
    lang, text = page
    assert {"en": "Parks without a solution", "zh": "没有可行解的方案"}[lang] in text
    problems = text[text.index('id="compare-problems"') :]
    assert "<h3>broken</h3>" in problems
    assert "falls short by" in problems


def test_no_section_on_problems_where_there_are_none(shipped):
    assert 'id="compare-problems"' not in render(shipped)


def test_what_the_files_say_apart_is_listed(page):
    lang, text = page
    differ = plain(text[text.index('id="compare-differ"') :])
    assert "components.battery.energy_max_mwh" in differ
    assert "components.grid.import_max_mw" in differ
    assert {"en": "energy between empty and full", "zh": "额定容量"}[lang] in differ
    assert re.search(r" 8 5 ", differ)


def test_parks_that_say_the_same_are_told_so():
    ds = ps.compare(["two-days", "two-days"]).ds
    assert "two-days (2) says the same as two-days." in render(ds)


def test_claims_stand_with_their_ratio(page, of_comparison):
    lang, text = page
    claims = plain(text[text.index('id="compare-claims"') : text.index('id="compare-differ"')])
    with speaking(lang):
        for value in of_comparison["claim_ratio"].to_numpy()[:2].ravel():
            assert f.percent(float(value)) in claims


def test_nothing_breaks_out_of_its_text(page):
    assert "<img src=x" not in page[1]
    assert page[1].count("<script") == 3


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_workbook_holds_figures_and_differences_in_full(of_comparison, tmp_path, lang):
    ds, path = of_comparison, tmp_path / "comparison.xlsx"
    write_workbook(ds, path, lang=lang)
    book = openpyxl.load_workbook(path)
    assert len(book.sheetnames) == 3
    lines = list(book.worksheets[0].iter_rows(values_only=True))
    start = next(at for at, line in enumerate(lines) if line[2] == "odd")
    values = lines[start + 2 :]
    apart = differences(ds)
    for line, name in zip(values, FIGURES, strict=False):
        told = [*ds[name].to_numpy()[:2], None, apart[name].to_numpy()[1], None]
        assert list(line[2:]) == [value if value is None else pytest.approx(float(value)) for value in told]
    assert len(values) == len(FIGURES) + ds.sizes["yardstick"]
    assert [line[2] for line in values[len(FIGURES) :]] == pytest.approx(ds["co2"].to_numpy()[0].tolist())


def test_ranges_on_the_tiles_are_of_the_parks_in_the_answer(shipped):
    page = render(shipped)
    tiles = re.findall(r'<dd class="value">(.*?) <span', page)
    green = shipped["green_share"].to_numpy()
    assert f.sig(100.0 * float(green.min())) in tiles[0]
    assert f.sig(100.0 * float(green.max())) in tiles[0]
