"""Near-optimal alternatives: the corners of what costs little more, verified as parks of their own."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

import parksim as ps
from parksim import testing
from parksim.components._cases import demand, grid, micro
from parksim.errors import InputError, NoSolution
from parksim.park import read_park
from parksim.questions.alternatives import _ways, alternatives
from parksim.questions.sizing import with_capacities
from parksim.questions.tables import AlternativesTable

SEEDS = st.integers(0, 10_000)
UNIT = 8760.0 / 2.0
"""Capital cost of a year's life that is 1 CNY over two hours."""


def twins(**more):
    """10 MW in two hours, the grid at 500 CNY/MWh, two sources of one price: 100 CNY per MW over the horizon."""
    plant = {"kind": "pv", "power_max_mw": 1.0, "available": [1.0, 1.0]}
    parts = [{"name": name, **plant} for name in ("east", "west")]
    table = micro(grid(price_cny_per_mwh=[500.0, 500.0]), demand(power_mw=[10.0, 10.0]), *parts)
    table["sizing"] = {"discount_rate": 0.0}
    for name in ("east", "west"):
        entry = {"max": 10.0, "capex_cny": 100.0 * UNIT, "life_years": 1.0, **more}
        table["components"][name]["size"] = {"power_max_mw": entry}
    return read_park(table)


def test_two_interchangeable_sources_are_told_as_one_or_the_other():
    """Any split of 10 MW costs 1,000 CNY: the corners are all of one, all of the other."""
    found = ps.alternatives(twins(), share=[0.001], count=2)
    assert found["size"].to_numpy().tolist() == ["components.east.power_max_mw", "components.west.power_max_mw"]
    corners = {tuple(np.round(x, 2)) for x in found["capacity"].to_numpy()[1:]}
    assert corners == {(10.0, 0.0), (0.0, 10.0)}
    assert found["cost"].to_numpy() == pytest.approx(1_000.0, rel=2e-3)
    assert found["green_share"].to_numpy() == pytest.approx(1.0, rel=2e-3)


def test_a_larger_share_lets_designs_differ_more():
    """At 10 % above 1,000 CNY: 1 MW more than needed costs 100; so much less costs 900 net, so 1/9 MW less."""
    found = ps.alternatives(twins(), share=[0.1], count=8)
    total = found["capacity"].sum("size").to_numpy()
    assert total.max() == pytest.approx(11.0, rel=1e-2)
    assert total.min() == pytest.approx(10.0 - 1.0 / 9.0, rel=1e-2)
    assert (found["above_best"].to_numpy() <= 0.1 + 1e-6).all()
    assert (found["above_best"].to_numpy()[1:].max()) > 0.05


def test_whole_modules_stay_whole():
    found = alternatives(twins(step=2.5), share=[0.01], count=3)
    modules = found["capacity"].to_numpy() / 2.5
    assert modules == pytest.approx(np.rint(modules), abs=1e-9)
    assert {tuple(x) for x in found["capacity"].to_numpy()} >= {(10.0, 0.0), (0.0, 10.0)}


def test_where_nothing_else_is_near_there_are_no_alternatives():
    """One capacity, dear to leave: a share of a millionth allows no design that differs."""
    park = twins()
    table = park.tables()
    del table["components"]["west"]
    found = alternatives(read_park(table), share=[1e-6], count=4)
    assert found.sizes["design"] == 1


@settings(max_examples=6, deadline=None)
@given(seed=SEEDS)
def test_designs_of_random_parks_are_within_their_share_and_limits(seed):
    table = testing.random_table(seed)
    table["sizing"] = {"discount_rate": 0.06}
    table["components"]["grid"]["size"] = {"import_max_mw": {"max": 60.0, "capex_cny": 2e6, "life_years": 30.0}}
    for name, most in (("sun", 40.0), ("battery", 9.0)):
        if name in table["components"]:
            size = {"power_max_mw": {"max": most, "capex_cny": 1e6, "life_years": 20.0}}
            table["components"][name]["size"] = size
    park = read_park(table)
    found = alternatives(park, share=[0.02, 0.1], count=3)
    best = ps.size(park, within=()).ds.attrs["objective_cny"]
    cost = found["cost"].to_numpy()
    assert cost[0] == pytest.approx(best, rel=1e-5, abs=0.1)
    share = found["share"].to_numpy()
    assert (cost <= cost[0] + share * abs(cost[0]) + 2e-5 * abs(cost[0]) + 0.1).all()
    assert (share[1:] > 0.0).all()
    assert (np.diff(share) >= 0.0).all()
    for design in range(found.sizes["design"]):
        capacities = dict(zip(found["size"].to_numpy().tolist(), found["capacity"].to_numpy()[design], strict=True))
        for path, value in capacities.items():
            _, name, field = path.split(".")
            assert -1e-9 <= value <= park.components[name].size[field].max + 1e-9
        ds = ps.solve(with_capacities(park, {path: float(value) for path, value in capacities.items()}))
        assert float(ds["co2"].sum()) == pytest.approx(float(found["co2"][design]), rel=1e-3, abs=1e-3)


def test_directions_are_all_mixes_of_few_and_pairs_of_many():
    assert len(list(_ways(2))) == 8
    assert len(list(_ways(4))) == 80
    assert len(list(_ways(6))) == 2 * 6 + 4 * 15
    assert all(np.abs(way).sum() <= 2 for way in _ways(6))


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"share": []}, "share: got [], must be above 0"),
        ({"share": [0.0]}, "share: got [0.0], must be above 0"),
        ({"count": 0}, "count: got 0, must be 1 or more"),
    ],
)
def test_bad_questions_are_told(how, said):
    with pytest.raises(InputError) as error:
        alternatives(twins(), **how)
    assert said in str(error.value)


def test_a_park_without_sizes_has_no_alternatives():
    park = read_park(micro(grid(price_cny_per_mwh=[1.0, 1.0]), demand(power_mw=[1.0, 1.0])))
    with pytest.raises(InputError, match="has nothing to size"):
        alternatives(park)


def test_capacities_that_never_suffice_are_told():
    table = twins().tables()
    table["components"]["grid"]["import_max_mw"] = 0.0
    for name in ("east", "west"):
        table["components"][name]["size"]["power_max_mw"]["max"] = 4.0
    with pytest.raises(NoSolution):
        alternatives(read_park(table))


def test_the_table_of_a_study():
    assert AlternativesTable().count == 4
    with pytest.raises(ValidationError):
        AlternativesTable(share=[])
