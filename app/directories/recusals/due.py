"""What the workbench shows: declarations of targets that wait for an answer."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.db import Actor
from app.directories.recusals.models import RecusalRequest
from app.directories.recusals.rules import RequestState
from app.directories.recusals.services import KEEPERS
from app.kernel.clock import Clock
from app.notifications.due import DueLine, due_lines

SHOWN = 10


def lines(session: Session, actor: Actor, clock: Clock) -> list[DueLine]:
    if actor.agency_id is None or not actor.roles & KEEPERS:
        return []
    query = (
        select(RecusalRequest)
        .where(
            RecusalRequest.agency_id == actor.agency_id, RecusalRequest.state == RequestState.WAITING.value
        )
        .options(joinedload(RecusalRequest.inspector))
        .order_by(RecusalRequest.id)
        .limit(SHOWN)
    )
    return [
        DueLine(
            title=_("A target asks that %(name)s steps back", name=row.inspector.name),
            detail=row.visit_no,
            url=f"/recusals/requests/{row.id}",
            action=_("Answer"),
            rule="R-25.2",
        )
        for row in session.scalars(query)
    ]


def register() -> None:
    due_lines.add(lines)
