"""The number of unread messages, asked once per request: the top bar and the menu both show it."""

from __future__ import annotations

from flask import g
from sqlalchemy.orm import Session

from app.notifications.queries import unread_count


def unread_here(session: Session, user_id: int) -> int:
    kept: dict[int, int] = g.setdefault("unread_messages", {})
    if user_id not in kept:
        kept[user_id] = unread_count(session, user_id)
    return kept[user_id]
