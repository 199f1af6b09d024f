"""Publications that are due, late or have failed: rows ahead of the approval, and lines on the workbench."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.db import Actor, Unit
from app.inspections.models import CheckForm
from app.inspections.rules import FormState
from app.kernel.clock import Clock
from app.notifications.due import DueLine, due_lines
from app.publicity.models import Publication
from app.publicity.queries import waiting_publications
from app.publicity.rules import PublicationState, PublicKind, is_late
from app.publicity.services import CLERKS, PORTAL

AT_ONCE = 1000
MOST_LINES = 20


def note_due(unit: Unit) -> int:
    """A row for every submitted result whose period runs (R-27.1); gives how many are new."""
    form, publication = CheckForm.__table__, Publication.__table__
    exempted = select(form.c.no).where(form.c.state == FormState.EXEMPT.value)
    unit.session.execute(
        delete(publication).where(
            publication.c.kind == PublicKind.RESULT.value,
            publication.c.state == PublicationState.DUE.value,
            publication.c.subject_key.in_(exempted),
        )
    )
    known = select(publication.c.id).where(
        publication.c.kind == PublicKind.RESULT.value, publication.c.subject_key == form.c.no
    )
    query = (
        select(form.c.no, form.c.id, form.c.agency_id, form.c.publish_due_at)
        .where(form.c.state == FormState.SUBMITTED.value, form.c.publish_due_at.is_not(None), ~known.exists())
        .order_by(form.c.id)
        .limit(AT_ONCE)
    )
    rows = [
        {
            "kind": PublicKind.RESULT.value,
            "subject_key": row.no,
            "subject_id": row.id,
            "channel": PORTAL,
            "agency_id": row.agency_id,
            "state": PublicationState.DUE.value,
            "due_at": row.publish_due_at,
            "revision": 0,
            "attempts": 0,
            "error": "",
            "withdraw_reason": "",
        }
        for row in unit.session.execute(query)
    ]
    if rows:
        unit.session.execute(insert(publication).values(rows).on_conflict_do_nothing())
    return len(rows)


def lines(session: Session, actor: Actor, clock: Clock) -> list[DueLine]:
    """What stands in the way of publication: failed ones, and those that are late."""
    if actor.agency_id is None or not actor.roles & CLERKS:
        return []
    now, found = clock.now(), []
    for row in waiting_publications(session, actor.agency_id, MOST_LINES):
        failed = row.state == PublicationState.FAILED
        if not failed and not is_late(row.state, row.due_at, now):
            continue
        key = row.subject_key
        title = (
            _("Publication failed: %(key)s", key=key)
            if failed
            else _("Publication is late: %(key)s", key=key)
        )
        found.append(
            DueLine(
                title=title,
                detail=row.error or str(_(PublicKind(row.kind).label)),
                url=f"/publications/{row.id}",
                action=_("Look into it"),
                due_at=row.due_at,
                rule="R-27.1" if row.kind == PublicKind.RESULT else None,
                kind="failed" if failed else "due",
            )
        )
    return found


def register() -> None:
    due_lines.add(lines)
