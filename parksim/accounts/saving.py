"""What stores save, told apart: the plan with them held against the cheapest plan without them.

The parts add up to the difference of the two costs, whatever the order they are looked at. With I0, I1 the power bought
without and with stores, p the tariff, G the energy taken from own and contracted plants and used in the park:

    F = sum step_h max(I0 - I1, 0)   R = sum step_h max(I1 - I0, 0)   E = max(G1 - G0, 0)      [MWh]
    paid for F = sum p step_h max(I0 - I1, 0), and for R alike                                  [CNY]
    g = E / (R + E)                  share of what the stores moved that would have been unused otherwise [1]

    demand charge  difference of the term ``demand_charge``
    self-use       g (paid for F - wear) - rise of the cost of own and contracted plants, sales lost included
    arbitrage      (1 - g) (paid for F - wear) - paid for R
    served         difference of the damage of unserved load

Energy that was bought otherwise is so valued at what was paid in the hours in which less is bought. Losses and own use
of the stores fall on both parts by g. Where E is 0 the change of the plants' cost counts to arbitrage. CO2 is the
difference of what is emitted, by each yardstick; it has no price in parksim, so it is no part of the sum. A lower peak
has its price: what is bought or taken at dearer hours to stay below it stands in arbitrage and self-use, which may be
negative for that reason. Other costs of buying would count to arbitrage; grids have none today.
"""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from parksim.accounts.carbon import emissions_t
from parksim.accounts.energy import GREEN_ROLES, role_power

LEAST_MWH = 1e-6
"""Energies below this count as none: the two plans come from different bases [MWh]."""


@dataclass(frozen=True)
class Saving:
    """What the stores of a park save over the horizon.

    Parameters
    ----------
    stores
        Components whose stores are gone in the plan held against.
    total_cny
        Cost without them less cost with them [CNY].
    arbitrage_cny, demand_charge_cny, self_use_cny, served_cny
        Its parts; they add up to it [CNY].
    wear_cny
        Cost terms of the stores themselves, within arbitrage and self-use [CNY].
    shifted_mwh
        Energy bought in other hours (F) [MWh].
    used_mwh
        Energy of own and contracted plants that would be unused without the stores (E) [MWh].
    bought_mwh
        Change of all energy bought; negative where the stores save some [MWh].
    peak_mw
        Sum over months and connections of the fall of the billed peak [MW].
    co2_t
        Yardstick to CO2 emitted without less with the stores [t].
    """

    stores: tuple[str, ...]
    cost_with_cny: float
    cost_without_cny: float
    total_cny: float
    arbitrage_cny: float
    demand_charge_cny: float
    self_use_cny: float
    served_cny: float
    wear_cny: float
    shifted_mwh: float
    used_mwh: float
    bought_mwh: float
    peak_mw: float
    co2_t: dict[str, float]

    @property
    def parts(self) -> dict[str, float]:
        """Part to its saving, in the order they are told [CNY]."""
        return {
            "arbitrage": self.arbitrage_cny,
            "demand_charge": self.demand_charge_cny,
            "self_use": self.self_use_cny,
            "served": self.served_cny,
        }


def _paid(ds: xr.Dataset) -> dict[str, float]:
    """Sum the ledger by what is paid for [CNY]."""
    role, component = ds["role"].to_numpy(), ds["component"].to_numpy()
    buyers = set(component[role == "import"])
    moving = set(component[role == "charge"])
    failing = set(component[role == "unserved"])
    found = dict.fromkeys(("energy", "demand_charge", "wear", "served", "plants"), 0.0)
    sums = ds["cost"].to_numpy().sum(axis=1)
    for label, owner, value in zip(ds["term"].to_numpy(), ds["term_component"].to_numpy(), sums, strict=True):
        item = str(label).split(".", 1)[1]
        if item == "demand_charge":
            found[item] += float(value)
        elif owner in buyers and item != "sales":
            found["energy"] += float(value)
        else:
            part = "wear" if owner in moving else "served" if owner in failing else "plants"
            found[part] += float(value)
    return found


def _used_mwh(ds: xr.Dataset) -> float:
    """Energy of own and contracted plants less energy sold [MWh]."""
    net = role_power(ds, *GREEN_ROLES) - role_power(ds, "export")
    return float(net.sum()) * float(ds.attrs["step_h"])


def _less_bought(ds: xr.Dataset, without: xr.Dataset) -> tuple[float, float, float, float]:
    """Energy bought less in some hours and more in others, and what is paid for each: F, R [MWh], both in CNY.

    A price that differs between connections is met by valuing each connection by itself.
    """
    fell = rose = saved = spent = 0.0
    step_h = float(ds.attrs["step_h"])
    for row in np.flatnonzero(ds["role"].to_numpy() == "import"):
        change = (without["power"].to_numpy()[row] - ds["power"].to_numpy()[row]) * step_h
        series = f"{ds['component'].to_numpy()[row]}.energy_cny_per_mw"
        price = ds["series_value"].to_numpy()[ds.indexes["series"].get_loc(series)] / step_h
        fell, rose = fell + float(np.maximum(change, 0.0).sum()), rose + float(np.maximum(-change, 0.0).sum())
        saved += float(price @ np.maximum(change, 0.0))
        spent += float(price @ np.maximum(-change, 0.0))
    return fell, rose, saved, spent


def split(ds: xr.Dataset, *, without: xr.Dataset, stores: tuple[str, ...]) -> Saving:
    """Split what stores save into its parts.

    Parameters
    ----------
    ds
        Results of the park.
    without
        Results of the same park without its stores.
    stores
        Their components.
    """
    paid, otherwise = _paid(ds), _paid(without)
    fall = {name: otherwise[name] - paid[name] for name in paid}
    fell, rose, saved, spent = _less_bought(ds, without)
    used = _used_mwh(ds) - _used_mwh(without)
    used = used if used > LEAST_MWH else 0.0
    share = used / (rose + used) if used else 0.0
    rest = fall["energy"] - (saved - spent)
    self_use = share * (saved + fall["wear"]) + (fall["plants"] if used else 0.0)
    arbitrage = (1.0 - share) * (saved + fall["wear"]) - spent + rest + (0.0 if used else fall["plants"])
    emitted, before = emissions_t(ds), emissions_t(without)
    return Saving(
        stores=stores,
        cost_with_cny=sum(paid.values()),
        cost_without_cny=sum(otherwise.values()),
        total_cny=sum(otherwise.values()) - sum(paid.values()),
        arbitrage_cny=arbitrage,
        demand_charge_cny=fall["demand_charge"],
        self_use_cny=self_use,
        served_cny=fall["served"],
        wear_cny=-fall["wear"],
        shifted_mwh=fell,
        used_mwh=used,
        bought_mwh=rose - fell,
        peak_mw=float(np.nansum(without["peak_value"].to_numpy() - ds["peak_value"].to_numpy())),
        co2_t={name: before[name] - emitted[name] for name in emitted},
    )
