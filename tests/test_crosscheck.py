"""Crosscheck: the same cheapest cost in other engines on random parks, and every way in which it may fail is told."""

import builtins
import json
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import parksim as ps
from parksim import cli, testing
from parksim.components._cases import demand, grid, micro
from parksim.errors import AuditError, InputError, NoSolution
from parksim.park import read_park
from parksim.peers import crosscheck as module
from parksim.peers import oemof as in_oemof
from parksim.peers.crosscheck import PEERS, crosscheck, plain, refuse, verdict

PRICES = [10.0, 100.0]
LOAD = [1.0, 2.0]


def plain_park(*parts, **fields):
    return read_park(micro(grid(price_cny_per_mwh=PRICES, **fields), demand(power_mw=LOAD), *parts))


def value(found, name, engine):
    return found[name].sel(engine=engine).item()


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_random_parks_cost_the_same_in_every_engine(seed):
    found = crosscheck(read_park(testing.random_table(seed)))
    refuse(found)
    assert found["engine"].to_numpy().tolist() == ["parksim", "pypsa", "oemof"]
    assert not any(found["problem"].to_numpy())
    assert np.abs(found["gap"].to_numpy()).max() <= 1e-6
    decided = [flow for flow in found["flow"].to_numpy() if not flow.endswith(".inflow")]
    assert np.isfinite(found["energy"].sel(flow=decided).to_numpy()).all()
    for engine in ("pypsa", "oemof"):
        assert found["energy"].sel(flow="load.use", engine=engine) == pytest.approx(
            found["energy"].sel(flow="load.use", engine="parksim").item()
        )
    assert verdict(found) == "The cheapest cost is the same in PyPSA and oemof-solph."


def test_the_answers_stand_side_by_side_with_their_units():
    """1 MWh at 10 and 2 MWh at 100 CNY."""
    told = []
    found = ps.crosscheck(plain_park(), progress=told.append)
    for engine in ("parksim", *PEERS):
        assert value(found, "objective", engine) == pytest.approx(210.0)
        assert found["energy"].sel(flow="grid.buy", engine=engine) == pytest.approx(3.0)
        assert value(found, "seconds", engine) > 0.0
        assert value(found, "version", engine)[0].isdigit()
    units = {name: found[name].attrs.get("units") for name in ("objective", "gap", "seconds", "energy")}
    assert units == {"objective": "CNY", "gap": "1", "seconds": "s", "energy": "MWh"}
    assert found.attrs["note"] == ""
    assert told[-2:] == ["pypsa", "oemof"]
    assert plain(found)["engines"]["oemof"]["objective_cny"] == pytest.approx(210.0)
    assert plain(found)["energy_mwh"]["grid.buy"]["pypsa"] == pytest.approx(3.0)


BROKEN = {
    "the demand charge is left out": lambda plan: plan.peaks.clear(),
    "the sun shines at night": lambda plan: plan.flows.__setitem__(
        2, replace(plan.flows[2], share=np.ones_like(plan.flows[2].share))
    ),
}


@pytest.mark.parametrize("part", BROKEN)
def test_a_broken_model_is_caught(part, monkeypatch):
    sun = {"name": "sun", "kind": "pv", "power_max_mw": 1.0, "available": [0.5, 0.0]}
    park = plain_park(sun, demand_cny_per_mw_month=7_440.0)
    made = in_oemof.plan_of

    def broken(*given):
        plan = made(*given)
        BROKEN[part](plan)
        return plan

    refuse(crosscheck(park, peers=["oemof"]))
    monkeypatch.setattr(in_oemof, "plan_of", broken)
    found = crosscheck(park, peers=["oemof"])
    assert verdict(found) == ""
    with pytest.raises(AuditError, match="objective in oemof-solph") as caught:
        refuse(found)
    assert caught.value.table["objective in oemof-solph"] == pytest.approx(abs(value(found, "gap", "oemof")))


def test_a_peer_without_an_optimum_is_a_difference(monkeypatch):
    made = in_oemof.plan_of

    def impossible(*given):
        plan = made(*given)
        plan.flows[:] = [replace(flow, rating_mw=0.5) if flow.label == "grid.buy" else flow for flow in plan.flows]
        return plan

    monkeypatch.setattr(in_oemof, "plan_of", impossible)
    found = crosscheck(plain_park(), peers=["oemof"])
    assert "oemof-solph found no optimum, parksim did" in value(found, "problem", "oemof")
    with pytest.raises(AuditError, match="oemof-solph inf"):
        refuse(found)


def test_plans_of_the_same_cost_are_told_apart_by_flow(monkeypatch):
    """Of two grids at one price either may serve; a peer that takes the other one is not wrong."""
    twin = grid(price_cny_per_mwh=PRICES) | {"name": "twin"}
    park = plain_park(twin)
    ours = ps.solve(park)["power"].sel(flow="grid.buy").to_numpy()
    solve = in_oemof.solve

    def swapped(*given):
        answer = solve(*given)
        return replace(answer, power_mw={**answer.power_mw, "grid.buy": np.array(LOAD) - ours, "twin.buy": ours})

    monkeypatch.setattr(in_oemof, "solve", swapped)
    found = crosscheck(park, peers=["oemof"])
    refuse(found)
    assert found.attrs["note"].startswith("Plans of the same cost may differ, and do in: grid.buy, twin.buy.")


def test_what_a_peer_cannot_express_is_told_in_park_words_and_is_no_difference():
    """PyPSA builds no objective where no energy has a price; oemof-solph answers all the same."""
    park = read_park(micro(grid(price_cny_per_mwh=[0.0, 0.0], demand_cny_per_mw_month=100.0), demand(power_mw=LOAD)))
    found = crosscheck(park)
    refuse(found)
    assert "no energy has a price" in value(found, "problem", "pypsa")
    assert np.isnan(value(found, "objective", "pypsa"))
    assert verdict(found) == "The cheapest cost is the same in oemof-solph."
    assert verdict(crosscheck(park, peers=["pypsa"])) == "There was nothing to compare with."


def test_a_park_without_a_solution_is_told_before_any_peer_is_asked():
    with pytest.raises(NoSolution):
        crosscheck(plain_park(import_max_mw=1.0))


@pytest.mark.parametrize(
    ("peers", "words"), [(["pipsa"], "got 'pipsa', must be of pypsa, oemof. Did you mean 'pypsa'?"), ([], "is empty")]
)
def test_names_that_are_no_engine_are_told(peers, words):
    with pytest.raises(InputError) as caught:
        crosscheck(plain_park(), peers=peers)
    assert words in str(caught.value)


@pytest.fixture
def without(monkeypatch):
    """Make packages look as if they were not installed."""

    def hide(*names):
        load = builtins.__import__

        def refusing(name, *rest, **more):
            if name.split(".")[0] in names:
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)
            return load(name, *rest, **more)

        monkeypatch.setattr(builtins, "__import__", refusing)
        for peer in PEERS:
            monkeypatch.delitem(sys.modules, f"parksim.peers.{peer}", raising=False)

    return hide


def test_one_peer_that_is_not_installed_is_told_beside_the_other(without):
    without("pypsa")
    found = crosscheck(plain_park())
    refuse(found)
    assert value(found, "problem", "pypsa") == ("PyPSA is not installed. Install with: pip install 'parksim[peers]'.")
    assert verdict(found) == "The cheapest cost is the same in oemof-solph."


@pytest.mark.parametrize(
    ("peers", "words"),
    [
        (("pypsa", "oemof"), "peers: neither PyPSA nor oemof-solph is installed. Install with: pip install"),
        (("oemof",), "peers: oemof-solph is not installed. Install with: pip install 'parksim[peers]'."),
    ],
)
def test_without_any_peer_nothing_is_solved(peers, words, without, monkeypatch):
    without("pypsa", "oemof")
    monkeypatch.setattr(module, "solve_park", None)
    with pytest.raises(InputError) as caught:
        crosscheck(plain_park(), peers=peers)
    assert words in str(caught.value)


# --- the command


@pytest.fixture
def call(capsys):
    def run(*arguments):
        with pytest.raises(SystemExit) as left:
            cli.main(["crosscheck", *arguments])
        said = capsys.readouterr()
        return left.value.code or 0, said.out, said.err

    return run


def test_the_command_shows_costs_energies_and_what_follows(call):
    code, out, err = call("two-days")
    assert (code, err) == (0, "")
    for engine in ("parksim 0.1.0", "PyPSA", "oemof-solph"):
        (line,) = [line for line in out.splitlines() if line.startswith(engine)]
        assert "121,862.55" in line
    (bought,) = [line for line in out.splitlines() if line.startswith("grid.buy")]
    assert bought.split() == ["grid.buy", *["286.267"] * 3]
    assert out.endswith("The cheapest cost is the same in PyPSA and oemof-solph.\n")


def test_the_command_as_json_and_one_peer(call):
    code, out, _ = call("two-days", "--peer", "oemof", "--json")
    told = json.loads(out)
    assert code == 0
    assert [*told["engines"]] == ["parksim", "oemof"]
    assert abs(told["engines"]["oemof"]["gap"]) <= 1e-6
    assert told["energy_mwh"]["grid.buy"]["oemof"] == pytest.approx(told["energy_mwh"]["grid.buy"]["parksim"])


def test_the_command_ends_with_4_where_the_cost_differs(call, monkeypatch):
    solve = in_oemof.solve
    monkeypatch.setattr(in_oemof, "solve", lambda *given: replace(solve(*given), objective_cny=121_862.0))
    code, out, err = call("two-days", "--peer", "oemof")
    assert code == 4
    assert "121,862.00" in out
    assert "objective in oemof-solph 4.5e-06" in err


def test_the_command_ends_with_2_where_no_peer_is_installed(call, without):
    without("pypsa", "oemof")
    code, out, err = call("two-days")
    assert (code, out) == (2, "")
    assert "pip install 'parksim[peers]'" in err


def test_the_command_is_quiet_where_asked(call):
    assert call("two-days", "--peer", "oemof", "--quiet") == (0, "", "")
