"""Tables of the undo: one run for each cause, and what it could not put back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Integer, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, UtcDateTime, pk, state_check
from app.directories.undoing.rules import UndoState, Why
from app.security.models import Account
from app.security.scoping import by_agency, own_agency, scoped


class UndoRun(Base):
    """One undo of one cause (`bulk:12`): who, why, and what became of it. Its own cause is `undo:<id>`."""

    __tablename__ = "undo_run"
    __table_args__ = (state_check("state", UndoState),)
    id: Mapped[int] = pk()
    cause: Mapped[str] = mapped_column(Text, nullable=False, unique=True)
    tables: Mapped[list[str]] = mapped_column(JSONB, nullable=False)
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    reason: Mapped[str] = mapped_column(Text, nullable=False, default="")
    state: Mapped[str] = mapped_column(String(10), nullable=False, default="waiting")
    changes: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    restored: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    removed: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    closed: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    conflicts: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    outbox_id: Mapped[int | None] = mapped_column(BigInteger)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    user: Mapped[Account | None] = relationship()


class UndoConflict(Base):
    """A row, or one field of it, that stays as it is. `wanted`: what stood there before; `found`: what stands
    there now; of personal data neither.
    """

    __tablename__ = "undo_conflict"
    __table_args__ = (
        CheckConstraint("why IN ('" + "', '".join(why.value for why in Why) + "')", name="why_known"),
    )
    id: Mapped[int] = pk()
    undo_id: Mapped[int] = mapped_column(
        ForeignKey("undo_run.id", ondelete="CASCADE"), nullable=False, index=True
    )
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    table_name: Mapped[str] = mapped_column(String(63), nullable=False)
    row_id: Mapped[str] = mapped_column(String(80), nullable=False)
    label: Mapped[str] = mapped_column(Text, nullable=False, default="")
    field: Mapped[str] = mapped_column(String(63), nullable=False, default="")
    wanted: Mapped[Any] = mapped_column(JSONB, nullable=True)
    found: Mapped[Any] = mapped_column(JSONB, nullable=True)
    why: Mapped[str] = mapped_column(String(12), nullable=False)


_own = by_agency()
scoped(UndoRun, read=_own[0], write=_own[1], check=own_agency())
scoped(UndoConflict, read=_own[0], write=_own[1], check=own_agency())
