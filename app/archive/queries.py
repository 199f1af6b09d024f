"""Reads of dossiers. The session's scope narrows them: the own agency's, and those below an office."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from app.archive.models import Dossier
from app.inspections.models import FollowUp
from app.inspections.rules import FollowUpState
from app.kernel.errors import NotFound
from app.security.scoping import unscoped

PAGE = 30


def dossiers(session: Session, *, before: int | None = None, limit: int = PAGE) -> list[Dossier]:
    """The latest first; one row more than `limit` says that there are more."""
    query = (
        select(Dossier)
        .options(joinedload(Dossier.task), joinedload(Dossier.agency))
        .order_by(Dossier.id.desc())
        .limit(limit + 1)
    )
    if before is not None:
        query = query.where(Dossier.id < before)
    return list(session.scalars(query))


def dossiers_of_task(session: Session, task_id: int, limit: int = PAGE) -> list[Dossier]:
    """The editions that the person may read, the latest first."""
    query = select(Dossier).where(Dossier.task_id == task_id).options(joinedload(Dossier.agency))
    return list(session.scalars(query.order_by(Dossier.id.desc()).limit(limit)))


def get_dossier(session: Session, dossier_id: int) -> Dossier:
    """:raises NotFound: when it is not there, or not within reach"""
    query = select(Dossier).where(Dossier.id == dossier_id)
    found = session.scalars(query.options(joinedload(Dossier.task), joinedload(Dossier.agency))).one_or_none()
    if found is None:
        raise NotFound("not_in_scope", kind="dossier")
    return found


def latest_dossier(session: Session, task_id: int, agency_id: int) -> Dossier | None:
    query = select(Dossier).where(Dossier.task_id == task_id, Dossier.agency_id == agency_id)
    return session.scalars(query.order_by(Dossier.edition.desc()).limit(1)).first()


def open_follow_ups(session: Session, task_id: int) -> int:
    query = select(func.count()).where(
        FollowUp.__table__.c.task_id == task_id, FollowUp.__table__.c.state != FollowUpState.CLOSED.value
    )
    with unscoped(session, "open cases of all agencies of a task within reach, counted"):
        return int(session.scalar(query) or 0)
