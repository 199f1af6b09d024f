"""The page of one inspector; add, edit, on and off duty; the contact list."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import db
from app.directories.forms import ReasonForm, mark
from app.directories.inspectors import queries, services
from app.directories.inspectors.forms import InspectorForm
from app.directories.inspectors.models import Inspector
from app.directories.inspectors.places import open_visits_of, workload_of
from app.directories.inspectors.rules import Verdict, verdicts
from app.directories.inspectors.views.shared import SUBJECT, is_kept_here, may_keep, standing_of
from app.directories.targets.queries import specialty_names
from app.kernel.clock import SHANGHAI, today
from app.kernel.errors import DomainError, Refused
from app.kernel.workbook import XLSX, xlsx_bytes
from app.security.access import guarded
from app.security.context import current_clock, request_unit
from app.security.explain import explain
from app.security.login.fresh import fresh
from app.security.models import Region
from app.security.protection.showing import personal_fields
from app.security.views import PortalView

RULES = {
    "on_duty": _l("On duty at the agency"),
    "certified": _l("Holds an enforcement certificate"),
    "valid": _l("The certificate is valid today"),
    "present": _l("Not on leave today"),
}


class RecordPages(PortalView):
    @expose("/<int:inspector_id>")
    @guarded("show")
    def show(self, inspector_id: int) -> Any:
        session, day = db.session(), today(current_clock())
        inspector = queries.get_inspector(session, inspector_id)
        own = may_keep() and is_kept_here(inspector)
        return self.render(
            "inspectors/show.html",
            inspector=inspector,
            standing=standing_of(inspector),
            verdicts=[_said(verdict) for verdict in verdicts(inspector, inspector.leaves, day)],
            regions=_region_names(session, inspector.regions),
            personal=personal_fields(SUBJECT, inspector),
            leaves=[leave for leave in inspector.leaves if leave.last_day >= day],
            workload=workload_of(session, [inspector.id], day.year)[inspector.id],
            visits=open_visits_of(session, inspector.id, inspector.agency_id) if own else [],
            transfer=queries.open_transfer(session, inspector.id),
            day=day,
            may_keep=own,
        )

    @expose("/contacts", methods=["GET", "POST"])
    @guarded("export")
    @fresh
    def contacts(self) -> Any:
        form = ReasonForm()
        extra: list[str] = []
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    rows = services.contacts(unit, form.reason.data or "")
                    watermark = f"{unit.actor.label} {unit.clock.now().astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
                headings = [
                    _("Certificate number"), _("Name"), _("Unit"), _("Position"), _("Telephone"),
                ]  # fmt: skip
                disposition = {"Content-Disposition": "attachment; filename=contacts.xlsx"}
                return Response(xlsx_bytes(headings, rows, watermark), mimetype=XLSX, headers=disposition)
            except DomainError as error:
                extra = mark(form, error)
        return self.render("inspectors/contacts.html", form=form, extra=extra), 422 if extra else 200

    @expose("/add", methods=["GET", "POST"])
    @guarded("keep")
    def add(self) -> Any:
        form = InspectorForm()
        extra: list[str] = []
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    made = services.add_inspector(unit, unit.actor.agency_id or 0, form.texts())
                flash(_("%(name)s is in the directory now.", name=made.name), "success")
                return redirect(url_for("InspectorView.show", inspector_id=made.id))
            except DomainError as error:
                extra = mark(form, error)
        return self._form(form, extra, None)

    @expose("/<int:inspector_id>/edit", methods=["GET", "POST"])
    @guarded("keep")
    def edit(self, inspector_id: int) -> Any:
        inspector = queries.get_inspector(db.session(), inspector_id)
        form = InspectorForm() if request.method == "POST" else InspectorForm(obj=inspector)
        if request.method == "GET":
            form.phone.data = ""
        extra: list[str] = []
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    services.change_inspector(unit, inspector_id, form.texts(), _number(form.version.data))
                flash(_("Saved."), "success")
                return redirect(url_for("InspectorView.show", inspector_id=inspector_id))
            except DomainError as error:
                extra = mark(form, error)
                inspector = queries.get_inspector(db.session(), inspector_id)
                form.version.data = str(inspector.version)
        return self._form(form, extra, inspector)

    def _form(self, form: InspectorForm, extra: list[str], inspector: Inspector | None) -> Any:
        session = db.session()
        form.specialties.choices = [(name, name) for name in specialty_names(session)]
        form.regions.choices = list(
            zip(form.regions.data or [], _region_names(session, form.regions.data or []), strict=True)
        )
        status = 422 if request.method == "POST" else 200
        return self.render(
            "inspectors/form.html", form=form, extra=extra, inspector=inspector, covered=_covered(inspector)
        ), status

    @expose("/<int:inspector_id>/duty", methods=["POST"])
    @guarded("keep")
    def duty(self, inspector_id: int) -> Any:
        back = request.form.get("back") == "yes"
        with request_unit() as unit:
            services.leave_duty(unit, inspector_id, back=back)
        flash(
            _("On duty again.") if back else _("Off duty: no draw counts on this inspector any more."),
            "success",
        )
        return redirect(url_for("InspectorView.show", inspector_id=inspector_id))


def _said(verdict: Verdict) -> tuple[Any, str, str]:
    """What the rule asks, its article, and the sentence that stands against the inspector, if any."""
    refusal = verdict.refusal
    sentence = explain(Refused(refusal.code, **refusal.facts)) if refusal is not None else ""
    return RULES[verdict.rule], verdict.article, sentence


def _region_names(session: Session, codes: list[str]) -> list[str]:
    rows = session.execute(select(Region.code, Region.name).where(Region.code.in_(codes)))
    names = dict(rows.all())
    return [names.get(code, code) for code in codes]


def _covered(inspector: Inspector | None) -> dict[str, str]:
    """The hint in place of the number: covered, and kept while the field stays empty."""
    found = personal_fields(SUBJECT, inspector) if inspector is not None else {}
    return {
        name: _("Stored: %(value)s. Left empty, it stays.", value=field.text)
        for name, field in found.items()
        if field.text
    }


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else 0
