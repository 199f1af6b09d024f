"""Review of submitted forms: approve, return with a remark, or exempt from publication."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.db import Unit, db
from app.inspections import queries, services
from app.inspections.rules import FormAct, FormState, may_step
from app.inspections.views.shared import WORDS, actor, after_key, last_day, whole
from app.kernel.clock import today
from app.security.access import guarded
from app.security.acts import perform
from app.security.context import current_clock
from app.security.names import names_of
from app.security.queries import work_calendar
from app.security.rules import RoleName, may_approve
from app.security.views import Grants, PortalView

SHOWN = {
    "waiting": [FormState.SUBMITTED.value],
    "returned": [FormState.RETURNED.value],
    "approved": [FormState.APPROVED.value],
    "settled": [FormState.PUBLISHED.value, FormState.EXEMPT.value],
}


class ReviewView(PortalView):
    """`/reviews`."""

    route_base = "/reviews"
    grants: ClassVar[Grants] = {"can_review": frozenset({RoleName.REVIEWER})}

    @expose("/")
    @guarded("review")
    def index(self) -> str:
        session = db.session()
        show = request.args.get("show", "waiting")
        show = show if show in SHOWN else "waiting"
        day = today(current_clock())
        page = queries.forms_to_review(
            session, actor(), day, after=after_key(), states=() if show == "waiting" else SHOWN[show]
        )
        return self.render(
            "inspections/reviews.html",
            rows=page.rows,
            left=_left(page.rows),
            show=show,
            approvals=queries.unapproved_tasks(session, actor(), day) if show == "waiting" else [],
            first_url=url_for(".index", show=show) if request.args.get("after") else "",
            next_url=url_for(".index", show=show, after=page.after) if page.after else "",
            **WORDS,
        )

    @expose("/<int:form_id>")
    @guarded("review")
    def show(self, form_id: int) -> str:
        return self._page(form_id)

    @expose("/<int:form_id>/approve", methods=["POST"])
    @guarded("review")
    def approve(self, form_id: int) -> Response | tuple[str, int]:
        return self._decide(
            form_id,
            lambda unit: services.approve_form(unit, form_id, whole(request.form.get("version"))),
            _("Approved. The result goes to publication."),
        )

    @expose("/<int:form_id>/return", methods=["POST"])
    @guarded("review")
    def send_back(self, form_id: int) -> Response | tuple[str, int]:
        remark = request.form.get("remark", "")
        return self._decide(
            form_id,
            lambda unit: services.return_form(unit, form_id, remark, whole(request.form.get("version"))),
            _("Returned to the inspector."),
        )

    @expose("/<int:form_id>/exempt", methods=["POST"])
    @guarded("review")
    def exempt(self, form_id: int) -> Response | tuple[str, int]:
        return self._decide(
            form_id,
            lambda unit: services.exempt_form(unit, form_id, whole(request.form.get("version"))),
            _("Approved, and exempted from publication."),
        )

    @expose("/<int:form_id>/ask-exemption", methods=["POST"])
    @guarded("review")
    def ask_exemption(self, form_id: int) -> Response | tuple[str, int]:
        basis = request.form.get("basis", "")
        return self._decide(
            form_id,
            lambda unit: services.ask_exemption(unit, form_id, basis, whole(request.form.get("version"))),
            _("Another reviewer has been asked to agree to the exemption."),
        )

    @expose("/<int:form_id>/deny-exemption", methods=["POST"])
    @guarded("review")
    def deny_exemption(self, form_id: int) -> Response | tuple[str, int]:
        return self._decide(
            form_id,
            lambda unit: services.deny_exemption(unit, form_id, whole(request.form.get("version"))),
            _("The request has been taken off the table."),
        )

    def _decide(self, form_id: int, act: Callable[[Unit], Any], sentence: str) -> Response | tuple[str, int]:
        done = perform(act)
        if done.done:
            flash(sentence, "success")
            return redirect(url_for(".index"))
        db.session().expire_all()
        return self._page(form_id, done.sentences), 409

    def _page(self, form_id: int, sentences: list[str] | None = None) -> str:
        session, who = db.session(), actor()
        form = queries.get_form(session, who, form_id)
        reviewed = queries.reviewed_agencies(session, who, today(current_clock()))
        own = form.agency_id == who.agency_id or form.agency_id in reviewed
        other_person = bool(may_approve(form.submitted_by, who.code))
        acts = [act for act in FormAct if own and other_person and may_step(form.state, act)]
        return self.render(
            "inspections/review.html",
            form=form,
            visit=form.visit,
            group=queries.joint_group(session, form.visit.drawn_target_id),
            names=names_of(
                session,
                filter(None, [form.submitted_by, form.approved_by, form.exempt_by, form.exempt_asked_by]),
            ),
            asked_by_me=form.exempt_asked_by == who.code,
            left=_left([form]).get(form.id),
            acts={act.value for act in acts},
            same_person=own and not other_person,
            case=queries.follow_up_of_form(session, form_id),
            sentences=sentences or [],
            entered={"remark": request.form.get("remark", ""), "basis": request.form.get("basis", "")},
            **WORDS,
        )


def _left(forms: Any) -> dict[int, int]:
    """Working days until publication is due, by form."""
    if not forms:
        return {}
    calendar, day = work_calendar(db.session()), today(current_clock())
    return {form.id: calendar.working_days_between(day, last) for form in forms if (last := last_day(form))}
