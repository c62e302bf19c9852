"""Two hours that can be solved by hand, shared by the tests of questions."""

from parksim.components._cases import demand, grid, micro, shortfall, source

HORIZON = 2.0 / 8760.0
"""Share of a year that two hours are [1]."""


def two_hours(*, price=(100.0, 300.0), store=True, short=2_000.0, **tables):
    """5 MW in both hours, 6 MW of sun in the first, a grid at 100 and 300 CNY/MWh, a battery that gives back 0.8.

    The battery takes 1 MWh of surplus for nothing, and up to 4 more (5 MW) that are bought at 100: with x of them,
    bought are x + (5 - 0.8 (1 + x)) = 4.2 + 0.2 x MWh, at 100 x + 300 (4.2 - 0.8 x) = 1,260 - 140 x CNY.
    """
    parts = [source(power_mw=[6.0, 0.0]), grid(price_cny_per_mwh=list(price)), demand(power_mw=[5.0, 5.0])]
    if store:
        fields = {"power_max_mw": 5.0, "energy_max_mwh": 9.0, "eff_in": 1.0, "eff_out": 0.8}
        parts.append({"name": "store", "kind": "battery", **fields})
    parts += [shortfall(price_cny_per_mwh=short)] if short else []
    return {**micro(*parts), **tables}
