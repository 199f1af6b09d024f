"""The acts of a participating agency: respond (also from the mail's link), state why it is late."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from flask import flash, redirect, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.db import Unit, db
from app.kernel.errors import DomainError, NotFound
from app.security.access import guarded, signed_in
from app.security.context import current_clock, request_unit
from app.security.explain import explain
from app.security.queries import work_calendar
from app.security.refusals import written
from app.security.requests import primary_key
from app.security.services import note_security
from app.security.views import Grants, PortalView
from app.tasks import queries, services
from app.tasks.forms import ReasonForm
from app.tasks.models import Participant, Task
from app.tasks.next_step import is_clerk_of
from app.tasks.rules import ResponseState, TaskState, may_state_reason, working_days_left
from app.tasks.views.shared import ACT, last_day, me, put_back

Answer = Response | str | tuple[str, int]


class ResponsePages(PortalView):
    """Clerks of a participating agency."""

    route_base = "/tasks"
    class_permission_name = "Tasks"
    grants: ClassVar[Grants] = {"can_act": ACT}

    @expose("/<pk>/respond", methods=["GET", "POST"])
    @guarded("act")
    def respond(self, pk: str) -> Answer:
        task, _part = _own(pk)
        return self._respond(task.id, lambda unit: task.id)

    @expose("/respond/<token>", methods=["GET", "POST"])
    @signed_in
    def respond_by_link(self, token: str) -> Answer:
        """Looking at it spends nothing; only the answer does. Open to whoever has logged in: a link that
        cannot be used says why, and where to go on.
        """
        try:
            link = queries.response_link(db.session(), me().actor, token)
        except DomainError as error:
            return self._link_refused(error)
        task_id = link.participant.task_id

        def spend(unit: Unit) -> int:
            services.use_link(unit, token)
            return task_id

        return self._respond(task_id, spend)

    def _link_refused(self, error: DomainError) -> Answer:
        """Nothing of the act is left; that somebody tried is. The token itself is written nowhere."""
        db.session.rollback()
        with request_unit() as unit:
            note_security(
                unit, "link_refused", "refused", subject=str(error.facts.get("no", "")), detail=error.code
            )
        written()
        page = self.render("tasks/link.html", sentence=explain(error), code=error.code)
        return page, error.status

    def _respond(self, task_id: int, enter: Callable[[Unit], int]) -> Answer:
        form, sentences = ReasonForm(), []
        if request.method == "POST":
            try:
                with request_unit() as unit:
                    part = _answer(unit, enter(unit), form)
            except DomainError as error:
                if error.code.startswith("link_"):
                    return self._link_refused(error)
                sentences = put_back(form, error)
            else:
                took = part.state == ResponseState.ACCEPTED
                flash(
                    _("Thank you. Your agency takes part.")
                    if took
                    else _("Your agency does not take part. The initiator has been told."),
                    "success",
                )
                return redirect(f"/tasks/{task_id}")
        task, part = _own(str(task_id))
        now = current_clock().now()
        chosen = request.form.getlist("item") if request.method == "POST" else None
        page = self.render(
            "tasks/respond.html",
            task=task,
            part=part,
            items=queries.items_of(task, part.agency_id),
            chosen=chosen,
            form=form,
            sentences=sentences,
            open=task.state == TaskState.PUSHED and part.state == ResponseState.PENDING,
            state=ResponseState(part.state),
            last_day=last_day(part),
            days_left=working_days_left(part.due_at, now, work_calendar(db.session()))
            if part.due_at
            else None,
        )
        return (page, 422) if request.method == "POST" else page

    @expose("/<pk>/overdue-reason", methods=["GET", "POST"])
    @guarded("act")
    def overdue_reason(self, pk: str) -> Answer:
        task, part = _own(pk)
        form = ReasonForm() if request.method == "POST" else ReasonForm(data={"reason": part.overdue_reason})
        sentences: list[str] = []
        if request.method == "POST":
            try:
                with request_unit() as unit:
                    services.state_overdue_reason(unit, task.id, form.reason.data or "")
            except DomainError as error:
                sentences = put_back(form, error)
            else:
                flash(
                    _("The reason has been recorded and stands on the list of overdue responses."), "success"
                )
                return redirect(f"/tasks/{task.id}")
        elif not may_state_reason(part.state, part.late, part.due_at, current_clock().now()):
            return redirect(f"/tasks/{task.id}")
        task, part = _own(pk)
        page = self.render(
            "tasks/overdue_reason.html",
            task=task,
            part=part,
            form=form,
            sentences=sentences,
            last_day=last_day(part),
        )
        return (page, 422) if request.method == "POST" else page


def _answer(unit: Unit, task_id: int, form: ReasonForm) -> Participant:
    if request.form.get("answer") == "decline":
        return services.decline(unit, task_id, form.reason.data or "")
    return services.accept(unit, task_id, {primary_key(value) for value in request.form.getlist("item")})


def _own(pk: str) -> tuple[Task, Participant]:
    """A task in which the person's agency takes part, and its part."""
    task = queries.get_task(db.session(), primary_key(pk))
    part = queries.own_part(task, me().actor.agency_id)
    if part is None or not is_clerk_of(me().actor, part.agency_id):
        raise NotFound("not_in_scope", kind="participant")
    return task, part
