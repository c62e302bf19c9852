"""What can go wrong, and how it is told: where, what, and what to do.

Every error a user can cause is one of these classes, and carries the exit code of the command line.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum


class ParksimError(Exception):
    """Base of every error parksim raises on purpose."""

    exit_code = 1


class ParksimWarning(UserWarning):
    """Something was read in a way the user should know of; raised while reading, never while rows are built."""


class InputError(ParksimError):
    """The user's file or profile is wrong; all problems of one phase are told together.

    Parameters
    ----------
    problems
        One sentence or two per problem: ``place: got VALUE, must be ... What to do.``
    """

    exit_code = 2

    def __init__(self, problems: Sequence[str] | str) -> None:
        self.problems: tuple[str, ...] = (problems,) if isinstance(problems, str) else tuple(problems)
        super().__init__("\n".join(self.problems))


class StructureError(ParksimError):
    """A component broke a law of the LP layer: not linear, unknown number, wrong index."""

    def __init__(self, component: str, row: str, reason: str) -> None:
        self.component, self.row, self.reason = component, row, reason
        super().__init__(f"component {component!r}, row {row!r}: {reason}")


class Touched(StrEnum):
    """Why a what-if cannot reuse a declared program."""

    KIND = "kind"
    NODE = "node"
    PRESENCE = "presence"
    CHOICE = "choice"
    TIME = "time"


class StructureChanged(ParksimError):
    """A what-if touches structure; the park has to be declared anew."""

    exit_code = 2

    def __init__(self, reason: Touched, field: str) -> None:
        self.reason, self.field = reason, field
        super().__init__(f"{field}: a change of {reason.value} changes the structure; solve it as a park of its own.")


class NoSolution(ParksimError):
    """The solver ended without an optimum.

    Parameters
    ----------
    termination
        Why the solver stopped: ``infeasible``, ``unbounded``, ``time_limit``, ...
    has_primal, has_dual
        Whether values and duals exist all the same.
    suspects
        Which limits fight, in park words.
    """

    exit_code = 3

    def __init__(
        self, termination: str, *, has_primal: bool = False, has_dual: bool = False, suspects: Sequence[str] = ()
    ) -> None:
        self.termination, self.has_primal, self.has_dual = termination, has_primal, has_dual
        self.suspects = tuple(suspects)
        super().__init__("\n".join((f"no solution: {termination}", *self.suspects)))


class AuditError(ParksimError):
    """The answer fails its own recomputation.

    Parameters
    ----------
    table
        Check name to relative gap, only those above the tolerance.
    """

    exit_code = 4

    def __init__(self, table: Mapping[str, float]) -> None:
        self.table = dict(table)
        worst = ", ".join(f"{name} {gap:.1e}" for name, gap in sorted(self.table.items(), key=lambda kv: -kv[1])[:8])
        super().__init__(f"the answer fails its audit (relative gap above the tolerance): {worst}")


class Unanswered(ParksimError):
    """A question of a study has no answer; its cases and the other answers are kept.

    Parameters
    ----------
    problems
        Name of each such question to the reason.
    """

    exit_code = 5

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__("\n".join(f"{name}: has no answer. {problem}" for name, problem in self.problems.items()))


class Stopped(ParksimError):
    """The user stopped a command that keeps what is finished; the message says how to go on."""

    exit_code = 130
