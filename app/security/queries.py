"""Reads of the organisation, and how a membership becomes an actor and a scope."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import ColumnElement, Text, and_, cast, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, joinedload

from app.db import Actor
from app.regulation.calendar import WorkCalendar
from app.security.models import (
    Account,
    Agency,
    CalendarDay,
    CustomRole,
    MeetingMember,
    Membership,
    MembershipRole,
    Region,
)
from app.security.rules import RoleName
from app.security.scope import Scope


def memberships_of(session: Session, user_id: int) -> list[Membership]:
    """Active memberships of a person, with agency, region and roles. One query."""
    query = (
        select(Membership)
        .where(Membership.user_id == user_id, Membership.active)
        .options(joinedload(Membership.agency).joinedload(Agency.region), joinedload(Membership.roles))
        .order_by(Membership.id)
    )
    return list(session.scalars(query).unique())


def roles_of(membership: Membership, day: date) -> frozenset[str]:
    """Standard roles held on a day; a custom role counts as those that it is composed of."""
    return frozenset(name for link in membership.roles if link.holds(day) for name in link.names)


def actor_of(membership: Membership, day: date) -> Actor:
    agency = membership.agency
    return Actor(
        code=f"u{membership.user_id}",
        user_id=membership.user_id,
        membership_id=membership.id,
        agency_id=membership.agency_id,
        agency_code=agency.code if agency else None,
        region_id=agency.region_id if agency else None,
        roles=roles_of(membership, day),
        label=membership.user.get_full_name(),
    )


def scope_for(session: Session, membership: Membership, day: date) -> Scope:
    """The scope of one membership on a day, as `50-security` of the design says. One query at most."""
    roles = roles_of(membership, day)
    agency = membership.agency
    if agency is None or not agency.active or not roles & BUSINESS_ROLES:
        return Scope(user_id=membership.user_id, roles=roles)
    watches = agency.is_office or RoleName.AUDITOR in roles
    regions, watched = area_below(session, agency.region.path, with_agencies=watches)
    return Scope(
        agency_ids=frozenset({agency.id}),
        watch_agency_ids=watched,
        region_ids=regions,
        user_id=membership.user_id,
        roles=roles,
    )


BUSINESS_ROLES = frozenset(
    {
        RoleName.OFFICE_ADMIN,
        RoleName.AGENCY_ADMIN,
        RoleName.CLERK,
        RoleName.REVIEWER,
        RoleName.INSPECTOR,
        RoleName.AUDITOR,
    }
)


def regions_below(session: Session, path: str) -> frozenset[int]:
    """The region of the path and everything below it."""
    return frozenset(
        session.scalars(select(Region.id).where(or_(Region.path == path, Region.path.startswith(path + "/"))))
    )


def area_below(session: Session, path: str, *, with_agencies: bool) -> tuple[frozenset[int], frozenset[int]]:
    """The region of the path and everything below it, and the agencies there. One query."""
    if not with_agencies:
        return regions_below(session, path), frozenset()
    region, agency = Region.__table__.c, Agency.__table__.c
    rows = session.execute(
        select(region.id, agency.id)
        .select_from(Region.__table__.outerjoin(Agency.__table__, agency.region_id == region.id))
        .where(or_(region.path == path, region.path.startswith(path + "/")))
    ).all()
    return frozenset(here for here, _ in rows), frozenset(one for _, one in rows if one is not None)


def office_of(session: Session, region_id: int) -> Agency | None:
    """The joint-meeting office of a region."""
    return session.scalars(
        select(Agency).where(Agency.region_id == region_id, Agency.is_office, Agency.active)
    ).first()


def office_above(session: Session, office: Agency) -> Agency | None:
    """The office of the region above, None at the top."""
    parent = office.region.parent_id
    return office_of(session, parent) if parent else None


def members_of(session: Session, office_id: int, day: date) -> list[Agency]:
    """Member agencies of an office's joint meeting on a day."""
    query = (
        select(Agency)
        .join(MeetingMember, MeetingMember.agency_id == Agency.id)
        .where(
            MeetingMember.office_id == office_id,
            MeetingMember.joined_on <= day,
            or_(MeetingMember.left_on.is_(None), MeetingMember.left_on > day),
        )
        .order_by(Agency.code)
    )
    return list(session.scalars(query))


def agency_of_line(session: Session, line_code: str, region_id: int) -> Agency | None:
    """The agency of a line of business in a region."""
    return session.scalars(
        select(Agency).where(Agency.line_code == line_code, Agency.region_id == region_id, ~Agency.is_office)
    ).first()


def agency_by_code(session: Session, code: str) -> Agency | None:
    return session.scalars(select(Agency).where(Agency.code == code)).first()


def people(session: Session, agency_id: int, roles: Iterable[str], day: date) -> list[Account]:
    """Active accounts that hold one of the standard roles at an agency on a day, be it through a custom role."""
    query = (
        select(Account)
        .join(Membership, Membership.user_id == Account.id)
        .join(MembershipRole, MembershipRole.membership_id == Membership.id)
        .where(Membership.agency_id == agency_id, Membership.active, Account.active, in_role(roles, day))
        .distinct()
        .order_by(Account.id)
    )
    return list(session.scalars(query))


def in_role(roles: Iterable[str], day: date) -> ColumnElement[bool]:
    """Whether a `MembershipRole` counts as one of the standard roles on a day, as a criterion."""
    wanted = sorted(str(role) for role in roles)
    role, custom = Role.__table__, CustomRole.__table__
    return and_(
        or_(MembershipRole.until.is_(None), MembershipRole.until >= day),
        or_(
            MembershipRole.role_id.in_(select(role.c.id).where(role.c.name.in_(wanted))),
            MembershipRole.role_id.in_(
                select(custom.c.role_id).where(custom.c.bases.has_any(cast(wanted, ARRAY(Text))))
            ),
        ),
    )


def work_calendar(session: Session) -> WorkCalendar:
    """The statutory calendar as it is known now; years without a notice make deadlines provisional."""
    days = list(session.scalars(select(CalendarDay)))
    return WorkCalendar(
        off=frozenset(d.day for d in days if d.kind == "off"),
        work=frozenset(d.day for d in days if d.kind == "work"),
        official_years=frozenset(d.paper_year for d in days),
    )
