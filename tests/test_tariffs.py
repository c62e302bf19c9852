"""Time-of-use periods: each step has the name of the period whose ratio its price carries."""

import numpy as np
import pytest

import parksim as ps
from parksim import testing
from parksim.park import read_park
from parksim.tariffs import read_table

DAY = 24
PEAK = {"name": "peak", "ratio": 1.5, "hours": ["10-14"]}
SHARP = {"name": "sharp", "ratio": 1.8, "hours": ["12-13"], "months": [7]}
VALLEY = {"name": "valley", "ratio": 0.4, "hours": ["22-6"]}


def solved(tariff, *, first_day="07-01"):
    table = testing.random_table(1, hours=DAY)
    table["time"]["first_day"] = first_day
    table["tariffs"] = {"own": {"sources": {"default": "a test"}, **tariff}}
    grid = next(c for c in table["components"].values() if c["kind"] == "grid")
    grid["tariff"] = "own"
    return ps.solve(read_park(table))


def periods(ds, tariff="own"):
    return ds["period"].to_numpy()[ds["period_of_step"].sel(tariff=tariff).to_numpy()]


def test_a_step_has_the_period_whose_ratio_it_pays():
    ds = solved({"energy_cny_per_mwh": 300.0, "periods": [PEAK, SHARP, VALLEY]})
    paid = ds["input_value"].sel(input="tariffs.own.energy_cny_per_mwh").to_numpy() / 300.0
    ratio = {"peak": 1.5, "sharp": 1.8, "valley": 0.4, "flat": 1.0}
    np.testing.assert_allclose(paid, [ratio[name] for name in periods(ds)])
    assert periods(ds)[12] == "sharp"  # the later one wins
    assert periods(ds)[23] == periods(ds)[5] == "valley"  # over midnight
    assert periods(ds)[6] == "flat"


def test_a_period_of_other_months_is_not_told():
    ds = solved({"energy_cny_per_mwh": 300.0, "periods": [PEAK, SHARP]}, first_day="08-01")
    assert periods(ds)[12] == "peak"
    assert "sharp" not in ds["period"].to_numpy()


@pytest.mark.parametrize(
    ("tariff", "name"),
    [({"energy_cny_per_mwh": 300.0}, "flat"), ({"price_cny_per_mwh": [float(h) for h in range(DAY)]}, "hourly")],
)
def test_a_tariff_without_periods_has_one(tariff, name):
    assert set(periods(solved(tariff))) == {name}


def test_every_tariff_of_the_file_is_told():
    ds = ps.solve(ps.load_park("two-days"))
    assert set(ds["tariff"].to_numpy()) == set(ps.load_park("two-days").tariffs)


def test_the_periods_add_up_to_what_was_bought_and_paid():
    ds = ps.solve(ps.load_park("two-days"))
    summary = ps.summarise(ds)
    rows = summary["tariff_periods"]
    assert sum(row["hours"] for row in rows) == ds.sizes["time"]
    assert sum(row["bought_mwh"] for row in rows) == pytest.approx(summary["import_mwh"])
    assert sum(row["energy_cny"] for row in rows) == pytest.approx(summary["cost_cny"]["grid.energy"])
    price = ds["input_value"].sel(input=f"tariffs.{rows[0]['tariff']}.energy_cny_per_mwh").to_numpy()
    for row in rows:
        assert row["price_mean_cny_per_mwh"] == pytest.approx(price[periods(ds, row["tariff"]) == row["period"]].mean())
    assert [row["price_mean_cny_per_mwh"] for row in rows] == sorted(
        (r["price_mean_cny_per_mwh"] for r in rows), reverse=True
    )


def test_a_table_is_read_once_until_it_is_written_anew(tmp_path):
    """What-ifs ask for the table of their tariff each time."""
    rows = [f"{month},{hour},flat,1.0" for month in range(1, 13) for hour in range(24)]
    file = tmp_path / "hours.csv"
    file.write_text("\n".join(["month,hour,period,ratio", *rows]), encoding="utf-8")
    first, _ = read_table("hours.csv", base=tmp_path, where="tariffs.t.table")
    assert read_table("hours.csv", base=tmp_path, where="elsewhere")[0] is first
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 2.0
    file.write_text(file.read_text(encoding="utf-8").replace("7,12,flat,1.0", "7,12,peak,1.75"), encoding="utf-8")
    ratio, names = read_table("hours.csv", base=tmp_path, where="tariffs.t.table")
    assert (ratio[6, 12], names[6, 12]) == (1.75, "peak")
    file.write_text("month,hour\n1,1\n", encoding="utf-8")
    with pytest.raises(ps.InputError, match=r"^tariffs.t.table: hours.csv has no column 'period'"):
        read_table("hours.csv", base=tmp_path, where="tariffs.t.table")
