"""Give and take roles. Every change has a reason and leaves an event and a line in the security log."""

from __future__ import annotations

from datetime import date

from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.audit.services import record
from app.db import Actor, Unit
from app.kernel.clock import today
from app.kernel.errors import Fault, Invalid, NotFound, Refused
from app.security.login.services import end_sessions_of
from app.security.models import Account, Agency, Membership, MembershipRole
from app.security.queries import roles_of
from app.security.roles import queries, rules
from app.security.roles.rules import Place, RoleFacts
from app.security.rules import RoleName
from app.security.services import note_security

LONGEST_REASON = 200
SYSTEM = "system"


def grant_role(
    unit: Unit, membership_id: int, role: str, *, until: date | None, reason: str
) -> MembershipRole:
    """Give a role under a membership, or change how long it is held; the same again changes nothing.

    :param role: the internal name, `RoleFacts.name`
    :param until: the last day on which it is held, None without an end
    :raises Invalid: no reason, or an end in the past
    :raises NotFound: the membership or the role is not there, or lies outside the area
    :raises Refused: oneself, beyond the own rights, does not fit, three administrators apart
    """
    day = today(unit.clock)
    _check_entries(reason, until, day)
    membership, facts = _locked(unit, membership_id), _known(unit.session, role)
    place = queries.place_of(membership.agency) if membership.agency else None
    if place is None or not membership.active:
        raise NotFound("not_in_scope")
    held = queries.roles_held(unit.session, membership.user_id, day)
    if not _is_system(unit.actor):
        own = _own_place(unit)
        rules.not_oneself(unit.actor.user_id, membership.user_id).require()
        rules.may_grant(unit.actor.roles, own, facts, place, held).require()
        rules.may_last(_own_ends(unit, facts, day), until).require()
    elif not facts.bases <= rules.fitting(place):
        raise Refused("role_does_not_fit", role=facts.label)
    else:
        rules.may_hold_together(held | facts.bases).require()
    if membership.agency is None or not membership.agency.active:
        raise Refused("unit_closed")
    role_id = _role_id(unit.session, facts.name)
    link = next((x for x in membership.roles if x.role_id == role_id), None)
    if link is not None and link.until == until:
        return link
    if link is not None and until is not None:
        _keep_a_security_admin(unit, membership.user_id, facts, day)
    if link is None:
        link = MembershipRole(membership_id=membership.id, role_id=role_id)
        membership.roles.append(link)
    link.until, link.reason = until, reason.strip()
    link.granted_by, link.granted_at = unit.actor.user_id, unit.clock.now()
    unit.session.flush()
    unit.session.refresh(link)
    _note(unit, "granted", membership, facts, reason, until)
    end_sessions_of(unit, membership.user_id, why="roles_changed")
    return link


def revoke_role(unit: Unit, membership_id: int, role: str, *, reason: str) -> None:
    """Take a role away at once; one that is not held leaves everything as it is.

    :raises Invalid: no reason
    :raises NotFound: the membership or the role is not there, or lies outside the area
    :raises Refused: oneself, beyond the own rights, the last security administrator
    """
    day = today(unit.clock)
    _check_entries(reason, None, day)
    membership, facts = _locked(unit, membership_id), _known(unit.session, role)
    place = queries.place_of(membership.agency) if membership.agency else None
    if place is None:
        raise NotFound("not_in_scope")
    if not _is_system(unit.actor):
        rules.not_oneself(unit.actor.user_id, membership.user_id).require()
        rules.may_change(unit.actor.roles, _own_place(unit), facts, place).require()
    role_id = _role_id(unit.session, facts.name)
    link = next((x for x in membership.roles if x.role_id == role_id), None)
    if link is None:
        return
    if membership.active and link.holds(day):
        _keep_a_security_admin(unit, membership.user_id, facts, day)
    membership.roles.remove(link)
    unit.session.flush()
    _note(unit, "revoked", membership, facts, reason, None)
    end_sessions_of(unit, membership.user_id, why="roles_changed")


def require_may_manage(unit: Unit, user_id: int) -> None:
    """Before an act on a whole account (password, lock, leave, move): nobody reaches above the own rights.

    :raises Refused: oneself, or a person with a role or a membership beyond the own area
    """
    if _is_system(unit.actor):
        return
    day = today(unit.clock)
    rules.not_oneself(unit.actor.user_id, user_id).require()
    held = queries.held_by(unit.session, user_id, day)
    rules.may_manage(unit.actor.roles, _own_place(unit), held).require()


def require_may_leave(unit: Unit, user_id: int) -> None:
    """Before an account is closed or locked, or a membership ends: a security administrator stays.

    Two who leave at the same moment come one after the other.

    :raises Refused: `last_security_admin`
    """
    day = today(unit.clock)
    if RoleName.SECURITY_ADMIN in queries.roles_held(unit.session, user_id, day):
        _keep_a_security_admin(unit, user_id, rules.standard(RoleName.SECURITY_ADMIN), day)


def _check_entries(reason: str, until: date | None, day: date) -> None:
    faults = []
    if not reason.strip():
        faults.append(Fault("reason", "required"))
    elif len(reason.strip()) > LONGEST_REASON:
        faults.append(Fault("reason", "too_long", most=LONGEST_REASON, found=len(reason.strip())))
    if until is not None and until < day:
        faults.append(Fault("until", "end_in_the_past", value=until.isoformat()))
    if faults:
        raise Invalid(faults=faults)


def _locked(unit: Unit, membership_id: int) -> Membership:
    """The membership, with the person's account held: two grants to one person come one after the other."""
    session = unit.session
    user_id = session.scalar(select(Membership.user_id).where(Membership.id == membership_id))
    if user_id is None:
        raise NotFound("not_in_scope")
    session.execute(select(Account.id).where(Account.id == user_id).with_for_update(key_share=True))
    query = (
        select(Membership)
        .where(Membership.id == membership_id)
        .options(joinedload(Membership.agency).joinedload(Agency.region))
        .execution_options(populate_existing=True)
    )
    membership = session.scalars(query).one()
    if not _is_system(unit.actor):
        own = queries.actor_place(session, unit.actor)
        place = queries.place_of(membership.agency) if membership.agency else None
        if own is None or place is None or not rules.administers(unit.actor.roles, own, place):
            raise NotFound("not_in_scope")
    return membership


def _known(session: Session, role: str) -> RoleFacts:
    facts = queries.role_facts(session, role)
    if facts is None:
        raise NotFound("not_in_scope")
    return facts


def _role_id(session: Session, name: str) -> int:
    return session.scalars(select(Role.id).where(Role.name == name)).one()


def _own_place(unit: Unit) -> Place:
    own = queries.actor_place(unit.session, unit.actor)
    if own is None:
        raise Refused("not_administered")
    return own


def _own_ends(unit: Unit, facts: RoleFacts, day: date) -> list[date | None]:
    """How long the actor holds the roles that are given, where it is one of the own."""
    mine = unit.session.get(Membership, unit.actor.membership_id) if unit.actor.membership_id else None
    if mine is None or not facts.bases & roles_of(mine, day):
        return []
    return [link.until for link in mine.roles if link.holds(day) and link.names & facts.bases]


def _keep_a_security_admin(unit: Unit, user_id: int, facts: RoleFacts, day: date) -> None:
    if RoleName.SECURITY_ADMIN not in facts.bases:
        return
    session = unit.session
    session.execute(select(Role.id).where(Role.name == facts.name).with_for_update())
    if not queries.other_security_admins(session, user_id, day):
        raise Refused("last_security_admin")


def _is_system(actor: Actor) -> bool:
    return SYSTEM in actor.roles


def _note(
    unit: Unit, verb: str, membership: Membership, facts: RoleFacts, reason: str, until: date | None
) -> None:
    end = until.isoformat() if until else ""
    data = {"role": facts.name, "until": end, "agency": membership.agency.code}
    if facts.is_custom:
        data["bases"] = ",".join(sorted(facts.bases))
    record(unit, f"role.{verb}", f"membership:{membership.id}", data, membership.agency_id)
    note_security(
        unit,
        f"role_{verb}",
        "ok",
        subject=f"account:{membership.user_id}",
        detail=f"{facts.name} @ {membership.agency.code}{f' until {end}' if end else ''}: {reason.strip()}",
    )
