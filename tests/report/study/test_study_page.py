"""The page of a study: every figure is the Dataset's, both languages are whole, and odd studies have a page too."""

import itertools
import json
import re
import tomllib
from itertools import combinations

import numpy as np
import pytest
import tomli_w

from parksim.report import formats as f
from parksim.report import study as render
from parksim.report.study_text import rows, sentences
from parksim.report.study_view import MOST_SHOWN, StudyView
from parksim.report.words import speaking

LANGUAGES = ("en", "zh")
ODD = ("of_one_axis", "of_one_case", "of_failures", "of_sample", "of_scenarios")
SMALL = 6e6
"""Most bytes of a page."""

DIMS = ("battery", "roof", "energy_price", "connection")


@pytest.fixture(scope="module", params=LANGUAGES)
def page(request, of_study):
    return request.param, render(of_study, lang=request.param)


def data_of(page):
    return json.loads(re.search(r'id="page-data">(.*?)</script>', page, re.DOTALL)[1])


def figure(ds, name):
    return ds["indicator_value"].sel(indicator=name, drop=True)


def number(text):
    """Read a number as it is written in either language."""
    plain = re.sub(r"[\u202f,°]", "", text).replace(f.MINUS, "-").replace("×", "")
    return float(re.search(r"-?[\d.]+", plain)[0])


def cells(row):
    return re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL)


def table_of(page, name):
    return re.search(rf'<table class="{name}">(.*?)</table>', page, re.DOTALL)[1]


def variant(page, chart, name):
    """The block of a chart for one figure."""
    whole = page[page.index(f'id="figure-{chart}"') :]
    whole = whole[: whole.index("</figure>")]
    return next(block for block in whole.split("<div data-variant=") if block.startswith(f'"{name}"'))


def counted(ds):
    """Admitted cases at the park file's own price, by cost."""
    cost = figure(ds, "cost_cny").where(ds["admitted"]).sel(energy_price=1.0)
    flat = cost.stack(case_=[dim for dim in DIMS if dim != "energy_price"])
    return flat.where(flat.notnull(), drop=True)


# the answer


def test_the_answer_names_the_cheapest_case_that_counts_and_what_it_gives(page, of_study):
    lang, text = page
    costs = counted(of_study)
    best = costs[int(np.argmin(costs.data))]
    at = {dim: best[dim].item() for dim in DIMS}
    own = of_study.sel(battery=6.0, roof=12.0, energy_price=1.0, connection=12.0)
    cost, base = float(best), float(figure(own, "cost_cny"))
    told = re.search(r'<p class="answer">(.*?)<span', text, re.DOTALL)[1]
    with speaking(lang):
        assert f.sig(cost) in told
        assert f.percent((cost - base) / base) in told
        for ds in (of_study.sel(at), own):
            assert f.percent(float(figure(ds, "green_share"))) in told
            assert f.sig(float(figure(ds, "emissions_t.sichuan"))) in told
        assert f.whole(float(of_study.sel(at)["case"])) in told
        assert f.whole(costs.size) in told


def test_the_counts_are_those_of_the_dataset(page, of_study):
    _, text = page
    rest = re.search(r'<span class="rest">(.*?)</span>', text, re.DOTALL)[1]
    status = of_study["status"].to_numpy()
    expected = [status.size, *((status == at).sum() for at in (1, 2, 3)), of_study["admitted"].sum()]
    assert expected[2] > 0 < expected[3]
    assert [int(n) for n in re.findall(r"\d+", rest)][:5] == [int(n) for n in expected]
    assert "factory.use falls short" in rest


def test_the_cheapest_of_all_is_told_beside_where_prices_differ(page, of_study):
    lang, text = page
    cheapest = float(figure(of_study, "cost_cny").where(of_study["admitted"]).min())
    rest = re.search(r'<span class="rest">(.*?)</span>', text, re.DOTALL)[1]
    with speaking(lang):
        assert f.sig(cheapest) in rest
        assert "×0.8" in rest


# tables


def test_every_figure_of_the_ranking_is_the_dataset_s(page, of_study):
    lang, text = page
    with speaking(lang):
        measures = StudyView(of_study).measures
        names = [name for name in re.findall('data-sort="([^"]*)"', text) if name in measures]
        scales = [measures[name].scale for name in names]
    found = re.findall(r'<tr data-i="(\d+)".*?</tr>', table_of(text, "ranked"), re.DOTALL)
    lines = re.findall(r"<tr data-i.*?</tr>", table_of(text, "ranked"), re.DOTALL)
    assert [int(at) for at in found] == list(range(int((of_study["status"] == 1).sum())))
    assert {"cost_cny", "green_share", "emissions_t.sichuan", "peak_import_mw"} <= set(names)
    seen = []
    for line in lines:
        told = cells(line)
        ds = of_study.where(of_study["case"] == number(told[1]), drop=True).squeeze()
        at = [ds[dim].item() for dim in DIMS]
        assert [number(cell) for cell in told[2:6]] == pytest.approx(at)
        values = [float(figure(ds, name)) for name in names]
        shown = [number(cell) * scale for cell, scale in zip(told[6:-1], scales, strict=True)]
        assert shown == pytest.approx(values, rel=2e-3, abs=1e-3)
        seen.append((not bool(ds["admitted"]), values[0]))
    assert [first for first, _ in seen] == sorted(first for first, _ in seen)
    for _, of_group in itertools.groupby(seen, key=lambda pair: pair[0]):
        costs = [cost for _, cost in of_group]
        assert costs == pytest.approx(sorted(costs), rel=1e-6)


def test_cases_without_a_result_stand_with_their_reasons(page, of_study):
    _, text = page
    lines = re.findall(r"<tr>(.*?)</tr>", table_of(text, "lacking").split("</thead>")[1], re.DOTALL)
    flat = of_study["status"].to_numpy().ravel()
    assert [number(cells(line)[0]) for line in lines] == np.flatnonzero(flat != 1).tolist()
    reasons = of_study["reason"].to_numpy().ravel()[flat != 1]
    for line, reason in zip(lines, reasons, strict=True):
        for part in str(reason).splitlines():
            assert part.replace("'", "&#x27;").replace('"', "&quot;").replace(">", "&gt;").strip() in line


def test_the_download_holds_every_figure_of_every_case(page, of_study):
    _, text = page
    told = data_of(text)["cases"]["columns"]
    columns = {column["key"]: column["values"] for column in told}
    order = np.array(columns["case"])
    for name in of_study["indicator"].to_numpy():
        mine = figure(of_study, name).to_numpy().ravel()[order]
        assert np.array(columns[name], float) == pytest.approx(mine, rel=1e-11, nan_ok=True)
    assert columns["admitted"] == of_study["admitted"].to_numpy().ravel()[order].astype(int).tolist()
    assert columns["meets.green"] == columns["admitted"]
    for dim in DIMS:
        mine = of_study[dim].broadcast_like(of_study["status"]).transpose(*DIMS).to_numpy().ravel()[order]
        assert columns[dim] == mine.tolist()


# charts


def test_a_heat_map_cell_is_the_mean_of_its_solved_cases_at_the_park_file_s_own_prices(page, of_study):
    _, text = page
    cost = figure(of_study, "cost_cny").where(of_study["status"] == 1).sel(energy_price=1.0)
    block = variant(text, "heat", "cost_cny")
    tables = re.findall(r'<table class="cells">(.*?)</table>', block, re.DOTALL)
    pairs = []
    for table in tables:
        lines = [cells(row) for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)]
        across, down = [number(cell) for cell in lines[0][1:]], [number(line[0]) for line in lines[1:]]
        wide, high = (
            next(dim for dim in DIMS if of_study[dim].to_numpy().tolist() == values) for values in (across, down)
        )
        pairs.append({wide, high})
        mean = cost.mean([dim for dim in cost.dims if dim not in {wide, high}]).transpose(high, wide).to_numpy()
        told = [[number(cell) if cell != "–" else np.nan for cell in line[1:]] for line in lines[1:]]
        assert np.array(told) == pytest.approx(mean, rel=1e-3, nan_ok=True)
    chosen = ("battery", "roof", "connection")
    assert all({one, other} in pairs for one, other in combinations(chosen, 2))
    assert len(pairs) == 3, "prices cannot be chosen"
    assert "°" in block, "some cases of a cell have no solution"


def test_the_tornado_moves_one_axis_from_the_park_file_s_own_case(page, of_study):
    _, text = page
    cost = figure(of_study, "cost_cny").where(of_study["status"] == 1)
    own = {"battery": 6.0, "roof": 12.0, "energy_price": 1.0, "connection": 12.0}
    drawn = data_of(text)["figures"]["tornado"]["table"]["rows"]
    ends = {row[2]: (row[4], row[6]) for row in drawn if row[1] in {"CNY", "元"} and row[3] > 1e4}
    assert len(ends) == 3, "along the connection there is one solution"
    for dim, title in zip(DIMS[:3], titles(of_study, page[0])[:3], strict=True):
        least, most = ends[title]
        along = cost.sel({name: value for name, value in own.items() if name != dim})
        assert (least, most) == pytest.approx((float(along.min()), float(along.max())))


def titles(ds, lang):
    with speaking(lang):
        return [axis.title for axis in StudyView(ds).axes]


def test_boxes_hold_the_quartiles(page, of_study):
    _, text = page
    green = figure(of_study, "green_share").where(of_study["status"] == 1)
    with speaking(page[0]):
        shown = StudyView(of_study).measures["green_share"].title
    drawn = [row for row in data_of(text)["figures"]["boxes"]["table"]["rows"] if row[0] == shown]
    assert len(drawn) == 3 + 3 + 2 + 3
    levels = [(dim, value) for dim in DIMS for value in of_study[dim].to_numpy()]
    for (dim, value), row in zip(levels, drawn, strict=True):
        own = green.sel({dim: value}).to_numpy().ravel()
        own = own[np.isfinite(own)]
        assert row[-1] == len(own)
        expected = np.quantile(own, [0, 0.25, 0.5, 0.75, 1]) if len(own) else [np.nan] * 5
        assert np.array(row[4:9], float) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("chart", "name", "sign"),
    [("co2", "emissions_t.sichuan", 1), ("green", "green_share", -1), ("peak", "peak_import_mw", 1)],
)
def test_a_front_holds_the_cases_that_none_beats(page, of_study, chart, name, sign):
    lang, text = page
    spec = data_of(text)["figures"][f"front-{chart}"]
    costs = counted(of_study)
    other = sign * figure(of_study, name).sel(energy_price=1.0).stack(case_=costs["case_"].indexes["case_"].names)
    pairs = np.round(np.stack([costs.to_numpy(), other.sel(case_=costs["case_"]).to_numpy()], axis=1), 6)
    best = {
        tuple(one)
        for one in pairs
        if not any((pairs[k] <= one).all() and (pairs[k] < one).any() for k in range(len(pairs)))
    }
    scale = 0.01 if name.endswith("share") else 1.0
    drawn = next(trace for trace in spec["data"] if trace["mode"] == "lines+markers")
    money = StudyView(of_study).cost.scale if lang == "en" else 1.0
    marked = {(x * money, sign * y * scale) for x, y in zip(drawn["x"], drawn["y"], strict=True)}
    assert sorted(marked) == [pytest.approx(one, rel=1e-6) for one in sorted(best)]
    points = sum(len(trace["x"]) for trace in spec["data"] if "diamond" not in str(trace["marker"]))
    assert points == int((of_study["status"] == 1).sum())


# files, links, languages


def test_files_are_embedded_whole(page, of_study):
    text = page[1]
    for name in ("study", "park"):
        held = re.search(rf'<pre id="{name}-file">(.*?)</pre>', text, re.DOTALL)[1]
        assert re.sub(r"&(#34|#39|lt|gt|amp);", "", held)[:200].split()[0] == "[study]" if name == "study" else "[park]"
    assert 'data-file="odd.toml" data-from="study-file"' in text


def test_nothing_breaks_out_of_its_text(page):
    assert "<img src=x" not in page[1]
    assert page[1].count("<script") == 4


def test_cases_are_linked_where_they_have_a_page(of_study, tmp_path):
    assert 'href="cases/' not in render(of_study)
    (tmp_path / "cases").mkdir()
    solved = of_study["case"].to_numpy()[of_study["status"].to_numpy() == 1]
    (tmp_path / "cases" / f"{solved[0]:06d}.html").write_text("", encoding="utf-8")
    text = render(of_study, folder=tmp_path)
    assert set(re.findall(r'href="(cases/[^"]*)"', text)) == {f"cases/{solved[0]:06d}.html"}
    assert sum(map(bool, data_of(text)["cases"]["links"])) == 1


def test_a_chinese_page_is_chinese(of_study):
    text = render(of_study, lang="zh")
    heads = re.findall(r'<h2 id="study-[^"]*">(.*?)</h2>', text)
    assert len(heads) == 8
    assert all(re.search("[\u4e00-\u9fff]", head) for head in heads)
    read = re.sub(r"<script.*|<pre.*?</pre>|<style.*?</style>|<[^>]+>", " ", text, flags=re.DOTALL)
    assert not re.search(r"\b(cases|admitted|ranking|solved)\b", read, re.IGNORECASE)
    assert "储能" in text


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ODD)
def test_odd_studies_have_a_page(name, lang, request):
    ds = request.getfixturevalue(name)
    text = render(ds, lang=lang)
    assert len(text.encode()) < SMALL
    assert not re.search(r"\bnan\b|\binf\b|\bNone\b(?! of the)", re.sub(r"<script.*?</script>", "", text, flags=re.S))
    assert sum(map(len, rows(ds))) >= 2
    sections = re.findall(r'<a href="#(study-[a-z]+)">', text)
    assert sections
    assert all(f'id="{section}"' in text for section in sections)


def test_a_study_without_any_result_says_so(of_failures):
    text = render(of_failures)
    assert "None of the 4 cases has a solution." in text
    for word in ("broke off", "not computed yet", "no valid park"):
        assert word in table_of(text, "lacking")
    assert 'class="tile alarm"' in text
    assert "go on" in text or "goes on" in text


def test_what_a_structure_lacks_is_a_dash(of_scenarios):
    text = render(of_scenarios)
    column = next(c for c in data_of(text)["cases"]["columns"] if c["key"] == "battery.full_cycles")
    assert column["values"].count(None) == 4
    assert "no store" in text
    assert "Dear power" in text


def test_drawn_cases_are_told_in_ranges(of_sample):
    text = render(of_sample)
    assert "Values were drawn" in text
    block = variant(text, "boxes", "cost_cny")
    assert sum(number(cells(row)[-1]) for row in re.findall(r"<tr title.*?</tr>", block, re.DOTALL)) == 2 * 16


def test_a_study_of_no_axis_has_a_page(of_one_axis):
    ds = of_one_axis.isel(battery=1, drop=True)
    tables = {"study": {"name": "bare", "park": "two-days", "seed": 1}}
    text = render(ds.assign_attrs(study_toml=tomli_w.dumps(tables)))
    assert "The study has one case, case 1, as the park file says: it costs 122" in text


def test_a_study_that_keeps_the_cost_alone_tells_the_cost_alone(of_one_axis):
    text = render(of_one_axis.sel(indicator=["cost_cny"]))
    assert "against the park file&#39;s own case.<span" in text
    assert 'id="study-fronts"' not in text
    assert 'id="figure-tornado"' in text


def test_where_none_is_admitted_the_cheapest_is_told_with_what_each_lacks(of_study):
    tables = tomllib.loads(of_study.attrs["study_toml"])
    tables["constraints"]["green"]["min"] = 0.99
    meets, none = of_study["meets"] & False, of_study["admitted"] & False
    ds = of_study.assign(meets=meets, admitted=none).assign_attrs(study_toml=tomli_w.dumps(tables))
    text = render(ds)
    assert f"none of the {int((ds['status'] == 1).sum())} cases with a solution meets every constraint" in text
    assert "green share at least 99.0\u202f% is met by 0 cases" in text
    assert "Of all admitted" not in text


def test_a_thousand_cases_stay_small(of_thousand):
    assert of_thousand["status"].size > 1000
    assert len(render(of_thousand).encode()) < SMALL


def test_cases_beyond_the_most_are_thinned_evenly_and_said(of_thousand, monkeypatch):
    monkeypatch.setattr("parksim.report.study_view.MOST_SHOWN", 100)
    text = render(of_thousand)
    assert len(re.findall("<tr data-i", text)) == 100
    assert "The page lists and draws 100 of" in text
    assert MOST_SHOWN > 1000


def test_the_ranked_table_leaves_out_the_last_figures_but_none_that_a_case_fails_by(of_study):
    heads = re.findall('data-sort="([^"]*)"', render(of_study))
    assert len(heads) == 3 + 10
    assert "curtailed_mwh" not in heads
    tables = tomllib.loads(of_study.attrs["study_toml"])
    tables["constraints"]["green"] = {"indicator": "curtailed_mwh", "max": 1.0}
    ds = of_study.assign_attrs(study_toml=tomli_w.dumps(tables))
    assert not ds["meets"].to_numpy().all()
    assert "curtailed_mwh" in re.findall('data-sort="([^"]*)"', render(ds))


# the terminal


def test_the_terminal_tells_the_best_ten_and_the_page(of_study, tmp_path):
    told = rows(of_study)
    assert len(told) == 1 + min(10, counted(of_study).size)
    costs = [number(line[len(DIMS)].replace(" ", "")) for line in told[1:]]  # the price is the same for all
    assert costs == pytest.approx(np.sort(counted(of_study).to_numpy())[: len(costs)], rel=1e-3)
    lines = sentences(of_study, page=tmp_path / "study.html")
    assert lines[-1].endswith("study.html")
    assert "81" not in lines[0]
    assert not any("\u202f" in line for line in lines)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_terminal_tells_how_failed_cases_are_solved_again(of_failures, of_study, lang):
    with speaking(lang):
        assert "--retry" in sentences(of_failures)[1]
        assert "--retry" not in " ".join(sentences(of_study))


def test_a_study_without_a_solution_has_headings_and_an_answer(of_failures):
    assert len(rows(of_failures)) == 1
    assert sentences(of_failures)[0] == "None of the 4 cases has a solution."
