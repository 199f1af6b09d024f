"""The set-up of an installation: one row, which closes for ever."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, UtcDateTime


class SetUp(Base):
    """Begun at the command line with a one-time code (its digest is kept), closed by the page that used it."""

    __tablename__ = "set_up"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    code_digest: Mapped[bytes] = mapped_column(LargeBinary, nullable=False)
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    begun_by: Mapped[str] = mapped_column(String(40), nullable=False)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    failures: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
