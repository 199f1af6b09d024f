"""Verbs of tasks. Each checks, changes, records, announces and returns; none commits."""

from app.tasks.services.create import change_scheme, create_task
from app.tasks.services.ending import cancel_task, release
from app.tasks.services.life import (
    note_archived,
    note_checking,
    note_closed,
    note_draw_void,
    note_drawn,
    note_matched,
)
from app.tasks.services.push import push_task, remind
from app.tasks.services.respond import accept, decline, state_overdue_reason, use_link

__all__ = [
    "accept",
    "cancel_task",
    "change_scheme",
    "create_task",
    "decline",
    "note_archived",
    "note_checking",
    "note_closed",
    "note_draw_void",
    "note_drawn",
    "note_matched",
    "push_task",
    "release",
    "remind",
    "state_overdue_reason",
    "use_link",
]
