"""Push a task to its participants, and remind the silent ones once (R-23.1)."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.audit.services import record
from app.db import Unit
from app.kernel.errors import Stale
from app.plans.rules import EntryState
from app.plans.services import note_progress
from app.security.queries import work_calendar
from app.tasks.models import Participant, Task
from app.tasks.queries import item_counts
from app.tasks.rules import (
    REMINDER_AHEAD,
    ResponseState,
    TaskState,
    may_push,
    response_deadline,
    scheme_faults,
)
from app.tasks.services.announce import ask_for_response
from app.tasks.services.create import items_in_force, load_items, scheme_of, window_of
from app.tasks.services.life import lock_task, move, only_initiator

REMINDED_AT_ONCE = 200


def push_task(unit: Unit, task_id: int, version: int | None = None) -> Task:
    """draft → pushed: every participant is asked, with a deadline. A second push changes nothing.

    :param version: the version that the person saw, where one was shown
    :raises Stale: when somebody changed the draft meanwhile
    :raises Refused: scheme not whole, fewer than two agencies (R-2.1), an item not published (N-1)
    """
    task = lock_task(unit.session, task_id)
    only_initiator(unit, task)
    if task.state == TaskState.PUSHED:
        return task
    if version is not None and version != task.version:
        raise Stale("stale", changes=[])
    faults = scheme_faults(scheme_of(task), window_of(unit, task.entry))
    may_push(task.state, task.initiator_id, item_counts(task), faults).require()
    items = load_items(unit, {row.item_id for row in task.items})
    items_in_force(items, task.entry.plan.year).require()
    now = unit.clock.now()
    deadline = response_deadline(now, work_calendar(unit.session))
    for participant in task.participants:
        _ask_anew(participant)
        participant.due_at, participant.due_provisional = deadline.due_at, deadline.provisional
    task.pushed_at = now
    data = move(task, "push")
    note_progress(unit, task.entry_id, EntryState.IN_PROGRESS)
    unit.session.flush()
    told = {p.agency.code: ask_for_response(unit, task, p, "task.pushed") for p in task.participants}
    data.update(no=task.no, due_at=deadline.due_at.isoformat(), provisional=deadline.provisional, told=told)
    record(unit, "task.pushed", f"task:{task.id}", data, task.initiator_id)
    unit.session.flush()
    return task


def _ask_anew(participant: Participant) -> None:
    """A task that fell back to draft asks everybody again; what was answered before stays in the log."""
    participant.state = ResponseState.PENDING.value
    participant.responded_at = participant.responded_by = participant.reminded_at = None
    participant.reason = participant.release_reason = participant.overdue_reason = ""
    participant.late = False


def remind(unit: Unit) -> int:
    """The one reminder of every answer that is still missing on its last day; how many participants got it.

    It leaves at 9:00 of the last day, or with the next run after that. Runs as the system, every minute.
    """
    now = unit.clock.now()
    query = (
        select(Participant)
        .join(Task, Task.id == Participant.task_id)
        .where(
            Participant.state == ResponseState.PENDING,
            Participant.reminded_at.is_(None),
            Participant.due_at <= now + REMINDER_AHEAD,
            Task.state == TaskState.PUSHED,
        )
        .options(joinedload(Participant.task).joinedload(Task.initiator), joinedload(Participant.agency))
        .order_by(Participant.due_at, Participant.id)
        .limit(REMINDED_AT_ONCE)
        .with_for_update(of=Participant, skip_locked=True)
    )
    found = list(unit.session.scalars(query.execution_options(populate_existing=True)))
    for participant in found:
        task = participant.task
        told = ask_for_response(unit, task, participant, "task.reminder")
        participant.reminded_at = now
        data = {"no": task.no, "agency": participant.agency.code, "told": told}
        record(unit, "task.reminded", f"task:{task.id}", data, participant.agency_id)
    unit.session.flush()
    return len(found)
