"""The log of a library, which all who keep it read (R-13.1): who changed what, or froze it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from app.db import Unit
from app.directories.libraries.models import Library, LibraryChange
from app.regulation import implements
from app.security.models import Agency


@implements("R-13.1")
def note(unit: Unit, library: Library, what: str, detail: dict[str, Any] | None = None) -> None:
    """One line. `what`: founded, created, changed, picked, excluded, pick_dropped, frozen,
    archived, restored, carried.
    """
    agency = None
    if unit.actor.agency_id is not None:
        agency = unit.session.scalars(select(Agency.name).where(Agency.id == unit.actor.agency_id)).first()
    unit.session.add(
        LibraryChange(
            library=library,
            library_id=library.id,
            at=unit.clock.now(),
            actor=unit.actor.code,
            actor_name=unit.actor.label,
            agency_name=agency or "",
            what=what,
            detail=detail or {},
        )
    )
    unit.session.flush()


def touch(unit: Unit, library: Library) -> None:
    """Its members changed: figures that were kept are out of date. The version is that of name and rule alone."""
    table = Library.__table__
    unit.session.execute(update(table).where(table.c.id == library.id).values(changed_at=unit.clock.now()))
    unit.session.expire(library, ["changed_at"])
