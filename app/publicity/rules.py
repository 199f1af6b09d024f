"""States of publications. Pure."""

from __future__ import annotations

from app.kernel.states import StateEnum


class PublicationState(StateEnum):
    DUE = "due", "Due", "warn"
    QUEUED = "queued", "Queued", "info"
    DELIVERED = "delivered", "Delivered", "ok"
    FAILED = "failed", "Failed", "bad"
    WITHDRAWN = "withdrawn", "Withdrawn", "mute"
