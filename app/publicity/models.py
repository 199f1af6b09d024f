"""Tables of publication. What is not copied into `PublicRecord` is not on the public pages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from app.db import Base, UtcDateTime, pk, state_check
from app.publicity.rules import Origin, PublicationState, PublicKind
from app.security.models import Agency
from app.security.scoping import by_agency, own_agency, scoped


class Publication(Base):
    """What must be published, by whom, until when, and how far each channel is.

    `subject_key` is the public address of the record, `subject_id` the row it is made from; `origin`
    which table that is where a kind has two; `revision` counts how often it was queued and is part of the job's key.
    """

    __tablename__ = "publication"
    __table_args__ = (
        state_check("state", PublicationState),
        state_check("kind", PublicKind),
        CheckConstraint("state <> 'withdrawn' OR withdraw_reason <> ''", name="withdrawn_has_reason"),
        UniqueConstraint("kind", "subject_key", "channel", name="uq_publication_subject_channel"),
    )
    id: Mapped[int] = pk()
    kind: Mapped[str] = mapped_column(String(12), nullable=False)
    subject_key: Mapped[str] = mapped_column(String(80), nullable=False)
    subject_id: Mapped[int] = mapped_column(BigInteger, nullable=False)
    origin: Mapped[str] = mapped_column(
        String(10), nullable=False, default=Origin.OWN.value, server_default="own"
    )
    channel: Mapped[str] = mapped_column(String(20), nullable=False, default="portal")
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False, index=True)
    state: Mapped[str] = mapped_column(String(10), nullable=False, default=PublicationState.DUE)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revision: Mapped[int] = mapped_column(Integer, nullable=False, default=0, server_default="0")
    attempts: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    error: Mapped[str] = mapped_column(Text, nullable=False, default="")
    withdraw_reason: Mapped[str] = mapped_column(Text, nullable=False, default="")
    agency: Mapped[Agency] = relationship()


class PublicRecord(Base):
    """A public fact as it is shown: kind list, plan, draw, result or bulletin; `key` is its public address.

    `payload` has the shape of `rules.SHAPES`. `target_code` only where the code itself is public; `title`
    is what the search finds. Earlier versions stay in the row history.
    """

    __tablename__ = "public_record"
    __table_args__ = (
        state_check("kind", PublicKind),
        UniqueConstraint("kind", "key", name="uq_public_record_key"),
        Index("ix_public_record_recent", "kind", "id"),
        Index("ix_public_record_target", "target_code", "kind"),
        Index("ix_public_record_search", "search_grams", postgresql_using="gin"),
    )
    id: Mapped[int] = pk()
    kind: Mapped[str] = mapped_column(String(10), nullable=False)
    key: Mapped[str] = mapped_column(String(80), nullable=False)
    title: Mapped[str] = mapped_column(String(300), nullable=False)
    agency_name: Mapped[str] = mapped_column(String(120), nullable=False)
    region_code: Mapped[str] = mapped_column(String(20), nullable=False, index=True)
    year: Mapped[int] = mapped_column(Integer, nullable=False)
    target_code: Mapped[str | None] = mapped_column(String(40))
    payload: Mapped[dict[str, Any]] = deferred(mapped_column(JSONB, nullable=False))
    published_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    shown_until: Mapped[date | None] = mapped_column(Date)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdraw_reason: Mapped[str] = mapped_column(Text, nullable=False, default="")
    search_grams: Mapped[list[str] | None] = mapped_column(
        ARRAY(Text), Computed("bigrams2(title)", persisted=True), deferred=True
    )


_own = by_agency()
scoped(Publication, read=_own[0], write=_own[1], check=own_agency())
