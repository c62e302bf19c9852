"""Filters: expressions over the names of axes, such as ``battery <= 2 * roof and tariff != "flat"``.

Python's own grammar, cut down to a list of nodes without calls, attributes and subscripts, then compiled: pandas' eval
would do the arithmetic, but takes attributes, methods and ``@`` names too.
"""

import ast
import keyword
from collections.abc import Callable, Collection, Mapping
from types import CodeType

from parksim.messages import nearest, shown

Value = float | str

ALLOWED: tuple[type[ast.AST], ...] = (
    *(ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.UAdd),
    *(ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE),
    *(ast.In, ast.NotIn, ast.List, ast.Tuple, ast.Name, ast.Load, ast.Constant),
)
"""What a filter may be made of."""

WORDS = "numbers, labels in quotes, names of axes, + - * /, comparisons, in, and, or, not"


class FilterError(ValueError):
    """What is wrong with a filter, to be told after its place."""


class _Floats(ast.NodeTransformer):
    """Numbers become floats, which no text can be multiplied by."""

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        """Take numbers and texts."""
        value = node.value
        if isinstance(value, str | bool):
            return node
        if isinstance(value, int | float):
            try:
                return ast.copy_location(ast.Constant(float(value)), node)
            except OverflowError:
                msg = "holds a number beyond 1.8e308, which is none. Write a smaller one."
                raise FilterError(msg) from None
        msg = f"holds {shown(value)}, must be made of {WORDS}"
        raise FilterError(msg)


def parse(text: str, labels: Mapping[str, Collection[str]]) -> Callable[[Mapping[str, Value]], bool]:
    """Read a filter.

    Parameters
    ----------
    text
        The expression.
    labels
        Axis to the labels it may take; an axis of numbers has none.

    Returns
    -------
    callable
        From the values of the axes to whether the case belongs to the study.

    Raises
    ------
    FilterError
        If it is no such expression, or names an axis or a label that does not exist.

    Examples
    --------
    >>> passes = parse('battery <= 2 * roof and tariff != "flat"', {"battery": [], "roof": [], "tariff": ["flat"]})
    >>> passes({"battery": 80, "roof": 42.6, "tariff": "x"}), passes({"battery": 90, "roof": 42.6, "tariff": "x"})
    (True, False)
    """
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        hint = (
            " Compare with ==, not =." if "=" in text and not any(s in text for s in ("==", "<=", ">=", "!=")) else ""
        )
        msg = f"is no expression of {WORDS}.{hint}"
        raise FilterError(msg) from None
    for node in ast.walk(tree):
        odd = next((part for part in (node, *ast.iter_child_nodes(node)) if not isinstance(part, ALLOWED)), None)
        if odd is not None:
            msg = f"holds {shown(ast.unparse(odd) or ast.unparse(node))}, which is none of {WORDS}."
            raise FilterError(msg)
        if isinstance(node, ast.Name) and node.id not in labels:
            msg = f"names {shown(node.id)}, which is no axis.{nearest(node.id, [*labels])} Axes: {', '.join(labels)}."
            raise FilterError(msg)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            _check_label(node.value, labels)
    if not isinstance(tree.body, ast.Compare | ast.BoolOp | ast.UnaryOp):
        msg = "is no comparison; write one that is true or false, such as battery <= 80"
        raise FilterError(msg)
    code = compile(ast.fix_missing_locations(_Floats().visit(tree)), "<filter>", "eval")
    return lambda values: _holds(code, values)


def _check_label(text: str, labels: Mapping[str, Collection[str]]) -> None:
    known = [label for of_axis in labels.values() for label in of_axis]
    if text not in known:
        listed = f" Labels: {', '.join(known)}." if known else " All axes are numbers."
        msg = f"holds {shown(text)}, which is the label of no axis.{nearest(text, known)}{listed}"
        raise FilterError(msg)


def _holds(code: CodeType, values: Mapping[str, Value]) -> bool:
    try:
        return bool(eval(code, {"__builtins__": {}}, dict(values)))
    except (TypeError, ZeroDivisionError) as error:
        at = ", ".join(f"{name} = {value!r}" for name, value in values.items() if name in code.co_names)
        what = "divides by zero" if isinstance(error, ZeroDivisionError) else "mixes numbers and labels"
        msg = f"{what} at {at}." if at else f"{what}."
        raise FilterError(msg) from None


def usable(name: str) -> bool:
    """Whether a filter can name an axis so."""
    return not keyword.iskeyword(name)
