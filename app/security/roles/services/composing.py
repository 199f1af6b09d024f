"""Roles that an office composes. A custom role is a restriction of standard ones, never an extension."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Set
from datetime import date

from flask_appbuilder.security.sqla.models import Role, assoc_permissionview_role
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session, joinedload

from app.audit.services import record
from app.db import Unit
from app.kernel.clock import today
from app.kernel.errors import Fault, Invalid, NotFound, Refused, Stale
from app.security.grants import prune_custom
from app.security.models import Agency, CustomRole, Membership, MembershipRole
from app.security.roles import queries, rules
from app.security.roles.rules import Permission, RoleFacts
from app.security.rules import RoleName, may_act
from app.security.services import note_security

LONGEST_NAME = 40
LONGEST_NOTE = 300
LONGEST_REASON = 200
PAIRS_SQL = text(
    "SELECT p.name, v.name, pv.id FROM ab_permission_view pv "
    "JOIN ab_permission p ON p.id = pv.permission_id JOIN ab_view_menu v ON v.id = pv.view_menu_id"
)


def compose_role(
    unit: Unit, *, name: str, note: str, bases: Set[str], permissions: Set[Permission], reason: str
) -> CustomRole:
    """A new role of the actor's office, out of permissions of standard roles.

    :raises Invalid: a name that is missing or taken, no reason, a base without any chosen permission
    :raises Refused: the actor administers no office; bases or permissions beyond what may be composed
    """
    office = _own_office(unit)
    _check_entries(unit, office.id, name, note, bases, permissions, reason)
    role = Role(name=f"custom-{secrets.token_hex(8)}")
    unit.session.add(role)
    unit.session.flush()
    custom = CustomRole(
        role_id=role.id,
        office_id=office.id,
        name=name.strip(),
        note=note.strip(),
        bases=sorted(bases),
        created_by=unit.actor.user_id,
        created_at=unit.clock.now(),
    )
    unit.session.add(custom)
    unit.session.flush()
    _write(unit.session, role.id, permissions)
    _note(
        unit, custom, "composed", reason, {"permissions": len(permissions), "bases": ",".join(sorted(bases))}
    )
    return custom


def change_role(
    unit: Unit,
    custom_id: int,
    *,
    version: int,
    name: str,
    note: str,
    bases: Set[str],
    permissions: Set[Permission],
    reason: str,
) -> CustomRole:
    """Another set of permissions for everybody who holds the role, from their next request on.

    :raises NotFound: not a role of the actor's office
    :raises Stale: somebody changed it meanwhile
    :raises Refused: archived; a base that does not fit at a unit where the role is held
    """
    custom = _own(unit, custom_id)
    if custom.archived_at is not None:
        raise Refused("role_archived", role=custom.name)
    if custom.version != version:
        raise Stale("stale", changes=[])
    _check_entries(unit, custom.office_id, name, note, bases, permissions, reason, known=custom)
    for link in _links(unit.session, custom, today(unit.clock)):
        place = queries.place_of(link.membership.agency)
        if not bases <= rules.fitting(place):
            raise Refused("change_does_not_fit", agency=link.membership.agency.name)
    before = queries.permissions_by_role(unit.session).get(custom.role.name, frozenset())
    custom.name, custom.note, custom.bases = name.strip(), note.strip(), sorted(bases)
    unit.session.flush()
    _write(unit.session, custom.role_id, permissions)
    data = {
        "added": _words(permissions - before),
        "removed": _words(before - permissions),
        "bases": ",".join(sorted(bases)),
    }
    _note(unit, custom, "changed", reason, data)
    return custom


def archive_role(
    unit: Unit, custom_id: int, *, reason: str, move_to: str | None = None
) -> tuple[CustomRole, int]:
    """The role is no longer given; who holds it gets `move_to` instead, for as long. Gives how many were moved.

    :raises Refused: it is held and no other role is named, or that role is more than some may get
    """
    custom = _own(unit, custom_id)
    if not reason.strip():
        raise Invalid(faults=[Fault("reason", "required")])
    if custom.archived_at is not None:
        return custom, 0
    links = _links(unit.session, custom, today(unit.clock))
    if links and not move_to:
        raise Refused("role_still_held", count=len({link.membership.user_id for link in links}))
    if links and move_to:
        _move(unit, custom, links, move_to, reason)
    custom.archived_at = unit.clock.now()
    unit.session.flush()
    _note(unit, custom, "archived", reason, {"moved": len(links)})
    return custom, len(links)


def holders_of(session: Session, custom: CustomRole, day: date) -> list[Membership]:
    """Memberships under which a role is held, by unit: who is affected by a change."""
    return [link.membership for link in _links(session, custom, day)]


def _move(unit: Unit, custom: CustomRole, links: list[MembershipRole], name: str, reason: str) -> None:
    """Nobody gets more by it than before, unless the actor might give it to that person anyway."""
    session = unit.session
    target = next((role for role in queries.all_roles(session) if role.name == name), None)
    if target is None or target.name == custom.role.name:
        raise Invalid(faults=[Fault("move_to", "not_a_choice", value=name)])
    before = queries.permissions_by_role(session).get(custom.role.name, frozenset())
    own = queries.actor_place(session, unit.actor)
    role_id = session.scalars(select(Role.id).where(Role.name == target.name)).one()
    for link in links:
        membership = link.membership
        place = queries.place_of(membership.agency)
        no_more = target.permissions <= before and target.bases <= frozenset(custom.bases)
        given = own is not None and rules.may_grant(unit.actor.roles, own, target, place)
        if not (no_more or given) or not target.bases <= rules.fitting(place):
            raise Refused("cannot_move_holders", agency=membership.agency.name, role=target.label)
        held = next((x for x in membership.roles if x.role_id == role_id), None)
        if held is None:
            session.add(
                MembershipRole(
                    membership_id=membership.id,
                    role_id=role_id,
                    until=link.until,
                    reason=reason.strip(),
                    granted_by=unit.actor.user_id,
                    granted_at=unit.clock.now(),
                )
            )
        elif held.until is not None and (link.until is None or link.until > held.until):
            held.until = link.until
        session.delete(link)
        _note_move(unit, membership, custom, target, reason)
    session.flush()
    session.expire_all()


def _note_move(
    unit: Unit, membership: Membership, custom: CustomRole, target: RoleFacts, reason: str
) -> None:
    subject = f"account:{membership.user_id}"
    note_security(unit, "role_revoked", "ok", subject=subject, detail=f"{custom.role.name}: {reason.strip()}")
    note_security(unit, "role_granted", "ok", subject=subject, detail=f"{target.name}: {reason.strip()}")


def _own_office(unit: Unit) -> Agency:
    may_act(unit.actor.roles, unit.actor.agency_id, frozenset({RoleName.OFFICE_ADMIN}), None).require()
    office = unit.session.get(Agency, unit.actor.agency_id)
    if office is None or not office.is_office or not office.active:
        raise Refused("not_administered")
    return office


def _own(unit: Unit, custom_id: int) -> CustomRole:
    """The custom role of the actor's own office, held until the end of the unit."""
    office = _own_office(unit)
    query = (
        select(CustomRole)
        .where(CustomRole.id == custom_id, CustomRole.office_id == office.id)
        .with_for_update(of=CustomRole)
        .execution_options(populate_existing=True)
    )
    custom = unit.session.scalars(query).one_or_none()
    if custom is None:
        raise NotFound("not_in_scope")
    return custom


def _check_entries(
    unit: Unit,
    office_id: int,
    name: str,
    note: str,
    bases: Set[str],
    permissions: Set[Permission],
    reason: str,
    known: CustomRole | None = None,
) -> None:
    faults = [
        *_text_faults("name", name, LONGEST_NAME, required=True),
        *_text_faults("note", note, LONGEST_NOTE),
        *_text_faults("reason", reason, LONGEST_REASON, required=True),
    ]
    taken = select(CustomRole.id).where(
        CustomRole.office_id == office_id, CustomRole.name == name.strip(), CustomRole.archived_at.is_(None)
    )
    other = unit.session.scalar(taken)
    if other is not None and (known is None or other != known.id):
        faults.append(Fault("name", "duplicate", value=name.strip()))
    of_role = queries.permissions_by_role(unit.session)
    of_bases = frozenset().union(*(of_role.get(base, frozenset()) for base in bases))
    rules.may_compose(frozenset(bases), frozenset(permissions), of_bases).require()
    for base in sorted(bases):
        if not permissions & of_role.get(base, frozenset()):
            faults.append(Fault("bases", "base_without_permission", role=_l(RoleName(base).label)))
    if faults:
        raise Invalid(faults=faults)


def _text_faults(field: str, value: str, most: int, *, required: bool = False) -> Iterable[Fault]:
    found = len(value.strip())
    if required and not found:
        yield Fault(field, "required")
    elif found > most:
        yield Fault(field, "too_long", most=most, found=found)


def _links(session: Session, custom: CustomRole, day: date) -> list[MembershipRole]:
    """Rows that have not ended, also those of resting memberships, which may wake up."""
    query = (
        select(MembershipRole)
        .where(MembershipRole.role_id == custom.role_id)
        .where(MembershipRole.until.is_(None) | (MembershipRole.until >= day))
        .join(MembershipRole.membership)
        .options(
            joinedload(MembershipRole.membership).joinedload(Membership.agency).joinedload(Agency.region),
            joinedload(MembershipRole.membership).joinedload(Membership.user),
        )
        .order_by(Membership.agency_id, Membership.id)
    )
    return list(session.scalars(query))


def _write(session: Session, role_id: int, permissions: Set[Permission]) -> None:
    table = assoc_permissionview_role
    ids = {(p, v): pair for p, v, pair in session.execute(PAIRS_SQL)}
    session.execute(delete(table).where(table.c.role_id == role_id))
    session.execute(
        insert(table), [{"permission_view_id": ids[pair], "role_id": role_id} for pair in sorted(permissions)]
    )


def _words(permissions: Iterable[Permission]) -> str:
    return ",".join(f"{permission}:{view}" for permission, view in sorted(permissions))


def _note(unit: Unit, custom: CustomRole, verb: str, reason: str, data: dict[str, object]) -> None:
    record(unit, f"role.{verb}", f"custom_role:{custom.id}", data, custom.office_id)
    note_security(
        unit,
        "role_composed",
        "ok",
        subject=f"custom_role:{custom.id}",
        detail=f"{verb} {custom.name}: {reason.strip()}",
    )


def prune_after_release(unit: Unit) -> int:
    """What a new version took from all bases of a custom role, it takes from the role; recorded per role."""
    lost: dict[int, set[Permission]] = {}
    for custom_id, permission, view in prune_custom(unit.session):
        lost.setdefault(custom_id, set()).add((permission, view))
    for custom_id, permissions in sorted(lost.items()):
        custom = unit.session.get_one(CustomRole, custom_id)
        _note(unit, custom, "pruned", "release", {"removed": _words(permissions)})
    return len(lost)
