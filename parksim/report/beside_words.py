"""Every text of what stands beside a run: its references, and other parks."""

WORDS = {
    "references": "Held against the same park",
    "reference.grid": "all from the grid",
    "reference.no_storage": "without storage",
    "reference.tariff": "at the tariff {subject}",
    "col.cost": "cost",
    "col.per_kwh": "per kWh",
    "col.green": "green",
    "col.bought": "bought",
    "col.peak": "peak bought",
    "col.saves": "the run saves",
    "lifted": "{name}: {path} is lifted from {was} to {now}, or the load could not be served.",
    "none.no_grid": "{name}: there is no such plan; the park has no connection to the grid.",
    "none.infeasible": "{name}: there is no such plan; its limits contradict each other. {note}",
    "none.refused": "{name}: there is no such plan; the park would be refused. {note}",
    "none": "{name}: there is no such plan; the solver gave up ({termination}). {note}",
    "unserved": "{name}: {energy} stay unserved; their damage is in the cost.",
    "row.green_share": "green share [%]",
    "row.unit_cost": "cost per kWh [CNY/kWh]",
    "row.green_supply": "green supply [{unit}]",
    "row.cost": "cost [{unit}]",
    "row.import": "bought [{unit}]",
    "row.peak_import": "peak bought [MW]",
    "row.export": "sold [{unit}]",
    "row.direct": "direct supply [{unit}]",
    "row.direct_not_taken": "direct supply left [{unit}]",
    "row.unserved": "unserved [{unit}]",
    "row.full_cycles": "full cycles of the stores",
    "row.co2": "CO2 emitted, {title} [kt]",
    "row.claim": "claim met: {title}",
    "cell.apart": "{value}\n({apart})",
    "claim.met": "yes",
    "claim.not met": "no\n({ratio})",
    "claim.not judged": "not judged",
    "claim.of": "{met} of {n} yardsticks",
    "range": "Over {n} parks {green} of the demand is green, at {cost} CNY/kWh.",
    "range.one": "{name}: {green} of the demand is green, at {cost} CNY/kWh.",
    "range.to": "{least} ({first}) to {most} ({last})",
    "range.unserved": "{name} leaves {energy} unserved and stands outside this range.",
    "range.none": "No park serves all its demand, so there is no range to tell.",
    "range.failed": "{name} has no solution: {problem}",
}


def tell(key: str, **values: object) -> str:
    """Give a text with its values filled in."""
    return WORDS[key].format(**values).rstrip()
