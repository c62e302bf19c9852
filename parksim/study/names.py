"""Names that a study may ask for before anything is solved: indicators, and series to keep."""

from collections.abc import Iterator

from parksim.accounts.rules import CLAUSES
from parksim.lp.program import Program
from parksim.park import Park

OF_PARK = (
    *("objective_cny", "cost_cny", "cost_cny_per_mwh", "load_mwh", "served_mwh", "unserved_mwh", "green_supply_mwh"),
    *("green_share", "self_use_share", "renewable_mwh", "direct_mwh", "import_mwh", "export_mwh", "curtailed_mwh"),
    *("direct_not_taken_mwh", "peak_import_mw", "peak_load_mw"),
)
"""Figures of the summary that every park has."""

BY_YARDSTICK = ("emissions_t", "avoided_co2_t", "avoided_additional_co2_t")

OF_VERDICT = (
    *("energy.total_tce", "energy.total_co2_t", "certificates.gap_co2_t", "certificates.needed_mwh"),
    *("certificates.cost_min_cny", "certificates.cost_max_cny"),
)

OF_TIES = ("green_supply_width_mwh", "bought_width_mwh", "storage_throughput_width_mwh")

OF_STORE = (
    *("charge_mwh", "discharge_mwh", "full_cycles", "rainflow_cycles", "mean_depth", "energy_usable_mwh", "loss_mwh"),
)


def known(park: Park, program: Program) -> Iterator[str]:
    """List the indicators that cases of a structure have.

    Parameters
    ----------
    park
        The park; its yardsticks and components give names.
    program
        The structure; what charges and discharges is a store.
    """
    yield from OF_PARK
    for name in BY_YARDSTICK:
        yield from (f"{name}.{yardstick}" for yardstick in park.yardsticks)
    for key in CLAUSES:
        yield from (f"verdict.{key}{end}" for end in ("", ".max", ".pass"))
    yield from (f"verdict.{name}" for name in OF_VERDICT)
    yield from (f"ties.{name}" for name in OF_TIES)
    roles = {(block.component, block.role) for block in program.columns.values()}
    for name, component in park.components.items():
        if {(name, "charge"), (name, "discharge")} <= roles:
            yield from (f"{name}.{figure}" for figure in OF_STORE)
        yield from (f"{name}.{indicator.name}" for indicator in component.indicators)


def hourly_labels(program: Program) -> Iterator[str]:
    """List the series that cases of a structure have, as ``[keep] hourly`` names them."""
    blocks = [block for block in program.columns.values() if block.over == "step"]
    yield from (f"power/{block.label}" for block in blocks if block.sort == "flow")
    yield from (f"content/{block.label}" for block in blocks if block.sort == "level")
    yield from (f"price/{node}" for node in dict.fromkeys(b.node for b in blocks if b.node is not None))
