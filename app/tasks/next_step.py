"""What is to be done next on a task, who must do it, and by when."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.db import Actor
from app.regulation.calendar import WorkCalendar
from app.security.rules import RoleName
from app.tasks.models import Participant, Task
from app.tasks.places import NextAction, next_actions
from app.tasks.queries import own_part
from app.tasks.rules import ResponseState, TaskState, may_release


def next_step(
    session: Session, task: Task, actor: Actor, now: datetime, calendar: WorkCalendar
) -> NextAction | None:
    """None when nothing is left to do."""
    if task.state == TaskState.DRAFT:
        return _push(task, actor)
    if task.state == TaskState.PUSHED:
        return _answer(task, actor) or _release(task, actor, now, calendar) or _wait(task)
    for ask in next_actions:
        found = ask(session, task, actor)
        if found is not None:
            return found
    return _rest(task)


def is_clerk_of(actor: Actor, agency_id: int) -> bool:
    return actor.agency_id == agency_id and RoleName.CLERK in actor.roles


def _push(task: Task, actor: Actor) -> NextAction:
    text = _(
        "To be done by a clerk of %(agency)s. Every participant is then asked to respond.",
        agency=task.initiator.name,
    )
    if is_clerk_of(actor, task.initiator_id):
        return NextAction(
            _("push the task"), text, f"/tasks/{task.id}/push", _("Push the task"), rule="R-21.1"
        )
    return NextAction(_("push the task"), text, rule="R-21.1")


def _answer(task: Task, actor: Actor) -> NextAction | None:
    part = own_part(task, actor.agency_id)
    if part is None or part.state != ResponseState.PENDING:
        return None
    text = _(
        "To be done by a clerk of %(agency)s: confirm items and scheme, or decline.", agency=part.agency.name
    )
    if is_clerk_of(actor, part.agency_id):
        url = f"/tasks/{task.id}/respond"
        return NextAction(
            _("respond to the task"), text, url, _("Respond to the task"), part.due_at, "R-23.1"
        )
    return NextAction(_("respond to the task"), text, due_at=part.due_at, rule="R-23.1")


def _release(task: Task, actor: Actor, now: datetime, calendar: WorkCalendar) -> NextAction | None:
    free = [p for p in task.participants if may_release(p.state, p.due_at, now, calendar)]
    if not free:
        return None
    title = _("release %(agency)s", agency=free[0].agency.name)
    text = _(
        "To be decided by a clerk of %(agency)s. Without the release the task cannot go on.",
        agency=task.initiator.name,
    )
    if is_clerk_of(actor, task.initiator_id):
        return NextAction(
            title, text, f"/tasks/{task.id}/release/{free[0].id}", _("Release the agency"), rule="R-23.1"
        )
    return NextAction(title, text, rule="R-23.1")


def _wait(task: Task) -> NextAction:
    open_ones: list[Participant] = [p for p in task.participants if p.state == ResponseState.PENDING]
    agencies = "、".join(p.agency.name for p in open_ones)
    due = min((p.due_at for p in open_ones if p.due_at), default=None)
    text = _("To be done by the clerks of %(agencies)s.", agencies=agencies)
    return NextAction(_("the participants respond"), text, due_at=due, rule="R-23.1")


def _rest(task: Task) -> NextAction | None:
    """States that a higher domain leads, where it has nothing of its own to say."""
    titles = {
        TaskState.READY: _("freeze the library and draw the targets"),
        TaskState.DRAWN: _("match the inspectors"),
        TaskState.MATCHED: _("begin the checks"),
        TaskState.CHECKING: _("finish the checks, review and publish the results"),
        TaskState.CLOSED: _("file the dossiers"),
    }
    title = titles.get(TaskState(task.state))
    if title is None:
        return None
    return NextAction(title, _("Responsible: %(agency)s.", agency=task.initiator.name), rule="R-21.1")
