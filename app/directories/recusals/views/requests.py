"""What targets declare by the code on their notice: look, confirm, reject."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.db import db
from app.directories.recusals import queries, services
from app.directories.recusals.forms import RejectForm, RequestAnswerForm
from app.directories.recusals.models import RecusalRequest
from app.directories.recusals.places import to_replace
from app.directories.recusals.rules import RequestState
from app.security.access import guarded
from app.security.acts import perform
from app.security.context import person
from app.security.protection.rules import Kind
from app.security.protection.showing import personal_fields
from app.security.protection.subjects import Subject
from app.security.requests import primary_key
from app.security.views import PortalView

SUBJECT = Subject(
    "recusal_request",
    RecusalRequest,
    {"phone": (Kind.PHONE, _l("Telephone"))},
    lambda request_id: url_for("RecusalView.show_request", request_id=request_id),
    ("can_withdraw", "RecusalView"),
)


class RequestPages(PortalView):
    @expose("/requests/")
    @guarded("withdraw")
    def requests(self) -> str:
        after = request.args.get("after")
        rows = queries.requests(db.session(), after=primary_key(after) if after else None)
        shown = rows[: queries.PAGE]
        more = len(rows) > queries.PAGE
        return self.render(
            "recusals/requests.html",
            rows=shown,
            states=RequestState,
            following=url_for("RecusalView.requests", after=shown[-1].id) if more else None,
        )

    @expose("/requests/<int:request_id>")
    @guarded("withdraw")
    def show_request(self, request_id: int) -> str:
        return self._request(request_id, RequestAnswerForm(formdata=None), RejectForm(formdata=None), [])

    @expose("/requests/<int:request_id>/confirm", methods=["POST"])
    @guarded("withdraw")
    def confirm(self, request_id: int) -> Any:
        form = RequestAnswerForm()
        act = perform(
            lambda unit: services.confirm_request(unit, request_id, form.answer.data or "", form.until.data),
            form,
        )
        if act.done:
            flash(
                _("Confirmed: the two will not meet. Replace the inspector in the visits named below."),
                "success",
            )
            return redirect(url_for("RecusalView.show_request", request_id=request_id))
        return self._request(request_id, form, RejectForm(formdata=None), act.sentences), 422

    @expose("/requests/<int:request_id>/reject", methods=["POST"])
    @guarded("withdraw")
    def reject(self, request_id: int) -> Any:
        form = RejectForm()
        act = perform(lambda unit: services.reject_request(unit, request_id, form.answer.data or ""), form)
        if act.done:
            flash(_("Rejected. The target reads the reason with the code on its notice."), "success")
            return redirect(url_for("RecusalView.show_request", request_id=request_id))
        return self._request(request_id, RequestAnswerForm(formdata=None), form, act.sentences), 422

    def _request(
        self, request_id: int, form: RequestAnswerForm, reject: RejectForm, sentences: list[str]
    ) -> str:
        session = db.session()
        found = queries.get_request(session, request_id)
        who = person()
        at_home = who is not None and who.actor.agency_id == found.agency_id
        visits = [
            visit for place in to_replace for visit in place(session, found.inspector_id, found.target_id)
        ]
        return self.render(
            "recusals/request.html",
            request_row=found,
            state=RequestState(found.state),
            personal=personal_fields(SUBJECT, found),
            visits=visits if found.state == RequestState.CONFIRMED else [],
            may_answer=at_home and found.state == RequestState.WAITING,
            form=form,
            reject=reject,
            sentences=sentences,
        )
