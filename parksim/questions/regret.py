"""Regret: what a design costs more, under each scenario, than the design that is best there.

    table = ps.regret(ds, over="scenario")          # a swept store, or any Dataset with such a dimension
    table["design"][0]                              # the design whose worst regret is least

With C(d, s) the figure of design d under scenario s and w the weights of the scenarios,

    (1) regret(d, s) = C(d, s) - min over d of C(d, s)       [unit of the figure]; max - C where more is better
    (2) worst(d) = max over s of regret(d, s),    mean(d) = sum over s of w(s) regret(d, s) / sum of w

Designs are ranked by worst regret (minimax regret [1]), then by the mean. A design that has no answer under a scenario,
or is not admitted there, has infinite regret there, and is no best design of it. A scenario under which no design has
an answer tells nothing between designs and is left out; ``left_out`` names it.

[1] L. J. Savage, The theory of statistical decision, Journal of the American Statistical Association 46(253), 1951,
    55-67, doi:10.1080/01621459.1951.10500768
"""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
import xarray as xr

from parksim.component import Array
from parksim.errors import InputError
from parksim.messages import nearest
from parksim.questions.tables import COST


def regret(
    ds: xr.Dataset | xr.DataArray,
    *,
    over: str = "scenario",
    indicator: str = COST,
    weights: Mapping[str, float] | None = None,
    less_is_better: bool = True,
) -> xr.Dataset:
    """Rank designs by their regret over scenarios.

    Parameters
    ----------
    ds
        Figures over ``over`` and other dimensions, which together name the designs: a swept store, of which
        ``indicator`` is taken and cases that are not ``admitted`` count as without an answer; a Dataset that has a
        variable of that name; or a DataArray. NaN is no answer.
    over
        Dimension of the scenarios.
    indicator
        Figure the designs are held to; not looked at where a DataArray is given.
    weights
        Scenario to its weight, 0 or more; equal where left out, and 0 for scenarios that are not named.
    less_is_better
        Whether a smaller figure is the better one.

    Returns
    -------
    Dataset
        Over ``design``, ranked, and the scenarios: ``figure`` and ``regret``; over ``design``: ``worst``, ``mean``,
        ``worst_in`` (the scenario of the worst regret), ``rank`` from 1, and the coordinates that name the design; over
        the scenarios: ``best`` figure, ``best_design`` (position among the ranked) and ``weight``.

    Raises
    ------
    InputError
        If there is no such dimension or figure, weights name no scenario or are all 0, or no design has an answer.

    Examples
    --------
    >>> import parksim as ps, xarray as xr
    >>> cost = xr.DataArray([[10.0, 30.0], [18.0, 20.0]], dims=("battery", "scenario"),
    ...     coords={"battery": [0, 80], "scenario": ["mean", "dry"]})
    >>> table = ps.regret(cost)
    >>> table["battery"].to_numpy().tolist(), table["worst"].to_numpy().tolist()
    ([80, 0], [8.0, 10.0])
    """
    figure = _figure(ds, indicator)
    if over not in figure.dims:
        known = [str(dim) for dim in figure.dims]
        msg = f"over: there is no dimension {over!r}.{nearest(over, known)} There are: {', '.join(known) or 'none'}."
        raise InputError(msg)
    designs = [dim for dim in figure.dims if dim != over]
    if over not in figure.coords:
        figure = figure.assign_coords({over: np.arange(figure.sizes[over])})
    flat = figure.stack(design=designs) if designs else figure.expand_dims("design", -1)
    flat = flat.transpose("design", over)
    values = np.asarray(flat.to_numpy(), np.float64)
    told = np.isfinite(values).any(axis=0)
    if not told.any():
        msg = f"{indicator}: no design has an answer under any {over}."
        raise InputError(msg)
    scenarios = flat[over].to_numpy()
    weight = _weights(scenarios, weights, over)
    if not weight[told].sum() > 0.0:
        msg = f"weights: no {over} of a weight above 0 has an answer."
        raise InputError(msg)
    left_out = [str(name) for name in scenarios[~told]]
    kept = _ranked(values[:, told], weight[told], less_is_better=less_is_better)
    return _dataset(flat.isel({over: np.flatnonzero(told)}), kept, weight[told], over, designs, left_out)


def _figure(ds: xr.Dataset | xr.DataArray, indicator: str) -> xr.DataArray:
    """Take the figure out of what was given."""
    if isinstance(ds, xr.DataArray):
        return ds
    if "indicator_value" in ds and "indicator" in ds.indexes:
        names = [str(name) for name in ds.indexes["indicator"]]
        if indicator not in names:
            msg = (
                f"indicator: the store keeps no {indicator!r}.{nearest(indicator, names)} It keeps: {', '.join(names)}."
            )
            raise InputError(msg)
        found = ds["indicator_value"].sel(indicator=indicator, drop=True)
        return found.where(ds["admitted"]) if "admitted" in ds else found
    if indicator not in ds:
        names = [str(name) for name in ds.data_vars]
        msg = (
            f"indicator: there is no variable {indicator!r}.{nearest(indicator, names)} There are: {', '.join(names)}."
        )
        raise InputError(msg)
    return ds[indicator]


def _weights(scenarios: np.ndarray, weights: Mapping[str, float] | None, over: str) -> Array:
    """Read the weight of every scenario, shape (scenario,)."""
    if weights is None:
        return np.ones(len(scenarios))
    names = [str(name) for name in scenarios]
    strange = [name for name in weights if name not in names]
    wrong = [name for name, weight in weights.items() if not 0.0 <= weight < np.inf]
    if strange or wrong:
        msg = [f"weights: there is no {over} {name!r}.{nearest(name, names)}" for name in strange]
        msg += [f"weights: {name}: got {weights[name]:g}, must be 0 or more and finite." for name in wrong]
        raise InputError(msg)
    return np.array([weights.get(name, 0.0) for name in names], np.float64)


def _ranked(values: Array, weight: Array, *, less_is_better: bool) -> dict[str, np.ndarray]:
    """Find regrets (1), worst and mean (2), and the order, in the order of the designs given."""
    losses = np.where(np.isfinite(values), values if less_is_better else -values, np.inf)
    regrets = losses - losses.min(axis=0)
    counted = weight > 0.0
    worst = regrets[:, counted].max(axis=1)
    mean = (regrets[:, counted] * weight[counted]).sum(axis=1) / weight.sum()
    order = np.lexsort((np.arange(len(worst)), mean, worst))
    return {"regret": regrets, "worst": worst, "mean": mean, "order": order, "counted": counted}


def _dataset(
    flat: xr.DataArray,
    kept: Mapping[str, np.ndarray],
    weight: Array,
    over: str,
    designs: Sequence[Any],
    left_out: Sequence[str],
) -> xr.Dataset:
    order = kept["order"]
    unit = {"units": str(flat.attrs.get("units", ""))}
    regrets, figures = kept["regret"][order], np.asarray(flat.to_numpy(), np.float64)[order]
    scenarios = flat[over].to_numpy()
    at_worst = np.where(kept["counted"], regrets, -np.inf).argmax(axis=1)
    ranked = flat.isel(design=order)
    coords: dict[str, Any] = {over: scenarios, "design": np.arange(len(order))}
    coords |= {str(dim): ("design", ranked[dim].to_numpy()) for dim in designs}
    best = regrets.argmin(axis=0)
    data: dict[str, Any] = {
        "figure": (("design", over), figures, unit),
        "regret": (("design", over), regrets, unit),
        "worst": ("design", kept["worst"][order], unit),
        "mean": ("design", kept["mean"][order], unit),
        "worst_in": ("design", scenarios[at_worst]),
        "rank": ("design", np.arange(1, len(order) + 1)),
        "best": (over, figures[best, np.arange(len(scenarios))], unit),
        "best_design": (over, best),
        "weight": (over, weight / weight.sum()),
    }
    attrs = {"parksim_version": version("parksim"), "over": over, "left_out": ", ".join(left_out)}
    return xr.Dataset(data, coords=coords, attrs=attrs)
