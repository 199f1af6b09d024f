"""The page of log-in: by name, phone or mail address. Log-out is a POST."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from flask import flash, redirect, request, session, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.forms import LoginForm_db
from flask_appbuilder.security.views import AuthDBView
from flask_babel import gettext as _
from flask_login import logout_user
from werkzeug.wrappers import Response

from app.db import Actor, db, unit_of_work
from app.kernel.errors import Fault
from app.security.access import public_route
from app.security.context import current_clock, current_login, person
from app.security.explain import explain_fault
from app.security.login.finish import finish_log_in, remember_next, safe_path, wrong
from app.security.login.places import Way, factors_of, farewells, login_ways
from app.security.login.queries import policy_of
from app.security.login.services import attempt, end_session
from app.security.scope import Scope
from app.security.services import note_security

HALF = "half"


class PortalAuthView(AuthDBView):
    """Log-in and log-out."""

    route_base = ""
    login_template = "security/login.html"

    @expose("/login/", methods=["GET", "POST"])
    @public_route
    def login(self) -> Response | str:
        form = LoginForm_db()
        wanted = request.args.get("next")
        if wanted is not None or request.method == "GET":
            remember_next(wanted)
        if request.method == "GET" and person() is not None:
            return redirect(safe_path(wanted))
        if form.validate_on_submit():
            answer = self._try(form.username.data or "", form.password.data or "")
            if not isinstance(answer, str):
                return answer
            flash(answer, "danger")
        ways: list[Way] = []
        for find in login_ways:
            way = find(safe_path(wanted))
            if way is not None:
                ways.append(way)
        return self.render_template(
            self.login_template,
            title=_("Log in"),
            form=form,
            appbuilder=self.appbuilder,
            ways=ways,
            policy=policy_of(db.session()),
        )

    def _try(self, name: str, password: str) -> Response | str:
        """The next step, or the sentence that says why not."""
        clock = current_clock()
        with unit_of_work(Actor.system("log-in"), Scope.system("log-in"), clock) as unit:
            found = attempt(unit, name, password)
            factors = factors_of(unit.session, found.account.id) if found.account else []
        if found.code == "first_password_expired":
            return explain_fault(Fault("password", found.code))
        if found.account is None:
            return wrong()
        if not factors:
            return finish_log_in(found.account, frozenset({"password"}))
        wanted = session.get("next_page")
        session.clear()
        if wanted:
            session["next_page"] = wanted
        session[HALF] = {"user": found.account.id, "at": clock.now().isoformat()}
        return redirect("/login/second")

    @expose("/logout/", methods=["POST"])
    @public_route
    def logout(self) -> Response:
        who, login = person(), current_login()
        if who is not None and login is not None:
            with unit_of_work(who.actor, Scope.system("log-out"), current_clock()) as unit:
                end_session(unit, login.id, why="log_out")
                note_security(unit, "log_out", "ok", subject=f"account:{who.account.id}")
        logout_user()
        session.clear()
        asked = [find(who.account, login.factors) for find in farewells] if who and login else []
        return redirect(next(filter(None, asked), url_for("PortalAuthView.login")))


def half_done(most_minutes: int = 5) -> int | None:
    """The account whose password was right a moment ago in this browser, and whose second factor is awaited."""
    half: Any = session.get(HALF)
    if not isinstance(half, dict):
        return None
    age = current_clock().now() - datetime.fromisoformat(half["at"]).astimezone(timezone.utc)
    if not -60 <= age.total_seconds() <= most_minutes * 60:
        session.pop(HALF, None)
        return None
    return int(half["user"])
