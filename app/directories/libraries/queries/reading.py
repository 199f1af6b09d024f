"""Reads of the libraries: list, one of them, its picks page by page, its members' agencies, its log."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.directories.libraries.models import Library, LibraryChange, LibraryMember, LibraryPick
from app.directories.libraries.rules import LibrarySubject, SelectionRule
from app.directories.permits.models import PermitKind
from app.directories.premises.models import PremisesKind
from app.directories.targets.models import Industry, Specialty, TargetKind
from app.kernel.errors import Fault, NotFound
from app.security.models import Region

MOST_LIBRARIES = 200
PAGE = 50
MOST_CHANGES = 100


def unknown_words(session: Session, rule: SelectionRule) -> list[Fault]:
    """Values of the rule that the vocabularies of the database do not hold. One query per part at most."""
    known = {
        "kinds": (TargetKind.__table__.c.code, rule.kinds),
        "regions": (Region.__table__.c.code, rule.regions),
        "tags": (Specialty.__table__.c.name, rule.tags),
        "permits": (PermitKind.__table__.c.code, rule.permits),
        "premises": (PremisesKind.__table__.c.code, rule.premises),
    }
    faults: list[Fault] = []
    for name, (column, values) in known.items():
        if values:
            there = set(session.scalars(select(column).where(column.in_(values))))
            faults += [
                Fault(name, "rule_value_unknown", value=value) for value in values if value not in there
            ]
    if rule.libraries:
        readable = set(
            session.scalars(
                select(Library.id).where(
                    Library.id.in_([int(v) for v in rule.libraries]),
                    Library.subject == "targets",
                    Library.archived_at.is_(None),
                )
            )
        )
        faults += [
            Fault("libraries", "rule_value_unknown", value=value)
            for value in rule.libraries
            if int(value) not in readable
        ]
    if rule.industries:
        industry = Industry.__table__.c.code
        begun = or_(*(industry.like(f"{value}%") for value in rule.industries))
        codes = session.scalars(select(industry).where(begun)).all()
        faults += [
            Fault("industries", "rule_value_unknown", value=value)
            for value in rule.industries
            if not any(code.startswith(value) for code in codes)
        ]
    return faults


def libraries(
    session: Session, *, kind: str = "", subject: str = "", archived: bool = False
) -> list[Library]:
    """By name, those of one kind or subject where it is named; `archived`: those that are put away, and only they."""
    query = (
        select(Library)
        .options(joinedload(Library.agency), selectinload(Library.members))
        .where(Library.archived_at.is_not(None) if archived else Library.archived_at.is_(None))
        .order_by(Library.name, Library.id)
        .limit(MOST_LIBRARIES)
    )
    if kind:
        query = query.where(Library.kind == kind)
    if subject:
        query = query.where(Library.subject == subject)
    return list(session.scalars(query))


def library_names(session: Session) -> dict[str, str]:
    """Names of the libraries of targets within reach, by their id as a rule writes it."""
    return {str(one.id): one.name for one in libraries(session, subject=LibrarySubject.TARGETS.value)}


def get_library(session: Session, library_id: int) -> Library:
    """With the agency and, of a joint library, those who keep it.

    :raises NotFound: not there, or not within the scope
    """
    found = session.scalars(
        select(Library)
        .where(Library.id == library_id)
        .options(joinedload(Library.agency), selectinload(Library.members).joinedload(LibraryMember.agency))
    ).first()
    if found is None:
        raise NotFound("not_in_scope", kind="library")
    return found


def pick_page(
    session: Session,
    library_id: int,
    *,
    after: int = 0,
    included: bool | None = None,
    limit: int = PAGE + 1,
) -> list[LibraryPick]:
    """Picks in the order of their targets' ids, behind `after`; one more than a page."""
    query = (
        select(LibraryPick)
        .where(LibraryPick.library_id == library_id, LibraryPick.target_id > after)
        .options(joinedload(LibraryPick.target))
        .order_by(LibraryPick.target_id)
        .limit(limit)
    )
    if included is not None:
        query = query.where(LibraryPick.included == included)
    return list(session.scalars(query))


def members_here(library: Library) -> Sequence[LibraryMember]:
    """Who keeps a joint library, the initiator first."""
    return sorted(library.members, key=lambda member: (not member.initiator, member.agency.code))


def changes_of(session: Session, library_id: int, limit: int = MOST_CHANGES) -> list[LibraryChange]:
    """The log of a library, newest first."""
    return list(
        session.scalars(
            select(LibraryChange)
            .where(LibraryChange.library_id == library_id)
            .order_by(LibraryChange.id.desc())
            .limit(limit)
        )
    )
