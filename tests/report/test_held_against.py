"""What a run is held against: every figure of the sections is the Dataset's, what is missing or impossible is said."""

import json
import math
import re

import openpyxl
import pytest
import tomli_w

import parksim as ps
from parksim.accounts.rules import CLAUSES, OUTSIDE
from parksim.components._cases import demand, grid, micro, source
from parksim.park import read_park
from parksim.report import formats as f
from parksim.report import html as render
from parksim.report import text
from parksim.report.formats import THIN
from parksim.report.verdict import figure_of, limit_of
from parksim.report.words import speaking
from parksim.report.workbook import write_workbook

LANGUAGES = ("en", "zh")


def section(page, key):
    """What a page shows between the heading of a section and the next."""
    start = page.index(f'<h2 id="{key}">')
    return page[start : page.find("<h2", start + 4)]


def cells(html):
    """Rows of the tables of a piece of a page, as texts; what stands in one cell is joined by a bar."""
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", html, flags=re.DOTALL)
    broken = [
        [re.sub(r"<span[^>]*>", "|", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]
        for row in rows
    ]
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in row] for row in broken if row]


def number(text, language="en"):
    """Read the first number of a text, per cent as a fraction."""
    plain = text.replace(THIN, "").replace(",", "" if language == "zh" else ",").replace("−", "-")
    value = float(re.search(r"-?\d+(?:\.\d+)?", plain)[0])
    return value / 100.0 if "%" in plain else value


@pytest.fixture(scope="module")
def page(of_held):
    return render(*of_held)


# the rules


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_clause_has_its_figure_limit_and_outcome(of_held, lang):
    ds, summary = of_held
    rows = cells(section(render(ds, summary, lang=lang), "verdict"))[: ds.sizes["clause"]]
    words = {"en": {"pass": "pass", "fail": "fail", "not judged": "cannot be judged"}}
    words["zh"] = {"pass": "符合", "fail": "不符合", "not judged": "无法判定"}
    for at, row in enumerate(rows):
        one = ds.isel(clause=at)
        figure = float(one["clause_figure"])
        if math.isnan(figure):
            assert (row[2], one["clause_outcome"].item()) == ("–", "not judged")
        else:
            assert number(row[2]) == pytest.approx(figure, rel=6e-3, abs=1e-9)
        assert number(row[3]) == pytest.approx(float(one["clause_limit"]), rel=1e-9)
        assert row[1].split("|")[0] == words[lang][one["clause_outcome"].item()]
        certainty = row[1].split("|")[1] in {"uncertain", "待核实"}
        assert certainty == (summary["verdict"]["clauses"][at]["certainty"] == "uncertain")
    assert len(rows) == ds.sizes["clause"] == len(CLAUSES)


def test_clauses_without_data_are_listed_too(page):
    rows = cells(section(page, "verdict"))
    assert sum(row[1] == "no data" for row in rows) == len(OUTSIDE)


def test_what_is_missing_and_what_is_open_is_said(of_held, page):
    _, summary = of_held
    core = next(row for row in cells(section(page, "verdict")) if row[0].startswith("CO₂ per energy"))
    assert "Missing: CO₂ of industrial processes: add process_co2_t to [verdict], 0 if there is none." in core[4]
    assert "Open: the way of counting was seen" in core[4]
    assert core[2].endswith("or more")
    assert summary["verdict"]["clauses"][0]["figure_max"] is None


def test_a_figure_that_misses_its_limit_does_not_read_like_it():
    clause = {"unit": "1", "limit": 0.5, "figure": 0.49996, "figure_max": 0.49996, "sense": "at least"}
    clause["in_principle"] = False
    assert figure_of(clause) == f"49.996{THIN}%"
    assert limit_of(clause) == f"at least 50{THIN}%"
    assert figure_of({**clause, "figure": 0.5, "figure_max": 0.5}) == f"50.0{THIN}%"
    open_end = {**clause, "unit": "t tce-1", "limit": 0.2, "figure": 0.20001, "figure_max": None}
    assert figure_of(open_end).startswith("0.20001")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_certificates_with_their_number_and_cost(of_held, lang):
    ds, summary = of_held
    found = summary["verdict"]["certificates"]
    assert found["needed_mwh"] > 1e4
    shown = section(render(ds, summary, lang=lang), "verdict")
    with speaking(lang):
        low, high = (f.money(found[f"cost_{end}_cny"]) for end in ("min", "max"))
        assert f.mass(found["gap_co2_t"]) in shown
    title = next(line for line in re.findall("<h3>(.*?)</h3>", shown) if low in line and high in line)
    mwh = number(title, lang) * (1e4 if re.search("万[张个]", title) else 1.0)
    assert mwh == pytest.approx(found["needed_mwh"], rel=6e-3)
    assert "4.61" in shown
    assert "5.66" in shown


def test_existing_plants_avoid_what_claims_count_and_nothing(of_held, page):
    _, summary = of_held
    found = summary["verdict"]["reallocated"]
    shown = section(page, "verdict")
    rows = [row for row in cells(shown) if len(row) == 3]
    claimed = list(found["avoided_as_claimed_co2_t"].values())
    assert [number(row[1]) for row in rows] == pytest.approx(claimed, rel=6e-3)
    assert [row[2] for row in rows] == ["0"] * len(claimed)
    assert f"{f.energy(found['green_supply_mwh'])} a year from plants that existed before" in shown


def test_plants_and_final_energy_are_those_of_the_summary(of_held, page):
    _, summary = of_held
    rows = cells(section(page, "verdict"))
    plants = [row for row in rows if len(row) == 9]
    told = summary["verdict"]["plants"]
    for row, plant in zip(plants, told, strict=True):
        values = [1e3 * number(cell) for cell in row[1:4]]
        expected = [plant[f"{name}_mwh"] for name in ("used", "sold", "available")]
        assert values == pytest.approx(expected, rel=1e-2, abs=60.0)
        assert row[8] == ("yes" if plant["reallocated"] else "no")
    energy = [row for row in rows if len(row) == 7]
    lines = [line for line in summary["verdict"]["energy"]["lines"] if line["amount"]]
    assert [number(row[3]) for row in energy[:-1]] == pytest.approx([line["tce"] for line in lines], rel=6e-3)
    assert [number(row[4]) for row in energy[:-1]] == pytest.approx([line["co2_t"] for line in lines], rel=6e-3)
    assert number(energy[-1][3]) == pytest.approx(summary["verdict"]["energy"]["total_tce"], rel=6e-3)
    assert energy[-2][0] == "Natural gas (天然气)"
    assert "gas bills" in energy[-2][6]


def test_both_factors_that_a_claim_needs(of_held, page):
    (factors,) = of_held[1]["verdict"]["claim_factors"]
    shown = section(page, "verdict")
    for name in ("claimed", "simulated"):
        assert f.united(f.sig(factors[f"{name}_t_per_mwh"]), "t/MWh") in shown


def test_a_park_without_other_energy_says_what_is_missing(of_year):
    ds, summary = of_year
    shown = section(render(ds, summary), "verdict")
    assert "The core indicator cannot be judged: the park file lacks what it needs. Electricity alone gives" in shown
    core = next(row for row in cells(shown) if row[0].startswith("CO₂ per energy"))
    assert core[2:4] == ["–", "–"]
    assert core[1].startswith("cannot be judged")
    assert "add [other_energy.NAME], or all_electric = true to [verdict]" in core[4]
    assert "cannot be told without what is missing above" in shown
    assert "would close the gap" not in shown
    assert "verdict.energy.sum" not in shown
    told = text(ds, summary)
    assert "cannot be judged" in told
    assert "[other_energy.NAME]" in told


def test_part_of_a_year_is_not_judged(of_two_days):
    shown = section(render(*of_two_days), "verdict")
    judged = [row for row in cells(shown) if len(row) in {5, 6} and "|" in row[1]]
    assert {row[1].split("|")[0] for row in judged} == {"cannot be judged"}
    assert shown.count("the horizon is shorter") == len(judged)


# the references


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reference_has_the_figures_of_the_dataset(of_held, lang):
    ds, summary = of_held
    rows = cells(section(render(ds, summary, lang=lang), "references"))
    assert len(rows) == ds.sizes["reference"] + 1
    size = 1e6 if lang == "en" else 1e4
    assert number(rows[0][1], lang) * size == pytest.approx(summary["cost_cny"]["total"], abs=0.006 * size)
    assert number(rows[0][2]) * 1e3 == pytest.approx(summary["cost_cny_per_mwh"], rel=6e-3)
    for at, row in enumerate(rows[1:]):
        one = ds.isel(reference=at)
        assert number(row[1], lang) * size == pytest.approx(float(one["reference_cost"]), abs=0.006 * size)
        assert number(row[2]) * 1e3 == pytest.approx(float(one["reference_unit_cost"]), rel=6e-3)
        assert number(row[3], lang) * size == pytest.approx(float(one["reference_saving"]), abs=0.006 * size)
        assert number(row[4]) == pytest.approx(float(one["reference_green_share"]), rel=6e-3, abs=1e-9)
        bought = number(row[5], lang) * (1e3 if lang == "en" else 10.0)
        assert bought == pytest.approx(float(one["reference_import"]), rel=6e-3)
        assert number(row[6], lang) == pytest.approx(float(one["reference_peak_import"]), rel=6e-3)
        assert number(row[7], lang) == pytest.approx(float(one["reference_co2"][0]), rel=6e-3)


def test_the_answer_tells_today_and_what_storage_is_worth(of_held, page):
    _, summary = of_held
    (answer,) = re.findall(r'<p class="answer">(.*?)</p>', page)
    grid = f.per_kwh(summary["references"]["grid"]["unit_cost_cny_per_mwh"])
    own, worth = f.per_kwh(summary["cost_cny_per_mwh"]), f.money(summary["storage_worth_cny"])
    assert f", at {own} against {grid} all from the grid." in answer
    assert f"Storage saves {worth} a year" in page


def test_the_bars_are_the_costs_per_kwh(of_held, page):
    ds, summary = of_held
    data = json.loads(re.search(r'id="page-data">(.*?)</script>', page, re.DOTALL)[1])
    (trace,) = data["figures"]["references"]["data"]
    told = [summary["cost_cny_per_mwh"], *ds["reference_unit_cost"].to_numpy().tolist()]
    assert [1e3 * value for value in trace["x"]] == pytest.approx(told, rel=1e-12)


def test_a_run_without_references_has_no_such_section(of_year):
    page = render(*of_year)
    assert 'id="references"' not in page
    assert "all from the grid" not in page
    assert "Held against the same park" not in text(*of_year)


@pytest.fixture(scope="module")
def of_needy():
    """A park that cannot do without its battery: nine MW in one hour, none in the next, and a small connection."""
    battery = {"name": "battery", "kind": "battery", "power_max_mw": 4.0, "energy_max_mwh": 8.0}
    battery |= {"eff_in": 0.95, "eff_out": 0.95, "wear_cny_per_mwh": 20.0}
    table = micro(
        source(power_mw=[9.0, 0.0]),
        grid(price_cny_per_mwh=[100.0, 100.0], import_max_mw=4.0),
        demand(power_mw=[5.0, 5.0]),
        battery,
    )
    ds = ps.run(read_park(table))
    return ds, ps.summarise(ds)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_references_without_a_plan_are_told(of_needy, lang):
    ds, summary = of_needy
    without = [name for name, one in summary["references"].items() if not one["feasible"]]
    assert without == ["no_storage"]
    assert summary["storage_worth_cny"] is None
    shown = section(render(ds, summary, lang=lang), "references")
    said = {"en": "Without storage: there is no such plan", "zh": "不设储能：没有可行方案"}[lang]
    assert said in shown
    assert said in text(ds, summary, lang=lang)
    assert len(cells(shown)) == 2
    (answer,) = re.findall(r'<p class="answer">(.*?)</p>', render(ds, summary, lang=lang))
    assert "storage is worth" not in answer
    assert "储能" not in answer


# the terminal


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_terminal_tells_rules_and_references(of_held, lang):
    told = text(*of_held, lang=lang)
    heads = {
        "en": ("Rules for zero-carbon parks", "Reference runs: the same park otherwise"),
        "zh": ("规则核对", "对照方案"),
    }[lang]
    for head in heads:
        assert f"\n\n{head}\n" in told
    lines = told[told.index(heads[1]) :].splitlines()[1:6]
    assert len(lines[1].split()) >= 6
    assert "\n\n\n" not in told


# variants


@pytest.fixture(scope="module")
def of_variant(tmp_path_factory):
    file = tmp_path_factory.mktemp("variant") / "dear.toml"
    own = {
        "base": "two-days",
        "park": {"name": "dear", "title": "Dear energy"},
        "components": {"battery": {"energy_max_mwh": 3.0, "sources": {"default": "assumption: <b>half</b> of it"}}},
    }
    file.write_text(tomli_w.dumps(own), encoding="utf-8")
    ds = ps.solve(ps.load_park(file))
    return ds, ps.summarise(ds)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_variant_lists_what_differs(of_variant, lang):
    ds, summary = of_variant
    page = render(ds, summary, lang=lang)
    (row,) = cells(section(page, "variant"))
    meaning = {"en": "energy between empty and full", "zh": "额定容量"}[lang]
    assert meaning in row[0]
    assert row[1:3] == [ds["difference_base"].item(), "3"]
    assert row[3] == "assumption: &lt;b&gt;half&lt;/b&gt; of it"
    assert row[4] == ds["difference"].item() == "components.battery.energy_max_mwh"
    assert 'href="#variant"' in page


def test_a_title_of_its_own_goes_without_the_chinese_of_the_base(of_variant):
    ds, _ = of_variant
    assert ds.attrs["title"] == "Dear energy"
    assert ds.attrs["title_zh"] == ""


def test_a_park_that_builds_on_nothing_has_no_such_section(of_year):
    assert 'id="variant"' not in render(*of_year)


# the workbook


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_workbook_holds_clauses_and_references(of_held, tmp_path, lang):
    ds, summary = of_held
    path = tmp_path / "result.xlsx"
    write_workbook(ds, path, summary=summary, lang=lang)
    book = openpyxl.load_workbook(path)
    names = {"en": ("Verdict", "Reference runs"), "zh": ("规则核对", "对照方案")}[lang]
    rules, runs = (list(book[name].iter_rows(values_only=True)) for name in names)
    for place, name in ((3, "figure"), (4, "figure_max"), (6, "limit")):
        values = ds[f"clause_{name}"].to_numpy().tolist()
        assert [row[place] for row in rules[2:]] == [
            pytest.approx(value, rel=1e-12) if math.isfinite(value) else None for value in values
        ]
    assert runs[2][1] == pytest.approx(summary["cost_cny"]["total"])
    for at, row in enumerate(runs[3:]):
        one = ds.isel(reference=at)
        expected = ("cost", "unit_cost", "saving", "green_share", "import", "export", "unserved", "peak_import")
        told = [float(one[f"reference_{name}"]) for name in expected]
        assert list(row[1:9]) == pytest.approx(told, rel=1e-12, abs=1e-6)


def test_the_workbook_of_a_variant_lists_what_differs(of_variant, tmp_path):
    path = tmp_path / "result.xlsx"
    write_workbook(of_variant[0], path, summary=of_variant[1])
    rows = list(openpyxl.load_workbook(path)["Differences"].iter_rows(values_only=True))
    assert rows[0] == ("What it is", "In two-days", "Here", "Source", "Field")
    assert rows[2][4] == "components.battery.energy_max_mwh"
    assert rows[2][2] == "3"


@pytest.mark.parametrize("name", ["of_held", "of_variant"])
def test_no_page_breaks_out_of_its_texts(name, request):
    ds, summary = request.getfixturevalue(name)
    for lang in LANGUAGES:
        page = render(ds, summary, lang=lang)
        assert "<img src=x" not in page
        assert page.count("<script") == 3
