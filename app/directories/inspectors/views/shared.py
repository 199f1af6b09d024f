"""What the pages of inspectors and experts share."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app, url_for
from flask_babel import lazy_gettext as _l

from app.directories.inspectors.models import Expert, Inspector
from app.directories.inspectors.rules import eligibility
from app.kernel.clock import today
from app.kernel.decisions import Refusal
from app.kernel.errors import Refused
from app.security.context import current_clock, person
from app.security.explain import explain
from app.security.protection.rules import Kind
from app.security.protection.subjects import Subject
from app.security.rules import BUSINESS, RoleName

READERS = BUSINESS - {RoleName.AUDITOR}
SOON = timedelta(days=60)
SUBJECT = Subject(
    "inspector",
    Inspector,
    {"phone": (Kind.PHONE, _l("Telephone"))},
    lambda inspector_id: url_for("InspectorView.show", inspector_id=inspector_id),
    ("can_show", "InspectorView"),
)
EXPERT = Subject(
    "expert",
    Expert,
    {"phone": (Kind.PHONE, _l("Telephone"))},
    lambda expert_id: url_for("ExpertView.show", pk=expert_id),
    ("can_show", "ExpertView"),
)


def standing_of(inspector: Inspector) -> str:
    """Why the inspector could not check on site today; empty when nothing stands against it."""
    day = today(current_clock())
    decision = eligibility(inspector, inspector.leaves, day, day, on_site=True)
    return explain(Refused(decision.code, **decision.facts)) if isinstance(decision, Refusal) else ""


def may_keep() -> bool:
    return bool(current_app.appbuilder.sm.has_access("can_keep", "InspectorView"))


def is_kept_here(inspector: Inspector) -> bool:
    """Whether the inspector is one of the agency for which the person acts."""
    who = person()
    return who is not None and who.actor.agency_id == inspector.agency_id
