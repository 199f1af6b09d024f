"""The list of visits, one visit, and the approval before they start."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.db import db
from app.inspections import queries, services
from app.inspections.models import Visit
from app.inspections.views.shared import WORDS, actor, after_key, held_by, is_readable, whole
from app.security.access import guarded
from app.security.acts import perform
from app.security.context import current_clock
from app.security.protection.showing import personal_fields
from app.security.protection.subjects import subject_named
from app.security.rules import BUSINESS, RoleName
from app.security.views import Grants, PortalView
from app.tasks.queries import get_task


class VisitView(PortalView):
    """`/visits`: an inspector's own, the agency's for others."""

    route_base = "/visits"
    grants: ClassVar[Grants] = {
        "can_read": frozenset(BUSINESS),
        "can_approve": frozenset({RoleName.REVIEWER}),
        "can_enter": frozenset({RoleName.INSPECTOR}),
    }

    @expose("/")
    @guarded("read")
    def index(self) -> str:
        session, who = db.session(), actor()
        task_id = whole(request.args.get("task"))
        task = get_task(session, task_id) if task_id and queries.watches_agency(who) else None
        open_only = request.args.get("show", "open" if not queries.watches_agency(who) else "all") == "open"
        if task is not None:
            page = queries.visits_of_task(session, task.id, after=after_key())
        else:
            page = queries.visits_mine(session, who, open_only=open_only, after=after_key())
        kept = {"task": task.id if task else None, "show": "open" if open_only else "all"}
        return self.render(
            "inspections/visits.html",
            rows=page.rows,
            groups=queries.groups_of(session, [v.drawn_target_id for v in page.rows]),
            task=task,
            open_only=open_only,
            mine=not queries.watches_agency(who),
            own_form=own_form,
            first_url=url_for(".index", **kept) if request.args.get("after") else "",
            next_url=url_for(".index", **kept, after=page.after) if page.after else "",
            **WORDS,
        )

    @expose("/<int:visit_id>")
    @guarded("read")
    def show(self, visit_id: int) -> str:
        session, who = db.session(), actor()
        visit = queries.get_visit(session, who, visit_id)
        group = queries.joint_group(session, visit.drawn_target_id)
        mine = any(m.user_id == who.user_id for m in group)
        return self.render(
            "inspections/visit.html",
            visit=visit,
            group=group,
            agencies={form.agency_id: form.agency.name for form in visit.forms},
            mine=mine,
            own=own_form(visit),
            personal=personal_fields(subject_named("target"), visit.target) if mine else {},
            is_readable=is_readable,
            held=held_by(session, visit.target_id),
            **WORDS,
        )

    @expose("/<int:visit_id>/entry", methods=["POST"])
    @guarded("enter")
    def entry(self, visit_id: int) -> Response:
        now = current_clock().now()
        what = {"departed_at": now} if request.form.get("what") == "departed" else {"arrived_at": now}
        done = perform(lambda unit: services.record_entry(unit, visit_id, **what))
        for sentence in done.sentences:
            flash(sentence, "danger")
        if done.done:
            flash(_("The time has been noted."), "success")
        form_id = whole(request.form.get("form"))
        if form_id:
            return redirect(url_for("FormView.fill", form_id=form_id))
        return redirect(url_for(".show", visit_id=visit_id))

    @expose("/approval/<int:task_id>", methods=["GET", "POST"])
    @guarded("approve")
    def approve(self, task_id: int) -> Response | str:
        session = db.session()
        task = get_task(session, task_id)
        sentences: list[str] = []
        if request.method == "POST":
            done = perform(lambda unit: services.approve_visits(unit, task_id))
            if done.done:
                flash(_("The inspections are approved. The notices can be printed."), "success")
                return redirect(f"/tasks/{task_id}")
            sentences = done.sentences
        page = queries.visits_of_task(session, task_id, after=after_key())
        return self.render(
            "inspections/approve.html",
            task=task,
            rows=page.rows,
            groups=queries.groups_of(session, [v.drawn_target_id for v in page.rows]),
            waiting=queries.is_unapproved(session, task_id),
            sentences=sentences,
            next_url=url_for(".approve", task_id=task_id, after=page.after) if page.after else "",
        )


def own_form(visit: Visit) -> Any:
    """The form of the person's own agency, None where it has no part."""
    return next((form for form in visit.forms if form.agency_id == actor().agency_id), None)
