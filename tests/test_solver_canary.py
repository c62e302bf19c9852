"""Small programs that tell at once when a new HiGHS or a new Pyomo is not what parksim was written for."""

import threading
from types import SimpleNamespace

import highspy
import numpy as np
import pytest
from pyomo.core import Any, ConcreteModel, Param, RangeSet, Var
from pyomo.core.expr import numeric_expr, relational_expr
from pyomo.core.expr.template_expr import IndexTemplate
from scipy.sparse import csc_array

from parksim.lp.highs import Solver, duality_gap
from parksim.lp.program import SparseLP

INF = np.inf


def sparse(cost, matrix, low, high, *, lower=None, upper=None, offset=0.0):
    """An LP from a dense matrix."""
    form = csc_array(np.asarray(matrix, float))
    width = len(cost)
    return SparseLP(
        start=form.indptr.astype(np.int32),
        index=form.indices.astype(np.int32),
        value=form.data.astype(float),
        cost=np.asarray(cost, float),
        lower=np.zeros(width) if lower is None else np.asarray(lower, float),
        upper=np.full(width, INF) if upper is None else np.asarray(upper, float),
        row_lower=np.asarray(low, float),
        row_upper=np.asarray(high, float),
        offset=offset,
    )


def test_highs_finds_the_optimum_of_a_small_mixed_integer_program():
    """min 2x + 3z, x + z >= 4.5, 0 <= x, z <= 10, z whole: 9 at x = 4.5. HiGHS 1.14.0 calls 15 optimal."""
    lp = sparse([2, 3], [[1, 1]], [4.5], [INF], upper=[10, 10])
    solver = Solver(lp, presolve=True)
    highs = solver.highs
    highs.setOptionValue("solver", "choose")
    highs.changeColIntegrality(1, highspy.HighsVarType.kInteger)
    found = solver.run()
    assert found.optimal
    # HiGHS 1.16.0 uses up its tolerance of feasibility, 1e-6 on x and z each, at costs of 2 and 3.
    assert found.objective_cny == pytest.approx(9.0, abs=5e-6)
    np.testing.assert_allclose(found.columns, [4.5, 0.0], atol=1e-6)


TRANSPORT_COST = 0.09 * np.array([2.5, 1.7, 1.8, 2.5, 1.8, 1.4])
SMALL = {
    # G. B. Dantzig, Linear Programming and Extensions, Princeton 1963, ch. 3-3: two canneries, three markets. The
    # optimum of the figures as GAMS spreads them (TRNSPORT) is 153.675.
    "transport": (
        sparse(
            TRANSPORT_COST,
            [[1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1], [1, 0, 0, 1, 0, 0], [0, 1, 0, 0, 1, 0], [0, 0, 1, 0, 0, 1]],
            [-INF, -INF, 325, 300, 275],
            [350, 600, INF, INF, INF],
        ),
        153.675,
    ),
    # E. M. L. Beale, Cycling in the dual simplex algorithm, Naval Research Logistics Quarterly 2 (1955), 269-275:
    # the plain simplex method cycles for ever; the optimum is -1/20.
    "beale": (
        sparse(
            [-0.75, 150, -0.02, 6],
            [[0.25, -60, -0.04, 9], [0.5, -90, -0.02, 3], [0, 0, 1, 0]],
            [-INF, -INF, -INF],
            [0, 0, 1],
        ),
        -0.05,
    ),
    # V. Klee, G. J. Minty, How good is the simplex algorithm?, in Inequalities III, 1972: in three dimensions
    # max 100 a + 10 b + c visits every corner of the cube; the optimum is 10,000 at (0, 0, 10,000).
    "klee-minty": (
        sparse([-100, -10, -1], [[1, 0, 0], [20, 1, 0], [200, 20, 1]], [-INF] * 3, [1, 100, 10_000]),
        -10_000.0,
    ),
    # min x + 2y + 5, x + y = 1, -2 <= x - y <= 4, both free, y <= 9: with y = 1 - x the cost is 7 - x, and
    # x - y = 2x - 1 <= 4 holds x at 2.5.
    "free and ranged": (
        sparse([1, 2], [[1, 1], [1, -1]], [1, -2], [1, 4], lower=[-INF, -INF], upper=[INF, 9], offset=5.0),
        4.5,
    ),
}


@pytest.mark.parametrize("presolve", [False, True], ids=["as handed over", "presolved"])
@pytest.mark.parametrize("name", SMALL)
def test_highs_finds_known_optima(name, presolve):
    lp, optimum = SMALL[name]
    found = Solver(lp, presolve=presolve).run()
    assert found.optimal
    assert found.has_primal
    assert found.has_dual
    assert found.objective_cny == pytest.approx(optimum, abs=1e-9)
    assert duality_gap(lp, found) < 1e-9


@pytest.mark.parametrize(
    ("lp", "termination"),
    [
        (sparse([1], [[1], [1]], [3, -INF], [INF, 2]), "infeasible"),
        (sparse([-1], [[-1]], [-INF], [3]), "unbounded"),
        (sparse([1], [[1]], [-INF], [INF], lower=[2], upper=[1]), "infeasible"),
    ],
    ids=["rows fight", "nothing stops it", "bounds fight"],
)
def test_highs_tells_why_it_stopped(lp, termination):
    found = Solver(lp).run()
    assert found.termination == termination
    assert not found.optimal


def test_signs_of_duals():
    """min 10 x + 30 y, x + y = 5, x <= 3: one more drawn costs 30, one more of x allowed saves 20."""
    found = Solver(sparse([10, 30], [[1, 1]], [5], [5], upper=[3, INF])).run()
    assert found.row_duals[0] == pytest.approx(30.0)
    np.testing.assert_allclose(found.reduced_costs, [-20.0, 0.0], atol=1e-12)


def test_a_changed_lp_is_solved_from_the_basis_it_holds():
    lp = SMALL["transport"][0]
    solver = Solver(lp)
    assert solver.run().iterations > 0
    assert solver.run().iterations == 0
    solver.set_costs(2.0 * lp.cost, offset=1.0)
    again = solver.run()
    assert again.objective_cny == pytest.approx(2 * 153.675 + 1.0)
    assert again.iterations == 0, "the optimal corner is the same"


@pytest.fixture
def template():
    """What Pyomo makes of a store's row at a symbolic step: x[t] == keep x[before[t]] + gain[t] y[t] - z[t] / eff."""
    model = ConcreteModel()
    model.t, model.m = RangeSet(0, 3), RangeSet(0, 0)
    model.x, model.y, model.z = (Var(model.t, dense=False) for _ in range(3))
    model.p = Var(model.m, dense=False)
    model.before, model.month = (Param(model.t, mutable=True, within=Any) for _ in range(2))
    model.gain = Param(model.t, mutable=True, within=Any)
    model.keep, model.eff = (Param(mutable=True, within=Any) for _ in range(2))

    def of(rule):
        step = IndexTemplate(model.t, 0, 1, 1)
        return rule(model, step), (step,)

    return SimpleNamespace(model=model, of=of)


def is_item(node):
    return "GetItem" in type(node).__name__


def test_pyomo_gives_the_nodes_that_expansion_reads(template):
    m = template.model
    store, indices = template.of(lambda _, t: m.x[t] == m.keep * m.x[m.before[t]] + m.gain[t] * m.y[t] - m.z[t] / m.eff)
    assert isinstance(store, relational_expr.EqualityExpression)
    assert len(store.args) == 2
    assert all(isinstance(index, IndexTemplate) for index in indices)
    left, right = store.args
    assert is_item(left)
    assert left.args[0] is m.x
    assert isinstance(left.args[1], IndexTemplate)
    assert isinstance(right, numeric_expr.SumExpression)
    kept, gained, drained = right.args
    assert isinstance(kept, numeric_expr.ProductExpression)
    assert kept.args[0] is m.keep
    owner, inner = kept.args[1].args
    assert owner is m.x
    assert is_item(inner)
    assert isinstance(inner, numeric_expr.NumericExpression)
    assert inner.args[0] is m.before
    assert isinstance(inner.args[1], IndexTemplate)
    assert isinstance(gained, numeric_expr.ProductExpression)
    assert gained.args[0].args[0] is m.gain
    assert isinstance(drained, numeric_expr.NegationExpression | numeric_expr.ProductExpression)


def test_pyomo_keeps_the_order_of_relations(template):
    """`a >= b` is kept as b <= a, and the sides keep their order: expansion takes left minus right."""
    m = template.model
    at_most, _ = template.of(lambda _, t: m.p[m.month[t]] >= m.gain[t] * m.y[t])
    assert isinstance(at_most, relational_expr.InequalityExpression)
    left, right = at_most.args
    assert isinstance(left, numeric_expr.ProductExpression)
    assert is_item(right)
    assert right.args[0] is m.p


def test_pyomo_asks_a_rule_once_and_for_no_number(template):
    asked = []
    template.of(lambda _, t: (asked.append(t), template.model.x[t] <= 1.0)[1])
    assert len(asked) == 1
    assert isinstance(asked[0], IndexTemplate) or isinstance(asked[0][0], IndexTemplate)


def test_a_solve_runs_whatever_ran_highs_on_this_thread_before():
    """HiGHS's scheduler keeps the threads of its first run, and refuses a run that asks for other ones."""
    found = []

    def work():
        other = highspy.Highs()
        other.silent()
        other.setOptionValue("threads", 2)
        other.addVar(0.0, 1.0)
        other.run()
        found.append(Solver(sparse([1.0], [[1.0]], [2.0], [INF])).run())

    thread = threading.Thread(target=work)  # a scheduler belongs to its thread
    thread.start()
    thread.join()
    assert found[0].optimal
    assert found[0].objective_cny == pytest.approx(2.0)
