"""A quarter of the trial park's year under an annual import cap that binds: hard for the simplex, by the length."""

from benchmarks.cases.trial import table
from benchmarks.registry import Case
from parksim.park import Park, read_park

CAP_MW = 75.0
"""Mean import allowed; without the cap the park would buy about 90 MW [MW]."""


def _park(hours: int) -> Park:
    data = table(hours)
    data["components"]["grid"]["import_energy_max_mwh"] = CAP_MW * hours
    return read_park(data)


CASE = Case(
    name="capped",
    about="The trial park under an annual import cap that binds",
    axis="hours",
    sizes=(2190,),
    quick=(168,),
    park=_park,
)
