"""The set-up page: there only while a code is out, then never again."""

from __future__ import annotations

import time
from typing import Any, ClassVar

from flask import Response, abort, current_app, make_response
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy.exc import SQLAlchemyError
from wtforms import PasswordField, StringField

from app.db import Actor, db, unit_of_work
from app.kernel.errors import DomainError, Invalid
from app.security.access import public_route
from app.security.context import current_clock
from app.security.explain import explain, explain_fault
from app.security.roles.services import setting_up
from app.security.roles.services.setting_up import MADE, NewPerson, Slip
from app.security.rules import ROLE_LABELS, ROLE_NOTES
from app.security.scope import Scope
from app.security.scoping import unscoped
from app.security.views import Grants, PortalView

LOOK_AGAIN = 30.0
"""Seconds for which the banner's answer is kept."""


class SetUpForm(FlaskForm):
    """The code, and a name with a log-in name for each of the four."""

    code = PasswordField(_l("One-time code"), description=_l("Printed by the command that began the set-up."))
    system_admin_name = StringField(_l("Full name"))
    system_admin_username = StringField(_l("Log-in name"))
    security_admin_name = StringField(_l("Full name"))
    security_admin_username = StringField(_l("Log-in name"))
    audit_admin_name = StringField(_l("Full name"))
    audit_admin_username = StringField(_l("Log-in name"))
    office_admin_name = StringField(_l("Full name"))
    office_admin_username = StringField(_l("Log-in name"))

    def people(self) -> list[NewPerson]:
        return [
            NewPerson(role, _text(self[f"{role.value}_username"]), _text(self[f"{role.value}_name"]))
            for role in MADE
        ]


class SetUpView(PortalView):
    """`/setup/`."""

    route_base = "/setup"
    grants: ClassVar[Grants] = {}

    @expose("/", methods=["GET", "POST"])
    @public_route
    def begin(self) -> Response | tuple[Response, int]:
        with unscoped(db.session(), "set-up"):
            if not setting_up.is_open(db.session(), current_clock()):
                abort(404)
        form, sentences = SetUpForm(), []
        if form.validate_on_submit():
            slips, sentences = _finish(form)
            if slips:
                current_app.extensions.pop("set_up_open", None)
                return _unkept(self.render("roles/slips.html", slips=slips, labels=ROLE_LABELS))
        page = _unkept(
            self.render(
                "roles/setup.html",
                form=form,
                sentences=sentences,
                roles=[
                    (
                        r.value,
                        _(r.label),
                        _(ROLE_NOTES[r]),
                        form[f"{r.value}_name"],
                        form[f"{r.value}_username"],
                    )
                    for r in MADE
                ],
            )
        )
        return (page, 422) if sentences else page


def set_up_is_open() -> bool:
    """For the banner on every page: asked at most twice a minute by each process."""
    kept: tuple[float, bool] | None = current_app.extensions.get("set_up_open")
    if kept is not None and time.monotonic() - kept[0] < LOOK_AGAIN:
        return kept[1]
    session = db.session()
    try:
        with unscoped(session, "set-up"):
            found = setting_up.is_open(session, current_clock())
    except SQLAlchemyError:
        session.rollback()
        return False
    current_app.extensions["set_up_open"] = (time.monotonic(), found)
    return found


def _finish(form: SetUpForm) -> tuple[list[Slip], list[str]]:
    with _unit() as unit:
        accepted = setting_up.accept_code(unit, form.code.data or "")
    if not accepted:
        return [], [_("This code does not open the set-up. After ten wrong codes a new one is needed.")]
    try:
        with _unit() as unit:
            return setting_up.finish_set_up(unit, form.people()), []
    except Invalid as error:
        for fault in error.faults:
            field: Any = form[fault.field]
            field.errors = [*field.errors, explain_fault(fault)]
        return [], [explain(error)]
    except DomainError as error:
        return [], [explain(error)]


def _unit() -> Any:
    return unit_of_work(Actor.system("set-up"), Scope.system("set-up"), current_clock())


def _unkept(page: str) -> Response:
    """Not kept by the browser: a first password is shown once."""
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response


def _text(field: Any) -> str:
    return (field.data or "").strip()
