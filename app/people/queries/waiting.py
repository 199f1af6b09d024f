"""What waits: invitations that nobody has accepted, moves that nobody has answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from app.kernel.errors import NotFound
from app.people.models import Invitation, InviteBatch, MoveRequest
from app.people.rules import InvitationState
from app.security.models import Agency, Membership

PAGE = 50
Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """A page of rows, the newest first; `after` is the key of the next page, None at the end."""

    rows: Sequence[Row]
    after: int | None


def invitations(
    session: Session, ids: frozenset[int], *, open_only: bool = True, before: int | None = None
) -> Page[Invitation]:
    """Invitations of the area with person, agency and roles. Three queries."""
    query = (
        select(Invitation)
        .where(Invitation.agency_id.in_(ids))
        .options(
            joinedload(Invitation.user),
            joinedload(Invitation.agency),
            joinedload(Invitation.inviter),
            joinedload(Invitation.membership).selectinload(Membership.roles),
        )
        .order_by(Invitation.id.desc())
        .limit(PAGE + 1)
    )
    if open_only:
        query = query.where(Invitation.state == InvitationState.OPEN.value)
    if before is not None:
        query = query.where(Invitation.id < before)
    rows = list(session.scalars(query))
    return Page(rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None)


def moves(session: Session, ids: frozenset[int], *, before: int | None = None) -> Page[MoveRequest]:
    """Requests that one of the agencies gives or receives, the newest first."""
    query = (
        select(MoveRequest)
        .where(or_(MoveRequest.from_agency_id.in_(ids), MoveRequest.to_agency_id.in_(ids)))
        .options(
            joinedload(MoveRequest.user),
            joinedload(MoveRequest.asker),
            joinedload(MoveRequest.from_agency),
            joinedload(MoveRequest.to_agency),
        )
        .order_by(MoveRequest.id.desc())
        .limit(PAGE + 1)
    )
    if before is not None:
        query = query.where(MoveRequest.id < before)
    rows = list(session.scalars(query))
    return Page(rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None)


def get_move(session: Session, ids: frozenset[int], request_id: int) -> MoveRequest:
    """:raises NotFound: not there, or neither side is of the area"""
    found = session.scalars(
        select(MoveRequest)
        .where(
            MoveRequest.id == request_id,
            or_(MoveRequest.from_agency_id.in_(ids), MoveRequest.to_agency_id.in_(ids)),
        )
        .options(
            joinedload(MoveRequest.user),
            joinedload(MoveRequest.asker),
            joinedload(MoveRequest.from_agency),
            joinedload(MoveRequest.to_agency).joinedload(Agency.region),
        )
    ).first()
    if found is None:
        raise NotFound("not_in_scope", kind="move_request")
    return found


def get_batch(session: Session, batch_id: int) -> InviteBatch:
    """:raises NotFound: not there, or another person's"""
    found = session.scalars(select(InviteBatch).where(InviteBatch.id == batch_id)).first()
    if found is None:
        raise NotFound("not_in_scope", kind="invite_batch")
    return found


def slips_waiting(session: Session, batch_id: int, limit: int) -> list[Invitation]:
    """People of a batch who have not opened their account yet, and have no link by mail."""
    query = (
        select(Invitation)
        .where(
            Invitation.batch_id == batch_id,
            Invitation.state == InvitationState.OPEN.value,
            Invitation.token_digest.is_(None),
            Invitation.sent == 0,
        )
        .options(joinedload(Invitation.user), joinedload(Invitation.agency))
        .order_by(Invitation.id)
        .limit(limit)
    )
    return list(session.scalars(query))
