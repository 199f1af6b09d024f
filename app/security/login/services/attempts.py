"""An attempt to show who one is by password: the same work, the same answer and the same time whatever is wrong.

Five failures lock the account. The count is kept under the lock of the account's row and decided on after the
password was checked: of a hundred parallel attempts no more than the policy's number learn anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from sqlalchemy import select
from werkzeug.security import check_password_hash, generate_password_hash

from app.audit.services import record
from app.db import Unit
from app.kernel.decisions import Refusal
from app.kernel.errors import Fault, Invalid, NotFound
from app.security.login.queries import find_account, policy_of
from app.security.login.rules import (
    LONGEST_PASSWORD,
    failures_after,
    first_password_expired,
    is_locked,
    is_readable,
    may_log_in,
    normal,
)
from app.security.models import Account
from app.security.rules import RoleName, may_act
from app.security.scoping import unscoped
from app.security.services import note_security

METHOD = "scrypt:32768:8:1"
LEAST_REASON = 4


@dataclass(frozen=True)
class Attempt:
    """`account` when the password was right and the account is open; `code` says what was wrong (never shown
    as it is: the answer to the outside is one and the same, except for `first_password_expired`).
    """

    account: Account | None
    code: str = ""


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return generate_password_hash("nobody's password", METHOD)


def hash_password(password: str) -> str:
    return generate_password_hash(password, METHOD)


def is_right(stored: str | None, password: str) -> bool:
    """Exactly one evaluation of the hash, whatever comes in."""
    plain = normal(password) if is_readable(password) else ""
    usable = bool(stored) and 0 < len(password) <= LONGEST_PASSWORD and bool(plain)
    found = check_password_hash(stored if usable and stored else _nobodys_hash(), plain if usable else "-")
    return usable and found


def attempt(unit: Unit, name: str, password: str) -> Attempt:
    """Check a name (or phone, or mail address) and a password; the count, the lock and the log follow.

    A right password counts as a log-in only in `finish.finish_log_in`, once all factors are shown.
    """
    account = find_account(unit.session, name)
    return _decide(unit, account, password, "log_in", shorten(name))


def prove_again(unit: Unit, user_id: int, password: str) -> Attempt:
    """The present password of somebody who is signed in; failures count and lock as they do at log-in."""
    with unscoped(unit.session, "a person proves who they are"):
        account = unit.session.get(Account, user_id)
    return _decide(unit, account, password, "authenticated_again", "")


def _decide(unit: Unit, account: Account | None, password: str, action: str, typed: str) -> Attempt:
    now, stored = unit.clock.now(), account.password if account else None
    right = is_right(stored, password)
    row = _locked_row(unit, account.id if account else -1)
    if row is None:
        note_security(unit, action, "refused", subject=typed, detail="unknown_name")
        return Attempt(None, "unknown_name")
    subject = f"account:{row.id}"
    allowed = may_log_in(bool(row.active), row.left_at, row.locked_until, now)
    if isinstance(allowed, Refusal):
        note_security(unit, action, "refused", subject=subject, detail=allowed.code, user_id=row.id)
        return Attempt(None, allowed.code)
    if not right or row.password != stored:
        count_failure(unit, row.id, action=action, detail="wrong_password")
        return Attempt(None, "wrong_password")
    if first_password_expired(row.must_change_password, row.password_changed_at, now):
        note_security(
            unit, action, "refused", subject=subject, detail="first_password_expired", user_id=row.id
        )
        return Attempt(None, "first_password_expired")
    if not (row.password or "").startswith(f"{METHOD}$"):
        row.password = hash_password(normal(password))
    return Attempt(row)


def count_failure(unit: Unit, user_id: int, *, action: str = "log_in", detail: str) -> None:
    """One failed attempt of an account, by password or by second factor; the policy's number locks it."""
    row = _locked_row(unit, user_id)
    if row is None:
        return
    now, policy = unit.clock.now(), policy_of(unit.session)
    was_locked = is_locked(row.locked_until, now)
    subject = f"account:{row.id}"
    if not was_locked:
        row.fail_login_count = failures_after(row.fail_login_count or 0, row.locked_until, now)
        row.locked_until = None
        if row.fail_login_count >= policy.failures:
            row.locked_until = now + timedelta(minutes=policy.lock_minutes)
    note_security(unit, action, "refused", subject=subject, detail=detail, user_id=row.id)
    if row.locked_until is not None and not was_locked:
        note_security(
            unit, "account_locked", "ok", subject=subject, detail=str(row.fail_login_count), user_id=row.id
        )


def _locked_row(unit: Unit, user_id: int) -> Account | None:
    """The account with its row locked and read anew. Flushed at once: the next look reads what was written."""
    with unscoped(unit.session, "the count of failed attempts"):
        unit.session.flush()
        return unit.session.scalars(
            select(Account)
            .where(Account.id == user_id)
            .with_for_update(of=Account.__table__)
            .execution_options(populate_existing=True)
        ).first()


def shorten(name: str) -> str:
    """A name that nobody has may be a password in the wrong field: only its beginning and length are kept."""
    plain = name.strip() if is_readable(name) else ""
    return f"{plain[:3]}… ({len(name)})"


def unlock(unit: Unit, user_id: int, reason: str) -> None:
    """Take the lock away before its time.

    :raises NotFound: when there is no such account; :raises Invalid: without a reason
    """
    if unit.actor.code not in {"system", "cli"}:
        wanted = frozenset({RoleName.SECURITY_ADMIN.value})
        may_act(unit.actor.roles, unit.actor.agency_id, wanted, None).require()
    if len(reason.strip()) < LEAST_REASON:
        raise Invalid(faults=[Fault("reason", "reason_short", least=LEAST_REASON)])
    row = _locked_row(unit, user_id)
    if row is None:
        raise NotFound("not_in_scope", kind="account")
    if row.locked_until is None and not row.fail_login_count:
        return
    row.locked_until, row.fail_login_count = None, 0
    note_security(unit, "account_unlocked", "ok", subject=f"account:{row.id}", detail=reason.strip())
    record(unit, "account.unlocked", f"account:{row.id}", {})
