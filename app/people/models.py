"""Tables of invitations, moves that wait for the other side, and spreadsheets of people."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, UtcDateTime, pk, state_check
from app.people.rules import InvitationState, MoveState
from app.security.models import Account, Agency, Membership
from app.security.protection import Encrypted
from app.security.rules import RoleName
from app.security.scope import Scope
from app.security.scoping import scoped


class Invitation(Base):
    """An account that waits for its person: a link by mail (`token_digest`, SHA-256 of the token, which only
    the mail carries), or a printed slip without one.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        state_check("state", InvitationState),
        CheckConstraint("expires_at > created_at", name="expires_later"),
        CheckConstraint("(state = 'accepted') = (accepted_at IS NOT NULL)", name="accepted_has_time"),
        Index("uq_invitation_open", "user_id", unique=True, postgresql_where=text("state = 'open'")),
    )
    id: Mapped[int] = pk()
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), nullable=False)
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id"), nullable=False)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False, index=True)
    state: Mapped[str] = mapped_column(String(10), nullable=False, default=InvitationState.OPEN)
    token_digest: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    sent: Mapped[int] = mapped_column(nullable=False, default=0)
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("invite_batch.id"), index=True)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    user: Mapped[Account] = relationship(foreign_keys=[user_id])
    membership: Mapped[Membership] = relationship()
    agency: Mapped[Agency] = relationship()
    inviter: Mapped[Account | None] = relationship(foreign_keys=[created_by])


class MoveRequest(Base):
    """A move to an agency outside the mover's area: the administrator over there decides.

    `hand_over`: open work (`kind:key`) to the id of whoever takes it, 0 where a rule names the successor.
    """

    __tablename__ = "move_request"
    __table_args__ = (
        state_check("state", MoveState),
        CheckConstraint("from_agency_id <> to_agency_id", name="goes_elsewhere"),
        CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name="decided_by_another"),
        Index(
            "uq_move_request_asked", "membership_id", unique=True, postgresql_where=text("state = 'asked'")
        ),
    )
    id: Mapped[int] = pk()
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), nullable=False, index=True)
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id"), nullable=False)
    from_agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False, index=True)
    to_agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False, index=True)
    title: Mapped[str] = mapped_column(String(60), nullable=False, default="")
    reason: Mapped[str] = mapped_column(String(200), nullable=False)
    hand_over: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, default=dict)
    state: Mapped[str] = mapped_column(String(10), nullable=False, default=MoveState.ASKED)
    asked_by: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), nullable=False)
    asker_membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id"), nullable=False)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(String(200), nullable=False, default="")
    user: Mapped[Account] = relationship(foreign_keys=[user_id])
    membership: Mapped[Membership] = relationship(foreign_keys=[membership_id])
    asker: Mapped[Account] = relationship(foreign_keys=[asked_by])
    from_agency: Mapped[Agency] = relationship(foreign_keys=[from_agency_id])
    to_agency: Mapped[Agency] = relationship(foreign_keys=[to_agency_id])


class InviteBatch(Base):
    """A spreadsheet of people to be invited; `report` holds figures only. `content` (base64, sealed) is checked
    anew whenever it is shown, and goes once nothing in it is left to correct. Only whoever handed it in sees it.
    """

    __tablename__ = "invite_batch"
    __table_args__ = (CheckConstraint("state IN ('checked', 'committing', 'committed')", name="state_known"),)
    id: Mapped[int] = pk()
    file_name: Mapped[str] = mapped_column(String(200), nullable=False)
    content: Mapped[str | None] = mapped_column(Encrypted("invite_batch.content"), deferred=True)
    report: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, default=dict)
    state: Mapped[str] = mapped_column(String(10), nullable=False, default="checked")
    reason: Mapped[str] = mapped_column(String(200), nullable=False, default="")
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), nullable=False, index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    committed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def _appoints(scope: Scope) -> bool:
    """A security administrator has no agencies to read; the services check whom the act reaches."""
    return RoleName.SECURITY_ADMIN in scope.roles


def _read_invitation(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return model.agency_id.in_(scope.readable_agency_ids) | scope.holds(RoleName.SECURITY_ADMIN)


def _write_invitation(row: Any, scope: Scope) -> bool:
    return row.agency_id in scope.readable_agency_ids or _appoints(scope)


def _read_move(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    mine = scope.readable_agency_ids
    return (
        model.from_agency_id.in_(mine) | model.to_agency_id.in_(mine) | scope.holds(RoleName.SECURITY_ADMIN)
    )


def _write_move(row: Any, scope: Scope) -> bool:
    mine = scope.readable_agency_ids
    return row.from_agency_id in mine or row.to_agency_id in mine or _appoints(scope)


def _read_batch(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return model.user_id == scope.person_id


scoped(Invitation, read=_read_invitation, write=_write_invitation)
scoped(MoveRequest, read=_read_move, write=_write_move)
scoped(InviteBatch, read=_read_batch, write=lambda row, scope: row.user_id == scope.user_id)
