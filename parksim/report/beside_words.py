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
}


def tell(key: str, **values: object) -> str:
    """Give a text with its values filled in."""
    return WORDS[key].format(**values).rstrip()
