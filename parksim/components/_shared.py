"""What sources of the park share: one flow below its availability, its upkeep, its figures.

Equations, for every step t
    (1) 0 <= make[t] <= power_max * available[t]            [MW]
    (2) upkeep = om * step_h * make[t]                      [CNY]
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from parksim.component import Array, Block, Component, Context, Indicator, Numbers, Residuals, Slice
from parksim.fields import fields_of


def as_tuple(value: object) -> object:
    """Take a list of the park file as a tuple."""
    return tuple(value) if isinstance(value, list) else value


def given(value: float | None) -> float:
    """Narrow a field that ``problems()`` refuses to be left out.

    Raises
    ------
    ValueError
        If it was left out all the same, in a component that was never checked.
    """
    if value is None:
        msg = "a component must pass problems() before its numbers are asked for"
        raise ValueError(msg)
    return value


def one_way(component: Component, *, profile: str, needs: Sequence[str], also: Sequence[str] = ()) -> list[str]:
    """Name what is wrong where a profile stands instead of a plant's own figures.

    Parameters
    ----------
    component
        The table as written.
    profile
        Field of the profile, None where left out.
    needs
        Fields without which the plant cannot be computed, None where left out.
    also
        Further fields of the plant that have a default.

    Returns
    -------
    list of str
        Each as ``field: what is wrong. What to do.``
    """
    docs = fields_of(type(component))
    given = [name for name in (*needs, *also) if getattr(component, name) != docs[name].default]
    if getattr(component, profile) is not None:
        if not given:
            return []
        return [f"{profile}: stands beside {', '.join(given)}; give the profile or the plant, not both."]
    lost = [name for name in needs if getattr(component, name) is None]
    if not given:
        return [f"{profile}: is missing; give it, or the plant: {', '.join(needs)}."]
    return [
        f"{name}: is missing [{docs[name].unit}]. {docs[name].meaning} It stays out only where `{profile}` is given."
        for name in lost
    ]


def curve_problems(component: Component, *, x: str, y: str) -> list[str]:
    """Name what is wrong with a curve of two lists: lengths, order, values outside 0 to 1.

    Parameters
    ----------
    component
        The table as written; both fields hold tuples.
    x, y
        Fields of the rising and of the read-out values; those of ``y`` are fractions.
    """
    at, values = getattr(component, x), getattr(component, y)
    found = []
    if len(at) != len(values) or not at:
        found.append(f"{y}: got {len(values)} values for {len(at)} of `{x}`, must be as many, and one at least.")
    if any(high <= low for low, high in pairwise(at)) or (at and at[0] < 0.0):
        found.append(f"{x}: must rise from value to value, and start at 0 or above.")
    if any(not 0.0 <= value <= 1.0 for value in values):
        worst = max(values, key=lambda value: abs(value - 0.5))
        hint = f" Write a fraction, e.g. {worst / 100:g}." if 1.0 < worst <= 100.0 else ""
        found.append(f"{y}: got {worst:g}, must lie in [0, 1].{hint}")
    return found


def make_numbers(ctx: Context, *, available: Array, om_cny_per_mwh: float) -> Numbers:
    """Give the numbers of (1) and (2)."""
    return {"available": available, "upkeep_cny_per_mw": om_cny_per_mwh * ctx.step_h}


def declare_make(lp: Block, *, electricity: str) -> None:
    """Add the flow (1) and its upkeep (2)."""
    power = lp.capacity("power_max_mw")
    make = lp.flow("make", node=electricity, feeds=True, role="renewable", hi=power * lp.series("available"))
    lp.cost("upkeep", lp.number("upkeep_cny_per_mw"), make)


def make_residuals(own: Slice, *, power_max_mw: float) -> Residuals:
    """Restate (1): a profile as it was read, physics as the LP was filled with (the kernels have their own oracles)."""
    try:
        available = own.given("available")
    except KeyError:
        available = own.series("available")
    return {"available_slack": power_max_mw * available - own.power("make")}


def upkeep(own: Slice, *, om_cny_per_mwh: float) -> dict[str, float]:
    """Restate (2)."""
    return {"upkeep": om_cny_per_mwh * own.energy_mwh("make")}


def full_load_hours_h(own: Slice) -> float:
    """Give the energy made over the rating, 0 where the rating is 0 [h]."""
    rating = own.number("power_max_mw")
    return own.energy_mwh("make") / rating if rating > 0.0 else 0.0


FULL_LOAD = Indicator("full_load_hours_h", "h", full_load_hours_h, "Energy made over the rating, within the horizon.")

FIGURES = (
    FULL_LOAD,
    Indicator(
        "available_mwh",
        "MWh",
        lambda own: float(np.sum(own.upper("make"))) * own.step_h,
        "Energy that could be made.",
    ),
    Indicator(
        "curtailed_mwh",
        "MWh",
        lambda own: float(np.sum(own.upper("make") - own.power("make"))) * own.step_h,
        "Energy that could be made and was not.",
    ),
)
"""Figures of a source whose flow has its availability as upper bound."""
