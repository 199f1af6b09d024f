"""Numbers that a named witness owes: bound to the person by the frozen plan, nobody else can give them (R-24.1)."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.db import Unit
from app.draws.models import Contribution, Draw
from app.draws.rules import DrawState
from app.kernel.errors import Refused
from app.people.places import OpenWork, OpenWorkProvider, Successor
from app.security.models import Account

MOST = 100
WAITING = (DrawState.FROZEN.value, DrawState.COMMITTING.value, DrawState.REVEALING.value)


def work(session: Session, account: Account, agency_id: int) -> list[OpenWork]:
    """Draws that wait for a number of the person as a named witness of the agency."""
    query = (
        select(Contribution)
        .join(Draw, Draw.id == Contribution.draw_id)
        .where(
            Contribution.user_id == account.id,
            Contribution.agency_id == agency_id,
            Contribution.value.is_(None),
            Draw.state.in_(WAITING),
        )
        .options(joinedload(Contribution.draw).joinedload(Draw.task))
        .order_by(Contribution.id)
        .limit(MOST)
    )
    return [
        OpenWork(
            kind=KIND,
            key=str(row.id),
            label=_("Number for draw %(no)s", no=row.draw.draw_no),
            link=f"/draws/{row.draw.draw_no}/",
            successor=Successor.NOBODY,
            note=_("Only this witness can give it. Wait for it, or have the draw declared void."),
        )
        for row in session.scalars(query)
    ]


def give(unit: Unit, key: str, to: Account | None, reason: str) -> None:
    """:raises Refused: always; the frozen plan names the witness"""
    raise Refused("draw_not_your_contribution", witness=key)


KIND = "contribution"
PROVIDER = OpenWorkProvider(KIND, work, give)
