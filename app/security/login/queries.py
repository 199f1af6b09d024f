"""Reads of log-in: the account behind a name, the policy, sessions, failures. None of the tables has a wall:
the caller has checked whose rows these are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import g, has_app_context
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import case, false, func, or_, select
from sqlalchemy.orm import Session

from app.security.login.models import LoginSession, PastPassword, SecurityPolicy
from app.security.login.rules import LONGEST_NAME, NUMBERS, Policy, is_readable, normal
from app.security.models import Account, Agency, Membership, MembershipRole, SecurityLog
from app.security.protection import digest_of
from app.security.scoping import unscoped

FEWEST_DIGITS = 7


@dataclass(frozen=True)
class SessionLine:
    """One session, as its list shows it."""

    id: int
    user_id: int
    kind: str
    factors: tuple[str, ...]
    created_at: datetime
    seen_at: datetime
    authenticated_at: datetime
    expires_at: datetime
    address: str
    agent: str


def policy_of(session: Session) -> Policy:
    """The policy that holds; asked once per request."""
    if has_app_context() and "policy" in g:
        return g.policy
    table = SecurityPolicy.__table__
    found = policy_from(session.execute(select(table)).mappings().first())
    if has_app_context():
        g.policy = found
    return found


def policy_from(row: Any) -> Policy:
    """A row as the rules read it; the defaults where there is none."""
    if row is None or row["id"] is None:
        return Policy()
    return Policy(
        **{name: row[name] for name in NUMBERS},
        second_factor_roles=frozenset(row["second_factor_roles"]),
        second_factor_offices=row["second_factor_offices"],
        demo=row["demo"],
    )


def find_account(session: Session, name: str) -> Account | None:
    """By name, else by phone, else by mail address. A lookup before anybody is known, past the scope."""
    name = normal(name).strip()
    if not name or len(name) > LONGEST_NAME or not is_readable(name):
        return None
    phone = digest_of(name, "ab_user.phone") if has_digits(name) else None
    by_phone = Account.phone_digest == phone if phone is not None else false()
    by_mail = func.lower(Account.email) == name.lower()
    order = case((Account.username == name, 0), (by_phone, 1), else_=2)
    with unscoped(session, "log-in looks an account up by its name"):
        query = select(Account).where(or_(Account.username == name, by_phone, by_mail))
        return session.scalars(query.order_by(order).limit(1)).first()


def has_digits(text: str) -> bool:
    """Whether this can be a phone number at all."""
    return sum(c.isdigit() for c in text) >= FEWEST_DIGITS


def past_passwords(session: Session, user_id: int, most: int) -> list[str]:
    """Hashes of the last passwords before the present one, the newest first."""
    table = PastPassword.__table__
    query = select(table.c.password).where(table.c.user_id == user_id).order_by(table.c.id.desc()).limit(most)
    return list(session.scalars(query))


def sessions_of(session: Session, user_id: int) -> list[SessionLine]:
    """Open sessions of a person, the one used last first. The caller has checked that they may be seen."""
    table = LoginSession.__table__
    rows = session.execute(
        select(table)
        .where(table.c.user_id == user_id, table.c.ended_at.is_(None))
        .order_by(table.c.seen_at.desc(), table.c.id.desc())
        .limit(100)
    ).mappings()
    return [_line(row) for row in rows]


def _line(row: Any) -> SessionLine:
    names = SessionLine.__dataclass_fields__
    values = {name: row[name] for name in names if name != "factors"}
    return SessionLine(**values, factors=tuple(filter(None, row["factors"].split(","))))


@dataclass(frozen=True)
class Since:
    """What happened to an account since its last log-in."""

    last_at: datetime | None
    last_address: str
    failures: int
    first_failure_at: datetime | None
    addresses: tuple[str, ...]


MOST_ADDRESSES = 3


def since_last_log_in(session: Session, user_id: int) -> Since:
    """The last log-in and the refused ones after it, from the security log."""
    log = SecurityLog.__table__
    mine = (log.c.user_id == user_id, log.c.action == "log_in")
    last = session.execute(
        select(log.c.id, log.c.at, log.c.address)
        .where(*mine, log.c.outcome == "ok")
        .order_by(log.c.id.desc())
        .limit(1)
    ).first()
    after = (*mine, log.c.outcome == "refused", log.c.id > (last.id if last else 0))
    count, first = session.execute(select(func.count(), func.min(log.c.at)).where(*after)).one()
    addresses: tuple[str, ...] = ()
    if count:
        found = session.scalars(select(log.c.address).where(*after).distinct().limit(MOST_ADDRESSES))
        addresses = tuple(address for address in found if address)
    return Since(last.at if last else None, last.address if last else "", count, first, addresses)


def roles_and_office(session: Session, user_id: int) -> tuple[frozenset[str], bool]:
    """Roles of all active memberships of a person, and whether one of them is at an office."""
    with unscoped(session, "who needs a second factor"):
        rows = session.execute(
            select(Role.name, Agency.is_office)
            .select_from(Membership)
            .join(MembershipRole, MembershipRole.membership_id == Membership.id)
            .join(Role, Role.id == MembershipRole.role_id)
            .outerjoin(Agency, Agency.id == Membership.agency_id)
            .where(Membership.user_id == user_id, Membership.active)
        ).all()
    return frozenset(name for name, _ in rows), any(office for _, office in rows)


def locked_accounts(session: Session, now: datetime, after: int, limit: int) -> list[Account]:
    """Accounts that are locked now, by id."""
    query = (
        select(Account)
        .where(Account.locked_until > now, Account.id > after)
        .order_by(Account.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def security_lines_of(
    session: Session, user_id: int, actions: Iterable[str], before: int | None, limit: int
) -> list[SecurityLog]:
    """Lines of the security log about a person, the newest first; those within the session's scope."""
    query = select(SecurityLog).where(SecurityLog.user_id == user_id, SecurityLog.action.in_(list(actions)))
    if before is not None:
        query = query.where(SecurityLog.id < before)
    return list(session.scalars(query.order_by(SecurityLog.id.desc()).limit(limit)))
