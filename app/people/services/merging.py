"""A region is merged into another: each of its agencies into the same agency over there, in one act.

The office above both regions does it. People go along with the roles that they have: the merger gives nobody a
right that the office could not give, so nothing of the delegation is asked again.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.audit.services import record
from app.db import Actor, Unit
from app.kernel.errors import Invalid, NotFound, Refused
from app.people import area
from app.people.places import Successor, after_joining, after_region_merged
from app.people.rules import Heir, heirs_of, may_merge, reason_fault
from app.people.services.dissolving import close_emptied
from app.people.services.handing_over import STAYS, work_of
from app.people.services.keeping import wear
from app.people.services.leaving import take_off
from app.security.login.services import end_sessions_of
from app.security.models import Account, Agency, Membership, MembershipRole, Region
from app.security.roles.queries import actor_place
from app.security.rules import RoleName
from app.security.scoping import unscoped
from app.security.services import note_security

MOST_PEOPLE = 2000


def merge_region(unit: Unit, gone_id: int, into_id: int, reason: str) -> list[Heir]:
    """Move all people of a region to the same agencies of another, close its agencies, and let the directories
    follow. All or nothing; a second time changes nothing. Gives which agency went where.

    :raises NotFound: a region that does not lie below the own office
    :raises Refused: the regions do not fit, an agency has no heir, or there are too many people for one act
    """
    gone, into = regions_of(unit.session, unit.actor, gone_id, into_id)
    if faults := reason_fault(reason):
        raise Invalid(faults=faults)
    may_merge((gone.path, gone.level), (into.path, into.level)).require()
    with unscoped(unit.session, "the office above merges two regions"):
        pairs = plan_of(unit.session, gone, into)
        _carry_all(unit, pairs, into, reason)
        if pairs:
            for follow in after_region_merged:
                follow(unit, gone, into)
    if pairs:
        data = {"from": gone.code, "to": into.code, "agencies": len(pairs)}
        record(unit, "region.merged", f"region:{gone.id}", data, unit.actor.agency_id)
        detail = f"{gone.code} → {into.code}: {reason.strip()}"
        note_security(unit, "region_merged", "ok", subject=f"region:{gone.id}", detail=detail)
    return pairs


def regions(session: Session, actor: Actor) -> list[Region]:
    """Regions with agencies below the office of the actor, by code; none for everybody else."""
    own = actor_place(session, actor)
    if own is None or not own.is_office or RoleName.OFFICE_ADMIN not in actor.roles:
        return []
    query = (
        select(Region)
        .where(
            Region.path.startswith(own.region_path + "/", autoescape=True),
            Region.id.in_(select(Agency.__table__.c.region_id)),
        )
        .order_by(Region.code)
    )
    return list(session.scalars(query))


def regions_of(session: Session, actor: Actor, gone_id: int, into_id: int) -> tuple[Region, Region]:
    """:raises NotFound: not there, or not below the own office"""
    known = {region.id: region for region in regions(session, actor)}
    if gone_id not in known or into_id not in known:
        raise NotFound("not_in_scope", kind="region")
    return known[gone_id], known[into_id]


def plan_of(session: Session, gone: Region, into: Region) -> list[Heir]:
    """Each open agency of the region that goes, with its heir and how many people it has."""
    query = select(Agency).where(Agency.region_id.in_([gone.id, into.id]), Agency.active).order_by(Agency.id)
    found = list(session.scalars(query))
    facts = [(a.id, a.name, a.line_code, a.is_office, a.region_id) for a in found]
    return heirs_of(
        [fact[:4] for fact in facts if fact[4] == gone.id], [fact[:4] for fact in facts if fact[4] == into.id]
    )


def _carry_all(unit: Unit, pairs: list[Heir], into: Region, reason: str) -> None:
    for pair in pairs:
        if pair.heir_id is None:
            raise Refused("no_heir", agency=pair.name, region=into.name)
    places = _places(unit.session, [pair.agency_id for pair in pairs])
    if len(places) > MOST_PEOPLE:
        raise Refused("too_many_people", most=MOST_PEOPLE)
    heir_of = {pair.agency_id: pair.heir_id for pair in pairs}
    for place in places:
        _carry(unit, place, heir_of[place.agency_id or 0] or 0, reason)
    for pair in pairs:
        close_emptied(unit, unit.session.get_one(Agency, pair.agency_id), reason)


def _places(session: Session, agency_ids: list[int]) -> list[Membership]:
    query = (
        select(Membership)
        .join(Account, Account.id == Membership.user_id)
        .where(Membership.agency_id.in_(agency_ids), Membership.active, Account.left_at.is_(None))
        .options(joinedload(Membership.agency))
        .order_by(Membership.user_id)
        .limit(MOST_PEOPLE + 1)
    )
    return list(session.scalars(query).unique())


def _carry(unit: Unit, old: Membership, heir_id: int, reason: str) -> None:
    """One person: work that is bound to a name stays with the agency's successor, roles go along."""
    account = area.hold(unit.session, old.user_id)
    roles = [(link.role_id, link.until) for link in old.roles]
    stays = {
        f"{thing.kind}:{thing.key}": STAYS
        for thing in work_of(unit, account, old.agency_id or 0)
        if thing.successor is Successor.NAMED
    }
    take_off(unit, account, old, stays, reason)
    there = area.memberships_of(unit.session, account.id, frozenset({heir_id}), active=True)
    new = there[0] if there else wear(unit, account, heir_id, old.title)
    held = {link.role_id for link in new.roles}
    for role_id, until in roles:
        if role_id not in held:
            link = MembershipRole(
                role_id=role_id,
                until=until,
                reason=reason.strip()[:200],
                granted_by=unit.actor.user_id,
                granted_at=unit.clock.now(),
            )
            new.roles.append(link)
    unit.session.flush()
    for take_up in after_joining:
        take_up(unit, account, heir_id)
    end_sessions_of(unit, account.id, why="moved")
    record(unit, "account.moved", f"account:{account.id}", {"handed_over": 0}, heir_id)
