"""The one declaration of a field: unit, meaning, limits.

Validation, error text, reference table, JSON Schema, Dataset copy and the suffix check all read what stands here.
"""

from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field
from pydantic.fields import FieldInfo

Sort = Literal["quantity", "series", "monthly", "node", "choice", "reference"]


def _field(
    sort: Sort,
    meaning: str,
    unit: str | None = None,
    *,
    sizable: bool = False,
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
) -> Any:
    extra: dict[str, Any] = {"sort": sort}
    if unit is not None:
        extra["unit"] = unit
    if sizable:
        extra["sizable"] = True
    limits = {k: v for k, v in {"ge": ge, "gt": gt, "le": le, "lt": lt}.items() if v is not None}
    if sort == "quantity":
        return Field(description=meaning, json_schema_extra=extra, ge=ge, gt=gt, le=le, lt=lt)
    return Field(description=meaning, json_schema_extra={**extra, **limits})


def quantity(
    unit: str,
    meaning: str,
    *,
    sizable: bool = False,
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
) -> Any:
    """Declare a number with a unit and limits; ``sizable`` marks a capacity."""
    return _field("quantity", meaning, unit, sizable=sizable, ge=ge, gt=gt, le=le, lt=lt)


def series(unit: str, meaning: str, *, ge: float | None = None, le: float | None = None) -> Any:
    """Declare a profile over the steps: a number, a list, or ``{file, column}``."""
    return _field("series", meaning, unit, ge=ge, le=le)


def monthly(unit: str, meaning: str, *, ge: float | None = None, le: float | None = None) -> Any:
    """Declare a number by calendar month: one number, twelve, or one per season of ``[seasons]``."""
    return _field("monthly", meaning, unit, ge=ge, le=le)


def node(meaning: str) -> Any:
    """Declare the node a component is joined to (structural)."""
    return _field("node", meaning)


def choice(meaning: str) -> Any:
    """Declare a structural or descriptive choice."""
    return _field("choice", meaning)


def reference(meaning: str) -> Any:
    """Declare the name of another table of the park file."""
    return _field("reference", meaning)


def _by_month(value: object) -> object:
    if isinstance(value, bool):
        msg = f"got {str(value).lower()}, must be a number, twelve numbers, or a table season = number"
        raise ValueError(msg)
    if isinstance(value, list | tuple):
        if len(value) != 12:
            msg = f"got {len(value)} numbers, must be 12 (January to December)"
            raise ValueError(msg)
        return tuple(value)
    return value


Monthly = Annotated[float | tuple[float, ...] | dict[str, float], BeforeValidator(_by_month)]
"""One number, twelve numbers by calendar month, or one per season."""


@dataclass(frozen=True)
class FieldDoc:
    """What one field of a component or table says about itself."""

    name: str
    sort: Sort | None
    unit: str | None
    meaning: str
    sizable: bool
    required: bool
    default: Any
    limits: dict[str, float]


def _limits(info: FieldInfo, extra: dict[str, Any]) -> dict[str, float]:
    found: dict[str, float] = {k: float(extra[k]) for k in ("ge", "gt", "le", "lt") if k in extra}
    for item in info.metadata:
        for key in ("ge", "gt", "le", "lt"):
            value = getattr(item, key, None)
            if value is not None:
                found[key] = float(value)
    return found


@cache
def fields_of(model: type[BaseModel]) -> dict[str, FieldDoc]:
    """Read back the declared fields of a model, in order.

    Parameters
    ----------
    model
        A component or another table of the park file.

    Returns
    -------
    dict
        Field name to what was declared of it.
    """
    docs = {}
    for name, info in model.model_fields.items():
        extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        docs[name] = FieldDoc(
            name=name,
            sort=extra.get("sort"),  # type: ignore[arg-type]
            unit=extra.get("unit"),  # type: ignore[arg-type]
            meaning=info.description or "",
            sizable=bool(extra.get("sizable", False)),
            required=info.is_required(),
            default=None if info.is_required() else info.get_default(call_default_factory=True, validated_data={}),
            limits=_limits(info, dict(extra)),
        )
    return docs


def limits_text(limits: dict[str, float]) -> str:
    """Say limits as an interval.

    Examples
    --------
    >>> limits_text({"gt": 0.0, "le": 1.0})
    'must lie in (0, 1]'
    >>> limits_text({"ge": 0.0})
    'must be at least 0'
    """
    low = limits.get("ge", limits.get("gt"))
    high = limits.get("le", limits.get("lt"))
    left, right = ("[" if "ge" in limits else "("), ("]" if "le" in limits else ")")
    if low is not None and high is not None:
        return f"must lie in {left}{low:g}, {high:g}{right}"
    if low is not None:
        return f"must be at least {low:g}" if "ge" in limits else f"must be above {low:g}"
    if high is not None:
        return f"must be at most {high:g}" if "le" in limits else f"must be below {high:g}"
    return "must be a number"
