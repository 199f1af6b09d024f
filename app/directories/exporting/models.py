"""Exports of the directories; the files lie outside the web root."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ColumnElement, ForeignKey, Integer, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, UtcDateTime, pk
from app.security.scope import Scope
from app.security.scoping import scoped


class DirectoryExport(Base):
    """One export of a list. `asked`: the list's state, and the picked ids where rows were picked.

    `clear`: telephone numbers and home addresses stand in it in full, for `reason`.
    """

    __tablename__ = "directory_export"
    __table_args__ = (CheckConstraint("format IN ('csv', 'xlsx')", name="format_known"),)
    id: Mapped[int] = pk()
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), nullable=False, index=True)
    listing: Mapped[str] = mapped_column(String(30), nullable=False)
    format: Mapped[str] = mapped_column(String(4), nullable=False)
    locale: Mapped[str] = mapped_column(String(10), nullable=False)
    asked: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False)
    clear: Mapped[bool] = mapped_column(nullable=False, default=False)
    reason: Mapped[str] = mapped_column(Text, nullable=False, default="")
    outbox_id: Mapped[int | None] = mapped_column(BigInteger)
    file_name: Mapped[str] = mapped_column(String(80), nullable=False, default="", server_default="")
    rows: Mapped[int | None] = mapped_column(Integer)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def _read(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return model.user_id == scope.person_id


scoped(DirectoryExport, read=_read, write=lambda row, scope: row.user_id == scope.user_id)
