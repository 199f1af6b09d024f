"""Reads of what national systems brought. Within the session's scope."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from app.directories.inspectors.models import Inspector
from app.directories.recusals.making import Meeting
from app.directories.targets.models import Target
from app.inspections.models import CheckForm, Visit
from app.inspections.national.intake.loading import numbers
from app.inspections.national.models import NationalConflict, NationalResult, NationalTask
from app.inspections.national.rules import ConflictState, ResultState
from app.kernel.errors import NotFound

SHOWN = 20
COUNTED_UP_TO = 1000
_COUNTING = [state.value for state in ResultState if state.counts]


def get_task(session: Session, task_id: int) -> NationalTask:
    """:raises NotFound: not there, or not within reach"""
    query = select(NationalTask).where(NationalTask.id == task_id)
    query = query.options(joinedload(NationalTask.system), joinedload(NationalTask.agency))
    return _found(session.scalars(query).one_or_none(), "national_task")


def get_result(session: Session, result_id: int) -> NationalResult:
    """:raises NotFound: not there, or not within reach"""
    query = _full().where(NationalResult.id == result_id)
    return _found(session.scalars(query).one_or_none(), "national_result")


def get_conflict(session: Session, conflict_id: int) -> NationalConflict:
    """:raises NotFound: not there, or not within reach"""
    query = (
        select(NationalConflict)
        .where(NationalConflict.id == conflict_id)
        .options(
            joinedload(NationalConflict.system),
            joinedload(NationalConflict.agency),
            joinedload(NationalConflict.task),
            joinedload(NationalConflict.result).joinedload(NationalResult.system),
            joinedload(NationalConflict.form).joinedload(CheckForm.visit).joinedload(Visit.target),
        )
    )
    return _found(session.scalars(query).one_or_none(), "national_conflict")


def _found(row: Any, kind: str) -> Any:
    if row is None:
        raise NotFound("not_in_scope", kind=kind)
    return row


def _full() -> Any:
    return select(NationalResult).options(
        joinedload(NationalResult.system),
        joinedload(NationalResult.agency),
        joinedload(NationalResult.task),
        joinedload(NationalResult.target),
        joinedload(NationalResult.result),
        joinedload(NationalResult.disposition),
    )


def results_of_task(session: Session, task_id: int, limit: int = SHOWN) -> list[NationalResult]:
    """The latest inspections; one more than `limit` says that there are more."""
    query = _full().where(NationalResult.task_id == task_id)
    return list(
        session.scalars(
            query.order_by(NationalResult.checked_on.desc(), NationalResult.id.desc()).limit(limit + 1)
        )
    )


def results_of_target(session: Session, target_id: int, limit: int = SHOWN) -> list[NationalResult]:
    query = _full().where(NationalResult.target_id == target_id)
    return list(
        session.scalars(
            query.order_by(NationalResult.checked_on.desc(), NationalResult.id.desc()).limit(limit)
        )
    )


def open_conflict_of(session: Session, result: NationalResult) -> int | None:
    """The question that waits about a result."""
    query = select(NationalConflict.id).where(
        NationalConflict.result_id == result.id, NationalConflict.state == ConflictState.OPEN.value
    )
    return session.scalars(query.limit(1)).first()


def names_of_inspectors(session: Session, ids: Collection[int]) -> dict[int, str]:
    """Name and certificate number."""
    if not ids:
        return {}
    query = select(Inspector.id, Inspector.name, Inspector.certificate_no).where(
        Inspector.id == func.any(numbers(ids))
    )
    return {number: f"{name}（{certificate}）" for number, name, certificate in session.execute(query)}


def visits_of(session: Session, target_ids: Collection[int], year: int) -> dict[int, int]:
    """Target id -> inspections in national systems in that year; targets without any are left out."""
    query = (
        select(NationalResult.target_id, func.count())
        .where(NationalResult.target_id == func.any(numbers(target_ids)), *_in_year(year))
        .group_by(NationalResult.target_id)
    )
    return dict(session.execute(query).all()) if target_ids else {}


def load_of(session: Session, inspector_ids: Collection[int], year: int) -> dict[int, int]:
    """Inspector id -> inspections in national systems in that year; inspectors without any are left out."""
    if not inspector_ids:
        return {}
    wanted = set(inspector_ids)
    one = func.unnest(NationalResult.inspector_ids)
    query = (
        select(one.label("inspector"), func.count())
        .where(NationalResult.inspector_ids.bool_op("&&")(numbers(wanted)), *_in_year(year))
        .group_by(one)
    )
    return {inspector: count for inspector, count in session.execute(query) if inspector in wanted}


def meetings_of(session: Session, agency_id: int, first_day: date) -> Sequence[Meeting]:
    """Who of the agency was where, since a day. The number is that of the result, below nought: it is no visit."""
    one = func.unnest(NationalResult.inspector_ids)
    query = select(one, NationalResult.target_id, -NationalResult.id, NationalResult.checked_on).where(
        NationalResult.agency_id == agency_id,
        NationalResult.checked_on >= first_day,
        NationalResult.state.in_(_COUNTING),
    )
    return [Meeting(*row) for row in session.execute(query)]


def _in_year(year: int) -> tuple[Any, ...]:
    return (
        NationalResult.checked_on >= date(year, 1, 1),
        NationalResult.checked_on <= date(year, 12, 31),
        NationalResult.state.in_(_COUNTING),
    )


def count_open(session: Session, agency_id: int) -> int:
    """Questions of an agency that wait, up to `COUNTED_UP_TO`."""
    query = select(NationalConflict.id).where(
        NationalConflict.agency_id == agency_id, NationalConflict.state == ConflictState.OPEN.value
    )
    return _count(session, query)


def waiting_results(session: Session, agency_id: int) -> tuple[int, Any]:
    """How many wait for review, up to `COUNTED_UP_TO`, and the nearest deadline of all."""
    waiting = (NationalResult.agency_id == agency_id, NationalResult.state == ResultState.RECEIVED.value)
    number = _count(session, select(NationalResult.id).where(*waiting))
    return number, session.scalar(select(func.min(NationalResult.publish_due_at)).where(*waiting))


def _count(session: Session, query: Any) -> int:
    return session.scalar(select(func.count()).select_from(query.limit(COUNTED_UP_TO).subquery())) or 0


def name_of_target(session: Session, target_id: int) -> str:
    target = session.get(Target, target_id)
    return f"{target.name}（{target.code}）" if target is not None else str(target_id)
