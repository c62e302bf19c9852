"""Writes the reference pages from the code: ``python docs/generate.py``; a test holds the committed pages to it."""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from parksim import api, testing
from parksim.accounts.rules import BANDS, CLAUSES, MISSING, OUTSIDE
from parksim.accounts.summary import summarise
from parksim.component import Site
from parksim.components import KINDS
from parksim.fields import FieldDoc, fields_of, limits_text
from parksim.fuels import FUELS
from parksim.investment import Size, Sizing
from parksim.limits import Limits
from parksim.other_energy import USUAL, OtherEnergy, Verdict
from parksim.park import About, Claim, Park, Yardstick
from parksim.profiles import ProfileRef
from parksim.questions.compare import compare
from parksim.questions.references import run
from parksim.questions.tables import (
    AggregateTable,
    AlternativesTable,
    BreakEvenTable,
    ParetoTable,
    RegretTable,
    RobustTable,
    SensitivityTable,
)
from parksim.study import tables
from parksim.tariffs import Period, Tariff
from parksim.timeaxis import TimeAxis
from parksim.units import GJ_PER_TCE, GLOSSARY
from parksim.weather import DailyRecord, Weather

HERE = Path(__file__).parent
KERNELS = HERE.parent / "parksim" / "kernels"
NOTE = "<!-- Written by docs/generate.py from the code; change the code, then run it again. -->\n"
HIDDEN = {"name", "title", "title_zh", "sources", "size", "kind", "file"}

VARIANTS = """\
## Variants

A file may build on another and say only what differs:

```toml
base = "yibin.toml"                 # a path relative to this file, or the name of a shipped park
remove = ["components.roof_pv"]     # tables and fields of the base to leave out

[components.hydro]
available = { column = "available_dry" }

[components.hydro.sources]
available = "assumption: a dry year, about one in ten"
```

* Tables are joined key by key; a value takes the place of the base's. Taken whole are lists, a component of another
  `kind`, and a table that names another `file`: what the base says of its own no longer holds. What is in `remove` is
  taken out first, so a table that is removed and written anew is replaced.
* A `title`, `note` or `name` that is written anew goes without the base's Chinese (`title_zh`).
* A number that differs needs a source in the variant itself. Its `default` speaks of what the variant changes; all else
  keeps the source it has in the base.
* Relative paths in the base still start from the base. A base may have a base; a circle is refused. The base is a park
  of its own: what is wrong in it is told with its file, what is wrong in the whole with the variant's.
* `parksim check VARIANT` lists what differs. Results hold the whole park, so they need no base, and what differs."""

TABLES: dict[str, type[BaseModel]] = {
    "[park]": About,
    "[site]": Site,
    "[time]": TimeAxis,
    "[weather]": Weather,
    "[weather.daily]": DailyRecord,
    "[tariffs.NAME]": Tariff,
    "[tariffs.NAME] periods": Period,
    "[yardsticks.NAME]": Yardstick,
    "[claims.NAME]": Claim,
    "[other_energy.NAME]": OtherEnergy,
    "[verdict]": Verdict,
    "[limits]": Limits,
    "[sizing]": Sizing,
    "[components.NAME.size.CAPACITY]": Size,
    "profile: { file, column, ... }": ProfileRef,
}


def _choices(model: type[BaseModel], name: str) -> str:
    annotation: Any = model.model_fields[name].annotation
    options = [annotation, *(get_args(annotation) if get_origin(annotation) in {Union, UnionType} else ())]
    found = [value for option in options if get_origin(option) is Literal for value in get_args(option)]
    return ", ".join(f"`{value}`" for value in found)


def _limits(model: type[BaseModel], doc: FieldDoc) -> str:
    if doc.limits:
        return limits_text(doc.limits).removeprefix("must lie in ").removeprefix("must be ")
    return _choices(model, doc.name)


def _default(doc: FieldDoc) -> str:
    if doc.required:
        return "**required**"
    if doc.default in (None, {}, [], (), ""):
        return ""
    return f"`{doc.default}`"


def field_table(model: type[BaseModel], *, hidden: set[str] = frozenset()) -> Iterator[str]:
    """Give the table of a model's fields, line by line."""
    yield "| field | unit | meaning | limits | default |"
    yield "| --- | --- | --- | --- | --- |"
    for name, doc in fields_of(model).items():
        if name in hidden:
            continue
        size = " *(capacity)*" if doc.sizable else ""
        shape = {"series": " *(profile)*", "monthly": " *(by month or season)*"}.get(doc.sort or "", "")
        meaning = doc.meaning.replace("|", "\\|")
        yield f"| `{name}` | {doc.unit or ''} | {meaning}{size}{shape} | {_limits(model, doc)} | {_default(doc)} |"


def components_page() -> str:
    """Page of all kinds: equations, fields, indicators, worked cases."""
    lines = [NOTE, "# Components", ""]
    lines += ["One file each under `parksim/components/`; the equations below are the ones the audit restates.", ""]
    for kind, component in KINDS.items():
        module = inspect.getmodule(component)
        text = inspect.cleandoc(module.__doc__ or "") if module else ""
        lines += [f"## {kind}", "", "```text", text, "```", "", *field_table(component, hidden=HIDDEN), ""]
        if component.indicators:
            lines += [
                "Reported besides flows and costs: " + ", ".join(f"`{i.name}`" for i in component.indicators) + ".",
                "",
            ]
        lines += ["Worked cases:", ""]
        lines += [f"* {case.proves} ({case.objective_cny:g} CNY)" for case in testing.CASES[kind]] + [""]
    return "\n".join(lines)


def park_file_page() -> str:
    """Page of the park file: its tables, then a table of fields each."""
    lines = [NOTE, "# The park file", ""]
    lines += [
        "A TOML file. `parksim new FILE` writes one to start from, `parksim check FILE` reads one, and the output of",
        "`parksim schema` makes editors complete and check it. Components have [their own page](components.md).",
        "",
        "Every number needs a source: a table `sources` beside it with the field's name, or `default` for the rest.",
        "What is not a fact is written as `assumption: ` and the reason.",
        "",
        VARIANTS,
    ]
    lines += ["", "| table | meaning |", "| --- | --- |"]
    lines += [
        f"| `{name}` | {doc.meaning} |" for name, doc in fields_of(Park).items() if name not in {"file", "variant"}
    ]
    for title, model in TABLES.items():
        lines += ["", f"## {title}", "", *field_table(model, hidden={"sources"})]
    lines += ["", "## Words that names are made of", "", "| word | meaning |", "| --- | --- |"]
    lines += [f"| `{word}` | {meaning} |" for word, meaning in GLOSSARY.items()]
    return "\n".join(lines) + "\n"


def kernels_page() -> str:
    """Page of all kernels: first sentence of each public function, by file."""
    lines = [
        NOTE,
        "# Kernels",
        "",
        "Pure functions over arrays, compiled by Numba; full docstrings stand in the code.",
        "",
    ]
    for path in sorted(KERNELS.glob("[a-z]*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        lines += [f"## kernels/{path.name}", "", inspect.cleandoc(ast.get_docstring(tree) or ""), ""]
        lines += ["| function | what it gives |", "| --- | --- |"]
        for item in tree.body:
            if isinstance(item, ast.FunctionDef) and not item.name.startswith("_"):
                first = " ".join((ast.get_docstring(item) or "").split("\n\n")[0].split())
                lines.append(f"| `{item.name}` | {first} |")
        lines.append("")
    return "\n".join(lines)


def _fuel_rows() -> Iterator[str]:
    yield "| `fuel` | what it is | GJ per t | GJ per 1,000 m³ | tce per t, per 1,000 m³ | tCO₂ per GJ | source |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for name, fuel in FUELS.items():
        volume = None if fuel.heat_gj_per_m3 is None else 1e3 * fuel.heat_gj_per_m3
        heats = [heat for heat in (fuel.heat_gj_per_t, volume) if heat is not None]
        tce = ", ".join(f"{heat / GJ_PER_TCE:.4g}" for heat in heats)
        cells = (f"{value:.4g}" if value is not None else "" for value in (fuel.heat_gj_per_t, volume))
        co2 = "" if fuel.co2_t_per_gj is None else f"{fuel.co2_t_per_gj:.4g}"
        told = "; ".join(text for text in (fuel.heat_source, fuel.co2_source) if text)
        yield f"| `{name}` | {fuel.title} | {' | '.join(cells)} | {tce} | {co2} | {told} |"


def _clause_rows() -> Iterator[str]:
    yield "| clause | notice | sort | figure | limit | certificates count | certainty | what is open |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for key, clause in CLAUSES.items():
        limit = f"{clause.sense} {' or '.join(f'{value:g}' for value in clause.limits)}"
        counts = clause.certificates.replace("_", " ")
        cells = (clause.notice, clause.sort, clause.says, limit, counts, clause.certainty, "; ".join(clause.doubts))
        yield f"| `{key}` | {' | '.join(cells)} |"


def _band_rows() -> Iterator[str]:
    yield "| final energy of a year from | limit [tCO₂/tce] | what is open |"
    yield "| --- | --- | --- |"
    for band in BANDS:
        limit = "none" if band.limit_t_per_tce is None else f"{band.limit_t_per_tce:g}"
        yield f"| {band.from_tce:,.0f} tce | {limit} | {'; '.join(band.doubts)} |"


def verdict_tables() -> dict[str, str]:
    """Tables of docs/verdict.md by the mark they stand between."""
    usual = [f"| `{name}` | {Verdict.model_fields[name].default:g} | {text} |" for name, text in USUAL.items()]
    missing = [f"| `{key}` | {text} |" for key, text in MISSING.items()]
    outside = [f"| `{key}` | {notice} | {sort} | {says} |" for key, (notice, sort, says, _) in OUTSIDE.items()]
    tables = {
        "fuels": _fuel_rows(),
        "clauses": _clause_rows(),
        "bands": _band_rows(),
        "usual": ["| field | default | source |", "| --- | --- | --- |", *usual],
        "missing": ["| key | what is missing |", "| --- | --- |", *missing],
        "outside": ["| key | notice | sort | what it asks for |", "| --- | --- | --- | --- |", *outside],
    }
    return {mark: "\n".join(rows) + "\n" for mark, rows in tables.items()}


def with_blocks(text: str, blocks: Mapping[str, str]) -> str:
    """Put each block between its two marks, ``<!-- mark -->`` and ``<!-- /mark -->``."""
    for mark, block in blocks.items():
        pattern = rf"(?<=<!-- {mark} -->\n).*?(?=<!-- /{mark} -->)"
        text = re.sub(pattern, lambda _, block=block: block, text, flags=re.DOTALL)
    return text


def verdict_page() -> str:
    """Page of the verdict: its words stand in the file, its tables come from the code."""
    return with_blocks((HERE / "verdict.md").read_text(encoding="utf-8"), verdict_tables())


STUDY_TABLES: dict[str, type[BaseModel]] = {
    "[study]": tables.About,
    "[axes.NAME]": tables.Axis,
    "[axes.NAME.options.OPTION]": tables.Bundle,
    "[combine]": tables.Combine,
    "[combine.sample]": tables.Sample,
    "[scenarios.NAME]": tables.Scenario,
    "[constraints.NAME]": tables.Constraint,
    "[keep]": tables.Keep,
    "[pareto.NAME]": ParetoTable,
    "[break_even.NAME]": BreakEvenTable,
    "[regret]": RegretTable,
    "[sensitivity.NAME]": SensitivityTable,
    "[alternatives]": AlternativesTable,
    "[robust]": RobustTable,
    "[aggregate]": AggregateTable,
}


def studies_page() -> str:
    """Page of studies: its words stand in the file, its tables of fields come from the code."""
    lines = []
    for title, model in STUDY_TABLES.items():
        lines += [f"### {title}", "", *field_table(model, hidden={"changes"}), ""]
    return with_blocks((HERE / "studies.md").read_text(encoding="utf-8"), {"study": "\n".join(["", *lines])})


def yibin_block(members: Sequence[Mapping[str, Any]], run: Mapping[str, Any]) -> str:
    """Write on Yibin for the README in three sentences, from its variants' summaries and its run with references."""
    base, flat = members[:2]
    greens, costs = ([member[key] for member in members] for key in ("green_share", "cost_cny_per_mwh"))
    avoided = [tonnes / 1e3 for tonnes in base["avoided_co2_t"].values()]
    claimed, verdict = base["claims"][-1]["claimed"], run["verdict"]
    clause, needed = verdict["clauses"][0], verdict["certificates"]
    most = max(member["green_supply_mwh"] for member in members)
    left, left_flat = (f"{member['direct_not_taken_mwh'] / 1e3:.0f} GWh" for member in (base, flat))
    asked = f"{needed['needed_mwh'] / 1e3:.0f} GWh"
    said = (
        "In a mean, a wet and a dry year, with regulated hydro and with prices flat within the day,",
        f"{min(greens):.0%} to {max(greens):.0%} of the park's {base['load_mwh'] / 1e6:.2f} TWh a year are green,",
        f"{most / 1e6:.2f} TWh at most where 1 TWh is claimed, at {min(costs) / 1e3:.2f} to {max(costs) / 1e3:.2f}",
        f"CNY/kWh against {run['references']['grid']['unit_cost_cny_per_mwh'] / 1e3:.2f} all from the grid; tariff and",
        f"contract decide as much as the river ({left} of contracted hydro are left in the base case, {left_flat} with",
        "flat prices).",
        f"By {len(avoided)} yardsticks the base case avoids {min(avoided):.0f} to {max(avoided):.0f} kt of CO2, where",
        f"the claimed {claimed / 1e3:.0f} kt would need {claimed / base['green_supply_mwh']:.2f} t/MWh, and only",
        f"{base['avoided_additional_co2_t']['national'] / 1e3:.0f} kt (national average) come from plants that did not",
        "exist before.",
        f"The core indicator of the national rules for zero-carbon parks is {clause['figure']:.2f} t of CO2 per tce or",
        f"more, where at most {clause['limit']:g} is allowed; at least {asked} of green certificates (绿证) a",
        f"year, {needed['cost_min_cny'] / 1e6:.1f} to {needed['cost_max_cny'] / 1e6:.1f} million CNY, would be needed",
        "to close that gap.",
    )
    return textwrap.fill(" ".join(said), 120, break_on_hyphens=False) + "\n"


PAGES = {
    "components.md": components_page,
    "park-file.md": park_file_page,
    "kernels.md": kernels_page,
    "verdict.md": verdict_page,
    "studies.md": studies_page,
}


YIBIN = ("yibin", "yibin-flat-tariff", "yibin-regulated-hydro", "yibin-wet-year", "yibin-dry-year")


def yibin_runs() -> tuple[Sequence[Mapping[str, Any]], Mapping[str, Any]]:
    """Solve Yibin and its variants of tariff and hydro: their summaries, and that of its run with references."""
    members = [member.summary or {} for member in compare(YIBIN).members]
    return members, summarise(run(api.load_park("yibin")))


def main() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        (HERE / name).write_text(page().rstrip() + "\n", encoding="utf-8")
    readme = HERE.parent / "README.md"
    block = yibin_block(*yibin_runs())
    readme.write_text(with_blocks(readme.read_text("utf-8"), {"yibin": block}), encoding="utf-8")


if __name__ == "__main__":
    main()
