"""`/me/`: my account, my password, my sessions, my log-ins, and the question who I am."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, request, session
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.db import db, unit_of_work
from app.security.access import signed_in
from app.security.acts import perform
from app.security.context import Person, current_clock, current_login, person, request_unit
from app.security.login import fresh, queries
from app.security.login.agents import browser_name
from app.security.login.finish import safe_path
from app.security.login.forms import ConfirmForm, PasswordForm
from app.security.login.kept import CARRY_ON, entry_of, forget_entry
from app.security.login.lookup import Login
from app.security.login.messages import OVER, REFUSED, WAYS
from app.security.login.places import factors_of
from app.security.login.queries import policy_of
from app.security.login.rules import days_left
from app.security.login.services import change_own_password, end_own_session, prove_again, renew_token
from app.security.models import SecurityLog
from app.security.protection import mask
from app.security.requests import primary_key
from app.security.rules import ROLE_LABELS
from app.security.scope import Scope
from app.security.views import PortalView

Answer = Response | str | tuple[str, int]
PAGE = 25
DONE: dict[str, Any] = {
    "log_in": _l("Logged in"),
    "log_out": _l("Logged out"),
    "session_ended": _l("Session ended"),
    "account_locked": _l("Account locked after failed log-ins"),
    "account_unlocked": _l("Account unlocked"),
    "password_changed": _l("Password changed"),
    "authenticated_again": _l("Showed again who they are"),
}


@dataclass(frozen=True)
class Seat:
    """One membership in words."""

    agency: str
    title: str
    roles: str
    current: bool


class OwnPages(PortalView):
    """Everybody's own account; nobody else's can be reached from here."""

    route_base = "/me"
    default_view = "index"

    @expose("/")
    @signed_in
    def index(self) -> str:
        who, policy = _me(), policy_of(db.session())
        account = who.account
        return self.render(
            "security/me.html",
            person=who,
            phone=mask("phone", account.phone),
            seats=_seats(who),
            sessions=len(queries.sessions_of(db.session(), account.id)),
            factors=[WAYS.get(kind, kind) for kind in factors_of(db.session(), account.id)],
            days=days_left(policy, account.password_changed_at, current_clock().now()),
            policy=policy,
        )

    @expose("/password", methods=["GET", "POST"])
    @signed_in
    def password(self) -> Answer:
        who, login, form = _me(), _login(), PasswordForm()
        forced = who.account.must_change_password or "password" in login.pending
        sentences: list[str] = []
        if request.method == "POST" and form.validate():
            sentences = self._change(who, login, form)
            if not sentences and not form.errors:
                flash(_("Your password has been changed. All other sessions have ended."), "success")
                return redirect("/" if forced else "/me/")
        page = self.render(
            "security/password.html",
            form=form,
            sentences=sentences,
            policy=policy_of(db.session()),
            forced=forced,
        )
        return (page, 422) if request.method == "POST" else page

    def _change(self, who: Person, login: Login, form: PasswordForm) -> list[str]:
        """The sentences that say why not. A wrong present password stays counted, whatever else is wrong."""
        with unit_of_work(who.actor, Scope.system("own password"), current_clock()) as unit:
            right = prove_again(unit, who.account.id, form.old.data or "").account is not None
        if not right:
            form.old.errors = [_("The present password is wrong, or the account is locked after failures.")]
            return []
        act = perform(
            lambda unit: change_own_password(
                unit, login.id, form.old.data or "", form.new.data, form.again.data
            ),
            form,
        )
        if act.done:
            with request_unit() as unit:
                session["token"] = renew_token(unit, login.id)
        return act.sentences

    @expose("/sessions")
    @signed_in
    def sessions(self) -> str:
        who, login = _me(), _login()
        return self.render(
            "security/sessions.html",
            rows=queries.sessions_of(db.session(), who.account.id),
            here=login.id,
            browser_name=browser_name,
            ways=WAYS,
            policy=policy_of(db.session()),
        )

    @expose("/sessions/<int:session_id>/end", methods=["POST"])
    @signed_in
    def end(self, session_id: int) -> Response:
        _me()
        with request_unit() as unit:
            end_own_session(unit, session_id)
        flash(_("The session has ended."), "success")
        return redirect("/me/sessions")

    @expose("/history")
    @signed_in
    def history(self) -> str:
        who, given = _me(), request.args.get("before")
        before = primary_key(given) if given is not None else None
        rows = queries.security_lines_of(db.session(), who.account.id, DONE, before, PAGE + 1)
        return self.render(
            "security/history.html",
            browser_name=browser_name,
            rows=[(row, DONE[row.action], _detail(row)) for row in rows[:PAGE]],
            next_before=rows[PAGE - 1].id if len(rows) > PAGE else None,
        )

    @expose("/carry-on", methods=["GET", "POST"])
    @signed_in
    def carry_on(self) -> Answer:
        """What was sent with a session that had ended: to be sent now, or thrown away (POST)."""
        waits, clock = session.get(CARRY_ON), current_clock()
        entry = entry_of(waits, _me().account.id, clock.now())
        if request.method == "POST" or entry is None:
            forget_entry(session.pop(CARRY_ON, None), _me().account.id, clock)
            return redirect(safe_path(entry.path.partition("?")[0]) if entry else "/")
        return self.render("security/carry_on.html", entry=entry)

    @expose("/confirm", methods=["GET", "POST"])
    @signed_in
    def confirm(self) -> Answer:
        """Before a page that asks who one is; then on to that page."""
        form, wanted = ConfirmForm(), safe_path(request.values.get("next"))
        if _login().kind == "api":
            abort(404)
        if request.method == "GET" and fresh.shown_lately():
            return redirect(wanted)
        sentence = ""
        if request.method == "POST":
            sentence = fresh.answer(request.form.get(fresh.PASSWORD_FIELD, ""))
            if not sentence:
                return redirect(wanted)
        page = fresh.question("/me/confirm", sentence, [("next", wanted)])
        return (page, 422) if form.errors or sentence else page


def _me() -> Person:
    who = person()
    assert who is not None, "signed in"
    return who


def _login() -> Login:
    login = current_login()
    assert login is not None, "signed in"
    return login


def _seats(who: Person) -> list[Seat]:
    return [
        Seat(
            agency=m.agency.name if m.agency else "—",
            title=m.title,
            roles="、".join(_role(link) for link in m.roles),
            current=m is who.membership,
        )
        for m in who.memberships
    ]


def _role(link: Any) -> str:
    name = link.custom.name if link.custom else _(ROLE_LABELS.get(link.role.name, link.role.name))
    return _("%(role)s until %(day)s", role=name, day=link.until.isoformat()) if link.until else str(name)


def _detail(row: SecurityLog) -> Any:
    if row.outcome != "ok":
        return REFUSED.get(row.detail, "")
    if row.action == "session_ended":
        return OVER.get(row.detail, "")
    if row.action == "log_in":
        return "、".join(str(WAYS.get(word, word)) for word in row.detail.replace(",", "").split())
    return ""
