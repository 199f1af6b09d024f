"""What the archive says on the page of its task, and what it hears from the follow-ups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.archive import services
from app.archive.queries import dossiers_of_task
from app.archive.rules import may_build
from app.db import Actor, Unit
from app.inspections import after_follow_up
from app.inspections.models import FollowUp
from app.inspections.queries import settlement
from app.security.rules import RoleName
from app.security.scoping import unscoped
from app.tasks.models import Task
from app.tasks.places import NextAction, Panel, StepNote, next_actions, panels, step_notes
from app.tasks.rules import TaskState


def task_panel(session: Session, task: Task) -> Mapping[str, Any] | None:
    if not may_build(task.state):
        return None
    return {"rows": dossiers_of_task(session, task.id)}


def next_action(session: Session, task: Task, actor: Actor) -> NextAction | None:
    """Close what is settled; after the closing the dossiers are built."""
    mine = actor.agency_id == task.initiator_id and RoleName.CLERK in actor.roles
    if task.state == TaskState.CHECKING:
        with unscoped(session, "the forms of all agencies of a task within reach, counted"):
            settled = settlement(session, task.id).is_settled
        if not settled:
            return None
        text = _(
            "Every form is published or exempted. To be closed by a clerk of %(agency)s.",
            agency=task.initiator.name,
        )
        url, label = (f"/dossiers/close/{task.id}", _("Close the task")) if mine else ("", "")
        return NextAction(_("close the task"), text, url, label, rule="R-26.1")
    if task.state == TaskState.CLOSED:
        text = _(
            "The dossiers are being built. Should that take long, a clerk of %(agency)s can start it again.",
            agency=task.initiator.name,
        )
        url, label = (f"/dossiers/close/{task.id}", _("Dossiers")) if mine else ("", "")
        return NextAction(_("file the dossiers"), text, url, label, rule="R-29.1")
    return None


def notes(session: Session, task: Task) -> Mapping[str, StepNote]:
    if not may_build(task.state):
        return {}
    number = len(dossiers_of_task(session, task.id))
    return {"archive": StepNote((_("%(n)s dossiers", n=number),))} if number else {}


def follow_up_closed(unit: Unit, case: FollowUp) -> None:
    services.rebuild_later(unit, case.task_id)


_panel = Panel(_l("Dossiers"), "archive/task_panel.html", task_panel)


def register() -> None:
    panels.add(_panel, 90)
    next_actions.add(next_action, 90)
    step_notes.add(notes, 90)
    after_follow_up.add(follow_up_closed, 200)
