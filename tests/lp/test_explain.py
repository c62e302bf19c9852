"""Why there is no answer, in park words: which limit, of which component, in which month, by how much."""

import numpy as np
import pytest

from parksim import api, testing
from parksim.components._cases import demand, grid, micro
from parksim.errors import NoSolution
from parksim.lp.explain import unbounded_suspects
from parksim.park import read_park

TWO_MONTHS = {"time": {"year": 2025, "first_day": "01-31", "hours": 48}}


def why(table):
    with pytest.raises(NoSolution) as told:
        api.solve(read_park(table))
    assert told.value.exit_code == 3
    return told.value


def over_two_months(*parts, **tables):
    return {**micro(*parts, hours=48), **TWO_MONTHS, **tables}


def short_grid():
    """8 MW in January and 4 MW in February against 10 MW wanted: 24 * 2 and 24 * 6 MWh are missing."""
    return over_two_months(
        grid(price_cny_per_mwh=100.0, import_max_mw=8.0, import_available=[1.0] * 24 + [0.5] * 24),
        demand(power_mw=10.0),
    )


@pytest.mark.parametrize("times", [1, 4])
def test_missing_supply_is_told_by_component_and_month(times):
    table = testing.finer(short_grid(), times) if times > 1 else short_grid()
    error = why(table)
    assert error.termination == "infeasible"
    first = error.suspects[0]
    assert first.startswith("demand.use ")
    assert "192 MWh" in first
    assert "2025-01: 48 MWh" in first
    assert "2025-02: 144 MWh" in first
    assert any("grid.buy" in line and "import_max_mw" in line for line in error.suspects[1:])


def test_only_the_month_that_lacks_is_named():
    table = short_grid()
    table["components"]["grid"]["import_available"] = [1.0] * 48
    table["components"]["demand"]["power_mw"] = [7.0] * 40 + [9.5] * 8
    first = why(table).suspects[0]
    assert "12 MWh" in first  # 8 h * 1.5 MW
    assert "2025-02" in first
    assert "2025-01" not in first


def test_an_annual_cap_is_named_with_its_energy():
    """100 MWh wanted, 60 allowed."""
    table = micro(grid(price_cny_per_mwh=100.0, import_energy_max_mwh=60.0), demand(power_mw=[50.0, 50.0]))
    suspects = why(table).suspects
    assert "40 MWh" in suspects[0]
    assert any("grid.import_energy_limit" in line for line in suspects)
    assert not any("import_max_mw" in line for line in suspects), "the power limit is not tight"


def test_an_end_level_out_of_reach_is_named_with_what_is_missing():
    """From empty to 90 MWh in 24 hours at 1 MW and an efficiency of 0.5: 12 of 90 are reached."""
    table = micro(
        grid(price_cny_per_mwh=100.0),
        demand(power_mw=1.0),
        {
            "name": "battery",
            "kind": "battery",
            "power_max_mw": 1.0,
            "energy_max_mwh": 100.0,
            "eff_in": 0.5,
            "eff_out": 1.0,
            "energy_start_fraction": 0.0,
            "energy_end_fraction": 0.9,
        },
        hours=24,
    )
    suspects = why(table).suspects
    assert suspects[0].startswith("battery.held ")
    assert "78 MWh" in suspects[0]
    assert "2025-01" in suspects[0]
    assert any("battery.charge" in line and "power_max_mw" in line for line in suspects[1:])


def test_of_two_parks_in_one_only_the_lacking_node_is_named():
    table = over_two_months(
        grid(price_cny_per_mwh=100.0, import_max_mw=8.0),
        demand(power_mw=5.0, name="near"),
        demand(power_mw=3.0, name="far", electricity="island"),
        {"name": "sun", "kind": "pv", "electricity": "island", "power_max_mw": 2.0, "available": [1.0] * 48},
        nodes={"electricity": "electricity", "island": "electricity"},
    )
    suspects = why(table).suspects
    assert suspects[0].startswith("far.use ")
    assert "48 MWh" in suspects[0]
    assert not any("near" in line or "grid" in line for line in suspects)


def test_a_park_with_shortfall_is_never_infeasible_for_want_of_supply():
    table = short_grid()
    table["components"]["shortfall"] = {"kind": "shortfall", "price_cny_per_mwh": 1e4}
    ds = api.solve(read_park(table))
    shed = ds["power"].sel(flow="shortfall.shed").to_numpy().reshape(2, 24).sum(axis=1)
    np.testing.assert_allclose(shed, [48.0, 144.0])


def test_an_endless_gain_is_named():
    """Both limits written as none, and a sale above the price: what is bought is sold, without end."""
    table = micro(
        grid(
            price_cny_per_mwh=[100.0, 100.0],
            import_max_mw=1e30,
            export_max_mw=1e30,
            export_price_cny_per_mwh=[50.0, 150.0],
            export_above_import=True,
        ),
        demand(power_mw=[1.0, 1.0]),
    )
    error = why(table)
    assert error.termination == "unbounded"
    assert "grid.buy" in error.suspects[0]
    assert "grid.sell" in error.suspects[0]
    assert "demand" not in error.suspects[0]


def test_what_is_bounded_is_not_named_as_endless():
    found = testing.solved(testing.random_table(4))
    assert not any(label in unbounded_suspects(found.program, found.lp)[0] for label in found.program.columns)


def test_messages_end_as_sentences_and_carry_no_array_names():
    for line in why(short_grid()).suspects:
        assert line.endswith(".")
        assert "[" not in line
        assert "nan" not in line
