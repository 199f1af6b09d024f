"""One page per act on a target."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _

from app.db import db
from app.directories.forms import ReasonForm, mark
from app.directories.targets import queries, services
from app.directories.targets.forms import CodeForm, TargetForm
from app.directories.targets.models import Industry, Target
from app.directories.targets.views.shared import SUBJECT, choice
from app.kernel.errors import DomainError
from app.security.access import guarded
from app.security.context import request_unit
from app.security.models import Region
from app.security.protection.showing import personal_fields
from app.security.rules import RoleName
from app.security.views import PortalView


class ActPages(PortalView):
    @expose("/add", methods=["GET", "POST"])
    @guarded("keep")
    def add(self) -> Any:
        form = TargetForm()
        extra: list[str] = []
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    if RoleName.OFFICE_ADMIN in unit.actor.roles:
                        target = services.add_target(unit, form.texts())
                    else:
                        target = services.add_agency_target(unit, unit.actor.agency_id or 0, form.texts())
                flash(_("%(name)s is in the directory now.", name=target.name), "success")
                return redirect(url_for("TargetView.show", target_id=target.id))
            except DomainError as error:
                extra = mark(form, error)
        return self._form(form, extra, None)

    @expose("/<int:target_id>/edit", methods=["GET", "POST"])
    @guarded("keep")
    def edit(self, target_id: int) -> Any:
        target = queries.get_target(db.session(), target_id)
        form = TargetForm(obj=None) if request.method == "POST" else TargetForm(data=_stored(target))
        extra: list[str] = []
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    services.change_target(unit, target_id, form.texts(), _number(form.version.data))
                flash(_("Saved."), "success")
                return redirect(url_for("TargetView.show", target_id=target_id))
            except DomainError as error:
                extra = mark(form, error)
                target = queries.get_target(db.session(), target_id)
                form.version.data = str(target.version)
        return self._form(form, extra, target)

    def _form(self, form: TargetForm, extra: list[str], target: Target | None) -> Any:
        session = db.session()
        form.kind.choices = [("", ""), *((kind.code, kind.name) for kind in queries.kinds(session))]
        form.tags.choices = [(name, name) for name in queries.specialty_names(session)]
        form.region.choices = [choice(session, Region, form.region.data)]
        form.industry.choices = [choice(session, Industry, form.industry.data)]
        status = 200 if request.method == "GET" else 422
        return self.render(
            "targets/form.html", form=form, extra=extra, target=target, covered=_covered(target)
        ), status

    @expose("/<int:target_id>/close", methods=["GET", "POST"])
    @guarded("keep")
    def close(self, target_id: int) -> Any:
        target = queries.get_target(db.session(), target_id)
        form = ReasonForm()
        extra: list[str] = []
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    services.close_target(unit, target_id, form.reason.data or "")
                flash(_("%(name)s is marked as deregistered.", name=target.name), "success")
                return redirect(url_for("TargetView.show", target_id=target_id))
            except DomainError as error:
                extra = mark(form, error)
        return self.render("targets/close.html", form=form, extra=extra, target=target)

    @expose("/<int:target_id>/code", methods=["GET", "POST"])
    @guarded("keep")
    def code(self, target_id: int) -> Any:
        target = queries.get_target(db.session(), target_id)
        form = CodeForm()
        extra: list[str] = []
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    services.upgrade_code(unit, target_id, form.code.data or "")
                flash(_("The code was upgraded; the old one still finds this target."), "success")
                return redirect(url_for("TargetView.show", target_id=target_id))
            except DomainError as error:
                extra = mark(form, error)
        return self.render("targets/code.html", form=form, extra=extra, target=target)


def _stored(target: Target) -> dict[str, Any]:
    plain = (
        "code", "name", "kind", "address", "legal_representative", "contact", "registered_on", "tags",
        "version",
    )  # fmt: skip
    values = {name: getattr(target, name) for name in plain}
    return {**values, "region": target.region.code, "industry": target.industry_code or ""}


def _covered(target: Target | None) -> dict[str, str]:
    """Hints that stand in for personal data in a form: covered, and kept while the field stays empty."""
    if target is None:
        return {}
    return {
        name: _("Stored: %(value)s. Left empty, it stays.", value=field.text)
        for name, field in personal_fields(SUBJECT, target).items()
        if field.text
    }


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else 0
