"""Who sends a request: the session behind its cookie or token, with the account and the policy in one query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, true, update
from sqlalchemy.orm import Session

from app.db import Actor, db, unit_of_work
from app.kernel.clock import Clock, FixedClock
from app.security.login.models import LoginSession, SecurityPolicy
from app.security.login.queries import policy_from
from app.security.login.rules import SEEN_EVERY, Policy, SessionTimes, why_over
from app.security.login.services.sessions import digest_of_token, end_session
from app.security.models import Account
from app.security.scope import Scope
from app.security.scoping import unscoped
from app.security.services import note_security


@dataclass(frozen=True)
class Login:
    """The session behind a request."""

    id: int
    kind: str
    factors: frozenset[str]
    authenticated_at: datetime
    pending: tuple[str, ...]
    seen_at: datetime


@dataclass(frozen=True)
class Found:
    """What stands behind a token. `why` says why it opens nothing: `unknown`, `idle`, `left`, ..."""

    account: Account | None
    login: Login | None
    policy: Policy
    why: str = ""


def by_token(session: Session, user_id: int, token: str, now: datetime) -> Found:
    """The session of a cookie."""
    return _find(session, user_id, LoginSession.token_digest == digest_of_token(token), "web", now)


def by_number(session: Session, user_id: int, session_id: int, now: datetime) -> Found:
    """The session of a program's signed token."""
    return _find(session, user_id, LoginSession.id == session_id, "api", now)


def _find(session: Session, user_id: int, which: ColumnElement[bool], kind: str, now: datetime) -> Found:
    mine, policy = LoginSession.__table__, SecurityPolicy.__table__
    query = (
        select(Account, *(c.label(f"login_{c.name}") for c in mine.c), *(policy.c))
        .join(LoginSession, LoginSession.user_id == Account.id)
        .outerjoin(policy, true())
        .where(which, Account.id == user_id, LoginSession.kind == kind)
    )
    with unscoped(session, "who sends this request"):
        row: Any = session.execute(query).first()
    if row is None:
        return Found(None, None, Policy(), "unknown")
    told = policy_from({c.name: row._mapping[c] for c in policy.c})
    times = SessionTimes(
        row.login_created_at,
        row.login_seen_at,
        row.login_expires_at,
        row.login_ended_at,
        row.login_ended_why,
        kind,
    )
    account: Account = row[0]
    login = Login(
        id=row.login_id,
        kind=kind,
        factors=frozenset(filter(None, row.login_factors.split(","))),
        authenticated_at=row.login_authenticated_at,
        pending=tuple(row.login_pending.split()),
        seen_at=row.login_seen_at,
    )
    why = why_over(times, told, now)
    if why in {"idle", "expired", "clock"}:
        _close(login.id, why, now)
    if not why and (not account.active or account.left_at is not None):
        why = "left"
    return Found(None if why else account, login, told, why)


def _close(session_id: int, why: str, now: datetime) -> None:
    """A session that ran out: written down when somebody comes with it."""
    with unit_of_work(Actor.system("session"), Scope.system("a session ran out"), FixedClock(now)) as unit:
        end_session(unit, session_id, why=why)


def touch(login: Login, clock: Clock) -> None:
    """Write down, once a minute at most, that the session is in use."""
    now = clock.now()
    if now - login.seen_at < SEEN_EVERY:
        return
    table = LoginSession.__table__
    with unit_of_work(Actor.system("session"), Scope.system("a session is in use"), clock) as unit:
        unit.session.execute(
            update(table)
            .where(table.c.id == login.id, table.c.seen_at <= now - SEEN_EVERY)
            .values(seen_at=now)
        )


def refused_token(action_detail: str, subject: str, clock: Clock) -> None:
    """A cookie or token that nobody gave out, in the security log."""
    with unit_of_work(Actor.system("session"), Scope.system("security log"), clock, db.session()) as unit:
        note_security(unit, "session_refused", "refused", subject=subject, detail=action_detail)
