"""What the workbench shows of this domain: visits, approvals, reviews, publication deadlines, follow-ups."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.db import Actor
from app.inspections import queries
from app.inspections.rules import FollowUpState, FormState
from app.kernel.clock import Clock, today
from app.notifications.due import MOST_LINES, DueLine, due_lines
from app.regulation.calendar import end_of_day
from app.security.rules import RoleName

SHOWN = 20


def lines(session: Session, actor: Actor, clock: Clock) -> list[DueLine]:
    """The lines of each role that the person holds."""
    if actor.agency_id is None:
        return []
    found: list[DueLine] = []
    if RoleName.INSPECTOR in actor.roles:
        found += _visits(session, actor)
    if RoleName.REVIEWER in actor.roles:
        found += _approvals(session, actor, clock)
        found += _reviews(session, actor, clock)
    if RoleName.CLERK in actor.roles:
        found += _publications(session, actor.agency_id, clock)
        found += _follow_ups(session, FollowUpState.OPEN, actor.agency_id, _("Handle"))
    if RoleName.REVIEWER in actor.roles:
        found += _follow_ups(session, FollowUpState.HANDLED, actor.agency_id, _("Close"))
    return found[:MOST_LINES]


def _visits(session: Session, actor: Actor) -> list[DueLine]:
    found = []
    for visit in queries.visits_mine(session, actor, open_only=True, limit=SHOWN).rows:
        form = next((f for f in visit.forms if f.agency_id == actor.agency_id), None)
        if form is None:
            continue
        returned = form.state == FormState.RETURNED
        title = _("Correct the check form: %(name)s") if returned else _("Visit: %(name)s")
        approved = visit.approved_at is not None
        found.append(
            DueLine(
                title=title % {"name": visit.target.name},
                detail=f"{form.no} · "
                + (
                    form.return_remark
                    if returned
                    else visit.task.name
                    if approved
                    else _("awaits its approval")
                ),
                url=f"/visits/forms/{form.id}" if approved else f"/visits/{visit.id}",
                action=_("Fill in") if approved else _("Open"),
                due_at=end_of_day(visit.task.period_to),
                rule="R-26.1",
            )
        )
    return found


def _approvals(session: Session, actor: Actor, clock: Clock) -> list[DueLine]:
    return [
        DueLine(
            title=_("Approve the inspections: %(name)s", name=task.name),
            detail=task.no,
            url=f"/visits/approval/{task.id}",
            action=_("Approve"),
            due_at=end_of_day(task.period_from),
            rule="N-4",
        )
        for task in queries.unapproved_tasks(session, actor, today(clock))
    ]


def _reviews(session: Session, actor: Actor, clock: Clock) -> list[DueLine]:
    return [
        DueLine(
            title=_("Review: %(name)s", name=form.visit.target.name),
            detail=f"{form.no} · {form.result.text if form.result else ''}",
            url=f"/reviews/{form.id}",
            action=_("Review"),
            due_at=form.publish_due_at,
            provisional=form.publish_due_provisional,
            rule="R-27.1",
        )
        for form in queries.forms_to_review(session, actor, today(clock), limit=SHOWN).rows
    ]


def _publications(session: Session, agency_id: int, clock: Clock) -> list[DueLine]:
    """Deadlines that still run; late ones are publicity's."""
    now = clock.now()
    return [
        DueLine(
            title=_("Publish the result: %(name)s", name=form.visit.target.name),
            detail=f"{form.no} · {_(FormState(form.state).label)}",
            url=f"/visits/{form.visit_id}",
            action=_("Open"),
            due_at=form.publish_due_at,
            provisional=form.publish_due_provisional,
            rule="R-27.1",
        )
        for form in queries.forms_to_publish(session, agency_id, limit=SHOWN)
        if form.publish_due_at is not None and form.publish_due_at > now
    ]


def _follow_ups(session: Session, state: FollowUpState, agency_id: int, action: str) -> list[DueLine]:
    page = queries.follow_ups(session, states=[state.value], agency_id=agency_id, limit=SHOWN)
    return [
        DueLine(
            title=_("Follow-up: %(name)s", name=case.target.name),
            detail=f"{case.no} · {_(FollowUpState(case.state).label)}",
            url=f"/follow-ups/{case.id}",
            action=action,
            due_at=end_of_day(case.due_on) if case.due_on else None,
            rule="R-28.1",
        )
        for case in page.rows
    ]


def register() -> None:
    due_lines.add(lines)
