"""The kinds of components a park is made of; one file each, one line here."""

from parksim.components.battery import Battery
from parksim.components.demand import Demand
from parksim.components.direct_supply import DirectSupply
from parksim.components.grid import Grid
from parksim.components.pv import PV
from parksim.components.reservoir import Reservoir
from parksim.components.run_of_river import RunOfRiver
from parksim.components.shortfall import Shortfall
from parksim.components.wind import Wind

KINDS = {
    "pv": PV,
    "wind": Wind,
    "run_of_river": RunOfRiver,
    "reservoir": Reservoir,
    "battery": Battery,
    "grid": Grid,
    "direct_supply": DirectSupply,
    "demand": Demand,
    "shortfall": Shortfall,
}
"""Kind to component, in the order of reports."""
