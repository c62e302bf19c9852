"""Writes the reference pages from the code: ``python docs/generate.py``; a test holds the committed pages to it."""

import ast
import inspect
import re
import textwrap
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from parksim import api, testing
from parksim.accounts.summary import summarise
from parksim.component import Site
from parksim.components import KINDS
from parksim.fields import FieldDoc, fields_of, limits_text
from parksim.investment import Size, Sizing
from parksim.park import About, Claim, Park, Yardstick, read_park
from parksim.profiles import ProfileRef
from parksim.tariffs import Period, Tariff
from parksim.timeaxis import TimeAxis
from parksim.units import GLOSSARY
from parksim.weather import DailyRecord, Weather

HERE = Path(__file__).parent
KERNELS = HERE.parent / "parksim" / "kernels"
NOTE = "<!-- Written by docs/generate.py from the code; change the code, then run it again. -->\n"
HIDDEN = {"name", "title", "title_zh", "sources", "size", "kind", "file"}

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
    if doc.default in (None, {}, [], ()):
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
    ]
    lines += ["", "| table | meaning |", "| --- | --- |"]
    lines += [f"| `{name}` | {doc.meaning} |" for name, doc in fields_of(Park).items() if name != "file"]
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


def yibin_block(summary: Mapping[str, Any], flat: Mapping[str, Any]) -> str:
    """Write on Yibin for the README, from the figures of its run and of the same park under its flat tariff."""
    green, load, avoided = summary["green_supply_mwh"], summary["load_mwh"], summary["avoided_co2_t"]
    claimed = summary["claims"][-1]["claimed"]
    kt = {name: f"{tonnes / 1e3:.0f} kt" for name, tonnes in avoided.items()}
    new_only = summary["avoided_additional_co2_t"]["national"]
    sentences = (
        f"In the base case (mean water year, Sichuan time-of-use tariff) {green / 1e6:.2f} of {load / 1e6:.2f} TWh",
        f"a year are covered with green power ({summary['green_share']:.0%}),",
        f"at {summary['cost_cny_per_mwh'] / 1e3:.2f} CNY/kWh",
        f"and {summary['storage']['battery']['full_cycles']:.0f} full cycles of the battery; 1 TWh is claimed.",
        f"That avoids {kt['sichuan']} of CO2 by the Sichuan average of 2023, {kt['national']} by the national one,",
        f"{kt['park_method']} by the fixed factor of the national park method and {kt['central_om']} by an old",
        f"operating margin; {claimed / 1e3:.0f} kt are claimed, which would need {claimed / green:.2f} t/MWh, and only",
        f"{new_only / 1e3:.0f} kt (national average) come from plants that did not exist before.",
        f"In the base case {summary['direct_not_taken_mwh'] / 1e3:.0f} GWh of contracted hydro are left: the tariff",
        "multiplies the price of grid energy by 0.4 in valley hours, the price of hydro stays,",
        "and this contract has no take-or-pay.",
        "With grid prices flat within the day, as users who trade in the market may see,",
        f"{flat['green_share']:.0%} are green at {flat['cost_cny_per_mwh'] / 1e3:.2f} CNY/kWh,",
        f"and the battery does {flat['storage']['battery']['full_cycles']:.0f} full cycles:",
        "the tariff and the contract decide, not the river.",
    )
    return textwrap.fill(" ".join(sentences), 120) + "\n"


PAGES = {"components.md": components_page, "park-file.md": park_file_page, "kernels.md": kernels_page}


def yibin_runs() -> tuple[dict[str, Any], dict[str, Any]]:
    """Solve Yibin as it is, and under its tariff that is flat within the day."""
    park = api.load_park("yibin")
    data = tomllib.loads(Path(park.file or "").read_text(encoding="utf-8"))
    data["components"]["grid"]["tariff"] = "flat_in_the_day"
    flat = read_park(data, file=park.file)
    return summarise(api.solve(park)), summarise(api.solve(flat))


def main() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        (HERE / name).write_text(page().rstrip() + "\n", encoding="utf-8")
    readme = HERE.parent / "README.md"
    block = yibin_block(*yibin_runs())
    text = re.sub(
        r"(?<=<!-- yibin -->\n).*?(?=<!-- /yibin -->)", lambda _: block, readme.read_text("utf-8"), flags=re.DOTALL
    )
    readme.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
