"""What every kind of component promises, held on its worked cases and on random parks."""

from copy import deepcopy
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyomo import environ  # registers Pyomo's compilers
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

from parksim import api, testing
from parksim.components import KINDS
from parksim.fields import fields_of
from parksim.lp import reference
from parksim.park import AnyComponent, read_park
from parksim.units import SUFFIX_OF_UNIT, suffix_fits

assert environ

CASES = [pytest.param(c, id=f"{k}-{n}") for k, cases in testing.CASES.items() for n, c in enumerate(cases)]
SEEDS = st.integers(0, 10_000)


def dense(lp):
    matrix = np.zeros(lp.shape)
    matrix[lp.index, lp.column] = lp.value
    return matrix


def assert_same_standard_form(table):
    """The templated LP and the ordinary Pyomo model are the same, row by row and column by column, by label."""
    park, inputs, program, lp = testing.expand(table)
    limits = park.limited
    model = reference.build(park.components, nodes=park.nodes, time=park.time, values=inputs.values, limits=limits)
    form = LinearStandardFormCompiler().write(model.model, mixed_form=True)
    column_of = {}
    for var in form.columns:
        block = model.columns[var.parent_component().local_name]
        column_of[id(var)] = program.columns[block.label].first + var.index()
    where = np.array([column_of[id(var)] for var in form.columns])
    matrix, low, high = np.zeros(lp.shape), np.full(lp.shape[0], np.nan), np.full(lp.shape[0], np.nan)
    low[:], high[:] = -np.inf, np.inf
    matrix[:, where] = 0.0
    for position, entry in enumerate(form.rows):
        con = entry.constraint
        block = model.rows[con.parent_component().local_name]
        row = program.rows[block.label].first + con.index()
        values = np.zeros(lp.shape[1])
        values[where] = form.A.tocsr()[position].toarray().ravel()
        matrix[row] = values
        right = form.rhs[position]
        if entry.bound_type >= 0:
            high[row] = right
        if entry.bound_type <= 0:
            low[row] = right
    ours = dense(lp)
    flip = np.isinf(lp.row_lower) & np.isinf(high) & np.isfinite(low)  # Pyomo may keep `a >= b` the other way round
    matrix[flip], low[flip], high[flip] = -matrix[flip], -high[flip], -low[flip]
    np.testing.assert_allclose(matrix, ours, rtol=1e-14, atol=0)
    np.testing.assert_allclose(high, lp.row_upper, rtol=1e-14)
    np.testing.assert_allclose(low, lp.row_lower, rtol=1e-14)
    cost = np.zeros(lp.shape[1])
    cost[where] = form.c.toarray().ravel()
    np.testing.assert_allclose(cost, lp.cost, rtol=1e-13)
    lower = np.array([-np.inf if v.lb is None else v.lb for v in form.columns])
    upper = np.array([np.inf if v.ub is None else v.ub for v in form.columns])
    np.testing.assert_allclose(lower, lp.lower[where])
    np.testing.assert_allclose(upper, lp.upper[where])


def test_every_kind_is_a_choice_of_the_park_file():
    assert {kind.model_fields["kind"].annotation for kind in get_args(get_args(AnyComponent)[0])} == {
        kind.model_fields["kind"].annotation for kind in KINDS.values()
    }


@pytest.mark.parametrize("kind", KINDS)
def test_fields_say_what_they_are(kind):
    for name, doc in fields_of(KINDS[kind]).items():
        assert doc.meaning, name
        assert doc.meaning.endswith("."), name
        if name in {"name", "title", "title_zh", "sources", "size"}:
            continue
        assert doc.sort is not None, name
        if doc.unit is not None:
            assert doc.unit in SUFFIX_OF_UNIT, name
            assert suffix_fits(name, doc.unit), name


LIMITS = {"co2_max_t": 9.0, "import_max_mwh": 99.0, "import_peak_max_mw": 9.0, "green_share_min": 0.3}
LIMITED = [pytest.param(c.values[0], LIMITS, id=f"{c.id}-limits") for c in CASES if c.id == "grid-0"]


@pytest.mark.parametrize(("case", "limits"), [*(pytest.param(*c.values, {}, id=c.id) for c in CASES), *LIMITED])
def test_numbers_are_complete_pure_and_named_with_their_unit(case, limits):
    park, inputs, program, _ = testing.expand({**case.park(), "limits": limits})
    again = testing.gather(park)
    asked = {(ref.component, ref.name) for ref in program._sheet.scalar_params}
    asked |= {(ref.component, ref.name) for ref, _ in program._sheet.array_params}
    for block in program.columns.values():
        for product in (block.lower, block.upper, block.start):
            asked |= {(ref.component, ref.name) for ref in product.factors} if product else set()
    for booking in program.bookings:
        asked |= {(ref.component, ref.name) for ref in booking.coefficient.factors}
    for row in program.rows.values():
        products = row.sum.products if row.sum else ()
        asked |= {(ref.component, ref.name) for product in products for ref in product.factors}
    given_numbers = {(c, n) for c, numbers in inputs.values.items() for n in numbers}
    assert asked == given_numbers, "numbers() gives exactly what declare() asks for"
    suffixes = tuple(s for many in SUFFIX_OF_UNIT.values() for s in many)
    for component, numbers in inputs.values.items():
        for name, value in numbers.items():
            assert name.endswith(suffixes) or name.endswith("available"), name
            np.testing.assert_array_equal(value, again.values[component][name])
            assert np.ndim(value) == 0 or not value.flags.writeable


@pytest.mark.parametrize("case", CASES)
def test_same_standard_form_as_the_ordinary_pyomo_model(case):
    assert_same_standard_form(case.park())


@settings(max_examples=12, deadline=None)
@given(seed=SEEDS)
def test_same_standard_form_on_random_parks(seed):
    assert_same_standard_form(testing.random_table(seed, hours=6))


@settings(max_examples=8, deadline=None)
@given(seed=SEEDS, first_day=st.sampled_from(["01-31", "12-31"]))
def test_same_standard_form_with_limits_of_the_park(seed, first_day):
    table = testing.random_table(seed, hours=30)
    table["time"]["first_day"] = first_day
    assert_same_standard_form({**table, "limits": LIMITS})


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, limits=st.sampled_from([{}, LIMITS]))
def test_pattern_stays_under_other_numbers(seed, limits):
    _, inputs, program, lp = testing.expand({**testing.random_table(seed), "limits": limits})
    zero = {c: {n: np.zeros_like(v) for n, v in numbers.items()} for c, numbers in inputs.values.items()}
    other = program.fill(zero)
    np.testing.assert_array_equal(lp.start, other.start)
    np.testing.assert_array_equal(lp.index, other.index)


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_answer_passes_its_audit_and_costs_sum_to_the_objective(seed):
    ds = api.solve(read_park(testing.random_table(seed)))
    assert float(ds["residual_value"].max()) <= 1e-6
    assert float(ds["cost"].sum()) == pytest.approx(ds.attrs["objective_cny"], rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("kind", [k for k in KINDS if k not in {"demand", "shortfall", "grid"}])
def test_a_component_of_size_zero_changes_nothing(kind):
    case = testing.CASES[kind][0]
    table = case.park()
    sized = {n: c for n, c in table["components"].items() if c["kind"] == kind}
    without = deepcopy(table)
    for name, entry in sized.items():
        for field, doc in fields_of(KINDS[kind]).items():
            if doc.sizable and field in entry:
                entry[field] = 0.0
        if kind == "reservoir":
            entry["inflow_mw"] = 0.0
            entry.pop("flow_m3_per_s", None)
        del without["components"][name]
    for park in (table, without):
        park["components"]["last_resort"] = {"kind": "shortfall", "price_cny_per_mwh": 1e7}
        park["components"].setdefault("mains", {"kind": "grid", "tariff": "mains", "import_max_mw": 1e4})
        park["tariffs"].setdefault("mains", {"price_cny_per_mwh": 5_000.0})
    zero, gone = testing.solved(table).solution, testing.solved(without).solution
    assert zero.objective_cny == pytest.approx(gone.objective_cny, rel=1e-9, abs=1e-6)


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, factor=st.floats(1.05, 2.0))
def test_a_looser_limit_never_costs_more(seed, factor):
    table = testing.random_table(seed, peaks=False)
    base = testing.solved(table).solution.objective_cny
    for entry in table["components"].values():
        if entry["kind"] != "demand":
            loose = deepcopy(table)
            name = next(n for n, e in table["components"].items() if e is entry)
            for field, doc in fields_of(KINDS[entry["kind"]]).items():
                if (
                    doc.sizable
                    and field in entry
                    and not (entry["kind"] == "battery" and "auxiliary_fraction" in entry)
                ):
                    loose["components"][name][field] = entry[field] * factor
            assert testing.solved(loose).solution.objective_cny <= base + 1e-9 * abs(base) + 1e-6


@settings(max_examples=8, deadline=None)
@given(seed=SEEDS)
def test_15_30_and_60_minutes_agree_without_stores(seed):
    table = testing.random_table(seed, stores=False, hours=12)
    for entry in table["components"].values():
        entry.pop("quarter_hour_peak_ratio", None)
    hourly = testing.solved(table).solution.objective_cny
    for times in (2, 4):
        fine = testing.solved(testing.finer(table, times)).solution.objective_cny
        assert fine == pytest.approx(hourly, rel=1e-9)


@pytest.mark.parametrize("case", [p for p in CASES if p.id.split("-")[0] in {"battery", "reservoir"}])
def test_stores_lose_the_same_at_any_step(case):
    table = case.park()
    hourly = testing.solved(table).solution.objective_cny
    fine = testing.solved(testing.finer(table, 4)).solution.objective_cny
    assert fine <= hourly + 1e-6 * abs(hourly), "the coarse plan is one of the fine plans, up to losses within an hour"
