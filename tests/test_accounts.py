"""What a run means, worked out by hand; and an audit that finds whatever is wrong with an answer."""

import json
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from parksim import api, results, testing
from parksim.accounts.audit import TOLERANCE, audit
from parksim.accounts.claims import claim_figures
from parksim.accounts.summary import summarise
from parksim.components._cases import demand, grid, micro, shortfall, source
from parksim.errors import AuditError
from parksim.lp.highs import Solver
from parksim.output import as_json
from parksim.park import read_park
from parksim.slices import restated


def store(**fields):
    plain = {"power_max_mw": 10.0, "energy_max_mwh": 10.0, "eff_in": 1.0, "eff_out": 1.0}
    return {"name": "battery", "kind": "battery", **plain, **fields}


def contract(**fields):
    terms = {"delivery": "line", "technology": "hydro", "plant": "existing", "certificate": "none"}
    plain = {"power_max_mw": 4.0, "available": 1.0, "price_cny_per_mwh": 50.0}
    return {"name": "hydro", "kind": "direct_supply", **terms, **plain, **fields}


def figures_of(*parts, **tables):
    return summarise(api.solve(read_park(micro(*parts, **tables))))


def near(value):
    return pytest.approx(value, rel=1e-9, abs=1e-9)


# --- energy


def test_stored_surplus_counts_as_green_after_its_losses():
    """8 MWh made, 3 used at once, 5 stored, 2.5 come back at an efficiency of 0.5; half a MWh is bought."""
    figures = figures_of(
        source(power_mw=[8.0, 0.0]),
        grid(price_cny_per_mwh=[100.0, 100.0]),
        demand(power_mw=[3.0, 3.0]),
        store(eff_out=0.5),
    )
    assert figures["green_supply_mwh"] == near(5.5)
    assert figures["green_share"] == near(5.5 / 6.0)
    assert figures["self_use_share"] == near(1.0)
    assert figures["import_mwh"] == near(0.5)
    assert figures["curtailed_mwh"] == near(0.0)
    assert figures["storage"]["battery"] == {
        "charge_mwh": near(5.0),
        "discharge_mwh": near(2.5),
        "full_cycles": near(0.5),  # 5 MWh up and 5 MWh down of 10 usable
        "rainflow_cycles": near(1.0),
        "mean_depth": near(0.5),
        "energy_usable_mwh": near(10.0),
        "loss_mwh": near(2.5),
    }


def test_a_store_hands_on_the_mix_it_was_charged_with():
    """Hour 1: 4 MW green and 4 MW bought feed 2 MW of load and 6 MW of charging, all half green; hour 2: 6 MW back."""
    figures = figures_of(
        source(power_mw=[4.0, 0.0]), grid(price_cny_per_mwh=[10.0, 100.0]), demand(power_mw=[2.0, 6.0]), store()
    )
    assert figures["import_mwh"] == near(4.0)
    assert figures["green_supply_mwh"] == near(0.5 * 2.0 + 0.5 * 6.0)


def test_sold_and_curtailed_energy_is_not_self_used():
    """10 MWh could be made, 3 are used, 5 sold, 2 curtailed; the other hour is bought."""
    figures = figures_of(
        source(power_mw=[10.0, 0.0]),
        grid(price_cny_per_mwh=[100.0, 100.0], export_max_mw=5.0, export_price_cny_per_mwh=40.0),
        demand(power_mw=[3.0, 3.0]),
    )
    assert figures["curtailed_mwh"] == near(2.0)
    assert figures["export_mwh"] == near(5.0)
    assert figures["self_use_share"] == near(3.0 / 10.0)
    assert figures["green_supply_mwh"] == near(3.0)
    assert figures["green_share"] == near(0.5)
    assert figures["peak_import_mw"] == near(3.0)
    assert figures["peak_load_mw"] == near(3.0)


def test_energy_not_taken_of_a_contract_is_told_apart_from_curtailment():
    """Of 4 MW for two hours, 3 + 3 MWh are taken."""
    figures = figures_of(contract(), grid(price_cny_per_mwh=[100.0, 100.0]), demand(power_mw=[3.0, 3.0]))
    assert figures["direct_mwh"] == near(6.0)
    assert figures["direct_not_taken_mwh"] == near(2.0)
    assert figures["curtailed_mwh"] == near(0.0)
    assert figures["self_use_share"] == near(6.0 / 8.0)


def test_spilled_water_is_curtailed_and_held_water_is_not():
    """4 MW of turbines, 2 MWh of lake, inflow 9 and 1: 3 are spilled, 7 made."""
    figures = summarise(api.solve(read_park(testing.CASES["reservoir"][1].park())))
    assert figures["renewable_mwh"] == near(7.0)
    assert figures["curtailed_mwh"] == near(3.0)
    assert figures["storage"] == {}, "a lake is no battery: it draws nothing from the park"


def test_unserved_energy_lowers_what_is_served_and_is_not_green():
    figures = figures_of(
        source(power_mw=[1.0, 1.0]),
        grid(price_cny_per_mwh=[100.0, 100.0], import_max_mw=1.0),
        demand(power_mw=[2.0, 4.0]),
        shortfall(price_cny_per_mwh=1e4),
    )
    assert figures["unserved_mwh"] == near(2.0)
    assert figures["green_supply_mwh"] == near(1.0 + 1.0)  # half of 2, a quarter of 4
    assert figures["green_share"] == near(2.0 / 4.0)
    assert figures["cost_cny_per_mwh"] == near((200.0 + 20_000.0) / 4.0)


@pytest.mark.parametrize("minutes", [15, 60])
def test_energy_is_power_times_the_step(minutes):
    steps = 2 * 60 // minutes
    figures = figures_of(
        source(power_mw=[5.0] * steps),
        grid(price_cny_per_mwh=[100.0] * steps),
        demand(power_mw=[8.0] * steps),
        step_minutes=minutes,
    )
    assert figures["load_mwh"] == near(16.0)
    assert figures["green_supply_mwh"] == near(10.0)
    assert figures["import_mwh"] == near(6.0)
    assert figures["emissions_t"]["case"] == near(3.0)


# --- CO2, claims, money

FACTORS = {"sichuan": 0.1564, "southwest": 0.2472, "national": 0.5306, "residual": 0.6096, "fossil": 0.8273}
"""Average factors of grid electricity for 2023; MEE and NBS, Announcement 2025 No. 47 [t MWh-1]."""


def yardstick(factor, **fields):
    return {"title": "t", "factor_t_per_mwh": factor, "year": 2023, **fields}


def test_each_yardstick_counts_for_itself():
    """1 GWh of green supply avoids 156.4, 247.2, 530.6, 609.6, 827.3 t; beside it 500 MWh are bought."""
    figures = figures_of(
        source(power_mw=[100.0] * 10),
        grid(price_cny_per_mwh=[100.0] * 10),
        demand(power_mw=[150.0] * 10),
        yardsticks={name: yardstick(factor) for name, factor in FACTORS.items()},
    )
    assert figures["green_supply_mwh"] == near(1000.0)
    expected = {"sichuan": 156.4, "southwest": 247.2, "national": 530.6, "residual": 609.6, "fossil": 827.3}
    assert figures["avoided_co2_t"] == {name: near(tonnes) for name, tonnes in expected.items()}
    assert figures["emissions_t"] == {name: near(tonnes / 2) for name, tonnes in expected.items()}


def test_a_yardstick_may_net_what_is_sold():
    """3 MWh bought, 5 sold."""
    figures = figures_of(
        source(power_mw=[10.0, 0.0]),
        grid(price_cny_per_mwh=[100.0, 100.0], export_max_mw=5.0, export_price_cny_per_mwh=40.0),
        demand(power_mw=[3.0, 3.0]),
        yardsticks={"gross": yardstick(0.5), "net": yardstick(0.8325, net_of_export=True)},
    )
    assert figures["emissions_t"] == {"gross": near(1.5), "net": near(0.8325 * -2.0)}


@pytest.mark.parametrize(("plant", "additional"), [("existing", 0.25), ("new", 1.0)])
def test_energy_of_plants_that_existed_is_not_additional(plant, additional):
    """1 MW of the park's own and 3 MW by contract."""
    figures = figures_of(
        source(power_mw=[1.0, 1.0]),
        contract(plant=plant),
        grid(price_cny_per_mwh=[100.0, 100.0]),
        demand(power_mw=[4.0, 4.0]),
    )
    assert figures["green_supply_mwh"] == near(8.0)
    assert figures["avoided_co2_t"]["case"] == near(4.0)
    assert figures["avoided_additional_co2_t"]["case"] == near(4.0 * additional)


def of_a_year(figures, years=1.0):
    """The claims of a run as if its horizon were as many years."""
    claims = {
        str(n): {"title": c["claim"], "figure": c["figure"], "value": c["claimed"], "source": c["source"]}
        for n, c in enumerate({c["claim"]: c for c in figures["claims"]}.values())
    }
    ds = xr.Dataset(attrs={"claims": json.dumps(claims), "year_share": years})
    return claim_figures(ds, figures)


def test_two_years_are_held_against_a_claim_of_one():
    figures = {"green_supply_mwh": 12.0, "claims": []}
    ds = xr.Dataset(
        attrs={
            "claims": json.dumps({"a": {"title": "t", "figure": "green_supply_mwh", "value": 8.0, "source": ""}}),
            "year_share": 2.0,
        }
    )
    assert claim_figures(ds, figures)[0]["simulated"] == 6.0
    assert claim_figures(ds, figures)[0]["verdict"] == "not met"


def test_claims_are_held_against_the_run_by_every_yardstick():
    figures = figures_of(
        source(power_mw=[3.0, 3.0]),
        grid(price_cny_per_mwh=[100.0, 100.0]),
        demand(power_mw=[4.0, 4.0]),
        yardsticks={"low": yardstick(0.2), "high": yardstick(1.0)},
        claims={
            "supply": {"title": "6 MWh", "figure": "green_supply_mwh", "value": 6.0, "source": "a paper"},
            "share": {"title": "all", "figure": "green_share", "value": 1.0},
            "avoided": {"title": "5 t", "figure": "avoided_co2_t", "value": 5.0},
        },
    )
    assert {c["verdict"] for c in figures["claims"] if c["figure"] != "green_share"} == {"not judged"}, "two hours"
    told = [(c["claim"], c["yardstick"], c["ratio"], c["verdict"]) for c in of_a_year(figures)]
    assert told == [
        ("6 MWh", None, near(1.0), "met"),
        ("all", None, near(0.75), "not met"),
        ("5 t", "low", near(0.24), "not met"),
        ("5 t", "high", near(1.2), "met"),
    ]
    assert figures["claims"][0]["source"] == "a paper"


@pytest.mark.parametrize(("claimed", "verdict"), [(0.8, "met"), (0.8 + 1e-6, "not met")])
def test_a_claim_missed_by_rounding_alone_is_met(claimed, verdict):
    """0.1 + 0.7 is 0.7999999999999999 to a computer."""
    figures = figures_of(
        source(power_mw=[0.1, 0.7]),
        grid(price_cny_per_mwh=[100.0, 100.0]),
        demand(power_mw=[1.0, 1.0]),
        claims={"supply": {"title": "0.8 MWh", "figure": "green_supply_mwh", "value": claimed}},
    )
    assert figures["green_supply_mwh"] < 0.8
    assert of_a_year(figures)[0]["verdict"] == verdict


def test_money_is_told_by_component_and_term():
    figures = figures_of(
        source(power_mw=[8.0, 0.0]),
        grid(
            price_cny_per_mwh=[100.0, 200.0],
            demand_cny_per_mw_month=7_440.0,
            export_max_mw=2.0,
            export_price_cny_per_mwh=30.0,
        ),
        demand(power_mw=[3.0, 3.0]),
        contract(power_max_mw=1.0, network_cny_per_mwh=20.0, funds_cny_per_mwh=5.0),
    )
    told = {name: value for name, value in figures["cost_cny"].items() if value}
    assert told == {
        "grid.energy": near(2.0 * 200.0),
        "grid.sales": near(-2.0 * 30.0),
        "grid.demand_charge": near(2.0 * 7_440.0 * 2 / 744),
        "hydro.energy": near(50.0),
        "hydro.network": near(20.0),
        "hydro.funds": near(5.0),
        "total": near(400.0 - 60.0 + 40.0 + 75.0),
    }
    assert figures["objective_cny"] == near(figures["cost_cny"]["total"])


def test_the_summary_holds_what_is_promised_and_is_json():
    figures = summarise(api.solve(read_park(testing.random_table(11))))
    promised = {"park", "load_mwh", "unserved_mwh", "green_supply_mwh", "green_share", "self_use_share", "import_mwh"}
    promised |= {"export_mwh", "curtailed_mwh", "peak_import_mw", "storage", "cost_cny", "objective_cny", "emissions_t"}
    promised |= {"avoided_co2_t", "claims", "solver", "ties", "audit", "notes"}
    assert promised <= set(figures)
    asked = {"rows", "columns", "nonzeros", "iterations", "seconds", "duality_gap"}
    assert asked <= set(figures["solver"])
    assert set(figures["solver"]["seconds"]) <= set(api.PHASES)
    again = json.loads(as_json(figures))
    assert again["cost_cny"] == figures["cost_cny"]


# --- the audit

FULL = micro(
    source(power_mw=[8.0, 0.0, 2.0, 0.0]),
    grid(
        price_cny_per_mwh=[100.0, 300.0, 100.0, 300.0],
        demand_cny_per_mw_month=7_440.0,
        import_max_mw=10.0,
        import_energy_max_mwh=100.0,
        export_max_mw=1.0,
        export_price_cny_per_mwh=10.0,
    ),
    demand(power_mw=[3.0, 12.0, 3.0, 12.0]),
    store(power_max_mw=1.5, energy_max_mwh=4.0, eff_out=0.9, wear_cny_per_mwh=5.0, auxiliary_fraction=0.01),
    contract(take_or_pay_fraction=0.9, take_or_pay_cny_per_mwh=10.0, loss_fraction=0.05),
    {
        "name": "lake",
        "kind": "reservoir",
        "power_max_mw": 0.6,
        "energy_max_mwh": 1.0,
        "inflow_mw": 0.5,
        "ecological_mw": 0.1,
    },
)


def answer(change=None):
    """The Dataset of a park of every law, changed before its components restate themselves."""
    found = testing.solved(FULL)
    ds = results.build(found.park, found.program, found.inputs, found.lp, found.solution, found.solution)
    if change is not None:
        change(ds)
    return ds.assign(restated(ds, found.park.components))


def test_a_right_answer_passes():
    assert max(audit(answer()).values()) < 1e-9


def add(variable, dim, label, amount, step=1):
    def change(ds):
        ds[variable].loc[{dim: label}][{"time": step}] += amount

    return change


def both(*changes):
    def change(ds):
        for each in changes:
            each(ds)

    return change


def put(variable, dim, label, value):
    def change(ds):
        ds[variable].loc[{dim: label}] = value

    return change


def objective(factor):
    def change(ds):
        ds.attrs["objective_cny"] *= factor

    return change


def circle(amount):
    """Buy and sell more at once: the balance holds, limits and ledgers do not."""
    return both(add("power", "flow", "grid.buy", amount), add("power", "flow", "grid.sell", amount))


WRONG = {
    "a flow that nobody answers": (add("power", "flow", "grid.buy", 0.01), "electricity.balance"),
    "a flow above its limit": (circle(5.0), "grid.sell.bounds"),
    "a flow below zero": (circle(-30.0), "grid.buy.bounds"),
    "a fixed flow that moved": (add("power", "flow", "demand.use", 0.01), "demand.use.bounds"),
    "a peak below what was bought": (put("peak_value", "peak", "grid.peak", 0.0), "grid.peak_limit_slack"),
    "a content that follows no flow": (add("content", "level", "battery.held", 0.01), "battery.content"),
    "a content above its limit": (add("content", "level", "battery.held", 9.0), "battery.held.bounds"),
    "a start that is not the end": (put("content_start", "level", "battery.held", 1.5), "battery.content"),
    "water from nowhere": (add("power", "flow", "lake.make", 0.01), "lake.content"),
    "water held back": (
        both(*(put("power", "flow", f"lake.{flow}", 0.0) for flow in ("make", "spill"))),
        "lake.ecological_slack",
    ),
    "own use that was forgotten": (put("power", "flow", "battery.auxiliary", 0.0), "battery.auxiliary"),
    "a total that is no sum": (put("total_value", "total", "grid.buy_per_year", 1.0), "grid.buy_per_year.sum"),
    "a cap that is broken": (put("total_value", "total", "grid.buy_per_year", 101.0), "grid.import_energy_slack"),
    "energy not paid for": (put("total_value", "total", "hydro.missed", -9.0), "hydro.take_or_pay_slack"),
    "a bill that is too low": (add("cost", "term", "grid.energy", -1.0), "grid.energy.ledger"),
    "a peak not billed": (put("cost", "term", "grid.demand_charge", 0.0), "grid.demand_charge.ledger"),
    "wear not booked": (put("cost", "term", "battery.wear", 0.0), "battery.wear.ledger"),
    "CO2 not booked": (add("co2", "source", "grid.purchase", -0.1), "grid.purchase.ledger"),
    "another objective": (objective(1.0001), "objective"),
    "no number": (add("power", "flow", "grid.buy", np.nan), "electricity.balance"),
    "no content": (add("content", "level", "battery.held", np.nan), "battery.content"),
}


@pytest.mark.parametrize("name", WRONG)
def test_the_audit_finds_it(name):
    change, check = WRONG[name]
    with pytest.raises(AuditError) as told:
        audit(answer(change))
    assert check in told.value.table, told.value.table
    assert told.value.exit_code == 4
    assert "audit" in str(told.value)


LOOSE = {
    "grid.buy": "grid.import_slack",
    "grid.sell": "grid.export_slack",
    "battery.charge": "battery.charge_slack",
    "battery.discharge": "battery.discharge_slack",
    "battery.held": "battery.level_max_slack",
    "hydro.take": "hydro.take_slack",
    "source.make": "source.available_slack",
    "lake.make": "lake.make_slack",
    "lake.held": "lake.level_max_slack",
    "lake.inflow": "lake.inflow",
    "demand.use": "demand.power",
    "battery.auxiliary": "battery.auxiliary",
}
"""Column to the check that must see a wrong upper limit of it."""


@pytest.mark.parametrize("label", LOOSE)
def test_an_lp_with_a_wrong_limit_is_found_out(label):
    """The limit is wrong in the LP and so in the Dataset's own bounds: only the component restated can tell."""
    found = testing.solved(FULL)
    block = found.program.columns[label]
    upper, cost = found.lp.upper.copy(), np.zeros_like(found.lp.cost)
    upper[block.slice] = 1.5 * upper[block.slice] + 0.1
    cost[block.slice] = -(10.0 ** np.arange(block.length))  # as much as it can, late above all
    loose = replace(found.lp, upper=upper, lower=np.minimum(found.lp.lower, upper), cost=cost)
    solution = Solver(loose).run()
    assert solution.optimal
    ds = results.build(found.park, found.program, found.inputs, loose, solution, solution)
    with pytest.raises(AuditError) as told:
        audit(ds.assign(restated(ds, found.park.components)))
    assert LOOSE[label] in told.value.table
    assert f"{label}.bounds" not in told.value.table


def test_a_store_that_ends_too_low_is_found_out():
    table = micro(
        grid(price_cny_per_mwh=[100.0, 100.0]),
        demand(power_mw=[3.0, 3.0]),
        store(energy_start_fraction=0.5, energy_end_fraction=0.4, level_min_fraction=0.1),
    )
    found = testing.solved(table)
    held = found.program.columns["battery.held"]
    lower = found.lp.lower.copy()
    lower[held.slice] = 0.0
    loose = replace(found.lp, lower=lower)
    solution = Solver(loose).run()
    ds = results.build(found.park, found.program, found.inputs, loose, solution, solution)
    with pytest.raises(AuditError) as told:
        audit(ds.assign(restated(ds, found.park.components)))
    assert {"battery.level_min_slack", "battery.end_slack"} <= set(told.value.table)


def test_a_term_that_no_component_restates_is_refused():
    ds = answer().assign_coords(
        restated=["grid.else" if n == "grid.energy" else n for n in answer()["restated"].to_numpy()]
    )
    with pytest.raises(AuditError) as told:
        audit(ds)
    assert set(told.value.table) == {"grid.energy.ledger"}
    assert told.value.table["grid.energy.ledger"] == np.inf


@pytest.mark.parametrize(("gap", "passes"), [(0.5, True), (2.0, False)])
def test_gaps_are_relative_to_the_largest_term(gap, passes):
    """Making a little less than one could breaks no law but the balance of the node."""
    right = answer()
    largest = float(right["power"][:, 0].where(right["flow_node"] == "electricity").max())
    assert largest > 4.0
    ds = answer(add("power", "flow", "source.make", -gap * TOLERANCE * largest, step=0))
    if passes:
        assert audit(ds)["electricity.balance"] == pytest.approx(gap * TOLERANCE, rel=1e-6)
        return
    with pytest.raises(AuditError) as told:
        audit(ds)
    assert set(told.value.table) == {"electricity.balance"}


def test_a_solve_whose_answer_fails_its_audit_gives_no_result(monkeypatch):
    real = api.drafted

    def spoilt(*arguments):
        draft = real(*arguments)
        draft.variables["power"].to_numpy()[0, 0] += 1.0
        return draft

    monkeypatch.setattr(api, "drafted", spoilt)
    with pytest.raises(AuditError):
        api.solve(read_park(FULL))
