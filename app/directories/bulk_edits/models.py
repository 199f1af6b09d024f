"""Tables of bulk edits: one line for each, and the rows that it could not change."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, UtcDateTime, pk, state_check
from app.directories.bulk_edits.rules import BulkState
from app.security.models import Account
from app.security.scoping import by_agency, own_agency, scoped


class BulkEdit(Base):
    """One bulk edit. `asked`: the list's state or the picked ids; `wanted`: field -> new value as text.

    Its cause in the row history is `bulk:<id>`.
    """

    __tablename__ = "bulk_edit"
    __table_args__ = (state_check("state", BulkState), Index("ix_bulk_edit_agency", "agency_id", "id"))
    id: Mapped[int] = pk()
    listing: Mapped[str] = mapped_column(String(30), nullable=False)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), nullable=False)
    asked: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False)
    wanted: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False)
    reason: Mapped[str] = mapped_column(Text, nullable=False, default="")
    state: Mapped[str] = mapped_column(String(10), nullable=False, default="waiting")
    chosen: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    changed: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    unchanged: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    failed: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    outbox_id: Mapped[int | None] = mapped_column(BigInteger)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undo_id: Mapped[int | None] = mapped_column(ForeignKey("undo_run.id"))
    token: Mapped[str | None] = mapped_column(String(40), unique=True)
    """Of the form that asked for it: sent twice, it is done once."""
    user: Mapped[Account] = relationship()


class BulkEditFault(Base):
    """A row that a bulk edit left as it was, with every fault of it."""

    __tablename__ = "bulk_edit_fault"
    id: Mapped[int] = pk()
    bulk_edit_id: Mapped[int] = mapped_column(
        ForeignKey("bulk_edit.id", ondelete="CASCADE"), nullable=False, index=True
    )
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False)
    row_id: Mapped[int] = mapped_column(BigInteger, nullable=False)
    number: Mapped[str] = mapped_column(String(40), nullable=False)
    name: Mapped[str] = mapped_column(String(200), nullable=False)
    faults: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, nullable=False)


_own = by_agency()
scoped(BulkEdit, read=_own[0], write=_own[1], check=own_agency())
scoped(BulkEditFault, read=_own[0], write=_own[1], check=own_agency())
