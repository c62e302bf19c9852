"""Expansion: walk a rule's Pyomo template once with whole arrays in place of its index.

The result of a walk is a list of terms (columns as an index array, coefficient as something to evaluate), so that
filling the LP with new numbers never looks at Pyomo again. All names that Pyomo does not promise to keep stand in this
file: ``IndexTemplate``, the ``GetItem`` expressions and the argument order of relations.

The rule is called with an ``IndexTemplate`` of our own making. Pyomo's ``templatize_rule`` does no more for rules that
iterate over nothing, but it puts another ``sum`` into Python's builtins meanwhile, which breaks what runs on other
threads.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray
from pyomo.common.errors import PyomoException
from pyomo.core.base.param import Param
from pyomo.core.base.var import Var
from pyomo.core.expr import numeric_expr, relational_expr
from pyomo.core.expr.template_expr import IndexTemplate

from parksim.errors import StructureError
from parksim.lp.declare import Declaration, Position
from parksim.lp.layout import NumberRef, Product, RowBlock, Values


@dataclass(frozen=True)
class Coefficient:
    """A number or array that depends on the values the LP is filled with; ``fixed`` where it does not.

    ``reads`` are the numbers it depends on.
    """

    evaluate: Callable[[Values], Any]
    fixed: float | None = None
    reads: frozenset[NumberRef] = frozenset()


def constant(value: float) -> Coefficient:
    """Make a coefficient that never changes."""
    return Coefficient(lambda _: value, float(value))


ZERO, ONE = constant(0.0), constant(1.0)


def _combine(operation: Callable[[Any, Any], Any], a: Coefficient, b: Coefficient) -> Coefficient:
    if a.fixed is not None and b.fixed is not None:
        return constant(operation(a.fixed, b.fixed))
    return Coefficient(lambda v: operation(a.evaluate(v), b.evaluate(v)), reads=a.reads | b.reads)


def _add(a: Coefficient, b: Coefficient) -> Coefficient:
    if a.fixed == 0.0:
        return b
    return a if b.fixed == 0.0 else _combine(np.add, a, b)


def _multiply(a: Coefficient, b: Coefficient) -> Coefficient:
    if a.fixed == 1.0:
        return b
    return a if b.fixed == 1.0 else _combine(np.multiply, a, b)


def _divide(a: Coefficient, b: Coefficient) -> Coefficient:
    return a if b.fixed == 1.0 else _combine(np.divide, a, b)


_MINUS_ONE = constant(-1.0)
_ALGEBRA = "may use + - x / and one relation, over t, before(t) and month(t) only"


@dataclass(frozen=True)
class Term:
    """Entries of the matrix: ``coefficient`` at each pair of ``rows`` and ``columns``."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    coefficient: Coefficient


@dataclass(frozen=True)
class Part:
    """A linear expression: a constant and terms."""

    constant: Coefficient
    terms: tuple[Term, ...] = ()

    def times(self, factor: Coefficient) -> "Part":
        """Multiply by a coefficient."""
        terms = tuple(replace(t, coefficient=_multiply(t.coefficient, factor)) for t in self.terms)
        return Part(_multiply(self.constant, factor), terms)

    def plus(self, other: "Part") -> "Part":
        """Add another expression."""
        return Part(_add(self.constant, other.constant), self.terms + other.terms)


@dataclass(frozen=True)
class Rows:
    """An expanded run of rows: ``terms`` (relation) minus ``constant``."""

    block: RowBlock
    terms: tuple[Term, ...]
    rhs: Coefficient
    equality: bool


class _Walker:
    """Reads one rule's template; ``index`` is the whole axis in place of the symbolic position."""

    def __init__(self, sheet: Declaration, block: RowBlock) -> None:
        self.sheet, self.block = sheet, block
        self.axis = np.arange(block.length)
        self.rows = block.first + self.axis
        self.columns = {id(c.var): c for c in sheet.columns.values()}
        self.scalars: dict[int, NumberRef] = {id(p): ref for ref, p in sheet.scalar_params.items()}
        self.arrays = {id(p): (ref, over) for (ref, over), p in sheet.array_params.items()}
        self.maps = {id(p): getattr(sheet.maps, name) for name, p in sheet.maps.params.items()}

    def refuse(self, reason: str) -> NoReturn:
        raise StructureError(self.block.component, self.block.item, reason)

    def positions(self, node: Any) -> NDArray[np.int64]:
        """Evaluate an index expression to an array of positions."""
        if isinstance(node, IndexTemplate):
            return self.axis
        if isinstance(node, int | np.integer):
            return np.full(self.block.length, int(node))
        if isinstance(node, numeric_expr.NumericExpression) and "GetItem" in type(node).__name__:
            owner, inner = node.args
            if id(owner) in self.maps:
                return np.asarray(self.maps[id(owner)][self.positions(inner)])
        self.refuse("an index must be t, before(t) or month(t)")

    def item(self, node: Any) -> Part:
        """Read ``x[...]``."""
        owner, *index = node.args
        if len(index) != 1:
            self.refuse("items have exactly one index")
        at = self.positions(index[0])
        if id(owner) in self.columns:
            return Part(ZERO, (Term(self.rows, self.columns[id(owner)].first + at, ONE),))
        if id(owner) in self.arrays:
            (ref, over), whole = self.arrays[id(owner)], index[0].__class__ is IndexTemplate
            size = self.sheet.lengths[over]

            def evaluate(values: Values) -> Any:
                numbers = np.broadcast_to(values[ref.component][ref.name], size)
                return numbers if whole else numbers[at]

            return Part(Coefficient(evaluate, reads=frozenset((ref,))))
        self.refuse("a rule may use only what its own component declared")

    def scalar(self, node: Any) -> Part:
        ref = self.scalars.get(id(node))
        if ref is None:
            self.refuse("a rule may use only numbers of its own component")
        return Part(Coefficient(lambda v: v[ref.component][ref.name], reads=frozenset((ref,))))

    def walk(self, node: Any) -> Part:
        """Read any expression the row algebra allows."""
        if isinstance(node, int | float | np.number):
            return Part(constant(float(node)))
        if "GetItem" in type(node).__name__:  # asked first: a template resolves itself when asked for attributes
            return self.item(node)
        if getattr(node, "ctype", None) is Param and not node.is_indexed():
            return self.scalar(node)
        if getattr(node, "ctype", None) is Var or not hasattr(node, "args"):
            self.refuse("a rule may use flows and levels only with an index")
        parts = [self.walk(arg) for arg in node.args]
        if isinstance(node, numeric_expr.SumExpression):
            total = parts[0]
            for part in parts[1:]:
                total = total.plus(part)
            return total
        if isinstance(node, numeric_expr.NegationExpression):
            return parts[0].times(_MINUS_ONE)
        if isinstance(node, numeric_expr.ProductExpression):
            a, b = parts
            if a.terms and b.terms:
                self.refuse("is not linear: two variables are multiplied")
            return a.times(b.constant) if a.terms else b.times(a.constant)
        if isinstance(node, numeric_expr.DivisionExpression):
            a, b = parts
            if b.terms:
                self.refuse("is not linear: a variable stands below a fraction bar")
            terms = tuple(replace(t, coefficient=_divide(t.coefficient, b.constant)) for t in a.terms)
            return Part(_divide(a.constant, b.constant), terms)
        self.refuse(f"uses {type(node).__name__}; a row may use + - x / and one relation only")


def expand_rule(sheet: Declaration, block: RowBlock) -> Rows:
    """Expand one rule over its whole axis.

    Raises
    ------
    StructureError
        If the rule is not linear, or uses what the row algebra does not know.
    """
    rule = block.rule
    if rule is None:
        raise StructureError(block.component, block.item, "has no rule")

    at = IndexTemplate(sheet.axes[block.over], 0, 1, 1)
    try:
        expression = rule() if block.over == "once" else rule(Position(block.over, at, sheet.maps))
    except (TypeError, ValueError, PyomoException) as error:
        reason = str(error).partition("\n")[0]
        raise StructureError(block.component, block.item, f"{_ALGEBRA} ({reason})") from error
    walker = _Walker(sheet, block)  # only now: the rule itself may name numbers for the first time
    relation = isinstance(expression, relational_expr.EqualityExpression | relational_expr.InequalityExpression)
    if not relation or getattr(expression, "strict", False):
        walker.refuse("must be one relation: ==, <= or >=")
    left, right = (walker.walk(side) for side in expression.args)
    whole = left.plus(right.times(_MINUS_ONE))
    if not whole.terms:
        walker.refuse("speaks of no flow, level, peak or total")
    return Rows(
        block=block,
        terms=whole.terms,
        rhs=_multiply(whole.constant, _MINUS_ONE),
        equality=isinstance(expression, relational_expr.EqualityExpression),
    )


def _product(product: Product, *, length: int | None = None) -> Coefficient:
    """Read a product; with ``length``, of a number that counts once, in the first of so many rows."""
    if not product.factors and length is None:
        return constant(product.constant)
    if length is None:
        return Coefficient(product.value, reads=product.reads)
    first = np.arange(length) == 0
    return Coefficient(lambda v: np.where(first, np.sum(product.value(v)), 0.0), reads=product.reads)


def expand_sum(sheet: Declaration, block: RowBlock) -> Rows:
    """Expand a sum over periods: ``sum over p of weight * column <= right`` for every period p."""
    if block.sum is None:
        raise StructureError(block.component, block.item, "is no sum")
    terms, right = [], _product(block.sum.right)
    for addend in block.sum.addends:
        if addend.column is None:
            right = _add(right, _multiply(_MINUS_ONE, _product(addend.weight, length=block.length)))
            continue
        column = sheet.columns[addend.column]
        rows = block.first + sheet.maps.periods(column.over, block.over)
        terms.append(Term(rows, column.first + np.arange(column.length), _product(addend.weight)))
    return Rows(block=block, terms=tuple(terms), rhs=right, equality=block.sum.equality)
