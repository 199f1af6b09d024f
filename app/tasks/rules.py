"""States of tasks and participants. Pure."""

from __future__ import annotations

from app.kernel.states import StateEnum


class TaskState(StateEnum):
    DRAFT = "draft", "Draft", "none"
    PUSHED = "pushed", "Pushed", "info"
    READY = "ready", "Ready to draw", "info"
    DRAWN = "drawn", "Targets drawn", "info"
    MATCHED = "matched", "Inspectors matched", "info"
    CHECKING = "checking", "Checking", "info"
    CLOSED = "closed", "Closed", "ok"
    ARCHIVED = "archived", "Archived", "ok"
    CANCELLED = "cancelled", "Cancelled", "mute"


class ResponseState(StateEnum):
    PENDING = "pending", "Awaiting response", "warn"
    ACCEPTED = "accepted", "Accepted", "ok"
    DECLINED = "declined", "Declined", "bad"
    RELEASED = "released", "Released", "mute"
