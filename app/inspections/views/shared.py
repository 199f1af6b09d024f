"""What the pages of this domain share."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import abort, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.db import Actor
from app.directories.children.queries import MOST_SHOWN, of_target
from app.directories.permits.panel import standing_of
from app.directories.permits.services import PERMITS
from app.directories.premises.rules import PremisesStatus
from app.directories.premises.services import PREMISES
from app.inspections.models import CheckForm
from app.inspections.rules import FollowUpState, FormState, LineAnswer, ResultKind, may_read_form
from app.kernel.clock import SHANGHAI
from app.security.context import current_clock, current_scope, person

WORDS = {"states": FormState, "answers": LineAnswer, "kinds": ResultKind, "case_states": FollowUpState}


def actor() -> Actor:
    """The signed-in person of a guarded page."""
    who = person()
    assert who is not None
    return who.actor


def after_key() -> int:
    """The key behind which the asked page of a list begins."""
    text = request.args.get("after", "0")
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        abort(400)
    return int(text)


def is_readable(form: CheckForm) -> bool:
    scope = current_scope()
    return scope.everything or may_read_form(form.agency_id, form.state, scope.readable_agency_ids)


def watermark() -> str:
    now = current_clock().now().astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    return _("Printed by %(name)s on %(time)s", name=actor().label, time=now)


def whole(text: str | None) -> int | None:
    """A whole number of a hidden field, None for anything else."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) <= 15 else None


def as_text(value: Any) -> str:
    return "" if value is None else str(value)


def last_day(form: CheckForm) -> date | None:
    """The last day of the publication period in Asia/Shanghai, None before the submission."""
    if form.publish_due_at is None:
        return None
    return (form.publish_due_at - timedelta(seconds=1)).astimezone(SHANGHAI).date()


def held_by(session: Session, target_id: int) -> dict[str, Any]:
    """Permits of the target with how each stands today, and the premises it uses: what a visit has to know."""
    permits = of_target(session, PERMITS, target_id)[:MOST_SHOWN]
    places = of_target(session, PREMISES, target_id)[:MOST_SHOWN]
    return {
        "permits": [(permit, standing_of(permit)) for permit in permits],
        "premises": [place for place in places if place.status == PremisesStatus.USED],
    }
