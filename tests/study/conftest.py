"""Small studies of the two-days park: all kinds of ends in a dozen cases, solved in about a second."""

import pytest

import parksim as ps

BATTERY, IMPORT = "components.battery.energy_max_mwh", "components.grid.import_max_mw"


@pytest.fixture(scope="session")
def small():
    """Six cases, all solved, with hourly series and a constraint."""
    return ps.Study(
        park="two-days",
        axes={
            "battery": {"field": BATTERY, "values": [0.0, 6.0, 12.0], "title": "Battery", "title_zh": "储能"},
            "roof": {"field": "components.roof.power_max_mw", "values": [6.0, 18.0]},
        },
        constraints={"green": {"indicator": "green_share", "min": 0.2}},
        keep={"hourly": ["power/grid.buy", "content/battery.held", "price/electricity"]},
    )


@pytest.fixture(scope="session")
def mixed():
    """Seven cases and one left out: with and without a battery, without a solution, and no valid park."""
    return ps.Study(
        park="two-days",
        axes={
            "store": {"options": {"none": {"remove": ["components.battery"]}, "some": {BATTERY: 6.0}}},
            "connection": {"field": IMPORT, "values": [-1.0, 2.0, 12.0, 20.0]},
        },
        combine={"where": ['connection < 20 or store == "some"']},
        keep={"hourly": ["content/battery.held", "power/grid.buy"]},
    )


def contents(folder):
    """Every file below a folder, by its path and bytes."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture
def bytes_of():
    """Read a folder whole."""
    return contents
