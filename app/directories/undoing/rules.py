"""What may be undone, and until when. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from app.kernel.decisions import ALLOWED, Decision, refused
from app.kernel.states import StateEnum

UNDONE_WITHIN = timedelta(days=30)
SHORTEST_REASON = 2
LONGEST_REASON = 300
AT_ONCE = 5_000
"""Up to so many rows a page waits; beyond it a job works."""


class UndoState(StateEnum):
    WAITING = "waiting", "Being undone", "warn"
    DONE = "done", "Undone", "ok"


class Why(StrEnum):
    """`changed`: somebody changed it since; `gone`: the row, or what it would refer to again, is not there any
    more within reach; `taken`: the value belongs to another row now; `in_use`: other rows refer to it.
    """

    CHANGED = "changed"
    GONE = "gone"
    TAKEN = "taken"
    IN_USE = "in_use"


@dataclass(frozen=True)
class Conflict:
    """A row, or one field of it, that an undo leaves as it is."""

    table: str
    row_id: str
    label: str
    field: str
    wanted: Any
    found: Any
    why: Why


def may_undo(changed_at: datetime | None, undone: bool, now: datetime) -> Decision:
    """Once, within thirty days of the change.

    :param changed_at: when the cause changed rows, None when it changed none
    """
    if undone:
        return refused("undone_already")
    if changed_at is None:
        return refused("nothing_to_undo")
    if now > changed_at + UNDONE_WITHIN:
        return refused("too_late_to_undo", days=UNDONE_WITHIN.days)
    return ALLOWED


def undoable_until(changed_at: datetime) -> datetime:
    return changed_at + UNDONE_WITHIN
