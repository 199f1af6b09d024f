"""Tables of publication. Public pages read `PublicRecord` and nothing else: what is not copied there is not public."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, UtcDateTime, pk, state_check
from app.publicity.rules import PublicationState
from app.security.models import Agency
from app.security.scoping import by_agency, scoped


class Publication(Base):
    """What must be published, by whom, until when, and how far each channel is."""

    __tablename__ = "publication"
    __table_args__ = (
        state_check("state", PublicationState),
        UniqueConstraint("kind", "subject_key", "channel", name="uq_publication_subject_channel"),
    )
    id: Mapped[int] = pk()
    kind: Mapped[str] = mapped_column(String(12), nullable=False)
    subject_key: Mapped[str] = mapped_column(String(80), nullable=False)
    channel: Mapped[str] = mapped_column(String(20), nullable=False, default="portal")
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False, index=True)
    state: Mapped[str] = mapped_column(String(10), nullable=False, default=PublicationState.DUE)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    error: Mapped[str] = mapped_column(Text, nullable=False, default="")
    withdraw_reason: Mapped[str] = mapped_column(Text, nullable=False, default="")
    agency: Mapped[Agency] = relationship()


class PublicRecord(Base):
    """A public fact as it is shown: kind list, plan, draw, result or bulletin; `key` is its public address."""

    __tablename__ = "public_record"
    __table_args__ = (
        CheckConstraint("kind IN ('list', 'plan', 'draw', 'result', 'bulletin')", name="kind_known"),
        UniqueConstraint("kind", "key", name="uq_public_record_key"),
        Index("ix_public_record_recent", "kind", "published_at", "id"),
        Index("ix_public_record_target", "target_code", "kind"),
    )
    id: Mapped[int] = pk()
    kind: Mapped[str] = mapped_column(String(10), nullable=False)
    key: Mapped[str] = mapped_column(String(80), nullable=False)
    title: Mapped[str] = mapped_column(String(300), nullable=False)
    agency_name: Mapped[str] = mapped_column(String(120), nullable=False)
    region_code: Mapped[str] = mapped_column(String(20), nullable=False, index=True)
    target_code: Mapped[str | None] = mapped_column(String(40))
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False)
    published_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdraw_reason: Mapped[str] = mapped_column(Text, nullable=False, default="")


_own = by_agency()
scoped(Publication, read=_own[0], write=_own[1])
