"""Somebody moves to another agency: at once where both lie in the mover's area, else when the other side agrees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.audit.services import record
from app.db import Unit
from app.kernel.clock import today
from app.kernel.errors import Invalid, NotFound, Refused
from app.notifications.services import notify, register_template
from app.people import area
from app.people.models import MoveRequest
from app.people.places import after_joining
from app.people.rules import MoveState, clean_name, may_administer, reason_fault, role_faults
from app.people.services.handing_over import Choices, Settled
from app.people.services.keeping import lock_other, require_may_give_all, wear
from app.people.services.leaving import take_off
from app.security.login.services import end_sessions_of
from app.security.models import Account, Agency, Membership
from app.security.queries import actor_of, office_of, people
from app.security.roles.queries import grantable_at, place_of
from app.security.roles.services import grant_role, require_may_leave
from app.security.rules import RoleName
from app.security.scoping import unscoped
from app.security.services import note_security

register_template(
    "account.move_asked",
    subject=_l("A colleague is to move to %(agency)s"),
    body=_l("%(sender)s asks that %(name)s moves to %(agency)s. Reason: %(reason)s"),
)
register_template(
    "account.move_decided",
    subject=_l("The move of %(name)s: %(answer)s"),
    body=_l("%(agency)s has answered on the move of %(name)s: %(answer)s. %(remark)s"),
)


def move(
    unit: Unit,
    user_id: int,
    membership_id: int,
    to_agency_id: int,
    *,
    title: str,
    roles: Sequence[str],
    reason: str,
    choices: Choices,
) -> Settled:
    """From one agency of the area to another, in one act: work handed over, old place ended, new one begun.

    :raises NotFound: person, membership or agency outside the area
    :raises Refused: oneself, there already, beyond the own rights, work that cannot go
    """
    agency = area.get_agency(unit, to_agency_id)
    account = lock_other(unit, user_id)
    old = area.get_membership(unit, user_id, membership_id)
    if not old.active:
        if _is_at(unit, user_id, to_agency_id):
            return Settled()
        raise Refused("membership_ended", name=account.get_full_name())
    _check_target(unit, account, old, agency)
    _check_entries(unit, agency, roles, reason)
    require_may_give_all(unit, old)
    require_may_leave(unit, user_id)
    settled = take_off(unit, account, old, choices, reason)
    _join(unit, account, agency, title, roles, reason)
    _note_moved(unit, account, old, agency, settled, reason)
    return settled


def _is_at(unit: Unit, user_id: int, agency_id: int) -> bool:
    return any(m.agency_id == agency_id for m in area.memberships_of(unit.session, user_id, active=True))


def _check_target(unit: Unit, account: Account, old: Membership, agency: Agency) -> None:
    if not agency.active:
        raise Refused("unit_closed")
    if old.agency_id == agency.id or _is_at(unit, account.id, agency.id):
        raise Refused("member_already", name=account.get_full_name(), agency=agency.name)


def _check_entries(unit: Unit, agency: Agency, roles: Sequence[str], reason: str) -> None:
    offered = {role.name for role in grantable_at(unit.session, unit.actor, place_of(agency))}
    if faults := [*role_faults(roles, offered), *reason_fault(reason)]:
        raise Invalid(faults=faults)


def _join(
    unit: Unit, account: Account, agency: Agency, title: str, roles: Sequence[str], reason: str
) -> None:
    membership = wear(unit, account, agency.id, clean_name(title))
    for role in roles:
        grant_role(unit, membership.id, role, until=None, reason=reason)
    with unscoped(unit.session, "what names a person who moves is taken up"):
        for take_up in after_joining:
            take_up(unit, account, agency.id)
    end_sessions_of(unit, account.id, why="moved")


def _note_moved(
    unit: Unit, account: Account, old: Membership, agency: Agency, settled: Settled, reason: str
) -> None:
    data = {
        "from": old.agency.code,
        "to": agency.code,
        "handed_over": len(settled.handed),
        "left_open": len(settled.stayed),
    }
    for agency_id in (old.agency_id, agency.id):
        record(unit, "account.moved", f"account:{account.id}", data, agency_id)
    note_security(
        unit,
        "account_moved",
        "ok",
        subject=f"account:{account.id}",
        detail=f"{old.agency.code} → {agency.code}: {reason.strip()}",
    )


def ask_move(
    unit: Unit,
    user_id: int,
    membership_id: int,
    to_agency_id: int,
    *,
    title: str,
    reason: str,
    choices: Choices,
) -> MoveRequest:
    """Ask the administrator of an agency outside the area; until the answer everything stays as it is.

    Asked again for the same place, the first request answers.
    """
    account = lock_other(unit, user_id)
    old = area.get_membership(unit, user_id, membership_id)
    agency = unit.session.get(Agency, to_agency_id)
    if agency is None or not agency.active:
        raise NotFound("not_in_scope", kind="agency")
    if not old.active:
        raise Refused("membership_ended", name=account.get_full_name())
    _check_target(unit, account, old, agency)
    if faults := reason_fault(reason):
        raise Invalid(faults=faults)
    require_may_give_all(unit, old)
    require_may_leave(unit, user_id)
    asked = select(MoveRequest).where(
        MoveRequest.membership_id == old.id, MoveRequest.state == MoveState.ASKED.value
    )
    known = unit.session.scalars(asked).first()
    if known is not None:
        if known.to_agency_id == to_agency_id:
            return known
        raise Refused("move_waits", agency=known.to_agency.name)
    assert unit.actor.user_id is not None and unit.actor.membership_id is not None
    request = MoveRequest(
        user_id=user_id,
        membership_id=old.id,
        from_agency_id=old.agency_id,
        to_agency_id=to_agency_id,
        title=clean_name(title)[:60],
        reason=reason.strip(),
        hand_over=dict(choices),
        asked_by=unit.actor.user_id,
        asker_membership_id=unit.actor.membership_id,
        asked_at=unit.clock.now(),
        state=MoveState.ASKED.value,
    )
    unit.session.add(request)
    unit.session.flush()
    _tell_receivers(unit, request, account, agency)
    data = {"from": old.agency.code, "to": agency.code}
    record(unit, "account.move_asked", f"account:{user_id}", data, old.agency_id)
    note_security(
        unit,
        "account_move_asked",
        "ok",
        subject=f"account:{user_id}",
        detail=f"{old.agency.code} → {agency.code}: {reason.strip()}",
    )
    return request


def _tell_receivers(unit: Unit, request: MoveRequest, account: Account, agency: Agency) -> None:
    admins = {RoleName.AGENCY_ADMIN} if not agency.is_office else {RoleName.OFFICE_ADMIN}
    told = people(unit.session, agency.id, admins, today(unit.clock))
    office = office_of(unit.session, agency.region_id)
    if office is not None and office.id != agency.id:
        told = [*told, *people(unit.session, office.id, {RoleName.OFFICE_ADMIN}, today(unit.clock))]
    facts = {
        "agency": agency.name,
        "sender": unit.actor.label,
        "name": account.get_full_name(),
        "reason": request.reason,
    }
    notify(unit, told, "account.move_asked", f"move:{request.id}:asked", facts, f"/people/moves/{request.id}")


def _locked_request(unit: Unit, request_id: int, side: str) -> MoveRequest:
    """A request of which the actor administers one side, `to_agency_id` or `from_agency_id`."""
    found = unit.session.get(MoveRequest, request_id, with_for_update=True, populate_existing=True)
    if found is None or getattr(found, side) not in area.agency_ids(unit.session, unit.actor):
        raise NotFound("not_in_scope", kind="move_request")
    return found


def accept_move(unit: Unit, request_id: int, *, title: str, roles: Sequence[str]) -> MoveRequest:
    """The receiving side agrees, and everything happens: on the giving side in the asker's name, if the asker
    still may; on this side in the own.

    :raises Refused: decided already, the asker no longer may, work that cannot go
    """
    request = _locked_request(unit, request_id, "to_agency_id")
    if request.state == MoveState.DONE and request.decided_by == unit.actor.user_id:
        return request
    if request.state != MoveState.ASKED:
        raise Refused("move_decided")
    may_administer(unit.actor.user_id, request.user_id).require()
    if unit.actor.user_id == request.asked_by:
        raise Refused("move_of_own_request")
    agency = area.get_agency(unit, request.to_agency_id)
    account = area.hold(unit.session, request.user_id)
    _check_entries(unit, agency, roles, request.reason)
    giving = _asker_unit(unit, request)
    old = area.get_membership(giving, account.id, request.membership_id)
    if not old.active:
        raise Refused("membership_ended", name=account.get_full_name())
    _check_target(unit, account, old, agency)
    require_may_give_all(giving, old)
    require_may_leave(giving, account.id)
    request.state = MoveState.DONE.value
    request.decided_by, request.decided_at = unit.actor.user_id, unit.clock.now()
    unit.session.flush()
    settled = take_off(giving, account, old, request.hand_over, request.reason)
    _join(unit, account, agency, title or request.title, roles, request.reason)
    _note_moved(unit, account, old, agency, settled, request.reason)
    _tell_asker(unit, request, account, agency)
    return request


def _asker_unit(unit: Unit, request: MoveRequest) -> Unit:
    """The unit as the asker's: with the rights that the asker has now, not then."""
    membership = unit.session.get(Membership, request.asker_membership_id)
    if membership is None or not membership.active or not membership.user.active:
        raise Refused("asker_gone")
    actor = actor_of(membership, today(unit.clock))
    if request.from_agency_id not in area.agency_ids(unit.session, actor):
        raise Refused("asker_gone")
    return replace(unit, actor=actor)


def decline_move(unit: Unit, request_id: int, answer: str) -> MoveRequest:
    """The receiving side does not agree; nothing changes."""
    request = _locked_request(unit, request_id, "to_agency_id")
    if request.state == MoveState.DECLINED and request.decided_by == unit.actor.user_id:
        return request
    if request.state != MoveState.ASKED:
        raise Refused("move_decided")
    if unit.actor.user_id == request.asked_by:
        raise Refused("move_of_own_request")
    if faults := reason_fault(answer):
        raise Invalid(faults=faults)
    _settle(unit, request, MoveState.DECLINED, answer)
    _tell_asker(unit, request, request.user, request.to_agency)
    return request


def withdraw_move(unit: Unit, request_id: int) -> MoveRequest:
    """The giving side takes the request back."""
    request = _locked_request(unit, request_id, "from_agency_id")
    if request.state == MoveState.WITHDRAWN:
        return request
    if request.state != MoveState.ASKED:
        raise Refused("move_decided")
    may_administer(unit.actor.user_id, request.user_id).require()
    _settle(unit, request, MoveState.WITHDRAWN, "")
    return request


def _settle(unit: Unit, request: MoveRequest, state: MoveState, answer: str) -> None:
    request.state, request.answer = state.value, answer.strip()
    request.decided_at = unit.clock.now()
    if state is not MoveState.WITHDRAWN:
        request.decided_by = unit.actor.user_id
    unit.session.flush()
    data = {"from": request.from_agency.code, "to": request.to_agency.code}
    record(unit, f"account.move_{state.value}", f"account:{request.user_id}", data, request.from_agency_id)
    note_security(
        unit,
        f"account_move_{state.value}",
        "ok",
        subject=f"account:{request.user_id}",
        detail=f"{data['from']} → {data['to']} {answer.strip()}".strip(),
    )


def _tell_asker(unit: Unit, request: MoveRequest, account: Account, agency: Agency) -> None:
    answer = MoveState(request.state).label
    facts = {
        "name": account.get_full_name(),
        "agency": agency.name,
        "answer": _l(answer),
        "remark": request.answer,
    }
    notify(
        unit,
        [request.asker],
        "account.move_decided",
        f"move:{request.id}:decided",
        facts,
        f"/people/moves/{request.id}",
    )
