"""What a person can do, and why: every permission with the role that gives it, and where it counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.db import Actor
from app.security.models import Account, Agency, Membership
from app.security.roles import queries
from app.security.roles.rules import Permission, RoleFacts, may_grant
from app.security.roles.words import Line, by_stage
from app.security.rules import BUSINESS, RoleName


@dataclass(frozen=True)
class Held:
    """One role under a membership; `ended` when its time is over."""

    facts: RoleFacts
    until: date | None
    ended: bool
    reason: str
    given_by: str
    given_at: datetime | None


@dataclass(frozen=True)
class Hat:
    """One membership: its roles, how far it reaches in words, and the permissions with their givers."""

    membership: Membership
    roles: list[Held]
    reach: list[str]
    can: list[tuple[str, Any, list[tuple[Line, list[Held]]]]]
    cannot: list[tuple[str, Any, list[tuple[Line, list[RoleFacts]]]]]


def hats_of(session: Session, actor: Actor, user_id: int, day: date) -> tuple[list[Hat], int]:
    """The memberships of a person within the actor's area (all of them for oneself), explained; and how many
    stand elsewhere.
    """
    query = (
        select(Membership)
        .where(Membership.user_id == user_id, Membership.active)
        .options(joinedload(Membership.agency).joinedload(Agency.region))
        .order_by(Membership.id)
    )
    everywhere = list(session.scalars(query))
    area = set(session.scalars(queries.agencies_administered(session, actor)))
    mine = [m for m in everywhere if m.agency_id in area or actor.user_id == user_id]
    roles = {role.name: role for role in queries.all_roles(session)}
    givers = _names(session, (link.granted_by for m in mine for link in m.roles))
    return [_hat(session, actor, m, roles, givers, day) for m in mine], len(everywhere) - len(mine)


def _hat(
    session: Session,
    actor: Actor,
    membership: Membership,
    roles: dict[str, RoleFacts],
    givers: dict[int, str],
    day: date,
) -> Hat:
    held = [
        Held(
            facts=roles.get(link.role.name) or queries.role_facts(session, link.role.name),
            until=link.until,
            ended=not link.holds(day),
            reason=link.reason,
            given_by=givers.get(link.granted_by or 0, ""),
            given_at=link.granted_at,
        )
        for link in membership.roles
        if link.role.name in roles or link.custom is not None
    ]
    giving = [h for h in held if not h.ended]
    able = frozenset().union(*(h.facts.permissions for h in giving))
    known = frozenset().union(*(r.permissions for r in roles.values()))
    can = [
        (
            key,
            heading,
            [(line, [h for h in giving if line.permission in h.facts.permissions]) for line in lines],
        )
        for key, heading, lines in by_stage(able)
    ]
    own = queries.actor_place(session, actor)
    place = queries.place_of(membership.agency) if membership.agency else None
    cannot = [
        (key, heading, [(line, _would(line.permission, roles.values(), actor, own, place)) for line in lines])
        for key, heading, lines in by_stage(known - able)
    ]
    standard = frozenset().union(*(h.facts.bases for h in giving))
    return Hat(membership, held, reach_of(membership.agency, standard), can, cannot)


def _would(
    permission: Permission, roles: Iterable[RoleFacts], actor: Actor, own: Any, place: Any
) -> list[RoleFacts]:
    """Roles that would give it at this place, and that the actor may give there."""
    return [
        role
        for role in roles
        if permission in role.permissions
        and own is not None
        and place is not None
        and may_grant(actor.roles, own, role, place)
    ]


def reach_of(agency: Agency | None, roles: frozenset[str]) -> list[str]:
    """How far these roles reach at a unit, in sentences: what `queries.scope_for` computes."""
    if agency is None or not agency.active or not roles & BUSINESS:
        return [_("No business data: only what belongs to the administration of the system.")]
    found = [_("Reads and changes what belongs to %(agency)s.", agency=agency.name)]
    if agency.is_office:
        found.append(_("Reads what the units of %(region)s and below have.", region=agency.region.name))
    elif RoleName.AUDITOR in roles:
        found.append(
            _("As auditor: reads what the units of %(region)s and below have.", region=agency.region.name)
        )
    found.append(_("Reads the tasks in which the unit takes part, wherever they come from."))
    found.append(_("Reads the base directory of targets of %(region)s and below.", region=agency.region.name))
    return found


def _names(session: Session, user_ids: Iterable[int | None]) -> dict[int, str]:
    wanted = {user_id for user_id in user_ids if user_id}
    if not wanted:
        return {}
    rows = session.scalars(select(Account).where(Account.id.in_(wanted)))
    return {account.id: account.get_full_name() for account in rows}
