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
    "node": "{node}: {told}",
    "price": "One MWh more would cost {price}{moves}.",
    "price.zero": "One MWh more would cost nothing{moves}.",
    "price.earn": "One MWh more would save {price}{moves}.",
    "price.none": "One MWh more cannot be served.",
    "less": "One MWh less would save {price}: the park stands just at a limit.",
    "more": ": {moves}",
    "more.and": ", ",
    "more.here": "{what} {amount}",
    "more.elsewhere": "{what} {amount} {when}",
    "more.peak": "the billed peak of {month} {updown} {amount}",
    "more.rises": "rises by",
    "more.falls": "falls by",
    "more.further": "and smaller changes elsewhere",
    "more.at": "on {day} at {time}",
    "more.over": "over {n} from {first} to {last}",
    "more.more": "{amount} more",
    "more.less": "{amount} less",
    "next": "Without more from {name}, it would cost {price}.",
    "next.none": "Without more from {name}, it could not be served.",
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
    "free.sets": "gives the next MWh",
    "free.peak": "held at the month's peak",
    "charge.worth": "a MWh charged is worth {price}",
    "idle.sale": "selling pays {price}, {gap} too little",
    "rest": "rests: charging pays below {buy}, discharging above {sell}",
    "rest.plain": "rests",
    "rest.full": "rests: discharging pays above {sell}",
    "rest.empty": "rests: charging pays below {buy}",
    # stores
    "store": "holds {after} ({before} before), each MWh worth {value}",
    "store.full": "full, one MWh of room would save {saving}",
    "store.empty": "empty, one MWh of room below would save {saving}",
    "store.full.plain": "full",
    "store.empty.plain": "empty",
    "store.filled": "filled {when}",
    "store.drawn": "to be used {when}",
    "store.and": "; ",
    # peaks
    "peaks": "What sets each month's demand charge",
    "peaks.why": (
        "A peak is as high as pays: one MW more would save in the hours that set it, together, just what it costs. "
        "The share says how much of the charge an hour or a day bears."
    ),
    "peak.plain": "{month}: {peak} at {charge}/MW",
    "peak.set": "set by {hours}",
    "peak.floor": "the least demand billed sets it",
    "peak.floor.part": "the least demand billed sets {share} of it",
    "peak.day": "{span} ({share})",
    "peak.all": "{n} on {days}, mostly {span}",
    "peak.rest": "{n} on {days}, mostly {span} ({share})",
    "peak.more": "{n} on {days} ({share})",
    "day": "{n} day",
    "days": "{n} days",
    "days.other": "{n} other days",
    "day.other": "{n} other day",
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
    "saving.co2.range": "; {least} to {most} by the {n} yardsticks of the park file",
    "saving.needed": "Without {stores} the park has no plan at all, so no saving can be told.",
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
