"""The person behind a request: account, memberships, the one in use, and what follows from it.

`install(app)` sets the session's scope before every request; nothing else in a request does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, g, has_request_context, request, session
from flask_jwt_extended import current_user as token_user
from flask_jwt_extended import verify_jwt_in_request
from flask_jwt_extended.exceptions import JWTExtendedException
from flask_login import current_user
from jwt import PyJWTError

from app.db import Actor, Unit, db, unit_of_work
from app.kernel.clock import Clock, today
from app.security.login import gates
from app.security.login.lookup import Login, touch
from app.security.models import Account, Membership
from app.security.queries import actor_of, memberships_of, scope_for
from app.security.scope import Scope


@dataclass(frozen=True)
class Person:
    """Whoever sends the request. `membership` None: signed in without a place to act in."""

    account: Account
    memberships: tuple[Membership, ...]
    membership: Membership | None
    actor: Actor
    scope: Scope


def person() -> Person | None:
    """The signed-in person of this request, None for the public."""
    return g.get("person") if has_request_context() else None


def current_clock() -> Clock:
    return current_app.extensions["clock"]


def current_login() -> Login | None:
    """The session of log-in behind this request."""
    return g.get("login") if has_request_context() else None


def current_actor() -> Actor:
    who = person()
    return who.actor if who else Actor(code="public", label="public")


def current_scope() -> Scope:
    who = person()
    return who.scope if who else Scope.public()


@contextmanager
def request_unit() -> Iterator[Unit]:
    """The unit of work of the person behind this request."""
    with unit_of_work(current_actor(), current_scope(), current_clock()) as unit:
        yield unit


def switch_membership(membership_id: int) -> bool:
    """Act under another of the own memberships from now on."""
    who = person()
    if who is None or all(m.id != membership_id for m in who.memberships):
        return False
    session["membership"] = membership_id
    return True


def _signed_in() -> Account | None:
    if request.headers.get("Authorization", "").startswith("Bearer "):
        try:
            verify_jwt_in_request()
        except (JWTExtendedException, PyJWTError):
            g.setdefault("session_over", "forged")
            return None
        g.user = token_user
        return token_user._get_current_object()
    if current_user and current_user.is_authenticated:
        return current_user._get_current_object()
    return None


def _load() -> Any:
    """Before every request: who is it, what may they see. Static files cost nothing. It answers by itself only to
    whoever has to do something else first, such as change a password.
    """
    orm = db.session()
    orm.info.update(scope=Scope.public(), actor_code="public", clock=current_clock(), **_origin())
    g.person = None
    if request.endpoint in {"static", "appbuilder.static"}:
        return None
    account, login = _signed_in(), g.get("login")
    if account is None or login is None:
        gates.say_why(current_clock())
        return None
    if request.headers.get("X-Requested-With") != "fetch":
        touch(login, current_clock())
    mine = tuple(memberships_of(orm, account.id))
    wanted = session.get("membership") if not request.headers.get("Authorization") else None
    chosen = next((m for m in mine if m.id == wanted), mine[0] if mine else None)
    if chosen is None:
        actor = Actor(code=f"u{account.id}", user_id=account.id, label=account.get_full_name())
        scope = Scope(user_id=account.id)
    else:
        day = today(current_clock())
        actor, scope = actor_of(chosen, day), scope_for(orm, chosen, day)
    g.person = Person(account, mine, chosen, actor, scope)
    orm.info.update(scope=scope, actor_code=actor.code)
    return gates.first_of_all(account, login)


def _origin() -> dict[str, str]:
    """Where the request comes from, for the security log."""
    return {"address": request.remote_addr or "", "agent": request.user_agent.string}


def install(app: Flask) -> None:
    app.before_request(_load)
