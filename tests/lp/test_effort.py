"""A guard against slow-downs that no busy machine can disturb: simplex iterations of the shipped Yibin year."""

import pytest

from parksim.changes import changed_park
from parksim.inputs import gather
from parksim.lp import decompose
from parksim.lp.ladder import Ladder
from parksim.lp.program import Program
from parksim.lp.warm import Warm
from parksim.parkfile import load_park

PIECES, WHOLE = 11_900, 100
"""Most iterations of the pieces and of the whole: 1.3 times the 9,140 and 76 of November 2026."""

WARM = {"components.battery.energy_max_mwh": (100.0, 420), "components.roof_pv.power_max_mw": (46.9, 800)}
"""Field to its new value and the most iterations from the last optimum: 1.3 times the 322 and 614 of November 2026."""

CAP_MWH = 658_000.0
CAPPED = (8, 70_800, 4_510)
"""Annual import that binds, nine tenths of what is bought without it; most rounds of prices, iterations of the
pieces and of the whole: 1.3 times the 6, 54,488 and 3,470 of November 2026."""


@pytest.fixture(scope="module")
def year():
    park = load_park("yibin")
    inputs = gather(park)
    program = Program(park.components, nodes=park.nodes, time=park.time)
    return park, inputs, program, program.fill(inputs.values)


def test_a_cold_year_takes_no_more_iterations_than_it_did(year):
    _, _, program, lp = year
    _, found, told = decompose.solve(Ladder(program, lp), lp)
    assert found.optimal
    assert not told.afresh
    assert told.failed == 0
    assert told.piece_iterations <= PIECES
    assert told.iterations <= WHOLE


def test_a_what_if_takes_no_more_iterations_than_it_did(year):
    park, inputs, program, lp = year
    warm = Warm(program)
    assert warm.solve(lp).solution.optimal
    for path, (value, most) in WARM.items():
        changed = changed_park(park, {path: value})
        answer = warm.solve(program.fill(gather(changed, like=inputs).values))
        assert answer.solution.optimal
        assert answer.way == "walk"
        assert answer.told.iterations <= most, path


def test_a_binding_annual_cap_takes_no_more_iterations_than_it_did(year):
    park, inputs, *_ = year
    values = {**inputs.values, "grid": {**inputs.values["grid"], "import_energy_max_mwh": CAP_MWH}}
    grid = park.components["grid"].model_copy(update={"import_energy_max_mwh": CAP_MWH})
    program = Program({**park.components, "grid": grid}, nodes=park.nodes, time=park.time)
    lp = program.fill(values)
    ladder = Ladder(program, lp)
    _, found, told = decompose.solve(ladder, lp)
    assert found.optimal
    assert found.row_duals[ladder.rows].any()
    effort = (told.rounds, told.piece_iterations, told.iterations)
    assert all(spent <= most for spent, most in zip(effort, CAPPED, strict=True)), effort
