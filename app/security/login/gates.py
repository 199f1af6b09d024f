"""Between log-in and everything else: what must be done first, and why a session is over."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import current_app, flash, g, jsonify, make_response, redirect, request, session
from flask_babel import gettext as _

from app.kernel.clock import Clock
from app.security.login.kept import CARRY_ON, keep_entry
from app.security.login.lookup import Login, refused_token
from app.security.login.messages import OVER
from app.security.models import Account

FIRST = {"password": "/me/password", "factor": "/me/factors/"}
"""The only page that is open while a session waits for this."""
ALWAYS = (
    "/static/",
    "/login/",
    "/logout/",
    "/me/language",
    "/help/",
    "/public/",
    "/healthz",
    "/readyz",
    "/api/v1/security/",
)
MOST_ADDRESSES = 1000


def first_of_all(account: Account, login: Login) -> Any:
    """The way to what the person has to do first; None when nothing is in the way."""
    wanted = list(login.pending)
    if account.must_change_password and "password" not in wanted:
        wanted.insert(0, "password")
    if not wanted or request.path.startswith((FIRST[wanted[0]], *ALWAYS)):
        return None
    sentence = {
        "password": _("Please choose a password of your own first. Everything else opens after that."),
        "factor": _(
            "Your role asks for a second factor. Please set one up; everything else opens after that."
        ),
    }[wanted[0]]
    if request.path.startswith("/api/"):
        return make_response(jsonify(status=403, message=sentence), 403)
    if wanted[0] != "password":  # whose page says so by itself
        flash(sentence, "warning")
    return redirect(FIRST[wanted[0]])


def say_why(clock: Clock) -> None:
    """A session that is over says why on the page of log-in; a token that nobody gave out is written down."""
    why = g.get("session_over", "")
    if not why:
        if request.cookies.get(current_app.config["SESSION_COOKIE_NAME"]) and not session:
            why = "forged"
        else:
            return
    if why in {"unknown", "forged"} and _is_first_of_minute(request.remote_addr or "", clock.now()):
        refused_token(why, request.path, clock)
    if "_user_id" in session:
        kept = {name: session[name] for name in ("locale", "csrf_token") if name in session}
        over = g.get("login_over")
        if over is not None and over.kind == "web" and why != "left" and keep_entry(over.id, clock):
            kept[CARRY_ON] = over.id
        session.clear()
        session.update(kept)
        g.pop("_login_user", None)
        flash(str(OVER.get(why, OVER["ended"])), "warning")


def _is_first_of_minute(address: str, now: datetime) -> bool:
    """One line a minute and address: whoever sends a thousand forged tokens does not write a thousand lines."""
    known: dict[str, str] = current_app.extensions.setdefault("refused_tokens", {})
    minute = now.strftime("%Y%m%d%H%M")
    if known.get(address) == minute:
        return False
    if len(known) >= MOST_ADDRESSES:
        known.clear()
    known[address] = minute
    return True
