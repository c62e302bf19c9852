"""Robust sizing: equal to the one LP of all scenarios, to arithmetic by hand, and to sizing where there is one."""

from copy import deepcopy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import block_diag, csc_array, csr_array, hstack, vstack

import parksim as ps
from parksim import testing
from parksim.components import KINDS
from parksim.errors import InputError, NoSolution, StructureChanged
from parksim.fields import fields_of
from parksim.lp.joint import joint
from parksim.lp.risk import Risk
from parksim.park import read_park
from parksim.questions.sizing import pose
from parksim.questions.tables import RobustTable

SEEDS = st.integers(0, 10_000)
SMALL_CNY = 0.05
"""HiGHS holds rows to 1e-7 MW, and a MWh missing costs 90,000 CNY."""

NEAR = 1e-3
"""How exactly capacities are found where costs are, to 1e-6 [MW]."""


def sizable_table(seed):
    """A random park in which random capacities are to be chosen, at random costs."""
    table = testing.random_table(seed)
    rng = np.random.default_rng(seed)
    table["sizing"] = {"discount_rate": 0.06}
    for entry in table["components"].values():
        if entry["kind"] == "reservoir":
            continue
        for field, doc in fields_of(KINDS[entry["kind"]]).items():
            if doc.sizable and field in entry and rng.random() < 0.7:
                size = {
                    "max": round(3.0 * (entry[field] or 1.0), 2),
                    "capex_cny": float(round(rng.uniform(1e3, 4e6) * (0.2 if field == "energy_max_mwh" else 1.0))),
                    "life_years": 20.0,
                }
                entry.setdefault("size", {})[field] = size
    grid = table["components"]["grid"]
    grid.setdefault("size", {}).setdefault("import_max_mw", {"max": 60.0, "capex_cny": 2e6, "life_years": 30.0})
    return table


def random_scenarios(seed, table, count):
    """Other loads, prices and weather for a random park."""
    rng = np.random.default_rng([seed, 7])
    found = {}
    for number in range(count):
        changes = {"components.load.power_mw": _drawn(rng, table["components"]["load"]["power_mw"])}
        price = np.array(table["tariffs"]["t"]["price_cny_per_mwh"])  # never lower: export may not pay more
        changes["tariffs.t.price_cny_per_mwh"] = price * rng.uniform(1.0, 1.8, len(price))
        for name in ("sun", "breeze", "river"):
            if name in table["components"]:
                share = _drawn(rng, table["components"][name]["available"])
                changes[f"components.{name}.available"] = np.minimum(share, 1.0)
        found[f"s{number}"] = changes
    return found


def _drawn(rng, values):
    return np.array(values) * rng.uniform(0.5, 1.3) * rng.uniform(0.8, 1.2, len(values))


def written(table, changes):
    """The tables of one scenario."""
    changed = deepcopy(table)
    for path, value in changes.items():
        section, name, field = path.split(".")
        changed[section][name][field] = np.asarray(value).tolist()
    return changed


def extensive(parks, risk):
    """The one LP of all scenarios: each its own columns, the capacities shared, and the tail of Rockafellar, Uryasev.

    Columns: flows of all scenarios, capacities, eta, excesses. Least of invest @ x + (1 - w) sum p c + w cvar(c).
    """
    each = []
    for park in parks:
        asked = pose(park)
        each.append((joint(asked.lp, asked.box, invest=0.0 * asked.invest), asked))
    lps = [one.lp for one, _ in each]
    caps = [one.capacities for one, _ in each]
    asked, count = each[0][1], len(each[0][1].invest)
    matrices = [csc_array((lp.value, lp.index, lp.start), shape=lp.shape) for lp in lps]
    own = block_diag([m[:, : c.start] for m, c in zip(matrices, caps, strict=True)], format="csr")
    shared = vstack([m[:, c] for m, c in zip(matrices, caps, strict=True)], format="csr")
    scenarios = len(lps)
    costs = [np.append(lp.cost[: c.start], 0.0)[:-1] for lp, c in zip(lps, caps, strict=True)]
    booked = np.array([lp.cost[c] for lp, c in zip(lps, caps, strict=True)])  # what operation itself books per unit
    offsets = np.array([lp.offset for lp in lps])
    width = own.shape[1] + count + 1 + scenarios
    p, w = risk.probability, risk.weight
    share = p / (1.0 - risk.level) if risk.level < 1.0 else 0.0 * p
    cost = np.concatenate(
        [(1 - w) * p[s] * costs[s] for s in range(scenarios)] + [asked.invest + (1 - w) * p @ booked, [w], w * share]
    )
    excess = -np.eye(scenarios) if risk.level < 1.0 else np.zeros((scenarios, scenarios))
    above = hstack(
        [block_diag([c[None, :] for c in costs]), csr_array(booked), -np.ones((scenarios, 1)), excess], format="csr"
    )
    rows = hstack([own, shared, csr_array((own.shape[0], 1 + scenarios))], format="csr")
    low, high = np.concatenate([lp.row_lower for lp in lps]), np.concatenate([lp.row_upper for lp in lps])
    lower = np.concatenate(
        [lp.lower[: c.start] for lp, c in zip(lps, caps, strict=True)] + [asked.box.least, [-np.inf]]
    )
    upper = np.concatenate([lp.upper[: c.start] for lp, c in zip(lps, caps, strict=True)] + [asked.box.most, [np.inf]])
    lower, upper = np.append(lower, np.zeros(scenarios)), np.append(upper, np.full(scenarios, np.inf))
    equal, up, down = low == high, np.isfinite(high) & (low != high), np.isfinite(low) & (low != high)
    a_ub = vstack([rows[up], -rows[down], above], format="csr")
    b_ub = np.concatenate((high[up], -low[down], -offsets))
    assert len(cost) == width
    found = linprog(
        cost, A_ub=a_ub, b_ub=b_ub, A_eq=rows[equal], b_eq=high[equal], bounds=np.c_[lower, upper], method="highs-ds"
    )
    assert found.success, found.message
    return found.fun + (1 - w) * float(p @ offsets)


@settings(max_examples=12, deadline=None)
@given(
    seed=SEEDS,
    count=st.integers(1, 5),
    risk_weight=st.sampled_from([0.0, 0.3, 1.0]),
    risk_level=st.sampled_from([0.0, 0.5, 0.8, 1.0]),
)
def test_cuts_and_the_one_lp_of_all_scenarios_agree(seed, count, risk_weight, risk_level):
    table = sizable_table(seed)
    scenarios = random_scenarios(seed, table, count)
    weights = dict(zip(scenarios, np.random.default_rng(seed).uniform(0.2, 2.0, count), strict=True))
    park = read_park(table)
    found = ps.robust(
        park, scenarios=scenarios, weights=weights, risk_weight=risk_weight, risk_level=risk_level, gap=1e-8
    )
    p = np.array(list(weights.values()))
    risk = Risk(p / p.sum(), risk_weight, risk_level)
    right = extensive([read_park(written(table, one)) for one in scenarios.values()], risk)
    told = found.attrs
    assert told["objective_cny"] == pytest.approx(right, rel=1e-6, abs=SMALL_CNY)
    assert told["gap"] <= 1.01e-8
    assert told["bound_cny"] <= right + 1e-7 * abs(right) + SMALL_CNY
    blend = (1 - risk_weight) * told["expected_operation_cny"] + risk_weight * told["cvar_operation_cny"]
    assert told["objective_cny"] == pytest.approx(told["capacities_cny"] + blend, rel=1e-9, abs=1e-3)
    assert float(found["counts"].sum()) == pytest.approx(1.0)


@settings(max_examples=6, deadline=None)
@given(seed=SEEDS)
def test_each_scenario_costs_what_its_own_dispatch_costs(seed):
    table = sizable_table(seed)
    scenarios = random_scenarios(seed, table, 3)
    found = ps.robust(read_park(table), scenarios=scenarios, risk_weight=0.5)
    for name, changes in scenarios.items():
        one = written(table, changes)
        for path, value in zip(found["size"].to_numpy(), found["capacity"].to_numpy(), strict=True):
            _, component, field = path.split(".")
            one["components"][component][field] = float(value)
        right = testing.solved(one).solution.objective_cny
        assert float(found["operation"].sel(scenario=name)) == pytest.approx(right, rel=1e-7, abs=SMALL_CNY)


@settings(max_examples=5, deadline=None)
@given(seed=SEEDS)
def test_one_scenario_without_changes_is_sizing(seed):
    park = read_park(sizable_table(seed))
    one, alone = ps.robust(park, scenarios={"only": {}}), ps.size(park, within=())
    assert one.attrs["objective_cny"] == alone.ds.attrs["objective_cny"]
    np.testing.assert_array_equal(one["capacity"], alone.ds["capacity"])
    assert one.attrs["trials"] == alone.ds.attrs["dispatches"]


@settings(max_examples=6, deadline=None)
@given(seed=SEEDS)
def test_more_scenarios_than_solvers_take_turns_and_change_nothing(seed):
    """The same scenarios twice over, each at half the weight: the same optimum."""
    table = sizable_table(seed)
    scenarios = random_scenarios(seed, table, 4)
    twice = scenarios | {f"{name}-again": changes for name, changes in scenarios.items()}
    park = read_park(table)
    once = ps.robust(park, scenarios=scenarios, risk_weight=0.5, risk_level=0.5)
    both = ps.robust(park, scenarios=twice, risk_weight=0.5, risk_level=0.5)
    assert both.attrs["objective_cny"] == pytest.approx(once.attrs["objective_cny"], rel=3e-6, abs=SMALL_CNY)


def newsvendor(loads, *, capex, shortfall, life=10.0, **grid):
    """A connection of free energy to be sized for an hourly load that is one of several; what is missing costs."""
    hours = 24
    table = {
        "park": {"name": "newsvendor"},
        "site": {"latitude_deg": 28.8, "longitude_deg": 104.6, "altitude_m": 300.0},
        "time": {"year": 2025, "first_day": "01-01", "hours": hours},
        "nodes": {"electricity": "electricity"},
        "tariffs": {"t": {"price_cny_per_mwh": 0.0}},
        "sizing": {"discount_rate": 0.0},
        "components": {
            "load": {"kind": "demand", "power_mw": 1.0},
            "shortfall": {"kind": "shortfall", "price_cny_per_mwh": shortfall},
            "grid": {"kind": "grid", "tariff": "t", "import_max_mw": 0.0, "transformer_mva": 20.0},
        },
    }
    table["components"]["grid"]["size"] = {"import_max_mw": {"max": 100.0, "capex_cny": capex, "life_years": life}}
    table["components"]["grid"] |= grid
    return read_park(table), {f"{load:g} MW": {"components.load.power_mw": load} for load in loads}


class TestNewsvendor:
    """A MW costs c a day, a MWh missing 100 CNY, so 2,400 CNY a day per MW: the critical fractile is 1 - c / 2,400.

    c = capex / 10 years / 365 days.
    """

    LOADS = (10.0, 20.0, 40.0)

    @pytest.mark.parametrize(
        ("cost", "right"),
        [
            (100.0, 40.0),  # P(load > x) is 1/3 between 20 and 40: a MW there saves 800 a day
            (1_000.0, 20.0),  # 2/3 between 10 and 20: 1,600
            (2_000.0, 10.0),  # certain below 10: 2,400
            (3_000.0, 0.0),
        ],
    )
    def test_the_capacity_is_the_critical_fractile(self, cost, right):
        park, scenarios = newsvendor(self.LOADS, capex=cost * 3650.0, shortfall=100.0)
        found = ps.robust(park, scenarios=scenarios)
        assert float(found["capacity"][0]) == pytest.approx(right, abs=NEAR)
        missing = np.maximum(np.array(self.LOADS) - right, 0.0) * 2_400.0
        np.testing.assert_allclose(found["operation"], missing, atol=2_400.0 * NEAR)
        assert found.attrs["objective_cny"] == pytest.approx(cost * right + missing.mean(), rel=1e-6)

    def test_the_worst_third_is_built_for_where_only_it_counts(self):
        park, scenarios = newsvendor(self.LOADS, capex=1_000.0 * 3650.0, shortfall=100.0)
        found = ps.robust(park, scenarios=scenarios, risk_weight=1.0, risk_level=2.0 / 3.0)
        assert float(found["capacity"][0]) == pytest.approx(40.0, abs=NEAR)
        np.testing.assert_allclose(found["operation"], 0.0, atol=2_400.0 * NEAR)

    def test_level_0_is_the_mean_and_level_1_the_worst(self):
        park, scenarios = newsvendor(self.LOADS, capex=1_000.0 * 3650.0, shortfall=100.0)
        mean = ps.robust(park, scenarios=scenarios, risk_weight=1.0, risk_level=0.0)
        assert float(mean["capacity"][0]) == pytest.approx(20.0, abs=NEAR)
        assert mean.attrs["cvar_operation_cny"] == pytest.approx(mean.attrs["expected_operation_cny"])
        worst = ps.robust(park, scenarios=scenarios, risk_weight=1.0, risk_level=1.0)
        assert float(worst["capacity"][0]) == pytest.approx(40.0, abs=NEAR)
        assert worst.attrs["cvar_operation_cny"] == pytest.approx(float(worst["operation"].max()))

    def test_weights_move_the_fractile(self):
        park, scenarios = newsvendor(self.LOADS, capex=1_000.0 * 3650.0, shortfall=100.0)
        weights = dict(zip(scenarios, (1.0, 1.0, 3.0), strict=True))  # P(load > 20) is 0.6: 1,440 a day
        assert float(ps.robust(park, scenarios=scenarios, weights=weights)["capacity"][0]) == pytest.approx(40.0)

    def test_knowing_and_ignoring_are_worth_what_arithmetic_says(self):
        """40 MW counts twice: P(load > 20) is 1/2, a MW there costs 1,000 and saves 1,200; the mean load is 27.5 MW."""
        park, scenarios = newsvendor(self.LOADS, capex=1_000.0 * 3650.0, shortfall=100.0)
        weights = dict(zip(scenarios, (1.0, 1.0, 2.0), strict=True))
        found = ps.robust(park, scenarios=scenarios, weights=weights, value_of_information=True)
        assert found.attrs["objective_cny"] == pytest.approx(40_000.0, rel=1e-6)
        np.testing.assert_allclose(found["own_capacity"].to_numpy().ravel(), self.LOADS, atol=NEAR)
        np.testing.assert_allclose(found["own_cost"], 1_000.0 * np.array(self.LOADS), rtol=1e-5)
        assert found.attrs["perfect_information_cny"] == pytest.approx(40_000.0 - 27_500.0, rel=1e-4)
        assert float(found["mean_capacity"][0]) == pytest.approx(27.5, abs=NEAR)
        ignoring = 27_500.0 + 2_400.0 * 12.5 / 2.0
        assert found.attrs["stochastic_solution_cny"] == pytest.approx(ignoring - 40_000.0, rel=1e-3)

    @pytest.mark.parametrize(("risk_weight", "value"), [(0.0, 1_600.0), (1.0, 2_400.0), (0.5, 2_000.0)])
    def test_one_more_unit_saves_what_counts(self, risk_weight, value):
        """At 15 MW, all that is allowed, a MW saves 2,400 a day in two scenarios of three, of which one is the tail."""
        park, scenarios = newsvendor(self.LOADS, capex=1_000.0 * 3650.0, shortfall=100.0)
        table = park.tables()
        table["components"]["grid"]["size"]["import_max_mw"]["max"] = 15.0
        found = ps.robust(read_park(table), scenarios=scenarios, risk_weight=risk_weight, risk_level=0.7)
        assert float(found["capacity"][0]) == pytest.approx(15.0, abs=NEAR)
        assert float(found["unit_value"][0]) == pytest.approx(value, rel=1e-6)
        tail = np.array([0.0, 0.0, 1.0])
        np.testing.assert_allclose(found["counts"], (1 - risk_weight) / 3.0 + risk_weight * tail)

    def test_whole_modules(self):
        park, scenarios = newsvendor(self.LOADS, capex=1_000.0 * 3650.0, shortfall=100.0)
        size = park.tables()
        size["components"]["grid"]["size"]["import_max_mw"]["step"] = 7.0
        # 21 MW: one above 20 is not needed but a module short (14) costs 6 * 1,600 - 7 * 1,000 more
        assert float(ps.robust(read_park(size), scenarios=scenarios)["capacity"][0]) == 21.0


class TestFeasibility:
    """Without a shortfall the capacity must carry the largest load of all scenarios."""

    def park(self, most=100.0):
        park, scenarios = newsvendor((10.0, 20.0, 40.0), capex=3650.0, shortfall=100.0)
        table = park.tables()
        del table["components"]["shortfall"]
        table["components"]["grid"]["size"]["import_max_mw"]["max"] = most
        return read_park(table), scenarios

    def test_it_carries_the_largest_load(self):
        park, scenarios = self.park()
        assert float(ps.robust(park, scenarios=scenarios)["capacity"][0]) == pytest.approx(40.0, abs=NEAR)

    def test_the_scenario_without_operation_is_named(self):
        park, scenarios = self.park(most=30.0)
        with pytest.raises(NoSolution) as caught:
            ps.robust(park, scenarios=scenarios)
        assert caught.value.suspects[0] == "In scenario '40 MW':"
        assert "grid.buy" in " ".join(caught.value.suspects)


def test_a_scenario_may_be_a_park_of_its_own():
    park, _ = newsvendor((10.0,), capex=3650.0, shortfall=100.0)
    other = park.tables()
    other["components"]["load"]["power_mw"] = 5.0
    found = ps.robust(park, scenarios={"one": {}, "five": read_park(other)})
    assert float(found["capacity"][0]) == pytest.approx(5.0, abs=NEAR)
    other["components"]["grid"]["size"]["import_max_mw"]["max"] = 50.0
    with pytest.raises(InputError, match=r"scenarios.five: .*its size entries are not those of"):
        ps.robust(park, scenarios={"one": {}, "five": read_park(other)})
    del other["components"]["shortfall"]
    with pytest.raises(InputError, match="has another structure than"):
        ps.robust(park, scenarios={"one": {}, "five": read_park(other)})


class TestInput:
    @pytest.mark.parametrize(
        ("how", "words"),
        [
            ({"scenarios": {}}, "scenarios: got none, must be one at least"),
            ({"risk_weight": 1.5}, r"risk_weight: got 1.5, must lie in \[0, 1\]"),
            ({"risk_level": -0.1}, r"risk_level: got -0.1, must lie in \[0, 1\]"),
            ({"gap": 0.0}, r"gap: got 0, must lie in \(0, 1\)"),
            ({"weights": {"a": 1.0, "c": 1.0}}, "weights.c: there is no such scenario. There are: a, b."),
            ({"weights": {"a": 1.0}}, "weights: has none for scenario 'b'"),
            ({"weights": {"a": 1.0, "b": 0.0}}, "weights.b: got 0, must be above 0"),
            ({"scenarios": {"a": {"components.lod.power_mw": 1.0}}}, "scenarios.a: .*no table components.lod. Did you"),
            ({"scenarios": {"a": {"components.load.power_mw": -1.0}}}, "scenarios.a: .*power_mw: got -1"),
            (
                {"scenarios": {"a": {"components.grid.import_max_mw": 3.0}}},
                "scenarios.a: components.grid.import_max_mw: is chosen once for all scenarios",
            ),
            (
                {"scenarios": {"a": {"components.grid.size.import_max_mw": {}}}},
                "scenarios.a: components.grid.size.import_max_mw: is chosen once",
            ),
        ],
    )
    def test_slips_are_told_with_their_place(self, how, words):
        park, _ = newsvendor((1.0,), capex=1.0, shortfall=100.0)
        with pytest.raises(InputError, match=words):
            ps.robust(park, **{"scenarios": {"a": {}, "b": {}}, **how})

    def test_structure_is_told_with_its_scenario(self):
        park, _ = newsvendor((1.0,), capex=1.0, shortfall=100.0)
        with pytest.raises(StructureChanged, match=r"scenarios.a: components.load.electricity"):
            ps.robust(park, scenarios={"a": {"components.load.electricity": "heat"}})

    def test_a_park_with_nothing_to_size_is_refused(self):
        with pytest.raises(InputError, match="has nothing to size"):
            ps.robust(ps.load_park("two-days"), scenarios={"a": {}})

    def test_the_table_of_a_study_has_the_names_of_the_call(self):
        with pytest.raises(ValueError, match="risk_level"):
            RobustTable(risk_level=1.1)
        table = RobustTable(risk_weight=0.4, scenarios=["dry"])
        assert table.model_dump(exclude={"scenarios"}) == {
            "risk_weight": 0.4, "risk_level": 0.9, "gap": 1e-6, "value_of_information": False,
        }  # fmt: skip
