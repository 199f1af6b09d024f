"""`/login/second`: after the password. A half-done log-in lasts five minutes and opens this page alone."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, session, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.db import Actor, Unit, db, unit_of_work
from app.kernel.clock import SHANGHAI, machine_time
from app.kernel.decisions import Decision
from app.kernel.errors import DomainError
from app.security.access import public_route
from app.security.context import current_clock
from app.security.explain import explain
from app.security.login.auth import HALF, half_done
from app.security.login.factors import queries, services
from app.security.login.factors.forms import SecondForm
from app.security.login.factors.views.shared import (
    as_json,
    forget_challenge,
    own_party,
    party,
    remember_challenge,
)
from app.security.login.finish import finish_log_in, wrong
from app.security.models import Account
from app.security.scope import Scope
from app.security.scoping import unscoped
from app.security.views import PortalView


class SecondStep(PortalView):
    """A one-time code, a recovery code or a security key; failures count to the lock like wrong passwords."""

    route_base = "/login"

    @expose("/second", methods=["GET", "POST"])
    @public_route
    def second(self) -> Response | str | tuple[str, int]:
        user_id = half_done()
        if user_id is None:
            if HALF in session or request.method == "POST":
                session.pop(HALF, None)
                flash(_("This log-in took more than five minutes. Please begin again."), "warning")
            return redirect(url_for("PortalAuthView.login"))
        form, sentence = SecondForm(), ""
        if form.validate_on_submit():
            shown = self._show(user_id, form)
            if shown.code in services.CLOSED:
                session.pop(HALF, None)
                flash(wrong(), "danger")
                return redirect(url_for("PortalAuthView.login"))
            if shown.factor:
                return self._finish(user_id, shown)
            sentence = explain(DomainError(shown.code, **shown.facts))
            form.code.data = form.answer.data = ""
        with unscoped(db.session(), "the second step of a log-in asks for what the person has"):
            factors = queries.factors_of(db.session(), user_id)
        page = self.render(
            "security/factors/second.html",
            form=form,
            sentences=[sentence] if sentence else [],
            factors=factors,
            party=party(),
        )
        return (page, 401) if sentence else page

    def _show(self, user_id: int, form: SecondForm) -> services.Shown:
        now, answer = machine_time(current_clock()), form.answer.data or ""
        challenge = forget_challenge() if answer else None

        def check(unit: Unit) -> Decision:
            if answer:
                return services.pass_with_key(unit, user_id, own_party(), challenge, answer)
            return services.pass_with_code(unit, user_id, form.code.data or "", now)

        with _unit() as unit:
            return services.show_factor(unit, user_id, check)

    def _finish(self, user_id: int, shown: services.Shown) -> Response:
        half = session[HALF]
        with unscoped(db.session(), "the second step of a log-in is done"):
            account = db.session().get(Account, user_id)
        assert account is not None, "its row was locked a moment ago"
        answer = finish_log_in(account, frozenset({half.get("first", "password"), shown.factor}))
        if half.get("membership") is not None and "token" in session:
            session["membership"] = half["membership"]
        left = shown.facts.get("left")
        if left is not None and left <= services.FEW_CODES:
            flash(
                _("%(left)s recovery codes are left. Make new ones on the page of your factors.", left=left),
                "warning",
            )
        return answer

    @expose("/second/options", methods=["POST"])
    @public_route
    def options(self) -> Any:
        user_id = half_done()
        if user_id is None:
            abort(404)

        def ask() -> dict[str, Any]:
            with _unit() as unit:
                number, options = services.offer_pass(unit, user_id, own_party())
            remember_challenge(number)
            return options

        return as_json(ask)


def _unit() -> Any:
    return unit_of_work(Actor.system("log-in"), Scope.system("the second step of a log-in"), current_clock())


def check_code(unit: Unit, user_id: int, code: str) -> str | None:
    """For the log-in of programs: the factor that a code proves. Whoever calls counts the failure."""
    found = services.pass_with_code(unit, user_id, code, machine_time(current_clock()))
    return found.facts["factor"] if found else None


def tell(sender: Any, user: Any, **given: Any) -> None:
    """Somebody whose factors were reset is told so at the next log-in."""
    with _unit() as unit:
        reset = services.tell_of_reset(unit, user.id)
    if reset is not None:
        flash(
            _(
                "Your second factors were reset by the security administrator on %(at)s (%(reason)s). If you did not "
                "ask for it, tell the office at once.",
                at=reset.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M"),
                reason=reset.reason,
            ),
            "warning",
        )
