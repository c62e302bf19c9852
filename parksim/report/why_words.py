"""The sentences that explain an hour and a saving, in one place, so that another language is another table.

``tell(key, name=value)`` fills a text. Values arrive formatted; nothing here computes.
"""

TEXTS = {
    # the hour
    "hour": "{day}, {begin} to {end}{reason}",
    "reason.dearest": "the dearest hour of the run",
    "reason.peak": "sets the highest month's peak",
    "reason.open": " (",
    "reason.close": ")",
    "reason.and": "; ",
    "span": "{first} to {last}",
    "span.day": "{day} {span}",
    # the price
    "price": "At {node} a MWh is worth {price}.",
    "price.zero": "At {node} energy is free: there is more than can be used.",
    "price.between": (
        "At {node} one MWh more would cost {more}, one MWh less would save {less}: the park stands just at a limit."
    ),
    "price.only_less": "At {node} one MWh more cannot be served at all; one MWh less would save {less}.",
    "price.setters": "The next MWh comes from {names}.",
    "price.no_setter": "Nothing here has room to follow; the next MWh would come from a change elsewhere.",
    "more": "One MWh more: {moves}.",
    "more.and": ", ",
    "more.here": "{what} {amount} here",
    "more.elsewhere": "{what} {amount} {when}",
    "more.peak": "the billed peak of {name} in {month} {updown} {amount}",
    "more.rises": "rises by",
    "more.falls": "falls by",
    "more.further": "and more changes elsewhere",
    "more.at": "on {day} {time}",
    "more.over": "over {n} hours from {first} to {last}",
    "more.more": "{amount} more",
    "more.less": "{amount} less",
    "next": "Without more from {name}, the next MWh would cost {price}.",
    "next.none": "Without more from {name}, one MWh more could not be served.",
    # what each does
    "does.demand": "draws {power}, as given",
    "does.demand.none": "draws nothing",
    "does.nothing": "nothing available",
    "does.renewable": "gives {power}",
    "does.direct": "gives {power}",
    "does.import": "buys {power}",
    "does.export": "sells {power}",
    "does.charge": "charges {power}",
    "does.discharge": "discharges {power}",
    "does.unserved": "{power} of demand stay unserved",
    "does.spill": "spills {power}",
    "does.convert": "{power}",
    "does.idle": "idle",
    "limit.full.renewable": ", all that is available",
    "limit.full.direct": ", all that is available",
    "limit.full.import": ", its import limit",
    "limit.full.export": ", its export limit",
    "limit.full.charge": ", its rated power",
    "limit.full.discharge": ", its rated power",
    "limit.full": ", its limit",
    "limit.share": " of {upper} ({share})",
    "limit.unused": ", {unused} of {upper} unused",
    "cost": "costs {price}{parts}",
    "cost.free": "costs nothing by itself{parts}",
    "cost.sale": "earns {price}",
    "cost.wear": "wear {price}{parts}",
    "part.demand_charge": " and {price} as this hour's share in the month's demand charge",
    "part.import_energy_limit": " and {price} for the limit on the year's purchases",
    "part.take_or_pay": ", less {price} that take-or-pay would cost anyway",
    "part.ecological": ", less {price} since water must be let go",
    "part.stored": " and {price} for the stored energy it uses up",
    "full.saves": "one MWh more would save {saving}",
    "full.free": "one MWh more would change nothing",
    "idle.dear": "{gap} too dear",
    "idle.even": "it would cost just as much",
    "free.sets": "it gives the next MWh",
    "idle.sale": "selling pays {price}, {gap} too little",
    "rest": "rests: charging pays below {buy}, discharging above {sell}",
    "rest.plain": "rests",
    "rest.full": "rests: it is full; discharging pays above {sell}",
    "rest.empty": "rests: it is empty; charging pays below {buy}",
    # stores
    "store": "holds {after} after {before}, {value} a MWh",
    "store.full": "full, one MWh of room would save {saving}",
    "store.empty": "empty, one MWh of room below would save {saving}",
    "store.full.plain": "full",
    "store.empty.plain": "empty",
    "store.filled": "filled {when}",
    "store.drawn": "to be used {when}",
    "store.and": "; ",
    # peaks
    "peaks": "What sets each month's demand charge",
    "peak.plain": "{month}: {peak} at {charge}/MW",
    "peak.set": "set by {hours}",
    "peak.floor": "the least demand billed sets it",
    "peak.floor.part": "the least demand billed sets {share} of it",
    "peak.day": "{day} {span} ({share})",
    "peak.rest": "{n} more ({share})",
    "peak.this": "this hour bears {share} of it, {price} on every MWh bought",
    "peak.touch": "this hour is at the peak too, and bears nothing of it",
    "peak.below": "this hour buys {power} less than the peak",
    "peak.hour": "The demand charge of {name}: {told}.",
    # saving
    "saving": "What {stores} saves",
    "saving.many": "What {stores} save",
    "saving.total": "{total} of {without} ({share}), held against the cheapest plan without storage:",
    "saving.costs": "It costs {total} more than the cheapest plan without storage ({without}):",
    "saving.arbitrage": "arbitrage",
    "saving.demand_charge": "demand charge",
    "saving.self_use": "self-use",
    "saving.served": "load served",
    "saving.sum": "sum",
    "saving.note.arbitrage": "{energy} bought less in dear hours, losses paid",
    "saving.note.demand_charge": "billed peaks lower by {power}, summed over the months",
    "saving.note.demand_charge.more": "billed peaks higher by {power}, summed over the months",
    "saving.note.self_use": "{energy} more of own and contracted energy used",
    "saving.note.served": "less unserved load",
    "saving.wear": "Wear of {wear} is taken off arbitrage and self-use.",
    "saving.co2": "CO2: {first} less by {name}{range}.",
    "saving.co2.more": "CO2: {first} more by {name}{range}.",
    "saving.co2.range": "; {least} to {most} less by all {n} yardsticks",
    "saving.none": "The park has no storage.",
}
"""Key to text."""

VERBS = {
    "renewable": "gives",
    "direct": "gives",
    "import": "buys",
    "export": "sells",
    "charge": "charges",
    "discharge": "discharges",
    "unserved": "leaves unserved",
    "spill": "spills",
    "demand": "draws",
    "convert": "turns",
}
"""Role to the verb of a change."""



def tell(key: str, **values: object) -> str:
    """Fill a text.

    Examples
    --------
    >>> tell("does.import", power="3 MW")
    'buys 3 MW'
    """
    return TEXTS[key].format(**values)
