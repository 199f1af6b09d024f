"""What this domain says on the pages of lower ones: the task's page, the target's page, after matching."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.db import Actor, Unit
from app.directories import targets
from app.directories.targets.models import Target
from app.draws.models import Draw, DrawnTarget
from app.draws.places import after_replacement
from app.inspections import hand_over, of_inspectors, of_targets, queries, services
from app.inspections.rules import FollowUpState, FormState, ResultKind
from app.matching.places import after_confirm
from app.people.places import open_work
from app.security.rules import RoleName
from app.tasks import (
    Document,
    NextAction,
    Panel,
    StepNote,
    documents,
    event_subjects,
    next_actions,
    panels,
    step_notes,
)
from app.tasks.models import Task
from app.tasks.rules import TaskState

SHOWN = 10
AFTER_MATCHING = frozenset({TaskState.MATCHED, TaskState.CHECKING, TaskState.CLOSED, TaskState.ARCHIVED})
_TO_FILL = tuple(state for state in FormState if state.is_open_for_entry)


def matching_confirmed(unit: Unit, draw: Draw) -> None:
    services.set_up_visits(unit, draw.id)


def target_replaced(unit: Unit, draw: Draw, out: DrawnTarget, came: DrawnTarget) -> None:
    """A replacement after the visits were set up gets its own; before, the confirmation does it."""
    if queries.has_visits(unit.session, draw.id):
        unit.session.flush()
        services.set_up_visits(unit, draw.id)


def task_panel(session: Session, task: Task) -> Mapping[str, Any] | None:
    if task.state not in AFTER_MATCHING:
        return None
    page = queries.visits_of_task(session, task.id, limit=SHOWN)
    if not page.rows:
        return None
    return {
        "rows": page.rows,
        "more": page.after is not None,
        "groups": queries.groups_of(session, [visit.drawn_target_id for visit in page.rows]),
        "states": FormState,
    }


def task_documents(session: Session, task: Task) -> list[Document]:
    if task.state not in AFTER_MATCHING:
        return []
    base = "/visits/papers"
    return [
        Document(_("Approval form of the inspections"), f"{base}/approval/{task.id}", icon="file-check"),
        Document(_("Notices of inspection"), f"{base}/notices/{task.id}", icon="printer"),
        Document(_("Visit sheets"), f"{base}/sheets/{task.id}?blank=1", icon="clipboard-list"),
    ]


def task_subjects(session: Session, task: Task) -> list[str]:
    if task.state not in AFTER_MATCHING:
        return []
    return [f"form:{form_id}" for form_id in queries.form_ids(session, task.id)]


def task_steps(session: Session, task: Task) -> Mapping[str, StepNote]:
    """How many forms have come how far."""
    if task.state not in AFTER_MATCHING:
        return {}
    counts = queries.form_counts(session, task.id)
    total = sum(counts.values())
    if not total:
        return {}
    settled = counts.get(FormState.PUBLISHED, 0) + counts.get(FormState.EXEMPT, 0)
    reviewed = settled + counts.get(FormState.APPROVED, 0)
    filled = reviewed + counts.get(FormState.SUBMITTED, 0)
    return {
        step: _note(n, total, n > 0)
        for step, n in (("check", filled), ("review", reviewed), ("publish", settled))
    }


def _note(number: int, total: int, begun: bool) -> StepNote:
    state = "done" if number == total else "now" if begun else None
    return StepNote((_("%(n)s of %(total)s forms", n=number, total=total),), state)


def next_action(session: Session, task: Task, actor: Actor) -> NextAction | None:
    """From the confirmed matching until every form is settled."""
    if task.state not in {TaskState.MATCHED, TaskState.CHECKING}:
        return None
    if queries.is_unapproved(session, task.id):
        return _approve(task, actor)
    counts = queries.form_counts(session, task.id)
    to_fill = sum(counts.get(state, 0) for state in _TO_FILL)
    if to_fill:
        text = _("To be done by the matched inspectors: %(n)s check forms have no result yet.", n=to_fill)
        mine = RoleName.INSPECTOR in actor.roles
        url, label = (
            ("/visits/", _("My visits")) if mine else (f"/visits/?task={task.id}", _("See the visits"))
        )
        return NextAction(_("carry out the checks"), text, url, label, rule="R-26.1")
    to_review = counts.get(FormState.SUBMITTED, 0)
    if to_review:
        text = _("To be done by the reviewers of the agencies: %(n)s check forms wait.", n=to_review)
        mine = RoleName.REVIEWER in actor.roles
        url, label = ("/reviews/", _("Review")) if mine else ("", "")
        return NextAction(_("review the check forms"), text, url, label, rule="R-27.1")
    if counts.get(FormState.APPROVED, 0):
        text = _("%(n)s approved results are on their way to the public.", n=counts[FormState.APPROVED])
        return NextAction(_("publish the results"), text, rule="R-27.1")
    return None


def _approve(task: Task, actor: Actor) -> NextAction:
    text = _("To be done by a reviewer of %(agency)s, before the first visit.", agency=task.initiator.name)
    title = _("approve the inspections")
    if actor.agency_id == task.initiator_id and RoleName.REVIEWER in actor.roles:
        return NextAction(title, text, f"/visits/approval/{task.id}", _("Approve"), rule="N-4")
    return NextAction(title, text, rule="N-4")


def target_panel(session: Session, target: Target) -> str | None:
    rows = queries.results_of_target(session, target.id)
    if not rows:
        return None
    return render_template(
        "inspections/target_panel.html",
        rows=rows,
        states=FormState,
        kinds=ResultKind,
        shows_result=_shows_result,
    )


def follow_up_panel(session: Session, target: Target) -> str | None:
    rows = queries.follow_ups_of_target(session, target.id)
    if not rows:
        return None
    return render_template("inspections/follow_up_panel.html", rows=rows, states=FollowUpState)


def _shows_result(form: Any) -> bool:
    return not FormState(form.state).is_open_for_entry


_task_panel = Panel(_l("Visits and check forms"), "inspections/task_panel.html", task_panel)
_target_panel = targets.Panel(_l("Visits and results"), target_panel)
_follow_up_panel = targets.Panel(_l("Follow-ups"), follow_up_panel)


def register() -> None:
    panels.add(_task_panel, 60)
    open_work.add(hand_over.PROVIDER, 60)
    of_inspectors.register()
    of_targets.register()
    next_actions.add(next_action, 60)
    step_notes.add(task_steps, 60)
    documents.add(task_documents, 60)
    event_subjects.add(task_subjects, 60)
    targets.panels.add(_target_panel, 60)
    targets.panels.add(_follow_up_panel, 70)
    after_confirm.add(matching_confirmed)
    after_replacement.add(target_replaced, 200)
