"""What the rows of a batch refer to and meet, a query or two per kind, whatever the number of rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import ARRAY, BigInteger, BindParameter, Select, Text, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from app.directories.importing.packing import plain
from app.directories.inspectors.models import Inspector
from app.inspections.models import CheckForm, Visit
from app.inspections.national.models import NationalConflict, NationalResult, NationalTask
from app.inspections.national.rules import ConflictState, ResultState, Subject
from app.inspections.rules import FormState

TASK_FIELDS = ("name", "items", "random", "period_from", "period_to", "drawn_on")
RESULT_FIELDS = (
    "task_id", "target_id", "inspector_ids", "checked_on", "result_id", "problem_text", "disposition_code",
    "disposition_text", "corrected_on",
)  # fmt: skip
_ENTERED = [state.value for state in FormState if not state.is_open_for_entry]
_SETTLED = [state.value for state in ResultState if state.is_settled]


def texts(values: Collection[str]) -> BindParameter[list[str]]:
    return bindparam(None, list(values), type_=ARRAY(Text))


def numbers(values: Collection[int]) -> BindParameter[list[int]]:
    return bindparam(None, sorted(values), type_=ARRAY(BigInteger))


def stored_tasks(session: Session, system_id: int, source_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """By source id; `settled`: a result of the task is approved or published."""
    settled = exists().where(NationalResult.task_id == NationalTask.id, NationalResult.state.in_(_SETTLED))
    return _stored(
        session,
        select(*_columns(NationalTask, TASK_FIELDS), settled.label("settled")).where(
            NationalTask.system_id == system_id, NationalTask.source_id == func.any(texts(source_ids))
        ),
    )


def stored_results(
    session: Session, system_id: int, source_ids: Collection[str]
) -> dict[str, dict[str, Any]]:
    settled = NationalResult.state.in_(_SETTLED)
    return _stored(
        session,
        select(*_columns(NationalResult, RESULT_FIELDS), settled.label("settled")).where(
            NationalResult.system_id == system_id, NationalResult.source_id == func.any(texts(source_ids))
        ),
    )


def _columns(model: Any, fields: Iterable[str]) -> list[Any]:
    return [model.id, model.version, model.source_id, *(getattr(model, name) for name in fields)]


def _stored(session: Session, query: Select[Any]) -> dict[str, dict[str, Any]]:
    return {
        row["source_id"]: {name: plain(value) for name, value in row.items()}
        for row in session.execute(query).mappings()
    }


def task_ids(session: Session, system_id: int, source_ids: Collection[str]) -> dict[str, int]:
    query = select(NationalTask.source_id, NationalTask.id).where(
        NationalTask.system_id == system_id, NationalTask.source_id == func.any(texts(source_ids))
    )
    return dict(session.execute(query).all())


def inspectors_by_word(session: Session, agency_id: int, words: Collection[str]) -> Mapping[str, set[int]]:
    """Inspectors of the agency by certificate number and by name; a name may be that of several."""
    found: dict[str, set[int]] = defaultdict(set)
    if not words:
        return found
    wanted = func.any(texts(words))
    query = select(Inspector.id, Inspector.certificate_no, Inspector.name).where(
        Inspector.agency_id == agency_id,
        or_(Inspector.certificate_no == wanted, Inspector.name == wanted),
    )
    numbers: dict[str, int] = {}
    for number, certificate, name in session.execute(query):
        numbers[certificate] = number
        found[name].add(number)
    return {**found, **{certificate: {number} for certificate, number in numbers.items()}}


def reported_elsewhere(
    session: Session, agency_id: int, system_id: int, target_ids: Collection[int]
) -> dict[tuple[int, str], int]:
    """Results of other systems of the agency, by target and day."""
    query = select(NationalResult.target_id, NationalResult.checked_on, NationalResult.id).where(
        NationalResult.agency_id == agency_id,
        NationalResult.system_id != system_id,
        NationalResult.target_id == func.any(numbers(target_ids)),
    )
    return {(target, day.isoformat()): number for target, day, number in session.execute(query)}


def own_forms(
    session: Session, agency_id: int, target_ids: Collection[int]
) -> dict[int, list[tuple[date, date, int]]]:
    """Check forms of the agency with a result, by target: first day, last day, id."""
    last = func.coalesce(CheckForm.visit_ended_on, CheckForm.visit_started_on)
    query = (
        select(Visit.target_id, func.coalesce(CheckForm.visit_started_on, last), last, CheckForm.id)
        .join(Visit, Visit.id == CheckForm.visit_id)
        .where(
            CheckForm.agency_id == agency_id,
            CheckForm.state.in_(_ENTERED),
            last.is_not(None),
            Visit.target_id == func.any(numbers(target_ids)),
        )
    )
    found: dict[int, list[tuple[date, date, int]]] = defaultdict(list)
    for target, first, until, form in session.execute(query):
        found[target].append((first, until, form))
    return found


def questions(
    session: Session, system_id: int, subject: Subject, source_ids: Collection[str]
) -> dict[str, dict[str, Any]]:
    """What was asked last about these rows and is open, or was decided to stay: by source id."""
    table = NationalConflict
    query = (
        select(table.id, table.source_id, table.state, table.said)
        .where(
            table.system_id == system_id,
            table.subject == subject.value,
            table.source_id == func.any(texts(source_ids)),
            table.state.in_([ConflictState.OPEN.value, ConflictState.KEPT.value]),
        )
        .order_by(table.id)
    )
    return {row["source_id"]: dict(row) for row in session.execute(query).mappings()}
