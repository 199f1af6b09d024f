"""The link "history" on the page of a record, for those who may read events."""

from __future__ import annotations

from flask import current_app, url_for


def history_url(subject: str) -> str:
    """Template global: where the history of `task:12` stands; empty for whoever may not read events."""
    if not current_app.appbuilder.sm.has_access("can_list", "EventsView"):
        return ""
    return url_for("EventsView.record", subject=subject)
