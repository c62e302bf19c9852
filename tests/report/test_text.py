import json

import pytest

from parksim.report import text
from parksim.report.findings import answer
from parksim.report.formats import to_plain
from parksim.report.view import View

RUNS = ["of_year", "of_two_days", "of_bare", "of_short"]


@pytest.mark.parametrize("name", RUNS)
def test_the_text_opens_with_the_answer_and_fits_a_terminal(name, request):
    ds, summary = request.getfixturevalue(name)
    told = text(ds, summary)
    assert " ".join(told.split("\n\n")[1].split()) == to_plain(answer(View(ds, summary)))
    assert max(map(len, told.splitlines())) <= 110
    assert told.encode("gbk")
    assert "Read with care" in told
    assert text(ds) == told


def test_key_figures_claims_and_costs_stand_in_it(of_year):
    ds, summary = of_year
    told = text(ds, summary)
    assert f"green supply             {summary['green_supply_mwh'] / 1e3:.0f} GWh" in told
    assert f"peak {summary['peak_import_mw']:.1f} MW" in told
    assert "half a million tonnes avoided (avoided CO2)" in told
    assert "met by none of 2 yardsticks" in told
    total = next(line for line in told.splitlines() if line.strip().startswith("Sum"))
    assert float(total.split()[1]) == pytest.approx(summary["cost_cny"]["total"] / 1e6, abs=0.05)
    for key, yardstick in json.loads(ds.attrs["yardsticks"]).items():
        line = next(line for line in told.splitlines() if line.strip().startswith(yardstick["title"]))
        numbers = "".join(line.split(f"{yardstick['factor_t_per_mwh']:g}", 1)[1].split())
        emitted = float(format(summary["emissions_t"][key], ".3g"))
        assert numbers.startswith(f"{emitted:.0f}")


def test_sections_a_park_does_not_have_are_left_out(of_bare):
    told = text(*of_bare)
    assert "Storage" not in told
    assert "Claims" not in told
    assert "yardstick\n" not in told
