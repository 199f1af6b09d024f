"""Which keys the database has been sealed with: their fingerprints, never the keys."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, UtcDateTime


class DataKey(Base):
    """A key of the key file, or (`digest`) the one of the keyed digests.

    `code` is `key:1`, the number as it stands in the values, or `digest`. `retired_at`: nothing is sealed with it
    any more.
    """

    __tablename__ = "data_key"
    __table_args__ = (CheckConstraint("code = 'digest' OR code ~ '^key:[0-9]+$'", name="code_known"),)
    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    cipher: Mapped[str] = mapped_column(String(20), nullable=False)
    fingerprint: Mapped[str] = mapped_column(String(32), nullable=False)
    since: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
