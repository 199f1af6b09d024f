"""States of check forms and follow-ups. Pure."""

from __future__ import annotations

from app.kernel.states import StateEnum


class FormState(StateEnum):
    NOT_STARTED = "not_started", "Not started", "none"
    SAVED = "saved", "Saved", "info"
    SUBMITTED = "submitted", "Submitted", "info"
    RETURNED = "returned", "Returned", "warn"
    APPROVED = "approved", "Approved", "info"
    PUBLISHED = "published", "Published", "ok"
    EXEMPT = "exempt", "Exempt from publication", "mute"


class FollowUpState(StateEnum):
    OPEN = "open", "Open", "warn"
    HANDLED = "handled", "Handled", "info"
    CLOSED = "closed", "Closed", "ok"
