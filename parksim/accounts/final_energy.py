"""Final energy of a year by carrier, in coal equivalent and CO2, as the national method for zero-carbon parks counts.

Electricity used, with what stores lose:
    (1) used = bought + taken by contract + made in the park - sold                                [MWh]
its parts, by their title:
    direct      made in the park, or taken over a line or a local network, and not sold: CO2 0
    contracted  taken through the public grid with its certificate, and not sold: CO2 0
    netted      bought and made up by what is sold, never more than is bought: CO2 0
    certified   bought and covered by certificates: CO2 0
    untitled    the rest, at one fixed factor
    (2) certified + untitled = max(0, bought + taken without title - sold)                         [MWh]
Coal equivalent and CO2 of other energy: :mod:`parksim.other_energy`. Several years are counted as their mean.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from parksim.accounts.carbon import own_emissions_t
from parksim.accounts.claims import WHOLE_YEAR
from parksim.accounts.energy import CARRIER, GREEN_ROLES, Generation, generation
from parksim.accounts.reading import Results
from parksim.units import GJ_PER_TCE

PARTS = ("direct", "contracted", "netted", "certified", "untitled")
"""Parts of the electricity used."""

TECHNOLOGY_OF_KIND = {"pv": "pv", "wind": "wind", "run_of_river": "hydro", "reservoir": "hydro"}
"""Kind of a plant inside the park to what it runs on; a kind not listed counts as ``mixed``."""


@dataclass(frozen=True)
class Plant:
    """A plant that supplies the park, inside it or by contract.

    Parameters
    ----------
    technology
        ``pv wind biomass hydro`` or ``mixed``.
    delivery
        ``park`` for a plant inside, else ``line``, ``local_network`` or ``grid``.
    plant
        ``own`` for a plant inside, else ``new`` or ``existing``.
    certificate
        Title that goes with its energy: ``tradable``, ``not_tradable`` or ``none``. Energy made and used in the park
        gets certificates that cannot be traded.
    energy
        What it did over the horizon [MWh].
    """

    component: str
    technology: str
    delivery: str
    plant: str
    certificate: str
    energy: Generation

    @property
    def direct(self) -> bool:
        """Whether it supplies the park without the public grid between."""
        return self.delivery != "grid"

    @property
    def titled(self) -> bool:
        """Whether its energy counts as free of CO2 in the park method."""
        return self.direct or self.certificate != "none"


def plants(ds: Results) -> list[Plant]:
    """List the plants that supply electricity, with what each did over the horizon."""
    role, component, kind = (ds.variables[name].to_numpy() for name in ("role", "component", "kind"))
    green = np.isin(role, GREEN_ROLES) & (ds.variables["carrier"].to_numpy() == CARRIER)
    fields = dict(zip(ds.variables["field"].to_numpy(), ds.variables["field_value"].to_numpy(), strict=True))
    found = []
    for name in dict.fromkeys(component[green].tolist()):
        own = green & (component == name)
        energy = generation(ds, own)
        if (role[own] == "renewable").all():
            technology = TECHNOLOGY_OF_KIND.get(str(kind[own][0]), "mixed")
            found.append(Plant(name, technology, "park", "own", "not_tradable", energy))
            continue
        terms = {f: str(fields[f"components.{name}.{f}"]) for f in ("technology", "delivery", "plant", "certificate")}
        found.append(Plant(name, **terms, energy=energy))
    return found


@dataclass(frozen=True)
class Line:
    """One carrier of the year's energy.

    Parameters
    ----------
    key
        ``electricity.PART`` or ``other_energy.NAME``.
    amount, unit
        As given or simulated.
    tce
        Coal equivalent [tce].
    co2_t
        CO2 [t].
    clean
        Whether it counts as clean energy: ``yes``, ``by_wording`` or ``no``.
    """

    key: str
    title: str
    amount: float
    unit: str
    tce: float
    co2_t: float
    clean: str
    amount_source: str = ""
    heat_source: str = ""
    co2_source: str = ""


@dataclass(frozen=True)
class FinalEnergy:
    """Final energy of a park: of a mean year, or of the horizon where that is shorter.

    Parameters
    ----------
    years
        Length of the horizon [years].
    terms
        Values of the table ``[verdict]`` with their sources.
    plants
        Plants with what each did over the horizon.
    electricity_mwh
        Part of the electricity used to its energy [MWh].
    other
        Other energy of a year.
    components_co2_t
        CO2 that components emit by themselves [t].
    other_nodes
        Carriers besides electricity that the model feeds from outside; their coal equivalent is not known.
    """

    years: float
    terms: dict[str, Any]
    plants: list[Plant]
    electricity_mwh: dict[str, float]
    other: list[Line]
    components_co2_t: float
    other_nodes: tuple[str, ...]

    @property
    def whole_year(self) -> bool:
        """Whether the horizon is as long as the year that the rules speak of."""
        return self.years >= WHOLE_YEAR

    @property
    def used_mwh(self) -> float:
        """Electricity used (1) [MWh]."""
        return sum(self.electricity_mwh.values())

    @property
    def stated(self) -> bool:
        """Whether the park file says which other energy there is."""
        return bool(self.other) or bool(self.terms["all_electric"])

    @cached_property
    def lines(self) -> list[Line]:
        """Every carrier; other energy, given by the year, only beside a year of electricity."""
        per_mwh, factor = float(self.terms["electricity_tce_per_mwh"]), float(self.terms["untitled_t_per_mwh"])
        clean = {"direct": "yes", "contracted": "yes", "untitled": "no"}
        own = [
            Line(
                key=f"electricity.{part}",
                title="",
                amount=mwh,
                unit="MWh",
                tce=per_mwh * mwh,
                co2_t=factor * mwh if part == "untitled" else 0.0,
                clean=clean.get(part, "by_wording"),
                co2_source=str(self.terms["sources"]["untitled_t_per_mwh"]) if part == "untitled" else "",
            )
            for part, mwh in self.electricity_mwh.items()
        ]
        return [*own, *(self.other if self.whole_year else [])]

    @property
    def tce(self) -> float:
        """Coal equivalent of all lines [tce]."""
        return sum(line.tce for line in self.lines)

    @property
    def co2_t(self) -> float:
        """CO2 of all lines, of components and, beside a whole year, of processes where the file gives them [t]."""
        process = float(self.terms["process_co2_t"] or 0.0) if self.whole_year else 0.0
        return sum(line.co2_t for line in self.lines) + self.components_co2_t + process


def _other(entries: dict[str, dict[str, Any]]) -> Iterable[Line]:
    for name, entry in entries.items():
        heat_gj = float(entry["amount"]) * float(entry["heat_gj_per_unit"])
        yield Line(
            key=f"other_energy.{name}",
            tce=heat_gj / GJ_PER_TCE,
            co2_t=heat_gj * float(entry["co2_t_per_gj"]),
            **{k: entry[k] for k in ("title", "amount", "unit", "clean", "amount_source", "heat_source", "co2_source")},
        )


def _electricity(ds: Results, found: list[Plant], certificates_mwh: float, per_year: float) -> dict[str, float]:
    """Split the electricity used by its title, summed over the horizon and divided by ``per_year`` [MWh]."""
    role, electric = ds.variables["role"].to_numpy(), ds.variables["carrier"].to_numpy() == CARRIER
    energy = ds.variables["power"].to_numpy().sum(axis=1) * float(ds.attrs["step_h"])
    bought, sold = (float(energy[(role == name) & electric].sum()) / per_year for name in ("import", "export"))
    without = sum(plant.energy.made_mwh for plant in found if not plant.titled) / per_year
    direct, contracted = (
        sum(plant.energy.used_mwh for plant in found if plant.titled and plant.direct is near) / per_year
        for near in (True, False)
    )
    titled_sold = sum(plant.energy.sold_mwh for plant in found if plant.titled) / per_year
    open_mwh = max(0.0, bought + without - sold)
    certified = min(certificates_mwh, open_mwh)
    netted = bought + without - (sold - titled_sold) - open_mwh
    return dict(zip(PARTS, (direct, contracted, netted, certified, open_mwh - certified), strict=True))


def final_energy(ds: Results) -> FinalEnergy:
    """Count the final energy of a park by carrier.

    Parameters
    ----------
    ds
        Results of a run.
    """
    years = float(ds.attrs["year_share"])
    terms = json.loads(ds.attrs["verdict_terms"])
    found = plants(ds)
    whole = years >= WHOLE_YEAR
    carrier, role = ds.variables["carrier"].to_numpy(), ds.variables["role"].to_numpy()
    fed = np.isin(role, ("import", *GREEN_ROLES)) & (carrier != CARRIER) & ds.variables["power"].to_numpy().any(axis=1)
    return FinalEnergy(
        years=years,
        terms=terms,
        plants=found,
        electricity_mwh=_electricity(
            ds, found, float(terms["certificates_mwh"]) if whole else 0.0, years if whole else 1.0
        ),
        other=list(_other(json.loads(ds.attrs["other_energy"]))),
        components_co2_t=own_emissions_t(ds) / (years if whole else 1.0),
        other_nodes=tuple(dict.fromkeys(carrier[fed].tolist())),
    )
