"""The LP of each kind over two steps, as text one can read: what changes in it shows in a diff.

A changed LP is meant or it is a bug. If it is meant, read the diff, and write the files anew with
``python tests/test_golden.py``.
"""

from pathlib import Path

import highspy
import numpy as np
import pytest

from parksim import testing
from parksim.components import KINDS
from parksim.components._cases import demand, grid, micro, shortfall
from parksim.lp.highs import Silent, Solver

FOLDER = Path(__file__).resolve().parent / "golden"
NIGHT_DAY = [100.0, 300.0]


def contract(**fields):
    terms = {"delivery": "line", "technology": "hydro", "plant": "new", "certificate": "none"}
    return {"name": "hydro", "kind": "direct_supply", "power_max_mw": 10.0, "available": [0.5, 0.8], **terms, **fields}


def source(kind, **fields):
    plain = {"power_max_mw": 8.0, "available": [0.0, 0.75], "om_cny_per_mwh": 5.0}
    return {"name": kind, "kind": kind, **plain, **fields}


PARKS = {
    "demand": lambda: micro(demand(power_mw=[2.0, 5.0]), grid(price_cny_per_mwh=NIGHT_DAY)),
    "shortfall": lambda: micro(
        shortfall(price_cny_per_mwh=50_000.0),
        grid(price_cny_per_mwh=NIGHT_DAY, import_max_mw=3.0),
        demand(power_mw=5.0),
    ),
    "grid": lambda: micro(
        grid(
            price_cny_per_mwh=NIGHT_DAY,
            demand_cny_per_mw_month=7_440.0,
            import_max_mw=20.0,
            import_available=[1.0, 0.5],
            import_energy_max_mwh=9.0,
            export_max_mw=5.0,
            export_price_cny_per_mwh=40.0,
            quarter_hour_peak_ratio=1.25,
            transformer_mva=10.0,
            demand_floor_fraction=0.4,
        ),
        demand(power_mw=[3.0, 5.0]),
    ),
    "direct_supply": lambda: micro(
        contract(
            loss_fraction=0.2,
            price_cny_per_mwh=80.0,
            network_cny_per_mwh=10.0,
            system_cny_per_mwh=2.0,
            funds_cny_per_mwh=3.0,
            take_or_pay_fraction=0.9,
            take_or_pay_cny_per_mwh=30.0,
        ),
        grid(price_cny_per_mwh=NIGHT_DAY),
        demand(power_mw=[3.0, 5.0]),
    ),
    "battery": lambda: micro(
        {
            "name": "battery",
            "kind": "battery",
            "power_max_mw": 4.0,
            "energy_max_mwh": 10.0,
            "eff_in": 0.8,
            "eff_out": 0.5,
            "loss_per_h": 0.25,
            "level_min_fraction": 0.1,
            "level_max_fraction": 0.9,
            "auxiliary_fraction": 0.05,
            "wear_cny_per_mwh": 7.0,
        },
        grid(price_cny_per_mwh=NIGHT_DAY),
        demand(power_mw=[3.0, 5.0]),
    ),
    "reservoir": lambda: micro(
        {
            "name": "lake",
            "kind": "reservoir",
            "power_max_mw": 6.0,
            "energy_max_mwh": 20.0,
            "inflow_mw": [4.0, 1.0],
            "ecological_mw": 2.0,
            "level_min_fraction": 0.1,
            "energy_start_fraction": 0.5,
            "energy_end_fraction": 0.4,
            "om_cny_per_mwh": 5.0,
        },
        grid(price_cny_per_mwh=NIGHT_DAY),
        demand(power_mw=[3.0, 5.0]),
    ),
    **{
        kind: lambda kind=kind: micro(source(kind), grid(price_cny_per_mwh=NIGHT_DAY), demand(power_mw=[3.0, 5.0]))
        for kind in ("pv", "wind", "run_of_river")
    },
}
"""Kind to a park of two hours in which it stands with every part it may add to the LP."""


def number(value):
    return "inf" if value == np.inf else "-inf" if value == -np.inf else f"{value + 0.0:.12g}"  # no -0


def linear(coefficients, names):
    parts = [f"{'-' if c < 0 else '+'} {number(abs(c))} {n}" for c, n in zip(coefficients, names, strict=True)]
    return " ".join(parts) or "+ 0"


def labels(blocks):
    for block in blocks:
        yield from (f"{block.label}({position})" for position in range(block.length))
        if getattr(block, "start", None) is not None:
            yield f"{block.label}(start)"


def as_text(table, title):
    """Write the LP of a park in the format of CPLEX."""
    _, _, program, lp = testing.expand(table)
    columns, rows = list(labels(program.columns.values())), list(labels(program.rows.values()))
    paid = np.flatnonzero(lp.cost)
    offset = f" + {number(lp.offset)}" if lp.offset else ""
    lines = [f"\\ {title}", "Minimize", f" cost: {linear(lp.cost[paid], [columns[c] for c in paid])}{offset}"]
    lines.append("Subject To")
    of_entry = lp.column
    for at, name in enumerate(rows):
        here = np.flatnonzero(lp.index == at)
        low, high = lp.row_lower[at], lp.row_upper[at]
        assert low in (high, -np.inf), "a row is an equality or an upper limit"
        relation = "=" if low == high else "<="
        left = linear(lp.value[here], [columns[of_entry[entry]] for entry in here])
        lines.append(f" {name}: {left} {relation} {number(high)}")
    lines.append("Bounds")
    for name, low, high in zip(columns, lp.lower, lp.upper, strict=True):
        lines.append(f" {name} = {number(low)}" if low == high else f" {number(low)} <= {name} <= {number(high)}")
    return "\n".join([*lines, "End", ""])


def title_of(kind):
    return f"{kind}: two hours, CNY, MW and MWh"


def test_every_kind_has_a_golden_file_and_no_other_is_there():
    assert set(PARKS) == set(KINDS)
    assert {path.stem for path in FOLDER.glob("*.lp")} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_the_lp_is_the_golden_one(kind):
    file = FOLDER / f"{kind}.lp"
    assert file.is_file(), f"{file.name} is missing; write it with `python tests/test_golden.py` and read it"
    assert as_text(PARKS[kind](), title_of(kind)) == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_the_golden_file_is_the_same_program_to_another_reader(kind):
    """HiGHS reads the text itself, and finds the optimum that parksim finds over arrays."""
    highs = Silent()
    assert highs.readModel(str(FOLDER / f"{kind}.lp")) == highspy.HighsStatus.kOk
    highs.run()
    assert highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    expected = testing.solved(PARKS[kind]()).solution.objective_cny
    assert highs.getInfo().objective_function_value == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_the_golden_park_uses_every_part_its_kind_can_add(kind):
    """Whatever rows, columns and ledger lines the worked cases of a kind show, its golden park shows too."""
    name = {"direct_supply": "hydro", "reservoir": "lake"}.get(kind, kind)
    _, _, golden, _ = testing.expand(PARKS[kind]())
    shown = parts(golden, name)
    for case in testing.CASES[kind]:
        park, _, program, _ = testing.expand(case.park())
        for own in (n for n, component in park.components.items() if component.kind == kind):
            assert parts(program, own) <= shown


def parts(program, component):
    blocks = [*program.columns.values(), *program.rows.values()]
    items = {block.item for block in blocks if block.component == component}
    return items | {f"{entry.ledger}.{entry.term}" for entry in program.bookings if entry.component == component}


def test_a_changed_number_changes_the_text():
    table = PARKS["battery"]()
    before = as_text(table, "battery")
    table["components"]["battery"]["eff_in"] = 0.81
    assert as_text(table, "battery") != before


def test_the_optima_of_parks_with_a_start_are_told_with_their_start_column():
    text = (FOLDER / "reservoir.lp").read_text(encoding="utf-8")
    assert "lake.held(start) = 10" in text
    assert Solver(testing.expand(PARKS["reservoir"]())[3]).run().optimal


def write():
    """Write every golden file anew."""
    FOLDER.mkdir(exist_ok=True)
    for kind, park in PARKS.items():
        (FOLDER / f"{kind}.lp").write_text(as_text(park(), title_of(kind)), encoding="utf-8")


if __name__ == "__main__":
    write()
