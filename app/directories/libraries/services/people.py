"""Additions and exclusions of a joint library of inspectors (R-17.1)."""

from __future__ import annotations

from sqlalchemy import select

from app.audit.services import record
from app.db import Unit
from app.directories.inspectors.models import Inspector
from app.directories.libraries.log import note, touch
from app.directories.libraries.models import Library, LibraryPerson
from app.directories.libraries.rules import LibrarySubject
from app.directories.libraries.services.keeping import kept
from app.directories.libraries.services.picking import checked_reason
from app.kernel.errors import NotFound
from app.security.scoping import unscoped

INSPECTORS = LibrarySubject.INSPECTORS.value


def pick_person(
    unit: Unit, library_id: int, inspector_id: int, *, included: bool, reason: str
) -> LibraryPerson:
    """Add an inspector of the own agency, or exclude one; every agency speaks for its own people.

    :raises NotFound: no inspector within the scope
    """
    library = kept(unit, library_id, INSPECTORS)
    words = checked_reason(reason)
    person = unit.session.scalars(
        select(Inspector).where(Inspector.id == inspector_id, Inspector.agency_id == unit.actor.agency_id)
    ).first()
    if person is None:
        raise NotFound("not_in_scope", kind="inspector")
    pick = unit.session.get(LibraryPerson, (library.id, inspector_id))
    if pick is None:
        pick = LibraryPerson(library=library, inspector_id=inspector_id, included=included, reason=words)
        unit.session.add(pick)
    pick.included, pick.reason = included, words
    unit.session.flush()
    touch(unit, library)
    note(unit, library, "picked" if included else "excluded", {"inspector": person.name, "reason": words})
    facts = {"inspector": inspector_id, "included": included}
    record(unit, "library.picked", f"library:{library.id}", facts, library.agency_id)
    return pick


def drop_person(unit: Unit, library_id: int, inspector_id: int) -> Library:
    """Let the rule alone decide about this inspector of the own agency again."""
    library = kept(unit, library_id, INSPECTORS)
    pick = unit.session.get(LibraryPerson, (library.id, inspector_id))
    with unscoped(unit.session, "whose inspector it is"):
        agency_id = unit.session.scalars(
            select(Inspector.agency_id).where(Inspector.id == inspector_id)
        ).first()
    if pick is None or agency_id != unit.actor.agency_id:
        raise NotFound("not_in_scope", kind="library_person")
    named = pick.inspector.name
    unit.session.delete(pick)
    unit.session.flush()
    touch(unit, library)
    note(unit, library, "pick_dropped", {"inspector": named})
    facts = {"inspector": inspector_id}
    record(unit, "library.pick_dropped", f"library:{library.id}", facts, library.agency_id)
    return library
