"""What the workbench shows of tasks: answers to give, drafts to push, decisions to take, overdue answers."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.db import Actor
from app.kernel.clock import Clock
from app.notifications.due import MOST_LINES, DueLine, due_lines
from app.security.rules import RoleName
from app.tasks import queries
from app.tasks.rules import ResponseState


def lines(session: Session, actor: Actor, clock: Clock) -> list[DueLine]:
    """At most three queries for a clerk, two for an office."""
    if actor.agency_id is None:
        return []
    found: list[DueLine] = []
    if RoleName.CLERK in actor.roles:
        found += _responses(session, actor.agency_id)
        found += _releases(session, actor.agency_id, clock)
        found += _drafts(session, actor.agency_id)
    if RoleName.OFFICE_ADMIN in actor.roles:
        found += _overdue(session, clock)
    return found[:MOST_LINES]


def _responses(session: Session, agency_id: int) -> list[DueLine]:
    return [
        DueLine(
            title=_("Respond to task: %(name)s", name=part.task.name),
            detail=_("%(no)s · pushed by %(agency)s", no=part.task.no, agency=part.task.initiator.name),
            url=f"/tasks/{part.task_id}/respond",
            action=_("Respond to the task"),
            due_at=part.due_at,
            provisional=part.due_provisional,
            rule="R-23.1",
        )
        for part in queries.responses_to_give(session, agency_id, MOST_LINES)
    ]


def _releases(session: Session, agency_id: int, clock: Clock) -> list[DueLine]:
    return [
        DueLine(
            title=_("Decide about %(agency)s: %(name)s", agency=part.agency.name, name=part.task.name),
            detail=part.task.no
            + " · "
            + (_("has declined") if part.state == ResponseState.DECLINED else _("has not responded")),
            url=f"/tasks/{part.task_id}/release/{part.id}",
            action=_("Release the agency"),
            rule="R-23.1",
        )
        for part in queries.to_release(session, agency_id, clock.now(), MOST_LINES)
    ]


def _drafts(session: Session, agency_id: int) -> list[DueLine]:
    return [
        DueLine(
            title=_("Push task: %(name)s", name=task.name),
            detail=task.no,
            url=f"/tasks/{task.id}",
            action=_("Open the task"),
            rule="R-21.1",
        )
        for task in queries.drafts(session, agency_id, MOST_LINES)
    ]


def _overdue(session: Session, clock: Clock) -> list[DueLine]:
    """One line with their number; the list is one click away."""
    now = clock.now()
    first = queries.overdue_responses(session, now=now, open_only=True, limit=1)
    if not first:
        return []
    number = queries.count_overdue(session, now)
    return [
        DueLine(
            title=_("Overdue responses: %(n)s", n=number),
            detail=_("the oldest: %(agency)s, %(no)s", agency=first[0].agency.name, no=first[0].task.no),
            url="/overdue/",
            action=_("See the list"),
            due_at=first[0].due_at,
            rule="R-23.2",
        )
    ]


def register() -> None:
    due_lines.add(lines)
