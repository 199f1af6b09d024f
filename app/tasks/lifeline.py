"""The task page's life line: from scheme to archive, who did what, where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import pgettext

from app.audit.models import Event
from app.kernel.clock import SHANGHAI
from app.tasks.models import Task
from app.tasks.places import StepNote
from app.tasks.queries import late_participants
from app.tasks.rules import ResponseState, TaskState

STEPS = ("scheme", "push", "response", "draw", "match", "check", "review", "publish", "follow_up", "archive")
_DONE_BEFORE = {
    TaskState.DRAFT: "push",
    TaskState.PUSHED: "response",
    TaskState.READY: "draw",
    TaskState.DRAWN: "match",
    TaskState.MATCHED: "check",
    TaskState.CHECKING: "check",
    TaskState.CLOSED: "archive",
}
_TAGS = {
    "scheme": "task.created",
    "push": "task.pushed",
    "draw": "task.drawn",
    "match": "task.matched",
    "check": "task.checking",
    "archive": "task.archived",
}


def step_label(step: str) -> str:
    return {
        "scheme": pgettext("step", "Scheme"),
        "push": pgettext("step", "Push"),
        "response": pgettext("step", "Response"),
        "draw": pgettext("step", "Draw"),
        "match": pgettext("step", "Match and assign"),
        "check": pgettext("step", "Check"),
        "review": pgettext("step", "Review"),
        "publish": pgettext("step", "Publish"),
        "follow_up": pgettext("step", "Follow-up"),
        "archive": pgettext("step", "Archive"),
    }[step]


def steps(
    task: Task,
    now: datetime,
    milestones: Mapping[str, Event],
    names: Mapping[str, str],
    notes: Mapping[str, StepNote],
) -> list[dict[str, Any]]:
    """For the `steps` component: `{label, state, lines, is_late}`; done, now or nothing yet."""
    reached = _reached(task, milestones)
    shown = []
    for position, step in enumerate(STEPS):
        note = notes.get(step, StepNote())
        state = "done" if position < reached else ""
        if position == reached and task.state != TaskState.CANCELLED:
            state = "now"
        lines, late = _own_lines(task, step, now, milestones, names) if state else ([], False)
        shown.append(
            {
                "label": step_label(step),
                "state": note.state if note.state is not None and task.state != TaskState.DRAFT else state,
                "lines": [*lines, *note.lines],
                "is_late": late or note.late,
            }
        )
    return shown


def _reached(task: Task, milestones: Mapping[str, Event]) -> int:
    """The number of steps that lie behind."""
    if task.state == TaskState.ARCHIVED:
        return len(STEPS)
    if task.state == TaskState.CANCELLED:
        return STEPS.index("response" if task.pushed_at else "push")
    return STEPS.index(_DONE_BEFORE[TaskState(task.state)])


def _own_lines(
    task: Task, step: str, now: datetime, milestones: Mapping[str, Event], names: Mapping[str, str]
) -> tuple[list[str], bool]:
    if step == "response":
        return _response_lines(task, now)
    event = milestones.get(_TAGS.get(step, ""))
    if event is None:
        return [], False
    return [_day(event.at), names.get(event.actor, "")], False


def _response_lines(task: Task, now: datetime) -> tuple[list[str], bool]:
    answered = [p for p in task.participants if p.state != ResponseState.PENDING]
    lines = [_("%(n)s of %(all)s", n=len(answered), all=len(task.participants))]
    if len(answered) == len(task.participants) and answered:
        times = [p.responded_at for p in answered if p.responded_at]
        lines = [_day(max(times))] if times else lines
    late = len(late_participants(task, now))
    if late:
        lines.append(_("%(n)s late", n=late))
    return lines, late > 0


def _day(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%m-%d")
