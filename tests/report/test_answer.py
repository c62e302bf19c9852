import copy

import numpy as np
import pytest

from parksim.components._cases import demand, grid, micro
from parksim.report.findings import answer, balance_title, care, claims_title, costs_title, period
from parksim.report.formats import to_plain
from parksim.report.tiles import tiles
from parksim.report.view import View
from parksim.report.weeks import dispatch_title


def told(text):
    return to_plain(text)


def changed(run, **figures):
    ds, summary = run
    return View(ds, {**copy.deepcopy(summary), **figures})


def with_verdicts(run, *met):
    """The year, with its claim on CO2 met by the yardsticks named."""
    ds, summary = run
    other = copy.deepcopy(summary)
    for row in other["claims"]:
        if row["yardstick"]:
            row["verdict"] = "met" if row["yardstick"] in met else "not met"
    return View(ds, other)


def test_a_year_tells_share_load_price_and_the_factor_a_claim_would_need(of_year):
    ds, summary = of_year
    sentence = told(answer(View(ds, summary)))
    green, load = summary["green_supply_mwh"], summary["load_mwh"]
    assert sentence.startswith(
        f"In the modelled year 2025 the park covers {100 * green / load:.1f} % of its {load / 1e3:.0f} GWh with green"
    )
    assert f"{green / 9e5 * 100:.1f} % of the claimed 900 GWh" in sentence
    assert f"at {summary['cost_cny_per_mwh'] / 1e3:.3f} CNY/kWh" in sentence
    assert f"would need an emission factor of {5e5 / green:.2f} t/MWh, above both yardsticks" in sentence
    assert sentence.endswith("(highest 0.8 t/MWh).")
    assert "The core indicator of zero-carbon parks (零碳园区) cannot be judged" in sentence


def test_a_claim_that_some_or_all_yardsticks_reach_is_said_so(of_year):
    assert "is reached by 1 of 2 yardsticks (High factor 2022), by the others not" in told(
        answer(with_verdicts(of_year, "high"))
    )
    assert "is reached by every yardstick" in told(answer(with_verdicts(of_year, "low", "high")))
    assert told(claims_title(with_verdicts(of_year, "high"))).startswith(
        "1 of 2 yardsticks reach the claimed 500 000 t"
    )
    assert "the lowest, Low average 2023" in told(claims_title(with_verdicts(of_year, "low", "high")))


def with_core(run, outcome, *, gap_t=0.0, closes=True):
    """The year, with the core indicator judged, and certificates that close its gap or not."""
    verdict = copy.deepcopy(run[1]["verdict"])
    core = next(clause for clause in verdict["clauses"] if clause["key"] == "co2_per_energy")
    core |= {"figure": 1.5 if outcome == "fail" else 0.1, "figure_max": None, "limit": 0.2, "outcome": outcome}
    prices = {"needed_mwh": 2e5, "cost_min_cny": 1e6, "cost_max_cny": 2e6}
    verdict["certificates"] |= {"gap_co2_t": gap_t, "closes_gap": closes, **prices}
    return changed(run, verdict=verdict)


def test_a_year_says_first_whether_the_core_indicator_is_met_and_what_would_close_its_gap(of_year):
    met, closed, left = (
        with_core(of_year, "pass"),
        with_core(of_year, "fail", gap_t=1e5),
        with_core(of_year, "fail", gap_t=1e5, closes=False),
    )
    assert "(零碳园区), CO2 per energy used, is met: 0.100 tCO2/tce or more, at most 0.2" in told(answer(met))
    missed = "is missed: 1.50 tCO2/tce or more, at most 0.2 tCO2/tce allowed; at least 200 000 MWh of green"
    assert missed in told(answer(closed))
    assert "1.00 million CNY to 2.00 million CNY, are needed to close this gap" in told(answer(closed))
    assert "(绿证) cannot close this gap." in told(answer(left))
    core = next(tile for tile in tiles(closed) if tile.label == "Core indicator")
    assert core.value == "≥1.50"
    assert told(core.context).startswith("at most 0.2 tCO2/tce: fail; direct supply ")


def test_only_a_year_with_a_figure_has_a_tile_of_the_core_indicator(of_year, of_two_days):
    for run in (of_year, of_two_days):
        assert not any(tile.label == "Core indicator" for tile in tiles(View(*run)))


def test_the_price_of_a_supplier_holds_all_its_charges_and_no_sales(parks):
    bought = grid(price_cny_per_mwh=[100.0, 300.0], export_max_mw=8.0, export_price_cny_per_mwh=60.0)
    view = View(*parks.solved(micro(bought, demand(power_mw=[2.0, 5.0]))))
    assert view.supply_prices() == pytest.approx({"Grid": 1_700.0 / 7.0})


def test_two_days_do_not_speak_of_a_year_or_of_claims_on_one(of_two_days):
    ds, summary = of_two_days
    view = View(ds, summary)
    sentence = told(answer(view))
    assert sentence.startswith("In the 2 modelled days from 1 January 2025 the park covers ")
    assert "claimed" not in sentence
    assert any("0.548 % of a year" in told(line) for line in care(view, assumed=0, fields=1))


def test_a_park_without_green_sources_says_that_it_buys_all(of_bare):
    ds, summary = of_bare
    view = View(ds, summary)
    assert told(answer(view)) == (
        "In the 2 hours modelled from 1 January 2025 the park, which has no green source, buys all of its 7.00 MWh "
        "from the grid, at 0.243 CNY/kWh."
    )  # (2 MWh * 100 + 5 MWh * 300) / 7 MWh = 242.9 CNY/MWh
    assert told(balance_title(view)) == "All 7.00 MWh are bought"
    assert "names no CO2 yardstick" in told(" ".join(care(view, assumed=0, fields=1)))


def test_unserved_load_stands_in_the_answer_and_in_front_of_the_tiles(of_short):
    ds, summary = of_short
    view = View(ds, summary)
    # 12 h of 2 MW and 12 h of 5 MW against 3 MW of import: 24 of 84 MWh stay unserved, at 10,000 CNY/MWh
    assert told(answer(view)) == (
        "In the 24 hours modelled from 1 January 2025 the park, which has no green source, buys 71.4 % of its 84.0 "
        "MWh from the grid, at 4.10 CNY/kWh with the damage of unserved load, and leaves 24.0 MWh (28.6 % of "
        "demand) unserved."
    )
    assert tiles(view)[0].alarm
    assert tiles(view)[0].value == "24.0"
    cost = next(tile for tile in tiles(view) if tile.label == "Running cost")
    assert told(cost.context) == "246 000 CNY in all, of it 240 000 CNY damage of unserved load"
    assert told(care(view, assumed=0, fields=1)[0]) == (
        "24.0 MWh of demand stay unserved, on 1 day; the cost holds their damage at 240 000 CNY."
    )
    assert told(costs_title(view)).startswith("Damage of unserved load is 97.6 % of the cost")


def test_a_green_source_that_serves_nothing_is_a_plain_statement(of_year):
    view = changed(of_year, green_supply_mwh=0.0, green_share=0.0)
    sentence = told(answer(view))
    assert "serves its 674 GWh without green power, although it has green sources" in sentence
    assert "The claimed 500 000 t of avoided CO2 is not reached, since no green power is used" in sentence


def test_earnings_and_no_demand_at_all(parks):
    run = parks.solved(
        micro(
            parks.river("stream", np.array([9.0, 9.0])),
            grid(price_cny_per_mwh=[100.0, 100.0], export_max_mw=8.0, export_price_cny_per_mwh=60.0),
            demand(power_mw=[1.0, 1.0]),
        )
    )
    # 2 MWh served, 2 h * 8 MW sold at 60: -960 CNY, or -480 CNY/MWh
    assert told(answer(View(*run))).endswith("(2.00 MWh), and earns 0.480 CNY/kWh.")
    assert told(costs_title(View(*run))) == "The park earns 960 CNY: sales exceed all other terms"
    idle = parks.solved(micro(grid(price_cny_per_mwh=[100.0, 100.0]), demand(power_mw=[0.0, 0.0])))
    assert "uses no electricity" in answer(View(*idle))


@pytest.mark.parametrize(
    ("existing", "new", "words"),
    [(True, False, "All green energy comes from plants that existed before"), (False, True, None)],
)
def test_energy_of_existing_plants_is_told_as_reallocated(parks, existing, new, words):
    contracts = [parks.direct("old", [0.5, 0.5], plant="existing")] * existing + [
        parks.direct("fresh", [0.5, 0.5], plant="new")
    ] * new
    run = parks.solved(micro(*contracts, grid(price_cny_per_mwh=[100.0, 100.0]), demand(power_mw=[4.0, 4.0])))
    lines = " ".join(care(View(*run), assumed=0, fields=1))
    assert (words in lines) if words else ("existed before" not in lines)
    avoided = next(tile for tile in tiles(View(*run)) if tile.label == "Avoided CO₂")
    assert ("additional plants alone 0 t" if existing else "all from additional plants") in told(avoided.context)


def test_wide_ties_are_told_at_the_top(of_year):
    summary = of_year[1]
    ties = {**summary["ties"], "green_supply_width_mwh": 31_000.0}
    lines = care(changed(of_year, ties=ties), assumed=3, fields=9)
    assert any(told(line).startswith("Plans of equal cost differ by up to 31.0 GWh") for line in lines)
    unknown = {**summary["ties"], "green_supply_width_mwh": None}
    assert not any("equal cost" in line for line in care(changed(of_year, ties=unknown), assumed=3, fields=9))
    assert any(told(line).startswith("3 of the 9 values") for line in lines)


def test_the_chart_of_hours_says_when_the_park_buys(of_year, of_two_days):
    ds, summary = of_year
    bought = View(ds, summary).total("import").reshape(365, 24).sum(axis=1)
    title = told(dispatch_title(View(ds, summary)))
    assert title.startswith(f"Purchases fall on {(bought > 1e-6).sum()} days of 365; ")
    assert "between December and March" in title
    hours = (View(*of_two_days).total("import") > 1e-6).sum()
    assert told(dispatch_title(View(*of_two_days))).startswith(f"The park buys in {hours} hours of 48")


def test_several_years_and_hours_have_their_own_words(parks):
    table = micro(grid(price_cny_per_mwh=100.0), demand(power_mw=2.0), hours=1)
    table["time"] = {"year": 2025, "years": 2}
    view = View(*parks.solved(table))
    assert period(view) == "In the modelled years 2025 to 2026"
    table["time"] = {"year": 2025, "first_day": "03-05", "hours": 1}
    assert period(View(*parks.solved(table))) == "In the 1 hour modelled from 5 March 2025"


@pytest.mark.parametrize("name", ["of_year", "of_two_days", "of_bare", "of_short"])
def test_there_are_six_to_eight_tiles(name, request):
    found = tiles(View(*request.getfixturevalue(name)))
    assert 6 <= len(found) <= 8
    assert all(tile.value and tile.unit and tile.context for tile in found)


def test_care_tells_of_foresight_refusal_and_floor_where_they_are_true(parks):
    def lines(*parts):
        return told(" ".join(care(View(*parks.solved(micro(*parts))), assumed=0, fields=1)))

    prices, load = [100.0, 200.0], demand(power_mw=[1.0, 2.0])
    plain = lines(grid(price_cny_per_mwh=prices), load)
    assert not any(word in plain for word in ("foresight", "take-or-pay", "contracted minimum"))
    charged = lines(grid(price_cny_per_mwh=prices, demand_cny_per_mw_month=7_440.0), load)
    assert "knows prices, weather and demand of the whole horizon beforehand (perfect foresight)" in charged
    assert "without a contracted minimum, since demand_floor_fraction is 0 for Grid." in charged
    floored = {"demand_cny_per_mw_month": 7_440.0, "transformer_mva": 2.0, "demand_floor_fraction": 0.4}
    assert "contracted minimum" not in lines(grid(price_cny_per_mwh=prices, **floored), load)
    hydro = parks.direct("hydro", [0.5, 0.8], plant="new", price=120.0)
    assert "Hydro may be left untaken in any hour at no cost" in lines(hydro, grid(price_cny_per_mwh=prices), load)
    paid = hydro | {"take_or_pay_fraction": 0.9, "take_or_pay_cny_per_mwh": 30.0}
    contract = lines(paid, grid(price_cny_per_mwh=prices), load)
    assert "untaken" not in contract
    assert "foresight" in contract
