"""How a task moves from state to state, and what higher domains tell it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.services import record
from app.db import Actor, Unit
from app.kernel.errors import NotFound
from app.plans.rules import EntryState
from app.plans.services import note_progress
from app.security.rules import RoleName, may_act
from app.security.scoping import unscoped
from app.tasks.models import Participant, Task
from app.tasks.rules import TRANSITIONS, TaskState, may_move

CLERKS = frozenset({RoleName.CLERK})


def lock_task(session: Session, task_id: int) -> Task:
    """The task as it is now, held until the end of the unit; its participants and items are read anew.

    :raises NotFound: when it is not there, or not within reach
    """
    # Locked first and then read: a row that another process has changed since this unit read it is no fault.
    session.execute(select(Task.id).where(Task.id == task_id).with_for_update())
    task = session.get(Task, task_id, populate_existing=True)
    if task is None:
        raise NotFound("not_in_scope", kind="task")
    fresh = select(Participant).where(Participant.task_id == task_id)
    session.scalars(fresh.execution_options(populate_existing=True)).all()
    session.expire(task, ["participants", "items"])
    return task


def only_initiator(unit: Unit, task: Task) -> None:
    """:raises Refused: unless a clerk of the initiating agency acts"""
    may_act(unit.actor.roles, unit.actor.agency_id, CLERKS, task.initiator_id).require()


def move(task: Task, verb: str) -> dict[str, Any]:
    """Take the step, and say from where to where.

    :raises Refused: when the step does not follow on the state
    """
    may_move(task.state, verb).require()
    before = task.state
    task.state = TRANSITIONS[verb].end.value
    return {"from": str(before), "to": task.state}


def _note(unit: Unit, task_id: int, verb: str, tag: str, already: frozenset[str] = frozenset()) -> Task:
    """A fact of a higher domain, which has checked who may bring it about."""
    with unscoped(unit.session, f"{tag}, told by a higher domain"):
        task = lock_task(unit.session, task_id)
        if task.state in already:
            return task
        data = move(task, verb)
        if verb == "close":
            task.closed_at = unit.clock.now()
            as_task = replace(unit, actor=Actor.system("task"))
            note_progress(as_task, task.entry_id, EntryState.DONE)
        record(unit, tag, f"task:{task.id}", {"no": task.no, **data}, task.initiator_id)
        unit.session.flush()
    return task


def note_drawn(unit: Unit, task_id: int) -> Task:
    """ready → drawn. :raises Refused: from any other state"""
    return _note(unit, task_id, "draw", "task.drawn")


def note_draw_void(unit: Unit, task_id: int) -> Task:
    """drawn, matched → ready: the task is drawn again. Void before it was drawn: nothing changes."""
    return _note(unit, task_id, "void_draw", "task.draw_void", frozenset({TaskState.READY}))


def note_matched(unit: Unit, task_id: int) -> Task:
    """drawn → matched. :raises Refused: from any other state"""
    return _note(unit, task_id, "match", "task.matched")


def note_checking(unit: Unit, task_id: int) -> Task:
    """matched → checking, with the first visit; the further ones change nothing."""
    return _note(unit, task_id, "check", "task.checking", frozenset({TaskState.CHECKING}))


def note_closed(unit: Unit, task_id: int) -> Task:
    """checking → closed, when every form is published or exempted; the plan entry is done."""
    return _note(unit, task_id, "close", "task.closed")


def note_archived(unit: Unit, task_id: int) -> Task:
    """closed → archived; a later edition of a dossier changes nothing."""
    return _note(unit, task_id, "archive", "task.archived", frozenset({TaskState.ARCHIVED}))
