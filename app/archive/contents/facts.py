"""Everything that a task's dossiers are made from, read once, beyond the scope of the closing agency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.audit.models import Event
from app.directories.inspectors.models import Inspector
from app.draws.models import Draw, DrawnTarget
from app.draws.queries import draws_of_task
from app.inspections.models import CheckForm, FollowUp, Visit
from app.kernel.clock import SHANGHAI
from app.matching.models import Assignment
from app.publicity.models import Publication
from app.publicity.rules import Origin, PublicKind
from app.security.models import Agency
from app.security.names import names_of
from app.tasks.models import Task
from app.tasks.places import event_subjects
from app.tasks.queries import get_task

MOST_EVENTS = 20_000
OWN_TAGS = ("task.archived", "dossier.built", "dossier.downloaded")
"""The archive's own acts are not part of what it archives."""


@dataclass(frozen=True)
class TaskFacts:
    """`names`: code of an actor -> name. `made_at`: the closing, which all papers carry as their date."""

    task: Task
    draws: list[Draw]
    drawn: list[DrawnTarget]
    visits: list[Visit]
    forms: list[CheckForm]
    assignments: list[Assignment]
    follow_ups: list[FollowUp]
    publications: list[Publication]
    events: list[Event]
    names: Mapping[str, str]
    agencies: Mapping[int, Agency]
    made_at: datetime


def read_facts(session: Session, task_id: int) -> TaskFacts:
    """The caller has checked who asks, and lifted the scope."""
    task = get_task(session, task_id)
    forms = _all(
        session,
        select(CheckForm)
        .where(CheckForm.task_id == task_id)
        .options(
            joinedload(CheckForm.visit).joinedload(Visit.target),
            joinedload(CheckForm.agency),
            joinedload(CheckForm.result),
            joinedload(CheckForm.disposition),
        )
        .order_by(CheckForm.no),
    )
    subjects = [f"task:{task.id}", *(s for name in event_subjects for s in name(session, task))]
    query = select(Event).where(Event.subject.in_(subjects), Event.tag.not_in(OWN_TAGS)).order_by(Event.id)
    events = _all(session, query.limit(MOST_EVENTS))
    codes = {event.actor for event in events}
    for form in forms:
        codes |= {code for code in (form.submitted_by, form.approved_by, form.exempt_by) if code}
    assert task.closed_at is not None, "dossiers are built from the closing on"
    return TaskFacts(
        task=task,
        draws=draws_of_task(session, task_id),
        drawn=_all(
            session,
            select(DrawnTarget)
            .where(DrawnTarget.task_id == task_id)
            .options(joinedload(DrawnTarget.target))
            .order_by(DrawnTarget.id),
        ),
        visits=_all(
            session,
            select(Visit)
            .where(Visit.task_id == task_id)
            .options(joinedload(Visit.target), joinedload(Visit.drawn_target))
            .order_by(Visit.no),
        ),
        forms=forms,
        assignments=_all(
            session,
            select(Assignment)
            .join(Inspector, Inspector.id == Assignment.inspector_id)
            .where(Assignment.task_id == task_id)
            .options(joinedload(Assignment.inspector), joinedload(Assignment.agency))
            .order_by(Assignment.drawn_target_id, Assignment.agency_id, Assignment.id),
        ),
        follow_ups=_all(
            session,
            select(FollowUp)
            .where(FollowUp.task_id == task_id)
            .options(joinedload(FollowUp.target), joinedload(FollowUp.form), joinedload(FollowUp.disposition))
            .order_by(FollowUp.no),
        ),
        publications=_all(
            session,
            select(Publication)
            .where(
                Publication.kind == PublicKind.RESULT.value,
                Publication.origin == Origin.OWN.value,
                Publication.subject_id.in_([form.id for form in forms]),
            )
            .order_by(Publication.subject_key),
        ),
        events=events,
        names=names_of(session, codes),
        agencies={agency.id: agency for agency in _agencies(task)},
        made_at=task.closed_at,
    )


def _all(session: Session, query: Any) -> list[Any]:
    return list(session.scalars(query).unique())


def _agencies(task: Task) -> list[Agency]:
    return [task.initiator, *(part.agency for part in task.participants)]


def at(moment: datetime | None) -> str:
    """`2026-11-23 09:05:00`, Asia/Shanghai; empty for none."""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S") if moment else ""


def on(day: date | None) -> str:
    return day.isoformat() if day else ""
