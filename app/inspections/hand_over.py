"""Visits that an inspector has in hand: when the person leaves, the next in the drawn order takes over (R-25.2)."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import exists, select
from sqlalchemy.orm import Session, joinedload

from app.db import Unit
from app.directories.inspectors.models import Inspector
from app.draws.models import Draw, DrawnTarget
from app.draws.rules import DrawState
from app.inspections.models import CheckForm, Visit
from app.inspections.rules import FormState
from app.matching.models import Assignment
from app.matching.rules import LIVING
from app.matching.services import hand_over
from app.people.places import OpenWork, OpenWorkProvider, Successor
from app.security.models import Account

MOST = 100
_ENTERED = [state.value for state in FormState if not state.is_open_for_entry]


def work(session: Session, account: Account, agency_id: int) -> list[OpenWork]:
    """Assignments of the person at the agency whose check form has no result yet."""
    done = exists(
        select(CheckForm.id)
        .join(Visit, Visit.id == CheckForm.visit_id)
        .where(
            Visit.drawn_target_id == Assignment.drawn_target_id,
            CheckForm.agency_id == Assignment.agency_id,
            CheckForm.state.in_(_ENTERED),
        )
        .correlate(Assignment)
    )
    query = (
        select(Assignment)
        .join(Inspector, Inspector.id == Assignment.inspector_id)
        .join(Draw, Draw.id == Assignment.draw_id)
        .where(
            Inspector.user_id == account.id,
            Assignment.agency_id == agency_id,
            Assignment.state.in_(LIVING),
            Draw.state != DrawState.VOID.value,
            ~done,
        )
        .options(
            joinedload(Assignment.drawn_target).joinedload(DrawnTarget.target),
            joinedload(Assignment.draw).joinedload(Draw.task),
        )
        .order_by(Assignment.id)
        .limit(MOST)
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
        for row in session.scalars(query)
    ]


def give(unit: Unit, key: str, to: Account | None, reason: str) -> None:
    hand_over(unit, int(key), reason)


KIND = "visit"
PROVIDER = OpenWorkProvider(KIND, work, give)
