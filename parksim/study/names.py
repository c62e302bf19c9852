"""Names that a study may ask for before anything is solved: indicators, and series to keep."""

from collections.abc import Iterator

from parksim.accounts.final_energy import TECHNOLOGY_OF_KIND
from parksim.accounts.scalars import Meaning, named
from parksim.lp.program import Program
from parksim.park import Park

WATER = {"hydro", "mixed"}
"""What a plant that may be run by water is said to run on."""


def known(park: Park, program: Program) -> dict[str, Meaning]:
    """Give the indicators that cases of a structure have, with units and titles.

    Parameters
    ----------
    park
        The park; its yardsticks and components give names.
    program
        The structure; what charges and discharges is a store.
    """
    roles = {(block.component, block.role) for block in program.columns.values()}
    own = {
        f"{name}.{indicator.name}": Meaning(indicator.unit, f"{indicator.meaning or indicator.name}, {name}")
        for name, component in park.components.items()
        for indicator in component.indicators
    }
    return named(
        stores=[name for name in park.components if {(name, "charge"), (name, "discharge")} <= roles],
        yardsticks=park.yardsticks,
        own=own,
        hydro=any(_water(component) for component in park.components.values()),
    )


def _water(component: object) -> bool:
    """Whether a component may be a plant that runs on water."""
    kind, technology = getattr(component, "kind", ""), getattr(component, "technology", "")
    return TECHNOLOGY_OF_KIND.get(kind) in WATER or technology in WATER


def hourly_labels(park: Park, program: Program) -> Iterator[str]:
    """List the series that cases of a structure have, as ``[keep] hourly`` names them."""
    blocks = [block for block in program.columns.values() if block.over == "step"]
    yield from (f"power/{block.label}" for block in blocks if block.sort == "flow")
    yield from (f"content/{block.label}" for block in blocks if block.sort == "level")
    yield from (f"price/{node}" for node in park.nodes if f"{node}.balance" in program.rows)


def ledger_terms(program: Program, ledger: str) -> list[str]:
    """List the terms that a structure books on a ledger, ``cost`` or ``co2``."""
    return list(dict.fromkeys(f"{b.component}.{b.term}" for b in program.bookings if b.ledger == ledger))
