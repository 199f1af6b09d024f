"""An agency is dissolved or merged: its people are moved or leave, all in one act; then it is closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select, update

from app.audit.services import record
from app.db import Unit
from app.kernel.clock import today
from app.kernel.errors import Invalid, NotFound, Refused
from app.people import area
from app.people.places import Successor
from app.people.rules import may_dissolve, reason_fault
from app.people.services.handing_over import STAYS, work_of
from app.people.services.keeping import require_may_give_all
from app.people.services.leaving import leave, take_off
from app.people.services.moving import move
from app.security.models import Account, Agency, MeetingMember, Membership
from app.security.roles.queries import grantable_at, place_of
from app.security.services import note_security

MOST_AT_ONCE = 200
LEAVES, STAYS_HERE = "leave", ""


@dataclass
class Emptied:
    """`moved`, `left`: how many; `dropped`: roles that do not go along, name and label; `open_work`: what
    stays.
    """

    moved: int = 0
    left: int = 0
    dropped: list[tuple[str, str]] = field(default_factory=list)
    open_work: list[str] = field(default_factory=list)


def people_in(unit: Unit, agency_id: int) -> int:
    """Active memberships of people who have not left."""
    query = (
        select(func.count())
        .select_from(Membership)
        .join(Account, Account.id == Membership.user_id)
        .where(Membership.agency_id == agency_id, Membership.active, Account.left_at.is_(None))
    )
    return int(unit.session.scalar(query) or 0)


def settle_people(unit: Unit, agency_id: int, decisions: Mapping[int, str], reason: str) -> Emptied:
    """Each person as decided: `leave`, the id of another agency of the area, or "" to stay for now.

    Roles go along as far as they mean something over there and are the actor's to give. All or nothing.

    :raises Refused: more than 200 at once, or the first person who cannot go, by name
    """
    agency = _dissolvable(unit, agency_id)
    if faults := reason_fault(reason):
        raise Invalid(faults=faults)
    wanted = {user_id: choice for user_id, choice in decisions.items() if choice != STAYS_HERE}
    if len(wanted) > MOST_AT_ONCE:
        raise Refused("too_many_people", most=MOST_AT_ONCE)
    done = Emptied()
    for user_id in sorted(wanted):
        _one(unit, agency, user_id, wanted[user_id], reason, done)
    if wanted:
        figures = {"moved": done.moved, "left": done.left}
        record(unit, "agency.emptied", f"agency:{agency.id}", figures, agency.id)
    return done


def _one(unit: Unit, agency: Agency, user_id: int, choice: str, reason: str, done: Emptied) -> None:
    here = area.memberships_of(unit.session, user_id, frozenset({agency.id}), active=True)
    if not here:
        return
    membership, account = here[0], here[0].user
    choices = {
        f"{thing.kind}:{thing.key}": STAYS
        for thing in work_of(unit, account, agency.id)
        if thing.successor is Successor.NAMED
    }
    if choice == LEAVES:
        _leave_here(unit, account, membership, choices, reason, done)
        return
    target = area.get_agency(unit, int(choice))
    offered = {role.name for role in grantable_at(unit.session, unit.actor, place_of(target))}
    roles = [link.role.name for link in membership.roles if link.role.name in offered]
    for link in membership.roles:
        if link.role.name not in offered:
            done.dropped.append((account.get_full_name(), str(area.role_label(link))))
    if not roles:
        raise Refused("no_role_goes_along", name=account.get_full_name(), agency=target.name)
    settled = move(
        unit,
        user_id,
        membership.id,
        target.id,
        title=membership.title,
        roles=roles,
        reason=reason,
        choices=choices,
    )
    done.moved += 1
    done.open_work += settled.stayed


def _leave_here(
    unit: Unit,
    account: Account,
    membership: Membership,
    choices: Mapping[str, int],
    reason: str,
    done: Emptied,
) -> None:
    """Out of this agency; with another place left, the account goes on there."""
    if len(area.memberships_of(unit.session, account.id, active=True)) > 1:
        require_may_give_all(unit, membership)
        if account.id == unit.actor.user_id:
            raise Refused("own_account")
        area.hold(unit.session, account.id)
        settled = take_off(unit, account, membership, choices, reason)
        record(unit, "account.left", f"account:{account.id}", {"closed": False}, membership.agency_id)
        note_security(
            unit,
            "account_left",
            "ok",
            subject=f"account:{account.id}",
            detail=f"@ {membership.agency.code}: {reason.strip()}",
        )
    else:
        settled = leave(unit, account.id, reason, choices)
    done.left += 1
    done.open_work += settled.stayed


def close_agency(unit: Unit, agency_id: int, reason: str) -> Agency:
    """Close an agency that nobody belongs to any more; it leaves its joint meeting today. A second time
    changes nothing.

    :raises Refused: `agency_has_people`, or it is the own agency
    """
    agency = _dissolvable(unit, agency_id)
    if not agency.active:
        return agency
    if faults := reason_fault(reason):
        raise Invalid(faults=faults)
    return close_emptied(unit, agency, reason)


def close_emptied(unit: Unit, agency: Agency, reason: str) -> Agency:
    """The closing itself, for whoever has seen to it that the actor may.

    :raises Refused: `agency_has_people`
    """
    may_dissolve(people_in(unit, agency.id)).require()
    agency.active = False
    day = today(unit.clock)
    table = MeetingMember.__table__
    unit.session.execute(
        update(table)
        .where(
            (table.c.agency_id == agency.id) | (table.c.office_id == agency.id),
            table.c.left_on.is_(None),
            table.c.joined_on <= day,
        )
        .values(left_on=day)
    )
    unit.session.flush()
    record(unit, "agency.closed", f"agency:{agency.id}", {"agency": agency.code}, agency.id)
    note_security(
        unit, "agency_closed", "ok", subject=f"agency:{agency.id}", detail=f"{agency.code}: {reason.strip()}"
    )
    return agency


def _dissolvable(unit: Unit, agency_id: int) -> Agency:
    """An agency of the area other than the own, held."""
    ids = area.agency_ids(unit.session, unit.actor)
    if agency_id not in ids:
        raise NotFound("not_in_scope", kind="agency")
    if agency_id == unit.actor.agency_id:
        raise Refused("own_agency")
    query = select(Agency).where(Agency.id == agency_id).with_for_update()
    return unit.session.scalars(query.execution_options(populate_existing=True)).one()
