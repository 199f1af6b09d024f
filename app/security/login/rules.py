"""What log-in demands, as pure rules: the policy and its bounds, passwords, lock-out, the life of a session.

The numbers are those of the design's security contract for GB/T 22239-2019, level 3, 8.1.4.1.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from app.kernel.decisions import ALLOWED, Decision, refused
from app.security.rules import RoleName

LONGEST_PASSWORD = 128
LONGEST_NAME = 256
FIRST_PASSWORD_DAYS = 14
CLOCK_TOLERANCE = timedelta(minutes=5)
SEEN_EVERY = timedelta(minutes=1)
MOST_API_SESSIONS = 20
WARN_DAYS = 7
STANDARD_ROLES = frozenset(
    {
        RoleName.SYSTEM_ADMIN.value,
        RoleName.SECURITY_ADMIN.value,
        RoleName.AUDIT_ADMIN.value,
        RoleName.OFFICE_ADMIN.value,
        RoleName.AGENCY_ADMIN.value,
        RoleName.AUDITOR.value,
        "Admin",
    }
)
"""Who always has a second factor outside the demo: administrators and auditors; offices come as such."""


@dataclass(frozen=True)
class Policy:
    """The numbers that hold. `expiry_days` 0: passwords do not expire."""

    password_length: int = 10
    classes: int = 3
    expiry_days: int = 90
    history: int = 5
    failures: int = 5
    lock_minutes: int = 30
    idle_minutes: int = 30
    absolute_hours: int = 12
    sessions: int = 2
    fresh_minutes: int = 15
    second_factor_roles: frozenset[str] = STANDARD_ROLES
    second_factor_offices: bool = True
    demo: bool = False


STANDARD = Policy()


@dataclass(frozen=True)
class Bounds:
    """From the least to the most value; `demo_*` on a database with the demo."""

    least: int
    most: int
    demo_least: int
    demo_most: int

    def of(self, demo: bool) -> tuple[int, int]:
        return (self.demo_least, self.demo_most) if demo else (self.least, self.most)


BOUNDS = {
    "password_length": Bounds(10, 64, 8, 64),
    "classes": Bounds(3, 4, 1, 4),
    "expiry_days": Bounds(1, 90, 0, 3650),
    "history": Bounds(5, 24, 0, 24),
    "failures": Bounds(3, 5, 3, 100),
    "lock_minutes": Bounds(30, 1440, 1, 1440),
    "idle_minutes": Bounds(5, 30, 1, 720),
    "absolute_hours": Bounds(1, 12, 1, 24),
    "sessions": Bounds(1, 2, 1, 50),
    "fresh_minutes": Bounds(1, 15, 1, 720),
}
NUMBERS = tuple(BOUNDS)


def policy_faults(policy: Policy) -> list[tuple[str, str, dict[str, Any]]]:
    """(field, code, facts) of every value outside its bounds; nothing is weaker than the standard."""
    found: list[tuple[str, str, dict[str, Any]]] = []
    for name, bounds in BOUNDS.items():
        least, most = bounds.of(policy.demo)
        if not least <= getattr(policy, name) <= most:
            found.append((name, "policy_out_of_bounds", {"least": least, "most": most}))
    if not policy.demo and not policy.second_factor_roles >= STANDARD_ROLES:
        found.append(("second_factor_roles", "policy_factor_roles", {}))
    if not policy.demo and not policy.second_factor_offices:
        found.append(("second_factor_offices", "policy_factor_offices", {}))
    return found


def policy_changes(before: Policy, after: Policy) -> dict[str, tuple[object, object]]:
    """What differs, by field."""
    return {
        f.name: (getattr(before, f.name), getattr(after, f.name))
        for f in fields(Policy)
        if f.name != "demo" and getattr(before, f.name) != getattr(after, f.name)
    }


def needs_second_factor(policy: Policy, roles: frozenset[str], at_office: bool) -> bool:
    """Whether a person with these roles (of all memberships) must have a second factor."""
    return bool(roles & policy.second_factor_roles) or (at_office and policy.second_factor_offices)


# Passwords


def is_readable(text: str) -> bool:
    """No NUL and no lone surrogates: neither can be stored."""
    return "\x00" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


def normal(text: str) -> str:
    """One form for what looks alike: full-width digits of an input method are digits."""
    return unicodedata.normalize("NFKC", text)


def classes_in(password: str) -> int:
    """How many of: lower case, upper case, digits, anything else (signs, Chinese characters)."""
    kinds = {
        "lower" if c.islower() else "upper" if c.isupper() else "digit" if c.isdigit() else "other"
        for c in password
    }
    return len(kinds)


_LEET = str.maketrans("@4031!$5", "aaoeliss")
_TAIL = re.compile(r"[\d\W_]+$")
_HEAD = re.compile(r"^[\d\W_]+")
FEWEST_DIFFERENT = 5


def is_common(password: str, common: frozenset[str]) -> bool:
    """In the list, also with other letter case, signs for letters, or figures and signs put around it."""
    folded = password.casefold()
    bare = _HEAD.sub("", _TAIL.sub("", folded))
    words = {folded, bare, re.sub(r"[\W_]+", "", folded)}
    words |= {word.translate(_LEET) for word in words}
    words |= {_TAIL.sub("", word) for word in words}
    return len(set(folded)) < FEWEST_DIFFERENT or bool((words - {""}) & common)


def password_faults(
    policy: Policy, password: str, about: Iterable[str], common: frozenset[str]
) -> list[tuple[str, dict[str, Any]]]:
    """(code, facts) of everything that is wrong with a new password.

    :param about: words about the person (name, phone, mail address) that do not stand in it
    """
    if len(password) > LONGEST_PASSWORD:
        return [("password_long", {"most": LONGEST_PASSWORD})]
    if not is_readable(password):
        return [("password_unreadable", {})]
    found: list[tuple[str, dict[str, Any]]] = []
    if len(password) < policy.password_length:
        found.append(("password_short", {"least": policy.password_length}))
    if classes_in(password) < policy.classes:
        found.append(("password_classes", {"classes": policy.classes}))
    if is_common(password, common):
        found.append(("password_common", {}))
    if any(_tells(word, password) for word in about):
        found.append(("password_about", {}))
    return found


def _tells(word: str, password: str) -> bool:
    word = normal(word).casefold().strip()
    least = 4 if word.isascii() else 2
    return len(word) >= least and word in password.casefold()


def has_expired(policy: Policy, changed_at: datetime | None, now: datetime) -> bool:
    """Whether a password must be changed now; one whose age nobody knows must."""
    if not policy.expiry_days:
        return False
    return changed_at is None or now - changed_at >= timedelta(days=policy.expiry_days)


def days_left(policy: Policy, changed_at: datetime | None, now: datetime) -> int | None:
    """Days until a password expires, None when it does not."""
    if not policy.expiry_days or changed_at is None:
        return None
    return max(0, (changed_at + timedelta(days=policy.expiry_days) - now).days)


def first_password_expired(must_change: bool, changed_at: datetime | None, now: datetime) -> bool:
    """A password from a slip is good for two weeks."""
    return must_change and changed_at is not None and now - changed_at >= timedelta(days=FIRST_PASSWORD_DAYS)


# Lock-out and sessions


def is_locked(locked_until: datetime | None, now: datetime) -> bool:
    return locked_until is not None and now < locked_until


def may_log_in(
    active: bool, left_at: datetime | None, locked_until: datetime | None, now: datetime
) -> Decision:
    if not active or left_at is not None:
        return refused("account_closed")
    if is_locked(locked_until, now):
        return refused("account_locked")
    return ALLOWED


def failures_after(count: int, locked_until: datetime | None, now: datetime) -> int:
    """The count with one failure more; a lock that is over began a new count."""
    return 1 if locked_until is not None and locked_until <= now else count + 1


@dataclass(frozen=True)
class SessionTimes:
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    ended_why: str
    kind: str = "web"


def why_over(times: SessionTimes, policy: Policy, now: datetime) -> str:
    """Why a session is over, empty while it lives. A clock that went back ends it: its age is unknown."""
    if times.ended_at is not None:
        return times.ended_why or "ended"
    if now < times.created_at - CLOCK_TOLERANCE:
        return "clock"
    if now >= times.expires_at or now >= times.created_at + timedelta(hours=policy.absolute_hours):
        return "expired"
    if times.kind == "web" and now - times.seen_at >= timedelta(minutes=policy.idle_minutes):
        return "idle"
    return ""


def is_fresh(policy: Policy, authenticated_at: datetime, now: datetime) -> bool:
    """Whether the person has shown who they are lately enough for a draw, a role, or personal data."""
    age = now - authenticated_at
    return -CLOCK_TOLERANCE <= age < timedelta(minutes=policy.fresh_minutes)
