"""Passwords: set, changed by the person, given anew by an administrator."""

from __future__ import annotations

import secrets

from sqlalchemy import delete, select

from app.db import Unit
from app.kernel.errors import Fault, Invalid, Refused
from app.security.login.common import common_passwords
from app.security.login.models import LoginSession, PastPassword
from app.security.login.queries import past_passwords, policy_of
from app.security.login.rules import BOUNDS, normal, password_faults
from app.security.login.services.attempts import hash_password, is_right
from app.security.login.services.sessions import end_sessions_of
from app.security.models import Account
from app.security.services import note_security

CONSONANTS, VOWELS, FIGURES = "bdfghkmnprstvz", "aeiu", "23456789"


def first_password() -> str:
    """A password for a slip of paper: easy to read aloud and to type, 48 bits, without letters that look alike."""

    def word() -> str:
        return "".join(secrets.choice(CONSONANTS) + secrets.choice(VOWELS) for _ in range(3)).capitalize()

    return f"{word()}-{''.join(secrets.choice(FIGURES) for _ in range(4))}-{word()}"


def set_password(
    unit: Unit, account: Account, new: str, *, temporary: bool, but_session: int | None = None
) -> None:
    """Give an account a password after checking policy and history; all its sessions end.

    :param temporary: from a slip: good for two weeks and to be changed at the first log-in
    :param but_session: the session that goes on, for whoever changes the own password
    :raises Invalid: with everything that is wrong with it, on the field `new`
    """
    session, now, policy = unit.session, unit.clock.now(), policy_of(unit.session)
    plain = normal(new)
    about = [account.username, account.display_name, account.phone or "", (account.email or "").split("@")[0]]
    faults = [
        Fault("new", code, **facts)
        for code, facts in password_faults(policy, plain, about, common_passwords())
    ]
    if not faults:
        known = [account.password, *past_passwords(session, account.id, max(0, policy.history - 1))]
        if policy.history and any(is_right(stored, plain) for stored in known if stored):
            faults.append(Fault("new", "password_used", history=policy.history))
    if faults:
        raise Invalid(faults=faults)
    if account.password and account.id is not None:
        session.add(PastPassword(user_id=account.id, password=account.password, replaced_at=now))
        _forget_old(unit, account.id)
    account.password = hash_password(plain)
    account.password_changed_at = now
    account.must_change_password = temporary
    session.add(account)
    session.flush()
    end_sessions_of(unit, account.id, why="password_changed", but=but_session)
    note_security(
        unit,
        "password_changed",
        "ok",
        subject=f"account:{account.id}",
        detail="temporary" if temporary else "",
    )


def _forget_old(unit: Unit, user_id: int) -> None:
    """No more hashes are kept than the longest history needs."""
    table = PastPassword.__table__
    newest = select(table.c.id).where(table.c.user_id == user_id).order_by(table.c.id.desc())
    kept = newest.limit(BOUNDS["history"].most).scalar_subquery()
    unit.session.flush()
    unit.session.execute(delete(table).where(table.c.user_id == user_id, table.c.id.not_in(kept)))


def change_own_password(unit: Unit, session_id: int, old: str, new: str, again: str) -> None:
    """Change the actor's own password; this session goes on, all others end.

    :raises Invalid: on `again` and `new`; a wrong present password is counted by the caller first
    """
    account = unit.session.get(Account, unit.actor.user_id)
    assert account is not None, "signed in"
    if new != again:
        raise Invalid(faults=[Fault("again", "passwords_differ")])
    set_password(unit, account, new, temporary=False, but_session=session_id)
    row = unit.session.get(LoginSession, session_id, with_for_update=True, populate_existing=True)
    if row is not None:
        row.pending = " ".join(word for word in row.pending.split() if word != "password")
        row.authenticated_at = unit.clock.now()
    unit.session.flush()


def reset_password(unit: Unit, account: Account) -> str:
    """A new first password for an account; the caller has checked that the actor may give it. Shown once."""
    if account.left_at is not None:
        raise Refused("account_closed")
    word = first_password()
    set_password(unit, account, word, temporary=True)
    account.locked_until, account.fail_login_count = None, 0
    return word
