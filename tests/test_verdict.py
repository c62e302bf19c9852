"""The verdict, worked out by hand: final energy, each clause at and beside its limit, certificates, what is missing."""

import json
import math
import tomllib
from dataclasses import fields
from functools import cache
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import parksim as ps
from parksim import api, testing
from parksim.accounts.final_energy import PARTS, final_energy
from parksim.accounts.rules import CLAUSES, MISSING, Clause, findings
from parksim.accounts.summary import summarise
from parksim.accounts.verdict import verdict
from parksim.components._cases import demand, grid, micro, source
from parksim.fuels import FUELS, FuelName
from parksim.other_energy import USUAL, Verdict
from parksim.output import as_json, read_dataset, write_dataset
from parksim.park import read_park
from parksim.report.formats import to_plain
from parksim.report.verdict import points
from parksim.report.verdict_section import band
from parksim.results import park_toml

FACTOR = 0.8325
"""CO2 of electricity without title [t MWh-1]."""
TCE = 0.30
"""Coal equivalent of electricity [tce MWh-1]."""
LARGE = 1e8
ALL_ELECTRIC = {"all_electric": True, "process_co2_t": 0.0}


def near(value):
    return pytest.approx(value, rel=1e-9, abs=1e-9)


def bought(mwh):
    """A grid and a demand of one hour."""
    return grid(price_cny_per_mwh=[100.0], import_max_mw=LARGE), demand(power_mw=[mwh])


def contract(**fields):
    terms = {"delivery": "line", "technology": "hydro", "plant": "existing", "certificate": "none"}
    plain = {"power_max_mw": 4.0, "available": 1.0, "price_cny_per_mwh": 50.0}
    return {"name": "hydro", "kind": "direct_supply", **terms, **plain, **fields}


def roof(power_mw):
    top = max(power_mw)
    return {"name": "roof", "kind": "pv", "power_max_mw": top, "available": [p / top for p in power_mw]}


def run(*parts, years=1.0, **tables):
    """Solve a few hours, and take them for so many years."""
    ds = api.solve(read_park(micro(*parts, **tables)))
    ds.attrs["year_share"] = years
    return ds


def told(*parts, **tables):
    return verdict(run(*parts, **tables))


def clause(found, key):
    return next(each for each in found["clauses"] if each["key"] == key)


def outcome(found, key):
    return clause(found, key)["outcome"]


# --- final energy


def test_electricity_is_split_by_its_title():
    """6 MW for one hour: 1 made, 2 by line, 1.5 through the grid with a certificate, 0.5 without, 1 bought."""
    grey = contract(name="grey", delivery="grid", power_max_mw=0.5)
    traded = contract(name="traded", delivery="grid", certificate="tradable", technology="wind", power_max_mw=1.5)
    ds = run(
        source(power_mw=[1.0]),
        contract(power_max_mw=2.0),
        grey,
        traded,
        *bought(6.0),
        verdict={"certificates_mwh": 0.25, "process_co2_t": 0.0, "all_electric": True},
    )
    energy = final_energy(ds)
    assert energy.electricity_mwh == {
        "direct": near(3.0),
        "contracted": near(1.5),
        "netted": near(0.0),
        "certified": near(0.25),
        "untitled": near(1.25),  # 0.5 without certificate and 1 bought, less 0.25 certified
    }
    assert energy.tce == near(6.0 * TCE)
    assert energy.co2_t == near(1.25 * FACTOR)
    found = verdict(ds)
    assert {row["component"]: row["free_of_co2"] for row in found["plants"]} == {
        "source": True,
        "hydro": True,
        "grey": False,
        "traded": True,
    }
    assert clause(found, "direct_supply")["figure"] == near(0.5), "what comes through the grid is not direct"


def test_exports_are_netted_and_never_count_below_zero():
    """Hour 1: 8 of 10 made, 3 used, 5 sold; hour 2: 3 bought. Used 3 + 8 - 5 = 6; bought less sold is below zero."""
    ds = run(
        source(power_mw=[10.0, 0.0]),
        grid(price_cny_per_mwh=[100.0, 100.0], export_max_mw=5.0, export_price_cny_per_mwh=40.0),
        demand(power_mw=[3.0, 3.0]),
        verdict=ALL_ELECTRIC,
    )
    energy = final_energy(ds)
    assert energy.electricity_mwh == {
        "direct": near(3.0),
        "contracted": near(0.0),
        "netted": near(3.0),
        "certified": near(0.0),
        "untitled": near(0.0),
    }
    found = verdict(ds)
    assert energy.co2_t == 0.0
    assert clause(found, "direct_supply")["figure"] == near(0.5)
    assert found["certificates"]["needed_mwh"] is None, "no limit for so small a park"


def test_part_of_what_is_bought_is_netted():
    """Hour 1: 5 made, 3 used, 2 sold; hour 2: 3 bought. 1 is left without title, 2 are netted."""
    ds = run(
        source(power_mw=[10.0, 0.0]),
        grid(price_cny_per_mwh=[100.0, 100.0], export_max_mw=2.0, export_price_cny_per_mwh=40.0),
        demand(power_mw=[3.0, 3.0]),
    )
    found = final_energy(ds).electricity_mwh
    assert [found[part] for part in PARTS] == [near(3.0), near(0.0), near(2.0), near(0.0), near(1.0)]


FUEL_CASES = {
    # 1e6 m3 * 389.31 GJ/1e4 m3 = 38,931 GJ; / 29.307 = 1,328.3857 tce; * 0.0153 * 0.99 * 44/12 = 0.055539 t/GJ
    "gas": ({"fuel": "natural_gas", "amount_m3": 1e6}, 38931.0 / 29.307, 38931.0 * 0.055539),
    # 1,000 t * 0.7143 tce/t; 714.3 * 29.307 GJ * 0.0946 t/GJ
    "coal": ({"fuel": "raw_coal", "amount_t": 1000.0}, 714.3, 714.3 * 29.307 * 0.0946),
    "diesel": ({"fuel": "diesel", "amount_t": 100.0}, 145.71, 145.71 * 29.307 * 0.0741),
    "gasoline": ({"fuel": "gasoline", "amount_t": 100.0}, 147.14, 147.14 * 29.307 * 0.0693),
    # heat by its default of 0.11 t/GJ, and steam by the tonne at 2.8 GJ/t with a measured factor
    "heat": ({"fuel": "district_heat", "amount_gj": 29307.0}, 1000.0, 29307.0 * 0.11),
    "steam": ({"fuel": "steam", "amount_t": 500.0, "heat_gj_per_t": 2.8, "co2_t_per_gj": 0.09}, 1400.0 / 29.307, 126.0),
    "own gas": ({"fuel": "natural_gas", "amount_m3": 1e6, "heat_gj_per_m3": 0.035}, 35e3 / 29.307, 35e3 * 0.055539),
    "biogas": ({"fuel": "biomass", "amount_gj": 2930.7}, 100.0, 0.0),
    "hydrogen": ({"fuel": "hydrogen", "amount_t": 10.0, "co2_t_per_gj": 0.0}, 1200.0 / 29.307, 0.0),
    "other": ({"fuel": "other", "amount_gj": 2930.7, "co2_t_per_gj": 0.05}, 100.0, 146.535),
}


@pytest.mark.parametrize("name", FUEL_CASES)
def test_other_energy_is_counted_by_its_heat(name):
    table, tce, co2_t = FUEL_CASES[name]
    found = told(*bought(1.0), other_energy={"x": table})["energy"]
    line = found["lines"][-1]
    assert line["key"] == "other_energy.x"
    assert line["tce"] == near(tce)
    assert line["co2_t"] == near(co2_t)
    assert found["total_tce"] == near(tce + TCE)
    assert found["total_co2_t"] == near(co2_t + FACTOR)


def test_several_fuels_processes_and_electricity_add_up():
    """All fuels above beside 1,000 MWh bought and 500 t from processes."""
    tables = {name.replace(" ", "_"): table for name, (table, _, _) in FUEL_CASES.items()}
    found = told(*bought(1000.0), other_energy=tables, verdict={"process_co2_t": 500.0})
    tce = sum(each[1] for each in FUEL_CASES.values()) + 300.0
    co2_t = sum(each[2] for each in FUEL_CASES.values()) + 832.5 + 500.0
    assert found["energy"]["total_tce"] == near(tce)
    assert found["energy"]["total_co2_t"] == near(co2_t)
    assert clause(found, "co2_per_energy")["figure"] == near(co2_t / tce)
    assert len(found["energy"]["lines"]) == len(PARTS) + len(tables)


def test_years_are_judged_by_their_mean():
    """Two years with 1 and 3 TWh: 2 TWh in the mean, beside one year's gas."""
    ds = run(
        grid(price_cny_per_mwh=[100.0, 100.0], import_max_mw=LARGE),
        demand(power_mw=[1e6, 3e6]),
        years=2.0,
        other_energy={"gas": {"fuel": "natural_gas", "amount_m3": 1e6}},
    )
    found = verdict(ds)
    assert found["energy"]["electricity_mwh"] == near(2e6)
    assert found["energy"]["total_tce"] == near(6e5 + 38931.0 / 29.307)


# --- the core indicator


def all_electric(mwh, untitled_mwh, **terms):
    """So much electricity, of which so much is bought."""
    return told(
        source(power_mw=[mwh - untitled_mwh]),
        *bought(mwh),
        verdict={**ALL_ELECTRIC, **terms},
    )


@pytest.mark.parametrize(
    ("mwh", "limit"),
    [
        (1e6, 0.2),  # 300,000 tce
        (1e6 / TCE, 0.3),  # 1,000,000 tce
        (1e6 / TCE - 10.0, 0.2),
        (2e5 / TCE, 0.2),
        (2e4 / TCE, 0.2),
        (2e4 / TCE - 10.0, None),
    ],
)
def test_energy_decides_the_limit(mwh, limit):
    found = clause(all_electric(mwh, 0.0), "co2_per_energy")
    assert found["limit"] == limit
    assert found["figure"] == near(0.0)
    assert found["outcome"] == ("not judged" if limit is None else "pass")
    assert found["missing"] == (["band"] if limit is None else [])
    assert found["certainty"] == ("uncertain" if mwh < 2e5 / TCE - 1.0 else "verified")


@pytest.mark.parametrize(("mwh", "limit"), [(1e6, 0.2), (1e6 / TCE, 0.3)])
@pytest.mark.parametrize(("more", "judged"), [(-10.0, "pass"), (0.0, "pass"), (10.0, "fail")])
def test_a_limit_met_exactly_is_met(mwh, limit, more, judged):
    """0.2 * 0.30 / 0.8325 = 7.2 % of the electricity may be without title, 10.8 % at 0.3."""
    found = all_electric(mwh, limit * TCE / FACTOR * mwh + more)
    assert clause(found, "co2_per_energy")["figure"] == near(limit + more * FACTOR / TCE / mwh)
    assert outcome(found, "co2_per_energy") == judged
    assert found["outcome"] == judged


def test_electricity_may_be_counted_at_its_calorific_value():
    """1 TWh at 0.1229 tce/MWh: 122,900 tce, so the limit is one that only some copies have; 0.8325 / 0.1229 t/tce."""
    found = clause(all_electric(1e6, 1e6, electricity_value="calorific"), "co2_per_energy")
    assert found["figure"] == near(FACTOR / 0.1229)
    assert found["certainty"] == "uncertain"
    assert any("calorific" in doubt for doubt in found["doubts"])


def test_an_own_equal_value_and_factor_are_taken():
    found = clause(all_electric(1e6, 1e6, equal_value_tce_per_mwh=0.305, untitled_t_per_mwh=0.8), "co2_per_energy")
    assert found["figure"] == near(0.8 / 0.305)


@pytest.mark.parametrize(
    ("process", "untitled_mwh", "judged", "missing"),
    [
        (None, 0.0, "not judged", ["process_co2_t"]),  # 0 of at most 60,000 t so far
        (None, 1e5, "fail", ["process_co2_t"]),  # 83,250 t already
        (0.0, 0.0, "pass", []),
        (60_000.0, 0.0, "pass", []),  # 60,000 t / 300,000 tce
        (60_001.0, 0.0, "fail", []),
    ],
)
def test_process_co2_that_is_not_stated_leaves_the_figure_open(process, untitled_mwh, judged, missing):
    terms = {} if process is None else {"process_co2_t": process}
    found = told(source(power_mw=[1e6 - untitled_mwh]), *bought(1e6), verdict={"all_electric": True, **terms})
    core = clause(found, "co2_per_energy")
    assert (core["outcome"], core["missing"]) == (judged, missing)
    assert (core["figure_max"] is None) == (process is None)
    assert core["figure"] == near(((process or 0.0) + untitled_mwh * FACTOR) / 3e5)


def test_a_park_without_other_energy_is_not_judged_and_says_so():
    found = told(*bought(1e6))
    core = clause(found, "co2_per_energy")
    assert (core["outcome"], core["figure"], core["limit"]) == ("not judged", None, None)
    assert core["missing"] == ["other_energy", "process_co2_t"]
    assert clause(found, "clean_energy")["missing"] == ["other_energy"]
    assert "[other_energy.NAME]" in found["missing"]["other_energy"]
    assert found["energy"]["total_tce"] is None
    assert found["energy"]["electricity_co2_t_per_tce"] == near(FACTOR / TCE)
    assert found["certificates"]["needed_mwh"] is None
    assert outcome(found, "direct_supply") == "fail", "clauses on electricity alone are judged"


def test_part_of_a_year_is_not_judged():
    """One hour, and gas, process CO2 and certificates of a year: they are not mixed."""
    terms = {"process_co2_t": 7.0, "certificates_mwh": 5.0}
    ds = api.solve(read_park(micro(*bought(1e6), other_energy={"gas": FUEL_CASES["gas"][0]}, verdict=terms)))
    found = verdict(ds)
    assert {each["outcome"] for each in found["clauses"]} == {"not judged"}
    assert all("whole_year" in each["missing"] for each in found["clauses"])
    assert len(found["energy"]["lines"]) == len(PARTS)
    assert found["energy"]["total_co2_t"] is None
    assert found["certificates"]["counted_mwh"] == 0.0
    assert clause(found, "direct_supply")["figure"] == near(0.0), "a share of the horizon is told"


def test_no_energy_is_not_judged():
    found = told(*bought(0.0), verdict=ALL_ELECTRIC)
    assert {each["outcome"] for each in found["clauses"]} == {"not judged"}
    assert clause(found, "co2_per_energy")["missing"] == ["energy"]
    assert clause(found, "direct_supply")["missing"] == ["energy"]
    assert found["energy"]["electricity_co2_t_per_tce"] is None


def test_a_park_without_a_grid_passes_by_its_own_plants():
    found = told(roof([1e6]), demand(power_mw=[1e6]), verdict=ALL_ELECTRIC)
    assert {each["key"]: each["outcome"] for each in found["clauses"]} == {
        "co2_per_energy": "pass",
        "direct_supply": "pass",
        "clean_energy": "pass",
        "connection_self_use": "pass",
        "connection_share": "pass",
        "connection_export": "pass",
    }


def test_energy_at_other_nodes_is_not_guessed():
    """Heat bought at a node of its own has no known coal equivalent, and is no electricity."""
    heat = {**grid(price_cny_per_mwh=[50.0]), "name": "heat_grid", "electricity": "heat", "tariff": "heat_grid"}
    found = told(
        *bought(1e6),
        heat,
        demand(power_mw=[500.0], name="heat_use", electricity="heat"),
        nodes={"electricity": "electricity", "heat": "heat"},
        verdict=ALL_ELECTRIC,
    )
    assert found["energy"]["electricity_mwh"] == near(1e6)
    assert clause(found, "co2_per_energy")["missing"] == ["other_nodes"]
    assert outcome(found, "co2_per_energy") == "not judged"


# --- direct supply, clean energy, direct connection


@pytest.mark.parametrize(("made", "judged"), [(0.5, "pass"), (0.5 - 1e-6, "fail"), (0.5 + 1e-6, "pass")])
def test_half_of_the_electricity_must_be_supplied_directly(made, judged):
    found = told(contract(power_max_mw=made), *bought(1.0))
    direct = clause(found, "direct_supply")
    assert (direct["figure"], direct["outcome"], direct["certainty"]) == (near(made), judged, "uncertain")


def test_half_missed_by_rounding_alone_is_half():
    """0.1 + 0.7 is 0.7999999999999999 to a computer, and so no half of 1.6."""
    found = clause(told(roof([0.1]), contract(power_max_mw=0.7), *bought(1.6)), "direct_supply")
    assert found["figure"] < 0.5
    assert found["outcome"] == "pass"


@pytest.mark.parametrize(
    ("biogas_tce", "gas_tce", "certificates", "figures", "judged"),
    [
        (0.0, 0.0, 0.0, (0.9, 0.9), "pass"),
        (0.0, 0.0, 1.0, (0.9, 0.91), "pass"),
        (100.0, 0.0, 0.0, ((270.0 + 100.0) / 400.0, 0.925), "pass"),
        (0.0, 100.0, 0.0, (270.0 / 400.0, 370.0 / 400.0), "not judged"),
        (0.0, 10.0, 0.0, (270.0 / 310.0, 280.0 / 310.0), "not judged"),
    ],
)
def test_clean_energy_is_judged_where_both_readings_agree(biogas_tce, gas_tce, certificates, figures, judged):
    """1,000 MWh, 900 of them made in the park: 270 of 300 tce; natural gas and certificates count by one reading."""
    other = {
        "biogas": {"fuel": "biomass", "amount_gj": biogas_tce * 29.307},
        "gas": {"fuel": "natural_gas", "amount_gj": gas_tce * 29.307},
    }
    terms = {"certificates_mwh": 10.0 * certificates}
    found = clause(told(source(power_mw=[900.0]), *bought(1000.0), other_energy=other, verdict=terms), "clean_energy")
    assert (found["figure"], found["figure_max"]) == (near(figures[0]), near(figures[1]))
    assert found["outcome"] == judged
    assert found["missing"] == (["wording"] if figures[0] != figures[1] else [])


def connected(*parts, **tables):
    return told(*parts, grid(price_cny_per_mwh=[100.0, 100.0]), demand(power_mw=[4.0, 4.0]), **tables)


def test_hydro_is_counted_apart_on_direct_connection():
    """8 MWh used: 1 from the roof, 4 of 6 by contract."""
    found = connected(roof([1.0, 0.0]), contract(power_max_mw=3.0, available=[1.0, 1.0], price_cny_per_mwh=50.0))
    assert clause(found, "connection_share")["figure"] == near(1.0 / 8.0)
    assert outcome(found, "connection_share") == "fail"
    assert clause(found, "connection_share_with_hydro")["figure"] == near(7.0 / 8.0)
    assert outcome(found, "connection_share_with_hydro") == "pass"
    assert clause(found, "connection_share_with_hydro")["certainty"] == "uncertain"
    assert clause(found, "connection_self_use")["figure"] == near(1.0)
    assert [row["named_for_connection"] for row in found["plants"]] == [True, False]


def test_without_hydro_nothing_is_told_of_it():
    found = connected(roof([1.0, 0.0]))
    assert not [each["key"] for each in found["clauses"] if each["key"].endswith("hydro")]


def test_without_a_direct_plant_connection_is_not_judged():
    found = connected(contract(delivery="grid", certificate="tradable"))
    for key in ("self_use", "share", "export"):
        assert clause(found, f"connection_{key}")["missing"] == ["direct_plant"]
        assert outcome(found, f"connection_{key}") == "not judged"


@pytest.mark.parametrize(("power", "judged"), [(20.0 / 3.0, "pass"), (20.0 / 3.0 + 1e-4, "fail")])
def test_six_tenths_of_what_could_be_made_must_be_used(power, judged):
    """4 MWh are used in the hour of sun; of 6.667 MWh that is 60 %."""
    found = connected(roof([power, 0.0]))
    assert clause(found, "connection_self_use")["figure"] == near(4.0 / power)
    assert outcome(found, "connection_self_use") == judged


@pytest.mark.parametrize(
    ("made", "year", "judged"),
    [
        (2.4, None, "pass"),  # 2.4 of 8 MWh are 30 %
        (2.4 - 1e-4, None, "fail"),
        (2.4, 2029, "pass"),
        (2.4, 2030, "fail"),
        (2.8, 2030, "pass"),  # 35 %
        (2.8 - 1e-4, 2030, "fail"),
    ],
)
def test_the_share_asked_for_hangs_on_the_year(made, year, judged):
    found = connected(roof([made, 0.0]), verdict={} if year is None else {"connection_year": year})
    share = clause(found, "connection_share")
    assert (share["figure"], share["outcome"]) == (near(made / 8.0), judged)
    assert share["limit"] == (0.35 if year == 2030 else 0.30)


@pytest.mark.parametrize(
    ("sold", "spot", "judged"),
    [
        (0.0, None, "pass"),
        (0.0, False, "pass"),
        (1.0, None, "not judged"),  # 1 of 5 MWh that could be made: 20 %
        (1.0, True, "pass"),
        (1.0, False, "fail"),
        (1.001, True, "fail"),
        (1.001, None, "fail"),
    ],
)
def test_exports_hang_on_the_spot_market(sold, spot, judged):
    """The roof makes 5, of which the demand of its hour leaves what is sold."""
    found = told(
        roof([5.0, 0.0]),
        grid(price_cny_per_mwh=[100.0, 100.0], export_max_mw=sold, export_price_cny_per_mwh=40.0),
        demand(power_mw=[5.0 - sold, 4.0]),
        verdict={} if spot is None else {"continuous_spot": spot},
    )
    export = clause(found, "connection_export")
    assert export["figure"] == near(sold / 5.0)
    assert export["outcome"] == judged
    assert export["limit"] == (0.0 if spot is False else 0.2)
    assert export["missing"] == (["continuous_spot"] if spot is None and sold else [])


@pytest.mark.parametrize(
    ("roof_mwh", "judged"),
    [
        (2.4, "pass"),  # 30 % without the mixed supply
        (2.0, "not judged"),  # 25 % without, 35 % with
        (1.0, "fail"),  # 12.5 and 22.5 %
    ],
)
def test_a_mixed_supply_leaves_a_range(roof_mwh, judged):
    """8 MWh used; 0.8 of a mix, of which nobody knows how much is hydro."""
    mix = contract(name="mix", technology="mixed", power_max_mw=0.8, available=[0.0, 1.0], plant="new")
    found = connected(roof([roof_mwh, 0.0]), mix)
    share = clause(found, "connection_share")
    assert (share["figure"], share["figure_max"]) == (near(roof_mwh / 8.0), near((roof_mwh + 0.8) / 8.0))
    assert (share["outcome"], share["missing"]) == (judged, ["technology"])


def test_a_mixed_supply_alone_is_not_judged():
    found = connected(contract(technology="mixed", power_max_mw=4.0, available=1.0))
    assert [outcome(found, f"connection_{key}") for key in ("self_use", "share", "export")] == ["not judged"] * 3
    assert (clause(found, "connection_share")["figure"], clause(found, "connection_share")["figure_max"]) == (0.0, 1.0)


# --- certificates


def test_certificates_that_close_the_gap_and_their_cost():
    """1 TWh bought: 832,500 t, 60,000 t allowed; 772,500 / 0.8325 = 927,927.9 certificates at 4.61 to 5.66 CNY."""
    found = all_electric(1e6, 1e6)["certificates"]
    assert found["gap_co2_t"] == near(772_500.0)
    assert found["closes_gap"] is True
    assert found["needed_mwh"] == near(772_500.0 / FACTOR)
    assert found["cost_min_cny"] == near(4.61 * 772_500.0 / FACTOR)
    assert found["cost_max_cny"] == near(5.66 * 772_500.0 / FACTOR)
    assert found["left_co2_t"] == near(0.0)
    assert found["count_for"] == ["co2_per_energy"]
    assert "direct_supply" in found["do_not_count_for"]
    assert found["may_count_for"] == ["clean_energy"]


def test_certificates_held_are_counted_and_no_more_than_is_bought():
    some = all_electric(1e6, 1e5, certificates_mwh=4e4)["certificates"]
    # 60,000 MWh left: 49,950 t, within 60,000 t
    assert (some["counted_mwh"], some["electricity_without_title_mwh"]) == (near(4e4), near(6e4))
    assert (some["gap_co2_t"], some["needed_mwh"], some["cost_max_cny"]) == (0.0, 0.0, 0.0)
    many = all_electric(1e6, 1e5, certificates_mwh=4e5)["certificates"]
    assert (many["held_mwh"], many["counted_mwh"]) == (4e5, near(1e5))


def test_certificates_cannot_close_what_fuels_open():
    """300,000 tce of coal beside 1 TWh of wind: 300,000 * 29.307 * 0.0946 t, 120,000 t allowed, nothing bought."""
    found = told(
        source(power_mw=[1e6]),
        demand(power_mw=[1e6]),
        other_energy={"coal": {"fuel": "raw_coal", "amount_gj": 3e5 * 29.307}},
        verdict={"process_co2_t": 0.0},
    )
    gap = 3e5 * 29.307 * 0.0946 - 0.2 * 6e5
    assert outcome(found, "co2_per_energy") == "fail"
    certificates = found["certificates"]
    assert certificates["closes_gap"] is False
    assert (certificates["needed_mwh"], certificates["cost_min_cny"]) == (None, None)
    assert (certificates["gap_co2_t"], certificates["left_co2_t"]) == (near(gap), near(gap))
    assert "no certificates close the gap" in said(found)


def with_terms(ds, **terms):
    again = ds.copy(deep=False)
    again.attrs = {**ds.attrs, "verdict_terms": json.dumps({**json.loads(ds.attrs["verdict_terms"]), **terms})}
    return again


ORDER = {"fail": 0, "not judged": 1, "pass": 2}


SEEDS = 12


@cache
def random_park(seed):
    """A random park of a day, taken for a year."""
    rng = np.random.default_rng(seed)
    table = testing.random_table(seed)
    table["other_energy"] = {"gas": {"fuel": "natural_gas", "amount_gj": float(rng.uniform(0, 500))}}
    table["verdict"] = {"process_co2_t": float(rng.uniform(0, 3))}
    ds = api.solve(read_park(table))
    ds.attrs["year_share"] = 1.0
    return ds


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, SEEDS - 1),
    tce=st.floats(2e4, 3e6),
    held=st.floats(0.0, 600.0),
    more=st.floats(0.0, 600.0),
    process=st.floats(0.0, 0.4),
)
def test_more_certificates_never_worsen_and_those_told_close_the_gap(seed, tce, held, more, process):
    """Coal equivalent is stretched until the park lies in a band with a limit, CO2 of electricity with it."""
    ds = random_park(seed)
    used = final_energy(ds).used_mwh
    terms = {"electricity_tce_per_mwh": tce / used, "untitled_t_per_mwh": 2.0 * tce / used}
    terms["process_co2_t"] = process * tce
    fewer, plenty = (verdict(with_terms(ds, certificates_mwh=n, **terms)) for n in (held, held + more))
    for each, other in zip(fewer["clauses"], plenty["clauses"], strict=True):
        assert each["key"] == other["key"]
        assert ORDER[other["outcome"]] >= ORDER[each["outcome"]]
        if each["key"] != "co2_per_energy" and each["figure"] is not None:
            assert other["figure"] == pytest.approx(each["figure"], rel=1e-12), "they count for nothing else"
    assert clause(plenty, "co2_per_energy")["figure"] <= clause(fewer, "co2_per_energy")["figure"] + 1e-12
    needed = fewer["certificates"]["needed_mwh"]
    if needed is None:
        assert fewer["certificates"]["left_co2_t"] > 0.0
        return
    closed = verdict(with_terms(ds, certificates_mwh=fewer["certificates"]["counted_mwh"] + needed, **terms))
    assert closed["outcome"] == "pass"
    assert closed["certificates"]["gap_co2_t"] == pytest.approx(0.0, abs=1e-6 * tce)
    if needed > 1e-3 * used:
        core = clause(closed, "co2_per_energy")
        assert core["figure"] == pytest.approx(core["limit"], rel=1e-9)
        less = fewer["certificates"]["counted_mwh"] + 0.999 * needed
        assert verdict(with_terms(ds, certificates_mwh=less, **terms))["outcome"] == "fail"


def test_parts_add_up_to_the_electricity_used():
    sold = compared = 0
    for seed in range(SEEDS):
        ds = random_park(seed)
        figures = summarise(ds)
        parts = final_energy(ds).electricity_mwh
        used = figures["import_mwh"] + figures["direct_mwh"] + figures["renewable_mwh"] - figures["export_mwh"]
        assert sum(parts.values()) == pytest.approx(used, rel=1e-9)
        assert min(parts.values()) >= -1e-9
        sold += figures["export_mwh"] > 0
        self_use = [each for each in figures["verdict"]["clauses"] if each["key"].startswith("connection_self_use")]
        if not self_use[-1]["missing"]:
            compared += 1
            assert self_use[-1]["figure"] == pytest.approx(figures["self_use_share"], rel=1e-9)
    assert min(sold, compared) > 2


# --- claims and existing plants


def test_both_factors_a_claim_would_need():
    """900 t claimed for 1,000 MWh: 0.9 t/MWh; 600 MWh simulated: 1.5 t/MWh."""
    claims = {
        "green": {"title": "1 GWh", "figure": "green_supply_mwh", "value": 1000.0},
        "co2": {"title": "900 t", "figure": "avoided_co2_t", "value": 900.0},
    }
    found = told(contract(power_max_mw=600.0), *bought(1000.0), claims=claims)["claim_factors"]
    assert found == [
        {
            "claim": "900 t",
            "claimed_t": 900.0,
            "claimed_mwh": 1000.0,
            "claimed_t_per_mwh": near(0.9),
            "simulated_mwh": near(600.0),
            "simulated_t_per_mwh": near(1.5),
        }
    ]
    alone = told(*bought(1000.0), claims={"co2": claims["co2"]})["claim_factors"][0]
    assert (alone["claimed_mwh"], alone["claimed_t_per_mwh"]) == (None, None)
    assert (alone["simulated_mwh"], alone["simulated_t_per_mwh"]) == (0.0, None)
    two_years = verdict(run(contract(power_max_mw=600.0), *bought(1000.0), claims=claims, years=2.0))
    assert two_years["claim_factors"][0]["simulated_t_per_mwh"] == near(3.0)


def test_existing_plants_only_reallocate():
    """1 MWh made in the park, 3 by contract from a plant that existed; half a tonne a MWh."""
    found = told(source(power_mw=[1.0]), contract(power_max_mw=3.0), *bought(5.0))
    assert found["reallocated"] == {
        "plants": ["hydro"],
        "green_supply_mwh": near(3.0),
        "avoided_as_claimed_co2_t": {"case": near(1.5)},
        "avoided_additional_co2_t": {"case": 0.0},
    }
    new = told(source(power_mw=[1.0]), contract(power_max_mw=3.0, plant="new"), *bought(5.0))["reallocated"]
    assert new["plants"] == []
    assert new["green_supply_mwh"] == near(0.0)
    assert [row["reallocated"] for row in found["plants"]] == [False, True]


# --- where it goes


@pytest.fixture(scope="module")
def solved():
    table = micro(
        roof([3.0, 0.0]),
        contract(),
        grid(price_cny_per_mwh=[100.0, 100.0], export_max_mw=1.0, export_price_cny_per_mwh=10.0),
        demand(power_mw=[4.0, 9.0]),
        other_energy={"gas": {"fuel": "natural_gas", "amount_m3": 1e4, "sources": {"default": "gas bills of 2024"}}},
        verdict={"process_co2_t": 0.0, "sources": {"default": "inventory of 2024"}},
    )
    return api.solve(read_park(table))


def test_the_summary_and_the_public_call_tell_the_same(solved):
    figures = summarise(solved)
    assert figures["verdict"] == ps.verdict(solved)
    assert json.loads(as_json(figures))["verdict"]["clauses"][0]["key"] == "co2_per_energy"
    assert "NaN" not in as_json(figures)
    assert "Infinity" not in as_json(figures)


def test_the_dataset_holds_the_clauses_and_survives_its_file(solved, tmp_path):
    again = read_dataset(write_dataset(solved, tmp_path / "result.nc"))
    assert ps.verdict(again) == ps.verdict(solved)
    found = findings(solved)
    assert again["clause"].to_numpy().tolist() == [f.key for f in found]
    assert again["clause_outcome"].to_numpy().tolist() == [f.outcome for f in found]
    assert again["clause_unit"].to_numpy().tolist() == [f.clause.unit for f in found]
    assert again["clause_missing"].to_numpy().tolist() == [" ".join(f.missing) for f in found]
    for name in ("figure", "figure_max", "limit"):
        np.testing.assert_array_equal(again[f"clause_{name}"], [getattr(f, name) for f in found])


def test_fields_stand_in_the_dataset_with_their_sources(solved):
    told_of = dict(zip(solved["field"].to_numpy(), solved["field_source"].to_numpy(), strict=True))
    assert told_of["other_energy.gas.amount_m3"] == "gas bills of 2024"
    assert told_of["verdict.process_co2_t"] == "inventory of 2024"
    assert told_of["verdict.untitled_t_per_mwh"] == "default of parksim"
    line = ps.verdict(solved)["energy"]["lines"]
    assert [each["amount_source"] for each in line if each["key"].startswith("other")] == []
    solved_year = solved.copy(deep=False)
    solved_year.attrs = {**solved.attrs, "year_share": 1.0}
    gas = ps.verdict(solved_year)["energy"]["lines"][-1]
    assert gas["amount_source"] == "gas bills of 2024"
    assert "389.31" in gas["heat_source"]


def test_sources_of_measured_factors_are_the_files():
    fuel = {"fuel": "steam", "amount_t": 5.0, "heat_gj_per_t": 2.8, "co2_t_per_gj": 0.1}
    sources = {"amount_t": "meter", "heat_gj_per_t": "steam table", "co2_t_per_gj": "plant's statement"}
    found = told(*bought(1.0), other_energy={"s": {**fuel, "sources": sources}})["energy"]["lines"][-1]
    assert [found[f"{name}_source"] for name in ("amount", "heat", "co2")] == list(sources.values())


def test_every_term_has_a_source_and_names_a_field(solved):
    terms = ps.verdict(solved)["terms"]
    assert set(USUAL) <= set(Verdict.model_fields)
    assert terms["sources"]["process_co2_t"] == "inventory of 2024"
    assert all(text for text in terms["sources"].values())


def test_park_files_come_back_as_they_were():
    table = micro(
        *bought(1.0),
        other_energy={"s": {"title": "蒸汽", "fuel": "steam", "amount_gj": 5.0, "sources": {"default": "the meter"}}},
        verdict={"certificates_mwh": 3.0, "connection_year": 2031, "continuous_spot": False},
    )
    park = read_park(table)
    assert read_park(tomllib.loads(park_toml(park))) == park
    assert park_toml(park).count("verdict") == 1, "what was left out stays out"


def test_a_what_if_moves_other_energy_and_terms():
    table = micro(
        *bought(1e6), other_energy={"gas": {"fuel": "natural_gas", "amount_m3": 1e6}}, verdict={"process_co2_t": 0.0}
    )
    held = ps.live(read_park(table))
    held.set({"other_energy.gas.amount_m3": 2e6, "verdict.certificates_mwh": 5e5, "verdict.continuous_spot": True})
    ds = held.solve()
    ds.attrs["year_share"] = 1.0
    found = verdict(ds)
    assert found["energy"]["lines"][-1]["amount"] == 2e6
    assert found["certificates"]["counted_mwh"] == near(5e5)
    assert found["terms"]["continuous_spot"] is True


def said(found):
    """What the terminal says of a verdict."""
    return to_plain(" ".join(points(found)))


def test_the_terminal_tells_it_in_three_points():
    found = all_electric(1e6, 1e6)
    assert len(points(found)) == 3
    text = said(found)
    assert "fail, 2.77 tCO2/tce, at most 0.2 tCO2/tce; 928 000 MWh of green certificates a year" in text
    assert "4.28 million CNY to 5.25 million CNY" in text
    assert "Supplied directly 0 % of electricity, at least 50 % in principle" in text
    bare = said(told(*bought(1e6)))
    assert "cannot be judged, 2.77 tCO2/tce of electricity alone" in bare
    assert "[other_energy.NAME]" in bare


def test_without_process_co2_certificates_are_told_as_the_least():
    """What processes give off can only widen the gap: neither figure nor certificates are told as the whole."""
    terms = {"all_electric": True}
    open_end = said(told(*bought(1e6), verdict=terms))
    assert "2.77 tCO2/tce or more, at most 0.2" in open_end
    assert "at least 928 000 MWh of green certificates a year" in open_end
    assert "at least 928" not in said(told(*bought(1e6), verdict={**terms, "process_co2_t": 0.0}))


def test_limits_that_hold_in_principle_or_in_part_say_so():
    assert [key for key, each in CLAUSES.items() if each.in_principle] == ["direct_supply"]
    for ending in ("", "_with_hydro"):
        assert any("as a rule" in doubt for doubt in CLAUSES[f"connection_export{ending}"].doubts)
        assert any("part of the load" in doubt for doubt in CLAUSES[f"connection_share{ending}"].doubts)


@pytest.mark.parametrize(
    ("tce", "words"),
    [
        (2e4, "from 20 000 t to 200 000 t"),
        (2e5, "from 200 000 t to 1 000 000 t"),
        (999_999.0, "from 200 000 t to 1 000 000 t"),
        (1e6, "of 1 000 000 t and more"),
    ],
)
def test_the_band_of_the_core_limit_is_told(tce, words):
    assert words in to_plain(band(tce))


# --- the tables themselves


def test_fuels_are_those_the_park_file_may_name():
    assert set(FUELS) == set(get_args(FuelName))
    for fuel in FUELS.values():
        assert bool(fuel.heat_source) == (fuel.heat_gj_per_t is not None or fuel.heat_gj_per_m3 is not None)
        assert bool(fuel.co2_source) == (fuel.co2_t_per_gj is not None)


def test_factors_are_those_of_the_standards():
    gas = FUELS["natural_gas"]
    assert 1e4 * gas.heat_gj_per_m3 * gas.co2_t_per_gj == pytest.approx(21.62, abs=0.005)  # t per 10,000 m3
    assert gas.co2_t_per_gj * 29.307 == pytest.approx(1.63, abs=0.005)  # t per tce
    assert FUELS["raw_coal"].heat_gj_per_t == pytest.approx(20.934, abs=0.001)


def test_clauses_say_all_of_themselves(solved):
    for key, each in CLAUSES.items():
        assert all(str(getattr(each, f.name)) for f in fields(Clause) if f.name != "doubts"), key
        assert each.certainty == "verified" or each.doubts, key
        assert list(each.limits) == sorted(each.limits, reverse=each.sense == "at least"), "the strictest first"
    assert all(math.isfinite(limit) for each in CLAUSES.values() for limit in each.limits)
    assert all(text and not text.endswith(".") for text in MISSING.values())
    assert {key for each in ps.verdict(solved)["clauses"] for key in each["missing"]} <= set(MISSING)
