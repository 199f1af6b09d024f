"""What the workbench shows of people: moves from outside that wait for an answer."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.db import Actor
from app.kernel.clock import Clock
from app.notifications.due import DueLine, due_lines
from app.people.area import KEEPERS
from app.people.models import MoveRequest
from app.people.rules import MoveState
from app.security.roles.queries import agencies_administered

MOST = 10


def lines(session: Session, actor: Actor, clock: Clock) -> list[DueLine]:
    """Nothing for those who keep no people; two queries for the others."""
    if not actor.roles & KEEPERS:
        return []
    asked = session.scalars(
        select(MoveRequest)
        .where(
            MoveRequest.state == MoveState.ASKED.value,
            MoveRequest.to_agency_id.in_(agencies_administered(session, actor)),
            MoveRequest.user_id != (actor.user_id or -1),
        )
        .options(
            joinedload(MoveRequest.user),
            joinedload(MoveRequest.from_agency),
            joinedload(MoveRequest.to_agency),
        )
        .order_by(MoveRequest.id)
        .limit(MOST)
    )
    return [
        DueLine(
            title=_(
                "%(name)s shall move to %(agency)s",
                name=move.user.get_full_name(),
                agency=move.to_agency.name,
            ),
            detail=_(
                "From %(agency)s; until you answer, everything stays as it is.", agency=move.from_agency.name
            ),
            url=f"/people/moves/{move.id}",
            action=_("Answer the request"),
            kind="move",
        )
        for move in asked
    ]


def register() -> None:
    due_lines.add(lines)
