"""The list of tasks, the task page, the scheme on paper."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from flask import abort, request
from flask_appbuilder import expose
from flask_babel import format_date
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.db import db
from app.kernel.clock import SHANGHAI, today
from app.regulation.calendar import WorkCalendar
from app.regulation.vocabulary import CheckMethod
from app.security.access import guarded
from app.security.context import current_clock
from app.security.names import names_of
from app.security.queries import work_calendar
from app.security.requests import primary_key
from app.security.views import Grants, PortalView
from app.tasks import queries
from app.tasks.feed import feed
from app.tasks.lifeline import steps
from app.tasks.models import Task
from app.tasks.next_step import is_clerk_of, next_step
from app.tasks.places import Document, StepNote, documents, panels, step_notes
from app.tasks.rules import (
    TRANSITIONS,
    ResponseState,
    TaskState,
    is_overdue,
    may_release,
    may_state_reason,
    working_days_left,
)
from app.tasks.views.shared import ACT, READ, last_day, me

FIRST_EVENTS = 12
ROLES = ("initiator", "participant")
FILTERS = ("state", "role", "year", "q")


class TaskPages(PortalView):
    """Reading tasks."""

    route_base = "/tasks"
    class_permission_name = "Tasks"
    default_view = "list"
    grants: ClassVar[Grants] = {"can_read": READ}

    @expose("/")
    @guarded("read")
    def list(self) -> str:
        session, wanted = db.session(), _filter()
        before = request.args.get("before")
        rows = queries.list_tasks(session, wanted, primary_key(before) if before else None)
        shown = rows[: queries.PAGE]
        this_year = today(current_clock()).year
        return self.render(
            "tasks/list.html",
            tasks=shown,
            total=queries.count_tasks(session, wanted),
            most=queries.COUNT_AT_MOST,
            next_before=shown[-1].id if len(rows) > len(shown) else None,
            wanted=wanted,
            kept=[(name, request.args[name]) for name in FILTERS if request.args.get(name)],
            states=list(TaskState),
            state_of=TaskState,
            answered=_answered,
            years=range(this_year + 1, this_year - 3, -1),
            may_create=ACT & me().actor.roles,
        )

    @expose("/<pk>")
    @guarded("read")
    def show(self, pk: str) -> str:
        session, clock, who = db.session(), current_clock(), me()
        task = queries.get_task(session, primary_key(pk))
        now, calendar = clock.now(), work_calendar(session)
        milestones = queries.milestones_of(session, task)
        events, all_events = queries.events_of(session, task), "events" in request.args
        actors = {e.actor for e in [*events, *milestones.values()]} | {task.created_by}
        names = names_of(session, actors)
        step = next_step(session, task, who.actor, now, calendar)
        cards = [(panel, panel.context(session, task)) for panel in panels]
        return self.render(
            "tasks/show.html",
            task=task,
            state=TaskState(task.state),
            method_label=_(CheckMethod(task.method).label),
            own_items=queries.items_of(task, task.initiator_id),
            steps=steps(task, now, milestones, names, _notes(session, task)),
            next=step,
            days_left=working_days_left(step.due_at, now, calendar) if step and step.due_at else None,
            until=_until(step),
            rows=_responses(task, now, calendar),
            cards=[(panel, context) for panel, context in cards if context is not None],
            facts=_facts(task),
            feed=feed(task, events if all_events else events[:FIRST_EVENTS], names),
            more_events=0 if all_events else max(0, len(events) - FIRST_EVENTS),
            papers=_papers(session, task),
            acts=_acts(task),
        )

    @expose("/<pk>/scheme")
    @guarded("read")
    def scheme(self, pk: str) -> str:
        session = db.session()
        task = queries.get_task(session, primary_key(pk))
        agencies = [
            task.initiator,
            *(p.agency for p in task.participants if p.state != ResponseState.RELEASED),
        ]
        return self.render(
            "tasks/scheme.html",
            task=task,
            agencies=[(agency, queries.items_of(task, agency.id)) for agency in agencies],
            facts=_facts(task),
            method_label=_(CheckMethod(task.method).label),
            period=(format_date(task.period_from, "long"), format_date(task.period_to, "long")),
            day=format_date((task.pushed_at or task.created_at).astimezone(SHANGHAI).date(), "long"),
            watermark=_("%(name)s, %(time)s", name=me().account.get_full_name(), time=_stamp()),
        )


def _filter() -> queries.Filter:
    arguments = request.args
    state, role, year = (arguments.get(name, "") for name in ("state", "role", "year"))
    if state not in {"", "open", *TaskState} or role not in {"", *ROLES}:
        abort(400)
    if year and not (year.isascii() and year.isdecimal() and len(year) == 4):
        abort(400)
    text = arguments.get("q", "").strip()[:80]
    return queries.Filter(state, role, int(year) if year else None, text, me().actor.agency_id)


def _answered(task: Task) -> str:
    given = sum(p.state != ResponseState.PENDING for p in task.participants)
    return f"{given} / {len(task.participants)}"


def _notes(session: Session, task: Task) -> dict[str, StepNote]:
    found: dict[str, StepNote] = {}
    for say in step_notes:
        found.update(say(session, task))
    return found


def _until(step: Any) -> str:
    if step is None or step.due_at is None:
        return ""
    return (step.due_at - timedelta(seconds=1)).astimezone(SHANGHAI).strftime("%m-%d")


def _responses(task: Task, now: Any, calendar: WorkCalendar) -> list[dict[str, Any]]:
    """One row per participant: state, times, items, and what this person may do about it."""
    mine = is_clerk_of(me().actor, task.initiator_id)
    rows = []
    for part in task.participants:
        overdue = task.state == TaskState.PUSHED and is_overdue(part.state, part.due_at, now)
        own = is_clerk_of(me().actor, part.agency_id)
        rows.append(
            {
                "part": part,
                "state": ResponseState(part.state),
                "overdue": overdue,
                "last_day": last_day(part),
                "items": queries.items_of(task, part.agency_id),
                "respond": own and task.state == TaskState.PUSHED and part.state == ResponseState.PENDING,
                "reason": own and bool(may_state_reason(part.state, part.late, part.due_at, now)),
                "release": mine
                and task.state == TaskState.PUSHED
                and bool(may_release(part.state, part.due_at, now, calendar)),
            }
        )
    return rows


def _facts(task: Task) -> dict[str, Any]:
    """What the facts card and the scheme say: scope, plan, way of drawing."""
    entry = task.entry
    joint = entry.joint_item if entry is not None else None
    return {
        "scope": joint.target_scope if joint is not None else "",
        "plan": entry.plan if entry is not None else None,
        "entry_no": entry.no if entry is not None else None,
        "items": len(task.items),
        "per_class": task.selection.get("kind") == "per_class",
        "number": task.selection.get("number"),
    }


def _papers(session: Session, task: Task) -> list[Document]:
    own = [Document(_("Joint inspection scheme"), f"/tasks/{task.id}/scheme", _("to print"))]
    return [*own, *(paper for name in documents for paper in name(session, task))]


def _acts(task: Task) -> list[dict[str, str]]:
    if not is_clerk_of(me().actor, task.initiator_id):
        return []
    found = []
    if task.state == TaskState.DRAFT:
        found.append({"label": _("Change the scheme"), "url": f"/tasks/{task.id}/edit", "icon": "pencil"})
    if task.state in TRANSITIONS["cancel"].start:
        found.append({"label": _("Cancel the task"), "url": f"/tasks/{task.id}/cancel", "icon": "x"})
    return found


def _stamp() -> str:
    return current_clock().now().astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
