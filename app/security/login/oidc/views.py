"""`/login/sso`: to the provider and back. A GET, because browsers do not let a form be led to another origin."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from flask import Response as FlaskResponse
from flask import abort, current_app, flash, make_response, redirect, request, session, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.db import Actor, db, unit_of_work
from app.kernel.clock import machine_time
from app.kernel.errors import DomainError, Refused
from app.security.access import public_route
from app.security.context import current_clock, current_login, person
from app.security.explain import explain
from app.security.login.auth import HALF
from app.security.login.finish import finish_log_in, remember_next, safe_path
from app.security.login.oidc import rules, services
from app.security.login.oidc.provider import Provider, ProviderDown, TokenRefused
from app.security.login.places import Way, factors_of, farewells, fresh_ways, login_ways
from app.security.login.services import authenticated_again
from app.security.models import Account
from app.security.scope import Scope
from app.security.scoping import unscoped
from app.security.services import note_security
from app.security.views import PortalView

ATTEMPT, FAREWELL = "sso", "sso_farewell"
LONGEST_HINT = 2000
"""A longer ID token does not fit into the cookie that carries the way out."""


def provider() -> Provider | None:
    """The configured provider; None without single sign-on."""
    settings = current_app.extensions["settings"].oidc
    if settings is None:
        return None
    known: Provider | None = current_app.extensions.get("oidc")
    if known is None or known.settings is not settings:
        known = current_app.extensions["oidc"] = Provider(settings)
    return known


class SsoView(PortalView):
    """Single sign-on by OpenID Connect: code flow with PKCE, state and nonce."""

    route_base = "/login/sso"

    @expose("")
    @public_route
    def start(self) -> Response:
        known = provider()
        if known is None:
            abort(404)
        again = request.args.get("again") == "1" and person() is not None
        attempt = {
            "state": secrets.token_urlsafe(32),
            "nonce": secrets.token_urlsafe(32),
            "verifier": secrets.token_urlsafe(48),
            "at": machine_time(current_clock()).isoformat(),
            "again": again,
            "next": safe_path(request.args.get("next")),
        }
        try:
            url = known.authorization_url(
                state=attempt["state"],
                nonce=attempt["nonce"],
                verifier=attempt["verifier"],
                redirect_uri=_callback(),
                again=again,
            )
        except ProviderDown as fault:
            return _refuse("sso_down", str(fault))
        session[ATTEMPT] = attempt
        return redirect(url)

    @expose("/callback")
    @public_route
    def callback(self) -> Response:
        known = provider()
        if known is None:
            abort(404)
        attempt = session.pop(ATTEMPT, None)
        try:
            claims, id_token = _answered(known, attempt)
            if attempt["again"]:
                return _shown_again(known, attempt, claims)
            return _log_in(known, attempt, claims, id_token)
        except ProviderDown as fault:
            return _refuse("sso_down", str(fault))
        except TokenRefused as fault:
            return _refuse("sso_token", str(fault))
        except DomainError as error:
            return _refuse(error.code, **error.facts)

    @expose("/left")
    @public_route
    def left(self) -> FlaskResponse | Response:
        target = session.pop(FAREWELL, None)
        if not isinstance(target, str):
            return redirect(url_for("PortalAuthView.login"))
        answer = make_response(self.render("security/oidc/left.html", target=target))
        answer.headers["Refresh"] = f"1; url={target}"
        return answer


def _callback() -> str:
    return f"{current_app.extensions['settings'].base_url}/login/sso/callback"


def _answered(known: Provider, attempt: Any) -> tuple[dict[str, Any], str]:
    """The checked claims of the provider's answer to a question that this browser asked, and the ID token.

    :raises Refused: not asked, asked too long ago, answered before, or denied
    """
    state, now = request.args.get("state", ""), machine_time(current_clock())
    if not isinstance(attempt, dict) or not secrets.compare_digest(state.encode(), attempt["state"].encode()):
        raise Refused("sso_state")
    begun = datetime.fromisoformat(attempt["at"])
    with _unit() as unit:
        first = services.use_state(unit, state)
    if not first:
        raise Refused("sso_state")
    if now - begun > rules.ATTEMPT_LASTS or begun > now:
        raise Refused("sso_old")
    if request.args.get("iss", known.settings.issuer) != known.settings.issuer:
        raise TokenRefused("answer of another issuer")
    code = request.args.get("code", "")
    if request.args.get("error") or not code:
        raise Refused("sso_denied")
    token = known.exchange(code[:4000], verifier=attempt["verifier"], redirect_uri=_callback())
    since = begun if attempt["again"] else None
    return known.claims(token, nonce=attempt["nonce"], now=now, again_since=since), token["id_token"]


def _log_in(known: Provider, attempt: dict[str, Any], claims: dict[str, Any], id_token: str) -> Response:
    """The account is found and brought in line, all or nothing; then the second step, or in."""
    mapping = known.settings.mapping
    with _unit() as unit:
        account = services.find_person(unit, known.settings.issuer, claims, mapping, id_token)
        place = services.place_to_act(unit, account, claims, mapping)
        place_id = place.id if place is not None else None
        more = factors_of(unit.session, account.id)
    locale = session.get("locale")
    session.clear()
    if locale:
        session["locale"] = locale
    remember_next(attempt["next"])
    if rules.shows_second_factor(mapping, claims):
        answer = finish_log_in(account, frozenset({"sso", "sso_mfa"}))
    elif more:
        session[HALF] = {
            "user": account.id,
            "at": current_clock().now().isoformat(),
            "first": "sso",
            "membership": place_id,
        }
        return redirect(url_for("SecondStep.second"))
    else:
        answer = finish_log_in(account, frozenset({"sso"}))
    if place_id is not None and "token" in session:
        session["membership"] = place_id
    return answer


def _shown_again(known: Provider, attempt: dict[str, Any], claims: dict[str, Any]) -> Response:
    """The person of this session has shown at the provider once more who they are."""
    who, login = person(), current_login()
    if who is None or login is None:
        raise Refused("sso_state")
    with _unit() as unit:
        found = services.known_person(unit.session, known.settings.issuer, claims["sub"])
        if found != who.account.id:
            raise Refused("sso_somebody_else")
        authenticated_again(unit, login.id, factor="sso")
    return redirect(safe_path(attempt["next"]))


def _refuse(code: str, detail: str = "", **facts: Any) -> Response:
    """A sentence, no session, a line in the log."""
    who = person()
    with _unit() as unit:
        note_security(
            unit,
            "sso_refused",
            "refused",
            subject=f"account:{who.account.id}" if who else "",
            detail=f"{code} {detail}".strip()[:400],
            user_id=who.account.id if who else None,
        )
    flash(explain(DomainError(code, **facts)), "danger")
    return redirect("/" if who else url_for("PortalAuthView.login"))


def _unit() -> Any:
    return unit_of_work(Actor.system("sso"), Scope.system("single sign-on"), current_clock())


def _login_way(wanted: str) -> Way | None:
    known = provider()
    if known is None:
        return None
    label = (
        _("Log in with %(name)s", name=known.settings.label) if known.settings.label else _l("Single sign-on")
    )
    return Way(label, url_for("SsoView.start", next=wanted if wanted != "/" else None), "world")


def _fresh_way(account: Account, factors: frozenset[str], wanted: str) -> Way | None:
    if provider() is None or "sso" not in factors:
        return None
    return Way(
        _l("Show who you are at the sign-on service"), url_for("SsoView.start", again=1, next=wanted), "world"
    )


def _farewell(account: Account, factors: frozenset[str]) -> str | None:
    """Who came by single sign-on leaves there as well, where the provider offers it."""
    known = provider()
    if known is None or "sso" not in factors:
        return None
    with unscoped(db.session(), "the provider is told who logs out"):
        hint = services.id_token_of(db.session(), known.settings.issuer, account.id)
    target = known.logout_url(
        id_token=hint if hint and len(hint) <= LONGEST_HINT else None,
        back_to=f"{current_app.extensions['settings'].base_url}/login/",
        state=secrets.token_urlsafe(16),
    )
    if target is None:
        return None
    session[FAREWELL] = target
    return url_for("SsoView.left")


def register(appbuilder: Any) -> None:
    view = appbuilder.add_view_no_menu(SsoView)
    sm = appbuilder.sm
    if sm.is_auth_limited:
        sm.limiter.limit(sm.auth_rate_limit)(view.blueprint)
    login_ways.add(_login_way)
    fresh_ways.add(_fresh_way)
    farewells.add(_farewell)
