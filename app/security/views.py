"""Base of all our own pages, log-in, log-out and the switch between memberships."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from flask import abort, flash, redirect, request, session, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.forms import LoginForm_db
from flask_appbuilder.security.views import AuthDBView
from flask_appbuilder.utils.base import get_safe_redirect
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import login_user, logout_user
from werkzeug.wrappers import Response

from app.db import Actor, unit_of_work
from app.security.access import public_route, signed_in
from app.security.context import current_clock, person, switch_membership
from app.security.scope import Scope
from app.security.services import note_security

Grants = Mapping[str, frozenset[str]]


class PortalView(BaseView):
    """A page of our own. `grants` says which roles hold each of its permissions, `can_...` names."""

    grants: ClassVar[Grants] = {}

    def render(self, template: str, **values: Any) -> str:
        return self.render_template(template, **values)


class PortalAuthView(AuthDBView):
    """Log-in by name, phone or mail address; log-out is a POST."""

    route_base = ""
    login_template = "security/login.html"
    invalid_login_message = _l("Name or password is wrong, or the account is locked.")

    @expose("/login/", methods=["GET", "POST"])
    @public_route
    def login(self) -> Response | str:
        form = LoginForm_db()
        wanted = request.args.get("next")
        next_url = get_safe_redirect(wanted) if wanted else "/"
        if form.validate_on_submit():
            account = self.appbuilder.sm.auth_user_db(form.username.data, form.password.data)
            self._note("log_in", "ok" if account else "refused", account, form.username.data)
            if account is not None:
                session.clear()
                login_user(account, remember=False)
                return redirect(next_url)
            flash(str(self.invalid_login_message), "danger")
        return self.render_template(
            self.login_template, title=_("Log in"), form=form, appbuilder=self.appbuilder
        )

    @expose("/logout/", methods=["POST"])
    @public_route
    def logout(self) -> Response:
        who = person()
        if who is not None:
            self._note("log_out", "ok", who.account, who.account.username)
        logout_user()
        session.clear()
        return redirect(url_for("PortalAuthView.login"))

    def _note(self, action: str, outcome: str, account: Any, name: str | None) -> None:
        with unit_of_work(Actor.system("log-in"), Scope.system("security log"), current_clock()) as unit:
            note_security(
                unit,
                action,
                outcome,
                user_id=account.id if account else None,
                subject=(name or "").strip(),
            )


class MembershipView(PortalView):
    """The visible switch between memberships, and the language."""

    route_base = "/me"

    @expose("/membership", methods=["POST"])
    @signed_in
    def membership(self) -> Response:
        wanted = request.form.get("membership", "")
        if not wanted.isdecimal() or not switch_membership(int(wanted)):
            abort(404)
        return redirect("/")

    @expose("/language", methods=["POST"])
    @public_route
    def language(self) -> Response:
        wanted = request.form.get("locale", "")
        if wanted in {"zh_CN", "en"}:
            session["locale"] = wanted
        return redirect(get_safe_redirect(request.form.get("next", "/")))
