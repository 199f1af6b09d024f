"""Sessions: begun at log-in, ended by whoever may, looked up by every request."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import delete, select, update

from app.db import Unit
from app.kernel.errors import NotFound
from app.security.login.models import LoginSession
from app.security.login.places import factors_of
from app.security.login.queries import policy_of, roles_and_office
from app.security.login.rules import (
    MOST_API_SESSIONS,
    has_expired,
    needs_second_factor,
)
from app.security.models import Account
from app.security.services import note_security

TOKEN_BYTES = 32
KEPT = timedelta(days=30)
ENTRY_LASTS = timedelta(hours=1)
"""How long an entry waits that was sent with a session that had ended (`login.kept`)."""


def digest_of_token(token: str) -> bytes:
    """What the database knows of a token."""
    return hashlib.sha256(token.encode()).digest()


def begin_session(unit: Unit, account: Account, *, factors: frozenset[str], kind: str = "web") -> str:
    """A new session with a new token, which only the cookie (or the API's answer) carries. The oldest one above
    the policy's number ends.

    The account's row is locked first, so that parallel log-ins count each other.
    """
    session, now, policy = unit.session, unit.clock.now(), policy_of(unit.session)
    users = Account.__table__
    session.execute(select(users.c.id).where(users.c.id == account.id).with_for_update())
    session.execute(update(users).where(users.c.id == account.id).values(last_login=now.replace(tzinfo=None)))
    _forget_old(unit, account.id)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session.add(
        LoginSession(
            user_id=account.id,
            kind=kind,
            token_digest=digest_of_token(token),
            factors=",".join(sorted(factors)),
            pending=pending_of(unit, account, factors),
            created_at=now,
            authenticated_at=now,
            seen_at=now,
            expires_at=now + timedelta(hours=policy.absolute_hours),
            address=session.info.get("address", "")[:60],
            agent=session.info.get("agent", "")[:200],
        )
    )
    session.flush()
    _end_oldest(unit, account.id, kind, policy.sessions if kind == "web" else MOST_API_SESSIONS)
    return token


def pending_of(unit: Unit, account: Account, factors: frozenset[str]) -> str:
    """What has to be done before anything else: a new password, a second factor."""
    found, policy = [], policy_of(unit.session)
    by_password = "password" in factors
    if by_password and (
        account.must_change_password or has_expired(policy, account.password_changed_at, unit.clock.now())
    ):
        found.append("password")
    roles, at_office = roles_and_office(unit.session, account.id)
    shown_one_only = factors <= {"password", "sso"}
    if (
        shown_one_only
        and needs_second_factor(policy, roles, at_office)
        and not factors_of(unit.session, account.id)
    ):
        found.append("factor")
    return " ".join(found)


def _forget_old(unit: Unit, user_id: int) -> None:
    """Rows of sessions that ended long ago go; the security log keeps that they were. So do entries that
    nobody took up.
    """
    table = LoginSession.__table__
    stale = unit.clock.now() - ENTRY_LASTS
    unit.session.execute(
        update(table)
        .where(table.c.user_id == user_id, table.c.kept_at < stale)
        .values(kept=None, kept_at=None)
    )
    long_ago = unit.clock.now() - KEPT
    unit.session.execute(delete(table).where(table.c.user_id == user_id, table.c.expires_at < long_ago))


def _end_oldest(unit: Unit, user_id: int, kind: str, most: int) -> None:
    table = LoginSession.__table__
    open_ones = unit.session.scalars(
        select(table.c.id)
        .where(table.c.user_id == user_id, table.c.kind == kind, table.c.ended_at.is_(None))
        .order_by(table.c.id.desc())
        .offset(most)
        .limit(1000)
    ).all()
    for session_id in open_ones:
        end_session(unit, session_id, why="too_many")


def end_session(unit: Unit, session_id: int, *, why: str) -> bool:
    """End one session; False when it had ended before. Its next request is told why.

    :param why: `log_out`, `too_many`, `ended_by_hand`, `idle`, `expired`, `password_changed`, `left`, ...
    """
    return _end(unit, why, LoginSession.__table__.c.id == session_id) > 0


def end_own_session(unit: Unit, session_id: int) -> None:
    """End one of the actor's own sessions.

    :raises NotFound: when it is nobody's, or somebody else's
    """
    table = LoginSession.__table__
    owner = unit.session.scalar(select(table.c.user_id).where(table.c.id == session_id))
    if owner is None or owner != unit.actor.user_id:
        raise NotFound("not_in_scope", kind="login_session")
    end_session(unit, session_id, why="ended_by_hand")


def end_sessions_of(unit: Unit, user_id: int, *, why: str, but: int | None = None) -> int:
    """End all sessions of a person, tokens of programs included; the next request of each is refused.

    :param but: the session that goes on
    """
    table = LoginSession.__table__
    conditions = [table.c.user_id == user_id]
    if but is not None:
        conditions.append(table.c.id != but)
    return _end(unit, why, *conditions)


def _end(unit: Unit, why: str, *conditions: object) -> int:
    table = LoginSession.__table__
    ended = unit.session.execute(
        update(table)
        .where(*conditions, table.c.ended_at.is_(None))  # type: ignore[arg-type]
        .values(ended_at=unit.clock.now(), ended_why=why)
        .returning(table.c.id, table.c.user_id)
    ).all()
    for session_id, user_id in ended:
        if why == "log_out":
            continue  # which has a line of its own
        note_security(
            unit, "session_ended", "ok", subject=f"session:{session_id}", detail=why, user_id=user_id
        )
    return len(ended)


def renew_token(unit: Unit, session_id: int) -> str:
    """Another token for a session that goes on, so that an older copy of it opens nothing."""
    table = LoginSession.__table__
    token = secrets.token_urlsafe(TOKEN_BYTES)
    unit.session.execute(
        update(table).where(table.c.id == session_id).values(token_digest=digest_of_token(token))
    )
    return token


def authenticated_again(unit: Unit, session_id: int, *, factor: str) -> None:
    """The person has shown again who they are; acts that ask for it are open for `fresh_minutes`."""
    table = LoginSession.__table__
    unit.session.execute(
        update(table).where(table.c.id == session_id).values(authenticated_at=unit.clock.now())
    )
    note_security(unit, "authenticated_again", "ok", subject=f"session:{session_id}", detail=factor)


def factor_enrolled(unit: Unit, session_id: int, *, factor: str) -> None:
    """A second factor was enrolled in this session: it counts as shown, and the session waits for none."""
    table = LoginSession.__table__
    row = unit.session.execute(
        select(table.c.factors, table.c.pending).where(table.c.id == session_id).with_for_update()
    ).one()
    factors = {*filter(None, row.factors.split(",")), factor}
    pending = " ".join(word for word in row.pending.split() if word != "factor")
    unit.session.execute(
        update(table)
        .where(table.c.id == session_id)
        .values(factors=",".join(sorted(factors)), pending=pending)
    )
