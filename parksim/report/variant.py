"""What a variant changes: every value that differs from the park it builds on, in words, with its source."""

import json
from typing import Any

from parksim.report import formats as f
from parksim.report.tables import Cell, Row, Table
from parksim.report.view import View
from parksim.report.words import say, tell, term

NOTHING = "–"


def parts(view: View) -> dict[str, Any]:
    """Give everything the section shows; nothing for a park that builds on no other."""
    bases = _bases(view)
    count = view.ds.sizes["difference"]
    key = "variant.title_none" if count == 0 else ("variant.title_one" if count == 1 else "variant.title_many")
    return {
        "variant_title": say(key, base=bases[0], all=f.whole(count)) if bases else "",
        "variant_lead": say("variant.lead", bases=f.listed(bases)) if bases else "",
        "variant_table": _table(view, bases[0]) if bases and count else None,
    }


def _bases(view: View) -> list[str]:
    """Give what the park builds on, nearest first."""
    return [str(base) for base in json.loads(view.ds.attrs["bases"])]


def differences(view: View) -> list[dict[str, str]]:
    """Give every value that differs: ``path``, ``meaning`` in words, ``base``, ``here``, ``source``."""
    ds = view.ds
    names = ("difference", "difference_meaning", "difference_base", "difference_value", "difference_source")
    columns = [[str(value) for value in ds[name].to_numpy()] for name in names]
    return [
        {
            "path": path,
            "meaning": in_words(path, meaning, _title(view, path)),
            "base": tell(before),
            "here": tell(here),
            "source": source,
        }
        for path, meaning, before, here, source in zip(*columns, strict=True)
    ]


def _title(view: View, path: str) -> str:
    """Name the table at a path; empty where it has no name of its own."""
    section, _, rest = path.partition(".")
    key = rest.partition(".")[0]
    if section == "components":
        return view.name(key)
    if section == "tariffs":
        return view.tariff_title(key)
    if section == "yardsticks":
        return view.yardstick_title(key)
    return view.claim_title(key) if section == "claims" else ""


def in_words(path: str, meaning: str, title: str) -> str:
    """Say in words what stands at a path of the park file.

    Parameters
    ----------
    meaning
        What the field says of itself; empty for a whole table.
    title
        Name of the table; its key in words where left empty.
    """
    section, _, rest = path.partition(".")
    key = rest.partition(".")[0].replace("_", " ") or section
    title = title or term(f"variant.section.{section}", otherwise=key)
    told = tell(meaning).rstrip(".。").replace("`", "") if meaning else say("variant.whole")
    told = term(f"variant.field.{path.rpartition('.')[2]}", otherwise=told)
    small = told[:1].lower() + told[1:] if told[1:2].islower() or told[1:2] == " " else told
    return say("variant.what", title=title[:1].upper() + title[1:], what=small)


def _table(view: View, base: str) -> Table:
    found = differences(view)
    absent = say("variant.absent")
    rows = [
        Row(
            [
                Cell(one["meaning"]),
                Cell(one["base"] or absent),
                Cell(one["here"] or absent),
                Cell(one["source"] or NOTHING, sort="source"),
                Cell(one["path"], sort="code"),
            ]
        )
        for one in found
    ]
    columns = [say("variant.col.what"), say("variant.col.base", base=base), say("variant.col.here")]
    columns += [say("variant.col.source"), say("sources.col.field")]
    return Table("", [(column, "text") for column in columns], rows)
