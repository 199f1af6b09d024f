"""The joint group of a visit, across agencies."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.db import Actor
from app.directories.inspectors.models import Inspector
from app.inspections.rules import GroupMember
from app.matching.models import Assignment
from app.matching.rules import AssignmentState
from app.security.rules import RoleName
from app.security.scoping import unscoped

WATCHING = frozenset(
    {RoleName.CLERK, RoleName.REVIEWER, RoleName.AGENCY_ADMIN, RoleName.OFFICE_ADMIN, RoleName.AUDITOR}
)


def watches_agency(actor: Actor) -> bool:
    """Whether the person sees all visits within the scope, not only the own ones (an inspector's are)."""
    return bool(actor.roles & WATCHING) or "system" in actor.roles


def groups_of(session: Session, drawn_target_ids: Sequence[int]) -> dict[int, list[GroupMember]]:
    """The living joint group of each drawn target, leaders first.

    Of all agencies: a participant sees the joint visit. The caller has read the visits through the scope.
    """
    a, i = Assignment.__table__.c, Inspector.__table__.c
    query = (
        select(
            a.drawn_target_id,
            i.name,
            i.certificate_no,
            a.agency_id,
            i.user_id,
            a.role,
            i.certified,
            i.certificate_until,
            i.active,
        )
        .join(Inspector.__table__, i.id == a.inspector_id)
        .where(a.drawn_target_id.in_(drawn_target_ids), a.state == AssignmentState.CONFIRMED.value)
        .order_by(a.drawn_target_id, a.agency_id, a.role, i.certificate_no)
    )
    found: dict[int, list[GroupMember]] = {id_: [] for id_ in drawn_target_ids}
    with unscoped(session, "the joint group of a visit within reach"):
        rows = session.execute(query).all()
    for row in rows:
        found[row.drawn_target_id].append(
            GroupMember(
                name=row.name,
                certificate_no=row.certificate_no,
                agency_id=row.agency_id,
                user_id=row.user_id,
                lead=row.role == "lead",
                certified=row.certified,
                certificate_until=row.certificate_until,
                active=row.active,
            )
        )
    return found


def joint_group(session: Session, drawn_target_id: int) -> list[GroupMember]:
    return groups_of(session, [drawn_target_id])[drawn_target_id]


def assigned_to(user_id: int | None) -> Select[tuple[int]]:
    """Drawn targets to which a person is assigned now. Over tables: not narrowed again."""
    a, i = Assignment.__table__.c, Inspector.__table__.c
    return (
        select(a.drawn_target_id)
        .join(Inspector.__table__, i.id == a.inspector_id)
        .where(i.user_id == (user_id or -1), a.state == AssignmentState.CONFIRMED.value)
    )


def own_assignment(session: Session, user_id: int | None, drawn_target_id: int) -> int | None:
    """The id of a person's living assignment to a drawn target."""
    a, i = Assignment.__table__.c, Inspector.__table__.c
    query = (
        select(a.id)
        .join(Inspector.__table__, i.id == a.inspector_id)
        .where(
            i.user_id == (user_id or -1),
            a.drawn_target_id == drawn_target_id,
            a.state == AssignmentState.CONFIRMED.value,
        )
    )
    return session.execute(query.limit(1)).scalar()
