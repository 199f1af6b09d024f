"""Reads of alerts, and of what sets them off. Each by an index of the security log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.kernel.clock import SHANGHAI
from app.kernel.errors import NotFound
from app.ops.alerts.rules import FAILURE_WINDOW, KNOWN_FOR
from app.ops.models import SecurityAlert
from app.security.models import Account, Membership, MembershipRole, SecurityLog
from app.security.queries import memberships_of, roles_of

PAGE = 50
COUNTED_UP_TO = 99


@dataclass(frozen=True)
class Grant:
    membership_id: int
    user_id: int
    role: str


def alerts(
    session: Session, *, show: str = "open", kind: str = "", before: int | None = None, limit: int = PAGE
) -> list[SecurityAlert]:
    """The newest first; one more than `limit` where there is a next page."""
    query = select(SecurityAlert).options(
        joinedload(SecurityAlert.user), joinedload(SecurityAlert.acknowledger)
    )
    if show == "open":
        query = query.where(SecurityAlert.acknowledged_at.is_(None))
    elif show == "done":
        query = query.where(SecurityAlert.acknowledged_at.is_not(None))
    if kind:
        query = query.where(SecurityAlert.kind == kind)
    if before is not None:
        query = query.where(SecurityAlert.id < before)
    return list(session.scalars(query.order_by(SecurityAlert.id.desc()).limit(limit + 1)))


def alert(session: Session, alert_id: int) -> SecurityAlert:
    """:raises NotFound: when it is not there, or not for the person's role"""
    query = select(SecurityAlert).where(SecurityAlert.id == alert_id)
    found = session.scalars(
        query.options(joinedload(SecurityAlert.user), joinedload(SecurityAlert.acknowledger))
    ).first()
    if found is None:
        raise NotFound("not_in_scope", kind="security_alert")
    return found


def open_ones() -> Select[Any]:
    """Alerts that nobody has acknowledged, no more than one above 100."""
    return select(SecurityAlert.id).where(SecurityAlert.acknowledged_at.is_(None)).limit(COUNTED_UP_TO + 1)


def lines_behind(session: Session, found: SecurityAlert, limit: int = 20) -> list[SecurityLog]:
    """What the person, or the address, did up to the line that set the alert off."""
    log = SecurityLog
    whose = log.user_id == found.user_id if found.user_id is not None else log.address == found.address
    query = select(log).where(whose, log.at <= found.at, log.at >= found.at - FAILURE_WINDOW)
    return list(session.scalars(query.order_by(log.at.desc(), log.id.desc()).limit(limit)))


def failures(session: Session, line: SecurityLog, *, of_person: bool) -> int:
    """Refused log-ins within the window before the line; of a person those since the last success."""
    log = SecurityLog
    whose = log.user_id == line.user_id if of_person else log.address == line.address
    window = and_(log.at > line.at - FAILURE_WINDOW, log.at <= line.at, log.action == "log_in")
    query = select(func.count()).where(whose, window, log.outcome == "refused")
    if of_person:
        success = select(func.max(log.id)).where(whose, window, log.outcome == "ok").scalar_subquery()
        query = query.where(log.id > func.coalesce(success, 0))
    return session.scalar(query) or 0


def address_is_new(session: Session, line: SecurityLog) -> bool:
    """Whether somebody who has logged in before never did from this address in the last half year."""
    log = SecurityLog
    earlier = and_(
        log.user_id == line.user_id,
        log.action == "log_in",
        log.outcome == "ok",
        log.id != line.id,
        or_(log.at < line.at, and_(log.at == line.at, log.id < line.id)),
    )
    from_here = select(log.id).where(earlier, log.address == line.address, log.at > line.at - KNOWN_FOR)
    ever = select(log.id).where(earlier)
    return bool(line.address) and (
        session.scalar(ever.limit(1)) is not None and session.scalar(from_here.limit(1)) is None
    )


def roles_of_person(session: Session, user_id: int, at: datetime) -> frozenset[str]:
    """All roles of a person on a day, under whatever membership."""
    day = at.astimezone(SHANGHAI).date()
    return frozenset(role for hat in memberships_of(session, user_id) for role in roles_of(hat, day))


def administrators_made(session: Session, line: SecurityLog, wanted: frozenset[str]) -> list[Grant]:
    """Roles of administration that were given in the act of the line: by the same person at the same moment."""
    query = (
        select(MembershipRole)
        .where(MembershipRole.granted_at == line.at)
        .options(joinedload(MembershipRole.membership))
        .execution_options(populate_existing=True)
    )
    if line.user_id is not None:
        query = query.where(MembershipRole.granted_by == line.user_id)
    return [
        Grant(link.membership_id, link.membership.user_id, name)
        for link in session.scalars(query.limit(100))
        for name in sorted(link.names & wanted)
    ]


def holders(session: Session, roles: Iterable[str], at: datetime) -> list[Account]:
    """Active people who hold one of the roles anywhere on a day."""
    day = at.astimezone(SHANGHAI).date()
    query = (
        select(Account)
        .join(Membership, Membership.user_id == Account.id)
        .join(MembershipRole, MembershipRole.membership_id == Membership.id)
        .join(Role, Role.id == MembershipRole.role_id)
        .where(
            Account.active,
            Membership.active,
            Role.name.in_([str(role) for role in roles]),
            or_(MembershipRole.until.is_(None), MembershipRole.until >= day),
        )
        .distinct()
        .order_by(Account.id)
    )
    return list(session.scalars(query.limit(50)))
