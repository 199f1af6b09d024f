"""Release a participant, cancel a task: both with a reason."""

from __future__ import annotations

from app.audit.services import record
from app.db import Unit
from app.kernel.decisions import first_refusal
from app.kernel.errors import Invalid, NotFound
from app.plans.rules import EntryState
from app.plans.services import note_progress
from app.security.queries import work_calendar
from app.tasks.models import Participant, Task
from app.tasks.places import after_cancelled, cancel_checks
from app.tasks.rules import ResponseState, TaskState, is_overdue, may_move, may_release, text_faults
from app.tasks.services.announce import tell_cancelled, tell_released
from app.tasks.services.life import lock_task, move, only_initiator
from app.tasks.services.respond import settle


def release(unit: Unit, participant_id: int, reason: str) -> Participant:
    """Go on without a participant that declined, or was silent for two more working days.

    The office is told. With no participant left the task goes back to draft.

    :raises NotFound: when there is no such participant within reach
    :raises Refused: too early, or answered
    :raises Invalid: without a reason
    """
    found = unit.session.get(Participant, participant_id)
    if found is None:
        raise NotFound("not_in_scope", kind="participant")
    task = lock_task(unit.session, found.task_id)
    only_initiator(unit, task)
    part = next(p for p in task.participants if p.id == participant_id)
    reason = reason.strip()
    if part.state == ResponseState.RELEASED and part.release_reason == reason:
        return part
    now = unit.clock.now()
    may_release(part.state, part.due_at, now, work_calendar(unit.session)).require()
    _require_reason(reason)
    part.late = part.late or is_overdue(part.state, part.due_at, now)
    before, part.state, part.release_reason = str(part.state), ResponseState.RELEASED.value, reason
    data = {"no": task.no, "agency": part.agency.code, "was": before, **settle(task)}
    record(unit, "task.released", f"task:{task.id}", data, task.initiator_id)
    unit.session.flush()
    tell_released(unit, task, part)
    return part


def cancel_task(unit: Unit, task_id: int, reason: str) -> Task:
    """End a task before its draw. The reason is published; the plan entry is free for another task.

    :raises Refused: after the draw, or while a draw of it is under way
    :raises Invalid: without a reason
    """
    task = lock_task(unit.session, task_id)
    only_initiator(unit, task)
    reason = reason.strip()
    if task.state == TaskState.CANCELLED and task.cancel_reason == reason:
        return task
    checks = [check(unit.session, task) for check in cancel_checks]
    first_refusal(may_move(task.state, "cancel"), *checks).require()
    _require_reason(reason)
    task.cancel_reason = reason
    was_pushed = task.pushed_at is not None
    data = {"no": task.no, **move(task, "cancel")}
    if was_pushed:
        note_progress(unit, task.entry_id, EntryState.PUBLISHED)
    record(unit, "task.cancelled", f"task:{task.id}", data, task.initiator_id)
    unit.session.flush()
    if was_pushed:
        tell_cancelled(unit, task)
    for told in after_cancelled:
        told(unit, task)
    return task


def _require_reason(reason: str) -> None:
    faults = text_faults("reason", reason)
    if faults:
        raise Invalid("invalid", faults)
