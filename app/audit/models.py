"""Tables of the log. All are append-only (trigger); the signed heads also stand outside the database."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, SmallInteger, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, UtcDateTime, pk


class Event(Base):
    """What happened: tag `task.pushed`, subject `task:12`, data without personal data.

    `agency_id` and `region_id` say in whose scope it stands; they are not part of the sealed entry.
    """

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_subject", "subject", "id"),
        Index("ix_event_actor", "actor", "id"),
        Index("ix_event_agency", "agency_id", "id"),
        Index("ix_event_tag", "tag", "id", postgresql_ops={"tag": "text_pattern_ops"}),
        # Everybody may add, few may read it back: the key is fetched before, not returned.
        {"implicit_returning": False},
    )
    id: Mapped[int] = pk()
    at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    actor: Mapped[str] = mapped_column(String(40), nullable=False)
    tag: Mapped[str] = mapped_column(String(60), nullable=False)
    subject: Mapped[str] = mapped_column(String(120), nullable=False)
    data: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False)
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))


class SealedEntry(Base):
    """Position of an event in the Merkle log."""

    __tablename__ = "sealed_entry"
    index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), unique=True, nullable=False)
    leaf: Mapped[bytes] = mapped_column(LargeBinary, nullable=False)


class LogNode(Base):
    """Head of the complete subtree over 2**level leaves from `position` * 2**level on; leaves stand in
    `sealed_entry`. Roots and proofs need a handful of these instead of all leaves.
    """

    __tablename__ = "log_node"
    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary, nullable=False)


class LogHead(Base):
    """A signed head (C2SP checkpoint) over the first `size` entries."""

    __tablename__ = "log_head"
    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary, nullable=False)
    note: Mapped[str] = mapped_column(Text, nullable=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
