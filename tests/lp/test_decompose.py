"""The temporal crash: the same optimum as a cold solve, whatever the pieces say; pieces that are what they claim."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csc_array

from parksim import testing
from parksim.components._cases import demand, micro, shortfall
from parksim.inputs import gather
from parksim.lp import decompose
from parksim.lp.basis import BASIC, LOWER, Basis
from parksim.lp.highs import Solver
from parksim.lp.ladder import Ladder
from parksim.lp.pieces import cut, places
from parksim.lp.program import Program
from parksim.lp.search import Found
from parksim.parkfile import load_park
from parksim.profiles import shipped_names

SEEDS = st.integers(0, 10_000)
HOURS = 24 * 33  # a day of January, February, four days of March: months whole and cut
few = settings(max_examples=8, deadline=None)


def expanded(seed, **how):
    _, _, program, lp = testing.expand(testing.random_table(seed, hours=HOURS, **how))
    return program, lp


@few
@given(seed=SEEDS)
def test_pieces_find_the_optimum_of_the_whole(seed):
    program, lp = expanded(seed)
    solver, found, told = decompose.solve(Ladder(program, lp), lp)
    cold = Solver(lp).run()
    assert found.termination == cold.termination == "optimal"
    assert found.objective_cny == pytest.approx(cold.objective_cny, rel=1e-9, abs=1e-6)
    assert len(found.columns) == len(lp.cost)
    assert told.pieces
    assert told.way == "pieces"
    assert solver.basis(found).excess == 0


def again_with_other_prices(seed):
    """A price doubled and an availability halved, from the old basis and the old prices of coupling rows."""
    _, inputs, program, lp = testing.expand(testing.random_table(seed, hours=HOURS))
    ladder = Ladder(program, lp)
    solver, first, _ = decompose.solve(ladder, lp)
    values = {name: dict(numbers) for name, numbers in inputs.values.items()}
    values["grid"]["energy_cny_per_mw"] = 2.0 * values["grid"]["energy_cny_per_mw"]
    values["grid"]["import_available"] = 0.5 * values["grid"]["import_available"]
    other = program.fill(values)
    _, again, told = decompose.solve(ladder, other, begin=solver.basis(first), prices=first.row_duals[ladder.rows])
    assert again.objective_cny == pytest.approx(Solver(other).run().objective_cny, rel=1e-9, abs=1e-6)
    return told, ladder


@few
@given(seed=SEEDS)
def test_pieces_start_again_from_the_last_optimum(seed):
    """Where the old basis leads nowhere, the pieces start from nothing, and the optimum is the same."""
    told, ladder = again_with_other_prices(seed)
    every = tuple(rung.pieces for rung in ladder.rungs)
    assert told.pieces in {every, every[1:]}


def test_the_shortest_pieces_are_left_out_where_there_is_an_old_basis():
    told, ladder = again_with_other_prices(2)
    assert told.pieces == tuple(rung.pieces for rung in ladder.rungs)[1:]


def test_a_binding_cap_is_priced_before_the_last_run():
    """An annual cap at nine tenths of what would be bought: the pieces find its price, and the last run is short."""
    table = testing.random_table(3, hours=HOURS)
    table["components"]["grid"] |= {"import_max_mw": 60.0, "import_available": 1.0}
    table["components"]["grid"].pop("import_energy_max_mwh", None)
    free = testing.solved(table)
    bought = free.solution.columns[free.program.columns["grid.buy"].slice].sum() * free.program.step_h
    table["components"]["grid"]["import_energy_max_mwh"] = float(0.9 * bought)
    _, _, program, lp = testing.expand(table)
    ladder = Ladder(program, lp)
    _, found, told = decompose.solve(ladder, lp)
    cold = Solver(lp).run()
    row = program.rows["grid.import_energy_limit"].slice
    assert found.row_duals[row] == pytest.approx(cold.row_duals[row], rel=1e-6)
    assert abs(found.row_duals[row]) > 1.0
    assert told.rounds > 1
    assert told.iterations < 0.2 * cold.iterations


def test_without_prices_a_binding_cap_is_still_met(monkeypatch):
    """The search for prices is a help, not a need."""
    monkeypatch.setattr(decompose, "find_prices", lambda work, prices, *, threads: Found(prices, 0, None))
    table = testing.random_table(3, hours=HOURS)
    table["components"]["grid"]["import_energy_max_mwh"] = 2_000.0
    _, _, program, lp = testing.expand(table)
    _, found, _ = decompose.solve(Ladder(program, lp), lp)
    assert found.objective_cny == pytest.approx(Solver(lp).run().objective_cny, rel=1e-9)


def test_a_basis_that_leads_nowhere_is_thrown_away_and_told(monkeypatch):
    monkeypatch.setattr(decompose, "PATIENCE", 0.0)
    program, lp = expanded(3)
    _, found, told = decompose.solve(Ladder(program, lp), lp)
    assert told.afresh
    assert told.way == "afresh"
    assert found.objective_cny == pytest.approx(Solver(lp).run().objective_cny, rel=1e-9)


def test_an_infeasible_piece_is_counted_and_the_whole_told_infeasible():
    program, lp = expanded(7)
    lower, upper = lp.lower.copy(), lp.upper.copy()
    for block in program.columns.values():
        if block.component == "load":
            lower[block.first + 300] = upper[block.first + 300] = 1e7
        elif block.component == "shortfall":
            upper[block.slice] = 0.0
    blocked = replace(lp, lower=lower, upper=upper)
    _, found, told = decompose.solve(Ladder(program, lp), blocked)
    assert found.termination == "infeasible"
    assert told.failed >= 1


def test_where_no_piece_has_an_optimum_the_whole_is_presolved_at_once(monkeypatch):
    """Load beyond all supply in every hour; no basis of pieces is tried."""
    monkeypatch.setattr(decompose, "settle_prices", None)
    program, lp = expanded(7)
    lower, upper = lp.lower.copy(), lp.upper.copy()
    for block in program.columns.values():
        if block.component == "load":
            lower[block.slice] = upper[block.slice] = 1e7
        elif block.component == "shortfall":
            upper[block.slice] = 0.0
    _, found, told = decompose.solve(Ladder(program, lp), replace(lp, lower=lower, upper=upper))
    assert found.termination == "infeasible"
    assert told.failed == sum(told.pieces)
    assert told.way == "afresh"


def test_the_basis_does_not_depend_on_the_number_of_threads():
    program, lp = expanded(11)
    ladder = Ladder(program, lp)
    one, two = (decompose.climb(ladder, ladder.priced(lp, np.zeros(len(ladder.rows))), threads=n)[0] for n in (1, 2))
    np.testing.assert_array_equal(one.columns, two.columns)
    np.testing.assert_array_equal(one.rows, two.rows)


def test_short_horizons_are_solved_as_they_are():
    _, _, program, lp = testing.expand(testing.random_table(1, hours=48))
    _, found, told = decompose.solve(Ladder(program, lp), lp)
    assert told.pieces == ()
    assert told.way == "whole"
    assert found.objective_cny == pytest.approx(Solver(lp).run().objective_cny, rel=1e-9)


@few
@given(seed=SEEDS)
def test_pieces_hold_every_column_and_row_once(seed):
    """Own columns once, copies of shared ones with shares that sum to one, and every row in a piece or coupling."""
    program, lp = expanded(seed)
    where = places(program)
    edges = np.array([0, 24, 300, 301 + 24, HOURS])
    found = cut(lp, where, edges)
    share = np.bincount(found.columns, weights=found.share, minlength=len(lp.cost))
    held = np.setdiff1d(np.arange(len(lp.cost)), found.couplings.loose)
    np.testing.assert_allclose(share[held], 1.0, atol=1e-12)
    assert (share[found.couplings.loose] == 0.0).all()
    rows = np.sort(np.concatenate((found.rows, found.couplings.rows)))
    np.testing.assert_array_equal(rows, np.arange(len(lp.row_lower)))


@few
@given(seed=SEEDS)
def test_one_piece_is_the_whole(seed):
    """Cut nowhere, the piece is the LP itself, entry for entry."""
    program, lp = expanded(seed)
    found = cut(lp, places(program), np.array([0, HOURS]))
    whole = csc_array((lp.value, lp.index, lp.start), shape=lp.shape).toarray()
    height, width = len(found.rows), len(found.columns)
    piece = csc_array((lp.value[found.entry], found.index, found.part_start(0)), shape=(height, width))
    mended = np.zeros_like(whole)
    mended[np.ix_(found.rows, found.columns)] = piece.toarray()
    np.testing.assert_array_equal(mended, whole)


def test_a_piece_is_the_park_of_its_days():
    """Without what couples in time or over months, the cost of the pieces is the cost of the whole."""
    program, lp = expanded(2, stores=False, peaks=False)
    found = cut(lp, places(program), np.array([0, 240, 480, HOURS]))
    assert len(found.couplings.rows) == 0
    total = 0.0
    for piece in range(3):
        columns, rows, entries = found.part_columns(piece), found.part_rows(piece), found.part_entries(piece)
        part = replace(
            lp,
            start=found.part_start(piece),
            index=found.index[entries],
            value=lp.value[found.entry[entries]],
            cost=lp.cost[found.columns[columns]],
            lower=lp.lower[found.columns[columns]],
            upper=lp.upper[found.columns[columns]],
            row_lower=lp.row_lower[found.rows[rows]],
            row_upper=lp.row_upper[found.rows[rows]],
            offset=0.0,
        )
        total += Solver(part).run().objective_cny
    assert total + lp.offset == pytest.approx(Solver(lp).run().objective_cny, rel=1e-9)


def test_quarters_of_an_hour_have_pieces_too():
    table = testing.finer(testing.random_table(4, hours=24 * 22), 4)
    table["components"]["shortfall"]["price_cny_per_mwh"] = 200_000.0
    _, _, program, lp = testing.expand(table)
    _, found, told = decompose.solve(Ladder(program, lp), lp)
    assert told.pieces
    assert found.objective_cny == pytest.approx(Solver(lp).run().objective_cny, rel=1e-9)


@pytest.mark.parametrize("name", [name.removesuffix(".toml") for name in shipped_names("parks")])
def test_every_shipped_park_has_the_optimum_of_a_cold_solve(name):
    park = load_park(name)
    program = Program(park.components, nodes=park.nodes, time=park.time)
    lp = program.fill(gather(park).values)
    _, found, told = decompose.solve(Ladder(program, lp), lp)
    cold = Solver(lp).run()
    assert found.objective_cny == pytest.approx(cold.objective_cny, rel=1e-9)
    assert (told.failed, told.afresh) == (0, False)
    assert told.iterations + told.piece_iterations <= cold.iterations


def test_years_are_a_rung_of_their_own():
    """Eleven months and four more in the next year: days, months, years, the whole."""
    table = testing.random_table(6, hours=24 * 440)
    table["components"]["grid"].pop("import_energy_max_mwh", None)
    _, _, program, lp = testing.expand(table)
    _, found, told = decompose.solve(Ladder(program, lp), lp)
    assert told.pieces[1:] == (16, 2)
    assert found.objective_cny == pytest.approx(Solver(lp).run().objective_cny, rel=1e-9)


def test_excess_counts_basics_beyond_the_rows():
    assert Basis(np.array([BASIC, LOWER, BASIC], np.int8), np.array([BASIC], np.int8)).excess == 2


@pytest.mark.parametrize("minutes", [15, 30, 60])
@pytest.mark.parametrize(("first_day", "days"), [("01-01", 21), ("01-30", 40), ("02-28", 60), ("12-11", 30)])
def test_every_rung_covers_the_horizon_and_the_next_one_is_coarser(minutes, first_day, days):
    """Pieces begin at midnight, and where a longer piece begins a shorter one does: else bases would not fit."""
    table = micro(demand(power_mw=1.0), shortfall(price_cny_per_mwh=9.0), hours=24)
    table["time"] = {"year": 2024, "first_day": first_day, "days": days, "step_minutes": minutes}
    park, _, program, lp = testing.expand(table)
    edges = [rung.edges for rung in Ladder(program, lp).rungs]
    assert edges
    for one in edges:
        assert (one[0], one[-1]) == (0, park.time.steps)
        assert np.diff(one).min() > 0
        assert (park.time.stamps[one[:-1]].hour == 0).all()
        assert (park.time.stamps[one[:-1]].minute == 0).all()
    for short, long in pairwise(edges):
        assert set(long) < set(short)
    assert np.diff(edges[0]).max() * minutes / 60 <= 5 * 24
