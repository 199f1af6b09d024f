"""Verbs of visits, check forms and follow-ups; none commits."""

from app.inspections.services.filling import save_form, submit_form
from app.inspections.services.follow_ups import close_follow_up, handle_follow_up, open_follow_up
from app.inspections.services.reviewing import (
    approve_form,
    ask_exemption,
    deny_exemption,
    exempt_form,
    note_published,
    return_form,
)
from app.inspections.services.visits import approve_visits, notice_token, record_entry, set_up_visits

__all__ = [
    "approve_form",
    "approve_visits",
    "close_follow_up",
    "ask_exemption",
    "deny_exemption",
    "exempt_form",
    "handle_follow_up",
    "note_published",
    "notice_token",
    "open_follow_up",
    "record_entry",
    "return_form",
    "save_form",
    "set_up_visits",
    "submit_form",
]
