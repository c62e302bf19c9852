import numpy as np

from parksim.components._cases import demand, grid, micro, shortfall
from parksim.report.view import View
from parksim.report.weeks import weeks


def sums(by_hour):
    days = np.asarray(by_hour).reshape(-1, 24).sum(axis=1)
    return np.array([days[day : day + 7].sum() for day in range(len(days) - 6)])


def test_wet_and_dry_are_the_weeks_of_most_and_least_water(of_year):
    ds, summary = of_year
    water = np.zeros(8760)
    for row, (kind, role) in enumerate(zip(ds["kind"].to_numpy(), ds["role"].to_numpy(), strict=True)):
        if kind in {"run_of_river", "direct_supply"} and role in {"renewable", "direct"}:
            water += ds["upper"].to_numpy()[row]
    found = weeks(View(ds, summary))
    assert found["wet"] == int(np.argmax(sums(water)))
    assert found["dry"] == int(np.argmin(sums(water)))


def test_the_critical_week_lies_around_the_highest_import(of_year):
    view = View(*of_year)
    peak = int(np.argmax(view.total("import"))) // 24
    assert weeks(view)["critical"] == max(0, min(peak - 3, 358))


def test_the_critical_week_is_that_of_unserved_load_where_there_is_any(parks):
    hours = np.arange(24 * 20)
    load = np.where(hours // 24 == 15, 9.0, np.where(hours == 30, 7.9, 2.0))
    run = parks.solved(
        micro(
            grid(price_cny_per_mwh=[100.0] * 480, import_max_mw=8.0),
            demand(power_mw=load.tolist()),
            shortfall(price_cny_per_mwh=9_000.0),
        )
    )
    first = weeks(View(*run))["critical"]
    assert first <= 15 < first + 7


def test_a_park_without_water_has_weeks_of_most_and_least_green_energy(parks):
    hours = np.arange(24 * 21)
    sun = np.clip(np.sin((hours % 24 - 6) / 12 * np.pi), 0, None) * (0.2 + hours / 504 * 0.8)
    run = parks.solved(
        micro(
            {"name": "roof", "kind": "pv", "power_max_mw": 4.0, "available": sun.tolist()},
            grid(price_cny_per_mwh=[100.0] * 504),
            demand(power_mw=[2.0] * 504),
        )
    )
    found = weeks(View(*run))
    assert (found["least"], found["green"]) == (0, 14)
    assert not {"wet", "dry"} & set(found)


def test_a_reservoir_counts_with_what_flows_in(parks):
    hours = np.arange(24 * 21)
    inflow = np.where(hours // 24 < 7, 5.0, np.where(hours // 24 < 14, 1.0, 3.0))
    lake = {"name": "lake", "kind": "reservoir", "power_max_mw": 9.0, "energy_max_mwh": 900.0}
    run = parks.solved(
        micro(
            {**lake, "inflow_mw": inflow.tolist()},
            grid(price_cny_per_mwh=np.where(hours // 24 < 14, 10.0, 900.0).tolist()),
            demand(power_mw=[4.0] * 504),
        )
    )
    found = weeks(View(*run))
    assert (found["wet"], found["dry"]) == (0, 7)
