"""A joint library of inspectors (R-17.1): whoever of the agencies that keep it fits its rule, and the picks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Select, String, and_, cast, or_, select
from sqlalchemy.orm import Session, joinedload

from app.directories.inspectors.models import Inspector
from app.directories.libraries.models import Library, LibraryMember, LibraryPerson
from app.directories.libraries.rules import InspectorRule, LibrarySubject
from app.regulation import implements
from app.security.scoping import unscoped

MOST_PEOPLE = 500
PAGE = 50
SHARED = "the agencies of a joint item see whom their joint library names"


def library_inspectors(library: Library) -> ColumnElement[bool]:
    """Members of the library as one criterion over `inspector`."""
    rule = InspectorRule.from_json(library.rule)
    pick, agency = LibraryPerson.__table__.c, LibraryMember.__table__.c
    chosen = select(pick.inspector_id).where(pick.library_id == library.id)
    by_rule = [Inspector.agency_id.in_(select(agency.agency_id).where(agency.library_id == library.id))]
    if rule.specialties:
        wanted = cast(list(rule.specialties), ARRAY(String(40)))
        by_rule.append(Inspector.specialties.op("&&", is_comparison=True)(wanted))
    return and_(
        Inspector.active,
        or_(and_(*by_rule), Inspector.id.in_(chosen.where(pick.included))),
        Inspector.id.not_in(chosen.where(~pick.included)),
    )


@implements("R-17.1")
def joint_inspectors(session: Session, joint_item_id: int | None, initiator_id: int) -> set[int] | None:
    """Ids of the inspectors whom the joint library of a joint item names; None where it has no such library.

    The caller reads past the scope: the rosters of all agencies of a task.
    """
    if joint_item_id is None:
        return None
    library = session.scalars(
        select(Library).where(
            Library.joint_item_id == joint_item_id,
            Library.agency_id == initiator_id,
            Library.subject == LibrarySubject.INSPECTORS.value,
            Library.archived_at.is_(None),
        )
    ).first()
    if library is None:
        return None
    return set(session.scalars(select(Inspector.id).where(library_inspectors(library))))


def people_of(session: Session, library: Library, *, after: int = 0) -> list[Inspector]:
    """One page of the members, by id. All who keep a joint library see all of it (R-17.1): the caller has read
    the library within its scope.
    """
    query: Select[Any] = (
        select(Inspector)
        .where(library_inspectors(library), Inspector.id > after)
        .options(joinedload(Inspector.agency))
        .order_by(Inspector.id)
        .limit(PAGE + 1)
    )
    with unscoped(session, SHARED):
        return list(session.scalars(query))


def people_picks(session: Session, library_id: int) -> Sequence[LibraryPerson]:
    """Additions and exclusions with their inspectors; the caller has read the library within its scope."""
    query = (
        select(LibraryPerson)
        .where(LibraryPerson.library_id == library_id)
        .options(joinedload(LibraryPerson.inspector).joinedload(Inspector.agency))
        .order_by(LibraryPerson.inspector_id)
        .limit(MOST_PEOPLE)
    )
    with unscoped(session, SHARED):
        return session.scalars(query).all()
