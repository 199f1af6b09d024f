"""Set visits up, approve them, and note who entered when."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from app.audit.services import record
from app.db import Unit
from app.directories.inspectors.models import Inspector
from app.draws.models import Draw, DrawnTarget
from app.inspections.models import CheckForm, Visit
from app.inspections.queries import joint_group
from app.inspections.rules import (
    forms_wanted,
    lines_of_items,
    may_fill,
    may_record_times,
    may_start,
    visit_token,
)
from app.inspections.services.common import CLERKS, require_reviewer_of, tell_reviewers
from app.item_lists.models import Item
from app.kernel.clock import today
from app.kernel.errors import NotFound, Refused
from app.matching.models import Assignment
from app.matching.rules import AssignmentState
from app.notifications.services import notify
from app.security.models import Account
from app.security.rules import may_act, may_approve
from app.security.scoping import unscoped
from app.tasks.models import Task, TaskItem
from app.tasks.queries import active_agencies, get_task

CHUNK = 500


def notice_token(visit_no: str) -> str:
    """The token on the notice of a visit; only its digest is stored."""
    return visit_token(current_app.extensions["settings"].secret_key, visit_no)


def set_up_visits(unit: Unit, draw_id: int) -> list[Visit]:
    """One visit per living target of the draw, one form per agency that carries the task out (R-26.1).

    May run again: a replacement target gets its visit, what stands stays. Gives the new visits.

    :raises NotFound: when the draw is not within reach
    :raises Refused: unless a clerk of one of the agencies, or the system, acts
    """
    session = unit.session
    draw = session.get(Draw, draw_id)
    if draw is None:
        raise NotFound("not_in_scope", kind="draw")
    task = get_task(session, draw.task_id)
    if not unit.scope.everything:
        may_act(unit.actor.roles, unit.actor.agency_id, CLERKS, None).require()
        if unit.actor.agency_id not in {a.id for a in active_agencies(task)}:
            raise Refused("other_agency")
    with unscoped(session, "the forms of all agencies of a visit, set up by one"):
        session.execute(select(Task.id).where(Task.id == task.id).with_for_update())
        lines = _lines_by_agency(unit, task)
        made = list(_make_visits(unit, task, draw, lines))
        session.flush()
        approver = task.initiator
        if made:
            record(
                unit,
                "visits.set_up",
                f"task:{task.id}",
                {"task": task.no, "visits": len(made)},
                task.initiator_id,
            )
            context = {"no": task.no, "name": task.name, "count": len(made)}
            key = f"visits:{draw.id}:{made[0].id}"
            tell_reviewers(
                unit, approver, "inspections.to_approve", key, context, f"/visits/approval/{task.id}"
            )
    return made


def _lines_by_agency(unit: Unit, task: Task) -> dict[int, list[dict[str, Any]]]:
    query = (
        select(TaskItem)
        .join(Item, Item.id == TaskItem.item_id)
        .where(TaskItem.task_id == task.id)
        .options(selectinload(TaskItem.item).selectinload(Item.form_lines))
        .order_by(Item.code)
    )
    items: dict[int, list[Item]] = {}
    for row in unit.session.scalars(query):
        items.setdefault(row.agency_id, []).append(row.item)
    return {
        agency.id: lines_of_items(
            (item.id, item.name, [(line.id, line.text, line.help) for line in item.form_lines])
            for item in items.get(agency.id, [])
        )
        for agency in active_agencies(task)
    }


def _make_visits(
    unit: Unit, task: Task, draw: Draw, lines: dict[int, list[dict[str, Any]]]
) -> Iterable[Visit]:
    session = unit.session
    number = session.scalar(
        select(func.count()).select_from(Visit.__table__).where(Visit.__table__.c.task_id == task.id)
    )
    number = number or 0
    last = 0
    while rows := session.scalars(_without_visit(draw.id, last)).all():
        last = rows[-1].id
        for drawn in rows:
            number += 1
            no = f"{task.no}-V{number:03d}"
            visit = Visit(
                no=no,
                task_id=task.id,
                task=task,
                drawn_target_id=drawn.id,
                target_id=drawn.target_id,
                token_digest=hashlib.sha256(notice_token(no).encode()).digest(),
            )
            session.add(visit)
            for agency in active_agencies(task):
                if agency.id in forms_wanted(lines, {f.agency_id for f in visit.forms}):
                    visit.forms.append(_new_form(visit, task, agency, lines[agency.id]))
            yield visit
        session.flush()


def _without_visit(draw_id: int, after: int) -> Any:
    visits = Visit.__table__
    return (
        select(DrawnTarget)
        .where(
            DrawnTarget.draw_id == draw_id,
            DrawnTarget.replaced_by_id.is_(None),
            DrawnTarget.id > after,
            ~select(visits.c.id).where(visits.c.drawn_target_id == DrawnTarget.id).exists(),
        )
        .order_by(DrawnTarget.id)
        .limit(CHUNK)
    )


def _new_form(visit: Visit, task: Task, agency: Any, lines: list[dict[str, Any]]) -> CheckForm:
    return CheckForm(
        no=f"{visit.no}-{agency.code.partition('-')[0]}",
        task_id=task.id,
        task=task,
        agency_id=agency.id,
        lines=[dict(line) for line in lines],
    )


def approve_visits(unit: Unit, task_id: int) -> int:
    """A reviewer of the initiator approves all visits of the task that wait for it (N-4). Gives their number.

    :raises NotFound: when the task is not within reach
    :raises Refused: for another role or agency, whoever made the task, or before any visit is set up
    """
    task = get_task(unit.session, task_id)
    require_reviewer_of(unit, task.initiator)
    may_approve(task.created_by, unit.actor.code).require()
    with unscoped(unit.session, "visits of a task whose approval is this agency's"):
        visits = Visit.__table__.c
        if not unit.session.scalar(select(visits.id).where(visits.task_id == task_id).limit(1)):
            raise Refused("no_visits", rule="N-4")
        count = _approve_waiting(unit, task_id)
        if count:
            record(
                unit,
                "visits.approved",
                f"task:{task.id}",
                {"task": task.no, "visits": count},
                task.initiator_id,
            )
            _tell_inspectors(unit, task)
    return count


def _approve_waiting(unit: Unit, task_id: int) -> int:
    waiting = (
        select(Visit)
        .where(Visit.task_id == task_id, Visit.approved_at.is_(None))
        .order_by(Visit.id)
        .limit(CHUNK)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    count = 0
    while rows := unit.session.scalars(waiting).all():
        for visit in rows:
            visit.approved_by, visit.approved_at = unit.actor.code, unit.clock.now()
        unit.session.flush()
        count += len(rows)
    return count


def _tell_inspectors(unit: Unit, task: Task) -> None:
    query = (
        select(Account)
        .join(Inspector, Inspector.user_id == Account.id)
        .join(Assignment, Assignment.inspector_id == Inspector.id)
        .where(Assignment.task_id == task.id, Assignment.state == AssignmentState.CONFIRMED.value)
        .distinct()
    )
    context = {"no": task.no, "name": task.name, "first": task.period_from, "last": task.period_to}
    users = unit.session.scalars(query)
    notify(unit, users, "inspections.assigned", f"assigned:{task.id}", context, "/visits/")


def record_entry(
    unit: Unit, visit_id: int, *, arrived_at: datetime | None = None, departed_at: datetime | None = None
) -> Visit:
    """Arrival at the target, and departure (N-5). What is noted stays; a second note changes nothing.

    :raises Refused: unless an assigned inspector acts, after the approval, in order and not in the future
    """
    visit = unit.session.get(Visit, visit_id, with_for_update=True, populate_existing=True)
    if visit is None:
        raise NotFound("not_in_scope", kind="visit")
    group = joint_group(unit.session, visit.drawn_target_id)
    may_fill(group, unit.actor.agency_id or -1, unit.actor.user_id, today(unit.clock)).require()
    may_start(visit.approved_at).require()
    arrived = visit.arrived_at or arrived_at
    departed = visit.departed_at or departed_at
    may_record_times(arrived, departed, unit.clock.now()).require()
    if (arrived, departed) == (visit.arrived_at, visit.departed_at):
        return visit
    what = "visit.departed" if arrived == visit.arrived_at else "visit.arrived"
    visit.arrived_at, visit.departed_at = arrived, departed
    record(unit, what, f"visit:{visit.id}", {"visit": visit.no})
    return visit
