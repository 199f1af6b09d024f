"""Small acts on one person: a further place, lock and unlock, a new first password, ending a session."""

from __future__ import annotations

from sqlalchemy import select

from app.audit.services import record
from app.db import Unit
from app.kernel.errors import Invalid, NotFound, Refused
from app.people import area
from app.people.models import Invitation
from app.people.rules import (
    InvitationState,
    clean_name,
    may_administer,
    person_faults,
    reason_fault,
    role_faults,
)
from app.security.login.queries import sessions_of
from app.security.login.services import end_session, end_sessions_of, reset_password
from app.security.models import Account, Membership
from app.security.roles.queries import grantable_at, place_of
from app.security.roles.services import grant_role, require_may_leave, require_may_manage
from app.security.services import note_security


def add_membership(
    unit: Unit, user_id: int, agency_id: int, *, title: str, roles: list[str], reason: str
) -> Membership:
    """A further hat for a person of the area, or one that was taken off before.

    :raises NotFound: the person or the agency is outside the area
    :raises Refused: the person is there already, has left, or is oneself
    """
    agency = area.get_agency(unit, agency_id)
    account = lock_other(unit, user_id)
    if account.left_at is not None:
        raise Refused("person_has_left", name=account.get_full_name())
    if not agency.active:
        raise Refused("unit_closed")
    offered = {role.name for role in grantable_at(unit.session, unit.actor, place_of(agency))}
    title = clean_name(title)
    texts = {"name": account.display_name or "-", "title": title, "phone": "", "mail": "", "username": ""}
    faults = [*person_faults(texts), *role_faults(roles, offered), *reason_fault(reason)]
    if faults:
        raise Invalid(faults=faults)
    known = unit.session.scalars(
        select(Membership).where(Membership.user_id == user_id, Membership.agency_id == agency_id)
    ).first()
    if known is not None and known.active:
        raise Refused("member_already", name=account.get_full_name(), agency=agency.name)
    membership = wear(unit, account, agency_id, title)
    for role in roles:
        grant_role(unit, membership.id, role, until=None, reason=reason)
    _tell(unit, "membership_added", account, agency_id, agency.code, reason)
    return membership


def wear(unit: Unit, account: Account, agency_id: int, title: str) -> Membership:
    """A membership without roles, new or taken up again; the caller gives the roles and leaves the event."""
    known = unit.session.scalars(
        select(Membership).where(Membership.user_id == account.id, Membership.agency_id == agency_id)
    ).first()
    if known is None:
        known = Membership(user_id=account.id, agency_id=agency_id)
        unit.session.add(known)
    known.title, known.active = title, True
    known.roles.clear()
    unit.session.flush()
    return known


def end_membership(unit: Unit, user_id: int, membership_id: int, reason: str) -> Membership:
    """Take one hat off; the last one is taken off by leaving. A second time changes nothing."""
    account = lock_other(unit, user_id)
    membership = area.get_membership(unit, user_id, membership_id)
    if not membership.active:
        return membership
    if faults := reason_fault(reason):
        raise Invalid(faults=faults)
    require_may_give_all(unit, membership)
    if len(area.memberships_of(unit.session, user_id, active=True)) < 2:
        raise Refused("last_membership", name=account.get_full_name())
    require_may_leave(unit, user_id)
    membership.active = False
    unit.session.flush()
    _tell(unit, "membership_ended", account, membership.agency_id, membership.agency.code, reason)
    return membership


def require_may_give_all(unit: Unit, membership: Membership) -> None:
    """Whoever ends a membership could have given every role that it holds.

    :raises Refused: it holds a role beyond the own rights
    """
    offered = {role.name for role in grantable_at(unit.session, unit.actor, place_of(membership.agency))}
    for link in membership.roles:
        if link.role.name not in offered:
            raise Refused("beyond_own_rights", role=area.role_label(link))


def change_facts(unit: Unit, user_id: int, membership_id: int, title: str) -> Membership:
    """Another title under a membership."""
    lock_other(unit, user_id)
    membership = area.get_membership(unit, user_id, membership_id)
    title = clean_name(title)
    texts = {"name": "-", "title": title, "phone": "", "mail": "", "username": ""}
    if faults := person_faults(texts):
        raise Invalid(faults=faults)
    if membership.title != title:
        membership.title = title
        unit.session.flush()
        record(unit, "account.title_changed", f"account:{user_id}", {}, membership.agency_id)
    return membership


def lock(unit: Unit, user_id: int, reason: str) -> Account:
    """Close an account by hand until somebody opens it again; all its sessions end."""
    account = _managed(unit, user_id, reason)
    if account.left_at is not None:
        raise Refused("person_has_left", name=account.get_full_name())
    if not account.active:
        return account
    require_may_leave(unit, user_id)
    account.active = False
    unit.session.flush()
    end_sessions_of(unit, user_id, why="locked")
    record(unit, "account.locked", f"account:{user_id}", {}, _home(unit, user_id))
    note_security(unit, "account_locked_by_hand", "ok", subject=f"account:{user_id}", detail=reason.strip())
    return account


def unlock(unit: Unit, user_id: int, reason: str) -> Account:
    """Open a locked account again, whoever or whatever locked it."""
    account = _managed(unit, user_id, reason)
    if account.left_at is not None:
        raise Refused("person_has_left", name=account.get_full_name())
    if open_invitation(unit, user_id, by_link=True) is not None:
        raise Refused("invitation_waits", name=account.get_full_name())
    if account.active and account.locked_until is None:
        return account
    account.active, account.locked_until, account.fail_login_count = True, None, 0
    unit.session.flush()
    record(unit, "account.unlocked", f"account:{user_id}", {}, _home(unit, user_id))
    note_security(unit, "account_unlocked", "ok", subject=f"account:{user_id}", detail=reason.strip())
    return account


def print_slip(unit: Unit, user_id: int, reason: str) -> tuple[Account, str]:
    """A new first password for a slip; gives it once and keeps only its hash. All sessions end.

    An open invitation by mail becomes one by slip: its link is dead.
    """
    account = _managed(unit, user_id, reason)
    if account.left_at is not None:
        raise Refused("person_has_left", name=account.get_full_name())
    invitation = open_invitation(unit, user_id)
    if invitation is not None:
        invitation.token_digest = None
        invitation.sent += 1
        account.active = True
    elif not account.active:
        raise Refused("person_is_locked", name=account.get_full_name())
    word = reset_password(unit, account)
    unit.session.flush()
    record(unit, "account.slip_printed", f"account:{user_id}", {}, _home(unit, user_id))
    note_security(unit, "slip_printed", "ok", subject=f"account:{user_id}", detail=reason.strip())
    return account, word


def end_session_of(unit: Unit, user_id: int, session_id: int) -> None:
    """End one session of a person of the area."""
    lock_other(unit, user_id)
    require_may_manage(unit, user_id)
    if all(line.id != session_id for line in sessions_of(unit.session, user_id)):
        raise NotFound("not_in_scope", kind="login_session")
    end_session(unit, session_id, why="ended_by_hand")


def open_invitation(unit: Unit, user_id: int, *, by_link: bool = False) -> Invitation | None:
    query = select(Invitation).where(
        Invitation.user_id == user_id, Invitation.state == InvitationState.OPEN.value
    )
    if by_link:
        query = query.where(Invitation.token_digest.is_not(None))
    return unit.session.scalars(query).first()


def lock_other(unit: Unit, user_id: int) -> Account:
    """A person of the area who is not the actor, held.

    :raises NotFound: outside the area; :raises Refused: oneself
    """
    account = area.lock_person(unit, user_id)
    may_administer(unit.actor.user_id, user_id).require()
    return account


def _managed(unit: Unit, user_id: int, reason: str) -> Account:
    account = lock_other(unit, user_id)
    require_may_manage(unit, user_id)
    if faults := reason_fault(reason):
        raise Invalid(faults=faults)
    return account


def _home(unit: Unit, user_id: int) -> int | None:
    """In whose scope an event about the whole account stands: the first of the person's places."""
    places = area.memberships_of(unit.session, user_id)
    return places[0].agency_id if places else None


def _tell(unit: Unit, verb: str, account: Account, agency_id: int | None, code: str, reason: str) -> None:
    record(unit, f"account.{verb}", f"account:{account.id}", {"agency": code}, agency_id)
    note_security(unit, verb, "ok", subject=f"account:{account.id}", detail=f"@ {code}: {reason.strip()}")
