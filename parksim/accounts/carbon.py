"""CO2 by several yardsticks side by side; they are never mixed in one total.

Emitted: energy bought times the yardstick's factor (less energy sold where the yardstick nets it), plus what components
emit themselves. Avoided: green supply times the factor. Energy of plants that existed before only changes hands, so
avoided CO2 is also given for additional plants alone.
"""

import json
from collections.abc import Mapping

import numpy as np

from parksim.accounts.energy import additional_share, role_power
from parksim.accounts.reading import Results


def yardsticks(ds: Results) -> dict[str, dict[str, object]]:
    """Give the yardsticks of the park, in order."""
    found: dict[str, dict[str, object]] = json.loads(ds.attrs["yardsticks"])
    return found


def own_emissions_t(ds: Results) -> float:
    """CO2 of the park's own components, purchases apart [t]."""
    buyers = set(ds.variables["component"].to_numpy()[ds.variables["role"].to_numpy() == "import"])
    own = [component not in buyers for component in ds.variables["source_component"].to_numpy()]
    return float(ds.variables["co2"].to_numpy()[np.array(own, bool)].sum()) if own else 0.0


def emissions_t(ds: Results) -> dict[str, float]:
    """Count the CO2 emitted by each yardstick [t]."""
    own, step_h = own_emissions_t(ds), float(ds.attrs["step_h"])
    bought, sold = (float(role_power(ds, role).sum()) * step_h for role in ("import", "export"))
    return {
        name: own + float(str(yardstick["factor_t_per_mwh"])) * (bought - (sold if yardstick["net_of_export"] else 0.0))
        for name, yardstick in yardsticks(ds).items()
    }


def carbon_figures(
    ds: Results, figures: Mapping[str, float], *, additional: float | None = None
) -> dict[str, dict[str, float]]:
    """Count emitted and avoided CO2 by each yardstick [t].

    Parameters
    ----------
    figures
        What :func:`parksim.accounts.energy.energy_figures` gave.
    additional
        What :func:`parksim.accounts.energy.additional_share` gave, if it is at hand [1].
    """
    if additional is None:
        additional = additional_share(ds, figures["green_supply_mwh"])
    factors = {name: float(str(yardstick["factor_t_per_mwh"])) for name, yardstick in yardsticks(ds).items()}
    avoided = {name: factor * figures["green_supply_mwh"] for name, factor in factors.items()}
    of_additional = {name: tonnes * additional for name, tonnes in avoided.items()}
    return {"emissions_t": emissions_t(ds), "avoided_co2_t": avoided, "avoided_additional_co2_t": of_additional}
