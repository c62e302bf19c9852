"""parksim: plan zero-carbon industrial parks, every hour of the year.

>>> import parksim as ps
>>> park = ps.load_park("two-days")
>>> ds = ps.solve(park)
>>> ds.attrs["termination"]
'optimal'
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from parksim import report
    from parksim.accounts.summary import summarise
    from parksim.accounts.verdict import verdict
    from parksim.api import load_park, solve
    from parksim.errors import AuditError, InputError, NoSolution, ParksimError, StructureChanged
    from parksim.park import Park, read_park
    from parksim.peers.crosscheck import crosscheck
    from parksim.questions.aggregate import aggregate
    from parksim.questions.alternatives import alternatives
    from parksim.questions.bench import bench
    from parksim.questions.break_even import break_even
    from parksim.questions.compare import compare
    from parksim.questions.live import Live, live
    from parksim.questions.pareto import pareto
    from parksim.questions.references import run
    from parksim.questions.regret import regret
    from parksim.questions.robust import robust
    from parksim.questions.sensitivity import sensitivity
    from parksim.questions.sizing import size
    from parksim.questions.why import why
    from parksim.questions.worth import worth
    from parksim.study.asked import answers
    from parksim.study.model import Study, load_study, read_study
    from parksim.study.runner import sweep
    from parksim.study.store import open_study

__all__ = [
    "AuditError",
    "InputError",
    "Live",
    "NoSolution",
    "Park",
    "ParksimError",
    "StructureChanged",
    "Study",
    "aggregate",
    "alternatives",
    "answers",
    "bench",
    "break_even",
    "compare",
    "crosscheck",
    "live",
    "load_park",
    "load_study",
    "open_study",
    "pareto",
    "read_park",
    "read_study",
    "regret",
    "report",
    "robust",
    "run",
    "sensitivity",
    "size",
    "solve",
    "summarise",
    "sweep",
    "verdict",
    "why",
    "worth",
]

_HOME = {
    "AuditError": "parksim.errors",
    "InputError": "parksim.errors",
    "Live": "parksim.questions.live",
    "NoSolution": "parksim.errors",
    "Park": "parksim.park",
    "ParksimError": "parksim.errors",
    "StructureChanged": "parksim.errors",
    "Study": "parksim.study.model",
    "aggregate": "parksim.questions.aggregate",
    "alternatives": "parksim.questions.alternatives",
    "answers": "parksim.study.asked",
    "bench": "parksim.questions.bench",
    "break_even": "parksim.questions.break_even",
    "compare": "parksim.questions.compare",
    "crosscheck": "parksim.peers.crosscheck",
    "live": "parksim.questions.live",
    "load_park": "parksim.api",
    "load_study": "parksim.study.model",
    "open_study": "parksim.study.store",
    "pareto": "parksim.questions.pareto",
    "read_park": "parksim.park",
    "read_study": "parksim.study.model",
    "regret": "parksim.questions.regret",
    "robust": "parksim.questions.robust",
    "run": "parksim.questions.references",
    "sensitivity": "parksim.questions.sensitivity",
    "size": "parksim.questions.sizing",
    "solve": "parksim.api",
    "summarise": "parksim.accounts.summary",
    "sweep": "parksim.study.runner",
    "verdict": "parksim.accounts.verdict",
    "why": "parksim.questions.why",
    "worth": "parksim.questions.worth",
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for, so that `parksim --help` answers at once."""
    if name == "report":
        return import_module("parksim.report")
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    msg = f"module 'parksim' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
