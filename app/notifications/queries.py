"""Reads of messages and mails."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.notifications.models import Message

MOST_COUNTED = 100


def unread_count(session: Session, user_id: int) -> int:
    """Unread messages of a person, counted up to 100."""
    some = select(Message.id).where(Message.user_id == user_id, Message.read_at.is_(None)).limit(MOST_COUNTED)
    return int(session.scalar(select(func.count()).select_from(some.subquery())) or 0)
