"""The inspector's verbs: save and submit a check form."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.audit.services import record
from app.db import Unit
from app.draws.services import open_draw
from app.inspections.models import CheckForm, Disposition, ResultVocabulary
from app.inspections.queries import choices, joint_group, settlement
from app.inspections.rules import (
    Choice,
    FormAct,
    FormEntry,
    FormState,
    GroupMember,
    LineEntry,
    after,
    form_faults,
    length_faults,
    may_carry_out,
    may_fill,
    may_start,
    may_step,
    own_version_is_known,
    publication_deadline,
    starts_after_approval,
)
from app.inspections.services.common import locked_form, tell_reviewers
from app.kernel.clock import today
from app.kernel.errors import Fault, Invalid, Refused, Stale
from app.security.queries import work_calendar
from app.tasks.rules import TaskState
from app.tasks.services import note_checking

FILLABLE = frozenset({TaskState.MATCHED, TaskState.CHECKING})


def save_form(unit: Unit, form_id: int, entry: FormEntry) -> CheckForm:
    """Keep what has been entered so far; it need not be complete. The first one begins the task's checks.

    :raises Invalid: for a text that is too long, an unknown choice, or days the wrong way round
    :raises Stale: when somebody changed it meanwhile, with the difference
    :raises Refused: unless an assigned, certified inspector acts, after the approval, before a submission
    """
    form = locked_form(unit.session, form_id)
    _require_own(unit, form, today(unit.clock))
    may_step(form.state, FormAct.SAVE).require()
    _require_standing(form)
    changes = difference(form, entry)
    if not changes and form.state == FormState.SAVED:
        return form
    _require_known(form, entry, changes)
    _chosen(unit, form, entry)
    faults = _draft_faults(entry)
    if faults:
        raise Invalid("invalid", faults)
    note_checking(unit, form.task_id)
    _apply(form, entry)
    form.state = after(form.state, FormAct.SAVE)
    form.saved_by = unit.actor.code
    record(unit, "form.saved", f"form:{form.id}", {"form": form.no})
    unit.session.flush()
    return form


def submit_form(unit: Unit, form_id: int, entry: FormEntry) -> CheckForm:
    """Hand the form to the reviewer: complete, with a result. The last one of the draw lets it be opened.

    :raises Invalid: with every fault (no result, a problem without text, ...)
    :raises Stale: :raises Refused: as `save_form`; the same person's second submission changes nothing
    """
    form = locked_form(unit.session, form_id)
    if form.state == FormState.SUBMITTED and form.submitted_by == unit.actor.code:
        return form
    group = _require_own(unit, form, entry.ended_on or today(unit.clock))
    may_step(form.state, FormAct.SUBMIT).require()
    _require_standing(form)
    _require_known(form, entry, difference(form, entry))
    result, disposition = _chosen(unit, form, entry)
    faults = form_faults(
        entry, [line["key"] for line in form.lines], choice(result), choice(disposition), today(unit.clock)
    )
    faults += starts_after_approval(entry.started_on, form.visit.approved_at)
    if faults:
        raise Invalid("invalid", faults)
    assert entry.ended_on is not None
    may_carry_out(group, form.agency_id, form.task.method, entry.ended_on).require()
    note_checking(unit, form.task_id)
    _apply(form, entry)
    deadline = publication_deadline(entry.ended_on, work_calendar(unit.session))
    form.state = after(form.state, FormAct.SUBMIT)
    form.saved_by = form.submitted_by = unit.actor.code
    form.submitted_at = unit.clock.now()
    form.publish_due_at, form.publish_due_provisional = deadline.due_at, deadline.provisional
    record(unit, "form.submitted", f"form:{form.id}", {"form": form.no})
    unit.session.flush()
    _announce(unit, form)
    return form


def _announce(unit: Unit, form: CheckForm) -> None:
    context = {"no": form.no, "name": form.task.name}
    key = f"form-submitted:{form.id}:{form.version}"
    tell_reviewers(unit, form.agency, "inspections.submitted", key, context, f"/reviews/{form.id}")
    found = settlement(unit.session, form.task_id)
    if not found.without_visit and not found.without_result:
        open_draw(unit, form.visit.drawn_target.draw_id)


def _require_own(unit: Unit, form: CheckForm, day: date) -> list[GroupMember]:
    unit.session.refresh(form.visit)
    group = joint_group(unit.session, form.visit.drawn_target_id)
    agency_id = unit.actor.agency_id if unit.actor.agency_id == form.agency_id else -1
    may_fill(group, agency_id, unit.actor.user_id, day).require()
    may_start(form.visit.approved_at).require()
    return group


def _require_standing(form: CheckForm) -> None:
    if form.task.state not in FILLABLE:
        raise Refused("task_not_in_checking", no=form.task.no)
    if form.visit.drawn_target.replaced_by_id is not None:
        raise Refused("target_was_replaced", rule="R-24.3", visit=form.visit.no)


def _require_known(form: CheckForm, entry: FormEntry, changes: list[dict[str, Any]]) -> None:
    """:raises Stale: when the page showed an older record; what differs stands in `changes`"""
    if changes and not own_version_is_known(form.version, entry.version):
        raise Stale("stale", changes=changes)


def _chosen(
    unit: Unit, form: CheckForm, entry: FormEntry
) -> tuple[ResultVocabulary | None, Disposition | None]:
    """The chosen rows, None where nothing was chosen.

    :raises Invalid: for a result that this agency may not choose, or an unknown disposition
    """
    faults = []
    result = disposition = None
    if entry.result_id is not None:
        open_to = {row.id: row for row in choices(unit.session, form.agency.line_code)}
        result = open_to.get(entry.result_id)
        if result is None:
            faults.append(Fault("result", "not_a_choice", value=entry.result_id))
    if entry.disposition_code is not None:
        disposition = unit.session.get(Disposition, entry.disposition_code)
        if disposition is None:
            faults.append(Fault("disposition", "not_a_choice", value=entry.disposition_code[:40]))
    if faults:
        raise Invalid("invalid", faults)
    return result, disposition


def choice(row: ResultVocabulary | Disposition | None) -> Choice | None:
    """A row of a vocabulary as the rules need it."""
    if row is None:
        return None
    return Choice(row.kind, row.is_problem, row.needs_follow_up, getattr(row, "needs_text", False))


def _draft_faults(entry: FormEntry) -> list[Fault]:
    """What even a draft may not have: the record could not hold it."""
    faults = length_faults(entry)
    if entry.started_on and entry.ended_on and entry.started_on > entry.ended_on:
        faults.append(Fault("ended_on", "days_out_of_order"))
    return faults


def _apply(form: CheckForm, entry: FormEntry) -> None:
    form.result_id = entry.result_id
    form.problem_text = entry.problem_text
    form.disposition_code = entry.disposition_code
    form.disposition_text = entry.disposition_text
    form.accompanied_by = entry.accompanied_by
    form.visit_started_on = entry.started_on
    form.visit_ended_on = entry.ended_on
    form.lines = [
        {**line, "answer": entered.answer, "remark": entered.remark}
        for line in form.lines
        for entered in [entry.lines.get(line["key"], LineEntry())]
    ]


def entry_of(form: CheckForm) -> FormEntry:
    """What is stored, in the shape in which it is entered."""
    return FormEntry(
        result_id=form.result_id,
        problem_text=form.problem_text,
        lines={line["key"]: LineEntry(line["answer"], line["remark"]) for line in form.lines},
        disposition_code=form.disposition_code,
        disposition_text=form.disposition_text,
        accompanied_by=form.accompanied_by,
        started_on=form.visit_started_on,
        ended_on=form.visit_ended_on,
        version=form.version,
    )


def difference(form: CheckForm, entry: FormEntry) -> list[dict[str, Any]]:
    """Fields in which the entry differs from the record: `{"field", "theirs", "yours"}`."""
    stored = entry_of(form)
    names = (
        "result_id",
        "problem_text",
        "disposition_code",
        "disposition_text",
        "accompanied_by",
        "started_on",
        "ended_on",
    )
    changes = [
        {"field": name, "theirs": getattr(stored, name), "yours": getattr(entry, name)}
        for name in names
        if getattr(stored, name) != getattr(entry, name)
    ]
    for key, theirs in stored.lines.items():
        yours = entry.lines.get(key, LineEntry())
        if yours != theirs:
            changes.append({"field": f"line-{key}", "theirs": _words(theirs), "yours": _words(yours)})
    return changes


def _words(line: LineEntry) -> str:
    return f"{line.answer} {line.remark}".strip()
