"""Questions of a study, asked of its park once its cases are solved; every answer is a file of its own.

An answer is kept with a hash of all that it follows from: park, scenarios and profiles as in the key of the plan, and
the question's own table. Asked again, it is read and not computed anew; a regret is one of the cases, and always is.
"""

import hashlib
import json
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xarray as xr
from pydantic import BaseModel

from parksim.lp.level import Standing  # first: Pyomo before Numba, see parksim/lp/__init__.py

# isort: split
from parksim.changes import changed_park
from parksim.errors import InputError, ParksimError, StructureChanged
from parksim.output import read_dataset, write_files
from parksim.park import Park
from parksim.phases import Progress, silent
from parksim.questions.aggregate import aggregate
from parksim.questions.alternatives import alternatives
from parksim.questions.break_even import break_even, check
from parksim.questions.pareto import pareto
from parksim.questions.regret import regret
from parksim.questions.robust import robust
from parksim.questions.sensitivity import sensitivity
from parksim.questions.varied import varied
from parksim.study import folder as place
from parksim.study.cases import park_of
from parksim.study.cases import plan as plan_of
from parksim.study.keys import key_of
from parksim.study.model import QUESTIONS, Study, load_study

FOLDER = "answers"
"""Folder of the answers inside that of the study."""

OF_CASES = {"regret"}
"""Questions of the cases, whose answer is a matter of milliseconds."""

OF_SIZES = ("alternatives", "robust")
"""Questions of parks with capacities to be chosen."""

OF_SCENARIOS = {"robust"}
"""Questions that read the scenarios of the study."""

ASKED = "asked"
"""Attribute of an answer: the hash of what it follows from."""


@dataclass(frozen=True)
class Question:
    """One question of a study.

    Parameters
    ----------
    name
        Its table in the study file, such as ``pareto.front`` or ``regret``.
    kind
        Its first part.
    table
        What is asked.
    """

    name: str
    kind: str
    table: Any


@dataclass(frozen=True)
class Answers:
    """What became of the questions of a study.

    Parameters
    ----------
    found
        Name of a question to its answer.
    problems
        Name of a question without an answer to the reason.
    """

    found: Mapping[str, xr.Dataset]
    problems: Mapping[str, str]


@dataclass(frozen=True)
class _Asking:
    """What questions are asked of: the study, its park, its swept cases."""

    study: Study
    park: Park
    swept: xr.Dataset
    told: Progress


def questions(study: Study) -> list[Question]:
    """List the questions of a study, in the order of its report."""
    found = []
    for kind in QUESTIONS:
        given = getattr(study, kind)
        if isinstance(given, BaseModel):
            found.append(Question(kind, kind, given))
        elif given:
            found += [Question(f"{kind}.{name}", kind, table) for name, table in given.items()]
    return found


def vet(study: Study, park: Park) -> None:
    """Refuse what cannot be asked of a park, before anything is solved.

    Raises
    ------
    InputError
        With every problem found.
    """
    sized = any(component.size for component in park.components.values())
    problems = []
    for question in questions(study):
        where = f"{study.place}: {question.name}"
        if question.kind in OF_SIZES and not sized:
            problems.append(
                f"{where}: {park.place} has nothing to size. Add tables [components.NAME.size] to it, "
                "or remove the question."
            )
        try:
            _check(question, park)
        except InputError as error:
            problems += [f"{where}: {problem}" for problem in error.problems]
        except StructureChanged as error:
            problems.append(f"{where}: {error}")
    if problems:
        raise InputError(problems)


def _check(question: Question, park: Park) -> None:
    """Look up the fields that a question names.

    Raises
    ------
    InputError, StructureChanged
        As asking it would, but before anything is solved.
    """
    table = question.table
    if question.kind == "break_even":
        check(park, field=table.field, between=table.between, component=table.component)
    elif question.kind == "sensitivity":
        varied(park, table.ranges())


def answers(
    study: Study | str | Path,
    *,
    swept: xr.Dataset,
    out: str | Path | None = None,
    progress: Progress | None = None,
) -> Answers:
    """Answer the questions of a study.

    Parameters
    ----------
    study
        From :func:`parksim.load_study`, built in Python, or a study file.
    swept
        Its cases, from :func:`parksim.sweep` or :func:`parksim.open_study`.
    out
        Folder of the study, where answers are kept in ``answers``; None keeps none.
    progress
        Called with what is done next.

    Returns
    -------
    Answers
        A question without an answer, such as the front of a park without a plan, keeps its reason beside the others.

    Raises
    ------
    InputError
        If the study is wrong, a question cannot be asked of its park, or the folder cannot be written to.
    """
    asked = study if isinstance(study, Study) else load_study(study)
    park = park_of(asked)
    vet(asked, park)
    if out is None:
        return _answered(_Asking(asked, park, swept, progress or silent), None)
    with place.locked(Path(out)):
        return _answered(_Asking(asked, park, swept, progress or silent), Path(out) / FOLDER)


def _answered(asking: _Asking, folder: Path | None) -> Answers:
    found, problems = dict[str, xr.Dataset](), dict[str, str]()
    for question in questions(asking.study):
        file = None if folder is None or question.kind in OF_CASES else folder / f"{question.name}.nc"
        key = _key(asking, question)
        ds = None if file is None else _kept(file, key)
        if ds is None:
            asking.told(question.name)
            try:
                ds = ASKERS[question.kind](asking, question)
            except ParksimError as error:
                problems[question.name] = str(error)
                continue
            except Exception as error:  # whatever is wrong with one question, the others are answered
                where = traceback.extract_tb(error.__traceback__)[-1]
                told = f"{type(error).__name__}: {error} ({Path(where.filename).name}, line {where.lineno})"
                problems[question.name] = f"a fault of parksim, please report it: {told}"
                continue
            ds.attrs[ASKED] = key
            if file is not None:
                file.parent.mkdir(exist_ok=True)
                write_files({file: ds})
        found[question.name] = ds
    return Answers(found, problems)


def _key(asking: _Asking, question: Question) -> str:
    """Hash what an answer follows from."""
    keep = asking.study.scenarios if question.kind in OF_SCENARIOS else {}
    alone = asking.study.only(scenarios=keep)
    table = question.table.model_dump(mode="json", exclude={"title", "title_zh"})
    told = [key_of(alone, asking.park), question.kind, table]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _kept(file: Path, key: str) -> xr.Dataset | None:
    """Read an answer back, if it is that to this question."""
    if not file.exists():
        return None
    try:
        ds = read_dataset(file)
    except InputError:  # not of a study, or broken: it is written anew
        return None
    return ds if ds.attrs.get(ASKED) == key else None


# how each kind is asked


def _phases(asking: _Asking, question: Question) -> Progress:
    return lambda phase: asking.told(f"{question.name}: {phase}")


def _trials(asking: _Asking, question: Question) -> Callable[[Standing], None]:
    return lambda at: asking.told(f"{question.name}: {at.dispatches} dispatches")


def _pareto(asking: _Asking, question: Question) -> xr.Dataset:
    table = question.table
    return pareto(asking.park, against=table.against, points=table.points, progress=_phases(asking, question))


def _break_even(asking: _Asking, question: Question) -> xr.Dataset:
    table = question.table
    low, high = table.between
    return break_even(
        asking.park,
        field=table.field,
        between=(low, high),
        component=table.component,
        progress=_phases(asking, question),
    )


def _sensitivity(asking: _Asking, question: Question) -> xr.Dataset:
    table = question.table
    return sensitivity(
        asking.park,
        inputs=table.ranges(),
        method=table.method,
        count=table.count,
        seed=asking.study.study.seed,
        indicators=table.indicators,
        progress=lambda done, of: asking.told(f"{question.name}: {done} of {of} solves"),
    )


def _alternatives(asking: _Asking, question: Question) -> xr.Dataset:
    table = question.table
    return alternatives(asking.park, share=table.share, count=table.count, progress=_trials(asking, question))


def _regret(asking: _Asking, question: Question) -> xr.Dataset:
    table = question.table
    return regret(
        asking.swept,
        over=table.over,
        indicator=table.indicator,
        weights=_weights(asking.study) if table.over == "scenario" else None,
        less_is_better=table.less_is_better,
    )


def _robust(asking: _Asking, question: Question) -> xr.Dataset:
    table, study = question.table, asking.study
    names = table.scenarios or [*study.scenarios]
    parks = dict(_parks(study.only(scenarios={name: study.scenarios[name] for name in names})))
    weights = _weights(study)
    return robust(
        asking.park,
        scenarios=parks,
        weights=None if weights is None else {name: weights[name] for name in names},
        risk_weight=table.risk_weight,
        risk_level=table.risk_level,
        gap=table.gap,
        value_of_information=table.value_of_information,
        progress=_trials(asking, question),
    )


def _aggregate(asking: _Asking, question: Question) -> xr.Dataset:
    table = question.table
    return aggregate(
        asking.park,
        periods=table.periods,
        hours_per_period=table.hours_per_period,
        method=table.method,
        representation=table.representation,
        seed=asking.study.study.seed,
        progress=_phases(asking, question),
    )


def _weights(study: Study) -> dict[str, float] | None:
    """Give the weights of the scenarios; None where none has one."""
    if all(scenario.weight is None for scenario in study.scenarios.values()):
        return None
    return {name: scenario.weight or 0.0 for name, scenario in study.scenarios.items()}


def _parks(study: Study) -> Iterator[tuple[str, Park]]:
    """Give the park of every scenario of a study that has nothing else.

    Raises
    ------
    InputError
        If one is no valid park.
    """
    planned = plan_of(study)
    problems = [case.problem for case in planned.cases if case.problem]
    if problems:
        raise InputError(problems)
    for name, case in zip(study.scenarios, planned.cases, strict=True):
        yield name, changed_park(planned.groups[case.group].park, case.changes)


ASKERS: Mapping[str, Callable[[_Asking, Question], xr.Dataset]] = {
    "pareto": _pareto,
    "break_even": _break_even,
    "regret": _regret,
    "sensitivity": _sensitivity,
    "alternatives": _alternatives,
    "robust": _robust,
    "aggregate": _aggregate,
}
"""Kind of a question to how it is asked."""
