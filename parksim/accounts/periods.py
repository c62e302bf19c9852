"""What is bought in which time-of-use period, and at which price."""

import tomllib
from typing import Any

import numpy as np
import xarray as xr


def period_figures(ds: xr.Dataset) -> list[dict[str, Any]]:
    """Sum up what each connection bought under its tariff, by time-of-use period, dearest first.

    Parameters
    ----------
    ds
        Results of a run.

    Returns
    -------
    list of dict
        ``component``, ``tariff``, ``period``, ``hours`` [h], ``bought_mwh`` [MWh], ``energy_cny`` [CNY] and
        ``price_mean_cny_per_mwh``, the mean over its hours [CNY MWh-1].
    """
    step_h = float(ds.attrs["step_h"])
    components = tomllib.loads(str(ds.attrs["park_toml"]))["components"]
    roles, owners = ds.variables["role"].to_numpy(), ds.variables["component"].to_numpy()
    tariffs, names = [str(name) for name in ds.variables["tariff"].to_numpy()], ds.variables["period"].to_numpy()
    found = []
    for name, table in components.items():
        bought = (owners == name) & (roles == "import")
        if table.get("tariff") not in tariffs or not bought.any():
            continue
        tariff = str(table["tariff"])
        at = ds.variables["period_of_step"].to_numpy()[tariffs.index(tariff)]
        price = ds["input_value"].sel(input=f"tariffs.{tariff}.energy_cny_per_mwh").to_numpy()
        energy = ds.variables["power"].to_numpy()[bought].sum(axis=0) * step_h
        rows: list[dict[str, Any]] = [
            {
                "component": str(name),
                "tariff": tariff,
                "period": str(names[period]),
                "hours": float((at == period).sum()) * step_h,
                "bought_mwh": float(energy[at == period].sum()),
                "energy_cny": float(energy[at == period] @ price[at == period]),
                "price_mean_cny_per_mwh": float(price[at == period].mean()),
            }
            for period in np.unique(at)
        ]
        found += sorted(rows, key=lambda row: -row["price_mean_cny_per_mwh"])
    return found
