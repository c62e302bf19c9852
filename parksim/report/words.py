"""Every text of the report in one place, so that another language is another table.

``say(key, name=value)`` fills a text. Values arrive formatted; nothing here computes. Chinese terms stand in
``CHINESE`` beside the headings where an official would look for them.
"""

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
MONTHS_SHORT = tuple(month[:3] for month in MONTHS)
WEEKDAYS_SHORT = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")

ROLES = {
    "import": "bought",
    "export": "sold",
    "charge": "charging",
    "discharge": "discharging",
}
"""What a flow of a role does, where its component's name alone does not say it."""

ITEMS = {"auxiliary": "own use"}
"""What a flow of role ``convert`` does, by its item."""

TERMS = {
    "energy": "energy",
    "network": "network charge (输配电价)",
    "system": "system operation (系统运行费)",
    "funds": "government funds (政府性基金)",
    "not_taken": "paid and not taken (照付不议)",
    "demand_charge": "demand charge (需量电价)",
    "sales": "sales",
    "wear": "wear",
    "upkeep": "upkeep",
    "shortage": "damage of unserved load",
}
"""Cost term to words."""

INVESTMENT_TERMS = ("investment", "capital", "annuity", "capex")
"""Cost terms that pay for building; where none is booked the page says that building is not in the cost."""

BINDS = {
    "renewable": "binds.renewable",
    "direct": "binds.direct",
    "import": "binds.import",
    "export": "binds.export",
    "charge": "binds.charge",
    "discharge": "binds.discharge",
}
"""Role to the text that tells its upper limit."""

ROW_LIMITS = {
    "peak_limit": ("binds.peak", "CNY/MW per month", ("peak_ratio",)),
    "import_energy_limit": ("binds.import_energy", "CNY/MWh", ("import_energy_max_mwh",)),
    "take_or_pay": ("binds.take_or_pay", "CNY/MWh", ("power_max_mw", "floor_mwh_per_mw")),
    "ecological": ("binds.ecological", "CNY/MW", ("need_mw",)),
}
"""Row that is a limit to its text, the unit of its price, and the numbers whose product it is."""

FIGURES = {
    "green_supply_mwh": "green supply",
    "avoided_co2_t": "avoided CO₂",
    "green_share": "green share of demand",
    "self_use_share": "own use of green energy",
    "load_mwh": "demand",
}
"""Figure a claim speaks of, in words."""

CHINESE = {
    "answer": "结论",
    "claims": "目标与减排量核对",
    "dispatch": "逐时运行",
    "balance": "电量平衡",
    "storage": "储能",
    "costs": "用能成本",
    "binds": "约束与影子价格",
    "sources": "假设与数据来源",
    "provenance": "可追溯信息",
    "green": "绿电",
    "bought": "网购电量",
    "demand": "用电量",
    "avoided": "减排量",
    "emitted": "排放量",
    "curtailed": "未用绿电",
    "unserved": "缺供电量",
    "self_use": "自发自用比例",
    "peak": "最大需量",
    "cost": "平均用电成本（不含投资）",
    "paid": "总成本",
    "worth-cost": "参数对成本的边际影响",
    "worth-co2": "参数对碳排放的边际影响",
    "worth-numbers": "全部参数",
}

_TEXTS = {
    # numbers and dates
    "unit.million_cny": "million CNY",
    "date": "{day} {month} {year}",
    "date.short": "{day} {month}",
    "list.and": " and ",
    "count.day": "{n} day",
    "count.days": "{n} days",
    "count.hour": "{n} hour",
    "count.hours": "{n} hours",
    "period.year": "In the modelled year {year}",
    "period.years": "In the modelled years {first} to {last}",
    "period.day": "On the modelled day {date}",
    "period.days": "In the {n} modelled days from {date}",
    "period.hours": "In the {n} modelled from {date}",
    "span.year": "{year}",
    "span.years": "{first} to {last}",
    "span.days": "{n} days from {date}",
    "span.hours": "{n} from {date}",
    # head
    "head.kind": "Run report",
    "head.title": "{title} – parksim",
    "head.meta": "{site} · {span} · steps of {minutes} min, clock UTC{clock}",
    "head.sections": "Sections",
    "nav.claims": "Claims and yardsticks",
    "nav.dispatch": "Hour by hour",
    "nav.balance": "Energy",
    "nav.storage": "Storage",
    "nav.costs": "Costs",
    "nav.binds": "What binds",
    "nav.sources": "Assumptions and sources",
    "nav.provenance": "Provenance",
    "head.answer": "The answer",
    "head.care": "Read with care",
    "noscript": "Charts need JavaScript, which stands in this page itself; figures and tables are complete without it.",
    # answer
    "answer.none": "{period} the park uses no electricity; the run costs {cost}.",
    "answer.green": "{period} the park covers {share} of its {load} with green power ({green})",
    "answer.green_of_claim": "{green}, {ratio} of the claimed {claimed}",
    "answer.bought": "{period} the park, which has no green source, buys all of its {load} from the grid",
    "answer.bought_part": "{period} the park, which has no green source, buys {share} of its {load} from the grid",
    "answer.no_green": "{period} the park serves its {load} without green power, although it has green sources",
    "answer.cost": ", at {price}",
    "answer.cost_damage": ", at {price}, the damage of unserved load included",
    "answer.earns": ", and earns {price}",
    "answer.unserved": ", and leaves {unserved} ({share} of demand) unserved",
    "answer.claim_above": (
        "; the claimed {claimed} of avoided CO₂ would need a factor of {needed}, above {all} of the park file "
        "(highest {highest})"
    ),
    "answer.claim_above_one": (
        "; the claimed {claimed} of avoided CO₂ would need a factor of {needed}, above the {highest} of {name}"
    ),
    "answer.all_of": "all {n} yardsticks",
    "answer.both": "both yardsticks",
    "answer.claim_some": (
        "; the claimed {claimed} of avoided CO₂ is reached by {k} of {n} yardsticks ({names}), by the others not"
    ),
    "answer.claim_all": "; the claimed {claimed} of avoided CO₂ is reached by every yardstick of the park file",
    "answer.claim_zero": "; the claimed {claimed} of avoided CO₂ is not reached, since no green power is used",
    # read with care
    "care.unserved": "{unserved} of demand stay unserved, on {days}; the cost holds their damage at {price}.",
    "care.existing_all": (
        "All green energy comes from plants that existed before, so it changes hands and nothing is added: counting "
        "additional plants alone, the avoided CO₂ is 0 t."
    ),
    "care.existing": (
        "{share} of the green energy comes from plants that existed before and only changes hands; counting additional "
        "plants alone, the avoided CO₂ is {avoided} instead of {all} ({yardstick})."
    ),
    "care.existing_plain": (
        "{share} of the green energy comes from plants that existed before and only changes hands."
    ),
    "care.claims": "{unmet} of {n} claims in the park file {verb} not met by this run: {names}.",
    "care.is": "is",
    "care.are": "are",
    "care.not_taken": (
        "{energy} of direct supply (绿电直连, 就近消纳) could have arrived and was not taken, {share} of what was "
        "deliverable: in these hours it was dearer than other supply, or there was no use for it."
    ),
    "care.refusable": "{names} may be left untaken in any hour at no cost, since no take-or-pay (照付不议) is given.",
    "care.no_floor": "The demand charge (需量电价) has no floor: demand_floor_fraction is 0 for {names}.",
    "care.foresight": (
        "The plan knows the whole {span} beforehand (perfect foresight); operation by forecast never costs less."
    ),
    "care.foresight.year": "year",
    "care.foresight.horizon": "horizon",
    "care.assumptions": (
        "{n} of the {all} values of the park file are assumptions, background knowledge or without a source."
    ),
    "care.part_of_year": (
        "The run covers {share} of a year; claims, and anything else said of a year, are held against these {span} "
        "alone."
    ),
    "care.ties": (
        "Plans of equal cost differ by up to {width} in energy bought ({share} of demand); this is the greenest."
    ),
    "care.no_yardsticks": "The park file names no CO₂ yardstick, so neither emitted nor avoided CO₂ is counted.",
    "care.no_investment": "Cost is what the park pays to run; building plants, lines and stores is not in it.",
    # tiles
    "tile.green": "Green supply",
    "tile.green.of": "{share} of demand served",
    "tile.green.claim": "{share} of demand served; {ratio} of the claimed {claimed}",
    "tile.green.none": "no green source in the park file",
    "tile.cost": "Cost of a kWh",
    "tile.cost.of": "{money} in all; energy bought at {price} before demand charge",
    "tile.cost.plain": "{money} in all",
    "tile.bought": "Bought",
    "tile.bought.of": "peak {peak}; {share} of demand",
    "tile.bought.none": "nothing is bought from the grid",
    "tile.sold.of": "peak {peak}; {sold} sold",
    "tile.demand": "Demand",
    "tile.demand.of": "peak {peak}, load factor {factor}",
    "tile.avoided": "Avoided CO₂",
    "tile.avoided.of": "against {yardstick} ({factor}); additional plants alone {additional}",
    "tile.avoided.same": "against {yardstick} ({factor}); all from additional plants",
    "tile.emitted": "Emitted CO₂",
    "tile.emitted.of": "by {yardstick} ({factor})",
    "tile.storage": "Storage",
    "tile.storage.unit": "full cycles",
    "tile.storage.of": "{name}: {moved} discharged, mean depth {depth}",
    "tile.storage.more": "most cycled of {n} stores: {name}, {moved} discharged",
    "tile.unused": "Green energy not used",
    "tile.unused.of": "{curtailed} curtailed, {not_taken} of direct supply not taken",
    "tile.unused.direct": "direct supply not taken, {share} of what was deliverable",
    "tile.unused.curtailed": "curtailed, {share} of what the park's plants could give",
    "tile.own": "Own use of green energy",
    "tile.own.of": "of all that was available, used in the park",
    "tile.unserved": "Unserved",
    "tile.unserved.of": "{share} of demand, on {days}",
    "tile.paid": "Cost in all",
    "tile.paid.of": "{price} served",
    "tile.peak": "Peak import",
    "tile.peak.of": "{when}",
    # claims
    "claims.heading": "Claims and yardsticks",
    "claims.lead": (
        "Avoided CO₂ is the green supply times the factor of a yardstick; emitted CO₂ is the energy bought times that "
        "factor. Yardsticks stand side by side and are never mixed. “Additional” counts only plants that did not exist "
        "before; energy of existing plants changes hands and avoids nothing more."
    ),
    "claims.none": "The park file makes no claims.",
    "claims.no_yardsticks": "The park file names no yardstick, so no CO₂ is counted.",
    "claims.needed": (
        "To avoid the claimed {claimed}, the {green} of green supply would need a factor of {needed}{published}."
    ),
    "claims.needed.published": "; the claim’s own {energy} would need {factor}",
    "claims.needed.none": "The claimed {claimed} cannot be avoided without green supply.",
    "claims.title.none_met": "No yardstick reaches the claimed {claimed}; the nearest, {name}, gives {value} ({ratio})",
    "claims.title.some_met": "{k} of {n} yardsticks reach the claimed {claimed}: {names}",
    "claims.title.all_met": "Every yardstick reaches the claimed {claimed}; the lowest, {name}, gives {value}",
    "claims.title.range": "Avoided CO₂ runs from {least} to {most}, depending on the yardstick",
    "claims.title.one": "Avoided CO₂ is {value} against {name}",
    "claims.title.zero": "No CO₂ is avoided by any yardstick, since no green power serves demand.",
    "claims.axis": "CO₂ avoided (t)",
    "claims.line": "claimed: {claimed}",
    "claims.bar.ratio": "{value} ({ratio})",
    "claims.additional": "by additional plants",
    "claims.existing": "by plants that existed before (reallocated)",
    "claims.caption": "Per cent: share of the claim.",
    "claims.table": "Claims held against this run",
    "claims.col.claim": "Claim",
    "claims.col.claimed": "Claimed",
    "claims.col.simulated": "This run",
    "claims.col.ratio": "Ratio",
    "claims.col.verdict": "Verdict",
    "claims.col.source": "Source of the claim",
    "claims.range": "{least} to {most}",
    "claims.met": "met",
    "claims.not_met": "not met",
    "claims.met_by": "met by {k} of {n} yardsticks",
    "claims.not_met_by": "met by none of {n} yardsticks",
    "claims.met_by_all": "met by all {n} yardsticks",
    "yardsticks.table": "CO₂ by yardstick (排放因子)",
    "yardsticks.col.name": "Yardstick",
    "yardsticks.col.factor": "Factor (t/MWh)",
    "yardsticks.col.year": "Year",
    "yardsticks.col.emitted": "Emitted (t)",
    "yardsticks.col.avoided": "Avoided (t)",
    "yardsticks.col.additional": "Avoided, additional plants alone (t)",
    "yardsticks.col.ratio": "Share of the claim",
    "yardsticks.col.source": "Source",
    "yardsticks.net": "energy sold taken off",
    "yardstick.name": "{title} {year}",
    # dispatch
    "dispatch.heading": "Hour by hour",
    "dispatch.lead": (
        "Above zero what feeds, below zero what draws; the line is demand. Price: what one more MWh would cost in the "
        "hour. All three share the time axis."
    ),
    "dispatch.title.every_day": "The park buys on every day; {share} of it falls {months}",
    "dispatch.title.days": "Purchases fall on {days} of {all}; {share} of the energy falls {months}",
    "dispatch.title.days_all": "Purchases fall on {days}, all {months}",
    "dispatch.title.hours": "The park buys in {hours} of {all}, at most {peak} ({when})",
    "dispatch.title.never": "The park buys nothing; its own and direct supply serve {share} of demand",
    "dispatch.between": "between {first} and {last}",
    "dispatch.in": "in {month}",
    "dispatch.axis.power": "power (MW)",
    "dispatch.axis.price": "price (CNY/MWh)",
    "dispatch.axis.level": "stored (MWh)",
    "dispatch.price": "Price",
    "dispatch.level": "{name}, stored",
    "dispatch.unused": "{name}, not used",
    "dispatch.alt": (
        "Stacked areas of power by hour, one week at a time, with demand as a line, the price and the stored energy "
        "below. {title}. Peak demand {peak}, peak purchase {bought}."
    ),
    "dispatch.previous": "Previous week",
    "dispatch.next": "Next week",
    "dispatch.slider": "First day shown",
    "dispatch.go": "Go to",
    "dispatch.jump.import": "most bought",
    "dispatch.jump.green": "greenest",
    "dispatch.jump.least": "least green",
    "dispatch.jump.unserved": "most unserved",
    "dispatch.jump.price": "highest price",
    "dispatch.jump.unused": "most unused",
    "dispatch.overview": "Energy by day (MWh): green sources, bought, unserved. The band marks the week above.",
    "dispatch.overview.green": "Green sources",
    "dispatch.overview.bought": "Bought",
    "dispatch.overview.unserved": "Unserved",
    "dispatch.thinned": "Shown as means over {hours} h to keep the page small; result.nc holds every step.",
    # balance
    "balance.heading": "Where the energy came from, where it went",
    "balance.lead": (
        "Green energy is traced step by step: all that leaves a node carries the mix of what feeds it, and a store "
        "keeps the mix it was charged with. Green supply is the green part of the demand served, storage losses taken "
        "off."
    ),
    "balance.title.spread": "Green power covers {least} of demand in {worst} and {most} in {best}",
    "balance.title.even": "Green power covers {share} of demand {period}",
    "balance.title.none": "All {load} are bought",
    "balance.title.no_green": "No green power serves demand",
    "balance.title.whole": "Green power covers {share} of demand",
    "balance.every.month": "in every month",
    "balance.every.day": "on every day",
    "balance.period.month": "month",
    "balance.period.day": "day",
    "balance.axis": "energy ({unit})",
    "balance.demand": "Demand",
    "balance.green": "Green share of demand",
    "balance.alt": "Stacked bars of energy by {period}: sources above zero, uses besides demand below. {title}.",
    "balance.table": "Energy over the horizon",
    "balance.col.what": "Flow",
    "balance.col.energy": "Energy ({unit})",
    "balance.col.share": "Share of supply",
    "balance.col.peak": "Peak (MW)",
    "balance.supply": "Supply",
    "balance.use": "Use",
    "balance.sum": "Sum",
    "balance.unused": "Available and not used",
    "balance.curtailed": "{name}, curtailed",
    "balance.not_taken": "{name}, not taken",
    "balance.own_use": (
        "Own use of green energy: {share} of what was available was used in the park (curtailed and untaken energy "
        "counted as available)."
    ),
    # storage
    "storage.heading": "Storage",
    "storage.title": "{name}: {cycles} full cycles at a mean depth of {depth}; {loss} lost on the way",
    "storage.title.open": (
        "{name}: {cycles} full cycles at a mean depth of {depth}; {loss} more charged than discharged"
    ),
    "storage.title.idle": "{name} stands idle: the price spread does not pay for its losses and wear",
    "storage.title.reservoir": "{name} holds between {least} and {most}",
    "storage.lead": (
        "A full cycle is the energy between the level limits, in and out once. Rainflow counts each rise and fall as a "
        "cycle of its own depth."
    ),
    "storage.table": "How the stores worked",
    "storage.col.name": "Store",
    "storage.col.usable": "Usable (MWh)",
    "storage.col.charged": "Charged ({unit})",
    "storage.col.discharged": "Discharged ({unit})",
    "storage.col.loss": "Charged less discharged ({unit})",
    "storage.col.change": "Content, end less start (MWh)",
    "storage.col.full": "Full cycles",
    "storage.col.rainflow": "Rainflow cycles",
    "storage.col.depth": "Mean depth",
    "storage.axis": "stored (MWh)",
    "storage.band": "{name}: least to most of the day",
    "storage.mean": "{name}: mean of the day",
    "storage.alt": "Stored energy of {names} over the horizon. {title}.",
    # costs
    "costs.heading": "Costs",
    "costs.title": "{term} is {share} of the cost of {price}",
    "costs.title.earns": "The park earns {money}: sales exceed all other terms",
    "costs.title.zero": "The run costs nothing",
    "costs.title.unserved": "Damage of unserved load is {share} of the cost of {price}",
    "costs.lead": "Every term that the optimum was found with, over the demand served ({served}).",
    "costs.axis": "cost ({unit})",
    "costs.bar": "{money} · {per} CNY/MWh",
    "costs.term": "{name}: {term}",
    "costs.alt": "Horizontal bars of the cost terms. {title}.",
    "costs.table": "Cost by term",
    "costs.col.term": "Term",
    "costs.col.money": "Cost ({unit})",
    "costs.col.per": "CNY/MWh served",
    "costs.col.share": "Share",
    "costs.sum": "Sum",
    # binds
    "binds.heading": "What binds",
    "binds.lead": (
        "Limits that cost most. Worth is the limit’s price times the limit, summed over the horizon: easing a limit by "
        "one per cent saves one hundredth of its worth, to first order and with all else unchanged. The price is the "
        "mean over the hours at the limit; for a peak it is what one MW less in a month would save."
    ),
    "binds.title": "The dearest limit: {what}; easing it by one per cent saves {saves}",
    "binds.none": "No limit binds at a price: a little more of anything would save nothing.",
    "binds.col.what": "Limit",
    "binds.col.hours": "Time at the limit (h)",
    "binds.col.price": "Price while it binds",
    "binds.col.worth": "Worth ({unit})",
    "binds.col.saves": "One per cent eased saves (CNY)",
    "binds.renewable": "{name} gives all it can",
    "binds.direct": "{name} is taken up to what can be delivered",
    "binds.import": "{name}: purchase at its limit",
    "binds.export": "{name}: sale at its limit",
    "binds.charge": "{name} charges at full power",
    "binds.discharge": "{name} discharges at full power",
    "binds.other": "{name} at its power limit",
    "binds.level": "{name} is full",
    "binds.peak": "{name}: the peak of {months} (up to {peak}) sets the demand charge",
    "binds.peak.every": "every month",
    "binds.peak.some": "{k} of {n} months",
    "binds.import_energy": "{name}: cap on the energy bought in a year",
    "binds.take_or_pay": "{name}: energy to be paid, taken or not",
    "binds.ecological": "{name}: water that must be let through",
    "binds.hours.dash": "–",
    "ties.heading": "Plans of equal cost",
    "ties.unique": "The energy bought is the same in every cheapest plan.",
    "ties.wide": (
        "The cheapest cost is reached by plans that buy between {least} and {most}; they differ by {width}, "
        "{share} of demand. This page shows the greenest: the one that buys least."
    ),
    "ties.moved": "The energy moved through stores lies between {least} and {most} in these plans.",
    "ties.moved_unique": "The energy moved through stores is the same in all of them.",
    "ties.unknown": "How far plans of equal cost differ could not be measured in this run.",
    # sources
    "sources.heading": "Assumptions and sources",
    "sources.lead": "Every value of the park file with its unit and source. Values stand as in the file.",
    "sources.title": "{n} of {all} values are assumptions, background knowledge or without a source",
    "sources.title.none": "All {all} values name a source",
    "sources.assumed": "Assumptions, background knowledge, and values without a source",
    "sources.sourced": "Values with a source",
    "sources.defaults": "Choices, and values left at parksim’s default",
    "sources.col.field": "Field",
    "sources.col.value": "Value",
    "sources.col.unit": "Unit",
    "sources.col.source": "Source",
    "sources.missing": "no source given",
    "sources.default": "default of parksim",
    "sources.choice": "choice",
    "sources.counted": "{title} ({n})",
    # provenance
    "provenance.heading": "Provenance",
    "provenance.title": "The answer was recomputed by {n} checks; the largest relative gap is {gap}",
    "provenance.run": "Run",
    "provenance.parksim": "parksim",
    "provenance.solver": "Solver",
    "provenance.method": "Method",
    "provenance.size": "Size of the LP",
    "provenance.size.of": "{rows} rows, {columns} columns, {nonzeros} entries",
    "provenance.iterations": "Iterations",
    "provenance.iterations.of": "{first}, and {ties} to settle ties",
    "provenance.seconds": "Seconds",
    "provenance.total": "{seconds} in all",
    "provenance.termination": "Termination",
    "provenance.objective": "Objective",
    "provenance.objective.of": "{value} CNY",
    "provenance.gap": "Duality gap",
    "provenance.structure": "Structure key",
    "provenance.clock": "Clock",
    "provenance.schema": "Schema of results",
    "provenance.plotly": "Charts",
    "provenance.plotly.of": "plotly.js {version}, basic bundle, MIT licence",
    "provenance.audit": "Largest gaps of the audit",
    "provenance.audit.check": "Check",
    "provenance.audit.gap": "Relative gap",
    "provenance.audit.lead": "Gap over the largest term of the check; a run above 10⁻⁶ is refused.",
    "provenance.notes": "Notes of reading",
    "provenance.notes.none": "None.",
    "provenance.file": "Park file",
    "provenance.file.download": "Download {name}",
    "provenance.file.show": "Show the park file as it was run",
    # page
    "page.data": "data",
    "page.data.title": "Download the data of this chart as CSV",
    "page.time": "begin of step",
    "page.foot": "Made by parksim {version}. The page is self-contained and loads nothing from elsewhere.",
    # worth of every number
    "worth.kind": "Worth of every number",
    "worth.meta": "{site} · {hours} h from {start}, clock UTC{clock}",
    "worth.answer": "One per cent more of “{dearest}” costs {cost} more, {share} of {total}",
    "worth.answer.one": "{step} on “{dearest}” costs {cost} more, {share} of {total}",
    "worth.answer.saves": "; of what a planner may add, one per cent more of “{best}” saves most, {saved}",
    "worth.answer.none": "No number of this park changes its cost",
    "worth.lead": (
        "The park is solved once; from its optimum follows what a little more of each number of the park file does, "
        "all else equal. A little is one per cent of the number; for numbers that are 0 it is named beside them. "
        "Building is not in the cost, so more of a plant comes free here: hold what it saves against what it costs."
    ),
    "worth.care.first": (
        "First order: a slope holds as far as its range says, within which no hour passes from one limit to another; "
        "for profiles and loads that is little. Beyond it the slope moves on slowly. ≥ and ≤ tell where truth lies: "
        "a longer way costs at least (≥) or at most (≤) what the slope says, for any distance over which the number "
        "stays linear; ≈ marks numbers for which no such thing is known."
    ),
    "worth.care.co2": "CO₂ is counted by the park's first yardstick, {yardstick}, on energy bought.",
    "worth.care.no_co2": "The park file names no yardstick, so no CO₂ is counted.",
    "worth.care.prices": (
        "Prices move CO₂ in steps: within the range of a price the plan stays as it is, and the slope of its CO₂ is 0."
    ),
    "worth.care.span": "All sums are over {hours} h, not a year.",
    "worth.care.kinks": "Numbers on a kink, where less is worth something else than more: {n}. Both are told.",
    "worth.care.one_way": "A number at a limit of its field can move one way only; the other is left empty.",
    "worth.tile.cost": "Cost of operation",
    "worth.tile.cost.context": "over {hours} h, building not included",
    "worth.tile.co2": "CO₂ emitted",
    "worth.tile.numbers": "Numbers looked at",
    "worth.tile.numbers.context": "{moving} of them move the cost",
    "worth.tile.strong": "Numbers that weigh",
    "worth.tile.strong.context": "one per cent moves the cost by {share} or more",
    "worth.cost.heading": "What moves the cost",
    "worth.cost.title": "{n} of {all} numbers make up nine tenths of what one per cent of each can do to the cost",
    "worth.cost.axis": "Change of the cost ({unit})",
    "worth.co2.heading": "What moves the CO₂",
    "worth.co2.title": "“{name}” weighs most: a little more changes the CO₂ by {change}",
    "worth.co2.axis": "Change of the CO₂ (t)",
    "worth.alt": "{title}. {lines}.",
    "worth.more": "a little more",
    "worth.less": "a little less",
    "worth.caption": "A little is one per cent, or what stands in brackets. A number that moves one way has one bar.",
    "worth.numbers.heading": "Every number",
    "worth.numbers.moving": "{n} numbers that move cost or CO₂, the dearest first",
    "worth.numbers.still": "{n} numbers that move neither, as far as their range says",
    "worth.col.number": "Number",
    "worth.col.value": "Value",
    "worth.col.more": "A little more costs (CNY)",
    "worth.col.slope": "Cost per unit (CNY)",
    "worth.col.co2": "CO₂ per unit (t)",
    "worth.col.valid": "Slopes hold from – to",
    "worth.col.source": "Source",
    "worth.sides": "{left} falling, {right} rising",
    "worth.falling": "{value} falling",
    "worth.rising": "{value} rising",
    "worth.jump": "; {jump} t at once",
    "worth.range": "{low} – {high}",
    "worth.endless": "any",
    "worth.profile": "profile × 1",
    "worth.shift": "as it is",
    "worth.no_plan": "no plan",
    "worth.step": "{name} ({step})",
    "worth.from": "{parksim} with {solver}; the park's structure has key {key}; {n} neighbours solved for kinks.",
    # terminal
    "text.figures": "Key figures",
    "text.claims": "Claims",
    "text.co2": "CO2 by yardstick",
    "text.costs": "Costs",
    "text.storage": "Storage",
    "text.care": "Read with care",
    "text.audit": "Audit: {n} checks, largest relative gap {gap}. {ties}",
    "text.demand": "demand",
    "text.green": "green supply",
    "text.bought": "bought",
    "text.sold": "sold",
    "text.curtailed": "curtailed",
    "text.not_taken": "direct supply not taken",
    "text.unserved": "unserved",
    "text.self_use": "own use of green energy",
    "text.of_demand": "{share} of demand",
    "text.of_served": "{share} of demand served",
    "text.peak": "peak {peak}",
    "text.claim": "{claim}: {simulated} against {claimed}, {ratio}, {verdict}",
    "text.factor": "t/MWh",
    "text.emitted": "emitted (t)",
    "text.avoided": "avoided (t)",
    "text.additional": "additional (t)",
    "text.cycles": "{cycles} full cycles, mean depth {depth}, {moved} discharged",
}


def say(key: str, /, **values: object) -> str:
    """Fill a text of the report.

    Parameters
    ----------
    key
        Which text.
    values
        What its gaps are filled with, formatted.

    Raises
    ------
    KeyError
        If there is no such text, or a gap is left open.

    Examples
    --------
    >>> say("date", day=1, month="May", year=2025)
    '1 May 2025'
    """
    return _TEXTS[key].format(**values)


def texts() -> dict[str, str]:
    """Give the whole catalogue, key to text."""
    return dict(_TEXTS)


def count(n: int, what: str) -> str:
    """Count days or hours in words.

    Examples
    --------
    >>> count(1, "day"), count(2, "hour")
    ('1 day', '2 hours')
    """
    shown = f"{n:,}".replace(",", "\u202f")
    return say(f"count.{what}" if n == 1 else f"count.{what}s", n=shown)
