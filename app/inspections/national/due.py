"""Lines of the workbench: results that wait for review, rows that wait for a decision."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.db import Actor
from app.inspections.national import queries
from app.inspections.national.services.deciding import DECIDERS
from app.kernel.clock import Clock
from app.notifications.due import DueLine, due_lines
from app.security.rules import RoleName


def lines(session: Session, actor: Actor, clock: Clock) -> list[DueLine]:
    if actor.agency_id is None:
        return []
    found = []
    if RoleName.REVIEWER in actor.roles:
        number, due_at = queries.waiting_results(session, actor.agency_id)
        if number:
            found.append(
                DueLine(
                    title=_("Results of national systems wait for your review"),
                    detail=_(
                        "%(n)s results; each is to be public within 20 working days.", n=_number(number)
                    ),
                    url="/national/results/?state=received",
                    action=_("Review"),
                    due_at=due_at,
                    rule="R-27.1",
                )
            )
    if actor.roles & DECIDERS:
        number = queries.count_open(session, actor.agency_id)
        if number:
            found.append(
                DueLine(
                    title=_("National systems contradict what stands"),
                    detail=_("%(n)s rows wait for a decision.", n=_number(number)),
                    url="/national/contradictions/?state=open",
                    action=_("Decide"),
                    rule="R-6.2",
                )
            )
    return found


def _number(number: int) -> str:
    return f"{number}+" if number >= queries.COUNTED_UP_TO else str(number)


def register() -> None:
    due_lines.add(lines)
