"""The same park in PyPSA and oemof-solph has the same optimum, and every part of a park counts in it."""

from dataclasses import replace

import numpy as np
import pytest

from parksim.component import Component
from parksim.components import KINDS
from parksim.components._cases import demand, grid, micro, shortfall
from parksim.inputs import gather
from parksim.lp.highs import solve as solve_lp
from parksim.lp.program import Program
from parksim.park import read_park
from parksim.parkfile import load_park
from parksim.peers import oemof as in_oemof
from parksim.peers import plan as plan_module
from parksim.peers import pypsa as in_pypsa
from parksim.peers.plan import CannotExpress, plan_of

pytestmark = [
    # linopy converts scalar bounds with numpy calls that newer numpy releases announce to change.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:linopy"),
    # PyPSA announces defaults of its next major release; the writer sets what it depends on.
    pytest.mark.filterwarnings("ignore::FutureWarning:pypsa"),
]

PEERS = {"pypsa": in_pypsa, "oemof": in_oemof}
AGREE = 1e-6


def _numbers(rng, count, *, low=0.0, high=1.0):
    return [float(value) for value in rng.uniform(low, high, count)]


def _source(kind, **fields):
    return {"name": f"a_{kind}", "kind": kind, **fields}


def _contract(rng, steps):
    return {
        "name": "hydro",
        "kind": "direct_supply",
        "delivery": "line",
        "technology": "hydro",
        "plant": "existing",
        "certificate": "none",
        "power_max_mw": 20.0,
        "available": _numbers(rng, steps),
        "price_cny_per_mwh": 120.0,
        "network_cny_per_mwh": 240.0,
        "loss_fraction": 0.05,
        "take_or_pay_fraction": 0.9,
        "take_or_pay_cny_per_mwh": 90.0,
    }


def _lake(rng, steps):
    inflow = np.maximum(0.0, rng.uniform(-3.0, 9.0, steps))
    return {
        "name": "lake",
        "kind": "reservoir",
        "power_max_mw": 6.0,
        "energy_max_mwh": 25.0,
        "inflow_mw": [float(value) for value in inflow],
        "level_min_fraction": 0.2,
        "ecological_mw": 2.0,
        "om_cny_per_mwh": 7.0,
    }


def _battery(name="battery", **fields):
    plain = {
        "name": name,
        "kind": "battery",
        "power_max_mw": 10.0,
        "energy_max_mwh": 20.0,
        "eff_in": 0.9,
        "eff_out": 0.95,
        "loss_per_h": 0.01,
        "level_min_fraction": 0.05,
        "level_max_fraction": 0.95,
        "auxiliary_fraction": 0.01,
        "wear_cny_per_mwh": 20.0,
    }
    return {**plain, **fields}


def _everything(seed, *, steps=48, step_minutes=60):
    """Make a park with every kind of component, in which every limit and charge matters."""
    rng = np.random.default_rng(seed)
    hours = steps * step_minutes / 60
    return read_park(
        micro(
            {
                "name": "pv",
                "kind": "pv",
                "power_max_mw": 25.0,
                "available": _numbers(rng, steps),
                "om_cny_per_mwh": 3.0,
            },
            {
                "name": "wind",
                "kind": "wind",
                "power_max_mw": 9.0,
                "available": _numbers(rng, steps, high=0.6),
                "om_cny_per_mwh": 5.0,
            },
            {"name": "river", "kind": "run_of_river", "power_max_mw": 3.0, "available": 0.7},
            _lake(rng, steps),
            _battery(),
            _battery("spent", energy_start_fraction=0.5, energy_end_fraction=0.3, power_max_mw=4.0),
            _contract(rng, steps),
            grid(
                price_cny_per_mwh=_numbers(rng, steps, low=100.0, high=400.0),
                demand_cny_per_mw_month=30_000.0,
                export_max_mw=8.0,
                export_price_cny_per_mwh=60.0,
                quarter_hour_peak_ratio=1.1,
                import_available=_numbers(rng, steps, low=0.02, high=0.03),
                import_energy_max_mwh=7.0 * hours,
            ),
            demand(power_mw=_numbers(rng, steps, low=25.0, high=45.0)),
            shortfall(price_cny_per_mwh=60_000.0),
            hours=int(hours),
            step_minutes=step_minutes,
        )
    )


def _optimum(park, values):
    program = Program(park.components, nodes=park.nodes, time=park.time, limits=park.limited)
    solution, _ = solve_lp(program.fill(values))
    return solution.objective_cny


def _table(park):
    """Take a park apart to the tables of its file."""
    data = park.model_dump(exclude_unset=True, exclude={"file"})
    for component in data["components"].values():
        component.pop("name", None)
    return data


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize(("seed", "step_minutes"), [(1, 60), (2, 60), (3, 15), (4, 30)])
def test_random_parks_have_the_same_optimum(peer, seed, step_minutes):
    park = _everything(seed, step_minutes=step_minutes)
    inputs = gather(park)
    ours = _optimum(park, inputs.values)
    theirs = PEERS[peer].solve(park, inputs)
    assert theirs.objective_cny == pytest.approx(ours, rel=AGREE)


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize(
    "limits", [{"co2_max_t": 80.0}, {"import_max_mwh": 180.0, "import_peak_max_mw": 20.0}, {"green_share_min": 0.8}]
)
@pytest.mark.parametrize("net", [False, True])
def test_limits_of_the_whole_park_have_the_same_optimum(peer, limits, net):
    """A year ends in the middle; one of the stores starts with a given content."""
    data = _everything(1).tables()
    data["time"]["first_day"] = "12-31"
    data["yardsticks"]["case"]["net_of_export"] = net
    free = read_park(data)
    park = read_park({**data, "limits": limits})
    inputs = gather(park)
    ours = _optimum(park, inputs.values)
    assert ours > _optimum(free, gather(free).values) + 1.0, "the limit binds"
    assert PEERS[peer].solve(park, inputs).objective_cny == pytest.approx(ours, rel=AGREE)


@pytest.mark.parametrize("peer", PEERS)
def test_flows_of_the_peer_balance_under_our_labels(peer):
    park = _everything(5)
    found = PEERS[peer].solve(park, gather(park))
    sheet = Program(park.components, nodes=park.nodes, time=park.time)
    joined = [block for block in sheet.columns.values() if block.node is not None]
    assert {block.label for block in joined} <= set(found.power_mw)
    balance = sum((1.0 if block.feeds else -1.0) * found.power_mw[block.label] for block in joined)
    assert np.abs(balance).max() < 1e-6
    assert set(found.content_mwh) == {"lake.held", "battery.held", "spent.held"}
    held, moved = found.content_mwh["battery.held"], found.power_mw
    before = np.roll(held, 1)
    follows = 0.99 * before + 0.9 * moved["battery.charge"] - moved["battery.discharge"] / 0.95
    assert np.abs(held - follows).max() < 1e-6


@pytest.mark.parametrize("peer", PEERS)
def test_a_demand_floor_is_billed_over_two_months_and_two_years(peer):
    rng = np.random.default_rng(6)
    data = micro(
        _contract(rng, 48),
        grid(
            price_cny_per_mwh=_numbers(rng, 48, low=100.0, high=400.0),
            demand_cny_per_mw_month=9_000.0,
            transformer_mva=60.0,
            demand_floor_fraction=0.5,
            import_energy_max_mwh=400.0,
        ),
        demand(power_mw=_numbers(rng, 48, low=15.0, high=45.0)),
        _battery(),
        shortfall(price_cny_per_mwh=9_000.0),
    )
    data["time"] = {"year": 2025, "first_day": "12-31", "hours": 48}
    park = read_park(data)
    inputs = gather(park)
    assert park.time.months == 2
    assert PEERS[peer].solve(park, inputs).objective_cny == pytest.approx(_optimum(park, inputs.values), rel=AGREE)


def _without(items, **changes):
    return [replace(item, **changes) for item in items]


def _rule(plan, name):
    return [rule.name for rule in plan.rules].index(name)


TAMPER = {
    "peak charge": lambda plan: plan.peaks.clear(),
    "quarter-hour ratio": lambda plan: plan.peaks.__setitem__(0, replace(plan.peaks[0], ratio=1.0)),
    "demand floor": lambda plan: plan.peaks.__setitem__(0, replace(plan.peaks[0], floor_mw=50.0)),
    "yearly cap": lambda plan: plan.rules.pop(_rule(plan, "grid.import_energy")),
    "take-or-pay": lambda plan: plan.rules.pop(_rule(plan, "hydro.missed")),
    "loss of the contract": lambda plan: plan.rules.__setitem__(
        _rule(plan, "hydro.missed"), replace(plan.rules[_rule(plan, "hydro.missed")], weight=1.0)
    ),
    "store losses": lambda plan: plan.stores.__setitem__(slice(None), _without(plan.stores, loss_per_h=0.0)),
    "efficiency in": lambda plan: plan.stores.__setitem__(slice(None), _without(plan.stores, eff_in=1.0)),
    "efficiency out": lambda plan: plan.stores.__setitem__(slice(None), _without(plan.stores, eff_out=1.0)),
    "wear and upkeep": lambda plan: plan.stores.__setitem__(slice(None), _without(plan.stores, cost_cny_per_mwh=0.0)),
    "least content": lambda plan: plan.stores.__setitem__(
        slice(None), [replace(store, lowest_mwh=0.0 * store.lowest_mwh) for store in plan.stores]
    ),
    "least release": lambda plan: plan.stores.__setitem__(
        0, replace(plan.stores[0], release_mw=0.0 * plan.stores[0].release_mw)
    ),
    "start": lambda plan: plan.stores.__setitem__(2, replace(plan.stores[2], start_mwh=None)),
}


@pytest.fixture(scope="module")
def tamper_park():
    park = _everything(7, steps=24)
    inputs = gather(park)
    return park, inputs, _optimum(park, inputs.values)


@pytest.mark.parametrize("part", TAMPER)
def test_each_part_of_the_plan_moves_the_optimum(part, tamper_park, monkeypatch):
    park, inputs, ours = tamper_park

    def tampered(*given):
        plan = plan_of(*given)
        TAMPER[part](plan)
        return plan

    monkeypatch.setattr(in_oemof, "plan_of", tampered)
    assert abs(in_oemof.solve(park, inputs).objective_cny / ours - 1.0) > 10 * AGREE


def test_pypsa_has_every_part_too(tamper_park):
    """On the park where, by the test above, each part moves the optimum, agreement means that PyPSA has them all."""
    park, inputs, ours = tamper_park
    assert in_pypsa.solve(park, inputs).objective_cny == pytest.approx(ours, rel=AGREE)


class _Unknown(Component):
    kind: str = "flywheel"


def test_a_kind_the_peers_lack_is_refused():
    park = _everything(8, steps=2)
    values = dict(gather(park).values)
    strange = park.model_copy(update={"components": {**park.components, "wheel": _Unknown(name="wheel")}})
    with pytest.raises(CannotExpress, match=r"components\.wheel: kind 'flywheel' has no counterpart"):
        plan_of(strange, {**values, "wheel": {}})


def test_a_number_nobody_reads_is_refused():
    park = _everything(8, steps=2)
    values = {name: dict(numbers) for name, numbers in gather(park).values.items()}
    values["battery"]["ramp_max_mw_per_h"] = 3.0
    with pytest.raises(CannotExpress, match=r"components\.battery: ramp_max_mw_per_h has no counterpart"):
        plan_of(park, values)


def test_a_reservoir_with_losses_is_refused():
    park = _everything(8, steps=2)
    values = {name: dict(numbers) for name, numbers in gather(park).values.items()}
    values["lake"]["keep_fraction"] = 0.99
    with pytest.raises(CannotExpress, match=r"components\.lake: a reservoir with losses"):
        plan_of(park, values)


def test_pypsa_refuses_a_park_without_any_price():
    park = read_park(
        micro(grid(price_cny_per_mwh=[0.0, 0.0], demand_cny_per_mw_month=100.0), demand(power_mw=[1.0, 2.0]))
    )
    inputs = gather(park)
    with pytest.raises(CannotExpress, match="no energy has a price"):
        in_pypsa.solve(park, inputs)
    assert in_oemof.solve(park, inputs).objective_cny == pytest.approx(_optimum(park, inputs.values), rel=AGREE)


def test_every_kind_has_a_writer():
    assert set(plan_module._WRITERS) == set(KINDS.values())


@pytest.mark.parametrize("peer", PEERS)
def test_a_store_without_power_or_energy_is_idle(peer):
    parts = [grid(price_cny_per_mwh=[10.0, 100.0]), demand(power_mw=[1.0, 2.0])]
    for fields in ({"power_max_mw": 0.0}, {"energy_max_mwh": 0.0}):
        park = read_park(micro(*parts, _battery(loss_per_h=0.0, **fields)))
        inputs = gather(park)
        ours = _optimum(park, inputs.values)
        assert PEERS[peer].solve(park, inputs).objective_cny == pytest.approx(ours, rel=AGREE)


def test_two_weeks_of_yibin_in_oemof():
    data = _table(load_park("yibin"))
    data["time"] |= {"first_day": "05-25", "days": 14}
    park = read_park(data)
    inputs = gather(park)
    assert in_oemof.solve(park, inputs).objective_cny == pytest.approx(_optimum(park, inputs.values), rel=AGREE)


def test_the_yibin_year_in_pypsa():
    park = load_park("yibin")
    inputs = gather(park)
    assert park.time.steps == 8760
    assert in_pypsa.solve(park, inputs).objective_cny == pytest.approx(_optimum(park, inputs.values), rel=AGREE)
