"""States of plans and entries. Pure."""

from __future__ import annotations

from app.kernel.states import StateEnum


class PlanState(StateEnum):
    """Agency plan: draft, reported, returned, published. Joint plan: draft, submitted, returned, approved, published."""

    DRAFT = "draft", "Draft", "none"
    REPORTED = "reported", "Reported", "info"
    SUBMITTED = "submitted", "Submitted", "info"
    RETURNED = "returned", "Returned", "warn"
    APPROVED = "approved", "Approved", "info"
    PUBLISHED = "published", "Published", "ok"


class EntryState(StateEnum):
    DRAFT = "draft", "Draft", "none"
    PUBLISHED = "published", "Published", "ok"
    IN_PROGRESS = "in_progress", "In progress", "info"
    DONE = "done", "Done", "ok"
