"""The shipped Yibin park, by the length of its horizon."""

from benchmarks.registry import Case
from parksim.park import Park, read_park
from parksim.parkfile import load_park

YEAR_H = 8760


def _park(hours: int) -> Park:
    park = load_park("yibin")
    if hours == YEAR_H:
        return park
    data = park.model_dump(exclude_unset=True, exclude={"file"})
    for component in data["components"].values():
        component.pop("name", None)
    data["time"] |= {"first_day": "05-01", "hours": hours}
    return read_park(data, file=park.file)


CASE = Case(
    name="yibin",
    about="The shipped Yibin park: contracted hydro, roof PV, battery, grid with a monthly demand charge",
    axis="hours",
    sizes=(730, 2190, YEAR_H),
    quick=(168,),
    park=_park,
    command="yibin",
)
