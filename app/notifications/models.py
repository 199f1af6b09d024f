"""Tables of messages and mails."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, UtcDateTime, pk
from app.security.scope import Scope
from app.security.scoping import anybody, nobody, scoped


class Message(Base):
    """A line in a person's message box. `key` makes it appear once per person."""

    __tablename__ = "message"
    __table_args__ = (Index("ix_message_person", "user_id", "read_at", "id"),)
    id: Mapped[int] = pk()
    key: Mapped[str] = mapped_column(String(200), unique=True, nullable=False)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), nullable=False)
    kind: Mapped[str] = mapped_column(String(40), nullable=False)
    title: Mapped[str] = mapped_column(String(300), nullable=False)
    body: Mapped[str] = mapped_column(Text, nullable=False, default="")
    link: Mapped[str] = mapped_column(String(300), nullable=False, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Mail(Base):
    """A mail to a person; `sent_at` once it was handed over, to the mail server or (demo) to this table only.

    `note` says why it went nowhere else.
    """

    __tablename__ = "mail"
    id: Mapped[int] = pk()
    key: Mapped[str] = mapped_column(String(200), unique=True, nullable=False)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), nullable=False, index=True)
    recipient: Mapped[str] = mapped_column(String(320), nullable=False)
    subject: Mapped[str] = mapped_column(String(300), nullable=False)
    body: Mapped[str] = mapped_column(Text, nullable=False)
    note: Mapped[str] = mapped_column(String(120), nullable=False, default="")
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)


def _mine(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return model.user_id == scope.person_id


scoped(Message, read=_mine, write=lambda row, scope: True, check=anybody)
scoped(Mail, read=_mine, write=lambda row, scope: False, check=nobody)
