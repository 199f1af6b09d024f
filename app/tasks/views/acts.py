"""The acts of the initiating agency: create, change, push, release, cancel. One page each."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import abort, flash, redirect, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.db import db
from app.kernel.clock import today
from app.kernel.errors import DomainError, Invalid, NotFound
from app.plans.models import PlanEntry
from app.plans.queries import get_entry, published_entries_for
from app.security.access import guarded
from app.security.context import current_clock, request_unit
from app.security.queries import people, work_calendar
from app.security.requests import primary_key
from app.security.views import Grants, PortalView
from app.tasks import queries, services
from app.tasks.forms import ReasonForm, SchemeForm
from app.tasks.models import Participant, Task
from app.tasks.next_step import is_clerk_of
from app.tasks.rules import (
    TRANSITIONS,
    TaskState,
    Window,
    may_release,
    plan_window,
    response_deadline,
    scheme_faults,
)
from app.tasks.views.shared import ACT, me, put_back

Answer = Response | str | tuple[str, int]


class TaskActs(PortalView):
    """Clerks of the initiating agency."""

    route_base = "/tasks"
    class_permission_name = "Tasks"
    grants: ClassVar[Grants] = {"can_act": ACT}

    @expose("/new", methods=["GET", "POST"])
    @guarded("act")
    def new(self) -> Answer:
        given = request.args.get("entry")
        if given is None:
            return self._choose()
        entry = _own_entry(primary_key(given))
        form = SchemeForm() if request.method == "POST" else SchemeForm(data=_start(entry))
        sentences: list[str] = []
        if request.method == "POST":
            chosen = _chosen_items()
            withhold = {part.item_id for part in entry.participants} - chosen
            if _is_readable(form, entry):
                try:
                    with request_unit() as unit:
                        fields = _fields(form)
                        task = services.create_task(unit, entry.id, **fields, withhold=withhold)
                except DomainError as error:
                    sentences = put_back(form, error)
                else:
                    flash(
                        _("Task %(no)s has been made. Push it when the scheme is right.", no=task.no),
                        "success",
                    )
                    return redirect(f"/tasks/{task.id}")
        else:
            chosen = {part.item_id for part in entry.participants}
        entry = _own_entry(entry.id)
        page = self.render(
            "tasks/new.html",
            form=form,
            entry=entry,
            chosen=chosen,
            groups=_by_agency(entry),
            sentences=sentences,
        )
        return (page, 422) if request.method == "POST" else page

    def _choose(self) -> str:
        """The entries of the published plan that the agency initiates."""
        agency_id = me().actor.agency_id
        year = today(current_clock()).year
        entries = published_entries_for(db.session(), agency_id, year) if agency_id else []
        return self.render("tasks/choose.html", entries=entries, year=year)

    @expose("/<pk>/edit", methods=["GET", "POST"])
    @guarded("act")
    def edit(self, pk: str) -> Answer:
        task = _own_task(pk)
        if task.state != TaskState.DRAFT:
            return redirect(f"/tasks/{task.id}")
        form = SchemeForm() if request.method == "POST" else SchemeForm(obj=task, seen=str(task.version))
        sentences: list[str] = []
        if request.method == "POST" and _is_readable(form, task.entry):
            try:
                with request_unit() as unit:
                    seen = _seen(form.seen.data) or 0
                    services.change_scheme(unit, task.id, version=seen, scheme=form.scheme())
            except DomainError as error:
                sentences = put_back(form, error)
            else:
                flash(_("The scheme has been changed."), "success")
                return redirect(f"/tasks/{task.id}")
        page = self.render("tasks/edit.html", form=form, task=_own_task(pk), sentences=sentences)
        return (page, 422) if request.method == "POST" else page

    @expose("/<pk>/push", methods=["GET", "POST"])
    @guarded("act")
    def push(self, pk: str) -> Answer:
        task, sentences = _own_task(pk), []
        if request.method == "POST":
            try:
                with request_unit() as unit:
                    services.push_task(unit, task.id, _seen(request.form.get("seen")))
            except DomainError as error:
                sentences = put_back(None, error)
            else:
                flash(
                    _(
                        "Task %(no)s has been pushed. The participants have been asked to respond.",
                        no=task.no,
                    ),
                    "success",
                )
                return redirect(f"/tasks/{task.id}")
        elif task.state != TaskState.DRAFT:
            return redirect(f"/tasks/{task.id}")
        deadline = response_deadline(current_clock().now(), work_calendar(db.session()))
        task = _own_task(pk)
        agencies = [(p.agency, queries.items_of(task, p.agency_id)) for p in task.participants]
        day = today(current_clock())
        nobody = [who.name for who, items in agencies if not people(db.session(), who.id, ACT, day)]
        page = self.render(
            "tasks/push.html",
            task=task,
            deadline=deadline,
            agencies=agencies,
            nobody=nobody,
            sentences=sentences,
        )
        return (page, 409) if sentences else page

    @expose("/<pk>/release/<participant>", methods=["GET", "POST"])
    @guarded("act")
    def release(self, pk: str, participant: str) -> Answer:
        task = _own_task(pk)
        part = _part(task, primary_key(participant))
        form, sentences = ReasonForm(), []
        if request.method == "POST":
            try:
                with request_unit() as unit:
                    services.release(unit, part.id, form.reason.data or "")
            except DomainError as error:
                sentences = put_back(form, error)
            else:
                flash(_("The agency has been released from the task. The office has been told."), "success")
                return redirect(f"/tasks/{task.id}")
        task = _own_task(pk)
        part = _part(task, primary_key(participant))
        allowed = may_release(part.state, part.due_at, current_clock().now(), work_calendar(db.session()))
        page = self.render(
            "tasks/release.html", task=task, part=part, form=form, allowed=allowed, sentences=sentences
        )
        return (page, 422) if request.method == "POST" else page

    @expose("/<pk>/cancel", methods=["GET", "POST"])
    @guarded("act")
    def cancel(self, pk: str) -> Answer:
        task = _own_task(pk)
        form, sentences = ReasonForm(), []
        if request.method == "POST":
            try:
                with request_unit() as unit:
                    services.cancel_task(unit, task.id, form.reason.data or "")
            except DomainError as error:
                sentences = put_back(form, error)
            else:
                flash(_("Task %(no)s has been cancelled.", no=task.no), "success")
                return redirect(f"/tasks/{task.id}")
        elif task.state not in TRANSITIONS["cancel"].start:
            return redirect(f"/tasks/{task.id}")
        page = self.render("tasks/cancel.html", task=_own_task(pk), form=form, sentences=sentences)
        return (page, 422) if request.method == "POST" else page


def _own_task(pk: str) -> Task:
    """A task that the person's agency initiates; another one looks as if it were not there."""
    task = queries.get_task(db.session(), primary_key(pk))
    if not is_clerk_of(me().actor, task.initiator_id):
        raise NotFound("not_in_scope", kind="task")
    return task


def _own_entry(entry_id: int) -> PlanEntry:
    entry = get_entry(db.session(), entry_id)
    if not is_clerk_of(me().actor, entry.initiator_id):
        raise NotFound("not_in_scope", kind="plan_entry")
    return entry


def _seen(given: str | None) -> int | None:
    """The version that a form carries; a form without one was not made by this page."""
    return int(given) if given and given.isascii() and given.isdecimal() and len(given) < 10 else None


def _part(task: Task, participant_id: int) -> Participant:
    found = next((p for p in task.participants if p.id == participant_id), None)
    if found is None:
        abort(404)
    return found


def _start(entry: PlanEntry) -> dict[str, Any]:
    """What the plan says already; the months that are left of it."""
    window = _window(entry)
    return {
        "content": entry.note or "",
        "period_from": min(max(window.first, window.today), window.last),
        "period_to": window.last,
        "method": entry.method,
    }


def _window(entry: PlanEntry) -> Window:
    return plan_window(entry.plan.year, entry.month_from, entry.month_to, today(current_clock()))


def _is_readable(form: SchemeForm, entry: PlanEntry) -> bool:
    """Where a field has no readable shape, the faults of all others are told as well, at once."""
    if form.validate():
        return True
    put_back(form, Invalid("invalid", scheme_faults(form.scheme(), _window(entry))))
    return False


def _fields(form: SchemeForm) -> dict[str, Any]:
    scheme = form.scheme()
    return {name: getattr(scheme, name) for name in scheme.__slots__}


def _chosen_items() -> set[int]:
    return {primary_key(value) for value in request.form.getlist("item")}


def _by_agency(entry: PlanEntry) -> list[tuple[Any, list[Any]]]:
    """Agencies with their items, the initiator first."""
    groups: dict[int, tuple[Any, list[Any]]] = {}
    for part in sorted(entry.participants, key=lambda p: (p.agency_id != entry.initiator_id, p.agency.code)):
        groups.setdefault(part.agency_id, (part.agency, []))[1].append(part.item)
    return list(groups.values())
