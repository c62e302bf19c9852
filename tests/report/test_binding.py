import numpy as np
import pytest

from parksim.components._cases import demand, grid, micro, shortfall
from parksim.report.binding import closed, limits
from parksim.report.formats import to_plain
from parksim.report.tables import ties
from parksim.report.view import View


def by_words(view):
    return {limit.what: limit for limit in limits(view)}


def test_an_import_limit_is_told_with_hours_price_and_worth(of_short):
    found = by_words(View(*of_short))
    limit = found["Grid: purchase at its limit"]
    # 12 h at 3 MW; one more MW there saves 10,000 - 100 CNY/MWh
    assert limit.hours == pytest.approx(12.0)
    assert limit.price_cny == pytest.approx(9_900.0)
    assert limit.worth_cny == pytest.approx(12 * 9_900.0 * 3.0)


def test_one_per_cent_more_of_a_limit_saves_a_hundredth_of_its_worth(parks, of_short):
    worth = by_words(View(*of_short))["Grid: purchase at its limit"].worth_cny
    table = micro(
        grid(price_cny_per_mwh=[100.0] * 24, import_max_mw=3.03),
        demand(power_mw=[2.0] * 12 + [5.0] * 12),
        shortfall(price_cny_per_mwh=10_000.0),
    )
    eased = parks.solved(table)[1]["cost_cny"]["total"]
    assert of_short[1]["cost_cny"]["total"] - eased == pytest.approx(worth / 100.0)


@pytest.mark.parametrize("minutes", [60, 30])
def test_a_connection_that_carries_nothing_is_told_with_what_a_mwh_would_save(parks, minutes):
    per_h = 60 // minutes
    table = micro(
        grid(
            price_cny_per_mwh=[100.0] * 4 * per_h,
            import_max_mw=9.0,
            outages=[{"start": "2025-01-01T01:00", "end": "2025-01-01T03:00", "available": 0.0}],
        ),
        demand(power_mw=[5.0] * 4 * per_h),
        shortfall(price_cny_per_mwh=10_000.0),
        step_minutes=minutes,
    )
    view = View(*parks.solved(table))
    # in the 2 h of the outage a MWh costs 10,000 CNY of damage, and would cost 100 CNY from the grid
    assert [to_plain(text) for text in closed(view)] == [
        "Grid carries nothing in 2 h in which one MWh more through it would save 9 900 CNY/MWh on average; a limit of "
        "nothing has no worth, so it is not listed."
    ]
    assert limits(view) == []


def test_a_park_without_outages_has_no_closed_connection(of_short):
    assert closed(View(*of_short)) == []


def test_a_source_at_its_limit_and_the_months_peak(parks):
    run = parks.solved(
        micro(
            parks.river("stream", np.array([1.0, 1.0])),
            grid(price_cny_per_mwh=[100.0, 100.0], demand_cny_per_mw_month=7_440.0, quarter_hour_peak_ratio=1.5),
            demand(power_mw=[2.0, 4.0]),
        )
    )
    found = by_words(View(*run))
    # 2 of January's 744 h: 20 CNY per MW of peak, 3 MW bought raised by 1.5: the charge of 90 CNY is its worth
    peak = found["Grid: the peak of January (up to 4.50\u202fMW) sets the demand charge"]
    assert peak.worth_cny == pytest.approx(90.0) == pytest.approx(run[1]["cost_cny"]["grid.demand_charge"])
    assert peak.price_cny == pytest.approx(20.0)
    assert np.isnan(peak.hours)
    # one more MW of water saves 2 * 100 and 20 * 1.5 of charge
    stream = found["Stream gives all it can"]
    assert stream.worth_cny == pytest.approx(230.0)
    assert stream.hours == pytest.approx(2.0)
    assert [limit.worth_cny for limit in limits(View(*run))] == [230.0, 90.0]


@pytest.mark.parametrize(
    ("power_mw", "floor", "months"),
    [
        ([4.0, 4.0], 0.0, "every month"),
        ([4.0, 2.0], 0.15, "January"),
        ([2.0, 4.0], 0.15, "February"),
    ],
)
def test_the_months_whose_peak_sets_the_charge_are_named(parks, power_mw, floor, months):
    """Below the floor of 3 MW a lower peak saves nothing, so that month is not told."""
    link = grid(
        price_cny_per_mwh=100.0, demand_cny_per_mw_month=744.0, transformer_mva=20.0, demand_floor_fraction=floor
    )
    table = micro(link, demand(power_mw=np.repeat(power_mw, 24).tolist()))
    table["time"] = {"year": 2025, "first_day": "01-31", "days": 2}
    (peak,) = limits(View(*parks.solved(table)))
    assert to_plain(peak.what) == f"Grid: the peak of {months} (up to 4.00 MW) sets the demand charge"
    # a day of January's 31 costs 744 / 31 CNY per MW of peak, one of February's 28 costs 744 / 28
    each = {"January": [24.0], "February": [744.0 / 28.0]}.get(months, [24.0, 744.0 / 28.0])
    assert peak.price_cny == pytest.approx(np.mean(each))
    assert peak.worth_cny == pytest.approx(4.0 * np.sum(each))


def test_a_cap_on_a_years_energy_and_energy_to_be_paid(parks):
    run = parks.solved(
        micro(
            grid(price_cny_per_mwh=[100.0, 300.0], import_energy_max_mwh=4.0),
            demand(power_mw=[3.0, 3.0]),
            shortfall(price_cny_per_mwh=1_000.0),
        )
    )
    cap = by_words(View(*run))["Grid: cap on the energy bought in a year"]
    assert cap.price_cny == pytest.approx(700.0)  # the shortfall's 1,000 less the dear hour's 300
    assert cap.worth_cny == pytest.approx(2_800.0)
    contract = parks.direct(
        "hydro", [0.5, 0.8], plant="new", price=120.0, take_or_pay_fraction=0.9, take_or_pay_cny_per_mwh=30.0
    )
    run = parks.solved(micro(contract, grid(price_cny_per_mwh=[100.0, 100.0]), demand(power_mw=[2.0, 2.0])))
    paid = by_words(View(*run))["Hydro: energy to be paid, taken or not"]
    assert paid.price_cny == pytest.approx(30.0)
    assert paid.worth_cny == pytest.approx(30.0 * 0.9 * 13.0)  # 0.9 of 10 MW * 1.3 h


def test_demand_is_no_limit_and_slack_limits_stay_out(of_bare):
    assert limits(View(*of_bare)) == []


def test_contents_are_told_where_their_prices_are_known(of_two_days):
    ds, summary = of_two_days
    prices = np.zeros(ds["content"].shape)
    full = ds["content"].to_numpy()[0] > ds["content_upper"].to_numpy()[0] - 1e-6
    prices[0, full] = -55.0
    view = View(ds.assign(content_reduced_cost=(("level", "time"), prices)), summary)
    limit = by_words(view)["Battery is full"]
    assert limit.hours == pytest.approx(full.sum())
    assert limit.worth_cny == pytest.approx(55.0 * 8.0 * full.sum())


def test_ties_are_told_in_words(of_year):
    ds, summary = of_year
    same = View(ds, summary)
    assert ties(same)[0] == "The energy bought is the same in every cheapest plan."
    wide = {**summary["ties"], "bought_mwh": [200_000.0, 231_000.0], "moved_mwh": [10_000.0, 12_000.0]}
    lines = [to_plain(line) for line in ties(View(ds, {**summary, "ties": wide}))]
    assert "buy between 200 GWh and 231 GWh; they differ by 31.0 GWh" in lines[0]
    assert "between 10.0 GWh and 12.0 GWh" in lines[1]
    lost = {**summary["ties"], "bought_mwh": [None, None], "moved_mwh": [float("nan")] * 2}
    assert ties(View(ds, {**summary, "ties": lost})) == [
        "How far plans of equal cost differ could not be measured in this run."
    ]
