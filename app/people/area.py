"""Whom an administrator reaches. Every page and every act asks here first.

A person belongs to the area by an active membership at an agency that the actor administers; somebody who has
left belongs to the area of the last one. Outside of it a person is not there.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session, joinedload

from app.db import Actor, Unit
from app.kernel.errors import NotFound
from app.security.models import Account, Agency, Membership, MembershipRole
from app.security.roles.queries import agencies_administered
from app.security.rules import RoleName

KEEPERS = frozenset({RoleName.OFFICE_ADMIN, RoleName.AGENCY_ADMIN, RoleName.SECURITY_ADMIN})


def agency_ids(session: Session, actor: Actor) -> frozenset[int]:
    """Agencies that the actor administers, closed ones included. Two queries."""
    return frozenset(session.execute(agencies_administered(session, actor)).scalars())


def agencies(session: Session, actor: Actor, *, open_only: bool = True) -> list[Agency]:
    """The same as rows, offices first, then by region and code."""
    query = (
        select(Agency)
        .where(Agency.id.in_(agencies_administered(session, actor)))
        .options(joinedload(Agency.region))
        .order_by(Agency.is_office.desc(), Agency.region_id, Agency.code)
    )
    return list(session.scalars(query.where(Agency.active) if open_only else query))


def within(ids: frozenset[int]) -> ColumnElement[bool]:
    """Accounts of the area, as a criterion over `ab_user`."""
    member, other = Membership.__table__.alias("m"), Membership.__table__.alias("o")
    users = Account.__table__
    here = exists().where(member.c.user_id == users.c.id, member.c.agency_id.in_(ids), member.c.active)
    was_here = exists().where(member.c.user_id == users.c.id, member.c.agency_id.in_(ids))
    elsewhere = exists().where(other.c.user_id == users.c.id, other.c.active)
    return or_(here, was_here & ~elsewhere)


def get_person(session: Session, actor: Actor, user_id: int, ids: frozenset[int] | None = None) -> Account:
    """The account of a person of the area.

    :raises NotFound: not there, or not within the area
    """
    found = session.scalars(
        select(Account).where(
            Account.id == user_id, within(agency_ids(session, actor) if ids is None else ids)
        )
    ).first()
    if found is None:
        raise NotFound("not_in_scope", kind="account")
    return found


def lock_person(unit: Unit, user_id: int) -> Account:
    """The same, with the row held until the end of the unit: acts on one person come one after the other.

    :raises NotFound: not there, or not within the area
    """
    get_person(unit.session, unit.actor, user_id)
    return hold(unit.session, user_id)


def hold(session: Session, user_id: int) -> Account:
    """The account's row, locked and read anew."""
    query = select(Account).where(Account.id == user_id).with_for_update(key_share=True)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def memberships_of(
    session: Session, user_id: int, ids: frozenset[int] | None = None, *, active: bool | None = None
) -> list[Membership]:
    """Memberships with agency and roles, active ones first; only those at `ids` where given."""
    query = (
        select(Membership)
        .where(Membership.user_id == user_id)
        .options(joinedload(Membership.agency).joinedload(Agency.region))
        .order_by(Membership.active.desc(), Membership.id)
        .execution_options(populate_existing=True)
    )
    if ids is not None:
        query = query.where(Membership.agency_id.in_(ids))
    if active is not None:
        query = query.where(Membership.active.is_(active))
    return list(session.scalars(query))


def get_membership(unit: Unit, user_id: int, membership_id: int) -> Membership:
    """A membership of the person at an agency of the area.

    :raises NotFound: not there, another person's, or at an agency outside
    """
    ids = agency_ids(unit.session, unit.actor)
    found = next((m for m in memberships_of(unit.session, user_id, ids) if m.id == membership_id), None)
    if found is None:
        raise NotFound("not_in_scope", kind="membership")
    return found


def get_agency(unit: Unit, agency_id: int) -> Agency:
    """An agency of the area, held against being closed meanwhile.

    :raises NotFound: not there, or not within the area
    """
    if agency_id not in agency_ids(unit.session, unit.actor):
        raise NotFound("not_in_scope", kind="agency")
    query = (
        select(Agency)
        .where(Agency.id == agency_id)
        .options(joinedload(Agency.region))
        .with_for_update(of=Agency, key_share=True)
        .execution_options(populate_existing=True)
    )
    return unit.session.scalars(query).one()


def role_label(link: MembershipRole) -> Any:
    """What a role is called: an office's own name, or the standard one's message id."""
    return link.custom.name if link.custom is not None else RoleName(link.role.name).label
