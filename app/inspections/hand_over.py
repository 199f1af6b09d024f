"""Visits that an inspector has in hand: when the person leaves, the next in the drawn order takes over (R-25.2)."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from app.db import Unit
from app.directories.inspectors.models import Inspector
from app.inspections.of_inspectors import open_assignments
from app.matching.models import Assignment
from app.matching.services import hand_over
from app.people.places import OpenWork, OpenWorkProvider, Successor
from app.security.models import Account


def work(session: Session, account: Account, agency_id: int) -> list[OpenWork]:
    """Assignments of the person at the agency whose check form has no result yet."""
    person = Inspector.__table__.c
    whose = and_(
        Assignment.inspector_id.in_(select(person.id).where(person.user_id == account.id)),
        Assignment.agency_id == agency_id,
    )
    return [
        OpenWork(
            kind=KIND,
            key=str(row.id),
            label=_("Visit: %(name)s", name=row.drawn_target.target.name),
            link=f"/tasks/{row.task_id}",
            successor=Successor.BY_ORDER,
            note=row.draw.task.name,
        )
        for row in session.scalars(open_assignments(whose))
    ]


def give(unit: Unit, key: str, to: Account | None, reason: str) -> None:
    hand_over(unit, int(key), reason)


KIND = "visit"
PROVIDER = OpenWorkProvider(KIND, work, give)
