"""The answer of a participating agency (R-23.1, R-23.2)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l

from app.audit.services import record
from app.db import Unit
from app.kernel.errors import Invalid, NotFound, Refused
from app.security.rules import may_act
from app.tasks.models import Participant, ResponseLink, Task
from app.tasks.queries import active_agencies, own_part, response_link
from app.tasks.rules import (
    ResponseState,
    TaskState,
    may_answer,
    may_respond,
    may_state_reason,
    outcome,
    text_faults,
)
from app.tasks.services.announce import tell_initiator
from app.tasks.services.life import CLERKS, lock_task, move


def accept(unit: Unit, task_id: int, item_ids: Iterable[int]) -> Participant:
    """Confirm the scheme and the own items; those left out are no longer part of the task.

    The same answer a second time, by the same person, changes nothing.

    :raises NotFound: when the agency does not take part
    :raises Refused: answered already, released, no item, an item of another agency
    """
    task, part = _own_part(unit, task_id)
    chosen = set(item_ids)
    own = [row for row in task.items if row.agency_id == part.agency_id]
    offered = {row.item_id for row in own}
    if part.state == ResponseState.ACCEPTED and part.responded_by == unit.actor.code and chosen == offered:
        return part
    may_respond(task.state, part.state, chosen, offered).require()
    for row in own:
        if row.item_id not in chosen:
            task.items.remove(row)
    _answer(unit, part, ResponseState.ACCEPTED)
    data = {"items": sorted(chosen), "left_out": sorted(offered - chosen), **settle(task)}
    _record(unit, task, part, "task.accepted", data)
    tell_initiator(unit, task, part, _l("takes part"), _l(TaskState(task.state).label))
    return part


def decline(unit: Unit, task_id: int, reason: str) -> Participant:
    """Not take part, with a reason; it is for the initiator to release the agency.

    :raises Invalid: without a reason
    """
    task, part = _own_part(unit, task_id)
    reason = reason.strip()
    if (
        part.state == ResponseState.DECLINED
        and part.responded_by == unit.actor.code
        and part.reason == reason
    ):
        return part
    may_answer(task.state, part.state).require()
    _require_text("reason", reason)
    part.reason = reason
    _answer(unit, part, ResponseState.DECLINED)
    _record(unit, task, part, "task.declined", {})
    tell_initiator(unit, task, part, _l("does not take part"), _l(TaskState(task.state).label))
    return part


def state_overdue_reason(unit: Unit, task_id: int, reason: str) -> Participant:
    """Why the answer is, or came, late. It can be put in other words; the row history keeps all.

    :raises Refused: when the answer is not late
    """
    task, part = _own_part(unit, task_id)
    reason = reason.strip()
    may_state_reason(part.state, part.late, part.due_at, unit.clock.now()).require()
    _require_text("reason", reason)
    if part.overdue_reason == reason:
        return part
    part.overdue_reason = reason
    _record(unit, task, part, "task.overdue_reason_stated", {})
    return part


def use_link(unit: Unit, token: str) -> ResponseLink:
    """Spend the link of a mail: once, by the person it was sent to, before the task is drawn.

    :raises NotFound, Refused: as `queries.response_link` says
    """
    link = response_link(unit.session, unit.actor, token)
    unit.session.refresh(link, ["used_at"], with_for_update=True)
    if link.used_at is not None:
        raise Refused("link_used", no=link.participant.task.no)
    link.used_at = unit.clock.now()
    return link


def settle(task: Task) -> dict[str, Any]:
    """Once everybody has answered or was released: ready, or back to draft with one agency left.

    A ready task holds the items of those who take part; back in draft it keeps all, to be pushed again.
    """
    verb = outcome([p.state for p in task.participants])
    if verb is None:
        return {}
    if verb == "make_ready":
        active = {agency.id for agency in active_agencies(task)}
        for row in [row for row in task.items if row.agency_id not in active]:
            task.items.remove(row)
    return move(task, verb)


def _own_part(unit: Unit, task_id: int) -> tuple[Task, Participant]:
    task = lock_task(unit.session, task_id)
    part = own_part(task, unit.actor.agency_id)
    if part is None:
        raise NotFound("not_in_scope", kind="participant")
    may_act(unit.actor.roles, unit.actor.agency_id, CLERKS, part.agency_id).require()
    return task, part


def _answer(unit: Unit, part: Participant, state: ResponseState) -> None:
    now = unit.clock.now()
    part.state = state.value
    part.responded_at, part.responded_by = now, unit.actor.code
    part.late = part.due_at is not None and now >= part.due_at


def _record(unit: Unit, task: Task, part: Participant, tag: str, data: dict[str, Any]) -> None:
    facts = {"no": task.no, "agency": part.agency.code, "late": part.late, **data}
    record(unit, tag, f"task:{task.id}", facts, part.agency_id)
    unit.session.flush()


def _require_text(field: str, text: str) -> None:
    faults = text_faults(field, text)
    if faults:
        raise Invalid("invalid", faults)
