"""How far slopes hold: every number moved to both ends of its range and between, and solved again there."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parksim import testing
from parksim.inputs import gather
from parksim.levers import Levers
from parksim.lp.basis import hand_in
from parksim.lp.directions import filled
from parksim.lp.highs import Solver
from parksim.lp.validity import DRIFT
from parksim.park import read_park
from parksim.questions.margins import FAR, Bench, little

SEEDS = st.integers(0, 10_000)
some = settings(max_examples=5, deadline=None)
pytestmark = pytest.mark.filterwarnings("ignore::parksim.errors.ParksimWarning")

INSIDE = (0.02, 0.3, 0.5, 0.98, 1.0)
"""Where in a range a number is solved again, over the way to its end."""

BEYOND = 1.05


@st.composite
def parks(draw):
    return draw(st.sampled_from([testing.random_table, testing.under_weather, testing.at_limits]))(draw(SEEDS))


def ranged(table):
    """A bench, and for every number and side: lever, slope, reach, and what fills the LP a way off."""
    park = read_park(table)
    inputs = gather(park)
    bench = Bench(testing.expand(table)[2], inputs.values)
    found = []
    for lever in Levers(park, inputs):
        one = bench.worth(lever)
        if one is None:
            continue
        for side, reach, sign in zip(one.sides, one.reaches, (-1.0, 1.0), strict=True):
            if side is None or not np.isfinite(side.cost_cny):
                continue

            def fill(way, lever=lever, sign=sign):
                values = lever.at(float(np.clip(lever.value + sign * way, lever.low, lever.high)))
                return None if values is None else filled(bench.program, values)

            found.append((lever, sign, side, reach, fill))
    return bench, found


def room(lever, sign):
    """How far anyone looks: to the limit of the field, or to ten times the number."""
    limit = lever.high - lever.value if sign > 0.0 else lever.value - lever.low
    return min(limit, FAR * abs(little(lever)))


@some
@given(table=parks())
def test_within_its_range_cost_and_co2_follow_their_slopes(table):
    bench, found = ranged(table)
    cost, co2 = bench.slopes.objective_cny, bench.slopes.co2_t
    for lever, sign, side, reach, fill in found:
        end = sign * min(reach.way, room(lever, sign))
        for part in INSIDE:
            there = fill(part * abs(end))
            if there is None:
                assert part == 1.0, (lever.path, sign, "a park that is refused")
                continue
            again = Solver(there.lp).run()
            assert again.optimal, (lever.path, sign, part, again.termination)
            miss = again.objective_cny - cost - part * end * side.cost_cny
            assert abs(miss) <= allowed(reach, end * side.cost_cny, cost), (lever.path, sign, part, miss)
            if part < 1.0:
                kept = side.held.at(there)
                assert kept.cost_cny == pytest.approx(again.objective_cny, rel=2e-8, abs=1e-6)
                miss = kept.co2_t - co2 - side.co2_jump_t - part * end * side.co2_t
                assert abs(miss) <= allowed(reach, end * side.co2_t, co2), (lever.path, sign, part, miss)


@some
@given(table=parks())
def test_the_basis_is_optimal_within_the_range_and_not_beyond(table):
    """HiGHS, given the basis, has nothing to do inside; just beyond it has, or the slope has drifted off."""
    _, found = ranged(table)
    for lever, sign, side, reach, fill in found:
        for part in INSIDE[:-1]:
            there = fill(part * min(reach.way, room(lever, sign)))
            assert stays(there.lp, side.held), (lever.path, sign, part, reach)
        far = BEYOND * reach.way
        there = fill(far) if 0.0 < far < room(lever, sign) else None
        assert there is None or not stays(there.lp, side.held) or drifts(side, there, sign * far), (lever.path, sign)


def allowed(reach, change, size):
    """How far a change may miss what is told of it: by the drift where there is one, by a solver's tolerance always."""
    return (1.001 * DRIFT if reach.drift > 0.0 else 1e-7) * abs(change) + 2e-8 * max(abs(size), 1.0)


def drifts(side, there, way):
    """Whether cost or CO2 of the basis have left their slopes."""
    here, kept = side.held.here, side.held.at(there)
    cost, co2 = kept.cost_cny - here.cost_cny - way * side.cost_cny, kept.co2_t - here.co2_t - way * side.co2_t
    return abs(cost) > DRIFT * abs(way * side.cost_cny) or abs(co2) > DRIFT * abs(way * side.co2_t)


def stays(lp, held):
    """Whether HiGHS, given the basis, finds nothing to do: no iteration, no column sent to its other bound."""
    solver, basis = Solver(lp), held.basis(lp)
    solver.set_option("dual_feasibility_tolerance", 2e-4)
    solver.set_option("primal_feasibility_tolerance", 2e-7)
    solver.set_option("dual_simplex_cost_perturbation_multiplier", 0.0)
    hand_in(solver.highs, basis)
    solution = solver.run()
    wide = lp.lower < lp.upper
    told = np.array([int(status) for status in solver.highs.getBasis().col_status])
    return solution.optimal and solution.iterations == 0 and np.array_equal(told[wide], basis.columns[wide])
