"""A quarter of a year with ever more batteries, by their number."""

from benchmarks.cases.trial import table
from benchmarks.registry import Case
from parksim.park import Park, read_park

HOURS = 2190


def _park(count: int) -> Park:
    data = table(HOURS)
    components = data["components"]
    whole = components.pop("battery")
    components.pop("battery_4h")
    for number in range(count):
        share = {name: whole[name] / count for name in ("power_max_mw", "energy_max_mwh")}
        # Each a little different, so that their optima do not tie.
        wear = {"wear_cny_per_mwh": whole["wear_cny_per_mwh"] * (1.0 + 0.01 * number)}
        components[f"battery_{number}"] = {**whole, **share, **wear}
    return read_park(data)


CASE = Case(
    name="batteries",
    about="A quarter of the trial park's year, its battery split into many",
    axis="components",
    sizes=(4, 16),
    quick=(2,),
    park=_park,
)
