"""What a person has in hand goes to others before the person does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.db import Unit
from app.kernel.clock import today
from app.kernel.errors import DomainError, Refused
from app.notifications.services import notify, register_template
from app.people.places import OpenWork, Successor, open_work_of, provider_of
from app.security.explain import explain
from app.security.models import Account, Membership, MembershipRole
from app.security.queries import in_role, people
from app.security.rules import RoleName
from app.security.scoping import unscoped

BY_ORDER, STAYS = 0, -1
TOLD = frozenset({RoleName.CLERK, RoleName.AGENCY_ADMIN, RoleName.OFFICE_ADMIN})

Choices = Mapping[str, int]
"""`kind:key` of a thing -> account that takes it over, `BY_ORDER`, or `STAYS` with the agency."""

register_template(
    "account.work_left",
    subject=_l("Open work was left with your agency: %(n)s"),
    body=_l("A colleague has left the agency. Nobody has taken over yet: %(things)s"),
)


@dataclass
class Settled:
    """What became of the open work: labels of what was handed over, and of what stays with the agency."""

    handed: list[str] = field(default_factory=list)
    stayed: list[str] = field(default_factory=list)


def work_of(unit: Unit, account: Account, agency_id: int) -> list[OpenWork]:
    with unscoped(unit.session, "open work of a person of the area"):
        return open_work_of(unit.session, account, agency_id)


def settle_work(unit: Unit, account: Account, agency_id: int, choices: Choices, reason: str) -> Settled:
    """Hand everything over as chosen. What a rule gives away needs no choice; what goes to somebody by name
    does. The services of the domains do it and check again.

    :raises Refused: a thing without a successor, one who may not take it, or a thing that cannot go
    """
    settled = Settled()
    for thing in work_of(unit, account, agency_id):
        chosen = choices.get(f"{thing.kind}:{thing.key}")
        if chosen == STAYS or thing.successor is Successor.NOBODY:
            settled.stayed.append(thing.label)
            continue
        _give(unit, account, agency_id, thing, chosen, reason)
        settled.handed.append(thing.label)
    if settled.stayed:
        _tell_agency(unit, account, agency_id, settled.stayed)
    return settled


def _give(
    unit: Unit, account: Account, agency_id: int, thing: OpenWork, chosen: int | None, reason: str
) -> None:
    provider = provider_of(thing.kind)
    if provider is None:
        raise RuntimeError(f"open work of an unknown kind: {thing.kind}")
    to = None
    if thing.successor is Successor.NAMED:
        if not chosen:
            raise Refused("work_without_successor", label=thing.label)
        to = _colleague(unit, account, agency_id, chosen, provider.roles)
    try:
        with unscoped(unit.session, "open work of a person who leaves is handed over"):
            provider.hand_over(unit, thing.key, to, reason)
    except DomainError as error:
        raise Refused("work_cannot_go", label=thing.label, why=explain(error)) from error


def _colleague(unit: Unit, account: Account, agency_id: int, wanted: int, roles: frozenset[str]) -> Account:
    query = (
        select(Account)
        .join(Membership, Membership.user_id == Account.id)
        .join(MembershipRole, MembershipRole.membership_id == Membership.id)
        .where(
            Account.id == wanted,
            Account.id != account.id,
            Account.active,
            Membership.active,
            Membership.agency_id == agency_id,
            in_role(roles or frozenset(RoleName), today(unit.clock)),
        )
    )
    found = unit.session.scalars(query.limit(1)).first()
    if found is None:
        raise Refused("successor_unfit")
    return found


def _tell_agency(unit: Unit, account: Account, agency_id: int, labels: list[str]) -> None:
    told = [a for a in people(unit.session, agency_id, TOLD, today(unit.clock)) if a.id != account.id]
    key = f"account.work_left:{account.id}:{agency_id}:{int(unit.clock.now().timestamp())}"
    notify(unit, told, "account.work_left", key, {"n": len(labels), "things": "；".join(labels[:20])}, "/")
