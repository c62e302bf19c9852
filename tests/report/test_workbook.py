"""The workbook: its figures are the Dataset's, its sums are formulas, and another program opens it clean."""

import csv
import io
import shutil
import subprocess

import numpy as np
import openpyxl
import pytest

from parksim.accounts.summary import summarise
from parksim.report.sheets import Book, Column
from parksim.report.workbook import FIGURES, write_workbook

OFFICES = ("soffice", "libreoffice")


def written(ds, folder, **options):
    path = folder / "result.xlsx"
    write_workbook(ds, path, **options)
    return path


def opened(path):
    return openpyxl.load_workbook(path)


def table(sheet, *, lead=0):
    """Give the headings of a sheet with the values below them; a row of units stands between."""
    rows = list(sheet.iter_rows(min_row=lead + 1, values_only=True))
    return {title: [row[place] for row in rows[2:]] for place, title in enumerate(rows[0])}


def test_hours_months_and_costs_are_those_of_the_dataset(of_two_days, tmp_path):
    ds = of_two_days[0]
    summary = summarise(ds)
    book = opened(written(ds, tmp_path))
    hours = table(book["Hours"])
    flows = [row for row, carrier in enumerate(ds["carrier"].to_numpy()) if carrier == "electricity"]
    shown = [values for title, values in hours.items() if title.endswith(("(feeds)", "(draws)"))]
    np.testing.assert_allclose(np.array(shown, float), ds["power"].to_numpy()[flows], rtol=1e-12)
    np.testing.assert_array_equal(np.array(hours["Begin of the step"], "datetime64[ns]"), ds["time"].to_numpy())
    costs = table(book["Costs"])
    assert sum(costs["Paid"][:-1]) == pytest.approx(summary["cost_cny"]["total"])
    balance = table(book["Balance"])
    assert sum(balance["Demand served"][:-1]) == pytest.approx(summary["served_mwh"])
    assert sum(balance["Green part of it"][:-1]) == pytest.approx(summary["green_supply_mwh"])
    figures = table(book["Summary"], lead=4)
    assert figures["Value"] == pytest.approx([summary[key] for key, _, _ in FIGURES])


def test_sums_are_formulas_with_the_value_they_give(of_two_days, tmp_path):
    path = written(of_two_days[0], tmp_path)
    formulas, values = opened(path)["Costs"], openpyxl.load_workbook(path, data_only=True)["Costs"]
    last = formulas.max_row
    assert formulas.cell(last, 2).value == f"=SUM(B3:B{last - 1})"
    assert values.cell(last, 2).value == pytest.approx(sum(values.cell(row, 2).value for row in range(3, last)))


def test_a_text_that_looks_like_a_formula_stays_a_text(tmp_path):
    path = tmp_path / "own.xlsx"
    book = Book(path, title="t", author="a", font="Calibri")
    book.sheet("One", [Column("What", "", "text", ["=1+1", "http://nowhere"]), Column("n", "MW", "one", [1.0, np.nan])])
    book.close()
    sheet = opened(path)["One"]
    assert [sheet.cell(row, 1).value for row in (3, 4)] == ["=1+1", "http://nowhere"]
    assert sheet.cell(3, 1).data_type == "s"
    assert sheet.cell(3, 1).hyperlink is sheet.cell(4, 1).hyperlink is None
    assert sheet.cell(4, 2).value is None, "what is no number stays empty"
    assert sheet.cell(3, 2).number_format == "#,##0.0"


def test_a_park_with_next_to_nothing_has_a_workbook_too(of_bare, tmp_path):
    names = opened(written(of_bare[0], tmp_path)).sheetnames
    assert names == ["Summary", "Balance", "Tariff periods", "Costs", "Verdict", "Hours", "Sources"]


@pytest.mark.office
def test_libreoffice_opens_it_clean(of_hostile, tmp_path):
    """Every sheet converts to CSV with the same number of rows; no cell shows an error."""
    office = next((found for name in OFFICES if (found := shutil.which(name))), None)
    if office is None:
        pytest.skip("no LibreOffice")
    path = written(of_hostile[0], tmp_path)
    subprocess.run(
        [
            office, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to",
            'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1', "--outdir", str(tmp_path),
            str(path),
        ],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    book = opened(path)
    for name in book.sheetnames:
        text = (tmp_path / f"result-{name}.csv").read_text(encoding="utf-8")
        rows = list(csv.reader(io.StringIO(text)))
        assert len(rows) == book[name].max_row
        assert not any(cell.startswith(("#", "Err:")) for row in rows for cell in row)
