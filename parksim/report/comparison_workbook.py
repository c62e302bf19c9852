"""The workbook of a comparison (``comparison.xlsx``): figures side by side, claims, what the files say apart."""

import json
from pathlib import Path

import numpy as np
import xarray as xr

from parksim.accounts.comparison import FIGURES, differences, first_solved
from parksim.report import formats as f
from parksim.report.catalogue import Language
from parksim.report.comparison import VERDICTS, sentences, yardstick
from parksim.report.comparison_page import title_of
from parksim.report.sheets import Book, Column, Sort
from parksim.report.variant import in_words
from parksim.report.words import say, speaking, tell
from parksim.report.workbook import FONTS


def write_workbook(ds: xr.Dataset, path: Path, *, lang: Language = "en") -> None:
    """Write a comparison as a workbook.

    Parameters
    ----------
    ds
        From :func:`parksim.questions.compare.compare`, its ``ds``.
    path
        The file to write, ``.xlsx``.
    lang
        Language of its texts.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    with speaking(lang):
        title = say("compare.title", n=ds.sizes["member"])
        book = Book(path, title=title, author=f"parksim {ds.attrs['parksim_version']}", font=FONTS[lang])
        parks = [f"{name}: {title_of(ds, at)}" for at, name in enumerate(ds["member"].to_numpy())]
        book.sheet(say("workbook.comparison"), _figures(ds), lead=[title, f.points(parks), *sentences(ds)])
        if ds.sizes["claim"]:
            book.sheet(say("workbook.comparison.claims"), _claims(ds))
        book.sheet(say("workbook.differences"), _differ(ds))
        book.close()


def _figures(ds: xr.Dataset) -> list[Column]:
    """List every figure, then CO2 by yardstick: a column per park, and one for what it has more than the first."""
    first, apart = first_solved(ds), differences(ds)
    sorts: list[Sort] = [_sort(figure.unit) for figure in FIGURES.values()]
    sorts += ["whole"] * ds.sizes["yardstick"]
    names = [say(f"workbook.compare.{name}") for name in FIGURES]
    names += [say("workbook.col.co2", name=yardstick(ds, at)) for at in range(ds.sizes["yardstick"])]
    units = [f.unit_text(figure.unit) for figure in FIGURES.values()] + [f.unit_name("t")] * ds.sizes["yardstick"]
    columns = [
        Column(say("workbook.col.figure"), "", "text", names),
        Column(say("workbook.col.unit"), "", "word", units),
    ]
    members = [str(name) for name in ds["member"].to_numpy()]
    columns += [Column(name, "", "any", _values(ds, at), sorts=sorts) for at, name in enumerate(members)]
    columns += [
        Column(say("workbook.col.less", name=name, first=members[first]), "", "any", _values(apart, at), sorts=sorts)
        for at, name in enumerate(members)
        if at != first
    ]
    return columns


def _sort(unit: str) -> Sort:
    sorts: dict[str, Sort] = {"1": "four", "CNY MWh-1": "two", "MW": "one"}
    return sorts.get(unit, "whole")


def _values(ds: xr.Dataset, at: int) -> list[float]:
    return [float(ds[name].to_numpy()[at]) for name in FIGURES] + [float(value) for value in ds["co2"].to_numpy()[at]]


def _claims(ds: xr.Dataset) -> list[Column]:
    """List every claim, by every yardstick and park."""
    names = {str(name): yardstick(ds, at) for at, name in enumerate(ds["yardstick"].to_numpy())}
    pairs = [
        (at, place)
        for at in range(ds.sizes["claim"])
        for place in range(ds.sizes["member"])
        if str(ds["claim_verdict"].to_numpy()[place, at])
    ]
    claims = [
        f.titled(str(english), str(chinese), both=False)
        for english, chinese in zip(ds["claim_title"].to_numpy(), ds["claim_title_zh"].to_numpy(), strict=True)
    ]
    by = [names.get(str(key), "") for key in ds["claim_yardstick"].to_numpy()]
    members, verdicts = ds["member"].to_numpy(), ds["claim_verdict"].to_numpy()

    def each(name: str) -> np.ndarray:
        return np.array([float(ds[f"claim_{name}"].to_numpy()[place, at]) for at, place in pairs])

    told = [say(f"compare.claims.{VERDICTS[str(verdicts[place, at])]}") for at, place in pairs]
    return [
        Column(say("workbook.col.claim"), "", "text", [claims[at] for at, _ in pairs]),
        Column(say("workbook.col.yardstick"), "", "text", [by[at] for at, _ in pairs]),
        Column(say("workbook.col.park"), "", "word", [str(members[place]) for _, place in pairs]),
        Column(say("workbook.col.claimed"), "", "two", each("claimed")),
        Column(say("workbook.col.simulated"), "", "two", each("simulated")),
        Column(say("workbook.col.ratio"), "", "percent", each("ratio")),
        Column(say("workbook.col.verdict"), "", "word", told),
    ]


def _differ(ds: xr.Dataset) -> list[Column]:
    """List what each file says otherwise than the first."""
    told: dict[str, list[dict[str, str]]] = json.loads(ds.attrs["differences"])
    found = [(name, one) for name, values in told.items() for one in values]
    first = str(ds["member"].to_numpy()[first_solved(ds)])
    words = [in_words(one["path"], one["meaning"], f.titled(one["title"], one["title_zh"])) for _, one in found]
    return [
        Column(say("workbook.col.park"), "", "text", [name for name, _ in found]),
        Column(say("workbook.col.meaning"), "", "note", words),
        Column(say("workbook.col.base", base=first), "", "note", [tell(one["first"]) for _, one in found]),
        Column(say("workbook.col.here"), "", "note", [tell(one["here"]) for _, one in found]),
        Column(say("workbook.col.source"), "", "long", [one["source"] for _, one in found]),
        Column(say("workbook.col.path"), "", "text", [one["path"] for _, one in found]),
    ]
