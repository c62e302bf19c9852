"""Vets a park file beyond its tables: every number has a source, and prices are per MWh and MW."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from parksim.components.direct_supply import DirectSupply
from parksim.fields import fields_of
from parksim.messages import nearest
from parksim.park import Park

REASON_LETTERS = 8
"""Fewer letters than these are no reason."""

FIRST_HAN, LETTERS_OF_A_HAN = 0x2E80, 3
"""Where Chinese characters begin in Unicode, and how many letters one of them says."""


def _source_text_problem(text: str) -> str | None:
    bare = text.strip().strip("[]").strip()
    if not bare:
        return 'is empty; name a source, or write "assumption: " and the reason'
    rest = bare.lower().replace("assumption", "").strip(" []:;,.-")
    letters = sum(1 if ord(letter) < FIRST_HAN else LETTERS_OF_A_HAN for letter in rest)
    if "assumption" in bare.lower() and letters < REASON_LETTERS:
        return 'says "assumption" without a reason; add it, such as "assumption: a mixed park of this size"'
    return None


def _holds_numbers(value: object) -> bool:
    """Whether a value is numbers, or names a file of them; a table with its own sources is vetted by itself."""
    items = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else [value]
    tables = (item for item in items if isinstance(item, BaseModel))
    return any(isinstance(item, float) for item in items) or any("sources" not in type(t).model_fields for t in tables)


def _numbers_given(table: BaseModel) -> list[str]:
    """List the fields of a table that hold numbers, or name a file of them."""
    docs = fields_of(type(table))
    given = [name for name in table.model_fields_set if name in docs and getattr(table, name) is not None]
    sorts = {"quantity", "series", "monthly"}
    return [
        name
        for name in given
        if docs[name].sort in sorts
        or docs[name].unit is not None
        or name in {"file", "table"}
        or _holds_numbers(getattr(table, name))
    ]


def _sourced(park: Park) -> dict[str, Any]:
    """Map the path of every table with sources to the table."""
    tables: dict[str, Any] = {"site": park.site}
    tables |= {} if park.weather is None else {"weather": park.weather}
    tables |= {f"tariffs.{name}": tariff for name, tariff in park.tariffs.items()}
    tables |= {} if park.sizing is None else {"sizing": park.sizing}
    tables |= {} if park.limits is None else {"limits": park.limits}
    tables |= {f"other_energy.{name}": energy for name, energy in park.other_energy.items()}
    tables |= {} if park.verdict is None else {"verdict": park.verdict}
    for name, component in park.components.items():
        tables[f"components.{name}"] = component
        tables |= {f"components.{name}.size.{field}": size for field, size in component.size.items()}
    return tables


def source_problems(park: Park) -> list[str]:
    """Name every number of a park that has neither a source nor an assumption with its reason."""
    found: list[str] = []
    for path, table in _sourced(park).items():
        for field in table.sources:
            if field != "default" and field not in type(table).model_fields:
                numbers = _numbers_given(table)
                hint = nearest(field, numbers) or f" Numbers given: {', '.join(numbers) or 'none'}."
                found.append(f"{park.place}: {path}.sources.{field}: [{path}] has no field of that name.{hint}")
        for field, text in table.sources.items():
            wrong = _source_text_problem(text)
            if wrong:
                found.append(f"{park.place}: {path}.sources.{field}: {wrong}.")
        lost = [n for n in _numbers_given(table) if n not in table.sources and "default" not in table.sources]
        if lost:
            found.append(
                f"{park.place}: {path}: no source for {', '.join(sorted(lost))}. Add to a table [{path}.sources] "
                'each of them, or default = "..." for all: a source, or "assumption: " and its reason.'
            )
    for section, entries in (("yardsticks", park.yardsticks), ("claims", park.claims)):
        for name, entry in entries.items():
            wrong = _source_text_problem(entry.source)
            if wrong:
                found.append(f"{park.place}: {section}.{name}.source: {wrong}.")
    return found


def variant_problems(park: Park) -> list[str]:
    """Name every number a variant changes without saying where its own comes from; the base's source is another's."""
    if park.variant is None:
        return []
    numbers = {
        f"{path}.{field}"
        for path, table in _sourced(park).items()
        for field in _numbers_given(table)
        if field in table.sources or "default" in table.sources
    }
    named = {f"yardsticks.{name}.factor_t_per_mwh" for name, entry in park.yardsticks.items() if entry.source}
    named |= {f"claims.{name}.value" for name, entry in park.claims.items() if entry.source}
    found = []
    for difference in park.variant.differences:
        path, _, _ = difference.path.rpartition(".")
        if difference.sourced or difference.path not in numbers | named:
            continue
        beside = f"`source` in [{path}]" if difference.path in named else f"it, or `default`, in [{path}.sources]"
        found.append(
            f"{park.place}: {difference.path}: differs from {park.variant.base} ({difference.before or 'none'} there, "
            f'{difference.now} here) without a source of its own. Add {beside}: a source, or "assumption: " and its '
            "reason."
        )
    return found


SMALL_PRICE_CNY_PER_MWH, SMALL_CHARGE_CNY_PER_MW = 5.0, 1000.0
"""Below these a price is taken for one per kWh or per kW; real ones are a thousand times as much."""

SMALL_CERTIFICATE_CNY_PER_MWH = 0.1
"""The same for a green certificate, which costs far less than the energy."""


def price_unit_problems(park: Park) -> list[str]:
    """Name prices of a park file that look like CNY per kWh or per kW, the units of Chinese bills."""
    found = []
    tables: dict[str, BaseModel] = {f"tariffs.{name}": tariff for name, tariff in park.tariffs.items()}
    tables |= {f"components.{name}": c for name, c in park.components.items() if isinstance(c, DirectSupply)}
    tables |= {} if park.verdict is None else {"verdict": park.verdict}
    for path, table in tables.items():
        small_price = SMALL_CERTIFICATE_CNY_PER_MWH if path == "verdict" else SMALL_PRICE_CNY_PER_MWH
        least = {
            "CNY MWh-1": (small_price, "kWh"),
            "CNY MW-1 month-1": (SMALL_CHARGE_CNY_PER_MW, "kW and month"),
        }
        for field, doc in fields_of(table.__class__).items():
            if doc.unit not in least:
                continue
            limit, per = least[doc.unit]
            value = getattr(table, field)
            numbers = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else (value,)
            small = [number for number in numbers if isinstance(number, float | int) and 0.0 < number < limit]
            if small:
                found.append(
                    f"{park.place}: {path}.{field}: got {small[0]:g} {doc.unit}, which looks like CNY per {per}. "
                    f"Write {small[0] * 1000:g}, per M{per[1:]}."
                )
    return found


def vet(park: Park) -> list[str]:
    """Name what a park file must mend although its tables are valid: numbers without source, prices in other units."""
    return [*source_problems(park), *variant_problems(park), *price_unit_problems(park)]
