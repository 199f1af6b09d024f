"""The page of leaves and the page of further certificates of one inspector."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _

from app.db import db
from app.directories.inspectors import queries, services
from app.directories.inspectors.forms import CertificateForm, LeaveForm
from app.kernel.clock import today
from app.security.access import guarded, only_at_home
from app.security.acts import perform
from app.security.context import current_clock
from app.security.views import PortalView


class AbsencePages(PortalView):
    @expose("/<int:inspector_id>/leaves", methods=["GET", "POST"])
    @guarded("keep")
    def leaves(self, inspector_id: int) -> Any:
        """What overlaps an entered leave is named, and stays in the form."""
        inspector = queries.get_inspector(db.session(), inspector_id)
        only_at_home(inspector.agency_id)
        form, name = LeaveForm(), inspector.name
        sentences: list[str] = []
        if form.validate_on_submit():
            first, last, reason = form.first_day.data, form.last_day.data, form.reason.data or ""
            act = perform(lambda unit: services.add_leave(unit, inspector_id, first, last, reason), form)
            if act.done:
                flash(
                    _("The leave is entered; draws in that period go without %(name)s.", name=name), "success"
                )
                return redirect(url_for("InspectorView.leaves", inspector_id=inspector_id))
            sentences = act.sentences
            inspector = queries.get_inspector(db.session(), inspector_id)
        page = self.render(
            "inspectors/leaves.html",
            inspector=inspector,
            leaves=sorted(inspector.leaves, key=lambda leave: leave.first_day, reverse=True),
            day=today(current_clock()),
            form=form,
            sentences=sentences,
        )
        return (page, 422) if request.method == "POST" else page

    @expose("/<int:inspector_id>/leaves/<int:leave_id>/end", methods=["POST"])
    @guarded("keep")
    def end_leave(self, inspector_id: int, leave_id: int) -> Any:
        act = perform(lambda unit: services.end_leave(unit, inspector_id, leave_id))
        if act.done:
            flash(_("The leave is taken back."), "success")
        else:
            flash(" ".join(act.sentences), "danger")
        return redirect(url_for("InspectorView.leaves", inspector_id=inspector_id))

    @expose("/<int:inspector_id>/certificates", methods=["GET", "POST"])
    @guarded("keep")
    def certificates(self, inspector_id: int) -> Any:
        inspector = queries.get_inspector(db.session(), inspector_id)
        only_at_home(inspector.agency_id)
        form = CertificateForm()
        sentences: list[str] = []
        if form.validate_on_submit():
            entered = {name: form[name].data for name in ("kind", "number", "valid_from", "valid_until")}
            entered |= {name: entered[name] or "" for name in ("kind", "number")}
            act = perform(lambda unit: services.add_certificate(unit, inspector_id, **entered), form)
            if act.done:
                flash(_("The certificate is entered."), "success")
                return redirect(url_for("InspectorView.certificates", inspector_id=inspector_id))
            sentences = act.sentences
            inspector = queries.get_inspector(db.session(), inspector_id)
        page = self.render(
            "inspectors/certificates.html",
            inspector=inspector,
            day=today(current_clock()),
            form=form,
            sentences=sentences,
        )
        return (page, 422) if request.method == "POST" else page

    @expose("/<int:inspector_id>/certificates/<int:certificate_id>/remove", methods=["POST"])
    @guarded("keep")
    def remove_certificate(self, inspector_id: int, certificate_id: int) -> Any:
        act = perform(lambda unit: services.remove_certificate(unit, inspector_id, certificate_id))
        if act.done:
            flash(_("The certificate is taken away."), "success")
        else:
            flash(" ".join(act.sentences), "danger")
        return redirect(url_for("InspectorView.certificates", inspector_id=inspector_id))
