"""What tasks tell the libraries: those that draw from one and are not over."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.directories.libraries.models import Library
from app.directories.libraries.places import Use, library_uses
from app.directories.libraries.rules import LibrarySubject
from app.plans.models import PlanEntry
from app.security.scoping import scope_of, unscoped
from app.tasks.models import Task
from app.tasks.rules import TaskState

OVER = (TaskState.CLOSED.value, TaskState.ARCHIVED.value, TaskState.CANCELLED.value)
MOST = 20


def tasks_that_use(session: Session, library: Library, day: date) -> list[Use]:
    """Named by their rule; a joint library of inspectors by the joint item. Another agency's task is not named."""
    query = (
        select(Task.id, Task.no, Task.initiator_id)
        .where(Task.state.not_in(OVER))
        .order_by(Task.id)
        .limit(MOST)
    )
    if library.subject == LibrarySubject.INSPECTORS:
        query = query.join(PlanEntry, PlanEntry.id == Task.entry_id).where(
            PlanEntry.joint_item_id == library.joint_item_id
        )
    else:
        query = query.where(Task.rule.contains({"libraries": [str(library.id)]}))
    with unscoped(session, "whether any task uses a library"):
        rows = session.execute(query).all()
    readable = scope_of(session).readable_agency_ids
    return [
        Use(_("task %(no)s", no=no), f"/tasks/{task_id}")
        if initiator in readable
        else Use(_("a task of another agency"))
        for task_id, no, initiator in rows
    ]


def register() -> None:
    library_uses.add(tasks_that_use)
