"""Studies of the two-days park, made case by case in the layout of the store."""

import itertools
import json
import tomllib

import numpy as np
import pytest
import tomli_w
import xarray as xr

import parksim as ps
from parksim.accounts.summary import summarise
from parksim.results import park_toml

STATUS = ("planned", "solved", "no_solution", "refused", "failed", "left_out")
HOSTILE = '</script><img src=x onerror="window.hacked = 2">'
PRICES = {"wet": 200.0, "flat": 300.0, "dry": 400.0}
NAMED = {
    "cost_cny": "CNY", "cost_cny_per_mwh": "CNY MWh-1", "green_share": "1", "self_use_share": "1", "import_mwh": "MWh",
    "peak_import_mw": "MW", "curtailed_mwh": "MWh", "unserved_mwh": "MWh", "load_mwh": "MWh",
}  # fmt: skip
CO2 = ("emissions_t.sichuan", "emissions_t.national")
UNITS = {**NAMED, **dict.fromkeys(CO2, "t"), "battery.full_cycles": "1"}


def figures(ds):
    told = summarise(ds)
    found = {name: told[name] for name in NAMED if name != "cost_cny"}
    found |= {f"emissions_t.{name}": value for name, value in told["emissions_t"].items()}
    found["battery.full_cycles"] = told["storage"].get("battery", {}).get("full_cycles", np.nan)
    return {**found, "cost_cny": told["cost_cny"]["total"]}


def energy_price(factor):
    return {"tariffs.time_of_use.energy_cny_per_mwh": {season: factor * price for season, price in PRICES.items()}}


def made(study, dimensions):
    """Solve every case: dimension to its coordinates (name to values), and to the changes of each place."""
    park = ps.load_park("two-days")
    lives = {False: ps.live(park)}
    dims = list(dimensions)
    shape = tuple(len(dimensions[dim][1]) for dim in dims)
    status, reason = np.zeros(shape, np.int8), np.full(shape, "", object)
    values = np.full((*shape, len(UNITS)), np.nan)
    for at in itertools.product(*map(range, shape)):
        changes = {key: v for dim, place in zip(dims, at, strict=True) for key, v in dimensions[dim][1][place].items()}
        without = changes.pop("remove", None) is not None
        if without and without not in lives:
            tables = park.tables()
            del tables["components"]["battery"]
            lives[without] = ps.live(ps.read_park(tables))
        live = lives[without]
        try:
            live.reset()
            live.set(changes)
            found = figures(live.solve())
            values[at] = [found[name] for name in UNITS]
            status[at] = STATUS.index("solved")
        except ps.InputError as error:
            status[at], reason[at] = STATUS.index("refused"), str(error)
        except ps.NoSolution as error:
            status[at], reason[at] = STATUS.index("no_solution"), str(error)
    return assembled(study, dimensions, status, reason, values, park_toml(park))


def assembled(study, dimensions, status, reason, values, park):
    dims = list(dimensions)
    ds = xr.Dataset(
        {
            "status": (dims, status, {"flag_values": list(range(len(STATUS))), "flag_meanings": " ".join(STATUS)}),
            "reason": (dims, reason),
            "case": (dims, np.arange(status.size).reshape(status.shape)),
            "indicator_value": ([*dims, "indicator"], values),
        },
        coords={
            "indicator": list(UNITS),
            "indicator_unit": ("indicator", list(UNITS.values())),
            "indicator_title": ("indicator", list(UNITS)),
        },
    )
    for dim, (coords, _) in dimensions.items():
        for name, (numbers, attrs) in coords.items():
            ds = ds.assign_coords({name: (dim, numbers, attrs)})
    ds.attrs = {
        "study_toml": tomli_w.dumps(study), "park_toml": park, "parksim_version": "0.1.0", "seed": 1, "key": "a1b2",
        "versions": json.dumps({"highspy": "1.0"}), "reproducible": 0,
    }  # fmt: skip
    return judged(ds)


def judged(ds):
    """Add which cases meet the constraints of the study file, as the store does when it is opened."""
    asked = tomllib.loads(ds.attrs["study_toml"]).get("constraints", {})
    solved = ds["status"] == STATUS.index("solved")
    if not asked:
        return ds.assign(admitted=solved)
    value = ds["indicator_value"]
    each = [
        (value.sel(indicator=c["indicator"], drop=True) >= c.get("min", -np.inf))
        & (value.sel(indicator=c["indicator"], drop=True) <= c.get("max", np.inf))
        for c in asked.values()
    ]
    meets = xr.concat(each, dim=xr.DataArray(list(asked), dims="constraint", name="constraint"))
    return ds.assign(meets=meets.transpose(..., "constraint"), admitted=solved & meets.all("constraint"))


def axis(path, values, **told):
    return {"field": path, "values": values, **told}


BATTERY = [0.0, 6.0, 24.0]
ROOF = [6.0, 12.0, 36.0]


def capacities(path, values):
    return [{path: value} for value in values]


@pytest.fixture(scope="session")
def of_study():
    """Battery, roof, price and connection crossed: solved, without a solution, and no valid park; hostile words."""
    limits = [-1.0, 5.0, 12.0]
    study = {
        "study": {"name": "odd", "title": f"Odd {HOSTILE}", "title_zh": f"奇 {HOSTILE}", "park": "two-days", "seed": 1},
        "axes": {
            "battery": axis("components.battery.energy_max_mwh", BATTERY, title=f"Store {HOSTILE}", title_zh="储能"),
            "roof": axis("components.roof.power_max_mw", ROOF, title="Roof PV", source="[assumption] a test"),
            "energy_price": {"field": "tariffs.time_of_use.energy_cny_per_mwh", "factor": [0.8, 1.0]},
            "connection": axis("components.grid.import_max_mw", limits),
        },
        "constraints": {"green": {"indicator": "green_share", "min": 0.3, "source": "a rule"}},
    }
    unit = {"units": "MW"}
    return made(
        study,
        {
            "battery": (
                {"battery": (BATTERY, {"units": "MWh"})},
                capacities("components.battery.energy_max_mwh", BATTERY),
            ),
            "roof": ({"roof": (ROOF, unit)}, capacities("components.roof.power_max_mw", ROOF)),
            "energy_price": ({"energy_price": ([0.8, 1.0], {"units": "1"})}, [energy_price(0.8), energy_price(1.0)]),
            "connection": ({"connection": (limits, unit)}, capacities("components.grid.import_max_mw", limits)),
        },
    )


@pytest.fixture(scope="session")
def of_one_axis():
    study = {
        "study": {"name": "one-axis", "park": "two-days", "seed": 1},
        "axes": {"battery": axis("components.battery.energy_max_mwh", BATTERY)},
    }
    coords = {"battery": (BATTERY, {"units": "MWh"})}
    return made(study, {"battery": (coords, capacities("components.battery.energy_max_mwh", BATTERY))})


@pytest.fixture(scope="session")
def of_one_case(of_one_axis):
    return told_again(of_one_axis.isel(battery=[1]), name="one-case")


@pytest.fixture(scope="session")
def of_failures(of_study):
    """Cases of which none has a result: without a solution, no valid parks, broken off, not computed yet."""
    ds = of_study.isel(connection=[0, 1], roof=[0], battery=[0]).copy(deep=True)
    ds["status"][..., 1] = STATUS.index("failed")
    ds["status"][0, 0, 0, 1] = STATUS.index("planned")
    ds["indicator_value"][:] = np.nan
    return judged(told_again(ds, name="failures"))


def told_again(ds, *, name):
    tables = tomllib.loads(ds.attrs["study_toml"])
    tables["study"]["name"] = name
    return ds.assign_attrs(study_toml=tomli_w.dumps(tables))


@pytest.fixture(scope="session")
def of_sample():
    """Sixteen draws of battery and roof."""
    rng = np.random.default_rng(1)
    battery, roof = rng.uniform(0.0, 24.0, 16), rng.uniform(6.0, 36.0, 16)
    study = {
        "study": {"name": "drawn", "park": "two-days", "seed": 1},
        "axes": {
            "battery": {"field": "components.battery.energy_max_mwh", "between": [0.0, 24.0]},
            "roof": {"field": "components.roof.power_max_mw", "between": [6.0, 36.0]},
        },
        "combine": {"sample": {"count": 16}},
    }
    changes = [
        {"components.battery.energy_max_mwh": b, "components.roof.power_max_mw": r}
        for b, r in zip(battery.tolist(), roof.tolist(), strict=True)
    ]
    coords = {"battery": (battery, {"units": "MWh"}), "roof": (roof, {"units": "MW"})}
    return made(study, {"sample": (coords, changes)})


@pytest.fixture(scope="session")
def of_scenarios():
    """A store or none, roof and battery walking together, two scenarios; titles in English alone."""
    study = {
        "study": {"name": "scenarios", "park": "two-days", "seed": 1},
        "axes": {
            "storage": {"options": {"none": {"title": "no store", "remove": ["components.battery"]}, "as_filed": {}}},
            "roof": axis("components.roof.power_max_mw", [12.0, 24.0]),
            "tilt": axis("components.roof.tilt_deg", [15.0, 30.0]),
        },
        "combine": {"zip": [["roof", "tilt"]]},
        "scenarios": {"today": {"weight": 0.7}, "dear": {"title": "Dear power", "weight": 0.3}},
    }
    study["scenarios"]["dear"]["tariffs.time_of_use.energy_cny_per_mwh"] = {"factor": 1.5}
    both = [{"components.roof.power_max_mw": p, "components.roof.tilt_deg": t} for p, t in ((12.0, 15.0), (24.0, 30.0))]
    walk = {"roof": ([12.0, 24.0], {"units": "MW"}), "tilt": ([15.0, 30.0], {"units": "deg"})}
    return made(
        study,
        {
            "storage": ({"storage": (["none", "as_filed"], {})}, [{"remove": "components.battery"}, {}]),
            "roof_tilt": (walk, both),
            "scenario": ({"scenario": (["today", "dear"], {})}, [{}, energy_price(1.5)]),
        },
    )


@pytest.fixture(scope="session")
def of_thousand(of_study):
    """The cases of a study over and over, 1,026 in all."""
    copies = np.arange(19.0)
    ds = xr.concat([of_study] * len(copies), dim="copy").assign_coords(copy=copies)
    ds["case"] = ds["status"].dims, np.arange(ds["status"].size).reshape(ds["status"].shape)
    ds["status"].attrs = of_study["status"].attrs
    tables = tomllib.loads(of_study.attrs["study_toml"])
    tables["axes"]["copy"] = axis("components.roof.albedo", copies.tolist())
    return ds.assign_attrs(of_study.attrs | {"study_toml": tomli_w.dumps(tables)})
