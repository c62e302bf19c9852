"""The same park in other engines, side by side, to see whether its cheapest plan costs the same.

Each engine is given the park's fields and numbers, builds its own LP of them and solves it with its own call; only the
reading of files and the physics (COP, irradiance, water) are shared. Equal objectives confirm the rows, prices and
limits. Energies by flow are shown beside them; they may differ where several plans cost the same.
"""

import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from importlib import import_module
from importlib.metadata import version
from types import ModuleType
from typing import Any

import numpy as np
import xarray as xr

from parksim.api import solve as solve_park
from parksim.component import Array
from parksim.errors import AuditError, InputError
from parksim.inputs import Inputs, gather
from parksim.messages import nearest
from parksim.notes import Note
from parksim.park import Park
from parksim.peers.plan import CannotExpress, PeerSolution
from parksim.phases import Progress, silent

AGREE = 1e-6
"""Relative difference up to which two engines found the same cheapest cost."""

SAME_ENERGY = 1e-4
"""Energies of a flow that differ by more than this share of the largest flow are told as different."""

OURS = "parksim"
INSTALL = "pip install 'parksim[peers]'"


@dataclass(frozen=True)
class Peer:
    """Another engine: its name in words, and the package that is installed for it."""

    title: str
    package: str


PEERS: dict[str, Peer] = {"pypsa": Peer("PyPSA", "pypsa"), "oemof": Peer("oemof-solph", "oemof-solph")}
"""Engine to how it is called; its writer is the module of that name."""


@dataclass(frozen=True)
class _Found:
    """What one engine found; ``problem`` says why there is nothing."""

    version: str
    seconds: float = np.nan
    objective_cny: float = np.nan
    power_mw: Mapping[str, Array] | None = None
    problem: str = ""


def crosscheck(
    park: Park, *, peers: Sequence[str] = ("pypsa", "oemof"), progress: Progress | None = None
) -> xr.Dataset:
    """Solve a park in parksim and in other engines, and put their answers side by side.

    Parameters
    ----------
    park
        From :func:`parksim.load_park`, or built in Python.
    peers
        Engines to ask: ``pypsa``, ``oemof``. One that is not installed is told as such.
    progress
        Called with what is done next.

    Returns
    -------
    Dataset
        Over ``engine`` (parksim first): ``objective`` [CNY], ``gap`` to parksim's, relative [1], ``seconds``,
        ``version``, and ``problem``, why there is no answer, else empty. Over ``flow`` and ``engine``: ``energy``
        [MWh]. ``attrs["note"]`` names the flows in which plans of the same cost differ.

    Raises
    ------
    InputError
        If a name is no engine, no engine asked for is installed, or the park cannot be read.
    NoSolution
        If the park is infeasible or unbounded.

    Notes
    -----
    With C the objective of parksim and P that of a peer, gap = (P - C) / max(1, abs(C)). An engine that finds no
    optimum where parksim does has an infinite gap; one that cannot express the park has none.
    """
    told = progress or silent
    writers = _writers(peers)
    begin = time.perf_counter()
    ds = solve_park(park, progress=told)
    power = dict(zip(map(str, ds["flow"].to_numpy()), ds["power"].to_numpy(), strict=True))
    objective = float(ds.attrs["objective_cny"])
    found = {OURS: _Found(str(ds.attrs["parksim_version"]), time.perf_counter() - begin, objective, power)}
    told("read")
    inputs = gather(park)
    for name, writer in writers.items():
        told(name)
        found[name] = _ask(writer, PEERS[name], park, inputs)
    return _side_by_side(park, found)


def refuse(found: xr.Dataset) -> None:
    """Refuse answers of which the cheapest cost is not the same.

    Parameters
    ----------
    found
        What :func:`crosscheck` gave.

    Raises
    ------
    AuditError
        Naming the engines and their gaps.
    """
    gaps = {str(engine): abs(float(found["gap"].sel(engine=engine))) for engine in found["engine"].to_numpy()}
    wrong = {f"objective in {title_of(engine)}": gap for engine, gap in gaps.items() if gap > AGREE}
    if wrong:
        raise AuditError(wrong)


def verdict(found: xr.Dataset) -> str:
    """Say in which engines the cheapest cost is the same.

    Parameters
    ----------
    found
        What :func:`crosscheck` gave.

    Returns
    -------
    str
        Empty where an engine differs.
    """
    gaps = {str(e): abs(float(found["gap"].sel(engine=e))) for e in found["engine"].to_numpy() if e != OURS}
    if any(gap > AGREE for gap in gaps.values()):
        return ""
    same = [title_of(engine) for engine, gap in gaps.items() if gap <= AGREE]
    if not same:
        return Note("There was nothing to compare with.")
    engines = reduce(lambda first, second: Note("{first} and {second}", first=first, second=second), same)
    return Note("The cheapest cost is the same in {engines}.", engines=engines)


def plain(found: xr.Dataset) -> dict[str, Any]:
    """Give the answers as plain data: engines, energies by flow and engine, note.

    Parameters
    ----------
    found
        What :func:`crosscheck` gave.
    """
    engines = [str(engine) for engine in found["engine"].to_numpy()]
    keys = {
        "version": "version",
        "objective": "objective_cny",
        "gap": "gap",
        "seconds": "seconds",
        "problem": "problem",
    }
    told = {engine: {key: found[name].sel(engine=engine).item() for name, key in keys.items()} for engine in engines}
    energy = {
        str(flow): dict(zip(engines, map(float, row), strict=True))
        for flow, row in zip(found["flow"].to_numpy(), found["energy"].to_numpy(), strict=True)
    }
    return {"park": found.attrs["park"], "engines": told, "energy_mwh": energy, "note": found.attrs["note"]}


def title_of(engine: str) -> str:
    """Call an engine as it calls itself."""
    return PEERS[engine].title if engine in PEERS else engine


def _writers(peers: Sequence[str]) -> dict[str, ModuleType | None]:
    """Load the writers asked for; None for an engine that is not installed."""
    unknown = [name for name in peers if name not in PEERS]
    if unknown or not peers:
        got = f"got {unknown[0]!r}" if unknown else "is empty"
        hint = nearest(unknown[0].lower(), [*PEERS]) if unknown else ""
        msg = f"peers: {got}, must be of {', '.join(PEERS)}.{hint}"
        raise InputError(msg)
    writers = {name: _writer(name) for name in dict.fromkeys(peers)}
    if not any(writers.values()):
        titles = [PEERS[name].title for name in writers]
        none = f"{titles[0]} is not" if len(titles) == 1 else f"neither {' nor '.join(titles)} is"
        msg = f"peers: {none} installed. Install with: {INSTALL}."
        raise InputError(msg)
    return writers


def _writer(name: str) -> ModuleType | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return import_module(f"parksim.peers.{name}")
    except ModuleNotFoundError as error:
        if str(error.name).startswith("parksim"):
            raise
        return None


def _ask(writer: ModuleType | None, peer: Peer, park: Park, inputs: Inputs) -> _Found:
    if writer is None:
        return _Found("", problem=f"{peer.title} is not installed. Install with: {INSTALL}.")
    solve: Callable[[Park, Inputs], PeerSolution] = writer.solve
    begin = time.perf_counter()
    try:
        with warnings.catch_warnings():
            # What a peer announces of its own next release is nothing a planner could act on.
            warnings.simplefilter("ignore")
            answer = solve(park, inputs)
    except CannotExpress as error:
        return _Found(version(peer.package), time.perf_counter() - begin, problem=str(error))
    except RuntimeError as error:
        seconds = time.perf_counter() - begin
        problem = f"{peer.title} found no optimum, parksim did: {error}"
        return _Found(version(peer.package), seconds, np.inf, problem=problem)
    seconds = time.perf_counter() - begin
    return _Found(version(peer.package), seconds, answer.objective_cny, answer.power_mw)


def _side_by_side(park: Park, found: Mapping[str, _Found]) -> xr.Dataset:
    ours = found[OURS]
    flows = [*(ours.power_mw or {})]
    energy = np.full((len(flows), len(found)), np.nan)
    for column, answer in enumerate(found.values()):
        power = answer.power_mw or {}
        for row, flow in enumerate(flows):
            if flow in power:
                energy[row, column] = float(np.sum(power[flow])) * park.time.step_h
    objective = np.array([answer.objective_cny for answer in found.values()])
    gap = (objective - ours.objective_cny) / max(1.0, abs(ours.objective_cny))
    return xr.Dataset(
        {
            "objective": ("engine", objective, {"units": "CNY"}),
            "gap": ("engine", gap, {"units": "1"}),
            "seconds": ("engine", np.array([answer.seconds for answer in found.values()]), {"units": "s"}),
            "version": ("engine", [answer.version for answer in found.values()]),
            "problem": ("engine", [answer.problem for answer in found.values()]),
            "energy": (("flow", "engine"), energy, {"units": "MWh"}),
        },
        coords={"engine": [*found], "flow": flows},
        attrs={"park": park.park.name, "tolerance": AGREE, "note": _note(flows, energy, gap)},
    )


def _note(flows: Sequence[str], energy: Array, gap: Array) -> str:
    """Name the flows in which engines of the same cost differ."""
    same = energy[:, np.abs(gap) <= AGREE]
    spread = np.nanmax(same, axis=1) - np.nanmin(same, axis=1)
    other = [flow for flow, width in zip(flows, spread, strict=True) if width > SAME_ENERGY * np.nanmax(same)]
    if not other:
        return ""
    return Note(
        "Plans of the same cost may differ, and do in: {flows}. parksim tells the one that buys least.",
        flows=", ".join(other),
    )
