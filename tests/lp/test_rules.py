"""The Block and its expansion: what a rule may say, what it becomes, and how a broken rule is told."""

import builtins

import numpy as np
import pytest

from parksim.component import Component, before, month
from parksim.errors import StructureError
from parksim.lp.program import Program
from parksim.timeaxis import TimeAxis

STEPS = 3
TIME = TimeAxis(year=2025, first_day="01-01", hours=STEPS)
VALUES = {"own": {"n_mw": 2.0, "s_mw": np.array([1.0, 2.0, 4.0]), "short_mw": np.ones(2), "nan_mw": np.nan}}


def declared(say, *, time=TIME):
    """The program of one component whose `declare` is `say`."""

    class Own(Component):
        def declare(self, lp):
            say(lp)

    return Program({"own": Own(name="own")}, nodes={"bus": "electricity"}, time=time)


def dense(lp):
    matrix = np.zeros(lp.shape)
    matrix[lp.index, lp.column] = lp.value
    return matrix


def words(lp):
    """Everything a rule may use."""
    return {
        "x": lp.flow("x", feeds=True, role="import"),
        "h": lp.level("h"),
        "p": lp.peak("p"),
        "n": lp.number("n_mw"),
        "s": lp.series("s_mw"),
    }


def with_row(rule, over="step"):
    """Declare every word and one row over them."""

    def say(lp):
        known = words(lp)
        lp.row("limit", lambda t: rule(t, **known), over=over)

    return say


def test_nothing_that_threads_share_is_exchanged_while_a_rule_is_read():
    """Pyomo's own way to read a rule puts another ``sum`` into Python's builtins, for all threads."""
    shared, seen = builtins.sum, []

    def rule(t, x, **_):
        seen.append(builtins.sum)
        return x[t] <= 1

    declared(with_row(rule)).fill(VALUES)
    assert seen
    assert all(found is shared for found in seen)


# --- what a rule becomes

X, H, P = slice(0, 3), slice(3, 6), 6


def row_of(rule, over="step"):
    lp = declared(with_row(rule, over)).fill(VALUES)
    return dense(lp), lp.row_lower, lp.row_upper


def test_before_is_the_step_before_and_the_first_follows_the_last():
    matrix, low, high = row_of(lambda t, x, h, n, **_: h[t] == n * h[before(t)] + x[t])
    np.testing.assert_array_equal(matrix[:, H], [[1, 0, -2], [-2, 1, 0], [0, -2, 1]])
    np.testing.assert_array_equal(matrix[:, X], -np.eye(3))
    assert list(low) == list(high) == [0, 0, 0]


def test_a_start_takes_the_place_of_the_last_step():
    def say(lp):
        h = lp.level("h", start=lp.number("n_mw"))
        lp.row("keep", lambda t: h[t] == h[before(t)])

    lp = declared(say).fill(VALUES)
    np.testing.assert_array_equal(dense(lp), [[1, 0, 0, -1], [-1, 1, 0, 0], [0, -1, 1, 0]])
    assert lp.lower[3] == lp.upper[3] == 2.0


def test_month_scatters_over_the_months_of_the_horizon():
    def say(lp):
        x, p = lp.flow("x", feeds=True, role="import"), lp.peak("p")
        lp.row("limit", lambda t: p[month(t)] >= x[t])

    time = TimeAxis(year=2025, first_day="01-31", hours=26)
    matrix = dense(declared(say, time=time).fill(VALUES))
    np.testing.assert_array_equal(matrix[:, :26], np.eye(26))
    np.testing.assert_array_equal(matrix[:, 26], [-1.0] * 24 + [0.0] * 2)
    np.testing.assert_array_equal(matrix[:, 27], [0.0] * 24 + [-1.0] * 2)


def test_algebra_of_coefficients_and_right_sides():
    """2 (x / s - 3) <= s h + 4 n - x is (2 / s + 1) x - s h <= 6 + 8."""
    matrix, low, high = row_of(lambda t, x, h, n, s, **_: 2 * (x[t] / s[t] - 3) <= s[t] * h[t] + 4 * n - x[t])
    np.testing.assert_allclose(np.diag(matrix[:, X]), [3.0, 2.0, 1.5])
    np.testing.assert_allclose(np.diag(matrix[:, H]), [-1.0, -2.0, -4.0])
    np.testing.assert_allclose(high, 14.0)
    assert np.isinf(low).all()


def test_a_minus_before_a_bracket_turns_every_sign():
    matrix, _, high = row_of(lambda t, x, h, n, **_: -(x[t] - 2.0 * h[t] - n) <= 0)
    np.testing.assert_array_equal(np.diag(matrix[:, X]), [-1, -1, -1])
    np.testing.assert_array_equal(np.diag(matrix[:, H]), [2, 2, 2])
    np.testing.assert_array_equal(high, -2.0)


def test_terms_of_one_column_add_up_in_one_entry():
    lp = declared(with_row(lambda t, x, **_: x[t] + 2 * x[t] - x[t] <= 1)).fill(VALUES)
    assert len(lp.value) == 3
    np.testing.assert_array_equal(np.diag(dense(lp)[:, X]), [2, 2, 2])


def test_totals_sum_a_flow_by_month_and_by_year():
    def say(lp):
        x = lp.flow("x", feeds=True, role="import")
        lp.total(x, over="month")
        lp.total(x, over="year")

    time = TimeAxis(year=2025, first_day="12-31", hours=25, step_minutes=30)
    matrix = dense(declared(say, time=time).fill(VALUES))
    assert matrix.shape == (4, 50 + 4)
    first, second = np.array([0.5] * 48 + [0.0] * 2), np.array([0.0] * 48 + [0.5] * 2)
    for rows in (matrix[:2], matrix[2:]):
        np.testing.assert_array_equal(rows[:, :50], -np.array([first, second]))
    np.testing.assert_array_equal(matrix[:, 50:], np.eye(4))


def test_balances_feed_plus_and_draw_minus():
    def say(lp):
        lp.flow("make", node="bus", feeds=True, role="renewable")
        lp.flow("use", node="bus", feeds=False, role="demand")

    program = declared(say)
    lp = program.fill(VALUES)
    np.testing.assert_array_equal(dense(lp), np.hstack([np.eye(3), -np.eye(3)]))
    assert list(program.rows) == ["bus.balance"]
    assert not lp.row_lower.any()
    assert not lp.row_upper.any()


def test_bounds_and_costs_are_products_of_numbers():
    def say(lp):
        cap = lp.number("n_mw")
        x = lp.flow("x", feeds=True, role="import", lo=1.0, hi=cap * lp.series("s_mw"))
        lp.cost("energy", lp.series("s_mw"), x)
        lp.cost("energy", 10.0, x)
        lp.cost("fee", cap, cap)

    lp = declared(say).fill(VALUES)
    np.testing.assert_array_equal(lp.lower, 1.0)
    np.testing.assert_array_equal(lp.upper, [2.0, 4.0, 8.0])
    np.testing.assert_array_equal(lp.cost, [11.0, 12.0, 14.0])
    assert lp.offset == 4.0


def test_zero_keeps_its_slot():
    program = declared(with_row(lambda t, x, s, **_: s[t] * x[t] <= 1))
    other = program.fill({"own": {**VALUES["own"], "s_mw": np.zeros(3)}})
    np.testing.assert_array_equal(other.index, program.fill(VALUES).index)
    np.testing.assert_array_equal(other.value, 0.0)


def test_structure_key_tells_structures_apart_and_not_numbers():
    one = declared(with_row(lambda t, x, n, **_: n * x[t] <= 1))
    same = declared(with_row(lambda t, x, s, **_: s[t] * x[t] <= 3))
    other = declared(with_row(lambda t, x, **_: x[before(t)] <= 1))
    assert one.structure_key == same.structure_key
    assert one.structure_key != other.structure_key


# --- how a broken rule is told

BROKEN = {
    "two variables multiplied": (lambda t, x, h, **_: x[t] * h[t] <= 1, "not linear"),
    "a power": (lambda t, x, **_: x[t] ** 2 <= 1, "PowExpression"),
    "an absolute value": (lambda t, x, **_: abs(x[t]) <= 1, "AbsExpression"),
    "a variable below": (lambda t, x, **_: 1 / x[t] <= 1, "fraction bar"),
    "a branch on a number": (lambda t, x, n, **_: x[t] <= (1 if n > 0 else 2), "may use"),
    "a branch on a variable": (lambda t, x, h, **_: max(x[t], h[t]) <= 1, "may use"),
    "nothing": (lambda t, **_: None, "one relation"),
    "no relation": (lambda t, x, **_: x[t], "one relation"),
    "two relations": (lambda t, x, **_: (x[t] <= 1, x[t] >= 0), "one relation"),
    "a strict relation": (lambda t, x, **_: x[t] < 1, "one relation"),
    "numbers alone": (lambda t, n, **_: n <= 3, "speaks of no flow"),
    "the step after": (lambda t, x, **_: x[t + 1] <= 1, "may use"),
    "a fixed step": (lambda t, x, **_: x[0] <= 1, "indexed by step"),
    "no index": (lambda t, x, **_: x <= 1, "may use"),
    "two steps before": (lambda t, x, **_: x[before(before(t))] <= 1, "known of a step only"),
    "the month of a month": (lambda t, p, **_: p[month(month(t))] <= 1, "known of a step only"),
    "a flow by month": (lambda t, x, **_: x[month(t)] <= 1, "indexed by step"),
    "a peak by step": (lambda t, p, **_: p[t] <= 1, "indexed by month"),
    "a loop over the step": (lambda t, x, **_: sum(x[i] for i in t) <= 1, "may use"),
    "a loop over a flow": (lambda t, x, **_: sum(x[i] for i in x) <= 1, "indexed by step"),
    "a loop over an item": (lambda t, x, **_: sum(i for i in x[t]) <= 1, "may use"),
    "a number of the step before": (lambda t, x, s, **_: x[t] <= s[before(t)], "no step before"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_names_its_component_and_says_why(name):
    rule, reason = BROKEN[name]
    with pytest.raises(StructureError, match=reason) as told:
        declared(with_row(rule)).fill(VALUES)
    assert told.value.component == "own"


@pytest.mark.parametrize(
    ("say", "item", "reason"),
    [
        (lambda lp, x: lp.flow("x", feeds=True, role="import"), "x", "twice"),
        (lambda lp, x: [lp.row("r", lambda t: x[t] <= 1), lp.row("r", lambda t: x[t] >= 0)], "r", "twice"),
        (lambda lp, x: lp.flow("y", feeds=True, role="import", hi=lp.number("n_mw") + 1), "y", "bound or coefficient"),
        (lambda lp, x: lp.flow("y", feeds=True, role="import", hi=[1, 2, 3]), "y", "bound or coefficient"),
        (lambda lp, x: lp.cost("fee", lp.number("n_mw") / 2, x), "fee", "bound or coefficient"),
        (lambda lp, x: lp.flow("y", feeds=True, role="import", hi=lp.number("lost_mw")), "y", "missing"),
        (lambda lp, x: lp.flow("y", feeds=True, role="import", hi=lp.series("short_mw")), "y", "misshapen"),
        (lambda lp, x: lp.cost("fee", lp.number("lost_mw"), x), "x", "missing"),
        (lambda lp, x: lp.row("r", lambda t: x[t] <= lp.number("lost_mw")), "r", "missing"),
        (lambda lp, x: lp.row("r", lambda t: x[t] <= lp.series("short_mw")[t]), "r", "misshapen"),
        (lambda lp, x: lp.flow("y", feeds=True, role="import", hi=lp.number("nan_mw")), "nan_mw", "not finite"),
        (lambda lp, x: lp.cost("fee", lp.number("nan_mw"), x), "nan_mw", "not finite"),
        (lambda lp, x: lp.row("r", lambda t: x[t] <= lp.number("nan_mw")), "nan_mw", "not finite"),
        (lambda lp, x: lp.total(lp.level("h"), over="year"), "total", "sums up a flow"),
    ],
)
def test_a_broken_declaration_names_the_item(say, item, reason, caplog):
    with pytest.raises(StructureError, match=reason) as told:
        declared(lambda lp: say(lp, lp.flow("x", feeds=True, role="import"))).fill(VALUES)
    assert (told.value.component, told.value.row) == ("own", item)
    assert not caplog.records, "nothing is logged"
