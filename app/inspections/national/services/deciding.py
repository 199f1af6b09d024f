"""A person of the agency decides between what stands and what a national system says (R-6.2)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Date, exists, select

from app.audit.services import record
from app.db import Unit
from app.directories.targets import instead
from app.directories.targets.models import Target
from app.directories.targets.services.checking import note_checked
from app.inspections.national.intake.words import Words, words_of
from app.inspections.national.models import NationalConflict, NationalResult, NationalTask
from app.inspections.national.rules import (
    LONGEST_REASON,
    OUTCOME,
    Choose,
    ConflictState,
    ResultState,
    Subject,
    may_choose,
)
from app.jobs.services import enqueue
from app.kernel.errors import Fault, Invalid, NotFound, Refused
from app.regulation import implements
from app.security.rules import RoleName, may_act

DECIDERS = frozenset({RoleName.AGENCY_ADMIN, RoleName.CLERK})
JOB = "national.republish"


@implements("R-6.2")
def decide(unit: Unit, conflict_id: int, choice: Choose, reason: str) -> NationalConflict:
    """Take over what the system says, keep what stands, or let both stand; the reason is kept.

    What is taken over waits for review again; until then the public page stays as it is. The same decision twice
    changes nothing.

    :raises NotFound: not there, or not within the scope
    :raises Refused: decided otherwise before, out of date, not the actor's to decide, or no choice here
    """
    reason = _reason(reason)
    conflict = _locked(unit, conflict_id)
    may_act(unit.actor.roles, unit.actor.agency_id, DECIDERS, conflict.agency_id).require()
    if conflict.state == OUTCOME[choice]:
        return conflict
    if conflict.state != ConflictState.OPEN:
        raise Refused("national_decided")
    own = own_row(unit, conflict)
    may_choose(conflict.against, choice, own is not None).require()
    if choice is not Choose.KEEP:
        with unit.because(f"sync:{conflict.system.code}"):
            _apply(unit, conflict, choice, own)
    conflict.state, conflict.reason = OUTCOME[choice].value, reason
    conflict.decided_by, conflict.decided_at = unit.actor.user_id, unit.clock.now()
    unit.session.flush()
    data = {
        "subject": conflict.subject,
        "against": conflict.against,
        "decision": conflict.state,
        "reason": reason,
    }
    record(unit, "national.conflict_decided", f"national_conflict:{conflict.id}", data, conflict.agency_id)
    return conflict


def own_row(unit: Unit, conflict: NationalConflict) -> Any:
    """The row that the system has said before under this id."""
    model: Any = NationalTask if conflict.subject == Subject.TASK else NationalResult
    query = select(model).where(model.system_id == conflict.system_id, model.source_id == conflict.source_id)
    return unit.session.scalars(query.with_for_update(of=model)).one_or_none()


def _apply(unit: Unit, conflict: NationalConflict, choice: Choose, own: Any) -> None:
    said, words = _typed(conflict), words_of(unit, conflict.agency_id)
    if "target_id" in said:
        said["target_id"] = _standing(unit, said["target_id"])
    if conflict.subject == Subject.TASK:
        _change_task(unit, conflict, own, said)
    elif choice is Choose.TAKE and own is None:
        held = conflict.result
        assert held is not None, "another system's result stands against it"
        held.system_id, held.source_id = conflict.system_id, conflict.source_id
        _change_result(unit, conflict, held, said, words)
    elif own is not None:
        _change_result(unit, conflict, own, said, words)
    else:
        _add_result(unit, conflict, said, words)


def _change_task(unit: Unit, conflict: NationalConflict, task: NationalTask, said: dict[str, Any]) -> None:
    """Its results are published anew with what the task is called now."""
    for name, value in said.items():
        setattr(task, name, value)
    task.received_by, task.received_at = conflict.received_by, unit.clock.now()
    unit.session.flush()
    public = exists().where(
        NationalResult.task_id == task.id, NationalResult.state == ResultState.PUBLISHED.value
    )
    if unit.session.scalar(select(public)):
        key = f"{JOB}:{task.id}:{task.version}"
        enqueue(unit, JOB, key, {"task": task.id}, reason="public results of a task that has changed")


def _change_result(
    unit: Unit, conflict: NationalConflict, result: NationalResult, said: dict[str, Any], words: Words
) -> None:
    for name, value in said.items():
        setattr(result, name, value)
    result.state, result.remark = ResultState.RECEIVED.value, ""
    result.approved_by, result.approved_at = None, None
    _received(unit, conflict, result, words)


def _add_result(unit: Unit, conflict: NationalConflict, said: dict[str, Any], words: Words) -> None:
    result = NationalResult(
        system_id=conflict.system_id, source_id=conflict.source_id, agency_id=conflict.agency_id, **said
    )
    unit.session.add(result)
    _received(unit, conflict, result, words)


def _received(unit: Unit, conflict: NationalConflict, result: NationalResult, words: Words) -> None:
    result.received_by, result.received_at = conflict.received_by, unit.clock.now()
    result.publish_due_at = words.due_at(result.checked_on.isoformat())
    unit.session.flush()
    note_checked(unit, result.target_id, result.checked_on)


def _typed(conflict: NationalConflict) -> dict[str, Any]:
    """What the system said, as the columns take it."""
    model: Any = NationalTask if conflict.subject == Subject.TASK else NationalResult
    columns = model.__table__.c
    return {
        name: date.fromisoformat(value)
        if value is not None and isinstance(columns[name].type, Date)
        else value
        for name, value in conflict.said.items()
    }


def _standing(unit: Unit, target_id: int) -> int:
    """The target, or the one that it was merged into since.

    :raises Refused: it is gone
    """
    if unit.session.get(Target, target_id) is not None:
        return target_id
    for find in instead:
        found = find(unit.session, target_id)
        if found is not None:
            return found
    raise Refused("national_target_gone")


def _reason(reason: str) -> str:
    text = reason.strip()
    if not text:
        raise Invalid(faults=[Fault("reason", "reason_missing", value="")])
    if len(text) > LONGEST_REASON:
        raise Invalid(faults=[Fault("reason", "too_long", value="", most=LONGEST_REASON, found=len(text))])
    return text


def _locked(unit: Unit, conflict_id: int) -> NationalConflict:
    query = select(NationalConflict).where(NationalConflict.id == conflict_id)
    found = unit.session.scalars(
        query.with_for_update(of=NationalConflict).execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise NotFound("not_in_scope", kind="national_conflict")
    return found
