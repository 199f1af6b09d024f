"""Reads of the own messages and mails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.notifications.models import Mail, Message

COUNTED_UP_TO = 99
PAGE = 25


Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """A page of rows, newest first; `next_before` is the key of the next one, None at the end."""

    rows: list[Row]
    next_before: int | None


def unread(user_id: int) -> Select[Any]:
    """Unread messages of a person, no more than one above 100: the top bar shows no more."""
    statement = select(Message.id).where(Message.user_id == user_id, Message.read_at.is_(None))
    return statement.limit(COUNTED_UP_TO + 1)


def unread_count(session: Session, user_id: int) -> int:
    """How many messages a person has not read, counted no further than 100."""
    return int(session.execute(select(func.count()).select_from(unread(user_id).subquery())).scalar_one())


def messages_of(
    session: Session, user_id: int, before: int | None = None, unread: bool = False
) -> Page[Message]:
    """The person's messages, the newest first, those before the key `before`."""
    query = select(Message).where(Message.user_id == user_id)
    if unread:
        query = query.where(Message.read_at.is_(None))
    if before is not None:
        query = query.where(Message.id < before)
    rows = list(session.scalars(query.order_by(Message.id.desc()).limit(PAGE + 1)))
    return Page(rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None)


def mails_of(session: Session, user_id: int, before: int | None = None) -> Page[Mail]:
    """The person's mails, the newest first, those before the key `before`."""
    query = select(Mail).where(Mail.user_id == user_id)
    if before is not None:
        query = query.where(Mail.id < before)
    rows = list(session.scalars(query.order_by(Mail.id.desc()).limit(PAGE + 1)))
    return Page(rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None)
