"""One agency's result on one target, in words of the vocabulary; what inspectors wrote stays inside."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.inspections.models import CheckForm, FollowUp, Visit
from app.inspections.rules import FollowUpState
from app.kernel.clock import SHANGHAI
from app.kernel.errors import NotFound
from app.publicity.rules import may_publish_result
from app.publicity.snapshots.shape import Snapshot
from app.tasks.models import Task


def snapshot_result(session: Session, form_id: int) -> Snapshot:
    """:raises Refused: before the approval, and for an exempted result"""
    query = (
        select(CheckForm)
        .where(CheckForm.id == form_id)
        .options(
            joinedload(CheckForm.visit).joinedload(Visit.target),
            joinedload(CheckForm.task).joinedload(Task.region),
            joinedload(CheckForm.agency),
            joinedload(CheckForm.result),
            joinedload(CheckForm.disposition),
        )
    )
    form = session.scalars(query).one_or_none()
    if form is None:
        raise NotFound("not_in_scope", kind="check_form")
    may_publish_result(form.state).require()
    target = form.visit.target
    code = None if target.code_kind == "internal" else target.code
    checked_on = form.visit_ended_on
    payload = {
        "form_no": form.no,
        "task_no": form.task.no,
        "task_name": form.task.name,
        "target_code": code or "",
        "target_name": target.name,
        "method": form.task.method,
        "items": list(dict.fromkeys(line["item"] for line in form.lines)),
        "checked_on": checked_on.isoformat() if checked_on else "",
        "result": form.result.text if form.result else "",
        "disposition": form.disposition.text if form.disposition else "",
        "corrected_on": _corrected_on(session, form_id),
        "source": "",
    }
    year = checked_on.year if checked_on else form.task.period_to.year
    return Snapshot(target.name, form.agency.name, form.task.region.code, year, payload, code)


def _corrected_on(session: Session, form_id: int) -> str:
    """The day on which the follow-up of the problem was closed; empty without one."""
    query = select(FollowUp).where(FollowUp.form_id == form_id, FollowUp.state == FollowUpState.CLOSED)
    case = session.scalars(query).one_or_none()
    if case is None or case.closed_at is None:
        return ""
    return case.closed_at.astimezone(SHANGHAI).date().isoformat()
