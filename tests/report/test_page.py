import base64
import hashlib
import json
import re

import numpy as np
import pytest

from parksim.output import as_json
from parksim.report import html as render
from parksim.report.formats import THIN
from parksim.report.pages import json_for_page
from parksim.report.sections import PLOTLY_VERSION
from parksim.report.words import beside

RUNS = ["of_year", "of_two_days", "of_bare", "of_short", "of_hostile"]
MOST_BYTES = 6_000_000


def number(text):
    return float(text.replace(THIN, "").replace("−", "-").split("%")[0])


def tile(page, label):
    names = [e[2].strip() for e in page.of("dt")]
    place = next(i for i, name in enumerate(names) if name.startswith(label))
    value, unit = page.of("dd", class_="value")[place][2].split(" ", 1)
    return number(value), unit.strip()


def close(shown, value, digits=3):
    """Whether a number shown with some figures is the value."""
    return abs(shown - value) <= 0.5001 * 10.0 ** (np.floor(np.log10(abs(value))) - digits + 1) if value else shown == 0


def test_the_tiles_equal_the_summary(pages):
    _, page, _, summary = pages("of_year")
    assert tile(page, "Green supply")[1] == "GWh"
    expected = {
        "Green supply": summary["green_supply_mwh"] / 1e3,
        "Running cost": summary["cost_cny_per_mwh"] / 1e3,
        "Avoided CO": summary["avoided_co2_t"]["low"],
        "Bought": summary["import_mwh"] / 1e3,
        "Demand": summary["load_mwh"] / 1e3,
        "Emitted CO": summary["emissions_t"]["low"],
        "Storage": max(store["full_cycles"] for store in summary["storage"].values()),
        "Green energy not used": (summary["curtailed_mwh"] + summary["direct_not_taken_mwh"]) / 1e3,
    }
    for label, value in expected.items():
        assert close(tile(page, label)[0], value), label


def rows(page, caption):
    """Cells of the table below a caption."""
    elements = page.elements
    start = next(i for i, e in enumerate(elements) if e[0] == "caption" and e[2].startswith(caption))
    found = []
    for tag, _, text in elements[start:]:
        if tag == "caption" and found:
            break
        if tag == "tr":
            found.append([])
        elif tag in {"td", "th"} and found:
            found[-1].append(text)
        elif tag == "h2":
            break
    return [row for row in found if row]


def test_the_yardstick_table_equals_the_summary(pages):
    _, page, ds, summary = pages("of_year")
    table = rows(page, "CO₂ by yardstick")[1:]
    for row, (key, yardstick) in zip(table, json.loads(ds.attrs["yardsticks"]).items(), strict=True):
        assert number(row[1]) == yardstick["factor_t_per_mwh"]
        assert row[2] == str(yardstick["year"])
        for cell, figure in zip(row[3:6], ("emissions_t", "avoided_co2_t", "avoided_additional_co2_t"), strict=True):
            assert close(number(cell), summary[figure][key])
        assert row[7] == yardstick["source"]


def test_the_cost_table_equals_the_ledger(pages):
    _, page, ds, summary = pages("of_year")
    table = {row[0]: number(row[1]) * 1e6 for row in rows(page, "Cost by term")[1:]}
    assert table["Grid: energy"] == pytest.approx(summary["cost_cny"]["grid.energy"], abs=5e4)
    assert table["Old hydro: energy"] == pytest.approx(summary["cost_cny"]["old_hydro.energy"], abs=5e4)
    assert table["Sum"] == pytest.approx(float(ds["cost"].sum()), abs=5e4)


def test_the_energy_table_adds_up(pages):
    _, page, ds, _ = pages("of_year")
    table = rows(page, "Energy over the horizon")
    sums = [number(row[1]) for row in table if row[0] == "Sum"]
    feeds = ds["power"].to_numpy()[ds["feeds"].to_numpy()].sum() / 1e3
    assert sums == [pytest.approx(feeds, abs=0.05)] * 2


def test_every_value_of_the_park_file_stands_with_its_source(pages):
    _, page, ds, _ = pages("of_hostile")
    shown = page.of("code")
    for path in ds["field"].to_numpy():
        if not path.endswith(".kind"):
            assert any(element[2] == path.rpartition(".")[2] for element in shown), path
    assumed = rows(page, "Assumptions")
    assert any("[assumption] source" in cell for row in assumed for cell in row)
    assert all(len(row) <= 4 for row in assumed)


@pytest.mark.parametrize("name", RUNS)
def test_every_page_is_whole_small_and_loads_nothing(pages, name):
    text, page, ds, summary = pages(name)
    assert text.startswith("<!doctype html>")
    assert len(text.encode()) < MOST_BYTES
    assert not [
        e for e in page.elements if e[0] in {"link", "img", "iframe", "object"} and "data:," not in e[1].get("href", "")
    ]
    assert not [e for e in page.elements if any(key in e[1] for key in ("src", "srcset", "action"))]
    assert all(e[1]["href"].startswith("#") for e in page.of("a"))
    assert "@import" not in text
    assert "url(" not in page.of("style")[0][2]
    plots = {e[1][kind] for e in page.of("div") for kind in ("data-figure", "data-drawn") if kind in e[1]}
    assert plots == set(page.data["figures"])
    assert ("storage" in plots) == bool(ds.sizes["level"])
    assert ("claims" in plots) == (max(summary["avoided_co2_t"].values(), default=0.0) > 0)
    for key in plots:
        assert page.of("button", data_csv=key)
        (drawn,) = [*page.of("div", data_figure=key), *page.of("div", data_drawn=key)]
        assert len(drawn[1]["aria-label"]) > 20
    nav = {e[1]["href"] for e in page.of("a")}
    assert nav <= {"#" + e[1]["id"] for e in page.of("h2")}


@pytest.mark.parametrize("name", RUNS)
def test_only_our_own_scripts_may_run(pages, name):
    text, page, _, _ = pages(name)
    allowed = re.search(r"script-src ([^;]+);", page.of("meta", http_equiv="Content-Security-Policy")[0][1]["content"])[
        1
    ]
    scripts = re.findall(r"<script>(.*?)</script>", text, flags=re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    assert len(scripts) == 2
    assert allowed.split() == [f"'sha256-{digest}'" for digest in digests]
    assert f"v{PLOTLY_VERSION}" in scripts[0][:200]


def test_words_of_the_user_stay_words(pages):
    page, ds = pages("of_hostile")[1:3]
    assert len(page.of("script")) == 3
    assert not page.of("img")
    assert not any(key.startswith("on") for element in page.elements for key in element[1])
    assert ds.attrs["title"] in page.of("h1")[0][2]
    assert page.of("pre", id="park-file")[0][2].strip() == ds.attrs["park_toml"].strip()
    drawn = json.dumps({key: spec for key, spec in page.data["figures"].items() if "table" not in spec})
    named = [t["name"] for t in page.data["figures"]["dispatch"]["data"]]
    assert any("&lt;img" in name for name in named)
    assert not any("<" in name for name in named)
    assert "<script" not in re.sub(r'"(csv|categories)": (\[[^\]]*\]|"(\\"|[^"])*")', "", drawn)


def test_hours_are_kept_once_and_to_four_figures(pages):
    text, page, ds, _ = pages("of_year")
    hours = page.data["hours"]
    assert (hours["first"], hours["step_minutes"], hours["count"]) == ("2025-01-01T00:00", 60.0, 8760)
    for row, label in enumerate(ds["flow"].to_numpy()):
        power = ds["power"].to_numpy()[row]
        if power.max() > 1e-6 and ds["carrier"].to_numpy()[row] == "electricity":
            np.testing.assert_allclose(hours["series"][f"p{row}"], power, rtol=5.1e-4, atol=1e-6, err_msg=label)
        else:
            assert f"p{row}" not in hours["series"]
    np.testing.assert_allclose(hours["series"]["c0"], ds["content"].to_numpy()[0], rtol=5.1e-4, atol=1e-6)
    np.testing.assert_allclose(hours["series"]["n0"], ds["price"].to_numpy()[0], rtol=5.1e-4, atol=1e-6)
    assert text.count('"p0":[') == 1


def test_json_for_the_page_refuses_what_is_no_number():
    with pytest.raises(ValueError, match="JSON"):
        json_for_page({"a": float("nan")})
    assert json_for_page({"a": "</script>&"}) == '{"a":"\\u003c/script\\u003e\\u0026"}'


def test_provenance_holds_versions_key_seconds_and_the_largest_gaps(pages):
    _, page, ds, summary = pages("of_year")
    run = "".join(e[2] for e in page.of("dl", class_="run"))
    for word in (ds.attrs["structure_key"], ds.attrs["solver_version"], PLOTLY_VERSION, "settle ties", "UTC+08:00"):
        assert word in run
    for name in summary["audit"]["largest"]:
        assert any(e[2] == name for e in page.of("code"))


def test_a_park_without_claims_or_yardsticks_says_so(pages):
    text, _, _, _ = pages("of_bare")
    assert "The park file makes no claims." in text
    assert "names no yardstick, so no CO₂ is counted" in text
    assert "Storage" not in text.split("<main>")[1].split("<script")[0]


def test_every_heading_has_its_chinese_beside_it(pages):
    _, page, _, _ = pages("of_year")
    for heading in page.of("h2"):
        assert heading[2].endswith(f" {beside(heading[1]['id'] + '.heading')}")


def test_a_summary_read_back_from_its_file_gives_the_same_page(pages):
    text, _, ds, summary = pages("of_two_days")
    assert render(ds, json.loads(as_json(summary))) == text
    assert render(ds) == text


def test_a_run_too_long_for_the_page_is_shown_in_means(monkeypatch, of_two_days, read_page):
    monkeypatch.setattr("parksim.report.dispatch.MOST_NUMBERS", 200)
    ds, summary = of_two_days
    text = render(ds, summary)
    hours = read_page(text).data["hours"]
    arrays = len(hours["series"])
    joined = int(hours["step_minutes"] / 60)
    assert hours["count"] * arrays <= 200 < 48 * arrays
    buy = list(ds["flow"].to_numpy()).index("grid.buy")
    means = ds["power"].to_numpy()[buy].reshape(-1, joined).mean(axis=1)
    np.testing.assert_allclose(hours["series"][f"p{buy}"], means, rtol=5.1e-4, atol=1e-6)
    np.testing.assert_allclose(
        hours["series"]["c0"], ds["content"].to_numpy()[0][joined - 1 :: joined], rtol=5.1e-4, atol=1e-6
    )
    assert f"Shown as means over {joined}.0 h" in text.replace(THIN, " ")
