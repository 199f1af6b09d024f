"""Reads of follow-up cases."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.inspections.models import CheckForm, FollowUp
from app.inspections.queries.visits import PAGE, Page, page_of
from app.kernel.errors import NotFound


def follow_ups(
    session: Session,
    *,
    states: Sequence[str] = (),
    task_id: int | None = None,
    agency_id: int | None = None,
    after: int = 0,
    limit: int = PAGE,
) -> Page:
    query = (
        select(FollowUp)
        .where(FollowUp.id > after)
        .options(
            joinedload(FollowUp.target),
            joinedload(FollowUp.agency),
            joinedload(FollowUp.disposition),
        )
        .order_by(FollowUp.id)
        .limit(limit + 1)
    )
    if states:
        query = query.where(FollowUp.state.in_(states))
    if task_id is not None:
        query = query.where(FollowUp.task_id == task_id)
    if agency_id is not None:
        query = query.where(FollowUp.agency_id == agency_id)
    return page_of(session.scalars(query).all(), limit)


def get_follow_up(session: Session, follow_up_id: int) -> FollowUp:
    """:raises NotFound: not there, or not within reach"""
    found = session.scalars(
        select(FollowUp)
        .where(FollowUp.id == follow_up_id)
        .options(
            joinedload(FollowUp.target),
            joinedload(FollowUp.agency),
            joinedload(FollowUp.disposition),
            joinedload(FollowUp.form).joinedload(CheckForm.task),
        )
    ).one_or_none()
    if found is None:
        raise NotFound("not_in_scope", kind="follow_up")
    return found


def follow_up_of_form(session: Session, form_id: int) -> FollowUp | None:
    return session.scalars(select(FollowUp).where(FollowUp.form_id == form_id)).one_or_none()


def follow_ups_of_target(session: Session, target_id: int, limit: int = 20) -> Sequence[FollowUp]:
    """Cases of a target within reach, the latest first."""
    return session.scalars(
        select(FollowUp)
        .where(FollowUp.target_id == target_id)
        .options(joinedload(FollowUp.agency), joinedload(FollowUp.disposition))
        .order_by(FollowUp.id.desc())
        .limit(limit)
    ).all()
