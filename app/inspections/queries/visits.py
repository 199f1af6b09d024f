"""Reads of visits."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.db import Actor
from app.draws.models import Draw, DrawnTarget
from app.draws.rules import DrawState
from app.inspections.models import CheckForm, Visit
from app.inspections.queries.people import assigned_to, watches_agency
from app.inspections.rules import FormState
from app.kernel.errors import NotFound
from app.security.approval import approving_agency
from app.security.scoping import scope_of, unscoped
from app.tasks.models import Task

PAGE = 50
_OPEN = [s.value for s in FormState if s.is_open_for_entry]


@dataclass(frozen=True)
class Page:
    """One page of a keyset list; `after` is the key of the next one, None at the end."""

    rows: Sequence[Any]
    after: int | None


def page_of(rows: Sequence[Any], limit: int) -> Page:
    return Page(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)


def _full() -> Select[tuple[Visit]]:
    return select(Visit).options(
        joinedload(Visit.task).joinedload(Task.initiator),
        joinedload(Visit.target),
        joinedload(Visit.drawn_target),
        selectinload(Visit.forms).joinedload(CheckForm.agency),
        selectinload(Visit.forms).joinedload(CheckForm.result),
    )


def get_visit(session: Session, actor: Actor, visit_id: int) -> Visit:
    """The visit with task, target and the forms of all agencies; an inspector's only when assigned.

    :raises NotFound: not there, or not within reach
    """
    query = _full().where(Visit.id == visit_id)
    if not watches_agency(actor):
        query = query.where(Visit.drawn_target_id.in_(assigned_to(actor.user_id)))
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound("not_in_scope", kind="visit")
    return found


def visits_mine(
    session: Session, actor: Actor, *, open_only: bool = False, after: int = 0, limit: int = PAGE
) -> Page:
    """Visits of a person: the assigned ones of an inspector, those of the own agency for others.

    :param open_only: only where the own agency's form is to be filled in, and the target was not replaced
    """
    scope = scope_of(session)
    own = exists().where(CheckForm.visit_id == Visit.id, CheckForm.agency_id.in_(scope.readable_agency_ids))
    query = _full().where(Visit.id > after).order_by(Visit.id).limit(limit + 1)
    if not watches_agency(actor):
        query = query.where(Visit.drawn_target_id.in_(assigned_to(actor.user_id)))
        own = exists().where(CheckForm.visit_id == Visit.id, CheckForm.agency_id == (actor.agency_id or -1))
    if open_only:
        query = query.where(own.where(CheckForm.state.in_(_OPEN)), _stands())
    else:
        query = query.where(or_(own, Visit.task.has(Task.initiator_id.in_(scope.readable_agency_ids))))
    return page_of(session.scalars(query).all(), limit)


def _stands() -> Any:
    """The target is still to be visited: not replaced, and its draw not void."""
    drawn, draw = DrawnTarget.__table__, Draw.__table__
    return exists().where(
        drawn.c.id == Visit.drawn_target_id,
        drawn.c.replaced_by_id.is_(None),
        draw.c.id == drawn.c.draw_id,
        draw.c.state != DrawState.VOID.value,
    )


def visits_of_task(session: Session, task_id: int, *, after: int = 0, limit: int = PAGE) -> Page:
    query = _full().where(Visit.task_id == task_id, Visit.id > after).order_by(Visit.id).limit(limit + 1)
    return page_of(session.scalars(query).all(), limit)


def results_of_target(session: Session, target_id: int, limit: int = 20) -> list[CheckForm]:
    """Forms of a target within reach, newest first, with result, agency and task."""
    query = (
        select(CheckForm)
        .join(Visit, Visit.id == CheckForm.visit_id)
        .where(Visit.target_id == target_id)
        .options(
            joinedload(CheckForm.agency),
            joinedload(CheckForm.result),
            joinedload(CheckForm.task),
            joinedload(CheckForm.visit),
        )
        .order_by(CheckForm.id.desc())
        .limit(limit)
    )
    return list(session.scalars(query))


def unapproved_tasks(session: Session, actor: Actor, day: date, limit: int = 20) -> list[Task]:
    """Tasks whose visits wait for the actor's agency (N-4): its own, or of one with too few reviewers."""
    waiting = select(Visit.__table__.c.task_id).where(Visit.__table__.c.approved_at.is_(None))
    query = (
        select(Task)
        .where(Task.id.in_(waiting), Task.initiator_id.in_(scope_of(session).readable_agency_ids))
        .options(joinedload(Task.initiator))
        .order_by(Task.id)
        .limit(limit)
    )
    approvers: dict[int, int] = {}
    found = []
    for task in session.scalars(query):
        if task.initiator_id not in approvers:
            approvers[task.initiator_id] = approving_agency(session, task.initiator, day).id
        if approvers[task.initiator_id] == actor.agency_id:
            found.append(task)
    return found


def has_visits(session: Session, draw_id: int) -> bool:
    drawn = DrawnTarget.__table__
    query = (
        select(Visit.id).join(drawn, drawn.c.id == Visit.drawn_target_id).where(drawn.c.draw_id == draw_id)
    )
    return session.scalar(query.limit(1)) is not None


def is_unapproved(session: Session, task_id: int) -> bool:
    """Whether visits of the task wait for their approval."""
    query = select(Visit.id).where(Visit.task_id == task_id, Visit.approved_at.is_(None))
    return session.scalar(query.limit(1)) is not None


def visit_of_token(session: Session, token: str) -> Visit | None:
    """The visit whose notice carries this token: whoever holds the paper may ask about the own case."""
    digest = hashlib.sha256("".join(token.split()).lower().encode()).digest()
    with unscoped(session, "the token on the notice"):
        return session.scalars(_full().where(Visit.token_digest == digest)).one_or_none()
