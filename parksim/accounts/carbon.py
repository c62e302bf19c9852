"""CO2 by several yardsticks side by side; they are never mixed in one total.

Emitted: energy bought times the yardstick's factor (less energy sold where the yardstick nets it), plus what components
emit themselves. Avoided: green supply times the factor. Energy of plants that existed before only changes hands, so
avoided CO2 is also given for additional plants alone.
"""

import json

import numpy as np
import xarray as xr

from parksim.accounts.energy import additional_share


def yardsticks(ds: xr.Dataset) -> dict[str, dict[str, object]]:
    """Give the yardsticks of the park, in order."""
    found: dict[str, dict[str, object]] = json.loads(ds.attrs["yardsticks"])
    return found


def own_emissions_t(ds: xr.Dataset) -> float:
    """CO2 of the park's own components, purchases apart [t]."""
    buyers = set(ds["component"].to_numpy()[ds["role"].to_numpy() == "import"])
    own = [component not in buyers for component in ds["source_component"].to_numpy()]
    return float(ds["co2"].to_numpy()[np.array(own, bool)].sum()) if own else 0.0


def carbon_figures(ds: xr.Dataset, figures: dict[str, float]) -> dict[str, dict[str, float]]:
    """Count emitted and avoided CO2 by each yardstick [t].

    Parameters
    ----------
    figures
        What :func:`parksim.accounts.energy.energy_figures` gave.
    """
    own, additional = own_emissions_t(ds), additional_share(ds, figures["green_supply_mwh"])
    emitted, avoided, of_additional = {}, {}, {}
    for name, yardstick in yardsticks(ds).items():
        factor = float(str(yardstick["factor_t_per_mwh"]))
        bought = figures["import_mwh"] - (figures["export_mwh"] if yardstick["net_of_export"] else 0.0)
        emitted[name] = own + factor * bought
        avoided[name] = factor * figures["green_supply_mwh"]
        of_additional[name] = avoided[name] * additional
    return {"emissions_t": emitted, "avoided_co2_t": avoided, "avoided_additional_co2_t": of_additional}
