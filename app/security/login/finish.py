"""The end of every way to log in: password, second factor, single sign-on."""

from __future__ import annotations

from datetime import datetime, timezone
from urllib.parse import urlsplit

from flask import flash, redirect, session, url_for
from flask_babel import gettext as _
from flask_login import login_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.db import Actor, Unit, unit_of_work
from app.kernel.clock import SHANGHAI
from app.kernel.decisions import Refusal
from app.security.context import current_clock, current_login
from app.security.login.kept import CARRY_ON, entry_of
from app.security.login.queries import Since, policy_of, since_last_log_in
from app.security.login.rules import WARN_DAYS, days_left, may_log_in
from app.security.login.services import begin_session, end_session
from app.security.models import Account
from app.security.scope import Scope
from app.security.services import note_security

NEXT = "next_page"


def safe_path(wanted: str | None) -> str:
    """A path of this portal, `/` for everything else: other hosts, schemes, backslashes, control characters."""
    text = wanted or "/"
    if not text.startswith("/") or text.startswith("//") or "\\" in text or len(text) > 2000:
        return "/"
    if any(ord(c) < 33 or ord(c) == 127 for c in text):
        return "/"
    parts = urlsplit(text)
    return "/" if parts.scheme or parts.netloc else text


def remember_next(wanted: str | None) -> None:
    """Where the person wants to go, kept over all steps of a log-in."""
    path = safe_path(wanted)
    if path == "/":
        session.pop(NEXT, None)
    else:
        session[NEXT] = path


def opened(
    unit: Unit, account: Account, factors: frozenset[str], kind: str = "web"
) -> tuple[str, Since] | str:
    """A session for an account that has shown all its factors: the token, and what happened since the last time;
    or the code of a refusal, when the account was locked or closed meanwhile.
    """
    row = unit.session.scalars(
        select(Account)
        .where(Account.id == account.id)
        .with_for_update(of=Account.__table__)
        .execution_options(populate_existing=True)
    ).one()
    now, subject = unit.clock.now(), f"account:{row.id}"
    allowed = may_log_in(bool(row.active), row.left_at, row.locked_until, now)
    if isinstance(allowed, Refusal):
        note_security(unit, "log_in", "refused", subject=subject, detail=allowed.code, user_id=row.id)
        return allowed.code
    since = since_last_log_in(unit.session, row.id)
    token = begin_session(unit, row, factors=factors, kind=kind)
    row.fail_login_count, row.locked_until = 0, None
    row.login_count = (row.login_count or 0) + 1
    row.last_login = now.astimezone(timezone.utc).replace(tzinfo=None)
    detail = ", ".join(sorted(factors)) + (" (api)" if kind == "api" else "")
    note_security(unit, "log_in", "ok", subject=subject, detail=detail, user_id=row.id)
    return token, since


def finish_log_in(account: Account, factors: frozenset[str]) -> Response:
    """Open the session of somebody who has shown everything that was asked, and go where they wanted to go.

    The cookie session is emptied first and gets a token of its own, so that a planted one opens nothing.

    :param factors: what was shown: `password`, `totp`, `webauthn`, `recovery`, `sso`
    """
    clock, before = current_clock(), current_login()
    with unit_of_work(Actor.system("log-in"), Scope.system("log-in"), clock) as unit:
        if before is not None and before.kind == "web":
            end_session(unit, before.id, why="log_out")
        found = opened(unit, account, factors)
        policy = policy_of(unit.session)
    wanted, waits = safe_path(session.get(NEXT)), session.get(CARRY_ON)
    session.clear()
    if isinstance(found, str):
        flash(wrong(), "danger")
        return redirect(url_for("PortalAuthView.login"))
    token, since = found
    login_user(account, remember=False)
    session["token"] = token
    if entry_of(waits, account.id, clock.now()) is not None:
        session[CARRY_ON], wanted = waits, url_for("OwnPages.carry_on")
    _tell(since)
    left = days_left(policy, account.password_changed_at, clock.now())
    if "password" in factors and left is not None and left <= WARN_DAYS:
        flash(
            _("Your password expires in %(days)s days. Change it on the page of your account.", days=left),
            "info",
        )
    return redirect(wanted)


def wrong() -> str:
    """The one answer to everything that is not right."""
    return _(
        "Name or password is wrong, or the account is locked. After several failures an account is locked for a "
        "while; the security administrator can unlock it."
    )


def _tell(since: Since) -> None:
    """The last log-in, and the attempts that failed since."""
    if since.failures:
        flash(
            _(
                "%(n)s failed attempts to log in with your account since %(since)s, from %(addresses)s. "
                "If that was not you, change your password and tell the security administrator.",
                n=since.failures,
                since=_minute(since.first_failure_at),
                addresses=", ".join(since.addresses) or "—",
            ),
            "warning",
        )
    if since.last_at is not None:
        flash(
            _(
                "Last log-in: %(at)s, from %(address)s.",
                at=_minute(since.last_at),
                address=since.last_address or "—",
            ),
            "info",
        )


def _minute(at: datetime | None) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if at else "—"
