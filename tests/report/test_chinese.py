"""The Chinese report: whole, without English in it, with the figures of the summary, names in its language."""

import html
import json
import pickle
import re

import pytest

import parksim as ps
from parksim.accounts.summary import summarise
from parksim.report.lines import width
from parksim.report.words import speaking
from parksim.report.worth import Told
from parksim.report.worth_page import render as worth_page

LATIN = {
    "C", "CO", "CSV", "DATA", "HiGHS", "JavaScript", "K", "MIT", "MW", "MWh", "UTC", "W", "basic", "builtin", "csv",
    "days", "demand_floor_fraction", "dhi", "dni", "e", "ghi", "h", "js", "kWh", "kgCO", "m", "min", "nc", "parksim",
    "plotly", "power_max_mw", "result", "tCO", "s", "temp_air", "toml", "two", "weather", "wind_speed", "yibin",
}  # fmt: skip
"""Letters that stand in a Chinese report: units, proper names, names of files and columns."""

TO_ADD = {"other_energy", "verdict", "all_electric", "true", "process_co", "_t", "continuous_spot"}
"""What the verdict says to add to a park file, as it is written there."""


@pytest.fixture(scope="module")
def run():
    ds = ps.solve(ps.load_park("two-days"))
    return ds, summarise(ds)


@pytest.fixture(scope="module")
def page(run):
    return ps.report.html(*run, lang="zh")


def visible(page):
    """What a reader sees of a page, without codes, and without sources, which stay as the planner wrote them."""
    tables = r'<table class="sources">.*?</table>|<td class="source".*?</td>'
    for gone in (r"<(script|style|pre|code)\b.*?</\1>", tables, r"<!doctype.*?<body>", r"<[^>]+>", "[0-9a-f]{16}"):
        page = re.sub(gone, " ", page, flags=re.DOTALL)
    return html.unescape(page)


def words(text):
    return set(re.findall(r"[A-Za-z_]+", text)) - LATIN - TO_ADD


def test_no_english_is_left_on_the_page(page):
    assert words(visible(page)) == set()
    drawn = json.loads(re.search(r'id="page-data">(.*?)</script>', page, re.DOTALL)[1])["figures"]
    traces = [trace for figure in drawn.values() for trace in figure.get("data", [])]
    named = [text for trace in traces for text in (trace["csv"], trace.get("name"))]
    named += [note["text"] for figure in drawn.values() for note in figure.get("layout", {}).get("annotations", [])]
    assert words(" ".join(filter(None, named))) == set()
    assert words(" ".join(re.findall(r'(?:aria-label|title)="([^"]*)"', page))) == set()
    assert '<html lang="zh-CN">' in page
    assert 'class="zh"' not in page
    assert "四川分时电价（2025年5月起） · tariffs.time_of_use" in page


def test_an_english_page_has_no_chinese_but_terms_and_names(run):
    page = ps.report.html(*run)
    assert '<html lang="en-GB">' in page
    assert "Battery (储能)" in page
    assert "Two days in July (两日示例)" in page
    assert "四川省电力平均排放因子" in page
    assert not re.search("[，。；：]", visible(page))


def test_the_figures_are_those_of_the_summary(run, page):
    _, summary = run
    text = visible(page)
    load, green = summary["load_mwh"], summary["green_supply_mwh"]
    assert f"园区用电量{load:.0f}MWh，其中绿电{green:.1f}MWh，占{100 * green / load:.1f}%" in text
    assert f"度电成本{summary['cost_cny_per_mwh'] / 1e3:.3f}元/kWh" in text
    assert f"{summary['cost_cny']['total']:,.1f}" in text
    assert "公布目标" in text


def test_notes_of_reading_are_told_in_chinese(run, page):
    ds, summary = run
    assert summary["notes"] == ["weather: builtin:yibin-weather.csv, ghi, dhi, dni, temp_air, wind_speed"]
    assert "weather：builtin:yibin-weather.csv，ghi, dhi, dni, temp_air, wind_speed" in page
    older = ds.drop_attrs().assign_attrs({key: value for key, value in ds.attrs.items() if key != "notes_told"})
    assert summary["notes"][0] in ps.report.html(older, summary, lang="zh")


def test_a_dataset_without_chinese_names_is_told_with_the_english_ones(run):
    ds, summary = run
    kept = {key: value for key, value in ds.attrs.items() if not key.endswith("_zh")}
    page = ps.report.html(ds.drop_attrs().assign_attrs(kept), summary, lang="zh")
    assert "<h1>Two days in July</h1>" in page
    assert "Battery（放电）" in page


def test_the_terminal_summary_is_chinese_and_fits(run):
    told = ps.report.text(*run, lang="zh")
    assert words(told) <= {"CO2", "kgCO2"}
    assert max(map(width, told.splitlines())) <= 110
    assert told.encode("gbk")
    assert told.splitlines()[0] == "两日示例（2025年7月14日起2天）"
    assert not [line for line in told.splitlines() if re.match(r"\s*[，。；：、）]", line)], "a mark begins a line"
    assert ps.report.text(*run).startswith("Two days in July (两日示例) (2 days from 14 July 2025)")


def test_an_hour_is_explained_in_chinese():
    found = ps.why(ps.load_park("two-days"))
    told = ps.report.why(found, lang="zh")
    assert words(told) <= {"CO2"}
    assert re.search(r"多用1MWh将增加成本\d+元：储能多放", told)
    assert "储能节省的费用" in told
    assert told.encode("gbk")
    assert ps.report.why(pickle.loads(pickle.dumps(found)), lang="zh") == told


def test_the_worth_of_numbers_is_told_in_chinese():
    ds = ps.worth(ps.load_park("two-days"))
    page = worth_page(ds, lang="zh")
    assert words(visible(page)) == set()
    with speaking("zh"):
        names = [line.name for line in Told(ds).lines]
    assert "储能：额定容量" in names
    assert any(name.startswith("四川省电力平均排放因子：") for name in names)
    assert words("".join(names)) == set()
