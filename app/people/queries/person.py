"""One person: places, sessions, log-ins, what changed. The caller has got the person within the area."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.audit.models import Event
from app.people.models import Invitation, MoveRequest
from app.people.rules import InvitationState, MoveState
from app.security.models import Account, Agency, Membership, MembershipRole, SecurityLog
from app.security.queries import in_role
from app.security.rules import RoleName
from app.security.scoping import unscoped

LOG_INS, CHANGES = 20, 30
SINGLE = (RoleName.REVIEWER, RoleName.AGENCY_ADMIN, RoleName.OFFICE_ADMIN, RoleName.CLERK)
LEAST = {RoleName.REVIEWER: 2}
"""How many an agency needs, so that approvals stay with it; one of the others."""


@dataclass(frozen=True)
class LogIn:
    at: datetime
    outcome: str
    address: str
    agent: str
    action: str


@dataclass(frozen=True)
class Change:
    at: datetime
    by: str
    tag: str
    data: dict[str, object]


@dataclass(frozen=True)
class Lack:
    """A role of which the agency is short once the person is gone: how many are left then."""

    agency: str
    role: RoleName
    left: int


def log_ins(session: Session, user_id: int) -> list[LogIn]:
    """The last twenty log-ins, refused ones and lock-outs among them, the newest first."""
    table = SecurityLog.__table__
    wanted = ("log_in", "account_locked", "account_locked_by_hand", "account_unlocked")
    query = (
        select(table.c.at, table.c.outcome, table.c.address, table.c.agent, table.c.action)
        .where(
            or_(
                (table.c.user_id == user_id) & table.c.action.in_(wanted[:2]),
                (table.c.subject == f"account:{user_id}") & table.c.action.in_(wanted[2:]),
            )
        )
        .order_by(table.c.id.desc())
        .limit(LOG_INS)
    )
    with unscoped(session, "log-ins of a person of the area"):
        return [LogIn(*row) for row in session.execute(query)]


def changes(session: Session, user_id: int, membership_ids: Iterable[int]) -> list[Change]:
    """What was done to the account and its places, within the reader's scope, the newest first."""
    subjects = [f"account:{user_id}", *(f"membership:{n}" for n in membership_ids)]
    query = select(Event).where(Event.subject.in_(subjects)).order_by(Event.id.desc()).limit(CHANGES)
    events = list(session.scalars(query))
    seen: set[tuple[datetime, str, str]] = set()
    found = []
    names = names_of(session, {event.actor for event in events})
    for event in events:
        key = (event.at, event.tag, event.actor)
        if event.tag == "account.moved" and key in seen:
            continue
        seen.add(key)
        found.append(Change(event.at, names.get(event.actor, event.actor), event.tag, dict(event.data)))
    return found


def names_of(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """`u12` -> the name of the person."""
    ids = [int(code[1:]) for code in codes if code.startswith("u") and code[1:].isdecimal()]
    if not ids:
        return {}
    query = select(Account).where(Account.id.in_(ids))
    return {f"u{account.id}": account.get_full_name() for account in session.scalars(query)}


def granters(session: Session, places: Iterable[Membership]) -> dict[int, str]:
    """Names of those who gave the roles, by account."""
    ids = {link.granted_by for place in places for link in place.roles if link.granted_by is not None}
    if not ids:
        return {}
    query = select(Account).where(Account.id.in_(ids))
    return {account.id: account.get_full_name() for account in session.scalars(query)}


def open_invitation(session: Session, user_id: int) -> Invitation | None:
    return session.scalars(
        select(Invitation)
        .where(Invitation.user_id == user_id, Invitation.state == InvitationState.OPEN.value)
        .options(joinedload(Invitation.inviter))
    ).first()


def waiting_move(session: Session, user_id: int) -> MoveRequest | None:
    return session.scalars(
        select(MoveRequest)
        .where(MoveRequest.user_id == user_id, MoveRequest.state == MoveState.ASKED.value)
        .options(joinedload(MoveRequest.to_agency))
    ).first()


def lacks(session: Session, places: Iterable[Membership], day: date) -> list[Lack]:
    """Of which roles the agencies are short once the person is gone from these places. One query per agency."""
    found = []
    for place in places:
        held = {name for link in place.roles if link.holds(day) for name in link.names}
        concerned = [role for role in SINGLE if role.value in held]
        if not concerned or place.agency is None:
            continue
        for role, left in _others(session, place, concerned, day).items():
            if left < LEAST.get(role, 1):
                found.append(Lack(place.agency.name, role, left))
    return found


def _others(session: Session, place: Membership, roles: Iterable[RoleName], day: date) -> dict[RoleName, int]:
    columns = [
        func.count(Membership.user_id.distinct()).filter(in_role({role}, day)).label(role.value)
        for role in roles
    ]
    row = session.execute(
        select(*columns)
        .select_from(Membership)
        .join(MembershipRole, MembershipRole.membership_id == Membership.id)
        .join(Account, Account.id == Membership.user_id)
        .where(
            Membership.agency_id == place.agency_id,
            Membership.active,
            Account.active,
            Membership.user_id != place.user_id,
        )
    ).one()
    return {role: int(getattr(row, role.value)) for role in roles}


def agencies_elsewhere(session: Session, ids: frozenset[int]) -> list[Agency]:
    """Open agencies outside an area, to which a move has to be asked for, by region and code."""
    query = (
        select(Agency)
        .where(Agency.active, Agency.id.not_in(ids))
        .options(joinedload(Agency.region))
        .order_by(Agency.region_id, Agency.code)
        .limit(2000)
    )
    return list(session.scalars(query))
