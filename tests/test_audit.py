"""The audit restates from the park file and its profiles: a number that went wrong on its way to the LP is found."""

import pytest

from parksim import api
from parksim.components._cases import demand, grid, micro
from parksim.components.battery import Battery
from parksim.components.demand import Demand
from parksim.components.direct_supply import DirectSupply
from parksim.components.grid import Grid
from parksim.components.reservoir import Reservoir
from parksim.components.run_of_river import RunOfRiver
from parksim.errors import AuditError
from parksim.park import read_park

HYDRO = {
    "name": "hydro",
    "kind": "direct_supply",
    "delivery": "line",
    "technology": "hydro",
    "plant": "existing",
    "certificate": "none",
    "power_max_mw": 6.0,
    "available": [0.5, 0.8, 0.3],
    "price_cny_per_mwh": 50.0,
    "network_cny_per_mwh": 7.0,
    "loss_fraction": 0.1,
}
DEAR = HYDRO | {
    "name": "dear",
    "price_cny_per_mwh": 900.0,
    "take_or_pay_fraction": 0.9,
    "take_or_pay_cny_per_mwh": 20.0,
}
BATTERY = {
    "name": "battery",
    "kind": "battery",
    "power_max_mw": 2.0,
    "energy_max_mwh": 4.0,
    "eff_in": 0.9,
    "eff_out": 0.9,
    "energy_start_fraction": 0.3,
    "auxiliary_fraction": 0.01,
    "wear_cny_per_mwh": 1.0,
}
LAKE = {
    "name": "lake",
    "kind": "reservoir",
    "power_max_mw": 2.0,
    "energy_max_mwh": 5.0,
    "inflow_mw": [1.0, 1.0, 1.0],
    "energy_start_fraction": 0.5,
    "energy_end_fraction": 0.5,
}
RIVER = {
    "name": "river",
    "kind": "run_of_river",
    "power_max_mw": 1.0,
    "available": [0.5, 0.6, 0.7],
    "om_cny_per_mwh": 2.0,
}


def park():
    mains = grid(
        price_cny_per_mwh=[100.0, 300.0, 200.0],
        demand_cny_per_mw_month=7_440.0,
        import_max_mw=10.0,
        import_available=[0.7, 0.5, 0.7],
        quarter_hour_peak_ratio=1.2,
    )
    return micro(mains, demand(power_mw=[12.0, 9.0, 10.0]), HYDRO, DEAR, BATTERY, LAKE, RIVER)


def test_the_park_itself_passes():
    assert api.solve(read_park(park())).attrs["termination"] == "optimal"


@pytest.mark.parametrize(
    ("kind", "number", "factor"),
    [
        (Grid, "energy_cny_per_mw", 4.0),
        (Grid, "demand_cny_per_mw", 372.0),
        (Grid, "peak_ratio", 0.5),
        (Grid, "purchase_t_per_mw", 4.0),
        (Grid, "import_available", 9.0),
        (DirectSupply, "energy_cny_per_mw", 0.9),
        (DirectSupply, "network_cny_per_mw", 2.0),
        (DirectSupply, "deliverable_fraction", 2.0),
        (DirectSupply, "floor_mwh_per_mw", 0.5),
        (DirectSupply, "not_taken_cny_per_mwh", 0.5),
        (Demand, "power_mw", 0.5),
        (Battery, "gain_mwh_per_mw", 2.0),
        (Battery, "start_fraction", 2.0),
        (Battery, "wear_cny_per_mw", 2.0),
        (Battery, "auxiliary_fraction", 2.0),
        (Reservoir, "inflow_mw", 2.0),
        (Reservoir, "start_fraction", 1.5),
        (RunOfRiver, "available", 1.5),
        (RunOfRiver, "upkeep_cny_per_mw", 2.0),
    ],
)
def test_a_wrong_number_is_found(monkeypatch, kind, number, factor):
    plain = kind.numbers

    def wrong(self, ctx):
        numbers = dict(plain(self, ctx))
        if number in numbers:
            numbers[number] = numbers[number] * factor
        return numbers

    monkeypatch.setattr(kind, "numbers", wrong)
    with pytest.raises(AuditError):
        api.solve(read_park(park()))


def test_a_store_that_forgets_its_start_is_found(monkeypatch):
    plain = Battery.declare

    class Forgetful:
        def __init__(self, lp):
            self.lp = lp

        def __getattr__(self, name):
            return getattr(self.lp, name)

        def level(self, name, **how):
            return self.lp.level(name, **how | {"start": None})

    monkeypatch.setattr(Battery, "declare", lambda self, lp: plain(self, Forgetful(lp)))
    with pytest.raises(AuditError, match=r"battery\.start"):
        api.solve(read_park(park()))
