"""Somebody leaves: disabled at once, sessions end, work goes to others; and may come back later."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import update

from app.audit.services import record
from app.db import Unit
from app.kernel.errors import Invalid, Refused
from app.people import area
from app.people.models import Invitation, MoveRequest
from app.people.places import after_joining, after_leaving
from app.people.rules import InvitationState, MoveState, clean_name, reason_fault, role_faults
from app.people.services.handing_over import Choices, Settled, settle_work
from app.people.services.keeping import lock_other, require_may_give_all, wear
from app.security.login.services import end_sessions_of, reset_password
from app.security.models import Account, Membership
from app.security.roles.queries import grantable_at, place_of
from app.security.roles.services import grant_role, require_may_leave, require_may_manage
from app.security.scoping import unscoped
from app.security.services import note_security


def leave(unit: Unit, user_id: int, reason: str, choices: Choices) -> Settled:
    """End the person's places in the area; when none is left elsewhere, the account is closed at once.

    A second time changes nothing.

    :raises Refused: oneself, beyond the own rights, the last security administrator, work without successor
    """
    account = lock_other(unit, user_id)
    if account.left_at is not None:
        return Settled()
    if faults := reason_fault(reason):
        raise Invalid(faults=faults)
    ids = area.agency_ids(unit.session, unit.actor)
    places = area.memberships_of(unit.session, user_id, active=True)
    here = [membership for membership in places if membership.agency_id in ids]
    whole = len(here) == len(places)
    if whole:
        require_may_manage(unit, user_id)
    for membership in here:
        require_may_give_all(unit, membership)
    require_may_leave(unit, user_id)
    settled = Settled()
    for membership in here:
        part = take_off(unit, account, membership, choices, reason)
        settled.handed += part.handed
        settled.stayed += part.stayed
    if whole:
        _close(unit, account)
    figures = {"handed_over": len(settled.handed), "left_open": len(settled.stayed), "closed": whole}
    for membership in here:
        record(unit, "account.left", f"account:{user_id}", figures, membership.agency_id)
    codes = ", ".join(m.agency.code for m in here if m.agency is not None)
    note_security(
        unit, "account_left", "ok", subject=f"account:{user_id}", detail=f"@ {codes}: {reason.strip()}"
    )
    return settled


def take_off(unit: Unit, account: Account, membership: Membership, choices: Choices, reason: str) -> Settled:
    """Hand over what is open under one membership and end it; the domains above put away what names it."""
    assert membership.agency_id is not None, "places of an area have an agency"
    settled = settle_work(unit, account, membership.agency_id, choices, reason)
    membership.active = False
    unit.session.flush()
    with unscoped(unit.session, "what names a person who leaves is put away"):
        for put_away in after_leaving:
            put_away(unit, account, membership.agency_id)
    withdraw_requests(unit, membership)
    return settled


def withdraw_requests(unit: Unit, membership: Membership) -> None:
    """A move that still waits has nobody to move any more."""
    table = MoveRequest.__table__
    unit.session.execute(
        update(table)
        .where(table.c.membership_id == membership.id, table.c.state == MoveState.ASKED.value)
        .values(state=MoveState.WITHDRAWN.value, decided_at=unit.clock.now())
    )
    unit.session.expire_all()


def _close(unit: Unit, account: Account) -> None:
    account.active, account.left_at = False, unit.clock.now()
    table = Invitation.__table__
    unit.session.execute(
        update(table)
        .where(table.c.user_id == account.id, table.c.state == InvitationState.OPEN.value)
        .values(state=InvitationState.CANCELLED.value, token_digest=None)
    )
    unit.session.flush()
    end_sessions_of(unit, account.id, why="left")


def come_back(
    unit: Unit, user_id: int, agency_id: int, *, title: str, roles: Sequence[str], reason: str
) -> tuple[Account, str]:
    """Open the account of somebody who left, with one place and the roles chosen now; former ones stay ended.

    :return: the account and a first password for a slip
    :raises Refused: the person has not left, or is oneself
    """
    agency = area.get_agency(unit, agency_id)
    account = lock_other(unit, user_id)
    if account.left_at is None:
        raise Refused("person_has_not_left", name=account.get_full_name())
    if not agency.active:
        raise Refused("unit_closed")
    offered = {role.name for role in grantable_at(unit.session, unit.actor, place_of(agency))}
    if faults := [*role_faults(roles, offered), *reason_fault(reason)]:
        raise Invalid(faults=faults)
    account.left_at, account.active = None, True
    membership = wear(unit, account, agency_id, clean_name(title))
    for role in roles:
        grant_role(unit, membership.id, role, until=None, reason=reason)
    with unscoped(unit.session, "what names a person who comes back is taken up"):
        for take_up in after_joining:
            take_up(unit, account, agency_id)
    word = reset_password(unit, account)
    record(unit, "account.returned", f"account:{user_id}", {"agency": agency.code}, agency_id)
    note_security(
        unit,
        "account_returned",
        "ok",
        subject=f"account:{user_id}",
        detail=f"@ {agency.code}: {reason.strip()}",
    )
    return account, word
