"""Parks side by side as one page: the answer as a range, a table, two charts, claims, and what the files say apart."""

import json
from typing import Any

import numpy as np
import xarray as xr

from parksim.accounts.claims import MET
from parksim.accounts.comparison import first_solved
from parksim.report import formats as f
from parksim.report.catalogue import Language
from parksim.report.comparison import VERDICTS, known_yardsticks, rows, sentences, serving_all, yardstick
from parksim.report.comparison_charts import co2_figure, cost_figure
from parksim.report.pages import page_data, written
from parksim.report.tables import Align, Cell, Row, Table
from parksim.report.tiles import Tile, tile
from parksim.report.variant import NOTHING, in_words
from parksim.report.words import say, speaking, tell


def render(ds: xr.Dataset, *, lang: Language = "en") -> str:
    """Write a comparison as one HTML page.

    Parameters
    ----------
    ds
        From :func:`parksim.questions.compare.compare`, its ``ds``.
    lang
        Language of the page: ``en`` or ``zh``.

    Returns
    -------
    str
        The page; it needs no network, and only its own two scripts may run in it.
    """
    with speaking(lang):
        return written("comparison.html.j2", context(ds))


def context(ds: xr.Dataset) -> dict[str, Any]:
    """Give everything that the template asks for, besides scripts and styles."""
    made = {figure.key: figure for figure in (cost_figure(ds), co2_figure(ds)) if figure is not None}
    first = str(ds["member"].to_numpy()[first_solved(ds)])
    answer, *others = sentences(ds, plain=False)
    solver = f"{ds.attrs['solver']} {ds.attrs['solver_version']}"
    return {
        "kind": say("compare.kind"),
        "title": say("compare.title", n=ds.sizes["member"]),
        "meta": say("compare.meta", first=first),
        "answer": answer,
        "others": others,
        "tiles": _tiles(ds),
        "parks": _parks(ds),
        "figures": made,
        "heads": [str(name) for name in ds["member"].to_numpy()],
        "lines": _lines(ds),
        "table_lead": say("compare.table.lead", first=first),
        "claims_table": _claims(ds),
        "differ_lead": say("compare.differ.lead", first=first),
        "differ": _differ(ds, first),
        "problems": _problems(ds),
        "provenance": say(
            "compare.from", n=ds.sizes["member"], version=str(ds.attrs["parksim_version"]), solver=solver
        ),
        "version": str(ds.attrs["parksim_version"]),
        "data": page_data("comparison", made),
    }


def title_of(ds: xr.Dataset, at: int) -> str:
    """Give the full name of a park in the language of the moment."""
    english, chinese = (str(ds[name].to_numpy()[at]) for name in ("title", "title_zh"))
    return f.titled(english, chinese, both=False)


def _parks(ds: xr.Dataset) -> list[tuple[int, str, str]]:
    """Give number, short and full name of each park; the charts mark it with its number."""
    return [(at + 1, str(name), title_of(ds, at)) for at, name in enumerate(ds["member"].to_numpy())]


def _tiles(ds: xr.Dataset) -> list[Tile]:
    """Tell the ranges of the parks that the answer speaks of; of all that have a solution where it speaks of none."""
    whole = serving_all(ds)
    solved = ds.isel(member=np.flatnonzero(whole if whole.any() else ds["solved"].to_numpy()))
    found = [
        _tile(solved, "green", 100.0 * solved["green_share"].to_numpy(), "%"),
        _tile(solved, "cost", solved["unit_cost"].to_numpy() / 1e3, "CNY/kWh"),
    ]
    scale, unit = f.energy_scale(float(solved["import"].to_numpy().max()))
    found.append(_tile(solved, "bought", solved["import"].to_numpy() / scale, unit))
    for at in known_yardsticks(solved)[:1]:
        emitted = solved["co2"].to_numpy()[:, at]
        scale, unit = f.mass_scale(float(np.nanmax(emitted)))
        found.append(_tile(solved, "co2", emitted / scale, unit, by=yardstick(ds, at)))
    return found


def _tile(ds: xr.Dataset, key: str, values: np.ndarray, unit: str, *, by: str = "") -> Tile:
    names = ds["member"].to_numpy()
    least, most = (f.sig(float(value)) for value in (np.nanmin(values), np.nanmax(values)))
    shown = least if least == most else say("compare.tile.to", least=least, most=most)
    parks = (
        say("compare.tile.all")
        if least == most
        else say("compare.tile.from", first=names[np.nanargmin(values)], last=names[np.nanargmax(values)])
    )
    context = say("compare.tile.by", parks=parks, yardstick=by) if by else parks
    return tile(f"compare.tile.{key}", shown, f.unit_name(unit), context)


def _lines(ds: xr.Dataset) -> list[list[list[str]]]:
    """Give the table of the terminal, each cell as its lines."""
    return [
        [cell.splitlines() or [""] for cell in (f.capital(head), *cells)] for head, *cells in rows(ds, plain=False)[1:]
    ]


def _claims(ds: xr.Dataset) -> Table | None:
    """List the ratio of every claim, by every yardstick, in every park."""
    if not ds.sizes["claim"]:
        return None
    names = {str(name): at for at, name in enumerate(ds["yardstick"].to_numpy())}
    lines = []
    for at in range(ds.sizes["claim"]):
        one = ds.isel(claim=at)
        title = f.titled(str(one["claim_title"].item()), str(one["claim_title_zh"].item()), both=False)
        by = str(one["claim_yardstick"].item())
        if by in names:
            title = say("compare.claims.by", title=title, yardstick=yardstick(ds, names[by]))
        lines.append(Row([Cell(title), *(_judged(one.isel(member=place)) for place in range(ds.sizes["member"]))]))
    heads: list[tuple[str, Align]] = [(str(name), "number") for name in ds["member"].to_numpy()]
    return Table(say("compare.claims.table"), [(say("compare.col.claim"), "text"), *heads], lines)


def _judged(one: xr.Dataset) -> Cell:
    verdict = str(one["claim_verdict"].item())
    if not verdict:
        return Cell(NOTHING, sort="number")
    told = say(f"compare.claims.{VERDICTS[verdict]}")
    ratio = f.percent(float(one["claim_ratio"]))
    sort = "number met" if verdict == MET else "number"
    return Cell(say("compare.claims.cell", ratio=ratio, verdict=told), sort=sort)


def _differ(ds: xr.Dataset, first: str) -> list[tuple[str, Table | None]]:
    """List what each file says otherwise than the first: a heading and a table, or a sentence alone."""
    told: dict[str, list[dict[str, str]]] = json.loads(ds.attrs["differences"])
    found: list[tuple[str, Table | None]] = []
    for name, values in told.items():
        if values:
            found.append((say("compare.differ.title", name=name, n=len(values)), _differences(values, first)))
        else:
            found.append((say("compare.differ.none", name=name, first=first), None))
    return found


def _differences(values: list[dict[str, str]], first: str) -> Table:
    absent = say("variant.absent")
    lines = [
        Row(
            [
                Cell(in_words(one["path"], one["meaning"], f.titled(one["title"], one["title_zh"]))),
                Cell(tell(one["first"]) or absent),
                Cell(tell(one["here"]) or absent),
                Cell(one["source"] or NOTHING, sort="source"),
                Cell(one["path"], sort="code"),
            ]
        )
        for one in values
    ]
    columns = [say("variant.col.what"), say("variant.col.base", base=first), say("compare.col.here")]
    columns += [say("variant.col.source"), say("sources.col.field")]
    return Table("", [(column, "text") for column in columns], lines)


def _problems(ds: xr.Dataset) -> list[tuple[str, list[str]]]:
    """Name the parks without a solution, with what is known of why."""
    return [
        (str(name), [tell(line) for line in str(problem).splitlines()])
        for name, problem, solved in zip(
            ds["member"].to_numpy(), ds["problem"].to_numpy(), ds["solved"].to_numpy(), strict=True
        )
        if not solved
    ]
