"""Reads about roles: what each may, who may give which, who holds one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from flask_appbuilder.security.sqla.models import Role
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, false, func, or_, select, text
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.db import Actor
from app.security.models import Account, Agency, CustomRole, Membership, MembershipRole, Region
from app.security.queries import in_role, roles_of
from app.security.roles.rules import Permission, Place, RoleFacts, may_give, may_grant, standard
from app.security.rules import BUSINESS, ROLE_NOTES, RoleName

PERMISSIONS_SQL = text(
    "SELECT a.name, p.name, v.name FROM ab_role a "
    "JOIN ab_permission_view_role r ON r.role_id = a.id "
    "JOIN ab_permission_view pv ON pv.id = r.permission_view_id "
    "JOIN ab_permission p ON p.id = pv.permission_id "
    "JOIN ab_view_menu v ON v.id = pv.view_menu_id"
)


def place_of(agency: Agency) -> Place:
    return Place(agency_id=agency.id, region_path=agency.region.path, is_office=agency.is_office)


def actor_place(session: Session, actor: Actor) -> Place | None:
    """Where the actor acts, None for the system and for people without a unit."""
    if actor.agency_id is None:
        return None
    agency = session.get(Agency, actor.agency_id, options=[joinedload(Agency.region)])
    return place_of(agency) if agency is not None and agency.active else None


def permissions_by_role(session: Session) -> dict[str, frozenset[Permission]]:
    """What each role may, by the internal name of the role. One query."""
    found: dict[str, set[Permission]] = defaultdict(set)
    for role, permission, view in session.execute(PERMISSIONS_SQL):
        found[role].add((permission, view))
    return {role: frozenset(pairs) for role, pairs in found.items()}


def custom_roles(session: Session, *, archived: bool = False) -> list[CustomRole]:
    query = (
        select(CustomRole)
        .options(joinedload(CustomRole.role), joinedload(CustomRole.office).joinedload(Agency.region))
        .order_by(CustomRole.office_id, CustomRole.name)
    )
    if not archived:
        query = query.where(CustomRole.archived_at.is_(None))
    return list(session.scalars(query))


def facts_of(custom: CustomRole, permissions: frozenset[Permission] = frozenset()) -> RoleFacts:
    return RoleFacts(
        name=custom.role.name,
        label=custom.name,
        bases=frozenset(custom.bases),
        permissions=permissions,
        home=place_of(custom.office),
        archived=custom.archived_at is not None,
        custom_id=custom.id,
        note=custom.note,
        home_name=custom.office.name,
    )


def _standard(name: str, permissions: frozenset[Permission] = frozenset()) -> RoleFacts:
    """With its name in the reader's language."""
    return replace(
        standard(name, permissions), label=_l(RoleName(name).label), note=_l(ROLE_NOTES[RoleName(name)])
    )


def role_facts(session: Session, name: str) -> RoleFacts | None:
    """One role by its internal name; None when there is none, or none that people hold (`Admin`)."""
    if name in set(RoleName):
        return _standard(name)
    custom = session.scalars(
        select(CustomRole)
        .join(CustomRole.role)
        .where(Role.name == name)
        .options(joinedload(CustomRole.role), joinedload(CustomRole.office).joinedload(Agency.region))
    ).one_or_none()
    return facts_of(custom) if custom is not None else None


def all_roles(session: Session) -> list[RoleFacts]:
    """Standard roles, then the custom ones in use, each with what it may. Two queries."""
    permissions = permissions_by_role(session)
    found = [_standard(name, permissions.get(name, frozenset())) for name in RoleName]
    return found + [facts_of(c, permissions.get(c.role.name, frozenset())) for c in custom_roles(session)]


def role_label(role_name: str, session: Session) -> Any:
    """The name of a role as people know it: a translatable one for a standard role."""
    if role_name in set(RoleName):
        return _l(RoleName(role_name).label)
    name = session.scalar(
        select(CustomRole.name).join(Role, Role.id == CustomRole.role_id).where(Role.name == role_name)
    )
    return name or role_name


def names_known_to(session: Session, actor: Actor) -> list[RoleFacts]:
    """The same roles as `roles_known_to`, without their permissions: for choices. One query."""
    roles = [*(standard(name) for name in RoleName), *(facts_of(c) for c in custom_roles(session))]
    return _known_of(session, roles, actor)


def roles_known_to(session: Session, actor: Actor) -> list[RoleFacts]:
    """Standard roles, the custom ones of the offices above and of the own, and for offices and auditors those of
    the offices below.
    """
    return _known_of(session, all_roles(session), actor)


def _known_of(session: Session, roles: Iterable[RoleFacts], actor: Actor) -> list[RoleFacts]:
    own = actor_place(session, actor)
    looks_down = own is not None and (
        (own.is_office and bool(actor.roles & BUSINESS)) or RoleName.AUDITOR in actor.roles
    )
    return [
        role
        for role in roles
        if role.home is None
        or (own is not None and (role.home.covers(own) or (looks_down and own.covers(role.home))))
    ]


def grantable_roles(session: Session, actor: Actor, day: date) -> list[RoleFacts]:
    """Roles that the actor may give somewhere in the own area; `grantable_at` narrows to one unit."""
    return grantable_of(roles_known_to(session, actor), actor, actor_place(session, actor))


def grantable_of(roles: Iterable[RoleFacts], actor: Actor, own: Place | None) -> list[RoleFacts]:
    if own is None:
        return []
    anywhere = frozenset().union(*(may_give(actor.roles, own, place) for place in _samples(own)))
    return [role for role in roles if role.bases <= anywhere]


def grantable_at(session: Session, actor: Actor, receiver: Place) -> list[RoleFacts]:
    """Roles that the actor may give to somebody at one unit."""
    own = actor_place(session, actor)
    if own is None:
        return []
    return [role for role in all_roles(session) if may_grant(actor.roles, own, role, receiver)]


def _samples(own: Place) -> Iterable[Place]:
    """One unit of each kind within the area of `own`."""
    yield own
    yield Place(-1, own.region_path, False)
    yield Place(-2, own.region_path + "/0", True)


def agencies_administered(session: Session, actor: Actor) -> Select[Any]:
    """Ids of the units in which the actor gives and takes roles: `Agency.id.in_(agencies_administered(...))`."""
    agency, region = Agency.__table__, Region.__table__
    own = actor_place(session, actor)
    parts: list[Any] = [false()]
    if own is not None and may_give(actor.roles, own, own):
        parts.append(agency.c.id == own.agency_id)
    if own is not None and RoleName.OFFICE_ADMIN in actor.roles and own.is_office:
        parts.append((region.c.path == own.region_path) & ~agency.c.is_office)
        parts.append(region.c.path.startswith(own.region_path + "/") & agency.c.is_office)
    return select(agency.c.id).join(region, region.c.id == agency.c.region_id).where(or_(*parts))


def roles_held(session: Session, user_id: int, day: date) -> frozenset[str]:
    """Standard roles that a person holds on a day under all active memberships."""
    return frozenset().union(*(roles for _place, roles in held_by(session, user_id, day)))


def held_by(session: Session, user_id: int, day: date) -> list[tuple[Place | None, frozenset[str]]]:
    """Place and standard roles of each active membership of a person: what `rules.may_manage` asks for."""
    query = (
        select(Membership)
        .where(Membership.user_id == user_id, Membership.active)
        .options(joinedload(Membership.agency).joinedload(Agency.region))
        .order_by(Membership.id)
    )
    return [
        (place_of(m.agency) if m.agency is not None else None, roles_of(m, day))
        for m in session.scalars(query)
    ]


def holders(session: Session, units: Select[Any], day: date) -> dict[str, int]:
    """How many people at some units (`agencies_administered`) hold each role on a day, by its internal name."""
    query = (
        select(Role.name, func.count(Membership.user_id.distinct()))
        .select_from(MembershipRole)
        .join(Role, Role.id == MembershipRole.role_id)
        .join(Membership, Membership.id == MembershipRole.membership_id)
        .join(Account, Account.id == Membership.user_id)
        .where(
            Membership.agency_id.in_(units),
            Membership.active,
            Account.active,
            or_(MembershipRole.until.is_(None), MembershipRole.until >= day),
        )
        .group_by(Role.name)
    )
    return dict(session.execute(query).all())


def people_in_role(
    session: Session, name: str, units: Select[Any], day: date, most: int
) -> list[MembershipRole]:
    """Who holds a role at some units on a day, with person and unit; at most `most`."""
    query = (
        select(MembershipRole)
        .join(MembershipRole.membership)
        .join(Membership.user)
        .join(MembershipRole.role)
        .where(
            Role.name == name,
            Membership.agency_id.in_(units),
            Membership.active,
            Account.active,
            or_(MembershipRole.until.is_(None), MembershipRole.until >= day),
        )
        .options(
            contains_eager(MembershipRole.membership).contains_eager(Membership.user),
            contains_eager(MembershipRole.membership).joinedload(Membership.agency),
            contains_eager(MembershipRole.membership).lazyload(Membership.roles),
        )
        .order_by(Membership.agency_id, Membership.id)
        .limit(most)
    )
    return list(session.scalars(query))


def other_security_admins(session: Session, user_id: int, day: date) -> int:
    """How many people besides this one are security administrators without an end."""
    query = (
        select(func.count(Membership.user_id.distinct()))
        .select_from(MembershipRole)
        .join(Membership, Membership.id == MembershipRole.membership_id)
        .join(Account, Account.id == Membership.user_id)
        .where(
            in_role({RoleName.SECURITY_ADMIN}, day),
            MembershipRole.until.is_(None),
            Membership.active,
            Account.active,
            Membership.user_id != user_id,
        )
    )
    return session.scalar(query) or 0
