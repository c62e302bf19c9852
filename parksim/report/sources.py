"""Where the numbers come from: values of the park file with their sources, the audit, versions."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from parksim.report import formats as f
from parksim.report.tables import Align, Cell, Row, Table, heading, source_spans
from parksim.report.view import View
from parksim.report.words import say, tell, term

AUDIT_TOLD = 5

_ASSUMED = re.compile(r"\b(assumption|background)\b", re.IGNORECASE)
_DEFAULT = "default of parksim"


@dataclass(frozen=True)
class Field:
    """One value of the park file."""

    table: str
    name: str
    value: str
    unit: str
    source: str

    @property
    def sort(self) -> Literal["assumed", "sourced", "default"]:
        """Whether the value is assumed, has a source, or is a default or a choice without one."""
        if self.source == _DEFAULT or (not self.source and not self.unit):
            return "default"
        return "assumed" if not self.source or _ASSUMED.search(self.source) else "sourced"


def fields(view: View) -> list[Field]:
    """Collect every value of the park file with unit and source, yardsticks and claims included."""
    ds = view.ds
    found = []
    parts = (ds[name].to_numpy() for name in ("field", "field_value", "field_unit", "field_source"))
    for path, value, unit, source in zip(*parts, strict=True):
        table, _, name = str(path).rpartition(".")
        found.append(Field(table, name, _value_text(str(value)), f.unit_text(str(unit)), str(source)))
    for key, yardstick in view.yardsticks.items():
        value, unit = f.plain_number(float(yardstick["factor_t_per_mwh"])), f.unit_name("t/MWh")
        found.append(Field(f"yardsticks.{key}", "factor_t_per_mwh", value, unit, str(yardstick["source"])))
    units = {"green_share": "", "self_use_share": "", "avoided_co2_t": f.unit_name("t")}
    for key, claim in view.claims.items():
        unit = units.get(str(claim["figure"]), "MWh")
        found.append(Field(f"claims.{key}", "value", f.plain_number(float(claim["value"])), unit, str(claim["source"])))
    return [entry for entry in found if entry.name != "kind"]


def _value_text(text: str) -> str:
    """Write a value as a reader expects it: no powers of ten where plain figures do."""
    try:
        value = float(text)
    except ValueError:
        return text
    return f.plain_number(value) if 1e-6 <= abs(value) < 1e12 or value == 0 else text


def sources_table(view: View, found: Iterable[Field], sort: str) -> Table | None:
    """List the values of one sort, table by table; a source shared by neighbours is written once."""
    chosen = [entry for entry in found if entry.sort == sort]
    if not chosen:
        return None
    rows: list[Row] = []
    for table in dict.fromkeys(entry.table for entry in chosen):
        own = [entry for entry in chosen if entry.table == table]
        rows.append(heading(_table_name(view, table), 4))
        for entry, source in zip(own, source_spans([source_text(entry) for entry in own]), strict=True):
            cells = [Cell(entry.name, sort="code"), Cell(entry.value, sort="number"), Cell(entry.unit, sort="unit")]
            rows.append(Row([*cells, source]))
    columns: list[tuple[str, Align]] = [
        (say(f"sources.col.{name}"), "number" if name == "value" else "text")
        for name in ("field", "value", "unit", "source")
    ]
    return Table(say("sources.counted", title=say(f"sources.{_TITLES[sort]}"), n=len(chosen)), columns, rows)


_TITLES = {"assumed": "assumed", "sourced": "sourced", "default": "defaults"}


def source_text(entry: Field) -> str:
    """Say where a value comes from."""
    if entry.source == _DEFAULT:
        return say("sources.default")
    return entry.source or say("sources.choice" if not entry.unit else "sources.missing")


def _table_name(view: View, table: str) -> str:
    section, _, key = table.partition(".")
    names = {
        "components": view.name(key),
        "tariffs": view.tariff_title(key),
        "yardsticks": view.yardstick_title(key),
        "claims": view.claim_title(key),
    }
    return f"{names[section]} · {table}" if section in names and key else table


def audit_table(view: View) -> Table:
    """List the largest gaps of the audit."""
    largest = list(view.summary["audit"]["largest"].items())[:AUDIT_TOLD]
    columns: list[tuple[str, Align]] = [
        (say("provenance.audit.check"), "text"),
        (say("provenance.audit.gap"), "number"),
    ]
    rows = [Row([Cell(str(name), sort="code"), Cell(f"{gap:.1e}", sort="number")]) for name, gap in largest]
    return Table(say("provenance.audit"), columns, rows)


def provenance(view: View, plotly: str) -> list[tuple[str, str]]:
    """List where the answer comes from: versions, size, time, key of the structure."""
    solver, attrs = view.solver_info, view.ds.attrs
    seconds = {str(k): float(v) for k, v in solver["seconds"].items()}
    size = {key: f.whole(solver[key]) for key in ("rows", "columns", "nonzeros")}
    told = say("list.clause").join(
        f"{term(f'phase.{name}', otherwise=name)} {f.sig(value, 2)}" for name, value in seconds.items()
    )
    iterations = say(
        "provenance.iterations.of", first=f.whole(solver["iterations"]), ties=f.whole(solver["tie_iterations"])
    )
    return [
        (say("provenance.parksim"), str(attrs["parksim_version"])),
        (say("provenance.schema"), str(attrs["schema"])),
        (say("provenance.solver"), f"{attrs['solver']} {attrs['solver_version']}"),
        (say("provenance.method"), tell(str(solver["name"]))),
        (say("provenance.termination"), tell(str(attrs["termination"]))),
        (say("provenance.size"), say("provenance.size.of", **size)),
        (say("provenance.iterations"), iterations),
        (say("provenance.seconds"), say("provenance.total", seconds=f.sig(sum(seconds.values())), phases=told)),
        (say("provenance.objective"), say("provenance.objective.of", value=f.fixed(float(attrs["objective_cny"]), 2))),
        (say("provenance.gap"), f"{float(solver['duality_gap']):.1e}"),
        (say("provenance.clock"), f"UTC{attrs['clock']}"),
        (say("provenance.structure"), str(attrs["structure_key"])),
        (say("provenance.plotly"), say("provenance.plotly.of", version=plotly)),
    ]
