"""Follow-up cases: opened by an approval, handled, closed by a second person (R-28.1)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select

from app.audit.services import record
from app.db import Unit
from app.inspections import after_follow_up
from app.inspections.models import CheckForm, Disposition, FollowUp
from app.inspections.queries import follow_up_of_form
from app.inspections.rules import (
    FollowUpAct,
    FollowUpState,
    FormState,
    follow_up_due,
    may_close_follow_up,
    may_step_follow_up,
    needs_follow_up,
    own_version_is_known,
)
from app.inspections.services.common import CLERKS, locked_form, require_reviewer_of
from app.inspections.services.filling import choice
from app.kernel.clock import today
from app.kernel.errors import Fault, Invalid, NotFound, Refused, Stale
from app.notifications.services import notify
from app.security.queries import people, work_calendar
from app.security.rules import RoleName, may_act
from app.security.scoping import unscoped
from app.tasks.models import Task

HANDLERS = frozenset({RoleName.CLERK, RoleName.INSPECTOR})
LONGEST_TEXT = 4000


def open_follow_up(unit: Unit, form_id: int, due_on: date | None = None) -> FollowUp:
    """A case for the problem of an approved form; one that stands already is given back.

    :raises Refused: unless a clerk of the agency acts, and the form is approved
    """
    form = locked_form(unit.session, form_id)
    may_act(unit.actor.roles, unit.actor.agency_id, CLERKS, form.agency_id).require()
    if form.state not in {FormState.APPROVED, FormState.PUBLISHED, FormState.EXEMPT}:
        raise Refused("follow_up_before_approval", rule="R-28.1", form=form.no)
    if due_on is not None and due_on < today(unit.clock):
        raise Invalid("invalid", [Fault("due_on", "due_in_past", value=due_on.isoformat())])
    return _open(unit, form, due_on)


def open_if_needed(unit: Unit, form: CheckForm) -> FollowUp | None:
    """Part of approval and exemption."""
    result = choice(form.result)
    if result is None or not needs_follow_up(result, choice(form.disposition)):
        return None
    return _open(unit, form, None)


def _open(unit: Unit, form: CheckForm, due_on: date | None) -> FollowUp:
    session = unit.session
    with unscoped(session, "the case of a form whose review has been checked"):
        session.execute(select(Task.id).where(Task.id == form.task_id).with_for_update())
        known = follow_up_of_form(session, form.id)
        if known is not None:
            return known
        kind = form.disposition.kind if form.disposition else None
        due = due_on or follow_up_due(kind, today(unit.clock), work_calendar(session))
        count = session.scalar(select(func.count()).where(FollowUp.__table__.c.task_id == form.task_id)) or 0
        case = FollowUp(
            no=f"{form.task.no}-F{count + 1:03d}",
            form_id=form.id,
            task_id=form.task_id,
            target_id=form.visit.target_id,
            agency_id=form.agency_id,
            problem=form.problem_text or (form.result.text if form.result else ""),
            disposition_code=form.disposition_code,
            due_on=due,
            opened_at=unit.clock.now(),
        )
        session.add(case)
        session.flush()
        record(
            unit, "follow_up.opened", f"follow_up:{case.id}", {"no": case.no, "form": form.no}, form.agency_id
        )
        context = {"no": case.no, "form": form.no, "name": form.task.name, "due": due.isoformat()}
        clerks = people(session, form.agency_id, CLERKS, today(unit.clock))
        notify(
            unit, clerks, "inspections.follow_up", f"follow-up:{case.id}", context, f"/follow-ups/{case.id}"
        )
    return case


def handle_follow_up(
    unit: Unit, follow_up_id: int, text: str, disposition_code: str | None = None, version: int | None = None
) -> FollowUp:
    """What was done about the problem; may be corrected until the case is closed.

    :raises Invalid: without a text, or with an unknown disposition
    :raises Refused: unless a clerk or inspector of the agency acts, or when it is closed
    """
    case = _locked(unit, follow_up_id)
    may_act(unit.actor.roles, unit.actor.agency_id, HANDLERS, case.agency_id).require()
    text = text.strip()
    if case.state == FollowUpState.HANDLED and (case.handled_text, case.disposition_code) == (
        text,
        disposition_code,
    ):
        return case
    may_step_follow_up(case.state, FollowUpAct.HANDLE).require()
    _require_seen(case, version)
    faults = []
    if not text:
        faults.append(Fault("text", "handling_needs_text"))
    elif len(text) > LONGEST_TEXT:
        faults.append(Fault("text", "too_long", most=LONGEST_TEXT, found=len(text)))
    if disposition_code and unit.session.get(Disposition, disposition_code) is None:
        faults.append(Fault("disposition", "not_a_choice", value=disposition_code[:40]))
    if faults:
        raise Invalid("invalid", faults)
    case.state = FollowUpState.HANDLED
    case.handled_text, case.handled_by, case.handled_at = text, unit.actor.code, unit.clock.now()
    case.disposition_code = disposition_code or case.disposition_code
    record(unit, "follow_up.handled", f"follow_up:{case.id}", {"no": case.no}, case.agency_id)
    unit.session.flush()
    return case


def close_follow_up(unit: Unit, follow_up_id: int, version: int | None = None) -> FollowUp:
    """A reviewer, not whoever handled it, closes the case.

    :raises Refused: for the handler, another role or agency, or when it has not been handled
    """
    case = _locked(unit, follow_up_id)
    if case.state == FollowUpState.CLOSED and case.closed_by == unit.actor.code:
        return case
    require_reviewer_of(unit, case.agency)
    may_step_follow_up(case.state, FollowUpAct.CLOSE).require()
    may_close_follow_up(case.handled_by, unit.actor.code).require()
    _require_seen(case, version)
    case.state = FollowUpState.CLOSED
    case.closed_by, case.closed_at = unit.actor.code, unit.clock.now()
    with unscoped(unit.session, "the closing of a case that has been checked"):
        record(unit, "follow_up.closed", f"follow_up:{case.id}", {"no": case.no}, case.agency_id)
        unit.session.flush()
    for announce in after_follow_up:
        announce(unit, case)
    return case


def _locked(unit: Unit, follow_up_id: int) -> FollowUp:
    case = unit.session.get(FollowUp, follow_up_id, with_for_update=True, populate_existing=True)
    if case is None:
        raise NotFound("not_in_scope", kind="follow_up")
    return case


def _require_seen(case: FollowUp, version: int | None) -> None:
    if not own_version_is_known(case.version, version):
        raise Stale("stale", changes=[{"field": "version", "theirs": case.version, "yours": version}])
